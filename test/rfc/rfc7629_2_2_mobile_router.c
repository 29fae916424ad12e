/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 2.2 and 4.2: flows of a mobile router's networks; vector M20, a dual-stack mobile router's request.
 */

#include "agent_internal.h"
#include "router.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** The rule of M20: next header TCP, destination port 443, flow label 0x12345, to BID 2. */
static fb_rule
ipv6_rule(void)
{
    return (fb_rule){.action = FB_RULE_FORWARD,
                     .bid_count = 1,
                     .bid = {2},
                     .selector = {.format = FB_SELECTOR_IPV6,
                                  .u.v6 = {.present = 0x02220000,
                                           .flow_label_start = 0x12345,
                                           .destination_port_start = 443,
                                           .next_header_start = 6}}};
}

/* ---- vector M20 ---- */

/* The mobile node composes it, octet for octet: home-address mode, as there is no 152/3 (C-23) */
static void
test_the_mobile_node_sends_m20(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    fb_rule rule = ipv6_rule();
    world_setup setup;
    world *w;

    (void)state;
    requirement("M20", "C-23", "B2794-01", "B5177-01", "B5454-01");
    router_setup(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 1800;
    setup.mobile_node.mobile_node.port = 51434;
    setup.mobile_node.mobile_node.ipv6_to_home_address = true;
    w = world_start(&setup);
    set_clock(w, w->mobile_node, octets_u32(m20->octets + 16), w->now);
    assert_int_equal(world_policy(w, &rule, 1), FB_OK);
    world_link_up(w, 2);
    assert_sent_vector(world_last(w, true), m20);
    world_end(w);
}

/* "Code 0 with Mobile Network Ack, IPv6 Prefix Reply and NAI in the RRP" */
static void
test_the_home_agent_accepts_m20(void **state)
{
    uint8_t expected[20 + 17 + 10 + 22 + 22] = {
        3,    0,    0x07, 0x08, /* accepted, 1800 s */
        198,  51,   100,  10,   192, 0,   2,   1, /* home address, home agent */
        0xed, 0,    0x3b, 4,    17,  17,  0,   10, /* Identification */
        131,  15,   'm',  'r',  '1', '@', 'e', 'x', 'a', 'm', 'p', 'l', 'e', '.', 'n', 'e',
        't',  148,  8,    1,    0,   28,  0,   198, 51,  100, 128, /* explicit mode, success */
        152,  20,   2,    0,    64,  0, /* accepted, to the home address */
        0x20, 0x01, 0x0d, 0xb8, 0,   10,  0,   0,   0,   0,   0,   0,   0,   0,   0,   0};
    world *w = router_world();
    size_t length = world_sign(expected, 69);
    fb_binding_view view;
    answer a;

    (void)state;
    requirement("M20", "C-23", "B2794-01", "B5177-01", "B5454-02");
    a = play(w, vectors_find(vectors, "M20"));
    assert_int_equal(a.code, 0);
    assert_int_equal(a.message->length, length);
    assert_memory_equal(a.message->octets, expected, length);

    assert_true(world_binding(w, 2, &view));
    assert_int_equal(view.care_of_address, care_of(2));
    assert_int_equal(view.lifetime_s, 1800);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(home_agent_state(w).rule[0].selector.format, FB_SELECTOR_IPV6);
    assert_networks(w, FB_ROLE_HOME_AGENT, "46");
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4+6");
    world_end(w);
}

/* Cut anywhere, or with any bit wrong, it registers nothing */
static void
test_a_damaged_m20(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    world *w = router_world();
    fb_ipv4 source = care_of(2);

    (void)state;
    requirement("M20");
    for (size_t length = 0; length < m20->length; length++)
    {
        assert_int_not_equal(octets_send(w, source, m20->octets, length).reason, 0);
    }
    set_clock(w, w->home_agent, octets_u32(m20->octets + 16), w->now);
    for (size_t bit = 0; bit < 8 * m20->length; bit++)
    {
        uint8_t *copy = vectors_copy(m20->octets, m20->length);

        copy[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_int_not_equal(octets_send(w, source, copy, m20->length).reason, 0);
        free(copy);
    }
    assert_bound(w, "");
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    world_end(w);
}

/** Signed again after any change of its extensions, it is accepted or refused, never half. */
static void
test_m20_with_other_extensions(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    size_t accepted = 0, refused = 0;

    (void)state;
    requirement("M20");
    for (size_t bit = 8 * REQUEST_FIXED; bit < 8 * 69; bit++)
    {
        world *w = router_world();
        uint8_t octets[128];
        answer a;

        memcpy(octets, m20->octets, m20->length);
        octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        world_sign(octets, m20->length - 22);
        set_clock(w, w->home_agent, octets_u32(m20->octets + 16), w->now);
        a = octets_send(w, care_of(2), octets, m20->length);
        assert_int_equal(world_binding_count(w), a.reason == 0);
        accepted += a.reason == 0;
        refused += a.reason != 0;
        if (a.reason != 0)
        {
            assert_networks(w, FB_ROLE_HOME_AGENT, "");
        }
        world_end(w);
    }
    assert_true(accepted > 50 && refused > 50);
}

/* ---- 2.2: flows of the network ---- */

/** The router with paths 1 and 2 and this policy. */
static world *
router_with_policy(const fb_rule *rules, size_t count)
{
    world *w = router_world();

    assert_int_equal(world_policy(w, rules, count), FB_OK);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "12");
    return w;
}

/* A flow toward .130 goes as the same flow toward the home address, at both ends */
static void
test_the_same_policy_and_tunnels(void **state)
{
    fb_rule rules[] = {forward_rule("2", UDP, SIP),
                       forward_rule("1", TCP, HTTP),
                       drop_rule(TCP, SSH)};
    const fb_ipv4 address[] = {WORLD_HOME_ADDRESS, ROUTER_HOST};
    world *w = router_with_policy(rules, 3);

    (void)state;
    requirement("R7629-2.2-03", "B5177-01");
    assert_int_equal(world_rule_count(w), 3);
    for (size_t i = 0; i < 2; i++)
    {
        world_verdict down = downlink_to(w, address[i], UDP, SIP, 40000);
        world_verdict up = uplink_from(w, address[i], UDP, SIP, 40000);

        assert_true(down.delivered && down.bid == 2 && down.outer_destination == care_of(2));
        assert_int_equal(down.outer_source, WORLD_HOME_AGENT);
        assert_true(up.delivered && up.bid == 2 && up.outer_source == care_of(2));
        down = downlink_to(w, address[i], TCP, HTTP, 40000);
        up = uplink_from(w, address[i], TCP, HTTP, 40000);
        assert_true(down.delivered && down.bid == 1 && down.outer_destination == care_of(1));
        assert_true(up.delivered && up.bid == 1);
        assert_int_equal(downlink_to(w, address[i], TCP, SSH, 40000).reason, FB_DROP_POLICY);
        assert_int_equal(uplink_from(w, address[i], TCP, SSH, 40000).reason, FB_DROP_POLICY);
    }

    /* Path 2 goes, and with it its flows go over path 1 */
    world_link_down(w, 2);
    world_run(w, FB_SECOND);
    assert_bound(w, "1");
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).bid, 1);
    assert_int_equal(uplink_from(w, ROUTER_HOST, UDP, SIP, 40000).bid, 1);
    world_end(w);
}

/* A selector can tell the network from the home address, as any destination */
static void
test_a_selector_for_the_network(void **state)
{
    fb_rule rule = forward_rule("1", UDP, SIP);
    fb_selector4 *selector = &rule.selector.u.v4;
    world *w;

    (void)state;
    requirement("R7629-2.2-03");
    selector->present = FB_SELECTOR4_DESTINATION_START | FB_SELECTOR4_DESTINATION_END;
    selector->destination_start = ROUTER_NETWORK;
    selector->destination_end = ROUTER_NETWORK + 15;
    rule.bid[0] = 2;
    w = router_with_policy(&rule, 1);
    for (uint16_t port = 1; port <= 32; port++)
    {
        assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, port, 40000).bid, 2);
        assert_int_equal(uplink_from(w, ROUTER_HOST, UDP, port, 40000).bid, 2);
    }
    /* Others are spread over both paths */
    for (uint16_t port = 1, by_first = 0; port <= 64; port++)
    {
        by_first += downlink_to(w, WORLD_HOME_ADDRESS, UDP, port, 40000).bid == 1;
        assert_true(port < 64 || (by_first > 8 && by_first < 56));
    }
    world_end(w);
}

/* ---- 4.2: "only relevant when the mobile node registers IPv6 prefixes" ---- */

/** The node the home agent takes an IPv6 packet toward 2001:db8:a::1 for. */
static uint32_t
ipv6_node(const world *w)
{
    uint8_t address[16] = {ROUTER_IPV6};
    fb_flow flow = {.family = FB_FAMILY_IPV6, .destination6 = address};

    address[15] = 1;
    return fb_home_agent_node_toward(&w->home_agent->home_agent, &flow);
}

/* TS Format 2 without a prefix: Code 0, kept, and no packet it could match comes to the policy; with one it does */
static void
test_ipv6_selectors_need_a_prefix(void **state)
{
    static const uint8_t rule[] = {154, 2, 0, 9, 1, 1, 2, 2, 0, 2, 0, 0, 6};
    world *w = router_world();
    request r = path_request(w, 2, 600, 0);
    size_t rules;

    (void)state;
    requirement("R7629-4.2-23");
    request_octets(&r, rule, sizeof rule);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(ipv6_node(w), FB_NODE_NONE);

    /* A refresh brings the prefix: the rule kept is the policy of its packets now */
    register_router(w, 2);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(ipv6_node(w),
                     fb_cache_find(&w->home_agent->home_agent.cache, WORLD_HOME_ADDRESS));
    assert_non_null(fb_cache_policy(&w->home_agent->home_agent.cache, ipv6_node(w), &rules));
    assert_int_equal(rules, 1);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mobile_node_sends_m20),
        cmocka_unit_test(test_the_home_agent_accepts_m20),
        cmocka_unit_test(test_a_damaged_m20),
        cmocka_unit_test(test_m20_with_other_extensions),
        cmocka_unit_test(test_the_same_policy_and_tunnels),
        cmocka_unit_test(test_a_selector_for_the_network),
        cmocka_unit_test(test_ipv6_selectors_need_a_prefix),
    };
    int failed;

    vectors = vectors_load();
    failed = cmocka_run_group_tests_name("rfc7629_2_2_mobile_router", tests, NULL, NULL);
    vectors_free(vectors);
    return failed;
}
