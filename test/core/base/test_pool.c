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

static void
test_pool_init_does_not_touch_memory(void **state)
{
    uint32_t next[4];
    uint32_t before[4];
    fb_pool pool;

    (void)state;
    memset(next, 0xa5, sizeof next);
    memcpy(before, next, sizeof next);
    fb_pool_init(&pool, next, 4);
    (void)fb_pool_take(&pool);
    assert_memory_equal(next, before, sizeof next);
}

static void
test_pool_agrees_with_a_naive_model(void **state)
{
    enum
    {
        CAPACITY = 37,
        STEPS = 200000
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
        if (test_random_below(&random, 10) < (step / 1000 % 2 == 0 ? 7U : 3U))
        {
            uint32_t item = fb_pool_take(&pool);

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
        cmocka_unit_test(test_pool_init_does_not_touch_memory),
        cmocka_unit_test(test_pool_agrees_with_a_naive_model),
    };
    return cmocka_run_group_tests_name("base/pool", tests, NULL, NULL);
}
