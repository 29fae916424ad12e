/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: the mobile node updates a registration whose care-of address has changed, O = 1, and what that does to
 * the other bindings (D-09, C-13).
 */

#include "exchange.h"

#include <string.h>

#define NEW_WLAN 0xcb007114u /* 203.0.113.20, as in vector M06 */

static test_vectors *vectors;

static world *
changing_world(fb_coa_change how, unsigned links)
{
    world_setup setup;
    fb_rule rules[5];
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.coa_change = how;
    w = world_start(&setup);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    for (unsigned link = 1; link <= links; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(world_binding_count(w), links);
    return w;
}

static void
assert_address(const world *w, uint8_t bid, fb_ipv4 address)
{
    fb_binding_view view;

    assert_true(world_binding(w, bid, &view));
    assert_int_equal(view.care_of_address, address);
}

/* a single binding: "the Overwrite Flag (O) flag MUST be set", with BID, new address, through that interface */
static void
test_single_binding_overwrites(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_REPLACE, 1);
    size_t requests = requests_sent(w);
    const world_message *message;
    seen initial, s;

    (void)state;
    requirement("R7629-5.1-20", "R7629-5.1-21", "R7629-5.1-22", "C-13");
    world_change_address(w, 1, NEW_WLAN);
    assert_int_equal(requests_sent(w), requests + 1);
    message = world_last(w, true);
    initial = request_sent(w, 0);
    s = look_at(message);
    assert_true(s.overwrite && !s.bulk);
    assert_int_equal(s.bid, 1);
    assert_int_equal(s.multipaths, 1);
    assert_int_equal(s.care_of_address, NEW_WLAN);
    assert_int_equal(fb_addr_to_ipv4(&message->meta.src), NEW_WLAN);
    assert_int_equal(message->meta.link, 1);
    /* As the initial registration in the rest; the policy too, as O deletes the home agent's */
    assert_int_equal(s.flags, initial.flags);
    assert_int_equal(s.lifetime_s, initial.lifetime_s);
    assert_int_equal(s.label, initial.label);
    assert_int_equal(s.technology, initial.technology);
    assert_int_equal(s.flow_bindings, initial.flow_bindings);
    world_run(w, FB_SECOND);
    assert_bound(w, "1");
    assert_address(w, 1, NEW_WLAN);
    assert_int_equal(world_rule_count(w), initial.flow_bindings);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).outer_source, NEW_WLAN);
    assert_true(world_downlink(w, UDP, SIP, 40000).delivered);
    world_end(w);
}

/* the mobile node sends M06 */
static void
test_mobile_node_sends_m06(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-5.1-22", "R7629-4.1-22", "M06");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 1800;
    setup.mobile_node.mobile_node.port = 51434;
    setup.mobile_node.mobile_node.coa_change = FB_COA_CHANGE_OVERWRITE;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run_until(w, 400 * FB_SECOND);
    world_change_address(w, 1, NEW_WLAN);
    assert_sent_vector(world_last(w, true), vectors_find(vectors, "M06"));
    world_end(w);
}

/*
 * Two bindings or more, by default: that BID is de-registered over another path and registered anew with O = 0. Nothing
 * else is touched, and the rules survive
 */
static void
test_replace(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_REPLACE, 3);
    size_t requests = requests_sent(w), since = w->events;
    const world_message *gone, *again;
    seen s;

    (void)state;
    requirement("C-13", "D-09", "D-25", "D-37", "R7629-5.1-20");
    world_change_address(w, 1, NEW_WLAN);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 2);

    gone = world_sent(w, true, requests);
    s = look_at(gone);
    assert_int_equal(s.lifetime_s, 0);
    assert_int_equal(s.bid, 1);
    assert_int_equal(s.care_of_address, care_of(1));
    assert_int_equal(gone->meta.link, 2); /* the preferred one of the others */
    assert_int_equal(fb_addr_to_ipv4(&gone->meta.src), care_of(2));
    assert_false(s.overwrite);

    again = world_sent(w, true, requests + 1);
    s = look_at(again);
    assert_int_equal(s.lifetime_s, 600);
    assert_int_equal(s.bid, 1);
    assert_int_equal(s.care_of_address, NEW_WLAN);
    assert_int_equal(again->meta.link, 1);
    assert_false(s.overwrite);

    assert_bound(w, "123");
    assert_address(w, 1, NEW_WLAN);
    for (uint8_t bid = 2; bid <= 3; bid++)
    {
        assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING, bid), 0);
        assert_int_equal(events_of(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_BINDING, bid), 0);
    }
    assert_int_equal(world_rule_count(w), 5);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, NEW_WLAN);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).outer_source, NEW_WLAN);
    world_end(w);
}

/* ... while it is away its flows ride as the policy says */
static void
test_flows_during_replace(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_REPLACE, 3);

    (void)state;
    requirement("C-13", "R7629-4.2-16");
    world_change_address(w, 1, NEW_WLAN);
    /* At once at the mobile node: the address is not its own any more */
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);
    world_run(w, 31 * FB_MILLISECOND); /* the de-registration has arrived */
    assert_bound(w, "23");
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    world_run(w, FB_SECOND);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    world_end(w);
}

/* the switch `overwrite`: O = 1 as 5.1 says, then every other path again in turn, the policy whole at the end */
static void
test_overwrite_and_repair(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_OVERWRITE, 3);
    size_t requests = requests_sent(w), since = w->events;
    fb_time started = w->now;
    char text[64];
    seen s;

    (void)state;
    requirement("D-09", "R7629-5.1-22", "R7629-5.2-06");
    world_change_address(w, 1, NEW_WLAN);
    s = request_sent(w, requests);
    assert_true(s.overwrite);
    assert_int_equal(s.care_of_address, NEW_WLAN);
    assert_int_equal(s.lifetime_s, 600);
    world_run(w, 11 * FB_MILLISECOND);
    assert_bound(w, "1"); /* all others are gone */
    assert_non_null(binding_event(w, since, FB_ROLE_HOME_AGENT, 2, FB_BINDING_DOWN));
    world_run(w, 10 * FB_SECOND);

    assert_int_equal(requests_sent(w), requests + 3);
    for (size_t i = 1; i < 3; i++)
    {
        s = request_sent(w, requests + i);
        assert_int_equal(s.bid, i + 1);
        assert_false(s.overwrite);
        assert_int_equal(world_sent(w, true, requests + i)->meta.link, i + 1);
        assert_true(world_sent(w, true, requests + i)->sent_at >=
                    world_sent(w, false, requests + i - 1)->arrives_at);
    }
    assert_string_equal(policy_sent(world_last(w, true), text), "12 D 2 D 321");
    assert_bound(w, "123");
    assert_address(w, 1, NEW_WLAN);
    assert_int_equal(world_rule_count(w), 5);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_UP);
    }
    /* The gap: 20 ms for WLAN, 60 for LTE, 200 for CDMA, and no more */
    assert_true(world_last(w, false)->arrives_at == started + 280 * FB_MILLISECOND);
    world_end(w);
}

/* ... the other bindings are not used in between, as their tunnels are gone at the home agent */
static void
test_overwritten_bindings_are_not_used(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_OVERWRITE, 3);

    (void)state;
    requirement("D-09", "R7629-4.1-22");
    world_change_address(w, 1, NEW_WLAN);
    world_run(w, 21 * FB_MILLISECOND); /* accepted, and known to be */
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_PENDING);
    assert_int_equal(world_state(w, 3), FB_BINDING_QUEUED);
    assert_int_equal(world_uplink(w, TCP, SSH, 40000).bid, 1);
    assert_int_equal(world_uplink(w, TCP, HTTP, 40000).reason, FB_DROP_POLICY);
    world_end(w);
}

/* two addresses change at once: the second O would wipe the first; it becomes 0 */
static void
test_second_overwrite_becomes_plain(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_OVERWRITE, 3);
    size_t requests = requests_sent(w), overwriting = 0;

    (void)state;
    requirement("C-03", "D-09");
    world_change_address(w, 1, NEW_WLAN);
    world_change_address(w, 2, care_of(2) + 3);
    world_run(w, 10 * FB_SECOND);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        overwriting += request_sent(w, i).overwrite;
    }
    assert_int_equal(overwriting, 1);
    assert_bound(w, "123");
    assert_address(w, 1, NEW_WLAN);
    assert_address(w, 2, care_of(2) + 3);
    assert_int_equal(world_rule_count(w), 5);
    world_end(w);
}

/* the switch `in-place`: O = 0, which relies on the home agent to change the address of a known BID (D-10) */
static void
test_in_place(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_IN_PLACE, 3);
    size_t requests = requests_sent(w), since = w->events;
    seen s;

    (void)state;
    requirement("D-09", "D-10");
    world_change_address(w, 1, NEW_WLAN);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 1);
    s = request_sent(w, requests);
    assert_false(s.overwrite);
    assert_int_equal(s.bid, 1);
    assert_int_equal(s.care_of_address, NEW_WLAN);
    assert_bound(w, "123");
    assert_address(w, 1, NEW_WLAN);
    assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING, 2), 0);
    assert_int_equal(world_rule_count(w), 5);
    world_end(w);
}

/* an address that changes while its first request is out: registered with the new one; nothing is overwritten */
static void
test_change_while_pending(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_OVERWRITE, 2);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("C-03");
    world_link_up(w, 3);
    world_run(w, 50 * FB_MILLISECOND); /* under way */
    world_change_address(w, 3, care_of(3) + 3);
    world_run(w, 10 * FB_SECOND);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        assert_false(request_sent(w, i).overwrite);
    }
    assert_bound(w, "123");
    assert_address(w, 3, care_of(3) + 3);
    world_end(w);
}

/* the same address again is no change */
static void
test_same_address(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_REPLACE, 2);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("R7629-5.1-20");
    world_change_address(w, 1, care_of(1));
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests);
    world_end(w);
}

/* parameters other than the address: label and technology are updated at the home agent just like it */
static void
test_other_parameters(void **state)
{
    world *w = changing_world(FB_COA_CHANGE_OVERWRITE, 1);
    fb_fact fact = {.kind = FB_FACT_LINK_CHANGED,
                    .u.link = {.link = 1,
                               .address = fb_addr_from_ipv4(care_of(1)),
                               .bid = 1,
                               .label = 77,
                               .technology = TECHNOLOGY_WLAN,
                               .preference = 1}};
    fb_binding_view view;

    (void)state;
    requirement("R7629-5.1-20", "R7629-4.1-17");
    world_fact(w, w->mobile_node, &fact);
    world_run(w, FB_SECOND);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.label, 77);
    fact.u.link.technology = TECHNOLOGY_LTE;
    world_fact(w, w->mobile_node, &fact);
    world_run(w, 2 * FB_SECOND);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.technology, TECHNOLOGY_LTE);
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
        cmocka_unit_test(test_single_binding_overwrites),
        cmocka_unit_test(test_mobile_node_sends_m06),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_flows_during_replace),
        cmocka_unit_test(test_overwrite_and_repair),
        cmocka_unit_test(test_overwritten_bindings_are_not_used),
        cmocka_unit_test(test_second_overwrite_becomes_plain),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_change_while_pending),
        cmocka_unit_test(test_same_address),
        cmocka_unit_test(test_other_parameters),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_care_of_change", tests, load, unload);
}
