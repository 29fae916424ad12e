/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "flowbind/hmac.h"
#include "requirement.h"

#include <stdio.h>
#include <string.h>

/** One known answer. Strings may hold NUL octets: the lengths count. */
typedef struct known_answer
{
    fb_hmac_algorithm algorithm;
    const char *key;
    size_t key_length;
    const char *data;
    size_t data_length;
    const char *digest_hex;
} known_answer;

#define TEXT(text) text, sizeof(text) - 1

#define X4(s) s s s s
#define X16(s) X4(X4(s))
#define X20(s) X16(s) X4(s)
#define X50(s) X16(s) X16(s) X16(s) s s
#define X80(s) X4(X20(s))
#define X131(s) X80(s) X50(s) s

#define COUNTING_25                                                                                \
    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17" \
    "\x18\x19"

static const known_answer answers[] = {
    /* RFC 2104, appendix; RFC 2202 section 2. */
    {FB_HMAC_MD5, TEXT(X16("\x0b")), TEXT("Hi There"), "9294727a3638bb1c13f48ef8158bfc9d"},
    {FB_HMAC_MD5,
     TEXT("Jefe"),
     TEXT("what do ya want for nothing?"),
     "750c783e6ab0b503eaa86e310a5db738"},
    {FB_HMAC_MD5, TEXT(X16("\xaa")), TEXT(X50("\xdd")), "56be34521d144c88dbb8c733f0e8b3f6"},
    {FB_HMAC_MD5, TEXT(COUNTING_25), TEXT(X50("\xcd")), "697eaf0aca3a3aea3a75164746ffaa79"},
    {FB_HMAC_MD5,
     TEXT(X16("\x0c")),
     TEXT("Test With Truncation"),
     "56461ef2342edc00f9bab995690efd4c"},
    {FB_HMAC_MD5,
     TEXT(X80("\xaa")),
     TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
     "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
    {FB_HMAC_MD5,
     TEXT(X80("\xaa")),
     TEXT("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
     "6f630fad67cda0ee1fb1f562db3aa53e"},

    /* RFC 4231 section 4. */
    {FB_HMAC_SHA256,
     TEXT(X20("\x0b")),
     TEXT("Hi There"),
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {FB_HMAC_SHA256,
     TEXT("Jefe"),
     TEXT("what do ya want for nothing?"),
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {FB_HMAC_SHA256,
     TEXT(X20("\xaa")),
     TEXT(X50("\xdd")),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {FB_HMAC_SHA256,
     TEXT(COUNTING_25),
     TEXT(X50("\xcd")),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {FB_HMAC_SHA256,
     TEXT(X131("\xaa")),
     TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {FB_HMAC_SHA256,
     TEXT(X131("\xaa")),
     TEXT("This is a test using a larger than block-size key and a larger than block-size data. "
          "The key needs to be hashed before being used by the HMAC algorithm."),
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void
to_hex(char *hex, const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
    {
        snprintf(hex + 2 * i, 3, "%02x", octets[i]);
    }
}

/** The digest of @p answer, the data handed over in pieces of @p piece octets. */
static void
assert_answer(const known_answer *answer, size_t piece)
{
    fb_hmac hmac;
    fb_port_hmac_start(&hmac, answer->algorithm, (const uint8_t *)answer->key, answer->key_length);
    for (size_t at = 0; at < answer->data_length; at += piece)
    {
        size_t left = answer->data_length - at;
        fb_port_hmac_update(&hmac, (const uint8_t *)answer->data + at, left < piece ? left : piece);
    }
    uint8_t digest[FB_HMAC_DIGEST_MAX + 1];
    memset(digest, 0xee, sizeof digest);
    fb_port_hmac_digest(&hmac, digest);

    size_t size = fb_hmac_digest_size((uint8_t)answer->algorithm);
    char hex[2 * FB_HMAC_DIGEST_MAX + 1];
    to_hex(hex, digest, size);
    assert_string_equal(hex, answer->digest_hex);
    assert_int_equal(digest[size], 0xee); /* and not an octet more */
}

static void
test_hmac_known_answers(void **state)
{
    (void)state;
    requirement("B5944-16", "B5944-18");
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
    {
        assert_answer(&answers[i], answers[i].data_length);
        assert_answer(&answers[i], 1);
        assert_answer(&answers[i], 7);
    }
}

/* B5944-16: keys are binary; a zero octet ends nothing. */
static void
test_hmac_key_with_zero_octets(void **state)
{
    (void)state;
    requirement("B5944-16");
    const uint8_t key[16] = {0, 0xff, 0, 1};
    const uint8_t other[16] = {0, 0xff, 0, 2};
    uint8_t a[16], b[16];
    fb_hmac hmac;
    fb_port_hmac_start(&hmac, FB_HMAC_MD5, key, sizeof key);
    fb_port_hmac_digest(&hmac, a);
    fb_port_hmac_start(&hmac, FB_HMAC_MD5, other, sizeof other);
    fb_port_hmac_digest(&hmac, b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void
test_hmac_digest_sizes(void **state)
{
    (void)state;
    assert_int_equal(fb_hmac_digest_size(FB_HMAC_MD5), 16);
    assert_int_equal(fb_hmac_digest_size(FB_HMAC_SHA256), 32);
    assert_int_equal(fb_hmac_digest_size(0), 0);
    assert_int_equal(fb_hmac_digest_size(3), 0);
    assert_int_equal(fb_hmac_digest_size(255), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hmac_known_answers),
        cmocka_unit_test(test_hmac_key_with_zero_octets),
        cmocka_unit_test(test_hmac_digest_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
