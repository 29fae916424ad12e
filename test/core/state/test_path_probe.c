/* SPDX-License-Identifier: BSD-3-Clause */

/** @file When a path is asked, lost, watched and used again. */

#include "cmocka_setup.h"
#include "state/path_probe.h"

#define MS FB_MILLISECOND

static const fb_probe_config config = {.interval_ms = 100, .idle_ms = 1000, .hold_down_ms = 1000};

/** Lets time act until @p until: requests are sent, and those below @p answered answered at once. Requests sent. */
static unsigned
run(fb_path_probe *probe, fb_time *now, fb_time until, uint16_t answered, fb_probe_result *last)
{
    unsigned sent = 0;
    fb_time round_trip;

    *last = FB_PROBE_NOTHING;
    while (probe->next <= until && *last != FB_PROBE_LOST)
    {
        fb_probe_result result;

        *now = probe->next > *now ? probe->next : *now;
        result = fb_path_probe_timeout(probe, &config, 20 * MS, *now);
        *last = result != FB_PROBE_NOTHING ? result : *last;
        if (result == FB_PROBE_ASK)
        {
            assert_true(probe->due);
            fb_path_probe_sent(probe, *now);
            sent++;
            if (probe->sequence < answered)
            {
                assert_true(fb_path_probe_answered(probe, probe->sequence, &round_trip, *now));
            }
        }
    }
    return sent;
}

static void
test_idle_asking_idle(void **state)
{
    fb_path_probe probe;
    fb_probe_result last;
    fb_time now = FB_SECOND;

    (void)state;
    fb_path_probe_init(&probe);
    assert_int_equal(probe.next, FB_TIME_NEVER);
    fb_path_probe_traffic(&probe, &config, now);
    assert_int_equal(probe.next, now);
    assert_int_equal(run(&probe, &now, 60 * FB_SECOND, 1000, &last), 11);
    assert_int_equal(probe.next, FB_TIME_NEVER);
    assert_int_equal(probe.state, FB_PROBE_IDLE);
}

static void
test_off(void **state)
{
    static const fb_probe_config off = {.interval_ms = 0, .idle_ms = 1000};
    fb_path_probe probe;

    (void)state;
    fb_path_probe_init(&probe);
    fb_path_probe_traffic(&probe, &off, FB_SECOND);
    assert_int_equal(probe.next, FB_TIME_NEVER);
}

/* Three requests, the last one's answer not in time: 300 ms after the first */
static void
test_lost(void **state)
{
    fb_path_probe probe;
    fb_probe_result last;
    fb_time now = FB_SECOND;

    (void)state;
    fb_path_probe_init(&probe);
    fb_path_probe_traffic(&probe, &config, now);
    run(&probe, &now, 1450 * MS, 1000, &last);
    fb_path_probe_traffic(&probe, &config, now);
    assert_int_equal(run(&probe, &now, 5 * FB_SECOND, 0, &last), 3);
    assert_int_equal(last, FB_PROBE_LOST);
    assert_int_equal(now, 1500 * MS + 300 * MS);
    assert_true(fb_path_probe_silent(&probe));
}

/* A queue that fills makes answers late, not missing */
static void
test_late_answers_are_answers(void **state)
{
    fb_path_probe probe;
    fb_time now = FB_SECOND, round_trip;

    (void)state;
    fb_path_probe_init(&probe);
    for (unsigned i = 0; i < 60; i++, now += 100 * MS)
    {
        fb_path_probe_traffic(&probe, &config, now);
        assert_int_not_equal(fb_path_probe_timeout(&probe, &config, 20 * MS, now), FB_PROBE_LOST);
        fb_path_probe_sent(&probe, now);
        if (i % 2 == 1) /* every other tenth of a second the answer to the next one */
        {
            assert_true(fb_path_probe_answered(&probe, (uint16_t)(i / 2 + 1), &round_trip, now));
            assert_int_equal(round_trip, (i - i / 2) * 100 * MS);
        }
    }
    assert_false(fb_path_probe_answered(&probe, 1, &round_trip, now)); /* once */
    assert_false(fb_path_probe_answered(&probe, 61, &round_trip, now)); /* not sent yet */
}

/* Each request is counted once, when its answer cannot come any more */
static void
test_outcomes(void **state)
{
    fb_path_probe probe;
    fb_time now = FB_SECOND, round_trip;
    unsigned counted[3] = {0};

    (void)state;
    fb_path_probe_init(&probe);
    fb_path_probe_start(&probe, now);
    for (unsigned i = 0; i < 36; i++)
    {
        counted[fb_path_probe_sent(&probe, now)]++;
        if (i % 4 != 0)
        {
            assert_true(fb_path_probe_answered(&probe, probe.sequence, &round_trip, now));
        }
    }
    assert_int_equal(counted[FB_PROBE_UNKNOWN], 16);
    assert_int_equal(counted[FB_PROBE_ANSWERED], 15);
    assert_int_equal(counted[FB_PROBE_MISSED], 5);
}

static fb_time
lose_and_find(fb_path_probe *probe, fb_time *now)
{
    fb_probe_result last;
    fb_time found;

    fb_path_probe_traffic(probe, &config, *now);
    run(probe, now, *now + 10 * FB_SECOND, 0, &last);
    assert_int_equal(last, FB_PROBE_LOST);
    *now = probe->next;
    assert_int_equal(fb_path_probe_timeout(probe, &config, 20 * MS, *now), FB_PROBE_WATCH);
    found = *now;
    if (fb_path_probe_found(probe, &config, *now) == FB_PROBE_RETURNED)
    {
        return 0;
    }
    assert_int_equal(probe->state, FB_PROBE_HELD);
    *now = probe->next;
    assert_int_equal(fb_path_probe_timeout(probe, &config, 20 * MS, *now), FB_PROBE_RETURNED);
    assert_int_equal(probe->state, FB_PROBE_IDLE);
    return *now - found;
}

static void
test_hold_down(void **state)
{
    static const unsigned held_s[] = {0, 1, 2, 4, 8, 16, 32, 32};
    fb_path_probe probe;
    fb_time now = FB_SECOND;

    (void)state;
    fb_path_probe_init(&probe);
    for (size_t i = 0; i < sizeof held_s / sizeof held_s[0]; i++)
    {
        assert_int_equal(lose_and_find(&probe, &now), held_s[i] * FB_SECOND);
        now += 10 * FB_SECOND;
    }
    now += 60 * FB_SECOND; /* steady: all is forgotten */
    assert_int_equal(lose_and_find(&probe, &now), 0);
    assert_int_equal(fb_path_probe_found(&probe, &config, now), FB_PROBE_NOTHING);
}

/* Every second sixteen times, then half as often each time down to 32 s */
static void
test_watching(void **state)
{
    fb_path_probe probe;
    fb_probe_result last;
    fb_time now = FB_SECOND, before;
    unsigned doublings = 0;

    (void)state;
    fb_path_probe_init(&probe);
    fb_path_probe_traffic(&probe, &config, now);
    run(&probe, &now, now + FB_SECOND, 0, &last);
    for (unsigned i = 1; i < 300; i++)
    {
        before = now;
        now = probe.next;
        doublings = i <= 17 ? 0 : i - 17 < 5 ? i - 17 : 5;
        assert_int_equal(now - before, FB_SECOND << doublings);
        assert_int_equal(fb_path_probe_timeout(&probe, &config, 20 * MS, now), FB_PROBE_WATCH);
    }
    fb_path_probe_hurry(&probe, now);
    assert_int_equal(probe.next, now);
    fb_path_probe_stop(&probe);
    assert_int_equal(probe.next, FB_TIME_NEVER);
    fb_path_probe_hurry(&probe, now);
    assert_int_equal(probe.next, FB_TIME_NEVER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_asking_idle),
        cmocka_unit_test(test_off),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_late_answers_are_answers),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_hold_down),
        cmocka_unit_test(test_watching),
    };

    return cmocka_run_group_tests_name("state/path probe", tests, NULL, NULL);
}
