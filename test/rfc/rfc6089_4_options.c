/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 6089 4.2: the Flow Identification and Flow Summary options, and the sub-options of the first.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"
#include "wire/traffic_selector.h"

#include <string.h>

static test_vectors *vectors;

/** The one flow of an update with these sub-options. */
static fb_flow_identification
flow_with(const uint8_t *suboptions, size_t length)
{
    static mobility_message made;
    uint8_t option[255] = {45, (uint8_t)(6 + length), 0, 7, 0, 20, 0xff, 0};

    memcpy(option + 8, suboptions, length);
    mobility_make(&made, 5, option, 8 + length);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.flow_count, 1);
    assert_int_equal(made.message.options.flow[0].fid, 7);
    assert_int_equal(made.message.options.flow[0].priority, 20);
    return made.message.options.flow[0];
}

#define FLOW_WITH(...) \
    flow_with((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* 4.2, 4.2.1.3, 4.2.1.4: FID, FID-PRI, Reserved, Status; 16-bit BIDs; TS Format, Reserved, selector. P12 has two */
static void
test_fields(void **state)
{
    const test_vector *p12 = vectors_find(vectors, "P12");
    fb_mh_message message;
    fb_selector selector;

    (void)state;
    requirement("B6089-01", "P12");
    assert_int_equal(mobility_walk_vector(&message, p12), 0);
    assert_int_equal(message.options.flow_count, 2);
    for (size_t i = 0; i < 2; i++)
    {
        const fb_flow_identification *flow = &message.options.flow[i];

        assert_int_equal(flow->fid, i + 1);
        assert_int_equal(flow->priority, 10 * (i + 1));
        assert_int_equal(flow->status, 0);
        assert_int_equal(flow->reference_count, 1);
        assert_int_equal(flow->bid_count, 1);
        assert_int_equal(flow->bid[0], 2 - i);
        assert_int_equal(flow->selector_count, 1);
        assert_int_equal(fb_selector_suboption_decode(&selector, flow->selector.octet - 2, 11), 0);
        assert_int_equal(selector.u.v6.source_port_start, i == 0 ? 80 : 5060);
        assert_int_equal(selector.u.v6.next_header_start, i == 0 ? 6 : 17);
    }
}

/* 4.2.1.1, 4.2.1.2: Pad1 and PadN, whose Length is N-2 whatever its text says; 4.2.1: unknown ones are skipped */
static void
test_padding_and_unknown(void **state)
{
    fb_flow_identification flow = FLOW_WITH(0,
                                            1,
                                            2,
                                            9,
                                            9,
                                            0,
                                            200,
                                            1,
                                            77,
                                            2,
                                            4,
                                            0,
                                            1,
                                            1,
                                            0,
                                            1,
                                            0,
                                            3,
                                            6,
                                            1,
                                            0xff,
                                            0,
                                            0,
                                            0,
                                            0,
                                            0);

    (void)state;
    requirement("B6089-01");
    assert_false(flow.malformed);
    assert_int_equal(flow.bid_count, 2);
    assert_int_equal(flow.bid[0], 1);
    assert_int_equal(flow.bid[1], 256);
    assert_int_equal(flow.selector.length, 6);
    assert_int_equal(flow.selector.octet[0], 1);
}

/* 4.2: 130 "Flow identification mobility option malformed" is the status of that flow, not of the message */
static void
test_malformed(void **state)
{
    (void)state;
    requirement("B6089-01");
    assert_true(FLOW_WITH(2, 3, 0, 1, 0).malformed); /* one BID and a half */
    assert_true(FLOW_WITH(2, 0).malformed); /* "One or more BID fields" */
    assert_true(FLOW_WITH(2, 4, 0, 1).malformed); /* beyond the option */
    assert_true(FLOW_WITH(3, 1, 1).malformed); /* no Reserved */
    assert_true(FLOW_WITH(200).malformed); /* no Length */
    assert_true(FLOW_WITH(2, 18, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9).malformed);
    assert_false(FLOW_WITH(0).malformed);
    assert_int_equal(FLOW_WITH(0).reference_count, 0);
    assert_int_equal(FLOW_WITH(0).selector_count, 0);
}

/* 4.2: FID and FID-PRI, "Value '0' is reserved and MUST NOT be used" */
static void
test_reserved_values(void **state)
{
    static const uint8_t options[] = {45, 6, 0, 0, 0, 1, 0, 0, 45, 6, 0, 1, 0, 0, 0, 0};
    mobility_message made;

    (void)state;
    requirement("B6089-01");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.flow_count, 2);
    assert_true(made.message.options.flow[0].malformed);
    assert_true(made.message.options.flow[1].malformed);
}

/* 4.2.1.3, 4.2.1.4: "A node MUST NOT include more than one": whoever acts on it sees how many there were */
static void
test_more_than_one(void **state)
{
    fb_flow_identification flow =
        FLOW_WITH(2, 2, 0, 1, 2, 2, 0, 2, 3, 6, 1, 0, 0, 0, 0, 0, 3, 6, 2, 0, 0, 0, 0, 0);

    (void)state;
    requirement("B6089-01");
    assert_false(flow.malformed);
    assert_int_equal(flow.reference_count, 2);
    assert_int_equal(flow.selector_count, 2);
    assert_int_equal(flow.bid_count, 1);
    assert_int_equal(flow.bid[0], 1);
    assert_int_equal(flow.selector.octet[0], 1);
}

/* 4.2: written at 2n, sub-options inside; and the copy of an acknowledgement with its Status */
static void
test_written(void **state)
{
    static const uint8_t expected[] = {45, 14, 0, 3, 0, 30, 0, 0, 2, 6, 0, 1, 1, 2, 0, 3};
    fb_flow_identification flow = {.fid = 3, .priority = 30, .bid_count = 3, .bid = {1, 258, 3}};
    uint8_t octets[40];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B6089-01");
    fb_write_flow_identification(&writer, &flow, NULL);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    mobility_make(&made, 5, expected, sizeof expected);
    writer = fb_writer_over(octets, sizeof octets);
    fb_write_flow_echo(&writer, &made.message.options.flow[0], 131);
    assert_int_equal(writer.position, sizeof expected);
    assert_int_equal(octets[7], 131);
    octets[7] = 0;
    assert_memory_equal(octets, expected, sizeof expected);
}

/* 4.2.2: "Number of FIDs = Option Len/2"; several options add up */
static void
test_flow_summary(void **state)
{
    static const uint8_t options[] = {44, 4, 0, 1, 1, 0, 44, 2, 0, 9};
    static const uint8_t odd[] = {44, 3, 0, 1, 0};
    static const uint16_t fids[] = {1, 256};
    uint8_t octets[16];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B6089-02");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.summary_count, 3);
    assert_int_equal(made.message.options.summary[0], 1);
    assert_int_equal(made.message.options.summary[1], 256);
    assert_int_equal(made.message.options.summary[2], 9);
    fb_write_flow_summary(&writer, fids, 2);
    assert_int_equal(writer.position, 6);
    assert_memory_equal(octets, options, 6);
    mobility_make(&made, 5, odd, sizeof odd);
    assert_int_equal(made.reason, FB_DROP_MH_OPTION_LENGTH);
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
        cmocka_unit_test(test_padding_and_unknown),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_reserved_values),
        cmocka_unit_test(test_more_than_one),
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_flow_summary),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
