/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 6.9.1.1, .3, .4, .5: how a gateway registers, refreshes and de-registers; B, O and BIDs of RFC 8278 4.1.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <string.h>

#define UPDATE 5
#define B 0x80
#define O 0x40

static const gateway_message *
last(const gateway *g)
{
    return gateway_last(g, UPDATE);
}

/* 6.9.1.5: what an update has, and what it has not */
static void
test_options(void **state)
{
    gateway *g = gateway_new(NULL);
    const gateway_message *m;
    size_t length;

    (void)state;
    requirement("B5213-04", "B5213-16", "D8-26", "D8-33", "R8278-4.1-07", "R8278-4.1-12");
    gateway_link_up(g, GATEWAY_LTE);
    g->session.link_layer_length = 0;
    gateway_attach(g);
    m = last(g);
    assert_int_equal(gateway_flags(m), 0x8200); /* A and P; neither H nor 0x0060 */
    for (uint8_t type = 2; type < 70; type++)
    {
        bool mandatory = type == 8 || type == 22 || type == 23 || type == 24;
        bool ours = type == 27 || type == 55 || type == 63 || type == 64;

        assert_int_equal(gateway_options(m, type), mandatory || ours ? 1 : 0);
    }
    assert_memory_equal(gateway_option(m, 8, 0, &length), "\x01mr1@example.net", 16);
    gateway_free(g);
}

/* 8278 4.1: "the Label field is configured on each WAN interface"; BID 1..254, each its own */
static void
test_links_refused(void **state)
{
    static const struct
    {
        uint8_t bid, label;
    } row[] = {{0, 1}, {255, 1}, {5, 0}, {1, 1}};
    gateway *g = gateway_registered(NULL, 1);
    fb_link link = g->link[GATEWAY_WLAN];

    (void)state;
    requirement("R8278-4.1-07", "R8278-4.1-08", "R8278-4.1-11", "R8278-4.1-12", "D8-35");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        link.bid = row[i].bid;
        link.label = row[i].label;
        assert_int_equal(fb_mag_link_up(&g->mag, &link, g->now), FB_ERR_ARGUMENT);
    }
    link = g->link[GATEWAY_LTE];
    link.bid = 7; /* the interface keeps its BID */
    assert_int_equal(fb_mag_link_up(&g->mag, &link, g->now), FB_ERR_ARGUMENT);
    assert_int_equal(fb_mag_link_down(&g->mag, 99, g->now), FB_ERR_UNKNOWN);
    assert_paths(g, "1");
    /* labels may repeat */
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_link_up(g, GATEWAY_ETHERNET);
    gateway_run(g, FB_SECOND);
    assert_paths(g, "123");
    assert_int_equal(gateway_binding(g, 2).label, gateway_binding(g, 3).label);
    gateway_free(g);
}

static void
test_sessions_refused(void **state)
{
    gateway *g = gateway_registered(NULL, 1);
    fb_session session = g->session;

    (void)state;
    requirement("B5213-04");
    assert_int_equal(fb_mag_add_session(&g->mag, &session, g->now), FB_ERR_ARGUMENT); /* again */
    session.session = 2;
    session.identity.length = 0;
    assert_int_equal(fb_mag_add_session(&g->mag, &session, g->now), FB_ERR_ARGUMENT);
    session = g->session;
    session.session = 2;
    session.home_network = false; /* asks for nothing */
    assert_int_equal(fb_mag_add_session(&g->mag, &session, g->now), FB_ERR_ARGUMENT);
    session.home_network = true;
    session.home.count = 1; /* a prefix of length 0 */
    assert_int_equal(fb_mag_add_session(&g->mag, &session, g->now), FB_ERR_ARGUMENT);
    assert_int_equal(fb_mag_remove_session(&g->mag, 2, g->now), FB_ERR_UNKNOWN);
    for (uint32_t i = 2; i <= 16; i++)
    {
        gateway_attach_another(g, i);
    }
    session = g->session;
    session.session = 17;
    assert_int_equal(fb_mag_add_session(&g->mag, &session, g->now), FB_ERR_LIMIT);
    gateway_free(g);
}

/* 6.9.1.3: "re-registration MUST ... same set of options ... Handoff Indicator 5"; 8278 4.1: B for all (P07, P08) */
static void
test_bulk_refresh(void **state)
{
    fb_config config;
    gateway *g;
    const gateway_message *m;
    fb_time sent;

    (void)state;
    requirement("B5213-20", "R8278-4.1-13", "C8-09", "D8-13", "P07", "P08");
    gateway_config(&config);
    config.mag.bulk_refresh = true;
    g = gateway_registered(&config, 2);
    g->answering = false;
    gateway_run_until(g, 2880 * FB_SECOND);
    m = last(g);
    sent = m->at;
    gateway_assert_vector_now(g, m, "P07");
    gateway_run(g, FB_SECOND / 4);
    assert_int_equal(gateway_inject_vector(g, "P08", m), FB_REASON_NONE);
    /* both have 2400 s from the sending */
    assert_true(gateway_binding(g, 1).expires == sent + 2400 * FB_SECOND);
    assert_true(gateway_binding(g, 2).expires == sent + 2400 * FB_SECOND);
    assert_int_equal(gateway_binding(g, 2).lifetime_s, 2400);
    gateway_free(g);
}

/* C8-09: each by itself at least once a lifetime, so that one the anchor has lost is noticed */
static void
test_bulk_by_turns(void **state)
{
    fb_config config;
    gateway *g;
    fb_time own[3] = {0};
    unsigned bulk = 0;

    (void)state;
    requirement("C8-09", "R8278-4.1-14", "R8278-4.1-16");
    gateway_config(&config);
    config.mag.bulk_refresh = true;
    g = gateway_registered(&config, 2);
    gateway_run_until(g, 36000 * FB_SECOND);
    for (size_t i = 0; i < gateway_sent_count(g, UPDATE); i++)
    {
        const gateway_message *m = gateway_sent(g, UPDATE, i);
        uint8_t flags, bid = gateway_bid(m, &flags);

        assert_true(m->at - own[bid] <= 3600 * FB_SECOND);
        own[bid] = m->at;
        bulk += (flags & B) != 0;
        assert_int_not_equal(flags & (B | O), B | O);
    }
    assert_true(bulk >= 18);
    assert_true(g->now - own[1] <= 3600 * FB_SECOND && g->now - own[2] <= 3600 * FB_SECOND);
    assert_paths(g, "12");
    /* while one's B is not answered the other asks for itself alone */
    g->deaf[GATEWAY_LTE] = true;
    gateway_run(g, 3600 * FB_SECOND);
    assert_paths(g, "2");
    gateway_free(g);
}

/* D8-14: another address under a BID: the same BID, O = 0 */
static void
test_address_changes(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    uint8_t flags;

    (void)state;
    requirement("D8-14", "D8-35", "C8-01");
    g->answering = false;
    g->link[GATEWAY_LTE].address.octet[15] = 0x77;
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP_PENDING);
    assert_memory_equal(&last(g)->meta.src, &g->link[GATEWAY_LTE].address, sizeof(fb_addr));
    assert_int_equal(gateway_bid(last(g), &flags), 1);
    assert_int_equal(flags, 0);
    assert_int_equal(gateway_handoff(last(g)), 5);
    assert_paths(g, "2"); /* nothing goes by the old address, nor by the new one yet */
    gateway_reply(g, last(g), 0);
    assert_paths(g, "12");
    assert_int_equal(gateway_binding(g, 1).care_of.octet[15], 0x77);
    gateway_free(g);
    /* under a request that is not answered yet: the stale address is not sent again */
    g = gateway_new(NULL);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    g->link[GATEWAY_LTE].address.octet[15] = 0x78;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_run(g, 5 * FB_SECOND);
    for (size_t i = 1; i < g->sent_count; i++)
    {
        assert_int_equal(g->sent[i].meta.src.octet[15], 0x78);
    }
    assert_true(g->sent_count > 2);
    gateway_free(g);
}

/* 6.9.1.4: "Lifetime 0 ... Handoff Indicator 4"; of one BID (P10, P11), until it is acknowledged (C8-03) */
static void
test_one_path_leaves(void **state)
{
    gateway *g = gateway_registered(NULL, 2);

    (void)state;
    requirement("B5213-20", "D8-12", "C8-03", "R8278-4.1-17", "R8278-4.4-01", "P10", "P11");
    g->answering = false;
    assert_int_equal(fb_mag_deregister(&g->mag, 2, g->now), FB_OK);
    gateway_drain(g);
    gateway_assert_vector_now(g, last(g), "P10");
    assert_int_equal(last(g)->meta.link, GATEWAY_WLAN);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DEREGISTERING);
    assert_paths(g, "1");
    gateway_run(g, 4 * FB_SECOND);
    assert_int_equal(gateway_lifetime(last(g)), 0);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DEREGISTERING);
    assert_int_equal(gateway_inject_vector(g, "P11", last(g)), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DOWN);
    gateway_run(g, 100 * FB_SECOND);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DOWN); /* an administrator does not want it */
    g->answering = true;
    assert_int_equal(fb_mag_register(&g->mag, 2, g->now), FB_OK);
    gateway_run(g, FB_SECOND);
    assert_paths(g, "12");
    gateway_free(g);
}

/* "upon receipt of an acknowledgement or after INITIAL_BINDACK_TIMEOUT ... MUST remove the ... List entry" */
static void
test_node_detaches(void **state)
{
    (void)state;
    requirement("B5213-20", "C8-03", "D8-12", "R8278-4.1-17");
    for (int answered = 0; answered < 2; answered++)
    {
        gateway *g = gateway_registered(NULL, 2);
        size_t sent = g->sent_count, since = g->event_count;
        fb_session_view view;
        uint8_t flags;

        g->answering = answered == 1;
        assert_int_equal(fb_mag_remove_session(&g->mag, 1, g->now), FB_OK);
        assert_int_equal(fb_mag_remove_session(&g->mag, 1, g->now), FB_ERR_UNKNOWN);
        gateway_drain(g);
        /* one message for all paths: Lifetime 0, B = 1, O = 0 */
        assert_int_equal(g->sent_count, sent + 1);
        assert_int_equal(gateway_lifetime(last(g)), 0);
        assert_int_equal(gateway_handoff(last(g)), 4);
        assert_int_equal(gateway_bid(last(g), &flags), 1);
        assert_int_equal(flags, B);
        assert_int_equal(fb_mag_session_view(&g->mag, 0, &view), answered == 0);
        gateway_run(g, FB_SECOND);
        assert_false(fb_mag_session_view(&g->mag, 0, &view));
        assert_int_equal(gateway_event(g, since, FB_EVENT_SESSION, 0)->to, 0);
        assert_int_equal(gateway_event(g, since, FB_EVENT_PREFIX, 0)->to, 0);
        gateway_run(g, 7200 * FB_SECOND);
        assert_int_equal(g->sent_count, sent + 1); /* "only while the mobile node is attached" */
        gateway_attach(g);
        assert_true(g->sent_count > sent + 1);
        gateway_free(g);
    }
}

/* It comes back while it is being de-registered, or all links are gone when it leaves */
static void
test_detaching_is_overtaken(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    fb_session_view view;

    (void)state;
    requirement("B5213-20", "C8-01");
    g->answering = false;
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_drain(g);
    gateway_attach(g);
    g->answering = true;
    gateway_run(g, 3 * FB_SECOND);
    assert_paths(g, "12");
    g->answering = false;
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_link_down(g, GATEWAY_LTE);
    gateway_link_down(g, GATEWAY_WLAN);
    gateway_run(g, 2 * FB_SECOND);
    assert_false(fb_mag_session_view(&g->mag, 0, &view));
    gateway_free(g);
}

/* Without a path up there is nothing to de-register, but what was asked for may have been granted unheard */
static void
test_detach_before_registered(void **state)
{
    gateway *g = gateway_new(NULL);
    fb_session_view view;

    (void)state;
    requirement("B5213-20");
    gateway_attach(g);
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 0);
    assert_false(fb_mag_session_view(&g->mag, 0, &view));
    gateway_attach(g);
    gateway_link_up(g, GATEWAY_LTE);
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_lifetime(last(g)), 0);
    gateway_free(g);
}

/* C8-10: after its own reboot a gateway's first update replaces what the anchor has (P09) */
static void
test_after_a_reboot(void **state)
{
    fb_config config;
    gateway *g;
    uint8_t flags;

    (void)state;
    requirement("C8-10", "R8278-4.1-15", "R8278-4.1-16", "P09");
    gateway_config(&config);
    config.mag.restart_counter = 1;
    config.mag.anchor_capable = true;
    config.mag.concurrent = true;
    g = gateway_new(&config);
    g->session.handoff = 5;
    g->session.home.count = 1;
    g->session.home.prefix[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 1, 0}}, 64};
    g->session.delegated.count = 1;
    g->session.delegated.prefix[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 2, 0}}, 56};
    g->link[GATEWAY_WLAN].preference = 0;
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    /* alone, although the anchor is known: O wipes out every other one */
    assert_int_equal(g->sent_count, 1);
    gateway_assert_vector_now(g, last(g), "P09");
    gateway_run(g, FB_SECOND);
    gateway_bid(last(g), &flags);
    assert_int_equal(flags, O); /* as long as it is not answered */
    gateway_reply(g, last(g), 0);
    gateway_drain(g);
    assert_int_equal(gateway_bid(last(g), &flags), 1);
    assert_int_equal(flags, 0);
    gateway_reply(g, last(g), 0);
    assert_paths(g, "12");
    gateway_free(g);
}

/* RFC 5094: what is known of the path goes along */
static void
test_path_metrics(void **state)
{
    static const uint8_t expected[] = {0,    0,    0x7e, 0xd9, 1,    0,    0, 0xc3, 0x50, 0,   0,
                                       0x03, 0xe8, 0,    0,    0x27, 0x10, 0, 0,    0x4e, 0x20};
    fb_quality quality = {.link = GATEWAY_WLAN,
                          .round_trip_us = 50000,
                          .loss_ppm = 1000,
                          .rate_up_kbps = 10000,
                          .rate_down_kbps = 20000};
    fb_config config;
    gateway *g;
    size_t length;

    (void)state;
    requirement("R8278-1-05", "B5094-01");
    gateway_config(&config);
    config.mag.vendor = 32473;
    g = gateway_registered(&config, 1);
    assert_null(gateway_option(last(g), 19, 0, &length)); /* nothing is known of LTE */
    assert_int_equal(fb_mag_set_quality(&g->mag, &quality, g->now), FB_ERR_UNKNOWN);
    gateway_link_up(g, GATEWAY_WLAN);
    assert_int_equal(fb_mag_set_quality(&g->mag, &quality, g->now), FB_OK);
    gateway_run_until(g, 2900 * FB_SECOND);
    assert_int_equal(gateway_bid(last(g), NULL), 2);
    assert_memory_equal(gateway_option(last(g), 19, 0, &length), expected, sizeof expected);
    assert_int_equal(length, sizeof expected);
    /* not in a de-registration */
    fb_mag_deregister(&g->mag, 2, g->now);
    gateway_drain(g);
    assert_null(gateway_option(last(g), 19, 0, &length));
    gateway_free(g);
}

/*
 * 5.3.5-1: a de-registration is ignored that is not from, or about, an address that is registered. With that one's link
 * gone the Alternate Care-of Address option names it (C8-03), over a link that reaches the anchor.
 */
static void
test_farewell_from_elsewhere(void **state)
{
    fb_config config;
    gateway *g;
    uint8_t flags;
    size_t length;
    const uint8_t *named;

    (void)state;
    requirement("C8-03", "D8-12", "B5213-20");
    gateway_config(&config);
    config.mag.anchor_ipv4 = 0;
    g = gateway_registered(&config, 1);
    g->link[GATEWAY_IPV4].preference = 0; /* reaches no anchor, as that one has no IPv4 address */
    gateway_link_up(g, GATEWAY_IPV4);
    g->answering = false;
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_link_down(g, GATEWAY_LTE);
    gateway_link_down(g, GATEWAY_WLAN);
    gateway_run(g, FB_SECOND);
    fb_mag_link_up(&g->mag, &g->link[GATEWAY_ETHERNET], g->now);
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_run(g, FB_SECOND - 1);
    assert_int_equal(gateway_lifetime(last(g)), 0);
    assert_int_equal(last(g)->meta.link, GATEWAY_ETHERNET);
    assert_true(last(g)->meta.dst.family == FB_FAMILY_IPV6);
    gateway_bid(last(g), &flags);
    assert_int_equal(flags & B, B);
    named = gateway_option(last(g), 3, 0, &length);
    assert_non_null(named);
    assert_memory_equal(named, g->link[gateway_bid(last(g), NULL)].address.octet, 16);
    assert_true(gateway_bid(last(g), NULL) != 3);
    gateway_free(g);
}

/* An administrator's farewell that was not sent yet is not forgotten when the session goes, too */
static void
test_one_farewell(void **state)
{
    gateway *g = gateway_registered(NULL, 3);
    fb_session_view view;

    (void)state;
    requirement("B5213-20", "B5213-21");
    g->answering = false;
    for (uint32_t i = 2; i <= 4; i++)
    {
        gateway_attach_another(g, i); /* three in this second */
    }
    fb_mag_deregister(&g->mag, 0, g->now);
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_run(g, 5 * FB_SECOND);
    {
        size_t farewells = 0;

        for (size_t i = 0; i < g->sent_count; i++)
        {
            farewells += gateway_lifetime(&g->sent[i]) == 0 && g->sent[i].octets[15] == 'm';
        }
        assert_int_equal(farewells, 1);
    }
    for (size_t i = 0; fb_mag_session_view(&g->mag, i, &view); i++)
    {
        assert_true(view.session != 1);
    }
    gateway_free(g);
}

/* The host gives the number of a session that is being de-registered to another mobile node */
static void
test_number_of_another(void **state)
{
    gateway *g = gateway_registered(NULL, 1);
    fb_session_view view;
    size_t since, length;

    (void)state;
    requirement("B5213-20", "B5213-04");
    g->answering = false;
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_drain(g);
    since = g->event_count;
    memcpy(g->session.identity.text, "mr2@", 4);
    gateway_attach(g);
    assert_int_equal(gateway_event(g, since, FB_EVENT_SESSION, 0)->to, 0);
    assert_memory_equal(gateway_event(g, since, FB_EVENT_SESSION, 0)->identity.text, "mr1@", 4);
    assert_true(fb_mag_session_view(&g->mag, 0, &view));
    assert_memory_equal(view.identity.text, "mr2@", 4);
    assert_false(fb_mag_session_view(&g->mag, 1, &view));
    gateway_run(g, FB_SECOND);
    assert_memory_equal(gateway_option(last(g), 8, 0, &length) + 1, "mr2@", 4);
    assert_int_equal(gateway_handoff(last(g)), 1);
    gateway_free(g);
}

/* What the anchor stores of a path is told when it changes: its label is what rules name it by (R8278-4.1-08) */
static void
test_label_changes(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    size_t sent = g->sent_count, length;

    (void)state;
    requirement("R8278-4.1-08", "R8278-4.1-07");
    gateway_link_up(g, GATEWAY_WLAN); /* the same as it was */
    assert_int_equal(g->sent_count, sent);
    g->link[GATEWAY_WLAN].label = 33;
    gateway_link_up(g, GATEWAY_WLAN);
    assert_int_equal(g->sent_count, sent + 1);
    assert_int_equal(gateway_option(last(g), 63, 0, &length)[1], 33);
    assert_int_equal(gateway_bid(last(g), NULL), 2);
    assert_paths(g, "12");
    gateway_free(g);
}

/* RFC 8278 switched off: BIDs need not be configured */
static void
test_links_without_bid(void **state)
{
    fb_config config;
    gateway *g;

    (void)state;
    requirement("B5213-04", "D8-35");
    gateway_config(&config);
    config.mag.multipath = false;
    g = gateway_new(&config);
    g->link[GATEWAY_LTE].bid = g->link[GATEWAY_WLAN].bid = 0;
    g->answering = true;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    assert_paths(g, "0");
    gateway_link_down(g, GATEWAY_LTE);
    gateway_run(g, FB_SECOND);
    assert_int_equal(last(g)->meta.link, GATEWAY_WLAN);
    assert_paths(g, "0");
    gateway_free(g);
}

/* What an administrator took out stays out, whatever its link does meanwhile */
static void
test_link_back_while_leaving(void **state)
{
    gateway *g = gateway_registered(NULL, 1);

    (void)state;
    requirement("C8-03", "B5213-20");
    g->answering = false;
    fb_mag_deregister(&g->mag, 1, g->now);
    gateway_drain(g);
    gateway_link_down(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DEREGISTERING);
    g->answering = true;
    gateway_run(g, 40 * FB_SECOND);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    assert_int_equal(gateway_lifetime(last(g)), 0);
    gateway_free(g);
}

/* A farewell that waits for its turn, and whose last link goes meanwhile */
static void
test_farewell_without_a_way(void **state)
{
    gateway *g = gateway_registered(NULL, 1);
    fb_session_view view;
    size_t sent;

    (void)state;
    requirement("B5213-20", "C8-01");
    g->answering = false;
    for (uint32_t i = 2; i <= 4; i++)
    {
        gateway_attach_another(g, i);
    }
    sent = g->sent_count;
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_link_down(g, GATEWAY_LTE);
    gateway_run(g, 2 * FB_SECOND);
    assert_int_equal(g->sent_count, sent);
    for (size_t i = 0; fb_mag_session_view(&g->mag, i, &view); i++)
    {
        assert_true(view.session != 1);
    }
    gateway_free(g);
}

/** Has each option there is to have, once: who asks for less gives it up (D8-27). */
static void
assert_whole(const gateway_message *message)
{
    static const uint8_t options[] = {8, 22, 23, 24, 25, 27, 36, 55, 63, 64};

    for (size_t i = 0; i < sizeof options; i++)
    {
        assert_int_equal(gateway_options(message, options[i]), 1);
    }
}

/* 6.9.1.5 and D8-27: whatever an update is for, over whatever path, it names all that the session has */
static void
test_options_of_every_kind(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("D8-27", "B5213-04", "R8278-4.4-01", "R8278-4.4-02");
    g->session.ipv4 = true;
    g->answering = true;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);
    gateway_run_until(g, 2900 * FB_SECOND); /* both register, and refresh */
    g->link[GATEWAY_WLAN].address.octet[15] = 0x77;
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_link_down(g, GATEWAY_WLAN); /* de-registered over the other path */
    gateway_run(g, 2 * FB_SECOND);
    assert_non_null(gateway_option(last(g), 3, 0, &length));
    assert_int_equal(gateway_lifetime(last(g)), 0);
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_run(g, FB_SECOND);
    assert_int_equal(g->sent_count, 7);
    for (size_t i = 0; i < g->sent_count; i++)
    {
        assert_whole(&g->sent[i]);
    }
    gateway_free(g);
}

/*
 * D8-16: an update that speaks for all paths is compared with what all of them said. Where another one overtook it, it
 * would be refused: they go one after the other, as do all with sequence numbers.
 */
static void
test_alone_though_concurrently(void **state)
{
    fb_config config;
    gateway *g;
    size_t before;
    uint8_t flags;

    (void)state;
    requirement("D8-16", "C8-09", "R8278-4.4-03");
    gateway_config(&config);
    config.mag.concurrent = true;
    config.mag.bulk_refresh = true;
    g = gateway_registered(&config, 2);
    g->answering = false;
    gateway_run_until(g, 2880 * FB_SECOND);
    before = gateway_sent_count(g, UPDATE);
    gateway_bid(last(g), &flags);
    assert_int_equal(flags, B);
    g->link[GATEWAY_WLAN].label++;
    gateway_link_up(g, GATEWAY_WLAN);
    assert_int_equal(gateway_sent_count(g, UPDATE), before);
    gateway_reply(g, last(g), 0);
    gateway_drain(g);
    assert_int_equal(gateway_sent_count(g, UPDATE), before + 1);
    assert_int_equal(gateway_bid(last(g), &flags), 2);
    assert_int_equal(flags, 0);
    gateway_free(g);

    gateway_config(&config);
    config.mag.anchor_capable = true;
    config.mag.concurrent = true;
    config.mag.sequence_numbers = true;
    g = gateway_new(&config);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);
    assert_int_equal(g->sent_count, 1);
    gateway_reply(g, last(g), 0);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_options),
                                       cmocka_unit_test(test_links_refused),
                                       cmocka_unit_test(test_sessions_refused),
                                       cmocka_unit_test(test_bulk_refresh),
                                       cmocka_unit_test(test_bulk_by_turns),
                                       cmocka_unit_test(test_address_changes),
                                       cmocka_unit_test(test_one_path_leaves),
                                       cmocka_unit_test(test_node_detaches),
                                       cmocka_unit_test(test_detaching_is_overtaken),
                                       cmocka_unit_test(test_detach_before_registered),
                                       cmocka_unit_test(test_after_a_reboot),
                                       cmocka_unit_test(test_path_metrics),
                                       cmocka_unit_test(test_farewell_from_elsewhere),
                                       cmocka_unit_test(test_one_farewell),
                                       cmocka_unit_test(test_number_of_another),
                                       cmocka_unit_test(test_label_changes),
                                       cmocka_unit_test(test_links_without_bid),
                                       cmocka_unit_test(test_link_back_while_leaving),
                                       cmocka_unit_test(test_farewell_without_a_way),
                                       cmocka_unit_test(test_options_of_every_kind),
                                       cmocka_unit_test(test_alone_though_concurrently)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
