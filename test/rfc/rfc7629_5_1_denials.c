/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: the mobile node's answer to MULTIPATH_NOT_ALLOWED (152), INVALID_FB_IDENTIFIER (153) and the denials of
 * RFC 5944 3.6.2.3.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

/** A mobile node that talks to the test; links 1 to @p links were registered before. */
static world *
silent_world(unsigned links)
{
    world *w = registered_world(links);

    w->lose = lose_requests;
    return w;
}

/** Gives the mobile node the vector @p id as the answer to its last request, whose Identification it must have. */
static int
reply_vector(world *w, const char *id)
{
    const test_vector *vector = vectors_find(vectors, id);
    const world_message *asked = world_last(w, true);
    uint8_t octets[REPLY_FIXED];

    memcpy(octets, vector->octets, sizeof octets);
    /* Patched, as the low half of ours is another */
    memcpy(octets + 12, asked->octets + 16, 8);
    return reply_octets(w, asked, octets, sizeof octets);
}

/* ---- 152 ---- */

/* "MAY choose to register without the Multipath Extension": done, over the preferred path. The answer is M10 */
static void
test_152_registers_without_multipath(void **state)
{
    world_setup setup;
    world *w;
    const fb_event *off;
    fb_rule rules[5];

    (void)state;
    requirement("R7629-5.1-09", "R7629-5.1-10", "R7629-4.3-01", "M10");
    world_setup_default(&setup);
    w = world_start(&setup);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_int_equal(reply_vector(w, "M10"), 0);
    off = world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH);
    assert_non_null(off);
    assert_int_equal(off->to, FB_MULTIPATH_OFF);
    assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED)->code, 152);

    world_run(w, FB_SECOND);
    assert_true(requests_sent(w) >= 2);
    assert_int_equal(request_sent(w, 1).multipaths, 0);
    assert_int_equal(request_sent(w, 1).flow_bindings, 0);
    assert_int_equal(request_sent(w, 1).care_of_address, care_of(1));
    assert_int_equal(reply_to(w, world_last(w, true), 1, 600), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_uplink(w, ICMP, 0, 0).bid, 1);
    world_end(w);
}

/* "multipath support MUST be disabled on the mobile node": one path, no 154 any more, at any time */
static void
test_152_disables_multipath(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-5.1-10", "R7629-5.2-02");
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 4000 * FB_SECOND);
    assert_true(requests_sent(w) > 5);
    assert_int_equal(request_sent(w, 0).multipaths, 1);
    for (size_t i = 1; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).multipaths, 0);
        assert_int_equal(world_sent(w, true, i)->meta.link, 1);
    }
    assert_bound(w, "0");
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, 3), FB_BINDING_DOWN);
    /* A link that comes later waits too */
    world_link_up(w, 4);
    world_run(w, 4 * FB_SECOND);
    assert_int_equal(world_state(w, 4), FB_BINDING_DOWN);
    assert_int_equal(world_last(w, true)->meta.link, 1);
    world_end(w);
}

/* the right is withdrawn later: 152 answers a refresh; the plain registration that follows replaces all bindings */
static void
test_152_to_a_refresh(void **state)
{
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-5.1-10", "C-02", "C-12", "D-26", "D-32");
    allow_multipath(w, false);
    world_run(w, 400 * FB_SECOND);
    assert_bound(w, "123");
    world_run(w, 100 * FB_SECOND); /* a refresh */
    assert_bound(w, "0");
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, 3), FB_BINDING_DOWN);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(1));
    assert_true(world_downlink(w, UDP, SIP, 40000).delivered);
    assert_true(world_uplink(w, UDP, SIP, 40000).delivered);
    world_end(w);
}

/* "disabled" lasts until somebody configures it anew: then one request with 154 asks, and all paths come */
static void
test_152_until_reconfiguration(void **state)
{
    const fb_fact all = {.kind = FB_FACT_REGISTER, .u.bid = 0};
    world_setup setup;
    size_t before;
    world *w;

    (void)state;
    requirement("R7629-5.1-10");
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 10 * FB_SECOND);
    assert_bound(w, "0");

    /* Asked again and refused again: one path still */
    before = requests_sent(w);
    world_fact(w, w->mobile_node, &all);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(request_sent(w, before).multipaths, 1);
    assert_bound(w, "0");
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);

    allow_multipath(w, true);
    world_run(w, 1000 * FB_SECOND);
    assert_bound(w, "0"); /* nobody asked */
    world_fact(w, w->mobile_node, &all);
    world_run(w, 10 * FB_SECOND);
    assert_bound(w, "123");
    world_end(w);
}

/* ... and without a binding the next registration simply has it */
static void
test_152_until_reconfiguration_without_a_link(void **state)
{
    const fb_fact all = {.kind = FB_FACT_REGISTER, .u.bid = 0};
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-5.1-10");
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, 10 * FB_SECOND);
    world_link_down(w, 1);
    allow_multipath(w, true);
    world_fact(w, w->mobile_node, &all);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 10 * FB_SECOND);
    assert_bound(w, "12");
    world_end(w);
}

/* a path that waits after a denial need not wait when the administrator asks for it */
static void
test_register_wakes_a_blocked_path(void **state)
{
    const fb_fact one = {.kind = FB_FACT_REGISTER, .u.bid = 1};
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5944-34");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_to(w, world_last(w, true), 128, 0);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
    assert_int_equal(requests_sent(w), 1);
    world_fact(w, w->mobile_node, &one);
    world_run(w, FB_SECOND - 1);
    assert_int_equal(requests_sent(w), 2);
    world_end(w);
}

/* multipath off and the active path dies: the next one registers, without 154 */
static void
test_next_path_without_multipath(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("C-03", "R7629-5.1-10");
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 10 * FB_SECOND);
    world_link_down(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(look_at(world_last(w, true)).multipaths, 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_bound(w, "0");
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(2));
    assert_true(world_uplink(w, UDP, SIP, 40000).delivered);
    world_end(w);
}

/* ... also when it dies without the host noticing: three unanswered sendings, then the next path is tried */
static void
test_next_path_after_silence(void **state)
{
    world_setup setup;
    world *w;
    bool dead[WORLD_LINKS + 1] = {[1] = true};

    (void)state;
    requirement("C-01", "R7629-5.1-10");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.multipath = false;
    w = world_start(&setup);
    w->lose = lose_on_links;
    w->context = dead;
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 20 * FB_SECOND);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_bound(w, "0");
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(2));
    world_end(w);
}

/* ---- 153 ---- */

/*
 * "MUST re-register that specific binding": the home agent has lost BID 1; 153 does not say which, so each BID of the
 * policy is registered again without policy, then the refused request is repeated with it
 */
static void
test_153_reregisters_what_is_missing(void **state)
{
    world *w = registered_world(1);
    fb_rule rules[2] = {forward_rule("12", UDP, SIP), forward_rule("2", TCP, HTTP)};
    size_t requests;
    char text[64];
    request gone;
    seen s;

    (void)state;
    requirement("R7629-5.1-11", "R7629-4.3-02", "D-31", "M11");
    assert_int_equal(world_policy(w, rules, 2), FB_OK);
    world_run(w, 2 * FB_SECOND);
    gone = request_new(w, 0, care_of(1));
    request_multipath(&gone, TECHNOLOGY_WLAN, 1, 1, 0);
    assert_int_equal(request_send(w, &gone).code, 0);
    assert_bound(w, "");
    world_run(w, FB_MILLISECOND);
    requests = requests_sent(w);

    world_link_up(w, 2);
    world_run(w, 5 * FB_SECOND);
    assert_string_equal(policy_sent(world_sent(w, true, requests), text), "12 2");
    assert_int_equal(look_at(world_sent(w, false, world_sent_count(w, false) - 3)).code, 153);

    s = request_sent(w, requests + 1);
    assert_int_equal(s.bid, 1);
    assert_int_equal(s.flow_bindings, 0);
    assert_true(s.lifetime_s > 0);
    assert_int_equal(world_sent(w, true, requests + 1)->meta.link, 1);
    s = request_sent(w, requests + 2);
    assert_int_equal(s.bid, 2);
    assert_string_equal(policy_sent(world_sent(w, true, requests + 2), text), "12 2");
    assert_int_equal(requests_sent(w), requests + 3);
    assert_bound(w, "12");
    assert_int_equal(world_rule_count(w), 2);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_BID_UNKNOWN), 1);
    world_end(w);
}

/* until the repetition is accepted the binding is not there; the others keep their tunnels */
static void
test_153_registers_nothing(void **state)
{
    world *w = registered_world(1);
    fb_rule rules[1] = {forward_rule("12", UDP, SIP)};

    (void)state;
    requirement("R7629-5.1-11", "C-02", "M11");
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_run(w, 2 * FB_SECOND);
    w->lose = lose_requests;
    world_link_up(w, 2);
    assert_int_equal(reply_vector(w, "M11"), 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_QUEUED);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 1);
    world_end(w);
}

/* the home agent says 153 for ever: two rounds, then without policy, and that is the end */
static void
test_153_again_and_again(void **state)
{
    world *w = registered_world(2);
    fb_rule rules[1] = {forward_rule("12", UDP, SIP)};
    size_t with_policy = 0, from = requests_sent(w), answered = from;

    (void)state;
    requirement("D-31", "R7629-5.1-11");
    w->lose = lose_requests;
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    for (unsigned i = 0; i < 200; i++)
    {
        for (; answered < requests_sent(w); answered++)
        {
            bool policy = request_sent(w, answered).flow_bindings > 0;

            with_policy += policy;
            reply_to(w, world_sent(w, true, answered), policy ? 153 : 0, 600);
        }
        world_run(w, 100 * FB_MILLISECOND);
    }
    assert_int_equal(with_policy, 3); /* the first, and one for each round */
    assert_true(requests_sent(w) - from <= 8);
    assert_int_equal(look_at(world_last(w, true)).flow_bindings, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_true(events_of(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED, 0) == 3);
    world_end(w);
}

/* a policy that was accepted ends the count: what is refused once now and then is repaired each time */
static void
test_153_now_and_then(void **state)
{
    world *w = registered_world(1);
    fb_rule rules[1] = {forward_rule("1", UDP, SIP)};

    (void)state;
    requirement("D-31", "C-02");
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_run(w, 2 * FB_SECOND);
    w->lose = lose_requests;
    for (fb_ipv4 i = 1; i <= 5; i++)
    {
        world_change_address(w, 1, care_of(1) + i); /* a single binding: O, with the policy */
        world_run(w, FB_MILLISECOND);
        assert_int_equal(look_at(world_last(w, true)).flow_bindings, 1);
        assert_int_equal(reply_to(w, world_last(w, true), 153, 600), 0);
        world_run(w, FB_MILLISECOND);
        assert_int_equal(look_at(world_last(w, true)).flow_bindings, 1);
        assert_int_equal(reply_to(w, world_last(w, true), 0, 600), 0);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        world_run(w, 2 * FB_SECOND);
    }
    world_end(w);
}

/* ... a new policy is tried again */
static void
test_new_policy_after_153(void **state)
{
    world *w = registered_world(2);
    fb_rule rules[1] = {forward_rule("12", UDP, SIP)};
    size_t answered = requests_sent(w);

    (void)state;
    requirement("D-31");
    w->lose = lose_requests;
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    for (unsigned i = 0; i < 100; i++)
    {
        for (; answered < requests_sent(w); answered++)
        {
            bool policy = request_sent(w, answered).flow_bindings > 0;

            reply_to(w, world_sent(w, true, answered), policy ? 153 : 0, 600);
        }
        world_run(w, 100 * FB_MILLISECOND);
    }
    w->lose = NULL;
    rules[0] = forward_rule("2", UDP, SIP);
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_run(w, 5 * FB_SECOND);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/* ---- 133 ---- */

/* the clock is an hour off: 133 brings the home agent's time; one retry at once, and registered (M17) */
static void
test_133_corrects_the_clock(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("M17", "B5944-33", "C-19", "C-04");
    world_setup_default(&setup);
    w = world_start(&setup);
    set_clock(w, w->home_agent, WORLD_NTP + 3600, 0);
    world_link_up(w, 1);
    world_run(w, 20 * FB_MILLISECOND);
    assert_int_equal(look_at(world_sent(w, false, 0)).code, 133);
    assert_int_equal(requests_sent(w), 2); /* at once */
    assert_int_equal(request_sent(w, 1).identification >> 32, WORLD_NTP + 3600);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_bound(w, "1");
    /* From now on its clock is right */
    world_link_up(w, 2);
    world_run(w, FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_IDENTIFICATION), 1);
    world_end(w);
}

/* backward too */
static void
test_133_corrects_a_fast_clock(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5944-33");
    world_setup_default(&setup);
    w = world_start(&setup);
    set_clock(w, w->mobile_node, WORLD_NTP + 100000, 0);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 5 * FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_IDENTIFICATION), 1);
    world_end(w);
}

/* 133 whose low half is not ours moves no clock */
static void
test_133_of_somebody_else(void **state)
{
    world_setup setup;
    world *w;
    uint8_t octets[REPLY_FIXED];

    (void)state;
    requirement("B5944-25");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_fixed(octets, world_last(w, true), 133, 0);
    octets[12] = 0x11; /* another time */
    octets[19] ^= 1;
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets),
                     FB_DROP_NOT_EXPECTED);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(request_sent(w, 1).identification >> 32, WORLD_NTP + 1);
    world_end(w);
}

/* 133 again and again: once at once, then at the pace of retransmissions */
static void
test_133_again_and_again(void **state)
{
    world *w;
    world_setup setup;
    size_t answered = 0;

    (void)state;
    requirement("C-19", "B5944-32");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    for (unsigned i = 0; i < 300; i++)
    {
        for (; answered < requests_sent(w); answered++)
        {
            reply_to(w, world_sent(w, true, answered), 133, 600);
        }
        world_run(w, 100 * FB_MILLISECOND);
    }
    assert_in_range(requests_sent(w), 4, 6);
    assert_true(world_sent(w, true, 1)->sent_at == 0); /* at once */
    for (size_t i = 2; i < requests_sent(w); i++)
    {
        assert_true(world_sent(w, true, i)->sent_at >=
                    world_sent(w, true, i - 1)->sent_at + FB_SECOND);
    }
    world_end(w);
}

/* ---- the others ---- */

/* 136: the address in the reply is that of a home agent that will do it */
static void
test_136_goes_to_the_other_home_agent(void **state)
{
    world_setup setup;
    world *w;
    uint8_t octets[REPLY_FIXED];

    (void)state;
    requirement("B5944-33");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_fixed(octets, world_last(w, true), 136, 600);
    octets[11] = 9; /* 192.0.2.9 */
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets), 0);
    world_run(w, FB_SECOND + FB_MILLISECOND);
    assert_true(requests_sent(w) >= 2);
    assert_int_equal(request_sent(w, 1).home_agent, 0xc0000209);
    assert_int_equal(fb_addr_to_ipv4(&world_sent(w, true, 1)->meta.dst), 0xc0000209);
    world_end(w);
}

/* 135 and others that waiting may cure: blocked for 60 s, then 120 s, ... */
static void
test_denials_that_wait(void **state)
{
    static const uint8_t codes[] = {128, 129, 130, 131, 134, 135, 139};

    (void)state;
    requirement("D-33", "C-02");
    for (size_t i = 0; i < sizeof codes; i++)
    {
        world *w = silent_world(1);
        const world_message *first, *second, *third;

        world_link_up(w, 2);
        first = world_last(w, true);
        assert_int_equal(reply_to(w, first, codes[i], 600), 0);
        assert_int_equal(world_state(w, 2), FB_BINDING_BLOCKED);
        assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED)->code, codes[i]);
        world_run(w, 60 * FB_SECOND);
        second = world_last(w, true);
        assert_true(second->sent_at == first->sent_at + 60 * FB_SECOND);
        assert_int_equal(reply_to(w, second, codes[i], 600), 0);
        world_run(w, 120 * FB_SECOND);
        third = world_last(w, true);
        assert_true(third->sent_at == second->sent_at + 120 * FB_SECOND);
        /* An acceptance ends it */
        assert_int_equal(reply_to(w, third, 0, 600), 0);
        assert_int_equal(world_state(w, 2), FB_BINDING_UP);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        world_end(w);
    }
}

/* ... a path that is blocked has its turn at once with another address */
static void
test_blocked_until_the_address_changes(void **state)
{
    world *w = silent_world(1);

    (void)state;
    requirement("C-03");
    world_link_up(w, 2);
    reply_to(w, world_last(w, true), 135, 600);
    assert_int_equal(world_state(w, 2), FB_BINDING_BLOCKED);
    world_run(w, 2 * FB_SECOND);
    w->lose = NULL;
    world_change_address(w, 2, care_of(2) + 3);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_bound(w, "12");
    world_end(w);
}

/* a refresh that is denied: the tunnel stays while its lifetime lasts */
static void
test_denied_refresh(void **state)
{
    world *w = silent_world(1);

    (void)state;
    requirement("C-02");
    world_run_until(w, 480 * FB_SECOND);
    assert_int_equal(reply_to(w, world_last(w, true), 130, 600), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).kind, FB_SEND);
    world_run(w, 60 * FB_SECOND); /* asked again */
    assert_int_equal(requests_sent(w), 3);
    assert_int_equal(reply_to(w, world_last(w, true), 0, 600), 0);
    assert_true(mobile_expiry(w, 1) == (540 + 600) * FB_SECOND);
    world_end(w);
}

/* ... and without another answer it ends with it */
static void
test_denied_refresh_until_the_end(void **state)
{
    world *w = silent_world(1);
    size_t answered = 1;

    (void)state;
    requirement("C-02");
    for (unsigned i = 0; i < 6010; i++)
    {
        for (; answered < requests_sent(w); answered++)
        {
            reply_to(w, world_sent(w, true, answered), 130, 600);
        }
        world_run(w, 100 * FB_MILLISECOND);
    }
    assert_int_equal(binding_event(w, 0, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN)->time / FB_SECOND,
                     600);
    world_end(w);
}

/* 129 to a policy: it may be tried without */
static void
test_129_to_a_policy(void **state)
{
    world_setup setup;
    world *w;
    fb_rule rules[1] = {forward_rule("1", UDP, SIP)};

    (void)state;
    requirement("D-34");
    world_setup_default(&setup);
    setup.home_agent.home_agent.flow_policy = false;
    w = world_start(&setup);
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 30 * FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(world_rule_count(w), 0);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_FLOW_POLICY_NOT_ALLOWED), 1);
    /* Tried again at most once a refresh, and nothing is lost by it */
    world_run(w, 2000 * FB_SECOND);
    assert_bound(w, "12");
    assert_in_range(fb_agent_counter(w->home_agent, FB_DROP_FLOW_POLICY_NOT_ALLOWED), 1, 6);
    assert_null(binding_event(w, 0, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN));
    assert_null(binding_event(w, 0, FB_ROLE_MOBILE_NODE, 2, FB_BINDING_DOWN));
    world_end(w);
}

/* Code 1 to a request with 154 proves that it was understood: the binding is valid, more paths follow */
static void
test_code_1(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("C-20", "D-27");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    world_link_up(w, 2);
    assert_int_equal(reply_to(w, world_last(w, true), 1, 600), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH)->to,
                     FB_MULTIPATH_YES);
    assert_int_equal(request_sent(w, 1).bid, 2);
    assert_int_equal(request_sent(w, 1).multipaths, 1);
    assert_int_equal(reply_to(w, world_last(w, true), 1, 600), 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

/* an acceptance for no time at all is none */
static void
test_accepted_for_no_time(void **state)
{
    world *w = silent_world(0);

    (void)state;
    requirement("D-36");
    world_link_up(w, 1);
    assert_int_equal(reply_to(w, world_last(w, true), 0, 0), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    world_end(w);
}

/* a denial lets the others have their turn */
static void
test_denial_releases_the_token(void **state)
{
    world *w = silent_world(1);

    (void)state;
    requirement("C-01");
    world_link_up(w, 2);
    world_link_up(w, 3);
    assert_int_equal(look_at(world_last(w, true)).bid, 2);
    assert_int_equal(reply_to(w, world_last(w, true), 135, 600), 0);
    assert_int_equal(look_at(world_last(w, true)).bid, 3);
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
        cmocka_unit_test(test_152_registers_without_multipath),
        cmocka_unit_test(test_152_disables_multipath),
        cmocka_unit_test(test_152_to_a_refresh),
        cmocka_unit_test(test_152_until_reconfiguration),
        cmocka_unit_test(test_152_until_reconfiguration_without_a_link),
        cmocka_unit_test(test_register_wakes_a_blocked_path),
        cmocka_unit_test(test_next_path_without_multipath),
        cmocka_unit_test(test_next_path_after_silence),
        cmocka_unit_test(test_153_reregisters_what_is_missing),
        cmocka_unit_test(test_153_registers_nothing),
        cmocka_unit_test(test_153_again_and_again),
        cmocka_unit_test(test_153_now_and_then),
        cmocka_unit_test(test_new_policy_after_153),
        cmocka_unit_test(test_133_corrects_the_clock),
        cmocka_unit_test(test_133_corrects_a_fast_clock),
        cmocka_unit_test(test_133_of_somebody_else),
        cmocka_unit_test(test_133_again_and_again),
        cmocka_unit_test(test_136_goes_to_the_other_home_agent),
        cmocka_unit_test(test_denials_that_wait),
        cmocka_unit_test(test_blocked_until_the_address_changes),
        cmocka_unit_test(test_denied_refresh),
        cmocka_unit_test(test_denied_refresh_until_the_end),
        cmocka_unit_test(test_129_to_a_policy),
        cmocka_unit_test(test_code_1),
        cmocka_unit_test(test_accepted_for_no_time),
        cmocka_unit_test(test_denial_releases_the_token),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_denials", tests, load, unload);
}
