/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/heap.h"

#include <string.h>

#include "base/arena.h"

#define ABSENT UINT32_MAX

/* One time and two numbers an id: the times stand by place, so that comparing them does not jump about in memory. */
#define OCTETS_PER_ID (sizeof(fb_time) + 2 * sizeof(uint32_t))

size_t
fb_heap_memory(uint32_t capacity)
{
    return fb_arena_octets(capacity, OCTETS_PER_ID);
}

void
fb_heap_init(fb_heap *heap, void *memory, uint32_t capacity)
{
    heap->when = memory;
    heap->id = (uint32_t *)(heap->when + capacity);
    heap->place = heap->id + capacity;
    heap->capacity = capacity;
    heap->count = 0;
    memset(heap->place, 0xff, (size_t)capacity * sizeof *heap->place); /* ABSENT */
}

static void
put_at(fb_heap *heap, uint32_t place, fb_time when, uint32_t id)
{
    heap->when[place] = when;
    heap->id[place] = id;
    heap->place[id] = place;
}

/** Does (@p when, @p id) come before what is at @p place? */
static bool
comes_before(const fb_heap *heap, fb_time when, uint32_t id, uint32_t place)
{
    return when < heap->when[place] || (when == heap->when[place] && id < heap->id[place]);
}

/** Where (@p when, @p id) belongs if @p hole is free: parents that come later move down. */
static uint32_t
rise(fb_heap *heap, uint32_t hole, fb_time when, uint32_t id)
{
    while (hole > 0)
    {
        uint32_t parent = (hole - 1) / 2;

        if (!comes_before(heap, when, id, parent))
        {
            break;
        }
        put_at(heap, hole, heap->when[parent], heap->id[parent]);
        hole = parent;
    }
    return hole;
}

/** The same downward: the earlier child moves up as long as it comes before (@p when, @p id). */
static uint32_t
sink(fb_heap *heap, uint32_t hole, fb_time when, uint32_t id)
{
    while (hole < heap->count / 2) /* has a child */
    {
        uint32_t child = 2 * hole + 1;

        if (child + 1 < heap->count &&
            comes_before(heap, heap->when[child + 1], heap->id[child + 1], child))
        {
            child++;
        }
        if (comes_before(heap, when, id, child))
        {
            break;
        }
        put_at(heap, hole, heap->when[child], heap->id[child]);
        hole = child;
    }
    return hole;
}

static void
fill_hole(fb_heap *heap, uint32_t hole, fb_time when, uint32_t id)
{
    hole = rise(heap, hole, when, id);
    hole = sink(heap, hole, when, id);
    put_at(heap, hole, when, id);
}

static void
take_out(fb_heap *heap, uint32_t id)
{
    uint32_t hole = heap->place[id];

    if (hole == ABSENT)
    {
        return;
    }
    heap->place[id] = ABSENT;
    heap->count--;
    if (hole < heap->count)
    {
        fill_hole(heap, hole, heap->when[heap->count], heap->id[heap->count]);
    }
}

void
fb_heap_set(fb_heap *heap, uint32_t id, fb_time when)
{
    if (when == FB_TIME_NEVER)
    {
        take_out(heap, id);
        return;
    }
    uint32_t hole = heap->place[id];

    if (hole == ABSENT)
    {
        hole = heap->count++;
    }
    fill_hole(heap, hole, when, id);
}

fb_time
fb_heap_get(const fb_heap *heap, uint32_t id)
{
    uint32_t place = heap->place[id];

    return place == ABSENT ? FB_TIME_NEVER : heap->when[place];
}

fb_time
fb_heap_top(const fb_heap *heap, uint32_t *id)
{
    if (heap->count == 0)
    {
        return FB_TIME_NEVER;
    }
    *id = heap->id[0];
    return heap->when[0];
}
