/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/binding_cache.h"

/* Nodes that have a NAI, or networks behind them. */

uint32_t
fb_cache_find_nai(const fb_binding_cache *cache, const uint8_t *text, size_t length)
{
    return fb_identities_find_nai(&cache->identities, text, length);
}

uint32_t
fb_cache_find_address(const fb_binding_cache *cache,
                      uint8_t family,
                      fb_ipv4 ipv4,
                      const uint8_t *ipv6)
{
    uint32_t node;
    fb_addr address;

    if (family == FB_FAMILY_IPV6)
    {
        return fb_identities_find_network(&cache->identities, family, ipv6);
    }
    node = fb_cache_find(cache, ipv4);
    if (node != FB_NODE_NONE || cache->identities.in_use == 0)
    {
        return node;
    }
    address = fb_addr_from_ipv4(ipv4);
    return fb_identities_find_network(&cache->identities, FB_FAMILY_IPV4, address.octet);
}

const fb_identity *
fb_cache_identity(const fb_binding_cache *cache, uint32_t node)
{
    uint32_t identity = cache->subscriber[node].identity;

    return identity == FB_IDENTITY_NONE ? NULL : &cache->identities.item[identity];
}

const fb_prefix *
fb_cache_network(const fb_binding_cache *cache, uint32_t node, size_t index)
{
    return fb_identity_network(&cache->identities, cache->subscriber[node].identity, index);
}

static void
network_event(fb_binding_cache *cache,
              uint32_t node,
              const fb_prefix *network,
              bool in_use,
              fb_time now)
{
    fb_event event = {.kind = FB_EVENT_NETWORK,
                      .role = FB_ROLE_HOME_AGENT,
                      .from = !in_use,
                      .to = in_use,
                      .ref = {.session = node + 1},
                      .home_address = cache->home[node].home_address,
                      .prefix = *network,
                      .time = now};

    fb_cache_node(cache, node)->generation++;
    fb_events_push(cache->events, &event);
}

/** What a block says, to be able to go back to it. */
typedef struct block_copy
{
    fb_nai nai;
    fb_networks networks;
    fb_network_use use;
} block_copy;

static block_copy
copy_block(const fb_binding_cache *cache, uint32_t node)
{
    const fb_identity *block = fb_cache_identity(cache, node);
    block_copy copy = {.networks.count = 0};

    if (block == NULL)
    {
        return copy;
    }
    copy.nai = block->nai;
    copy.networks.count = block->network_count;
    copy.use = (fb_network_use){.in_use = block->in_use,
                                .explicit_mode = block->explicit_mode,
                                .ipv6_to_care_of = block->ipv6_to_care_of};
    for (size_t i = 0; i < copy.networks.count; i++)
    {
        copy.networks.prefix[i] = *fb_cache_network(cache, node, i);
    }
    return copy;
}

/** The block in the node's place. FB_OK, or why there is none now. */
static int
put_block(fb_binding_cache *cache, uint32_t node, const fb_nai *nai, const fb_networks *networks)
{
    fb_home_subscriber *owner = &cache->subscriber[node];
    int error = FB_OK;

    if (owner->identity != FB_IDENTITY_NONE)
    {
        fb_identity_give(&cache->identities, owner->identity);
        owner->identity = FB_IDENTITY_NONE;
    }
    if (nai->length > 0 || networks->count > 0)
    {
        owner->identity = fb_identity_take(&cache->identities, node, nai, networks, &error);
    }
    return error;
}

/** Networks of @p old that were in use stay so if the node still has them; the others go. */
static void
carry_over(fb_binding_cache *cache, uint32_t node, const block_copy *old, fb_time now)
{
    const fb_identity *block = fb_cache_identity(cache, node);
    fb_network_use use = old->use;

    use.in_use = 0;
    for (size_t i = 0; i < old->networks.count; i++)
    {
        const fb_prefix *network = &old->networks.prefix[i];
        uint8_t found = 0;

        for (size_t j = 0; block != NULL && j < block->network_count; j++)
        {
            found |= (uint8_t)(fb_prefix_equal(fb_cache_network(cache, node, j), network) << j);
        }
        if ((old->use.in_use >> i & 1) != 0 && found == 0)
        {
            network_event(cache, node, network, false, now);
        }
        use.in_use |= (old->use.in_use >> i & 1) != 0 ? found : 0;
    }
    if (block != NULL)
    {
        uint32_t identity = cache->subscriber[node].identity;

        fb_identity_use(&cache->identities, identity, use.in_use);
        cache->identities.item[identity].explicit_mode = use.explicit_mode;
        cache->identities.item[identity].ipv6_to_care_of = use.ipv6_to_care_of;
    }
}

int
fb_cache_set_identity(fb_binding_cache *cache,
                      uint32_t node,
                      const fb_nai *nai,
                      const fb_networks *networks,
                      fb_time now)
{
    block_copy old = copy_block(cache, node);
    int error = put_block(cache, node, nai, networks);

    if (error != FB_OK)
    {
        put_block(cache, node, &old.nai, &old.networks); /* it fitted before, so it does now */
    }
    carry_over(cache, node, &old, now);
    return error;
}

void
fb_cache_use_networks(fb_binding_cache *cache, uint32_t node, fb_network_use use, fb_time now)
{
    uint32_t identity = cache->subscriber[node].identity;
    fb_identity *block = &cache->identities.item[identity];
    uint8_t changed = block->in_use ^ use.in_use;

    if (block->ipv6_to_care_of != use.ipv6_to_care_of)
    {
        fb_cache_node(cache, node)->generation++;
    }
    block->explicit_mode = use.explicit_mode;
    block->ipv6_to_care_of = use.ipv6_to_care_of;
    fb_identity_use(&cache->identities, identity, use.in_use);
    for (size_t i = 0; i < block->network_count; i++)
    {
        if ((changed >> i & 1) != 0)
        {
            network_event(cache,
                          node,
                          fb_cache_network(cache, node, i),
                          (use.in_use >> i & 1) != 0,
                          now);
        }
    }
}
