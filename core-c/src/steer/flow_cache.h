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

#include "base/hash.h"
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

/* One cache line of most processors. */
#define FB_FLOW_SLOTS_PER_SET 2

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

/** What the number in a key's `detail` is; none of them: the packet has neither ports nor SPI. */
enum
{
    FB_FLOW_KIND_PORTS = 1,
    FB_FLOW_KIND_SPI = 2,
    FB_FLOW_KIND_FRAGMENT = 4, /* the id of a fragmented packet */
    FB_FLOW_KIND_IPV6 = 8 /* in addition: the entry has a tail, which holds the SPI */
};

/** A flow as the cache knows it. */
typedef struct fb_flow_key
{
    uint32_t session;
    uint64_t addresses;
    uint64_t detail;
} fb_flow_key;

static inline uint64_t
fb_flow_detail(uint32_t number, uint32_t kind, uint8_t protocol, uint8_t ds, bool mirrored)
{
    return (uint64_t)number << 32 | (uint32_t)ds << 16 | (uint32_t)protocol << 8 | kind << 1 |
           (mirrored ? 1U : 0U);
}

/** The key of an IPv4 flow. */
static inline fb_flow_key
fb_flow_key_of(uint32_t session, const fb_flow *flow, bool mirrored)
{
    uint32_t number = 0;
    uint32_t kind = 0;

    if (flow->has_ports)
    {
        number = (uint32_t)flow->source_port << 16 | flow->destination_port;
        kind = FB_FLOW_KIND_PORTS;
    }
    else if (flow->has_spi)
    {
        number = flow->spi;
        kind = FB_FLOW_KIND_SPI;
    }
    /* B6088-05: only the six upper bits of the TOS octet can matter. */
    fb_flow_key key = {session,
                       (uint64_t)flow->source << 32 | flow->destination,
                       fb_flow_detail(number, kind, flow->protocol, flow->tos >> 2, mirrored)};
    return key;
}

/*
 * Not the generation: what a flow's entry of an earlier generation occupies, the next one takes over. Not the session:
 * a node's own address is among the flow's already.
 */
static inline fb_flow_slot *
fb_flow_set_of(const fb_flow_cache *cache, uint64_t hash)
{
    return cache->slot + FB_FLOW_SLOTS_PER_SET * ((size_t)hash & (cache->set_count - 1));
}

static inline bool
fb_flow_is_entry_of(const fb_flow_entry *entry, const fb_flow_key *key)
{
    return entry->session == key->session && entry->addresses == key->addresses &&
           entry->detail == key->detail;
}

static inline bool
fb_flow_cache_find_key(const fb_flow_cache *cache,
                       const fb_flow_key *key,
                       uint32_t generation,
                       fb_flow_verdict *verdict)
{
    uint64_t hash = fb_hash_combine(key->addresses, key->detail);
    const fb_flow_slot *set = fb_flow_set_of(cache, hash);
    const fb_flow_entry *entry = &set[0].entry;

    if (!fb_flow_is_entry_of(entry, key))
    {
        entry = &set[1].entry;
        if (!fb_flow_is_entry_of(entry, key))
        {
            return false;
        }
    }
    if (entry->generation != generation)
    {
        return false;
    }
    *verdict = entry->verdict;
    return true;
}

/** fb_flow_cache_find() of IPv6 and of fragments. */
bool fb_flow_cache_find_other(fb_flow_cache *cache,
                              uint32_t session,
                              uint32_t generation,
                              const fb_flow *flow,
                              bool mirrored,
                              fb_flow_verdict *verdict);

/**
 * What was decided for this flow of @p session (not 0). False: not known.
 *
 * All fragments of a packet follow the first (D-39), which alone has the ports. A first fragment is looked up like any
 * packet of its flow; when found, the verdict is also kept under (source, destination, protocol, id), where the later
 * fragments look. Hence the cache is not const.
 */
static inline bool
fb_flow_cache_find(fb_flow_cache *cache,
                   uint32_t session,
                   uint32_t generation,
                   const fb_flow *flow,
                   bool mirrored,
                   fb_flow_verdict *verdict)
{
    if (flow->family == FB_FAMILY_IPV6 || flow->fragment || cache->set_count == 0)
    {
        return fb_flow_cache_find_other(cache, session, generation, flow, mirrored, verdict);
    }
    fb_flow_key key = fb_flow_key_of(session, flow, mirrored);

    return fb_flow_cache_find_key(cache, &key, generation, verdict);
}

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
