/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_JSON_H
#define FLOWBIND_DECODE_JSON_H

/** @file Values as JSON, the same for every message. */

#include "flowbind/policy.h"
#include "wire/path_metrics.h"

#include <cjson/cJSON.h>

/** @p address as dotted decimal. */
cJSON *fbd_json_ipv4(fb_ipv4 address);

/** Adds @p address as dotted decimal. */
void fbd_json_add_ipv4(cJSON *object, const char *name, fb_ipv4 address);

/** Adds an IPv6 address. */
void fbd_json_add_ipv6(cJSON *object, const char *name, const uint8_t address[16]);

/** Adds an address of either family. */
void fbd_json_add_address(cJSON *object, const char *name, const fb_addr *address);

/** Adds `prefix`: "192.0.2.0/24", "2001:db8::/32". */
void fbd_json_add_prefix(cJSON *object, const fb_prefix *prefix);

/** Adds octets in hexadecimal. */
void fbd_json_add_hex(cJSON *object, const char *name, const uint8_t *data, size_t length);

/** Adds at most 255 octets as text; whatever is not ASCII is shown as '?', as JSON has to be UTF-8. */
void fbd_json_add_text(cJSON *object, const char *name, const uint8_t *data, size_t length);

/** Of octets that cannot be read: why, `error`, and themselves, `data`. */
void fbd_json_add_error(cJSON *object, int reason, const uint8_t *body, size_t length);

/**
 * Adds `flags`: those of @p letters, the last of which is that of bit @p last, whose bits are set. '-' is a bit without
 * a name.
 */
void fbd_json_add_flags(cJSON *object, const char *letters, unsigned last, unsigned flags);

/** Adds a time: seconds since 1970 in UTC, to the millisecond. Nothing when there is no such year. */
void fbd_json_add_time(cJSON *object, const char *name, int64_t seconds, unsigned milliseconds);

/** Adds @p name, an Access Technology Type, and its name behind it. */
void fbd_json_add_technology(cJSON *object, const char *name, uint8_t technology);

/** Adds `drop`, what is silently discarded and why, and the explanation. */
void fbd_json_add_drop(cJSON *object, const char *reason, const char *explanation);

/** The fields of @p selector that are present, each a string: one value, or two with a hyphen between them. */
cJSON *fbd_selector_json(const fb_selector *selector);

/** What is known of a path; delays where they are. */
void fbd_json_add_metrics(cJSON *object, const fb_path_metrics *metrics);

#endif
