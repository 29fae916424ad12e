/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/ipv4.h"

#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/** Writes an IPv6 packet: @p chain of @p chain_length octets behind the header, which begins with @p next_header. */
static size_t
write_packet(uint8_t out[256], uint8_t next_header, const uint8_t *chain, size_t chain_length)
{
    static const uint8_t header[40] = {
        /* class 0xb8, label 0x12345; hop limit 64 */
        0x6b, 0x81, 0x23, 0x45, 0x00, 0x00, 0x00, 0x40, 0x20, 0x01, 0x0d, 0xb8,
        0x00, 0x00, 0x00, 0x00, 0,    0,    0,    0,    0,    0,    0,    0x01, /* 2001:db8::1 */
        0x20, 0x01, 0x0d, 0xb8, 0x00, 0x0a, 0x00, 0x00, 0,    0,    0,    0,
        0,    0,    0,    0x02, /* 2001:db8:a::2 */
    };

    memcpy(out, header, sizeof header);
    out[5] = (uint8_t)chain_length;
    out[6] = next_header;
    memcpy(out + sizeof header, chain, chain_length);
    return sizeof header + chain_length;
}

static const uint8_t ports[8] = {0x01, 0xbb, 0x9c, 0x40, 0, 8, 0, 0}; /* 443 -> 40000 */

static void
test_plain_udp(void **state)
{
    uint8_t packet[256];
    size_t length = write_packet(packet, 17, ports, sizeof ports);
    fb_flow flow;

    (void)state;
    assert_true(fb_flow_read(&flow, packet, length, length));
    assert_int_equal(flow.family, FB_FAMILY_IPV6);
    assert_int_equal(flow.source, 0);
    assert_int_equal(flow.destination, 0);
    assert_ptr_equal(flow.source6, packet + 8);
    assert_ptr_equal(flow.destination6, packet + 24);
    assert_int_equal(flow.tos, 0xb8);
    assert_int_equal(flow.flow_label, 0x12345);
    assert_int_equal(flow.ttl, 64);
    assert_int_equal(flow.protocol, 17);
    assert_true(flow.has_ports);
    assert_false(flow.has_spi);
    assert_int_equal(flow.source_port, 443);
    assert_int_equal(flow.destination_port, 40000);
    assert_false(flow.fragment);
    assert_true(flow.dont_fragment);
    assert_int_equal(flow.length, 48);
    assert_int_equal(flow.header_length, 40);
}

/* B6088-08: the protocol is the one behind hop-by-hop and destination options, routing, fragment and AH headers */
static void
test_extension_headers(void **state)
{
    static const uint8_t chain[] = {
        43,
        0,
        1,
        4,
        0,
        0,
        0,
        0, /* hop-by-hop options, then routing */
        /* routing, 16 octets, then fragment */
        44,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        51,
        0,
        0,
        1,
        0,
        0,
        0xab,
        0xcd, /* first fragment of 0xabcd, then AH */
        /* AH: 12 octets, SPI 0x7788, then options */
        60,
        1,
        0,
        0,
        0,
        0,
        0x77,
        0x88,
        0,
        0,
        0,
        9,
        6,
        0,
        1,
        4,
        0,
        0,
        0,
        0, /* destination options, then TCP */
        0x01,
        0xbb,
        0x9c,
        0x40,
        0,
        0,
        0,
        0,
    };
    uint8_t packet[256];
    size_t length = write_packet(packet, 0, chain, sizeof chain);
    fb_flow flow;

    (void)state;
    requirement("B6088-08", "B6088-07");
    assert_true(fb_flow_read(&flow, packet, length, length));
    assert_int_equal(flow.protocol, 6);
    assert_int_equal(flow.header_length, 40 + 52);
    assert_true(flow.has_ports);
    assert_int_equal(flow.source_port, 443);
    assert_int_equal(flow.destination_port, 40000);
    assert_true(flow.has_spi);
    assert_int_equal(flow.spi, 0x7788);
    assert_true(flow.fragment);
    assert_true(flow.first_fragment);
    assert_int_equal(flow.fragment_id, 0xabcd);

    /* However many octets are there, none behind them is read; ports only when all before them is known */
    for (size_t there = 0; there <= length; there++)
    {
        uint8_t *copy = vectors_copy(packet, there);

        assert_int_equal(fb_flow_read(&flow, copy, there, length), there >= 40);
        if (there >= 40)
        {
            assert_int_equal(flow.has_ports, there >= 40 + 52 + 4);
            assert_int_equal(flow.has_spi, there >= 40 + 32 + 8);
            assert_int_equal(flow.protocol,
                             there < 48   ? 0
                             : there < 64 ? 43
                             : there < 72 ? 44
                             : there < 84 ? 51
                             : there < 92 ? 60
                                          : 6);
        }
        free(copy);
    }
}

/* Every protocol: which have ports, which an SPI, and that others end the walk */
static void
test_every_next_header(void **state)
{
    (void)state;
    requirement("B6088-07", "B6088-08");
    for (int protocol = 0; protocol < 256; protocol++)
    {
        bool has_ports = protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
                         protocol == 136;
        bool walked = protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;
        const uint8_t chain[8] = {59, 0, 0, 0, 0xaa, 0xbb, 0xcc, 0xdd};
        uint8_t packet[256];
        size_t length = write_packet(packet, (uint8_t)protocol, chain, sizeof chain);
        fb_flow flow;

        assert_true(fb_flow_read(&flow, packet, length, length));
        assert_int_equal(flow.protocol, walked || protocol == 51 ? 59 : protocol);
        assert_int_equal(flow.has_ports, has_ports);
        assert_int_equal(flow.has_spi, protocol == 50 || protocol == 51);
        if (protocol == 50)
        {
            assert_int_equal(flow.spi, 0x3b000000);
        }
    }
}

/* RFC 8200 4.5: a fragment that is not the first has no transport header; RFC 6946: one alone is none */
static void
test_fragments(void **state)
{
    static const struct
    {
        uint16_t field;
        bool fragment, first;
    } cases[] = {
        {0x0000, false, false},
        {0x0006, false, false}, /* reserved bits */
        {0x0001, true, true},
        {0x0008, true, false},
        {0x0009, true, false},
        {0xfff8, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        /* then what looks like options */
        uint8_t chain[16] = {60, 0, 0, 0, 0x12, 0x34, 0x56, 0x78};
        uint8_t packet[256];
        size_t length;
        fb_flow flow;

        if (cases[i].first || !cases[i].fragment)
        {
            chain[0] = 17;
        }
        chain[2] = (uint8_t)(cases[i].field >> 8);
        chain[3] = (uint8_t)cases[i].field;
        memcpy(chain + 8, ports, 8);
        length = write_packet(packet, 44, chain, sizeof chain);
        assert_true(fb_flow_read(&flow, packet, length, length));
        assert_int_equal(flow.fragment, cases[i].fragment);
        assert_int_equal(flow.first_fragment, cases[i].first);
        assert_int_equal(flow.fragment_id, 0x12345678);
        assert_int_equal(flow.has_ports, cases[i].first || !cases[i].fragment);
        assert_int_equal(flow.protocol, chain[0]);
    }
}

/* A chain without end is not followed without end */
static void
test_a_long_chain(void **state)
{
    uint8_t chain[200] = {0}, packet[256];
    size_t length;
    fb_flow flow;

    (void)state;
    for (size_t i = 0; i < sizeof chain; i += 8)
    {
        chain[i] = 60;
    }
    length = write_packet(packet, 60, chain, sizeof chain);
    assert_true(fb_flow_read(&flow, packet, length, length));
    assert_int_equal(flow.protocol, 60);
    assert_int_equal(flow.header_length, 40 + 64);
}

static void
test_lengths(void **state)
{
    uint8_t packet[256];
    size_t length = write_packet(packet, 17, ports, sizeof ports);
    fb_flow flow;

    (void)state;
    assert_false(fb_flow_read(&flow, packet, length, length - 1)); /* cut off on its way */
    assert_true(fb_flow_read(&flow, packet, length, length + 9)); /* link padding behind */
    packet[5] = 3; /* ends inside the ports */
    assert_true(fb_flow_read(&flow, packet, length, length));
    assert_false(flow.has_ports);
    packet[4] = 0xff;
    assert_true(fb_flow_read(&flow, packet, length, 65535 + 40));
    assert_false(fb_flow_read(&flow, packet, length, 0xff00 + 40));
    for (unsigned version = 0; version < 16; version++)
    {
        packet[0] = (uint8_t)(version << 4);
        packet[4] = 0;
        assert_int_equal(fb_flow_read(&flow, packet, length, length), version == 6);
    }
}

/* Whatever bit is flipped: what is read stays inside, and the flags agree with each other */
static void
test_damage(void **state)
{
    static const uint8_t chain[] = {44, 0, 1, 4, 0, 0, 0, 0, 51, 0, 0, 1, 0, 0, 1, 2, 60, 1, 0, 0,
                                    0,  0, 7, 8, 0, 0, 0, 9, 6,  0, 1, 4, 0, 0, 0, 0, 1,  2, 3, 4};
    uint8_t packet[256];
    size_t length = write_packet(packet, 0, chain, sizeof chain);

    (void)state;
    for (size_t bit = 0; bit < length * 8; bit++)
    {
        uint8_t *copy = vectors_copy(packet, length);
        fb_flow flow;

        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (fb_flow_read(&flow, copy, length, length))
        {
            assert_true(flow.header_length <= length || flow.family == FB_FAMILY_IPV4);
            assert_true(!flow.first_fragment || flow.fragment);
            assert_true(!flow.has_ports || !flow.fragment || flow.first_fragment);
        }
        free(copy);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_udp),
        cmocka_unit_test(test_extension_headers),
        cmocka_unit_test(test_every_next_header),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_a_long_chain),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("wire/ipv6", tests, NULL, NULL);
}
