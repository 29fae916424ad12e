/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

#include "base/octets.h"
#include "steer/segment_size.h"

/** The tunnel whose outer header this is: addresses, and the port of one in UDP. */
static fb_tunnel_ends
ends_of(const uint8_t *outer)
{
    fb_tunnel_ends ends = {0};

    if (outer[0] >> 4 == 6)
    {
        ends.source.family = ends.destination.family = FB_FAMILY_IPV6;
        memcpy(ends.source.octet, outer + 8, 16);
        memcpy(ends.destination.octet, outer + 24, 16);
        return ends;
    }
    ends.source = fb_addr_from_ipv4(fb_load_u32(outer + 12));
    ends.destination = fb_addr_from_ipv4(fb_load_u32(outer + 16));
    if (outer[9] == FB_PROTOCOL_UDP)
    {
        ends.destination_port = fb_load_u16(outer + FB_IPV4_HEADER + 2);
    }
    return ends;
}

/** As the host told of the link the packet leaves by; 0: nothing. */
static uint32_t
link_mtu(const fb_agent *agent, uint32_t link)
{
    if (link == 0)
    {
        return 0;
    }
    return fb_agent_has_role(agent, FB_ROLE_MAG) ? fb_mag_link_mtu(&agent->mag, link)
           : fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE)
               ? fb_mobile_node_link_mtu(&agent->mobile_node, link)
               : 0;
}

/** Octets of the longest packet that goes through the tunnel of @p action in one piece; 0: not known. */
static uint32_t
room_in(const fb_agent *agent, const fb_action *action)
{
    fb_tunnel_ends ends = ends_of(action->outer);
    uint32_t overhead = (uint32_t)action->outer_len - action->strip;
    uint32_t mtu = link_mtu(agent, action->path.link);

    mtu = mtu != 0 ? mtu : agent->path_mtu;
    mtu = fb_tunnel_path_mtu(&agent->tunnel_states, &ends, mtu, agent->last_time);
    return mtu > overhead ? mtu - overhead : 0;
}

static void
limit(const fb_agent *agent, fb_action *action, const fb_packet *packet, const fb_flow *flow)
{
    if ((action->kind == FB_SEND || action->kind == FB_COPY || action->kind == FB_FORWARD) &&
        action->outer_len > action->strip)
    {
        action->patch_count = fb_segment_limit(action->patch,
                                               flow,
                                               packet->header,
                                               packet->header_len,
                                               room_in(agent, action));
    }
}

void
fb_agent_limit_segments(fb_agent *agent, const fb_packet *packet, const fb_flow *flow)
{
    if (agent->path_mtu == 0)
    {
        return;
    }
    for (size_t i = 0; i < agent->copy_count; i++)
    {
        limit(agent, &agent->copy[i], packet, flow);
    }
    limit(agent, &agent->action, packet, flow);
}
