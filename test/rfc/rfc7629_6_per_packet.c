/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 6: balancing by packet, where the text says "per-destination" (D-42).
 */

#include "exchange.h"

#include <string.h>

#define PACKETS 3000

static world *
per_packet_world(const char *scheduler)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.scheduler = scheduler;
    setup.home_agent.scheduler = scheduler;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    return w;
}

/* one flow over all tunnels, each with its third; each packet once, and at the other end */
static void
test_one_flow_over_all_paths(void **state)
{
    world *w = per_packet_world("round-robin");
    unsigned up[4] = {0}, down[4] = {0}, swapped = 0;

    (void)state;
    requirement("R7629-6-04", "R7629-6-06", "D-42");
    for (unsigned i = 0; i < PACKETS; i++)
    {
        world_verdict uplink = world_uplink(w, TCP, HTTP, 40000);
        world_verdict downlink = world_downlink(w, TCP, HTTP, 40000);
        static uint8_t before;

        assert_true(uplink.delivered && downlink.delivered);
        up[uplink.bid]++;
        down[downlink.bid]++;
        /* 100 ms behind, 10 ms in front: the later packet arrives earlier */
        swapped += i > 0 && w->delay[downlink.bid] < w->delay[before];
        before = downlink.bid;
    }
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_in_range(up[bid], PACKETS / 3 - PACKETS / 300, PACKETS / 3 + PACKETS / 300);
        assert_in_range(down[bid], PACKETS / 3 - PACKETS / 300, PACKETS / 3 + PACKETS / 300);
    }
    assert_true(swapped > 0); /* "may result in reordering" */
    world_end(w);
}

/* both ways of balancing are there to choose from; the other one keeps a flow together (R7629-6-05) */
static void
test_a_host_chooses(void **state)
{
    world *w = per_packet_world("flow-hash");
    uint8_t bid = world_downlink(w, TCP, HTTP, 40000).bid;

    (void)state;
    requirement("R7629-6-04", "R7629-6-05");
    for (unsigned i = 0; i < 100; i++)
    {
        assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, bid);
    }
    world_end(w);
}

/* "without any policy": what a rule decides stays where the rule says */
static void
test_rules_come_first(void **state)
{
    world *w = per_packet_world("round-robin");
    fb_rule rules[2] = {forward_rule("2", UDP, SIP), drop_rule(TCP, SSH)};
    unsigned count[4] = {0};

    (void)state;
    requirement("R7629-6-02", "R7629-6-04");
    assert_int_equal(world_policy(w, rules, 2), FB_OK);
    world_run(w, FB_SECOND);
    for (unsigned i = 0; i < 300; i++)
    {
        assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
        assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);
        assert_int_equal(world_downlink(w, TCP, SSH, 40000).reason, FB_DROP_POLICY);
        count[world_downlink(w, TCP, HTTP, 40000).bid]++;
    }
    /* and takes nobody's turn */
    assert_int_equal(count[1], 100);
    assert_int_equal(count[2], 100);
    assert_int_equal(count[3], 100);
    world_end(w);
}

/* paths that come and go: none gets two turns, none that is gone gets any */
static void
test_paths_come_and_go(void **state)
{
    world *w = per_packet_world("round-robin");
    unsigned count[4] = {0};

    (void)state;
    requirement("R7629-6-06");
    assert_int_equal(world_downlink(w, TCP, HTTP, 1).bid, 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 2).bid, 2);
    world_link_down(w, 3);
    world_run(w, FB_SECOND);
    assert_int_equal(world_downlink(w, TCP, HTTP, 1).bid, 1);
    for (unsigned i = 0; i < 100; i++)
    {
        count[world_downlink(w, TCP, HTTP, 40000).bid]++;
    }
    assert_int_equal(count[1], 50);
    assert_int_equal(count[2], 50);
    world_link_up(w, 3);
    world_run(w, FB_SECOND);
    memset(count, 0, sizeof count);
    for (unsigned i = 0; i < 300; i++)
    {
        count[world_downlink(w, TCP, HTTP, 40000).bid]++;
    }
    assert_int_equal(count[1], 100);
    assert_int_equal(count[2], 100);
    assert_int_equal(count[3], 100);
    world_end(w);
}

/** A UDP fragment toward the mobile node; only the first, at offset 0, has ports. */
static uint8_t
fragment_path(world *w, uint16_t id, uint16_t offset, bool more)
{
    uint8_t octets[48] = {
        0x45, 0,  0,   48, (uint8_t)(id >> 8), (uint8_t)id, 0, 0, 64, UDP, 0, 0, 192, 0, 2, 200,
        198,  51, 100, 10};
    fb_packet packet = {.packet = 1, .header = octets, .header_len = 48, .total_len = 48};
    fb_action action;

    octets[6] = (uint8_t)((more ? 0x20 : 0) | offset >> 8);
    octets[7] = (uint8_t)offset;
    if (offset == 0)
    {
        octets[20] = SIP >> 8;
        octets[21] = SIP & 0xff;
    }
    assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
    assert_int_equal(action.kind, FB_SEND);
    return action.path.bid;
}

/* D-39: all fragments of a packet follow the first */
static void
test_fragments_follow_the_first(void **state)
{
    world *w = per_packet_world("round-robin");
    unsigned count[4] = {0};

    (void)state;
    requirement("D-39", "R7629-6-06");
    for (uint16_t id = 1; id <= 300; id += 2)
    {
        /* two packets whose fragments alternate */
        uint8_t a = fragment_path(w, id, 0, true);
        uint8_t b = fragment_path(w, (uint16_t)(id + 1), 0, true);

        assert_int_not_equal(a, b);
        assert_int_equal(fragment_path(w, id, 100, true), a);
        assert_int_equal(fragment_path(w, (uint16_t)(id + 1), 100, false), b);
        assert_int_equal(fragment_path(w, id, 200, false), a);
        count[a]++;
        count[b]++;
    }
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(count[bid], 100);
    }
    world_end(w);
}

/* what one node sends takes no turn of another */
static void
test_each_node_has_its_own_turns(void **state)
{
    world_setup setup;
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};
    world *w;
    unsigned count[2][4] = {{0}};

    (void)state;
    requirement("R7629-6-06");
    world_setup_default(&setup);
    setup.home_agent.scheduler = "round-robin";
    w = world_start(&setup);
    fact.u.subscriber = setup.subscriber;
    fact.u.subscriber.home_address = WORLD_HOME_ADDRESS + 1;
    world_fact(w, w->home_agent, &fact);
    for (uint8_t bid = 1; bid <= 2; bid++)
    {
        request r = path_request(w, bid, 600, 0);

        assert_int_equal(request_send(w, &r).code, 0);
        r = path_request(w, bid, 600, 0);
        r.octets[7]++; /* the other home address */
        r.octets[15] = (uint8_t)(r.octets[15] + 100); /* its own care-of address */
        assert_int_equal(request_send(w, &r).code, 0);
    }
    for (unsigned i = 0; i < 200; i++)
    {
        uint8_t octets[48] =
            {0x45, 0, 0, 48, 0, 0, 0, 0, 64, UDP, 0, 0, 192, 0, 2, 200, 198, 51, 100};
        fb_packet packet = {.packet = 1, .header = octets, .header_len = 48, .total_len = 48};
        fb_action action;

        octets[19] = (uint8_t)(10 + i % 2);
        assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &packet, w->now), FB_OK);
        assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
        assert_int_equal(action.kind, FB_SEND);
        count[i % 2][action.path.bid]++;
    }
    for (unsigned node = 0; node < 2; node++)
    {
        assert_int_equal(count[node][1], 50);
        assert_int_equal(count[node][2], 50);
    }
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_flow_over_all_paths),
        cmocka_unit_test(test_a_host_chooses),
        cmocka_unit_test(test_rules_come_first),
        cmocka_unit_test(test_paths_come_and_go),
        cmocka_unit_test(test_fragments_follow_the_first),
        cmocka_unit_test(test_each_node_has_its_own_turns),
    };

    return cmocka_run_group_tests_name("rfc7629/6/per-packet", tests, NULL, NULL);
}
