/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include "steer/path_view.h"
#include "wire/tunnel_header.h"

#include <string.h>

uint32_t
fb_lma_session_toward(const fb_lma *lma, const fb_flow *flow)
{
    fb_addr ipv4 = fb_addr_from_ipv4(flow->destination);

    return fb_sessions_find_address(&lma->sessions,
                                    flow->family,
                                    flow->family == FB_FAMILY_IPV6 ? flow->destination6
                                                                   : ipv4.octet);
}

bool
fb_lma_session_forwards(const fb_lma *lma, uint32_t session)
{
    return fb_session_exists(&lma->sessions, session) &&
           (lma->sessions.session[session].owner.flags & FB_SESSION_GRACE) == 0;
}

uint32_t
fb_lma_generation(const fb_lma *lma, uint32_t session)
{
    return fb_session_generation(&lma->sessions, session);
}

static const fb_path_metrics *
metrics_of(const fb_lma *lma, const fb_binding *b)
{
    static const fb_path_metrics unknown = {0};
    const fb_path_metrics *metrics = fb_session_metrics(&lma->sessions, b);

    return metrics != NULL ? metrics : &unknown;
}

/** With what the gateway said of it (RFC 5094), else what heartbeats say. */
static fb_path_view
view_path(const fb_lma *lma, const fb_binding *b)
{
    fb_path_metrics metrics = *metrics_of(lma, b);
    const fb_care_of *far_end = &lma->sessions.care_of.item[b->care_of_address];

    fb_path_view view = {
        .bid = b->bid,
        .label = b->label,
        .technology = b->technology,
        .overhead = fb_path_overhead(far_end->address.family, b->tunnel, b->udp_port != 0),
        .numbers = b->tunnel == FB_TUNNEL_GRE};

    fb_path_view_set_label(&view, lma->config.weight, lma->config.weight_count);
    if (metrics.round_trip_us == 0)
    {
        metrics.round_trip_us =
            fb_care_of_heartbeat(&lma->sessions.care_of, b->care_of_address)->round_trip_us;
    }
    fb_path_view_set_quality(&view, fb_path_metrics_estimate(&metrics, false));
    return view;
}

size_t
fb_lma_paths(const fb_lma *lma, uint32_t session, fb_path_view *paths)
{
    const fb_binding_cache *cache = &lma->sessions.cache;
    size_t count = 0;

    for (const fb_binding *b = fb_cache_binding_first(cache, session); b != NULL;
         b = fb_cache_binding_next(cache, b))
    {
        if (fb_session_binding_usable(&lma->sessions, session, b))
        {
            paths[count++] = view_path(lma, b);
        }
    }
    return count;
}

const fb_path_metrics *
fb_lma_metrics(const fb_lma *lma, uint32_t session, uint8_t bid)
{
    const fb_binding *b = fb_cache_binding(&lma->sessions.cache, session, bid);

    return b == NULL ? NULL : metrics_of(lma, b);
}

uint32_t
fb_lma_round_trip_us(const fb_lma *lma, uint32_t session, uint8_t bid)
{
    const fb_binding *b = fb_cache_binding(&lma->sessions.cache, session, bid);

    return b == NULL
               ? 0
               : fb_care_of_heartbeat(&lma->sessions.care_of, b->care_of_address)->round_trip_us;
}

/* ---- rules ---- */

/** RFC 6089 4.3: a flow of which no binding is valid is inactive, and not matched. */
static bool
is_active(const fb_lma *lma, uint32_t session, const fb_rule *rule)
{
    for (size_t i = 0; i < rule->bid_count; i++)
    {
        const fb_binding *b = fb_cache_binding(&lma->sessions.cache, session, rule->bid[i]);

        if (b != NULL && fb_session_binding_usable(&lma->sessions, session, b))
        {
            return true;
        }
    }
    return false;
}

const fb_rule *
fb_lma_rules(const fb_lma *lma, uint32_t session, size_t *count)
{
    fb_lma_rules_cache *cached = lma->rules;
    uint32_t generation = fb_session_generation(&lma->sessions, session);

    if (cached->session != session || cached->generation != generation)
    {
        const fb_flow_list *flows = fb_session_flows(&lma->sessions, session);

        cached->session = session;
        cached->generation = generation;
        cached->count = 0;
        for (size_t i = 0; i < flows->count; i++)
        {
            fb_rule *rule = &cached->rule[cached->count];

            fb_lma_flow_rule(&flows->flow[i].terms, rule);
            cached->count = (uint8_t)(cached->count + is_active(lma, session, rule));
        }
    }
    *count = cached->count;
    return cached->rule;
}

/* ---- tunnels ---- */

static fb_addr
own_address(const fb_lma *lma, uint8_t family)
{
    return family == FB_FAMILY_IPV4 ? fb_addr_from_ipv4(lma->config.address_ipv4)
                                    : lma->config.address;
}

static bool
same_address(const fb_addr *left, const fb_addr *right)
{
    return left->family == right->family &&
           memcmp(left->octet,
                  right->octet,
                  left->family == FB_FAMILY_IPV4 ? 4 : sizeof left->octet) == 0;
}

void
fb_lma_tunnel(const fb_lma *lma, uint32_t session, uint8_t bid, fb_tunnel *tunnel)
{
    const fb_binding *b = fb_cache_binding(&lma->sessions.cache, session, bid);

    memset(tunnel, 0, sizeof *tunnel);
    if (b == NULL)
    {
        return;
    }
    tunnel->remote = lma->sessions.care_of.item[b->care_of_address].address;
    tunnel->local = own_address(lma, tunnel->remote.family);
    tunnel->kind = b->tunnel;
    tunnel->has_key = (b->flags & FB_BINDING_FLAG_KEY) != 0;
    if (tunnel->has_key)
    {
        tunnel->key = *fb_session_key_down(&lma->sessions, b);
    }
    tunnel->local_port = b->udp_port != 0 ? FB_PMIP_DATA_PORT : 0;
    tunnel->remote_port = b->udp_port;
}

bool
fb_lma_is_probe(const fb_lma *lma, const fb_arrival *arrival)
{
    fb_addr own = own_address(lma, arrival->inner.family);

    if (arrival->inner.family == FB_FAMILY_IPV6)
    {
        return fb_arrival_is_echo6(arrival, FB_ICMPV6_ECHO_REQUEST) &&
               memcmp(arrival->inner.destination6, own.octet, sizeof own.octet) == 0 &&
               fb_is_probe_identifier(fb_arrival_echo_identifier(arrival));
    }
    return fb_arrival_is_echo(arrival, FB_ICMP_ECHO_REQUEST) &&
           arrival->inner.destination == fb_addr_to_ipv4(&own) &&
           fb_is_probe_identifier(fb_arrival_echo_identifier(arrival));
}

/** RFC 5845 5.2: the key says whose packet it is. */
static bool
key_fits(const fb_binding *binding, uint32_t session, const fb_arrival *arrival)
{
    uint32_t key = 0;
    bool there = arrival->protocol == FB_PROTOCOL_GRE && fb_gre_key(arrival->gre, &key);

    return (binding->flags & FB_BINDING_FLAG_KEY) != 0
               ? there && key == fb_lma_key_up(session, binding->bid)
               : !there;
}

/** Whether the packet came out of this binding's tunnel: 0 or why not. */
static int
explains(const fb_lma *lma, uint32_t session, const fb_binding *b, const fb_arrival *arrival)
{
    const fb_addr *remote = &lma->sessions.care_of.item[b->care_of_address].address;
    fb_addr local = own_address(lma, remote->family);
    bool gre = arrival->protocol == FB_PROTOCOL_GRE;

    if (!same_address(remote, &arrival->outer->src) || !same_address(&local, &arrival->outer->dst))
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    if (arrival->udp != (b->udp_port != 0) || gre != (b->tunnel == FB_TUNNEL_GRE) ||
        arrival->protocol == FB_PROTOCOL_MINIMAL)
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    if (arrival->udp &&
        (arrival->outer->sport != b->udp_port || arrival->outer->dport != FB_PMIP_DATA_PORT))
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    return key_fits(b, session, arrival) ? FB_REASON_NONE : FB_DROP_TUNNEL_KEY;
}

int
fb_lma_check_uplink(const fb_lma *lma, const fb_arrival *arrival, fb_ref *path)
{
    const fb_binding_cache *cache = &lma->sessions.cache;
    const fb_flow *inner = &arrival->inner;
    fb_addr ipv4 = fb_addr_from_ipv4(inner->source);
    uint32_t session = fb_sessions_find_address(&lma->sessions,
                                                inner->family,
                                                inner->family == FB_FAMILY_IPV6 ? inner->source6
                                                                                : ipv4.octet);
    int reason = FB_DROP_TUNNEL_SOURCE;

    if (session == FB_SESSION_NONE)
    {
        return FB_DROP_TUNNEL_INNER_SOURCE;
    }
    if (!fb_lma_session_forwards(lma, session))
    {
        return FB_DROP_NO_BINDING; /* RFC 5213 5.3.5-2 */
    }
    /* B7148-02: any tunnel of the session will do */
    for (const fb_binding *b = fb_cache_binding_first(cache, session); b != NULL;
         b = fb_cache_binding_next(cache, b))
    {
        int objection = explains(lma, session, b, arrival);

        if (objection == FB_REASON_NONE)
        {
            path->session = session + 1;
            path->bid = b->bid;
            return FB_REASON_NONE;
        }
        reason = objection != FB_DROP_TUNNEL_SOURCE ? objection : reason;
    }
    return reason;
}

bool
fb_lma_owns_tunnel(const fb_lma *lma,
                   const fb_addr *local,
                   const fb_addr *remote,
                   uint16_t remote_port)
{
    const fb_care_of_table *table = &lma->sessions.care_of;
    fb_addr own = own_address(lma, remote->family);

    if (!same_address(local, &own))
    {
        return false;
    }
    /* With UDP data goes to 5437, and the address is known by the port that updates come from */
    return fb_care_of_find(table, remote, 0) != FB_CARE_OF_NONE ||
           (remote_port == FB_PMIP_DATA_PORT &&
            fb_care_of_find(table, remote, FB_PMIP_CONTROL_PORT) != FB_CARE_OF_NONE);
}
