/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 8278 3 and 4.4 with both ends: what one says the other understands, over wires that delay, lose and reorder.
 */

#include "cmocka_setup.h"
#include "proxy_world.h"
#include "requirement.h"

#include <string.h>

#define assert_bids(w, role, number, expected)                                       \
    do                                                                               \
    {                                                                                \
        char bids_text[16];                                                          \
        assert_string_equal(proxy_world_bids(w, role, number, bids_text), expected); \
    }                                                                                \
    while (0)

#define assert_both(w, number, expected)               \
    do                                                 \
    {                                                  \
        assert_bids(w, FB_ROLE_MAG, number, expected); \
        assert_bids(w, FB_ROLE_LMA, number, expected); \
    }                                                  \
    while (0)

static fb_rule
rule_for(const char *bids, uint16_t port)
{
    fb_rule rule = {.action = FB_RULE_FORWARD, .bid_count = (uint8_t)strlen(bids)};

    for (size_t i = 0; i < rule.bid_count; i++)
    {
        rule.bid[i] = (uint8_t)(bids[i] - '0');
    }
    rule.selector.format = FB_SELECTOR_IPV6;
    rule.selector.u.v6.present = FB_SELECTOR6_SOURCE_PORT_START | FB_SELECTOR6_NEXT_HEADER_START;
    rule.selector.u.v6.source_port_start = port;
    rule.selector.u.v6.next_header_start = 17;
    return rule;
}

static proxy_world *
world_with(const fb_config *gateway, const fb_config *anchor, uint32_t links, uint64_t seed)
{
    proxy_world *w = proxy_world_new(gateway, anchor, seed);

    for (uint32_t link = 1; link <= links; link++)
    {
        proxy_world_link_up(w, link);
    }
    proxy_world_attach(w, 1);
    return w;
}

/* Figure 2, and packets both ways over every path: IPv6 and IPv4 transport */
static void
test_registered(void **state)
{
    proxy_world *w = world_with(NULL, NULL, 4, 1);
    fb_rule rules[4] = {rule_for("1", 1001),
                        rule_for("2", 1002),
                        rule_for("3", 1003),
                        rule_for("4", 1004)};
    fb_prefix here, there;

    (void)state;
    requirement("R8278-1-01", "R8278-3.1-06", "R8278-3.1-07", "R8278-3.2-03", "D8-29", "D8-24");
    proxy_world_run(w, 5 * FB_SECOND);
    assert_both(w, 1, "1234");
    here = proxy_world_home(w, FB_ROLE_MAG, 1);
    there = proxy_world_home(w, FB_ROLE_LMA, 1);
    assert_int_equal(here.length, 64);
    assert_memory_equal(&here, &there, sizeof here);
    proxy_world_policy(w, rules, 4);
    proxy_world_run(w, 2 * FB_SECOND);
    assert_int_equal(proxy_world_flows(w, FB_ROLE_MAG, 1), 4);
    assert_int_equal(proxy_world_flows(w, FB_ROLE_LMA, 1), 4);
    for (uint16_t bid = 1; bid <= 4; bid++)
    {
        assert_int_equal(proxy_world_uplink(w, 1, (uint16_t)(1000 + bid)), bid);
        assert_int_equal(proxy_world_downlink(w, 1, (uint16_t)(1000 + bid)), bid);
    }
    /* for hours: refreshes, heartbeats and flows go on */
    proxy_world_run(w, 20000 * FB_SECOND);
    assert_both(w, 1, "1234");
    assert_int_equal(proxy_world_flows(w, FB_ROLE_LMA, 1), 4);
    proxy_world_free(w);
}

/* D8-12, C8-03: each path is given up over another one, whatever carries the two: IPv6, or IPv4, which the option for
 * the address has no room for */
static void
test_given_up_over_another_path(void **state)
{
    static const uint32_t links[] = {PROXY_IPV4, 1, 2};

    (void)state;
    requirement("D8-12", "C8-03", "D8-29");
    for (size_t i = 0; i < 3; i++)
    {
        proxy_world *w = world_with(NULL, NULL, 4, 1);
        char left[] = "1234", *gone = strchr(left, (int)('0' + links[i]));

        memmove(gone, gone + 1, strlen(gone));
        proxy_world_run(w, 5 * FB_SECOND);
        assert_both(w, 1, "1234");
        proxy_world_link_down(w, links[i]);
        proxy_world_run(w, 2 * FB_SECOND);
        assert_both(w, 1, left);
        proxy_world_free(w);
    }
}

/* B5847-02, C8-03: a path dies without a word; flows go where the policy says next, and come back */
static void
test_path_dies(void **state)
{
    proxy_world *w = world_with(NULL, NULL, 2, 2);
    fb_rule rule = rule_for("12", 1001);

    (void)state;
    requirement("B5847-02", "C8-03", "D8-12", "D8-24", "C8-01");
    proxy_world_policy(w, &rule, 1);
    proxy_world_run(w, 10 * FB_SECOND);
    assert_int_equal(proxy_world_downlink(w, 1, 1001), 1);
    w->connected[PROXY_LTE] = false;
    proxy_world_run(w, 200 * FB_SECOND);
    assert_both(w, 1, "2");
    assert_int_equal(proxy_world_downlink(w, 1, 1001), 2);
    assert_int_equal(proxy_world_uplink(w, 1, 1001), 2);
    w->connected[PROXY_LTE] = true;
    proxy_world_run(w, 60 * FB_SECOND);
    assert_both(w, 1, "12");
    assert_int_equal(proxy_world_downlink(w, 1, 1001), 1);
    /* a link that goes, and comes */
    proxy_world_link_down(w, PROXY_LTE);
    proxy_world_run(w, FB_SECOND);
    assert_both(w, 1, "2");
    proxy_world_link_up(w, PROXY_LTE);
    proxy_world_run(w, FB_SECOND);
    assert_both(w, 1, "12");
    proxy_world_free(w);
}

/* RFC 8278 4.4: an anchor that does not know it, and one where it is not enabled */
static void
test_other_anchors(void **state)
{
    (void)state;
    requirement("R8278-4.4-07", "R8278-4.4-10", "D8-19", "D8-18");
    for (int i = 0; i < 2; i++)
    {
        fb_config gateway, anchor;
        proxy_world *w;

        proxy_world_config(&gateway, &anchor);
        anchor.lma.legacy = i == 0;
        anchor.lma.multipath = i == 0;
        w = world_with(&gateway, &anchor, 2, 3);
        proxy_world_run(w, 10 * FB_SECOND);
        assert_both(w, 1, "0");
        assert_true(proxy_world_uplink(w, 1, 1001) >= 0);
        assert_true(proxy_world_downlink(w, 1, 1001) >= 0);
        proxy_world_link_down(w, PROXY_LTE);
        proxy_world_run(w, 10 * FB_SECOND);
        assert_both(w, 1, "0");
        assert_true(proxy_world_downlink(w, 1, 1001) >= 0);
        proxy_world_free(w);
    }
}

/* RFC 5847 3.4: the anchor loses everything, and has it again after the next heartbeat */
static void
test_anchor_restarts(void **state)
{
    proxy_world *w = world_with(NULL, NULL, 3, 4);
    fb_rule rule = rule_for("2", 1001);

    (void)state;
    requirement("B5847-01", "C8-10");
    proxy_world_policy(w, &rule, 1);
    proxy_world_run(w, 100 * FB_SECOND);
    assert_both(w, 1, "123");
    proxy_world_restart_anchor(w);
    assert_bids(w, FB_ROLE_LMA, 1, "");
    proxy_world_run(w, 40 * FB_SECOND);
    assert_both(w, 1, "123");
    assert_int_equal(proxy_world_flows(w, FB_ROLE_LMA, 1), 1);
    assert_int_equal(proxy_world_downlink(w, 1, 1001), 2);
    proxy_world_free(w);
}

/* Whatever is lost and overtaken, in the end both ends have the same */
static void
test_bad_wires(void **state)
{
    (void)state;
    requirement("D8-16", "C8-02", "B5213-21", "C8-09");
    for (uint64_t seed = 1; seed <= 30; seed++)
    {
        fb_config gateway, anchor;
        fb_rule rule = rule_for("21", 1001);
        proxy_world *w;

        proxy_world_config(&gateway, &anchor);
        gateway.mag.lifetime_s = 240;
        gateway.mag.heartbeat_s = seed % 2 == 0 ? 30 : 0;
        gateway.mag.concurrent = seed % 3 == 0;
        gateway.mag.bulk_refresh = seed % 4 != 0;
        w = world_with(&gateway, &anchor, 4, seed);
        for (uint32_t link = 1; link <= PROXY_LINKS; link++)
        {
            w->loss_permille[link] = 200;
            w->jitter[link] = 1500 * FB_MILLISECOND;
        }
        proxy_world_attach(w, 2);
        proxy_world_policy(w, &rule, 1);
        for (unsigned i = 0; i < 10; i++)
        {
            uint32_t link = 1 + (uint32_t)((seed + i) % PROXY_LINKS);

            proxy_world_run(w, 100 * FB_SECOND);
            proxy_world_link_down(w, link);
            proxy_world_run(w, (seed * 7 + i) % 40 * FB_SECOND);
            proxy_world_link_up(w, link);
        }
        memset(w->loss_permille, 0, sizeof w->loss_permille);
        memset(w->jitter, 0, sizeof w->jitter);
        proxy_world_run(w, 600 * FB_SECOND);
        for (uint32_t number = 1; number <= 2; number++)
        {
            assert_both(w, number, "1234");
            assert_int_equal(proxy_world_flows(w, FB_ROLE_LMA, number), 2);
            assert_int_equal(proxy_world_downlink(w, number, 1001), 2);
            assert_int_equal(proxy_world_uplink(w, number, 1001), 2);
        }
        /* and they leave */
        proxy_world_detach(w, 1);
        proxy_world_run(w, 20 * FB_SECOND);
        assert_both(w, 1, "");
        assert_both(w, 2, "1234");
        proxy_world_free(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_registered),
                                       cmocka_unit_test(test_given_up_over_another_path),
                                       cmocka_unit_test(test_path_dies),
                                       cmocka_unit_test(test_other_anchors),
                                       cmocka_unit_test(test_anchor_restarts),
                                       cmocka_unit_test(test_bad_wires)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
