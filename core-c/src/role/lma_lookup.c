/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include <string.h>

/*
 * RFC 5213 5.4.1: which session an update is about, with RFC 5844 3.1.2.7 for one that names an IPv4 address only, and
 * before all of it the rule without which RFC 8278 could not work (D8-07): a gateway that has a session of the mobile
 * node speaks of that session, whatever its Handoff Indicator says.
 */

/** RFC 5213 8.4. */
enum
{
    HANDOFF_BETWEEN_INTERFACES = 2,
    HANDOFF_BETWEEN_GATEWAYS = 3,
    HANDOFF_UNKNOWN = 4
};

/** An update that waits is sent again, for the last time so long after the one before (RFC 6275 12). */
#define WAIT_FORGOTTEN (UINT64_C(64) * FB_SECOND)

/** Whether the proxy care-of address of the update is one of the session's. */
static bool
has_care_of(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session)
{
    return gate->number != FB_CARE_OF_NONE &&
           fb_cache_binding_by_address(&lma->sessions.cache, session, gate->number) != NULL;
}

bool
fb_lma_same_gateway(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_mobility_session *item = &sessions->session[session];
    const fb_gateway_entry *entry = &sessions->gateways.item[item->gateway];

    if (item->gateway == gate->gateway)
    {
        return true;
    }
    if (gate->identified && !entry->anonymous)
    {
        return false; /* D8-11: two identifiers are two gateways */
    }
    return has_care_of(lma, gate, session) ||
           (item->association != 0 && item->association == gate->meta->security_association);
}

/** Whether the update is about this interface of the mobile node: same link-layer identifier and technology. */
static bool
same_interface(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session)
{
    return lma->sessions.session[session].technology == gate->options->technology &&
           fb_session_has_link_layer(&lma->sessions, session, gate->link_layer);
}

/** The only session of the mobile node; FB_SESSION_NONE: it has none or several. */
static uint32_t
only_session(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_proxy_node *node = &lma->sessions.node[gate->node];

    return node->session_count == 1 ? node->sessions : FB_SESSION_NONE;
}

/** The mobile node's session of this interface; FB_SESSION_NONE. */
static uint32_t
session_of_interface(const fb_lma *lma, const fb_lma_gate *gate)
{
    uint32_t at = lma->sessions.node[gate->node].sessions;

    while (at != FB_SESSION_NONE && !same_interface(lma, gate, at))
    {
        at = lma->sessions.session[at].next;
    }
    return at;
}

/* ---- by prefix: 5.4.1.1 ---- */

static bool
is_among(const fb_prefix *prefix, const fb_networks *networks)
{
    for (size_t i = 0; i < networks->count; i++)
    {
        if (fb_prefix_equal(&networks->prefix[i], prefix))
        {
            return true;
        }
    }
    return false;
}

/** Item 4: all of them, and no others. */
static bool
same_prefixes(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session)
{
    const fb_mobility_options *options = gate->options;
    fb_networks networks;

    if (options->home_prefix_count == 1 &&
        fb_session_has_only(&lma->sessions, session, FB_PREFIX_HOME, &options->home_prefix[0]))
    {
        return true;
    }
    fb_session_prefixes(&lma->sessions, session, FB_PREFIX_HOME, &networks);
    if (networks.count != options->home_prefix_count)
    {
        return false;
    }
    for (size_t i = 0; i < networks.count; i++)
    {
        if (!is_among(&options->home_prefix[i], &networks))
        {
            return false;
        }
    }
    return true;
}

/** Item 5, and D8-07 with C8-04. */
static bool
updates_by_prefix(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session)
{
    const fb_mobility_session *item = &lma->sessions.session[session];
    bool named = gate->link_layer.length > 0;
    bool technology = item->technology == gate->options->technology;

    if (named && same_interface(lma, gate, session))
    {
        return true; /* C8-18: with any Handoff Indicator */
    }
    if (gate->options->handoff == HANDOFF_BETWEEN_INTERFACES)
    {
        return true;
    }
    if (!named && item->link_layer_length == 0 && technology &&
        gate->options->handoff == HANDOFF_BETWEEN_GATEWAYS)
    {
        return true;
    }
    if (gate->multipath && !named && fb_lma_same_gateway(lma, gate, session))
    {
        return true;
    }
    return technology && has_care_of(lma, gate, session);
}

/** @p owner of a prefix or address, if it is the mobile node's. Sets gate->found when it is not. */
static uint32_t
checked_owner(const fb_lma *lma, fb_lma_gate *gate, uint8_t family, uint32_t owner)
{
    if (owner != FB_SESSION_NONE && lma->sessions.session[owner].node != gate->node)
    {
        gate->found = family == FB_FAMILY_IPV6 ? FB_DROP_PBU_PREFIX_NOT_AUTHORIZED
                                               : FB_DROP_PBU_IPV4_ADDRESS;
        return FB_SESSION_NONE;
    }
    return owner;
}

/** The session that has the prefix or the address, if it is the mobile node's. */
static uint32_t
owner_of(const fb_lma *lma, fb_lma_gate *gate, uint8_t family, const uint8_t *octets)
{
    return checked_owner(lma,
                         gate,
                         family,
                         fb_sessions_find_address(&lma->sessions, family, octets));
}

static void
find_by_prefix(const fb_lma *lma, fb_lma_gate *gate)
{
    const fb_mobility_options *options = gate->options;
    uint32_t owner = FB_SESSION_NONE;

    for (size_t i = 0; i < options->home_prefix_count && owner == FB_SESSION_NONE; i++)
    {
        const fb_prefix *prefix = &options->home_prefix[i];

        if (!fb_prefix_unspecified(prefix))
        {
            owner = i == 0 ? checked_owner(lma, gate, FB_FAMILY_IPV6, gate->likely)
                           : owner_of(lma, gate, FB_FAMILY_IPV6, prefix->address.octet);
        }
    }
    if (owner == FB_SESSION_NONE)
    {
        return;
    }
    gate->found = FB_REASON_NONE;
    if (!same_prefixes(lma, gate, owner))
    {
        gate->found = FB_DROP_PBU_PREFIX_SET;
    }
    else if (updates_by_prefix(lma, gate, owner))
    {
        gate->session = owner;
        gate->keeps_home = true;
    }
}

/* RFC 5844 3.1.2.7: the address stands in the place of the prefixes */
static void
find_by_ipv4_address(const fb_lma *lma, fb_lma_gate *gate)
{
    fb_addr address = fb_addr_from_ipv4(gate->options->ipv4_request.address);
    uint32_t owner = owner_of(lma, gate, FB_FAMILY_IPV4, address.octet);

    if (owner != FB_SESSION_NONE && updates_by_prefix(lma, gate, owner))
    {
        gate->session = owner;
    }
}

/* ---- without: 5.4.1.2, 5.4.1.3 ---- */

/** Whether an update has come already that waits. */
static bool
is_waiting(const fb_proxy_node *node, fb_time now)
{
    return node->waits_from != 0 && now < node->waits_from + WAIT_FORGOTTEN;
}

void
fb_lma_note_waiting(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    fb_proxy_node *node = &lma->sessions.node[gate->node];

    if (!is_waiting(node, now))
    {
        node->waits_from = now + 1;
        fb_sessions_node_changed(&lma->sessions, gate->node); /* the next update of one ends that */
    }
}

/** Handoff Indicator 4: has the earlier attachment ended, or have we waited long enough for it? */
static void
wait_for_end(const fb_lma *lma, fb_lma_gate *gate, uint32_t session, fb_time now)
{
    const fb_proxy_node *node = &lma->sessions.node[gate->node];
    fb_time wait = lma->config.handoff_wait_ms * FB_MILLISECOND;

    if ((lma->sessions.session[session].owner.flags & FB_SESSION_GRACE) != 0 || gate->deregisters)
    {
        gate->session = session;
        return;
    }
    if (wait > 0 && (!is_waiting(node, now) || now + 1 < node->waits_from + wait))
    {
        gate->found = FB_DROP_PBU_WAITS;
    }
}

/** D8-07, D8-23: a gateway that has this session of the mobile node speaks of it (C8-04: of this interface). */
static bool
is_own_session(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session)
{
    return gate->multipath && session != FB_SESSION_NONE && fb_lma_same_gateway(lma, gate, session);
}

static void
find_by_node(const fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    bool named = gate->link_layer.length > 0;
    uint8_t handoff = gate->options->handoff;
    uint32_t session = named ? session_of_interface(lma, gate) : FB_SESSION_NONE;

    if (session != FB_SESSION_NONE)
    {
        gate->session = session;
        return;
    }
    session = only_session(lma, gate);
    if (session == FB_SESSION_NONE)
    {
        return;
    }
    if ((!named && is_own_session(lma, gate, session)) || handoff == HANDOFF_BETWEEN_INTERFACES ||
        (!named && handoff == HANDOFF_BETWEEN_GATEWAYS))
    {
        gate->session = session;
    }
    else if (handoff == HANDOFF_UNKNOWN)
    {
        wait_for_end(lma, gate, session, now);
    }
}

void
fb_lma_find_session(const fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    const fb_mobility_options *options = gate->options;

    gate->session = FB_SESSION_NONE;
    gate->found = FB_REASON_NONE;
    if (fb_lma_names_prefix(options->home_prefix, options->home_prefix_count))
    {
        find_by_prefix(lma, gate);
    }
    else if (options->ipv4_request.present && options->ipv4_request.address != 0)
    {
        find_by_ipv4_address(lma, gate);
    }
    else if (gate->node != FB_NODE_NONE)
    {
        find_by_node(lma, gate, now);
    }
}

void
fb_lma_see_session(const fb_lma *lma, fb_lma_gate *gate)
{
    const fb_binding_cache *cache = &lma->sessions.cache;

    if (gate->session == FB_SESSION_NONE)
    {
        return;
    }
    gate->own = gate->session == gate->likely ? gate->likely_binding
                                              : fb_cache_binding(cache, gate->session, gate->bid);
    if (gate->own != NULL && gate->own->care_of_address == gate->number)
    {
        gate->held = gate->own; /* no other one of the session has the same (D8-15) */
    }
    else if (gate->number != FB_CARE_OF_NONE)
    {
        gate->held = fb_cache_binding_by_address(cache, gate->session, gate->number);
    }
    gate->same_gateway = fb_lma_same_gateway(lma, gate, gate->session);
    gate->refreshes = gate->multipath && !gate->options->multipath.overwrite && gate->own != NULL &&
                      gate->own == gate->held && gate->same_gateway &&
                      (lma->sessions.session[gate->session].owner.flags & FB_SESSION_GRACE) == 0;
    gate->leaves_flow_out = fb_lma_takes_flows(lma) &&
                            fb_lma_leaves_flow_out(lma, gate->session, gate->options);
}
