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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encapsulate_ipip_writes_the_outer_header),
        cmocka_unit_test(test_encapsulate_stops_at_what_an_ipv4_packet_holds),
        cmocka_unit_test(test_encapsulate_ipv6),
        cmocka_unit_test(test_decapsulate_marks_ipv6),
        cmocka_unit_test(test_encapsulate_arrival),
        cmocka_unit_test(test_decapsulate_damage),
    };
    return cmocka_run_group_tests_name("steer/encapsulate", tests, NULL, NULL);
}
