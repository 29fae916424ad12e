/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

#include "steer/path_view.h"
#include "wire/ipv4.h"
#include "wire/tunnel_header.h"

#include <string.h>

/** What every link carries (RFC 8200 5). */
#define IPV6_MTU_MIN 1280

#define UDP_HEADER 8

/* ---- sessions of packets ---- */

static uint32_t
lookup(const fb_mag *mag, const fb_flow *flow, bool source)
{
    fb_addr address = fb_addr_from_ipv4(source ? flow->source : flow->destination);
    const uint8_t *octets = address.octet;

    if (flow->family == FB_FAMILY_IPV6)
    {
        octets = source ? flow->source6 : flow->destination6;
    }
    return octets == NULL ? FB_UPDATE_LIST_NONE
                          : fb_update_list_lookup(&mag->list, flow->family, octets);
}

uint32_t
fb_mag_session_from(const fb_mag *mag, fb_ref from, const fb_flow *flow)
{
    uint32_t session = lookup(mag, flow, true);
    const fb_session *profile;

    if (session == FB_UPDATE_LIST_NONE)
    {
        /* link-local sources are in no prefix either (RFC 5213 6.10.3) */
        return FB_MAG_SESSION_NONE;
    }
    profile = &fb_update_list_at(&mag->list, session)->profile;
    if ((from.link != 0 && profile->access_link != 0 && from.link != profile->access_link) ||
        (from.session != 0 && from.session != profile->session))
    {
        return FB_MAG_SESSION_NONE;
    }
    return session;
}

uint32_t
fb_mag_session_toward(const fb_mag *mag, const fb_flow *flow)
{
    uint32_t session = lookup(mag, flow, false);

    return session == FB_UPDATE_LIST_NONE ? FB_MAG_SESSION_NONE : session;
}

fb_ref
fb_mag_session_ref(const fb_mag *mag, uint32_t session)
{
    const fb_session *profile = &fb_update_list_at(&mag->list, session)->profile;

    return (fb_ref){.session = profile->session, .link = profile->access_link};
}

uint32_t
fb_mag_generation(const fb_mag *mag, uint32_t session)
{
    return fb_update_list_at(&mag->list, session)->generation;
}

/* ---- paths ---- */

/** Up, and the address it is registered with is still there. */
static bool
carries(const fb_mag *mag, uint32_t session, uint16_t link)
{
    const fb_update_entry *entry = fb_mag_entry(mag, session, link);

    return fb_update_entry_up(entry) && mag->link[link].up &&
           fb_addr_equal(&entry->care_of, &mag->link[link].link.address);
}

/* B5847-02: a path without heartbeat carries nothing, unless no path has any better */
static bool
any_alive(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (carries(mag, session, i) && !fb_mag_link_dead(&mag->link[i]))
        {
            return true;
        }
    }
    return false;
}

size_t
fb_mag_paths(const fb_mag *mag, uint32_t session, fb_path_view *paths)
{
    bool alive = any_alive(mag, session);
    size_t count = 0;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_link *link = &mag->link[i].link;
        const fb_update_entry *entry = fb_mag_entry(mag, session, i);
        bool plain = entry->plain;

        if (carries(mag, session, i) && (!alive || !fb_mag_link_dead(&mag->link[i])))
        {
            /* a binding without RFC 8278 has no BID either: rules do not name it */
            paths[count] = (fb_path_view){
                .link = link->link,
                .bid = plain ? 0 : link->bid,
                .label = link->label,
                .technology = link->technology,
                .weight = link->weight,
                .cost = link->cost,
                .overhead = fb_path_overhead(link->address.family, entry->tunnel, entry->udp),
                .numbers = entry->tunnel == FB_TUNNEL_GRE};
            fb_path_view_set_quality(&paths[count++],
                                     fb_path_quality_estimate(&mag->link[i].path, true));
        }
    }
    return count;
}

bool
fb_mag_is_settled(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        uint8_t state = fb_mag_entry(mag, session, i)->state;

        if (state == FB_BINDING_PENDING || state == FB_BINDING_PROBING ||
            state == FB_BINDING_DEREGISTERING)
        {
            return false;
        }
    }
    return true;
}

const fb_rule *
fb_mag_rules(const fb_mag *mag, uint32_t session, size_t *count)
{
    /* B7864-03: one end decides. Where the anchor does, or nothing is negotiated, there is the static policy */
    bool ours = mag->config.negotiate_policy &&
                mag->config.flow_decision == FB_FLOW_DECISION_GATEWAY;

    (void)session;
    *count = ours ? mag->rule_count : 0;
    return mag->rule;
}

/** The place of the session's path called @p bid; @p mag->link_max. */
static uint16_t
place_of(const fb_mag *mag, uint32_t session, uint8_t bid)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (carries(mag, session, i) && (entry->ref.bid == bid || (bid == 0 && entry->plain)))
        {
            return i;
        }
    }
    return mag->link_max;
}

void
fb_mag_tunnel(const fb_mag *mag, uint32_t session, uint8_t bid, fb_tunnel *tunnel)
{
    uint16_t place = place_of(mag, session, bid);
    const fb_update_entry *entry;

    memset(tunnel, 0, sizeof *tunnel);
    if (place == mag->link_max)
    {
        return;
    }
    entry = fb_mag_entry(mag, session, place);
    tunnel->local = entry->care_of;
    tunnel->remote = fb_mag_anchor(mag, &mag->link[place].link);
    tunnel->kind = entry->tunnel;
    tunnel->has_key = entry->has_key;
    tunnel->key = entry->key_up;
    tunnel->local_port = entry->udp ? FB_PMIP_DATA_PORT : 0;
    tunnel->remote_port = entry->udp ? FB_PMIP_DATA_PORT : 0;
    tunnel->path_mtu = mag->link[place].link.mtu;
    tunnel->link = mag->link[place].link.link;
    tunnel->place = place;
}

/** Octets the tunnel puts in front of a packet. */
static uint16_t
overhead(const fb_mag *mag, const fb_update_entry *entry)
{
    fb_gre_fields gre = {.has_key = entry->has_key, .has_sequence = mag->numbered};
    size_t octets = entry->care_of.family == FB_FAMILY_IPV4 ? FB_IPV4_HEADER : FB_IPV6_HEADER;

    octets += entry->udp ? UDP_HEADER : 0;
    octets += entry->tunnel == FB_TUNNEL_GRE ? fb_gre_length(&gre) : 0;
    return (uint16_t)octets;
}

void
fb_mag_set_numbered(fb_mag *mag, bool numbered, fb_time now)
{
    if (mag->numbered != numbered)
    {
        mag->numbered = numbered;
        fb_mag_settle_all(mag, FB_CAUSE_POLICY_CHANGED, now);
    }
}

uint16_t
fb_mag_link_mtu(const fb_mag *mag, uint32_t link)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (mag->link[i].known && mag->link[i].link.link == link)
        {
            return mag->link[i].link.mtu;
        }
    }
    return 0;
}

uint16_t
fb_mag_mtu(const fb_mag *mag, uint32_t session)
{
    uint16_t smallest = UINT16_MAX;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        uint16_t mtu = mag->link[i].link.mtu;
        uint16_t left = overhead(mag, fb_mag_entry(mag, session, i));

        if (fb_update_entry_up(fb_mag_entry(mag, session, i)))
        {
            left = mtu > left ? (uint16_t)(mtu - left) : 0;
            smallest = left < smallest ? left : smallest;
        }
    }
    /* Of a link nobody described, and of one that cannot carry IPv6 without fragments, the least there is */
    return smallest < IPV6_MTU_MIN || smallest == UINT16_MAX ? IPV6_MTU_MIN : smallest;
}

/* ---- out of a tunnel ---- */

static bool
is_anchor(const fb_mag *mag, const fb_mag_link *link, const fb_addr *address)
{
    fb_addr anchor = fb_mag_anchor(mag, &link->link);

    return anchor.family != FB_FAMILY_NONE && fb_addr_equal(&anchor, address);
}

/** The link a tunnel packet came in by; @p mag->link_max: it is not the anchor's, or not to us. */
static uint16_t
place_of_arrival(const fb_mag *mag, const fb_meta *outer)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_mag_link *link = &mag->link[i];
        bool by_it = outer->link == 0 || outer->link == link->link.link;

        if (link->known && link->up && by_it && fb_addr_equal(&link->link.address, &outer->dst) &&
            is_anchor(mag, link, &outer->src))
        {
            return i;
        }
    }
    return mag->link_max;
}

static int
check_kind(const fb_update_entry *entry, const fb_arrival *arrival)
{
    bool gre = arrival->protocol == FB_PROTOCOL_GRE;
    uint32_t key = 0;
    bool keyed = gre && fb_gre_key(arrival->gre, &key);

    /* RFC 5844 4 has IPv4, UDP and GRE, not the minimal encapsulation of Mobile IPv4 */
    if (gre != (entry->tunnel == FB_TUNNEL_GRE) || arrival->udp != entry->udp ||
        arrival->protocol == FB_PROTOCOL_MINIMAL)
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    if (arrival->udp &&
        (arrival->outer->sport != FB_PMIP_DATA_PORT || arrival->outer->dport != FB_PMIP_DATA_PORT))
    {
        return FB_DROP_TUNNEL_SOURCE; /* RFC 5844 4.1.3: the anchor's is 5437 */
    }
    /* RFC 5845 3.1 */
    if (keyed != entry->has_key || (keyed && key != entry->key_down))
    {
        return FB_DROP_TUNNEL_KEY;
    }
    return FB_REASON_NONE;
}

int
fb_mag_find_downlink(const fb_mag *mag,
                     const fb_arrival *arrival,
                     fb_ref *path,
                     uint32_t *session,
                     uint16_t *place)
{
    const fb_update_entry *entry;

    *place = place_of_arrival(mag, arrival->outer);
    *path = (fb_ref){0};
    *session = FB_MAG_SESSION_NONE;
    if (*place == mag->link_max)
    {
        return FB_DROP_TUNNEL_SOURCE;
    }
    *session = lookup(mag, &arrival->inner, false);
    if (*session == FB_UPDATE_LIST_NONE)
    {
        return FB_DROP_TUNNEL_INNER_DESTINATION; /* RFC 5213 6.10.5 */
    }
    entry = fb_mag_entry(mag, *session, *place);
    if (!fb_update_entry_up(entry))
    {
        return FB_DROP_NO_BINDING;
    }
    *path = entry->ref;
    path->bid = entry->plain ? 0 : path->bid;
    return check_kind(entry, arrival);
}

int
fb_mag_check_downlink(const fb_mag *mag, const fb_arrival *arrival, fb_ref *path, uint32_t *session)
{
    uint16_t place;

    return fb_mag_find_downlink(mag, arrival, path, session, &place);
}

bool
fb_mag_owns_tunnel(const fb_mag *mag,
                   const fb_addr *local,
                   const fb_addr *remote,
                   uint16_t remote_port)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_mag_link *link = &mag->link[i];

        if (link->known && fb_addr_equal(&link->link.address, local) &&
            is_anchor(mag, link, remote))
        {
            return remote_port == 0 || remote_port == FB_PMIP_DATA_PORT;
        }
    }
    return false;
}

/* ---- looking at it ---- */

/** The place of the session @p index, counted over those there are; FB_UPDATE_LIST_NONE. */
static uint32_t
nth_session(const fb_mag *mag, size_t index)
{
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s) && index-- == 0)
        {
            return s;
        }
    }
    return FB_UPDATE_LIST_NONE;
}

static uint8_t
count_flows(const fb_mag *mag, const fb_update_session *session)
{
    uint16_t bits = session->flows_version == mag->flows_version ? session->flows_installed : 0;
    uint8_t count = 0;

    for (; bits != 0; bits &= (uint16_t)(bits - 1))
    {
        count++;
    }
    return count;
}

bool
fb_mag_session_view(const fb_mag *mag, size_t index, fb_session_view *view)
{
    uint32_t place = nth_session(mag, index);
    const fb_update_session *session;

    if (place == FB_UPDATE_LIST_NONE)
    {
        return false;
    }
    session = fb_update_list_at(&mag->list, place);
    *view = (fb_session_view){.session = session->profile.session,
                              .identity = session->profile.identity,
                              .multipath = fb_mag_multipath(mag, place),
                              .gateway = mag->config.identity,
                              .technology = session->profile.technology,
                              .handoff = session->profile.handoff,
                              .home = session->home,
                              .delegated = session->delegated,
                              .home_address = session->home_address,
                              .binding_count = (uint8_t)fb_mag_count_up(mag, place),
                              .flow_count = count_flows(mag, session)};
    memcpy(view->link_local, session->link_local, sizeof view->link_local);
    return true;
}

bool
fb_mag_binding_view(const fb_mag *mag, uint32_t session, size_t index, fb_proxy_view *view)
{
    uint32_t place = fb_update_list_find(&mag->list, session);

    for (uint16_t i = 0; place != FB_UPDATE_LIST_NONE && i < mag->link_max; i++)
    {
        const fb_link *link = &mag->link[i].link;
        const fb_update_entry *entry = fb_mag_entry(mag, place, i);

        if (!mag->link[i].known || index-- != 0)
        {
            continue;
        }
        *view = (fb_proxy_view){
            .ref = entry->ref,
            .care_of = entry->care_of,
            .state = entry->state,
            .technology = entry->plain ? 0 : link->technology,
            .label = entry->plain ? 0 : link->label,
            .lifetime_s = entry->lifetime_s < UINT16_MAX ? (uint16_t)entry->lifetime_s : UINT16_MAX,
            .expires = entry->expires,
            .tunnel = entry->tunnel,
            .udp_port = entry->udp ? FB_PMIP_DATA_PORT : 0,
            .has_key = entry->has_key,
            .key_up = entry->key_up,
            /* kept for the next update, should this tunnel have none */
            .key_down = entry->has_key ? entry->key_down : 0};
        return true;
    }
    return false;
}
