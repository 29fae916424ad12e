/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/session_cache.h"

#include "base/hash.h"
#include "base/machine.h"

#include <stddef.h>
#include <string.h>

/** RFC 5844 3.4: number 0 is the network itself, number 1 the default router. */
#define FIRST_IPV4_HOME 2

#define IPV4_BITS 32

static const uint8_t no_link_local[FB_LINK_LOCAL_OCTETS] = {0};

static void
init_pools(fb_session_cache *sessions, fb_arena *arena, const fb_config *config)
{
    const fb_lma_config *lma = &config->lma;
    uint32_t capacity = config->limits.sessions;

    fb_prefix_pool_init(&sessions->pool[FB_PREFIX_HOME],
                        arena,
                        &lma->home_pool,
                        lma->home_prefix_length,
                        0,
                        capacity);
    fb_prefix_pool_init(&sessions->pool[FB_PREFIX_DELEGATED],
                        arena,
                        &lma->delegated_pool,
                        lma->delegated_prefix_length,
                        0,
                        capacity);
    fb_prefix_pool_init(&sessions->pool[FB_PREFIX_IPV4],
                        arena,
                        &lma->ipv4_pool,
                        IPV4_BITS,
                        FIRST_IPV4_HOME,
                        capacity);
    for (size_t use = 0; use < FB_PREFIX_USES; use++)
    {
        bool apart = use != FB_PREFIX_HOME && sessions->pool[use].base.length > 0;

        sessions->number[use] =
            apart ? fb_arena_take(arena, capacity, sizeof(uint32_t), _Alignof(uint32_t)) : NULL;
    }
}

/** Prefixes that are mobile nodes' by name. */
static void
init_named(fb_session_cache *sessions, fb_arena *arena, uint32_t capacity)
{
    uint32_t *free = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
    fb_prefix_set_memory memory = {
        .member = fb_arena_take(arena, capacity, sizeof(fb_prefix), _Alignof(fb_prefix)),
        .branch =
            fb_arena_take(arena, capacity, sizeof(fb_prefix_branch), _Alignof(fb_prefix_branch)),
        .pool = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t))};

    sessions->named =
        fb_arena_take(arena, capacity, sizeof *sessions->named, _Alignof(fb_named_prefix));
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&sessions->nameds, free, capacity);
        fb_prefix_set_init(&sessions->named_set, memory, capacity);
    }
}

void
fb_sessions_init(fb_session_cache *sessions,
                 fb_arena *arena,
                 const fb_config *config,
                 fb_events *events)
{
    const fb_limits *limits = &config->limits;
    uint32_t named = limits->named_prefixes != 0 ? limits->named_prefixes : limits->subscribers;
    uint32_t *free_nodes =
        fb_arena_take(arena, 1, fb_pool_memory(limits->subscribers), _Alignof(uint32_t));

    fb_cache_init_sessions(&sessions->cache,
                           arena,
                           limits,
                           sizeof *sessions->session,
                           &sessions->care_of,
                           events);
    sessions->session = sessions->cache.node;
    fb_care_of_init(&sessions->care_of, arena, limits->care_of_addresses, config->lma.heartbeat_s);
    fb_gateways_init(&sessions->gateways, arena, limits);
    sessions->key_down = NULL;
    if (config->lma.gre)
    {
        sessions->key_down =
            fb_arena_take(arena, limits->bindings, sizeof *sessions->key_down, _Alignof(uint32_t));
    }
    sessions->metrics = config->lma.vendor == 0 ? NULL
                                                : fb_arena_take(arena,
                                                                limits->bindings,
                                                                sizeof *sessions->metrics,
                                                                _Alignof(fb_path_metrics));
    sessions->repeat =
        fb_arena_take(arena, limits->bindings, sizeof *sessions->repeat, FB_CACHE_LINE);
    sessions->node =
        fb_arena_take(arena, limits->subscribers, sizeof *sessions->node, FB_CACHE_LINE);
    fb_sessions_init_names(sessions, arena, limits);
    fb_sessions_init_links(sessions, arena, limits);
    fb_flow_sets_init(&sessions->flows, arena, limits);
    fb_chains_init(&sessions->by_identity, arena, limits->subscribers);
    init_pools(sessions, arena, config);
    init_named(sessions, arena, named);
    sessions->events = events;
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&sessions->nodes, free_nodes, limits->subscribers);
    }
}

/* ---- what will be needed ---- */

uint32_t
fb_session_expect(const fb_session_cache *sessions, const uint8_t *prefix)
{
    uint32_t guess = fb_prefix_pool_guess(&sessions->pool[FB_PREFIX_HOME], FB_FAMILY_IPV6, prefix);

    if (guess < sessions->cache.nodes.touched)
    {
        fb_cache_prefetch(&sessions->cache, guess);
        fb_prefetch(&sessions->repeat[(size_t)guess * sessions->cache.binding_share]);
    }
    return guess;
}

uint32_t
fb_session_expected(const fb_session_cache *sessions, uint32_t guess, const uint8_t *prefix)
{
    const fb_prefix_pool *pool = &sessions->pool[FB_PREFIX_HOME];
    uint32_t owner;

    if (guess < sessions->cache.nodes.touched && sessions->session[guess].node != FB_NODE_NONE &&
        sessions->session[guess].home_number == guess + pool->first)
    {
        return guess; /* as most: who has the lowest number has the lowest prefix */
    }
    owner = fb_prefix_pool_guessed(pool, guess);
    return owner != FB_PREFIX_UNOWNED ? owner
                                      : fb_sessions_find_address(sessions, FB_FAMILY_IPV6, prefix);
}

void
fb_session_expect_owners(const fb_session_cache *sessions,
                         uint32_t session,
                         const fb_binding *binding,
                         bool flows)
{
    fb_prefetch(&sessions->care_of.item[binding->care_of_address]);
    if (flows)
    {
        fb_cache_prefetch_floor(&sessions->cache, session);
    }
}

void
fb_session_expect_more(const fb_session_cache *sessions, uint32_t session, uint8_t bid, bool flows)
{
    const fb_mobility_session *item = &sessions->session[session];
    const fb_binding *b = fb_cache_binding(&sessions->cache, session, bid);

    if (b != NULL)
    {
        fb_prefetch(&sessions->care_of.item[b->care_of_address]);
    }
    fb_prefetch(&sessions->gateways.item[item->gateway]);
    fb_prefetch(&sessions->node[item->node]);
    if (item->flows != FB_FLOW_SET_NONE)
    {
        fb_prefetch(&sessions->flows.item[item->flows]);
    }
    if (flows)
    {
        fb_cache_prefetch_floor(&sessions->cache, session);
    }
}

/* ---- sessions ---- */

static void
session_event(fb_session_cache *sessions, uint32_t session, bool there, fb_cause cause, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_SESSION,
                      .role = FB_ROLE_LMA,
                      .from = !there,
                      .to = there,
                      .cause = (uint8_t)cause,
                      .ref = {.session = session + 1},
                      .identity = fb_sessions_identity(sessions, sessions->session[session].node),
                      .time = now};

    fb_events_push(sessions->events, &event);
}

/** Puts the session at the head of its gateway's list. */
static void
join_gateway(fb_session_cache *sessions, uint32_t session, uint32_t gateway)
{
    fb_gateway_entry *entry = &sessions->gateways.item[gateway];
    fb_mobility_session *item = &sessions->session[session];

    item->gateway = gateway;
    item->gateway_previous = FB_POOL_NONE;
    item->gateway_next = entry->first;
    if (entry->first == FB_POOL_NONE)
    {
        entry->last = session;
    }
    else
    {
        sessions->session[entry->first].gateway_previous = session;
    }
    entry->first = session;
    entry->sessions++;
}

static void
unlink_from_gateway(fb_session_cache *sessions, uint32_t session)
{
    const fb_mobility_session *item = &sessions->session[session];
    fb_gateway_entry *entry = &sessions->gateways.item[item->gateway];
    uint32_t *toward = item->gateway_previous == FB_POOL_NONE
                           ? &entry->first
                           : &sessions->session[item->gateway_previous].gateway_next;
    uint32_t *back = item->gateway_next == FB_POOL_NONE
                         ? &entry->last
                         : &sessions->session[item->gateway_next].gateway_previous;

    *toward = item->gateway_next;
    *back = item->gateway_previous;
    entry->sessions--;
}

static void
leave_gateway(fb_session_cache *sessions, uint32_t session)
{
    uint32_t gateway = sessions->session[session].gateway;

    unlink_from_gateway(sessions, session);
    /* Never more than there are: it counts from the end of the list */
    if (sessions->gateways.item[gateway].unswept > sessions->gateways.item[gateway].sessions)
    {
        fb_gateways_swept(&sessions->gateways, gateway);
    }
    fb_gateways_settle(&sessions->gateways, gateway);
}

uint32_t
fb_session_create(fb_session_cache *sessions, uint32_t node, uint32_t gateway)
{
    bool room = sessions->node[node].session_count < UINT16_MAX;
    uint32_t id = room ? fb_cache_add_session(&sessions->cache) : FB_NODE_NONE;
    fb_mobility_session *item;

    if (id == FB_NODE_NONE)
    {
        return FB_SESSION_NONE;
    }
    item = &sessions->session[id];
    item->node = node;
    item->next = sessions->node[node].sessions;
    item->flows = FB_FLOW_SET_NONE;
    item->more = FB_CELLS_NONE;
    item->home_number = FB_POOL_NONE;
    for (size_t use = 0; use < FB_PREFIX_USES; use++)
    {
        if (sessions->number[use] != NULL)
        {
            sessions->number[use][id] = FB_POOL_NONE;
        }
    }
    sessions->node[node].sessions = id;
    sessions->node[node].session_count++;
    /* Nothing older than what ended its predecessors may begin another one (RFC 5213 5.5, C8-08) */
    sessions->cache.identification_floor[id] = sessions->node[node].floor;
    join_gateway(sessions, id, gateway);
    return id;
}

void
fb_session_move(fb_session_cache *sessions, uint32_t session, uint32_t gateway)
{
    if (sessions->session[session].gateway != gateway)
    {
        leave_gateway(sessions, session);
        join_gateway(sessions, session, gateway);
        fb_cache_node(&sessions->cache, session)->generation++;
    }
}

void
fb_session_announce(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    session_event(sessions, session, true, FB_CAUSE_REGISTERED, now);
}

static void
leave_node(fb_session_cache *sessions, uint32_t session)
{
    uint32_t owner = sessions->session[session].node;
    fb_proxy_node *node = &sessions->node[owner];
    uint32_t *link = &node->sessions;
    uint64_t latest = fb_cache_latest_identification(&sessions->cache, session, FB_BID_ALL);

    while (*link != session)
    {
        link = &sessions->session[*link].next;
    }
    *link = sessions->session[session].next;
    node->session_count--;
    if (latest > node->floor)
    {
        node->floor = latest;
    }
    sessions->session[session].node = FB_NODE_NONE;
    fb_sessions_settle_node(sessions, owner);
}

void
fb_session_delete(fb_session_cache *sessions, uint32_t session, fb_cause cause, fb_time now)
{
    fb_cache_unbind_all(&sessions->cache, session, cause, now);
    fb_session_forget_flows(sessions, session, now);
    for (size_t use = 0; use < FB_PREFIX_USES; use++)
    {
        fb_session_release_prefixes(sessions, session, (fb_prefix_use)use, now);
    }
    fb_session_set_link(sessions, session, (fb_octets){NULL, 0}, no_link_local);
    session_event(sessions, session, false, cause, now);
    leave_gateway(sessions, session);
    leave_node(sessions, session);
    fb_cache_remove_session(&sessions->cache, session, cause, now);
}

/* ---- what updates depend on ---- */

#define WRITTEN_AT offsetof(fb_mobility_session, association)
#define WRITTEN_WORDS ((sizeof(fb_mobility_session) - WRITTEN_AT) / sizeof(uint64_t))

_Static_assert(WRITTEN_AT + WRITTEN_WORDS * sizeof(uint64_t) == sizeof(fb_mobility_session),
               "all of what updates write is seen");

uint64_t
fb_session_fingerprint(const fb_session_cache *sessions, uint32_t session)
{
    const fb_mobility_session *item = &sessions->session[session];
    /* Prefixes, bindings, flows, cells and the mobile node: whatever changes them moves the generation */
    uint64_t version = item->owner.generation - item->owner.reaffirmed;
    fb_hash_lanes hash = fb_hash_begin(sessions->gateways.version);

    fb_hash_add(&hash, (const uint8_t *)item + WRITTEN_AT, WRITTEN_WORDS);
    hash.lane[0] = fb_hash_lane(hash.lane[0], version << 8 | item->owner.flags);
    return fb_hash_end(&hash);
}

/* ---- what packets depend on ---- */

/** Whether its gateway has lost it: it was accepted before the gateway restarted (C8-10). */
static bool
is_lost(const fb_gateway_entry *gateway, const fb_binding *binding)
{
    return binding->expires < gateway->lost_before + binding->lifetime_s * FB_SECOND;
}

bool
fb_session_binding_usable(const fb_session_cache *sessions,
                          uint32_t session,
                          const fb_binding *binding)
{
    const fb_gateway_entry *gateway = &sessions->gateways.item[sessions->session[session].gateway];

    return (binding->flags & FB_BINDING_FLAG_LINGERS) == 0 &&
           !fb_care_of_heartbeat(&sessions->care_of, binding->care_of_address)->dead &&
           !is_lost(gateway, binding);
}

/** Bits of a generation that count what became of gateways; above them are the session's own changes. */
#define PEER_BITS 12

uint32_t
fb_session_generation(const fb_session_cache *sessions, uint32_t session)
{
    const fb_binding_cache *cache = &sessions->cache;
    uint32_t generation = fb_cache_node(cache, session)->generation << PEER_BITS;
    uint32_t peers;

    if (sessions->session[session].node == FB_NODE_NONE)
    {
        return generation;
    }
    /* A sum, which only grows while the session keeps its bindings and gateway */
    peers = sessions->gateways.item[sessions->session[session].gateway].changes;
    for (const fb_binding *b = fb_cache_binding_first(cache, session); b != NULL;
         b = fb_cache_binding_next(cache, b))
    {
        peers += sessions->care_of.item[b->care_of_address].changes;
    }
    return generation | (peers & ((UINT32_C(1) << PEER_BITS) - 1));
}

/* ---- time ---- */

fb_time
fb_sessions_next_deadline(const fb_session_cache *sessions)
{
    return sessions->gateways.sweeping != FB_GATEWAY_NONE
               ? 0
               : fb_cache_next_deadline(&sessions->cache);
}

/** Takes away what a gateway's restart took from the session; it goes with its last binding. */
static void
sweep(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    fb_binding_cache *cache = &sessions->cache;
    uint32_t gateway = sessions->session[session].gateway;
    const fb_binding *b = fb_cache_binding_first(cache, session);

    fb_gateways_swept(&sessions->gateways, gateway);
    while (b != NULL)
    {
        const fb_binding *next = fb_cache_binding_next(cache, b);

        if (is_lost(&sessions->gateways.item[gateway], b))
        {
            fb_cache_unbind(cache, session, b->bid, FB_CAUSE_PEER_RESTART, now);
        }
        b = next;
    }
    if (fb_cache_node(cache, session)->binding_count == 0)
    {
        fb_session_delete(sessions, session, FB_CAUSE_PEER_RESTART, now);
        return;
    }
    unlink_from_gateway(sessions, session);
    join_gateway(sessions, session, gateway);
}

unsigned
fb_sessions_expire(fb_session_cache *sessions, unsigned budget, fb_time now)
{
    unsigned done = 0;

    while (done < budget && sessions->gateways.sweeping != FB_GATEWAY_NONE)
    {
        /* New ones come to the head of the list, and those looked at go there */
        sweep(sessions, sessions->gateways.item[sessions->gateways.sweeping].last, now);
        done++;
    }
    while (done < budget)
    {
        uint32_t session = fb_cache_expire_next(&sessions->cache, now);

        if (session == FB_NODE_NONE)
        {
            break;
        }
        if (fb_cache_node(&sessions->cache, session)->binding_count == 0)
        {
            /* RFC 5213 5.3.5-2; D8-30: it lives while any binding does */
            fb_session_delete(sessions,
                              session,
                              (sessions->session[session].owner.flags & FB_SESSION_GRACE) != 0
                                  ? FB_CAUSE_DEREGISTERED
                                  : FB_CAUSE_EXPIRED,
                              now);
        }
        done++;
    }
    return done;
}
