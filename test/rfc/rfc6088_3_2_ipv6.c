/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 6088 3.2: IPv6 traffic selectors, as packets meet them.
 */

#include "exchange.h"

#include "steer/classify.h"
#include "wire/traffic_selector.h"

#include <string.h>

static test_vectors *vectors;

/** The selector of a vector whose octets are one. */
static fb_selector
selector_of(const char *id)
{
    const test_vector *vector = vectors_find(vectors, id);
    fb_selector selector;

    assert_int_equal(fb_selector_decode(&selector, 2, vector->octets, vector->length), 0);
    return selector;
}

/** An IPv6 packet as it is on the wire; what it says is read again before it is compared. */
typedef struct packet
{
    uint8_t octets[80];
    uint8_t protocol;
} packet;

/** Everything S08 asks for at its lower ends: an ESP packet cannot have ports, so AH and a UDP header behind it. */
static packet
new_packet(const char source_tail, const char destination_tail)
{
    packet p = {.octets = {0x60, 0, 0, 0, 0, 40, 51, 64}, .protocol = UDP};

    memcpy(p.octets + 8, (const uint8_t[]){0x20, 0x01, 0x0d, 0xb8}, 4);
    p.octets[23] = (uint8_t)source_tail;
    memcpy(p.octets + 24, (const uint8_t[]){0x20, 0x01, 0x0d, 0xb8, 0, 0x0a}, 6);
    p.octets[39] = (uint8_t)destination_tail;
    p.octets[40] = UDP; /* AH: Next Header, length 4 words - 2 */
    p.octets[41] = 2;
    return p;
}

static void
set_class(packet *p, uint8_t traffic_class)
{
    p->octets[0] = (uint8_t)(0x60 | traffic_class >> 4);
    p->octets[1] = (uint8_t)(traffic_class << 4 | (p->octets[1] & 0x0f));
}

static void
set_label(packet *p, uint32_t label)
{
    p->octets[1] = (uint8_t)((p->octets[1] & 0xf0) | label >> 16);
    p->octets[2] = (uint8_t)(label >> 8);
    p->octets[3] = (uint8_t)label;
}

static void
set_u16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/** Without AH, a transport header at once. */
static void
without_ah(packet *p, uint8_t protocol)
{
    p->octets[6] = protocol;
    memmove(p->octets + 40, p->octets + 56, 24);
    p->octets[5] = 24;
}

static bool
matches(const fb_selector *selector, const packet *p, bool mirrored)
{
    fb_flow flow;

    assert_true(fb_flow_read(&flow, p->octets, sizeof p->octets, sizeof p->octets));
    return fb_selector_matches(selector, &flow, mirrored);
}

/** The same packet the other way: addresses and ports change places, the rest stays (D-21). */
static packet
reversed(const packet *p)
{
    packet r = *p;
    size_t transport = p->octets[6] == 51 ? 56 : 40;

    memcpy(r.octets + 8, p->octets + 24, 16);
    memcpy(r.octets + 24, p->octets + 8, 16);
    memcpy(r.octets + transport, p->octets + transport + 2, 2);
    memcpy(r.octets + transport + 2, p->octets + transport, 2);
    return r;
}

/** Matches or not, at the home agent; and the reversed packet at the mobile node, but not the other way round. */
static void
assert_matches(const fb_selector *selector, const packet *p, bool expected)
{
    packet back = reversed(p);

    assert_int_equal(matches(selector, p, false), expected);
    assert_int_equal(matches(selector, &back, true), expected);
}

/* S07: HTTPS from anywhere to the home prefix with flow label 0x12345 */
static void
test_s07(void **state)
{
    fb_selector https = selector_of("S07");
    packet good = new_packet(1, 2), bad;

    (void)state;
    requirement("S07", "B6088-04", "B6088-10", "D-21");
    without_ah(&good, TCP);
    set_label(&good, 0x12345);
    set_u16(good.octets + 40, 443);
    set_u16(good.octets + 42, 50000);
    assert_matches(&https, &good, true);
    assert_false(matches(&https, &good, true)); /* it is no packet of the mobile node */

    bad = good, bad.octets[6] = UDP;
    assert_matches(&https, &bad, false);
    bad = good, set_label(&bad, 0x12346);
    assert_matches(&https, &bad, false);
    bad = good, set_u16(bad.octets + 40, 444);
    assert_matches(&https, &bad, false);
    bad = good, bad.octets[29] = 0x0b; /* 2001:db8:b::2 */
    assert_matches(&https, &bad, false);
    bad = good, memset(bad.octets + 30, 0, 10); /* the first and the last of the prefix */
    assert_matches(&https, &bad, true);
    bad = good, memset(bad.octets + 32, 0xff, 8);
    assert_matches(&https, &bad, true);
}

/* M20: flow label, destination port and next header, by way of a whole request */
static void
test_m20(void **state)
{
    const test_vector *m20 = vectors_find(vectors, "M20");
    packet good = new_packet(1, 2);
    fb_selector selector;
    size_t at = 0;

    (void)state;
    requirement("M20", "R7629-4.2-22");
    /* the Flow-Binding: 154, Subtype 2, Length 15, FORWARD, count 1, BID, TS Format 2 */
    for (at = 0; memcmp(m20->octets + at, (const uint8_t[]){154, 2, 0, 15}, 4) != 0; at++)
    {
        assert_true(at + 19 < m20->length);
    }
    assert_int_equal(m20->octets[at + 7], 2);
    assert_int_equal(fb_selector_decode(&selector, 2, m20->octets + at + 8, 15 - 4), 0);
    without_ah(&good, TCP);
    set_label(&good, 0x12345);
    set_u16(good.octets + 42, 443); /* a server behind the mobile router */
    assert_matches(&selector, &good, true);
    set_label(&good, 0x12344);
    assert_matches(&selector, &good, false);
}

/** Sets one field of the packet. */
typedef enum field
{
    SOURCE,
    DESTINATION,
    SPI,
    LABEL,
    SOURCE_PORT,
    DESTINATION_PORT,
    CLASS,
    NEXT_HEADER,
    FIELDS
} field;

static void
set_field(packet *p, field f, uint32_t value)
{
    switch (f)
    {
    case SOURCE:
        set_u16(p->octets + 22, value);
        break;
    case DESTINATION:
        set_u16(p->octets + 38, value);
        break;
    case SPI:
        set_u16(p->octets + 46, value);
        break;
    case LABEL:
        set_label(p, value);
        break;
    case SOURCE_PORT:
        set_u16(p->octets + 56, value);
        break;
    case DESTINATION_PORT:
        set_u16(p->octets + 58, value);
        break;
    case CLASS:
        set_class(p, (uint8_t)value);
        break;
    default:
        p->octets[40] = (uint8_t)value;
        break;
    }
}

/* S08: every field from A to P; each is needed, and both ends of each range belong to it (B6088-02) */
static void
test_s08(void **state)
{
    /* first and last of S08's ranges; DS compares without the two low bits: 0x28 to 0x2b is one value */
    static const uint32_t range[FIELDS][2] =
        {{1, 0xff}, {1, 0xff}, {1, 2}, {3, 0xfffff}, {10, 20}, {30, 40}, {0x28, 0x2b}, {TCP, UDP}};
    fb_selector all = selector_of("S08");
    packet first = new_packet(1, 1);

    (void)state;
    requirement("S08", "B6088-02", "B6088-05", "B6088-06", "B6088-07", "B6088-10", "C-23");
    for (field f = 0; f < FIELDS; f++)
    {
        set_field(&first, f, range[f][f == NEXT_HEADER]); /* UDP has ports */
    }
    assert_matches(&all, &first, true);
    for (field f = 0; f < FIELDS; f++)
    {
        for (unsigned end = 0; end < 2; end++)
        {
            packet p = first;
            uint32_t outside = end == 0 ? range[f][0] - 1 : range[f][1] + 1;

            set_field(&p, f, range[f][end]);
            assert_matches(&all, &p, true);
            if (f == LABEL && end == 1)
            {
                continue; /* there is no larger one */
            }
            set_field(&p, f, outside);
            assert_matches(&all, &p, false);
        }
    }
}

/* B6088-05, C-23: DS of all 256 classes, for a range whose ends have rubbish in the low bits */
static void
test_ds(void **state)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV6};
    fb_selector6 *s = &selector.u.v6;

    (void)state;
    requirement("B6088-05", "C-23");
    s->present = FB_SELECTOR6_TRAFFIC_CLASS_START | FB_SELECTOR6_TRAFFIC_CLASS_END;
    s->traffic_class_start = 0x2b;
    s->traffic_class_end = 0xb8;
    for (unsigned class = 0; class < 256; class ++)
    {
        packet p = new_packet(1, 1);

        set_class(&p, (uint8_t) class);
        assert_matches(&selector, &p, class >> 2 >= 0x28 >> 2 && class >> 2 <= 0xbb >> 2);
    }
    s->present = FB_SELECTOR6_TRAFFIC_CLASS_START;
    for (unsigned class = 0; class < 256; class ++)
    {
        packet p = new_packet(1, 1);

        set_class(&p, (uint8_t) class);
        assert_matches(&selector, &p, class >> 2 == 0x28 >> 2);
    }
}

/* B6088-06: "24 bits" in the text, 32 on the wire, 20 in the header: what is above is ignored */
static void
test_flow_label_bits(void **state)
{
    fb_selector selector = {.format = FB_SELECTOR_IPV6};
    packet p = new_packet(1, 1);

    (void)state;
    requirement("B6088-06");
    selector.u.v6.present = FB_SELECTOR6_FLOW_LABEL_START | FB_SELECTOR6_FLOW_LABEL_END;
    selector.u.v6.flow_label_start = 0xfff12345;
    selector.u.v6.flow_label_end = 0x00f12346;
    set_label(&p, 0x12345);
    assert_matches(&selector, &p, true);
    set_label(&p, 0x12346);
    assert_matches(&selector, &p, true);
    set_label(&p, 0x12347);
    assert_matches(&selector, &p, false);
}

/* B6088-07, -08: ports and SPI only where there are some, looked for behind extension headers */
static void
test_ports_and_spi(void **state)
{
    fb_selector ports = {.format = FB_SELECTOR_IPV6}, spi = {.format = FB_SELECTOR_IPV6};
    fb_selector any = {.format = FB_SELECTOR_IPV6}, ipv4 = {.format = FB_SELECTOR_IPV4};

    (void)state;
    requirement("B6088-04", "B6088-07", "B6088-08");
    ports.u.v6.present = FB_SELECTOR6_SOURCE_PORT_START | FB_SELECTOR6_SOURCE_PORT_END;
    ports.u.v6.source_port_end = 0xffff;
    spi.u.v6.present = FB_SELECTOR6_SPI_START | FB_SELECTOR6_SPI_END;
    spi.u.v6.spi_end = 0xffffffff;
    for (unsigned protocol = 0; protocol < 256; protocol++)
    {
        bool walked = protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60;
        bool has_ports = protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
                         protocol == 136;
        packet p = new_packet(1, 1);

        if (walked || protocol == 51)
        {
            continue;
        }
        p.octets[40] = (uint8_t)protocol; /* behind AH */
        assert_int_equal(matches(&ports, &p, false), has_ports);
        assert_true(matches(&spi, &p, false));
        without_ah(&p, (uint8_t)protocol);
        assert_int_equal(matches(&ports, &p, false), has_ports);
        assert_int_equal(matches(&spi, &p, false), protocol == 50);
        assert_true(matches(&any, &p, false));
        assert_false(matches(&ipv4, &p, false));
    }
    {
        fb_flow flow = {.family = FB_FAMILY_IPV4, .protocol = UDP, .has_ports = true};

        assert_false(fb_selector_matches(&any, &flow, false));
        assert_true(fb_selector_matches(&ipv4, &flow, false));
    }
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
        cmocka_unit_test(test_s07),
        cmocka_unit_test(test_m20),
        cmocka_unit_test(test_s08),
        cmocka_unit_test(test_ds),
        cmocka_unit_test(test_flow_label_bits),
        cmocka_unit_test(test_ports_and_spi),
    };

    return cmocka_run_group_tests_name("rfc6088_3_2_ipv6", tests, load, unload);
}
