/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.1, 3.6.1: what a mobile node sends by way of a foreign agent, and when it does.
 */

#include "roam.h"

#include <string.h>

static uint8_t
flags_of(const world_message *m)
{
    return m->octets[1];
}

static uint16_t
lifetime_of(const world_message *m)
{
    return octets_u16(m->octets + 2);
}

static fb_ipv4
care_of_of(const world_message *m)
{
    return octets_u32(m->octets + 12);
}

/** By whom @p m goes: the agent, or the home agent itself. */
static fb_ipv4
sent_to(const world_message *m)
{
    return fb_addr_to_ipv4(&m->meta.dst);
}

/* ---- 3.6.1.1: IP fields ---- */

/* "the address of the agent as learned from the IP source address of the corresponding Agent Advertisement", which "MAY
 * be an address that does not appear as an advertised care-of address"; and "a link-layer Destination Address copied
 * from the link-layer source address of the Agent Advertisement". */
static void
test_addresses(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-27", "B5944-28", "R7629-5.1-05");
    n.source = 0xcb00714eu; /* 203.0.113.78 */
    n.care_of_address[1] = ROAM_OTHER_AGENT;
    n.addresses = 2;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    world_run(w, 8 * FB_SECOND);
    assert_int_equal(requests_of(w), 4);
    for (size_t i = 0; i < requests_of(w); i++)
    {
        const world_message *m = request_of(w, i);

        assert_int_equal(fb_addr_to_ipv4(&m->meta.src), WORLD_HOME_ADDRESS);
        assert_int_equal(sent_to(m), 0xcb00714eu);
        assert_int_equal(m->meta.link, WORLD_WLAN);
        assert_int_equal(m->meta.link_addr_len, 6);
        assert_memory_equal(m->meta.link_addr, ((const uint8_t[]){2, 0, 0, 0, 0, 78}), 6);
        assert_int_equal(m->meta.ttl, 255); /* RFC 3024 4.1.1 */
        assert_int_equal(m->meta.dport, 434);
        assert_int_equal(care_of_of(m), ROAM_AGENT); /* 2.4: "SHOULD pick the first address" */
    }
    world_end(w);
}

/* "the IP address of the agent is unknown": "All Mobility Agents", TTL 1, "the agent's link-layer unicast address". */
static void
test_an_agent_without_an_address(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("B5944-28", "B3024-03");
    n.source = 0;
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(hear(w, WORLD_WLAN, &n), FB_REASON_NONE);
    m = last_request(w);
    assert_int_equal(sent_to(m), 0xe000000bu); /* 224.0.0.11 */
    assert_int_equal(m->meta.ttl, 1);
    assert_int_equal(m->meta.link_addr_len, 6);
    assert_int_equal(m->meta.link_addr[0], 2);
    assert_int_equal(care_of_of(m), ROAM_AGENT);
    world_end(w);
}

/* "if the mobile node does not have a home address, the IP source address MUST be 0.0.0.0"; RFC 2794. */
static void
test_without_a_home_address(void **state)
{
    fb_mobile_node_config config = roam_defaults();
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;
    world *w;

    (void)state;
    requirement("B5944-28");
    config.home_address = 0;
    config.nai = (fb_nai){.length = 14, .text = "mn@example.com"};
    w = roam_world(&config);
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    m = last_request(w);
    assert_int_equal(m->meta.src.family, FB_FAMILY_IPV4);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), 0);
    assert_int_equal(sent_to(m), ROAM_AGENT);
    assert_int_equal(octets_u32(m->octets + 4), 0);
    assert_int_equal(care_of_of(m), ROAM_AGENT);
    assert_int_not_equal(extension_of(m, 131), 0);
    world_end(w);
}

/* ---- 3.6.1.2: fields of the request ---- */

/* "the Lifetime SHOULD NOT exceed the value in the Registration Lifetime field of the Agent Advertisement". */
static void
test_the_lifetime(void **state)
{
    static const struct
    {
        uint16_t configured, advertised, asked;
    } row[] = {{600, 300, 300},
               {600, 600, 600},
               {600, 1800, 600},
               {600, 0xffff, 600},
               {0xffff, 900, 900},
               {0xffff, 0xffff, 0xffff}};

    (void)state;
    requirement("B5944-29");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        fb_mobile_node_config config = roam_defaults();
        notice n = notice_of(ROAM_AGENT);
        world *w;

        config.lifetime_s = row[i].configured;
        n.registration_s = row[i].advertised;
        w = roam_world(&config);
        agent_link_up(w, WORLD_WLAN);
        hear(w, WORLD_WLAN, &n);
        assert_int_equal(lifetime_of(last_request(w)), row[i].asked);
        world_end(w);
    }
}

/* It takes none at all. */
static void
test_a_lifetime_of_zero(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-29");
    n.registration_s = 0;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), 0);
    world_end(w);
}

/* It does not any more: a request for that long would be a de-registration (3.3). */
static void
test_a_lifetime_of_zero_later(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    size_t requests;

    (void)state;
    requirement("B5944-29");
    register_through(w, WORLD_WLAN, &n);
    requests = requests_of(w);
    n.registration_s = 0;
    n.lifetime_s = 9000;
    hear_again(w, WORLD_WLAN, &n);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_run(w, 600 * FB_SECOND);
    assert_int_equal(requests_of(w), requests);
    n.registration_s = 300;
    hear_again(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), requests + 1);
    assert_int_equal(lifetime_of(last_request(w)), 300);
    world_end(w);
}

/* M and G "only if the mobile node is decapsulating its own datagrams ... or if its foreign agent has indicated
 * support"; D "MUST NOT be set" with a foreign agent's care-of address. */
static void
test_the_flags(void **state)
{
    static const struct
    {
        uint8_t tunnel;
        uint16_t advertised;
        uint8_t flags;
    } row[] = {{FB_TUNNEL_IPIP, ADVERTISES_G | ADVERTISES_M, 0x02},
               {FB_TUNNEL_GRE, ADVERTISES_G, 0x0a},
               {FB_TUNNEL_GRE, ADVERTISES_M, 0x02},
               {FB_TUNNEL_GRE, 0, 0x02},
               {FB_TUNNEL_MINIMAL, ADVERTISES_M | ADVERTISES_G, 0x12},
               {FB_TUNNEL_MINIMAL, ADVERTISES_G, 0x02}};

    (void)state;
    requirement("B5944-29");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = roam_world(NULL);
        notice n = notice_of(ROAM_AGENT);

        n.flags = (uint16_t)(ADVERTISES_F | row[i].advertised);
        agent_link_up_with(w, WORLD_WLAN, row[i].tunnel);
        hear(w, WORLD_WLAN, &n);
        assert_int_equal(flags_of(last_request(w)), row[i].flags);
        world_end(w);
    }
}

/* All of them go by the home address when all are de-registered (3.6.1.2), also by way of an agent. */
static void
test_deregistering_all(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("B5944-29", "C-09");
    register_through(w, WORLD_WLAN, &n);
    administrator(w, FB_FACT_DEREGISTER, 0);
    m = last_request(w);
    assert_int_equal(lifetime_of(m), 0);
    assert_int_equal(care_of_of(m), WORLD_HOME_ADDRESS);
    assert_int_equal(sent_to(m), ROAM_AGENT);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_end(w);
}

/* ---- 3.6.1.3: the order of extensions ---- */

/* RFC 3024 3.3: 130 "MUST NOT be included if the 'T' bit is not set"; after the Mobile-Home, before the Mobile-Foreign
 * authentication, which is the last. */
static void
test_the_order_of_extensions(void **state)
{
    (void)state;
    requirement("B5944-30", "B5944-22", "B3024-05");
    for (unsigned row = 0; row < 8; row++)
    {
        fb_mobile_node_config config = roam_defaults();
        notice n = notice_of(ROAM_AGENT);
        const world_message *m;
        size_t mhae, style, mfae;
        world *w;

        config.reverse_tunnel = (row & 1) != 0;
        config.encapsulating_delivery = (row & 2) != 0;
        w = roam_world(&config);
        if ((row & 4) != 0)
        {
            share_key(w, ROAM_AGENT);
        }
        agent_link_up(w, WORLD_WLAN);
        hear(w, WORLD_WLAN, &n);
        m = last_request(w);
        mhae = extension_of(m, 32);
        style = extension_of(m, 130);
        mfae = extension_of(m, 33);
        assert_int_equal(extension_of(m, 154), REQUEST_FIXED);
        assert_int_equal(mhae, REQUEST_FIXED + 8);
        assert_int_equal(style, (row & 3) == 3 ? mhae + 22 : 0);
        assert_int_equal(mfae, (row & 4) == 0 ? 0 : (row & 3) == 3 ? style + 2 : mhae + 22);
        assert_int_equal(m->length, mhae + 22 + (style != 0 ? 2u : 0) + (mfae != 0 ? 22u : 0));
        if (style != 0)
        {
            assert_int_equal(m->octets[style + 1], 0);
        }
        world_end(w);
    }
}

/* Nothing of it for the home agent's sake alone. */
static void
test_nothing_for_an_agent_when_sent_directly(void **state)
{
    fb_mobile_node_config config = roam_defaults();
    notice n = notice_of(ROAM_AGENT);
    world *w;

    (void)state;
    requirement("B5944-31", "B3024-05");
    config.encapsulating_delivery = true;
    w = roam_world(&config);
    share_key(w, ROAM_AGENT);
    world_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(extension_of(last_request(w), 33), 0);
    assert_int_equal(extension_of(last_request(w), 130), 0);
    assert_int_equal(sent_to(last_request(w)), WORLD_HOME_AGENT);
    world_end(w);
}

/* ---- 3.1: which of the two ways ---- */

/* "If a mobile node is using a co-located care-of address, and receives an Agent Advertisement ... the mobile node
 * SHOULD register via that foreign agent ... if the 'R' bit is set". */
static void
test_r_with_a_colocated_address(void **state)
{
    fb_mobile_node_config config = roam_defaults();
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;
    world *w;

    (void)state;
    requirement("B5944-31", "B5944-28", "B5944-29", "B5944-22");
    config.encapsulating_delivery = true;
    w = roam_world(&config);
    share_key(w, ROAM_AGENT);
    world_link_up(w, WORLD_WLAN);
    accept_last(w);
    world_run(w, 2 * FB_SECOND);
    hear(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), 1);
    n.flags |= ADVERTISES_R;
    n.registration_s = 300;
    hear_again(w, WORLD_WLAN, &n);
    m = last_request(w);
    assert_int_equal(requests_of(w), 2);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP_PENDING);
    assert_int_equal(flags_of(m) & 0x20, 0x20); /* D */
    assert_int_equal(care_of_of(m), care_of(WORLD_WLAN));
    assert_int_equal(lifetime_of(m), 300);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), care_of(WORLD_WLAN));
    assert_int_equal(sent_to(m), ROAM_AGENT);
    assert_int_equal(m->meta.link_addr[5], (uint8_t)ROAM_AGENT);
    assert_int_equal(m->meta.ttl, 255);
    assert_int_equal(extension_of(m, 130), 0); /* it sends through its own tunnel */
    assert_int_not_equal(extension_of(m, 33), 0);
    assert_int_equal(answer_request(w, m, 0, 300, ROAM_MHAE), FB_DROP_NO_AUTHENTICATION);
    assert_int_equal(answer_request(w, m, 0, 300, ROAM_MHAE | ROAM_MFAE), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    /* The same again is no news */
    hear_again(w, WORLD_WLAN, &n);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(requests_of(w), 2);
    /* Its restart is (2.4.4), and its end: what follows goes directly */
    n.sequence = 5;
    hear(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), 3);
    assert_int_equal(answer_request(w, last_request(w), 0, 300, ROAM_MHAE | ROAM_MFAE),
                     FB_REASON_NONE);
    world_run(w, 31 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(requests_of(w), 3);
    world_run(w, 220 * FB_SECOND);
    assert_int_equal(sent_to(last_request(w)), WORLD_HOME_AGENT);
    assert_int_equal(lifetime_of(last_request(w)), 600);
    world_end(w);
}

/* R seen while the first request is still unanswered, and the agent lost while its is. */
static void
test_r_comes_and_goes_while_a_request_is_pending(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-31", "C-03");
    n.flags |= ADVERTISES_R;
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(sent_to(last_request(w)), WORLD_HOME_AGENT);
    hear(w, WORLD_WLAN, &n);
    world_run(w, FB_SECOND);
    assert_int_equal(sent_to(last_request(w)), ROAM_AGENT);
    n.lifetime_s = 0;
    hear(w, WORLD_WLAN, &n);
    world_run(w, FB_SECOND);
    assert_int_equal(sent_to(last_request(w)), WORLD_HOME_AGENT);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* ---- the agent is lost in every state (C-03) ---- */

/** A node whose agent says good-bye now. */
static void
lose_agent(world *w, uint32_t link, fb_ipv4 agent)
{
    notice bye = notice_of(agent);

    bye.lifetime_s = 0;
    hear(w, link, &bye);
}

static void
test_lost_while_queued(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("C-03");
    world_link_up(w, WORLD_LTE); /* holds the token */
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
    lose_agent(w, WORLD_WLAN, ROAM_AGENT);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_run(w, 100 * FB_MILLISECOND);
    assert_int_equal(requests_of(w), 1);
    world_end(w);
}

static void
test_lost_while_pending(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);
    const world_message *stale;

    (void)state;
    requirement("C-03", "B5944-35");
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    stale = last_request(w);
    lose_agent(w, WORLD_WLAN, ROAM_AGENT);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_run(w, 500 * FB_MILLISECOND);
    assert_int_equal(requests_of(w), 1);
    assert_int_equal(answer_request(w, stale, 0, 600, ROAM_MHAE), FB_DROP_NOT_EXPECTED);
    hear(w, WORLD_WLAN, &other); /* still within the second of the last request */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
    world_run(w, 500 * FB_MILLISECOND);
    assert_int_equal(care_of_of(last_request(w)), ROAM_OTHER_AGENT);
    world_end(w);
}

static void
test_another_while_pending(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("C-03");
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    hear(w, WORLD_WLAN, &other);
    lose_agent(w, WORLD_WLAN, ROAM_AGENT);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_QUEUED);
    world_run(w, 10 * FB_SECOND);
    for (size_t i = 1; i < requests_of(w); i++)
    {
        assert_int_equal(care_of_of(request_of(w, i)), ROAM_OTHER_AGENT);
    }
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    world_end(w);
}

static void
test_lost_while_blocked(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("C-03");
    n.lifetime_s = 9000;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    answer_request(w, last_request(w), 65, 600, 0);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    /* That it is gone and there again does not shorten the wait */
    lose_agent(w, WORLD_WLAN, ROAM_AGENT);
    hear(w, WORLD_WLAN, &n);
    world_run(w, 59 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    assert_int_equal(requests_of(w), 1);
    /* Another one does: it has not said no */
    lose_agent(w, WORLD_WLAN, ROAM_AGENT);
    hear(w, WORLD_WLAN, &other);
    assert_int_equal(requests_of(w), 2);
    assert_int_equal(care_of_of(last_request(w)), ROAM_OTHER_AGENT);
    world_end(w);
}

/* The wait is over and there is no agent to ask. */
static void
test_no_agent_when_the_wait_is_over(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("C-03");
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    answer_request(w, last_request(w), 65, 600, 0);
    world_run(w, 61 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    assert_int_equal(requests_of(w), 1);
    hear_again(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), 2);
    world_end(w);
}

static void
test_lost_while_deregistering(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("C-03", "C-07");
    register_through(w, WORLD_WLAN, &n);
    administrator(w, FB_FACT_DEREGISTER, WORLD_WLAN);
    administrator(w, FB_FACT_REGISTER, WORLD_WLAN);
    hear(w, WORLD_WLAN, &other);
    lose_agent(w, WORLD_WLAN, ROAM_AGENT);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DEREGISTERING);
    world_run(w, 10 * FB_SECOND); /* in vain */
    assert_int_equal(care_of_of(last_request(w)), ROAM_OTHER_AGENT);
    assert_int_equal(lifetime_of(last_request(w)), 600);
    world_end(w);
}

/* A link that no longer takes its address from an agent, and back. */
static void
test_the_kind_of_address_changes(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("C-03", "B5944-31");
    register_through(w, WORLD_WLAN, &n);
    world_change_address(w, WORLD_WLAN, care_of(WORLD_WLAN));
    world_run(w, FB_SECOND);
    assert_int_equal(care_of_of(last_request(w)), care_of(WORLD_WLAN));
    assert_int_equal(sent_to(last_request(w)), WORLD_HOME_AGENT);
    assert_int_equal(flags_of(last_request(w)), 0x22);
    accept_last(w);
    agent_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_int_equal(care_of_of(last_request(w)), ROAM_AGENT);
    assert_int_equal(flags_of(last_request(w)), 0x02);
    world_end(w);
}

/* A binding with an address of its own, on a link that takes it from an agent now: that agent is not to be told. */
static void
test_the_old_binding_is_not_deregistered_through_a_new_agent(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("C-07", "B5944-28");
    world_link_up(w, WORLD_WLAN);
    accept_last(w);
    administrator(w, FB_FACT_DEREGISTER, WORLD_WLAN);
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    world_run(w, 10 * FB_SECOND);
    for (size_t i = 2; i < requests_of(w); i++)
    {
        assert_int_not_equal(lifetime_of(request_of(w, i)), 0);
    }
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_an_agent_without_an_address),
        cmocka_unit_test(test_without_a_home_address),
        cmocka_unit_test(test_the_lifetime),
        cmocka_unit_test(test_a_lifetime_of_zero),
        cmocka_unit_test(test_a_lifetime_of_zero_later),
        cmocka_unit_test(test_the_flags),
        cmocka_unit_test(test_deregistering_all),
        cmocka_unit_test(test_the_order_of_extensions),
        cmocka_unit_test(test_nothing_for_an_agent_when_sent_directly),
        cmocka_unit_test(test_r_with_a_colocated_address),
        cmocka_unit_test(test_r_comes_and_goes_while_a_request_is_pending),
        cmocka_unit_test(test_lost_while_queued),
        cmocka_unit_test(test_lost_while_pending),
        cmocka_unit_test(test_another_while_pending),
        cmocka_unit_test(test_lost_while_blocked),
        cmocka_unit_test(test_no_agent_when_the_wait_is_over),
        cmocka_unit_test(test_lost_while_deregistering),
        cmocka_unit_test(test_the_kind_of_address_changes),
        cmocka_unit_test(test_the_old_binding_is_not_deregistered_through_a_new_agent),
    };

    return cmocka_run_group_tests_name("rfc5944_3_6_through_an_agent", tests, NULL, NULL);
}
