/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/prefix.h"

#include <string.h>

bool
fb_addr_equal(const fb_addr *left, const fb_addr *right)
{
    return left->family == right->family &&
           (left->family == FB_FAMILY_NONE ||
            memcmp(left->octet, right->octet, fb_prefix_length_max(left->family) / 8u) == 0);
}

bool
fb_prefix_valid(const fb_prefix *prefix)
{
    uint8_t family = prefix->address.family;

    return (family == FB_FAMILY_IPV4 || family == FB_FAMILY_IPV6) && prefix->length >= 1 &&
           prefix->length <= fb_prefix_length_max(family);
}

void
fb_prefix_clear_host_bits(fb_prefix *prefix)
{
    size_t whole = prefix->length / 8;

    if (whole >= sizeof prefix->address.octet)
    {
        return;
    }
    prefix->address.octet[whole] &= (uint8_t) ~(0xffu >> prefix->length % 8);
    memset(prefix->address.octet + whole + 1, 0, sizeof prefix->address.octet - whole - 1);
}

bool
fb_prefix_equal(const fb_prefix *left, const fb_prefix *right)
{
    return left->length == right->length && fb_addr_equal(&left->address, &right->address);
}

static unsigned
bit_of(const uint8_t *octets, uint8_t bit)
{
    return (unsigned)octets[bit / 8] >> (7 - bit % 8) & 1u;
}

/** How many of the first @p length bits are the same. */
static uint8_t
common_bits(const uint8_t *left, const uint8_t *right, uint8_t length)
{
    uint8_t common = 0;

    while (length - common >= 8 && left[common / 8] == right[common / 8])
    {
        common = (uint8_t)(common + 8);
    }
    while (common < length && bit_of(left, common) == bit_of(right, common))
    {
        common++;
    }
    return common;
}

/** Whether the first @p count bits of @p bits, at most all 64, are 0. */
static bool
first_are_zero(uint64_t bits, unsigned count)
{
    return count == 0 || bits >> (64 - count) == 0;
}

bool
fb_prefix_covers(const fb_prefix *prefix, const uint8_t *octets)
{
    const uint8_t *own = prefix->address.octet;
    unsigned length = prefix->length;

    if (prefix->address.family == FB_FAMILY_IPV4)
    {
        return first_are_zero((uint64_t)(fb_load_u32(own) ^ fb_load_u32(octets)) << 32, length);
    }
    if (length <= 64)
    {
        return first_are_zero(fb_load_u64(own) ^ fb_load_u64(octets), length);
    }
    return fb_load_u64(own) == fb_load_u64(octets) &&
           first_are_zero(fb_load_u64(own + 8) ^ fb_load_u64(octets + 8), length - 64);
}

/* ---- the set ---- */

/* A child is a member, or a branch with the top bit set: FB_PREFIX_NONE is neither. */
#define BRANCH UINT32_C(0x80000000)

static bool
is_branch(uint32_t child)
{
    return child != FB_PREFIX_NONE && (child & BRANCH) != 0;
}

static fb_prefix_branch *
branch_at(const fb_prefix_set *set, uint32_t child)
{
    return &set->branch[child & ~BRANCH];
}

static uint32_t *
root_of(fb_prefix_set *set, uint8_t family)
{
    return family == FB_FAMILY_IPV4 ? &set->root4 : &set->root6;
}

void
fb_prefix_set_init(fb_prefix_set *set, fb_prefix_set_memory memory, uint32_t capacity)
{
    set->member = memory.member;
    set->branch = memory.branch;
    fb_pool_init(&set->branches, memory.pool, capacity);
    set->root4 = FB_PREFIX_NONE;
    set->root6 = FB_PREFIX_NONE;
}

/**
 * The member that shares most bits with the first @p length of @p octets: all below a branch agree in the bits before
 * its own, so behind the length any will do. FB_PREFIX_NONE in an empty set.
 */
static uint32_t
nearest(const fb_prefix_set *set, uint32_t at, const uint8_t *octets, uint8_t length)
{
    while (is_branch(at))
    {
        const fb_prefix_branch *branch = branch_at(set, at);

        at = branch->child[branch->bit < length ? bit_of(octets, branch->bit) : 0];
    }
    return at;
}

/** Puts @p member where it parts from all that is there, at @p bit. */
static void
split(fb_prefix_set *set, uint32_t member, uint8_t bit)
{
    const uint8_t *octets = set->member[member].address.octet;
    uint32_t *link = root_of(set, set->member[member].address.family);
    uint32_t id = fb_pool_take(&set->branches);
    unsigned side = bit_of(octets, bit);

    while (is_branch(*link) && branch_at(set, *link)->bit < bit)
    {
        link = &branch_at(set, *link)->child[bit_of(octets, branch_at(set, *link)->bit)];
    }
    set->branch[id].bit = bit;
    set->branch[id].child[side] = member;
    set->branch[id].child[side ^ 1u] = *link;
    *link = id | BRANCH;
}

bool
fb_prefix_set_add(fb_prefix_set *set, uint32_t member, const fb_prefix *prefix)
{
    uint32_t *root = root_of(set, prefix->address.family);
    uint32_t other = nearest(set, *root, prefix->address.octet, prefix->length);
    uint8_t shorter, common;

    if (other == FB_PREFIX_NONE)
    {
        set->member[member] = *prefix;
        *root = member;
        return true;
    }
    shorter = set->member[other].length < prefix->length ? set->member[other].length
                                                         : prefix->length;
    common = common_bits(set->member[other].address.octet, prefix->address.octet, shorter);
    if (common == shorter)
    {
        return false;
    }
    set->member[member] = *prefix;
    split(set, member, common);
    return true;
}

void
fb_prefix_set_remove(fb_prefix_set *set, uint32_t member)
{
    const uint8_t *octets = set->member[member].address.octet;
    uint32_t *link = root_of(set, set->member[member].address.family);
    uint32_t *above = NULL;
    unsigned side = 0;

    while (is_branch(*link))
    {
        above = link;
        side = bit_of(octets, branch_at(set, *link)->bit);
        link = &branch_at(set, *link)->child[side];
    }
    if (above == NULL)
    {
        *link = FB_PREFIX_NONE;
        return;
    }
    fb_pool_give(&set->branches, *above & ~BRANCH);
    *above = branch_at(set, *above)->child[side ^ 1u];
}

uint32_t
fb_prefix_set_find(const fb_prefix_set *set, uint8_t family, const uint8_t *octets)
{
    uint32_t member = nearest(set,
                              family == FB_FAMILY_IPV4 ? set->root4 : set->root6,
                              octets,
                              fb_prefix_length_max(family));

    if (member == FB_PREFIX_NONE || !fb_prefix_covers(&set->member[member], octets))
    {
        return FB_PREFIX_NONE;
    }
    return member;
}
