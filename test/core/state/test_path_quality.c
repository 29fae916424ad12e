/* SPDX-License-Identifier: BSD-3-Clause */

/** @file How good a path is: RFC 6298 2 in integers, loss, and whose word counts. */

#include "cmocka_setup.h"
#include "state/path_quality.h"

#include <string.h>

#define US(n) ((fb_time)(n)*1000)

/* RFC 6298 2.2: SRTT <- R, RTTVAR <- R/2; 2.3: RTTVAR <- 3/4 RTTVAR + 1/4 |SRTT - R'|, SRTT <- 7/8 SRTT + 1/8 R' */
static void
test_round_trips(void **state)
{
    fb_path_quality quality = {0};

    (void)state;
    assert_int_equal(fb_path_quality_timeout(&quality), FB_SECOND);
    fb_path_quality_measure(&quality, US(80000));
    assert_int_equal(quality.round_trip_us, 80000);
    assert_int_equal(quality.variation_us, 40000);
    assert_int_equal(fb_path_quality_timeout(&quality), US(240000));
    fb_path_quality_measure(&quality, US(160000));
    assert_int_equal(quality.variation_us, 50000);
    assert_int_equal(quality.round_trip_us, 90000);
    for (int i = 0; i < 100; i++)
    {
        fb_path_quality_measure(&quality, US(20000));
    }
    assert_in_range(quality.round_trip_us, 20000, 20008);
    /* G, 10 ms here, is the least there is on top of it */
    assert_in_range(fb_path_quality_timeout(&quality), US(30000), US(30020));
}

/* 0 means unknown; nothing is too long */
static void
test_extremes(void **state)
{
    fb_path_quality quality = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
    {
        fb_path_quality_measure(&quality, 0);
        assert_true(quality.round_trip_us != 0);
    }
    fb_path_quality_measure(&quality, FB_TIME_NEVER);
    fb_path_quality_measure(&quality, FB_TIME_NEVER);
    assert_true(quality.round_trip_us > 1000000);
    assert_true(fb_path_quality_timeout(&quality) < 3600 * FB_SECOND);
}

static void
test_loss(void **state)
{
    fb_path_quality quality = {0};

    (void)state;
    fb_path_quality_count(&quality, true);
    assert_int_equal(fb_path_quality_estimate(&quality, true).loss_ppm, 0);
    for (int i = 0; i < 1000; i++)
    {
        fb_path_quality_count(&quality, i % 10 != 0);
    }
    assert_in_range(fb_path_quality_estimate(&quality, true).loss_ppm, 60000, 140000);
    for (int i = 0; i < 1000; i++)
    {
        fb_path_quality_count(&quality, false);
    }
    assert_in_range(fb_path_quality_estimate(&quality, true).loss_ppm, 990000, 1000000);
}

/* The host's word comes first; half of the round trip stands for delays nobody knows */
static void
test_whose_word_counts(void **state)
{
    fb_path_quality quality = {0};
    fb_quality told = {.link = 1,
                       .round_trip_us = 7000,
                       .loss_ppm = 5,
                       .rate_up_kbps = 1000,
                       .rate_down_kbps = 8000,
                       .backlog_octets = 3000,
                       .delay_down_us = 2000};
    fb_path_metrics metrics;
    fb_path_estimate estimate;

    (void)state;
    assert_false(fb_path_quality_metrics(&quality, &metrics));
    fb_path_quality_measure(&quality, US(30000));
    assert_true(fb_path_quality_metrics(&quality, &metrics));
    assert_int_equal(metrics.round_trip_us, 30000);
    estimate = fb_path_quality_estimate(&quality, true);
    assert_int_equal(estimate.round_trip_us, 30000);
    assert_int_equal(estimate.delay_us, 15000);
    assert_int_equal(estimate.rate_kbps, 0);
    fb_path_quality_tell(&quality, &told);
    estimate = fb_path_quality_estimate(&quality, true);
    assert_int_equal(estimate.round_trip_us, 7000);
    assert_int_equal(estimate.delay_us, 3500);
    assert_int_equal(estimate.rate_kbps, 1000);
    assert_int_equal(estimate.loss_ppm, 5);
    assert_int_equal(estimate.backlog_octets, 3000);
    estimate = fb_path_quality_estimate(&quality, false);
    assert_int_equal(estimate.delay_us, 2000);
    assert_int_equal(estimate.rate_kbps, 8000);
    assert_int_equal(estimate.backlog_octets, 0); /* the far end's queue nobody told of */
    /* another address: measured anew, told still */
    fb_path_quality_forget(&quality);
    assert_int_equal(quality.round_trip_us, 0);
    assert_int_equal(fb_path_quality_estimate(&quality, true).rate_kbps, 1000);
}

static fb_path_quality
reported(uint32_t round_trip_us, uint32_t rate_kbps, uint32_t loss_ppm)
{
    return (fb_path_quality){.told = {.link = 1,
                                      .round_trip_us = round_trip_us,
                                      .rate_down_kbps = rate_kbps,
                                      .loss_ppm = loss_ppm}};
}

/* The first is told at once; a quarter more or less is no news; the next one waits for its time */
static void
test_news_for_the_peer(void **state)
{
    fb_path_quality quality = {0};
    fb_path_telling telling = {0};
    fb_time now = 100 * FB_SECOND;

    (void)state;
    fb_path_telling_forget(&telling);
    fb_path_telling_consider(&telling, &quality, 10, now);
    assert_true(telling.due == FB_TIME_NEVER); /* nothing is known */
    quality = reported(20000, 8000, 0);
    fb_path_telling_consider(&telling, &quality, 0, now);
    assert_true(telling.due == FB_TIME_NEVER); /* switched off */
    fb_path_telling_consider(&telling, &quality, 10, now);
    assert_true(telling.due == now);
    assert_true(fb_path_telling_due(&telling, &quality, now));
    assert_int_equal(telling.version, 1);
    assert_true(telling.due == FB_TIME_NEVER);
    quality = reported(25000, 6000, 9999);
    fb_path_telling_consider(&telling, &quality, 10, now + FB_SECOND);
    assert_true(telling.due == FB_TIME_NEVER);
    quality = reported(20000, 5999, 0);
    fb_path_telling_consider(&telling, &quality, 10, now + FB_SECOND);
    assert_true(telling.due == now + 10 * FB_SECOND);
    /* over again before its time came */
    quality = reported(20000, 8000, 0);
    assert_false(fb_path_telling_due(&telling, &quality, now + 10 * FB_SECOND));
    assert_int_equal(telling.version, 1);
    assert_true(telling.due == FB_TIME_NEVER);
    quality = reported(20000, 8000, 10000);
    fb_path_telling_consider(&telling, &quality, 10, now + 60 * FB_SECOND);
    assert_true(telling.due == now + 60 * FB_SECOND);
}

/* Less than a millisecond of delay is none, however many times more it is */
static void
test_news_of_short_paths(void **state)
{
    fb_path_quality quality = reported(100, 0, 0);
    fb_path_telling telling = {0};

    (void)state;
    fb_path_telling_forget(&telling);
    fb_path_telling_consider(&telling, &quality, 10, FB_SECOND);
    assert_true(telling.due == FB_TIME_NEVER);
    quality = reported(1000, 0, 0);
    fb_path_telling_consider(&telling, &quality, 10, FB_SECOND);
    assert_true(telling.due == FB_SECOND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_whose_word_counts),
        cmocka_unit_test(test_news_for_the_peer),
        cmocka_unit_test(test_news_of_short_paths),
    };

    return cmocka_run_group_tests_name("state/path quality", tests, NULL, NULL);
}
