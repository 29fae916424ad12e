/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * flow-hash: highest random weight. Each path gets a score from the flow and the path's BID, the highest wins. A flow
 * so stays on one path, and when a path goes or comes, only the flows move that it carried or will carry
 * (RFC 2991, RFC 2992; RFC 7629 6; D-35).
 *
 * With weights (fb_link.weight) a path gets flows in proportion to its own: the score is weight / -log(hash), and still
 * only the flows of a path move that goes. Where all weigh the same the order of the scores is that of the hashes.
 * Measured rates are no weights here: they would move flows, and each end has its own.
 *
 * Home agent and mobile node must choose alike for both directions of a flow. Hence no seed, nothing in the hash that
 * differs between the directions (an SPI does, RFC 4301 4.1), and the two ends of a flow in numerical order.
 */
#include "base/hash.h"
#include "base/machine.h"
#include "base/octets.h"
#include "steer/scheduler.h"

/** One end of an IPv6 flow as a number. The flow label stays out: each direction has its own (RFC 6437 2). */
static uint64_t
hash_end_ipv6(const uint8_t *address, uint16_t port)
{
    return fb_hash_combine(fb_hash_combine(fb_load_u64(address), fb_load_u64(address + 8)), port);
}

/*
 * A fragment without its transport header follows the first fragment by way of the flow cache (D-39). Only when the
 * first was never seen does it come here; then it has no ports to hash, and addresses and protocol at least keep all
 * such fragments together. Its id would spread them, but put each packet's rest on a path of its own, for nothing.
 */
static uint64_t
hash_flow(const fb_flow *flow)
{
    uint16_t source_port = flow->has_ports ? flow->source_port : 0;
    uint16_t destination_port = flow->has_ports ? flow->destination_port : 0;
    uint64_t from, to;

    if (flow->family == FB_FAMILY_IPV6)
    {
        from = hash_end_ipv6(flow->source6, source_port);
        to = hash_end_ipv6(flow->destination6, destination_port);
    }
    else
    {
        from = (uint64_t)flow->source << 16 | source_port;
        to = (uint64_t)flow->destination << 16 | destination_port;
    }
    uint64_t low = from < to ? from : to;
    uint64_t high = from < to ? to : from;

    return fb_hash_combine(fb_hash_combine(low, high), flow->protocol);
}

/* log2(1 + i/64) in 1/2^32, rounded. */
#define LOG_STEPS 64
static const uint64_t log_of[LOG_STEPS + 1] = {
    UINT64_C(0x000000000), UINT64_C(0x005b9e5a1), UINT64_C(0x00b5d69bb), UINT64_C(0x010eb38a0),
    UINT64_C(0x01663f6fb), UINT64_C(0x01bc84241), UINT64_C(0x02118b11a), UINT64_C(0x02655d3c5),
    UINT64_C(0x02b803474), UINT64_C(0x0309857a0), UINT64_C(0x0359ebc5b), UINT64_C(0x03a93dc98),
    UINT64_C(0x03f782d72), UINT64_C(0x0444c1f6b), UINT64_C(0x049101eac), UINT64_C(0x04dc4933b),
    UINT64_C(0x05269e12f), UINT64_C(0x0570068e8), UINT64_C(0x05b888736), UINT64_C(0x06002958c),
    UINT64_C(0x0646eea24), UINT64_C(0x068cdd82a), UINT64_C(0x06d1fafdd), UINT64_C(0x07164beb5),
    UINT64_C(0x0759d4f81), UINT64_C(0x079c9aa88), UINT64_C(0x07dea15a3), UINT64_C(0x081fed45d),
    UINT64_C(0x086082807), UINT64_C(0x08a064fd5), UINT64_C(0x08df988f5), UINT64_C(0x091e20ea1),
    UINT64_C(0x095c01a3a), UINT64_C(0x09993e356), UINT64_C(0x09d5d9fd5), UINT64_C(0x0a11d83f5),
    UINT64_C(0x0a4d3c25e), UINT64_C(0x0a8808c38), UINT64_C(0x0ac241135), UINT64_C(0x0afbe7fa1),
    UINT64_C(0x0b3500472), UINT64_C(0x0b6d8cb54), UINT64_C(0x0ba58feb2), UINT64_C(0x0bdd0c7ca),
    UINT64_C(0x0c1404eae), UINT64_C(0x0c4a7ba58), UINT64_C(0x0c80730b0), UINT64_C(0x0cb5ed695),
    UINT64_C(0x0ceaecfeb), UINT64_C(0x0d1f73f9c), UINT64_C(0x0d53847ac), UINT64_C(0x0d8720936),
    UINT64_C(0x0dba4a47b), UINT64_C(0x0ded038e6), UINT64_C(0x0e1f4e517), UINT64_C(0x0e512c6e5),
    UINT64_C(0x0e829fb69), UINT64_C(0x0eb3a9f02), UINT64_C(0x0ee44cd5a), UINT64_C(0x0f148a170),
    UINT64_C(0x0f446359b), UINT64_C(0x0f73da38e), UINT64_C(0x0fa2f045e), UINT64_C(0x0fd1a708c),
    UINT64_C(0x100000000),
};

/** -log2(hash / 2^64) in 1/2^32, at least 1: falls, never rises, when @p hash rises. */
static uint64_t
minus_log(uint64_t hash)
{
    const uint64_t one = UINT64_C(1) << 32;
    unsigned shift;
    uint64_t step, fraction, log;

    if (hash == 0)
    {
        return 64 * one;
    }
    shift = hash >> 32 != 0 ? fb_leading_zeros((uint32_t)(hash >> 32))
                            : 32 + fb_leading_zeros((uint32_t)hash);
    hash <<= shift;
    /* The leading 1 is gone from here on: six bits choose the step, the next 32 where in it. */
    hash <<= 1;
    step = hash >> 58;
    fraction = hash << 6 >> 32;
    log = log_of[step] + ((log_of[step + 1] - log_of[step]) * fraction >> 32);
    return one * (shift + 1) - log > 0 ? one * (shift + 1) - log : 1;
}

static uint64_t
weight_of(const fb_path_view *path)
{
    return path->weight != 0 ? path->weight : 1;
}

static bool
all_weigh_the_same(const fb_path_view *paths, size_t count)
{
    for (size_t i = 1; i < count; i++)
    {
        if (weight_of(&paths[i]) != weight_of(&paths[0]))
        {
            return false;
        }
    }
    return true;
}

/** What a path bids for a flow. */
typedef struct bid_of_path
{
    uint64_t hash;
    uint64_t weight, minus_log; /* the score is their quotient */
} bid_of_path;

/** No ties: BIDs differ, and combine is a bijection of its second argument. */
static bool
is_higher(const bid_of_path *a, const bid_of_path *b)
{
    /* 16 bits of weight and 39 of logarithm: the products fit */
    uint64_t left = a->weight * b->minus_log, right = b->weight * a->minus_log;

    return left != right ? left > right : a->hash > b->hash;
}

static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    uint64_t flow_hash = hash_flow(flow);
    bool weighted = !all_weigh_the_same(paths, count);
    bid_of_path best = {0};
    int chosen = -1;

    (void)context;
    (void)mirrored;
    (void)now;
    for (size_t i = 0; i < count; i++)
    {
        bid_of_path bid = {.hash = fb_hash_combine(flow_hash, paths[i].bid)};

        if (weighted)
        {
            bid.weight = weight_of(&paths[i]);
            bid.minus_log = minus_log(bid.hash);
        }
        if (chosen < 0 || is_higher(&bid, &best))
        {
            chosen = (int)i;
            best = bid;
        }
    }
    return chosen;
}

const fb_scheduler fb_scheduler_flow_hash = {
    .name = "flow-hash",
    .pick = pick,
};
