/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 8: the Proxy Binding Update and Acknowledgement, and the options in them; RFC 4283 3.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

static test_vectors *vectors;

/** Writes what stands behind @p front octets of a message, compares it, and reads it back. */
static void
assert_written(const fb_writer *writer, size_t front, const uint8_t *expected, size_t length)
{
    assert_false(writer->failed);
    assert_int_equal(writer->position, front + length);
    assert_memory_equal(writer->data + front, expected, length);
}

/* 8.1: (P) "MUST be set to the value of 1 for proxy registrations and MUST be set to 0 for direct registrations"; 8.2:
   in the answer "only if the corresponding Proxy Binding Update had" it */
static void
test_proxy_flag(void **state)
{
    const fb_addr end = {FB_FAMILY_IPV4, {0}};
    uint8_t update[16] = {59, 1, 5, 0, 0, 0, 0, 7, 0xc2, 0, 0, 1, 1, 2, 0, 0};
    uint8_t answer[16] = {59, 1, 6, 0, 0, 0, 128, 0x20, 0, 7, 0, 1, 1, 2, 0, 0};
    fb_mh_message message;

    (void)state;
    requirement("B5213-01");
    assert_int_equal(fb_mh_walk(&message, &end, &end, update, sizeof update), 0);
    assert_int_equal(message.fixed.flags, FB_PBU_ACKNOWLEDGE | FB_PBU_HOME | FB_PBU_PROXY);
    assert_int_equal(message.fixed.sequence, 7);
    update[8] = 0x80;
    assert_int_equal(fb_mh_walk(&message, &end, &end, update, sizeof update), FB_DROP_MH_NOT_PROXY);
    assert_int_equal(fb_reason_pba_status(FB_DROP_MH_NOT_PROXY), 0);
    assert_int_equal(fb_mh_walk(&message, &end, &end, answer, sizeof answer), 0);
    assert_int_equal(message.fixed.status, 128);
    assert_int_equal(message.fixed.sequence, 7);
    answer[7] = 0;
    assert_int_equal(fb_mh_walk(&message, &end, &end, answer, sizeof answer), FB_DROP_MH_NOT_PROXY);
}

/* 8.1, 8.2 with nothing but the fixed fields */
static void
test_fixed_fields_are_written(void **state)
{
    static const uint8_t update[16] = {59, 1, 5, 0, 0, 0, 0x12, 0x34, 0x82, 0, 3, 0x84, 1, 2, 0, 0};
    static const uint8_t answer[16] = {59, 1, 6, 0, 0, 0, 152, 0x20, 0x12, 0x34, 0, 0, 1, 2, 0, 0};
    const fb_addr end = {FB_FAMILY_IPV4, {0}};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("B5213-01", "B6275-03");
    fb_mh_begin(&writer,
                &(fb_mh_fixed){.type = FB_MH_BINDING_UPDATE,
                               .sequence = 0x1234,
                               .flags = FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY,
                               .lifetime = 3600 / FB_MH_LIFETIME_UNIT_S});
    assert_int_equal(fb_mh_end(&writer, &end, &end), sizeof update);
    assert_memory_equal(octets, update, sizeof update);
    writer = fb_writer_over(octets, sizeof octets);
    fb_mh_begin(&writer,
                &(fb_mh_fixed){.type = FB_MH_BINDING_ACKNOWLEDGEMENT,
                               .sequence = 0x1234,
                               .flags = FB_PBA_PROXY,
                               .status = FB_PBA_PROXY_REGISTRATION_NOT_ENABLED});
    assert_int_equal(fb_mh_end(&writer, &end, &end), sizeof answer);
    assert_memory_equal(octets, answer, sizeof answer);
}

/* 8.3: Reserved, Prefix Length, Home Network Prefix; ALL_ZERO asks for one; "There can be multiple Home Network Prefix
   options present in the message" (as 8.1 says too) */
static void
test_home_network_prefixes(void **state)
{
    static const uint8_t options[] = {
        /* ::9 is behind /64 */
        22, 18, 0xff, 64, 0x20, 1, 0xd, 0xb8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,
        22, 18, 0,    0,  0,    0, 0,   0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    };
    static const uint8_t expected[20] = {22, 18, 0, 64, 0x20, 1, 0xd, 0xb8, 1, 0};
    uint8_t octets[40];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5213-02", "B5213-03");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.home_prefix_count, 2);
    assert_int_equal(made.message.options.home_prefix[0].length, 64);
    assert_memory_equal(made.message.options.home_prefix[0].address.octet, expected + 4, 16);
    assert_int_equal(made.message.options.home_prefix[1].length, 0);
    writer.position = 12; /* 8n+4 */
    fb_write_home_network_prefix(&writer, &made.message.options.home_prefix[0]);
    assert_written(&writer, 12, expected, sizeof expected);
}

static void
test_impossible_prefix_length(void **state)
{
    static const uint8_t options[22] = {22, 18, 0, 129, 0x20, 1, 0xd, 0xb8};
    mobility_message made;

    (void)state;
    requirement("B5213-02");
    mobility_make(&made, 5, options, 20);
    assert_int_equal(made.reason, FB_DROP_MH_OPTION_LENGTH);
    assert_int_equal(fb_reason_pba_status(made.reason), 128);
    assert_int_equal(made.message.options.home_prefix_count, 0);
}

/* 8.4, 8.5: one octet behind a reserved one, which is ignored */
static void
test_handoff_and_technology(void **state)
{
    static const uint8_t options[] = {23, 2, 0xff, 5, 24, 2, 0x80, 8};
    static const uint8_t expected[] = {23, 2, 0, 5, 24, 2, 0, 8};
    uint8_t octets[40];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5213-02");
    mobility_make(&made, 6, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.handoff, 5);
    assert_int_equal(made.message.options.technology, 8);
    fb_write_octet_option(&writer, FB_OPTION_HANDOFF_INDICATOR, 5);
    fb_write_octet_option(&writer, FB_OPTION_ACCESS_TECHNOLOGY, 8);
    assert_written(&writer, 0, expected, sizeof expected);
}

/* 8.6, 8.7 */
static void
test_link_layer_and_link_local(void **state)
{
    static const uint8_t options[] = {25, 8,  0xff, 0xff, 2,    0,    0x5e, 0, 0x53, 1,
                                      26, 16, 0xfe, 0x80, 0,    0,    0,    0, 0,    0,
                                      2,  0,  0,    0x5e, 0xff, 0xfe, 0x53, 0, 1,    0};
    static const uint8_t expected[] = {25, 8, 0, 0, 2, 0, 0x5e, 0, 0x53, 1};
    uint8_t octets[48];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5213-02");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.link_layer.length, 6);
    assert_memory_equal(made.message.options.link_layer.octet, options + 4, 6);
    assert_memory_equal(made.message.options.link_local, options + 12, 16);
    fb_write_link_layer_identifier(&writer, made.message.options.link_layer);
    assert_written(&writer, 0, expected, sizeof expected);
    writer.position = 14; /* 8n+6 */
    fb_write_link_local_address(&writer, made.message.options.link_local);
    assert_written(&writer, 14, options + 10, 18);
}

/* 8.8: "the integer number of seconds is contained in the first 48 bits of the field, and the remaining 16 bits
   indicate the number of 1/65536 fractions of a second" since 1970 */
static void
test_timestamp(void **state)
{
    const test_vector *p01 = vectors_find(vectors, "P01");
    fb_mh_message message;

    (void)state;
    requirement("B5213-02", "P01");
    assert_int_equal(mobility_walk_vector(&message, p01), 0);
    assert_true(message.options.timestamp >> 16 == 1767225600);
    assert_int_equal(message.options.timestamp & 0xffff, 0x8000);
}

/* RFC 4283 3: Subtype and identifier, no alignment; RFC 5213 5.3.6: "set to a zero length identifier" where the update
   had none */
static void
test_mobile_node_identifier(void **state)
{
    static const uint8_t options[] = {8, 4, 1, 'a', '@', 'b', 8, 1, 1};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B4283-01");
    mobility_make(&made, 5, options, 6);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.mobile_node.subtype, 1);
    assert_int_equal(made.message.options.mobile_node.value.length, 3);
    assert_memory_equal(made.message.options.mobile_node.value.octet, "a@b", 3);
    fb_write_identifier_option(&writer, 8, &made.message.options.mobile_node);
    assert_written(&writer, 0, options, 6);
    mobility_make(&made, 6, options + 6, 3);
    assert_int_equal(made.reason, 0);
    assert_true(fb_option_present(&made.message.options, 8));
    assert_int_equal(made.message.options.mobile_node.value.length, 0);
    fb_write_identifier_option(&writer, 8, &made.message.options.mobile_node);
    assert_written(&writer, 0, options, sizeof options);
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
        cmocka_unit_test(test_proxy_flag),
        cmocka_unit_test(test_fixed_fields_are_written),
        cmocka_unit_test(test_home_network_prefixes),
        cmocka_unit_test(test_impossible_prefix_length),
        cmocka_unit_test(test_handoff_and_technology),
        cmocka_unit_test(test_link_layer_and_link_local),
        cmocka_unit_test(test_timestamp),
        cmocka_unit_test(test_mobile_node_identifier),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
