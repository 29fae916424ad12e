/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.2: what the home agent does with registrations.
 */

#include "exchange.h"

#include <string.h>

static test_vectors *vectors;

static world *
home_agent_world(const fb_home_agent_config *changed, bool multipath_allowed)
{
    world_setup setup;

    world_setup_default(&setup);
    if (changed != NULL)
    {
        setup.home_agent.home_agent = *changed;
        setup.home_agent.home_agent.address = WORLD_HOME_AGENT;
    }
    setup.subscriber.multipath_allowed = multipath_allowed;
    return world_start(&setup);
}

static fb_home_agent_config
default_config(void)
{
    fb_config config;

    fb_config_default(&config);
    return config.home_agent;
}

/** BIDs 1 to @p count, 600 s each. */
static world *
bound_world(uint8_t count)
{
    world *w = home_agent_world(NULL, true);

    for (uint8_t bid = 1; bid <= count; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    return w;
}

static request
path_request(world *w, uint8_t bid, uint16_t lifetime_s, uint8_t flags)
{
    request r = request_new(w, lifetime_s, care_of(bid));

    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, flags);
    return r;
}

/** Rights of the node, changed while it is registered. */
static void
allow_multipath(world *w, bool allowed)
{
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET,
                    .u.subscriber = {.home_address = WORLD_HOME_ADDRESS,
                                     .association = vectors_association(),
                                     .multipath_allowed = allowed}};

    world_fact(w, w->home_agent, &fact);
}

/* ---- authorisation ---- */

/* "should check if the mobile node is authorized"; if not, "MUST reject" with 152, whatever the flags say */
static void
test_multipath_not_allowed(void **state)
{
    static const uint8_t flags[] = {0, FLAG_B, FLAG_O};

    (void)state;
    requirement("R7629-5.2-01", "R7629-5.2-02", "D-32");
    for (size_t i = 0; i < sizeof flags; i++)
    {
        world *w = home_agent_world(NULL, false);
        request r = path_request(w, 1, 600, flags[i]);

        assert_denied(request_send(w, &r), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
        assert_bound(w, "");
        assert_null(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING));
        /* It may register without (5.1) */
        r = request_new(w, 600, care_of(1));
        assert_int_equal(request_send(w, &r).code, 1);
        assert_bound(w, "0");
        world_end(w);
    }
}

/* the same for every node when the home agent has it switched off */
static void
test_multipath_not_enabled(void **state)
{
    fb_home_agent_config config = default_config();
    world *w;

    (void)state;
    requirement("R7629-5.2-02");
    config.multipath = false;
    w = home_agent_world(&config, true);
    assert_denied(register_path(w, 1, 600, 0), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_bound(w, "");
    world_end(w);
}

/* a right withdrawn: nothing changes by itself; 152 to all that carries 154, Lifetime 0 too */
static void
test_right_withdrawn(void **state)
{
    world *w = bound_world(2);
    snapshot before;
    request r;

    (void)state;
    requirement("R7629-5.2-02", "D-32", "C-12");
    before = home_agent_state(w);
    allow_multipath(w, false);
    assert_unchanged(w, &before);
    assert_denied(register_path(w, 1, 600, 0), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_denied(register_path(w, 2, 0, 0), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    assert_unchanged(w, &before);

    /* Without 154 the node can remove what is there */
    r = request_new(w, 0, care_of(2));
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "1");
    world_end(w);
}

/* ... unless the switch says that de-registrations are honoured */
static void
test_lenient_deregistration(void **state)
{
    fb_home_agent_config config = default_config();
    world *w;

    (void)state;
    requirement("C-12", "D-32");
    config.lenient_deregistration = true;
    w = home_agent_world(&config, true);
    register_path(w, 1, 600, 0);
    register_path(w, 2, 600, 0);
    allow_multipath(w, false);
    assert_int_equal(register_path(w, 2, 0, 0).code, 0);
    assert_bound(w, "1");
    assert_int_equal(register_path(w, 1, 600, 0).code, 152);
    world_end(w);
}

/* ---- B ---- */

/* (B): "MUST extend the lifetime of all the bindings" */
static void
test_bulk_reregistration(void **state)
{
    world *w = bound_world(0);
    size_t since;

    (void)state;
    requirement("R7629-5.2-03", "D-06");
    register_path(w, 1, 10, 0);
    register_path(w, 2, 1500, 0);
    register_path(w, 3, 300, 0);
    since = w->events;
    assert_int_equal(register_path(w, 1, 1200, FLAG_B).code, 0);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        fb_binding_view view;

        /* Even where that is shorter: one number in the reply, one lifetime (C-22) */
        assert_true(world_binding(w, bid, &view));
        assert_int_equal(view.lifetime_s, 1200);
        assert_true(view.expires == w->now + 1200 * FB_SECOND);
        assert_true(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING, bid) > 0);
    }
    world_run(w, 1199 * FB_SECOND);
    assert_bound(w, "123");
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "");
    world_end(w);
}

/* B: never more than the home agent grants */
static void
test_bulk_is_limited_by_the_maximum(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 5000, FLAG_B);
    answer a;

    (void)state;
    requirement("D-06", "B5944-11");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 1800);
    assert_int_equal(seconds_left(w, 1), 1800);
    assert_int_equal(seconds_left(w, 2), 1800);
    world_end(w);
}

/* B with a new BID, or a new care-of address: registered normally, and all get the lifetime */
static void
test_bulk_with_a_new_binding(void **state)
{
    world *w = bound_world(2);
    fb_binding_view view;
    request r;

    (void)state;
    requirement("D-08");
    assert_int_equal(register_path(w, 3, 900, FLAG_B).code, 0);
    assert_bound(w, "123");
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(seconds_left(w, bid), 900);
    }
    r = request_new(w, 700, 0xcb007114);
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, FLAG_B);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "123");
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.care_of_address, 0xcb007114);
    assert_int_equal(seconds_left(w, 3), 700);
    world_end(w);
}

/* B with Lifetime 0: all bindings and the policy go, whatever BID and care-of address say. Vector M09 */
static void
test_bulk_deregistration(void **state)
{
    world *w = bound_world(3);
    request r = path_request(w, 1, 600, 0);
    const fb_event *intercept;
    size_t since;
    answer a;

    (void)state;
    requirement("R7629-5.1-19", "D-05", "C-09", "C-10", "D-25", "M09");
    request_forward(&r, "123", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    since = w->events;
    a = play(w, vectors_find(vectors, "M09"));
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    intercept = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(intercept);
    assert_int_equal(intercept->count, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).reason, FB_DROP_NO_BINDING);
    world_end(w);

    /* Any care-of address, and a BID that was never registered */
    w = bound_world(2);
    r = path_request(w, 9, 0, FLAG_B);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "");
    /* It must still be well formed */
    r = request_new(w, 0, care_of(1));
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 255, FLAG_B);
    assert_int_equal(request_send(w, &r).code, 134);
    world_end(w);
}

/* ---- O ---- */

/* (O): "replace all other mobile node's bindings with just one binding" */
static void
test_overwrite(void **state)
{
    world *w = bound_world(3);
    request r;
    answer a;

    (void)state;
    requirement("R7629-5.2-06", "D-25");
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "321", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);

    r = path_request(w, 2, 600, FLAG_O);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_bound(w, "2");
    assert_int_equal(world_rule_count(w), 0); /* the old rules mean nothing any more */
    world_end(w);
}

/* O with a BID that was not there: also a rebooted node's first request */
static void
test_overwrite_with_a_new_binding(void **state)
{
    world *w = bound_world(3);
    request r = path_request(w, 4, 600, FLAG_O);
    size_t since = w->events;

    (void)state;
    requirement("R7629-5.2-06", "D-25");
    request_forward(&r, "4", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "4");
    assert_int_equal(world_rule_count(w), 1);
    /* The node was never without a binding: its packets were caught all the time */
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));
    world_end(w);
}

/* O: the only BID known is the request's own, and that is checked before anything is wiped */
static void
test_overwrite_that_names_other_bindings(void **state)
{
    world *w = bound_world(3);
    snapshot before = home_agent_state(w);
    request r = path_request(w, 1, 600, FLAG_O);

    (void)state;
    requirement("C-15", "D-12", "R7629-5.2-05");
    request_forward(&r, "12", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);
    world_end(w);
}

/* ---- Flow-Bindings ---- */

/* "must set up the forwarding plane that matches": there when the reply leaves */
static void
test_policy_is_active_with_the_reply(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 600, 0);
    answer a;

    (void)state;
    requirement("R7629-5.2-04");
    request_forward(&r, "2", UDP, SIP);
    request_drop(&r, 255, TCP, HTTP);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_true(a.message->sent_at == w->now);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(2));
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).reason, FB_DROP_POLICY);
    world_end(w);
}

/* "cannot identify any of the binding identifiers": one unknown one is enough; the request's own is known */
static void
test_unknown_bid(void **state)
{
    world *w = bound_world(1);
    snapshot before = home_agent_state(w);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("R7629-5.2-05", "D-12");
    request_forward(&r, "17", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    /* In any of the rules */
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, SIP);
    request_forward(&r, "7", TCP, HTTP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    /* A path that does not exist yet */
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "12", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);

    r = path_request(w, 2, 600, 0);
    request_forward(&r, "21", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12");
    world_end(w);
}

/* the switch: 153 only when all BIDs of a rule are unknown */
static void
test_unknown_bid_tolerated(void **state)
{
    fb_home_agent_config config = default_config();
    world *w;
    request r;

    (void)state;
    requirement("D-12");
    config.unknown_bid_strict = false;
    w = home_agent_world(&config, true);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "71", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "78", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 153);
    world_end(w);
}

/* a BID about to be taken over by this request's care-of address is not known afterwards */
static void
test_renamed_bid_is_unknown(void **state)
{
    world *w = bound_world(2);
    snapshot before = home_agent_state(w);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("D-11", "D-12");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 9, 0);
    request_forward(&r, "1", UDP, SIP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);
    world_end(w);
}

/* an accepted policy replaces the earlier one whole; a request without one leaves it alone */
static void
test_policy_replaces_policy(void **state)
{
    static const uint8_t everything[12] = {154, 2, 0, 8, 1, 1, 2, 1, 0, 0, 0, 0};
    world *w = registered_world(0);
    request r;

    (void)state;
    requirement("D-22", "M03");
    register_path(w, 1, 600, 0);
    assert_int_equal(play(w, vectors_find(vectors, "M03")).code, 0);
    assert_int_equal(world_rule_count(w), 2);
    world_end(w);

    w = bound_world(2);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "12", UDP, SIP);
    request_forward(&r, "2", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(register_path(w, 2, 600, FLAG_B).code, 0);
    assert_int_equal(world_rule_count(w), 2);
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "2", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    /* To clear it: one rule for everything */
    r = path_request(w, 2, 600, 0);
    request_octets(&r, everything, sizeof everything);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/* the policy's life: it stays while bindings go one by one, and ends with the last */
static void
test_policy_ends_with_the_last_binding(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-25");
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(register_path(w, 1, 0, 0).code, 0);
    assert_int_equal(world_rule_count(w), 1);
    since = w->events;
    assert_int_equal(register_path(w, 2, 0, 0).code, 0);
    assert_int_equal(world_rule_count(w), 0);
    assert_int_equal(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_POLICY)->count, 0);
    /* It does not come back with the binding */
    register_path(w, 1, 600, 0);
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* ... also when that expires */
static void
test_policy_ends_with_the_last_expiry(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 500, 0);

    (void)state;
    requirement("D-25", "D-36");
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    world_run(w, 501 * FB_SECOND);
    assert_bound(w, "2");
    assert_int_equal(world_rule_count(w), 1);
    world_run(w, 100 * FB_SECOND);
    assert_bound(w, "");
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* a Flow-Binding without a Multipath Extension would be a plain registration, which wipes the others */
static void
test_flow_binding_without_multipath(void **state)
{
    world *w = bound_world(2);
    snapshot before = home_agent_state(w);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("D-15");
    request_forward(&r, "1", UDP, SIP);
    assert_denied(request_send(w, &r), 134, FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH);
    assert_unchanged(w, &before);
    world_end(w);
}

/* a home agent that takes no policies says 129 and registers nothing */
static void
test_policy_refused(void **state)
{
    fb_home_agent_config config = default_config();
    world *w;
    request r;

    (void)state;
    requirement("D-34");
    config.flow_policy = false;
    w = home_agent_world(&config, true);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, SIP);
    assert_denied(request_send(w, &r), 129, FB_DROP_FLOW_POLICY_NOT_ALLOWED);
    assert_bound(w, "");
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    world_end(w);
}

/* ---- care-of addresses ---- */

/* same BID, other care-of address, O = 0: changed in place */
static void
test_care_of_address_changes_in_place(void **state)
{
    world *w = bound_world(2);
    fb_binding_view other, moved, view;
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-10");
    request_forward(&r, "12", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_true(world_binding(w, 2, &other));
    since = w->events;

    r = request_new(w, 600, 0xcb007114);
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12");
    assert_true(world_binding(w, 1, &moved));
    assert_int_equal(moved.care_of_address, 0xcb007114);
    assert_int_equal(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP)->cause,
                     FB_CAUSE_ADDRESS_CHANGED);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, 0xcb007114);
    assert_true(world_binding(w, 2, &view));
    assert_true(view.expires == other.expires);
    /* Packets from the old address come out of no tunnel of this node */
    {
        uint8_t inner[48] = {0x45, 0, 0, 48, 0, 0, 0, 0, 63, UDP};
        fb_packet packet = {.header = inner, .header_len = 48, .total_len = 48};
        fb_meta outer = {.src = fb_addr_from_ipv4(care_of(1)),
                         .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                         .protocol = 4};
        fb_action action;

        memcpy(inner + 12, "\xc6\x33\x64\x0a\xc0\x00\x02\xc8", 8);
        assert_int_equal(fb_agent_receive(w->home_agent, &outer, &packet, w->now), FB_OK);
        assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
        assert_int_equal(action.kind, FB_DROP_PACKET);
        assert_int_equal(action.reason, FB_DROP_TUNNEL_SOURCE);
    }
    world_end(w);
}

/* another BID with the same care-of address takes the binding over */
static void
test_same_care_of_address_under_two_bids(void **state)
{
    world *w = bound_world(2);
    request r = request_new(w, 600, care_of(1));
    size_t since = w->events;

    (void)state;
    requirement("D-11", "R7629-2.2-01");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 9, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "29");
    assert_int_equal(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_REPLACED);
    world_end(w);
}

/* ---- with and without RFC 7629 ---- */

/* a registration without 154 replaces all bindings and ends the policy; one with 154 replaces that */
static void
test_mixed_registrations(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-26", "D-25", "R7629-4.1-01", "B5944-50");
    request_forward(&r, "12", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    since = w->events;
    r = request_new(w, 600, care_of(3));
    r.octets[1] |= 0x80; /* S: ignored, simultaneous bindings of RFC 5944 are not supported */
    assert_int_equal(request_send(w, &r).code, 1);
    assert_bound(w, "0");
    assert_int_equal(world_rule_count(w), 0);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).outer_destination, care_of(3));
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));

    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    assert_bound(w, "2");
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));
    world_end(w);
}

/* S together with Multipath: no effect, Code 0, a single copy of each packet */
static void
test_simultaneous_bindings_flag(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 3, 600, 0);
    answer a;

    (void)state;
    requirement("D-27", "B5944-50");
    r.octets[1] |= 0x80;
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_bound(w, "123");
    for (uint16_t port = 1; port < 50; port++)
    {
        assert_int_equal(world_downlink(w, UDP, port, 40000).kind, FB_SEND); /* its only action */
    }
    world_end(w);

    /* The mobile node sends S = 0 */
    w = registered_world(3);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).flags, 0x22);
    }
    world_end(w);
}

/* ---- de-registration ---- */

/* vector M07 is answered by M08, and only BID 2 goes */
static void
test_vectors_m07_and_m08(void **state)
{
    world *w = bound_world(3);
    answer a;

    (void)state;
    requirement("R7629-5.1-17", "R7629-5.1-18", "M07", "M08");
    a = play(w, vectors_find(vectors, "M07"));
    assert_is_vector(&a, vectors_find(vectors, "M08"));
    assert_bound(w, "13");
    world_end(w);
}

/* with 154 the BID decides, the care-of address is not compared */
static void
test_deregistration_is_by_bid(void **state)
{
    world *w = bound_world(3);
    request r = request_new(w, 0, care_of(3));
    answer a;

    (void)state;
    requirement("D-28", "R7629-5.1-18");
    request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    /* Once more: what is not there is de-registered already */
    r = path_request(w, 2, 0, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    world_end(w);
}

/* without 154 the care-of address decides; that of the home network means all */
static void
test_deregistration_without_multipath(void **state)
{
    world *w = bound_world(3);
    request r = request_new(w, 0, care_of(2));
    answer a;

    (void)state;
    requirement("D-28", "C-11", "B5944-49");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    r = request_new(w, 0, 0xcb0071c8); /* bound to nobody */
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "13");
    r = request_new(w, 0, WORLD_HOME_ADDRESS);
    r.source = care_of(1);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "");
    world_end(w);
}

/* care-of address = home address removes all with 154 as well, B or not */
static void
test_home_address_deregisters_all(void **state)
{
    world *w = bound_world(3);
    request r = request_new(w, 0, WORLD_HOME_ADDRESS);
    answer a;

    (void)state;
    requirement("C-11");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    r.source = care_of(1);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "");
    world_end(w);
}

/* Lifetime 0 gets its answer in every state of the node */
static void
test_deregistration_of_what_is_not_there(void **state)
{
    world *w = bound_world(0);
    request r = path_request(w, 1, 0, 0);
    answer a = request_send(w, &r);

    (void)state;
    requirement("C-11", "D-28");
    assert_accepted(&a, &r, 0); /* no binding at all */
    r = request_new(w, 600, care_of(1));
    request_send(w, &r);
    r = request_new(w, 0, care_of(2));
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0); /* a plain binding, of another address */
    assert_bound(w, "0");
    world_end(w);
}

/* over another interface: the source of the packet need not be the care-of address to be removed */
static void
test_deregistration_over_another_path(void **state)
{
    world *w = bound_world(2);
    request r = path_request(w, 2, 0, 0);
    answer a;

    (void)state;
    requirement("D-37");
    r.source = care_of(1);
    a = request_send(w, &r); /* the answer goes there too: octets_send() looks */
    assert_accepted(&a, &r, 0);
    assert_bound(w, "1");
    world_end(w);
}

/* Flow-Bindings in a de-registration are ignored, however they look */
static void
test_flow_bindings_with_lifetime_0(void **state)
{
    static const uint8_t nonsense[8] = {154, 2, 0, 4, 7, 7, 7, 7};
    world *w = bound_world(2);
    request r = path_request(w, 2, 0, 0);
    answer a;

    (void)state;
    requirement("C-15");
    request_forward(&r, "7", UDP, SIP);
    request_octets(&r, nonsense, sizeof nonsense);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 0);
    assert_bound(w, "1");
    assert_int_equal(world_rule_count(w), 0);
    world_end(w);
}

/* ---- replay protection ---- */

/* strictly increasing for the whole node: two requests that overtake each other */
static void
test_requests_that_overtake_each_other(void **state)
{
    world *w = bound_world(0);
    request first = path_request(w, 1, 600, 0);
    request second = path_request(w, 2, 600, 0);

    (void)state;
    requirement("D-29", "C-21", "B5944-23");
    assert_int_equal(request_send(w, &second).code, 0);
    assert_denied(request_send(w, &first), 133, FB_DROP_IDENTIFICATION);
    assert_bound(w, "2");
    assert_denied(request_send(w, &second), 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* a refused request has used its Identification up, once the authenticator was right */
static void
test_identification_of_refused_requests(void **state)
{
    world *w = bound_world(1);
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("C-12", "D-32");
    request_multipath(&r, TECHNOLOGY_WLAN, 0, 1, 0);
    assert_denied(request_send(w, &r), 134, FB_DROP_LABEL_ZERO);
    assert_denied(request_send(w, &r), 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* 133 brings the home agent's clock, with the low half of the request's Identification: M01 an hour late gives M17 */
static void
test_vector_m17(void **state)
{
    world *w = bound_world(0);
    const test_vector *m01 = vectors_find(vectors, "M01");
    answer a;

    (void)state;
    requirement("M17", "B5944-20", "B5944-23");
    set_clock(w, w->home_agent, 0xed004590, w->now);
    a = octets_send(w, care_of(1), m01->octets, m01->length);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    assert_is_vector(&a, vectors_find(vectors, "M17"));
    assert_bound(w, "");
    world_end(w);
}

/* a wrong authenticator: 131, or silence where that is configured; nothing else happens. Vector N08 */
static void
test_bad_authenticator(void **state)
{
    fb_home_agent_config config = default_config();
    world *w = bound_world(2);
    snapshot before = home_agent_state(w);

    (void)state;
    requirement("N08", "B5944-19", "R7629-8-01");
    assert_denied(play(w, vectors_find(vectors, "N08")), 131, FB_DROP_BAD_AUTHENTICATOR);
    assert_unchanged(w, &before);
    world_end(w);

    config.reply_bad_authenticator = false;
    w = home_agent_world(&config, true);
    assert_false(play(w, vectors_find(vectors, "N08")).came);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_BAD_AUTHENTICATOR), 1);
    assert_int_equal(world_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_DROP)->reason,
                     FB_DROP_BAD_AUTHENTICATOR);
    world_end(w);
}

/* ---- limits and lifetimes ---- */

/* too many bindings: 135; a known BID, or one that replaces, still fits */
static void
test_too_many_bindings(void **state)
{
    world *w = bound_world(0);
    snapshot before;
    request r;

    (void)state;
    requirement("D-33");
    for (uint8_t bid = 1; bid <= 8; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    before = home_agent_state(w);
    assert_denied(register_path(w, 9, 600, 0), 135, FB_DROP_TOO_MANY_BINDINGS);
    assert_unchanged(w, &before);
    assert_int_equal(register_path(w, 8, 600, 0).code, 0);
    r = request_new(w, 600, care_of(8)); /* takes over BID 8's place */
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 9, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "12345679");
    assert_int_equal(register_path(w, 8, 600, FLAG_O).code, 0);
    assert_bound(w, "8");
    world_end(w);
}

/* too many rules: 130, and the care-of address is not registered either */
static void
test_too_many_rules(void **state)
{
    world_setup setup;
    world *w;
    request r;

    (void)state;
    requirement("D-33");
    world_setup_default(&setup);
    setup.home_agent.limits.rules_per_node = 3;
    w = world_start(&setup);
    r = path_request(w, 1, 600, 0);
    for (uint16_t port = 1; port <= 3; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 3);
    r = path_request(w, 2, 600, 0);
    for (uint16_t port = 1; port <= 4; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    assert_bound(w, "1");
    assert_int_equal(world_rule_count(w), 3);
    world_end(w);
}

/* 64 rules are enough for anybody, and fit one datagram */
static void
test_64_rules(void **state)
{
    world *w = bound_world(1);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("D-33", "R7629-4.2-02");
    for (uint16_t port = 1; port <= 64; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 64);
    r = path_request(w, 1, 600, 0);
    for (uint16_t port = 1; port <= 65; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    world_end(w);
}

/* each binding has its own lifetime; its end is silent and takes nothing else with it; 0xffff has none */
static void
test_lifetimes(void **state)
{
    fb_home_agent_config config = default_config();
    world *w;
    size_t replies;

    (void)state;
    requirement("D-36", "B5944-09", "B5944-11", "B5944-54");
    config.lifetime_max_s = 0xffff;
    w = home_agent_world(&config, true);
    register_path(w, 1, 600, 0);
    register_path(w, 2, 60, 0);
    register_path(w, 3, 0xffff, 0);
    replies = world_sent_count(w, false);
    world_run(w, 59 * FB_SECOND);
    assert_bound(w, "123");
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "13");
    assert_int_equal(binding_event(w, 0, FB_ROLE_HOME_AGENT, 2, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_EXPIRED);
    world_run(w, 600 * FB_SECOND);
    assert_bound(w, "3");
    world_run(w, 200000 * FB_SECOND);
    assert_bound(w, "3");
    assert_int_equal(world_sent_count(w, false), replies);
    world_end(w);
}

/* reserved flags of the fixed part are ignored, or refused where that is configured */
static void
test_reserved_flags(void **state)
{
    fb_home_agent_config config = default_config();
    world *w = bound_world(0);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("D-44", "B5944-05");
    r.octets[1] |= 0x05; /* r, x */
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "1");
    world_end(w);

    config.strict_reserved = true;
    w = home_agent_world(&config, true);
    r = path_request(w, 1, 600, 0);
    r.octets[1] |= 0x04;
    assert_denied(request_send(w, &r), 134, FB_DROP_RESERVED_BITS);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    world_end(w);
}

/* the home agent never asks (5.1 says so by mistake) */
static void
test_home_agent_only_answers(void **state)
{
    world *w = registered_world(3);
    size_t answered;

    (void)state;
    requirement("D-02");
    world_run(w, 1000 * FB_SECOND);
    answered = world_sent_count(w, false);
    assert_int_equal(answered, requests_sent(w));
    for (size_t i = 0; i < answered; i++)
    {
        assert_int_equal(look_at(world_sent(w, false, i)).type, 3);
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
        cmocka_unit_test(test_multipath_not_allowed),
        cmocka_unit_test(test_multipath_not_enabled),
        cmocka_unit_test(test_right_withdrawn),
        cmocka_unit_test(test_lenient_deregistration),
        cmocka_unit_test(test_bulk_reregistration),
        cmocka_unit_test(test_bulk_is_limited_by_the_maximum),
        cmocka_unit_test(test_bulk_with_a_new_binding),
        cmocka_unit_test(test_bulk_deregistration),
        cmocka_unit_test(test_overwrite),
        cmocka_unit_test(test_overwrite_with_a_new_binding),
        cmocka_unit_test(test_overwrite_that_names_other_bindings),
        cmocka_unit_test(test_policy_is_active_with_the_reply),
        cmocka_unit_test(test_unknown_bid),
        cmocka_unit_test(test_unknown_bid_tolerated),
        cmocka_unit_test(test_renamed_bid_is_unknown),
        cmocka_unit_test(test_policy_replaces_policy),
        cmocka_unit_test(test_policy_ends_with_the_last_binding),
        cmocka_unit_test(test_policy_ends_with_the_last_expiry),
        cmocka_unit_test(test_flow_binding_without_multipath),
        cmocka_unit_test(test_policy_refused),
        cmocka_unit_test(test_care_of_address_changes_in_place),
        cmocka_unit_test(test_same_care_of_address_under_two_bids),
        cmocka_unit_test(test_mixed_registrations),
        cmocka_unit_test(test_simultaneous_bindings_flag),
        cmocka_unit_test(test_vectors_m07_and_m08),
        cmocka_unit_test(test_deregistration_is_by_bid),
        cmocka_unit_test(test_deregistration_without_multipath),
        cmocka_unit_test(test_home_address_deregisters_all),
        cmocka_unit_test(test_deregistration_of_what_is_not_there),
        cmocka_unit_test(test_deregistration_over_another_path),
        cmocka_unit_test(test_flow_bindings_with_lifetime_0),
        cmocka_unit_test(test_requests_that_overtake_each_other),
        cmocka_unit_test(test_identification_of_refused_requests),
        cmocka_unit_test(test_vector_m17),
        cmocka_unit_test(test_bad_authenticator),
        cmocka_unit_test(test_too_many_bindings),
        cmocka_unit_test(test_too_many_rules),
        cmocka_unit_test(test_64_rules),
        cmocka_unit_test(test_lifetimes),
        cmocka_unit_test(test_reserved_flags),
        cmocka_unit_test(test_home_agent_only_answers),
    };

    return cmocka_run_group_tests_name("rfc7629_5_2_home_agent", tests, load, unload);
}
