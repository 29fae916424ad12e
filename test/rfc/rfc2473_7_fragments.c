/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 2473 7.1, 7.2: what is longer than the tunnel's MTU is refused, or the node "fragments the resulting IPv6 tunnel
 * packet into IPv6 fragments that do not exceed the Path MTU". Which of the two, and how long fragments are, the
 * library says; the host makes them.
 */
#include "proxy_pair.h"

#include "requirement.h"

/** A gateway whose LTE link carries packets of @p mtu octets. */
static proxy_pair *
start_over(uint16_t mtu)
{
    proxy_setup setup;
    proxy_pair *w;

    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    w->link[PROXY_LTE].mtu = mtu;
    proxy_link_up(w, PROXY_LTE);
    proxy_attach(w);
    proxy_run(w, FB_SECOND);
    return w;
}

static data_packet
ipv6_up(proxy_pair *w, size_t length)
{
    return proxy_ipv6(proxy_node(w), proxy_correspondent(), 17, 40000, 5060, length);
}

static data_packet
ipv4_up(proxy_pair *w, size_t length, bool dont_fragment)
{
    data_packet packet =
        data_ipv4(proxy_session(w, FB_ROLE_MAG).home_address, WORLD_CORRESPONDENT, 17, length);

    packet.octets[6] = dont_fragment ? 0x40 : 0;
    data_seal(&packet);
    return packet;
}

/* 7.1: an IPv6 packet of at most 1280 octets always passes; 7.2: so does IPv4 without DF */
static void
test_when_it_is_fragmented(void **state)
{
    static const struct
    {
        uint16_t mtu; /* of the link */
        uint8_t family;
        bool dont_fragment;
        uint16_t length;
        uint16_t fragments; /* no longer than this; 0: one piece */
        bool refused;
    } rows[] = {
        {1500, 6, true, 1460, 0, false},
        {1500, 6, true, 1461, 0, true},
        {1300, 6, true, 1260, 0, false},
        {1300, 6, true, 1261, 1300, false},
        {1300, 6, true, 1280, 1300, false},
        {1300, 6, true, 1281, 0, true},
        {1000, 6, true, 1240, 0, false}, /* no IPv6 path carries less than 1280 */
        {1000, 6, true, 1280, 1280, false},
        {1500, 4, false, 1460, 0, false},
        {1500, 4, false, 1461, 1500, false},
        {1500, 4, false, 2000, 1500, false},
        {1500, 4, true, 1461, 0, true},
        {1300, 4, true, 1261, 0, true},
        {0, 6, true, 2000, 0, false}, /* nothing is known of the link */
    };

    (void)state;
    requirement("B2473-01", "B5213-23");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        proxy_pair *w = start_over(rows[i].mtu);
        data_packet packet = rows[i].family == 6
                                 ? ipv6_up(w, rows[i].length)
                                 : ipv4_up(w, rows[i].length, rows[i].dont_fragment);
        proxy_sent sent = proxy_steer(w, w->gateway, &packet);

        assert_int_equal(sent.count, 1);
        assert_int_equal(sent.action[0].kind, rows[i].refused ? FB_DROP_PACKET : FB_SEND);
        assert_int_equal(sent.action[0].reason, rows[i].refused ? FB_DROP_TOO_BIG : 0);
        assert_int_equal(sent.action[0].mtu, rows[i].fragments);
        proxy_end(w);
    }
}

/* Of copies each has the MTU of its own path */
static void
test_each_copy_by_its_own_path(void **state)
{
    proxy_setup setup;
    proxy_pair *w;
    fb_rule rule = proxy_rule(FB_RULE_COPY, "12", 17, 5060);
    data_packet packet;
    proxy_sent sent;

    (void)state;
    requirement("B5213-23", "B6089-04");
    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    w->link[PROXY_LTE].mtu = 1300;
    w->link[PROXY_WLAN].mtu = 1310;
    proxy_link_up(w, PROXY_LTE);
    proxy_link_up(w, PROXY_WLAN);
    proxy_attach(w);
    proxy_run(w, FB_SECOND);
    proxy_static_policy(w, &rule, 1);
    packet = ipv6_up(w, 1280);
    sent = proxy_steer(w, w->gateway, &packet);
    assert_int_equal(sent.count, 2);
    for (size_t i = 0; i < 2; i++)
    {
        assert_int_equal(sent.action[i].mtu, sent.action[i].path.bid == 1 ? 1300 : 1310);
    }
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when_it_is_fragmented),
        cmocka_unit_test(test_each_copy_by_its_own_path),
    };

    return cmocka_run_group_tests_name("rfc2473/7/fragments", tests, NULL, NULL);
}
