/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/registration.h"

#include <stdlib.h>
#include <string.h>

#define LINKS 3
#define EVENTS 32
#define HOME 0xc633640au

typedef struct fixture
{
    uint8_t *memory;
    size_t size;
    fb_events events;
    fb_registration_list list;
} fixture;

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, EVENTS);
    fb_registrations_init(&f->list, arena, LINKS, HOME, &f->events);
}

static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);

    assert_non_null(f);
    lay_out(f, &arena);
    f->size = arena.used;
    f->memory = calloc(1, f->size);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, f->size);
    lay_out(f, &arena);
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

static fb_link
link_number(uint32_t number)
{
    return (fb_link){.link = number,
                     .address = fb_addr_from_ipv4(0xcb007100u + number),
                     .bid = (uint8_t)number,
                     .label = 1,
                     .technology = 4};
}

static fb_registration *
added(fixture *f, uint32_t number)
{
    fb_link link = link_number(number);
    fb_registration *r = fb_registration_add(&f->list, &link);

    assert_non_null(r);
    return r;
}

static bool
poll(fixture *f, fb_event *event)
{
    return fb_events_poll(&f->events, event);
}

/* ---- sets of BIDs ---- */

static void
test_bid_set_holds_what_was_added(void **state)
{
    (void)state;
    for (unsigned bid = 0; bid < 256; bid++)
    {
        fb_bid_set set = {{0}};

        fb_bid_set_add(&set, (uint8_t)bid);
        fb_bid_set_add(&set, (uint8_t)bid);
        for (unsigned other = 0; other < 256; other++)
        {
            assert_int_equal(fb_bid_set_has(&set, (uint8_t)other), other == bid);
        }
    }
}

static void
test_bid_set_contains_its_subsets(void **state)
{
    static const uint8_t edge[] = {0, 1, 62, 63, 64, 65, 127, 128, 191, 192, 254, 255};
    fb_bid_set all = {{0}}, empty = {{0}};

    (void)state;
    for (size_t i = 0; i < sizeof edge; i++)
    {
        fb_bid_set_add(&all, edge[i]);
    }
    assert_true(fb_bid_set_contains(&all, &all));
    assert_true(fb_bid_set_contains(&all, &empty));
    assert_true(fb_bid_set_contains(&empty, &empty));
    for (size_t i = 0; i < sizeof edge; i++)
    {
        fb_bid_set one = {{0}}, without = {{0}};

        fb_bid_set_add(&one, edge[i]);
        for (size_t j = 0; j < sizeof edge; j++)
        {
            if (j != i)
            {
                fb_bid_set_add(&without, edge[j]);
            }
        }
        assert_true(fb_bid_set_contains(&all, &one));
        assert_false(fb_bid_set_contains(&empty, &one));
        assert_false(fb_bid_set_contains(&without, &one));
        assert_false(fb_bid_set_contains(&without, &all));
        assert_true(fb_bid_set_contains(&all, &without));
    }
}

/* ---- the list ---- */

static void
test_registrations_are_found_by_their_link(void **state)
{
    fixture *f = *state;
    fb_link link = link_number(99);

    assert_null(fb_registration_find(&f->list, 0));
    assert_null(fb_registration_find(&f->list, 7));
    for (uint32_t number = 7; number < 7 + LINKS; number++)
    {
        fb_registration *r = added(f, number);

        assert_ptr_equal(fb_registration_find(&f->list, number), r);
        assert_int_equal(r->link.link, number);
    }
    assert_null(fb_registration_add(&f->list, &link)); /* all taken */
    assert_null(fb_registration_find(&f->list, 99));
    assert_null(fb_registration_find(&f->list, 0));
}

static void
test_a_fresh_registration_waits_for_nothing(void **state)
{
    fixture *f = *state;
    fb_registration *r;
    fb_event event;

    memset(f->list.item, 0xa5, LINKS * sizeof *f->list.item);
    for (size_t i = 0; i < LINKS; i++)
    {
        f->list.item[i].known = false;
    }
    r = added(f, 1);
    assert_true(r->known);
    assert_true(r->wanted);
    assert_false(r->link_up);
    assert_int_equal(r->state, FB_BINDING_DOWN);
    assert_true(r->expires == FB_TIME_NEVER);
    assert_true(r->refresh_at == FB_TIME_NEVER);
    assert_true(r->blocked_until == FB_TIME_NEVER);
    assert_int_equal(r->request.kind, FB_REQUEST_NONE);
    assert_true(r->request.send_at == FB_TIME_NEVER);
    assert_false(r->request.waiting);
    assert_int_equal(r->retry_s, 0);
    assert_false(poll(f, &event));
}

/* ---- the writer of the state ---- */

static void
test_a_change_is_an_event(void **state)
{
    fixture *f = *state;
    fb_registration *r = added(f, 2);
    fb_event event;

    r->lifetime_s = 900;
    r->care_of_address = 0xcb007121u;
    fb_registration_set_state(&f->list, r, FB_BINDING_QUEUED, FB_CAUSE_LINK_UP, 5);
    assert_int_equal(r->state, FB_BINDING_QUEUED);
    assert_true(poll(f, &event));
    assert_int_equal(event.kind, FB_EVENT_BINDING);
    assert_int_equal(event.role, FB_ROLE_MOBILE_NODE);
    assert_int_equal(event.from, FB_BINDING_DOWN);
    assert_int_equal(event.to, FB_BINDING_QUEUED);
    assert_int_equal(event.cause, FB_CAUSE_LINK_UP);
    assert_int_equal(event.lifetime_s, 900);
    assert_int_equal(event.ref.session, 1);
    assert_int_equal(event.ref.link, 2);
    assert_int_equal(event.ref.bid, 2);
    assert_int_equal(event.home_address, HOME);
    assert_int_equal(event.care_of_address, 0xcb007121u);
    assert_true(event.time == 5);
    assert_false(poll(f, &event));
}

static void
test_no_change_is_no_event(void **state)
{
    fixture *f = *state;
    fb_registration *r = added(f, 1);
    fb_event event;

    for (int to = FB_BINDING_DOWN; to <= FB_BINDING_BLOCKED; to++)
    {
        fb_registration_set_state(&f->list, r, (fb_binding_state)to, FB_CAUSE_TOKEN, 1);
        assert_int_equal(poll(f, &event), to != FB_BINDING_DOWN);
        fb_registration_set_state(&f->list, r, (fb_binding_state)to, FB_CAUSE_RETRY, 2);
        assert_false(poll(f, &event));
    }
}

static void
set_timers(fb_registration *r)
{
    r->expires = 100;
    r->refresh_at = 80;
    r->blocked_until = 60;
}

/* Whatever the edge: a timer runs only in the state it belongs to. */
static void
test_timers_stop_with_their_state(void **state)
{
    fixture *f = *state;
    fb_registration *r = added(f, 1);
    fb_event event;

    for (int from = FB_BINDING_DOWN; from <= FB_BINDING_BLOCKED; from++)
    {
        for (int to = FB_BINDING_DOWN; to <= FB_BINDING_BLOCKED; to++)
        {
            bool up = to == FB_BINDING_UP || to == FB_BINDING_UP_PENDING;

            r->state = (uint8_t)from;
            set_timers(r);
            fb_registration_set_state(&f->list, r, (fb_binding_state)to, FB_CAUSE_NONE, 1);
            (void)poll(f, &event);
            assert_int_equal(fb_registration_up(r), up);
            if (from != to)
            {
                assert_true(r->expires == (up ? 100 : FB_TIME_NEVER));
                assert_true(r->refresh_at == (up ? 80 : FB_TIME_NEVER));
                assert_true(r->blocked_until == (to == FB_BINDING_BLOCKED ? 60 : FB_TIME_NEVER));
            }
        }
    }
}

/* conformance of the state machine: what follows what, and anything else is counted as a bug of the library */
static void
test_only_some_states_follow_each_other(void **state)
{
    static const char *const next[] = {
        [FB_BINDING_DOWN] = ".q...d.",
        [FB_BINDING_QUEUED] = "D.P..d.",
        [FB_BINDING_PENDING] = "Dq.U.db",
        [FB_BINDING_UP] = "Dq..ud.",
        [FB_BINDING_UP_PENDING] = "Dq.U.d.",
        [FB_BINDING_DEREGISTERING] = "D......",
        [FB_BINDING_BLOCKED] = "Dq...d.",
    };
    fixture *f = *state;
    fb_registration *r = added(f, 1);

    for (int from = FB_BINDING_DOWN; from <= FB_BINDING_BLOCKED; from++)
    {
        for (int to = FB_BINDING_DOWN; to <= FB_BINDING_BLOCKED; to++)
        {
            bool legal = next[from][to] != '.';
            uint64_t before = f->events.counter[FB_BUG_STATE_TRANSITION];

            if (from == to)
            {
                continue;
            }
            r->state = (uint8_t)from;
            fb_registration_set_state(&f->list, r, (fb_binding_state)to, FB_CAUSE_NONE, 1);
            assert_int_equal(r->state, to);
            assert_int_equal(f->events.counter[FB_BUG_STATE_TRANSITION] - before, !legal);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bid_set_holds_what_was_added),
        cmocka_unit_test(test_bid_set_contains_its_subsets),
        cmocka_unit_test_setup_teardown(test_registrations_are_found_by_their_link, start, stop),
        cmocka_unit_test_setup_teardown(test_a_fresh_registration_waits_for_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_a_change_is_an_event, start, stop),
        cmocka_unit_test_setup_teardown(test_no_change_is_no_event, start, stop),
        cmocka_unit_test_setup_teardown(test_timers_stop_with_their_state, start, stop),
        cmocka_unit_test_setup_teardown(test_only_some_states_follow_each_other, start, stop),
    };

    return cmocka_run_group_tests_name("state/registration", tests, NULL, NULL);
}
