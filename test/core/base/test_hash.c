/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/hash.h"
#include "random.h"

/* Values both ends of a tunnel have to agree on for ever (D-35): changing the hash is changing the protocol. Computed
 * with arbitrary-precision integers outside C. */
static void
test_hash_values_are_fixed(void **state)
{
    (void)state;
    assert_int_equal(fb_hash_mix(0), 0);
    assert_int_equal(fb_hash_mix(1), UINT64_C(0x242b42f0d135cb0a));
    assert_int_equal(fb_hash_mix(UINT64_C(0x123456789abcdef0)), UINT64_C(0x500c5da64e3b3238));
    assert_int_equal(fb_hash_mix(UINT64_MAX), UINT64_C(0x4ff155cff511c047));
    assert_int_equal(fb_hash_combine(1, 2), UINT64_C(0xcd362afbb995d841));
    assert_int_equal(fb_hash_combine(2, 1), UINT64_C(0x6a18ed6d4c6ff366));
}

/** Every input bit flips every output bit about half the time, for random and for small inputs. */
static void
check_avalanche(test_random *random, uint32_t small)
{
    enum
    {
        TRIALS = 4096
    };
    for (unsigned in = 0; in < 64; in++)
    {
        unsigned flips[64] = {0};

        for (unsigned trial = 0; trial < TRIALS; trial++)
        {
            uint64_t value = small ? test_random_below(random, small) : test_random_next(random);
            uint64_t change = fb_hash_mix(value) ^ fb_hash_mix(value ^ UINT64_C(1) << in);

            for (unsigned out = 0; out < 64; out++)
            {
                flips[out] += (unsigned)(change >> out & 1);
            }
        }
        for (unsigned out = 0; out < 64; out++)
        {
            /* Standard deviation 32 of 2048; the bound is for bits that hardly depend on each other's. */
            assert_in_range(flips[out], TRIALS * 40 / 100, TRIALS * 60 / 100);
        }
    }
}

static void
test_hash_avalanche(void **state)
{
    test_random random = test_random_start("hash avalanche");

    (void)state;
    check_avalanche(&random, 0);
    check_avalanche(&random, UINT32_MAX);
}

/** Addresses in a row, what a home agent's subscribers have, spread evenly over a table. */
static void
test_hash_spreads_neighbours(void **state)
{
    enum
    {
        BUCKETS = 256,
        KEYS = 65536
    };
    unsigned bucket[BUCKETS] = {0};

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++)
    {
        bucket[fb_hash_mix(UINT32_C(0x0a000000) + i) % BUCKETS]++;
    }
    for (unsigned i = 0; i < BUCKETS; i++)
    {
        assert_in_range(bucket[i], 256 - 6 * 16, 256 + 6 * 16); /* six standard deviations */
    }
}

static void
test_hash_combine_is_ordered_and_loses_nothing(void **state)
{
    test_random random = test_random_start("hash combine");

    (void)state;
    for (int i = 0; i < 10000; i++)
    {
        uint64_t a = test_random_next(&random);
        uint64_t b = test_random_next(&random);
        uint64_t c = test_random_next(&random);

        assert_int_not_equal(fb_hash_combine(a, b), fb_hash_combine(a, c));
        assert_int_not_equal(fb_hash_combine(a, b), fb_hash_combine(c, b));
        assert_int_not_equal(fb_hash_combine(a, b), fb_hash_combine(b, a));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_values_are_fixed),
        cmocka_unit_test(test_hash_avalanche),
        cmocka_unit_test(test_hash_spreads_neighbours),
        cmocka_unit_test(test_hash_combine_is_ordered_and_loses_nothing),
    };
    return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
