/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/registration.h"

#include <string.h>

bool
fb_bid_set_contains(const fb_bid_set *set, const fb_bid_set *subset)
{
    for (size_t i = 0; i < 4; i++)
    {
        if ((subset->word[i] & ~set->word[i]) != 0)
        {
            return false;
        }
    }
    return true;
}

void
fb_registrations_init(fb_registration_list *list,
                      fb_arena *arena,
                      uint16_t capacity,
                      fb_ipv4 home_address,
                      fb_events *events)
{
    list->item = fb_arena_take(arena, capacity, sizeof(fb_registration), _Alignof(fb_registration));
    list->capacity = capacity;
    list->events = events;
    list->home_address = home_address;
}

fb_registration *
fb_registration_find(fb_registration_list *list, uint32_t link)
{
    for (size_t i = 0; i < list->capacity; i++)
    {
        if (list->item[i].known && list->item[i].link.link == link)
        {
            return &list->item[i];
        }
    }
    return NULL;
}

fb_registration *
fb_registration_add(fb_registration_list *list, const fb_link *link)
{
    for (size_t i = 0; i < list->capacity; i++)
    {
        fb_registration *r = &list->item[i];

        if (!r->known)
        {
            memset(r, 0, sizeof *r);
            r->known = true;
            r->wanted = true;
            r->link = *link;
            r->state = FB_BINDING_DOWN;
            r->expires = FB_TIME_NEVER;
            r->refresh_at = FB_TIME_NEVER;
            r->blocked_until = FB_TIME_NEVER;
            r->keepalive_at = FB_TIME_NEVER;
            r->request.send_at = FB_TIME_NEVER;
            fb_agents_init(&r->agents);
            fb_path_probe_init(&r->probe);
            fb_path_telling_forget(&r->telling);
            return r;
        }
    }
    return NULL;
}

#define TO(state) (1u << (state))

/* What may follow what: the state machine of a registration, one row a state. */
static const uint8_t legal[] = {
    [FB_BINDING_DOWN] = TO(FB_BINDING_QUEUED) | TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_QUEUED] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_PENDING) |
                          TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_PENDING] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_UP) |
                           TO(FB_BINDING_DEREGISTERING) | TO(FB_BINDING_BLOCKED),
    [FB_BINDING_UP] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_UP_PENDING) |
                      TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_UP_PENDING] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) | TO(FB_BINDING_UP) |
                              TO(FB_BINDING_DEREGISTERING),
    [FB_BINDING_DEREGISTERING] = TO(FB_BINDING_DOWN),
    [FB_BINDING_BLOCKED] = TO(FB_BINDING_DOWN) | TO(FB_BINDING_QUEUED) |
                           TO(FB_BINDING_DEREGISTERING),
};

static void
stop_timers(fb_registration *r, fb_binding_state next)
{
    if (next != FB_BINDING_UP && next != FB_BINDING_UP_PENDING)
    {
        r->expires = FB_TIME_NEVER;
        r->refresh_at = FB_TIME_NEVER;
        r->keepalive_at = FB_TIME_NEVER;
    }
    if (next != FB_BINDING_BLOCKED)
    {
        r->blocked_until = FB_TIME_NEVER;
    }
}

void
fb_registration_set_state(fb_registration_list *list,
                          fb_registration *registration,
                          fb_binding_state next,
                          fb_cause cause,
                          fb_time now)
{
    fb_event event = {
        .kind = FB_EVENT_BINDING,
        .role = FB_ROLE_MOBILE_NODE,
        .from = registration->state,
        .to = (uint8_t)next,
        .cause = (uint8_t)cause,
        .lifetime_s = registration->lifetime_s,
        .ref = {.session = 1, .link = registration->link.link, .bid = registration->link.bid},
        .home_address = list->home_address,
        .care_of_address = registration->care_of_address,
        .time = now};

    if (registration->state == next)
    {
        return;
    }
    if ((legal[registration->state] & TO(next)) == 0)
    {
        fb_events_count(list->events, FB_BUG_STATE_TRANSITION);
    }
    registration->state = (uint8_t)next;
    stop_timers(registration, next);
    fb_events_push(list->events, &event);
}
