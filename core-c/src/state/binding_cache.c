/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/binding_cache_internal.h"

#include "base/machine.h"

#include <stddef.h>
#include <string.h>

/** As many bindings as most nodes have; fetching more would only push out something else. */
#define SHARE_FETCHED 4

static uint32_t *
take_pool(fb_arena *arena, uint32_t capacity)
{
    return fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
}

static bool
pool_full(const fb_pool *pool)
{
    return pool->used == pool->capacity;
}

static void
lay_out(fb_binding_cache *cache,
        fb_arena *arena,
        const fb_limits *limits,
        fb_selector_layout layout,
        fb_events *events)
{
    uint32_t *free_nodes = take_pool(arena, limits->nodes);
    uint32_t *free_bindings = take_pool(arena, limits->bindings);
    /* Sessions are known by their number alone */
    uint32_t addresses = cache->care_of == NULL ? limits->nodes : 0;
    void *index = fb_arena_take(arena, 1, fb_index_memory(addresses), FB_CACHE_LINE);
    void *heap = fb_arena_take(arena, 1, fb_heap_memory(limits->nodes), _Alignof(fb_time));

    cache->node = fb_arena_take(arena, limits->nodes, cache->node_size, FB_CACHE_LINE);
    cache->home = cache->care_of == NULL ? cache->node : NULL;
    cache->subscriber = fb_arena_take(arena, addresses, sizeof *cache->subscriber, FB_CACHE_LINE);
    cache->binding = fb_arena_take(arena, limits->bindings, sizeof(fb_binding), FB_CACHE_LINE);
    fb_cache_init_policies(cache, arena, limits);
    fb_identities_init(&cache->identities, arena, limits->identities);
    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_pool_init(&cache->nodes, free_nodes, limits->nodes);
    fb_pool_init(&cache->bindings, free_bindings, limits->bindings);
    fb_index_init(&cache->by_home_address, index, addresses);
    fb_heap_init(&cache->deadline, heap, limits->nodes);
    cache->binding_share = limits->nodes > 0 ? limits->bindings / limits->nodes : 0;
    cache->bindings_per_node = limits->bindings_per_node;
    cache->layout = layout;
    cache->events = events;
}

void
fb_cache_init(fb_binding_cache *cache,
              fb_arena *arena,
              const fb_limits *limits,
              fb_selector_layout layout,
              fb_events *events)
{
    cache->role = FB_ROLE_HOME_AGENT;
    cache->care_of = NULL;
    cache->node_size = sizeof(fb_home_node);
    lay_out(cache, arena, limits, layout, events);
}

void
fb_cache_init_sessions(fb_binding_cache *cache,
                       fb_arena *arena,
                       const fb_limits *limits,
                       size_t session_size,
                       fb_care_of_table *care_of,
                       fb_events *events)
{
    fb_limits sessions = {.nodes = limits->sessions,
                          .bindings = limits->bindings,
                          .bindings_per_node = limits->bindings_per_node};

    cache->role = FB_ROLE_LMA;
    cache->care_of = care_of;
    cache->node_size = session_size;
    lay_out(cache, arena, &sessions, FB_SELECTOR_LAYOUT_RFC6089, events);
    fb_cache_keep_identifications(cache, arena, &sessions);
}

void
fb_cache_keep_identifications(fb_binding_cache *cache, fb_arena *arena, const fb_limits *limits)
{
    cache->identification =
        fb_arena_take(arena, limits->bindings, sizeof(uint64_t), _Alignof(uint64_t));
    cache->identification_floor =
        fb_arena_take(arena, limits->nodes, sizeof(uint64_t), _Alignof(uint64_t));
}

uint32_t
fb_cache_find(const fb_binding_cache *cache, fb_ipv4 home_address)
{
    return fb_index_find(&cache->by_home_address, home_address);
}

void
fb_cache_expect(const fb_binding_cache *cache, fb_ipv4 home_address)
{
    fb_index_prefetch(&cache->by_home_address, home_address);
}

void
fb_cache_prefetch_floor(const fb_binding_cache *cache, uint32_t node)
{
    fb_prefetch(&cache->identification_floor[node]);
}

void
fb_cache_prefetch(const fb_binding_cache *cache, uint32_t node)
{
    size_t share = cache->binding_share < SHARE_FETCHED ? cache->binding_share : SHARE_FETCHED;

    fb_prefetch(fb_cache_node(cache, node));
    if (cache->care_of == NULL)
    {
        fb_prefetch_all(&cache->subscriber[node], sizeof *cache->subscriber);
    }
    fb_prefetch_all(&cache->binding[(size_t)node * cache->binding_share],
                    share * sizeof *cache->binding);
    if (cache->identification != NULL)
    {
        fb_prefetch(&cache->identification[(size_t)node * cache->binding_share]);
        if (cache->care_of == NULL)
        {
            fb_cache_prefetch_floor(cache, node);
        }
    }
}

/** A node nothing is known of; FB_NODE_NONE when all are in use. */
static uint32_t
take_node(fb_binding_cache *cache)
{
    uint32_t id = fb_pool_take(&cache->nodes);

    if (id == FB_POOL_NONE)
    {
        return FB_NODE_NONE;
    }
    /* A slot used before keeps counting, so that entries of its former owner never look current. */
    uint32_t generation = fb_cache_node(cache, id)->generation + 1;
    memset(fb_cache_node(cache, id), 0, cache->node_size);
    fb_cache_node(cache, id)->generation = generation;
    fb_cache_node(cache, id)->bindings = FB_POOL_NONE;
    if (cache->care_of == NULL)
    {
        memset(&cache->subscriber[id], 0, sizeof cache->subscriber[id]);
        cache->home[id].policy = FB_POOL_NONE;
        cache->subscriber[id].identity = FB_IDENTITY_NONE;
    }
    if (cache->identification_floor != NULL)
    {
        cache->identification_floor[id] = 0;
    }
    return id;
}

int
fb_cache_set_subscriber(fb_binding_cache *cache, const fb_subscriber *subscriber)
{
    uint32_t id = fb_cache_find(cache, subscriber->home_address);

    if (id == FB_NODE_NONE)
    {
        id = take_node(cache);
        if (id == FB_NODE_NONE)
        {
            return FB_ERR_LIMIT;
        }
        cache->home[id].home_address = subscriber->home_address;
        fb_index_insert(&cache->by_home_address, subscriber->home_address, id);
    }
    if (cache->subscriber[id].association.replay != subscriber->association.replay)
    {
        /* A number of one style says nothing in the other */
        cache->home[id].latest_identification = 0;
        cache->subscriber[id].nonce_given = false;
    }
    cache->subscriber[id].association = subscriber->association;
    cache->subscriber[id].multipath_allowed = subscriber->multipath_allowed;
    cache->subscriber[id].suspended = subscriber->suspended;
    return FB_OK;
}

uint32_t
fb_cache_add_session(fb_binding_cache *cache)
{
    return take_node(cache);
}

void
fb_cache_remove_session(fb_binding_cache *cache, uint32_t session, fb_cause cause, fb_time now)
{
    fb_cache_unbind_all(cache, session, cause, now);
    fb_cache_node(cache, session)->generation++;
    fb_pool_give(&cache->nodes, session);
}

void
fb_cache_remove_subscriber(fb_binding_cache *cache, uint32_t node, fb_time now)
{
    fb_cache_unbind_all(cache, node, FB_CAUSE_ADMINISTRATOR, now);
    fb_cache_settle(cache, node, now);
    fb_cache_set_identity(cache, node, &(fb_nai){0}, &(fb_networks){0}, now);
    fb_index_remove(&cache->by_home_address, cache->home[node].home_address);
    fb_pool_give(&cache->nodes, node);
}

/* ---- bindings ---- */

const fb_binding *
fb_cache_binding_by_address(const fb_binding_cache *cache, uint32_t node, fb_ipv4 care_of_address)
{
    const fb_binding *b = fb_cache_binding_first(cache, node);

    while (b != NULL && b->care_of_address != care_of_address)
    {
        b = fb_cache_binding_next(cache, b);
    }
    return b;
}

const fb_binding *
fb_cache_binding_by_tunnel(const fb_binding_cache *cache,
                           uint32_t node,
                           fb_ipv4 tunnel_address,
                           uint16_t udp_port)
{
    const fb_binding *b = fb_cache_binding_first(cache, node);

    while (b != NULL && (b->tunnel_address != tunnel_address || b->udp_port != udp_port))
    {
        b = fb_cache_binding_next(cache, b);
    }
    return b;
}

/* ---- replay protection ---- */

/** RFC 5944 5.7.1, modulo 2^64; 0 is before everything. */
static uint64_t
later(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && (int64_t)(b - a) > 0) ? b : a;
}

/** The greatest of a session, which it need not keep: the floor has those of bindings that are gone. */
static uint64_t
latest_of_session(const fb_binding_cache *cache, uint32_t session)
{
    uint64_t latest = cache->identification_floor[session];

    for (const fb_binding *b = fb_cache_binding_first(cache, session); b != NULL;
         b = fb_cache_binding_next(cache, b))
    {
        latest = later(latest, cache->identification[b - cache->binding]);
    }
    return latest;
}

uint64_t
fb_cache_latest_identification(const fb_binding_cache *cache, uint32_t node, uint8_t bid)
{
    const fb_binding *b;

    if (cache->care_of != NULL && bid == FB_BID_ALL)
    {
        return latest_of_session(cache, node);
    }
    if (cache->identification == NULL || bid == FB_BID_ALL)
    {
        return cache->home[node].latest_identification;
    }
    b = fb_cache_binding(cache, node, bid);
    return b == NULL ? cache->identification_floor[node]
                     : cache->identification[b - cache->binding];
}

static void
raise(uint64_t *latest, uint64_t identification)
{
    *latest = later(*latest, identification);
}

/** No binding's Identification is below the floor, so that a refresh need not look at that. */
static void
raise_floor(fb_binding_cache *cache, uint32_t node, uint64_t identification)
{
    raise(&cache->identification_floor[node], identification);
    for (uint32_t id = fb_cache_node(cache, node)->bindings; id != FB_POOL_NONE;
         id = cache->binding[id].next)
    {
        raise(&cache->identification[id], identification);
    }
}

void
fb_cache_accept_identification(fb_binding_cache *cache,
                               uint32_t node,
                               uint8_t bid,
                               uint64_t identification)
{
    const fb_binding *b = bid == FB_BID_ALL ? NULL : fb_cache_binding(cache, node, bid);

    if (cache->care_of == NULL)
    {
        raise(&cache->home[node].latest_identification, identification);
    }
    if (cache->identification != NULL && b != NULL)
    {
        raise(&cache->identification[b - cache->binding], identification);
    }
    else if (cache->identification != NULL)
    {
        raise_floor(cache, node, identification);
    }
}

void
fb_cache_remember_request(fb_binding_cache *cache,
                          uint32_t node,
                          uint8_t bid,
                          uint64_t identification)
{
    cache->home[node].latest_identification = identification;
    cache->subscriber[node].latest_bid = bid;
}

void
fb_cache_give_nonce(fb_binding_cache *cache, uint32_t node, uint32_t nonce)
{
    cache->subscriber[node].nonce = nonce;
    cache->subscriber[node].nonce_given = true;
}

/* ---- changing bindings ---- */

int
fb_cache_room_for_binding(const fb_binding_cache *cache, uint32_t node)
{
    if (fb_cache_node(cache, node)->binding_count >= cache->bindings_per_node)
    {
        return FB_DROP_TOO_MANY_BINDINGS;
    }
    return pool_full(&cache->bindings) ? FB_DROP_RESOURCES : FB_REASON_NONE;
}

static fb_time
earliest_expiry(const fb_binding_cache *cache, uint32_t node)
{
    fb_time earliest = FB_TIME_NEVER;

    for (const fb_binding *b = fb_cache_binding_first(cache, node); b != NULL;
         b = fb_cache_binding_next(cache, b))
    {
        if (b->expires < earliest)
        {
            earliest = b->expires;
        }
    }
    return earliest;
}

/**
 * Keeps the node's deadline, which is never later than its earliest expiry; @p before is what that was. One that only
 * comes later, as with every refresh, is left where it is until it fires, unless the host would be woken for it next.
 */
static void
set_deadline(fb_binding_cache *cache, uint32_t node, fb_time before)
{
    fb_time earliest = earliest_expiry(cache, node);
    uint32_t next = FB_NODE_NONE;

    (void)fb_heap_top(&cache->deadline, &next);
    if (earliest < before || earliest == FB_TIME_NEVER || next == node)
    {
        fb_heap_set(&cache->deadline, node, earliest);
    }
}

static void
binding_event(fb_binding_cache *cache,
              uint32_t node,
              const fb_binding *binding,
              fb_binding_state from,
              fb_binding_state to,
              fb_cause cause,
              fb_time now)
{
    fb_event *event = fb_events_add(cache->events, FB_EVENT_BINDING, cache->role, now);

    if (event == NULL)
    {
        return;
    }
    event->from = (uint8_t)from;
    event->to = (uint8_t)to;
    event->cause = (uint8_t)cause;
    event->lifetime_s = binding->lifetime_s;
    event->ref.session = node + 1;
    event->ref.bid = binding->bid;
    if (cache->care_of == NULL)
    {
        event->home_address = cache->home[node].home_address;
        event->care_of_address = binding->care_of_address;
    }
    else
    {
        event->care_of = cache->care_of->item[binding->care_of_address].address;
    }
}

static fb_event
node_event(const fb_binding_cache *cache,
           uint32_t node,
           fb_event_kind kind,
           uint16_t count,
           fb_time now)
{
    return (fb_event){.kind = (uint8_t)kind,
                      .role = FB_ROLE_HOME_AGENT,
                      .count = count,
                      .ref = {.session = node + 1},
                      .home_address = cache->home[node].home_address,
                      .time = now};
}

void
fb_cache_node_event(fb_binding_cache *cache,
                    uint32_t node,
                    fb_event_kind kind,
                    uint16_t count,
                    fb_time now)
{
    fb_event event = node_event(cache, node, kind, count, now);

    fb_events_push(cache->events, &event);
}

static fb_time
expiry(uint16_t lifetime_s, fb_time now)
{
    /* RFC 5944 3.3: 0xffff is infinity (D-36) */
    return lifetime_s == UINT16_MAX ? FB_TIME_NEVER : now + lifetime_s * FB_SECOND;
}

static fb_binding *
new_binding(fb_binding_cache *cache, uint32_t owner)
{
    fb_node *node = fb_cache_node(cache, owner);
    uint32_t id = fb_pool_take_near(&cache->bindings, owner * cache->binding_share);
    fb_binding *b = &cache->binding[id];

    memset(b, 0, sizeof *b);
    if (cache->identification != NULL)
    {
        cache->identification[id] = cache->identification_floor[owner];
    }
    b->next = node->bindings;
    node->bindings = id;
    node->binding_count++;
    return b;
}

/** Whether @p known only comes to its end later, which moves no deadline that anybody waits for: as most do. */
static bool
is_put_off(const fb_binding_cache *cache, uint32_t node, const fb_binding *known, fb_time expires)
{
    uint32_t next = FB_NODE_NONE;

    (void)fb_heap_top(&cache->deadline, &next);
    return known != NULL && expires >= known->expires && expires != FB_TIME_NEVER && next != node;
}

/** A number of a proxy care-of address comes into a binding in the place of @p former, if there was one. */
static void
refer(fb_binding_cache *cache, uint32_t care_of, const fb_binding *former, fb_time now)
{
    if (former != NULL && former->care_of_address == care_of)
    {
        return;
    }
    fb_care_of_hold(cache->care_of, care_of, now);
    if (former != NULL)
    {
        fb_care_of_release(cache->care_of, former->care_of_address);
    }
}

const fb_binding *
fb_cache_bind(fb_binding_cache *cache, uint32_t node, const fb_binding *wanted, fb_time now)
{
    fb_node *owner = fb_cache_node(cache, node);
    const fb_binding *known = fb_cache_binding(cache, node, wanted->bid);
    fb_binding *b = known != NULL ? &cache->binding[known - cache->binding] : NULL;
    fb_binding_state from = known != NULL ? FB_BINDING_UP : FB_BINDING_DOWN;
    fb_cause cause = FB_CAUSE_REGISTERED;
    bool same = false;
    fb_time expires = expiry(wanted->lifetime_s, now);
    bool put_off = is_put_off(cache, node, known, expires);
    fb_time before = put_off ? 0 : earliest_expiry(cache, node);

    if (cache->care_of != NULL)
    {
        refer(cache, wanted->care_of_address, known, now);
    }
    if (b == NULL)
    {
        b = new_binding(cache, node);
    }
    else
    {
        /* RFC 3519 4.6: behind a NAT another port is another care-of address (C-14) */
        bool same_end = b->care_of_address == wanted->care_of_address &&
                        b->tunnel_address == wanted->tunnel_address &&
                        b->udp_port == wanted->udp_port;

        cause = same_end ? FB_CAUSE_REFRESH : FB_CAUSE_ADDRESS_CHANGED;
        same = same_end && b->technology == wanted->technology && b->label == wanted->label &&
               b->tunnel == wanted->tunnel && b->flags == wanted->flags;
    }
    b->bid = wanted->bid;
    b->care_of_address = wanted->care_of_address;
    b->technology = wanted->technology;
    b->label = wanted->label;
    b->tunnel = wanted->tunnel;
    b->flags = wanted->flags;
    b->udp_port = wanted->udp_port;
    b->tunnel_address = wanted->tunnel_address;
    b->lifetime_s = wanted->lifetime_s;
    b->expires = expires;
    if (!put_off)
    {
        set_deadline(cache, node, before);
    }
    owner->generation++;
    owner->reaffirmed += same;
    binding_event(cache, node, b, from, FB_BINDING_UP, cause, now);
    return b;
}

void
fb_cache_extend_all(fb_binding_cache *cache, uint32_t node, uint16_t lifetime_s, fb_time now)
{
    fb_time before = earliest_expiry(cache, node);

    for (uint32_t id = fb_cache_node(cache, node)->bindings; id != FB_POOL_NONE;
         id = cache->binding[id].next)
    {
        cache->binding[id].lifetime_s = lifetime_s;
        cache->binding[id].expires = expiry(lifetime_s, now);
        binding_event(cache,
                      node,
                      &cache->binding[id],
                      FB_BINDING_UP,
                      FB_BINDING_UP,
                      FB_CAUSE_REFRESH,
                      now);
    }
    set_deadline(cache, node, before);
}

/** Takes the binding @p *link points at out of the list. */
static void
unlink_binding(fb_binding_cache *cache, uint32_t node, uint32_t *link, fb_cause cause, fb_time now)
{
    fb_node *owner = fb_cache_node(cache, node);
    uint32_t id = *link;
    fb_time before = earliest_expiry(cache, node);

    if (cache->identification != NULL)
    {
        /* An older request must not bring the binding back (C-21) */
        raise_floor(cache, node, cache->identification[id]);
    }
    *link = cache->binding[id].next;
    owner->binding_count--;
    owner->generation++;
    owner->unbound_by = (uint8_t)cause;
    if ((cache->binding[id].flags & FB_BINDING_FLAG_LINGERS) == 0)
    {
        binding_event(cache, node, &cache->binding[id], FB_BINDING_UP, FB_BINDING_DOWN, cause, now);
    }
    if (cache->care_of != NULL)
    {
        fb_care_of_release(cache->care_of, cache->binding[id].care_of_address);
    }
    fb_pool_give(&cache->bindings, id);
    set_deadline(cache, node, before);
}

void
fb_cache_unbind(fb_binding_cache *cache, uint32_t node, uint8_t bid, fb_cause cause, fb_time now)
{
    uint32_t *link = &fb_cache_node(cache, node)->bindings;

    while (*link != FB_POOL_NONE && cache->binding[*link].bid != bid)
    {
        link = &cache->binding[*link].next;
    }
    if (*link != FB_POOL_NONE)
    {
        unlink_binding(cache, node, link, cause, now);
    }
}

void
fb_cache_unbind_all(fb_binding_cache *cache, uint32_t node, fb_cause cause, fb_time now)
{
    while (fb_cache_node(cache, node)->bindings != FB_POOL_NONE)
    {
        unlink_binding(cache, node, &fb_cache_node(cache, node)->bindings, cause, now);
    }
}

void
fb_cache_unbind_others(fb_binding_cache *cache,
                       uint32_t node,
                       uint8_t bid,
                       fb_cause cause,
                       fb_time now)
{
    uint32_t *link = &fb_cache_node(cache, node)->bindings;

    while (*link != FB_POOL_NONE)
    {
        if (cache->binding[*link].bid == bid)
        {
            link = &cache->binding[*link].next;
        }
        else
        {
            unlink_binding(cache, node, link, cause, now);
        }
    }
}

void
fb_cache_linger(fb_binding_cache *cache, uint32_t node, fb_time until, fb_cause cause, fb_time now)
{
    fb_time before = earliest_expiry(cache, node);

    for (uint32_t id = fb_cache_node(cache, node)->bindings; id != FB_POOL_NONE;
         id = cache->binding[id].next)
    {
        fb_binding *b = &cache->binding[id];

        binding_event(cache, node, b, FB_BINDING_UP, FB_BINDING_DOWN, cause, now);
        b->flags |= FB_BINDING_FLAG_LINGERS;
        b->expires = until;
    }
    fb_cache_node(cache, node)->generation++;
    set_deadline(cache, node, before);
}

/** The policy goes with the last binding, whatever took it (D-25), and so do networks (C-16). */
static void
forget_agreements(fb_binding_cache *cache, uint32_t node, fb_time now)
{
    fb_cache_clear_policy(cache, node, now);
    if (cache->subscriber[node].identity != FB_IDENTITY_NONE)
    {
        fb_cache_use_networks(cache, node, (fb_network_use){0}, now);
    }
}

void
fb_cache_settle(fb_binding_cache *cache, uint32_t node, fb_time now)
{
    fb_node *owner = fb_cache_node(cache, node);
    bool bound = owner->binding_count > 0;

    if (!bound)
    {
        forget_agreements(cache, node, now);
    }
    if (cache->subscriber[node].intercepted != bound)
    {
        fb_event event = node_event(cache, node, FB_EVENT_INTERCEPT, bound, now);

        event.cause = bound ? FB_CAUSE_REGISTERED : owner->unbound_by;
        cache->subscriber[node].intercepted = bound;
        fb_events_push(cache->events, &event);
    }
}

void
fb_cache_settle_at_home(fb_binding_cache *cache, uint32_t node, const fb_meta *meta, fb_time now)
{
    fb_event event = node_event(cache, node, FB_EVENT_INTERCEPT, 0, now);

    forget_agreements(cache, node, now);
    event.cause = FB_CAUSE_HOME;
    event.ref.link = meta->link;
    event.link_addr_len = meta->link_addr_len;
    memcpy(event.link_addr, meta->link_addr, sizeof event.link_addr);
    cache->subscriber[node].intercepted = false;
    fb_events_push(cache->events, &event);
}

/* ---- time ---- */

fb_time
fb_cache_next_deadline(const fb_binding_cache *cache)
{
    uint32_t node;

    return fb_heap_top(&cache->deadline, &node);
}

static void
expire_node(fb_binding_cache *cache, uint32_t node, fb_time now)
{
    uint32_t *link = &fb_cache_node(cache, node)->bindings;

    while (*link != FB_POOL_NONE)
    {
        if (cache->binding[*link].expires <= now)
        {
            unlink_binding(cache, node, link, FB_CAUSE_EXPIRED, now);
        }
        else
        {
            link = &cache->binding[*link].next;
        }
    }
    fb_heap_set(&cache->deadline, node, earliest_expiry(cache, node));
}

uint32_t
fb_cache_expire_next(fb_binding_cache *cache, fb_time now)
{
    uint32_t node = FB_NODE_NONE;

    if (fb_heap_top(&cache->deadline, &node) > now)
    {
        return FB_NODE_NONE;
    }
    expire_node(cache, node, now);
    return node;
}

unsigned
fb_cache_expire(fb_binding_cache *cache, unsigned budget, fb_time now)
{
    unsigned done = 0;
    uint32_t node;

    while (done < budget && (node = fb_cache_expire_next(cache, now)) != FB_NODE_NONE)
    {
        fb_cache_settle(cache, node, now);
        done++;
    }
    return done;
}
