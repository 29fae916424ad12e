/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_RFC5454_H
#define FB_WIRE_RFC5454_H

/**
 * @file
 * The DSMIPv4 Extension (RFC 5454 2): Type 152, Length, and a body that begins with the Subtype.
 */

#include "base/bytes.h"
#include "flowbind/reason.h"

/** Subtypes (RFC 5454 2.1 to 2.3). */
enum
{
    FB_IPV6_PREFIX_REQUEST = 1,
    FB_IPV6_PREFIX_REPLY = 2,
    FB_IPV6_TUNNELING_MODE = 3 /* IPv6 packets can be tunnelled to the care-of address */
};

/** Code of a reply (RFC 5454 2.2); below 8: accepted. */
enum
{
    FB_IPV6_TO_HOME_ADDRESS = 0,
    FB_IPV6_TO_CARE_OF_ADDRESS = 1,
    FB_IPV6_REJECTED = 8,
    FB_IPV6_PROHIBITED = 9
};

typedef struct fb_ipv6_extension
{
    uint8_t subtype; /**< FB_IPV6_PREFIX_* or FB_IPV6_TUNNELING_MODE */
    uint8_t code; /**< of a reply: FB_IPV6_* */
    /** of request and reply; without host bits, unless its length is more than 128 */
    fb_prefix prefix;
} fb_ipv6_extension;

/** Decodes a body. 0, FB_DROP_NETWORK_MALFORMED, or FB_DROP_UNKNOWN_SUBTYPE, which is no fault of the message. */
int fb_ipv6_extension_decode(fb_ipv6_extension *extension, const uint8_t *body, size_t length);

/** Appends the extension. */
void fb_ipv6_extension_write(fb_writer *writer, const fb_ipv6_extension *extension);

#endif
