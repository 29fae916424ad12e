/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3519 4.6: what the home agent makes of a UDP Tunnel Request, and of a NAT.
 */

#include "data_plane.h"
#include "nat.h"

#include <string.h>

#define NAT_1 0xcb0071c8u /* 203.0.113.200 */
#define NAT_2 0xcb0071c9u
#define PRIVATE 0x0a000005u /* 10.0.0.5 */
#define DT (FLAG_D | FLAG_T)

static const uint8_t assent[8] = {44, 6, 0, 0, 0, 0, 0, 110};
static const uint8_t forced[8] = {44, 6, 0, 0, 0x80, 0, 0, 110};
static const uint8_t declined[8] = {44, 6, 0, 64, 0, 0, 0, 0};

/** Registers path @p bid with care-of address 10.0.0.5 behind a NAT. */
static answer
register_behind(world *w, uint8_t bid, fb_ipv4 nat_address, uint16_t port)
{
    request r = request_new(w, 600, PRIVATE);

    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    r.source = nat_address;
    r.port = port;
    request_udp_tunnel(&r, 0, 0);
    return request_send(w, &r);
}

/* "MUST use a mismatch between source IP address and care-of address ... as the indication" */
static void
test_nat_is_seen_by_the_address(void **state)
{
    world *w = bound_world(0);
    request r = tunnel_request(w, 1, DT, NAT_1, 4000);
    answer a;

    (void)state;
    requirement("B3519-02", "B3519-03", "B5944-48");
    request_udp_tunnel(&r, 0, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, assent);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4000);
    /* A strange port alone is no NAT: "SHOULD respond with ... a declining UDP Tunnel Reply" */
    r = tunnel_request(w, 2, DT, care_of(2), 4000);
    request_udp_tunnel(&r, 0, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, declined);
    assert_tunnel(w, 2, FB_TUNNEL_IPIP, care_of(2), 0);
    assert_bound(w, "12");
    world_end(w);
}

/* "unless tunnelling has been explicitly requested by the mobile node using the 'F' flag" */
static void
test_force(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    request r;
    answer a;

    (void)state;
    requirement("B3519-03");
    config.udp_force = false;
    for (int allowed = 1; allowed >= 0; allowed--)
    {
        bool first = allowed != 0;

        w = home_agent_world(first ? NULL : &config, true);
        r = tunnel_request(w, 1, DT, care_of(1), 4000);
        request_udp_tunnel(&r, FLAG_UDP_FORCE, 0);
        a = request_send(w, &r);
        if (first)
        {
            assert_udp_answer(&a, forced);
            assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 4000);
        }
        else
        {
            /* 4.6.1: "does not allow forced use": 129 */
            assert_denied(a, 129, FB_DROP_UDP_TUNNEL_NOT_ALLOWED);
            assert_bound(w, "");
        }
        /* Behind a NAT it is not F that decides */
        r = tunnel_request(w, 1, DT, NAT_1, 4000);
        request_udp_tunnel(&r, FLAG_UDP_FORCE, 0);
        a = request_send(w, &r);
        assert_udp_answer(&a, first ? forced : assent);
        assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4000);
        world_end(w);
    }
}

/* 4.6.1: "NAT detected by home agent, but traversal not allowed": 129 */
static void
test_traversal_not_allowed(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    snapshot before;
    world *w;
    request r;
    answer a;
    size_t events;

    (void)state;
    requirement("B3519-03");
    config.udp_tunnel = false;
    w = home_agent_world(&config, true);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    before = home_agent_state(w);
    events = w->events;
    for (int force = 0; force < 2; force++)
    {
        r = tunnel_request(w, 1, DT, NAT_1, 4000);
        request_udp_tunnel(&r, force != 0 ? FLAG_UDP_FORCE : 0, 0);
        a = request_send(w, &r);
        assert_denied(a, 129, FB_DROP_UDP_TUNNEL_NOT_ALLOWED);
        assert_udp_answer(&a, NULL);
        assert_unchanged(w, &before);
    }
    assert_int_equal(events_of(w, events, FB_ROLE_HOME_AGENT, FB_EVENT_DENIED, 1), 2);
    /* Without a NAT it is not needed, and the registration goes on as ever */
    r = tunnel_request(w, 1, DT, care_of(1), 4000);
    request_udp_tunnel(&r, 0, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, declined);
    world_end(w);
}

/* 4.1: "MUST either be accepted using the requested encapsulation, or rejected with ... ENCAP_UNAVAIL" */
static void
test_encapsulation_unavailable(void **state)
{
    static const struct
    {
        uint8_t flags, field;
    } row[] = {{DT, 47}, {DT, 55}, {DT, 41}, {DT, 50}, {DT | FLAG_G, 0}, {DT | FLAG_M, 0}};
    fb_home_agent_config config = home_agent_defaults();
    snapshot before;
    world *w;

    (void)state;
    requirement("B5944-12", "B3519-03");
    config.gre = false;
    config.minimal = false;
    w = home_agent_world(&config, true);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    before = home_agent_state(w);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        request r = tunnel_request(w, 1, row[i].flags, NAT_1, 4000);

        request_udp_tunnel(&r, 0, row[i].field);
        assert_denied(request_send(w, &r), 142, FB_DROP_UDP_TUNNEL_UNAVAILABLE);
        assert_unchanged(w, &before);
    }
    world_end(w);
}

/* 4.6.1: "placed before the MN-HA authentication extension, but 'D' bit not set", and the other way round: 134 */
static void
test_wrong_side_of_the_authentication(void **state)
{
    world *w = bound_world(1);
    snapshot before = home_agent_state(w);
    request r = tunnel_request(w, 1, FLAG_T, NAT_1, 4000);
    answer a;

    (void)state;
    requirement("B3519-03");
    request_udp_tunnel(&r, 0, 0);
    assert_denied(request_send(w, &r), 134, FB_DROP_UDP_TUNNEL_MISPLACED);
    assert_unchanged(w, &before);

    r = tunnel_request(w, 1, DT, NAT_1, 4000);
    r.length = world_sign(r.octets, r.length);
    request_udp_tunnel(&r, 0, 0);
    a = octets_send(w, NAT_1, r.octets, r.length);
    assert_denied(a, 134, FB_DROP_UDP_TUNNEL_MISPLACED);
    assert_unchanged(w, &before);

    /* What a foreign agent adds is nothing the home agent can believe: the plain tunnel, and no answer to it */
    r = tunnel_request(w, 1, FLAG_T, NAT_1, 4000);
    r.length = world_sign(r.octets, r.length);
    request_udp_tunnel(&r, FLAG_UDP_FORCE, 0);
    a = octets_send(w, NAT_1, r.octets, r.length);
    assert_int_equal(a.code, 0);
    assert_udp_answer(&a, NULL);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    world_end(w);
}

/* Registration through a foreign agent with a co-located address would need a tunnel that waits for a keepalive */
static void
test_through_a_foreign_agent(void **state)
{
    world *w = bound_world(0);
    request r = tunnel_request(w, 1, DT, NAT_1, 4000);
    answer a;

    (void)state;
    requirement("B3519-03");
    request_udp_tunnel(&r, FLAG_UDP_THROUGH_AGENT, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, declined);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    /* 3.1.1: with F "either accept the traversal ... or reject" */
    r = tunnel_request(w, 1, DT, NAT_1, 4000);
    request_udp_tunnel(&r, FLAG_UDP_THROUGH_AGENT | FLAG_UDP_FORCE, 0);
    assert_denied(request_send(w, &r), 129, FB_DROP_UDP_TUNNEL_NOT_ALLOWED);
    world_end(w);
}

/* Without the extension a NAT is nobody's business */
static void
test_no_request_no_udp(void **state)
{
    world *w = bound_world(0);
    request r = tunnel_request(w, 1, DT, NAT_1, 4000);
    answer a = request_send(w, &r);

    (void)state;
    requirement("B3519-03");
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, NULL);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    world_end(w);
}

/* A tunnel nobody could send into: the source would be a loop, or nobody's address */
static void
test_unusable_source(void **state)
{
    static const fb_ipv4 sources[] = {WORLD_HOME_ADDRESS,
                                      WORLD_HOME_AGENT,
                                      0xe0000001u,
                                      0xffffffffu};
    world *w = bound_world(0);
    request r;

    (void)state;
    requirement("B3519-02");
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
    {
        r = tunnel_request(w, 1, DT, sources[i], 4000);
        request_udp_tunnel(&r, 0, 0);
        assert_denied(request_send(w, &r), 134, FB_DROP_CARE_OF_ADDRESS_INVALID);
        assert_bound(w, "");
    }
    r = tunnel_request(w, 1, DT, NAT_1, 0);
    request_udp_tunnel(&r, 0, 0);
    assert_denied(request_send(w, &r), 134, FB_DROP_CARE_OF_ADDRESS_INVALID);
    world_end(w);
}

/* 4.7: "each binding may have a different type" */
static void
test_each_binding_for_itself(void **state)
{
    world *w = bound_world(1);
    answer a = register_behind(w, 2, NAT_1, 4000);

    (void)state;
    requirement("B3519-02");
    assert_udp_answer(&a, assent);
    assert_int_equal(register_path(w, 3, 600, 0).code, 0);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    assert_tunnel(w, 2, FB_TUNNEL_IPIP, NAT_1, 4000);
    assert_tunnel(w, 3, FB_TUNNEL_IPIP, care_of(3), 0);
    world_end(w);
}

/* 4.4: a re-registration may come from another port, "the result of the NAT dropping state" */
static void
test_refresh_by_another_port(void **state)
{
    world *w = bound_world(2);
    size_t events;

    (void)state;
    requirement("C-14", "B3519-02");
    assert_int_equal(register_behind(w, 1, NAT_1, 4000).code, 0);
    events = w->events;
    assert_int_equal(register_behind(w, 1, NAT_1, 4000).code, 0);
    assert_int_equal(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_REFRESH);
    events = w->events;
    assert_int_equal(register_behind(w, 1, NAT_1, 4001).code, 0);
    assert_int_equal(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_ADDRESS_CHANGED);
    assert_null(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN));
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4001);
    events = w->events;
    assert_int_equal(register_behind(w, 1, NAT_2, 4001).code, 0);
    assert_int_equal(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_ADDRESS_CHANGED);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_2, 4001);
    /* Then without the NAT, and in place as well */
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    assert_bound(w, "12");
    world_end(w);
}

/* C-14: the effective care-of address is address and port, and two NATs may give out the same private one */
static void
test_two_nats_one_private_address(void **state)
{
    world *w = bound_world(0);

    (void)state;
    requirement("C-14", "D-11");
    assert_int_equal(register_behind(w, 1, NAT_1, 4000).code, 0);
    assert_int_equal(register_behind(w, 2, NAT_2, 4000).code, 0);
    assert_int_equal(register_behind(w, 3, NAT_1, 4001).code, 0);
    assert_bound(w, "123");
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4000);
    assert_tunnel(w, 2, FB_TUNNEL_IPIP, NAT_2, 4000);
    assert_tunnel(w, 3, FB_TUNNEL_IPIP, NAT_1, 4001);
    world_end(w);
}

/* D-11 behind a NAT: the same address and port under another BID is the same path under another name */
static void
test_another_bid_takes_the_mapping_over(void **state)
{
    world_setup setup;
    size_t events;
    world *w;
    request r;

    (void)state;
    requirement("C-14", "D-11");
    world_setup_default(&setup);
    setup.home_agent.limits.bindings_per_node = 2;
    w = world_start(&setup);
    assert_int_equal(register_behind(w, 1, NAT_1, 4000).code, 0);
    assert_int_equal(register_behind(w, 2, NAT_2, 4000).code, 0);
    /* No room for a third, but for one that takes over: and with another private address behind it */
    assert_int_equal(register_behind(w, 3, NAT_1, 4001).code, 135);
    events = w->events;
    r = tunnel_request(w, 3, DT, NAT_1, 4000);
    request_udp_tunnel(&r, 0, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "23");
    assert_int_equal(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_REPLACED);
    /* A policy cannot name what the same request takes away */
    r = tunnel_request(w, 1, DT, NAT_1, 4000);
    request_udp_tunnel(&r, 0, 0);
    request_forward(&r, "13", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    world_end(w);
}

/** What becomes of a packet from there to the home address. */
static uint8_t
fate_of(world *w, fb_ipv4 source, uint8_t protocol)
{
    data_packet packet = data_ipv4(source, WORLD_HOME_ADDRESS, protocol, 60);
    fb_action action;

    packet.octets[20] = SIP >> 8;
    packet.octets[21] = SIP & 0xff;
    action = data_steer(w, w->home_agent, &packet);
    assert_int_equal(action.reason, action.kind == FB_SEND ? FB_REASON_NONE : FB_DROP_LOOP);
    return action.kind;
}

/*
 * B5944-56 behind a NAT: what comes from the node's own address and port would loop. Its neighbours behind the same NAT
 * may talk to it, and so may whoever else has that private address.
 */
static void
test_loop_behind_a_nat(void **state)
{
    world *w = bound_world(0);

    (void)state;
    requirement("B5944-56", "C-14");
    assert_int_equal(register_behind(w, 1, NAT_1, SIP).code, 0);
    assert_int_equal(fate_of(w, NAT_1, UDP), FB_DROP_PACKET);
    assert_int_equal(fate_of(w, NAT_1, TCP), FB_SEND);
    assert_int_equal(fate_of(w, NAT_1, ICMP), FB_SEND);
    assert_int_equal(fate_of(w, NAT_2, UDP), FB_SEND);
    assert_int_equal(fate_of(w, PRIVATE, UDP), FB_SEND);
    assert_int_equal(register_behind(w, 1, NAT_1, SIP + 1).code, 0);
    assert_int_equal(fate_of(w, NAT_1, UDP), FB_SEND);
    /* Without a NAT any packet from there would */
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(fate_of(w, care_of(1), TCP), FB_DROP_PACKET);
    world_end(w);
}

/* D-28 behind a NAT: without 154 the address and the port say which binding goes */
static void
test_deregistration_without_154(void **state)
{
    world *w = bound_world(0);
    request r;

    (void)state;
    requirement("C-14", "D-28");
    assert_int_equal(register_behind(w, 1, NAT_1, 4000).code, 0);
    assert_int_equal(register_behind(w, 2, NAT_2, 4000).code, 0);
    r = request_new(w, 0, PRIVATE);
    r.source = NAT_1;
    r.port = 4001;
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12");
    r = request_new(w, 0, PRIVATE);
    r.source = NAT_2;
    r.port = 4000;
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "1");
    world_end(w);

    /* One without RFC 7629 is the only one, so its address is enough: the NAT may have a new port by then */
    w = bound_world(0);
    r = request_new(w, 600, PRIVATE);
    r.source = NAT_1;
    r.port = 4000;
    request_udp_tunnel(&r, 0, 0);
    assert_int_equal(request_send(w, &r).code, 1);
    assert_tunnel(w, 0, FB_TUNNEL_IPIP, NAT_1, 4000);
    r = request_new(w, 0, PRIVATE);
    r.source = NAT_1;
    r.port = 4009;
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "");
    world_end(w);
}

/* D-37: Lifetime 0 comes by any path; nobody looks for a NAT then, and nothing is tunnelled */
static void
test_no_nat_detection_for_lifetime_0(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    request r;
    answer a;

    (void)state;
    requirement("D-37", "C-11");
    config.udp_tunnel = false;
    config.gre = false;
    w = home_agent_world(&config, true);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    r = path_request(w, 1, 0, 0);
    r.source = care_of(2);
    request_udp_tunnel(&r, FLAG_UDP_FORCE, 47);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_udp_answer(&a, NULL);
    assert_bound(w, "2");
    world_end(w);
}

/* 3.2: "Specifies the NAT keepalive interval that the mobile node SHOULD use" */
static void
test_keepalive_interval_is_told(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    answer a;

    (void)state;
    requirement("B3519-02");
    config.keepalive_s = 0x1234;
    w = home_agent_world(&config, true);
    a = register_behind(w, 1, NAT_1, 4000);
    assert_udp_answer(&a, (const uint8_t[]){44, 6, 0, 0, 0, 0, 0x12, 0x34});
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nat_is_seen_by_the_address),
        cmocka_unit_test(test_force),
        cmocka_unit_test(test_traversal_not_allowed),
        cmocka_unit_test(test_encapsulation_unavailable),
        cmocka_unit_test(test_wrong_side_of_the_authentication),
        cmocka_unit_test(test_through_a_foreign_agent),
        cmocka_unit_test(test_no_request_no_udp),
        cmocka_unit_test(test_unusable_source),
        cmocka_unit_test(test_each_binding_for_itself),
        cmocka_unit_test(test_refresh_by_another_port),
        cmocka_unit_test(test_two_nats_one_private_address),
        cmocka_unit_test(test_another_bid_takes_the_mapping_over),
        cmocka_unit_test(test_loop_behind_a_nat),
        cmocka_unit_test(test_deregistration_without_154),
        cmocka_unit_test(test_no_nat_detection_for_lifetime_0),
        cmocka_unit_test(test_keepalive_interval_is_told),
    };

    return cmocka_run_group_tests_name("rfc3519_4_home_agent", tests, NULL, NULL);
}
