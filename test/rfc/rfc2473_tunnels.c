/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2473, IPv6 around IPv6 and IPv4, and GRE with a key around IPv6 (RFC 2784, RFC 2890).
 */

#include "exchange.h"

#include "data_plane.h"
#include "steer/decapsulate.h"
#include "steer/encapsulate_ipv6.h"
#include "vectors.h"
#include "wire/tunnel_header.h"

#include <stdlib.h>
#include <string.h>

#define ICMPV6_PARAMETER_PROBLEM 4
#define ICMPV6_TOO_BIG 2

/* 2001:db8:f::1 and 2001:db8:8::1, the ends of the vectors' tunnel */
static const uint8_t entry_point[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1};
static const uint8_t exit_point[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x08, [15] = 1};
static const fb_outer_ipv6 plain = {.source = entry_point, .destination = exit_point};

/** fb_encapsulate_ipv6() of a copy that ends where the packet does. */
static int
encapsulate(fb_action *action,
            uint8_t tunnel,
            const fb_outer_ipv6 *outer,
            const data_packet *inner,
            fb_tunnel_entry *entry)
{
    uint8_t *copy = vectors_copy(inner->octets, inner->length);
    fb_packet packet = {.header = copy, .header_len = inner->length, .total_len = inner->length};
    fb_flow flow;
    int reason;

    *action = (fb_action){.kind = FB_SEND};
    assert_true(fb_flow_read(&flow, copy, inner->length, inner->length));
    reason = fb_encapsulate_ipv6(action, tunnel, outer, &flow, &packet, entry);
    free(copy);
    return reason;
}

/** The same, of a packet that has to go through. */
static data_packet
tunnelled(uint8_t tunnel, const fb_outer_ipv6 *outer, const data_packet *inner)
{
    fb_tunnel_entry entry;
    fb_action action;

    assert_int_equal(encapsulate(&action, tunnel, outer, inner, &entry), 0);
    assert_int_equal(action.strip, 0);
    assert_int_equal(entry.icmp_type, 0);
    return data_result(&action, inner);
}

/** What a host does with an outer IPv6 packet: the reason, and the packet that leaves the tunnel. */
static int
decapsulate(const data_packet *outer, data_packet *delivered, uint32_t *key)
{
    size_t length = outer->length - 40;
    uint8_t *copy = vectors_copy(outer->octets + 40, length);
    fb_meta meta = {.src = {.family = FB_FAMILY_IPV6},
                    .dst = {.family = FB_FAMILY_IPV6},
                    .tos = (uint8_t)(outer->octets[0] << 4 | outer->octets[1] >> 4),
                    .protocol = outer->octets[6],
                    .ttl = outer->octets[7]};
    fb_packet packet = {.header = copy, .header_len = length, .total_len = length};
    data_packet payload = {.length = length};
    fb_action action = {.kind = FB_DELIVER};
    fb_arrival arrival;
    int reason;

    memcpy(payload.octets, copy, length);
    memcpy(meta.src.octet, outer->octets + 8, 16);
    memcpy(meta.dst.octet, outer->octets + 24, 16);
    reason = fb_decapsulate(&arrival, &meta, &packet);
    if (reason == 0)
    {
        assert_true(arrival.inner.length <= arrival.total);
        if (arrival.protocol == 47 && key != NULL)
        {
            assert_true(fb_gre_key(arrival.gre, key));
        }
        reason = fb_decapsulated(&action, &arrival);
    }
    if (reason == 0)
    {
        *delivered = data_result(&action, &payload);
        assert_int_equal(delivered->length, arrival.total);
    }
    free(copy);
    return reason;
}

static void
assert_comes_back(const data_packet *outer, const data_packet *inner)
{
    data_packet delivered;

    assert_int_equal(decapsulate(outer, &delivered, NULL), 0);
    assert_int_equal(delivered.length, inner->length);
    assert_memory_equal(delivered.octets, inner->octets, inner->length);
}

/** The packet of D05 and D06, inside: 55 octets of IPv6. */
static data_packet
original(void)
{
    test_vectors *vectors = vectors_load();
    const test_vector *d05 = vectors_find(vectors, "D05");
    data_packet inner = {.length = 55};

    assert_int_equal(d05->length, 95);
    memcpy(inner.octets, d05->octets + 40, 55);
    vectors_free(vectors);
    return inner;
}

/** An IPv6 packet of @p length octets from D05's source, without a next header. */
static data_packet
ipv6(size_t length)
{
    data_packet packet = original();

    packet.length = length;
    packet.octets[4] = (uint8_t)((length - 40) >> 8);
    packet.octets[5] = (uint8_t)(length - 40);
    packet.octets[6] = 59;
    return packet;
}

/** ... which carries these @p count octets of extension headers, the first of kind @p kind. */
static data_packet
with_extension(uint8_t kind, const uint8_t *extension, size_t count)
{
    data_packet packet = ipv6(60 + count);

    packet.octets[6] = kind;
    memcpy(packet.octets + 40, extension, count);
    return packet;
}

/* 3.1, 3.3, 5: the vectors D05, Next Header 41, and D06, GRE with a key, octet for octet and back */
static void
test_the_vectors(void **state)
{
    static const struct
    {
        const char *id;
        uint8_t tunnel;
        fb_outer_ipv6 outer;
    } cases[] = {
        {"D05", FB_TUNNEL_IPIP, {.source = entry_point, .destination = exit_point}},
        {"D06",
         FB_TUNNEL_GRE,
         {.source = entry_point,
          .destination = exit_point,
          .gre = {.has_key = true, .key = 0x0a0b0c0d}}},
    };
    test_vectors *vectors = vectors_load();
    data_packet inner = original();

    (void)state;
    requirement("B2473-01", "B2784-01", "B2890-01");
    for (size_t i = 0; i < 2; i++)
    {
        const test_vector *vector = vectors_find(vectors, cases[i].id);
        data_packet sent = tunnelled(cases[i].tunnel, &cases[i].outer, &inner), delivered;
        uint32_t key = 0;

        assert_int_equal(sent.length, vector->length);
        assert_memory_equal(sent.octets, vector->octets, vector->length);
        assert_int_equal(decapsulate(&sent, &delivered, &key), 0);
        assert_int_equal(key, cases[i].outer.gre.key);
        assert_int_equal(delivered.length, inner.length);
        assert_memory_equal(delivered.octets, inner.octets, inner.length);
    }
    vectors_free(vectors);
}

/* 5: "if the original packet is an IPv6 packet ... 41"; IPv4 is 4; minimal encapsulation is IPv4's only (RFC 2004 1) */
static void
test_what_is_inside(void **state)
{
    data_packet four = data_down(), six = ipv6(60), sent, delivered;

    (void)state;
    requirement("B2473-01", "B2784-01");
    sent = tunnelled(FB_TUNNEL_IPIP, &plain, &four);
    assert_int_equal(sent.length, 80);
    assert_int_equal(sent.octets[6], 4);
    assert_comes_back(&sent, &four);
    sent = tunnelled(FB_TUNNEL_GRE, &plain, &four);
    assert_int_equal(sent.octets[6], 47);
    assert_memory_equal(sent.octets + 40, "\0\0\x08\0", 4);
    assert_comes_back(&sent, &four);
    sent = tunnelled(FB_TUNNEL_GRE, &plain, &six);
    assert_memory_equal(sent.octets + 40, "\0\0\x86\xdd", 4);
    assert_comes_back(&sent, &six);
    sent = tunnelled(FB_TUNNEL_MINIMAL, &plain, &four);
    assert_int_equal(sent.octets[6], 4);
    /* what says 4 has to be IPv4; RFC 2004 and RFC 3519 are about IPv4 outside */
    sent.octets[6] = 41;
    assert_int_equal(decapsulate(&sent, &delivered, NULL), FB_DROP_PACKET_MALFORMED);
    sent.octets[6] = 55;
    assert_int_equal(decapsulate(&sent, &delivered, NULL), FB_DROP_TUNNEL_PROTOCOL);
    sent.octets[6] = 17;
    assert_int_equal(decapsulate(&sent, &delivered, NULL), FB_DROP_TUNNEL_PROTOCOL);
}

/* 3.1, 4.1.2: Hop Limit 0 is not forwarded into the tunnel, nor a packet between the tunnel's own ends */
static void
test_what_must_not_enter(void **state)
{
    data_packet inner = ipv6(60);
    fb_tunnel_entry entry;
    fb_action action;

    (void)state;
    requirement("B2473-01");
    inner.octets[7] = 0;
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &plain, &inner, &entry), FB_DROP_TTL);
    inner.octets[7] = 1;
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &plain, &inner, &entry), 0);
    memcpy(inner.octets + 8, entry_point, 16);
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &plain, &inner, &entry), 0);
    memcpy(inner.octets + 24, exit_point, 16);
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &plain, &inner, &entry), FB_DROP_LOOP);
    assert_int_equal(entry.icmp_type, 0);
}

/* 6.3 to 6.5: a hop limit of its own, no flow label, the traffic class copied; RFC 3168 9.1.1: congestion comes in */
static void
test_traffic_class(void **state)
{
    (void)state;
    requirement("B2473-01", "B-ECN-01");
    for (unsigned i = 0; i < 256 * 4; i++)
    {
        uint8_t traffic_class = (uint8_t)(i >> 2), outer_ecn = i & 3;
        bool marked = outer_ecn == 3;
        data_packet inner = ipv6(60), sent, delivered;
        int reason;

        inner.octets[0] = (uint8_t)(0x60 | traffic_class >> 4);
        inner.octets[1] = (uint8_t)(traffic_class << 4 | 0x0a);
        inner.octets[7] = 7;
        sent = tunnelled(i % 2 == 0 ? FB_TUNNEL_IPIP : FB_TUNNEL_GRE, &plain, &inner);
        assert_int_equal(sent.octets[0], 0x60 | traffic_class >> 4);
        assert_int_equal(sent.octets[1], (traffic_class & 15) << 4);
        assert_int_equal(sent.octets[7], 64);
        sent.octets[1] = (uint8_t)((sent.octets[1] & 0xcf) | outer_ecn << 4);
        reason = decapsulate(&sent, &delivered, NULL);
        if (marked && (traffic_class & 3) == 0)
        {
            assert_int_equal(reason, FB_DROP_CONGESTION);
            continue;
        }
        assert_int_equal(reason, 0);
        inner.octets[1] |= marked ? 0x30 : 0;
        assert_int_equal(delivered.length, 60);
        assert_memory_equal(delivered.octets, inner.octets, 60);
    }
}

/* 4.1.1 d, e, 5.1: without a limit of the packet's own the configured one, in a Destination Options header */
static void
test_the_configured_limit(void **state)
{
    static const uint8_t expected[] = {60, 64, 41, 0, 4, 1, 4, 1, 1, 0};
    fb_outer_ipv6 outer = plain;
    data_packet inner = ipv6(60), four = data_down(), sent;

    (void)state;
    requirement("B2473-01");
    sent = tunnelled(FB_TUNNEL_IPIP, &outer, &inner);
    assert_int_equal(sent.length, 100);
    assert_int_equal(sent.octets[6], 41);
    outer.has_limit = true;
    outer.limit = 4;
    sent = tunnelled(FB_TUNNEL_IPIP, &outer, &inner);
    assert_int_equal(sent.length, 108);
    assert_int_equal(octets_u16(sent.octets + 4), 68);
    assert_memory_equal(sent.octets + 6, expected, 2);
    assert_memory_equal(sent.octets + 40, expected + 2, 8);
    assert_comes_back(&sent, &inner);
    sent = tunnelled(FB_TUNNEL_IPIP, &outer, &four);
    assert_int_equal(sent.octets[40], 4);
    assert_comes_back(&sent, &four);
    outer.gre.has_key = true;
    outer.limit = 0;
    sent = tunnelled(FB_TUNNEL_GRE, &outer, &inner);
    assert_int_equal(sent.length, 60 + 40 + 8 + 8);
    assert_int_equal(sent.octets[40], 47);
    assert_int_equal(sent.octets[44], 0);
    assert_comes_back(&sent, &inner);
}

/* 4.1.1 b, c: each encapsulation takes one; 0 lets no other in, which the source is told, pointing at that octet */
static void
test_nesting(void **state)
{
    static const uint8_t expected[] = {4, 0, 0, 0, 0, 0, 0, 44};
    fb_outer_ipv6 outer = plain;
    data_packet packet = ipv6(60);
    uint8_t exits[16], octets[FB_ICMP_ERROR_MAX];
    fb_tunnel_entry entry;
    fb_action action;
    fb_flow flow;
    size_t length;

    (void)state;
    requirement("B2473-01");
    outer.has_limit = true;
    outer.limit = 3;
    outer.destination = exits;
    memcpy(exits, exit_point, 16);
    for (uint8_t left = 4; left > 0; left--)
    {
        exits[15] = left;
        packet = tunnelled(FB_TUNNEL_IPIP, &outer, &packet);
        assert_int_equal(packet.octets[44], left - 1);
        outer.has_limit = left % 2 == 0; /* a configured one changes nothing any more */
        outer.limit = 9;
    }
    exits[15] = 9;
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &outer, &packet, &entry),
                     FB_DROP_TUNNEL_LIMIT);
    assert_int_equal(entry.icmp_type, ICMPV6_PARAMETER_PROBLEM);
    assert_int_equal(entry.icmp_code, 0);
    assert_true(fb_flow_read(&flow, packet.octets, packet.length, packet.length));
    assert_memory_equal(flow.source6, entry_point, 16); /* "the previous tunnel entry-point node" */
    length = fb_icmp_error_write(octets,
                                 entry.icmp_type,
                                 entry.icmp_code,
                                 entry.icmp_value,
                                 &flow,
                                 packet.octets,
                                 packet.length);
    assert_true(length > 8 + 48);
    assert_memory_equal(octets, expected, 8);
    assert_memory_equal(octets + 8, packet.octets, length - 8);
}

/* 4.1.1 a: "in strict left-to-right order", up to the limit, another IPv6 header, what is no extension or unknown */
static void
test_where_a_limit_is_found(void **state)
{
    static const struct
    {
        uint8_t kind, count;
        bool found;
        uint8_t octets[24];
    } cases[] = {
        {60, 8, true, {59, 0, 4, 1, 0, 1, 1, 0}},
        {60, 8, true, {59, 0, 0, 0, 0, 4, 1, 0}}, /* behind padding */
        {60, 8, true, {59, 0, 1, 1, 0, 4, 1, 0}},
        {60, 8, true, {59, 0, 0xc3, 1, 0, 4, 1, 0}}, /* an option for the destination to judge */
        {60, 16, true, {59, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0}},
        {0, 16, true, {60, 0, 5, 2, 0, 0, 1, 0, 59, 0, 4, 1, 0, 1, 1, 0}}, /* hop by hop */
        {43, 16, true, {60, 0, 4, 0, 0, 0, 0, 0, 59, 0, 4, 1, 0, 1, 1, 0}}, /* routing */
        {60, 16, true, {60, 0, 1, 4, 0, 0, 0, 0, 59, 0, 4, 1, 0, 1, 1, 0}}, /* the second */
        {44, 16, true, {60, 0, 0, 1, 0, 0, 0, 9, 59, 0, 4, 1, 0, 1, 1, 0}}, /* first fragment */
        {44, 16, false, {60, 0, 1, 0, 0, 0, 0, 9, 59, 0, 4, 1, 0, 1, 1, 0}}, /* not the first */
        {51, 20, true, {60, 1, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 59, 0, 4, 1, 0, 1, 1, 0}},
        {0, 8, false, {59, 0, 4, 1, 0, 1, 1, 0}}, /* not in Destination Options */
        {41, 8, false, {59, 0, 4, 1, 0, 1, 1, 0}},
        {17, 8, false, {59, 0, 4, 1, 0, 1, 1, 0}},
        {50, 8, false, {60, 0, 4, 1, 0, 1, 1, 0}}, /* encrypted */
        {253, 8, false, {60, 0, 4, 1, 0, 1, 1, 0}}, /* unknown */
        {60, 8, false, {59, 0, 4, 0, 1, 1, 0, 0}}, /* no limit has this length */
        {60, 8, false, {59, 0, 1, 9, 4, 1, 0, 0}}, /* cannot be parsed */
        {60, 8, false, {59, 9, 4, 1, 0, 1, 1, 0}}, /* longer than the packet */
        {60, 8, false, {59, 0, 1, 2, 0, 0, 0, 4}},
    };
    fb_tunnel_entry entry;
    fb_action action;

    (void)state;
    requirement("B2473-01");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        data_packet inner = with_extension(cases[i].kind, cases[i].octets, cases[i].count);
        int reason = encapsulate(&action, FB_TUNNEL_IPIP, &plain, &inner, &entry);

        assert_int_equal(reason, cases[i].found ? FB_DROP_TUNNEL_LIMIT : 0);
        if (!cases[i].found)
        {
            assert_int_equal(action.outer_len, 40);
            continue;
        }
        assert_int_equal(inner.octets[entry.icmp_value], 0);
        assert_int_equal(octets_u16(inner.octets + entry.icmp_value - 2), 0x0401);
        inner.octets[entry.icmp_value] = 255;
        assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &plain, &inner, &entry), 0);
        assert_int_equal(action.outer_len, 48);
        assert_int_equal(action.outer[44], 254);
    }
}

/* 6.7, 7.1, 7.2: the tunnel MTU is the path MTU less the headers; IPv6 is refused above it and above 1280 */
static void
test_the_mtu(void **state)
{
    static const struct
    {
        uint32_t path;
        uint8_t tunnel;
        bool key, limit;
        uint32_t mtu;
    } cases[] = {
        {1500, FB_TUNNEL_IPIP, false, false, 1460},
        {1500, FB_TUNNEL_IPIP, false, true, 1452},
        {1500, FB_TUNNEL_GRE, false, false, 1456},
        {1500, FB_TUNNEL_GRE, true, true, 1444},
        {1320, FB_TUNNEL_IPIP, false, false, 1280},
        {1319, FB_TUNNEL_IPIP, false, false, 1279},
        {1280, FB_TUNNEL_IPIP, false, false, 1240},
        {576, FB_TUNNEL_IPIP, false, false, 1240}, /* RFC 8201 4: no path has less than 1280 */
        {0, FB_TUNNEL_IPIP, false, false, 65535},
    };

    (void)state;
    requirement("B2473-01");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        fb_outer_ipv6 outer = plain;
        uint32_t told = cases[i].mtu < 1280 ? 1280 : cases[i].mtu;
        data_packet inner;
        fb_tunnel_entry entry;
        fb_action action;

        outer.path_mtu = cases[i].path;
        outer.gre.has_key = cases[i].key;
        outer.has_limit = cases[i].limit;
        assert_int_equal(fb_encapsulation_ipv6_mtu(cases[i].tunnel, &outer), cases[i].mtu);
        if (cases[i].path == 0)
        {
            continue;
        }
        inner = ipv6(told + 1);
        assert_int_equal(encapsulate(&action, cases[i].tunnel, &outer, &inner, &entry),
                         FB_DROP_TOO_BIG);
        assert_int_equal(entry.icmp_type, ICMPV6_TOO_BIG);
        assert_int_equal(entry.icmp_code, 0);
        assert_int_equal(entry.icmp_value, told);
        assert_false(entry.fragment);
        /* 7.1 b: "encapsulates ... and subsequently fragments the resulting IPv6 tunnel packet" */
        inner = ipv6(told);
        assert_int_equal(encapsulate(&action, cases[i].tunnel, &outer, &inner, &entry), 0);
        assert_int_equal(entry.fragment, cases[i].mtu < 1280);
        inner = ipv6(cases[i].mtu);
        assert_int_equal(encapsulate(&action, cases[i].tunnel, &outer, &inner, &entry), 0);
        assert_false(entry.fragment);
        /* 7.2: IPv4 with DF is told the tunnel MTU, without it comes in fragments */
        inner = data_ipv4(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, UDP, cases[i].mtu + 1);
        assert_int_equal(encapsulate(&action, cases[i].tunnel, &outer, &inner, &entry), 0);
        assert_true(entry.fragment);
        inner.octets[6] = 0x40;
        data_seal(&inner);
        assert_int_equal(encapsulate(&action, cases[i].tunnel, &outer, &inner, &entry),
                         FB_DROP_TOO_BIG);
        assert_int_equal(entry.icmp_type, 3);
        assert_int_equal(entry.icmp_code, 4);
        assert_int_equal(entry.icmp_value, cases[i].mtu);
    }
}

/* 6.7: a limit the packet brings makes the headers longer, too */
static void
test_the_mtu_with_a_limit(void **state)
{
    data_packet inner = ipv6(1460);
    fb_outer_ipv6 outer = plain;
    fb_tunnel_entry entry;
    fb_action action;

    (void)state;
    requirement("B2473-01");
    outer.path_mtu = 1500;
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &outer, &inner, &entry), 0);
    inner.octets[6] = 60;
    memcpy(inner.octets + 40, (const uint8_t[]){59, 0, 4, 1, 2, 1, 1, 0}, 8);
    assert_int_equal(encapsulate(&action, FB_TUNNEL_IPIP, &outer, &inner, &entry), FB_DROP_TOO_BIG);
    assert_int_equal(entry.icmp_value, 1452);
}

/* 3.3, RFC 8200 4.2: the exit point takes the options of the tunnel header off, and refuses what must not be skipped */
static void
test_outer_options(void **state)
{
    static const struct
    {
        uint8_t count;
        int reason;
        uint8_t octets[24];
    } cases[] = {
        {8, 0, {41, 0, 4, 1, 0, 1, 1, 0}}, /* 0 is of interest to entry points only */
        {8, 0, {41, 0, 0, 0, 0, 0, 0, 0}},
        {8, 0, {41, 0, 0x1e, 4, 1, 2, 3, 4}}, /* 00: "skip over this option" */
        {16, 0, {41, 1, 4, 1, 9, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
        {16, 0, {60, 0, 4, 1, 9, 1, 1, 0, 41, 0, 4, 1, 9, 1, 1, 0}},
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 0x5e, 4, 1, 2, 3, 4}},
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 0x9e, 4, 1, 2, 3, 4}},
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 0xde, 4, 1, 2, 3, 4}},
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 4, 2, 1, 2, 0, 0}}, /* no limit */
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 4, 0, 1, 2, 0, 0}},
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 1, 5, 0, 0, 0, 0}}, /* out of its header */
        {8, FB_DROP_TUNNEL_HEADER, {41, 0, 1, 3, 0, 0, 0, 4}},
        {8, FB_DROP_TUNNEL_HEADER, {41, 40, 4, 1, 9, 1, 1, 0}}, /* out of the packet */
        {8, FB_DROP_TUNNEL_PROTOCOL, {55, 0, 4, 1, 9, 1, 1, 0}},
        {8, FB_DROP_TUNNEL_PROTOCOL, {59, 0, 4, 1, 9, 1, 1, 0}},
        {8, FB_DROP_PACKET_MALFORMED, {4, 0, 4, 1, 9, 1, 1, 0}},
    };
    data_packet inner = ipv6(60);

    (void)state;
    requirement("B2473-01");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        data_packet outer = with_extension(60, cases[i].octets, cases[i].count), delivered;

        memcpy(outer.octets + 40 + cases[i].count, inner.octets, inner.length);
        outer.length = 40 + cases[i].count + inner.length;
        assert_int_equal(decapsulate(&outer, &delivered, NULL), cases[i].reason);
        if (cases[i].reason == 0)
        {
            assert_memory_equal(delivered.octets, inner.octets, inner.length);
        }
    }
}

/* So many options that no tunnel has them: refused, and not counted wrong */
static void
test_too_many_options(void **state)
{
    data_packet inner = ipv6(60);

    (void)state;
    requirement("B2473-01");
    for (unsigned count = 1; count < 60; count++)
    {
        data_packet outer = ipv6(40), delivered;
        size_t at = 40;

        outer.octets[6] = 60;
        for (unsigned i = 0; i < count; i++, at += 8)
        {
            memcpy(outer.octets + at, (const uint8_t[]){60, 0, 4, 1, 9, 1, 1, 0}, 8);
        }
        outer.octets[at - 8] = 41;
        memcpy(outer.octets + at, inner.octets, inner.length);
        outer.length = at + inner.length;
        assert_int_equal(decapsulate(&outer, &delivered, NULL),
                         count <= 16 ? 0 : FB_DROP_TUNNEL_HEADER);
    }
}

/* Every end and every flipped bit of the tunnel headers: a drop reason, or a packet inside of what is there */
static void
test_damage(void **state)
{
    fb_outer_ipv6 outer = plain;
    data_packet inner = with_extension(60, (const uint8_t[]){59, 0, 4, 1, 3, 1, 1, 0}, 8);

    (void)state;
    requirement("B2473-01");
    outer.gre.has_key = true;
    for (unsigned kind = 0; kind < 2; kind++)
    {
        data_packet sent = tunnelled(kind == 0 ? FB_TUNNEL_IPIP : FB_TUNNEL_GRE, &outer, &inner);
        size_t front = sent.length - inner.length;
        data_packet delivered;

        for (size_t length = 40; length < sent.length; length++)
        {
            data_packet cut = sent;

            cut.length = length;
            assert_int_equal(decapsulate(&cut, &delivered, NULL),
                             length < front ? FB_DROP_TUNNEL_HEADER : FB_DROP_PACKET_MALFORMED);
        }
        for (size_t bit = 40 * 8; bit < sent.length * 8; bit++)
        {
            data_packet damaged = sent, again;

            damaged.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (decapsulate(&damaged, &delivered, NULL) == 0)
            {
                fb_tunnel_entry entry;
                fb_action action;

                assert_true(delivered.length <= inner.length + 8);
                again = delivered;
                (void)encapsulate(&action, FB_TUNNEL_IPIP, &plain, &again, &entry);
                assert_true(action.outer_len <= 48);
            }
        }
    }
}

/* A packet of which the host hands over less than the headers: they are not looked for behind what is there */
static void
test_headers_that_are_not_there(void **state)
{
    data_packet inner = with_extension(60, (const uint8_t[]){59, 0, 4, 1, 0, 1, 1, 0}, 8);

    (void)state;
    requirement("B2473-01");
    for (size_t there = 40; there <= inner.length; there++)
    {
        uint8_t *copy = vectors_copy(inner.octets, there);
        fb_packet packet = {.header = copy, .header_len = there, .total_len = inner.length};
        fb_action action = {.kind = FB_SEND};
        fb_tunnel_entry entry;
        fb_flow flow;

        assert_true(fb_flow_read(&flow, copy, there, inner.length));
        assert_int_equal(
            fb_encapsulate_ipv6(&action, FB_TUNNEL_IPIP, &plain, &flow, &packet, &entry),
            there < 48 ? 0 : FB_DROP_TUNNEL_LIMIT);
        free(copy);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vectors),
        cmocka_unit_test(test_what_is_inside),
        cmocka_unit_test(test_what_must_not_enter),
        cmocka_unit_test(test_traffic_class),
        cmocka_unit_test(test_the_configured_limit),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_where_a_limit_is_found),
        cmocka_unit_test(test_the_mtu),
        cmocka_unit_test(test_the_mtu_with_a_limit),
        cmocka_unit_test(test_outer_options),
        cmocka_unit_test(test_too_many_options),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_headers_that_are_not_there),
    };

    return cmocka_run_group_tests_name("rfc2473_tunnels", tests, NULL, NULL);
}
