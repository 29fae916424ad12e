/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/octets.h"
#include "base/random.h"
#include "cmocka_setup.h"
#include "wire/checksum.h"

#include <stdlib.h>
#include <string.h>

/** RFC 1071 1, octet by octet: the judge. */
static uint16_t
slow(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
    {
        sum += i % 2 == 0 ? (uint32_t)octets[i] << 8 : octets[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

/* RFC 1071 3 */
static void
test_example(void **state)
{
    static const uint8_t example[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

    (void)state;
    assert_int_equal(fb_checksum_finish(fb_checksum_add(0, example, sizeof example)), 0x220d);
    assert_int_equal(slow(example, sizeof example), 0x220d);
}

/** Octets of which every second has many carries, in a place of their own: nothing behind the end is read. */
static uint8_t *
octets_of(test_random *random, size_t length)
{
    uint8_t *octets = malloc(length > 0 ? length : 1);

    assert_non_null(octets);
    for (size_t i = 0; i < length; i++)
    {
        octets[i] = test_random_below(random, 2) == 0 ? 0xff : (uint8_t)test_random_next(random);
    }
    return octets;
}

/* Any length, in one part or two, and with carries everywhere */
static void
test_lengths(void **state)
{
    test_random random = test_random_start("checksum");

    (void)state;
    for (size_t length = 0; length <= 200; length++)
    {
        uint8_t *octets = octets_of(&random, length);
        size_t part = test_random_below(&random, (uint32_t)length + 1) & ~(size_t)1;
        uint32_t sum = fb_checksum_add(0, octets, part);
        uint16_t expected = slow(octets, length);

        assert_int_equal(fb_checksum_finish(fb_checksum_add(0, octets, length)), expected);
        assert_int_equal(fb_checksum_finish(fb_checksum_add(sum, octets + part, length - part)),
                         expected);
        memset(octets, 0xff, length);
        assert_int_equal(fb_checksum_finish(fb_checksum_add(0, octets, length)),
                         slow(octets, length));
        free(octets);
    }
}

/* RFC 8200 8.1: addresses, 32 bits of length, zeros, Next Header */
static void
test_pseudo_header(void **state)
{
    test_random random = test_random_start("pseudo-header");

    (void)state;
    for (int i = 0; i < 1000; i++)
    {
        uint8_t *header = octets_of(&random, 40);
        fb_addr source = {FB_FAMILY_IPV6, {0}}, destination = {FB_FAMILY_IPV6, {0}};
        uint32_t length = test_random_below(&random, 100000);

        memcpy(source.octet, header, 16);
        memcpy(destination.octet, header + 16, 16);
        fb_store_u32(header + 32, length);
        memset(header + 36, 0, 3);
        assert_int_equal(
            fb_checksum_finish(fb_checksum_pseudo6(&source, &destination, header[39], length)),
            slow(header, 40));
        free(header);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_pseudo_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
