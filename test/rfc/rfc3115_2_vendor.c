/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3115 2.2, 2.3: the Normal Vendor/Organization Specific Extension, and the path metrics in it, from the mobile
 * node to the home agent's scheduler.
 */

#include "agent_internal.h"
#include "cmocka_setup.h"
#include "requirement.h"
#include "role/home_agent.h"
#include "wire/rfc3115.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

/* Type 134, Length 24, Reserved, Vendor/Org-ID 32473, Vendor-NVSE-Type 1, four numbers of 32 bits */
static const uint8_t four[] = {134,  24, 0, 0, 0,    0, 0x7e, 0xd9, 0,    1, 0, 0,    0x4e,
                               0x20, 0,  0, 3, 0xe8, 0, 0,    0x27, 0x10, 0, 0, 0xc3, 0x50};
/* ... and two more */
static const uint8_t six[] = {134,  32,   0, 0, 0,    0,    0x7e, 0xd9, 0,    1,    0, 0,
                              0x4e, 0x20, 0, 0, 3,    0xe8, 0,    0,    0x27, 0x10, 0, 0,
                              0xc3, 0x50, 0, 0, 0x1f, 0x40, 0,    0,    0x0f, 0xa0};

static const fb_path_metrics metrics = {20000, 1000, 10000, 50000, 0, 0};

static void
test_octets(void **state)
{
    fb_path_metrics with_delays = metrics, found;
    uint8_t octets[64];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    (void)state;
    requirement("B3115-01");
    fb_vendor_metrics_write(&writer, FB_VENDOR_EXAMPLE, &metrics);
    assert_int_equal(writer.position, sizeof four);
    assert_memory_equal(octets, four, sizeof four);
    assert_true(fb_vendor_metrics_decode(&found, FB_VENDOR_EXAMPLE, four + 2, 24));
    assert_memory_equal(&found, &metrics, sizeof metrics);
    with_delays.delay_up_us = 8000;
    with_delays.delay_down_us = 4000;
    writer = fb_writer_over(octets, sizeof octets);
    fb_vendor_metrics_write(&writer, FB_VENDOR_EXAMPLE, &with_delays);
    assert_int_equal(writer.position, sizeof six);
    assert_memory_equal(octets, six, sizeof six);
    assert_true(fb_vendor_metrics_decode(&found, FB_VENDOR_EXAMPLE, six + 2, 32));
    assert_memory_equal(&found, &with_delays, sizeof metrics);
}

/* 2.3: "contains an unknown/unsupported vendor ID or Vendor-NVSE-Type, the entire extension is skipped" */
static void
test_what_is_skipped(void **state)
{
    fb_path_metrics found;

    (void)state;
    requirement("B3115-02");
    assert_false(fb_vendor_metrics_decode(&found, FB_VENDOR_EXAMPLE + 1, four + 2, 24));
    for (size_t length = 0; length <= 40; length++)
    {
        uint8_t *body = malloc(length + 1); /* so that reading behind it is seen */

        memset(body, 0, length + 1);
        memcpy(body, six + 2, length < 32 ? length : 32);
        assert_int_equal(fb_vendor_metrics_decode(&found, FB_VENDOR_EXAMPLE, body, length),
                         length == 24 || length == 32);
        free(body);
    }
    for (size_t bit = 0; bit < 8 * 24; bit++)
    {
        uint8_t body[24];
        bool of_name = bit >= 16 && bit < 64; /* vendor and type */

        memcpy(body, four + 2, sizeof body);
        body[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(fb_vendor_metrics_decode(&found, FB_VENDOR_EXAMPLE, body, 24), !of_name);
    }
}

static world *
two_links(const world_setup *setup)
{
    world *w = world_start(setup);

    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    world_run(w, 2 * FB_SECOND);
    return w;
}

static world *
metrics_world(uint32_t mobile, uint32_t home, uint8_t replay)
{
    world_setup setup;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.vendor = mobile;
    setup.home_agent.home_agent.vendor = home;
    setup.mobile_node.mobile_node.association.replay = replay;
    setup.subscriber.association.replay = replay;
    setup.mobile_node.mobile_node.lifetime_s = 20;
    return two_links(&setup);
}

/** With lifetimes so long that no refresh comes while it is looked. */
static world *
long_lived_world(uint16_t interval_s)
{
    world_setup setup;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.vendor = FB_VENDOR_EXAMPLE;
    setup.home_agent.home_agent.vendor = FB_VENDOR_EXAMPLE;
    setup.mobile_node.mobile_node.metrics_interval_s = interval_s;
    return two_links(&setup);
}

static void
tell(world *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_QUALITY,
                    .u.quality = {.link = link,
                                  .round_trip_us = 20000,
                                  .loss_ppm = 1000,
                                  .rate_up_kbps = 10000,
                                  .rate_down_kbps = 50000,
                                  .backlog_octets = 9000}};

    world_fact(w, w->mobile_node, &fact);
}

/** Whether @p octets stand in a message to the home agent since @p since. */
static bool
said(const world *w, size_t since, const uint8_t *octets, size_t length)
{
    for (size_t i = since; i < w->messages; i++)
    {
        for (size_t at = 0; at + length <= w->message[i].length; at++)
        {
            if (memcmp(w->message[i].octets + at, octets, length) == 0)
            {
                return true;
            }
        }
    }
    return false;
}

static fb_path_view
at_home_agent(const world *w, uint8_t bid)
{
    fb_path_view paths[8];
    size_t count = fb_home_agent_paths(&w->home_agent->home_agent, 0, paths);

    for (size_t i = 0; i < count; i++)
    {
        if (paths[i].bid == bid)
        {
            return paths[i];
        }
    }
    return (fb_path_view){0};
}

static void
test_from_end_to_end(void **state)
{
    world *w = metrics_world(FB_VENDOR_EXAMPLE, FB_VENDOR_EXAMPLE, FB_REPLAY_TIMESTAMP);
    size_t since = w->messages;
    fb_path_view paths[8], view;

    (void)state;
    requirement("B3115-01");
    tell(w, WORLD_WLAN);
    /* at this end at once, for the way up */
    assert_int_equal(fb_mobile_node_paths(&w->mobile_node->mobile_node, paths), 2);
    assert_int_equal(paths[0].rate_kbps, 10000);
    assert_int_equal(paths[0].round_trip_us, 20000);
    assert_int_equal(paths[0].delay_us, 10000);
    assert_int_equal(paths[0].loss_ppm, 1000);
    assert_int_equal(paths[0].backlog_octets, 9000);
    assert_int_equal(paths[1].round_trip_us, 60000); /* LTE, by its registration */
    world_run(w, 40 * FB_SECOND);
    assert_true(said(w, since, four, sizeof four));
    /* at the other end with the next request, for the way down */
    view = at_home_agent(w, WORLD_WLAN);
    assert_int_equal(view.rate_kbps, 50000);
    assert_int_equal(view.round_trip_us, 20000);
    assert_int_equal(view.delay_us, 10000);
    assert_int_equal(view.loss_ppm, 1000);
    assert_int_equal(view.backlog_octets, 0);
    assert_int_equal(at_home_agent(w, WORLD_LTE).round_trip_us, 60000);
    world_end(w);
}

/* The home agent's schedulers are not blind for a lifetime: what is found out first is told at once */
static void
test_told_when_it_is_found_out(void **state)
{
    world *w = long_lived_world(10);
    size_t since;

    (void)state;
    requirement("B3115-01");
    assert_int_equal(at_home_agent(w, WORLD_WLAN).round_trip_us, 20000);
    assert_int_equal(at_home_agent(w, WORLD_LTE).round_trip_us, 60000);
    since = w->messages;
    world_run(w, 60 * FB_SECOND);
    assert_int_equal(w->messages, since); /* nothing is new, nothing is said */
    tell(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_true(said(w, since, four, sizeof four));
    assert_int_equal(at_home_agent(w, WORLD_WLAN).rate_kbps, 50000);
    assert_int_equal(w->messages, since + 2); /* a request and its reply */
    assert_int_equal(world_binding_count(w), 2);
    world_end(w);
}

/* News that comes more often than every ten seconds waits for its turn, and the latest is told */
static void
test_told_no_more_often(void **state)
{
    world *w = long_lived_world(10);
    size_t since = w->messages;

    (void)state;
    requirement("B3115-01");
    for (uint32_t i = 1; i <= 300; i++)
    {
        fb_fact fact = {.kind = FB_FACT_QUALITY,
                        .u.quality = {.link = WORLD_WLAN, .rate_down_kbps = 1000 * i % 7000 + 500}};

        world_fact(w, w->mobile_node, &fact);
        world_run(w, 100 * FB_MILLISECOND);
    }
    assert_in_range(w->messages, since + 2 * 3, since + 2 * 4); /* 30 s, three or four times */
    world_run(w, 10 * FB_SECOND);
    assert_int_equal(at_home_agent(w, WORLD_WLAN).rate_kbps, 300000 % 7000 + 500);
    world_end(w);
}

static void
test_told_by_refreshes_only(void **state)
{
    world *w = long_lived_world(0);
    size_t since = w->messages;

    (void)state;
    requirement("B3115-01");
    tell(w, WORLD_WLAN);
    world_run(w, 60 * FB_SECOND);
    assert_int_equal(w->messages, since);
    assert_int_equal(at_home_agent(w, WORLD_WLAN).rate_kbps, 0);
    world_end(w);
}

/* Who does not know it skips it; who is not configured to says nothing; with nonces nothing is said */
static void
test_one_end_only(void **state)
{
    world *w = metrics_world(FB_VENDOR_EXAMPLE, 0, FB_REPLAY_TIMESTAMP);
    size_t since = w->messages;

    (void)state;
    requirement("B3115-02");
    tell(w, WORLD_WLAN);
    world_run(w, 40 * FB_SECOND);
    assert_true(said(w, since, four, sizeof four));
    assert_int_equal(world_binding_count(w), 2);
    assert_int_equal(at_home_agent(w, WORLD_WLAN).rate_kbps, 0);
    world_end(w);

    w = metrics_world(0, FB_VENDOR_EXAMPLE, FB_REPLAY_TIMESTAMP);
    tell(w, WORLD_WLAN);
    world_run(w, 40 * FB_SECOND);
    assert_false(said(w, 0, four, 2));
    assert_int_equal(at_home_agent(w, WORLD_WLAN).rate_kbps, 0);
    world_end(w);

    w = metrics_world(FB_VENDOR_EXAMPLE, FB_VENDOR_EXAMPLE, FB_REPLAY_NONCE);
    tell(w, WORLD_WLAN);
    world_run(w, 40 * FB_SECOND);
    assert_false(said(w, 0, four, sizeof four));
    assert_int_equal(world_binding_count(w), 2);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets),
        cmocka_unit_test(test_what_is_skipped),
        cmocka_unit_test(test_from_end_to_end),
        cmocka_unit_test(test_told_when_it_is_found_out),
        cmocka_unit_test(test_told_no_more_often),
        cmocka_unit_test(test_told_by_refreshes_only),
        cmocka_unit_test(test_one_end_only),
    };

    return cmocka_run_group_tests_name("rfc3115/2 vendor", tests, NULL, NULL);
}
