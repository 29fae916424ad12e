/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/rfc2794.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** The NAI of M20 as it is when @p count octets at @p at are @p octets instead; its length, 0: none. */
static size_t
nai_of_m20(size_t at, const uint8_t *octets, size_t count)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    uint8_t *copy = vectors_copy(m20->octets, m20->length);
    const fb_mip4_extension *found;
    fb_mip4_message message;
    size_t length;

    memcpy(copy + at, octets, count);
    assert_int_equal(fb_mip4_walk(&message, copy, m20->length), 0);
    found = fb_nai_find(&message);
    length = found == NULL ? 0 : found->length;
    free(copy);
    return length;
}

/* RFC 2794 2: Type 131, Length, the NAI; before the Mobile-Home authentication */
static void
test_where_it_is(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    fb_nai nai = {.length = 15};
    fb_mip4_message message;

    (void)state;
    requirement("M20", "B2794-01");
    memcpy(nai.text, "mr1@example.net", 15);
    assert_int_equal(fb_mip4_walk(&message, m20->octets, m20->length), 0);
    assert_non_null(fb_nai_find(&message));
    assert_int_equal(fb_nai_find(&message)->body, 26);
    assert_true(fb_nai_equal(&nai, m20->octets + 26, 15));
    assert_false(fb_nai_equal(&nai, m20->octets + 26, 14));
    nai.text[14] = 'T';
    assert_false(fb_nai_equal(&nai, m20->octets + 26, 15));

    assert_int_equal(nai_of_m20(24, m20->octets + 24, 1), 15);
    assert_int_equal(nai_of_m20(24, (const uint8_t[]){200}, 1), 0); /* another extension */
    /* Behind the authentication nobody vouches for it: the order of both turned round */
    message.mobile_home = 0;
    assert_null(fb_nai_find(&message));
    message.mobile_home = -1;
    assert_null(fb_nai_find(&message));
}

/* Without a character it names nobody */
static void
test_an_empty_one(void **state)
{
    uint8_t octets[24 + 2 + 22] = {1};
    uint8_t *copy;
    fb_mip4_message message;

    (void)state;
    octets[24] = 131;
    octets[26] = 32;
    octets[27] = 20;
    copy = vectors_copy(octets, sizeof octets);
    assert_int_equal(fb_mip4_walk(&message, copy, sizeof octets), 0);
    assert_int_equal(message.extension_count, 2);
    assert_null(fb_nai_find(&message));
    free(copy);
}

static void
test_writing(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    uint8_t octets[17];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    fb_nai_write(&writer, (const uint8_t *)"mr1@example.net", 15);
    assert_false(writer.failed);
    assert_int_equal(writer.position, 17);
    assert_memory_equal(octets, m20->octets + 24, 17);
    fb_nai_write(&writer, (const uint8_t *)"x", 1);
    assert_true(writer.failed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_it_is),
        cmocka_unit_test(test_an_empty_one),
        cmocka_unit_test(test_writing),
    };
    int failed;

    vectors = vectors_load();
    failed = cmocka_run_group_tests_name("rfc2794", tests, NULL, NULL);
    vectors_free(vectors);
    return failed;
}
