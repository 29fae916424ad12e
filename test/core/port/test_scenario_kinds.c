/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/scenario_file.h"
#include "config_files.h"

static const char base[] = "protocol: mip4\n"
                           "duration: 60s\n"
                           "paths:\n"
                           "  - {name: wlan, type: wlan, bid: 1, label: 1}\n"
                           "traffic:\n";

/*
 * A capture of bare IP packets (LINKTYPE_RAW 101), written by hand: 192.0.2.1 sends 100 octets at 5 s, gets 60 octets
 * 250 ms later; a packet of 40 octets between others; an IPv6 packet of 80 octets of fd00::1 at 6 s; and one of 28
 * octets of 192.0.2.1, empty UDP, whose time stamp is 10 ms before that.
 */
static const uint8_t capture[] = {
    /* file header: microseconds, little endian, version 2.4, snap length 40, link type 101 */
    0xd4,
    0xc3,
    0xb2,
    0xa1,
    2,
    0,
    4,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    40,
    0,
    0,
    0,
    101,
    0,
    0,
    0,
    /* 5.000000 s, 20 octets of 100 */
    5,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    20,
    0,
    0,
    0,
    100,
    0,
    0,
    0,
    0x45,
    0,
    0,
    100,
    0,
    1,
    0,
    0,
    64,
    17,
    0,
    0,
    192,
    0,
    2,
    1,
    198,
    51,
    100,
    9,
    /* 5.250000 s, 20 octets of 60 */
    5,
    0,
    0,
    0,
    0x90,
    0xd0,
    0x03,
    0,
    20,
    0,
    0,
    0,
    60,
    0,
    0,
    0,
    0x45,
    0,
    0,
    60,
    0,
    2,
    0,
    0,
    64,
    6,
    0,
    0,
    198,
    51,
    100,
    9,
    192,
    0,
    2,
    1,
    /* 5.500000 s, 20 octets of 40, of others */
    5,
    0,
    0,
    0,
    0x20,
    0xa1,
    0x07,
    0,
    20,
    0,
    0,
    0,
    40,
    0,
    0,
    0,
    0x45,
    0,
    0,
    40,
    0,
    3,
    0,
    0,
    64,
    6,
    0,
    0,
    198,
    51,
    100,
    9,
    192,
    0,
    2,
    77,
    /* 6.000000 s, 40 octets of 80 */
    6,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    40,
    0,
    0,
    0,
    80,
    0,
    0,
    0,
    0x60,
    0,
    0,
    0,
    0,
    40,
    17,
    64,
    0xfd,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    0xfd,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    2,
    /* 5.990000 s, 28 octets, 20 of them here */
    5,
    0,
    0,
    0,
    0x30,
    0x1b,
    0x0f,
    0,
    20,
    0,
    0,
    0,
    28,
    0,
    0,
    0,
    0x45,
    0,
    0,
    28,
    0,
    4,
    0,
    0,
    64,
    17,
    0,
    0,
    192,
    0,
    2,
    1,
    198,
    51,
    100,
    9,
};

/* The scenario with this traffic, beside the capture above, "c.pcap", of which the first @p length octets are there. */
static fbc_scenario *
scenario_with(const char *traffic, size_t length, fbc_report *report)
{
    char folder[] = "/tmp/flowbind-kinds-XXXXXX";
    char scenario_file[64];
    char capture_file[64];
    char text[4096];
    folder_make(folder);
    snprintf(scenario_file, sizeof(scenario_file), "%s/scenario.yaml", folder);
    snprintf(capture_file, sizeof(capture_file), "%s/c.pcap", folder);
    snprintf(text, sizeof(text), "%s%s", base, traffic);
    file_write(scenario_file, text, strlen(text));
    file_write(capture_file, (const char *)capture, length);
    fbc_scenario *scenario = fbc_scenario_read(scenario_file, NULL, report);
    unlink(scenario_file);
    unlink(capture_file);
    rmdir(folder);
    return scenario;
}

static fbc_scenario *
right_scenario(const char *traffic)
{
    fbc_report report = {0};
    fbc_scenario *scenario = scenario_with(traffic, sizeof(capture), &report);
    fbc_report_print(&report, stdout);
    assert_int_equal(report.total, 0);
    assert_non_null(scenario);
    return scenario;
}

/* What is wrong with it has @p expected in it, at this line and column. */
static void
expect_wrong(const char *traffic, size_t length, uint32_t column, const char *expected)
{
    fbc_report report = {0};
    assert_null(scenario_with(traffic, length, &report));
    if (report.total != 1 || strstr(report.message[0].text, expected) == NULL ||
        report.message[0].place.column != column)
    {
        fbc_report_print(&report, stdout);
        fail_msg("expected at column %u: %s", (unsigned)column, expected);
    }
    assert_int_equal(report.message[0].place.line, 6);
    fbc_report_free(&report);
}

static void
expect_replayed(const fbc_replayed *packet,
                uint64_t at_ms,
                uint32_t octets,
                fbc_direction direction)
{
    assert_true(packet->at_ns == at_ms * 1000000);
    assert_int_equal(packet->octets, octets);
    assert_int_equal(packet->direction, direction);
}

/* Octets in 20 ms with the 12 of RTP (RFC 3550): G.711 64 kbit/s, G.729 8 kbit/s, AMR 254 bits (RFC 4867 4.3). */
static void
test_codecs(void **state)
{
    (void)state;
    static const struct
    {
        const char *name;
        uint32_t packet, rate, impairment, robustness;
    } expected[] = {{"g711", 172, 68800, 0, 25100},
                    {"g729", 32, 12800, 11000, 19000},
                    {"amr", 44, 17600, 5000, 10000},
                    {"g711", 172, 68800, 0, 25100}};
    fbc_scenario *scenario = right_scenario(
        "  - {name: a, kind: voip, codec: g711, direction: up, match: {protocol: udp, port: 1}}\n"
        "  - {name: b, kind: voip, codec: g729, direction: up, match: {protocol: udp, port: 1}}\n"
        "  - {name: c, kind: voip, codec: amr, direction: up, playout: 40ms,\n"
        "     match: {protocol: udp, port: 1}}\n"
        "  - {name: d, kind: voip, direction: up, match: {protocol: udp, port: 1}}\n");
    for (size_t i = 0; i < 4; i++)
    {
        const fbc_traffic *traffic = &scenario->traffic[i];
        assert_string_equal(traffic->codec->name, expected[i].name);
        assert_int_equal(traffic->packet, expected[i].packet);
        assert_true(traffic->rate_bps == expected[i].rate);
        assert_int_equal(traffic->codec->impairment, expected[i].impairment);
        assert_int_equal(traffic->codec->robustness, expected[i].robustness);
        assert_true(traffic->playout_ns == (i == 2 ? 40000000 : FBC_UNSET));
    }
    fbc_scenario_free(scenario);
}

static void
test_poisson(void **state)
{
    (void)state;
    fbc_scenario *scenario = right_scenario(
        "  - {name: a, kind: poisson, rate: 2Mbps, direction: both, match: {protocol: udp, port: 9}}\n");
    assert_int_equal(scenario->traffic[0].kind, FBC_KIND_POISSON);
    assert_true(scenario->traffic[0].rate_bps == 2000000);
    assert_int_equal(scenario->traffic[0].packet, 1000);
    assert_null(scenario->traffic[0].codec);
    fbc_scenario_free(scenario);
}

/* The IP packet stays as long as it was: 28 octets are of IPv4 and UDP, 48 of IPv6 and UDP; nothing is empty. */
static void
test_capture_of_one_host(void **state)
{
    (void)state;
    fbc_scenario *scenario = right_scenario(
        "  - {name: a, kind: pcap, capture: c.pcap, capture-host: 192.0.2.1, direction: both,\n"
        "     match: {protocol: udp, port: 9}}\n");
    const fbc_traffic *traffic = &scenario->traffic[0];
    assert_int_equal(traffic->replay_count, 3);
    expect_replayed(&traffic->replay[0], 0, 72, FBC_UP);
    expect_replayed(&traffic->replay[1], 250, 32, FBC_DOWN);
    expect_replayed(&traffic->replay[2], 990, 1, FBC_UP);
    fbc_scenario_free(scenario);

    scenario = right_scenario(
        "  - {name: a, kind: pcap, capture: c.pcap, capture-host: 'fd00::1', direction: up,\n"
        "     match: {protocol: udp, port: 9}}\n");
    assert_int_equal(scenario->traffic[0].replay_count, 1);
    expect_replayed(&scenario->traffic[0].replay[0], 0, 32, FBC_UP);
    fbc_scenario_free(scenario);
}

/* Without a host all go one way; a time stamp that goes back is that of the packet before it. */
static void
test_capture_one_way(void **state)
{
    (void)state;
    fbc_scenario *scenario = right_scenario(
        "  - {name: a, kind: pcap, capture: c.pcap, direction: down,\n"
        "     match: {protocol: udp, port: 9}}\n");
    const fbc_traffic *traffic = &scenario->traffic[0];
    assert_int_equal(traffic->replay_count, 5);
    expect_replayed(&traffic->replay[0], 0, 72, FBC_DOWN);
    expect_replayed(&traffic->replay[1], 250, 32, FBC_DOWN);
    expect_replayed(&traffic->replay[2], 500, 12, FBC_DOWN);
    expect_replayed(&traffic->replay[3], 1000, 32, FBC_DOWN);
    expect_replayed(&traffic->replay[4], 1000, 1, FBC_DOWN);
    fbc_scenario_free(scenario);
}

static void
test_wrong_captures(void **state)
{
    (void)state;
    const size_t whole = sizeof(capture);
    expect_wrong("  - {name: a, kind: pcap, direction: up, match: {protocol: udp, port: 9}}\n",
                 whole,
                 5,
                 "without packets; expected capture");
    expect_wrong(
        "  - {name: a, kind: pcap, capture: c.pcap, direction: both, match: {protocol: udp, port: 9}}\n",
        whole,
        5,
        "expected capture-host");
    expect_wrong(
        "  - {name: a, kind: pcap, capture: d.pcap, direction: up, match: {protocol: udp, port: 9}}\n",
        whole,
        36,
        "d.pcap: cannot be read as a capture: ");
    expect_wrong(
        "  - {name: a, kind: pcap, capture: c.pcap, direction: up, match: {protocol: udp, port: 9}}\n",
        whole - 1,
        36,
        "c.pcap: damaged behind frame 4: ");
    expect_wrong(
        "  - {name: a, kind: pcap, capture: c.pcap, direction: up, match: {protocol: udp, port: 9}}\n",
        24,
        36,
        "has no IP packet; expected at least one");
    expect_wrong(
        "  - {name: a, kind: pcap, capture: c.pcap, capture-host: 192.0.2.9, direction: up,\n"
        "     match: {protocol: udp, port: 9}}\n",
        whole,
        36,
        "has no IP packet that way of this capture-host");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codecs),
        cmocka_unit_test(test_poisson),
        cmocka_unit_test(test_capture_of_one_host),
        cmocka_unit_test(test_capture_one_way),
        cmocka_unit_test(test_wrong_captures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
