/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What holds for mobility options in general: where they begin, how long they are, how often they come, in which
 * messages. What each of them says is in test/rfc.
 */

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"
#include "wire/traffic_selector.h"

#include <stdlib.h>
#include <string.h>

/* Messages, one bit each. */
#define U 1u /* update */
#define A 2u /* acknowledgement */
#define H 4u /* heartbeat */
#define E 8u /* Binding Error */

/** What the RFCs say about an option, written down once more. */
typedef struct rule
{
    uint8_t type;
    uint8_t modulus, offset; /* alignment */
    uint8_t shortest, longest;
    uint8_t messages;
    bool repeats;
} rule;

static const rule rules[] = {
    {3, 8, 6, 16, 16, U, false}, /* RFC 6275 6.2.5 */
    {8, 1, 0, 1, 255, U | A, false}, /* RFC 4283 3 */
    {19, 4, 2, 5, 255, U | A | H | E, true}, /* RFC 5094 3 */
    {22, 8, 4, 18, 18, U | A, true}, /* RFC 5213 8.3 */
    {23, 1, 0, 2, 2, U | A, false}, /* RFC 5213 8.4 */
    {24, 1, 0, 2, 2, U | A, false}, /* RFC 5213 8.5 */
    {25, 2, 0, 2, 255, U | A, false}, /* RFC 5213 8.6 */
    {26, 8, 6, 16, 16, U | A, false}, /* RFC 5213 8.7 */
    {27, 8, 2, 8, 8, U | A, false}, /* RFC 5213 8.8 */
    {28, 4, 2, 4, 4, H, false}, /* RFC 5847 3.4 */
    {31, 4, 0, 6, 6, A, false}, /* RFC 5555 3.2.2 */
    {36, 4, 0, 6, 6, U, false}, /* RFC 5844 3.3.1 */
    {37, 4, 0, 6, 6, A, false}, /* RFC 5844 3.3.2 */
    {38, 4, 0, 6, 6, A, false}, /* RFC 5844 3.3.3 */
    {39, 1, 0, 2, 2, A, false}, /* RFC 5844 3.3.4 */
    {44, 2, 0, 2, 254, U | A, true}, /* RFC 6089 4.2.2 */
    {45, 2, 0, 6, 255, U | A, true}, /* RFC 6089 4.2 */
    {63, 1, 0, 6, 6, U | A, false}, /* RFC 8278 4.1 */
    {64, 1, 0, 2, 255, U | A, false}, /* RFC 8278 4.2 */
    {33, 4, 0, 6, 6, U | A, false}, /* RFC 5845 6.1; 2 without a key */
    {55, 8, 2, 18, 18, U | A, true}, /* RFC 7148 4.1; 6 of IPv4 */
};

#define RULES (sizeof rules / sizeof rules[0])

static const uint8_t message_types[] = {5, 6, 13, 7}; /* of U, A, H, E */

/** Whether the option was read. */
static bool
is_there(const fb_mobility_options *options, uint8_t type)
{
    return type == 64 ? options->has_gateway : fb_option_present(options, type);
}

/** Writes Type, Length and a body that means something whatever the option. */
static size_t
put(uint8_t *octets, const rule *option, size_t length)
{
    octets[0] = option->type;
    octets[1] = (uint8_t)length;
    memset(octets + 2, 0, length);
    if (length > 2 && option->type == 63)
    {
        octets[4] = 1; /* a BID */
    }
    return 2 + length;
}

static void
test_messages_they_are_for(void **state)
{
    (void)state;
    requirement("R8278-4.1-01", "R8278-4.2-01", "B6275-02");
    for (size_t i = 0; i < RULES; i++)
    {
        for (size_t m = 0; m < sizeof message_types; m++)
        {
            uint8_t octets[300];
            mobility_message made;
            bool expected = (rules[i].messages >> m & 1) != 0;

            mobility_make(&made,
                          message_types[m],
                          octets,
                          put(octets, &rules[i], rules[i].shortest));
            assert_int_equal(made.reason, 0);
            assert_int_equal(is_there(&made.message.options, rules[i].type), expected);
            /* where it is not for, nobody looks at its length either */
            mobility_make(&made, message_types[m], octets, put(octets, &rules[i], 1));
            assert_int_equal(made.reason == 0, !expected || rules[i].shortest == 1);
        }
    }
}

static uint8_t
message_of(const rule *option)
{
    return option->messages == A ? 6 : option->messages == H ? 13 : 5;
}

static void
test_lengths(void **state)
{
    (void)state;
    requirement("B6275-02");
    for (size_t i = 0; i < RULES; i++)
    {
        for (size_t length = 0; length <= 255; length++)
        {
            uint8_t octets[300];
            mobility_message made;
            bool fits = length >= rules[i].shortest && length <= rules[i].longest;

            if ((rules[i].type == 33 && length == 2) || (rules[i].type == 44 && length > 32))
            {
                continue; /* rfc5845_6_options.c; test_rooms() */
            }
            fits = fits && (rules[i].type != 44 || length % 2 == 0);
            mobility_make(&made, message_of(&rules[i]), octets, put(octets, &rules[i], length));
            assert_int_equal(made.reason,
                             fits                  ? 0
                             : rules[i].type == 63 ? FB_DROP_MULTIPATH_LENGTH
                                                   : FB_DROP_MH_OPTION_LENGTH);
            assert_int_equal(is_there(&made.message.options, rules[i].type), fits);
        }
    }
}

/* RFC 5213 8, B5213-03: what cannot be there twice; a message that has it all the same can still be read */
static void
test_repeated(void **state)
{
    (void)state;
    requirement("B5213-03");
    for (size_t i = 0; i < RULES; i++)
    {
        uint8_t octets[600];
        mobility_message made;
        size_t length = put(octets, &rules[i], rules[i].shortest);
        int expected = rules[i].type == 36 ? FB_DROP_PBU_IPV4_ADDRESSES
                                           : FB_DROP_MH_OPTION_REPEATED; /* RFC 5844 3.1.2.1 */

        length += put(octets + length, &rules[i], rules[i].shortest);
        memcpy(octets + length, (const uint8_t[]){19, 5, 0, 0, 0, 9, 7}, 7);
        mobility_make(&made, message_of(&rules[i]), octets, length + 7);
        assert_int_equal(made.reason, rules[i].repeats ? 0 : expected);
        assert_true(is_there(&made.message.options, rules[i].type));
        /* what stands behind the second one is there too */
        assert_int_equal(made.message.options.vendor[made.message.options.vendor_count - 1u].vendor,
                         9);
    }
}

/* The first one is what the message says, whatever the second would be */
static void
test_the_first_one_counts(void **state)
{
    static const uint8_t options[] = {23, 2, 0, 1, 23, 2, 0, 4, 64, 3, 1, 0, 'a', 64, 3, 1, 0, 'b'};
    mobility_message made;

    (void)state;
    requirement("B5213-03");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, FB_DROP_MH_OPTION_REPEATED);
    assert_int_equal(fb_reason_pba_status(made.reason), 128);
    assert_int_equal(made.message.options.handoff, 1);
    assert_int_equal(made.message.options.gateway.value.octet[0], 'a');
}

/* More than there is room for; of vendors' options the rest is not looked at (RFC 5094 3) */
static void
test_rooms(void **state)
{
    static const struct
    {
        uint8_t type, length, room;
        int reason;
    } rooms[] = {
        {22, 18, FB_MESSAGE_PREFIXES_MAX, FB_DROP_MH_TOO_MANY_OPTIONS},
        {55, 18, FB_MESSAGE_PREFIXES_MAX, FB_DROP_MH_TOO_MANY_OPTIONS},
        {45, 6, FB_MESSAGE_FLOWS_MAX, FB_DROP_MH_TOO_MANY_OPTIONS},
        {44, 2, FB_MESSAGE_FLOWS_MAX, FB_DROP_MH_TOO_MANY_OPTIONS},
        {19, 5, FB_MESSAGE_VENDORS_MAX, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
    {
        uint8_t octets[600] = {0};
        mobility_message made;
        size_t length = 0;

        for (size_t n = 0; n <= rooms[i].room; n++)
        {
            octets[length] = rooms[i].type;
            octets[length + 1] = rooms[i].length;
            mobility_make(&made, 5, octets, length);
            assert_int_equal(made.reason, 0);
            length += 2u + rooms[i].length;
        }
        mobility_make(&made, 5, octets, length);
        assert_int_equal(made.reason, rooms[i].reason);
        assert_int_equal(made.message.options.vendor_count, rooms[i].type == 19 ? 4 : 0);
    }
}

/* RFC 6275 6.2.1: "MUST quietly ignore" what is not known; 6.2.2, 6.2.3: padding, anywhere */
static void
test_unknown_and_padding(void **state)
{
    static const uint8_t options[] = {0, 200, 3, 1, 2, 3, 1, 0, 1, 3, 9, 9, 9, 0, 0, 23, 2, 0, 5};
    static const uint8_t beyond[] = {23, 2, 0, 5, 200, 10};
    /* 12 + 4 octets: the message ends at the Type */
    static const uint8_t no_length[] = {0, 0, 0, 200};
    mobility_message made;

    (void)state;
    requirement("B6275-02");
    mobility_make(&made, 5, options, sizeof options);
    assert_int_equal(made.reason, 0);
    assert_int_equal(made.message.options.handoff, 5);
    assert_true(made.message.options.present == UINT64_C(1) << 23);
    mobility_make(&made, 5, beyond, sizeof beyond);
    assert_int_equal(made.reason, FB_DROP_TRUNCATED);
    mobility_make(&made, 5, no_length, sizeof no_length);
    assert_int_equal(made.reason, FB_DROP_TRUNCATED);
    assert_int_equal(fb_reason_pba_status(made.reason), 0);
}

/* ---- alignment ---- */

static void
write_one(fb_writer *writer, uint8_t type)
{
    static const uint8_t address[16] = {0xfe, 0x80};
    static const fb_prefix prefix = {{FB_FAMILY_IPV6, {0x20, 0x01}}, 64};
    static const fb_identifier identifier = {1, {(const uint8_t *)"abc", 3}};
    static const fb_ipv4_home home = {true, 0, 24, 0x0a000001};
    static const fb_flow_identification flow = {.fid = 1,
                                                .priority = 1,
                                                .bid_count = 1,
                                                .bid = {1}};
    static const uint16_t fid = 7;

    switch (type)
    {
    case 3:
        fb_write_alternate_care_of_address(writer, address);
        return;
    case 8:
    case 64:
        fb_write_identifier_option(writer, type, &identifier);
        return;
    case 19:
        fb_write_vendor_specific(writer, &(fb_vendor_option){9, 1, {address, 2}});
        return;
    case 22:
        fb_write_home_network_prefix(writer, &prefix);
        return;
    case 23:
    case 24:
        fb_write_octet_option(writer, type, 4);
        return;
    case 25:
        fb_write_link_layer_identifier(writer, (fb_octets){address, 6});
        return;
    case 26:
        fb_write_link_local_address(writer, address);
        return;
    case 27:
        fb_write_timestamp(writer, 1);
        return;
    case 28:
        fb_write_restart_counter(writer, 3);
        return;
    case 31:
        fb_write_nat_detection(writer, true, 110);
        return;
    case 33:
        fb_write_gre_key(writer, true, 5);
        return;
    case 36:
        fb_write_ipv4_home_request(writer, &home);
        return;
    case 37:
        fb_write_ipv4_home_reply(writer, &home);
        return;
    case 38:
        fb_write_ipv4_default_router(writer, 0x0a000001);
        return;
    case 44:
        fb_write_flow_summary(writer, &fid, 1);
        return;
    case 45:
        fb_write_flow_identification(writer, &flow, NULL);
        return;
    case 55:
        fb_write_delegated_prefix(writer, &prefix);
        return;
    default:
        assert_int_equal(type, 63);
        fb_write_multipath_binding(writer, &(fb_multipath_binding){4, 9, 2, false, false});
        return;
    }
}

/** Where the option begins that was written at @p from: behind padding of the least length. */
static size_t
begins_at(const uint8_t *octets, size_t from)
{
    if (octets[from] == 0)
    {
        return from + 1;
    }
    if (octets[from] != 1)
    {
        return from;
    }
    for (size_t i = 0; i < octets[from + 1]; i++)
    {
        assert_int_equal(octets[from + 2 + i], 0);
    }
    return from + 2u + octets[from + 1];
}

/* RFC 6275 6.2, Appendix B: from the start of the Mobility Header, whatever stood in front */
static void
test_alignment(void **state)
{
    (void)state;
    requirement("B6275-02", "R8278-4.1-03", "R8278-4.2-03");
    for (size_t i = 0; i < RULES; i++)
    {
        if (rules[i].type == 39)
        {
            continue; /* never written */
        }
        for (size_t front = 12; front < 28; front++)
        {
            uint8_t octets[80];
            fb_writer writer = fb_writer_over(octets, sizeof octets);
            size_t at;

            memset(octets, 0xee, sizeof octets);
            writer.position = front;
            write_one(&writer, rules[i].type);
            assert_false(writer.failed);
            at = begins_at(octets, front);
            assert_true(at - front < rules[i].modulus);
            assert_int_equal(at % rules[i].modulus, rules[i].offset);
            assert_int_equal(octets[at], rules[i].type);
            assert_int_equal(at + 2 + octets[at + 1], writer.position);
        }
    }
}

/* RFC 5213 8.6: "Based on the size of the identifier, the option MUST be aligned appropriately" */
static void
test_alignment_of_a_link_layer_identifier(void **state)
{
    static const struct
    {
        uint8_t length, boundary;
    } sizes[] = {{6, 2}, {8, 8}, {4, 4}, {16, 8}, {20, 4}, {7, 2}, {0, 2}};
    static const uint8_t identifier[20] = {1};

    (void)state;
    requirement("B5213-02");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    {
        for (size_t front = 12; front < 28; front++)
        {
            uint8_t octets[80];
            fb_writer writer = fb_writer_over(octets, sizeof octets);

            writer.position = front;
            fb_write_link_layer_identifier(&writer, (fb_octets){identifier, sizes[i].length});
            assert_int_equal((writer.position - sizes[i].length) % sizes[i].boundary, 0);
            assert_true(writer.position - front - sizes[i].length - 4u < sizes[i].boundary);
        }
    }
}

/* RFC 6088 3.1, 3.2: a selector is aligned by its widest field, from the start of the header */
static void
test_alignment_of_a_selector(void **state)
{
    static const fb_flow_identification flow = {.fid = 1,
                                                .priority = 1,
                                                .bid_count = 1,
                                                .bid = {1}};
    fb_selector wide = {.format = FB_SELECTOR_IPV6};

    (void)state;
    requirement("B6089-01");
    wide.u.v6.present = FB_SELECTOR6_DESTINATION_START;
    wide.u.v6.destination_start[0] = 0x20;
    for (size_t front = 12; front < 28; front++)
    {
        uint8_t octets[80] = {0};
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        mobility_message made;
        size_t at;

        writer.position = front;
        fb_write_flow_identification(&writer, &flow, &wide);
        assert_false(writer.failed);
        at = begins_at(octets, front);
        mobility_make(&made, 5, octets + at, writer.position - at);
        assert_int_equal(made.reason, 0);
        assert_false(made.message.options.flow[0].malformed);
        assert_int_equal(made.message.options.flow[0].selector.length, 22);
        /* the sub-option is the last 24 octets */
        assert_int_equal((writer.position - 24) % 8, 0);
        assert_memory_equal(octets + writer.position - 24,
                            ((const uint8_t[]){3, 22, 2, 0, 0x20, 0, 0, 0, 0x20}),
                            9);
    }
}

/* ---- writers that have no room, and too much to write ---- */

static void
test_no_room(void **state)
{
    static const fb_addr address = {FB_FAMILY_IPV6, {0}};

    (void)state;
    for (size_t i = 0; i < RULES; i++)
    {
        for (size_t room = 12; rules[i].type != 39 && room < 60; room++)
        {
            uint8_t *octets = calloc(1, room); /* a sanitizer sees what goes beyond it */
            fb_writer writer = fb_writer_over(octets, room);
            size_t length;

            assert_non_null(octets);
            fb_mh_begin(&writer, &(fb_mh_fixed){.type = FB_MH_BINDING_UPDATE});
            write_one(&writer, rules[i].type);
            length = fb_mh_end(&writer, &address, &address);
            assert_int_equal(length == 0, writer.failed);
            assert_true(length <= room && length % 8 == 0);
            free(octets);
        }
    }
}

static void
test_too_long(void **state)
{
    static const uint8_t many[255] = {0};
    uint8_t octets[FB_MH_MAX + 300];
    const fb_identifier longest = {1, {many, 253}}, too_long = {1, {many, 254}};
    const fb_flow_identification bids = {.fid = 1, .bid_count = FB_FLOW_BIDS_MAX + 1};
    fb_addr address = {FB_FAMILY_IPV6, {0}};
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("R8278-4.2-07");
    fb_write_identifier_option(&writer, 64, &longest);
    assert_false(writer.failed);
    assert_int_equal(octets[1], 255);
    fb_write_identifier_option(&writer, 64, &too_long);
    assert_true(writer.failed);
    writer = fb_writer_over(octets, sizeof octets);
    fb_write_vendor_specific(&writer, &(fb_vendor_option){1, 1, {many, 251}});
    assert_true(writer.failed);
    writer = fb_writer_over(octets, sizeof octets);
    fb_write_flow_identification(&writer, &bids, NULL);
    assert_true(writer.failed);
    writer = fb_writer_over(octets, sizeof octets);
    fb_mh_begin(&writer, &(fb_mh_fixed){.type = FB_MH_HEARTBEAT});
    while (writer.position < FB_MH_MAX)
    {
        fb_write_identifier_option(&writer, 8, &longest);
    }
    assert_int_equal(fb_mh_end(&writer, &address, &address), 0);
    writer = fb_writer_over(octets, sizeof octets);
    fb_mh_begin(&writer, &(fb_mh_fixed){.type = 99});
    assert_int_equal(fb_mh_end(&writer, &address, &address), 0);
}

static void
test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULES; i++)
    {
        assert_string_not_equal(fb_mobility_option_name(rules[i].type), "unknown");
    }
    assert_string_equal(fb_mobility_option_name(63), "MAG Multipath Binding");
    assert_string_equal(fb_mobility_option_name(2), "unknown");
    assert_string_equal(fb_mobility_option_name(255), "unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_they_are_for),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_the_first_one_counts),
        cmocka_unit_test(test_rooms),
        cmocka_unit_test(test_unknown_and_padding),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_alignment_of_a_link_layer_identifier),
        cmocka_unit_test(test_alignment_of_a_selector),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
