/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_FUZZ_PROXY_STEPS_H
#define FB_TEST_FUZZ_PROXY_STEPS_H

/** @file What the programs for a gateway and for an anchor share: Mobility Headers, packets, and what must hold. */

#include "base/octets.h"
#include "steer/steering.h"
#include "steps.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/mobility_header.h"

#define PROXY_ANCHOR_IPV4 0xc0000235u /* 192.0.2.53 */
#define PROXY_PATHS 4

enum
{
    /* the sequence number and timestamp make it the newest message, or an answer to the last one */
    PROXY_CURRENT = 1,
    PROXY_SEALED = 2, /* the length and checksum are right */
    PROXY_TWICE = 4,
    PROXY_OVER = 24 /* two bits: over which path */
};

/** 2001:db8:<group>::1 */
static inline fb_addr
proxy_fuzz_address(uint8_t group)
{
    fb_addr address = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, group}};

    address.octet[15] = 1;
    return address;
}

/** A care-of address of the gateway: three of IPv6, one of IPv4, as the vectors have them. */
static inline fb_addr
proxy_fuzz_care_of(uint32_t path)
{
    static const uint8_t group[] = {0x08, 0x04, 0x03};

    return path < 3 ? proxy_fuzz_address(group[path]) : fb_addr_from_ipv4(0xcb00715au);
}

static inline fb_addr
proxy_fuzz_anchor(uint32_t path)
{
    return path < 3 ? proxy_fuzz_address(0x0f) : fb_addr_from_ipv4(PROXY_ANCHOR_IPV4);
}

static inline fb_nai
proxy_fuzz_nai(const char* text, uint32_t number)
{
    fb_nai nai = {.length = (uint8_t)strlen(text)};

    memcpy(nai.text, text, nai.length);
    nai.text[2] = (char)(nai.text[2] + (char)number);
    return nai;
}

/** What a Mobility Header between the two travels in; @p up: toward the anchor. */
static inline fb_meta
proxy_fuzz_meta(uint32_t path, bool up)
{
    fb_addr gateway = proxy_fuzz_care_of(path), anchor = proxy_fuzz_anchor(path);
    fb_meta meta = {.src = up ? gateway : anchor,
                    .dst = up ? anchor : gateway,
                    .link = up ? 0 : path + 1,
                    .protocol = path < 3 ? FB_PROTOCOL_MOBILITY : FB_PROTOCOL_UDP};

    meta.sport = meta.dport = path < 3 ? 0 : FB_PMIP_CONTROL_PORT;
    return meta;
}

/** Makes Header Len and checksum of @p length octets right, which is at least 6. */
static inline void
proxy_fuzz_seal(const fb_meta* meta, uint8_t* octets, size_t length)
{
    uint32_t sum = (uint32_t)length + FB_PROTOCOL_MOBILITY;

    octets[1] = (uint8_t)(length / 8 - 1);
    fb_store_u16(octets + 4, 0);
    if (meta->src.family == FB_FAMILY_IPV6)
    {
        sum = fb_checksum_add(sum, meta->src.octet, 16);
        sum = fb_checksum_add(sum, meta->dst.octet, 16);
        fb_store_u16(octets + 4, fb_checksum_finish(fb_checksum_add(sum, octets, length)));
    }
}

/** The body of the first Timestamp option (27) of a message, 8 octets; NULL. */
static inline uint8_t*
proxy_fuzz_timestamp(uint8_t* octets, size_t length)
{
    size_t at = 12;

    while (at + 2 <= length)
    {
        size_t whole = octets[at] == 0 ? 1 : 2u + octets[at + 1];

        if (octets[at] == 27 && whole == 10 && at + whole <= length)
        {
            return octets + at + 2;
        }
        at += whole;
    }
    return NULL;
}

/** RFC 5213 8.8: seconds and 65536ths of the wall clock. */
static inline uint64_t
proxy_fuzz_clock(const fuzz_agent* a)
{
    uint64_t wall_ns = a->clock_ns + a->now;

    return wall_ns / FB_SECOND << 16 | (wall_ns % FB_SECOND << 16) / FB_SECOND;
}

/** What the agent sends can be read, but for an option that is sent back because it is wrong (D8-03). */
static inline void
proxy_fuzz_check_sent(const fb_meta* meta, const uint8_t* octets, size_t length)
{
    fb_mh_message message;
    int reason;

    if (meta->protocol == FB_PROTOCOL_IPV4 || meta->protocol == FB_PROTOCOL_IPV6 ||
        meta->protocol == FB_PROTOCOL_GRE || meta->dport == FB_PMIP_DATA_PORT)
    {
        FUZZ_CHECK(length >= 28); /* an echo in a tunnel */
        return;
    }
    if (meta->protocol != FB_PROTOCOL_MOBILITY && meta->protocol != FB_PROTOCOL_UDP)
    {
        FUZZ_CHECK(meta->protocol == FB_PROTOCOL_ICMP || meta->protocol == FB_PROTOCOL_ICMPV6);
        return;
    }
    reason = fb_mh_walk(&message, &meta->src, &meta->dst, octets, length);
    FUZZ_CHECK(reason == FB_REASON_NONE || (octets[2] == FB_MH_BINDING_ACKNOWLEDGEMENT &&
                                            octets[6] >= 128 && fb_reason_pba_status(reason) != 0));
}

/** All actions of one packet; returns the last. */
static inline fb_action
proxy_fuzz_actions(fuzz_agent* a, fb_handle packet)
{
    fb_action action;
    unsigned copies = 0;

    for (;;)
    {
        FUZZ_CHECK(fb_agent_poll_action(a->agent, &action, a->now));
        FUZZ_CHECK(action.packet == packet && action.outer_len <= FB_OUTER_MAX);
        FUZZ_CHECK(action.reason < FB_REASON_COUNT &&
                   (action.kind == FB_DROP_PACKET) == (action.reason != 0));
        FUZZ_CHECK(action.last == (action.kind != FB_COPY));
        if (action.last)
        {
            break;
        }
        FUZZ_CHECK(++copies < FB_BIDS_PER_RULE);
    }
    FUZZ_CHECK(!fb_agent_poll_action(a->agent, &(fb_action){0}, a->now));
    return action;
}

/** An octet: bits 0 and 1 the path, 2 to 4 what of the header is there; then a packet that has to leave. */
static inline void
proxy_fuzz_steer(fuzz_agent* a, fuzz_program* program, bool has_sessions)
{
    uint32_t how = fuzz_take(program, 1);
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* copy = fuzz_copy(octets, length);
    fb_ref from = {.session = has_sessions ? how >> 6 : 0};
    fb_packet packet = {.packet = 7,
                        .header = copy,
                        .header_len = length,
                        .total_len = length + (how >> 2 & 7) * 200};
    fb_action action;

    FUZZ_CHECK(fb_agent_steer(a->agent, from, &packet, a->now) == FB_OK);
    action = proxy_fuzz_actions(a, 7);
    FUZZ_CHECK(action.kind != FB_DELIVER);
    free(copy);
}

/** The same with a packet out of a tunnel, whose protocol is the next octet. */
static inline void
proxy_fuzz_receive(fuzz_agent* a, fuzz_program* program, bool at_anchor)
{
    uint32_t how = fuzz_take(program, 1);
    fb_meta outer = proxy_fuzz_meta(how & 3, at_anchor);
    size_t length;
    const uint8_t* octets;
    uint8_t* copy;
    fb_packet packet = {.packet = 8};
    fb_action action;

    outer.protocol = (uint8_t)fuzz_take(program, 1);
    outer.tos = (uint8_t)(how >> 5);
    outer.sport = outer.dport = outer.protocol == FB_PROTOCOL_UDP ? FB_PMIP_DATA_PORT : 0;
    octets = fuzz_take_octets(program, &length);
    copy = fuzz_copy(octets, length);
    packet.header = copy;
    packet.header_len = length;
    packet.total_len = length + (how >> 2 & 7) * 200;
    FUZZ_CHECK(fb_agent_receive(a->agent, &outer, &packet, a->now) == FB_OK);
    action = proxy_fuzz_actions(a, 8);
    FUZZ_CHECK(action.kind != FB_SEND);
    free(copy);
}

/** What can be seen of the role's sessions, mixed into a number; each of them checked. */
static inline uint64_t
proxy_fuzz_state(const fuzz_agent* a, uint8_t role)
{
    uint64_t digest = 0;
    fb_session_view session;
    fb_proxy_view binding;
    fb_rule rule;

    for (size_t i = 0; fb_agent_session(a->agent, role, i, &session); i++)
    {
        FUZZ_CHECK(i < a->config.limits.sessions && session.home.count <= FB_NETWORKS_MAX);
        fuzz_mix(&digest, (uint64_t)session.session << 8 | session.multipath);
        fuzz_mix(&digest, session.home_address);
        for (size_t k = 0; k < session.home.count; k++)
        {
            fuzz_mix(&digest, fb_load_u64(session.home.prefix[k].address.octet));
        }
        for (size_t k = 0; fb_agent_proxy_binding(a->agent, role, session.session, k, &binding);
             k++)
        {
            FUZZ_CHECK(k < 255 && binding.state <= FB_BINDING_STANDBY);
            FUZZ_CHECK(binding.state != FB_BINDING_UP || binding.expires > a->now);
            FUZZ_CHECK(binding.ref.session == session.session);
            fuzz_mix(&digest, (uint64_t)binding.ref.bid << 16 | binding.state << 8 | binding.label);
            fuzz_mix(&digest, binding.expires);
        }
        for (size_t k = 0; fb_agent_session_rule(a->agent, role, session.session, k, &rule); k++)
        {
            FUZZ_CHECK(k < FB_RULES_MAX && fb_rule_usable(&rule));
            fuzz_mix(&digest, (uint64_t)rule.action << 16 | rule.bid_count << 8 | rule.bid[0]);
        }
    }
    return digest;
}

#endif
