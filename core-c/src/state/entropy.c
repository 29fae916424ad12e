/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/entropy.h"

#include "flowbind/hmac.h"

/** HMAC-SHA-256 over @p length octets with the key: what comes out says nothing about the key or the next output. */
static void
hash(const fb_entropy *entropy, const uint8_t *octets, size_t length, uint8_t digest[32])
{
    fb_hmac hmac;

    fb_port_hmac_start(&hmac, FB_HMAC_SHA256, entropy->key, sizeof entropy->key);
    fb_port_hmac_update(&hmac, octets, length);
    fb_port_hmac_digest(&hmac, digest);
}

void
fb_entropy_add(fb_entropy *entropy, const uint8_t octets[32])
{
    uint8_t digest[32];

    hash(entropy, octets, 32, digest);
    entropy->supplied = true;
    for (size_t i = 0; i < sizeof digest; i++)
    {
        entropy->key[i] = digest[i];
    }
}

uint64_t
fb_entropy_next(fb_entropy *entropy)
{
    uint8_t octets[8], digest[32];
    uint64_t number = 0;

    entropy->counter++;
    for (unsigned i = 0; i < sizeof octets; i++)
    {
        octets[i] = (uint8_t)(entropy->counter >> (8 * i));
    }
    hash(entropy, octets, sizeof octets, digest);
    for (unsigned i = 0; i < sizeof number; i++)
    {
        number = number << 8 | digest[i];
    }
    return number;
}

uint64_t
fb_entropy_below(fb_entropy *entropy, uint64_t bound)
{
    return bound == 0 ? 0 : fb_entropy_next(entropy) % bound;
}
