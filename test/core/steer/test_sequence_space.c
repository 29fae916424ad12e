/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "requirement.h"
#include "steer/sequence_space.h"

#define WINDOW 128

static uint32_t seen_bits[WINDOW * 2 / 32];

static fb_sequence_space
new_space(void)
{
    fb_sequence_space space = {.seen = seen_bits, .window = WINDOW};

    memset(seen_bits, 0xff, sizeof seen_bits);
    fb_sequence_reset(&space);
    return space;
}

/** One number by path @p bid, as the resequencer does it; nothing waits, so what is ahead stays missing. */
static fb_sequence_place
come(fb_sequence_space *space, uint32_t number, uint8_t bid, fb_time now)
{
    fb_sequence_place place = fb_sequence_judge(space, number, bid, now);

    if (place == FB_SEQUENCE_RESTART)
    {
        fb_sequence_restart(space, number, bid);
        fb_sequence_note(space, number, FB_SEQUENCE_NEXT);
        fb_sequence_advance(space, 1);
        return place;
    }
    fb_sequence_note(space, number, place);
    while (fb_sequence_is_seen(space, space->next))
    {
        fb_sequence_advance(space, 1);
    }
    return place;
}

static void
come_all(fb_sequence_space *space, uint32_t from, uint32_t to, uint8_t bid, fb_time now)
{
    for (uint32_t n = from; n != to; n++)
    {
        assert_int_equal(come(space, n, bid, now), FB_SEQUENCE_NEXT);
    }
}

/* RFC 2890 2.2: "The first datagram is sent with a sequence number of 0" */
static void
test_begins_at_zero(void **state)
{
    fb_sequence_space space = new_space();

    (void)state;
    requirement("B2890-01");
    assert_int_equal(come(&space, 1, 1, 0), FB_SEQUENCE_AHEAD);
    assert_int_equal(come(&space, 0, 2, 0), FB_SEQUENCE_NEXT);
    assert_int_equal(space.next, 2);

    /* one that has been sending for long is believed where it is */
    space = new_space();
    assert_int_equal(come(&space, 0xfffffff0, 1, 0), FB_SEQUENCE_NEXT);
    assert_int_equal(come(&space, 0xffffffef, 2, 0), FB_SEQUENCE_LATE);
    assert_int_equal(space.counters.lost, 0);
}

/* RFC 2890 2.2: less or equal is "the last received sequence number and the preceding 2**31-1 values" */
static void
test_numbers_wrap(void **state)
{
    fb_sequence_space space = new_space();

    (void)state;
    requirement("B2890-01");
    come_all(&space, 0xffffff00, 0xffffffff, 1, 0);
    assert_int_equal(come(&space, 1, 1, 0), FB_SEQUENCE_AHEAD);
    assert_int_equal(come(&space, 0xffffffff, 2, 0), FB_SEQUENCE_NEXT);
    assert_int_equal(come(&space, 0, 2, 0), FB_SEQUENCE_NEXT);
    assert_int_equal(space.next, 2);
    assert_int_equal(come(&space, 0xffffffff, 2, 0), FB_SEQUENCE_DUPLICATE);
    assert_int_equal(space.counters.restarts, 0);
    assert_int_equal(space.counters.reordered, 2);
}

/* Every number of the window and around it, wherever the window is */
static void
test_every_place(void **state)
{
    static const uint32_t bases[] = {0, 1, 31, 127, 128, 0x7fffff80, 0xffffffc0};

    (void)state;
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++)
    {
        for (int64_t offset = -3 * WINDOW; offset < 3 * WINDOW; offset++)
        {
            fb_sequence_space space = new_space();
            uint32_t next = 1000 + bases[i];
            uint32_t number = next + (uint32_t)offset;
            fb_sequence_place expected = FB_SEQUENCE_AHEAD;

            /* all before `next` have come, but for every third one */
            for (uint32_t n = next - 300; n != next; n++)
            {
                if (n % 3 != 0)
                {
                    (void)come(&space, n, 1, 0);
                }
                else if (space.started)
                {
                    fb_sequence_give_up(&space, space.next == n ? 1 : 0);
                }
            }
            fb_sequence_give_up(&space, next - space.next);
            if (offset == 0)
            {
                expected = FB_SEQUENCE_NEXT;
            }
            else if (offset < -WINDOW || offset >= WINDOW)
            {
                expected = FB_SEQUENCE_STRAY;
            }
            else if (offset < 0)
            {
                expected = number % 3 != 0 ? FB_SEQUENCE_DUPLICATE : FB_SEQUENCE_LATE;
            }
            assert_int_equal(fb_sequence_judge(&space, number, 2, 0), expected);
        }
    }
}

/* A number given up is lost, until it comes */
static void
test_lost_and_late(void **state)
{
    fb_sequence_space space = new_space();

    (void)state;
    come_all(&space, 0, 10, 1, 0);
    assert_int_equal(come(&space, 15, 1, 0), FB_SEQUENCE_AHEAD);
    assert_int_equal(fb_sequence_first_seen(&space), 5);
    fb_sequence_give_up(&space, 5);
    assert_int_equal(space.counters.lost, 5);
    fb_sequence_advance(&space, 1);
    assert_int_equal(fb_sequence_first_seen(&space), WINDOW);
    assert_int_equal(come(&space, 12, 2, 0), FB_SEQUENCE_LATE);
    assert_int_equal(come(&space, 12, 2, 0), FB_SEQUENCE_DUPLICATE);
    assert_int_equal(space.counters.lost, 4);
    assert_int_equal(space.counters.late, 1);
    assert_int_equal(space.counters.in_order, 11);
    assert_int_equal(space.counters.reordered, 1);
    assert_int_equal(space.counters.duplicate, 1);
}

/* A single number from elsewhere moves nothing; two near each other do */
static void
test_strays(void **state)
{
    fb_sequence_space space = new_space();

    (void)state;
    come_all(&space, 0, 1000, 1, 0);
    assert_int_equal(come(&space, 0x80000000, 1, 0), FB_SEQUENCE_STRAY);
    come_all(&space, 1000, 1010, 1, 0);
    assert_int_equal(come(&space, 5000, 1, 0), FB_SEQUENCE_STRAY);
    assert_int_equal(come(&space, 70000, 1, 0), FB_SEQUENCE_STRAY);
    assert_int_equal(come(&space, 90000, 1, 0), FB_SEQUENCE_STRAY);
    assert_int_equal(come(&space, 90002, 1, 0), FB_SEQUENCE_RESTART);
    assert_int_equal(space.next, 90003);
    come_all(&space, 90003, 90010, 1, 0);
    /* from before the new beginning: it came, or it did not, but it is not counted as found again */
    assert_int_equal(come(&space, 90001, 2, 0), FB_SEQUENCE_LATE);
    assert_int_equal(space.counters.lost, 0);
    assert_int_equal(space.counters.restarts, 1);
    assert_int_equal(space.counters.stray, 4);
}

/* The sender began anew at numbers that were just in use: they go back on their path, eight times */
static void
test_restart_among_known_numbers(void **state)
{
    fb_sequence_space space = new_space();

    (void)state;
    come_all(&space, 0, 100, 1, 0);
    for (uint32_t n = 0; n < 7; n++)
    {
        assert_int_equal(come(&space, n, 1, 0), FB_SEQUENCE_DUPLICATE);
    }
    assert_int_equal(come(&space, 7, 1, 0), FB_SEQUENCE_RESTART);
    come_all(&space, 8, 200, 1, 0);

    /* after a silence at once */
    assert_int_equal(come(&space, 0, 1, FB_SEQUENCE_SILENCE), FB_SEQUENCE_RESTART);
    come_all(&space, 1, 10, 1, FB_SEQUENCE_SILENCE);
    assert_int_equal(space.counters.restarts, 2);
}

/* Copies by a slower path are no new beginning, however many there are in a row: they go on on their path */
static void
test_copies_are_no_restart(void **state)
{
    fb_sequence_space space = new_space();

    (void)state;
    requirement("B2890-01");
    assert_int_equal(come(&space, 0, 1, 0), FB_SEQUENCE_NEXT);
    assert_int_equal(come(&space, 0, 2, 0), FB_SEQUENCE_DUPLICATE);
    come_all(&space, 1, 100, 1, 0);
    for (uint32_t n = 1; n < 100; n++)
    {
        assert_int_equal(come(&space, n, 2, n * FB_SECOND), FB_SEQUENCE_DUPLICATE);
    }
    /* nor is a packet the network repeats */
    assert_int_equal(come(&space, 99, 2, 99 * FB_SECOND), FB_SEQUENCE_DUPLICATE);
    come_all(&space, 100, 110, 2, 99 * FB_SECOND);
    assert_int_equal(space.counters.restarts, 0);
}

/* What all paths have gone past comes no more; a path that says nothing, or is not known, leaves it open */
static void
test_known_lost(void **state)
{
    static const fb_path_view paths[9] = {{.bid = 1}, {.bid = 2}, {.bid = 3}};
    fb_sequence_space space = new_space();

    (void)state;
    assert_int_equal(come(&space, 0, 1, 0), FB_SEQUENCE_NEXT);
    fb_sequence_set_paths(&space, paths, 2);
    space.settled = true;
    assert_int_equal(come(&space, 3, 1, 0), FB_SEQUENCE_AHEAD);
    assert_int_equal(fb_sequence_known_lost(&space), 0);
    assert_int_equal(come(&space, 5, 2, 0), FB_SEQUENCE_AHEAD);
    assert_int_equal(fb_sequence_known_lost(&space), 2); /* 1 and 2; 4 may come by the first path */
    space.settled = false;
    assert_int_equal(fb_sequence_known_lost(&space), 0);
    space.settled = true;

    fb_sequence_set_paths(&space, paths, 3);
    assert_int_equal(fb_sequence_known_lost(&space), 0);
    fb_sequence_set_paths(&space, paths, 2);
    assert_int_equal(fb_sequence_known_lost(&space), 2);
    assert_int_equal(come(&space, 7, 200, 0), FB_SEQUENCE_AHEAD); /* by one nobody told of */
    assert_int_equal(fb_sequence_known_lost(&space), 0);
    fb_sequence_set_paths(&space, paths, 9);
    assert_int_equal(fb_sequence_known_lost(&space), 0);

    /* one that has been silent for long does not come round from behind */
    fb_sequence_set_paths(&space, paths, 2);
    for (uint32_t n = space.next; n != 1000; n++)
    {
        (void)come(&space, n, 2, 0);
    }
    fb_sequence_forget_silent(&space);
    assert_false(space.path[0].heard);
    assert_true(space.path[1].heard);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begins_at_zero),
        cmocka_unit_test(test_numbers_wrap),
        cmocka_unit_test(test_every_place),
        cmocka_unit_test(test_lost_and_late),
        cmocka_unit_test(test_strays),
        cmocka_unit_test(test_restart_among_known_numbers),
        cmocka_unit_test(test_copies_are_no_restart),
        cmocka_unit_test(test_known_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
