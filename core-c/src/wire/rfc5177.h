/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_RFC5177_H
#define FB_WIRE_RFC5177_H

/**
 * @file
 * The Mobile Network Extension (RFC 5177 4): Type 148, Length, and a body that begins with the Sub-Type.
 */

#include "base/bytes.h"
#include "flowbind/reason.h"

/** Sub-Types (RFC 5177 4.1, 4.2). */
enum
{
    FB_MOBILE_NETWORK_REQUEST = 0,
    FB_MOBILE_NETWORK_EXPLICIT = 1, /* acknowledges a request */
    FB_MOBILE_NETWORK_IMPLICIT = 2 /* names a network that was not asked for */
};

/** Code of an acknowledgement (RFC 5177 4.2, RFC 6626 3.2). */
enum
{
    FB_MOBNET_SUCCESS = 0,
    FB_MOBNET_INVALID_PREFIX_LENGTH = 1,
    FB_MOBNET_UNAUTHORIZED = 2,
    FB_MOBNET_FORWARDING_FAILED = 3,
    FB_MOBNET_UNASSIGNED = 4
};

typedef struct fb_mobile_network
{
    uint8_t subtype; /**< FB_MOBILE_NETWORK_* */
    uint8_t code; /**< of an acknowledgement: FB_MOBNET_* */
    /** without host bits, unless its length is more than 32; address 0 in a request: to be assigned (RFC 6626 3.1) */
    fb_prefix prefix;
} fb_mobile_network;

/** Decodes a body. 0, FB_DROP_NETWORK_MALFORMED, or FB_DROP_UNKNOWN_SUBTYPE, which is no fault of the message. */
int fb_mobile_network_decode(fb_mobile_network *network, const uint8_t *body, size_t length);

/** Appends the extension. */
void fb_mobile_network_write(fb_writer *writer, const fb_mobile_network *network);

#endif
