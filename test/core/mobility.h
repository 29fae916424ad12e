/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_CORE_MOBILITY_H
#define TEST_CORE_MOBILITY_H

/** @file Mobility Headers for tests of those who read them: from vectors, and put together from octets. */

#include "vectors.h"
#include "wire/mobility_header.h"

/** The addresses of the packet a vector is in. */
void mobility_addresses(const test_vector *vector, fb_addr *source, fb_addr *destination);

/** Walks a vector as its receiver does. */
int mobility_walk_vector(fb_mh_message *message, const test_vector *vector);

typedef struct mobility_message
{
    uint8_t octets[FB_MH_MAX];
    size_t length;
    int reason; /**< what walking it gave */
    fb_mh_message message; /**< points into `octets` */
} mobility_message;

/**
 * A message of MH Type @p type with these options and the padding its length needs, walked as one that came over IPv4:
 * no checksum has to be right. Fixed fields: sequence 1, lifetime 900 units, P; an accepting, requesting or status 2.
 */
void mobility_make(mobility_message *made, uint8_t type, const uint8_t *options, size_t length);

#endif
