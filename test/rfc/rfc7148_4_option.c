/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7148 4.1: the Delegated Mobile Network Prefix option; 4.2: its status values.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

/* "V ... then it indicates that the prefix that is included in the DMNP field is an IPv4 prefix"; "a 4-byte IPv4 or a
   16-byte IPv6"; "There can be multiple instances" */
static void
test_both_families(void **state)
{
    static const uint8_t options[] = {55, 18, 0x7f, 56, 0x20, 1, 0xd, 0xb8, 2,    0,  0,  0, 0, 0,
                                      0,  0,  0,    0,  0,    0, 55,  6,    0xff, 24, 10, 1, 2, 0};
    static const uint8_t ipv6[20] = {55, 18, 0, 56, 0x20, 1, 0xd, 0xb8, 2, 0};
    static const uint8_t ipv4[8] = {55, 6, 0x80, 24, 10, 1, 2, 0};
    uint8_t octets[40];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B7148-01");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.delegated_count, 2);
    assert_int_equal(made.message.options.delegated[0].address.family, FB_FAMILY_IPV6);
    assert_int_equal(made.message.options.delegated[0].length, 56);
    assert_int_equal(made.message.options.delegated[1].address.family, FB_FAMILY_IPV4);
    assert_int_equal(made.message.options.delegated[1].length, 24);
    assert_int_equal(fb_addr_to_ipv4(&made.message.options.delegated[1].address), 0x0a010200);
    /* 4.1: "an alignment requirement of 8n+2" */
    writer.position = 2;
    fb_write_delegated_prefix(&writer, &made.message.options.delegated[0]);
    assert_int_equal(writer.position, 2 + sizeof ipv6);
    assert_memory_equal(octets + 2, ipv6, sizeof ipv6);
    writer.position = 10;
    fb_write_delegated_prefix(&writer, &made.message.options.delegated[1]);
    assert_memory_equal(octets + 10, ipv4, sizeof ipv4);
}

/* It is read wherever it lies: 8n+2 leaves the prefix on no natural boundary, and others may send 8n+4 */
static void
test_any_offset(void **state)
{
    (void)state;
    requirement("B7148-01");
    for (size_t front = 0; front < 9; front++)
    {
        uint8_t options[24] = {0};
        mobility_message made;

        memcpy(options + front, (const uint8_t[]){55, 6, 0x80, 24, 10, 1, 2, 0}, 8);
        mobility_make(&made, 6, options, front + 8);
        assert_int_equal(made.reason, 0);
        assert_int_equal(made.message.options.delegated_count, 1);
    }
}

/* V against the length, and prefix lengths that cannot be */
static void
test_impossible(void **state)
{
    static const uint8_t options[][20] = {{55, 18, 0x80, 24},
                                          {55, 6, 0, 24},
                                          {55, 6, 0x80, 33},
                                          {55, 18, 0, 129},
                                          {55, 7, 0x80, 24}};

    (void)state;
    requirement("B7148-01");
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    {
        mobility_message made;

        mobility_make(&made, 5, options[i], 2u + options[i][1]);
        assert_int_equal(made.reason, FB_DROP_MH_OPTION_LENGTH);
        assert_int_equal(made.message.options.delegated_count, 0);
    }
}

/* 4.2 */
static void
test_status_values(void **state)
{
    (void)state;
    requirement("B7148-01");
    assert_string_equal(fb_pba_status_name(177), "NOT_AUTHORIZED_FOR_DELEGATED_MNP");
    assert_string_equal(fb_pba_status_name(178), "REQUESTED_DMNP_IN_USE");
    assert_int_equal(fb_reason_pba_status(FB_DROP_PBU_DELEGATION), 177);
    assert_int_equal(fb_reason_pba_status(FB_DROP_PBU_DELEGATED_PREFIX), 178);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_families),
        cmocka_unit_test(test_any_offset),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_status_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
