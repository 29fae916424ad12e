/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 sections 1, 2 and 3: what the protocol is for, and the flows of Figures 1 and 2.
 */

#include "exchange.h"

/** Figure 2: SIP by WLAN, then LTE, else dropped; HTTP by LTE, else dropped; SSH by CDMA, LTE, WLAN. */
static world *
figure2_world(void)
{
    world_setup setup;
    fb_rule rules[5];
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    world_link_up(w, WORLD_CDMA);
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
    return w;
}

static void
deregister(world *w, uint8_t bid)
{
    administrator(w, FB_FACT_DEREGISTER, bid);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, bid), FB_BINDING_DOWN);
}

static void
bring_back(world *w, uint8_t bid)
{
    administrator(w, FB_FACT_REGISTER, bid);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, bid), FB_BINDING_UP);
}

/** Both directions of the flow take path @p bid, from and to its care-of address, and arrive. */
static void
assert_rides(world *w, uint8_t protocol, uint16_t port, uint8_t bid)
{
    world_verdict down = world_downlink(w, protocol, port, 40000);
    world_verdict up = world_uplink(w, protocol, port, 40000);

    assert_int_equal(down.kind, FB_SEND);
    assert_int_equal(down.bid, bid);
    assert_int_equal(down.outer_source, WORLD_HOME_AGENT);
    assert_int_equal(down.outer_destination, care_of(bid));
    assert_true(down.delivered);

    assert_int_equal(up.kind, FB_SEND);
    assert_int_equal(up.bid, bid);
    assert_int_equal(up.outer_source, care_of(bid));
    assert_int_equal(up.outer_destination, WORLD_HOME_AGENT);
    assert_true(up.delivered);
}

static void
assert_dropped(world *w, uint8_t protocol, uint16_t port)
{
    uint64_t at_home_agent = fb_agent_counter(w->home_agent, FB_DROP_POLICY);
    uint64_t at_mobile_node = fb_agent_counter(w->mobile_node, FB_DROP_POLICY);
    world_verdict down = world_downlink(w, protocol, port, 40000);
    world_verdict up = world_uplink(w, protocol, port, 40000);

    assert_int_equal(down.kind, FB_DROP_PACKET);
    assert_int_equal(down.reason, FB_DROP_POLICY);
    assert_int_equal(up.kind, FB_DROP_PACKET);
    assert_int_equal(up.reason, FB_DROP_POLICY);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_POLICY), at_home_agent + 1);
    assert_int_equal(fb_agent_counter(w->mobile_node, FB_DROP_POLICY), at_mobile_node + 1);
}

/* 1: one care-of address per interface, all of them used at the same time */
static void
test_two_paths_at_the_same_time(void **state)
{
    world *w = registered_world(2);
    bool used[3] = {false};

    (void)state;
    requirement("R7629-1-01");
    assert_bound(w, "12");
    for (uint16_t port = 1000; port < 1050; port++)
    {
        world_verdict down = world_downlink(w, UDP, port, 40000);
        world_verdict up = world_uplink(w, UDP, port, 40000);

        assert_true(down.delivered && up.delivered);
        used[down.bid] = true;
        used[up.bid] = true;
    }
    assert_true(used[1] && used[2]);
    world_end(w);
}

/* 1: the exchange of a flow policy is optional */
static void
test_registration_without_a_policy(void **state)
{
    world *w = registered_world(2);

    (void)state;
    requirement("R7629-1-02", "R7629-4.2-04");
    assert_int_equal(requests_sent(w), 2);
    for (size_t i = 0; i < 2; i++)
    {
        assert_int_equal(request_sent(w, i).flow_bindings, 0);
        assert_int_equal(look_at(world_sent(w, false, i)).code, 0);
    }
    assert_int_equal(world_rule_count(w), 0);
    assert_true(world_downlink(w, UDP, SIP, 40000).delivered);
    assert_true(world_uplink(w, UDP, SIP, 40000).delivered);
    world_end(w);
}

/* 2.2: each binding has an identifier of its own and a care-of address of its own */
static void
test_bindings_are_told_apart(void **state)
{
    world *w = registered_world(2);
    fb_binding_view first, second;
    fb_fact same_bid = {.kind = FB_FACT_LINK_UP,
                        .u.link = {.link = 7,
                                   .address = fb_addr_from_ipv4(care_of(3)),
                                   .bid = 2,
                                   .label = 9,
                                   .technology = TECHNOLOGY_LTE}};

    (void)state;
    requirement("R7629-2.2-01");
    assert_true(world_binding(w, 1, &first));
    assert_true(world_binding(w, 2, &second));
    assert_int_equal(first.care_of_address, care_of(1));
    assert_int_equal(second.care_of_address, care_of(2));

    assert_int_equal(fb_agent_fact(w->mobile_node, &same_bid, w->now), FB_ERR_ARGUMENT);
    assert_int_equal(requests_sent(w), 2);
    world_end(w);
}

/* 2.2: a flow is known by its selector; no flow identifier travels */
static void
test_rules_that_differ_by_selector_only(void **state)
{
    world *w = registered_world(0);
    request r = request_new(w, 600, care_of(1));
    size_t without_rules;
    answer a;

    (void)state;
    requirement("R7629-2.2-02");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    without_rules = r.length;
    request_forward(&r, "1", UDP, 5060);
    request_forward(&r, "1", UDP, 5061);
    /* Type, Subtype, Length, Action, BID Count, one BID, TS Format, flag word, port, protocol: no room for more */
    assert_int_equal(r.length - without_rules, 2 * (4 + 1 + 1 + 1 + 1 + 4 + 2 + 1));
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(world_rule_count(w), 2);
    world_end(w);
}

/* 3: "three care-of addresses, three tunnels", each an overlay path of its own */
static void
test_a_tunnel_for_each_care_of_address(void **state)
{
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-3-01", "R7629-3-02");
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        const char text[2] = {(char)('0' + bid), '\0'};
        fb_rule rule = forward_rule(text, UDP, SIP);

        rule.selector.u.v4.present = 0; /* everything */
        assert_int_equal(world_policy(w, &rule, 1), FB_OK);
        world_run(w, FB_SECOND);
        assert_rides(w, UDP, 1234, bid);
        assert_rides(w, 1, 0, bid); /* ICMP: ping */
    }
    world_end(w);
}

/* 3: both ends choose the access path of each flow by the negotiated policy */
static void
test_both_directions_ride_the_same_path(void **state)
{
    world *w = figure2_world();

    (void)state;
    requirement("R7629-3-03", "D-21");
    assert_rides(w, UDP, SIP, WORLD_WLAN);
    assert_rides(w, TCP, HTTP, WORLD_LTE);
    assert_rides(w, TCP, SSH, WORLD_CDMA);
    world_end(w);
}

/* 3, Figure 2: the selector's source port is the correspondent's, on both sides */
static void
test_the_mobile_node_mirrors_selectors(void **state)
{
    world *w = registered_world(2);
    fb_rule rules[2] = {forward_rule("2", UDP, SIP), drop_rule(UDP, 7000)};
    world_verdict down, up;

    (void)state;
    requirement("D-21", "R7629-5.1-26");
    assert_int_equal(world_policy(w, rules, 2), FB_OK);
    world_run(w, FB_SECOND);
    assert_rides(w, UDP, SIP, WORLD_LTE);
    /* The same number at the mobile node's own end means nothing */
    down = world_downlink(w, UDP, 40000, 7000);
    up = world_uplink(w, UDP, 40000, 7000);
    assert_int_equal(down.kind, FB_SEND);
    assert_int_equal(up.kind, FB_SEND);
    assert_int_equal(up.bid, down.bid);
    assert_dropped(w, UDP, 7000);
    world_end(w);
}

/* 3, Figures 1 and 2, Flow_1: SIP by WLAN, if not available by LTE, else dropped */
static void
test_sip_moves_to_lte_and_is_then_dropped(void **state)
{
    world *w = figure2_world();

    (void)state;
    requirement("R7629-3-04", "D-24");
    assert_rides(w, UDP, SIP, WORLD_WLAN);
    deregister(w, WORLD_WLAN);
    assert_rides(w, UDP, SIP, WORLD_LTE);
    deregister(w, WORLD_LTE);
    assert_bound(w, "3");
    assert_dropped(w, UDP, SIP);
    bring_back(w, WORLD_LTE);
    assert_rides(w, UDP, SIP, WORLD_LTE);
    bring_back(w, WORLD_WLAN);
    assert_rides(w, UDP, SIP, WORLD_WLAN);
    world_end(w);
}

/* 3, Figure 2, Flow_3: HTTP by LTE, else dropped */
static void
test_http_is_dropped_without_lte(void **state)
{
    world *w = figure2_world();

    (void)state;
    requirement("R7629-3-05", "D-24");
    assert_rides(w, TCP, HTTP, WORLD_LTE);
    deregister(w, WORLD_LTE);
    assert_bound(w, "13");
    assert_dropped(w, TCP, HTTP);
    bring_back(w, WORLD_LTE);
    assert_rides(w, TCP, HTTP, WORLD_LTE);
    world_end(w);
}

/* 3, Figure 2, Flow_2: SSH by CDMA, else LTE, else WLAN */
static void
test_ssh_falls_back_twice(void **state)
{
    world *w = figure2_world();

    (void)state;
    requirement("R7629-3-06", "D-24");
    assert_rides(w, TCP, SSH, WORLD_CDMA);
    deregister(w, WORLD_CDMA);
    assert_rides(w, TCP, SSH, WORLD_LTE);
    deregister(w, WORLD_LTE);
    assert_rides(w, TCP, SSH, WORLD_WLAN);
    world_end(w);
}

/* 3: the same when the links themselves fail */
static void
test_figure2_when_links_fail(void **state)
{
    world *w = figure2_world();

    (void)state;
    requirement("R7629-3-04", "R7629-3-05", "R7629-3-06", "D-37");
    world_link_down(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_bound(w, "23");
    assert_rides(w, UDP, SIP, WORLD_LTE);
    assert_rides(w, TCP, HTTP, WORLD_LTE);
    assert_rides(w, TCP, SSH, WORLD_CDMA);
    world_link_down(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    assert_bound(w, "3");
    assert_dropped(w, UDP, SIP);
    assert_dropped(w, TCP, HTTP);
    assert_rides(w, TCP, SSH, WORLD_CDMA);
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_rides(w, UDP, SIP, WORLD_WLAN);
    assert_dropped(w, TCP, HTTP);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_paths_at_the_same_time),
        cmocka_unit_test(test_registration_without_a_policy),
        cmocka_unit_test(test_bindings_are_told_apart),
        cmocka_unit_test(test_rules_that_differ_by_selector_only),
        cmocka_unit_test(test_a_tunnel_for_each_care_of_address),
        cmocka_unit_test(test_both_directions_ride_the_same_path),
        cmocka_unit_test(test_the_mobile_node_mirrors_selectors),
        cmocka_unit_test(test_sip_moves_to_lte_and_is_then_dropped),
        cmocka_unit_test(test_http_is_dropped_without_lte),
        cmocka_unit_test(test_ssh_falls_back_twice),
        cmocka_unit_test(test_figure2_when_links_fail),
    };

    return cmocka_run_group_tests_name("rfc7629_3_overview", tests, NULL, NULL);
}
