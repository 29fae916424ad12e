/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_FLOW_SETS_H
#define FB_STATE_FLOW_SETS_H

/**
 * @file
 * Lists of flow bindings (RFC 6089 4.3), each stored once: mobility sessions that agreed on the same flows, as those of
 * one operator mostly do, share a set. A set never changes; a session that agrees on something else has another one.
 */

#include "base/cells.h"
#include "base/chains.h"
#include "flowbind/config.h"
#include "wire/mobility_option.h"
#include "wire/traffic_selector.h"

/** No flows. */
#define FB_FLOW_SET_NONE FB_POOL_NONE

/** Most flows in a set: what one message can name. */
#define FB_FLOW_SET_MAX FB_MESSAGE_FLOWS_MAX

/** BID Count, BIDs, TS Format, selector. */
#define FB_FLOW_TERMS_MAX (1 + FB_FLOW_BIDS_MAX + 1 + FB_SELECTOR_OCTETS_MAX)

/**
 * What is agreed of a flow: how many BIDs, these, TS Format, and the selector as it came (RFC 6088). That takes a tenth
 * of what the same fb_rule would, and is decoded when a packet asks.
 */
typedef struct fb_flow_terms
{
    uint8_t length;
    uint8_t octet[FB_FLOW_TERMS_MAX];
} fb_flow_terms;

/** A flow binding (RFC 6089 4.3). */
typedef struct fb_flow_binding
{
    uint16_t fid, priority;
    fb_flow_terms terms;
} fb_flow_binding;

/** Flows in the order of their FID-PRI, while they are put together or looked at. */
typedef struct fb_flow_list
{
    size_t count;
    fb_flow_binding flow[FB_FLOW_SET_MAX];
} fb_flow_list;

typedef struct fb_flow_set
{
    uint32_t references; /**< sessions that have it */
    uint32_t hash; /**< of its octets */
    uint32_t first; /**< cell */
    uint16_t octets;
    uint8_t count; /**< flows */
} fb_flow_set;

/** The set that was asked for last, decoded. */
typedef struct fb_decoded_flow_set
{
    uint32_t set; /**< FB_FLOW_SET_NONE: none */
    fb_flow_list list;
} fb_decoded_flow_set;

typedef struct fb_flow_sets
{
    fb_flow_set *item;
    fb_pool pool;
    fb_chains by_hash;
    fb_cells cells;
    fb_decoded_flow_set *decoded;
    uint32_t flows, flows_max; /**< of all sets, each counted once */
} fb_flow_sets;

/** Room for fb_limits.flows flows in different sets, each of fb_limits.rule_octets octets on average. */
void fb_flow_sets_init(fb_flow_sets *sets, fb_arena *arena, const fb_limits *limits);

/** Whether a session that has @p former, or FB_FLOW_SET_NONE, can have these flows in its place. */
bool fb_flow_sets_fit(const fb_flow_sets *sets, uint32_t former, const fb_flow_list *list);

/**
 * The session that had *@p set, or FB_FLOW_SET_NONE, has these flows now; without any it has none. False, and nothing
 * has changed: they do not fit.
 */
bool fb_flow_sets_replace(fb_flow_sets *sets, uint32_t *set, const fb_flow_list *list);

/** The flows of @p set, or none of FB_FLOW_SET_NONE. They stay where they are until the next call of any function. */
const fb_flow_list *fb_flow_sets_list(const fb_flow_sets *sets, uint32_t set);

#endif
