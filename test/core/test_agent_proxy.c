/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"

#include <stdlib.h>
#include <string.h>

#include "proxy_world.h"
#include "requirement.h"
#include "vectors.h"

/* ---- configuration ---- */

static void
test_roles_that_do_not_go_together(void **state)
{
    static const struct
    {
        uint32_t roles;
        bool usable;
    } rows[] = {
        {FB_ROLE_MAG, true},
        {FB_ROLE_LMA, true},
        {FB_ROLE_MAG | FB_ROLE_LMA, false},
        {FB_ROLE_MAG | FB_ROLE_MOBILE_NODE, false},
        {FB_ROLE_LMA | FB_ROLE_HOME_AGENT, false},
        {FB_ROLE_MAG | FB_ROLE_FOREIGN_AGENT, false},
        {FB_ROLE_MAG << 2, false},
        {0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        proxy_setup setup;
        fb_config config;

        proxy_setup_default(&setup);
        config = setup.gateway;
        config.lma = setup.anchor.lma;
        config.roles = rows[i].roles;
        assert_int_equal(fb_agent_size(&config) != 0, rows[i].usable);
    }
}

/** Makes one field of the configuration wrong. */
static void
spoil(fb_config *gateway, fb_config *anchor, unsigned which)
{
    switch (which)
    {
    case 0:
        gateway->mag.lifetime_s = 3602; /* no multiple of four seconds */
        anchor->lma.lifetime_max_s = 65536;
        break;
    case 1:
        gateway->mag.anchor.family = 0;
        gateway->mag.anchor_ipv4 = 0;
        anchor->lma.address.family = 0;
        anchor->lma.address_ipv4 = 0;
        break;
    case 2:
        gateway->mag.identity.length = 0; /* R8278-4.4-02 */
        anchor->lma.gre = false;
        anchor->lma.require_gre = true;
        break;
    case 3:
        gateway->mag.heartbeat_s = anchor->lma.heartbeat_s = 3601; /* RFC 5847 5 */
        break;
    case 4:
        gateway->mag.flow_decision = anchor->lma.flow_decision = 2;
        break;
    case 5:
        gateway->limits.sessions = anchor->limits.sessions = 0;
        break;
    case 6:
        gateway->mag.retransmit_ms = 0;
        anchor->lma.home_pool.address.family = FB_FAMILY_IPV6;
        anchor->lma.home_pool.length = 65; /* longer than what is allocated from it */
        break;
    case 7:
        gateway->limits.links = 255; /* more than there are BIDs */
        anchor->lma.ipv4_pool.address.family = FB_FAMILY_IPV6;
        break;
    default:
        gateway->scheduler = anchor->scheduler = "nonsense";
        break;
    }
}

static void
test_configurations_that_contradict_themselves(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 9; i++)
    {
        proxy_setup setup;

        proxy_setup_default(&setup);
        assert_true(fb_agent_size(&setup.gateway) > 0 && fb_agent_size(&setup.anchor) > 0);
        spoil(&setup.gateway, &setup.anchor, i);
        assert_int_equal(fb_agent_size(&setup.gateway), 0);
        assert_int_equal(fb_agent_size(&setup.anchor), 0);
    }
}

/* ---- facts and views ---- */

static void
test_facts_of_other_roles(void **state)
{
    static const fb_fact_kind of_gateway[] = {FB_FACT_LINK_UP,
                                              FB_FACT_LINK_DOWN,
                                              FB_FACT_POLICY,
                                              FB_FACT_REGISTER,
                                              FB_FACT_DEREGISTER,
                                              FB_FACT_SESSION_ADD,
                                              FB_FACT_SESSION_REMOVE,
                                              FB_FACT_QUALITY};
    static const fb_fact_kind of_anchor[] = {FB_FACT_PROXY_SUBSCRIBER_SET,
                                             FB_FACT_PROXY_SUBSCRIBER_REMOVE,
                                             FB_FACT_GATEWAY_SET,
                                             FB_FACT_GATEWAY_REMOVE};
    static const fb_fact_kind of_neither[] = {FB_FACT_SUBSCRIBER_SET,
                                              FB_FACT_ASSOCIATION,
                                              FB_FACT_ACCESS_UP};
    proxy_world *w = proxy_registered(NULL, "1");

    (void)state;
    for (size_t i = 0; i < sizeof of_gateway / sizeof of_gateway[0]; i++)
    {
        assert_int_equal(proxy_fact(w, w->anchor, &(fb_fact){.kind = of_gateway[i]}),
                         FB_ERR_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof of_anchor / sizeof of_anchor[0]; i++)
    {
        assert_int_equal(proxy_fact(w, w->gateway, &(fb_fact){.kind = of_anchor[i]}),
                         FB_ERR_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof of_neither / sizeof of_neither[0]; i++)
    {
        assert_int_equal(proxy_fact(w, w->gateway, &(fb_fact){.kind = of_neither[i]}),
                         FB_ERR_UNKNOWN);
        assert_int_equal(proxy_fact(w, w->anchor, &(fb_fact){.kind = of_neither[i]}),
                         FB_ERR_UNKNOWN);
    }
    proxy_end(w);
}

static void
test_what_is_seen_of_it(void **state)
{
    proxy_world *w = proxy_registered(NULL, "12");
    fb_rule rules[] = {proxy_rule(FB_RULE_FORWARD, "2", 6, 80),
                       proxy_rule(FB_RULE_COPY, "12", 17, 7)};
    fb_session_view session;
    fb_proxy_view binding;
    fb_rule rule;

    (void)state;
    for (unsigned role = FB_ROLE_MAG; role <= FB_ROLE_LMA; role <<= 1)
    {
        fb_agent *agent = role == FB_ROLE_MAG ? w->gateway : w->anchor;
        uint8_t other = role == FB_ROLE_MAG ? FB_ROLE_LMA : FB_ROLE_MAG;

        assert_true(fb_agent_session(agent, (uint8_t)role, 0, &session));
        assert_int_equal(session.session, 1);
        assert_true(session.multipath);
        assert_int_equal(session.binding_count, 2);
        assert_int_equal(session.home_address, PROXY_HOME_ADDRESS);
        assert_int_equal(session.home.count, 1);
        assert_int_equal(session.delegated.count, 1);
        assert_false(fb_agent_session(agent, (uint8_t)role, 1, &session));
        assert_false(fb_agent_session(agent, other, 0, &session));
        assert_false(fb_agent_session(agent, FB_ROLE_HOME_AGENT, 0, &session));
        assert_false(fb_agent_proxy_binding(agent, other, 1, 0, &binding));
        assert_false(fb_agent_proxy_binding(agent, (uint8_t)role, 2, 0, &binding));
        assert_false(fb_agent_session_rule(agent, (uint8_t)role, 1, 0, &rule));
    }
    proxy_policy(w, rules, 2);
    proxy_run(w, FB_SECOND);
    for (unsigned role = FB_ROLE_MAG; role <= FB_ROLE_LMA; role <<= 1)
    {
        fb_agent *agent = role == FB_ROLE_MAG ? w->gateway : w->anchor;

        assert_true(fb_agent_session_rule(agent, (uint8_t)role, 1, 0, &rule));
        assert_int_equal(rule.selector.u.v6.source_port_start, 80);
        assert_int_equal(rule.bid[0], 2);
        assert_true(fb_agent_session_rule(agent, (uint8_t)role, 1, 1, &rule));
        assert_int_equal(rule.bid_count, 2);
        assert_false(fb_agent_session_rule(agent, (uint8_t)role, 1, 2, &rule));
        assert_false(fb_agent_session_rule(agent, (uint8_t)role, 2, 0, &rule));
        assert_false(fb_agent_session_rule(agent, (uint8_t)role, 0, 0, &rule));
    }
    proxy_end(w);
}

/* ---- data ---- */

/* Every encapsulation, IPv4 and IPv6 inside, both ways: what goes in comes out */
static void
test_through_every_tunnel(void **state)
{
    static const struct
    {
        const char *link;
        uint8_t tunnel, udp;
        bool key;
        size_t overhead;
    } rows[] = {
        {"1", FB_TUNNEL_IPIP, FB_UDP_NEVER, false, 40},
        {"1", FB_TUNNEL_GRE, FB_UDP_NEVER, true, 48},
        {"4", FB_TUNNEL_IPIP, FB_UDP_NEVER, false, 20},
        {"4", FB_TUNNEL_GRE, FB_UDP_NEVER, true, 28},
        {"4", FB_TUNNEL_IPIP, FB_UDP_FORCE, false, 28},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        data_packet packet[2][2] = {{proxy_down(5060, 5060), data_down()},
                                    {proxy_up(5060, 5060), data_up()}};
        uint32_t link = (uint32_t)(rows[i].link[0] - '0');
        proxy_setup setup;
        proxy_world *w;

        proxy_setup_default(&setup);
        setup.link[link].tunnel = rows[i].tunnel;
        setup.link[link].udp = rows[i].udp;
        setup.link[link].gre_key = rows[i].key;
        w = proxy_registered(&setup, rows[i].link);
        for (unsigned k = 0; k < 4; k++)
        {
            const data_packet *p = &packet[k / 2][k % 2];
            proxy_passage passage = proxy_send(w, k / 2 == 1, p);

            assert_int_equal(passage.kind, FB_SEND);
            assert_int_equal(passage.arrived, 1);
            assert_int_equal(passage.bid[0], link);
            assert_int_equal(passage.outer[0].length, p->length + rows[i].overhead);
        }
        proxy_end(w);
    }
}

/* Cut and damaged tunnel packets of every kind are dropped or delivered, and nothing else */
static void
test_damaged_tunnel_packets(void **state)
{
    static const uint8_t tunnel[] = {FB_TUNNEL_IPIP, FB_TUNNEL_GRE, FB_TUNNEL_IPIP};
    static const uint32_t links[] = {1, 1, 4};

    (void)state;
    for (size_t i = 0; i < sizeof tunnel; i++)
    {
        data_packet packet = proxy_down(5060, 5060), outer, broken;
        char by[2] = {(char)('0' + links[i])};
        proxy_setup setup;
        proxy_world *w;
        size_t front;

        proxy_setup_default(&setup);
        setup.link[links[i]].tunnel = tunnel[i];
        setup.link[links[i]].gre_key = tunnel[i] == FB_TUNNEL_GRE;
        setup.link[links[i]].udp = links[i] == 4 ? FB_UDP_FORCE : FB_UDP_NEVER;
        w = proxy_registered(&setup, by);
        outer = proxy_send(w, false, &packet).outer[0];
        front = links[i] == 4 ? 28 : 40;
        for (size_t bit = 0; bit < (outer.length - front) * 8; bit++)
        {
            fb_action action;

            broken = outer;
            broken.octets[front + bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (links[i] == 4)
            {
                broken.octets[26] = broken.octets[27] = 0; /* no UDP checksum */
            }
            action = proxy_arrive(w, w->gateway, &broken, links[i]);
            assert_true(action.kind == FB_DELIVER || action.kind == FB_DROP_PACKET);
        }
        proxy_end(w);
    }
}

/* The handle comes back once, whatever became of the packet; a packet before it is taken is refused */
static void
test_copies_are_polled_first(void **state)
{
    proxy_world *w = proxy_registered(NULL, "123");
    fb_rule rule = proxy_rule(FB_RULE_COPY, "321", 17, 5060);
    data_packet down = proxy_down(5060, 9);
    fb_packet described = {.packet = 5,
                           .header = down.octets,
                           .header_len = down.length,
                           .total_len = down.length};
    fb_action action;

    (void)state;
    requirement("B6089-04");
    proxy_static_policy(w, &rule, 1);
    assert_int_equal(fb_agent_steer(w->anchor, (fb_ref){0}, &described, w->now), FB_OK);
    for (unsigned i = 0; i < 3; i++)
    {
        assert_int_equal(fb_agent_steer(w->anchor, (fb_ref){0}, &described, w->now),
                         FB_ERR_NOT_DRAINED);
        assert_true(fb_agent_poll_action(w->anchor, &action, w->now));
        assert_int_equal(action.packet, 5);
        assert_int_equal(action.kind, i < 2 ? FB_COPY : FB_SEND);
        assert_int_equal(action.last, i == 2);
    }
    assert_false(fb_agent_poll_action(w->anchor, &action, w->now));
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles_that_do_not_go_together),
        cmocka_unit_test(test_configurations_that_contradict_themselves),
        cmocka_unit_test(test_facts_of_other_roles),
        cmocka_unit_test(test_what_is_seen_of_it),
        cmocka_unit_test(test_through_every_tunnel),
        cmocka_unit_test(test_damaged_tunnel_packets),
        cmocka_unit_test(test_copies_are_polled_first),
    };

    return cmocka_run_group_tests_name("agent/proxy", tests, NULL, NULL);
}
