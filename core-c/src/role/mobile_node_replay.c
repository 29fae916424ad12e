/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include "base/hash.h"

/* Replay protection at the mobile node (RFC 5944 5.7): the Identification of each request, and what replies teach. */

static bool
uses_nonces(const fb_mobile_node *node)
{
    return node->config.association.replay == FB_REPLAY_NONCE;
}

/*
 * RFC 5944 5.7.1: NTP time, and greater than in any request before. A reply is known by the low half alone (3.6.2.1),
 * but requests are whole seconds apart: the sixteen lowest bits, 15 microseconds, count sendings instead.
 */
static uint64_t
next_timestamp(fb_mobile_node *node, fb_time now)
{
    uint64_t identification = (fb_clock_ntp(&node->clock, now) & ~UINT64_C(0xffff)) |
                              ++node->sendings;

    if (node->last_identification != 0 &&
        (int64_t)(identification - node->last_identification) <= 0)
    {
        identification = node->last_identification + 1;
    }
    node->last_identification = identification;
    return identification;
}

/** Whether an answer with this low half would be taken for that of an outstanding request. */
static bool
low_half_in_use(const fb_mobile_node *node, uint32_t low)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->request.kind != FB_REQUEST_NONE && r->request.tries > 0 &&
            (uint32_t)r->request.sent_identification == low)
        {
            return true;
        }
    }
    return false;
}

/** RFC 5944 5.7.2: the home agent's last number, and one of our own by which its answer is known. */
static uint64_t
next_nonce(fb_mobile_node *node)
{
    uint32_t low = (uint32_t)fb_entropy_next(node->entropy);

    while (low == (uint32_t)node->last_identification || low_half_in_use(node, low))
    {
        low++;
    }
    node->last_identification = (uint64_t)node->nonce << 32 | low;
    return node->last_identification;
}

/** What a message says, whatever its Identification: in practice no two that differ have the same value. */
static uint64_t
content_of(const fb_writer *message)
{
    uint64_t hash = message->position;

    for (size_t i = 0; i < message->position; i++)
    {
        hash = fb_hash_combine(hash, message->data[i]);
    }
    return hash;
}

/**
 * RFC 5944 3.6.3: with nonces a retransmission is the same message once more. It is another one when it has something
 * else to say, or when the answer to another request brought a new nonce meanwhile: the old one would be refused.
 */
static bool
is_repetition(const fb_mobile_node *node, const fb_request *request, uint64_t content)
{
    return request->tries > 0 && request->sent_content == content &&
           request->sent_identification >> 32 == node->nonce;
}

uint64_t
fb_mobile_node_identify(fb_mobile_node *node,
                        fb_registration *r,
                        const fb_writer *message,
                        fb_time now)
{
    fb_request *request = &r->request;
    uint64_t content;

    request->repeated = false;
    if (!uses_nonces(node))
    {
        return next_timestamp(node, now);
    }
    content = content_of(message);
    if (is_repetition(node, request, content))
    {
        request->repeated = true;
        return request->sent_identification;
    }
    request->sent_content = content;
    return next_nonce(node);
}

void
fb_mobile_node_heed_identification(fb_mobile_node *node, const fb_mip4_fixed *reply, fb_time now)
{
    uint32_t high = (uint32_t)(reply->identification >> 32);

    if (uses_nonces(node))
    {
        node->nonce = high; /* RFC 5944 5.7.2: for the next request, whatever the code */
    }
    else if (reply->code == FB_MIP4_IDENTIFICATION_MISMATCH)
    {
        /* RFC 5944 3.6.2.3, 5.7.1: take over the home agent's clock */
        fb_clock_resynchronize(&node->clock, high, now);
        node->last_identification = 0;
    }
}
