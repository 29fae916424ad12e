/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3519 3: UDP Tunnel Request and UDP Tunnel Reply Extension.
 */

#include "nat.h"

#include <string.h>

#define OUTSIDE 0xcb0071c8u /* 203.0.113.200 */
#define PRIVATE 0x0a000005u /* 10.0.0.5 */

static test_vectors *vectors;

/* 3.1, 3.2: both extensions, octet by octet, at the home agent; the tunnel is that of BID 1 alone */
static void
test_home_agent_answers_the_vector(void **state)
{
    world *w = bound_world(0);
    fb_binding_view view;
    size_t events;
    answer a;

    (void)state;
    requirement("B3519-01", "B3519-02", "M18", "M19", "C-14");
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    events = w->events;
    a = play(w, vectors_find(vectors, "M18"));
    assert_int_equal(a.reason, FB_REASON_NONE);
    assert_is_vector(&a, vectors_find(vectors, "M19"));
    assert_int_equal(fb_addr_to_ipv4(&a.message->meta.dst), OUTSIDE);
    assert_int_equal(a.message->meta.dport, 62001);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, OUTSIDE, 62001);
    assert_tunnel(w, 2, FB_TUNNEL_IPIP, care_of(2), 0);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, PRIVATE);
    assert_int_equal(binding_event(w, events, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_REGISTERED);
    world_end(w);
}

static world *
world_behind_a_nat(nat *n)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 1800;
    w = world_start(&setup);
    *n = (nat){.outside[1] = OUTSIDE, .port[1] = 62001};
    w->translate = nat_translate;
    w->context = n;
    w->address[1] = PRIVATE;
    w->udp[1] = FB_UDP_IF_NAT;
    return w;
}

/* 3.1: the mobile node's request is the vector, 3.2: and it takes the vector's answer */
static void
test_mobile_node_sends_the_vector(void **state)
{
    const test_vector *m18 = vectors_find(vectors, "M18"), *m19 = vectors_find(vectors, "M19");
    uint8_t reply[28];
    nat n;
    world *w = world_behind_a_nat(&n);
    fb_time sent;

    (void)state;
    requirement("B3519-01", "B3519-05", "M18", "M19");
    set_clock(w, w->mobile_node, octets_u32(m18->octets + 16), w->now);
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_sent_vector(world_sent(w, true, 0), m18);
    sent = w->now;
    memcpy(reply, m19->octets, sizeof reply);
    memcpy(reply + 12, world_sent(w, true, 0)->octets + 16, 8);
    assert_int_equal(reply_octets(w, world_sent(w, true, 0), reply, sizeof reply), FB_REASON_NONE);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(mobile_binding(w, 1).udp_port, FB_MIP4_PORT);
    assert_int_equal(mobile_binding(w, 1).tunnel_address, WORLD_HOME_AGENT);
    assert_true(fb_agent_next_timeout(w->mobile_node) == sent + 110 * FB_SECOND);
    world_end(w);
}

/* 3.1.3: "'Reserved 1' and 'Reserved 2' fields must be ignored on receipt" */
static void
test_reserved_1_and_2_are_ignored(void **state)
{
    world *w = bound_world(0);
    request r = tunnel_request(w, 1, FLAG_D | FLAG_T, OUTSIDE, 4000);
    answer a;

    (void)state;
    requirement("B3519-01");
    request_octets(&r, (const uint8_t[]){144, 6, 0, 0xff, 0x3f, 0, 0, 0}, 8);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, (const uint8_t[]){44, 6, 0, 0, 0, 0, 0, 110});
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, OUTSIDE, 4000);
    world_end(w);
}

/* 3.1.3: Reserved 3 "must be 0 on receipt, otherwise this extension MUST be handled as not understood" */
static void
test_reserved_3_makes_it_unknown(void **state)
{
    world *w = bound_world(0);

    (void)state;
    requirement("B3519-04");
    for (unsigned bit = 0; bit < 16; bit++)
    {
        request r = tunnel_request(w, 1, FLAG_D | FLAG_T, OUTSIDE, 4000);
        answer a;

        request_octets(&r,
                       (const uint8_t[]){144,
                                         6,
                                         0,
                                         0,
                                         FLAG_UDP_FORCE,
                                         0,
                                         (uint8_t)(1u << bit >> 8),
                                         (uint8_t)(1u << bit)},
                       8);
        a = request_send(w, &r);
        assert_accepted(&a, &r, 600);
        assert_udp_answer(&a, NULL);
        assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    }
    world_end(w);
}

/* RFC 5944 1.11: an extension of another Sub-Type is another extension, here one that may be skipped */
static void
test_another_subtype_is_skipped(void **state)
{
    world *w = bound_world(0);
    request r = tunnel_request(w, 1, FLAG_D | FLAG_T, OUTSIDE, 4000);
    answer a;

    (void)state;
    requirement("B3519-01");
    request_octets(&r, (const uint8_t[]){144, 6, 1, 0, 0, 0, 0, 0}, 8);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_udp_answer(&a, NULL);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    world_end(w);
}

/* 3.1: Length 6 */
static void
test_another_length_is_malformed(void **state)
{
    world *w = bound_world(1);
    snapshot before = home_agent_state(w);

    (void)state;
    requirement("B3519-01");
    for (uint8_t length = 0; length < 12; length++)
    {
        const uint8_t octets[16] = {144, length};
        request r = tunnel_request(w, 1, FLAG_D | FLAG_T, OUTSIDE, 4000);

        if (length != 6)
        {
            request_octets(&r, octets, 2u + length);
            assert_denied(request_send(w, &r), 134, FB_DROP_UDP_TUNNEL_MISPLACED);
            assert_unchanged(w, &before);
        }
    }
    world_end(w);
}

/*
 * 3.1.4: "If the value of this field is zero, it defaults to the value of 'M' and 'G' fields ..., but if it is
 * non-zero, it indicates that a particular encapsulation is desired."
 */
static void
test_encapsulation_field(void **state)
{
    static const struct
    {
        uint8_t flags, field, nat_tunnel, plain_tunnel;
    } row[] = {
        {0, 0, FB_TUNNEL_IPIP, FB_TUNNEL_IPIP},
        {FLAG_G, 0, FB_TUNNEL_GRE, FB_TUNNEL_GRE},
        {FLAG_M, 0, FB_TUNNEL_MINIMAL, FB_TUNNEL_MINIMAL},
        {0, 4, FB_TUNNEL_IPIP, FB_TUNNEL_IPIP},
        {FLAG_G, 4, FB_TUNNEL_IPIP, FB_TUNNEL_GRE},
        {FLAG_M, 4, FB_TUNNEL_IPIP, FB_TUNNEL_MINIMAL},
        {0, 47, FB_TUNNEL_GRE, FB_TUNNEL_IPIP},
        {FLAG_M, 47, FB_TUNNEL_GRE, FB_TUNNEL_MINIMAL},
        {0, 55, FB_TUNNEL_MINIMAL, FB_TUNNEL_IPIP},
        {FLAG_G, 55, FB_TUNNEL_MINIMAL, FB_TUNNEL_GRE},
    };

    (void)state;
    requirement("B3519-01", "B3519-02", "B5944-60");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = bound_world(0);
        uint8_t flags = FLAG_D | FLAG_T | row[i].flags;
        request r = tunnel_request(w, 1, flags, OUTSIDE, 4000);

        request_udp_tunnel(&r, 0, row[i].field);
        assert_int_equal(request_send(w, &r).code, 0);
        assert_tunnel(w, 1, row[i].nat_tunnel, OUTSIDE, 4000);
        /* "if the home agent finds that UDP tunnelling is not needed": by the flags */
        r = tunnel_request(w, 1, flags, care_of(1), 4000);
        request_udp_tunnel(&r, 0, row[i].field);
        assert_int_equal(request_send(w, &r).code, 0);
        assert_tunnel(w, 1, row[i].plain_tunnel, care_of(1), 0);
        world_end(w);
    }
}

/** Sends the first request behind a NAT and answers it with @p octets as UDP Tunnel Reply. */
static int
answer_with(world *w, const uint8_t *octets, size_t length)
{
    uint8_t reply[64];

    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_fixed(reply, world_last(w, true), 0, 600);
    memcpy(reply + REPLY_FIXED, octets, length);
    return reply_octets(w, world_last(w, true), reply, REPLY_FIXED + length);
}

/* 3.2: "This extension is a non-skippable extension": a message with one that cannot be read is discarded */
static void
test_unreadable_reply_is_discarded(void **state)
{
    static const uint8_t unreadable[][9] = {{44, 6, 1, 0, 0, 0, 0, 110},
                                            {44, 5, 0, 0, 0, 0, 0},
                                            {44, 7, 0, 0, 0, 0, 0, 110, 0},
                                            {44, 0}};
    nat n;

    (void)state;
    requirement("B3519-01");
    for (size_t i = 0; i < sizeof unreadable / sizeof unreadable[0]; i++)
    {
        world *w = world_behind_a_nat(&n);

        assert_int_equal(answer_with(w, unreadable[i], 2u + unreadable[i][1]),
                         FB_DROP_NOT_EXPECTED);
        assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
        assert_int_equal(mobile_binding(w, 1).udp_port, 0);
        assert_non_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DROP));
        world_end(w);
    }
}

/* 3.2.1: "0 .. 63 indicate assent", "64 .. 255 indicate that tunnelling should not be done" */
static void
test_reply_codes(void **state)
{
    static const uint8_t codes[] = {0, 1, 63, 64, 65, 255};
    nat n;

    (void)state;
    requirement("B3519-05");
    for (size_t i = 0; i < sizeof codes; i++)
    {
        world *w = world_behind_a_nat(&n);
        const uint8_t reply[8] = {44, 6, 0, codes[i], 0, 0, 0, 110};

        assert_int_equal(answer_with(w, reply, sizeof reply), FB_REASON_NONE);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        assert_int_equal(mobile_binding(w, 1).udp_port, codes[i] < 64 ? FB_MIP4_PORT : 0);
        world_end(w);
    }
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
        cmocka_unit_test(test_home_agent_answers_the_vector),
        cmocka_unit_test(test_mobile_node_sends_the_vector),
        cmocka_unit_test(test_reserved_1_and_2_are_ignored),
        cmocka_unit_test(test_reserved_3_makes_it_unknown),
        cmocka_unit_test(test_another_subtype_is_skipped),
        cmocka_unit_test(test_another_length_is_malformed),
        cmocka_unit_test(test_encapsulation_field),
        cmocka_unit_test(test_unreadable_reply_is_discarded),
        cmocka_unit_test(test_reply_codes),
    };

    return cmocka_run_group_tests_name("rfc3519_3_extensions", tests, load, unload);
}
