/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/update_list.h"

#include "base/hash.h"

#include <string.h>

void
fb_update_list_init(fb_update_list *list,
                    fb_arena *arena,
                    uint32_t sessions,
                    uint16_t links,
                    fb_events *events)
{
    size_t entries = fb_arena_octets(sessions, links);
    size_t members = fb_arena_octets(sessions, FB_UPDATE_LIST_PREFIXES);
    void *numbers = fb_arena_take(arena, 1, fb_index_memory(sessions), _Alignof(uint32_t));
    uint32_t *places = fb_arena_take(arena, 1, fb_pool_memory(sessions), _Alignof(uint32_t));
    void *timers = fb_arena_take(arena, 1, fb_heap_memory(sessions), 8);
    void *senders = fb_arena_take(arena, 1, fb_heap_memory(sessions), 8);
    fb_prefix_set_memory memory = {
        .member = fb_arena_take(arena, members, sizeof(fb_prefix), _Alignof(fb_prefix)),
        .branch =
            fb_arena_take(arena, members, sizeof(fb_prefix_branch), _Alignof(fb_prefix_branch)),
        .pool = fb_arena_take(arena, 1, fb_pool_memory((uint32_t)members), _Alignof(uint32_t))};

    memset(list, 0, sizeof *list);
    list->session =
        fb_arena_take(arena, sessions, sizeof(fb_update_session), _Alignof(fb_update_session));
    list->entry = fb_arena_take(arena, entries, sizeof(fb_update_entry), _Alignof(fb_update_entry));
    fb_chains_init(&list->by_identity, arena, sessions);
    list->capacity = sessions;
    list->links = links;
    list->events = events;
    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    memset(list->session, 0, sessions * sizeof *list->session);
    fb_pool_init(&list->places, places, sessions);
    fb_index_init(&list->by_number, numbers, sessions);
    fb_heap_init(&list->timers, timers, sessions);
    fb_heap_init(&list->senders, senders, sessions);
    fb_prefix_set_init(&list->prefixes, memory, (uint32_t)members);
}

/* ---- sessions ---- */

uint32_t
fb_update_list_find(const fb_update_list *list, uint32_t number)
{
    return list->count == 0 ? FB_UPDATE_LIST_NONE : fb_index_find(&list->by_number, number);
}

static uint32_t
hash_of(const fb_nai *identity)
{
    return (uint32_t)fb_hash_octets(0, (const uint8_t *)identity->text, identity->length);
}

static bool
is_called(const fb_update_session *session, const uint8_t *text, size_t length)
{
    return session->profile.identity.length == length &&
           memcmp(session->profile.identity.text, text, length) == 0;
}

/** From @p session on, itself included, the first one that is called so. */
static uint32_t
called(const fb_update_list *list, uint32_t session, const uint8_t *text, size_t length)
{
    while (session != FB_UPDATE_LIST_NONE && !is_called(&list->session[session], text, length))
    {
        session = fb_chains_next(&list->by_identity, session);
    }
    return session;
}

uint32_t
fb_update_list_identity(const fb_update_list *list, const uint8_t *text, size_t length)
{
    uint32_t hash = (uint32_t)fb_hash_octets(0, text, length);

    if (list->count == 0 || length == 0)
    {
        return FB_UPDATE_LIST_NONE;
    }
    return called(list, fb_chains_first(&list->by_identity, hash), text, length);
}

uint32_t
fb_update_list_same_identity(const fb_update_list *list, uint32_t session)
{
    const fb_nai *identity = &list->session[session].profile.identity;

    return called(list,
                  fb_chains_next(&list->by_identity, session),
                  (const uint8_t *)identity->text,
                  identity->length);
}

uint32_t
fb_update_list_add(fb_update_list *list, const fb_session *profile)
{
    uint32_t place = fb_pool_take(&list->places);

    if (place == FB_POOL_NONE)
    {
        return FB_UPDATE_LIST_NONE;
    }
    fb_update_session *session = &list->session[place];
    uint32_t generation = session->generation;

    memset(session, 0, sizeof *session);
    /* what was decided about packets of the session that had the place before is not about this one */
    session->generation = generation + 1;
    session->profile = *profile;
    session->multipath = true;
    session->multipath_retry_at = FB_TIME_NEVER;
    session->flows_retry_at = FB_TIME_NEVER;
    fb_chains_add(&list->by_identity, hash_of(&profile->identity), place);
    fb_index_insert(&list->by_number, profile->session, place);
    list->count++;
    for (uint16_t i = 0; i < list->links; i++)
    {
        fb_update_entry *entry = fb_update_list_entry(list, place, i);

        memset(entry, 0, sizeof *entry);
        entry->ref.session = profile->session;
        entry->expires = FB_TIME_NEVER;
        entry->refresh_at = FB_TIME_NEVER;
        entry->blocked_until = FB_TIME_NEVER;
        entry->update.send_at = FB_TIME_NEVER;
    }
    return place;
}

void
fb_update_list_remove(fb_update_list *list, uint32_t session)
{
    fb_chains_remove(&list->by_identity,
                     hash_of(&list->session[session].profile.identity),
                     session);
    fb_index_remove(&list->by_number, list->session[session].profile.session);
    fb_heap_set(&list->timers, session, FB_TIME_NEVER);
    fb_heap_set(&list->senders, session, FB_TIME_NEVER);
    list->session[session].profile.session = 0;
    fb_pool_give(&list->places, session);
    list->count--;
}

/* ---- updates ---- */

void
fb_update_list_drop_update(fb_update_entry *entry)
{
    memset(&entry->update, 0, sizeof entry->update);
    entry->update.send_at = FB_TIME_NEVER;
}

void
fb_update_list_enqueue(fb_update_list *list,
                       uint32_t session,
                       fb_update_entry *entry,
                       fb_update_kind kind,
                       fb_time backoff,
                       fb_time now)
{
    fb_update_list_drop_update(entry);
    entry->update.kind = (uint8_t)kind;
    entry->update.order = ++list->session[session].order;
    entry->update.backoff = backoff;
    entry->update.send_at = now;
}

/* ---- states ---- */

#define TO(state) (1u << (state))

/* What may follow what: RFC 8278's state machine of a path, one row a state. */
static const uint16_t legal[] = {
    [FB_BINDING_DOWN] = TO(FB_BINDING_QUEUED) | TO(FB_BINDING_WAITING) | TO(FB_BINDING_STANDBY) |
                        TO(FB_BINDING_DEREGISTERING) | TO(FB_BINDING_BLOCKED),
    [FB_BINDING_QUEUED] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_PENDING) | TO(FB_BINDING_PROBING) |
                          TO(FB_BINDING_WAITING) | TO(FB_BINDING_STANDBY) |
                          TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_PENDING] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_UP) |
                           TO(FB_BINDING_DEREGISTERING) | TO(FB_BINDING_BLOCKED) |
                           TO(FB_BINDING_WAITING) | TO(FB_BINDING_STANDBY),
    [FB_BINDING_UP] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_UP_PENDING) |
                      TO(FB_BINDING_DEREGISTERING) | TO(FB_BINDING_STANDBY),
    [FB_BINDING_UP_PENDING] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_PENDING) |
                              TO(FB_BINDING_UP) | TO(FB_BINDING_DEREGISTERING) |
                              TO(FB_BINDING_BLOCKED) | TO(FB_BINDING_STANDBY),
    [FB_BINDING_DEREGISTERING] = TO(FB_BINDING_DOWN),
    [FB_BINDING_BLOCKED] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_WAITING] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_STANDBY) |
                           TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_PROBING] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_UP) |
                           TO(FB_BINDING_DEREGISTERING) | TO(FB_BINDING_BLOCKED) |
                           TO(FB_BINDING_WAITING) | TO(FB_BINDING_STANDBY) | TO(FB_BINDING_PENDING),
    [FB_BINDING_STANDBY] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_WAITING) |
                           TO(FB_BINDING_DEREGISTERING),
};

static void
stop_timers(fb_update_entry *entry, fb_binding_state next)
{
    if (next != FB_BINDING_UP && next != FB_BINDING_UP_PENDING)
    {
        entry->expires = FB_TIME_NEVER;
        entry->refresh_at = FB_TIME_NEVER;
    }
    if (next != FB_BINDING_BLOCKED)
    {
        entry->blocked_until = FB_TIME_NEVER;
    }
}

/** Lifetimes in events have 16 bits. */
static uint16_t
lifetime_told(uint32_t lifetime_s)
{
    return lifetime_s < UINT16_MAX ? (uint16_t)lifetime_s : UINT16_MAX;
}

void
fb_update_list_set_state(fb_update_list *list,
                         uint32_t session,
                         fb_update_entry *entry,
                         fb_binding_state next,
                         fb_cause cause,
                         fb_time now)
{
    fb_event event = {.kind = FB_EVENT_BINDING,
                      .role = FB_ROLE_MAG,
                      .from = entry->state,
                      .to = (uint8_t)next,
                      .cause = (uint8_t)cause,
                      .lifetime_s = lifetime_told(entry->lifetime_s),
                      .ref = entry->ref,
                      .care_of = entry->care_of,
                      .identity = list->session[session].profile.identity,
                      .time = now};

    if (entry->state == next)
    {
        return;
    }
    if ((legal[entry->state] & TO(next)) == 0)
    {
        fb_events_count(list->events, FB_BUG_STATE_TRANSITION);
    }
    entry->state = (uint8_t)next;
    list->session[session].generation++;
    stop_timers(entry, next);
    fb_events_push(list->events, &event);
}

/* ---- prefixes ---- */

/** A session's prefixes in the order of their numbers; length 0: there is none with that number. */
typedef struct numbered
{
    fb_prefix prefix[FB_UPDATE_LIST_PREFIXES];
} numbered;

#define FIRST_DELEGATED FB_NETWORKS_MAX
#define IPV4_HOME_ADDRESS (2 * FB_NETWORKS_MAX)

static void
number_networks(fb_prefix *prefix, const fb_networks *networks)
{
    for (size_t i = 0; i < networks->count; i++)
    {
        prefix[i] = networks->prefix[i];
        fb_prefix_clear_host_bits(&prefix[i]);
    }
}

static void
number_all(numbered *all,
           const fb_networks *home,
           const fb_networks *delegated,
           fb_ipv4 home_address)
{
    memset(all, 0, sizeof *all);
    number_networks(all->prefix, home);
    number_networks(all->prefix + FIRST_DELEGATED, delegated);
    if (home_address != 0)
    {
        all->prefix[IPV4_HOME_ADDRESS] = (fb_prefix){fb_addr_from_ipv4(home_address), 32};
    }
}

/** Whether @p prefix, which is number @p number, is among those of its sort. */
static bool
has(const numbered *all, size_t number, const fb_prefix *prefix)
{
    size_t first = number < FIRST_DELEGATED     ? 0
                   : number < IPV4_HOME_ADDRESS ? FIRST_DELEGATED
                                                : IPV4_HOME_ADDRESS;
    size_t end = first == IPV4_HOME_ADDRESS ? IPV4_HOME_ADDRESS + 1 : first + FB_NETWORKS_MAX;

    for (size_t i = first; i < end; i++)
    {
        if (all->prefix[i].length != 0 && fb_prefix_equal(&all->prefix[i], prefix))
        {
            return true;
        }
    }
    return false;
}

/** Tells of the prefixes in @p some that are not in @p others; with @p always of all of them. */
static void
tell(fb_update_list *list,
     uint32_t session,
     const numbered *some,
     const numbered *others,
     bool always,
     fb_event event)
{
    event.kind = FB_EVENT_PREFIX;
    event.role = FB_ROLE_MAG;
    event.ref.session = list->session[session].profile.session;
    event.ref.link = list->session[session].profile.access_link;
    event.identity = list->session[session].profile.identity;
    for (size_t i = 0; i < FB_UPDATE_LIST_PREFIXES; i++)
    {
        if (some->prefix[i].length != 0 && (always || !has(others, i, &some->prefix[i])))
        {
            event.prefix = some->prefix[i];
            event.delegated = i >= FIRST_DELEGATED && i < IPV4_HOME_ADDRESS;
            fb_events_push(list->events, &event);
        }
    }
}

/** Puts those of a session's prefixes into the set that are not in it, and do not overlap others there. */
static void
add_missing(fb_update_list *list, uint32_t session, const numbered *all)
{
    fb_update_session *s = &list->session[session];
    uint32_t first = session * FB_UPDATE_LIST_PREFIXES;

    for (uint32_t i = 0; i < FB_UPDATE_LIST_PREFIXES; i++)
    {
        if ((s->indexed >> i & 1) == 0 && fb_prefix_valid(&all->prefix[i]))
        {
            bool added = fb_prefix_set_add(&list->prefixes, first + i, &all->prefix[i]);

            s->indexed |= (uint16_t)((added ? 1u : 0u) << i);
            list->overlapping += !added;
        }
    }
}

static void
index_prefixes(fb_update_list *list, uint32_t session, const numbered *before, const numbered *all)
{
    fb_update_session *s = &list->session[session];
    uint32_t first = session * FB_UPDATE_LIST_PREFIXES;

    for (uint32_t i = 0; i < FB_UPDATE_LIST_PREFIXES; i++)
    {
        if ((s->indexed >> i & 1) != 0)
        {
            fb_prefix_set_remove(&list->prefixes, first + i);
        }
        else if (fb_prefix_valid(&before->prefix[i]))
        {
            list->overlapping--;
        }
    }
    s->indexed = 0;
    add_missing(list, session, all);
}

/** Prefixes that overlapped those of another session have their turn when these are gone. */
static void
index_others(fb_update_list *list)
{
    list->overlapping = 0;
    for (uint32_t place = 0; place < list->capacity; place++)
    {
        const fb_update_session *s = &list->session[place];
        numbered all;

        if (fb_update_list_used(list, place))
        {
            number_all(&all, &s->home, &s->delegated, s->home_address);
            add_missing(list, place, &all);
        }
    }
}

void
fb_update_list_set_prefixes(fb_update_list *list,
                            uint32_t session,
                            const fb_assignment *assignment,
                            fb_time now)
{
    fb_update_session *s = &list->session[session];
    bool other_mtu = assignment->mtu != s->mtu;
    numbered before, after;

    number_all(&before, &s->home, &s->delegated, s->home_address);
    number_all(&after, &assignment->home, &assignment->delegated, assignment->home_address);
    if (!other_mtu && memcmp(&before, &after, sizeof before) == 0)
    {
        return;
    }
    tell(list, session, &before, &after, false, (fb_event){.from = 1, .time = now});
    tell(list,
         session,
         &after,
         &before,
         other_mtu,
         (fb_event){.to = 1, .mtu = assignment->mtu, .time = now});
    index_prefixes(list, session, &before, &after);
    s->home = assignment->home;
    s->delegated = assignment->delegated;
    s->home_address = assignment->home_address;
    s->mtu = assignment->mtu;
    s->generation++;
    if (list->overlapping > 0)
    {
        index_others(list);
    }
}

uint32_t
fb_update_list_lookup(const fb_update_list *list, uint8_t family, const uint8_t *octets)
{
    uint32_t member = fb_prefix_set_find(&list->prefixes, family, octets);

    return member == FB_PREFIX_NONE ? FB_UPDATE_LIST_NONE : member / FB_UPDATE_LIST_PREFIXES;
}
