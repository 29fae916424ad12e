/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"

typedef struct layout
{
    uint8_t *octets;
    uint64_t *words;
    uint16_t *shorts;
} layout;

static layout
lay_out(fb_arena *arena)
{
    layout result;

    result.octets = fb_arena_take(arena, 3, 1, 1);
    result.words = fb_arena_take(arena, 2, sizeof(uint64_t), 8);
    result.shorts = fb_arena_take(arena, 5, sizeof(uint16_t), 2);
    return result;
}

static void
test_arena_measures_what_it_then_uses(void **state)
{
    uint64_t memory[8];
    fb_arena measure = fb_arena_over(NULL, 0);
    layout nothing = lay_out(&measure);

    (void)state;
    assert_null(nothing.octets);
    assert_null(nothing.words);
    assert_false(measure.failed);
    assert_int_equal(measure.used, 8 + 16 + 10);

    fb_arena arena = fb_arena_over(memory, measure.used);
    layout result = lay_out(&arena);

    assert_false(arena.failed);
    assert_ptr_equal(result.octets, memory);
    assert_ptr_equal(result.words, (uint8_t *)memory + 8);
    assert_ptr_equal(result.shorts, (uint8_t *)memory + 24);
    assert_int_equal(arena.used, measure.used);
}

static void
test_arena_one_octet_short_fails_and_stays_failed(void **state)
{
    uint64_t memory[8];
    fb_arena arena = fb_arena_over(memory, 33);
    layout result = lay_out(&arena);

    (void)state;
    assert_non_null(result.words);
    assert_null(result.shorts);
    assert_true(arena.failed);
    assert_null(fb_arena_take(&arena, 1, 1, 1));
    assert_true(arena.failed);
}

static void
test_arena_padding_alone_can_fail(void **state)
{
    uint64_t memory[1];
    fb_arena arena = fb_arena_over(memory, 4);

    (void)state;
    assert_non_null(fb_arena_take(&arena, 1, 1, 1));
    assert_null(fb_arena_take(&arena, 0, 8, 8));
    assert_true(arena.failed);
}

static void
test_arena_refuses_what_cannot_be_counted(void **state)
{
    const struct
    {
        size_t count, size;
    } too_much[] = {{SIZE_MAX, 2},
                    {2, SIZE_MAX},
                    {SIZE_MAX / 2 + 1, 2},
                    {SIZE_MAX, 1},
                    {SIZE_MAX - 1, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof too_much / sizeof too_much[0]; i++)
    {
        fb_arena fresh = fb_arena_over(NULL, 0);
        fb_arena arena = fb_arena_over(NULL, 0);

        assert_null(fb_arena_take(&fresh, too_much[i].count, too_much[i].size, 1));
        assert_int_equal(fresh.failed, i < 4); /* the last one is just countable */
        (void)fb_arena_take(&arena, 1, 3, 1);
        assert_null(fb_arena_take(&arena, too_much[i].count, too_much[i].size, 1));
        assert_true(arena.failed);
        assert_int_equal(arena.used, 3);
    }
}

static void
test_arena_nothing_takes_nothing(void **state)
{
    uint64_t memory[1];
    fb_arena arena = fb_arena_over(memory, 0);

    (void)state;
    assert_non_null(fb_arena_take(&arena, 0, 8, 8));
    assert_non_null(fb_arena_take(&arena, 5, 0, 1));
    assert_false(arena.failed);
    assert_int_equal(arena.used, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_measures_what_it_then_uses),
        cmocka_unit_test(test_arena_one_octet_short_fails_and_stays_failed),
        cmocka_unit_test(test_arena_padding_alone_can_fail),
        cmocka_unit_test(test_arena_refuses_what_cannot_be_counted),
        cmocka_unit_test(test_arena_nothing_takes_nothing),
    };
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
