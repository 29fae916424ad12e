/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_ASSOCIATIONS_H
#define FB_STATE_ASSOCIATIONS_H

/**
 * @file
 * Security associations with foreign agents, and of foreign agents with their peers (RFC 5944 3.5.3, 3.5.4). Those of
 * mobile nodes with their home agents are kept with the node.
 */

#include "base/arena.h"
#include "flowbind/config.h"

typedef struct fb_associations
{
    fb_peer_association *item; /* in order of kind and peer */
    uint32_t capacity, count;
} fb_associations;

void fb_associations_init(fb_associations *associations, fb_arena *arena, uint32_t capacity);

/** Adds or changes one; a key of no octets removes it. FB_OK or FB_ERR_LIMIT. */
int fb_associations_set(fb_associations *associations, const fb_peer_association *wanted);

/** What is shared with @p peer; NULL: nothing. */
const fb_security_association *fb_associations_find(const fb_associations *associations,
                                                    uint8_t kind,
                                                    fb_ipv4 peer);

#endif
