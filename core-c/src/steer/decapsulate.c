/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/decapsulate.h"

#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"
#include "wire/rfc2473.h"
#include "wire/tunnel_header.h"

/** Octets of outer options that are taken: with a GRE header and what ECN changes, `strip` has to hold them. */
#define OPTIONS_MAX 128

/** The tunnel's payload: what is left of the packet behind the headers read so far. */
typedef struct payload
{
    const uint8_t *octets;
    size_t length; /* there */
    size_t total;
} payload;

static void
skip(payload *rest, size_t octets)
{
    rest->octets += octets;
    rest->length -= octets;
    rest->total -= octets;
}

static bool
is_ipv6(const fb_meta *outer)
{
    return outer->src.family == FB_FAMILY_IPV6;
}

/** RFC 2004 3.1: the outer header with the fields of the minimal one put back is the original one. */
static int
read_minimal(fb_arrival *arrival, payload *rest)
{
    fb_minimal_header minimal;
    int reason = fb_minimal_read(&minimal, rest->octets, rest->length);
    size_t transport;

    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    fb_ipv4_header header = {
        .source = minimal.source != 0 ? minimal.source : arrival->source,
        .destination = minimal.destination,
        .identification = arrival->outer->identification,
        .tos = arrival->outer->tos,
        .ttl = arrival->outer->ttl,
        .protocol = minimal.protocol,
        .dont_fragment = (arrival->outer->flags & FB_META_DONT_FRAGMENT) != 0,
    };

    skip(rest, minimal.length);
    if (rest->total > FB_IPV4_PACKET_MAX - FB_IPV4_HEADER)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    fb_ipv4_write(arrival->restored, &header, rest->total);
    arrival->restored_length = FB_IPV4_HEADER;
    transport = rest->length < FB_RESTORED_MAX - FB_IPV4_HEADER ? rest->length
                                                                : FB_RESTORED_MAX - FB_IPV4_HEADER;
    memcpy(arrival->restored + FB_IPV4_HEADER, rest->octets, transport);
    *rest = (payload){arrival->restored, FB_IPV4_HEADER + transport, FB_IPV4_HEADER + rest->total};
    return FB_REASON_NONE;
}

static int
read_gre(fb_arrival *arrival, payload *rest, uint8_t *version)
{
    size_t length;
    uint16_t type;
    int reason = fb_gre_read(rest->octets, rest->length, rest->total, &length, &type);

    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    arrival->gre = rest->octets;
    skip(rest, length);
    if (type != FB_ETHERTYPE_IPV4 && type != FB_ETHERTYPE_IPV6)
    {
        return FB_DROP_TUNNEL_HEADER;
    }
    *version = type == FB_ETHERTYPE_IPV4 ? FB_FAMILY_IPV4 : FB_FAMILY_IPV6;
    return FB_REASON_NONE;
}

/** Reads what the tunnel's protocol put in front of the inner packet, whose IP version is @p version. */
static int
read_tunnel(fb_arrival *arrival, payload *rest, uint8_t *version)
{
    switch (arrival->protocol)
    {
    case FB_PROTOCOL_IPV4:
        return FB_REASON_NONE;
    case FB_PROTOCOL_IPV6:
        *version = FB_FAMILY_IPV6;
        return FB_REASON_NONE;
    case FB_PROTOCOL_GRE:
        return read_gre(arrival, rest, version);
    case FB_PROTOCOL_MINIMAL:
        /* RFC 2004 1: between IPv4 headers only */
        return is_ipv6(arrival->outer) ? FB_DROP_TUNNEL_PROTOCOL : read_minimal(arrival, rest);
    default:
        return FB_DROP_TUNNEL_PROTOCOL;
    }
}

/** RFC 5844 4.1.3: the packet stands in UDP as it is; its own version says which one. */
static int
read_plain_udp(fb_arrival *arrival, const payload *rest)
{
    uint8_t version = rest->length > 0 ? rest->octets[0] >> 4 : 0;

    if (is_ipv6(arrival->outer) || (version != 4 && version != 6))
    {
        return FB_DROP_TUNNEL_PROTOCOL;
    }
    arrival->protocol = version == 6 ? FB_PROTOCOL_IPV6 : FB_PROTOCOL_IPV4;
    return FB_REASON_NONE;
}

/** RFC 3519 3.3: UDP, which is about IPv4, and what is in it. */
static int
read_udp(fb_arrival *arrival, payload *rest)
{
    int reason = is_ipv6(arrival->outer)
                     ? FB_DROP_TUNNEL_PROTOCOL
                     : fb_tunnel_data_read(rest->octets, rest->length, &arrival->protocol);

    if (reason == FB_REASON_NONE)
    {
        skip(rest, FB_TUNNEL_DATA_HEADER);
    }
    return reason;
}

/** RFC 2473 3.3, 4.1.1: the options of the tunnel end here; a limit is of interest to entry points only. */
static int
read_options(fb_arrival *arrival, payload *rest)
{
    size_t read = 0, length;

    while (arrival->protocol == FB_PROTOCOL_DESTINATION_OPTIONS)
    {
        int reason =
            fb_tunnel_options_read(rest->octets, rest->length, &length, &arrival->protocol);

        if (reason != FB_REASON_NONE)
        {
            return reason;
        }
        skip(rest, length);
        read += length;
        if (read > OPTIONS_MAX)
        {
            return FB_DROP_TUNNEL_HEADER;
        }
    }
    return FB_REASON_NONE;
}

/** What is left of @p packet behind UDP headers and outer options: the tunnel's own header, and the packet in it. */
static int
read_inner(fb_arrival *arrival, const fb_packet *packet, payload rest)
{
    uint8_t version = FB_FAMILY_IPV4;
    int reason = read_tunnel(arrival, &rest, &version);

    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    if (!fb_flow_read(&arrival->inner, rest.octets, rest.length, rest.total) ||
        arrival->inner.family != version)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    if (arrival->protocol == FB_PROTOCOL_GRE && arrival->inner.destination == arrival->source &&
        version == FB_FAMILY_IPV4)
    {
        return FB_DROP_LOOP; /* RFC 2784 3.1: for the encapsulator itself, it would come back */
    }
    arrival->header = rest.octets;
    arrival->header_length = rest.length;
    arrival->total = rest.total;
    /* what is not of the inner packet, but for the header that has to be put back */
    arrival->strip = (uint8_t)(packet->total_len + arrival->restored_length - rest.total);
    return FB_REASON_NONE;
}

int
fb_decapsulate_plain_udp(fb_arrival *arrival, const fb_meta *outer, const fb_packet *packet)
{
    payload rest = {packet->header, packet->header_len, packet->total_len};
    int reason;

    if (rest.length > rest.total)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    fb_arrival_begin(arrival, outer);
    reason = read_plain_udp(arrival, &rest);
    return reason == FB_REASON_NONE ? read_inner(arrival, packet, rest) : reason;
}

int
fb_decapsulate_other(fb_arrival *arrival, const fb_packet *packet)
{
    payload rest = {packet->header, packet->header_len, packet->total_len};
    int reason = FB_REASON_NONE;

    if (rest.length > rest.total)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    if (arrival->udp)
    {
        reason = read_udp(arrival, &rest);
    }
    else if (is_ipv6(arrival->outer))
    {
        reason = read_options(arrival, &rest);
    }
    return reason == FB_REASON_NONE ? read_inner(arrival, packet, rest) : reason;
}

int
fb_decapsulate_nested(fb_arrival *arrival, const fb_packet *packet)
{
    uint8_t version = arrival->inner.protocol == FB_PROTOCOL_IPV6 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
    size_t strip = arrival->strip;

    /* a restored header stands for octets that are not there */
    strip += arrival->restored_length != 0 ? 0 : arrival->inner.header_length;
    arrival->congested = arrival->congested || (arrival->inner.tos & FB_ECN_MASK) == FB_ECN_CE;
    if (arrival->inner.fragment || strip > packet->header_len)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    arrival->strip = (uint8_t)strip;
    arrival->restored_length = 0;
    arrival->header = packet->header + strip;
    arrival->header_length = packet->header_len - strip;
    arrival->total = packet->total_len - strip;
    if (!fb_flow_read(&arrival->inner, arrival->header, arrival->header_length, arrival->total) ||
        arrival->inner.family != version)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    return FB_REASON_NONE;
}

/** Writes the first octets of the inner header, marked; returns how many. RFC 3168 5: CE is both bits. */
static size_t
write_marked(uint8_t *out, const fb_arrival *arrival)
{
    uint32_t sum;

    if (arrival->inner.family == FB_FAMILY_IPV6)
    {
        out[0] = arrival->header[0];
        /* RFC 8200 3: Traffic Class begins at bit 4 */
        out[1] = arrival->header[1] | FB_ECN_CE << 4;
        return 2;
    }
    memcpy(out, arrival->header, 12);
    out[1] |= FB_ECN_CE;
    /* RFC 1624 3: HC' = ~(~HC + ~m + m') */
    sum = (uint16_t)~fb_load_u16(out + 10) + (uint32_t)(uint16_t)~fb_load_u16(arrival->header) +
          fb_load_u16(out);
    fb_store_u16(out + 10, fb_checksum_finish(sum));
    return 12;
}

int
fb_decapsulated_mark(fb_action *action, const fb_arrival *arrival)
{
    uint8_t ecn = arrival->inner.tos & FB_ECN_MASK;
    size_t changed;

    if (ecn == FB_ECN_CE || arrival->restored_length != 0)
    {
        return FB_REASON_NONE; /* a restored header is the outer one, so it has the mark */
    }
    if (ecn == FB_ECN_NOT_ECT)
    {
        return FB_DROP_CONGESTION;
    }
    changed = write_marked(action->outer, arrival);
    action->strip = (uint8_t)(arrival->strip + changed);
    action->outer_len = (uint8_t)changed;
    return FB_REASON_NONE;
}

/** Whether it is a whole ICMP message of @p protocol, @p type and Code 0 whose first eight octets are there. */
static bool
is_echo(const fb_arrival *arrival, uint8_t protocol, uint8_t type)
{
    const fb_flow *inner = &arrival->inner;
    const uint8_t *icmp = arrival->header + inner->header_length;

    return inner->protocol == protocol && !inner->fragment && arrival->total == inner->length &&
           inner->length - inner->header_length >= FB_ICMP_ECHO_HEADER &&
           arrival->header_length - inner->header_length >= FB_ICMP_ECHO_HEADER &&
           icmp[0] == type && icmp[1] == 0;
}

bool
fb_arrival_is_echo(const fb_arrival *arrival, uint8_t type)
{
    return arrival->inner.family == FB_FAMILY_IPV4 && is_echo(arrival, FB_PROTOCOL_ICMP, type);
}

bool
fb_arrival_is_echo6(const fb_arrival *arrival, uint8_t type)
{
    return arrival->inner.family == FB_FAMILY_IPV6 && is_echo(arrival, FB_PROTOCOL_ICMPV6, type);
}

uint16_t
fb_arrival_echo_identifier(const fb_arrival *arrival)
{
    return fb_load_u16(arrival->header + arrival->inner.header_length + 4);
}

uint16_t
fb_arrival_echo_sequence(const fb_arrival *arrival)
{
    return fb_load_u16(arrival->header + arrival->inner.header_length + 6);
}
