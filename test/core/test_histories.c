/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random histories of a mobile node and a home agent: links that flap or fall silent, losses, messages replayed,
 * duplicated, damaged and overtaken, policies, steps of the clock. Some things hold after every step; and when the
 * world has healed and time enough has passed, both ends agree. Each history also draws its configuration.
 *
 * FLOWBIND_SEED repeats a run; the number of the history that failed is printed.
 */

#include "base/random.h"
#include "checked_run.h"
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#define HISTORIES 150
#define STEPS 250
#define SAVED 32

typedef struct history
{
    world *w;
    world_setup setup;
    test_random random;
    unsigned loss; /* of 100 */
    bool up[WORLD_LINKS + 1];
    fb_time policy_at; /* when the policy changed last */
    uint32_t addresses;
    world_message saved[SAVED]; /* to be replayed */
    size_t saves;
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

    if (below(h, 4) == 0)
    {
        h->saved[h->saves++ % SAVED] = *message;
    }
    return below(h, 100) < h->loss;
}

/** A node without a home address; a mobile router that names its networks, has them assigned, or knows of none. */
static void
draw_identity(history *h)
{
    fb_subscriber *subscriber = &h->setup.subscriber;
    fb_mobile_node_config *node = &h->setup.mobile_node.mobile_node;
    fb_prefix ipv4 = {.address = fb_addr_from_ipv4(0xc6336480), .length = 28};
    fb_prefix ipv6 = {.address = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8}}, .length = 64};
    uint32_t kind = below(h, 6);

    if (below(h, 3) == 0)
    {
        subscriber->nai.length = node->nai.length = 3;
        memcpy(subscriber->nai.text, "a@b", 3);
        node->nai = subscriber->nai;
        node->home_address = below(h, 2) == 0 ? 0 : node->home_address;
    }
    if (kind < 4)
    {
        subscriber->networks = (fb_networks){.count = 2, .prefix = {ipv4, ipv6}};
        node->networks = subscriber->networks;
        node->implicit_networks = kind == 0;
    }
    if (kind == 1)
    {
        node->networks.prefix[0] = (fb_prefix){.address = fb_addr_from_ipv4(0)};
    }
}

static world *
begin(history *h)
{
    static const uint16_t lifetime_s[] = {12, 60, 600};
    static const uint8_t per_node[] = {2, 3, 8};
    fb_mobile_node_config *node = &h->setup.mobile_node.mobile_node;
    world *w;

    world_setup_default(&h->setup);
    draw_identity(h);
    node->lifetime_s = lifetime_s[below(h, 3)];
    node->bulk_refresh = below(h, 2) == 0;
    node->coa_change = (fb_coa_change)below(h, 3);
    node->multipath = below(h, 8) != 0;
    node->retry_denied_s = 5;
    node->legacy_retry_s = 100;
    h->setup.home_agent.home_agent.lifetime_max_s = below(h, 3) == 0 ? 30 : 1800;
    h->setup.home_agent.limits.bindings_per_node = per_node[below(h, 3)];
    h->setup.home_agent.limits.flow_cache = below(h, 2) == 0 ? 0 : 16;
    if (below(h, 2) == 0)
    {
        node->association.replay = h->setup.subscriber.association.replay = FB_REPLAY_NONCE;
    }
    h->setup.home_agent.home_agent.replay_per_binding = below(h, 3) == 0;
    h->setup.home_agent.home_agent.echo_policy = below(h, 3) == 0;
    /* Without an echo the node cannot know what its policies add up to */
    h->setup.home_agent.home_agent.merge_policy = h->setup.home_agent.home_agent.echo_policy &&
                                                  below(h, 2) == 0;
    h->setup.mobile_node.limits.events = h->setup.home_agent.limits.events = 512;
    w = world_start(&h->setup);
    w->context = h;
    w->lose = lose_some;
    h->w = w;
    h->loss = 5 * below(h, 8);
    return w;
}

/* ---- what may happen ---- */

static void
flap(history *h)
{
    uint32_t link = 1 + below(h, WORLD_LINKS);

    if (h->up[link])
    {
        world_link_down(h->w, link);
    }
    else
    {
        world_link_up(h->w, link);
    }
    h->up[link] = !h->up[link];
}

static void
move(history *h)
{
    uint32_t link = 1 + below(h, WORLD_LINKS);

    if (h->up[link])
    {
        world_change_address(h->w, link, 0xcb007200u + ++h->addresses);
    }
}

static void
change_policy(history *h)
{
    fb_rule rules[5];

    h->policy_at = h->w->now;
    if (below(h, 2) == 0)
    {
        assert_int_equal(world_policy(h->w, rules, world_figure2(rules)), FB_OK);
        return;
    }
    rules[0] = forward_rule("4321", TCP, SSH);
    rules[1] = drop_rule(UDP, SIP);
    assert_int_equal(world_policy(h->w, rules, 2), FB_OK);
}

static void
step_clock(history *h)
{
    /* Up to ten seconds either way; seldom an hour */
    int32_t by_s = (int32_t)below(h, 21) - 10;
    uint32_t true_s = (uint32_t)(WORLD_NTP + h->w->now / FB_SECOND);

    if (below(h, 4) == 0)
    {
        by_s *= 360;
    }
    set_clock(h->w, h->w->mobile_node, true_s + (uint32_t)by_s, h->w->now);
}

static void
administrate(history *h)
{
    fb_fact_kind kind = below(h, 3) == 0 ? FB_FACT_DEREGISTER : FB_FACT_REGISTER;
    fb_fact fact = {.kind = kind, .u.bid = (uint8_t)below(h, WORLD_LINKS + 1)};
    int known = fact.u.bid == 0 ? 0 : world_state(h->w, fact.u.bid);

    if (known >= 0)
    {
        world_fact(h->w, h->w->mobile_node, &fact);
    }
}

/** A message seen before, once more, and perhaps not as it was. */
static void
replay(history *h)
{
    size_t count = h->saves < SAVED ? h->saves : SAVED;
    world_message m;
    bool damaged = below(h, 2) == 0;

    if (count == 0)
    {
        return;
    }
    m = h->saved[below(h, (uint32_t)count)];
    if (damaged)
    {
        uint32_t bit = below(h, (uint32_t)(8 * m.length));

        m.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (below(h, 4) == 0)
        {
            m.length = below(h, (uint32_t)m.length);
        }
    }
    int reason = world_inject(h->w, m.to_home_agent, &m.meta, m.octets, m.length);
    assert_true(reason >= 0);
    assert_true(!damaged || reason != FB_REASON_NONE);
}

static void
happen(history *h)
{
    uint32_t link = 1 + below(h, WORLD_LINKS);

    switch (below(h, 16))
    {
    case 0:
    case 1:
    case 2:
        flap(h);
        break;
    case 3:
        move(h);
        break;
    case 4:
        change_policy(h);
        break;
    case 5:
        step_clock(h);
        break;
    case 6:
        administrate(h);
        break;
    case 7:
    case 8:
        h->w->connected[link] = !h->w->connected[link]; /* silent, or no longer */
        break;
    case 9:
        h->w->delay[link] = below(h, 1500) * FB_MILLISECOND; /* messages overtake each other */
        break;
    case 10:
        h->loss = 5 * below(h, 8);
        break;
    default:
        replay(h);
        break;
    }
}

/* ---- what holds after every step ---- */

static size_t
home_agent_bindings(const world *w, fb_binding_view view[16])
{
    size_t count = 0;

    while (count < 16 && fb_agent_binding(w->home_agent,
                                          FB_ROLE_HOME_AGENT,
                                          WORLD_HOME_ADDRESS,
                                          count,
                                          &view[count]))
    {
        count++;
    }
    return count;
}

static void
assert_bindings_differ(const history *h)
{
    fb_binding_view view[16];
    size_t count = home_agent_bindings(h->w, view);

    assert_true(count <= h->setup.home_agent.limits.bindings_per_node);
    for (size_t i = 0; i < count; i++)
    {
        assert_true(view[i].expires > h->w->now);
        for (size_t k = 0; k < i; k++)
        {
            assert_int_not_equal(view[i].ref.bid, view[k].ref.bid);
            assert_int_not_equal(view[i].care_of_address, view[k].care_of_address);
            assert_true(view[i].ref.bid != 0 && view[k].ref.bid != 0); /* D-26 */
        }
    }
}

/** Flows of Figure 2, and one of no rule. */
static const struct
{
    uint8_t protocol;
    uint16_t port;
} flows[] = {{UDP, SIP}, {TCP, HTTP}, {TCP, SSH}, {TCP, 443}};

#define FLOWS (sizeof flows / sizeof flows[0])

static void
assert_paths_exist(const history *h)
{
    for (size_t i = 0; i < FLOWS; i++)
    {
        world_verdict down = world_downlink(h->w, flows[i].protocol, flows[i].port, 40000);
        world_verdict up = world_uplink(h->w, flows[i].protocol, flows[i].port, 40000);
        fb_binding_view view;

        if (down.kind == FB_SEND)
        {
            assert_true(world_binding(h->w, down.bid, &view));
            assert_int_equal(down.outer_destination, view.care_of_address);
        }
        if (up.kind == FB_SEND)
        {
            int state = world_state(h->w, up.bid);

            assert_true(h->up[up.bid]);
            assert_true(state == FB_BINDING_UP || state == FB_BINDING_UP_PENDING);
            assert_int_equal(up.outer_source, h->w->address[up.bid]);
        }
    }
}

/** No message is on its way and no request outstanding. */
static bool
quiet(const world *w)
{
    for (size_t i = 0; i < w->messages; i++)
    {
        if (!w->done[i] && !w->message[i].lost)
        {
            return false;
        }
    }
    for (uint8_t bid = 1; bid <= WORLD_LINKS; bid++)
    {
        int state = world_state(w, bid);

        if (state > FB_BINDING_DOWN && state != FB_BINDING_UP && state != FB_BINDING_BLOCKED)
        {
            return false;
        }
    }
    return true;
}

/** Lets time pass; starts the records anew when they get long. */
static void
pass(history *h, fb_time duration)
{
    world *w = h->w;

    /* A policy given while a refresh is outstanding takes its place: for some seconds two are on their way */
    checked_run_lenient(w, duration, h->policy_at + 5 * FB_SECOND);
    if (w->messages > 300 && quiet(w))
    {
        memset(w->done, 0, sizeof w->done);
        w->messages = 0;
        w->events = 0;
    }
}

/* ---- in the end ---- */

static void
heal(history *h)
{
    world *w = h->w;
    fb_rule rules[5];

    h->loss = 0;
    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        w->delay[link] = (10 + 20 * link) * FB_MILLISECOND;
        w->connected[link] = true;
        if (!h->up[link])
        {
            world_link_up(w, link);
            h->up[link] = true;
        }
    }
    set_clock(w, w->mobile_node, (uint32_t)(WORLD_NTP + w->now / FB_SECOND), w->now);
    administrator(w, FB_FACT_REGISTER, 0);
    /* What was sent while the clock was ahead is newer to the home agent than what comes after: let it arrive */
    pass(h, 20 * FB_SECOND);
    h->policy_at = w->now;
    assert_int_equal(world_policy(w, rules, world_figure2(rules)), FB_OK);
    for (int i = 0; i < 30; i++)
    {
        pass(h, 100 * FB_SECOND);
    }
}

static void
assert_both_ends_agree(const history *h)
{
    const world *w = h->w;
    fb_binding_view view[16];
    size_t count = home_agent_bindings(w, view), up = 0;
    size_t limit = h->setup.home_agent.limits.bindings_per_node;
    bool multipath = h->setup.mobile_node.mobile_node.multipath;

    for (uint8_t bid = 1; bid <= WORLD_LINKS; bid++)
    {
        int state = world_state(w, bid);

        up += state == FB_BINDING_UP || state == FB_BINDING_UP_PENDING;
    }
    assert_int_equal(count, up);
    assert_int_equal(up, !multipath ? 1 : limit < WORLD_LINKS ? limit : WORLD_LINKS);
    for (size_t i = 0; i < count; i++)
    {
        uint8_t bid = view[i].ref.bid;

        if (!multipath)
        {
            assert_int_equal(bid, 0);
            continue;
        }
        assert_true(world_state(w, bid) == FB_BINDING_UP ||
                    world_state(w, bid) == FB_BINDING_UP_PENDING);
        assert_int_equal(view[i].care_of_address, w->address[bid]);
        assert_true(view[i].expires >= mobile_expiry(w, bid));
    }
}

/** Which of both networks an agent has in use: 1 the IPv4 one, 2 the IPv6 one. */
static unsigned
networks_of(const fb_agent *agent, uint8_t role)
{
    fb_prefix network;
    unsigned set = 0;

    for (size_t i = 0; fb_agent_network(agent, role, WORLD_HOME_ADDRESS, i, &network); i++)
    {
        unsigned which = network.address.family == FB_FAMILY_IPV4 ? 1 : 2;

        assert_int_equal(network.length, which == 1 ? 28 : 64);
        assert_int_equal(set & which, 0);
        set |= which;
    }
    return set;
}

static void
assert_networks_agree(const history *h)
{
    unsigned all = h->setup.subscriber.networks.count > 0 ? 3 : 0;

    assert_int_equal(networks_of(h->w->home_agent, FB_ROLE_HOME_AGENT), all);
    assert_int_equal(networks_of(h->w->mobile_node, FB_ROLE_MOBILE_NODE), all);
}

static void
assert_both_ways_alike(const history *h)
{
    for (size_t i = 0; i < FLOWS; i++)
    {
        bool multipath = h->setup.mobile_node.mobile_node.multipath;
        world_verdict down = world_downlink(h->w, flows[i].protocol, flows[i].port, 40000);
        world_verdict up = world_uplink(h->w, flows[i].protocol, flows[i].port, 40000);

        if (!multipath)
        {
            /* The home agent knows no policy, and one path */
            assert_int_equal(down.kind, FB_SEND);
            assert_true(down.delivered);
            continue;
        }
        assert_int_equal(down.kind, up.kind);
        assert_int_equal(down.reason, up.reason);
        assert_int_equal(down.bid, up.bid);
        assert_int_equal(down.delivered, down.kind == FB_SEND);
        assert_int_equal(up.delivered, up.kind == FB_SEND);
    }
}

static void
test_random_histories(void **state)
{
    test_random random = test_random_start("agent/histories");
    const char *only = getenv("FLOWBIND_HISTORY");

    (void)state;
    for (int number = 0; number < HISTORIES; number++)
    {
        history *h = calloc(1, sizeof *h);

        assert_non_null(h);
        h->random.state = test_random_next(&random) | 1;
        if (only != NULL && atoi(only) != number)
        {
            free(h);
            continue;
        }
        printf("# history %d\n", number);
        begin(h);
        for (int step = 0; step < STEPS; step++)
        {
            happen(h);
            assert_bindings_differ(h);
            pass(h, below(h, 3) == 0 ? 0 : below(h, 8000) * FB_MILLISECOND);
            assert_bindings_differ(h);
            assert_paths_exist(h);
        }
        heal(h);
        assert_both_ends_agree(h);
        assert_networks_agree(h);
        assert_both_ways_alike(h);
        world_end(h->w);
        free(h);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_histories),
    };

    return cmocka_run_group_tests_name("agent/histories", tests, NULL, NULL);
}
