/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.2: what the home agent does with the Multipath and Flow-Binding Extensions of a registration.
 */

#include "exchange.h"

static test_vectors *vectors;

/* ---- authorisation ---- */

/* "should check if the mobile node is authorized"; if not, "MUST reject" with 152, whatever the flags say */
static void
test_multipath_not_allowed(void **state)
{
    static const uint8_t flags[] = {0, FLAG_B, FLAG_O};

    (void)state;
    requirement("R7629-5.2-01", "R7629-5.2-02", "D-32");
    for (size_t i = 0; i < sizeof flags; i++)
    {
        world *w = home_agent_world(NULL, false);
        request r = path_request(w, 1, 600, flags[i]);

        assert_denied(request_send(w, &r), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
        assert_bound(w, "");
        assert_null(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING));
        /* It may register without (5.1) */
        r = request_new(w, 600, care_of(1));
        assert_int_equal(request_send(w, &r).code, 1);
        assert_bound(w, "0");
        world_end(w);
    }
}

/* the same for every node when the home agent has it switched off */
static void
test_multipath_not_enabled(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;

    (void)state;
    requirement("R7629-5.2-02");
    config.multipath = false;
    w = home_agent_world(&config, true);
    assert_denied(register_path(w, 1, 600, 0), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_bound(w, "");
    world_end(w);
}

/* a right withdrawn: nothing changes by itself; 152 to all that carries 154, Lifetime 0 too */
static void
test_right_withdrawn(void **state)
{
    world *w = bound_world(2);
    snapshot before;
    request r;

    (void)state;
    requirement("R7629-5.2-02", "D-32", "C-12");
    before = home_agent_state(w);
    allow_multipath(w, false);
    assert_unchanged(w, &before);
    assert_denied(register_path(w, 1, 600, 0), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_denied(register_path(w, 2, 0, 0), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_unchanged(w, &before);

    /* Without 154 the node can remove what is there */
    r = request_new(w, 0, care_of(2));
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "1");
    world_end(w);
}

/* ... unless the switch says that de-registrations are honoured */
static void
test_lenient_deregistration(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;

    (void)state;
    requirement("C-12", "D-32");
    config.lenient_deregistration = true;
    w = home_agent_world(&config, true);
    register_path(w, 1, 600, 0);
    register_path(w, 2, 600, 0);
    allow_multipath(w, false);
    assert_int_equal(register_path(w, 2, 0, 0).code, 0);
    assert_bound(w, "1");
    assert_int_equal(register_path(w, 1, 600, 0).code, 152);
    world_end(w);
}

/* ---- B ---- */

/* (B): "MUST extend the lifetime of all the bindings" */
static void
test_bulk_reregistration(void **state)
{
    world *w = bound_world(0);
    size_t since;

    (void)state;
    requirement("R7629-5.2-03", "D-06");
    register_path(w, 1, 10, 0);
    register_path(w, 2, 1500, 0);
    register_path(w, 3, 300, 0);
    since = w->events;
    assert_int_equal(register_path(w, 1, 1200, FLAG_B).code, 0);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        fb_binding_view view;

        /* Even where that is shorter: one number in the reply, one lifetime (C-22) */
        assert_true(world_binding(w, bid, &view));
        assert_int_equal(view.lifetime_s, 1200);
        assert_true(view.expires == w->now + 1200 * FB_SECOND);
        assert_true(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING, bid) > 0);
    }
    world_run(w, 1199 * FB_SECOND);
    assert_bound(w, "123");
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "");
    world_end(w);
}

/* B: never more than the home agent grants */
static void
test_bulk_is_limited_by_the_maximum(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 5000, FLAG_B);
    answer a;

    (void)state;
    requirement("D-06", "B5944-11");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 1800);
    assert_int_equal(seconds_left(w, 1), 1800);
    assert_int_equal(seconds_left(w, 2), 1800);
    world_end(w);
}

/* B with a new BID, or a new care-of address: registered normally, and all get the lifetime */
static void
test_bulk_with_a_new_binding(void **state)
{
    world *w = bound_world(2);
    fb_binding_view view;
    request r;

    (void)state;
    requirement("D-08");
    assert_int_equal(register_path(w, 3, 900, FLAG_B).code, 0);
    assert_bound(w, "123");
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(seconds_left(w, bid), 900);
    }
    r = request_new(w, 700, 0xcb007114);
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, FLAG_B);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "123");
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, 0xcb007114);
    assert_int_equal(seconds_left(w, 3), 700);
    world_end(w);
}

/* B with Lifetime 0: all bindings and the policy go, whatever BID and care-of address say. Vector M09 */
static void
test_bulk_deregistration(void **state)
{
    world *w = bound_world(3);
    request r = path_request(w, 1, 600, 0);
    const fb_event *intercept;
    size_t since;
    answer a;

    (void)state;
    requirement("R7629-5.1-19", "D-05", "C-09", "C-10", "D-25", "M09");
    request_forward(&r, "123", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    since = w->events;
    a = play(w, vectors_find(vectors, "M09"));
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    intercept = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(intercept);
    assert_int_equal(intercept->count, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    world_end(w);

    /* Any care-of address, and a BID that was never registered */
    w = bound_world(2);
    r = path_request(w, 9, 0, FLAG_B);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "");
    /* It must still be well formed */
    r = request_new(w, 0, care_of(1));
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 255, FLAG_B);
    assert_int_equal(request_send(w, &r).code, 134);
    world_end(w);
}

/* ---- O ---- */

/* (O): "replace all other mobile node's bindings with just one binding" */
static void
test_overwrite(void **state)
{
    world *w = bound_world(3);
    request r;
    answer a;

    (void)state;
    requirement("R7629-5.2-06", "D-25");
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "321", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);

    r = path_request(w, 2, 600, FLAG_O);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_bound(w, "2");
    assert_int_equal(world_rule_count(w), 0); /* the old rules mean nothing any more */
    world_end(w);
}

/* O with a BID that was not there: also a rebooted node's first request */
static void
test_overwrite_with_a_new_binding(void **state)
{
    world *w = bound_world(3);
    request r = path_request(w, 4, 600, FLAG_O);
    size_t since = w->events;

    (void)state;
    requirement("R7629-5.2-06", "D-25");
    request_forward(&r, "4", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "4");
    assert_int_equal(world_rule_count(w), 1);
    /* The node was never without a binding: its packets were caught all the time */
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));
    world_end(w);
}

/* O: the only BID known is the request's own, and that is checked before anything is wiped */
static void
test_overwrite_that_names_other_bindings(void **state)
{
    world *w = bound_world(3);
    snapshot before = home_agent_state(w);
    request r = path_request(w, 1, 600, FLAG_O);

    (void)state;
    requirement("C-15", "D-12", "R7629-5.2-05");
    request_forward(&r, "12", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);
    world_end(w);
}

/* ---- Flow-Bindings ---- */

/* "must set up the forwarding plane that matches": there when the reply leaves */
static void
test_policy_is_active_with_the_reply(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 600, 0);
    answer a;

    (void)state;
    requirement("R7629-5.2-04");
    request_forward(&r, "2", UDP, SIP);
    request_drop(&r, 255, TCP, HTTP);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_true(a.message->sent_at == w->now);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(2));
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).reason, FB_DROP_POLICY);
    world_end(w);
}

/* "cannot identify any of the binding identifiers": one unknown one is enough; the request's own is known */
static void
test_unknown_bid(void **state)
{
    world *w = bound_world(1);
    snapshot before = home_agent_state(w);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("R7629-5.2-05", "D-12");
    request_forward(&r, "17", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    /* In any of the rules */
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, SIP);
    request_forward(&r, "7", TCP, HTTP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    /* A path that does not exist yet */
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "12", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);

    r = path_request(w, 2, 600, 0);
    request_forward(&r, "21", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12");
    world_end(w);
}

/* the switch: 153 only when all BIDs of a rule are unknown */
static void
test_unknown_bid_tolerated(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    request r;

    (void)state;
    requirement("D-12");
    config.unknown_bid_strict = false;
    w = home_agent_world(&config, true);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "71", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "78", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 153);
    world_end(w);
}

/* a BID about to be taken over by this request's care-of address is not known afterwards */
static void
test_renamed_bid_is_unknown(void **state)
{
    world *w = bound_world(2);
    snapshot before = home_agent_state(w);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("D-11", "D-12");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 9, 0);
    request_forward(&r, "1", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);
    world_end(w);
}

/* an accepted policy replaces the earlier one whole; a request without one leaves it alone */
static void
test_policy_replaces_policy(void **state)
{
    static const uint8_t everything[12] = {154, 2, 0, 8, 1, 1, 2, 1, 0, 0, 0, 0};
    world *w = registered_world(0);
    request r;

    (void)state;
    requirement("D-22", "M03");
    register_path(w, 1, 600, 0);
    assert_int_equal(play(w, vectors_find(vectors, "M03")).code, 0);
    assert_int_equal(world_rule_count(w), 2);
    world_end(w);

    w = bound_world(2);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "12", UDP, SIP);
    request_forward(&r, "2", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(register_path(w, 2, 600, FLAG_B).code, 0);
    assert_int_equal(world_rule_count(w), 2);
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "2", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    /* To clear it: one rule for everything */
    r = path_request(w, 2, 600, 0);
    request_octets(&r, everything, sizeof everything);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/* the policy's life: it stays while bindings go one by one, and ends with the last */
static void
test_policy_ends_with_the_last_binding(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-25");
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(register_path(w, 1, 0, 0).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    since = w->events;
    assert_int_equal(register_path(w, 2, 0, 0).code, 0);
    assert_int_equal(world_rule_count(w), 0);
    assert_int_equal(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_POLICY)->count, 0);
    /* It does not come back with the binding */
    register_path(w, 1, 600, 0);
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* ... also when that expires */
static void
test_policy_ends_with_the_last_expiry(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 500, 0);

    (void)state;
    requirement("D-25", "D-36");
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    world_run(w, 501 * FB_SECOND);
    assert_bound(w, "2");
    assert_int_equal(world_rule_count(w), 1);
    world_run(w, 100 * FB_SECOND);
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* a Flow-Binding without a Multipath Extension would be a plain registration, which wipes the others */
static void
test_flow_binding_without_multipath(void **state)
{
    world *w = bound_world(2);
    snapshot before = home_agent_state(w);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("D-15");
    request_forward(&r, "1", UDP, SIP);
    assert_denied(request_send(w, &r), 134, FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH);
    assert_unchanged(w, &before);
    world_end(w);
}

/* a home agent that takes no policies says 129 and registers nothing */
static void
test_policy_refused(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    request r;

    (void)state;
    requirement("D-34");
    config.flow_policy = false;
    w = home_agent_world(&config, true);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, SIP);
    assert_denied(request_send(w, &r), 129, FB_DROP_FLOW_POLICY_NOT_ALLOWED);
    assert_bound(w, "");
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
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
        cmocka_unit_test(test_multipath_not_allowed),
        cmocka_unit_test(test_multipath_not_enabled),
        cmocka_unit_test(test_right_withdrawn),
        cmocka_unit_test(test_lenient_deregistration),
        cmocka_unit_test(test_bulk_reregistration),
        cmocka_unit_test(test_bulk_is_limited_by_the_maximum),
        cmocka_unit_test(test_bulk_with_a_new_binding),
        cmocka_unit_test(test_bulk_deregistration),
        cmocka_unit_test(test_overwrite),
        cmocka_unit_test(test_overwrite_with_a_new_binding),
        cmocka_unit_test(test_overwrite_that_names_other_bindings),
        cmocka_unit_test(test_policy_is_active_with_the_reply),
        cmocka_unit_test(test_unknown_bid),
        cmocka_unit_test(test_unknown_bid_tolerated),
        cmocka_unit_test(test_renamed_bid_is_unknown),
        cmocka_unit_test(test_policy_replaces_policy),
        cmocka_unit_test(test_policy_ends_with_the_last_binding),
        cmocka_unit_test(test_policy_ends_with_the_last_expiry),
        cmocka_unit_test(test_flow_binding_without_multipath),
        cmocka_unit_test(test_policy_refused),
    };

    return cmocka_run_group_tests_name("rfc7629_5_2_home_agent", tests, load, unload);
}
