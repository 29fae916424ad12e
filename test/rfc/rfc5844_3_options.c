/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5844 3.3: the options of IPv4 home addresses; 4.1.3: the Mobility Header over IPv4; RFC 5555 3.2.2.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

static test_vectors *vectors;

/* 3.3.1: "6-bit unsigned integer indicating the prefix length", ten reserved bits, the address */
static void
test_request(void **state)
{
    static const uint8_t options[] = {36, 6, 24 << 2 | 3, 0xff, 10, 0, 0, 1};
    static const uint8_t expected[] = {36, 6, 24 << 2, 0, 10, 0, 0, 1};
    static const uint8_t impossible[] = {36, 6, 33 << 2, 0, 10, 0, 0, 1};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5844-01");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_true(made.message.options.ipv4_request.present);
    assert_int_equal(made.message.options.ipv4_request.prefix_length, 24);
    assert_int_equal(made.message.options.ipv4_request.address, 0x0a000001);
    fb_write_ipv4_home_request(&writer, &made.message.options.ipv4_request);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    mobility_make(&made, 5, impossible, sizeof impossible);
    assert_int_equal(made.reason, FB_DROP_MH_OPTION_LENGTH);
    assert_false(made.message.options.ipv4_request.present);
}

/* 3.1.2.1: "more than one instance of the IPv4 Home Address Request option" is Status 173 */
static void
test_two_requests(void **state)
{
    static const uint8_t options[] = {36, 6, 96, 0, 10, 0, 0, 1, 36, 6, 96, 0, 10, 0, 0, 2};
    mobility_message made;

    (void)state;
    requirement("B5844-01", "B5213-03");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, FB_DROP_PBU_IPV4_ADDRESSES);
    assert_int_equal(fb_reason_pba_status(made.reason), 173);
    assert_int_equal(made.message.options.ipv4_request.address, 0x0a000001);
}

/* 3.3.2: Status, "6-bit unsigned integer", two reserved bits; 3.3.3: the default router; 3.3.4: S */
static void
test_answers(void **state)
{
    static const uint8_t options[] = {37,   6,    130, 24 << 2 | 3, 10, 0,   0,  1, 38,   6,
                                      0xff, 0xff, 10,  0,           0,  254, 39, 2, 0xff, 0xff};
    static const uint8_t expected[] =
        {37, 6, 130, 24 << 2, 10, 0, 0, 1, 38, 6, 0, 0, 10, 0, 0, 254};
    static const uint8_t relay[] = {39, 2, 0xff, 0xfe};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5844-01");
    mobility_make(&made, 6, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.ipv4_reply.status, 130);
    assert_int_equal(made.message.options.ipv4_reply.prefix_length, 24);
    assert_int_equal(made.message.options.ipv4_reply.address, 0x0a000001);
    assert_int_equal(made.message.options.ipv4_default_router, 0x0a0000fe);
    assert_true(made.message.options.dhcp_server);
    fb_write_ipv4_home_reply(&writer, &made.message.options.ipv4_reply);
    fb_write_ipv4_default_router(&writer, made.message.options.ipv4_default_router);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    mobility_make(&made, 6, relay, sizeof relay);
    assert_true(fb_option_present(&made.message.options, 39));
    assert_false(made.message.options.dhcp_server);
}

/* RFC 5555 3.2.2: F, Reserved, Refresh Time */
static void
test_nat_detection(void **state)
{
    static const uint8_t options[] = {31, 6, 0xff, 0xff, 0, 0, 0, 110};
    static const uint8_t expected[] = {31, 6, 0x80, 0, 0, 0, 0, 110};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5844-01");
    mobility_make(&made, 6, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_true(made.message.options.nat_force);
    assert_int_equal(made.message.options.nat_refresh_s, 110);
    fb_write_nat_detection(&writer, true, 110);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
}

/* 4.1.3.1: "the Checksum field in Mobility Header MUST be ignored"; 4.1.3.2: "MUST be set to zero"; P18 */
static void
test_checksum_over_ipv4(void **state)
{
    const test_vector *p18 = vectors_find(vectors, "P18");
    uint8_t octets[256];
    fb_addr source, destination;
    fb_mh_message message;
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("B5844-01", "P18");
    mobility_addresses(p18, &source, &destination);
    assert_int_equal(source.family, FB_FAMILY_IPV4);
    memcpy(octets, p18->octets, p18->length);
    for (unsigned checksum = 0; checksum < 256; checksum++)
    {
        octets[4] = octets[5] = (uint8_t)checksum;
        assert_int_equal(fb_mh_walk(&message, &source, &destination, octets, p18->length), 0);
    }
    assert_int_equal(message.fixed.flags, FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY | FB_PBU_FORCE_UDP);
    fb_mh_begin(&writer, &message.fixed);
    assert_int_equal(fb_mh_end(&writer, &source, &destination), 16);
    assert_int_equal(octets[4] | octets[5], 0);
}

/* 3.3.5 */
static void
test_status_values(void **state)
{
    (void)state;
    requirement("B5844-01");
    assert_string_equal(fb_pba_status_name(170), "NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE");
    assert_string_equal(fb_pba_status_name(171), "NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS");
    assert_string_equal(fb_pba_status_name(172), "NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE");
    assert_string_equal(fb_pba_status_name(173),
                        "MULTIPLE_IPV4_HOME_ADDRESS_ASSIGNMENT_NOT_SUPPORTED");
    assert_int_equal(fb_reason_pba_status(FB_DROP_PBU_IPV4_MOBILITY), 170);
    assert_int_equal(fb_reason_pba_status(FB_DROP_PBU_IPV4_ADDRESS), 171);
    assert_int_equal(fb_reason_pba_status(FB_DROP_PBU_IPV6_MOBILITY), 172);
}

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_two_requests),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_nat_detection),
        cmocka_unit_test(test_checksum_over_ipv4),
        cmocka_unit_test(test_status_values),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
