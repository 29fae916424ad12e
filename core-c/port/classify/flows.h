/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CLASSIFY_FLOWS_H
#define FLOWBIND_CLASSIFY_FLOWS_H

/** @file The flows of a capture: packets that no traffic selector tells apart. */

#include "capture/capture.h"
#include "wire/ipv4.h"

/** Everything a traffic selector can look at (RFC 6088). */
typedef struct fbk_key
{
    uint8_t source[16], destination[16]; /**< IPv4: the first four octets, the others are 0 */
    uint32_t spi, flow_label;
    uint16_t source_port, destination_port;
    uint8_t family; /**< FB_FAMILY_* */
    uint8_t protocol, dscp;
    uint8_t has_ports, has_spi;
    uint8_t unused[3]; /**< 0: keys are compared whole */
} fbk_key;

/** Which way a flow goes. */
typedef enum fbk_direction
{
    FBK_DOWN, /**< toward the mobile node */
    FBK_UP,
    FBK_ELSEWHERE /**< neither end is the mobile node */
} fbk_direction;

typedef struct fbk_flow
{
    fbk_key key;
    uint64_t packets;
    uint64_t octets; /**< of the packets, without what the link adds */
    uint64_t frame; /**< of its first packet */
    fbk_direction direction;
    /** number of the flow in the policy that decides; the number of them: none does */
    size_t rule;
} fbk_flow;

/** Later fragments find the flow of the first (D-39); so many packets in fragments are remembered at a time. */
#define FBK_FRAGMENTS 4096

typedef struct fbk_fragment
{
    fbk_key key;
    uint32_t id;
    size_t flow; /**< 1 + its index; 0: nothing is here */
} fbk_fragment;

typedef struct fbk_flows
{
    fbk_flow *flow; /**< in order of their first packet */
    size_t count, capacity;
    size_t *slot; /**< 1 + index of a flow, found by its key; `slots` of them, a power of two */
    size_t slots;
    fbk_fragment *fragment;
    uint64_t packets, octets;
    /** IP packets that contradict themselves, or whose IP header was not captured whole */
    uint64_t malformed;
    /** packets whose ports or SPI were not captured: they count as if they had none */
    uint64_t cut;
    uint64_t orphans; /**< later fragments whose first one was not seen: the same */
} fbk_flows;

/** Empty. False: no memory. */
bool fbk_flows_init(fbk_flows *flows);

/** Counts a packet. False: no memory. */
bool fbk_flows_add(fbk_flows *flows, const fbd_captured *packet);

void fbk_flows_free(fbk_flows *flows);

/** The flow as the library sees its packets. Valid as long as @p flow. */
fb_flow fbk_flow_seen(const fbk_flow *flow);

#endif
