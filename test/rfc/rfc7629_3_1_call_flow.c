/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 3.1, Figure 3: the example call flow, step by step. WLAN comes first, LTE later; HTTP rides WLAN while it is
 * there, voice rides LTE.
 */

#include "exchange.h"

/** The policy of steps (6) and (7). It differs from Figure 2 (D-41). */
static void
set_call_flow_policy(world *w)
{
    fb_rule rules[2] = {forward_rule("12", TCP, HTTP), forward_rule("21", UDP, SIP)};

    assert_int_equal(world_policy(w, rules, 2), FB_OK);
}

static world *
call_flow_world(void)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    set_call_flow_policy(w);
    return w;
}

/* (1): attaches to WLAN and obtains its address before anything is registered */
static void
test_step_1_no_request_without_an_address(void **state)
{
    world *w = call_flow_world();
    fb_fact attached = {.kind = FB_FACT_LINK_UP,
                        .u.link = {.link = 1, .bid = 1, .label = 1, .technology = TECHNOLOGY_WLAN}};

    (void)state;
    requirement("R7629-3.1-01");
    assert_int_equal(fb_agent_fact(w->mobile_node, &attached, w->now), FB_ERR_ARGUMENT);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), 0);

    world_link_up(w, WORLD_WLAN);
    assert_int_equal(requests_sent(w), 1);
    assert_int_equal(request_sent(w, 0).care_of_address, care_of(1));
    world_end(w);
}

/* (2): the request goes through WLAN and has both extensions, in front of the authentication */
static void
test_step_2_request_over_wlan(void **state)
{
    world *w = call_flow_world();
    const world_message *message;
    char text[64];
    seen s;

    (void)state;
    requirement("R7629-3.1-02", "R7629-4.1-08", "R7629-4.2-07");
    world_link_up(w, WORLD_WLAN);
    message = world_sent(w, true, 0);
    s = look_at(message);
    assert_int_equal(message->meta.link, WORLD_WLAN);
    assert_int_equal(fb_addr_to_ipv4(&message->meta.src), care_of(1));
    assert_int_equal(s.multipaths, 1);
    assert_int_equal(s.bid, 1);
    assert_int_equal(s.flow_bindings, 2);
    assert_true(s.multipath < s.authentication);
    assert_true(s.flow_binding[1] < s.authentication);
    /* Only what is registered can be named (RFC 7629 5.2: 153): LTE is not there yet */
    assert_string_equal(policy_sent(message, text), "1 1");
    world_end(w);
}

/* (3): "a value of (0) in the Code field" */
static void
test_step_3_reply_with_code_0(void **state)
{
    world *w = call_flow_world();
    const fb_event *up;
    seen s;

    (void)state;
    requirement("R7629-3.1-03");
    world_link_up(w, WORLD_WLAN);
    world_run(w, 10 * FB_MILLISECOND);
    s = look_at(world_sent(w, false, 0));
    assert_int_equal(s.code, 0);
    assert_int_equal(s.lifetime_s, 600);
    assert_true(s.identification == request_sent(w, 0).identification);
    assert_bound(w, "1");
    up = binding_event(w, 0, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP);
    assert_non_null(up);
    assert_int_equal(up->cause, FB_CAUSE_REGISTERED);
    assert_int_equal(up->care_of_address, care_of(1));
    world_end(w);
}

/* (4): a tunnel for both directions over WLAN; none before Code 0 */
static void
test_step_4_tunnel_over_wlan(void **state)
{
    world *w = call_flow_world();
    world_verdict up, down;

    (void)state;
    requirement("R7629-3.1-04", "R7629-5.1-23");
    world_link_up(w, WORLD_WLAN);
    world_run(w, 5 * FB_MILLISECOND); /* the request is under way */
    up = world_uplink(w, TCP, HTTP, 40000);
    down = world_downlink(w, TCP, HTTP, 40000);
    assert_int_equal(up.kind, FB_DROP_PACKET);
    assert_int_equal(up.reason, FB_DROP_NO_BINDING);
    assert_int_equal(down.reason, FB_DROP_NO_BINDING);

    world_run(w, 10 * FB_MILLISECOND); /* the reply is under way */
    assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
    assert_int_equal(world_uplink(w, TCP, HTTP, 40000).reason, FB_DROP_NO_BINDING);

    world_run(w, 10 * FB_MILLISECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    up = world_uplink(w, TCP, HTTP, 40000);
    down = world_downlink(w, TCP, HTTP, 40000);
    assert_true(up.delivered && down.delivered);
    assert_int_equal(up.outer_source, care_of(1));
    assert_int_equal(down.outer_destination, care_of(1));
    world_end(w);
}

/* (5): attaches to LTE as well; the registration over WLAN is not touched */
static void
test_step_5_second_registration_starts(void **state)
{
    world *w = call_flow_world();
    fb_binding_view before, after;
    size_t since;

    (void)state;
    requirement("R7629-3.1-05");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_true(world_binding(w, 1, &before));
    since = w->events;
    world_link_up(w, WORLD_LTE);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_true(world_binding(w, 1, &after));
    assert_int_equal(after.care_of_address, before.care_of_address);
    assert_true(after.expires == before.expires);
    assert_int_equal(events_of(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_BINDING, 1), 0);
    assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING, 1), 0);
    world_end(w);
}

/* (6), (7): the request over LTE carries both extensions; the home agent accepts the policy */
static void
test_steps_6_and_7_policy_over_lte(void **state)
{
    world *w = call_flow_world();
    const world_message *message;
    char text[64];
    fb_rule rule;

    (void)state;
    requirement("R7629-3.1-06", "D-41");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    world_link_up(w, WORLD_LTE);
    message = world_sent(w, true, 1);
    assert_int_equal(message->meta.link, WORLD_LTE);
    assert_int_equal(fb_addr_to_ipv4(&message->meta.src), care_of(2));
    assert_int_equal(look_at(message).bid, 2);
    assert_string_equal(policy_sent(message, text), "12 21");

    world_run(w, FB_SECOND);
    assert_int_equal(look_at(world_sent(w, false, 1)).code, 0);
    assert_bound(w, "12");
    assert_int_equal(world_rule_count(w), 2);
    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &rule));
    assert_int_equal(rule.selector.u.v4.source_port_start, HTTP);
    assert_int_equal(rule.bid_count, 2);
    assert_memory_equal(rule.bid, ((const uint8_t[]){1, 2}), 2);
    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 1, &rule));
    assert_int_equal(rule.selector.u.v4.source_port_start, SIP);
    assert_memory_equal(rule.bid, ((const uint8_t[]){2, 1}), 2);
    world_end(w);
}

static void
assert_both_ways(world *w, uint8_t protocol, uint16_t port, uint8_t bid)
{
    world_verdict up = world_uplink(w, protocol, port, 40000);
    world_verdict down = world_downlink(w, protocol, port, 40000);

    assert_true(up.delivered && down.delivered);
    assert_int_equal(up.bid, bid);
    assert_int_equal(down.bid, bid);
    assert_int_equal(up.outer_source, care_of(bid));
    assert_int_equal(down.outer_destination, care_of(bid));
}

/* (8): both ends route voice by LTE and HTTP by WLAN */
static void
test_step_8_both_ends_apply_the_policy(void **state)
{
    world *w = call_flow_world();

    (void)state;
    requirement("R7629-3.1-07");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    world_link_up(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    assert_both_ways(w, UDP, SIP, WORLD_LTE);
    assert_both_ways(w, TCP, HTTP, WORLD_WLAN);

    /* "if the WLAN access network is not available": by the other one */
    world_link_down(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_both_ways(w, TCP, HTTP, WORLD_LTE);
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_both_ways(w, TCP, HTTP, WORLD_WLAN);
    assert_both_ways(w, UDP, SIP, WORLD_LTE);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_step_1_no_request_without_an_address),
        cmocka_unit_test(test_step_2_request_over_wlan),
        cmocka_unit_test(test_step_3_reply_with_code_0),
        cmocka_unit_test(test_step_4_tunnel_over_wlan),
        cmocka_unit_test(test_step_5_second_registration_starts),
        cmocka_unit_test(test_steps_6_and_7_policy_over_lte),
        cmocka_unit_test(test_step_8_both_ends_apply_the_policy),
    };

    return cmocka_run_group_tests_name("rfc7629_3_1_call_flow", tests, NULL, NULL);
}
