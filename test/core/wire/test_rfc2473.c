/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc2473.h"

#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "requirement.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t here[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t there[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2};

/* RFC 8200 3 */
static void
test_the_header(void **state)
{
    static const uint8_t expected[8] = {0x6b, 0x90, 0, 0, 0xff, 0xfe, 41, 63};
    fb_ipv6_header header = {.source = here,
                             .destination = there,
                             .traffic_class = 0xb9,
                             .hop_limit = 63,
                             .next_header = 41};
    uint8_t out[FB_IPV6_HEADER + 1];

    (void)state;
    requirement("B2473-01");
    memset(out, 0xee, sizeof out);
    fb_ipv6_write(out, &header, 0xfffe);
    assert_memory_equal(out, expected, 8);
    assert_memory_equal(out + 8, here, 16);
    assert_memory_equal(out + 24, there, 16);
    assert_int_equal(out[40], 0xee);
}

/* RFC 2473 5.1, and what an exit point makes of it, in every piece and with every bit flipped */
static void
test_the_limit(void **state)
{
    static const uint8_t expected[8] = {47, 0, 4, 1, 200, 1, 1, 0};
    uint8_t out[8];

    (void)state;
    requirement("B2473-01");
    fb_tunnel_limit_write(out, 47, 200);
    assert_memory_equal(out, expected, 8);
    for (size_t length = 0; length <= 8; length++)
    {
        uint8_t *copy = vectors_copy(expected, length);
        size_t octets;
        uint8_t next;

        assert_int_equal(fb_tunnel_options_read(copy, length, &octets, &next),
                         length == 8 ? 0 : FB_DROP_TUNNEL_HEADER);
        free(copy);
    }
    for (size_t bit = 0; bit < 64; bit++)
    {
        uint8_t *copy = vectors_copy(expected, 8);
        size_t octets = 0;
        uint8_t next = 0;
        int reason;

        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        reason = fb_tunnel_options_read(copy, 8, &octets, &next);
        assert_true(reason == FB_DROP_TUNNEL_HEADER || (reason == 0 && octets == 8));
        assert_true(reason != 0 || next == copy[0]);
        assert_true(bit / 8 != 1 || reason != 0); /* longer than it is */
        free(copy);
    }
}

/* RFC 2473 4.1.1 a: a chain of any length, of which any part is there */
static void
test_a_chain(void **state)
{
    uint8_t packet[40 + 8 * 20] = {0x60, [6] = 60};

    (void)state;
    requirement("B2473-01");
    for (size_t i = 0; i < 20; i++)
    {
        packet[40 + 8 * i] = 60;
        packet[40 + 8 * i + 2] = 1;
        packet[40 + 8 * i + 3] = 4;
    }
    memcpy(packet + 40 + 8 * 19, (const uint8_t[]){59, 0, 4, 1, 0, 1, 1, 0}, 8);
    for (size_t length = 40; length <= sizeof packet; length++)
    {
        uint8_t *copy = vectors_copy(packet, length);

        assert_int_equal(fb_tunnel_limit_find(copy, length),
                         length == sizeof packet ? 40 + 8 * 19 + 4 : 0);
        free(copy);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_header),
        cmocka_unit_test(test_the_limit),
        cmocka_unit_test(test_a_chain),
    };
    return cmocka_run_group_tests_name("wire/rfc2473", tests, NULL, NULL);
}
