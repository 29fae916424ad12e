/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * TCP connections that are opened through tunnels: their segments fit, both ways and whatever the encapsulation (RFC
 * 9293 3.7.1, RFC 4459 3.2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data_plane.h"

#define TCP 6

/** A SYN with an MSS option of 1460 and a checksum that is right. */
static data_packet
opening(fb_ipv4 source, fb_ipv4 destination)
{
    data_packet packet = data_ipv4(source, destination, TCP, 44);
    uint8_t *tcp = packet.octets + 20;
    static const uint8_t rest[] = {0x60, 0x02, 0xff, 0xff, 0, 0, 0, 0, 2, 4, 0x05, 0xb4};
    uint8_t summed[36] = {0};
    uint16_t sum;

    memcpy(tcp + 12, rest, sizeof rest);
    memcpy(summed, packet.octets + 12, 8);
    summed[9] = TCP;
    summed[11] = 24;
    memcpy(summed + 12, tcp, 24);
    sum = (uint16_t)~data_sum(summed, sizeof summed);
    tcp[16] = (uint8_t)(sum >> 8);
    tcp[17] = (uint8_t)sum;
    return packet;
}

/** The option behind the outer headers; ends the test unless the TCP checksum is right. */
static unsigned
segment_size(const data_packet *packet, size_t front)
{
    const uint8_t *tcp = packet->octets + front + 20;
    uint8_t summed[36] = {0};

    memcpy(summed, packet->octets + front + 12, 8);
    summed[9] = TCP;
    summed[11] = 24;
    memcpy(summed + 12, tcp, 24);
    assert_int_equal(data_sum(summed, sizeof summed), 0xffff);
    return (unsigned)tcp[22] << 8 | tcp[23];
}

static world *
connected(void)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    return w;
}

static void
test_every_encapsulation(void **state)
{
    static const struct
    {
        data_tunnel tunnel;
        unsigned front, size;
    } cases[] = {
        {{.kind = FB_TUNNEL_IPIP}, 20, 1500 - 20 - 40},
        {{.kind = FB_TUNNEL_GRE}, 24, 1500 - 24 - 40},
        {{.kind = FB_TUNNEL_IPIP, .udp = true, .nat_port = 434}, 32, 1500 - 32 - 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        world *w = connected();
        data_packet down = opening(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
        data_packet up = opening(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
        fb_action action;
        data_packet sent;

        data_set_tunnel(w, 1, &cases[i].tunnel);
        action = data_steer(w, w->home_agent, &down);
        sent = data_result(&action, &down);
        assert_int_equal(segment_size(&sent, cases[i].front), cases[i].size);
        action = data_steer(w, w->mobile_node, &up);
        sent = data_result(&action, &up);
        assert_int_equal(segment_size(&sent, cases[i].front), cases[i].size);
        world_end(w);
    }
}

/* RFC 2004: the IPv4 header becomes another one, and the place to overwrite is that in the packet as it came */
static void
test_minimal_encapsulation(void **state)
{
    world *w = connected();
    data_packet down = opening(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    fb_action action;
    data_packet sent;

    (void)state;
    data_set_tunnel(w, 1, &(data_tunnel){.kind = FB_TUNNEL_MINIMAL});
    action = data_steer(w, w->home_agent, &down);
    sent = data_result(&action, &down);
    assert_int_equal(sent.length, down.length + 12);
    assert_int_equal(sent.octets[32 + 22] << 8 | sent.octets[32 + 23], 1500 - 12 - 40);
    world_end(w);
}

/* The link's MTU where the host told it; what a router said of the path counts for the home agent */
static void
test_links_and_paths_that_carry_less(void **state)
{
    world *w = connected();
    data_packet down = opening(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    data_packet up = opening(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
    data_packet large = data_ipv4(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, 17, 1400);
    fb_fact fact = {.kind = FB_FACT_LINK_CHANGED,
                    .u.link = {.link = WORLD_WLAN,
                               .address = fb_addr_from_ipv4(w->address[WORLD_WLAN]),
                               .bid = WORLD_WLAN,
                               .label = WORLD_WLAN,
                               .technology = 4,
                               .udp = FB_UDP_NEVER,
                               .mtu = 1000}};
    data_packet error, sent;
    fb_action action;

    (void)state;
    world_fact(w, w->mobile_node, &fact);
    world_run(w, FB_SECOND);
    action = data_steer(w, w->mobile_node, &up);
    sent = data_result(&action, &up);
    assert_int_equal(segment_size(&sent, 20), 1000 - 20 - 40);

    large.octets[6] = 0x40; /* DF: routers send no such error otherwise */
    data_seal(&large);
    action = data_steer(w, w->home_agent, &large);
    sent = data_result(&action, &large);
    error = data_icmp_error(3, 4, 1200, &sent, 8);
    assert_int_equal(fb_agent_input(w->home_agent,
                                    &(fb_meta){.src = fb_addr_from_ipv4(0xcb007101),
                                               .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                                               .protocol = 1},
                                    error.octets,
                                    error.length,
                                    w->now),
                     0);
    action = data_steer(w, w->home_agent, &down);
    sent = data_result(&action, &down);
    assert_int_equal(segment_size(&sent, 20), 1200 - 20 - 40);
    world_end(w);
}

static void
test_the_switch(void **state)
{
    world_setup setup;
    data_packet down = opening(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    data_packet sent;
    fb_action action;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.path_mtu = 0;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    action = data_steer(w, w->home_agent, &down);
    sent = data_result(&action, &down);
    assert_int_equal(segment_size(&sent, 20), 1460);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_encapsulation),
        cmocka_unit_test(test_minimal_encapsulation),
        cmocka_unit_test(test_links_and_paths_that_carry_less),
        cmocka_unit_test(test_the_switch),
    };

    return cmocka_run_group_tests_name("agent_segment_size", tests, NULL, NULL);
}
