/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_INDEX_H
#define FB_BASE_INDEX_H

/**
 * @file
 * Hash index from one 32-bit number to another, for instance from a home address to its node. Open addressing with
 * linear probing; removal closes the gap, so the table does not age.
 */

#include "base/hash.h"
#include "flowbind/types.h"

/** No value: what a key that is absent has. */
#define FB_INDEX_NONE UINT32_MAX

typedef struct fb_index_slot
{
    uint32_t key;
    uint32_t value; /* FB_INDEX_NONE: the slot is empty */
} fb_index_slot;

typedef struct fb_index
{
    fb_index_slot *slot;
    uint32_t mask; /* slots - 1 */
    uint32_t capacity;
    uint32_t count;
} fb_index;

/** Octets for @p capacity keys, at a load of at most two thirds; SIZE_MAX when they cannot be counted. */
size_t fb_index_memory(uint32_t capacity);

/** Empty index in @p memory: fb_index_memory() octets, aligned as uint32_t. */
void fb_index_init(fb_index *index, void *memory, uint32_t capacity);

static inline uint32_t
fb_index_home(const fb_index *index, uint32_t key)
{
    return (uint32_t)fb_hash_mix(key) & index->mask;
}

/** The slot of @p key, or the empty one where it would go. */
static inline uint32_t
fb_index_slot_of(const fb_index *index, uint32_t key)
{
    uint32_t at = fb_index_home(index, key);

    while (index->slot[at].value != FB_INDEX_NONE && index->slot[at].key != key)
    {
        at = (at + 1) & index->mask;
    }
    return at;
}

/** The value of @p key, or FB_INDEX_NONE. */
static inline uint32_t
fb_index_find(const fb_index *index, uint32_t key)
{
    return index->slot[fb_index_slot_of(index, key)].value;
}

/** Brings what fb_index_find() will look at near, while there is something else to do. */
void fb_index_prefetch(const fb_index *index, uint32_t key);

/** Sets the value of @p key, not FB_INDEX_NONE, new or not. False, and nothing changed, when the index is full. */
bool fb_index_insert(fb_index *index, uint32_t key, uint32_t value);

/** Removes @p key. False when it was not there. */
bool fb_index_remove(fb_index *index, uint32_t key);

#endif
