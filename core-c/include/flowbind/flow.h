/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_FLOW_H
#define FLOWBIND_FLOW_H

/**
 * @file
 * What is known of a packet when its path is chosen.
 */

#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a classifier sees of a packet. */
typedef struct fb_flow
{
    fb_ipv4 source, destination;
    uint16_t source_port, destination_port; /**< TCP, UDP, SCTP, DCCP, UDP-Lite */
    uint8_t ttl; /**< or Hop Limit */
    /** with IPv6 that of the upper layer, behind all extension headers (B6088-08) */
    uint8_t protocol;
    uint8_t tos; /**< or Traffic Class */
    bool fragment; /**< any fragment of a longer packet */
    /** FB_FAMILY_*; with IPv6 `source` and `destination` are 0, and `source6`, `destination6` and `flow_label` count */
    uint8_t family;
    bool has_ports, has_spi;
    bool first_fragment; /**< of the fragments the one that carries the transport header */
    bool dont_fragment; /**< always with IPv6 (RFC 8200 5) */
    uint32_t fragment_id; /**< 16 bits with IPv4 */
    uint32_t spi; /**< ESP, AH */
    uint32_t flow_label;
    /** in the packet's header; valid as long as that is. NULL with IPv4 */
    const uint8_t *source6, *destination6;
    uint32_t length; /**< of the packet, by its own header */
    uint16_t header_length; /**< octets before the transport header */
} fb_flow;

#ifdef __cplusplus
}
#endif

#endif
