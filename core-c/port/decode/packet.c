/* SPDX-License-Identifier: BSD-3-Clause */
#include "packet.h"

#include "base/bytes.h"
#include "flowbind/agent.h"
#include "message_json.h"
#include "wire/checksum.h"
#include "wire/mobility_header.h"

#include <string.h>

#define UDP_HEADER 8

static const fbd_drop wrong_length = {"udp-length",
                                      "the length in the UDP header is not that of the datagram"};
static const fbd_drop wrong_checksum = {"udp-checksum", "the UDP checksum is wrong"};

/** RFC 768: zero means that the sender made none. */
static bool
udp_checksum_is_wrong(const fb_flow *flow, const uint8_t *udp, size_t length)
{
    if (udp[6] == 0 && udp[7] == 0)
    {
        return false;
    }
    uint32_t sum = FB_PROTOCOL_UDP + (uint32_t)length;
    sum += (flow->source >> 16) + (flow->source & 0xffff);
    sum += (flow->destination >> 16) + (flow->destination & 0xffff);
    return fb_checksum_finish(fb_checksum_add(sum, udp, length)) != 0;
}

/** Router discovery. No other ICMP message is one of ours. */
static fbd_packet
read_discovery(fbd_datagram *datagram, const uint8_t *octets, size_t captured)
{
    fb_reader reader = fb_reader_over(octets, captured);
    size_t header = (size_t)(fb_read_u8(&reader) & 0x0f) * 4;

    fb_read_skip(&reader, 1);
    size_t end = fb_read_u16(&reader);
    if (datagram->flow.fragment || header >= captured ||
        !fbd_is_discovery(octets + header, captured - header))
    {
        return FBD_PACKET_OTHER;
    }
    if (end > captured)
    {
        return FBD_PACKET_CUT;
    }
    datagram->payload = octets + header;
    datagram->length = end - header;
    datagram->kind = FBD_KIND_DISCOVERY;
    return FBD_PACKET_MESSAGE;
}

/** The Mobility Header of an IPv6 packet: the last of its extension headers (RFC 6275 6.1.1). */
static fbd_packet
read_mobility(fbd_datagram *datagram, const uint8_t *octets, size_t captured)
{
    const fb_flow *flow = &datagram->flow;

    if (flow->protocol != FB_PROTOCOL_MOBILITY || (flow->fragment && !flow->first_fragment))
    {
        return FBD_PACKET_OTHER;
    }
    if (flow->fragment)
    {
        return FBD_PACKET_FRAGMENT;
    }
    if (flow->length > captured)
    {
        return FBD_PACKET_CUT;
    }
    datagram->payload = octets + flow->header_length;
    datagram->length = flow->length - flow->header_length;
    datagram->kind = FBD_KIND_MOBILITY;
    return FBD_PACKET_MESSAGE;
}

static bool
is_on_port(const fb_flow *flow, uint16_t port)
{
    return flow->source_port == port || flow->destination_port == port;
}

/** What is in UDP over IPv4, from the UDP header on: of which @p there octets are captured. */
static void
read_udp(fbd_datagram *datagram, const uint8_t *udp, size_t there)
{
    fb_reader reader = fb_reader_over(udp, there);

    fb_read_skip(&reader, 4);
    size_t length = fb_read_u16(&reader);
    if (there < UDP_HEADER || length < UDP_HEADER || length > there)
    {
        datagram->drop = &wrong_length;
        datagram->payload = there < UDP_HEADER ? udp + there : udp + UDP_HEADER;
        datagram->length = there < UDP_HEADER ? 0 : there - UDP_HEADER;
        return;
    }
    datagram->payload = udp + UDP_HEADER;
    datagram->length = length - UDP_HEADER;
    datagram->drop = udp_checksum_is_wrong(&datagram->flow, udp, length) ? &wrong_checksum : NULL;
}

static fbd_packet
read_ipv4(fbd_datagram *datagram, const uint8_t *octets, size_t captured)
{
    const fb_flow *flow = &datagram->flow;

    if (flow->protocol == FB_PROTOCOL_ICMP)
    {
        return read_discovery(datagram, octets, captured);
    }
    if (flow->protocol != FB_PROTOCOL_UDP || !flow->has_ports ||
        !(is_on_port(flow, FB_MIP4_PORT) || is_on_port(flow, FB_PMIP_CONTROL_PORT)))
    {
        return FBD_PACKET_OTHER;
    }
    if (flow->fragment)
    {
        return FBD_PACKET_FRAGMENT;
    }
    datagram->kind = is_on_port(flow, FB_MIP4_PORT) ? FBD_KIND_MIP4 : FBD_KIND_MOBILITY;

    fb_reader reader = fb_reader_over(octets, captured);
    size_t header = (size_t)(fb_read_u8(&reader) & 0x0f) * 4;
    fb_read_skip(&reader, 1);
    size_t there = fb_read_u16(&reader) - header;
    if (header + there > captured)
    {
        return FBD_PACKET_CUT;
    }
    read_udp(datagram, octets + header, there);
    return FBD_PACKET_MESSAGE;
}

fbd_packet
fbd_packet_read(fbd_datagram *datagram, const uint8_t *octets, size_t captured, size_t total)
{
    fb_flow *flow = &datagram->flow;

    *datagram = (fbd_datagram){0};
    if (!fb_flow_read(flow, octets, captured, total))
    {
        return FBD_PACKET_OTHER;
    }
    if (flow->family == FB_FAMILY_IPV4)
    {
        datagram->source = fb_addr_from_ipv4(flow->source);
        datagram->destination = fb_addr_from_ipv4(flow->destination);
        return read_ipv4(datagram, octets, captured);
    }
    datagram->source.family = datagram->destination.family = FB_FAMILY_IPV6;
    memcpy(datagram->source.octet, flow->source6, sizeof datagram->source.octet);
    memcpy(datagram->destination.octet, flow->destination6, sizeof datagram->destination.octet);
    return read_mobility(datagram, octets, captured);
}
