/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The home agent's gate, in its order, and its state for several nodes.
 */

#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#define OTHER_NODE 0xc633640bu /* 198.51.100.11 */

static void
put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static void
subscribe(world *w, fb_ipv4 home_address, bool multipath_allowed)
{
    world_setup setup;
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    world_setup_default(&setup);
    fact.u.subscriber = setup.subscriber; /* the same key */
    fact.u.subscriber.home_address = home_address;
    fact.u.subscriber.multipath_allowed = multipath_allowed;
    world_fact(w, w->home_agent, &fact);
}

static size_t
bindings_of(const world *w, fb_ipv4 home_address)
{
    fb_binding_view view;
    size_t count = 0;

    while (fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, home_address, count, &view))
    {
        count++;
    }
    return count;
}

static bool
binding_of(const world *w, fb_ipv4 home_address, uint8_t bid, fb_binding_view *view)
{
    for (size_t i = 0; fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, home_address, i, view);
         i++)
    {
        if (view->ref.bid == bid)
        {
            return true;
        }
    }
    return false;
}

static request
request_of(world *w,
           fb_ipv4 home_address,
           uint16_t lifetime_s,
           uint8_t bid,
           fb_ipv4 care_of_address)
{
    request r = request_new(w, lifetime_s, care_of_address);

    put_u32(r.octets + 4, home_address);
    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    return r;
}

static void
register_other(world *w,
               fb_ipv4 home_address,
               uint8_t bid,
               fb_ipv4 care_of_address,
               uint16_t lifetime_s)
{
    request r = request_of(w, home_address, lifetime_s, bid, care_of_address);
    answer a = request_send(w, &r);

    assert_true(a.came);
    assert_int_equal(a.code, 0);
}

/* ---- the gate: of two faults the earlier one decides ---- */

/** What is wrong with a request: gates of RFC 5944 3.8 and RFC 7629 5.2, in the order they are passed. */
enum
{
    FRAMING = 1 << 0, /* G1 */
    NO_ASSOCIATION = 1 << 1, /* G2 */
    BAD_AUTHENTICATOR = 1 << 2, /* G3 */
    STALE = 1 << 3, /* G5 */
    FOREIGN = 1 << 4, /* G4, which comes after G5 (C-18) */
    OTHER_HOME_AGENT = 1 << 5, /* G6 */
    TWO_MULTIPATHS = 1 << 6, /* G7 */
    NOT_ALLOWED = 1 << 7, /* G8 */
    MINIMAL_ENCAPSULATION = 1 << 8, /* G9 */
    ONE_TOO_MANY = 1 << 9, /* G10 */
    UNKNOWN_BID = 1 << 10, /* G11 */
    FAULTS = 11
};

static const struct
{
    int reason;
    uint8_t code; /* 0: silence */
} outcome[FAULTS] = {
    {FB_DROP_UNKNOWN_EXTENSION, 0},
    {FB_DROP_NO_SECURITY_ASSOCIATION, 0},
    {FB_DROP_BAD_AUTHENTICATOR, 131},
    {FB_DROP_IDENTIFICATION, 133},
    {FB_DROP_NO_SECURITY_ASSOCIATION, 0},
    {FB_DROP_HOME_AGENT_UNKNOWN, 136},
    {FB_DROP_MULTIPATH_REPEATED, 134},
    {FB_DROP_MULTIPATH_NOT_ALLOWED, 152},
    {FB_DROP_ENCAPSULATION_UNSUPPORTED, 139},
    {FB_DROP_TOO_MANY_BINDINGS, 135},
    {FB_DROP_BID_UNKNOWN, 153},
};

/** Three bindings, of at most three, and the policy of Figure 2. */
static world *
full_world(void)
{
    world_setup setup;
    fb_rule rules[5];
    world *w;

    world_setup_default(&setup);
    setup.home_agent.limits.bindings_per_node = 3;
    setup.home_agent.home_agent.minimal = false;
    w = world_start(&setup);
    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
    return w;
}

static answer
send_faulty(world *w, unsigned faults)
{
    /* A new BID needs room; a known one does not */
    uint8_t bid = (faults & ONE_TOO_MANY) != 0 ? 4 : 1;
    request r = request_new(w, 600, care_of(bid));

    subscribe(w, WORLD_HOME_ADDRESS, (faults & NOT_ALLOWED) == 0);
    if ((faults & MINIMAL_ENCAPSULATION) != 0)
    {
        r.octets[1] |= 0x10;
    }
    if ((faults & OTHER_HOME_AGENT) != 0)
    {
        put_u32(r.octets + 8, 0xc0000202u);
    }
    if ((faults & STALE) != 0)
    {
        put_u32(r.octets + 16, WORLD_NTP - 3600);
    }
    if ((faults & NO_ASSOCIATION) != 0)
    {
        put_u32(r.octets + 4, OTHER_NODE);
    }
    for (int i = 0; i < ((faults & TWO_MULTIPATHS) != 0 ? 2 : 1); i++)
    {
        request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    }
    request_forward(&r, (faults & UNKNOWN_BID) != 0 ? "17" : "1", UDP, SIP);
    r.length = world_sign(r.octets, r.length);
    if ((faults & BAD_AUTHENTICATOR) != 0)
    {
        r.octets[r.length - 1] ^= 1;
    }
    if ((faults & FOREIGN) != 0)
    {
        request_octets(&r, (const uint8_t[22]){34, 20, 0, 0, 3, 3}, 22);
    }
    if ((faults & FRAMING) != 0)
    {
        request_octets(&r, (const uint8_t[]){100, 0}, 2);
    }
    return octets_send(w, r.source, r.octets, r.length);
}

static void
assert_outcome(const answer *a, int fault)
{
    assert_int_equal(a->reason, outcome[fault].reason);
    assert_int_equal(a->came, outcome[fault].code != 0);
    assert_int_equal(a->code, outcome[fault].code);
}

/** No event says that a binding, a policy or the interception changed. */
static void
assert_no_change_told(const world *w, size_t since)
{
    for (size_t i = since; i < w->events; i++)
    {
        assert_true(w->event[i].kind != FB_EVENT_BINDING && w->event[i].kind != FB_EVENT_POLICY &&
                    w->event[i].kind != FB_EVENT_INTERCEPT &&
                    w->event[i].kind != FB_EVENT_RECEIVED);
    }
}

static void
test_each_fault_has_its_outcome_and_changes_nothing(void **state)
{
    world *w = full_world();

    (void)state;
    for (int fault = 0; fault < FAULTS; fault++)
    {
        snapshot before = home_agent_state(w);
        size_t events = w->events;
        uint64_t counted = fb_agent_counter(w->home_agent, (fb_reason)outcome[fault].reason);
        answer a = send_faulty(w, 1u << fault);

        assert_outcome(&a, fault);
        assert_unchanged(w, &before);
        assert_no_change_told(w, events);
        assert_int_equal(fb_agent_counter(w->home_agent, (fb_reason)outcome[fault].reason),
                         counted + 1);
        assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 1);
    }
    /* And without a fault it is accepted */
    assert_int_equal(send_faulty(w, 0).reason, FB_REASON_NONE);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

static void
test_the_earlier_of_two_faults_decides(void **state)
{
    world *w = full_world();

    (void)state;
    for (int first = 0; first < FAULTS; first++)
    {
        for (int second = first + 1; second < FAULTS; second++)
        {
            snapshot before = home_agent_state(w);
            answer a = send_faulty(w, 1u << first | 1u << second);

            assert_outcome(&a, first);
            assert_unchanged(w, &before);
        }
    }
    world_end(w);
}

static void
test_all_faults_at_once_are_taken_one_by_one(void **state)
{
    world *w = full_world();
    unsigned faults = (1u << FAULTS) - 1;

    (void)state;
    for (int fault = 0; fault < FAULTS; fault++)
    {
        answer a = send_faulty(w, faults);

        assert_outcome(&a, fault);
        faults &= ~(1u << fault);
    }
    world_end(w);
}

/* C-12: what passed the replay check counts, whatever became of the request. */
static void
test_a_refused_request_cannot_be_replayed(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    request r;
    answer a;

    (void)state;
    config.minimal = false;
    w = home_agent_world(&config, true);
    r = request_new(w, 600, care_of(1));
    r.octets[1] |= 0x10; /* M: refused with 139 */
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    a = request_send(w, &r);
    assert_denied(a, 139, FB_DROP_ENCAPSULATION_UNSUPPORTED);
    a = request_send(w, &r);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* A forged request must not shut out the true ones: nothing counts before the authenticator. */
static void
test_a_forged_identification_counts_for_nothing(void **state)
{
    world *w = registered_world(1);
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    put_u32(r.octets + 16, WORLD_NTP + 7); /* as far ahead as is tolerated */
    r.length = world_sign(r.octets, r.length);
    r.octets[r.length - 1] ^= 1;
    a = octets_send(w, r.source, r.octets, r.length);
    assert_denied(a, 131, FB_DROP_BAD_AUTHENTICATOR);
    a = register_path(w, 1, 600, 0);
    assert_int_equal(a.code, 0);
    world_end(w);
}

static void
test_silence_where_131_is_not_wanted(void **state)
{
    world_setup setup;
    world *w;
    request r;
    answer a;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.home_agent.reply_bad_authenticator = false;
    w = world_start(&setup);
    r = request_new(w, 600, care_of(1));
    r.length = world_sign(r.octets, r.length);
    r.octets[r.length - 1] ^= 1;
    a = octets_send(w, r.source, r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_BAD_AUTHENTICATOR);
    world_end(w);
}

/* ---- switches ---- */

static void
test_the_switches(void **state)
{
    world_setup setup;
    world *w;
    request r;
    answer a;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.home_agent.strict_reserved = true;
    setup.home_agent.home_agent.strict_technology = true;
    setup.home_agent.home_agent.require_reverse_tunnel = true;
    setup.home_agent.home_agent.flow_policy = false;
    w = world_start(&setup);
    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x26; /* r */
    a = request_send(w, &r);
    assert_denied(a, 134, FB_DROP_RESERVED_BITS);
    r = request_new(w, 600, care_of(1));
    request_multipath(&r, 14, 1, 1, 0);
    a = request_send(w, &r);
    assert_denied(a, 134, FB_DROP_TECHNOLOGY_UNASSIGNED);
    r = request_new(w, 600, care_of(1));
    request_multipath(&r, 0, 1, 1, 0);
    a = request_send(w, &r);
    assert_denied(a, 134, FB_DROP_TECHNOLOGY_UNASSIGNED);
    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x20; /* no T */
    a = request_send(w, &r);
    assert_denied(a, 138, FB_DROP_REVERSE_TUNNEL_REQUIRED);
    r = request_new(w, 600, care_of(1));
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    request_forward(&r, "1", UDP, SIP);
    a = request_send(w, &r);
    assert_denied(a, 129, FB_DROP_FLOW_POLICY_NOT_ALLOWED);
    assert_bound(w, "");
    a = register_path(w, 1, 600, 0);
    assert_int_equal(a.code, 0);
    world_end(w);
}

static void
test_care_of_addresses_nothing_can_be_sent_to(void **state)
{
    static const fb_ipv4 bad[] = {0,
                                  WORLD_HOME_ADDRESS,
                                  WORLD_HOME_AGENT,
                                  0xe0000001u,
                                  0xffffffffu};
    world *w = registered_world(1);
    snapshot before = home_agent_state(w);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        request r = request_new(w, 600, bad[i]);
        answer a;

        r.source = care_of(2);
        request_multipath(&r, TECHNOLOGY_LTE, 2, 2, 0);
        a = request_send(w, &r);
        assert_denied(a, 134, FB_DROP_CARE_OF_ADDRESS_INVALID);
        assert_unchanged(w, &before);
    }
    world_end(w);
}

/* ---- several nodes ---- */

static void
test_two_nodes_with_the_same_bids_never_mix(void **state)
{
    world *w = full_world();
    snapshot before = home_agent_state(w);
    fb_binding_view view;
    fb_rule rule;
    request r;
    answer a;

    (void)state;
    subscribe(w, OTHER_NODE, true);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        /* Even the same care-of addresses: the tunnels differ by what is inside */
        register_other(w, OTHER_NODE, bid, care_of(bid), 300);
    }
    assert_unchanged(w, &before);
    assert_int_equal(bindings_of(w, OTHER_NODE), 3);
    assert_false(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, OTHER_NODE, 0, &rule));

    r = request_of(w, OTHER_NODE, 300, 1, care_of(4));
    request_forward(&r, "3", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_unchanged(w, &before);
    assert_true(binding_of(w, OTHER_NODE, 1, &view));
    assert_int_equal(view.care_of_address, care_of(4));
    assert_true(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, OTHER_NODE, 0, &rule));
    assert_int_equal(rule.bid[0], 3);

    /* An overwrite, a bulk refresh, the removal of all: each of its own node only */
    r = request_new(w, 300, care_of(2));
    put_u32(r.octets + 4, OTHER_NODE);
    request_multipath(&r, TECHNOLOGY_WLAN, 2, 2, FLAG_O);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(bindings_of(w, OTHER_NODE), 1);
    assert_unchanged(w, &before);
    r = request_new(w, 100, care_of(2));
    put_u32(r.octets + 4, OTHER_NODE);
    request_multipath(&r, TECHNOLOGY_WLAN, 2, 2, FLAG_B);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_unchanged(w, &before);
    r = request_new(w, 0, OTHER_NODE);
    r.source = care_of(2);
    put_u32(r.octets + 4, OTHER_NODE);
    a = request_send(w, &r);
    assert_int_equal(a.code, 0);
    assert_int_equal(bindings_of(w, OTHER_NODE), 0);
    assert_unchanged(w, &before);
    world_end(w);
}

static void
test_replay_protection_is_of_each_node(void **state)
{
    world *w = registered_world(1);
    request first, second;

    (void)state;
    subscribe(w, OTHER_NODE, true);
    second = request_of(w, OTHER_NODE, 300, 1, care_of(2));
    first = request_of(w, WORLD_HOME_ADDRESS, 300, 2, care_of(2));
    /* The later Identification of one node does not outdate the other's */
    assert_int_equal(request_send(w, &first).code, 0);
    assert_int_equal(request_send(w, &second).code, 0);
    assert_int_equal(request_send(w, &first).code, 133);
    assert_int_equal(request_send(w, &second).code, 133);
    world_end(w);
}

static void
test_nodes_expire_in_order_within_the_budget(void **state)
{
    static const uint16_t lifetime_s[] = {50, 10, 30, 20, 40};
    world *w = registered_world(1);
    size_t since;
    fb_time now;

    (void)state;
    for (uint32_t n = 0; n < 5; n++)
    {
        subscribe(w, OTHER_NODE + n, true);
        register_other(w, OTHER_NODE + n, 1, care_of(2), lifetime_s[n]);
    }
    since = w->events;
    world_run(w, 25 * FB_SECOND);
    assert_int_equal(bindings_of(w, OTHER_NODE + 1), 0);
    assert_int_equal(bindings_of(w, OTHER_NODE + 3), 0);
    assert_int_equal(bindings_of(w, OTHER_NODE + 2), 1);
    /* The host slept: two of three at a time, and the next timeout says that there is more */
    now = w->now + 60 * FB_SECOND;
    assert_int_equal(fb_agent_handle_timeout(w->home_agent, 0, now), FB_OK);
    assert_int_equal(bindings_of(w, OTHER_NODE + 2), 1);
    assert_int_equal(fb_agent_handle_timeout(w->home_agent, 2, now), FB_OK);
    assert_int_equal(bindings_of(w, OTHER_NODE + 2), 0);
    assert_int_equal(bindings_of(w, OTHER_NODE + 4), 0);
    assert_int_equal(bindings_of(w, OTHER_NODE + 0), 1);
    assert_true(fb_agent_next_timeout(w->home_agent) <= now);
    assert_int_equal(fb_agent_handle_timeout(w->home_agent, 2, now), FB_OK);
    assert_int_equal(bindings_of(w, OTHER_NODE + 0), 0);
    assert_true(fb_agent_next_timeout(w->home_agent) > now);
    assert_bound(w, "1");
    assert_true(w->events > since);
    w->now = now;
    world_end(w);
}

static void
test_a_removed_subscriber(void **state)
{
    world *w = full_world();
    fb_fact remove = {.kind = FB_FACT_SUBSCRIBER_REMOVE,
                      .u.subscriber.home_address = WORLD_HOME_ADDRESS};
    size_t since = w->events;
    answer a;

    (void)state;
    world_fact(w, w->home_agent, &remove);
    assert_int_equal(world_binding_count(w), 0);
    assert_int_equal(world_rule_count(w), 0);
    assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_BINDING, 0), 3);
    assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT, 0), 1);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).reason, FB_DROP_NO_SESSION);
    a = register_path(w, 1, 600, 0);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    assert_int_equal(fb_agent_fact(w->home_agent, &remove, w->now), FB_ERR_UNKNOWN);
    /* Its slot goes to another node, which inherits nothing: neither bindings nor cached decisions */
    subscribe(w, OTHER_NODE, true);
    assert_int_equal(bindings_of(w, OTHER_NODE), 0);
    register_other(w, OTHER_NODE, 2, care_of(2), 300);
    assert_int_equal(bindings_of(w, OTHER_NODE), 1);
    world_end(w);
}

static void
test_more_subscribers_than_there_is_room_for(void **state)
{
    world *w = registered_world(1);
    world_setup setup;
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    (void)state;
    world_setup_default(&setup);
    fact.u.subscriber = setup.subscriber;
    for (uint32_t n = 0; n < 20; n++)
    {
        fact.u.subscriber.home_address = OTHER_NODE + n;
        assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now),
                         n < 15 ? FB_OK : FB_ERR_LIMIT);
    }
    fact.u.subscriber.home_address = 0;
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    fact.u.subscriber.home_address = WORLD_HOME_ADDRESS;
    fact.u.subscriber.association.spi = 255; /* RFC 5944 5.1: reserved */
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    assert_bound(w, "1");
    world_end(w);
}

/* ---- limits ---- */

static void
test_rooms_that_the_request_itself_makes(void **state)
{
    world *w = full_world();
    request r;

    (void)state;
    assert_int_equal(register_path(w, 4, 600, 0).code, 135);
    /* D-11: takes over the address of another, whose place becomes free */
    r = request_new(w, 600, care_of(3));
    request_multipath(&r, TECHNOLOGY_CDMA, 9, 9, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "129");
    assert_int_equal(register_path(w, 4, 600, FLAG_O).code, 0);
    assert_bound(w, "4");
    r = request_new(w, 600, care_of(1)); /* without 154: replaces all (D-26) */
    assert_int_equal(request_send(w, &r).code, 1);
    assert_bound(w, "0");
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_bound(w, "1");
    world_end(w);
}

static void
test_all_bindings_together(void **state)
{
    world_setup setup;
    world *w;
    request r;
    answer a;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.limits.bindings = 2;
    setup.home_agent.limits.policies = 1;
    w = world_start(&setup);
    subscribe(w, OTHER_NODE, true);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    register_other(w, OTHER_NODE, 1, care_of(2), 600);
    a = register_path(w, 2, 600, 0);
    assert_denied(a, 130, FB_DROP_RESOURCES);
    assert_int_equal(register_path(w, 1, 600, FLAG_B).code, 0); /* what is there can be refreshed */
    assert_int_equal(register_path(w, 1, 600, FLAG_O).code, 0);
    /* One policy for both nodes: who comes second is told */
    r = request_of(w, WORLD_HOME_ADDRESS, 600, 1, care_of(1));
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    r = request_of(w, OTHER_NODE, 600, 1, care_of(2));
    request_forward(&r, "1", UDP, SIP);
    a = request_send(w, &r);
    assert_denied(a, 130, FB_DROP_TOO_MANY_RULES);
    assert_int_equal(register_path(w, 1, 0, 0).code, 0);
    r = request_of(w, OTHER_NODE, 600, 1, care_of(2));
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    world_end(w);
}

static void
test_more_rules_than_there_is_room_for(void **state)
{
    world_setup setup;
    world *w;
    request r;
    answer a;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.limits.rules_per_node = 2;
    w = world_start(&setup);
    r = request_of(w, WORLD_HOME_ADDRESS, 600, 1, care_of(1));
    for (int i = 0; i < 3; i++)
    {
        request_forward(&r, "1", UDP, SIP);
    }
    a = request_send(w, &r);
    assert_denied(a, 130, FB_DROP_TOO_MANY_RULES);
    assert_bound(w, "");
    r = request_of(w, WORLD_HOME_ADDRESS, 600, 1, care_of(1));
    request_forward(&r, "1", UDP, SIP);
    request_forward(&r, "1", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(world_rule_count(w), 2);
    world_end(w);
}

/* ---- the reply, on its way out ---- */

static void
test_a_reply_waits_until_it_fits(void **state)
{
    world *w = registered_world(1);
    request r = request_of(w, WORLD_HOME_ADDRESS, 600, 1, care_of(1));
    fb_meta meta = {.src = fb_addr_from_ipv4(care_of(1)), .sport = 4000, .dport = FB_MIP4_PORT};
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK};
    uint8_t octets[100];

    (void)state;
    r.length = world_sign(r.octets, r.length);
    assert_int_equal(fb_agent_input(w->home_agent, &meta, r.octets, r.length, w->now), 0);
    /* Until it is taken nothing else may come in */
    assert_int_equal(fb_agent_input(w->home_agent, &meta, r.octets, r.length, w->now),
                     FB_ERR_NOT_DRAINED);
    assert_int_equal(fb_agent_fact(w->home_agent, &clock, w->now), FB_ERR_NOT_DRAINED);
    for (size_t capacity = 0; capacity < 42; capacity++)
    {
        uint8_t *small = malloc(capacity == 0 ? 1 : capacity);

        assert_non_null(small);
        assert_int_equal(fb_agent_output(w->home_agent, &meta, small, capacity, w->now),
                         FB_ERR_LIMIT);
        free(small);
    }
    assert_int_equal(fb_agent_output(w->home_agent, &meta, octets, 42, w->now), 42);
    assert_int_equal(meta.dport, 4000);
    assert_int_equal(octets[1], 0);
    assert_int_equal(fb_agent_output(w->home_agent, &meta, octets, 42, w->now), 0);
    assert_int_equal(fb_agent_fact(w->home_agent, &clock, w->now), FB_OK);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_fault_has_its_outcome_and_changes_nothing),
        cmocka_unit_test(test_the_earlier_of_two_faults_decides),
        cmocka_unit_test(test_all_faults_at_once_are_taken_one_by_one),
        cmocka_unit_test(test_a_refused_request_cannot_be_replayed),
        cmocka_unit_test(test_a_forged_identification_counts_for_nothing),
        cmocka_unit_test(test_silence_where_131_is_not_wanted),
        cmocka_unit_test(test_the_switches),
        cmocka_unit_test(test_care_of_addresses_nothing_can_be_sent_to),
        cmocka_unit_test(test_two_nodes_with_the_same_bids_never_mix),
        cmocka_unit_test(test_replay_protection_is_of_each_node),
        cmocka_unit_test(test_nodes_expire_in_order_within_the_budget),
        cmocka_unit_test(test_a_removed_subscriber),
        cmocka_unit_test(test_more_subscribers_than_there_is_room_for),
        cmocka_unit_test(test_rooms_that_the_request_itself_makes),
        cmocka_unit_test(test_all_bindings_together),
        cmocka_unit_test(test_more_rules_than_there_is_room_for),
        cmocka_unit_test(test_a_reply_waits_until_it_fits),
    };

    return cmocka_run_group_tests_name("role/home_agent", tests, NULL, NULL);
}
