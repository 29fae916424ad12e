/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/entropy.h"

#include <string.h>

#define DRAWS 20000

static fb_entropy
seeded(uint8_t seed)
{
    fb_entropy entropy = {{0}, 0, false};
    uint8_t octets[32] = {seed};

    fb_entropy_add(&entropy, octets);
    return entropy;
}

static void
test_entropy_repeats_from_its_octets(void **state)
{
    fb_entropy a = seeded(1), b = seeded(1), c = seeded(2);
    size_t equal = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
    {
        uint64_t number = fb_entropy_next(&a);

        assert_true(number == fb_entropy_next(&b));
        equal += number == fb_entropy_next(&c);
    }
    assert_int_equal(equal, 0);
}

static void
test_entropy_adds_up(void **state)
{
    fb_entropy a = seeded(1), b = seeded(1);
    uint8_t octets[32] = {9};

    (void)state;
    fb_entropy_add(&a, octets);
    assert_true(fb_entropy_next(&a) != fb_entropy_next(&b));
}

static void
test_entropy_is_spread_evenly(void **state)
{
    fb_entropy entropy = seeded(3);
    size_t count[10] = {0};

    (void)state;
    assert_true(fb_entropy_below(&entropy, 0) == 0);
    for (int i = 0; i < DRAWS; i++)
    {
        uint64_t number = fb_entropy_below(&entropy, 10);

        assert_true(number < 10);
        count[number]++;
    }
    /* 2000 expected, standard deviation 42: six of them */
    for (int i = 0; i < 10; i++)
    {
        assert_in_range(count[i], DRAWS / 10 - 255, DRAWS / 10 + 255);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entropy_repeats_from_its_octets),
        cmocka_unit_test(test_entropy_adds_up),
        cmocka_unit_test(test_entropy_is_spread_evenly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
