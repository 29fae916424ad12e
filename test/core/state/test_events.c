/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/events.h"

#include <limits.h>
#include <stdlib.h>

#define CAPACITY 5

typedef struct fixture
{
    fb_event *memory;
    fb_events events;
} fixture;

static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena;

    assert_non_null(f);
    f->memory = calloc(CAPACITY, sizeof *f->memory);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, CAPACITY * sizeof *f->memory);
    fb_events_init(&f->events, &arena, CAPACITY);
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
push(fixture *f, uint16_t number)
{
    fb_event event = {.kind = FB_EVENT_SENT, .count = number, .time = number};

    fb_events_push(&f->events, &event);
}

static void
test_events_come_in_order(void **state)
{
    fixture *f = *state;
    fb_event event = {.count = 4711};

    assert_false(fb_events_poll(&f->events, &event));
    assert_int_equal(event.count, 4711); /* untouched */
    /* Round and round the ring, with every number of events in it */
    for (uint16_t held = 1; held <= CAPACITY; held++)
    {
        for (uint16_t round = 0; round < 3 * CAPACITY; round++)
        {
            for (uint16_t i = 0; i < held; i++)
            {
                push(f, (uint16_t)(100 * round + i));
            }
            for (uint16_t i = 0; i < held; i++)
            {
                assert_true(fb_events_poll(&f->events, &event));
                assert_int_equal(event.kind, FB_EVENT_SENT);
                assert_int_equal(event.count, 100 * round + i);
            }
            assert_false(fb_events_poll(&f->events, &event));
        }
    }
    assert_int_equal(f->events.lost, 0);
}

static void
test_events_that_find_no_room_are_counted(void **state)
{
    fixture *f = *state;
    fb_event event;

    for (uint16_t i = 0; i < CAPACITY + 3; i++)
    {
        push(f, i);
    }
    assert_int_equal(f->events.lost, 3);
    /* Those that were there stay; room made is used again */
    assert_true(fb_events_poll(&f->events, &event));
    assert_int_equal(event.count, 0);
    push(f, 77);
    push(f, 78);
    assert_int_equal(f->events.lost, 4);
    for (uint16_t i = 1; i < CAPACITY; i++)
    {
        assert_true(fb_events_poll(&f->events, &event));
        assert_int_equal(event.count, i);
    }
    assert_true(fb_events_poll(&f->events, &event));
    assert_int_equal(event.count, 77);
    assert_false(fb_events_poll(&f->events, &event));
}

static void
test_reasons_are_counted(void **state)
{
    fixture *f = *state;

    assert_int_equal(fb_events_count(&f->events, FB_DROP_TRUNCATED), FB_DROP_TRUNCATED);
    assert_int_equal(fb_events_count(&f->events, FB_DROP_TRUNCATED), FB_DROP_TRUNCATED);
    assert_int_equal(fb_events_count(&f->events, FB_REASON_COUNT - 1), FB_REASON_COUNT - 1);
    assert_int_equal(f->events.counter[FB_DROP_TRUNCATED], 2);
    assert_int_equal(f->events.counter[FB_REASON_COUNT - 1], 1);
    /* What is no reason passes through and is not counted */
    assert_int_equal(fb_events_count(&f->events, FB_REASON_NONE), 0);
    assert_int_equal(fb_events_count(&f->events, FB_ERR_TIME), FB_ERR_TIME);
    assert_int_equal(fb_events_count(&f->events, FB_REASON_COUNT), FB_REASON_COUNT);
    assert_int_equal(fb_events_count(&f->events, INT_MAX), INT_MAX);
    assert_int_equal(fb_events_count(&f->events, INT_MIN), INT_MIN);
    for (int reason = 0; reason < FB_REASON_COUNT; reason++)
    {
        uint64_t expected = reason == FB_DROP_TRUNCATED ? 2 : reason == FB_REASON_COUNT - 1;

        assert_int_equal(f->events.counter[reason], expected);
    }
    assert_int_equal(f->events.count, 0); /* counting is no event */
}

static void
test_measuring_events_touches_nothing(void **state)
{
    fb_arena arena = fb_arena_over(NULL, 0);
    fb_events events;

    (void)state;
    fb_events_init(&events, &arena, CAPACITY);
    assert_false(arena.failed);
    assert_int_equal(arena.used, CAPACITY * sizeof(fb_event));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_events_come_in_order, start, stop),
        cmocka_unit_test_setup_teardown(test_events_that_find_no_room_are_counted, start, stop),
        cmocka_unit_test_setup_teardown(test_reasons_are_counted, start, stop),
        cmocka_unit_test(test_measuring_events_touches_nothing),
    };

    return cmocka_run_group_tests_name("state/events", tests, NULL, NULL);
}
