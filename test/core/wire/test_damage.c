/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Every message of the vector file cut at every length, and with every single bit flipped, through everything that
 * reads messages. Each copy lies on a heap block of exactly its size, so that a sanitizer sees one octet read too many.
 */

#include "cmocka_setup.h"
#include "vectors.h"
#include "wire/rfc3519.h"
#include "wire/traffic_selector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** What the undamaged message is. */
typedef struct undamaged
{
    const test_vector *vector;
    bool authentic;
    size_t
        /** first octet behind the authenticator of the Mobile-Home Authentication */
        authentic_end;
} undamaged;

/** A rule that was accepted obeys RFC 7629 4.2, and writing and reading it again changes nothing. */
static void
assert_rule_is_sound(const fb_rule *rule, fb_selector_layout layout)
{
    assert_true(rule->action == FB_RULE_DROP || rule->action == FB_RULE_FORWARD);
    assert_in_range(rule->bid_count, 1, rule->action == FB_RULE_DROP ? 1 : FB_BIDS_PER_RULE);
    for (size_t i = 0; rule->action == FB_RULE_FORWARD && i < rule->bid_count; i++)
    {
        assert_in_range(rule->bid[i], 1, 254);
    }
    assert_int_equal(fb_selector_check(&rule->selector), 0);

    uint8_t buffer[256];
    fb_writer writer = fb_writer_over(buffer, sizeof buffer);
    fb_flow_binding_write(&writer, rule, layout);
    assert_false(writer.failed);
    fb_rule again;
    assert_int_equal(fb_flow_binding_decode(&again, buffer + 4, writer.position - 4, layout), 0);
    fb_rule expected;
    memcpy(&expected, rule, sizeof expected);
    if (rule->action == FB_RULE_DROP)
    {
        expected.bid[0] = 255; /* R7629-4.2-13: what our encoder sends */
    }
    assert_memory_equal(&again, &expected, sizeof again);
}

static void
assert_walk_is_sound(const fb_mip4_message *message)
{
    size_t end = 0;
    for (size_t i = 0; i < message->extension_count; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];
        assert_true(extension->start >= end);
        assert_true(extension->body > extension->start);
        end = (size_t)extension->body + extension->length;
        assert_true(end <= message->length);
    }
    assert_true(message->mobile_home >= -1 && message->mobile_home < message->extension_count);
}

static void
read_extensions(const fb_mip4_message *message, fb_selector_layout layout)
{
    fb_mip4_request request;
    int reason = fb_mip4_check_request(&request, message, layout);
    if (reason != FB_REASON_NONE)
    {
        assert_int_equal(fb_reason_reply_code(reason), 134);
    }
    else if (request.has_multipath)
    {
        assert_in_range(request.multipath.bid, 1, 254);
        assert_in_range(request.multipath.label, 1, 255);
        assert_false(request.multipath.bulk && request.multipath.overwrite);
    }

    for (size_t i = 0; i <= message->extension_count; i++)
    {
        fb_rule rule;
        if (fb_mip4_flow_binding(message, i, layout, &rule))
        {
            assert_rule_is_sound(&rule, layout);
        }
        else if (reason == FB_REASON_NONE && message->fixed.lifetime_s > 0)
        {
            assert_true(i >= request.flow_binding_count);
        }
    }
}

/** Sends @p octets through every reader. True when it would be believed. */
static bool
read_everything(const uint8_t *octets, size_t length)
{
    fb_mip4_message message;
    int reason = fb_mip4_walk(&message, octets, length);
    assert_true(reason >= 0 && reason < FB_REASON_COUNT);
    if (reason != FB_REASON_NONE)
    {
        assert_int_equal(fb_reason_reply_code(reason), 0);
        return false;
    }
    assert_walk_is_sound(&message);
    read_extensions(&message, FB_SELECTOR_LAYOUT_RFC7629);
    read_extensions(&message, FB_SELECTOR_LAYOUT_RFC6089);
    fb_udp_tunnel_request udp_request;
    fb_udp_tunnel_reply udp_reply;
    assert_in_range(fb_udp_tunnel_request_find(&udp_request, &message),
                    FB_UDP_TUNNEL_ABSENT,
                    FB_UDP_TUNNEL_MALFORMED);
    assert_int_not_equal(fb_udp_tunnel_reply_find(&udp_reply, &message), FB_UDP_TUNNEL_BEHIND);

    fb_security_association association = vectors_association();
    bool authentic = fb_mip4_verify(&message, message.mobile_home, &association) == 0;
    for (int i = 0; i < message.extension_count; i++)
    {
        if (i != message.mobile_home)
        {
            assert_int_not_equal(fb_mip4_verify(&message, i, &association), 0);
        }
    }
    return authentic;
}

static undamaged
read_original(const test_vector *vector)
{
    undamaged result = {.vector = vector};
    fb_mip4_message message;
    result.authentic = read_everything(vector->octets, vector->length);
    if (result.authentic)
    {
        assert_int_equal(fb_mip4_walk(&message, vector->octets, vector->length), 0);
        const fb_mip4_extension *extension = &message.extension[message.mobile_home];
        result.authentic_end = (size_t)extension->body + extension->length;
    }
    return result;
}

static void
truncate_everywhere(const undamaged *original)
{
    for (size_t length = 0; length < original->vector->length; length++)
    {
        uint8_t *copy = vectors_copy(original->vector->octets, length);
        if (read_everything(copy, length) && length < original->authentic_end)
        {
            fail_msg("%s cut at %zu octets is believed", original->vector->id, length);
        }
        free(copy);
    }
}

/** Returns how many single flips of what is authenticated were believed. */
static size_t
flip_every_bit(const undamaged *original)
{
    const test_vector *vector = original->vector;
    size_t believed = 0;
    for (size_t bit = 0; bit < vector->length * 8; bit++)
    {
        uint8_t *copy = vectors_copy(vector->octets, vector->length);
        copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
        bool covered = !original->authentic || bit / 8 < original->authentic_end;
        if (read_everything(copy, vector->length) && covered)
        {
            believed++;
        }
        free(copy);
    }
    return believed;
}

/* M, N: R7629-4.1-07, R7629-4.2-06, R7629-8-01, B5944-06. */
static void
test_damage_messages(void **state)
{
    (void)state;
    size_t messages = 0, authentic = 0;
    for (size_t i = 0; i < vectors->count; i++)
    {
        const test_vector *vector = &vectors->vector[i];
        if (vector->id[0] != 'M' && vector->id[0] != 'N')
        {
            continue;
        }
        undamaged original = read_original(vector);
        messages++;
        authentic += original.authentic;
        truncate_everywhere(&original);
        /* N08 is an authentic message with one wrong bit: flipping that one makes it right. */
        assert_int_equal(flip_every_bit(&original), strcmp(vector->id, "N08") == 0 ? 1 : 0);
    }
    /* All but M21 (no registration) and N08 (a wrong authenticator). */
    assert_int_equal(messages, 34);
    assert_int_equal(authentic, 32);
}

/** Reads a damaged selector; accepted ones obey RFC 6088 and survive another round. */
static void
read_selector(const uint8_t *octets, size_t length)
{
    for (uint8_t format = 0; format < 4; format++)
    {
        fb_selector selector;
        int reason = fb_selector_decode(&selector, format, octets, length);
        if (format != FB_SELECTOR_IPV4 && format != FB_SELECTOR_IPV6)
        {
            assert_int_equal(reason, FB_DROP_SELECTOR_FORMAT);
            continue;
        }
        if (reason != FB_REASON_NONE)
        {
            assert_int_equal(fb_reason_reply_code(reason), 134);
            continue;
        }
        assert_int_equal(fb_selector_check(&selector), 0);
        assert_int_equal(fb_selector_size(&selector), length);
        uint8_t buffer[128];
        fb_selector again;
        fb_writer writer = fb_writer_over(buffer, sizeof buffer);
        fb_selector_write(&writer, &selector);
        assert_int_equal(fb_selector_decode(&again, format, buffer, writer.position), 0);
        assert_memory_equal(&again, &selector, sizeof again);
    }
}

static void
test_damage_selectors(void **state)
{
    (void)state;
    size_t selectors = 0;
    for (size_t i = 0; i < vectors->count; i++)
    {
        const test_vector *vector = &vectors->vector[i];
        if (vector->id[0] != 'S')
        {
            continue;
        }
        selectors++;
        uint8_t format = vector->fields[1 % vector->field_count].length == 16 ? 2 : 1;
        for (size_t length = 0; length <= vector->length; length++)
        {
            uint8_t *copy = vectors_copy(vector->octets, length);
            read_selector(copy, length);
            fb_selector selector;
            if (length < vector->length)
            {
                assert_int_equal(fb_selector_decode(&selector, format, copy, length),
                                 FB_DROP_SELECTOR_LENGTH);
            }
            free(copy);
        }
        for (size_t bit = 0; bit < vector->length * 8; bit++)
        {
            uint8_t *copy = vectors_copy(vector->octets, vector->length);
            copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
            read_selector(copy, vector->length);
            free(copy);
        }
    }
    assert_int_equal(selectors, 8);
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
        cmocka_unit_test(test_damage_messages),
        cmocka_unit_test(test_damage_selectors),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
