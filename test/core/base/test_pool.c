/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"
#include "random.h"

static void
test_pool_hands_out_each_item_once(void **state)
{
    uint32_t next[5];
    bool seen[5] = {false};
    fb_pool pool;

    (void)state;
    fb_pool_init(&pool, next, 5);
    for (uint32_t i = 0; i < 5; i++)
    {
        uint32_t item = fb_pool_take(&pool);

        assert_in_range(item, 0, 4);
        assert_false(seen[item]);
        seen[item] = true;
        assert_int_equal(pool.used, i + 1);
    }
    assert_int_equal(fb_pool_take(&pool), FB_POOL_NONE);
    assert_int_equal(pool.used, 5);
    fb_pool_give(&pool, 3);
    assert_int_equal(pool.used, 4);
    assert_int_equal(fb_pool_take(&pool), 3);
    assert_int_equal(fb_pool_take(&pool), FB_POOL_NONE);
}

static void
test_pool_of_nothing_is_empty(void **state)
{
    fb_pool pool;

    (void)state;
    assert_int_equal(fb_pool_memory(0), 0);
    fb_pool_init(&pool, NULL, 0);
    assert_int_equal(fb_pool_take(&pool), FB_POOL_NONE);
    assert_int_equal(pool.used, 0);
}

/* One bit an item, and a 32nd of that for each level above. */
static void
test_pool_is_small(void **state)
{
    (void)state;
    assert_int_equal(fb_pool_memory(1), 4);
    assert_int_equal(fb_pool_memory(32), 4);
    assert_int_equal(fb_pool_memory(33), 2 * 4 + 4);
    assert_int_equal(fb_pool_memory(3000000), (93750 + 2930 + 92 + 3 + 1) * 4);
    assert_true(fb_pool_memory(UINT32_MAX) < UINT32_MAX / 7);
}

/* What is asked for near an item is there, or above it in the same or the next word of bits, or anywhere. */
static void
test_pool_takes_near(void **state)
{
    uint32_t memory[16];
    fb_pool pool;

    (void)state;
    assert_true(fb_pool_memory(100) <= sizeof memory);
    fb_pool_init(&pool, memory, 100);
    assert_int_equal(fb_pool_take_near(&pool, 30), 30);
    assert_int_equal(fb_pool_take_near(&pool, 30), 31);
    assert_int_equal(fb_pool_take_near(&pool, 30), 32);
    assert_int_equal(fb_pool_take_near(&pool, 32), 33);
    assert_int_equal(pool.touched, 34);
    assert_int_equal(fb_pool_take(&pool), 0); /* the lowest */
    assert_int_equal(pool.touched, 34);
    assert_int_equal(fb_pool_take_near(&pool, 99), 99);
    assert_int_equal(pool.touched, 100);
    assert_int_equal(fb_pool_take_near(&pool, 99), 1);
    assert_int_equal(fb_pool_take_near(&pool, 100), 2);
    assert_int_equal(fb_pool_take_near(&pool, UINT32_MAX), 3);
    for (uint32_t left = 100 - pool.used; left > 0; left--)
    {
        assert_in_range(fb_pool_take_near(&pool, 50), 0, 99);
    }
    assert_int_equal(fb_pool_take_near(&pool, 50), FB_POOL_NONE);
    fb_pool_give(&pool, 77);
    assert_int_equal(fb_pool_take_near(&pool, 5), 77);
}

static void
test_pool_agrees_with_a_naive_model(void **state)
{
    enum
    {
        CAPACITY = 1100, /* three levels */
        STEPS = 400000,
        PHASE = 20000
    };
    test_random random = test_random_start("pool model");
    uint32_t *next = malloc(fb_pool_memory(CAPACITY));
    bool taken[CAPACITY] = {false};
    uint32_t used = 0;
    fb_pool pool;

    (void)state;
    assert_non_null(next);
    memset(next, 0xee, fb_pool_memory(CAPACITY));
    fb_pool_init(&pool, next, CAPACITY);
    for (int step = 0; step < STEPS; step++)
    {
        uint32_t pick = test_random_below(&random, CAPACITY);

        /* Long phases of growing and shrinking, so that both ends are reached. */
        if (test_random_below(&random, 10) < (step / PHASE % 2 == 0 ? 7U : 3U))
        {
            uint32_t item = step % 3 == 0 ? fb_pool_take(&pool) : fb_pool_take_near(&pool, pick);

            if (used == CAPACITY)
            {
                assert_int_equal(item, FB_POOL_NONE);
                continue;
            }
            assert_in_range(item, 0, CAPACITY - 1);
            assert_false(taken[item]);
            taken[item] = true;
            used++;
        }
        else if (taken[pick])
        {
            fb_pool_give(&pool, pick);
            taken[pick] = false;
            used--;
        }
        assert_int_equal(pool.used, used);
    }
    free(next);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pool_hands_out_each_item_once),
        cmocka_unit_test(test_pool_of_nothing_is_empty),
        cmocka_unit_test(test_pool_is_small),
        cmocka_unit_test(test_pool_takes_near),
        cmocka_unit_test(test_pool_agrees_with_a_naive_model),
    };
    return cmocka_run_group_tests_name("base/pool", tests, NULL, NULL);
}
