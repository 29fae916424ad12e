/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 5.4.1: which mobility session an update is about.
 */

#include "anchor.h"

#include <string.h>

#define FIRST "2001:db8:100::/64"
#define SECOND "2001:db8:100:1::/64"

/** An update of RFC 5213 alone, as from a gateway at @p path. */
typedef struct plain
{
    uint8_t path, handoff, technology;
    const char *link_layer, *prefix;
    uint16_t lifetime;
} plain;

static pba
send_plain(anchor *a, plain p)
{
    update u = update_new(7, p.lifetime, path_address(p.path));

    anchor_wait(a, 10 * FB_MILLISECOND);
    update_node(&u, ANCHOR_MOBILE_NODE);
    update_home_prefix(&u, p.prefix);
    update_handoff(&u, p.handoff);
    update_technology(&u, p.technology);
    if (p.link_layer != NULL)
    {
        update_link_layer(&u, p.link_layer);
    }
    update_timestamp(&u, a->now);
    return update_send(a, &u);
}

/** An anchor with a session from path 1, of technology 4. */
static anchor *
start(const char *link_layer)
{
    fb_config config;
    anchor *a;
    pba answer;

    anchor_config(&config);
    config.lma.any_gateway = true;
    a = anchor_start(&config);
    answer = send_plain(a, (plain){1, 1, 4, link_layer, NULL, 100});
    assert_int_equal(pba_status(&answer), 0);
    assert_true(pba_has_home_prefix(&answer, 0, FIRST));
    return a;
}

/** What became of an update: the same session, a new one, or a status. */
enum
{
    SAME = 0,
    NEW = 1
};

typedef struct lookup_case
{
    const char *had; /**< link-layer identifier of the session */
    plain update;
    unsigned expected; /**< SAME, NEW, or a status */
} lookup_case;

static void
check_case(const lookup_case *c)
{
    anchor *a = start(c->had);
    pba answer = send_plain(a, c->update);
    fb_session_view session;

    if (c->expected > NEW)
    {
        assert_int_equal(pba_status(&answer), c->expected);
        assert_int_equal(anchor_sessions(a), 1);
    }
    else
    {
        assert_int_equal(pba_status(&answer), 0);
        assert_int_equal(anchor_sessions(a), 1 + c->expected);
        assert_true(pba_has_home_prefix(&answer, 0, c->expected == NEW ? SECOND : FIRST));
        assert_true(fb_lma_session_view(&a->lma, 0, &session));
        assert_int_equal(session.binding_count, 1);
    }
    anchor_end(a);
}

static void
check_cases(const lookup_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        print_message("case %zu\n", i);
        check_case(&cases[i]);
    }
}

/* 5.4.1.1: the prefix is named */
static void
test_by_prefix(void **state)
{
    static const lookup_case cases[] = {
        /* the same interface: with any indicator (item 5, C8-18) */
        {"link-a", {2, 1, 4, "link-a", FIRST, 100}, SAME},
        {"link-a", {2, 3, 4, "link-a", FIRST, 100}, SAME},
        {"link-a", {2, 5, 4, "link-a", FIRST, 100}, SAME},
        /* between interfaces: whatever they are */
        {"link-a", {2, 2, 8, "link-b", FIRST, 100}, SAME},
        {NULL, {2, 2, 8, NULL, FIRST, 100}, SAME},
        /* no identifier on either side, same technology, between gateways */
        {NULL, {2, 3, 4, NULL, FIRST, 100}, SAME},
        /* the registered address, same technology */
        {NULL, {1, 5, 4, NULL, FIRST, 100}, SAME},
        {"link-a", {1, 5, 4, NULL, FIRST, 100}, SAME},
        /* else it is about a new session, whose prefix is in use (item 6, 5.3.2-3) */
        {"link-a", {2, 3, 8, "link-a", FIRST, 100}, 155},
        {"link-a", {2, 3, 4, "link-b", FIRST, 100}, 155},
        {"link-a", {2, 3, 4, NULL, FIRST, 100}, 155},
        {NULL, {2, 3, 8, NULL, FIRST, 100}, 155},
        {NULL, {2, 4, 4, NULL, FIRST, 100}, 155},
        {NULL, {2, 5, 4, NULL, FIRST, 100}, 155},
        {NULL, {1, 5, 8, NULL, FIRST, 100}, 155},
        /* no session has it (item 2): a new one, by name out of the pool */
        {NULL, {2, 1, 4, NULL, SECOND, 100}, NEW},
    };

    (void)state;
    requirement("B5213-09", "C8-18");
    check_cases(cases, sizeof cases / sizeof cases[0]);
}

/* 5.4.1.2: not, but the interface is */
static void
test_by_link_layer_identifier(void **state)
{
    static const lookup_case cases[] = {
        {"link-a", {2, 1, 4, "link-a", NULL, 100}, SAME},
        {"link-a", {2, 4, 4, "link-a", NULL, 100}, SAME},
        {"link-a", {2, 2, 8, "link-b", NULL, 100}, SAME},
        {"link-a", {2, 1, 4, "link-b", NULL, 100}, NEW},
        {"link-a", {2, 1, 8, "link-a", NULL, 100}, NEW},
        {"link-a", {2, 3, 4, "link-b", NULL, 100}, NEW},
    };

    (void)state;
    requirement("B5213-09");
    check_cases(cases, sizeof cases / sizeof cases[0]);
}

/* 5.4.1.3: neither */
static void
test_by_mobile_node(void **state)
{
    static const lookup_case cases[] = {
        {NULL, {2, 2, 8, NULL, NULL, 100}, SAME},
        {NULL, {2, 3, 4, NULL, NULL, 100}, SAME},
        {"link-a", {2, 3, 4, NULL, NULL, 100}, SAME},
        {NULL, {2, 1, 4, NULL, NULL, 100}, NEW},
        {NULL, {2, 5, 4, NULL, NULL, 100}, NEW},
    };

    (void)state;
    requirement("B5213-09");
    check_cases(cases, sizeof cases / sizeof cases[0]);
}

/* "one and only one": with two sessions no indicator tells which */
static void
test_not_the_only_one(void **state)
{
    anchor *a = start("link-a");
    pba answer = send_plain(a, (plain){2, 1, 4, "link-b", NULL, 100});

    (void)state;
    requirement("B5213-09");
    assert_true(pba_has_home_prefix(&answer, 0, SECOND));
    answer = send_plain(a, (plain){3, 2, 8, "link-c", NULL, 100});
    assert_true(pba_has_home_prefix(&answer, 0, "2001:db8:100:2::/64"));
    assert_int_equal(anchor_sessions(a), 3);
    anchor_end(a);
}

/* 5.4.1.2-4, 5.4.1.3-3: handoff state unknown */
static void
test_waiting_for_the_end(void **state)
{
    (void)state;
    requirement("B5213-09", "C8-12");
    for (int named = 0; named < 2; named++)
    {
        anchor *a = start(named ? "link-a" : NULL);
        plain unknown = {2, 4, 4, named ? "link-b" : NULL, NULL, 100};
        fb_event event;
        pba answer;

        /* the old gateway de-registers in time: the next one updates that session */
        answer = send_plain(a, unknown);
        assert_int_equal(answer.reason, FB_DROP_PBU_WAITS);
        assert_false(answer.came);
        assert_true(anchor_event(a, FB_EVENT_DROP, &event));
        assert_int_equal(event.reason, FB_DROP_PBU_WAITS);
        answer = send_plain(a, (plain){1, 4, 4, named ? "link-a" : NULL, FIRST, 0});
        assert_int_equal(pba_status(&answer), 0);
        answer = send_plain(a, unknown);
        assert_int_equal(pba_status(&answer), 0);
        assert_true(pba_has_home_prefix(&answer, 0, FIRST));
        assert_int_equal(anchor_sessions(a), 1);
        assert_int_equal(anchor_session(a).binding_count, 1);
        anchor_end(a);

        /* it does not: after MaxDelayBeforeNewBCEAssign it is a new session */
        a = start(named ? "link-a" : NULL);
        answer = send_plain(a, unknown);
        assert_false(answer.came);
        anchor_wait(a, 1400 * FB_MILLISECOND);
        answer = send_plain(a, unknown);
        assert_false(answer.came);
        anchor_wait(a, 100 * FB_MILLISECOND);
        answer = send_plain(a, unknown);
        assert_int_equal(pba_status(&answer), 0);
        assert_true(pba_has_home_prefix(&answer, 0, SECOND));
        assert_int_equal(anchor_sessions(a), 2);
        anchor_end(a);

        /* "MAY also choose to create a new mobility session without waiting" */
        a = start(named ? "link-a" : NULL);
        a->lma.config.handoff_wait_ms = 0;
        answer = send_plain(a, unknown);
        assert_true(pba_has_home_prefix(&answer, 0, SECOND));
        anchor_end(a);
    }
}

/* A wait that nobody came back from is over after a while */
static void
test_forgotten_wait(void **state)
{
    anchor *a = start(NULL);
    plain unknown = {2, 4, 4, NULL, NULL, 100};
    pba answer = send_plain(a, unknown);

    (void)state;
    requirement("B5213-09");
    assert_false(answer.came);
    anchor_wait(a, 100 * FB_SECOND);
    answer = send_plain(a, unknown);
    assert_int_equal(answer.reason, FB_DROP_PBU_WAITS);
    anchor_wait(a, 2 * FB_SECOND);
    answer = send_plain(a, unknown);
    assert_int_equal(pba_status(&answer), 0);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_prefix),
        cmocka_unit_test(test_by_link_layer_identifier),
        cmocka_unit_test(test_by_mobile_node),
        cmocka_unit_test(test_not_the_only_one),
        cmocka_unit_test(test_waiting_for_the_end),
        cmocka_unit_test(test_forgotten_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
