/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_PACKET_H
#define FLOWBIND_DECODE_PACKET_H

/**
 * @file
 * From an IP packet to the message in it: of Mobile IPv4, router discovery, or a Mobility Header (RFC 6275 6.1), which
 * is that of an IPv6 packet or stands in UDP over IPv4 (RFC 5844 4).
 */

#include "wire/ipv4.h"

typedef enum fbd_packet
{
    FBD_PACKET_OTHER, /**< none of these */
    FBD_PACKET_FRAGMENT, /**< the first fragment of a message */
    FBD_PACKET_CUT, /**< a message, but not all of it was captured */
    FBD_PACKET_MESSAGE
} fbd_packet;

/** Why a datagram is discarded before anybody looks at the message in it (RFC 5944 3.1). */
typedef struct fbd_drop
{
    const char *name;
    const char *text;
} fbd_drop;

typedef enum fbd_kind
{
    FBD_KIND_MIP4,
    FBD_KIND_DISCOVERY, /**< the payload is an ICMP message: router discovery (RFC 5944 2) */
    FBD_KIND_MOBILITY /**< the payload is a Mobility Header */
} fbd_kind;

typedef struct fbd_datagram
{
    fb_flow flow;
    fb_addr source, destination;
    fbd_kind kind;
    const uint8_t *payload;
    size_t length;
    const fbd_drop *drop; /**< NULL: nothing is wrong with it */
} fbd_datagram;

/** Reads the packet of which @p captured of @p total octets are at @p octets. */
fbd_packet fbd_packet_read(fbd_datagram *datagram,
                           const uint8_t *octets,
                           size_t captured,
                           size_t total);

#endif
