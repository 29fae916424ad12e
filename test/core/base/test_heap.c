/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/heap.h"
#include "random.h"

/** A heap in memory of exactly the size it asks for, full of rubbish. */
static void *
new_heap(fb_heap *heap, uint32_t capacity)
{
    void *memory = malloc(fb_heap_memory(capacity) + (capacity == 0));

    assert_non_null(memory);
    memset(memory, 0x5a, fb_heap_memory(capacity));
    fb_heap_init(heap, memory, capacity);
    return memory;
}

static void
test_heap_empty_has_no_deadline(void **state)
{
    fb_heap heap;
    void *memory = new_heap(&heap, 0);
    uint32_t id = 77;

    (void)state;
    assert_int_equal(fb_heap_top(&heap, &id), FB_TIME_NEVER);
    assert_int_equal(id, 77);
    free(memory);
}

static void
test_heap_inserts_moves_and_removes(void **state)
{
    fb_heap heap;
    void *memory = new_heap(&heap, 4);
    uint32_t id = 77;

    (void)state;
    fb_heap_set(&heap, 2, 200);
    fb_heap_set(&heap, 0, 300);
    fb_heap_set(&heap, 3, 100);
    assert_int_equal(fb_heap_top(&heap, &id), 100);
    assert_int_equal(id, 3);
    fb_heap_set(&heap, 3, 250); /* later */
    assert_int_equal(fb_heap_top(&heap, &id), 200);
    assert_int_equal(id, 2);
    fb_heap_set(&heap, 0, 0); /* earlier */
    assert_int_equal(fb_heap_top(&heap, &id), 0);
    assert_int_equal(id, 0);
    assert_int_equal(fb_heap_get(&heap, 3), 250);
    assert_int_equal(fb_heap_get(&heap, 1), FB_TIME_NEVER);
    fb_heap_set(&heap, 0, FB_TIME_NEVER);
    fb_heap_set(&heap, 1, FB_TIME_NEVER); /* was not there */
    fb_heap_set(&heap, 2, FB_TIME_NEVER);
    assert_int_equal(fb_heap_top(&heap, &id), 250);
    assert_int_equal(id, 3);
    fb_heap_set(&heap, 3, FB_TIME_NEVER);
    assert_int_equal(fb_heap_top(&heap, &id), FB_TIME_NEVER);
    free(memory);
}

static void
test_heap_last_possible_time_is_a_time(void **state)
{
    fb_heap heap;
    void *memory = new_heap(&heap, 2);
    uint32_t id = 77;

    (void)state;
    fb_heap_set(&heap, 1, FB_TIME_NEVER - 1);
    assert_int_equal(fb_heap_top(&heap, &id), FB_TIME_NEVER - 1);
    assert_int_equal(id, 1);
    free(memory);
}

static void
test_heap_equal_times_come_by_id(void **state)
{
    enum
    {
        COUNT = 64
    };
    test_random random = test_random_start("heap ties");
    fb_heap heap;
    void *memory = new_heap(&heap, COUNT);

    (void)state;
    for (int i = 0; i < 1000; i++)
    {
        fb_heap_set(&heap, test_random_below(&random, COUNT), 5);
    }
    for (uint32_t i = 0; i < COUNT; i++)
    {
        fb_heap_set(&heap, i, 5);
    }
    for (uint32_t i = 0; i < COUNT; i++)
    {
        uint32_t id = COUNT;

        assert_int_equal(fb_heap_top(&heap, &id), 5);
        assert_int_equal(id, i);
        fb_heap_set(&heap, id, FB_TIME_NEVER);
    }
    assert_int_equal(heap.count, 0);
    free(memory);
}

static void
test_heap_agrees_with_a_naive_model(void **state)
{
    enum
    {
        CAPACITY = 61,
        STEPS = 200000
    };
    test_random random = test_random_start("heap model");
    fb_time model[CAPACITY];
    fb_heap heap;
    void *memory = new_heap(&heap, CAPACITY);

    (void)state;
    for (int i = 0; i < CAPACITY; i++)
    {
        model[i] = FB_TIME_NEVER;
    }
    for (int step = 0; step < STEPS; step++)
    {
        uint32_t id = test_random_below(&random, CAPACITY);
        bool remove = test_random_below(&random, 100) < (step / 1000 % 2 == 0 ? 20U : 80U);
        uint32_t earliest = CAPACITY;
        uint32_t top = CAPACITY;

        /* Few different times: many ties. */
        model[id] = remove ? FB_TIME_NEVER : test_random_below(&random, 50);
        fb_heap_set(&heap, id, model[id]);
        for (uint32_t i = 0; i < CAPACITY; i++)
        {
            assert_int_equal(fb_heap_get(&heap, i), model[i]);
            if (model[i] != FB_TIME_NEVER && (earliest == CAPACITY || model[i] < model[earliest]))
            {
                earliest = i;
            }
        }
        fb_time when = fb_heap_top(&heap, &top);

        assert_int_equal(top, earliest);
        assert_int_equal(when, earliest == CAPACITY ? FB_TIME_NEVER : model[earliest]);
    }
    free(memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_empty_has_no_deadline),
        cmocka_unit_test(test_heap_inserts_moves_and_removes),
        cmocka_unit_test(test_heap_last_possible_time_is_a_time),
        cmocka_unit_test(test_heap_equal_times_come_by_id),
        cmocka_unit_test(test_heap_agrees_with_a_naive_model),
    };
    return cmocka_run_group_tests_name("base/heap", tests, NULL, NULL);
}
