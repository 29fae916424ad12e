/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/scheduler.h"

enum
{
    FLOWS = 30000
};

static const fb_path_view three_paths[] = {
    {.link = 1, .bid = 1, .label = 1, .technology = 4},
    {.link = 2, .bid = 2, .label = 2, .technology = 8},
    {.link = 3, .bid = 3, .label = 3, .technology = 10},
};

/** BID that flow-hash chooses. */
static uint8_t
bid_of(const fb_flow *flow, bool mirrored, const fb_path_view *paths, size_t count)
{
    const fb_scheduler *scheduler = fb_scheduler_find("flow-hash");
    int path = scheduler->pick(NULL, flow, mirrored, paths, count, 0);

    assert_in_range(path, 0, count - 1);
    return paths[path].bid;
}

static void
test_scheduler_list_knows_its_names(void **state)
{
    size_t count = 0;
    const fb_scheduler *scheduler;

    (void)state;
    for (; (scheduler = fb_scheduler_at(count)) != NULL; count++)
    {
        assert_ptr_equal(fb_scheduler_find(scheduler->name), scheduler);
        assert_non_null(scheduler->pick);
        assert_true(scheduler->context_size == 0 || scheduler->init != NULL);
    }
    assert_true(count > 0);
    assert_null(fb_scheduler_find(""));
    assert_null(fb_scheduler_find("flow-has"));
    assert_null(fb_scheduler_find("flow-hash "));
}

/* R7629-6-07: per flow is recommended, and the default. */
static void
test_scheduler_default_is_flow_hash(void **state)
{
    (void)state;
    requirement("R7629-6-07");
    assert_string_equal(fb_scheduler_at(0)->name, "flow-hash");
}

static void
test_flow_hash_without_paths_chooses_none(void **state)
{
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 443, 40000);

    (void)state;
    assert_int_equal(fb_scheduler_find("flow-hash")->pick(NULL, &flow, false, NULL, 0, 0), -1);
    assert_int_equal(fb_scheduler_find("flow-hash")->pick(NULL, &flow, false, three_paths, 1, 0),
                     0);
}

/* RFC 2992, D-35: with one of N paths gone, exactly its flows move. */
static void
test_flow_hash_losing_a_path_moves_only_its_flows(void **state)
{
    test_random random = test_random_start("flow-hash disruption");
    unsigned moved[3] = {0};

    (void)state;
    requirement("B2991-01", "D-35");
    for (int i = 0; i < FLOWS; i++)
    {
        fb_flow flow = test_flow_random(&random);
        uint8_t before = bid_of(&flow, false, three_paths, 3);

        for (size_t lost = 0; lost < 3; lost++)
        {
            fb_path_view left[2] = {three_paths[(lost + 1) % 3], three_paths[(lost + 2) % 3]};
            uint8_t after = bid_of(&flow, false, left, 2);

            assert_true(after != three_paths[lost].bid);
            if (before != three_paths[lost].bid)
            {
                assert_int_equal(after, before);
            }
            else
            {
                moved[lost]++;
            }
        }
    }
    assert_int_equal(moved[0] + moved[1] + moved[2], FLOWS);
}

/* R7629-6-05. 30,000 flows: standard deviation 82 about 10,000; the bound is six of them. */
static void
test_flow_hash_uses_all_paths_evenly(void **state)
{
    test_random random = test_random_start("flow-hash distribution");
    unsigned on_path[4] = {0};
    unsigned moved_to[4] = {0};

    (void)state;
    requirement("R7629-6-05");
    for (int i = 0; i < FLOWS; i++)
    {
        fb_flow flow = test_flow_random(&random);
        uint8_t bid = bid_of(&flow, false, three_paths, 3);

        on_path[bid]++;
        if (bid == 1)
        {
            moved_to[bid_of(&flow, false, three_paths + 1, 2)]++;
        }
    }
    for (int bid = 1; bid <= 3; bid++)
    {
        assert_in_range(on_path[bid], FLOWS / 3 - 490, FLOWS / 3 + 490);
    }
    /* What a lost path carried spreads over those left: 50 about 5,000. */
    assert_in_range(moved_to[2], on_path[1] / 2 - 300, on_path[1] / 2 + 300);
}

/** Flows that differ in one port only, the usual case of one client and one server, spread as well. */
static void
test_flow_hash_spreads_neighbouring_ports(void **state)
{
    unsigned on_path[4] = {0};

    (void)state;
    for (uint16_t port = 32768; port < 32768 + 3000; port++)
    {
        fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 443, port);

        on_path[bid_of(&flow, false, three_paths, 3)]++;
    }
    for (int bid = 1; bid <= 3; bid++)
    {
        assert_in_range(on_path[bid], 1000 - 155, 1000 + 155);
    }
}

/* R7629-3-03: home agent and mobile node put both directions of a flow on the same path. */
static void
test_flow_hash_is_free_of_direction(void **state)
{
    test_random random = test_random_start("flow-hash direction");

    (void)state;
    requirement("D-35");
    for (int i = 0; i < FLOWS; i++)
    {
        fb_flow down = test_flow_random(&random);
        fb_flow up = test_flow_reverse(&down);

        assert_int_equal(bid_of(&down, false, three_paths, 3), bid_of(&up, true, three_paths, 3));
    }
}

/** Two nodes list their bindings in orders of their own: the answer must not depend on it. */
static void
test_flow_hash_is_free_of_the_order_of_paths(void **state)
{
    test_random random = test_random_start("flow-hash order");
    const fb_path_view other[] = {three_paths[2], three_paths[0], three_paths[1]};

    (void)state;
    for (int i = 0; i < FLOWS; i++)
    {
        fb_flow flow = test_flow_random(&random);

        assert_int_equal(bid_of(&flow, false, three_paths, 3), bid_of(&flow, false, other, 3));
    }
}

/** How a packet is marked, how far it came and whose number its link has do not move a flow. */
static void
test_flow_hash_looks_at_the_flow_only(void **state)
{
    test_random random = test_random_start("flow-hash fields");
    fb_path_view renumbered[3];

    (void)state;
    memcpy(renumbered, three_paths, sizeof renumbered);
    for (int i = 0; i < 3; i++)
    {
        renumbered[i].link += 7;
        renumbered[i].label = (uint8_t)(9 - i);
        renumbered[i].technology = 0;
    }
    for (int i = 0; i < 1000; i++)
    {
        fb_flow flow = test_flow_random(&random);
        uint8_t bid = bid_of(&flow, false, three_paths, 3);

        flow.tos = (uint8_t)test_random_next(&random);
        flow.ttl = 1;
        flow.dont_fragment = true;
        flow.fragment = flow.first_fragment = true; /* a first fragment goes where its flow goes */
        flow.fragment_id = (uint16_t)i;
        assert_int_equal(bid_of(&flow, false, renumbered, 3), bid);
    }
}

/** The SPIs of the two directions of an ESP tunnel differ (RFC 4301 4.1); both directions still share a path. */
static void
test_flow_hash_ignores_the_spi(void **state)
{
    test_random random = test_random_start("flow-hash ESP");
    unsigned on_path[4] = {0};

    (void)state;
    for (int i = 0; i < 3000; i++)
    {
        fb_flow down = {.source = (fb_ipv4)test_random_next(&random),
                        .destination = TEST_HOME_ADDRESS,
                        .protocol = FB_PROTOCOL_ESP,
                        .has_spi = true,
                        .spi = (uint32_t)test_random_next(&random)};
        fb_flow up = test_flow_reverse(&down);

        up.spi = (uint32_t)test_random_next(&random);
        assert_int_equal(bid_of(&down, false, three_paths, 3), bid_of(&up, true, three_paths, 3));
        on_path[bid_of(&down, false, three_paths, 3)]++;
    }
    assert_in_range(on_path[1], 1000 - 155, 1000 + 155);
    assert_in_range(on_path[2], 1000 - 155, 1000 + 155);
}

/** Later fragments have no ports. Without the first in the cache they stay together, whatever packet they are of. */
static void
test_flow_hash_keeps_orphaned_fragments_together(void **state)
{
    test_random random = test_random_start("flow-hash fragments");

    (void)state;
    for (int i = 0; i < 1000; i++)
    {
        fb_flow one = test_flow_random(&random);

        one.has_ports = false;
        one.fragment = true;
        fb_flow other = one;

        one.fragment_id = (uint16_t)i;
        other.fragment_id = (uint16_t)(i + 1);
        one.source_port = 1; /* not to be looked at */
        assert_int_equal(bid_of(&one, false, three_paths, 3),
                         bid_of(&other, false, three_paths, 3));
    }
}

/* The whole of both addresses counts, the flow label does not: each direction has its own (RFC 6437 2) */
static void
test_flow_hash_of_ipv6(void **state)
{
    test_random random = test_random_start("flow-hash IPv6");
    unsigned on_path[4] = {0}, moved[2] = {0};

    (void)state;
    for (int i = 0; i < 3000; i++)
    {
        uint8_t source[16] = {0x20, 1}, destination[16] = {0x20, 1, 0x0d, 0xb8};
        fb_flow down = {.family = FB_FAMILY_IPV6,
                        .source6 = source,
                        .destination6 = destination,
                        .protocol = FB_PROTOCOL_TCP,
                        .has_ports = true,
                        .source_port = 443,
                        .destination_port = (uint16_t)test_random_next(&random),
                        .flow_label = (uint32_t)test_random_next(&random) & 0xfffff};
        fb_flow up = test_flow_reverse(&down);
        uint8_t bid;

        source[4] = (uint8_t)test_random_next(&random);
        source[15] = (uint8_t)test_random_next(&random);
        up.source6 = destination;
        up.destination6 = source;
        up.flow_label ^= 0x55555;
        bid = bid_of(&down, false, three_paths, 3);
        assert_int_equal(bid_of(&up, true, three_paths, 3), bid);
        on_path[bid]++;
        source[3] ^= 1;
        moved[0] += bid_of(&down, false, three_paths, 3) != bid;
        source[3] ^= 1;
        source[12] ^= 1;
        moved[1] += bid_of(&down, false, three_paths, 3) != bid;
    }
    assert_in_range(on_path[1], 1000 - 155, 1000 + 155);
    assert_in_range(on_path[2], 1000 - 155, 1000 + 155);
    assert_in_range(moved[0], 2000 - 155, 2000 + 155);
    assert_in_range(moved[1], 2000 - 155, 2000 + 155);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scheduler_list_knows_its_names),
        cmocka_unit_test(test_scheduler_default_is_flow_hash),
        cmocka_unit_test(test_flow_hash_without_paths_chooses_none),
        cmocka_unit_test(test_flow_hash_losing_a_path_moves_only_its_flows),
        cmocka_unit_test(test_flow_hash_uses_all_paths_evenly),
        cmocka_unit_test(test_flow_hash_spreads_neighbouring_ports),
        cmocka_unit_test(test_flow_hash_is_free_of_direction),
        cmocka_unit_test(test_flow_hash_is_free_of_the_order_of_paths),
        cmocka_unit_test(test_flow_hash_looks_at_the_flow_only),
        cmocka_unit_test(test_flow_hash_ignores_the_spi),
        cmocka_unit_test(test_flow_hash_keeps_orphaned_fragments_together),
        cmocka_unit_test(test_flow_hash_of_ipv6),
    };
    return cmocka_run_group_tests_name("steer/flow_hash", tests, NULL, NULL);
}
