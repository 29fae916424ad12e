/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 5845 3: GRE between gateway and anchor, with a key for each direction that the two tell each other.
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"
#include "vectors.h"

#define UDP 17
#define SIP 5060

/** Links 1 and 2 are GRE; with keys where @p keys says so. */
static proxy_pair *
start(bool keys)
{
    proxy_setup setup;
    proxy_pair *w;

    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    for (uint32_t link = 1; link <= 2; link++)
    {
        w->link[link].tunnel = FB_TUNNEL_GRE;
        w->link[link].gre_key = keys;
        proxy_link_up(w, link);
    }
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    return w;
}

static void
use_path(proxy_pair *w, const char *bid)
{
    fb_rule rule = proxy_rule(FB_RULE_FORWARD, bid, UDP, SIP);

    proxy_static_policy(w, &rule, 1);
}

static uint32_t
key_of(const data_packet *sent)
{
    const uint8_t *key = sent->octets + 44;

    return (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
}

/* 3.1, 3.3: "the downlink GRE key" the gateway told is in what the anchor sends, and the uplink one the other way; both
 * stand for one path (D8-28) */
static void
test_keys_of_each_path(void **state)
{
    proxy_pair *w = start(true);
    uint32_t seen[4];
    size_t count = 0;

    (void)state;
    requirement("B5845-02", "R8278-1-02", "D8-28");
    for (uint8_t bid = 1; bid <= 2; bid++)
    {
        fb_proxy_view here = proxy_binding(w, FB_ROLE_MAG, bid);
        fb_proxy_view there = proxy_binding(w, FB_ROLE_LMA, bid);
        const char name[] = {(char)('0' + bid), '\0'};
        data_packet up = proxy_up(w, UDP, SIP), down = proxy_down(w, UDP, SIP), inner;
        proxy_sent sent;

        assert_true(here.has_key && there.has_key);
        assert_true(here.tunnel == FB_TUNNEL_GRE && there.tunnel == FB_TUNNEL_GRE);
        assert_int_equal(here.key_up, there.key_up);
        assert_int_equal(here.key_down, there.key_down);
        use_path(w, name);
        sent = proxy_steer(w, w->gateway, &up);
        assert_int_equal(key_of(&sent.packet[0]), here.key_up);
        assert_int_equal(proxy_arrive(w, w->anchor, &sent.packet[0], &inner).path.bid, bid);
        assert_memory_equal(inner.octets, up.octets, up.length);
        sent = proxy_steer(w, w->anchor, &down);
        assert_int_equal(key_of(&sent.packet[0]), here.key_down);
        assert_int_equal(proxy_arrive(w, w->gateway, &sent.packet[0], &inner).path.bid, bid);
        assert_memory_equal(inner.octets, down.octets, down.length);
        seen[count++] = here.key_up;
        seen[count++] = here.key_down;
    }
    assert_true(seen[0] != seen[2] && seen[1] != seen[3]);
    proxy_end(w);
}

/* Octet for octet D06, but for the key, which is the one the two agreed on */
static void
test_downlink_is_d06(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *d06 = vectors_find(vectors, "D06");
    data_packet packet = {.length = d06->length - 48}, expected = {.length = d06->length};
    proxy_pair *w = start(true);
    uint32_t key = proxy_binding(w, FB_ROLE_MAG, 1).key_down;
    proxy_sent sent;

    (void)state;
    requirement("D06", "R8278-1-02", "B5845-02");
    memcpy(packet.octets, d06->octets + 48, packet.length);
    memcpy(expected.octets, d06->octets, d06->length);
    for (size_t i = 0; i < 4; i++)
    {
        expected.octets[44 + i] = (uint8_t)(key >> (24 - 8 * i));
    }
    use_path(w, "1");
    sent = proxy_steer(w, w->anchor, &packet);
    assert_int_equal(sent.packet[0].length, expected.length);
    assert_memory_equal(sent.packet[0].octets, expected.octets, expected.length);
    proxy_end(w);
    vectors_free(vectors);
}

/* 3.1: packets without the key that was agreed on, or with another one, belong to no session */
static void
test_wrong_keys(void **state)
{
    proxy_pair *w = start(true);

    (void)state;
    requirement("B5845-02", "D8-28");
    use_path(w, "1");
    for (unsigned up = 0; up < 2; up++)
    {
        fb_agent *from = up ? w->gateway : w->anchor, *to = up ? w->anchor : w->gateway;
        data_packet packet = up ? proxy_up(w, UDP, SIP) : proxy_down(w, UDP, SIP);
        proxy_sent sent = proxy_steer(w, from, &packet);
        fb_proxy_view other = proxy_binding(w, FB_ROLE_MAG, 2);
        uint32_t key = up ? other.key_up : other.key_down;
        data_packet wrong = sent.packet[0];

        for (unsigned bit = 0; bit < 32; bit++)
        {
            wrong = sent.packet[0];
            wrong.octets[44 + bit / 8] ^= (uint8_t)(1 << bit % 8);
            proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_KEY);
        }
        for (size_t i = 0; i < 4; i++)
        {
            wrong.octets[44 + i] = (uint8_t)(key >> (24 - 8 * i)); /* that of the other path */
        }
        proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_KEY);
        wrong = sent.packet[0];
        wrong.octets[40] = 0; /* no key: the four octets are no packet then */
        memmove(wrong.octets + 44, wrong.octets + 48, wrong.length - 48);
        wrong.length -= 4;
        wrong.octets[5] = (uint8_t)(wrong.length - 40);
        proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_KEY);
        wrong = packet; /* IP in IP, which was not agreed on */
        memmove(wrong.octets + 40, packet.octets, packet.length);
        memcpy(wrong.octets, sent.packet[0].octets, 40);
        wrong.length = 40 + packet.length;
        wrong.octets[5] = (uint8_t)packet.length;
        wrong.octets[6] = 41;
        proxy_assert_refused(w, to, &wrong, FB_DROP_TUNNEL_PROTOCOL);
    }
    proxy_end(w);
}

/* 3.2: "GRE Encapsulation Mode Only": T alone, and headers have no key; one with a key is not ours */
static void
test_without_keys(void **state)
{
    proxy_pair *w = start(false);
    data_packet packet = proxy_down(w, UDP, SIP), inner, wrong;
    proxy_sent sent;
    const uint8_t gre[4] = {0, 0, 0x86, 0xdd};

    (void)state;
    requirement("B5845-02", "R8278-1-02");
    assert_false(proxy_binding(w, FB_ROLE_MAG, 1).has_key);
    assert_false(proxy_binding(w, FB_ROLE_LMA, 1).has_key);
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 1).tunnel, FB_TUNNEL_GRE);
    use_path(w, "1");
    sent = proxy_steer(w, w->anchor, &packet);
    assert_int_equal(sent.packet[0].octets[6], 47);
    assert_memory_equal(sent.packet[0].octets + 40, gre, sizeof gre);
    assert_int_equal(sent.packet[0].length, packet.length + 44);
    assert_int_equal(proxy_arrive(w, w->gateway, &sent.packet[0], &inner).kind, FB_DELIVER);
    assert_memory_equal(inner.octets, packet.octets, packet.length);
    wrong = sent.packet[0];
    memmove(wrong.octets + 48, wrong.octets + 44, wrong.length - 44);
    wrong.octets[40] = 0x20;
    wrong.length += 4;
    wrong.octets[5] = (uint8_t)(wrong.length - 40);
    proxy_assert_refused(w, w->gateway, &wrong, FB_DROP_TUNNEL_KEY);
    proxy_end(w);
}

/* 3.3.2: a refresh keeps the keys */
static void
test_keys_stay(void **state)
{
    proxy_pair *w = start(true);
    fb_proxy_view before = proxy_binding(w, FB_ROLE_MAG, 1), after;
    size_t messages = w->messages;

    (void)state;
    requirement("B5845-02");
    proxy_run(w, 3600 * FB_SECOND);
    assert_true(w->messages > messages);
    after = proxy_binding(w, FB_ROLE_MAG, 1);
    assert_int_equal(after.key_up, before.key_up);
    assert_int_equal(after.key_down, before.key_down);
    after = proxy_binding(w, FB_ROLE_LMA, 1);
    assert_int_equal(after.key_up, before.key_up);
    assert_int_equal(after.key_down, before.key_down);
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_each_path),
        cmocka_unit_test(test_downlink_is_d06),
        cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_without_keys),
        cmocka_unit_test(test_keys_stay),
    };

    return cmocka_run_group_tests_name("rfc5845/3-gre", tests, NULL, NULL);
}
