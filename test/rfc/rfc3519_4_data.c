/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3519 4: data packets in UDP tunnels, and what keeps these open.
 */

#include "exchange.h"

#include "agent_internal.h"
#include "data_plane.h"

#include <stdlib.h>
#include <string.h>

#define NAT UINT32_C(0xcb0071c8) /* 203.0.113.200 */
#define NAT_PORT 62001

/** What a NAT does to a packet of a UDP tunnel: @p at is 12 for the source, 16 for the destination. */
static data_packet
through_nat(data_packet packet, size_t at, fb_ipv4 address, uint16_t port)
{
    uint8_t *udp = packet.octets + 20;

    for (size_t i = 0; i < 4; i++)
    {
        packet.octets[at + i] = (uint8_t)(address >> (24 - 8 * i));
    }
    udp[at == 12 ? 0 : 2] = (uint8_t)(port >> 8);
    udp[at == 12 ? 1 : 3] = (uint8_t)port;
    memset(udp + 6, 0, 2); /* RFC 768: none */
    data_seal(&packet);
    return packet;
}

static data_tunnel
tunnel_behind_nat(uint8_t kind)
{
    data_tunnel tunnel = {.kind = kind, .udp = true, .nat = NAT, .nat_port = NAT_PORT};

    return tunnel;
}

static world *
udp_world(uint8_t kind)
{
    world *w = registered_world(1);
    data_tunnel tunnel = tunnel_behind_nat(kind);

    data_set_tunnel(w, 1, &tunnel);
    return w;
}

/* 4.2: UDP and the MIP Tunnel Data header, around each encapsulation, both ways through a NAT */
static void
test_both_ways(void **state)
{
    static const uint8_t next_header[] = {4, 47, 55};

    (void)state;
    requirement("B3519-07", "C-14");
    for (uint8_t kind = 0; kind < FB_TUNNEL_COUNT; kind++)
    {
        world *w = udp_world(kind);
        data_packet down = data_down(), up = data_up(), sent, payload, delivered;
        fb_action action = data_steer(w, w->home_agent, &down);

        sent = data_result(&action, &down);
        assert_int_equal(octets_u32(sent.octets + 12), WORLD_HOME_AGENT);
        assert_int_equal(octets_u32(sent.octets + 16), NAT);
        assert_int_equal(octets_u16(sent.octets + 20), 434);
        assert_int_equal(octets_u16(sent.octets + 22), NAT_PORT);
        assert_int_not_equal(octets_u16(sent.octets + 26), 0); /* judged by data_open() */
        assert_memory_equal(sent.octets + 28, ((const uint8_t[]){4, next_header[kind], 0, 0}), 4);
        data_open(&sent, 0, &payload);
        sent = through_nat(sent, 16, care_of(1), 434);
        action = data_arrive(w, w->mobile_node, &sent, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        delivered = data_result(&action, &payload);
        assert_memory_equal(delivered.octets, down.octets, down.length);

        action = data_steer(w, w->mobile_node, &up);
        sent = data_result(&action, &up);
        assert_int_equal(octets_u32(sent.octets + 12), care_of(1));
        assert_int_equal(octets_u32(sent.octets + 16), WORLD_HOME_AGENT);
        assert_int_equal(octets_u16(sent.octets + 20), 434);
        assert_int_equal(octets_u16(sent.octets + 22), 434);
        sent = through_nat(sent, 12, NAT, NAT_PORT);
        action = data_arrive(w, w->home_agent, &sent, 0, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, 1);
        delivered = data_result(&action, &payload);
        assert_memory_equal(delivered.octets, up.octets, up.length);
        world_end(w);
    }
}

/** A reverse-tunnelled packet as the home agent sees it. */
static data_packet
uplink_packet(world *w)
{
    data_packet up = data_up();
    fb_action action = data_steer(w, w->mobile_node, &up);

    return through_nat(data_result(&action, &up), 12, NAT, NAT_PORT);
}

static void
assert_refused(world *w, fb_agent *agent, const data_packet *packet, uint32_t link, int reason)
{
    data_packet payload;
    fb_action action = data_arrive(w, agent, packet, link, &payload);

    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, reason);
}

/* 4.3: "MUST verify that the outer IP addresses and UDP port numbers exactly match the values used for the tunnel" */
static void
test_addresses_and_ports(void **state)
{
    world *w = udp_world(FB_TUNNEL_IPIP);
    data_packet good = uplink_packet(w), down = data_down(), bad, payload;
    fb_action action;

    (void)state;
    requirement("B3519-07", "B3024-04", "C-14");
    assert_int_equal(data_arrive(w, w->home_agent, &good, 0, &payload).kind, FB_DELIVER);
    bad = through_nat(good, 12, NAT, NAT_PORT + 1); /* another node behind the same NAT */
    assert_refused(w, w->home_agent, &bad, 0, FB_DROP_TUNNEL_SOURCE);
    bad = through_nat(good, 12, NAT + 1, NAT_PORT);
    assert_refused(w, w->home_agent, &bad, 0, FB_DROP_TUNNEL_SOURCE);
    bad = through_nat(good, 12, care_of(1), 434); /* the care-of address is no end of it */
    assert_refused(w, w->home_agent, &bad, 0, FB_DROP_TUNNEL_SOURCE);
    bad = through_nat(good, 16, WORLD_HOME_AGENT, 435);
    assert_refused(w, w->home_agent, &bad, 0, FB_DROP_TUNNEL_SOURCE);

    action = data_steer(w, w->home_agent, &down);
    good = through_nat(data_result(&action, &down), 16, care_of(1), 434);
    assert_int_equal(data_arrive(w, w->mobile_node, &good, WORLD_WLAN, &payload).kind, FB_DELIVER);
    bad = through_nat(good, 12, WORLD_HOME_AGENT, 435);
    assert_refused(w, w->mobile_node, &bad, WORLD_WLAN, FB_DROP_TUNNEL_SOURCE);
    bad = through_nat(good, 12, WORLD_HOME_AGENT + 1, 434);
    assert_refused(w, w->mobile_node, &bad, WORLD_WLAN, FB_DROP_TUNNEL_SOURCE);
    bad = through_nat(good, 16, care_of(1), 435);
    assert_refused(w, w->mobile_node, &bad, WORLD_WLAN, FB_DROP_TUNNEL_SOURCE);
    bad = through_nat(good, 16, care_of(2), 434);
    assert_refused(w, w->mobile_node, &bad, WORLD_WLAN, FB_DROP_NO_BINDING);
    world_end(w);
}

/* 3.3: "MUST check that the Next Header value matches the tunnelling mode established"; 4.7: in UDP or not at all */
static void
test_what_was_agreed_and_nothing_else(void **state)
{
    (void)state;
    requirement("B3519-07", "B3024-04");
    for (uint8_t agreed = 0; agreed < 2 * FB_TUNNEL_COUNT; agreed++)
    {
        for (uint8_t used = 0; used < 2 * FB_TUNNEL_COUNT; used++)
        {
            world *w = registered_world(1);
            data_tunnel sender = {.kind = used % 3, .udp = used >= 3, .nat_port = 434};
            data_tunnel receiver = {.kind = agreed % 3, .udp = agreed >= 3, .nat_port = 434};
            data_packet down = data_down(), up = data_up(), to_node, to_home, payload;
            bool fits =
                sender.udp == receiver.udp &&
                (sender.kind == receiver.kind ||
                 /* RFC 5944 4.1: what does not fit minimal encapsulation goes as IP in IP */
                 (sender.kind == FB_TUNNEL_IPIP && receiver.kind == FB_TUNNEL_MINIMAL));
            fb_action action;

            data_set_tunnel(w, 1, &sender);
            action = data_steer(w, w->home_agent, &down);
            to_node = data_result(&action, &down);
            action = data_steer(w, w->mobile_node, &up);
            to_home = data_result(&action, &up);
            data_set_tunnel(w, 1, &receiver);
            action = data_arrive(w, w->mobile_node, &to_node, WORLD_WLAN, &payload);
            assert_int_equal(action.reason, fits ? 0 : FB_DROP_TUNNEL_PROTOCOL);
            action = data_arrive(w, w->home_agent, &to_home, 0, &payload);
            assert_int_equal(action.reason,
                             fits                          ? 0
                             : sender.udp && !receiver.udp ? FB_DROP_TUNNEL_SOURCE
                                                           : FB_DROP_TUNNEL_PROTOCOL);
            world_end(w);
        }
    }
}

/* 3.3: Type 4; Reserved "MUST be ignored on reception"; nothing of a damaged header is believed */
static void
test_the_tunnel_data_header(void **state)
{
    world *w = udp_world(FB_TUNNEL_IPIP);
    data_packet good = uplink_packet(w), payload;
    fb_meta meta = data_open(&good, 0, &payload);

    (void)state;
    requirement("B3519-07");
    for (unsigned type = 0; type < 256; type++)
    {
        data_packet packet = good;

        packet.octets[28] = (uint8_t)type;
        packet.octets[30] = (uint8_t)type; /* Reserved */
        packet.octets[31] = (uint8_t)~type;
        if (type == 4)
        {
            assert_int_equal(data_arrive(w, w->home_agent, &packet, 0, &payload).kind, FB_DELIVER);
            continue;
        }
        assert_refused(w, w->home_agent, &packet, 0, FB_DROP_TUNNEL_HEADER);
    }
    for (size_t length = 0; length < payload.length; length++)
    {
        uint8_t *cut = vectors_copy(payload.octets, length);
        fb_packet described = {.header = cut, .header_len = length, .total_len = length};
        fb_action action;

        assert_int_equal(fb_agent_receive(w->home_agent, &meta, &described, w->now), FB_OK);
        assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
        assert_int_equal(action.reason,
                         length < 4 ? FB_DROP_TUNNEL_HEADER : FB_DROP_PACKET_MALFORMED);
        free(cut);
    }
    world_end(w);
}

/* C-14: two NATs gave two links the same private address; which of them it is, the link says */
static void
test_the_same_address_on_two_links(void **state)
{
    world *w = registered_world(1);
    data_tunnel one = {.udp = true, .nat = NAT, .nat_port = 1001};
    data_tunnel two = {.udp = true, .nat = NAT, .nat_port = 1002};

    (void)state;
    requirement("C-14", "B3024-04", "B5944-56");
    data_set_tunnel(w, 1, &one);
    world_link_up(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    data_set_tunnel(w, 2, &two);
    fb_registration_find(&w->mobile_node->mobile_node.registrations, WORLD_LTE)->care_of_address =
        care_of(1);
    for (uint32_t link = 1; link <= 2; link++)
    {
        data_packet up = data_up(), down = data_down(), sent, payload;
        fb_action action;
        fb_outer outer;

        /* downlink: the home agent tells them apart by the port */
        outer = fb_home_agent_outer(
            &w->home_agent->home_agent,
            fb_cache_binding(&w->home_agent->home_agent.cache, 0, (uint8_t)link));
        assert_int_equal(outer.destination, NAT);
        assert_int_equal(outer.destination_port, 1000 + link);
        action = data_steer(w, w->home_agent, &down);
        sent = through_nat(data_result(&action, &down), 16, care_of(1), 434);
        action = data_arrive(w, w->mobile_node, &sent, link, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.link, link);
        /* uplink */
        action = data_steer(w, w->mobile_node, &up);
        sent = through_nat(data_result(&action, &up), 12, NAT, (uint16_t)(1000 + link));
        action = data_arrive(w, w->home_agent, &sent, 0, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, link);
    }
    world_end(w);
}

/* ---- 4.9: keepalives ---- */

/** @p packet in the UDP tunnel of the world, from the mobile node as the home agent sees it, or the other way. */
static data_packet
in_tunnel(const data_packet *inner, uint8_t kind, bool to_home_agent)
{
    size_t front = 32 + (kind == FB_TUNNEL_GRE ? 4u : 0u);
    data_packet outer = data_ipv4(to_home_agent ? NAT : WORLD_HOME_AGENT,
                                  to_home_agent ? WORLD_HOME_AGENT : care_of(1),
                                  UDP,
                                  front + inner->length);
    uint8_t *udp = outer.octets + 20;
    uint16_t source = to_home_agent ? NAT_PORT : 434;

    memset(udp, 0, 16);
    udp[0] = (uint8_t)(source >> 8);
    udp[1] = (uint8_t)source;
    udp[2] = 434 >> 8;
    udp[3] = 434 & 0xff;
    udp[5] = (uint8_t)(outer.length - 20);
    udp[8] = 4;
    udp[9] = kind == FB_TUNNEL_GRE ? 47 : 4;
    if (kind == FB_TUNNEL_GRE)
    {
        udp[14] = 0x08; /* Protocol Type 0x0800 */
    }
    memcpy(outer.octets + front, inner->octets, inner->length);
    return outer;
}

/** The path whose keepalives are looked at. */
static fb_registration *
waiting(world *w)
{
    return fb_registration_find(&w->mobile_node->mobile_node.registrations, WORLD_WLAN);
}

/* "The keepalive message ... MUST consist of a properly UDP encapsulated ICMP echo request directed to the home
   agent"; the answer takes the same way back, whatever the policy says (D-39) */
static void
test_keepalives_are_answered(void **state)
{
    (void)state;
    requirement("D-39", "B3519-07");
    for (uint8_t kind = 0; kind < FB_TUNNEL_COUNT; kind++)
    {
        world *w = udp_world(kind);
        fb_rule drop_all[1] = {drop_rule(ICMP, 0)};
        data_packet request = data_echo(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 8, 1);
        data_packet expected = data_echo(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 0, 1);
        data_packet answer, payload, arrived;
        fb_action action;

        drop_all[0].selector.u.v4 = (fb_selector4){0}; /* anything */
        assert_int_equal(world_policy(w, drop_all, 1), FB_OK);
        world_run(w, FB_SECOND);
        data_tunnel tunnel = tunnel_behind_nat(kind);
        data_set_tunnel(w, 1, &tunnel);
        answer = in_tunnel(&request, kind, true);
        action = data_arrive(w, w->home_agent, &answer, 0, &payload);
        assert_int_equal(action.kind, FB_SEND);
        assert_int_equal(action.path.bid, 1);
        assert_int_equal(action.path.session, 1);
        answer = data_result(&action, &payload);
        assert_int_equal(octets_u32(answer.octets + 16), NAT);
        assert_int_equal(octets_u16(answer.octets + 20), 434);
        assert_int_equal(octets_u16(answer.octets + 22), NAT_PORT);
        assert_int_not_equal(octets_u16(answer.octets + 26), 0);
        data_open(&answer, 0, &payload); /* judges its checksums */
        answer = through_nat(answer, 16, care_of(1), 434);

        /* the node takes it for itself: it asked with its BID */
        waiting(w)->keepalive_tries = 1;
        action = data_arrive(w, w->mobile_node, &answer, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_CONSUME);
        assert_int_equal(action.path.bid, 1);
        assert_int_equal(waiting(w)->keepalive_tries, 0);

        /* what is inside: TTL and Identification are new, the rest is the request's */
        if (kind != FB_TUNNEL_MINIMAL)
        {
            size_t front = kind == FB_TUNNEL_GRE ? 36 : 32;

            arrived.length = answer.length - front;
            memcpy(arrived.octets, answer.octets + front, arrived.length);
            assert_int_equal(arrived.length, expected.length);
            assert_int_equal(data_sum(arrived.octets, 20), 0xffff);
            assert_int_equal(arrived.octets[8], 64);
            assert_int_equal(data_sum(arrived.octets + 20, 20), 0xffff);
            assert_memory_equal(arrived.octets + 12, expected.octets + 12, 28);
        }
        world_end(w);
    }
}

/* With options in its header, and with the rest of a long request not there: no UDP checksum then */
static void
test_unusual_keepalives(void **state)
{
    world *w = udp_world(FB_TUNNEL_IPIP);
    data_packet request = data_echo(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 8, 9), answer, payload;
    data_packet long_request = data_ipv4(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, ICMP, 200);
    fb_packet described;
    fb_action action;
    fb_meta meta;

    (void)state;
    requirement("D-39");
    memmove(request.octets + 24, request.octets + 20, 20);
    request.octets[0] = 0x46;
    memset(request.octets + 20, 1, 4); /* No Operation */
    request.octets[3] = 44;
    request.length = 44;
    data_seal(&request);
    answer = in_tunnel(&request, FB_TUNNEL_IPIP, true);
    action = data_arrive(w, w->home_agent, &answer, 0, &payload);
    assert_int_equal(action.kind, FB_SEND);
    answer = data_result(&action, &payload);
    data_open(&answer, 0, &payload);
    assert_int_equal(answer.length, 32 + 40);
    assert_int_equal(answer.octets[32], 0x45);
    assert_int_equal(data_sum(answer.octets + 52, 20), 0xffff);

    long_request.octets[20] = 8;
    long_request.octets[21] = 0;
    answer = in_tunnel(&long_request, FB_TUNNEL_IPIP, true);
    meta = data_open(&answer, 0, &payload);
    described = (fb_packet){.header = payload.octets,
                            .header_len = 4 + 20 + 8,
                            .total_len = payload.length};
    assert_int_equal(fb_agent_receive(w->home_agent, &meta, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
    assert_int_equal(action.kind, FB_SEND);
    answer = data_result(&action, &payload);
    assert_int_equal(octets_u16(answer.octets + 26), 0);
    assert_int_equal(octets_u16(answer.octets + 24), 200 + 12);
    world_end(w);
}

/** What the home agent does with @p inner out of the tunnel. */
static fb_action
at_home(world *w, const data_packet *inner)
{
    data_packet outer = in_tunnel(inner, FB_TUNNEL_IPIP, true), payload;

    return data_arrive(w, w->home_agent, &outer, 0, &payload);
}

/* Not a keepalive: another destination, another kind of ICMP, a fragment, a piece; or not from this tunnel */
static void
test_what_is_no_keepalive(void **state)
{
    world *w = udp_world(FB_TUNNEL_IPIP);
    data_packet request = data_echo(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 8, 1), packet, payload;
    data_tunnel plain = {.kind = FB_TUNNEL_IPIP};

    (void)state;
    requirement("D-39");
    assert_int_equal(at_home(w, &request).kind, FB_SEND);
    packet = data_echo(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, 8, 1);
    assert_int_equal(at_home(w, &packet).kind, FB_DELIVER);
    packet = data_echo(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, 0, 1);
    assert_int_equal(at_home(w, &packet).kind, FB_DELIVER);
    packet = data_echo(WORLD_HOME_ADDRESS + 1, WORLD_HOME_AGENT, 8, 1);
    assert_int_equal(at_home(w, &packet).reason, FB_DROP_TUNNEL_INNER_SOURCE);
    packet = request, packet.octets[21] = 1; /* Code */
    assert_int_equal(at_home(w, &packet).kind, FB_DELIVER);
    packet = request, packet.octets[6] = 0x20; /* More Fragments */
    assert_int_equal(at_home(w, &packet).kind, FB_DELIVER);
    /* longer than it says: nobody knows what the rest is */
    packet = request, packet.octets[3] = 39;
    assert_int_equal(at_home(w, &packet).kind, FB_DELIVER);
    for (size_t length = 20; length < 28; length++)
    {
        packet = request;
        packet.octets[3] = (uint8_t)length;
        packet.length = length;
        assert_int_equal(at_home(w, &packet).kind, FB_DELIVER);
    }
    packet = in_tunnel(&request, FB_TUNNEL_IPIP, true);
    packet = through_nat(packet, 12, NAT, NAT_PORT + 1);
    assert_refused(w, w->home_agent, &packet, 0, FB_DROP_TUNNEL_SOURCE);

    /* outside of UDP it is a packet like any other */
    data_set_tunnel(w, 1, &plain);
    {
        data_packet outer = data_ipv4(care_of(1), WORLD_HOME_AGENT, 4, 60);

        memcpy(outer.octets + 20, request.octets, 40);
        assert_int_equal(data_arrive(w, w->home_agent, &outer, 0, &payload).kind, FB_DELIVER);
    }
    world_end(w);
}

/* The node takes only answers to its own requests: an application's own echo comes through */
static void
test_whose_answer_it_is(void **state)
{
    world *w = udp_world(FB_TUNNEL_IPIP);

    (void)state;
    requirement("D-39");
    for (unsigned i = 0; i < 4; i++)
    {
        data_packet answer = data_echo(i == 1 ? WORLD_CORRESPONDENT : WORLD_HOME_AGENT,
                                       WORLD_HOME_ADDRESS,
                                       i == 2 ? 8 : 0,
                                       i == 3 ? 0x101 : 1);
        data_packet outer = in_tunnel(&answer, FB_TUNNEL_IPIP, false), payload;
        fb_action action;

        waiting(w)->keepalive_tries = 1;
        action = data_arrive(w, w->mobile_node, &outer, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, i == 0 ? FB_CONSUME : FB_DELIVER);
        assert_int_equal(waiting(w)->keepalive_tries, i == 0 ? 0 : 1);
    }
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_addresses_and_ports),
        cmocka_unit_test(test_what_was_agreed_and_nothing_else),
        cmocka_unit_test(test_the_tunnel_data_header),
        cmocka_unit_test(test_the_same_address_on_two_links),
        cmocka_unit_test(test_keepalives_are_answered),
        cmocka_unit_test(test_unusual_keepalives),
        cmocka_unit_test(test_what_is_no_keepalive),
        cmocka_unit_test(test_whose_answer_it_is),
    };

    return cmocka_run_group_tests_name("rfc3519_4_data", tests, NULL, NULL);
}
