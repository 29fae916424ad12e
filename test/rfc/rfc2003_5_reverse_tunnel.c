/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2003 4 and 5 at a foreign agent: ICMP errors from within the reverse tunnels of its visitors (RFC 3024 5), and
 * the TTL of what goes through them.
 */

#include "data_plane.h"
#include "visit.h"

#include <string.h>

#define ROUTER UINT32_C(0xcb007101) /* 203.0.113.1, on the way */

/** The node visits, with these flags and this delivery style. */
static world3 *
visitor_world(uint8_t flags, bool encapsulating)
{
    static const uint8_t style[] = {ENCAPSULATING_DELIVERY, 0};
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_fixed(w, 600, flags), reply;

    hand_sign(&request, MHAE);
    if (encapsulating)
    {
        hand_octets(&request, style, sizeof style);
    }
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    reply = visit_answer(&request, 0, 600, false);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));
    return w;
}

static fb_agent *
agent_of(world3 *w)
{
    return w->agent[WORLD3_FOREIGN_AGENT];
}

static int
give(world3 *w, const data_packet *icmp)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(ROUTER), .protocol = ICMP};
    int reason = fb_agent_input(agent_of(w), &meta, icmp->octets, icmp->length, w->now);
    fb_event event;

    while (fb_agent_poll_event(agent_of(w), &event))
    {
        assert_int_equal(event.reason, reason);
    }
    return reason;
}

/** A packet of the visitor, of @p length octets. */
static data_packet
up(size_t length, bool dont_fragment)
{
    data_packet packet = data_ipv4(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, UDP, length);

    packet.octets[6] = dont_fragment ? 0x40 : 0;
    data_seal(&packet);
    return packet;
}

/** What the agent does with what the visitor sends; encapsulated in IP in IP (RFC 3024 5.2), or as it is. */
static fb_action
send_up(world3 *w, const data_packet *packet, bool encapsulating, uint8_t tos)
{
    fb_packet described = {.packet = 5,
                           .header = packet->octets,
                           .header_len = packet->length,
                           .total_len = packet->length};
    fb_meta outer = {.src = fb_addr_from_ipv4(WORLD_HOME_ADDRESS),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .link = WORLD3_VISITED_LINK,
                     .protocol = 4,
                     .tos = tos};
    fb_ref from = {.link = WORLD3_VISITED_LINK};
    fb_action action;

    assert_int_equal(encapsulating ? fb_agent_receive(agent_of(w), &outer, &described, w->now)
                                   : fb_agent_steer(agent_of(w), from, &described, w->now),
                     FB_OK);
    assert_true(fb_agent_poll_action(agent_of(w), &action, w->now));
    return action;
}

/** The packet in the reverse tunnel. */
static data_packet
tunnelled(world3 *w, size_t length, bool encapsulating)
{
    data_packet packet = up(length, true);
    fb_action action = send_up(w, &packet, encapsulating, 0);

    assert_int_equal(action.kind, FB_SEND);
    return data_result(&action, &packet);
}

static void
assert_silent(world3 *w)
{
    uint8_t octets[1500];
    fb_meta meta;

    assert_int_equal(fb_agent_output(agent_of(w), &meta, octets, sizeof octets, w->now), 0);
}

/** The visitor is told this, about @p packet, over its own link and without ARP (RFC 5944 4.2.2). */
static void
assert_told(world3 *w, uint8_t type, uint8_t code, uint16_t mtu, const data_packet *packet)
{
    fb_meta request = visit_meta(), meta;
    uint8_t octets[1500];

    assert_int_equal(fb_agent_output(agent_of(w), &meta, octets, sizeof octets, w->now), 8 + 28);
    assert_int_equal(meta.protocol, ICMP);
    assert_int_equal(fb_addr_to_ipv4(&meta.src), WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), WORLD_HOME_ADDRESS);
    assert_int_equal(meta.link, WORLD3_VISITED_LINK);
    assert_int_equal(meta.link_addr_len, request.link_addr_len);
    assert_memory_equal(meta.link_addr, request.link_addr, request.link_addr_len);
    assert_int_equal(octets[0], type);
    assert_int_equal(octets[1], code);
    assert_int_equal(octets_u16(octets + 4), 0);
    assert_int_equal(octets_u16(octets + 6), mtu);
    assert_int_equal(data_sum(octets, 36), 0xffff);
    assert_memory_equal(octets + 8, packet->octets, 28);
    assert_silent(w);
}

/* 4.1: "MUST relay ICMP Datagram Too Big messages"; 5.1: "the MTU of the tunnel minus the size of the encapsulating IP
   header" */
static void
test_too_big(void **state)
{
    static const struct
    {
        uint8_t flags;
        bool encapsulating;
        uint16_t overhead;
    } cases[] = {
        {FLAG_T, false, 20},
        {FLAG_T | FLAG_G, false, 24},
        {FLAG_T | FLAG_M, false, 12},
        {FLAG_T, true, 20},
        {FLAG_T | FLAG_G, true, 24},
        {FLAG_T | FLAG_M, true, 12},
    };

    (void)state;
    requirement("B2003-03");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        bool encapsulating = cases[i].encapsulating;
        world3 *w = visitor_world(cases[i].flags, encapsulating);
        uint16_t room = (uint16_t)(1000 - cases[i].overhead);
        data_packet sent = tunnelled(w, 1200, encapsulating), packet;
        data_packet icmp = data_icmp_error(3, 4, 1000, &sent, 8);
        fb_action action;

        assert_int_equal(octets_u32(sent.octets + 12), WORLD3_FOREIGN_AGENT_ADDRESS);
        assert_int_equal(octets_u32(sent.octets + 16), WORLD_HOME_AGENT);
        assert_int_equal(sent.octets[6], 0x40); /* 3.1: DF is copied */
        assert_int_equal(give(w, &icmp), 0);
        assert_silent(w);
        packet = up(room, true);
        assert_int_equal(send_up(w, &packet, encapsulating, 0).kind, FB_SEND);
        assert_silent(w);
        packet = up(room + 1u, true);
        action = send_up(w, &packet, encapsulating, 0);
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TOO_BIG);
        assert_told(w, 3, 4, room, &packet);
        packet = up(1400, false); /* in fragments, if need be */
        assert_int_equal(send_up(w, &packet, encapsulating, 0).kind, FB_SEND);
        assert_silent(w);
        world3_end(w);
    }
}

/* 4.1, 4.4: Host Unreachable, and tried again after a second; at once where enough is quoted */
static void
test_unreachable(void **state)
{
    (void)state;
    requirement("B2003-03");
    for (unsigned encapsulating = 0; encapsulating < 2; encapsulating++)
    {
        world3 *w = visitor_world(FLAG_T, encapsulating != 0);
        data_packet sent = tunnelled(w, 100, encapsulating != 0), packet = up(100, false), icmp;
        fb_time when;

        icmp = data_icmp_error(11, 0, 0, &sent, 8);
        assert_int_equal(give(w, &icmp), 0);
        assert_silent(w);
        when = w->now;
        assert_int_equal(send_up(w, &packet, encapsulating != 0, 0).reason,
                         FB_DROP_TUNNEL_UNREACHABLE);
        assert_told(w, 3, 1, 0, &packet);
        world3_run_until(w, when + FB_SECOND);
        assert_int_equal(send_up(w, &packet, encapsulating != 0, 0).kind, FB_SEND);
        icmp = data_icmp_error(3, 0, 0, &sent, 28);
        memcpy(packet.octets, sent.octets + 20, packet.length);
        assert_int_equal(give(w, &icmp), 0);
        assert_told(w, 3, 1, 0, &packet);
        world3_end(w);
    }
}

/** An error about a packet from @p source to @p destination with @p protocol; what it comes to. */
static int
about(world3 *w, fb_ipv4 source, fb_ipv4 destination, uint8_t protocol)
{
    data_packet quoted = data_ipv4(source, destination, protocol, 1200);
    data_packet icmp = data_icmp_error(3, 4, 1000, &quoted, 8);

    return give(w, &icmp);
}

/* Only what a visitor's reverse tunnel carries is believed */
static void
test_what_is_not_believed(void **state)
{
    static const struct
    {
        uint8_t flags;
        uint8_t protocols[4]; /* that are */
    } cases[] = {
        {FLAG_T, {4, 41}},
        {FLAG_T | FLAG_G, {47}},
        {FLAG_T | FLAG_M, {4, 41, 55}},
        {0, {0}},
    };

    (void)state;
    requirement("B2003-03");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        world3 *w = visitor_world(cases[i].flags, false);
        const fb_ipv4 own = WORLD3_FOREIGN_AGENT_ADDRESS;

        for (unsigned protocol = 1; protocol < 256; protocol++)
        {
            bool is_tunnel = memchr(cases[i].protocols, (int)protocol, 4) != NULL;

            assert_int_equal(about(w, own, WORLD_HOME_AGENT, (uint8_t)protocol),
                             is_tunnel ? 0 : FB_DROP_NOT_EXPECTED);
            assert_int_equal(about(w, own + 1, WORLD_HOME_AGENT, (uint8_t)protocol),
                             FB_DROP_NOT_EXPECTED);
            assert_int_equal(about(w, own, WORLD_HOME_AGENT + 1, (uint8_t)protocol),
                             FB_DROP_NOT_EXPECTED);
        }
        assert_silent(w);
        world3_end(w);
    }
}

/* ... and as long as it visits */
static void
test_a_visitor_that_left(void **state)
{
    world3 *w = visitor_world(FLAG_T, false);
    hand request = visit_fixed(w, 0, FLAG_T), reply;

    (void)state;
    requirement("B2003-03");
    hand_sign(&request, MHAE);
    assert_int_equal(about(w, WORLD3_FOREIGN_AGENT_ADDRESS, WORLD_HOME_AGENT, 4), 0);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    reply = visit_answer(&request, 0, 0, false);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_false(visits(w));
    assert_int_equal(about(w, WORLD3_FOREIGN_AGENT_ADDRESS, WORLD_HOME_AGENT, 4),
                     FB_DROP_NOT_EXPECTED);
    world3_end(w);
}

static void
test_damage(void **state)
{
    world3 *w = visitor_world(FLAG_T, false);
    data_packet sent = tunnelled(w, 1200, false), icmp = data_icmp_error(3, 4, 1000, &sent, 28);

    (void)state;
    requirement("B2003-03");
    for (size_t bit = 0; bit < icmp.length * 8; bit++)
    {
        data_packet damaged = icmp;

        damaged.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(give(w, &damaged), 0);
    }
    for (size_t length = 0; length < icmp.length; length++)
    {
        data_packet cut = icmp;

        cut.length = length;
        assert_int_not_equal(give(w, &cut), 0);
    }
    assert_silent(w);
    assert_int_equal(give(w, &icmp), 0);
    world3_end(w);
}

/* 3.1: "the TTL in the inner IP header is decremented by one if the tunneling is being done as part of forwarding"; "If
   the resulting TTL in the inner IP header is 0, the datagram is discarded and an ICMP Time Exceeded message SHOULD be
   returned". Without encapsulation by the visitor the host has forwarded the packet before it shows it. */
static void
test_the_ttl(void **state)
{
    static const uint8_t flags[] = {FLAG_T, FLAG_T | FLAG_G, FLAG_T | FLAG_M};

    (void)state;
    requirement("B2003-01");
    for (unsigned i = 0; i < 3 * 2; i++)
    {
        world3 *w = visitor_world(flags[i % 3], true);
        uint8_t tos = i / 3 == 0 ? 0x02 : 0x03; /* RFC 3168 9.1.1: or with a mark of congestion */
        data_packet packet = up(100, false), sent, payload;
        const uint8_t *inner = payload.octets;
        fb_action action;
        fb_meta outer;

        packet.octets[1] = 0x02;
        packet.octets[8] = 2;
        data_seal(&packet);
        action = send_up(w, &packet, true, tos);
        assert_int_equal(action.kind, FB_SEND);
        sent = data_result(&action, &packet);
        assert_int_equal(sent.octets[1], tos);
        outer = data_open(&sent, 0, &payload);
        if (outer.protocol == 55)
        {
            assert_int_equal(outer.ttl, 1); /* RFC 2004 3.1: the outer header is the inner one */
        }
        else
        {
            inner += outer.protocol == 47 ? 4 : 0;
            assert_int_equal(outer.ttl, 64);
            assert_int_equal(inner[8], 1);
            assert_int_equal(inner[1], tos);
            assert_int_equal(data_sum(inner, 20), 0xffff);
            assert_memory_equal(inner + 12, packet.octets + 12, 100 - 12);
        }
        assert_silent(w);
        for (uint8_t ttl = 0; ttl < 2; ttl++)
        {
            world3_run(w, FB_SECOND);
            packet.octets[8] = ttl;
            data_seal(&packet);
            action = send_up(w, &packet, true, tos);
            assert_int_equal(action.kind, FB_DROP_PACKET);
            assert_int_equal(action.reason, FB_DROP_TTL);
            if (ttl == 1)
            {
                assert_told(w, 11, 0, 0, &packet);
            }
        }
        world3_end(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_what_is_not_believed),
        cmocka_unit_test(test_a_visitor_that_left),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_the_ttl),
    };

    return cmocka_run_group_tests_name("rfc2003_5_reverse_tunnel", tests, NULL, NULL);
}
