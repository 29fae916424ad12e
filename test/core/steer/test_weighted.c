/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/scheduler.h"

/** A context of its own, on whatever was in memory before. */
typedef struct shares
{
    const fb_scheduler *scheduler;
    uint64_t context[64];
} shares;

static shares
start(void)
{
    shares s = {.scheduler = fb_scheduler_find("weighted")};

    assert_non_null(s.scheduler);
    assert_true(s.scheduler->per_packet);
    assert_true(s.scheduler->context_size <= sizeof s.context);
    assert_int_equal(s.scheduler->context_size % 8, 0);
    memset(s.context, 0xff, sizeof s.context);
    s.scheduler->init(s.context, 0);
    return s;
}

/** BID of the path of the next packet; 0: there is none. */
static uint8_t
next(shares *s, const fb_path_view *paths, size_t count)
{
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    int path = s->scheduler->pick(s->context, &flow, false, paths, count, 0);

    assert_in_range(path + 1, 0, count);
    return path < 0 ? 0 : paths[path].bid;
}

/** The next packets take the paths @p expected, a letter each: a is BID 1. */
static void
assert_takes(shares *s, const fb_path_view *paths, size_t count, const char *expected)
{
    char taken[64] = "";

    for (size_t i = 0; expected[i] != '\0'; i++)
    {
        taken[i] = (char)('a' + next(s, paths, count) - 1);
    }
    assert_string_equal(taken, expected);
}

static void
test_three_to_one(void **state)
{
    static const fb_path_view paths[] = {{.bid = 1, .weight = 3}, {.bid = 2, .weight = 1}};
    shares s = start();

    (void)state;
    requirement("R8278-3.2-04");
    assert_takes(&s, paths, 2, "aaabaaabaaab");
}

static void
test_symmetric_paths_take_turns(void **state)
{
    static const fb_path_view silent[] = {{.bid = 1}, {.bid = 2}};
    static const fb_path_view said[] = {{.bid = 1, .weight = 7}, {.bid = 2, .weight = 7}};
    shares s = start();

    (void)state;
    requirement("R8278-3.2-04");
    assert_takes(&s, silent, 2, "abababab");
    s = start();
    assert_takes(&s, said, 2, "abababab");
}

/* MPT-GRE's mapping, exactly: argmin (sent + 1) / weight, the lowest index on ties; a round is the sum over the gcd */
static void
test_sequences_of_mpt_gre(void **state)
{
    static const struct
    {
        uint16_t weight[3];
        const char *round;
    } cases[] = {
        {{1, 1, 0}, "ab"},
        {{2, 1, 0}, "aab"},
        {{3, 2, 0}, "abaab"},
        {{10, 5, 1}, "aabaabaabaabaabc"},
        {{12, 18, 15}, "bcabcabcbacbabc"},
        {{100, 80, 0}, "abababaab"},
    };

    (void)state;
    requirement("R8278-3.2-04");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        fb_path_view paths[3] = {{.bid = 1}, {.bid = 2}, {.bid = 3}};
        shares s = start();

        for (size_t p = 0; p < 3; p++)
        {
            paths[p].weight = cases[i].weight[p];
        }
        for (int round = 0; round < 5; round++)
        {
            assert_takes(&s, paths, cases[i].weight[2] != 0 ? 3 : 2, cases[i].round);
        }
    }
}

/* 75 and 25 %, to one in a hundred; and what any n:m gives, exactly over every round */
static void
test_shares_are_as_weighted(void **state)
{
    static const uint16_t weights[][3] = {{3, 1, 0}, {1, 1, 0}, {2, 1, 0}, {7, 5, 3}, {1, 100, 10}};

    (void)state;
    requirement("R8278-3.2-04");
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++)
    {
        fb_path_view paths[3] = {{0}};
        size_t count = weights[i][2] == 0 ? 2 : 3;
        unsigned round = weights[i][0] + weights[i][1] + weights[i][2];
        unsigned packets[4] = {0};
        shares s = start();

        for (size_t k = 0; k < count; k++)
        {
            paths[k] = (fb_path_view){.bid = (uint8_t)(k + 1), .weight = weights[i][k]};
        }
        for (unsigned k = 1; k <= 100 * round; k++)
        {
            packets[next(&s, paths, count)]++;
            for (size_t p = 0; p < count && k % round == 0; p++)
            {
                assert_int_equal(packets[p + 1], k / round * weights[i][p]);
            }
        }
        if (i == 0)
        {
            assert_in_range(packets[1], 400 * 74 / 100, 400 * 76 / 100);
        }
    }
}

/* No path waits longer than its weight says: among any k packets its share is right to one packet. */
static void
test_shares_are_even_in_time(void **state)
{
    static const fb_path_view paths[] = {{.bid = 1, .weight = 5}, {.bid = 2, .weight = 2}};
    shares s = start();
    unsigned first = 0;

    (void)state;
    requirement("R8278-3.2-04");
    for (unsigned k = 1; k <= 700; k++)
    {
        first += next(&s, paths, 2) == 1;
        assert_in_range(first * 7, k * 5 > 7 ? k * 5 - 7 : 0, k * 5 + 7);
    }
}

/* A path that comes has nothing to catch up with, and one that goes is not waited for. */
static void
test_paths_come_and_go(void **state)
{
    static const fb_path_view paths[] = {{.bid = 1, .weight = 3},
                                         {.bid = 2, .weight = 1},
                                         {.bid = 3, .weight = 1}};
    shares s = start();

    (void)state;
    assert_takes(&s, paths, 1, "aaaaaaaaaa");
    assert_takes(&s, paths, 2, "aaab");
    assert_takes(&s, paths + 1, 2, "bcbc");
    assert_takes(&s, paths, 3, "aaabc");
    assert_takes(&s, paths + 2, 1, "ccc");
    assert_int_equal(next(&s, paths, 0), 0);
    assert_takes(&s, paths, 2, "aaab");
}

/* A path that is gone and one that came make as many as before. */
static void
test_another_set_of_the_same_size(void **state)
{
    static const fb_path_view before[] = {{.bid = 1, .weight = 1}, {.bid = 2, .weight = 9}};
    static const fb_path_view after[] = {{.bid = 1, .weight = 1}, {.bid = 3, .weight = 1}};
    shares s = start();

    (void)state;
    assert_takes(&s, before, 2, "bbb");
    assert_takes(&s, after, 2, "acacac");
}

static void
test_weights_change(void **state)
{
    fb_path_view paths[] = {{.bid = 1, .weight = 3}, {.bid = 2, .weight = 1}};
    shares s = start();

    (void)state;
    assert_takes(&s, paths, 2, "aa");
    paths[0].weight = 1;
    assert_takes(&s, paths, 2, "abab");
    paths[1].weight = 2;
    assert_takes(&s, paths, 2, "bab");
}

/* RFC 5094: rates weigh where nobody configured weights, and only if all of them are known. */
static void
test_rates_weigh(void **state)
{
    fb_path_view paths[] = {{.bid = 1, .rate_kbps = 30000}, {.bid = 2, .rate_kbps = 10000}};
    shares s = start();

    (void)state;
    requirement("R8278-3.2-04");
    assert_takes(&s, paths, 2, "aaabaaab");
    paths[1].rate_kbps = 0;
    assert_takes(&s, paths, 2, "abab");
    paths[1].rate_kbps = 10000;
    paths[1].weight = 2;
    assert_takes(&s, paths, 2, "bab");
    paths[0] = (fb_path_view){.bid = 1, .rate_kbps = UINT32_MAX};
    paths[1] = (fb_path_view){.bid = 2, .rate_kbps = UINT32_MAX};
    assert_takes(&s, paths, 2, "abab");
}

/* In whatever order a role lists the paths, each has its own share. */
static void
test_the_order_of_paths_does_not_matter(void **state)
{
    static const fb_path_view one[] = {{.bid = 1, .weight = 3}, {.bid = 2, .weight = 1}};
    static const fb_path_view other[] = {{.bid = 2, .weight = 1}, {.bid = 1, .weight = 3}};
    shares s = start();
    unsigned first = 0;

    (void)state;
    for (unsigned i = 0; i < 400; i++)
    {
        first += next(&s, i % 2 == 0 ? one : other, 2) == 1;
    }
    assert_int_equal(first, 300);
}

/* More paths than it keeps accounts for: the first ones are used, all of them. */
static void
test_many_paths(void **state)
{
    fb_path_view paths[254] = {{0}};
    unsigned packets[255] = {0};
    shares s = start();

    (void)state;
    for (size_t i = 0; i < 254; i++)
    {
        paths[i].bid = (uint8_t)(i + 1);
    }
    for (unsigned i = 0; i < 1600; i++)
    {
        packets[next(&s, paths, 254)]++;
    }
    for (size_t i = 1; i <= 254; i++)
    {
        assert_int_equal(packets[i], i <= 16 ? 100 : 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_to_one),
        cmocka_unit_test(test_symmetric_paths_take_turns),
        cmocka_unit_test(test_sequences_of_mpt_gre),
        cmocka_unit_test(test_shares_are_as_weighted),
        cmocka_unit_test(test_shares_are_even_in_time),
        cmocka_unit_test(test_paths_come_and_go),
        cmocka_unit_test(test_another_set_of_the_same_size),
        cmocka_unit_test(test_weights_change),
        cmocka_unit_test(test_rates_weigh),
        cmocka_unit_test(test_the_order_of_paths_does_not_matter),
        cmocka_unit_test(test_many_paths),
    };

    return cmocka_run_group_tests_name("steer/weighted", tests, NULL, NULL);
}
