/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/mobile_ipv4.h"

#include "cmocka_setup.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

#define FIXED_REQUEST 24
#define FIXED_REPLY 20

/** A request under construction: the fixed part, then whatever a test appends. */
typedef struct message_draft
{
    uint8_t octets[2048];
    fb_writer writer;
} message_draft;

static const fb_mip4_fixed request_fixed = {
    .type = FB_MIP4_REQUEST,
    .flags = FB_MIP4_FLAG_D | FB_MIP4_FLAG_T,
    .lifetime_s = 1800,
    .home_address = 0xc633640a,
    .home_agent = 0xc0000201,
    .care_of_address = 0xcb007111,
    .identification = UINT64_C(0xed00378011110001),
};

static const fb_multipath path_1 = {.technology = 4, .label = 1, .bid = 1};

static void
start(message_draft *draft, uint16_t lifetime_s)
{
    fb_mip4_fixed fixed = request_fixed;
    fixed.lifetime_s = lifetime_s;
    draft->writer = fb_writer_over(draft->octets, sizeof draft->octets);
    fb_mip4_write_fixed(&draft->writer, &fixed);
}

static void
append(message_draft *draft, const uint8_t *octets, size_t length)
{
    fb_write_bytes(&draft->writer, octets, length);
    assert_false(draft->writer.failed);
}

#define APPEND(draft, ...) \
    append((draft), (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void
authenticate(message_draft *draft)
{
    fb_security_association association = vectors_association();
    fb_mip4_write_authentication(&draft->writer, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);
    assert_false(draft->writer.failed);
}

static int
walk(fb_mip4_message *message, const message_draft *draft)
{
    return fb_mip4_walk(message, draft->octets, draft->writer.position);
}

/** Walks, verifies and checks: what a home agent does in front of its state. */
static int
gate(fb_mip4_request *request, const message_draft *draft)
{
    fb_mip4_message message;
    fb_security_association association = vectors_association();
    assert_int_equal(walk(&message, draft), 0);
    assert_int_equal(fb_mip4_verify(&message, message.mobile_home, &association), 0);
    return fb_mip4_check_request(request, &message, FB_SELECTOR_LAYOUT_RFC7629);
}

/* A selector of UDP from port 5060, as every Flow-Binding below carries it. */
#define SIP 0x02, 0x08, 0x00, 0x00, 0x13, 0xc4, 0x11

/* B5944-01: type 99 -> dropped. */
static void
test_walk_message_types(void **state)
{
    (void)state;
    for (int type = 0; type < 256; type++)
    {
        message_draft draft;
        fb_mip4_message message;
        start(&draft, 1800);
        draft.octets[0] = (uint8_t)type;
        int expected = FB_DROP_UNKNOWN_MESSAGE;
        if (type == FB_MIP4_REQUEST)
        {
            expected = FB_REASON_NONE;
        }
        if (type == FB_MIP4_REPLY)
        {
            /* Its fixed part is 4 octets shorter: the rest, 11 11 00 01, reads as an extension of 17 octets. */
            expected = FB_DROP_TRUNCATED;
        }
        assert_int_equal(walk(&message, &draft), expected);
        assert_int_equal(message.mobile_home, -1);
    }
}

/* B5944-02, B5944-03: 24 and 20 octets, every field. */
static void
test_walk_fixed_parts(void **state)
{
    (void)state;
    uint8_t octets[FIXED_REQUEST];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_fixed(&writer, &request_fixed);
    assert_int_equal(writer.position, FIXED_REQUEST);
    fb_mip4_message message;
    assert_int_equal(fb_mip4_walk(&message, octets, FIXED_REQUEST), 0);
    assert_int_equal(message.fixed.flags, 0x22);
    assert_int_equal(message.fixed.lifetime_s, 1800);
    assert_int_equal(message.fixed.home_address, 0xc633640a);
    assert_int_equal(message.fixed.home_agent, 0xc0000201);
    assert_int_equal(message.fixed.care_of_address, 0xcb007111);
    assert_true(message.fixed.identification == UINT64_C(0xed00378011110001));
    assert_int_equal(message.extension_count, 0);

    const fb_mip4_fixed reply = {.type = FB_MIP4_REPLY,
                                 .code = 153,
                                 .lifetime_s = 0xffff,
                                 .home_address = 0xc633640a,
                                 .home_agent = 0xc0000201,
                                 .identification = UINT64_C(0xed00378011110001)};
    writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_fixed(&writer, &reply);
    assert_int_equal(writer.position, FIXED_REPLY);
    assert_int_equal(fb_mip4_walk(&message, octets, FIXED_REPLY), 0);
    assert_int_equal(message.fixed.code, 153);
    assert_int_equal(message.fixed.lifetime_s, 0xffff);
    assert_true(message.fixed.identification == reply.identification);
    assert_int_equal(message.fixed.care_of_address, 0);

    const fb_mip4_fixed neither = {.type = 2};
    writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_fixed(&writer, &neither);
    assert_true(writer.failed);
}

static void
test_walk_short_fixed_part(void **state)
{
    (void)state;
    message_draft draft;
    start(&draft, 1800);
    for (size_t length = 0; length < FIXED_REQUEST; length++)
    {
        uint8_t *copy = vectors_copy(draft.octets, length);
        fb_mip4_message message;
        assert_int_equal(fb_mip4_walk(&message, copy, length), FB_DROP_TRUNCATED);
        free(copy);
    }
    draft.octets[0] = FB_MIP4_REPLY;
    for (size_t length = 1; length < FIXED_REPLY; length++)
    {
        uint8_t *copy = vectors_copy(draft.octets, length);
        fb_mip4_message message;
        assert_int_equal(fb_mip4_walk(&message, copy, length), FB_DROP_TRUNCATED);
        free(copy);
    }
}

/* B5944-05: r and x are sent as zero whatever the caller wants, and read as they are. */
static void
test_fixed_reserved_flags(void **state)
{
    (void)state;
    fb_mip4_fixed fixed = request_fixed;
    fixed.flags = 0xff;
    uint8_t octets[FIXED_REQUEST];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_fixed(&writer, &fixed);
    assert_int_equal(octets[1], 0xfa);
    octets[1] = 0x27;
    fb_mip4_message message;
    assert_int_equal(fb_mip4_walk(&message, octets, sizeof octets), 0);
    assert_int_equal(message.fixed.flags, 0x27);
}

/* B5944-07: unknown 1..127 drops the message, 128..255 is skipped, 0 is one octet of padding. */
static void
test_walk_every_extension_type(void **state)
{
    (void)state;
    for (int type = 1; type < 256; type++)
    {
        message_draft draft;
        fb_mip4_message message;
        start(&draft, 1800);
        APPEND(&draft, (uint8_t)type, 0x02, 0x00, 0x00);
        authenticate(&draft);
        int expected = FB_REASON_NONE;
        if (type < 128 && (type < 32 || type > 34) && type != 44)
        {
            expected = FB_DROP_UNKNOWN_EXTENSION;
        }
        /* 154 has the long format: this one is a Flow-Binding of Length 0, sound as far as framing goes. */
        assert_int_equal(walk(&message, &draft), expected);
        if (expected == FB_REASON_NONE)
        {
            assert_int_equal(message.extension_count, 2);
            assert_int_equal(message.extension[0].type, type);
            assert_int_equal(message.extension[0].start, FIXED_REQUEST);
            assert_int_equal(message.extension[0].length, type == FB_EXT_MULTIPATH ? 0 : 2);
            assert_int_equal(message.mobile_home, type == 32 ? 0 : 1);
        }
    }
}

static void
test_walk_padding(void **state)
{
    (void)state;
    message_draft draft;
    fb_mip4_message message;
    start(&draft, 1800);
    for (int i = 0; i < 2 * FB_MIP4_EXTENSIONS_MAX; i++)
    {
        APPEND(&draft, FB_EXT_PADDING);
    }
    fb_multipath_write(&draft.writer, &path_1);
    APPEND(&draft, FB_EXT_PADDING);
    authenticate(&draft);
    assert_int_equal(walk(&message, &draft), 0);
    assert_int_equal(message.extension_count, 2);
    fb_mip4_request request;
    assert_int_equal(gate(&request, &draft), 0);
    assert_true(request.has_multipath);
}

/* A rule by label or technology is of a static policy: no message can say it, whatever its number. */
static void
test_write_only_what_can_be_said(void **state)
{
    (void)state;
    for (int action = 0; action < 256; action++)
    {
        fb_rule rule = {.action = (uint8_t)action,
                        .bid_count = 1,
                        .bid = {1},
                        .selector.format = FB_SELECTOR_IPV4};
        uint8_t octets[64];
        fb_writer writer = fb_writer_over(octets, sizeof octets);

        fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
        assert_int_equal(writer.failed, action > 1);
        assert_true(writer.failed || writer.position <= fb_flow_binding_size(&rule));
        rule.bid_count = 9;
        writer = fb_writer_over(octets, sizeof octets);
        fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
        assert_int_equal(writer.failed, action != FB_RULE_DROP);
    }
}

/* RFC 5944 3.3: the Identification is octets 16 to 23, and nothing else is touched. */
static void
test_patch_the_identification(void **state)
{
    message_draft draft;
    uint8_t before[FIXED_REQUEST];

    (void)state;
    start(&draft, 1800);
    memcpy(before, draft.octets, sizeof before);
    fb_mip4_patch_request_identification(&draft.writer, UINT64_C(0x0123456789abcdef));
    assert_false(draft.writer.failed);
    assert_memory_equal(draft.octets, before, 16);
    assert_memory_equal(draft.octets + 16, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8);
    draft.writer.position = FIXED_REQUEST - 1;
    fb_mip4_patch_request_identification(&draft.writer, 1);
    assert_true(draft.writer.failed);
}

/* R7629-7-01, D-19: subtypes of 154. */
static void
test_walk_every_subtype(void **state)
{
    (void)state;
    for (int subtype = 0; subtype < 256; subtype++)
    {
        message_draft draft;
        fb_mip4_message message;
        start(&draft, 1800);
        APPEND(&draft, 154, (uint8_t)subtype, 0x00, 0x04, 0x04, 0x01, 0x01, 0x00);
        authenticate(&draft);
        bool known = subtype == 1 || subtype == 2;
        assert_int_equal(walk(&message, &draft), known ? 0 : FB_DROP_UNKNOWN_SUBTYPE);
        assert_int_equal(fb_reason_reply_code(FB_DROP_UNKNOWN_SUBTYPE), 0);
    }
}

/* B5944-06, R7629-4.1-12: an extension that ends behind the datagram. */
static void
test_walk_extension_beyond_the_end(void **state)
{
    (void)state;
    const uint8_t tails[][6] = {
        {200, 3, 0, 0, 0, 0}, /* three octets announced, two there */
        {154, 1, 0, 3, 0, 0},
        {154, 2, 0xff, 0xff, 0, 0},
        {32, 0xff, 0, 0, 0, 0},
    };
    const size_t lengths[] = {4, 6, 6, 6};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    {
        message_draft draft;
        fb_mip4_message message;
        start(&draft, 1800);
        append(&draft, tails[i], lengths[i]);
        assert_int_equal(walk(&message, &draft), FB_DROP_TRUNCATED);
        assert_int_equal(message.fixed.home_address, request_fixed.home_address);
    }
    for (size_t length = 1; length < 4; length++)
    {
        message_draft draft;
        fb_mip4_message message;
        start(&draft, 1800);
        append(&draft, (const uint8_t[]){154, 1, 0}, length);
        assert_int_equal(walk(&message, &draft), FB_DROP_TRUNCATED);
    }
}

static void
test_walk_too_many_extensions(void **state)
{
    (void)state;
    message_draft draft;
    fb_mip4_message message;
    start(&draft, 1800);
    for (int i = 0; i < FB_MIP4_EXTENSIONS_MAX; i++)
    {
        APPEND(&draft, 200, 0);
    }
    assert_int_equal(walk(&message, &draft), 0);
    assert_int_equal(message.extension_count, FB_MIP4_EXTENSIONS_MAX);
    APPEND(&draft, 200, 0);
    assert_int_equal(walk(&message, &draft), FB_DROP_TOO_MANY_EXTENSIONS);
}

static void
test_walk_longer_than_a_datagram(void **state)
{
    (void)state;
    const size_t length = 65536;
    uint8_t *octets = calloc(1, length);
    assert_non_null(octets);
    fb_writer writer = fb_writer_over(octets, length);
    fb_mip4_write_fixed(&writer, &request_fixed);
    fb_mip4_message message;
    assert_int_equal(fb_mip4_walk(&message, octets, length - 1), 0);
    assert_int_equal(fb_mip4_walk(&message, octets, length), FB_DROP_TRUNCATED);
    free(octets);
}

/* R7629-4.1-12, -15, -18: the Multipath Extension's own fields at every value. */
static void
test_multipath_field_ranges(void **state)
{
    (void)state;
    fb_multipath multipath;
    for (int value = 0; value < 256; value++)
    {
        const uint8_t octet = (uint8_t)value;
        const uint8_t label[] = {4, octet, 1, 0};
        const uint8_t bid[] = {4, 1, octet, 0};
        const uint8_t technology[] = {octet, 1, 1, 0};
        assert_int_equal(fb_multipath_decode(&multipath, label, 4),
                         value == 0 ? FB_DROP_LABEL_ZERO : 0);
        assert_int_equal(fb_multipath_decode(&multipath, bid, 4),
                         value == 0 || value == 255 ? FB_DROP_BID_RESERVED : 0);
        assert_int_equal(fb_multipath_decode(&multipath, technology, 4), 0); /* D-17 */
        assert_int_equal(multipath.technology, value);
    }
    const uint8_t body[8] = {4, 1, 1, 0};
    for (size_t length = 0; length <= 8; length++)
    {
        assert_int_equal(fb_multipath_decode(&multipath, body, length),
                         length == 4 ? 0 : FB_DROP_MULTIPATH_LENGTH);
    }
}

/* R7629-4.1-25: the six reserved bits make no difference. */
static void
test_multipath_reserved_bits_ignored(void **state)
{
    (void)state;
    for (int reserved = 0; reserved < 64; reserved++)
    {
        for (int flags = 0; flags < 4; flags++)
        {
            const uint8_t body[] = {4, 1, 1, (uint8_t)(flags << 6 | reserved)};
            fb_multipath multipath;
            assert_int_equal(fb_multipath_decode(&multipath, body, sizeof body), 0);
            assert_int_equal(multipath.bulk, (flags & 2) != 0);
            assert_int_equal(multipath.overwrite, (flags & 1) != 0);
        }
    }
}

/* R7629-4.1-21, -23, -24; D-03, D-04. */
static void
test_check_bulk_and_overwrite(void **state)
{
    (void)state;
    for (int flags = 0; flags < 4; flags++)
    {
        fb_multipath multipath = path_1;
        multipath.bulk = (flags & 2) != 0;
        multipath.overwrite = (flags & 1) != 0;
        for (uint16_t lifetime_s = 0; lifetime_s < 2; lifetime_s++)
        {
            message_draft draft;
            fb_mip4_request request;
            start(&draft, lifetime_s);
            fb_multipath_write(&draft.writer, &multipath);
            authenticate(&draft);
            bool both = flags == 3 && lifetime_s > 0;
            assert_int_equal(gate(&request, &draft), both ? FB_DROP_BULK_AND_OVERWRITE : 0);
            if (!both)
            {
                assert_int_equal(request.multipath.bulk, multipath.bulk);
                assert_int_equal(request.multipath.overwrite,
                                 multipath.overwrite && lifetime_s > 0);
            }
        }
    }
}

/* D-15, D-16 and D-14 where the extensions stand. */
static void
test_check_placement(void **state)
{
    (void)state;
    message_draft draft;
    fb_mip4_request request;

    start(&draft, 1800);
    APPEND(&draft, 154, 2, 0, 11, 1, 1, 1, 1, SIP);
    authenticate(&draft);
    assert_int_equal(gate(&request, &draft), FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH);

    start(&draft, 1800);
    APPEND(&draft, 154, 2, 0, 11, 1, 1, 1, 1, SIP);
    fb_multipath_write(&draft.writer, &path_1); /* the order of the two does not matter */
    authenticate(&draft);
    assert_int_equal(gate(&request, &draft), 0);
    assert_int_equal(request.flow_binding_count, 1);

    start(&draft, 1800);
    fb_multipath_write(&draft.writer, &path_1);
    authenticate(&draft);
    APPEND(&draft, 154, 2, 0, 11, 1, 1, 1, 1, SIP);
    assert_int_equal(gate(&request, &draft), FB_DROP_MULTIPATH_AFTER_AUTHENTICATION);

    start(&draft, 1800);
    authenticate(&draft);
    fb_multipath_write(&draft.writer, &path_1);
    assert_int_equal(gate(&request, &draft), FB_DROP_MULTIPATH_AFTER_AUTHENTICATION);

    start(&draft, 1800);
    fb_multipath_write(&draft.writer, &path_1);
    fb_multipath_write(&draft.writer, &path_1);
    authenticate(&draft);
    assert_int_equal(gate(&request, &draft), FB_DROP_MULTIPATH_REPEATED);

    start(&draft, 1800);
    APPEND(&draft, 200, 2, 0xaa, 0xbb);
    authenticate(&draft);
    APPEND(&draft, 201, 1, 0xaa); /* a skippable one behind is no harm */
    assert_int_equal(gate(&request, &draft), 0);
    assert_false(request.has_multipath);
}

/* C-15: what a de-registration says about flows is ignored; where it says it is not. */
static void
test_check_flow_bindings_of_a_deregistration(void **state)
{
    (void)state;
    message_draft draft;
    fb_mip4_request request;
    start(&draft, 0);
    fb_multipath_write(&draft.writer, &path_1);
    APPEND(&draft, 154, 2, 0, 3, 9, 9, 9);
    authenticate(&draft);
    assert_int_equal(gate(&request, &draft), 0);
    assert_true(request.has_multipath);
    assert_int_equal(request.flow_binding_count, 0);

    start(&draft, 0);
    APPEND(&draft, 154, 2, 0, 3, 9, 9, 9);
    authenticate(&draft);
    assert_int_equal(gate(&request, &draft), FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH);
}

/** One Flow-Binding body and what becomes of it. */
typedef struct body_case
{
    const char *requirement;
    int reason;
    size_t length;
    uint8_t body[24];
} body_case;

static const body_case bodies[] = {
    {"R7629-4.2-15", 0, 11, {1, 1, 1, 1, SIP}},
    {"R7629-4.2-18", 0, 18, {1, 8, 1, 2, 3, 4, 5, 6, 7, 254, 1, SIP}},
    {"R7629-4.2-18", FB_DROP_BID_COUNT, 19, {1, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, SIP}},
    {"R7629-4.2-18", FB_DROP_BID_COUNT, 10, {1, 0, 1, SIP}},
    {"R7629-4.2-18", FB_DROP_BID_COUNT, 11, {1, 255, 1, 1, SIP}},
    {"R7629-4.2-12", FB_DROP_BID_COUNT_OF_DROP, 10, {0, 0, 1, SIP}},
    {"R7629-4.2-12", FB_DROP_BID_COUNT_OF_DROP, 12, {0, 2, 1, 2, 1, SIP}},
    {"R7629-4.2-14", 0, 11, {0, 1, 0, 1, SIP}},
    {"R7629-4.2-14", 0, 11, {0, 1, 77, 1, SIP}},
    {"R7629-4.2-14", 0, 11, {0, 1, 255, 1, SIP}},
    {"R7629-4.2-17", FB_DROP_ACTION_UNKNOWN, 11, {2, 1, 1, 1, SIP}},
    {"R7629-4.2-17", FB_DROP_ACTION_UNKNOWN, 11, {255, 1, 1, 1, SIP}},
    {"C-15", FB_DROP_BID_RESERVED, 11, {1, 1, 0, 1, SIP}},
    {"C-15", FB_DROP_BID_RESERVED, 11, {1, 1, 255, 1, SIP}},
    {"C-15", FB_DROP_BID_RESERVED, 12, {1, 2, 1, 255, 1, SIP}},
    {"C-15", 0, 12, {1, 2, 1, 1, 1, SIP}}, /* a BID twice: the second is without effect */
    {"R7629-4.2-20", FB_DROP_SELECTOR_FORMAT, 11, {1, 1, 1, 0, SIP}},
    {"D-19", FB_DROP_SELECTOR_FORMAT, 11, {1, 1, 1, 3, SIP}},
    {"D-19", FB_DROP_SELECTOR_FORMAT, 11, {1, 1, 1, 255, SIP}},
    {"R7629-4.2-10", FB_DROP_SELECTOR_LENGTH, 12, {1, 1, 1, 1, SIP, 0}},
    {"R7629-4.2-10", FB_DROP_SELECTOR_LENGTH, 10, {1, 1, 1, 1, SIP}},
    {"R7629-4.2-10", FB_DROP_FLOW_BINDING_LENGTH, 7, {1, 1, 1, 1, 0, 0, 0}},
    {"R7629-4.2-10", FB_DROP_FLOW_BINDING_LENGTH, 0, {0}},
    {"R7629-4.2-10", FB_DROP_FLOW_BINDING_LENGTH, 8, {1, 8, 1, 2, 3, 4, 5, 6}},
    {"B6088-04", 0, 8, {1, 1, 1, 1, 0, 0, 0, 0}},
    {"R7629-4.2-23", 0, 8, {1, 1, 1, 2, 0, 0, 0, 0}},
    {"B6088-03", FB_DROP_SELECTOR_RANGE, 12, {1, 1, 1, 1, 3, 0, 0, 0, 0x13, 0xc5, 0x13, 0xc4}},
    {"B6088-02", FB_DROP_SELECTOR_END_WITHOUT_START, 10, {1, 1, 1, 1, 1, 0, 0, 0, 0x13, 0xc4}},
};

static void
test_flow_binding_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
    {
        const body_case *test = &bodies[i];
        uint8_t *copy = vectors_copy(test->body, test->length);
        fb_rule rule;
        int reason = fb_flow_binding_decode(&rule, copy, test->length, FB_SELECTOR_LAYOUT_RFC7629);
        if (reason != test->reason)
        {
            fail_msg("%s, row %zu: %s instead of %s",
                     test->requirement,
                     i,
                     fb_reason_name(reason),
                     fb_reason_name(test->reason));
        }
        free(copy);

        /* In a message it has the same effect, and always the code 134. */
        message_draft draft;
        fb_mip4_request request;
        start(&draft, 1800);
        fb_multipath_write(&draft.writer, &path_1);
        APPEND(&draft, 154, 2, 0, (uint8_t)test->length);
        append(&draft, test->body, test->length);
        authenticate(&draft);
        assert_int_equal(gate(&request, &draft), test->reason);
        assert_int_equal(fb_reason_reply_code(test->reason), test->reason == 0 ? 0 : 134);
    }
}

/* R7629-4.2-19: the order of the list is the order of preference. */
static void
test_flow_binding_order(void **state)
{
    (void)state;
    const uint8_t body[] = {1, 3, 3, 2, 1, 1, SIP};
    fb_rule rule;
    assert_int_equal(fb_flow_binding_decode(&rule, body, sizeof body, FB_SELECTOR_LAYOUT_RFC7629),
                     0);
    assert_int_equal(rule.action, FB_RULE_FORWARD);
    assert_int_equal(rule.bid_count, 3);
    assert_memory_equal(rule.bid, ((uint8_t[FB_BIDS_PER_RULE]){3, 2, 1}), FB_BIDS_PER_RULE);
}

/* R7629-4.2-13: the encoder writes 255 for DROP, whatever the rule holds. */
static void
test_flow_binding_drop_is_written_with_255(void **state)
{
    (void)state;
    fb_rule rule = {.action = FB_RULE_DROP, .bid_count = 7, .bid = {9, 8, 7}};
    rule.selector.format = FB_SELECTOR_IPV4;
    uint8_t octets[32];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
    const uint8_t expected[] = {154, 2, 0, 8, 0, 1, 255, 1, 0, 0, 0, 0};
    assert_false(writer.failed);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
}

static void
test_flow_binding_write_refuses_nonsense(void **state)
{
    (void)state;
    uint8_t octets[64];
    fb_rule rule = {.action = FB_RULE_FORWARD, .bid_count = FB_BIDS_PER_RULE + 1};
    rule.selector.format = FB_SELECTOR_IPV4;
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
    assert_true(writer.failed);

    rule.bid_count = 1;
    rule.selector.format = 0;
    writer = fb_writer_over(octets, sizeof octets);
    fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
    assert_true(writer.failed);
}

/* D-20: the same rule in both layouts; each is an error in the other. */
static void
test_flow_binding_layouts(void **state)
{
    (void)state;
    const fb_selector_layout layouts[] = {FB_SELECTOR_LAYOUT_RFC7629, FB_SELECTOR_LAYOUT_RFC6089};
    fb_rule rule = {.action = FB_RULE_FORWARD, .bid_count = 1, .bid = {1}};
    rule.selector.format = FB_SELECTOR_IPV4;
    rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
    rule.selector.u.v4.source_port_start = 5060;
    rule.selector.u.v4.protocol_start = 17;
    for (size_t i = 0; i < 2; i++)
    {
        uint8_t octets[64];
        fb_rule again;
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        fb_flow_binding_write(&writer, &rule, layouts[i]);
        assert_int_equal(writer.position, 15 + i);
        size_t length = writer.position - 4;
        assert_int_equal(fb_flow_binding_decode(&again, octets + 4, length, layouts[i]), 0);
        assert_int_equal(again.selector.u.v4.source_port_start, 5060);
        assert_int_equal(fb_flow_binding_decode(&again, octets + 4, length, layouts[1 - i]),
                         FB_DROP_SELECTOR_LENGTH);
    }
}

/* The longest one there is. */
static void
test_flow_binding_octets_max(void **state)
{
    (void)state;
    fb_rule rule = {.action = FB_RULE_FORWARD,
                    .bid_count = FB_BIDS_PER_RULE,
                    .bid = {1, 2, 3, 4, 5, 6, 7, 8}};
    rule.selector.format = FB_SELECTOR_IPV6;
    rule.selector.u.v6.present = UINT32_MAX;
    uint8_t octets[4 + FB_FLOW_BINDING_OCTETS_MAX];
    fb_rule again;
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC6089);
    assert_false(writer.failed);
    assert_int_equal(writer.position, sizeof octets);
    assert_int_equal(fb_flow_binding_decode(&again,
                                            octets + 4,
                                            FB_FLOW_BINDING_OCTETS_MAX,
                                            FB_SELECTOR_LAYOUT_RFC6089),
                     0);
    assert_int_equal(again.bid[7], 8);
}

static void
test_flow_binding_by_index(void **state)
{
    (void)state;
    message_draft draft;
    fb_mip4_message message;
    const fb_mip4_extension *next;
    fb_rule rule;
    start(&draft, 1800);
    fb_multipath_write(&draft.writer, &path_1);
    APPEND(&draft, 154, 2, 0, 8, 1, 1, 5, 1, 0, 0, 0, 0);
    APPEND(&draft, 200, 0);
    APPEND(&draft, 154, 2, 0, 8, 1, 1, 6, 1, 0, 0, 0, 0);
    authenticate(&draft);
    assert_int_equal(walk(&message, &draft), 0);
    assert_true(fb_mip4_flow_binding(&message, 0, FB_SELECTOR_LAYOUT_RFC7629, &rule));
    assert_int_equal(rule.bid[0], 5);
    assert_true(fb_mip4_flow_binding(&message, 1, FB_SELECTOR_LAYOUT_RFC7629, &rule));
    assert_int_equal(rule.bid[0], 6);
    assert_false(fb_mip4_flow_binding(&message, 2, FB_SELECTOR_LAYOUT_RFC7629, &rule));

    next = fb_mip4_next_flow_binding(&message, NULL);
    assert_ptr_equal(next, &message.extension[1]); /* behind the Multipath Extension */
    assert_true(fb_mip4_flow_binding_bids(&message, next, &rule));
    assert_int_equal(rule.bid[0], 5);
    next = fb_mip4_next_flow_binding(&message, next);
    assert_ptr_equal(next, &message.extension[3]);
    assert_true(fb_mip4_flow_binding_bids(&message, next, &rule));
    assert_int_equal(rule.bid[0], 6);
    assert_null(fb_mip4_next_flow_binding(&message, next));
}

/* D-43: 152 and 153 are also numbers of other registries; the reply codes have their own names. */
static void
test_names(void **state)
{
    (void)state;
    assert_string_equal(fb_mip4_code_name(0), "registration accepted");
    assert_string_equal(fb_mip4_code_name(134), "poorly formed Request");
    assert_string_equal(fb_mip4_code_name(152), "MULTIPATH_NOT_ALLOWED");
    assert_string_equal(fb_mip4_code_name(153), "INVALID_FB_IDENTIFIER");
    assert_string_equal(fb_mip4_code_name(2), "unassigned");
    assert_string_equal(fb_mip4_extension_name(0, 0), "Padding");
    assert_string_equal(fb_mip4_extension_name(32, 0), "Mobile-Home Authentication");
    assert_string_equal(fb_mip4_extension_name(154, 1), "Multipath");
    assert_string_equal(fb_mip4_extension_name(154, 2), "Flow-Binding");
    assert_string_equal(fb_mip4_extension_name(154, 3), "unknown");
    assert_string_equal(fb_mip4_extension_name(152, 0), "IPv6 Dual Stack");
    assert_string_equal(fb_mip4_extension_name(153, 0), "unknown");
    for (int code = 0; code < 256; code++)
    {
        assert_non_null(fb_mip4_code_name((uint8_t)code));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk_message_types),
        cmocka_unit_test(test_walk_fixed_parts),
        cmocka_unit_test(test_walk_short_fixed_part),
        cmocka_unit_test(test_fixed_reserved_flags),
        cmocka_unit_test(test_walk_every_extension_type),
        cmocka_unit_test(test_walk_padding),
        cmocka_unit_test(test_write_only_what_can_be_said),
        cmocka_unit_test(test_patch_the_identification),
        cmocka_unit_test(test_walk_every_subtype),
        cmocka_unit_test(test_walk_extension_beyond_the_end),
        cmocka_unit_test(test_walk_too_many_extensions),
        cmocka_unit_test(test_walk_longer_than_a_datagram),
        cmocka_unit_test(test_multipath_field_ranges),
        cmocka_unit_test(test_multipath_reserved_bits_ignored),
        cmocka_unit_test(test_check_bulk_and_overwrite),
        cmocka_unit_test(test_check_placement),
        cmocka_unit_test(test_check_flow_bindings_of_a_deregistration),
        cmocka_unit_test(test_flow_binding_bodies),
        cmocka_unit_test(test_flow_binding_order),
        cmocka_unit_test(test_flow_binding_drop_is_written_with_255),
        cmocka_unit_test(test_flow_binding_write_refuses_nonsense),
        cmocka_unit_test(test_flow_binding_layouts),
        cmocka_unit_test(test_flow_binding_octets_max),
        cmocka_unit_test(test_flow_binding_by_index),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
