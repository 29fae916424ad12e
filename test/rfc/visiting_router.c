/* SPDX-License-Identifier: BSD-3-Clause */
#include "visiting_router.h"

#include <string.h>

#include "cmocka_setup.h"

world3 *
visiting_router(const visiting *how)
{
    fb_fact up = {.kind = FB_FACT_LINK_UP};
    fb_mobile_node_config *mobile;
    fb_prefix network;
    world3_setup setup;
    world_setup two;
    world3 *w;

    router_setup(&two);
    world3_setup_default(&setup);
    setup.subscriber = two.subscriber;
    mobile = &setup.config[WORLD3_MOBILE_NODE].mobile_node;
    mobile->nai = two.mobile_node.mobile_node.nai;
    mobile->networks = two.mobile_node.mobile_node.networks;
    mobile->reverse_tunnel = !how->no_reverse;
    mobile->encapsulating_delivery = how->encapsulating;
    mobile->broadcast = how->broadcast;
    setup.config[WORLD3_FOREIGN_AGENT].foreign_agent.router = how->routed;
    w = world3_start(&setup);
    w->place = WORLD3_VISITING;
    up.u.link = (fb_link){.link = WORLD3_LINK,
                          .bid = 1,
                          .label = 1,
                          .technology = 4,
                          .preference = 1,
                          .tunnel = how->tunnel,
                          .care_of = FB_CARE_OF_AGENT};
    world3_fact(w, WORLD3_MOBILE_NODE, &up);
    world3_run(w, 5 * FB_SECOND);
    for (size_t i = 0; i < 2; i++)
    {
        assert_true(fb_agent_network(w->agent[WORLD3_HOME_AGENT],
                                     FB_ROLE_HOME_AGENT,
                                     WORLD_HOME_ADDRESS,
                                     i,
                                     &network));
        assert_true(fb_agent_network(w->agent[WORLD3_MOBILE_NODE],
                                     FB_ROLE_MOBILE_NODE,
                                     WORLD_HOME_ADDRESS,
                                     i,
                                     &network));
    }
    return w;
}

/** 2001:db8::c8, or 2001:db8:a::1 behind the router. */
static void
put_ipv6_address(uint8_t *at, bool behind)
{
    memcpy(at, (const uint8_t[16]){0x20, 0x01, 0x0d, 0xb8}, 16);
    at[5] = behind ? 0x0a : 0;
    at[15] = behind ? 1 : 0xc8;
}

data_packet
packet_of_network(uint8_t family, bool down)
{
    data_packet packet = {.octets = {0x6b, 0x80, 0, 0, 0, 8, 17, 63}, .length = 48};

    if (family == FB_FAMILY_IPV6)
    {
        put_ipv6_address(packet.octets + 8, !down);
        put_ipv6_address(packet.octets + 24, down);
        memcpy(packet.octets + 40, (const uint8_t[8]){0x13, 0xc4, 0x13, 0xc4, 0, 8, 0, 1}, 8);
        return packet;
    }
    packet = data_ipv4(down ? WORLD_CORRESPONDENT : ROUTER_HOST,
                       down ? ROUTER_HOST : WORLD_CORRESPONDENT,
                       UDP,
                       48);
    packet.octets[1] = 0xb8;
    packet.octets[6] = 0x40;
    data_seal(&packet);
    return packet;
}

fb_action
hop_steer(world3 *w, world3_node at, uint32_t link, const data_packet *packet)
{
    fb_packet described = {.packet = 7,
                           .header = packet->octets,
                           .header_len = packet->length,
                           .total_len = packet->length};
    fb_action action;

    assert_int_equal(fb_agent_steer(w->agent[at], (fb_ref){.link = link}, &described, w->now),
                     FB_OK);
    assert_true(fb_agent_poll_action(w->agent[at], &action, w->now));
    assert_true(action.packet == 7 && action.last);
    return action;
}

fb_action
hop_receive(world3 *w,
            world3_node at,
            uint32_t link,
            const data_packet *packet,
            data_packet *payload)
{
    fb_meta meta = data_open(packet, link, payload);
    fb_packet described = {.packet = 8,
                           .header = payload->octets,
                           .header_len = payload->length,
                           .total_len = payload->length};
    fb_action action;

    assert_int_equal(fb_agent_receive(w->agent[at], &meta, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->agent[at], &action, w->now));
    assert_true(action.packet == 8 && action.last);
    return action;
}

void
assert_behind(const data_packet *packet,
              const uint8_t *front,
              size_t length,
              const data_packet *inner)
{
    assert_int_equal(packet->length, length + inner->length);
    assert_memory_equal(packet->octets, front, length);
    assert_memory_equal(packet->octets + length, inner->octets, inner->length);
}

void
assert_comes_down(const visiting *how,
                  uint8_t family,
                  const uint8_t *front,
                  size_t front_length,
                  const uint8_t *middle,
                  size_t middle_length)
{
    world3 *w = visiting_router(how);
    data_packet packet = packet_of_network(family, true), sent, payload, delivered;
    fb_action action = hop_steer(w, WORLD3_HOME_AGENT, 0, &packet);

    assert_int_equal(action.kind, FB_SEND);
    assert_int_equal(action.path.bid, 1);
    sent = data_result(&action, &packet);
    assert_behind(&sent, front, front_length, &packet);

    action = hop_receive(w, WORLD3_FOREIGN_AGENT, 0, &sent, &payload);
    assert_int_equal(action.kind, FB_FORWARD);
    assert_int_equal(action.path.link, WORLD3_VISITED_LINK);
    assert_int_equal(action.next_hop, WORLD_HOME_ADDRESS);
    sent = data_result(&action, &payload);
    assert_behind(&sent, middle, middle_length, &packet);

    action = hop_receive(w, WORLD3_MOBILE_NODE, WORLD3_LINK, &sent, &payload);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.bid, 1);
    assert_int_equal(action.path.link, WORLD3_LINK);
    delivered = data_result(&action, &payload);
    assert_behind(&delivered, front, 0, &packet);
    world3_end(w);
}

void
assert_goes_up(const visiting *how,
               uint8_t family,
               const uint8_t *front,
               size_t front_length,
               const uint8_t *tunnelled,
               size_t tunnelled_length)
{
    world3 *w = visiting_router(how);
    data_packet packet = packet_of_network(family, false), sent, payload, delivered;
    fb_action action = hop_steer(w, WORLD3_MOBILE_NODE, 0, &packet);

    assert_int_equal(action.kind, how->encapsulating ? FB_SEND : FB_FORWARD);
    assert_int_equal(action.path.link, WORLD3_LINK);
    assert_int_equal(action.next_hop, WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(action.link_addr_len, 6);
    sent = data_result(&action, &packet);
    assert_behind(&sent, front, front_length, &packet);

    action = how->encapsulating
                 ? hop_receive(w, WORLD3_FOREIGN_AGENT, WORLD3_VISITED_LINK, &sent, &payload)
                 : hop_steer(w, WORLD3_FOREIGN_AGENT, WORLD3_VISITED_LINK, &sent);
    assert_int_equal(action.kind, FB_SEND);
    sent = data_result(&action, how->encapsulating ? &payload : &sent);
    assert_behind(&sent, tunnelled, tunnelled_length, &packet);

    action = hop_receive(w, WORLD3_HOME_AGENT, 0, &sent, &payload);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.bid, 1);
    assert_int_equal(action.path.session, 1);
    delivered = data_result(&action, &payload);
    assert_behind(&delivered, front, 0, &packet);
    world3_end(w);
}
