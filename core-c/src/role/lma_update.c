/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include <string.h>

/*
 * The state table of an anchor (4.5 of the conformance list): what an update does that passed the gate. A session
 * without binding, with a plain one, with some of RFC 8278, and in its grace (RFC 5213 5.3.5).
 */

/** RFC 5213 8.4: handoff between two interfaces of the mobile node. */
#define HANDOFF_BETWEEN_INTERFACES 2

/** RFC 6543 4: what every gateway may use on the link it shares with one mobile node. */
static const uint8_t fixed_link_local[16] =
    {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x02, 0, 0x5e, 0xff, 0xfe, 0, 0x52, 0x13};

static fb_mobility_session *
session_of(fb_lma *lma, const fb_lma_gate *gate)
{
    return &lma->sessions.session[gate->session];
}

uint16_t
fb_lma_granted_s(const fb_lma *lma, const fb_lma_gate *gate)
{
    uint32_t asked_s = (uint32_t)gate->message->fixed.lifetime * FB_MH_LIFETIME_UNIT_S;
    uint32_t most_s = lma->config.lifetime_max_s / FB_MH_LIFETIME_UNIT_S * FB_MH_LIFETIME_UNIT_S;

    return (uint16_t)(asked_s < most_s ? asked_s : most_s);
}

/* ---- what has to be there first ---- */

/** Whether the gateway that speaks is the one that registered from the proxy care-of address last. */
static bool
is_owner(const fb_session_cache *sessions, const fb_lma_gate *gate)
{
    const fb_care_of_table *table = &sessions->care_of;

    /* Since the update was noted that this one repeats, the gateway has had the session, and was not forgotten */
    return table->item[gate->number].gateway == gate->gateway &&
           (gate->repeats ||
            table->life[gate->number] == sessions->gateways.item[gate->gateway].life);
}

/** Who has registered from the proxy care-of address last. Most do it again: nothing is written then. */
static void
note_owner(fb_session_cache *sessions, const fb_lma_gate *gate)
{
    fb_care_of *item = &sessions->care_of.item[gate->number];

    if (item->control_port != gate->meta->sport)
    {
        item->control_port = gate->meta->sport;
    }
    if (!is_owner(sessions, gate))
    {
        item->gateway = gate->gateway;
        sessions->care_of.life[gate->number] = sessions->gateways.item[gate->gateway].life;
    }
}

/** Nothing of the mobile node waits any more for the end of an earlier attachment. */
static void
stop_waiting(fb_session_cache *sessions, uint32_t node)
{
    if (sessions->node[node].waits_from != 0)
    {
        sessions->node[node].waits_from = 0;
    }
}

/** Mobile node, gateway, proxy care-of address, session: those that are new. There is room (the gate). */
static void
come_to_know(fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    fb_session_cache *sessions = &lma->sessions;

    if (gate->node == FB_NODE_NONE)
    {
        gate->node = fb_sessions_add_node(sessions,
                                          &gate->options->mobile_node,
                                          (uint8_t)~FB_PROXY_CONFIGURED);
    }
    if (gate->gateway == FB_GATEWAY_NONE && gate->identified)
    {
        gate->gateway = fb_gateways_add(&sessions->gateways, &gate->options->gateway);
    }
    else if (gate->gateway == FB_GATEWAY_NONE)
    {
        gate->gateway = fb_gateways_add_address(&sessions->gateways, &gate->care_of);
    }
    gate->number = gate->end != FB_CARE_OF_NONE ? gate->end
                                                : fb_care_of_intern(&sessions->care_of,
                                                                    &gate->care_of,
                                                                    gate->udp ? gate->port : 0);
    note_owner(sessions, gate);
    if (gate->session == FB_SESSION_NONE)
    {
        gate->session = fb_session_create(sessions, gate->node, gate->gateway);
        gate->same_gateway = true;
        fb_session_announce(sessions, gate->session, now);
    }
    stop_waiting(sessions, gate->node);
}

/* ---- what has to go before the new binding comes ---- */

static void
leave_grace(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    fb_mobility_session *session = session_of(lma, gate);

    if ((session->owner.flags & FB_SESSION_GRACE) != 0)
    {
        /* RFC 5213 5.3.5-2: revived, with this binding alone */
        session->owner.flags &= (uint8_t)~FB_SESSION_GRACE;
        fb_cache_unbind_all(&lma->sessions.cache, gate->session, FB_CAUSE_DEREGISTERED, now);
    }
}

static void
make_way(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    fb_binding_cache *cache = &lma->sessions.cache;
    const fb_binding *same_end;

    leave_grace(lma, gate, now);
    if (!gate->same_gateway)
    {
        /* D8-11: bindings of two gateways never mix; RFC 5213 5.3.4-2 */
        fb_cache_unbind_all(cache, gate->session, FB_CAUSE_HANDOFF, now);
        /* RFC 6089 4.2: whoever gave them their FIDs led them to those bindings. The same FID is another flow now */
        fb_session_forget_flows(&lma->sessions, gate->session, now);
    }
    if (!gate->multipath)
    {
        /* D8-10: the gateway has switched RFC 8278 off, one binding is left */
        fb_cache_unbind_others(cache, gate->session, FB_BID_PLAIN, FB_CAUSE_REPLACED, now);
        return;
    }
    fb_cache_unbind(cache, gate->session, FB_BID_PLAIN, FB_CAUSE_REPLACED, now);
    if (gate->options->multipath.overwrite)
    {
        /* R8278-4.1-15 */
        fb_cache_unbind_others(cache, gate->session, gate->bid, FB_CAUSE_OVERWRITTEN, now);
        fb_session_forget_flows(&lma->sessions, gate->session, now);
    }
    same_end = fb_cache_binding_by_address(cache, gate->session, gate->number);
    if (same_end != NULL && same_end->bid != gate->bid)
    {
        fb_cache_unbind(cache, gate->session, same_end->bid, FB_CAUSE_REPLACED, now); /* D8-15 */
    }
}

/* ---- the binding ---- */

static void
take_metrics(const fb_lma *lma, const fb_lma_gate *gate, fb_path_metrics *known)
{
    for (size_t i = 0; known != NULL && i < gate->options->vendor_count; i++)
    {
        fb_path_metrics metrics;

        if (fb_read_path_metrics(&gate->options->vendor[i], lma->config.vendor, &metrics))
        {
            *known = metrics;
        }
    }
}

static void
bind(fb_lma *lma, const fb_lma_gate *gate, uint16_t lifetime_s, fb_time now)
{
    fb_binding_cache *cache = &lma->sessions.cache;
    unsigned before = fb_cache_node(cache, gate->session)->binding_count;
    fb_binding wanted = {.care_of_address = gate->number,
                         .tunnel_address = gate->number,
                         .lifetime_s = lifetime_s,
                         .bid = gate->bid,
                         .tunnel = gate->gre ? FB_TUNNEL_GRE : FB_TUNNEL_IPIP,
                         .flags = gate->keys ? FB_BINDING_FLAG_KEY : 0,
                         .udp_port = gate->udp ? FB_PMIP_DATA_PORT : 0};
    fb_path_metrics *metrics;
    const fb_binding *bound;

    if (gate->multipath)
    {
        wanted.technology = gate->options->multipath.technology;
        wanted.label = gate->options->multipath.label;
    }
    bound = fb_cache_bind(cache, gate->session, &wanted, now);
    metrics = fb_session_metrics(&lma->sessions, bound);
    if (metrics != NULL && fb_cache_node(cache, gate->session)->binding_count != before)
    {
        memset(metrics, 0, sizeof *metrics);
    }
    if (gate->keys)
    {
        /* without FB_BINDING_FLAG_KEY it says nothing */
        *fb_session_key_down(&lma->sessions, bound) = gate->options->gre_key;
    }
    take_metrics(lma, gate, metrics);
    if (gate->multipath && gate->options->multipath.bulk)
    {
        fb_cache_extend_all(cache, gate->session, lifetime_s, now); /* R8278-4.1-13 */
    }
}

/* ---- the session ---- */

static void
count_order(fb_lma *lma, const fb_lma_gate *gate)
{
    fb_mobility_session *session = session_of(lma, gate);

    if (fb_gate_has(gate, FB_OPTION_TIMESTAMP))
    {
        fb_cache_accept_identification(&lma->sessions.cache,
                                       gate->session,
                                       gate->scope,
                                       gate->options->timestamp);
        return;
    }
    session->sequence = gate->message->fixed.sequence;
    session->owner.flags |= FB_SESSION_SEQUENCE;
}

static bool
is_zero(const uint8_t *octets, size_t length)
{
    uint8_t any = 0;

    for (size_t i = 0; i < length; i++)
    {
        any |= octets[i];
    }
    return any == 0;
}

/* RFC 5213 5.3.6: the gateway's, the session's, or one made for it */
static void
choose_link_local(const fb_lma_gate *gate, uint8_t own[FB_LINK_LOCAL_OCTETS])
{
    const uint8_t *wanted = gate->options->link_local;

    if (!is_zero(wanted, FB_LINK_LOCAL_OCTETS))
    {
        memcpy(own, wanted, FB_LINK_LOCAL_OCTETS);
    }
    else if (is_zero(own, FB_LINK_LOCAL_OCTETS))
    {
        memcpy(own, fixed_link_local, FB_LINK_LOCAL_OCTETS);
    }
}

/** Most say what is known, which is all that is looked at then. */
static void
take_link(fb_lma *lma, const fb_lma_gate *gate)
{
    fb_session_cache *sessions = &lma->sessions;
    bool asks = fb_gate_has(gate, FB_OPTION_LINK_LOCAL_ADDRESS);
    /* With a handoff between interfaces it is another one's, which is not told */
    bool stays = gate->link_layer.length == 0 &&
                 gate->options->handoff != HANDOFF_BETWEEN_INTERFACES;
    fb_octets identifier = gate->link_layer;
    uint8_t known[FB_LINK_LAYER_MAX], own[FB_LINK_LOCAL_OCTETS];

    if (!asks && (stays || fb_session_has_link_layer(sessions, gate->session, gate->link_layer)))
    {
        return;
    }
    fb_session_link_local(sessions, gate->session, own);
    if (asks)
    {
        choose_link_local(gate, own);
    }
    if (stays)
    {
        identifier = (fb_octets){known,
                                 (uint8_t)fb_session_link_layer(sessions, gate->session, known)};
    }
    fb_session_set_link(sessions, gate->session, identifier, own);
}

static void
update_session(fb_lma *lma, const fb_lma_gate *gate)
{
    fb_mobility_session *session = session_of(lma, gate);

    session->owner.flags = (uint8_t)((session->owner.flags & ~FB_SESSION_MULTIPATH) |
                                     (gate->multipath ? FB_SESSION_MULTIPATH : 0));
    session->technology = gate->options->technology;
    session->handoff = gate->options->handoff;
    session->association = gate->meta->security_association;
    take_link(lma, gate);
    count_order(lma, gate);
}

void
fb_lma_renew(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    fb_binding wanted = *gate->own;

    wanted.lifetime_s = fb_lma_granted_s(lma, gate);
    note_owner(&lma->sessions, gate);
    fb_cache_bind(&lma->sessions.cache, gate->session, &wanted, now);
    count_order(lma, gate);
}

uint16_t
fb_lma_register(fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    fb_care_of_table *care_of = &lma->sessions.care_of;
    uint16_t lifetime_s = fb_lma_granted_s(lma, gate);
    /* As most do: the binding keeps its place, and its address does not go while there is nothing that has it */
    bool stays = gate->refreshes && gate->end == gate->own->care_of_address;

    come_to_know(lma, gate, now);
    if (!stays)
    {
        fb_care_of_hold(care_of, gate->number, now);
        make_way(lma, gate, now);
    }
    fb_session_move(&lma->sessions, gate->session, gate->gateway);
    fb_lma_assign_prefixes(lma, gate, now);
    bind(lma, gate, lifetime_s, now);
    update_session(lma, gate);
    if (!stays)
    {
        fb_care_of_release(care_of, gate->number);
    }
    fb_lma_take_flows(lma, gate, now);
    return lifetime_s / FB_MH_LIFETIME_UNIT_S;
}

/* ---- de-registration: RFC 5213 5.3.5, D8-12 ---- */

/** RFC 5844 3.1.2.5: a plain update that names only the IPv4 address, or only the prefixes, ends only these. */
static bool
leaves_a_part(const fb_lma *lma, const fb_lma_gate *gate, fb_prefix_use *part)
{
    bool ipv4 = gate->options->ipv4_request.present;

    if (gate->multipath || (ipv4 && gate->options->home_prefix_count > 0) ||
        !fb_session_has_prefixes(&lma->sessions, gate->session, FB_PREFIX_HOME) ||
        !fb_session_has_prefixes(&lma->sessions, gate->session, FB_PREFIX_IPV4))
    {
        return false;
    }
    *part = ipv4 ? FB_PREFIX_IPV4 : FB_PREFIX_HOME;
    return true;
}

static void
enter_grace(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    fb_time until = now + lma->config.delete_delay_ms * FB_MILLISECOND;

    session_of(lma, gate)->owner.flags |= FB_SESSION_GRACE;
    fb_cache_linger(&lma->sessions.cache, gate->session, until, FB_CAUSE_DEREGISTERED, now);
    fb_session_forget_flows(&lma->sessions, gate->session, now);
}

void
fb_lma_deregister(fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    fb_binding_cache *cache = &lma->sessions.cache;
    bool one = gate->multipath && !gate->options->multipath.bulk;
    bool known = fb_cache_binding(cache, gate->session, gate->bid) != NULL;
    fb_prefix_use part;

    count_order(lma, gate);
    if ((session_of(lma, gate)->owner.flags & FB_SESSION_GRACE) != 0)
    {
        return; /* C8-12: the delay goes on as it was */
    }
    if (leaves_a_part(lma, gate, &part))
    {
        fb_session_release_prefixes(&lma->sessions, gate->session, part, now);
    }
    else if (one && !known)
    {
        return; /* it has gone already */
    }
    else if (one && fb_cache_node(cache, gate->session)->binding_count > 1)
    {
        fb_cache_unbind(cache, gate->session, gate->bid, FB_CAUSE_DEREGISTERED, now);
        fb_lma_take_flows(lma, gate, now);
    }
    else
    {
        enter_grace(lma, gate, now);
    }
}
