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

/** The checksum field for @p sum: its one's complement. Over octets with a right checksum in them it is 0. */
uint16_t fb_checksum_finish(uint32_t sum);

#endif
