/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/scheduler.h"

/** A context of its own, and paths by their BIDs. */
typedef struct rotation
{
    const fb_scheduler *scheduler;
    uint64_t context[4];
} rotation;

static rotation
start(void)
{
    rotation r = {.scheduler = fb_scheduler_find("round-robin")};

    assert_non_null(r.scheduler);
    assert_true(r.scheduler->per_packet);
    assert_true(r.scheduler->context_size <= sizeof r.context);
    assert_int_equal(r.scheduler->context_size % 8, 0);
    memset(r.context, 0xff, sizeof r.context);
    r.scheduler->init(r.context, 0);
    return r;
}

/** The BID that is next among @p bids; 0: none. */
static uint8_t
next(rotation *r, const char *bids)
{
    fb_path_view paths[8] = {{0}};
    size_t count = strlen(bids);
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    int path;

    for (size_t i = 0; i < count; i++)
    {
        paths[i].bid = (uint8_t)(bids[i] - '0');
    }
    path = r->scheduler->pick(r->context, &flow, false, paths, count, 0);
    assert_in_range(path + 1, 0, count);
    return path < 0 ? 0 : paths[path].bid;
}

static void
test_by_turns_in_the_order_of_bids(void **state)
{
    rotation r = start();

    (void)state;
    requirement("R7629-6-06");
    for (unsigned i = 0; i < 30; i++)
    {
        static const uint8_t expected[] = {2, 5, 8};

        /* in whatever order the paths are listed */
        assert_int_equal(next(&r, i % 2 == 0 ? "582" : "258"), expected[i % 3]);
    }
}

static void
test_paths_come_and_go(void **state)
{
    rotation r = start();

    (void)state;
    assert_int_equal(next(&r, "123"), 1);
    assert_int_equal(next(&r, "13"), 3);
    assert_int_equal(next(&r, "12"), 1);
    assert_int_equal(next(&r, "1234"), 2);
    assert_int_equal(next(&r, "1"), 1);
    assert_int_equal(next(&r, "1"), 1);
    assert_int_equal(next(&r, ""), 0);
    assert_int_equal(next(&r, "34"), 3);
}

/* The only binding of a node without RFC 7629 has no BID. */
static void
test_a_path_without_a_bid(void **state)
{
    rotation r = start();
    fb_path_view plain = {0};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
    {
        assert_int_equal(r.scheduler->pick(r.context, &flow, false, &plain, 1, 0), 0);
    }
}

/* Any set of paths gets equal shares, to the packet. */
static void
test_shares_are_equal(void **state)
{
    static const char *const sets[] = {"1", "12", "379", "12345678"};

    (void)state;
    requirement("R7629-6-06", "D-42");
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
    {
        rotation r = start();
        unsigned count[10] = {0}, paths = (unsigned)strlen(sets[i]);

        for (unsigned k = 0; k < 1000 * paths; k++)
        {
            count[next(&r, sets[i])]++;
        }
        for (unsigned k = 0; k < paths; k++)
        {
            assert_int_equal(count[sets[i][k] - '0'], 1000);
        }
    }
}

static void
test_contexts_are_independent(void **state)
{
    rotation a = start(), b = start();

    (void)state;
    requirement("R7629-6-06");
    for (unsigned i = 0; i < 30; i++)
    {
        assert_int_equal(next(&a, "123"), 1 + 2 * i % 3);
        assert_int_equal(next(&a, "123"), 1 + (2 * i + 1) % 3);
        assert_int_equal(next(&b, "123"), 1 + i % 3);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_turns_in_the_order_of_bids),
        cmocka_unit_test(test_paths_come_and_go),
        cmocka_unit_test(test_a_path_without_a_bid),
        cmocka_unit_test(test_shares_are_equal),
        cmocka_unit_test(test_contexts_are_independent),
    };

    return cmocka_run_group_tests_name("steer/round-robin", tests, NULL, NULL);
}
