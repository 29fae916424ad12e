/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_BINDING_CACHE_INTERNAL_H
#define FB_STATE_BINDING_CACHE_INTERNAL_H

/**
 * @file
 * What the files of the binding cache share with each other, and with nobody else.
 */

#include "state/binding_cache.h"

void fb_cache_init_policies(fb_binding_cache *cache, fb_arena *arena, const fb_limits *limits);

/** Raises an event about the node as a whole. */
void fb_cache_node_event(fb_binding_cache *cache,
                         uint32_t node,
                         fb_event_kind kind,
                         uint16_t count,
                         fb_time now);

#endif
