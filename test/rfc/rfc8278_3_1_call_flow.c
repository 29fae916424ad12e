/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 8278 3.1, Figure 2: a gateway attaches to LTE and WLAN and registers both care-of addresses, one after the other.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <string.h>

#define UPDATE 5

/* "(3) the MAG sends over the LTE interface a PBU with the MAG Multipath Binding option" */
static void
test_figure_2(void **state)
{
    gateway *g = gateway_new(NULL);
    const gateway_message *first, *second;
    const fb_event *event;
    fb_session_view view;

    (void)state;
    requirement("R8278-3.1-01",
                "R8278-3.1-02",
                "R8278-3.1-07",
                "R8278-1-01",
                "R8278-1-04",
                "R8278-4.4-01",
                "R8278-4.4-02",
                "R8278-4.4-04",
                "D8-08",
                "D8-34",
                "P01",
                "P02",
                "P03",
                "P04");
    gateway_run(g, FB_SECOND / 2);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);

    /* one path alone, since nothing is known of the anchor */
    assert_int_equal(g->sent_count, 1);
    first = gateway_sent(g, UPDATE, 0);
    gateway_assert_vector(g, first, "P01");
    assert_int_equal(first->meta.link, GATEWAY_LTE);
    assert_int_equal(first->meta.protocol, 135);
    assert_memory_equal(&first->meta.src, &g->link[GATEWAY_LTE].address, sizeof(fb_addr));
    assert_memory_equal(&first->meta.dst, &g->config.mag.anchor, sizeof(fb_addr));
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_WAITING);
    assert_paths(g, "");

    /* (4), (5): accepted; the tunnel over LTE is there */
    gateway_run_until(g, FB_SECOND * 3 / 2 - 1);
    assert_int_equal(gateway_inject_vector(g, "P02", first), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    assert_paths(g, "1");
    event = gateway_event(g, 0, FB_EVENT_MULTIPATH, 0);
    assert_int_equal(event->from, FB_MULTIPATH_UNKNOWN);
    assert_int_equal(event->to, FB_MULTIPATH_YES);

    /* (6)-(8): the same over WLAN, with the prefix of (4) */
    g->now = 3 * FB_SECOND;
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    second = gateway_sent(g, UPDATE, 1);
    gateway_assert_vector(g, second, "P03");
    assert_int_equal(second->meta.link, GATEWAY_WLAN);
    assert_int_equal(gateway_inject_vector(g, "P04", second), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_UP);
    assert_paths(g, "12");
    assert_true(fb_mag_session_view(&g->mag, 0, &view));
    assert_true(view.multipath);
    assert_int_equal(view.binding_count, 2);
    assert_false(fb_mag_session_view(&g->mag, 1, &view));
    gateway_free(g);
}

/* "(9), (10): hosts obtain addresses from the mobile network prefix delegated to the MAG by the LMA" */
static void
test_prefixes_are_told(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    const fb_event *session = gateway_event(g, 0, FB_EVENT_SESSION, 0);
    unsigned home = 0, delegated = 0;

    (void)state;
    requirement("R8278-3.1-09", "B5213-19", "B7148-01");
    assert_int_equal(session->to, 1);
    assert_int_equal(session->ref.session, 1);
    for (size_t i = 0; i < g->event_count; i++)
    {
        const fb_event *e = &g->event[i];
        uint8_t expected[8] = {0x20, 0x01, 0x0d, 0xb8, e->delegated ? 0x02 : 0x01, 0};

        if (e->kind != FB_EVENT_PREFIX)
        {
            continue;
        }
        assert_int_equal(e->to, 1);
        assert_memory_equal(e->prefix.address.octet, expected, 8);
        assert_int_equal(e->prefix.length, e->delegated ? 56 : 64);
        home += !e->delegated;
        delegated += e->delegated;
    }
    /* twice each: with the smaller MTU of the second path, too */
    assert_int_equal(home, 2);
    assert_int_equal(delegated, 2);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_PREFIX, 0)->mtu, 1480 - 40);
    gateway_free(g);
}

/* "a physical mobile node ... or a logical mobile node that is always enabled by configuration" */
static void
test_logical_node(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("R8278-3.1-03", "B5213-25", "D8-21");
    /* no event of an access link: there before the first WAN link is */
    g->session.kind = FB_SESSION_LOGICAL;
    gateway_attach(g);
    assert_int_equal(g->sent_count, 0);
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(g->sent_count, 1);
    /* the access technology is the session's, "virtual"; that of the WAN is in the multipath option */
    assert_int_equal(gateway_option(&g->sent[0], 24, 0, &length)[1], 1);
    assert_int_equal(gateway_option(&g->sent[0], 63, 0, &length)[0], 8);
    gateway_free(g);

    g = gateway_new(NULL);
    g->session.kind = FB_SESSION_PHYSICAL;
    g->session.access_link = 17;
    g->session.technology = 4;
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(g->sent_count, 0);
    gateway_attach(g);
    assert_int_equal(g->sent_count, 1);
    assert_int_equal(gateway_option(&g->sent[0], 24, 0, &length)[1], 4);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_figure_2),
                                       cmocka_unit_test(test_prefixes_are_told),
                                       cmocka_unit_test(test_logical_node)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
