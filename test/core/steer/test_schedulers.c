/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lowest-rtt, edpf, cheapest-first and redundant, flow-hash with weights, and what holds for all schedulers whatever
 * happens to paths.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/path_account.h"

#define CONTEXT_MAX 1024
#define PACKET 1500u

/** A scheduler with a context of its own. */
typedef struct subject
{
    const fb_scheduler *scheduler;
    uint64_t context[CONTEXT_MAX / 8];
} subject;

static subject
start(const char *name)
{
    subject s = {.scheduler = fb_scheduler_find(name)};

    assert_non_null(s.scheduler);
    assert_in_range(s.scheduler->context_size, 0, CONTEXT_MAX);
    assert_int_equal(s.scheduler->context_size % 8, 0);
    if (s.scheduler->init != NULL)
    {
        s.scheduler->init(s.context, 0);
    }
    return s;
}

static int
ask(subject *s, const fb_path_view *paths, size_t count, uint32_t octets, fb_time now)
{
    fb_flow flow = test_flow_down(FB_PROTOCOL_UDP, 5060, 5060);

    flow.length = octets;
    return s->scheduler
        ->pick(s->scheduler->context_size > 0 ? s->context : NULL, &flow, false, paths, count, now);
}

/* ---- lowest-rtt ---- */

static void
test_lowest_rtt_takes_the_shortest(void **state)
{
    subject s = start("lowest-rtt");
    fb_path_view paths[] = {{.bid = 1, .round_trip_us = 30000},
                            {.bid = 2, .round_trip_us = 20000},
                            {.bid = 3}};

    (void)state;
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 1);
    paths[0].round_trip_us = 18000; /* not better by an eighth */
    assert_int_equal(ask(&s, paths, 3, PACKET, 1), 1);
    paths[0].round_trip_us = 17499;
    assert_int_equal(ask(&s, paths, 3, PACKET, 2), 0);
    paths[1].round_trip_us = 16000; /* and the way back needs as much */
    assert_int_equal(ask(&s, paths, 3, PACKET, 3), 0);
    assert_int_equal(ask(&s, paths + 1, 2, PACKET, 4), 0); /* the one in use is gone */
    paths[2].round_trip_us = 1; /* a path that was not known is, now */
    assert_int_equal(ask(&s, paths, 3, PACKET, 5), 2);
}

static void
test_lowest_rtt_without_measurements(void **state)
{
    subject s = start("lowest-rtt");
    fb_path_view paths[] = {{.bid = 9}, {.bid = 2}};

    (void)state;
    assert_int_equal(ask(&s, paths, 2, PACKET, 0), 0);
    paths[1].round_trip_us = 4000000; /* any time that is known is better than none */
    assert_int_equal(ask(&s, paths, 2, PACKET, 1), 1);
    assert_int_equal(ask(&s, paths, 0, PACKET, 2), -1);
    assert_int_equal(ask(&s, paths, 1, PACKET, 3), 0);
}

/* ---- edpf ---- */

/** A link as it is: infinite FIFO, rate and delay. */
typedef struct test_link
{
    uint32_t kbps;
    fb_time delay, free_at;
    unsigned packets;
} test_link;

/** When a packet of @p octets sent at @p now is delivered. */
static fb_time
send(test_link *link, uint32_t octets, fb_time now)
{
    fb_time from = link->free_at > now ? link->free_at : now;

    link->packets++;
    link->free_at = from + (fb_time)octets * 8000000 / link->kbps;
    return link->free_at + link->delay;
}

/*
 * Chebrolu and Rao's scheduler over 10, 5 and 0.6 Mbit/s with 10, 40 and 200 ms, packets of 1500 octets at a constant
 * rate: no packet overtakes another, and the delay is that of the slowest path in use, 11.2, 42.4 or 220 ms at most.
 */
static void
test_edpf_at_constant_rates(void **state)
{
    static const struct
    {
        double mbps, delay_ms;
        double share[3];
    } cases[] = {
        {1, 11.20, {1, 0, 0}},
        {5, 11.20, {1, 0, 0}},
        {9, 11.20, {1, 0, 0}},
        {10.5, 41.88, {.9524, .0476, 0}},
        {12, 42.02, {.8333, .1667, 0}},
        {14, 42.10, {.7143, .2857, 0}},
        {15.2, 219.2, {.6579, .3289, .0132}},
    };
    static const fb_path_view paths[] = {{.bid = 1, .rate_kbps = 10000, .delay_us = 10000},
                                         {.bid = 2, .rate_kbps = 5000, .delay_us = 40000},
                                         {.bid = 3, .rate_kbps = 600, .delay_us = 200000}};
    enum
    {
        PACKETS = 120000,
        WARM_UP = 60000
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
    {
        subject s = start("edpf");
        test_link links[] = {{10000, 10 * FB_MILLISECOND, 0, 0},
                             {5000, 40 * FB_MILLISECOND, 0, 0},
                             {600, 200 * FB_MILLISECOND, 0, 0}};
        double spacing = PACKET * 8e3 / cases[k].mbps, delays = 0;
        fb_time last = 0;

        for (unsigned i = 0; i < PACKETS; i++)
        {
            fb_time now = (fb_time)(i * spacing);
            int path = ask(&s, paths, 3, PACKET, now);
            fb_time delivered;

            assert_in_range(path, 0, 2);
            if (i == WARM_UP)
            {
                links[0].packets = links[1].packets = links[2].packets = 0;
            }
            delivered = send(&links[path], PACKET, now);
            assert_true(delivered >= last); /* none overtakes another */
            last = delivered;
            delays += i >= WARM_UP ? (double)(delivered - now) : 0;
        }
        delays /= (PACKETS - WARM_UP) * 1e6;
        assert_true(delays > cases[k].delay_ms - 1.2 && delays < cases[k].delay_ms + 1.2);
        for (int p = 0; p < 3; p++)
        {
            double share = (double)links[p].packets / (PACKETS - WARM_UP);

            assert_true(share > cases[k].share[p] - .005 && share < cases[k].share[p] + .005);
        }
    }
}

/* Packets of one size at any times, any number of paths, known rates and delays: no reordering */
static void
test_edpf_never_reorders_packets_of_one_size(void **state)
{
    test_random random = test_random_start("edpf order");

    (void)state;
    for (int round = 0; round < 300; round++)
    {
        subject s = start("edpf");
        size_t count = 1 + test_random_below(&random, 8);
        uint32_t octets = 40 + test_random_below(&random, 1461);
        fb_path_view paths[8];
        test_link links[8];
        fb_time now = 0, last = 0;

        memset(paths, 0, sizeof paths);
        for (size_t i = 0; i < count; i++)
        {
            links[i] = (test_link){.kbps = 100 + test_random_below(&random, 100000),
                                   .delay = (fb_time)test_random_below(&random, 300000) * 1000};
            paths[i].bid = (uint8_t)(i + 1);
            paths[i].rate_kbps = links[i].kbps;
            paths[i].delay_us = (uint32_t)(links[i].delay / 1000);
        }
        for (int i = 0; i < 3000; i++)
        {
            fb_time delivered;

            now += test_random_below(&random, 3000000);
            delivered = send(&links[ask(&s, paths, count, octets, now)], octets, now);
            /* durations are whole nanoseconds on each path; a tie may be split by one of them */
            assert_true(delivered + 1 >= last);
            last = delivered;
        }
    }
}

static void
test_edpf_with_what_is_not_known(void **state)
{
    subject s = start("edpf");
    fb_path_view paths[] = {{.bid = 1}, {.bid = 2}, {.bid = 3}};
    unsigned taken[3] = {0};

    (void)state;
    for (int i = 0; i < 300; i++)
    {
        taken[ask(&s, paths, 3, PACKET, 0)]++;
    }
    assert_int_equal(taken[0], 100); /* nothing is known: each gets as much */
    assert_int_equal(taken[1], 100);
    s = start("edpf");
    paths[0].round_trip_us = 50000; /* half of it is the delay */
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 1);
    s = start("edpf");
    paths[1].backlog_octets = paths[2].backlog_octets = 1000000; /* the host sees a queue */
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 0);
}

/* ---- cheapest-first ---- */

static void
test_cheapest_first_fills_the_cheapest(void **state)
{
    subject s = start("cheapest-first");
    const fb_path_view paths[] = {{.bid = 1, .cost = 5, .rate_kbps = 1000},
                                  {.bid = 2, .cost = 1, .rate_kbps = 1000},
                                  {.bid = 3, .cost = 9, .rate_kbps = 1000}};

    (void)state;
    /* 1500 octets take 12 ms: two wait, the third would wait for more than 20 ms */
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 1);
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 1);
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 0);
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 0);
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 2);
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 2);
    /* all are full, and as long as each other: the first */
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 0);
    assert_int_equal(ask(&s, paths, 3, PACKET, 0), 1);
    /* back as soon as there is room: 36 ms were given to the second, 16 of them are gone */
    assert_int_equal(ask(&s, paths, 3, PACKET, 16 * FB_MILLISECOND - 1), 2);
    assert_int_equal(ask(&s, paths, 3, PACKET, 16 * FB_MILLISECOND), 1);
}

static void
test_cheapest_first_at_half_the_load(void **state)
{
    subject s = start("cheapest-first");
    const fb_path_view paths[] = {{.bid = 1, .cost = 1, .rate_kbps = 10000},
                                  {.bid = 2, .cost = 2, .rate_kbps = 10000}};

    (void)state;
    for (int i = 0; i < 10000; i++)
    {
        assert_int_equal(ask(&s, paths, 2, PACKET, (fb_time)i * 1200000), 0); /* just its rate */
    }
}

static void
test_cheapest_first_by_the_queue_of_the_host(void **state)
{
    subject s = start("cheapest-first");
    fb_path_view paths[] = {{.bid = 1, .cost = 1}, {.bid = 2, .cost = 2}};

    (void)state;
    for (int i = 0; i < 100; i++)
    {
        assert_int_equal(ask(&s, paths, 2, PACKET, 0), 0); /* no rate: never full by itself */
    }
    paths[0].backlog_octets = 45001;
    assert_int_equal(ask(&s, paths, 2, PACKET, 0), 1);
    paths[0].backlog_octets = 45000;
    assert_int_equal(ask(&s, paths, 2, PACKET, 0), 0);
    paths[0].rate_kbps = 10000; /* 36 ms */
    assert_int_equal(ask(&s, paths, 2, PACKET, 0), 1);
    paths[1].cost = 1; /* of two that cost the same the first has precedence */
    paths[0].backlog_octets = 0;
    assert_int_equal(ask(&s, paths, 2, PACKET, FB_SECOND), 0);
}

static void
test_redundant_wants_copies(void **state)
{
    subject s = start("redundant");
    const fb_path_view paths[] = {{.bid = 1}, {.bid = 2}};

    (void)state;
    assert_true(s.scheduler->copies);
    assert_int_equal(ask(&s, paths, 2, PACKET, 0), 0);
    assert_int_equal(ask(&s, paths, 0, PACKET, 0), -1);
}

/* ---- after an overload ---- */

/*
 * Ten seconds of ten times what the paths can carry: real queues dropped nearly all of it. Two seconds later the cheap
 * path, and the one with the shorter delay, carries everything again.
 */
static void
test_overload_is_forgotten(void **state)
{
    static const char *const names[] = {"cheapest-first", "edpf"};
    static const fb_path_view paths[] = {
        {.bid = 1, .cost = 1, .rate_kbps = 1000, .delay_us = 1000},
        {.bid = 2, .cost = 2, .rate_kbps = 1000, .delay_us = 100000}};

    (void)state;
    for (size_t k = 0; k < 2; k++)
    {
        subject s = start(names[k]);
        unsigned taken[2] = {0};

        for (int i = 0; i < 16667; i++) /* 12 ms each, every 0.6 ms */
        {
            taken[ask(&s, paths, 2, PACKET, (fb_time)i * 600000)]++;
        }
        assert_in_range(taken[0], 8000, 8700); /* the order of the accounts was kept */
        for (int i = 0; i < 100; i++)
        {
            fb_time now = 12 * FB_SECOND + (fb_time)i * 12 * FB_MILLISECOND;

            assert_int_equal(ask(&s, paths, 2, PACKET, now), 0);
        }
    }
}

/* The slowest paths and the longest packets for ever: 50 million of them would be 2^64 ns */
static void
test_accounts_do_not_overflow(void **state)
{
    static const char *const names[] = {"cheapest-first", "edpf"};
    static const fb_path_view paths[] = {{.bid = 1, .rate_kbps = 1}, {.bid = 2, .rate_kbps = 1}};
    enum
    {
        NEAR_THE_END = 1000
    };

    (void)state;
    for (size_t k = 0; k < 2; k++)
    {
        subject s = start(names[k]);
        unsigned taken[2] = {0};
        fb_time latest = 0;

        for (int i = 0; i < NEAR_THE_END; i++)
        {
            const fb_path_accounts *accounts = (const fb_path_accounts *)s.context;

            taken[ask(&s, paths, 2, 65535, 0)]++;
            for (int p = 0; p < 2; p++)
            {
                fb_time until = accounts->item[p].busy_until;

                latest = until > latest ? until : latest;
            }
        }
        assert_int_equal(taken[0], NEAR_THE_END / 2);
        /* a second, and what two packets take at 1 kbit/s */
        assert_true(latest <= FB_PATH_WAIT_MAX + 2 * fb_path_duration(65535, 1));
    }
}

/* ---- flow-hash with weights ---- */

/* 100,000 flows: the standard deviation of a share is at most 0.0016 */
static void
test_flow_hash_by_weight(void **state)
{
    static const uint16_t weights[][4] = {{1, 2, 3, 4},
                                          {1, 65535, 0, 0},
                                          {20, 10, 1, 0},
                                          {7, 7, 7, 8},
                                          {100, 1, 1, 100}};
    test_random random = test_random_start("flow-hash weights");
    enum
    {
        FLOWS = 100000
    };

    (void)state;
    for (size_t k = 0; k < sizeof weights / sizeof weights[0]; k++)
    {
        subject s = start("flow-hash");
        fb_path_view paths[4];
        size_t count = 0, on_path[4] = {0};
        double sum = 0;

        memset(paths, 0, sizeof paths);
        for (; count < 4 && weights[k][count] != 0; count++)
        {
            paths[count].bid = (uint8_t)(10 * count + 3);
            paths[count].weight = weights[k][count];
            sum += weights[k][count];
        }
        for (int i = 0; i < FLOWS; i++)
        {
            fb_flow flow = test_flow_random(&random);
            size_t before = (size_t)s.scheduler->pick(NULL, &flow, false, paths, count, 0);
            fb_flow back = test_flow_reverse(&flow);

            on_path[before]++;
            assert_int_equal(s.scheduler->pick(NULL, &back, true, paths, count, 0), before);
            for (size_t lost = 0; lost < count; lost++)
            {
                fb_path_view left[4];
                int after;

                memcpy(left, paths, sizeof left);
                memmove(left + lost, left + lost + 1, (3 - lost) * sizeof left[0]);
                after = s.scheduler->pick(NULL, &flow, false, left, count - 1, 0);
                if (lost != before) /* RFC 2992: only flows of the path that is gone move */
                {
                    assert_int_equal(left[after].bid, paths[before].bid);
                }
            }
        }
        for (size_t p = 0; p < count; p++)
        {
            double share = (double)on_path[p] / FLOWS, right = weights[k][p] / sum;

            assert_true(share > right - .008 && share < right + .008);
        }
    }
}

/** Weights that are the same are none, whatever they are. */
static void
test_flow_hash_with_equal_weights(void **state)
{
    test_random random = test_random_start("flow-hash equal weights");
    subject s = start("flow-hash");
    fb_path_view without[3] = {{.bid = 1}, {.bid = 2}, {.bid = 3}}, with[3];

    (void)state;
    memcpy(with, without, sizeof with);
    with[0].weight = with[1].weight = with[2].weight = 77;
    for (int i = 0; i < 10000; i++)
    {
        fb_flow flow = test_flow_random(&random);

        assert_int_equal(s.scheduler->pick(NULL, &flow, false, without, 3, 0),
                         s.scheduler->pick(NULL, &flow, false, with, 3, 0));
    }
}

/* ---- all of them ---- */

/** Any paths in any order, anything known of them or not. Returns how many. */
static size_t
any_paths(test_random *random, fb_path_view paths[20])
{
    size_t count = test_random_below(random, 4) == 0 ? test_random_below(random, 20)
                                                     : 1 + test_random_below(random, 8);
    uint8_t bid = (uint8_t)(1 + test_random_below(random, 200));

    memset(paths, 0, 20 * sizeof paths[0]);
    for (size_t i = 0; i < count; i++)
    {
        fb_path_view *path = &paths[i];

        path->bid = (uint8_t)(bid + i);
        path->weight = (uint16_t)(test_random_below(random, 2) ? test_random_next(random) : 0);
        path->rate_kbps = test_random_below(random, 3)
                              ? (uint32_t)test_random_next(random) >> test_random_below(random, 32)
                              : 0;
        path->round_trip_us = test_random_below(random, 2) ? (uint32_t)test_random_next(random) : 0;
        path->delay_us = test_random_below(random, 2) ? (uint32_t)test_random_next(random) : 0;
        path->backlog_octets = test_random_below(random, 4) ? 0
                                                            : (uint32_t)test_random_next(random);
        path->cost = (uint16_t)test_random_below(random, 3);
    }
    for (size_t i = count; i > 1; i--)
    {
        size_t k = test_random_below(random, (uint32_t)i);
        fb_path_view path = paths[i - 1];

        paths[i - 1] = paths[k];
        paths[k] = path;
    }
    return count;
}

/* Ten million packets over paths that change at any time: a path that is there is chosen, and always one */
static void
test_any_paths_at_any_time(void **state)
{
    test_random random = test_random_start("schedulers");
    const char *text = getenv("FLOWBIND_PICKS");
    unsigned long picks = text != NULL ? strtoul(text, NULL, 10) : 10000000;
    const fb_scheduler *scheduler;
    size_t number = 0;

    (void)state;
    while (fb_scheduler_at(number) != NULL)
    {
        number++;
    }
    for (size_t k = 0; (scheduler = fb_scheduler_at(k)) != NULL; k++)
    {
        subject s = start(scheduler->name);
        fb_path_view paths[20];
        size_t count = any_paths(&random, paths);
        fb_time now = 0;

        for (unsigned long i = 0; i < picks / number + 1; i++)
        {
            int path;

            if (test_random_below(&random, 64) == 0)
            {
                count = any_paths(&random, paths);
            }
            now += test_random_below(&random, 2) ? test_random_below(&random, 2000000) : 0;
            path = ask(&s, paths, count, test_random_below(&random, 65536), now);
            if (count == 0 ? path != -1 : path < 0 || (size_t)path >= count)
            {
                fail_msg("%s chose %d of %zu", scheduler->name, path, count);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lowest_rtt_takes_the_shortest),
        cmocka_unit_test(test_lowest_rtt_without_measurements),
        cmocka_unit_test(test_edpf_at_constant_rates),
        cmocka_unit_test(test_edpf_never_reorders_packets_of_one_size),
        cmocka_unit_test(test_edpf_with_what_is_not_known),
        cmocka_unit_test(test_cheapest_first_fills_the_cheapest),
        cmocka_unit_test(test_cheapest_first_at_half_the_load),
        cmocka_unit_test(test_cheapest_first_by_the_queue_of_the_host),
        cmocka_unit_test(test_redundant_wants_copies),
        cmocka_unit_test(test_overload_is_forgotten),
        cmocka_unit_test(test_accounts_do_not_overflow),
        cmocka_unit_test(test_flow_hash_by_weight),
        cmocka_unit_test(test_flow_hash_with_equal_weights),
        cmocka_unit_test(test_any_paths_at_any_time),
    };

    return cmocka_run_group_tests_name("schedulers", tests, NULL, NULL);
}
