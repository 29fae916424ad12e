/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 5.7.1: replay protection by timestamps, at both ends; and the switch that does less (D-29).
 */

#include "exchange.h"

#include <string.h>

static void
put_u64(uint8_t *at, uint64_t value)
{
    for (size_t i = 0; i < 8; i++)
    {
        at[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

/** The home agent's clock, now. */
static uint64_t
ntp_now(const world *w)
{
    uint64_t fraction = ((w->now % FB_SECOND) << 32) / FB_SECOND;

    return (WORLD_NTP + w->now / FB_SECOND) << 32 | fraction;
}

static answer
send_at(world *w, uint64_t identification)
{
    request r = request_new(w, 600, care_of(1));

    put_u64(r.octets + 16, identification);
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    return request_send(w, &r);
}

static world *
new_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    return world_start(&setup);
}

/* ---- the home agent ---- */

static void
test_within_the_tolerance(void **state)
{
    static const struct
    {
        int ahead_s;
        bool accepted;
    } row[] =
        {{-3600, false}, {-8, false}, {-6, true}, {0, true}, {6, true}, {8, false}, {3600, false}};

    (void)state;
    requirement("B5944-23", "B5944-20");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = new_world();
        uint64_t identification = ntp_now(w) + ((uint64_t)(int64_t)row[i].ahead_s << 32) + 12345;
        answer a = send_at(w, identification);

        assert_true(a.came);
        assert_int_equal(a.code, row[i].accepted ? 0 : 133);
        /* 133: our clock in the high half, the low half as it was; else the whole as it was */
        assert_int_equal(a.identification >> 32,
                         row[i].accepted ? identification >> 32 : ntp_now(w) >> 32);
        assert_int_equal((uint32_t)a.identification, (uint32_t)identification);
        assert_bound(w, row[i].accepted ? "1" : "");
        world_end(w);
    }
}

static void
test_the_tolerance_is_configured(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5944-23");
    world_setup_default(&setup);
    setup.home_agent.home_agent.replay_tolerance_s = 100;
    w = world_start(&setup);
    assert_int_equal(send_at(w, ntp_now(w) - (UINT64_C(99) << 32)).code, 0);
    assert_int_equal(send_at(w, ntp_now(w) + (UINT64_C(101) << 32)).code, 133);
    world_end(w);
}

static void
test_greater_than_all_accepted_before(void **state)
{
    world *w = new_world();
    uint64_t first = ntp_now(w) + (UINT64_C(3) << 32);

    (void)state;
    requirement("B5944-23");
    assert_int_equal(send_at(w, first).code, 0);
    assert_int_equal(send_at(w, first).code, 133);
    assert_int_equal(send_at(w, first - 1).code, 133);
    assert_int_equal(send_at(w, ntp_now(w)).code, 133);
    assert_int_equal(send_at(w, first + 1).code, 0);
    world_end(w);
}

/* A refused one does not move the bar. */
static void
test_an_identification_that_is_refused_does_not_count(void **state)
{
    world *w = new_world();

    (void)state;
    requirement("B5944-20", "B5944-23");
    assert_int_equal(send_at(w, ntp_now(w) + (UINT64_C(3600) << 32)).code, 133);
    assert_int_equal(send_at(w, ntp_now(w)).code, 0);
    world_end(w);
}

/* 3.8.2.2: a request that comes twice must not extend the lifetime. */
static void
test_a_duplicate_extends_nothing(void **state)
{
    world *w = new_world();
    request r = request_new(w, 600, care_of(1));
    snapshot before;
    answer a;

    (void)state;
    requirement("B5944-26");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    before = home_agent_state(w);
    world_run(w, 2 * FB_SECOND);
    a = request_send(w, &r);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    assert_unchanged(w, &before);
    world_end(w);
}

/* 3.8.2.1: after the authenticator, and told as what it is. */
static void
test_a_replay_is_refused_and_told(void **state)
{
    world *w = registered_world(1);
    const world_message *old = world_sent(w, true, 0);
    size_t since = w->events;
    const fb_event *denied;
    answer a;

    (void)state;
    requirement("B5944-20", "B5944-23");
    a = octets_send(w, care_of(1), old->octets, old->length);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    denied = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_DENIED);
    assert_non_null(denied);
    assert_int_equal(denied->reason, FB_DROP_IDENTIFICATION);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_IDENTIFICATION), 1);
    world_end(w);
}

static void
test_vector_m17(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *asked = vectors_find(vectors, "M01"),
                      *expected = vectors_find(vectors, "M17");
    world *w = new_world();
    answer a;

    (void)state;
    requirement("B5944-20", "B5944-23", "M17");
    set_clock(w, w->home_agent, octets_u32(asked->octets + 16) + 3600, w->now);
    a = octets_send(w, care_of(1), asked->octets, asked->length);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    assert_is_vector(&a, expected);
    vectors_free(vectors);
    world_end(w);
}

/* The vectors stand alone: M12 is older than M05, so after it M12 is a replay, however well the clock fits. */
static void
test_vectors_in_their_order(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *earlier = vectors_find(vectors, "M12"),
                      *later = vectors_find(vectors, "M05");
    world *w = new_world();
    answer a;

    (void)state;
    requirement("C-24");
    assert_true(octets_u64(earlier->octets + 16) < octets_u64(later->octets + 16));
    assert_int_equal(play(w, later).code, 0);
    a = play(w, earlier);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    world_end(w);
    w = new_world();
    register_path(w, 1, 600, 0);
    register_path(w, 2, 600, 0);
    assert_int_equal(play(w, earlier).code, 0); /* in a state of its own it is none */
    vectors_free(vectors);
    world_end(w);
}

/* ---- the mobile node ---- */

static void
test_a_clock_that_is_wrong_is_put_right(void **state)
{
    static const int64_t wrong_s[] = {3600, -3600, 86400 * 1000, -86400 * 1000, 8, -8};

    (void)state;
    requirement("B5944-23", "B5944-33");
    for (size_t i = 0; i < sizeof wrong_s / sizeof wrong_s[0]; i++)
    {
        world *w = new_world();

        set_clock(w, w->mobile_node, (uint32_t)(WORLD_NTP + wrong_s[i]), w->now);
        world_link_up(w, WORLD_WLAN);
        world_run(w, FB_SECOND);
        assert_int_equal(requests_sent(w), 2); /* refused, and at once with the other's clock */
        assert_bound(w, "1");
        world_link_up(w, WORLD_LTE);
        world_run(w, FB_SECOND);
        assert_int_equal(requests_sent(w), 3); /* learnt once */
        assert_bound(w, "12");
        world_end(w);
    }
}

/* The low half first: a reply to something else must not move the clock. */
static void
test_the_low_half_is_checked_before_the_clock_is_believed(void **state)
{
    world *w = new_world();
    uint8_t octets[REPLY_FIXED];

    (void)state;
    requirement("B5944-25");
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    reply_fixed(octets, world_last(w, true), 133, 0);
    octets[13] ^= 0x10;
    octets[19] ^= 0x01;
    assert_int_equal(reply_octets(w, world_last(w, true), octets, REPLY_FIXED),
                     FB_DROP_NOT_EXPECTED);
    assert_int_equal(requests_sent(w), 1);
    world_run(w, FB_SECOND);
    assert_int_equal(request_sent(w, 1).identification >> 32, WORLD_NTP + 1);
    world_end(w);
}

/* And the authenticator: nobody else sets our clock. */
static void
test_a_forged_133_does_not_set_the_clock(void **state)
{
    world *w = new_world();
    uint8_t octets[64];
    size_t length;

    (void)state;
    requirement("B5944-13", "B5944-25");
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    length = reply_fixed(octets, world_last(w, true), 133, 0);
    octets[13] ^= 0x10;
    length = world_sign(octets, length);
    octets[length - 1] ^= 1;
    assert_int_equal(world_inject(w, false, &(fb_meta){.sport = 434}, octets, length),
                     FB_DROP_BAD_AUTHENTICATOR);
    world_run(w, FB_SECOND);
    assert_int_equal(request_sent(w, 1).identification >> 32, WORLD_NTP + 1);
    world_end(w);
}

/* "MUST be greater than that used in any previous Registration Request", even when the host's clock steps back. */
static void
test_identifications_grow_when_the_clock_steps_back(void **state)
{
    world *w = new_world();

    (void)state;
    requirement("B5944-23", "B5944-32");
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    world_run(w, 4 * FB_SECOND);
    set_clock(w, w->mobile_node, WORLD_NTP - 1000, w->now);
    world_run(w, 100 * FB_SECOND);
    assert_true(requests_sent(w) > 5);
    for (size_t i = 1; i < requests_sent(w); i++)
    {
        assert_true(request_sent(w, i).identification > request_sent(w, i - 1).identification);
    }
    world_end(w);
}

/* A request overtaken by a later one of the same node is outdated; so the node sends one at a time (D-29). */
static void
test_requests_that_overtake_each_other(void **state)
{
    world *w = new_world();
    request slow = request_new(w, 600, care_of(3)), fast = request_new(w, 600, care_of(1));

    (void)state;
    requirement("B5944-23", "D-29");
    request_multipath(&slow, TECHNOLOGY_CDMA, 3, 3, 0);
    request_multipath(&fast, TECHNOLOGY_WLAN, 1, 1, 0);
    assert_int_equal(request_send(w, &fast).code, 0);
    assert_int_equal(request_send(w, &slow).code, 133);
    world_link_up(w, WORLD_CDMA);
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(requests_sent(w), 1);
    world_run(w, FB_SECOND);
    assert_bound(w, "13");
    world_end(w);
}

/* ---- replay-scope=binding: not RFC 5944, and so never the default (C-21) ---- */

static world *
per_binding_world(void)
{
    fb_home_agent_config config = home_agent_defaults();

    assert_false(config.replay_per_binding);
    config.replay_per_binding = true;
    return home_agent_world(&config, true);
}

/* Paths of unequal delay may overtake each other; within a binding nothing comes twice or late. */
static void
test_scope_of_a_binding(void **state)
{
    world *w = per_binding_world();
    request old_wlan = path_request(w, 1, 600, 0);
    request lte = path_request(w, 2, 600, 0);
    request wlan = path_request(w, 1, 500, 0);
    request cdma = path_request(w, 3, 600, 0);
    snapshot before;

    (void)state;
    requirement("D-29", "C-21");
    assert_int_equal(request_send(w, &cdma).code, 0);
    assert_int_equal(request_send(w, &wlan).code, 0);
    assert_int_equal(request_send(w, &lte).code, 0);
    assert_bound(w, "123");
    before = home_agent_state(w);
    world_run(w, FB_SECOND);
    assert_denied(request_send(w, &old_wlan), 133, FB_DROP_IDENTIFICATION);
    assert_denied(request_send(w, &wlan), 133, FB_DROP_IDENTIFICATION);
    assert_denied(request_send(w, &lte), 133, FB_DROP_IDENTIFICATION);
    assert_denied(request_send(w, &cdma), 133, FB_DROP_IDENTIFICATION);
    assert_unchanged(w, &before);
    world_end(w);
}

/* What concerns several bindings is compared with all of them: B, O, Lifetime 0, and a request without 154. */
static void
test_scope_of_the_node(void **state)
{
    (void)state;
    requirement("D-29", "C-21");
    for (unsigned i = 0; i < 4; i++)
    {
        world *w = per_binding_world();
        request late = i == 3 ? request_new(w, 600, care_of(1))
                              : path_request(w,
                                             1,
                                             i == 2 ? 0 : 600,
                                             i == 0   ? FLAG_B
                                             : i == 1 ? FLAG_O
                                                      : 0);
        request lte = path_request(w, 2, 600, 0), after;

        assert_int_equal(request_send(w, &lte).code, 0);
        assert_denied(request_send(w, &late), 133, FB_DROP_IDENTIFICATION);
        assert_bound(w, "2");

        /* ... and counts for all */
        after = path_request(w, 3, 600, 0);
        late = i == 3 ? request_new(w, 600, care_of(2))
                      : path_request(w,
                                     2,
                                     i == 2 ? 0 : 600,
                                     i == 0   ? FLAG_B
                                     : i == 1 ? FLAG_O
                                              : 0);
        assert_int_equal(request_send(w, &late).reason, 0);
        assert_denied(request_send(w, &after), 133, FB_DROP_IDENTIFICATION);
        world_end(w);
    }
}

/* What is gone is not brought back by what it was registered with, however it went. */
static void
test_scope_of_bindings_that_are_gone(void **state)
{
    world *w = per_binding_world();
    request expired = path_request(w, 1, 2, 0);
    request renamed = path_request(w, 2, 600, 0), refused, thief;

    (void)state;
    requirement("D-29", "C-21", "C-12");
    assert_int_equal(request_send(w, &expired).code, 0);
    world_run(w, 3 * FB_SECOND);
    assert_denied(request_send(w, &expired), 133, FB_DROP_IDENTIFICATION);

    renamed = path_request(w, 2, 600, 0);
    assert_int_equal(request_send(w, &renamed).code, 0);
    thief = request_new(w, 600, care_of(2));
    request_multipath(&thief, TECHNOLOGY_LTE, 9, 9, 0);
    assert_int_equal(request_send(w, &thief).code, 0); /* D-11 */
    assert_denied(request_send(w, &renamed), 133, FB_DROP_IDENTIFICATION);

    /* refused for its BID 5, which would be registered by now if it were not (C-12) */
    refused = path_request(w, 4, 600, 0);
    request_forward(&refused, "35", UDP, SIP);
    assert_denied(request_send(w, &refused), 153, FB_DROP_BID_UNKNOWN);
    assert_denied(request_send(w, &refused), 133, FB_DROP_IDENTIFICATION);
    assert_bound(w, "9");
    world_end(w);
}

/* D-11: nor does one that was overtaken take its place back from the binding that has the care-of address by now */
static void
test_scope_of_a_care_of_address(void **state)
{
    world *w = per_binding_world();
    request first = path_request(w, 1, 600, 0), late, thief;

    (void)state;
    requirement("D-29", "C-21", "D-11");
    assert_int_equal(request_send(w, &first).code, 0);
    world_run(w, FB_SECOND);
    late = path_request(w, 1, 600, 0);
    thief = request_new(w, 600, care_of(1));
    request_multipath(&thief, TECHNOLOGY_LTE, 9, 9, 0);
    assert_int_equal(request_send(w, &thief).code, 0);
    assert_bound(w, "9");
    assert_denied(request_send(w, &late), 133, FB_DROP_IDENTIFICATION);
    assert_bound(w, "9");
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_within_the_tolerance),
        cmocka_unit_test(test_the_tolerance_is_configured),
        cmocka_unit_test(test_greater_than_all_accepted_before),
        cmocka_unit_test(test_an_identification_that_is_refused_does_not_count),
        cmocka_unit_test(test_a_duplicate_extends_nothing),
        cmocka_unit_test(test_a_replay_is_refused_and_told),
        cmocka_unit_test(test_vector_m17),
        cmocka_unit_test(test_vectors_in_their_order),
        cmocka_unit_test(test_a_clock_that_is_wrong_is_put_right),
        cmocka_unit_test(test_the_low_half_is_checked_before_the_clock_is_believed),
        cmocka_unit_test(test_a_forged_133_does_not_set_the_clock),
        cmocka_unit_test(test_identifications_grow_when_the_clock_steps_back),
        cmocka_unit_test(test_requests_that_overtake_each_other),
        cmocka_unit_test(test_scope_of_a_binding),
        cmocka_unit_test(test_scope_of_the_node),
        cmocka_unit_test(test_scope_of_bindings_that_are_gone),
        cmocka_unit_test(test_scope_of_a_care_of_address),
    };

    return cmocka_run_group_tests_name("rfc5944_5_7_replay", tests, NULL, NULL);
}
