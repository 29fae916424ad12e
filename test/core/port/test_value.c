/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/value.h"

#include <stdio.h>
#include <string.h>

/* Quantities of configuration files: exact, or refused. */

typedef struct quantity_case
{
    const char *text;
    const fbc_unit *units;
    fbc_parse result;
    uint64_t value;
} quantity_case;

static void
test_quantity_is_exact(void **state)
{
    (void)state;
    const quantity_case cases[] = {
        {"60s", fbc_duration_units, FBC_PARSE_OK, UINT64_C(60000000000)},
        {"100ms", fbc_duration_units, FBC_PARSE_OK, 100000000},
        {"2min", fbc_duration_units, FBC_PARSE_OK, UINT64_C(120000000000)},
        {"1.5 h", fbc_duration_units, FBC_PARSE_OK, UINT64_C(5400000000000)},
        {"0.1s", fbc_duration_units, FBC_PARSE_OK, 100000000},
        {"0.000000001s", fbc_duration_units, FBC_PARSE_OK, 1},
        {"26.67ms", fbc_duration_units, FBC_PARSE_OK, 26670000},
        {"0.05min", fbc_duration_units, FBC_PARSE_OK, UINT64_C(3000000000)},
        {"1.000000000000000s", fbc_duration_units, FBC_PARSE_OK, UINT64_C(1000000000)},
        {"007us", fbc_duration_units, FBC_PARSE_OK, 7000},
        {"0", fbc_duration_units, FBC_PARSE_OK, 0},
        {"18446744073709551615ns", fbc_duration_units, FBC_PARSE_OK, UINT64_MAX},
        {"18446744073709551616ns", fbc_duration_units, FBC_PARSE_TOO_LARGE, 0},
        {"18446744073.709551616s", fbc_duration_units, FBC_PARSE_TOO_LARGE, 0},
        {"18446744073.709551615s", fbc_duration_units, FBC_PARSE_OK, UINT64_MAX},
        {"0.1ns", fbc_duration_units, FBC_PARSE_TOO_FINE, 0},
        {"0.0000000001s", fbc_duration_units, FBC_PARSE_TOO_FINE, 0},
        {"5", fbc_duration_units, FBC_PARSE_NO_UNIT, 0},
        {"0.5", fbc_duration_units, FBC_PARSE_NO_UNIT, 0},
        {"5 sec", fbc_duration_units, FBC_PARSE_UNIT, 0},
        {"5S", fbc_duration_units, FBC_PARSE_UNIT, 0},
        {"-5s", fbc_duration_units, FBC_PARSE_SYNTAX, 0},
        {"+5s", fbc_duration_units, FBC_PARSE_SYNTAX, 0},
        {".5s", fbc_duration_units, FBC_PARSE_SYNTAX, 0},
        {"5.s", fbc_duration_units, FBC_PARSE_SYNTAX, 0},
        {"", fbc_duration_units, FBC_PARSE_SYNTAX, 0},
        {"s", fbc_duration_units, FBC_PARSE_SYNTAX, 0},
        {"2.4576Mbps", fbc_rate_units, FBC_PARSE_OK, 2457600},
        {"153.6kbps", fbc_rate_units, FBC_PARSE_OK, 153600},
        {"32 kbit/s", fbc_rate_units, FBC_PARSE_OK, 32000},
        {"1Gbps", fbc_rate_units, FBC_PARSE_OK, 1000000000},
        {"0.1bps", fbc_rate_units, FBC_PARSE_TOO_FINE, 0},
        {"1mbps", fbc_rate_units, FBC_PARSE_UNIT, 0},
        {"200", fbc_size_units, FBC_PARSE_OK, 200},
        {"1.5kB", fbc_size_units, FBC_PARSE_OK, 1500},
        {"0.5KiB", fbc_size_units, FBC_PARSE_OK, 512},
        {"0.1KiB", fbc_size_units, FBC_PARSE_TOO_FINE, 0},
        {"1.5", fbc_size_units, FBC_PARSE_TOO_FINE, 0},
        {"2MiB", fbc_size_units, FBC_PARSE_OK, 2097152},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        uint64_t value = 0;
        fbc_parse result = fbc_parse_quantity(cases[i].text, cases[i].units, &value);
        if (result != cases[i].result || (result == FBC_PARSE_OK && value != cases[i].value))
        {
            fail_msg("'%s': %d, %llu", cases[i].text, result, (unsigned long long)value);
        }
    }
}

/* What is written for people is read back as the same number. */
static void
test_quantity_survives_formatting(void **state)
{
    (void)state;
    const fbc_unit *const units[] = {fbc_duration_units, fbc_rate_units, fbc_size_units};
    uint64_t number = 88172645463325252u; /* xorshift: any numbers, always the same */
    for (int i = 0; i < 30000; i++)
    {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        uint64_t value = i % 2 == 0 ? number >> (number & 63) : (number % 100000) * 1000000;
        char text[40];
        uint64_t back = 0;
        fbc_quantity_format(value, units[i % 3], text, sizeof(text));
        assert_int_equal(fbc_parse_quantity(text, units[i % 3], &back), FBC_PARSE_OK);
        assert_true(back == value);
    }
    char text[40];
    fbc_quantity_format(UINT64_C(90000000000), fbc_duration_units, text, sizeof(text));
    assert_string_equal(text, "90s");
    fbc_quantity_format(2457600, fbc_rate_units, text, sizeof(text));
    assert_string_equal(text, "2457600bps");
    fbc_quantity_format(65536, fbc_size_units, text, sizeof(text));
    assert_string_equal(text, "64KiB");
}

static void
expect_share(const char *text, fbc_parse result, uint64_t ppm)
{
    uint64_t value = 0;
    assert_int_equal(fbc_parse_share(text, &value), result);
    assert_true(result != FBC_PARSE_OK || value == ppm);
}

static void
test_share(void **state)
{
    (void)state;
    expect_share("1%", FBC_PARSE_OK, 10000);
    expect_share("0.25%", FBC_PARSE_OK, 2500);
    expect_share("100%", FBC_PARSE_OK, 1000000);
    expect_share("0.0025", FBC_PARSE_OK, 2500);
    expect_share("0", FBC_PARSE_OK, 0);
    expect_share("0.000001", FBC_PARSE_OK, 1);
    expect_share("0.0000001", FBC_PARSE_TOO_FINE, 0);
    expect_share("1", FBC_PARSE_PERCENT, 0);
    expect_share("1.5", FBC_PARSE_PERCENT, 0);
    expect_share("1 %", FBC_PARSE_SYNTAX, 0);
    expect_share("half", FBC_PARSE_SYNTAX, 0);
}

static void
test_integer(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_int_equal(fbc_parse_integer("4294967295", &value), FBC_PARSE_OK);
    assert_true(value == 4294967295u);
    assert_int_equal(fbc_parse_integer("0xDeadBeef", &value), FBC_PARSE_OK);
    assert_true(value == 0xdeadbeefu);
    assert_int_equal(fbc_parse_integer("0xffffffffffffffff", &value), FBC_PARSE_OK);
    assert_true(value == UINT64_MAX);
    assert_int_equal(fbc_parse_integer("0x10000000000000000", &value), FBC_PARSE_TOO_LARGE);
    assert_int_equal(fbc_parse_integer("0x", &value), FBC_PARSE_SYNTAX);
    assert_int_equal(fbc_parse_integer("12x", &value), FBC_PARSE_SYNTAX);
    assert_int_equal(fbc_parse_integer("", &value), FBC_PARSE_SYNTAX);
}

static void
test_queue(void **state)
{
    (void)state;
    uint64_t value = 0;
    bool packets = false;
    assert_int_equal(fbc_parse_queue("100p", &value, &packets), FBC_PARSE_OK);
    assert_true(packets && value == 100);
    assert_int_equal(fbc_parse_queue("64kB", &value, &packets), FBC_PARSE_OK);
    assert_true(!packets && value == 64000);
    assert_int_equal(fbc_parse_queue("1500", &value, &packets), FBC_PARSE_OK);
    assert_true(!packets && value == 1500);
    assert_int_equal(fbc_parse_queue("1.5p", &value, &packets), FBC_PARSE_UNIT);
    assert_int_equal(fbc_parse_queue("p", &value, &packets), FBC_PARSE_SYNTAX);
}

static void
expect_range(const char *text, fbc_atom atom, uint64_t start, uint64_t end)
{
    uint64_t from = 0;
    uint64_t to = 0;
    assert_int_equal(fbc_parse_range(text, atom, &from, &to), FBC_PARSE_OK);
    assert_true(from == start && to == end);
}

static void
test_range(void **state)
{
    (void)state;
    uint64_t from = 0;
    uint64_t to = 0;
    expect_range("5060", fbc_parse_integer, 5060, 5060);
    expect_range("5060-5080", fbc_parse_integer, 5060, 5080);
    expect_range("udp", fbc_atom_protocol, 17, 17);
    expect_range("icmp-tcp", fbc_atom_protocol, 1, 6);
    expect_range("dccp", fbc_atom_protocol, 33, 33);
    expect_range("esp-ah", fbc_atom_protocol, 50, 51);
    expect_range("sctp-udplite", fbc_atom_protocol, 132, 136);
    expect_range("255", fbc_atom_protocol, 255, 255);
    expect_range("ef", fbc_atom_dscp, 46, 46);
    expect_range("cs5", fbc_atom_dscp, 40, 40);
    expect_range("af41-af43", fbc_atom_dscp, 34, 38);
    expect_range("be", fbc_atom_dscp, 0, 0);
    expect_range("198.51.100.7-198.51.100.9", fbc_atom_address, 0xc6336407, 0xc6336409);
    assert_int_equal(fbc_parse_range("9-8", fbc_parse_integer, &from, &to), FBC_PARSE_BACKWARD);
    assert_int_equal(fbc_parse_range("1-2-3", fbc_parse_integer, &from, &to), FBC_PARSE_SYNTAX);
    assert_int_equal(fbc_parse_range("-", fbc_parse_integer, &from, &to), FBC_PARSE_SYNTAX);
    assert_int_equal(fbc_parse_range("256", fbc_atom_protocol, &from, &to), FBC_PARSE_TOO_LARGE);
    assert_int_equal(fbc_parse_range("64", fbc_atom_dscp, &from, &to), FBC_PARSE_TOO_LARGE);
    assert_int_equal(
        fbc_parse_range("11111111111111111111111111111111111-2", fbc_parse_integer, &from, &to),
        FBC_PARSE_SYNTAX);
}

static void
expect_addresses(const char *text, fbc_parse result, uint64_t start, uint64_t end)
{
    uint64_t from = 0;
    uint64_t to = 0;
    assert_int_equal(fbc_parse_addresses(text, &from, &to), result);
    assert_true(result != FBC_PARSE_OK || (from == start && to == end));
}

static void
test_addresses(void **state)
{
    (void)state;
    expect_addresses("198.51.100.7", FBC_PARSE_OK, 0xc6336407, 0xc6336407);
    expect_addresses("198.51.100.0/24", FBC_PARSE_OK, 0xc6336400, 0xc63364ff);
    expect_addresses("198.51.100.7/32", FBC_PARSE_OK, 0xc6336407, 0xc6336407);
    expect_addresses("0.0.0.0/0", FBC_PARSE_OK, 0, 0xffffffff);
    expect_addresses("128.0.0.0/1", FBC_PARSE_OK, 0x80000000, 0xffffffff);
    expect_addresses("198.51.100.7/24", FBC_PARSE_HOST_BITS, 0, 0);
    expect_addresses("198.51.100.0/33", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("198.51.100.0/", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("198.51.100", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("198.51.100.7.", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("198.51.100.7.1", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("198.51.100.256", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("198.51.100.07", FBC_PARSE_SYNTAX, 0, 0);
    expect_addresses("2001:db8::1", FBC_PARSE_SYNTAX, 0, 0);
}

/* fd00:a:: with these last octets. */
static void
expect_addresses6(const char *text, uint8_t first, uint8_t last)
{
    uint8_t start[FBC_ADDRESS6] = {0xfd, 0, 0, 0x0a};
    uint8_t end[FBC_ADDRESS6] = {0xfd, 0, 0, 0x0a};
    uint8_t from[FBC_ADDRESS6];
    uint8_t to[FBC_ADDRESS6];
    start[15] = first;
    end[15] = last;
    assert_int_equal(fbc_parse_addresses6(text, from, to), FBC_PARSE_OK);
    assert_memory_equal(from, start, sizeof(start));
    assert_memory_equal(to, end, sizeof(end));
}

static void
test_addresses6(void **state)
{
    (void)state;
    static const uint8_t zeros[FBC_ADDRESS6];
    uint8_t from[FBC_ADDRESS6];
    uint8_t to[FBC_ADDRESS6];
    uint8_t ones[FBC_ADDRESS6];
    memset(ones, 0xff, sizeof(ones));
    expect_addresses6("fd00:a::7", 7, 7);
    expect_addresses6("fd00:a::7-fd00:a::9", 7, 9);
    expect_addresses6("fd00:a::7/128", 7, 7);
    expect_addresses6("fd00:a::8/125", 8, 15);
    expect_addresses6("fd00:a::/120", 0, 255);
    expect_addresses6("fd00:000a:0000:0000:0000:0000:0.0.0.7", 7, 7);
    assert_int_equal(fbc_parse_addresses6("::/0", from, to), FBC_PARSE_OK);
    assert_memory_equal(from, zeros, sizeof(zeros));
    assert_memory_equal(to, ones, sizeof(ones));
    assert_int_equal(fbc_parse_addresses6("fd00::9-fd00::7", from, to), FBC_PARSE_BACKWARD);
    assert_int_equal(fbc_parse_addresses6("fd00::1/64", from, to), FBC_PARSE_HOST_BITS);
    assert_int_equal(fbc_parse_addresses6("fd00::2/127x", from, to), FBC_PARSE_SYNTAX);
    static const char *const wrong[] = {"",
                                        "fd00",
                                        "fd00::1::2",
                                        "fd00::/129",
                                        "fd00::/",
                                        "/64",
                                        "fd00::1-",
                                        "-fd00::1",
                                        "198.51.100.7",
                                        "fd00::1-fd00::2/64",
                                        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
    {
        assert_int_equal(fbc_parse_addresses6(wrong[i], from, to), FBC_PARSE_SYNTAX);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantity_is_exact),
        cmocka_unit_test(test_quantity_survives_formatting),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_integer),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_addresses6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
