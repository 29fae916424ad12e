/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cells.h"
#include "base/random.h"
#include "cmocka_setup.h"

#include <stdlib.h>
#include <string.h>

#define CELLS 40
#define STRINGS 12
#define LONGEST 100

typedef struct fixture
{
    uint8_t *memory;
    fb_cells cells;
} fixture;

static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    fb_cells_init(&f->cells, &arena, CELLS);
    size = arena.used;
    f->memory = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, size);
    fb_cells_init(&f->cells, &arena, CELLS);
    assert_false(arena.failed);
    *state = f;
    return 0;
}

static int
stop(void **state)
{
    fixture *f = *state;

    free(f->memory);
    free(f);
    return 0;
}

static void
test_lengths(void **state)
{
    fixture *f = *state;
    static const uint8_t text[] = "abcdefghijklmnopqrstuvwxyz";
    static const struct
    {
        size_t length;
        uint32_t cells;
    } cases[] = {{1, 1}, {11, 1}, {12, 1}, {13, 2}, {24, 2}, {25, 3}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
        uint8_t copy[sizeof text] = {0};
        uint32_t first = fb_cells_store(&f->cells, text, cases[i].length);

        assert_int_not_equal(first, FB_CELLS_NONE);
        assert_int_equal(f->cells.pool.used, cases[i].cells);
        fb_cells_read(&f->cells, first, copy, cases[i].length);
        assert_memory_equal(copy, text, cases[i].length);
        assert_int_equal(copy[cases[i].length], 0);
        fb_cells_give(&f->cells, first, cases[i].length);
        assert_int_equal(f->cells.pool.used, 0);
    }
}

static void
test_nothing_takes_nothing(void **state)
{
    fixture *f = *state;

    assert_int_equal(fb_cells_store(&f->cells, NULL, 0), FB_CELLS_NONE);
    assert_true(fb_cells_equal(&f->cells, FB_CELLS_NONE, NULL, 0));
    fb_cells_give(&f->cells, FB_CELLS_NONE, 0);
    assert_int_equal(f->cells.pool.used, 0);
}

/* More than any machine has is said to be more, not laid out in part */
static void
test_too_many(void **state)
{
    fb_arena arena = fb_arena_over(NULL, 0);
    fb_cells cells;

    (void)state;
    fb_cells_init(&cells, &arena, UINT64_C(1) << 33);
    assert_true(arena.failed);
}

/* Strings come and go; each is what it was, and room is there as long as cells are */
static void
test_random_strings(void **state)
{
    fixture *f = *state;
    test_random random = test_random_start("test_random_strings");
    uint8_t model[STRINGS][LONGEST] = {{0}};
    uint32_t first[STRINGS];
    size_t length[STRINGS] = {0};
    unsigned refused = 0;

    for (unsigned step = 0; step < 20000; step++)
    {
        size_t at = (size_t)test_random_below(&random, STRINGS);
        uint32_t used = 0;

        if (length[at] > 0)
        {
            uint8_t other[LONGEST], copy[LONGEST];

            fb_cells_read(&f->cells, first[at], copy, length[at]);
            assert_memory_equal(copy, model[at], length[at]);
            assert_true(fb_cells_equal(&f->cells, first[at], model[at], length[at]));
            memcpy(other, model[at], length[at]);
            other[test_random_below(&random, length[at])] ^= 0x10;
            assert_false(fb_cells_equal(&f->cells, first[at], other, length[at]));
            fb_cells_give(&f->cells, first[at], length[at]);
            length[at] = 0;
            continue;
        }
        length[at] = 1 + (size_t)test_random_below(&random, LONGEST);
        for (size_t i = 0; i < length[at]; i++)
        {
            model[at][i] = (uint8_t)test_random_below(&random, 256);
        }
        for (size_t i = 0; i < STRINGS; i++)
        {
            used += i == at ? 0 : fb_cells_for(length[i]);
        }
        assert_int_equal(f->cells.pool.used, used);
        assert_true(fb_cells_have_room(&f->cells, length[at]) ==
                    (used + fb_cells_for(length[at]) <= CELLS));
        first[at] = fb_cells_store(&f->cells, model[at], length[at]);
        if (first[at] == FB_CELLS_NONE)
        {
            assert_true(used + fb_cells_for(length[at]) > CELLS);
            length[at] = 0;
            refused++;
        }
    }
    assert_true(refused > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lengths, start, stop),
        cmocka_unit_test_setup_teardown(test_nothing_takes_nothing, start, stop),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test_setup_teardown(test_random_strings, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
