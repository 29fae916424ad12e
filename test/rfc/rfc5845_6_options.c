/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5845 6: the GRE Key option, the flag T and the status values.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

static test_vectors *vectors;

/* 6.1: Length 6, Reserved, "GRE Key Identifier"; P13 */
static void
test_key(void **state)
{
    static const uint8_t options[] = {33, 6, 0xff, 0xff, 0x0a, 0x0b, 0x0c, 0x0d};
    static const uint8_t expected[] = {33, 6, 0, 0, 0x0a, 0x0b, 0x0c, 0x0d};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;
    fb_mh_message message;

    (void)state;
    requirement("B5845-01", "P13");
    mobility_make(&made, 6, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_true(made.message.options.gre_has_key);
    assert_int_equal(made.message.options.gre_key, 0x0a0b0c0d);
    fb_write_gre_key(&writer, true, 0x0a0b0c0d);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    assert_int_equal(mobility_walk_vector(&message, vectors_find(vectors, "P13")), 0);
    assert_int_equal(message.options.gre_key, 0x0a0b0c0d);
}

/* 6.1: Length 2 "if the GRE Key Identifier is not present": GRE encapsulation, no keys */
static void
test_without_key(void **state)
{
    static const uint8_t options[] = {33, 2, 0, 0};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("B5845-01");
    for (uint8_t length = 0; length < 9; length++)
    {
        const uint8_t option[16] = {33, length};
        mobility_message made;

        mobility_make(&made, 5, option, 2u + length);
        assert_int_equal(made.reason, length == 2 || length == 6 ? 0 : FB_DROP_MH_OPTION_LENGTH);
        assert_int_equal(made.message.options.gre_has_key, length == 6);
        assert_int_equal(fb_option_present(&made.message.options, 33), length == 2 || length == 6);
    }
    fb_write_gre_key(&writer, false, 0);
    assert_int_equal(writer.position, sizeof options);
    assert_memory_equal(octets, options, sizeof options);
}

/* 6.2: T is the ninth flag of an update; 6.3: the fourth of an acknowledgement */
static void
test_tlv_flag(void **state)
{
    static const uint8_t update[] = {59, 1, 5, 0, 0, 0, 0, 1, 0x82, 0x80, 0, 1, 1, 2, 0, 0};
    static const uint8_t answer[] = {59, 1, 6, 0, 0, 0, 3, 0x30, 0, 1, 0, 1, 1, 2, 0, 0};
    const fb_addr end = {FB_FAMILY_IPV4, {0}};
    fb_mh_message message;

    (void)state;
    requirement("B5845-01");
    assert_int_equal(fb_mh_walk(&message, &end, &end, update, sizeof update), 0);
    assert_int_equal(message.fixed.flags, FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY | FB_PBU_TLV);
    assert_int_equal(fb_mh_walk(&message, &end, &end, answer, sizeof answer), 0);
    assert_int_equal(message.fixed.flags, FB_PBA_PROXY | FB_PBA_TLV);
    assert_int_equal(message.fixed.status, FB_PBA_GRE_TLV_NOT_SUPPORTED);
}

/* 6.4 */
static void
test_status_values(void **state)
{
    (void)state;
    requirement("B5845-01");
    assert_string_equal(fb_pba_status_name(2), "GRE_KEY_OPTION_NOT_REQUIRED");
    assert_string_equal(fb_pba_status_name(3), "GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED");
    assert_string_equal(fb_pba_status_name(163), "GRE_KEY_OPTION_REQUIRED");
    assert_int_equal(fb_reason_pba_status(FB_DROP_PBU_GRE_REQUIRED), 163);
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
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_without_key),
        cmocka_unit_test(test_tlv_flag),
        cmocka_unit_test(test_status_values),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
