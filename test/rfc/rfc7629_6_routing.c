/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 6: routing over several tunnels, with a policy and without.
 */

#include "exchange.h"

#define FLOWS 3000

/** Path of each flow, from the mobile node's view; that of the home agent is the same. */
static void
note_paths(world *w, uint8_t path[FLOWS])
{
    for (uint16_t i = 0; i < FLOWS; i++)
    {
        world_verdict up = world_uplink(w, UDP, (uint16_t)(10000 + i), 40000);
        world_verdict down = world_downlink(w, UDP, (uint16_t)(10000 + i), 40000);

        assert_true(up.delivered && down.delivered);
        assert_int_equal(up.bid, down.bid);
        path[i] = up.bid;
    }
}

/* the tunnels are "equal-cost, point-to-point links": each of them gets its share */
static void
test_tunnels_of_equal_cost(void **state)
{
    world *w = registered_world(3);
    uint8_t path[FLOWS];
    unsigned count[4] = {0};

    (void)state;
    requirement("R7629-6-01", "R7629-6-05");
    note_paths(w, path);
    for (size_t i = 0; i < FLOWS; i++)
    {
        count[path[i]]++;
    }
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        /* nearly six standard deviations */
        assert_in_range(count[bid], FLOWS / 3 - 150, FLOWS / 3 + 150);
    }
    world_end(w);
}

/* "routed by the mobility entities as per the negotiated flow policy"; what it does not name, by default */
static void
test_policy_comes_first(void **state)
{
    world *w = registered_world(3);
    fb_rule rules[1] = {forward_rule("2", UDP, SIP)};
    bool used[4] = {false};

    (void)state;
    requirement("R7629-6-02", "D-35");
    assert_int_equal(world_policy(w, rules, 1), FB_OK);
    world_run(w, FB_SECOND);
    for (uint16_t port = 40000; port < 40100; port++)
    {
        assert_int_equal(world_uplink(w, UDP, SIP, port).bid, 2);
        assert_int_equal(world_downlink(w, UDP, SIP, port).bid, 2);
        used[world_downlink(w, UDP, HTTP, port).bid] = true;
    }
    assert_true(used[1] && used[2] && used[3]);
    world_end(w);
}

/* multipath without an exchanged policy: both ends have one that agrees, the default */
static void
test_both_ends_agree_without_a_policy(void **state)
{
    world_setup setup;
    world *w;
    uint8_t path[FLOWS];

    (void)state;
    requirement("R7629-6-03", "R7629-1-02", "D-35");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.negotiate_policy = false;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    note_paths(w, path);
    world_end(w);

    /* The default by its name is the same one */
    setup.mobile_node.scheduler = "flow-hash";
    setup.home_agent.scheduler = "flow-hash";
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    {
        uint8_t again[FLOWS];

        note_paths(w, again);
        assert_memory_equal(again, path, FLOWS);
    }
    world_end(w);
}

/* per-flow: "a given flow always takes the same path" */
static void
test_a_flow_stays_on_its_path(void **state)
{
    world *w = registered_world(3);
    uint8_t bid = world_downlink(w, TCP, HTTP, 40000).bid;

    (void)state;
    requirement("R7629-6-05", "R7629-6-07");
    for (unsigned i = 0; i < 1000; i++)
    {
        assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, bid);
        assert_int_equal(world_uplink(w, TCP, HTTP, 40000).bid, bid);
        world_run(w, FB_SECOND); /* refreshes in between change nothing */
    }
    world_end(w);
}

/* a path lost: only its flows move; it comes back: they return, and only they */
static void
test_only_the_flows_of_a_lost_path_move(void **state)
{
    world *w = registered_world(3);
    static uint8_t before[FLOWS], without[FLOWS], after[FLOWS];
    bool used[4] = {false};

    (void)state;
    requirement("D-35", "R7629-6-05");
    note_paths(w, before);
    world_link_down(w, 2);
    world_run(w, FB_SECOND);
    note_paths(w, without);
    for (size_t i = 0; i < FLOWS; i++)
    {
        assert_int_not_equal(without[i], 2);
        assert_true(before[i] == 2 || without[i] == before[i]);
        used[without[i]] |= before[i] == 2;
    }
    assert_true(used[1] && used[3]); /* shared by the others */
    world_link_up(w, 2);
    world_run(w, FB_SECOND);
    note_paths(w, after);
    assert_memory_equal(after, before, FLOWS);
    world_end(w);
}

/* "this specification recommends" per-flow: it is what one gets without asking */
static void
test_default_is_per_flow(void **state)
{
    fb_config config;
    world_setup setup;

    (void)state;
    requirement("R7629-6-07");
    fb_config_default(&config);
    assert_true(config.scheduler == NULL);
    world_setup_default(&setup);
    setup.mobile_node.scheduler = "flow-hash";
    assert_true(fb_agent_size(&setup.mobile_node) > 0);
    setup.mobile_node.scheduler = "no-such-scheduler";
    assert_int_equal(fb_agent_size(&setup.mobile_node), 0);
}

/* no path at all */
static void
test_no_path(void **state)
{
    world *w = registered_world(0);

    (void)state;
    requirement("R7629-6-01");
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tunnels_of_equal_cost),
        cmocka_unit_test(test_policy_comes_first),
        cmocka_unit_test(test_both_ends_agree_without_a_policy),
        cmocka_unit_test(test_a_flow_stays_on_its_path),
        cmocka_unit_test(test_only_the_flows_of_a_lost_path_move),
        cmocka_unit_test(test_default_is_per_flow),
        cmocka_unit_test(test_no_path),
    };

    return cmocka_run_group_tests_name("rfc7629_6_routing", tests, NULL, NULL);
}
