/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Heartbeats with one address: when to ask, when the peer is dead, what a response says (RFC 5847 3).
 */

#include "cmocka_setup.h"
#include "requirement.h"
#include "state/heartbeat.h"

#define INTERVAL_S 60
#define MISSING_ALLOWED 3

static fb_heartbeat_result
at(fb_heartbeat *h, unsigned when_s)
{
    return fb_heartbeat_timeout(h, INTERVAL_S, MISSING_ALLOWED, when_s * FB_SECOND);
}

/* Asks each interval; dead with the fourth that was missed, and asked on (C8-11, C8-01) */
static void
test_death(void **state)
{
    fb_heartbeat h;

    (void)state;
    requirement("C8-11", "B5847-01");
    fb_heartbeat_start(&h, INTERVAL_S, 0);
    assert_int_equal(at(&h, 59), FB_HEARTBEAT_NOTHING);
    for (unsigned i = 1; i <= 4; i++)
    {
        assert_int_equal(at(&h, 60 * i), FB_HEARTBEAT_ASK);
        assert_int_equal(h.sequence, i);
        assert_int_equal(h.missed, i - 1);
        assert_int_equal(at(&h, 60 * i + 1), FB_HEARTBEAT_NOTHING);
    }
    assert_int_equal(at(&h, 300), FB_HEARTBEAT_ASK_DEAD);
    assert_true(h.dead);
    for (unsigned i = 6; i < 400; i++)
    {
        assert_int_equal(at(&h, 60 * i), FB_HEARTBEAT_ASK);
    }
    assert_int_equal(h.missed, UINT8_MAX);
    assert_int_equal(fb_heartbeat_response(&h, true, h.sequence, 400 * 60 * FB_SECOND),
                     FB_HEARTBEAT_ALIVE);
    assert_false(h.dead);
    assert_int_equal(h.missed, 0);
}

/* A response counts once, and to the last request only; an unsolicited one needs no request (C8-11) */
static void
test_responses(void **state)
{
    fb_heartbeat h;

    (void)state;
    requirement("C8-11", "B5847-01");
    fb_heartbeat_start(&h, INTERVAL_S, 0);
    assert_int_equal(fb_heartbeat_response(&h, true, 0, 1), FB_HEARTBEAT_NOTHING);
    assert_int_equal(at(&h, 60), FB_HEARTBEAT_ASK);
    assert_int_equal(at(&h, 120), FB_HEARTBEAT_ASK);
    assert_int_equal(fb_heartbeat_response(&h, true, 1, 121 * FB_SECOND), FB_HEARTBEAT_NOTHING);
    assert_int_equal(fb_heartbeat_response(&h, true, 2, 121 * FB_SECOND), FB_HEARTBEAT_STILL_ALIVE);
    assert_int_equal(fb_heartbeat_response(&h, true, 2, 121 * FB_SECOND), FB_HEARTBEAT_NOTHING);
    assert_int_equal(fb_heartbeat_response(&h, false, 77, 122 * FB_SECOND),
                     FB_HEARTBEAT_STILL_ALIVE);
    for (unsigned i = 3; i <= 7; i++)
    {
        at(&h, 60 * i);
    }
    assert_true(h.dead);
    assert_int_equal(fb_heartbeat_response(&h, false, 0, 430 * FB_SECOND), FB_HEARTBEAT_ALIVE);
}

/* RFC 6298 2: the first measurement, then an eighth of the next; never 0 */
static void
test_round_trip(void **state)
{
    fb_heartbeat h;

    (void)state;
    fb_heartbeat_start(&h, INTERVAL_S, 0);
    at(&h, 60);
    fb_heartbeat_response(&h, true, 1, 60 * FB_SECOND + 80 * FB_MILLISECOND);
    assert_int_equal(h.round_trip_us, 80000);
    at(&h, 120);
    fb_heartbeat_response(&h, true, 2, 120 * FB_SECOND + 160 * FB_MILLISECOND);
    assert_int_equal(h.round_trip_us, 90000);
    fb_heartbeat_start(&h, INTERVAL_S, 0);
    at(&h, 60);
    fb_heartbeat_response(&h, true, 1, 60 * FB_SECOND);
    assert_int_equal(h.round_trip_us, 1);
    at(&h, 120);
    fb_heartbeat_response(&h, true, 2, UINT64_MAX);
    assert_int_equal(h.round_trip_us, UINT32_MAX);
}

static void
test_none(void **state)
{
    fb_heartbeat h;

    (void)state;
    fb_heartbeat_start(&h, 0, 5);
    assert_true(h.next == FB_TIME_NEVER);
    assert_int_equal(fb_heartbeat_timeout(&h, 0, 3, 1u << 31), FB_HEARTBEAT_NOTHING);
    fb_heartbeat_start(&h, INTERVAL_S, 5);
    fb_heartbeat_stop(&h);
    assert_int_equal(at(&h, 1000), FB_HEARTBEAT_NOTHING);
    assert_int_equal(fb_heartbeat_response(&h, true, 0, 7), FB_HEARTBEAT_NOTHING);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_death),
                                       cmocka_unit_test(test_responses),
                                       cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_none)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
