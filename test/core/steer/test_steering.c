/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "policy_figure2.h"
#include "requirement.h"
#include "steer/steering.h"

/** Paths that are up, by their BIDs. */
typedef struct paths
{
    fb_path_view view[8];
    size_t count;
} paths;

static paths
paths_up(const char *bids)
{
    paths result = {.count = strlen(bids)};

    for (size_t i = 0; i < result.count; i++)
    {
        result.view[i].bid = (uint8_t)(bids[i] - '0');
        result.view[i].link = 10U + result.view[i].bid;
    }
    return result;
}

/** A fallback that takes the last path and counts how often it is asked: easy to tell from a rule. */
static int
pick_last(void *context,
          const fb_flow *flow,
          bool mirrored,
          const fb_path_view *view,
          size_t count,
          fb_time now)
{
    unsigned *asked = context;

    (void)flow;
    (void)mirrored;
    (void)view;
    assert_int_equal(now, 42);
    ++*asked;
    return (int)count - 1;
}

static const fb_scheduler last_path = {.name = "last",
                                       .context_size = sizeof(unsigned),
                                       .pick = pick_last};

static fb_choice
choose(const fb_rule *rules, size_t count, const paths *up, const fb_flow *flow, bool mirrored)
{
    unsigned asked = 0;
    paths copy = *up;
    fb_steering steering = {.negotiated = rules,
                            .negotiated_count = count,
                            .scheduler = &last_path,
                            .context = &asked};
    fb_choice choice = fb_steer_choose(&steering, copy.view, copy.count, flow, mirrored, 42);

    assert_int_equal(asked, choice.rule < 0 ? 1 : 0); /* a rule's decision costs no scheduler */
    assert_true((choice.path < 0) == (choice.reason != FB_REASON_NONE));
    return choice;
}

/** The BID chosen under Figure 2's policy in both directions, which must agree; 0: dropped by @p rule. */
static uint8_t
figure2_bid(const char *bids, uint8_t protocol, uint16_t port, int rule)
{
    paths up = paths_up(bids);
    fb_flow down = test_flow_down(protocol, port, 40000);
    fb_flow uplink = test_flow_reverse(&down);
    fb_choice home_agent = choose(figure2_rules, FIGURE2_RULES, &up, &down, false);
    fb_choice mobile_node = choose(figure2_rules, FIGURE2_RULES, &up, &uplink, true);

    assert_int_equal(home_agent.path, mobile_node.path);
    assert_int_equal(home_agent.rule, mobile_node.rule);
    assert_int_equal(home_agent.reason, mobile_node.reason);
    assert_int_equal(home_agent.rule, rule);
    if (home_agent.path < 0)
    {
        assert_int_equal(home_agent.reason, FB_DROP_POLICY);
        return 0;
    }
    return up.view[home_agent.path].bid;
}

/* R7629-3-04: SIP over Wi-Fi; if that is not available LTE; if neither is, drop, although CDMA is up.
 * R7629-4.2-16: back with the first BID. */
static void
test_steering_R7629_3_04_sip(void **state)
{
    (void)state;
    requirement("R7629-3-04");
    assert_int_equal(figure2_bid("123", FB_PROTOCOL_UDP, 5060, FIGURE2_SIP), FIGURE2_WLAN);
    assert_int_equal(figure2_bid("23", FB_PROTOCOL_UDP, 5060, FIGURE2_SIP), FIGURE2_LTE);
    assert_int_equal(figure2_bid("3", FB_PROTOCOL_UDP, 5060, FIGURE2_SIP_DROP), 0);
    assert_int_equal(figure2_bid("13", FB_PROTOCOL_UDP, 5060, FIGURE2_SIP), FIGURE2_WLAN);
    assert_int_equal(figure2_bid("321", FB_PROTOCOL_UDP, 5060, FIGURE2_SIP), FIGURE2_WLAN);
}

/* R7629-3-05: HTTP over LTE; else drop, although Wi-Fi and CDMA are up. */
static void
test_steering_R7629_3_05_http(void **state)
{
    (void)state;
    requirement("R7629-3-05");
    assert_int_equal(figure2_bid("123", FB_PROTOCOL_TCP, 80, FIGURE2_HTTP), FIGURE2_LTE);
    assert_int_equal(figure2_bid("13", FB_PROTOCOL_TCP, 80, FIGURE2_HTTP_DROP), 0);
    assert_int_equal(figure2_bid("2", FB_PROTOCOL_TCP, 80, FIGURE2_HTTP), FIGURE2_LTE);
}

/* R7629-3-06: SSH over CDMA, else LTE, else Wi-Fi. */
static void
test_steering_R7629_3_06_ssh(void **state)
{
    (void)state;
    requirement("R7629-3-06");
    assert_int_equal(figure2_bid("123", FB_PROTOCOL_TCP, 22, FIGURE2_SSH), FIGURE2_CDMA);
    assert_int_equal(figure2_bid("12", FB_PROTOCOL_TCP, 22, FIGURE2_SSH), FIGURE2_LTE);
    assert_int_equal(figure2_bid("1", FB_PROTOCOL_TCP, 22, FIGURE2_SSH), FIGURE2_WLAN);
}

/* What the policy says nothing of goes to the fallback: other ports, other protocols, and the correspondent's port on
 * the wrong side. */
static void
test_steering_other_flows_use_the_fallback(void **state)
{
    const struct
    {
        uint8_t protocol;
        uint16_t correspondent_port, local_port;
    } rows[] = {
        {FB_PROTOCOL_UDP, 5061, 5060},
        {FB_PROTOCOL_TCP, 5060, 40000},
        {FB_PROTOCOL_UDP, 80, 40000},
        {FB_PROTOCOL_TCP, 40000, 80},
        {FB_PROTOCOL_TCP, 40000, 22},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        paths up = paths_up("123");
        fb_flow down =
            test_flow_down(rows[i].protocol, rows[i].correspondent_port, rows[i].local_port);
        fb_flow uplink = test_flow_reverse(&down);
        fb_choice choice = choose(figure2_rules, FIGURE2_RULES, &up, &down, false);

        assert_int_equal(choice.rule, -1);
        assert_int_equal(choice.path, 2);
        choice = choose(figure2_rules, FIGURE2_RULES, &up, &uplink, true);
        assert_int_equal(choice.rule, -1);
        assert_int_equal(choice.path, 2);
    }
}

/* SSH's rule has no DROP behind it: with none of its BIDs up it is inactive and the fallback decides (D-24). */
static void
test_steering_exhausted_rule_is_skipped(void **state)
{
    paths up = paths_up("45");
    fb_flow ssh = test_flow_down(FB_PROTOCOL_TCP, 22, 40000);
    fb_choice choice = choose(figure2_rules, FIGURE2_RULES, &up, &ssh, false);

    (void)state;
    requirement("D-24");
    assert_int_equal(choice.rule, -1);
    assert_int_equal(choice.path, 1);
    assert_int_equal(choice.reason, FB_REASON_NONE);
}

/* D-24: an inactive rule hands over to a later rule, whatever that one's selector. */
static void
test_steering_later_rule_takes_over(void **state)
{
    const fb_rule rules[] = {
        {.action = FB_RULE_FORWARD,
         .bid_count = 1,
         .bid = {1},
         .selector = FIGURE2_SELECTOR(FB_PROTOCOL_TCP, 22)},
        {.action = FB_RULE_FORWARD,
         .bid_count = 1,
         .bid = {3},
         .selector = {.format = FB_SELECTOR_IPV4}},
        {.action = FB_RULE_DROP,
         .bid_count = 1,
         .bid = {0},
         .selector = {.format = FB_SELECTOR_IPV4}},
    };
    fb_flow ssh = test_flow_down(FB_PROTOCOL_TCP, 22, 40000);
    paths up = paths_up("12");

    (void)state;
    assert_int_equal(choose(rules, 3, &up, &ssh, false).rule, 0);
    up = paths_up("23");
    assert_int_equal(choose(rules, 3, &up, &ssh, false).rule, 1);
    assert_int_equal(choose(rules, 3, &up, &ssh, false).path, 1);
    up = paths_up("2");
    assert_int_equal(choose(rules, 3, &up, &ssh, false).rule, 2);
    assert_int_equal(choose(rules, 3, &up, &ssh, false).reason, FB_DROP_POLICY);
}

/* D-23: of overlapping rules the first in the message wins, and so does a DROP in front. */
static void
test_steering_first_rule_wins(void **state)
{
    const fb_selector tcp = {
        .format = FB_SELECTOR_IPV4,
        .u.v4 = {.present = FB_SELECTOR4_PROTOCOL_START, .protocol_start = FB_PROTOCOL_TCP}};
    fb_rule rules[] = {
        {.action = FB_RULE_FORWARD, .bid_count = 1, .bid = {1}, .selector = tcp},
        {.action = FB_RULE_FORWARD,
         .bid_count = 1,
         .bid = {2},
         .selector = FIGURE2_SELECTOR(FB_PROTOCOL_TCP, 80)},
    };
    const fb_rule swapped[] = {rules[1], rules[0]};
    fb_flow http = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    paths up = paths_up("12");

    (void)state;
    requirement("D-23");
    assert_int_equal(choose(rules, 2, &up, &http, false).path, 0);
    assert_int_equal(choose(swapped, 2, &up, &http, false).path, 1);
    rules[0].action = FB_RULE_DROP;
    assert_int_equal(choose(rules, 2, &up, &http, false).reason, FB_DROP_POLICY);
}

/* C-15: a BID twice in one list is without effect. Lists may be full. */
static void
test_steering_bid_lists(void **state)
{
    fb_rule rule = {.action = FB_RULE_FORWARD,
                    .bid_count = FB_BIDS_PER_RULE,
                    .bid = {9, 9, 8, 7, 6, 5, 5, 2},
                    .selector = {.format = FB_SELECTOR_IPV4}};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    paths up = paths_up("12");

    (void)state;
    assert_int_equal(choose(&rule, 1, &up, &flow, false).path, 1); /* the last of eight */
    rule.bid_count = FB_BIDS_PER_RULE - 1;
    assert_int_equal(choose(&rule, 1, &up, &flow, false).rule,
                     -1); /* what lies behind the count does not exist */
    rule.bid_count = 0;
    assert_int_equal(choose(&rule, 1, &up, &flow, false).rule, -1);
}

/* D-13: the BID list of a DROP rule has no meaning, not even when such a path is up. */
static void
test_steering_drop_ignores_its_bids(void **state)
{
    const fb_rule rule = {.action = FB_RULE_DROP,
                          .bid_count = 1,
                          .bid = {1},
                          .selector = {.format = FB_SELECTOR_IPV4}};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    paths up = paths_up("1");

    (void)state;
    requirement("D-13");
    assert_int_equal(choose(&rule, 1, &up, &flow, false).path, -1);
    assert_int_equal(choose(&rule, 1, &up, &flow, false).reason, FB_DROP_POLICY);
}

static void
test_steering_without_paths(void **state)
{
    paths none = paths_up("");
    fb_flow sip = test_flow_down(FB_PROTOCOL_UDP, 5060, 40000);
    fb_flow ssh = test_flow_down(FB_PROTOCOL_TCP, 22, 40000);

    (void)state;
    /* Forbidden is forbidden, whether a path is there or not. */
    assert_int_equal(choose(figure2_rules, FIGURE2_RULES, &none, &sip, false).reason,
                     FB_DROP_POLICY);
    assert_int_equal(choose(figure2_rules, FIGURE2_RULES, &none, &ssh, false).reason,
                     FB_DROP_NO_BINDING);
    assert_int_equal(choose(NULL, 0, &none, &sip, true).reason, FB_DROP_NO_BINDING);
}

/* R7629-6-03, -05: no policy, everything to the fallback. */
static void
test_steering_without_rules(void **state)
{
    paths up = paths_up("12");
    fb_flow sip = test_flow_down(FB_PROTOCOL_UDP, 5060, 40000);

    (void)state;
    assert_int_equal(choose(NULL, 0, &up, &sip, false).path, 1);
    assert_int_equal(choose(NULL, 0, &up, &sip, false).rule, -1);
}

/* ---- the static policy ---- */

/** Paths 1, 2, 3 with labels 7, 5, 7 and technologies 4, 8, 8. */
static paths
labelled_paths(void)
{
    static const uint8_t label[] = {7, 5, 7}, technology[] = {4, 8, 8};
    paths result = paths_up("123");

    for (size_t i = 0; i < result.count; i++)
    {
        result.view[i].label = label[i];
        result.view[i].technology = technology[i];
    }
    return result;
}

/** One rule for all packets. */
static fb_rule
rule_for_all(uint8_t action, uint8_t first, uint8_t second)
{
    fb_rule rule = {.action = action,
                    .bid_count = second != 0 ? 2 : 1,
                    .bid = {first, second},
                    .selector.format = FB_SELECTOR_IPV4};
    return rule;
}

/** The BID chosen under @p steering's rules; the scheduler takes the last of the paths it is offered. */
static uint8_t
bid_chosen(const fb_rule *negotiated,
           const fb_rule *configured,
           const paths *up,
           fb_choice *choice,
           unsigned *asked)
{
    fb_steering steering = {.negotiated = negotiated,
                            .negotiated_count = negotiated != NULL,
                            .configured = configured,
                            .configured_count = configured != NULL,
                            .scheduler = &last_path,
                            .context = asked};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    paths copy = *up;

    *asked = 0;
    *choice = fb_steer_choose(&steering, copy.view, copy.count, &flow, false, 42);
    return choice->path < 0 ? 0 : copy.view[choice->path].bid;
}

/* R7629-4.1-16: the first label of the list that a path carries; among several such paths the scheduler chooses. */
static void
test_steering_by_label_and_technology(void **state)
{
    const struct
    {
        uint8_t action, first, second;
        uint8_t bid; /* 0: the rule is inactive */
        unsigned asked;
    } rows[] = {
        {FB_RULE_FORWARD_LABEL, 5, 0, 2, 0},
        {FB_RULE_FORWARD_LABEL, 9, 5, 2, 0},
        {FB_RULE_FORWARD_LABEL, 7, 5, 3, 1}, /* paths 1 and 3: the last of them */
        {FB_RULE_FORWARD_LABEL, 9, 8, 0, 0},
        {FB_RULE_FORWARD_TECHNOLOGY, 4, 8, 1, 0},
        {FB_RULE_FORWARD_TECHNOLOGY, 8, 4, 3, 1},
        {FB_RULE_FORWARD_TECHNOLOGY, 7, 5, 0, 0}, /* these are labels */
        {FB_RULE_FORWARD, 2, 1, 2, 0},
        {FB_RULE_FORWARD, 7, 5, 0, 0},
    };
    paths up = labelled_paths();

    (void)state;
    requirement("R7629-4.1-16");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_rule rule = rule_for_all(rows[i].action, rows[i].first, rows[i].second);
        fb_choice choice;
        unsigned asked;
        uint8_t bid = bid_chosen(NULL, &rule, &up, &choice, &asked);

        assert_int_equal(choice.by,
                         rows[i].bid != 0 ? FB_DECIDED_BY_CONFIGURED : FB_DECIDED_BY_SCHEDULER);
        assert_int_equal(choice.rule, rows[i].bid != 0 ? 0 : -1);
        assert_int_equal(bid, rows[i].bid != 0 ? rows[i].bid : 3);
        assert_int_equal(asked, rows[i].bid != 0 ? rows[i].asked : 1);
        assert_false(choice.per_packet);
    }
}

/* D-35: negotiated, then static, then the scheduler; an inactive rule of one lets the next decide. */
static void
test_steering_order_of_policies(void **state)
{
    fb_rule to_one = rule_for_all(FB_RULE_FORWARD, 1, 0),
            to_nine = rule_for_all(FB_RULE_FORWARD, 9, 0);
    fb_rule to_label = rule_for_all(FB_RULE_FORWARD_LABEL, 5, 0),
            drop = rule_for_all(FB_RULE_DROP, 1, 0);
    paths up = labelled_paths();
    fb_choice choice;
    unsigned asked;

    (void)state;
    requirement("D-35", "R7629-6-03");
    assert_int_equal(bid_chosen(&to_one, &to_label, &up, &choice, &asked), 1);
    assert_int_equal(choice.by, FB_DECIDED_BY_NEGOTIATED);
    assert_int_equal(bid_chosen(&to_nine, &to_label, &up, &choice, &asked), 2);
    assert_int_equal(choice.by, FB_DECIDED_BY_CONFIGURED);
    assert_int_equal(bid_chosen(&to_nine, &to_nine, &up, &choice, &asked), 3);
    assert_int_equal(choice.by, FB_DECIDED_BY_SCHEDULER);
    assert_int_equal(bid_chosen(&drop, &to_label, &up, &choice, &asked), 0);
    assert_int_equal(choice.reason, FB_DROP_POLICY);
    assert_int_equal(bid_chosen(&to_nine, &drop, &up, &choice, &asked), 0);
    assert_int_equal(choice.reason, FB_DROP_POLICY);
    assert_int_equal(choice.by, FB_DECIDED_BY_CONFIGURED);
}

/* Only what a scheduler by packet chose holds for one packet. */
static void
test_steering_per_packet(void **state)
{
    const fb_scheduler by_packet = {.name = "by-packet",
                                    .context_size = sizeof(unsigned),
                                    .pick = pick_last,
                                    .per_packet = true};
    fb_rule rules[] = {rule_for_all(FB_RULE_FORWARD, 1, 0),
                       rule_for_all(FB_RULE_FORWARD_LABEL, 5, 0),
                       rule_for_all(FB_RULE_FORWARD_LABEL, 7, 0),
                       rule_for_all(FB_RULE_DROP, 1, 0),
                       rule_for_all(FB_RULE_FORWARD, 9, 0)};
    static const bool per_packet[] = {false, false, true, false, true};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    requirement("R7629-6-04", "R7629-6-06");
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    {
        paths up = labelled_paths();
        unsigned asked = 0;
        fb_steering steering = {.configured = &rules[i],
                                .configured_count = 1,
                                .scheduler = &by_packet,
                                .context = &asked};

        assert_int_equal(fb_steer_choose(&steering, up.view, up.count, &flow, false, 42).per_packet,
                         per_packet[i]);
    }
}

/** A rule for all packets; names as decimal digits. */
static fb_rule
rule_naming(uint8_t action, const char *names)
{
    fb_rule rule = rule_for_all(action, 0, 0);

    rule.bid_count = (uint8_t)strlen(names);
    for (size_t i = 0; i < rule.bid_count; i++)
    {
        rule.bid[i] = (uint8_t)(names[i] - '0');
    }
    return rule;
}

/** BIDs of the first @p count paths, in their order. */
static const char *
front(const paths *up, size_t count, char text[10])
{
    for (size_t i = 0; i < count; i++)
    {
        text[i] = (char)('0' + up->view[i].bid);
    }
    text[count] = '\0';
    return text;
}

/* RFC 6089 4.3: a copy to each BID of the list that is registered, in the list's order; none: the rule is inactive */
static void
test_steering_copies(void **state)
{
    static const struct
    {
        const char *names, *up, *expected; /* "": the scheduler's choice */
    } rows[] = {
        {"12", "12", "12"},
        {"21", "12", "21"},
        {"12", "321", "12"},
        {"31", "1234", "31"},
        {"12", "23", "2"},
        {"12", "13", "1"},
        {"12", "34", ""},
        {"12", "", ""},
        {"12345678", "87654321", "12345678"},
        {"11", "12", "1"}, /* C-15: the second is without effect */
        {"9876", "78", "87"},
    };
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    requirement("B6089-04");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_rule rule = rule_naming(FB_RULE_COPY, rows[i].names);
        paths up = paths_up(rows[i].up);
        unsigned asked = 0;
        fb_steering steering = {.negotiated = &rule,
                                .negotiated_count = 1,
                                .scheduler = &last_path,
                                .context = &asked};
        fb_choice choice = fb_steer_choose(&steering, up.view, up.count, &flow, false, 42);
        size_t expected = strlen(rows[i].expected);
        char text[10];

        assert_int_equal(asked, expected == 0);
        assert_int_equal(choice.rule, expected == 0 ? -1 : 0);
        assert_false(choice.per_packet);
        if (expected == 0)
        {
            assert_int_equal(choice.copies, 0);
            continue;
        }
        assert_int_equal(choice.path, 0);
        assert_int_equal(choice.copies, expected - 1);
        assert_string_equal(front(&up, expected, text), rows[i].expected);
        /* asked again with the paths as the role lists them, the same come */
        up = paths_up(rows[i].up);
        assert_int_equal(fb_steer_copies(&rule, up.view, up.count), expected - 1);
        assert_string_equal(front(&up, expected, text), rows[i].expected);
    }
}

/* R8278-3.2-04: the scheduler among the BIDs of the list that are registered, in the list's order, and nothing else */
static void
test_steering_spreads(void **state)
{
    static const struct
    {
        const char *names, *up;
        uint8_t bid; /* the last of those to choose from; 0: the rule is inactive */
    } rows[] = {
        {"12", "123", 2},
        {"21", "123", 1},
        {"13", "123", 3},
        {"12", "31", 1},
        {"45", "123", 0},
    };

    (void)state;
    requirement("R8278-3.2-04");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_rule rule = rule_naming(FB_RULE_SPREAD, rows[i].names);
        paths up = paths_up(rows[i].up);
        fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
        unsigned asked = 0;
        fb_steering steering = {.configured = &rule,
                                .configured_count = 1,
                                .scheduler = &last_path,
                                .context = &asked};
        fb_choice choice = fb_steer_choose(&steering, up.view, up.count, &flow, false, 42);

        assert_int_equal(asked, 1);
        assert_int_equal(choice.copies, 0);
        assert_int_equal(choice.rule, rows[i].bid != 0 ? 0 : -1);
        assert_true(rows[i].bid == 0 || up.view[choice.path].bid == rows[i].bid);
    }
}

/** 1 + the number of a scheduler. */
static uint8_t
scheduler_number(const char *name)
{
    uint8_t i = 0;

    while (fb_scheduler_at(i) != fb_scheduler_find(name))
    {
        i++;
    }
    return (uint8_t)(i + 1);
}

/* A rule's own scheduler decides, with a context for each session; without room flows are spread. */
static void
test_steering_by_the_rules_own_scheduler(void **state)
{
    static const uint8_t actions[] = {FB_RULE_SPREAD, FB_RULE_FORWARD_LABEL};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    size_t octets = fb_spread_memory(4);
    uint8_t *memory = malloc(octets);
    unsigned asked = 0;

    (void)state;
    requirement("R8278-3.2-04");
    for (size_t i = 0; i < 2 * sizeof actions; i++)
    {
        /* labels 7, 5, 7: both actions name paths 1 and 3 */
        fb_rule rule = rule_naming(actions[i / 2], actions[i / 2] == FB_RULE_SPREAD ? "13" : "7");
        fb_spread spread, none = {NULL, 0};
        fb_steering steering = {.configured = &rule,
                                .configured_count = 1,
                                .scheduler = &last_path,
                                .context = &asked,
                                .spread = i % 2 == 0 ? &spread : &none};
        uint8_t first[8], second[8];

        rule.scheduler = scheduler_number("round-robin");
        fb_spread_init(&spread, memory, 4);
        for (size_t k = 0; k < 8; k++)
        {
            paths up = labelled_paths(), again = labelled_paths();
            fb_choice choice;

            steering.session = 1;
            choice = fb_steer_choose(&steering, up.view, up.count, &flow, false, 42);
            first[k] = up.view[choice.path].bid;
            assert_int_equal(choice.per_packet, i % 2 == 0);
            steering.session = 2;
            choice = fb_steer_choose(&steering, again.view, again.count, &flow, false, 42);
            second[k] = again.view[choice.path].bid;
        }
        for (size_t k = 0; k < 8; k++)
        {
            assert_int_equal(first[k], i % 2 != 0 ? first[0] : k % 2 == 0 ? 1 : 3);
            assert_int_equal(second[k], first[k]);
        }
    }
    assert_int_equal(asked, 0);
    free(memory);
}

/* A rule names a scheduler that there is. */
static void
test_steering_names_of_schedulers(void **state)
{
    fb_rule rule = rule_naming(FB_RULE_SPREAD, "12");

    (void)state;
    for (unsigned i = 0; i < 256; i++)
    {
        rule.scheduler = (uint8_t)i;
        assert_int_equal(fb_rule_usable(&rule), i == 0 || fb_scheduler_at(i - 1) != NULL);
    }
}

static void
test_steering_usable_rules(void **state)
{
    const struct
    {
        uint8_t action, count, bid;
        bool usable;
    } rows[] = {
        {FB_RULE_DROP, 1, 0, true},
        {FB_RULE_DROP, 1, 255, true}, /* D-13 */
        {FB_RULE_DROP, 0, 1, false},
        {FB_RULE_FORWARD, 8, 254, true},
        {FB_RULE_FORWARD, 9, 1, false},
        {FB_RULE_FORWARD, 0, 1, false},
        {FB_RULE_FORWARD, 1, 0, false},
        {FB_RULE_FORWARD, 1, 255, false}, /* C-15 */
        {FB_RULE_FORWARD_LABEL, 1, 255, true},
        {FB_RULE_FORWARD_LABEL, 1, 0, false}, /* D-18 */
        {FB_RULE_FORWARD_TECHNOLOGY, 1, 4, true},
        {FB_RULE_FORWARD_TECHNOLOGY, 1, 0, false}, /* D-17 */
        {2, 1, 1, false},
        {127, 1, 1, false},
        {FB_RULE_COPY, 8, 254, true}, /* RFC 6089 4.3 */
        {FB_RULE_COPY, 1, 255, false},
        {FB_RULE_SPREAD, 8, 254, true}, /* RFC 8278 3.2 */
        {FB_RULE_SPREAD, 0, 1, false},
        {132, 1, 1, false},
        {255, 1, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_rule rule = rule_for_all(rows[i].action, rows[i].bid, 0);

        memset(rule.bid, rows[i].bid, sizeof rule.bid);
        rule.bid_count = rows[i].count;
        assert_int_equal(fb_rule_usable(&rule), rows[i].usable);
        rule.selector.format = 0;
        assert_false(fb_rule_usable(&rule));
    }
}

/* D-39: signalling is UDP 434 at the home agent's own address, on the correspondent's side of the flow. */
static void
test_steering_recognises_signalling(void **state)
{
    const struct
    {
        uint8_t protocol;
        uint16_t correspondent_port, local_port;
        fb_ipv4 home_agent;
        bool has_ports, signalling;
    } rows[] = {
        {FB_PROTOCOL_UDP, 434, 434, TEST_CORRESPONDENT, true, true},
        {FB_PROTOCOL_UDP, 434, 40000, TEST_CORRESPONDENT, true, true},
        {FB_PROTOCOL_UDP, 434, 434, TEST_CORRESPONDENT + 1, true, false},
        {FB_PROTOCOL_UDP, 40000, 434, TEST_CORRESPONDENT, true, false},
        {FB_PROTOCOL_UDP, 433, 434, TEST_CORRESPONDENT, true, false},
        {FB_PROTOCOL_UDP, 435, 434, TEST_CORRESPONDENT, true, false},
        {FB_PROTOCOL_TCP, 434, 434, TEST_CORRESPONDENT, true, false},
        /* a later fragment with rubbish where its ports would be */
        {FB_PROTOCOL_UDP, 434, 434, TEST_CORRESPONDENT, false, false},
    };

    (void)state;
    requirement("D-39");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_flow down =
            test_flow_down(rows[i].protocol, rows[i].correspondent_port, rows[i].local_port);

        down.has_ports = rows[i].has_ports;
        fb_flow uplink = test_flow_reverse(&down);

        assert_int_equal(fb_steer_is_signalling(&down, false, rows[i].home_agent),
                         rows[i].signalling);
        assert_int_equal(fb_steer_is_signalling(&uplink, true, rows[i].home_agent),
                         rows[i].signalling);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steering_copies),
        cmocka_unit_test(test_steering_spreads),
        cmocka_unit_test(test_steering_by_the_rules_own_scheduler),
        cmocka_unit_test(test_steering_names_of_schedulers),
        cmocka_unit_test(test_steering_R7629_3_04_sip),
        cmocka_unit_test(test_steering_R7629_3_05_http),
        cmocka_unit_test(test_steering_R7629_3_06_ssh),
        cmocka_unit_test(test_steering_other_flows_use_the_fallback),
        cmocka_unit_test(test_steering_exhausted_rule_is_skipped),
        cmocka_unit_test(test_steering_later_rule_takes_over),
        cmocka_unit_test(test_steering_first_rule_wins),
        cmocka_unit_test(test_steering_bid_lists),
        cmocka_unit_test(test_steering_drop_ignores_its_bids),
        cmocka_unit_test(test_steering_without_paths),
        cmocka_unit_test(test_steering_without_rules),
        cmocka_unit_test(test_steering_by_label_and_technology),
        cmocka_unit_test(test_steering_order_of_policies),
        cmocka_unit_test(test_steering_per_packet),
        cmocka_unit_test(test_steering_usable_rules),
        cmocka_unit_test(test_steering_recognises_signalling),
    };
    return cmocka_run_group_tests_name("steer/steering", tests, NULL, NULL);
}
