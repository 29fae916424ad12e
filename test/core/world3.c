/* SPDX-License-Identifier: BSD-3-Clause */
#include "world3.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_SYSTEMS 0xe0000001u
#define ALL_ROUTERS 0xe0000002u
#define ALL_AGENTS 0xe000000bu
#define LIMITED_BROADCAST 0xffffffffu

static void
must(bool condition, const char *what)
{
    if (!condition)
    {
        fprintf(stderr, "world3: %s\n", what);
        abort();
    }
}

/* ---- life ---- */

static fb_security_association
association(uint32_t spi, uint8_t first, int step)
{
    fb_security_association made = {.spi = spi, .algorithm = FB_HMAC_MD5, .key_length = 16};

    for (int i = 0; i < 16; i++)
    {
        made.key[i] = (uint8_t)(first + i * step);
    }
    return made;
}

fb_security_association
world3_node_association(void)
{
    return association(0x202, 0xff, -0x11); /* ffeeddcc...00 */
}

fb_security_association
world3_home_association(void)
{
    return association(0x303, 0x00, 1); /* 00010203...0f */
}

void
world3_setup_default(world3_setup *setup)
{
    fb_config *agent = &setup->config[WORLD3_FOREIGN_AGENT];
    world_setup two;

    memset(setup, 0, sizeof *setup);
    world_setup_default(&two);
    setup->subscriber = two.subscriber;
    setup->config[WORLD3_MOBILE_NODE] = two.mobile_node;
    setup->config[WORLD3_HOME_AGENT] = two.home_agent;
    fb_config_default(agent);
    agent->roles = FB_ROLE_FOREIGN_AGENT;
    agent->foreign_agent.address = WORLD3_FOREIGN_AGENT_ADDRESS;
    for (int node = 0; node < WORLD3_NODES; node++)
    {
        setup->config[node].limits.events = 512;
    }
    setup->node_association = true;
    setup->home_association = true;
}

static void
start_agent(world3 *w, world3_node node, const fb_config *config)
{
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WORLD_WALL_NS};
    size_t size = fb_agent_size(config);

    must(size > 0, "the configuration is refused");
    w->memory[node] = aligned_alloc(16, (size + 15) & ~(size_t)15);
    must(w->memory[node] != NULL, "out of memory");
    must(fb_agent_init(&w->agent[node], w->memory[node], size, config, 0) == FB_OK,
         "fb_agent_init failed");
    world3_fact(w, node, &clock);
}

static void
share(world3 *w, world3_node node, uint8_t kind, fb_ipv4 peer, fb_security_association shared)
{
    fb_fact fact = {.kind = FB_FACT_ASSOCIATION};

    if (w->agent[node] != NULL)
    {
        fact.u.association =
            (fb_peer_association){.kind = kind, .peer = peer, .association = shared};
        world3_fact(w, node, &fact);
    }
}

static void
access_link(world3 *w, world3_node node, uint32_t link, fb_ipv4 address, uint8_t prefix_length)
{
    fb_fact fact = {.kind = FB_FACT_ACCESS_UP};

    fact.u.access = (fb_access){.link = link,
                                .address = fb_addr_from_ipv4(address),
                                .prefix_length = prefix_length};
    world3_fact(w, node, &fact);
}

static void
share_all(world3 *w, const world3_setup *setup)
{
    if (setup->node_association)
    {
        share(w,
              WORLD3_MOBILE_NODE,
              FB_ASSOCIATION_MOBILE_FOREIGN,
              WORLD3_FOREIGN_AGENT_ADDRESS,
              world3_node_association());
        share(w,
              WORLD3_FOREIGN_AGENT,
              FB_ASSOCIATION_MOBILE_FOREIGN,
              WORLD_HOME_ADDRESS,
              world3_node_association());
    }
    if (setup->home_association)
    {
        share(w,
              WORLD3_FOREIGN_AGENT,
              FB_ASSOCIATION_FOREIGN_HOME,
              WORLD_HOME_AGENT,
              world3_home_association());
        share(w,
              WORLD3_HOME_AGENT,
              FB_ASSOCIATION_FOREIGN_HOME,
              WORLD3_FOREIGN_AGENT_ADDRESS,
              world3_home_association());
    }
}

world3 *
world3_start(const world3_setup *setup)
{
    fb_fact subscriber = {.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber = setup->subscriber};
    fb_config home = setup->config[WORLD3_HOME_AGENT];
    world3 *w = calloc(1, sizeof *w);

    must(w != NULL, "out of memory");
    w->message = calloc(WORLD3_RECORDS, sizeof *w->message);
    must(w->message != NULL, "out of memory");
    w->link_delay = 5 * FB_MILLISECOND;
    w->network_delay = 20 * FB_MILLISECOND;
    home.home_agent.advertise = home.home_agent.advertise || setup->home_advertises;
    if (!setup->no_mobile_node)
    {
        start_agent(w, WORLD3_MOBILE_NODE, &setup->config[WORLD3_MOBILE_NODE]);
    }
    start_agent(w, WORLD3_FOREIGN_AGENT, &setup->config[WORLD3_FOREIGN_AGENT]);
    start_agent(w, WORLD3_HOME_AGENT, &home);
    world3_fact(w, WORLD3_HOME_AGENT, &subscriber);
    share_all(w, setup);
    access_link(w, WORLD3_FOREIGN_AGENT, WORLD3_VISITED_LINK, WORLD3_FOREIGN_AGENT_ADDRESS, 28);
    if (setup->home_advertises)
    {
        access_link(w, WORLD3_HOME_AGENT, WORLD3_HOME_LINK, WORLD_HOME_AGENT, 24);
    }
    return w;
}

void
world3_end(world3 *w)
{
    for (int node = 0; node < WORLD3_NODES; node++)
    {
        must(w->agent[node] == NULL ||
                 fb_agent_counter(w->agent[node], FB_BUG_STATE_TRANSITION) == 0,
             "an illegal transition");
        free(w->memory[node]);
    }
    free(w->message);
    free(w);
}

/* ---- who hears what ---- */

/** Whether a message goes to all nodes of a link. */
static bool
goes_to_all(fb_ipv4 destination)
{
    return destination == ALL_SYSTEMS || destination == ALL_ROUTERS || destination == ALL_AGENTS ||
           destination == LIMITED_BROADCAST;
}

/** The agent on the mobile node's link; false: nobody is there. */
static bool
neighbour(const world3 *w, world3_node *node, uint32_t *link)
{
    *node = w->place == WORLD3_AT_HOME ? WORLD3_HOME_AGENT : WORLD3_FOREIGN_AGENT;
    *link = w->place == WORLD3_AT_HOME ? WORLD3_HOME_LINK : WORLD3_VISITED_LINK;
    return w->place != WORLD3_NOWHERE;
}

/** Who gets a message of the mobile node; false: nobody. */
static bool
route_from_node(const world3 *w, world3_message *m)
{
    fb_ipv4 destination = fb_addr_to_ipv4(&m->meta.dst);
    world3_node near;
    uint32_t near_link;
    bool has_neighbour = neighbour(w, &near, &near_link);
    bool to_home_agent = destination == WORLD_HOME_AGENT;

    if (m->meta.link == WORLD3_COLOCATED_LINK)
    {
        m->to = WORLD3_HOME_AGENT;
        return w->colocated && to_home_agent;
    }
    m->to = goes_to_all(destination) || destination == WORLD3_FOREIGN_AGENT_ADDRESS
                ? near
                : WORLD3_HOME_AGENT;
    m->link = m->to == near ? near_link : 0;
    return has_neighbour &&
           (goes_to_all(destination) || to_home_agent ||
            (near == WORLD3_FOREIGN_AGENT && destination == WORLD3_FOREIGN_AGENT_ADDRESS));
}

/** Who gets a message of an agent; false: nobody. */
static bool
route_from_agent(const world3 *w, world3_message *m)
{
    fb_ipv4 destination = fb_addr_to_ipv4(&m->meta.dst);
    world3_node near;
    uint32_t near_link;
    bool over_link = neighbour(w, &near, &near_link) && near == m->from;

    if (destination == WORLD_HOME_AGENT || destination == WORLD3_FOREIGN_AGENT_ADDRESS)
    {
        m->to = destination == WORLD_HOME_AGENT ? WORLD3_HOME_AGENT : WORLD3_FOREIGN_AGENT;
        return m->to != m->from;
    }
    m->to = WORLD3_MOBILE_NODE;
    if (destination == WORLD3_COLOCATED_ADDRESS)
    {
        m->link = WORLD3_COLOCATED_LINK;
        return w->colocated;
    }
    m->link = WORLD3_LINK;
    return over_link && (m->meta.link == near_link || m->meta.link == 0);
}

static bool
route(const world3 *w, world3_message *m)
{
    return m->from == WORLD3_MOBILE_NODE ? route_from_node(w, m) : route_from_agent(w, m);
}

void
world3_send(world3 *w, world3_node from, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    world3_message *m = &w->message[w->messages];
    bool arrives;

    must(w->messages < WORLD3_RECORDS, "too many messages");
    w->messages++;
    *m = (world3_message){.from = from, .meta = *meta, .length = length, .sent_at = w->now};
    memcpy(m->octets, octets, length);
    arrives = route(w, m);
    m->arrives_at = w->now + (m->link != 0 && m->link != WORLD3_COLOCATED_LINK ? w->link_delay
                                                                               : w->network_delay);
    m->lost = !arrives || (w->lose != NULL && w->lose(w, m));
}

/** Drains one agent, as a host has to after every input. */
static void
pump(world3 *w, world3_node node)
{
    fb_agent *agent = w->agent[node];
    uint8_t octets[1500];
    fb_meta meta;
    fb_event event;
    ptrdiff_t length;

    while ((length = fb_agent_output(agent, &meta, octets, sizeof octets, w->now)) > 0)
    {
        world3_send(w, node, &meta, octets, (size_t)length);
    }
    must(length == 0, "fb_agent_output failed");
    while (fb_agent_poll_event(agent, &event))
    {
        must(w->events < WORLD3_RECORDS, "too many events");
        w->event[w->events++] = event;
    }
    must(fb_agent_events_lost(agent) == 0, "events were lost");
}

void
world3_fact(world3 *w, world3_node to, const fb_fact *fact)
{
    must(fb_agent_fact(w->agent[to], fact, w->now) == FB_OK, "a fact was refused");
    pump(w, to);
}

int
world3_inject(world3 *w, world3_node to, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    int result = fb_agent_input(w->agent[to], meta, octets, length, w->now);

    pump(w, to);
    return result;
}

void
world3_move(world3 *w, world3_place place)
{
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = WORLD3_LINK};
    bool was_somewhere = w->place != WORLD3_NOWHERE;

    w->place = place;
    if (w->agent[WORLD3_MOBILE_NODE] == NULL)
    {
        return;
    }
    if (was_somewhere)
    {
        world3_fact(w, WORLD3_MOBILE_NODE, &fact);
    }
    if (place != WORLD3_NOWHERE)
    {
        fact.kind = FB_FACT_LINK_UP;
        fact.u.link = (fb_link){.link = WORLD3_LINK,
                                .bid = 1,
                                .label = 1,
                                .technology = 4,
                                .preference = 1,
                                .care_of = FB_CARE_OF_AGENT};
        world3_fact(w, WORLD3_MOBILE_NODE, &fact);
    }
}

/* ---- time ---- */

static world3_message *
next_arrival(world3 *w)
{
    world3_message *next = NULL;

    for (size_t i = 0; i < w->messages; i++)
    {
        world3_message *m = &w->message[i];

        if (!m->done && !m->lost && (next == NULL || m->arrives_at < next->arrives_at))
        {
            next = m;
        }
    }
    return next;
}

/** The receiver sees its own number of the link, and the sender's link-layer address. */
static void
deliver(world3 *w, world3_message *m)
{
    fb_meta meta = m->meta;

    m->done = true;
    w->now = m->arrives_at;
    if (w->agent[m->to] == NULL)
    {
        return;
    }
    meta.link = m->link;
    meta.link_addr_len = 6;
    memcpy(meta.link_addr, (const uint8_t[8]){2, 0, 0, 0, 0, (uint8_t)m->from}, 8);
    must(fb_agent_input(w->agent[m->to], &meta, m->octets, m->length, w->now) >= 0,
         "fb_agent_input failed");
    pump(w, m->to);
}

/** Whose timer is next, and when. */
static fb_time
next_timer(const world3 *w, world3_node *whose)
{
    fb_time next = FB_TIME_NEVER;

    for (int node = 0; node < WORLD3_NODES; node++)
    {
        fb_time when = w->agent[node] == NULL ? FB_TIME_NEVER
                                              : fb_agent_next_timeout(w->agent[node]);

        if (when < next)
        {
            next = when;
            *whose = (world3_node)node;
        }
    }
    return next;
}

void
world3_run_until(world3 *w, fb_time when)
{
    for (size_t steps = 0;; steps++)
    {
        world3_message *m = next_arrival(w);
        world3_node node = WORLD3_MOBILE_NODE;
        fb_time timer = next_timer(w, &node);

        must(steps < 100000, "time stands still");
        if (m != NULL && m->arrives_at <= when && m->arrives_at <= timer)
        {
            deliver(w, m);
        }
        else if (timer <= when)
        {
            w->now = timer > w->now ? timer : w->now;
            must(fb_agent_handle_timeout(w->agent[node], 16, w->now) == FB_OK,
                 "fb_agent_handle_timeout failed");
            pump(w, node);
        }
        else
        {
            break;
        }
    }
    w->now = when;
}

void
world3_run(world3 *w, fb_time duration)
{
    world3_run_until(w, w->now + duration);
}

/* ---- looking at it ---- */

const world3_message *
world3_sent(const world3 *w, world3_node from, world3_node to, uint8_t type, size_t index)
{
    for (size_t i = 0; i < w->messages; i++)
    {
        const world3_message *m = &w->message[i];

        if (m->from == from && m->to == to && m->octets[0] == type && index-- == 0)
        {
            return m;
        }
    }
    return NULL;
}

size_t
world3_sent_count(const world3 *w, world3_node from, world3_node to, uint8_t type)
{
    size_t count = 0;

    while (world3_sent(w, from, to, type, count) != NULL)
    {
        count++;
    }
    return count;
}

const world3_message *
world3_last(const world3 *w, world3_node from, world3_node to, uint8_t type)
{
    size_t count = world3_sent_count(w, from, to, type);

    return count == 0 ? NULL : world3_sent(w, from, to, type, count - 1);
}

const fb_event *
world3_event(const world3 *w, size_t since, uint8_t role, fb_event_kind kind)
{
    for (size_t i = since; i < w->events; i++)
    {
        if (w->event[i].role == role && w->event[i].kind == kind)
        {
            return &w->event[i];
        }
    }
    return NULL;
}

bool
world3_visitor(const world3 *w, fb_binding_view *view)
{
    return fb_agent_binding(w->agent[WORLD3_FOREIGN_AGENT],
                            FB_ROLE_FOREIGN_AGENT,
                            WORLD_HOME_ADDRESS,
                            0,
                            view);
}

bool
world3_binding(const world3 *w, size_t index, fb_binding_view *view)
{
    return fb_agent_binding(w->agent[WORLD3_HOME_AGENT],
                            FB_ROLE_HOME_AGENT,
                            WORLD_HOME_ADDRESS,
                            index,
                            view);
}

/* ---- data ---- */

static void
put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
    {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

static fb_ipv4
get_u32(const uint8_t *at)
{
    return (fb_ipv4)at[0] << 24 | (fb_ipv4)at[1] << 16 | (fb_ipv4)at[2] << 8 | at[3];
}

/** An IPv4 packet of 48 octets that carries TCP. */
static fb_packet
data_packet(uint8_t octets[48], fb_ipv4 source, fb_ipv4 destination)
{
    memset(octets, 0, 48);
    octets[0] = 0x45;
    octets[3] = 48;
    octets[8] = 63;
    octets[9] = 6;
    put_u32(octets + 12, source);
    put_u32(octets + 16, destination);
    octets[21] = 80;
    octets[23] = 99;
    return (fb_packet){.packet = 77, .header = octets, .header_len = 48, .total_len = 48};
}

static fb_action
action_of(world3 *w, world3_node node)
{
    fb_action action = {0};

    must(fb_agent_poll_action(w->agent[node], &action, w->now), "no action");
    must(action.packet == 77 && action.last, "the packet did not come back");
    return action;
}

/** Where the tunnel of `first` leads, if it is one. */
static void
follow_tunnel(world3 *w, world3_verdict *verdict, const fb_packet *packet, world3_node to)
{
    fb_meta outer = {.protocol = verdict->first.outer[9]};

    if (verdict->first.kind != FB_SEND)
    {
        return;
    }
    verdict->tunnelled = true;
    verdict->outer_source = get_u32(verdict->first.outer + 12);
    verdict->outer_destination = get_u32(verdict->first.outer + 16);
    outer.src = fb_addr_from_ipv4(verdict->outer_source);
    outer.dst = fb_addr_from_ipv4(verdict->outer_destination);
    must(fb_agent_receive(w->agent[to], &outer, packet, w->now) == FB_OK,
         "fb_agent_receive failed");
    verdict->second = action_of(w, to);
}

world3_verdict
world3_downlink(world3 *w)
{
    uint8_t octets[48];
    fb_packet packet = data_packet(octets, WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    world3_verdict verdict = {0};

    must(fb_agent_steer(w->agent[WORLD3_HOME_AGENT], (fb_ref){0}, &packet, w->now) == FB_OK,
         "fb_agent_steer failed");
    verdict.first = action_of(w, WORLD3_HOME_AGENT);
    follow_tunnel(w, &verdict, &packet, WORLD3_FOREIGN_AGENT);
    return verdict;
}

world3_verdict
world3_direct_delivery(world3 *w)
{
    uint8_t octets[48];
    fb_packet packet = data_packet(octets, WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
    fb_ref from = {.link = WORLD3_VISITED_LINK};
    world3_verdict verdict = {0};

    must(fb_agent_steer(w->agent[WORLD3_FOREIGN_AGENT], from, &packet, w->now) == FB_OK,
         "fb_agent_steer failed");
    verdict.first = action_of(w, WORLD3_FOREIGN_AGENT);
    follow_tunnel(w, &verdict, &packet, WORLD3_HOME_AGENT);
    return verdict;
}

world3_verdict
world3_encapsulating_delivery(world3 *w)
{
    uint8_t octets[48];
    fb_packet packet = data_packet(octets, WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
    fb_meta outer = {.src = fb_addr_from_ipv4(WORLD_HOME_ADDRESS),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .link = WORLD3_VISITED_LINK,
                     .protocol = 4};
    world3_verdict verdict = {0};

    must(fb_agent_receive(w->agent[WORLD3_FOREIGN_AGENT], &outer, &packet, w->now) == FB_OK,
         "fb_agent_receive failed");
    verdict.first = action_of(w, WORLD3_FOREIGN_AGENT);
    follow_tunnel(w, &verdict, &packet, WORLD3_HOME_AGENT);
    return verdict;
}
