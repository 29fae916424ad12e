/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_MESSAGE_JSON_H
#define FLOWBIND_DECODE_MESSAGE_JSON_H

/** @file A Mobile IPv4 message as a JSON object. */

#include "packet.h"
#include "verdict.h"

#include <cjson/cJSON.h>

/**
 * Adds everything @p data says to @p object. @p drop is NULL, or what is wrong with the datagram it came in.
 */
void fbd_message_json(cJSON *object,
                      const uint8_t *data,
                      size_t length,
                      const fbd_keys *keys,
                      const fbd_drop *drop);

/** Whether these octets begin like an ICMP router discovery message, which agents use too (RFC 5944 2). */
bool fbd_is_discovery(const uint8_t *icmp, size_t length);

/** Adds everything an agent advertisement or solicitation says to @p object. */
void fbd_discovery_json(cJSON *object, const uint8_t *icmp, size_t length);

/** Adds `authentic`: true, false, or null where there is no key to tell. */
void fbd_json_add_authentic(cJSON *object, fbd_authentic authentic);

#endif
