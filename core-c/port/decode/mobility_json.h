/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_MOBILITY_JSON_H
#define FLOWBIND_DECODE_MOBILITY_JSON_H

/** @file A Mobility Header (RFC 6275 6.1) as a JSON object. */

#include "packet.h"
#include "wire/mobility_option.h"

#include <cjson/cJSON.h>

/**
 * Adds everything the Mobility Header @p datagram carries says to @p object, and what an anchor without state would
 * make of it. Its checksum is looked at when the addresses are IPv6.
 */
void fbd_mobility_json(cJSON *object, const fbd_datagram *datagram);

/**
 * One option of a message of MH Type @p mh_type. What cannot be read stands as octets, `data`, with an `error` if it is
 * one; so do options that nobody knows or that are not for such a message.
 */
cJSON *fbd_mobility_option_json(uint8_t mh_type, uint8_t type, fb_octets body);

#endif
