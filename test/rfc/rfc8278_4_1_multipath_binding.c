/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 8278 4.1: the MAG Multipath Binding option as octets.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

static test_vectors *vectors;

/* "MAG Multipath Binding (63)"; Length,
   "excluding the Type and Length fields" (6 by the figure); If-ATT, If-Label, Binding ID, B, O */
static void
test_fields(void **state)
{
    static const uint8_t options[] = {63, 6, 8, 11, 1, 0x80, 0, 0};
    mobility_message made;

    (void)state;
    requirement("R8278-4.1-04", "R8278-4.1-05", "R8278-4.1-06", "R8278-5-01");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.multipath.technology, 8);
    assert_int_equal(made.message.options.multipath.label, 11);
    assert_int_equal(made.message.options.multipath.bid, 1);
    assert_true(made.message.options.multipath.bulk);
    assert_false(made.message.options.multipath.overwrite);
    assert_ptr_equal(made.message.options.multipath_octets.octet, made.octets + 14);
}

/* "for use with PBU and PBA messages" */
static void
test_in_other_messages(void **state)
{
    static const uint8_t options[] = {63, 6, 8, 11, 0, 0xc0, 0, 0};
    mobility_message made;

    (void)state;
    requirement("R8278-4.1-01");
    mobility_make(&made, FB_MH_HEARTBEAT, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_null(made.message.options.multipath_octets.octet);
    assert_false(fb_option_present(&made.message.options, 63));
}

/* "does not have any alignment requirement": read at any offset */
static void
test_any_offset(void **state)
{
    (void)state;
    requirement("R8278-4.1-03");
    for (size_t front = 0; front < 9; front++)
    {
        uint8_t options[24] = {0};
        mobility_message made;

        memcpy(options + front, (const uint8_t[]){63, 6, 4, 9, 2, 0x40, 0, 0}, 8);
        mobility_make(&made, 6, options, front + 8);
        assert_int_equal(made.reason, 0);
        assert_int_equal(made.message.options.multipath.bid, 2);
        assert_true(made.message.options.multipath.overwrite);
    }
}

/* A Length that is not 6 (D8-03): what came is kept for the echo, which has six octets at most */
static void
test_wrong_length(void **state)
{
    static const uint8_t body[8] = {8, 11, 1, 0x80, 1, 2, 3, 4};

    (void)state;
    requirement("R8278-4.1-05");
    for (uint8_t length = 0; length <= sizeof body; length++)
    {
        uint8_t options[16] = {63, length}, octets[16];
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        uint8_t echoed = length > 6 ? 6 : length;
        mobility_message made;

        memcpy(options + 2, body, length);
        mobility_make(&made, 5, options, 2u + length);
        assert_int_equal(made.reason, length == 6 ? 0 : FB_DROP_MULTIPATH_LENGTH);
        assert_int_equal(fb_option_present(&made.message.options, 63), length == 6);
        assert_int_equal(made.message.options.multipath_octets.length, length);
        fb_write_multipath_echo(&writer, made.message.options.multipath_octets);
        assert_int_equal(writer.position, 2u + echoed);
        assert_int_equal(octets[0], 63);
        assert_int_equal(octets[1], echoed);
        assert_memory_equal(octets + 2, body, echoed);
    }
    assert_int_equal(fb_reason_pba_status(FB_DROP_MULTIPATH_LENGTH), 128);
}

/* Binding ID: "The permitted values are 1 through 254. The values 0 and 255 are reserved" */
static void
test_binding_id(void **state)
{
    (void)state;
    requirement("R8278-4.1-11");
    for (unsigned bid = 0; bid <= 255; bid++)
    {
        const uint8_t options[] = {63, 6, 8, 11, (uint8_t)bid, 0, 0, 0};
        bool reserved = bid == 0 || bid == 255;
        mobility_message made;

        mobility_make(&made, 5, options, sizeof options);
        assert_int_equal(made.reason, reserved ? FB_DROP_BID_RESERVED : 0);
        assert_int_equal(made.message.options.multipath.bid, bid);
        mobility_make(&made, 6, options, sizeof options); /* an echo is no request */
        assert_int_equal(made.reason, 0);
    }
    assert_int_equal(fb_reason_pba_status(FB_DROP_BID_RESERVED), 128);
}

/* (B) "MUST NOT be set to a value of (1) if the value of the Registration Overwrite (O) flag is set to a value of
   (1)" */
static void
test_bulk_and_overwrite(void **state)
{
    fb_mh_message message;

    (void)state;
    requirement("P14");
    assert_int_equal(mobility_walk_vector(&message, vectors_find(vectors, "P14")),
                     FB_DROP_BULK_AND_OVERWRITE);
    assert_int_equal(fb_reason_pba_status(FB_DROP_BULK_AND_OVERWRITE), 128);
    assert_int_equal(message.options.multipath.bid, 1);
    assert_true(message.options.has_gateway); /* all of it can be read, to be answered */
}

/* "The value MUST be set to zero (0) by the sender and MUST be ignored by the receiver": 22 bits */
static void
test_reserved_bits(void **state)
{
    static const uint8_t options[] = {63, 6, 4, 9, 2, 0x7f, 0xff, 0xff};
    static const uint8_t expected[] = {63, 6, 4, 9, 2, 0x40, 0, 0};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("R8278-4.1-18");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_false(made.message.options.multipath.bulk);
    assert_true(made.message.options.multipath.overwrite);
    fb_write_multipath_binding(&writer, &made.message.options.multipath);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
}

/* 4.3: the Status, by number and name */
static void
test_status(void **state)
{
    fb_mh_message message;

    (void)state;
    requirement("R8278-5-01", "P05");
    assert_int_equal(mobility_walk_vector(&message, vectors_find(vectors, "P05")), 0);
    assert_int_equal(message.fixed.status, FB_PBA_CANNOT_SUPPORT_MULTIPATH);
    assert_int_equal(message.fixed.status, 180);
    assert_string_equal(fb_pba_status_name(180), "CANNOT_SUPPORT_MULTIPATH_BINDING");
    assert_false(message.options.has_gateway);
    assert_true(fb_option_present(&message.options, 63));
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
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_in_other_messages),
        cmocka_unit_test(test_any_offset),
        cmocka_unit_test(test_wrong_length),
        cmocka_unit_test(test_binding_id),
        cmocka_unit_test(test_bulk_and_overwrite),
        cmocka_unit_test(test_reserved_bits),
        cmocka_unit_test(test_status),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
