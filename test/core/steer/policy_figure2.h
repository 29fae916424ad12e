/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_POLICY_FIGURE2_H
#define FB_TEST_POLICY_FIGURE2_H

/**
 * @file
 * The flow policy of RFC 7629 Figure 2 as five Flow-Bindings: its <DROP> entries are DROP rules of their own (D-24).
 * The selectors are those of vectors S01 to S03: the correspondent's port is the source port.
 */

#include "flowbind/policy.h"
#include "wire/ipv4.h"

enum
{
    FIGURE2_WLAN = 1, /* BIDs, in the order of CoA_1 to CoA_3 */
    FIGURE2_LTE = 2,
    FIGURE2_CDMA = 3
};

enum
{
    FIGURE2_SIP,
    FIGURE2_SIP_DROP,
    FIGURE2_HTTP,
    FIGURE2_HTTP_DROP,
    FIGURE2_SSH,
    FIGURE2_RULES
};

#define FIGURE2_SELECTOR(protocol, port)                                                  \
    {                                                                                     \
        .format = FB_SELECTOR_IPV4,                                                       \
        .u.v4 = {.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START, \
                 .source_port_start = (port),                                             \
                 .protocol_start = (protocol)},                                           \
    }

static const fb_rule figure2_rules[FIGURE2_RULES] = {
    {.action = FB_RULE_FORWARD,
     .bid_count = 2,
     .bid = {FIGURE2_WLAN, FIGURE2_LTE},
     .selector = FIGURE2_SELECTOR(FB_PROTOCOL_UDP, 5060)},
    {.action = FB_RULE_DROP,
     .bid_count = 1,
     .bid = {0},
     .selector = FIGURE2_SELECTOR(FB_PROTOCOL_UDP, 5060)},
    {.action = FB_RULE_FORWARD,
     .bid_count = 1,
     .bid = {FIGURE2_LTE},
     .selector = FIGURE2_SELECTOR(FB_PROTOCOL_TCP, 80)},
    {.action = FB_RULE_DROP,
     .bid_count = 1,
     .bid = {0},
     .selector = FIGURE2_SELECTOR(FB_PROTOCOL_TCP, 80)},
    {.action = FB_RULE_FORWARD,
     .bid_count = 3,
     .bid = {FIGURE2_CDMA, FIGURE2_LTE, FIGURE2_WLAN},
     .selector = FIGURE2_SELECTOR(FB_PROTOCOL_TCP, 22)},
};

#endif
