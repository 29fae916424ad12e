/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/chains.h"

#include "base/machine.h"

#include <string.h>

/** As many heads as items, as a power of two: chains have one or two items. */
static size_t
heads_for(uint32_t capacity)
{
    size_t heads = 1;

    while (heads < capacity)
    {
        heads *= 2;
    }
    return heads;
}

void
fb_chains_init(fb_chains *chains, fb_arena *arena, uint32_t capacity)
{
    size_t heads = heads_for(capacity);

    chains->head = fb_arena_take(arena, heads, sizeof *chains->head, FB_CACHE_LINE);
    chains->next = fb_arena_take(arena, capacity, sizeof *chains->next, _Alignof(uint32_t));
    chains->mask = (uint32_t)(heads - 1);
    chains->count = 0;
    if (arena->base != NULL && !arena->failed)
    {
        memset(chains->head, UINT8_MAX, heads * sizeof *chains->head); /* FB_CHAINS_NONE */
    }
}

static uint32_t *
head_of(const fb_chains *chains, uint32_t key)
{
    return &chains->head[(uint32_t)fb_hash_mix(key) & chains->mask];
}

void
fb_chains_add(fb_chains *chains, uint32_t key, uint32_t item)
{
    uint32_t *head = head_of(chains, key);

    chains->next[item] = *head;
    *head = item;
    chains->count++;
}

void
fb_chains_remove(fb_chains *chains, uint32_t key, uint32_t item)
{
    uint32_t *link = head_of(chains, key);

    while (*link != item)
    {
        link = &chains->next[*link];
    }
    *link = chains->next[item];
    chains->count--;
}
