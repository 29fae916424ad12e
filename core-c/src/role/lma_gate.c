/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include <string.h>

/*
 * RFC 5213 5.3.1, whose order has to be kept (B5213-06): authentication is the host's and IPsec's, the framing was
 * checked when the message was read. One function for each of the steps that follow.
 */

/** What is wrong with option 63 is no step of RFC 5213 and comes after all of those (state machine 4.5). */
static bool
is_about_multipath(int wrong)
{
    return wrong == FB_DROP_MULTIPATH_LENGTH || wrong == FB_DROP_BID_RESERVED ||
           wrong == FB_DROP_BULK_AND_OVERWRITE;
}

/* 2: the message as such (B5213-03, D8-22) */
static int
check_options(const fb_lma *lma, fb_lma_gate *gate)
{
    if (lma->config.legacy)
    {
        /* R8278-4.4-06: who does not know the options skips them, whatever is in them and however often they come */
        gate->wrong = gate->options->wrong_but_for_multipath;
    }
    if (gate->wrong == FB_REASON_NONE || gate->wrong == FB_DROP_PBU_IPV4_ADDRESSES)
    {
        return FB_REASON_NONE;
    }
    return is_about_multipath(gate->wrong) ? FB_REASON_NONE : gate->wrong;
}

/* 4, 160 */
static int
check_identifier(const fb_lma_gate *gate)
{
    return fb_gate_has(gate, FB_OPTION_MOBILE_NODE_IDENTIFIER) &&
                   gate->options->mobile_node.value.length > 0
               ? FB_REASON_NONE
               : FB_DROP_PBU_NO_IDENTIFIER;
}

/** Whether updates may come from a gateway nobody named: any may, or one that was named may be anywhere. */
static bool
admits_strangers(const fb_lma *lma, bool identified)
{
    return lma->config.any_gateway || (!identified && lma->sessions.gateways.open > 0);
}

/** The gateway of an update that does not name it: by association or source, or the address itself is its name. */
static uint32_t
nameless_gateway(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    uint32_t found = fb_gateways_find_origin(&sessions->gateways,
                                             gate->source,
                                             gate->meta->security_association);

    if (found == FB_GATEWAY_NONE && gate->number != FB_CARE_OF_NONE)
    {
        found = fb_lma_owner(lma, gate->number);
    }
    return found != FB_GATEWAY_NONE ? found
                                    : fb_gateways_find_address(&sessions->gateways, &gate->care_of);
}

/** Whether it only names, as its alternate one, an address that another gateway has registered from (C8-12). */
static bool
claims_address_of_another(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    uint32_t owner;

    if (gate->number == FB_CARE_OF_NONE ||
        memcmp(gate->source, &gate->care_of, sizeof gate->care_of) == 0)
    {
        return false;
    }
    owner = fb_lma_owner(lma, gate->number);
    return owner != FB_GATEWAY_NONE && owner != gate->gateway &&
           fb_gateways_is_told(&sessions->gateways, owner);
}

/** The gateway that an update names. */
static uint32_t
named_gateway(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_identifier *identifier = &gate->options->gateway;

    if (gate->likely != FB_SESSION_NONE)
    {
        uint32_t likely = sessions->session[gate->likely].gateway;

        if (fb_gateways_is(&sessions->gateways, likely, identifier))
        {
            return likely;
        }
    }
    return fb_gateways_find(&sessions->gateways, identifier);
}

/** The mobile node that it names. */
static uint32_t
named_node(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_identifier *identifier = &gate->options->mobile_node;

    if (gate->likely != FB_SESSION_NONE)
    {
        uint32_t likely = sessions->session[gate->likely].node;

        if (fb_sessions_is_node(sessions, likely, identifier))
        {
            return likely;
        }
    }
    return fb_sessions_find_node(sessions, identifier);
}

/* 5, 6, 154: D8-36 */
static int
check_gateway(const fb_lma *lma, fb_lma_gate *gate)
{
    const fb_gateways *gateways = &lma->sessions.gateways;
    uint32_t association = gate->meta->security_association;
    uint32_t owner = fb_gateways_find_association(gateways, association);

    gate->gateway = gate->identified ? named_gateway(lma, gate) : nameless_gateway(lma, gate);
    if ((owner != FB_GATEWAY_NONE && owner != gate->gateway) ||
        claims_address_of_another(lma, gate))
    {
        return FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED; /* one gateway speaks for another */
    }
    if (gate->gateway == FB_GATEWAY_NONE || !fb_gateways_is_told(gateways, gate->gateway))
    {
        return admits_strangers(lma, gate->identified) ? FB_REASON_NONE
                                                       : FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED;
    }
    return fb_gateways_origin_fits(gateways, gate->gateway, gate->source, association) &&
                   fb_gateways_origin_fits(gateways, gate->gateway, &gate->care_of, association)
               ? FB_REASON_NONE
               : FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED;
}

/** What the mobile node may; one that came by itself may everything. */
static uint8_t
rights_of(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_proxy_node *node = gate->node == FB_NODE_NONE ? NULL : &lma->sessions.node[gate->node];

    return node != NULL && (node->rights & FB_PROXY_CONFIGURED) != 0 ? node->rights : UINT8_MAX;
}

/* 7, 153; 8, 152 */
static int
check_node(const fb_lma *lma, fb_lma_gate *gate)
{
    gate->node = named_node(lma, gate);
    gate->rights = rights_of(lma, gate);
    if ((gate->node == FB_NODE_NONE ||
         (lma->sessions.node[gate->node].rights & FB_PROXY_CONFIGURED) == 0) &&
        !lma->config.any_subscriber)
    {
        return FB_DROP_PBU_NODE_UNKNOWN;
    }
    return (gate->rights & FB_PROXY_SERVICE) != 0 ? FB_REASON_NONE : FB_DROP_PBU_SERVICE_DISABLED;
}

/** D8-16, C8-08: an update for one path is compared with those for that path, one for more than it with all. */
static uint8_t
scope_of(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_multipath_binding *multipath = &gate->options->multipath;
    /* D8-03: 255 is no path's, and not that of all here: it is refused for what it says, as 0 is */
    uint8_t bid = gate->bid == FB_BID_ALL ? FB_BID_PLAIN : gate->bid;

    if (!gate->multipath || gate->deregisters || multipath->bulk || multipath->overwrite ||
        lma->config.sequence_per_session)
    {
        return FB_BID_ALL;
    }
    if (gate->session == FB_SESSION_NONE)
    {
        return bid; /* of two sent at the same time either may begin the session (D8-23) */
    }
    /* D8-15: what takes the place of another path is about both */
    return (gate->held != NULL && gate->held->bid != gate->bid) || gate->leaves_flow_out ||
                   (fb_lma_takes_flows(lma) && gate->options->flow_count > 0) ||
                   !gate->same_gateway || fb_lma_changes_prefixes(lma, gate)
               ? FB_BID_ALL
               : bid;
}

/**
 * RFC 5213 5.5-6: of what begins a session, the greatest of all that were accepted for the mobile node; 0: none were.
 * For one path its session would have been found, and one for another interface may overtake it (D8-23).
 */
static uint64_t
latest_of_node(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_proxy_node *node = gate->node == FB_NODE_NONE ? NULL : &sessions->node[gate->node];
    uint64_t latest = node == NULL ? 0 : node->floor;
    bool all = gate->scope == FB_BID_ALL && !gate->deregisters;

    for (uint32_t at = node == NULL || !all ? FB_SESSION_NONE : node->sessions;
         at != FB_SESSION_NONE;
         at = sessions->session[at].next)
    {
        uint64_t other = fb_cache_latest_identification(&sessions->cache, at, FB_BID_ALL);

        latest = other > latest ? other : latest;
    }
    return latest;
}

/* RFC 5213 5.5, with timestamps. One that is both too old and before another is the latter: item 8 is about it alone */
int
fb_lma_check_timestamp(const fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    uint64_t timestamp = gate->options->timestamp;
    uint64_t own = fb_clock_timestamp(lma->clock, now);
    uint64_t distance = timestamp > own ? timestamp - own : own - timestamp;
    uint64_t window = (uint64_t)lma->config.timestamp_window_ms * 65536 / 1000;
    uint64_t latest;

    gate->scope = scope_of(lma, gate);
    latest = gate->session == FB_SESSION_NONE
                 ? latest_of_node(lma, gate)
                 : fb_cache_latest_identification(&lma->sessions.cache, gate->session, gate->scope);
    if (latest != 0 && timestamp <= latest)
    {
        return FB_DROP_PBU_TIMESTAMP_OLD;
    }
    return distance <= window ? FB_REASON_NONE : FB_DROP_PBU_TIMESTAMP;
}

/* ... and with sequence numbers (RFC 6275 9.5.1): one counter for all paths (D8-16); without a session any will do */
static int
check_sequence(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_mobility_session *session = gate->session == FB_SESSION_NONE
                                             ? NULL
                                             : &lma->sessions.session[gate->session];

    if (session == NULL || (session->owner.flags & FB_SESSION_SEQUENCE) == 0)
    {
        return FB_REASON_NONE;
    }
    return (int16_t)(uint16_t)(gate->message->fixed.sequence - session->sequence) > 0
               ? FB_REASON_NONE
               : FB_DROP_PBU_SEQUENCE;
}

/* 9: 156, 157; 135 */
static int
check_order(const fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    return fb_gate_has(gate, FB_OPTION_TIMESTAMP) ? fb_lma_check_timestamp(lma, gate, now)
                                                  : check_sequence(lma, gate);
}

/* 10, 158; RFC 5844 3.1.2.1: 172, 170, 173 */
static int
check_what_is_asked(const fb_lma *lma, const fb_lma_gate *gate)
{
    bool ipv6 = gate->options->home_prefix_count > 0;
    bool ipv4 = lma->config.ipv4 && gate->options->ipv4_request.present;
    uint8_t rights = gate->rights;

    if (!ipv6 && !gate->options->ipv4_request.present)
    {
        return FB_DROP_PBU_NO_PREFIX;
    }
    if (ipv6 && (rights & FB_PROXY_IPV6) == 0)
    {
        return FB_DROP_PBU_IPV6_MOBILITY;
    }
    if (gate->options->ipv4_request.present && (!ipv4 || (rights & FB_PROXY_IPV4) == 0))
    {
        return FB_DROP_PBU_IPV4_MOBILITY;
    }
    return gate->wrong == FB_DROP_PBU_IPV4_ADDRESSES ? FB_DROP_PBU_IPV4_ADDRESSES : FB_REASON_NONE;
}

/* 11, 161; 12, 162 */
static int
check_indicators(const fb_lma_gate *gate)
{
    if (!fb_gate_has(gate, FB_OPTION_HANDOFF_INDICATOR))
    {
        return FB_DROP_PBU_NO_HANDOFF;
    }
    if (!fb_gate_has(gate, FB_OPTION_ACCESS_TECHNOLOGY))
    {
        return FB_DROP_PBU_NO_TECHNOLOGY;
    }
    return gate->options->link_layer.length <= FB_LINK_LAYER_MAX ? FB_REASON_NONE
                                                                 : FB_DROP_MH_OPTION_LENGTH;
}

/* RFC 8278 4.1, 4.4 */
static int
check_multipath(const fb_lma *lma, const fb_lma_gate *gate)
{
    if (is_about_multipath(gate->wrong))
    {
        return gate->wrong; /* D8-01, D8-03 */
    }
    if (!gate->multipath)
    {
        return FB_REASON_NONE;
    }
    if (!gate->identified && lma->config.require_gateway_identifier)
    {
        return FB_DROP_PBU_NO_GATEWAY_IDENTIFIER; /* D8-04 */
    }
    return gate->deregisters || (lma->config.multipath && (gate->rights & FB_PROXY_MULTIPATH) != 0)
               ? FB_REASON_NONE
               : FB_DROP_PBU_MULTIPATH_UNSUPPORTED; /* R8278-4.3-01, R8278-4.4-08 */
}

/* The tunnel: RFC 5844 4.1.3.1, RFC 5845 5.2 */
static int
check_tunnel(const fb_lma *lma, fb_lma_gate *gate)
{
    uint16_t flags = gate->message->fixed.flags;
    bool asks = lma->config.gre && fb_gate_has(gate, FB_OPTION_GRE_KEY);
    bool force = gate->over_ipv4 && (flags & FB_PBU_FORCE_UDP) != 0;
    bool tlv = (flags & FB_PBU_TLV) != 0;

    if (gate->deregisters)
    {
        return FB_REASON_NONE; /* RFC 5845 4.2: it should not have the option */
    }
    if (force && !lma->config.force_udp)
    {
        return FB_DROP_PBU_FORCE_UDP;
    }
    if (!asks && lma->config.gre && lma->config.require_gre)
    {
        return FB_DROP_PBU_GRE_REQUIRED;
    }
    /* RFC 5845 7.1: GRE goes through UDP behind a TLV header only, which is not offered (status 3: without UDP then).
       Who asks for UDP and not for TLV headers gets no GRE (status 2) */
    gate->gre = asks && (!force || tlv);
    gate->keys = gate->gre && gate->options->gre_has_key;
    gate->udp = force && !gate->gre;
    if (asks)
    {
        gate->status = !gate->gre ? FB_PBA_GRE_KEY_NOT_REQUIRED
                       : tlv      ? FB_PBA_GRE_TLV_NOT_SUPPORTED
                                  : FB_PBA_ACCEPTED;
    }
    return FB_REASON_NONE;
}

/**
 * Whether it takes away a binding that is not there any more: sent again from its address, which the session has no
 * more either, since the answer was lost (D8-12). Nothing changes by it, and else it would be sent for ever (C8-03).
 */
static bool
is_gone(const fb_lma_gate *gate)
{
    return gate->multipath && gate->identified && !gate->options->multipath.bulk &&
           gate->own == NULL;
}

/* 13: 5.4.1, and 5.3.5-1 for de-registrations */
static int
check_session(const fb_lma_gate *gate)
{
    if (gate->found != FB_REASON_NONE || !gate->deregisters)
    {
        return gate->found;
    }
    if (gate->session == FB_SESSION_NONE)
    {
        return FB_DROP_PBU_NO_SESSION; /* 5.4.1: silently ignored */
    }
    /* D8-12, C8-03, C8-12: from any address registered in the session, by the same gateway */
    return (gate->held != NULL || is_gone(gate)) && gate->same_gateway
               ? FB_REASON_NONE
               : FB_DROP_PBU_CARE_OF_ADDRESS;
}

/** The number its proxy care-of address will have: in UDP it is told from others by the port. */
static uint32_t
future_number(const fb_lma *lma, const fb_lma_gate *gate)
{
    return gate->port == 0 ? gate->number
                           : fb_care_of_find(&lma->sessions.care_of,
                                             &gate->care_of,
                                             gate->udp ? gate->port : 0);
}

/** Whether it makes a binding where no earlier one goes. */
static bool
adds_binding(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_binding_cache *cache = &lma->sessions.cache;
    bool fresh = gate->session == FB_SESSION_NONE ||
                 fb_cache_node(cache, gate->session)->binding_count == 0;

    if (fresh)
    {
        return true;
    }
    if (gate->own != NULL || !gate->multipath || gate->options->multipath.overwrite ||
        (lma->sessions.session[gate->session].owner.flags & FB_SESSION_GRACE) != 0 ||
        fb_cache_binding(cache, gate->session, FB_BID_PLAIN) != NULL || !gate->same_gateway)
    {
        return false;
    }
    /* D8-15: only what has the very same end of a tunnel goes */
    return (gate->end == FB_CARE_OF_NONE ||
            fb_cache_binding_by_address(cache, gate->session, gate->end) == NULL);
}

/** Whether what it says of the access link finds room. */
static bool
has_room_for_link(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    bool known = gate->session != FB_SESSION_NONE;
    const fb_mobility_session *item = known ? &sessions->session[gate->session] : NULL;
    size_t length = known && gate->link_layer.length == 0 ? item->link_layer_length
                                                          : gate->link_layer.length;
    bool link_local = fb_gate_has(gate, FB_OPTION_LINK_LOCAL_ADDRESS) ||
                      (known && (item->owner.flags & FB_SESSION_LINK_LOCAL) != 0);

    return fb_session_has_room_for_link(sessions, gate->session, length, link_local);
}

/* 130: memory */
static int
check_room(const fb_lma *lma, fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_binding_cache *cache = &sessions->cache;
    bool node = gate->node != FB_NODE_NONE ||
                fb_sessions_has_room_for_node(sessions, gate->options->mobile_node.value.length);
    size_t name = gate->identified ? gate->options->gateway.value.length
                                   : sizeof gate->care_of.octet;
    bool gateway = gate->gateway != FB_GATEWAY_NONE ||
                   fb_gateways_has_room(&sessions->gateways, name);
    bool session = gate->session != FB_SESSION_NONE || cache->nodes.used < cache->nodes.capacity;
    bool care_of, adds, binding;

    gate->end = future_number(lma, gate);
    care_of = gate->end != FB_CARE_OF_NONE || fb_care_of_has_room(&sessions->care_of);
    adds = adds_binding(lma, gate);
    binding = !adds || cache->bindings.used < cache->bindings.capacity;
    if (!node || !gateway || !care_of || !session || !binding || !has_room_for_link(lma, gate))
    {
        return FB_DROP_PBU_RESOURCES;
    }
    return gate->session != FB_SESSION_NONE && adds &&
                   fb_cache_node(cache, gate->session)->binding_count >= cache->bindings_per_node
               ? FB_DROP_PBU_RESOURCES
               : FB_REASON_NONE;
}

/* 4 to 9: who, and when */
static int
check_sender(const fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    int reason = check_identifier(gate);

    if (reason == FB_REASON_NONE)
    {
        reason = check_gateway(lma, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_node(lma, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        /* Found now, since what is older than what depends on it; what is wrong with it is told in its turn */
        fb_lma_find_session(lma, gate, now);
        fb_lma_see_session(lma, gate);
        fb_lma_see_withdrawals(lma, gate);
        reason = check_order(lma, gate, now);
    }
    return reason;
}

/* 10 to 12, and what the later RFCs add */
static int
check_contents(const fb_lma *lma, fb_lma_gate *gate)
{
    int reason = check_what_is_asked(lma, gate);

    if (reason == FB_REASON_NONE)
    {
        reason = check_indicators(gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_multipath(lma, gate);
    }
    return reason == FB_REASON_NONE ? check_tunnel(lma, gate) : reason;
}

int
fb_lma_run_gate(const fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    int reason = check_options(lma, gate);

    if (reason == FB_REASON_NONE)
    {
        reason = check_sender(lma, gate, now);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_contents(lma, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_session(gate);
    }
    if (reason != FB_REASON_NONE || gate->deregisters)
    {
        return reason;
    }
    reason = check_room(lma, gate);
    return reason == FB_REASON_NONE ? fb_lma_check_prefixes(lma, gate) : reason;
}
