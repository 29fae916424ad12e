/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 4.1: the Multipath Extension.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

/** A request for BID 1 by WLAN with these octets in the place of the Multipath Extension. */
static answer
send_with_extension(world *w, const uint8_t *octets, size_t length)
{
    request r = request_new(w, 600, care_of(1));

    request_octets(&r, octets, length);
    return request_send(w, &r);
}

/** The same with a well-framed extension of these four octets. */
static answer
send_multipath(world *w, uint8_t technology, uint8_t label, uint8_t bid, uint8_t flags)
{
    const uint8_t octets[8] = {154, 1, 0, 4, technology, label, bid, flags};

    return send_with_extension(w, octets, sizeof octets);
}

/* "register the current care-of address ... as one of the many" */
static void
test_one_of_many(void **state)
{
    world *w = bound_world(0);
    fb_binding_view first, second;
    request plain;
    answer a;

    (void)state;
    requirement("R7629-4.1-01", "R7629-5.1-07", "M01");
    a = register_path(w, 1, 600, 0);
    assert_int_equal(a.code, 0);
    a = register_path(w, 2, 600, 0); /* the S bit of RFC 5944 is 0 */
    assert_int_equal(a.code, 0);
    assert_true(world_binding(w, 1, &first) && world_binding(w, 2, &second));
    assert_int_equal(first.care_of_address, care_of(1));
    assert_int_equal(second.care_of_address, care_of(2));
    assert_int_equal(binding_event(w, 0, FB_ROLE_HOME_AGENT, 2, FB_BINDING_UP)->cause,
                     FB_CAUSE_REGISTERED);

    /* The contrast: without the extension the new one replaces all (RFC 5944 3.8.2.2) */
    plain = request_new(w, 600, care_of(3));
    a = request_send(w, &plain);
    assert_int_equal(a.code, 1);
    assert_bound(w, "0");
    world_end(w);
}

/* carries "the information specific to the interface" */
static void
test_interface_is_stored_with_the_binding(void **state)
{
    world *w = bound_world(0);
    fb_binding_view view;

    (void)state;
    requirement("R7629-4.1-02", "R7629-4.1-13", "R7629-4.1-14");
    assert_int_equal(send_multipath(w, TECHNOLOGY_CDMA, 200, 7, 0).code, 0);
    assert_true(world_binding(w, 7, &view));
    assert_int_equal(view.technology, TECHNOLOGY_CDMA);
    assert_int_equal(view.label, 200);
    world_end(w);
}

/* vector M01 at the home agent, and M02 as its answer, octet for octet */
static void
test_vectors_m01_and_m02(void **state)
{
    world_setup setup;
    world *w;
    fb_binding_view view;
    answer a;

    (void)state;
    requirement("M01", "M02", "R7629-4.1-09", "R7629-4.1-10", "R7629-4.1-11", "R7629-3.1-03");
    world_setup_default(&setup);
    setup.home_agent.home_agent.lifetime_max_s = 900;
    w = world_start(&setup);
    a = play(w, vectors_find(vectors, "M01"));
    assert_is_vector(&a, vectors_find(vectors, "M02"));
    assert_bound(w, "1");
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, care_of(1));
    assert_int_equal(view.technology, TECHNOLOGY_WLAN);
    assert_int_equal(view.label, 1);
    assert_int_equal(view.lifetime_s, 900);
    assert_true(view.expires == 900 * FB_SECOND);
    world_end(w);
}

/* the mobile node sends M01 */
static void
test_mobile_node_sends_m01(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("M01",
                "R7629-4.1-04",
                "R7629-4.1-09",
                "R7629-4.1-10",
                "R7629-4.1-11",
                "R7629-4.1-12",
                "R7629-5.1-06");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.lifetime_s = 1800;
    setup.mobile_node.mobile_node.port = 51434;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    assert_memory_equal(world_sent(w, true, 0)->octets + 24, "\x9a\x01\x00\x04\x04\x01\x01\x00", 8);
    assert_sent_vector(world_sent(w, true, 0), vectors_find(vectors, "M01"));
    world_end(w);
}

/* "MAY be added by the mobile node": only with multipath configured */
static void
test_single_path_node_sends_no_extension(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("R7629-4.1-04", "R7629-5.1-08");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.multipath = false;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), 1);
    assert_int_equal(request_sent(w, 0).multipaths, 0);
    assert_int_equal(request_sent(w, 0).flow_bindings, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), FB_BINDING_DOWN);
    assert_bound(w, "0");
    assert_true(world_downlink(w, UDP, SIP, 40000).delivered);
    assert_true(world_uplink(w, UDP, SIP, 40000).delivered);
    world_end(w);
}

/*
 * "non-skippable": who does not know it must not process the message. With a number that RFC 5944 would skip, this
 * is shown by a walk as RFC 5944 1.8 and 1.9 have it: it ends at the low octet of Length, an unknown type below 128.
 */
static void
test_legacy_reading_ends_in_silence(void **state)
{
    world_setup setup;
    world *w;
    const world_message *message;
    size_t at = REQUEST_FIXED;

    (void)state;
    requirement("R7629-4.1-03", "R7629-4.2-03", "D-01");
    world_setup_default(&setup);
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    message = world_sent(w, true, 0);
    /* 128 or more: skippable, Length in the next octet */
    assert_int_equal(message->octets[at], 154);
    at += 2u + message->octets[at + 1];
    assert_int_equal(message->octets[at], 4); /* unknown and below 128: the message is discarded */
    world_end(w);
}

/* "MUST NOT be more than one instance" */
static void
test_two_instances(void **state)
{
    world *w = bound_world(0);
    snapshot before;
    request r;
    answer a;

    (void)state;
    requirement("R7629-4.1-05", "D-14", "N02");
    register_path(w, 2, 600, 0);
    before = home_agent_state(w);
    a = play(w, vectors_find(vectors, "N02"));
    assert_denied(a, 134, FB_DROP_MULTIPATH_REPEATED);
    assert_unchanged(w, &before);
    world_end(w);

    /* Not even two equal ones */
    w = bound_world(0);
    r = request_new(w, 600, care_of(1));
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    a = request_send(w, &r);
    assert_denied(a, 134, FB_DROP_MULTIPATH_REPEATED);
    assert_bound(w, "");
    world_end(w);
}

/* "MUST NOT be added by the home agent to the Registration Reply" */
static void
test_never_in_a_reply(void **state)
{
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-4.1-06");
    administrator(w, FB_FACT_DEREGISTER, 2);
    world_run(w, 700 * FB_SECOND); /* bulk refreshes as well */
    send_multipath(w, 4, 0, 1, 0); /* and a denial */
    assert_true(world_sent_count(w, false) >= 6);
    for (size_t i = 0; i < world_sent_count(w, false); i++)
    {
        seen s = look_at(world_sent(w, false, i));

        assert_int_equal(s.multipaths, 0);
        assert_int_equal(s.flow_bindings, 0);
    }
    world_end(w);
}

/* ... and a mobile node that gets one there nevertheless does not act on it */
static void
test_ignored_in_a_reply(void **state)
{
    world_setup setup;
    world *w;
    uint8_t octets[64];
    size_t length;

    (void)state;
    requirement("R7629-4.1-06", "D-30");
    world_setup_default(&setup);
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, WORLD_WLAN);
    length = reply_fixed(octets, world_sent(w, true, 0), 0, 600);
    memcpy(octets + length, "\x9a\x01\x00\x04\x08\x09\x02\x40", 8);
    assert_int_equal(reply_octets(w, world_sent(w, true, 0), octets, length + 8), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_state(w, 2), -1);
    assert_int_equal(requests_sent(w), 1);
    world_end(w);
}

/* "should be protected using the Mobile-Home Authentication Extension" */
static void
test_each_bit_is_protected(void **state)
{
    const test_vector *m01 = vectors_find(vectors, "M01");
    world *w = bound_world(0);

    (void)state;
    requirement("R7629-4.1-07", "R7629-8-01");
    set_clock(w, w->home_agent, octets_u32(m01->octets + 16), w->now);
    for (size_t bit = 24 * 8; bit < 32 * 8; bit++)
    {
        uint8_t octets[64];
        answer a;

        memcpy(octets, m01->octets, m01->length);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        a = octets_send(w, care_of(1), octets, m01->length);
        assert_int_not_equal(a.reason, 0);
        assert_true(!a.came || a.code == 131);
    }
    assert_bound(w, "");
    assert_null(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_RECEIVED));
    /* Unharmed it is still good: none of the others counted for replay protection */
    assert_int_equal(octets_send(w, care_of(1), m01->octets, m01->length).code, 0);
    world_end(w);
}

/* "MUST place this extension before the Mobile-Home Authentication Extension" */
static void
test_placed_before_the_authentication(void **state)
{
    world *w = registered_world(3);
    snapshot before;
    answer a;

    (void)state;
    requirement("R7629-4.1-08", "D-16", "N09");
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        seen s = request_sent(w, i);

        assert_true(s.multipath != 0 && s.multipath < s.authentication);
    }
    world_end(w);

    /* Behind it nobody vouches for it, and as a plain registration the message would wipe the other bindings */
    w = bound_world(0);
    register_path(w, 1, 600, 0);
    register_path(w, 2, 600, 0);
    before = home_agent_state(w);
    a = play(w, vectors_find(vectors, "N09"));
    assert_denied(a, 134, FB_DROP_MULTIPATH_AFTER_AUTHENTICATION);
    assert_unchanged(w, &before);
    world_end(w);
}

/* "This field MUST be set to a value of 4" */
static void
test_length(void **state)
{
    world *w = bound_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.1-12", "N05");
    a = play(w, vectors_find(vectors, "N05"));
    assert_denied(a, 134, FB_DROP_MULTIPATH_LENGTH);
    world_end(w);

    w = bound_world(0);
    a = send_with_extension(w, (const uint8_t[]){154, 1, 0, 3, 4, 1, 1}, 7);
    assert_denied(a, 134, FB_DROP_MULTIPATH_LENGTH);
    a = send_with_extension(w, (const uint8_t[]){154, 1, 0, 0}, 4);
    assert_denied(a, 134, FB_DROP_MULTIPATH_LENGTH);
    /* Beyond the datagram: nothing behind it can be found, the authentication neither */
    a = send_with_extension(w, (const uint8_t[]){154, 1, 1, 4, 4, 1, 1, 0}, 8);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_TRUNCATED);
    a = send_with_extension(w, (const uint8_t[]){154, 1, 0xff, 0xff}, 4);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_TRUNCATED);
    assert_bound(w, "");
    world_end(w);
}

/* "from the Access Technology Type registry defined in RFC 5213" */
static void
test_access_technology(void **state)
{
    world_setup setup;
    world *w = bound_world(0);
    fb_binding_view view;
    fb_fact unknown = {
        .kind = FB_FACT_LINK_UP,
        .u.link = {.link = 1, .address = fb_addr_from_ipv4(care_of(1)), .bid = 1, .label = 1}};

    (void)state;
    requirement("R7629-4.1-13", "D-17");
    /* The registry grows: stored and shown as they are */
    assert_int_equal(send_multipath(w, 99, 1, 1, 0).code, 0);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.technology, 99);
    assert_int_equal(send_multipath(w, 0, 1, 1, 0).code, 0);
    /* Never sent as 0 */
    assert_int_equal(fb_agent_fact(w->mobile_node, &unknown, w->now), FB_ERR_ARGUMENT);
    world_end(w);

    w = registered_world(2);
    assert_int_equal(request_sent(w, 0).technology, 4); /* WLAN */
    assert_int_equal(request_sent(w, 1).technology, 8); /* LTE */
    world_end(w);

    world_setup_default(&setup);
    setup.home_agent.home_agent.strict_technology = true;
    w = world_start(&setup);
    assert_denied(send_multipath(w, 99, 1, 1, 0), 134, FB_DROP_TECHNOLOGY_UNASSIGNED);
    assert_denied(send_multipath(w, 14, 1, 1, 0), 134, FB_DROP_TECHNOLOGY_UNASSIGNED);
    assert_denied(send_multipath(w, 0, 1, 1, 0), 134, FB_DROP_TECHNOLOGY_UNASSIGNED);
    assert_bound(w, "");
    assert_int_equal(send_multipath(w, 13, 1, 1, 0).code, 0);
    world_end(w);
}

/* "The permitted values for If-Label are 1 through 255" */
static void
test_label(void **state)
{
    world *w = bound_world(0);
    fb_fact unlabelled = {.kind = FB_FACT_LINK_UP,
                          .u.link = {.link = 1,
                                     .address = fb_addr_from_ipv4(care_of(1)),
                                     .bid = 1,
                                     .technology = TECHNOLOGY_WLAN}};
    fb_binding_view view;
    answer a;

    (void)state;
    requirement("R7629-4.1-15", "R7629-4.1-14", "D-18", "N03");
    assert_int_equal(send_multipath(w, 4, 255, 1, 0).code, 0);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.label, 255);
    assert_denied(send_multipath(w, 4, 0, 2, 0), 134, FB_DROP_LABEL_ZERO);
    assert_bound(w, "1");
    assert_int_equal(fb_agent_fact(w->mobile_node, &unlabelled, w->now), FB_ERR_ARGUMENT);
    world_end(w);

    w = bound_world(0);
    a = play(w, vectors_find(vectors, "N03"));
    assert_denied(a, 134, FB_DROP_LABEL_ZERO);
    assert_bound(w, "");
    world_end(w);
}

/* the tunnel "is marked with that label", on both sides */
static void
test_label_marks_the_tunnel_at_both_ends(void **state)
{
    world *w = registered_world(3);
    fb_binding_view at_home_agent, at_mobile_node;

    (void)state;
    requirement("R7629-4.1-17");
    for (size_t i = 0; fb_agent_binding(w->mobile_node,
                                        FB_ROLE_MOBILE_NODE,
                                        WORLD_HOME_ADDRESS,
                                        i,
                                        &at_mobile_node);
         i++)
    {
        assert_true(world_binding(w, at_mobile_node.ref.bid, &at_home_agent));
        assert_int_equal(at_home_agent.label, at_mobile_node.label);
        assert_int_equal(at_home_agent.technology, at_mobile_node.technology);
        assert_int_equal(at_home_agent.label, at_mobile_node.ref.link);
    }
    world_end(w);
}

/* BID "1 through 254"; "0 and 255 are reserved" */
static void
test_binding_identifier_range(void **state)
{
    world *w = bound_world(0);
    fb_binding_view view;
    answer a;

    (void)state;
    requirement("R7629-4.1-18", "N04");
    assert_denied(send_multipath(w, 4, 1, 0, 0), 134, FB_DROP_BID_RESERVED);
    assert_denied(send_multipath(w, 4, 1, 255, 0), 134, FB_DROP_BID_RESERVED);
    assert_int_equal(world_binding_count(w), 0);
    assert_int_equal(send_multipath(w, 4, 1, 1, 0).code, 0);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(send_multipath(w, 4, 1, 254, 0).code, 0);
    assert_true(world_binding(w, 254, &view));
    world_end(w);

    w = bound_world(0);
    a = play(w, vectors_find(vectors, "N04"));
    assert_denied(a, 134, FB_DROP_BID_RESERVED);
    assert_bound(w, "");
    world_end(w);
}

/* the mobile node is not configured with them either */
static void
test_mobile_node_refuses_reserved_identifiers(void **state)
{
    world *w = bound_world(0);
    fb_fact fact = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = 1,
                               .address = fb_addr_from_ipv4(care_of(1)),
                               .label = 1,
                               .technology = TECHNOLOGY_WLAN}};

    (void)state;
    requirement("R7629-4.1-18");
    fact.u.link.bid = 0;
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_ARGUMENT);
    fact.u.link.bid = 255;
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, w->now), FB_ERR_ARGUMENT);
    fact.u.link.bid = 254;
    world_fact(w, w->mobile_node, &fact);
    assert_int_equal(request_sent(w, 0).bid, 254);
    world_end(w);
}

/* "uniquely identifies a specific binding of the mobile node" */
static void
test_binding_identifier_is_the_nodes_own(void **state)
{
    world *w = bound_world(0);
    fb_fact other = {.kind = FB_FACT_SUBSCRIBER_SET,
                     .u.subscriber = {.home_address = WORLD_HOME_ADDRESS + 1,
                                      .association = vectors_association(),
                                      .multipath_allowed = true}};
    fb_binding_view view;
    request r;

    (void)state;
    requirement("R7629-4.1-19");
    register_path(w, 1, 600, 0);
    register_path(w, 1, 600, 0);
    assert_bound(w, "1");

    world_fact(w, w->home_agent, &other);
    r = request_new(w, 600, care_of(4));
    r.octets[7]++; /* the other node's home address */
    request_multipath(&r, TECHNOLOGY_LTE, 5, 1, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "1");
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, care_of(1));
    assert_true(
        fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS + 1, 0, &view));
    assert_int_equal(view.ref.bid, 1);
    assert_int_equal(view.care_of_address, care_of(4));
    assert_false(
        fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS + 1, 1, &view));
    world_end(w);
}

/* (B): "update the binding lifetime of all the mobile node's bindings" */
static void
test_bulk_updates_all_lifetimes(void **state)
{
    world *w = bound_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.1-20", "D-06", "M05");
    register_path(w, 1, 400, 0);
    register_path(w, 2, 800, 0);
    world_run(w, 300 * FB_SECOND);
    assert_in_range(seconds_left(w, 1), 95, 100);
    assert_in_range(seconds_left(w, 2), 495, 500);
    a = play(w, vectors_find(vectors, "M05"));
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 1200);
    assert_int_equal(seconds_left(w, 1), 1200);
    assert_int_equal(seconds_left(w, 2), 1200);
    world_end(w);
}

/* "(B) MUST NOT be set" with (O), and (O) not with (B) */
static void
test_bulk_and_overwrite_exclude_each_other(void **state)
{
    world *w = bound_world(0);
    snapshot before;
    answer a;

    (void)state;
    requirement("R7629-4.1-21", "R7629-4.1-23", "D-03", "N01");
    register_path(w, 1, 600, 0);
    register_path(w, 2, 600, 0);
    before = home_agent_state(w);
    a = play(w, vectors_find(vectors, "N01"));
    assert_denied(a, 134, FB_DROP_BULK_AND_OVERWRITE);
    assert_unchanged(w, &before);
    world_end(w);
}

/* the mobile node never sends both, whatever happens to it, nor O with Lifetime 0 */
static void
test_mobile_node_never_sends_both(void **state)
{
    static const fb_coa_change changes[] = {FB_COA_CHANGE_REPLACE,
                                            FB_COA_CHANGE_OVERWRITE,
                                            FB_COA_CHANGE_IN_PLACE};

    (void)state;
    requirement("R7629-4.1-21", "R7629-4.1-23", "R7629-4.1-24");
    for (size_t i = 0; i < 3; i++)
    {
        world_setup setup;
        world *w;
        size_t bulk = 0, overwriting = 0;

        world_setup_default(&setup);
        setup.mobile_node.mobile_node.coa_change = changes[i];
        w = world_start(&setup);
        world_link_up(w, 1);
        world_run(w, FB_SECOND);
        world_change_address(w, 1, 0xcb007114); /* a single binding */
        world_run(w, FB_SECOND);
        world_link_up(w, 2);
        /* The refresh of all is due just when the address changes */
        world_run_until(w, 481 * FB_SECOND);
        world_change_address(w, 1, 0xcb007115);
        world_run(w, 600 * FB_SECOND);
        administrator(w, FB_FACT_DEREGISTER, 0);
        world_run(w, FB_SECOND);
        for (size_t k = 0; k < requests_sent(w); k++)
        {
            seen s = request_sent(w, k);

            assert_false(s.bulk && s.overwrite);
            assert_false(s.overwrite && s.lifetime_s == 0);
            bulk += s.bulk;
            overwriting += s.overwrite;
        }
        assert_true(bulk > 0);
        assert_int_equal(overwriting > 0, changes[i] != FB_COA_CHANGE_IN_PLACE);
        world_end(w);
    }
}

/* (O): "replace all of the mobile node's existing bindings with the new binding" */
static void
test_overwrite_replaces_all_bindings(void **state)
{
    world *w = bound_world(0);
    fb_binding_view view;
    size_t since;
    answer a;

    (void)state;
    requirement("R7629-4.1-22", "M06");
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        register_path(w, bid, 600, 0);
    }
    assert_bound(w, "123");
    since = w->events;
    a = play(w, vectors_find(vectors, "M06"));
    assert_int_equal(a.code, 0);
    assert_bound(w, "1");
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, 0xcb007114);
    for (uint8_t bid = 2; bid <= 3; bid++)
    {
        const fb_event *gone = binding_event(w, since, FB_ROLE_HOME_AGENT, bid, FB_BINDING_DOWN);

        assert_non_null(gone);
        assert_int_equal(gone->cause, FB_CAUSE_OVERWRITTEN);
    }
    /* Nothing is tunnelled to the others any more */
    for (uint16_t port = 1; port < 50; port++)
    {
        assert_int_equal(world_downlink(w, UDP, port, 1).outer_destination, 0xcb007114);
    }
    world_end(w);
}

/* (O) "MUST be set to a value of (0) in De-Registration requests" */
static void
test_overwrite_in_a_deregistration_is_ignored(void **state)
{
    world *w = bound_world(0);
    answer a;

    (void)state;
    requirement("R7629-4.1-24", "D-04", "N12");
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        register_path(w, bid, 600, 0);
    }
    a = play(w, vectors_find(vectors, "N12"));
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "23");
    world_end(w);
}

/* Reserved "MUST be ignored by the receiver" */
static void
test_reserved_bits_are_ignored(void **state)
{
    world *w = bound_world(0);
    fb_binding_view view;

    (void)state;
    requirement("R7629-4.1-25");
    register_path(w, 2, 900, 0);
    assert_int_equal(send_multipath(w, 4, 1, 1, 0x3f).code, 0);
    assert_bound(w, "12");
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, care_of(1));
    assert_int_equal(view.lifetime_s, 600);
    assert_true(world_binding(w, 2, &view));
    assert_int_equal(view.lifetime_s, 900); /* neither B nor O */
    world_end(w);
}

/* ... and "initialized to (0) by the sender" */
static void
test_reserved_bits_are_sent_as_zero(void **state)
{
    world *w = registered_world(3);

    (void)state;
    requirement("R7629-4.1-25");
    world_run(w, 500 * FB_SECOND);
    assert_true(requests_sent(w) >= 4);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        const world_message *m = world_sent(w, true, i);

        assert_int_equal(m->octets[look_at(m).multipath + 7] & 0x3f, 0);
    }
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
        cmocka_unit_test(test_one_of_many),
        cmocka_unit_test(test_interface_is_stored_with_the_binding),
        cmocka_unit_test(test_vectors_m01_and_m02),
        cmocka_unit_test(test_mobile_node_sends_m01),
        cmocka_unit_test(test_single_path_node_sends_no_extension),
        cmocka_unit_test(test_legacy_reading_ends_in_silence),
        cmocka_unit_test(test_two_instances),
        cmocka_unit_test(test_never_in_a_reply),
        cmocka_unit_test(test_ignored_in_a_reply),
        cmocka_unit_test(test_each_bit_is_protected),
        cmocka_unit_test(test_placed_before_the_authentication),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_access_technology),
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_label_marks_the_tunnel_at_both_ends),
        cmocka_unit_test(test_binding_identifier_range),
        cmocka_unit_test(test_mobile_node_refuses_reserved_identifiers),
        cmocka_unit_test(test_binding_identifier_is_the_nodes_own),
        cmocka_unit_test(test_bulk_updates_all_lifetimes),
        cmocka_unit_test(test_bulk_and_overwrite_exclude_each_other),
        cmocka_unit_test(test_mobile_node_never_sends_both),
        cmocka_unit_test(test_overwrite_replaces_all_bindings),
        cmocka_unit_test(test_overwrite_in_a_deregistration_is_ignored),
        cmocka_unit_test(test_reserved_bits_are_ignored),
        cmocka_unit_test(test_reserved_bits_are_sent_as_zero),
    };

    return cmocka_run_group_tests_name("rfc7629_4_1_multipath", tests, load, unload);
}
