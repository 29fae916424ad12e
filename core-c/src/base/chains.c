/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/chains.h"

void
fb_chains_init(fb_chains *chains, fb_arena *arena, uint32_t capacity)
{
    void *index = fb_arena_take(arena, 1, fb_index_memory(capacity), _Alignof(uint32_t));

    chains->next = fb_arena_take(arena, capacity, sizeof *chains->next, _Alignof(uint32_t));
    if (arena->base != NULL && !arena->failed)
    {
        fb_index_init(&chains->first, index, capacity);
    }
}

void
fb_chains_add(fb_chains *chains, uint32_t key, uint32_t item)
{
    chains->next[item] = fb_index_find(&chains->first, key);
    fb_index_insert(&chains->first, key, item);
}

void
fb_chains_remove(fb_chains *chains, uint32_t key, uint32_t item)
{
    uint32_t at = fb_index_find(&chains->first, key);

    if (at != item)
    {
        while (chains->next[at] != item)
        {
            at = chains->next[at];
        }
        chains->next[at] = chains->next[item];
    }
    else if (chains->next[item] == FB_INDEX_NONE)
    {
        fb_index_remove(&chains->first, key);
    }
    else
    {
        fb_index_insert(&chains->first, key, chains->next[item]);
    }
}
