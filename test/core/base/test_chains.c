/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/chains.h"
#include "base/random.h"
#include "cmocka_setup.h"

#include <stdlib.h>

#define CAPACITY 64

typedef struct fixture
{
    uint8_t *memory;
    fb_chains chains;
} fixture;

static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    fb_chains_init(&f->chains, &arena, CAPACITY);
    size = arena.used;
    f->memory = calloc(1, size);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, size);
    fb_chains_init(&f->chains, &arena, CAPACITY);
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
test_one_key(void **state)
{
    fixture *f = *state;

    assert_int_equal(fb_chains_first(&f->chains, 7), FB_CHAINS_NONE);
    fb_chains_add(&f->chains, 7, 3);
    fb_chains_add(&f->chains, 7, 5);
    fb_chains_add(&f->chains, 7, 4);
    assert_int_equal(fb_chains_first(&f->chains, 7), 4);
    assert_int_equal(fb_chains_next(&f->chains, 4), 5);
    assert_int_equal(fb_chains_next(&f->chains, 5), 3);
    assert_int_equal(fb_chains_next(&f->chains, 3), FB_CHAINS_NONE);
    fb_chains_remove(&f->chains, 7, 5); /* in the middle */
    assert_int_equal(fb_chains_next(&f->chains, 4), 3);
    fb_chains_remove(&f->chains, 7, 4); /* at the head */
    assert_int_equal(fb_chains_first(&f->chains, 7), 3);
    fb_chains_remove(&f->chains, 7, 3); /* the last one */
    assert_int_equal(fb_chains_first(&f->chains, 7), FB_CHAINS_NONE);
    assert_int_equal(f->chains.count, 0);
}

/* Against an array that says which key each item has */
static void
test_random_changes(void **state)
{
    fixture *f = *state;
    uint32_t key_of[CAPACITY] = {0}; /* 0: in no chain */
    test_random random = test_random_start("test_random_changes");

    for (unsigned step = 0; step < 20000; step++)
    {
        uint32_t item = (uint32_t)test_random_below(&random, CAPACITY);
        uint32_t key = 1 + (uint32_t)test_random_below(&random, 2 * CAPACITY);
        size_t found = 0, members = 0, expected = 0, all = 0;

        if (key_of[item] != 0)
        {
            fb_chains_remove(&f->chains, key_of[item], item);
            key_of[item] = 0;
        }
        else
        {
            fb_chains_add(&f->chains, key, item);
            key_of[item] = key;
        }
        for (uint32_t at = fb_chains_first(&f->chains, key); at != FB_CHAINS_NONE;
             at = fb_chains_next(&f->chains, at))
        {
            found += key_of[at] == key;
            members++;
            assert_true(members <= CAPACITY);
        }
        for (uint32_t i = 0; i < CAPACITY; i++)
        {
            expected += key_of[i] == key;
            all += key_of[i] != 0;
        }
        assert_int_equal(found, expected);
        assert_int_equal(f->chains.count, all);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_key, start, stop),
        cmocka_unit_test_setup_teardown(test_random_changes, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
