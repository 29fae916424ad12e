/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_PROXY_AGREE_H
#define FB_TEST_PROXY_AGREE_H

/**
 * @file
 * Whether the gateways and the anchor of proxy_net.h agree about a mobile node: each path and what its tunnel is, how
 * long it lasts, prefixes, and every flow. What that is to be is worked out here from what the hosts have configured,
 * not from what the agents say. And whether an agent has anything left that nothing needs.
 */

#include "proxy_net.h"

#define PNET_AWAY (-1)
#define PNET_RULES 3
#define PNET_FLOWS (PNET_RULES * PNET_LINKS)

/** The policy of all gateways. */
typedef struct pnet_policy
{
    size_t count;
    fb_rule rule[PNET_RULES];
} pnet_policy;

/** A flow the anchor is to have (RFC 6089, D8-24): packets of a rule, to so many BIDs. */
typedef struct pnet_flow
{
    const fb_rule *rule;
    uint8_t bid_count;
    uint8_t bid[PNET_LINKS];
} pnet_flow;

/** What is to become of a packet. */
typedef struct pnet_choice
{
    unsigned allowed; /* BIDs it may take: bit n is BID n */
    unsigned copies; /* how many of them it takes */
} pnet_choice;

/** The flows of a policy when all links are up, by priority; how many. */
size_t pnet_flows(const pnet *n,
                  unsigned gateway,
                  const pnet_policy *policy,
                  pnet_flow flow[PNET_FLOWS]);

/**
 * What is to become of a packet that rule @p index decides about, if that is below the count, and that all links are up
 * for, toward the anchor (@p up) or from it.
 */
pnet_choice pnet_choose(const pnet *n,
                        unsigned gateway,
                        const pnet_policy *policy,
                        size_t index,
                        bool up);

/** What differs about @p node, which is attached to gateway @p at or PNET_AWAY, with all links up; NULL: nothing. */
const char *pnet_differs(const pnet *n, unsigned node, int at, const pnet_policy *policy);

/** What an agent has that none of its sessions needs, or is not told its host; NULL: nothing. */
const char *pnet_left_over(const pnet *n);

#endif
