/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: the mobile node registers a care-of address for each of its interfaces.
 */

#include "exchange.h"

#include <string.h>

static world *
default_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    return world_start(&setup);
}

/* "should register a care-of address for each of the connected interfaces that it wishes to register" */
static void
test_each_interface_that_is_wanted(void **state)
{
    world *w = default_world();

    (void)state;
    requirement("R7629-5.1-01", "R7629-5.1-02");
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    administrator(w, FB_FACT_DEREGISTER, 3); /* not this one: its request is still in the queue */
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_bound(w, "12");
    assert_int_equal(world_state(w, 3), FB_BINDING_DOWN);

    administrator(w, FB_FACT_REGISTER, 3);
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* each request has the address of its interface, goes through it, and says its parameters */
static void
test_each_request_is_that_of_its_interface(void **state)
{
    static const uint8_t technology[] = {0, TECHNOLOGY_WLAN, TECHNOLOGY_LTE, TECHNOLOGY_CDMA};
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-5.1-02",
                "R7629-5.1-03",
                "R7629-5.1-04",
                "R7629-5.1-06",
                "R7629-4.1-14",
                "B5944-28",
                "B5944-29");
    assert_int_equal(requests_sent(w), 3);
    for (uint8_t i = 0; i < 3; i++)
    {
        const world_message *message = world_sent(w, true, i);
        seen s = look_at(message);
        uint8_t link = (uint8_t)(i + 1);

        assert_int_equal(message->meta.link, link);
        assert_int_equal(fb_addr_to_ipv4(&message->meta.src), care_of(link));
        assert_int_equal(fb_addr_to_ipv4(&message->meta.dst), WORLD_HOME_AGENT);
        assert_int_equal(message->meta.dport, 434);
        assert_int_equal(message->meta.ttl, 255);
        assert_int_equal(s.care_of_address, care_of(link));
        assert_int_equal(s.home_address, WORLD_HOME_ADDRESS);
        assert_int_equal(s.home_agent, WORLD_HOME_AGENT);
        assert_int_equal(s.flags, 0x22); /* D: co-located; T: reverse tunnel; nothing else */
        assert_int_equal(s.lifetime_s, 600);
        assert_int_equal(s.multipaths, 1);
        assert_int_equal(s.bid, link);
        assert_int_equal(s.label, link);
        assert_int_equal(s.technology, technology[link]);
        assert_false(s.bulk || s.overwrite);
        assert_int_equal(s.flow_bindings, 0);
    }
    world_end(w);
}

/* requests one after another, as a home agent may insist on Identifications in order */
static void
test_one_request_at_a_time(void **state)
{
    world *w = registered_world(3);

    (void)state;
    requirement("D-29");
    for (size_t i = 1; i < requests_sent(w); i++)
    {
        const world_message *earlier = world_sent(w, true, i - 1);
        const world_message *reply = world_sent(w, false, i - 1);

        assert_true(world_sent(w, true, i)->sent_at >= reply->arrives_at);
        assert_true(look_at(earlier).identification < request_sent(w, i).identification);
    }
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_IDENTIFICATION), 0);
    world_end(w);
}

/* a path that is dead from the start holds up the others for two sendings, not longer */
static void
test_dead_path_yields(void **state)
{
    world *w = default_world();
    bool dead[WORLD_LINKS + 1] = {[1] = true};

    (void)state;
    requirement("C-01", "D-29");
    w->lose = lose_on_links;
    w->context = dead;
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_link_up(w, 3);
    world_run(w, 5 * FB_SECOND);
    assert_bound(w, "23");
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(world_state(w, 3), FB_BINDING_UP);
    assert_int_equal(world_sent(w, true, 2)->meta.link, 2);
    /* 1 s and 2 s of waiting for the first, then the next is sent at once */
    assert_true(world_sent(w, true, 2)->sent_at == 3 * FB_SECOND);
    /* When the first is alive after all, it registers too */
    dead[1] = false;
    world_run(w, 30 * FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* ... nor does it starve the refresh of healthy ones, whose bindings never end meanwhile */
static void
test_dead_path_does_not_starve_refreshes(void **state)
{
    world *w;
    world_setup setup;
    bool dead[WORLD_LINKS + 1] = {[1] = true};

    (void)state;
    requirement("C-01", "R7629-5.1-12");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 30;
    setup.mobile_node.mobile_node.bulk_refresh = false;
    w = world_start(&setup);
    w->lose = lose_on_links; /* link 1 has no way to the home agent */
    w->context = dead;
    world_link_up(w, 2);
    world_link_up(w, 3);
    world_run(w, FB_SECOND);
    world_link_up(w, 1);
    for (unsigned i = 0; i < 300; i++)
    {
        world_run(w, FB_SECOND);
        assert_bound(w, "23");
        assert_true(world_state(w, 2) == FB_BINDING_UP ||
                    world_state(w, 2) == FB_BINDING_UP_PENDING);
        assert_true(world_state(w, 3) == FB_BINDING_UP ||
                    world_state(w, 3) == FB_BINDING_UP_PENDING);
    }
    world_end(w);
}

/* retransmission: 1, 2, 4, 8 s, a new Identification each time, otherwise the same */
static void
test_retransmission(void **state)
{
    static const unsigned at_s[] = {0, 1, 3, 7, 15, 31};
    world *w;
    world_setup setup;

    (void)state;
    requirement("B5944-32", "B5944-23");
    world_setup_default(&setup);
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, FB_SECOND); /* registered: RFC 7629 is known to be understood */
    w->lose = lose_requests;
    world_link_up(w, 2);
    world_run(w, 40 * FB_SECOND);
    assert_int_equal(requests_sent(w), 1 + 6);
    for (size_t i = 0; i < 6; i++)
    {
        const world_message *first = world_sent(w, true, 1), *message = world_sent(w, true, 1 + i);

        assert_true(message->sent_at == first->sent_at + at_s[i] * FB_SECOND);
        assert_int_equal(message->length, first->length);
        assert_memory_equal(message->octets, first->octets, 16);
        assert_memory_equal(message->octets + 24, first->octets + 24, first->length - 24 - 16);
        assert_true(i == 0 || look_at(message).identification >
                                  look_at(world_sent(w, true, i)).identification);
    }
    assert_int_equal(world_state(w, 2), FB_BINDING_PENDING);
    world_end(w);
}

/* not more than one request a second for one BID, whatever happens */
static void
test_rate_of_requests(void **state)
{
    world *w = default_world();
    fb_time last[4] = {0};

    (void)state;
    requirement("C-19", "B5944-32");
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 2 * FB_SECOND);
    for (fb_ipv4 i = 0; i < 10; i++)
    {
        world_change_address(w, 2, 0xcb007180 + i);
        world_run(w, 100 * FB_MILLISECOND);
    }
    world_run(w, 1000 * FB_SECOND);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        seen s = request_sent(w, i);
        fb_time at = world_sent(w, true, i)->sent_at;

        /* A de-registration and the registration that follows it are two, not one repeated */
        if (s.lifetime_s > 0)
        {
            assert_true(last[s.bid] == 0 || at >= last[s.bid] + FB_SECOND);
            last[s.bid] = at;
        }
    }
    assert_bound(w, "123");
    world_end(w);
}

/* the lifetime is the lesser of asked and granted, counted from the sending of the request */
static void
test_lifetime_counts_from_the_sending(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("D-36", "B5944-10", "M02");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 1800;
    setup.home_agent.home_agent.lifetime_max_s = 900;
    setup.mobile_node.mobile_node.retransmit_ms = 10000;
    w = world_start(&setup);
    w->delay[1] = 2 * FB_SECOND;
    world_run(w, FB_SECOND);
    world_link_up(w, 1);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), 1);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_true(mobile_expiry(w, 1) == (1 + 900) * FB_SECOND);
    world_end(w);

    /* A home agent that grants more than was asked for is not believed */
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_int_equal(reply_to(w, world_sent(w, true, 0), 0, 5000), 0);
    assert_true(mobile_expiry(w, 1) == 600 * FB_SECOND);
    world_end(w);
}

/* Code 0: "will establish a Mobile IP tunnel to the home agent using that care-of address" */
static void
test_tunnel_with_code_0(void **state)
{
    world_setup setup;
    world *w;
    size_t since;
    const fb_event *up;

    (void)state;
    requirement("R7629-5.1-23");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    since = w->events;
    assert_int_equal(reply_to(w, world_sent(w, true, 0), 0, 600), 0);
    up = binding_event(w, since, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_UP);
    assert_non_null(up);
    assert_int_equal(up->from, FB_BINDING_PENDING);
    assert_int_equal(up->cause, FB_CAUSE_REGISTERED);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).outer_source, care_of(1));
    world_end(w);
}

/* a reply is that of the request with the same low half of the Identification; others are discarded */
static void
test_replies_are_matched(void **state)
{
    world_setup setup;
    world *w;
    uint8_t octets[REPLY_FIXED];

    (void)state;
    requirement("D-31", "B5944-25");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_fixed(octets, world_sent(w, true, 0), 0, 600);
    octets[19] ^= 1;
    assert_int_equal(reply_octets(w, world_sent(w, true, 0), octets, sizeof octets),
                     FB_DROP_NOT_EXPECTED);
    assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);

    /* Not one to an earlier sending either: its Identification is not that of the last */
    world_run(w, 1500 * FB_MILLISECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(reply_to(w, world_sent(w, true, 0), 0, 600), FB_DROP_NOT_EXPECTED);
    assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
    assert_int_equal(reply_to(w, world_sent(w, true, 1), 0, 600), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    /* And not twice */
    assert_int_equal(reply_to(w, world_sent(w, true, 1), 0, 100), FB_DROP_NOT_EXPECTED);
    world_end(w);
}

/* which of several paths a reply is about follows from the Identification alone */
static void
test_replies_go_to_their_binding(void **state)
{
    world *w = default_world();

    (void)state;
    requirement("D-31");
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    w->lose = lose_requests;
    world_link_up(w, 2);
    world_link_up(w, 3);
    world_run(w, 3500 * FB_MILLISECOND); /* two sendings of BID 2, then BID 3 has its turn */
    assert_int_equal(request_sent(w, 3).bid, 3);
    assert_int_equal(reply_to(w, world_sent(w, true, 3), 0, 600), 0);
    assert_int_equal(world_state(w, 3), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_PENDING);
    assert_int_equal(look_at(world_last(w, true)).bid, 2); /* whose turn it is again */
    assert_int_equal(reply_to(w, world_last(w, true), 0, 600), 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    world_end(w);
}

/* "configured to exchange IP flow policy": each path that comes up brings it, with the BIDs registered by then */
static void
test_policy_grows_with_the_paths(void **state)
{
    world *w = default_world();
    fb_rule rules[5];
    char text[64];

    (void)state;
    requirement("R7629-5.1-08", "D-12");
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), 3);
    assert_string_equal(policy_sent(world_sent(w, true, 0), text), "1 D D 1");
    assert_string_equal(policy_sent(world_sent(w, true, 1), text), "12 D 2 D 21");
    assert_string_equal(policy_sent(world_sent(w, true, 2), text), "12 D 2 D 321");
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_BID_UNKNOWN), 0);
    world_end(w);
}

/* a path the policy does not name brings no policy when the home agent has it already */
static void
test_policy_is_not_repeated_without_need(void **state)
{
    world *w = default_world();
    fb_rule rules[1] = {forward_rule("12", UDP, SIP)};

    (void)state;
    requirement("R7629-5.1-08", "D-22");
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_sent(w), 3);
    assert_int_equal(request_sent(w, 1).flow_bindings, 1);
    assert_int_equal(request_sent(w, 2).flow_bindings, 0);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/* a new policy goes to the home agent at once, whole */
static void
test_policy_changes(void **state)
{
    world *w = registered_world(3);
    fb_rule rules[2] = {forward_rule("12", UDP, SIP), forward_rule("32", TCP, SSH)};
    const world_message *message;
    size_t requests = requests_sent(w);
    char text[64];

    (void)state;
    requirement("D-22", "R7629-5.1-20");
    assert_int_equal(world_policy(w, rules, 2), FB_OK);
    assert_int_equal(requests_sent(w), requests + 1);
    message = world_last(w, true);
    assert_string_equal(policy_sent(message, text), "12 32");
    assert_int_equal(look_at(message).multipaths, 1);
    assert_false(look_at(message).overwrite);
    world_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 2);
    assert_bound(w, "123");

    assert_int_equal(world_policy(w, rules + 1, 1), FB_OK);
    world_run(w, FB_SECOND);
    assert_string_equal(policy_sent(world_last(w, true), text), "32");
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/* ... also when it changes while the request with the former one is on its way */
static void
test_policy_changes_in_flight(void **state)
{
    world *w = registered_world(2);
    fb_rule first[1] = {forward_rule("1", UDP, SIP)}, second[1] = {forward_rule("2", UDP, SIP)};
    fb_rule rule;

    (void)state;
    requirement("D-22");
    assert_int_equal(world_policy(w, first, 1), FB_OK);
    world_run(w, 5 * FB_MILLISECOND);
    assert_int_equal(world_policy(w, second, 1), FB_OK);
    world_run(w, 5 * FB_SECOND);
    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &rule));
    assert_int_equal(rule.bid[0], 2);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);
    world_end(w);
}

/* ... or while a path is being registered */
static void
test_policy_changes_while_a_path_registers(void **state)
{
    world *w = registered_world(1);
    fb_rule rules[1] = {forward_rule("21", UDP, SIP)};

    (void)state;
    requirement("D-22");
    world_link_up(w, 2);
    world_run(w, 5 * FB_MILLISECOND);
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_run(w, 10 * FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);
    world_end(w);
}

/* one policy is one message of at most 1200 octets; nothing is split */
static void
test_policy_too_long_for_a_message(void **state)
{
    fb_rule rules[FB_RULES_MAX];
    world *w = registered_world(1);
    size_t requests = requests_sent(w);

    (void)state;
    requirement("D-33");
    for (uint16_t i = 0; i < FB_RULES_MAX; i++)
    {
        rules[i] = forward_rule("12312312", UDP, (uint16_t)(1000 + i));
    }
    assert_int_equal(world_policy(w, rules, FB_RULES_MAX), FB_ERR_LIMIT);
    assert_int_equal(requests_sent(w), requests);
    for (uint16_t i = 0; i < FB_RULES_MAX; i++)
    {
        rules[i] = forward_rule("1", UDP, (uint16_t)(1000 + i));
    }
    assert_int_equal(world_policy(w, rules, FB_RULES_MAX), FB_OK);
    assert_true(world_last(w, true)->length <= 1200);
    world_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), FB_RULES_MAX);
    world_end(w);
}

/* a link that goes while its request waits or is under way: no stale request is sent again */
static void
test_link_down_before_the_answer(void **state)
{
    world *w = registered_world(1);
    size_t requests;

    (void)state;
    requirement("C-03");
    w->lose = lose_requests;
    world_link_up(w, 2);
    world_link_up(w, 3); /* queued */
    assert_int_equal(world_state(w, 2), FB_BINDING_PENDING);
    assert_int_equal(world_state(w, 3), FB_BINDING_QUEUED);
    requests = requests_sent(w);
    world_link_down(w, 3);
    assert_int_equal(world_state(w, 3), FB_BINDING_DOWN);
    world_link_down(w, 2);
    world_run(w, 30 * FB_SECOND);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        /* Only: what may have been accepted is taken back, over the path that lives */
        assert_int_equal(request_sent(w, i).bid, 2);
        assert_int_equal(request_sent(w, i).lifetime_s, 0);
        assert_int_equal(world_sent(w, true, i)->meta.link, 1);
    }
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    world_end(w);
}

/* another address while the request is queued or under way: it is sent anew, never with the old one */
static void
test_address_changes_before_the_answer(void **state)
{
    world *w = registered_world(1);
    size_t requests;

    (void)state;
    requirement("C-03");
    w->lose = lose_requests;
    world_link_up(w, 2);
    world_link_up(w, 3);
    world_run(w, 500 * FB_MILLISECOND);
    requests = requests_sent(w);
    world_change_address(w, 3, care_of(3) + 3); /* queued */
    world_change_address(w, 2, care_of(2) + 3); /* pending */
    w->lose = NULL;
    world_run(w, 10 * FB_SECOND);
    for (size_t i = requests; i < requests_sent(w); i++)
    {
        seen s = request_sent(w, i);

        assert_true(s.bid == 1 || s.care_of_address == care_of(s.bid) + 3);
    }
    assert_bound(w, "123");
    world_end(w);
}

/* a policy was exchanged: the uplink obeys it too, mirrored */
static void
test_uplink_obeys_the_policy(void **state)
{
    world *w = registered_world(2);
    fb_rule rules[3] = {forward_rule("1", UDP, SIP),
                        forward_rule("2", TCP, HTTP),
                        drop_rule(TCP, SSH)};

    (void)state;
    requirement("R7629-5.1-26", "D-21");
    assert_int_equal(world_policy(w, rules, 3), FB_OK);
    world_run(w, FB_SECOND);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).outer_source, care_of(1));
    assert_int_equal(world_uplink(w, TCP, HTTP, 40000).outer_source, care_of(2));
    assert_int_equal(world_uplink(w, TCP, SSH, 40000).reason, FB_DROP_POLICY);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_interface_that_is_wanted),
        cmocka_unit_test(test_each_request_is_that_of_its_interface),
        cmocka_unit_test(test_one_request_at_a_time),
        cmocka_unit_test(test_dead_path_yields),
        cmocka_unit_test(test_dead_path_does_not_starve_refreshes),
        cmocka_unit_test(test_retransmission),
        cmocka_unit_test(test_rate_of_requests),
        cmocka_unit_test(test_lifetime_counts_from_the_sending),
        cmocka_unit_test(test_tunnel_with_code_0),
        cmocka_unit_test(test_replies_are_matched),
        cmocka_unit_test(test_replies_go_to_their_binding),
        cmocka_unit_test(test_policy_grows_with_the_paths),
        cmocka_unit_test(test_policy_is_not_repeated_without_need),
        cmocka_unit_test(test_policy_changes),
        cmocka_unit_test(test_policy_changes_in_flight),
        cmocka_unit_test(test_policy_changes_while_a_path_registers),
        cmocka_unit_test(test_policy_too_long_for_a_message),
        cmocka_unit_test(test_link_down_before_the_answer),
        cmocka_unit_test(test_address_changes_before_the_answer),
        cmocka_unit_test(test_uplink_obeys_the_policy),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_registration", tests, NULL, NULL);
}
