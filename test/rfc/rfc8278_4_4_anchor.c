/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 8278 3.1, 4.1 to 4.4: what an anchor does with the multipath bindings of a gateway.
 */

#include "anchor.h"

#include <string.h>

#define HOME "2001:db8:100::/64"
#define DELEGATED "2001:db8:200::/56"

static anchor *
start(void)
{
    fb_config config;

    anchor_config(&config);
    return anchor_start(&config);
}

static size_t
paths_of(const anchor *a)
{
    fb_path_view paths[8];

    return fb_lma_paths(&a->lma, 0, paths);
}

/* 2: only words in capitals bind. 4.1 says in small letters what If-ATT and If-Label are: other values are no reason to
 * refuse an update, as what is said with MUST (B with O) is */
static void
test_words_in_small_letters_do_not_bind(void **state)
{
    static const uint8_t technologies[] = {0, 14, 200, 255};
    anchor *a = start();
    fb_proxy_view binding;
    pba answer;

    (void)state;
    requirement("R8278-2-01");
    for (uint8_t i = 0; i < sizeof technologies; i++)
    {
        uint8_t bid = (uint8_t)(i + 1);
        update u = update_new(bid, 900, path_address(bid));

        update_node(&u, ANCHOR_MOBILE_NODE);
        update_home_prefix(&u, NULL);
        update_handoff(&u, 1);
        update_technology(&u, 1);
        update_timestamp(&u, a->now);
        update_multipath(&u, technologies[i], 0, bid, 0);
        update_gateway(&u, ANCHOR_GATEWAY);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
        assert_true(anchor_binding(a, 1, bid, &binding));
        assert_int_equal(binding.technology, technologies[i]);
        assert_int_equal(binding.label, 0);
        anchor_wait(a, FB_SECOND);
    }
    update wrong = update_new(9, 900, path_address(5));

    update_node(&wrong, ANCHOR_MOBILE_NODE);
    update_home_prefix(&wrong, NULL);
    update_handoff(&wrong, 1);
    update_technology(&wrong, 1);
    update_timestamp(&wrong, a->now);
    update_multipath(&wrong, 4, 1, 5, MULTIPATH_B | MULTIPATH_O);
    update_gateway(&wrong, ANCHOR_GATEWAY);
    answer = update_send(a, &wrong);
    assert_int_equal(pba_status(&answer), 128);
    anchor_end(a);
}

/* ---- the vectors ---- */

/* 3.1, Figure 2: two updates, one session, two tunnels */
static void
test_two_paths(void **state)
{
    anchor *a = start();
    fb_session_view session;
    fb_proxy_view binding;
    fb_tunnel tunnel;
    pba answer;

    (void)state;
    requirement("R8278-1-01",
                "R8278-1-04",
                "R8278-3.1-04",
                "R8278-3.1-05",
                "R8278-3.1-06",
                "R8278-3.1-08",
                "R8278-4.1-02",
                "R8278-4.1-09",
                "R8278-4.1-12",
                "R8278-4.4-05",
                "R8278-4.2-01",
                "D8-06",
                "D8-07",
                "D8-09",
                "D8-31",
                "B5213-05",
                "B5213-07",
                "P01",
                "P02",
                "P03",
                "P04");
    answer = anchor_hear(a, "P01");
    assert_int_equal(answer.reason, 0);
    assert_vector(a, &answer, "P02");
    session = anchor_session(a);
    assert_true(session.multipath);
    assert_int_equal(session.binding_count, 1);
    answer = anchor_hear(a, "P03");
    assert_int_equal(answer.reason, 0);
    assert_vector(a, &answer, "P04");

    session = anchor_session(a);
    assert_true(session.multipath);
    assert_int_equal(session.binding_count, 2);
    assert_int_equal(session.home.count, 1);
    assert_int_equal(session.delegated.count, 1);
    assert_int_equal(session.gateway.length, strlen(ANCHOR_GATEWAY));
    assert_int_equal(session.technology, 1);
    assert_true(anchor_binding(a, 1, 1, &binding));
    fb_addr first = path_address(1);
    assert_memory_equal(&binding.care_of, &first, sizeof first);
    assert_int_equal(binding.technology, 8);
    assert_int_equal(binding.label, 11);
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_int_equal(binding.technology, 4);
    assert_int_equal(binding.label, 9);
    assert_int_equal(paths_of(a), 2);
    fb_lma_tunnel(&a->lma, 0, 2, &tunnel);
    fb_addr second = path_address(2);
    assert_memory_equal(&tunnel.remote, &second, sizeof second);
    assert_int_equal(tunnel.kind, FB_TUNNEL_IPIP);
    anchor_end(a);
}

/* 4.1: B extends all bindings; the vectors' second binding is BID 2 */
static void
test_bulk(void **state)
{
    anchor *a = start();
    fb_proxy_view first, second;
    pba answer;

    (void)state;
    requirement("R8278-4.1-13", "D8-13", "P07", "P08");
    a->lma.config.lifetime_max_s = 2400;
    anchor_hear(a, "P01");
    anchor_hear(a, "P03");
    answer = anchor_hear(a, "P07");
    assert_vector(a, &answer, "P08");
    assert_true(anchor_binding(a, 1, 1, &first));
    assert_true(anchor_binding(a, 1, 2, &second));
    assert_int_equal(first.lifetime_s, 2400);
    assert_int_equal(second.lifetime_s, 2400);
    assert_true(first.expires == second.expires);
    assert_true(first.expires == a->now + 2400 * FB_SECOND);
    anchor_end(a);
}

/* 4.1: O leaves the one binding */
static void
test_overwrite(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    fb_event event;
    pba answer;

    (void)state;
    requirement("R8278-4.1-15", "P09");
    anchor_hear(a, "P01");
    anchor_hear(a, "P03");
    anchor_forget_events(a);
    answer = anchor_hear(a, "P09");
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_false(anchor_binding(a, 1, 1, &binding));
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_true(anchor_event(a, FB_EVENT_BINDING, &event));
    assert_int_equal(event.ref.bid, 1);
    assert_int_equal(event.to, FB_BINDING_DOWN);
    assert_int_equal(event.cause, FB_CAUSE_OVERWRITTEN);
    assert_int_equal(event.role, FB_ROLE_LMA);
    fb_addr first = path_address(1);
    assert_memory_equal(&event.care_of, &first, sizeof first);
    anchor_end(a);
}

/* 4.4: of one of two paths, at once and for good. P10 names a delegated prefix, which RFC 7148 5.2.2 wants in the
   answer, and P11 has none (C8-14): from its Status to option 63 the answer is P11 */
static void
test_deregistration_of_a_path(void **state)
{
    anchor *a = start();
    const test_vector *p11 = vectors_find(a->vectors, "P11");
    fb_proxy_view binding;
    pba answer;

    (void)state;
    requirement("D8-12", "D8-30", "P10", "P11", "C8-14");
    anchor_hear(a, "P01");
    anchor_hear(a, "P03");
    answer = anchor_hear(a, "P10");
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(pba_lifetime(&answer), 0);
    assert_memory_equal(answer.octets + 6, p11->octets + 6, 86);
    assert_true(pba_has(&answer, 55));
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_false(anchor_binding(a, 1, 2, &binding));
    assert_int_equal(paths_of(a), 1);
    anchor_end(a);
}

/* 4.4: 180 with the option echoed, and nothing of the gateway's identifier */
static void
test_cannot_support(void **state)
{
    (void)state;
    requirement("R8278-4.3-01", "R8278-4.3-02", "R8278-4.4-08", "R8278-4.4-09", "P05");
    for (int by_node = 0; by_node < 2; by_node++)
    {
        anchor *a = start();
        fb_proxy_subscriber subscriber = anchor_subscriber(ANCHOR_MOBILE_NODE);
        fb_event event;
        pba answer;

        subscriber.multipath_allowed = by_node == 0;
        assert_int_equal(fb_lma_set_subscriber(&a->lma, &subscriber, a->now), FB_OK);
        a->lma.config.multipath = by_node == 1;
        a->lma.config.lifetime_max_s = 0xfffc;
        answer = anchor_hear(a, "P01");
        assert_int_equal(answer.reason, FB_DROP_PBU_MULTIPATH_UNSUPPORTED);
        assert_vector(a, &answer, "P05");
        assert_int_equal(anchor_sessions(a), 0);
        assert_true(anchor_event(a, FB_EVENT_DENIED, &event));
        assert_int_equal(event.code, 180);
        assert_int_equal(event.reason, FB_DROP_PBU_MULTIPATH_UNSUPPORTED);
        assert_int_equal(a->events.counter[FB_DROP_PBU_MULTIPATH_UNSUPPORTED], 1);
        anchor_end(a);
    }
}

/* 4.4: an anchor that knows RFC 5213 only skips both options */
static void
test_legacy(void **state)
{
    fb_config config;
    anchor *a;
    fb_proxy_view binding;
    pba answer;

    (void)state;
    requirement("R8278-4.4-06", "P06");
    anchor_config(&config);
    config.lma.legacy = true;
    config.lma.delegation = false;
    a = anchor_start(&config);
    answer = anchor_hear(a, "P01");
    assert_vector(a, &answer, "P06");
    assert_false(anchor_session(a).multipath);
    assert_true(anchor_binding(a, 1, 0, &binding));
    anchor_end(a);
}

/* D8-01, D8-04: 128, the option echoed, no change */
static void
test_wrong_vectors(void **state)
{
    const char *const ids[] = {"P14", "P15"};

    (void)state;
    requirement("R8278-4.1-14", "R8278-4.1-16", "R8278-4.4-02", "D8-01", "D8-04", "P14", "P15");
    for (size_t i = 0; i < 2; i++)
    {
        anchor *a = start();
        size_t length;
        const uint8_t *echo;
        pba answer;

        /* both are for the session's prefix */
        answer = anchor_hear(a, "P01");
        assert_int_equal(answer.reason, 0);
        answer = anchor_hear(a, ids[i]);
        assert_int_equal(pba_status(&answer), 128);
        echo = pba_option(&answer, 63, 0, &length);
        assert_non_null(echo);
        assert_int_equal(length, 6);
        assert_false(pba_has(&answer, 64));
        assert_int_equal(anchor_session(a).binding_count, 1);
        anchor_end(a);
    }
}

/* ---- written by hand ---- */

static void
test_malformed_options(void **state)
{
    static const struct
    {
        uint8_t length, bid;
    } cases[] = {{5, 1}, {7, 1}, {0, 1}, {6, 0}, {6, 255}, {40, 1}};

    (void)state;
    requirement("D8-03", "R8278-4.1-05", "R8278-4.1-11");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        anchor *a = start();
        uint8_t body[40] = {8, 11, cases[i].bid};
        update u = update_plain(a, 1, 100, NULL, 1);
        size_t length;
        const uint8_t *echo;
        pba answer;

        update_option(&u, 63, body, cases[i].length);
        update_gateway(&u, ANCHOR_GATEWAY);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 128);
        echo = pba_option(&answer, 63, 0, &length);
        assert_non_null(echo);
        assert_true(length <= 6);
        assert_memory_equal(echo, body, length);
        assert_int_equal(anchor_sessions(a), 0);
        anchor_end(a);
    }
}

/* D8-22 */
static void
test_repeated_options(void **state)
{
    (void)state;
    requirement("D8-22", "B5213-03");
    for (uint8_t type = 63; type <= 64; type++)
    {
        anchor *a = start();
        update u = update_path(a, 1, 100, NULL, 1);
        pba answer;

        if (type == 63)
        {
            update_multipath(&u, 8, 11, 1, 0);
        }
        else
        {
            update_gateway(&u, ANCHOR_GATEWAY);
        }
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 128);
        assert_true(pba_has(&answer, 63));
        assert_int_equal(anchor_sessions(a), 0);
        anchor_end(a);
    }
}

/* D8-04: an empty identifier is none; the switch accepts it and goes by the address */
static void
test_without_identifier(void **state)
{
    fb_config config;
    anchor *a = start();
    update u = update_plain(a, 1, 100, NULL, 1);
    pba answer;

    (void)state;
    requirement("D8-04", "R8278-4.2-07");
    update_multipath(&u, 8, 11, 1, 0);
    update_option(&u, 64, "\1", 2);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 128);
    anchor_end(a);

    anchor_config(&config);
    config.lma.require_gateway_identifier = false;
    a = anchor_start(&config);
    u = update_plain(a, 1, 100, NULL, 1);
    update_multipath(&u, 8, 11, 1, 0);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(anchor_session(a).multipath);
    anchor_end(a);
}

/* 4.2: subtypes are opaque (D8-05), and identifiers can be long */
static void
test_identifiers_are_opaque(void **state)
{
    fb_config config;
    anchor *a;

    (void)state;
    requirement("D8-05", "R8278-4.2-02", "R8278-4.2-05", "R8278-4.2-06", "R8278-4.2-07");
    anchor_config(&config);
    config.lma.any_gateway = true;
    a = anchor_start(&config);
    for (unsigned path = 1; path <= 2; path++)
    {
        update u = update_plain(a, (uint8_t)path, 100, NULL, 5);
        uint8_t body[255];
        pba answer;

        memset(body, 0xa7, sizeof body);
        body[0] = 200; /* Subtype, and Reserved is not looked at */
        body[1] = (uint8_t)path;
        update_multipath(&u, 8, 11, (uint8_t)path, 0);
        update_option(&u, 64, body, sizeof body);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
    }
    assert_int_equal(anchor_session(a).binding_count, 2);
    /* Another one, different in its last octet, is another gateway: no handoff is indicated, the prefix is in use */
    {
        update u = update_plain(a, 3, 100, HOME, 5);
        uint8_t body[255];
        pba answer;

        memset(body, 0xa7, sizeof body);
        body[0] = 200;
        body[254] = 1;
        update_multipath(&u, 8, 11, 3, 0);
        update_option(&u, 64, body, sizeof body);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 155);
    }
    anchor_end(a);
}

/* 4.1: labels may repeat, reserved bits mean nothing and come back as 0 */
static void
test_labels_and_reserved_bits(void **state)
{
    anchor *a = start();

    (void)state;
    requirement("R8278-4.1-08", "R8278-4.1-18", "D8-31");
    for (uint8_t path = 1; path <= 2; path++)
    {
        update u = update_plain(a, path, 100, NULL, 5);
        uint8_t body[6] = {5, 3, path, 0x3f, 0xff, 0xff};
        uint8_t expected[6] = {5, 3, path, 0, 0, 0};
        size_t length;
        pba answer;

        update_option(&u, 63, body, sizeof body);
        update_gateway(&u, ANCHOR_GATEWAY);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
        assert_memory_equal(pba_option(&answer, 63, 0, &length), expected, 6);
    }
    assert_int_equal(anchor_session(a).binding_count, 2);
    anchor_end(a);
}

/* D8-14, D8-15: another address for a BID, another BID for an address */
static void
test_replacing(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    fb_addr third = path_address(3);
    update u = update_path(a, 1, 100, NULL, 1);

    (void)state;
    requirement("D8-14", "D8-15");
    update_send(a, &u);
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 100, HOME, 5);
    u.meta.src = third;
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_true(anchor_binding(a, 1, 1, &binding));
    assert_memory_equal(&binding.care_of, &third, sizeof third);
    assert_int_equal(a->lma.sessions.care_of.pool.used, 1);

    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 100, HOME, 5);
    u.meta.src = third;
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_false(anchor_binding(a, 1, 1, &binding));
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_int_equal(a->lma.sessions.care_of.pool.used, 1);
    anchor_end(a);
}

/* D8-23, D8-16: both first updates ask for any prefix, and arrive in either order */
static void
test_concurrent_first_updates(void **state)
{
    (void)state;
    requirement("D8-16", "D8-23", "D8-08", "R8278-4.4-03");
    for (int swapped = 0; swapped < 2; swapped++)
    {
        anchor *a = start();
        update first = update_path(a, 1, 100, NULL, 1);
        update second;
        pba answers[2];

        anchor_wait(a, 100 * FB_MILLISECOND);
        second = update_path(a, 2, 100, NULL, 1);
        answers[0] = update_send(a, swapped ? &second : &first);
        answers[1] = update_send(a, swapped ? &first : &second);
        for (size_t i = 0; i < 2; i++)
        {
            assert_int_equal(pba_status(&answers[i]), 0);
            assert_true(pba_has_home_prefix(&answers[i], 0, HOME));
        }
        assert_int_equal(anchor_session(a).binding_count, 2);
        /* but a replay is one, on either path */
        answers[0] = update_send(a, &first);
        assert_int_equal(pba_status(&answers[0]), 157);
        answers[1] = update_send(a, &second);
        assert_int_equal(pba_status(&answers[1]), 157);
        anchor_end(a);
    }
}

/* C8-08: what came to an end is not brought back by an update that was on its way */
static void
test_delayed_update_does_not_resurrect(void **state)
{
    (void)state;
    requirement("C8-08", "D8-16");
    for (int overwritten = 0; overwritten < 2; overwritten++)
    {
        anchor *a = start();
        fb_proxy_view binding;
        update u = update_path(a, 1, 100, NULL, 1);
        update delayed;

        update_send(a, &u);
        u = update_path(a, 2, 100, NULL, 5);
        update_send(a, &u);
        anchor_wait(a, FB_SECOND);
        delayed = update_path(a, 2, 100, HOME, 5);
        anchor_wait(a, 100 * FB_MILLISECOND);
        if (overwritten)
        {
            u = update_plain(a, 1, 100, HOME, 5);
            update_multipath(&u, 8, 11, 1, MULTIPATH_O);
            update_gateway(&u, ANCHOR_GATEWAY);
        }
        else
        {
            u = update_path(a, 2, 0, HOME, 4);
        }
        assert_int_equal(update_send(a, &u).reason, 0);
        assert_int_equal(update_send(a, &delayed).reason, FB_DROP_PBU_TIMESTAMP_OLD);
        assert_false(anchor_binding(a, 1, 2, &binding));
        anchor_end(a);
    }
}

/* C8-08, D8-15: nor does one that was on its way take its place back from the path that has the address by now */
static void
test_delayed_update_does_not_replace(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    update u = update_path(a, 1, 100, NULL, 1);
    update delayed;

    (void)state;
    requirement("C8-08", "D8-15");
    update_send(a, &u);
    anchor_wait(a, FB_SECOND);
    delayed = update_path(a, 1, 100, HOME, 5);
    anchor_wait(a, 100 * FB_MILLISECOND);
    u = update_path(a, 2, 100, HOME, 5);
    u.meta.src = path_address(1);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(update_send(a, &delayed).reason, FB_DROP_PBU_TIMESTAMP_OLD);
    assert_false(anchor_binding(a, 1, 1, &binding));
    assert_true(anchor_binding(a, 1, 2, &binding));
    anchor_end(a);
}

/* D8-12, C8-03, C8-12: who may de-register a path */
static void
test_deregistration_over_another_path(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    update u = update_path(a, 1, 100, NULL, 1);

    (void)state;
    requirement("D8-12", "C8-03", "C8-12", "D8-02", "R8278-4.1-17");
    update_send(a, &u);
    u = update_path(a, 2, 100, NULL, 5);
    update_send(a, &u);
    u = update_path(a, 3, 100, NULL, 5);
    update_send(a, &u);

    /* From an address that is not registered: ignored */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 0, HOME, 4);
    u.meta.src = path_address(9);
    assert_int_equal(update_send(a, &u).reason, FB_DROP_PBU_CARE_OF_ADDRESS);
    /* The same with the dead path's address as the alternate one; O means nothing (D8-02) */
    u = update_plain(a, 9, 0, HOME, 4);
    update_multipath(&u, 4, 9, 2, MULTIPATH_O);
    update_gateway(&u, ANCHOR_GATEWAY);
    update_alternate(&u, path_address(2));
    pba answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    fb_addr ninth = path_address(9);
    assert_memory_equal(&answer.meta.dst, &ninth, sizeof ninth);
    assert_false(anchor_binding(a, 1, 2, &binding));
    /* From another path of the session */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 3, 0, HOME, 4);
    u.meta.src = path_address(1);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_false(anchor_binding(a, 1, 3, &binding));
    /* Once more: it has gone already */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 3, 0, HOME, 4);
    u.meta.src = path_address(1);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_session(a).binding_count, 1);
    /* Of a session there is not */
    u = update_new(1, 0, path_address(1));
    update_node(&u, ANCHOR_MOBILE_NODE);
    update_home_prefix(&u, "2001:db8:109::/64");
    update_handoff(&u, 4);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    answer = update_send(a, &u);
    assert_int_equal(answer.reason, FB_DROP_PBU_NO_SESSION);
    assert_false(answer.came);
    anchor_end(a);
}

/* D8-12: B = 1 and Lifetime 0, or no option 63 (D8-10): the whole session, which is remembered for a while */
static void
test_deregistration_of_all(void **state)
{
    (void)state;
    requirement("D8-10", "D8-12", "C8-12", "B5213-10");
    for (int plain = 0; plain < 2; plain++)
    {
        anchor *a = start();
        update u = update_path(a, 1, 100, NULL, 1);
        fb_event event;
        pba answer;

        update_send(a, &u);
        u = update_path(a, 2, 100, NULL, 5);
        update_send(a, &u);
        anchor_wait(a, FB_SECOND);
        anchor_forget_events(a);
        u = update_plain(a, 1, 0, HOME, 4);
        if (!plain)
        {
            update_multipath(&u, 8, 11, 1, MULTIPATH_B);
            update_gateway(&u, ANCHOR_GATEWAY);
        }
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
        assert_true(anchor_session(a).grace);
        assert_false(fb_lma_session_forwards(&a->lma, 0));
        assert_int_equal(paths_of(a), 0);
        for (int i = 0; i < 2; i++)
        {
            assert_true(anchor_event(a, FB_EVENT_BINDING, &event));
            assert_int_equal(event.to, FB_BINDING_DOWN);
            assert_int_equal(event.cause, FB_CAUSE_DEREGISTERED);
        }
        assert_false(anchor_event(a, FB_EVENT_BINDING, &event));
        /* Once more, from the other path: 0, and the delay goes on */
        anchor_wait(a, 5 * FB_SECOND);
        u = update_path(a, 2, 0, HOME, 4);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
        anchor_wait(a, 4999 * FB_MILLISECOND);
        assert_int_equal(anchor_sessions(a), 1);
        anchor_wait(a, FB_MILLISECOND);
        assert_int_equal(anchor_sessions(a), 0);
        assert_true(anchor_event(a, FB_EVENT_SESSION, &event));
        assert_int_equal(event.to, 0);
        assert_int_equal(a->lma.sessions.care_of.pool.used, 0);
        anchor_end(a);
    }
}

/* B5213-10, state machine 4.5: in the grace an update revives the session with its binding alone */
static void
test_revival(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    update u = update_path(a, 1, 100, NULL, 1);
    pba answer;

    (void)state;
    requirement("B5213-10");
    update_send(a, &u);
    u = update_path(a, 2, 100, NULL, 5);
    update_send(a, &u);
    anchor_wait(a, FB_SECOND);
    u = update_plain(a, 1, 0, HOME, 4);
    update_multipath(&u, 8, 11, 1, MULTIPATH_B);
    update_gateway(&u, ANCHOR_GATEWAY);
    update_send(a, &u);
    anchor_wait(a, 9 * FB_SECOND);
    u = update_path(a, 2, 100, HOME, 5);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_false(anchor_session(a).grace);
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_false(anchor_binding(a, 1, 1, &binding));
    anchor_wait(a, 20 * FB_SECOND);
    assert_int_equal(anchor_sessions(a), 1);
    anchor_end(a);
}

/* D8-10: without option 63 from the same gateway the session collapses */
static void
test_collapse(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    update u = update_path(a, 1, 100, NULL, 1);
    pba answer;

    (void)state;
    requirement("D8-10");
    update_send(a, &u);
    u = update_path(a, 2, 100, NULL, 5);
    update_send(a, &u);
    anchor_wait(a, FB_SECOND);
    u = update_plain(a, 2, 100, HOME, 5);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 63));
    assert_false(anchor_session(a).multipath);
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_true(anchor_binding(a, 1, 0, &binding));
    /* and back */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 100, HOME, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_true(anchor_session(a).multipath);
    assert_false(anchor_binding(a, 1, 0, &binding));
    assert_true(anchor_binding(a, 1, 2, &binding));
    anchor_end(a);
}

/* D8-30: a binding expires by itself, the session with its last one */
static void
test_expiry(void **state)
{
    anchor *a = start();
    update u = update_path(a, 1, 100, NULL, 1);
    fb_event event;

    (void)state;
    requirement("D8-30");
    update_send(a, &u);
    u = update_path(a, 2, 200, NULL, 5);
    update_send(a, &u);
    anchor_forget_events(a);
    anchor_wait(a, 400 * FB_SECOND);
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_true(anchor_event(a, FB_EVENT_BINDING, &event));
    assert_int_equal(event.cause, FB_CAUSE_EXPIRED);
    anchor_wait(a, 400 * FB_SECOND);
    assert_int_equal(anchor_sessions(a), 0);
    assert_int_equal(a->lma.sessions.cache.bindings.used, 0);
    anchor_end(a);
}

/* D8-11: another gateway replaces all, where RFC 5213 5.4.1 calls it a handoff, and never mixes */
static void
test_handoff_between_gateways(void **state)
{
    anchor *a = start();
    fb_gateway other = anchor_gateway("mag8@example.net");
    fb_proxy_view binding;
    fb_event event;
    pba answer;
    update u = update_path(a, 1, 100, NULL, 1);

    (void)state;
    requirement("D8-11", "C8-18");
    assert_int_equal(fb_lma_set_gateway(&a->lma, &other, a->now), FB_OK);
    update_send(a, &u);
    u = update_path(a, 2, 100, NULL, 5);
    update_send(a, &u);
    anchor_wait(a, FB_SECOND);
    /* Re-registration (5) is none: the prefix is in use */
    u = update_plain(a, 5, 100, HOME, 5);
    update_multipath(&u, 5, 1, 1, 0);
    update_gateway(&u, "mag8@example.net");
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 155);
    assert_int_equal(anchor_session(a).binding_count, 2);
    anchor_forget_events(a);
    /* Between gateways (3) is one */
    u = update_plain(a, 5, 100, HOME, 3);
    update_multipath(&u, 5, 1, 1, 0);
    update_gateway(&u, "mag8@example.net");
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_true(anchor_binding(a, 1, 1, &binding));
    fb_addr fifth = path_address(5);
    assert_memory_equal(&binding.care_of, &fifth, sizeof fifth);
    assert_true(anchor_event(a, FB_EVENT_BINDING, &event));
    assert_int_equal(event.cause, FB_CAUSE_HANDOFF);
    assert_memory_equal(anchor_session(a).gateway.text, "mag8@example.net", 16);
    /* The old gateway's de-registration comes too late */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 0, HOME, 4);
    assert_true(update_send(a, &u).reason != 0);
    assert_int_equal(anchor_session(a).binding_count, 1);
    anchor_end(a);
}

/* C8-04: with a link-layer identifier, of this interface only */
static void
test_sessions_of_interfaces(void **state)
{
    anchor *a = start();
    update u = update_path(a, 1, 100, NULL, 1);
    pba answer;

    (void)state;
    requirement("C8-04");
    update_link_layer(&u, "first!");
    answer = update_send(a, &u);
    assert_true(pba_has_home_prefix(&answer, 0, HOME));
    u = update_path(a, 1, 100, NULL, 1);
    update_link_layer(&u, "second");
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(pba_has_home_prefix(&answer, 0, "2001:db8:100:1::/64"));
    assert_int_equal(anchor_sessions(a), 2);
    u = update_path(a, 2, 100, NULL, 5);
    update_link_layer(&u, "second");
    answer = update_send(a, &u);
    assert_true(pba_has_home_prefix(&answer, 0, "2001:db8:100:1::/64"));
    assert_int_equal(anchor_sessions(a), 2);
    anchor_end(a);
}

/* D8-27, C8-17: what an update does not name */
static void
test_absent_prefixes(void **state)
{
    anchor *a = start();
    update u = update_path(a, 1, 100, NULL, 1);
    fb_event event;
    pba answer;

    (void)state;
    requirement("D8-27", "C8-17");
    update_delegated(&u, NULL);
    answer = update_send(a, &u);
    assert_true(pba_has(&answer, 55));
    /* for an additional binding: nothing */
    u = update_path(a, 2, 100, NULL, 5);
    answer = update_send(a, &u);
    assert_false(pba_has(&answer, 55));
    assert_int_equal(anchor_session(a).delegated.count, 1);
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 0, HOME, 4);
    update_send(a, &u);
    /* for the only one: delegation ends */
    anchor_wait(a, FB_SECOND);
    anchor_forget_events(a);
    u = update_path(a, 1, 100, HOME, 5);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_session(a).delegated.count, 0);
    assert_true(anchor_event(a, FB_EVENT_PREFIX, &event));
    assert_int_equal(event.to, 0);
    assert_true(event.delegated);
    anchor_end(a);
}

/* ... however often they come; what is wrong with the others it does see */
static void
test_legacy_skips_repeated_options(void **state)
{
    (void)state;
    requirement("R8278-4.4-06");
    for (unsigned wrong = 0; wrong < 2; wrong++)
    {
        fb_config config;
        anchor *a;
        update u;
        pba answer;

        anchor_config(&config);
        config.lma.legacy = true;
        a = anchor_start(&config);
        u = update_path(a, 1, 100, NULL, 1);
        update_multipath(&u, 8, 11, 2, 0);
        update_gateway(&u, ANCHOR_GATEWAY);
        if (wrong)
        {
            update_handoff(&u, 1); /* a second one */
        }
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), wrong ? 128 : 0);
        assert_false(pba_has(&answer, 63));
        anchor_end(a);
    }
}

/* D8-03: 255 is no path's, and not that of all: overtaken by the update of another path, it still is what is wrong */
static void
test_reserved_bid_is_nobodys(void **state)
{
    anchor *a = start();
    update u = update_path(a, 1, 100, NULL, 1), reserved;
    pba answer;

    (void)state;
    requirement("D8-03", "D8-16");
    update_send(a, &u);
    anchor_wait(a, FB_SECOND);
    reserved = update_plain(a, 2, 100, HOME, 5);
    update_multipath(&reserved, 8, 11, 255, 0);
    update_gateway(&reserved, ANCHOR_GATEWAY);
    anchor_wait(a, FB_SECOND / 10);
    u = update_path(a, 1, 100, HOME, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    answer = update_send(a, &reserved);
    assert_int_equal(pba_status(&answer), 128);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_in_small_letters_do_not_bind),
        cmocka_unit_test(test_two_paths),
        cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_overwrite),
        cmocka_unit_test(test_deregistration_of_a_path),
        cmocka_unit_test(test_cannot_support),
        cmocka_unit_test(test_legacy),
        cmocka_unit_test(test_wrong_vectors),
        cmocka_unit_test(test_malformed_options),
        cmocka_unit_test(test_repeated_options),
        cmocka_unit_test(test_without_identifier),
        cmocka_unit_test(test_identifiers_are_opaque),
        cmocka_unit_test(test_labels_and_reserved_bits),
        cmocka_unit_test(test_replacing),
        cmocka_unit_test(test_concurrent_first_updates),
        cmocka_unit_test(test_delayed_update_does_not_resurrect),
        cmocka_unit_test(test_delayed_update_does_not_replace),
        cmocka_unit_test(test_deregistration_over_another_path),
        cmocka_unit_test(test_deregistration_of_all),
        cmocka_unit_test(test_revival),
        cmocka_unit_test(test_collapse),
        cmocka_unit_test(test_expiry),
        cmocka_unit_test(test_handoff_between_gateways),
        cmocka_unit_test(test_sessions_of_interfaces),
        cmocka_unit_test(test_absent_prefixes),
        cmocka_unit_test(test_legacy_skips_repeated_options),
        cmocka_unit_test(test_reserved_bid_is_nobodys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
