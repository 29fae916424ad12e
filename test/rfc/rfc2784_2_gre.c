/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2784 2, GRE, and the Key and Sequence Number of RFC 2890.
 */

#include "exchange.h"

#include "data_plane.h"

#include <string.h>

#define CHECKSUM 0x8000u
#define KEY 0x2000u
#define SEQUENCE 0x1000u

static const data_tunnel gre = {.kind = FB_TUNNEL_GRE};

static world *
gre_world(void)
{
    world *w = registered_world(1);

    data_set_tunnel(w, 1, &gre);
    return w;
}

/** A packet of the home agent: GRE with these flags and the fields they ask for, around @p inner. */
static data_packet
gre_packet(uint16_t flags, uint16_t type, const data_packet *inner)
{
    size_t front = 24 + ((flags & CHECKSUM) != 0 ? 4u : 0u) + ((flags & KEY) != 0 ? 4u : 0u) +
                   ((flags & SEQUENCE) != 0 ? 4u : 0u);
    data_packet packet = data_ipv4(WORLD_HOME_AGENT, care_of(1), 47, front + inner->length);
    uint8_t *header = packet.octets + 20;

    header[0] = (uint8_t)(flags >> 8);
    header[1] = (uint8_t)flags;
    header[2] = (uint8_t)(type >> 8);
    header[3] = (uint8_t)type;
    memcpy(packet.octets + front, inner->octets, inner->length);
    if ((flags & CHECKSUM) != 0)
    {
        uint16_t sum;

        memset(header + 4, 0, 4);
        sum = (uint16_t)~data_sum(header, packet.length - 20);
        header[4] = (uint8_t)(sum >> 8);
        header[5] = (uint8_t)sum;
    }
    return packet;
}

/* C-17: bits 1, 4 and 5 refuse a packet, bits 6 to 12 are ignored, bits 13 to 15 are the version 0 */
static void
test_every_flag_word(void **state)
{
    world *w = gre_world();
    data_packet inner = data_down();

    (void)state;
    requirement("B2784-01", "C-17");
    for (unsigned flags = 0; flags < 0x10000; flags++)
    {
        bool refused = (flags & 0x4c07) != 0;
        data_packet packet = gre_packet((uint16_t)flags, 0x0800, &inner), payload;
        fb_action action;

        if ((flags & 0x07f8) != 0 && (flags & 0x07f8) != 0x07f8 && flags % 11 != 0)
        {
            continue; /* a sample of these is enough */
        }
        action = data_arrive(w, w->mobile_node, &packet, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, refused ? FB_DROP_PACKET : FB_DELIVER);
        assert_int_equal(action.reason, refused ? FB_DROP_TUNNEL_HEADER : 0);
    }
    world_end(w);
}

/* RFC 2890 2: "Key Present (bit 2)", "Sequence Number Present (bit 3)": each makes the header 4 octets longer */
static void
test_key_and_sequence(void **state)
{
    static const uint16_t flags[] = {0,
                                     KEY,
                                     SEQUENCE,
                                     KEY | SEQUENCE,
                                     CHECKSUM,
                                     CHECKSUM | KEY,
                                     CHECKSUM | SEQUENCE,
                                     CHECKSUM | KEY | SEQUENCE};
    world *w = gre_world();
    data_packet inner = data_down();

    (void)state;
    requirement("B2890-01", "B2784-01", "C-17");
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    {
        data_packet packet = gre_packet(flags[i], 0x0800, &inner), payload, delivered;
        size_t front = packet.length - inner.length;
        fb_action action = data_arrive(w, w->mobile_node, &packet, WORLD_WLAN, &payload);

        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.strip, front - 20);
        delivered = data_result(&action, &payload);
        assert_int_equal(delivered.length, inner.length);
        assert_memory_equal(delivered.octets, inner.octets, inner.length);
        for (size_t length = 20; length < front; length++)
        {
            data_packet cut = packet;

            cut.length = length;
            cut.octets[3] = (uint8_t)length;
            data_seal(&cut);
            action = data_arrive(w, w->mobile_node, &cut, WORLD_WLAN, &payload);
            assert_int_equal(action.reason, FB_DROP_TUNNEL_HEADER);
        }
    }
    world_end(w);
}

/* 2.5: the checksum covers "the GRE header and the payload packet" */
static void
test_the_checksum(void **state)
{
    world *w = gre_world();
    data_packet inner = data_down();
    data_packet packet = gre_packet(CHECKSUM | KEY, 0x0800, &inner), payload;

    (void)state;
    requirement("B2784-01");
    for (size_t bit = 4 * 8; bit < (packet.length - 20) * 8; bit++)
    {
        data_packet damaged = packet;
        fb_action action;

        damaged.octets[20 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        action = data_arrive(w, w->mobile_node, &damaged, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TUNNEL_CHECKSUM);
    }
    world_end(w);
}

/* A host that hands over only the headers: nothing can be said about the checksum then */
static void
test_the_checksum_of_what_is_not_there(void **state)
{
    world *w = gre_world();
    data_packet inner = data_ipv4(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, UDP, 600);
    data_packet packet = gre_packet(CHECKSUM, 0x0800, &inner), payload;
    fb_meta meta = data_open(&packet, WORLD_WLAN, &payload);
    fb_packet described = {.header = payload.octets, .header_len = 68, .total_len = payload.length};
    fb_action action;

    (void)state;
    requirement("B2784-01");
    payload.octets[500] ^= 1;
    assert_int_equal(fb_agent_receive(w->mobile_node, &meta, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->mobile_node, &action, w->now));
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 8);
    world_end(w);
}

/* 2.4, 3: Protocol Type 0x0800 is IPv4, and what it says has to be true; what is not known is discarded */
static void
test_protocol_types(void **state)
{
    world *w = gre_world();
    data_packet inner = data_down();

    (void)state;
    requirement("B2784-01");
    for (unsigned type = 0; type < 0x10000; type++)
    {
        data_packet packet, payload;
        fb_action action;

        if (type % 97 != 0 && type != 0x0800 && type != 0x86dd)
        {
            continue;
        }
        packet = gre_packet(0, (uint16_t)type, &inner);
        action = data_arrive(w, w->mobile_node, &packet, WORLD_WLAN, &payload);
        if (type == 0x0800)
        {
            assert_int_equal(action.kind, FB_DELIVER);
            continue;
        }
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason,
                         type == 0x86dd ? FB_DROP_PACKET_MALFORMED : FB_DROP_TUNNEL_HEADER);
    }
    world_end(w);
}

/* 3.1: "if the destination address of the payload packet is the encapsulator ... the packet MUST be discarded" */
static void
test_a_packet_to_the_encapsulator(void **state)
{
    world *w = gre_world();
    data_packet inner = data_ipv4(WORLD_HOME_ADDRESS, care_of(1), UDP, 40), payload;
    data_packet packet = gre_packet(0, 0x0800, &inner);
    fb_action action;

    (void)state;
    requirement("B2784-01");
    memcpy(packet.octets + 12, (const uint8_t[]){203, 0, 113, 17, 192, 0, 2, 1}, 8);
    data_seal(&packet);
    action = data_arrive(w, w->home_agent, &packet, 0, &payload);
    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, FB_DROP_LOOP);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_flag_word),
        cmocka_unit_test(test_key_and_sequence),
        cmocka_unit_test(test_the_checksum),
        cmocka_unit_test(test_the_checksum_of_what_is_not_there),
        cmocka_unit_test(test_protocol_types),
        cmocka_unit_test(test_a_packet_to_the_encapsulator),
    };

    return cmocka_run_group_tests_name("rfc2784_2_gre", tests, NULL, NULL);
}
