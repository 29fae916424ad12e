/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_RANDOM_H
#define FB_TEST_RANDOM_H

/**
 * @file
 * Random numbers for tests. By hand each run has a new seed and prints it; FLOWBIND_SEED=<number> repeats a run, and
 * ./flowbind test sets the same one each time unless it is asked for --random.
 */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct test_random
{
    uint64_t state;
} test_random;

/** xorshift64* (G. Marsaglia, S. Vigna): not the hash under test. */
static inline uint64_t
test_random_next(test_random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(2685821657736338717);
}

/** Uniform in 0..count-1, count small. */
static inline uint32_t
test_random_below(test_random *random, uint32_t count)
{
    return (uint32_t)((test_random_next(random) >> 32) * count >> 32);
}

static inline test_random
test_random_start(const char *test)
{
    const char *text = getenv("FLOWBIND_SEED");
    uint64_t seed;

    if (text != NULL)
    {
        seed = strtoull(text, NULL, 10);
    }
    else
    {
        struct timespec now;

        timespec_get(&now, TIME_UTC);
        seed = (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
    }
    printf("%s: FLOWBIND_SEED=%" PRIu64 "\n", test, seed);

    /* xorshift must not start at 0, and wants its bits spread. */
    test_random random = {seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407)};

    if (random.state == 0)
    {
        random.state = 1;
    }
    for (int i = 0; i < 8; i++)
    {
        (void)test_random_next(&random);
    }
    return random;
}

#endif
