/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/tunnel_error.h"

#include <string.h>

#include "flowbind/reason.h"

fb_tunnel_ends
fb_tunnel_error_ends(const fb_icmp_error *error)
{
    return (fb_tunnel_ends){.source = error->source,
                            .destination = error->destination,
                            .destination_port = error->destination_port};
}

bool
fb_tunnel_error_is_tunnelled(const fb_icmp_error *error)
{
    return error->protocol == FB_PROTOCOL_IPV4 || error->protocol == FB_PROTOCOL_IPV6 ||
           error->protocol == FB_PROTOCOL_GRE || error->protocol == FB_PROTOCOL_UDP;
}

int
fb_tunnel_error_note(fb_tunnel_states *states, const fb_icmp_error *error, fb_time now)
{
    fb_tunnel_ends ends = fb_tunnel_error_ends(error);

    if (error->trouble == FB_TROUBLE_UNREACHABLE)
    {
        fb_tunnel_state_unreachable(states, &ends, now);
        return FB_REASON_NONE;
    }
    if (error->trouble != FB_TROUBLE_TOO_BIG || error->mtu >= error->length)
    {
        return FB_DROP_NOT_EXPECTED; /* it would have fitted */
    }
    fb_tunnel_state_too_big(states, &ends, error->mtu, now);
    return FB_REASON_NONE;
}

/** RFC 2473 8.2, 8.3, RFC 2003 4.1: a "link problem" to an IPv6 source, Host Unreachable to an IPv4 one. */
static int
refuse_unreachable(const fb_flow *flow, fb_tunnel_entry *entry)
{
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;

    entry->icmp_type = is_ipv6 ? FB_ICMPV6_UNREACHABLE : FB_ICMP_UNREACHABLE;
    entry->icmp_code = is_ipv6 ? FB_ICMPV6_ADDRESS_UNREACHABLE : FB_ICMP_HOST_UNREACHABLE;
    return FB_DROP_TUNNEL_UNREACHABLE;
}

/**
 * RFC 2003 5.1, RFC 4213 3.2.2, RFC 2473 7: the tunnel's MTU without the headers, @p room, is what the source is told;
 * an IPv6 packet is never refused below 1280 octets, but fragmented outside.
 */
static int
refuse_too_big(const fb_flow *flow, size_t total, uint32_t room, fb_tunnel_entry *entry)
{
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;
    uint32_t least = is_ipv6 ? FB_TUNNEL_MTU_MIN_IPV6 : FB_TUNNEL_MTU_MIN;
    uint32_t most = room > least ? room : least;

    if (total <= most || (!is_ipv6 && !flow->dont_fragment))
    {
        return FB_REASON_NONE;
    }
    entry->icmp_type = is_ipv6 ? FB_ICMPV6_TOO_BIG : FB_ICMP_UNREACHABLE;
    entry->icmp_code = is_ipv6 ? 0 : FB_ICMP_TOO_BIG;
    entry->icmp_value = (uint16_t)most;
    return FB_DROP_TOO_BIG;
}

/** What an outer packet of @p mtu octets has room for behind @p overhead of them. */
static uint32_t
room_in(uint32_t mtu, size_t overhead)
{
    return mtu > overhead ? (uint32_t)(mtu - overhead) : 0;
}

/** Whether so much of it is quoted that its source knows it again: its header, of IPv4 8 octets more (RFC 792). */
static bool
is_recognizable(const fb_icmp_error *error, fb_flow *inner)
{
    return error->inner != NULL &&
           fb_flow_read(inner,
                        error->inner,
                        error->inner_length,
                        FB_IPV6_HEADER + FB_IPV6_PAYLOAD_MAX) &&
           (inner->family == FB_FAMILY_IPV6 || error->inner_length >= inner->header_length + 8u);
}

bool
fb_tunnel_error_relay(const fb_icmp_error *error, fb_flow *inner, fb_tunnel_entry *told)
{
    *told = (fb_tunnel_entry){0};
    if (!is_recognizable(error, inner))
    {
        return false;
    }
    if (error->trouble == FB_TROUBLE_UNREACHABLE)
    {
        return refuse_unreachable(inner, told) != FB_REASON_NONE;
    }
    return error->trouble == FB_TROUBLE_TOO_BIG &&
           refuse_too_big(inner, inner->length, room_in(error->mtu, error->overhead), told) !=
               FB_REASON_NONE;
}

int
fb_tunnel_admit(const fb_tunnel_states *states,
                const fb_tunnel_ends *ends,
                uint32_t overhead,
                fb_flow *flow,
                size_t total,
                fb_tunnel_entry *entry,
                fb_time now)
{
    const fb_tunnel_state *state = fb_tunnel_state_find(states, ends, now);
    uint32_t room;
    int reason;

    *entry = (fb_tunnel_entry){0};
    if (state == NULL)
    {
        return FB_REASON_NONE;
    }
    if (state->unreachable_until > now)
    {
        return refuse_unreachable(flow, entry);
    }
    room = room_in(state->mtu, overhead);
    reason = refuse_too_big(flow, total, room, entry);
    if (reason == FB_REASON_NONE && flow->family == FB_FAMILY_IPV6)
    {
        flow->dont_fragment = flow->dont_fragment && room >= FB_TUNNEL_MTU_MIN_IPV6;
    }
    return reason;
}

uint32_t
fb_tunnel_path_mtu(const fb_tunnel_states *states,
                   const fb_tunnel_ends *ends,
                   uint32_t otherwise,
                   fb_time now)
{
    const fb_tunnel_state *state = fb_tunnel_state_find(states, ends, now);

    return state != NULL && state->mtu_until > now && (otherwise == 0 || state->mtu < otherwise)
               ? state->mtu
               : otherwise;
}

int
fb_tunnel_enter_ipv6(const fb_tunnel_states *states,
                     fb_action *action,
                     uint8_t tunnel,
                     const fb_outer_ipv6 *outer,
                     const fb_flow *inner,
                     const fb_packet *packet,
                     fb_tunnel_entry *entry,
                     fb_time now)
{
    fb_tunnel_ends ends = {.source.family = FB_FAMILY_IPV6, .destination.family = FB_FAMILY_IPV6};
    fb_outer_ipv6 known = *outer;
    const fb_tunnel_state *state;

    if (states->trouble_until <= now)
    {
        return fb_encapsulate_ipv6(action, tunnel, outer, inner, packet, entry);
    }
    memcpy(ends.source.octet, outer->source, sizeof ends.source.octet);
    memcpy(ends.destination.octet, outer->destination, sizeof ends.destination.octet);
    state = fb_tunnel_state_find(states, &ends, now);
    if (state != NULL && state->unreachable_until > now)
    {
        *entry = (fb_tunnel_entry){0};
        return refuse_unreachable(inner, entry);
    }
    known.path_mtu = fb_tunnel_path_mtu(states, &ends, outer->path_mtu, now);
    return fb_encapsulate_ipv6(action, tunnel, &known, inner, packet, entry);
}
