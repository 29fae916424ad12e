/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 8278 4.4: how a gateway finds out whether the anchor supports multipath bindings, and what it does when not.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"
#include "role/mag_internal.h"

#include <string.h>

#define UPDATE 5

/** Both links up and the session attached, at time 0: the update over LTE is out. */
static gateway *
probing(const fb_config *config)
{
    gateway *g = gateway_new(config);

    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);
    assert_int_equal(g->sent_count, 1);
    return g;
}

/* "the MAG SHOULD first discover whether the LMA supports it": on one path, the preferred one */
static void
test_one_path_first(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("R8278-4.4-04", "R8278-4.4-01", "R8278-4.4-02");
    g->link[GATEWAY_WLAN].preference = 0;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);
    assert_int_equal(gateway_bid(gateway_sent(g, UPDATE, 0), NULL), 2);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_PROBING);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_WAITING);
    gateway_run(g, FB_SECOND / 2);
    assert_int_equal(g->sent_count, 1);
    assert_int_equal(gateway_reply(g, gateway_sent(g, UPDATE, 0), 0), FB_REASON_NONE);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_bid(gateway_sent(g, UPDATE, 1), NULL), 1);
    /* the MAG Identifier stands in every update: Subtype 1, Reserved 0 */
    for (size_t i = 0; i < 2; i++)
    {
        const uint8_t *name = gateway_option(gateway_sent(g, UPDATE, i), 64, 0, &length);

        assert_int_equal(length, 18);
        assert_memory_equal(name, "\x01\0mag7@example.net", 18);
    }
    gateway_free(g);
}

/* "If the MAG knows that the LMA supports it, it may send them sequentially or concurrently" */
static void
test_known_anchor(void **state)
{
    fb_config config;
    gateway *g;

    (void)state;
    requirement("R8278-4.4-03", "D8-16", "D8-23");
    gateway_config(&config);
    config.mag.anchor_capable = true;
    g = probing(&config);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PENDING);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_QUEUED); /* sequentially is the default */
    gateway_free(g);

    config.mag.concurrent = true;
    g = gateway_new(&config);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PENDING);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_PENDING);
    /* answers in the other order */
    assert_int_equal(gateway_reply(g, gateway_sent(g, UPDATE, 1), 0), FB_REASON_NONE);
    assert_int_equal(gateway_reply(g, gateway_sent(g, UPDATE, 0), 0), FB_REASON_NONE);
    assert_paths(g, "12");
    gateway_free(g);
}

/* "If the PBA does not contain the option, the MAG SHOULD disable multipath support for the mobile node" */
static void
test_legacy_anchor(void **state)
{
    gateway *g = probing(NULL);
    size_t length, before;

    (void)state;
    requirement("R8278-4.4-07", "D8-18", "C8-01", "P06");
    gateway_run(g, FB_SECOND / 10);
    assert_int_equal(gateway_inject_vector(g, "P06", gateway_sent(g, UPDATE, 0)), FB_REASON_NONE);
    gateway_drain(g);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_STANDBY);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_MULTIPATH, 0)->to, FB_MULTIPATH_OFF);
    assert_paths(g, "0");
    /* no option 63 or 64 to this anchor any more, by whomever */
    g->answering = true;
    g->legacy = true;
    before = gateway_sent_count(g, UPDATE);
    gateway_attach_another(g, 2);
    gateway_run(g, 3000 * FB_SECOND);
    assert_true(gateway_sent_count(g, UPDATE) >= before + 3);
    for (size_t i = before; i < gateway_sent_count(g, UPDATE); i++)
    {
        assert_null(gateway_option(gateway_sent(g, UPDATE, i), 63, 0, &length));
        assert_null(gateway_option(gateway_sent(g, UPDATE, i), 64, 0, &length));
        assert_int_equal(gateway_sent(g, UPDATE, i)->meta.link, GATEWAY_LTE);
    }
    gateway_free(g);
}

/* D8-18: asked once more after an hour, with the next refresh of one session; a new anchor is found that way */
static void
test_legacy_anchor_is_asked_again(void **state)
{
    gateway *g = probing(NULL);
    size_t before, length;
    unsigned with = 0;

    (void)state;
    requirement("D8-18", "C8-01", "R8278-4.4-07");
    assert_int_equal(gateway_reply_legacy(g, gateway_sent(g, UPDATE, 0)), FB_REASON_NONE);
    g->answering = true;
    g->legacy = true;
    gateway_attach_another(g, 2);
    gateway_run_until(g, 3599 * FB_SECOND);
    before = gateway_sent_count(g, UPDATE);
    /* still what it was: one update of one session asks, and then nobody for an hour */
    gateway_run_until(g, 7100 * FB_SECOND);
    for (size_t i = before; i < gateway_sent_count(g, UPDATE); i++)
    {
        with += gateway_option(gateway_sent(g, UPDATE, i), 63, 0, &length) != NULL;
    }
    assert_int_equal(with, 1);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_STANDBY);
    /* then it learnt: the plain binding becomes one with a BID, and the others join it */
    g->legacy = false;
    gateway_run_until(g, 11600 * FB_SECOND);
    assert_paths(g, "12");
    gateway_free(g);
}

/* "status CANNOT_SUPPORT_MULTIPATH_BINDING: the MAG SHOULD disable multipath support for the mobile node" */
static void
test_refused_for_the_node(void **state)
{
    gateway *g = probing(NULL);
    const gateway_message *plain;
    size_t length;

    (void)state;
    requirement("R8278-4.4-10", "D8-19", "D8-18", "P05");
    assert_int_equal(gateway_inject_vector(g, "P05", gateway_sent(g, UPDATE, 0)), FB_REASON_NONE);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_DENIED, 1)->code, 180);
    gateway_drain(g);
    /* multipath is off, service is not: at once a plain update over the preferred path */
    assert_int_equal(g->sent_count, 2);
    plain = gateway_sent(g, UPDATE, 1);
    assert_int_equal(plain->meta.link, GATEWAY_LTE);
    assert_null(gateway_option(plain, 63, 0, &length));
    assert_null(gateway_option(plain, 64, 0, &length));
    assert_int_equal(gateway_sequence(plain), 2);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_STANDBY);
    assert_int_equal(gateway_reply_legacy(g, plain), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    assert_paths(g, "0");
    /* of this node only: nothing was learnt of the anchor, and the next node asks */
    gateway_attach_another(g, 2);
    assert_non_null(gateway_option(gateway_last(g, UPDATE), 63, 0, &length));
    gateway_free(g);
}

/* 180 to a refresh: two paths are up, and one of them goes on without RFC 8278 */
static void
test_refused_later(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    size_t length;

    (void)state;
    requirement("C8-01", "D8-19", "R8278-4.4-10");
    g->answering = false;
    gateway_run_until(g, 2880 * FB_SECOND);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(gateway_reply(g, gateway_last(g, UPDATE), 180), FB_REASON_NONE);
    gateway_drain(g);
    /* the refused one is down; the other one is kept and says it plainly */
    assert_int_equal(gateway_state(g, 1), FB_BINDING_STANDBY);
    assert_int_equal(gateway_last(g, UPDATE)->meta.link, GATEWAY_WLAN);
    assert_null(gateway_option(gateway_last(g, UPDATE), 63, 0, &length));
    assert_int_equal(gateway_reply_legacy(g, gateway_last(g, UPDATE)), FB_REASON_NONE);
    assert_paths(g, "0");
    gateway_free(g);
}

/* C8-13: no option in the answer of an anchor that is known to understand it: for this node only */
static void
test_capable_anchor_forgets_one_node(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    size_t since, length;

    (void)state;
    requirement("C8-13", "C8-01", "R8278-4.4-07");
    g->answering = false;
    gateway_run_until(g, 2880 * FB_SECOND);
    since = g->event_count;
    assert_int_equal(gateway_reply_legacy(g, gateway_last(g, UPDATE)), FB_REASON_NONE);
    gateway_drain(g);
    /* the anchor holds this care-of address only */
    assert_paths(g, "0");
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_STANDBY);
    assert_int_equal(gateway_event(g, since, FB_EVENT_MULTIPATH, 0)->ref.session, 1);
    gateway_attach_another(g, 2);
    assert_non_null(gateway_option(gateway_last(g, UPDATE), 63, 0, &length));
    gateway_free(g);
}

/* An unknown option is skipped and never dropped: silence is a path that is dead, and another one asks */
static void
test_silent_path_hands_over(void **state)
{
    gateway *g = probing(NULL);
    size_t before;

    (void)state;
    requirement("C8-01", "R8278-4.4-04", "B5213-21");
    gateway_link_up(g, GATEWAY_ETHERNET);
    gateway_run(g, 7 * FB_SECOND - 1); /* sendings at 0, 1 and 3 s */
    assert_int_equal(g->sent_count, 3);
    gateway_run(g, 1);
    assert_int_equal(gateway_last(g, UPDATE)->meta.link, GATEWAY_WLAN);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_WAITING);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_PROBING);
    /* by turns: nobody waits for ever, and there is one at a time */
    gateway_run(g, 7 * FB_SECOND);
    assert_int_equal(gateway_state(g, 3), FB_BINDING_PROBING);
    gateway_run(g, 7 * FB_SECOND);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_WAITING);
    assert_int_equal(gateway_state(g, 3), FB_BINDING_WAITING);
    /* each goes on with the back-off it had: a peer that is not there is asked every 32 s in the end */
    gateway_run_until(g, 200 * FB_SECOND);
    before = g->sent_count;
    gateway_run(g, 320 * FB_SECOND);
    assert_int_equal(g->sent_count, before + 10);
    /* an answer that comes now releases all */
    g->answering = true;
    gateway_run(g, 34 * FB_SECOND);
    assert_paths(g, "123");
    gateway_free(g);
}

/* C8-01: the one that asks loses its link, or is refused */
static void
test_prober_is_lost(void **state)
{
    gateway *g = probing(NULL);

    (void)state;
    requirement("C8-01", "D8-20");
    gateway_link_down(g, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_PROBING);
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_WAITING); /* never two */
    assert_int_equal(gateway_reply(g, gateway_last(g, UPDATE), 130), FB_REASON_NONE);
    gateway_drain(g);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_BLOCKED);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    assert_int_equal(gateway_reply(g, gateway_last(g, UPDATE), 0), FB_REASON_NONE);
    assert_paths(g, "1");
    /* ... and back after a minute */
    g->answering = true;
    gateway_run(g, 61 * FB_SECOND);
    assert_paths(g, "12");
    gateway_free(g);
}

/* With one path and no RFC 8278 another one takes over when it fails */
static void
test_standby_takes_over(void **state)
{
    gateway *g = probing(NULL);

    (void)state;
    requirement("C8-01", "R8278-4.4-07");
    gateway_reply_legacy(g, gateway_sent(g, UPDATE, 0));
    gateway_drain(g);
    gateway_link_down(g, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_PENDING);
    assert_int_equal(gateway_handoff(gateway_last(g, UPDATE)), 5);
    gateway_reply_legacy(g, gateway_last(g, UPDATE));
    assert_paths(g, "0");
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_STANDBY); /* what serves is left alone */
    /* silence of a refresh does it as well */
    gateway_run(g, 2880 * FB_SECOND + 7 * FB_SECOND);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_STANDBY);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PENDING);
    gateway_reply_legacy(g, gateway_last(g, UPDATE));
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    gateway_free(g);
}

/* Without RFC 8278 by configuration: plain RFC 5213 */
static void
test_switched_off(void **state)
{
    fb_config config;
    gateway *g;
    size_t length;

    (void)state;
    requirement("R8278-4.4-01", "D8-10");
    gateway_config(&config);
    config.mag.multipath = false;
    g = gateway_new(&config);
    g->link[GATEWAY_LTE].label = 0; /* needs neither label nor BID then */
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_attach(g);
    assert_null(gateway_option(&g->sent[0], 63, 0, &length));
    assert_null(gateway_option(&g->sent[0], 64, 0, &length));
    gateway_reply_legacy(g, &g->sent[0]);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 1);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_STANDBY);
    gateway_free(g);
}

/* 4.3: status 180 is of one that knows the option: what is asked once more after an hour may come out like that */
static void
test_probe_is_refused(void **state)
{
    fb_config config;
    gateway *g;
    size_t before, length;

    (void)state;
    requirement("D8-18", "D8-19", "R8278-4.4-10");
    gateway_config(&config);
    config.mag.legacy_retry_s = 4000;
    g = probing(&config);
    assert_int_equal(gateway_reply_legacy(g, gateway_sent(g, UPDATE, 0)), FB_REASON_NONE);
    g->answering = true;
    g->legacy = true;
    gateway_run_until(g, 4100 * FB_SECOND);
    g->answering = false;
    while (gateway_option(gateway_last(g, UPDATE), 63, 0, &length) == NULL)
    {
        gateway_run(g, FB_SECOND); /* the next refresh asks */
        if (gateway_option(gateway_last(g, UPDATE), 63, 0, &length) == NULL &&
            gateway_state(g, 1) == FB_BINDING_UP_PENDING)
        {
            gateway_reply_legacy(g, gateway_last(g, UPDATE));
        }
    }
    assert_int_equal(gateway_reply(g, gateway_last(g, UPDATE), 180), FB_REASON_NONE);
    gateway_drain(g);
    /* this mobile node goes on without, at once; another one finds out for itself */
    assert_null(gateway_option(gateway_last(g, UPDATE), 63, 0, &length));
    gateway_reply_legacy(g, gateway_last(g, UPDATE));
    assert_paths(g, "0");
    before = gateway_sent_count(g, UPDATE);
    gateway_attach_another(g, 2);
    gateway_run(g, FB_SECOND);
    assert_non_null(gateway_option(gateway_sent(g, UPDATE, before), 63, 0, &length));
    gateway_free(g);
}

/* C8-13: without the option from an anchor that knows it: this mobile node alone, and not for ever */
static void
test_one_node_is_asked_again(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    size_t since;
    fb_time refused_at;

    (void)state;
    requirement("C8-13", "D8-18", "R8278-4.4-07");
    g->legacy = true;
    gateway_run_until(g, 2881 * FB_SECOND);
    refused_at = g->now;
    assert_paths(g, "0");
    assert_int_equal(gateway_event(g, 0, FB_EVENT_MULTIPATH, 0)->ref.session, 1);
    g->legacy = false;
    since = g->event_count;
    gateway_run_until(g, 2881 * FB_SECOND + 3590 * FB_SECOND);
    assert_paths(g, "0");
    gateway_run_until(g, refused_at + 3610 * FB_SECOND);
    assert_paths(g, "12");
    assert_int_equal(gateway_event(g, since, FB_EVENT_MULTIPATH, 0)->to, FB_MULTIPATH_YES);
    gateway_free(g);
}

/* What asks once more is not answered, and another one finds out meanwhile: nobody has to ask again */
static void
test_found_out_meanwhile(void **state)
{
    gateway *g = probing(NULL);
    size_t length, before;

    (void)state;
    requirement("D8-18", "R8278-4.4-07");
    assert_int_equal(gateway_reply_legacy(g, gateway_sent(g, UPDATE, 0)), FB_REASON_NONE);
    g->answering = true;
    g->legacy = true;
    gateway_run_until(g, 3600 * FB_SECOND);
    g->answering = false;
    while (gateway_option(gateway_last(g, UPDATE), 63, 0, &length) == NULL)
    {
        gateway_run(g, FB_SECOND);
        if (gateway_state(g, 1) == FB_BINDING_UP_PENDING &&
            gateway_option(gateway_last(g, UPDATE), 63, 0, &length) == NULL)
        {
            gateway_reply_legacy(g, gateway_last(g, UPDATE));
        }
    }
    assert_true(g->mag.legacy_retry_at != FB_TIME_NEVER);
    fb_mag_set_capability(&g->mag, FB_MULTIPATH_YES, g->now);
    before = gateway_sent_count(g, UPDATE);
    gateway_run(g, 10 * FB_SECOND);
    assert_true(gateway_sent_count(g, UPDATE) > before);
    assert_true(g->mag.legacy_retry_at == FB_TIME_NEVER);
    gateway_free(g);
}

/* D8-18: what is asked once more goes with an update. Without any there is nothing to wake up for */
static void
test_nobody_to_ask_for(void **state)
{
    gateway *g = probing(NULL);
    size_t length;

    (void)state;
    requirement("D8-18", "R8278-4.4-07");
    assert_int_equal(gateway_reply_legacy(g, gateway_sent(g, UPDATE, 0)), FB_REASON_NONE);
    gateway_drain(g);
    g->answering = true;
    g->legacy = true;
    assert_int_equal(fb_mag_remove_session(&g->mag, g->session.session, g->now), FB_OK);
    gateway_drain(g);
    gateway_run(g, 3700 * FB_SECOND);
    assert_true(fb_mag_next_timeout(&g->mag) == FB_TIME_NEVER);
    g->legacy = false;
    gateway_attach(g);
    assert_non_null(gateway_option(gateway_last(g, UPDATE), 63, 0, &length));
    gateway_run(g, FB_SECOND);
    assert_paths(g, "12");
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_path_first),
                                       cmocka_unit_test(test_known_anchor),
                                       cmocka_unit_test(test_legacy_anchor),
                                       cmocka_unit_test(test_legacy_anchor_is_asked_again),
                                       cmocka_unit_test(test_refused_for_the_node),
                                       cmocka_unit_test(test_refused_later),
                                       cmocka_unit_test(test_capable_anchor_forgets_one_node),
                                       cmocka_unit_test(test_silent_path_hands_over),
                                       cmocka_unit_test(test_prober_is_lost),
                                       cmocka_unit_test(test_standby_takes_over),
                                       cmocka_unit_test(test_switched_off),
                                       cmocka_unit_test(test_probe_is_refused),
                                       cmocka_unit_test(test_one_node_is_asked_again),
                                       cmocka_unit_test(test_nobody_to_ask_for),
                                       cmocka_unit_test(test_found_out_meanwhile)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
