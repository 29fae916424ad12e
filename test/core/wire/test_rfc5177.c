/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/prefix.h"
#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/rfc5177.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** Decodes a copy that lies on a block of exactly its size. */
static int
decode(fb_mobile_network *network, const uint8_t *body, size_t length)
{
    uint8_t *copy = vectors_copy(body, length);
    int reason = fb_mobile_network_decode(network, copy, length);

    free(copy);
    return reason;
}

/** The extension written by hand: what the codec has to read and to write. */
typedef struct example
{
    uint8_t length;
    uint8_t octets[10];
    uint8_t subtype, code, prefix_length;
    fb_ipv4 prefix;
} example;

/* RFC 5177 4.1, 4.2 */
static const example examples[] = {
    {8, {148, 6, 0, 28, 198, 51, 100, 128}, 0, 0, 28, 0xc6336480},
    {8, {148, 6, 0, 24, 0, 0, 0, 0}, 0, 0, 24, 0}, /* RFC 6626 3.1 */
    {10, {148, 8, 1, 0, 28, 0, 198, 51, 100, 128}, 1, 0, 28, 0xc6336480},
    {10, {148, 8, 1, 2, 16, 0, 10, 1, 0, 0}, 1, 2, 16, 0x0a010000},
    {10, {148, 8, 1, 1, 33, 0, 10, 1, 2, 3}, 1, 1, 33, 0x0a010203},
    {10, {148, 8, 1, 4, 0, 0, 0, 0, 0, 0}, 1, 4, 0, 0},
    {10, {148, 8, 2, 0, 32, 0, 10, 1, 2, 3}, 2, 0, 32, 0x0a010203},
};

static void
test_examples(void **state)
{
    (void)state;
    requirement("B5177-01", "B6626-01");
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        const example *e = &examples[i];
        fb_mobile_network network;
        uint8_t octets[10];
        fb_writer writer = fb_writer_over(octets, e->length);

        assert_int_equal(decode(&network, e->octets + 2, e->octets[1]), 0);
        assert_int_equal(network.subtype, e->subtype);
        assert_int_equal(network.code, e->code);
        assert_int_equal(network.prefix.length, e->prefix_length);
        assert_int_equal(fb_addr_to_ipv4(&network.prefix.address), e->prefix);
        fb_mobile_network_write(&writer, &network);
        assert_false(writer.failed);
        assert_int_equal(writer.position, e->length);
        assert_memory_equal(octets, e->octets, e->length);
    }
}

static void
test_the_one_of_the_vectors(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    fb_mobile_network network;
    uint8_t octets[8];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("M20");
    assert_int_equal(decode(&network, m20->octets + 43, 6), 0);
    assert_int_equal(network.prefix.length, 28);
    assert_int_equal(fb_addr_to_ipv4(&network.prefix.address), 0xc6336480);
    fb_mobile_network_write(&writer, &network);
    assert_memory_equal(octets, m20->octets + 41, 8);
    fb_mobile_network_write(&writer, &network);
    assert_true(writer.failed);
}

/* "an IPv4 address whose leftmost Prefix Length bits make up the Mobile Network Prefix"; Reserved is ignored */
static void
test_what_says_nothing(void **state)
{
    fb_mobile_network network;

    (void)state;
    assert_int_equal(decode(&network, (const uint8_t[]){0, 28, 198, 51, 100, 143}, 6), 0);
    assert_int_equal(fb_addr_to_ipv4(&network.prefix.address), 0xc6336480);
    assert_int_equal(decode(&network, (const uint8_t[]){1, 3, 28, 255, 198, 51, 100, 143}, 8), 0);
    assert_int_equal(fb_addr_to_ipv4(&network.prefix.address), 0xc6336480);
    assert_int_equal(network.code, 3);
}

/* The Length of each Sub-Type is fixed; other Sub-Types are not known, which is no fault */
static void
test_every_length_and_sub_type(void **state)
{
    static const uint8_t right[] = {6, 8, 8};
    uint8_t body[255] = {0};

    (void)state;
    requirement("B5177-01");
    for (unsigned subtype = 0; subtype < 256; subtype++)
    {
        body[0] = (uint8_t)subtype;
        for (size_t length = 0; length <= sizeof body; length++)
        {
            fb_mobile_network network;
            int expected = length > 0 && subtype > 2                  ? FB_DROP_UNKNOWN_SUBTYPE
                           : subtype <= 2 && length == right[subtype] ? FB_REASON_NONE
                                                                      : FB_DROP_NETWORK_MALFORMED;

            assert_int_equal(decode(&network, body, length), expected);
        }
    }
    assert_int_equal(fb_reason_reply_code(FB_DROP_NETWORK_MALFORMED), 134);
}

/* Whatever bit is wrong, what is read is a prefix with nothing behind its length, or one with an impossible length */
static void
test_every_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        for (size_t bit = 0; bit < 8u * examples[i].octets[1]; bit++)
        {
            uint8_t body[8];
            fb_mobile_network network;
            fb_prefix prefix;
            int reason;

            memcpy(body, examples[i].octets + 2, sizeof body);
            body[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            reason = decode(&network, body, examples[i].octets[1]);
            prefix = network.prefix;
            fb_prefix_clear_host_bits(&prefix);
            if (reason == FB_REASON_NONE && fb_prefix_valid(&network.prefix))
            {
                assert_true(fb_prefix_equal(&prefix, &network.prefix));
            }
            assert_true(reason == FB_REASON_NONE || bit < 8);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_the_one_of_the_vectors),
        cmocka_unit_test(test_what_says_nothing),
        cmocka_unit_test(test_every_length_and_sub_type),
        cmocka_unit_test(test_every_bit),
    };
    int failed;

    vectors = vectors_load();
    failed = cmocka_run_group_tests_name("rfc5177", tests, NULL, NULL);
    vectors_free(vectors);
    return failed;
}
