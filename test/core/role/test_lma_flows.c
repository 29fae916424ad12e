/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Flows that an anchor keeps once for all sessions that agreed on them (RFC 6089 4.3): who else has them is nothing a
 * session notices, but where there is no room.
 */

#include "rfc/anchor.h"

#include <string.h>

/** Flow @p fid, whose FID-PRI is ten times the FID, to one BID. */
typedef struct flow
{
    uint16_t fid;
    uint8_t bid;
} flow;

static anchor *
start(uint32_t sessions, uint32_t flows)
{
    fb_config config;

    anchor_config(&config);
    config.limits.sessions = sessions;
    config.limits.subscribers = sessions;
    config.limits.bindings = 2 * sessions;
    config.limits.flows = flows;
    config.lma.any_subscriber = true;
    config.lma.any_gateway = true;
    return anchor_start_empty(&config);
}

static update
update_of(anchor *a, unsigned node, uint8_t path, uint8_t handoff)
{
    update u;
    char name[] = "n0000@example.net";

    for (unsigned i = 4, left = node; i > 0; i--, left /= 10)
    {
        name[i] = (char)('0' + left % 10);
    }
    anchor_wait(a, 10 * FB_MILLISECOND);
    anchor_forget_events(a);
    u = update_new(7, 10000, path_address(path));
    update_node(&u, name);
    update_home_prefix(&u, NULL);
    update_handoff(&u, handoff);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    update_multipath(&u, path == 1 ? 8 : 4, path == 1 ? 11 : 9, path, 0);
    update_gateway(&u, ANCHOR_GATEWAY);
    return u;
}

static void
put_flow(update *u, flow f)
{
    /* UDP to the mobile node from port 5060, as in RFC 6088 3.1 */
    const uint8_t body[] = {0,    (uint8_t)f.fid,
                            0,    (uint8_t)(10 * f.fid),
                            0,    0,
                            2,    2,
                            0,    f.bid,
                            3,    9,
                            2,    0,
                            0,    0x82,
                            0,    0,
                            0x13, 0xc4,
                            0x11};

    update_option(u, 45, body, sizeof body);
}

/** A refresh with these flows, to a FID of 0; the session has no others then. */
static pba
agree(anchor *a, unsigned node, const flow *flows)
{
    update u = update_of(a, node, 1, 5);
    pba answer;

    for (; flows->fid != 0; flows++)
    {
        put_flow(&u, *flows);
    }
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    return answer;
}

/** Status of @p fid; -1: it is not answered. */
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

/** Sessions 0.. of so many mobile nodes, with two paths. */
static void
attach(anchor *a, unsigned nodes)
{
    for (unsigned node = 0; node < nodes; node++)
    {
        for (uint8_t path = 1; path <= 2; path++)
        {
            update u = update_of(a, node, path, path == 1 ? 1 : 5);
            pba answer = update_send(a, &u);

            assert_int_equal(pba_status(&answer), 0);
            assert_true(fb_session_exists(&a->lma.sessions, node));
        }
    }
}

/** Its flows lead to these BIDs, in this order. */
static void
assert_leads_to(const anchor *a, unsigned node, const char *bids)
{
    size_t count;
    const fb_rule *rules = fb_lma_rules(&a->lma, node, &count);

    assert_int_equal(count, strlen(bids));
    assert_int_equal(a->lma.sessions.session[node].owner.rule_count, count);
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(rules[i].bid_count, 1);
        assert_int_equal(rules[i].bid[0], bids[i] - '0');
        assert_int_equal(rules[i].selector.u.v6.source_port_start, 5060);
    }
}

static void
assert_sets(const anchor *a, uint32_t sets, uint32_t flows)
{
    assert_int_equal(a->lma.sessions.flows.pool.used, sets);
    assert_int_equal(a->lma.sessions.flows.flows, flows);
}

static const flow none[] = {{0, 0}}, first_two[] = {{1, 1}, {2, 2}, {0, 0}},
                  other_two[] = {{1, 2}, {2, 2}, {0, 0}},
                  three[] = {{1, 1}, {2, 2}, {3, 1}, {0, 0}};

#define SESSIONS 1000

/* What one of them changes moves none of the others' packets, nor what is remembered about where they go */
static void
test_one_policy(void **state)
{
    anchor *a = start(SESSIONS, 6);
    uint32_t generation[SESSIONS];

    (void)state;
    attach(a, SESSIONS);
    for (unsigned node = 0; node < SESSIONS; node++)
    {
        (void)agree(a, node, three);
        assert_sets(a, 1, 3);
    }
    for (unsigned node = 0; node < SESSIONS; node++)
    {
        generation[node] = fb_lma_generation(&a->lma, node);
    }
    (void)agree(a, SESSIONS / 2, other_two);
    assert_sets(a, 2, 5);
    for (unsigned node = 0; node < SESSIONS; node++)
    {
        bool changed = node == SESSIONS / 2;

        assert_leads_to(a, node, changed ? "22" : "121");
        assert_int_equal(fb_lma_generation(&a->lma, node) == generation[node], !changed);
    }
    anchor_wait(a, 100000 * FB_SECOND);
    assert_int_equal(anchor_sessions(a), 0);
    assert_sets(a, 0, 0);
    assert_int_equal(a->lma.sessions.flows.cells.pool.used, 0);
    anchor_end(a);
}

/* fb_limits.flows: policies that are the same count once */
static void
test_room_for_different_ones(void **state)
{
    anchor *a = start(3, 4);
    pba answer;

    (void)state;
    attach(a, 3);
    (void)agree(a, 0, first_two);
    (void)agree(a, 1, first_two);
    assert_sets(a, 1, 2);
    answer = agree(a, 1, other_two);
    assert_int_equal(status_of(&answer, 1) | status_of(&answer, 2), 0);
    assert_sets(a, 2, 4);
    answer = agree(a, 2, three);
    assert_int_equal(status_of(&answer, 1), 129);
    assert_int_equal(status_of(&answer, 3), 129);
    /* one after another: the first alone is a list nobody has. With the second it would be */
    assert_leads_to(a, 2, "");
    answer = agree(a, 2, first_two);
    assert_int_equal(status_of(&answer, 1) | status_of(&answer, 2), 0);
    assert_sets(a, 2, 4);
    assert_leads_to(a, 0, "12");
    assert_leads_to(a, 1, "22");
    assert_leads_to(a, 2, "12");
    anchor_end(a);
}

/* A refused flow keeps what it had, and those before it in the update have what room there is */
static void
test_no_room(void **state)
{
    anchor *a = start(2, 4);
    pba answer;

    (void)state;
    attach(a, 2);
    (void)agree(a, 0, first_two);
    (void)agree(a, 1, first_two);
    answer = agree(a, 1, three);
    assert_int_equal(status_of(&answer, 1) | status_of(&answer, 2), 0);
    assert_int_equal(status_of(&answer, 3), 129);
    assert_leads_to(a, 1, "12");
    assert_sets(a, 1, 2);
    answer = agree(a, 1, (flow[]){{1, 2}, {2, 1}, {3, 1}, {0, 0}});
    assert_int_equal(status_of(&answer, 1) | status_of(&answer, 2), 0);
    assert_int_equal(status_of(&answer, 3), 129);
    assert_leads_to(a, 1, "21");
    assert_leads_to(a, 0, "12");
    assert_sets(a, 2, 4);
    /* what it has alone is in its own way no longer */
    (void)agree(a, 0, (flow[]){{1, 2}, {2, 1}, {0, 0}});
    assert_sets(a, 1, 2);
    (void)agree(a, 0, none);
    answer = agree(a, 1, three);
    assert_int_equal(status_of(&answer, 3), 0);
    assert_leads_to(a, 1, "121");
    assert_leads_to(a, 0, "");
    assert_sets(a, 1, 3);
    anchor_end(a);
}

/* Fewer flows can need more room, while others keep all of them. Then there are none, and the answer says so */
static void
test_no_room_for_less(void **state)
{
    anchor *a = start(2, 2);
    const uint8_t fid_one[] = {0, 1};
    fb_event event;
    update u;
    pba answer;

    (void)state;
    attach(a, 2);
    (void)agree(a, 0, first_two);
    (void)agree(a, 1, first_two);
    u = update_of(a, 1, 1, 5);
    update_option(&u, 44, fid_one, sizeof fid_one);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(status_of(&answer, 1), 132); /* RFC 6089 5.3.3 */
    assert_true(anchor_event(a, FB_EVENT_POLICY, &event));
    assert_int_equal(event.ref.session, 2);
    assert_int_equal(event.count, 0);
    assert_leads_to(a, 1, "");
    assert_leads_to(a, 0, "12");

    (void)agree(a, 1, first_two);
    answer = agree(a, 1, (flow[]){{1, 1}, {0, 0}});
    assert_int_equal(status_of(&answer, 1), 129);
    assert_leads_to(a, 1, "");
    assert_leads_to(a, 0, "12");
    assert_sets(a, 1, 2);

    /* where nobody else has them, there is */
    (void)agree(a, 0, none);
    (void)agree(a, 1, first_two);
    answer = agree(a, 1, (flow[]){{1, 1}, {0, 0}});
    assert_int_equal(status_of(&answer, 1), 0);
    assert_leads_to(a, 1, "1");
    assert_sets(a, 1, 1);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_policy),
        cmocka_unit_test(test_room_for_different_ones),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_no_room_for_less),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
