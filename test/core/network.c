/* SPDX-License-Identifier: BSD-3-Clause */
#include "network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_SYSTEMS 0xe0000001u
#define ALL_ROUTERS 0xe0000002u
#define ALL_AGENTS 0xe000000bu
#define LIMITED_BROADCAST 0xffffffffu
#define STORM 60 /* messages of one agent in a second */
#define ECHOES 14 /* keepalives and probes of a path in a second */
#define STEPS_AT_ONCE 5000
#define NUMBER_AT 28 /* of a data packet's own number, behind IP header and ports */

static void act(network *n, int at, const fb_action *action, const net_message *m);

void
network_fail(network *n, const char *what, int line)
{
    fprintf(stderr, "network: line %d at %.6f s: %s\n", line, (double)n->now / 1e9, what);
    if (n->failed != NULL)
    {
        n->failed(n->context);
    }
    fflush(stdout);
    abort();
}

uint32_t
network_below(network *n, uint32_t count)
{
    return test_random_below(&n->random, count);
}

fb_ipv4
network_home_address(int node)
{
    return WORLD_HOME_ADDRESS + (fb_ipv4)node;
}

static fb_ipv4
address_of(int end)
{
    if (end >= NET_BEHIND)
    {
        return NET_NETWORK(end - NET_BEHIND) + 2;
    }
    return end == NET_CORRESPONDENT ? WORLD_CORRESPONDENT : network_home_address(end);
}

/** The node whose home address this is, or in whose network; -1: none. */
static int
owner_of(fb_ipv4 address)
{
    for (int node = 0; node < NET_NODES; node++)
    {
        if (address == network_home_address(node) || (address & ~15u) == NET_NETWORK(node))
        {
            return node;
        }
    }
    return -1;
}

static fb_ipv4
get_u32(const uint8_t *at)
{
    return (fb_ipv4)at[0] << 24 | (fb_ipv4)at[1] << 16 | (fb_ipv4)at[2] << 8 | at[3];
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
    {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* ---- life ---- */

static fb_security_association
association(uint32_t spi, uint8_t key)
{
    fb_security_association made = {.spi = spi, .algorithm = FB_HMAC_MD5, .key_length = 16};

    memset(made.key, key, 16);
    return made;
}

static fb_link
link_description(int node, uint32_t link)
{
    static const uint8_t technology[NET_LINKS + 1] = {0, 4, 8, 10};
    fb_link made = {.link = link,
                    .bid = (uint8_t)link,
                    .label = (uint8_t)link,
                    .technology = technology[link],
                    .preference = (uint8_t)link};

    if (link == NET_VISITING)
    {
        made.care_of = FB_CARE_OF_AGENT;
        return made;
    }
    made.address = fb_addr_from_ipv4(link == NET_DIRECT ? 0xcb007111u + (fb_ipv4)node * 16
                                                        : NET_PRIVATE_ADDRESS);
    return made;
}

network *
network_new(void)
{
    network *n = calloc(1, sizeof *n);

    for (int agent = 0; agent < NET_AGENTS; agent++)
    {
        fb_config_default(&n->config[agent]);
        n->config[agent].limits.events = 512;
    }
    for (int node = 0; node < NET_NODES; node++)
    {
        fb_mobile_node_config *mobile = &n->config[node].mobile_node;

        n->config[node].roles = FB_ROLE_MOBILE_NODE;
        mobile->home_address = network_home_address(node);
        mobile->home_agent = WORLD_HOME_AGENT;
        mobile->association = association(0x101u + (uint32_t)node, (uint8_t)(1 + node));
        n->subscriber[node] = (fb_subscriber){.home_address = network_home_address(node),
                                              .association = mobile->association,
                                              .multipath_allowed = true};
        n->nat[node] = (net_nat){.outside = 0xcb007201u + (fb_ipv4)node, .next_port = 40000};
        for (uint32_t link = 1; link <= NET_LINKS; link++)
        {
            n->link[node][link] = link_description(node, link);
            n->connected[node][link] = true;
        }
    }
    n->config[NET_FOREIGN].roles = FB_ROLE_FOREIGN_AGENT;
    n->config[NET_FOREIGN].foreign_agent.address = NET_FOREIGN_ADDRESS;
    n->config[NET_HOME].roles = FB_ROLE_HOME_AGENT;
    n->config[NET_HOME].home_agent.address = WORLD_HOME_AGENT;
    n->delay_ms = 50;
    return n;
}

void
network_free(network *n)
{
    for (int agent = 0; agent < NET_AGENTS; agent++)
    {
        free(n->memory[agent]);
    }
    free(n);
}

static void
share(network *n, int agent, uint8_t kind, fb_ipv4 peer, fb_security_association shared)
{
    fb_fact fact = {.kind = FB_FACT_ASSOCIATION};

    fact.u.association = (fb_peer_association){.kind = kind, .peer = peer, .association = shared};
    network_fact(n, agent, &fact);
}

/** What the foreign agent shares with its peers, as @p agent is to know it. */
static void
share_all(network *n, int agent)
{
    for (int node = 0; n->node_association && node < NET_NODES; node++)
    {
        fb_security_association shared = association(0x201u + (uint32_t)node, (uint8_t)(3 + node));

        if (agent == node || agent == NET_FOREIGN)
        {
            fb_ipv4 peer = agent == node ? NET_FOREIGN_ADDRESS : network_home_address(node);

            share(n, agent, FB_ASSOCIATION_MOBILE_FOREIGN, peer, shared);
        }
    }
    if (n->home_association && agent >= NET_FOREIGN)
    {
        fb_ipv4 peer = agent == NET_HOME ? NET_FOREIGN_ADDRESS : WORLD_HOME_AGENT;

        share(n, agent, FB_ASSOCIATION_FOREIGN_HOME, peer, association(0x301, 7));
    }
}

void
network_start(network *n, int agent)
{
    fb_fact entropy = {.kind = FB_FACT_ENTROPY};
    size_t size = fb_agent_size(&n->config[agent]);

    NETWORK_CHECK(n, size > 0);
    free(n->memory[agent]);
    n->memory[agent] = aligned_alloc(16, (size + 15) & ~(size_t)15);
    NETWORK_CHECK(n, n->memory[agent] != NULL);
    memset(&n->told[agent], 0, sizeof n->told[agent]);
    NETWORK_CHECK(
        n,
        fb_agent_init(&n->agent[agent], n->memory[agent], size, &n->config[agent], n->now) ==
            FB_OK);
    for (size_t i = 0; i < 32; i++)
    {
        entropy.u.entropy[i] = (uint8_t)network_below(n, 256);
    }
    network_fact(n, agent, &entropy);
    network_set_clock(n, agent, 0);
    share_all(n, agent);
    if (agent == NET_FOREIGN)
    {
        fb_fact fact = {.kind = FB_FACT_ACCESS_UP};

        fact.u.access = (fb_access){.link = NET_ACCESS,
                                    .address = fb_addr_from_ipv4(NET_FOREIGN_ADDRESS),
                                    .prefix_length = 28};
        network_fact(n, agent, &fact);
    }
    for (int node = 0; agent == NET_HOME && node < NET_NODES; node++)
    {
        network_subscribe(n, node, n->subscriber[node].suspended);
    }
}

void
network_set_clock(network *n, int agent, int64_t off_by_s)
{
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK};

    fact.u.wall_ns = WORLD_WALL_NS + n->now + (uint64_t)(off_by_s * (int64_t)FB_SECOND);
    network_fact(n, agent, &fact);
}

void
network_subscribe(network *n, int node, bool suspended)
{
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    n->subscriber[node].suspended = suspended;
    fact.u.subscriber = n->subscriber[node];
    network_fact(n, NET_HOME, &fact);
}

void
network_link(network *n, int node, uint32_t link, fb_fact_kind kind)
{
    fb_fact fact = {.kind = kind, .u.link = n->link[node][link]};

    n->up[node][link] = kind != FB_FACT_LINK_DOWN;
    network_fact(n, node, &fact);
}

/* ---- NATs ---- */

void
network_flush_nat(network *n, int node)
{
    memset(n->nat[node].mapping, 0, sizeof n->nat[node].mapping);
    n->nat[node].outside ^= network_below(n, 4) == 0 ? 0x10u : 0;
}

uint16_t
network_mapped_port(const network *n, int node)
{
    for (int i = 0; i < NET_MAPPINGS; i++)
    {
        if (n->nat[node].mapping[i].port != 0 &&
            n->nat[node].mapping[i].inside_port == FB_MIP4_PORT &&
            n->nat[node].mapping[i].inside ==
                fb_addr_to_ipv4(&n->link[node][NET_BEHIND_NAT].address))
        {
            return n->nat[node].mapping[i].port;
        }
    }
    return 0;
}

/** Only UDP gets through, as with most NATs (RFC 3519 1.3). */
static bool
translate_out(network *n, int node, fb_meta *meta)
{
    net_nat *nat = &n->nat[node];
    fb_ipv4 inside = fb_addr_to_ipv4(&meta->src);
    int room = -1;

    if (meta->protocol != 17)
    {
        return false;
    }
    for (int i = 0; i < NET_MAPPINGS; i++)
    {
        bool mine = nat->mapping[i].inside == inside && nat->mapping[i].inside_port == meta->sport;

        if (nat->mapping[i].port == 0 || mine)
        {
            room = mine || room < 0 ? i : room;
        }
    }
    room = room < 0 ? 0 : room;
    if (nat->mapping[room].inside != inside || nat->mapping[room].inside_port != meta->sport ||
        nat->mapping[room].port == 0)
    {
        nat->mapping[room].inside = inside;
        nat->mapping[room].inside_port = meta->sport;
        nat->mapping[room].port = nat->next_port++;
    }
    meta->src = fb_addr_from_ipv4(nat->outside);
    meta->sport = nat->mapping[room].port;
    return true;
}

static bool
translate_in(const network *n, int node, fb_meta *meta)
{
    const net_nat *nat = &n->nat[node];

    for (int i = 0; i < NET_MAPPINGS; i++)
    {
        if (meta->protocol == 17 && meta->dport != 0 && nat->mapping[i].port == meta->dport)
        {
            meta->dst = fb_addr_from_ipv4(nat->mapping[i].inside);
            meta->dport = nat->mapping[i].inside_port;
            /* the host behind may have another address by now */
            return nat->mapping[i].inside ==
                   fb_addr_to_ipv4(&n->link[node][NET_BEHIND_NAT].address);
        }
    }
    return false;
}

/* ---- who gets it ---- */

static bool
to_all(fb_ipv4 destination)
{
    return destination == ALL_SYSTEMS || destination == ALL_ROUTERS || destination == ALL_AGENTS ||
           destination == LIMITED_BROADCAST;
}

static bool
usable(const network *n, int node, uint32_t link)
{
    return n->up[node][link] && n->connected[node][link];
}

/** The same for what comes to the node. */
static bool
hears(const network *n, int node, uint32_t link)
{
    return usable(n, node, link) && !n->deaf[node][link];
}

/** Where the Internet takes a packet. */
static bool
route_internet(const network *n, net_message *m)
{
    fb_ipv4 destination = fb_addr_to_ipv4(&m->meta.dst);

    m->link = 0;
    if (destination == WORLD_CORRESPONDENT || destination == WORLD_HOME_AGENT ||
        destination == NET_FOREIGN_ADDRESS)
    {
        m->to = destination == WORLD_CORRESPONDENT ? NET_CORRESPONDENT
                : destination == WORLD_HOME_AGENT  ? NET_HOME
                                                   : NET_FOREIGN;
        return m->to != m->from && (m->to != NET_CORRESPONDENT || m->native);
    }
    for (int node = 0; node < NET_NODES; node++)
    {
        m->to = (uint8_t)node;
        if (destination == fb_addr_to_ipv4(&n->link[node][NET_DIRECT].address))
        {
            m->link = NET_DIRECT;
            return hears(n, node, NET_DIRECT);
        }
        if (destination == n->nat[node].outside)
        {
            m->link = NET_BEHIND_NAT;
            return hears(n, node, NET_BEHIND_NAT) && translate_in(n, node, &m->meta);
        }
        if (owner_of(destination) == node && m->native)
        {
            m->to = NET_HOME;
            return true;
        }
    }
    return false;
}

static bool
route_from_node(network *n, net_message *m)
{
    fb_ipv4 destination = fb_addr_to_ipv4(&m->meta.dst);
    uint32_t link = m->meta.link;

    if (link < 1 || link > NET_LINKS || !usable(n, m->from, link))
    {
        return false;
    }
    if (link == NET_VISITING)
    {
        m->to = NET_FOREIGN;
        m->link = NET_ACCESS;
        return m->native || destination == NET_FOREIGN_ADDRESS || to_all(destination);
    }
    if (link == NET_BEHIND_NAT && (m->native || !translate_out(n, m->from, &m->meta)))
    {
        return false;
    }
    return route_internet(n, m);
}

/** The foreign agent's link; the link-layer address says for whom. */
static bool
route_to_visitor(const network *n, net_message *m)
{
    m->link = NET_VISITING;
    if (m->meta.link_addr_len != 6 || m->meta.link_addr[5] >= NET_NODES)
    {
        return false;
    }
    m->to = m->meta.link_addr[5];
    return hears(n, m->to, NET_VISITING);
}

static bool
route(network *n, net_message *m)
{
    if (m->from < NET_NODES)
    {
        return route_from_node(n, m);
    }
    return m->from == NET_FOREIGN && m->meta.link == NET_ACCESS ? route_to_visitor(n, m)
                                                                : route_internet(n, m);
}

/* ---- on the way ---- */

static void
enqueue(network *n, const net_message *m)
{
    net_message *slot = &n->message[n->in_flight];

    NETWORK_CHECK(n, n->in_flight < NET_IN_FLIGHT);
    n->in_flight++;
    *slot = *m;
    slot->number = n->numbers++;
    slot->arrives_at = n->now + (1 + network_below(n, n->delay_ms)) * FB_MILLISECOND;
}

static void
damage(network *n, net_message *m)
{
    uint32_t bit = network_below(n, (uint32_t)(8 * m->length));

    m->octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
    if (network_below(n, 4) == 0)
    {
        m->length = network_below(n, (uint32_t)m->length) + 1;
    }
}

static void
post(network *n, net_message *m)
{
    if (!route(n, m) || network_below(n, 100) < n->loss)
    {
        return;
    }
    if (!m->data && network_below(n, 4) == 0)
    {
        n->saved = *m;
    }
    if (network_below(n, 100) < n->doubling)
    {
        enqueue(n, m);
    }
    if (!m->data && network_below(n, 100) < n->damage)
    {
        damage(n, m);
    }
    enqueue(n, m);
}

static void
count_message(network *n, int agent, bool echo)
{
    if (n->now / FB_SECOND != n->second)
    {
        n->second = n->now / FB_SECOND;
        n->asked = 0;
        memset(n->sent, 0, sizeof n->sent);
        memset(n->echoes, 0, sizeof n->echoes);
    }
    if (echo)
    {
        n->echoes[agent]++;
        NETWORK_CHECK(n, n->echoes[agent] <= ECHOES * NET_LINKS);
        return;
    }
    n->sent[agent]++;
    n->most_sent = n->sent[agent] > n->most_sent ? n->sent[agent] : n->most_sent;
    NETWORK_CHECK(n, n->sent[agent] <= STORM + 2 * n->asked);
}

/** A message of an agent; an advertisement for all goes to each node of the link. */
static void
post_message(network *n, int from, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    net_message m = {.from = (uint8_t)from, .meta = *meta, .length = length};

    memcpy(m.octets, octets, length);
    m.data = meta->protocol == 17 ? octets[0] == 4 : meta->protocol != 1;
    count_message(n, from, m.data);
    if (from == NET_FOREIGN && to_all(fb_addr_to_ipv4(&meta->dst)) && meta->link_addr_len == 0)
    {
        for (uint8_t node = 0; node < NET_NODES; node++)
        {
            net_message copy = m;

            copy.meta.link_addr_len = 6;
            copy.meta.link_addr[5] = node;
            post(n, &copy);
        }
        return;
    }
    post(n, &m);
}

/** The mobile node an event is about. */
static unsigned
node_of(int agent, const fb_event *event)
{
    return agent < NET_NODES ? (unsigned)agent : event->home_address == network_home_address(1);
}

/** Drains one agent, as a host has to after every input. */
static void
drain(network *n, int agent)
{
    uint8_t octets[1500];
    fb_meta meta;
    fb_event event;
    ptrdiff_t length;

    while ((length = fb_agent_output(n->agent[agent], &meta, octets, sizeof octets, n->now)) > 0)
    {
        post_message(n, agent, &meta, octets, (size_t)length);
    }
    NETWORK_CHECK(n, length == 0);
    while (fb_agent_poll_event(n->agent[agent], &event))
    {
        const char *wrong;

        NETWORK_CHECK(n, event.time <= n->now);
        n->paths_lost += event.kind == FB_EVENT_PATH && event.to == 0;
        n->events[agent][event.kind]++;
        wrong = net_told_hear(&n->told[agent], node_of(agent, &event), &event);
        if (wrong != NULL)
        {
            network_fail(n, wrong, __LINE__);
        }
    }
    NETWORK_CHECK(n, fb_agent_events_lost(n->agent[agent]) == 0);
    NETWORK_CHECK(n, fb_agent_counter(n->agent[agent], FB_BUG_STATE_TRANSITION) == 0);
}

void
network_fact(network *n, int agent, const fb_fact *fact)
{
    NETWORK_CHECK(n, fb_agent_fact(n->agent[agent], fact, n->now) == FB_OK);
    n->asked++;
    drain(n, agent);
}

void
network_probe(network *n, int node, bool on)
{
    fb_link *behind = &n->link[node][NET_BEHIND_NAT];

    n->config[node].probe.interval_ms = on ? 100 : 0;
    /* What is behind a NAT and not in UDP carries nothing, which probes would find out */
    behind->udp = on && behind->udp == FB_UDP_NEVER ? FB_UDP_IF_NAT : behind->udp;
}

void
network_silence(network *n, int node, uint32_t link)
{
    bool *what = network_below(n, 2) == 0 ? &n->connected[node][link] : &n->deaf[node][link];

    *what = !*what;
}

void
network_replay(network *n)
{
    if (n->saved.length > 0)
    {
        n->asked++;
        enqueue(n, &n->saved);
    }
}

/* ---- data ---- */

/** As much of a packet as no hop may change: not TTL, checksum and congestion marks. */
static bool
same_packet(const data_packet *sent, const uint8_t *octets, size_t length)
{
    data_packet seen = {.length = length};

    if (length != sent->length)
    {
        return false;
    }
    memcpy(seen.octets, octets, length);
    if (data_sum(octets, 20) != 0xffff || octets[8] > sent->octets[8])
    {
        return false;
    }
    seen.octets[1] = (uint8_t)((seen.octets[1] & 0xfc) | (sent->octets[1] & 3));
    seen.octets[8] = sent->octets[8];
    memcpy(seen.octets + 10, sent->octets + 10, 2);
    return memcmp(seen.octets, sent->octets, length) == 0;
}

/** A host's own stack gets a packet. */
static void
arrive(network *n, int at, const uint8_t *octets, size_t length)
{
    net_packet *packet;
    uint32_t number;

    NETWORK_CHECK(n, length >= NUMBER_AT + 4);
    number = get_u32(octets + NUMBER_AT);
    NETWORK_CHECK(n, number < n->packets && number + NET_PACKETS >= n->packets);
    packet = &n->packet[number % NET_PACKETS];
    NETWORK_CHECK(n, packet->to == at || packet->to == NET_BEHIND + at);
    NETWORK_CHECK(n, same_packet(&packet->sent, octets, length));
    packet->arrived++;
}

/** Gives a packet to an agent, of which exactly one action comes back. */
static void
hand_over(network *n, int at, const net_message *m)
{
    uint8_t *copy = malloc(m->length); /* so that reading behind it is seen */
    fb_packet packet = {.packet = n->numbers++,
                        .header = copy,
                        .header_len = m->length,
                        .total_len = m->length};
    fb_action action, other;
    int error;

    memcpy(copy, m->octets, m->length);
    if (m->native)
    {
        error = fb_agent_steer(n->agent[at], (fb_ref){.link = m->link}, &packet, n->now);
    }
    else
    {
        error = fb_agent_receive(n->agent[at], &m->meta, &packet, n->now);
    }
    free(copy);
    NETWORK_CHECK(n, error == FB_OK);
    NETWORK_CHECK(n, fb_agent_poll_action(n->agent[at], &action, n->now));
    NETWORK_CHECK(n, action.packet == packet.packet && action.last);
    NETWORK_CHECK(n, !fb_agent_poll_action(n->agent[at], &other, n->now));
    act(n, at, &action, m);
    drain(n, at);
}

/** The home agent delivers only out of a tunnel it has a binding for. */
static void
check_uplink_tunnel(network *n, const net_message *m, const data_packet *inner)
{
    fb_binding_view view;
    fb_ipv4 home_address = network_home_address(owner_of(get_u32(inner->octets + 12)));

    for (size_t i = 0;
         fb_agent_binding(n->agent[NET_HOME], FB_ROLE_HOME_AGENT, home_address, i, &view);
         i++)
    {
        if (view.tunnel_address == fb_addr_to_ipv4(&m->meta.src) &&
            view.udp_port == (m->meta.protocol == 17 ? m->meta.sport : 0))
        {
            return;
        }
    }
    network_fail(n, "delivered out of a tunnel without a binding", __LINE__);
}

/** A mobile node delivers only out of the tunnel of a path that is registered. */
static void
check_downlink_tunnel(network *n, int node, const fb_action *action)
{
    fb_binding_view view;

    for (size_t i = 0; fb_agent_binding(n->agent[node], FB_ROLE_MOBILE_NODE, 0, i, &view); i++)
    {
        if (view.ref.bid == action->path.bid)
        {
            NETWORK_CHECK(n, n->up[node][view.ref.link]);
            NETWORK_CHECK(n, view.state != FB_BINDING_DOWN && view.state != FB_BINDING_BLOCKED);
            return;
        }
    }
    network_fail(n, "delivered on an unknown path", __LINE__);
}

static void
deliver_inner(network *n, int at, const fb_action *action, const net_message *m)
{
    data_packet outside = {.length = m->length}, inner;
    net_message next = {.from = (uint8_t)at, .native = true, .data = true};

    memcpy(outside.octets, m->octets, m->length);
    inner = data_result(action, &outside);
    if (at < NET_NODES)
    {
        check_downlink_tunnel(n, at, action);
        arrive(n, at, inner.octets, inner.length);
        return;
    }
    NETWORK_CHECK(n, at == NET_HOME && !m->native);
    check_uplink_tunnel(n, m, &inner);
    next.length = inner.length;
    memcpy(next.octets, inner.octets, inner.length);
    next.meta.dst = fb_addr_from_ipv4(get_u32(inner.octets + 16));
    if (fb_addr_to_ipv4(&next.meta.dst) == WORLD_CORRESPONDENT)
    {
        post(n, &next);
        return;
    }
    hand_over(n, at, &next); /* for another node at home */
}

/** Sends what an action says: into a tunnel, or as it is. */
static void
send_on(network *n, int at, const fb_action *action, const net_message *m)
{
    net_message next = {.from = (uint8_t)at, .native = action->kind == FB_FORWARD, .data = true};
    data_packet before = {.length = m->length}, after, payload;

    memcpy(before.octets, m->octets, m->length);
    after = data_result(action, &before);
    if (next.native)
    {
        next.meta.dst = fb_addr_from_ipv4(get_u32(after.octets + 16));
        payload = after;
    }
    else
    {
        next.meta = data_open(&after, 0, &payload);
    }
    next.meta.link = action->path.link;
    next.meta.link_addr_len = action->link_addr_len;
    memcpy(next.meta.link_addr, action->link_addr, sizeof next.meta.link_addr);
    next.length = payload.length;
    NETWORK_CHECK(n, payload.length <= sizeof next.octets);
    memcpy(next.octets, payload.octets, payload.length);
    if (at == NET_HOME)
    {
        next.meta.link = 0;
    }
    post(n, &next);
}

/** The packet's number, if it is one of ours: who steers it first notes its path. */
static void
note_path(network *n, const fb_action *action, const net_message *m)
{
    uint32_t number = m->length >= NUMBER_AT + 4 ? get_u32(m->octets + NUMBER_AT) : n->packets;

    if (m->native && number < n->packets && number + NET_PACKETS >= n->packets)
    {
        n->packet[number % NET_PACKETS].bid = action->path.bid;
    }
}

static void
act(network *n, int at, const fb_action *action, const net_message *m)
{
    switch (action->kind)
    {
    case FB_SEND:
    case FB_FORWARD:
        if (at != NET_FOREIGN)
        {
            note_path(n, action, m);
        }
        send_on(n, at, action, m);
        break;
    case FB_DELIVER:
        deliver_inner(n, at, action, m);
        break;
    case FB_DROP_PACKET:
        NETWORK_CHECK(n, action->reason != FB_REASON_NONE && action->reason < FB_REASON_COUNT);
        break;
    default:
        NETWORK_CHECK(n, action->kind == FB_CONSUME);
        break;
    }
}

uint32_t
network_send_data(network *n, int from, int to, uint8_t protocol, uint16_t port, size_t length)
{
    data_packet packet = data_ipv4(address_of(from), address_of(to), protocol, length);
    int node = from >= NET_BEHIND ? from - NET_BEHIND : from;
    uint32_t number = n->packets++;
    size_t port_at = from == NET_CORRESPONDENT ? 20 : 22;
    net_message m = {.native = true, .data = true, .length = length};

    memset(packet.octets + 20, 0x22, 4);
    packet.octets[port_at] = (uint8_t)(port >> 8);
    packet.octets[port_at + 1] = (uint8_t)port;
    packet.octets[24] = (uint8_t)((length - 20) >> 8);
    packet.octets[25] = (uint8_t)(length - 20);
    packet.octets[26] = packet.octets[27] = 0;
    put_u32(packet.octets + NUMBER_AT, number);
    data_seal(&packet);
    n->packet[number % NET_PACKETS] = (net_packet){.sent = packet, .to = (uint8_t)to};
    memcpy(m.octets, packet.octets, length);
    m.from = (uint8_t)node;
    hand_over(n, from == NET_CORRESPONDENT ? NET_HOME : node, &m);
    return number;
}

const net_packet *
network_packet(const network *n, uint32_t number)
{
    return &n->packet[number % NET_PACKETS];
}

/* ---- time ---- */

static net_message *
next_arrival(network *n)
{
    net_message *next = NULL;

    for (size_t i = 0; i < n->in_flight; i++)
    {
        net_message *m = &n->message[i];

        if (next == NULL || m->arrives_at < next->arrives_at ||
            (m->arrives_at == next->arrives_at && m->number < next->number))
        {
            next = m;
        }
    }
    return next;
}

/** A packet of a tunnel that ends here came without another one around it: the host takes its header off. */
static void
open_tunnel(net_message *m)
{
    fb_ipv4 own = m->to == NET_HOME ? WORLD_HOME_AGENT : network_home_address(m->to);
    data_packet whole = {.length = m->length}, payload;

    if (!m->native || (m->to != NET_HOME && m->to >= NET_NODES) || m->octets[9] != 4 ||
        get_u32(m->octets + 16) != own)
    {
        return;
    }
    memcpy(whole.octets, m->octets, m->length);
    m->meta = data_open(&whole, m->link, &payload);
    m->native = false;
    m->length = payload.length;
    memcpy(m->octets, payload.octets, payload.length);
}

static void
take_in(network *n, net_message *slot)
{
    net_message m = *slot;

    *slot = n->message[--n->in_flight];
    n->now = m.arrives_at > n->now ? m.arrives_at : n->now;
    if (m.to < NET_NODES && !hears(n, m.to, m.link))
    {
        return;
    }
    open_tunnel(&m);
    m.meta.link = m.link;
    m.meta.link_addr_len = m.link == NET_ACCESS || m.link == NET_VISITING ? 6 : 0;
    memcpy(m.meta.link_addr, (const uint8_t[8]){2, 0, 0, 0, 0, m.from}, 8);
    if (m.to == NET_CORRESPONDENT || (m.native && m.to < NET_NODES))
    {
        arrive(n, m.to, m.octets, m.length);
        return;
    }
    if (m.data && (m.native || m.octets[0] == 4 || m.meta.protocol != 17))
    {
        hand_over(n, m.to, &m);
        return;
    }
    if (m.meta.protocol == 17 && m.octets[0] == 4)
    {
        hand_over(n, m.to, &m); /* made so by damage */
        return;
    }
    NETWORK_CHECK(n, fb_agent_input(n->agent[m.to], &m.meta, m.octets, m.length, n->now) >= 0);
    drain(n, m.to);
}

static fb_time
next_timer(const network *n, int *whose)
{
    fb_time next = FB_TIME_NEVER;

    for (int agent = 0; agent < NET_AGENTS; agent++)
    {
        fb_time when = fb_agent_next_timeout(n->agent[agent]);

        if (when < next)
        {
            next = when;
            *whose = agent;
        }
    }
    return next;
}

void
network_run(network *n, fb_time duration)
{
    fb_time until = n->now + duration, last = n->now;

    for (unsigned at_once = 0;; at_once++)
    {
        net_message *m = next_arrival(n);
        int whose = 0;
        fb_time timer = next_timer(n, &whose);

        at_once = n->now == last ? at_once : 0;
        last = n->now;
        NETWORK_CHECK(n, at_once < STEPS_AT_ONCE);
        n->steps++;
        if (m != NULL && m->arrives_at <= until && m->arrives_at <= timer)
        {
            take_in(n, m);
        }
        else if (timer <= until)
        {
            n->now = timer > n->now ? timer : n->now;
            NETWORK_CHECK(n, fb_agent_handle_timeout(n->agent[whose], 16, n->now) == FB_OK);
            drain(n, whose);
        }
        else
        {
            break;
        }
    }
    n->now = until;
}
