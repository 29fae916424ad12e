/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3024 4.3, what a home agent takes out of reverse tunnels, and 5, how packets reach a foreign agent.
 */

#include "exchange.h"

#include "agent_internal.h"
#include "data_plane.h"

#include <string.h>

#define FOREIGN_AGENT UINT32_C(0x0a000001) /* 10.0.0.1, on the visited link */

static const uint8_t agent_link_addr[6] = {2, 0, 0, 0, 0, 7};

/* "only if reverse tunnelling was requested": T of the request that made the binding */
static void
test_only_with_t(void **state)
{
    world *w = home_agent_world(NULL, true);

    (void)state;
    requirement("B3024-04");
    for (unsigned t = 0; t < 2; t++)
    {
        request r = path_request(w, 1, 600, 0);
        data_packet up = data_up(), outer = data_ipv4(care_of(1), WORLD_HOME_AGENT, 4, 60);
        data_packet payload;
        fb_action action;

        r.octets[1] = (uint8_t)(t != 0 ? r.octets[1] | 0x02 : r.octets[1] & ~0x02);
        assert_int_equal(request_send(w, &r).code, 0);
        memcpy(outer.octets + 20, up.octets, up.length);
        action = data_arrive(w, w->home_agent, &outer, 0, &payload);
        assert_int_equal(action.kind, t != 0 ? FB_DELIVER : FB_DROP_PACKET);
        assert_int_equal(action.reason, t != 0 ? 0 : FB_DROP_TUNNEL_PROTOCOL);
    }
    world_end(w);
}

/* RFC 3519 4.9: what keeps a UDP tunnel open is answered without T as well; it is not forwarded */
static void
test_keepalives_without_t(void **state)
{
    world *w = registered_world(1);
    data_tunnel tunnel = {.udp = true, .no_reverse = true};
    data_packet request = data_echo(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 8, 1), up = data_up();
    data_packet outer = data_ipv4(care_of(1), WORLD_HOME_AGENT, UDP, 72), payload;

    (void)state;
    requirement("B3024-04", "D-39");
    data_set_tunnel(w, 1, &tunnel);
    memcpy(outer.octets + 20, (const uint8_t[]){1, 178, 1, 178, 0, 52, 0, 0, 4, 4, 0, 0}, 12);
    memcpy(outer.octets + 32, request.octets, 40);
    assert_int_equal(data_arrive(w, w->home_agent, &outer, 0, &payload).kind, FB_SEND);
    memcpy(outer.octets + 32, up.octets, 40);
    assert_int_equal(data_arrive(w, w->home_agent, &outer, 0, &payload).reason,
                     FB_DROP_TUNNEL_PROTOCOL);
    world_end(w);
}

/** A node that does not negotiate reverse tunnelling, or does. */
static world *
world_with(bool reverse_tunnel, bool encapsulating)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.reverse_tunnel = reverse_tunnel;
    setup.mobile_node.mobile_node.encapsulating_delivery = encapsulating;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    return w;
}

/** The path goes through a foreign agent. */
static void
visit(world *w)
{
    const fb_mobile_node_config *config = &w->mobile_node->mobile_node.config;
    fb_registration *r = fb_registration_find(&w->mobile_node->mobile_node.registrations,
                                              WORLD_WLAN);

    r->agent = FOREIGN_AGENT;
    r->delivery = config->reverse_tunnel && config->encapsulating_delivery;
    memcpy(r->agent_link_addr, agent_link_addr, sizeof agent_link_addr);
    r->agent_link_addr_len = sizeof agent_link_addr;
}

static void
assert_goes_to_agent(const fb_action *action)
{
    assert_int_equal(action->path.link, WORLD_WLAN);
    assert_int_equal(action->path.bid, 1);
    assert_int_equal(action->next_hop, FOREIGN_AGENT);
    /* RFC 5944 4.6: the link address is known from the advertisement, ARP would be forbidden */
    assert_int_equal(action->link_addr_len, 6);
    assert_memory_equal(action->link_addr, agent_link_addr, 6);
}

/* 5.1: "the mobile node designates the foreign agent as its default router" */
static void
test_direct_delivery(void **state)
{
    (void)state;
    requirement("B3024-05");
    for (unsigned reverse = 0; reverse < 2; reverse++)
    {
        world *w = world_with(reverse != 0, false);
        data_packet up = data_up(), sent;
        fb_action action;

        visit(w);
        action = data_steer(w, w->mobile_node, &up);
        assert_int_equal(action.kind, FB_FORWARD);
        assert_goes_to_agent(&action);
        sent = data_result(&action, &up);
        assert_int_equal(sent.length, up.length);
        assert_memory_equal(sent.octets, up.octets, up.length);
        world_end(w);
    }
}

/* 5.2: "the mobile node encapsulates all its outgoing packets to the foreign agent" from its home address */
static void
test_encapsulating_delivery(void **state)
{
    world *w = world_with(true, true);
    data_packet up = data_up(), sent, payload;
    fb_action action;

    (void)state;
    requirement("B3024-05");
    visit(w);
    action = data_steer(w, w->mobile_node, &up);
    assert_int_equal(action.kind, FB_SEND);
    assert_goes_to_agent(&action);
    sent = data_result(&action, &up);
    data_open(&sent, 0, &payload);
    assert_int_equal(sent.octets[9], 4);
    assert_int_equal(octets_u32(sent.octets + 12), WORLD_HOME_ADDRESS);
    assert_int_equal(octets_u32(sent.octets + 16), FOREIGN_AGENT);
    assert_memory_equal(payload.octets, up.octets, up.length);
    world_end(w);
}

/* The tunnel of such a path ends at the agent: nothing comes out of one here */
static void
test_no_tunnel_of_its_own(void **state)
{
    world *w = registered_world(1);
    data_packet down = data_down(), outer, payload;
    fb_action action = data_steer(w, w->home_agent, &down);

    (void)state;
    requirement("B3024-05");
    outer = data_result(&action, &down);
    assert_int_equal(data_arrive(w, w->mobile_node, &outer, 1, &payload).kind, FB_DELIVER);
    visit(w);
    assert_int_equal(data_arrive(w, w->mobile_node, &outer, 1, &payload).reason,
                     FB_DROP_NO_BINDING);
    world_end(w);
}

/* RFC 5944 4.2.2: without T and with a care-of address of its own, packets leave as they are, over the chosen link */
static void
test_without_reverse_tunnel(void **state)
{
    world *w = world_with(false, true);
    data_packet up = data_up(), sent;
    fb_action action = data_steer(w, w->mobile_node, &up);

    (void)state;
    requirement("B3024-01");
    assert_int_equal(action.kind, FB_FORWARD);
    assert_int_equal(action.path.link, WORLD_WLAN);
    assert_int_equal(action.next_hop, 0);
    assert_int_equal(action.link_addr_len, 0);
    sent = data_result(&action, &up);
    assert_memory_equal(sent.octets, up.octets, up.length);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_with_t),
        cmocka_unit_test(test_keepalives_without_t),
        cmocka_unit_test(test_direct_delivery),
        cmocka_unit_test(test_encapsulating_delivery),
        cmocka_unit_test(test_no_tunnel_of_its_own),
        cmocka_unit_test(test_without_reverse_tunnel),
    };

    return cmocka_run_group_tests_name("rfc3024_4_reverse_tunnel", tests, NULL, NULL);
}
