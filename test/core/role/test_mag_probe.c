/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Silent paths of a gateway (fb_probe_config), with an anchor: found out, left, watched by heartbeats, and taken back.
 * The same as test_mobile_node_probe.c has of a mobile node.
 */

#include "cmocka_setup.h"
#include "proxy_world.h"
#include "requirement.h"

#include <string.h>

#define STEP (20 * FB_MILLISECOND)
#define VOICE 5060
#define SESSION 1

static fb_rule
voice_rule(void)
{
    fb_rule rule = {.action = FB_RULE_FORWARD,
                    .bid_count = 2,
                    .bid = {PROXY_LTE, PROXY_WLAN},
                    .selector.format = FB_SELECTOR_IPV6};

    rule.selector.u.v6.present = FB_SELECTOR6_SOURCE_PORT_START | FB_SELECTOR6_NEXT_HEADER_START;
    rule.selector.u.v6.source_port_start = VOICE;
    rule.selector.u.v6.next_header_start = 17;
    return rule;
}

static proxy_world *
probe_world(void (*change)(fb_config *gateway, fb_config *anchor))
{
    fb_config gateway, anchor, defaults;
    fb_rule rule = voice_rule();
    proxy_world *w;

    proxy_world_config(&gateway, &anchor);
    fb_config_default(&defaults);
    gateway.probe = defaults.probe;
    gateway.mag.heartbeat_s = 0; /* or they find out, too */
    if (change != NULL)
    {
        change(&gateway, &anchor);
    }
    w = proxy_world_new(&gateway, &anchor, 7);
    proxy_world_policy(w, &rule, 1);
    proxy_world_link_up(w, PROXY_LTE);
    proxy_world_link_up(w, PROXY_WLAN);
    proxy_world_attach(w, SESSION);
    proxy_world_run(w, 10 * FB_SECOND);
    return w;
}

/** A packet each way every 20 ms. */
static void
talk(proxy_world *w, fb_time duration)
{
    for (fb_time end = w->now + duration; w->now < end;)
    {
        proxy_world_uplink(w, SESSION, VOICE);
        proxy_world_downlink(w, SESSION, VOICE);
        proxy_world_run(w, STEP);
    }
}

/** Talks until the path @p link is told to be silent (@p to 0) or back (1); how long that took. */
static fb_time
talk_until(proxy_world *w, uint32_t link, uint8_t to, fb_time longest)
{
    fb_time begin = w->now;

    while (w->now < begin + longest)
    {
        size_t since = w->events;

        talk(w, STEP);
        for (size_t i = since; i < w->events; i++)
        {
            const fb_event *event = &w->event[i];

            if (event->kind == FB_EVENT_PATH && event->ref.link == link && event->to == to)
            {
                assert_int_equal(event->role, FB_ROLE_MAG);
                assert_int_equal(event->cause, FB_CAUSE_PROBE);
                return event->time - begin;
            }
        }
    }
    return FB_TIME_NEVER;
}

static const char *
bids(const proxy_world *w, uint8_t role)
{
    static char text[2][16];

    return proxy_world_bids(w, role, SESSION, text[role == FB_ROLE_LMA]);
}

static void
leave_and_return(proxy_world *w)
{
    talk(w, FB_SECOND);
    assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_LTE);
    assert_true(w->echoes >= 18); /* ten a second, and their answers */
    w->connected[PROXY_LTE] = false;
    assert_in_range(talk_until(w, PROXY_LTE, 0, 2 * FB_SECOND),
                    200 * FB_MILLISECOND,
                    440 * FB_MILLISECOND);
    assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_WLAN);
    proxy_world_run(w, 100 * FB_MILLISECOND);
    assert_string_equal(bids(w, FB_ROLE_LMA), "2");
    assert_string_equal(bids(w, FB_ROLE_MAG), "2");
    assert_int_equal(proxy_world_downlink(w, SESSION, VOICE), PROXY_WLAN);
    talk(w, 5 * FB_SECOND);
    w->connected[PROXY_LTE] = true;
    assert_true(talk_until(w, PROXY_LTE, 1, 3 * FB_SECOND) <= 1200 * FB_MILLISECOND);
    talk(w, 200 * FB_MILLISECOND);
    assert_string_equal(bids(w, FB_ROLE_LMA), "12");
    assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_LTE);
    assert_int_equal(proxy_world_downlink(w, SESSION, VOICE), PROXY_LTE);
    proxy_world_free(w);
}

static void
test_a_silent_path_is_left_and_comes_back(void **state)
{
    (void)state;
    requirement("D8-50", "D8-51");
    leave_and_return(probe_world(NULL));
}

static void
no_heartbeats_there(fb_config *gateway, fb_config *anchor)
{
    (void)gateway;
    anchor->lma.heartbeat_s = 0;
}

static void
heartbeats_as_well(fb_config *gateway, fb_config *anchor)
{
    (void)anchor;
    gateway->mag.heartbeat_s = 30;
}

/* An anchor that sends no heartbeats of its own answers them; those of a gateway go on besides */
static void
test_with_heartbeats_and_without(void **state)
{
    (void)state;
    leave_and_return(probe_world(no_heartbeats_there));
    leave_and_return(probe_world(heartbeats_as_well));
}

/* RFC 5845: in GRE with the key of the session the packets are of */
static void
test_in_gre_with_a_key(void **state)
{
    proxy_world *w = probe_world(NULL);

    (void)state;
    requirement("D8-50");
    w->link[PROXY_LTE].tunnel = FB_TUNNEL_GRE;
    w->link[PROXY_LTE].gre_key = true;
    proxy_world_link_down(w, PROXY_LTE);
    proxy_world_run(w, FB_SECOND);
    proxy_world_link_up(w, PROXY_LTE);
    proxy_world_run(w, 3 * FB_SECOND);
    leave_and_return(w);
}

/* RFC 5844 4: over IPv4, bare and in UDP, where the packets inside are those of IPv6 all the same */
static void
test_over_ipv4(void **state)
{
    static const uint8_t udp[] = {FB_UDP_NEVER, FB_UDP_FORCE};

    (void)state;
    requirement("D8-50");
    for (size_t i = 0; i < sizeof udp; i++)
    {
        proxy_world *w = probe_world(NULL);
        fb_rule rule = voice_rule();

        rule.bid[0] = PROXY_IPV4;
        proxy_world_policy(w, &rule, 1);
        w->link[PROXY_IPV4].udp = udp[i];
        proxy_world_link_up(w, PROXY_IPV4);
        proxy_world_run(w, 5 * FB_SECOND);
        w->echoes = 0;
        talk(w, FB_SECOND);
        assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_IPV4);
        assert_true(w->echoes >= 18);
        w->connected[PROXY_IPV4] = false;
        assert_true(talk_until(w, PROXY_IPV4, 0, 2 * FB_SECOND) < 500 * FB_MILLISECOND);
        talk(w, FB_SECOND);
        assert_int_equal(proxy_world_downlink(w, SESSION, VOICE), PROXY_WLAN);
        w->connected[PROXY_IPV4] = true;
        assert_true(talk_until(w, PROXY_IPV4, 1, 2 * FB_SECOND) < 1300 * FB_MILLISECOND);
        talk(w, 500 * FB_MILLISECOND);
        assert_int_equal(proxy_world_downlink(w, SESSION, VOICE), PROXY_IPV4);
        proxy_world_free(w);
    }
}

/* RFC 2473, RFC 4443 4.1, by hand: from the Subnet-Router anycast address of the prefix to the anchor */
static void
test_a_probe_by_octets(void **state)
{
    static const uint8_t front[] = {0x60, 0, 0, 0, 0, 8, 58, 64};
    proxy_world *w = probe_world(NULL);
    fb_prefix home = proxy_world_home(w, FB_ROLE_MAG, SESSION);
    const proxy_message *m;
    uint32_t sum = 58 + 8;

    (void)state;
    requirement("D8-50");
    proxy_world_uplink(w, SESSION, VOICE);
    proxy_world_run(w, FB_MILLISECOND);
    assert_int_equal(w->messages, 1);
    m = &w->message[0];
    assert_int_equal(m->meta.protocol, 41);
    assert_int_equal(m->length, 48);
    assert_memory_equal(m->octets, front, sizeof front);
    assert_memory_equal(m->octets + 8, home.address.octet, 16); /* its interface identifier is 0 */
    assert_memory_equal(m->octets + 24, w->gateway_config.mag.anchor.octet, 16);
    assert_int_equal(m->octets[40], 128);
    assert_memory_equal(m->octets + 44, ((const uint8_t[]){1, PROXY_LTE, 0, 1}), 4);
    for (size_t i = 8; i < 48; i += 2)
    {
        sum += (uint32_t)(m->octets[i] << 8 | m->octets[i + 1]);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
    proxy_world_free(w);
}

/* The next packet takes another path, when the link layer says so */
static void
test_link_down_moves_the_next_packet(void **state)
{
    proxy_world *w = probe_world(NULL);

    (void)state;
    talk(w, FB_SECOND);
    proxy_world_link_down(w, PROXY_LTE);
    assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_WLAN);
    proxy_world_run(w, 100 * FB_MILLISECOND);
    assert_int_equal(proxy_world_downlink(w, SESSION, VOICE), PROXY_WLAN);
    proxy_world_free(w);
}

static void
test_idle_paths_are_left_alone(void **state)
{
    proxy_world *w = probe_world(NULL);
    size_t before;

    (void)state;
    before = w->echoes;
    proxy_world_run(w, 20 * FB_SECOND);
    assert_int_equal(w->echoes, before);
    talk(w, STEP);
    proxy_world_run(w, 10 * FB_SECOND);
    assert_in_range(w->echoes - before, 2 * 20, 2 * 22);
    w->connected[PROXY_LTE] = false;
    proxy_world_run(w, 60 * FB_SECOND);
    assert_string_equal(bids(w, FB_ROLE_LMA), "12"); /* nobody noticed, as nobody wanted to know */
    proxy_world_free(w);
}

/* Without another path nothing is gained by leaving */
static void
test_the_only_path_stays(void **state)
{
    proxy_world *w = probe_world(NULL);

    (void)state;
    requirement("D8-50");
    proxy_world_link_down(w, PROXY_WLAN);
    proxy_world_run(w, FB_SECOND);
    talk(w, FB_SECOND);
    w->connected[PROXY_LTE] = false;
    assert_true(talk_until(w, PROXY_LTE, 0, FB_SECOND) < FB_SECOND);
    talk(w, 3 * FB_SECOND);
    assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_LTE);
    /* ... until there is one */
    proxy_world_link_up(w, PROXY_WLAN);
    talk(w, 3 * FB_SECOND);
    assert_string_equal(bids(w, FB_ROLE_LMA), "2");
    assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_WLAN);
    assert_int_equal(proxy_world_downlink(w, SESSION, VOICE), PROXY_WLAN);
    w->connected[PROXY_LTE] = true;
    talk(w, 3 * FB_SECOND);
    assert_string_equal(bids(w, FB_ROLE_LMA), "12");
    proxy_world_free(w);
}

/* A path that flaps is held back, twice as long each time */
static void
test_a_flapping_path_is_held_back(void **state)
{
    static const unsigned held_s[] = {0, 1, 2, 4};
    proxy_world *w = probe_world(NULL);

    (void)state;
    requirement("D8-51");
    talk(w, FB_SECOND);
    for (size_t i = 0; i < sizeof held_s / sizeof held_s[0]; i++)
    {
        fb_time back;

        w->connected[PROXY_LTE] = false;
        assert_true(talk_until(w, PROXY_LTE, 0, 2 * FB_SECOND) < FB_SECOND);
        w->connected[PROXY_LTE] = true;
        back = talk_until(w, PROXY_LTE, 1, 20 * FB_SECOND);
        assert_in_range(back, held_s[i] * FB_SECOND, (held_s[i] + 2) * FB_SECOND);
        talk(w, 2 * FB_SECOND);
        assert_int_equal(proxy_world_uplink(w, SESSION, VOICE), PROXY_LTE);
    }
    proxy_world_free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_silent_path_is_left_and_comes_back),
        cmocka_unit_test(test_with_heartbeats_and_without),
        cmocka_unit_test(test_in_gre_with_a_key),
        cmocka_unit_test(test_over_ipv4),
        cmocka_unit_test(test_a_probe_by_octets),
        cmocka_unit_test(test_link_down_moves_the_next_packet),
        cmocka_unit_test(test_idle_paths_are_left_alone),
        cmocka_unit_test(test_the_only_path_stays),
        cmocka_unit_test(test_a_flapping_path_is_held_back),
    };

    return cmocka_run_group_tests_name("mag/probes", tests, NULL, NULL);
}
