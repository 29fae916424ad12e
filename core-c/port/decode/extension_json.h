/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_EXTENSION_JSON_H
#define FLOWBIND_DECODE_EXTENSION_JSON_H

/** @file One extension of a Registration Request or Reply as a JSON object. */

#include "verdict.h"

#include <cjson/cJSON.h>

/** Extension @p index of @p message. What cannot be read stands as octets, `data`, with an `error` if it is one. */
cJSON *fbd_extension_json(const fb_mip4_message *message, int index, const fbd_keys *keys);

#endif
