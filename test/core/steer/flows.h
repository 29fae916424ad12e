/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_FLOWS_H
#define FB_TEST_FLOWS_H

/**
 * @file
 * Packets as a classifier sees them, for tests.
 */

#include "../base/random.h"
#include "wire/ipv4.h"

#define TEST_CORRESPONDENT UINT32_C(0xc0000201) /* 192.0.2.1 */
#define TEST_HOME_ADDRESS UINT32_C(0xc633640a) /* 198.51.100.10 */

/** A packet toward the mobile node. */
static inline fb_flow
test_flow_down(uint8_t protocol, uint16_t correspondent_port, uint16_t local_port)
{
    fb_flow flow = {
        .source = TEST_CORRESPONDENT,
        .destination = TEST_HOME_ADDRESS,
        .source_port = correspondent_port,
        .destination_port = local_port,
        .protocol = protocol,
        .ttl = 64,
        .has_ports = true,
    };
    return flow;
}

/** The same flow, the other way. */
static inline fb_flow
test_flow_reverse(const fb_flow *flow)
{
    fb_flow reverse = *flow;

    reverse.source = flow->destination;
    reverse.destination = flow->source;
    reverse.source_port = flow->destination_port;
    reverse.destination_port = flow->source_port;
    return reverse;
}

/** Any TCP or UDP flow toward the mobile node. */
static inline fb_flow
test_flow_random(test_random *random)
{
    fb_flow flow = test_flow_down(test_random_below(random, 2) != 0 ? FB_PROTOCOL_TCP
                                                                    : FB_PROTOCOL_UDP,
                                  (uint16_t)test_random_next(random),
                                  (uint16_t)test_random_next(random));

    flow.source = (fb_ipv4)test_random_next(random);
    return flow;
}

#endif
