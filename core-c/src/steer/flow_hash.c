/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * flow-hash: highest random weight. Each path gets a score from the flow and the path's BID, the highest wins. A flow
 * so stays on one path, and when a path goes or comes, only the flows move that it carried or will carry
 * (RFC 2991, RFC 2992; RFC 7629 6; D-35).
 *
 * Home agent and mobile node must choose alike for both directions of a flow. Hence no seed, nothing in the hash that
 * differs between the directions (an SPI does, RFC 4301 4.1), and the two ends of a flow in numerical order.
 */
#include "base/hash.h"
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

static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    uint64_t flow_hash = hash_flow(flow);
    uint64_t best_score = 0;
    int best = -1;

    (void)context;
    (void)mirrored;
    (void)now;
    for (size_t i = 0; i < count; i++)
    {
        /* No ties: BIDs differ, and combine is a bijection of its second argument. */
        uint64_t score = fb_hash_combine(flow_hash, paths[i].bid);

        if (best < 0 || score > best_score)
        {
            best = (int)i;
            best_score = score;
        }
    }
    return best;
}

const fb_scheduler fb_scheduler_flow_hash = {"flow-hash", 0, NULL, pick, false};
