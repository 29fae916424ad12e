/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2004 3: minimal encapsulation.
 */

#include "exchange.h"

#include "data_plane.h"

#include <string.h>

static const data_tunnel minimal = {.kind = FB_TUNNEL_MINIMAL};

static world *
minimal_world(void)
{
    world *w = registered_world(1);

    data_set_tunnel(w, 1, &minimal);
    return w;
}

/* 1: "MUST NOT be used when an original datagram is already fragmented"; options would act inside the tunnel */
static void
test_what_goes_as_ip_in_ip(void **state)
{
    world *w = minimal_world();

    (void)state;
    requirement("B2004-01");
    for (unsigned i = 0; i < 4; i++)
    {
        data_packet packet = data_down(), sent, payload, delivered;
        fb_action action;

        packet.octets[6] = i == 1 ? 0x20 : 0; /* first fragment */
        packet.octets[7] = i == 2 ? 0x05 : 0; /* last fragment */
        if (i == 3)
        {
            packet.octets[0] = 0x46; /* one option: End of Option List */
            memset(packet.octets + 20, 0, 4);
        }
        data_seal(&packet);
        action = data_steer(w, w->home_agent, &packet);
        sent = data_result(&action, &packet);
        assert_int_equal(sent.octets[9], i == 0 ? 55 : 4);
        action = data_arrive(w, w->mobile_node, &sent, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        delivered = data_result(&action, &payload);
        assert_int_equal(delivered.length, packet.length);
        assert_memory_equal(delivered.octets, packet.octets, packet.length);
    }
    world_end(w);
}

/* 3.1: S = 0, 8 octets, when the encapsulator is the original source */
static void
test_without_the_original_source(void **state)
{
    world *w = minimal_world();
    data_packet outer = data_ipv4(WORLD_HOME_AGENT, care_of(1), 55, 60), payload, delivered;
    uint8_t *header = outer.octets + 20;
    fb_action action;
    uint16_t sum;

    (void)state;
    requirement("B2004-01");
    memcpy(header, (const uint8_t[]){UDP, 0x7f, 0, 0, 198, 51, 100, 10}, 8); /* reserved bits set */
    sum = (uint16_t)~data_sum(header, 8);
    header[2] = (uint8_t)(sum >> 8);
    header[3] = (uint8_t)sum;
    action = data_arrive(w, w->mobile_node, &outer, WORLD_WLAN, &payload);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.strip, 8);
    assert_int_equal(action.outer_len, 20);
    delivered = data_result(&action, &payload);
    assert_int_equal(delivered.length, 52);
    assert_int_equal(octets_u16(delivered.octets + 2), 52);
    assert_int_equal(data_sum(delivered.octets, 20), 0xffff);
    assert_int_equal(octets_u32(delivered.octets + 12), WORLD_HOME_AGENT);
    assert_int_equal(octets_u32(delivered.octets + 16), WORLD_HOME_ADDRESS);
    assert_memory_equal(delivered.octets + 20, outer.octets + 28, 32);
    world_end(w);
}

/* 3.1: "Header Checksum": the forwarding header is what it covers, and a wrong one is noticed */
static void
test_damaged_headers(void **state)
{
    world *w = minimal_world();
    data_packet packet = data_down(), sent, payload;
    fb_action action = data_steer(w, w->home_agent, &packet);

    (void)state;
    requirement("B2004-01");
    sent = data_result(&action, &packet);
    for (size_t bit = 0; bit < 12 * 8; bit++)
    {
        data_packet damaged = sent;

        damaged.octets[20 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        action = data_arrive(w, w->mobile_node, &damaged, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TUNNEL_CHECKSUM);
    }
    for (size_t length = 20; length < 32; length++)
    {
        data_packet cut = sent;

        cut.length = length;
        cut.octets[3] = (uint8_t)length;
        data_seal(&cut);
        action = data_arrive(w, w->mobile_node, &cut, WORLD_WLAN, &payload);
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TUNNEL_HEADER);
    }
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_as_ip_in_ip),
        cmocka_unit_test(test_without_the_original_source),
        cmocka_unit_test(test_damaged_headers),
    };

    return cmocka_run_group_tests_name("rfc2004_3_minimal", tests, NULL, NULL);
}
