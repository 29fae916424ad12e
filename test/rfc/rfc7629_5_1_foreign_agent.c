/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 5.1: "If the mobile node is in a foreign network with a foreign agent, the care-of address is the address of
 * the foreign agent": several paths, some of them through foreign agents.
 */

#include "roam.h"
#include "world3.h"

#include <string.h>

/** The wall clock will read @p identification a millisecond from now, as far as a clock of nanoseconds can. */
static void
clock_will_read(world *w, uint64_t identification)
{
    uint64_t seconds = (identification >> 32) - UINT64_C(2208988800);
    uint64_t fraction = identification & UINT64_C(0xffff0000);
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK};

    fact.u.wall_ns = seconds * FB_SECOND + ((fraction * FB_SECOND) >> 32) + 1 - FB_MILLISECOND;
    world_fact(w, w->mobile_node, &fact);
}

/** A node that has just sent vector M13, its eighth request: each before was cut short by a restart of the agent. */
static world *
world_of_m13(void)
{
    fb_mobile_node_config config = roam_defaults();
    notice n = notice_of(ROAM_AGENT);
    world *w;

    config.encapsulating_delivery = true;
    w = roam_world(&config);
    share_key(w, ROAM_AGENT);
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(hear(w, WORLD_WLAN, &n), FB_REASON_NONE);
    for (n.sequence = 7; n.sequence > 0; n.sequence--)
    {
        world_run(w, 999 * FB_MILLISECOND);
        assert_int_equal(hear(w, WORLD_WLAN, &n), FB_REASON_NONE);
        if (n.sequence == 1)
        {
            clock_will_read(w, UINT64_C(0xed003a3c11110000));
        }
        world_run(w, FB_MILLISECOND); /* a second between two requests (RFC 5944 3.6) */
    }
    assert_int_equal(requests_of(w), 8);
    return w;
}

/* 5944 3.6.1.3: fixed part, Multipath, Mobile-Home, then Encapsulating Delivery Style and Mobile-Foreign. */
static void
test_the_vectors(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *m13 = vectors_find(vectors, "M13");
    const test_vector *m16 = vectors_find(vectors, "M16");
    world *w = world_of_m13();
    const world_message *m = last_request(w);
    fb_meta meta = {.src = m->meta.dst, .dst = m->meta.src, .sport = 434, .dport = ROAM_PORT};
    fb_binding_view view;

    (void)state;
    requirement("M13", "M16", "R7629-5.1-05", "B5944-28", "B5944-29", "B5944-30", "B3024-05");
    assert_int_equal(m->length, m13->length);
    assert_memory_equal(m->octets, m13->octets, m13->length);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), octets_u32(m13->packet + 12));
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), octets_u32(m13->packet + 16));
    assert_int_equal(m->meta.ttl, m13->packet[8]);
    assert_int_equal(m->meta.sport, octets_u16(m13->packet + 20));
    assert_int_equal(m->meta.dport, octets_u16(m13->packet + 22));
    meta.link = WORLD_WLAN;
    meta.protocol = UDP;
    assert_int_equal(world_inject(w, false, &meta, m16->octets, m16->length), FB_REASON_NONE);
    assert_true(
        fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &view));
    assert_int_equal(view.state, FB_BINDING_UP);
    assert_int_equal(view.care_of_address, ROAM_AGENT);
    assert_int_equal(view.lifetime_s, 600);
    world_end(w);
    vectors_free(vectors);
}

/* Every bit of M16 counts: all of it is under the Mobile-Foreign authentication. */
static void
test_a_damaged_reply(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *m16 = vectors_find(vectors, "M16");
    world *w = world_of_m13();
    fb_meta meta = {.src = fb_addr_from_ipv4(ROAM_AGENT), .sport = 434, .protocol = UDP};
    uint8_t octets[64];

    (void)state;
    requirement("M16", "B5944-22");
    assert_int_equal(m16->length, sizeof octets);
    for (size_t bit = 0; bit < 8 * m16->length; bit++)
    {
        memcpy(octets, m16->octets, sizeof octets);
        octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(world_inject(w, false, &meta, octets, sizeof octets), FB_REASON_NONE);
    }
    for (size_t length = 0; length < m16->length; length++)
    {
        assert_int_not_equal(world_inject(w, false, &meta, m16->octets, length), FB_REASON_NONE);
    }
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    assert_int_equal(world_inject(w, false, &meta, m16->octets, m16->length), FB_REASON_NONE);
    world_end(w);
    vectors_free(vectors);
}

/* Vector M21 is all a node needs to register. */
static void
test_the_advertisement_of_the_vectors(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *m21 = vectors_find(vectors, "M21");
    world *w = roam_world(NULL);
    const fb_event *heard;

    (void)state;
    requirement("M21", "R7629-5.1-05");
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(requests_of(w), 0);
    assert_int_equal(hear_octets(w, WORLD_WLAN, ROAM_AGENT, m21->octets, m21->length),
                     FB_REASON_NONE);
    heard = world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_AGENT);
    assert_non_null(heard);
    assert_int_equal(heard->to, 1);
    assert_int_equal(heard->ref.link, WORLD_WLAN);
    assert_int_equal(heard->care_of_address, ROAM_AGENT);
    assert_int_equal(heard->lifetime_s, 600);
    assert_int_equal(requests_of(w), 1);
    assert_int_equal(last_request(w)->octets[1], 0x02); /* T alone: D is 0 */
    assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_AGENT);
    for (size_t bit = 0; bit < 8 * m21->length; bit++)
    {
        uint8_t octets[20];

        memcpy(octets, m21->octets, sizeof octets);
        octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(hear_octets(w, WORLD_WLAN, ROAM_AGENT, octets, sizeof octets),
                             FB_REASON_NONE);
    }
    world_end(w);
    vectors_free(vectors);
}

/* 5944 3.6.2.1 a: a shared key means exactly one Mobile-Foreign authentication, and a valid one. */
static void
test_the_agents_authentication(void **state)
{
    static const struct
    {
        unsigned with;
        int reason;
    } wrong[] = {{ROAM_MHAE, FB_DROP_NO_AUTHENTICATION},
                 {ROAM_MHAE | ROAM_MFAE_BAD, FB_DROP_BAD_AUTHENTICATOR},
                 {ROAM_MHAE | ROAM_MFAE_TWICE, FB_DROP_REPEATED_AUTHENTICATION},
                 {ROAM_MFAE, FB_DROP_NO_AUTHENTICATION}};
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-22", "R7629-4.3-03");
    share_key(w, ROAM_AGENT);
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    {
        size_t since = w->events;
        const fb_event *drop;

        assert_int_equal(answer_request(w, last_request(w), 0, 600, wrong[i].with),
                         wrong[i].reason);
        drop = world_event(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_DROP);
        assert_non_null(drop);
        assert_int_equal(drop->reason, wrong[i].reason);
        assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    }
    /* A denial of the agent's own too */
    assert_int_equal(answer_request(w, last_request(w), 65, 600, 0), FB_DROP_NO_AUTHENTICATION);
    assert_int_equal(answer_request(w, last_request(w), 65, 600, ROAM_MFAE_BAD),
                     FB_DROP_BAD_AUTHENTICATOR);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    assert_int_equal(answer_request(w, last_request(w), 65, 600, ROAM_MFAE), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    world_end(w);
}

/* Without a shared key an agent's authentication says nothing, and is not asked for. */
static void
test_no_shared_key(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    (void)state;
    requirement("B5944-22", "B5944-30");
    share_key(w, ROAM_OTHER_AGENT);
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    assert_int_equal(extension_of(last_request(w), 33), 0);
    assert_int_equal(extension_of(last_request(w), 130), 0); /* direct delivery is the default */
    assert_int_equal(answer_request(w, last_request(w), 0, 600, ROAM_MHAE | ROAM_MFAE_BAD),
                     FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* 5.1: "the tunnel is between the home agent and the foreign agent": what comes out of one here is not the node's. */
static void
test_the_node_has_no_tunnel_of_its_own(void **state)
{
    static const uint8_t inner[28] = {0x45, 0,    0,    28,   0, 0,   0,   0,  63,  17,
                                      0,    0,    192,  0,    2, 200, 198, 51, 100, 10,
                                      0x13, 0xc4, 0x13, 0xc4, 0, 8,   0,   0};
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    fb_packet packet = {.packet = 1, .header = inner, .header_len = 28, .total_len = 28};
    fb_meta outer = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .dst = fb_addr_from_ipv4(ROAM_AGENT),
                     .protocol = 4};
    fb_action action;

    (void)state;
    requirement("R7629-5.1-24");
    register_through(w, WORLD_WLAN, &n);
    assert_int_equal(fb_agent_receive(w->mobile_node, &outer, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->mobile_node, &action, w->now));
    assert_int_equal(action.kind, FB_DROP_PACKET);
    world_end(w);
}

/* ---- several paths ---- */

/** WLAN through the agent, LTE and CDMA co-located, all registered. */
static world *
mixed_world(const fb_mobile_node_config *config)
{
    world *w = roam_world(config);
    notice n = notice_of(ROAM_AGENT);

    register_through(w, WORLD_WLAN, &n);
    world_link_up(w, WORLD_LTE);
    accept_last(w);
    world_link_up(w, WORLD_CDMA);
    accept_last(w);
    return w;
}

/** Keeps the agent heard while time passes; answers what is asked with acceptance. */
static void
live(world *w, uint32_t link, notice *n, unsigned seconds)
{
    size_t seen_requests = requests_of(w);

    for (unsigned i = 0; i < seconds; i++)
    {
        world_run(w, FB_SECOND);
        if (n != NULL && i % 9 == 0)
        {
            hear_again(w, link, n);
        }
        while (requests_of(w) > seen_requests)
        {
            const world_message *m = request_of(w, seen_requests++);

            (void)answer_request(w, m, 0, octets_u16(m->octets + 2), ROAM_MHAE);
        }
    }
}

/* A foreign agent restarts its timer only with a reply it relays (5944 3.7.3.2): each path refreshes itself. */
static void
test_no_bulk_with_a_foreign_agent(void **state)
{
    world *w = mixed_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    size_t first = requests_of(w);
    unsigned refreshed[4] = {0};

    (void)state;
    requirement("D-07");
    live(w, WORLD_WLAN, &n, 1000);
    for (size_t i = first; i < requests_of(w); i++)
    {
        const world_message *m = request_of(w, i);
        size_t at = extension_of(m, 154);

        assert_int_not_equal(at, 0);
        assert_int_equal(m->octets[at + 7], 0); /* neither B nor O */
        refreshed[m->octets[at + 6]]++;
        assert_int_equal(m->meta.link, m->octets[at + 6]);
    }
    for (unsigned bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(refreshed[bid], 2);
        assert_int_equal(world_state(w, (uint8_t)bid), FB_BINDING_UP);
    }
    world_end(w);
}

static void
test_bulk_again_without_one(void **state)
{
    world *w = mixed_world(NULL);
    size_t first;
    unsigned bulk = 0;

    (void)state;
    requirement("D-07");
    world_link_down(w, WORLD_WLAN);
    accept_last(w);
    first = requests_of(w);
    live(w, 0, NULL, 1000);
    for (size_t i = first; i < requests_of(w); i++)
    {
        const world_message *m = request_of(w, i);

        bulk += (m->octets[extension_of(m, 154) + 7] & FLAG_B) != 0;
    }
    assert_true(bulk > 0);
    world_end(w);
}

/* 5944 3.7.3.2: an accepted Lifetime 0 makes a foreign agent forget its visitor, whatever care-of address it names. */
static void
test_another_path_is_deregistered_over_colocated_paths_only(void **state)
{
    world *w = mixed_world(NULL);
    const world_message *m;

    (void)state;
    requirement("C-07", "D-37");
    /* WLAN, through the agent, is the preferred one; but not for this */
    world_link_down(w, WORLD_LTE);
    m = last_request(w);
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(octets_u32(m->octets + 12), care_of(WORLD_LTE));
    assert_int_equal(m->meta.link, WORLD_CDMA);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), care_of(WORLD_CDMA));
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), WORLD_HOME_AGENT);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    /* Now there is none: the home agent lets it expire */
    world_link_down(w, WORLD_CDMA);
    assert_true(last_request(w) == m);
    assert_int_equal(world_state(w, WORLD_CDMA), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* A binding that was lost when there was no way to say so: with a foreign agent's path there still is none. */
static void
test_a_stray_binding_waits_for_a_colocated_path(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;
    size_t since;

    (void)state;
    requirement("C-07", "D-37");
    world_link_up(w, WORLD_LTE);
    accept_last(w);
    world_link_down(w, WORLD_LTE);
    since = w->events;
    register_through(w, WORLD_WLAN, &n);
    assert_null(binding_event(w, since, FB_ROLE_MOBILE_NODE, WORLD_LTE, FB_BINDING_DEREGISTERING));
    world_link_up(w, WORLD_CDMA);
    accept_last(w);
    m = last_request(w);
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(octets_u32(m->octets + 12), care_of(WORLD_LTE));
    assert_int_equal(m->meta.link, WORLD_CDMA);
    world_end(w);
}

/* And the foreign agent's path itself, when the agent is lost. */
static void
test_a_foreign_agents_path_is_deregistered_over_another(void **state)
{
    world *w = mixed_world(NULL);
    const world_message *m;

    (void)state;
    requirement("C-07", "C-03", "B5944-35");
    world_run(w, 30 * FB_SECOND); /* its advertisement expires */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DEREGISTERING);
    m = last_request(w);
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(m->octets[1] & 0x20, 0); /* D: the care-of address is not the node's */
    assert_int_equal(octets_u32(m->octets + 12), ROAM_AGENT);
    assert_int_equal(m->meta.link, WORLD_LTE);
    assert_int_equal(m->octets[extension_of(m, 154) + 6], WORLD_WLAN);
    assert_int_equal(extension_of(m, 33), 0);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_end(w);
}

/* Its own link is there and so is its agent: then through that (3.1). */
static void
test_a_foreign_agents_path_is_deregistered_through_it(void **state)
{
    world *w = mixed_world(NULL);
    const world_message *m;

    (void)state;
    requirement("B5944-31", "B5944-28");
    administrator(w, FB_FACT_DEREGISTER, WORLD_WLAN);
    m = last_request(w);
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(octets_u32(m->octets + 12), ROAM_AGENT);
    assert_int_equal(m->meta.link, WORLD_WLAN);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), ROAM_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), WORLD_HOME_ADDRESS);
    world_end(w);
}

/* C-13: a changed care-of address is de-registered over another co-located path, then registered anew. */
static void
test_a_new_agent_with_another_path_up(void **state)
{
    world *w = mixed_world(NULL);
    notice other = notice_of(ROAM_OTHER_AGENT);
    notice bye = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("C-13", "D-09", "B5944-35");
    hear(w, WORLD_WLAN, &other);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP); /* no reason to change (3.6) */
    bye.lifetime_s = 0;
    hear(w, WORLD_WLAN, &bye);
    m = last_request(w);
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(octets_u32(m->octets + 12), ROAM_AGENT);
    assert_int_equal(m->meta.link, WORLD_LTE);
    accept_last(w);
    world_run(w, FB_SECOND);
    m = last_request(w);
    assert_int_equal(octets_u16(m->octets + 2), 600);
    assert_int_equal(octets_u32(m->octets + 12), ROAM_OTHER_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), ROAM_OTHER_AGENT);
    assert_int_equal(m->octets[extension_of(m, 154) + 7], 0); /* O is not needed */
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    world_end(w);
}

/* 5.1: the only binding moves with O = 1. */
static void
test_a_new_agent_for_the_only_path(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);
    const world_message *m;

    (void)state;
    requirement("R7629-5.1-22", "B5944-35");
    register_through(w, WORLD_WLAN, &n);
    world_run(w, FB_SECOND);
    hear(w, WORLD_WLAN, &other);
    n.lifetime_s = 0;
    hear(w, WORLD_WLAN, &n);
    m = last_request(w);
    assert_int_equal(octets_u32(m->octets + 12), ROAM_OTHER_AGENT);
    assert_int_equal(m->octets[extension_of(m, 154) + 7], FLAG_O);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_PENDING);
    world_end(w);
}

/* ---- two links behind one agent ---- */

static void
test_two_links_behind_one_agent(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("D-38", "R7629-2.2-01");
    register_through(w, WORLD_LTE, &n);
    /* The better one takes over: at the home agent the binding gets its BID (D-11) */
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    m = last_request(w);
    assert_int_equal(m->octets[extension_of(m, 154) + 6], WORLD_WLAN);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    /* The worse one does not ask while the better is there */
    hear_again(w, WORLD_LTE, &n);
    agent_link_up(w, WORLD_CDMA);
    hear_again(w, WORLD_CDMA, &n);
    world_run(w, 5 * FB_SECOND);
    assert_true(last_request(w) == m);
    /* It is lost: the next best */
    world_link_down(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    m = last_request(w);
    assert_int_equal(m->octets[extension_of(m, 154) + 6], WORLD_LTE);
    assert_int_equal(octets_u16(m->octets + 2), 600);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    world_end(w);
}

/* A denied one stands in nobody's way. */
static void
test_the_better_of_two_links_is_denied(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("D-38");
    agent_link_up(w, WORLD_WLAN);
    agent_link_up(w, WORLD_LTE);
    hear(w, WORLD_WLAN, &n);
    hear(w, WORLD_LTE, &n);
    assert_int_equal(requests_of(w), 1);
    assert_int_equal(answer_request(w, last_request(w), 66, 600, 0), FB_REASON_NONE);
    m = last_request(w);
    assert_int_equal(m->octets[extension_of(m, 154) + 6], WORLD_LTE);
    world_end(w);
}

/* Whoever says no: the home agent, too. */
static void
test_the_better_of_two_links_is_denied_by_the_home_agent(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("D-38");
    agent_link_up(w, WORLD_WLAN);
    agent_link_up(w, WORLD_LTE);
    hear(w, WORLD_WLAN, &n);
    hear(w, WORLD_LTE, &n);
    assert_int_equal(answer_request(w, last_request(w), 130, 600, ROAM_MHAE), FB_REASON_NONE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_BLOCKED);
    m = last_request(w);
    assert_int_equal(m->octets[extension_of(m, 154) + 6], WORLD_LTE);
    world_end(w);
}

/* ---- an agent that does not know RFC 7629 ---- */

/* It reads 154 as RFC 5944 says and is silent; a request without gets through. */
static void
test_a_legacy_foreign_agent(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    const world_message *m;

    (void)state;
    requirement("D-01");
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &n);
    world_run(w, 8 * FB_SECOND);
    m = last_request(w);
    assert_int_equal(requests_of(w), 4);
    assert_int_equal(extension_of(m, 154), 0);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), ROAM_AGENT);
    accept_last(w);
    m = last_request(w); /* once more with it (C-04) */
    assert_int_not_equal(extension_of(m, 154), 0);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_MULTIPATH)->to,
                     FB_MULTIPATH_OFF);
    world_end(w);
}

/* ---- with a real foreign agent and a real home agent ---- */

static void
test_the_tunnel_is_between_the_agents(void **state)
{
    world3_setup setup;
    world3 *w;
    fb_binding_view view;
    world3_verdict down;

    (void)state;
    requirement("R7629-5.1-24", "R7629-5.1-05", "R7629-1-01");
    world3_setup_default(&setup);
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    world3_run(w, 5 * FB_SECOND);
    assert_true(world3_binding(w, 0, &view));
    assert_int_equal(view.ref.bid, 1);
    assert_int_equal(view.care_of_address, WORLD3_FOREIGN_AGENT_ADDRESS);
    down = world3_downlink(w);
    assert_true(down.tunnelled);
    assert_int_equal(down.outer_source, WORLD_HOME_AGENT);
    assert_int_equal(down.outer_destination, WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(down.second.kind, FB_FORWARD);
    assert_int_equal(down.second.next_hop, WORLD_HOME_ADDRESS);
    assert_int_equal(down.second.path.link, WORLD3_VISITED_LINK);
    world3_end(w);
}

/* It cannot read 154 and drops the request; without it the node is registered, and stays so. */
static void
test_a_real_legacy_foreign_agent(void **state)
{
    world3_setup setup;
    world3 *w;
    fb_binding_view view;

    (void)state;
    requirement("D-01");
    world3_setup_default(&setup);
    setup.config[WORLD3_FOREIGN_AGENT].foreign_agent.legacy = true;
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    world3_run(w, 15 * FB_SECOND);
    assert_true(world3_visitor(w, &view));
    assert_true(world3_binding(w, 0, &view));
    assert_int_equal(view.ref.bid, 0); /* as RFC 5944 has it */
    assert_int_equal(view.care_of_address, WORLD3_FOREIGN_AGENT_ADDRESS);
    world3_run(w, 2000 * FB_SECOND);
    assert_true(world3_binding(w, 0, &view));
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vectors),
        cmocka_unit_test(test_a_damaged_reply),
        cmocka_unit_test(test_the_advertisement_of_the_vectors),
        cmocka_unit_test(test_the_agents_authentication),
        cmocka_unit_test(test_no_shared_key),
        cmocka_unit_test(test_the_node_has_no_tunnel_of_its_own),
        cmocka_unit_test(test_no_bulk_with_a_foreign_agent),
        cmocka_unit_test(test_bulk_again_without_one),
        cmocka_unit_test(test_another_path_is_deregistered_over_colocated_paths_only),
        cmocka_unit_test(test_a_stray_binding_waits_for_a_colocated_path),
        cmocka_unit_test(test_a_foreign_agents_path_is_deregistered_over_another),
        cmocka_unit_test(test_a_foreign_agents_path_is_deregistered_through_it),
        cmocka_unit_test(test_a_new_agent_with_another_path_up),
        cmocka_unit_test(test_a_new_agent_for_the_only_path),
        cmocka_unit_test(test_two_links_behind_one_agent),
        cmocka_unit_test(test_the_better_of_two_links_is_denied),
        cmocka_unit_test(test_the_better_of_two_links_is_denied_by_the_home_agent),
        cmocka_unit_test(test_a_legacy_foreign_agent),
        cmocka_unit_test(test_the_tunnel_is_between_the_agents),
        cmocka_unit_test(test_a_real_legacy_foreign_agent),
    };

    return cmocka_run_group_tests_name("rfc7629_5_1_foreign_agent", tests, NULL, NULL);
}
