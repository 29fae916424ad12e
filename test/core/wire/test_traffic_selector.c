/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/traffic_selector.h"

#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/** One field as RFC 6088 lists it: the bit of its flag and its octets. Starts have even places, ends odd ones. */
typedef struct listed_field
{
    uint32_t flag;
    size_t octets;
} listed_field;

/* RFC 6088 3.1. */
static const listed_field listed4[] = {
    {0x80000000, 4},
    {0x40000000, 4},
    {0x20000000, 4},
    {0x10000000, 4},
    {0x08000000, 4},
    {0x04000000, 4},
    {0x02000000, 2},
    {0x01000000, 2},
    {0x00800000, 2},
    {0x00400000, 2},
    {0x00200000, 1},
    {0x00100000, 1},
    {0x00080000, 1},
    {0x00040000, 1},
};

/* RFC 6088 3.2. */
static const listed_field listed6[] = {
    {0x80000000, 16},
    {0x40000000, 16},
    {0x20000000, 16},
    {0x10000000, 16},
    {0x08000000, 4},
    {0x04000000, 4},
    {0x02000000, 4},
    {0x01000000, 4},
    {0x00800000, 2},
    {0x00400000, 2},
    {0x00200000, 2},
    {0x00100000, 2},
    {0x00080000, 1},
    {0x00040000, 1},
    {0x00020000, 1},
    {0x00010000, 1},
};

#define COUNT4 (sizeof listed4 / sizeof listed4[0])
#define COUNT6 (sizeof listed6 / sizeof listed6[0])

static void
put_u32(uint8_t *octets, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
    {
        octets[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/**
 * A selector with the fields of @p flags, every value @p start or @p end in its last octet but one digit; returns its
 * length.
 */
static size_t
compose(uint8_t *octets,
        const listed_field *listed,
        size_t count,
        uint32_t flags,
        uint8_t start,
        uint8_t end)
{
    put_u32(octets, flags);
    size_t length = 4;
    for (size_t i = 0; i < count; i++)
    {
        if ((flags & listed[i].flag) == 0)
        {
            continue;
        }
        memset(octets + length, 0, listed[i].octets);
        length += listed[i].octets;
        octets[length - 1] = i % 2 == 0 ? start : end;
    }
    return length;
}

/** Every combination of flags: length, End without Start, and the way back to the same octets (B6088-01, -02). */
static void
try_all_flags(uint8_t format, const listed_field *listed, size_t count)
{
    for (uint32_t combination = 0; combination < 1u << count; combination++)
    {
        uint32_t flags = combination << (32 - count);
        uint32_t orphans = flags & ~(flags >> 1) & UINT32_C(0x55555555);
        uint8_t octets[160];
        size_t length = compose(octets, listed, count, flags, 4, 8);
        fb_selector selector;
        int reason = fb_selector_decode(&selector, format, octets, length);
        assert_int_equal(reason, orphans != 0 ? FB_DROP_SELECTOR_END_WITHOUT_START : 0);
        assert_int_equal(fb_selector_check(&selector), reason);
        assert_int_equal(fb_selector_size(&selector), length);

        uint8_t again[160];
        fb_writer writer = fb_writer_over(again, sizeof again);
        fb_selector_write(&writer, &selector);
        assert_int_equal(writer.position, length);
        assert_memory_equal(again, octets, length);
        assert_int_equal(fb_selector_decode(&selector, format, octets, length + 1),
                         FB_DROP_SELECTOR_LENGTH);
        assert_int_equal(fb_selector_decode(&selector, format, octets, length - 1),
                         FB_DROP_SELECTOR_LENGTH);
    }
}

static void
test_selector_all_flags_ipv4(void **state)
{
    (void)state;
    requirement("B6088-01", "B6088-02", "R7629-4.2-21");
    try_all_flags(FB_SELECTOR_IPV4, listed4, COUNT4);
}

static void
test_selector_all_flags_ipv6(void **state)
{
    (void)state;
    requirement("B6088-01", "B6088-02", "R7629-4.2-22");
    try_all_flags(FB_SELECTOR_IPV6, listed6, COUNT6);
}

/** B6088-03 for each pair: end below, at and above the start. DS and traffic class compare without their low bits. */
static void
try_ranges(uint8_t format, const listed_field *listed, size_t count, uint32_t ds_flag)
{
    for (size_t i = 0; i < count; i += 2)
    {
        uint32_t flags = listed[i].flag | listed[i + 1].flag;
        uint8_t octets[64];
        fb_selector selector;
        size_t length = compose(octets, listed, count, flags, 8, 8);
        assert_int_equal(fb_selector_decode(&selector, format, octets, length), 0);
        compose(octets, listed, count, flags, 8, 200);
        assert_int_equal(fb_selector_decode(&selector, format, octets, length), 0);
        compose(octets, listed, count, flags, 8, 7);
        assert_int_equal(fb_selector_decode(&selector, format, octets, length),
                         FB_DROP_SELECTOR_RANGE);
        assert_int_equal(fb_selector_check(&selector), FB_DROP_SELECTOR_RANGE);
        compose(octets, listed, count, flags, 11, 8);
        assert_int_equal(fb_selector_decode(&selector, format, octets, length),
                         listed[i].flag == ds_flag ? 0 : FB_DROP_SELECTOR_RANGE);
    }
}

static void
test_selector_ranges(void **state)
{
    (void)state;
    requirement("B6088-03", "C-23");
    try_ranges(FB_SELECTOR_IPV4, listed4, COUNT4, 0x00200000);
    try_ranges(FB_SELECTOR_IPV6, listed6, COUNT6, 0x00080000);
}

/* B6088-05: the low two bits stay as they were, for whoever wants to print or send them again. */
static void
test_selector_ds_keeps_its_octet(void **state)
{
    (void)state;
    const uint8_t octets[] = {0x00, 0x30, 0, 0, 0xbb, 0xb8};
    fb_selector selector;
    assert_int_equal(fb_selector_decode(&selector, FB_SELECTOR_IPV4, octets, sizeof octets), 0);
    assert_int_equal(selector.u.v4.ds_start, 0xbb);
    assert_int_equal(selector.u.v4.ds_end, 0xb8);
}

/* B6088-01: reserved flag bits announce nothing and are not kept. */
static void
test_selector_reserved_flags(void **state)
{
    (void)state;
    requirement("B6088-01");
    fb_selector selector;
    const uint8_t octets4[] = {0x02, 0x0b, 0xff, 0xff, 0x13, 0xc4, 0x11};
    assert_int_equal(fb_selector_decode(&selector, FB_SELECTOR_IPV4, octets4, sizeof octets4), 0);
    assert_int_equal(selector.u.v4.present, 0x02080000);
    const uint8_t octets6[] = {0x00, 0x82, 0xff, 0xff, 0x13, 0xc4, 0x11};
    assert_int_equal(fb_selector_decode(&selector, FB_SELECTOR_IPV6, octets6, sizeof octets6), 0);
    assert_int_equal(selector.u.v6.present, 0x00820000);
    assert_int_equal(selector.u.v6.source_port_start, 5060);
    assert_int_equal(selector.u.v6.next_header_start, 17);

    /* Nor are they written when somebody sets them in a struct. */
    selector.u.v6.present = 0x0000ffff;
    uint8_t again[16];
    fb_writer writer = fb_writer_over(again, sizeof again);
    fb_selector_write(&writer, &selector);
    assert_int_equal(writer.position, 4);
    assert_memory_equal(again, ((uint8_t[4]){0}), 4);
    assert_int_equal(fb_selector_size(&selector), 4);
}

/* B6088-06: 20 bits of the flow label count, on the way in and on the way out. */
static void
test_selector_flow_label_has_20_bits(void **state)
{
    (void)state;
    requirement("B6088-06");
    const uint8_t octets[] = {0x03, 0, 0, 0, 0xff, 0xf1, 0x23, 0x45, 0x00, 0x21, 0x23, 0x46};
    fb_selector selector;
    assert_int_equal(fb_selector_decode(&selector, FB_SELECTOR_IPV6, octets, sizeof octets), 0);
    assert_int_equal(selector.u.v6.flow_label_start, 0x12345);
    assert_int_equal(selector.u.v6.flow_label_end, 0x12346);

    selector.u.v6.flow_label_start = 0xabc12345;
    assert_int_equal(fb_selector_check(&selector), 0);
    uint8_t again[16];
    fb_writer writer = fb_writer_over(again, sizeof again);
    fb_selector_write(&writer, &selector);
    assert_memory_equal(again + 4, ((uint8_t[4]){0x00, 0x01, 0x23, 0x45}), 4);
}

/* R7629-4.2-20, D-19. */
static void
test_selector_formats(void **state)
{
    (void)state;
    requirement("R7629-4.2-20", "D-19");
    const uint8_t match_all[4] = {0};
    for (int format = 0; format < 256; format++)
    {
        bool known = format == 1 || format == 2;
        fb_selector selector;
        assert_int_equal(fb_selector_decode(&selector, (uint8_t)format, match_all, 4),
                         known ? 0 : FB_DROP_SELECTOR_FORMAT);
        assert_int_equal(fb_selector_check(&selector), known ? 0 : FB_DROP_SELECTOR_FORMAT);
        assert_int_equal(fb_selector_size(&selector), known ? 4 : 0);
        uint8_t octets[8];
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        fb_selector_write(&writer, &selector);
        assert_int_equal(writer.failed, !known);
    }
}

static void
test_selector_shorter_than_its_flags(void **state)
{
    (void)state;
    requirement("D-20");
    for (size_t length = 0; length < 4; length++)
    {
        uint8_t *octets = vectors_copy((const uint8_t[4]){0}, length);
        fb_selector selector;
        assert_int_equal(fb_selector_decode(&selector, FB_SELECTOR_IPV4, octets, length),
                         FB_DROP_SELECTOR_LENGTH);
        free(octets);
    }
}

/* RFC 6089 4.2.1.4, as in vector P12: HTTP toward the node, over IPv6 */
static void
test_selector_inside_a_flow_identification_option(void **state)
{
    static const uint8_t octets[] = {3, 9, 2, 0, 0x00, 0x82, 0, 0, 0, 80, 6};
    uint8_t written[sizeof octets], more[sizeof octets + 5];
    fb_writer writer = fb_writer_over(written, sizeof written);
    fb_writer small = fb_writer_over(written, sizeof written - 1);
    fb_selector selector, again;

    (void)state;
    requirement("B6088-09");
    assert_int_equal(fb_selector_suboption_decode(&selector, octets, sizeof octets), 0);
    assert_int_equal(selector.format, FB_SELECTOR_IPV6);
    assert_int_equal(selector.u.v6.present, 0x00820000);
    assert_int_equal(selector.u.v6.source_port_start, 80);
    assert_int_equal(selector.u.v6.next_header_start, 6);
    fb_selector_suboption_write(&writer, &selector);
    assert_false(writer.failed);
    assert_int_equal(writer.position, sizeof octets);
    assert_memory_equal(written, octets, sizeof octets);
    fb_selector_suboption_write(&small, &selector);
    assert_true(small.failed);

    /* What follows is another sub-option's, Reserved is ignored; the rest is not to be believed */
    memset(more, 0xee, sizeof more);
    memcpy(more, octets, sizeof octets);
    more[3] = 0xff;
    assert_int_equal(fb_selector_suboption_decode(&again, more, sizeof more), 0);
    assert_memory_equal(&again, &selector, sizeof again);
    for (size_t length = 0; length < sizeof octets; length++)
    {
        uint8_t *cut = vectors_copy(octets, length);

        assert_int_equal(fb_selector_suboption_decode(&again, cut, length),
                         FB_DROP_SELECTOR_LENGTH);
        free(cut);
    }
    more[0] = 2;
    assert_int_equal(fb_selector_suboption_decode(&again, more, sizeof more),
                     FB_DROP_SELECTOR_LENGTH);
    more[0] = 3, more[2] = 3;
    assert_int_equal(fb_selector_suboption_decode(&again, more, sizeof more),
                     FB_DROP_SELECTOR_FORMAT);
    more[2] = 2, more[1] = 1;
    assert_int_equal(fb_selector_suboption_decode(&again, more, sizeof more),
                     FB_DROP_SELECTOR_LENGTH);
}

/* 3.1, 3.2: by the widest field that is there */
static void
test_selector_alignment(void **state)
{
    (void)state;
    requirement("B6088-09");
    for (unsigned bit = 18; bit < 32; bit++)
    {
        fb_selector v4 = {.format = FB_SELECTOR_IPV4, .u.v4.present = UINT32_C(1) << bit};

        assert_int_equal(fb_selector_alignment(&v4), bit >= 26 ? 4 : bit >= 22 ? 2 : 1);
    }
    for (unsigned bit = 16; bit < 32; bit++)
    {
        fb_selector v6 = {.format = FB_SELECTOR_IPV6,
                          .u.v6.present = UINT32_C(1) << bit | UINT32_C(1) << 16};

        assert_int_equal(fb_selector_alignment(&v6),
                         bit >= 28   ? 8
                         : bit >= 24 ? 4
                         : bit >= 20 ? 2
                                     : 1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selector_all_flags_ipv4),
        cmocka_unit_test(test_selector_all_flags_ipv6),
        cmocka_unit_test(test_selector_ranges),
        cmocka_unit_test(test_selector_ds_keeps_its_octet),
        cmocka_unit_test(test_selector_reserved_flags),
        cmocka_unit_test(test_selector_flow_label_has_20_bits),
        cmocka_unit_test(test_selector_formats),
        cmocka_unit_test(test_selector_shorter_than_its_flags),
        cmocka_unit_test(test_selector_inside_a_flow_identification_option),
        cmocka_unit_test(test_selector_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
