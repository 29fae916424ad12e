/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.2 and what it leaves open: how bindings come, change and go at the home agent, and its limits.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

/* ---- care-of addresses ---- */

/* same BID, other care-of address, O = 0: changed in place */
static void
test_care_of_address_changes_in_place(void **state)
{
    world *w = bound_world(2);
    fb_binding_view other, moved, view;
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-10");
    request_forward(&r, "12", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_true(world_binding(w, 2, &other));
    since = w->events;

    r = request_new(w, 600, 0xcb007114);
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12");
    assert_true(world_binding(w, 1, &moved));
    assert_int_equal(moved.care_of_address, 0xcb007114);
    assert_int_equal(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_ADDRESS_CHANGED);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, 0xcb007114);
    assert_true(world_binding(w, 2, &view));
    assert_true(view.expires == other.expires);
    /* Packets from the old address come out of no tunnel of this node */
    {
        uint8_t inner[48] = {0x45, 0, 0, 48, 0, 0, 0, 0, 63, UDP};
        fb_packet packet = {.header = inner, .header_len = 48, .total_len = 48};
        fb_meta outer = {.src = fb_addr_from_ipv4(care_of(1)),
                         .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                         .protocol = 4};
        fb_action action;

        memcpy(inner + 12, "\xc6\x33\x64\x0a\xc0\x00\x02\xc8", 8);
        assert_int_equal(fb_agent_receive(w->home_agent, &outer, &packet, w->now), FB_OK);
        assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TUNNEL_SOURCE);
    }
    world_end(w);
}

/* another BID with the same care-of address takes the binding over */
static void
test_same_care_of_address_under_two_bids(void **state)
{
    world *w = bound_world(2);
    request r = request_new(w, 600, care_of(1));
    size_t since = w->events;

    (void)state;
    requirement("D-11", "R7629-2.2-01");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 9, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "29");
    assert_int_equal(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_REPLACED);
    world_end(w);
}

/* ---- with and without RFC 7629 ---- */

/* a registration without 154 replaces all bindings and ends the policy; one with 154 replaces that */
static void
test_mixed_registrations(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-26", "D-25", "R7629-4.1-01", "B5944-50");
    request_forward(&r, "12", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    since = w->events;
    r = request_new(w, 600, care_of(3));
    r.octets[1] |= 0x80; /* S: ignored, simultaneous bindings of RFC 5944 are not supported */
    assert_int_equal(request_send(w, &r).code, 1);
    assert_bound(w, "0");
    assert_int_equal(world_rule_count(w), 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(3));
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));

    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    assert_bound(w, "2");
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));
    world_end(w);
}

/* S together with Multipath: no effect, Code 0, a single copy of each packet */
static void
test_simultaneous_bindings_flag(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 3, 600, 0);
    answer a;

    (void)state;
    requirement("D-27", "B5944-50");
    r.octets[1] |= 0x80;
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_bound(w, "123");
    for (uint16_t port = 1; port < 50; port++)
    {
        assert_int_equal(world_downlink(w, UDP, port, 40000).kind, FB_SEND); /* its only action */
    }
    world_end(w);

    /* The mobile node sends S = 0 */
    w = registered_world(3);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).flags, 0x22);
    }
    world_end(w);
}

/* ---- de-registration ---- */

/* vector M07 is answered by M08, and only BID 2 goes */
static void
test_vectors_m07_and_m08(void **state)
{
    world *w = bound_world(3);
    answer a;

    (void)state;
    requirement("R7629-5.1-17", "R7629-5.1-18", "M07", "M08");
    a = play(w, vectors_find(vectors, "M07"));
    assert_is_vector(&a, vectors_find(vectors, "M08"));
    assert_bound(w, "13");
    world_end(w);
}

/* with 154 the BID decides, the care-of address is not compared */
static void
test_deregistration_is_by_bid(void **state)
{
    world *w = bound_world(3);
    request r = request_new(w, 0, care_of(3));
    answer a;

    (void)state;
    requirement("D-28", "R7629-5.1-18");
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    /* Once more: what is not there is de-registered already */
    r = path_request(w, 2, 0, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    world_end(w);
}

/* without 154 the care-of address decides; that of the home network means all */
static void
test_deregistration_without_multipath(void **state)
{
    world *w = bound_world(3);
    request r = request_new(w, 0, care_of(2));
    answer a;

    (void)state;
    requirement("D-28", "C-11", "B5944-49");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    r = request_new(w, 0, 0xcb0071c8); /* bound to nobody */
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    r = request_new(w, 0, WORLD_HOME_ADDRESS);
    r.source = care_of(1);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "");
    world_end(w);
}

/* care-of address = home address removes all with 154 as well, B or not */
static void
test_home_address_deregisters_all(void **state)
{
    world *w = bound_world(3);
    request r = request_new(w, 0, WORLD_HOME_ADDRESS);
    answer a;

    (void)state;
    requirement("C-11");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    r.source = care_of(1);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "");
    world_end(w);
}

/* Lifetime 0 gets its answer in every state of the node */
static void
test_deregistration_of_what_is_not_there(void **state)
{
    world *w = bound_world(0);
    request r = path_request(w, 1, 0, 0);
    answer a = request_send(w, &r);

    (void)state;
    requirement("C-11", "D-28");
    assert_accepted(&a, &r, 0); /* no binding at all */
    r = request_new(w, 600, care_of(1));
    request_send(w, &r);
    r = request_new(w, 0, care_of(2));
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0); /* a plain binding, of another address */
    assert_bound(w, "0");
    world_end(w);
}

/* over another interface: the source of the packet need not be the care-of address to be removed */
static void
test_deregistration_over_another_path(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 2, 0, 0);
    answer a;

    (void)state;
    requirement("D-37");
    r.source = care_of(1);
    a = request_send(w, &r); /* the answer goes there too: octets_send() looks */
    assert_accepted(&a, &r, 0);
    assert_bound(w, "1");
    world_end(w);
}

/* Flow-Bindings in a de-registration are ignored, however they look */
static void
test_flow_bindings_with_lifetime_0(void **state)
{
    static const uint8_t nonsense[8] = {154, 2, 0, 4, 7, 7, 7, 7};
    world *w = bound_world(2);
    request r = path_request(w, 2, 0, 0);
    answer a;

    (void)state;
    requirement("C-15");
    request_forward(&r, "7", UDP, SIP);
    request_octets(&r, nonsense, sizeof nonsense);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "1");
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* ---- replay protection ---- */

/* strictly increasing for the whole node: two requests that overtake each other */
static void
test_requests_that_overtake_each_other(void **state)
{
    world *w = bound_world(0);
    request first = path_request(w, 1, 600, 0);
    request second = path_request(w, 2, 600, 0);

    (void)state;
    requirement("D-29", "C-21", "B5944-23");
    assert_int_equal(request_send(w, &second).code, 0);
    assert_denied(request_send(w, &first), 133, FB_DROP_IDENTIFICATION);
    assert_bound(w, "2");
    assert_denied(request_send(w, &second), 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* a refused request has used its Identification up, once the authenticator was right */
static void
test_identification_of_refused_requests(void **state)
{
    world *w = bound_world(1);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("C-12", "D-32");
    request_multipath(&r, TECHNOLOGY_WLAN, 0, 1, 0);
    assert_denied(request_send(w, &r), 134, FB_DROP_LABEL_ZERO);
    assert_denied(request_send(w, &r), 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* 133 brings the home agent's clock, with the low half of the request's Identification: M01 an hour late gives M17 */
static void
test_vector_m17(void **state)
{
    world *w = bound_world(0);
    const test_vector *m01 = vectors_find(vectors, "M01");
    answer a;

    (void)state;
    requirement("M17", "B5944-20", "B5944-23");
    set_clock(w, w->home_agent, 0xed004590, w->now);
    a = octets_send(w, care_of(1), m01->octets, m01->length);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    assert_is_vector(&a, vectors_find(vectors, "M17"));
    assert_bound(w, "");
    world_end(w);
}

/* a wrong authenticator: 131, or silence where that is configured; nothing else happens. Vector N08 */
static void
test_bad_authenticator(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w = bound_world(2);
    snapshot before = home_agent_state(w);

    (void)state;
    requirement("N08", "B5944-19", "R7629-8-01");
    assert_denied(play(w, vectors_find(vectors, "N08")), 131, FB_DROP_BAD_AUTHENTICATOR);
    assert_unchanged(w, &before);
    world_end(w);

    config.reply_bad_authenticator = false;
    w = home_agent_world(&config, true);
    assert_false(play(w, vectors_find(vectors, "N08")).came);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_BAD_AUTHENTICATOR), 1);
    assert_int_equal(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_DROP)->reason,
                     FB_DROP_BAD_AUTHENTICATOR);
    world_end(w);
}

/* ---- limits and lifetimes ---- */

/* too many bindings: 135; a known BID, or one that replaces, still fits */
static void
test_too_many_bindings(void **state)
{
    world *w = bound_world(0);
    snapshot before;
    request r;

    (void)state;
    requirement("D-33");
    for (uint8_t bid = 1; bid <= 8; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    before = home_agent_state(w);
    assert_denied(register_path(w, 9, 600, 0), 135, FB_DROP_TOO_MANY_BINDINGS);
    assert_unchanged(w, &before);
    assert_int_equal(register_path(w, 8, 600, 0).code, 0);
    r = request_new(w, 600, care_of(8)); /* takes over BID 8's place */
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 9, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12345679");
    assert_int_equal(register_path(w, 8, 600, FLAG_O).code, 0);
    assert_bound(w, "8");
    world_end(w);
}

/* too many rules: 130, and the care-of address is not registered either */
static void
test_too_many_rules(void **state)
{
    world_setup setup;
    world *w;
    request r;

    (void)state;
    requirement("D-33");
    world_setup_default(&setup);
    setup.home_agent.limits.rules_per_node = 3;
    w = world_start(&setup);
    r = path_request(w, 1, 600, 0);
    for (uint16_t port = 1; port <= 3; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 3);
    r = path_request(w, 2, 600, 0);
    for (uint16_t port = 1; port <= 4; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    assert_bound(w, "1");
    assert_int_equal(world_rule_count(w), 3);
    world_end(w);
}

/* no memory for the rules, although there are not too many: 130, and the earlier ones are still there */
static void
test_no_memory_for_rules(void **state)
{
    world_setup setup;
    world *w;
    request r;

    (void)state;
    requirement("D-33");
    world_setup_default(&setup);
    setup.home_agent.limits.policies = 1;
    /* in all 128, and up to the end of a block 180: 15 rules of 12 */
    setup.home_agent.limits.rule_octets = 2;
    w = world_start(&setup);
    for (int refresh = 0; refresh < 3; refresh++)
    {
        r = path_request(w, 1, 600, 0);
        for (uint16_t port = 1; port <= 15; port++)
        {
            request_forward(&r, "1", UDP, port);
        }
        assert_int_equal(request_send(w, &r).code, 0);
        assert_int_equal(world_rule_count(w), 15);
    }
    r = path_request(w, 1, 600, 0);
    for (uint16_t port = 101; port <= 116; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    assert_int_equal(world_rule_count(w), 15);
    world_end(w);
}

/* 64 rules are enough for anybody, and fit one datagram */
static void
test_64_rules(void **state)
{
    world *w = bound_world(1);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("D-33", "R7629-4.2-02");
    for (uint16_t port = 1; port <= 64; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 64);
    r = path_request(w, 1, 600, 0);
    for (uint16_t port = 1; port <= 65; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    world_end(w);
}

/* each binding has its own lifetime; its end is silent and takes nothing else with it; 0xffff has none */
static void
test_lifetimes(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    size_t replies;

    (void)state;
    requirement("D-36", "B5944-09", "B5944-11", "B5944-54");
    config.lifetime_max_s = 0xffff;
    w = home_agent_world(&config, true);
    register_path(w, 1, 600, 0);
    register_path(w, 2, 60, 0);
    register_path(w, 3, 0xffff, 0);
    replies = world_sent_count(w, false);
    world_run(w, 59 * FB_SECOND);
    assert_bound(w, "123");
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "13");
    assert_int_equal(binding_event(w, 0, FB_ROLE_HOME_AGENT, 2, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_EXPIRED);
    world_run(w, 600 * FB_SECOND);
    assert_bound(w, "3");
    world_run(w, 200000 * FB_SECOND);
    assert_bound(w, "3");
    assert_int_equal(world_sent_count(w, false), replies);
    world_end(w);
}

/* reserved flags of the fixed part are ignored, or refused where that is configured */
static void
test_reserved_flags(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w = bound_world(0);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("D-44", "B5944-05");
    r.octets[1] |= 0x05; /* r, x */
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "1");
    world_end(w);

    config.strict_reserved = true;
    w = home_agent_world(&config, true);
    r = path_request(w, 1, 600, 0);
    r.octets[1] |= 0x04;
    assert_denied(request_send(w, &r), 134, FB_DROP_RESERVED_BITS);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    world_end(w);
}

/* the home agent never asks (5.1 says so by mistake) */
static void
test_home_agent_only_answers(void **state)
{
    world *w = registered_world(3);
    size_t answered;

    (void)state;
    requirement("D-02");
    world_run(w, 1000 * FB_SECOND);
    answered = world_sent_count(w, false);
    assert_int_equal(answered, requests_sent(w));
    for (size_t i = 0; i < answered; i++)
    {
        assert_int_equal(look_at(world_sent(w, false, i)).type, 3);
    }
    world_end(w);
}

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_care_of_address_changes_in_place),
        cmocka_unit_test(test_same_care_of_address_under_two_bids),
        cmocka_unit_test(test_mixed_registrations),
        cmocka_unit_test(test_simultaneous_bindings_flag),
        cmocka_unit_test(test_vectors_m07_and_m08),
        cmocka_unit_test(test_deregistration_is_by_bid),
        cmocka_unit_test(test_deregistration_without_multipath),
        cmocka_unit_test(test_home_address_deregisters_all),
        cmocka_unit_test(test_deregistration_of_what_is_not_there),
        cmocka_unit_test(test_deregistration_over_another_path),
        cmocka_unit_test(test_flow_bindings_with_lifetime_0),
        cmocka_unit_test(test_requests_that_overtake_each_other),
        cmocka_unit_test(test_identification_of_refused_requests),
        cmocka_unit_test(test_vector_m17),
        cmocka_unit_test(test_bad_authenticator),
        cmocka_unit_test(test_too_many_bindings),
        cmocka_unit_test(test_too_many_rules),
        cmocka_unit_test(test_no_memory_for_rules),
        cmocka_unit_test(test_64_rules),
        cmocka_unit_test(test_lifetimes),
        cmocka_unit_test(test_reserved_flags),
        cmocka_unit_test(test_home_agent_only_answers),
    };

    return cmocka_run_group_tests_name("rfc7629_5_2_bindings", tests, load, unload);
}
