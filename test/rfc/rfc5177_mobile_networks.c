/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5177: mobile routers register the networks behind them.
 */

#include "router.h"

#include <string.h>

#define ACK(code) 148, 8, 1, code, 28, 0, 198, 51, 100, 128
#define IMPLICIT_ACK 148, 8, 2, 0, 28, 0, 198, 51, 100, 128

/** A request for BID @p bid that asks for 198.51.100.128/28, and for @p other/24 unless that is 0. */
static request
network_request(world *w, uint8_t bid, fb_ipv4 other)
{
    request r = request_new(w, 600, care_of(bid));

    request_network(&r, ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    if (other != 0)
    {
        request_network(&r, other, 24);
    }
    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    return r;
}

/* ---- the home agent: explicit mode ---- */

/* 6.1: "Set up route for the Mobile Network Prefix via this tunnel", and acknowledge it */
static void
test_a_network_is_registered(void **state)
{
    world *w = router_world();
    request r = network_request(w, 1, 0);
    fb_prefix network;
    answer a;

    (void)state;
    requirement("B5177-01");
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).reason, FB_DROP_NO_SESSION);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(look_at(a.message).networks, 1);
    assert_network(a.message, 0, ACK(0));
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4");
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    assert_true(
        fb_agent_network(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &network));
    assert_int_equal(fb_addr_to_ipv4(&network.address), ROUTER_NETWORK);
    assert_int_equal(network.length, ROUTER_NETWORK_LENGTH);

    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).kind, FB_SEND);
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).outer_destination, care_of(1));
    assert_int_equal(downlink_to(w, ROUTER_NETWORK + 15, UDP, SIP, 40000).kind, FB_SEND);
    assert_int_equal(downlink_to(w, ROUTER_NETWORK + 16, UDP, SIP, 40000).reason,
                     FB_DROP_NO_SESSION);
    assert_int_equal(downlink_to(w, ROUTER_NETWORK - 1, UDP, SIP, 40000).reason,
                     FB_DROP_NO_SESSION);
    world_end(w);
}

/* 6.3, 6.6: one that fails has its code; one that succeeds is enough for Code 0 */
static void
test_codes(void **state)
{
    world *w = router_world();
    request r = network_request(w, 1, 0x0a010000);
    answer a;

    (void)state;
    requirement("B5177-01");
    request_network(&r, 0x0a020300, 0);
    request_network(&r, 0x0a020300, 33);
    request_network(&r, ROUTER_NETWORK, 29); /* a part of one's own is not one's own */
    request_network(&r, ROUTER_NETWORK + 1, 28); /* the same as the first */
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(look_at(a.message).networks, 5);
    assert_network(a.message, 0, ACK(0));
    assert_network(a.message, 1, 148, 8, 1, 2, 24, 0, 10, 1, 0, 0);
    assert_network(a.message, 2, 148, 8, 1, 1, 0, 0, 10, 2, 3, 0);
    assert_network(a.message, 3, 148, 8, 1, 1, 33, 0, 10, 2, 3, 0);
    assert_network(a.message, 4, 148, 8, 1, 2, 29, 0, 198, 51, 100, 128);
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    world_end(w);
}

/* "unsuccessful for each and every Mobile Network Prefixes": HA_MOBNET_ERROR, with the reasons, and nothing is bound */
static void
test_all_fail(void **state)
{
    world *w = router_world();
    request r;
    snapshot before;
    answer a;

    (void)state;
    requirement("B5177-01", "B5944-12");
    register_router(w, 1);
    before = home_agent_state(w);
    r = request_new(w, 600, care_of(2));
    request_network(&r, 0x0a010000, 24);
    request_network(&r, 0x0a020000, 40);
    request_ipv6(&r, 0x0a, 64);
    request_multipath(&r, TECHNOLOGY_WLAN, 2, 2, 0);
    a = request_send(w, &r);
    assert_denied(a, 147, FB_DROP_NETWORK_UNAVAILABLE);
    /* RFC 5454 3.2: the code of the reply supersedes, so prefixes need no answer of their own */
    assert_int_equal(look_at(a.message).networks, 2);
    assert_network(a.message, 0, 148, 8, 1, 2, 24, 0, 10, 1, 0, 0);
    assert_network(a.message, 1, 148, 8, 1, 1, 40, 0, 10, 2, 0, 0);
    assert_unchanged(w, &before);
    assert_networks(w, FB_ROLE_HOME_AGENT, "46");
    world_end(w);
}

/* "not permitted to act as a Mobile Router": HA_MOBNET_DISALLOWED */
static void
test_not_a_mobile_router(void **state)
{
    world_setup setup;
    world *w = home_agent_world(NULL, true);
    request r = network_request(w, 1, 0);
    answer a = request_send(w, &r);

    (void)state;
    requirement("B5177-01", "B5944-12");
    assert_denied(a, 148, FB_DROP_NETWORK_NOT_ALLOWED);
    assert_int_equal(look_at(a.message).networks, 0);
    assert_bound(w, "");
    world_end(w);

    /* IPv6 prefixes make no mobile router */
    router_setup(&setup);
    setup.subscriber.networks.count = 1;
    setup.subscriber.networks.prefix[0] = ipv6_prefix(0x0a);
    w = world_start(&setup);
    r = network_request(w, 1, 0);
    assert_denied(request_send(w, &r), 148, FB_DROP_NETWORK_NOT_ALLOWED);
    world_end(w);

    /* And this home agent has none at all */
    router_setup(&setup);
    setup.home_agent.home_agent.networks = false;
    w = world_start(&setup);
    r = network_request(w, 1, 0);
    assert_denied(request_send(w, &r), 148, FB_DROP_NETWORK_NOT_ALLOWED);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    world_end(w);
}

/* 6.3: "If one or more Mobile Network prefixes are missing [...] MUST delete those prefixes" - whichever BID says so */
static void
test_what_is_missing_is_deleted(void **state)
{
    world *w = router_world();
    size_t since;
    request r;
    answer a;

    (void)state;
    requirement("B5177-01");
    register_router(w, 1);
    register_router(w, 2);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4+6");
    since = w->events;
    a = register_path(w, 2, 600, 0);
    assert_int_equal(a.code, 0);
    assert_int_equal(look_at(a.message).networks, 0);
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "-4-6");
    assert_bound(w, "12");
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).reason, FB_DROP_NO_SESSION);

    /* It said which once, so silence is no implicit mode: not with the next one either */
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");

    /* A denied request deletes nothing */
    r = network_request(w, 1, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_int_equal(register_path(w, 255, 600, 0).code, 134);
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    /* One without RFC 7629 is like any other */
    r = request_new(w, 600, care_of(1));
    request_network(&r, ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    a = request_send(w, &r);
    assert_int_equal(a.code, 1);
    assert_network(a.message, 0, ACK(0));
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    world_end(w);
}

/* 6.7: "MUST ignore any included Mobile Network Request extension in a deregistration request"; C-16: nor is one that
   has none a deletion. The networks go with the last binding (D-25) */
static void
test_deregistration(void **state)
{
    world *w = router_world();
    size_t since;
    request r;
    answer a;

    (void)state;
    requirement("B5177-01", "C-16", "D-25");
    register_router(w, 1);
    register_router(w, 2);
    since = w->events;
    a = register_path(w, 2, 0, 0);
    assert_int_equal(a.code, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "46");
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).bid, 1);

    r = request_new(w, 0, care_of(3));
    request_network(&r, 0x0a010000, 24); /* not its own */
    request_octets(&r, (const uint8_t[]){148, 3, 0, 1, 2}, 5); /* not even well formed */
    request_octets(&r, (const uint8_t[]){152, 1, 1}, 3);
    request_multipath(&r, TECHNOLOGY_WLAN, 3, 3, 0);
    a = request_send(w, &r);
    assert_int_equal(a.code, 0);
    assert_int_equal(look_at(a.message).networks, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "46");
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "");

    assert_int_equal(register_path(w, 1, 0, 0).code, 0);
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "-4-6");
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).reason, FB_DROP_NO_SESSION);
    world_end(w);
}

static void
test_the_last_binding_expires(void **state)
{
    world *w = router_world();
    size_t since;

    (void)state;
    requirement("C-16");
    register_router(w, 1);
    world_run(w, 300 * FB_SECOND);
    register_router(w, 2);
    since = w->events;
    world_run(w, 301 * FB_SECOND);
    assert_bound(w, "2");
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "");
    world_run(w, 300 * FB_SECOND);
    assert_bound(w, "");
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "-4-6");
    world_end(w);
}

/* 4.1: Length 6; 4.2: acknowledgements are for replies; Sub-Types of later times are not known */
static void
test_the_form(void **state)
{
    world *w = router_world();
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    requirement("B5177-01");
    request_octets(&r, (const uint8_t[]){148, 7, 0, 28, 198, 51, 100, 128, 0}, 9);
    assert_denied(request_send(w, &r), 134, FB_DROP_NETWORK_MALFORMED);
    r = request_new(w, 600, care_of(1));
    request_octets(&r, (const uint8_t[]){148, 0}, 2);
    assert_denied(request_send(w, &r), 134, FB_DROP_NETWORK_MALFORMED);

    r = request_new(w, 600, care_of(1));
    request_octets(&r, (const uint8_t[]){ACK(0)}, 10);
    request_octets(&r, (const uint8_t[]){148, 3, 9, 1, 2}, 5);
    request_network(&r, ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    a = request_send(w, &r);
    assert_int_equal(a.code, 1);
    assert_int_equal(look_at(a.message).networks, 1);
    world_end(w);
}

/* Eight different ones are answered, more are too many for one message */
static void
test_how_many(void **state)
{
    world *w = router_world();
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    requirement("B5177-01");
    request_nai(&r, ROUTER_NAI);
    request_network(&r, ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    for (uint8_t i = 1; i < 8; i++)
    {
        request_ipv6(&r, i, 64);
    }
    a = request_send(w, &r);
    assert_int_equal(a.code, 1);
    assert_int_equal(look_at(a.message).networks, 8);
    assert_network(a.message, 0, ACK(0));
    r = request_new(w, 600, care_of(1));
    for (uint8_t i = 0; i < 9; i++)
    {
        request_network(&r, 0x0a000000u + ((uint32_t)i << 16), 16);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_RESOURCES);
    world_end(w);
}

/* A reply that also tells the policy (D-30) fits one packet: with many other things to say it leaves the policy out */
static void
test_a_reply_fits_a_packet(void **state)
{
    char nai[256];
    fb_home_agent_config config = home_agent_defaults();
    world *w;

    (void)state;
    requirement("B5177-01", "B2794-01");
    memset(nai, 'x', 255);
    nai[255] = '\0';
    config.echo_policy = true;
    w = home_agent_world(&config, true);
    for (int many = 0; many < 2; many++)
    {
        request r = request_new(w, 600, care_of(1));
        answer a;

        request_nai(&r, many ? nai : "x");
        for (uint8_t i = 0; i < 8; i++)
        {
            request_ipv6(&r, i, 64);
        }
        request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
        for (uint16_t port = 1; port <= 15; port++)
        {
            request_forward(&r, "1", UDP, port);
        }
        a = request_send(w, &r);
        assert_accepted(&a, &r, 600);
        assert_int_equal(look_at(a.message).networks, 8);
        assert_int_equal(look_at(a.message).flow_bindings, many ? 0 : 15);
    }
    world_end(w);
}

/* ---- the home agent: implicit mode ---- */

/* 6.1: "For a Mobile Router registering in implicit mode, the Home Agent performs steps 3-6 above" */
static void
test_implicit_mode(void **state)
{
    world *w = router_world();
    answer a;

    (void)state;
    requirement("B5177-01");
    a = register_path(w, 1, 600, 0);
    assert_int_equal(a.code, 0);
    assert_int_equal(look_at(a.message).networks, 1); /* IPv6 has no such mode */
    assert_network(a.message, 0, IMPLICIT_ACK);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4");
    assert_int_equal(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).bid, 1);
    a = register_path(w, 2, 600, 0);
    assert_network(a.message, 0, IMPLICIT_ACK);
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    world_end(w);
}

/* ---- the mobile node ---- */

/** A world whose mobile node is the router, with links 1 to @p links registered. */
static world *
moving_router(unsigned links)
{
    world *w = router_world();

    for (unsigned link = 1; link <= links; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_int_equal(world_binding_count(w), links);
    return w;
}

/* 5: "in all Registration Requests", of every BID; "without any" for deregistration (C-16) */
static void
test_every_request_names_all(void **state)
{
    world *w = moving_router(3);
    size_t removals = 0;

    (void)state;
    requirement("B5177-01", "B5454-04", "C-16");
    assert_networks(w, FB_ROLE_MOBILE_NODE, "46");
    world_run(w, 1000 * FB_SECOND);
    world_change_address(w, 2, 0xcb0071c8);
    world_run(w, 5 * FB_SECOND);
    administrator(w, FB_FACT_DEREGISTER, 3);
    world_run(w, 5 * FB_SECOND);
    assert_networks(w, FB_ROLE_HOME_AGENT, "46");
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        const world_message *message = world_sent(w, true, i);
        seen s = look_at(message);

        removals += s.lifetime_s == 0;
        assert_int_equal(s.networks, s.lifetime_s == 0 ? 0 : 3);
        if (s.lifetime_s > 0)
        {
            assert_network(message, 0, 148, 6, 0, 28, 198, 51, 100, 128);
            assert_network(message, 1, 152, 18, 1, 64, ROUTER_IPV6);
            assert_network(message, 2, 152, 2, 3, 0);
        }
    }
    assert_true(requests_sent(w) >= 6 && removals == 2);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4+6");
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+6");

    administrator(w, FB_FACT_DEREGISTER, 0);
    world_run(w, 5 * FB_SECOND);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+4+6-4-6");
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+6-4-6");
    world_end(w);
}

/* Packets from and to the network, in both directions; others of the router's neighbourhood are not its own */
static void
test_packets_of_the_network(void **state)
{
    world *w = moving_router(1);

    (void)state;
    requirement("B5177-01", "R7629-2.2-03");
    assert_true(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).delivered);
    assert_true(uplink_from(w, ROUTER_HOST, UDP, SIP, 40000).delivered);
    assert_int_equal(uplink_from(w, ROUTER_NETWORK + 16, UDP, SIP, 40000).reason,
                     FB_DROP_TUNNEL_INNER_SOURCE);

    /* At the home agent the source of an inner packet has to be in a network that is registered now (10) */
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    assert_false(uplink_from(w, ROUTER_HOST, UDP, SIP, 40000).delivered);
    assert_int_equal(uplink_from(w, ROUTER_HOST, UDP, SIP, 40000).delivered_reason,
                     FB_DROP_TUNNEL_INNER_SOURCE);
    world_end(w);
}

/** The mobile router's first request, still unanswered. */
static world *
asking_router(const fb_networks *networks)
{
    world_setup setup;
    world *w;

    router_setup(&setup);
    if (networks != NULL)
    {
        setup.mobile_node.mobile_node.networks = *networks;
    }
    w = world_start(&setup);
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_int_equal(requests_sent(w), 1);
    return w;
}

static const uint8_t nothing[1];

/** Answers the last request with @p code and these extensions. */
static void
answer_with(world *w, uint8_t code, const uint8_t *extensions, size_t length)
{
    uint8_t octets[REPLY_FIXED + 100];

    reply_fixed(octets, world_last(w, true), code, 600);
    memcpy(octets + REPLY_FIXED, extensions, length);
    assert_int_equal(reply_octets(w, world_last(w, true), octets, REPLY_FIXED + length), 0);
    world_run(w, 100 * FB_MILLISECOND);
}

/* 5.1: "must be interpreted by the Mobile Router as the case where the Home Agent does not support Mobile Networks" */
static void
test_no_acknowledgement(void **state)
{
    world *w = asking_router(NULL);
    uint8_t ack[] = {ACK(0)};

    (void)state;
    requirement("B5177-01");
    answer_with(w, 0, nothing, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_networks(w, FB_ROLE_MOBILE_NODE, "");
    assert_int_equal(uplink_from(w, ROUTER_HOST, UDP, SIP, 40000).reason,
                     FB_DROP_TUNNEL_INNER_SOURCE);

    /* With the next refresh, and not any more with the one after */
    world_run(w, 480 * FB_SECOND);
    answer_with(w, 0, ack, sizeof ack);
    assert_networks(w, FB_ROLE_MOBILE_NODE, "4");
    world_run(w, 480 * FB_SECOND);
    ack[3] = 3; /* forwarding setup failed */
    answer_with(w, 0, ack, sizeof ack);
    assert_networks(w, FB_ROLE_MOBILE_NODE, "");
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4-4");
    world_end(w);
}

/* What is behind the authentication, malformed, or not ours grants nothing */
static void
test_acknowledgements_that_say_nothing(void **state)
{
    static const uint8_t useless[] = {
        148, 6, 0, 28, 198, 51, 100, 128, /* a request */
        148, 7, 1, 0,  28,  0,  198, 51,  100, /* too short */
        148, 8, 1, 0,  28,  0,  198, 51,  100, 144, /* not ours */
        148, 8, 1, 0,  0,   0,  0,   0,   0,   0, /* no network */
        148, 8, 1, 2,  28,  0,  198, 51,  100, 160, /* nor asked for */
        152, 2, 3, 0, /* and no reply */
        152, 3, 2, 0,  64};
    world *w = asking_router(NULL);

    (void)state;
    requirement("B5177-01");
    answer_with(w, 0, useless, sizeof useless);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_networks(w, FB_ROLE_MOBILE_NODE, "");
    world_end(w);
}

/* 5.1: HA_MOBNET_ERROR: "MUST stop sending [...] any of the Mobile Network Prefixes that are defined by" it */
static void
test_networks_that_failed(void **state)
{
    static const uint8_t ack[] = {ACK(2)};
    fb_networks two = {.count = 2,
                       .prefix = {ipv4_prefix(0x0a010000, 24),
                                  ipv4_prefix(ROUTER_NETWORK, ROUTER_NETWORK_LENGTH)}};
    world *w = asking_router(&two);

    (void)state;
    requirement("B5177-01");
    assert_int_equal(look_at(world_last(w, true)).networks, 2);
    answer_with(w, 147, ack, sizeof ack);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(look_at(world_last(w, true)).networks, 1);
    assert_network(world_last(w, true), 0, 148, 6, 0, 24, 10, 1, 0, 0);

    /* No word about which: none any more; and if it is 147 even then, it waits like any other denial */
    answer_with(w, 147, nothing, 0);
    assert_int_equal(look_at(world_last(w, true)).networks, 0);
    assert_int_equal(requests_sent(w), 3);
    answer_with(w, 147, nothing, 0);
    assert_int_equal(requests_sent(w), 3);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);

    /* The administrator has spoken with the home agent's */
    administrator(w, FB_FACT_REGISTER, 0);
    world_run(w, 3 * FB_SECOND); /* three requests were sent at once (C-19) */
    assert_int_equal(look_at(world_last(w, true)).networks, 2);
    world_end(w);
}

/* ... and what is not sent any more is no reason to ask again: two that are the same, or a home agent repeats it */
static void
test_networks_that_failed_twice(void **state)
{
    static const uint8_t any[] = {148, 8, 1, 3, 24, 0, 0, 0, 0, 0};
    fb_networks two = {.count = 2, .prefix = {ipv4_prefix(0, 24), ipv4_prefix(0, 24)}};
    world *w = asking_router(&two);

    (void)state;
    requirement("B5177-01");
    assert_int_equal(look_at(world_last(w, true)).networks, 2);
    answer_with(w, 147, any, sizeof any);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(look_at(world_last(w, true)).networks, 0);
    answer_with(w, 147, any, sizeof any);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
    world_end(w);

    /* It names one that is not asked for any more: the other is what it means */
    two.prefix[0] = ipv4_prefix(ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    w = asking_router(&two);
    answer_with(w, 147, (const uint8_t[]){ACK(2)}, 10);
    assert_int_equal(look_at(world_last(w, true)).networks, 1);
    answer_with(w, 147, (const uint8_t[]){ACK(2)}, 10);
    assert_int_equal(requests_sent(w), 3);
    assert_int_equal(look_at(world_last(w, true)).networks, 0);
    world_end(w);
}

/* Without a binding there is no network (C-16), whatever the reply acknowledges */
static void
test_acknowledged_for_no_time_at_all(void **state)
{
    static const uint8_t ack[] = {ACK(0)};
    world *w = asking_router(NULL);
    uint8_t octets[REPLY_FIXED + sizeof ack];

    (void)state;
    requirement("B5177-01", "C-16");
    reply_fixed(octets, world_last(w, true), 0, 0);
    memcpy(octets + REPLY_FIXED, ack, sizeof ack);
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
    assert_networks(w, FB_ROLE_MOBILE_NODE, "");
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "");
    world_end(w);
}

/* 5.1: HA_MOBNET_DISALLOWED: "MUST stop sending Registration Requests with any Mobile Network Prefix extensions" */
static void
test_no_networks_at_all(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5177-01");
    router_setup(&setup);
    setup.subscriber.networks.count = 0;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 3 * FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(look_at(world_sent(w, false, 0)).code, 148);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        /* RFC 5454 goes on: prefix and mode */
        assert_int_equal(request_sent(w, i).networks, i == 0 ? 3 : 2);
    }
    world_end(w);
}

/* 5: "in implicit mode it does not include this information in any Registration Request" */
static void
test_an_implicit_router(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5177-01");
    router_setup(&setup);
    setup.mobile_node.mobile_node.implicit_networks = true;
    setup.mobile_node.mobile_node.networks.count = 0;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 3 * FB_SECOND);
    assert_int_equal(request_sent(w, 0).networks, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    assert_networks(w, FB_ROLE_MOBILE_NODE, "4");
    assert_true(uplink_from(w, ROUTER_HOST, UDP, SIP, 40000).delivered);
    assert_true(downlink_to(w, ROUTER_HOST, UDP, SIP, 40000).delivered);
    world_end(w);

    /* What it has itself is not sent, but still is what it has */
    setup.mobile_node.mobile_node.networks.count = 2;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(request_sent(w, 0).networks, 2);
    assert_network(world_sent(w, true, 0), 0, 152, 18, 1, 64, ROUTER_IPV6);
    assert_networks(w, FB_ROLE_MOBILE_NODE, "46");
    assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+6");
    world_end(w);
}

/* ---- configuration ---- */

static void
test_configurations(void **state)
{
    world_setup setup;
    world *w = router_world();
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber.home_address = 0xc633640b};
    fb_networks *networks = &fact.u.subscriber.networks;
    size_t since;

    (void)state;
    requirement("B5177-01");
    fact.u.subscriber.association = vectors_association();
    networks->count = 1;
    networks->prefix[0] = ipv4_prefix(ROUTER_NETWORK, 24); /* the router's is in it */
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    networks->prefix[0] = ipv4_prefix(0, 24); /* what would be to be assigned? */
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    networks->prefix[0] = ipv4_prefix(0x0a000000, 33);
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    networks->prefix[0] = ipv4_prefix(0x0a000000, 0);
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    networks->prefix[0] = ipv4_prefix(0x0a000000, 8);
    networks->count = FB_NETWORKS_MAX + 1;
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    networks->count = 1;
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_OK);

    /* What a node may is changed while it is registered: what it may not any more goes */
    register_router(w, 1);
    since = w->events;
    router_setup(&setup);
    setup.subscriber.networks.count = 1;
    fact.u.subscriber = setup.subscriber;
    world_fact(w, w->home_agent, &fact);
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "-6");
    assert_networks(w, FB_ROLE_HOME_AGENT, "4");
    fact.kind = FB_FACT_SUBSCRIBER_REMOVE;
    world_fact(w, w->home_agent, &fact);
    assert_network_events(w, since, FB_ROLE_HOME_AGENT, "-6-4");

    setup.mobile_node.mobile_node.networks.prefix[0].length = 33;
    assert_int_equal(fb_agent_size(&setup.mobile_node), 0);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_network_is_registered),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_all_fail),
        cmocka_unit_test(test_not_a_mobile_router),
        cmocka_unit_test(test_what_is_missing_is_deleted),
        cmocka_unit_test(test_deregistration),
        cmocka_unit_test(test_the_last_binding_expires),
        cmocka_unit_test(test_the_form),
        cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_a_reply_fits_a_packet),
        cmocka_unit_test(test_implicit_mode),
        cmocka_unit_test(test_every_request_names_all),
        cmocka_unit_test(test_packets_of_the_network),
        cmocka_unit_test(test_no_acknowledgement),
        cmocka_unit_test(test_acknowledgements_that_say_nothing),
        cmocka_unit_test(test_networks_that_failed),
        cmocka_unit_test(test_networks_that_failed_twice),
        cmocka_unit_test(test_acknowledged_for_no_time_at_all),
        cmocka_unit_test(test_no_networks_at_all),
        cmocka_unit_test(test_an_implicit_router),
        cmocka_unit_test(test_configurations),
    };

    return cmocka_run_group_tests_name("rfc5177_mobile_networks", tests, NULL, NULL);
}
