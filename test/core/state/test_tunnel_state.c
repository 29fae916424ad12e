/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/tunnel_state.h"

#include "cmocka_setup.h"

static fb_tunnel_ends
ends_of(uint32_t n)
{
    return (fb_tunnel_ends){.source = fb_addr_from_ipv4(1),
                            .destination = fb_addr_from_ipv4(100 + n),
                            .destination_port = (uint16_t)n};
}

static void
test_each_end_tells_tunnels_apart(void **state)
{
    fb_tunnel_states states = {0};
    fb_tunnel_ends ends = ends_of(7), other;

    (void)state;
    fb_tunnel_state_too_big(&states, &ends, 1400, 5);
    assert_int_equal(fb_tunnel_state_find(&states, &ends, 5)->mtu, 1400);
    other = ends, other.source.octet[3]++;
    assert_null(fb_tunnel_state_find(&states, &other, 5));
    other = ends, other.destination.octet[3]++;
    assert_null(fb_tunnel_state_find(&states, &other, 5));
    other = ends, other.destination_port++;
    assert_null(fb_tunnel_state_find(&states, &other, 5));
}

/* RFC 8200 5: no link of IPv6 has less than 1280 octets; an IPv4 address and an IPv6 one that begins like it differ */
static void
test_ends_of_either_family(void **state)
{
    fb_tunnel_ends six = {.source = {FB_FAMILY_IPV6, {0x20, 1, [15] = 1}},
                          .destination = {FB_FAMILY_IPV6, {0x20, 1, [15] = 2}}};
    fb_tunnel_ends four = {.source = {FB_FAMILY_IPV4, {0x20, 1}},
                           .destination = {FB_FAMILY_IPV4, {0x20, 1}}};
    fb_tunnel_states states = {0};
    fb_tunnel_ends other = six;

    (void)state;
    fb_tunnel_state_too_big(&states, &six, 1000, 5);
    assert_int_equal(fb_tunnel_state_find(&states, &six, 5)->mtu, 1280);
    assert_null(fb_tunnel_state_find(&states, &four, 5));
    other.destination.octet[15]++;
    assert_null(fb_tunnel_state_find(&states, &other, 5));
    other = six, other.source.octet[15]++;
    assert_null(fb_tunnel_state_find(&states, &other, 5));
    fb_tunnel_state_too_big(&states, &four, 1000, 5);
    assert_int_equal(fb_tunnel_state_find(&states, &four, 5)->mtu, 1000);
    four.source.octet[15] = 9; /* of IPv4 the first four count */
    assert_non_null(fb_tunnel_state_find(&states, &four, 5));
}

static void
test_what_is_known_ages(void **state)
{
    fb_tunnel_states states = {0};
    fb_tunnel_ends ends = ends_of(1);
    fb_time mtu_end = 10 + FB_TUNNEL_MTU_AGE;

    (void)state;
    fb_tunnel_state_too_big(&states, &ends, 900, 10);
    fb_tunnel_state_too_big(&states, &ends, 20, 10); /* RFC 791: 68 at least */
    fb_tunnel_state_unreachable(&states, &ends, 10);
    assert_int_equal(states.trouble_until, mtu_end);
    assert_int_equal(fb_tunnel_state_find(&states, &ends, 10)->mtu, 68);
    assert_int_equal(fb_tunnel_state_find(&states, &ends, 10)->unreachable_until,
                     10 + FB_TUNNEL_UNREACHABLE_AGE);
    assert_non_null(fb_tunnel_state_find(&states, &ends, mtu_end - 1));
    assert_null(fb_tunnel_state_find(&states, &ends, mtu_end));
    /* more again: the old one is forgotten */
    fb_tunnel_state_too_big(&states, &ends, 1300, mtu_end);
    assert_int_equal(fb_tunnel_state_find(&states, &ends, mtu_end)->mtu, 1300);
}

static void
test_the_first_to_be_forgotten_makes_room(void **state)
{
    fb_tunnel_states states = {0};
    fb_tunnel_ends ends;

    (void)state;
    for (uint32_t n = 0; n < FB_TUNNEL_STATES + 3; n++)
    {
        ends = ends_of(n);
        fb_tunnel_state_too_big(&states, &ends, 1000, n);
    }
    for (uint32_t n = 0; n < FB_TUNNEL_STATES + 3; n++)
    {
        ends = ends_of(n);
        assert_int_equal(fb_tunnel_state_find(&states, &ends, 100) != NULL, n >= 3);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_end_tells_tunnels_apart),
        cmocka_unit_test(test_ends_of_either_family),
        cmocka_unit_test(test_what_is_known_ages),
        cmocka_unit_test(test_the_first_to_be_forgotten_makes_room),
    };
    return cmocka_run_group_tests_name("state/tunnel_state", tests, NULL, NULL);
}
