/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 4.2: the Flow-Binding Extension.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

/** A home agent with BIDs 1, 2 and 3 registered by hand. */
static world *
three_bindings(void)
{
    world *w = registered_world(0);

    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    return w;
}

/** A request of BID 1 without Flow-Bindings. */
static request
refresh_request(world *w)
{
    request r = request_new(w, 600, care_of(1));

    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    return r;
}

/** A request of BID 1 with one Flow-Binding of exactly these octets. */
static answer
send_octets(world *w, const uint8_t *octets, size_t length)
{
    request r = refresh_request(w);

    request_octets(&r, octets, length);
    return request_send(w, &r);
}

static fb_rule
rule_at(const world *w, size_t index)
{
    fb_rule rule;

    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, index, &rule));
    return rule;
}

/* "binding mobile node's IP flows to a specific multipath registration"; vector M03 and its answer M04 */
static void
test_vectors_m03_and_m04(void **state)
{
    world_setup setup;
    world *w;
    answer a;

    (void)state;
    requirement("R7629-4.2-01", "R7629-4.2-08", "R7629-4.2-09", "R7629-5.2-04", "M03", "M04");
    world_setup_default(&setup);
    setup.home_agent.home_agent.lifetime_max_s = 900;
    w = world_start(&setup);
    register_path(w, 1, 600, 0);
    a = play(w, vectors_find(vectors, "M03"));
    assert_is_vector(&a, vectors_find(vectors, "M04"));
    assert_bound(w, "12");
    assert_int_equal(world_rule_count(w), 2);
    assert_int_equal(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_POLICY)->count, 2);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(1));
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).outer_destination, care_of(2));
    world_end(w);
}

/* the mobile node sends M03 */
static void
test_mobile_node_sends_m03(void **state)
{
    world_setup setup;
    world *w;
    fb_rule rules[2] = {forward_rule("12", UDP, SIP), forward_rule("2", TCP, HTTP)};

    (void)state;
    requirement("R7629-4.2-08",
                "R7629-4.2-09",
                "R7629-4.2-10",
                "R7629-4.2-19",
                "R7629-5.1-06",
                "M03",
                "S01",
                "S03");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 900;
    setup.mobile_node.mobile_node.port = 51434;
    w = world_start(&setup);
    assert_int_equal(world_policy(w, rules, 2), FB_OK);
    world_link_up(w, WORLD_WLAN);
    world_run_until(w, 5 * FB_SECOND); /* M03 is 5 s later than M01 */
    world_link_up(w, WORLD_LTE);
    assert_sent_vector(world_last(w, true), vectors_find(vectors, "M03"));
    world_end(w);
}

/* A policy none of whose paths is registered: the earlier one must not stay in force at the home agent (D-22) */
static void
test_policy_of_paths_that_are_down(void **state)
{
    fb_rule before = forward_rule("1", TCP, HTTP), after = forward_rule("2", TCP, HTTP);
    world_setup setup;
    world *w;
    fb_rule rule;
    char text[64];

    (void)state;
    requirement("D-22");
    world_setup_default(&setup);
    w = world_start(&setup);
    assert_int_equal(world_policy(w, &before, 1), FB_OK);
    world_link_up(w, WORLD_WLAN);
    world_run(w, 2 * FB_SECOND);
    assert_string_equal(policy_sent(world_last(w, true), text), "1");
    assert_int_equal(world_policy(w, &after, 1), FB_OK);
    world_run(w, 2 * FB_SECOND);
    /* one rule, for packets from 0.0.0.0, which there are none of */
    assert_int_equal(world_rule_count(w), 1);
    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &rule));
    assert_int_equal(rule.selector.u.v4.present, FB_SELECTOR4_SOURCE_START);
    assert_int_equal(rule.selector.u.v4.source_start, 0);
    world_link_up(w, WORLD_LTE);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(world_rule_count(w), 1);
    assert_string_equal(policy_sent(world_last(w, true), text), "2");
    world_end(w);
}

/* "more than one instance": the five of Figure 2, in their order; the mobile node sends M12 and it is accepted */
static void
test_mobile_node_sends_m12(void **state)
{
    world_setup setup;
    world *w;
    fb_rule rules[5];

    (void)state;
    requirement("R7629-4.2-02", "R7629-4.2-13", "R7629-4.2-19", "D-23", "M12", "S01", "S02", "S03");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 900;
    setup.mobile_node.mobile_node.port = 51434;
    w = world_start(&setup);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    world_run_until(w, 20 * FB_SECOND);
    world_link_up(w, WORLD_CDMA);
    assert_sent_vector(world_last(w, true), vectors_find(vectors, "M12"));
    world_run(w, FB_SECOND);
    assert_int_equal(look_at(world_last(w, false)).code, 0);
    world_end(w);
}

/* ... and the home agent keeps five rules in that order */
static void
test_vector_m12(void **state)
{
    static const uint16_t ports[5] = {SIP, SIP, HTTP, HTTP, SSH};
    static const uint8_t counts[5] = {2, 0, 1, 0, 3}; /* 0: DROP */
    world *w = registered_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.2-02", "D-23", "M12");
    register_path(w, 1, 600, 0);
    register_path(w, 2, 600, 0);
    a = play(w, vectors_find(vectors, "M12"));
    assert_int_equal(a.code, 0);
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
    for (size_t i = 0; i < 5; i++)
    {
        fb_rule rule = rule_at(w, i);

        assert_int_equal(rule.selector.u.v4.source_port_start, ports[i]);
        assert_int_equal(rule.action, counts[i] > 0 ? FB_RULE_FORWARD : FB_RULE_DROP);
        assert_true(counts[i] == 0 || counts[i] == rule.bid_count);
    }
    assert_memory_equal(rule_at(w, 4).bid, ((const uint8_t[]){3, 2, 1}), 3);
    world_end(w);
}

/* "MAY be added to the Registration Request by the mobile node": only where a policy is to be exchanged */
static void
test_only_with_a_policy_to_exchange(void **state)
{
    (void)state;
    requirement("R7629-4.2-04", "R7629-5.1-08");
    for (unsigned i = 0; i < 2; i++)
    {
        bool exchange = i == 1;
        world_setup setup;
        world *w;
        fb_rule rules[5];

        world_setup_default(&setup);
        setup.mobile_node.mobile_node.negotiate_policy = exchange;
        w = world_start(&setup);
        world_figure2(rules);
        assert_int_equal(world_policy(w, rules, 5), FB_OK);
        for (uint32_t link = 1; link <= 3; link++)
        {
            world_link_up(w, link);
        }
        world_run(w, FB_SECOND);
        for (size_t k = 0; k < requests_sent(w); k++)
        {
            assert_int_equal(request_sent(w, k).flow_bindings > 0, exchange);
        }
        assert_int_equal(world_rule_count(w), exchange ? 5 : 0);
        world_end(w);
    }
}

/*
 * "or by the home agent to the Registration Reply": what an accepting reply says is the policy really installed, which
 * the mobile node puts in the place of its own; a rule of unknown BIDs is skipped
 */
static void
test_policy_in_an_accepting_reply(void **state)
{
    world_setup setup;
    world *w;
    fb_rule rules[1] = {forward_rule("13", UDP, SIP)};
    request r = {.length = 0};
    char text[64];

    (void)state;
    requirement("R7629-4.2-05", "D-30");
    world_setup_default(&setup);
    w = world_start(&setup);
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    w->lose = lose_requests;
    world_link_up(w, 2);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 1);

    r.length = reply_fixed(r.octets, world_last(w, true), 0, 600);
    request_forward(&r, "7", UDP, SIP);
    request_forward(&r, "2", UDP, SIP);
    assert_int_equal(reply_octets(w, world_last(w, true), r.octets, r.length), 0);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);

    /* Its own policy again when that is accepted without such words */
    w->lose = NULL;
    world_link_up(w, 3);
    world_run(w, FB_SECOND);
    assert_string_equal(policy_sent(world_last(w, true), text), "13");
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 1);
    world_end(w);
}

/* ... unless it is malformed, or stands where nobody vouches for it */
static void
test_bad_policy_in_an_accepting_reply(void **state)
{
    static const uint8_t malformed[8] = {154, 2, 0, 4, 7, 7, 7, 7};

    (void)state;
    requirement("D-30", "R7629-8-01");
    for (unsigned i = 0; i < 2; i++)
    {
        world *w = registered_world(1);
        fb_rule rules[1] = {forward_rule("1", UDP, SIP)};
        request r = {.length = 0};
        fb_meta meta = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                        .dst = fb_addr_from_ipv4(care_of(2)),
                        .sport = FB_MIP4_PORT,
                        .dport = FB_MIP4_PORT,
                        .protocol = UDP};

        assert_int_equal(world_policy(w, rules, 1), FB_OK);
        world_run(w, FB_SECOND);
        w->lose = lose_requests;
        world_link_up(w, 2);
        r.length = reply_fixed(r.octets, world_last(w, true), 0, 600);
        if (i == 0)
        {
            request_forward(&r, "2", UDP, SIP);
            request_octets(&r, malformed, sizeof malformed);
            r.length = world_sign(r.octets, r.length);
        }
        else
        {
            r.length = world_sign(r.octets, r.length);
            request_forward(&r, "2", UDP, SIP);
        }
        assert_int_equal(world_inject(w, false, &meta, r.octets, r.length), 0);
        assert_int_equal(world_state(w, 2), FB_BINDING_UP);
        assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 1);
        world_end(w);
    }
}

/* ... and what a denial says about flows is ignored */
static void
test_policy_in_a_denial_is_ignored(void **state)
{
    world_setup setup;
    world *w;
    fb_rule rules[1] = {forward_rule("1", UDP, SIP)};
    request r = {.length = 0};

    (void)state;
    requirement("R7629-4.2-05", "D-30");
    world_setup_default(&setup);
    w = world_start(&setup);
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    w->lose = lose_requests;
    world_link_up(w, 2);
    r.length = reply_fixed(r.octets, world_last(w, true), 130, 600);
    request_drop(&r, 255, UDP, SIP);
    assert_int_equal(reply_octets(w, world_last(w, true), r.octets, r.length), 0);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 1);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).kind, FB_SEND);
    world_end(w);
}

/* "should be protected by Mobile-Home Authentication Extension" */
static void
test_each_octet_is_protected(void **state)
{
    const test_vector *m03 = vectors_find(vectors, "M03");
    world *w = registered_world(0);
    snapshot before;

    (void)state;
    requirement("R7629-4.2-06", "R7629-8-01");
    register_path(w, 1, 600, 0);
    before = home_agent_state(w);
    set_clock(w, w->home_agent, octets_u32(m03->octets + 16), w->now);
    for (size_t at = 32; at < 63; at++) /* both Flow-Bindings */
    {
        uint8_t octets[128];
        answer a;

        memcpy(octets, m03->octets, m03->length);
        octets[at] ^= 0x01;
        a = octets_send(w, care_of(2), octets, m03->length);
        assert_int_not_equal(a.reason, 0);
        assert_true(!a.came || a.code == 131);
    }
    assert_unchanged(w, &before);
    world_end(w);
}

/* "MUST place this extension before the Mobile-Home Authentication Extension" */
static void
test_placed_before_the_authentication(void **state)
{
    world *w = three_bindings();
    snapshot before = home_agent_state(w);
    request r = refresh_request(w), behind = {.length = 0};
    fb_rule rules[5];
    answer a;

    (void)state;
    requirement("R7629-4.2-07", "D-16");
    request_forward(&behind, "1", UDP, SIP);
    r.length = world_sign(r.octets, r.length);
    request_octets(&r, behind.octets, behind.length);
    a = octets_send(w, care_of(1), r.octets, r.length);
    assert_denied(a, 134, FB_DROP_MULTIPATH_AFTER_AUTHENTICATION);
    assert_unchanged(w, &before);
    world_end(w);

    w = registered_world(2);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 3), FB_OK);
    world_run(w, FB_SECOND);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        seen s = request_sent(w, i);

        for (size_t k = 0; k < s.flow_bindings; k++)
        {
            assert_true(s.flow_binding[k] < s.authentication);
        }
    }
    assert_int_equal(look_at(world_last(w, true)).flow_bindings, 4 - 1);
    world_end(w);
}

/* Length is "excluding Type, Subtype, and Length fields" */
static void
test_length(void **state)
{
    static const uint8_t good[16] =
        {154, 2, 0, 12, 1, 2, 1, 2, 1, 0x02, 0x08, 0, 0, 0x13, 0xc4, 17};
    world *w = three_bindings();
    uint8_t octets[17] = {0};
    snapshot before;

    (void)state;
    requirement("R7629-4.2-10");
    assert_int_equal(send_octets(w, good, 16).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    before = home_agent_state(w);

    memcpy(octets, good, 16);
    octets[3] = 13; /* one octet more, and there is one */
    assert_denied(send_octets(w, octets, 17), 134, FB_DROP_SELECTOR_LENGTH);
    octets[3] = 11; /* one octet less, and it is missing */
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_SELECTOR_LENGTH);
    for (uint8_t length = 0; length < 11; length++)
    {
        answer a;

        octets[3] = length;
        a = send_octets(w, octets, 4u + length);
        assert_true(a.came);
        assert_int_equal(a.code, 134);
    }
    octets[2] = 0xff; /* beyond the datagram */
    assert_false(send_octets(w, octets, 16).came);
    assert_unchanged(w, &before);
    world_end(w);
}

/* DROP: "Drop matching packets", whatever stands lower in the list */
static void
test_drop(void **state)
{
    world *w = three_bindings();
    request r = refresh_request(w);
    world_verdict v;

    (void)state;
    requirement("R7629-4.2-11", "D-23");
    request_drop(&r, 255, UDP, SIP);
    request_forward(&r, "123", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    v = world_downlink(w, UDP, SIP, 40000);
    assert_int_equal(v.kind, FB_DROP_PACKET);
    assert_int_equal(v.reason, FB_DROP_POLICY);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_POLICY), 1);
    assert_int_equal(world_downlink(w, UDP, SIP + 1, 40000).kind, FB_SEND);
    world_end(w);
}

/* a DROP rule "MUST include a single BID byte" */
static void
test_drop_has_one_bid(void **state)
{
    static const uint8_t none[14] = {154, 2, 0, 10, 0, 0, 1, 0x02, 0x08, 0, 0, 0x13, 0xc4, 17};
    world *w = registered_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.2-12", "N10");
    register_path(w, 2, 600, 0);
    a = play(w, vectors_find(vectors, "N10"));
    assert_denied(a, 134, FB_DROP_BID_COUNT_OF_DROP);
    assert_bound(w, "2");
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);

    w = three_bindings();
    assert_denied(send_octets(w, none, sizeof none), 134, FB_DROP_BID_COUNT_OF_DROP);
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* its value "MAY be set to 255 by the sender" and "SHOULD be ignored by the receiver" */
static void
test_bid_of_drop_is_ignored(void **state)
{
    static const uint8_t bids[] = {0, 1, 77, 255};

    (void)state;
    requirement("R7629-4.2-13", "R7629-4.2-14", "D-13");
    for (size_t i = 0; i < sizeof bids; i++)
    {
        world *w = three_bindings();
        request r = refresh_request(w);
        answer a;

        request_drop(&r, bids[i], UDP, SIP);
        request_drop(&r, bids[i], TCP, HTTP); /* twice the same */
        a = request_send(w, &r);
        assert_accepted(&a, &r, 600);
        assert_int_equal(world_rule_count(w), 2);
        assert_int_equal(world_downlink(w, UDP, SIP, 40000).reason, FB_DROP_POLICY);
        world_end(w);
    }
}

/* FORWARD: "Forward matching packets to the first BID in the list", once */
static void
test_forward_to_the_first(void **state)
{
    world *w = three_bindings();
    request r = refresh_request(w);

    (void)state;
    requirement("R7629-4.2-15", "R7629-4.2-19");
    request_forward(&r, "31", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    for (uint16_t port = 40000; port < 40100; port++)
    {
        /* world_downlink() insists on a single action a packet */
        world_verdict v = world_downlink(w, UDP, SIP, port);

        assert_int_equal(v.kind, FB_SEND);
        assert_int_equal(v.outer_destination, care_of(3));
    }
    world_end(w);
}

static answer
deregister_by_hand(world *w, uint8_t bid)
{
    return register_path(w, bid, 0, 0);
}

/* "If the first BID becomes invalid ... use the next BID in the list", and the first again when it is back */
static void
test_forward_to_the_next(void **state)
{
    world *w = three_bindings();
    request r = refresh_request(w);

    (void)state;
    requirement("R7629-4.2-16", "D-24", "D-25");
    request_forward(&r, "123", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);

    assert_int_equal(deregister_by_hand(w, 1).code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    assert_int_equal(world_rule_count(w), 1); /* the rule stays, the BID is skipped */
    assert_int_equal(rule_at(w, 0).bid_count, 3);
    assert_int_equal(deregister_by_hand(w, 2).code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 3);
    register_path(w, 1, 600, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    world_end(w);
}

/* ... also when its lifetime ends */
static void
test_forward_after_expiry(void **state)
{
    world *w = registered_world(0);
    request r;

    (void)state;
    requirement("R7629-4.2-16", "D-36");
    register_path(w, 1, 60, 0);
    r = request_new(w, 600, care_of(2));
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    request_forward(&r, "12", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    world_run(w, 61 * FB_SECOND);
    assert_bound(w, "2");
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    world_end(w);
}

/* the end of the list: the rule is skipped; a later one decides, or the default */
static void
test_exhausted_rule_is_skipped(void **state)
{
    world *w = three_bindings();
    request r = refresh_request(w);

    (void)state;
    requirement("D-24", "R7629-4.2-16", "D-35");
    request_forward(&r, "12", UDP, SIP);
    request_forward(&r, "3", UDP, SIP);
    request_forward(&r, "1", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    deregister_by_hand(w, 1);
    deregister_by_hand(w, 2);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 3);
    /* the default has one path left */
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, 3);
    world_end(w);
}

/* overlapping selectors: the order of the message is the precedence */
static void
test_message_order_is_precedence(void **state)
{
    static const uint8_t all_tcp[13] = {154, 2, 0, 9, 1, 1, 1, 1, 0, 0x08, 0, 0, TCP};
    world *w = three_bindings();
    request r = refresh_request(w);

    (void)state;
    requirement("D-23");
    request_octets(&r, all_tcp, sizeof all_tcp); /* TCP -> 1 */
    request_forward(&r, "2", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, 1);

    r = refresh_request(w);
    request_forward(&r, "2", TCP, HTTP);
    request_octets(&r, all_tcp, sizeof all_tcp);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, 2);
    assert_int_equal(world_downlink(w, TCP, SSH, 40000).bid, 1);
    world_end(w);
}

/* Action: 0 and 1 are all there are */
static void
test_other_actions(void **state)
{
    uint8_t octets[15] = {154, 2, 0, 11, 2, 1, 1, 1, 0x02, 0x08, 0, 0, 0x13, 0xc4, 17};
    world *w = three_bindings();
    snapshot before = home_agent_state(w);

    (void)state;
    requirement("R7629-4.2-17", "D-19");
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_ACTION_UNKNOWN);
    octets[4] = 255;
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_ACTION_UNKNOWN);
    assert_unchanged(w, &before);
    world_end(w);
}

/* BID Count: "permitted values for this field are 1 through 8" */
static void
test_bid_count(void **state)
{
    static const uint8_t none[14] = {154, 2, 0, 10, 1, 0, 1, 0x02, 0x08, 0, 0, 0x13, 0xc4, 17};
    world *w = three_bindings();
    request r = refresh_request(w);
    answer a;

    (void)state;
    requirement("R7629-4.2-18", "C-15", "N06");
    /* Eight, some of them twice: accepted, the second is without effect */
    request_forward(&r, "12312312", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(rule_at(w, 0).bid_count, 8);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    deregister_by_hand(w, 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    assert_denied(send_octets(w, none, sizeof none), 134, FB_DROP_BID_COUNT);
    world_end(w);

    w = registered_world(0);
    a = play(w, vectors_find(vectors, "N06"));
    assert_denied(a, 134, FB_DROP_BID_COUNT);
    assert_bound(w, "");
    world_end(w);
}

/* a reserved BID cannot be forwarded to */
static void
test_reserved_bids_of_forward(void **state)
{
    uint8_t octets[15] = {154, 2, 0, 11, 1, 1, 0, 1, 0x02, 0x08, 0, 0, 0x13, 0xc4, 17};
    world *w = three_bindings();

    (void)state;
    requirement("C-15", "R7629-4.1-18");
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_BID_RESERVED);
    octets[6] = 255;
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_BID_RESERVED);
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* TS Format: "The value (0) is reserved and MUST NOT be used" */
static void
test_selector_format(void **state)
{
    uint8_t octets[15] = {154, 2, 0, 11, 1, 1, 1, 0, 0x02, 0x08, 0, 0, 0x13, 0xc4, 17};
    world *w = three_bindings();

    (void)state;
    requirement("R7629-4.2-20", "R7629-4.2-21", "D-19");
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_SELECTOR_FORMAT);
    octets[7] = 3;
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_SELECTOR_FORMAT);
    octets[7] = 255;
    assert_denied(send_octets(w, octets, 15), 134, FB_DROP_SELECTOR_FORMAT);
    assert_int_equal(world_rule_count(w), 0);
    octets[7] = 1; /* IPv4 */
    assert_int_equal(send_octets(w, octets, 15).code, 0);
    world_end(w);
}

/** A Flow-Binding to BID 1 whose selector is the vector @p id. */
static answer
send_selector(world *w, uint8_t format, const char *id)
{
    const test_vector *selector = vectors_find(vectors, id);
    uint8_t octets[256] = {154, 2, 0, 0, 1, 1, 1, format};

    octets[3] = (uint8_t)(4 + selector->length);
    memcpy(octets + 8, selector->octets, selector->length);
    return send_octets(w, octets, 8 + selector->length);
}

/* (1): "the IPv4 Binary Traffic Selector" of RFC 6088 3.1 */
static void
test_ipv4_selectors(void **state)
{
    world *w = three_bindings();

    (void)state;
    requirement("R7629-4.2-21", "S01", "S02", "S03", "S04", "S05", "S06");
    assert_int_equal(send_selector(w, 1, "S01").code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    assert_int_equal(send_selector(w, 1, "S02").code, 0);
    assert_int_equal(world_downlink(w, TCP, SSH, 40000).bid, 1);
    assert_int_equal(send_selector(w, 1, "S03").code, 0);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, 1);
    /* ports 5060 to 5061, protocols 6 to 17 */
    assert_int_equal(send_selector(w, 1, "S04").code, 0);
    assert_int_equal(world_downlink(w, TCP, 5061, 40000).bid, 1);
    assert_int_equal(send_selector(w, 1, "S05").code, 0); /* all fields */
    assert_int_equal(rule_at(w, 0).selector.u.v4.present >> 18, 0x3fff);
    assert_int_equal(send_selector(w, 1, "S06").code, 0); /* everything */
    for (uint16_t port = 1; port < 50; port++)
    {
        assert_int_equal(world_downlink(w, UDP, port, 40000).bid, 1);
    }
    world_end(w);
}

/* (2): IPv6; "only relevant when the mobile node registers IPv6 prefixes": kept, and matches no IPv4 packet */
static void
test_ipv6_selectors_are_kept(void **state)
{
    world *w = three_bindings();

    (void)state;
    requirement("R7629-4.2-22", "R7629-4.2-23", "S07", "S08");
    assert_int_equal(send_selector(w, 2, "S07").code, 0);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(rule_at(w, 0).selector.format, FB_SELECTOR_IPV6);
    assert_int_equal(send_selector(w, 2, "S08").code, 0);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(world_downlink(w, TCP, 443, 40000).kind, FB_SEND);
    world_end(w);
}

/* Traffic Selector begins directly with the flag word; the other reading of the text is refused, or chosen */
static void
test_selector_layout(void **state)
{
    world_setup setup;
    world *w = registered_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.2-24", "D-20", "N13");
    a = play(w, vectors_find(vectors, "N13"));
    assert_true(a.came);
    assert_int_equal(a.code, 134);
    assert_bound(w, "");
    world_end(w);

    world_setup_default(&setup);
    setup.home_agent.selector_layout = FB_SELECTOR_LAYOUT_RFC6089;
    w = world_start(&setup);
    a = play(w, vectors_find(vectors, "N13"));
    assert_int_equal(a.code, 0);
    assert_int_equal(rule_at(w, 0).selector.u.v4.source_port_start, SIP);
    world_end(w);
}

/* an End without its Start (RFC 6088 3.1) */
static void
test_selector_end_without_start(void **state)
{
    world *w = registered_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.2-21", "N11");
    a = play(w, vectors_find(vectors, "N11"));
    assert_denied(a, 134, FB_DROP_SELECTOR_END_WITHOUT_START);
    assert_bound(w, "");
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
        cmocka_unit_test(test_vectors_m03_and_m04),
        cmocka_unit_test(test_mobile_node_sends_m03),
        cmocka_unit_test(test_mobile_node_sends_m12),
        cmocka_unit_test(test_vector_m12),
        cmocka_unit_test(test_only_with_a_policy_to_exchange),
        cmocka_unit_test(test_policy_in_an_accepting_reply),
        cmocka_unit_test(test_bad_policy_in_an_accepting_reply),
        cmocka_unit_test(test_policy_in_a_denial_is_ignored),
        cmocka_unit_test(test_each_octet_is_protected),
        cmocka_unit_test(test_placed_before_the_authentication),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_drop_has_one_bid),
        cmocka_unit_test(test_bid_of_drop_is_ignored),
        cmocka_unit_test(test_forward_to_the_first),
        cmocka_unit_test(test_forward_to_the_next),
        cmocka_unit_test(test_forward_after_expiry),
        cmocka_unit_test(test_exhausted_rule_is_skipped),
        cmocka_unit_test(test_message_order_is_precedence),
        cmocka_unit_test(test_other_actions),
        cmocka_unit_test(test_bid_count),
        cmocka_unit_test(test_reserved_bids_of_forward),
        cmocka_unit_test(test_selector_format),
        cmocka_unit_test(test_ipv4_selectors),
        cmocka_unit_test(test_ipv6_selectors_are_kept),
        cmocka_unit_test(test_selector_layout),
        cmocka_unit_test(test_selector_end_without_start),
        cmocka_unit_test(test_policy_of_paths_that_are_down),
    };

    return cmocka_run_group_tests_name("rfc7629_4_2_flow_binding", tests, load, unload);
}
