/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_IDENTITIES_H
#define FB_STATE_IDENTITIES_H

/**
 * @file
 * What a home agent knows of nodes that have a NAI (RFC 2794) or networks behind them (RFC 5177, RFC 5454): a block for
 * each, found by the NAI and by addresses in the networks. Other nodes have none. Written by the binding cache only.
 */

#include "base/arena.h"
#include "base/chains.h"
#include "base/index.h"
#include "base/prefix.h"
#include "flowbind/agent.h"

/** A node without a block. */
#define FB_IDENTITY_NONE FB_POOL_NONE

/** Most blocks there can be. */
#define FB_IDENTITIES_MAX (FB_PREFIX_SET_MAX / FB_NETWORKS_MAX)

typedef struct fb_identity
{
    uint32_t node; /**< whose it is */
    fb_nai nai;
    uint8_t network_count; /**< what the node may register */
    uint8_t in_use; /**< bit i: network i is registered */
    /** it registered networks by request since its first binding came: none are supposed (RFC 5177 5, 6.3) */
    bool explicit_mode;
    /** what the reply said; else to the home address (RFC 5454 3.3.2). Either way by the path chosen (B5454-03) */
    bool ipv6_to_care_of;
} fb_identity;

typedef struct fb_identities
{
    fb_identity *item;
    fb_pool pool;
    fb_chains by_nai; /* blocks by the hash of their NAI */
    fb_prefix_set networks; /* member: block * FB_NETWORKS_MAX + network */
    uint32_t in_use; /* networks, of all nodes */
} fb_identities;

void fb_identities_init(fb_identities *identities, fb_arena *arena, uint32_t capacity);

/**
 * Takes a block for @p node. FB_IDENTITY_NONE when there is none left (@p error: FB_ERR_LIMIT), when the NAI is another
 * node's, or when a network overlaps one that is there already (RFC 5454 3.3; FB_ERR_ARGUMENT).
 */
uint32_t fb_identity_take(fb_identities *identities,
                          uint32_t node,
                          const fb_nai *nai,
                          const fb_networks *networks,
                          int *error);

void fb_identity_give(fb_identities *identities, uint32_t identity);

/** Network @p index of the block. */
const fb_prefix *fb_identity_network(const fb_identities *identities,
                                     uint32_t identity,
                                     size_t index);

/** Registers exactly the networks of the set @p in_use. */
void fb_identity_use(fb_identities *identities, uint32_t identity, uint8_t in_use);

/** The node with this NAI; FB_INDEX_NONE. */
uint32_t fb_identities_find_nai(const fb_identities *identities,
                                const uint8_t *text,
                                size_t length);

/** The node that has registered the network the address @p octets is in; FB_INDEX_NONE. */
uint32_t fb_identities_find_network(const fb_identities *identities,
                                    uint8_t family,
                                    const uint8_t *octets);

#endif
