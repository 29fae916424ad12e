/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The mobile node of RFC 7629 5.1 with a home agent that does not know RFC 7629. Such a home agent is silent: to it the
 * extensions are an unknown type that must not be skipped (RFC 5944 1.8, D-01).
 */

#include "exchange.h"

#include <string.h>

/** A home agent of RFC 5944 alone in the test's hands: answers what has no extension of type 154. */
typedef struct legacy
{
    size_t next; /**< request */
    fb_time stops_at; /**< ... being legacy */
    bool dead[WORLD_LINKS + 1]; /**< nothing arrives by this link */
} legacy;

static void
serve(world *w, legacy *home_agent, fb_time duration)
{
    for (fb_time end = w->now + duration; w->now < end; world_run(w, 10 * FB_MILLISECOND))
    {
        for (; home_agent->next < requests_sent(w); home_agent->next++)
        {
            const world_message *message = world_sent(w, true, home_agent->next);
            seen s = look_at(message);
            bool knows = w->now >= home_agent->stops_at;

            if (home_agent->dead[message->meta.link])
            {
                continue;
            }
            if (s.multipaths == 0)
            {
                assert_int_equal(s.flow_bindings, 0);
                reply_to(w, message, 1, s.lifetime_s);
            }
            else if (knows)
            {
                reply_to(w, message, 0, s.lifetime_s);
            }
        }
    }
}

static world *
legacy_world(unsigned links)
{
    world_setup setup;
    fb_rule rules[5];
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    for (unsigned link = 1; link <= links; link++)
    {
        world_link_up(w, link);
    }
    return w;
}

/* three requests with 154 without an answer, then one without; that is answered */
static void
test_silence_then_without(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER};
    world *w = legacy_world(1);

    (void)state;
    requirement("D-01", "R7629-4.1-03", "R7629-4.2-03");
    serve(w, &home_agent, 6900 * FB_MILLISECOND);
    assert_int_equal(requests_sent(w), 3);
    for (size_t i = 0; i < 3; i++)
    {
        static const fb_time at_s[] = {0, 1, 3};

        assert_int_equal(request_sent(w, i).multipaths, 1);
        assert_true(world_sent(w, true, i)->sent_at == at_s[i] * FB_SECOND);
    }
    serve(w, &home_agent, 200 * FB_MILLISECOND);
    assert_int_equal(request_sent(w, 3).multipaths, 0);
    assert_int_equal(request_sent(w, 3).flow_bindings, 0);
    assert_true(world_sent(w, true, 3)->sent_at == 7 * FB_SECOND);
    /* Service already */
    assert_true(world_uplink(w, ICMP, 0, 0).kind == FB_SEND);
    world_end(w);
}

/* before it is believed: once more with 154 over the path that just worked */
static void
test_once_more_before_it_is_believed(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER};
    world *w = legacy_world(1);
    const fb_event *off;

    (void)state;
    requirement("C-04", "D-01");
    serve(w, &home_agent, 20 * FB_SECOND);
    assert_int_equal(requests_sent(w), 5);
    assert_int_equal(request_sent(w, 4).multipaths, 1);
    assert_int_equal(request_sent(w, 4).bid, 1);
    off = world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH);
    assert_non_null(off);
    assert_int_equal(off->to, FB_MULTIPATH_OFF);
    assert_true(off->time > world_sent(w, true, 4)->sent_at);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

/* ... if that is answered, the home agent knows RFC 7629 and the silence had another reason */
static void
test_it_was_only_the_path(void **state)
{
    legacy home_agent = {.stops_at = 7500 * FB_MILLISECOND};
    world *w = legacy_world(3);

    (void)state;
    requirement("C-04");
    home_agent.dead[1] = home_agent.dead[2] = home_agent.dead[3] = true;
    serve(w, &home_agent, 4 * FB_SECOND);
    memset(home_agent.dead, 0, sizeof home_agent.dead);
    serve(w, &home_agent, 60 * FB_SECOND);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_UP);
    }
    assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH)->to,
                     FB_MULTIPATH_YES);
    world_end(w);
}

/* then one path, without 154; the others wait. No endless retry */
static void
test_one_path_with_a_legacy_home_agent(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER};
    world *w = legacy_world(3);
    size_t requests, up = 0;

    (void)state;
    requirement("D-01", "C-03");
    serve(w, &home_agent, 60 * FB_SECOND);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        up += world_state(w, bid) == FB_BINDING_UP;
    }
    assert_int_equal(up, 1);
    requests = requests_sent(w);
    serve(w, &home_agent, 400 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests);
    serve(w, &home_agent, 2000 * FB_SECOND); /* refreshes, without 154 */
    assert_true(requests_sent(w) > requests);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).multipaths, 0);
    }
    assert_int_equal(world_uplink(w, ICMP, 0, 0).kind, FB_SEND);
    world_end(w);
}

/* after legacy-retry, an hour, one refresh carries 154 again; without an answer nothing is lost */
static void
test_asked_again_after_an_hour(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER};
    world *w = legacy_world(2);
    size_t requests, with = 0;

    (void)state;
    requirement("D-01", "C-03");
    serve(w, &home_agent, 100 * FB_SECOND);
    requests = requests_sent(w);
    serve(w, &home_agent, 3600 * FB_SECOND);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        with += request_sent(w, i).multipaths;
    }
    assert_int_equal(with, 1);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(events_of(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH, 0), 1);
    world_end(w);
}

/* ... and with one, multipath is on from then */
static void
test_home_agent_is_upgraded(void **state)
{
    legacy home_agent = {.stops_at = 1000 * FB_SECOND};
    world *w = legacy_world(3);

    (void)state;
    requirement("D-01", "C-03");
    serve(w, &home_agent, 3500 * FB_SECOND);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    serve(w, &home_agent, 200 * FB_SECOND);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_UP);
    }
    world_end(w);
}

/* the first path is dead: the next is asked, with 154 and without as well; one dead path says nothing of the peer */
static void
test_first_path_is_dead(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER, .dead = {[1] = true}};
    world *w = legacy_world(2);

    (void)state;
    requirement("C-01", "D-01");
    serve(w, &home_agent, 120 * FB_SECOND);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH)->to,
                     FB_MULTIPATH_OFF);
    world_end(w);
}

/* nobody answers at all: with and without 154 by turns, ever slower; nothing is concluded */
static void
test_nobody_answers(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER, .dead = {[1] = true}};
    world *w = legacy_world(1);

    (void)state;
    requirement("D-01", "B5944-32");
    serve(w, &home_agent, 2000 * FB_SECOND);
    assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH));
    for (size_t i = 3; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).multipaths, i % 2 == 0);
    }
    for (size_t i = 2; i < requests_sent(w); i++)
    {
        fb_time wait = world_sent(w, true, i)->sent_at - world_sent(w, true, i - 1)->sent_at;
        fb_time before = world_sent(w, true, i - 1)->sent_at - world_sent(w, true, i - 2)->sent_at;

        /* Doubling, up to the lifetime that was asked for */
        assert_true(wait == 2 * before || wait == 600 * FB_SECOND);
    }
    world_end(w);
}

/* 133 to the request without 154: a legacy home agent is found although the clock is wrong */
static void
test_legacy_home_agent_and_a_wrong_clock(void **state)
{
    legacy home_agent = {.stops_at = FB_TIME_NEVER};
    world *w = legacy_world(1);
    uint8_t octets[REPLY_FIXED];
    const world_message *plain;

    (void)state;
    requirement("C-04");
    world_run(w, 7100 * FB_MILLISECOND);
    plain = world_last(w, true);
    assert_int_equal(look_at(plain).multipaths, 0);
    reply_fixed(octets, plain, 133, 600);
    octets[14] ^= 0x10; /* another hour */
    assert_int_equal(reply_octets(w, plain, octets, sizeof octets), 0);
    plain = world_last(w, true);
    assert_int_equal(look_at(plain).multipaths, 0);
    assert_int_equal(octets_u32(plain->octets + 16), octets_u32(octets + 12));
    home_agent.next = requests_sent(w) - 1;
    serve(w, &home_agent, 10 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_then_without),
        cmocka_unit_test(test_once_more_before_it_is_believed),
        cmocka_unit_test(test_it_was_only_the_path),
        cmocka_unit_test(test_one_path_with_a_legacy_home_agent),
        cmocka_unit_test(test_asked_again_after_an_hour),
        cmocka_unit_test(test_home_agent_is_upgraded),
        cmocka_unit_test(test_first_path_is_dead),
        cmocka_unit_test(test_nobody_answers),
        cmocka_unit_test(test_legacy_home_agent_and_a_wrong_clock),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_legacy", tests, NULL, NULL);
}
