/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 7148 5.1.3, 5.3: packets of the prefixes delegated to a mobile router. With several paths (RFC 8278) "the tunnel"
 * is any of the session's.
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"

#define UDP 17

static proxy_pair *
start(const char *links)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    setup.anchor.lma.any_subscriber = true;
    return proxy_registered(&setup, links);
}

/** Host 9 of subnet 0x42 in the delegated prefix of the first session. */
static fb_addr
host(const proxy_pair *w)
{
    fb_session_view view;
    fb_addr address;

    assert_true(fb_agent_session(w->anchor, FB_ROLE_LMA, 0, &view));
    address = view.delegated.prefix[0].address;
    assert_int_equal(view.delegated.prefix[0].length, 56);
    address.octet[7] = 0x42;
    address.octet[15] = 9;
    return address;
}

/** One more mobile router at the same gateway. */
static void
attach_another(proxy_pair *w)
{
    w->session.session = 22;
    w->session.identity.text[2] = '2';
    w->session.link_layer[5] = 2;
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
}

static void
send_all_over(proxy_pair *w, const char *bid)
{
    fb_rule rule = {.action = FB_RULE_FORWARD,
                    .bid_count = 1,
                    .bid = {(uint8_t)(bid[0] - '0')},
                    .selector.format = FB_SELECTOR_IPV6};

    proxy_static_policy(w, &rule, 1);
}

/* "packets ... using the delegated prefix": both ways, over each path, and of every subnet of it */
static void
test_packets_of_the_delegated_prefix(void **state)
{
    proxy_pair *w = start("12");
    fb_addr inside = host(w);

    (void)state;
    requirement("B7148-02", "R8278-1-04");
    for (unsigned i = 0; i < 4; i++)
    {
        bool up = i % 2;
        const char *bid = i < 2 ? "1" : "2";
        data_packet packet, inner;
        proxy_sent sent;

        inside.octet[7] = (uint8_t)(i * 85); /* 0, 85, 170, 255 */
        packet = up ? proxy_ipv6(inside, proxy_correspondent(), UDP, 5, 6, 80)
                    : proxy_ipv6(proxy_correspondent(), inside, UDP, 6, 5, 80);
        send_all_over(w, bid);
        sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);
        assert_int_equal(sent.action[0].path.bid, bid[0] - '0');
        assert_int_equal(proxy_arrive(w, up ? w->anchor : w->gateway, &sent.packet[0], &inner).kind,
                         FB_DELIVER);
        assert_memory_equal(inner.octets, packet.octets, packet.length);
    }
    proxy_end(w);
}

/* The neighbouring prefix is nobody's: dropped on both sides */
static void
test_packets_of_the_next_prefix(void **state)
{
    proxy_pair *w = start("12");
    fb_addr inside = host(w), outside = inside;
    data_packet packet, spoofed;
    proxy_sent sent;

    (void)state;
    requirement("B7148-02");
    outside.octet[6] ^= 1;
    packet = proxy_ipv6(outside, proxy_correspondent(), UDP, 5, 6, 80);
    proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_TUNNEL_INNER_SOURCE);
    packet = proxy_ipv6(proxy_correspondent(), outside, UDP, 5, 6, 80);
    proxy_assert_dropped(w, w->anchor, &packet, FB_DROP_NO_SESSION);
    packet = proxy_ipv6(inside, proxy_correspondent(), UDP, 5, 6, 80);
    sent = proxy_steer(w, w->gateway, &packet);
    spoofed = sent.packet[0];
    spoofed.octets[40 + 8 + 6] ^= 1;
    proxy_assert_refused(w, w->anchor, &spoofed, FB_DROP_TUNNEL_INNER_SOURCE);
    spoofed = sent.packet[0];
    spoofed.octets[23] = 2; /* a tunnel no session has */
    proxy_assert_refused(w, w->anchor, &spoofed, FB_DROP_TUNNEL_SOURCE);
    packet = proxy_ipv6(proxy_correspondent(), inside, UDP, 5, 6, 80);
    sent = proxy_steer(w, w->anchor, &packet);
    spoofed = sent.packet[0];
    spoofed.octets[40 + 24 + 6] ^= 1;
    proxy_assert_refused(w, w->gateway, &spoofed, FB_DROP_TUNNEL_INNER_DESTINATION);
    proxy_end(w);
}

/* A session on path 1 alone: its packets through the tunnel of path 2, which others have, are not its own */
static void
test_a_tunnel_of_another_session(void **state)
{
    proxy_pair *w = start("1");
    data_packet packet = proxy_ipv6(host(w), proxy_correspondent(), UDP, 5, 6, 80), inner;
    proxy_sent sent = proxy_steer(w, w->gateway, &packet);

    (void)state;
    requirement("B7148-02");
    memcpy(sent.packet[0].octets + 8, w->link[PROXY_WLAN].address.octet, 16);
    proxy_assert_refused(w, w->anchor, &sent.packet[0], FB_DROP_TUNNEL_SOURCE);
    proxy_link_up(w, PROXY_WLAN);
    proxy_run(w, 3 * FB_SECOND);
    assert_int_equal(proxy_arrive(w, w->anchor, &sent.packet[0], &inner).path.bid, 2);
    proxy_end(w);
}

/* What one mobile router sends with an address of another is from neither: each prefix names its own session */
static void
test_each_session_has_its_prefix(void **state)
{
    proxy_pair *w = start("1");
    data_packet packet = proxy_ipv6(host(w), proxy_correspondent(), UDP, 5, 6, 80), inner;
    fb_session_view view;
    proxy_sent sent;

    (void)state;
    requirement("B7148-02");
    attach_another(w);
    assert_true(fb_agent_session(w->anchor, FB_ROLE_LMA, 1, &view));
    memcpy(packet.octets + 8, view.delegated.prefix[0].address.octet, 7);
    sent = proxy_steer(w, w->gateway, &packet);
    assert_int_equal(sent.action[0].path.session, 22);
    assert_int_equal(proxy_arrive(w, w->anchor, &sent.packet[0], &inner).path.session,
                     view.session);
    /* the host knows which session it came from, and it is not this one's */
    sent = proxy_steer_from(w, w->gateway, (fb_ref){.session = 21}, &packet);
    assert_int_equal(sent.action[0].kind, FB_DROP_PACKET);
    assert_int_equal(sent.action[0].reason, FB_DROP_TUNNEL_INNER_SOURCE);
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets_of_the_delegated_prefix),
        cmocka_unit_test(test_packets_of_the_next_prefix),
        cmocka_unit_test(test_a_tunnel_of_another_session),
        cmocka_unit_test(test_each_session_has_its_prefix),
    };

    return cmocka_run_group_tests_name("rfc7148/5-forwarding", tests, NULL, NULL);
}
