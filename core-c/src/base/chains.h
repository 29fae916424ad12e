/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_CHAINS_H
#define FB_BASE_CHAINS_H

/**
 * @file
 * Items that share a key, one after another; the one that came last is the first. The key is a number, or the hash of
 * something longer, such as a name, which the owner compares.
 */

#include "base/arena.h"
#include "base/index.h"

typedef struct fb_chains
{
    fb_index first; /* by key */
    uint32_t *next; /* by item; FB_INDEX_NONE at the end */
} fb_chains;

/** Lays chains for the items 0..capacity-1 out in @p arena, empty. */
void fb_chains_init(fb_chains *chains, fb_arena *arena, uint32_t capacity);

/** The first item with this key; FB_INDEX_NONE. */
static inline uint32_t
fb_chains_first(const fb_chains *chains, uint32_t key)
{
    return fb_index_find(&chains->first, key);
}

/** The next one; FB_INDEX_NONE. */
static inline uint32_t
fb_chains_next(const fb_chains *chains, uint32_t item)
{
    return chains->next[item];
}

/** Adds @p item, which is in no chain. */
void fb_chains_add(fb_chains *chains, uint32_t key, uint32_t item);

/** Takes @p item, which was added under @p key, out. */
void fb_chains_remove(fb_chains *chains, uint32_t key, uint32_t item);

#endif
