/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 5213 5.6: tunnels of an anchor, one for each proxy care-of address, and what it forwards through them.
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"
#include "vectors.h"

#define UDP 17
#define SIP 5060

static proxy_pair *
start(const char *links)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return proxy_registered(&setup, links);
}

/** The packet inside of D05: from the correspondent's port 5060 to 2001:db8:100::1. */
static data_packet
packet_of_d05(const test_vector *d05)
{
    data_packet packet = {.length = d05->length - 40};

    memcpy(packet.octets, d05->octets + 40, packet.length);
    return packet;
}

/* 5.6.1, 5.6.2: "the outer header ... source address ... LMAA, destination address ... Proxy-CoA", octet for octet
 * D05; the gateway takes it off again (6.10.5) */
static void
test_downlink_is_d05(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *d05 = vectors_find(vectors, "D05");
    data_packet packet = packet_of_d05(d05), inner;
    proxy_pair *w = start("1");
    proxy_sent sent = proxy_steer(w, w->anchor, &packet);

    (void)state;
    requirement("B5213-13", "R8278-2-02", "D05");
    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.packet[0].length, d05->length);
    assert_memory_equal(sent.packet[0].octets, d05->octets, d05->length);
    assert_int_equal(proxy_arrive(w, w->gateway, &sent.packet[0], &inner).kind, FB_DELIVER);
    assert_int_equal(inner.length, packet.length);
    assert_memory_equal(inner.octets, packet.octets, packet.length);
    proxy_end(w);
    vectors_free(vectors);
}

/* 5.6.2: "... remove the outer header before forwarding": of any packet through the tunnel from its mobile node */
static void
test_uplink(void **state)
{
    proxy_pair *w = start("1");
    data_packet packet = proxy_up(w, UDP, SIP), inner;
    proxy_sent sent = proxy_steer(w, w->gateway, &packet);
    fb_action action = proxy_arrive(w, w->anchor, &sent.packet[0], &inner);
    /* from 2001:db8:8::1 to 2001:db8:f::1: 100 octets of IPv6 */
    const uint8_t front[40] = {0x60, 0, 0, 0,        0,    100,  41,   64,   0x20, 0x01, 0x0d,
                               0xb8, 0, 8, [23] = 1, 0x20, 0x01, 0x0d, 0xb8, 0,    0x0f, [39] = 1};

    (void)state;
    requirement("B5213-13");
    assert_memory_equal(sent.packet[0].octets, front, sizeof front);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.session, proxy_session(w, FB_ROLE_LMA).session);
    assert_int_equal(action.path.bid, 1);
    assert_memory_equal(inner.octets, packet.octets, packet.length);
    proxy_end(w);
}

/* 5.6.2: IPv4 packets in IPv6, Next Header 4 (RFC 2473) */
static void
test_ipv4_inside(void **state)
{
    proxy_pair *w = start("1");
    data_packet packet =
        data_ipv4(WORLD_CORRESPONDENT, proxy_session(w, FB_ROLE_LMA).home_address, UDP, 100);
    data_packet inner;
    proxy_sent sent = proxy_steer(w, w->anchor, &packet);

    (void)state;
    requirement("R8278-2-02");
    assert_int_equal(sent.packet[0].octets[6], 4);
    assert_int_equal(sent.packet[0].length, 140);
    assert_int_equal(proxy_arrive(w, w->gateway, &sent.packet[0], &inner).kind, FB_DELIVER);
    assert_memory_equal(inner.octets, packet.octets, packet.length);
    proxy_end(w);
}

/* 5.6.2: "the source address of the inner IPv6 packet is ... from the mobile node's home network prefixes": else it
 * MUST be dropped; and so is what comes out of a tunnel nobody has */
static void
test_foreign_packets_are_dropped(void **state)
{
    proxy_pair *w = start("1");
    data_packet packet = proxy_up(w, UDP, SIP), other;
    proxy_sent sent = proxy_steer(w, w->gateway, &packet);

    (void)state;
    requirement("B5213-13");
    other = sent.packet[0];
    other.octets[40 + 8 + 5] ^= 1; /* the inner source: another prefix */
    proxy_assert_refused(w, w->anchor, &other, FB_DROP_TUNNEL_INNER_SOURCE);
    other = sent.packet[0];
    other.octets[23] ^= 1; /* the outer source: no proxy care-of address */
    proxy_assert_refused(w, w->anchor, &other, FB_DROP_TUNNEL_SOURCE);
    other = sent.packet[0];
    other.octets[39] ^= 1; /* the outer destination is not ours */
    proxy_assert_refused(w, w->anchor, &other, FB_DROP_TUNNEL_SOURCE);
    other = sent.packet[0];
    other.octets[40] = 0x45; /* IPv4 in what says it is IPv6 */
    proxy_assert_refused(w, w->anchor, &other, FB_DROP_PACKET_MALFORMED);
    other = sent.packet[0];
    /* not this tunnel's kind: GRE, of which the packet's front is no header */
    other.octets[6] = 47;
    proxy_assert_refused(w, w->anchor, &other, FB_DROP_TUNNEL_HEADER);
    proxy_end(w);
}

/* 5.6.1: "bi-directional tunnel ... shared": the address is one tunnel of all its sessions, and is there as long as one
 * of them is; the routes of a session go with it */
static void
test_a_tunnel_is_shared(void **state)
{
    proxy_setup setup;
    proxy_pair *w;
    data_packet first, second;
    fb_session_view view;

    (void)state;
    requirement("B5213-13");
    proxy_setup_default(&setup);
    setup.anchor.lma.any_subscriber = true;
    w = proxy_registered(&setup, "1");
    first = proxy_down(w, UDP, SIP);
    w->session.session = 22;
    w->session.identity.text[2] = '2';
    w->session.link_layer[5] = 2;
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    assert_true(fb_agent_session(w->anchor, FB_ROLE_LMA, 1, &view));
    second = first;
    memcpy(second.octets + 24, view.home.prefix[0].address.octet, 8);
    assert_takes(w, w->anchor, first, "1");
    assert_takes(w, w->anchor, second, "1");
    w->session.session = 21;
    proxy_detach(w);
    proxy_run(w, 20 * FB_SECOND);
    proxy_assert_dropped(w, w->anchor, &first, FB_DROP_NO_SESSION);
    assert_takes(w, w->anchor, second, "1");
    w->session.session = 22;
    proxy_detach(w);
    proxy_run(w, 20 * FB_SECOND);
    proxy_assert_dropped(w, w->anchor, &second, FB_DROP_NO_SESSION);
    proxy_end(w);
}

/* 5.6.1: a second care-of address is a second tunnel */
static void
test_each_care_of_address_is_a_tunnel(void **state)
{
    proxy_pair *w = start("12");
    fb_rule rule = proxy_rule(FB_RULE_COPY, "12", UDP, SIP);
    data_packet packet = proxy_down(w, UDP, SIP);
    proxy_sent sent;

    (void)state;
    requirement("B5213-13", "R8278-1-01");
    proxy_static_policy(w, &rule, 1);
    sent = proxy_steer(w, w->anchor, &packet);
    assert_int_equal(sent.count, 2);
    for (size_t i = 0; i < 2; i++)
    {
        assert_memory_equal(sent.packet[i].octets + 24,
                            w->link[sent.action[i].path.bid].address.octet,
                            16);
    }
    proxy_end(w);
}

/* 5.6.3: RFC 3168 9.1: ECT goes out, CE comes in */
static void
test_congestion(void **state)
{
    proxy_pair *w = start("1");
    data_packet packet = proxy_down(w, UDP, SIP), inner;
    proxy_sent sent;

    (void)state;
    requirement("B5213-13");
    packet.octets[1] = 0x20; /* ECT(0) */
    sent = proxy_steer(w, w->anchor, &packet);
    assert_int_equal(sent.packet[0].octets[1] & 0xf0, 0x20);
    sent.packet[0].octets[1] |= 0x30;
    assert_int_equal(proxy_arrive(w, w->gateway, &sent.packet[0], &inner).kind, FB_DELIVER);
    assert_int_equal(inner.octets[1] & 0xf0, 0x30);
    packet.octets[1] = 0;
    sent = proxy_steer(w, w->anchor, &packet);
    sent.packet[0].octets[1] |= 0x30;
    proxy_assert_refused(w, w->gateway, &sent.packet[0], FB_DROP_CONGESTION);
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_downlink_is_d05),
        cmocka_unit_test(test_uplink),
        cmocka_unit_test(test_ipv4_inside),
        cmocka_unit_test(test_foreign_packets_are_dropped),
        cmocka_unit_test(test_a_tunnel_is_shared),
        cmocka_unit_test(test_each_care_of_address_is_a_tunnel),
        cmocka_unit_test(test_congestion),
    };

    return cmocka_run_group_tests_name("rfc5213/5.6-forwarding", tests, NULL, NULL);
}
