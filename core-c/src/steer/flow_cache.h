/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_FLOW_CACHE_H
#define FB_STEER_FLOW_CACHE_H

/**
 * @file
 * Remembers what was decided for a flow, so that the common packet needs no look at the policy.
 *
 * An entry counts only for the generation of its session it was made in. Whoever changes a node's policy or bindings
 * gives that node a new generation: all its entries are void at once, nobody else's are touched. A generation must
 * therefore not come back for the same session number, not even when the number goes to another node.
 *
 * The key holds everything a selector can look at, whole: a collision is a miss, never a wrong answer. Both calls take
 * constant time.
 */

#include "wire/ipv4.h"

typedef struct fb_flow_verdict
{
    uint16_t reason; /**< fb_reason of a drop; FB_REASON_NONE: send */
    uint8_t bid; /**< path to send over */
    /** 0: that one only; else the rule by which more paths get a copy, as the caller numbers it */
    uint8_t copied_by;
} fb_flow_verdict;

typedef struct fb_flow_entry
{
    uint32_t session; /* 0: empty */
    uint32_t generation;
    uint64_t addresses; /* source, destination; with IPv6 the first half of the source */
    uint64_t detail; /* ports, SPI or fragment id, and which; protocol, DS, direction, family */
    fb_flow_verdict verdict;
    uint32_t flow_label; /* IPv6 */
} fb_flow_entry;

/* What an IPv6 flow's entry does not hold of its key; the next slot. */
typedef struct fb_flow_tail
{
    uint32_t session; /* 0: this is no entry */
    uint32_t spi;
    uint64_t address[3]; /* the rest of source and destination */
} fb_flow_tail;

typedef union fb_flow_slot
{
    fb_flow_entry entry;
    fb_flow_tail tail;
} fb_flow_slot;

typedef struct fb_flow_cache
{
    fb_flow_slot *slot; /* sets of two neighbours: two IPv4 flows, or an IPv6 flow and its tail */
    uint32_t set_count; /* a power of two; 0: no cache */
} fb_flow_cache;

/**
 * Octets for @p capacity IPv4 flows, or half as many IPv6 flows (a power of two); 0 below 2: no cache. SIZE_MAX when
 * they cannot be counted.
 */
size_t fb_flow_cache_memory(uint32_t capacity);

/** Empty cache in @p memory: fb_flow_cache_memory() octets, best aligned to 64. Without any, every find misses. */
void fb_flow_cache_init(fb_flow_cache *cache, void *memory, uint32_t capacity);

/**
 * What was decided for this flow of @p session (not 0). False: not known.
 *
 * All fragments of a packet follow the first (D-39), which alone has the ports. A first fragment is looked up like any
 * packet of its flow; when found, the verdict is also kept under (source, destination, protocol, id), where the later
 * fragments look. Hence the cache is not const.
 */
bool fb_flow_cache_find(fb_flow_cache *cache,
                        uint32_t session,
                        uint32_t generation,
                        const fb_flow *flow,
                        bool mirrored,
                        fb_flow_verdict *verdict);

/** Remembers. A later fragment is ignored: without the first, what was decided for it is a guess. */
void fb_flow_cache_put(fb_flow_cache *cache,
                       uint32_t session,
                       uint32_t generation,
                       const fb_flow *flow,
                       bool mirrored,
                       fb_flow_verdict verdict);

/** Remembers for the later fragments of this very packet only, if it is a first fragment (D-39). */
void fb_flow_cache_put_packet(fb_flow_cache *cache,
                              uint32_t session,
                              uint32_t generation,
                              const fb_flow *flow,
                              bool mirrored,
                              fb_flow_verdict verdict);

#endif
