/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 5844 4: gateway and anchor are joined by IPv4: Mobility Headers in UDP 5436, data in IPv4 or in UDP 5437, and
 * beside it paths of IPv6 (D8-29).
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"

#define UDP 17
#define SIP 5060

/** Link 1 over IPv6 and link 4 over IPv4, with @p udp and @p tunnel asked for there. */
static proxy_pair *
start(uint8_t udp, uint8_t tunnel, bool key)
{
    proxy_setup setup;
    proxy_pair *w;

    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    w->link[PROXY_IPV4].udp = udp;
    w->link[PROXY_IPV4].tunnel = tunnel;
    w->link[PROXY_IPV4].gre_key = key;
    proxy_link_up(w, PROXY_LTE);
    proxy_link_up(w, PROXY_IPV4);
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    return w;
}

static void
use_path(proxy_pair *w, uint8_t bid)
{
    fb_rule rules[] = {{.action = FB_RULE_FORWARD,
                        .bid_count = 1,
                        .bid = {bid},
                        .selector.format = FB_SELECTOR_IPV6},
                       {.action = FB_RULE_FORWARD,
                        .bid_count = 1,
                        .bid = {bid},
                        .selector.format = FB_SELECTOR_IPV4}};

    proxy_static_policy(w, rules, 2);
}

/** An IPv4 or IPv6 packet of 100 octets, either way. */
static data_packet
packet_of(const proxy_pair *w, bool up, bool ipv4)
{
    fb_ipv4 node = proxy_session(w, FB_ROLE_LMA).home_address;

    if (!ipv4)
    {
        return up ? proxy_up(w, UDP, SIP) : proxy_down(w, UDP, SIP);
    }
    return up ? data_ipv4(node, WORLD_CORRESPONDENT, UDP, 100)
              : data_ipv4(WORLD_CORRESPONDENT, node, UDP, 100);
}

/** Octets 0 to 19 are an IPv4 header between the two ends, TTL 64; its checksum and length have been looked at. */
static void
assert_outer(const data_packet *sent, bool up, uint8_t protocol)
{
    const uint8_t gateway[] = {203, 0, 113, 90}, anchor[] = {192, 0, 2, 53};
    data_packet payload;

    (void)data_open(sent, 0, &payload);
    assert_int_equal(sent->octets[0], 0x45);
    assert_int_equal(sent->octets[8], 64);
    assert_int_equal(sent->octets[9], protocol);
    assert_memory_equal(sent->octets + 12, up ? gateway : anchor, 4);
    assert_memory_equal(sent->octets + 16, up ? anchor : gateway, 4);
}

/* 4.1.3.1: "the Proxy Binding Update ... UDP destination port 5436"; "Checksum ... set to zero"; "IPv4 Proxy-CoA" is
 * the source of the packet */
static void
test_messages_are_in_udp(void **state)
{
    proxy_pair *w = start(FB_UDP_NEVER, FB_TUNNEL_IPIP, false);
    const proxy_message *update = proxy_last(w, true, 5), *answer = proxy_last(w, false, 6);

    (void)state;
    requirement("B5844-03", "D8-29");
    assert_int_equal(update->meta.protocol, UDP);
    assert_int_equal(update->meta.sport, 5436);
    assert_int_equal(update->meta.dport, 5436);
    assert_int_equal(fb_addr_to_ipv4(&update->meta.src), PROXY_GATEWAY_IPV4);
    assert_int_equal(fb_addr_to_ipv4(&update->meta.dst), PROXY_ANCHOR_IPV4);
    assert_int_equal(update->octets[4] << 8 | update->octets[5], 0);
    assert_int_equal(answer->meta.protocol, UDP);
    assert_int_equal(answer->meta.sport, 5436);
    assert_int_equal(answer->meta.dport, 5436);
    assert_int_equal(fb_addr_to_ipv4(&answer->meta.dst), PROXY_GATEWAY_IPV4);
    assert_int_equal(answer->octets[4] << 8 | answer->octets[5], 0);
    assert_proxy_bids(w, FB_ROLE_LMA, "14");
    assert_memory_equal(proxy_binding(w, FB_ROLE_LMA, 4).care_of.octet, "\xcb\x00\x71\x5a", 4);
    proxy_end(w);
}

/* 4.1.4.1: "IPv4 or IPv6 packet ... encapsulated in an IPv4 packet": protocols 4 and 41 (R8278-2-02: RFC 4213) */
static void
test_data_in_ipv4(void **state)
{
    proxy_pair *w = start(FB_UDP_NEVER, FB_TUNNEL_IPIP, false);

    (void)state;
    requirement("B5844-03", "R8278-2-02", "D8-29");
    use_path(w, 4);
    for (unsigned i = 0; i < 4; i++)
    {
        bool up = i % 2, ipv4 = i / 2;
        data_packet packet = packet_of(w, up, ipv4), inner;
        proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

        assert_outer(&sent.packet[0], up, ipv4 ? 4 : 41);
        assert_int_equal(sent.packet[0].length, 120);
        assert_int_equal(proxy_arrive(w, up ? w->anchor : w->gateway, &sent.packet[0], &inner).kind,
                         FB_DELIVER);
        assert_int_equal(inner.length, packet.length);
        assert_memory_equal(inner.octets, packet.octets, packet.length);
    }
    proxy_end(w);
}

/* 4: "IPv4-UDP ... UDP header ... 5437", the packet directly behind it, checksum there and right */
static void
test_data_in_udp(void **state)
{
    const uint8_t udp[] = {5437 >> 8, 5437 & 0xff, 5437 >> 8, 5437 & 0xff, 0, 108};
    proxy_pair *w = start(FB_UDP_FORCE, FB_TUNNEL_IPIP, false);

    (void)state;
    requirement("B5844-03", "R8278-1-03", "D8-29");
    assert_int_equal(proxy_binding(w, FB_ROLE_MAG, 4).udp_port, 5437);
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 4).udp_port, 5437);
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 1).udp_port, 0);
    use_path(w, 4);
    for (unsigned i = 0; i < 4; i++)
    {
        bool up = i % 2, ipv4 = i / 2;
        data_packet packet = packet_of(w, up, ipv4), inner;
        proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

        assert_outer(&sent.packet[0], up, UDP);
        assert_memory_equal(sent.packet[0].octets + 20, udp, sizeof udp);
        assert_true(sent.packet[0].octets[26] != 0 || sent.packet[0].octets[27] != 0);
        assert_int_equal(sent.packet[0].length, 128);
        assert_memory_equal(sent.packet[0].octets + 28, packet.octets, packet.length);
        assert_int_equal(proxy_arrive(w, up ? w->anchor : w->gateway, &sent.packet[0], &inner).kind,
                         FB_DELIVER);
        assert_memory_equal(inner.octets, packet.octets, packet.length);
    }
    proxy_end(w);
}

/** A UDP tunnel packet with this octet changed, its checksum left out. */
static data_packet
changed(const data_packet *sent, size_t at, uint8_t value)
{
    data_packet packet = *sent;

    packet.octets[26] = packet.octets[27] = 0;
    packet.octets[at] = value;
    data_seal(&packet);
    return packet;
}

/* Only from the ports that were agreed on, and only what is IP */
static void
test_udp_from_elsewhere(void **state)
{
    proxy_pair *w = start(FB_UDP_FORCE, FB_TUNNEL_IPIP, false);

    (void)state;
    requirement("R8278-1-03");
    use_path(w, 4);
    for (unsigned up = 0; up < 2; up++)
    {
        fb_agent *to = up ? w->anchor : w->gateway;
        data_packet packet = packet_of(w, up, false), wrong, inner;
        proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

        wrong = changed(&sent.packet[0], 27, 0);
        assert_int_equal(proxy_arrive(w, to, &wrong, &inner).kind, FB_DELIVER);
        wrong = changed(&sent.packet[0], 21, 0x3e); /* from port 5438 */
        proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_SOURCE);
        wrong = changed(&sent.packet[0], 15, 0x5b); /* from another address */
        proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_SOURCE);
        wrong = changed(&sent.packet[0], 28, 0x50); /* IP of version 5 */
        proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_PROTOCOL);
        wrong = changed(&sent.packet[0], 28, 0x40); /* IPv4, with a header of no length */
        proxy_assert_refused(w, to, &wrong, FB_DROP_PACKET_MALFORMED);
    }
    proxy_end(w);
}

/* Without F nothing in UDP is the tunnel's, with it nothing else */
static void
test_the_tunnel_that_was_agreed_on(void **state)
{
    proxy_pair *with = start(FB_UDP_FORCE, FB_TUNNEL_IPIP, false);
    proxy_pair *without = start(FB_UDP_NEVER, FB_TUNNEL_IPIP, false);

    (void)state;
    requirement("B5844-03");
    use_path(with, 4);
    use_path(without, 4);
    for (unsigned up = 0; up < 2; up++)
    {
        data_packet packet = packet_of(with, up, false);
        proxy_sent udp = proxy_steer(with, up ? with->gateway : with->anchor, &packet);
        proxy_sent ip = proxy_steer(without, up ? without->gateway : without->anchor, &packet);

        proxy_assert_refused(with,
                             up ? with->anchor : with->gateway,
                             &ip.packet[0],
                             FB_DROP_TUNNEL_PROTOCOL);
        proxy_assert_refused(without,
                             up ? without->anchor : without->gateway,
                             &udp.packet[0],
                             FB_DROP_TUNNEL_PROTOCOL);
    }
    proxy_end(with);
    proxy_end(without);
}

/* RFC 5845 over IPv4: GRE with key behind the IPv4 header */
static void
test_gre_over_ipv4(void **state)
{
    proxy_pair *w = start(FB_UDP_NEVER, FB_TUNNEL_GRE, true);
    fb_proxy_view path = proxy_binding(w, FB_ROLE_MAG, 4);

    (void)state;
    requirement("R8278-1-02", "D8-28", "D8-29");
    assert_true(path.has_key);
    use_path(w, 4);
    for (unsigned i = 0; i < 4; i++)
    {
        bool up = i % 2, ipv4 = i / 2;
        uint32_t key = up ? path.key_up : path.key_down;
        const uint8_t gre[] = {0x20,
                               0,
                               ipv4 ? 0x08 : 0x86,
                               ipv4 ? 0x00 : 0xdd,
                               (uint8_t)(key >> 24),
                               (uint8_t)(key >> 16),
                               (uint8_t)(key >> 8),
                               (uint8_t)key};
        data_packet packet = packet_of(w, up, ipv4), inner;
        proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

        assert_outer(&sent.packet[0], up, 47);
        assert_memory_equal(sent.packet[0].octets + 20, gre, sizeof gre);
        assert_int_equal(sent.packet[0].length, 128);
        assert_int_equal(proxy_arrive(w, up ? w->anchor : w->gateway, &sent.packet[0], &inner).kind,
                         FB_DELIVER);
        assert_memory_equal(inner.octets, packet.octets, packet.length);
        sent.packet[0].octets[27] ^= 1;
        proxy_assert_refused(w, up ? w->anchor : w->gateway, &sent.packet[0], FB_DROP_TUNNEL_KEY);
    }
    proxy_end(w);
}

/* 4.1.4: nothing else comes out of the tunnel: not what Mobile IPv4 agrees on, minimal encapsulation (RFC 2004) */
static void
test_minimal_encapsulation_is_refused(void **state)
{
    proxy_pair *w = start(FB_UDP_NEVER, FB_TUNNEL_IPIP, false);

    (void)state;
    requirement("B5844-03");
    for (unsigned up = 0; up < 2; up++)
    {
        data_packet packet = packet_of(w, up != 0, true);
        data_packet outer = data_ipv4(up ? PROXY_GATEWAY_IPV4 : PROXY_ANCHOR_IPV4,
                                      up ? PROXY_ANCHOR_IPV4 : PROXY_GATEWAY_IPV4,
                                      55,
                                      packet.length + 12);
        uint8_t *minimal = outer.octets + 20;
        uint16_t sum;

        minimal[0] = packet.octets[9];
        minimal[1] = 0x80; /* the original source is there */
        minimal[2] = minimal[3] = 0;
        memcpy(minimal + 4, packet.octets + 16, 4);
        memcpy(minimal + 8, packet.octets + 12, 4);
        sum = (uint16_t)~data_sum(minimal, 12);
        minimal[2] = (uint8_t)(sum >> 8);
        minimal[3] = (uint8_t)sum;
        memcpy(minimal + 12, packet.octets + 20, packet.length - 20);
        proxy_assert_refused(w, up ? w->anchor : w->gateway, &outer, FB_DROP_TUNNEL_PROTOCOL);
    }
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_are_in_udp),
        cmocka_unit_test(test_data_in_ipv4),
        cmocka_unit_test(test_data_in_udp),
        cmocka_unit_test(test_udp_from_elsewhere),
        cmocka_unit_test(test_the_tunnel_that_was_agreed_on),
        cmocka_unit_test(test_gre_over_ipv4),
        cmocka_unit_test(test_minimal_encapsulation_is_refused),
    };

    return cmocka_run_group_tests_name("rfc5844/4-transport", tests, NULL, NULL);
}
