/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What the mobile node makes of its peer: one that does not know RFC 7629 (D-01, C-03, C-04), one path only, denials.
 */

#include "checked_run.h"
#include "exchange.h"

#include <string.h>

#define MS FB_MILLISECOND

/** For world.lose: a home agent without RFC 7629, which drops what it must not skip (D-01). */
static bool
legacy_home_agent(world *w, const world_message *message)
{
    (void)w;
    return message->to_home_agent && look_at(message).multipaths > 0;
}

static world *
legacy_world(void)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = legacy_home_agent;
    return w;
}

static world *
single_path_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.multipath = false;
    return world_start(&setup);
}

/** The requests sent since @p from, as "MMMPM": with a Multipath Extension, plain. */
static const char *
kinds_sent(const world *w, size_t from, char text[64])
{
    size_t count = 0;

    for (size_t i = from; i < requests_sent(w) && count < 63; i++)
    {
        text[count++] = request_sent(w, i).multipaths > 0 ? 'M' : 'P';
    }
    text[count] = '\0';
    return text;
}

#define assert_kinds(w, from, expected)                                 \
    do                                                                  \
    {                                                                   \
        char kinds_text[64];                                            \
        assert_string_equal(kinds_sent(w, from, kinds_text), expected); \
    }                                                                   \
    while (0)

/** What the mobile node believes last: FB_MULTIPATH_*. */
static int
belief(const world *w)
{
    int to = FB_MULTIPATH_UNKNOWN;

    for (size_t i = 0; i < w->events; i++)
    {
        if (w->event[i].kind == FB_EVENT_MULTIPATH)
        {
            to = w->event[i].to;
        }
    }
    return to;
}

/** Exactly path @p bid is up, and the home agent sends to its care-of address, without RFC 7629. */
static void
assert_single_path(const world *w, uint8_t bid)
{
    fb_binding_view view;

    for (uint8_t link = 1; link <= WORLD_LINKS; link++)
    {
        int state = world_state(w, link);

        assert_int_equal(state == FB_BINDING_UP || state == FB_BINDING_UP_PENDING, link == bid);
    }
    assert_int_equal(world_binding_count(w), 1);
    assert_true(world_binding(w, 0, &view));
    assert_int_equal(view.care_of_address, care_of(bid));
}

/* ---- a peer without RFC 7629 ---- */

static void
test_a_legacy_peer_is_found(void **state)
{
    world *w = legacy_world();

    (void)state;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 30 * FB_SECOND);
    /* Three unanswered, one without 154, which is answered, one more with it (C-04) */
    assert_kinds(w, 0, "MMMPM");
    assert_true(world_sent(w, true, 3)->sent_at == 7 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_OFF);
    assert_single_path(w, WORLD_WLAN);
    assert_int_equal(fb_agent_counter(w->mobile_node, FB_DROP_NO_AUTHENTICATION), 0);
    world_end(w);
}

static void
test_a_legacy_peer_is_refreshed_without_154(void **state)
{
    world *w = legacy_world();
    size_t before;

    (void)state;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 30 * FB_SECOND);
    before = requests_sent(w);
    checked_run(w, 1500 * FB_SECOND);
    assert_kinds(w, before, "PPP");
    assert_single_path(w, WORLD_WLAN);
    world_end(w);
}

static void
test_a_legacy_peer_is_asked_again_after_an_hour(void **state)
{
    world *w = legacy_world();
    size_t before;

    (void)state;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 3590 * FB_SECOND);
    before = requests_sent(w);
    checked_run(w, 40 * FB_SECOND);
    assert_kinds(w, before, "M");
    assert_int_equal(belief(w), FB_MULTIPATH_OFF);
    assert_single_path(w, WORLD_WLAN);
    w->lose = NULL; /* it has learnt RFC 7629 since */
    world_link_up(w, WORLD_LTE);
    checked_run(w, 3600 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_YES);
    assert_bound(w, "12");
    world_end(w);
}

/* The question gets lost with the address it was asked from: it is asked again, an hour later. */
static void
test_a_legacy_peer_is_asked_once_more_when_the_question_was_lost(void **state)
{
    world *w = legacy_world();

    (void)state;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 3600 * FB_SECOND);
    for (int i = 0; i < 200 && look_at(world_last(w, true)).multipaths == 0; i++)
    {
        checked_run(w, 100 * FB_MILLISECOND);
    }
    assert_int_equal(look_at(world_last(w, true)).multipaths, 1);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP_PENDING);
    world_change_address(w, WORLD_WLAN, 0xcb007114u);
    checked_run(w, 10 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_OFF);
    w->lose = NULL;
    checked_run(w, 3700 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_YES);
    assert_bound(w, "1");
    world_end(w);
}

/* However many links there are: in the end both sides mean the same path. */
static void
test_a_legacy_peer_and_several_links(void **state)
{
    (void)state;
    for (unsigned first = 1; first <= 3; first++)
    {
        world *w = legacy_world();
        unsigned up = 0;

        for (unsigned i = 0; i < 3; i++)
        {
            world_link_up(w, 1 + (first - 1 + i) % 3);
        }
        checked_run(w, 60 * FB_SECOND);
        assert_int_equal(belief(w), FB_MULTIPATH_OFF);
        for (uint8_t bid = 1; bid <= 3; bid++)
        {
            up = world_state(w, bid) == FB_BINDING_UP ? bid : up;
        }
        assert_single_path(w, (uint8_t)up);
        world_end(w);
    }
}

/* One loss of a request with 154 is not proof enough while another path has just shown that it is understood. */
static bool
lose_wlan_but_plain(world *w, const world_message *message)
{
    uint32_t link = message->meta.link;

    (void)w;
    return message->to_home_agent && link == WORLD_WLAN && look_at(message).multipaths > 0;
}

static void
test_another_path_shows_that_154_is_understood(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_wlan_but_plain;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 7005 * MS); /* the one without 154 is on its way */
    assert_kinds(w, 0, "MMMP");
    world_link_up(w, WORLD_LTE);
    checked_run(w, 60 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_YES);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    assert_bound(w, "2");
    w->lose = NULL;
    checked_run(w, 600 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_YES);
    assert_bound(w, "12");
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* A path that looked for a legacy peer when another found none goes on with 154: plain would wipe all (D-26). */
static void
test_no_more_plain_requests_once_154_is_understood(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->connected[WORLD_WLAN] = false;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 8 * FB_SECOND); /* the plain one of second 7 is unanswered too */
    assert_kinds(w, 0, "MMMP");
    w->lose = NULL;
    w->connected[WORLD_WLAN] = false;
    world_link_up(w, WORLD_LTE);
    world_link_up(w, WORLD_CDMA);
    checked_run(w, 2 * FB_SECOND);
    assert_bound(w, "23");
    w->connected[WORLD_WLAN] = true;
    checked_run(w, 100 * FB_SECOND);
    assert_kinds(w, 4, "MMM");
    assert_bound(w, "123");
    world_end(w);
}

/* The answer to a plain request comes when another path has been accepted with 154 meanwhile: who won at the home agent
 * is unknown, so everything is registered again. */
static void
test_a_late_answer_to_a_plain_request(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_wlan_but_plain;
    w->delay[WORLD_LTE] = 400 * MS;
    w->delay[WORLD_WLAN] = 450 * MS;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 6900 * MS);
    w->delay[WORLD_LTE] = 100 * MS;
    world_link_up(
        w,
        WORLD_LTE); /* accepted at 7.0, answered at 7.1; WLAN's plain one arrives at 7.45 */
    w->lose = lose_wlan_but_plain;
    checked_run(w, 1200 * MS);
    w->lose = NULL;
    checked_run(w, 20 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_YES);
    assert_bound(w, "12");
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    world_end(w);
}

/* C-04: code 133 above all; with a wrong clock a legacy peer would never be found. */
static void
test_a_legacy_peer_and_a_wrong_clock(void **state)
{
    world *w = legacy_world();

    (void)state;
    set_clock(w, w->mobile_node, WORLD_NTP + 5000, w->now);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 60 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_OFF);
    assert_single_path(w, WORLD_WLAN);
    world_end(w);
}

/* A dead path is no legacy peer: it comes back with 154. */
static void
test_silence_alone_shows_nothing(void **state)
{
    world *w = legacy_world();

    (void)state;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 30 * FB_SECOND);
    assert_kinds(w, 0, "MMMPM"); /* by turns */
    assert_int_equal(belief(w), FB_MULTIPATH_UNKNOWN);
    w->lose = NULL;
    checked_run(w, 100 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_YES);
    assert_bound(w, "1");
    world_end(w);
}

/* ---- one path only ---- */

static void
test_one_path_only(void **state)
{
    world *w = single_path_world();

    (void)state;
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    checked_run(w, FB_SECOND);
    assert_kinds(w, 0, "P");
    assert_single_path(w, WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    world_end(w);
}

static void
test_another_path_takes_over_when_the_link_goes(void **state)
{
    world *w = single_path_world();

    (void)state;
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    world_link_up(w, WORLD_CDMA);
    checked_run(w, FB_SECOND);
    world_link_down(w, WORLD_WLAN);
    checked_run(w, FB_SECOND);
    assert_single_path(w, WORLD_LTE); /* the preferred one of those left */
    world_link_down(w, WORLD_LTE);
    checked_run(w, FB_SECOND);
    assert_single_path(w, WORLD_CDMA);
    assert_kinds(w, 0, "PPP");
    world_end(w);
}

/* 4.1, Down: an address is obtained, and this is the preferred path. */
static void
test_the_preferred_path_takes_over(void **state)
{
    world *w = single_path_world();

    (void)state;
    world_link_up(w, WORLD_LTE);
    checked_run(w, FB_SECOND);
    assert_single_path(w, WORLD_LTE);
    world_link_up(w, WORLD_CDMA); /* is not */
    checked_run(w, FB_SECOND);
    assert_single_path(w, WORLD_LTE);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, FB_SECOND);
    assert_single_path(w, WORLD_WLAN);
    checked_run(w, 1000 * FB_SECOND);
    assert_single_path(w, WORLD_WLAN);
    world_end(w);
}

static void
test_another_path_takes_over_when_the_first_is_silent(void **state)
{
    world *w = single_path_world();

    (void)state;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    w->lose = NULL;
    w->connected[WORLD_WLAN] = false;
    world_link_up(w, WORLD_LTE);
    checked_run(w, 6900 * MS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    checked_run(w, 200 * MS); /* the third sending is unanswered (C-01) */
    assert_single_path(w, WORLD_LTE);
    world_end(w);
}

/* The same when it was up: what its refresh does not find must not have to wait for the end of the lifetime. */
static void
test_another_path_takes_over_when_a_refresh_is_unanswered(void **state)
{
    world *w = single_path_world();

    (void)state;
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    checked_run(w, 479 * FB_SECOND);
    w->connected[WORLD_WLAN] = false;
    checked_run(w, 9 * FB_SECOND); /* 480, 481, 483, over at 487 */
    assert_single_path(w, WORLD_LTE);
    world_end(w);
}

static void
test_another_path_takes_over_when_the_first_is_denied(void **state)
{
    world *w = single_path_world();

    (void)state;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    w->lose = NULL;
    reply_to(w, world_sent(w, true, 0), 128, 0);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    checked_run(w, FB_SECOND);
    assert_single_path(w, WORLD_LTE);
    world_end(w);
}

/* ---- denials ---- */

static void
test_denials_are_waited_for_longer_each_time(void **state)
{
    static const unsigned wait_s[] = {60, 120, 240, 480};
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    for (size_t i = 0; i < sizeof wait_s / sizeof wait_s[0]; i++)
    {
        assert_int_equal(reply_to(w, world_last(w, true), 135, 0), FB_REASON_NONE);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
        checked_run(w, wait_s[i] * FB_SECOND - 1);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
        checked_run(w, 1);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    }
    assert_int_equal(reply_to(w, world_last(w, true), 0, 600), FB_REASON_NONE);
    checked_run(w, 480 * FB_SECOND);
    /* An acceptance ends that: 60 seconds again, and the binding stays meanwhile (C-02) */
    assert_int_equal(reply_to(w, world_last(w, true), 135, 0), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    checked_run(w, 59 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP_PENDING);
    world_end(w);
}

static void
test_accepted_for_no_time_is_denied(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(reply_to(w, world_last(w, true), 0, 0), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    checked_run(w, FB_SECOND);
    world_end(w);
}

static void
test_a_denied_deregistration_is_over(void **state)
{
    world *w = registered_world(2);

    (void)state;
    w->lose = lose_requests;
    administrator(w, FB_FACT_DEREGISTER, 1);
    assert_int_equal(reply_to(w, world_last(w, true), 128, 0), FB_REASON_NONE);
    assert_int_equal(world_state(w, 1), FB_BINDING_DOWN);
    checked_run(w, FB_SECOND);
    world_end(w);
}

/* C-02: a denial of a refresh does not end the binding; with 152 the preferred path goes on without 154. */
static void
test_152_for_a_refresh_keeps_the_tunnel(void **state)
{
    world *w = registered_world(2);
    fb_subscriber withdrawn;
    world_setup setup;
    size_t before;

    (void)state;
    world_setup_default(&setup);
    withdrawn = setup.subscriber;
    withdrawn.multipath_allowed = false;
    checked_run(w, 470 * FB_SECOND);
    before = w->events;
    world_fact(w,
               w->home_agent,
               &(fb_fact){.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber = withdrawn});
    checked_run(w, 20 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_OFF);
    assert_single_path(w, WORLD_WLAN);
    assert_null(binding_event(w, before, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN));
    world_end(w);
}

static void
test_152_at_first(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    w = world_start(&setup);
    world_link_up(w, WORLD_LTE);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(belief(w), FB_MULTIPATH_OFF);
    assert_single_path(w, WORLD_WLAN);
    checked_run(w, 10000 * FB_SECOND); /* for good: it is no legacy peer (R7629-5.1-10) */
    assert_single_path(w, WORLD_WLAN);
    for (size_t i = 1; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).multipaths, 0);
    }
    world_end(w);
}

/* Nonsense: the next request would be the same again. */
static void
test_152_to_a_request_without_154(void **state)
{
    world *w = single_path_world();

    (void)state;
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(reply_to(w, world_last(w, true), 152, 0), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    assert_int_equal(requests_sent(w), 1);
    world_end(w);
}

/* RFC 5944 5.7.1: at once with the other's clock, but only the first time. */
static void
test_133_again_and_again(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    reply_to(w, world_last(w, true), 133, 0);
    assert_int_equal(requests_sent(w), 2);
    reply_to(w, world_last(w, true), 133, 0);
    assert_int_equal(requests_sent(w), 2);
    checked_run(w, 60 * FB_SECOND);
    for (size_t i = 2; i < requests_sent(w); i++)
    {
        assert_true(world_sent(w, true, i)->sent_at >=
                    world_sent(w, true, i - 1)->sent_at + FB_SECOND);
    }
    world_end(w);
}

static void
test_136_names_the_home_agent(void **state)
{
    world_setup setup;
    world *w;
    uint8_t octets[REPLY_FIXED];

    (void)state;
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    reply_fixed(octets, world_last(w, true), 136, 0);
    memcpy(octets + 8, (const uint8_t[]){192, 0, 2, 9}, 4);
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets), FB_REASON_NONE);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(request_sent(w, 1).home_agent, 0xc0000209u);
    assert_int_equal(fb_addr_to_ipv4(&world_last(w, true)->meta.dst), 0xc0000209u);
    /* Its own address again helps nobody */
    reply_to(w, world_last(w, true), 136, 0);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    world_end(w);
}

/** The home agent loses binding @p bid, and nobody tells the mobile node. */
static void
forget(world *w, uint8_t bid)
{
    request r = request_new(w, 0, care_of(bid));

    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    assert_int_equal(request_send(w, &r).code, 0);
}

/* Several paths wait with a policy that names a lost one: it is repaired once, before any of them is asked again. */
static void
test_153_for_several_waiting_paths(void **state)
{
    world *w = registered_world(1);
    fb_rule rule = forward_rule("1234", UDP, SIP);

    (void)state;
    assert_int_equal(world_policy(w, &rule, 1), FB_OK);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(register_path(w, 4, 600, 0).code, 0); /* so that the policy stays */
    forget(w, 1);
    assert_bound(w, "4");
    for (uint32_t link = 2; link <= 4; link++)
    {
        world_link_up(w, link);
    }
    checked_run(w, 5 * FB_SECOND);
    assert_bound(w, "1234");
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_BID_UNKNOWN), 3); /* one each */
    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &rule));
    assert_int_equal(rule.bid_count, 4);
    world_end(w);
}

/* What 153 put an end to is tried again with the next refresh. */
static void
test_a_policy_refused_too_often_comes_back(void **state)
{
    world *w = registered_world(1);
    fb_rule rule = forward_rule("1", UDP, SIP);

    (void)state;
    w->lose = lose_requests;
    assert_int_equal(world_policy(w, &rule, 1), FB_OK);
    for (int i = 0; i < 100 && world_state(w, 1) == FB_BINDING_UP_PENDING; i++)
    {
        bool policy = look_at(world_last(w, true)).flow_bindings > 0;

        reply_to(w, world_last(w, true), policy ? 153 : 0, 600);
        checked_run(w, 100 * FB_MILLISECOND);
    }
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(look_at(world_last(w, true)).flow_bindings, 0);
    w->lose = NULL;
    checked_run(w, 400 * FB_SECOND);
    assert_int_equal(world_rule_count(w), 0);
    checked_run(w, 100 * FB_SECOND);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/* ---- the administrator ---- */

static void
test_deregister_all_is_one_request(void **state)
{
    world *w = registered_world(3);
    size_t before = requests_sent(w);
    seen all;

    (void)state;
    administrator(w, FB_FACT_DEREGISTER, 0);
    checked_run(w, 2 * FB_SECOND);
    assert_int_equal(requests_sent(w), before + 1);
    all = request_sent(w, before);
    assert_int_equal(all.lifetime_s, 0);
    assert_true(all.bulk);
    assert_int_equal(all.care_of_address, WORLD_HOME_ADDRESS); /* C-09 */
    assert_bound(w, "");
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_DOWN);
    }
    /* Not wanted: a link that comes up again does not register */
    world_link_down(w, WORLD_WLAN);
    world_link_up(w, WORLD_WLAN);
    checked_run(w, 100 * FB_SECOND);
    assert_bound(w, "");
    administrator(w, FB_FACT_REGISTER, 0);
    checked_run(w, 2 * FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* The one request that removes all is late: what was registered meanwhile may be gone, and comes back. */
static void
test_registered_again_while_all_are_deregistered(void **state)
{
    world *w = registered_world(3);
    fb_rule rules[5];

    (void)state;
    assert_int_equal(world_policy(w, rules, world_figure2(rules)), FB_OK);
    checked_run(w, FB_SECOND);
    w->lose = lose_requests;
    administrator(w, FB_FACT_DEREGISTER, 0); /* by WLAN */
    checked_run(w, 100 * FB_MILLISECOND);
    world_link_down(w, WORLD_CDMA);
    administrator(w, FB_FACT_REGISTER, 0);
    world_link_up(w, 4); /* registers before the second sending gets through */
    w->lose = NULL;
    checked_run(w, 20 * FB_SECOND);
    world_link_up(w, WORLD_CDMA);
    checked_run(w, 5 * FB_SECOND);
    assert_bound(w, "1234");
    assert_int_equal(world_rule_count(w), 5);
    for (uint8_t bid = 1; bid <= 4; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_UP);
    }
    world_end(w);
}

static void
test_register_again_while_deregistering(void **state)
{
    world *w = registered_world(2);

    (void)state;
    administrator(w, FB_FACT_DEREGISTER, 1);
    administrator(w, FB_FACT_REGISTER, 1);
    assert_int_equal(world_state(w, 1), FB_BINDING_DEREGISTERING);
    checked_run(w, FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

static void
test_deregister_all_and_the_link_of_the_carrier_goes(void **state)
{
    world *w = registered_world(2);

    (void)state;
    w->lose = lose_requests;
    administrator(w, FB_FACT_DEREGISTER, 0);
    world_link_down(w, WORLD_WLAN);
    checked_run(w, 20 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    assert_true(fb_agent_next_timeout(w->mobile_node) == FB_TIME_NEVER);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_legacy_peer_is_found),
        cmocka_unit_test(test_a_legacy_peer_is_refreshed_without_154),
        cmocka_unit_test(test_a_legacy_peer_is_asked_again_after_an_hour),
        cmocka_unit_test(test_a_legacy_peer_is_asked_once_more_when_the_question_was_lost),
        cmocka_unit_test(test_a_legacy_peer_and_several_links),
        cmocka_unit_test(test_another_path_shows_that_154_is_understood),
        cmocka_unit_test(test_no_more_plain_requests_once_154_is_understood),
        cmocka_unit_test(test_a_late_answer_to_a_plain_request),
        cmocka_unit_test(test_a_legacy_peer_and_a_wrong_clock),
        cmocka_unit_test(test_silence_alone_shows_nothing),
        cmocka_unit_test(test_one_path_only),
        cmocka_unit_test(test_another_path_takes_over_when_the_link_goes),
        cmocka_unit_test(test_the_preferred_path_takes_over),
        cmocka_unit_test(test_another_path_takes_over_when_the_first_is_silent),
        cmocka_unit_test(test_another_path_takes_over_when_a_refresh_is_unanswered),
        cmocka_unit_test(test_another_path_takes_over_when_the_first_is_denied),
        cmocka_unit_test(test_denials_are_waited_for_longer_each_time),
        cmocka_unit_test(test_accepted_for_no_time_is_denied),
        cmocka_unit_test(test_a_denied_deregistration_is_over),
        cmocka_unit_test(test_152_for_a_refresh_keeps_the_tunnel),
        cmocka_unit_test(test_152_at_first),
        cmocka_unit_test(test_152_to_a_request_without_154),
        cmocka_unit_test(test_133_again_and_again),
        cmocka_unit_test(test_136_names_the_home_agent),
        cmocka_unit_test(test_153_for_several_waiting_paths),
        cmocka_unit_test(test_a_policy_refused_too_often_comes_back),
        cmocka_unit_test(test_deregister_all_is_one_request),
        cmocka_unit_test(test_registered_again_while_all_are_deregistered),
        cmocka_unit_test(test_register_again_while_deregistering),
        cmocka_unit_test(test_deregister_all_and_the_link_of_the_carrier_goes),
    };

    return cmocka_run_group_tests_name("role/mobile_node_peer", tests, NULL, NULL);
}
