/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random histories of a whole network of Proxy Mobile IPv6: two gateways, an anchor, two logical mobile nodes and two
 * that move between the gateways. Links flap and change addresses, agents restart, messages
 * are lost, doubled, overtaken and damaged, and data packets are on their way all the while. proxy_net.c checks what
 * has to hold always; here it is checked that all agree again when the faults have ended, and that data arrives by the
 * path the policy says.
 *
 * FLOWBIND_SEED repeats a run, FLOWBIND_HISTORY one history of it, FLOWBIND_HISTORIES sets how many there are.
 */

#include "cmocka_setup.h"
#include "proxy_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define HISTORIES 100
#else
#define HISTORIES 3000
#endif
#define STEPS 30
#define HEAL_S 1200 /* after the faults, at most, until all agree */
#define PORT 5001
#define LOG 256
#define AWAY (-1)

typedef struct history
{
    int number;
    pnet n;
    int at[PNET_NODES]; /* the gateway the node is attached to */
    bool ruled; /* the policy has a rule for PORT */
    fb_rule rule;
    char log[LOG][64];
    unsigned logged;
} history;

static const char *difference;

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
    anchor->lma.flow_policy = flows;
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
    h->at[node] = AWAY;
}

static void
move(history *h)
{
    unsigned node = 2 + below(h, 2), gateway = below(h, PNET_GATEWAYS);
    int from = h->at[node];

    note(h, "move", node, gateway);
    if (from != AWAY)
    {
        detach(h, node);
        if (below(h, 2) != 0)
        {
            pnet_run(&h->n, below(h, 3000) * FB_MILLISECOND);
        }
    }
    if (from == AWAY || from != (int)gateway)
    {
        attach(h, node, gateway, from == AWAY ? 1 : 3);
    }
}

/** An agent has its configuration and what the host tells it, but nothing it learnt. */
static void
restart(history *h, unsigned who)
{
    pnet *n = &h->n;

    note(h, "restart", who, 0);
    n->config[who].mag.restart_counter++;
    n->config[who].lma.restart_counter++;
    pnet_start_agent(n, who);
    if (who == PNET_ANCHOR)
    {
        return;
    }
    pnet_fact(n, who, &(fb_fact){.kind = FB_FACT_POLICY, .u.policy = {&h->rule, h->ruled}});
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

static void
policy(history *h)
{
    uint8_t first = (uint8_t)(1 + below(h, PNET_LINKS));

    h->ruled = below(h, 3) != 0;
    h->rule = (fb_rule){.action = FB_RULE_FORWARD,
                        .bid_count = 2,
                        .bid = {first, (uint8_t)(1 + first % PNET_LINKS)},
                        .selector = {.format = FB_SELECTOR_IPV6,
                                     .u.v6 = {.present = FB_SELECTOR6_SOURCE_PORT_START,
                                              .source_port_start = PORT}}};
    note(h, "policy", h->ruled, first);
    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        pnet_fact(&h->n, g, &(fb_fact){.kind = FB_FACT_POLICY, .u.policy = {&h->rule, h->ruled}});
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
        n->link[gateway][link].address.octet[link == PNET_IPV4 ? 3 : 14]++;
        pnet_link(n, gateway, link, FB_FACT_LINK_CHANGED);
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

    if (h->at[node] != AWAY)
    {
        pnet_data(&h->n, (unsigned)h->at[node], node, below(h, 2) != 0, PORT);
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

/** Paths in use at an agent by their BID; how many. */
static unsigned
paths(const pnet *n, unsigned who, uint32_t session, fb_proxy_view path[8])
{
    uint8_t role = who == PNET_ANCHOR ? FB_ROLE_LMA : FB_ROLE_MAG;
    fb_proxy_view view;
    unsigned count = 0;

    for (size_t i = 0; fb_agent_proxy_binding(n->agent[who], role, session, i, &view); i++)
    {
        if ((view.state == FB_BINDING_UP || view.state == FB_BINDING_UP_PENDING) && count < 8)
        {
            path[count++] = view;
        }
    }
    return count;
}

static bool
same_networks(const fb_networks *a, const fb_networks *b)
{
    return a->count == b->count &&
           memcmp(a->prefix, b->prefix, a->count * sizeof a->prefix[0]) == 0;
}

/** Whether the anchor has each of the gateway's paths, and as many; what differs, or NULL. */
static const char *
compare_paths(const history *h, unsigned gateway, uint32_t here, uint32_t there)
{
    fb_proxy_view ours[8], theirs[8];
    unsigned count = paths(&h->n, gateway, here, ours);
    unsigned expected = h->n.config[PNET_ANCHOR].lma.legacy ? 1 : PNET_LINKS;

    if (count != expected || paths(&h->n, PNET_ANCHOR, there, theirs) != count)
    {
        return count != expected ? "paths of the gateway" : "paths of the anchor";
    }
    for (unsigned i = 0; i < count; i++)
    {
        unsigned j = 0;

        while (j < count && theirs[j].label != 0 && theirs[j].ref.bid != ours[i].ref.bid)
        {
            j++;
        }
        if (j == count || theirs[j].label != ours[i].label || theirs[j].tunnel != ours[i].tunnel ||
            theirs[j].key_up != ours[i].key_up || theirs[j].key_down != ours[i].key_down)
        {
            return "a path";
        }
        if (ours[i].care_of.family == FB_FAMILY_IPV6 &&
            memcmp(&ours[i].care_of, &theirs[j].care_of, sizeof ours[i].care_of) != 0)
        {
            return "care-of address";
        }
    }
    return NULL;
}

static const char *
compare_node(const history *h, unsigned node)
{
    fb_session_view here, there;
    bool known = pnet_session(&h->n, PNET_ANCHOR, node, &there) && !there.grace;

    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        if (h->at[node] != (int)g && pnet_session(&h->n, g, node, &here))
        {
            return "session at the other gateway";
        }
    }
    if (h->at[node] == AWAY || !known)
    {
        return known ? "session of a node that is gone" : h->at[node] == AWAY ? NULL : "no session";
    }
    if (!pnet_session(&h->n, (unsigned)h->at[node], node, &here))
    {
        return "no session at the gateway";
    }
    if (!same_networks(&here.home, &there.home) ||
        !same_networks(&here.delegated, &there.delegated))
    {
        return "prefixes";
    }
    if (here.home.count != 1 || here.multipath != there.multipath)
    {
        return "session";
    }
    if (here.multipath && h->n.config[PNET_ANCHOR].lma.flow_policy &&
        (here.flow_count != there.flow_count ||
         there.flow_count != (h->ruled ? h->rule.bid_count : 0)))
    {
        return "flows";
    }
    return compare_paths(h, (unsigned)h->at[node], here.session, there.session);
}

static void
settle(history *h)
{
    for (unsigned s = 0; s < HEAL_S; s += 5)
    {
        pnet_run(&h->n, 5 * FB_SECOND);
        difference = NULL;
        for (unsigned node = 0; node < PNET_NODES && difference == NULL; node++)
        {
            difference = compare_node(h, node);
        }
        if (difference == NULL)
        {
            return;
        }
    }
    failed(h, difference);
}

/** A packet each way arrives, and takes the first path of the rule. */
static void
probe(history *h)
{
    for (unsigned node = 0; node < PNET_NODES; node++)
    {
        for (unsigned up = 0; up < 2 && h->at[node] != AWAY; up++)
        {
            unsigned bids = pnet_data(&h->n, (unsigned)h->at[node], node, up != 0, PORT);
            fb_session_view view;

            if (!pnet_session(&h->n, PNET_ANCHOR, node, &view) || bids == 0)
            {
                failed(h, up != 0 ? "uplink" : "downlink");
            }
            if (view.multipath && view.flow_count > 0 && bids != 1u << h->rule.bid[0])
            {
                failed(h, "the policy's path");
            }
        }
    }
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
    probe(h);
    pnet_end(&h->n);
}

static void
test_proxy_histories(void **state)
{
    test_random random = test_random_start("agent/proxy histories");
    const char *only = getenv("FLOWBIND_HISTORY"), *many = getenv("FLOWBIND_HISTORIES");
    unsigned most_sent = 0, most_woken = 0;

    (void)state;
    for (int number = 0; number < (many != NULL ? atoi(many) : HISTORIES); number++)
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
        free(h);
    }
    printf("# a second at most %u messages, and %u time-outs of one agent\n", most_sent, most_woken);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proxy_histories),
    };

    return cmocka_run_group_tests_name("agent/proxy histories", tests, NULL, NULL);
}
