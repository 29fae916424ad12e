/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.7 and 4.2.2: what a foreign agent relays, what it denies, whom it keeps as a visitor, and what it does with
 * packets.
 */

#include "visit.h"

#include <string.h>

static test_vectors *vectors;

/* ---- the vectors: M13 to M16 ---- */

/** The wall clock of an agent reads the seconds of @p vector's Identification (a request's). */
static void
set_clock_of(world3 *w, world3_node node, const test_vector *vector)
{
    uint64_t seconds = octets_u32(vector->octets + 16) - WORLD_NTP;
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WORLD_WALL_NS + seconds * FB_SECOND};

    world3_fact(w, node, &fact);
}

/** A vector as it arrives: addresses, ports and TTL of its packet. */
static fb_meta
meta_of(const test_vector *vector)
{
    const uint8_t *packet = vector->packet;

    return (fb_meta){.src = fb_addr_from_ipv4(octets_u32(packet + 12)),
                     .dst = fb_addr_from_ipv4(octets_u32(packet + 16)),
                     .sport = octets_u16(packet + 20),
                     .dport = octets_u16(packet + 22),
                     .protocol = packet[9],
                     .ttl = packet[8]};
}

static void
assert_is(const world3_message *m, const test_vector *expected)
{
    fb_meta meta = meta_of(expected);

    assert_non_null(m);
    assert_int_equal(m->length, expected->length);
    assert_memory_equal(m->octets, expected->octets, expected->length);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), fb_addr_to_ipv4(&meta.src));
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), fb_addr_to_ipv4(&meta.dst));
    assert_int_equal(m->meta.sport, meta.sport);
    assert_int_equal(m->meta.dport, meta.dport);
    assert_int_equal(m->meta.protocol, meta.protocol);
    assert_int_equal(m->meta.ttl, meta.ttl);
}

static void
test_the_vectors(void **state)
{
    world3 *w = visit_world();
    const test_vector *request = vectors_find(vectors, "M13");
    fb_meta meta = meta_of(request);
    fb_binding_view view;

    (void)state;
    requirement("M13",
                "M14",
                "M15",
                "M16",
                "B5944-21",
                "B5944-22",
                "B5944-44",
                "B5944-45",
                "B5944-53",
                "R7629-5.1-05",
                "R7629-5.1-24",
                "C-18");
    set_clock_of(w, WORLD3_HOME_AGENT, request);
    meta.link = WORLD3_VISITED_LINK;
    meta.link_addr_len = 6;
    meta.link_addr[5] = 9;
    assert_int_equal(
        world3_inject(w, WORLD3_FOREIGN_AGENT, &meta, request->octets, request->length),
        FB_REASON_NONE);
    assert_is(relayed_request(w), vectors_find(vectors, "M14"));
    assert_false(visits(w)); /* not before a home agent has accepted it */

    world3_run(w, FB_SECOND);
    assert_is(world3_last(w, WORLD3_HOME_AGENT, WORLD3_FOREIGN_AGENT, 3),
              vectors_find(vectors, "M15"));
    assert_is(reply_to_node(w), vectors_find(vectors, "M16"));
    assert_int_equal(reply_to_node(w)->meta.link, WORLD3_VISITED_LINK);
    assert_int_equal(reply_to_node(w)->meta.link_addr[5], 9);

    /* The tunnel ends at the foreign agent */
    assert_true(world3_binding(w, 0, &view));
    assert_int_equal(view.care_of_address, WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(view.ref.bid, 1);
    assert_true(world3_visitor(w, &view));
    assert_int_equal(view.lifetime_s, 600);
    assert_int_equal(view.tunnel_address, WORLD_HOME_AGENT);
    world3_end(w);
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
        cmocka_unit_test(test_the_vectors),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
