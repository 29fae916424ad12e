/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 6089 5.3: the flow bindings a gateway registers with an anchor, each answered with a status of its own; RFC 7864:
 * one end decides, never both.
 */

#include "anchor.h"

#include <string.h>

#define HOME "2001:db8:100::/64"

/** UDP to the mobile node from port 5060: TS Format 2, Reserved, flags I and O, port, Next Header. */
static const uint8_t sip[] = {2, 0, 0x00, 0x82, 0, 0, 0x13, 0xc4, 0x11};

/** An anchor with a session of two paths. */
static anchor *
start(void)
{
    fb_config config;
    anchor *a;
    update u;

    anchor_config(&config);
    a = anchor_start(&config);
    u = update_path(a, 1, 1000, NULL, 1);
    assert_int_equal(update_send(a, &u).reason, 0);
    u = update_path(a, 2, 1000, NULL, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    anchor_wait(a, FB_SECOND);
    anchor_forget_events(a);
    return a;
}

/** What a Flow Identification option says; `bid` 0: no Binding Reference, `selector` NULL: no Traffic Selector. */
typedef struct flow
{
    uint16_t fid, priority, bid, bid2;
    const uint8_t *selector;
} flow;

static void
put_flow(update *u, flow f)
{
    uint8_t body[64] = {(uint8_t)(f.fid >> 8),
                        (uint8_t)f.fid,
                        (uint8_t)(f.priority >> 8),
                        (uint8_t)f.priority,
                        0,
                        0};
    size_t length = 6;

    if (f.bid != 0)
    {
        body[length++] = 2;
        body[length++] = f.bid2 != 0 ? 4 : 2;
        body[length++] = (uint8_t)(f.bid >> 8);
        body[length++] = (uint8_t)f.bid;
        if (f.bid2 != 0)
        {
            body[length++] = (uint8_t)(f.bid2 >> 8);
            body[length++] = (uint8_t)f.bid2;
        }
    }
    if (f.selector != NULL)
    {
        body[length++] = 3;
        body[length++] = sizeof sip;
        memcpy(body + length, f.selector, sizeof sip);
        length += sizeof sip;
    }
    update_option(u, 45, body, length);
}

static void
put_summary(update *u, uint16_t first, uint16_t second)
{
    uint8_t body[4] = {(uint8_t)(first >> 8),
                       (uint8_t)first,
                       (uint8_t)(second >> 8),
                       (uint8_t)second};

    update_option(u, 44, body, second != 0 ? 4 : 2);
}

/** A refresh of path 1 that has flow options. */
static update
refresh(anchor *a)
{
    anchor_wait(a, 100 * FB_MILLISECOND);
    return update_path(a, 1, 1000, HOME, 5);
}

/** The status of flow @p fid in the answer; -1: it is not there. */
static int
status_of(const pba *answer, uint16_t fid)
{
    size_t length;
    const uint8_t *body;

    for (size_t i = 0; (body = pba_option(answer, 45, i, &length)) != NULL; i++)
    {
        if ((body[0] << 8 | body[1]) == fid)
        {
            return body[5];
        }
    }
    return -1;
}

static const fb_rule *
rules_of(const anchor *a, size_t *count)
{
    return fb_lma_rules(&a->lma, 0, count);
}

/** Registers flow 1, priority 10, to BID 2 and flow 2, priority 20, to both. */
static void
register_two(anchor *a)
{
    update u = refresh(a);
    pba answer;

    put_flow(&u, (flow){2, 20, 1, 2, sip});
    put_flow(&u, (flow){1, 10, 2, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), 0);
    assert_int_equal(status_of(&answer, 2), 0);
}

/* P12 presupposes two bindings (C8-14) */
static void
test_the_vector(void **state)
{
    fb_config config;
    anchor *a;
    size_t count;
    const fb_rule *rule;
    fb_event event;
    pba answer;

    (void)state;
    requirement("P12", "R8278-3.2-03", "B6089-03", "B6089-04", "D8-24");
    anchor_config(&config);
    a = anchor_start(&config);
    anchor_hear(a, "P01");
    anchor_hear(a, "P03");
    anchor_forget_events(a);
    answer = anchor_hear(a, "P12");
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), 0);
    assert_int_equal(status_of(&answer, 2), 0);
    assert_true(anchor_event(a, FB_EVENT_POLICY, &event));
    assert_int_equal(event.count, 2);
    rule = rules_of(a, &count);
    assert_int_equal(count, 2);
    assert_int_equal(rule[0].bid_count, 1);
    assert_int_equal(rule[0].bid[0], 2);
    assert_int_equal(rule[0].selector.format, FB_SELECTOR_IPV6);
    assert_int_equal(rule[0].selector.u.v6.source_port_start, 80);
    assert_int_equal(rule[0].selector.u.v6.next_header_start, 6);
    assert_int_equal(rule[1].bid[0], 1);
    assert_int_equal(rule[1].selector.u.v6.source_port_start, 5060);
    anchor_end(a);
}

/* 4.3: by FID-PRI, a copy to each BID; inactive while no BID is there, active again when one is */
static void
test_the_list(void **state)
{
    anchor *a = start();
    size_t count;
    const fb_rule *rule;
    update u;

    (void)state;
    requirement("B6089-04", "D8-24", "D8-25");
    register_two(a);
    rule = rules_of(a, &count);
    assert_int_equal(count, 2);
    assert_int_equal(rule[0].action, FB_RULE_FORWARD);
    assert_int_equal(rule[0].bid[0], 2);
    assert_int_equal(rule[1].action, FB_RULE_COPY);
    assert_int_equal(rule[1].bid_count, 2);
    /* BID 2 goes, the summary keeps both flows */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 0, HOME, 4);
    put_summary(&u, 1, 2);
    assert_int_equal(update_send(a, &u).reason, 0);
    rule = rules_of(a, &count);
    assert_int_equal(count, 1);
    assert_int_equal(rule[0].action, FB_RULE_COPY);
    assert_int_equal(anchor_session(a).flow_count, 2);
    /* and comes again */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 2, 1000, HOME, 5);
    put_summary(&u, 1, 2);
    assert_int_equal(update_send(a, &u).reason, 0);
    (void)rules_of(a, &count);
    assert_int_equal(count, 2);
    anchor_end(a);
}

/* 5.3.2.1, 5.3.2: what is refused, by itself; the update is accepted */
static void
test_refusals(void **state)
{
    static const uint8_t unknown_format[] = {9, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t wrong_range[] = {2, 0, 0x00, 0x40, 0, 0, 0x13, 0xc4, 0x11};
    anchor *a = start();
    update u = refresh(a);
    size_t count;
    pba answer;

    (void)state;
    requirement("B6089-03");
    put_flow(&u, (flow){1, 10, 0, 0, sip}); /* no reference */
    put_flow(&u, (flow){2, 20, 1, 0, NULL}); /* no selector */
    put_flow(&u, (flow){3, 30, 7, 0, sip}); /* unknown BID */
    put_flow(&u, (flow){4, 40, 0x0101, 0, sip}); /* BIDs have 16 bits (D8-24) */
    put_flow(&u, (flow){5, 50, 1, 0, unknown_format});
    put_flow(&u, (flow){6, 60, 1, 0, wrong_range}); /* an end without start */
    put_flow(&u, (flow){7, 0, 1, 0, sip}); /* FID-PRI 0 */
    put_flow(&u, (flow){8, 80, 1, 0, sip});
    put_flow(&u, (flow){9, 80, 1, 0, sip}); /* the same FID-PRI */
    put_summary(&u, 33, 0);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), 130);
    assert_int_equal(status_of(&answer, 2), 130);
    assert_int_equal(status_of(&answer, 3), 131);
    assert_int_equal(status_of(&answer, 4), 131);
    assert_int_equal(status_of(&answer, 5), 133);
    assert_int_equal(status_of(&answer, 6), 130);
    assert_int_equal(status_of(&answer, 7), 130);
    assert_int_equal(status_of(&answer, 8), 0);
    assert_int_equal(status_of(&answer, 9), 129);
    assert_int_equal(status_of(&answer, 33), 132);
    (void)rules_of(a, &count);
    assert_int_equal(count, 1);
    /* one FID twice: all of them */
    u = refresh(a);
    put_flow(&u, (flow){8, 80, 2, 0, sip});
    put_flow(&u, (flow){10, 90, 1, 0, sip});
    put_flow(&u, (flow){10, 91, 2, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(status_of(&answer, 8), 129);
    assert_int_equal(status_of(&answer, 10), 129);
    assert_int_equal(rules_of(a, &count)->bid[0], 1);
    assert_int_equal(count, 1);
    anchor_end(a);
}

/* 5.3.2.2: a known FID: what is there is replaced, the rest stays */
static void
test_updating(void **state)
{
    static const uint8_t other[] = {2, 0, 0x00, 0x82, 0, 0, 0x00, 0x50, 0x06};
    anchor *a = start();
    size_t count;
    const fb_rule *rule;
    update u;
    pba answer;

    (void)state;
    requirement("B6089-03", "B6089-04");
    register_two(a);
    u = refresh(a);
    put_flow(&u, (flow){1, 30, 0, 0, NULL}); /* priority alone: now behind flow 2 */
    put_flow(&u, (flow){2, 20, 1, 0, other});
    answer = update_send(a, &u);
    assert_int_equal(status_of(&answer, 1), 0);
    assert_int_equal(status_of(&answer, 2), 0);
    rule = rules_of(a, &count);
    assert_int_equal(count, 2);
    assert_int_equal(rule[0].selector.u.v6.source_port_start, 80);
    assert_int_equal(rule[0].bid_count, 1);
    assert_int_equal(rule[1].bid[0], 2);
    assert_int_equal(rule[1].selector.u.v6.source_port_start, 5060);
    anchor_end(a);
}

/* 5.3.3, 5.3.4: what no option names is deleted, with any update of the session */
static void
test_deleting(void **state)
{
    anchor *a = start();
    fb_event event;
    update u;

    (void)state;
    requirement("B6089-03", "B6089-04", "D8-24");
    register_two(a);
    u = refresh(a);
    put_summary(&u, 2, 2);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(anchor_session(a).flow_count, 1);
    anchor_forget_events(a);
    anchor_wait(a, 100 * FB_MILLISECOND);
    u = update_path(a, 2, 1000, HOME, 5);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(anchor_session(a).flow_count, 0);
    assert_true(anchor_event(a, FB_EVENT_POLICY, &event));
    assert_int_equal(event.count, 0);
    assert_int_equal(a->lma.sessions.flows.flows, 0);
    /* O and the end of the session too */
    register_two(a);
    u = refresh(a);
    u = update_plain(a, 1, 1000, HOME, 5);
    update_multipath(&u, 8, 11, 1, MULTIPATH_O);
    update_gateway(&u, ANCHOR_GATEWAY);
    put_summary(&u, 1, 2);
    pba answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), 132);
    assert_int_equal(anchor_session(a).flow_count, 0);
    anchor_end(a);
}

/* 5.3.3: a summary names the flows in any order, and only what is not there is told */
static void
test_any_order(void **state)
{
    static const uint16_t summaries[][2] = {{1, 2}, {2, 1}};
    anchor *a = start();
    fb_event event;
    pba answer;
    update u;

    (void)state;
    requirement("B6089-03", "B6089-04");
    register_two(a);
    anchor_forget_events(a);
    for (size_t i = 0; i < sizeof summaries / sizeof summaries[0]; i++)
    {
        u = refresh(a);
        put_summary(&u, summaries[i][0], summaries[i][1]);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
        assert_int_equal(status_of(&answer, 1), -1);
        assert_int_equal(status_of(&answer, 2), -1);
        assert_int_equal(anchor_session(a).flow_count, 2);
        assert_false(anchor_event(a, FB_EVENT_POLICY, &event));
    }
    u = refresh(a);
    put_summary(&u, 1, 3); /* and 2 is left out */
    answer = update_send(a, &u);
    assert_int_equal(status_of(&answer, 1), -1);
    assert_int_equal(status_of(&answer, 3), 132);
    assert_int_equal(anchor_session(a).flow_count, 1);
    assert_true(anchor_event(a, FB_EVENT_POLICY, &event));
    assert_int_equal(event.count, 1);
    anchor_end(a);
}

/* C8-08: an update that would change flows has to be later than all of the session */
static void
test_order_of_changes(void **state)
{
    anchor *a = start();
    update late = update_path(a, 2, 1000, HOME, 5);
    update u;

    (void)state;
    requirement("C8-08");
    register_two(a);
    assert_int_equal(update_send(a, &late).reason, FB_DROP_PBU_TIMESTAMP_OLD);
    assert_int_equal(anchor_session(a).flow_count, 2);
    /* one that changes nothing is compared with those of its path */
    anchor_wait(a, 100 * FB_MILLISECOND);
    late = update_path(a, 2, 1000, HOME, 5);
    put_summary(&late, 1, 2);
    u = refresh(a);
    put_summary(&u, 1, 2);
    assert_int_equal(update_send(a, &u).reason, 0);
    assert_int_equal(update_send(a, &late).reason, 0);
    anchor_end(a);
}

/* RFC 7864 3: "MUST NOT be taken by both" */
static void
test_who_decides(void **state)
{
    anchor *a = start();
    update u;
    pba answer;

    (void)state;
    requirement("B7864-03");
    a->lma.config.flow_decision = FB_FLOW_DECISION_ANCHOR;
    u = refresh(a);
    put_flow(&u, (flow){1, 10, 2, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), 129);
    assert_int_equal(anchor_session(a).flow_count, 0);
    /* 5.3.2: who does not know the options says nothing of them */
    a->lma.config.flow_policy = false;
    u = refresh(a);
    put_flow(&u, (flow){1, 10, 2, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), -1);
    /* HI 6 is accepted */
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 1000, HOME, 6);
    assert_int_equal(update_send(a, &u).reason, 0);
    anchor_end(a);
}

/* Sixteen flows, and room for them; more is told */
static void
test_limits(void **state)
{
    fb_config config;
    anchor *a;
    update u;
    pba answer;

    (void)state;
    requirement("B6089-03");
    anchor_config(&config);
    config.limits.flows = 3;
    a = anchor_start(&config);
    u = update_path(a, 1, 1000, NULL, 1);
    for (uint16_t i = 1; i <= 16; i++)
    {
        put_flow(&u, (flow){i, i, 1, 0, sip});
    }
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    for (uint16_t i = 1; i <= 16; i++)
    {
        assert_int_equal(status_of(&answer, i), i <= 3 ? 0 : 129);
    }
    anchor_wait(a, 100 * FB_SECOND);
    u = update_path(a, 1, 1000, HOME, 5);
    for (uint16_t i = 1; i <= 17; i++)
    {
        put_flow(&u, (flow){i, i, 1, 0, sip});
    }
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 130);
    assert_int_equal(anchor_session(a).flow_count, 3);
    anchor_end(a);
}

/*
 * 5.3.2: "processed further and in any order", 5.3.2.2: "MUST change the priority": two flows change places, and three.
 * What is refused keeps the FID-PRI it had, which is then not another one's.
 */
static void
test_changing_places(void **state)
{
    anchor *a = start();
    size_t count;
    update u = refresh(a);
    pba answer;

    (void)state;
    requirement("B6089-03", "B6089-04");
    put_flow(&u, (flow){1, 10, 1, 0, sip});
    put_flow(&u, (flow){2, 20, 2, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(status_of(&answer, 1) | status_of(&answer, 2), 0);
    assert_int_equal(rules_of(a, &count)[0].bid[0], 1);
    u = refresh(a);
    put_flow(&u, (flow){1, 20, 0, 0, NULL});
    put_flow(&u, (flow){2, 10, 0, 0, NULL});
    answer = update_send(a, &u);
    assert_int_equal(status_of(&answer, 1), 0);
    assert_int_equal(status_of(&answer, 2), 0);
    assert_int_equal(rules_of(a, &count)[0].bid[0], 2);
    assert_int_equal(rules_of(a, &count)[1].bid[0], 1);
    assert_int_equal(count, 2);
    /* flow 2 cannot move, since it has no such BID; then flow 1 cannot take its place, nor flow 3 that of flow 1 */
    u = refresh(a);
    put_flow(&u, (flow){3, 20, 1, 0, sip});
    put_flow(&u, (flow){1, 10, 0, 0, NULL});
    put_flow(&u, (flow){2, 30, 9, 0, NULL});
    answer = update_send(a, &u);
    assert_int_equal(status_of(&answer, 3), 129);
    assert_int_equal(status_of(&answer, 1), 129);
    assert_int_equal(status_of(&answer, 2), 131);
    assert_int_equal(rules_of(a, &count)[0].bid[0], 2);
    assert_int_equal(rules_of(a, &count)[1].bid[0], 1);
    assert_int_equal(count, 2);
    anchor_end(a);
}

/* 4.2: FIDs are whose numbers they are. Those of another gateway are of other flows (D8-11) */
static void
test_another_gateway(void **state)
{
    static const fb_addr elsewhere = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0x77, [15] = 1}};
    fb_gateway gateway = anchor_gateway("mag8@example.net");
    anchor *a = start();
    update u;
    pba answer;

    (void)state;
    requirement("B6089-03", "B6089-04", "D8-24");
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_OK);
    register_two(a);
    assert_int_equal(anchor_session(a).flow_count, 2);
    anchor_wait(a, FB_SECOND);
    u = update_plain(a, 1, 1000, HOME, 3);
    u.meta.src = elsewhere;
    update_multipath(&u, 4, 9, 1, 0);
    update_gateway(&u, "mag8@example.net");
    put_summary(&u, 1, 2);
    put_flow(&u, (flow){3, 30, 1, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    /* 5.3.3, 132: what it names in the summary it has to tell */
    assert_int_equal(status_of(&answer, 1), 132);
    assert_int_equal(status_of(&answer, 2), 132);
    assert_int_equal(status_of(&answer, 3), 0);
    assert_int_equal(anchor_session(a).flow_count, 1);
    anchor_end(a);
}

/* R8278-4.4-06: who knows RFC 5213 only skips these options, too */
static void
test_legacy_anchor(void **state)
{
    fb_config config;
    anchor *a;
    update u;
    pba answer;

    (void)state;
    requirement("B6089-06", "R8278-4.4-06");
    anchor_config(&config);
    config.lma.legacy = true;
    a = anchor_start(&config);
    u = update_path(a, 1, 1000, NULL, 1);
    put_summary(&u, 1, 2);
    put_flow(&u, (flow){1, 10, 1, 0, sip});
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 45));
    assert_int_equal(anchor_session(a).flow_count, 0);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vector),
        cmocka_unit_test(test_the_list),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_updating),
        cmocka_unit_test(test_deleting),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_order_of_changes),
        cmocka_unit_test(test_who_decides),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_changing_places),
        cmocka_unit_test(test_another_gateway),
        cmocka_unit_test(test_legacy_anchor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
