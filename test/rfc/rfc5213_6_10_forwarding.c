/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 6.9.5, 6.10: which packets a gateway forwards, and by which tunnel; the MTU it tells hosts.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <string.h>

static const uint8_t of_home[16] = {0x20, 0x01, 0x0d, 0xb8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10};
static const uint8_t of_delegated[16] =
    {0x20, 0x01, 0x0d, 0xb8, 2, 0, 0, 0x77, 0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t of_nobody[16] = {0x20, 0x01, 0x0d, 0xb8, 9};
static const uint8_t link_local[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10};

static uint32_t
from(const gateway *g, const uint8_t *source, uint32_t link)
{
    fb_flow flow = {.family = FB_FAMILY_IPV6, .source6 = source, .destination6 = of_nobody};

    return fb_mag_session_from(&g->mag, (fb_ref){.link = link}, &flow);
}

/* 6.10.3: "MUST NOT forward packets with a link-local source"; RFC 7148 5.3.2: the delegated prefix too */
static void
test_uplink(void **state)
{
    gateway *g = gateway_new(NULL);
    fb_flow toward = {.family = FB_FAMILY_IPV6, .source6 = of_nobody, .destination6 = of_home};

    (void)state;
    requirement("B5213-22", "B7148-02");
    g->session.kind = FB_SESSION_PHYSICAL;
    g->session.access_link = 17;
    g->answering = true;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    assert_int_equal(from(g, of_home, 17), 0);
    assert_int_equal(from(g, of_home, 0), 0);
    assert_int_equal(from(g, of_delegated, 17), 0);
    assert_int_equal(from(g, of_home, 18), FB_MAG_SESSION_NONE); /* another's access link */
    assert_int_equal(from(g, of_nobody, 17), FB_MAG_SESSION_NONE);
    assert_int_equal(from(g, link_local, 17), FB_MAG_SESSION_NONE);
    assert_int_equal(fb_mag_session_toward(&g->mag, &toward), 0);
    assert_int_equal(fb_mag_session_ref(&g->mag, 0).session, 1);
    assert_int_equal(fb_mag_session_ref(&g->mag, 0).link, 17);
    /* without a binding there is nobody to forward for (6.9.1.2-11) */
    fb_mag_deregister(&g->mag, 0, g->now);
    gateway_drain(g);
    assert_int_equal(from(g, of_home, 17), FB_MAG_SESSION_NONE);
    gateway_free(g);
}

/** A packet for @p destination out of a tunnel over @p link. */
static int
downlink(const gateway *g, uint32_t link, const uint8_t *destination, fb_ref *path)
{
    fb_meta outer = {.src = g->config.mag.anchor,
                     .dst = g->link[link].address,
                     .link = link,
                     .protocol = 41};
    fb_arrival arrival = {
        .outer = &outer,
        .protocol = 41,
        .inner = {.family = FB_FAMILY_IPV6, .source6 = of_nobody, .destination6 = destination}};
    uint32_t session;

    return fb_mag_check_downlink(&g->mag, &arrival, path, &session);
}

/* 6.10.5: from the anchor, for a node that is there, by a path that is registered */
static void
test_downlink(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    fb_ref path;

    (void)state;
    requirement("B5213-22", "B5213-19");
    gateway_link_up(g, GATEWAY_ETHERNET);
    gateway_run(g, FB_SECOND);
    assert_int_equal(downlink(g, GATEWAY_LTE, of_home, &path), FB_REASON_NONE);
    assert_int_equal(path.bid, 1);
    assert_int_equal(path.link, GATEWAY_LTE);
    assert_int_equal(path.session, 1);
    assert_int_equal(downlink(g, GATEWAY_WLAN, of_delegated, &path), FB_REASON_NONE);
    assert_int_equal(path.bid, 2);
    assert_int_equal(downlink(g, GATEWAY_LTE, of_nobody, &path), FB_DROP_TUNNEL_INNER_DESTINATION);
    fb_mag_deregister(&g->mag, 3, g->now);
    gateway_drain(g);
    assert_int_equal(downlink(g, GATEWAY_ETHERNET, of_home, &path), FB_DROP_NO_BINDING);
    g->config.mag.anchor.octet[15] = 9; /* not from the anchor */
    assert_int_equal(downlink(g, GATEWAY_LTE, of_home, &path), FB_DROP_TUNNEL_SOURCE);
    gateway_free(g);
}

/* The tunnel a packet came by is the one that was agreed: kind, UDP, and the key we gave (RFC 5845 3.1) */
static void
test_tunnel_kind(void **state)
{
    gateway *g = gateway_new(NULL);
    fb_meta outer = {.src = g->config.mag.anchor, .dst = g->link[1].address, .protocol = 47};
    uint8_t gre[8] = {0x20, 0, 0x86, 0xdd};
    fb_arrival arrival = {
        .outer = &outer,
        .protocol = 47,
        .gre = gre,
        .inner = {.family = FB_FAMILY_IPV6, .source6 = of_nobody, .destination6 = of_home}};
    gateway_answer answer;
    uint32_t session, key;
    fb_ref path;

    (void)state;
    requirement("B5845-02", "D8-28");
    g->link[GATEWAY_LTE].tunnel = FB_TUNNEL_GRE;
    g->link[GATEWAY_LTE].gre_key = true;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    answer = gateway_answer_begin(&g->sent[0], 0, 900);
    gateway_answer_echo(&answer, &g->sent[0], 0);
    gateway_answer_option(&answer, 33, (const uint8_t[]){0, 0, 0, 0, 0, 9}, 6, 4, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    key = gateway_binding(g, 1).key_down;
    for (size_t i = 0; i < 4; i++)
    {
        gre[4 + i] = (uint8_t)(key >> (24 - 8 * i));
    }
    assert_int_equal(fb_mag_check_downlink(&g->mag, &arrival, &path, &session), FB_REASON_NONE);
    assert_int_equal(session, 0);
    gre[7] ^= 1;
    assert_int_equal(fb_mag_check_downlink(&g->mag, &arrival, &path, &session), FB_DROP_TUNNEL_KEY);
    gre[0] = 0; /* none */
    assert_int_equal(fb_mag_check_downlink(&g->mag, &arrival, &path, &session), FB_DROP_TUNNEL_KEY);
    arrival.protocol = 41;
    assert_int_equal(fb_mag_check_downlink(&g->mag, &arrival, &path, &session),
                     FB_DROP_TUNNEL_PROTOCOL);
    arrival.protocol = 47;
    arrival.udp = true;
    assert_int_equal(fb_mag_check_downlink(&g->mag, &arrival, &path, &session),
                     FB_DROP_TUNNEL_PROTOCOL);
    gateway_free(g);
}

static void
test_tunnels(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    fb_tunnel tunnel;
    uint32_t generation = fb_mag_generation(&g->mag, 0);

    (void)state;
    requirement("B5213-19", "R8278-3.1-06", "R8278-1-01");
    fb_mag_tunnel(&g->mag, 0, 2, &tunnel);
    assert_memory_equal(&tunnel.local, &g->link[GATEWAY_WLAN].address, sizeof(fb_addr));
    assert_memory_equal(&tunnel.remote, &g->config.mag.anchor, sizeof(fb_addr));
    assert_int_equal(tunnel.kind, FB_TUNNEL_IPIP);
    assert_int_equal(tunnel.path_mtu, 1480);
    assert_true(fb_mag_owns_tunnel(&g->mag, &tunnel.local, &tunnel.remote, 0));
    assert_false(fb_mag_owns_tunnel(&g->mag, &tunnel.remote, &tunnel.local, 0));
    fb_mag_tunnel(&g->mag, 0, 3, &tunnel); /* there is no such path */
    assert_int_equal(tunnel.local.family, FB_FAMILY_NONE);
    gateway_link_down(g, GATEWAY_WLAN);
    assert_int_not_equal(fb_mag_generation(&g->mag, 0), generation);
    gateway_free(g);
}

/* 6.9.5: "the MTU ... of the tunnel"; of several paths the smallest, and never less than IPv6 has */
static void
test_mtu(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t since;

    (void)state;
    requirement("B5213-23", "B5213-19");
    g->answering = true;
    gateway_link_up(g, GATEWAY_ETHERNET);
    gateway_attach(g);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_PREFIX, 0)->mtu, 9000 - 40);
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_PREFIX, 0)->mtu, 1500 - 40);
    since = g->event_count;
    gateway_link_down(g, GATEWAY_LTE);
    assert_int_equal(gateway_event(g, since, FB_EVENT_PREFIX, 0)->mtu, 9000 - 40);
    /* the link itself changes */
    g->link[GATEWAY_ETHERNET].mtu = 1290;
    gateway_link_up(g, GATEWAY_ETHERNET);
    assert_int_equal(gateway_event(g, since, FB_EVENT_PREFIX, 0)->mtu, 1280);
    g->link[GATEWAY_ETHERNET].mtu = 0; /* not known */
    gateway_link_up(g, GATEWAY_ETHERNET);
    assert_int_equal(gateway_event(g, since, FB_EVENT_PREFIX, 0)->mtu, 1280);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_uplink),
                                       cmocka_unit_test(test_downlink),
                                       cmocka_unit_test(test_tunnel_kind),
                                       cmocka_unit_test(test_tunnels),
                                       cmocka_unit_test(test_mtu)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
