/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/ipv4.h"

#include "base/octets.h"

void
fb_flow_read_transport(fb_flow *flow, const uint8_t *transport, size_t length)
{
    switch (flow->protocol)
    {
    case FB_PROTOCOL_TCP:
    case FB_PROTOCOL_UDP:
    case FB_PROTOCOL_DCCP:
    case FB_PROTOCOL_SCTP:
    case FB_PROTOCOL_UDPLITE:
        if (length >= 4)
        {
            fb_flow_read_ports(flow, transport);
        }
        return;
    case FB_PROTOCOL_ESP:
        if (length >= 4)
        {
            flow->has_spi = true;
            flow->spi = fb_load_u32(transport); /* RFC 4303 2 */
        }
        return;
    case FB_PROTOCOL_AH:
        if (length >= 8)
        {
            flow->has_spi = true;
            flow->spi = fb_load_u32(transport + 4); /* RFC 4302 2 */
        }
        return;
    default:
        return;
    }
}
