/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include "base/hash.h"
#include "base/machine.h"
#include "base/octets.h"

#include <string.h>

/*
 * Most updates only put off the end of a binding: they say what the one before said, but for sequence number, timestamp
 * and checksum, of a session that is as it was. Then reading, checking and composing come to what they came to before.
 * A binding remembers the update that was accepted last, as a digest of its octets and of what else decides
 * (fb_session_fingerprint()), if it changed nothing of that: said again, it is accepted again. Where things are is
 * the same for many updates, and kept once: the last octet of the digest is the number of that.
 *
 * What is new in each update is checked each time, and by the same functions: checksum, timestamp, time. So is who
 * sends it: the session is that of the prefix, the binding that of the source, the association that it was registered
 * by. Nobody gains anything by two updates with one digest: who makes them has renewed a binding of his own. Of mobile
 * node and gateway nothing is looked at, as they lie far off: what they may is in the fingerprint.
 */

/** The fixed fields: what is in front of the checksum, and what is behind the sequence number. */
#define FRONT_LENGTH 4
#define CHECKSUM_AT 4
#define SEQUENCE_AT 6
#define FLAGS_AT 8
#define LIFETIME_AT 10
#define OPTIONS_AT 12

/** RFC 8278 4.1: so far in front of the end of a MAG Multipath Binding is its BID: then come flags and reserved. */
#define BID_BEFORE_END 4

#define WORD sizeof(uint64_t)

/** RFC 6275 6.1.1: the header's length is counted in these, without the first. */
#define HEADER_LEN_AT 1
#define UNIT 8

/* ---- digests ---- */

/** All octets but sequence number, checksum and timestamp, which is where it can be (is_place_of_timestamp()). */
static uint64_t
digest_of_message(const uint8_t *octets, size_t length, size_t timestamp_at)
{
    size_t behind = timestamp_at + WORD;
    uint8_t fixed[WORD], end[WORD] = {0};
    fb_hash_lanes hash = fb_hash_begin(length);

    memcpy(fixed, octets, FRONT_LENGTH);
    memcpy(fixed + FRONT_LENGTH, octets + FLAGS_AT, OPTIONS_AT - FLAGS_AT);
    memcpy(end, octets + length - FRONT_LENGTH, FRONT_LENGTH);
    fb_hash_add(&hash, octets + OPTIONS_AT, (timestamp_at - OPTIONS_AT) / WORD);
    fb_hash_add(&hash, octets + behind, (length - behind) / WORD);
    fb_hash_add(&hash, fixed, 1);
    fb_hash_add(&hash, end, 1);
    return fb_hash_end(&hash);
}

/** Aligned (RFC 5213 8.8: 8n + 2) it begins a whole number of words behind the fixed fields, and more follows. */
static bool
is_place_of_timestamp(size_t at, size_t length)
{
    return at >= OPTIONS_AT && (at - OPTIONS_AT) % WORD == 0 && at + WORD + FRONT_LENGTH <= length;
}

/** The bits of a digest that number its layout; they are not 0. */
#define LAYOUT_BITS 0xff

/**
 * What a binding remembers. A layout has a number as long as nothing else is laid out under it, so the digest depends
 * on all of it.
 */
static uint64_t
digest_of(uint64_t message, uint64_t fingerprint, const fb_lma_layout *layout, unsigned number)
{
    uint64_t word;

    memcpy(&word, layout, sizeof word);
    return (fb_hash_combine(message, fb_hash_lane(fingerprint, word)) & ~(uint64_t)LAYOUT_BITS) |
           number;
}

/** Where things are in the update that is remembered; NULL: none is. */
static const fb_lma_layout *
layout_of(const fb_lma *lma, uint64_t digest)
{
    return digest == 0 ? NULL : &lma->layout[digest & LAYOUT_BITS];
}

/** The number of a layout, which takes the place of another one if it is new and there are too many. */
static unsigned
number_of(fb_lma *lma, const fb_lma_layout *wanted)
{
    unsigned number = 1;

    while (number <= lma->layouts && memcmp(&lma->layout[number], wanted, sizeof *wanted) != 0)
    {
        number++;
    }
    if (number > lma->layouts)
    {
        number = lma->next_layout;
        lma->layout[number] = *wanted;
        lma->next_layout = (uint8_t)(number < lma->layouts ? number + 1 : 1);
    }
    return number;
}

void
fb_lma_init_layouts(fb_lma *lma, fb_arena *arena, uint32_t bindings)
{
    size_t count = bindings < FB_LMA_LAYOUTS_MAX ? bindings : FB_LMA_LAYOUTS_MAX;

    lma->layout = fb_arena_take(arena, 1 + count, sizeof *lma->layout, _Alignof(uint64_t));
    lma->layouts = (uint8_t)count;
    lma->next_layout = 1;
    if (arena->base != NULL && !arena->failed)
    {
        memset(lma->layout, 0, (1 + count) * sizeof *lma->layout);
    }
}

/* ---- the answer ---- */

/** Composes the answer to @p update, which is as @p layout says, from its own octets. Its length; 0: no room. */
static size_t
compose(uint8_t *reply,
        size_t capacity,
        const fb_lma_layout *layout,
        const uint8_t *update,
        const fb_meta *back,
        uint16_t lifetime)
{
    fb_writer writer = fb_writer_over(reply, capacity);
    fb_mh_fixed fixed = {.type = FB_MH_BINDING_ACKNOWLEDGEMENT,
                         .sequence = fb_load_u16(update + SEQUENCE_AT),
                         .flags = FB_PBA_PROXY,
                         .lifetime = lifetime};

    fb_mh_begin(&writer, &fixed);
    fb_write_bytes(&writer, update + OPTIONS_AT, layout->front_end - OPTIONS_AT);
    if (layout->flow_count > 0)
    {
        fb_write_option_padding(
            &writer,
            fb_mobility_option_padding(FB_OPTION_FLOW_IDENTIFICATION, layout->front_end));
        fb_write_bytes(&writer, update + layout->flows_at, layout->flows_length);
    }
    return fb_mh_end(&writer, &back->src, &back->dst);
}

/* ---- remembering ---- */

/** Where @p octet, which is in the message, is; 0: too far behind to be told. */
static uint8_t
place_in(const fb_lma_gate *gate, const uint8_t *octet)
{
    size_t at = (size_t)(octet - gate->message->octets);

    return at <= UINT8_MAX ? (uint8_t)at : 0;
}

/** Where things are in the update, as far as it is one that can be remembered. */
static bool
describe(fb_lma_layout *layout, const fb_lma_gate *gate)
{
    const fb_mobility_options *options = gate->options;
    const fb_mh_message *message = gate->message;
    fb_octets multipath = options->multipath_octets;
    fb_octets timestamp = fb_mobility_option_find(message->octets + OPTIONS_AT,
                                                  message->length - OPTIONS_AT,
                                                  FB_OPTION_TIMESTAMP);

    if (!fb_gate_has(gate, FB_OPTION_TIMESTAMP) || timestamp.length != WORD ||
        !fb_gate_has(gate, FB_OPTION_MOBILE_NODE_IDENTIFIER))
    {
        return false;
    }
    *layout = (fb_lma_layout){.header_length = message->octets[HEADER_LEN_AT],
                              .name_at = place_in(gate, options->mobile_node.value.octet),
                              .name_length = options->mobile_node.value.length,
                              .timestamp_at = place_in(gate, timestamp.octet),
                              .front_end = place_in(gate, multipath.octet + multipath.length),
                              .flow_count = options->flow_count};
    if (options->flow_count > 0)
    {
        fb_octets last = options->flow[options->flow_count - 1].whole;
        const uint8_t *first = options->flow[0].whole.octet - 2;
        size_t length = (size_t)(last.octet + last.length - first);

        layout->flows_at = place_in(gate, first);
        layout->flows_length = length <= UINT8_MAX ? (uint8_t)length : 0;
        if (layout->flows_at == 0 || layout->flows_length == 0)
        {
            return false;
        }
    }
    return layout->name_at > 0 && (size_t)layout->name_at + FB_NAME_FRONT <= message->length &&
           is_place_of_timestamp(layout->timestamp_at, message->length) &&
           layout->front_end >= OPTIONS_AT + BID_BEFORE_END;
}

/** Whether the binding was just renewed in a way that can be repeated: with nothing about it but what is usual. */
static bool
is_usual(const fb_lma_gate *gate)
{
    return gate->refreshes && gate->identified && !gate->deregisters && !gate->over_ipv4 &&
           (gate->message->fixed.flags & FB_PBU_ACKNOWLEDGE) != 0 &&
           !gate->options->multipath.bulk && gate->end == gate->own->care_of_address &&
           memcmp(gate->source, &gate->care_of, sizeof gate->care_of) == 0 && gate->keeps_home &&
           !gate->delegates && !gate->options->ipv4_request.present &&
           !fb_gate_has(gate, FB_OPTION_LINK_LOCAL_ADDRESS);
}

void
fb_lma_remember(fb_lma *lma, const fb_lma_gate *gate, uint64_t fingerprint)
{
    const fb_mh_message *message = gate->message;
    const fb_lma_reply *reply = &lma->reply;
    const fb_binding *binding = fb_cache_binding(&lma->sessions.cache, gate->session, gate->bid);
    uint64_t *place;
    fb_lma_layout layout;
    uint8_t octets[FB_LMA_REPLY_MAX];

    if (binding == NULL)
    {
        return;
    }
    place = fb_session_repeat(&lma->sessions, binding);
    *place = 0;
    if (!is_usual(gate) || fingerprint != fb_session_fingerprint(&lma->sessions, gate->session) ||
        !describe(&layout, gate))
    {
        return;
    }
    if (compose(octets,
                sizeof octets,
                &layout,
                message->octets,
                &reply->meta,
                (uint16_t)(binding->lifetime_s / FB_MH_LIFETIME_UNIT_S)) != reply->length ||
        memcmp(octets, reply->octets, reply->length) != 0)
    {
        return; /* it said something else */
    }
    *place = digest_of(digest_of_message(message->octets, message->length, layout.timestamp_at),
                       fingerprint,
                       &layout,
                       number_of(lma, &layout));
}

/* ---- and knowing again ---- */

/** The binding that the message is about if it is the update that binding remembers; NULL: none. */
static const fb_binding *
likely_binding(const fb_lma *lma, uint32_t session, const uint8_t *octets)
{
    const fb_binding_cache *cache = &lma->sessions.cache;
    const fb_binding *b = fb_cache_binding_first(cache, session);

    for (; b != NULL; b = fb_cache_binding_next(cache, b))
    {
        const fb_lma_layout *layout = layout_of(lma, *fb_session_repeat(&lma->sessions, b));

        if (layout != NULL && layout->header_length == octets[HEADER_LEN_AT] &&
            octets[layout->front_end - BID_BEFORE_END] == b->bid)
        {
            break;
        }
    }
    return b;
}

/** Whether the message is the update that a binding remembers. */
static bool
is_repeated(const fb_lma *lma,
            uint32_t session,
            uint64_t digest,
            const uint8_t *octets,
            size_t length)
{
    const fb_lma_layout *layout = layout_of(lma, digest);

    return digest == digest_of(digest_of_message(octets, length, layout->timestamp_at),
                               fb_session_fingerprint(&lma->sessions, session),
                               layout,
                               digest & LAYOUT_BITS);
}

/** The message's own length; 0: it is no update that could be known, or is damaged. */
static size_t
length_of_update(const fb_meta *meta, const uint8_t *octets, size_t length)
{
    size_t said = ((size_t)octets[HEADER_LEN_AT] + 1) * UNIT;

    return meta->src.family == FB_FAMILY_IPV6 && said > OPTIONS_AT && said <= length &&
                   fb_load_u16(octets + CHECKSUM_AT) ==
                       fb_mh_checksum(&meta->src, &meta->dst, octets, said)
               ? said
               : 0;
}

/** What the functions that act on updates need to know of one that need not be read. */
static void
open_gate(fb_lma_gate *gate,
          fb_mh_message *message,
          const fb_lma_layout *layout,
          const fb_meta *meta,
          const uint8_t *octets)
{
    const fb_binding *own = gate->own;

    message->fixed = (fb_mh_fixed){.type = FB_MH_BINDING_UPDATE,
                                   .sequence = fb_load_u16(octets + SEQUENCE_AT),
                                   .flags = fb_load_u16(octets + FLAGS_AT),
                                   .lifetime = fb_load_u16(octets + LIFETIME_AT)};
    fb_mobility_options_clear(&message->options);
    message->options.present = UINT64_C(1) << FB_OPTION_TIMESTAMP;
    message->options.timestamp = fb_load_u64(octets + layout->timestamp_at);
    message->options.flow_count = layout->flow_count;
    message->options.mobile_node.value = (fb_octets){octets + layout->name_at, layout->name_length};
    gate->message = message;
    gate->options = &message->options;
    gate->meta = meta;
    gate->source = &meta->src;
    gate->care_of = meta->src;
    gate->held = own;
    gate->bid = own->bid;
    gate->number = own->care_of_address;
    gate->end = own->care_of_address;
    gate->multipath = true;
    gate->identified = true;
    gate->same_gateway = true;
    gate->refreshes = true;
    gate->repeats = true;
    gate->keeps_home = true;
}

/** Renews the binding; the answer is there already. */
static void
renew(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    fb_lma_tell_update(lma, gate, now);
    fb_lma_renew(lma, gate, now);
    if (gate->options->flow_count > 0)
    {
        fb_session_flows_reaffirmed(&lma->sessions,
                                    gate->session,
                                    gate->options->mobile_node.value,
                                    now);
    }
}

/** Whether it comes from where the binding is. */
static bool
may_renew(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;

    return sessions->session[gate->session].association == gate->meta->security_association &&
           fb_care_of_is(&sessions->care_of, gate->own->care_of_address, &gate->meta->src, 0);
}

bool
fb_lma_repeat(fb_lma *lma,
              fb_lma_expected *expected,
              const fb_meta *meta,
              const uint8_t *octets,
              size_t length,
              fb_time now)
{
    const fb_session_cache *sessions = &lma->sessions;
    size_t said = expected->named ? length_of_update(meta, octets, length) : 0;
    fb_lma_reply *reply = &lma->reply;
    const fb_lma_layout *layout;
    uint64_t digest;
    fb_mh_message message;
    fb_lma_gate gate;
    uint16_t lifetime;

    if (expected->named)
    {
        expected->session = fb_session_expected(sessions, expected->guess, expected->prefix);
    }
    if (said == 0 || expected->session == FB_SESSION_NONE)
    {
        return false;
    }
    fb_clear(&gate, sizeof gate);
    gate.session = expected->session;
    gate.own = likely_binding(lma, gate.session, octets);
    if (gate.own == NULL)
    {
        return false;
    }
    digest = *fb_session_repeat(sessions, gate.own);
    layout = layout_of(lma, digest);
    fb_session_expect_owners(sessions, gate.session, gate.own, layout->flow_count > 0);
    if (!is_repeated(lma, gate.session, digest, octets, said))
    {
        return false;
    }
    open_gate(&gate, &message, layout, meta, octets);
    gate.node = sessions->session[gate.session].node;
    gate.gateway = sessions->session[gate.session].gateway;
    lifetime = fb_lma_granted_s(lma, &gate) / FB_MH_LIFETIME_UNIT_S;
    if (fb_lma_check_timestamp(lma, &gate, now) != FB_REASON_NONE)
    {
        return false; /* it is answered as any other */
    }
    /* Composed at once, for which nothing has to come from far, and sent only if it may */
    reply->meta = fb_lma_meta_back(meta);
    said = compose(reply->octets, sizeof reply->octets, layout, octets, &reply->meta, lifetime);
    fb_lma_note_sent(lma, &gate, lifetime, now);
    if (!may_renew(lma, &gate))
    {
        return false;
    }
    renew(lma, &gate, now);
    reply->length = (uint16_t)said;
    lma->repeats++;
    return true;
}
