/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_VERDICT_H
#define FLOWBIND_DECODE_VERDICT_H

/**
 * @file
 * What its receiver would do with a message, as far as that can be said without knowing any state: framing,
 * authentication, and the rules of RFC 7629, in the order of a home agent; or of RFC 5213 and RFC 8278, in that of an
 * anchor.
 */

#include "wire/mobile_ipv4.h"
#include "wire/mobility_header.h"

/** A key given on the command line. */
typedef struct fbd_key
{
    uint32_t spi;
    uint8_t length;
    uint8_t octets[FB_HMAC_KEY_MAX];
} fbd_key;

#define FBD_KEYS_MAX 64

typedef struct fbd_keys
{
    fbd_key key[FBD_KEYS_MAX];
    size_t count;
    fb_selector_layout layout; /**< how Flow-Bindings are read */
} fbd_keys;

typedef enum fbd_authentic
{
    FBD_AUTHENTIC_UNKNOWN, /**< no key for its SPI */
    FBD_AUTHENTIC_NO,
    FBD_AUTHENTIC_YES
} fbd_authentic;

/**
 * Verifies the authentication extension @p extension with the key of its SPI. Its length tells the algorithm: HMAC-MD5,
 * or HMAC-SHA-256 if it is 32 octets. @p reason is 0 or why it is not authentic.
 */
fbd_authentic fbd_verify(const fb_mip4_message *message,
                         int extension,
                         const fbd_keys *keys,
                         int *reason);

typedef struct fbd_verdict
{
    int reason; /**< fb_reason; 0: nothing speaks against it */
    uint8_t reply_code; /**< of the reply a home agent sends because of it; 0: silent discard */
    /** BIDs its Flow-Bindings name that the home agent must know already, or it answers 153. */
    bool needs_bid[256];
    fbd_authentic authentic; /**< by its Mobile-Home Authentication */
} fbd_verdict;

/**
 * What an anchor that knows nothing makes of a Mobility Header, in the order of RFC 5213 5.3.1. @p walked is what
 * fb_mh_walk() returned for @p message. 0 or a reason, of which fb_reason_pba_status() is the answer.
 */
int fbd_judge_mobility(const fb_mh_message *message, int walked);

/** @p walked is what fb_mip4_walk() returned for @p message. */
fbd_verdict fbd_judge(const fb_mip4_message *message, int walked, const fbd_keys *keys);

#endif
