/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.6: what a mobile node with co-located care-of addresses sends, and which replies it believes.
 */

#include "exchange.h"

#include <nettle/hmac.h>
#include <string.h>

static world *
new_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    return world_start(&setup);
}

/** WLAN is up, its request unanswered. */
static world *
pending_world(void)
{
    world *w = new_world();

    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    return w;
}

/* ---- 3.6.1: the request ---- */

static void
test_the_packet_around_the_request(void **state)
{
    world *w = pending_world();
    const world_message *m = world_last(w, true);

    (void)state;
    requirement("B5944-01", "B5944-28", "B5944-31", "B3024-01");
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), care_of(WORLD_WLAN));
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), WORLD_HOME_AGENT);
    assert_int_equal(m->meta.dport, 434);
    assert_int_equal(m->meta.protocol, UDP);
    assert_int_equal(m->meta.ttl, 255);
    assert_int_equal(m->meta.link, WORLD_WLAN);
    assert_int_equal(m->octets[0], 1);
    world_end(w);
}

static void
test_the_fixed_part(void **state)
{
    world *w = pending_world();
    const uint8_t *octets = world_last(w, true)->octets;

    (void)state;
    requirement("B5944-02", "B5944-05", "B5944-29", "B3024-01");
    assert_int_equal(octets[1], 0x22); /* D and T; S, B, M, G, r and x are 0 */
    assert_int_equal(octets_u16(octets + 2), 600);
    assert_int_equal(octets_u32(octets + 4), WORLD_HOME_ADDRESS);
    assert_int_equal(octets_u32(octets + 8), WORLD_HOME_AGENT);
    assert_int_equal(octets_u32(octets + 12), care_of(WORLD_WLAN));
    assert_int_equal(octets_u32(octets + 16), WORLD_NTP);
    world_end(w);
}

static void
test_without_reverse_tunnel(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B3024-01");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.reverse_tunnel = false;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(request_sent(w, 0).flags, 0x20);
    world_end(w);
}

static void
test_the_order_of_extensions(void **state)
{
    world *w = registered_world(2);
    fb_rule rules[5];

    (void)state;
    requirement("B5944-13", "B5944-30");
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    world_run(w, FB_SECOND);
    administrator(w, FB_FACT_DEREGISTER, 0);
    world_run(w, FB_SECOND);
    assert_true(requests_sent(w) >= 4);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        /* look_at() has already seen that nothing stands behind the authentication */
        seen s = request_sent(w, i);

        assert_true(s.authentication >= REQUEST_FIXED);
        assert_int_equal(world_sent(w, true, i)->length, s.authentication + 22);
    }
    world_end(w);
}

/* 3.5.1: everything from Type on, and of the extension itself Type, Length and SPI. */
static void
test_what_the_authenticator_covers(void **state)
{
    static const uint8_t keys[2][16] = {{0x00, 0xff, 0x00, 0xff}, {0xff, 0xff, 0xff, 0xff}};

    (void)state;
    requirement("B5944-14", "B5944-15", "B5944-16");
    for (size_t i = 0; i < 2; i++)
    {
        world_setup setup;
        world *w;
        struct hmac_md5_ctx hmac;
        uint8_t digest[16];
        const world_message *m;

        world_setup_default(&setup);
        memcpy(setup.mobile_node.mobile_node.association.key, keys[i], 16);
        memcpy(setup.subscriber.association.key, keys[i], 16);
        w = world_start(&setup);
        world_link_up(w, WORLD_WLAN);
        m = world_last(w, true);
        assert_int_equal(m->octets[m->length - 22], 32);
        assert_int_equal(m->octets[m->length - 21], 20); /* SPI and 16 octets */
        assert_int_equal(octets_u32(m->octets + m->length - 20), 0x101);
        hmac_md5_set_key(&hmac, 16, keys[i]);
        hmac_md5_update(&hmac, m->length - 16, m->octets);
        hmac_md5_digest(&hmac, 16, digest);
        assert_memory_equal(digest, m->octets + m->length - 16, 16);
        world_run(w, FB_SECOND);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
        world_end(w);
    }
}

/* 3.6.1.2: the care-of address is the home address to de-register all. */
static void
test_deregistering_all(void **state)
{
    world *w = registered_world(2);
    seen s;

    (void)state;
    requirement("B5944-29", "B5944-09", "C-09");
    administrator(w, FB_FACT_DEREGISTER, 0);
    s = look_at(world_last(w, true));
    assert_int_equal(s.lifetime_s, 0);
    assert_int_equal(s.care_of_address, WORLD_HOME_ADDRESS);
    world_run(w, FB_SECOND);
    assert_bound(w, "");
    world_end(w);
}

/* 3.6: what is kept of each pending registration. */
static void
test_what_is_kept_of_a_pending_registration(void **state)
{
    world *w = pending_world();
    const fb_event *sent = world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_SENT);
    fb_binding_view view;

    (void)state;
    requirement("B5944-27");
    assert_true(
        fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &view));
    assert_int_equal(view.ref.link, WORLD_WLAN);
    assert_int_equal(view.ref.bid, 1);
    assert_int_equal(view.care_of_address, care_of(WORLD_WLAN));
    assert_int_equal(view.state, FB_BINDING_PENDING);
    assert_non_null(sent);
    assert_int_equal(sent->lifetime_s, 600);
    assert_true(sent->identification == request_sent(w, 0).identification);
    assert_int_equal(reply_to(w, world_last(w, true), 0, 450), FB_REASON_NONE);
    assert_true(
        fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &view));
    assert_int_equal(view.lifetime_s, 450);
    assert_true(view.expires == 450 * FB_SECOND);
    world_end(w);
}

/* ---- 3.6.2.1: which replies are believed ---- */

/** A reply of @p length octets is dropped for @p reason, and nothing has happened. */
static void
assert_discarded(world *w, const uint8_t *octets, size_t length, int reason)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT), .sport = 434, .dport = 434};
    fb_time before = fb_agent_next_timeout(w->mobile_node);

    assert_int_equal(world_inject(w, false, &meta, octets, length), reason);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    assert_true(fb_agent_next_timeout(w->mobile_node) == before);
    assert_int_equal(requests_sent(w), 1);
}

static void
test_replies_that_are_discarded(void **state)
{
    static const uint8_t home_agent_codes[] = {0, 1, 128, 133, 152, 153, 193};
    world *w = pending_world();

    (void)state;
    requirement("B5944-03", "B5944-13", "B5944-25", "C-05");
    for (size_t i = 0; i < sizeof home_agent_codes; i++)
    {
        uint8_t octets[100] = {0};
        size_t length = reply_fixed(octets, world_last(w, true), home_agent_codes[i], 600), end;

        assert_int_equal(length, 20);
        assert_discarded(w, octets, length, FB_DROP_NO_AUTHENTICATION);
        end = world_sign(octets, length);
        octets[end - 1] ^= 1;
        assert_discarded(w, octets, end, FB_DROP_BAD_AUTHENTICATOR);
        octets[end - 1] ^= 1;
        end = world_sign(octets, end); /* two of them */
        assert_discarded(w, octets, end, FB_DROP_REPEATED_AUTHENTICATION);
        octets[length + 5] ^= 1; /* another SPI */
        assert_discarded(w, octets, length + 22, FB_DROP_NO_SECURITY_ASSOCIATION);
        octets[19] ^= 1; /* the low half of the Identification */
        end = world_sign(octets, length);
        assert_discarded(w, octets, end, FB_DROP_NOT_EXPECTED);
        octets[19] ^= 1;
        octets[7] ^= 1; /* another home address */
        end = world_sign(octets, length);
        assert_discarded(w, octets, end, FB_DROP_NOT_EXPECTED);
    }
    assert_int_equal(reply_to(w, world_last(w, true), 0, 600), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* A foreign agent's codes carry no authentication of the home agent; with co-located addresses none was asked. */
static void
test_codes_of_foreign_agents(void **state)
{
    world *w = pending_world();
    uint8_t octets[64];

    (void)state;
    requirement("B5944-12", "C-05");
    for (unsigned code = 64; code < 128; code++)
    {
        size_t length = reply_fixed(octets, world_last(w, true), (uint8_t)code, 600);

        assert_discarded(w, octets, length, FB_DROP_NOT_EXPECTED);
    }
    world_end(w);
}

static void
test_unknown_extensions_of_a_reply(void **state)
{
    world *w = pending_world();
    uint8_t octets[64];
    size_t length = reply_fixed(octets, world_last(w, true), 0, 600);

    (void)state;
    requirement("B5944-07");
    memcpy(octets + length, (const uint8_t[]){100, 1, 0}, 3);
    assert_discarded(w, octets, world_sign(octets, length + 3), FB_DROP_UNKNOWN_EXTENSION);
    memcpy(octets + length, (const uint8_t[]){200, 1, 0}, 3);
    length = world_sign(octets, length + 3);
    assert_int_equal(world_inject(w, false, &(fb_meta){.sport = 434}, octets, length), 0);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* ---- 3.6.2.2: accepted ---- */

static void
test_the_lifetime_is_the_lesser_and_counts_from_the_sending(void **state)
{
    static const struct
    {
        uint16_t granted_s, used_s;
    } row[] = {{300, 300}, {600, 600}, {601, 600}, {65535, 600}, {1, 1}};

    (void)state;
    requirement("B5944-10");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = pending_world();

        world_run(w, 800 * FB_MILLISECOND);
        assert_int_equal(reply_to(w, world_last(w, true), 0, row[i].granted_s), FB_REASON_NONE);
        assert_true(mobile_expiry(w, 1) == row[i].used_s * FB_SECOND);
        world_end(w);
    }
}

static void
test_infinity(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5944-09");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 0xffff;
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(request_sent(w, 0).lifetime_s, 0xffff);
    reply_to(w, world_last(w, true), 0, 0xffff);
    world_run(w, 1000000 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(requests_sent(w), 1);
    world_end(w);
}

static void
test_registered_again_before_the_end(void **state)
{
    world *w = registered_world(1);

    (void)state;
    requirement("B5944-34");
    world_run(w, 478 * FB_SECOND);
    assert_int_equal(requests_sent(w), 1);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    world_end(w);
}

/* ---- 3.6.2.3: denied ---- */

static void
test_denials_are_told(void **state)
{
    world *w = pending_world();
    const fb_event *denied;

    (void)state;
    requirement("B5944-34");
    reply_to(w, world_last(w, true), 130, 0);
    denied = world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED);
    assert_non_null(denied);
    assert_int_equal(denied->code, 130);
    assert_int_equal(denied->ref.bid, 1);
    world_end(w);
}

static void
test_133_and_136(void **state)
{
    world *w = pending_world();
    uint8_t octets[REPLY_FIXED];

    (void)state;
    requirement("B5944-33", "B5944-23");
    /* Its clock is an hour ahead of ours: the next request says so, at once */
    reply_fixed(octets, world_last(w, true), 133, 0);
    octets[12 + 2] = (uint8_t)((WORLD_NTP + 3600) >> 8);
    octets[12 + 3] = (uint8_t)(WORLD_NTP + 3600);
    assert_int_equal(reply_octets(w, world_last(w, true), octets, REPLY_FIXED), 0);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(request_sent(w, 1).identification >> 32, WORLD_NTP + 3600);

    reply_fixed(octets, world_last(w, true), 136, 0);
    octets[11] = 77;
    assert_int_equal(reply_octets(w, world_last(w, true), octets, REPLY_FIXED), 0);
    world_run(w, 5 * FB_SECOND); /* not at once a second time */
    assert_true(requests_sent(w) > 2);
    assert_int_equal(request_sent(w, 2).home_agent, (WORLD_HOME_AGENT & 0xffffff00u) + 77);
    assert_int_equal(fb_addr_to_ipv4(&world_sent(w, true, 2)->meta.dst),
                     (WORLD_HOME_AGENT & 0xffffff00u) + 77);
    world_end(w);
}

/* ---- 3.6.3: sent again ---- */

static void
test_retransmission(void **state)
{
    static const unsigned second[] = {0, 1, 3, 7, 15, 31};
    world *w = pending_world();

    (void)state;
    requirement("B5944-32");
    world_run(w, 40 * FB_SECOND);
    assert_int_equal(requests_sent(w), 6);
    for (size_t i = 0; i < 6; i++)
    {
        seen s = request_sent(w, i);

        assert_true(world_sent(w, true, i)->sent_at == second[i] * FB_SECOND);
        /* With timestamps each is a new registration */
        assert_true(i == 0 || s.identification > request_sent(w, i - 1).identification);
        assert_int_equal(s.identification >> 32, WORLD_NTP + second[i]);
    }
    world_end(w);
}

/* "The minimum time between Registration Requests MUST NOT be less than 1 second": whatever the host does. */
static void
test_not_more_than_one_a_second(void **state)
{
    world *w = registered_world(1);
    size_t before = requests_sent(w);
    fb_rule rules[5];

    (void)state;
    requirement("B5944-32", "C-19");
    world_figure2(rules);
    for (size_t n = 0; n < 30; n++)
    {
        assert_int_equal(world_policy(w, rules, 1 + n % 5), FB_OK);
        world_run(w, 100 * FB_MILLISECOND);
    }
    world_run(w, 2 * FB_SECOND);
    assert_in_range(requests_sent(w) - before, 2, 5);
    for (size_t i = before + 1; i < requests_sent(w); i++)
    {
        assert_true(world_sent(w, true, i)->sent_at >=
                    world_sent(w, true, i - 1)->sent_at + FB_SECOND);
    }
    assert_int_equal(world_rule_count(w),
                     4); /* all five of the last one, but that which needs LTE */
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_packet_around_the_request),
        cmocka_unit_test(test_the_fixed_part),
        cmocka_unit_test(test_without_reverse_tunnel),
        cmocka_unit_test(test_the_order_of_extensions),
        cmocka_unit_test(test_what_the_authenticator_covers),
        cmocka_unit_test(test_deregistering_all),
        cmocka_unit_test(test_what_is_kept_of_a_pending_registration),
        cmocka_unit_test(test_replies_that_are_discarded),
        cmocka_unit_test(test_codes_of_foreign_agents),
        cmocka_unit_test(test_unknown_extensions_of_a_reply),
        cmocka_unit_test(test_the_lifetime_is_the_lesser_and_counts_from_the_sending),
        cmocka_unit_test(test_infinity),
        cmocka_unit_test(test_registered_again_before_the_end),
        cmocka_unit_test(test_denials_are_told),
        cmocka_unit_test(test_133_and_136),
        cmocka_unit_test(test_retransmission),
        cmocka_unit_test(test_not_more_than_one_a_second),
    };

    return cmocka_run_group_tests_name("rfc5944_3_6_mobile_node", tests, NULL, NULL);
}
