/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 4.3: the codes MULTIPATH_NOT_ALLOWED and INVALID_FB_IDENTIFIER.
 */

#include "exchange.h"
#include "wire/mobile_ipv4.h"

#include <string.h>

static test_vectors *vectors;

/* "Multipath Support not allowed for this mobile node": 152. Vector M01 is answered by M10 */
static void
test_code_152(void **state)
{
    world_setup setup;
    world *w;
    answer a;

    (void)state;
    requirement("R7629-4.3-01", "R7629-5.2-02", "M01", "M10");
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    w = world_start(&setup);
    a = play(w, vectors_find(vectors, "M01"));
    assert_denied(a, 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_is_vector(&a, vectors_find(vectors, "M10"));
    assert_bound(w, "");
    assert_int_equal(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_DENIED)->code, 152);
    world_end(w);
}

/* "Invalid Flow-Binding Identifier": 153. Vector M03 is answered by M11 when BID 1 is not registered */
static void
test_code_153(void **state)
{
    world *w = registered_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.3-02", "R7629-5.2-05", "M03", "M11");
    a = play(w, vectors_find(vectors, "M03"));
    assert_denied(a, 153, FB_DROP_BID_UNKNOWN);
    assert_is_vector(&a, vectors_find(vectors, "M11"));
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* Vector N07 names BID 7: the care-of address of the request is not registered either */
static void
test_code_153_registers_nothing(void **state)
{
    world *w = registered_world(0);
    snapshot before;
    answer a;

    (void)state;
    requirement("R7629-4.3-02", "D-12", "D-32", "N07");
    register_path(w, 2, 600, 0);
    before = home_agent_state(w);
    a = play(w, vectors_find(vectors, "N07"));
    assert_denied(a, 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);
    world_end(w);
}

/* "for use by the home agent": such a reply without its authentication is not believed */
static void
test_codes_need_authentication(void **state)
{
    static const uint8_t codes[] = {152, 153};

    (void)state;
    requirement("R7629-4.3-03", "C-05");
    for (size_t i = 0; i < sizeof codes; i++)
    {
        world_setup setup;
        world *w;
        uint8_t octets[REPLY_FIXED + 22];
        const world_message *message;
        fb_meta meta;

        world_setup_default(&setup);
        w = world_start(&setup);
        w->lose = lose_requests;
        world_link_up(w, WORLD_WLAN);
        message = world_sent(w, true, 0);
        meta = (fb_meta){.src = message->meta.dst,
                         .dst = message->meta.src,
                         .sport = FB_MIP4_PORT,
                         .dport = message->meta.sport,
                         .link = 1,
                         .protocol = UDP};
        reply_fixed(octets, message, codes[i], 600);
        assert_int_equal(world_inject(w, false, &meta, octets, REPLY_FIXED),
                         FB_DROP_NO_AUTHENTICATION);
        world_sign(octets, REPLY_FIXED);
        octets[REPLY_FIXED + 21] ^= 1;
        assert_int_equal(world_inject(w, false, &meta, octets, sizeof octets),
                         FB_DROP_BAD_AUTHENTICATOR);
        assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
        assert_int_equal(requests_sent(w), 1);
        assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH));
        assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED));
        world_end(w);
    }
}

/* codes of foreign agents (64 to 127, 194 up), which a node with co-located addresses has none of, change nothing */
static void
test_codes_of_foreign_agents(void **state)
{
    static const uint8_t codes[] = {64, 69, 77, 127, 194, 255};
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-4.3-03", "C-05");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    for (size_t i = 0; i < sizeof codes; i++)
    {
        assert_int_equal(reply_to(w, world_sent(w, true, 0), codes[i], 60), FB_DROP_NOT_EXPECTED);
        assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
    }
    assert_int_equal(requests_sent(w), 1);
    world_end(w);
}

/* the home agent says it "in the Code field", in an authenticated reply with nothing else in it */
static void
test_codes_are_only_in_the_code_field(void **state)
{
    world *w = registered_world(0);
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    requirement("R7629-4.3-03", "R7629-4.1-06");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    request_forward(&r, "7", UDP, SIP);
    a = request_send(w, &r);
    assert_int_equal(a.code, 153);
    assert_int_equal(a.message->length, REPLY_FIXED + 22);
    assert_true(a.identification == octets_u64(r.octets + 16));
    world_end(w);
}

/* 133 and 153 as types of extensions, skippable ones, mean nothing of what they mean as codes */
static void
test_codes_are_not_extension_types(void **state)
{
    static const uint8_t types[] = {133, 153};

    (void)state;
    requirement("D-43");
    for (size_t i = 0; i < sizeof types; i++)
    {
        world *w = registered_world(0);
        request r = path_request(w, 1, 600, 0);
        uint8_t octets[REPLY_FIXED + 3 + 22];
        const uint8_t extension[3] = {types[i], 1, 0};

        request_octets(&r, extension, sizeof extension);
        assert_int_equal(request_send(w, &r).code, 0);
        assert_bound(w, "1");

        w->lose = lose_requests;
        world_link_up(w, WORLD_LTE);
        reply_fixed(octets, world_last(w, true), 0, 600);
        memcpy(octets + REPLY_FIXED, extension, sizeof extension);
        assert_int_equal(reply_octets(w, world_last(w, true), octets, REPLY_FIXED + 3), 0);
        assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
        assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED));
        world_end(w);
    }
}

/*
 * D-43: the same numbers mean one thing as a Code, another as an extension, and a third as what went wrong inside this
 * library; no name stands for two of them.
 */
static void
test_the_number_spaces_share_nothing(void **state)
{
    static const struct
    {
        uint8_t number;
        const char *code, *extension;
    } row[] = {
        {32, "unassigned", "Mobile-Home Authentication"},
        {130, "insufficient resources", "Encapsulating Delivery Style"},
        {131, "mobile node failed authentication", "Mobile Node NAI"},
        {133, "registration Identification mismatch", "unknown"},
        {144, "unassigned", "UDP Tunnel Request"},
        {148, "mobile router operation is not permitted", "Mobile Network"},
        {152, "MULTIPATH_NOT_ALLOWED", "IPv6 Dual Stack"},
        {153, "INVALID_FB_IDENTIFIER", "unknown"},
        {154, "unassigned", "Multipath"},
    };

    (void)state;
    requirement("D-43", "R7629-7-03");
    assert_int_equal(FB_MIP4_MULTIPATH_NOT_ALLOWED, 152);
    assert_int_equal(FB_EXT_IPV6, 152);
    assert_int_equal(FB_MIP4_INVALID_FB_IDENTIFIER, 153);
    assert_int_equal(FB_MIP4_IDENTIFICATION_MISMATCH, 133);
    assert_int_equal(FB_EXT_MULTIPATH, 154);
    assert_int_equal(FB_MIP4_NETWORK_PROHIBITED, FB_EXT_MOBILE_NETWORK); /* 148, by chance */
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        assert_string_equal(fb_mip4_code_name(row[i].number), row[i].code);
        assert_string_equal(fb_mip4_extension_name(row[i].number, row[i].number == 154),
                            row[i].extension);
    }
    for (unsigned number = 0; number < 256; number++)
    {
        const char *code = fb_mip4_code_name((uint8_t)number);

        for (unsigned other = 0; other < 256; other++)
        {
            assert_string_not_equal(code, fb_mip4_extension_name((uint8_t)other, other == 154));
        }
        for (int reason = 0; reason < FB_REASON_COUNT; reason++)
        {
            assert_string_not_equal(code, fb_reason_name(reason));
        }
    }
    /* a reason is told by its code, which is another number */
    assert_int_equal(fb_reason_reply_code(FB_DROP_MULTIPATH_NOT_ALLOWED), 152);
    assert_int_equal(fb_reason_reply_code(FB_DROP_BID_UNKNOWN), 153);
    assert_int_not_equal(FB_DROP_MULTIPATH_NOT_ALLOWED, 152);
    assert_int_not_equal(FB_DROP_BID_UNKNOWN, 153);
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
        cmocka_unit_test(test_code_152),
        cmocka_unit_test(test_code_153),
        cmocka_unit_test(test_code_153_registers_nothing),
        cmocka_unit_test(test_codes_need_authentication),
        cmocka_unit_test(test_codes_of_foreign_agents),
        cmocka_unit_test(test_codes_are_only_in_the_code_field),
        cmocka_unit_test(test_codes_are_not_extension_types),
        cmocka_unit_test(test_the_number_spaces_share_nothing),
    };

    return cmocka_run_group_tests_name("rfc7629_4_3_codes", tests, load, unload);
}
