/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_CHAINS_H
#define FB_BASE_CHAINS_H

/**
 * @file
 * Items by a key, such as a number or the hash of a name: those whose keys end in the same bits, one after another, the
 * one that came last first. Keys are not kept, so the owner compares, and leaves out items with another key. That takes
 * little more than eight octets an item.
 */

#include "base/arena.h"
#include "base/hash.h"

/** No item. */
#define FB_CHAINS_NONE UINT32_MAX

typedef struct fb_chains
{
    uint32_t *head; /* by the last bits of the key's hash */
    uint32_t *next; /* by item; FB_CHAINS_NONE at the end */
    uint32_t mask; /* heads - 1 */
    uint32_t count; /* items in any chain */
} fb_chains;

/** Lays chains for the items 0..capacity-1 out in @p arena, empty. */
void fb_chains_init(fb_chains *chains, fb_arena *arena, uint32_t capacity);

/** The first item that may have this key; FB_CHAINS_NONE. */
static inline uint32_t
fb_chains_first(const fb_chains *chains, uint32_t key)
{
    return chains->head[(uint32_t)fb_hash_mix(key) & chains->mask];
}

/** The next one; FB_CHAINS_NONE. */
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
