/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5844 3.1 and 4.1: an anchor that gives IPv4 home addresses, and is reached over IPv4.
 */

#include "anchor.h"

#include <string.h>

#define HOME "2001:db8:100::/64"
#define FIRST_ADDRESS 0xc6336402u /* 198.51.100.2: .0 is the network, .1 the router */
#define ROUTER 0xc6336401u

static anchor *
start(void)
{
    fb_config config;

    anchor_config(&config);
    return anchor_start(&config);
}

static uint32_t
u32_at(const uint8_t *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

/** Option 37: Status, six bits of prefix length, address. */
static void
assert_reply(const pba *answer, uint8_t status, uint8_t prefix_length, fb_ipv4 address)
{
    size_t length;
    const uint8_t *body = pba_option(answer, 37, 0, &length);

    assert_non_null(body);
    assert_int_equal(length, 6);
    assert_int_equal(body[0], status);
    assert_int_equal(body[1], prefix_length << 2);
    assert_int_equal(u32_at(body + 2), address);
}

/** An update for an IPv4 home address, with or without a home network prefix. */
static update
update_for(const anchor *a, const char *node, bool ipv6, fb_ipv4 address, uint16_t lifetime)
{
    update u = update_new(7, lifetime, path_address(1));

    update_node(&u, node);
    if (ipv6)
    {
        update_home_prefix(&u, NULL);
    }
    update_handoff(&u, 1);
    update_technology(&u, 4);
    update_timestamp(&u, a->now);
    update_ipv4(&u, 24, address);
    update_gateway(&u, ANCHOR_GATEWAY);
    return u;
}

/* 3.1.2.1: the one option or the other has to be there; 3.1.2.6: no prefix is answered where none was asked for */
static void
test_address_without_prefix(void **state)
{
    anchor *a = start();
    update u = update_for(a, ANCHOR_MOBILE_NODE, false, 0, 100);
    pba answer = update_send(a, &u);
    size_t length;
    const uint8_t *router;
    fb_event event;

    (void)state;
    requirement("B5844-02");
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 22));
    assert_reply(&answer, 0, 24, FIRST_ADDRESS);
    router = pba_option(&answer, 38, 0, &length);
    assert_int_equal(length, 6);
    assert_int_equal(u32_at(router + 2), ROUTER);
    assert_int_equal(anchor_session(a).home_address, FIRST_ADDRESS);
    assert_int_equal(anchor_session(a).home.count, 0);
    assert_true(anchor_event(a, FB_EVENT_PREFIX, &event));
    assert_int_equal(event.prefix.length, 32);
    fb_flow flow = {.family = FB_FAMILY_IPV4, .destination = FIRST_ADDRESS};
    assert_int_equal(fb_lma_session_toward(&a->lma, &flow), 0);
    flow.destination++;
    assert_int_equal(fb_lma_session_toward(&a->lma, &flow), FB_NODE_NONE);

    /* 3.1.2.7: it stands in the place of the prefix; 3.1.2.3 */
    anchor_wait(a, FB_SECOND);
    u = update_for(a, ANCHOR_MOBILE_NODE, false, FIRST_ADDRESS, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_sessions(a), 1);
    /* 3.1.2.1: "extending": now with IPv6 too */
    anchor_wait(a, FB_SECOND);
    u = update_for(a, ANCHOR_MOBILE_NODE, true, FIRST_ADDRESS, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(pba_has_home_prefix(&answer, 0, HOME));
    assert_reply(&answer, 0, 24, FIRST_ADDRESS);
    assert_int_equal(anchor_sessions(a), 1);
    /* 3.1.2.4: and only IPv4 again */
    anchor_wait(a, FB_SECOND);
    u = update_for(a, ANCHOR_MOBILE_NODE, false, FIRST_ADDRESS, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_session(a).home.count, 0);
    anchor_end(a);
}

/* 3.1.2.1, 3.1.2.2: what is refused, and how option 37 says so */
static void
test_refusals(void **state)
{
    anchor *a = start();
    fb_proxy_subscriber node = anchor_subscriber("v6@example.net");
    update u;
    pba answer;

    (void)state;
    requirement("B5844-02");
    node.ipv4_allowed = false;
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_OK);
    node = anchor_subscriber("v4@example.net");
    node.ipv6_refused = true;
    node.home_address = 0xc0000280;
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_OK);

    u = update_for(a, "v6@example.net", true, 0, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 170);
    assert_reply(&answer, 129, 24, 0);
    assert_false(pba_has(&answer, 38));
    u = update_for(a, "v4@example.net", true, 0, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 172);
    /* two options */
    u = update_for(a, ANCHOR_MOBILE_NODE, true, 0, 100);
    update_ipv4(&u, 24, 0);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 173);
    assert_reply(&answer, 128, 24, 0);
    /* not ours; another one's by name */
    u = update_for(a, ANCHOR_MOBILE_NODE, false, 0x0a000001, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 171);
    assert_reply(&answer, 129, 24, 0x0a000001);
    u = update_for(a, ANCHOR_MOBILE_NODE, false, 0xc0000280, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 171);
    assert_int_equal(anchor_sessions(a), 0);
    /* its own by name */
    u = update_for(a, "v4@example.net", false, 0, 100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_reply(&answer, 0, 32, 0xc0000280);
    anchor_end(a);
}

/* 3.1.2.2: none left: 130, and 128 in the option; .255 is never given */
static void
test_none_left(void **state)
{
    fb_config config;
    anchor *a;

    (void)state;
    requirement("B5844-02");
    anchor_config(&config);
    config.lma.ipv4_pool = prefix_of("198.51.100.0/29"); /* .2 to .6 */
    config.lma.any_subscriber = true;
    a = anchor_start(&config);
    for (unsigned i = 0; i < 6; i++)
    {
        char name[] = "node0@example.net";
        update u;
        pba answer;

        name[4] = (char)('0' + i);
        u = update_for(a, name, false, 0, 100);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), i < 5 ? 0 : 130);
        assert_reply(&answer, i < 5 ? 0 : 128, i < 5 ? 29 : 24, i < 5 ? FIRST_ADDRESS + i : 0);
    }
    anchor_end(a);
}

/* 3.1.2.5: only the address, or only the prefixes */
static void
test_selective_deregistration(void **state)
{
    (void)state;
    requirement("B5844-02");
    for (int ipv4 = 0; ipv4 < 2; ipv4++)
    {
        anchor *a = start();
        update u = update_for(a, ANCHOR_MOBILE_NODE, true, 0, 100);
        pba answer = update_send(a, &u);

        assert_int_equal(pba_status(&answer), 0);
        anchor_wait(a, FB_SECOND);
        u = update_new(8, 0, path_address(1));
        update_node(&u, ANCHOR_MOBILE_NODE);
        if (ipv4)
        {
            update_ipv4(&u, 24, FIRST_ADDRESS);
        }
        else
        {
            update_home_prefix(&u, HOME);
        }
        update_handoff(&u, 4);
        update_technology(&u, 4);
        update_timestamp(&u, a->now);
        update_gateway(&u, ANCHOR_GATEWAY);
        answer = update_send(a, &u);
        assert_int_equal(pba_status(&answer), 0);
        assert_false(anchor_session(a).grace);
        assert_int_equal(anchor_session(a).home_address, ipv4 ? 0 : FIRST_ADDRESS);
        assert_int_equal(anchor_session(a).home.count, ipv4);
        anchor_end(a);
    }
}

/* 4.1.3: P18, over UDP, with F; C8-15: told to use UDP by NAT Detection, and answered at the port it came from */
static void
test_over_ipv4(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    fb_tunnel tunnel;
    size_t length;
    const uint8_t *nat;
    pba answer;

    (void)state;
    requirement("B5844-03", "R8278-1-03", "C8-15", "D8-29", "P18");
    answer = anchor_hear(a, "P01");
    assert_int_equal(pba_status(&answer), 0);
    answer = anchor_hear(a, "P18");
    /* P18 has no link-layer identifier and P01 has: C8-04 makes the only session its own */
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(answer.octets[4] << 8 | answer.octets[5], 0);
    assert_int_equal(answer.meta.protocol, 17);
    assert_int_equal(answer.meta.sport, 5436);
    assert_int_equal(answer.meta.dport, 5436);
    assert_int_equal(fb_addr_to_ipv4(&answer.meta.src), 0xc0000235);
    assert_int_equal(fb_addr_to_ipv4(&answer.meta.dst), 0xcb00715a);
    nat = pba_option(&answer, 31, 0, &length);
    assert_int_equal(length, 6);
    assert_int_equal(nat[0], 0x80);
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_int_equal(fb_addr_to_ipv4(&binding.care_of), 0xcb00715a);
    assert_int_equal(binding.udp_port, 5437);
    fb_lma_tunnel(&a->lma, 0, 2, &tunnel);
    assert_int_equal(tunnel.local_port, 5437);
    assert_int_equal(tunnel.remote_port, 5437);
    assert_int_equal(fb_addr_to_ipv4(&tunnel.local), 0xc0000235);
    /* D8-29: one path over IPv6, one over IPv4 and UDP */
    assert_true(anchor_binding(a, 1, 1, &binding));
    assert_int_equal(binding.care_of.family, FB_FAMILY_IPV6);
    assert_int_equal(binding.udp_port, 0);

    /* What comes out of it */
    fb_addr host = address6("2001:db8:100::7");
    fb_meta outer = {.src = fb_addr_from_ipv4(0xcb00715a),
                     .dst = fb_addr_from_ipv4(0xc0000235),
                     .sport = 5437,
                     .dport = 5437};
    fb_arrival arrival = {.outer = &outer,
                          .protocol = 41,
                          .udp = true,
                          .inner = {.family = FB_FAMILY_IPV6, .source6 = host.octet}};
    fb_ref path = {0};
    assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &path), 0);
    assert_int_equal(path.bid, 2);
    arrival.udp = false;
    assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &path), FB_DROP_TUNNEL_PROTOCOL);
    arrival.udp = true;
    outer.sport = 9;
    assert_int_equal(fb_lma_check_uplink(&a->lma, &arrival, &path), FB_DROP_TUNNEL_SOURCE);
    assert_true(fb_lma_owns_tunnel(&a->lma, &outer.dst, &outer.src, 5437));
    anchor_end(a);
}

static update
update_over_ipv4(const anchor *a, fb_ipv4 address, uint16_t port, uint8_t bid, uint16_t flags)
{
    update u = update_new(7, 100, fb_addr_from_ipv4(address));

    u.meta.sport = port;
    update_flags(&u, flags);
    update_node(&u, ANCHOR_MOBILE_NODE);
    update_home_prefix(&u, NULL);
    update_handoff(&u, 5);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    update_multipath(&u, 4, 9, bid, 0);
    update_gateway(&u, ANCHOR_GATEWAY);
    return u;
}

/* 4.1.3.1: without F IPv4 alone, with F only where it is permitted */
static void
test_force_flag(void **state)
{
    anchor *a = start();
    fb_proxy_view binding;
    update u = update_over_ipv4(a, 0xcb00715a, 5436, 2, 0);
    pba answer = update_send(a, &u);

    (void)state;
    requirement("B5844-03", "C8-15");
    assert_int_equal(pba_status(&answer), 0);
    assert_false(pba_has(&answer, 31));
    assert_true(anchor_binding(a, 1, 2, &binding));
    assert_int_equal(binding.udp_port, 0);
    a->lma.config.force_udp = false;
    anchor_wait(a, FB_SECOND);
    u = update_over_ipv4(a, 0xcb00715a, 5436, 2, 0x0100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 129);
    assert_int_equal(answer.reason, FB_DROP_PBU_FORCE_UDP);
    /* and over IPv6 it means nothing */
    u = update_path(a, 1, 100, NULL, 5);
    update_flags(&u, 0x0100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    anchor_end(a);
}

/* 4.1.3.1, D8-29: in UDP and without are two tunnels, though the address and the port the updates come from are the
   same: the second one needs room of its own */
static void
test_room_for_two_transports(void **state)
{
    static const uint16_t force[] = {0x0100, 0};

    (void)state;
    requirement("B5844-03", "D8-29");
    for (size_t first = 0; first < 2; first++)
    {
        for (uint8_t per_session = 0; per_session < 2; per_session++)
        {
            fb_config config;
            anchor *a;
            fb_proxy_view binding;
            update u;
            pba answer;

            anchor_config(&config);
            config.limits.bindings = per_session ? 2 : 1;
            config.limits.bindings_per_node = per_session ? 1 : 2;
            a = anchor_start(&config);
            u = update_over_ipv4(a, 0xcb00715a, 40001, 1, force[first]);
            answer = update_send(a, &u);
            assert_int_equal(pba_status(&answer), 0);
            anchor_wait(a, FB_SECOND);
            u = update_over_ipv4(a, 0xcb00715a, 40001, 2, force[1 - first]);
            answer = update_send(a, &u);
            assert_int_equal(answer.reason, FB_DROP_PBU_RESOURCES);
            assert_int_equal(pba_status(&answer), 130);
            assert_true(anchor_binding(a, 1, 1, &binding));
            assert_false(anchor_binding(a, 1, 2, &binding));
            assert_int_equal(a->lma.sessions.care_of.pool.used, 1);
            anchor_end(a);
        }
    }
}

/* Two gateways' paths behind one NAT: address and port are the care-of address, as with RFC 3519 */
static void
test_two_behind_one_address(void **state)
{
    anchor *a = start();
    update u = update_over_ipv4(a, 0xcb00715a, 40001, 1, 0x0100);
    pba answer = update_send(a, &u);

    (void)state;
    requirement("B5844-03", "C8-15");
    assert_int_equal(answer.meta.dport, 40001);
    u = update_over_ipv4(a, 0xcb00715a, 40002, 2, 0x0100);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(answer.meta.dport, 40002);
    assert_int_equal(anchor_session(a).binding_count, 2);
    assert_int_equal(a->lma.sessions.care_of.pool.used, 2);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_without_prefix),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_none_left),
        cmocka_unit_test(test_selective_deregistration),
        cmocka_unit_test(test_over_ipv4),
        cmocka_unit_test(test_force_flag),
        cmocka_unit_test(test_room_for_two_transports),
        cmocka_unit_test(test_two_behind_one_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
