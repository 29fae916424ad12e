/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "flowbind/hmac.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/mobile_ipv4.h"

#include <string.h>

static const fb_mip4_fixed reply = {.type = FB_MIP4_REPLY, .home_address = 1, .identification = 2};

/** Writes a reply authenticated with @p association and walks it. The octets live in @p octets. */
static void
make_message(fb_mip4_message *message,
             uint8_t octets[128],
             uint8_t type,
             const fb_security_association *association)
{
    fb_writer writer = fb_writer_over(octets, 128);
    fb_mip4_write_fixed(&writer, &reply);
    fb_mip4_write_authentication(&writer, type, association);
    assert_false(writer.failed);
    assert_int_equal(fb_mip4_walk(message, octets, writer.position), 0);
}

/* B5944-14, B5944-15: Length is 4 + authenticator; Type, Length and SPI are covered. */
static void
test_authentication_octets(void **state)
{
    (void)state;
    requirement("B5944-14", "B5944-15");
    fb_security_association association = vectors_association();
    uint8_t octets[128];
    fb_mip4_message message;
    make_message(&message, octets, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);
    assert_int_equal(message.length, 20 + 2 + 4 + 16);
    assert_memory_equal(octets + 20, ((uint8_t[]){32, 20, 0, 0, 1, 1}), 6);

    uint8_t digest[FB_HMAC_DIGEST_MAX];
    fb_hmac hmac;
    fb_port_hmac_start(&hmac, FB_HMAC_MD5, association.key, 16);
    fb_port_hmac_update(&hmac, octets, 26);
    fb_port_hmac_digest(&hmac, digest);
    assert_memory_equal(octets + 26, digest, 16);
    assert_int_equal(fb_mip4_verify(&message, message.mobile_home, &association), 0);
}

/* B5944-18: another algorithm by SPI. */
static void
test_authentication_sha256(void **state)
{
    (void)state;
    requirement("B5944-18");
    fb_security_association association = vectors_association();
    association.algorithm = FB_HMAC_SHA256;
    association.spi = 0x80000001;
    uint8_t octets[128];
    fb_mip4_message message;
    make_message(&message, octets, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);
    assert_int_equal(message.length, 20 + 2 + 4 + 32);
    assert_int_equal(octets[21], 36);
    assert_int_equal(fb_mip4_verify(&message, message.mobile_home, &association), 0);
    octets[message.length - 1] ^= 1;
    assert_int_equal(fb_mip4_verify(&message, message.mobile_home, &association),
                     FB_DROP_BAD_AUTHENTICATOR);
}

/* The three extensions are alike, and each type is covered by its own authenticator. */
static void
test_authentication_types(void **state)
{
    (void)state;
    fb_security_association association = vectors_association();
    for (uint8_t type = 32; type <= 34; type++)
    {
        uint8_t octets[128];
        fb_mip4_message message;
        make_message(&message, octets, type, &association);
        assert_int_equal(message.mobile_home, type == 32 ? 0 : -1);
        assert_int_equal(fb_mip4_verify(&message, 0, &association), 0);
        octets[20] = type == 34 ? 33 : (uint8_t)(type + 1);
        assert_int_equal(fb_mip4_walk(&message, octets, message.length), 0);
        assert_int_equal(fb_mip4_verify(&message, 0, &association), FB_DROP_BAD_AUTHENTICATOR);
    }
}

static void
test_authentication_reasons(void **state)
{
    (void)state;
    fb_security_association association = vectors_association();
    uint8_t octets[128];
    fb_mip4_message message;
    make_message(&message, octets, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);

    assert_int_equal(fb_mip4_verify(&message, -1, &association), FB_DROP_NO_AUTHENTICATION);
    assert_int_equal(fb_mip4_verify(&message, 1, &association), FB_DROP_NO_AUTHENTICATION);

    fb_security_association other = association;
    other.spi++;
    assert_int_equal(fb_mip4_verify(&message, 0, &other), FB_DROP_NO_SECURITY_ASSOCIATION);

    other = association;
    other.algorithm = FB_HMAC_SHA256; /* the same SPI means a longer authenticator here */
    assert_int_equal(fb_mip4_verify(&message, 0, &other), FB_DROP_AUTHENTICATION_LENGTH);

    other.algorithm = 77;
    assert_int_equal(fb_mip4_verify(&message, 0, &other), FB_DROP_NO_SECURITY_ASSOCIATION);

    other = association;
    other.key[15] ^= 0x80;
    assert_int_equal(fb_mip4_verify(&message, 0, &other), FB_DROP_BAD_AUTHENTICATOR);

    other = association;
    other.key_length = 15;
    assert_int_equal(fb_mip4_verify(&message, 0, &other), FB_DROP_BAD_AUTHENTICATOR);
}

/* Every length an authentication extension can announce, with as many octets there. */
static void
test_authentication_every_length(void **state)
{
    (void)state;
    fb_security_association association = vectors_association();
    for (size_t length = 0; length < 256; length++)
    {
        uint8_t octets[20 + 2 + 255] = {0};
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        fb_mip4_write_fixed(&writer, &reply);
        fb_write_u8(&writer, 32);
        fb_write_u8(&writer, (uint8_t)length);
        const uint8_t spi[] = {0, 0, 1, 1};
        fb_write_bytes(&writer, spi, length < 4 ? length : 4);
        fb_mip4_message message;
        assert_int_equal(fb_mip4_walk(&message, octets, 22 + length), 0);
        assert_int_equal(fb_mip4_verify(&message, 0, &association),
                         length == 20 ? FB_DROP_BAD_AUTHENTICATOR : FB_DROP_AUTHENTICATION_LENGTH);
    }
}

static void
test_authentication_of_something_else(void **state)
{
    (void)state;
    fb_security_association association = vectors_association();
    uint8_t octets[128];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_fixed(&writer, &reply);
    fb_write_bytes(&writer, (const uint8_t[]){200, 20, 0, 0, 1, 1}, 6);
    fb_write_bytes(&writer, association.key, 16);
    fb_mip4_message message;
    assert_int_equal(fb_mip4_walk(&message, octets, writer.position), 0);
    assert_int_equal(fb_mip4_verify(&message, 0, &association), FB_DROP_NO_AUTHENTICATION);

    writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_authentication(&writer, 200, &association);
    assert_true(writer.failed);
    association.algorithm = 0;
    writer = fb_writer_over(octets, sizeof octets);
    fb_mip4_write_authentication(&writer, 32, &association);
    assert_true(writer.failed);
}

/* Whatever octet of the authenticator differs, the outcome is the same. */
static void
test_authentication_every_octet_counts(void **state)
{
    (void)state;
    fb_security_association association = vectors_association();
    uint8_t octets[128];
    fb_mip4_message message;
    make_message(&message, octets, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);
    for (size_t i = 26; i < message.length; i++)
    {
        octets[i] ^= 0x01;
        assert_int_equal(fb_mip4_verify(&message, 0, &association), FB_DROP_BAD_AUTHENTICATOR);
        octets[i] ^= 0x01;
    }
    assert_int_equal(fb_mip4_verify(&message, 0, &association), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authentication_octets),
        cmocka_unit_test(test_authentication_sha256),
        cmocka_unit_test(test_authentication_types),
        cmocka_unit_test(test_authentication_reasons),
        cmocka_unit_test(test_authentication_every_length),
        cmocka_unit_test(test_authentication_of_something_else),
        cmocka_unit_test(test_authentication_every_octet_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
