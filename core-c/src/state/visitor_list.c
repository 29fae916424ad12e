/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/visitor_list.h"

#include <string.h>

#include "base/hash.h"
#include "wire/rfc2794.h"

/* ---- keys ---- */

static bool
same_nai(const fb_nai *a, const fb_nai *b)
{
    return fb_nai_equal(a, (const uint8_t *)b->text, b->length);
}

static uint32_t
nai_key(const fb_nai *nai)
{
    return (uint32_t)fb_hash_octets(0, (const uint8_t *)nai->text, nai->length);
}

/** RFC 2794 3: with home address 0 the NAI names the node. */
static uint32_t
node_key(const fb_pending *pending)
{
    return pending->request.home_address != 0 ? pending->request.home_address
                                              : nai_key(&pending->nai);
}

static bool
same_node(const fb_pending *a, const fb_pending *b)
{
    return a->request.home_address == b->request.home_address &&
           (a->request.home_address != 0 || same_nai(&a->nai, &b->nai));
}

/** RFC 5944 3.7.3.1: the low-order 32 bits of the Identification count. */
static uint32_t
request_key(fb_ipv4 home_address, uint64_t identification)
{
    return (uint32_t)fb_hash_combine(home_address, (uint32_t)identification);
}

/* ---- life ---- */

static void
take_pools(fb_visitor_list *list, fb_arena *arena, const fb_limits *limits)
{
    uint32_t *free_pendings =
        fb_arena_take(arena, 1, fb_pool_memory(limits->pending), _Alignof(uint32_t));
    uint32_t *free_visitors =
        fb_arena_take(arena, 1, fb_pool_memory(limits->visitors), _Alignof(uint32_t));

    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_pool_init(&list->pendings, free_pendings, limits->pending);
    fb_pool_init(&list->visitors, free_visitors, limits->visitors);
}

void
fb_visitor_list_init(fb_visitor_list *list,
                     fb_arena *arena,
                     const fb_limits *limits,
                     fb_events *events)
{
    uint32_t deadlines = limits->pending + limits->visitors;
    void *heap = fb_arena_take(arena, 1, fb_heap_memory(deadlines), _Alignof(fb_time));

    list->pending = fb_arena_take(arena, limits->pending, sizeof(fb_pending), _Alignof(fb_pending));
    list->visitor =
        fb_arena_take(arena, limits->visitors, sizeof(fb_visitor), _Alignof(fb_visitor));
    list->next_failed = fb_arena_take(arena, limits->pending, sizeof(uint32_t), _Alignof(uint32_t));
    take_pools(list, arena, limits);
    fb_chains_init(&list->by_request, arena, limits->pending);
    fb_chains_init(&list->by_node, arena, limits->pending);
    fb_chains_init(&list->by_home_address, arena, limits->visitors);
    list->failed = list->last_failed = FB_VISITOR_NONE;
    list->events = events;
    if (arena->base != NULL && !arena->failed)
    {
        fb_heap_init(&list->deadline, heap, deadlines);
    }
}

/* ---- requests ---- */

uint32_t
fb_pending_find(const fb_visitor_list *list, const fb_pending *wanted)
{
    uint32_t key = request_key(wanted->request.home_address, wanted->request.identification);
    uint32_t at = fb_chains_first(&list->by_request, key);

    while (at != FB_VISITOR_NONE)
    {
        const fb_pending *p = &list->pending[at];

        if (same_node(p, wanted) && p->request.home_agent == wanted->request.home_agent &&
            p->request.identification == wanted->request.identification)
        {
            break;
        }
        at = fb_chains_next(&list->by_request, at);
    }
    return at;
}

uint32_t
fb_pending_count(const fb_visitor_list *list, const fb_pending *node)
{
    uint32_t at = fb_chains_first(&list->by_node, node_key(node));
    uint32_t count = 0;

    for (; at != FB_VISITOR_NONE; at = fb_chains_next(&list->by_node, at))
    {
        count += same_node(&list->pending[at], node);
    }
    return count;
}

/** Among the requests of @p home_address: the one with the reply's NAI, or the one that came last. */
static uint32_t
answered_of(const fb_visitor_list *list,
            fb_ipv4 home_address,
            uint64_t identification,
            const fb_nai *nai)
{
    uint32_t at = fb_chains_first(&list->by_request, request_key(home_address, identification));
    uint32_t best = FB_VISITOR_NONE;

    for (; at != FB_VISITOR_NONE; at = fb_chains_next(&list->by_request, at))
    {
        const fb_pending *p = &list->pending[at];

        if (p->request.home_address != home_address ||
            (uint32_t)p->request.identification != (uint32_t)identification)
        {
            continue;
        }
        if (nai != NULL && p->has_nai && same_nai(nai, &p->nai))
        {
            return at;
        }
        /* A home address of 0 says nothing, so that another NAI than the request's is another node's */
        if (best == FB_VISITOR_NONE && (home_address != 0 || nai == NULL))
        {
            best = at;
        }
    }
    return best;
}

uint32_t
fb_pending_answered(const fb_visitor_list *list, const fb_mip4_fixed *reply, const fb_nai *nai)
{
    uint32_t found = FB_VISITOR_NONE;

    if (reply->home_address != 0)
    {
        found = answered_of(list, reply->home_address, reply->identification, nai);
    }
    return found != FB_VISITOR_NONE ? found : answered_of(list, 0, reply->identification, nai);
}

uint32_t
fb_pending_relayed(const fb_visitor_list *list, uint32_t from, fb_ipv4 home_agent, uint16_t length)
{
    for (uint32_t id = from; id < list->pendings.touched; id++)
    {
        const fb_pending *p = &list->pending[id];

        if (fb_heap_get(&list->deadline, id) != FB_TIME_NEVER &&
            p->request.home_agent == home_agent && p->relayed_length == length)
        {
            return id;
        }
    }
    return FB_VISITOR_NONE;
}

bool
fb_pending_full(const fb_visitor_list *list)
{
    return list->pendings.used == list->pendings.capacity;
}

void
fb_pending_add(fb_visitor_list *list, const fb_pending *wanted, fb_time deadline)
{
    uint32_t id = fb_pool_take(&list->pendings);

    list->pending[id] = *wanted;
    fb_chains_add(&list->by_request,
                  request_key(wanted->request.home_address, wanted->request.identification),
                  id);
    fb_chains_add(&list->by_node, node_key(wanted), id);
    fb_heap_set(&list->deadline, id, deadline);
}

void
fb_pending_restart(fb_visitor_list *list, uint32_t pending, fb_time deadline)
{
    fb_heap_set(&list->deadline, pending, deadline);
}

/** Nothing finds it any more. */
static void
forget(fb_visitor_list *list, uint32_t pending)
{
    const fb_pending *p = &list->pending[pending];

    fb_chains_remove(&list->by_request,
                     request_key(p->request.home_address, p->request.identification),
                     pending);
    fb_chains_remove(&list->by_node, node_key(p), pending);
    fb_heap_set(&list->deadline, pending, FB_TIME_NEVER);
}

void
fb_pending_remove(fb_visitor_list *list, uint32_t pending)
{
    forget(list, pending);
    fb_pool_give(&list->pendings, pending);
}

void
fb_pending_fail(fb_visitor_list *list, uint32_t pending, int reason)
{
    forget(list, pending);
    list->pending[pending].reason = (uint16_t)reason;
    list->next_failed[pending] = FB_VISITOR_NONE;
    if (list->failed == FB_VISITOR_NONE)
    {
        list->failed = pending;
    }
    else
    {
        list->next_failed[list->last_failed] = pending;
    }
    list->last_failed = pending;
}

uint32_t
fb_pending_failed(const fb_visitor_list *list)
{
    return list->failed;
}

void
fb_pending_told(fb_visitor_list *list)
{
    uint32_t told = list->failed;

    list->failed = list->next_failed[told];
    fb_pool_give(&list->pendings, told);
}

/* ---- visitors ---- */

/** From @p id on, itself included, the first one with this home address. */
static const fb_visitor *
with_home_address(const fb_visitor_list *list, uint32_t id, fb_ipv4 home_address)
{
    while (id != FB_VISITOR_NONE && list->visitor[id].home_address != home_address)
    {
        id = fb_chains_next(&list->by_home_address, id);
    }
    return id == FB_VISITOR_NONE ? NULL : &list->visitor[id];
}

const fb_visitor *
fb_visitor_first(const fb_visitor_list *list, fb_ipv4 home_address)
{
    return with_home_address(list,
                             fb_chains_first(&list->by_home_address, home_address),
                             home_address);
}

const fb_visitor *
fb_visitor_next(const fb_visitor_list *list, const fb_visitor *visitor)
{
    uint32_t next = fb_chains_next(&list->by_home_address, (uint32_t)(visitor - list->visitor));

    return with_home_address(list, next, visitor->home_address);
}

const fb_visitor *
fb_visitor_find(const fb_visitor_list *list,
                fb_ipv4 home_address,
                fb_ipv4 home_agent,
                fb_ipv4 care_of_address)
{
    const fb_visitor *v = fb_visitor_first(list, home_address);

    while (v != NULL && (v->home_agent != home_agent || v->care_of_address != care_of_address))
    {
        v = fb_visitor_next(list, v);
    }
    return v;
}

const fb_visitor *
fb_visitor_from(const fb_visitor_list *list, uint32_t from)
{
    for (uint32_t id = from; id < list->visitors.touched; id++)
    {
        if (list->visitor[id].link != 0)
        {
            return &list->visitor[id];
        }
    }
    return NULL;
}

bool
fb_visitor_full(const fb_visitor_list *list)
{
    return list->visitors.used == list->visitors.capacity;
}

uint32_t
fb_visitor_number(const fb_visitor_list *list, const fb_visitor *visitor)
{
    return (uint32_t)(visitor - list->visitor);
}

static void
visitor_event(fb_visitor_list *list, const fb_visitor *v, bool came, fb_cause cause, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_VISITOR,
                      .role = FB_ROLE_FOREIGN_AGENT,
                      .from = !came,
                      .to = came,
                      .cause = (uint8_t)cause,
                      .lifetime_s = v->lifetime_s,
                      .ref = {.session = fb_visitor_number(list, v) + 1, .link = v->link},
                      .home_address = v->home_address,
                      .care_of_address = v->care_of_address,
                      .identification = v->identification,
                      .time = now,
                      .link_addr_len = v->link_addr_len};

    memcpy(event.link_addr, v->link_addr, sizeof event.link_addr);
    fb_events_push(list->events, &event);
}

/** Deadlines of visitors stand behind those of requests. */
static uint32_t
deadline_of(const fb_visitor_list *list, uint32_t visitor)
{
    return list->pendings.capacity + visitor;
}

void
fb_visitor_accept(fb_visitor_list *list, const fb_visitor *wanted, fb_time now)
{
    const fb_visitor *known =
        fb_visitor_find(list, wanted->home_address, wanted->home_agent, wanted->care_of_address);
    uint32_t id = known != NULL ? fb_visitor_number(list, known) : fb_pool_take(&list->visitors);
    fb_visitor *v = &list->visitor[id];
    bool moved = known == NULL || known->link != wanted->link ||
                 known->link_addr_len != wanted->link_addr_len ||
                 memcmp(known->link_addr, wanted->link_addr, wanted->link_addr_len) != 0;

    *v = *wanted;
    /* RFC 5944 3.3: 0xffff is infinity */
    v->expires = v->lifetime_s == UINT16_MAX ? FB_TIME_NEVER : now + v->lifetime_s * FB_SECOND;
    fb_heap_set(&list->deadline, deadline_of(list, id), v->expires);
    if (known == NULL)
    {
        fb_chains_add(&list->by_home_address, v->home_address, id);
    }
    if (moved)
    {
        visitor_event(list, v, true, FB_CAUSE_REGISTERED, now);
    }
}

static void
drop_visitor(fb_visitor_list *list, uint32_t id, fb_cause cause, fb_time now)
{
    visitor_event(list, &list->visitor[id], false, cause, now);
    fb_chains_remove(&list->by_home_address, list->visitor[id].home_address, id);
    fb_heap_set(&list->deadline, deadline_of(list, id), FB_TIME_NEVER);
    list->visitor[id].link = 0; /* no link of any visitor: not found by it any more */
    fb_pool_give(&list->visitors, id);
}

void
fb_visitor_remove(fb_visitor_list *list,
                  fb_ipv4 home_address,
                  fb_ipv4 home_agent,
                  fb_ipv4 care_of_address,
                  fb_time now)
{
    const fb_visitor *v = fb_visitor_find(list, home_address, home_agent, care_of_address);

    if (v != NULL)
    {
        drop_visitor(list, fb_visitor_number(list, v), FB_CAUSE_DEREGISTERED, now);
    }
}

void
fb_visitor_list_remove_link(fb_visitor_list *list, uint32_t link, fb_time now)
{
    for (uint32_t id = 0; id < list->visitors.touched; id++)
    {
        if (list->visitor[id].link == link)
        {
            drop_visitor(list, id, FB_CAUSE_LINK_DOWN, now);
        }
    }
    for (uint32_t id = 0; id < list->pendings.touched; id++)
    {
        if (fb_heap_get(&list->deadline, id) != FB_TIME_NEVER &&
            list->pending[id].from.link == link)
        {
            fb_pending_remove(list, id);
        }
    }
}

/* ---- time ---- */

fb_time
fb_visitor_list_next_deadline(const fb_visitor_list *list)
{
    uint32_t id;

    return fb_heap_top(&list->deadline, &id);
}

void
fb_visitor_list_expire(fb_visitor_list *list, unsigned budget, fb_time now)
{
    uint32_t id;

    for (; budget > 0 && fb_heap_top(&list->deadline, &id) <= now; budget--)
    {
        if (id < list->pendings.capacity)
        {
            fb_pending_fail(list, id, FB_DROP_AGENT_TIMEOUT);
        }
        else
        {
            drop_visitor(list, id - list->pendings.capacity, FB_CAUSE_EXPIRED, now);
        }
    }
}
