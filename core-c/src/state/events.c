/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/events.h"

#include <string.h>

void
fb_events_init(fb_events *events, fb_arena *arena, uint32_t capacity)
{
    memset(events, 0, sizeof *events);
    events->ring = fb_arena_take(arena, capacity, sizeof(fb_event), _Alignof(fb_event));
    events->capacity = capacity;
}

void
fb_events_push(fb_events *events, const fb_event *event)
{
    if (events->count == events->capacity)
    {
        events->lost++;
        return;
    }
    events->ring[(events->head + events->count) % events->capacity] = *event;
    events->count++;
}

bool
fb_events_poll(fb_events *events, fb_event *event)
{
    if (events->count == 0)
    {
        return false;
    }
    *event = events->ring[events->head];
    events->head = (events->head + 1) % events->capacity;
    events->count--;
    return true;
}

int
fb_events_count(fb_events *events, int reason)
{
    if (reason > 0 && reason < FB_REASON_COUNT)
    {
        events->counter[reason]++;
    }
    return reason;
}
