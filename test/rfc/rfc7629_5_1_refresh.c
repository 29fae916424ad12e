/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: the mobile node extends the lifetime of one binding, or with B = 1 of all of them.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

/** Links 1 to @p links registered for 600 s; with or without B. */
static world *
refresh_world(unsigned links, bool bulk)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.bulk_refresh = bulk;
    w = world_start(&setup);
    for (unsigned link = 1; link <= links; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_int_equal(world_binding_count(w), links);
    return w;
}

/* "at any time can extend the lifetime of a specific care-of address registration": done at 80 % of it */
static void
test_refresh_before_the_lifetime_ends(void **state)
{
    world *w = refresh_world(1, false);
    size_t since;

    (void)state;
    requirement("R7629-5.1-12");
    world_run_until(w, 480 * FB_SECOND - 1);
    assert_int_equal(requests_sent(w), 1);
    since = w->events;
    world_run_until(w, 480 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_true(mobile_expiry(w, 1) == (480 + 600) * FB_SECOND);
    assert_int_equal(seconds_left(w, 1), 599);
    assert_int_equal(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_REFRESH);
    /* For ever */
    world_run(w, 10000 * FB_SECOND);
    assert_bound(w, "1");
    assert_null(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN));
    world_end(w);
}

/* "MUST be sent as the initial multipath registration", through that interface, with Multipath and its BID */
static void
test_refresh_is_like_the_initial_request(void **state)
{
    world *w = refresh_world(3, false);

    (void)state;
    requirement("R7629-5.1-13", "R7629-5.1-14", "R7629-5.1-15");
    world_run_until(w, 500 * FB_SECOND);
    assert_int_equal(requests_sent(w), 6);
    for (size_t i = 0; i < 3; i++)
    {
        const world_message *initial = world_sent(w, true, i),
                            *refresh = world_sent(w, true, 3 + i);
        seen s = look_at(refresh);

        assert_int_equal(refresh->meta.link, i + 1);
        assert_int_equal(fb_addr_to_ipv4(&refresh->meta.src), care_of((uint32_t)i + 1));
        assert_int_equal(s.multipaths, 1);
        assert_int_equal(s.bid, i + 1);
        assert_int_equal(refresh->length, initial->length);
        assert_memory_equal(refresh->octets, initial->octets, 16);
        assert_true(s.identification > look_at(initial).identification);
        assert_memory_equal(refresh->octets + 24, initial->octets + 24, initial->length - 24 - 16);
    }
    assert_bound(w, "123");
    world_end(w);
}

/* "MUST be sent as the initial multipath registration": a refresh says the policy again, and so it stays as it is */
static void
test_refresh_repeats_the_policy(void **state)
{
    world *w = refresh_world(2, false);
    fb_rule rules[1] = {forward_rule("21", UDP, SIP)};
    size_t requests;

    (void)state;
    requirement("D-22", "R7629-5.1-13");
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_run(w, FB_SECOND);
    requests = requests_sent(w);
    world_run(w, 1000 * FB_SECOND);
    assert_true(requests_sent(w) >= requests + 4);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).flow_bindings, 1);
    }
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    world_end(w);
}

/* a home agent that lost its state has bindings and policy again after the next refreshes: 153 tells what is missing */
static void
check_recovery(bool bulk)
{
    world *w = refresh_world(3, bulk);
    fb_fact subscriber = {.kind = FB_FACT_SUBSCRIBER_REMOVE};
    world_setup setup;
    fb_rule rules[5];

    world_setup_default(&setup);
    assert_int_equal(world_policy(w, rules, world_figure2(rules)), FB_OK);
    world_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 5);
    subscriber.u.subscriber = setup.subscriber;
    world_fact(w, w->home_agent, &subscriber);
    subscriber.kind = FB_FACT_SUBSCRIBER_SET;
    world_fact(w, w->home_agent, &subscriber);
    assert_bound(w, "");
    world_run(w, 600 * FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
    world_link_down(w, 2);
    world_run(w, FB_SECOND);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).reason, FB_DROP_POLICY);
    assert_int_equal(world_uplink(w, TCP, HTTP, 40000).reason, FB_DROP_POLICY);
    world_end(w);
}

static void
test_refresh_restores_a_home_agent(void **state)
{
    (void)state;
    requirement("R7629-5.1-11", "R7629-5.1-13", "R7629-3-03", "D-31");
    check_recovery(false);
    check_recovery(true);
}

/* the home agent granted less: refreshed at 80 % of that */
static void
test_refresh_follows_the_granted_lifetime(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("D-36", "B5944-10", "B5944-34");
    world_setup_default(&setup);
    setup.home_agent.home_agent.lifetime_max_s = 100;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run_until(w, 80 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(request_sent(w, 1).lifetime_s, 600); /* asked for as at first */
    world_run(w, FB_SECOND);
    assert_true(mobile_expiry(w, 1) == 180 * FB_SECOND);
    world_end(w);
}

/* no answer to the refresh: sent again, and the binding ends with its lifetime, not before */
static void
test_refresh_without_answer(void **state)
{
    world *w = refresh_world(1, false);
    const fb_event *down;
    size_t since = w->events;

    (void)state;
    requirement("R7629-5.1-12", "D-36");
    w->lose = lose_requests;
    world_run_until(w, 599 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).kind, FB_SEND);
    assert_int_equal(requests_sent(w), 1 + 7); /* at 480 s, and 1, 3, 7, 15, 31, 63 s later */
    world_run_until(w, 601 * FB_SECOND);
    down = binding_event(w, since, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN);
    assert_non_null(down);
    assert_true(down->time == 600 * FB_SECOND);
    assert_int_equal(down->cause, FB_CAUSE_EXPIRED);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    /* It asks anew, and registers when the home agent is back */
    w->lose = NULL;
    world_run(w, 130 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_bound(w, "1");
    world_end(w);
}

/* B = 1: "a single Registration Request" updates all lifetimes, at both ends */
static void
test_bulk_refresh(void **state)
{
    world *w = refresh_world(3, true);
    fb_time sent_at;
    seen s;

    (void)state;
    requirement("R7629-5.1-16", "R7629-5.2-03", "D-02", "D-06");
    world_run_until(w, 590 * FB_SECOND);
    assert_int_equal(requests_sent(w), 4);
    s = request_sent(w, 3);
    assert_true(s.bulk && !s.overwrite);
    assert_int_equal(s.lifetime_s, 600);
    assert_int_equal(s.multipaths, 1);
    assert_int_equal(s.care_of_address, care_of(s.bid));
    sent_at = world_sent(w, true, 3)->sent_at;
    assert_true(sent_at == 480 * FB_SECOND);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        fb_binding_view view;

        assert_int_equal(world_state(w, bid), FB_BINDING_UP);
        assert_true(mobile_expiry(w, bid) == sent_at + 600 * FB_SECOND);
        assert_true(world_binding(w, bid, &view));
        assert_true(view.expires == world_sent(w, true, 3)->arrives_at + 600 * FB_SECOND);
    }
    /* No binding is ever lost that way */
    world_run(w, 5000 * FB_SECOND);
    assert_bound(w, "123");
    assert_null(binding_event(w, 0, FB_ROLE_MOBILE_NODE, 2, FB_BINDING_DOWN));
    assert_null(binding_event(w, 0, FB_ROLE_HOME_AGENT, 3, FB_BINDING_DOWN));
    world_end(w);
}

/* the mobile node sends M05: BID 1 refreshes all to 1200 s */
static void
test_mobile_node_sends_m05(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-5.1-16", "R7629-4.1-20", "M05");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 1200;
    setup.mobile_node.mobile_node.port = 51434;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, FB_SECOND);
    set_clock(w, w->mobile_node, 0xed0038ac, 960 * FB_SECOND); /* when it is due */
    set_clock(w, w->home_agent, 0xed0038ac, 960 * FB_SECOND);
    world_run_until(w, 961 * FB_SECOND);
    assert_int_equal(requests_sent(w), 3);
    assert_sent_vector(world_sent(w, true, 2), vectors_find(vectors, "M05"));
    assert_int_equal(seconds_left(w, 1), 1199);
    assert_int_equal(seconds_left(w, 2), 1199);
    world_end(w);
}

/* the reply has one lifetime, and it is that of all, counted from the sending, even where it is shorter */
static void
test_bulk_refresh_can_shorten(void **state)
{
    world *w = refresh_world(3, true);
    const world_message *message;

    (void)state;
    requirement("D-06", "C-22");
    w->lose = lose_requests;
    world_run_until(w, 481 * FB_SECOND - 1);
    message = world_last(w, true);
    assert_true(look_at(message).bulk);
    assert_int_equal(reply_to(w, message, 0, 50), 0);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_true(mobile_expiry(w, bid) == message->sent_at + 50 * FB_SECOND);
    }
    world_end(w);
}

/* without an answer: sent again; B is not given up, and not doubled by the other bindings' own time */
static void
test_bulk_refresh_without_answer(void **state)
{
    world *w = refresh_world(3, true);

    (void)state;
    requirement("R7629-5.1-16", "C-19");
    w->lose = lose_requests;
    world_run_until(w, 482 * FB_SECOND);
    assert_int_equal(requests_sent(w), 3 + 2); /* at 480 and 481 s */
    assert_true(request_sent(w, 3).bulk && request_sent(w, 4).bulk);
    w->lose = NULL;
    world_run_until(w, 598 * FB_SECOND);
    assert_true(mobile_expiry(w, 1) > 1000 * FB_SECOND);
    assert_true(mobile_expiry(w, 2) > 1000 * FB_SECOND);
    assert_true(mobile_expiry(w, 3) > 1000 * FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* the path that carries it dies: the others are refreshed all the same */
static void
test_bulk_refresh_over_a_dead_path(void **state)
{
    world *w = refresh_world(3, true);
    bool dead[WORLD_LINKS + 1] = {[1] = true};

    (void)state;
    requirement("C-01", "R7629-5.1-16");
    world_run_until(w, 470 * FB_SECOND);
    w->lose = lose_on_links;
    w->context = dead;
    world_run_until(w, 610 * FB_SECOND);
    assert_bound(w, "23");
    assert_null(binding_event(w, 0, FB_ROLE_HOME_AGENT, 2, FB_BINDING_DOWN));
    assert_null(binding_event(w, 0, FB_ROLE_HOME_AGENT, 3, FB_BINDING_DOWN));
    assert_null(binding_event(w, 0, FB_ROLE_MOBILE_NODE, 2, FB_BINDING_DOWN));
    assert_null(binding_event(w, 0, FB_ROLE_MOBILE_NODE, 3, FB_BINDING_DOWN));
    world_end(w);
}

/* B extends bindings the home agent knows: one that is not registered yet asks for itself */
static void
test_bulk_refresh_and_a_new_path(void **state)
{
    world *w = refresh_world(2, true);

    (void)state;
    requirement("R7629-5.1-16", "D-29");
    world_run_until(w, 480 * FB_SECOND);
    world_link_up(w, 3); /* while the answer to B is on its way */
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(request_sent(w, 3).bid, 3);
    assert_false(request_sent(w, 3).bulk);
    assert_int_equal(seconds_left(w, 3), 599);
    world_end(w);
}

/* a lifetime without end needs no refresh */
static void
test_infinite_lifetime(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("D-36", "B5944-09");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 0xffff;
    setup.home_agent.home_agent.lifetime_max_s = 0xffff;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 1000000 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(request_sent(w, 0).lifetime_s, 0xffff);
    assert_int_equal(look_at(world_sent(w, false, 0)).lifetime_s, 0xffff);
    assert_bound(w, "12");
    world_end(w);
}

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refresh_before_the_lifetime_ends),
        cmocka_unit_test(test_refresh_is_like_the_initial_request),
        cmocka_unit_test(test_refresh_repeats_the_policy),
        cmocka_unit_test(test_refresh_restores_a_home_agent),
        cmocka_unit_test(test_refresh_follows_the_granted_lifetime),
        cmocka_unit_test(test_refresh_without_answer),
        cmocka_unit_test(test_bulk_refresh),
        cmocka_unit_test(test_mobile_node_sends_m05),
        cmocka_unit_test(test_bulk_refresh_can_shorten),
        cmocka_unit_test(test_bulk_refresh_without_answer),
        cmocka_unit_test(test_bulk_refresh_over_a_dead_path),
        cmocka_unit_test(test_bulk_refresh_and_a_new_path),
        cmocka_unit_test(test_infinite_lifetime),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_refresh", tests, load, unload);
}
