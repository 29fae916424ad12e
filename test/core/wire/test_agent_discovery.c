/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/agent_discovery.h"
#include "wire/checksum.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** A message of the test's own making, with its checksum. */
static size_t
seal(uint8_t *octets, size_t length)
{
    uint16_t sum;

    octets[2] = octets[3] = 0;
    sum = fb_checksum_finish(fb_checksum_add(0, octets, length));
    octets[2] = (uint8_t)(sum >> 8);
    octets[3] = (uint8_t)sum;
    return length;
}

/* M21, RFC 5944 2.1 */
static void
test_the_advertisement_of_the_vectors(void **state)
{
    const test_vector *vector = vectors_find(vectors, "M21");
    fb_advertisement advertisement;
    uint8_t octets[64];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("M21");
    assert_int_equal(fb_advertisement_decode(&advertisement, vector->octets, vector->length), 0);
    assert_int_equal(advertisement.code, 16);
    assert_int_equal(advertisement.lifetime_s, 30);
    assert_int_equal(advertisement.router, 0);
    assert_true(advertisement.agent);
    assert_int_equal(advertisement.sequence, 256);
    assert_int_equal(advertisement.registration_lifetime_s, 600);
    assert_int_equal(advertisement.flags,
                     FB_ADVERTISEMENT_F | FB_ADVERTISEMENT_G | FB_ADVERTISEMENT_T |
                         FB_ADVERTISEMENT_U);
    assert_int_equal(advertisement.address_count, 1);
    assert_int_equal(advertisement.care_of_address[0], 0xcb007141);

    fb_advertisement_write(&writer, &advertisement);
    assert_false(writer.failed);
    assert_int_equal(writer.position, vector->length);
    assert_memory_equal(octets, vector->octets, vector->length);
}

/* Every length and every bit: the checksum sees them all, and nothing is read that is not there */
static void
test_a_damaged_advertisement(void **state)
{
    const test_vector *vector = vectors_find(vectors, "M21");
    fb_advertisement advertisement;

    (void)state;
    for (size_t length = 0; length < vector->length; length++)
    {
        uint8_t *copy = vectors_copy(vector->octets, length);

        assert_int_equal(fb_advertisement_decode(&advertisement, copy, length),
                         FB_DROP_ADVERTISEMENT);
        if (length >= 8)
        {
            (void)fb_advertisement_decode(&advertisement, copy, seal(copy, length));
        }
        free(copy);
    }
    for (size_t bit = 0; bit < vector->length * 8; bit++)
    {
        uint8_t *copy = vectors_copy(vector->octets, vector->length);

        copy[bit / 8] ^= (uint8_t)(0x80u >> bit % 8);
        assert_int_equal(fb_advertisement_decode(&advertisement, copy, vector->length),
                         FB_DROP_ADVERTISEMENT);
        (void)fb_advertisement_decode(&advertisement, copy, seal(copy, vector->length));
        free(copy);
    }
}

/* RFC 5944 1.8, 2.1.1-2.1.3, RFC 1256 4.1 */
static void
test_extensions_of_an_advertisement(void **state)
{
    static const struct
    {
        uint8_t octets[40];
        size_t length;
        bool sound;
    } cases[] = {
        {{9, 0, 0, 0, 0, 2, 0, 30}, 8, true}, /* a router that is no agent */
        {{9, 1, 0, 0, 0, 2, 0, 30}, 8, false},
        {{9, 0, 0, 0, 0, 1, 0, 30}, 8, false}, /* entries of one word */
        {{9, 0, 0, 0, 1, 2, 0, 30, 10, 0, 0, 1, 0, 0, 0, 0}, 16, true},
        {{9, 0, 0, 0, 1, 2, 0, 30, 10, 0, 0, 1}, 12, false},
        {{9, 0, 0, 0, 1, 3, 0, 30, 10, 0, 0, 1, 0, 0, 0, 0, 7, 7, 7, 7}, 20, true},
        {{9, 0, 0, 0, 0, 2, 0, 30, 0, 0, 0, 0}, 12, true}, /* padding has no length */
        {{9, 0, 0, 0, 0, 2, 0, 30, 20, 1, 0}, 11, false}, /* unknown, not to be skipped */
        {{9, 0, 0, 0, 0, 2, 0, 30, 200, 1, 0}, 11, true},
        {{9, 0, 0, 0, 0, 2, 0, 30, 200, 2, 0}, 11, false},
        {{9, 0, 0, 0, 0, 2, 0, 30, 16, 6, 0, 1, 2, 88, 0x20, 0}, 16, true}, /* a home agent */
        {{9, 0, 0, 0, 0, 2, 0, 30, 16, 6, 0, 1, 2, 88, 0x10, 0}, 16, false}, /* F, no address */
        {{9, 0, 0, 0, 0, 2, 0, 30, 16, 7, 0, 1, 2, 88, 0x20, 0, 0}, 17, false},
        {{9, 0, 0, 0, 0, 2, 0, 30, 16, 4, 0, 1, 2, 88}, 14, false},
        {{9, 0, 0, 0, 1, 2, 0, 30, 10, 0, 0, 1, 0, 0, 0, 0, 19, 1, 24}, 19, true},
        {{9, 0, 0, 0, 1, 2, 0, 30, 10, 0, 0, 1, 0, 0, 0, 0, 19, 1, 33}, 19, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        uint8_t *copy = vectors_copy(cases[i].octets, cases[i].length);
        fb_advertisement advertisement;

        seal(copy, cases[i].length);
        assert_int_equal(fb_advertisement_decode(&advertisement, copy, cases[i].length),
                         cases[i].sound ? 0 : FB_DROP_ADVERTISEMENT);
        free(copy);
    }
}

static void
test_a_home_agent_that_routes(void **state)
{
    fb_advertisement wanted = {.code = FB_ADVERTISEMENT_ROUTER,
                               .lifetime_s = 1800,
                               .router = 0xc6336401,
                               .agent = true,
                               .sequence = 65535,
                               .registration_lifetime_s = 65535,
                               .flags = FB_ADVERTISEMENT_H | FB_ADVERTISEMENT_T,
                               .prefix_length = 24};
    fb_advertisement read;
    uint8_t octets[64];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_writer small = fb_writer_over(octets, 20);

    (void)state;
    fb_advertisement_write(&writer, &wanted);
    assert_int_equal(fb_advertisement_decode(&read, octets, writer.position), 0);
    assert_memory_equal(&read, &wanted, sizeof read);
    fb_advertisement_write(&small, &wanted);
    assert_true(small.failed);
    wanted.flags |= FB_ADVERTISEMENT_F;
    writer = fb_writer_over(octets, sizeof octets);
    fb_advertisement_write(&writer, &wanted);
    assert_true(writer.failed);
}

/* RFC 1256 4.2 */
static void
test_solicitations(void **state)
{
    static const uint8_t expected[] = {10, 0, 0xf5, 0xff, 0, 0, 0, 0};
    uint8_t octets[16] = {0};
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    fb_solicitation_write(&writer);
    assert_int_equal(writer.position, sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    assert_int_equal(fb_solicitation_check(octets, 8), 0);
    assert_int_equal(fb_solicitation_check(octets, 7), FB_DROP_ADVERTISEMENT);
    octets[1] = 1;
    seal(octets, 8);
    assert_int_equal(fb_solicitation_check(octets, 8), FB_DROP_ADVERTISEMENT);
}

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_advertisement_of_the_vectors),
        cmocka_unit_test(test_a_damaged_advertisement),
        cmocka_unit_test(test_extensions_of_an_advertisement),
        cmocka_unit_test(test_a_home_agent_that_routes),
        cmocka_unit_test(test_solicitations),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
