/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7148 5.2: prefixes an anchor delegates to the router behind a gateway; RFC 5094: what the gateway tells it of its
 * paths.
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

static bool
has_delegated(const pba *answer, size_t nth, const char *prefix)
{
    fb_prefix wanted = prefix_of(prefix);
    bool ipv4 = wanted.address.family == FB_FAMILY_IPV4;
    size_t length;
    const uint8_t *body = pba_option(answer, 55, nth, &length);

    return body != NULL && length == (ipv4 ? 6 : 18) && body[0] == (ipv4 ? 0x80 : 0) &&
           body[1] == wanted.length && memcmp(body + 2, wanted.address.octet, length - 2) == 0;
}

/* 5.2.2: asked for by ALL_ZERO, then by name; every accepted update is answered with them */
static void
test_delegation(void **state)
{
    anchor *a = start();
    fb_event event;
    update u = update_path(a, 1, 100, NULL, 1);
    pba answer;

    (void)state;
    requirement("B7148-01", "R8278-1-04", "R8278-3.1-09");
    update_delegated(&u, NULL);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(has_delegated(&answer, 0, "2001:db8:200::/56"));
    assert_true(anchor_event(a, FB_EVENT_PREFIX, &event));
    assert_false(event.delegated);
    assert_true(anchor_event(a, FB_EVENT_PREFIX, &event));
    assert_true(event.delegated);
    assert_int_equal(event.prefix.length, 56);
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 100, HOME, 5);
    update_delegated(&u, "2001:db8:200::/56");
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(has_delegated(&answer, 0, "2001:db8:200::/56"));
    assert_null(pba_option(&answer, 55, 1, &(size_t){0}));

    /* 5.2.3: uplink, its source is in a delegated prefix; over any tunnel of the session (B7148-02) */
    requirement("B7148-02");
    for (unsigned path = 1; path <= 2; path++)
    {
        fb_addr host = address6("2001:db8:200:ff::7");
        fb_meta outer = {.src = path_address(path), .dst = address6("2001:db8:f::1")};
        fb_arrival arrival = {.outer = &outer,
                              .protocol = 41,
                              .inner = {.family = FB_FAMILY_IPV6, .source6 = host.octet}};
        fb_ref ref = {0};

        assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &ref), 0);
        assert_int_equal(ref.bid, path);
        host = address6("2001:db8:200:100::7"); /* the next /56 */
        assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &ref), FB_DROP_TUNNEL_INNER_SOURCE);
    }
    anchor_end(a);
}

/* 4.2, 5.2.2: 177, 178, and silence of who does not delegate */
static void
test_refusals(void **state)
{
    fb_config config;
    anchor *a = start();
    fb_proxy_subscriber node = anchor_subscriber(ANCHOR_MOBILE_NODE);
    update u;
    pba answer;

    (void)state;
    requirement("B7148-01");
    node.delegation_allowed = false;
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_OK);
    u = update_path(a, 1, 100, NULL, 1);
    update_delegated(&u, NULL);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 177);
    node.delegation_allowed = true;
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_OK);
    u = update_path(a, 1, 100, NULL, 1);
    update_delegated(&u, "2001:db8:dead::/56");
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 178);
    assert_int_equal(anchor_sessions(a), 0);
    assert_int_equal(a->lma.sessions.pool[FB_PREFIX_HOME].free.used, 0);
    anchor_end(a);

    anchor_config(&config);
    config.lma.delegation = false;
    a = anchor_start(&config);
    u = update_path(a, 1, 100, NULL, 1);
    update_delegated(&u, NULL);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 55));
    anchor_end(a);
}

/* 4.1: V: IPv4 prefixes; both families at once */
static void
test_both_families(void **state)
{
    anchor *a = start();
    fb_proxy_subscriber node = anchor_subscriber(ANCHOR_MOBILE_NODE);
    uint8_t any4[6] = {0x80};
    update u;
    pba answer;

    (void)state;
    requirement("B7148-01");
    node.delegated.count = 1;
    node.delegated.prefix[0] = prefix_of("192.0.2.64/28");
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_OK);
    u = update_path(a, 1, 100, NULL, 1);
    update_delegated(&u, NULL);
    update_option(&u, 55, any4, 6);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(has_delegated(&answer, 0, "2001:db8:200::/56"));
    assert_true(has_delegated(&answer, 1, "192.0.2.64/28"));
    fb_flow flow = {.family = FB_FAMILY_IPV4, .destination = 0xc000024f};
    assert_int_equal(fb_lma_session_toward(&a->lma, &flow), 0);
    flow.destination = 0xc0000250;
    assert_int_equal(fb_lma_session_toward(&a->lma, &flow), FB_NODE_NONE);
    anchor_end(a);
}

/* RFC 5094 3: options of other vendors are skipped; ours are the path's metrics */
static void
test_path_metrics(void **state)
{
    anchor *a = start();
    static const uint8_t other[] = {0, 0, 0x12, 0x34, 1, 9, 9};
    uint8_t ours[21] = {0,    0,    0x7e, 0xd9, 1,    0,    0, 0x75, 0x30, 0,   0,
                        0x13, 0x88, 0,    0,    0x03, 0xe8, 0, 0,    0x27, 0x10};
    const fb_path_metrics *metrics;
    update u = update_path(a, 1, 100, NULL, 1);

    (void)state;
    requirement("R8278-1-05", "B5094-01");
    update_option(&u, 19, other, sizeof other);
    update_option(&u, 19, ours, sizeof ours);
    assert_int_equal(update_send(a, &u).reason, 0);
    metrics = fb_lma_metrics(&a->lma, 0, 1);
    assert_non_null(metrics);
    assert_int_equal(metrics->round_trip_us, 30000);
    assert_int_equal(metrics->loss_ppm, 5000);
    assert_int_equal(metrics->rate_up_kbps, 1000);
    assert_int_equal(metrics->rate_down_kbps, 10000);
    u = update_path(a, 2, 100, NULL, 5);
    update_option(&u, 19, other, sizeof other);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(fb_lma_metrics(&a->lma, 0, 2)->round_trip_us, 0);
    assert_null(fb_lma_metrics(&a->lma, 0, 3));
    /* an update that says nothing keeps them; another binding in the place begins anew */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 100, HOME, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(fb_lma_metrics(&a->lma, 0, 1)->loss_ppm, 5000);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delegation),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_both_families),
        cmocka_unit_test(test_path_metrics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
