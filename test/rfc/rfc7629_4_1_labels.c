/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 4.1, 6: static policies by label, BID or access technology, at both ends.
 */

#include "exchange.h"

#include <string.h>

static fb_rule
named_rule(uint8_t action, const char *names, uint8_t protocol, uint16_t port)
{
    fb_rule rule = forward_rule(names, protocol, port);

    rule.action = action;
    return rule;
}

static int
static_policy(world *w, fb_agent *agent, const fb_rule *rules, size_t count)
{
    fb_fact fact = {.kind = FB_FACT_STATIC_POLICY};

    fact.u.policy.rules = rules;
    fact.u.policy.count = count;
    return fb_agent_fact(agent, &fact, w->now);
}

/** The same rules at both ends. */
static void
configure(world *w, const fb_rule *rules, size_t count)
{
    assert_int_equal(static_policy(w, w->mobile_node, rules, count), FB_OK);
    assert_int_equal(static_policy(w, w->home_agent, rules, count), FB_OK);
}

/** The link of this number comes up with this label and technology. */
static void
link_up(world *w, uint32_t link, uint8_t label, uint8_t technology)
{
    fb_fact fact = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = link,
                               .address = fb_addr_from_ipv4(care_of(link)),
                               .bid = (uint8_t)link,
                               .label = label,
                               .technology = technology,
                               .preference = (uint8_t)link}};

    w->connected[link] = true;
    world_fact(w, w->mobile_node, &fact);
    world_run(w, FB_SECOND);
}

/** BID of a flow from this port of the correspondent, which both ends agree about; 0: none. */
static uint8_t
path_of(world *w, uint8_t protocol, uint16_t port, uint16_t local_port)
{
    world_verdict up = world_uplink(w, protocol, port, local_port);
    world_verdict down = world_downlink(w, protocol, port, local_port);

    assert_int_equal(up.kind, down.kind);
    assert_int_equal(up.reason, down.reason);
    assert_int_equal(up.bid, down.bid);
    assert_int_equal(up.kind == FB_SEND, up.delivered);
    return up.kind == FB_SEND ? up.bid : 0;
}

/* "can bind a flow to any interface with the label": registered, the flow uses it; de-registered, it leaves it */
static void
test_a_flow_follows_its_label(void **state)
{
    fb_rule rules[2] = {named_rule(FB_RULE_FORWARD_LABEL, "7", UDP, SIP),
                        named_rule(FB_RULE_FORWARD, "1", UDP, SIP)};
    world *w = registered_world(0);

    (void)state;
    requirement("R7629-4.1-16", "R7629-6-03", "D-35");
    configure(w, rules, 2);
    link_up(w, 1, 1, TECHNOLOGY_WLAN);
    link_up(w, 2, 2, TECHNOLOGY_LTE);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 1);
    link_up(w, 3, 7, TECHNOLOGY_CDMA);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 3);
    administrator(w, FB_FACT_DEREGISTER, 3);
    world_run(w, FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(path_of(w, UDP, SIP, 40000), 1);
    administrator(w, FB_FACT_REGISTER, 3);
    world_run(w, FB_SECOND);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 3);
    world_end(w);
}

/* "the tunnel ... will be created and will be marked with the If-Label at both the end points" */
static void
test_both_ends_mark_the_tunnel(void **state)
{
    world *w = registered_world(0);
    fb_binding_view mobile, home;

    (void)state;
    requirement("R7629-4.1-17", "R7629-4.1-14");
    link_up(w, 3, 7, TECHNOLOGY_CDMA);
    assert_int_equal(world_last(w, true)->octets[REQUEST_FIXED + 5], 7);
    assert_true(
        fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &mobile));
    assert_true(world_binding(w, 3, &home));
    assert_int_equal(mobile.state, FB_BINDING_UP);
    assert_int_equal(mobile.label, 7);
    assert_int_equal(home.label, 7);
    assert_int_equal(mobile.care_of_address, home.care_of_address);

    /* another label by a refresh: both ends again */
    link_up(w, 3, 9, TECHNOLOGY_CDMA);
    assert_true(
        fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &mobile));
    assert_true(world_binding(w, 3, &home));
    assert_int_equal(mobile.label, 9);
    assert_int_equal(home.label, 9);
    world_end(w);
}

/* several interfaces of one label: the flows of the rule are shared among them, and only among them */
static void
test_paths_that_share_a_label(void **state)
{
    fb_rule rules[1] = {named_rule(FB_RULE_FORWARD_LABEL, "59", UDP, SIP)};
    world *w = registered_world(0);
    unsigned count[5] = {0};

    (void)state;
    requirement("R7629-4.1-16");
    configure(w, rules, 1);
    link_up(w, 1, 9, TECHNOLOGY_WLAN);
    link_up(w, 2, 2, TECHNOLOGY_LTE);
    link_up(w, 3, 9, TECHNOLOGY_WLAN);
    for (uint16_t port = 1000; port < 2000; port++)
    {
        uint8_t bid = path_of(w, UDP, SIP, port);

        assert_int_equal(path_of(w, UDP, SIP, port), bid);
        count[bid]++;
    }
    assert_int_equal(count[1] + count[3], 1000);
    assert_in_range(count[1], 400, 600);
    link_up(w, 4, 5, TECHNOLOGY_LTE); /* the label that comes first in the list */
    assert_int_equal(path_of(w, UDP, SIP, 1000), 4);
    world_end(w);
}

static void
test_rules_by_technology_and_bid(void **state)
{
    /* RFC 5213 8.5: 8 is 3GPP LTE, 4 IEEE 802.11 */
    fb_rule rules[4] = {named_rule(FB_RULE_FORWARD_TECHNOLOGY, "84", TCP, HTTP),
                        named_rule(FB_RULE_DROP, "1", TCP, HTTP),
                        named_rule(FB_RULE_FORWARD, "31", TCP, SSH),
                        named_rule(FB_RULE_DROP, "1", UDP, SIP)};
    world *w = registered_world(0);

    (void)state;
    requirement("R7629-6-03", "D-35", "R7629-4.1-13");
    configure(w, rules, 4);
    link_up(w, 3, 3, TECHNOLOGY_CDMA);
    assert_int_equal(path_of(w, TCP, HTTP, 40000), 0);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).reason, FB_DROP_POLICY);
    link_up(w, 1, 1, TECHNOLOGY_WLAN);
    assert_int_equal(path_of(w, TCP, HTTP, 40000), 1);
    link_up(w, 2, 2, TECHNOLOGY_LTE);
    assert_int_equal(path_of(w, TCP, HTTP, 40000), 2);
    assert_int_equal(path_of(w, TCP, SSH, 40000), 3);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 0);
    world_link_down(w, 3);
    world_run(w, FB_SECOND);
    assert_int_equal(path_of(w, TCP, SSH, 40000), 1);
    world_end(w);
}

/* what was negotiated comes first; where it has nothing to say, or no path, the static policy; then the default */
static void
test_the_order_of_policies(void **state)
{
    fb_rule configured[2] = {named_rule(FB_RULE_FORWARD_LABEL, "3", UDP, SIP),
                             named_rule(FB_RULE_FORWARD_LABEL, "3", TCP, SSH)};
    fb_rule negotiated[1] = {forward_rule("1", UDP, SIP)};
    world *w = registered_world(3);
    bool used[4] = {false};

    (void)state;
    requirement("D-35", "R7629-6-02", "R7629-6-03");
    configure(w, configured, 2);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 3);
    assert_int_equal(world_policy(w, negotiated, 1), FB_OK);
    world_run(w, FB_SECOND);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 1);
    assert_int_equal(path_of(w, TCP, SSH, 40000), 3);
    world_link_down(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(path_of(w, UDP, SIP, 40000), 3);
    for (uint16_t port = 1; port < 100; port++)
    {
        used[path_of(w, TCP, HTTP, port)] = true;
    }
    assert_true(used[2] && used[3] && !used[0] && !used[1]);
    world_end(w);
}

/* another static policy counts from the next packet on: nothing remembers the earlier one */
static void
test_a_new_static_policy_counts_at_once(void **state)
{
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-4.1-16", "R7629-6-03");
    for (unsigned round = 0; round < 6; round++)
    {
        const char label[2] = {(char)('1' + round % 3), '\0'};
        fb_rule rules[1] = {named_rule(FB_RULE_FORWARD_LABEL, label, UDP, SIP)};

        configure(w, rules, 1);
        assert_int_equal(path_of(w, UDP, SIP, 40000), 1 + round % 3);
        assert_int_equal(path_of(w, UDP, SIP, 40000), 1 + round % 3);
    }
    configure(w, NULL, 0);
    {
        uint8_t by_default = path_of(w, UDP, SIP, 40000);
        world *other = registered_world(3);

        assert_int_equal(path_of(other, UDP, SIP, 40000), by_default);
        world_end(other);
    }
    world_end(w);
}

/* such rules are for static policies: no message can say them */
static void
test_labels_are_never_sent(void **state)
{
    world *w = registered_world(1);
    size_t sent = requests_sent(w);
    fb_rule rules[1];

    (void)state;
    requirement("R7629-4.1-16", "R7629-4.2-17");
    for (unsigned action = 2; action < 256; action++)
    {
        rules[0] = named_rule((uint8_t)action, "1", UDP, SIP);
        assert_int_equal(world_policy(w, rules, 1), FB_ERR_ARGUMENT);
    }
    world_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), sent);
    world_end(w);
}

static void
test_static_policies_that_are_none(void **state)
{
    world_setup setup;
    fb_rule good[3] = {named_rule(FB_RULE_FORWARD_LABEL, "1", UDP, SIP),
                       named_rule(FB_RULE_FORWARD_LABEL, "2", TCP, SIP),
                       named_rule(FB_RULE_DROP, "1", TCP, SSH)};
    fb_rule bad;
    world *w;

    (void)state;
    requirement("R7629-6-03", "D-33");
    world_setup_default(&setup);
    setup.mobile_node.limits.static_rules = 2;
    w = world_start(&setup);
    assert_int_equal(static_policy(w, w->mobile_node, good, 3), FB_ERR_LIMIT);
    assert_int_equal(static_policy(w, w->mobile_node, good, 2), FB_OK);
    for (unsigned i = 0; i < 7; i++)
    {
        bad = good[0];
        bad.action = i == 0 ? 2 : i == 1 ? 132 : i == 2 ? FB_RULE_FORWARD : bad.action;
        bad.bid[0] = i == 2 ? 255 : i == 3 ? 0 : 1;
        bad.bid_count = i == 4 ? 0 : i == 5 ? 9 : 1;
        bad.selector.u.v4.present |= i == 6 ? FB_SELECTOR4_SPI_END : 0;
        assert_int_equal(static_policy(w, w->mobile_node, &bad, 1), FB_ERR_ARGUMENT);
    }
    bad = good[0];
    bad.bid[0] = 255; /* RFC 7629 4.1: a label can have it, a BID cannot */
    assert_int_equal(static_policy(w, w->mobile_node, &bad, 1), FB_OK);
    world_end(w);
}

/* As many rules as the limit allows, which are not asked in turn; those that are not active are skipped all the same */
static void
test_a_long_static_policy(void **state)
{
    enum
    {
        RULES = 1000
    };
    static fb_rule rules[RULES];
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-4.1-16", "R7629-6-03");
    world_setup_default(&setup);
    setup.mobile_node.limits.static_rules = RULES;
    setup.home_agent.limits.static_rules = RULES;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        link_up(w, link, (uint8_t)link, 4);
    }
    for (unsigned i = 0; i < RULES; i++)
    {
        /* port 2000: label 9, which no path has; then 1, 2, 3; the next port begins anew */
        static const char *const names[] = {"9", "1", "2", "3"};

        rules[i] = named_rule(FB_RULE_FORWARD_LABEL,
                              names[(i % 4 + i / 4) % 4],
                              UDP,
                              (uint16_t)(2000 + i / 4));
    }
    configure(w, rules, RULES);
    for (unsigned i = 0; i < RULES / 4; i++)
    {
        unsigned first = i % 4 == 0 ? 1 : i % 4;

        assert_int_equal(path_of(w, UDP, (uint16_t)(2000 + i), 40000), first);
    }
    world_end(w);
}

/* Mobile IPv4 signalling is outside any policy (D-39) */
static void
test_signalling_is_exempt(void **state)
{
    fb_rule rules[1] = {named_rule(FB_RULE_DROP, "1", UDP, FB_MIP4_PORT)};
    static const uint8_t packet[48] = {0x45, 0,  0,   48, 0,   0, 0, 0, 64, 17,  0, 0,
                                       198,  51, 100, 10, 192, 0, 2, 1, 1,  178, 1, 178};
    fb_packet p = {.packet = 5, .header = packet, .header_len = 48, .total_len = 48};
    world *w = registered_world(1);
    fb_action action;

    (void)state;
    requirement("D-39");
    configure(w, rules, 1);
    assert_int_equal(world_uplink(w, UDP, FB_MIP4_PORT, 434).reason, FB_DROP_POLICY);
    assert_int_equal(fb_agent_steer(w->mobile_node, (fb_ref){0}, &p, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->mobile_node, &action, w->now));
    assert_int_equal(action.kind, FB_SEND);
    world_end(w);
}

/* "both are required to have a pre-configured static policy": a host whose agent has none is told, once */
static void
test_no_policy_at_all_is_told_once(void **state)
{
    fb_rule rules[1] = {named_rule(FB_RULE_FORWARD_LABEL, "1", UDP, SIP)};
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-6-03", "D-35");
    world_run(w, 3600 * FB_SECOND);
    assert_int_equal(events_of(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_NO_POLICY, 0), 1);
    assert_int_equal(events_of(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_NO_POLICY, 0), 1);
    assert_int_equal(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_NO_POLICY)->home_address,
                     WORLD_HOME_ADDRESS);
    world_end(w);

    w = registered_world(0);
    configure(w, rules, 1);
    world_link_up(w, 1);
    world_run(w, 3600 * FB_SECOND);
    assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_NO_POLICY));
    assert_null(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_NO_POLICY));
    world_end(w);

    w = registered_world(0);
    rules[0] = forward_rule("1", UDP, SIP);
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_link_up(w, 1);
    world_run(w, 3600 * FB_SECOND);
    assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_NO_POLICY));
    assert_null(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_NO_POLICY));
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_flow_follows_its_label),
        cmocka_unit_test(test_both_ends_mark_the_tunnel),
        cmocka_unit_test(test_paths_that_share_a_label),
        cmocka_unit_test(test_rules_by_technology_and_bid),
        cmocka_unit_test(test_the_order_of_policies),
        cmocka_unit_test(test_a_new_static_policy_counts_at_once),
        cmocka_unit_test(test_a_long_static_policy),
        cmocka_unit_test(test_labels_are_never_sent),
        cmocka_unit_test(test_static_policies_that_are_none),
        cmocka_unit_test(test_signalling_is_exempt),
        cmocka_unit_test(test_no_policy_at_all_is_told_once),
    };

    return cmocka_run_group_tests_name("rfc7629/4.1/labels", tests, NULL, NULL);
}
