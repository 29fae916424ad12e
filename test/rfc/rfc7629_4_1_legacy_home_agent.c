/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 4.1, 4.2: "a non-skippable extension", which a home agent of RFC 5944 alone reads as a skippable one of the
 * short format (RFC 5944 1.8-1.10). It skips one octet too few, meets an unknown type below 128, and must discard the
 * message without a word (D-01).
 */

#include "exchange.h"

#include "wire/mobile_ipv4.h"

static world *
legacy_world(void)
{
    fb_home_agent_config config = home_agent_defaults();

    config.legacy = true;
    return home_agent_world(&config, true);
}

/* M01-M07 and M12: whatever carries 154 is discarded, by both its subtypes */
static void
test_every_vector_with_154_is_discarded(void **state)
{
    static const char *const ids[] = {"M01", "M03", "M05", "M06", "M07", "M12"};
    test_vectors *vectors = vectors_load();

    (void)state;
    requirement("R7629-4.1-03", "R7629-4.2-03", "D-01");
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
    {
        const test_vector *vector = vectors_find(vectors, ids[i]);
        fb_mip4_message message;
        world *w = legacy_world();
        answer a;

        assert_int_equal(fb_mip4_walk(&message, vector->octets, vector->length), 0);
        a = play(w, vector);
        assert_int_equal(a.reason, FB_DROP_UNKNOWN_EXTENSION);
        assert_false(a.came);
        assert_bound(w, "");
        world_end(w);
    }
    vectors_free(vectors);
}

/* Without 154 it is a home agent as any other: bound, code 1 as simultaneous bindings are not supported */
static void
test_without_154_it_registers(void **state)
{
    world *w = legacy_world();
    request r = request_new(w, 600, care_of(1));
    answer a = request_send(w, &r);

    (void)state;
    requirement("D-01");
    assert_true(a.came);
    assert_int_equal(a.code, 1);
    assert_int_equal(world_binding_count(w), 1);
    world_end(w);
}

/* 154 in the short format is skipped, and never taken for a Multipath Extension */
static void
test_what_can_be_skipped_is_skipped(void **state)
{
    static const uint8_t extension[] = {154, 6, 1, 0, 4, 4, 1, 1};
    world *w = legacy_world();
    request r = request_new(w, 600, care_of(1));
    fb_binding_view view;
    answer a;

    (void)state;
    requirement("D-01");
    request_octets(&r, extension, sizeof extension);
    a = request_send(w, &r);
    assert_true(a.came);
    assert_int_equal(a.code, 1);
    assert_true(world_binding(w, 0, &view));
    world_end(w);
}

/* Padding in front of what it does not know, and an extension that ends nowhere */
static void
test_framing_still_counts(void **state)
{
    static const uint8_t padded[] = {0, 0, 154, 1, 0, 4, 4, 1, 1, 0};
    static const uint8_t endless[] = {154, 255, 0};
    world *w = legacy_world();
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("D-01");
    request_octets(&r, padded, sizeof padded);
    assert_int_equal(request_send(w, &r).reason, FB_DROP_UNKNOWN_EXTENSION);
    r = request_new(w, 600, care_of(1));
    request_octets(&r, endless, sizeof endless);
    assert_int_equal(request_send(w, &r).reason, FB_DROP_TRUNCATED);
    assert_bound(w, "");
    world_end(w);
}

/* Both ends are ours: three requests with 154, one without, one more with it, then one path of RFC 5944 */
static void
test_our_mobile_node_falls_back(void **state)
{
    static const size_t multipaths[] = {1, 1, 1, 0, 1, 0};
    world_setup setup;
    world *w;

    (void)state;
    requirement("D-01");
    world_setup_default(&setup);
    setup.home_agent.home_agent.legacy = true;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_run(w, 600 * FB_SECOND);
    for (size_t i = 0; i < sizeof multipaths / sizeof multipaths[0]; i++)
    {
        assert_int_equal(request_sent(w, i).multipaths, multipaths[i]);
    }
    assert_int_equal(requests_sent(w), 6); /* the last is the refresh after 480 s */
    assert_int_equal(world_binding_count(w), 1);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_downlink(w, UDP, SIP, SIP).kind, FB_SEND);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_vector_with_154_is_discarded),
        cmocka_unit_test(test_without_154_it_registers),
        cmocka_unit_test(test_what_can_be_skipped_is_skipped),
        cmocka_unit_test(test_framing_still_counts),
        cmocka_unit_test(test_our_mobile_node_falls_back),
    };
    return cmocka_run_group_tests_name("rfc7629_4_1_legacy_home_agent", tests, NULL, NULL);
}
