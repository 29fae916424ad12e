/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 6275 6.1, 9.2: the Mobility Header, and what is done with one that is wrong.
 */

#include "base/octets.h"
#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** Walks a changed copy of P01; with @p seal its checksum is made right again, by hand. */
static int
walk_changed(fb_mh_message *message, const uint8_t *octets, size_t length, bool seal)
{
    static uint8_t copy[256];
    fb_addr source, destination;
    uint32_t sum = 0;

    mobility_addresses(vectors_find(vectors, "P01"), &source, &destination);
    memcpy(copy, octets, length);
    if (seal)
    {
        copy[4] = copy[5] = 0;
        for (size_t i = 0; i < 16; i += 2)
        {
            sum += fb_load_u16(source.octet + i) + (uint32_t)fb_load_u16(destination.octet + i);
        }
        sum += (copy[1] + 1u) * 8 + 135;
        for (size_t i = 0; i < (copy[1] + 1u) * 8; i += 2)
        {
            sum += fb_load_u16(copy + i);
        }
        fb_store_u16(copy + 4, (uint16_t) ~(sum % 0xffff));
    }
    return fb_mh_walk(message, &source, &destination, copy, length);
}

static const test_vector *
copy_of_p01(uint8_t octets[256])
{
    const test_vector *p01 = vectors_find(vectors, "P01");

    memset(octets, 0, 256);
    memcpy(octets, p01->octets, p01->length);
    return p01;
}

/* 6.1.1: "The checksum is calculated from the octet string consisting of a 'pseudo-header' followed by the entire
   Mobility Header"; 9.2: "If invalid, the node MUST silently discard the message" */
static void
test_checksum(void **state)
{
    const test_vector *p01 = vectors_find(vectors, "P01");
    uint8_t octets[256];
    fb_addr source, destination;
    fb_mh_message message;

    (void)state;
    requirement("B6275-01", "P01");
    copy_of_p01(octets);
    mobility_addresses(p01, &source, &destination);
    assert_int_equal(fb_mh_checksum(&source, &destination, octets, p01->length), 0xaecf);
    assert_int_equal(walk_changed(&message, octets, p01->length, true), 0);
    octets[131] ^= 1;
    assert_int_equal(walk_changed(&message, octets, p01->length, false), FB_DROP_MH_CHECKSUM);
    assert_int_equal(fb_reason_pba_status(FB_DROP_MH_CHECKSUM), 0);
    octets[131] ^= 1;
    /* another address, and it is no longer the same packet */
    source.octet[15] ^= 2;
    assert_int_equal(fb_mh_walk(&message, &source, &destination, p01->octets, p01->length),
                     FB_DROP_MH_CHECKSUM);
}

/* 9.2: "The MH Type field MUST have a known value" (Binding Error 2), "The Payload Proto field MUST be IPPROTO_NONE",
   "The Header Len field in the Mobility Header MUST NOT be less than the length specified" (ICMP), in this order */
static void
test_what_is_discarded(void **state)
{
    const test_vector *p01 = vectors_find(vectors, "P01");
    uint8_t octets[256];
    fb_mh_message message;

    (void)state;
    requirement("B6275-01");
    copy_of_p01(octets);
    octets[0] = 58;
    assert_int_equal(walk_changed(&message, octets, p01->length, true), FB_DROP_MH_PAYLOAD_PROTO);
    octets[2] = 99;
    assert_int_equal(walk_changed(&message, octets, p01->length, true), FB_DROP_MH_TYPE);
    assert_int_equal(message.fixed.type, 99);
    assert_int_equal(walk_changed(&message, octets, p01->length, false), FB_DROP_MH_CHECKSUM);
    copy_of_p01(octets);
    octets[1] = 0; /* 8 octets, of an update that has 12 */
    assert_int_equal(walk_changed(&message, octets, p01->length, true), FB_DROP_MH_LENGTH);
    assert_int_equal(message.fixed.sequence, 1);
    octets[2] = 7;
    octets[1] = 1; /* 16 octets, of a Binding Error that has 24 */
    assert_int_equal(walk_changed(&message, octets, p01->length, true), FB_DROP_MH_LENGTH);
    copy_of_p01(octets);
    octets[1] = 17; /* more than there is */
    assert_int_equal(walk_changed(&message, octets, p01->length, false), FB_DROP_TRUNCATED);
}

/* 6.1.1: Header Len "representing the length of the Mobility Header in units of 8 octets, excluding the first 8
   octets"; what an IPv6 packet has behind a header that says 59 "MUST be ignored" (RFC 8200 4.7) */
static void
test_header_len(void **state)
{
    const test_vector *p01 = vectors_find(vectors, "P01");
    uint8_t octets[256];
    fb_mh_message message;

    (void)state;
    requirement("B6275-01");
    copy_of_p01(octets);
    assert_int_equal(octets[1], p01->length / 8 - 1);
    assert_int_equal(walk_changed(&message, octets, p01->length + 11, false), 0);
    assert_int_equal(message.length, p01->length);
    assert_true(message.options.has_gateway);
}

/* 6.1.7: "One time unit is 4 seconds" */
static void
test_lifetime(void **state)
{
    fb_mh_message message;

    (void)state;
    requirement("B6275-03", "P08");
    assert_int_equal(mobility_walk_vector(&message, vectors_find(vectors, "P08")), 0);
    assert_int_equal(message.fixed.lifetime * FB_MH_LIFETIME_UNIT_S, 2400);
}

/* 6.1.7, 6.1.8, 6.1.9: the reserved fields "MUST be ignored by the receiver" */
static void
test_reserved_fields(void **state)
{
    uint8_t octets[256];
    const test_vector *p01 = copy_of_p01(octets);
    fb_mh_message message;

    (void)state;
    requirement("B6275-01", "D8-26");
    octets[3] = 0xff;
    octets[9] |= 0x7f; /* B of RFC 6602, S, D and the rest */
    assert_int_equal(walk_changed(&message, octets, p01->length, true), 0);
    assert_int_equal(message.fixed.flags & 0xff80, FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY);
}

/* 9.3.3: a Binding Error for an unknown MH Type; "set to the unspecified address if no such option appeared" */
static void
test_binding_error(void **state)
{
    static const uint8_t expected[24] = {59, 2, 7, 0, 0, 0, 2};
    const fb_addr end = {FB_FAMILY_IPV4, {0}};
    uint8_t octets[24];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    fb_mh_message message;

    (void)state;
    requirement("B6275-01");
    fb_mh_begin(&writer, &(fb_mh_fixed){.type = FB_MH_BINDING_ERROR, .status = 2});
    assert_int_equal(fb_mh_end(&writer, &end, &end), sizeof expected);
    assert_memory_equal(octets, expected, sizeof expected);
    assert_int_equal(fb_mh_walk(&message, &end, &end, expected, sizeof expected), 0);
    assert_int_equal(message.fixed.status, 2);
}

/* 6.2.5: the Alternate Care-of Address option, aligned at 8n+6 */
static void
test_alternate_care_of_address(void **state)
{
    static const uint8_t expected[] = {1, 0, 3, 16, 0x20, 1, 0xd, 0xb8, 0, 4,
                                       0, 0, 0, 0,  0,    0, 0,   0,    0, 1};
    uint8_t octets[40];
    fb_writer writer = fb_writer_over(octets, sizeof octets);
    mobility_message made;

    (void)state;
    requirement("B6275-02");
    writer.position = 12;
    fb_write_alternate_care_of_address(&writer, expected + 4);
    assert_int_equal(writer.position, 12 + sizeof expected);
    assert_memory_equal(octets + 12, expected, sizeof expected);
    mobility_make(&made, 5, expected, sizeof expected);
    assert_int_equal(made.reason, 0);
    assert_memory_equal(made.message.options.alternate_care_of, expected + 4, 16);
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
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_what_is_discarded),
        cmocka_unit_test(test_header_len),
        cmocka_unit_test(test_lifetime),
        cmocka_unit_test(test_reserved_fields),
        cmocka_unit_test(test_binding_error),
        cmocka_unit_test(test_alternate_care_of_address),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
