/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_HMAC_H
#define FLOWBIND_HMAC_H

/**
 * @file
 * What the host supplies: a keyed hash, in three functions. The library contains no cryptography.
 * core-c/port/nettle/ is the implementation over GNU Nettle; another needs only these.
 */

#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Algorithms a security association can name. RFC 5944 5.1 makes HMAC-MD5 the default. */
typedef enum fb_hmac_algorithm
{
    FB_HMAC_MD5 = 1, /**< RFC 2104 with MD5, 16 octets */
    FB_HMAC_SHA256 = 2 /**< RFC 4868 without truncation, 32 octets */
} fb_hmac_algorithm;

#define FB_HMAC_DIGEST_MAX 32
#define FB_HMAC_KEY_MAX 32

/** Room for the port's state; the caller owns it, nothing is allocated. */
typedef struct fb_hmac
{
    uint64_t opaque[64];
} fb_hmac;

/** Octets of a digest: 16 or 32; 0 for an algorithm the library does not know. */
static inline size_t
fb_hmac_digest_size(uint8_t algorithm)
{
    return algorithm == FB_HMAC_MD5 ? 16u : algorithm == FB_HMAC_SHA256 ? 32u : 0u;
}

/** Starts a digest. @p key has @p length octets, any values (RFC 5944 5.1: arbitrary binary keys). */
void fb_port_hmac_start(fb_hmac *hmac,
                        fb_hmac_algorithm algorithm,
                        const uint8_t *key,
                        size_t length);

/** Adds @p length octets. */
void fb_port_hmac_update(fb_hmac *hmac, const uint8_t *data, size_t length);

/** Ends it and writes fb_hmac_digest_size() octets. The state is without meaning afterwards. */
void fb_port_hmac_digest(fb_hmac *hmac, uint8_t *digest);

#ifdef __cplusplus
}
#endif

#endif
