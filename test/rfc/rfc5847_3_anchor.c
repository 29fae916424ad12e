/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5847 3: the heartbeats of an anchor, one for each proxy care-of address (B5847-02), and restarted gateways.
 */

#include "anchor.h"

#include <string.h>

#define HOME "2001:db8:100::/64"

static anchor *
start(void)
{
    fb_config config;

    anchor_config(&config);
    config.lma.heartbeat_s = 60;
    return anchor_start(&config);
}

/** A heartbeat response written by hand. */
static pba
respond(anchor *a, uint8_t path, uint16_t flags, uint32_t sequence, uint32_t counter)
{
    update u = update_new(0, 0, path_address(path));
    uint8_t body[4] = {(uint8_t)(counter >> 24),
                       (uint8_t)(counter >> 16),
                       (uint8_t)(counter >> 8),
                       (uint8_t)counter};

    u.octets[2] = 13;
    u.octets[6] = (uint8_t)(flags >> 8);
    u.octets[7] = (uint8_t)flags;
    for (size_t i = 0; i < 4; i++)
    {
        u.octets[8 + i] = (uint8_t)(sequence >> (24 - 8 * i));
    }
    update_option(&u, 28, body, 4);
    return update_send(a, &u);
}

/** Time passes until @p until; what is asked is counted by path, and answered over the paths of the set @p answers. */
static void
run(anchor *a, fb_time until, unsigned answers, unsigned asked[3])
{
    while (fb_lma_next_timeout(&a->lma) <= until)
    {
        uint8_t octets[64];
        fb_meta meta;
        ptrdiff_t length;

        a->now = fb_lma_next_timeout(&a->lma) > a->now ? fb_lma_next_timeout(&a->lma) : a->now;
        fb_lma_handle_timeout(&a->lma, 8, a->now);
        while ((length = fb_lma_output(&a->lma, &meta, octets, sizeof octets, a->now)) > 0)
        {
            fb_addr first = path_address(1);
            uint8_t path = memcmp(&meta.dst, &first, sizeof first) == 0 ? 1 : 2;

            assert_int_equal(length, 16);
            assert_int_equal(octets[2], 13);
            assert_int_equal(octets[6] << 8 | octets[7], 0);
            asked[path]++;
            if ((answers >> path & 1) != 0)
            {
                uint32_t sequence = (uint32_t)octets[8] << 24 | (uint32_t)octets[9] << 16 |
                                    (uint32_t)octets[10] << 8 | octets[11];

                assert_int_equal(respond(a, path, 1, sequence, 1).reason, 0);
            }
        }
    }
    a->now = until;
}

static void
two_paths(anchor *a, uint16_t lifetime)
{
    update u = update_path(a, 1, lifetime, NULL, 1);

    assert_int_equal(update_send(a, &u).reason, 0);
    u = update_path(a, 2, lifetime, NULL, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    anchor_forget_events(a);
}

static size_t
paths_of(const anchor *a)
{
    fb_path_view paths[8];

    return fb_lma_paths(&a->lma, 0, paths);
}

/* 3.1: answered "even if there is no binding", with our Restart Counter */
static void
test_answering(void **state)
{
    anchor *a = start();
    fb_event event;
    pba answer = anchor_hear(a, "P16");

    (void)state;
    requirement("B5847-01", "P16", "P17");
    assert_int_equal(answer.reason, 0);
    assert_vector(a, &answer, "P17");
    assert_int_equal(anchor_sessions(a), 0);
    assert_true(anchor_event(a, FB_EVENT_RECEIVED, &event));
    assert_int_equal(event.type, 13);
    assert_true(anchor_event(a, FB_EVENT_SENT, &event));
    assert_int_equal(event.type, 13);
    assert_int_equal(event.flags, 1);
    anchor_end(a);
}

/* 3.1: every minute while there is a binding; a path is dead with the fourth that is missed (C8-11), and comes back */
static void
test_a_dead_path(void **state)
{
    anchor *a = start();
    unsigned asked[3] = {0};
    fb_proxy_view binding;
    fb_event event;
    uint32_t generation;

    (void)state;
    requirement("B5847-01", "B5847-02", "C8-01", "C8-10", "C8-11");
    two_paths(a, 1000);
    generation = fb_lma_generation(&a->lma, 0);
    run(a, a->now + 241 * FB_SECOND, 1 << 1, asked);
    assert_int_equal(asked[1], 4);
    assert_int_equal(asked[2], 4);
    assert_int_equal(paths_of(a), 2);
    run(a, a->now + 60 * FB_SECOND, 1 << 1, asked);
    assert_int_equal(paths_of(a), 1);
    assert_true(fb_lma_generation(&a->lma, 0) != generation);
    /* C8-10: only out of forwarding */
    assert_int_equal(anchor_session(a).binding_count, 2);
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_true(anchor_event(a, FB_EVENT_PEER, &event));
    assert_int_equal(event.to, 0);
    fb_addr second = path_address(2);
    assert_memory_equal(&event.care_of, &second, sizeof second);
    assert_int_equal(event.cause, FB_CAUSE_HEARTBEAT);
    /* it goes on being asked, and answers again */
    generation = fb_lma_generation(&a->lma, 0);
    run(a, a->now + 60 * FB_SECOND, 3 << 1, asked);
    assert_int_equal(paths_of(a), 2);
    assert_true(fb_lma_generation(&a->lma, 0) != generation);
    assert_true(anchor_event(a, FB_EVENT_PEER, &event));
    assert_int_equal(event.to, 1);
    /* nobody is asked when nobody is registered */
    asked[1] = asked[2] = 0;
    run(a, a->now + 10000 * FB_SECOND, 3 << 1, asked);
    assert_int_equal(anchor_sessions(a), 0);
    assert_true(fb_lma_next_timeout(&a->lma) == FB_TIME_NEVER);
    assert_true(asked[1] < 80);
    anchor_end(a);
}

/* 3.2, 3.4, C8-10: another Restart Counter, and what was accepted before it was heard last is lost */
static void
test_a_restarted_gateway(void **state)
{
    anchor *a = start();
    unsigned asked[3] = {0};
    fb_event event;
    fb_proxy_view binding;
    uint32_t generation;
    update u;

    (void)state;
    requirement("B5847-01", "C8-10", "C8-11");
    two_paths(a, 10000);
    run(a, a->now + 61 * FB_SECOND, 3 << 1, asked);
    assert_int_equal(asked[1] + asked[2], 2);
    /* The gateway restarts and registers one path anew before it is asked again: that one is spared */
    u = update_path(a, 2, 1000, HOME, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    anchor_forget_events(a);
    generation = fb_lma_generation(&a->lma, 0);
    assert_int_equal(respond(a, 1, 3, 999, 2).reason, 0); /* unsolicited: R and U, any sequence */
    assert_true(fb_lma_generation(&a->lma, 0) != generation);
    assert_int_equal(paths_of(a), 1); /* at once */
    assert_true(anchor_event(a, FB_EVENT_PEER, &event));
    assert_int_equal(event.to, 2);
    assert_true(fb_lma_next_timeout(&a->lma) <= a->now);
    anchor_wait(a, 1);
    assert_int_equal(anchor_session(a).binding_count, 1);
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_true(anchor_event(a, FB_EVENT_BINDING, &event));
    assert_int_equal(event.cause, FB_CAUSE_PEER_RESTART);
    assert_int_equal(event.ref.bid, 1);
    /* the same counter once more is no restart; another one takes what is left */
    anchor_wait(a, FB_SECOND);
    assert_int_equal(respond(a, 2, 3, 0, 2).reason, 0);
    anchor_wait(a, 1);
    assert_int_equal(anchor_sessions(a), 1);
    assert_int_equal(respond(a, 2, 3, 0, 3).reason, 0);
    anchor_wait(a, 1);
    assert_int_equal(anchor_sessions(a), 0);
    anchor_end(a);
}

/* What answers nothing is dropped, and says nothing */
static void
test_unexpected_responses(void **state)
{
    anchor *a = start();
    fb_gateway gateway = anchor_gateway(ANCHOR_GATEWAY);

    (void)state;
    requirement("B5847-01");
    assert_int_equal(respond(a, 1, 1, 1, 5).reason, FB_DROP_NOT_EXPECTED);
    two_paths(a, 100);
    assert_int_equal(respond(a, 1, 1, 1, 5).reason, FB_DROP_NOT_EXPECTED); /* not asked yet */
    assert_int_equal(respond(a, 9, 3, 1, 5).reason, FB_DROP_NOT_EXPECTED); /* not registered */
    gateway.security_association = 4;
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_OK);
    assert_int_equal(respond(a, 1, 3, 1, 5).reason, FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED);
    anchor_end(a);
}

/* RFC 6275 9.3.3: who does not know heartbeats says so once, and is not asked again */
static void
test_a_peer_that_does_not_know(void **state)
{
    anchor *a = start();
    unsigned asked[3] = {0};

    (void)state;
    requirement("B5847-01");
    two_paths(a, 10000);
    for (unsigned status = 0; status <= 2; status++)
    {
        update error = update_new(0, 0, path_address(1));

        error.octets[2] = 7;
        error.octets[6] = (uint8_t)(status == 0 ? 2 : status);
        error.length = 24; /* behind an unspecified Home Address */
        assert_int_equal(update_send(a, &error).reason, status == 2 ? 0 : FB_DROP_NOT_EXPECTED);
        if (status == 0)
        {
            /* "in response to a Heartbeat Request": there was none yet */
            run(a, a->now + 60 * FB_SECOND, 1 << 2, asked);
            assert_int_equal(asked[1], 1);
        }
    }
    run(a, a->now + 600 * FB_SECOND, 1 << 2, asked);
    assert_int_equal(asked[1], 1);
    assert_int_equal(asked[2], 11);
    assert_int_equal(paths_of(a), 2);
    anchor_end(a);
}

/* RFC 5844 4, RFC 5847 4: over IPv4 in UDP, to the port updates came from */
static void
test_over_ipv4(void **state)
{
    anchor *a = start();
    update u = update_path(a, 1, 1000, NULL, 1);
    uint8_t octets[64];
    fb_meta meta;

    (void)state;
    requirement("B5847-02", "D8-29");
    u.meta.src = fb_addr_from_ipv4(0xcb00715a);
    u.meta.dst = fb_addr_from_ipv4(0xc0000235);
    u.meta.protocol = 17;
    u.meta.sport = 40001;
    u.meta.dport = 5436;
    update_flags(&u, 0x0100);
    assert_int_equal(update_send(a, &u).reason, 0);
    a->now += 60 * FB_SECOND;
    fb_lma_handle_timeout(&a->lma, 1, a->now);
    assert_int_equal(fb_lma_output(&a->lma, &meta, octets, 8, a->now), FB_ERR_LIMIT);
    assert_int_equal(fb_lma_output(&a->lma, &meta, octets, sizeof octets, a->now), 16);
    assert_int_equal(meta.protocol, 17);
    assert_int_equal(meta.sport, 5436);
    assert_int_equal(meta.dport, 40001);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), 0xcb00715a);
    assert_int_equal(octets[4] << 8 | octets[5], 0);
    assert_int_equal(fb_lma_output(&a->lma, &meta, octets, sizeof octets, a->now), 0);
    anchor_end(a);
}

/* 3.2: unsolicited "with an incremented Restart Counter": what is late, or says none, is no news of a restart */
static void
test_late_unsolicited(void **state)
{
    anchor *a = start();
    unsigned asked[3] = {0};

    (void)state;
    requirement("B5847-01", "C8-11");
    two_paths(a, 10000);
    assert_int_equal(respond(a, 1, 3, 0, 7).reason, 0); /* the first is learnt */
    run(a, a->now + FB_SECOND, 0, asked);
    assert_int_equal(respond(a, 1, 3, 0, 6).reason, FB_DROP_NOT_EXPECTED);
    anchor_wait(a, 1);
    assert_int_equal(anchor_session(a).binding_count, 2);
    assert_int_equal(respond(a, 1, 3, 0, 8).reason, 0);
    anchor_wait(a, 1);
    assert_int_equal(anchor_sessions(a), 0);
    anchor_end(a);
}

/* C8-10, at time 0, which is a time like any other: what was accepted when the counter was heard last is lost */
static void
test_restarted_at_time_0(void **state)
{
    anchor *a = start();

    (void)state;
    requirement("C8-10");
    a->now = 0;
    two_paths(a, 10000);
    assert_int_equal(respond(a, 1, 3, 0, 7).reason, 0);
    a->now = 1;
    assert_int_equal(respond(a, 1, 3, 0, 8).reason, 0);
    assert_int_equal(paths_of(a), 0);
    anchor_end(a);
}

/* A gateway that is taken away and comes back: only what it had registered by then is gone */
static void
test_gateway_removed(void **state)
{
    anchor *a = start();
    fb_gateway gateway = anchor_gateway(ANCHOR_GATEWAY);
    update u;

    (void)state;
    requirement("C8-10", "D8-36");
    two_paths(a, 10000);
    a->now += FB_SECOND;
    assert_int_equal(fb_lma_remove_gateway(&a->lma, &gateway.identity, a->now), FB_OK);
    assert_int_equal(paths_of(a), 0);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_OK);
    a->now++; /* the next instant there is */
    u = update_path(a, 1, 10000, HOME, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(paths_of(a), 1);
    anchor_end(a);
}

/** Registers path @p path of mobile node @p node through gateway @p gateway, both of which came by themselves. */
static void
register_by(anchor *a, const char *node, const char *gateway, uint8_t path, uint16_t lifetime)
{
    update u = update_new(1, lifetime, path_address(path));

    update_node(&u, node);
    update_home_prefix(&u, NULL);
    update_handoff(&u, 1);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    update_multipath(&u, 8, 11, path, 0);
    update_gateway(&u, gateway);
    assert_int_equal(update_send(a, &u).reason, 0);
}

/* 3.2: the counter is the peer's. Two use one address; the later one is forgotten, and its place is a third one's */
static void
test_counter_of_a_gateway_that_is_gone(void **state)
{
    fb_config config;
    anchor *a;

    (void)state;
    requirement("C8-10", "B5847-01");
    anchor_config(&config);
    config.lma.any_gateway = true;
    config.lma.any_subscriber = true;
    config.lma.delete_delay_ms = 0;
    config.lma.heartbeat_s = 60;
    a = anchor_start_empty(&config);
    register_by(a, "a@example.net", "first@example.net", 1, 10000);
    register_by(a, "b@example.net", "second@example.net", 1, 10000);
    anchor_wait(a, FB_SECOND);
    register_by(a, "b@example.net", "second@example.net", 1, 0);
    anchor_wait(a, FB_SECOND);
    assert_int_equal(anchor_sessions(a), 1);
    register_by(a, "c@example.net", "third@example.net", 2, 10000);
    /* from the first one's address: none that the third one ever said */
    assert_int_equal(respond(a, 1, 3, 0, 5).reason, FB_DROP_NOT_EXPECTED);
    anchor_wait(a, FB_SECOND);
    assert_int_equal(respond(a, 2, 3, 0, 9).reason, 0);
    anchor_wait(a, FB_SECOND);
    assert_int_equal(anchor_sessions(a), 2);
    anchor_end(a);
}

/* 3.2: who asks nobody waits for no answer and takes nobody for dead, and hears of restarts as others do */
static void
test_an_anchor_that_asks_nobody(void **state)
{
    fb_config config;
    anchor *a;
    update error = update_new(0, 0, path_address(1));

    (void)state;
    requirement("B5847-01", "B5847-02", "C8-10");
    anchor_config(&config);
    config.lma.heartbeat_s = 0;
    a = anchor_start(&config);
    two_paths(a, 10000);
    assert_int_equal(respond(a, 1, 1, 0, 7).reason, FB_DROP_NOT_EXPECTED);
    assert_int_equal(respond(a, 1, 1, 1, 7).reason, FB_DROP_NOT_EXPECTED);
    error.octets[2] = 7;
    /* it does not know the Mobility Header type: of what, if nothing was asked? */
    error.octets[6] = 2;
    error.length = 24; /* behind an unspecified Home Address */
    assert_int_equal(update_send(a, &error).reason, FB_DROP_NOT_EXPECTED);
    assert_int_equal(paths_of(a), 2);
    assert_int_equal(fb_lma_round_trip_us(&a->lma, 0, 1), 0);
    assert_int_equal(respond(a, 1, 3, 0, 7).reason, 0);
    anchor_wait(a, FB_SECOND);
    assert_int_equal(paths_of(a), 2);
    assert_int_equal(respond(a, 1, 3, 0, 8).reason, 0);
    anchor_wait(a, 1);
    assert_int_equal(anchor_sessions(a), 0);
    assert_true(fb_lma_next_timeout(&a->lma) == FB_TIME_NEVER);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answering),
        cmocka_unit_test(test_a_dead_path),
        cmocka_unit_test(test_a_restarted_gateway),
        cmocka_unit_test(test_unexpected_responses),
        cmocka_unit_test(test_a_peer_that_does_not_know),
        cmocka_unit_test(test_over_ipv4),
        cmocka_unit_test(test_late_unsolicited),
        cmocka_unit_test(test_restarted_at_time_0),
        cmocka_unit_test(test_gateway_removed),
        cmocka_unit_test(test_counter_of_a_gateway_that_is_gone),
        cmocka_unit_test(test_an_anchor_that_asks_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
