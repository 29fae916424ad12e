/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_RFC2794_H
#define FB_WIRE_RFC2794_H

/**
 * @file
 * The Mobile Node NAI Extension (RFC 2794 2): Type 131, Length, and the NAI itself.
 */

#include "wire/mobile_ipv4.h"

/** The NAI of a message, authenticated with it: its extension; NULL when there is none. */
const fb_mip4_extension *fb_nai_find(const fb_mip4_message *message);

/** Whether @p nai is the @p length octets @p text. */
bool fb_nai_equal(const fb_nai *nai, const uint8_t *text, size_t length);

/** Appends the extension: @p length is 1..255. */
void fb_nai_write(fb_writer *writer, const uint8_t *text, size_t length);

#endif
