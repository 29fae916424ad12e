/* SPDX-License-Identifier: BSD-3-Clause */
#include "checked_run.h"

#include "cmocka_setup.h"

/** Nothing happens when an agent is looked at before the time it named. */
static void
assert_asleep(fb_agent *agent, fb_time now)
{
    uint8_t octets[1500];
    fb_meta meta;
    fb_event event;

    assert_int_equal(fb_agent_handle_timeout(agent, 16, now), FB_OK);
    assert_int_equal(fb_agent_output(agent, &meta, octets, sizeof octets, now), 0);
    assert_false(fb_agent_poll_event(agent, &event));
}

static fb_time
next_step(const world *w)
{
    fb_time next = fb_agent_next_timeout(w->mobile_node);
    fb_time home = fb_agent_next_timeout(w->home_agent);

    next = home < next ? home : next;
    for (size_t i = 0; i < w->messages; i++)
    {
        const world_message *m = &w->message[i];

        if (!w->done[i] && !m->lost && m->arrives_at < next)
        {
            next = m->arrives_at;
        }
    }
    return next;
}

/** A request as the events tell of it. */
typedef struct outstanding
{
    unsigned sent; /* times */
    fb_time until; /* when its last wait ends */
} outstanding;

static void
follow(outstanding *o, const fb_event *e)
{
    if (e->kind == FB_EVENT_SENT)
    {
        o->until = e->time +
                   (FB_SECOND << (o->sent < 16 ? o->sent
                                               : 16)); /* RFC 5944 3.6.3: 1, 2, 4, ... seconds */
        o->sent++;
    }
    else if (e->kind == FB_EVENT_RECEIVED ||
             (e->kind == FB_EVENT_BINDING && e->to != FB_BINDING_PENDING))
    {
        *o = (outstanding){0};
    }
}

/*
 * A sending leaves a request outstanding until its answer comes, its wait is over, or the binding changes to a state
 * with another request or none.
 */
static void
assert_one_outstanding(const world *w)
{
    outstanding of[256] = {{0}};
    unsigned waiting = 0;

    for (size_t i = 0; i < w->events; i++)
    {
        if (w->event[i].role == FB_ROLE_MOBILE_NODE)
        {
            follow(&of[w->event[i].ref.bid], &w->event[i]);
        }
    }
    for (size_t bid = 0; bid < 256; bid++)
    {
        waiting += of[bid].sent >= 1 && of[bid].sent <= 2 && of[bid].until > w->now;
    }
    assert_true(waiting <= 1);
}

static void
assert_sound(const world *w, fb_time lenient_until)
{
    assert_true(fb_agent_next_timeout(w->mobile_node) > w->now);
    assert_true(fb_agent_next_timeout(w->home_agent) > w->now);
    if (w->now > lenient_until)
    {
        assert_one_outstanding(w);
    }
}

void
checked_run_lenient(world *w, fb_time duration, fb_time lenient_until)
{
    fb_time until = w->now + duration;

    world_run_until(w, w->now);
    assert_sound(w, lenient_until);
    while (w->now < until)
    {
        fb_time next = next_step(w);
        fb_time between = w->now + ((next < until ? next : until) - w->now) / 2;

        assert_true(next > w->now);
        if (between > w->now)
        {
            assert_asleep(w->mobile_node, between);
            assert_asleep(w->home_agent, between);
        }
        if (next < until && next - 1 > between)
        {
            assert_asleep(w->mobile_node, next - 1);
            assert_asleep(w->home_agent, next - 1);
        }
        world_run_until(w, next < until ? next : until);
        assert_sound(w, lenient_until);
    }
}

void
checked_run(world *w, fb_time duration)
{
    checked_run_lenient(w, duration, 0);
}
