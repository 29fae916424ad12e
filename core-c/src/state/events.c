/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/events.h"

#include "base/machine.h"

#include <stddef.h>
#include <string.h>

void
fb_events_init(fb_events *events, fb_arena *arena, uint32_t capacity)
{
    memset(events, 0, sizeof *events);
    events->ring = fb_arena_take(arena, capacity, sizeof(fb_event), _Alignof(fb_event));
    events->capacity = capacity;
}

/** Few events have a name, and what is behind its end says nothing. */
static void
copy(fb_event *to, const fb_event *from)
{
    memcpy(to, from, offsetof(fb_event, identity.text));
    if (from->identity.length != 0)
    {
        memcpy(to->identity.text, from->identity.text, sizeof to->identity.text);
    }
}

/** The next place in the queue; NULL: there is none, and the event is lost. */
static fb_event *
next_place(fb_events *events)
{
    uint32_t behind_head = events->capacity - events->head;

    if (events->count == events->capacity)
    {
        events->lost++;
        return NULL;
    }
    events->count++;
    return &events->ring[events->count <= behind_head ? events->head + events->count - 1
                                                      : events->count - 1 - behind_head];
}

void
fb_event_begin(fb_event *event, fb_event_kind kind, uint8_t role, fb_time now)
{
    fb_clear(event, offsetof(fb_event, identity.text));
    event->kind = (uint8_t)kind;
    event->role = role;
    event->time = now;
}

fb_event *
fb_events_add(fb_events *events, fb_event_kind kind, uint8_t role, fb_time now)
{
    fb_event *event = next_place(events);

    if (event != NULL)
    {
        fb_event_begin(event, kind, role, now);
    }
    return event;
}

void
fb_events_push(fb_events *events, const fb_event *event)
{
    fb_event *place = next_place(events);

    if (place != NULL)
    {
        copy(place, event);
    }
}

bool
fb_events_poll(fb_events *events, fb_event *event)
{
    if (events->count == 0)
    {
        return false;
    }
    copy(event, &events->ring[events->head]);
    events->head++;
    events->count--;
    if (events->count == 0 || events->head == events->capacity)
    {
        /* An emptied ring starts anew: a host that drains stays within a few lines of the processor's cache */
        events->head = 0;
    }
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
