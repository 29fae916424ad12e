/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/identities.h"

#include "base/hash.h"
#include "wire/rfc2794.h"

void
fb_identities_init(fb_identities *identities, fb_arena *arena, uint32_t capacity)
{
    size_t members = fb_arena_octets(capacity, FB_NETWORKS_MAX);
    uint32_t *next = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
    fb_prefix_set_memory memory = {
        .member = fb_arena_take(arena, members, sizeof(fb_prefix), _Alignof(fb_prefix)),
        .branch =
            fb_arena_take(arena, members, sizeof(fb_prefix_branch), _Alignof(fb_prefix_branch)),
        .pool = fb_arena_take(arena, 1, fb_pool_memory((uint32_t)members), _Alignof(uint32_t))};

    identities->item = fb_arena_take(arena, capacity, sizeof(fb_identity), _Alignof(fb_identity));
    fb_chains_init(&identities->by_nai, arena, capacity);
    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_pool_init(&identities->pool, next, capacity);
    fb_prefix_set_init(&identities->networks, memory, (uint32_t)members);
    identities->in_use = 0;
}

/* ---- NAIs ---- */

static uint32_t
hash_of(const uint8_t *text, size_t length)
{
    return (uint32_t)fb_hash_octets(0, text, length);
}

uint32_t
fb_identities_find_nai(const fb_identities *identities, const uint8_t *text, size_t length)
{
    uint32_t id;

    if (length == 0 || length > FB_NAI_MAX || identities->by_nai.count == 0)
    {
        return FB_INDEX_NONE;
    }
    id = fb_chains_first(&identities->by_nai, hash_of(text, length));
    while (id != FB_IDENTITY_NONE && !fb_nai_equal(&identities->item[id].nai, text, length))
    {
        id = fb_chains_next(&identities->by_nai, id);
    }
    return id == FB_IDENTITY_NONE ? FB_INDEX_NONE : identities->item[id].node;
}

static uint32_t
hash_of_block(const fb_identity *block)
{
    return hash_of((const uint8_t *)block->nai.text, block->nai.length);
}

static void
link_nai(fb_identities *identities, uint32_t identity)
{
    const fb_identity *block = &identities->item[identity];

    if (block->nai.length > 0)
    {
        fb_chains_add(&identities->by_nai, hash_of_block(block), identity);
    }
}

static void
unlink_nai(fb_identities *identities, uint32_t identity)
{
    const fb_identity *block = &identities->item[identity];

    if (block->nai.length > 0)
    {
        fb_chains_remove(&identities->by_nai, hash_of_block(block), identity);
    }
}

/* ---- blocks ---- */

static uint32_t
member_of(uint32_t identity, size_t network)
{
    return identity * FB_NETWORKS_MAX + (uint32_t)network;
}

/** Adds the networks from the block's count on. False: one overlaps another; those before it are there. */
static bool
add_networks(fb_identities *identities, uint32_t identity, const fb_networks *networks)
{
    fb_identity *block = &identities->item[identity];

    for (size_t i = 0; i < networks->count; i++)
    {
        fb_prefix prefix = networks->prefix[i];

        fb_prefix_clear_host_bits(&prefix);
        if (!fb_prefix_set_add(&identities->networks, member_of(identity, i), &prefix))
        {
            return false;
        }
        block->network_count++;
    }
    return true;
}

uint32_t
fb_identity_take(fb_identities *identities,
                 uint32_t node,
                 const fb_nai *nai,
                 const fb_networks *networks,
                 int *error)
{
    uint32_t identity;

    *error = FB_ERR_ARGUMENT;
    if (fb_identities_find_nai(identities, (const uint8_t *)nai->text, nai->length) !=
        FB_INDEX_NONE)
    {
        return FB_IDENTITY_NONE;
    }
    identity = fb_pool_take(&identities->pool);
    if (identity == FB_POOL_NONE)
    {
        *error = FB_ERR_LIMIT;
        return FB_IDENTITY_NONE;
    }
    identities->item[identity] = (fb_identity){.node = node, .nai = *nai};
    link_nai(identities, identity);
    if (!add_networks(identities, identity, networks))
    {
        fb_identity_give(identities, identity);
        return FB_IDENTITY_NONE;
    }
    *error = FB_OK;
    return identity;
}

void
fb_identity_give(fb_identities *identities, uint32_t identity)
{
    fb_identity_use(identities, identity, 0);
    for (size_t i = 0; i < identities->item[identity].network_count; i++)
    {
        fb_prefix_set_remove(&identities->networks, member_of(identity, i));
    }
    unlink_nai(identities, identity);
    fb_pool_give(&identities->pool, identity);
}

const fb_prefix *
fb_identity_network(const fb_identities *identities, uint32_t identity, size_t index)
{
    return &identities->networks.member[member_of(identity, index)];
}

static uint32_t
members(uint8_t set)
{
    uint32_t count = 0;

    for (; set != 0; set &= (uint8_t)(set - 1))
    {
        count++;
    }
    return count;
}

void
fb_identity_use(fb_identities *identities, uint32_t identity, uint8_t in_use)
{
    fb_identity *block = &identities->item[identity];

    identities->in_use += members(in_use);
    identities->in_use -= members(block->in_use);
    block->in_use = in_use;
}

uint32_t
fb_identities_find_network(const fb_identities *identities, uint8_t family, const uint8_t *octets)
{
    const fb_identity *block;
    uint32_t member;

    if (identities->in_use == 0)
    {
        return FB_INDEX_NONE;
    }
    member = fb_prefix_set_find(&identities->networks, family, octets);
    if (member == FB_PREFIX_NONE)
    {
        return FB_INDEX_NONE;
    }
    block = &identities->item[member / FB_NETWORKS_MAX];
    return (block->in_use >> member % FB_NETWORKS_MAX & 1) != 0 ? block->node : FB_INDEX_NONE;
}
