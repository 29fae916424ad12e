/* SPDX-License-Identifier: BSD-3-Clause */
#include "nat.h"

#include <string.h>

void
nat_translate(world *w, world_message *message)
{
    const nat *n = w->context;

    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        fb_meta *meta = &message->meta;

        if (n->port[link] == 0)
        {
            continue;
        }
        if (message->to_home_agent && meta->link == link)
        {
            meta->src = fb_addr_from_ipv4(n->outside[link]);
            meta->sport = n->port[link];
        }
        else if (!message->to_home_agent && fb_addr_to_ipv4(&meta->dst) == n->outside[link] &&
                 meta->dport == n->port[link])
        {
            meta->dst = fb_addr_from_ipv4(w->address[link]);
            meta->dport = FB_MIP4_PORT;
        }
    }
}

void
request_udp_tunnel(request *r, uint8_t flags, uint8_t encapsulation)
{
    request_octets(r, (const uint8_t[]){144, 6, 0, 0, flags, encapsulation, 0, 0}, 8);
}

request
tunnel_request(world *w, uint8_t bid, uint8_t flags, fb_ipv4 source, uint16_t port)
{
    request r = path_request(w, bid, 600, 0);

    r.octets[1] = flags;
    r.source = source;
    r.port = port;
    return r;
}

void
assert_udp_answer(const answer *a, const uint8_t expected[8])
{
    seen s;

    assert_true(a->came);
    s = look_at(a->message);
    if (expected == NULL)
    {
        assert_int_equal(s.udp_tunnel, 0);
        return;
    }
    assert_int_not_equal(s.udp_tunnel, 0);
    assert_true(s.udp_tunnel < s.authentication);
    assert_memory_equal(a->message->octets + s.udp_tunnel, expected, 8);
}

fb_binding_view
mobile_binding(const world *w, uint8_t bid)
{
    fb_binding_view view;

    for (size_t i = 0;
         fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, i, &view);
         i++)
    {
        if (view.ref.bid == bid)
        {
            return view;
        }
    }
    fail_msg("the mobile node knows no BID %u", bid);
    return (fb_binding_view){0};
}
