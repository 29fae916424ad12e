/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/index.h"

#include <string.h>

#include "base/arena.h"
#include "base/machine.h"

/** Slots for @p capacity keys, a power of two; 0 when there would be more than a 32-bit number can name. */
static size_t
slots_for(uint32_t capacity)
{
    /* More than three halves: one slot always is empty. */
    uint64_t least = (uint64_t)capacity + capacity / 2 + 1;
    uint64_t slots = 1;

    while (slots < least)
    {
        slots *= 2;
    }
    return slots > UINT32_MAX ? 0 : (size_t)slots;
}

size_t
fb_index_memory(uint32_t capacity)
{
    size_t slots = slots_for(capacity);

    return slots == 0 ? SIZE_MAX : fb_arena_octets(slots, sizeof(fb_index_slot));
}

void
fb_index_init(fb_index *index, void *memory, uint32_t capacity)
{
    size_t slots = slots_for(capacity);

    index->slot = memory;
    index->mask = (uint32_t)(slots - 1);
    index->capacity = capacity;
    index->count = 0;
    memset(index->slot, 0xff, slots * sizeof *index->slot); /* FB_INDEX_NONE */
}

void
fb_index_prefetch(const fb_index *index, uint32_t key)
{
    fb_prefetch(&index->slot[fb_index_home(index, key)]);
}

bool
fb_index_insert(fb_index *index, uint32_t key, uint32_t value)
{
    uint32_t at = fb_index_slot_of(index, key);

    if (index->slot[at].value == FB_INDEX_NONE)
    {
        if (index->count == index->capacity)
        {
            return false;
        }
        index->count++;
    }
    index->slot[at].key = key;
    index->slot[at].value = value;
    return true;
}

/**
 * Closes the gap at @p hole: every later key of the same run that may stand there moves back, until the run ends. A
 * key may stand at the hole unless its home lies between the hole and where it is.
 */
static void
close_gap(fb_index *index, uint32_t hole)
{
    uint32_t at = (hole + 1) & index->mask;

    while (index->slot[at].value != FB_INDEX_NONE)
    {
        uint32_t from_home = (at - fb_index_home(index, index->slot[at].key)) & index->mask;
        uint32_t from_hole = (at - hole) & index->mask;

        if (from_home >= from_hole)
        {
            index->slot[hole] = index->slot[at];
            hole = at;
        }
        at = (at + 1) & index->mask;
    }
    index->slot[hole].value = FB_INDEX_NONE;
}

bool
fb_index_remove(fb_index *index, uint32_t key)
{
    uint32_t at = fb_index_slot_of(index, key);

    if (index->slot[at].value == FB_INDEX_NONE)
    {
        return false;
    }
    index->count--;
    close_gap(index, at);
    return true;
}
