/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 6626: mobile networks that the home agent assigns.
 */

#include "router.h"

#include <string.h>

/** A home agent that can assign 10.1.0.0/24, 10.2.0.0/28 and 10.3.0.0/24 to the node. */
static void
pool_setup(world_setup *setup)
{
    world_setup_default(setup);
    setup->subscriber.nai = nai_of(ROUTER_NAI);
    setup->subscriber.networks = (fb_networks){.count = 4,
                                               .prefix = {ipv6_prefix(1),
                                                          ipv4_prefix(0x0a010000, 24),
                                                          ipv4_prefix(0x0a020000, 28),
                                                          ipv4_prefix(0x0a030000, 24)}};
}

static world *
pool_world(void)
{
    world_setup setup;

    pool_setup(&setup);
    return world_start(&setup);
}

/** A request for path 1 for these lengths, without an address; 255: no more. */
static request
asking_for(world *w, uint8_t first, uint8_t second, uint8_t third)
{
    request r = request_new(w, 600, care_of(1));
    uint8_t length[] = {first, second, third};

    for (size_t i = 0; i < 3 && length[i] != 255; i++)
    {
        request_network(&r, 0, length[i]);
    }
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    return r;
}

/* 3.2: "the Prefix field set to the prefix allocated"; "MAY take into account the prefix length hint" */
static void
test_allocation(void **state)
{
    world *w = pool_world();
    request r = asking_for(w, 0, 255, 255);
    answer a;

    (void)state;
    requirement("B6626-01");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_network(a.message, 0, 148, 8, 1, 0, 24, 0, 10, 1, 0, 0);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4");
    assert_int_equal(downlink_to(w, 0x0a010063, UDP, SIP, 40000).bid, 1);

    r = asking_for(w, 28, 255, 255);
    a = request_send(w, &r);
    assert_network(a.message, 0, 148, 8, 1, 0, 28, 0, 10, 2, 0, 0);
    r = asking_for(w, 20, 255, 255); /* none is so long: "at the discretion of the home agent" */
    a = request_send(w, &r);
    assert_network(a.message, 0, 148, 8, 1, 0, 24, 0, 10, 1, 0, 0);
    r = asking_for(w, 24, 28, 24);
    a = request_send(w, &r);
    assert_network(a.message, 0, 148, 8, 1, 0, 24, 0, 10, 1, 0, 0);
    assert_network(a.message, 1, 148, 8, 1, 0, 28, 0, 10, 2, 0, 0);
    assert_network(a.message, 2, 148, 8, 1, 0, 24, 0, 10, 3, 0, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "444");
    world_end(w);
}

/* "the Code field [...] should be set to 4 (MOBNET_UNASSIGNED)"; what is named by value is not assigned as well */
static void
test_nothing_left(void **state)
{
    world *w = pool_world();
    request r = asking_for(w, 24, 24, 24);
    answer a;

    (void)state;
    requirement("B6626-01");
    request_network(&r, 0x0a010000, 24); /* behind them, and still first */
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_network(a.message, 0, 148, 8, 1, 0, 24, 0, 10, 3, 0, 0);
    assert_network(a.message, 1, 148, 8, 1, 0, 28, 0, 10, 2, 0, 0);
    assert_network(a.message, 2, 148, 8, 1, 4, 24, 0, 0, 0, 0, 0);
    assert_network(a.message, 3, 148, 8, 1, 0, 24, 0, 10, 1, 0, 0);
    r = asking_for(w, 33, 255, 255);
    a = request_send(w, &r);
    assert_denied(a, 147, FB_DROP_NETWORK_UNAVAILABLE);
    assert_network(a.message, 0, 148, 8, 1, 1, 33, 0, 0, 0, 0, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "444");
    world_end(w);
}

/* "The lifetime of the allocated prefix will be equal to the lifetime of the binding": with several, of the last */
static void
test_lifetime(void **state)
{
    world *w = pool_world();
    request r = asking_for(w, 0, 255, 255);
    size_t since;
    answer a = request_send(w, &r);

    (void)state;
    requirement("B6626-01");
    assert_accepted(&a, &r, 600);
    world_run(w, 300 * FB_SECOND);
    r = request_new(w, 600, care_of(2));
    request_network(&r, 0x0a010000, 24);
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    since = w->events;
    world_run(w, 590 * FB_SECOND);
    assert_bound(w, "2");
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "");
    world_run(w, 11 * FB_SECOND);
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "-4");
    world_end(w);
}

/* "combined with dynamic home address allocation": neither address nor network is known before */
static void
test_with_an_assigned_home_address(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B6626-01", "B2794-01");
    pool_setup(&setup);
    setup.mobile_node.mobile_node.home_address = 0;
    setup.mobile_node.mobile_node.nai = nai_of(ROUTER_NAI);
    setup.mobile_node.mobile_node.networks =
        (fb_networks){.count = 2, .prefix = {ipv4_prefix(0, 28), ipv4_prefix(0, 0)}};
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "12");

    /* The first request asks, the others name what was assigned */
    assert_int_equal(request_sent(w, 0).networks, 2);
    assert_network(world_sent(w, true, 0), 0, 148, 6, 0, 28, 0, 0, 0, 0);
    assert_network(world_sent(w, true, 0), 1, 148, 6, 0, 0, 0, 0, 0, 0);
    for (size_t i = 1; i < requests_sent(w); i++)
    {
        assert_network(world_sent(w, true, i), 0, 148, 6, 0, 28, 10, 2, 0, 0);
        assert_network(world_sent(w, true, i), 1, 148, 6, 0, 24, 10, 1, 0, 0);
    }
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+4");
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4+4");
    assert_true(uplink_from(w, 0x0a02000f, UDP, SIP, 40000).delivered);
    assert_true(downlink_to(w, 0x0a0100ff, UDP, SIP, 40000).delivered);
    world_end(w);
}

/* One that was assigned and is not any more is asked for without a value again */
static void
test_another_assignment(void **state)
{
    world_setup setup;
    world *w;
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    (void)state;
    requirement("B6626-01");
    pool_setup(&setup);
    setup.mobile_node.mobile_node.networks =
        (fb_networks){.count = 2, .prefix = {ipv4_prefix(0, 24), ipv4_prefix(0x0a020000, 28)}};
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+4");

    fact.u.subscriber = setup.subscriber;
    fact.u.subscriber.networks.prefix[1] = ipv4_prefix(0x0a040000, 24);
    fact.u.subscriber.networks.prefix[3] = ipv4_prefix(0x0a050000, 24);
    world_fact(w, w->home_agent, &fact);
    world_run(w, 480 * FB_SECOND);
    assert_network(world_sent(w, true, 1), 0, 148, 6, 0, 24, 10, 1, 0, 0);
    assert_network(world_sent(w, false, 1), 0, 148, 8, 1, 2, 24, 0, 10, 1, 0, 0);
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+4-4");
    world_run(w, 480 * FB_SECOND);
    assert_network(world_sent(w, true, 2), 0, 148, 6, 0, 24, 0, 0, 0, 0);
    assert_network(world_sent(w, false, 2), 0, 148, 8, 1, 0, 24, 0, 10, 4, 0, 0);
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+4-4+4");
    assert_true(downlink_to(w, 0x0a040001, UDP, SIP, 40000).delivered);
    world_end(w);
}

/* 3.1: "invalid prefix" may mean that the home agent assigns none: it stops asking, and registers without */
static void
test_a_home_agent_that_assigns_none(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B6626-01");
    pool_setup(&setup);
    setup.subscriber.networks.count = 2;
    setup.mobile_node.mobile_node.networks =
        (fb_networks){.count = 2, .prefix = {ipv4_prefix(0, 0), ipv4_prefix(0x0a090000, 24)}};
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    for (uint8_t code = 1; code <= 4; code = (uint8_t)(code + 3))
    {
        uint8_t octets[REPLY_FIXED + 10];
        const uint8_t ack[2][10] = {{148, 8, 1, 1, 0, 0, 0, 0, 0, 0},
                                    {148, 8, 1, 4, 24, 0, 10, 9, 0, 0}};

        reply_fixed(octets, world_last(w, true), 147, 600);
        memcpy(octets + REPLY_FIXED, ack[code / 4], 10);
        assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets), 0);
        world_run(w, 10 * FB_MILLISECOND);
        assert_int_equal(look_at(world_last(w, true)).networks, code == 1 ? 1 : 0);
    }
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allocation),
        cmocka_unit_test(test_nothing_left),
        cmocka_unit_test(test_lifetime),
        cmocka_unit_test(test_with_an_assigned_home_address),
        cmocka_unit_test(test_another_assignment),
        cmocka_unit_test(test_a_home_agent_that_assigns_none),
    };

    return cmocka_run_group_tests_name("rfc6626_allocation", tests, NULL, NULL);
}
