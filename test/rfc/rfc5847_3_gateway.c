/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5847 3: heartbeats of a gateway, one for each proxy care-of address (B5847-02), and what follows from them.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <string.h>

#define UPDATE 5
#define HEARTBEAT 13

static gateway *
watching(unsigned links)
{
    fb_config config;
    gateway *g;

    gateway_config(&config);
    config.mag.heartbeat_s = 60;
    g = gateway_registered(&config, links);
    return g;
}

/** The sequence number of the last heartbeat request over a link. */
static uint32_t
asked(const gateway *g, uint32_t link)
{
    uint32_t sequence = 0;

    for (size_t i = 0; i < g->sent_count; i++)
    {
        const gateway_message *m = &g->sent[i];

        if (m->octets[2] == HEARTBEAT && m->meta.link == link)
        {
            sequence = (uint32_t)m->octets[10] << 8 | m->octets[11];
        }
    }
    return sequence;
}

/* "sends the Heartbeat Request ... every HEARTBEAT_INTERVAL": P16, sequence number 77 */
static void
test_requests(void **state)
{
    gateway *g = watching(1);

    (void)state;
    requirement("B5847-01", "P16", "P17");
    g->counter = 3;
    gateway_run_until(g, 77 * 60 * FB_SECOND - 1);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 76);
    g->answering = false;
    gateway_run(g, 1);
    gateway_assert_vector(g, gateway_last(g, HEARTBEAT), "P16");
    /* its answer, and none to a number nobody asked with */
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 1, 76, 0), FB_DROP_NOT_EXPECTED);
    {
        const test_vector *response = vectors_find(g->vectors, "P17");
        fb_meta meta = {.src = g->config.mag.anchor,
                        .dst = g->link[GATEWAY_LTE].address,
                        .link = GATEWAY_LTE,
                        .protocol = 135};

        assert_int_equal(gateway_inject(g, &meta, response->octets, response->length),
                         FB_REASON_NONE);
        assert_int_equal(gateway_inject(g, &meta, response->octets, response->length),
                         FB_DROP_NOT_EXPECTED);
    }
    assert_int_equal(gateway_events(g, 0, FB_EVENT_PEER), 0);
    gateway_free(g);
}

/* "MUST respond ... with the same Sequence Number" and the Restart Counter, with or without bindings */
static void
test_responses(void **state)
{
    static const uint8_t expected[] = {59, 2, 13, 0, 0, 0, 0, 1, 0, 0, 0x12, 0x34,
                                       1,  0, 28, 4, 0, 0, 0, 9, 1, 2, 0,    0};
    fb_config config;
    gateway *g;
    const gateway_message *m;

    (void)state;
    requirement("B5847-01");
    gateway_config(&config);
    config.mag.restart_counter = 9;
    g = gateway_new(&config);
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 0, 0x1234, 0), FB_DROP_NOT_EXPECTED);
    gateway_link_up(g, GATEWAY_LTE);
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 0, 0x1234, 0), FB_REASON_NONE);
    gateway_drain(g);
    m = gateway_last(g, HEARTBEAT);
    assert_int_equal(m->length, sizeof expected);
    assert_memory_equal(m->octets, expected, 4);
    assert_memory_equal(m->octets + 6, expected + 6, sizeof expected - 6);
    assert_int_equal(m->octets[4] << 8 | m->octets[5],
                     gateway_checksum(&m->meta.src, &m->meta.dst, m->octets, m->length));
    assert_int_equal(m->meta.link, GATEWAY_LTE);
    /* not more than three a second, and then only the last */
    for (uint32_t i = 0; i < 10; i++)
    {
        gateway_heartbeat(g, GATEWAY_LTE, 0, i, 0);
        gateway_drain(g);
    }
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 3);
    gateway_run(g, FB_SECOND);
    assert_int_equal(gateway_last(g, HEARTBEAT)->octets[11], 9);
    gateway_free(g);
}

/*
 * The count of missed ones exceeds 3 with the fourth (C8-11). The path leaves forwarding and is de-registered over
 * another one: "the Alternate Care-of Address option" names the dead address (C8-03).
 */
static void
test_dead_path(void **state)
{
    gateway *g = watching(2);
    const gateway_message *m;
    const fb_event *peer;
    size_t length, since;

    (void)state;
    requirement("B5847-01", "B5847-02", "C8-11", "C8-03", "C8-01", "D8-12");
    g->deaf[GATEWAY_LTE] = true;
    gateway_run_until(g, 299 * FB_SECOND); /* asked at 60, 120, 180 and 240 s */
    assert_paths(g, "12");
    since = g->event_count;
    gateway_run_until(g, 300 * FB_SECOND);
    peer = gateway_event(g, since, FB_EVENT_PEER, 1);
    assert_int_equal(peer->to, 0);
    assert_int_equal(peer->ref.link, GATEWAY_LTE);
    assert_paths(g, "2");
    m = gateway_last(g, UPDATE);
    assert_int_equal(m->meta.link, GATEWAY_WLAN);
    assert_memory_equal(&m->meta.src, &g->link[GATEWAY_WLAN].address, sizeof(fb_addr));
    assert_int_equal(gateway_lifetime(m), 0);
    assert_int_equal(gateway_handoff(m), 4);
    assert_int_equal(gateway_bid(m, NULL), 1);
    assert_memory_equal(gateway_option(m, 3, 0, &length), g->link[GATEWAY_LTE].address.octet, 16);
    assert_int_equal(length, 16);
    /* RFC 6275 6.2.5: aligned to 8n + 6 */
    assert_int_equal((gateway_option(m, 3, 0, &length) - 2 - m->octets) % 8, 6);
    gateway_run(g, 400 * FB_SECOND);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    /* it stays watched, and comes back with its heartbeat */
    assert_true(asked(g, GATEWAY_LTE) >= 10);
    g->deaf[GATEWAY_LTE] = false;
    gateway_run(g, 62 * FB_SECOND);
    assert_int_equal(gateway_event(g, since, FB_EVENT_PEER, 1)->to, 1);
    assert_paths(g, "12");
    gateway_free(g);
}

/* The de-registration is sent until it is acknowledged; no longer than the anchor can have the binding */
static void
test_dead_path_is_told_until_heard(void **state)
{
    gateway *g = watching(2);
    size_t before;

    (void)state;
    requirement("C8-03", "B5847-02");
    g->deaf[GATEWAY_LTE] = true;
    gateway_run_until(g, 299 * FB_SECOND);
    before = gateway_sent_count(g, UPDATE);
    g->deaf[GATEWAY_WLAN] = true;
    gateway_run_until(g, 340 * FB_SECOND);
    assert_true(gateway_sent_count(g, UPDATE) >= before + 5);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DEREGISTERING);
    g->deaf[GATEWAY_WLAN] = false;
    gateway_run_until(g, 380 * FB_SECOND);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    assert_paths(g, "2");
    gateway_free(g);
}

/* A link that goes is like a heartbeat that stops: the anchor is told, and not when no path is left to tell it by */
static void
test_lost_link(void **state)
{
    gateway *g = watching(2);
    size_t length;

    (void)state;
    requirement("C8-03", "C8-01", "D8-12");
    gateway_link_down(g, GATEWAY_LTE);
    assert_int_equal(gateway_bid(gateway_last(g, UPDATE), NULL), 1);
    assert_int_equal(gateway_last(g, UPDATE)->meta.link, GATEWAY_WLAN);
    assert_int_equal(gateway_lifetime(gateway_last(g, UPDATE)), 0);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_run(g, FB_SECOND);
    assert_paths(g, "12");
    /* both gone; when one comes back the anchor learns of the other */
    g->answering = false;
    gateway_link_down(g, GATEWAY_LTE);
    gateway_link_down(g, GATEWAY_WLAN);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DOWN);
    g->answering = true;
    gateway_link_up(g, GATEWAY_WLAN);
    gateway_run(g, 2 * FB_SECOND);
    assert_int_equal(gateway_bid(gateway_last(g, UPDATE), NULL), 1);
    assert_int_equal(gateway_lifetime(gateway_last(g, UPDATE)), 0);
    assert_non_null(gateway_option(gateway_last(g, UPDATE), 3, 0, &length));
    assert_paths(g, "2");
    gateway_free(g);
}

/* With all paths silent it is the peer: nothing is gained by taking them down */
static void
test_silent_peer(void **state)
{
    gateway *g = watching(2);

    (void)state;
    requirement("B5847-01", "B5847-02");
    g->deaf[GATEWAY_LTE] = g->deaf[GATEWAY_WLAN] = true;
    gateway_run_until(g, 310 * FB_SECOND);
    assert_int_equal(gateway_events(g, 0, FB_EVENT_PEER), 2);
    assert_paths(g, "12");
    gateway_free(g);
}

/* "Restart Counter ... If the value is different, the peer has lost its sessions" (3.4): all is registered anew */
static void
test_restarted_peer(void **state)
{
    gateway *g = watching(2);
    size_t since, sent;

    (void)state;
    requirement("B5847-01", "C8-10", "D8-18", "C8-01");
    g->counter = 7;
    gateway_run_until(g, 100 * FB_SECOND);
    assert_int_equal(gateway_events(g, 0, FB_EVENT_PEER), 0); /* the first one only is learnt */
    since = g->event_count;
    sent = gateway_sent_count(g, UPDATE);
    g->counter = 8;
    gateway_run_until(g, 120 * FB_SECOND);
    assert_int_equal(gateway_event(g, since, FB_EVENT_PEER, 0)->to, 2);
    /* what is known of it is unknown again: one path first, then the others */
    assert_int_equal(gateway_sent(g, UPDATE, sent)->meta.link, GATEWAY_LTE);
    assert_int_equal(gateway_sent(g, UPDATE, sent + 1)->meta.link, GATEWAY_WLAN);
    gateway_run_until(g, 125 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, UPDATE), sent + 2);
    assert_paths(g, "12");
    /* it kept its prefixes: hosts behind it notice nothing */
    assert_int_equal(gateway_events(g, since, FB_EVENT_SESSION), 0);
    for (size_t i = since; i < g->event_count; i++)
    {
        assert_false(g->event[i].kind == FB_EVENT_PREFIX && g->event[i].to == 0);
    }
    gateway_free(g);
}

/* C8-10: what was accepted after the last response with the old counter was accepted by the new anchor */
static void
test_spared(void **state)
{
    gateway *g = watching(1);
    size_t sent;

    (void)state;
    requirement("C8-10");
    g->counter = 7;
    gateway_run_until(g, 100 * FB_SECOND);
    gateway_attach_another(g, 2);
    sent = gateway_sent_count(g, UPDATE);
    g->counter = 8;
    gateway_run_until(g, 125 * FB_SECOND);
    /* session 1 registered anew, session 2 left alone */
    assert_int_equal(gateway_sent_count(g, UPDATE), sent + 1);
    assert_memory_equal(gateway_last(g, UPDATE)->octets + 15, "mr1@", 4);
    gateway_free(g);
}

/* An unsolicited response has R and U, and its sequence number says nothing (C8-11) */
static void
test_unsolicited(void **state)
{
    gateway *g = watching(1);

    (void)state;
    requirement("C8-11", "B5847-01");
    g->counter = 7;
    gateway_run_until(g, 61 * FB_SECOND);
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 3, 0xdead, 8), FB_REASON_NONE);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_PEER, 0)->to, 2);
    assert_int_equal(gateway_heartbeat(g, GATEWAY_WLAN, 3, 1, 9), FB_DROP_NOT_EXPECTED);
    gateway_free(g);
}

/* 3.3: "a Binding Error with Status 2 ... MUST NOT send heartbeats to that peer any more" */
static void
test_binding_error(void **state)
{
    static const uint8_t error[24] = {59, 2, 7, 0, 0, 0, 2, 0};
    gateway *g = watching(2);
    fb_meta meta = {.src = g->config.mag.anchor,
                    .dst = g->link[GATEWAY_LTE].address,
                    .link = GATEWAY_LTE,
                    .protocol = 135};
    uint8_t octets[24];
    uint16_t sum;

    (void)state;
    requirement("B5847-01");
    gateway_run_until(g, 61 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 2);
    memcpy(octets, error, sizeof octets);
    sum = gateway_checksum(&meta.src, &meta.dst, octets, sizeof octets);
    octets[4] = (uint8_t)(sum >> 8);
    octets[5] = (uint8_t)sum;
    /* Both heartbeats were answered: the anchor knows them, and this error is about none of ours */
    assert_int_equal(gateway_inject(g, &meta, octets, sizeof octets), FB_DROP_NOT_EXPECTED);
    g->deaf[GATEWAY_LTE] = true;
    gateway_run(g, 60 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 4);
    assert_int_equal(gateway_inject(g, &meta, octets, sizeof octets), FB_REASON_NONE);
    gateway_run(g, 2000 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 4);
    assert_paths(g, "12"); /* an anchor without heartbeats is not dead */
    gateway_free(g);
}

/* An address that changed is watched anew */
static void
test_another_address(void **state)
{
    gateway *g = watching(1);

    (void)state;
    requirement("B5847-02");
    gateway_run_until(g, 59 * FB_SECOND);
    g->link[GATEWAY_LTE].address.octet[15] = 0x55;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_run_until(g, 118 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 0);
    gateway_run_until(g, 119 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 1);
    assert_int_equal(gateway_last(g, HEARTBEAT)->meta.src.octet[15], 0x55);
    gateway_free(g);
}

/* 3.1: "matches every received Heartbeat Response to the ... Request": one that matches none is dropped, no more */
static void
test_one_outcome(void **state)
{
    gateway *g = watching(1);
    size_t since;

    (void)state;
    requirement("B5847-01");
    g->counter = 7;
    gateway_run_until(g, 61 * FB_SECOND);
    since = g->event_count;
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 1, 77, 9), FB_DROP_NOT_EXPECTED);
    assert_int_equal(gateway_events(g, since, FB_EVENT_RECEIVED), 0);
    assert_int_equal(gateway_events(g, since, FB_EVENT_DROP), 1);
    assert_int_equal(g->event_count, since + 1); /* nor is its counter believed */
    gateway_free(g);
}

/* 3.2: unsolicited "with an incremented Restart Counter": a late or repeated one has an earlier counter, or none */
static void
test_late_unsolicited(void **state)
{
    gateway *g = watching(1);
    size_t since;

    (void)state;
    requirement("C8-11", "B5847-01", "C8-10");
    g->counter = 7;
    gateway_run_until(g, 61 * FB_SECOND);
    since = g->event_count;
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 3, 0, 6), FB_DROP_NOT_EXPECTED);
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 3, 0, 0), FB_DROP_NOT_EXPECTED);
    assert_int_equal(gateway_events(g, since, FB_EVENT_PEER), 0);
    /* the counter goes round after 2^32 restarts */
    g->counter = UINT32_MAX;
    gateway_run_until(g, 121 * FB_SECOND);
    since = g->event_count;
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 3, 0, 1), FB_REASON_NONE);
    assert_int_equal(gateway_event(g, since, FB_EVENT_PEER, 0)->to, 2);
    gateway_free(g);
}

/* RFC 6275 11.8: three in a second; what waits for that is not time on the way, and not missed before it was sent */
static void
test_waiting_is_no_silence(void **state)
{
    gateway *g = watching(4);
    size_t before;

    (void)state;
    requirement("B5847-02", "B5213-21");
    gateway_run_until(g, 62 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), 4);
    for (uint16_t link = 0; link < 4; link++)
    {
        assert_true(g->mag.link[link].heartbeat.round_trip_us < 1000);
    }
    /* an anchor that asks all the time over one path does not silence the others */
    before = g->event_count;
    for (unsigned i = 0; i < 600 * 4; i++)
    {
        gateway_run(g, FB_SECOND / 4);
        (void)gateway_heartbeat(g, GATEWAY_LTE, 0, i, 0);
        gateway_drain(g);
    }
    assert_int_equal(gateway_events(g, before, FB_EVENT_PEER), 0);
    assert_paths(g, "1234");
    gateway_free(g);
}

/* All paths were silent, and none was taken down for that; once one answers the others are the worse ones (C8-03) */
static void
test_one_path_answers_again(void **state)
{
    gateway *g = watching(2);

    (void)state;
    requirement("B5847-02", "C8-03", "C8-01");
    g->deaf[GATEWAY_LTE] = g->deaf[GATEWAY_WLAN] = true;
    gateway_run_until(g, 310 * FB_SECOND);
    assert_paths(g, "12");
    g->deaf[GATEWAY_WLAN] = false;
    gateway_run_until(g, 365 * FB_SECOND);
    assert_paths(g, "2");
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    assert_int_equal(gateway_lifetime(gateway_last(g, UPDATE)), 0);
    assert_int_equal(gateway_bid(gateway_last(g, UPDATE), NULL), 1);
    assert_int_equal(gateway_last(g, UPDATE)->meta.link, GATEWAY_WLAN);
    gateway_free(g);
}

/* What was asked of the earlier address is not answered from the new one */
static void
test_moved_before_answering(void **state)
{
    gateway *g = watching(1);
    size_t before = gateway_sent_count(g, HEARTBEAT);

    (void)state;
    requirement("B5847-01");
    for (uint32_t i = 0; i < 4; i++)
    {
        assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 0, i, 0), FB_REASON_NONE);
        if (i < 3)
        {
            gateway_drain(g);
        }
    }
    g->link[GATEWAY_LTE].address.octet[15] = 0x55;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_run(g, 5 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), before + 3);
    gateway_free(g);
}

/* More requests than may be sent: those that were not sent are not missed */
static void
test_more_than_may_be_sent(void **state)
{
    fb_config config;
    gateway *g;
    size_t since;

    (void)state;
    requirement("B5847-02", "B5213-21");
    gateway_config(&config);
    config.mag.heartbeat_s = 1;
    g = gateway_registered(&config, 4);
    gateway_run(g, 3 * FB_SECOND);
    since = g->event_count;
    gateway_run(g, 120 * FB_SECOND);
    assert_int_equal(gateway_events(g, since, FB_EVENT_PEER), 0);
    for (uint16_t link = 0; link < 4; link++)
    {
        assert_int_equal(g->mag.link[link].heartbeat.missed, 0);
        assert_true(g->mag.link[link].heartbeat.sequence > 60);
    }
    gateway_free(g);
}

/* 3: "If there are no proxy Binding Cache entries at the LMA ... the Heartbeat message SHOULD NOT be sent" */
static void
test_without_bindings(void **state)
{
    gateway *g = watching(2);
    size_t before;

    (void)state;
    requirement("B5847-01", "B5213-20");
    gateway_run_until(g, 600 * FB_SECOND);
    before = gateway_sent_count(g, HEARTBEAT);
    assert_int_equal(before, 20);
    assert_int_equal(fb_mag_remove_session(&g->mag, g->session.session, g->now), FB_OK);
    gateway_drain(g);
    gateway_run(g, 1000 * FB_SECOND);
    assert_true(gateway_sent_count(g, HEARTBEAT) <= before + 2);
    assert_true(fb_mag_next_timeout(&g->mag) == FB_TIME_NEVER);
    /* "MUST respond ... irrespective of whether there is an active Binding Cache entry" */
    before = gateway_sent_count(g, HEARTBEAT);
    assert_int_equal(gateway_heartbeat(g, GATEWAY_LTE, 0, 5, 0), FB_REASON_NONE);
    gateway_drain(g);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), before + 1);
    /* with the next session they go on */
    gateway_attach(g);
    gateway_run(g, 121 * FB_SECOND);
    assert_int_equal(gateway_sent_count(g, HEARTBEAT), before + 5);
    assert_int_equal(gateway_events(g, 0, FB_EVENT_PEER), 0);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_requests),
                                       cmocka_unit_test(test_responses),
                                       cmocka_unit_test(test_dead_path),
                                       cmocka_unit_test(test_dead_path_is_told_until_heard),
                                       cmocka_unit_test(test_lost_link),
                                       cmocka_unit_test(test_silent_peer),
                                       cmocka_unit_test(test_restarted_peer),
                                       cmocka_unit_test(test_spared),
                                       cmocka_unit_test(test_unsolicited),
                                       cmocka_unit_test(test_binding_error),
                                       cmocka_unit_test(test_another_address),
                                       cmocka_unit_test(test_one_outcome),
                                       cmocka_unit_test(test_late_unsolicited),
                                       cmocka_unit_test(test_waiting_is_no_silence),
                                       cmocka_unit_test(test_one_path_answers_again),
                                       cmocka_unit_test(test_moved_before_answering),
                                       cmocka_unit_test(test_more_than_may_be_sent),
                                       cmocka_unit_test(test_without_bindings)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
