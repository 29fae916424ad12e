/* SPDX-License-Identifier: BSD-3-Clause */
#include "network_told.h"

static bool
is_up(uint8_t state)
{
    return state == FB_BINDING_UP || state == FB_BINDING_UP_PENDING;
}

bool
net_told_binding(uint8_t *state, unsigned *lost, const fb_event *event)
{
    bool goes_on = *state == event->from;

    *lost += is_up(event->from) && !is_up(event->to);
    *state = event->to;
    return goes_on;
}

static const char *
hear_binding(net_told *told, unsigned node, const fb_event *event)
{
    if (event->ref.bid >= NET_TOLD_BIDS)
    {
        return "a BID nobody has";
    }
    return net_told_binding(&told->state[node][event->ref.bid], &told->lost, event)
               ? NULL
               : "a binding was not in this state";
}

static const char *
hear_visitor(net_told *told, const fb_event *event)
{
    bool *there = &told->visitor[event->ref.session % NET_TOLD_VISITORS];

    if (event->to == 0 && !*there)
    {
        return "a visitor that was not there has gone";
    }
    told->visitors += event->to != 0 && !*there;
    told->visitors -= event->to == 0;
    *there = event->to != 0; /* one that moves to another link comes again */
    return NULL;
}

const char *
net_told_hear(net_told *told, unsigned node, const fb_event *event)
{
    switch (event->kind)
    {
    case FB_EVENT_BINDING:
        return hear_binding(told, node, event);
    case FB_EVENT_VISITOR:
        return hear_visitor(told, event);
    case FB_EVENT_INTERCEPT:
        if (told->intercepted[node] == (event->count != 0) && event->cause != FB_CAUSE_HOME)
        {
            return "packets were intercepted, or not, before";
        }
        told->intercepted[node] = event->count != 0;
        return NULL;
    case FB_EVENT_NETWORK:
        if (event->to == 0 && told->networks[node] == 0)
        {
            return "a network that was not in use is not any more";
        }
        told->networks[node] += event->to != 0 ? 1 : -1u;
        return NULL;
    default:
        return NULL;
    }
}
