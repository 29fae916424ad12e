/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: the mobile node de-registers one care-of address, or with B = 1 all of them.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

/* "can, at any time, de-register a specific care-of address": Lifetime 0, Multipath with its BID, O = 0 */
static void
test_one_care_of_address(void **state)
{
    world *w = registered_world(3);
    size_t requests = requests_sent(w), since = w->events;
    const world_message *message;
    seen s;

    (void)state;
    requirement("R7629-5.1-17", "R7629-5.1-18", "R7629-4.1-24");
    administrator(w, FB_FACT_DEREGISTER, 2);
    assert_int_equal(requests_sent(w), requests + 1);
    message = world_last(w, true);
    s = look_at(message);
    assert_int_equal(s.lifetime_s, 0);
    assert_int_equal(s.multipaths, 1);
    assert_int_equal(s.bid, 2);
    assert_int_equal(s.care_of_address, care_of(2));
    assert_false(s.overwrite || s.bulk);
    assert_int_equal(s.flow_bindings, 0);
    assert_int_equal(message->meta.link, 2);
    assert_int_equal(world_state(w, 2), FB_BINDING_DEREGISTERING);
    world_run(w, FB_SECOND);
    assert_bound(w, "13");
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    assert_int_equal(binding_event(w, since, FB_ROLE_MOBILE_NODE, 2, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_DEREGISTERED);
    assert_int_equal(events_of(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_BINDING, 1), 0);
    /* It stays away until somebody wants it back */
    world_run(w, 2000 * FB_SECOND);
    assert_bound(w, "13");
    administrator(w, FB_FACT_REGISTER, 2);
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* the mobile node sends M07 */
static void
test_mobile_node_sends_m07(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-5.1-17", "R7629-5.1-18", "M07");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.port = 51434;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, FB_SECOND);
    set_clock(w, w->mobile_node, 0xed003974, w->now);
    administrator(w, FB_FACT_DEREGISTER, 2);
    assert_sent_vector(world_last(w, true), vectors_find(vectors, "M07"));
    world_end(w);
}

/* The path that asks for all goes before the answer: the request goes on by another */
static void
test_all_over_another_path(void **state)
{
    world *w = registered_world(3);
    const world_message *m;

    (void)state;
    requirement("R7629-5.1-19", "D-37");
    assert_int_equal(world_binding_count(w), 3);
    administrator(w, FB_FACT_DEREGISTER, 0);
    world_link_down(w, WORLD_WLAN);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(world_binding_count(w), 0);
    m = world_last(w, true);
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(octets_u32(m->octets + 12), WORLD_HOME_ADDRESS);
    assert_int_equal(m->meta.link, WORLD_LTE);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_DOWN);
    }
    world_end(w);
}

/* B = 1 with Lifetime 0: all care-of addresses with one request, of the home address (RFC 5944 3.6.1.2). M09 */
static void
test_all_care_of_addresses(void **state)
{
    world_setup setup;
    world *w;
    fb_rule rules[5];
    size_t requests;

    (void)state;
    requirement("R7629-5.1-19", "C-09", "D-05", "D-25", "M09");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.port = 51434;
    w = world_start(&setup);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    requests = requests_sent(w);
    set_clock(w, w->mobile_node, 0xed0039d8, w->now);
    set_clock(w, w->home_agent, 0xed0039d8, w->now);
    administrator(w, FB_FACT_DEREGISTER, 0);
    assert_sent_vector(world_last(w, true), vectors_find(vectors, "M09"));
    world_run(w, 2000 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 1);
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_DOWN);
    }
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).kind, FB_DROP_PACKET);

    /* Back again, the policy too */
    administrator(w, FB_FACT_REGISTER, 0);
    world_run(w, 5 * FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
    world_end(w);
}

/* the interface is down: the request goes over another, with the care-of address to be removed */
static void
test_over_another_interface(void **state)
{
    world *w = registered_world(3);
    size_t requests = requests_sent(w);
    const world_message *message;
    seen s;

    (void)state;
    requirement("D-37", "R7629-5.1-17");
    world_link_down(w, 2);
    assert_int_equal(requests_sent(w), requests + 1);
    message = world_last(w, true);
    s = look_at(message);
    assert_int_equal(message->meta.link, 1);
    assert_int_equal(fb_addr_to_ipv4(&message->meta.src), care_of(1));
    assert_int_equal(s.care_of_address, care_of(2));
    assert_int_equal(s.bid, 2);
    assert_int_equal(s.label, 2);
    assert_int_equal(s.technology, TECHNOLOGY_LTE);
    assert_int_equal(s.lifetime_s, 0);
    /* Nothing leaves by the dead path from that moment on */
    for (uint16_t port = 1; port < 50; port++)
    {
        assert_int_not_equal(world_uplink(w, UDP, port, 40000).bid, 2);
    }
    world_run(w, FB_SECOND);
    assert_bound(w, "13");
    world_end(w);
}

/* the last interface goes: there is nothing to send by; the home agent lets the binding expire */
static void
test_last_interface_goes(void **state)
{
    world *w = registered_world(1);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("D-36", "D-37");
    world_link_down(w, 1);
    assert_int_equal(world_state(w, 1), FB_BINDING_DOWN);
    world_run(w, 598 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests);
    assert_bound(w, "1");
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "");
    world_end(w);
}

/* no answer: three tries, then the tunnel is gone all the same */
static void
test_no_answer(void **state)
{
    world *w = registered_world(2);
    size_t requests = requests_sent(w), since = w->events;

    (void)state;
    requirement("R7629-5.1-17", "C-03");
    w->lose = lose_requests;
    administrator(w, FB_FACT_DEREGISTER, 2);
    world_run(w, 100 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 3);
    for (size_t i = requests; i < requests + 3; i++)
    {
        assert_int_equal(request_sent(w, i).bid, 2);
        assert_int_equal(request_sent(w, i).lifetime_s, 0);
    }
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    assert_int_equal(binding_event(w, since, FB_ROLE_MOBILE_NODE, 2, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_NO_ANSWER);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

/* the answer is lost: the repeated request finds nothing to remove, and is accepted */
static void
test_lost_answer(void **state)
{
    world *w = registered_world(2);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("D-28");
    w->lose = lose_replies;
    administrator(w, FB_FACT_DEREGISTER, 2);
    world_run(w, 500 * FB_MILLISECOND);
    assert_bound(w, "1");
    assert_int_equal(world_state(w, 2), FB_BINDING_DEREGISTERING);
    w->lose = NULL;
    world_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 2);
    assert_int_equal(look_at(world_last(w, false)).code, 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    world_end(w);
}

/* a denial ends it as three unanswered tries would */
static void
test_denial(void **state)
{
    world *w = registered_world(2);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("C-03");
    w->lose = lose_requests;
    administrator(w, FB_FACT_DEREGISTER, 2);
    assert_int_equal(reply_to(w, world_last(w, true), 129, 0), 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    world_run(w, 100 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 1);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

/* ... but 133 is only a matter of the clock */
static void
test_denial_133(void **state)
{
    world *w = registered_world(2);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("C-03", "C-19", "B5944-33");
    set_clock(w, w->mobile_node, WORLD_NTP + 1000, w->now);
    administrator(w, FB_FACT_DEREGISTER, 2);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 2);
    assert_bound(w, "1");
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    world_end(w);
}

/* the link comes back, or has another address, meanwhile: the end is waited for, then it registers anew */
static void
test_link_back_meanwhile(void **state)
{
    world *w = registered_world(2);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("C-03");
    world_link_down(w, 2);
    assert_int_equal(world_state(w, 2), FB_BINDING_DEREGISTERING);
    w->address[2] += 3;
    world_link_up(w, 2);
    assert_int_equal(world_state(w, 2), FB_BINDING_DEREGISTERING);
    assert_int_equal(requests_sent(w), requests + 1);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(requests_sent(w), requests + 2);
    assert_int_equal(request_sent(w, requests).care_of_address, care_of(2));
    assert_int_equal(request_sent(w, requests + 1).care_of_address, care_of(2) + 3);
    assert_bound(w, "12");
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    world_end(w);
}

/* packets on their way when a path is given up are still good; afterwards there is no tunnel */
static void
test_tunnel_ends_with_the_answer(void **state)
{
    world *w = registered_world(1);
    world_verdict v;

    (void)state;
    requirement("R7629-5.1-17");
    administrator(w, FB_FACT_DEREGISTER, 1);
    v = world_downlink(w, UDP, SIP, 40000);
    assert_true(v.delivered);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    world_run(w, FB_SECOND);
    assert_bound(w, "");
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
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
        cmocka_unit_test(test_one_care_of_address),
        cmocka_unit_test(test_mobile_node_sends_m07),
        cmocka_unit_test(test_all_care_of_addresses),
        cmocka_unit_test(test_all_over_another_path),
        cmocka_unit_test(test_over_another_interface),
        cmocka_unit_test(test_last_interface_goes),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_lost_answer),
        cmocka_unit_test(test_denial),
        cmocka_unit_test(test_denial_133),
        cmocka_unit_test(test_link_back_meanwhile),
        cmocka_unit_test(test_tunnel_ends_with_the_answer),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_deregistration", tests, load, unload);
}
