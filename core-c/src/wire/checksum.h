/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_CHECKSUM_H
#define FB_WIRE_CHECKSUM_H

/**
 * @file
 * The Internet checksum (RFC 1071).
 */

#include "flowbind/types.h"

/** Adds @p length octets, an even number but for the last call, to a sum that begins with 0. */
uint32_t fb_checksum_add(uint32_t sum, const uint8_t *octets, size_t length);

/** What the pseudo-header of IPv6 (RFC 8200 8.1) adds: the sum of a message of @p length octets begins with it. */
uint32_t fb_checksum_pseudo6(const fb_addr *source,
                             const fb_addr *destination,
                             uint8_t next_header,
                             size_t length);

/** The sum of all of such a message: its pseudo-header and its octets. */
uint32_t fb_checksum_message6(const fb_addr *source,
                              const fb_addr *destination,
                              uint8_t next_header,
                              const uint8_t *octets,
                              size_t length);

/** The checksum field for @p sum: its one's complement. Over octets with a right checksum in them it is 0. */
uint16_t fb_checksum_finish(uint32_t sum);

#endif
