/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random histories of a whole network: two mobile nodes with a direct link, one behind a NAT and one of a foreign
 * agent, the foreign agent and the home agent. Links flap, agents restart, NATs forget, clocks step, messages are
 * lost, doubled, overtaken and damaged, subscribers are suspended, policies change, and data packets are on their way
 * all the while. network.c checks what has to hold always; here it is checked that all agree again when the faults
 * have ended (network_agree.c), that data takes the path the policy says, that they go on agreeing while nothing
 * happens, and that nothing is left when both nodes have gone. Each history draws its configuration.
 *
 * FLOWBIND_SEED repeats a run, FLOWBIND_HISTORY one history of it, FLOWBIND_HISTORIES sets how many there are.
 */

#include "cmocka_setup.h"
#include "network_agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define HISTORIES 1000
#else
#define HISTORIES 6000
#endif
#define STEPS 40
#define HEAL_S 1500 /* after the faults, at most, until all agree */
#define QUIET_S 130 /* two lifetimes and more */
#define REST_S 130 /* after all have gone, until nothing is left of them */
#define LOG 512

typedef enum happening
{
    H_FLAP,
    H_MOVE,
    H_SILENCE,
    H_POLICY,
    H_CLOCK,
    H_ADMINISTRATE,
    H_SUSPEND,
    H_FOREIGN_RESTART,
    H_HOME_RESTART,
    H_FLUSH_NAT,
    H_WEATHER,
    H_REPLAY,
    H_DATA,
    H_COUNT
} happening;

static const char *const happening_name[H_COUNT] = {"flap",
                                                    "move",
                                                    "silence",
                                                    "policy",
                                                    "clock",
                                                    "administrate",
                                                    "suspend",
                                                    "foreign-restart",
                                                    "home-restart",
                                                    "flush-nat",
                                                    "weather",
                                                    "replay",
                                                    "data"};

typedef struct history
{
    network *n;
    int number;
    net_service service;
    bool reverse; /* both ends have reverse tunnels */
    uint32_t addresses;

    struct
    {
        fb_time when;
        uint8_t what, node;
        uint32_t detail;
    } log[LOG];

    size_t logged;
} history;

static uint32_t
below(history *h, uint32_t count)
{
    return network_below(h->n, count);
}

static bool
one_in(history *h, uint32_t count)
{
    return below(h, count) == 0;
}

/** What led here, for whoever has to find out why. */
static void
tell(void *context)
{
    const history *h = context;
    const network *n = h->n;

    printf("# FLOWBIND_HISTORY=%d failed\n", h->number);
    network_print_config(n);
    for (size_t i = 0; i < h->logged && i < LOG; i++)
    {
        printf("# %9.3f %s node %u (%x)\n",
               (double)h->log[i].when / 1e9,
               happening_name[h->log[i].what],
               h->log[i].node,
               h->log[i].detail);
    }
    network_print(n);
}

/* ---- drawing a configuration ---- */

static void
draw_identity(history *h, int node)
{
    fb_subscriber *subscriber = &h->n->subscriber[node];
    fb_mobile_node_config *mobile = &h->n->config[node].mobile_node;
    fb_prefix ipv4 = {.address = fb_addr_from_ipv4(NET_NETWORK(node)),
                      .length = NET_NETWORK_LENGTH};
    fb_prefix ipv6 = {.address = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, (uint8_t)node}},
                      .length = 64};

    if (one_in(h, 3))
    {
        subscriber->nai = (fb_nai){.length = 3, .text = {'a', '@', (char)('b' + node)}};
        mobile->nai = subscriber->nai;
        /* A home agent that knows RFC 5944 only assigns no home address */
        if (one_in(h, 2) && !h->n->config[NET_HOME].home_agent.legacy)
        {
            mobile->home_address = 0;
        }
    }
    if (one_in(h, 3))
    {
        subscriber->networks = (fb_networks){.count = 2, .prefix = {ipv4, ipv6}};
        mobile->networks = subscriber->networks;
        mobile->implicit_networks = one_in(h, 3);
    }
}

static void
draw_node(history *h, int node)
{
    static const uint16_t lifetime_s[] = {12, 30, 60};
    fb_mobile_node_config *mobile = &h->n->config[node].mobile_node;
    fb_subscriber *subscriber = &h->n->subscriber[node];

    mobile->lifetime_s = lifetime_s[below(h, 3)];
    mobile->bulk_refresh = one_in(h, 2);
    mobile->coa_change = (fb_coa_change)below(h, 3);
    mobile->multipath = !one_in(h, 8);
    mobile->retry_denied_s = 5;
    mobile->legacy_retry_s = 100;
    mobile->reverse_tunnel = !one_in(h, 4);
    /* Without a key nobody notices damage behind the Mobile-Home authentication, where this stands */
    mobile->encapsulating_delivery = one_in(h, 3) && h->n->node_association;
    mobile->keepalive_s = 10;
    subscriber->multipath_allowed = !one_in(h, 10);
    if (one_in(h, 2))
    {
        mobile->association.replay = subscriber->association.replay = FB_REPLAY_NONCE;
    }
    draw_identity(h, node);
    for (uint32_t link = 1; link <= NET_LINKS; link++)
    {
        h->n->link[node][link].tunnel = (uint8_t)below(h, FB_TUNNEL_COUNT);
        h->n->link[node][link].udp = (uint8_t)below(h, 3);
    }
    network_probe(h->n, node, one_in(h, 2) && !h->n->config[NET_HOME].home_agent.legacy);
}

static void
draw_home_agent(history *h)
{
    fb_home_agent_config *home = &h->n->config[NET_HOME].home_agent;

    home->lifetime_max_s = one_in(h, 3) ? 20 : 1800;
    home->legacy = one_in(h, 8);
    home->multipath = !one_in(h, 10);
    home->flow_policy = true;
    home->unknown_bid_strict = one_in(h, 2);
    home->echo_policy = one_in(h, 3);
    /* Without an echo the node cannot know what its policies add up to */
    home->merge_policy = home->echo_policy && one_in(h, 2);
    home->replay_per_binding = one_in(h, 4);
    home->reverse_tunnel = !one_in(h, 6);
    home->require_reverse_tunnel = home->reverse_tunnel && one_in(h, 6);
    home->gre = !one_in(h, 4);
    home->minimal = !one_in(h, 4);
    home->udp_force = !one_in(h, 4);
    home->keepalive_s = one_in(h, 2) ? 10 : 0;
    h->service.limit = one_in(h, 6) ? 2 : 8;
    h->n->config[NET_HOME].limits.bindings_per_node = (uint8_t)h->service.limit;
    h->n->config[NET_HOME].limits.flow_cache = one_in(h, 2) ? 0 : 16;
}

static void
draw_foreign_agent(history *h)
{
    fb_foreign_agent_config *foreign = &h->n->config[NET_FOREIGN].foreign_agent;
    const fb_home_agent_config *home = &h->n->config[NET_HOME].home_agent;

    foreign->lifetime_max_s = one_in(h, 3) ? 15 : 1800;
    foreign->advertisement_s = (uint16_t)(1 + below(h, 4));
    foreign->legacy = one_in(h, 6);
    foreign->gre = !one_in(h, 4);
    foreign->minimal = !one_in(h, 4);
    foreign->encapsulating_delivery = !one_in(h, 3);
    foreign->router = one_in(h, 2);
    /* No reverse tunnel at one end where the other insists: no registration */
    foreign->reverse_tunnel = home->require_reverse_tunnel || !one_in(h, 5);
    foreign->require_reverse_tunnel = foreign->reverse_tunnel && home->reverse_tunnel &&
                                      one_in(h, 6);
    h->n->node_association = one_in(h, 2);
    h->n->home_association = one_in(h, 2);
}

static void
begin(history *h, uint64_t seed)
{
    network *n = network_new();

    h->n = n;
    n->random.state = seed;
    n->failed = tell;
    n->context = h;
    draw_home_agent(h);
    draw_foreign_agent(h);
    for (int node = 0; node < NET_NODES; node++)
    {
        draw_node(h, node);
    }
    h->service.legacy = n->config[NET_HOME].home_agent.legacy ||
                        !n->config[NET_HOME].home_agent.multipath;
    h->reverse = n->config[NET_HOME].home_agent.reverse_tunnel;
    for (int agent = NET_AGENTS - 1; agent >= 0; agent--)
    {
        network_start(n, agent);
    }
}

/* ---- what may happen ---- */

static fb_rule
port_rule(uint8_t action, uint8_t protocol, uint16_t port, const uint8_t bids[3], uint8_t count)
{
    fb_rule rule = {.action = action, .bid_count = count, .selector.format = FB_SELECTOR_IPV4};

    memcpy(rule.bid, bids, count);
    rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
    rule.selector.u.v4.source_port_start = port;
    rule.selector.u.v4.protocol_start = protocol;
    return rule;
}

/** Flows the policies speak of, and one of no rule. */
static const struct
{
    uint8_t protocol;
    uint16_t port;
} flows[] = {{17, 5060}, {6, 80}, {6, 22}, {6, 443}};

#define FLOWS (sizeof flows / sizeof flows[0])

static void
change_policy(history *h, int node)
{
    static const uint8_t orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 1, 3}, {3, 1, 2}};
    fb_rule rules[6];
    fb_fact fact = {.kind = FB_FACT_POLICY, .u.policy.rules = rules};
    size_t count = 1 + below(h, 5); /* none at all cannot be said (D-22) */

    for (size_t i = 0; i < count; i++)
    {
        size_t flow = below(h, FLOWS - 1);
        bool drop = one_in(h, 5);

        rules[i] = port_rule(drop ? FB_RULE_DROP : FB_RULE_FORWARD,
                             flows[flow].protocol,
                             flows[flow].port,
                             orders[below(h, 4)],
                             (uint8_t)(1 + below(h, 3)));
        if (drop)
        {
            rules[i].bid[0] = 255;
            rules[i].bid_count = 1;
        }
    }
    fact.u.policy.count = count;
    network_fact(h->n, node, &fact);
}

static void
flap(history *h, int node, uint32_t link)
{
    network_link(h->n, node, link, h->n->up[node][link] ? FB_FACT_LINK_DOWN : FB_FACT_LINK_UP);
}

static void
move(history *h, int node, uint32_t link)
{
    if (link != NET_VISITING && h->n->up[node][link])
    {
        fb_ipv4 base = link == NET_DIRECT ? 0xcb007301u : 0x0a000101u;

        h->n->link[node][link].address = fb_addr_from_ipv4(base + ++h->addresses);
        network_link(h->n, node, link, FB_FACT_LINK_CHANGED);
    }
}

static void
administrate(history *h, int node)
{
    fb_fact fact = {.kind = one_in(h, 3) ? FB_FACT_DEREGISTER : FB_FACT_REGISTER};
    fb_binding_view view;

    fact.u.bid = (uint8_t)below(h, NET_LINKS + 1);
    if (fact.u.bid == 0)
    {
        network_fact(h->n, node, &fact);
        return;
    }
    for (size_t i = 0; fb_agent_binding(h->n->agent[node], FB_ROLE_MOBILE_NODE, 0, i, &view); i++)
    {
        if (view.ref.bid == fact.u.bid)
        {
            network_fact(h->n, node, &fact);
            return;
        }
    }
}

static void
step_clock(history *h, int agent)
{
    int64_t by_s = (int64_t)below(h, 21) - 10;

    /* A home agent whose clock goes back refuses all timestamps until it is where it was (RFC 5944 5.7.1) */
    network_set_clock(h->n, agent, agent != NET_HOME && one_in(h, 4) ? by_s * 360 : by_s);
}

static void
change_weather(history *h)
{
    h->n->loss = one_in(h, 2) ? 0 : 5 * below(h, 8);
    h->n->doubling = one_in(h, 2) ? 0 : 5 * below(h, 6);
    h->n->damage = one_in(h, 2) ? 0 : 5 * below(h, 4);
    h->n->delay_ms = one_in(h, 2) ? 50 : 1 + below(h, 1500);
}

static void
send_data(history *h)
{
    for (uint32_t i = 0; i < 4; i++)
    {
        size_t flow = below(h, FLOWS);
        int node = (int)below(h, NET_NODES);
        int other = one_in(h, 4) ? NET_NODES - 1 - node : NET_CORRESPONDENT;
        int end = one_in(h, 3) ? NET_BEHIND + node : node;
        bool up = one_in(h, 2);

        network_send_data(h->n,
                          up ? end : other,
                          up ? other : end,
                          flows[flow].protocol,
                          flows[flow].port,
                          32 + below(h, 200));
    }
}

/** Both ways or one, or no more; packets are on their way meanwhile, so that it is found out. */
static void
silence(history *h, int node, uint32_t link)
{
    network *n = h->n;

    network_silence(n, node, link);
    for (int i = 0; i < 6 && n->config[node].probe.interval_ms != 0; i++)
    {
        send_data(h);
        network_run(n, 150 * FB_MILLISECOND);
    }
}

static happening
draw_happening(history *h)
{
    static const uint8_t weight[H_COUNT] = {[H_FLAP] = 12,
                                            [H_MOVE] = 4,
                                            [H_SILENCE] = 5,
                                            [H_POLICY] = 4,
                                            [H_CLOCK] = 2,
                                            [H_ADMINISTRATE] = 3,
                                            [H_SUSPEND] = 1,
                                            [H_FOREIGN_RESTART] = 2,
                                            [H_HOME_RESTART] = 1,
                                            [H_FLUSH_NAT] = 2,
                                            [H_WEATHER] = 4,
                                            [H_REPLAY] = 4,
                                            [H_DATA] = 12};
    uint32_t total = 0, at;

    for (int i = 0; i < H_COUNT; i++)
    {
        total += weight[i];
    }
    at = below(h, total);
    for (int i = 0;; i++)
    {
        if (at < weight[i])
        {
            return (happening)i;
        }
        at -= weight[i];
    }
}

static void
happen(history *h)
{
    network *n = h->n;
    happening what = draw_happening(h);
    int node = (int)below(h, NET_NODES);
    uint32_t link = 1 + below(h, NET_LINKS);

    if (h->logged < LOG)
    {
        h->log[h->logged].when = n->now;
        h->log[h->logged].what = (uint8_t)what;
        h->log[h->logged].node = (uint8_t)node;
        h->log[h->logged++].detail = link;
    }
    switch (what)
    {
    case H_FLAP:
        flap(h, node, link);
        break;
    case H_MOVE:
        move(h, node, link);
        break;
    case H_SILENCE:
        silence(h, node, link);
        break;
    case H_POLICY:
        change_policy(h, node);
        break;
    case H_CLOCK:
        step_clock(h, one_in(h, 4) ? NET_HOME : node);
        break;
    case H_ADMINISTRATE:
        administrate(h, node);
        break;
    case H_SUSPEND:
        network_subscribe(n, node, !n->subscriber[node].suspended);
        break;
    case H_FOREIGN_RESTART:
        n->config[NET_FOREIGN].foreign_agent.busy = one_in(h, 3);
        network_start(n, NET_FOREIGN);
        break;
    case H_HOME_RESTART:
        network_start(n, NET_HOME);
        break;
    case H_FLUSH_NAT:
        network_flush_nat(n, node);
        break;
    case H_WEATHER:
        change_weather(h);
        break;
    case H_REPLAY:
        network_replay(n);
        break;
    default:
        send_data(h);
        break;
    }
}

/* ---- in the end ---- */

/** The path the policy in force says: its BID, 0 for DROP, -1 where no rule decides. */
static int
path_by_policy(const history *h, int node, size_t flow)
{
    fb_rule rule;
    fb_binding_view view;

    for (size_t i = 0; fb_agent_rule(h->n->agent[NET_HOME],
                                     FB_ROLE_HOME_AGENT,
                                     network_home_address(node),
                                     i,
                                     &rule);
         i++)
    {
        if (rule.selector.u.v4.source_port_start != flows[flow].port ||
            rule.selector.u.v4.protocol_start != flows[flow].protocol)
        {
            continue;
        }
        for (int k = 0; rule.action == FB_RULE_FORWARD && k < rule.bid_count; k++)
        {
            fb_binding_view wanted = {.ref.bid = rule.bid[k]};

            if (network_find_binding(h->n, &h->service, node, NET_HOME, &wanted, &view))
            {
                return rule.bid[k];
            }
        }
        if (rule.action == FB_RULE_DROP)
        {
            return 0;
        }
    }
    return -1;
}

/** Whether the path of @p bid carries data that way: a NAT lets only UDP through. */
static bool
carries(const history *h, int node, uint8_t bid, bool uplink)
{
    fb_binding_view view;

    for (size_t i = 0; fb_agent_binding(h->n->agent[node], FB_ROLE_MOBILE_NODE, 0, i, &view); i++)
    {
        if (network_path_up(&view) &&
            (view.ref.bid == bid || !network_multipath(h->n, &h->service, node)))
        {
            bool reverse = h->reverse && (h->n->config[node].mobile_node.reverse_tunnel ||
                                          h->n->config[NET_HOME].home_agent.require_reverse_tunnel);

            return view.ref.link != NET_BEHIND_NAT || (view.udp_port != 0 && (!uplink || reverse));
        }
    }
    return false;
}

/** Whether packets of a host behind the node may not get through by this path, as it perhaps has no reverse tunnel. */
static bool
may_be_refused(const history *h, int node, uint8_t bid)
{
    const network *n = h->n;
    bool reverse = h->reverse && n->config[node].mobile_node.reverse_tunnel &&
                   n->config[NET_FOREIGN].foreign_agent.reverse_tunnel && n->node_association;

    /* A foreign agent that is no router takes nothing but its visitors' packets */
    return !reverse && (bid == NET_VISITING || !network_multipath(h->n, &h->service, node)) &&
           !n->config[NET_FOREIGN].foreign_agent.router;
}

/** One packet each way of the node itself, or @p behind it, on the path the policy says and on none else. */
static void
probe(history *h, int node, bool behind, size_t flow)
{
    int end = behind ? NET_BEHIND + node : node;
    bool many = network_multipath(h->n, &h->service, node);
    int wanted = many ? path_by_policy(h, node, flow) : -1;
    uint32_t number[2];
    const net_packet *down, *back;

    number[0] =
        network_send_data(h->n, NET_CORRESPONDENT, end, flows[flow].protocol, flows[flow].port, 60);
    number[1] =
        network_send_data(h->n, end, NET_CORRESPONDENT, flows[flow].protocol, flows[flow].port, 60);
    down = network_packet(h->n, number[0]);
    back = network_packet(h->n, number[1]);
    network_run(h->n, 300 * FB_MILLISECOND);
    if (many != network_multipath(h->n, &h->service, node))
    {
        /* Just now its bindings became those of RFC 7629 or of RFC 5944: what was expected is of before */
        probe(h, node, behind, flow);
        return;
    }
    if (wanted == 0)
    {
        NETWORK_CHECK(h->n, down->arrived == 0 && back->arrived == 0);
        return;
    }
    if (many)
    {
        NETWORK_CHECK(h->n, down->bid == back->bid);
        NETWORK_CHECK(h->n, wanted < 0 ? down->bid != 0 : down->bid == wanted);
    }
    NETWORK_CHECK(h->n, down->arrived == carries(h, node, down->bid, false));
    /* Without RFC 7629 the node's own policy still holds for what it sends */
    NETWORK_CHECK(h->n,
                  back->arrived == carries(h, node, back->bid, true) ||
                      (behind && back->arrived == 0 && may_be_refused(h, node, back->bid)) ||
                      (!many && back->bid == 0));
}

static void
heal(history *h)
{
    network *n = h->n;
    fb_fact fact = {.kind = FB_FACT_REGISTER};

    n->loss = n->doubling = n->damage = 0;
    n->delay_ms = 50;
    if (n->config[NET_FOREIGN].foreign_agent.busy)
    {
        n->config[NET_FOREIGN].foreign_agent.busy = false;
        network_start(n, NET_FOREIGN);
    }
    network_set_clock(n, NET_HOME, 0);
    for (int node = 0; node < NET_NODES; node++)
    {
        network_set_clock(n, node, 0);
        network_subscribe(n, node, false);
        for (uint32_t link = 1; link <= NET_LINKS; link++)
        {
            n->connected[node][link] = true;
            n->deaf[node][link] = false;
            if (!n->up[node][link])
            {
                network_link(n, node, link, FB_FACT_LINK_UP);
            }
        }
        network_fact(n, node, &fact);
    }
}

/** Lets time pass until all agree; seconds it took. */
static unsigned
settle(history *h)
{
    const char *difference = NULL;

    for (unsigned s = 0; s < HEAL_S; s += 5)
    {
        network_run(h->n, 5 * FB_SECOND);
        difference = network_differs(h->n, &h->service);
        if (difference == NULL)
        {
            return s + 5;
        }
    }
    network_fail(h->n, difference, __LINE__);
    return 0;
}

static void
probe_all(history *h)
{
    for (int node = 0; node < NET_NODES; node++)
    {
        bool has_network = h->n->subscriber[node].networks.count > 0 &&
                           !h->n->config[NET_HOME].home_agent.legacy;

        for (size_t flow = 0; flow < FLOWS; flow++)
        {
            probe(h, node, false, flow);
            if (has_network)
            {
                probe(h, node, true, flow);
            }
        }
    }
}

/** Nothing happens any more, and nobody gives up what all agree on, not even between two refreshes. */
static void
keep_quiet(history *h)
{
    network *n = h->n;
    /* Where a path is refused again and again, it may look for a moment as if there were no RFC 7629 (D-01) */
    bool refused = n->config[NET_FOREIGN].foreign_agent.legacy || h->service.limit < NET_LINKS;
    unsigned lost[NET_AGENTS];

    for (int agent = 0; agent < NET_AGENTS; agent++)
    {
        lost[agent] = n->told[agent].lost;
    }
    for (unsigned s = 0; s < QUIET_S; s++)
    {
        network_run(n, FB_SECOND);
        for (int agent = 0; agent < NET_AGENTS && !refused; agent++)
        {
            NETWORK_CHECK(n, n->told[agent].lost == lost[agent]);
        }
    }
}

/** Both nodes de-register: nothing of them is left, and the home agent waits for nothing. */
static void
go_away(history *h)
{
    network *n = h->n;
    fb_fact fact = {.kind = FB_FACT_DEREGISTER};
    const char *left;

    for (int node = 0; node < NET_NODES; node++)
    {
        network_fact(n, node, &fact);
    }
    network_run(n, REST_S * FB_SECOND);
    for (int node = 0; node < NET_NODES; node++)
    {
        fb_binding_view view;

        NETWORK_CHECK(n,
                      !fb_agent_binding(n->agent[NET_HOME],
                                        FB_ROLE_HOME_AGENT,
                                        network_home_address(node),
                                        0,
                                        &view));
        NETWORK_CHECK(n, !n->told[NET_HOME].intercepted[node]);
        NETWORK_CHECK(n, n->told[NET_HOME].networks[node] == 0);
    }
    NETWORK_CHECK(n, n->told[NET_FOREIGN].visitors == 0);
    left = network_left_over(n);
    if (left != NULL)
    {
        network_fail(n, left, __LINE__);
    }
    NETWORK_CHECK(n, fb_agent_next_timeout(n->agent[NET_HOME]) == FB_TIME_NEVER);
}

static void
come_again(history *h)
{
    fb_fact fact = {.kind = FB_FACT_REGISTER};

    for (int node = 0; node < NET_NODES; node++)
    {
        network_fact(h->n, node, &fact);
    }
    settle(h);
    probe_all(h);
}

static void
play(history *h, unsigned *took_s)
{
    for (int step = 0; step < STEPS; step++)
    {
        happen(h);
        network_run(h->n, one_in(h, 3) ? 0 : below(h, 6000) * FB_MILLISECOND);
    }
    heal(h);
    /* What was sent while a clock was ahead is newer than what comes after: let that pass */
    network_run(h->n, 25 * FB_SECOND);
    /* Silent paths are asked every 32 s in the end, and then held back as long */
    network_run(h->n, h->n->paths_lost > 0 ? 66 * FB_SECOND : 0);
    *took_s = settle(h);
    probe_all(h);
    /* ... and it stays so */
    keep_quiet(h);
    settle(h);
    probe_all(h);
    go_away(h);
    come_again(h);
}

static int
histories(void)
{
    const char *only = getenv("FLOWBIND_HISTORY"), *many = getenv("FLOWBIND_HISTORIES");

    return only != NULL ? atoi(only) + 1 : many != NULL ? atoi(many) : HISTORIES;
}

static void
test_networked_histories(void **state)
{
    test_random random = test_random_start("agent/networked histories");
    const char *only = getenv("FLOWBIND_HISTORY");
    unsigned most_s = 0, most_sent = 0;
    uint64_t sum_s = 0, paths_lost = 0;

    (void)state;
    for (int number = 0; number < histories(); number++)
    {
        uint64_t seed = test_random_next(&random) | 1;
        history *h;
        unsigned took_s;

        if (only != NULL && atoi(only) != number)
        {
            continue;
        }
        h = calloc(1, sizeof *h);
        assert_non_null(h);
        h->number = number;
        begin(h, seed);
        play(h, &took_s);
        most_s = took_s > most_s ? took_s : most_s;
        most_sent = h->n->most_sent > most_sent ? h->n->most_sent : most_sent;
        sum_s += took_s;
        paths_lost += h->n->paths_lost;
        network_free(h->n);
        free(h);
    }
    printf(
        "# agreed after %u s on average, %u s at most; at most %u messages a second; %u silent paths\n",
        (unsigned)(sum_s / (uint64_t)histories()),
        most_s,
        most_sent,
        (unsigned)paths_lost);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_networked_histories),
    };

    return cmocka_run_group_tests_name("agent/networked histories", tests, NULL, NULL);
}
