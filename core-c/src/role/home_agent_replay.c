/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent_internal.h"

/*
 * Replay protection at the home agent (RFC 5944 5.7). With timestamps a request has to be of this moment and newer than
 * those before; with nonces it has to bring back the number of the last reply.
 */

#define HIGH_HALF UINT64_C(0xffffffff00000000)
#define LOW_HALF UINT64_C(0x00000000ffffffff)

static bool
uses_nonces(const fb_home_subscriber *node)
{
    return node->association.replay == FB_REPLAY_NONCE;
}

/**
 * Whether it would take the place of another binding (D-11, C-14): with the same care-of address, or in UDP from the
 * same source. Then it is about both, and one that was overtaken does not take its place back.
 */
static bool
takes_over(const fb_home_agent *agent, const fb_gate *gate, uint8_t bid)
{
    const fb_binding *same = fb_cache_binding_by_tunnel(&agent->cache,
                                                        gate->node,
                                                        gate->message->fixed.care_of_address,
                                                        0);
    const fb_binding *in_udp = fb_cache_binding_by_tunnel(&agent->cache,
                                                          gate->node,
                                                          fb_addr_to_ipv4(&gate->meta->src),
                                                          gate->meta->sport);

    return (same != NULL && same->bid != bid) || (in_udp != NULL && in_udp->bid != bid);
}

/**
 * The BID whose Identifications the request is compared with. A request about several bindings is compared with all:
 * B, O, a de-registration, one without RFC 7629 (D-29), and one that takes over another binding.
 */
static uint8_t
scope_of(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_mip4_message *message = gate->message;
    fb_multipath multipath;

    if (!agent->config.replay_per_binding || message->fixed.lifetime_s == 0)
    {
        return FB_BID_ALL;
    }
    for (int i = 0; i < message->mobile_home; i++)
    {
        const fb_mip4_extension *e = &message->extension[i];

        if (e->type == FB_EXT_MULTIPATH && e->subtype == FB_EXT_SUBTYPE_MULTIPATH &&
            fb_multipath_decode(&multipath, message->data + e->body, e->length) == FB_REASON_NONE)
        {
            return multipath.bulk || multipath.overwrite || takes_over(agent, gate, multipath.bid)
                       ? FB_BID_ALL
                       : multipath.bid;
        }
    }
    return FB_BID_ALL;
}

uint16_t
fb_home_agent_duplicate_lifetime(const fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;
    uint8_t bid = agent->cache.subscriber[gate->node].latest_bid;
    const fb_binding *binding = fb_cache_binding(&agent->cache, gate->node, bid);
    fb_time left_s;

    if (binding == NULL || binding->care_of_address != fixed->care_of_address ||
        binding->expires <= now)
    {
        return 0;
    }
    left_s = (binding->expires - now) / FB_SECOND;
    return left_s < fixed->lifetime_s ? (uint16_t)left_s : fixed->lifetime_s;
}

/** RFC 5944 3.8.2.2: home address, care-of address and Identification are those of a registration that is current. */
static bool
is_duplicate(const fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;
    uint64_t latest = agent->cache.home[gate->node].latest_identification;

    return agent->cache.subscriber[gate->node].nonce_given && fixed->identification == latest &&
           fb_home_agent_duplicate_lifetime(agent, gate, now) > 0;
}

int
fb_home_agent_check_identification(fb_home_agent *agent, fb_gate *gate, fb_time now)
{
    const fb_home_subscriber *node = &agent->cache.subscriber[gate->node];
    uint64_t identification = gate->message->fixed.identification;

    gate->authentic = true;
    gate->scope = scope_of(agent, gate);
    if (uses_nonces(node))
    {
        gate->identified = node->nonce_given && identification >> 32 == node->nonce;
        gate->duplicate = !gate->identified && is_duplicate(agent, gate, now);
        return gate->identified || gate->duplicate ? FB_REASON_NONE : FB_DROP_IDENTIFICATION;
    }
    gate->identified = fb_timestamp_acceptable(
        identification,
        fb_cache_latest_identification(&agent->cache, gate->node, gate->scope),
        fb_clock_ntp(agent->clock, now),
        agent->config.replay_tolerance_s);
    return gate->identified ? FB_REASON_NONE : FB_DROP_IDENTIFICATION;
}

void
fb_home_agent_count_identification(fb_home_agent *agent, const fb_gate *gate, int reason)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;

    if (!gate->identified)
    {
        return;
    }
    if (!uses_nonces(&agent->cache.subscriber[gate->node]))
    {
        fb_cache_accept_identification(&agent->cache,
                                       gate->node,
                                       gate->scope,
                                       fixed->identification);
    }
    else if (reason == FB_REASON_NONE)
    {
        /* The nonce is used up by its answer, which brings another; only what was accepted can be met again */
        fb_cache_remember_request(&agent->cache,
                                  gate->node,
                                  gate->request.multipath.bid,
                                  fixed->identification);
    }
}

/**
 * RFC 5944 5.7.2: a new number in each reply. But a duplicate gets the same answer again: whoever repeats a recorded
 * request changes nothing, and two answers may overtake each other. What answers a request that is not authentic is
 * not remembered: nobody but the node itself can make its nonce another one.
 */
static uint32_t
nonce_for(fb_home_agent *agent, const fb_gate *gate, uint8_t code)
{
    const fb_home_subscriber *node = &agent->cache.subscriber[gate->node];
    uint32_t nonce;

    if (gate->duplicate && code <= FB_MIP4_ACCEPTED_NO_SIMULTANEOUS)
    {
        return node->nonce;
    }
    nonce = (uint32_t)fb_entropy_next(agent->entropy);
    nonce += nonce == node->nonce; /* it SHOULD differ from the previous one */
    if (gate->authentic)
    {
        fb_cache_give_nonce(&agent->cache, gate->node, nonce);
    }
    return nonce;
}

uint64_t
fb_home_agent_reply_identification(fb_home_agent *agent,
                                   const fb_gate *gate,
                                   uint8_t code,
                                   fb_time now)
{
    uint64_t asked = gate->message->fixed.identification;

    if (uses_nonces(&agent->cache.subscriber[gate->node]))
    {
        return (uint64_t)nonce_for(agent, gate, code) << 32 | (asked & LOW_HALF);
    }
    if (code == FB_MIP4_IDENTIFICATION_MISMATCH)
    {
        /* RFC 5944 5.7.1: our clock in the high half, the low half as it was */
        return (fb_clock_ntp(agent->clock, now) & HIGH_HALF) | (asked & LOW_HALF);
    }
    return asked;
}
