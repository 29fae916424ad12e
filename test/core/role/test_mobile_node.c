/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The mobile node's queue, its timers, its links and its clock. What it makes of its peer: test_mobile_node_peer.c.
 */

#include "checked_run.h"
#include "exchange.h"

#include <stdlib.h>

#define MS FB_MILLISECOND

static world *
new_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    return world_start(&setup);
}

/** Nothing gets through any more, and the mobile node is not told. */
static void
go_silent(world *w, uint32_t link)
{
    w->connected[link] = false;
}

/** The link comes up, but nothing gets through from the start. */
static void
silent_link_up(world *w, uint32_t link)
{
    w->lose = lose_requests;
    world_link_up(w, link);
    w->lose = NULL;
    go_silent(w, link);
}

static void
expect_sent(const world *w, size_t index, uint8_t bid, fb_time when)
{
    assert_int_equal(request_sent(w, index).bid, bid);
    assert_int_equal(world_sent(w, true, index)->sent_at / MS, when / MS);
}

/* ---- the queue: one request is outstanding (D-29, C-01) ---- */

static void
test_requests_go_one_after_another(void **state)
{
    world *w = new_world();

    (void)state;
    world_link_up(w, WORLD_CDMA);
    world_link_up(w, WORLD_LTE);
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_CDMA), FB_BINDING_PENDING);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_QUEUED);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
    checked_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), 3);
    expect_sent(w, 0, WORLD_CDMA, 0);
    expect_sent(w, 1, WORLD_LTE, 200 * MS); /* with the answer to the first */
    expect_sent(w, 2, WORLD_WLAN, 260 * MS);
    assert_bound(w, "123");
    world_end(w);
}

static void
test_a_silent_path_yields_after_two_sendings(void **state)
{
    world *w = new_world();

    (void)state;
    silent_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    checked_run(w, 2900 * MS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_QUEUED);
    checked_run(w, 200 * MS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    expect_sent(w, 0, WORLD_WLAN, 0);
    expect_sent(w, 1, WORLD_WLAN, FB_SECOND);
    expect_sent(w, 2, WORLD_LTE, 3 * FB_SECOND);
    expect_sent(w, 3, WORLD_WLAN, 3060 * MS); /* its third, when LTE has its answer */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    world_end(w);
}

static void
test_from_the_third_sending_on_nobody_is_held_up(void **state)
{
    world *w = new_world();

    (void)state;
    silent_link_up(w, WORLD_WLAN);
    checked_run(w, 4 * FB_SECOND); /* sent at 0, 1 and 3 seconds: waits until 7 */
    world_link_up(w, WORLD_LTE);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_PENDING);
    checked_run(w, 100 * MS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    world_end(w);
}

/* The end of a silent path's wait says nothing about the request that is outstanding on another. */
static void
test_a_silent_path_does_not_give_away_the_token_of_another(void **state)
{
    world *w = new_world();

    (void)state;
    silent_link_up(w, WORLD_WLAN);
    checked_run(w, 6500 * MS); /* its third sending was at 3 seconds and waits until 7 */
    w->delay[WORLD_LTE] = 450 * MS;
    world_link_up(w, WORLD_LTE); /* outstanding until 7.4 seconds */
    world_link_up(w, WORLD_CDMA);
    assert_int_equal(world_state(w, WORLD_CDMA), FB_BINDING_QUEUED);
    checked_run(w, 800 * MS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_PENDING);
    assert_int_equal(world_state(w, WORLD_CDMA), FB_BINDING_QUEUED);
    checked_run(w, 400 * MS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_CDMA), FB_BINDING_UP);
    world_end(w);
}

/* RFC 5944 3.6.2.1: an answer is known by the low half of its Identification alone. */
static void
test_an_answer_belongs_to_one_request(void **state)
{
    world *w = new_world();

    (void)state;
    silent_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    w->delay[WORLD_LTE] = 0;
    /* All sendings are at whole seconds: their fractions are alike */
    checked_run(w, 4 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    assert_bound(w, "2");
    world_end(w);
}

static void
test_identifications_grow_and_differ_in_their_low_halves(void **state)
{
    world *w = new_world();

    (void)state;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    checked_run(w, 600 * FB_SECOND);
    assert_true(requests_sent(w) > 12);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        uint64_t identification = request_sent(w, i).identification;

        for (size_t before = 0; before < i; before++)
        {
            uint64_t earlier = request_sent(w, before).identification;

            assert_true(earlier < identification);
            assert_int_not_equal((uint32_t)earlier, (uint32_t)identification);
        }
        assert_int_equal(identification >> 32,
                         WORLD_NTP + world_sent(w, true, i)->sent_at / FB_SECOND);
    }
    world_end(w);
}

/* ---- back-off (RFC 5944 3.6.3) ---- */

static void
test_back_off_doubles(void **state)
{
    static const unsigned second[] = {0, 1, 3, 7, 15, 31, 63, 127};
    world *w = new_world();

    (void)state;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 200 * FB_SECOND);
    assert_int_equal(requests_sent(w), 8);
    for (size_t i = 0; i < 8; i++)
    {
        assert_true(world_sent(w, true, i)->sent_at == second[i] * FB_SECOND);
    }
    world_end(w);
}

/* RFC 5944 3.6.3: the maximum wait is the Lifetime asked for. */
static void
test_back_off_ends_at_the_lifetime(void **state)
{
    static const unsigned second[] = {0, 1, 3, 7, 12, 17, 22};
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 5;
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 24 * FB_SECOND);
    assert_int_equal(requests_sent(w), 7);
    for (size_t i = 0; i < 7; i++)
    {
        assert_true(world_sent(w, true, i)->sent_at == second[i] * FB_SECOND);
    }
    world_end(w);
}

static void
test_the_first_wait_is_configured(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.retransmit_ms = 2500;
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 8 * FB_SECOND);
    expect_sent(w, 1, WORLD_WLAN, 2500 * MS);
    expect_sent(w, 2, WORLD_WLAN, 7500 * MS);
    world_end(w);
}

static void
test_an_answer_ends_the_back_off(void **state)
{
    world *w = new_world();

    (void)state;
    w->lose = lose_replies;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 500 * MS);
    w->lose = NULL;
    checked_run(w, FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(requests_sent(w), 2);
    checked_run(w, 100 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    world_end(w);
}

/* ---- lifetimes ---- */

static void
test_refreshed_at_four_fifths_of_the_lifetime(void **state)
{
    world *w = registered_world(1);
    fb_time first = world_sent(w, true, 0)->sent_at;

    (void)state;
    checked_run(w, 500 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_true(world_sent(w, true, 1)->sent_at == first + 480 * FB_SECOND);
    assert_true(mobile_expiry(w, 1) == first + 480 * FB_SECOND + 600 * FB_SECOND);
    checked_run(w, 5000 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_bound(w, "1");
    world_end(w);
}

static void
test_what_is_not_refreshed_ends_at_both(void **state)
{
    world *w = registered_world(1);

    (void)state;
    go_silent(w, WORLD_WLAN);
    checked_run(w, 598 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    assert_bound(w, "1");
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_PENDING); /* tries anew, from the start */
    assert_bound(w, "");
    w->connected[WORLD_WLAN] = true;
    checked_run(w, 3 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_bound(w, "1");
    world_end(w);
}

static void
test_a_lifetime_without_end(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = UINT16_MAX;
    setup.home_agent.home_agent.lifetime_max_s = UINT16_MAX;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, FB_SECOND);
    assert_true(mobile_expiry(w, 1) == FB_TIME_NEVER);
    assert_true(fb_agent_next_timeout(w->mobile_node) == FB_TIME_NEVER);
    assert_true(fb_agent_next_timeout(w->home_agent) == FB_TIME_NEVER);
    world_end(w);
}

/* One path went dead without a word; the others must not lose their bindings for it (C-01). */
static void
test_a_dead_bulk_refresh_does_not_starve_the_others(void **state)
{
    world *w = registered_world(3);
    size_t before = w->events;

    (void)state;
    go_silent(w, WORLD_WLAN); /* whose turn it is to refresh all */
    checked_run(w, 700 * FB_SECOND);
    assert_bound(w, "23");
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(world_state(w, 3), FB_BINDING_UP);
    assert_null(binding_event(w, before, FB_ROLE_MOBILE_NODE, 2, FB_BINDING_DOWN));
    assert_null(binding_event(w, before, FB_ROLE_MOBILE_NODE, 3, FB_BINDING_DOWN));
    world_end(w);
}

/* ---- links, in every state (C-03) ---- */

static void
test_link_down_while_queued(void **state)
{
    world *w = new_world();

    (void)state;
    world_link_up(w, WORLD_CDMA);
    world_link_up(w, WORLD_LTE);
    world_link_down(w, WORLD_LTE);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    checked_run(w, 5 * FB_SECOND);
    assert_int_equal(requests_sent(w), 1); /* it was never sent */
    world_link_up(w, WORLD_LTE);
    checked_run(w, FB_SECOND);
    assert_bound(w, "23");
    world_end(w);
}

static void
test_link_down_while_pending(void **state)
{
    world *w = new_world();
    fb_binding_view view;

    (void)state;
    world_link_up(w, WORLD_WLAN);
    world_link_down(w, WORLD_WLAN);
    w->connected[WORLD_WLAN] = true; /* the answer still comes */
    checked_run(w, FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_int_equal(fb_agent_counter(w->mobile_node, FB_DROP_NOT_EXPECTED), 1);
    assert_true(world_binding(w, 1, &view)); /* nobody can take it away; it will expire */
    assert_true(fb_agent_next_timeout(w->mobile_node) == FB_TIME_NEVER);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* The request may have been accepted: the home agent must not send into a dead path. */
static void
test_link_down_while_pending_with_another_path(void **state)
{
    world *w = registered_world(1);
    seen last;

    (void)state;
    w->lose = lose_replies;
    world_link_up(w, WORLD_LTE);
    checked_run(w, 100 * MS);
    assert_bound(w, "12");
    w->lose = NULL;
    world_link_down(w, WORLD_LTE);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DEREGISTERING);
    last = look_at(world_last(w, true));
    assert_int_equal(last.lifetime_s, 0);
    assert_int_equal(last.bid, WORLD_LTE);
    assert_int_equal(last.care_of_address, care_of(WORLD_LTE));
    assert_int_equal(world_last(w, true)->meta.link, WORLD_WLAN);
    assert_int_equal(fb_addr_to_ipv4(&world_last(w, true)->meta.src), care_of(WORLD_WLAN));
    checked_run(w, FB_SECOND);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    assert_bound(w, "1");
    world_end(w);
}

static void
test_another_address_while_pending(void **state)
{
    world *w = new_world();
    fb_binding_view view;

    (void)state;
    w->lose = lose_replies;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 500 * MS);
    world_change_address(w, WORLD_WLAN, 0xcb007114u);
    w->lose = NULL;
    checked_run(w, 20 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(request_sent(w, 1).care_of_address, 0xcb007114u);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, 0xcb007114u);
    assert_int_equal(world_binding_count(w), 1);
    world_end(w);
}

static void
test_another_address_while_queued(void **state)
{
    world *w = new_world();
    fb_binding_view view;

    (void)state;
    world_link_up(w, WORLD_CDMA);
    world_link_up(w, WORLD_WLAN);
    world_change_address(w, WORLD_WLAN, 0xcb007114u);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
    checked_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, 0xcb007114u);
    world_end(w);
}

static void
test_link_down_while_up_with_another_path(void **state)
{
    world *w = registered_world(2);

    (void)state;
    world_link_down(w, WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DEREGISTERING);
    checked_run(w, FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_bound(w, "2");
    world_end(w);
}

static void
test_link_down_while_a_refresh_is_pending(void **state)
{
    world *w = registered_world(2);

    (void)state;
    checked_run(w, 479 * FB_SECOND);
    w->lose = lose_replies;
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP_PENDING);
    w->lose = NULL;
    world_link_down(w, WORLD_WLAN);
    checked_run(w, 10 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_bound(w, "2");
    world_end(w);
}

static void
test_link_back_while_deregistering(void **state)
{
    world *w = registered_world(2);
    fb_binding_view view;

    (void)state;
    world_link_down(w, WORLD_WLAN);
    w->address[WORLD_WLAN] = 0xcb007114u; /* comes back with another address */
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DEREGISTERING);
    checked_run(w, FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, 0xcb007114u);
    assert_bound(w, "12");
    world_end(w);
}

static void
test_the_last_link_goes_while_another_deregisters(void **state)
{
    world *w = registered_world(2);

    (void)state;
    w->lose = lose_requests;
    world_link_down(w, WORLD_WLAN);
    checked_run(w, 100 * MS);
    world_link_down(w, WORLD_LTE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    assert_true(fb_agent_next_timeout(w->mobile_node) == FB_TIME_NEVER);
    world_end(w);
}

static void
test_a_deregistration_gives_up_after_three_sendings(void **state)
{
    world *w = registered_world(2);
    size_t before = requests_sent(w);

    (void)state;
    w->lose = lose_requests;
    world_link_down(w, WORLD_WLAN);
    checked_run(w, 6900 * MS); /* sent at 0, 1 and 3 seconds, over after 7 */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DEREGISTERING);
    checked_run(w, 200 * MS);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_int_equal(requests_sent(w), before + 3);
    world_end(w);
}

/** WLAN refused for 60 seconds. */
static world *
blocked_world(void)
{
    world *w = new_world();

    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(reply_to(w, world_last(w, true), 128, 0), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    w->lose = NULL;
    return w;
}

static void
test_blocked_until_its_time(void **state)
{
    world *w = blocked_world();

    (void)state;
    checked_run(w, 59 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

static void
test_a_blocked_link_flaps(void **state)
{
    world *w = blocked_world();

    (void)state;
    world_link_down(w, WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_true(fb_agent_next_timeout(w->mobile_node) == FB_TIME_NEVER);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

static void
test_a_blocked_link_gets_another_address(void **state)
{
    world *w = blocked_world();

    (void)state;
    world_change_address(w, WORLD_WLAN, 0xcb007114u);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* RFC 7629 5.1: a change of care-of address MUST have O; so has its repetition with yet another address. */
static void
test_the_address_changes_again_before_the_answer(void **state)
{
    world *w = registered_world(1);

    (void)state;
    w->lose = lose_requests;
    world_change_address(w, WORLD_WLAN, 0xcb007114u);
    assert_true(look_at(world_last(w, true)).overwrite);
    world_change_address(w, WORLD_WLAN, 0xcb007115u);
    checked_run(w, FB_SECOND); /* C-19 */
    assert_true(look_at(world_last(w, true)).overwrite);
    assert_int_equal(look_at(world_last(w, true)).care_of_address, 0xcb007115u);
    w->lose = NULL;
    checked_run(w, 3 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

/* What was lost when there was nobody to tell is told by the first path that comes: else its packets go nowhere. */
static void
test_bindings_of_lost_paths_are_taken_away(void **state)
{
    world *w = registered_world(2);

    (void)state;
    w->lose = lose_requests;
    world_link_down(w, WORLD_WLAN);
    world_link_down(w, WORLD_LTE);
    w->lose = NULL;
    assert_bound(w, "12");
    world_link_up(w, WORLD_CDMA);
    checked_run(w, 2 * FB_SECOND);
    assert_bound(w, "3");
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 2 * FB_SECOND);
    assert_bound(w, "13");
    world_end(w);
}

/* A binding that the home agent lost is noticed although one request with B refreshes all. */
static void
test_a_binding_lost_at_the_home_agent_comes_back(void **state)
{
    world *w = registered_world(3);
    request r;

    (void)state;
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        r = request_new(w, 0, care_of(bid));
        request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
        assert_int_equal(request_send(w, &r).code, 0);
    }
    assert_bound(w, "");
    checked_run(w, 3 * 480 * FB_SECOND + 10 * FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* The policy went with the last binding at the home agent (D-25); it has to come again with the first new one. */
static void
test_the_policy_comes_back_after_all_paths_were_lost(void **state)
{
    world *w = new_world();
    fb_rule rules[5];

    (void)state;
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 4); /* but the one for HTTP over LTE */
    world_link_down(w, WORLD_WLAN);
    checked_run(w, 700 * FB_SECOND);
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, FB_SECOND);
    assert_bound(w, "1");
    assert_int_equal(world_rule_count(w), 4);
    world_end(w);
}

/* ---- the wall clock ---- */

static void
test_the_wall_clock_steps(void **state)
{
    static const int64_t step_s[] = {3600, -3600, 1, -1, 86400 * 365, -86400 * 365};

    (void)state;
    for (size_t i = 0; i < sizeof step_s / sizeof step_s[0]; i++)
    {
        world *w = registered_world(1);
        size_t before = requests_sent(w);

        set_clock(w,
                  w->mobile_node,
                  (uint32_t)(WORLD_NTP + w->now / FB_SECOND + step_s[i]),
                  w->now);
        world_link_up(w, WORLD_LTE);
        checked_run(w, 12 * FB_SECOND);
        /* At once, or after one answer with code 133, or two when the first guess was not newer than the last */
        assert_in_range(requests_sent(w) - before, 1, 3);
        assert_bound(w, "12");
        assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
        checked_run(w, 1000 * FB_SECOND); /* refreshes go through as well */
        assert_bound(w, "12");
        world_end(w);
    }
}

static void
test_the_ntp_era_changes(void **state)
{
    world *w = new_world();

    (void)state;
    set_clock(w, w->mobile_node, UINT32_MAX - 100, w->now);
    set_clock(w, w->home_agent, UINT32_MAX - 100, w->now);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 1000 * FB_SECOND);
    world_link_up(w, WORLD_LTE);
    checked_run(w, 1000 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_IDENTIFICATION), 0);
    world_end(w);
}

/* ---- the host's side ---- */

static void
test_a_message_that_does_not_fit_stays(void **state)
{
    world *w = registered_world(3);
    fb_fact fact = {.kind = FB_FACT_POLICY};
    uint8_t octets[1500];
    fb_rule rules[5];
    fb_meta meta;
    ptrdiff_t length;

    (void)state;
    fact.u.policy.count = world_figure2(rules);
    fact.u.policy.rules = rules;
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_OK);
    for (size_t capacity = 0; capacity < 132; capacity++)
    {
        uint8_t *small = malloc(capacity == 0 ? 1 : capacity);

        assert_non_null(small);
        length = fb_agent_output(w->mobile_node, &meta, small, capacity, w->now);
        assert_int_equal(length, FB_ERR_LIMIT);
        free(small);
    }
    assert_true(fb_agent_next_timeout(w->mobile_node) <= w->now);
    length = fb_agent_output(w->mobile_node, &meta, octets, 132, w->now);
    assert_int_equal(length, 132); /* as vector M12 is */
    assert_int_equal(fb_agent_output(w->mobile_node, &meta, octets, sizeof octets, w->now), 0);
    /* Nothing was spent on the attempts: its Identification is of now */
    assert_int_equal(octets_u32(octets + 16), WORLD_NTP + w->now / FB_SECOND);
    assert_int_equal(world_inject(w, true, &meta, octets, (size_t)length), FB_REASON_NONE);
    assert_int_equal(world_rule_count(w), 5);
    world_end(w);
}

static int
link_fact(world *w, fb_link link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_UP, .u.link = link};

    return fb_agent_fact(w->mobile_node, &fact, w->now);
}

static void
test_links_that_make_no_sense(void **state)
{
    world *w = registered_world(1);
    fb_link good = {.link = 9,
                    .address = fb_addr_from_ipv4(0xcb007150u),
                    .bid = 9,
                    .label = 1,
                    .technology = 4};
    fb_link bad;

    (void)state;
#define REFUSED(field, value) \
    bad = good;               \
    bad.field = value;        \
    assert_int_equal(link_fact(w, bad), FB_ERR_ARGUMENT)
    REFUSED(link, 0);
    REFUSED(bid, 0);
    REFUSED(bid, 255);
    REFUSED(bid, 1); /* link 1 has it */
    REFUSED(label, 0);
    REFUSED(technology, 0);
    REFUSED(address, fb_addr_from_ipv4(0));
    REFUSED(address.family, FB_FAMILY_IPV6);
    REFUSED(address.family, FB_FAMILY_NONE);
    REFUSED(link, 1); /* which is registered with BID 1: the home agent knows it by that */
#undef REFUSED
    assert_int_equal(world_state(w, 9), -1);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    for (uint8_t n = 9; n < 16; n++)
    {
        good.link = good.bid = n;
        good.address = fb_addr_from_ipv4(0xcb007150u + n);
        assert_int_equal(link_fact(w, good), FB_OK);
    }
    good.link = good.bid = 77; /* eight links are known, one more than the limit has room for */
    assert_int_equal(link_fact(w, good), FB_ERR_LIMIT);
    world_end(w);
}

static void
test_what_is_not_known(void **state)
{
    world *w = registered_world(1);
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = 7};

    (void)state;
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_UNKNOWN);
    fact = (fb_fact){.kind = FB_FACT_REGISTER, .u.bid = 7};
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_UNKNOWN);
    fact = (fb_fact){.kind = FB_FACT_DEREGISTER, .u.bid = 7};
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_UNKNOWN);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

static int
policy_of_one(world *w, const fb_rule *rule)
{
    fb_fact fact = {.kind = FB_FACT_POLICY, .u.policy = {.rules = rule, .count = 1}};

    return fb_agent_fact(w->mobile_node, &fact, w->now);
}

static void
test_policies_that_make_no_sense(void **state)
{
    world *w = new_world();
    fb_rule good = forward_rule("12", UDP, SIP), bad = good, many[65];
    fb_rule found;

    (void)state;
    bad.action = 2;
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    bad = good;
    bad.bid_count = 0;
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    bad.bid_count = 9;
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    bad = good;
    bad.bid[1] = 0;
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    bad.bid[1] = 255;
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    bad = good;
    bad.selector.format = 3;
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    bad = good;
    bad.selector.u.v4.present |= FB_SELECTOR4_DS_END; /* without its start */
    assert_int_equal(policy_of_one(w, &bad), FB_ERR_ARGUMENT);
    for (size_t i = 0; i < 65; i++)
    {
        many[i] = good;
    }
    assert_int_equal(world_policy(w, many, 65), FB_ERR_LIMIT);
    assert_false(fb_agent_rule(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &found));
    /* D-33: a policy is one message of 1200 octets at most; each of these rules takes 17 */
    assert_int_equal(world_policy(w, many, 64), FB_OK);
    for (size_t i = 0; i < 64; i++)
    {
        many[i].selector.u.v4.present |= FB_SELECTOR4_SPI_START;
    }
    assert_int_equal(world_policy(w, many, 64), FB_ERR_LIMIT);
    world_end(w);
}

static void
test_the_largest_policy_fits_its_message(void **state)
{
    world *w = new_world();
    fb_rule many[64];

    (void)state;
    for (size_t i = 0; i < 64; i++)
    {
        many[i] = forward_rule("1", UDP, (uint16_t)(1000 + i));
    }
    assert_int_equal(world_policy(w, many, 64), FB_OK);
    world_link_up(w, WORLD_WLAN);
    assert_true(world_last(w, true)->length <= 1200);
    checked_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 64);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_go_one_after_another),
        cmocka_unit_test(test_a_silent_path_yields_after_two_sendings),
        cmocka_unit_test(test_from_the_third_sending_on_nobody_is_held_up),
        cmocka_unit_test(test_a_silent_path_does_not_give_away_the_token_of_another),
        cmocka_unit_test(test_an_answer_belongs_to_one_request),
        cmocka_unit_test(test_identifications_grow_and_differ_in_their_low_halves),
        cmocka_unit_test(test_back_off_doubles),
        cmocka_unit_test(test_back_off_ends_at_the_lifetime),
        cmocka_unit_test(test_the_first_wait_is_configured),
        cmocka_unit_test(test_an_answer_ends_the_back_off),
        cmocka_unit_test(test_refreshed_at_four_fifths_of_the_lifetime),
        cmocka_unit_test(test_what_is_not_refreshed_ends_at_both),
        cmocka_unit_test(test_a_lifetime_without_end),
        cmocka_unit_test(test_a_dead_bulk_refresh_does_not_starve_the_others),
        cmocka_unit_test(test_link_down_while_queued),
        cmocka_unit_test(test_link_down_while_pending),
        cmocka_unit_test(test_link_down_while_pending_with_another_path),
        cmocka_unit_test(test_another_address_while_pending),
        cmocka_unit_test(test_another_address_while_queued),
        cmocka_unit_test(test_link_down_while_up_with_another_path),
        cmocka_unit_test(test_link_down_while_a_refresh_is_pending),
        cmocka_unit_test(test_link_back_while_deregistering),
        cmocka_unit_test(test_the_last_link_goes_while_another_deregisters),
        cmocka_unit_test(test_a_deregistration_gives_up_after_three_sendings),
        cmocka_unit_test(test_blocked_until_its_time),
        cmocka_unit_test(test_a_blocked_link_flaps),
        cmocka_unit_test(test_a_blocked_link_gets_another_address),
        cmocka_unit_test(test_the_address_changes_again_before_the_answer),
        cmocka_unit_test(test_bindings_of_lost_paths_are_taken_away),
        cmocka_unit_test(test_a_binding_lost_at_the_home_agent_comes_back),
        cmocka_unit_test(test_the_policy_comes_back_after_all_paths_were_lost),
        cmocka_unit_test(test_the_wall_clock_steps),
        cmocka_unit_test(test_the_ntp_era_changes),
        cmocka_unit_test(test_a_message_that_does_not_fit_stays),
        cmocka_unit_test(test_links_that_make_no_sense),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_policies_that_make_no_sense),
        cmocka_unit_test(test_the_largest_policy_fits_its_message),
    };

    return cmocka_run_group_tests_name("role/mobile_node", tests, NULL, NULL);
}
