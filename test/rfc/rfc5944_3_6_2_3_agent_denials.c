/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.6.2.3: what a mobile node does about each code a foreign agent refuses with: its cause and the reaction.
 */

#include "roam.h"

#include <string.h>

/** A node whose request through the agent is unanswered; @p tunnel: FB_TUNNEL_* it asks for. */
static world *
asking_world_of(const fb_mobile_node_config *config, uint8_t tunnel)
{
    world *w = roam_world(config);
    notice n = notice_of(ROAM_AGENT);

    n.lifetime_s = 9000;
    n.flags |= ADVERTISES_M;
    agent_link_up_with(w, WORLD_WLAN, tunnel);
    hear(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), 1);
    return w;
}

static world *
asking_world(void)
{
    return asking_world_of(NULL, FB_TUNNEL_IPIP);
}

/** The last request is refused with @p code, which is believed; says @p lifetime_s. */
static void
refuse_last(world *w, uint8_t code, uint16_t lifetime_s)
{
    assert_int_equal(answer_request(w, last_request(w), code, lifetime_s, 0), FB_REASON_NONE);
}

/** It was refused for @p reason and waits @p wait_s; then asks the same agent again. */
static void
assert_waits(world *w, size_t since, uint8_t code, int reason, unsigned wait_s)
{
    const fb_event *denied = world_event(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_DENIED);
    const fb_event *blocked =
        binding_event(w, since, FB_ROLE_MOBILE_NODE, WORLD_WLAN, FB_BINDING_BLOCKED);
    size_t before = requests_of(w);

    assert_non_null(denied);
    assert_int_equal(denied->code, code);
    assert_int_equal(denied->reason, reason);
    assert_int_equal(denied->ref.link, WORLD_WLAN);
    assert_non_null(blocked);
    assert_int_equal(blocked->cause, FB_CAUSE_DENIED);
    assert_null(world_event(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_RECEIVED)); /* not authentic */
    world_run(w, wait_s * FB_SECOND - 1);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    assert_int_equal(requests_of(w), before);
    world_run(w, 1);
    assert_int_equal(requests_of(w), before + 1);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_AGENT);
}

/* ---- codes there is no remedy for ---- */

typedef struct code_row
{
    uint8_t code;
    int reason;
} code_row;

static const code_row without_remedy[] = {
    {64, FB_REASON_NONE}, /* it does not say why */
    {65, FB_DROP_AGENT_PROHIBITED},
    {66, FB_DROP_AGENT_BUSY},
    {67, FB_DROP_AGENT_NODE_AUTHENTICATION},
    {68, FB_DROP_AGENT_HOME_AUTHENTICATION},
    {70, FB_DROP_AGENT_POOR_REQUEST},
    {71, FB_DROP_AGENT_POOR_REPLY},
    {72, FB_DROP_AGENT_ENCAPSULATION}, /* IP in IP was asked for */
    {75, FB_DROP_AGENT_REVERSE_TUNNEL_REQUIRED}, /* it was asked for */
    {76, FB_DROP_AGENT_DISTANT},
    {77, FB_DROP_AGENT_CARE_OF_ADDRESS},
    {78, FB_DROP_AGENT_TIMEOUT},
    {79, FB_DROP_AGENT_DELIVERY_STYLE}, /* none was asked for */
    {80, FB_DROP_AGENT_NETWORK_UNREACHABLE},
    {81, FB_DROP_AGENT_HOST_UNREACHABLE},
    {82, FB_DROP_AGENT_PORT_UNREACHABLE},
    {88, FB_DROP_AGENT_UNREACHABLE},
    {96, FB_DROP_AGENT_HOME_ADDRESS_REQUIRED},
    {97, FB_DROP_AGENT_MISSING_NAI},
    {98, FB_DROP_AGENT_MISSING_HOME_AGENT},
    {99, FB_DROP_AGENT_MISSING_HOME_ADDRESS},
    {194, FB_DROP_AGENT_HOME_AGENT_INVALID},
    {127, FB_REASON_NONE}, /* not assigned */
    {255, FB_REASON_NONE},
};

#define WITHOUT_REMEDY (sizeof without_remedy / sizeof without_remedy[0])

/* The only agent there is: the node waits, longer each time. */
static void
test_waits_with_one_agent(void **state)
{
    (void)state;
    requirement("B5944-33", "B5944-34", "C-05", "R7629-4.3-03");
    for (size_t i = 0; i < WITHOUT_REMEDY; i++)
    {
        world *w = asking_world();
        uint8_t code = without_remedy[i].code;
        size_t since = w->events;

        refuse_last(w, code, 600);
        assert_waits(w, since, code, without_remedy[i].reason, 60);
        if (without_remedy[i].reason != FB_REASON_NONE)
        {
            assert_int_equal(fb_agent_counter(w->mobile_node, (fb_reason)without_remedy[i].reason),
                             1);
        }
        since = w->events;
        refuse_last(w, code, 600);
        assert_waits(w, since, code, without_remedy[i].reason, 120);
        accept_last(w);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
        world_end(w);
    }
}

/* 2.4, 3.1: another agent of the link is asked, a second later. */
static void
test_tries_another_agent(void **state)
{
    (void)state;
    requirement("B5944-33", "B5944-35");
    for (size_t i = 0; i < WITHOUT_REMEDY; i++)
    {
        world *w = asking_world();
        notice other = notice_of(ROAM_OTHER_AGENT);

        other.lifetime_s = 9000;
        hear(w, WORLD_WLAN, &other);
        refuse_last(w, without_remedy[i].code, 600);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
        world_run(w, FB_SECOND - 1);
        assert_int_equal(requests_of(w), 1);
        world_run(w, 1);
        assert_int_equal(requests_of(w), 2);
        assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_OTHER_AGENT);
        /* That one refuses too, and the first not so long ago */
        refuse_last(w, without_remedy[i].code, 600);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
        world_run(w, 60 * FB_SECOND);
        assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_OTHER_AGENT);
        refuse_last(w, without_remedy[i].code, 600);
        world_run(w, FB_SECOND);
        assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_AGENT);
        world_end(w);
    }
}

/* A refused refresh leaves the binding as it is, until its lifetime ends (C-02). */
static void
test_a_refused_refresh(void **state)
{
    (void)state;
    requirement("C-02", "B5944-33");
    for (size_t i = 0; i < WITHOUT_REMEDY; i++)
    {
        world *w = asking_world();

        accept_last(w);
        world_run(w, 480 * FB_SECOND);
        assert_int_equal(requests_of(w), 2);
        refuse_last(w, without_remedy[i].code, 600);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
        world_run(w, 60 * FB_SECOND);
        assert_int_equal(requests_of(w), 3);
        refuse_last(w, without_remedy[i].code, 600);
        world_run(w, 60 * FB_SECOND); /* the lifetime is over */
        assert_int_not_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
        world_end(w);
    }
}

/* A refused de-registration is over (C-03). */
static void
test_a_refused_deregistration(void **state)
{
    (void)state;
    requirement("C-03");
    for (size_t i = 0; i < WITHOUT_REMEDY; i++)
    {
        world *w = asking_world();

        accept_last(w);
        administrator(w, FB_FACT_DEREGISTER, WORLD_WLAN);
        refuse_last(w, without_remedy[i].code, 0);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
        world_end(w);
    }
}

/* ---- 3.4: who can have said so ---- */

/* Codes of a foreign agent in answer to what was sent to the home agent itself: nobody can have set them. */
static void
test_no_agent_was_asked(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("C-05", "R7629-4.3-03");
    world_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n); /* there, but not asked */
    for (unsigned code = 2; code < 256; code++)
    {
        if (code < 128 || code >= 194)
        {
            assert_int_equal(answer_request(w, last_request(w), (uint8_t)code, 60, ROAM_MHAE),
                             FB_DROP_NOT_EXPECTED);
        }
    }
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    world_end(w);
}

/* Those of a home agent need its authentication, by way of an agent too. */
static void
test_codes_of_a_home_agent_through_an_agent(void **state)
{
    (void)state;
    requirement("C-05", "R7629-4.3-03", "B5944-22");
    for (unsigned code = 0; code < 256; code++)
    {
        bool agents_own = (code >= 64 && code < 128) || code >= 194;
        bool home_agents = code < 2 || (code >= 128 && code < 194);
        world *w = asking_world();

        assert_int_equal(answer_request(w, last_request(w), (uint8_t)code, 600, 0),
                         agents_own    ? FB_REASON_NONE
                         : home_agents ? FB_DROP_NO_AUTHENTICATION
                                       : FB_DROP_NOT_EXPECTED);
        if (home_agents)
        {
            assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
            assert_int_equal(answer_request(w, last_request(w), (uint8_t)code, 600, ROAM_MHAE),
                             FB_REASON_NONE);
        }
        world_end(w);
    }
}

/* ---- 69: requested lifetime too long ---- */

/* "using a Lifetime in the Registration Request that MUST be less than or equal to the value specified". */
static void
test_69(void **state)
{
    world *w = asking_world();

    (void)state;
    requirement("B5944-33", "C-06");
    refuse_last(w, 69, 200);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_of(w), 2);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 200);
    refuse_last(w, 69, 199);
    world_run(w, FB_SECOND);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 199);
    accept_last(w);
    /* The refresh, at 80 %, asks for the whole again: what anybody can have said holds for one registration only */
    world_run(w, 160 * FB_SECOND);
    assert_int_equal(requests_of(w), 4);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 600);
    world_end(w);
}

/* Anybody can say so: only 0 < offered < asked is believed. */
static void
test_69_with_an_absurd_lifetime(void **state)
{
    static const uint16_t offered[] = {0, 600, 601, 0xffff};

    (void)state;
    requirement("C-06");
    for (size_t i = 0; i < sizeof offered / sizeof offered[0]; i++)
    {
        world *w = asking_world();
        size_t since = w->events;

        refuse_last(w, 69, offered[i]);
        assert_waits(w, since, 69, FB_DROP_AGENT_LIFETIME, 60);
        assert_int_equal(octets_u16(last_request(w)->octets + 2), 600);
        world_end(w);
    }
}

/* Of a refresh: the same, and the binding stays (C-02). */
static void
test_69_of_a_refresh(void **state)
{
    world *w = asking_world();

    (void)state;
    requirement("C-02", "C-06", "B5944-33");
    accept_last(w);
    world_run(w, 480 * FB_SECOND);
    refuse_last(w, 69, 100);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP_PENDING);
    world_run(w, FB_SECOND);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 100);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* ---- RFC 3024 4.1.2: "depending on the reply code, MAY try modifying the registration request" ---- */

static uint8_t
flags_after(world *w, uint8_t code)
{
    size_t before = requests_of(w);

    refuse_last(w, code, 600);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_of(w), before + 1);
    return last_request(w)->octets[1];
}

static void
test_72_without_the_encapsulation(void **state)
{
    static const uint8_t tunnel[] = {FB_TUNNEL_GRE, FB_TUNNEL_MINIMAL};

    (void)state;
    requirement("B3024-03", "B5944-33");
    for (size_t i = 0; i < 2; i++)
    {
        world *w = asking_world_of(NULL, tunnel[i]);

        assert_int_equal(last_request(w)->octets[1], i == 0 ? 0x0a : 0x12);
        assert_int_equal(flags_after(w, 72), 0x02);
        refuse_last(w, 72, 600); /* there is nothing left to give up */
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
        world_end(w);
    }
}

static void
test_74_without_the_reverse_tunnel(void **state)
{
    world *w = asking_world();

    (void)state;
    requirement("B3024-03");
    assert_int_equal(flags_after(w, 74), 0x00);
    refuse_last(w, 75, 600); /* then with it? It is one of the two */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    world_end(w);
}

static void
test_75_with_the_reverse_tunnel(void **state)
{
    fb_mobile_node_config config = roam_defaults();
    world *w;

    (void)state;
    requirement("B3024-03");
    config.reverse_tunnel = false;
    w = asking_world_of(&config, FB_TUNNEL_IPIP);
    assert_int_equal(last_request(w)->octets[1], 0x00);
    assert_int_equal(flags_after(w, 75), 0x02);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

static void
test_79_with_direct_delivery(void **state)
{
    fb_mobile_node_config config = roam_defaults();
    world *w;

    (void)state;
    requirement("B3024-03", "B3024-05");
    config.encapsulating_delivery = true;
    w = asking_world_of(&config, FB_TUNNEL_IPIP);
    assert_int_not_equal(extension_of(last_request(w), 130), 0);
    refuse_last(w, 79, 600);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_of(w), 2);
    assert_int_equal(extension_of(last_request(w), 130), 0);
    assert_int_equal(last_request(w)->octets[1], 0x02);
    refuse_last(w, 79, 600);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    world_end(w);
}

/** How a packet of the node leaves for the agent, which refused encapsulating delivery or not. */
static fb_action
delivery(bool refused)
{
    static const uint8_t octets[28] = {0x45, 0, 0,   28, 0,   0,  0,   0, 63, 17,
                                       0,    0, 198, 51, 100, 10, 192, 0, 2,  200};
    const fb_packet packet = {.packet = 1, .header = octets, .header_len = 28, .total_len = 28};
    fb_mobile_node_config config = roam_defaults();
    fb_action action;
    world *w;

    config.encapsulating_delivery = true;
    w = asking_world_of(&config, FB_TUNNEL_IPIP);
    if (refused)
    {
        refuse_last(w, 79, 600);
        world_run(w, FB_SECOND);
    }
    accept_last(w);
    assert_int_equal(fb_agent_steer(w->mobile_node, (fb_ref){0}, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->mobile_node, &action, w->now));
    assert_int_equal(action.path.link, WORLD_WLAN);
    assert_int_equal(action.next_hop, ROAM_AGENT);
    assert_int_equal(action.link_addr_len, 6);
    assert_int_equal(action.link_addr[5], (uint8_t)ROAM_AGENT);
    world_end(w);
    return action;
}

/* RFC 3024 4.1.2: "MUST employ whatever delivery style was requested", and that is what the agent took. */
static void
test_packets_go_as_was_registered(void **state)
{
    (void)state;
    requirement("B3024-05", "R7629-5.1-24");
    assert_int_equal(delivery(false).kind, FB_SEND);
    assert_int_equal(delivery(false).outer_len, 20);
    assert_int_equal(delivery(true).kind, FB_FORWARD);
    assert_int_equal(delivery(true).outer_len, 0);
}

/* Another agent has not refused anything yet. */
static void
test_another_agent_is_asked_for_all_of_it(void **state)
{
    world *w = asking_world_of(NULL, FB_TUNNEL_GRE);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("B3024-03", "B5944-29");
    assert_int_equal(flags_after(w, 72), 0x02);
    hear(w, WORLD_WLAN, &other);
    n.lifetime_s = 0;
    hear(w, WORLD_WLAN, &n);
    world_run(w, FB_SECOND);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_OTHER_AGENT);
    assert_int_equal(last_request(w)->octets[1], 0x0a);
    world_end(w);
}

/* ---- 77: invalid care-of address ---- */

/* 2.4: "the mobile node MAY retry the attempt with each subsequent advertised address in turn". */
static void
test_77_with_more_addresses(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-33", "R7629-5.1-05");
    n.care_of_address[1] = 0xcb007142u;
    n.care_of_address[2] = 0xcb007143u;
    n.addresses = 3;
    n.lifetime_s = 9000;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    for (uint32_t i = 1; i < 3; i++)
    {
        refuse_last(w, 77, 600);
        world_run(w, FB_SECOND);
        assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_AGENT + i);
        hear_again(w, WORLD_WLAN, &n); /* which changes nothing about that */
        assert_int_equal(requests_of(w), 1 + i);
    }
    refuse_last(w, 77, 600);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_with_one_agent),
        cmocka_unit_test(test_tries_another_agent),
        cmocka_unit_test(test_a_refused_refresh),
        cmocka_unit_test(test_a_refused_deregistration),
        cmocka_unit_test(test_no_agent_was_asked),
        cmocka_unit_test(test_codes_of_a_home_agent_through_an_agent),
        cmocka_unit_test(test_69),
        cmocka_unit_test(test_69_with_an_absurd_lifetime),
        cmocka_unit_test(test_69_of_a_refresh),
        cmocka_unit_test(test_72_without_the_encapsulation),
        cmocka_unit_test(test_74_without_the_reverse_tunnel),
        cmocka_unit_test(test_75_with_the_reverse_tunnel),
        cmocka_unit_test(test_79_with_direct_delivery),
        cmocka_unit_test(test_packets_go_as_was_registered),
        cmocka_unit_test(test_another_agent_is_asked_for_all_of_it),
        cmocka_unit_test(test_77_with_more_addresses),
    };

    return cmocka_run_group_tests_name("rfc5944_3_6_2_3_agent_denials", tests, NULL, NULL);
}
