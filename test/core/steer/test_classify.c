/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/classify.h"

/* ---------------------------------------------------------------------------------------------------------------- */
/* Every field at its boundaries                                                                                      */

/** A field of a selector, where a packet has it on the home agent's side, and where on the mobile node's (D-21). */
typedef struct field
{
    const char *name;
    uint32_t start_flag, end_flag;
    void (*set)(fb_selector4 *selector, uint32_t start, uint32_t end);
    void (*down)(fb_flow *flow, uint32_t value);
    void (*up)(fb_flow *flow, uint32_t value);
    uint8_t protocol; /* of the packets */
    uint32_t largest;
} field;

#define SETTER(name, type)                                                       \
    static void set_##name(fb_selector4 *selector, uint32_t start, uint32_t end) \
    {                                                                            \
        selector->name##_start = (type)start;                                    \
        selector->name##_end = (type)end;                                        \
    }
#define PUTTER(name, type)                                \
    static void put_##name(fb_flow *flow, uint32_t value) \
    {                                                     \
        flow->name = (type)value;                         \
    }

SETTER(source, uint32_t)
SETTER(destination, uint32_t)
SETTER(spi, uint32_t)
SETTER(source_port, uint16_t)
SETTER(destination_port, uint16_t)
SETTER(protocol, uint8_t)
PUTTER(source, uint32_t)
PUTTER(destination, uint32_t)
PUTTER(spi, uint32_t)
PUTTER(source_port, uint16_t)
PUTTER(destination_port, uint16_t)
PUTTER(protocol, uint8_t)

/* In units of a DS value; the two low bits are rubbish, and different in all of them (B6088-05). */
static void
set_ds(fb_selector4 *selector, uint32_t start, uint32_t end)
{
    selector->ds_start = (uint8_t)(start << 2 | 3);
    selector->ds_end = (uint8_t)(end << 2);
}

static void
put_ds(fb_flow *flow, uint32_t value)
{
    flow->tos = (uint8_t)(value << 2 | (value & 1 ? 1 : 2));
}

static const field fields[] = {
    {"source address",
     FB_SELECTOR4_SOURCE_START,
     FB_SELECTOR4_SOURCE_END,
     set_source,
     put_source,
     put_destination,
     FB_PROTOCOL_TCP,
     UINT32_MAX},
    {"destination address",
     FB_SELECTOR4_DESTINATION_START,
     FB_SELECTOR4_DESTINATION_END,
     set_destination,
     put_destination,
     put_source,
     FB_PROTOCOL_TCP,
     UINT32_MAX},
    {"SPI",
     FB_SELECTOR4_SPI_START,
     FB_SELECTOR4_SPI_END,
     set_spi,
     put_spi,
     put_spi,
     FB_PROTOCOL_ESP,
     UINT32_MAX},
    {"source port",
     FB_SELECTOR4_SOURCE_PORT_START,
     FB_SELECTOR4_SOURCE_PORT_END,
     set_source_port,
     put_source_port,
     put_destination_port,
     FB_PROTOCOL_UDP,
     UINT16_MAX},
    {"destination port",
     FB_SELECTOR4_DESTINATION_PORT_START,
     FB_SELECTOR4_DESTINATION_PORT_END,
     set_destination_port,
     put_destination_port,
     put_source_port,
     FB_PROTOCOL_SCTP,
     UINT16_MAX},
    {"DS", FB_SELECTOR4_DS_START, FB_SELECTOR4_DS_END, set_ds, put_ds, put_ds, FB_PROTOCOL_TCP, 63},
    {"protocol",
     FB_SELECTOR4_PROTOCOL_START,
     FB_SELECTOR4_PROTOCOL_END,
     set_protocol,
     put_protocol,
     put_protocol,
     FB_PROTOCOL_TCP,
     UINT8_MAX},
};

/** A packet whose every field is @p filler, but for what makes it a packet of @p protocol. */
static fb_flow
packet_of(uint8_t protocol, uint32_t filler)
{
    bool secured = protocol == FB_PROTOCOL_ESP || protocol == FB_PROTOCOL_AH;
    fb_flow flow = {
        .source = filler,
        .destination = filler,
        .spi = secured ? filler : 0,
        .source_port = secured ? 0 : (uint16_t)filler,
        .destination_port = secured ? 0 : (uint16_t)filler,
        .protocol = protocol,
        .tos = (uint8_t)(filler << 2),
        .has_ports = !secured,
        .has_spi = secured,
    };
    return flow;
}

/** One packet, one field: @p value in that field, on either side, and a value that does not match in all others. */
static void
check_value(const field *f,
            const fb_selector *selector,
            uint32_t value,
            uint32_t outside,
            bool expected)
{
    fb_flow down = packet_of(f->protocol, outside);
    fb_flow up = packet_of(f->protocol, outside);

    f->down(&down, value);
    f->up(&up, value);
    if (fb_selector_matches(selector, &down, false) != expected)
    {
        fail_msg("%s: %u should %smatch", f->name, value, expected ? "" : "not ");
    }
    if (fb_selector_matches(selector, &up, true) != expected)
    {
        fail_msg("%s, mirrored: %u should %smatch", f->name, value, expected ? "" : "not ");
    }
}

static void
check_range(const field *f, uint32_t start, uint32_t end, bool has_end)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV4};
    uint32_t last = has_end ? end : start;
    uint32_t outside = start > 0 ? start - 1 : last + 1;

    selector.u.v4.present = f->start_flag | (has_end ? f->end_flag : 0);
    f->set(&selector.u.v4, start, end);
    check_value(f, &selector, start, outside, true);
    check_value(f, &selector, last, outside, true);
    check_value(f, &selector, start + (last - start) / 2, outside, true);
    if (start > 0)
    {
        check_value(f, &selector, start - 1, outside, false);
        check_value(f, &selector, 0, outside, false);
    }
    if (last < f->largest)
    {
        check_value(f, &selector, last + 1, outside, false);
        check_value(f, &selector, f->largest, outside, false);
    }
}

static void
test_selector_field_boundaries(void **state)
{
    (void)state;
    requirement("B6088-02");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    {
        const field *f = &fields[i];
        uint32_t third = f->largest / 3;

        check_range(f, third, 2 * third, true);
        check_range(f, third, third, true);
        check_range(f, 0, third, true);
        check_range(f, 2 * third, f->largest, true);
        check_range(f, 0, f->largest - 1, true);
        check_range(f, 1, f->largest, true);
        /* B6088-02: a Start alone is a single value, whatever lies where the End would be. */
        check_range(f, third, 2 * third, false);
        check_range(f, 0, f->largest, false);
        check_range(f, f->largest, f->largest, false);
    }
}

/* Mirroring swaps: a field that would match unswapped must not (D-21). */
static void
test_selector_mirrors_addresses_and_ports(void **state)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV4};
    fb_flow down = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    fb_flow up = test_flow_reverse(&down);
    const uint32_t flags[] = {FB_SELECTOR4_SOURCE_START,
                              FB_SELECTOR4_DESTINATION_START,
                              FB_SELECTOR4_SOURCE_PORT_START,
                              FB_SELECTOR4_DESTINATION_PORT_START};

    (void)state;
    requirement("B6088-10", "D-21");
    selector.u.v4.source_start = TEST_CORRESPONDENT;
    selector.u.v4.destination_start = TEST_HOME_ADDRESS;
    selector.u.v4.source_port_start = 80;
    selector.u.v4.destination_port_start = 40000;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    {
        selector.u.v4.present = flags[i];
        assert_true(fb_selector_matches(&selector, &down, false));
        assert_true(fb_selector_matches(&selector, &up, true));
        assert_false(fb_selector_matches(&selector, &up, false));
        assert_false(fb_selector_matches(&selector, &down, true));
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Rules about fields                                                                                                 */

/* B6088-04, vector S06 */
static void
test_selector_without_fields_matches_everything(void **state)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV4};
    fb_flow icmp = {.source = 1, .destination = 2, .protocol = 1};
    fb_flow fragment = {.source = 1,
                        .destination = 2,
                        .protocol = FB_PROTOCOL_UDP,
                        .fragment = true};

    (void)state;
    requirement("B6088-04");
    assert_true(fb_selector_matches(&selector, &icmp, false));
    assert_true(fb_selector_matches(&selector, &icmp, true));
    assert_true(fb_selector_matches(&selector, &fragment, false));
    selector.u.v4.present = FB_SELECTOR4_DS_START >> 4; /* reserved bits are no fields */
    assert_true(fb_selector_matches(&selector, &icmp, false));
}

/* B6088-07. The values compared are 0, what an absent field might be taken for. */
static void
test_selector_ports_never_match_without_ports(void **state)
{
    const uint32_t flags[] = {FB_SELECTOR4_SOURCE_PORT_START, FB_SELECTOR4_DESTINATION_PORT_START};
    fb_selector selector = {.format = FB_SELECTOR_IPV4};
    fb_flow icmp = {.source = 1, .destination = 2, .protocol = 1};
    fb_flow esp = packet_of(FB_PROTOCOL_ESP, 0);
    fb_flow later = {.source = 1, .protocol = FB_PROTOCOL_UDP, .fragment = true};

    (void)state;
    requirement("B6088-07");
    selector.u.v4.source_port_end = selector.u.v4.destination_port_end = UINT16_MAX;
    for (size_t i = 0; i < 2; i++)
    {
        for (int with_end = 0; with_end < 2; with_end++)
        {
            selector.u.v4.present = flags[i] | (with_end ? flags[i] >> 1 : 0);
            for (int mirrored = 0; mirrored < 2; mirrored++)
            {
                assert_false(fb_selector_matches(&selector, &icmp, mirrored));
                assert_false(fb_selector_matches(&selector, &esp, mirrored));
                assert_false(fb_selector_matches(&selector, &later, mirrored));
            }
        }
    }
}

static void
test_selector_spi_never_matches_without_spi(void **state)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV4};
    fb_flow udp = packet_of(FB_PROTOCOL_UDP, 0);
    fb_flow later = {.protocol = FB_PROTOCOL_ESP, .fragment = true};
    fb_flow ah = packet_of(FB_PROTOCOL_AH, 0);

    (void)state;
    requirement("B6088-07");
    selector.u.v4.present = FB_SELECTOR4_SPI_START;
    assert_false(fb_selector_matches(&selector, &udp, false));
    assert_false(fb_selector_matches(&selector, &later, false));
    assert_true(fb_selector_matches(&selector, &ah, false));
    selector.u.v4.present |= FB_SELECTOR4_SPI_END;
    selector.u.v4.spi_end = UINT32_MAX;
    assert_false(fb_selector_matches(&selector, &udp, false));
    assert_true(fb_selector_matches(&selector, &ah, true));
}

/* B6088-05 and C-23 */
static void
test_selector_ds_ignores_the_two_low_bits(void **state)
{
    const struct
    {
        uint8_t start, end;
        bool has_end;
        uint8_t tos;
        bool expected;
    } rows[] = {
        {0xb8, 0, false, 0xbb, true}, /* the row's own example */
        {0xbb, 0, false, 0xb8, true},
        {0xb8, 0, false, 0xbc, false},
        {0xb8, 0, false, 0xb7, false},
        {0xb8, 0xb8, true, 0xbb, true},
        {0xb8, 0xbb, true, 0xb8, true},
        {0xbb, 0xb8, true, 0xb9, true}, /* upside down only in bits that do not count */
        {0x28, 0x38, true, 0x27, false},
        {0x28, 0x38, true, 0x28, true},
        {0x28, 0x38, true, 0x3b, true},
        {0x28, 0x38, true, 0x3c, false},
        {0x00, 0, false, 0x03, true},
        {0xfc, 0, false, 0xff, true},
    };

    (void)state;
    requirement("B6088-05", "C-23");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_selector selector = {.format = FB_SELECTOR_IPV4};
        fb_flow flow = test_flow_down(FB_PROTOCOL_UDP, 1, 1);

        selector.u.v4.present = FB_SELECTOR4_DS_START | (rows[i].has_end ? FB_SELECTOR4_DS_END : 0);
        selector.u.v4.ds_start = rows[i].start;
        selector.u.v4.ds_end = rows[i].end;
        flow.tos = rows[i].tos;
        assert_int_equal(fb_selector_matches(&selector, &flow, false), rows[i].expected);
        assert_int_equal(fb_selector_matches(&selector, &flow, true), rows[i].expected);
    }
}

/* An IPv6 selector, even one that matches all of IPv6, never matches an IPv4 packet. */
static void
test_selector_of_ipv6_never_matches_ipv4(void **state)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV6};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    requirement("R7629-4.2-23");
    assert_false(fb_selector_matches(&selector, &flow, false));
    selector.format = 0;
    assert_false(fb_selector_matches(&selector, &flow, false));
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Any selector, any packet                                                                                           */

typedef struct naive_field
{
    uint32_t start_flag, end_flag;
    int64_t start, end, value; /* value -1: the packet has no such field */
} naive_field;

/** RFC 6088 3.1 read aloud: a field that is present must be in the packet, and its value in the range. */
static bool
naive_matches(const fb_selector4 *s, const fb_flow *flow, bool mirrored)
{
    int64_t sport = flow->has_ports ? flow->source_port : -1;
    int64_t dport = flow->has_ports ? flow->destination_port : -1;
    const naive_field list[] = {
        {1U << 31,
         1U << 30,
         s->source_start,
         s->source_end,
         mirrored ? flow->destination : flow->source},
        {1U << 29,
         1U << 28,
         s->destination_start,
         s->destination_end,
         mirrored ? flow->source : flow->destination},
        {1U << 27, 1U << 26, s->spi_start, s->spi_end, flow->has_spi ? (int64_t)flow->spi : -1},
        {1U << 25, 1U << 24, s->source_port_start, s->source_port_end, mirrored ? dport : sport},
        {1U << 23,
         1U << 22,
         s->destination_port_start,
         s->destination_port_end,
         mirrored ? sport : dport},
        {1U << 21, 1U << 20, s->ds_start / 4, s->ds_end / 4, flow->tos / 4},
        {1U << 19, 1U << 18, s->protocol_start, s->protocol_end, flow->protocol},
    };

    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
    {
        const naive_field *f = &list[i];
        int64_t end = s->present & f->end_flag ? f->end : f->start;

        if ((s->present & f->start_flag) && (f->value < f->start || f->value > end))
        {
            return false;
        }
    }
    return true;
}

/** Values from a small set, so that matches and near misses are common. */
static fb_selector
random_selector(test_random *random)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV4};
    fb_selector4 *s = &selector.u.v4;
    const uint32_t start_flags[] =
        {1U << 31, 1U << 29, 1U << 27, 1U << 25, 1U << 23, 1U << 21, 1U << 19};

    for (size_t i = 0; i < 7; i++)
    {
        uint32_t form = test_random_below(random, 4); /* half of the fields are absent */

        s->present |= form >= 2 ? start_flags[i] : 0;
        s->present |= form == 3 ? start_flags[i] >> 1 : 0;
    }
    s->source_start = test_random_below(random, 4);
    s->source_end = s->source_start + test_random_below(random, 3);
    s->destination_start = test_random_below(random, 4);
    s->destination_end = s->destination_start + test_random_below(random, 3);
    s->spi_start = test_random_below(random, 4);
    s->spi_end = s->spi_start + test_random_below(random, 3);
    s->source_port_start = (uint16_t)test_random_below(random, 4);
    s->source_port_end = (uint16_t)(s->source_port_start + test_random_below(random, 3));
    s->destination_port_start = (uint16_t)test_random_below(random, 4);
    s->destination_port_end = (uint16_t)(s->destination_port_start + test_random_below(random, 3));
    s->ds_start = (uint8_t)test_random_below(random, 12);
    s->ds_end = (uint8_t)(s->ds_start + test_random_below(random, 9));
    s->protocol_start = (uint8_t)(test_random_below(random, 2) ? FB_PROTOCOL_TCP : FB_PROTOCOL_ESP);
    s->protocol_end = (uint8_t)(s->protocol_start + test_random_below(random, 3));
    return selector;
}

static fb_flow
random_packet(test_random *random)
{
    const uint8_t protocols[] = {1,
                                 FB_PROTOCOL_TCP,
                                 FB_PROTOCOL_TCP + 1,
                                 FB_PROTOCOL_ESP,
                                 FB_PROTOCOL_AH};
    fb_flow flow = {
        .source = test_random_below(random, 6),
        .destination = test_random_below(random, 6),
        .protocol = protocols[test_random_below(random, 5)],
        .tos = (uint8_t)test_random_below(random, 20),
    };

    flow.fragment = test_random_below(random, 8) == 0;
    if (!flow.fragment && flow.protocol == FB_PROTOCOL_TCP)
    {
        flow.has_ports = true;
        flow.source_port = (uint16_t)test_random_below(random, 6);
        flow.destination_port = (uint16_t)test_random_below(random, 6);
    }
    if (!flow.fragment && flow.protocol >= FB_PROTOCOL_ESP)
    {
        flow.has_spi = true;
        flow.spi = test_random_below(random, 6);
    }
    return flow;
}

static void
test_selector_agrees_with_a_naive_reading(void **state)
{
    test_random random = test_random_start("selector model");
    unsigned matches = 0;

    (void)state;
    requirement("B6088-02", "B6088-04", "B6088-10");
    for (int i = 0; i < 500000; i++)
    {
        fb_selector selector = random_selector(&random);
        fb_flow flow = random_packet(&random);
        bool mirrored = test_random_below(&random, 2) != 0;
        bool expected = naive_matches(&selector.u.v4, &flow, mirrored);

        assert_int_equal(fb_selector_matches(&selector, &flow, mirrored), expected);
        matches += expected;
    }
    assert_in_range(matches, 5000, 495000); /* both answers were tried */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selector_field_boundaries),
        cmocka_unit_test(test_selector_mirrors_addresses_and_ports),
        cmocka_unit_test(test_selector_without_fields_matches_everything),
        cmocka_unit_test(test_selector_ports_never_match_without_ports),
        cmocka_unit_test(test_selector_spi_never_matches_without_spi),
        cmocka_unit_test(test_selector_ds_ignores_the_two_low_bits),
        cmocka_unit_test(test_selector_of_ipv6_never_matches_ipv4),
        cmocka_unit_test(test_selector_agrees_with_a_naive_reading),
    };
    return cmocka_run_group_tests_name("steer/classify", tests, NULL, NULL);
}
