/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/encapsulate.h"

#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"

/** Octets of UDP tunnelling behind the outer IP header: RFC 3519 4.2, RFC 5844 4.1.3. */
static inline size_t
udp_front(const fb_outer *outer)
{
    if (outer->destination_port == 0)
    {
        return 0;
    }
    return FB_UDP_HEADER + (outer->plain_udp ? 0u : FB_TUNNEL_DATA_HEADER);
}

static inline void
write_udp(uint8_t *out, const fb_outer *outer, uint8_t protocol, size_t payload)
{
    if (outer->plain_udp)
    {
        fb_udp_write(out, outer->source_port, outer->destination_port, payload);
        return;
    }
    fb_tunnel_data_write(out, outer->source_port, outer->destination_port, protocol, payload);
}

/**
 * Writes what delivers @p payload octets to the tunnel's end: @p ip, and in a UDP tunnel UDP. Returns its length, 0
 * when that does not fit into an IPv4 packet.
 */
static inline size_t
write_delivery(uint8_t *out, fb_ipv4_header ip, const fb_outer *outer, size_t payload)
{
    size_t front = udp_front(outer);

    if (payload > FB_IPV4_PACKET_MAX - FB_IPV4_HEADER - front)
    {
        return 0;
    }
    if (front != 0)
    {
        write_udp(out + FB_IPV4_HEADER, outer, ip.protocol, payload);
        ip.protocol = FB_PROTOCOL_UDP;
    }
    fb_ipv4_write(out, &ip, front + payload);
    return FB_IPV4_HEADER + front;
}

/** What an IPv4 header around the packet says: IP in IP (RFC 2003 3.1), or IPv6 (RFC 4213 3). */
static inline uint8_t
protocol_around(const fb_flow *inner)
{
    return inner->family == FB_FAMILY_IPV6 ? FB_PROTOCOL_IPV6 : FB_PROTOCOL_IPV4;
}

/** RFC 2003 3.1: one more IPv4 header; RFC 4213 3: the same around IPv6, with protocol 41. */
static size_t
write_ipip(uint8_t out[FB_OUTER_MAX],
           const fb_flow *inner,
           const fb_outer *outer,
           size_t inner_total)
{
    return write_delivery(out,
                          fb_outer_header(inner, outer, protocol_around(inner)),
                          outer,
                          inner_total);
}

/** RFC 2784 2.1, RFC 2890 2: without checksum. */
static size_t
write_gre(uint8_t out[FB_OUTER_MAX],
          const fb_flow *inner,
          const fb_outer *outer,
          size_t inner_total)
{
    uint16_t type = inner->family == FB_FAMILY_IPV6 ? FB_ETHERTYPE_IPV6 : FB_ETHERTYPE_IPV4;
    size_t gre = fb_gre_length(&outer->gre);
    size_t front = inner_total > FB_IPV4_PACKET_MAX
                       ? 0
                       : write_delivery(out,
                                        fb_outer_header(inner, outer, FB_PROTOCOL_GRE),
                                        outer,
                                        gre + inner_total);

    if (front == 0)
    {
        return 0;
    }
    fb_gre_write(out + front, type, &outer->gre);
    return front + gre;
}

/** RFC 2004 3.1: the inner IP header, changed, is the outer one: TTL, Identification and DF stay. */
static size_t
write_minimal(uint8_t out[FB_OUTER_MAX],
              const fb_flow *inner,
              const fb_outer *outer,
              size_t inner_total)
{
    fb_ipv4_header header = fb_outer_header(inner, outer, FB_PROTOCOL_MINIMAL);
    fb_minimal_header minimal = {.source = inner->source == outer->source ? 0 : inner->source,
                                 .destination = inner->destination,
                                 .protocol = inner->protocol};
    uint8_t forwarding[FB_MINIMAL_HEADER];
    size_t length = fb_minimal_write(forwarding, &minimal);
    size_t front;

    header.ttl = inner->ttl;
    header.identification = (uint16_t)inner->fragment_id;
    front = inner_total > FB_IPV4_PACKET_MAX
                ? 0
                : write_delivery(out, header, outer, length + inner_total - FB_IPV4_HEADER);
    if (front == 0)
    {
        return 0;
    }
    memcpy(out + front, forwarding, length);
    return front + length;
}

const fb_encapsulation fb_encapsulation_ipip = {
    "ipip",
    FB_PROTOCOL_IPV4,
    FB_IPV4_HEADER,
    0,
    write_ipip,
};

const fb_encapsulation fb_encapsulation_gre = {
    "gre",
    FB_PROTOCOL_GRE,
    FB_IPV4_HEADER + FB_GRE_HEADER,
    0,
    write_gre,
};

const fb_encapsulation fb_encapsulation_minimal = {
    "minimal",
    FB_PROTOCOL_MINIMAL,
    FB_IPV4_HEADER + FB_MINIMAL_HEADER,
    FB_IPV4_HEADER,
    write_minimal,
};

/**
 * RFC 2004 1: there is no room for fragmentation in the minimal header. Options would have to become the outer
 * header's, where routers inside the tunnel act on them.
 */
static bool
fits_minimal(const fb_flow *inner)
{
    return inner->family == FB_FAMILY_IPV4 && !inner->fragment &&
           inner->header_length == FB_IPV4_HEADER;
}

const fb_encapsulation *
fb_encapsulation_for(uint8_t tunnel, const fb_flow *inner)
{
    if (tunnel == FB_TUNNEL_GRE)
    {
        return &fb_encapsulation_gre;
    }
    return tunnel == FB_TUNNEL_MINIMAL && fits_minimal(inner) ? &fb_encapsulation_minimal
                                                              : &fb_encapsulation_ipip;
}

uint32_t
fb_encapsulation_overhead(uint8_t tunnel, const fb_flow *inner, const fb_outer *outer)
{
    static const fb_flow made = {.family = FB_FAMILY_IPV4, .header_length = FB_IPV4_HEADER};
    bool nested = outer->home_destination != 0;
    const fb_encapsulation *encapsulation = fb_encapsulation_for(tunnel, nested ? &made : inner);
    size_t fields = tunnel == FB_TUNNEL_GRE ? fb_gre_length(&outer->gre) - FB_GRE_HEADER : 0;

    return (uint32_t)(encapsulation->overhead + fields + udp_front(outer) -
                      encapsulation->replaced + (nested ? FB_IPV4_HEADER : 0));
}

/**
 * Writes the headers of a tunnel around an IPv4 packet without options that is made here: @p header in front of
 * @p payload octets. Returns their length, @p header included, or 0.
 */
static size_t
write_around(uint8_t out[FB_OUTER_MAX],
             uint8_t tunnel,
             const fb_outer *outer,
             const fb_ipv4_header *header,
             size_t payload)
{
    fb_flow made = {.family = FB_FAMILY_IPV4,
                    .source = header->source,
                    .destination = header->destination,
                    .fragment_id = header->identification,
                    .dont_fragment = header->dont_fragment,
                    .tos = header->tos,
                    .ttl = header->ttl,
                    .protocol = header->protocol,
                    .header_length = FB_IPV4_HEADER};
    const fb_encapsulation *encapsulation = fb_encapsulation_for(tunnel, &made);
    size_t length = payload > FB_IPV4_PACKET_MAX
                        ? 0
                        : encapsulation->write(out, &made, outer, FB_IPV4_HEADER + payload);

    if (length != 0 && encapsulation->replaced == 0)
    {
        fb_ipv4_write(out + length, header, payload);
        length += FB_IPV4_HEADER;
    }
    return length;
}

/**
 * RFC 5177 7: the packet gets a header between home agent and home address, "and then encapsulate one more time".
 * RFC 5454 3.3.2: so a foreign agent delivers it "in the same way as any other packet".
 */
static size_t
write_nested(uint8_t out[FB_OUTER_MAX],
             uint8_t tunnel,
             const fb_outer *outer,
             const fb_flow *inner,
             size_t total)
{
    fb_outer ends = {.source = outer->home_source,
                     .destination = outer->home_destination,
                     .identification = outer->identification};
    fb_ipv4_header header = fb_outer_header(inner, &ends, protocol_around(inner));

    return write_around(out, tunnel, outer, &header, total);
}

bool
fb_encapsulate_other(fb_action *action,
                     uint8_t tunnel,
                     const fb_outer *outer,
                     const fb_flow *inner,
                     const fb_packet *packet)
{
    const fb_encapsulation *encapsulation = fb_encapsulation_for(tunnel, inner);
    bool nested = outer->home_destination != 0;
    size_t replaced = nested ? 0 : encapsulation->replaced;
    size_t length = nested ? write_nested(action->outer, tunnel, outer, inner, packet->total_len)
                           : encapsulation->write(action->outer, inner, outer, packet->total_len);

    action->strip = (uint8_t)replaced;
    action->outer_len = (uint8_t)length;
    if (outer->destination_port != 0 && length != 0 && packet->header_len == packet->total_len)
    {
        fb_udp_checksum_write(action->outer,
                              length,
                              packet->header + replaced,
                              packet->header_len - replaced);
    }
    return length != 0;
}

/** The first octets of a header, up to TTL and checksum, or Hop Limit. */
#define IPV4_FRONT 12
#define IPV6_FRONT 8

/**
 * RFC 2003 3.1, RFC 8200 3: the inner header as it is forwarded, its TTL less one. Its first @p length octets are in
 * @p front as they left the first tunnel; returns how many are there now.
 */
static size_t
write_forwarded(uint8_t front[FB_IPV4_HEADER], size_t length, const fb_arrival *arrival)
{
    bool is_ipv6 = arrival->inner.family == FB_FAMILY_IPV6;
    size_t needed = is_ipv6 ? IPV6_FRONT : IPV4_FRONT;
    uint32_t sum;

    if (length < needed)
    {
        memcpy(front + length, arrival->header + length, needed - length);
        length = needed;
    }
    if (is_ipv6)
    {
        front[7]--;
        return length;
    }
    /* RFC 1624 3: HC' = ~(~HC + ~m + m') */
    sum = (uint16_t)~fb_load_u16(front + 10) + (uint32_t)(uint16_t)~fb_load_u16(front + 8);
    front[8]--;
    fb_store_u16(front + 10, fb_checksum_finish(sum + fb_load_u16(front + 8)));
    return length;
}

int
fb_encapsulate_arrival(fb_action *action,
                       uint8_t tunnel,
                       const fb_outer *outer,
                       const fb_arrival *arrival)
{
    const fb_encapsulation *encapsulation = fb_encapsulation_for(tunnel, &arrival->inner);
    fb_flow inner = arrival->inner;
    int reason = fb_decapsulated(action, arrival);
    uint8_t front[FB_IPV4_HEADER]; /* of the inner packet, as it leaves the first tunnel */
    size_t front_length = action->outer_len;
    size_t length;

    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    if (inner.ttl <= 1)
    {
        return FB_DROP_TTL; /* RFC 2003 3.1: the inner TTL, less one, would be 0 */
    }
    memcpy(front, action->outer, front_length);
    if (front_length != 0 && arrival->restored_length == 0)
    {
        inner.tos |= FB_ECN_CE; /* fb_decapsulated() marked it */
    }
    inner.ttl--;
    front_length = write_forwarded(front, front_length, arrival);
    if (arrival->restored_length == 0)
    {
        action->strip = (uint8_t)(arrival->strip + front_length);
    }
    length = encapsulation->write(action->outer, &inner, outer, arrival->total);
    if (length == 0)
    {
        return FB_DROP_PACKET_MALFORMED;
    }
    if (encapsulation->replaced != 0)
    {
        action->strip = (uint8_t)(arrival->strip +
                                  (arrival->restored_length == 0 ? encapsulation->replaced : 0));
        front_length = 0;
    }
    memcpy(action->outer + length, front, front_length);
    action->outer_len = (uint8_t)(length + front_length);
    return FB_REASON_NONE;
}

/** Type, Code and Checksum: all of an echo request that its reply changes (RFC 792). */
#define ECHO_CHANGED 4

/** Writes them. RFC 1624 3: HC' = ~(~HC + ~m + m'), where m' is 0: Echo Reply, Code 0. */
static void
write_echo_reply(uint8_t out[ECHO_CHANGED], const uint8_t *request)
{
    uint32_t sum = (uint16_t)~fb_load_u16(request + 2) + (uint32_t)(uint16_t)~fb_load_u16(request);

    out[0] = FB_ICMP_ECHO_REPLY;
    out[1] = 0;
    fb_store_u16(out + 2, fb_checksum_finish(sum));
}

bool
fb_encapsulate_echo_reply(fb_action *action,
                          uint8_t tunnel,
                          const fb_outer *outer,
                          const fb_arrival *arrival)
{
    const uint8_t *icmp = arrival->header + arrival->inner.header_length;
    size_t there = arrival->header_length - arrival->inner.header_length - ECHO_CHANGED;
    size_t payload = arrival->total - arrival->inner.header_length;
    fb_ipv4_header header = {.source = arrival->inner.destination,
                             .destination = arrival->inner.source,
                             .identification = outer->identification,
                             .tos = arrival->inner.tos,
                             .ttl = FB_IPV4_TTL,
                             .protocol = FB_PROTOCOL_ICMP};
    size_t length = write_around(action->outer, tunnel, outer, &header, payload);

    if (length == 0)
    {
        return false;
    }
    write_echo_reply(action->outer + length, icmp);
    length += ECHO_CHANGED;
    if (outer->destination_port != 0 && there == payload - ECHO_CHANGED)
    {
        fb_udp_checksum_write(action->outer, length, icmp + ECHO_CHANGED, there);
    }
    action->outer_len = (uint8_t)length;
    action->strip = (uint8_t)(arrival->strip + ECHO_CHANGED +
                              (arrival->restored_length != 0 ? 0 : arrival->inner.header_length));
    return true;
}
