/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Silent paths of a mobile node (fb_probe_config): found out, left, watched, and taken back.
 */

#include "cmocka_setup.h"
#include "requirement.h"
#include "world.h"

#include <string.h>

#define STEP (20 * FB_MILLISECOND)
#define SIP 5060

static world *
probe_world(const fb_probe_config *probe, bool multipath)
{
    world_setup setup;
    fb_rule rules[5];
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.probe = *probe;
    setup.mobile_node.mobile_node.multipath = multipath;
    w = world_start(&setup);
    world_link_up(w, WORLD_WLAN);
    world_link_up(w, WORLD_LTE);
    assert_int_equal(world_policy(w, rules, world_figure2(rules)), FB_OK);
    world_run(w, 5 * FB_SECOND);
    return w;
}

static fb_probe_config
by_default(void)
{
    fb_config config;

    fb_config_default(&config);
    return config.probe;
}

/** A packet of the SIP flow each way every 20 ms. */
static void
talk(world *w, fb_time duration)
{
    for (fb_time end = w->now + duration; w->now < end;)
    {
        world_uplink(w, 17, SIP, 40000);
        world_downlink(w, 17, SIP, 40000);
        world_run(w, STEP);
    }
}

/** Talks until the path @p bid is told to be silent (@p to 0) or back (1); how long that took. */
static fb_time
talk_until(world *w, uint8_t bid, uint8_t to, fb_time longest)
{
    fb_time begin = w->now;

    while (w->now < begin + longest)
    {
        size_t since = w->events;
        const fb_event *event;

        talk(w, STEP);
        event = world_event(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_PATH);
        if (event != NULL && event->ref.bid == bid && event->to == to)
        {
            assert_int_equal(event->cause, FB_CAUSE_PROBE);
            return event->time - begin;
        }
    }
    return FB_TIME_NEVER;
}

static size_t
count_probes(const world *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->messages; i++)
    {
        count += w->message[i].to_home_agent && w->message[i].meta.protocol == 4;
    }
    return count;
}

/* Both ends leave a silent path together: this one with the next packet, the home agent as soon as it hears of it */
static void
test_a_silent_path_is_left(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);
    fb_time took;

    (void)state;
    requirement("D-50");
    talk(w, FB_SECOND);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_WLAN);
    w->connected[WORLD_WLAN] = false;
    took = talk_until(w, WORLD_WLAN, 0, 2 * FB_SECOND);
    assert_in_range(took, 200 * FB_MILLISECOND, 420 * FB_MILLISECOND);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_LTE);
    world_run(w, 100 * FB_MILLISECOND); /* LTE: 30 ms one way */
    assert_int_equal(world_binding_count(w), 1);
    assert_int_equal(world_downlink(w, 17, SIP, 40000).bid, WORLD_LTE);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_DOWN);
    world_end(w);
}

/* One direction is enough, either of them */
static bool
loses_downlink(world *w, const world_message *m)
{
    return w->context != NULL && !m->to_home_agent &&
           fb_addr_to_ipv4(&m->meta.dst) == w->address[WORLD_WLAN];
}

static void
test_silent_one_way(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);
    fb_binding_view view;

    (void)state;
    requirement("D-51");
    w->lose = loses_downlink;
    talk(w, FB_SECOND);
    w->context = w;
    assert_true(talk_until(w, WORLD_WLAN, 0, 2 * FB_SECOND) <= 420 * FB_MILLISECOND);
    /* What watches the path arrives at the home agent, and leaves no binding there */
    talk(w, 20 * FB_SECOND);
    assert_false(world_binding(w, WORLD_WLAN, &view));
    assert_int_equal(world_downlink(w, 17, SIP, 40000).bid, WORLD_LTE);
    world_end(w);
}

/* A path that comes back is used again at once: within the second between two looks at it */
static void
test_it_comes_back(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);

    (void)state;
    requirement("D-51");
    talk(w, FB_SECOND);
    w->connected[WORLD_WLAN] = false;
    talk(w, 5 * FB_SECOND);
    assert_int_equal(world_binding_count(w), 1);
    w->connected[WORLD_WLAN] = true;
    assert_true(talk_until(w, WORLD_WLAN, 1, 2 * FB_SECOND) <= FB_SECOND + 40 * FB_MILLISECOND);
    talk(w, 1100 * FB_MILLISECOND); /* RFC 5944 3.6.3: not sooner after its last registration */
    assert_int_equal(world_binding_count(w), 2);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_WLAN);
    assert_int_equal(world_downlink(w, 17, SIP, 40000).bid, WORLD_WLAN);
    world_end(w);
}

/* RFC 5944 3.6.3: it is watched once a second at most, and less often when that has lasted */
static void
test_how_often_it_is_watched(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);
    fb_time last = 0;
    size_t requests = 0;

    (void)state;
    requirement("D-51");
    talk(w, FB_SECOND);
    w->connected[WORLD_WLAN] = false;
    talk_until(w, WORLD_WLAN, 0, 2 * FB_SECOND);
    for (size_t i = w->messages; w->now < 200 * FB_SECOND; i = w->messages)
    {
        talk(w, STEP);
        for (; i < w->messages; i++)
        {
            const world_message *m = &w->message[i];

            if (m->to_home_agent && m->meta.protocol == 17 && m->meta.link == WORLD_WLAN)
            {
                assert_true(last == 0 || m->sent_at - last >= FB_SECOND);
                last = m->sent_at;
                requests++;
            }
        }
        if (w->messages > WORLD_RECORDS / 2)
        {
            break;
        }
    }
    assert_in_range(requests, 8, 30);
    world_end(w);
}

/* Nothing is asked of a path without packets, and then time does not matter to the agent */
static void
test_idle_paths_are_left_alone(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);
    size_t before = count_probes(w);

    (void)state;
    world_run(w, 20 * FB_SECOND);
    assert_int_equal(count_probes(w), before);
    talk(w, STEP);
    assert_int_equal(count_probes(w), before + 1); /* at once */
    world_run(w, 10 * FB_SECOND);
    /* 2 s after the last packet: the first one at 0 ms, the last one at 2000 */
    assert_in_range(count_probes(w) - before, 20, 22);
    w->connected[WORLD_WLAN] = false;
    world_run(w, 60 * FB_SECOND);
    assert_int_equal(world_binding_count(w), 2); /* nobody noticed, as nobody wanted to know */
    world_end(w);
}

/* Without another path nothing is gained by leaving: it is said, and the path stays in use */
static void
test_the_only_path_stays(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);
    const fb_event *event;
    size_t since;

    (void)state;
    requirement("D-50");
    world_link_down(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    talk(w, FB_SECOND);
    w->connected[WORLD_WLAN] = false;
    since = w->events;
    assert_true(talk_until(w, WORLD_WLAN, 0, FB_SECOND) < FB_SECOND);
    event = world_event(w, since, FB_ROLE_MOBILE_NODE, FB_EVENT_PATH);
    assert_int_equal(event->count, 0);
    talk(w, 5 * FB_SECOND);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_WLAN);
    w->connected[WORLD_WLAN] = true;
    assert_true(talk_until(w, WORLD_WLAN, 1, 2 * FB_SECOND) <= 1100 * FB_MILLISECOND);
    world_end(w);
}

/* ... until there is another one */
static void
test_the_only_path_goes_when_there_is_another(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);

    (void)state;
    world_link_down(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    talk(w, FB_SECOND);
    w->connected[WORLD_WLAN] = false;
    talk(w, 2 * FB_SECOND);
    world_link_up(w, WORLD_LTE);
    talk(w, 4 * FB_SECOND);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_LTE);
    assert_int_equal(world_downlink(w, 17, SIP, 40000).bid, WORLD_LTE);
    assert_int_equal(world_binding_count(w), 1);
    world_end(w);
}

/* A path that flaps is held back, twice as long each time */
static void
test_a_flapping_path_is_held_back(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);
    static const unsigned held_s[] = {0, 1, 2, 4};

    (void)state;
    requirement("D-51");
    talk(w, FB_SECOND);
    for (size_t i = 0; i < 4; i++)
    {
        fb_time back;

        w->connected[WORLD_WLAN] = false;
        assert_true(talk_until(w, WORLD_WLAN, 0, 2 * FB_SECOND) < FB_SECOND);
        w->connected[WORLD_WLAN] = true;
        back = talk_until(w, WORLD_WLAN, 1, 20 * FB_SECOND);
        assert_in_range(back, held_s[i] * FB_SECOND, (held_s[i] + 2) * FB_SECOND);
        talk(w, 2 * FB_SECOND);
        assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_WLAN);
    }
    world_end(w);
}

/* The link says so: the next packet takes another path, probes or not; and what was found out is forgotten */
static void
test_link_down_moves_the_next_packet(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);

    (void)state;
    talk(w, FB_SECOND);
    world_link_down(w, WORLD_WLAN);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_LTE);
    world_run(w, 100 * FB_MILLISECOND);
    assert_int_equal(world_downlink(w, 17, SIP, 40000).bid, WORLD_LTE);
    world_link_up(w, WORLD_WLAN);
    talk(w, 2 * FB_SECOND);
    assert_int_equal(world_uplink(w, 17, SIP, 40000).bid, WORLD_WLAN);
    world_end(w);
}

/* A home agent of RFC 5944 only binds one path: another link is registered instead */
static void
test_the_other_path_is_there_without_rfc7629(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, false);

    (void)state;
    talk(w, FB_SECOND);
    assert_int_equal(world_binding_count(w), 1);
    w->connected[WORLD_WLAN] = false;
    talk(w, 3 * FB_SECOND);
    /* RFC 5944 3.6: the registration of the other link replaces this one's */
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_UP);
    assert_true(world_uplink(w, 17, SIP, 40000).delivered);
    w->connected[WORLD_WLAN] = true;
    talk(w, 4 * FB_SECOND);
    assert_int_equal(world_state(w, WORLD_WLAN), FB_BINDING_UP); /* preferred */
    world_end(w);
}

/* Three losses in a row, and not one or two, make a path silent: by the octets of the probes */
static unsigned lose_from, lose_to, seen;

static bool
loses_some(world *w, const world_message *m)
{
    (void)w;
    if (!m->to_home_agent || m->meta.protocol != 4)
    {
        return false;
    }
    seen++;
    return seen >= lose_from && seen < lose_to;
}

static void
test_two_losses_are_none(void **state)
{
    fb_probe_config probe = by_default();
    world *w = probe_world(&probe, true);

    (void)state;
    requirement("D-50");
    w->lose = loses_some;
    lose_from = 5, lose_to = 7, seen = 0;
    assert_int_equal(talk_until(w, WORLD_WLAN, 0, 2 * FB_SECOND), FB_TIME_NEVER);
    lose_from = seen + 5, lose_to = lose_from + 3;
    assert_true(talk_until(w, WORLD_WLAN, 0, 2 * FB_SECOND) < FB_SECOND);
    world_end(w);
}

/* RFC 2003, 2784, 2004, 3519: what follows the outer header, by hand */
static void
test_probes_by_octets(void **state)
{
    static const uint8_t ip[] = {0x45, 0, 0, 28, 0, 1, 0, 0, 64, 1};
    static const uint8_t gre[] = {0, 0, 8, 0};
    static const uint8_t udp[] = {4, 4, 0, 0};
    static const uint8_t minimal[] = {1, 0x80};
    static const struct
    {
        uint8_t tunnel, udp, protocol;
        size_t front, length;
        const uint8_t *first;
        size_t first_length;
    } cases[] = {{FB_TUNNEL_IPIP, FB_UDP_NEVER, 4, 0, 28, ip, 4},
                 {FB_TUNNEL_GRE, FB_UDP_NEVER, 47, 4, 32, gre, 4},
                 {FB_TUNNEL_MINIMAL, FB_UDP_NEVER, 55, 0, 20, minimal, 2},
                 {FB_TUNNEL_IPIP, FB_UDP_FORCE, 17, 4, 32, udp, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        static const uint8_t echo[] = {8, 0, 0xf6, 0xfd, 1, 1, 0, 1};
        world_setup setup;
        world *w;
        const world_message *m;

        world_setup_default(&setup);
        setup.mobile_node.probe = by_default();
        w = world_start(&setup);
        w->tunnel[WORLD_WLAN] = cases[i].tunnel;
        w->udp[WORLD_WLAN] = cases[i].udp;
        world_link_up(w, WORLD_WLAN);
        world_run(w, 2 * FB_SECOND);
        world_uplink(w, 17, SIP, 40000);
        world_run(w, FB_MILLISECOND);
        m = world_last(w, true);
        assert_int_equal(m->meta.protocol, cases[i].protocol);
        assert_int_equal(m->meta.link, WORLD_WLAN);
        assert_int_equal(fb_addr_to_ipv4(&m->meta.src), w->address[WORLD_WLAN]);
        assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), WORLD_HOME_AGENT);
        assert_int_equal(m->length, cases[i].length);
        assert_memory_equal(m->octets, cases[i].first, cases[i].first_length);
        if (cases[i].protocol != 55)
        {
            assert_memory_equal(m->octets + cases[i].front, ip, sizeof ip);
        }
        assert_memory_equal(m->octets + m->length - 8, echo, 8);
        /* ... and is answered the same way */
        world_run(w, 30 * FB_MILLISECOND);
        m = world_last(w, false);
        assert_int_equal(m->meta.protocol, cases[i].protocol);
        assert_int_equal(m->octets[m->length - 8], 0);
        world_end(w);
    }
}

/** The agent does not look for what it waits for after each packet: only after those that change it. */
static void
test_a_packet_moves_the_timeout(void **state)
{
    fb_probe_config probe = by_default();

    (void)state;
    for (int up = 0; up < 2; up++)
    {
        world *w = probe_world(&probe, true);

        assert_true(fb_agent_next_timeout(w->mobile_node) > w->now + FB_SECOND);
        assert_true((up ? world_uplink : world_downlink)(w, 17, SIP, 40000).delivered);
        /* the first one of a path has it asked at once */
        assert_true(fb_agent_next_timeout(w->mobile_node) == w->now);
        world_run(w, 10 * FB_MILLISECOND);
        assert_true(fb_agent_next_timeout(w->mobile_node) ==
                    w->now - 10 * FB_MILLISECOND + probe.interval_ms * FB_MILLISECOND);
        /* the next ones change nothing */
        assert_true((up ? world_uplink : world_downlink)(w, 17, SIP, 40000).delivered);
        assert_true(fb_agent_next_timeout(w->mobile_node) ==
                    w->now - 10 * FB_MILLISECOND + probe.interval_ms * FB_MILLISECOND);
        world_end(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_silent_path_is_left),
        cmocka_unit_test(test_silent_one_way),
        cmocka_unit_test(test_it_comes_back),
        cmocka_unit_test(test_how_often_it_is_watched),
        cmocka_unit_test(test_idle_paths_are_left_alone),
        cmocka_unit_test(test_the_only_path_stays),
        cmocka_unit_test(test_the_only_path_goes_when_there_is_another),
        cmocka_unit_test(test_a_flapping_path_is_held_back),
        cmocka_unit_test(test_link_down_moves_the_next_packet),
        cmocka_unit_test(test_the_other_path_is_there_without_rfc7629),
        cmocka_unit_test(test_two_losses_are_none),
        cmocka_unit_test(test_probes_by_octets),
        cmocka_unit_test(test_a_packet_moves_the_timeout),
    };

    return cmocka_run_group_tests_name("mobile node/probes", tests, NULL, NULL);
}
