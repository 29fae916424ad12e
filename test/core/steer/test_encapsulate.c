/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data_plane.h"
#include "flows.h"
#include "requirement.h"
#include "steer/encapsulate.h"
#include "vectors.h"
#include "wire/tunnel_header.h"

static const fb_outer outer = {
    .source = UINT32_C(0xcb007101), /* 203.0.113.1 */
    .destination = UINT32_C(0xcb007142), /* 203.0.113.66 */
    .identification = 0xbeef,
};

static const fb_outer udp_outer = {
    .source = UINT32_C(0xcb007101),
    .destination = UINT32_C(0xcb007142),
    .identification = 0xbeef,
    .source_port = 434,
    .destination_port = 62001,
};

/* RFC 2003 3.1 */
static void
test_encapsulate_ipip_writes_the_outer_header(void **state)
{
    fb_flow inner = test_flow_down(FB_PROTOCOL_UDP, 5060, 5060);
    uint8_t out[FB_OUTER_MAX];
    const uint8_t expected[20] = {
        0x45, 0xb8, 0x00, 0x78, /* TOS copied; 100 + 20 octets */
        0xbe, 0xef, 0x40, 0x00, /* DF copied */
        64,   4,    0x02, 0x96, /* TTL of its own; IP in IP; checksum */
        203,  0,    113,  1,    203, 0, 113, 66,
    };

    (void)state;
    inner.tos = 0xb8;
    inner.dont_fragment = true;
    memset(out, 0xee, sizeof out);
    assert_int_equal(fb_encapsulation_ipip.write(out, &inner, &outer, 100), 20);
    assert_memory_equal(out, expected, sizeof expected);
    assert_int_equal(out[20], 0xee); /* no octet more */
}

static void
test_encapsulate_stops_at_what_an_ipv4_packet_holds(void **state)
{
    static const fb_encapsulation *const kinds[] = {&fb_encapsulation_ipip,
                                                    &fb_encapsulation_gre,
                                                    &fb_encapsulation_minimal};
    fb_flow inner = test_flow_down(FB_PROTOCOL_UDP, 5060, 5060);
    uint8_t out[FB_OUTER_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    {
        for (unsigned udp = 0; udp < 2; udp++)
        {
            size_t headers = kinds[i]->overhead + 12 * udp;
            size_t most = 65535 - headers + kinds[i]->replaced;
            const fb_outer *ends = udp ? &udp_outer : &outer;

            assert_true(headers <= FB_OUTER_MAX);
            assert_int_equal(kinds[i]->write(out, &inner, ends, most), headers);
            assert_int_equal(out[2] << 8 | out[3], 65535);
            assert_int_equal(out[9], udp ? 17 : kinds[i]->protocol);
            assert_int_equal(kinds[i]->write(out, &inner, ends, most + 1), 0);
            assert_int_equal(kinds[i]->write(out, &inner, ends, SIZE_MAX), 0);
        }
    }
    assert_string_equal(fb_encapsulation_ipip.name, "ipip");
    assert_string_equal(fb_encapsulation_gre.name, "gre");
    assert_string_equal(fb_encapsulation_minimal.name, "minimal");
}

/** An IPv6 packet of 60 octets, UDP from port 443. */
static data_packet
ipv6_packet(void)
{
    data_packet packet = {.octets = {0x6b, 0x81, 0x23, 0x45, 0, 20, 17, 9, 0x20, 0x01},
                          .length = 60};

    packet.octets[24] = 0x20;
    packet.octets[40] = 443 >> 8;
    packet.octets[41] = 443 & 0xff;
    return packet;
}

/* RFC 4213 3: protocol 41; RFC 2784 2.4: 0x86dd; RFC 2004 is for IPv4 only, so IP in IP instead; and back */
static void
test_encapsulate_ipv6(void **state)
{
    static const struct
    {
        uint8_t tunnel;
        bool udp;
        uint8_t front; /* octets */
        uint8_t where; /* the octet that says what is inside */
        uint8_t what;
    } cases[] = {
        {FB_TUNNEL_IPIP, false, 20, 9, 41},
        {FB_TUNNEL_GRE, false, 24, 22, 0x86},
        {FB_TUNNEL_MINIMAL, false, 20, 9, 41},
        {FB_TUNNEL_IPIP, true, 32, 29, 41},
        {FB_TUNNEL_GRE, true, 36, 34, 0x86},
        {FB_TUNNEL_MINIMAL, true, 32, 29, 41},
    };
    data_packet inner = ipv6_packet();
    fb_packet described = {.header = inner.octets, .header_len = 60, .total_len = 60};
    fb_flow flow;

    (void)state;
    requirement("B4213-01", "B2784-01", "B2004-01");
    assert_true(fb_flow_read(&flow, inner.octets, 60, 60));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        fb_action action = {.kind = FB_SEND};
        data_packet sent, payload;
        fb_packet arrived;
        fb_arrival arrival;
        fb_meta meta;

        assert_true(fb_encapsulate(&action,
                                   cases[i].tunnel,
                                   cases[i].udp ? &udp_outer : &outer,
                                   &flow,
                                   &described));
        assert_int_equal(action.strip, 0);
        assert_int_equal(action.outer_len, cases[i].front);
        sent = data_result(&action, &inner);
        assert_int_equal(sent.octets[cases[i].where], cases[i].what);
        assert_int_equal(sent.octets[1], 0xb8); /* the Traffic Class */
        /* RFC 4213 3.2.2: what does not fit is to be known */
        assert_int_equal(sent.octets[6], 0x40);
        meta = data_open(&sent, 0, &payload);
        arrived = (fb_packet){.header = payload.octets,
                              .header_len = payload.length,
                              .total_len = payload.length};
        assert_int_equal(fb_decapsulate(&arrival, &meta, &arrived), 0);
        assert_int_equal(arrival.inner.family, FB_FAMILY_IPV6);
        assert_int_equal(arrival.inner.source_port, 443);
        assert_int_equal(arrival.strip, payload.length - 60);
        assert_memory_equal(arrival.header, inner.octets, 60);
    }
}

/* RFC 3168 9.1.1 with IPv6 inside: CE comes in, and nothing else changes */
static void
test_decapsulate_marks_ipv6(void **state)
{
    (void)state;
    requirement("B-ECN-01");
    for (unsigned ecn = 0; ecn < 4; ecn++)
    {
        data_packet inner = ipv6_packet(), left;
        fb_meta meta = {.protocol = 41, .tos = 3};
        fb_packet arrived = {.header = inner.octets, .header_len = 60, .total_len = 60};
        fb_action action = {.kind = FB_DELIVER};
        fb_arrival arrival;

        inner.octets[1] |= (uint8_t)(ecn << 4);
        assert_int_equal(fb_decapsulate(&arrival, &meta, &arrived), 0);
        assert_int_equal(fb_decapsulated(&action, &arrival), ecn == 0 ? FB_DROP_CONGESTION : 0);
        if (ecn != 0)
        {
            left = data_result(&action, &inner);
            inner.octets[1] |= 0x30;
            assert_int_equal(left.length, 60);
            assert_memory_equal(left.octets, inner.octets, 60);
        }
    }
}

/* RFC 5177 7, RFC 5454 3.3.2: a header of its own for the home address, then any tunnel; and out of both again */
static void
test_encapsulate_twice(void **state)
{
    /* octets in front of the second header */
    static const uint8_t front[] = {20, 24, 8, 32, 36, 20};
    static const uint8_t outside[] = {4, 47, 55, 17, 17, 17}; /* protocols */

    (void)state;
    requirement("B5177-01", "B5454-03");
    for (unsigned i = 0; i < 2 * 6; i++)
    {
        bool ipv6 = i / 6 != 0, minimal = i % 3 == FB_TUNNEL_MINIMAL;
        fb_outer ends = i % 6 < 3 ? outer : udp_outer;
        data_packet inner = ipv6 ? ipv6_packet() : data_down(), sent, payload;
        fb_packet described = {.header = inner.octets,
                               .header_len = inner.length,
                               .total_len = inner.length};
        fb_action action = {.kind = FB_SEND};
        fb_arrival arrival;
        fb_flow flow;
        fb_meta meta;

        ends.home_source = ends.source; /* as a home agent has it */
        ends.home_destination = WORLD_HOME_ADDRESS;
        assert_true(fb_flow_read(&flow, inner.octets, inner.length, inner.length));
        assert_true(fb_encapsulate(&action, i % 3, &ends, &flow, &described));
        sent = data_result(&action, &inner);
        assert_int_equal(action.strip, 0);
        /* RFC 2004 3.1: the second header is within the first, but for 8 octets; 12 with another source */
        assert_int_equal(action.outer_len, front[i % 6] + 20u);
        assert_int_equal(fb_encapsulation_overhead(i % 3, &flow, &ends),
                         action.outer_len + (minimal ? 4 : 0));
        assert_int_equal(sent.octets[9], outside[i % 6]);
        assert_memory_equal(sent.octets + action.outer_len, inner.octets, inner.length);
        if (!minimal)
        {
            const uint8_t *second = sent.octets + front[i % 6];

            assert_int_equal(data_sum(second, 20), 0xffff);
            assert_int_equal(second[3], 20 + inner.length);
            assert_int_equal(second[8], 64);
            assert_int_equal(second[9], ipv6 ? 41 : 4);
            assert_memory_equal(second + 12, sent.octets + 12, 4);
            assert_memory_equal(second + 16, ((uint8_t[]){198, 51, 100, 10}), 4);
        }

        meta = data_open(&sent, 0, &payload);
        described = (fb_packet){.header = payload.octets,
                                .header_len = payload.length,
                                .total_len = payload.length};
        assert_int_equal(fb_decapsulate(&arrival, &meta, &described), 0);
        assert_true(fb_arrival_is_nested(&arrival, outer.source, WORLD_HOME_ADDRESS));
        assert_false(fb_arrival_is_nested(&arrival, outer.destination, WORLD_HOME_ADDRESS));
        assert_false(fb_arrival_is_nested(&arrival, outer.source, WORLD_HOME_AGENT));
        assert_int_equal(fb_decapsulate_nested(&arrival, &described), 0);
        assert_int_equal(arrival.strip, payload.length - inner.length);
        assert_int_equal(arrival.total, inner.length);
        assert_memory_equal(arrival.header, inner.octets, inner.length);
        assert_false(fb_arrival_is_nested(&arrival, outer.source, WORLD_HOME_ADDRESS));
    }
}

/* Both headers are in the 65,535 octets there are; a fragment, which RFC 2004 1 wants none of, is inside a whole one */
static void
test_encapsulate_twice_at_the_limits(void **state)
{
    static const uint8_t headers[] = {40, 44, 28};
    data_packet inner = data_down();
    fb_flow flow;

    (void)state;
    requirement("B5177-01");
    inner.octets[6] = 0x20;
    data_seal(&inner);
    assert_true(fb_flow_read(&flow, inner.octets, 40, 40));
    for (uint8_t tunnel = 0; tunnel < 3; tunnel++)
    {
        fb_outer ends = outer;
        fb_packet most = {.header = inner.octets,
                          .header_len = 40,
                          .total_len = 65535u - headers[tunnel]};
        fb_action action = {.kind = FB_SEND};

        ends.home_source = ends.source;
        ends.home_destination = WORLD_HOME_ADDRESS;
        assert_true(fb_encapsulate(&action, tunnel, &ends, &flow, &most));
        assert_int_equal(action.outer_len, headers[tunnel]);
        assert_int_equal(action.outer[2] << 8 | action.outer[3], 65535);
        most.total_len++;
        assert_false(fb_encapsulate(&action, tunnel, &ends, &flow, &most));
        most.total_len = SIZE_MAX;
        assert_false(fb_encapsulate(&action, tunnel, &ends, &flow, &most));
    }
}

/* RFC 3168 9.1.1: a mark on any of the headers outside comes in, where the sender understands it */
static void
test_decapsulate_marks_through_two(void **state)
{
    (void)state;
    requirement("B-ECN-01", "B5177-01");
    for (unsigned i = 0; i < 2 * 2 * 2; i++)
    {
        bool outermost = i % 2 != 0, middle = i / 2 % 2 != 0, understood = i / 4 != 0;
        data_packet inner = data_down(), nested, left;
        fb_meta meta = {.protocol = 4, .tos = outermost ? 3 : 0};
        fb_packet arrived = {.header = nested.octets, .header_len = 60, .total_len = 60};
        fb_action action = {.kind = FB_DELIVER};
        fb_arrival arrival;
        int reason = (outermost || middle) && !understood ? FB_DROP_CONGESTION : 0;

        inner.octets[1] = understood ? 2 : 0;
        data_seal(&inner);
        nested = data_ipv4(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS, 4, 60);
        nested.octets[1] = middle ? 3 : 0;
        data_seal(&nested);
        memcpy(nested.octets + 20, inner.octets, 40);
        assert_int_equal(fb_decapsulate(&arrival, &meta, &arrived), 0);
        assert_int_equal(fb_decapsulate_nested(&arrival, &arrived), 0);
        assert_int_equal(fb_decapsulated(&action, &arrival), reason);
        if (reason == 0)
        {
            left = data_result(&action, &nested);
            inner.octets[1] = outermost || middle ? 3 : inner.octets[1];
            data_seal(&inner);
            assert_int_equal(left.length, 40);
            assert_memory_equal(left.octets, inner.octets, 40);
        }
    }
}

/* RFC 2003 5.1: what the MTU told to a source leaves out: never less than the headers, and no more than it has to be */
static void
test_the_overhead(void **state)
{
    static const struct
    {
        uint8_t tunnel;
        bool udp, is_ipv6, nested;
        uint32_t overhead;
    } cases[] = {
        {FB_TUNNEL_IPIP, false, false, false, 20},
        {FB_TUNNEL_GRE, false, false, false, 24},
        {FB_TUNNEL_MINIMAL, false, false, false, 12},
        {FB_TUNNEL_IPIP, true, false, false, 32},
        {FB_TUNNEL_MINIMAL, true, false, false, 24},
        {FB_TUNNEL_MINIMAL, false, true, false, 20}, /* IPv6 goes in IP in IP then */
        {FB_TUNNEL_IPIP, false, true, true, 40}, /* RFC 5454 3.5 */
        {FB_TUNNEL_GRE, false, true, true, 44},
        {FB_TUNNEL_MINIMAL, false, true, true, 32},
        {FB_TUNNEL_MINIMAL, true, true, true, 44},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        data_packet inner = cases[i].is_ipv6 ? ipv6_packet() : data_down();
        fb_packet described = {.header = inner.octets,
                               .header_len = inner.length,
                               .total_len = inner.length};
        fb_outer ends = cases[i].udp ? udp_outer : outer;
        fb_action action = {.kind = FB_SEND};
        fb_flow flow;

        if (cases[i].nested)
        {
            ends.home_source = UINT32_C(0xc633640a);
            ends.home_destination = UINT32_C(0xc0000201);
        }
        assert_true(fb_flow_read(&flow, inner.octets, inner.length, inner.length));
        assert_int_equal(fb_encapsulation_overhead(cases[i].tunnel, &flow, &ends),
                         cases[i].overhead);
        assert_true(fb_encapsulate(&action, cases[i].tunnel, &ends, &flow, &described));
        assert_int_equal(action.outer_len - action.strip, cases[i].overhead);
    }
}

/* RFC 3024 5.2: out of one tunnel and into the next, of any two kinds, a mark of congestion included */
static void
test_encapsulate_arrival(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3 * 3 * 2; i++)
    {
        uint8_t first = i % 3, second = i / 3 % 3;
        bool marked = i / 9 != 0;
        data_packet inner = data_down(), sent, payload, again, left;
        fb_packet described = {.header = inner.octets, .header_len = 40, .total_len = 40};
        fb_action action = {.kind = FB_SEND};
        fb_arrival arrival;
        fb_flow flow;
        fb_meta meta;

        inner.octets[1] = 0xb9;
        data_seal(&inner);
        assert_true(fb_flow_read(&flow, inner.octets, 40, 40));
        assert_true(fb_encapsulate(&action, first, &outer, &flow, &described));
        sent = data_result(&action, &inner);
        if (marked)
        {
            sent.octets[1] |= 3;
            data_seal(&sent);
            inner.octets[1] |= 3;
            data_seal(&inner);
        }
        meta = data_open(&sent, 0, &payload);
        described = (fb_packet){.header = payload.octets,
                                .header_len = payload.length,
                                .total_len = payload.length};
        assert_int_equal(fb_decapsulate(&arrival, &meta, &described), 0);
        inner.octets[8]--; /* RFC 2003 3.1: forwarded on the way */
        data_seal(&inner);
        assert_int_equal(fb_encapsulate_arrival(&action, second, &outer, &arrival), 0);
        again = data_result(&action, &payload);
        assert_int_equal(again.octets[1], inner.octets[1]);

        meta = data_open(&again, 0, &payload);
        described = (fb_packet){.header = payload.octets,
                                .header_len = payload.length,
                                .total_len = payload.length};
        assert_int_equal(fb_decapsulate(&arrival, &meta, &described), 0);
        assert_int_equal(fb_decapsulated(&action, &arrival), 0);
        left = data_result(&action, &payload);
        assert_int_equal(left.length, 40);
        assert_memory_equal(left.octets, inner.octets, 40);
    }
}

/* Whatever arrives, in whatever piece: nothing behind it is read, and what is left is inside of it */
static void
test_decapsulate_damage(void **state)
{
    static const uint8_t protocols[] = {4, 17, 41, 47, 55};
    test_random random = test_random_start("decapsulate damage");

    (void)state;
    for (int i = 0; i < 60000; i++)
    {
        data_packet inner = i % 2 == 0 ? data_down() : ipv6_packet();
        uint8_t octets[96];
        size_t front = test_random_below(&random, 21), length, total;
        fb_meta meta = {.protocol = protocols[test_random_below(&random, 5)],
                        .tos = (uint8_t)test_random_next(&random)};
        fb_action action = {0};
        fb_arrival arrival;
        fb_packet packet;
        uint8_t *copy;

        for (size_t k = 0; k < front; k++)
        {
            octets[k] = test_random_below(&random, 3) == 0 ? (uint8_t)test_random_next(&random) : 0;
        }
        if (meta.protocol == 17 && front > 1)
        {
            octets[0] = 4;
            octets[1] = protocols[test_random_below(&random, 5)];
        }
        memcpy(octets + front, inner.octets, inner.length);
        total = front + inner.length;
        length = test_random_below(&random, (uint32_t)total + 1);
        copy = vectors_copy(octets, length);
        packet = (fb_packet){.header = copy, .header_len = length, .total_len = total};
        if (i % 3 == 0)
        {
            packet.total_len = length;
        }
        if (fb_decapsulate(&arrival, &meta, &packet) == 0 &&
            fb_decapsulated(&action, &arrival) == 0)
        {
            assert_true(action.strip <= packet.total_len);
            assert_true(action.outer_len <= FB_OUTER_MAX);
            assert_int_equal(packet.total_len - action.strip + action.outer_len, arrival.total);
            assert_true(arrival.inner.length <= arrival.total);
        }
        free(copy);
    }
}

/** An inner packet of 60 octets, all of it there or only its headers, in @p action. */
static bool
enter(fb_action *action,
      uint8_t tunnel,
      const fb_outer *ends,
      const data_packet *inner,
      size_t header_length)
{
    fb_packet described = {.header = inner->octets,
                           .header_len = header_length,
                           .total_len = inner->length};
    fb_flow flow;

    *action = (fb_action){.kind = FB_SEND};
    assert_true(fb_flow_read(&flow, inner->octets, header_length, inner->length));
    return fb_encapsulate(action, tunnel, ends, &flow, &described);
}

/* RFC 2890 2.1, RFC 5845 3: K, nothing else, the Protocol Type of what is inside, and the key */
static void
test_gre_with_key_over_ipv4(void **state)
{
    static const uint8_t types[][2] = {{0x86, 0xdd}, {0x08, 0x00}};
    fb_outer ends = outer;

    (void)state;
    requirement("B2890-01", "R8278-1-02");
    ends.gre.has_key = true;
    ends.gre.key = 0x0a0b0c0d;
    for (size_t i = 0; i < 2; i++)
    {
        data_packet inner = i == 0 ? ipv6_packet() : data_ipv4(0xc0000201u, 0xc633640au, 17, 60);
        const uint8_t gre[] = {0x20, 0, types[i][0], types[i][1], 0x0a, 0x0b, 0x0c, 0x0d};
        data_packet sent, payload;
        fb_packet arrived;
        fb_arrival arrival;
        fb_action action;
        fb_flow flow;
        fb_meta meta;
        uint32_t key;

        assert_true(enter(&action, FB_TUNNEL_GRE, &ends, &inner, 60));
        assert_int_equal(action.outer_len, 28);
        assert_true(fb_flow_read(&flow, inner.octets, 60, 60));
        assert_int_equal(fb_encapsulation_overhead(FB_TUNNEL_GRE, &flow, &ends), 28);
        sent = data_result(&action, &inner);
        assert_int_equal(sent.octets[2] << 8 | sent.octets[3], 88);
        assert_int_equal(sent.octets[9], 47);
        assert_memory_equal(sent.octets + 20, gre, sizeof gre);
        assert_memory_equal(sent.octets + 28, inner.octets, 60);
        meta = data_open(&sent, 0, &payload);
        arrived = (fb_packet){.header = payload.octets,
                              .header_len = payload.length,
                              .total_len = payload.length};
        assert_int_equal(fb_decapsulate(&arrival, &meta, &arrived), 0);
        assert_int_equal(arrival.strip, 8);
        assert_true(fb_gre_key(arrival.gre, &key));
        assert_int_equal(key, 0x0a0b0c0d);
    }
}

/* The longest packet there is, with key and with UDP */
static void
test_gre_with_key_at_the_limit(void **state)
{
    fb_flow inner = test_flow_down(FB_PROTOCOL_UDP, 5060, 5060);
    fb_outer ends = outer;
    uint8_t out[FB_OUTER_MAX];

    (void)state;
    ends.gre.has_key = true;
    assert_int_equal(fb_encapsulation_gre.write(out, &inner, &ends, 65535 - 28), 28);
    assert_int_equal(out[2] << 8 | out[3], 65535);
    assert_int_equal(fb_encapsulation_gre.write(out, &inner, &ends, 65535 - 27), 0);
    ends.plain_udp = true;
    ends.source_port = ends.destination_port = 5437;
    assert_int_equal(fb_encapsulation_gre.write(out, &inner, &ends, 65535 - 36), 36);
    assert_int_equal(fb_encapsulation_gre.write(out, &inner, &ends, 65535 - 35), 0);
}

/* RFC 5844 4: IPv4, UDP, and the packet itself: no header of RFC 3519 */
static void
test_plain_udp(void **state)
{
    fb_outer ends = outer;

    (void)state;
    requirement("B5844-03", "R8278-1-03");
    ends.plain_udp = true;
    ends.source_port = ends.destination_port = FB_PMIP_DATA_PORT;
    for (size_t i = 0; i < 2; i++)
    {
        data_packet inner = i == 0 ? ipv6_packet() : data_ipv4(0xc0000201u, 0xc633640au, 17, 60);
        const uint8_t udp[] = {0x15, 0x3d, 0x15, 0x3d, 0, 68, 0, 0};
        data_packet sent, payload;
        fb_packet arrived;
        fb_arrival arrival;
        fb_action action;
        fb_flow flow;
        fb_meta meta;

        assert_true(fb_flow_read(&flow, inner.octets, 60, 60));
        assert_int_equal(fb_encapsulation_overhead(FB_TUNNEL_IPIP, &flow, &ends), 28);
        /* with the whole packet there the checksum is, and data_open() judges it */
        assert_true(enter(&action, FB_TUNNEL_IPIP, &ends, &inner, 60));
        sent = data_result(&action, &inner);
        assert_int_equal(sent.length, 88);
        assert_int_equal(sent.octets[9], 17);
        assert_memory_equal(sent.octets + 20, udp, 6);
        assert_true(sent.octets[26] != 0 || sent.octets[27] != 0);
        assert_memory_equal(sent.octets + 28, inner.octets, 60);
        meta = data_open(&sent, 0, &payload);
        arrived = (fb_packet){.header = payload.octets,
                              .header_len = payload.length,
                              .total_len = payload.length};
        assert_int_equal(fb_decapsulate_plain_udp(&arrival, &meta, &arrived), 0);
        assert_true(arrival.udp);
        assert_int_equal(arrival.strip, 0);
        assert_int_equal(arrival.protocol, i == 0 ? 41 : 4);
        assert_int_equal(arrival.inner.family, i == 0 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4);
        /* with headers only there is none (RFC 768) */
        assert_true(enter(&action, FB_TUNNEL_IPIP, &ends, &inner, 48));
        assert_memory_equal(action.outer + 20, udp, sizeof udp);
    }
}

/* RFC 3519 4.2: a mobile node may have any port, that of RFC 5844 too; which header there is its role says */
static void
test_any_port_is_a_mobile_nodes(void **state)
{
    const fb_meta meta = {.src.family = FB_FAMILY_IPV4,
                          .dst.family = FB_FAMILY_IPV4,
                          .sport = 434,
                          .dport = 5437,
                          .protocol = 17};
    uint8_t octets[64] = {4, 41};
    fb_packet packet = {.header = octets, .header_len = 64, .total_len = 64};
    fb_arrival arrival;

    (void)state;
    requirement("B3519-01");
    memcpy(octets + 4, ipv6_packet().octets, 60);
    assert_int_equal(fb_decapsulate(&arrival, &meta, &packet), 0);
    assert_true(arrival.udp);
    assert_int_equal(arrival.protocol, 41);
    assert_int_equal(arrival.strip, 4);
    assert_int_equal(fb_decapsulate_plain_udp(&arrival, &meta, &packet), FB_DROP_TUNNEL_PROTOCOL);
}

/* What comes to port 5437 and is no IP packet */
static void
test_plain_udp_malformed(void **state)
{
    const fb_meta ipv4 = {.src.family = FB_FAMILY_IPV4,
                          .dst.family = FB_FAMILY_IPV4,
                          .sport = 5437,
                          .dport = 5437,
                          .protocol = 17};
    fb_meta ipv6 = ipv4;
    data_packet inner = ipv6_packet();

    (void)state;
    ipv6.src.family = ipv6.dst.family = FB_FAMILY_IPV6;
    for (unsigned version = 0; version < 16; version++)
    {
        fb_packet packet = {.header = inner.octets, .header_len = 60, .total_len = 60};
        fb_arrival arrival;
        int reason;

        inner.octets[0] = (uint8_t)(version << 4 | 5);
        reason = fb_decapsulate_plain_udp(&arrival, &ipv4, &packet);
        if (version == 6)
        {
            assert_int_equal(reason, 0);
        }
        else
        {
            assert_int_equal(reason,
                             version == 4 ? FB_DROP_PACKET_MALFORMED : FB_DROP_TUNNEL_PROTOCOL);
        }
        /* RFC 5844: UDP is about IPv4 */
        assert_int_equal(fb_decapsulate_plain_udp(&arrival, &ipv6, &packet),
                         FB_DROP_TUNNEL_PROTOCOL);
    }
    inner = ipv6_packet();
    for (size_t length = 0; length < 40; length++)
    {
        uint8_t *copy = vectors_copy(inner.octets, length);
        fb_packet packet = {.header = copy, .header_len = length, .total_len = length};
        fb_arrival arrival;

        assert_int_equal(fb_decapsulate_plain_udp(&arrival, &ipv4, &packet),
                         length == 0 ? FB_DROP_TUNNEL_PROTOCOL : FB_DROP_PACKET_MALFORMED);
        free(copy);
    }
}

/* RFC 2890: a key header cut anywhere */
static void
test_gre_with_key_cut(void **state)
{
    const fb_meta meta = {.src.family = FB_FAMILY_IPV6,
                          .dst.family = FB_FAMILY_IPV6,
                          .protocol = 47};
    uint8_t octets[68] = {0x20, 0, 0x86, 0xdd, 1, 2, 3, 4};

    (void)state;
    memcpy(octets + 8, ipv6_packet().octets, 60);
    for (size_t length = 0; length <= sizeof octets; length++)
    {
        uint8_t *copy = vectors_copy(octets, length);
        fb_packet packet = {.header = copy, .header_len = length, .total_len = sizeof octets};
        fb_arrival arrival;
        int reason = fb_decapsulate(&arrival, &meta, &packet);

        /* 8 of GRE, 40 of IPv6: then there is enough of it */
        assert_int_equal(reason == FB_DROP_TUNNEL_HEADER, length < 8);
        assert_int_equal(reason == FB_REASON_NONE, length >= 48);
        free(copy);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encapsulate_ipip_writes_the_outer_header),
        cmocka_unit_test(test_encapsulate_stops_at_what_an_ipv4_packet_holds),
        cmocka_unit_test(test_encapsulate_ipv6),
        cmocka_unit_test(test_decapsulate_marks_ipv6),
        cmocka_unit_test(test_encapsulate_twice),
        cmocka_unit_test(test_encapsulate_twice_at_the_limits),
        cmocka_unit_test(test_decapsulate_marks_through_two),
        cmocka_unit_test(test_the_overhead),
        cmocka_unit_test(test_encapsulate_arrival),
        cmocka_unit_test(test_gre_with_key_over_ipv4),
        cmocka_unit_test(test_gre_with_key_at_the_limit),
        cmocka_unit_test(test_plain_udp),
        cmocka_unit_test(test_any_port_is_a_mobile_nodes),
        cmocka_unit_test(test_plain_udp_malformed),
        cmocka_unit_test(test_gre_with_key_cut),
        cmocka_unit_test(test_decapsulate_damage),
    };
    return cmocka_run_group_tests_name("steer/encapsulate", tests, NULL, NULL);
}
