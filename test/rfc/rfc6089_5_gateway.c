/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 6089 4, 5.2: how a gateway tells its anchor of flows. BIDs are those of RFC 8278 (D8-24, D8-25).
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <stdio.h>
#include <string.h>

#define UPDATE 5
#define SUMMARY 44
#define FLOW 45

static const gateway_message *
last(const gateway *g)
{
    return gateway_last(g, UPDATE);
}

static void
set_policy(gateway *g, const fb_rule *rules, size_t count)
{
    assert_int_equal(fb_mag_set_policy(&g->mag, rules, count, g->now), FB_OK);
    gateway_drain(g);
}

static gateway *
with_flows(unsigned links)
{
    gateway *g = gateway_registered(NULL, links);

    g->flows = true;
    return g;
}

/** FID, FID-PRI and BIDs of a Flow Identification option: "1:10:2"; what an option without binding has: "1:10:". */
static const char *
flow_text(const gateway_message *m, size_t index, char text[32])
{
    size_t length, at = 0;
    const uint8_t *body = gateway_option(m, FLOW, index, &length);

    assert_non_null(body);
    at += (size_t)sprintf(text, "%u:%u:", body[0] << 8 | body[1], body[2] << 8 | body[3]);
    assert_int_equal(body[4], 0);
    assert_int_equal(body[5], 0);
    if (body[6] == 2) /* Binding Reference sub-option */
    {
        for (size_t i = 0; i < body[7]; i += 2)
        {
            at += (size_t)sprintf(text + at, "%u", body[8 + i] << 8 | body[9 + i]);
        }
    }
    return text;
}

#define assert_flow(m, index, expected)                           \
    do                                                            \
    {                                                             \
        char flow[32];                                            \
        assert_string_equal(flow_text(m, index, flow), expected); \
    }                                                             \
    while (0)

static void
assert_summary(const gateway_message *m, const char *fids)
{
    size_t length = 0;
    const uint8_t *body = gateway_option(m, SUMMARY, 0, &length);

    assert_int_equal(body == NULL ? 0 : length, 2 * strlen(fids));
    for (size_t i = 0; i < strlen(fids); i++)
    {
        assert_int_equal(body[2 * i] << 8 | body[2 * i + 1], fids[i] - '0');
    }
}

/* P12: HTTP by WLAN, SIP by LTE, while both paths are up */
static void
test_policy(void **state)
{
    gateway *g = with_flows(2);
    fb_rule rules[2] = {gateway_rule("2", 6, 80), gateway_rule("1", 17, 5060)};
    const fb_event *policy;
    size_t since = g->event_count;
    fb_session_view view;

    (void)state;
    requirement("R8278-3.2-03", "D8-24", "D8-25", "P12");
    set_policy(g, rules, 2);
    gateway_assert_vector_now(g, last(g), "P12");
    policy = gateway_event(g, since, FB_EVENT_POLICY, 0);
    assert_int_equal(policy->count, 2);
    fb_mag_session_view(&g->mag, 0, &view);
    assert_int_equal(view.flow_count, 2);
    /* "a binding update that names no FIDs deletes all": every later one names them, over any path */
    gateway_run_until(g, 2890 * FB_SECOND);
    for (size_t i = 3; i < gateway_sent_count(g, UPDATE); i++)
    {
        assert_summary(gateway_sent(g, UPDATE, i), "12");
        assert_int_equal(gateway_options(gateway_sent(g, UPDATE, i), FLOW), 0);
    }
    assert_int_equal(gateway_sent_count(g, UPDATE), 5);
    /* the de-registration of one path too, or the other one would lose its flows */
    fb_mag_deregister(&g->mag, 2, g->now);
    gateway_drain(g);
    assert_summary(last(g), "12");
    gateway_free(g);
}

/* D8-24: a FORWARD list is one flow for each BID, the next one with a higher FID-PRI; what waits for its path waits */
static void
test_fallback(void **state)
{
    gateway *g = with_flows(1);
    fb_rule rules[2] = {gateway_rule("21", 6, 80), gateway_rule("12", 17, 5060)};

    (void)state;
    requirement("D8-24", "R8278-3.2-03");
    set_policy(g, rules, 2);
    /* BID 2 is not there: a flow for it would be refused (RFC 6089 4.2, status 131) */
    assert_int_equal(gateway_options(last(g), FLOW), 2);
    assert_flow(last(g), 0, "2:20:1");
    assert_flow(last(g), 1, "3:30:1");
    assert_summary(last(g), "");
    gateway_link_up(g, GATEWAY_WLAN);
    /* the update that brings it, brings its flows: they are looked at after the binding */
    assert_int_equal(gateway_bid(last(g), NULL), 2);
    assert_summary(last(g), "23");
    assert_flow(last(g), 0, "1:10:2");
    assert_flow(last(g), 1, "4:40:2");
    gateway_run(g, 100 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, UPDATE), 3);
    gateway_free(g);
}

/* A rule by label is flows for the links that carry it, the preferred first; DROP has no flow */
static void
test_other_rules(void **state)
{
    gateway *g = with_flows(3);
    fb_rule rules[4] = {gateway_rule("9", 6, 80),
                        gateway_rule("1", 6, 23),
                        gateway_rule("12", 17, 53),
                        gateway_rule("4", 17, 123)};
    size_t count;

    (void)state;
    requirement("D8-24", "R8278-4.1-10", "R8278-4.1-09", "R8278-3.2-03");
    rules[0].action = FB_RULE_FORWARD_LABEL;
    rules[1].action = FB_RULE_DROP;
    rules[3].action = FB_RULE_FORWARD_TECHNOLOGY;
    set_policy(g, rules, 4);
    assert_int_equal(gateway_options(last(g), FLOW), 5);
    assert_flow(last(g), 0, "1:10:2");
    assert_flow(last(g), 1, "2:20:3");
    assert_flow(last(g), 2, "3:30:1");
    assert_flow(last(g), 3, "4:40:2");
    assert_flow(last(g), 4, "5:50:2");
    /* our own direction has all rules */
    assert_non_null(fb_mag_rules(&g->mag, 0, &count));
    assert_int_equal(count, 4);
    gateway_free(g);
}

/* B6089-06: "if the flow options are absent, the peer does not support them" */
static void
test_unsupported(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    fb_rule rule = gateway_rule("2", 6, 80);

    (void)state;
    requirement("B6089-06");
    set_policy(g, &rule, 1);
    assert_int_equal(gateway_options(last(g), FLOW), 1);
    gateway_run_until(g, 2890 * FB_SECOND);
    assert_int_equal(gateway_options(last(g), FLOW), 0);
    assert_int_equal(gateway_options(last(g), SUMMARY), 0);
    assert_int_equal(gateway_sent_count(g, UPDATE), 5);
    /* another policy asks again */
    g->flows = true;
    set_policy(g, &rule, 1);
    assert_int_equal(gateway_options(last(g), FLOW), 1);
    gateway_free(g);
}

/* Another policy replaces what the anchor has; none at all deletes it */
static void
test_replaced(void **state)
{
    gateway *g = with_flows(2);
    fb_rule rules[2] = {gateway_rule("2", 6, 80), gateway_rule("1", 17, 5060)};

    (void)state;
    requirement("D8-24", "B6089-06");
    set_policy(g, rules, 2);
    set_policy(g, rules + 1, 1);
    gateway_run(g, FB_SECOND);
    assert_flow(last(g), 0, "1:10:1");
    assert_int_equal(gateway_options(last(g), FLOW), 1);
    assert_summary(last(g), "");
    gateway_run(g, FB_SECOND);
    set_policy(g, NULL, 0);
    assert_int_equal(gateway_sent_count(g, UPDATE), 5);
    assert_int_equal(gateway_options(last(g), FLOW), 0);
    assert_int_equal(gateway_options(last(g), SUMMARY), 0);
    gateway_run(g, 100 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, UPDATE), 5);
    gateway_free(g);
}

/** The anchor accepts the update, and says @p status of flow 1. */
static void
answer_flow(gateway *g, const gateway_message *m, uint8_t status)
{
    gateway_answer answer = gateway_answer_begin(m, 0, 900);

    gateway_answer_echo(&answer, m, 0);
    gateway_answer_option(&answer, FLOW, (const uint8_t[]){0, 1, 0, 10, 0, status}, 6, 2, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
}

/* RFC 6089 4.2: the Status of one flow is about that flow; of a FID of the summary that is unknown, it is told again */
static void
test_status_of_a_flow(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    fb_rule rules[2] = {gateway_rule("2", 6, 80), gateway_rule("1", 17, 5060)};
    gateway_answer answer;
    size_t since;

    (void)state;
    requirement("B6089-06", "D8-24");
    g->answering = false;
    set_policy(g, rules, 2);
    since = g->event_count;
    answer = gateway_answer_begin(last(g), 0, 900);
    gateway_answer_echo(&answer, last(g), 0);
    gateway_answer_option(&answer, FLOW, (const uint8_t[]){0, 1, 0, 10, 0, 0}, 6, 2, 0);
    gateway_answer_option(&answer, FLOW, (const uint8_t[]){0, 2, 0, 20, 0, 129}, 6, 2, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    assert_int_equal(gateway_event(g, since, FB_EVENT_POLICY, 0)->count, 1);
    assert_int_equal(gateway_event(g, since, FB_EVENT_DENIED, 0)->code, 129);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    gateway_run_until(g, 2883 * FB_SECOND); /* what was refused is not asked for again */
    assert_summary(last(g), "1");
    assert_int_equal(gateway_options(last(g), FLOW), 0);
    answer = gateway_answer_begin(last(g), 0, 900);
    gateway_answer_echo(&answer, last(g), 0);
    gateway_answer_option(&answer, FLOW, (const uint8_t[]){0, 1, 0, 0, 0, 132}, 6, 2, 0);
    gateway_answer_option(&answer, FLOW, (const uint8_t[]){0x12, 1, 0, 0, 0, 0}, 6, 2, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    gateway_run(g, 2 * FB_SECOND);
    assert_flow(last(g), 0, "1:10:2");
    gateway_free(g);
}

/* 5.3.2.1, status 131: the anchor has lost the path of a flow, which comes back, and then the flow is told again */
static void
test_binding_not_found(void **state)
{
    gateway *g = with_flows(2);
    fb_rule rule = gateway_rule("2", 6, 80);
    size_t sent;

    (void)state;
    requirement("B6089-06", "D8-24");
    gateway_run(g, 100 * FB_SECOND);
    g->answering = false;
    set_policy(g, &rule, 1);
    sent = gateway_sent_count(g, UPDATE);
    g->answering = true;
    answer_flow(g, last(g), 131);
    gateway_run(g, 2 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, UPDATE), sent + 2);
    assert_int_equal(gateway_options(gateway_sent(g, UPDATE, sent), FLOW), 0); /* BID 2 anew */
    assert_flow(last(g), 0, "1:10:2");
    gateway_free(g);
}

/* B7864-03: where the anchor decides, or nothing is negotiated, the gateway says nothing */
static void
test_not_negotiated(void **state)
{
    fb_rule rule = gateway_rule("2", 6, 80);

    (void)state;
    requirement("R8278-3.2-03", "B7864-03");
    for (int i = 0; i < 2; i++)
    {
        fb_config config;
        gateway *g;
        size_t sent, count;

        gateway_config(&config);
        config.mag.negotiate_policy = i == 1;
        config.mag.flow_decision = i == 1 ? FB_FLOW_DECISION_ANCHOR : FB_FLOW_DECISION_GATEWAY;
        g = gateway_registered(&config, 2);
        sent = g->sent_count;
        set_policy(g, &rule, 1);
        assert_int_equal(g->sent_count, sent);
        (void)fb_mag_rules(&g->mag, 0, &count);
        assert_int_equal(count, 0);
        gateway_free(g);
    }
}

/* What the library cannot say in one update, it says in none */
static void
test_limits(void **state)
{
    gateway *g = with_flows(2);
    fb_rule rules[FB_RULES_MAX + 1];
    fb_rule wrong = gateway_rule("2", 6, 80);

    (void)state;
    requirement("D8-24");
    for (size_t i = 0; i <= FB_RULES_MAX; i++)
    {
        rules[i] = gateway_rule("12", 6, (uint16_t)(80 + i));
    }
    assert_int_equal(fb_mag_set_policy(&g->mag, rules, FB_RULES_MAX + 1, g->now), FB_ERR_LIMIT);
    wrong.bid_count = 0;
    assert_int_equal(fb_mag_set_policy(&g->mag, &wrong, 1, g->now), FB_ERR_ARGUMENT);
    set_policy(g, rules, FB_RULES_MAX);
    assert_int_equal(gateway_options(last(g), FLOW), FB_MAG_FLOWS_MAX);
    assert_true(last(g)->length <= 1280);
    gateway_run(g, 10 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, UPDATE), 3);
    gateway_free(g);
}

static size_t
flows_installed(const gateway *g)
{
    fb_session_view view;

    assert_true(fb_mag_session_view(&g->mag, 0, &view));
    return view.flow_count;
}

/* As D8-18: an anchor that did not know the options, or had no room, is asked again after an hour, with a refresh */
static void
test_refused_is_not_for_ever(void **state)
{
    fb_rule rule = gateway_rule("2", 6, 80);

    (void)state;
    requirement("B6089-06", "D8-18");
    for (int refused = 0; refused < 2; refused++)
    {
        gateway *g = gateway_registered(NULL, 2);

        g->answering = refused == 0;
        set_policy(g, &rule, 1);
        if (refused)
        {
            answer_flow(g, last(g), 128);
            g->answering = true;
        }
        g->flows = true;
        gateway_run_until(g, 3590 * FB_SECOND);
        assert_int_equal(gateway_sent_count(g, UPDATE), 5);
        assert_int_equal(flows_installed(g), 0);
        /* the next refreshes: no update more than without */
        gateway_run_until(g, 5770 * FB_SECOND);
        assert_int_equal(gateway_sent_count(g, UPDATE), 7);
        assert_int_equal(flows_installed(g), 1);
        gateway_free(g);
    }
}

/* Without RFC 8278 there are no BIDs; that an anchor was like that says nothing about its knowing RFC 6089 */
static void
test_anchor_learns_rfc8278(void **state)
{
    gateway *g = with_flows(2);
    fb_rule rule = gateway_rule("2", 6, 80);

    (void)state;
    requirement("B6089-06", "C8-13");
    set_policy(g, &rule, 1);
    assert_int_equal(flows_installed(g), 1);
    g->legacy = true;
    g->flows = false;
    set_policy(g, &rule, 1); /* which is told at once */
    assert_int_equal(gateway_options(last(g), FLOW), 1);
    assert_int_equal(flows_installed(g), 0);
    assert_false(fb_update_list_at(&g->mag.list, 0)->flows_unsupported);
    g->legacy = false;
    g->flows = true;
    gateway_run(g, 3610 * FB_SECOND);
    assert_paths(g, "12");
    assert_int_equal(flows_installed(g), 1);
    gateway_free(g);
}

/* 5.3.4: a flow the next update does not name is gone, though the answer to the one before still accepts it */
static void
test_overtaken_by_a_farewell(void **state)
{
    fb_config config;
    gateway *g;
    fb_rule rule = gateway_rule("1", 6, 80);
    size_t told;

    (void)state;
    requirement("D8-24", "D8-16");
    gateway_config(&config);
    config.mag.concurrent = true;
    g = gateway_registered(&config, 3);
    g->flows = true;
    g->answering = false;
    set_policy(g, &rule, 1);
    assert_flow(last(g), 0, "1:10:1");
    told = gateway_sent_count(g, UPDATE) - 1;
    fb_mag_deregister(&g->mag, gateway_bid(last(g), NULL) == 3 ? 2 : 3, g->now);
    gateway_drain(g);
    assert_int_equal(gateway_lifetime(last(g)), 0);
    assert_summary(last(g), "");
    answer_flow(g, gateway_sent(g, UPDATE, told), 0);
    assert_int_equal(flows_installed(g), 0);
    g->answering = true;
    gateway_run(g, 3 * FB_SECOND);
    assert_int_equal(flows_installed(g), 1); /* told once more */
    gateway_free(g);
}

static bool
has_port(const uint8_t *body, size_t length, uint16_t port)
{
    for (size_t i = 0; i + 1 < length; i++)
    {
        if ((body[i] << 8 | body[i + 1]) == port)
        {
            return true;
        }
    }
    return false;
}

static void
relabel(gateway *g, uint32_t link)
{
    g->link[link].label++;
    gateway_link_up(g, link);
}

/* An answer to what was told of the earlier policy says nothing about the one there is now, alike as they are */
static void
test_answer_to_the_policy_before(void **state)
{
    fb_config config;
    gateway *g;
    fb_rule before = gateway_rule("2", 6, 80), after = gateway_rule("2", 6, 8080);
    size_t length, told, told_after = 0;
    const uint8_t *body;

    (void)state;
    requirement("D8-24", "D8-16");
    gateway_config(&config);
    config.mag.concurrent = true;
    g = gateway_registered(&config, 2);
    g->flows = true;
    g->answering = false;
    set_policy(g, &before, 1);
    told = gateway_sent_count(g, UPDATE);
    relabel(g, gateway_bid(last(g), NULL) == 1 ? GATEWAY_WLAN : GATEWAY_LTE);
    assert_int_equal(gateway_sent_count(g, UPDATE), told + 1);
    assert_flow(last(g), 0, "1:10:2");
    set_policy(g, &after, 1);
    answer_flow(g, gateway_sent(g, UPDATE, told), 0);
    assert_int_equal(flows_installed(g), 0);
    g->answering = true;
    gateway_run(g, 3 * FB_SECOND);
    assert_int_equal(flows_installed(g), 1);
    for (size_t i = told + 1; i < gateway_sent_count(g, UPDATE); i++)
    {
        body = gateway_option(gateway_sent(g, UPDATE, i), FLOW, 0, &length);
        told_after += body != NULL && has_port(body, length, 8080);
    }
    assert_true(told_after > 0);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_policy),
                                       cmocka_unit_test(test_fallback),
                                       cmocka_unit_test(test_other_rules),
                                       cmocka_unit_test(test_unsupported),
                                       cmocka_unit_test(test_replaced),
                                       cmocka_unit_test(test_status_of_a_flow),
                                       cmocka_unit_test(test_binding_not_found),
                                       cmocka_unit_test(test_not_negotiated),
                                       cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_refused_is_not_for_ever),
                                       cmocka_unit_test(test_anchor_learns_rfc8278),
                                       cmocka_unit_test(test_overtaken_by_a_farewell),
                                       cmocka_unit_test(test_answer_to_the_policy_before)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
