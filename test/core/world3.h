/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_WORLD3_H
#define FB_TEST_WORLD3_H

/**
 * @file
 * A mobile node, a foreign agent and a home agent that exchange real messages, in one thread and virtual time. The node
 * has one device, which is on the foreign agent's link, on the home link, or nowhere, and another one with a co-located
 * care-of address. Everything that happens is recorded; nothing is random.
 *
 * A test may be the mobile node itself (setup.no_mobile_node): it sends with world3_send(), and what comes to the node
 * is only recorded. Addresses and keys are those of test/vectors/vectors.json.
 */

#include "flowbind/agent.h"
#include "world.h"

typedef enum world3_node
{
    WORLD3_MOBILE_NODE,
    WORLD3_FOREIGN_AGENT,
    WORLD3_HOME_AGENT,
    WORLD3_NODES
} world3_node;

/** Where the first device of the mobile node is. */
typedef enum world3_place
{
    WORLD3_NOWHERE,
    WORLD3_VISITING, /**< on the foreign agent's link */
    WORLD3_AT_HOME /**< on the home agent's link */
} world3_place;

/** Numbers of links, each as its host has them. */
enum
{
    WORLD3_LINK = 1, /**< mobile node: the device that moves */
    WORLD3_COLOCATED_LINK = 2, /**< mobile node: the one with a co-located care-of address */
    WORLD3_VISITED_LINK = 101, /**< foreign agent: its access link */
    WORLD3_HOME_LINK = 201 /**< home agent: the home network */
};

#define WORLD3_FOREIGN_AGENT_ADDRESS 0xcb007141u /* 203.0.113.65: the care-of address */
#define WORLD3_COLOCATED_ADDRESS 0xcb007121u /* 203.0.113.33 */
#define WORLD3_RECORDS 4096

/** One message on its way or arrived. */
typedef struct world3_message
{
    world3_node from, to;
    bool lost, done;
    fb_time sent_at, arrives_at;
    fb_meta meta; /**< as it was sent */
    uint32_t link; /**< the receiver's number of the link it comes in by; 0: the network */
    size_t length;
    uint8_t octets[1500];
} world3_message;

typedef struct world3 world3;

struct world3
{
    fb_time now;
    fb_agent *agent[WORLD3_NODES]; /* NULL for a mobile node the test plays */
    void *memory[WORLD3_NODES];
    world3_place place;
    bool colocated; /* the second device is connected */
    fb_time link_delay, network_delay; /* one way: 5 ms and 20 ms */
    world3_message *message; /* all ever sent, in order of sending */
    size_t messages;
    fb_event event[WORLD3_RECORDS]; /* of all agents */
    size_t events;
    /** Loses a message when it returns true; may be NULL. */
    bool (*lose)(world3 *, const world3_message *);
    void *context; /* of `lose` */
};

typedef struct world3_setup
{
    fb_config config[WORLD3_NODES];
    fb_subscriber subscriber;
    bool no_mobile_node; /**< the test plays it */
    bool node_association; /**< mobile and foreign agent share SPI 0x202 */
    bool home_association; /**< foreign and home agent share SPI 0x303 */
    bool home_advertises; /**< the home agent has an access link, and advertises there */
} world3_setup;

/** The keys of the vectors: of a mobile node and a foreign agent, and of a foreign and a home agent. */
fb_security_association world3_node_association(void);
fb_security_association world3_home_association(void);

/** Both associations are shared; the mobile node's link takes its care-of address from the agent. */
void world3_setup_default(world3_setup *setup);
world3 *world3_start(const world3_setup *setup);
void world3_end(world3 *w);

/** Carries the device somewhere else; the mobile node is told (link down, link up). */
void world3_move(world3 *w, world3_place place);

void world3_fact(world3 *w, world3_node to, const fb_fact *fact);

void world3_run(world3 *w, fb_time duration);
void world3_run_until(world3 *w, fb_time when);

/** A message as if @p from had sent it now: its meta says where it goes and over which of its links. */
void world3_send(world3 *w,
                 world3_node from,
                 const fb_meta *meta,
                 const uint8_t *octets,
                 size_t length);

/** Hands octets to an agent now, with this meta. Returns what fb_agent_input() did; outputs go their way. */
int world3_inject(world3 *w,
                  world3_node to,
                  const fb_meta *meta,
                  const uint8_t *octets,
                  size_t length);

/** The @p index-th message of that kind (UDP: its type, 1 or 3; ICMP: 9 or 10) between the two; NULL. */
const world3_message *world3_sent(const world3 *w,
                                  world3_node from,
                                  world3_node to,
                                  uint8_t type,
                                  size_t index);
size_t world3_sent_count(const world3 *w, world3_node from, world3_node to, uint8_t type);

/** The last one; NULL. */
const world3_message *world3_last(const world3 *w, world3_node from, world3_node to, uint8_t type);

/** The first event of this kind and role since record @p since; NULL. */
const fb_event *world3_event(const world3 *w, size_t since, uint8_t role, fb_event_kind kind);

/** The node as a visitor of the foreign agent; the home agent's @p index-th binding of it. */
bool world3_visitor(const world3 *w, fb_binding_view *view);
bool world3_binding(const world3 *w, size_t index, fb_binding_view *view);

/** What became of one data packet, hop by hop. */
typedef struct world3_verdict
{
    /** of the agent where it started, and of the one its tunnel leads to */
    fb_action first, second;
    fb_ipv4 outer_source, outer_destination; /**< of the tunnel between them */
    bool tunnelled; /**< `second` counts */
} world3_verdict;

/** A packet of the correspondent that the home agent caught, as far as it gets. */
world3_verdict world3_downlink(world3 *w);

/** A plain packet of the mobile node on the foreign agent's link. */
world3_verdict world3_direct_delivery(world3 *w);

/** One that the mobile node encapsulated to the foreign agent (RFC 3024 5.2). */
world3_verdict world3_encapsulating_delivery(world3 *w);

#endif
