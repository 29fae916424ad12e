/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 7 and 8: numbers, and security: nothing is believed before it is authenticated.
 */

#include "exchange.h"
#include "wire/mobile_ipv4.h"

#include <stdlib.h>
#include <string.h>

static test_vectors *vectors;

/** A home agent with BIDs 1 and 2 and two rules, and what it knows. */
static world *
policy_world(snapshot *before)
{
    world *w = registered_world(0);
    request r;

    register_path(w, 1, 600, 0);
    r = request_new(w, 600, care_of(2));
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    request_forward(&r, "12", UDP, SIP);
    request_drop(&r, 255, UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    *before = home_agent_state(w);
    return w;
}

/* 7: Type 154, Subtypes 1 and 2; 0 and 255 reserved, the rest unassigned. Not to be skipped: no reply, but counted */
static void
test_other_subtypes(void **state)
{
    static const uint8_t subtypes[] = {0, 3, 4, 128, 254, 255};

    (void)state;
    requirement("R7629-7-01", "R7629-4.1-11", "D-19");
    for (size_t i = 0; i < sizeof subtypes; i++)
    {
        const uint8_t octets[8] = {154, subtypes[i], 0, 4, 4, 1, 1, 0};
        snapshot before;
        world *w = policy_world(&before);
        request r = request_new(w, 600, care_of(1));
        answer a;

        request_octets(&r, octets, sizeof octets);
        a = request_send(w, &r);
        assert_false(a.came);
        assert_int_equal(a.reason, FB_DROP_UNKNOWN_SUBTYPE);
        assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_UNKNOWN_SUBTYPE), 1);
        /* Beside a good one, and behind the authentication, it is the same */
        r = request_new(w, 600, care_of(1));
        request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
        request_octets(&r, octets, sizeof octets);
        assert_int_equal(request_send(w, &r).reason, FB_DROP_UNKNOWN_SUBTYPE);
        assert_unchanged(w, &before);
        world_end(w);
    }
}

/* 7: both extensions have Type 154 and the long format; the mobile node sends no other subtype */
static void
test_subtypes_that_are_sent(void **state)
{
    world *w = registered_world(3);
    fb_rule rules[5];

    (void)state;
    requirement("R7629-7-01", "R7629-4.1-10", "R7629-4.2-08");
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    world_run(w, 1000 * FB_SECOND);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        request_sent(w, i); /* fails for what it does not know */
    }
    world_end(w);
}

/* 7: "Permitted for Notification Messages: N": one that has them nevertheless is discarded, and answered by nobody */
static void
test_notification_messages(void **state)
{
    static const uint8_t types[] = {22, 23};
    snapshot before;
    world *w = policy_world(&before);

    (void)state;
    requirement("R7629-7-02");
    for (size_t i = 0; i < sizeof types; i++)
    {
        request r = request_new(w, 600, care_of(1));
        answer a;

        r.octets[0] = types[i];
        request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, FLAG_O);
        a = request_send(w, &r);
        assert_false(a.came);
        assert_int_equal(a.reason, FB_DROP_UNKNOWN_MESSAGE);
    }
    assert_unchanged(w, &before);
    /* And the mobile node knows requests and replies only */
    for (size_t i = 0; i < world_sent_count(w, false); i++)
    {
        assert_int_equal(world_sent(w, false, i)->octets[0], 3);
    }
    world_end(w);
}

/* 7: the codes are among "Registration denied by the home agent" */
static void
test_code_numbers(void **state)
{
    (void)state;
    requirement("R7629-7-03", "R7629-4.3-01", "R7629-4.3-02");
    assert_string_equal(fb_mip4_code_name(152), "MULTIPATH_NOT_ALLOWED");
    assert_string_equal(fb_mip4_code_name(153), "INVALID_FB_IDENTIFIER");
    assert_int_equal(fb_reason_reply_code(FB_DROP_MULTIPATH_NOT_ALLOWED), 152);
    assert_int_equal(fb_reason_reply_code(FB_DROP_BID_UNKNOWN), 153);
    for (int reason = 1; reason < FB_REASON_COUNT; reason++)
    {
        uint8_t code = fb_reason_reply_code(reason);

        /* A foreign agent's reasons have its codes (RFC 5944 3.4), all others those of a home agent, or silence */
        bool foreign = reason >= FB_DROP_AGENT_PROHIBITED && reason < FB_DROP_ADVERTISEMENT;

        assert_true(foreign ? (code >= 64 && code < 128) || code == 194 : code == 0 || code >= 128);
        assert_true(!foreign || (code != 152 && code != 153));
    }
}

/* 8: only in authenticated messages: a wrong authenticator and a malformed 154 are 131, and the latter is not seen */
static void
test_malformed_and_not_authentic(void **state)
{
    static const struct
    {
        uint8_t octets[16];
        size_t length;
        fb_reason never;
    } malformed[] = {
        {{154, 1, 0, 5, 4, 1, 1, 0, 0}, 9, FB_DROP_MULTIPATH_LENGTH},
        {{154, 1, 0, 4, 4, 0, 1, 0}, 8, FB_DROP_LABEL_ZERO},
        {{154, 1, 0, 4, 4, 1, 255, 0}, 8, FB_DROP_BID_RESERVED},
        {{154, 1, 0, 4, 4, 1, 1, 0xc0}, 8, FB_DROP_BULK_AND_OVERWRITE},
        {{154, 2, 0, 2, 7, 7}, 6, FB_DROP_FLOW_BINDING_LENGTH},
        {{154, 2, 0, 9, 9, 1, 1, 1, 0, 0, 0, 0, 0}, 13, FB_DROP_ACTION_UNKNOWN},
    };
    snapshot before;
    world *w = policy_world(&before);

    (void)state;
    requirement("R7629-8-01", "B5944-19");
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
    {
        request r = request_new(w, 600, care_of(1));
        answer a;

        request_octets(&r, malformed[i].octets, malformed[i].length);
        r.length = world_sign(r.octets, r.length);
        r.octets[r.length - 1] ^= 1;
        a = octets_send(w, care_of(1), r.octets, r.length);
        assert_denied(a, 131, FB_DROP_BAD_AUTHENTICATOR);
        assert_int_equal(fb_agent_counter(w->home_agent, malformed[i].never), 0);
        /* Properly signed it is seen */
        r.octets[r.length - 1] ^= 1;
        a = octets_send(w, care_of(1), r.octets, r.length);
        assert_int_equal(a.code, 134);
    }
    assert_unchanged(w, &before);
    world_end(w);
}

/* 8: no authentication, one too many, that of an unknown association, of an unknown node: silence */
static void
test_not_authenticated(void **state)
{
    snapshot before;
    world *w = policy_world(&before);
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    requirement("R7629-8-01", "B5944-13", "B5944-19");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, FLAG_O);
    a = octets_send(w, care_of(1), r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_AUTHENTICATION);

    r.length = world_sign(r.octets, r.length);
    r.octets[r.length - 17] ^= 1; /* SPI */
    a = octets_send(w, care_of(1), r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    r.octets[r.length - 17] ^= 1;

    r.length = world_sign(r.octets, r.length);
    a = octets_send(w, care_of(1), r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_REPEATED_AUTHENTICATION);

    r = request_new(w, 600, care_of(1));
    r.octets[7] = 99;
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    a = request_send(w, &r);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    assert_unchanged(w, &before);
    world_end(w);
}

/* 8: no bit of a request can be changed, and no octet left away, with an effect on what the home agent holds */
static void
test_damaged_requests(void **state)
{
    static const char *const ids[] = {"M01", "M03", "M05", "M06", "M07", "M09", "M12"};

    (void)state;
    requirement("R7629-8-01", "R7629-4.1-07", "R7629-4.2-06", "B5944-06");
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
    {
        const test_vector *vector = vectors_find(vectors, ids[i]);
        snapshot before;
        world *w = policy_world(&before);
        size_t since = w->events;

        set_clock(w, w->home_agent, octets_u32(vector->octets + 16), w->now);
        for (size_t length = 0; length < vector->length; length++)
        {
            assert_int_not_equal(octets_send(w, care_of(1), vector->octets, length).reason, 0);
        }
        for (size_t bit = 0; bit < vector->length * 8; bit++)
        {
            uint8_t *octets = vectors_copy(vector->octets, vector->length);
            answer a;

            octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            a = octets_send(w, care_of(1), octets, vector->length);
            free(octets);
            assert_int_not_equal(a.reason, 0);
            assert_true(!a.came || a.code == 131);
        }
        assert_unchanged(w, &before);
        assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_RECEIVED));
        assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING));
        assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_POLICY));
        world_end(w);
    }
}

/* 8: the same for replies and the mobile node */
static void
test_damaged_replies(void **state)
{
    world_setup setup;
    world *w;
    uint8_t good[REPLY_FIXED + 22], octets[REPLY_FIXED + 22];
    fb_meta meta;

    (void)state;
    requirement("R7629-8-01", "B5944-13");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    meta = (fb_meta){.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .dst = fb_addr_from_ipv4(care_of(1)),
                     .sport = FB_MIP4_PORT,
                     .dport = FB_MIP4_PORT,
                     .link = 1,
                     .protocol = UDP};
    reply_fixed(good, world_last(w, true), 0, 600);
    world_sign(good, REPLY_FIXED);
    for (size_t length = 0; length < sizeof good; length++)
    {
        assert_true(world_inject(w, false, &meta, good, length) > 0);
    }
    for (size_t bit = 0; bit < sizeof good * 8; bit++)
    {
        memcpy(octets, good, sizeof good);
        octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_true(world_inject(w, false, &meta, octets, sizeof octets) > 0);
        assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
    }
    assert_int_equal(requests_sent(w), 1);
    assert_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_RECEIVED));
    assert_int_equal(world_inject(w, false, &meta, good, sizeof good), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_end(w);
}

/* the order of the home agent's checks: authenticator, Identification, form, right, encapsulation, limits, BIDs */
static void
test_order_of_checks(void **state)
{
    world_setup setup;
    world *w;
    request r;
    uint8_t bad[REQUEST_FIXED + 64];

    (void)state;
    requirement("R7629-8-01", "R7629-5.2-02", "R7629-5.2-05", "B5944-20", "D-33");
    world_setup_default(&setup);
    setup.subscriber.multipath_allowed = false;
    setup.home_agent.home_agent.require_reverse_tunnel = true;
    setup.home_agent.limits.bindings_per_node = 1;
    w = world_start(&setup);
    r = request_new(w, 600, care_of(1));
    request_multipath(&r, TECHNOLOGY_WLAN, 0, 1, 0); /* label 0 */
    memcpy(bad, r.octets, r.length);
    bad[16] ^= 1; /* another century */
    {
        size_t length = world_sign(bad, r.length);

        bad[length - 1] ^= 1;
        assert_int_equal(octets_send(w, care_of(1), bad, length).code, 131);
        bad[length - 1] ^= 1;
        assert_int_equal(octets_send(w, care_of(1), bad, length).code, 133);
    }
    assert_int_equal(request_send(w, &r).code, 134);

    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x20; /* no T */
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    assert_int_equal(request_send(w, &r).code, 152);
    {
        fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber = setup.subscriber};

        fact.u.subscriber.multipath_allowed = true;
        world_fact(w, w->home_agent, &fact);
    }
    register_path(w, 1, 600, 0);
    r = request_new(w, 600, care_of(2));
    r.octets[1] = 0x20;
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    request_forward(&r, "7", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 138);
    r = request_new(w, 600, care_of(2));
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    request_forward(&r, "7", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 135);
    r = request_new(w, 600, care_of(1));
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    request_forward(&r, "7", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 153);
    world_end(w);
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
        cmocka_unit_test(test_other_subtypes),
        cmocka_unit_test(test_subtypes_that_are_sent),
        cmocka_unit_test(test_notification_messages),
        cmocka_unit_test(test_code_numbers),
        cmocka_unit_test(test_malformed_and_not_authentic),
        cmocka_unit_test(test_not_authenticated),
        cmocka_unit_test(test_damaged_requests),
        cmocka_unit_test(test_damaged_replies),
        cmocka_unit_test(test_order_of_checks),
    };

    return cmocka_run_group_tests_name("rfc7629_7_8", tests, load, unload);
}
