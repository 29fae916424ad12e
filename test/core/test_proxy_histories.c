/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random histories of a whole network of Proxy Mobile IPv6: two gateways, an anchor, two logical mobile nodes and two
 * that move between the gateways. Links flap and change addresses, agents restart, messages are lost, doubled,
 * overtaken and damaged, and data packets are on their way all the while. proxy_net.c checks what has to hold always;
 * here it is checked that all agree again when the faults have ended (proxy_agree.c), that data takes the paths the
 * policy says, that they go on agreeing while nothing happens, and that nothing is left when all mobile nodes have
 * gone.
 *
 * FLOWBIND_SEED repeats a run, FLOWBIND_HISTORY one history of it, FLOWBIND_HISTORIES sets how many there are.
 */

#include "cmocka_setup.h"
#include "proxy_agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define HISTORIES 100
#else
#define HISTORIES 6000
#endif
#define STEPS 30
#define HEAL_S 1200 /* after the faults, at most, until all agree */
#define PORT 5001
#define LOG 256
#define NOTICED_S 150 /* until all heartbeats have told what they can */
#define QUIET_S 300 /* two lifetimes and more */
#define REST_S 300 /* after all have gone, until nothing is left of them */
#define UPGRADES 4 /* one restart of the anchor in so many */

typedef struct history
{
    int number;
    pnet n;
    int at[PNET_NODES]; /* the gateway the node is attached to */
    pnet_policy policy; /* rule n is for packets from port PORT + n */
    char log[LOG][64];
    unsigned logged;
    unsigned most_wakings; /* of an agent while nothing happens */
} history;

static uint32_t
below(history *h, uint32_t count)
{
    return test_random_below(&h->n.random, count);
}

static void
note(history *h, const char *what, unsigned a, unsigned b)
{
    snprintf(h->log[h->logged++ % LOG],
             sizeof h->log[0],
             "%8.3f %s %u %u",
             (double)h->n.now / (double)FB_SECOND,
             what,
             a,
             b);
}

static void
failed(void *context, const char *what)
{
    const history *h = context;

    for (unsigned i = 0; i < h->logged && i < LOG; i++)
    {
        print_error("%s\n", h->log[i]);
    }
    fail_msg("history %d, %f s: %s", h->number, (double)h->n.now / (double)FB_SECOND, what);
}

/* ---- configuration ---- */

static void
configure(history *h)
{
    fb_config *anchor = &h->n.config[PNET_ANCHOR];
    bool gre = below(h, 2) != 0, legacy = below(h, 6) == 0, sequences = below(h, 3) == 0;
    bool flows = below(h, 4) != 0;
    static const uint32_t lifetimes_s[] = {80, 120, 65532};

    fb_config_default(anchor);
    anchor->roles = FB_ROLE_LMA;
    anchor->limits.events = 1024;
    anchor->lma.address = (fb_addr){FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, 15, [15] = 1}};
    anchor->lma.address_ipv4 = 0xc0000235u;
    anchor->lma.any_gateway = anchor->lma.any_subscriber = true;
    anchor->lma.home_pool = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 1}}, 40};
    anchor->lma.delegated_pool = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 2}}, 40};
    anchor->lma.restart_counter = 1;
    anchor->lma.legacy = legacy;
    anchor->lma.flow_policy = flows && below(h, 8) != 0;
    anchor->lma.lifetime_max_s = lifetimes_s[below(h, 3)];
    anchor->lma.force_udp = true;
    anchor->lma.heartbeat_s = below(h, 2) != 0 ? 30 : 0;
    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        fb_config *c = &h->n.config[g];

        fb_config_default(c);
        c->roles = FB_ROLE_MAG;
        c->limits.links = PNET_LINKS;
        c->limits.sessions = PNET_NODES;
        c->limits.events = 1024;
        c->mag.identity.length =
            (uint8_t)snprintf(c->mag.identity.text, FB_NAI_MAX, "mag%u@example.net", g);
        c->mag.anchor = anchor->lma.address;
        c->mag.anchor_ipv4 = anchor->lma.address_ipv4;
        c->mag.lifetime_s = 120;
        c->mag.heartbeat_s = 30;
        c->mag.restart_counter = 1;
        c->mag.concurrent = below(h, 2) != 0;
        c->mag.bulk_refresh = below(h, 2) != 0;
        c->mag.anchor_capable = !legacy && below(h, 2) != 0;
        c->mag.sequence_numbers = sequences;
        c->mag.negotiate_policy = flows;
        c->mag.retry_denied_s = 5;
        c->mag.legacy_retry_s = 60;
        h->n.link[g][2].tunnel = gre ? FB_TUNNEL_GRE : FB_TUNNEL_IPIP;
        h->n.link[g][2].gre_key = gre;
        h->n.link[g][PNET_IPV4].udp = below(h, 2) != 0 ? FB_UDP_FORCE : FB_UDP_NEVER;
    }
}

/* ---- what happens ---- */

static void
attach(history *h, unsigned node, unsigned gateway, uint8_t handoff)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_ADD,
                    .u.session = {.session = node + 1,
                                  .kind = node < 2 ? FB_SESSION_LOGICAL : FB_SESSION_PHYSICAL,
                                  .identity = pnet_name(node),
                                  .link_layer_length = 6,
                                  .link_layer = {2, 0, 0, 0, 0, (uint8_t)node},
                                  .technology = node < 2 ? 1 : 4,
                                  .handoff = handoff,
                                  .access_link = node < 2 ? 0 : 100,
                                  .home_network = true,
                                  .delegation = node % 2 == 0}};

    h->at[node] = (int)gateway;
    pnet_fact(&h->n, gateway, &fact);
}

static void
detach(history *h, unsigned node)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_REMOVE, .u.session.session = node + 1};

    pnet_fact(&h->n, (unsigned)h->at[node], &fact);
    h->at[node] = PNET_AWAY;
}

static void
move(history *h)
{
    unsigned node = 2 + below(h, 2), gateway = below(h, PNET_GATEWAYS);
    int from = h->at[node];

    note(h, "move", node, gateway);
    if (from != PNET_AWAY)
    {
        detach(h, node);
        if (below(h, 2) != 0)
        {
            pnet_run(&h->n, below(h, 3000) * FB_MILLISECOND);
        }
    }
    if (from == PNET_AWAY || from != (int)gateway)
    {
        attach(h, node, gateway, from == PNET_AWAY ? 1 : 3);
    }
}

static void
tell_policy(history *h, unsigned gateway)
{
    pnet_fact(&h->n,
              gateway,
              &(fb_fact){.kind = FB_FACT_POLICY, .u.policy = {h->policy.rule, h->policy.count}});
}

/** An agent has its configuration and what the host tells it, but nothing it learnt. */
static void
restart(history *h, unsigned who)
{
    pnet *n = &h->n;

    note(h, "restart", who, 0);
    n->config[who].mag.restart_counter++;
    n->config[who].lma.restart_counter++;
    if (who == PNET_ANCHOR && below(h, UPGRADES) == 0)
    {
        n->config[who].lma.legacy = below(h, 4) == 0;
        n->config[who].lma.flow_policy = n->config[who].lma.flow_policy || below(h, 2) != 0;
        note(h, "upgrade", n->config[who].lma.legacy, n->config[who].lma.flow_policy);
    }
    pnet_start_agent(n, who);
    if (who == PNET_ANCHOR)
    {
        return;
    }
    tell_policy(h, who);
    for (uint32_t link = 1; link <= PNET_LINKS; link++)
    {
        if (n->up[who][link])
        {
            pnet_link(n, who, link, FB_FACT_LINK_UP);
        }
    }
    for (unsigned node = 0; node < PNET_NODES; node++)
    {
        if (h->at[node] == (int)who)
        {
            attach(h, node, who, 4);
        }
    }
}

/** One of them is about all that comes from a host, and so does not fit where short ones do. */
static fb_selector
selector_of(history *h, size_t index)
{
    static const uint8_t correspondents[16] = {0x20, 0x01, 0x0d, 0xb8, 0xca, 0xfe};
    fb_selector selector = {.format = FB_SELECTOR_IPV6,
                            .u.v6 = {.present = FB_SELECTOR6_SOURCE_PORT_START,
                                     .source_port_start = (uint16_t)(PORT + index)}};

    if (below(h, 3) == 0)
    {
        selector.u.v6.present |= FB_SELECTOR6_SOURCE_START | FB_SELECTOR6_SOURCE_END |
                                 FB_SELECTOR6_NEXT_HEADER_START;
        memcpy(selector.u.v6.source_start, correspondents, sizeof correspondents);
        memcpy(selector.u.v6.source_end, correspondents, sizeof correspondents);
        selector.u.v6.source_end[15] = 255;
        selector.u.v6.next_header_start = 17;
    }
    return selector;
}

static void
policy(history *h)
{
    static const uint8_t actions[] = {FB_RULE_FORWARD,
                                      FB_RULE_FORWARD,
                                      FB_RULE_FORWARD_LABEL,
                                      FB_RULE_FORWARD_TECHNOLOGY,
                                      FB_RULE_COPY,
                                      FB_RULE_DROP};
    static const uint8_t technologies[] = {8, 4}; /* of the link 1, of the others */

    h->policy.count = below(h, PNET_RULES + 1);
    for (size_t i = 0; i < h->policy.count; i++)
    {
        uint8_t first = (uint8_t)below(h, PNET_LINKS);
        fb_rule *rule = &h->policy.rule[i];

        *rule = (fb_rule){.action = actions[below(h, sizeof actions)],
                          .bid_count = 2,
                          .bid = {(uint8_t)(1 + first), (uint8_t)(1 + (first + 1) % PNET_LINKS)},
                          .selector = selector_of(h, i)};
        if (rule->action == FB_RULE_FORWARD_TECHNOLOGY)
        {
            rule->bid[0] = technologies[first % 2];
            rule->bid[1] = technologies[1 - first % 2];
        }
        if (rule->action == FB_RULE_FORWARD_LABEL)
        {
            rule->bid[0] = (uint8_t)(11 + first);
            rule->bid[1] = 21;
        }
        note(h, "rule", rule->action, rule->bid[0]);
    }
    note(h, "policy", (unsigned)h->policy.count, 0);
    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        tell_policy(h, g);
    }
}

static void
weather(history *h)
{
    static const unsigned permille[] = {0, 0, 50, 300};

    h->n.loss_permille = permille[below(h, 4)];
    h->n.double_permille = permille[below(h, 4)];
    h->n.damage_permille = permille[below(h, 4)] / 5;
    h->n.jitter_ms = below(h, 2) * below(h, 2000);
    note(h, "weather", h->n.loss_permille, h->n.jitter_ms);
}

/** Another address, or another property the anchor is told of. */
static void
change_link(history *h, unsigned gateway, uint32_t link)
{
    fb_link *l = &h->n.link[gateway][link];

    switch (below(h, 4))
    {
    case 0:
        l->label = l->label < 20 ? (uint8_t)(l->label + 10) : (uint8_t)(l->label - 10);
        break;
    case 1:
        l->tunnel = l->tunnel == FB_TUNNEL_GRE ? FB_TUNNEL_IPIP : FB_TUNNEL_GRE;
        l->gre_key = below(h, 2) != 0;
        l->udp = link == PNET_IPV4 && below(h, 2) != 0 ? FB_UDP_FORCE : FB_UDP_NEVER;
        break;
    default:
        l->address.octet[link == PNET_IPV4 ? 3 : 14]++;
    }
    pnet_link(&h->n, gateway, link, FB_FACT_LINK_CHANGED);
}

static void
touch_link(history *h, unsigned gateway, uint32_t link, unsigned how)
{
    pnet *n = &h->n;

    note(h, "link", gateway * 10 + link, how);
    if (how == 0)
    {
        pnet_link(n, gateway, link, n->up[gateway][link] ? FB_FACT_LINK_DOWN : FB_FACT_LINK_UP);
    }
    else if (how == 1)
    {
        n->connected[gateway][link] = !n->connected[gateway][link];
    }
    else if (n->up[gateway][link])
    {
        change_link(h, gateway, link);
    }
}

static void
administrate(history *h, unsigned gateway)
{
    fb_fact fact = {.kind = below(h, 2) != 0 ? FB_FACT_REGISTER : FB_FACT_DEREGISTER,
                    .u.bid = (uint8_t)below(h, PNET_LINKS + 1)};

    note(h, "administrate", gateway * 10 + fact.u.bid, fact.kind == FB_FACT_REGISTER);
    if (fact.u.bid != 0 && !h->n.up[gateway][fact.u.bid])
    {
        return;
    }
    pnet_fact(&h->n, gateway, &fact);
}

static void
send_data(history *h)
{
    unsigned node = below(h, PNET_NODES);

    if (h->at[node] != PNET_AWAY)
    {
        pnet_data(&h->n,
                  (unsigned)h->at[node],
                  node,
                  below(h, 2) != 0,
                  (uint16_t)(PORT + below(h, PNET_RULES + 1)));
    }
}

static void
happen(history *h)
{
    unsigned gateway = below(h, PNET_GATEWAYS);

    switch (below(h, 12))
    {
    case 0:
        policy(h);
        break;
    case 1:
        weather(h);
        break;
    case 2:
        restart(h, below(h, 2) != 0 ? PNET_ANCHOR : gateway);
        break;
    case 3:
    case 4:
        administrate(h, gateway);
        break;
    case 5:
    case 6:
        move(h);
        break;
    case 7:
    case 8:
        send_data(h);
        break;
    default:
        touch_link(h, gateway, 1 + below(h, PNET_LINKS), below(h, 3));
    }
}

/* ---- how it ends ---- */

/** All links are up, everything wanted, and nothing lost. */
static void
heal(history *h)
{
    pnet *n = &h->n;

    note(h, "heal", 0, 0);
    n->loss_permille = n->double_permille = n->damage_permille = n->jitter_ms = 0;
    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        for (uint32_t link = 1; link <= PNET_LINKS; link++)
        {
            n->connected[g][link] = true;
            if (!n->up[g][link])
            {
                pnet_link(n, g, link, FB_FACT_LINK_UP);
            }
        }
        pnet_fact(n, g, &(fb_fact){.kind = FB_FACT_REGISTER});
    }
}

static const char *
find_difference(const history *h)
{
    const char *difference = NULL;

    for (unsigned node = 0; node < PNET_NODES && difference == NULL; node++)
    {
        difference = pnet_differs(&h->n, node, h->at[node], &h->policy);
    }
    return difference == NULL ? pnet_left_over(&h->n) : difference;
}

static void
settle(history *h)
{
    const char *difference = "";

    for (unsigned s = 0; s < HEAL_S && difference != NULL; s += 5)
    {
        pnet_run(&h->n, 5 * FB_SECOND);
        difference = find_difference(h);
    }
    if (difference != NULL)
    {
        failed(h, difference);
    }
}

static unsigned
count_bits(unsigned bits)
{
    unsigned count = 0;

    for (; bits != 0; bits &= bits - 1)
    {
        count++;
    }
    return count;
}

/** Packets each way of each rule, and of none, arrive, and take the paths of the rule. */
static void
probe(history *h, unsigned node)
{
    for (size_t index = 0; index < 2 * (h->policy.count + 1); index++)
    {
        unsigned gateway = (unsigned)h->at[node];
        bool up = index % 2 != 0;
        pnet_choice choice = pnet_choose(&h->n, gateway, &h->policy, index / 2, up);
        unsigned bids = pnet_data(&h->n, gateway, node, up, (uint16_t)(PORT + index / 2));

        if ((bids & ~choice.allowed) != 0 || count_bits(bids) != choice.copies)
        {
            note(h, up ? "up" : "down", (unsigned)index / 2, bids);
            failed(h, "paths of a packet");
        }
    }
}

/** Whether agent @p who did, or was told of, more than to refresh what there is, since then. */
static bool
changed(history *h, unsigned who, const unsigned before[PNET_EVENTS], unsigned lost_before)
{
    static const fb_event_kind changes[] = {FB_EVENT_DENIED,
                                            FB_EVENT_DROP,
                                            FB_EVENT_POLICY,
                                            FB_EVENT_PEER,
                                            FB_EVENT_PREFIX,
                                            FB_EVENT_SESSION,
                                            FB_EVENT_PATH};
    const pnet *n = &h->n;
    bool any = n->lost[who] != lost_before;

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
    {
        if (n->events[who][changes[i]] != before[changes[i]])
        {
            note(h, "agent, kind of event", who, changes[i]);
            any = true;
        }
    }
    return any;
}

/** Nothing happens any more, and nobody gives up what all agree on, not even between two refreshes. */
static void
keep_quiet(history *h)
{
    pnet *n = &h->n;
    unsigned before[PNET_AGENTS][PNET_EVENTS], lost[PNET_AGENTS];

    memcpy(before, n->events, sizeof before);
    memcpy(lost, n->lost, sizeof lost);
    memset(n->wakings, 0, sizeof n->wakings);
    for (unsigned s = 0; s < QUIET_S; s++)
    {
        const char *difference;

        pnet_run(n, FB_SECOND);
        difference = find_difference(h);
        for (int i = 0; i < 5 && difference != NULL && n->config[PNET_ANCHOR].lma.legacy; i++)
        {
            /* it was just being asked whether it still is (D8-18) */
            pnet_run(n, 100 * FB_MILLISECOND);
            difference = find_difference(h);
        }
        if (difference != NULL)
        {
            failed(h, difference);
        }
    }
    for (unsigned who = 0; who < PNET_AGENTS; who++)
    {
        h->most_wakings = n->wakings[who] > h->most_wakings ? n->wakings[who] : h->most_wakings;
        if (changed(h, who, before[who], lost[who]))
        {
            failed(h, "something changed");
        }
    }
}

/** All mobile nodes go: nothing of them is left, and nobody wakes up for them. */
static void
go_away(history *h)
{
    pnet *n = &h->n;
    const char *left;

    note(h, "go away", 0, 0);
    for (unsigned node = 0; node < PNET_NODES; node++)
    {
        if (h->at[node] != PNET_AWAY)
        {
            detach(h, node);
        }
    }
    pnet_run(n, REST_S * FB_SECOND);
    left = find_difference(h);
    if (left != NULL)
    {
        failed(h, left);
    }
    for (unsigned who = 0; who < PNET_AGENTS; who++)
    {
        if (fb_agent_next_timeout(n->agent[who]) != FB_TIME_NEVER)
        {
            note(h, "waits", who, 0);
            failed(h, "waits for something, without any session");
        }
    }
}

/** They come again, wherever. */
static void
come_again(history *h)
{
    note(h, "come again", 0, 0);
    for (unsigned node = 0; node < PNET_NODES; node++)
    {
        attach(h, node, below(h, PNET_GATEWAYS), 1);
    }
    settle(h);
}

static void
play(history *h, uint64_t seed)
{
    h->n.random.state = seed;
    h->n.failed = failed;
    h->n.context = h;
    configure(h);
    pnet_begin(&h->n, test_random_next(&h->n.random) | 1);
    for (unsigned i = 0; i < PNET_GATEWAYS * PNET_LINKS; i++)
    {
        pnet_link(&h->n, i / PNET_LINKS, 1 + i % PNET_LINKS, FB_FACT_LINK_UP);
    }
    for (unsigned node = 0; node < PNET_NODES; node++)
    {
        attach(h, node, node % PNET_GATEWAYS, 1);
    }
    for (unsigned step = 0; step < STEPS; step++)
    {
        happen(h);
        pnet_run(&h->n, below(h, 3) == 0 ? 0 : below(h, 6000) * FB_MILLISECOND);
    }
    heal(h);
    pnet_run(&h->n, 30 * FB_SECOND);
    settle(h);
    for (unsigned node = 0; node < PNET_NODES; node++)
    {
        if (h->at[node] != PNET_AWAY)
        {
            probe(h, node);
        }
    }
    /* that the other end has restarted is found out now if it was not before */
    pnet_run(&h->n, NOTICED_S * FB_SECOND);
    settle(h);
    keep_quiet(h);
    go_away(h);
    come_again(h);
    pnet_end(&h->n);
}

static void
test_proxy_histories(void **state)
{
    test_random random = test_random_start("agent/proxy histories");
    const char *only = getenv("FLOWBIND_HISTORY"), *many = getenv("FLOWBIND_HISTORIES");
    int count = only != NULL ? atoi(only) + 1 : many != NULL ? atoi(many) : HISTORIES;
    unsigned most_sent = 0, most_woken = 0, most_wakings = 0;

    (void)state;
    for (int number = 0; number < count; number++)
    {
        uint64_t seed = test_random_next(&random) | 1;
        history *h;

        if (only != NULL && atoi(only) != number)
        {
            continue;
        }
        h = calloc(1, sizeof *h);
        assert_non_null(h);
        h->number = number;
        play(h, seed);
        most_sent = h->n.most_sent > most_sent ? h->n.most_sent : most_sent;
        most_woken = h->n.most_woken > most_woken ? h->n.most_woken : most_woken;
        most_wakings = h->most_wakings > most_wakings ? h->most_wakings : most_wakings;
        free(h);
    }
    printf("# a second at most %u messages, and %u time-outs of one agent\n",
           most_sent,
           most_woken);
    printf("# at most %u of them in %u s in which nothing happens\n", most_wakings, QUIET_S);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxy_histories),
    };

    return cmocka_run_group_tests_name("agent/proxy histories", tests, NULL, NULL);
}
