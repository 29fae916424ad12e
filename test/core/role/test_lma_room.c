/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * An anchor whose memory for names or access links is used up: it says so, nothing is half done, and there is room
 * again later.
 */

#include "rfc/anchor.h"

#include <string.h>

#define NO_RESOURCES 130 /* RFC 6275 6.1.8 */

/** Cells for gateways of one octet each, and for one identifier that is as long as any. */
static anchor *
start(uint32_t named_gateways)
{
    fb_config config;

    anchor_config(&config);
    config.limits.name_octets = 1;
    config.limits.gateways = 4;
    config.limits.named_gateways = named_gateways;
    config.lma.any_subscriber = true;
    config.lma.any_gateway = true;
    config.lma.delete_delay_ms = 0;
    return anchor_start_empty(&config);
}

/** Registers path @p path of a mobile node, or takes it away, through a gateway whose name has so many octets. */
static pba
speak(anchor *a, const char *node, uint8_t first, uint8_t length, uint8_t path, uint16_t lifetime)
{
    update u = update_new(1, lifetime, path_address(path));
    uint8_t gateway[2 + UINT8_MAX] = {2, 0, first}; /* Subtype, Reserved, identifier */

    update_node(&u, node);
    update_home_prefix(&u, NULL);
    update_handoff(&u, 1);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    update_multipath(&u, 8, 11, path, 0);
    update_option(&u, 64, gateway, 2u + length);
    return update_send(a, &u);
}

static void
test_identifiers_without_room(void **state)
{
    anchor *a = start(0);
    const fb_session_cache *sessions = &a->lma.sessions;
    const uint8_t length = 253; /* of an option at most */
    pba answer = speak(a, "a", 1, length, 1, 100);

    (void)state;
    assert_int_equal(pba_status(&answer), 0);
    answer = speak(a, "b", 2, length, 2, 100);
    assert_int_equal(answer.reason, FB_DROP_PBU_RESOURCES);
    assert_int_equal(pba_status(&answer), NO_RESOURCES);
    assert_int_equal(anchor_sessions(a), 1);
    assert_int_equal(sessions->nodes.used, 1);
    assert_int_equal(sessions->gateways.pool.used, 1);
    assert_int_equal(sessions->care_of.pool.used, 1);
    /* a short one fits, and the long one is served on */
    anchor_wait(a, FB_SECOND);
    answer = speak(a, "b", 3, 1, 2, 100);
    assert_int_equal(pba_status(&answer), 0);
    answer = speak(a, "c", 1, length, 1, 100);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(sessions->gateways.pool.used, 2);
    /* it goes */
    anchor_wait(a, FB_SECOND);
    answer = speak(a, "a", 1, length, 1, 0);
    assert_int_equal(pba_status(&answer), 0);
    answer = speak(a, "c", 1, length, 1, 0);
    assert_int_equal(pba_status(&answer), 0);
    anchor_wait(a, FB_SECOND);
    answer = speak(a, "d", 2, length, 3, 100);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(sessions->gateways.pool.used, 2);
    anchor_end(a);
}

static void
test_more_than_can_be_told_of(void **state)
{
    anchor *a = start(1);
    fb_gateway first = anchor_gateway("m"), second = anchor_gateway("n");
    pba answer;

    (void)state;
    assert_int_equal(fb_lma_set_gateway(&a->lma, &first, a->now), FB_OK);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &second, a->now), FB_ERR_LIMIT);
    assert_int_equal(fb_lma_remove_gateway(&a->lma, &second.identity, a->now), FB_ERR_UNKNOWN);
    first.security_association = 3;
    assert_int_equal(fb_lma_set_gateway(&a->lma, &first, a->now), FB_OK);
    /* one that comes by itself is served, and cannot be told of either */
    answer = speak(a, "a", 'n', 1, 1, 100);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &second, a->now), FB_ERR_LIMIT);
    assert_int_equal(anchor_sessions(a), 1);
    assert_int_equal(fb_lma_remove_gateway(&a->lma, &first.identity, a->now), FB_OK);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &second, a->now), FB_OK);
    assert_int_equal(anchor_sessions(a), 1);
    anchor_end(a);
}

/** Registers a mobile node that asks for a link-local address if @p asks, or takes it away. */
static pba
attach(anchor *a, const char *node, uint8_t path, bool asks, uint16_t lifetime)
{
    update u = update_new(1, lifetime, path_address(path));
    const uint8_t any[16] = {0};

    update_node(&u, node);
    update_home_prefix(&u, NULL);
    update_handoff(&u, 1);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    update_multipath(&u, 8, 11, path, 0);
    update_gateway(&u, ANCHOR_GATEWAY);
    if (asks)
    {
        update_option(&u, 26, any, sizeof any);
    }
    return update_send(a, &u);
}

/* fb_limits.name_octets of mobile nodes, with cells for two short names and one that is as long as any */
static void
test_nodes_without_room(void **state)
{
    static const char longest[] =
        "mobile-node-with-a-very-long-name@department.of.a.very.long.example.net";
    static const char other[] =
        "another-node-with-a-very-long-name@department.of.another.example.net.";
    fb_config config;
    anchor *a;
    pba answer;

    (void)state;
    anchor_config(&config);
    config.limits.name_octets = 1;
    config.limits.subscribers = 4;
    config.lma.any_subscriber = true;
    config.lma.any_gateway = true;
    config.lma.delete_delay_ms = 0;
    a = anchor_start_empty(&config);
    answer = attach(a, longest, 1, false, 100);
    assert_int_equal(pba_status(&answer), 0);
    answer = attach(a, other, 2, false, 100);
    assert_int_equal(answer.reason, FB_DROP_PBU_RESOURCES);
    assert_int_equal(pba_status(&answer), NO_RESOURCES);
    assert_int_equal(anchor_sessions(a), 1);
    assert_int_equal(a->lma.sessions.nodes.used, 1);
    answer = attach(a, "short", 2, false, 100);
    assert_int_equal(pba_status(&answer), 0);
    anchor_wait(a, FB_SECOND);
    answer = attach(a, longest, 1, false, 0);
    assert_int_equal(pba_status(&answer), 0);
    anchor_wait(a, FB_SECOND);
    answer = attach(a, other, 3, false, 100);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_sessions(a), 2);
    anchor_end(a);
}

/* fb_limits.long_sessions: here one can have a link-local address (RFC 5213 5.3.6) */
static void
test_links_without_room(void **state)
{
    fb_config config;
    anchor *a;
    pba answer;

    (void)state;
    anchor_config(&config);
    config.limits.long_sessions = 1;
    config.lma.any_subscriber = true;
    config.lma.any_gateway = true;
    config.lma.delete_delay_ms = 0;
    a = anchor_start_empty(&config);
    answer = attach(a, "one", 1, true, 100);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(pba_has(&answer, 26));
    answer = attach(a, "two", 2, true, 100);
    assert_int_equal(pba_status(&answer), NO_RESOURCES);
    assert_int_equal(anchor_sessions(a), 1);
    answer = attach(a, "two", 2, false, 100);
    assert_int_equal(pba_status(&answer), 0);
    anchor_wait(a, FB_SECOND);
    answer = attach(a, "one", 1, false, 0);
    assert_int_equal(pba_status(&answer), 0);
    anchor_wait(a, FB_SECOND);
    answer = attach(a, "three", 3, true, 100);
    assert_int_equal(pba_status(&answer), 0);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identifiers_without_room),
        cmocka_unit_test(test_more_than_can_be_told_of),
        cmocka_unit_test(test_nodes_without_room),
        cmocka_unit_test(test_links_without_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
