/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 6.9.4 and RFC 6275 11.8: when a gateway sends an update again, and how many it sends in a second.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#define UPDATE 5

/* "exponential back-off ... until ... MAX_BINDACK_TIMEOUT. MAY continue ... indefinitely", "the latest timestamp" */
static void
test_back_off(void **state)
{
    static const unsigned at_s[] = {0, 1, 3, 7, 15, 31, 63, 95, 127};
    gateway *g = gateway_new(NULL);

    (void)state;
    requirement("B5213-21");
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    gateway_run(g, 130 * FB_SECOND);
    assert_int_equal(g->sent_count, sizeof at_s / sizeof at_s[0]);
    for (size_t i = 0; i < g->sent_count; i++)
    {
        const gateway_message *m = &g->sent[i];

        assert_true(m->at == at_s[i] * FB_SECOND);
        assert_int_equal(gateway_sequence(m), i + 1);
        assert_true(gateway_timestamp(m) == (UINT64_C(1767225600) + at_s[i]) << 16);
        assert_int_equal(gateway_handoff(m), 1);
    }
    gateway_free(g);
}

/* "MUST NOT send messages of a particular type ... more than MAX_UPDATE_RATE [3] times within a second" */
static void
test_rate(void **state)
{
    gateway *g = gateway_new(NULL);

    (void)state;
    requirement("B5213-21");
    g->answering = true;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_WLAN);
    for (uint32_t i = 1; i <= 10; i++)
    {
        gateway_attach_another(g, i);
    }
    gateway_run(g, 20 * FB_SECOND);
    assert_int_equal(g->sent_count, 20);
    for (size_t i = 3; i < g->sent_count; i++)
    {
        assert_true(g->sent[i].at - g->sent[i - 3].at >= FB_SECOND);
    }
    assert_true(g->sent[19].at <= 7 * FB_SECOND); /* and none is kept longer than that asks for */
    gateway_free(g);
}

/* C8-02: a dead path does not hold up the others for longer than one T_retx */
static void
test_slot(void **state)
{
    gateway *g = gateway_registered(NULL, 3);
    size_t before;

    (void)state;
    requirement("C8-02", "D8-16");
    g->deaf[GATEWAY_LTE] = true;
    gateway_run_until(g, 2880 * FB_SECOND);
    before = gateway_sent_count(g, UPDATE);
    /* one outstanding */
    assert_int_equal(gateway_last(g, UPDATE)->meta.link, GATEWAY_LTE);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_UP_PENDING);
    gateway_run(g, FB_SECOND - 1);
    assert_int_equal(gateway_sent_count(g, UPDATE), before);
    /* its retransmission lets the others go */
    gateway_run(g, 3 * FB_SECOND);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_UP);
    assert_int_equal(gateway_state(g, 3), FB_BINDING_UP);
    gateway_free(g);
}

/* 6.9.4-2: "MUST ensure the mobile node is still attached", and the link there */
static void
test_nothing_for_nobody(void **state)
{
    gateway *g = gateway_new(NULL);

    (void)state;
    requirement("B5213-21", "C8-01");
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    gateway_link_down(g, GATEWAY_LTE);
    gateway_run(g, 100 * FB_SECOND);
    assert_int_equal(g->sent_count, 1);
    assert_int_equal(gateway_state(g, 1), FB_BINDING_DOWN);
    assert_true(fb_mag_next_timeout(&g->mag) == FB_TIME_NEVER);
    gateway_free(g);
}

/* Sessions that are not answered have their turn, and no more: one that comes does not wait behind all they repeat */
static void
test_nobody_starves(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t before;
    bool sent = false;

    (void)state;
    requirement("B5213-21", "C8-02");
    gateway_link_up(g, GATEWAY_LTE);
    for (uint32_t i = 2; i <= 16; i++)
    {
        gateway_attach_another(g, i);
    }
    gateway_run(g, 10 * FB_SECOND);
    gateway_attach(g);
    before = g->sent_count;
    gateway_run(g, 6 * FB_SECOND); /* fifteen are before it, three in a second */
    for (size_t i = before; i < g->sent_count; i++)
    {
        sent |= g->sent[i].octets[15] == 'm';
    }
    assert_true(sent || g->sent[before - 1].octets[15] == 'm');
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_back_off),
                                       cmocka_unit_test(test_rate),
                                       cmocka_unit_test(test_slot),
                                       cmocka_unit_test(test_nothing_for_nobody),
                                       cmocka_unit_test(test_nobody_starves)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
