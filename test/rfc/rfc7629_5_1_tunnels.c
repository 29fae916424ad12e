/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: "the encapsulation type ... may be different for each path".
 */

#include "exchange.h"

#include "data_plane.h"

#include <string.h>

/* BID 1 IP in IP, BID 2 GRE, BID 3 UDP at the same time: the policy chooses the path, the path the headers */
static void
test_an_encapsulation_for_each_path(void **state)
{
    static const data_tunnel tunnels[3] = {{.kind = FB_TUNNEL_IPIP},
                                           {.kind = FB_TUNNEL_GRE},
                                           {.kind = FB_TUNNEL_IPIP, .udp = true}};
    static const struct
    {
        uint8_t protocol, version_at, front;
    } expected[3] = {{4, 20, 20}, {47, 24, 24}, {17, 32, 32}};
    world *w = registered_world(3);
    fb_rule rules[3];

    (void)state;
    requirement("R7629-5.1-25", "B3519-07");
    for (uint8_t i = 0; i < 3; i++)
    {
        rules[i] = forward_rule((const char[]){(char)('1' + i), 0}, UDP, (uint16_t)(5001 + i));
    }
    assert_int_equal(world_policy(w, rules, 3), FB_OK);
    world_run(w, FB_SECOND);
    for (uint8_t i = 0; i < 3; i++)
    {
        data_set_tunnel(w, (uint8_t)(i + 1), &tunnels[i]);
    }
    for (unsigned n = 0; n < 30; n++)
    {
        uint8_t i = n % 3;
        data_packet down = data_down(), up = data_up(), sent, payload, delivered;
        fb_action action;

        down.octets[21] = (uint8_t)(5001 + i);
        down.octets[20] = (5001 + i) >> 8;
        memcpy(up.octets + 22, down.octets + 20, 2);
        action = data_steer(w, w->home_agent, &down);
        assert_int_equal(action.path.bid, i + 1);
        sent = data_result(&action, &down);
        assert_int_equal(sent.length, down.length + expected[i].front);
        assert_int_equal(sent.octets[9], expected[i].protocol);
        assert_int_equal(sent.octets[expected[i].version_at], 0x45);
        assert_int_equal(octets_u32(sent.octets + 16), care_of(i + 1u));
        action = data_arrive(w, w->mobile_node, &sent, i + 1u, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, i + 1);
        delivered = data_result(&action, &payload);
        assert_memory_equal(delivered.octets, down.octets, down.length);

        action = data_steer(w, w->mobile_node, &up);
        assert_int_equal(action.path.bid, i + 1);
        sent = data_result(&action, &up);
        assert_int_equal(sent.octets[9], expected[i].protocol);
        assert_int_equal(octets_u32(sent.octets + 12), care_of(i + 1u));
        action = data_arrive(w, w->home_agent, &sent, 0, &payload);
        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, i + 1);
        delivered = data_result(&action, &payload);
        assert_memory_equal(delivered.octets, up.octets, up.length);

        /* and one path's headers are not another's */
        sent.octets[15] = (uint8_t)care_of((i + 1) % 3 + 1u);
        data_seal(&sent);
        memset(sent.octets + 26, 0, sent.octets[9] == 17 ? 2 : 0); /* no UDP checksum */
        action = data_arrive(w, w->home_agent, &sent, 0, &payload);
        assert_int_equal(action.kind, FB_DROP_PACKET);
    }
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_encapsulation_for_each_path),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_tunnels", tests, NULL, NULL);
}
