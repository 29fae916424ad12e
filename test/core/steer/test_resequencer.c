/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The buffer of RFC 2890 2.2, and what is published of reordering and of buffers that undo it: the examples of RFC 4737
 * and RFC 5236, and the closed form for two paths by turns.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "requirement.h"
#include "steer/resequencer.h"

#define WAIT (60 * FB_MILLISECOND)
#define LINE 4096

typedef struct scene
{
    fb_resequencer r;
    void *memory;
    fb_sequence_space *space;
    char line[LINE]; /* what came out, "1 2 3" */
} scene;

/** In memory of exactly the size asked for, with whatever was there before. */
static scene
start(uint32_t spaces, uint32_t packets)
{
    scene s = {.memory = NULL};
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t octets;

    fb_resequencer_init(&s.r, &arena, spaces, packets);
    octets = arena.used;
    s.memory = malloc(octets > 0 ? octets : 1);
    assert_non_null(s.memory);
    memset(s.memory, 0xa5, octets);
    memset(&s.r, 0, sizeof s.r);
    arena = fb_arena_over(s.memory, octets);
    fb_resequencer_init(&s.r, &arena, spaces, packets);
    assert_false(arena.failed);
    s.space = fb_resequencer_open(&s.r, FB_ROLE_MOBILE_NODE, 1, 1, 0);
    if (s.space != NULL)
    {
        fb_resequencer_set_wait(&s.r, s.space, WAIT);
    }
    return s;
}

static void
end(scene *s)
{
    free(s->memory);
}

static void
write_down(scene *s, uint64_t packet)
{
    size_t at = strlen(s->line);

    snprintf(s->line + at, LINE - at, at == 0 ? "%u" : " %u", (unsigned)packet);
}

static void
drain(scene *s)
{
    fb_delivery delivery;

    while (fb_resequencer_poll(&s->r, &delivery))
    {
        assert_int_equal(delivery.strip, (uint8_t)delivery.packet);
        write_down(s, delivery.packet);
    }
}

/** Packet @p number by path @p bid, whose handle is the same number. */
static fb_order
come_by(scene *s, uint32_t number, uint8_t bid, fb_time now)
{
    fb_delivery delivery = {.packet = number, .path = {.bid = bid}, .strip = (uint8_t)number};
    fb_order order = fb_resequencer_take(&s->r, s->space, number, &delivery, true, now);

    if (order == FB_ORDER_NOW || order == FB_ORDER_LATE || order == FB_ORDER_STRAY)
    {
        write_down(s, number);
    }
    drain(s);
    return order;
}

static fb_order
come(scene *s, uint32_t number, fb_time now)
{
    return come_by(s, number, 1, now);
}

static void
expire(scene *s, fb_time now)
{
    fb_resequencer_expire(&s->r, 100, now);
    drain(s);
}

/* ---- RFC 2890 2.2 ---- */

/* "consult the head of this buffer to see if the next in-sequence packet has already been received" */
static void
test_gap_is_filled(void **state)
{
    scene s = start(1, 16);

    (void)state;
    requirement("B2890-01");
    assert_int_equal(come(&s, 0, 0), FB_ORDER_NOW);
    assert_int_equal(come(&s, 2, 1), FB_ORDER_WAITS);
    assert_int_equal(come(&s, 4, 2), FB_ORDER_WAITS);
    assert_int_equal(come(&s, 3, 3), FB_ORDER_WAITS);
    assert_string_equal(s.line, "0");
    assert_int_equal(come(&s, 1, 4), FB_ORDER_NOW);
    assert_string_equal(s.line, "0 1 2 3 4");
    assert_int_equal(s.space->waiting, 0);
    assert_int_equal(s.space->counters.waited, 3);
    end(&s);
}

/* "Under no circumstances should a packet wait more that OUTOFORDER_TIMER milliseconds in the buffer" */
static void
test_time_is_up(void **state)
{
    scene s = start(1, 16);

    (void)state;
    requirement("B2890-01");
    come(&s, 0, 0);
    come(&s, 5, FB_MILLISECOND);
    come(&s, 2, 2 * FB_MILLISECOND);
    come(&s, 7, 3 * FB_MILLISECOND);
    assert_true(fb_resequencer_next_timeout(&s.r) <= WAIT + FB_MILLISECOND);
    expire(&s, WAIT + FB_MILLISECOND - 1);
    assert_string_equal(s.line, "0");
    /* "traverse the buffer in sorted order, decapsulating packets (ignoring any sequence number gaps)" */
    expire(&s, WAIT + FB_MILLISECOND);
    assert_string_equal(s.line, "0 2 5");
    assert_int_equal(s.space->next, 6);
    assert_int_equal(s.space->counters.lost, 3);
    assert_true(fb_resequencer_next_timeout(&s.r) <= WAIT + 3 * FB_MILLISECOND);
    expire(&s, WAIT + 3 * FB_MILLISECOND);
    assert_string_equal(s.line, "0 2 5 7");
    /* what comes after that is out of sequence: the caller drops or delivers it */
    assert_int_equal(come(&s, 4, WAIT + 4 * FB_MILLISECOND), FB_ORDER_LATE);
    assert_int_equal(come(&s, 4, WAIT + 4 * FB_MILLISECOND), FB_ORDER_DUPLICATE);
    assert_int_equal(s.space->counters.lost, 3);
    assert_int_equal(s.space->counters.late, 1);
    end(&s);
}

/* MAX_PERFLOW_BUFFER: "the packet at the head of the buffer is immediately decapsulated regardless" */
static void
test_no_room(void **state)
{
    scene s = start(1, 3);

    (void)state;
    requirement("B2890-01");
    come(&s, 0, 0);
    come(&s, 2, 0);
    come(&s, 4, 0);
    come(&s, 6, 0);
    assert_string_equal(s.line, "0");
    assert_int_equal(come(&s, 8, 0), FB_ORDER_WAITS);
    assert_string_equal(s.line, "0 2");
    /* the new one may be the head itself */
    assert_int_equal(come(&s, 3, 0), FB_ORDER_NOW);
    assert_string_equal(s.line, "0 2 3 4");
    come(&s, 9, 0);
    assert_int_equal(come(&s, 5, 0), FB_ORDER_NOW);
    assert_string_equal(s.line, "0 2 3 4 5 6");
    assert_int_equal(come(&s, 11, 0), FB_ORDER_WAITS);
    assert_string_equal(s.line, "0 2 3 4 5 6");
    assert_int_equal(come(&s, 10, 0), FB_ORDER_RELEASED);
    assert_string_equal(s.line, "0 2 3 4 5 6 8 9 10 11");
    end(&s);
}

/* One space has nearly all, two share, and none starves a third one */
static void
test_shares(void **state)
{
    scene s = start(3, 100);
    fb_sequence_space *other, *third;

    (void)state;
    for (uint32_t n = 1; n <= 90; n++)
    {
        come(&s, n, 0);
    }
    assert_int_equal(s.space->counters.waited, 81); /* 80 had room: 4 times what is left */
    assert_int_equal(s.space->waiting, 0);
    s.space->counters.waited = 0;
    for (uint32_t n = 100; n < 160; n++)
    {
        come(&s, n, 0);
    }
    assert_int_equal(s.space->waiting, 60);
    other = s.space;
    s.space = third = fb_resequencer_open(&s.r, FB_ROLE_MOBILE_NODE, 1, 2, 0);
    fb_resequencer_set_wait(&s.r, third, WAIT);
    for (uint32_t n = 1; n <= 40; n++)
    {
        come(&s, n, 0);
    }
    assert_in_range(third->counters.waited, 32, 34);
    assert_int_equal(other->waiting, 60);
    assert_ptr_equal(fb_resequencer_find(&s.r, FB_ROLE_MOBILE_NODE, 1, 1), other);
    assert_non_null(fb_resequencer_open(&s.r, FB_ROLE_HOME_AGENT, 1, 1, 0));
    assert_null(fb_resequencer_open(&s.r, FB_ROLE_HOME_AGENT, 2, 1, 0));
    end(&s);
}

/* A packet that is dropped for a reason of its own leaves no gap */
static void
test_not_kept(void **state)
{
    scene s = start(1, 16);
    fb_delivery delivery = {.path = {.bid = 1}};

    (void)state;
    come(&s, 0, 0);
    assert_int_equal(fb_resequencer_take(&s.r, s.space, 2, &delivery, false, 0), FB_ORDER_NOW);
    come(&s, 3, 0);
    assert_string_equal(s.line, "0");
    come(&s, 1, 0);
    assert_string_equal(s.line, "0 1 3");
    assert_int_equal(fb_resequencer_take(&s.r, s.space, 4, &delivery, false, 0), FB_ORDER_NOW);
    come(&s, 5, 0);
    assert_string_equal(s.line, "0 1 3 5");
    end(&s);
}

/* The paths are queues: what all of them have gone past is not waited for */
static void
test_known_lost_is_not_waited_for(void **state)
{
    static const fb_path_view paths[] = {{.bid = 1}, {.bid = 2}};
    scene s = start(1, 16);

    (void)state;
    fb_sequence_set_paths(s.space, paths, 2);
    s.space->settled = true;
    come_by(&s, 0, 1, 0);
    come_by(&s, 1, 2, 0);
    come_by(&s, 4, 1, 0); /* 2 was lost, 3 is on the way */
    come_by(&s, 6, 1, 0);
    assert_string_equal(s.line, "0 1");
    come_by(&s, 3, 2, 0);
    assert_string_equal(s.line, "0 1 3 4");
    come_by(&s, 7, 2, 0);
    assert_string_equal(s.line, "0 1 3 4 6 7");
    assert_int_equal(s.space->counters.lost, 2);

    /* with one path left every gap stays one */
    fb_sequence_set_paths(s.space, paths, 1);
    come_by(&s, 10, 1, 0);
    assert_string_equal(s.line, "0 1 3 4 6 7 10");
    end(&s);
}

/* A sender that began anew: what is from before goes first, then its packets without delay */
static void
test_sender_begins_anew(void **state)
{
    scene s = start(1, 16);

    (void)state;
    for (uint32_t n = 1000; n < 1003; n++)
    {
        come(&s, n, 0);
    }
    come(&s, 1005, 0);
    assert_string_equal(s.line, "1000 1001 1002");
    assert_int_equal(come(&s, 0, 0), FB_ORDER_STRAY);
    assert_int_equal(come(&s, 1, 0), FB_ORDER_RELEASED);
    assert_int_equal(come(&s, 2, 0), FB_ORDER_NOW);
    assert_string_equal(s.line, "1000 1001 1002 0 1005 1 2");
    end(&s);
}

/* Another time limit is for what comes from then on */
static void
test_other_wait(void **state)
{
    scene s = start(1, 16);

    (void)state;
    come(&s, 0, 0);
    come(&s, 2, 0);
    fb_resequencer_set_wait(&s.r, s.space, WAIT);
    assert_string_equal(s.line, "0");
    fb_resequencer_set_wait(&s.r, s.space, WAIT / 2);
    drain(&s);
    assert_string_equal(s.line, "0 2");
    come(&s, 4, 0);
    expire(&s, WAIT / 2);
    assert_string_equal(s.line, "0 2 4");
    end(&s);
}

/* A space that nobody uses is free again, and what it counted is kept */
static void
test_idle(void **state)
{
    scene s = start(1, 16);
    fb_order_counters total;

    (void)state;
    come(&s, 0, FB_SECOND);
    come(&s, 2, FB_SECOND);
    expire(&s, 5 * FB_SECOND);
    assert_string_equal(s.line, "0 2");
    expire(&s, 10 * FB_SECOND);
    assert_ptr_equal(fb_resequencer_at(&s.r, 0), s.space);
    assert_null(fb_resequencer_open(&s.r, FB_ROLE_MOBILE_NODE, 2, 1, 0));
    expire(&s, 11 * FB_SECOND);
    assert_null(fb_resequencer_at(&s.r, 0));
    assert_int_equal(fb_resequencer_next_timeout(&s.r), FB_TIME_NEVER);
    fb_resequencer_total(&s.r, &total);
    assert_int_equal(total.in_order, 2);
    assert_int_equal(total.lost, 1);

    s.space = fb_resequencer_open(&s.r, FB_ROLE_MOBILE_NODE, 2, 1, 12 * FB_SECOND);
    assert_non_null(s.space);
    assert_false(s.space->started);
    come(&s, 0, 12 * FB_SECOND);
    fb_resequencer_total(&s.r, &total);
    assert_int_equal(total.in_order, 3);
    end(&s);
}

/* Neither spaces nor packets: nothing is taken, and no memory either */
static void
test_none(void **state)
{
    static const uint32_t cases[][2] = {{0, 0}, {0, 16}, {16, 0}, {16, UINT32_MAX}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        scene s = start(cases[i][0], cases[i][1]);

        assert_null(s.space);
        assert_false(fb_resequencer_has_released(&s.r));
        expire(&s, FB_SECOND);
        assert_int_equal(fb_resequencer_next_timeout(&s.r), FB_TIME_NEVER);
        end(&s);
    }
}

/* ---- what is published ---- */

/** Numbers as they are written, with 0 at the end. */
typedef struct arrivals
{
    uint32_t number[17];
    const char *reordered; /* RFC 4737: which are */
    /* 4.2.1: how far back the first one is that came before them and is above them */
    const char *extents;
} arrivals;

/** By the definition in RFC 4737 4.2.1, over all that came. */
static unsigned
extent_of(const uint32_t *number, size_t at)
{
    for (size_t j = 0; j < at; j++)
    {
        if (number[j] > number[at])
        {
            return (unsigned)(at - j);
        }
    }
    return 0;
}

/* RFC 4737 7, Tables 1 to 4 */
static void
test_rfc4737_examples(void **state)
{
    static const arrivals cases[] = {
        {{1, 2, 3, 5, 6, 7, 8, 4, 9, 10}, "4", "4"},
        {{1, 2, 3, 4, 7, 5, 6, 8, 9, 10}, "5 6", "1 2"},
        {{1, 2, 3, 7, 8, 9, 10, 4, 5, 6, 11}, "4 5 6", "4 5 6"},
        {{1, 2, 3, 6, 7, 4, 5, 8, 9, 10, 12, 13, 11, 14, 15, 16}, "4 5 11", "2 3 2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        const uint32_t *number = cases[i].number;
        scene s = start(1, 16), extents = start(1, 16), all = start(1, 16);
        size_t count = 0;

        assert_int_equal(come(&all, 0, 0), FB_ORDER_NOW);
        for (; number[count] != 0; count++)
        {
            uint64_t before = all.space->counters.reordered;
            uint32_t oldest = all.space->oldest;
            unsigned waited = 0;

            for (uint32_t n = oldest; n != FB_POOL_NONE; n = all.r.item[n].newer)
            {
                waited++;
            }
            come(&all, number[count], count);
            if (all.space->counters.reordered != before)
            {
                write_down(&s, number[count]);
                write_down(&extents, extent_of(number, count));
                /* the first of a gap finds all in the buffer that came after the one above it */
                assert_true(waited <= extent_of(number, count));
            }
        }
        assert_string_equal(s.line, cases[i].reordered);
        assert_string_equal(extents.line, cases[i].extents);
        assert_int_equal(all.space->counters.in_order + all.space->counters.reordered, count + 1);
        assert_int_equal(all.space->waiting, 0);
        end(&all);
        end(&extents);
        end(&s);
    }
}

/* RFC 5236 8: reorder buffer-occupancy density, how full the buffer is after each arrival (duplicates are none) */
static void
test_rfc5236_examples(void **state)
{
    static const struct
    {
        uint32_t number[9];
        uint32_t threshold; /* packets that are waited for */
        unsigned density[4]; /* of `of` */
        unsigned of;
    } cases[] = {
        {{1, 4, 2, 5, 3, 6, 7, 8}, 4, {5, 2, 1, 0}, 8}, /* .625 .25 .125 */
        {{1, 2, 4, 5, 6, 7}, 3, {3, 1, 1, 1}, 6}, /* .5 .167 .167 .167 */
        {{1, 3, 2, 3, 4, 5}, 2, {4, 1, 0, 0}, 5}, /* .8 .2 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        scene s = start(1, cases[i].threshold);
        unsigned density[4] = {0}, arrived = 0;

        come(&s, 0, 0);
        for (size_t k = 0; cases[i].number[k] != 0; k++)
        {
            if (come(&s, cases[i].number[k], 0) != FB_ORDER_DUPLICATE)
            {
                density[s.space->waiting]++;
                arrived++;
            }
        }
        assert_int_equal(arrived, cases[i].of);
        assert_memory_equal(density, cases[i].density, sizeof density);
        end(&s);
    }
}

/*
 * Two paths by turns, a packet every 20 units, the second one slower by D = delta / 10 spacings: with
 * m = floor(ceil(D) / 2) > 0 half of the packets are reordered, m wait at most, and packets of the fast path wait D - 1
 * spacings each. Checked with `count` packets once all is under way.
 */
static void
test_two_paths_by_turns(void **state)
{
    static const struct
    {
        unsigned delta; /* in tenths of the spacing */
        unsigned peak;
        unsigned wait; /* of a packet of the fast path, in tenths */
    } cases[] = {{5, 0, 0},
                 {15, 1, 5},
                 {25, 1, 15},
                 {35, 2, 25},
                 {55, 3, 45},
                 {105, 5, 95},
                 {405, 20, 395},
                 {801, 40, 791},
                 {1305, 65, 1295}};
    enum
    {
        COUNT = 4000
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        scene s = start(1, 1000);
        uint32_t fast = 0, slow = 1;
        unsigned peak = 0;
        uint64_t waited = 0;

        fb_resequencer_set_wait(&s.r, s.space, FB_SECOND);
        while (fast < COUNT || slow < COUNT)
        {
            uint64_t next_fast = fast < COUNT ? fast * 10u : UINT64_MAX;
            uint64_t next_slow = slow < COUNT ? slow * 10u + cases[i].delta : UINT64_MAX;
            uint64_t now = next_fast < next_slow ? next_fast : next_slow;
            uint32_t number = next_fast < next_slow ? fast : slow;
            fb_delivery delivery = {.packet = now, .path = {.bid = 1}};

            (void)fb_resequencer_take(&s.r, s.space, number, &delivery, true, now);
            fast += number == fast ? 2 : 0;
            slow += number == slow ? 2 : 0;
            while (fb_resequencer_poll(&s.r, &delivery))
            {
                waited += now - delivery.packet;
                assert_true(s.space->counters.waited < 4 || now - delivery.packet == cases[i].wait);
            }
            peak = s.space->waiting > peak ? s.space->waiting : peak;
        }
        assert_int_equal(peak, cases[i].peak);
        assert_int_equal(s.space->counters.lost + s.space->counters.late, 0);
        /* all of the slow path's, but for those that no faster one could overtake at the end */
        assert_in_range(s.space->counters.reordered,
                        cases[i].peak > 0 ? COUNT / 2 - cases[i].peak : 0,
                        cases[i].peak > 0 ? COUNT / 2 : 0);
        assert_int_equal(waited, (uint64_t)s.space->counters.waited * cases[i].wait);
        end(&s);
    }
}

/* The time limit is a step: at D - 1 spacings no gap is given up, a tenth less and all of the slow path's are late */
static void
test_time_limit_is_a_step(void **state)
{
    (void)state;
    for (unsigned limit = 93; limit <= 96; limit++)
    {
        scene s = start(1, 1000);
        uint32_t fast = 0, slow = 1;

        fb_resequencer_set_wait(&s.r, s.space, limit);
        while (fast < 4000)
        {
            uint64_t next_fast = fast * 10u, next_slow = slow * 10u + 105;
            uint64_t now = next_fast < next_slow ? next_fast : next_slow;
            uint32_t number = next_fast < next_slow ? fast : slow;
            fb_delivery delivery = {.packet = number, .path = {.bid = 1}};

            while (fb_resequencer_next_timeout(&s.r) < now)
            {
                fb_resequencer_expire(&s.r, 1, fb_resequencer_next_timeout(&s.r));
            }
            while (fb_resequencer_poll(&s.r, &delivery))
            {
            }
            delivery.packet = number;
            (void)fb_resequencer_take(&s.r, s.space, number, &delivery, true, now);
            while (fb_resequencer_poll(&s.r, &delivery))
            {
            }
            fast += number == fast ? 2 : 0;
            slow += number == slow ? 2 : 0;
        }
        if (limit >= 95)
        {
            assert_int_equal(s.space->counters.late, 0);
        }
        else
        {
            assert_int_equal(s.space->counters.late, (slow - 1) / 2);
        }
        end(&s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap_is_filled),
        cmocka_unit_test(test_time_is_up),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_not_kept),
        cmocka_unit_test(test_known_lost_is_not_waited_for),
        cmocka_unit_test(test_sender_begins_anew),
        cmocka_unit_test(test_other_wait),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_rfc4737_examples),
        cmocka_unit_test(test_rfc5236_examples),
        cmocka_unit_test(test_two_paths_by_turns),
        cmocka_unit_test(test_time_limit_is_a_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
