/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/index.h"
#include "random.h"

static void *
new_index(fb_index *index, uint32_t capacity)
{
    void *memory = malloc(fb_index_memory(capacity));

    assert_non_null(memory);
    memset(memory, 0x5a, fb_index_memory(capacity));
    fb_index_init(index, memory, capacity);
    return memory;
}

static void
test_index_finds_what_was_inserted(void **state)
{
    fb_index index;
    void *memory = new_index(&index, 3);

    (void)state;
    assert_int_equal(fb_index_find(&index, 0), FB_INDEX_NONE);
    assert_false(fb_index_remove(&index, 0));
    assert_true(fb_index_insert(&index, 0, 10)); /* 0 and the largest number are keys like others */
    assert_true(fb_index_insert(&index, UINT32_MAX, 11));
    assert_true(fb_index_insert(&index, 7, 0));
    assert_int_equal(fb_index_find(&index, 0), 10);
    assert_int_equal(fb_index_find(&index, UINT32_MAX), 11);
    assert_int_equal(fb_index_find(&index, 7), 0);
    assert_int_equal(fb_index_find(&index, 8), FB_INDEX_NONE);
    assert_true(fb_index_insert(&index, 7, 12)); /* known: goes in although the index is full */
    assert_int_equal(fb_index_find(&index, 7), 12);
    assert_int_equal(index.count, 3);
    assert_false(fb_index_insert(&index, 8, 13));
    assert_int_equal(fb_index_find(&index, 8), FB_INDEX_NONE);
    assert_true(fb_index_remove(&index, 0));
    assert_int_equal(fb_index_find(&index, 0), FB_INDEX_NONE);
    assert_true(fb_index_insert(&index, 8, 13));
    assert_int_equal(fb_index_find(&index, 8), 13);
    free(memory);
}

static void
test_index_of_nothing_is_empty_and_full(void **state)
{
    fb_index index;
    void *memory = new_index(&index, 0);

    (void)state;
    assert_int_equal(fb_index_find(&index, 5), FB_INDEX_NONE);
    assert_false(fb_index_insert(&index, 5, 1));
    assert_false(fb_index_remove(&index, 5));
    free(memory);
}

static void
test_index_load_is_at_most_two_thirds(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity < 100000; capacity += 1 + capacity / 7)
    {
        size_t slots = fb_index_memory(capacity) / sizeof(fb_index_slot);

        assert_int_equal(slots & (slots - 1), 0);
        assert_true(3 * (size_t)capacity <= 2 * slots);
        assert_true(slots < 4 * (size_t)capacity);
    }
    assert_int_equal(fb_index_memory(UINT32_MAX), SIZE_MAX);
}

/** Naive: an array of pairs. Few keys, so that runs are long, wrap around and are cut in every place. */
static void
check_against_model(test_random *random,
                    uint32_t capacity,
                    uint32_t key_count,
                    const uint32_t *keys)
{
    uint32_t *model = malloc(key_count * sizeof *model);
    uint32_t count = 0;
    fb_index index;
    void *memory = new_index(&index, capacity);

    assert_non_null(model);
    memset(model, 0xff, key_count * sizeof *model);
    for (int step = 0; step < 20000; step++)
    {
        uint32_t k = test_random_below(random, key_count);
        bool was_there = model[k] != FB_INDEX_NONE;

        if (test_random_below(random, 100) < (step / 200 % 2 == 0 ? 70U : 30U))
        {
            uint32_t value = test_random_below(random, 1000);
            bool fits = was_there || count < capacity;

            assert_int_equal(fb_index_insert(&index, keys[k], value), fits);
            if (fits)
            {
                count += !was_there;
                model[k] = value;
            }
        }
        else
        {
            assert_int_equal(fb_index_remove(&index, keys[k]), was_there);
            count -= was_there;
            model[k] = FB_INDEX_NONE;
        }
        assert_int_equal(index.count, count);
        for (uint32_t i = 0; i < key_count; i++)
        {
            assert_int_equal(fb_index_find(&index, keys[i]), model[i]);
        }
    }
    free(model);
    free(memory);
}

static void
test_index_agrees_with_a_naive_model(void **state)
{
    enum
    {
        KEYS = 40
    };
    test_random random = test_random_start("index model");
    uint32_t keys[KEYS];

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++)
    {
        keys[i] = UINT32_C(0x0a000000) + i;
    }
    check_against_model(&random, 30, KEYS, keys);
    check_against_model(&random, 1, KEYS, keys);
    check_against_model(&random, KEYS, KEYS, keys);
}

/** All keys want the last slots of the table: the worst run there is, around the end. */
static void
test_index_agrees_when_all_keys_collide(void **state)
{
    enum
    {
        KEYS = 20,
        CAPACITY = 20,
        MASK = 31
    };
    test_random random = test_random_start("index collisions");
    uint32_t keys[KEYS];
    uint32_t found = 0;

    (void)state;
    assert_int_equal(fb_index_memory(CAPACITY), (MASK + 1) * sizeof(fb_index_slot));
    for (uint32_t key = 1; found < KEYS; key++)
    {
        if ((fb_hash_mix(key) & MASK) >= MASK - 2)
        {
            keys[found++] = key;
        }
    }
    check_against_model(&random, CAPACITY, KEYS, keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index_finds_what_was_inserted),
        cmocka_unit_test(test_index_of_nothing_is_empty_and_full),
        cmocka_unit_test(test_index_load_is_at_most_two_thirds),
        cmocka_unit_test(test_index_agrees_with_a_naive_model),
        cmocka_unit_test(test_index_agrees_when_all_keys_collide),
    };
    return cmocka_run_group_tests_name("base/index", tests, NULL, NULL);
}
