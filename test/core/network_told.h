/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_NETWORK_TOLD_H
#define FB_TEST_NETWORK_TOLD_H

/**
 * @file
 * The account a host keeps of what its agent tells it: what an event says goes on from what those before it said.
 */

#include "flowbind/agent.h"

#define NET_TOLD_NODES 2
#define NET_TOLD_BIDS 4
#define NET_TOLD_VISITORS 64

typedef struct net_told
{
    uint8_t state[NET_TOLD_NODES][NET_TOLD_BIDS]; /* of bindings */
    bool intercepted[NET_TOLD_NODES];
    unsigned networks[NET_TOLD_NODES]; /* in use */
    bool visitor[NET_TOLD_VISITORS]; /* by number */
    unsigned visitors;
    unsigned lost; /* bindings that could be used, and cannot any more */
} net_told;

/** Notes an event about a binding in @p state, and in @p lost; false: it was not in the state the event says. */
bool net_told_binding(uint8_t *state, unsigned *lost, const fb_event *event);

/** What is wrong with an event about mobile node @p node; NULL: nothing, and it is noted. */
const char *net_told_hear(net_told *told, unsigned node, const fb_event *event);

#endif
