/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/icmp_error.h"

#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"
#include "wire/tunnel_header.h"

#define ICMP_HEADER 8

/** RFC 1191 7.1: what links carry, for routers that do not tell. */
static uint16_t
plateau_below(uint16_t length)
{
    static const uint16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68};

    for (size_t i = 0; i < sizeof plateaus / sizeof plateaus[0]; i++)
    {
        if (plateaus[i] < length)
        {
            return plateaus[i];
        }
    }
    return 68;
}

/** The destination inside, from what is quoted behind the outer header. */
static fb_ipv4
read_inner_destination(uint8_t protocol, const uint8_t *octets, size_t length)
{
    if (protocol == FB_PROTOCOL_MINIMAL)
    {
        return fb_load_u32(octets + 4); /* RFC 2004 3.1 */
    }
    if (protocol == FB_PROTOCOL_GRE)
    {
        octets += FB_GRE_HEADER; /* as we write it */
        length -= FB_GRE_HEADER;
    }
    return length >= FB_IPV4_HEADER && octets[0] >> 4 == 4 ? fb_load_u32(octets + 16) : 0;
}

bool
fb_icmp_error_read(fb_icmp_error *error, const uint8_t *icmp, size_t length)
{
    const uint8_t *ip = icmp + ICMP_HEADER, *behind;
    size_t header, left;

    if (length < ICMP_HEADER + FB_IPV4_HEADER + 8 || ip[0] >> 4 != 4 ||
        (icmp[0] != FB_ICMP_UNREACHABLE && icmp[0] != FB_ICMP_TIME_EXCEEDED) ||
        fb_checksum_finish(fb_checksum_add(0, icmp, length)) != 0)
    {
        return false;
    }
    header = (size_t)(ip[0] & 0x0f) * 4;
    if (header < FB_IPV4_HEADER || length < ICMP_HEADER + header + 8)
    {
        return false;
    }
    behind = ip + header;
    left = length - ICMP_HEADER - header;
    *error = (fb_icmp_error){.type = icmp[0],
                             .code = icmp[1],
                             .mtu = fb_load_u16(icmp + 6),
                             .source = fb_load_u32(ip + 12),
                             .destination = fb_load_u32(ip + 16),
                             .protocol = ip[9],
                             .length = fb_load_u16(ip + 2)};
    if (error->mtu == 0)
    {
        error->mtu = plateau_below(error->length);
    }
    if (error->protocol == FB_PROTOCOL_UDP)
    {
        error->source_port = fb_load_u16(behind);
        error->destination_port = fb_load_u16(behind + 2);
        return true;
    }
    error->inner_destination = read_inner_destination(error->protocol, behind, left);
    return true;
}

size_t
fb_icmp_error_write(uint8_t out[FB_ICMP_ERROR_MAX],
                    uint8_t type,
                    uint8_t code,
                    uint16_t mtu,
                    const fb_flow *flow,
                    const uint8_t *header,
                    size_t length)
{
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;
    /* RFC 792: the header and 8 octets; RFC 4443 2.4: as much as there is room for */
    size_t most = is_ipv6 ? FB_ICMP_ERROR_MAX - ICMP_HEADER : flow->header_length + 8u;
    size_t quoted = length < flow->length ? length : flow->length;

    quoted = quoted < most ? quoted : most;
    out[0] = type;
    out[1] = code;
    fb_store_u16(out + 2, 0);
    fb_store_u16(out + 4, 0);
    fb_store_u16(out + 6, mtu);
    memcpy(out + ICMP_HEADER, header, quoted);
    if (!is_ipv6)
    {
        fb_store_u16(out + 2, fb_checksum_finish(fb_checksum_add(0, out, ICMP_HEADER + quoted)));
    }
    return ICMP_HEADER + quoted;
}

bool
fb_icmp_is_error(const fb_flow *flow, const uint8_t *header, size_t length)
{
    uint8_t type;

    if (flow->protocol != (flow->family == FB_FAMILY_IPV6 ? FB_PROTOCOL_ICMPV6 : FB_PROTOCOL_ICMP))
    {
        return false;
    }
    if (length <= flow->header_length)
    {
        return true; /* it may be one */
    }
    type = header[flow->header_length];
    if (flow->family == FB_FAMILY_IPV6)
    {
        return type < 128; /* RFC 4443 2.1 */
    }
    return (type >= 3 && type <= 5) || type == 11 || type == 12;
}
