/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * flowbind/hmac.h over GNU Nettle.
 */

#include "flowbind/hmac.h"

#include <nettle/hmac.h>

/** What fb_hmac holds. */
typedef struct hmac_state
{
    fb_hmac_algorithm algorithm;

    union
    {
        struct hmac_md5_ctx md5;
        struct hmac_sha256_ctx sha256;
    } u;
} hmac_state;

_Static_assert(sizeof(hmac_state) <= sizeof(fb_hmac), "fb_hmac has room for Nettle's contexts");
_Static_assert(_Alignof(hmac_state) <= _Alignof(fb_hmac), "fb_hmac is aligned for them");
_Static_assert(MD5_DIGEST_SIZE == 16 && SHA256_DIGEST_SIZE == 32, "sizes of fb_hmac_digest_size()");

static hmac_state *
state_of(fb_hmac *hmac)
{
    return (hmac_state *)(void *)hmac->opaque;
}

void
fb_port_hmac_start(fb_hmac *hmac, fb_hmac_algorithm algorithm, const uint8_t *key, size_t length)
{
    hmac_state *state = state_of(hmac);
    state->algorithm = algorithm;
    if (algorithm == FB_HMAC_SHA256)
    {
        hmac_sha256_set_key(&state->u.sha256, length, key);
        return;
    }
    hmac_md5_set_key(&state->u.md5, length, key);
}

void
fb_port_hmac_update(fb_hmac *hmac, const uint8_t *data, size_t length)
{
    hmac_state *state = state_of(hmac);
    if (state->algorithm == FB_HMAC_SHA256)
    {
        hmac_sha256_update(&state->u.sha256, length, data);
        return;
    }
    hmac_md5_update(&state->u.md5, length, data);
}

void
fb_port_hmac_digest(fb_hmac *hmac, uint8_t *digest)
{
    hmac_state *state = state_of(hmac);
    if (state->algorithm == FB_HMAC_SHA256)
    {
        hmac_sha256_digest(&state->u.sha256, SHA256_DIGEST_SIZE, digest);
        return;
    }
    hmac_md5_digest(&state->u.md5, MD5_DIGEST_SIZE, digest);
}
