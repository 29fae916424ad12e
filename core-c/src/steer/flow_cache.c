/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/flow_cache.h"

#include <string.h>

#include "base/arena.h"
#include "base/octets.h"

_Static_assert(sizeof(fb_flow_slot) == 32,
               "two slots fill the 64 octets of most processors' cache lines");

static uint32_t
sets_for(uint32_t capacity)
{
    uint32_t sets = capacity / FB_FLOW_SLOTS_PER_SET;

    while ((sets & (sets - 1)) != 0) /* not a power of two: use less */
    {
        sets &= sets - 1;
    }
    return sets;
}

size_t
fb_flow_cache_memory(uint32_t capacity)
{
    return fb_arena_octets(sets_for(capacity), FB_FLOW_SLOTS_PER_SET * sizeof(fb_flow_slot));
}

void
fb_flow_cache_init(fb_flow_cache *cache, void *memory, uint32_t capacity)
{
    cache->slot = memory;
    cache->set_count = sets_for(capacity);
    if (cache->set_count > 0)
    {
        memset(cache->slot, 0, fb_flow_cache_memory(capacity));
    }
}

/** RFC 791 3.2: source, destination, protocol and identification tell which packet a fragment belongs to. */
static fb_flow_key
key_of_fragment(uint32_t session, const fb_flow *flow, bool mirrored)
{
    fb_flow_key key = {
        session,
        (uint64_t)flow->source << 32 | flow->destination,
        fb_flow_detail(flow->fragment_id, FB_FLOW_KIND_FRAGMENT, flow->protocol, 0, mirrored)};
    return key;
}

/** The newer entry of a set comes first; the other moves back, over what was there. */
static void
put_key(fb_flow_cache *cache, const fb_flow_key *key, uint32_t generation, fb_flow_verdict verdict)
{
    fb_flow_slot *set = fb_flow_set_of(cache, fb_hash_combine(key->addresses, key->detail));

    if (!fb_flow_is_entry_of(&set[0].entry, key))
    {
        set[1] = set[0]; /* of an IPv6 flow that is a head without its tail: no key is like it */
    }
    set[0].entry.session = key->session;
    set[0].entry.generation = generation;
    set[0].entry.addresses = key->addresses;
    set[0].entry.detail = key->detail;
    set[0].entry.verdict = verdict;
}

/* ---- IPv6 flows, which take a whole set ---- */

/** The two slots as they are for this flow, but for generation and verdict. */
static void
fill_set_ipv6(fb_flow_slot set[FB_FLOW_SLOTS_PER_SET],
              uint32_t session,
              const fb_flow *flow,
              bool mirrored)
{
    uint32_t ports = flow->has_ports ? (uint32_t)flow->source_port << 16 | flow->destination_port
                                     : 0;
    uint32_t kind = FB_FLOW_KIND_IPV6 | (flow->has_ports ? FB_FLOW_KIND_PORTS : 0) |
                    (flow->has_spi ? FB_FLOW_KIND_SPI : 0);

    set[0].entry.session = session;
    set[0].entry.addresses = fb_load_u64(flow->source6);
    set[0].entry.detail = fb_flow_detail(ports, kind, flow->protocol, flow->tos >> 2, mirrored);
    set[0].entry.flow_label = flow->flow_label;
    set[1].tail.session = 0;
    set[1].tail.spi = flow->has_spi ? flow->spi : 0;
    set[1].tail.address[0] = fb_load_u64(flow->source6 + 8);
    set[1].tail.address[1] = fb_load_u64(flow->destination6);
    set[1].tail.address[2] = fb_load_u64(flow->destination6 + 8);
}

/** The same for all fragments of a packet. RFC 8200 4.5: addresses and Identification tell which; the first has more */
static void
fill_set_of_fragment_ipv6(fb_flow_slot set[FB_FLOW_SLOTS_PER_SET],
                          uint32_t session,
                          const fb_flow *flow,
                          bool mirrored)
{
    fill_set_ipv6(set, session, flow, mirrored);
    set[0].entry.detail = fb_flow_detail(flow->fragment_id,
                                         FB_FLOW_KIND_IPV6 | FB_FLOW_KIND_FRAGMENT,
                                         0,
                                         0,
                                         mirrored);
    set[0].entry.flow_label = 0;
    set[1].tail.spi = 0;
}

static fb_flow_slot *
set_of_ipv6(const fb_flow_cache *cache, const fb_flow_slot wanted[FB_FLOW_SLOTS_PER_SET])
{
    const fb_flow_entry *head = &wanted[0].entry;
    const fb_flow_tail *tail = &wanted[1].tail;
    uint64_t hash = fb_hash_combine(fb_hash_combine(head->addresses, tail->address[0]),
                                    fb_hash_combine(tail->address[1], tail->address[2]));
    uint64_t rest = fb_hash_combine(head->detail, (uint64_t)head->flow_label << 32 | tail->spi);

    return fb_flow_set_of(cache, fb_hash_combine(hash, rest));
}

static bool
find_ipv6(const fb_flow_cache *cache,
          const fb_flow_slot wanted[FB_FLOW_SLOTS_PER_SET],
          uint32_t generation,
          fb_flow_verdict *verdict)
{
    const fb_flow_slot *set = set_of_ipv6(cache, wanted);
    const fb_flow_entry *head = &set[0].entry, *wanted_head = &wanted[0].entry;
    const fb_flow_tail *tail = &set[1].tail, *wanted_tail = &wanted[1].tail;

    if (head->session != wanted_head->session || head->generation != generation ||
        head->addresses != wanted_head->addresses || head->detail != wanted_head->detail ||
        head->flow_label != wanted_head->flow_label || tail->session != 0 ||
        tail->spi != wanted_tail->spi || tail->address[0] != wanted_tail->address[0] ||
        tail->address[1] != wanted_tail->address[1] || tail->address[2] != wanted_tail->address[2])
    {
        return false;
    }
    *verdict = head->verdict;
    return true;
}

static void
put_ipv6(fb_flow_cache *cache,
         fb_flow_slot wanted[FB_FLOW_SLOTS_PER_SET],
         uint32_t generation,
         fb_flow_verdict verdict)
{
    fb_flow_slot *set = set_of_ipv6(cache, wanted);

    wanted[0].entry.generation = generation;
    wanted[0].entry.verdict = verdict;
    set[0] = wanted[0];
    set[1] = wanted[1];
}

/* ---- both ---- */

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
    if (flow->family == FB_FAMILY_IPV6)
    {
        fb_flow_slot set[FB_FLOW_SLOTS_PER_SET];

        fill_set_of_fragment_ipv6(set, session, flow, mirrored);
        put_ipv6(cache, set, generation, verdict);
        return;
    }
    fb_flow_key key = key_of_fragment(session, flow, mirrored);

    put_key(cache, &key, generation, verdict);
}

/** Looks for the flow itself, or for its packet when it is a later fragment. */
static bool
find_flow(const fb_flow_cache *cache,
          uint32_t session,
          uint32_t generation,
          const fb_flow *flow,
          bool mirrored,
          fb_flow_verdict *verdict)
{
    fb_flow_slot set[FB_FLOW_SLOTS_PER_SET];

    if (flow->family != FB_FAMILY_IPV6)
    {
        fb_flow_key key = is_later_fragment(flow) ? key_of_fragment(session, flow, mirrored)
                                                  : fb_flow_key_of(session, flow, mirrored);

        return fb_flow_cache_find_key(cache, &key, generation, verdict);
    }
    if (is_later_fragment(flow))
    {
        fill_set_of_fragment_ipv6(set, session, flow, mirrored);
    }
    else
    {
        fill_set_ipv6(set, session, flow, mirrored);
    }
    return find_ipv6(cache, set, generation, verdict);
}

bool
fb_flow_cache_find_other(fb_flow_cache *cache,
                         uint32_t session,
                         uint32_t generation,
                         const fb_flow *flow,
                         bool mirrored,
                         fb_flow_verdict *verdict)
{
    if (cache->set_count == 0 || !find_flow(cache, session, generation, flow, mirrored, verdict))
    {
        return false;
    }
    if (flow->fragment && flow->first_fragment)
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
    if (flow->family == FB_FAMILY_IPV6)
    {
        fb_flow_slot set[FB_FLOW_SLOTS_PER_SET];

        fill_set_ipv6(set, session, flow, mirrored);
        put_ipv6(cache, set, generation, verdict);
    }
    else
    {
        fb_flow_key key = fb_flow_key_of(session, flow, mirrored);

        put_key(cache, &key, generation, verdict);
    }
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
