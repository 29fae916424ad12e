/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The mobile node's tunnels: keepalives as data packets and answers move them; NATs that come, go and forget; a peer
 * that refuses whatever it likes.
 */

#include "agent_internal.h"
#include "base/random.h"
#include "checked_run.h"
#include "nat.h"
#include "roam.h"
#include "role/mobile_node_internal.h"

#include <string.h>

#define NAT_1 0xcb0071c8u /* 203.0.113.200 */

/* ---- keepalives ---- */

typedef struct scene
{
    nat n; /* first: it is the world's context, too */
    world *w;
    fb_mobile_node *node;
    fb_registration *r;
} scene;

static bool
lose_keepalives(world *w, const world_message *message)
{
    (void)w;
    return message->octets[0] == 4;
}

/** One path through UDP since second 0; keepalives get lost, and are answered by the test. */
static void
begin(scene *s)
{
    world_setup setup;

    world_setup_default(&setup);
    memset(s, 0, sizeof *s);
    s->w = world_start(&setup);
    s->n = (nat){.outside = {0, NAT_1}, .port = {0, 4001}};
    s->w->translate = nat_translate;
    s->w->context = s;
    s->w->lose = lose_keepalives;
    s->w->udp[1] = FB_UDP_IF_NAT;
    s->node = &s->w->mobile_node->mobile_node;
    world_link_up(s->w, 1);
    s->r = &s->node->registrations.item[0];
    checked_run(s->w, FB_SECOND);
    assert_true(s->r->udp);
    assert_int_equal(s->r->keepalive_s, 110);
}

static size_t
keepalives(const world *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->messages; i++)
    {
        count += w->message[i].to_home_agent && w->message[i].octets[0] == 4;
    }
    return count;
}

static size_t
requests(const world *w)
{
    return world_sent_count(w, true) - keepalives(w);
}

static void
run_to(scene *s, uint64_t seconds)
{
    checked_run(s->w, seconds * FB_SECOND - s->w->now);
}

static void
answer_keepalive(scene *s)
{
    fb_mobile_node_keepalive_answered(s->node, s->r, s->w->now);
}

static void
test_answered_keepalives(void **state)
{
    scene s;

    (void)state;
    begin(&s);
    for (uint64_t round = 1; round <= 4; round++)
    {
        run_to(&s, 110 * round - 1);
        assert_int_equal(keepalives(s.w), round - 1);
        run_to(&s, 110 * round);
        assert_int_equal(keepalives(s.w), round);
        answer_keepalive(&s);
    }
    assert_int_equal(requests(s.w), 1);
    /* The refresh at 480 s is sending, too */
    run_to(&s, 480 + 109);
    assert_int_equal(requests(s.w), 2);
    assert_int_equal(keepalives(s.w), 4);
    run_to(&s, 480 + 110);
    assert_int_equal(keepalives(s.w), 5);
    world_end(s.w);
}

/* The last of three is answered: nothing was lost but two keepalives. */
static void
test_answer_at_the_last_moment(void **state)
{
    scene s;

    (void)state;
    begin(&s);
    run_to(&s, 116);
    assert_int_equal(keepalives(s.w), 3);
    answer_keepalive(&s);
    run_to(&s, 113 + 109);
    assert_int_equal(keepalives(s.w), 3);
    run_to(&s, 113 + 110);
    assert_int_equal(keepalives(s.w), 4);
    assert_int_equal(requests(s.w), 1);
    world_end(s.w);
}

/* An answer to nothing moves nothing. */
static void
test_unasked_answers(void **state)
{
    scene s;

    (void)state;
    begin(&s);
    run_to(&s, 100);
    answer_keepalive(&s);
    run_to(&s, 110);
    assert_int_equal(keepalives(s.w), 1);
    answer_keepalive(&s);
    answer_keepalive(&s);
    run_to(&s, 220);
    assert_int_equal(keepalives(s.w), 2);
    world_link_down(s.w, 1);
    answer_keepalive(&s);
    assert_true(fb_agent_next_timeout(s.w->mobile_node) == FB_TIME_NEVER);
    world_end(s.w);
}

/* Data sent shows nothing about what comes back: the wait for an answer goes on. */
static void
test_data_while_an_answer_is_awaited(void **state)
{
    scene s;

    (void)state;
    begin(&s);
    run_to(&s, 110);
    for (int i = 0; i < 14; i++)
    {
        fb_mobile_node_note_traffic(s.node, s.r, s.w->now);
        checked_run(s.w, FB_SECOND / 2);
    }
    assert_int_equal(keepalives(s.w), 3);
    checked_run(s.w, FB_SECOND);
    assert_int_equal(requests(s.w), 2);
    world_end(s.w);
}

static void
test_data_postpones_keepalives(void **state)
{
    scene s;

    (void)state;
    begin(&s);
    run_to(&s, 70);
    fb_mobile_node_note_traffic(s.node, s.r, s.w->now);
    run_to(&s, 179);
    assert_int_equal(keepalives(s.w), 0);
    run_to(&s, 180);
    assert_int_equal(keepalives(s.w), 1);
    /* An answer counts from when something was sent last */
    fb_mobile_node_note_traffic(s.node, s.r, s.w->now + FB_SECOND / 2);
    s.w->now += FB_SECOND / 2;
    answer_keepalive(&s);
    checked_run(s.w, 110 * FB_SECOND - 1);
    assert_int_equal(keepalives(s.w), 1);
    checked_run(s.w, 1);
    assert_int_equal(keepalives(s.w), 2);
    world_end(s.w);
}

/* While a refresh is outstanding a lost mapping is no reason for another one. */
static void
test_no_answer_while_a_refresh_is_outstanding(void **state)
{
    scene s;
    size_t before;

    (void)state;
    begin(&s);
    s.w->connected[1] = false;
    run_to(&s, 117);
    assert_int_equal(world_state(s.w, 1), FB_BINDING_UP_PENDING);
    before = requests(s.w);
    run_to(&s, 400);
    assert_int_equal(keepalives(s.w), 6); /* at 110, and at 354: 110 s after the last sending */
    /* 117, 118, 120, 124, 132, 148, 180, 244, 372: doubling all the time (RFC 5944 3.6.3) */
    assert_int_equal(before, 2);
    assert_int_equal(requests(s.w), 1 + 9);
    world_end(s.w);
}

/* ---- denials of a foreign agent ---- */

/* 72, 74, 75 say of the foreign agent what 139, 137, 138 say of the home agent. */
static void
test_codes_of_a_foreign_agent(void **state)
{
    static const struct
    {
        bool reverse;
        uint8_t code, flags; /* of the next request */
    } row[] = {{true, 72, FLAG_T},
               {true, 74, FLAG_G},
               {true, 75, 0},
               {false, 75, FLAG_T | FLAG_G},
               {false, 74, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        fb_mobile_node_config config = roam_defaults();
        notice n = notice_of(ROAM_AGENT);
        world *w;

        config.reverse_tunnel = row[i].reverse;
        w = roam_world(&config);
        agent_link_up_with(w, 1, FB_TUNNEL_GRE);
        hear(w, 1, &n);
        assert_int_equal(answer_request(w, last_request(w), row[i].code, 0, 0), FB_REASON_NONE);
        world_run(w, FB_SECOND);
        if (row[i].flags == 0)
        {
            assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
        }
        else
        {
            assert_int_equal(requests_of(w), 2);
            assert_int_equal(last_request(w)->octets[1], row[i].flags);
        }
        world_end(w);
    }
}

/* ---- NATs that come, go and forget ---- */

#define HISTORIES 60
#define STEPS 40
#define LINKS 3

typedef struct history
{
    nat n; /* first: it is the world's context, too */
    test_random random;
    unsigned loss; /* of 100 */
    bool up[LINKS + 1];
} history;

static uint32_t
below(history *h, uint32_t count)
{
    return test_random_below(&h->random, count);
}

static bool
lose_some(world *w, const world_message *message)
{
    history *h = w->context;

    (void)message;
    return below(h, 100) < h->loss;
}

static void
remap(history *h, uint32_t link)
{
    h->n.outside[link] = NAT_1 + below(h, 2);
    /* Of links behind the same NAT each has its own ports */
    h->n.port[link] = below(h, 3) == 0 ? 0 : (uint16_t)(1000 * link + below(h, 100));
}

static void
happen(world *w, history *h)
{
    uint32_t link = 1 + below(h, LINKS);

    switch (below(h, 6))
    {
    case 0:
    case 1:
        remap(h, link);
        break;
    case 2:
        h->loss = 10 * below(h, 5);
        break;
    case 3:
        if (h->up[link])
        {
            world_link_down(w, link);
        }
        else
        {
            world_link_up(w, link);
        }
        h->up[link] = !h->up[link];
        break;
    case 4:
        w->tunnel[link] = (uint8_t)below(h, FB_TUNNEL_COUNT);
        w->udp[link] = (uint8_t)(below(h, 2) == 0 ? FB_UDP_IF_NAT : FB_UDP_FORCE);
        if (h->up[link])
        {
            world_change_address(w, link, w->address[link]);
        }
        break;
    default:
        fb_mobile_node_note_traffic(&w->mobile_node->mobile_node,
                                    &w->mobile_node->mobile_node.registrations.item[0],
                                    w->now);
        break;
    }
}

/** What was agreed is possible, and both ends mean the same tunnel. */
static void
assert_agreed(const world *w, const history *h, const fb_home_agent_config *home, uint8_t link)
{
    bool behind_nat = h->n.port[link] != 0;
    bool udp = behind_nat || (w->udp[link] == FB_UDP_FORCE && home->udp_force);
    fb_ipv4 end = behind_nat ? h->n.outside[link] : w->address[link];
    uint16_t port = behind_nat ? h->n.port[link] : udp ? FB_MIP4_PORT : 0;
    uint8_t tunnel = w->tunnel[link];

    if ((tunnel == FB_TUNNEL_GRE && !home->gre) || (tunnel == FB_TUNNEL_MINIMAL && !home->minimal))
    {
        tunnel = FB_TUNNEL_IPIP;
    }
    assert_true(world_state(w, link) == FB_BINDING_UP ||
                world_state(w, link) == FB_BINDING_UP_PENDING);
    assert_tunnel(w, link, tunnel, end, port);
    assert_int_equal(mobile_binding(w, link).tunnel, tunnel);
    assert_int_equal(mobile_binding(w, link).udp_port, udp ? FB_MIP4_PORT : 0);
}

static void
play_history(history *h)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.retry_denied_s = 5;
    /* losses may look like a legacy peer (D-01) */
    setup.mobile_node.mobile_node.legacy_retry_s = 100;
    setup.mobile_node.limits.events = setup.home_agent.limits.events = 512;
    setup.home_agent.home_agent.gre = below(h, 2) == 0;
    setup.home_agent.home_agent.minimal = below(h, 2) == 0;
    setup.home_agent.home_agent.udp_force = below(h, 2) == 0;
    setup.home_agent.home_agent.keepalive_s = (uint16_t)(10 + below(h, 60));
    setup.home_agent.home_agent.reverse_tunnel = below(h, 3) != 0;
    w = world_start(&setup);
    w->translate = nat_translate;
    w->lose = lose_some;
    w->context = h;
    world_link_up(w, 1);
    h->up[1] = true;
    for (int i = 0; i < STEPS; i++)
    {
        happen(w, h);
        checked_run(w, below(h, 60) * FB_SECOND);
    }
    h->loss = 0;
    for (uint32_t link = 1; link <= LINKS; link++)
    {
        if (!h->up[link])
        {
            world_link_up(w, link);
        }
        /* Asks for all it ever wanted again, so that what was refused by an earlier tunnel is no matter */
        w->udp[link] = FB_UDP_IF_NAT;
        world_change_address(w, link, 0xcb007240u + link);
    }
    checked_run(w, 800 * FB_SECOND);
    assert_int_equal(world_binding_count(w), LINKS);
    for (uint8_t link = 1; link <= LINKS; link++)
    {
        assert_agreed(w, h, &setup.home_agent.home_agent, link);
    }
    world_end(w);
}

static void
test_random_nats(void **state)
{
    test_random random = test_random_start("role/mobile_node_tunnel");

    (void)state;
    for (int i = 0; i < HISTORIES; i++)
    {
        history h = {.random = random};

        play_history(&h);
        random = h.random;
    }
}

/* ---- a peer that refuses whatever it likes ---- */

/** An answer with any code, and with a UDP Tunnel Reply as often as not. */
static void
answer_anything(world *w, history *h)
{
    static const uint8_t codes[] = {0, 0, 1, 129, 133, 135, 136, 137, 138, 139, 142, 152, 153, 128};
    const world_message *request = NULL;
    uint8_t reply[REPLY_FIXED + 8];
    size_t length;

    for (size_t i = 0; i < world_sent_count(w, true); i++)
    {
        const world_message *m = world_sent(w, true, i);

        request = m->octets[0] == 1 ? m : request;
    }
    if (request == NULL)
    {
        return;
    }
    length = reply_fixed(reply, request, codes[below(h, sizeof codes)], 30);
    if (below(h, 2) == 0)
    {
        const uint8_t udp[8] =
            {44, 6, below(h, 8) == 0, (uint8_t)(below(h, 2) * 64), 0, 0, 0, (uint8_t)below(h, 40)};

        memcpy(reply + length, udp, sizeof udp);
        length += sizeof udp;
    }
    assert_true(reply_octets(w, request, reply, length) >= 0);
}

/** No path asks for more than the host wants, and none more than twice a second. */
static void
assert_modest(const world *w, size_t since, fb_time duration)
{
    assert_true(world_sent_count(w, true) - since <= 2 * LINKS * (1 + duration / FB_SECOND) + 3);
    for (size_t i = since; i < world_sent_count(w, true); i++)
    {
        const world_message *m = world_sent(w, true, i);
        uint8_t wanted = w->tunnel[m->meta.link];

        if (m->octets[0] == 1)
        {
            seen s = look_at(m);

            assert_true((s.flags & FLAG_G) == 0 || wanted == FB_TUNNEL_GRE);
            assert_true((s.flags & FLAG_M) == 0 || wanted == FB_TUNNEL_MINIMAL);
            assert_int_equal(s.udp_tunnel != 0,
                             s.lifetime_s > 0 && w->udp[m->meta.link] != FB_UDP_NEVER);
        }
    }
}

static void
test_random_refusals(void **state)
{
    test_random random = test_random_start("role/mobile_node_tunnel");
    history h = {.random = random};

    (void)state;
    for (int i = 0; i < HISTORIES; i++)
    {
        world_setup setup;
        world *w;

        world_setup_default(&setup);
        setup.mobile_node.limits.events = 512;
        w = world_start(&setup);
        w->lose = lose_requests;
        for (uint32_t link = 1; link <= LINKS; link++)
        {
            w->tunnel[link] = (uint8_t)below(&h, FB_TUNNEL_COUNT);
            w->udp[link] = (uint8_t)below(&h, 3);
            world_link_up(w, link);
        }
        for (int step = 0; step < 4 * STEPS; step++)
        {
            size_t since = world_sent_count(w, true);
            fb_time duration = below(&h, 4) * FB_SECOND;

            answer_anything(w, &h);
            world_run(w, duration);
            assert_true(fb_agent_next_timeout(w->mobile_node) > w->now);
            assert_modest(w, since, duration);
        }
        world_end(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered_keepalives),
        cmocka_unit_test(test_answer_at_the_last_moment),
        cmocka_unit_test(test_unasked_answers),
        cmocka_unit_test(test_data_while_an_answer_is_awaited),
        cmocka_unit_test(test_data_postpones_keepalives),
        cmocka_unit_test(test_no_answer_while_a_refresh_is_outstanding),
        cmocka_unit_test(test_codes_of_a_foreign_agent),
        cmocka_unit_test(test_random_nats),
        cmocka_unit_test(test_random_refusals),
    };

    return cmocka_run_group_tests_name("role/mobile_node_tunnel", tests, NULL, NULL);
}
