/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 4.3, 4.4: broadcast and multicast packets of the home network, one copy with several bindings (D-40).
 */

#include "visiting_router.h"

#include <string.h>

#define FLAG_BROADCAST 0x40 /* RFC 5944 3.3 */
#define FLAG_COLOCATED 0x20

#define LIMITED 0xffffffffu
#define MULTICAST 0xe00000fbu /* 224.0.0.251 */
#define DIRECTED 0xc63364ffu /* 198.51.100.255 */

/** A UDP packet from port 5060 of @p source as it leaves @p agent. */
static fb_action
leave(world *w,
      fb_agent *agent,
      uint32_t session,
      fb_ipv4 source,
      fb_ipv4 destination,
      uint16_t port)
{
    uint8_t octets[48] = {0x45, 0, 0, 48, 0, 0, 0, 0, 64, UDP};
    fb_packet packet = {.packet = 3, .header = octets, .header_len = 48, .total_len = 48};
    fb_ref from = {.session = session};
    fb_action action;

    for (unsigned i = 0; i < 4; i++)
    {
        octets[12 + i] = (uint8_t)(source >> (24 - 8 * i));
        octets[16 + i] = (uint8_t)(destination >> (24 - 8 * i));
    }
    octets[20] = (uint8_t)(port >> 8);
    octets[21] = (uint8_t)port;
    assert_int_equal(fb_agent_steer(agent, from, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(agent, &action, w->now));
    assert_true(action.packet == 3 && action.last);
    return action;
}

static fb_action
group_packet(world *w, uint32_t session, fb_ipv4 destination, uint16_t port)
{
    return leave(w, w->home_agent, session, WORLD_CORRESPONDENT, destination, port);
}

/** Registers path @p bid by hand, with these flags of the fixed part. */
static void
register_with(world *w, uint8_t bid, uint8_t flags)
{
    request r = path_request(w, bid, 600, 0);

    r.octets[1] = flags;
    assert_int_equal(request_send(w, &r).code, 0);
}

/* "MUST NOT forward ... to any mobile nodes ... other than those that have requested"; one copy, over such a path */
static void
test_only_over_paths_that_asked(void **state)
{
    static const fb_ipv4 destination[] = {LIMITED, MULTICAST, DIRECTED};
    world *w = home_agent_world(NULL, true);

    (void)state;
    requirement("D-40", "B5944-58", "B5944-59");
    register_with(w, 1, FLAG_COLOCATED);
    for (size_t i = 0; i < 3; i++)
    {
        fb_action a = group_packet(w, 1, destination[i], SIP);

        assert_int_equal(a.kind, FB_DROP_PACKET);
        assert_int_equal(a.reason, FB_DROP_NO_BINDING);
    }
    register_with(w, 2, FLAG_COLOCATED | FLAG_BROADCAST);
    register_with(w, 3, FLAG_COLOCATED);
    for (size_t i = 0; i < 3; i++)
    {
        for (uint16_t port = 1; port < 100; port++)
        {
            fb_action a = group_packet(w, 1, destination[i], port);

            assert_int_equal(a.kind, FB_SEND);
            assert_int_equal(a.path.session, 1);
            assert_int_equal(a.path.bid, 2);
            assert_int_equal(a.outer_len, 20);
            assert_int_equal(octets_u32(a.outer + 12), WORLD_HOME_AGENT);
            assert_int_equal(octets_u32(a.outer + 16), care_of(2));
            assert_false(fb_agent_poll_action(w->home_agent, &a, w->now));
        }
    }
    /* what a refresh says counts: it wants no more */
    register_with(w, 2, FLAG_COLOCATED);
    assert_int_equal(group_packet(w, 1, LIMITED, SIP).reason, FB_DROP_NO_BINDING);
    world_end(w);
}

/* "over the binding chosen by the policy among those that asked for it" */
static void
test_the_policy_chooses(void **state)
{
    world *w = home_agent_world(NULL, true);
    bool used[4] = {false};
    request r;

    (void)state;
    requirement("D-40");
    register_with(w, 1, FLAG_COLOCATED);
    register_with(w, 2, FLAG_COLOCATED | FLAG_BROADCAST);
    r = path_request(w, 3, 600, 0);
    r.octets[1] = FLAG_COLOCATED | FLAG_BROADCAST;
    request_forward(&r, "132", UDP, SIP);
    request_drop(&r, 255, UDP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(group_packet(w, 1, LIMITED, SIP).path.bid, 3);
    assert_int_equal(group_packet(w, 1, LIMITED, HTTP).reason, FB_DROP_POLICY);
    for (uint16_t port = 1000; port < 1100; port++)
    {
        used[group_packet(w, 1, LIMITED, port).path.bid] = true;
    }
    assert_true(used[2] && used[3] && !used[0] && !used[1]);
    assert_int_equal(register_path(w, 3, 0, 0).code, 0);
    assert_int_equal(group_packet(w, 1, LIMITED, SIP).path.bid, 2);
    world_end(w);
}

/* "Otherwise [...] first encapsulates the broadcast datagram in a unicast datagram addressed to the [...] home" one */
static void
test_through_a_foreign_agent(void **state)
{
    static const uint8_t front[] = {
        /* IP in IP */
        0x45, 0, 0, 88, 0, 1, 0, 0, 64, 4, 0x7c, 0x5e, 192, 0, 2, 1, 203, 0,  113, 65,
        0x45, 0, 0, 68, 0, 1, 0, 0, 64, 4, 0x8e, 0x76, 192, 0, 2, 1, 198, 51, 100, 10,
    };
    static const fb_ipv4 destination[] = {LIMITED, MULTICAST};

    (void)state;
    requirement("B5944-58", "B5944-59", "D-40");
    for (size_t i = 0; i < 2; i++)
    {
        world3 *w = visiting_router(&(visiting){.broadcast = true});
        data_packet packet = data_ipv4(WORLD_CORRESPONDENT, destination[i], UDP, 48), sent, payload;
        fb_packet described = {.header = packet.octets, .header_len = 48, .total_len = 48};
        fb_agent *home_agent = w->agent[WORLD3_HOME_AGENT];
        fb_action action;

        assert_int_equal(fb_agent_steer(home_agent, (fb_ref){.session = 1}, &described, w->now),
                         FB_OK);
        assert_true(fb_agent_poll_action(home_agent, &action, w->now));
        sent = data_result(&action, &packet);
        assert_behind(&sent, front, sizeof front, &packet);
        action = hop_receive(w, WORLD3_FOREIGN_AGENT, 0, &sent, &payload);
        assert_int_equal(action.next_hop, WORLD_HOME_ADDRESS);
        sent = data_result(&action, &payload);
        action = hop_receive(w, WORLD3_MOBILE_NODE, WORLD3_LINK, &sent, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        sent = data_result(&action, &payload);
        assert_behind(&sent, front, 0, &packet);
        world3_end(w);
    }
}

/* The host says whose copy it is; nobody else's, and nobody's that is not served. A node's own comes not back. */
static void
test_whose_copy_it_is(void **state)
{
    world *w = home_agent_world(NULL, true);
    fb_fact removal = {.kind = FB_FACT_SUBSCRIBER_REMOVE,
                       .u.subscriber.home_address = WORLD_HOME_ADDRESS};

    (void)state;
    requirement("D-40", "B5944-58");
    register_with(w, 1, FLAG_COLOCATED | FLAG_BROADCAST);
    assert_int_equal(group_packet(w, 1, LIMITED, SIP).kind, FB_SEND);
    assert_int_equal(group_packet(w, 0, LIMITED, SIP).reason, FB_DROP_NO_SESSION);
    assert_int_equal(group_packet(w, 2, LIMITED, SIP).reason, FB_DROP_NO_SESSION);
    assert_int_equal(group_packet(w, 1000, LIMITED, SIP).reason, FB_DROP_NO_SESSION);
    assert_int_equal(group_packet(w, UINT32_MAX, LIMITED, SIP).reason, FB_DROP_NO_SESSION);
    assert_int_equal(leave(w, w->home_agent, 1, WORLD_HOME_ADDRESS, LIMITED, SIP).reason,
                     FB_DROP_LOOP);
    world_fact(w, w->home_agent, &removal);
    assert_int_equal(group_packet(w, 1, LIMITED, SIP).reason, FB_DROP_NO_SESSION);
    world_end(w);
}

static world *
asking_world(bool broadcast, uint8_t prefix_length)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.broadcast = broadcast;
    setup.mobile_node.mobile_node.home_prefix_length = prefix_length;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    return w;
}

/** What the mobile node does with a packet out of its home agent's tunnel. */
static fb_action
arrive(world *w, fb_ipv4 destination)
{
    uint8_t octets[48] = {0x45, 0, 0, 48, 0, 0, 0, 0, 64, UDP, 0, 0, 192, 0, 2, 200};
    fb_packet packet = {.packet = 3, .header = octets, .header_len = 48, .total_len = 48};
    fb_meta outer = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .dst = fb_addr_from_ipv4(care_of(1)),
                     .protocol = 4};
    fb_action action;

    for (unsigned i = 0; i < 4; i++)
    {
        octets[16 + i] = (uint8_t)(destination >> (24 - 8 * i));
    }
    assert_int_equal(fb_agent_receive(w->mobile_node, &outer, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->mobile_node, &action, w->now));
    return action;
}

/* "by setting the 'B' bit"; not in a de-registration. What it asked for it takes, and only that */
static void
test_the_node_asks(void **state)
{
    world *w = asking_world(true, 24);

    (void)state;
    requirement("B5944-58", "D-40");
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).flags & FLAG_BROADCAST, FLAG_BROADCAST);
    }
    assert_int_equal(group_packet(w, 1, LIMITED, SIP).kind, FB_SEND);
    assert_int_equal(arrive(w, LIMITED).kind, FB_DELIVER);
    assert_int_equal(arrive(w, MULTICAST).kind, FB_DELIVER);
    assert_int_equal(arrive(w, DIRECTED).kind, FB_DELIVER);
    assert_int_equal(arrive(w, DIRECTED - 1).reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    assert_int_equal(arrive(w, DIRECTED + 256).reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    administrator(w, FB_FACT_DEREGISTER, 1);
    assert_int_equal(request_sent(w, requests_sent(w) - 1).flags & FLAG_BROADCAST, 0);
    world_end(w);

    w = asking_world(true, 0); /* its broadcast address is not known */
    assert_int_equal(arrive(w, LIMITED).kind, FB_DELIVER);
    assert_int_equal(arrive(w, DIRECTED).reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    world_end(w);

    w = asking_world(false, 24);
    assert_int_equal(request_sent(w, 0).flags & FLAG_BROADCAST, 0);
    assert_int_equal(arrive(w, LIMITED).reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    assert_int_equal(arrive(w, MULTICAST).reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    world_end(w);
}

/* 4.4: multicast of the node itself, IGMP too: tunnelled to the home agent with its home address as the source */
static void
test_multicast_of_the_node(void **state)
{
    world *w = asking_world(true, 24);
    fb_action a = leave(w, w->mobile_node, 0, WORLD_HOME_ADDRESS, MULTICAST, 5353);
    uint8_t octets[48] = {0x45, 0, 0,   48, 0,   0,  0,   0, 64, UDP,
                          0,    0, 198, 51, 100, 10, 224, 0, 0,  251};
    fb_packet packet = {.packet = 3, .header = octets, .header_len = 48, .total_len = 48};
    fb_meta outer = {.protocol = 4};

    (void)state;
    requirement("B5944-59");
    assert_int_equal(a.kind, FB_SEND);
    assert_int_equal(octets_u32(a.outer + 16), WORLD_HOME_AGENT);
    outer.src = fb_addr_from_ipv4(octets_u32(a.outer + 12));
    outer.dst = fb_addr_from_ipv4(WORLD_HOME_AGENT);
    assert_int_equal(fb_agent_receive(w->home_agent, &outer, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->home_agent, &a, w->now));
    assert_int_equal(a.kind, FB_DELIVER);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_over_paths_that_asked),
        cmocka_unit_test(test_the_policy_chooses),
        cmocka_unit_test(test_through_a_foreign_agent),
        cmocka_unit_test(test_whose_copy_it_is),
        cmocka_unit_test(test_the_node_asks),
        cmocka_unit_test(test_multicast_of_the_node),
    };

    return cmocka_run_group_tests_name("rfc5944/4.3", tests, NULL, NULL);
}
