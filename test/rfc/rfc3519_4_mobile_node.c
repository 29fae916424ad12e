/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3519 4.4, 4.9, 4.10: the mobile node asks for UDP tunnels, believes answers, and keeps mappings open.
 */

#include "nat.h"

#include <string.h>

#define NAT_1 0xcb0071c8u /* 203.0.113.200 */
#define NAT_2 0xcb0071c9u
#define MS FB_MILLISECOND

static const uint8_t assent[8] = {44, 6, 0, 0, 0, 0, 0, 110};

/** A world whose links 1 and 2 have NATs, with link 1 up to @p links up as @p udp says. */
static world *
nat_world(const world_setup *setup, nat *n, uint8_t udp)
{
    world *w = world_start(setup);

    *n = (nat){.outside = {0, NAT_1, NAT_2}, .port = {0, 4001, 4002}};
    w->translate = nat_translate;
    w->context = n;
    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        w->udp[link] = udp;
    }
    return w;
}

static world_setup
defaults(void)
{
    world_setup setup;

    world_setup_default(&setup);
    return setup;
}

static bool
is_keepalive(const world_message *message)
{
    return message->octets[0] == 4;
}

static bool
lose_keepalives(world *w, const world_message *message)
{
    (void)w;
    return is_keepalive(message);
}

/** The @p index-th message of this kind the mobile node sent; NULL. */
static const world_message *
sent_of(const world *w, bool keepalive, size_t index)
{
    for (size_t i = 0; i < world_sent_count(w, true); i++)
    {
        const world_message *m = world_sent(w, true, i);

        if (is_keepalive(m) == keepalive && index-- == 0)
        {
            return m;
        }
    }
    return NULL;
}

static size_t
count_of(const world *w, bool keepalive)
{
    size_t count = 0;

    while (sent_of(w, keepalive, count) != NULL)
    {
        count++;
    }
    return count;
}

static const world_message *
last_request(const world *w)
{
    return sent_of(w, false, count_of(w, false) - 1);
}

/** The eight octets of the UDP Tunnel Request in a request; NULL: none. */
static const uint8_t *
udp_request(const world_message *message)
{
    seen s = look_at(message);

    return s.udp_tunnel == 0 ? NULL : message->octets + s.udp_tunnel;
}

/** Accepts the last request with these octets between fixed part and authentication. */
static int
accept_with(world *w, const uint8_t *octets, size_t length)
{
    uint8_t reply[64];

    reply_fixed(reply, last_request(w), 0, 600);
    memcpy(reply + REPLY_FIXED, octets, length);
    return reply_octets(w, last_request(w), reply, REPLY_FIXED + length);
}

/* ---- 4.4: asking ---- */

/* "MUST place this Extension before the Mobile-Home Authentication Extension" */
static void
test_what_is_asked_for(void **state)
{
    static const struct
    {
        uint8_t udp;
        uint8_t octets[8];
    } row[] = {{FB_UDP_IF_NAT, {144, 6, 0, 0, 0, 0, 0, 0}},
               {FB_UDP_FORCE, {144, 6, 0, 0, 0x80, 0, 0, 0}}};
    world_setup setup = defaults();
    nat n;
    world *w;

    (void)state;
    requirement("B3519-05", "B3519-01");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        w = nat_world(&setup, &n, row[i].udp);
        world_link_up(w, 1);
        assert_non_null(udp_request(last_request(w)));
        assert_memory_equal(udp_request(last_request(w)), row[i].octets, 8);
        assert_int_equal(look_at(last_request(w)).flags, FLAG_D | FLAG_T);
        assert_true(look_at(last_request(w)).udp_tunnel < look_at(last_request(w)).authentication);
        world_run(w, FB_SECOND);
        /* In every registration, as it is each of them that decides */
        world_run(w, 500 * FB_SECOND);
        assert_memory_equal(udp_request(last_request(w)), row[i].octets, 8);
        assert_int_equal(look_at(last_request(w)).lifetime_s, 600);
        /* Not in what ends one */
        administrator(w, FB_FACT_DEREGISTER, 1);
        assert_int_equal(look_at(last_request(w)).lifetime_s, 0);
        assert_null(udp_request(last_request(w)));
        world_end(w);
    }
    w = nat_world(&setup, &n, FB_UDP_NEVER);
    world_link_up(w, 1);
    assert_null(udp_request(last_request(w)));
    world_end(w);
}

/* "It SHALL NOT be used by the mobile node when it is registering with a foreign agent care-of address." */
static void
test_not_with_a_foreign_agent(void **state)
{
    world_setup setup = defaults();
    world *w = world_start(&setup);
    fb_fact fact = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = 1,
                               .address = fb_addr_from_ipv4(care_of(1)),
                               .bid = 1,
                               .label = 1,
                               .technology = TECHNOLOGY_WLAN,
                               .udp = FB_UDP_FORCE,
                               .care_of = FB_CARE_OF_AGENT}};

    (void)state;
    requirement("B3519-05");
    w->lose = lose_requests;
    world_fact(w, w->mobile_node, &fact);
    world_run(w, 20 * FB_SECOND);
    for (size_t i = 0; i < count_of(w, false); i++)
    {
        const world_message *m = sent_of(w, false, i);

        if (m->meta.protocol == UDP)
        {
            assert_null(udp_request(m));
        }
    }
    world_end(w);
}

/* 4.4, 4.9: registrations, refreshes and keepalives of a path leave by one port */
static void
test_one_port(void **state)
{
    world_setup setup = defaults();
    world *w;

    (void)state;
    requirement("B3519-05", "B3519-06");
    setup.mobile_node.mobile_node.port = 45000;
    w = world_start(&setup);
    w->udp[1] = FB_UDP_FORCE;
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_int_equal(accept_with(w, assent, 8), FB_REASON_NONE);
    world_run(w, 700 * FB_SECOND);
    assert_true(count_of(w, true) > 3 && count_of(w, false) > 3);
    for (size_t i = 0; i < world_sent_count(w, true); i++)
    {
        const fb_meta *meta = &world_sent(w, true, i)->meta;

        assert_int_equal(meta->sport, 45000);
        assert_int_equal(meta->dport, FB_MIP4_PORT);
        assert_int_equal(meta->protocol, UDP);
        assert_int_equal(meta->link, 1);
        assert_int_equal(fb_addr_to_ipv4(&meta->src), care_of(1));
        assert_int_equal(fb_addr_to_ipv4(&meta->dst), WORLD_HOME_AGENT);
    }
    world_end(w);
}

/* ---- 4.4: believing ---- */

/* "receives a registration reply without a UDP Tunnel Reply extension, it ... MUST NOT use UDP tunnelling" */
static void
test_without_an_answer_no_udp(void **state)
{
    static const uint8_t udp[] = {FB_UDP_IF_NAT, FB_UDP_FORCE};
    world_setup setup = defaults();
    nat n;

    (void)state;
    requirement("B3519-05");
    for (size_t i = 0; i < sizeof udp; i++)
    {
        world *w = nat_world(&setup, &n, udp[i]);

        w->lose = lose_requests;
        world_link_up(w, 1);
        assert_int_equal(reply_to(w, last_request(w), 0, 600), FB_REASON_NONE);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        assert_int_equal(mobile_binding(w, 1).udp_port, 0);
        world_run(w, 470 * FB_SECOND);
        assert_int_equal(count_of(w, true), 0);
        world_end(w);
    }
}

/* An answer behind the authentication is anybody's; one nobody asked for means nothing. */
static void
test_answers_that_do_not_count(void **state)
{
    world_setup setup = defaults();
    fb_meta meta = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                    .dst = fb_addr_from_ipv4(care_of(1)),
                    .sport = FB_MIP4_PORT,
                    .dport = FB_MIP4_PORT,
                    .protocol = UDP};
    uint8_t reply[64];
    size_t length;
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-05");
    w->lose = lose_requests;
    world_link_up(w, 1);
    length = world_sign(reply, reply_fixed(reply, last_request(w), 0, 600));
    memcpy(reply + length, assent, 8);
    assert_int_equal(world_inject(w, false, &meta, reply, length + 8), FB_REASON_NONE);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(mobile_binding(w, 1).udp_port, 0);
    world_end(w);

    w = nat_world(&setup, &n, FB_UDP_NEVER);
    w->lose = lose_requests;
    world_link_up(w, 1);
    assert_int_equal(accept_with(w, assent, 8), FB_REASON_NONE);
    assert_int_equal(mobile_binding(w, 1).udp_port, 0);
    world_end(w);
}

/* Both ends: behind a NAT through UDP, without one not, and each path for itself */
static void
test_both_ends_agree(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-02", "B3519-05");
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "123");
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4001);
    assert_tunnel(w, 2, FB_TUNNEL_IPIP, NAT_2, 4002);
    assert_tunnel(w, 3, FB_TUNNEL_IPIP, care_of(3), 0);
    assert_int_equal(mobile_binding(w, 1).udp_port, FB_MIP4_PORT);
    assert_int_equal(mobile_binding(w, 2).udp_port, FB_MIP4_PORT);
    assert_int_equal(mobile_binding(w, 3).udp_port, 0);
    /* The NAT in front of link 1 goes: with the next registration UDP does, too */
    n.port[1] = 0;
    w->delay[WORLD_WLAN] = 1;
    world_change_address(w, 1, care_of(4));
    world_run(w, 10 * FB_SECOND);
    assert_bound(w, "123");
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(4), 0);
    assert_int_equal(mobile_binding(w, 1).udp_port, 0);
    world_end(w);
}

/* Two networks give out the same private address: two paths all the same (C-14) */
static void
test_one_private_address_twice(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("C-14");
    w->address[1] = 0xc0a80002u; /* 192.168.0.2 */
    w->address[2] = 0xc0a80002u;
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "12");
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4001);
    assert_tunnel(w, 2, FB_TUNNEL_IPIP, NAT_2, 4002);
    world_run(w, 1000 * FB_SECOND);
    assert_bound(w, "12");
    world_end(w);
}

/* ---- refusals ---- */

/* 4.1: after 142 "MAY choose to send a new Registration Request with different requirements" */
static void
test_142_asks_for_ip_in_udp(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w;

    (void)state;
    requirement("B3519-03", "R7629-5.1-25");
    setup.home_agent.home_agent.gre = false;
    w = nat_world(&setup, &n, FB_UDP_IF_NAT);
    w->tunnel[1] = FB_TUNNEL_GRE;
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(count_of(w, false), 2);
    assert_int_equal(look_at(sent_of(w, false, 0)).flags, FLAG_D | FLAG_T | FLAG_G);
    assert_int_equal(udp_request(sent_of(w, false, 0))[5], 0);
    assert_int_equal(look_at(world_sent(w, false, 0)).code, 142);
    /* GRE without UDP may be possible still; inside UDP it is IP */
    assert_int_equal(look_at(sent_of(w, false, 1)).flags, FLAG_D | FLAG_T | FLAG_G);
    assert_int_equal(udp_request(sent_of(w, false, 1))[5], 4);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4001);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_IPIP);
    assert_int_equal(mobile_binding(w, 1).udp_port, FB_MIP4_PORT);
    world_end(w);
}

/* Refused again there is nothing left: the path waits, and then begins anew */
static void
test_142_twice(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-03");
    w->tunnel[1] = FB_TUNNEL_MINIMAL;
    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_to(w, last_request(w), 142, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
    assert_int_equal(count_of(w, false), 2);
    reply_to(w, last_request(w), 142, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
    world_run(w, 60 * FB_SECOND);
    assert_int_equal(count_of(w, false), 3);
    assert_int_equal(udp_request(last_request(w))[5], 0);
    world_end(w);
}

/* C-02: a refresh that is refused so is repaired, and the tunnel stays meanwhile */
static void
test_142_to_a_refresh(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);
    size_t events;

    (void)state;
    requirement("C-02");
    w->tunnel[1] = FB_TUNNEL_GRE;
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_GRE);
    w->lose = lose_requests;
    world_run(w, 479 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    events = w->events;
    reply_to(w, last_request(w), 142, 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_GRE);
    assert_int_equal(mobile_binding(w, 1).udp_port, FB_MIP4_PORT);
    assert_int_equal(accept_with(w, assent, 8), FB_REASON_NONE);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(mobile_binding(w, 1).tunnel, FB_TUNNEL_IPIP);
    assert_null(binding_event(w, events, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN));
    world_end(w);
}

/* 4.6.1: 129 because of F; without it the home agent decides */
static void
test_129_because_of_force(void **state)
{
    world_setup setup = defaults();
    world *w;

    (void)state;
    requirement("B3519-03");
    setup.home_agent.home_agent.udp_force = false;
    w = world_start(&setup);
    w->udp[1] = FB_UDP_FORCE;
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(count_of(w, false), 2);
    assert_int_equal(udp_request(sent_of(w, false, 0))[4], 0x80);
    assert_int_equal(look_at(world_sent(w, false, 0)).code, 129);
    assert_int_equal(udp_request(sent_of(w, false, 1))[4], 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, care_of(1), 0);
    world_end(w);
}

/* With a policy in the request, 129 may be about that (D-34): it is left out first, and sent again when it was F */
static void
test_129_because_of_force_with_a_policy(void **state)
{
    fb_rule rule = forward_rule("1", UDP, SIP);
    world_setup setup = defaults();
    world *w;

    (void)state;
    requirement("B3519-03", "D-34");
    setup.home_agent.home_agent.udp_force = false;
    w = world_start(&setup);
    w->udp[1] = FB_UDP_FORCE;
    assert_int_equal(world_policy(w, &rule, 1), FB_OK);
    world_link_up(w, 1);
    world_run(w, 3 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(world_rule_count(w), 1);
    assert_int_equal(udp_request(last_request(w))[4], 0);
    assert_int_equal(look_at(last_request(w)).flow_bindings, 1);
    world_end(w);
}

/* 4.6.1: NAT traversal is not allowed. Without asking, nothing would get through the NAT but registrations: it waits */
static void
test_129_because_of_the_nat(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w;

    (void)state;
    requirement("B3519-03");
    setup.home_agent.home_agent.udp_tunnel = false;
    w = nat_world(&setup, &n, FB_UDP_IF_NAT);
    world_link_up(w, 1);
    world_link_up(w, 3);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
    assert_int_equal(world_state(w, 3), FB_BINDING_UP);
    assert_bound(w, "3");
    world_end(w);
}

/* ---- 4.9, 4.10: keepalives ---- */

/* "MUST send a keepalive packet if no other packet to the HA has been sent in K seconds", as an ICMP echo request */
static void
test_keepalive_after_idle_time(void **state)
{
    static const uint8_t expected[] = {4,    4,    0,    0, /* RFC 3519 3.3 */
                                       0x45, 0,    0,    28,   0,   1,  0,   0, 64, 1,
                                       0x8e, 0xa1, 198,  51,   100, 10, 192, 0, 2,  1, /* RFC 791 */
                                       8,    0,    0xf7, 0xfc, 0,   2,  0,   1}; /* RFC 792 */
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    w->lose = lose_keepalives;
    world_run(w, 5 * FB_SECOND);
    world_link_up(w, 2);
    world_run(w, 110 * FB_SECOND - 1);
    assert_int_equal(count_of(w, true), 0);
    world_run(w, 1);
    /* "at the earliest K seconds after the registration request was sent" */
    assert_int_equal(count_of(w, true), 1);
    assert_int_equal(sent_of(w, true, 0)->length, sizeof expected);
    assert_memory_equal(sent_of(w, true, 0)->octets, expected, sizeof expected);
    assert_int_equal(sent_of(w, true, 0)->meta.link, 2);
    assert_int_equal(sent_of(w, true, 0)->meta.dport, FB_MIP4_PORT);
    assert_int_equal(fb_addr_to_ipv4(&sent_of(w, true, 0)->meta.src), NAT_2);
    assert_int_equal(sent_of(w, true, 0)->meta.sport, 4002);
    world_end(w);
}

/* 3.2: K is what the reply says, the default when it says 0, and (4.10) never less than 10 seconds */
static void
test_keepalive_interval(void **state)
{
    static const struct
    {
        uint16_t told_s, expected_s;
    } row[] = {{110, 110}, {0, 95}, {30, 30}, {10, 10}, {9, 10}, {1, 10}, {400, 400}};
    world_setup setup = defaults();
    nat n;

    (void)state;
    requirement("B3519-06");
    setup.mobile_node.mobile_node.keepalive_s = 95;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);
        const uint8_t reply[8] =
            {44, 6, 0, 0, 0, 0, (uint8_t)(row[i].told_s >> 8), (uint8_t)row[i].told_s};

        w->lose = lose_requests;
        world_link_up(w, 1);
        assert_int_equal(accept_with(w, reply, sizeof reply), FB_REASON_NONE);
        world_run(w, row[i].expected_s * FB_SECOND - 1);
        assert_int_equal(count_of(w, true), 0);
        world_run(w, 1);
        assert_int_equal(count_of(w, true), 1);
        world_end(w);
    }
}

/* Inside UDP it is encapsulated as the tunnel is: another Next Header would be dropped (3.3) */
static void
test_keepalive_in_gre(void **state)
{
    static const uint8_t front[] = {4, 47, 0, 0, 0, 0, 8, 0, 0x45};
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    w->tunnel[1] = FB_TUNNEL_GRE;
    w->lose = lose_keepalives;
    world_link_up(w, 1);
    world_run(w, 111 * FB_SECOND);
    assert_tunnel(w, 1, FB_TUNNEL_GRE, NAT_1, 4001);
    assert_int_equal(sent_of(w, true, 0)->length, 36);
    assert_memory_equal(sent_of(w, true, 0)->octets, front, sizeof front);
    world_end(w);
}

/* "without any signalling or data traffic being sent": a registration counts for its own path alone */
static void
test_signalling_postpones(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);
    fb_rule rule = forward_rule("1", UDP, SIP);

    (void)state;
    requirement("B3519-06");
    w->lose = lose_keepalives;
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 100 * FB_SECOND);
    assert_int_equal(world_policy(w, &rule, 1), FB_OK); /* by the preferred path */
    assert_int_equal(look_at(last_request(w)).bid, 1);
    world_run(w, 50 * FB_SECOND);
    assert_non_null(sent_of(w, true, 0));
    for (size_t i = 0; i < count_of(w, true); i++)
    {
        assert_int_equal(sent_of(w, true, i)->meta.link, 2);
    }
    world_end(w);
}

/* "two-way keepalives": the home agent's echo replies come back through the tunnel, and nothing is registered anew */
static void
test_keepalives_are_answered(void **state)
{
    static const uint8_t expected[] = {4, 4, 0, 0, 0x45, 0, 0, 28};
    static const uint8_t tunnels[] = {FB_TUNNEL_IPIP, FB_TUNNEL_GRE, FB_TUNNEL_MINIMAL};
    world_setup setup = defaults();
    nat n;

    (void)state;
    requirement("B3519-06", "D-39");
    for (size_t i = 0; i < sizeof tunnels; i++)
    {
        world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

        w->tunnel[1] = tunnels[i];
        world_link_up(w, 1);
        world_run(w, 230 * FB_SECOND);
        /* 110 s after the registration, and 110 s after the first of them */
        assert_int_equal(count_of(w, true), 2);
        assert_int_equal(count_of(w, false), 1);
        assert_true(sent_of(w, true, 1)->sent_at == 220 * FB_SECOND);
        assert_int_equal(world_last(w, false)->octets[0], 4);
        if (tunnels[i] == FB_TUNNEL_IPIP)
        {
            assert_memory_equal(world_last(w, false)->octets, expected, sizeof expected);
            assert_int_equal(world_last(w, false)->octets[24], 0); /* echo reply */
        }
        /* The NAT forgets: to the home agent keepalives from its new port are nobody's, until a registration */
        n.port[1] = 4711;
        world_run(w, 108 * FB_SECOND);
        assert_int_equal(count_of(w, true), 5);
        assert_int_equal(count_of(w, false), 2);
        assert_tunnel(w, 1, tunnels[i], NAT_1, 4711);
        /* and then they are answered again, and sent twice as often */
        world_run(w, 100 * FB_SECOND);
        assert_int_equal(count_of(w, true), 6);
        assert_int_equal(count_of(w, false), 2);
        world_end(w);
    }
}

/* Data by this path does too */
static void
test_data_postpones(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    w->lose = lose_keepalives;
    world_link_up(w, 1);
    for (int i = 0; i < 4; i++)
    {
        world_run(w, 100 * FB_SECOND);
        assert_int_equal(world_uplink(w, UDP, SIP, 40000).kind, FB_SEND);
    }
    assert_int_equal(count_of(w, true), 0);
    assert_int_equal(count_of(w, false), 1);
    world_end(w);
}

/* "retransmissions occur only when a response is not received": then "SHOULD re-register" (4.10) */
static void
test_no_answer_registers_anew(void **state)
{
    static const uint64_t after_s[] = {110, 111, 113};
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);
    const fb_event *pending;
    size_t events;

    (void)state;
    requirement("B3519-06", "C-14");
    world_link_up(w, 1);
    world_link_up(w, 3);
    world_run(w, FB_SECOND);
    w->lose = lose_keepalives;
    n.port[1] = 4100; /* the NAT has forgotten, and maps anew */
    events = w->events;
    world_run_until(w, 117 * FB_SECOND - 1);
    assert_int_equal(count_of(w, true), 3);
    for (size_t i = 0; i < 3; i++)
    {
        assert_true(sent_of(w, true, i)->sent_at == after_s[i] * FB_SECOND);
        assert_int_equal(sent_of(w, true, i)->octets[31], i + 1); /* sequence */
    }
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4001);
    assert_int_equal(events_of(w, events, FB_ROLE_MOBILE_NODE, FB_EVENT_BINDING, 0), 0);
    world_run(w, FB_SECOND);
    pending = binding_event(w, events, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_UP_PENDING);
    assert_non_null(pending);
    assert_int_equal(pending->cause, FB_CAUSE_KEEPALIVE);
    assert_true(pending->time == 117 * FB_SECOND);
    assert_int_equal(look_at(last_request(w)).bid, 1);
    assert_non_null(udp_request(last_request(w)));
    /* The home agent sends to the new mapping from now on */
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4100);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_null(binding_event(w, events, FB_ROLE_MOBILE_NODE, 3, FB_BINDING_UP_PENDING));
    world_end(w);
}

/* Or the home agent has lost its state: then the registration brings back all it had (R7629-5.1) */
static void
test_no_answer_from_a_restarted_home_agent(void **state)
{
    world_setup setup = defaults();
    fb_fact gone = {.kind = FB_FACT_SUBSCRIBER_REMOVE, .u.subscriber = setup.subscriber};
    fb_fact back = {.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber = setup.subscriber};
    fb_rule rule = forward_rule("1", UDP, SIP);
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    assert_int_equal(world_policy(w, &rule, 1), FB_OK);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 1);
    world_fact(w, w->home_agent, &gone);
    world_fact(w, w->home_agent, &back);
    assert_bound(w, "");
    world_run(w, 118 * FB_SECOND);
    assert_tunnel(w, 1, FB_TUNNEL_IPIP, NAT_1, 4001);
    assert_int_equal(world_rule_count(w), 1);
    world_end(w);
}

/** When the next keepalive comes after the one before, in seconds, while each round of three ends in a registration. */
static unsigned
next_round(world *w)
{
    size_t keepalives = count_of(w, true), requests = count_of(w, false);

    while (count_of(w, true) == keepalives)
    {
        world_run(w, 100 * MS);
    }
    assert_int_equal(count_of(w, false), requests);
    world_run(w, 8 * FB_SECOND);
    assert_int_equal(count_of(w, true), keepalives + 3);
    assert_int_equal(count_of(w, false), requests + 1);
    return (unsigned)((sent_of(w, true, keepalives)->sent_at -
                       sent_of(w, false, requests - 1)->sent_at) /
                      FB_SECOND);
}

/* 4.10: "may shorten the keepalive interval each time it re-registers"; after a move "return to its original" */
static void
test_interval_after_losses(void **state)
{
    static const unsigned expected_s[] = {110, 55, 27, 13, 10, 10};
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    w->lose = lose_keepalives;
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    for (size_t i = 0; i < sizeof expected_s / sizeof expected_s[0]; i++)
    {
        assert_int_equal(next_round(w), expected_s[i]);
    }
    world_change_address(w, 1, care_of(4));
    world_run(w, 5 * FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_int_equal(next_round(w), 110);
    world_end(w);
}

/* "For each mobility binding which has UDP tunnelling established", as long as it has */
static void
test_no_binding_no_keepalive(void **state)
{
    world_setup setup = defaults();
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    w->lose = lose_keepalives;
    world_link_up(w, 1);
    world_link_up(w, 3); /* without a NAT */
    world_run(w, 100 * FB_SECOND);
    world_link_down(w, 1);
    world_run(w, 400 * FB_SECOND);
    assert_int_equal(count_of(w, true), 0);
    world_end(w);

    /* Neither when one waits to be composed and the path goes */
    w = nat_world(&setup, &n, FB_UDP_IF_NAT);
    world_link_up(w, 1);
    world_run(w, 109 * FB_SECOND);
    w->now = 110 * FB_SECOND;
    assert_int_equal(fb_agent_handle_timeout(w->mobile_node, 16, w->now), FB_OK);
    world_link_down(w, 1);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(count_of(w, true), 0);
    world_end(w);
}

/* A buffer too small for a keepalive leaves it waiting, as it does a request */
static void
test_keepalive_and_a_small_buffer(void **state)
{
    world_setup setup = defaults();
    uint8_t octets[64];
    fb_meta meta;
    nat n;
    world *w = nat_world(&setup, &n, FB_UDP_IF_NAT);

    (void)state;
    requirement("B3519-06");
    world_link_up(w, 1);
    world_run(w, 109 * FB_SECOND);
    w->now = 110 * FB_SECOND;
    assert_int_equal(fb_agent_handle_timeout(w->mobile_node, 16, w->now), FB_OK);
    assert_int_equal(fb_agent_output(w->mobile_node, &meta, octets, 31, w->now), FB_ERR_LIMIT);
    assert_int_equal(fb_agent_output(w->mobile_node, &meta, octets, 32, w->now), 32);
    assert_int_equal(meta.link, 1);
    assert_int_equal(fb_agent_output(w->mobile_node, &meta, octets, 32, w->now), 0);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked_for),
        cmocka_unit_test(test_not_with_a_foreign_agent),
        cmocka_unit_test(test_one_port),
        cmocka_unit_test(test_without_an_answer_no_udp),
        cmocka_unit_test(test_answers_that_do_not_count),
        cmocka_unit_test(test_both_ends_agree),
        cmocka_unit_test(test_one_private_address_twice),
        cmocka_unit_test(test_142_asks_for_ip_in_udp),
        cmocka_unit_test(test_142_twice),
        cmocka_unit_test(test_142_to_a_refresh),
        cmocka_unit_test(test_129_because_of_force),
        cmocka_unit_test(test_129_because_of_force_with_a_policy),
        cmocka_unit_test(test_129_because_of_the_nat),
        cmocka_unit_test(test_keepalive_after_idle_time),
        cmocka_unit_test(test_keepalive_interval),
        cmocka_unit_test(test_keepalive_in_gre),
        cmocka_unit_test(test_signalling_postpones),
        cmocka_unit_test(test_keepalives_are_answered),
        cmocka_unit_test(test_data_postpones),
        cmocka_unit_test(test_no_answer_registers_anew),
        cmocka_unit_test(test_no_answer_from_a_restarted_home_agent),
        cmocka_unit_test(test_interval_after_losses),
        cmocka_unit_test(test_no_binding_no_keepalive),
        cmocka_unit_test(test_keepalive_and_a_small_buffer),
    };

    return cmocka_run_group_tests_name("rfc3519_4_mobile_node", tests, NULL, NULL);
}
