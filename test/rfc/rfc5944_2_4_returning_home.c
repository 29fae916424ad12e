/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 2.4.3, 3.8.3.1, 4.6: a mobile node returns home, and leaves again: what it does, and what its home agent
 * does.
 */

#include "roam.h"
#include "world3.h"

#include <string.h>

/* ---- the mobile node ---- */

static const fb_event *
home_event(const world *w, size_t since)
{
    return world_event(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_HOME);
}

/** WLAN through an agent, LTE with its own address, both registered. */
static world *
away_world(void)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    n.lifetime_s = 9000;
    register_through(w, WORLD_WLAN, &n);
    world_link_up(w, WORLD_LTE);
    accept_last(w);
    world_run(w, 2 * FB_SECOND);
    return w;
}

/* 2.4.3: "SHOULD deregister with its home agent"; appendix C.3 says how. */
static void
test_the_request_at_home(void **state)
{
    world *w = away_world();
    notice home = notice_of_home();
    const world_message *m;
    const fb_event *e;
    size_t since = w->events, before = requests_of(w);

    (void)state;
    requirement("B5944-36", "B5944-28", "B5944-29", "C-09", "B5944-37");
    agent_link_up(w, WORLD_CDMA);
    assert_int_equal(hear(w, WORLD_CDMA, &home), FB_REASON_NONE);
    e = home_event(w, since);
    assert_non_null(e);
    assert_int_equal(e->to, 1);
    assert_int_equal(e->ref.link, WORLD_CDMA);
    assert_int_equal(e->home_address, WORLD_HOME_ADDRESS);
    /* 4.6: ARP on, gratuitous ARP, then the request: the host has heard of it before there is one */
    assert_int_equal(requests_of(w), before);
    world_run(w, FB_MILLISECOND);
    assert_int_equal(requests_of(w), before + 1);
    m = last_request(w);
    assert_int_equal(m->octets[1], 0); /* nothing to decapsulate, no tunnel */
    assert_int_equal(octets_u16(m->octets + 2), 0);
    assert_int_equal(octets_u32(m->octets + 4), WORLD_HOME_ADDRESS);
    assert_int_equal(octets_u32(m->octets + 8), WORLD_HOME_AGENT);
    assert_int_equal(octets_u32(m->octets + 12), WORLD_HOME_ADDRESS);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), WORLD_HOME_ADDRESS);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), WORLD_HOME_AGENT);
    assert_int_equal(m->meta.link, WORLD_CDMA);
    assert_int_equal(m->octets[extension_of(m, 154) + 7], FLAG_B); /* RFC 7629 5.1 */
    assert_int_equal(extension_of(m, 33), 0);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_DEREGISTERING);
    }
    accept_last(w);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_DOWN);
    }
    world_end(w);
}

/* A node that does not know yet whether its home agent knows RFC 7629 must not be dropped for it (D-01, C-11). */
static void
test_a_node_that_starts_at_home(void **state)
{
    world *w = roam_world(NULL);
    notice home = notice_of_home();

    (void)state;
    requirement("B5944-36", "C-11");
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &home);
    world_run(w, FB_MILLISECOND);
    assert_int_equal(requests_of(w), 1);
    assert_int_equal(extension_of(last_request(w), 154), 0);
    assert_int_equal(last_request(w)->length, REQUEST_FIXED + 22);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_end(w);
}

/* 3.6: "A mobile node operates without the support of mobility functions when it is at home". */
static void
test_nothing_is_registered_at_home(void **state)
{
    world *w = away_world();
    notice home = notice_of_home(), n = notice_of(ROAM_AGENT);
    size_t before;
    world_verdict data;

    (void)state;
    requirement("B5944-36", "C-03");
    agent_link_up(w, WORLD_CDMA);
    hear(w, WORLD_CDMA, &home);
    data = world_uplink(w, UDP, SIP, 5060); /* even before the answer */
    assert_int_equal(data.kind, FB_DROP_PACKET);
    assert_int_equal(data.reason, FB_DROP_AT_HOME);
    world_run(w, FB_MILLISECOND);
    accept_last(w);
    before = requests_of(w);
    for (int i = 0; i < 100; i++)
    {
        world_run(w, 9 * FB_SECOND);
        hear_again(w, WORLD_CDMA, &home);
        n.sequence = (uint16_t)(200 - i); /* restarting all the time */
        hear(w, WORLD_WLAN, &n);
    }
    world_change_address(w, WORLD_LTE, 0xcb007122u);
    world_link_up(w, 4);
    administrator(w, FB_FACT_REGISTER, 0);
    administrator(w, FB_FACT_REGISTER, WORLD_LTE);
    world_run(w, 20 * FB_SECOND);
    assert_int_equal(requests_of(w), before);
    assert_int_equal(world_uplink(w, UDP, SIP, 5060).reason, FB_DROP_AT_HOME);
    world_end(w);
}

/* It comes home with requests queued, outstanding, refused. */
static void
test_coming_home_in_every_state(void **state)
{
    world *w = roam_world(NULL);
    notice home = notice_of_home(), n = notice_of(ROAM_AGENT), other = notice_of(ROAM_OTHER_AGENT);
    const world_message *pending;

    (void)state;
    requirement("B5944-36", "C-03");
    register_through(w, WORLD_WLAN, &n);
    agent_link_up(w, WORLD_LTE);
    hear(w, WORLD_LTE, &other);
    answer_request(w, last_request(w), 65, 0, 0);
    world_run(w, FB_SECOND);
    world_link_up(w, 4);
    pending = last_request(w);
    world_link_up(w, WORLD_CDMA);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_BLOCKED);
    assert_int_equal(world_state(w, 4), FB_BINDING_PENDING);
    assert_int_equal(world_state(w, WORLD_CDMA), FB_BINDING_QUEUED);
    hear(w, WORLD_CDMA, &home); /* on a link with an address of its own */
    world_run(w, FB_MILLISECOND);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 0);
    assert_int_equal(fb_addr_to_ipv4(&last_request(w)->meta.src), WORLD_HOME_ADDRESS);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_DOWN);
    assert_int_equal(world_state(w, 4), FB_BINDING_DOWN);
    assert_int_equal(answer_request(w, pending, 0, 600, ROAM_MHAE), FB_DROP_NOT_EXPECTED);
    accept_last(w);
    for (uint8_t bid = 1; bid <= 4; bid++)
    {
        assert_int_equal(world_state(w, bid), FB_BINDING_DOWN);
    }
    world_end(w);
}

/* 4.6: refused or not heard, the home agent goes on catching packets: the node asks again, less and less often. */
static void
test_an_unanswered_deregistration(void **state)
{
    world *w = roam_world(NULL);
    notice home = notice_of_home();
    size_t sent;

    (void)state;
    requirement("B5944-36", "C-03");
    home.lifetime_s = 9000;
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &home);
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(requests_of(w), 3); /* three tries, given up after 7 s */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_run(w, 56 * FB_SECOND);
    assert_int_equal(requests_of(w), 3);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(requests_of(w), 4);
    answer_request(w, last_request(w), 129, 0, ROAM_MHAE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    sent = requests_of(w);
    world_run(w, 119 * FB_SECOND);
    assert_int_equal(requests_of(w), sent);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(requests_of(w), sent + 1);
    accept_last(w);
    world_run(w, 1000 * FB_SECOND);
    assert_int_equal(requests_of(w), sent + 1);
    world_end(w);
}

/* RFC 5944 5.7.1: a clock that is wrong at home. */
static void
test_133_at_home(void **state)
{
    world *w = roam_world(NULL);
    notice home = notice_of_home();

    (void)state;
    requirement("B5944-36", "B5944-33");
    agent_link_up(w, WORLD_WLAN);
    hear(w, WORLD_WLAN, &home);
    world_run(w, FB_MILLISECOND);
    answer_request(w, last_request(w), 133, 0, ROAM_MHAE);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_of(w), 2);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), WORLD_HOME_ADDRESS);
    accept_last(w);
    world_end(w);
}

/* ---- leaving ---- */

static void
test_the_home_link_is_lost(void **state)
{
    world *w = away_world();
    notice home = notice_of_home();
    size_t since, before;
    const fb_event *e;

    (void)state;
    requirement("B5944-36", "B5944-37", "C-03");
    agent_link_up(w, WORLD_CDMA);
    hear(w, WORLD_CDMA, &home);
    world_run(w, FB_MILLISECOND);
    accept_last(w);
    world_run(w, 5 * FB_SECOND);
    since = w->events;
    before = requests_of(w);
    world_link_down(w, WORLD_CDMA);
    e = home_event(w, since);
    assert_non_null(e);
    assert_int_equal(e->from, 1);
    assert_int_equal(e->to, 0);
    assert_int_equal(e->ref.link, WORLD_CDMA);
    /* 4.6: "Before transmitting the Registration Request, the mobile node disables its own future processing of any ARP
       Requests" */
    assert_int_equal(requests_of(w), before);
    world_run(w, FB_MILLISECOND);
    assert_int_equal(requests_of(w), before + 1);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 600);
    assert_int_equal(octets_u32(last_request(w)->octets + 12), ROAM_AGENT);
    accept_last(w);
    accept_last(w); /* LTE */
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    assert_int_equal(world_uplink(w, UDP, SIP, 5060).reason, FB_REASON_NONE);
    world_end(w);
}

/* 2.4.2.1 says it of any agent. */
static void
test_the_home_agent_falls_silent(void **state)
{
    world *w = away_world();
    notice home = notice_of_home();
    size_t before;

    (void)state;
    requirement("B5944-36", "B5944-35");
    agent_link_up(w, WORLD_CDMA);
    hear(w, WORLD_CDMA, &home);
    world_run(w, FB_MILLISECOND);
    accept_last(w);
    world_run(w, 20 * FB_SECOND);
    hear_again(w, WORLD_CDMA, &home);
    before = requests_of(w);
    world_run(w, 30 * FB_SECOND - 1);
    assert_int_equal(last_told(w, FB_EVENT_HOME, WORLD_CDMA), 1);
    assert_int_equal(requests_of(w), before);
    world_run(w, FB_MILLISECOND + 1);
    assert_int_equal(last_told(w, FB_EVENT_HOME, WORLD_CDMA), 0);
    assert_int_equal(requests_of(w), before + 1);
    world_run(w, 2 * FB_SECOND);
    assert_true(solicitations_of(w) > 0); /* on the link that was the home link */
    world_end(w);
}

/* It leaves before it was heard: nothing may be de-registered from outside any more. */
static void
test_leaving_before_the_answer(void **state)
{
    world *w = away_world();
    notice home = notice_of_home();

    (void)state;
    requirement("B5944-36", "C-03");
    agent_link_up(w, WORLD_CDMA);
    hear(w, WORLD_CDMA, &home);
    world_run(w, 100 * FB_MILLISECOND);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 0);
    world_link_down(w, WORLD_CDMA);
    world_run(w, 100 * FB_MILLISECOND);
    assert_int_equal(octets_u16(last_request(w)->octets + 2), 600);
    accept_last(w);
    accept_last(w);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    world_end(w);
}

/* Home again at once: the same as the first time. */
static void
test_home_again(void **state)
{
    world *w = away_world();
    notice home = notice_of_home();

    (void)state;
    requirement("B5944-36");
    agent_link_up(w, WORLD_CDMA);
    for (int i = 0; i < 3; i++)
    {
        hear(w, WORLD_CDMA, &home);
        world_run(w, FB_MILLISECOND);
        assert_int_equal(octets_u16(last_request(w)->octets + 2), 0);
        accept_last(w);
        home.lifetime_s = 0; /* it says good-bye (RFC 1256) */
        hear(w, WORLD_CDMA, &home);
        assert_int_equal(last_told(w, FB_EVENT_HOME, WORLD_CDMA), 0);
        home.lifetime_s = 30;
        world_run(w, 2 * FB_SECOND);
        accept_last(w);
        world_run(w, 2 * FB_SECOND);
    }
    world_end(w);
}

/* ---- whose advertisement it is ---- */

static bool
comes_home(fb_ipv4 source, fb_ipv4 router, uint16_t flags, bool discover)
{
    fb_mobile_node_config config = roam_defaults();
    notice home = notice_of_home();
    world *w;
    bool came;

    config.discover_home = discover;
    home.source = source;
    home.router = router;
    home.flags = flags;
    if ((flags & ADVERTISES_F) != 0)
    {
        home.care_of_address[0] = source;
        home.addresses = 1;
    }
    w = roam_world(&config);
    agent_link_up(w, WORLD_WLAN);
    assert_int_equal(hear(w, WORLD_WLAN, &home), FB_REASON_NONE);
    came = last_told(w, FB_EVENT_HOME, WORLD_WLAN) == 1;
    world_end(w);
    return came;
}

static void
test_whose_advertisement(void **state)
{
    (void)state;
    requirement("B5944-36");
    assert_true(comes_home(WORLD_HOME_AGENT, 0, ADVERTISES_H, true));
    assert_true(comes_home(WORLD_HOME_AGENT, 0, ADVERTISES_H | ADVERTISES_F, true));
    /* 2.3.1: the router address of the advertisement is the agent's too */
    assert_true(comes_home(0xc0000202u, WORLD_HOME_AGENT, ADVERTISES_H, true));
    assert_false(comes_home(0xc0000202u, 0xc0000202u, ADVERTISES_H, true)); /* another's */
    assert_false(comes_home(WORLD_HOME_AGENT, 0, ADVERTISES_F, true)); /* is no home agent here */
    assert_false(comes_home(WORLD_HOME_AGENT, 0, ADVERTISES_H, false)); /* told not to */
}

/* ---- the home agent ---- */

/** The request of a node at home, on the home link: what the home agent makes of it. */
static int
deregister_at_home(world *w, fb_ipv4 source, bool good_key)
{
    request r = request_new(w, 0, WORLD_HOME_ADDRESS);
    fb_meta meta = {.src = fb_addr_from_ipv4(source),
                    .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                    .sport = ROAM_PORT,
                    .dport = 434,
                    .link = 201,
                    .protocol = UDP,
                    .ttl = 255,
                    .link_addr = {2, 0, 0, 0, 0, 10},
                    .link_addr_len = 6};

    r.octets[1] = 0;
    r.length = world_sign(r.octets, r.length);
    r.octets[r.length - 1] ^= !good_key;
    return world_inject(w, true, &meta, r.octets, r.length);
}

/* 3.8.3.1: "the home agent MUST transmit the Reply directly onto the home network as if the mobile node were at home,
 * bypassing any mobility binding list entry". 4.6: gratuitous ARP with the node's own address. */
static void
test_the_reply_on_the_home_link(void **state)
{
    world *w = bound_world(2);
    size_t since = w->events;
    const world_message *reply;
    const fb_event *told;

    (void)state;
    requirement("B5944-52", "B5944-57", "B5944-49", "C-10", "C-11");
    assert_int_equal(deregister_at_home(w, WORLD_HOME_ADDRESS, true), FB_REASON_NONE);
    reply = world_last(w, false);
    assert_int_equal(reply->octets[0], 3);
    assert_int_equal(reply->octets[1], 0);
    assert_int_equal(octets_u16(reply->octets + 2), 0);
    assert_int_equal(fb_addr_to_ipv4(&reply->meta.dst), WORLD_HOME_ADDRESS);
    assert_int_equal(fb_addr_to_ipv4(&reply->meta.src), WORLD_HOME_AGENT);
    assert_int_equal(reply->meta.dport, ROAM_PORT);
    assert_int_equal(reply->meta.link, 201);
    assert_int_equal(reply->meta.link_addr_len, 6);
    assert_memory_equal(reply->meta.link_addr, ((const uint8_t[]){2, 0, 0, 0, 0, 10}), 6);
    assert_bound(w, "");
    assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT, 0), 1);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_int_equal(told->count, 0);
    assert_int_equal(told->cause, FB_CAUSE_HOME);
    assert_int_equal(told->ref.link, 201);
    assert_int_equal(told->home_address, WORLD_HOME_ADDRESS);
    assert_int_equal(told->link_addr_len, 6);
    assert_memory_equal(told->link_addr, ((const uint8_t[]){2, 0, 0, 0, 0, 10}), 6);
    world_end(w);
}

/* "MUST also transmit a gratuitous ARP" whenever it accepts such a request: the last binding may have expired. */
static void
test_at_home_without_a_binding(void **state)
{
    world *w = bound_world(1);
    const fb_event *told;
    size_t since;

    (void)state;
    requirement("B5944-57", "C-10");
    since = w->events;
    world_run(w, 601 * FB_SECOND);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(told);
    assert_int_equal(told->count, 0);
    assert_int_equal(told->cause, FB_CAUSE_EXPIRED);
    assert_int_equal(told->link_addr_len, 0); /* no gratuitous ARP: nobody knows where it is */
    since = w->events;
    assert_int_equal(deregister_at_home(w, WORLD_HOME_ADDRESS, true), FB_REASON_NONE);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(told);
    assert_int_equal(told->count, 0);
    assert_int_equal(told->cause, FB_CAUSE_HOME);
    world_end(w);
}

/* The same message from elsewhere ends all bindings, but the node is not at home. */
static void
test_all_are_deregistered_from_elsewhere(void **state)
{
    world *w = bound_world(2);
    size_t since = w->events;
    const fb_event *told;

    (void)state;
    requirement("C-10", "B5944-52", "B5944-57");
    assert_int_equal(deregister_at_home(w, care_of(1), true), FB_REASON_NONE);
    assert_int_equal(world_last(w, false)->meta.link_addr_len, 0);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(told);
    assert_int_equal(told->count, 0);
    assert_int_equal(told->cause, FB_CAUSE_DEREGISTERED);
    assert_int_equal(told->link_addr_len, 0);
    world_end(w);
}

/* 4.6: "If, instead, the home agent rejects the Registration Request, the home agent MUST NOT make any change to the
 * way it performs ARP processing"; 3.8.3.1: the rejection goes onto the home network too. */
static void
test_rejected_at_home(void **state)
{
    world *w = bound_world(2);
    size_t since = w->events;
    const world_message *reply;

    (void)state;
    requirement("B5944-52", "B5944-57", "C-10");
    assert_int_equal(deregister_at_home(w, WORLD_HOME_ADDRESS, false), FB_DROP_BAD_AUTHENTICATOR);
    reply = world_last(w, false);
    assert_int_equal(reply->octets[1], 131);
    assert_int_equal(reply->meta.link, 201);
    assert_int_equal(reply->meta.link_addr_len, 6);
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));
    assert_bound(w, "12");
    world_end(w);
}

/* 4.6: one gratuitous ARP when the first binding comes, none with the second, and none when one of two goes. */
static void
test_first_and_last_binding_of_the_node(void **state)
{
    world *w = home_agent_world(NULL, true);
    size_t since = w->events;
    const fb_event *told;

    (void)state;
    requirement("B5944-57");
    register_path(w, 1, 600, 0);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(told);
    assert_int_equal(told->count, 1);
    assert_int_equal(told->cause, FB_CAUSE_REGISTERED);
    since = w->events;
    register_path(w, 2, 600, 0);
    register_path(w, 1, 0, 0);
    register_path(w, 1, 600, FLAG_O); /* all go but one comes: nobody's business */
    assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT));
    register_path(w, 1, 0, 0);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(told);
    assert_int_equal(told->count, 0);
    assert_int_equal(told->cause, FB_CAUSE_DEREGISTERED);
    world_end(w);
}

/* Vector M09 from a care-of address: B, all bindings and the policy go. */
static void
test_the_vector_of_deregistering_all(void **state)
{
    test_vectors *vectors = vectors_load();
    world *w = bound_world(2);
    answer a;

    (void)state;
    requirement("M09", "C-09", "C-10");
    a = play(w, vectors_find(vectors, "M09"));
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "");
    world_end(w);
    vectors_free(vectors);
}

/* ---- all of them ---- */

/** A node that listens for its home agent, between a foreign agent and a home agent that advertise. */
static world3 *
whole_world(void)
{
    world3_setup setup;

    world3_setup_default(&setup);
    setup.config[WORLD3_MOBILE_NODE].mobile_node.discover_home = true;
    setup.home_advertises = true;
    return world3_start(&setup);
}

static const fb_event *
last_event(const world3 *w, uint8_t role, fb_event_kind kind)
{
    const fb_event *last = NULL;

    for (size_t i = 0; i < w->events; i++)
    {
        last = w->event[i].role == role && w->event[i].kind == kind ? &w->event[i] : last;
    }
    return last;
}

/* Home, a visit, home again: through a real foreign agent, with real messages. */
static void
test_there_and_back(void **state)
{
    world3 *w = whole_world();
    fb_binding_view view;
    const fb_event *told;

    (void)state;
    requirement("B5944-36", "B5944-57", "R7629-5.1-05", "R7629-5.1-24", "B5944-22", "B5944-40");
    for (int round = 0; round < 3; round++)
    {
        world3_move(w, WORLD3_AT_HOME);
        world3_run(w, 12 * FB_SECOND);
        told = last_event(w, FB_ROLE_MOBILE_NODE, FB_EVENT_HOME);
        assert_non_null(told);
        assert_int_equal(told->to, 1);
        assert_false(world3_binding(w, 0, &view));
        told = last_event(w, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
        assert_non_null(told);
        assert_int_equal(told->count, 0);
        assert_int_equal(told->cause, FB_CAUSE_HOME);
        assert_int_equal(told->link_addr_len, 6);
        assert_int_equal(told->link_addr[5], WORLD3_MOBILE_NODE);
        world3_move(w, WORLD3_VISITING);
        world3_run(w, 12 * FB_SECOND);
        assert_int_equal(last_event(w, FB_ROLE_MOBILE_NODE, FB_EVENT_HOME)->to, 0);
        assert_true(world3_visitor(w, &view));
        assert_true(world3_binding(w, 0, &view));
        assert_int_equal(view.care_of_address, WORLD3_FOREIGN_AGENT_ADDRESS);
        assert_int_equal(view.ref.bid, 1);
        assert_int_equal(last_event(w, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT)->count, 1);
        world3_run(w, 1000 * FB_SECOND); /* refreshed again and again */
        assert_true(world3_visitor(w, &view));
        assert_true(world3_binding(w, 0, &view));
    }
    assert_int_equal(
        fb_agent_counter(w->agent[WORLD3_FOREIGN_AGENT], FB_DROP_AGENT_NODE_AUTHENTICATION),
        0);
    world3_end(w);
}

/* Out of reach of all of them until the binding has expired, then back. */
static void
test_nowhere_and_back(void **state)
{
    world3 *w = whole_world();
    fb_binding_view view;

    (void)state;
    requirement("B5944-35", "B5944-40");
    world3_move(w, WORLD3_VISITING);
    world3_run(w, 12 * FB_SECOND);
    assert_true(world3_binding(w, 0, &view));
    world3_move(w, WORLD3_NOWHERE);
    world3_run(w, 700 * FB_SECOND);
    assert_false(world3_binding(w, 0, &view));
    world3_move(w, WORLD3_VISITING);
    world3_run(w, 3 * FB_SECOND); /* it asked for the advertisement */
    assert_true(world3_binding(w, 0, &view));
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_request_at_home),
        cmocka_unit_test(test_a_node_that_starts_at_home),
        cmocka_unit_test(test_nothing_is_registered_at_home),
        cmocka_unit_test(test_coming_home_in_every_state),
        cmocka_unit_test(test_an_unanswered_deregistration),
        cmocka_unit_test(test_133_at_home),
        cmocka_unit_test(test_the_home_link_is_lost),
        cmocka_unit_test(test_the_home_agent_falls_silent),
        cmocka_unit_test(test_leaving_before_the_answer),
        cmocka_unit_test(test_home_again),
        cmocka_unit_test(test_whose_advertisement),
        cmocka_unit_test(test_the_reply_on_the_home_link),
        cmocka_unit_test(test_at_home_without_a_binding),
        cmocka_unit_test(test_all_are_deregistered_from_elsewhere),
        cmocka_unit_test(test_rejected_at_home),
        cmocka_unit_test(test_first_and_last_binding_of_the_node),
        cmocka_unit_test(test_the_vector_of_deregistering_all),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_nowhere_and_back),
    };

    return cmocka_run_group_tests_name("rfc5944_2_4_returning_home", tests, NULL, NULL);
}
