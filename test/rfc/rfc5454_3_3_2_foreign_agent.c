/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5454 3.3.2, case 1: IPv6 packets through a foreign agent, "so that IPv6 routing remains transparent" to it.
 */

#include "visiting_router.h"

#include <string.h>

/** Of the tunnel that the foreign agent sees as a packet. */
#define HOME_AGENT_TO_HOME_ADDRESS \
    0x45, 0xb8, 0, 68, 0, 1, 0x40, 0, 64, 41, 0x4d, 0x99, 192, 0, 2, 1, 198, 51, 100, 10
#define HOME_ADDRESS_TO_HOME_AGENT \
    0x45, 0xb8, 0, 68, 0, 1, 0x40, 0, 64, 41, 0x4d, 0x99, 198, 51, 100, 10, 192, 0, 2, 1

/* RFC 2003 3.1: as the foreign agent forwards it out of one tunnel and into the next */
#define FORWARDED_TO_HOME_AGENT \
    0x45, 0xb8, 0, 68, 0, 1, 0x40, 0, 63, 41, 0x4e, 0x99, 198, 51, 100, 10, 192, 0, 2, 1

static const visiting plain = {0};
static const visiting gre = {.tunnel = FB_TUNNEL_GRE};
static const visiting minimal = {.tunnel = FB_TUNNEL_MINIMAL};
static const visiting encapsulating = {.encapsulating = true};
static const visiting no_reverse = {.no_reverse = true};

/* "first encapsulates the IPv6 packet, addressing it to the mobile node's IPv4 home address, and then tunnels this" */
static void
test_to_the_prefix(void **state)
{
    (void)state;
    requirement("B5454-03", "B4213-01", "B5944-47");
    assert_comes_down(&plain,
                      FB_FAMILY_IPV6,
                      FRONT(HOME_AGENT_TO_CARE_OF, HOME_AGENT_TO_HOME_ADDRESS),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
    assert_comes_down(&gre,
                      FB_FAMILY_IPV6,
                      FRONT(GRE_TO_CARE_OF, HOME_AGENT_TO_HOME_ADDRESS),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
    /* RFC 2004 1: what it carries is an IPv4 packet now */
    assert_comes_down(&minimal,
                      FB_FAMILY_IPV6,
                      FRONT(MINIMAL_TO_CARE_OF, 41, 0, 0xac, 0xc1, 198, 51, 100, 10),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
}

/* "reverse-tunneled packets from the IPv4 home address of the mobile node encapsulating IPv6 packets" */
static void
test_from_the_prefix(void **state)
{
    (void)state;
    requirement("B5454-03", "B3024-05");
    assert_goes_up(&plain,
                   FB_FAMILY_IPV6,
                   FRONT(HOME_ADDRESS_TO_HOME_AGENT),
                   FRONT(CARE_OF_TO_HOME_AGENT, HOME_ADDRESS_TO_HOME_AGENT));
    assert_goes_up(&encapsulating,
                   FB_FAMILY_IPV6,
                   FRONT(HOME_ADDRESS_TO_AGENT, HOME_ADDRESS_TO_HOME_AGENT),
                   FRONT(CARE_OF_TO_HOME_AGENT, FORWARDED_TO_HOME_AGENT));
    assert_goes_up(
        &minimal,
        FB_FAMILY_IPV6,
        FRONT(HOME_ADDRESS_TO_HOME_AGENT),
        FRONT(MINIMAL_TO_HOME_AGENT, 41, 0x80, 0xea, 0x3f, 192, 0, 2, 1, 198, 51, 100, 10));
}

/** An IPv6 packet from the router or (@p site) elsewhere, behind a header from @p source to the home agent. */
static data_packet
tunnelled_from(fb_ipv4 source, uint8_t site)
{
    data_packet packet = packet_of_network(FB_FAMILY_IPV6, false);
    data_packet outer = data_ipv4(source, WORLD_HOME_AGENT, 41, 68);

    packet.octets[8 + 5] = site;
    memcpy(outer.octets + 20, packet.octets, packet.length);
    return outer;
}

/* Without T: from home address to home agent too, "as any other IPv4 packet", past the foreign agent's tunnel */
static void
test_without_a_reverse_tunnel(void **state)
{
    world3 *w = visiting_router(&no_reverse);
    data_packet packet = packet_of_network(FB_FAMILY_IPV6, false), sent, payload;
    fb_action action = hop_steer(w, WORLD3_MOBILE_NODE, 0, &packet);

    (void)state;
    requirement("B5454-03");
    assert_int_equal(action.kind, FB_FORWARD);
    assert_int_equal(action.next_hop, WORLD3_FOREIGN_AGENT_ADDRESS);
    sent = data_result(&action, &packet);
    assert_behind(&sent, FRONT(HOME_ADDRESS_TO_HOME_AGENT), &packet);
    action = hop_steer(w, WORLD3_FOREIGN_AGENT, WORLD3_VISITED_LINK, &sent);
    assert_int_equal(action.kind, FB_FORWARD);
    assert_int_equal(action.path.link, 0);
    assert_int_equal(action.outer_len, 0);
    action = hop_receive(w, WORLD3_HOME_AGENT, 0, &sent, &payload);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.session, 1);
    sent = data_result(&action, &payload);
    assert_behind(&sent, NULL, 0, &packet);
    world3_end(w);
}

/* "If the source address of the outer header [...] is not the registered IPv4 care-of address or the registered IPv4
   home addresses, the packet SHOULD be dropped"; the inner one "falls under the registered IPv6 prefix(es) for that
   mobile node" */
static void
test_what_the_home_agent_accepts(void **state)
{
    world3 *w = visiting_router(&plain);
    data_packet packet = tunnelled_from(WORLD_HOME_ADDRESS, 0x0a), payload;
    fb_action action;

    (void)state;
    requirement("B5454-03", "B3024-04");
    action = hop_receive(w, WORLD3_HOME_AGENT, 0, &packet, &payload);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.bid, 0); /* by which path it came nobody can tell */
    packet = tunnelled_from(WORLD3_FOREIGN_AGENT_ADDRESS, 0x0a);
    assert_int_equal(hop_receive(w, WORLD3_HOME_AGENT, 0, &packet, &payload).kind, FB_DELIVER);
    packet = tunnelled_from(WORLD_HOME_ADDRESS + 1, 0x0a);
    assert_int_equal(hop_receive(w, WORLD3_HOME_AGENT, 0, &packet, &payload).reason,
                     FB_DROP_TUNNEL_SOURCE);
    packet = tunnelled_from(ROUTER_HOST, 0x0a);
    assert_int_equal(hop_receive(w, WORLD3_HOME_AGENT, 0, &packet, &payload).reason,
                     FB_DROP_TUNNEL_SOURCE);
    packet = tunnelled_from(WORLD_HOME_ADDRESS, 0x0b);
    assert_int_equal(hop_receive(w, WORLD3_HOME_AGENT, 0, &packet, &payload).reason,
                     FB_DROP_TUNNEL_INNER_SOURCE);
    world3_end(w);
}

/* "The mobile node must decapsulate the received IPv4 packet in order to recover the original IPv6 packet" */
static void
test_what_the_router_accepts(void **state)
{
    static const struct
    {
        fb_ipv4 source;
        uint8_t site, protocol;
        int reason;
    } cases[] = {
        {WORLD_HOME_AGENT, 0x0a, 41, FB_REASON_NONE},
        {WORLD_HOME_AGENT, 0x0b, 41, FB_DROP_TUNNEL_INNER_DESTINATION},
        {WORLD_HOME_AGENT, 0x0a, 4, FB_DROP_PACKET_MALFORMED},
        {WORLD_CORRESPONDENT, 0x0a, 41, FB_DROP_TUNNEL_SOURCE},
    };
    world3 *w = visiting_router(&plain);

    (void)state;
    requirement("B5454-03");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        data_packet packet = packet_of_network(FB_FAMILY_IPV6, true), payload;
        data_packet outer = data_ipv4(cases[i].source, WORLD_HOME_ADDRESS, cases[i].protocol, 68);
        fb_action action;

        packet.octets[24 + 5] = cases[i].site;
        memcpy(outer.octets + 20, packet.octets, packet.length);
        action = hop_receive(w, WORLD3_MOBILE_NODE, WORLD3_LINK, &outer, &payload);
        assert_int_equal(action.kind,
                         cases[i].reason == FB_REASON_NONE ? FB_DELIVER : FB_DROP_PACKET);
        assert_int_equal(action.reason, cases[i].reason);
    }
    world3_end(w);
}

/* The mode is that of the newest request, but what it allows is about care-of addresses of the node itself */
static void
test_the_mode_of_another_path(void **state)
{
    world *w = router_world();
    data_packet packet = packet_of_network(FB_FAMILY_IPV6, true);
    fb_action action;
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("B5454-03");
    r.octets[1] = 0x02; /* T, and no D */
    assert_int_equal(request_send(w, &r).code, 0);
    register_router(w, 2); /* with D and the tunnelling mode */
    for (uint8_t bid = 1; bid <= 2; bid++)
    {
        assert_int_equal(register_path(w, (uint8_t)(3 - bid), 0, 0).code, 0);
        action = data_steer(w, w->home_agent, &packet);
        assert_int_equal(action.kind, FB_SEND);
        assert_int_equal(action.path.bid, bid);
        assert_int_equal(action.outer_len, bid == 1 ? 40 : 20);
        assert_int_equal(action.outer[9], bid == 1 ? 4 : 41);
        if (bid == 1)
        {
            assert_int_equal(action.outer[29], 41);
            assert_int_equal(octets_u32(action.outer + 36), WORLD_HOME_ADDRESS);
            register_router(w, 2);
        }
    }
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_the_prefix),
        cmocka_unit_test(test_from_the_prefix),
        cmocka_unit_test(test_without_a_reverse_tunnel),
        cmocka_unit_test(test_what_the_home_agent_accepts),
        cmocka_unit_test(test_what_the_router_accepts),
        cmocka_unit_test(test_the_mode_of_another_path),
    };

    return cmocka_run_group_tests_name("rfc5454_3_3_2_foreign_agent", tests, NULL, NULL);
}
