/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 2.4: how a mobile node looks for agents, and how it notices that it has moved.
 */

#include "roam.h"

#include <string.h>

/* ---- 2.4: solicitations ---- */

/* "Every mobile node MUST implement Agent Solicitation": ICMP type 10, code 0, TTL 1 (2.2). */
static void
test_the_solicitation(void **state)
{
    static const uint8_t octets[8] = {10, 0, 0xf5, 0xff, 0, 0, 0, 0};
    world *w = roam_world(NULL);
    const world_message *m;

    (void)state;
    requirement("B5944-40");
    agent_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    m = solicitation_of(w, 0);
    assert_int_equal(m->length, sizeof octets);
    assert_memory_equal(m->octets, octets, sizeof octets);
    assert_int_equal(m->meta.protocol, ICMP);
    assert_int_equal(m->meta.ttl, 1);
    assert_int_equal(m->meta.link, WORLD_WLAN);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), 0xe0000002u); /* 224.0.0.2 */
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), WORLD_HOME_ADDRESS);
    world_end(w);
}

/* "three initial solicitations at a maximum rate of one per second", then doubling "up to a maximum interval" that
 * "SHOULD be at least one minute". */
static void
test_the_rate_of_solicitations(void **state)
{
    static const unsigned nominal_s[] = {1, 1, 2, 4, 8, 16, 32, 64, 64, 64};
    world *w = roam_world(NULL);

    (void)state;
    requirement("B5944-40");
    agent_link_up(w, WORLD_WLAN);
    world_run(w, 500 * FB_SECOND);
    assert_true(solicitation_of(w, 0)->sent_at <= FB_SECOND); /* RFC 1256: MAX_SOLICITATION_DELAY */
    for (size_t i = 0; i < sizeof nominal_s / sizeof nominal_s[0]; i++)
    {
        fb_time interval = solicitation_of(w, i + 1)->sent_at - solicitation_of(w, i)->sent_at;

        assert_true(interval >= nominal_s[i] * FB_SECOND);
        assert_true(interval <= nominal_s[i] * FB_SECOND / 4 * 5);
    }
    assert_int_equal(requests_of(w), 0);
    world_end(w);
}

/* "Mobile nodes MUST randomize their solicitation times". */
static void
test_solicitations_are_at_random_times(void **state)
{
    fb_time sent_at[2][4];

    (void)state;
    requirement("B5944-40");
    for (uint8_t node = 0; node < 2; node++)
    {
        world *w = roam_world(NULL);
        fb_fact fact = {.kind = FB_FACT_ENTROPY};

        memset(fact.u.entropy, node + 1, sizeof fact.u.entropy);
        world_fact(w, w->mobile_node, &fact);
        agent_link_up(w, WORLD_WLAN);
        world_run(w, 10 * FB_SECOND);
        for (size_t i = 0; i < 4; i++)
        {
            sent_at[node][i] = solicitation_of(w, i)->sent_at;
        }
        world_end(w);
    }
    for (size_t i = 0; i < 4; i++)
    {
        assert_true(sent_at[0][i] != sent_at[1][i]);
    }
}

/* "SHOULD only be sent in the absence of Agent Advertisements and when a care-of address has not been determined". */
static void
test_who_hears_an_agent_does_not_ask(void **state)
{
    world *w = roam_world(NULL);
    notice busy = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-40");
    world_link_up(w, WORLD_LTE); /* co-located */
    busy.flags |= ADVERTISES_B;
    busy.lifetime_s = 9000;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &busy);
    world_run(w, 100 * FB_SECOND);
    assert_int_equal(solicitations_of(w), 0);
    world_end(w);
}

/* "MUST NOT increase the rate ... unless it has received a positive indication that it has moved to a new link"; after
 * a registration it may. */
static void
test_when_the_rate_starts_again(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    fb_time lost_at;
    size_t before;

    (void)state;
    requirement("B5944-40");
    agent_link_up(w, WORLD_WLAN);
    world_run(w, 40 * FB_SECOND);
    before = solicitations_of(w); /* the last interval was 16 s or more */
    assert_true(before >= 7);
    hear(w, WORLD_WLAN, &n);
    n.lifetime_s = 0;
    hear(w, WORLD_WLAN, &n); /* gone, without a registration */
    world_run(w, 15 * FB_SECOND);
    assert_int_equal(solicitations_of(w), before);
    /* Registered: at full rate again */
    n.lifetime_s = 30;
    n.sequence++;
    hear(w, WORLD_WLAN, &n);
    accept_last(w);
    before = solicitations_of(w);
    lost_at = w->now + 30 * FB_SECOND;
    world_run(w, 33 * FB_SECOND + 500 * FB_MILLISECOND);
    assert_true(solicitations_of(w) >= before + 2);
    assert_true(solicitation_of(w, before)->sent_at >= lost_at);
    /* A new link: too */
    world_run(w, 100 * FB_SECOND);
    world_link_down(w, WORLD_WLAN);
    before = solicitations_of(w);
    world_run(w, 200 * FB_SECOND);
    assert_int_equal(solicitations_of(w), before);
    agent_link_up(w, WORLD_WLAN);
    world_run(w, 3 * FB_SECOND + 500 * FB_MILLISECOND);
    assert_true(solicitations_of(w) >= before + 2);
    world_end(w);
}

/* ---- 2.4: advertisements ---- */

/* "The presence of a Mobility Agent Advertisement Extension identifies the advertisement as an Agent Advertisement". */
static void
test_an_ordinary_router(void **state)
{
    /* RFC 1256: one address, lifetime 1800, no extension */
    static const uint8_t octets[16] = {9, 0, 0xb2, 0xb3, 1, 2, 0x07, 0x08, 203, 0, 113, 65};
    world *w = roam_world(NULL);

    (void)state;
    requirement("M21", "B5944-35");
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(hear_octets(w, WORLD_WLAN, ROAM_AGENT, octets, sizeof octets), FB_REASON_NONE);
    assert_int_equal(last_told(w, FB_EVENT_AGENT, WORLD_WLAN), -1);
    assert_int_equal(requests_of(w), 0);
    world_end(w);
}

/* "A mobile node MUST ignore reserved bits in Agent Advertisements, as opposed to discarding such advertisements". */
static void
test_reserved_bits(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("M21");
    n.flags |= 0x027f;
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(hear(w, WORLD_WLAN, &n), FB_REASON_NONE);
    assert_int_equal(requests_of(w), 1);
    world_end(w);
}

/* An address of no use in the place of the one in use: as if the agent were gone. */
static void
test_an_agent_takes_its_address_back(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-35", "R7629-5.1-05");
    register_through(w, WORLD_WLAN, &n);
    n.care_of_address[0] = 0;
    hear_again(w, WORLD_WLAN, &n);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    n.care_of_address[0] = 0xcb007142u;
    world_run(w, FB_SECOND);
    hear_again(w, WORLD_WLAN, &n);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), 0xcb007142u);
    world_end(w);
}

static void
test_advertisements_of_nobodys_link(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("M21");
    assert_int_equal(hear(w, WORLD_WLAN, &n), FB_DROP_NOT_EXPECTED);
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(hear(w, WORLD_LTE, &n), FB_DROP_NOT_EXPECTED);
    world_link_down(w, WORLD_WLAN);
    assert_int_equal(hear(w, WORLD_WLAN, &n), FB_DROP_NOT_EXPECTED);
    assert_int_equal(requests_of(w), 0);
    world_end(w);
}

/* 2.1.1: B, "will not accept registrations from additional mobile nodes"; 3.6: what it has stays. */
static void
test_busy_agents(void **state)
{
    world *w = roam_world(NULL);
    notice busy = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("B5944-31", "B5944-35");
    busy.flags |= ADVERTISES_B;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &busy);
    assert_int_equal(requests_of(w), 0);
    hear(w, WORLD_WLAN, &other);
    assert_int_equal(requests_of(w), 1);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_OTHER_AGENT);
    accept_last(w);
    other.flags |= ADVERTISES_B;
    busy.flags &= (uint16_t)~ADVERTISES_B;
    hear_again(w, WORLD_WLAN, &other);
    hear_again(w, WORLD_WLAN, &busy);
    world_run(w, 5 * FB_SECOND);
    assert_int_equal(requests_of(w), 1);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* ---- 2.4.2.1: algorithm 1, the lifetime of advertisements ---- */

static void
test_an_agent_falls_silent(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const fb_event *down;
    size_t since;

    (void)state;
    requirement("B5944-35");
    register_through(w, WORLD_WLAN, &n);
    world_run(w, 20 * FB_SECOND);
    hear_again(w, WORLD_WLAN, &n);
    since = w->events;
    world_run(w, 30 * FB_SECOND - 1);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_true(fb_agent_next_timeout(w->mobile_node) == w->now + 1);
    world_run(w, 1);
    down = binding_event(w, since, FB_ROLE_MOBILE_NODE, WORLD_WLAN, FB_BINDING_DOWN);
    assert_non_null(down);
    assert_int_equal(down->cause, FB_CAUSE_AGENT);
    assert_int_equal(last_told(w, FB_EVENT_AGENT, WORLD_WLAN), 0);
    assert_int_equal(requests_of(w), 1);
    /* "Otherwise, the mobile node SHOULD attempt to discover a new agent" */
    world_run(w, 2 * FB_SECOND);
    assert_true(solicitations_of(w) > 0);
    hear_again(w, WORLD_WLAN, &n);
    assert_int_equal(requests_of(w), 2);
    world_end(w);
}

/* "If the mobile node has previously received an Agent Advertisement from another agent for which the Lifetime field
 * has not yet expired, the mobile node MAY immediately attempt registration with that other agent". */
static void
test_another_agent_takes_over(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("B5944-35");
    register_through(w, WORLD_WLAN, &n);
    world_run(w, 20 * FB_SECOND);
    hear(w, WORLD_WLAN, &other);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_of(w), 2);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_OTHER_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&last_request(w)->meta.dst), ROAM_OTHER_AGENT);
    assert_int_equal(last_request(w)->meta.link_addr[5], (uint8_t)ROAM_OTHER_AGENT);
    assert_int_equal(solicitations_of(w), 0);
    world_end(w);
}

/* 3.6: "Agent Advertisements from new agents SHOULD NOT cause a mobile node to attempt a new registration, if its
 * current registration has not expired and it is still also receiving Agent Advertisements" of its agent. */
static void
test_a_new_agent_alone_is_no_reason(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);

    (void)state;
    requirement("B5944-35");
    n.router = n.source;
    n.prefix_length = 28;
    other.router = other.source;
    other.prefix_length = 28;
    register_through(w, WORLD_WLAN, &n);
    for (int i = 0; i < 20; i++)
    {
        world_run(w, 9 * FB_SECOND);
        hear_again(w, WORLD_WLAN, &n);
        hear_again(w, WORLD_WLAN, &other);
    }
    assert_int_equal(requests_of(w), 1);
    world_end(w);
}

/* ---- 2.4.2.2: algorithm 2, prefixes ---- */

/** The other agent is heard when an advertisement of the current one is missing. Whether the node moves to it. */
static bool
moves(uint8_t prefix_length, fb_ipv4 other_router, uint8_t other_prefix_length)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);
    bool moved;

    n.router = n.source;
    n.prefix_length = prefix_length;
    other.router = other_router;
    other.prefix_length = other_prefix_length;
    register_through(w, WORLD_WLAN, &n);
    world_run(w, 9 * FB_SECOND);
    hear(w, WORLD_WLAN, &other);
    assert_int_equal(requests_of(w), 1); /* nothing is missing yet */
    world_run(w, 2 * FB_SECOND);
    hear_again(w, WORLD_WLAN, &other);
    moved = requests_of(w) == 2 && octets_u32(last_request(w)->octets + 12) == ROAM_OTHER_AGENT;
    assert_true(moved || requests_of(w) == 1);
    world_end(w);
    return moved;
}

static void
test_prefixes(void **state)
{
    (void)state;
    requirement("B5944-35");
    assert_true(moves(28, ROAM_OTHER_AGENT, 28)); /* 203.0.113.64/28 and .80/28 */
    assert_false(moves(24, ROAM_OTHER_AGENT, 24)); /* the same network */
    assert_true(moves(24, ROAM_OTHER_AGENT, 25));
    assert_true(moves(32, ROAM_OTHER_AGENT, 32));
    /* "unless both the current agent and the new agent include the Prefix-Lengths Extension" */
    assert_false(moves(0, ROAM_OTHER_AGENT, 28));
    assert_false(moves(28, ROAM_OTHER_AGENT, 0));
}

/* ---- 2.4.4: sequence numbers ---- */

/** A registered node hears @p first, then @p second: whether it registers again. */
static bool
registers_again(uint16_t first, uint16_t second)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    bool again;

    n.sequence = first;
    register_through(w, WORLD_WLAN, &n);
    world_run(w, 10 * FB_SECOND);
    n.sequence = second;
    hear(w, WORLD_WLAN, &n);
    again = requests_of(w) == 2;
    if (again)
    {
        const world_message *m = last_request(w);

        assert_int_equal(octets_u32(m->octets + 12), ROAM_AGENT);
        assert_int_equal(octets_u16(m->octets + 2), 600);
        assert_int_equal(m->octets[extension_of(m, 154) + 7], 0);
        accept_last(w);
    }
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
    return again;
}

static void
test_sequence_numbers(void **state)
{
    (void)state;
    requirement("B5944-35");
    assert_false(registers_again(0xffff, 256)); /* the roll-over */
    assert_true(registers_again(500, 3)); /* a restart */
    assert_true(registers_again(256, 255));
    assert_true(registers_again(0xffff, 0));
    assert_true(registers_again(9, 8));
    assert_false(registers_again(3, 4));
    assert_false(registers_again(3, 3));
    assert_false(registers_again(255, 256));
    assert_false(registers_again(600, 300)); /* "greater than or equal to 256": not a restart */
}

/* 3.6: not "more often than once per second", however often it restarts. */
static void
test_restarts_in_a_row(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-35", "B5944-32");
    agent_link_up(w, WORLD_WLAN);
    for (n.sequence = 200; n.sequence > 0; n.sequence--)
    {
        hear(w, WORLD_WLAN, &n);
        world_run(w, 100 * FB_MILLISECOND);
    }
    for (size_t i = 1; i < requests_of(w); i++)
    {
        assert_true(request_of(w, i)->sent_at >= request_of(w, i - 1)->sent_at + FB_SECOND);
    }
    assert_true(requests_of(w) > 10);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_solicitation),
        cmocka_unit_test(test_the_rate_of_solicitations),
        cmocka_unit_test(test_solicitations_are_at_random_times),
        cmocka_unit_test(test_who_hears_an_agent_does_not_ask),
        cmocka_unit_test(test_when_the_rate_starts_again),
        cmocka_unit_test(test_an_ordinary_router),
        cmocka_unit_test(test_reserved_bits),
        cmocka_unit_test(test_an_agent_takes_its_address_back),
        cmocka_unit_test(test_advertisements_of_nobodys_link),
        cmocka_unit_test(test_busy_agents),
        cmocka_unit_test(test_an_agent_falls_silent),
        cmocka_unit_test(test_another_agent_takes_over),
        cmocka_unit_test(test_a_new_agent_alone_is_no_reason),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_sequence_numbers),
        cmocka_unit_test(test_restarts_in_a_row),
    };

    return cmocka_run_group_tests_name("rfc5944_2_4_move_detection", tests, NULL, NULL);
}
