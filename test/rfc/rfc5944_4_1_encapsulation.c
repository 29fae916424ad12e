/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 4.1: which encapsulation a tunnel has; RFC 7629 5.1: each path its own.
 */

#include "nat.h"

#define DT (FLAG_D | FLAG_T)

/* IP in IP is a MUST, the others are "at the discretion of the home agent": else 139 (RFC 3024 3.4) */
static void
test_home_agent_honours_or_refuses(void **state)
{
    static const struct
    {
        bool gre, minimal;
        uint8_t flags, code, tunnel;
    } row[] = {
        {true, true, 0, 0, FB_TUNNEL_IPIP},
        {true, true, FLAG_G, 0, FB_TUNNEL_GRE},
        {true, true, FLAG_M, 0, FB_TUNNEL_MINIMAL},
        {true, true, FLAG_G | FLAG_M, 0, FB_TUNNEL_GRE},
        {false, true, FLAG_G, 139, 0},
        {false, true, FLAG_M, 0, FB_TUNNEL_MINIMAL},
        /* Who asks for both takes either */
        {false, true, FLAG_G | FLAG_M, 0, FB_TUNNEL_MINIMAL},
        {true, false, FLAG_M, 139, 0},
        {true, false, FLAG_G | FLAG_M, 0, FB_TUNNEL_GRE},
        {false, false, 0, 0, FB_TUNNEL_IPIP},
        {false, false, FLAG_G, 139, 0},
        {false, false, FLAG_M, 139, 0},
        {false, false, FLAG_G | FLAG_M, 139, 0},
    };

    (void)state;
    requirement("B5944-60", "B3024-02");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        fb_home_agent_config config = home_agent_defaults();
        world *w;
        request r;

        config.gre = row[i].gre;
        config.minimal = row[i].minimal;
        w = home_agent_world(&config, true);
        r = tunnel_request(w, 1, DT | row[i].flags, care_of(1), 434);
        if (row[i].code == 139)
        {
            assert_denied(request_send(w, &r), 139, FB_DROP_ENCAPSULATION_UNSUPPORTED);
            assert_bound(w, "");
        }
        else
        {
            assert_int_equal(request_send(w, &r).code, 0);
            assert_tunnel(w, 1, row[i].tunnel, care_of(1), 0);
        }
        world_end(w);
    }
}

/* The next registration decides anew, in place */
static void
test_encapsulation_changes_with_a_refresh(void **state)
{
    static const uint8_t flags[] = {FLAG_G, FLAG_M, 0, FLAG_G};
    static const uint8_t tunnel[] = {FB_TUNNEL_GRE,
                                     FB_TUNNEL_MINIMAL,
                                     FB_TUNNEL_IPIP,
                                     FB_TUNNEL_GRE};
    world *w = bound_world(2);
    size_t events = w->events;

    (void)state;
    requirement("B5944-60", "R7629-5.1-25");
    for (size_t i = 0; i < sizeof flags; i++)
    {
        request r = tunnel_request(w, 1, DT | flags[i], care_of(1), 434);

        assert_int_equal(request_send(w, &r).code, 0);
        assert_tunnel(w, 1, tunnel[i], care_of(1), 0);
        assert_tunnel(w, 2, FB_TUNNEL_IPIP, care_of(2), 0);
    }
    assert_null(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN));
    world_end(w);
}

/* A registration without RFC 7629 has a tunnel, too */
static void
test_encapsulation_without_multipath(void **state)
{
    world *w = bound_world(0);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("B5944-60");
    r.octets[1] = DT | FLAG_M;
    assert_int_equal(request_send(w, &r).code, 1);
    assert_tunnel(w, 0, FB_TUNNEL_MINIMAL, care_of(1), 0);
    world_end(w);
}

/* RFC 7629 5.1: "encapsulation type and any other parameters are based on the registration for that path" */
static void
test_each_path_its_own(void **state)
{
    nat n = {.outside[3] = 0xcb0071c8u, .port[3] = 62001};
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-5.1-25", "B5944-60");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->translate = nat_translate;
    w->context = &n;
    w->address[3] = 0x0a000005u;
    w->tunnel[2] = FB_TUNNEL_GRE;
    w->udp[2] = FB_UDP_IF_NAT;
    w->udp[3] = FB_UDP_IF_NAT;
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 2 * FB_SECOND);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    assert_tunnel(w, 2, FB_TUNNEL_GRE, care_of(2), 0);
    assert_tunnel(w, 3, FB_TUNNEL_IPIP, 0xcb0071c8u, 62001);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_IPIP);
    assert_int_equal(mobile_binding(w, 2).tunnel, FB_TUNNEL_GRE);
    assert_int_equal(mobile_binding(w, 3).tunnel, FB_TUNNEL_IPIP);
    assert_int_equal(mobile_binding(w, 1).udp_port, 0);
    assert_int_equal(mobile_binding(w, 2).udp_port, 0);
    assert_int_equal(mobile_binding(w, 3).udp_port, FB_MIP4_PORT);
    /* Refreshing all with one request (B) leaves every tunnel as it is */
    world_run(w, 600 * FB_SECOND);
    assert_bound(w, "123");
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    assert_tunnel(w, 2, FB_TUNNEL_GRE, care_of(2), 0);
    assert_tunnel(w, 3, FB_TUNNEL_IPIP, 0xcb0071c8u, 62001);
    world_end(w);
}

/* RFC 5944 3.3: M and G as the host wants the path; a link that wants another tunnel registers again */
static void
test_mobile_node_asks_as_configured(void **state)
{
    static const uint8_t flags[FB_TUNNEL_COUNT] = {0, FLAG_G, FLAG_M};
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5944-60");
    world_setup_default(&setup);
    w = world_start(&setup);
    for (uint8_t tunnel = 0; tunnel < FB_TUNNEL_COUNT; tunnel++)
    {
        w->tunnel[1] = tunnel;
        world_link_up(w, 1);
        world_run(w, 2 * FB_SECOND);
        assert_int_equal(requests_sent(w), tunnel + 1u);
        assert_int_equal(request_sent(w, tunnel).flags, DT | flags[tunnel]);
        assert_tunnel(w, 1, tunnel, care_of(1), 0);
        assert_int_equal(mobile_binding(w, 1).tunnel, tunnel);
        world_link_up(w, 1); /* the same again is no news */
        world_run(w, 2 * FB_SECOND);
        assert_int_equal(requests_sent(w), tunnel + 1u);
    }
    world_end(w);
}

static void
test_link_that_asks_for_nonsense(void **state)
{
    fb_fact fact = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = 1,
                               .address = fb_addr_from_ipv4(care_of(1)),
                               .bid = 1,
                               .label = 1,
                               .technology = TECHNOLOGY_WLAN,
                               .tunnel = FB_TUNNEL_COUNT}};
    world *w = bound_world(0);

    (void)state;
    requirement("B5944-60");
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_ARGUMENT);
    fact.u.link.tunnel = FB_TUNNEL_IPIP;
    fact.u.link.udp = FB_UDP_FORCE + 1;
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_ARGUMENT);
    world_end(w);
}

/* RFC 3024: 139 to what was asked for; IP in IP is always there */
static void
test_139_asks_for_ip_in_ip(void **state)
{
    static const uint8_t flags[FB_TUNNEL_COUNT] = {0, FLAG_G, FLAG_M};

    (void)state;
    requirement("B5944-60", "B3024-02");
    for (uint8_t tunnel = FB_TUNNEL_GRE; tunnel < FB_TUNNEL_COUNT; tunnel++)
    {
        world_setup setup;
        world *w;

        world_setup_default(&setup);
        setup.home_agent.home_agent.gre = false;
        setup.home_agent.home_agent.minimal = false;
        w = world_start(&setup);
        w->tunnel[1] = tunnel;
        world_link_up(w, 1);
        world_run(w, FB_SECOND);
        assert_int_equal(requests_sent(w), 2);
        assert_int_equal(request_sent(w, 0).flags, DT | flags[tunnel]);
        assert_int_equal(look_at(world_sent(w, false, 0)).code, 139);
        assert_int_equal(request_sent(w, 1).flags, DT);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_IPIP);
        /* Remembered for this path, until it has another address */
        world_run(w, 600 * FB_SECOND);
        assert_int_equal(look_at(world_last(w, true)).flags, DT);
        world_change_address(w, 1, care_of(4));
        world_run(w, 2 * FB_SECOND);
        assert_int_equal(look_at(world_last(w, true)).flags, DT);
        assert_int_equal(look_at(world_sent(w, true, requests_sent(w) - 2)).flags,
                         DT | flags[tunnel]);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        world_end(w);
    }
}

/* 139 to a request for IP in IP, or twice, has no alternative */
static void
test_139_without_an_alternative(void **state)
{
    world_setup setup;

    (void)state;
    requirement("B3024-02");
    world_setup_default(&setup);
    for (uint8_t tunnel = 0; tunnel < FB_TUNNEL_COUNT; tunnel++)
    {
        world *w = world_start(&setup);

        w->tunnel[1] = tunnel;
        w->lose = lose_requests;
        world_link_up(w, 1);
        if (tunnel != FB_TUNNEL_IPIP)
        {
            reply_to(w, world_last(w, true), 139, 0);
            assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
        }
        reply_to(w, world_last(w, true), 139, 0);
        assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
        world_end(w);
    }
}

/* C-02: the same for a refresh, and the tunnel that is there stays as it was agreed until the next agreement */
static void
test_139_to_a_refresh(void **state)
{
    world_setup setup;
    size_t events;
    world *w;

    (void)state;
    requirement("C-02", "B5944-60");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->tunnel[1] = FB_TUNNEL_GRE;
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    w->lose = lose_requests;
    world_run(w, 480 * FB_SECOND);
    events = w->events;
    reply_to(w, world_last(w, true), 139, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_GRE);
    reply_to(w, world_last(w, true), 0, 600);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_IPIP);
    assert_null(binding_event(w, events, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN));
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_home_agent_honours_or_refuses),
        cmocka_unit_test(test_encapsulation_changes_with_a_refresh),
        cmocka_unit_test(test_encapsulation_without_multipath),
        cmocka_unit_test(test_each_path_its_own),
        cmocka_unit_test(test_mobile_node_asks_as_configured),
        cmocka_unit_test(test_link_that_asks_for_nonsense),
        cmocka_unit_test(test_139_asks_for_ip_in_ip),
        cmocka_unit_test(test_139_without_an_alternative),
        cmocka_unit_test(test_139_to_a_refresh),
    };

    return cmocka_run_group_tests_name("rfc5944_4_1_encapsulation", tests, NULL, NULL);
}
