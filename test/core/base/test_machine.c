/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/machine.h"
#include "cmocka_setup.h"

static void
test_zeros_of_every_single_bit(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++)
    {
        uint32_t alone = UINT32_C(1) << bit;

        assert_int_equal(fb_leading_zeros(alone), 31 - bit);
        assert_int_equal(fb_trailing_zeros(alone), bit);
        /* What stands below the highest bit, or above the lowest, does not matter */
        assert_int_equal(fb_leading_zeros(alone | (alone - 1)), 31 - bit);
        assert_int_equal(fb_trailing_zeros(UINT32_MAX << bit), bit);
    }
    assert_int_equal(fb_leading_zeros(UINT32_C(0x00080000)), 12);
    assert_int_equal(fb_trailing_zeros(UINT32_C(0x50)), 4);
}

/* A hint: it may name memory that is not there, and changes nothing in memory that is. */
static void
test_prefetch_has_no_effect(void **state)
{
    uint32_t value = 7;

    (void)state;
    fb_prefetch(&value);
    fb_prefetch(NULL);
    assert_int_equal(value, 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeros_of_every_single_bit),
        cmocka_unit_test(test_prefetch_has_no_effect),
    };

    return cmocka_run_group_tests_name("base/machine", tests, NULL, NULL);
}
