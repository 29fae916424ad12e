/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_EXTENSION_H
#define FB_WIRE_EXTENSION_H

/**
 * @file
 * The table of Mobile IPv4 extensions this library knows: one row each. A new extension is a new row and its decoder.
 */

#include "flowbind/reason.h"

/** How an extension begins, as the number of octets in front of its body. */
enum
{
    FB_EXT_HEADER_PADDING = 1, /**< Type alone (RFC 5944 3.5.1: type 0 has no Length) */
    FB_EXT_HEADER_SHORT = 2, /**< Type, Length(8) (RFC 5944 1.9) */
    FB_EXT_HEADER_LONG = 4 /**< Type, Subtype, Length(16) (RFC 5944 1.10) */
};

typedef struct fb_extension_format
{
    uint8_t type, subtype; /**< subtype 0 where the format has none */
    uint8_t header; /**< FB_EXT_HEADER_* */
    uint16_t length_min, length_max; /**< of the body */
    uint8_t length_reason; /**< fb_reason of a body outside them */
    const char *name;
} fb_extension_format;

/** The row of @p type and @p subtype; NULL: not known. */
const fb_extension_format *fb_extension_format_find(uint8_t type, uint8_t subtype);

/** Whether @p length is one a body of @p type and @p subtype can have. 0 or the drop reason of the row. */
int fb_extension_length_check(uint8_t type, uint8_t subtype, size_t length);

#endif
