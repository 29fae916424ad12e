/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/binding_cache_internal.h"

#include "base/machine.h"

#include <string.h>

/*
 * Policies: their rules lie one behind the other in a chain of blocks.
 */

/** A rule with the octet of its length. */
#define RULE_OCTETS_MAX (1u + FB_FLOW_BINDING_OCTETS_MAX)

_Static_assert(FB_FLOW_BINDING_OCTETS_MAX <= UINT8_MAX, "the length of a rule is one octet");
_Static_assert(FB_RULES_MAX *RULE_OCTETS_MAX <= UINT16_MAX,
               "fb_home_subscriber.policy_octets can count them");
_Static_assert(sizeof(fb_rule_block) == FB_RULE_BLOCK_OCTETS + sizeof(uint32_t), "no padding");

static uint32_t
blocks_for(size_t octets)
{
    return (uint32_t)((octets + FB_RULE_BLOCK_OCTETS - 1) / FB_RULE_BLOCK_OCTETS);
}

void
fb_cache_init_policies(fb_binding_cache *cache, fb_arena *arena, const fb_limits *limits)
{
    size_t rules = limits->policies > 0 ? limits->rules_per_node : 0;
    uint32_t longest = blocks_for(rules * RULE_OCTETS_MAX);
    size_t usual_octets = limits->rule_octets > 0 && limits->rule_octets < RULE_OCTETS_MAX
                              ? limits->rule_octets
                              : RULE_OCTETS_MAX;
    uint64_t most = (uint64_t)limits->policies * blocks_for(rules * usual_octets);
    uint64_t blocks = most + longest; /* a draft stands beside what it replaces */
    uint32_t capacity = blocks < FB_POOL_NONE ? (uint32_t)blocks : 0;
    uint32_t *free_blocks = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));

    cache->rule_block = fb_arena_take(arena,
                                      blocks < FB_POOL_NONE ? capacity : SIZE_MAX,
                                      sizeof(fb_rule_block),
                                      FB_CACHE_LINE);
    cache->decoded = fb_arena_take(arena, 1, sizeof *cache->decoded, _Alignof(fb_decoded_policy));
    fb_rule *rule = fb_arena_take(arena, rules, sizeof(fb_rule), _Alignof(fb_rule));

    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_pool_init(&cache->rule_blocks, free_blocks, capacity);
    cache->rule_blocks_max = (uint32_t)most;
    cache->policies_max = limits->policies;
    cache->policies = 0;
    cache->rules_per_node = limits->rules_per_node;
    cache->draft = (fb_policy_draft){.first = FB_POOL_NONE, .last = FB_POOL_NONE};
    *cache->decoded = (fb_decoded_policy){.node = FB_NODE_NONE, .rule = rule};
}

int
fb_cache_room_for_policy(const fb_binding_cache *cache, uint32_t node, size_t rules, size_t octets)
{
    const fb_home_node *owner = &cache->home[node];
    bool one_more = owner->policy == FB_POOL_NONE;
    uint32_t others = cache->rule_blocks.used - blocks_for(cache->subscriber[node].policy_octets);

    if (rules > cache->rules_per_node || octets > rules * FB_FLOW_BINDING_OCTETS_MAX ||
        (one_more && cache->policies == cache->policies_max) ||
        blocks_for(octets + rules) > cache->rule_blocks_max - others)
    {
        return FB_DROP_TOO_MANY_RULES;
    }
    return FB_REASON_NONE;
}

static void
add_octets(fb_binding_cache *cache, const uint8_t *octets, size_t length)
{
    fb_policy_draft *draft = &cache->draft;

    while (length > 0)
    {
        size_t at = draft->octets % FB_RULE_BLOCK_OCTETS;
        size_t part = FB_RULE_BLOCK_OCTETS - at < length ? FB_RULE_BLOCK_OCTETS - at : length;

        if (at == 0)
        {
            uint32_t block = fb_pool_take(&cache->rule_blocks);
            uint32_t *link = draft->octets == 0 ? &draft->first
                                                : &cache->rule_block[draft->last].next;

            *link = block;
            draft->last = block;
        }
        memcpy(&cache->rule_block[draft->last].octet[at], octets, part);
        draft->octets = (uint16_t)(draft->octets + part);
        octets += part;
        length -= part;
    }
}

void
fb_cache_draft_rule(fb_binding_cache *cache, const uint8_t *body, size_t length)
{
    uint8_t octets[RULE_OCTETS_MAX];

    octets[0] = (uint8_t)length;
    memcpy(octets + 1, body, length);
    add_octets(cache, octets, 1 + length);
    cache->draft.rule_count++;
}

static void
give_blocks(fb_binding_cache *cache, uint32_t block, uint32_t count)
{
    while (count > 0)
    {
        /* The last one is not looked at: that of a short policy need not come near */
        uint32_t next = count > 1 ? cache->rule_block[block].next : FB_POOL_NONE;

        fb_pool_give(&cache->rule_blocks, block);
        block = next;
        count--;
    }
}

void
fb_cache_install_draft(fb_binding_cache *cache, uint32_t node, fb_time now)
{
    fb_home_node *owner = &cache->home[node];
    fb_policy_draft *draft = &cache->draft;

    cache->policies -= owner->policy != FB_POOL_NONE;
    give_blocks(cache, owner->policy, blocks_for(cache->subscriber[node].policy_octets));
    owner->policy = draft->first;
    cache->subscriber[node].policy_octets = draft->octets;
    owner->node.rule_count = draft->rule_count;
    owner->node.generation++;
    cache->policies += owner->policy != FB_POOL_NONE;
    *draft = (fb_policy_draft){.first = FB_POOL_NONE, .last = FB_POOL_NONE};
    fb_cache_node_event(cache, node, FB_EVENT_POLICY, owner->node.rule_count, now);
}

void
fb_cache_clear_policy(fb_binding_cache *cache, uint32_t node, fb_time now)
{
    if (cache->home[node].policy != FB_POOL_NONE)
    {
        fb_cache_install_draft(cache, node, now);
    }
}

/** Where the next octets of a policy are. */
typedef struct place
{
    const fb_rule_block *block;
    size_t at;
} place;

static void
get_octets(const fb_binding_cache *cache, place *from, uint8_t *out, size_t length)
{
    while (length > 0)
    {
        size_t left, part;

        if (from->at == FB_RULE_BLOCK_OCTETS)
        {
            from->block = &cache->rule_block[from->block->next];
            from->at = 0;
        }
        left = FB_RULE_BLOCK_OCTETS - from->at;
        part = left < length ? left : length;
        memcpy(out, &from->block->octet[from->at], part);
        from->at += part;
        out += part;
        length -= part;
    }
}

static void
decode(const fb_binding_cache *cache, const fb_home_node *owner, fb_rule *rules)
{
    place from = {.block = &cache->rule_block[owner->policy]};
    uint8_t length, body[UINT8_MAX];

    for (size_t i = 0; i < owner->node.rule_count; i++)
    {
        get_octets(cache, &from, &length, 1);
        get_octets(cache, &from, body, length);
        /* it was decoded before */
        (void)fb_flow_binding_decode(&rules[i], body, length, cache->layout);
    }
}

const fb_rule *
fb_cache_policy(const fb_binding_cache *cache, uint32_t node, size_t *count)
{
    const fb_home_node *owner = &cache->home[node];
    fb_decoded_policy *decoded = cache->decoded;

    *count = owner->node.rule_count;
    if (owner->policy == FB_POOL_NONE)
    {
        return NULL;
    }
    if (decoded->node != node || decoded->generation != owner->node.generation)
    {
        decode(cache, owner, decoded->rule);
        decoded->node = node;
        decoded->generation = owner->node.generation;
    }
    return decoded->rule;
}
