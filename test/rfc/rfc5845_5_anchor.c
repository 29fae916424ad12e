/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5845 5.2: an anchor that tunnels with GRE and exchanges keys, for each binding its own (D8-28).
 */

#include "anchor.h"

#include <string.h>

#define HOME "2001:db8:100::/64"

static anchor *
start(void)
{
    fb_config config;

    anchor_config(&config);
    return anchor_start(&config);
}

static update
update_with_key(const anchor *a, uint8_t path, const char *prefix, uint32_t key, bool has_key)
{
    update u = update_path(a, path, 100, prefix, 5);
    uint8_t body[6] =
        {0, 0, (uint8_t)(key >> 24), (uint8_t)(key >> 16), (uint8_t)(key >> 8), (uint8_t)key};

    update_option(&u, 33, body, has_key ? 6 : 2);
    return u;
}

static uint32_t
key_in(const pba *answer)
{
    size_t length;
    const uint8_t *body = pba_option(answer, 33, 0, &length);

    assert_non_null(body);
    assert_int_equal(length, 6);
    return (uint32_t)body[2] << 24 | (uint32_t)body[3] << 16 | (uint32_t)body[4] << 8 | body[5];
}

/* P13 presupposes the session of its prefix (C8-14) */
static void
test_the_vector(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    pba answer = anchor_hear(a, "P01");

    (void)state;
    requirement("P13", "R8278-1-02", "B5845-02", "D8-28");
    assert_int_equal(pba_status(&answer), 0);
    answer = anchor_hear(a, "P13");
    assert_int_equal(pba_status(&answer), 0);
    assert_true(anchor_binding(a, 1, 1, &binding));
    assert_int_equal(binding.tunnel, FB_TUNNEL_GRE);
    assert_true(binding.has_key);
    assert_int_equal(binding.key_down, 0x0a0b0c0d);
    assert_int_equal(binding.key_up, key_in(&answer));
    anchor_end(a);
}

static void
test_keys_of_bindings(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    fb_tunnel tunnel;
    uint32_t first, second;
    update u = update_with_key(a, 1, NULL, 77, true);
    pba answer = update_send(a, &u);

    (void)state;
    requirement("B5845-02", "D8-28", "C8-19");
    first = key_in(&answer);
    u = update_with_key(a, 2, NULL, 78, true);
    answer = update_send(a, &u);
    second = key_in(&answer);
    assert_int_not_equal(first, second);
    fb_lma_tunnel(&a->lma, 0, 1, &tunnel);
    assert_true(tunnel.has_key);
    assert_int_equal(tunnel.kind, FB_TUNNEL_GRE);
    assert_int_equal(tunnel.key, 77);
    /* 3.3.2: the uplink key stays, the downlink one is the gateway's */
    anchor_wait(a, FB_SECOND);
    u = update_with_key(a, 1, HOME, 79, true);
    answer = update_send(a, &u);
    assert_int_equal(key_in(&answer), first);
    assert_true(anchor_binding(a, 1, 1, &binding));
    assert_int_equal(binding.key_down, 79);
    /* 4.2: not in de-registrations */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 0, HOME, 4);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 33));

    /* What comes out of the tunnel is the session's by its key */
    fb_addr host = address6("2001:db8:100::7");
    fb_meta outer = {.src = path_address(1), .dst = address6("2001:db8:f::1")};
    uint8_t gre[8] = {0x20,
                      0,
                      0x86,
                      0xdd,
                      (uint8_t)(first >> 24),
                      (uint8_t)(first >> 16),
                      (uint8_t)(first >> 8),
                      (uint8_t)first};
    fb_arrival arrival = {.outer = &outer,
                          .protocol = 47,
                          .gre = gre,
                          .inner = {.family = FB_FAMILY_IPV6, .source6 = host.octet}};
    fb_ref path = {0};
    assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &path), 0);
    gre[7] ^= 1;
    assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &path), FB_DROP_TUNNEL_KEY);
    gre[0] = 0; /* no key */
    assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &path), FB_DROP_TUNNEL_KEY);
    anchor_end(a);
}

/* 5.2: without Key Identifier, GRE alone */
static void
test_without_key(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    size_t length;
    update u = update_with_key(a, 1, NULL, 0, false);
    pba answer = update_send(a, &u);

    (void)state;
    requirement("B5845-02");
    assert_non_null(pba_option(&answer, 33, 0, &length));
    assert_int_equal(length, 2);
    assert_true(anchor_binding(a, 1, 1, &binding));
    assert_int_equal(binding.tunnel, FB_TUNNEL_GRE);
    assert_false(binding.has_key);
    anchor_end(a);
}

/* 5.2, 6.4: 163 to who does not ask; who does not know the option skips it */
static void
test_required(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    update u = update_path(a, 1, 100, NULL, 1);
    pba answer;

    (void)state;
    requirement("B5845-02");
    a->lma.config.require_gre = true;
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 163);
    assert_int_equal(anchor_sessions(a), 0);
    u = update_with_key(a, 1, NULL, 1, true);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 0, HOME, 4);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    anchor_end(a);

    a = start();
    a->lma.config.gre = false;
    u = update_with_key(a, 1, NULL, 1, true);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 33));
    assert_true(anchor_binding(a, 1, 1, &binding));
    assert_int_equal(binding.tunnel, FB_TUNNEL_IPIP);
    anchor_end(a);
}

/* 6.4, 7.1: GRE goes through UDP behind TLV headers only, which this anchor has not */
static void
test_udp_and_tlv(void **state)
{
    static const struct
    {
        uint16_t flags;
        uint8_t status, tunnel;
        uint16_t udp_port;
    } cases[] = {{0x0100, 2, FB_TUNNEL_IPIP, 5437}, /* F */
                 {0x0180, 3, FB_TUNNEL_GRE, 0}, /* F, T */
                 {0x0080, 3, FB_TUNNEL_GRE, 0}, /* T */
                 {0, 0, FB_TUNNEL_GRE, 0}};

    (void)state;
    requirement("B5845-02");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        anchor *a = start();
        fb_proxy_view binding;
        update u = update_with_key(a, 1, NULL, 1, true);
        pba answer;

        u.meta.src = fb_addr_from_ipv4(0xcb00715a);
        u.meta.dst = fb_addr_from_ipv4(0xc0000235);
        u.meta.protocol = 17;
        u.meta.sport = u.meta.dport = 5436;
        update_flags(&u, cases[i].flags);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), cases[i].status);
        assert_int_equal(answer.octets[7], 0x20); /* never T */
        assert_int_equal(pba_has(&answer, 33), cases[i].tunnel == FB_TUNNEL_GRE);
        assert_int_equal(pba_has(&answer, 31), cases[i].udp_port != 0);
        assert_true(anchor_binding(a, 1, 1, &binding));
        assert_int_equal(binding.tunnel, cases[i].tunnel);
        assert_int_equal(binding.udp_port, cases[i].udp_port);
        anchor_end(a);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vector),
        cmocka_unit_test(test_keys_of_bindings),
        cmocka_unit_test(test_without_key),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_udp_and_tlv),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
