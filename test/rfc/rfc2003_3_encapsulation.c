/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2003 3, IP in IP, and what the other encapsulations share with it.
 */

#include "exchange.h"

#include "agent_internal.h"
#include "data_plane.h"

#include <string.h>

static test_vectors *vectors;

/** The packet inside of D01 to D04: the last octets of D01. */
static data_packet
inner_of_vectors(void)
{
    const test_vector *d01 = vectors_find(vectors, "D01");
    data_packet inner = {.length = d01->length - 20};

    memcpy(inner.octets, d01->octets + 20, inner.length);
    return inner;
}

/* D01 to D04: the same packet in each encapsulation, octet for octet, in and out again */
static void
test_the_vectors(void **state)
{
    static const struct
    {
        const char *id;
        fb_ipv4 care_of_address;
        data_tunnel tunnel;
    } cases[] = {
        {"D01", 0xcb007111, {.kind = FB_TUNNEL_IPIP}},
        {"D02", 0xcb007111, {.kind = FB_TUNNEL_GRE}},
        {"D03", 0xcb007111, {.kind = FB_TUNNEL_MINIMAL}},
        {"D04", 0xcb0071c8, {.kind = FB_TUNNEL_IPIP, .udp = true, .nat_port = 62001}},
    };
    world_setup setup;
    data_packet inner = inner_of_vectors();

    (void)state;
    requirement("D01", "D02", "D03", "D04", "B2003-01", "B2004-01", "B2784-01");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.port = 62001; /* of D04, as if there were no NAT */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        const test_vector *vector = vectors_find(vectors, cases[i].id);
        world *w = world_start(&setup);
        data_packet sent, payload, delivered;
        fb_action action;

        w->address[WORLD_WLAN] = cases[i].care_of_address;
        world_link_up(w, WORLD_WLAN);
        world_run(w, FB_SECOND);
        data_set_tunnel(w, 1, &cases[i].tunnel);
        w->home_agent->identification = (uint16_t)(0x2000 + i); /* of the outer header, one less */

        action = data_steer(w, w->home_agent, &inner);
        assert_int_equal(action.kind, FB_SEND);
        assert_int_equal(action.path.bid, 1);
        sent = data_result(&action, &inner);
        assert_int_equal(sent.length, vector->length);
        assert_memory_equal(sent.octets, vector->octets, vector->length);

        action = data_arrive(w, w->mobile_node, &sent, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, 1);
        assert_int_equal(action.path.link, WORLD_WLAN);
        delivered = data_result(&action, &payload);
        assert_int_equal(delivered.length, inner.length);
        assert_memory_equal(delivered.octets, inner.octets, inner.length);
        world_end(w);
    }
}

/* "a router must not encapsulate a datagram whose TTL is 0"; the inner header is not touched otherwise */
static void
test_the_inner_header(void **state)
{
    world *w = registered_world(1);

    (void)state;
    requirement("B2003-01");
    for (uint8_t kind = 0; kind < FB_TUNNEL_COUNT; kind++)
    {
        data_tunnel tunnel = {.kind = kind};

        data_set_tunnel(w, 1, &tunnel);
        for (unsigned i = 0; i < 256; i++)
        {
            data_packet packet = data_down(), sent, payload, delivered;
            fb_action action;

            packet.octets[1] = (uint8_t)(i << 2);
            packet.octets[6] = (i & 1) != 0 ? 0x40 : 0;
            packet.octets[8] = (uint8_t)i;
            data_seal(&packet);
            action = data_steer(w, w->home_agent, &packet);
            if (i == 0)
            {
                assert_int_equal(action.kind, FB_DROP_PACKET);
                assert_int_equal(action.reason, FB_DROP_TTL);
                continue;
            }
            sent = data_result(&action, &packet);
            assert_int_equal(sent.octets[1], packet.octets[1]);
            assert_int_equal(sent.octets[6], packet.octets[6]);
            /* RFC 2004 3.1: "Unlike IP-in-IP encapsulation, the Time to Live field is not modified" */
            assert_int_equal(sent.octets[8], kind == FB_TUNNEL_MINIMAL ? i : 64);
            action = data_arrive(w, w->mobile_node, &sent, WORLD_WLAN, &payload);
            delivered = data_result(&action, &payload);
            assert_memory_equal(delivered.octets, packet.octets, packet.length);
            if (kind == FB_TUNNEL_IPIP && i == 1)
            {
                /* "If, after decapsulation, the inner datagram has TTL = 0, the decapsulator MUST discard" it */
                sent.octets[20 + 8] = 0;
                action = data_arrive(w, w->mobile_node, &sent, WORLD_WLAN, &payload);
                assert_int_equal(action.kind, FB_DROP_PACKET);
                assert_int_equal(action.reason, FB_DROP_TTL);
            }
        }
    }
    world_end(w);
}

/* 3.2: the source is the tunnel's entry or its exit: "the datagram must not be tunnelled"; RFC 5944 4.2.3 */
static void
test_loops(void **state)
{
    const fb_ipv4 nat = 0xcb0071c8;
    const data_tunnel behind_nat = {.udp = true, .nat = nat, .nat_port = 62001};
    world *w = registered_world(3);
    const fb_ipv4 ends[] = {WORLD_HOME_AGENT, care_of(1), care_of(3), nat};
    data_packet packet;

    (void)state;
    requirement("B2003-02", "B5944-56", "C-14");
    data_set_tunnel(w, 2, &behind_nat);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    {
        fb_action action;

        packet = data_ipv4(ends[i], WORLD_HOME_ADDRESS, ends[i] == nat ? UDP : 4, 60);
        packet.octets[20] = 62001 >> 8; /* behind the NAT it is the port that tells (C-14) */
        packet.octets[21] = 62001 & 0xff;
        for (int again = 0; again < 2; again++) /* decided, and remembered */
        {
            action = data_steer(w, w->home_agent, &packet);
            assert_int_equal(action.kind, FB_DROP_PACKET);
            assert_int_equal(action.reason, FB_DROP_LOOP);
        }
    }
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_LOOP),
                     2 * sizeof ends / sizeof ends[0]);
    /* an end of a tunnel that is gone is anybody */
    administrator(w, FB_FACT_DEREGISTER, 3);
    world_run(w, FB_SECOND);
    packet = data_ipv4(care_of(3), WORLD_HOME_ADDRESS, 4, 60);
    assert_int_equal(data_steer(w, w->home_agent, &packet).kind, FB_SEND);
    world_end(w);
}

/* RFC 791: a packet has 65535 octets at most, with all its outer headers */
static void
test_the_longest_packet(void **state)
{
    static const struct
    {
        data_tunnel tunnel;
        unsigned overhead;
    } cases[] = {
        {{.kind = FB_TUNNEL_IPIP}, 20},
        {{.kind = FB_TUNNEL_GRE}, 24},
        {{.kind = FB_TUNNEL_MINIMAL}, 12},
        {{.kind = FB_TUNNEL_IPIP, .udp = true}, 32},
        {{.kind = FB_TUNNEL_GRE, .udp = true}, 36},
        {{.kind = FB_TUNNEL_MINIMAL, .udp = true}, 24},
    };
    world *w = registered_world(1);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        data_set_tunnel(w, 1, &cases[i].tunnel);
        for (unsigned total = 65535 - cases[i].overhead; total <= 65535; total++)
        {
            data_packet packet = data_down();
            fb_packet described = {.header = packet.octets, .header_len = 40, .total_len = total};
            fb_action action;

            packet.octets[2] = (uint8_t)(total >> 8);
            packet.octets[3] = (uint8_t)total;
            assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &described, w->now), FB_OK);
            assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
            if (total == 65535 - cases[i].overhead)
            {
                assert_int_equal(action.kind, FB_SEND);
                assert_int_equal(action.outer_len - action.strip, cases[i].overhead);
                assert_int_equal(octets_u16(action.outer + 2), 65535);
                continue;
            }
            assert_int_equal(action.kind, FB_DROP_PACKET);
            assert_int_equal(action.reason, FB_DROP_PACKET_MALFORMED);
        }
    }
    world_end(w);
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
        cmocka_unit_test(test_the_inner_header),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_the_longest_packet),
    };

    return cmocka_run_group_tests_name("rfc2003_3_encapsulation", tests, load, unload);
}
