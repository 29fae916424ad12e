/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../base/random.h"
#include "steer/segment_size.h"

/* 192.0.2.1:443 to 198.51.100.10:40000, SYN, ACK; options: MSS 1460, SACK permitted, no-operation, window scale 7.
   The checksum is filled in by seal(). */
static const uint8_t open_ipv4[] = {
    0x45, 0x00, 0x00, 0x34, 0x00, 0x01, 0x40, 0x00, 0x40, 0x06, 0x51, 0xaa, /* IPv4 */
    192,  0,    2,    1,    198,  51,   100,  10, /* addresses */
    0x01, 0xbb, 0x9c, 0x40, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, /* TCP */
    0x80, 0x12, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, /* offset 8, SYN and ACK, window; checksum */
    0x02, 0x04, 0x05, 0xb4, 0x04, 0x02, 0x01, 0x01, 0x01, 0x03, 0x03, 0x07,
};

/** The sum of RFC 1071 over a TCP segment and its pseudo header, 0xffff where the checksum is right. */
static uint16_t
tcp_sum(const uint8_t *packet, size_t length)
{
    size_t header = packet[0] >> 4 == 6 ? 40 : (size_t)(packet[0] & 15) * 4;
    size_t from = packet[0] >> 4 == 6 ? 8 : 12;
    uint32_t sum = 6 + (uint32_t)(length - header);

    for (size_t i = from; i < (from == 8 ? 40u : 20u); i += 2)
    {
        sum += (uint32_t)packet[i] << 8 | packet[i + 1];
    }
    for (size_t i = header; i < length; i++)
    {
        sum += (i - header) % 2 == 0 ? (uint32_t)packet[i] << 8 : packet[i];
    }
    while (sum > 0xffff)
    {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static void
seal(uint8_t *packet, size_t length)
{
    uint8_t *field = packet + (packet[0] >> 4 == 6 ? 40 : (packet[0] & 15) * 4) + 16;
    uint16_t sum;

    field[0] = field[1] = 0;
    sum = (uint16_t)~tcp_sum(packet, length);
    field[0] = (uint8_t)(sum >> 8);
    field[1] = (uint8_t)sum;
}

/** What fb_segment_limit() makes of it, done to the packet. Returns the number of patches. */
static uint8_t
limit(uint8_t *packet, size_t length, uint32_t mtu)
{
    fb_patch patch[FB_PATCHES_MAX];
    uint8_t count;
    fb_flow flow;

    assert_true(fb_flow_read(&flow, packet, length, length));
    if (!fb_segment_opens(&flow, packet, length))
    {
        return 0;
    }
    count = fb_segment_limit(patch, &flow, packet, length, mtu);
    for (uint8_t i = 0; i < count; i++)
    {
        assert_in_range(patch[i].at, 0, length - 2);
        packet[patch[i].at] = (uint8_t)(patch[i].value >> 8);
        packet[patch[i].at + 1] = (uint8_t)patch[i].value;
    }
    return count;
}

/* RFC 9293 3.7.1, RFC 6691 3: MTU less 40 octets; nothing else changes */
static void
test_segments_are_held_to_the_tunnel(void **state)
{
    uint8_t packet[sizeof open_ipv4], expected[sizeof open_ipv4];

    (void)state;
    memcpy(packet, open_ipv4, sizeof packet);
    seal(packet, sizeof packet);
    memcpy(expected, packet, sizeof expected);
    expected[42] = 0x05; /* 1480 - 40 = 1440 */
    expected[43] = 0xa0;
    seal(expected, sizeof expected);
    assert_int_equal(limit(packet, sizeof packet, 1480), 2);
    assert_memory_equal(packet, expected, sizeof packet);
}

static void
test_a_small_option_is_left_alone(void **state)
{
    uint8_t packet[sizeof open_ipv4];

    (void)state;
    memcpy(packet, open_ipv4, sizeof packet);
    seal(packet, sizeof packet);
    assert_int_equal(limit(packet, sizeof packet, 1500), 0); /* just fits */
    assert_int_equal(limit(packet, sizeof packet, 9000), 0); /* never raised */
    assert_int_equal(limit(packet, sizeof packet, 70000), 0);
    assert_int_equal(limit(packet, sizeof packet, 0), 0); /* nothing is known */
    assert_int_equal(limit(packet, sizeof packet, 40), 0); /* no room at all: not our business */
}

static void
test_what_opens_no_connection_is_left_alone(void **state)
{
    uint8_t packet[sizeof open_ipv4];

    (void)state;
    memcpy(packet, open_ipv4, sizeof packet);
    packet[33] = 0x10; /* ACK */
    assert_int_equal(limit(packet, sizeof packet, 1480), 0);
    memcpy(packet, open_ipv4, sizeof packet);
    packet[9] = 17; /* UDP, whatever its octet 13 is */
    assert_int_equal(limit(packet, sizeof packet, 1480), 0);
    memcpy(packet, open_ipv4, sizeof packet);
    packet[6] = 0x20; /* a first fragment */
    assert_int_equal(limit(packet, sizeof packet, 1480), 0);
}

/* RFC 9293 3.1: options of any kind and order; what is broken is left alone */
static void
test_options_that_are_broken(void **state)
{
    static const struct
    {
        uint8_t option[12];
        uint8_t patches;
    } cases[] = {
        {{1, 1, 1, 2, 4, 0x05, 0xb4, 1, 1, 1, 1, 0}, 2}, /* at an odd place */
        {{8, 8, 9, 9, 9, 9, 9, 9, 2, 4, 0x05, 0xb4}, 2}, /* the last of all */
        {{0, 2, 4, 0x05, 0xb4, 0, 0, 0, 0, 0, 0, 0}, 0}, /* behind the end */
        {{2, 3, 0x05, 0xb4, 0, 0, 0, 0, 0, 0, 0, 0}, 0}, /* of another length */
        {{2, 0, 0x05, 0xb4, 0, 0, 0, 0, 0, 0, 0, 0}, 0}, /* no length at all */
        {{8, 1, 2, 4, 0x05, 0xb4, 0, 0, 0, 0, 0, 0}, 0}, /* an option before it has none */
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 0x05}, 0}, /* cut off */
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2}, 0},
        {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 0}, /* none */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        uint8_t packet[sizeof open_ipv4];

        memcpy(packet, open_ipv4, sizeof packet);
        memcpy(packet + 40, cases[i].option, 12);
        seal(packet, sizeof packet);
        assert_int_equal(limit(packet, sizeof packet, 1480), cases[i].patches);
        assert_int_equal(tcp_sum(packet, sizeof packet), 0xffff);
    }
}

/* IPv6: 60 octets of headers; behind extension headers, too */
static void
test_ipv6(void **state)
{
    uint8_t packet[40 + 8 + 32] = {0x60, 0, 0, 0, 0, 40, 60, 64};
    uint8_t plain[40 + 32] = {0x60, 0, 0, 0, 0, 32, 6, 64};
    fb_patch patch[FB_PATCHES_MAX];
    fb_flow flow;

    (void)state;
    memset(plain + 8, 0x20, 32);
    memcpy(plain + 40, open_ipv4 + 20, 32);
    seal(plain, sizeof plain);
    assert_int_equal(limit(plain, sizeof plain, 1460), 2);
    assert_int_equal(plain[62] << 8 | plain[63], 1400);
    assert_int_equal(tcp_sum(plain, sizeof plain), 0xffff);

    memset(packet + 8, 0x20, 32);
    packet[40] = 6; /* Destination Options with padding in front of TCP */
    packet[42] = 1;
    packet[43] = 4;
    memcpy(packet + 48, open_ipv4 + 20, 32);
    assert_true(fb_flow_read(&flow, packet, sizeof packet, sizeof packet));
    assert_true(fb_segment_opens(&flow, packet, sizeof packet));
    assert_int_equal(fb_segment_limit(patch, &flow, packet, sizeof packet, 1460), 2);
    assert_int_equal(patch[0].at, 48 + 22);
    assert_int_equal(patch[0].value, 1400);
}

/* Every length and any octets: nothing outside of the packet is touched, and a right checksum stays right */
static void
test_any_packet(void **state)
{
    test_random random = test_random_start("segment size");
    size_t patched = 0;

    (void)state;
    for (int round = 0; round < 200000; round++)
    {
        uint8_t packet[sizeof open_ipv4];
        size_t length = sizeof packet;

        memcpy(packet, open_ipv4, sizeof packet);
        for (size_t i = 40; i < sizeof packet; i++)
        {
            packet[i] = (uint8_t)test_random_below(&random, 9);
        }
        packet[32] = (uint8_t)(test_random_below(&random, 16) << 4);
        packet[22] = (uint8_t)test_random_next(&random);
        seal(packet, sizeof packet);
        if (limit(packet, length, 40 + 1 + (uint32_t)test_random_below(&random, 2000)) != 0)
        {
            patched++;
            assert_int_equal(tcp_sum(packet, length), 0xffff);
        }
        length = 20 + test_random_below(&random, sizeof packet - 20);
        memcpy(packet + 2, (uint8_t[]){0, (uint8_t)length}, 2);
        (void)limit(packet, length, 300);
    }
    assert_in_range(patched, 1000, 200000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments_are_held_to_the_tunnel),
        cmocka_unit_test(test_a_small_option_is_left_alone),
        cmocka_unit_test(test_what_opens_no_connection_is_left_alone),
        cmocka_unit_test(test_options_that_are_broken),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_any_packet),
    };

    return cmocka_run_group_tests_name("segment_size", tests, NULL, NULL);
}
