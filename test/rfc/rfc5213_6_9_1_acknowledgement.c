/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 6.9.1.2: which acknowledgements a gateway acts on, and what it does about each Status.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <string.h>

#define UPDATE 5

/** One link, and its update sent at time 0. */
static gateway *
asking(const fb_config *config)
{
    gateway *g = gateway_new(config);

    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    return g;
}

static const gateway_message *
last(const gateway *g)
{
    return gateway_last(g, UPDATE);
}

/* "if the message does not match any of the Proxy Binding Updates it sent recently, it MUST be ignored" */
static void
test_unmatched(void **state)
{
    gateway *g = asking(NULL);
    gateway_message other = *last(g);
    gateway_answer answer;

    (void)state;
    requirement("B5213-17", "B5213-24", "D8-34", "D8-36");
    other.octets[7]++; /* another sequence number */
    assert_int_equal(gateway_reply(g, &other, 0), FB_DROP_NOT_EXPECTED);
    other = *last(g);
    other.octets[15] = 'x'; /* another mobile node */
    assert_int_equal(gateway_reply(g, &other, 0), FB_DROP_NOT_EXPECTED);
    other = *last(g);
    other.meta.src = g->link[GATEWAY_WLAN].address; /* another care-of address */
    assert_int_equal(gateway_reply(g, &other, 0), FB_DROP_NOT_EXPECTED);
    other = *last(g);
    other.meta.dst.octet[15] = 9; /* not the anchor */
    assert_int_equal(gateway_reply(g, &other, 0), FB_DROP_NOT_EXPECTED);
    answer = gateway_answer_begin(last(g), 0, 900);
    assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_NOT_EXPECTED); /* names nobody */
    answer = gateway_answer_begin(last(g), 0, 900);
    gateway_answer_echo(&answer, last(g), 0);
    answer.octets[7] = 0; /* P clear */
    assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_MH_NOT_PROXY);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    assert_int_equal(gateway_events(g, 0, FB_EVENT_DROP), 6);
    /* and the right one once, not twice */
    assert_int_equal(gateway_reply(g, last(g), 0), FB_REASON_NONE);
    assert_int_equal(gateway_reply(g, last(g), 0), FB_DROP_NOT_EXPECTED);
    gateway_free(g);
}

/* 4: "security associations ... MUST ... protect ... Proxy Binding Update and Proxy Binding Acknowledgement" (C8-16) */
static void
test_association(void **state)
{
    fb_config config;
    gateway *g;
    gateway_answer answer;
    gateway_message asked;

    (void)state;
    requirement("B5213-24", "C8-16", "D8-36");
    gateway_config(&config);
    config.mag.security_association = 7;
    g = asking(&config);
    assert_int_equal(last(g)->meta.security_association, 7);
    asked = *last(g);
    for (uint32_t association = 0; association <= 8; association += 8)
    {
        answer = gateway_answer_begin(&asked, 0, 900);
        gateway_answer_echo(&answer, &asked, 0);
        answer.meta.security_association = association;
        assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_NO_SECURITY_ASSOCIATION);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    }
    answer = gateway_answer_begin(&asked, 0, 900);
    gateway_answer_echo(&answer, &asked, 0);
    answer.meta.security_association = 7;
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    gateway_free(g);
}

/* "option values that are different ... MUST be ignored ... MUST NOT retransmit until an administrative action" */
static void
test_altered(void **state)
{
    static const struct
    {
        uint8_t type, length;
        uint8_t body[8];
    } row[] = {{23, 2, {0, 3}}, {24, 2, {0, 4}}, {25, 8, {0, 0, 2, 0, 0x5e, 0, 0x53, 2}}};

    (void)state;
    requirement("B5213-17", "C8-06");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        gateway *g = asking(NULL);
        gateway_answer answer = gateway_answer_begin(last(g), 0, 900);

        gateway_answer_echo(&answer, last(g), row[i].type);
        gateway_answer_option(&answer, row[i].type, row[i].body, row[i].length, 1, 0);
        assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_PBA_ALTERED);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
        gateway_run(g, 7200 * FB_SECOND);
        assert_int_equal(g->sent_count, 1);
        assert_int_equal(fb_mag_register(&g->mag, 1, g->now), FB_OK);
        gateway_drain(g);
        assert_int_equal(g->sent_count, 2);
        gateway_free(g);
    }
}

/* D8-31, D8-32: an echo of another BID is not ours; one nobody asked for says nothing */
static void
test_multipath_echo(void **state)
{
    static const uint8_t other[] = {8, 11, 2, 0, 0, 0};
    fb_config config;
    gateway *g = asking(NULL);
    gateway_answer answer = gateway_answer_begin(last(g), 0, 900);

    (void)state;
    requirement("D8-31", "D8-32", "C8-19", "D8-06");
    gateway_answer_echo(&answer, last(g), 63);
    gateway_answer_option(&answer, 63, other, 6, 1, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_PBA_ALTERED);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING); /* goes on asking */
    gateway_run(g, FB_SECOND);
    assert_int_equal(g->sent_count, 2);
    /* a MAG Identifier in the answer is no harm */
    answer = gateway_answer_begin(last(g), 0, 900);
    gateway_answer_echo(&answer, last(g), 0);
    gateway_answer_option(&answer, 64, (const uint8_t *)"\x01\0x", 3, 1, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    assert_paths(g, "1");
    gateway_free(g);

    gateway_config(&config);
    config.mag.multipath = false;
    g = asking(&config);
    answer = gateway_answer_begin(last(g), 0, 900);
    gateway_answer_echo(&answer, last(g), 0);
    gateway_answer_option(&answer, 63, other, 6, 1, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    assert_int_equal(gateway_binding(g, 1).label, 0); /* a plain binding */
    gateway_free(g);
}

/* "PROXY_REG_NOT_ENABLED ... SHOULD NOT send again until an administrative action", and its like */
static void
test_service_denied(void **state)
{
    static const uint8_t status[] = {152, 153, 154};

    (void)state;
    requirement("B5213-18", "C8-06", "D8-20");
    for (size_t i = 0; i < sizeof status; i++)
    {
        gateway *g = asking(NULL);

        assert_int_equal(gateway_reply(g, last(g), status[i]), FB_REASON_NONE);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
        gateway_run(g, 7200 * FB_SECOND);
        assert_int_equal(g->sent_count, 1);
        assert_int_equal(gateway_events(g, 0, FB_EVENT_PREFIX), 0);
        assert_paths(g, "");
        fb_mag_register(&g->mag, 0, g->now);
        gateway_drain(g);
        assert_int_equal(g->sent_count, 2);
        gateway_free(g);
    }
}

/* "TIMESTAMP_LOWER_THAN_PREV_ACCEPTED ... SHOULD try to register again"; the clock is left alone */
static void
test_timestamp_lower(void **state)
{
    gateway *g = asking(NULL);
    uint64_t first = gateway_timestamp(last(g));

    (void)state;
    requirement("B5213-18", "D8-16");
    assert_int_equal(gateway_reply(g, last(g), 157), FB_REASON_NONE);
    gateway_drain(g);
    /* at once, within the same tick of the clock: later all the same */
    assert_int_equal(g->sent_count, 2);
    assert_true(gateway_timestamp(last(g)) == first + 1);
    assert_int_equal(gateway_sequence(last(g)), 2);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    /* and not as fast as the anchor says no */
    gateway_reply(g, last(g), 157);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    gateway_run(g, 4 * FB_SECOND);
    assert_int_equal(g->sent_count, 3);
    gateway_free(g);
}

/* "TIMESTAMP_MISMATCH ... SHOULD try again only after it has synchronized its clock ... not to the anchor's" */
static void
test_timestamp_mismatch(void **state)
{
    gateway *g = asking(NULL);
    static const uint8_t anchors_time[] = {0, 0, 0x70, 0, 0, 0, 0, 0};
    gateway_answer answer = gateway_answer_begin(last(g), 156, 0);

    (void)state;
    requirement("B5213-18");
    gateway_answer_echo(&answer, last(g), 27);
    gateway_answer_option(&answer, 27, anchors_time, 8, 8, 2);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
    gateway_run(g, 600 * FB_SECOND);
    assert_int_equal(g->sent_count, 1);
    fb_clock_set(&g->clock, GATEWAY_WALL_NS + 5000 * FB_SECOND, g->now);
    fb_mag_clock_set(&g->mag, g->now);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_true(gateway_timestamp(last(g)) == (UINT64_C(1767225600) + 5000) << 16);
    gateway_free(g);
}

/* "NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX ... MAY request ... with the prefix value set to ALL_ZERO" */
static void
test_prefix_refused(void **state)
{
    static const uint8_t all_zero[18] = {0};
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("B5213-18", "B5213-04", "C8-07");
    g->session.home.count = 2;
    g->session.home.prefix[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 7}}, 64};
    g->session.home.prefix[1] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 6}}, 64};
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    assert_int_equal(gateway_options(last(g), 22), 2);
    assert_int_equal(gateway_option(last(g), 22, 0, &length)[6], 7);
    gateway_reply(g, last(g), 155);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_options(last(g), 22), 1);
    assert_memory_equal(gateway_option(last(g), 22, 0, &length), all_zero, 18);
    /* refused that as well: nothing is left to change */
    gateway_reply(g, last(g), 155);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
    gateway_free(g);
}

/* C8-07, C8-05: 155 or 159 on the second path, while the first is up */
static void
test_prefix_refused_on_another_path(void **state)
{
    gateway *g = gateway_registered(NULL, 1);
    size_t length;

    (void)state;
    requirement("C8-05", "C8-07", "B5213-18");
    g->answering = false;
    gateway_link_up(g, GATEWAY_WLAN);
    assert_int_equal(gateway_reply(g, last(g), 159), FB_REASON_NONE);
    gateway_drain(g);
    /* it asked for the session's set already: nothing else to ask for; only its own path waits */
    assert_int_equal(gateway_option(last(g), 22, 0, &length)[1], 64);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_BLOCKED);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP);
    assert_paths(g, "1");
    assert_int_equal(gateway_event(g, 0, FB_EVENT_SESSION, 0)->to, 1);
    gateway_free(g);
}

/* RFC 7148 5.1.2: 177 goes on without delegation, 178 asks for another prefix */
static void
test_delegation_refused(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("C8-07", "B7148-01");
    g->session.delegated.count = 1;
    g->session.delegated.prefix[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 5}}, 56};
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    assert_int_equal(gateway_option(last(g), 55, 0, &length)[1], 56);
    gateway_reply(g, last(g), 178);
    gateway_drain(g);
    assert_int_equal(gateway_option(last(g), 55, 0, &length)[1], 0);
    gateway_reply(g, last(g), 177);
    gateway_run(g, 4 * FB_SECOND); /* the second repair waits as a retransmission does */
    assert_int_equal(g->sent_count, 3);
    assert_null(gateway_option(last(g), 55, 0, &length));
    assert_int_equal(gateway_reply(g, last(g), 0), FB_REASON_NONE);
    assert_paths(g, "1");
    gateway_free(g);
}

/* "any value greater than or equal to 128: MUST NOT advertise the prefix, MUST deny the mobility service" */
static void
test_refused_refresh(void **state)
{
    static const uint8_t status[] = {128, 129, 130, 133, 158, 160, 161, 162};

    (void)state;
    requirement("B5213-18", "C8-05", "D8-20", "C8-01");
    for (size_t i = 0; i < sizeof status; i++)
    {
        gateway *g = gateway_registered(NULL, 1);
        size_t since;

        g->answering = false;
        gateway_run_until(g, 2880 * FB_SECOND);
        since = g->event_count;
        assert_int_equal(gateway_reply(g, last(g), status[i]), FB_REASON_NONE);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
        assert_int_equal(gateway_event(g, since, FB_EVENT_PREFIX, 0)->to, 0);
        assert_int_equal(gateway_event(g, since, FB_EVENT_SESSION, 0)->to, 0);
        assert_paths(g, "");
        /* the capability of the anchor is what it was */
        assert_int_equal(gateway_events(g, since, FB_EVENT_MULTIPATH), 0);
        /* a minute, then two */
        gateway_run(g, 60 * FB_SECOND - 1);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
        gateway_run(g, 1);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_PENDING);
        gateway_reply(g, last(g), status[i]);
        gateway_run(g, 120 * FB_SECOND - 1);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
        g->answering = true;
        gateway_run(g, 1);
        assert_paths(g, "1");
        gateway_free(g);
    }
}

/* RFC 5213 5.5, RFC 6275 6.1.8: sequence numbers, one counter over all paths of a session */
static void
test_sequence_numbers(void **state)
{
    fb_config config;
    gateway *g;
    gateway_answer answer;
    size_t length;

    (void)state;
    requirement("D8-16", "B5213-04", "B5213-18");
    gateway_config(&config);
    config.mag.sequence_numbers = true;
    g = asking(&config);
    assert_null(gateway_option(last(g), 27, 0, &length));
    answer = gateway_answer_begin(last(g), 135, 0);
    answer.octets[8] = 0x7f; /* the last one it accepted */
    answer.octets[9] = 0xff;
    gateway_answer_echo(&answer, last(g), 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    gateway_drain(g);
    /* greater, and not that of an update that may have been on its way when the gateway restarted */
    assert_int_equal(gateway_sequence(last(g)), 0x8040);
    gateway_reply(g, last(g), 0);
    gateway_link_up(g, GATEWAY_WLAN);
    assert_int_equal(gateway_sequence(last(g)), 0x8041);
    gateway_free(g);
    /* with timestamps 135 means nothing that could be acted on */
    g = asking(NULL);
    assert_int_equal(gateway_reply(g, last(g), 135), FB_REASON_NONE);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
    gateway_free(g);
}

/**
 * RFC 6275 9.5.1: numbers ascend "modulo 2**16". A 135 that is late, or of another path's update, has a number from
 * before the last one sent: that one is not used twice, or the answer to the first is taken for one to the second.
 */
static void
test_number_is_never_set_back(void **state)
{
    /* how far the anchor's number is behind the last one sent, and the number after that one */
    static const uint16_t behind[] = {1, 2, 0x7fff, 0x8000, 0xffff};
    static const uint16_t step[] = {1, 1, 1, 0x8041, 66};

    (void)state;
    requirement("D8-16", "B5213-18");
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++)
    {
        fb_config config;
        gateway *g;
        gateway_answer answer;
        uint16_t sent, told;

        gateway_config(&config);
        config.mag.sequence_numbers = true;
        g = asking(&config);
        sent = gateway_sequence(last(g));
        told = (uint16_t)(sent - behind[i]);
        answer = gateway_answer_begin(last(g), 135, 0);
        answer.octets[8] = (uint8_t)(told >> 8);
        answer.octets[9] = (uint8_t)told;
        gateway_answer_echo(&answer, last(g), 0);
        assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
        gateway_drain(g);
        assert_int_equal(gateway_sequence(last(g)), (uint16_t)(sent + step[i]));
        gateway_free(g);
    }
}

/* RFC 6275 11.7.3: the lesser of asked and granted, from the sending; a lifetime of 0 is none */
static void
test_lifetimes(void **state)
{
    gateway *g = asking(NULL);
    fb_proxy_view view;

    (void)state;
    requirement("B6275-03", "B5213-16");
    gateway_run(g, FB_SECOND / 2);
    g->lifetime = 300;
    gateway_reply(g, last(g), 0);
    view = gateway_binding(g, 1);
    assert_int_equal(view.lifetime_s, 1200);
    assert_true(view.expires == 1200 * FB_SECOND);
    assert_int_equal(view.label, 11);
    assert_int_equal(view.technology, 8);
    assert_int_equal(view.ref.link, GATEWAY_LTE);
    assert_int_equal(view.ref.session, 1);
    /* nobody answers the refreshes at 960 s and after */
    gateway_run_until(g, 1200 * FB_SECOND - 1);
    assert_paths(g, "1");
    gateway_run(g, 1);
    assert_paths(g, "");
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PENDING); /* goes on asking */
    assert_int_equal(gateway_event(g, 0, FB_EVENT_SESSION, 0)->to, 0);
    g->lifetime = 0;
    gateway_run(g, 40 * FB_SECOND);
    gateway_reply(g, last(g), 0);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
    gateway_free(g);
}

/** Refuses an update; with 135 by another number than the update's, the last one that was accepted. */
static int
refuse(gateway *g, const gateway_message *message, uint8_t status)
{
    gateway_answer answer = gateway_answer_begin(message, status, 0);

    if (status == 135)
    {
        answer.octets[8] ^= 0x40; /* RFC 6275 6.1.8 */
    }
    gateway_answer_echo(&answer, message, 0);
    return gateway_answer_send(g, &answer);
}

/** Answers every update of the next @p seconds with @p status; how many there were. */
static size_t
refuse_always(gateway *g, uint8_t status, unsigned seconds)
{
    size_t before = g->sent_count, heard = before;

    for (unsigned i = 0; i < seconds * 10; i++)
    {
        for (; heard < g->sent_count; heard++)
        {
            (void)refuse(g, &g->sent[heard], status);
            gateway_drain(g);
        }
        gateway_run(g, FB_SECOND / 10);
    }
    return g->sent_count - before;
}

/* 6.9.1.2-8 "SHOULD try to register again", which is no help when the answer always is the same one */
static void
test_repairs_come_to_an_end(void **state)
{
    (void)state;
    requirement("B5213-18", "C8-07", "B5213-21");
    for (int numbers = 0; numbers < 2; numbers++)
    {
        uint8_t status = numbers ? 135 : 157;
        fb_config config;
        gateway *g;

        gateway_config(&config);
        config.mag.sequence_numbers = numbers;
        g = asking(&config);
        assert_int_equal(refuse(g, last(g), status), FB_REASON_NONE);
        assert_true(refuse_always(g, status, 160) <= 9);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_BLOCKED);
        /* then it waits as after any other refusal, and asks again */
        gateway_run(g, 60 * FB_SECOND);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
        assert_int_equal(gateway_reply(g, last(g), 0), FB_REASON_NONE);
        assert_paths(g, "1");
        gateway_free(g);
    }
}

/* Another path is not held up by one that is answered like that (C8-02) */
static void
test_repairs_hold_nobody_up(void **state)
{
    gateway *g = gateway_registered(NULL, 3);
    size_t sent;

    (void)state;
    requirement("C8-02", "B5213-21");
    g->answering = false;
    gateway_run_until(g, 2880 * FB_SECOND);
    gateway_run(g, 20 * FB_SECOND); /* all paths are silent, and their waits are long */
    sent = g->sent_count;
    gateway_reply(g, last(g), 157);
    gateway_drain(g);
    assert_int_equal(g->sent_count, sent + 1);
    gateway_run(g, 32 * FB_SECOND);
    for (uint32_t link = 1; link <= 3; link++)
    {
        size_t count = 0;

        for (size_t i = sent; i < g->sent_count; i++)
        {
            count += g->sent[i].meta.link == link;
        }
        assert_true(count >= 1);
    }
    gateway_free(g);
}

/* 6.9.1.4: a de-registration of all is not said for longer than a moment; of one path until the binding has ended */
static void
test_farewells_come_to_an_end(void **state)
{
    gateway *g = gateway_registered(NULL, 2);
    fb_session_view view;
    size_t sent;

    (void)state;
    requirement("B5213-20", "C8-03");
    g->answering = false;
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_drain(g);
    gateway_reply(g, last(g), 157);
    gateway_drain(g);
    gateway_reply(g, last(g), 157);
    gateway_drain(g);
    assert_false(fb_mag_session_view(&g->mag, 0, &view));
    gateway_free(g);

    g = gateway_registered(NULL, 2);
    sent = g->sent_count;
    g->answering = false;
    fb_mag_deregister(&g->mag, 2, g->now);
    gateway_drain(g);
    g->lifetime = 900;
    gateway_reply(g, last(g), 157);
    assert_true(refuse_always(g, 157, 300) <= 14);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DEREGISTERING);
    assert_true(g->sent_count > sent + 8);
    g->answering = true;
    gateway_run(g, 33 * FB_SECOND);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_DOWN);
    gateway_free(g);
}

/* 5.4, 6.9.1.2-5: two interfaces of a mobile node, with the same numbers: the options tell which is answered */
static void
test_two_sessions_of_a_node(void **state)
{
    gateway *g = gateway_new(NULL);
    fb_session_view view;
    size_t since;

    (void)state;
    requirement("B5213-17", "C8-04");
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    g->session.session = 2;
    g->session.link_layer[5] = 2;
    gateway_attach(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_sequence(&g->sent[0]), gateway_sequence(&g->sent[1]));
    since = g->event_count;
    /* in either order */
    assert_int_equal(gateway_reply(g, &g->sent[0], 0), FB_REASON_NONE);
    assert_int_equal(gateway_event(g, since, FB_EVENT_SESSION, 0)->ref.session, 1);
    assert_int_equal(gateway_reply(g, &g->sent[1], 0), FB_REASON_NONE);
    assert_int_equal(gateway_event(g, since, FB_EVENT_SESSION, 0)->ref.session, 2);
    for (size_t i = 0; i < 2; i++)
    {
        assert_true(fb_mag_session_view(&g->mag, i, &view));
        assert_int_equal(view.binding_count, 1);
    }
    gateway_free(g);
}

/* RFC 6275 6.1.8: with 135 the sequence number is not the update's; the BID still says which path's it is */
static void
test_sequence_of_another_path(void **state)
{
    fb_config config;
    gateway *g;
    gateway_answer answer;

    (void)state;
    requirement("D8-16", "D8-31");
    gateway_config(&config);
    config.mag.sequence_numbers = true;
    g = gateway_registered(&config, 3);
    g->answering = false;
    /* the de-registration of BID 1 leaves by the link of BID 2, as does that of BID 2 itself when no answer comes */
    gateway_link_down(g, GATEWAY_LTE);
    fb_mag_deregister(&g->mag, 2, g->now);
    gateway_run(g, FB_SECOND);
    assert_int_equal(gateway_bid(last(g), NULL), 2);
    assert_int_equal(last(g)->meta.link, GATEWAY_WLAN);
    answer = gateway_answer_begin(last(g), 135, 0);
    answer.octets[8] = 0x12;
    answer.octets[9] = 0x34;
    gateway_answer_echo(&answer, last(g), 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    gateway_run(g, FB_SECOND);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_DENIED, 0)->ref.bid, 2);
    gateway_free(g);
}

/*
 * RFC 6275 6.1.8: a 135 with the number of the update says that this one was accepted. It refuses a copy of it, or an
 * update that was overtaken, and is no answer
 */
static void
test_its_own_number_refused(void **state)
{
    fb_config config;
    gateway *g;
    gateway_answer answer;

    (void)state;
    requirement("D8-16", "B5213-18");
    gateway_config(&config);
    config.mag.sequence_numbers = true;
    g = asking(&config);
    answer = gateway_answer_begin(last(g), 135, 0);
    gateway_answer_echo(&answer, last(g), 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_NOT_EXPECTED);
    gateway_drain(g);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    assert_int_equal(gateway_reply(g, last(g), 0), FB_REASON_NONE);
    assert_paths(g, "1");
    gateway_free(g);
}

/* With 135 the number does not say which update is refused: the Handoff Indicator shows that it was another one */
static void
test_an_overtaken_one_refused(void **state)
{
    fb_config config;
    gateway *g;
    gateway_answer answer;

    (void)state;
    requirement("D8-16", "C8-06");
    gateway_config(&config);
    config.mag.sequence_numbers = true;
    g = asking(&config);
    answer = gateway_answer_begin(last(g), 135, 0);
    answer.octets[8] ^= 0x40;
    gateway_answer_echo(&answer, last(g), 23);
    gateway_answer_option(&answer, 23, (const uint8_t[]){0, 5}, 2, 4, 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_NOT_EXPECTED);
    gateway_drain(g);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    assert_int_equal(gateway_reply(g, last(g), 0), FB_REASON_NONE);
    assert_paths(g, "1");
    gateway_free(g);
}

/* Answers to what was sent before a restart are not taken for those to what is sent now: the numbers are others */
static void
test_numbers_begin_anywhere(void **state)
{
    uint16_t first[2];

    (void)state;
    requirement("D8-16");
    for (uint8_t i = 0; i < 2; i++)
    {
        gateway *g = gateway_new(NULL);
        uint8_t octets[32] = {i};

        fb_entropy_add(&g->entropy, octets);
        gateway_attach(g);
        gateway_link_up(g, GATEWAY_LTE);
        first[i] = gateway_sequence(last(g));
        gateway_free(g);
    }
    assert_int_not_equal(first[0], first[1]);
}

/** Answers the last update with another Handoff Indicator. */
static int
answer_altered(gateway *g)
{
    gateway_answer answer = gateway_answer_begin(last(g), 0, gateway_lifetime(last(g)));

    gateway_answer_echo(&answer, last(g), 23);
    gateway_answer_option(&answer, 23, (const uint8_t[]){0, 2}, 2, 4, 0);
    return gateway_answer_send(g, &answer);
}

/*
 * 6.9.1.2-6: what answers a refresh is ignored, so the binding goes on to its end, and "MUST NOT retransmit ... until
 * an administrative action"; what answers a de-registration ends that
 */
static void
test_altered_later(void **state)
{
    (void)state;
    requirement("B5213-17", "C8-06");
    for (int pardoned = 0; pardoned < 2; pardoned++)
    {
        gateway *g = gateway_registered(NULL, 1);
        size_t sent;

        g->answering = false;
        gateway_run_until(g, 2880 * FB_SECOND);
        assert_int_equal(answer_altered(g), FB_DROP_PBA_ALTERED);
        assert_paths(g, "1");
        sent = g->sent_count;
        gateway_run(g, 300 * FB_SECOND);
        assert_int_equal(g->sent_count, sent);
        g->answering = true;
        if (pardoned)
        {
            fb_mag_register(&g->mag, 1, g->now);
            gateway_run(g, FB_SECOND);
            assert_int_equal(g->sent_count, sent + 1);
            gateway_run_until(g, 3700 * FB_SECOND);
        }
        else
        {
            gateway_run_until(g, 7200 * FB_SECOND);
            assert_int_equal(g->sent_count, sent);
        }
        assert_paths(g, pardoned ? "1" : "");
        gateway_free(g);
    }
    {
        gateway *g = gateway_registered(NULL, 2);
        size_t sent;

        g->answering = false;
        fb_mag_deregister(&g->mag, 2, g->now);
        gateway_drain(g);
        sent = g->sent_count;
        assert_int_equal(answer_altered(g), FB_DROP_PBA_ALTERED);
        gateway_run(g, 100 * FB_SECOND);
        assert_int_equal(g->sent_count, sent);
        assert_int_equal(gateway_state(g, 2), FB_BINDING_DOWN);
        gateway_free(g);
    }
}

/* 8.2: the P flag; 6.9.1.2-15: the link-local address of the anchor's choice */
static void
test_flag_and_link_local_address(void **state)
{
    static const uint8_t link_local[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9};
    gateway *g = asking(NULL);
    gateway_answer answer = gateway_answer_begin(last(g), 0, 900);
    fb_session_view view;

    (void)state;
    requirement("B5213-16", "B5213-19");
    answer.octets[7] = 0;
    gateway_answer_echo(&answer, last(g), 0);
    assert_int_equal(gateway_answer_send(g, &answer), FB_DROP_MH_NOT_PROXY);
    assert_paths(g, "");
    answer = gateway_answer_begin(last(g), 0, 900);
    gateway_answer_echo(&answer, last(g), 0);
    gateway_answer_option(&answer, 26, link_local, 16, 8, 6);
    assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
    assert_true(fb_mag_session_view(&g->mag, 0, &view));
    assert_memory_equal(view.link_local, link_local, 16);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_unmatched),
                                       cmocka_unit_test(test_association),
                                       cmocka_unit_test(test_altered),
                                       cmocka_unit_test(test_multipath_echo),
                                       cmocka_unit_test(test_service_denied),
                                       cmocka_unit_test(test_timestamp_lower),
                                       cmocka_unit_test(test_timestamp_mismatch),
                                       cmocka_unit_test(test_prefix_refused),
                                       cmocka_unit_test(test_prefix_refused_on_another_path),
                                       cmocka_unit_test(test_delegation_refused),
                                       cmocka_unit_test(test_refused_refresh),
                                       cmocka_unit_test(test_sequence_numbers),
                                       cmocka_unit_test(test_number_is_never_set_back),
                                       cmocka_unit_test(test_lifetimes),
                                       cmocka_unit_test(test_repairs_come_to_an_end),
                                       cmocka_unit_test(test_repairs_hold_nobody_up),
                                       cmocka_unit_test(test_farewells_come_to_an_end),
                                       cmocka_unit_test(test_two_sessions_of_a_node),
                                       cmocka_unit_test(test_sequence_of_another_path),
                                       cmocka_unit_test(test_its_own_number_refused),
                                       cmocka_unit_test(test_an_overtaken_one_refused),
                                       cmocka_unit_test(test_numbers_begin_anywhere),
                                       cmocka_unit_test(test_altered_later),
                                       cmocka_unit_test(test_flag_and_link_local_address)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
