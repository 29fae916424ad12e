/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5177 7: packets of a mobile network through a foreign agent, which knows the home address and nothing behind it.
 */

#include "visiting_router.h"

#include <stdlib.h>
#include <string.h>

#define ROUTER_ON_THE_WAY UINT32_C(0xcb007101) /* 203.0.113.1 */
#define OTHER_CARE_OF UINT32_C(0xcb007142)

/** Of the tunnel that the foreign agent sees as a packet. */
#define HOME_AGENT_TO_HOME_ADDRESS \
    0x45, 0xb8, 0, 68, 0, 1, 0x40, 0, 64, 4, 0x4d, 0xbe, 192, 0, 2, 1, 198, 51, 100, 10
#define HOME_ADDRESS_TO_HOME_AGENT \
    0x45, 0xb8, 0, 68, 0, 1, 0x40, 0, 64, 4, 0x4d, 0xbe, 198, 51, 100, 10, 192, 0, 2, 1

/* RFC 2003 3.1: as the foreign agent forwards it out of one tunnel and into the next */
#define FORWARDED_TO_HOME_AGENT \
    0x45, 0xb8, 0, 68, 0, 1, 0x40, 0, 63, 4, 0x4e, 0xbe, 198, 51, 100, 10, 192, 0, 2, 1

static const visiting plain = {0};
static const visiting gre = {.tunnel = FB_TUNNEL_GRE};
static const visiting minimal = {.tunnel = FB_TUNNEL_MINIMAL};
static const visiting encapsulating = {.encapsulating = true};

/* "(source IP address set to Home Agent, and destination [...] Home Address) and then encapsulate one more time" */
static void
test_to_the_network(void **state)
{
    (void)state;
    requirement("B5177-01", "B5944-47");
    assert_comes_down(&plain,
                      FB_FAMILY_IPV4,
                      FRONT(HOME_AGENT_TO_CARE_OF, HOME_AGENT_TO_HOME_ADDRESS),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
    assert_comes_down(&encapsulating,
                      FB_FAMILY_IPV4,
                      FRONT(HOME_AGENT_TO_CARE_OF, HOME_AGENT_TO_HOME_ADDRESS),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
}

/* What the router asked for is about the outer tunnel; RFC 2004 3.1: the header inside is the one that is compressed */
static void
test_to_the_network_in_other_encapsulations(void **state)
{
    (void)state;
    requirement("B5177-01", "B2784-01", "B2004-01");
    assert_comes_down(&gre,
                      FB_FAMILY_IPV4,
                      FRONT(GRE_TO_CARE_OF, HOME_AGENT_TO_HOME_ADDRESS),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
    assert_comes_down(&minimal,
                      FB_FAMILY_IPV4,
                      FRONT(MINIMAL_TO_CARE_OF, 4, 0, 0xd1, 0xc1, 198, 51, 100, 10),
                      FRONT(HOME_AGENT_TO_HOME_ADDRESS));
}

/* "the Mobile Router encapsulates the packet with a tunnel header (source [...] Home Address, [...] Home Agent)" */
static void
test_from_the_network(void **state)
{
    (void)state;
    requirement("B5177-01", "B3024-05");
    assert_goes_up(&plain,
                   FB_FAMILY_IPV4,
                   FRONT(HOME_ADDRESS_TO_HOME_AGENT),
                   FRONT(CARE_OF_TO_HOME_AGENT, HOME_ADDRESS_TO_HOME_AGENT));
    /* RFC 3024 5.2: and to the foreign agent around it */
    assert_goes_up(&encapsulating,
                   FB_FAMILY_IPV4,
                   FRONT(HOME_ADDRESS_TO_AGENT, HOME_ADDRESS_TO_HOME_AGENT),
                   FRONT(CARE_OF_TO_HOME_AGENT, FORWARDED_TO_HOME_AGENT));
    assert_goes_up(&gre,
                   FB_FAMILY_IPV4,
                   FRONT(HOME_ADDRESS_TO_HOME_AGENT),
                   FRONT(GRE_TO_HOME_AGENT, HOME_ADDRESS_TO_HOME_AGENT));
    assert_goes_up(
        &minimal,
        FB_FAMILY_IPV4,
        FRONT(HOME_ADDRESS_TO_HOME_AGENT),
        FRONT(MINIMAL_TO_HOME_AGENT, 4, 0x80, 0x0f, 0x40, 192, 0, 2, 1, 198, 51, 100, 10));
}

/* The router's own packets need no such header in either direction */
static void
test_the_home_address_itself(void **state)
{
    world3 *w;
    data_packet packet, sent;
    fb_action action;

    (void)state;
    requirement("B5177-01", "B3024-05");
    for (int style = 0; style < 2; style++)
    {
        w = visiting_router(style == 0 ? &plain : &encapsulating);
        packet = data_down();
        action = hop_steer(w, WORLD3_HOME_AGENT, 0, &packet);
        assert_int_equal(action.outer_len, 20);
        assert_int_equal(octets_u32(action.outer + 16), WORLD3_FOREIGN_AGENT_ADDRESS);
        packet = data_up();
        action = hop_steer(w, WORLD3_MOBILE_NODE, 0, &packet);
        assert_int_equal(action.outer_len, style == 0 ? 0 : 20);
        sent = data_result(&action, &packet);
        assert_int_equal(octets_u32(sent.octets + 16),
                         style == 0 ? WORLD_CORRESPONDENT : WORLD3_FOREIGN_AGENT_ADDRESS);
        world3_end(w);
    }
}

/* "if reverse tunnel is enabled. Otherwise, the packet is routed directly to the Foreign Agent" */
static void
test_without_a_reverse_tunnel(void **state)
{
    static const uint8_t native[] = {HOME_ADDRESS_TO_HOME_AGENT};
    world3 *w = visiting_router(&(visiting){.no_reverse = true, .routed = true});
    data_packet packet = packet_of_network(FB_FAMILY_IPV4, false), sent, payload;
    fb_action action = hop_steer(w, WORLD3_MOBILE_NODE, 0, &packet);

    (void)state;
    requirement("B5177-01", "B3024-04");
    assert_int_equal(action.kind, FB_FORWARD);
    assert_int_equal(action.outer_len, 0);
    assert_int_equal(action.next_hop, WORLD3_FOREIGN_AGENT_ADDRESS);
    action = hop_steer(w, WORLD3_FOREIGN_AGENT, WORLD3_VISITED_LINK, &packet);
    assert_int_equal(action.kind, FB_FORWARD);
    assert_int_equal(action.path.link, 0); /* where its routing says */
    assert_int_equal(action.outer_len, 0);

    /* In a tunnel it "MUST be dropped if the source address is not set to the Care-of Address" */
    memcpy(sent.octets, native, 20);
    memcpy(sent.octets + 20, packet.octets, packet.length);
    sent.length = 68;
    action = hop_receive(w, WORLD3_HOME_AGENT, 0, &sent, &payload);
    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, FB_DROP_TUNNEL_SOURCE);
    world3_end(w);
}

/** What the home agent makes of this, out of the foreign agent's reverse tunnel from @p care_of. */
static fb_action
out_of_reverse_tunnel(world3 *w, fb_ipv4 care_of, const data_packet *middle)
{
    data_packet outer = data_ipv4(care_of, WORLD_HOME_AGENT, 4, 20 + middle->length), payload;

    memcpy(outer.octets + 20, middle->octets, middle->length);
    return hop_receive(w, WORLD3_HOME_AGENT, 0, &outer, &payload);
}

/** @p inner behind a header from @p source to @p destination. */
static data_packet
around(fb_ipv4 source, fb_ipv4 destination, uint8_t protocol, const data_packet *inner)
{
    data_packet made = data_ipv4(source, destination, protocol, 20 + inner->length);

    memcpy(made.octets + 20, inner->octets, inner->length);
    return made;
}

/* 6.5: "the inner header set to the Mobile Router's Home Address or an address from one of the registered" networks */
static void
test_what_the_home_agent_accepts(void **state)
{
    world3 *w = visiting_router(&plain);
    data_packet good = packet_of_network(FB_FAMILY_IPV4, false), own = data_up(), inner, middle;
    fb_action action;

    (void)state;
    requirement("B5177-01", "B3024-04");
    middle = around(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 4, &good);
    action = out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 20);
    assert_int_equal(out_of_reverse_tunnel(w, OTHER_CARE_OF, &middle).reason,
                     FB_DROP_TUNNEL_SOURCE);
    middle = around(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 4, &own);
    action = out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 20);
    /* once is enough, too */
    action = out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &good);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 0);

    inner = data_ipv4(ROUTER_NETWORK + 16, WORLD_CORRESPONDENT, UDP, 48);
    middle = around(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 4, &inner);
    assert_int_equal(out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle).reason,
                     FB_DROP_TUNNEL_INNER_SOURCE);
    inner = good;
    inner.octets[8] = 0; /* RFC 2003 3.1 */
    data_seal(&inner);
    middle = around(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 4, &inner);
    assert_int_equal(out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle).reason,
                     FB_DROP_TTL);
    middle = around(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 41, &good); /* it is none of IPv6 */
    assert_int_equal(out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle).reason,
                     FB_DROP_PACKET_MALFORMED);

    /* A tunnel of a host behind the router, or to another one, is an ordinary packet */
    middle = around(ROUTER_HOST, WORLD_HOME_AGENT, 4, &good);
    action = out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 0);
    middle = around(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, 4, &good);
    action = out_of_reverse_tunnel(w, WORLD3_FOREIGN_AGENT_ADDRESS, &middle);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 0);
    world3_end(w);
}

/** What the router makes of a packet that the foreign agent forwarded. */
static fb_action
forwarded(world3 *w, const data_packet *packet)
{
    data_packet payload;

    return hop_receive(w, WORLD3_MOBILE_NODE, WORLD3_LINK, packet, &payload);
}

/* The tunnel is the home agent's, and what is in it is for the router or its network; only while it is registered */
static void
test_what_the_router_accepts(void **state)
{
    world3 *w = visiting_router(&gre); /* which is about the outer tunnel */
    data_packet good = packet_of_network(FB_FAMILY_IPV4, true), own = data_down(), other, packet;
    data_packet gre_packet = {.length = 4 + good.length};

    (void)state;
    requirement("B5177-01");
    packet = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, &good);
    assert_int_equal(forwarded(w, &packet).kind, FB_DELIVER);
    packet = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, &own);
    assert_int_equal(forwarded(w, &packet).kind, FB_DELIVER);
    packet = around(WORLD3_FOREIGN_AGENT_ADDRESS, WORLD_HOME_ADDRESS, 4, &good);
    assert_int_equal(forwarded(w, &packet).reason, FB_DROP_TUNNEL_SOURCE);
    packet = around(WORLD_HOME_AGENT, ROUTER_HOST, 4, &good);
    assert_int_equal(forwarded(w, &packet).reason, FB_DROP_NO_BINDING);
    other = data_ipv4(WORLD_CORRESPONDENT, ROUTER_NETWORK + 16, UDP, 48);
    packet = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, &other);
    assert_int_equal(forwarded(w, &packet).reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    memcpy(gre_packet.octets, (const uint8_t[]){0, 0, 8, 0}, 4);
    memcpy(gre_packet.octets + 4, good.octets, good.length);
    packet = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 47, &gre_packet);
    assert_int_equal(forwarded(w, &packet).reason, FB_DROP_TUNNEL_PROTOCOL);

    packet = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, &own);
    world3_move(w, WORLD3_NOWHERE);
    assert_int_equal(forwarded(w, &packet).reason, FB_DROP_NO_BINDING);
    world3_end(w);
}

/* With a care-of address of its own "the Home Agent SHOULD only encapsulate" once; the router takes both */
static void
test_once_with_a_colocated_address(void **state)
{
    world_setup setup;
    world *w;
    data_packet packet = packet_of_network(FB_FAMILY_IPV4, true), middle, outer, payload;
    data_packet other = data_ipv4(WORLD_CORRESPONDENT, ROUTER_NETWORK + 16, UDP, 48);
    fb_action action;

    (void)state;
    requirement("B5177-01");
    router_setup(&setup);
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, 2 * FB_SECOND);
    action = data_steer(w, w->home_agent, &packet);
    assert_int_equal(action.kind, FB_SEND);
    assert_int_equal(action.outer_len, 20);
    assert_int_equal(octets_u32(action.outer + 16), care_of(1));
    middle = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, &packet);
    outer = around(WORLD_HOME_AGENT, care_of(1), 4, &middle);
    action = data_arrive(w, w->mobile_node, &outer, 1, &payload);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 20);
    /* not native: no foreign agent is there to have forwarded it */
    action = data_arrive(w, w->mobile_node, &middle, 1, &payload);
    assert_int_equal(action.reason, FB_DROP_NO_BINDING);
    /* nor for anybody else */
    middle = around(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, &other);
    outer = around(WORLD_HOME_AGENT, care_of(1), 4, &middle);
    action = data_arrive(w, w->mobile_node, &outer, 1, &payload);
    assert_int_equal(action.reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    world_end(w);
}

/** An ICMP error of a router about a packet that begins with @p quoted, whose next hop takes @p mtu octets. */
static int
too_big(world3 *w, world3_node at, uint16_t mtu, const data_packet *quoted)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(ROUTER_ON_THE_WAY), .protocol = ICMP};
    data_packet icmp = {.octets = {3, 4}, .length = 36};
    uint16_t sum;

    icmp.octets[6] = (uint8_t)(mtu >> 8);
    icmp.octets[7] = (uint8_t)mtu;
    memcpy(icmp.octets + 8, quoted->octets, 28);
    sum = (uint16_t)~data_sum(icmp.octets, icmp.length);
    icmp.octets[2] = (uint8_t)(sum >> 8);
    icmp.octets[3] = (uint8_t)sum;
    return world3_inject(w, at, &meta, icmp.octets, icmp.length);
}

/** Of packets with DF between the correspondent and the network, the longest that gets through at @p at is @p most. */
static void
assert_most(world3 *w, world3_node at, uint16_t most)
{
    bool down = at == WORLD3_HOME_AGENT;
    fb_ipv4 source = down ? WORLD_CORRESPONDENT : ROUTER_HOST;
    fb_ipv4 destination = down ? ROUTER_HOST : WORLD_CORRESPONDENT;
    uint8_t octets[1500];
    fb_action action;
    fb_meta meta;

    for (uint16_t length = most; length <= most + 1; length++)
    {
        data_packet packet = data_ipv4(source, destination, UDP, length);

        packet.octets[6] = 0x40;
        data_seal(&packet);
        action = hop_steer(w, at, 0, &packet);
        assert_int_equal(action.kind != FB_DROP_PACKET, length == most);
    }
    assert_int_equal(action.reason, FB_DROP_TOO_BIG);
    /* RFC 2003 5.1: and its source is told so */
    assert_int_equal(fb_agent_output(w->agent[at], &meta, octets, sizeof octets, w->now), 36);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), source);
    assert_int_equal(octets_u16(octets), 0x0304);
    assert_int_equal(octets_u16(octets + 6), most);
}

/** A packet of 1200 octets as the agent at @p at sends it. */
static data_packet
long_packet(world3 *w, world3_node at)
{
    bool down = at == WORLD3_HOME_AGENT;
    data_packet packet = data_ipv4(down ? WORLD_CORRESPONDENT : ROUTER_HOST,
                                   down ? ROUTER_HOST : WORLD_CORRESPONDENT,
                                   UDP,
                                   1200);
    fb_action action = hop_steer(w, at, 0, &packet);

    return data_result(&action, &packet);
}

/* RFC 2003 5.1: "minus the size of the encapsulating IP header", of which there are two here, and two tunnels */
static void
test_too_big(void **state)
{
    static const struct
    {
        const visiting *how;
        uint16_t overhead;
    } cases[] = {{&plain, 40}, {&gre, 44}, {&minimal, 32}};

    (void)state;
    requirement("B5177-01", "B2003-03");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        world3 *w = visiting_router(cases[i].how);
        data_packet sent = long_packet(w, WORLD3_HOME_AGENT), middle;

        assert_int_equal(too_big(w, WORLD3_HOME_AGENT, 1000, &sent), 0);
        assert_most(w, WORLD3_HOME_AGENT, (uint16_t)(1000 - cases[i].overhead));

        /* behind the foreign agent it is shorter by that one's header */
        world3_run(w, FB_SECOND);
        middle = data_ipv4(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, 1220);
        assert_int_equal(too_big(w, WORLD3_HOME_AGENT, 900, &middle), 0);
        assert_most(w, WORLD3_HOME_AGENT, 880);
        world3_end(w);
    }
}

/* The same of what the router sends: to the home agent, or to the foreign agent first */
static void
test_too_big_for_the_router(void **state)
{
    world3 *w;
    data_packet sent;

    (void)state;
    requirement("B5177-01", "B2003-03");
    for (int style = 0; style < 2; style++)
    {
        w = visiting_router(style == 0 ? &plain : &encapsulating);
        sent = long_packet(w, WORLD3_MOBILE_NODE);
        assert_int_equal(too_big(w, WORLD3_MOBILE_NODE, 1000, &sent), 0);
        assert_most(w, WORLD3_MOBILE_NODE, style == 0 ? 980 : 960);
        world3_end(w);
    }

    /* errors about tunnels it does not have say nothing */
    w = visiting_router(&plain);
    sent = data_ipv4(WORLD_HOME_ADDRESS, WORLD3_FOREIGN_AGENT_ADDRESS, 4, 1220);
    assert_int_equal(too_big(w, WORLD3_MOBILE_NODE, 1000, &sent), FB_DROP_NOT_EXPECTED);
    sent = data_ipv4(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 55, 1220);
    assert_int_equal(too_big(w, WORLD3_MOBILE_NODE, 1000, &sent), FB_DROP_NOT_EXPECTED);
    sent = data_ipv4(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS + 1, 4, 1220);
    assert_int_equal(too_big(w, WORLD3_HOME_AGENT, 1000, &sent), FB_DROP_NOT_EXPECTED);
    world3_end(w);
}

/* Nothing but a whole packet of the network comes out, however the octets are damaged, and nothing is read beyond */
static void
test_damage(void **state)
{
    world3 *w = visiting_router(&plain);
    data_packet good = packet_of_network(FB_FAMILY_IPV4, false);
    data_packet middle = around(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 4, &good);
    fb_meta meta = {.src = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                    .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                    .ttl = 64,
                    .protocol = 4};

    (void)state;
    requirement("B5177-01");
    for (size_t bit = 0; bit <= 8 * 40; bit++)
    {
        for (size_t length = bit == 8 * 40 ? 0 : 68; length <= 68; length++)
        {
            uint8_t *copy = malloc(length + 1);
            fb_packet packet = {.packet = 1,
                                .header = copy + 1,
                                .header_len = length,
                                .total_len = length};
            fb_action action;

            memcpy(copy + 1, middle.octets, length);
            if (bit < 8 * 40)
            {
                copy[1 + bit / 8] ^= (uint8_t)(1u << bit % 8);
            }
            assert_int_equal(fb_agent_receive(w->agent[WORLD3_HOME_AGENT], &meta, &packet, w->now),
                             FB_OK);
            assert_true(fb_agent_poll_action(w->agent[WORLD3_HOME_AGENT], &action, w->now));
            assert_true(action.kind == FB_DELIVER || action.kind == FB_DROP_PACKET);
            if (action.kind == FB_DELIVER)
            {
                fb_ipv4 source = octets_u32(copy + 1 + action.strip + 12);

                assert_true(length >= action.strip + 20u);
                assert_true(source == WORLD_HOME_ADDRESS || source >> 4 == ROUTER_NETWORK >> 4);
            }
            free(copy);
        }
    }
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_the_network),
        cmocka_unit_test(test_to_the_network_in_other_encapsulations),
        cmocka_unit_test(test_from_the_network),
        cmocka_unit_test(test_the_home_address_itself),
        cmocka_unit_test(test_without_a_reverse_tunnel),
        cmocka_unit_test(test_what_the_home_agent_accepts),
        cmocka_unit_test(test_what_the_router_accepts),
        cmocka_unit_test(test_once_with_a_colocated_address),
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_too_big_for_the_router),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests_name("rfc5177_7_foreign_agent", tests, NULL, NULL);
}
