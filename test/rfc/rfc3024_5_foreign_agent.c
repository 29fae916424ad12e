/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3024 4.2 and 5: reverse tunnels through a foreign agent: which requests it denies, and which packets go through
 * the tunnel in either delivery style.
 */

#include "visit.h"

#include <string.h>

/** Sends a request of these flags, with Encapsulating Delivery Style or not. */
static int
ask(world3 *w, hand *request, uint8_t flags, bool encapsulating)
{
    static const uint8_t style[] = {ENCAPSULATING_DELIVERY, 0};

    *request = visit_fixed(w, 600, flags);
    hand_sign(request, MHAE);
    if (encapsulating)
    {
        hand_octets(request, style, sizeof style);
    }
    return visit_send(w, request);
}

static void
denied(const fb_foreign_agent_config *config, uint8_t flags, bool encapsulating, uint8_t code)
{
    world3 *w = lonely_visit_world(config, false);
    hand request;

    assert_int_equal(fb_reason_reply_code(ask(w, &request, flags, encapsulating)), code);
    assert_foreign_denial(w, &request, code, false);
    assert_int_equal(relayed_requests(w), 0);
    world3_end(w);
}

static void
relayed(const fb_foreign_agent_config *config, uint8_t flags, bool encapsulating)
{
    world3 *w = lonely_visit_world(config, false);
    hand request;

    assert_int_equal(ask(w, &request, flags, encapsulating), FB_REASON_NONE);
    assert_int_equal(relayed_requests(w), 1);
    world3_end(w);
}

static void
test_denials(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();

    (void)state;
    requirement("B3024-03");
    relayed(&config, 0, false);
    relayed(&config, FLAG_T, false);
    relayed(&config, FLAG_T | FLAG_G | FLAG_M, true);
    denied(&config, 0, true, 70); /* 3.3: not without T */

    config.reverse_tunnel = false;
    denied(&config, FLAG_T, false, 74);
    relayed(&config, 0, false);

    config = foreign_agent_defaults();
    config.require_reverse_tunnel = true;
    denied(&config, 0, false, 75);
    relayed(&config, FLAG_T, false);

    config = foreign_agent_defaults();
    config.gre = config.minimal = false;
    denied(&config, FLAG_G, false, 72);
    denied(&config, FLAG_M | FLAG_T, false, 72);
    relayed(&config, FLAG_T, false);

    config = foreign_agent_defaults();
    config.encapsulating_delivery = false;
    denied(&config, FLAG_T, true, 79);
    relayed(&config, FLAG_T, false);

    /* 4.2.1: 74 is the last check */
    config.reverse_tunnel = config.gre = false;
    denied(&config, FLAG_T | FLAG_G, true, 72);
    denied(&config, FLAG_T, true, 79);
}

static void
test_deregistrations_are_not_denied(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    world3 *w;
    hand request;

    (void)state;
    requirement("B3024-03");
    config.require_reverse_tunnel = true;
    config.gre = false;
    w = lonely_visit_world(&config, false);
    request = visit_fixed(w, 0, FLAG_G);
    hand_sign(&request, MHAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE); /* RFC 5944 3.7: must be relayed */
    world3_end(w);
}

static void
test_nodes_that_are_too_far_away(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    fb_meta meta = visit_meta();
    hand request;

    (void)state;
    requirement("B3024-03");
    request = visit_request(w, 600, false);
    meta.ttl = 254;
    assert_int_equal(visit_send_as(w, &request, &meta), FB_DROP_AGENT_DISTANT);
    assert_foreign_denial(w, &request, 76, false);

    /* At most one a second, to whomever */
    for (uint32_t node = 1; node < 20; node++)
    {
        request = visit_request(w, 600, false);
        hand_u32(&request, 4, WORLD_HOME_ADDRESS + node);
        assert_int_equal(visit_send_as(w, &request, &meta), FB_DROP_AGENT_DISTANT);
    }
    assert_int_equal(replies_to_node(w), 1);
    world3_run(w, FB_SECOND);
    request = visit_request(w, 600, false);
    assert_int_equal(visit_send_as(w, &request, &meta), FB_DROP_AGENT_DISTANT);
    assert_int_equal(replies_to_node(w), 2);

    /* TTL 1 is for all agents only */
    meta.ttl = 1;
    assert_int_equal(visit_send_as(w, &request, &meta), FB_DROP_AGENT_DISTANT);
    assert_int_equal(relayed_requests(w), 0);

    /* and without T the distance does not matter */
    request = visit_fixed(w, 600, 0);
    hand_sign(&request, MHAE);
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
    world3_end(w);
}

/** The node is registered with these flags and this style. */
static world3 *
registered(uint8_t flags, bool encapsulating)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request, reply;

    assert_int_equal(ask(w, &request, flags, encapsulating), FB_REASON_NONE);
    reply = visit_answer(&request, 0, 600, false);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));
    return w;
}

/** The tunnel from the care-of address to the home agent; @p forwarded octets of the inner header are changed. */
static void
assert_reverse_tunnel(const world3_verdict *v, uint8_t forwarded)
{
    assert_int_equal(v->first.kind, FB_SEND);
    assert_int_equal(v->first.strip, forwarded);
    assert_int_equal(v->first.outer_len, 20 + forwarded);
    assert_int_equal(v->first.outer[9], 4);
    assert_int_equal(octets_u32(v->first.outer + 12), WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(octets_u32(v->first.outer + 16), WORLD_HOME_AGENT);
}

/** Where the host's routing says. */
static void
assert_routed(const world3_verdict *v)
{
    assert_int_equal(v->first.kind, FB_FORWARD);
    assert_int_equal(v->first.path.link, 0);
    assert_int_equal(v->first.next_hop, 0);
    assert_int_equal(v->first.outer_len, 0);
}

static void
test_direct_delivery(void **state)
{
    world3 *w = registered(FLAG_T, false);
    world3_verdict v = world3_direct_delivery(w);

    (void)state;
    requirement("B3024-05");
    assert_reverse_tunnel(&v, 0);
    v = world3_encapsulating_delivery(w); /* not the style it asked for */
    assert_int_equal(v.first.kind, FB_DROP_PACKET);
    assert_int_equal(v.first.reason, FB_DROP_TUNNEL_SOURCE);
    world3_end(w);
}

static void
test_encapsulating_delivery(void **state)
{
    world3 *w = registered(FLAG_T, true);
    world3_verdict v = world3_encapsulating_delivery(w);

    (void)state;
    requirement("B3024-05");
    /* 5.2.1: decapsulated and encapsulated again; RFC 2003 3.1: up to TTL and checksum, the inner header is another */
    assert_reverse_tunnel(&v, 12);
    v = world3_direct_delivery(w);
    assert_routed(&v); /* 5.2.1, 5.4: not through the tunnel */
    world3_end(w);
}

/** What becomes of a packet from the node's home address to the correspondent that comes like this. */
static fb_action
encapsulated(world3 *w, uint32_t link, uint8_t protocol)
{
    static const uint8_t front[][4] = {{0, 0, 0x08, 0}, {4, 4, 0, 0}}; /* GRE; RFC 3519 */
    uint8_t octets[4 + 28] = {0};
    size_t length = protocol == 4 ? 0 : 4;
    fb_meta outer = {.src = fb_addr_from_ipv4(WORLD_HOME_ADDRESS),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .link = link,
                     .protocol = protocol};
    fb_packet packet = {.packet = 5, .header = octets};
    fb_action action;

    memcpy(octets, front[protocol == 17], length);
    memcpy(octets + length, (const uint8_t[]){0x45, 0, 0, 28, 0, 0, 0, 0, 9, 17}, 10);
    memcpy(octets + length + 12, fb_addr_from_ipv4(WORLD_HOME_ADDRESS).octet, 4);
    memcpy(octets + length + 16, fb_addr_from_ipv4(WORLD_CORRESPONDENT).octet, 4);
    packet.header_len = packet.total_len = length + 28;
    assert_int_equal(fb_agent_receive(w->agent[WORLD3_FOREIGN_AGENT], &outer, &packet, w->now),
                     FB_OK);
    assert_true(fb_agent_poll_action(w->agent[WORLD3_FOREIGN_AGENT], &action, w->now));
    return action;
}

/* 5.2.1: "after verifying that it was sent by the mobile node"; 5.2.2: "Default is 4 (IP in IP), but other methods of
   encapsulation MAY be used as negotiated" */
static void
test_what_a_visitor_did_not_encapsulate(void **state)
{
    world3 *w = registered(FLAG_T, true);

    (void)state;
    requirement("B3024-05");
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK, 4).kind, FB_SEND);
    /* from elsewhere in the network, with the visitor's address on it */
    assert_int_equal(encapsulated(w, 0, 4).reason, FB_DROP_NO_VISITOR);
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK + 1, 4).reason, FB_DROP_NO_VISITOR);
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK, 47).reason, FB_DROP_TUNNEL_PROTOCOL);
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK, 17).reason, FB_DROP_TUNNEL_PROTOCOL);
    world3_end(w);

    w = registered(FLAG_T | FLAG_G, true);
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK, 4).kind, FB_SEND);
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK, 47).kind, FB_SEND);
    assert_int_equal(encapsulated(w, WORLD3_VISITED_LINK, 17).reason, FB_DROP_TUNNEL_PROTOCOL);
    world3_end(w);
}

static void
test_the_whole_way(void **state)
{
    world3 *w = visit_world();
    hand request = visit_request(w, 600, true);
    world3_verdict v;

    (void)state;
    requirement("B3024-05", "R7629-5.1-24");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, FB_SECOND);
    v = world3_direct_delivery(w);
    assert_reverse_tunnel(&v, 0);
    assert_int_equal(v.second.kind, FB_DELIVER); /* at the home agent */
    world3_end(w);
}

static void
test_without_a_reverse_tunnel(void **state)
{
    world3 *w = registered(0, false);
    world3_verdict v = world3_direct_delivery(w);

    (void)state;
    requirement("B3024-05");
    assert_routed(&v); /* RFC 5944 3.7: routed for registered nodes */
    v = world3_encapsulating_delivery(w);
    assert_int_equal(v.first.reason, FB_DROP_TUNNEL_SOURCE);
    world3_end(w);
}

static void
test_nodes_that_do_not_visit(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    world3 *w = visit_world();
    world3_verdict v = world3_direct_delivery(w);

    (void)state;
    requirement("B3024-05");
    assert_int_equal(v.first.kind, FB_DROP_PACKET);
    assert_int_equal(v.first.reason, FB_DROP_NO_VISITOR);
    v = world3_encapsulating_delivery(w);
    assert_int_equal(v.first.reason, FB_DROP_NO_VISITOR);
    world3_end(w);

    config.router = true; /* RFC 5944 2.1: code 0: common traffic is routed */
    w = visit_world_of(&config, true);
    v = world3_direct_delivery(w);
    assert_routed(&v);
    world3_end(w);
}

static void
test_broadcast_needs_the_other_style(void **state)
{
    world3 *w = registered(FLAG_T, false);
    uint8_t octets[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 9, 17};
    fb_packet packet = {.packet = 5, .header = octets, .header_len = 28, .total_len = 28};
    fb_ref from = {.link = WORLD3_VISITED_LINK};
    fb_action action;

    (void)state;
    requirement("B3024-05");
    memcpy(octets + 12, fb_addr_from_ipv4(WORLD_HOME_ADDRESS).octet, 4);
    memset(octets + 16, 255, 4);
    assert_int_equal(fb_agent_steer(w->agent[WORLD3_FOREIGN_AGENT], from, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->agent[WORLD3_FOREIGN_AGENT], &action, w->now));
    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, FB_DROP_TUNNEL_INNER_DESTINATION);
    /* RFC 2003 3.1: "MUST NOT encapsulate a datagram with TTL = 0" */
    memcpy(octets + 16, fb_addr_from_ipv4(WORLD_CORRESPONDENT).octet, 4);
    octets[8] = 0;
    assert_int_equal(fb_agent_steer(w->agent[WORLD3_FOREIGN_AGENT], from, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->agent[WORLD3_FOREIGN_AGENT], &action, w->now));
    assert_int_equal(action.reason, FB_DROP_TTL);
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_denials),
        cmocka_unit_test(test_deregistrations_are_not_denied),
        cmocka_unit_test(test_nodes_that_are_too_far_away),
        cmocka_unit_test(test_direct_delivery),
        cmocka_unit_test(test_encapsulating_delivery),
        cmocka_unit_test(test_what_a_visitor_did_not_encapsulate),
        cmocka_unit_test(test_the_whole_way),
        cmocka_unit_test(test_without_a_reverse_tunnel),
        cmocka_unit_test(test_nodes_that_do_not_visit),
        cmocka_unit_test(test_broadcast_needs_the_other_style),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
