/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_PACKET_H
#define FLOWBIND_DECODE_PACKET_H

/** @file From an IPv4 packet to the Mobile IPv4 message in it, or to the agent advertisement or solicitation. */

#include "wire/ipv4.h"

typedef enum fbd_packet
{
    FBD_PACKET_OTHER, /**< neither UDP over IPv4 with the right ports nor router discovery */
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

typedef struct fbd_datagram
{
    fb_flow flow;
    const uint8_t *payload;
    size_t length;
    bool discovery; /**< the payload is an ICMP message: router discovery (RFC 5944 2) */
    const fbd_drop *drop; /**< NULL: nothing is wrong with it */
} fbd_datagram;

/** Reads the packet of which @p captured of @p total octets are at @p octets. */
fbd_packet fbd_packet_read(fbd_datagram *datagram,
                           const uint8_t *octets,
                           size_t captured,
                           size_t total);

#endif
