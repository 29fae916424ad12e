/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 4.2.2: what a foreign agent does with the packets of its visitors.
 */

#include "visit.h"

#include <string.h>

/* ---- packets (4.2.2) ---- */

static void
test_packets_for_a_visitor(void **state)
{
    world3 *w = visit_world();
    hand request = visit_request(w, 600, true);
    world3_verdict v;

    (void)state;
    requirement("B5944-47", "R7629-5.1-24");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, FB_SECOND);
    v = world3_downlink(w);
    assert_true(v.tunnelled);
    assert_int_equal(v.outer_source, WORLD_HOME_AGENT);
    assert_int_equal(v.outer_destination, WORLD3_FOREIGN_AGENT_ADDRESS);

    /* by its link-layer address, so that nobody has to ask with ARP */
    assert_int_equal(v.second.kind, FB_FORWARD);
    assert_int_equal(v.second.path.link, WORLD3_VISITED_LINK);
    assert_int_equal(v.second.next_hop, WORLD_HOME_ADDRESS);
    assert_int_equal(v.second.link_addr_len, 6);
    assert_memory_equal(v.second.link_addr, ((uint8_t[]){2, 0, 0, 0, 0, 7}), 6);
    assert_int_equal(v.second.strip, 0);
    assert_int_equal(v.second.outer_len, 0);
    world3_end(w);
}

static void
test_packets_for_others(void **state)
{
    world3 *w = visit_world();
    hand request = visit_request(w, 600, true);
    fb_fact down = {.kind = FB_FACT_ACCESS_DOWN, .u.access.link = WORLD3_VISITED_LINK};
    world3_verdict v;
    size_t messages;

    (void)state;
    requirement("B5944-47");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, FB_SECOND);
    world3_fact(w, WORLD3_FOREIGN_AGENT, &down); /* the home agent does not know it */
    assert_false(visits(w));
    messages = w->messages;
    v = world3_downlink(w);
    assert_true(v.tunnelled);
    assert_int_equal(v.second.kind, FB_DROP_PACKET);
    assert_int_equal(v.second.reason, FB_DROP_NO_VISITOR);
    assert_int_equal(w->messages, messages); /* no ICMP message, nothing */
    world3_end(w);
}

static fb_action
packet_of_tunnel(world3 *w, fb_ipv4 outer_source)
{
    uint8_t octets[40] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 9, 9, 9, 9};
    fb_packet packet = {.packet = 1, .header = octets, .header_len = 40, .total_len = 40};
    fb_meta outer = {.src = fb_addr_from_ipv4(outer_source),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .protocol = 4};
    fb_action action;

    memcpy(octets + 16, fb_addr_from_ipv4(WORLD_HOME_ADDRESS).octet, 4);
    assert_int_equal(fb_agent_receive(w->agent[WORLD3_FOREIGN_AGENT], &outer, &packet, w->now),
                     FB_OK);
    assert_true(fb_agent_poll_action(w->agent[WORLD3_FOREIGN_AGENT], &action, w->now));
    return action;
}

static void
test_tunnels_of_strangers(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    fb_action action;

    (void)state;
    requirement("B5944-47");
    visit_register(w, true);
    action = packet_of_tunnel(w, WORLD_CORRESPONDENT);
    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, FB_DROP_TUNNEL_SOURCE);
    world3_end(w);
}

static void
test_two_nodes_with_one_address(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    fb_meta meta = visit_meta();
    fb_ipv4 other_agent = WORLD_HOME_AGENT + 1;
    hand request, reply;
    world3_verdict v;

    (void)state;
    requirement("B5944-47", "B3024-05");
    visit_register(w, false);

    /* A second node has the same (private, or stolen) home address, and a home agent that accepts it */
    request = visit_fixed(w, 600, FLAG_T);
    hand_u32(&request, 8, other_agent);
    hand_sign(&request, MHAE);
    meta.link_addr[5] = 9;
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
    reply = answer_fixed(&request, 0, 600);
    hand_sign(&reply, MHAE);
    meta = (fb_meta){.src = fb_addr_from_ipv4(other_agent), .protocol = UDP};
    assert_int_equal(visit_send_as(w, &reply, &meta), FB_REASON_NONE);

    /* Each gets what its own home agent sends; and the first one's reverse tunnel is not redirected */
    assert_int_equal(packet_of_tunnel(w, WORLD_HOME_AGENT).link_addr[5], 7);
    assert_int_equal(packet_of_tunnel(w, other_agent).link_addr[5], 9);
    v = world3_direct_delivery(w);
    assert_int_equal(v.first.kind, FB_SEND);
    assert_int_equal(v.outer_destination, WORLD_HOME_AGENT);
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packets_for_a_visitor),
        cmocka_unit_test(test_packets_for_others),
        cmocka_unit_test(test_tunnels_of_strangers),
        cmocka_unit_test(test_two_nodes_with_one_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
