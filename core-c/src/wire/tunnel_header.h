/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_TUNNEL_HEADER_H
#define FB_WIRE_TUNNEL_HEADER_H

/**
 * @file
 * What can stand between an outer IP header and the packet inside: GRE (RFC 2784, RFC 2890), the minimal forwarding
 * header (RFC 2004), and UDP with the MIP Tunnel Data header (RFC 3519). Readers return 0 or a drop reason.
 */

#include "wire/ipv4.h"

/** RFC 2784 2.1 without options; with checksum, key and sequence number it has up to 16 octets. */
#define FB_GRE_HEADER 4

/** Protocol Type of GRE. */
enum
{
    FB_ETHERTYPE_IPV4 = 0x0800,
    FB_ETHERTYPE_IPV6 = 0x86dd
};

/**
 * Reads a GRE header: @p gre_length octets of it, in front of a packet of @p type. Of the packet, GRE header included,
 * the first @p length of @p total octets are there. Key and Sequence Number are for those below to read (C-17). A
 * checksum is verified when the whole packet is there; nothing can be said about one that is not.
 */
int fb_gre_read(const uint8_t *header,
                size_t length,
                size_t total,
                size_t *gre_length,
                uint16_t *type);

/** RFC 2890 2: with a key, and with key and sequence number. */
#define FB_GRE_KEY_HEADER 8
#define FB_GRE_SEQUENCE_HEADER 12

/** What a GRE header has behind the Protocol Type (RFC 2890 2); of a checksum it has none. */
typedef struct fb_gre_fields
{
    bool has_key, has_sequence;
    uint32_t key, sequence;
} fb_gre_fields;

/** Octets of such a header. */
static inline size_t
fb_gre_length(const fb_gre_fields *fields)
{
    return FB_GRE_HEADER + (fields->has_key ? 4u : 0u) + (fields->has_sequence ? 4u : 0u);
}

/** Writes it: fb_gre_length() octets. */
void fb_gre_write(uint8_t out[FB_GRE_SEQUENCE_HEADER], uint16_t type, const fb_gre_fields *fields);

/** The key of a GRE header that fb_gre_read() took; false when it has none. */
bool fb_gre_key(const uint8_t *header, uint32_t *key);

/** Whether such a header has a sequence number (RFC 2890 2: bit 3). */
static inline bool
fb_gre_has_sequence(const uint8_t *header)
{
    return (header[0] & 0x10) != 0;
}

/** The sequence number of such a header; false when it has none. */
bool fb_gre_sequence(const uint8_t *header, uint32_t *sequence);

/** RFC 2004 3.1: with the original source address; without it, 8. */
#define FB_MINIMAL_HEADER 12

typedef struct fb_minimal_header
{
    fb_ipv4 source, destination; /**< of the original packet; source 0: that of the outer header */
    uint8_t protocol;
    uint8_t length; /**< of the forwarding header itself */
} fb_minimal_header;

/** Reads a minimal forwarding header, of which @p length octets are there. */
int fb_minimal_read(fb_minimal_header *minimal, const uint8_t *header, size_t length);

/** Writes it, checksum included. Returns 8 or, when there is a source, 12. */
size_t fb_minimal_write(uint8_t out[FB_MINIMAL_HEADER], const fb_minimal_header *minimal);

/** RFC 768, and RFC 3519 3.3: Type 4, Next Header, Reserved. */
#define FB_UDP_HEADER 8
#define FB_TUNNEL_DATA_HEADER 4

/** Reads a MIP Tunnel Data header at the start of a UDP payload, of which @p length octets are there. */
int fb_tunnel_data_read(const uint8_t *header, size_t length, uint8_t *next_header);

/** Writes both headers in front of @p payload octets, without checksum (RFC 768: 0 is none). */
void fb_tunnel_data_write(uint8_t out[FB_UDP_HEADER + FB_TUNNEL_DATA_HEADER],
                          uint16_t source_port,
                          uint16_t destination_port,
                          uint8_t next_header,
                          size_t payload);

/** Writes a UDP header in front of @p payload octets, without checksum. */
void fb_udp_write(uint8_t out[FB_UDP_HEADER],
                  uint16_t source_port,
                  uint16_t destination_port,
                  size_t payload);

/**
 * Puts the UDP checksum into an IPv4 packet that begins with the @p front_length octets @p front, an even number, and
 * goes on with the @p rest_length octets @p rest.
 */
void fb_udp_checksum_write(uint8_t *front,
                           size_t front_length,
                           const uint8_t *rest,
                           size_t rest_length);

/** RFC 792: Type, Code, Checksum, Identifier, Sequence Number. */
#define FB_ICMP_ECHO_HEADER 8

enum
{
    FB_ICMP_ECHO_REPLY = 0,
    FB_ICMP_ECHO_REQUEST = 8,
    FB_ICMPV6_ECHO_REQUEST = 128, /**< RFC 4443 4.1 */
    FB_ICMPV6_ECHO_REPLY = 129
};

/** Identifier of the echo requests that keep the UDP tunnel of @p bid open (RFC 3519 4.9); the sequence is free. */
static inline uint16_t
fb_keepalive_identifier(uint8_t bid)
{
    return bid;
}

/** Identifier of the echo requests that ask whether the path of @p bid is silent: another sequence. */
static inline uint16_t
fb_probe_identifier(uint8_t bid)
{
    return (uint16_t)(0x0100u | bid);
}

/** Whether it is that of any path: without RFC 7629 or RFC 8278 one end knows no BID. */
static inline bool
fb_is_probe_identifier(uint16_t identifier)
{
    return identifier >> 8 == 0x01;
}

#endif
