/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5094 3: the Vendor-Specific mobility option, and the path metrics in it. RFC 5648 4: what is known and not used.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <string.h>

/* "Vendor ID", "Sub-type", "Data"; "Multiple Vendor-Specific mobility options MAY be present in a Mobility Header
   message" */
static void
test_fields(void **state)
{
    static const uint8_t options[] =
        {19, 8, 0, 0, 0x7e, 0xd9, 7, 'a', 'b', 'c', 19, 5, 0, 0, 0, 9, 1};
    uint8_t octets[24];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B5094-01");
    mobility_make(&made, FB_MH_HEARTBEAT, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.vendor_count, 2);
    assert_int_equal(made.message.options.vendor[0].vendor, FB_VENDOR_EXAMPLE);
    assert_int_equal(made.message.options.vendor[0].subtype, 7);
    assert_int_equal(made.message.options.vendor[0].data.length, 3);
    assert_memory_equal(made.message.options.vendor[0].data.octet, "abc", 3);
    assert_int_equal(made.message.options.vendor[1].vendor, 9);
    assert_int_equal(made.message.options.vendor[1].data.length, 0);
    writer.position = 2; /* 4n+2 */
    fb_write_vendor_specific(&writer, &made.message.options.vendor[0]);
    assert_int_equal(writer.position, 12);
    assert_memory_equal(octets + 2, options, 10);
}

/* Ours: four numbers of 32 bits */
static void
test_path_metrics(void **state)
{
    static const uint8_t expected[] = {19, 21, 0,    0, 0x7e, 0xd9, 1,    0, 0, 0x4e, 0x20, 0,
                                       0,  3,  0xe8, 0, 0,    0x27, 0x10, 0, 0, 0xc3, 0x50};
    static const fb_path_metrics metrics = {20000, 1000, 10000, 50000};
    uint8_t octets[40];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_path_metrics found = {0};
    mobility_message made;

    (void)state;
    requirement("B5094-01");
    writer.position = 2;
    fb_write_path_metrics(&writer, FB_VENDOR_EXAMPLE, &metrics);
    assert_int_equal(writer.position, 2 + sizeof expected);
    assert_memory_equal(octets + 2, expected, sizeof expected);
    mobility_make(&made, 5, expected, sizeof expected);
    assert_true(fb_read_path_metrics(&made.message.options.vendor[0], FB_VENDOR_EXAMPLE, &found));
    assert_memory_equal(&found, &metrics, sizeof found);
}

/* Another vendor's, another sub-type, another length: none of ours */
static void
test_metrics_that_are_not_ours(void **state)
{
    static const uint8_t data[24] = {0};
    static const fb_vendor_option others[] = {{9, 1, {data, 16}},
                                              {FB_VENDOR_EXAMPLE, 2, {data, 16}},
                                              {FB_VENDOR_EXAMPLE, 1, {data, 15}},
                                              {FB_VENDOR_EXAMPLE, 1, {data, 17}},
                                              {FB_VENDOR_EXAMPLE, 1, {data, 0}}};
    fb_path_metrics metrics;

    (void)state;
    requirement("B5094-01");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    {
        assert_false(fb_read_path_metrics(&others[i], FB_VENDOR_EXAMPLE, &metrics));
    }
}

/* RFC 5648 4.1: the Binding Identifier option is recognised; nothing is done with it (D8-25) */
static void
test_binding_identifier(void **state)
{
    static const uint8_t options[] = {35, 4, 0,  1, 0, 0,  35, 4, 0, 2,
                                      0,  0, 63, 6, 8, 11, 1,  0, 0, 0};
    static const uint8_t too_short[] = {35, 3, 0, 1, 0};
    mobility_message made;

    (void)state;
    requirement("B5648-01");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_true(fb_option_present(&made.message.options, FB_OPTION_BINDING_IDENTIFIER));
    assert_int_equal(made.message.options.multipath.bid, 1);
    assert_string_equal(fb_mobility_option_name(35), "Binding Identifier");
    mobility_make(&made, 5, too_short, sizeof too_short);
    assert_int_equal(made.reason, FB_DROP_MH_OPTION_LENGTH);
}

/* RFC 5648 4.4 */
static void
test_status_values(void **state)
{
    static const uint8_t statuses[] = {4, 5, 164, 165, 166, 167, 168, 169};

    (void)state;
    requirement("B5648-01");
    for (size_t i = 0; i < sizeof statuses; i++)
    {
        assert_memory_equal(fb_pba_status_name(statuses[i]), "MCOA ", 5);
    }
    assert_string_equal(fb_pba_status_name(166), "MCOA PROHIBITED");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_path_metrics),
        cmocka_unit_test(test_metrics_that_are_not_ours),
        cmocka_unit_test(test_binding_identifier),
        cmocka_unit_test(test_status_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
