/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/clock.h"

#define EPOCH_S UINT64_C(2208988800) /* RFC 5905: 1970 counted from 1900 */
#define ERA_S UINT64_C(2085978496) /* 2036-02-07T06:28:16Z, when NTP seconds start again at 0 */

#define NTP(seconds, fraction) ((uint64_t)(uint32_t)(seconds) << 32 | (uint32_t)(fraction))

static fb_clock
clock_at(uint64_t wall_ns, fb_time now)
{
    fb_clock clock = {0};

    fb_clock_set(&clock, wall_ns, now);
    return clock;
}

static void
test_clock_nobody_set_reads_1970(void **state)
{
    fb_clock clock = {0};

    (void)state;
    assert_true(fb_clock_ntp(&clock, 0) == NTP(EPOCH_S, 0));
    assert_true(fb_clock_ntp(&clock, 3 * FB_SECOND) == NTP(EPOCH_S + 3, 0));
}

static void
test_clock_reads_ntp(void **state)
{
    /* The moment the vectors begin: 2026-01-01T00:00:00Z */
    fb_clock clock = clock_at(UINT64_C(1767225600) * FB_SECOND, 5 * FB_SECOND);

    (void)state;
    assert_true(fb_clock_ntp(&clock, 5 * FB_SECOND) == NTP(0xed003780, 0));
    assert_true(fb_clock_ntp(&clock, 5 * FB_SECOND + FB_SECOND / 2) == NTP(0xed003780, 0x80000000));
    assert_true(fb_clock_ntp(&clock, 6 * FB_SECOND) == NTP(0xed003781, 0));
}

static void
test_clock_fraction_at_its_edges(void **state)
{
    fb_clock clock = clock_at(0, 0);

    (void)state;
    /* 2^32 / 10^9 = 4.29..., cut; 999,999,999 ns are still the same second */
    assert_true(fb_clock_ntp(&clock, 1) == NTP(EPOCH_S, 4));
    assert_true(fb_clock_ntp(&clock, 2) == NTP(EPOCH_S, 8));
    assert_true(fb_clock_ntp(&clock, FB_SECOND - 1) == NTP(EPOCH_S, 4294967291));
    assert_true(fb_clock_ntp(&clock, FB_SECOND) == NTP(EPOCH_S + 1, 0));
}

static void
test_clock_grows_with_every_nanosecond(void **state)
{
    fb_clock clock = clock_at(UINT64_C(1767225600) * FB_SECOND - 500, 0);
    uint64_t before = fb_clock_ntp(&clock, 0);

    (void)state;
    for (fb_time now = 1; now < 1000; now++)
    {
        uint64_t after = fb_clock_ntp(&clock, now);

        assert_true(after > before);
        before = after;
    }
}

static void
test_clock_starts_again_in_2036(void **state)
{
    fb_clock clock = clock_at(ERA_S * FB_SECOND - FB_SECOND / 2, 0);

    (void)state;
    assert_true(fb_clock_ntp(&clock, 0) == NTP(0xffffffff, 0x80000000));
    assert_true(fb_clock_ntp(&clock, FB_SECOND / 2 - 1) == NTP(0xffffffff, 4294967291));
    assert_true(fb_clock_ntp(&clock, FB_SECOND / 2) == NTP(0, 0));
    assert_true(fb_clock_ntp(&clock, 3 * FB_SECOND / 2) == NTP(1, 0));
}

static void
test_clock_steps(void **state)
{
    fb_clock clock = clock_at(1000 * FB_SECOND, 10 * FB_SECOND);

    (void)state;
    fb_clock_set(&clock, 400 * FB_SECOND, 20 * FB_SECOND);
    assert_true(fb_clock_ntp(&clock, 20 * FB_SECOND) == NTP(EPOCH_S + 400, 0));
    assert_true(fb_clock_ntp(&clock, 21 * FB_SECOND) == NTP(EPOCH_S + 401, 0));
    fb_clock_set(&clock, 9000 * FB_SECOND, 22 * FB_SECOND);
    assert_true(fb_clock_ntp(&clock, 22 * FB_SECOND) == NTP(EPOCH_S + 9000, 0));
}

static void
test_clock_takes_over_seconds(void **state)
{
    fb_clock clock = clock_at(1000 * FB_SECOND + FB_SECOND / 4, 0);
    uint32_t own = (uint32_t)(EPOCH_S + 1000);

    (void)state;
    fb_clock_resynchronize(&clock, own + 3600, 0);
    assert_true(fb_clock_ntp(&clock, 0) == NTP(own + 3600, 0x40000000));
    assert_true(fb_clock_ntp(&clock, FB_SECOND) == NTP(own + 3601, 0x40000000));
    /* The same again changes nothing; back is as good as forward */
    fb_clock_resynchronize(&clock, own + 3601, FB_SECOND);
    assert_true(fb_clock_ntp(&clock, FB_SECOND) == NTP(own + 3601, 0x40000000));
    fb_clock_resynchronize(&clock, own - 86400, 2 * FB_SECOND);
    assert_true(fb_clock_ntp(&clock, 2 * FB_SECOND) == NTP(own - 86400, 0x40000000));
}

static void
test_clock_takes_over_seconds_of_the_next_era(void **state)
{
    fb_clock clock = clock_at((ERA_S - 1) * FB_SECOND, 0);

    (void)state;
    fb_clock_resynchronize(&clock, 5, 0);
    assert_true(fb_clock_ntp(&clock, 0) == NTP(5, 0));
    fb_clock_resynchronize(&clock, 0xfffffff0, 0);
    assert_true(fb_clock_ntp(&clock, 0) == NTP(0xfffffff0, 0));
    assert_true(fb_clock_ntp(&clock, 16 * FB_SECOND) == NTP(0, 0));
}

static void
test_timestamp_has_to_be_close(void **state)
{
    uint64_t receiver = NTP(1000000, 0x12345678);
    uint64_t tolerance = NTP(7, 0);

    (void)state;
    assert_true(fb_timestamp_acceptable(receiver, 0, receiver, 7));
    assert_true(fb_timestamp_acceptable(receiver + tolerance, 0, receiver, 7));
    assert_true(fb_timestamp_acceptable(receiver - tolerance, 0, receiver, 7));
    assert_false(fb_timestamp_acceptable(receiver + tolerance + 1, 0, receiver, 7));
    assert_false(fb_timestamp_acceptable(receiver - tolerance - 1, 0, receiver, 7));
    assert_false(fb_timestamp_acceptable(receiver + (UINT64_C(1) << 63), 0, receiver, 7));
    assert_false(fb_timestamp_acceptable(0, 0, receiver, 7));
    assert_false(fb_timestamp_acceptable(UINT64_MAX, 0, receiver, 7));
    assert_true(fb_timestamp_acceptable(receiver + NTP(65535, 0), 0, receiver, UINT16_MAX));
    assert_false(fb_timestamp_acceptable(receiver + NTP(65535, 1), 0, receiver, UINT16_MAX));
}

static void
test_timestamp_has_to_be_greater_than_all_before(void **state)
{
    uint64_t receiver = NTP(1000000, 0);
    uint64_t latest = receiver + NTP(3, 0);

    (void)state;
    assert_false(fb_timestamp_acceptable(latest, latest, receiver, 7));
    assert_false(fb_timestamp_acceptable(latest - 1, latest, receiver, 7));
    assert_false(fb_timestamp_acceptable(receiver, latest, receiver, 7));
    assert_true(fb_timestamp_acceptable(latest + 1, latest, receiver, 7));
    /* Both conditions hold, not one of them */
    assert_false(fb_timestamp_acceptable(receiver + NTP(8, 0), latest, receiver, 7));
}

static void
test_timestamps_across_the_era(void **state)
{
    uint64_t before = NTP(0xffffffff, 0x80000000);
    uint64_t after = NTP(2, 0);

    (void)state;
    assert_true(fb_timestamp_acceptable(after, before, after, 7));
    assert_true(fb_timestamp_acceptable(after, before, before, 7));
    assert_true(fb_timestamp_acceptable(before, 0, after, 7));
    assert_false(fb_timestamp_acceptable(before, after, after, 7));
    assert_false(fb_timestamp_acceptable(NTP(0xfffffff0, 0), 0, after, 7));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_nobody_set_reads_1970),
        cmocka_unit_test(test_clock_reads_ntp),
        cmocka_unit_test(test_clock_fraction_at_its_edges),
        cmocka_unit_test(test_clock_grows_with_every_nanosecond),
        cmocka_unit_test(test_clock_starts_again_in_2036),
        cmocka_unit_test(test_clock_steps),
        cmocka_unit_test(test_clock_takes_over_seconds),
        cmocka_unit_test(test_clock_takes_over_seconds_of_the_next_era),
        cmocka_unit_test(test_timestamp_has_to_be_close),
        cmocka_unit_test(test_timestamp_has_to_be_greater_than_all_before),
        cmocka_unit_test(test_timestamps_across_the_era),
    };

    return cmocka_run_group_tests_name("state/clock", tests, NULL, NULL);
}
