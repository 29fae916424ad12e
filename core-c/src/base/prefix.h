/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_PREFIX_H
#define FB_BASE_PREFIX_H

/**
 * @file
 * Address prefixes of either family, and a set of prefixes of which no two overlap: which of them an address is in.
 *
 * The set is a binary tree over the bits in which its members differ. Members have numbers the owner chooses.
 */

#include "base/octets.h"
#include "base/pool.h"

/** No member. */
#define FB_PREFIX_NONE UINT32_MAX

/** Bits of an address of @p family. */
static inline uint8_t
fb_prefix_length_max(uint8_t family)
{
    return family == FB_FAMILY_IPV4 ? 32 : 128;
}

/** Whether both are the same address; octets behind those of the family say nothing. */
bool fb_addr_equal(const fb_addr *left, const fb_addr *right);

/** Whether the family is known and the length one that names a network: 1..32 or 1..128. */
bool fb_prefix_valid(const fb_prefix *prefix);

/** Clears the bits behind the length, which say nothing, of a prefix whose length is possible. */
void fb_prefix_clear_host_bits(fb_prefix *prefix);

/** Whether both are the same network, bits behind the length already cleared. */
bool fb_prefix_equal(const fb_prefix *left, const fb_prefix *right);

/** Whether every bit of the address is 0. */
static inline bool
fb_prefix_unspecified(const fb_prefix *prefix)
{
    const uint8_t *octets = prefix->address.octet;

    return prefix->address.family == FB_FAMILY_IPV4
               ? fb_load_u32(octets) == 0
               : (fb_load_u64(octets) | fb_load_u64(octets + 8)) == 0;
}

/** Whether the address @p octets, in network order and of the prefix's family, is in it. */
bool fb_prefix_covers(const fb_prefix *prefix, const uint8_t *octets);

/** Where members of the set part. */
typedef struct fb_prefix_branch
{
    uint32_t child[2]; /* by the value of `bit` */
    uint8_t bit; /* the first one in which those below differ */
} fb_prefix_branch;

typedef struct fb_prefix_set
{
    fb_prefix *member; /* by the owner's number */
    fb_prefix_branch *branch;
    fb_pool branches;
    uint32_t root4, root6;
} fb_prefix_set;

/** What fb_prefix_set_init() needs for members 0..capacity-1. */
typedef struct fb_prefix_set_memory
{
    fb_prefix *member; /* `capacity` of them */
    fb_prefix_branch *branch; /* `capacity` of them */
    uint32_t *pool; /* fb_pool_memory(capacity) octets */
} fb_prefix_set_memory;

/** Members the tree can name. */
#define FB_PREFIX_SET_MAX (UINT32_C(1) << 30)

/** An empty set; @p capacity is at most FB_PREFIX_SET_MAX. */
void fb_prefix_set_init(fb_prefix_set *set, fb_prefix_set_memory memory, uint32_t capacity);

/** Adds @p prefix, valid and without host bits, as @p member, which is not in the set. False: it overlaps another. */
bool fb_prefix_set_add(fb_prefix_set *set, uint32_t member, const fb_prefix *prefix);

/** Takes @p member out; it must be in the set. */
void fb_prefix_set_remove(fb_prefix_set *set, uint32_t member);

/** The member the address @p octets of @p family is in; FB_PREFIX_NONE. */
uint32_t fb_prefix_set_find(const fb_prefix_set *set, uint8_t family, const uint8_t *octets);

#endif
