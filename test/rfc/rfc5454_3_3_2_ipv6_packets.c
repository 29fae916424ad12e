/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5454 3.3.2 and RFC 7629 4.2: IPv6 packets of registered prefixes, and the selectors for them.
 */

#include "agent_internal.h"
#include "data_plane.h"
#include "router.h"

#include <string.h>

#define HEADER 40
#define DNS 53

/** An IPv6 rule for this next header and port of the correspondent, as RFC 6088 3.2 numbers the flags. */
static fb_rule
ipv6_rule(uint8_t action, uint8_t bid, uint8_t next_header, uint16_t port)
{
    return (fb_rule){.action = action,
                     .bid_count = 1,
                     .bid = {bid},
                     .selector = {.format = FB_SELECTOR_IPV6,
                                  .u.v6 = {.present = 0x00820000, /* I, O */
                                           .source_port_start = port,
                                           .next_header_start = next_header}}};
}

/** TCP port 22 to path 2, TCP port 80 to path 1, no DNS. */
static size_t
ipv6_policy(fb_rule rules[3])
{
    rules[0] = ipv6_rule(FB_RULE_FORWARD, 2, TCP, SSH);
    rules[1] = ipv6_rule(FB_RULE_FORWARD, 1, TCP, HTTP);
    rules[2] = ipv6_rule(FB_RULE_DROP, 255, UDP, DNS);
    return 3;
}

/** 2001:db8:<site>::<host>, 0 for the correspondent's site. */
static void
put_address(uint8_t *at, uint8_t site, uint8_t host)
{
    const uint8_t octets[16] = {ROUTER_IPV6};

    memcpy(at, octets, 16);
    at[5] = site;
    at[15] = host;
}

/** A packet between the correspondent's port @p port and host 1 of @p site, into a tunnel and out of it. */
static world_verdict
send_ipv6(world *w, bool down, uint8_t site, uint8_t next_header, uint16_t port)
{
    data_packet packet = {.octets = {0x60, 0, 0, 0, 0, 8, next_header, 63}, .length = HEADER + 8};
    data_packet sent, payload, delivered;
    uint8_t *octets = packet.octets;
    fb_action action;
    world_verdict verdict;

    put_address(octets + (down ? 8 : 24), 0, 200);
    put_address(octets + (down ? 24 : 8), site, 1);
    octets[HEADER + (down ? 0 : 2)] = (uint8_t)(port >> 8);
    octets[HEADER + (down ? 1 : 3)] = (uint8_t)port;
    octets[HEADER + (down ? 2 : 0)] = 0x9c; /* 40000 */
    octets[HEADER + (down ? 3 : 1)] = 0x40;
    action = data_steer(w, down ? w->home_agent : w->mobile_node, &packet);
    verdict = (world_verdict){.kind = action.kind, .bid = action.path.bid, .reason = action.reason};
    if (action.kind != FB_SEND)
    {
        return verdict;
    }
    sent = data_result(&action, &packet);
    if (w->mobile_node->mobile_node.config.ipv6_to_home_address)
    {
        /* 3.3.2: to the home address, and that packet as any other to the path's end */
        assert_int_equal(action.outer_len, 40);
        assert_int_equal(action.outer[9], 4);
        assert_int_equal(action.outer[29], 41);
        assert_int_equal(octets_u32(action.outer + (down ? 36 : 32)), WORLD_HOME_ADDRESS);
    }
    else
    {
        /* RFC 4213 3: one IPv4 header with protocol 41 in front, straight to the path's end */
        assert_int_equal(action.outer_len, 20);
        assert_int_equal(action.outer[9], 41);
    }
    verdict.outer_source = octets_u32(action.outer + 12);
    verdict.outer_destination = octets_u32(action.outer + 16);
    action = data_arrive(w, down ? w->mobile_node : w->home_agent, &sent, 0, &payload);
    verdict.delivered = action.kind == FB_DELIVER;
    verdict.delivered_reason = action.reason;
    if (verdict.delivered)
    {
        delivered = data_result(&action, &payload);
        assert_int_equal(delivered.length, packet.length);
        assert_memory_equal(delivered.octets, octets, packet.length);
    }
    return verdict;
}

/** Both ends have the policy and two paths; the router's IPv6 packets go to its home address or not. */
static world *
router_on_two_paths(bool to_home_address)
{
    world_setup setup;
    world *w;
    fb_rule rules[3];

    router_setup(&setup);
    setup.mobile_node.mobile_node.ipv6_to_home_address = to_home_address;
    w = world_start(&setup);
    assert_int_equal(world_policy(w, rules, ipv6_policy(rules)), FB_OK);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "12");
    assert_networks(w, FB_ROLE_HOME_AGENT, "46");
    return w;
}

/* B5454-03: IPv6 selectors see the IPv6 packet, in either tunnelling mode, and decide which path it takes */
static void
test_paths_of_ipv6_flows(void **state)
{
    (void)state;
    requirement("B5454-03", "R7629-4.2-23", "R7629-2.2-03");
    for (int mode = 0; mode < 2; mode++)
    {
        world *w = router_on_two_paths(mode == 1);

        for (int down = 0; down < 2; down++)
        {
            world_verdict v = send_ipv6(w, down, 0x0a, TCP, SSH);

            assert_int_equal(v.kind, FB_SEND);
            assert_int_equal(v.bid, 2);
            assert_int_equal(down ? v.outer_destination : v.outer_source, care_of(2));
            assert_int_equal(down ? v.outer_source : v.outer_destination, WORLD_HOME_AGENT);
            assert_true(v.delivered);
            v = send_ipv6(w, down, 0x0a, TCP, HTTP);
            assert_int_equal(v.bid, 1);
            assert_true(v.delivered);
            assert_int_equal(send_ipv6(w, down, 0x0a, UDP, DNS).reason, FB_DROP_POLICY);
        }
        /* What no rule decides takes the same path both ways */
        for (uint16_t port = 1000; port < 1020; port++)
        {
            assert_int_equal(send_ipv6(w, true, 0x0a, UDP, port).bid,
                             send_ipv6(w, false, 0x0a, UDP, port).bid);
        }
        world_end(w);
    }
}

/* RFC 7629 4.2: "relevant only when" prefixes are registered: a rule kept before matches from then on, until they go */
static void
test_rules_without_a_prefix(void **state)
{
    /* FORWARD to BID 2, TS Format 2, flag O: next header 6 */
    static const uint8_t rule[] = {154, 2, 0, 9, 1, 1, 2, 2, 0, 2, 0, 0, 6};
    world *w = router_world();
    request r;

    (void)state;
    requirement("R7629-4.2-23");
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    r = path_request(w, 2, 600, 0);
    request_octets(&r, rule, sizeof rule);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(send_ipv6(w, true, 0x0a, TCP, SSH).reason, FB_DROP_NO_SESSION);

    register_router(w, 1);
    assert_int_equal(world_rule_count(w), 1);
    for (uint16_t port = 1; port < 20; port++)
    {
        assert_int_equal(send_ipv6(w, true, 0x0a, TCP, port).bid, 2);
    }
    assert_int_equal(send_ipv6(w, true, 0x0b, TCP, SSH).reason, FB_DROP_NO_SESSION);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(send_ipv6(w, true, 0x0a, TCP, SSH).reason, FB_DROP_NO_SESSION);
    world_end(w);
}

/* "MUST check that all inner IPv6 packets [...] include a source address that falls under the registered" prefixes */
static void
test_packets_of_no_prefix(void **state)
{
    world *w = router_on_two_paths(false);
    world_verdict v;

    (void)state;
    requirement("B5454-03");
    assert_int_equal(send_ipv6(w, false, 0x0b, TCP, SSH).reason, FB_DROP_TUNNEL_INNER_SOURCE);

    /* The home agent forgets the prefix, and the mobile node does not know */
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    v = send_ipv6(w, false, 0x0a, TCP, SSH);
    assert_int_equal(v.kind, FB_SEND);
    assert_false(v.delivered);
    assert_int_equal(v.delivered_reason, FB_DROP_TUNNEL_INNER_SOURCE);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths_of_ipv6_flows),
        cmocka_unit_test(test_rules_without_a_prefix),
        cmocka_unit_test(test_packets_of_no_prefix),
    };

    return cmocka_run_group_tests_name("rfc5454_3_3_2_ipv6_packets", tests, NULL, NULL);
}
