/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/resequencer.h"

#include <string.h>

#include "base/hash.h"

#define NONE FB_POOL_NONE

/** Numbers of a window at least, and at most. */
#define WINDOW_MIN 128
#define WINDOW_MAX 32768

/** One space may have so many times what is left. */
#define SHARE 4

/* ---- memory ---- */

/** The next power of two. */
static uint32_t
at_least(uint32_t wanted, uint32_t least, uint32_t most)
{
    uint32_t power = least;

    while (power < wanted && power < most)
    {
        power *= 2;
    }
    return power;
}

static void
make_empty(fb_resequencer *r, uint32_t capacity, uint32_t buckets)
{
    for (uint32_t i = 0; i < buckets; i++)
    {
        r->bucket[i] = NONE;
    }
    r->bucket_mask = buckets - 1;
    for (uint32_t i = 0; i < capacity; i++)
    {
        r->item[i].newer = i + 1 < capacity ? i + 1 : NONE;
    }
    r->free = 0;
    r->room = capacity;
    r->released = NONE;
}

void
fb_resequencer_init(fb_resequencer *r, fb_arena *arena, uint32_t spaces, uint32_t packets)
{
    uint32_t count = packets > 0 && packets <= FB_SEQUENCE_PACKETS_MAX ? spaces : 0;
    uint32_t capacity = count > 0 ? packets + 1 : 0; /* one that just came */
    uint32_t window = at_least(packets, WINDOW_MIN, WINDOW_MAX);
    uint32_t buckets = count > 0 ? at_least(capacity, 2, 2 * FB_SEQUENCE_PACKETS_MAX) : 0;
    uint32_t *pool = fb_arena_take(arena, 1, fb_pool_memory(count), _Alignof(uint32_t));
    void *heap = fb_arena_take(arena, 1, fb_heap_memory(count), 8);
    uint32_t *seen = fb_arena_take(arena,
                                   count,
                                   fb_sequence_words(window) * sizeof(uint32_t),
                                   _Alignof(uint32_t));

    r->space = fb_arena_take(arena, count, sizeof *r->space, _Alignof(fb_sequence_space));
    r->item = fb_arena_take(arena, capacity, sizeof *r->item, _Alignof(fb_waiting));
    r->bucket = fb_arena_take(arena, buckets, sizeof *r->bucket, _Alignof(uint32_t));
    fb_chains_init(&r->by_owner, arena, count);
    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_pool_init(&r->spaces, pool, count);
    fb_heap_init(&r->wake, heap, count);
    make_empty(r, capacity, buckets);
    for (uint32_t i = 0; i < count; i++)
    {
        r->space[i].seen = seen + i * fb_sequence_words(window);
        r->space[i].window = window;
        r->space[i].session = 0;
    }
}

/* ---- spaces ---- */

static uint32_t
owner_key(uint8_t role, uint32_t session, uint8_t number)
{
    return (uint32_t)fb_hash_combine((uint64_t)role << 8 | number, session);
}

static uint32_t
index_of(const fb_resequencer *r, const fb_sequence_space *space)
{
    return (uint32_t)(space - r->space);
}

fb_sequence_space *
fb_resequencer_find(const fb_resequencer *r, uint8_t role, uint32_t session, uint8_t number)
{
    uint32_t at = fb_chains_first(&r->by_owner, owner_key(role, session, number));

    for (; at != FB_CHAINS_NONE; at = fb_chains_next(&r->by_owner, at))
    {
        fb_sequence_space *space = &r->space[at];

        if (space->session == session && space->role == role && space->number == number)
        {
            return space;
        }
    }
    return NULL;
}

fb_sequence_space *
fb_resequencer_open(fb_resequencer *r, uint8_t role, uint32_t session, uint8_t number, fb_time now)
{
    fb_sequence_space *space = fb_resequencer_find(r, role, session, number);
    uint32_t at;

    if (space != NULL)
    {
        return space;
    }
    at = fb_pool_take(&r->spaces);
    if (at == NONE)
    {
        return NULL;
    }
    space = &r->space[at];
    fb_sequence_reset(space);
    space->session = session;
    space->role = role;
    space->number = number;
    space->oldest = space->newest = NONE;
    space->used_at = now;
    fb_chains_add(&r->by_owner, owner_key(role, session, number), at);
    fb_heap_set(&r->wake, at, now + FB_SEQUENCE_IDLE);
    return space;
}

static void
add(fb_order_counters *to, const fb_order_counters *from)
{
    to->in_order += from->in_order;
    to->reordered += from->reordered;
    to->late += from->late;
    to->lost += from->lost;
    to->duplicate += from->duplicate;
    to->stray += from->stray;
    to->restarts += from->restarts;
    to->waited += from->waited;
}

static void
close_space(fb_resequencer *r, fb_sequence_space *space)
{
    uint32_t at = index_of(r, space);

    add(&r->gone, &space->counters);
    fb_chains_remove(&r->by_owner, owner_key(space->role, space->session, space->number), at);
    fb_heap_set(&r->wake, at, FB_TIME_NEVER);
    fb_pool_give(&r->spaces, at);
    space->session = 0;
}

/* ---- waiting packets ---- */

static uint32_t *
bucket_for(const fb_resequencer *r, const fb_sequence_space *space, uint32_t number)
{
    /* neighbours in a space are in different buckets, and spaces apart from each other */
    return &r->bucket[(number + index_of(r, space) * UINT32_C(0x9e3779b9)) & r->bucket_mask];
}

/** Takes the packet with @p number out of its bucket. NONE: it did not wait. */
static uint32_t
unchain(fb_resequencer *r, const fb_sequence_space *space, uint32_t number)
{
    uint32_t *link = bucket_for(r, space, number);

    while (*link != NONE)
    {
        uint32_t at = *link;

        if (r->item[at].number == number && r->item[at].space == index_of(r, space))
        {
            *link = r->item[at].chained;
            return at;
        }
        link = &r->item[at].chained;
    }
    return NONE;
}

/** One that is free, of which there always is one when a packet comes. */
static uint32_t
take_item(fb_resequencer *r, const fb_delivery *delivery)
{
    uint32_t at = r->free;

    r->free = r->item[at].newer;
    r->item[at].delivery = *delivery;
    return at;
}

static void
release_item(fb_resequencer *r, uint32_t at)
{
    r->item[at].newer = NONE;
    if (r->released == NONE)
    {
        r->released = at;
    }
    else
    {
        r->item[r->released_last].newer = at;
    }
    r->released_last = at;
}

static void
keep(fb_resequencer *r,
     fb_sequence_space *space,
     uint32_t number,
     const fb_delivery *delivery,
     fb_time now)
{
    uint32_t at = take_item(r, delivery);
    uint32_t *bucket = bucket_for(r, space, number);
    fb_waiting *item = &r->item[at];

    item->number = number;
    item->space = index_of(r, space);
    item->deadline = now + space->wait;
    item->chained = *bucket;
    *bucket = at;
    item->older = space->newest;
    item->newer = NONE;
    if (space->newest != NONE)
    {
        r->item[space->newest].newer = at;
    }
    else
    {
        space->oldest = at;
    }
    space->newest = at;
    r->room--;
    space->waiting++;
    space->counters.waited++;
    if (fb_heap_get(&r->wake, item->space) > item->deadline)
    {
        fb_heap_set(&r->wake, item->space, item->deadline);
    }
}

/** It waits no more. */
static void
unlink_item(fb_resequencer *r, fb_sequence_space *space, uint32_t at)
{
    const fb_waiting *item = &r->item[at];

    if (item->older != NONE)
    {
        r->item[item->older].newer = item->newer;
    }
    else
    {
        space->oldest = item->newer;
    }
    if (item->newer != NONE)
    {
        r->item[item->newer].older = item->older;
    }
    else
    {
        space->newest = item->older;
    }
    r->room++;
    space->waiting--;
}

/** What has come from the next number on is in sequence. */
static void
release_run(fb_resequencer *r, fb_sequence_space *space)
{
    while (fb_sequence_is_seen(space, space->next))
    {
        uint32_t at = unchain(r, space, space->next);

        if (at != NONE)
        {
            unlink_item(r, space, at);
            release_item(r, at);
        }
        fb_sequence_advance(space, 1);
    }
}

/**
 * RFC 2890 2.2: "traverse the buffer in sorted order, decapsulating packets (ignoring any sequence number gaps)": all
 * that is not further than @p ahead from the next number, and what then is in sequence.
 */
static void
release_through(fb_resequencer *r, fb_sequence_space *space, uint32_t ahead)
{
    uint32_t last = space->next + ahead;

    for (;;)
    {
        uint32_t gap = fb_sequence_first_seen(space);

        /* it has passed the last one */
        if (last - space->next >= space->window || gap > last - space->next)
        {
            return;
        }
        fb_sequence_give_up(space, gap);
        release_run(r, space);
    }
}

static void
release_all(fb_resequencer *r, fb_sequence_space *space)
{
    while (space->waiting > 0)
    {
        release_through(r, space, fb_sequence_first_seen(space));
    }
}

void
fb_resequencer_set_wait(fb_resequencer *r, fb_sequence_space *space, fb_time wait)
{
    if (space->wait != wait)
    {
        release_all(r, space);
        space->wait = wait;
    }
}

bool
fb_resequencer_poll(fb_resequencer *r, fb_delivery *delivery)
{
    uint32_t at = r->released;

    if (at == NONE)
    {
        return false;
    }
    *delivery = r->item[at].delivery;
    r->released = r->item[at].newer;
    r->item[at].newer = r->free;
    r->free = at;
    return true;
}

/* ---- a packet ---- */

/** The gap before those that wait may be known to stay: each path has brought what came after it. */
static void
release_known_lost(fb_resequencer *r, fb_sequence_space *space)
{
    uint32_t lost = space->waiting > 0 ? fb_sequence_known_lost(space) : 0;

    if (lost > 0)
    {
        release_through(r, space, lost);
    }
}

static fb_order
take_ahead(fb_resequencer *r,
           fb_sequence_space *space,
           uint32_t number,
           const fb_delivery *delivery,
           bool wanted,
           fb_time now)
{
    if (wanted)
    {
        keep(r, space, number, delivery, now);
    }
    release_known_lost(r, space);
    if (space->waiting > SHARE * r->room)
    {
        /* RFC 2890 2.2: "the packet at the head of the buffer is immediately decapsulated" */
        release_through(r, space, fb_sequence_first_seen(space));
    }
    if (!wanted)
    {
        return FB_ORDER_NOW;
    }
    return number - space->next < space->window ? FB_ORDER_WAITS : FB_ORDER_RELEASED;
}

/** All of the old numbers go before it. */
static fb_order
take_restart(fb_resequencer *r,
             fb_sequence_space *space,
             uint32_t number,
             const fb_delivery *delivery,
             bool wanted)
{
    release_all(r, space);
    fb_sequence_restart(space, number, delivery->path.bid);
    fb_sequence_note(space, number, FB_SEQUENCE_NEXT);
    fb_sequence_advance(space, 1);
    if (!wanted || r->released == NONE)
    {
        return FB_ORDER_NOW;
    }
    release_item(r, take_item(r, delivery));
    return FB_ORDER_RELEASED;
}

fb_order
fb_resequencer_take(fb_resequencer *r,
                    fb_sequence_space *space,
                    uint32_t number,
                    const fb_delivery *delivery,
                    bool wanted,
                    fb_time now)
{
    fb_sequence_place place = fb_sequence_judge(space, number, delivery->path.bid, now);

    space->used_at = now;
    if (place == FB_SEQUENCE_RESTART)
    {
        return take_restart(r, space, number, delivery, wanted);
    }
    fb_sequence_note(space, number, place);
    switch (place)
    {
    case FB_SEQUENCE_NEXT:
        fb_sequence_advance(space, 1);
        if (space->waiting > 0)
        {
            release_run(r, space);
            release_known_lost(r, space);
        }
        return FB_ORDER_NOW;
    case FB_SEQUENCE_AHEAD:
        return take_ahead(r, space, number, delivery, wanted, now);
    case FB_SEQUENCE_LATE:
        release_known_lost(r, space);
        return FB_ORDER_LATE;
    case FB_SEQUENCE_DUPLICATE:
        release_known_lost(r, space);
        return FB_ORDER_DUPLICATE;
    default:
        return FB_ORDER_STRAY;
    }
}

/* ---- time ---- */

/** RFC 2890 2.2: "Under no circumstances should a packet wait more" */
static void
release_expired(fb_resequencer *r, fb_sequence_space *space, fb_time now)
{
    uint32_t furthest = 0;
    bool any = false;

    for (uint32_t at = space->oldest; at != NONE && r->item[at].deadline <= now;
         at = r->item[at].newer)
    {
        uint32_t ahead = r->item[at].number - space->next;

        furthest = ahead > furthest ? ahead : furthest;
        any = true;
    }
    if (any)
    {
        release_through(r, space, furthest);
    }
}

static void
wake(fb_resequencer *r, fb_sequence_space *space, fb_time now)
{
    fb_time idle = space->used_at + FB_SEQUENCE_IDLE;

    release_expired(r, space, now);
    fb_sequence_forget_silent(space);
    if (space->waiting > 0)
    {
        fb_heap_set(&r->wake, index_of(r, space), r->item[space->oldest].deadline);
    }
    else if (idle > now)
    {
        fb_heap_set(&r->wake, index_of(r, space), idle);
    }
    else
    {
        close_space(r, space);
    }
}

void
fb_resequencer_expire(fb_resequencer *r, unsigned budget, fb_time now)
{
    uint32_t at = 0;

    for (; budget > 0 && fb_heap_top(&r->wake, &at) <= now; budget--)
    {
        wake(r, &r->space[at], now);
    }
}

/* ---- looking at it ---- */

void
fb_resequencer_total(const fb_resequencer *r, fb_order_counters *total)
{
    *total = r->gone;
    for (uint32_t i = 0; i < r->spaces.touched; i++)
    {
        if (!fb_pool_is_free(&r->spaces, i))
        {
            add(total, &r->space[i].counters);
        }
    }
}

const fb_sequence_space *
fb_resequencer_at(const fb_resequencer *r, size_t index)
{
    for (uint32_t i = 0; i < r->spaces.touched; i++)
    {
        if (!fb_pool_is_free(&r->spaces, i) && index-- == 0)
        {
            return &r->space[i];
        }
    }
    return NULL;
}
