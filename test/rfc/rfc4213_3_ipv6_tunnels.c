/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 4213 3, IPv6 in the tunnels of a dual-stack mobile node (RFC 5454), and the policy they follow (RFC 7629 4.2).
 */

#include "data_plane.h"
#include "router.h"

#include <string.h>

#define ICMPV6 58

/** An IPv6 packet of @p length octets between 2001:db8:f::1 and 2001:db8:a::1; TCP port 443 of the former. */
static data_packet
ipv6(bool to_node, size_t length)
{
    static const uint8_t correspondent[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1};
    uint8_t node[16] = {ROUTER_IPV6};
    data_packet packet = {.octets = {0x60, 0, 0, 0, 0, 0, TCP, 64}, .length = length};

    node[15] = 1;
    packet.octets[4] = (uint8_t)((length - 40) >> 8);
    packet.octets[5] = (uint8_t)(length - 40);
    memcpy(packet.octets + 8, to_node ? correspondent : node, 16);
    memcpy(packet.octets + 24, to_node ? node : correspondent, 16);
    packet.octets[to_node ? 40 : 42] = 443 >> 8;
    packet.octets[to_node ? 41 : 43] = 443 & 0xff;
    return packet;
}

static world *
dual_stack_world(void)
{
    world_setup setup;
    world *w;

    router_setup(&setup);
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 2; link++)
    {
        world_link_up(w, link);
        world_run(w, FB_SECOND);
    }
    return w;
}

/* Protocol 41, 0x86dd in GRE, Next Header 41 in UDP; IP in IP where minimal encapsulation was agreed on; both ways */
static void
test_both_ways(void **state)
{
    static const struct
    {
        data_tunnel tunnel;
        uint8_t front, where, what;
    } cases[] = {
        {{.kind = FB_TUNNEL_IPIP}, 20, 9, 41},
        {{.kind = FB_TUNNEL_GRE}, 24, 22, 0x86},
        {{.kind = FB_TUNNEL_MINIMAL}, 20, 9, 41},
        {{.kind = FB_TUNNEL_IPIP, .udp = true}, 32, 29, 41},
        {{.kind = FB_TUNNEL_GRE, .udp = true}, 36, 34, 0x86},
        {{.kind = FB_TUNNEL_MINIMAL, .udp = true}, 32, 29, 41},
    };
    world *w = dual_stack_world();

    (void)state;
    requirement("B4213-01", "B2473-01");
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++)
    {
        bool to_node = i % 2 == 0;
        fb_agent *from = to_node ? w->home_agent : w->mobile_node;
        data_packet inner = ipv6(to_node, 100), sent, payload, delivered;
        fb_action action;
        uint8_t bid;

        data_set_tunnel(w, 1, &cases[i / 2].tunnel);
        data_set_tunnel(w, 2, &cases[i / 2].tunnel);
        action = data_steer(w, from, &inner);
        bid = action.path.bid;
        sent = data_result(&action, &inner);
        assert_int_equal(sent.length, 100 + cases[i / 2].front);
        assert_int_equal(sent.octets[cases[i / 2].where], cases[i / 2].what);
        assert_int_equal(sent.octets[6], 0x40);
        action = data_arrive(w, to_node ? w->mobile_node : w->home_agent, &sent, 0, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, bid);
        delivered = data_result(&action, &payload);
        assert_int_equal(delivered.length, inner.length);
        assert_memory_equal(delivered.octets, inner.octets, inner.length);
        /* RFC 2473 3.1: a packet whose Hop Limit is 0 is not tunnelled */
        inner.octets[7] = 0;
        assert_int_equal(data_steer(w, from, &inner).reason, FB_DROP_TTL);
    }
    world_end(w);
}

/* RFC 7629 4.2: the rule's IPv6 selector chooses the path of the IPv6 packet, at both ends; others go by flow-hash */
static void
test_the_policy(void **state)
{
    world *w = dual_stack_world();
    fb_rule rule = {.action = FB_RULE_FORWARD,
                    .bid_count = 1,
                    .bid = {2},
                    .selector = {.format = FB_SELECTOR_IPV6}};
    bool used[3] = {false};

    (void)state;
    requirement("R7629-4.2-22", "R7629-4.2-23", "B5454-03", "B6088-10");
    rule.selector.u.v6.present = FB_SELECTOR6_SOURCE_PORT_START | FB_SELECTOR6_NEXT_HEADER_START;
    rule.selector.u.v6.source_port_start = 443;
    rule.selector.u.v6.next_header_start = TCP;
    assert_int_equal(world_policy(w, &rule, 1), FB_OK);
    world_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 1);
    for (unsigned port = 0; port < 64; port++)
    {
        data_packet down = ipv6(true, 60), up = ipv6(false, 60);
        fb_action there, back;

        down.octets[43] = up.octets[41] = (uint8_t)port;
        for (int again = 0; again < 2; again++) /* decided, and remembered */
        {
            assert_int_equal(data_steer(w, w->home_agent, &down).path.bid, 2);
            assert_int_equal(data_steer(w, w->mobile_node, &up).path.bid, 2);
        }
        down.octets[6] = up.octets[6] = UDP;
        there = data_steer(w, w->home_agent, &down);
        back = data_steer(w, w->mobile_node, &up);
        assert_int_equal(there.path.bid, back.path.bid);
        used[there.path.bid] = true;
    }
    assert_true(used[1] && used[2]);
    world_end(w);
}

/** A router inside the tunnel lets outer packets of @p mtu octets through only. */
static void
lower_mtu(world *w, uint16_t mtu)
{
    data_packet packet = ipv6(true, 1480), sent;
    fb_action action = data_steer(w, w->home_agent, &packet);
    fb_meta meta = {.protocol = ICMP};
    uint8_t icmp[36] = {3, 4, 0, 0, 0, 0, (uint8_t)(mtu >> 8), (uint8_t)mtu};
    uint16_t sum;

    sent = data_result(&action, &packet);
    memcpy(icmp + 8, sent.octets, 28);
    sum = (uint16_t)~data_sum(icmp, sizeof icmp);
    icmp[2] = (uint8_t)(sum >> 8);
    icmp[3] = (uint8_t)sum;
    assert_int_equal(fb_agent_input(w->home_agent, &meta, icmp, sizeof icmp, w->now), 0);
}

/* RFC 4213 3.2.2: "Packet Too Big" with the IPv4 path MTU less 20; below 1280 the outer packet is fragmented instead */
static void
test_packet_too_big(void **state)
{
    static const struct
    {
        uint16_t mtu, told;
    } cases[] = {{1400, 1380}, {1300, 1280}, {1299, 1280}, {576, 1280}};

    (void)state;
    requirement("B4213-01", "B2473-01", "B2003-03");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        world *w = dual_stack_world();
        data_packet packet = ipv6(true, cases[i].told + 1u), sent;
        uint8_t octets[1500];
        fb_action action;
        ptrdiff_t length;
        fb_meta meta;

        lower_mtu(w, cases[i].mtu);
        action = data_steer(w, w->home_agent, &packet);
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TOO_BIG);
        length = fb_agent_output(w->home_agent, &meta, octets, sizeof octets, w->now);
        assert_true(length > 8 + 48);
        assert_int_equal(meta.protocol, ICMPV6);
        assert_int_equal(meta.src.family, FB_FAMILY_NONE); /* the host's to choose */
        assert_int_equal(meta.dst.family, FB_FAMILY_IPV6);
        assert_memory_equal(meta.dst.octet, packet.octets + 8, 16);
        assert_int_equal(octets_u32(octets), 2u << 24); /* Type 2, no checksum */
        assert_int_equal(octets_u32(octets + 4), cases[i].told);
        assert_memory_equal(octets + 8, packet.octets, (size_t)length - 8);

        packet = ipv6(true, cases[i].told);
        action = data_steer(w, w->home_agent, &packet);
        sent = data_result(&action, &packet);
        assert_int_equal(sent.octets[6], cases[i].mtu - 20 >= 1280 ? 0x40 : 0);
        world_end(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_the_policy),
        cmocka_unit_test(test_packet_too_big),
    };

    return cmocka_run_group_tests_name("rfc4213_3_ipv6_tunnels", tests, NULL, NULL);
}
