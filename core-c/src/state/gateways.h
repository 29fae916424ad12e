/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_GATEWAYS_H
#define FB_STATE_GATEWAYS_H

/**
 * @file
 * The mobile access gateways an anchor knows: those it was told of, those that came by themselves where any may, and
 * those that have no identifier, which are known by their proxy care-of address. What their Restart Counter says is
 * theirs, not an address's (RFC 5847 3.4, C8-10).
 */

#include "base/cells.h"
#include "base/chains.h"
#include "base/index.h"
#include "base/machine.h"
#include "base/pool.h"
#include "base/prefix.h"
#include "flowbind/agent.h"
#include "wire/mobility_option.h"

#define FB_GATEWAY_NONE FB_POOL_NONE

typedef struct fb_gateway_entry
{
    uint32_t life; /**< moves when it is forgotten, and the place is another one's */
    uint32_t hash; /**< of the identifier */
    uint32_t name; /**< first cell of the identifier */
    uint32_t terms; /**< it is one that was told of, with these; FB_POOL_NONE: it came by itself */
    uint32_t restart_counter;
    uint32_t changes; /**< moves when bindings are lost */
    uint32_t sessions; /**< that are registered through it */
    uint32_t first, last; /**< of their list; FB_POOL_NONE */
    uint32_t unswept; /**< sessions not looked at since `lost_before` was set */
    fb_time heard; /**< when it said that counter last */
    /** bindings accepted before that are lost, as their gateway has restarted since */
    fb_time lost_before;
    bool anonymous; /**< the identifier is its proxy care-of address */
    bool counter_known;
    uint8_t subtype; /**< of the identifier (RFC 8278 4.2), which is opaque (D8-05) */
    uint8_t length; /**< of the identifier */
} fb_gateway_entry;

_Static_assert(sizeof(fb_gateway_entry) <= FB_CACHE_LINE, "updates look at it");

/** What is known of a gateway that was told of. */
typedef struct fb_gateway_terms
{
    uint32_t gateway; /**< whose they are */
    uint32_t association; /**< what its messages have to come in by; 0: any */
    /** its proxy care-of addresses are from so many prefixes, in the set `addresses`; 0: any */
    uint8_t address_count;
} fb_gateway_terms;

typedef struct fb_gateways
{
    fb_gateway_entry *item;
    fb_pool pool;
    fb_cells names;
    fb_chains by_identity;
    fb_gateway_terms *terms;
    fb_pool told;
    fb_index by_association; /* terms */
    fb_prefix_set addresses; /* member: terms * FB_GATEWAY_ADDRESSES_MAX + address */
    uint32_t version; /* moves with what is configured */
    uint32_t open; /* told ones whose messages may come from anywhere */
    uint32_t sweeping; /* a gateway with unswept sessions; FB_GATEWAY_NONE */
} fb_gateways;

void fb_gateways_init(fb_gateways *gateways, fb_arena *arena, const fb_limits *limits);

/**
 * Tells of a gateway, or changes what is known of it. FB_OK, FB_ERR_LIMIT, or FB_ERR_ARGUMENT: addresses or
 * association are another's.
 */
int fb_gateways_set(fb_gateways *gateways, const fb_gateway *gateway);

/** It is not one that is served by name any more. */
void fb_gateways_unset(fb_gateways *gateways, uint32_t gateway);

/** The gateway with this identifier; FB_GATEWAY_NONE. */
uint32_t fb_gateways_find(const fb_gateways *gateways, const fb_identifier *identifier);

/** Whether @p gateway, which is one, has this identifier. */
bool fb_gateways_is(const fb_gateways *gateways, uint32_t gateway, const fb_identifier *identifier);

/** The one without identifier whose proxy care-of address this is; FB_GATEWAY_NONE. */
uint32_t fb_gateways_find_address(const fb_gateways *gateways, const fb_addr *address);

/** Whether it was told of. */
static inline bool
fb_gateways_is_told(const fb_gateways *gateways, uint32_t gateway)
{
    return gateways->item[gateway].terms != FB_POOL_NONE;
}

/** The association its messages have to come in by; 0: any. */
static inline uint32_t
fb_gateways_association(const fb_gateways *gateways, uint32_t gateway)
{
    uint32_t terms = gateways->item[gateway].terms;

    return terms == FB_POOL_NONE ? 0 : gateways->terms[terms].association;
}

/** The configured one whose messages come in by this association, which is not 0; FB_GATEWAY_NONE. */
uint32_t fb_gateways_find_association(const fb_gateways *gateways, uint32_t association);

/** The configured one that this source or association belongs to; FB_GATEWAY_NONE. */
uint32_t fb_gateways_find_origin(const fb_gateways *gateways,
                                 const fb_addr *address,
                                 uint32_t association);

/** Whether a message from here may be the gateway's (RFC 5213 5.3.1-5, D8-36). */
bool fb_gateways_origin_fits(const fb_gateways *gateways,
                             uint32_t gateway,
                             const fb_addr *address,
                             uint32_t association);

/** Whether there is room for one more, with an identifier of so many octets. */
static inline bool
fb_gateways_has_room(const fb_gateways *gateways, size_t length)
{
    return gateways->pool.used < gateways->pool.capacity &&
           fb_cells_have_room(&gateways->names, length);
}

/** A new one that came by itself; there is room. It is forgotten with its last session. */
uint32_t fb_gateways_add(fb_gateways *gateways, const fb_identifier *identifier);
uint32_t fb_gateways_add_address(fb_gateways *gateways, const fb_addr *address);

/** To be called when it has lost a session: forgets one that nobody told us of. */
void fb_gateways_settle(fb_gateways *gateways, uint32_t gateway);

/** What it said of its restarts, at @p now. True when it has restarted since it was heard last. */
bool fb_gateways_hear(fb_gateways *gateways, uint32_t gateway, uint32_t counter, fb_time now);

/** All bindings through it that were accepted until @p until are lost. */
void fb_gateways_lose(fb_gateways *gateways, uint32_t gateway, fb_time until);

/** One of its sessions was looked at. */
void fb_gateways_swept(fb_gateways *gateways, uint32_t gateway);

/** Its identifier as far as it is a NAI; else none. */
fb_nai fb_gateways_nai(const fb_gateways *gateways, uint32_t gateway);

#endif
