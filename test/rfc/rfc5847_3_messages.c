/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5847 3.3, 3.4: the Heartbeat message and the Restart Counter option as octets.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

static test_vectors *vectors;

/* 3.3: R and U, the two low bits of 16; a 32-bit Sequence Number */
static void
test_fields(void **state)
{
    fb_mh_message message;

    (void)state;
    requirement("P16", "P17", "C8-11");
    assert_int_equal(mobility_walk_vector(&message, vectors_find(vectors, "P16")), 0);
    assert_int_equal(message.fixed.flags, 0);
    assert_int_equal(message.fixed.heartbeat, 77);
    assert_int_equal(mobility_walk_vector(&message, vectors_find(vectors, "P17")), 0);
    assert_int_equal(message.fixed.flags, FB_HEARTBEAT_RESPONSE);
    assert_true(fb_option_present(&message.options, FB_OPTION_RESTART_COUNTER));
    assert_int_equal(message.options.restart_counter, 3);
}

/* 3.3: an Unsolicited Heartbeat Response has U, "Reserved: Set to 0 and ignored by the receiver" */
static void
test_unsolicited(void **state)
{
    static const uint8_t expected[24] = {59, 2, 13, 0, 0, 0, 0, 3, 0, 0, 0, 0,
                                         1,  0, 28, 4, 0, 0, 0, 9, 1, 2, 0, 0};
    const fb_addr end = {FB_FAMILY_IPV4, {0}};
    uint8_t octets[24];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_mh_message message;

    (void)state;
    requirement("C8-11");
    fb_mh_begin(&writer,
                &(fb_mh_fixed){.type = FB_MH_HEARTBEAT,
                               .flags = FB_HEARTBEAT_RESPONSE | FB_HEARTBEAT_UNSOLICITED});
    fb_write_restart_counter(&writer, 9);
    assert_int_equal(fb_mh_end(&writer, &end, &end), sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    assert_int_equal(fb_mh_walk(&message, &end, &end, expected, sizeof expected), 0);
    assert_int_equal(message.fixed.flags, 3);
}

/* 3.4: "only valid in a Heartbeat Response message": in an update it is skipped */
static void
test_restart_counter_elsewhere(void **state)
{
    static const uint8_t options[] = {28, 4, 0, 0, 0, 9};
    mobility_message made;

    (void)state;
    requirement("B6275-02");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_false(fb_option_present(&made.message.options, FB_OPTION_RESTART_COUNTER));
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
        cmocka_unit_test(test_unsolicited),
        cmocka_unit_test(test_restart_counter_elsewhere),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
