/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_TRAFFIC_SELECTOR_H
#define FB_WIRE_TRAFFIC_SELECTOR_H

/**
 * @file
 * Binary traffic selectors (RFC 6088): the flag word, then the fields whose flags are set. One table per format.
 */

#include "base/bytes.h"
#include "flowbind/policy.h"
#include "flowbind/reason.h"

/** The longest selector: all fields of RFC 6088 3.2. */
#define FB_SELECTOR_OCTETS_MAX 96

/**
 * Reads a selector of TS Format @p format that fills @p length octets at @p data exactly.
 * Returns 0 or FB_DROP_SELECTOR_*. Reserved flag bits are ignored and not kept (RFC 6088 3.1, 3.2).
 */
int fb_selector_decode(fb_selector *selector, uint8_t format, const uint8_t *data, size_t length);

/** Sub-option of a Flow Identification option (RFC 6089 4.2.1.4). */
#define FB_SELECTOR_SUBOPTION 3

/**
 * Reads the selector inside an RFC 6089 Traffic Selector sub-option: Type, Length, TS Format, Reserved, and then what
 * fb_selector_decode() reads; @p data begins at the Type, and what is behind the sub-option is left alone. Wherever it
 * lies: RFC 6088's alignment binds senders. 0 or FB_DROP_SELECTOR_*.
 */
int fb_selector_suboption_decode(fb_selector *selector, const uint8_t *data, size_t length);

/** Writes the whole sub-option. */
void fb_selector_suboption_write(fb_writer *writer, const fb_selector *selector);

/** What the offset of the sub-option has to be a multiple of: 8, 4, 2 or 1, by its widest field (RFC 6088 3.1, 3.2). */
size_t fb_selector_alignment(const fb_selector *selector);

/** The same check for a selector that did not come from the wire: ends have starts, ranges run upward. */
int fb_selector_check(const fb_selector *selector);

/** Writes the flag word and the fields present. */
void fb_selector_write(fb_writer *writer, const fb_selector *selector);

/** Octets fb_selector_write() writes. */
size_t fb_selector_size(const fb_selector *selector);

#endif
