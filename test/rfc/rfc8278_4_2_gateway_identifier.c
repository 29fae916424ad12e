/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 8278 4.2: the MAG Identifier option.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

static test_vectors *vectors;

/* "MAG Identifier (64)"; Subtype, Reserved, Identifier: "mag7@example.net" of P01 */
static void
test_fields(void **state)
{
    const test_vector *p01 = vectors_find(vectors, "P01");
    uint8_t octets[24];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_mh_message message;

    (void)state;
    requirement("R8278-4.2-01",
                "R8278-4.2-02",
                "R8278-4.2-04",
                "R8278-4.2-05",
                "R8278-5-01",
                "P01");
    assert_int_equal(mobility_walk_vector(&message, p01), 0);
    assert_true(message.options.has_gateway);
    assert_int_equal(message.options.gateway.subtype, 1);
    assert_int_equal(message.options.gateway.value.length, 16);
    assert_memory_equal(message.options.gateway.value.octet, "mag7@example.net", 16);
    fb_write_identifier_option(&writer, FB_OPTION_GATEWAY_IDENTIFIER, &message.options.gateway);
    assert_int_equal(writer.position, 20);
    assert_memory_equal(octets, p01->octets + 92, 20);
}

/* "This option does not have any alignment requirements" */
static void
test_any_offset(void **state)
{
    (void)state;
    requirement("R8278-4.2-03");
    for (size_t front = 0; front < 9; front++)
    {
        uint8_t options[24] = {0};
        mobility_message made;

        memcpy(options + front, (const uint8_t[]){64, 5, 1, 0, 'a', 'b', 'c'}, 7);
        mobility_make(&made, 5, options, front + 7);
        assert_int_equal(made.reason, 0);
        assert_int_equal(made.message.options.gateway.value.length, 3);
    }
}

/* Reserved: "MUST be set to zero (0) by the sender and MUST be ignored by the receiver"; any subtype is
   taken, as opaque (D8-05) */
static void
test_reserved_and_subtypes(void **state)
{
    (void)state;
    requirement("R8278-4.2-05", "R8278-4.2-06");
    for (unsigned subtype = 0; subtype <= 255; subtype++)
    {
        const uint8_t options[] = {64, 8, (uint8_t)subtype, 0xff, 1, 2, 3, 4, 5, 6};
        uint8_t octets[16];
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        mobility_message made;

        mobility_make(&made, 5, options, sizeof options);
        assert_int_equal(made.reason, 0);
        assert_int_equal(made.message.options.gateway.subtype, subtype);
        assert_memory_equal(made.message.options.gateway.value.octet, options + 4, 6);
        fb_write_identifier_option(&writer, 64, &made.message.options.gateway);
        assert_int_equal(octets[3], 0);
    }
}

/* "A variable-length identifier of the type indicated in the Subtype field": 0 (which an
   anchor refuses, D8-04) to 253 octets */
static void
test_lengths(void **state)
{
    (void)state;
    requirement("R8278-4.2-04", "R8278-4.2-07");
    for (unsigned length = 0; length <= 255; length++)
    {
        uint8_t options[260] = {64, (uint8_t)length, 1};
        mobility_message made;

        mobility_make(&made, 5, options, 2 + length);
        assert_int_equal(made.reason, length < 2 ? FB_DROP_MH_OPTION_LENGTH : 0);
        assert_int_equal(made.message.options.has_gateway, length >= 2);
        assert_int_equal(made.message.options.gateway.value.length, length < 2 ? 0 : length - 2);
    }
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
        cmocka_unit_test(test_any_offset),
        cmocka_unit_test(test_reserved_and_subtypes),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
