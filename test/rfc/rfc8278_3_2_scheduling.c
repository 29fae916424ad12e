/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 8278 3.2: "the mobile access gateway and the local mobility anchor ... use any of the available tunnels": by flow
 * or by packet, by a policy that is static or negotiated.
 */
#include "agent_internal.h"
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"
#include "steer/scheduler.h"

#define UDP 17
#define TCP 6
#define HTTP 80

/** 1 + the number of a scheduler, as rules name it. */
static uint8_t
scheduler_number(const char *name)
{
    for (uint8_t i = 0; fb_scheduler_at(i) != NULL; i++)
    {
        if (strcmp(fb_scheduler_at(i)->name, name) == 0)
        {
            return (uint8_t)(i + 1);
        }
    }
    fail_msg("no scheduler %s", name);
    return 0;
}

static proxy_pair *
start_with(const char *scheduler, const char *links)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    setup.gateway.scheduler = scheduler;
    setup.anchor.scheduler = scheduler;
    return proxy_registered(&setup, links);
}

/** The BID of the one path it takes. */
static unsigned
bid_of(proxy_pair *w, bool up, uint8_t protocol, uint16_t port)
{
    data_packet packet = up ? proxy_up(w, protocol, port) : proxy_down(w, protocol, port);
    proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.action[0].kind, FB_SEND);
    return sent.action[0].path.bid;
}

/** @p count packets of one flow: how many go over each BID. */
static void
count_packets(proxy_pair *w, bool up, uint16_t port, unsigned count, unsigned packets[5])
{
    memset(packets, 0, 5 * sizeof packets[0]);
    for (unsigned i = 0; i < count; i++)
    {
        packets[bid_of(w, up, UDP, port)]++;
    }
}

/* "may choose to use any one or more of the available tunnels paths to forward the mobile node's IP traffic": flows
 * take all tunnels, and which scheme decides is configuration */
static void
test_any_of_the_tunnels(void **state)
{
    static const char *const schedulers[] = {"flow-hash", "round-robin", "weighted"};

    (void)state;
    requirement("R8278-3.2-01");
    for (size_t i = 0; i < 3; i++)
    {
        proxy_pair *w = start_with(schedulers[i], "123");
        unsigned up[5] = {0}, down[5] = {0};

        for (uint16_t port = 1; port <= 300; port++)
        {
            up[bid_of(w, true, UDP, port)]++;
            down[bid_of(w, false, UDP, port)]++;
        }
        for (unsigned bid = 1; bid <= 3; bid++)
        {
            assert_in_range(up[bid], 60, 140);
            assert_in_range(down[bid], 60, 140);
        }
        proxy_end(w);
    }
}

/* "Per-Flow ... the flow is bound to a specific tunnel": no packet of it goes elsewhere, and both ends choose alike */
static void
test_a_flow_stays_on_its_tunnel(void **state)
{
    proxy_pair *w = start_with(NULL, "123");

    (void)state;
    requirement("R8278-3.2-02");
    for (uint16_t port = 1; port <= 100; port++)
    {
        unsigned bid = bid_of(w, true, TCP, port);

        for (unsigned i = 0; i < 10; i++)
        {
            assert_int_equal(bid_of(w, true, TCP, port), bid);
            assert_int_equal(bid_of(w, false, TCP, port), bid);
        }
    }
    proxy_end(w);
}

/* ... "the flow may be moved": as a whole, when its tunnel goes or the policy changes; the others stay */
static void
test_a_flow_is_moved_as_a_whole(void **state)
{
    proxy_pair *w = start_with(NULL, "123");
    fb_rule rule = proxy_rule(FB_RULE_FORWARD, "3", TCP, 50);
    unsigned before[101];

    (void)state;
    requirement("R8278-3.2-02");
    for (uint16_t port = 1; port <= 100; port++)
    {
        before[port] = bid_of(w, false, TCP, port);
    }
    proxy_static_policy(w, &rule, 1);
    assert_int_equal(bid_of(w, false, TCP, 50), 3);
    assert_int_equal(bid_of(w, true, TCP, 50), 3);
    proxy_static_policy(w, NULL, 0);
    proxy_link_down(w, PROXY_WLAN);
    proxy_run(w, FB_SECOND);
    for (uint16_t port = 1; port <= 100; port++)
    {
        unsigned bid = bid_of(w, false, TCP, port);

        assert_int_equal(bid_of(w, true, TCP, port), bid);
        if (before[port] == 2)
        {
            assert_true(bid == 1 || bid == 3);
        }
        else
        {
            assert_int_equal(bid, before[port]);
        }
    }
    proxy_end(w);
}

/* "static ... configured on both" */
static void
test_a_static_policy(void **state)
{
    proxy_pair *w = start_with(NULL, "12");
    fb_rule rules[] = {proxy_rule(FB_RULE_FORWARD, "21", TCP, HTTP),
                       proxy_rule(FB_RULE_DROP, "1", UDP, 9)};

    (void)state;
    requirement("R8278-3.2-03");
    proxy_static_policy(w, rules, 2);
    assert_int_equal(bid_of(w, true, TCP, HTTP), 2);
    assert_int_equal(bid_of(w, false, TCP, HTTP), 2);
    assert_takes(w, w->gateway, proxy_up(w, UDP, 9), "-");
    assert_takes(w, w->anchor, proxy_down(w, UDP, 9), "-");
    assert_true(fb_agent_counter(w->anchor, FB_DROP_POLICY) == 1);
    proxy_end(w);
}

/* ... or "negotiated between them": RFC 6089 options with RFC 6088 selectors, which come before what is static */
static void
test_a_negotiated_policy(void **state)
{
    proxy_pair *w = start_with(NULL, "12");
    fb_rule fixed = proxy_rule(FB_RULE_FORWARD, "2", TCP, HTTP);
    fb_rule wanted = proxy_rule(FB_RULE_FORWARD, "1", TCP, HTTP);

    (void)state;
    requirement("R8278-3.2-03");
    proxy_static_policy(w, &fixed, 1);
    assert_int_equal(bid_of(w, false, TCP, HTTP), 2);
    proxy_policy(w, &wanted, 1);
    proxy_run(w, FB_SECOND);
    assert_int_equal(bid_of(w, false, TCP, HTTP), 1);
    assert_int_equal(bid_of(w, true, TCP, HTTP), 1);
    assert_int_equal(proxy_session(w, FB_ROLE_LMA).flow_count, 1);
    proxy_policy(w, NULL, 0);
    proxy_run(w, FB_SECOND);
    assert_int_equal(proxy_session(w, FB_ROLE_LMA).flow_count, 0);
    assert_int_equal(bid_of(w, false, TCP, HTTP), 2);
    assert_int_equal(bid_of(w, true, TCP, HTTP), 2);
    proxy_end(w);
}

/* "Per-Packet ... packets of a flow ... equally": on alike paths every path has its share, both ways */
static void
test_packets_in_equal_shares(void **state)
{
    proxy_pair *w = start_with("round-robin", "12");
    unsigned packets[5];

    (void)state;
    requirement("R8278-3.2-04");
    for (unsigned up = 0; up < 2; up++)
    {
        count_packets(w, up, 7000, 1000, packets);
        assert_int_equal(packets[1], 500);
        assert_int_equal(packets[2], 500);
    }
    proxy_end(w);
}

/* "... n packets to one and m packets to the other": a rule spreads one flow over two of three paths, 3:1 */
static void
test_packets_in_weighted_shares(void **state)
{
    proxy_setup setup;
    proxy_pair *w;
    fb_rule rule;
    unsigned packets[5];

    (void)state;
    requirement("R8278-3.2-04");
    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    w->link[PROXY_LTE].weight = 3;
    w->link[PROXY_WLAN].weight = 1;
    for (uint32_t link = 1; link <= 3; link++)
    {
        proxy_link_up(w, link);
    }
    proxy_attach(w);
    proxy_run(w, FB_SECOND);
    rule = proxy_rule(FB_RULE_SPREAD, "12", UDP, 7000);
    rule.scheduler = scheduler_number("weighted");
    proxy_static_policy(w, &rule, 1);
    count_packets(w, true, 7000, 4000, packets);
    assert_in_range(packets[1], 4000 * 74 / 100, 4000 * 76 / 100);
    assert_in_range(packets[2], 4000 * 24 / 100, 4000 * 26 / 100);
    assert_int_equal(packets[3], 0);
    for (unsigned i = 0; i < 8; i++)
    {
        assert_int_equal(bid_of(w, true, UDP, 7000), i % 4 == 3 ? 2 : 1);
    }
    proxy_end(w);
}

/* What the gateway measures weighs at both ends: it tells the anchor the downlink's rates (RFC 5094). */
static void
test_shares_by_measured_rates(void **state)
{
    static const uint32_t up[] = {0, 10000, 30000}, down[] = {0, 40000, 10000};
    proxy_setup setup;
    proxy_pair *w;
    fb_rule rule;
    unsigned packets[5];

    (void)state;
    requirement("R8278-3.2-04", "R8278-1-05");
    proxy_setup_default(&setup);
    setup.gateway.mag.vendor = setup.anchor.lma.vendor = 32473;
    w = proxy_start(&setup);
    for (uint32_t link = 1; link <= 2; link++)
    {
        fb_fact fact = {
            .kind = FB_FACT_QUALITY,
            .u.quality = {.link = link, .rate_up_kbps = up[link], .rate_down_kbps = down[link]}};

        proxy_link_up(w, link);
        proxy_fact(w, w->gateway, &fact);
    }
    proxy_attach(w);
    proxy_run(w, FB_SECOND);
    rule = proxy_rule(FB_RULE_SPREAD, "12", UDP, 7000);
    rule.scheduler = scheduler_number("weighted");
    proxy_static_policy(w, &rule, 1);
    count_packets(w, true, 7000, 4000, packets);
    assert_int_equal(packets[1], 1000);
    assert_int_equal(packets[2], 3000);
    count_packets(w, false, 7000, 4000, packets);
    assert_int_equal(packets[1], 3200);
    assert_int_equal(packets[2], 800);
    proxy_end(w);
}

/* ... and what changes in mid-lifetime too, with an update for each session. */
static void
test_rates_that_change(void **state)
{
    fb_fact fact = {.kind = FB_FACT_QUALITY, .u.quality = {.link = 1, .rate_down_kbps = 40000}};
    proxy_setup setup;
    proxy_pair *w;
    size_t since;

    (void)state;
    requirement("R8278-3.2-04");
    proxy_setup_default(&setup);
    setup.gateway.mag.vendor = setup.anchor.lma.vendor = 32473;
    w = proxy_registered(&setup, "12");
    proxy_fact(w, w->gateway, &fact);
    proxy_run(w, 10 * FB_SECOND); /* the round-trip time was told when it became known */
    assert_int_equal(fb_lma_metrics(&w->anchor->lma, 0, 1)->rate_down_kbps, 40000);
    fact.u.quality.rate_down_kbps = 35000; /* nothing to speak of */
    since = w->messages;
    proxy_fact(w, w->gateway, &fact);
    proxy_run(w, 20 * FB_SECOND);
    assert_int_equal(w->messages, since);
    fact.u.quality.rate_down_kbps = 10000;
    proxy_fact(w, w->gateway, &fact);
    proxy_run(w, FB_SECOND);
    assert_int_equal(w->messages, since + 2);
    assert_int_equal(fb_lma_metrics(&w->anchor->lma, 0, 1)->rate_down_kbps, 10000);
    proxy_end(w);
}

/* Two sessions by one rule: neither moves the other's turn. */
static void
test_shares_of_two_sessions(void **state)
{
    proxy_setup setup;
    proxy_pair *w;
    fb_rule rule;
    data_packet other;
    fb_session_view view;

    (void)state;
    requirement("R8278-3.2-04");
    proxy_setup_default(&setup);
    setup.anchor.lma.any_subscriber = true;
    w = proxy_registered(&setup, "12");
    other = proxy_up(w, UDP, 7000);
    w->session.session = 22;
    w->session.identity.text[2] = '2';
    w->session.link_layer[5] = 2;
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    assert_true(fb_agent_session(w->gateway, FB_ROLE_MAG, 1, &view));
    assert_int_equal(view.binding_count, 2);
    rule = proxy_rule(FB_RULE_SPREAD, "12", UDP, 7000);
    rule.scheduler = scheduler_number("round-robin");
    proxy_static_policy(w, &rule, 1);
    for (unsigned i = 0; i < 10; i++)
    {
        data_packet second = other;

        memcpy(second.octets + 8, view.home.prefix[0].address.octet, 8);
        assert_takes(w, w->gateway, other, i % 2 == 0 ? "1" : "2");
        assert_takes(w, w->gateway, second, i % 2 == 0 ? "1" : "2");
    }
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_of_the_tunnels),
        cmocka_unit_test(test_a_flow_stays_on_its_tunnel),
        cmocka_unit_test(test_a_flow_is_moved_as_a_whole),
        cmocka_unit_test(test_a_static_policy),
        cmocka_unit_test(test_a_negotiated_policy),
        cmocka_unit_test(test_packets_in_equal_shares),
        cmocka_unit_test(test_packets_in_weighted_shares),
        cmocka_unit_test(test_shares_by_measured_rates),
        cmocka_unit_test(test_rates_that_change),
        cmocka_unit_test(test_shares_of_two_sessions),
    };

    return cmocka_run_group_tests_name("rfc8278/3.2-scheduling", tests, NULL, NULL);
}
