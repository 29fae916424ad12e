/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/prefix.h"
#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/rfc5454.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

static int
decode(fb_ipv6_extension *extension, const uint8_t *body, size_t length)
{
    uint8_t *copy = vectors_copy(body, length);
    int reason = fb_ipv6_extension_decode(extension, copy, length);

    free(copy);
    return reason;
}

#define PREFIX 0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

/** The extension written by hand: what the codec has to read and to write. */
typedef struct example
{
    uint8_t octets[22];
    uint8_t subtype, code, prefix_length;
} example;

/* RFC 5454 2.1, 2.2, 2.3 */
static const example examples[] = {
    {{152, 18, 1, 64, PREFIX}, 1, 0, 64},
    {{152, 18, 1, 255, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1, 0, 255},
    {{152, 20, 2, 0, 64, 0, PREFIX}, 2, 0, 64},
    {{152, 20, 2, 1, 48, 0, PREFIX}, 2, 1, 48},
    {{152, 20, 2, 9, 128, 0, PREFIX}, 2, 9, 128},
    {{152, 2, 3, 0}, 3, 0, 0},
};

static void
test_examples(void **state)
{
    (void)state;
    requirement("B5454-01");
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        const example *e = &examples[i];
        size_t length = 2u + e->octets[1];
        fb_ipv6_extension extension;
        uint8_t octets[22];
        fb_writer writer = fb_writer_over(octets, length);

        assert_int_equal(decode(&extension, e->octets + 2, e->octets[1]), 0);
        assert_int_equal(extension.subtype, e->subtype);
        assert_int_equal(extension.code, e->code);
        assert_int_equal(extension.prefix.length, e->prefix_length);
        if (e->subtype != 3)
        {
            assert_int_equal(extension.prefix.address.family, FB_FAMILY_IPV6);
            assert_memory_equal(extension.prefix.address.octet, e->octets + length - 16, 16);
        }
        fb_ipv6_extension_write(&writer, &extension);
        assert_false(writer.failed);
        assert_int_equal(writer.position, length);
        assert_memory_equal(octets, e->octets, length);
    }
}

static void
test_the_one_of_the_vectors(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    fb_ipv6_extension extension;
    uint8_t octets[20];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("M20", "B5454-01");
    assert_int_equal(decode(&extension, m20->octets + 51, 18), 0);
    assert_int_equal(extension.subtype, FB_IPV6_PREFIX_REQUEST);
    assert_int_equal(extension.prefix.length, 64);
    fb_ipv6_extension_write(&writer, &extension);
    assert_memory_equal(octets, m20->octets + 49, 20);
    fb_ipv6_extension_write(&writer, &extension);
    assert_true(writer.failed);
}

/* "all insignificant (low-order) bits MUST be [...] ignored by the receiver", and Reserved too */
static void
test_what_says_nothing(void **state)
{
    fb_ipv6_extension extension;
    uint8_t body[20] = {2, 1, 64, 0xff, PREFIX};

    (void)state;
    requirement("B5454-01");
    memset(body + 12, 0xff, 8);
    assert_int_equal(decode(&extension, body, 20), 0);
    assert_memory_equal(extension.prefix.address.octet, ((const uint8_t[]){PREFIX}), 16);
    assert_int_equal(decode(&extension, (const uint8_t[]){3, 0xff}, 2), 0);
    assert_int_equal(extension.subtype, FB_IPV6_TUNNELING_MODE);
}

static void
test_every_length_and_subtype(void **state)
{
    static const uint8_t right[] = {0, 18, 20, 2};
    uint8_t body[255] = {0};

    (void)state;
    for (unsigned subtype = 0; subtype < 256; subtype++)
    {
        bool known = subtype >= 1 && subtype <= 3;

        body[0] = (uint8_t)subtype;
        for (size_t length = 0; length <= sizeof body; length++)
        {
            fb_ipv6_extension extension;
            int expected = length > 0 && !known                ? FB_DROP_UNKNOWN_SUBTYPE
                           : known && length == right[subtype] ? FB_REASON_NONE
                                                               : FB_DROP_NETWORK_MALFORMED;

            assert_int_equal(decode(&extension, body, length), expected);
        }
    }
}

static void
test_every_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
    {
        for (size_t bit = 0; bit < 8u * examples[i].octets[1]; bit++)
        {
            uint8_t body[20];
            fb_ipv6_extension extension;
            int reason;

            memcpy(body, examples[i].octets + 2, sizeof body);
            body[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            reason = decode(&extension, body, examples[i].octets[1]);
            if (reason == FB_REASON_NONE && fb_prefix_valid(&extension.prefix))
            {
                fb_prefix prefix = extension.prefix;

                fb_prefix_clear_host_bits(&prefix);
                assert_true(fb_prefix_equal(&prefix, &extension.prefix));
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
        cmocka_unit_test(test_every_length_and_subtype),
        cmocka_unit_test(test_every_bit),
    };
    int failed;

    vectors = vectors_load();
    failed = cmocka_run_group_tests_name("rfc5454", tests, NULL, NULL);
    vectors_free(vectors);
    return failed;
}
