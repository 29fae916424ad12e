/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_EVENTS_H
#define FB_STATE_EVENTS_H

/**
 * @file
 * What happened, for the host: a bounded queue of events and a counter for each reason. A host that does not poll loses
 * events, never memory, and learns how many.
 */

#include "base/arena.h"
#include "flowbind/agent.h"

typedef struct fb_events
{
    fb_event *ring;
    uint32_t capacity, head, count;
    uint64_t lost;
    uint64_t counter[FB_REASON_COUNT];
} fb_events;

void fb_events_init(fb_events *events, fb_arena *arena, uint32_t capacity);

/** An event about which nothing is said but what and when. */
void fb_event_begin(fb_event *event, fb_event_kind kind, uint8_t role, fb_time now);

/** Queues such an event, in which the caller writes what else there is to say; NULL: there is no room, it is lost. */
fb_event *fb_events_add(fb_events *events, fb_event_kind kind, uint8_t role, fb_time now);

/** Queues a copy. */
void fb_events_push(fb_events *events, const fb_event *event);

bool fb_events_poll(fb_events *events, fb_event *event);

/** Counts @p reason and returns it, so that a gate can say `return fb_events_count(...)`. */
int fb_events_count(fb_events *events, int reason);

#endif
