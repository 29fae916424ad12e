/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.7.1 and 3.7.2: what a foreign agent relays to a home agent, and what it denies.
 */

#include "data_plane.h"
#include "visit.h"

#include <string.h>

static test_vectors *vectors;

/* ---- the vectors: M13 to M16 ---- */

/** The wall clock of an agent reads the seconds of @p vector's Identification (a request's). */
static void
set_clock_of(world3 *w, world3_node node, const test_vector *vector)
{
    uint64_t seconds = octets_u32(vector->octets + 16) - WORLD_NTP;
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WORLD_WALL_NS + seconds * FB_SECOND};

    world3_fact(w, node, &fact);
}

/** A vector as it arrives: addresses, ports and TTL of its packet. */
static fb_meta
meta_of(const test_vector *vector)
{
    const uint8_t *packet = vector->packet;

    return (fb_meta){.src = fb_addr_from_ipv4(octets_u32(packet + 12)),
                     .dst = fb_addr_from_ipv4(octets_u32(packet + 16)),
                     .sport = octets_u16(packet + 20),
                     .dport = octets_u16(packet + 22),
                     .protocol = packet[9],
                     .ttl = packet[8]};
}

static void
assert_is(const world3_message *m, const test_vector *expected)
{
    fb_meta meta = meta_of(expected);

    assert_non_null(m);
    assert_int_equal(m->length, expected->length);
    assert_memory_equal(m->octets, expected->octets, expected->length);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), fb_addr_to_ipv4(&meta.src));
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), fb_addr_to_ipv4(&meta.dst));
    assert_int_equal(m->meta.sport, meta.sport);
    assert_int_equal(m->meta.dport, meta.dport);
    assert_int_equal(m->meta.protocol, meta.protocol);
    assert_int_equal(m->meta.ttl, meta.ttl);
}

static void
test_the_vectors(void **state)
{
    world3 *w = visit_world();
    const test_vector *request = vectors_find(vectors, "M13");
    fb_meta meta = meta_of(request);
    fb_binding_view view;

    (void)state;
    requirement("M13",
                "M14",
                "M15",
                "M16",
                "B5944-21",
                "B5944-22",
                "B5944-44",
                "B5944-45",
                "B5944-53",
                "R7629-5.1-05",
                "R7629-5.1-24",
                "C-18");
    set_clock_of(w, WORLD3_HOME_AGENT, request);
    meta.link = WORLD3_VISITED_LINK;
    meta.link_addr_len = 6;
    meta.link_addr[5] = 9;
    assert_int_equal(
        world3_inject(w, WORLD3_FOREIGN_AGENT, &meta, request->octets, request->length),
        FB_REASON_NONE);
    assert_is(relayed_request(w), vectors_find(vectors, "M14"));
    assert_false(visits(w)); /* not before a home agent has accepted it */

    world3_run(w, FB_SECOND);
    assert_is(world3_last(w, WORLD3_HOME_AGENT, WORLD3_FOREIGN_AGENT, 3),
              vectors_find(vectors, "M15"));
    assert_is(reply_to_node(w), vectors_find(vectors, "M16"));
    assert_int_equal(reply_to_node(w)->meta.link, WORLD3_VISITED_LINK);
    assert_int_equal(reply_to_node(w)->meta.link_addr[5], 9);

    /* The tunnel ends at the foreign agent */
    assert_true(world3_binding(w, 0, &view));
    assert_int_equal(view.care_of_address, WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(view.ref.bid, 1);
    assert_true(world3_visitor(w, &view));
    assert_int_equal(view.lifetime_s, 600);
    assert_int_equal(view.tunnel_address, WORLD_HOME_AGENT);
    world3_end(w);
}

/* ---- requests (3.7.1, 3.7.2) ---- */

static void
test_what_is_kept_of_a_request(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true);
    const world3_message *m;

    (void)state;
    requirement("B5944-44", "C-18");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);

    /* 3.7.2.2: source the care-of address, destination the Home Agent field; nothing up to the MHAE is changed */
    m = relayed_request(w);
    assert_int_equal(m->length, request.length); /* an authentication went, another came */
    assert_memory_equal(m->octets, request.octets, 24 + 8 + 22);
    assert_int_equal(m->octets[24 + 8 + 22], FHAE);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), WORLD_HOME_AGENT);
    assert_int_equal(m->meta.dport, FB_MIP4_PORT);
    assert_non_null(world3_event(w, 0, FB_ROLE_FOREIGN_AGENT, FB_EVENT_RECEIVED));
    assert_non_null(world3_event(w, 0, FB_ROLE_FOREIGN_AGENT, FB_EVENT_SENT));
    assert_int_equal(replies_to_node(w), 0);
    world3_end(w);
}

static void
test_what_follows_the_authentication_is_removed(void **state)
{
    static const uint8_t behind[] = {154, 1, 0, 4, 8, 2, 2, 0, 200, 3, 1, 2, 3, 0, 130, 0};
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 600, false);
    size_t authenticated = request.length;

    (void)state;
    requirement("B5944-44", "B3024-05", "D-16");
    hand_octets(&request, behind, sizeof behind);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_request(w)->length, authenticated);
    assert_memory_equal(relayed_request(w)->octets, request.octets, authenticated);
    world3_end(w);
}

static void
test_a_deregistration_carries_no_agent_authentication(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 0, true);
    hand reply = visit_answer(&request, 0, 0, false); /* the home agent's carries none either */

    (void)state;
    requirement("B5944-21", "B5944-44", "C-18");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_request(w)->length, 24 + 8 + 22);

    /* and none is demanded: the request's Lifetime counts */
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(replies_to_node(w), 1);
    assert_int_equal(reply_to_node(w)->octets[1], 0);
    world3_end(w);
}

static void
test_no_authentication_for_an_address_of_the_node(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_fixed(w, 600, FLAG_D | FLAG_T);
    hand reply;

    (void)state;
    requirement("C-18", "B5944-44");
    /* R bit: a node with a co-located care-of address registers through the agent, which does not vouch for that */
    hand_u32(&request, 12, WORLD3_COLOCATED_ADDRESS);
    hand_sign(&request, MHAE);
    hand_sign(&request, MFAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_request(w)->length, 24 + 22);
    assert_int_equal(fb_addr_to_ipv4(&relayed_request(w)->meta.src), WORLD3_FOREIGN_AGENT_ADDRESS);
    reply = visit_answer(&request, 0, 600, false);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(replies_to_node(w), 1);
    world3_end(w);
}

/** A request that is refused before anything is kept: the code, and that nothing was relayed or kept. */
static void
refused(const fb_foreign_agent_config *config,
        const hand *request,
        const fb_meta *meta,
        uint8_t code)
{
    world3 *w = visit_world_of(config, false);
    int reason = visit_send_as(w, request, meta);
    hand again = *request;

    assert_int_equal(fb_reason_reply_code(reason), code);
    assert_foreign_denial(w, request, code, false);
    assert_int_equal(relayed_requests(w), 0);
    assert_non_null(world3_event(w, 0, FB_ROLE_FOREIGN_AGENT, FB_EVENT_DENIED));

    /* Nothing waits: a reply to it is not expected, and no time-out comes */
    again = visit_answer(request, 0, 600, false);
    assert_int_equal(visit_reply(w, &again), FB_DROP_NOT_EXPECTED);
    world3_run(w, 20 * FB_SECOND);
    assert_int_equal(replies_to_node(w), 1);
    assert_false(visits(w));
    world3_end(w);
}

/** Fixed part changed, then signed. */
static hand
changed_request(uint16_t lifetime_s, uint8_t flags, size_t at, uint32_t value)
{
    world3 *w = visit_world_of(NULL, false);
    hand request = visit_fixed(w, lifetime_s, flags);

    if (at != 0)
    {
        hand_u32(&request, at, value);
    }
    hand_sign(&request, MHAE);
    world3_end(w);
    return request;
}

static void
test_denials(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    fb_meta meta = visit_meta();
    hand request;

    (void)state;
    requirement("B5944-12", "B5944-43", "B5944-25");

    /* 3.7.2.1: D = 0, Lifetime above 0, and a care-of address that is not offered */
    request = changed_request(600, FLAG_T, 12, WORLD3_COLOCATED_ADDRESS);
    refused(&config, &request, &meta, 77);
    /* an address of the agent as co-located one */
    request = changed_request(600, FLAG_D, 12, WORLD3_FOREIGN_AGENT_ADDRESS);
    refused(&config, &request, &meta, 77);

    /* 3.7.2: an address of this node as home agent, and it is none */
    request = changed_request(600, FLAG_T, 8, WORLD3_FOREIGN_AGENT_ADDRESS);
    refused(&config, &request, &meta, 194);
    request = changed_request(600, FLAG_T, 8, 0);
    refused(&config, &request, &meta, 194);

    /* no authentication for the home agent: nothing to relay up to */
    request = changed_request(600, FLAG_T, 0, 0);
    request.length = 24;
    refused(&config, &request, &meta, 70);
    /* a home address that is none */
    request = changed_request(600, FLAG_T, 4, 0xe0000001);
    refused(&config, &request, &meta, 70);

    /* 3.7.2: a busy agent takes no more visitors */
    config.busy = true;
    request = changed_request(600, FLAG_T, 0, 0);
    refused(&config, &request, &meta, 66);
}

static void
test_a_lifetime_too_long(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    world3 *w;
    hand request;

    (void)state;
    requirement("B5944-43");
    config.lifetime_max_s = 300;
    w = lonely_visit_world(&config, true);
    request = visit_request(w, 301, true);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_LIFETIME);
    assert_foreign_denial(w, &request, 69, true);
    assert_int_equal(octets_u16(reply_to_node(w)->octets + 2), 300); /* 3.7.2.3: its own maximum */
    request = visit_request(w, 300, true);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_end(w);

    config.lifetime_max_s = 0xffff; /* no limit */
    w = lonely_visit_world(&config, true);
    request = visit_request(w, 0xffff, true);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_end(w);
}

static void
test_any_care_of_address_when_deregistering(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_fixed(w, 0, FLAG_T);

    (void)state;
    requirement("C-08", "B5944-43");
    hand_u32(&request, 12, WORLD_HOME_ADDRESS); /* at home again, or all bindings (3.6.1.2) */
    hand_sign(&request, MHAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_requests(w), 1);
    world3_end(w);
}

static void
test_five_requests_a_node(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request[6];

    (void)state;
    requirement("B5944-42");
    for (int i = 0; i < 5; i++)
    {
        request[i] = visit_request(w, 600, true);
        assert_int_equal(visit_send(w, &request[i]), FB_REASON_NONE);
    }
    request[5] = visit_request(w, 600, true);
    assert_int_equal(visit_send(w, &request[5]), FB_DROP_AGENT_BUSY);
    assert_foreign_denial(w, &request[5], 66, true);
    assert_int_equal(relayed_requests(w), 5);

    /* One that waits already may come again: the nonces of 5.7.2 leave a retransmission as it was */
    assert_int_equal(visit_send(w, &request[2]), FB_REASON_NONE);
    assert_int_equal(relayed_requests(w), 6);
    assert_int_equal(replies_to_node(w), 1);
    world3_end(w);
}

static void
test_seven_seconds(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true);
    fb_time relayed_at = w->now;

    (void)state;
    requirement("B5944-42", "B5944-47");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run_until(w, relayed_at + 7 * FB_SECOND - 1);
    assert_int_equal(replies_to_node(w), 0);
    world3_run_until(w, relayed_at + 7 * FB_SECOND);
    assert_foreign_denial(w, &request, 78, true);

    /* It is over: the late answer is nobody's */
    request = visit_answer(&request, 0, 600, true);
    assert_int_equal(visit_reply(w, &request), FB_DROP_NOT_EXPECTED);
    world3_run(w, 60 * FB_SECOND);
    assert_int_equal(replies_to_node(w), 1);
    assert_int_equal(relayed_requests(w), 1);
    world3_end(w);
}

static void
test_a_short_lifetime_ends_the_waiting(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 3, true);

    (void)state;
    requirement("B5944-42");
    /* 3.7.2.2: the request waits no longer than the lifetime it asks for */
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, 3 * FB_SECOND);
    assert_foreign_denial(w, &request, 78, true);
    world3_end(w);
}

/* 3.8.3.2: the Lifetime "MUST be copied [...] unless the requested value is greater": a reply with more was altered */
static void
test_no_visitor_stays_longer_than_it_asked_for(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 60, false);
    fb_binding_view view;

    (void)state;
    requirement("B5944-46");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    request = visit_answer(&request, 0, 1800, false);
    assert_int_equal(visit_reply(w, &request), FB_REASON_NONE);
    assert_true(world3_visitor(w, &view));
    assert_int_equal(view.lifetime_s, 60);
    world3_run(w, 61 * FB_SECOND);
    assert_false(visits(w));
    world3_end(w);
}

static void
test_one_denial_a_second(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    world3 *w;
    hand request;

    (void)state;
    requirement("B5944-43");
    config.lifetime_max_s = 300;
    w = visit_world_of(&config, true);
    for (int i = 0; i < 10; i++)
    {
        request = visit_request(w, 600, true);
        assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_LIFETIME);
    }
    assert_int_equal(replies_to_node(w), 1);
    world3_run(w, FB_SECOND);
    request = visit_request(w, 600, true);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_LIFETIME);
    assert_int_equal(replies_to_node(w), 2);
    world3_end(w);
}

static void
test_requests_to_all_agents(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 600, false);
    fb_meta meta = visit_meta();

    (void)state;
    requirement("B5944-45", "B3024-03");
    /* 3.6.1.1: to 224.0.0.11 with TTL 1, which no router passes on; the answer comes from the agent's own address */
    meta.dst = fb_addr_from_ipv4(0xe000000b);
    meta.ttl = 1;
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
    request = visit_answer(&request, 0, 600, false);
    assert_int_equal(visit_reply(w, &request), FB_REASON_NONE);
    assert_int_equal(fb_addr_to_ipv4(&reply_to_node(w)->meta.src), WORLD3_FOREIGN_AGENT_ADDRESS);
    world3_end(w);
}

/* 3.7.2.3: a denial whose node's link is gone meanwhile: no address of it is left, and 224.0.0.11 is no source */
static void
test_a_denial_after_the_link_went_down(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    fb_agent *agent = w->agent[WORLD3_FOREIGN_AGENT];
    hand request = visit_request(w, 600, false);
    fb_fact down = {.kind = FB_FACT_ACCESS_DOWN, .u.access.link = WORLD3_VISITED_LINK};
    fb_meta meta = visit_meta();
    data_packet quoted, icmp;
    uint8_t octets[1500];
    size_t length;

    (void)state;
    requirement("B5944-45", "B5944-46");
    meta.dst = fb_addr_from_ipv4(0xe000000b);
    meta.ttl = 1;
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
    length = 8 + relayed_request(w)->length;
    quoted = data_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS, WORLD_HOME_AGENT, UDP, 20 + length);
    memcpy(quoted.octets + 20, (const uint8_t[]){0x01, 0xb2, 0x01, 0xb2, 0, (uint8_t)length}, 6);
    icmp = data_icmp_error(3, 1, 0, &quoted, 8);
    meta = (fb_meta){.src = fb_addr_from_ipv4(0xcb007101), .protocol = ICMP};
    assert_int_equal(fb_agent_input(agent, &meta, icmp.octets, icmp.length, w->now), 0);
    assert_int_equal(fb_agent_fact(agent, &down, w->now), FB_OK);
    assert_true(fb_agent_output(agent, &meta, octets, sizeof octets, w->now) > 0);
    assert_int_equal(octets[0], 3);
    assert_int_equal(octets[1], 81);
    assert_int_equal(fb_addr_to_ipv4(&meta.src), WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), WORLD_HOME_ADDRESS);
    world3_end(w);
}

static void
test_only_from_its_links(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 600, false);
    fb_meta meta = visit_meta();

    (void)state;
    requirement("B5944-47");
    meta.link = 0;
    assert_int_equal(visit_send_as(w, &request, &meta), FB_DROP_WRONG_ROLE);
    assert_int_equal(relayed_requests(w) + replies_to_node(w), 0);
    world3_end(w);
}

/* ---- RFC 7629 through an agent ---- */

static void
test_rfc7629_passes_unread(void **state)
{
    /* no home agent would accept any of it: two Multipath Extensions, BID 255, a Flow-Binding of nonsense */
    static const uint8_t nonsense[] = {154, 1, 0, 4,   0, 0, 255, 0xc0, 154, 1, 0, 4, 4,
                                       1,   1, 0, 154, 2, 0, 5,   9,    99,  1, 2, 3};
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_fixed(w, 600, FLAG_T);

    (void)state;
    requirement("B5944-44", "R7629-4.3-03");
    hand_octets(&request, nonsense, sizeof nonsense);
    hand_sign(&request, MHAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_request(w)->length, request.length);
    assert_memory_equal(relayed_request(w)->octets, request.octets, request.length);
    world3_end(w);
}

static void
test_an_agent_of_before_rfc7629_is_silent(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    world3 *w;
    hand request;

    (void)state;
    requirement("D-01");
    config.legacy = true;
    w = lonely_visit_world(&config, false);
    request = visit_request(w, 600, false);
    assert_int_equal(visit_send(w, &request), FB_DROP_UNKNOWN_EXTENSION);
    assert_int_equal(relayed_requests(w) + replies_to_node(w), 0);

    request = visit_fixed(w, 600, FLAG_T); /* without 154 */
    hand_sign(&request, MHAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_requests(w), 1);
    world3_end(w);
}

static void
test_codes_it_never_sends(void **state)
{
    (void)state;
    requirement("R7629-4.3-03");
    /* Every reason a foreign agent has for a denial has a code of 64 to 127, or 194 */
    for (int reason = FB_DROP_AGENT_PROHIBITED; reason < FB_DROP_ADVERTISEMENT; reason++)
    {
        uint8_t code = fb_reason_reply_code(reason);

        assert_true((code >= 64 && code < 128) || code == 194);
    }
}

/* ---- both agents in one node (3.7.2) ---- */

static void
test_an_agent_that_is_both(void **state)
{
    world3_setup setup;
    world3 *w;
    hand request;
    fb_fact subscriber = {.kind = FB_FACT_SUBSCRIBER_SET};

    (void)state;
    requirement("B5944-43");
    world3_setup_default(&setup);
    setup.no_mobile_node = true;
    setup.node_association = setup.home_association = false;
    setup.config[WORLD3_FOREIGN_AGENT].roles = FB_ROLE_FOREIGN_AGENT | FB_ROLE_HOME_AGENT;
    setup.config[WORLD3_FOREIGN_AGENT].home_agent.address = 0xcb007142; /* 203.0.113.66 */
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);

    /* Named as home agent of a node it does not serve */
    request = visit_fixed(w, 600, FLAG_D);
    hand_u32(&request, 8, 0xcb007142);
    hand_u32(&request, 12, WORLD3_COLOCATED_ADDRESS);
    hand_sign(&request, MHAE);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_HOME_AGENT_INVALID);
    assert_foreign_denial(w, &request, 194, false);

    /* ... and of one it does: 3.8.2 is followed */
    subscriber.u.subscriber = setup.subscriber;
    world3_fact(w, WORLD3_FOREIGN_AGENT, &subscriber);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_true(world3_last(w, WORLD3_FOREIGN_AGENT, WORLD3_MOBILE_NODE, 3)->octets[1] <= 1);
    assert_int_equal(relayed_requests(w), 0);

    /* and the foreign agent still relays to others */
    request = visit_request(w, 600, false);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_requests(w), 1);
    world3_run(w, FB_SECOND);
    assert_true(visits(w));
    world3_end(w);
}

/* 2.3: "F" and "H" may differ from link to link. Where only the home agent serves, the foreign agent hears nobody. */
static void
test_a_link_without_the_foreign_agent(void **state)
{
    world3_setup setup;
    fb_fact access = {.kind = FB_FACT_ACCESS_UP};
    world3 *w;
    hand request;

    (void)state;
    requirement("B5944-43");
    world3_setup_default(&setup);
    setup.no_mobile_node = true;
    setup.node_association = setup.home_association = false;
    setup.config[WORLD3_FOREIGN_AGENT].roles = FB_ROLE_FOREIGN_AGENT | FB_ROLE_HOME_AGENT;
    setup.config[WORLD3_FOREIGN_AGENT].home_agent.address = 0xcb007142; /* 203.0.113.66 */
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    request = visit_request(w, 600, false);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, FB_SECOND);
    assert_true(visits(w));
    /* the visitor's reverse tunnel */
    assert_int_equal(world3_direct_delivery(w).first.kind, FB_SEND);

    access.u.access = (fb_access){.link = WORLD3_VISITED_LINK,
                                  .address = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                                  .prefix_length = 26,
                                  .roles = FB_ROLE_HOME_AGENT};
    world3_fact(w, WORLD3_FOREIGN_AGENT, &access);
    assert_int_equal(world3_direct_delivery(w).first.kind, FB_DROP_PACKET);
    request = visit_request(w, 600, false);
    assert_true(visit_send(w, &request) > 0); /* the home agent answers: it knows no such node */
    assert_int_equal(relayed_requests(w), 1);

    access.u.access.roles = FB_ROLE_FOREIGN_AGENT;
    world3_fact(w, WORLD3_FOREIGN_AGENT, &access);
    assert_int_equal(world3_direct_delivery(w).first.kind, FB_SEND);
    world3_end(w);
}

/* ---- nothing that is not authenticated changes anything ---- */

static void
test_damaged_messages(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_register(w, true);
    fb_binding_view before, after;
    size_t relayed = relayed_requests(w);

    (void)state;
    requirement("B5944-22", "B5944-21");
    assert_true(world3_visitor(w, &before));
    request = visit_request(w, 600, true);
    for (size_t bit = 0; bit < 8 * request.length; bit++)
    {
        hand damaged = request;

        damaged.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        if (bit / 8 >= 4 && bit / 8 < 8)
        {
            continue; /* another home address: a node without an association */
        }
        assert_true(visit_send(w, &damaged) > 0);
    }
    for (size_t length = 0; length < request.length; length++)
    {
        hand cut = request;

        cut.length = length;
        assert_true(visit_send(w, &cut) > 0);
    }
    assert_int_equal(relayed_requests(w), relayed);
    assert_true(world3_visitor(w, &after));
    assert_memory_equal(&before, &after, sizeof before);
    world3_end(w);
}

static void
test_a_flood_of_requests(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request;
    unsigned relayed = 0;

    (void)state;
    requirement("B5944-42", "B5944-43");
    visit_register(w, false);
    for (uint32_t node = 0; node < 1000; node++) /* without associations anybody may ask */
    {
        request = visit_request(w, 600, false);
        hand_u32(&request, 4, 0x0a000000 + node);
        relayed += visit_send(w, &request) == FB_REASON_NONE;
    }
    assert_int_equal(relayed, 64); /* limits.pending */
    assert_true(visits(w));
    world3_run(w, 8 * FB_SECOND); /* all have timed out */
    request = visit_request(w, 600, false);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_end(w);
}

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vectors),
        cmocka_unit_test(test_what_is_kept_of_a_request),
        cmocka_unit_test(test_what_follows_the_authentication_is_removed),
        cmocka_unit_test(test_a_deregistration_carries_no_agent_authentication),
        cmocka_unit_test(test_no_authentication_for_an_address_of_the_node),
        cmocka_unit_test(test_denials),
        cmocka_unit_test(test_a_lifetime_too_long),
        cmocka_unit_test(test_any_care_of_address_when_deregistering),
        cmocka_unit_test(test_five_requests_a_node),
        cmocka_unit_test(test_seven_seconds),
        cmocka_unit_test(test_a_short_lifetime_ends_the_waiting),
        cmocka_unit_test(test_no_visitor_stays_longer_than_it_asked_for),
        cmocka_unit_test(test_one_denial_a_second),
        cmocka_unit_test(test_requests_to_all_agents),
        cmocka_unit_test(test_a_denial_after_the_link_went_down),
        cmocka_unit_test(test_only_from_its_links),
        cmocka_unit_test(test_rfc7629_passes_unread),
        cmocka_unit_test(test_an_agent_of_before_rfc7629_is_silent),
        cmocka_unit_test(test_codes_it_never_sends),
        cmocka_unit_test(test_an_agent_that_is_both),
        cmocka_unit_test(test_a_link_without_the_foreign_agent),
        cmocka_unit_test(test_damaged_messages),
        cmocka_unit_test(test_a_flood_of_requests),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
