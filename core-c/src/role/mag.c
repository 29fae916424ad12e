/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

#include "steer/steering.h"

#include <string.h>

void
fb_mag_init(fb_mag *mag,
            fb_arena *arena,
            const fb_config *config,
            const fb_clock *clock,
            fb_entropy *entropy,
            fb_events *events)
{
    memset(mag, 0, sizeof *mag);
    mag->config = config->mag;
    mag->probe = config->probe;
    mag->clock = clock;
    mag->entropy = entropy;
    mag->events = events;
    mag->capability = !config->mag.multipath       ? FB_MULTIPATH_OFF
                      : config->mag.anchor_capable ? FB_MULTIPATH_YES
                                                   : FB_MULTIPATH_UNKNOWN;
    mag->legacy_retry_at = FB_TIME_NEVER;
    mag->numbered = config->reorder.default_ms != 0;
    mag->link_max = config->limits.links;
    mag->link = fb_arena_take(arena, mag->link_max, sizeof(fb_mag_link), _Alignof(fb_mag_link));
    mag->rule_max = config->limits.rules_per_node;
    mag->rule = fb_arena_take(arena, mag->rule_max, sizeof(fb_rule), _Alignof(fb_rule));
    fb_update_list_init(&mag->list, arena, config->limits.sessions, mag->link_max, events);
    if (arena->base != NULL && !arena->failed)
    {
        memset(mag->link, 0, mag->link_max * sizeof *mag->link);
    }
}

fb_event
fb_mag_event(const fb_mag *mag,
             uint32_t session,
             const fb_update_entry *entry,
             fb_event_kind kind,
             fb_time now)
{
    return (fb_event){.kind = (uint8_t)kind,
                      .role = FB_ROLE_MAG,
                      .ref = entry->ref,
                      .care_of = entry->care_of,
                      .identity = fb_update_list_at(&mag->list, session)->profile.identity,
                      .time = now};
}

/* ---- links ---- */

fb_addr
fb_mag_anchor(const fb_mag *mag, const fb_link *link)
{
    if (link->address.family == FB_FAMILY_IPV4)
    {
        return mag->config.anchor_ipv4 != 0 ? fb_addr_from_ipv4(mag->config.anchor_ipv4)
                                            : (fb_addr){0};
    }
    return mag->config.anchor;
}

static bool
link_there(const fb_mag *mag, uint16_t link)
{
    const fb_mag_link *l = &mag->link[link];

    return l->known && l->up && l->wanted && fb_mag_anchor(mag, &l->link).family != FB_FAMILY_NONE;
}

bool
fb_mag_link_usable(const fb_mag *mag, uint16_t link)
{
    if (!link_there(mag, link) || !fb_mag_link_dead(&mag->link[link]))
    {
        return link_there(mag, link);
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (link_there(mag, i) && !fb_mag_link_dead(&mag->link[i]))
        {
            return false;
        }
    }
    return true; /* none is any better: perhaps it is the anchor that is silent */
}

bool
fb_mag_link_preferred(const fb_mag *mag, uint16_t left, uint16_t right)
{
    uint8_t of_left = mag->link[left].link.preference, of_right = mag->link[right].link.preference;

    return of_left != of_right ? of_left < of_right : left < right;
}

static int
check_link(const fb_mag *mag, const fb_link *link)
{
    uint8_t family = link->address.family;

    if (link->link == 0 || (family != FB_FAMILY_IPV4 && family != FB_FAMILY_IPV6) ||
        link->tunnel > FB_TUNNEL_GRE || link->udp > FB_UDP_FORCE)
    {
        return FB_ERR_ARGUMENT;
    }
    /* RFC 8278 4.1: BID 1..254; a label is configured on each interface that sends updates */
    if (mag->config.multipath && (link->bid == 0 || link->bid == UINT8_MAX || link->label == 0))
    {
        return FB_ERR_ARGUMENT;
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_mag_link *other = &mag->link[i];
        bool same_link = other->link.link == link->link, same_bid = other->link.bid == link->bid;

        /* D8-35: never another interface's. The anchor knows the binding by it: it does not change either. Without
           RFC 8278 there need not be one */
        if (other->known && same_link != same_bid && (same_link || link->bid != 0))
        {
            return FB_ERR_ARGUMENT;
        }
    }
    return FB_OK;
}

uint16_t
fb_mag_place_of(const fb_mag *mag, uint32_t number, bool or_free)
{
    uint16_t free = mag->link_max;

    for (uint16_t i = mag->link_max; i-- > 0;)
    {
        if (mag->link[i].known && mag->link[i].link.link == number)
        {
            return i;
        }
        free = mag->link[i].known ? free : i;
    }
    return or_free ? free : mag->link_max;
}

/** What is told of the path has changed: the same BID with another address (D8-14), never the stale one. */
static void
move_entry(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_cause cause, fb_time now)
{
    switch (entry->state)
    {
    case FB_BINDING_QUEUED:
    case FB_BINDING_PENDING:
    case FB_BINDING_PROBING:
    case FB_BINDING_UP:
    case FB_BINDING_UP_PENDING:
        fb_mag_enqueue(mag, session, entry, FB_UPDATE_REGISTER, cause, now);
        break;
    case FB_BINDING_BLOCKED:
        if (!entry->administrative && !entry->clock)
        {
            fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, cause, now);
        }
        break;
    default:
        break; /* those that only wait are registered with the address they have then */
    }
}

/** All that the anchor stores of a path is told alike when it changes: address, label, technology, tunnel. */
static bool
told_differently(const fb_link *left, const fb_link *right)
{
    return !fb_addr_equal(&left->address, &right->address) || left->label != right->label ||
           left->technology != right->technology || left->tunnel != right->tunnel ||
           left->gre_key != right->gre_key || left->udp != right->udp;
}

int
fb_mag_link_up(fb_mag *mag, const fb_link *link, fb_time now)
{
    int error = check_link(mag, link);
    uint16_t place = fb_mag_place_of(mag, link->link, true);
    fb_mag_link *l = &mag->link[place];
    bool appeared, moved, changed;
    fb_cause cause;

    if (error != FB_OK || place == mag->link_max)
    {
        return error != FB_OK ? error : FB_ERR_LIMIT;
    }
    if (!l->known)
    {
        memset(l, 0, sizeof *l);
        l->known = true;
        l->wanted = true;
        fb_heartbeat_stop(&l->heartbeat);
        fb_path_probe_init(&l->probe);
    }
    appeared = !l->up;
    moved = !appeared && !fb_addr_equal(&l->link.address, &link->address);
    changed = !appeared && told_differently(&l->link, link);
    cause = appeared ? FB_CAUSE_LINK_UP : FB_CAUSE_ADDRESS_CHANGED;
    l->link = *link;
    l->up = true;
    if (moved)
    {
        fb_heartbeat_stop(&l->heartbeat); /* it is the address that is watched */
        l->request_due = false;
        l->response_due = false;
    }
    if (appeared || moved)
    {
        fb_mag_forget_path(l);
    }
    fb_mag_number_flows(mag);
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, s, place);

        if (!fb_update_list_used(&mag->list, s))
        {
            continue;
        }
        entry->ref.link = link->link;
        entry->ref.bid = link->bid;
        fb_update_list_at(&mag->list, s)->generation++;
        if (appeared || changed)
        {
            entry->silent_wait = 0;
            entry->refused_force = false;
        }
        if (appeared)
        {
            fb_mag_revive(mag, s, entry, cause, now);
        }
        else if (changed)
        {
            move_entry(mag, s, entry, cause, now);
        }
        fb_mag_settle(mag, s, cause, now);
    }
    return FB_OK;
}

int
fb_mag_link_down(fb_mag *mag, uint32_t link, fb_time now)
{
    uint16_t place = fb_mag_place_of(mag, link, false);

    if (place == mag->link_max)
    {
        return FB_ERR_UNKNOWN;
    }
    if (!mag->link[place].up)
    {
        return FB_OK;
    }
    mag->link[place].up = false;
    mag->link[place].request_due = false;
    mag->link[place].response_due = false;
    fb_heartbeat_stop(&mag->link[place].heartbeat);
    fb_mag_forget_path(&mag->link[place]);
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s))
        {
            fb_mag_lose_path(mag, s, fb_mag_entry(mag, s, place), FB_CAUSE_LINK_DOWN, now);
            fb_mag_settle(mag, s, FB_CAUSE_LINK_DOWN, now);
        }
    }
    return FB_OK;
}

/* ---- sessions ---- */

static bool
networks_usable(const fb_networks *networks, bool ipv4_too)
{
    for (size_t i = 0; i < networks->count; i++)
    {
        const fb_prefix *prefix = &networks->prefix[i];
        bool family = prefix->address.family == FB_FAMILY_IPV6 ||
                      (ipv4_too && prefix->address.family == FB_FAMILY_IPV4);

        if (!family || !fb_prefix_valid(prefix))
        {
            return false;
        }
    }
    return true;
}

static bool
session_usable(const fb_session *session)
{
    return session->session != 0 && session->kind <= FB_SESSION_PHYSICAL &&
           session->identity.length > 0 && session->identity.length <= FB_NAI_MAX &&
           session->link_layer_length <= FB_LINK_LAYER_MAX && session->technology != 0 &&
           /* RFC 5213 6.9.1.1, RFC 5844 3.2.1: there is something to ask for */
           (session->home_network || session->ipv4) && session->home.count <= FB_NETWORKS_MAX &&
           session->delegated.count <= FB_NETWORKS_MAX && networks_usable(&session->home, false) &&
           networks_usable(&session->delegated, true);
}

static bool
same_node(const fb_session *left, const fb_session *right)
{
    return left->identity.length == right->identity.length &&
           memcmp(left->identity.text, right->identity.text, left->identity.length) == 0;
}

/** It came back before its de-registration ended: goes on as a session that has just been attached. */
static void
attach_again(fb_mag *mag, uint32_t session, const fb_session *profile, fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);

    s->detaching = false;
    s->home_refused = false;
    s->ipv4_refused = false;
    s->delegation_refused = false;
    s->profile = *profile;
    /* it asks for what it had, unless it is told otherwise now */
    s->asked.home = profile->home.count > 0 ? profile->home : s->asked.home;
    s->asked.delegated = profile->delegated.count > 0 ? profile->delegated : s->asked.delegated;
    s->asked.home_address = profile->home_address != 0 ? profile->home_address
                                                       : s->asked.home_address;
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_mag_take_down(mag,
                         session,
                         fb_mag_entry(mag, session, i),
                         FB_BINDING_DOWN,
                         FB_CAUSE_ADMINISTRATOR,
                         now);
    }
}

static void
end_farewell(fb_mag *mag, uint32_t session, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (entry->update.kind == FB_UPDATE_DEREGISTER_ALL)
        {
            fb_mag_finish_deregistration(mag, session, entry, FB_CAUSE_ADMINISTRATOR, now);
            return;
        }
    }
}

int
fb_mag_add_session(fb_mag *mag, const fb_session *session, fb_time now)
{
    uint32_t place;
    fb_update_session *s;

    if (!session_usable(session))
    {
        return FB_ERR_ARGUMENT;
    }
    place = fb_update_list_find(&mag->list, session->session);
    if (place != FB_UPDATE_LIST_NONE)
    {
        const fb_update_session *there = fb_update_list_at(&mag->list, place);

        if (!there->detaching)
        {
            return FB_ERR_ARGUMENT;
        }
        if (same_node(&there->profile, session))
        {
            attach_again(mag, place, session, now);
            fb_mag_settle(mag, place, FB_CAUSE_ADMINISTRATOR, now);
            return FB_OK;
        }
        /* The number is another mobile node's now: the anchor will find out by itself that the first has gone */
        end_farewell(mag, place, now);
    }
    place = fb_update_list_add(&mag->list, session);
    if (place == FB_UPDATE_LIST_NONE)
    {
        return FB_ERR_LIMIT;
    }
    s = fb_update_list_at(&mag->list, place);
    s->asked.home = session->home;
    s->asked.delegated = session->delegated;
    s->asked.home_address = session->home_address;
    s->overwrite_due = mag->config.restart_counter != 0;
    if (mag->entropy->supplied)
    {
        /* Answers to what was sent before a restart are still on their way: their numbers are not to be used again */
        s->sequence = (uint16_t)fb_entropy_next(mag->entropy);
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_mag_entry(mag, place, i)->ref.link = mag->link[i].link.link;
        fb_mag_entry(mag, place, i)->ref.bid = mag->link[i].link.bid;
    }
    fb_mag_settle(mag, place, FB_CAUSE_ADMINISTRATOR, now);
    return FB_OK;
}

/** The entry whose update de-registers all: one whose path works, if there is any; NULL. */
static fb_update_entry *
farewell_carrier(const fb_mag *mag, uint32_t session, fb_time now)
{
    fb_update_entry *best = fb_mag_best_up(mag, session, NULL);

    /* RFC 5213 5.3.5-1: it is heard from, or about, an address that is registered */
    for (uint16_t i = 0; best == NULL && i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        best = fb_update_entry_held(entry, now) && link_there(mag, i) ? entry : NULL;
    }
    for (uint16_t i = 0; best == NULL && fb_mag_any_way(mag) != NULL && i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        best = fb_update_entry_held(entry, now) ? entry : NULL;
    }
    return best;
}

/* RFC 5213 6.9.1.4: one update with Lifetime 0 and B = 1 says it of all paths */
static void
deregister_all(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    fb_update_entry *carrier = farewell_carrier(mag, session, now);

    if (fb_mag_leaving(mag, session))
    {
        return; /* it is being said */
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (entry == carrier)
        {
            continue;
        }
        /* those that are up go when the answer comes */
        fb_update_list_drop_update(entry);
        fb_mag_set_state(mag,
                         session,
                         entry,
                         carrier != NULL && fb_update_entry_up(entry) ? FB_BINDING_DEREGISTERING
                                                                      : FB_BINDING_DOWN,
                         cause,
                         now);
    }
    if (carrier == NULL)
    {
        fb_mag_finish_deregistration(mag, session, fb_mag_entry(mag, session, 0), cause, now);
        return;
    }
    fb_mag_enqueue(mag, session, carrier, FB_UPDATE_DEREGISTER_ALL, cause, now);
}

int
fb_mag_remove_session(fb_mag *mag, uint32_t session, fb_time now)
{
    uint32_t place = fb_update_list_find(&mag->list, session);

    if (place == FB_UPDATE_LIST_NONE || fb_update_list_at(&mag->list, place)->detaching)
    {
        return FB_ERR_UNKNOWN;
    }
    fb_update_list_at(&mag->list, place)->detaching = true;
    deregister_all(mag, place, FB_CAUSE_ADMINISTRATOR, now);
    fb_mag_settle(mag, place, FB_CAUSE_ADMINISTRATOR, now);
    return FB_OK;
}

void
fb_mag_end_session(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);
    fb_event event = {.kind = FB_EVENT_SESSION,
                      .role = FB_ROLE_MAG,
                      .from = 1,
                      .ref = {.session = s->profile.session},
                      .identity = s->profile.identity,
                      .cause = (uint8_t)cause,
                      .time = now};

    fb_update_list_set_prefixes(&mag->list, session, &(fb_assignment){.mtu = s->mtu}, now);
    fb_mag_forget_flows(s, false);
    if (s->established)
    {
        fb_events_push(mag->events, &event);
    }
    s->established = false;
    s->recovering = false;
    s->gre_refused = false; /* RFC 5845 4.2: "for this mobility session" */
}

void
fb_mag_finish_deregistration(fb_mag *mag,
                             uint32_t session,
                             fb_update_entry *entry,
                             fb_cause cause,
                             fb_time now)
{
    bool all = entry->update.kind != FB_UPDATE_DEREGISTER;

    fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, cause, now);
    entry->held_until = 0;
    for (uint16_t i = 0; all && i < mag->link_max; i++)
    {
        fb_mag_entry(mag, session, i)->held_until = 0;
        fb_mag_take_down(mag, session, fb_mag_entry(mag, session, i), FB_BINDING_DOWN, cause, now);
    }
    if (all && fb_update_list_at(&mag->list, session)->detaching)
    {
        fb_mag_end_session(mag, session, FB_CAUSE_DEREGISTERED, now);
        fb_update_list_remove(&mag->list, session);
    }
}

/* ---- the administrator ---- */

/** The place of the link with @p bid; @p mag->link_max. */
static uint16_t
place_of_bid(const fb_mag *mag, uint8_t bid)
{
    uint16_t place = 0;

    while (place < mag->link_max && !(mag->link[place].known && mag->link[place].link.bid == bid))
    {
        place++;
    }
    return place;
}

/** Waiting after refusals ends. */
static void
pardon(fb_mag *mag, uint32_t session, uint16_t link, fb_time now)
{
    fb_update_entry *entry = fb_mag_entry(mag, session, link);

    entry->administrative = false;
    entry->clock = false;
    entry->retry_s = 0;
    if (entry->state == FB_BINDING_BLOCKED)
    {
        fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, FB_CAUSE_ADMINISTRATOR, now);
    }
    fb_mag_revive(mag, session, entry, FB_CAUSE_ADMINISTRATOR, now);
    if (entry->state == FB_BINDING_UP && entry->refresh_at == FB_TIME_NEVER &&
        entry->expires != FB_TIME_NEVER)
    {
        entry->refresh_at = now;
    }
}

int
fb_mag_register(fb_mag *mag, uint8_t bid, fb_time now)
{
    uint16_t place = place_of_bid(mag, bid);

    if (bid != 0 && place == mag->link_max)
    {
        return FB_ERR_UNKNOWN;
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        mag->link[i].wanted |= bid == 0 || i == place;
    }
    if (bid == 0 && mag->capability == FB_MULTIPATH_OFF && mag->config.multipath)
    {
        fb_mag_set_capability(mag, FB_MULTIPATH_UNKNOWN, now);
    }
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (!fb_update_list_used(&mag->list, s) || fb_update_list_at(&mag->list, s)->detaching)
        {
            continue;
        }
        for (uint16_t i = 0; i < mag->link_max; i++)
        {
            if (bid == 0 || i == place)
            {
                pardon(mag, s, i, now);
            }
        }
        if (bid == 0)
        {
            fb_mag_set_session_multipath(mag, s, true, now);
        }
        fb_mag_settle(mag, s, FB_CAUSE_ADMINISTRATOR, now);
    }
    return FB_OK;
}

static void
deregister_one(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_time now)
{
    if (!fb_update_entry_held(entry, now))
    {
        fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, FB_CAUSE_ADMINISTRATOR, now);
        return;
    }
    if (entry->state != FB_BINDING_DEREGISTERING)
    {
        fb_mag_enqueue(mag, session, entry, FB_UPDATE_DEREGISTER, FB_CAUSE_ADMINISTRATOR, now);
    }
}

int
fb_mag_deregister(fb_mag *mag, uint8_t bid, fb_time now)
{
    uint16_t place = place_of_bid(mag, bid);

    if (bid != 0 && place == mag->link_max)
    {
        return FB_ERR_UNKNOWN;
    }
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (!fb_update_list_used(&mag->list, s) || fb_update_list_at(&mag->list, s)->detaching)
        {
            continue;
        }
        if (bid == 0)
        {
            deregister_all(mag, s, FB_CAUSE_ADMINISTRATOR, now);
        }
        else
        {
            deregister_one(mag, s, fb_mag_entry(mag, s, place), now);
        }
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        mag->link[i].wanted &= bid != 0 && i != place;
    }
    fb_mag_settle_all(mag, FB_CAUSE_ADMINISTRATOR, now);
    return FB_OK;
}

void
fb_mag_clock_set(fb_mag *mag, fb_time now)
{
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        bool waited = false;

        for (uint16_t i = 0; fb_update_list_used(&mag->list, s) && i < mag->link_max; i++)
        {
            fb_update_entry *entry = fb_mag_entry(mag, s, i);

            waited |= entry->clock;
            if (entry->clock && entry->state == FB_BINDING_BLOCKED)
            {
                fb_mag_take_down(mag, s, entry, FB_BINDING_DOWN, FB_CAUSE_RETRY, now);
            }
            entry->clock = false;
        }
        if (waited)
        {
            fb_mag_settle(mag, s, FB_CAUSE_RETRY, now);
        }
    }
}

/* ---- policy ---- */

int
fb_mag_set_policy(fb_mag *mag, const fb_rule *rules, size_t count, fb_time now)
{
    if (count > mag->rule_max)
    {
        return FB_ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++)
    {
        if (!fb_rule_usable(&rules[i]))
        {
            return FB_ERR_ARGUMENT;
        }
    }
    if (count > 0)
    {
        memcpy(mag->rule, rules, count * sizeof *rules);
    }
    mag->rule_count = (uint8_t)count;
    mag->flows_version++; /* what is on its way is of the earlier one, even where it leads to the same BIDs */
    fb_mag_number_flows(mag);
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s))
        {
            fb_mag_forget_flows(fb_update_list_at(&mag->list, s), true);
            fb_update_list_at(&mag->list, s)->generation++;
            fb_mag_settle(mag, s, FB_CAUSE_POLICY_CHANGED, now);
        }
    }
    return FB_OK;
}
