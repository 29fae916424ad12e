/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "steer/encapsulate.h"

static const fb_outer outer = {
    .source = UINT32_C(0xcb007101), /* 203.0.113.1 */
    .destination = UINT32_C(0xcb007142), /* 203.0.113.66 */
    .identification = 0xbeef,
};

/* RFC 2003 3.1 */
static void
test_encapsulate_ipip_writes_the_outer_header(void **state)
{
    fb_flow inner = test_flow_down(FB_PROTOCOL_UDP, 5060, 5060);
    uint8_t out[FB_OUTER_MAX];
    const uint8_t expected[20] = {
        0x45, 0xb8, 0x00, 0x78, /* TOS copied; 100 + 20 octets */
        0xbe, 0xef, 0x40, 0x00, /* DF copied */
        64,   4,    0x02, 0x96, /* TTL of its own; IP in IP; checksum */
        203,  0,    113,  1,    203, 0, 113, 66,
    };

    (void)state;
    inner.tos = 0xb8;
    inner.dont_fragment = true;
    memset(out, 0xee, sizeof out);
    assert_int_equal(fb_encapsulation_ipip.write(out, &inner, &outer, 100), 20);
    assert_memory_equal(out, expected, sizeof expected);
    assert_int_equal(out[20], 0xee); /* no octet more */
}

static void
test_encapsulate_ipip_stops_at_what_an_ipv4_packet_holds(void **state)
{
    fb_flow inner = test_flow_down(FB_PROTOCOL_UDP, 5060, 5060);
    uint8_t out[FB_OUTER_MAX];

    (void)state;
    assert_int_equal(fb_encapsulation_ipip.write(out, &inner, &outer, 65515), 20);
    assert_int_equal(out[2] << 8 | out[3], 65535);
    assert_int_equal(fb_encapsulation_ipip.write(out, &inner, &outer, 65516), 0);
    assert_int_equal(fb_encapsulation_ipip.write(out, &inner, &outer, SIZE_MAX), 0);
}

static void
test_encapsulate_table_tells_the_truth(void **state)
{
    fb_flow inner = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    uint8_t out[FB_OUTER_MAX];

    (void)state;
    assert_string_equal(fb_encapsulation_ipip.name, "ipip");
    assert_int_equal(fb_encapsulation_ipip.write(out, &inner, &outer, 1500),
                     fb_encapsulation_ipip.overhead);
    assert_int_equal(out[9], fb_encapsulation_ipip.protocol);
    assert_true(fb_encapsulation_ipip.overhead <= FB_OUTER_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encapsulate_ipip_writes_the_outer_header),
        cmocka_unit_test(test_encapsulate_ipip_stops_at_what_an_ipv4_packet_holds),
        cmocka_unit_test(test_encapsulate_table_tells_the_truth),
    };
    return cmocka_run_group_tests_name("steer/encapsulate", tests, NULL, NULL);
}
