/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_FUZZ_PROXY_STEPS_H
#define FB_TEST_FUZZ_PROXY_STEPS_H

/** @file What the programs for gateways and anchors share: paths, Mobility Headers that look current, packets. */

#include "steps.h"
#include "wire/ipv4.h"
#include "wire/mobility_header.h"

#define FUZZ_PATHS 4
#define FUZZ_OPTIONS_AT 12 /* of an update and of an acknowledgement */

/** How a message is made to look as if it belonged here. */
enum
{
    FUZZ_PATH = 3, /* number of the path; 3 is the IPv4 one */
    FUZZ_CURRENT = 4, /* Timestamp: now */
    FUZZ_SEALED = 8, /* the checksum is right */
    FUZZ_ANSWER = 16 /* Sequence Number and Timestamp of the update that was sent last */
};

/** Proxy care-of address of path @p path. */
static inline fb_addr
fuzz_path_address(unsigned path)
{
    static const uint8_t group[FUZZ_PATHS] = {8, 4, 3};
    fb_addr address = {.family = FB_FAMILY_IPV6, .octet = {0x20, 0x01, 0x0d, 0xb8}};

    if (path == 3)
    {
        return fb_addr_from_ipv4(0xcb00715a);
    }
    address.octet[5] = group[path];
    address.octet[15] = 1;
    return address;
}

static inline fb_addr
fuzz_anchor_address(bool ipv4)
{
    fb_addr address = fuzz_path_address(0);

    address.octet[5] = 15;
    return ipv4 ? fb_addr_from_ipv4(0xc0000235) : address;
}

static inline fb_nai
fuzz_nai(const char* text)
{
    fb_nai nai = {.length = (uint8_t)strlen(text)};

    memcpy(nai.text, text, nai.length);
    return nai;
}

/** Where the body of the first option of this type is; 0: there is none of this length. */
static inline size_t
fuzz_option(const uint8_t* message, size_t length, uint8_t type, uint8_t wanted)
{
    for (size_t at = FUZZ_OPTIONS_AT; at + 1 < length;
         at += message[at] == 0 ? 1 : 2u + message[at + 1])
    {
        if (message[at] == type && message[at + 1] == wanted && at + 2 + wanted <= length)
        {
            return at + 2;
        }
    }
    return 0;
}

/** RFC 5213 8.8: 48 bits of seconds since 1970, 16 of their fraction. */
static inline uint64_t
fuzz_proxy_timestamp(const fuzz_agent* a, uint32_t step)
{
    uint64_t wall_ns = a->clock_ns + a->now;

    return (wall_ns / FB_SECOND << 16 | (wall_ns % FB_SECOND << 16) / FB_SECOND) + step;
}

static inline void
fuzz_mobility_seal(uint8_t* message,
                   size_t length,
                   const fb_addr* source,
                   const fb_addr* destination)
{
    if (length >= 8)
    {
        fuzz_put(message + 4, fb_mh_checksum(source, destination, message, length), 2);
    }
}

/** Lets time pass, and the agent do what there is to do then. */
static inline void
fuzz_proxy_time(fuzz_agent* a, fb_time duration, void (*drain)(void*), void* context)
{
    unsigned busy = 0;

    a->now += duration;
    while (fb_agent_next_timeout(a->agent) <= a->now)
    {
        FUZZ_CHECK(fb_agent_handle_timeout(a->agent, 2, a->now) == FB_OK);
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
        drain(context);
    }
}

/** Checks a message the agent sent: it can be read, and goes between addresses of one family. */
static inline void
fuzz_proxy_check_sent(const fb_meta* meta, const uint8_t* octets, size_t length)
{
    fb_mh_message message;

    if (meta->protocol == FB_PROTOCOL_ICMPV6 || meta->protocol == FB_PROTOCOL_ICMP)
    {
        return;
    }
    FUZZ_CHECK(meta->src.family == meta->dst.family);
    FUZZ_CHECK(meta->protocol == (meta->src.family == FB_FAMILY_IPV6 ? 135 : 17));
    FUZZ_CHECK(length % 8 == 0 && length <= 1500);
    FUZZ_CHECK(fb_mh_walk(&message, &meta->src, &meta->dst, octets, length) == FB_REASON_NONE);
}

/** Mixes everything that can be seen of sessions, bindings and rules into a digest; checks each of them. */
static inline uint64_t
fuzz_proxy_state(const fuzz_agent* a, uint8_t role, size_t* bindings)
{
    uint64_t digest = 0;
    fb_session_view session;
    fb_proxy_view view;
    fb_rule rule;

    *bindings = 0;
    for (size_t i = 0; fb_agent_session(a->agent, role, i, &session); i++)
    {
        FUZZ_CHECK(i < a->config.limits.sessions && session.session != 0);
        FUZZ_CHECK(session.home.count <= FB_NETWORKS_MAX &&
                   session.delegated.count <= FB_NETWORKS_MAX);
        fuzz_mix(&digest,
                 (uint64_t)session.session << 8 | (uint64_t)session.multipath << 1 | session.grace);
        for (size_t k = 0; fb_agent_proxy_binding(a->agent, role, session.session, k, &view); k++)
        {
            FUZZ_CHECK(k < 255 && view.state <= FB_BINDING_STANDBY);
            fuzz_mix(&digest, (uint64_t)view.ref.bid << 8 | view.state);
            fuzz_mix(&digest, view.expires);
            fuzz_mix(&digest, (uint64_t)view.key_up << 32 | view.key_down);
            *bindings += 1;
        }
        for (size_t k = 0; fb_agent_session_rule(a->agent, role, session.session, k, &rule); k++)
        {
            FUZZ_CHECK(k < FB_RULES_MAX && rule.bid_count >= 1 &&
                       rule.bid_count <= FB_BIDS_PER_RULE);
            FUZZ_CHECK(fb_selector_check(&rule.selector) == FB_REASON_NONE);
            fuzz_mix(&digest, (uint64_t)rule.action << 8 | rule.bid[0]);
        }
    }
    return digest;
}

/** What the outer header of a packet says: an octet with the number of the path, and which protocol. */
static inline fb_meta
fuzz_take_outer(fuzz_program* program, bool to_anchor)
{
    static const uint8_t protocols[8] = {41, 4, 47, 17, 60, 55, 17, 0};
    uint32_t how = fuzz_take(program, 1);
    unsigned path = how & FUZZ_PATH;
    fb_addr gateway = fuzz_path_address(path), anchor = fuzz_anchor_address(path == 3);
    fb_meta meta = {.src = to_anchor ? gateway : anchor,
                    .dst = to_anchor ? anchor : gateway,
                    .protocol = protocols[how >> 2 & 7],
                    .ttl = 60,
                    .tos = (uint8_t)(how >> 5 & 3)};

    meta.sport = meta.dport = (how >> 2 & 7) == 3 ? FB_PMIP_DATA_PORT : FB_MIP4_PORT;
    return meta;
}

/** A packet that leaves (@p outer NULL) or came out of a tunnel: it comes back once. Its last action. */
static inline fb_action
fuzz_proxy_packet(fuzz_agent* a, fuzz_program* program, const fb_meta* outer)
{
    uint32_t longer = fuzz_take(program, 1);
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* copy = fuzz_copy(octets, length);
    fb_packet packet = {.packet = 7,
                        .header = copy,
                        .header_len = length,
                        .total_len = length + (size_t)longer * longer};
    fb_action action, more;
    unsigned copies = 0;

    FUZZ_CHECK((outer != NULL ? fb_agent_receive(a->agent, outer, &packet, a->now)
                              : fb_agent_steer(a->agent, (fb_ref){0}, &packet, a->now)) == FB_OK);
    do
    {
        FUZZ_CHECK(fb_agent_poll_action(a->agent, &action, a->now));
        FUZZ_CHECK(action.packet == 7 && action.outer_len <= FB_OUTER_MAX &&
                   action.strip <= packet.total_len);
        FUZZ_CHECK(action.last == (action.kind != FB_COPY) && copies++ < FB_BIDS_PER_RULE);
        FUZZ_CHECK(action.reason < FB_REASON_COUNT &&
                   (action.kind == FB_DROP_PACKET) == (action.reason != 0));
        FUZZ_CHECK(action.mtu == 0 || action.mtu >= 1280);
    }
    while (!action.last);
    FUZZ_CHECK(!fb_agent_poll_action(a->agent, &more, a->now));
    free(copy);
    return action;
}

#endif
