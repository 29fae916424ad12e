/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3168 9.1.1, congestion marks and tunnels, as RFC 5213 5.6.3 sums it up.
 */

#include "exchange.h"

#include "data_plane.h"

#include <string.h>

#define CE 3

/** A packet from the home agent through such a tunnel, whose outer header has @p outer_ecn when it arrives. */
static fb_action
pass(world *w, uint8_t inner_tos, uint8_t outer_ecn, data_packet *inner, data_packet *payload)
{
    data_packet sent;
    fb_action action;

    *inner = data_down();
    inner->octets[1] = inner_tos;
    data_seal(inner);
    action = data_steer(w, w->home_agent, inner);
    sent = data_result(&action, inner);
    /* "copied to the outer header" */
    assert_int_equal(sent.octets[1], inner_tos);
    sent.octets[1] = (uint8_t)((inner_tos & 0xfc) | outer_ecn);
    data_seal(&sent);
    return data_arrive(w, w->mobile_node, &sent, WORLD_WLAN, payload);
}

/* "if the ECN field in the outer header is set to Congestion Experienced, then the inner header MUST be set to CE;
   otherwise, the ECN field in the inner header MUST NOT be modified"; what does not know ECN is dropped instead */
static void
test_every_combination(void **state)
{
    static const data_tunnel tunnels[] = {{.kind = FB_TUNNEL_IPIP},
                                          {.kind = FB_TUNNEL_GRE},
                                          {.kind = FB_TUNNEL_IPIP, .udp = true},
                                          {.kind = FB_TUNNEL_GRE, .udp = true}};
    world *w = registered_world(1);

    (void)state;
    requirement("B-ECN-01");
    for (size_t t = 0; t < sizeof tunnels / sizeof tunnels[0]; t++)
    {
        data_set_tunnel(w, 1, &tunnels[t]);
        for (unsigned i = 0; i < 1024; i++)
        {
            uint8_t tos = (uint8_t)(i >> 2), outer_ecn = i & 3;
            data_packet inner, payload, delivered;
            fb_action action = pass(w, tos, outer_ecn, &inner, &payload);

            if (outer_ecn == CE && (tos & 3) == 0)
            {
                assert_int_equal(action.kind, FB_DROP_PACKET);
                assert_int_equal(action.reason, FB_DROP_CONGESTION);
                continue;
            }
            assert_int_equal(action.kind, FB_DELIVER);
            delivered = data_result(&action, &payload);
            assert_int_equal(delivered.length, inner.length);
            assert_int_equal(data_sum(delivered.octets, 20), 0xffff);
            assert_int_equal(delivered.octets[1], outer_ecn == CE ? tos | CE : tos);
            inner.octets[1] = delivered.octets[1];
            data_seal(&inner);
            assert_memory_equal(delivered.octets, inner.octets, inner.length);
        }
    }
    world_end(w);
}

/* RFC 2004 3.1: minimal encapsulation has one IP header, whose mark is the packet's */
static void
test_minimal_encapsulation(void **state)
{
    world *w = registered_world(1);
    data_tunnel minimal = {.kind = FB_TUNNEL_MINIMAL};

    (void)state;
    requirement("B-ECN-01", "B2004-01");
    data_set_tunnel(w, 1, &minimal);
    for (unsigned ecn = 1; ecn < 4; ecn++)
    {
        data_packet inner, payload, delivered;
        fb_action action = pass(w, (uint8_t)(0xb8 | ecn), CE, &inner, &payload);

        assert_int_equal(action.kind, FB_DELIVER);
        delivered = data_result(&action, &payload);
        assert_int_equal(delivered.octets[1], 0xb8 | CE);
        assert_int_equal(data_sum(delivered.octets, 20), 0xffff);
    }
    world_end(w);
}

/* The same at the home agent's end */
static void
test_uplink(void **state)
{
    world *w = registered_world(1);
    data_packet up = data_up(), sent, payload, delivered;
    fb_action action;

    (void)state;
    requirement("B-ECN-01");
    up.octets[1] = 2; /* ECT(0) */
    data_seal(&up);
    action = data_steer(w, w->mobile_node, &up);
    sent = data_result(&action, &up);
    assert_int_equal(sent.octets[1], 2);
    sent.octets[1] = CE;
    data_seal(&sent);
    action = data_arrive(w, w->home_agent, &sent, 0, &payload);
    delivered = data_result(&action, &payload);
    assert_int_equal(delivered.octets[1], CE);
    assert_int_equal(data_sum(delivered.octets, 20), 0xffff);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination),
        cmocka_unit_test(test_minimal_encapsulation),
        cmocka_unit_test(test_uplink),
    };

    return cmocka_run_group_tests_name("rfc3168_9_congestion", tests, NULL, NULL);
}
