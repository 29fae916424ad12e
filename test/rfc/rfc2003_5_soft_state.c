/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2003 4 and 5: ICMP errors from within a tunnel, and what the sources of packets learn of them.
 */

#include "exchange.h"

#include "data_plane.h"

#include <string.h>

#define ROUTER UINT32_C(0xcb007101) /* 203.0.113.1, on the way */

static int
give(world *w, fb_agent *agent, const data_packet *icmp)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(ROUTER), .protocol = ICMP};
    int reason = fb_agent_input(agent, &meta, icmp->octets, icmp->length, w->now);
    fb_event event;

    while (fb_agent_poll_event(agent, &event)) /* there are more than a world keeps */
    {
        assert_int_equal(event.reason, reason);
    }
    return reason;
}

/** A packet of @p length octets toward the mobile node, with DF or without. */
static data_packet
down(size_t length, bool dont_fragment)
{
    data_packet packet = data_ipv4(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, UDP, length);

    packet.octets[6] = dont_fragment ? 0x40 : 0;
    data_seal(&packet);
    return packet;
}

/** What the tunnel makes of a packet of @p length octets. */
static data_packet
tunnelled(world *w, size_t length)
{
    data_packet packet = down(length, true);
    fb_action action = data_steer(w, w->home_agent, &packet);

    return data_result(&action, &packet);
}

static void
assert_silent(world *w, fb_agent *agent)
{
    uint8_t octets[1500];
    fb_meta meta;

    assert_int_equal(fb_agent_output(agent, &meta, octets, sizeof octets, w->now), 0);
}

/** The ICMP error that waits is this one, about @p packet, for the correspondent. */
static void
assert_told(world *w, uint8_t code, uint16_t mtu, const data_packet *packet)
{
    uint8_t octets[1500];
    fb_meta meta;

    assert_int_equal(fb_agent_output(w->home_agent, &meta, octets, sizeof octets, w->now), 8 + 28);
    assert_int_equal(meta.protocol, ICMP);
    assert_int_equal(fb_addr_to_ipv4(&meta.src), WORLD_HOME_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), WORLD_CORRESPONDENT);
    assert_int_equal(octets[0], 3);
    assert_int_equal(octets[1], code);
    assert_int_equal(octets_u16(octets + 4), 0);
    assert_int_equal(octets_u16(octets + 6), mtu);
    assert_int_equal(data_sum(octets, 36), 0xffff);
    assert_memory_equal(octets + 8, packet->octets, 28);
    assert_silent(w, w->home_agent);
}

/* 5.1: "the MTU that is conveyed to the original sender by the encapsulator SHOULD be the MTU of the tunnel minus the
   size of the encapsulating IP header"; 4.1: "MUST relay ICMP Datagram Too Big messages" */
static void
test_too_big(void **state)
{
    static const struct
    {
        data_tunnel tunnel;
        uint16_t overhead;
    } cases[] = {
        {{.kind = FB_TUNNEL_IPIP}, 20},
        {{.kind = FB_TUNNEL_GRE}, 24},
        {{.kind = FB_TUNNEL_MINIMAL}, 12},
        {{.kind = FB_TUNNEL_IPIP, .udp = true, .nat_port = 62001}, 32},
        {{.kind = FB_TUNNEL_GRE, .udp = true, .nat_port = 62001}, 36},
        {{.kind = FB_TUNNEL_MINIMAL, .udp = true, .nat_port = 62001}, 24},
    };

    (void)state;
    requirement("B2003-03");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        world *w = registered_world(1);
        uint16_t room = (uint16_t)(1000 - cases[i].overhead);
        data_packet sent, icmp, packet;
        fb_action action;

        data_set_tunnel(w, 1, &cases[i].tunnel);
        sent = tunnelled(w, 1200);
        icmp = data_icmp_error(3, 4, 1000, &sent, 8); /* all that RFC 792 asks for */
        assert_int_equal(give(w, w->home_agent, &icmp), 0);

        packet = down(room, true);
        assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
        assert_silent(w, w->home_agent);
        packet = down(room + 1u, true);
        action = data_steer(w, w->home_agent, &packet);
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TOO_BIG);
        assert_told(w, 4, room, &packet);
        /* without DF the outer packet may be fragmented */
        packet = down(1400, false);
        assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
        assert_silent(w, w->home_agent);
        world_end(w);
    }
}

/* RFC 1191 6.3: forgotten after ten minutes; less than known before is believed at once */
static void
test_too_big_ages(void **state)
{
    world *w = registered_world(1);
    data_packet sent = tunnelled(w, 1400), icmp = data_icmp_error(3, 4, 1000, &sent, 8), packet;
    fb_time learnt;

    (void)state;
    requirement("B2003-03");
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    icmp = data_icmp_error(3, 4, 1200, &sent, 8); /* another part of the path; the least counts */
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    learnt = w->now;
    packet = down(981, true);
    assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TOO_BIG);
    world_run_until(w, learnt + 600 * FB_SECOND - 1);
    assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TOO_BIG);
    world_run_until(w, learnt + 600 * FB_SECOND);
    assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
    world_end(w);
}

/* RFC 1191 5, 7: a router that tells no MTU; 3: never below 68 */
static void
test_too_big_without_or_with_a_tiny_mtu(void **state)
{
    world *w = registered_world(1);
    data_packet sent = tunnelled(w, 1400), icmp = data_icmp_error(3, 4, 0, &sent, 8), packet;

    (void)state;
    requirement("B2003-03");
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    packet = down(1006 - 20, true); /* 1006: the plateau below 1420 is 1006 */
    assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
    packet = down(1006 - 20 + 1, true);
    assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TOO_BIG);
    assert_told(w, 4, 1006 - 20, &packet);
    world_run(w, FB_SECOND);

    icmp = data_icmp_error(3, 4, 1, &sent, 8);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    packet = down(68, true);
    assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
    packet = down(69, true);
    assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TOO_BIG);
    assert_told(w, 4, 68, &packet);
    world_end(w);
}

/* Only what quotes a packet of one of our tunnels is believed */
static void
test_what_is_not_believed(void **state)
{
    world *w = registered_world(2);
    data_packet sent = tunnelled(w, 1400), bad = sent, icmp, packet = down(1400, true);

    (void)state;
    requirement("B2003-03");
    icmp = data_icmp_error(3, 4, 1420, &sent, 8); /* it would have fitted */
    assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED);
    bad = sent, bad.octets[15]++; /* not our address */
    icmp = data_icmp_error(3, 4, 1000, &bad, 8);
    assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED);
    bad = sent, bad.octets[19] = 77; /* nobody's care-of address */
    icmp = data_icmp_error(3, 4, 1000, &bad, 8);
    assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED);
    for (unsigned protocol = 0; protocol < 256; protocol++)
    {
        if (protocol == 4 || protocol == 41)
        {
            continue; /* 41: IPv6 in the same tunnel */
        }
        bad = sent, bad.octets[9] = (uint8_t)protocol;
        icmp = data_icmp_error(3, 4, 1000, &bad, 8);
        assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED);
    }
    /* enough is quoted to see: for nobody here, or whoever: by its tunnel */
    bad = sent, bad.octets[20 + 19]++;
    icmp = data_icmp_error(3, 4, 1000, &bad, 7);
    assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED);
    icmp = data_icmp_error(3, 4, 1000, &sent, 28);
    for (size_t bit = 0; bit < icmp.length * 8; bit++)
    {
        data_packet damaged = icmp;

        damaged.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(give(w, w->home_agent, &damaged), 0);
    }
    for (size_t length = 0; length < icmp.length; length++)
    {
        data_packet cut = icmp;

        cut.length = length;
        assert_int_not_equal(give(w, w->home_agent, &cut), 0);
    }
    assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
    assert_silent(w, w->home_agent);
    /* the other path has nothing to do with it */
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TOO_BIG);
    administrator(w, FB_FACT_DEREGISTER, sent.octets[19] == 17 ? 1 : 2);
    world_run(w, FB_SECOND);
    assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
    world_end(w);
}

/* 4.1, 4.4: network, host and protocol unreachable, time exceeded: Host Unreachable; 4.1-4.3, 4.5: the rest never */
static void
test_unreachable(void **state)
{
    (void)state;
    requirement("B2003-03");
    for (unsigned i = 0; i < 256 + 16; i++)
    {
        uint8_t type = i < 16 ? 3 : (uint8_t)(i - 16), code = i < 16 ? (uint8_t)i : 0;
        bool relayed = (type == 3 && code <= 2) || type == 11;
        world *w = registered_world(1);
        data_packet sent = tunnelled(w, 100), packet = down(100, false), icmp;

        if (type == 9 || type == 10 || (type == 3 && code == 4) || (i > 40 && i % 16 != 0))
        {
            world_end(w);
            continue; /* agent discovery; too big; a sample of the rest */
        }
        icmp = data_icmp_error(type, code, 0, &sent, 8);
        assert_int_equal(give(w, w->home_agent, &icmp), relayed ? 0 : FB_DROP_NOT_EXPECTED);
        if (!relayed)
        {
            assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
            assert_silent(w, w->home_agent);
            world_end(w);
            continue;
        }
        assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TUNNEL_UNREACHABLE);
        assert_told(w, 1, 0, &packet);
        /* it is tried again */
        world_run(w, FB_SECOND);
        assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
        world_end(w);
    }
}

/* RFC 1812 4.3.2.8, RFC 1122 3.2.2: not too many, and not about errors, later fragments and packets of no one host */
static void
test_who_is_told(void **state)
{
    world *w = registered_world(1);
    data_packet sent = tunnelled(w, 1400), icmp = data_icmp_error(3, 4, 1000, &sent, 8), packet;

    (void)state;
    requirement("B2003-03");
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    for (unsigned i = 0; i < 5; i++)
    {
        packet = down(1400, true);
        if (i == 1)
        {
            packet.octets[7] = 9; /* offset */
        }
        else if (i == 2)
        {
            packet.octets[9] = ICMP, packet.octets[20] = 3;
        }
        else if (i == 3)
        {
            packet.octets[12] = 0xe0; /* 224.0.2.200 */
        }
        else if (i == 4)
        {
            memset(packet.octets + 12, 0, 4);
        }
        data_seal(&packet);
        assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TOO_BIG);
        if (i == 0)
        {
            assert_told(w, 4, 980, &packet);
        }
        assert_silent(w, w->home_agent);
        world_run(w, FB_SECOND);
    }
    packet = down(1400, true);
    data_steer(w, w->home_agent, &packet);
    assert_told(w, 4, 980, &packet);
    data_steer(w, w->home_agent, &packet); /* at once again */
    assert_silent(w, w->home_agent);
    world_run(w, 100 * FB_MILLISECOND);
    packet.octets[9] = ICMP, packet.octets[20] = 8; /* an echo request is no error */
    data_seal(&packet);
    data_steer(w, w->home_agent, &packet);
    assert_told(w, 4, 980, &packet);
    world_end(w);
}

/* The mobile node's end: its own applications learn it, path by path */
static void
test_mobile_node(void **state)
{
    world *w = registered_world(2);
    data_packet packet = data_ipv4(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, UDP, 1400), sent, icmp,
                group;
    fb_action action;
    fb_meta meta;
    uint8_t octets[1500], bid;

    (void)state;
    requirement("B2003-03");
    packet.octets[6] = 0x40;
    data_seal(&packet);
    action = data_steer(w, w->mobile_node, &packet);
    sent = data_result(&action, &packet);
    bid = action.path.bid;
    icmp = data_icmp_error(3, 4, 576, &sent, 8);
    assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED); /* not its tunnel */
    assert_int_equal(give(w, w->mobile_node, &icmp), 0);
    assert_int_equal(data_steer(w, w->mobile_node, &packet).reason, FB_DROP_TOO_BIG);
    assert_int_equal(fb_agent_output(w->mobile_node, &meta, octets, sizeof octets, w->now), 36);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), WORLD_HOME_ADDRESS);
    assert_int_equal(octets_u16(octets + 6), 556);
    /* RFC 1122 3.2.2: never about "a datagram destined to an IP broadcast or IP multicast address" */
    world_run(w, FB_SECOND);
    group = packet, group.octets[6] = 0, group.octets[16] = 0xe0;
    do
    {
        group.octets[19]++; /* one that takes the same path */
        data_seal(&group);
    }
    while (data_steer(w, w->mobile_node, &group).path.bid != bid);
    icmp = data_icmp_error(3, 1, 0, &sent, 8);
    assert_int_equal(give(w, w->mobile_node, &icmp), 0);
    assert_int_equal(data_steer(w, w->mobile_node, &group).reason, FB_DROP_TUNNEL_UNREACHABLE);
    assert_silent(w, w->mobile_node);
    administrator(w, FB_FACT_DEREGISTER, bid);
    world_run(w, FB_SECOND);
    assert_int_equal(data_steer(w, w->mobile_node, &packet).kind, FB_SEND);
    world_end(w);
}

/* 4: what quotes more than RFC 792 asks for is relayed to the source at once: RFC 1812 4.3.2.3 */
static void
test_relayed_at_once(void **state)
{
    world *w = registered_world(1);
    data_packet packet = down(1200, true), sent, icmp;
    fb_action action;

    (void)state;
    requirement("B2003-03");
    action = data_steer(w, w->home_agent, &packet);
    sent = data_result(&action, &packet);
    icmp = data_icmp_error(3, 4, 1000, &sent, 20 + 7); /* one octet less than its source needs */
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_silent(w, w->home_agent);
    icmp = data_icmp_error(3, 4, 1000, &sent, 20 + 8);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_told(w, 4, 980, &packet);
    assert_int_equal(give(w, w->home_agent, &icmp), 0); /* RFC 1812 4.3.2.8: not so often */
    assert_silent(w, w->home_agent);
    world_run(w, FB_SECOND);
    icmp = data_icmp_error(11, 0, 0, &sent, 400);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_told(w, 1, 0, &packet);
    world_run(w, FB_SECOND);
    /* without DF its source can do nothing about it */
    packet = down(1200, false);
    memcpy(sent.octets + 20, packet.octets, packet.length);
    icmp = data_icmp_error(3, 4, 900, &sent, 400);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_silent(w, w->home_agent);
    world_end(w);
}

/* RFC 5454 3.5: an IPv6 packet in an IPv4 packet made here: this node would tell itself */
static void
test_a_packet_made_here(void **state)
{
    world *w = registered_world(1);
    data_packet packet = down(1200, true), sent, icmp;
    fb_action action;

    (void)state;
    requirement("B2003-03");
    action = data_steer(w, w->home_agent, &packet);
    sent = data_result(&action, &packet);
    sent.octets[20 + 9] = 41;
    memcpy(sent.octets + 20 + 12, fb_addr_from_ipv4(WORLD_HOME_AGENT).octet, 4);
    icmp = data_icmp_error(3, 1, 0, &sent, 100);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_silent(w, w->home_agent);
    assert_int_equal(data_steer(w, w->home_agent, &packet).reason, FB_DROP_TUNNEL_UNREACHABLE);
    world_end(w);
}

/* A fragment of an outer packet: which tunnel it is of its addresses say, but not ports that it does not have */
static void
test_a_later_fragment_quoted(void **state)
{
    static const data_tunnel udp = {.kind = FB_TUNNEL_IPIP, .udp = true, .nat_port = 62001};
    world *w = registered_world(1);
    data_packet sent = tunnelled(w, 1400), icmp;

    (void)state;
    requirement("B2003-03");
    sent.octets[7] = 9;
    icmp = data_icmp_error(11, 1, 0, &sent, 28);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    assert_silent(w, w->home_agent);
    world_run(w, FB_SECOND);
    data_set_tunnel(w, 1, &udp);
    sent = tunnelled(w, 1400);
    icmp = data_icmp_error(11, 1, 0, &sent, 8);
    assert_int_equal(give(w, w->home_agent, &icmp), 0);
    sent.octets[7] = 9;
    icmp = data_icmp_error(11, 1, 0, &sent, 8);
    assert_int_equal(give(w, w->home_agent, &icmp), FB_DROP_NOT_EXPECTED);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_too_big_ages),
        cmocka_unit_test(test_too_big_without_or_with_a_tiny_mtu),
        cmocka_unit_test(test_what_is_not_believed),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_who_is_told),
        cmocka_unit_test(test_mobile_node),
        cmocka_unit_test(test_relayed_at_once),
        cmocka_unit_test(test_a_packet_made_here),
        cmocka_unit_test(test_a_later_fragment_quoted),
    };

    return cmocka_run_group_tests_name("rfc2003_5_soft_state", tests, NULL, NULL);
}
