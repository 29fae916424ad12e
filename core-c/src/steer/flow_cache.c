/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/flow_cache.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

/* Two entries of 32 octets: one cache line of most processors. */
#define ENTRIES_PER_SET 2

_Static_assert(sizeof(fb_flow_entry) == 32, "two entries fill 64 octets");

/** What the number in a key's `detail` is; none of them: the packet has neither ports nor SPI. */
enum
{
    KIND_PORTS = 1,
    KIND_SPI = 2,
    KIND_FRAGMENT = 4 /* the id of a fragmented packet */
};

/** A flow as the cache knows it. */
typedef struct flow_key
{
    uint32_t session;
    uint64_t addresses;
    uint64_t detail;
} flow_key;

static uint32_t
sets_for(uint32_t capacity)
{
    uint32_t sets = capacity / ENTRIES_PER_SET;

    while ((sets & (sets - 1)) != 0) /* not a power of two: use less */
    {
        sets &= sets - 1;
    }
    return sets;
}

size_t
fb_flow_cache_memory(uint32_t capacity)
{
    return fb_arena_octets(sets_for(capacity), ENTRIES_PER_SET * sizeof(fb_flow_entry));
}

void
fb_flow_cache_init(fb_flow_cache *cache, void *memory, uint32_t capacity)
{
    cache->entry = memory;
    cache->set_count = sets_for(capacity);
    if (cache->set_count > 0)
    {
        memset(cache->entry, 0, fb_flow_cache_memory(capacity));
    }
}

static inline uint64_t
pack_detail(uint32_t number, uint32_t kind, uint8_t protocol, uint8_t ds, bool mirrored)
{
    return (uint64_t)number << 32 | (uint32_t)ds << 16 | (uint32_t)protocol << 8 | kind << 1 |
           (mirrored ? 1U : 0U);
}

static inline flow_key
key_of_flow(uint32_t session, const fb_flow *flow, bool mirrored)
{
    uint32_t number = 0;
    uint32_t kind = 0;

    if (flow->has_ports)
    {
        number = (uint32_t)flow->source_port << 16 | flow->destination_port;
        kind = KIND_PORTS;
    }
    else if (flow->has_spi)
    {
        number = flow->spi;
        kind = KIND_SPI;
    }
    /* B6088-05: only the six upper bits of the TOS octet can matter. */
    flow_key key = {session,
                    (uint64_t)flow->source << 32 | flow->destination,
                    pack_detail(number, kind, flow->protocol, flow->tos >> 2, mirrored)};
    return key;
}

/** RFC 791 3.2: source, destination, protocol and identification tell which packet a fragment belongs to. */
static flow_key
key_of_fragment(uint32_t session, const fb_flow *flow, bool mirrored)
{
    flow_key key = {session,
                    (uint64_t)flow->source << 32 | flow->destination,
                    pack_detail(flow->fragment_id, KIND_FRAGMENT, flow->protocol, 0, mirrored)};
    return key;
}

/*
 * Not the generation: what a flow's entry of an earlier generation occupies, the next one takes over. Not the session:
 * a node's own address is among the flow's already.
 */
static inline fb_flow_entry *
set_of(const fb_flow_cache *cache, const flow_key *key)
{
    uint64_t hash = fb_hash_combine(key->addresses, key->detail);

    return cache->entry + ENTRIES_PER_SET * ((size_t)hash & (cache->set_count - 1));
}

static inline bool
is_entry_of(const fb_flow_entry *entry, const flow_key *key)
{
    return entry->session == key->session && entry->addresses == key->addresses &&
           entry->detail == key->detail;
}

static inline bool
find_key(const fb_flow_cache *cache,
         const flow_key *key,
         uint32_t generation,
         fb_flow_verdict *verdict)
{
    const fb_flow_entry *entry = set_of(cache, key);

    if (!is_entry_of(entry, key))
    {
        entry++;
        if (!is_entry_of(entry, key))
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

/** The newer entry of a set comes first; the other moves back, over what was there. */
static void
put_key(fb_flow_cache *cache, const flow_key *key, uint32_t generation, fb_flow_verdict verdict)
{
    fb_flow_entry *set = set_of(cache, key);

    if (!is_entry_of(&set[0], key))
    {
        set[1] = set[0];
    }
    set[0].session = key->session;
    set[0].generation = generation;
    set[0].addresses = key->addresses;
    set[0].detail = key->detail;
    set[0].verdict = verdict;
}

static inline bool
is_later_fragment(const fb_flow *flow)
{
    return flow->fragment && !flow->first_fragment;
}

/** Lets the later fragments of the packet that @p flow is the first fragment of find its verdict. */
static void
put_fragment(fb_flow_cache *cache,
             uint32_t session,
             uint32_t generation,
             const fb_flow *flow,
             bool mirrored,
             fb_flow_verdict verdict)
{
    flow_key key = key_of_fragment(session, flow, mirrored);

    put_key(cache, &key, generation, verdict);
}

bool
fb_flow_cache_find(fb_flow_cache *cache,
                   uint32_t session,
                   uint32_t generation,
                   const fb_flow *flow,
                   bool mirrored,
                   fb_flow_verdict *verdict)
{
    if (cache->set_count == 0)
    {
        return false;
    }
    if (is_later_fragment(flow))
    {
        flow_key key = key_of_fragment(session, flow, mirrored);

        return find_key(cache, &key, generation, verdict);
    }
    flow_key key = key_of_flow(session, flow, mirrored);

    if (!find_key(cache, &key, generation, verdict))
    {
        return false;
    }
    if (flow->fragment)
    {
        put_fragment(cache, session, generation, flow, mirrored, *verdict);
    }
    return true;
}

void
fb_flow_cache_put(fb_flow_cache *cache,
                  uint32_t session,
                  uint32_t generation,
                  const fb_flow *flow,
                  bool mirrored,
                  fb_flow_verdict verdict)
{
    if (cache->set_count == 0 || is_later_fragment(flow))
    {
        return;
    }
    flow_key key = key_of_flow(session, flow, mirrored);

    put_key(cache, &key, generation, verdict);
    if (flow->fragment)
    {
        put_fragment(cache, session, generation, flow, mirrored, verdict);
    }
}

void
fb_flow_cache_put_packet(fb_flow_cache *cache,
                         uint32_t session,
                         uint32_t generation,
                         const fb_flow *flow,
                         bool mirrored,
                         fb_flow_verdict verdict)
{
    if (cache->set_count > 0 && flow->fragment && flow->first_fragment)
    {
        put_fragment(cache, session, generation, flow, mirrored, verdict);
    }
}
