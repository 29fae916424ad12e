/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_WORLD_H
#define FB_TEST_WORLD_H

/**
 * @file
 * One mobile node, one home agent, and links with a delay between them, in one thread and virtual time. What the tests
 * of roles and of RFC clauses are built from. Everything that happens is recorded; nothing is random.
 *
 * Addresses and keys are those of test/vectors/vectors.json.
 */

#include "flowbind/agent.h"

#define WORLD_LINKS 4
#define WORLD_RECORDS 4096

#define WORLD_HOME_ADDRESS 0xc633640au /* 198.51.100.10 */
#define WORLD_HOME_AGENT 0xc0000201u /* 192.0.2.1 */
#define WORLD_CORRESPONDENT 0xc00002c8u /* 192.0.2.200 */
#define WORLD_WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z */

enum
{
    WORLD_WLAN = 1,
    WORLD_LTE = 2,
    WORLD_CDMA = 3
};

/** One message on its way or arrived. */
typedef struct world_message
{
    bool to_home_agent;
    bool lost;
    fb_time sent_at, arrives_at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} world_message;

typedef struct world world;

struct world
{
    fb_time now;
    fb_agent *mobile_node, *home_agent;
    void *mobile_memory, *home_memory;
    fb_time delay[WORLD_LINKS + 1]; /* one way, by link */
    bool connected[WORLD_LINKS + 1]; /* whether anything gets through */
    fb_ipv4 address[WORLD_LINKS + 1]; /* care-of address, by link */
    uint8_t tunnel[WORLD_LINKS + 1]; /* FB_TUNNEL_*, by link */
    /* FB_UDP_*, by link; FB_UDP_NEVER at first, as in the vectors without a NAT */
    uint8_t udp[WORLD_LINKS + 1];
    world_message *message; /* all ever sent, in order of sending */
    size_t messages, delivered;
    bool done[WORLD_RECORDS];
    fb_event event[WORLD_RECORDS]; /* of both agents */
    size_t events;
    /** Loses a message when it returns true; may be NULL. */
    bool (*lose)(world *, const world_message *);
    /** Changes addresses and ports of a message on its way, as a NAT does; may be NULL. */
    void (*translate)(world *, world_message *);
    void *context; /* of `lose` and `translate` */
};

/** Configurations as the vectors have them; change what a test needs before world_start(). */
typedef struct world_setup
{
    fb_config mobile_node, home_agent;
    fb_subscriber subscriber;
} world_setup;

void world_setup_default(world_setup *setup);

/** Makes both agents. Link delays: WLAN 10 ms, LTE 30 ms, CDMA 100 ms. */
world *world_start(const world_setup *setup);
void world_end(world *w);

/** Facts for the mobile node. */
void world_link_up(world *w, uint32_t link);
void world_link_down(world *w, uint32_t link);
void world_change_address(world *w, uint32_t link, fb_ipv4 address);
int world_policy(world *w, const fb_rule *rules, size_t count);
void world_fact(world *w, fb_agent *agent, const fb_fact *fact);

/** The policy of RFC 7629 Figure 2 as the five rules of vector M12. */
size_t world_figure2(fb_rule rules[5]);

/** Lets time pass. */
void world_run(world *w, fb_time duration);
void world_run_until(world *w, fb_time when);

/** Hands octets to an agent as if they had arrived now; its outputs go their way. Returns what fb_agent_input() did. */
int world_inject(world *w,
                 bool to_home_agent,
                 const fb_meta *meta,
                 const uint8_t *octets,
                 size_t length);

/** What became of one data packet. */
typedef struct world_verdict
{
    uint8_t kind; /* fb_action_kind */
    uint8_t bid;
    uint16_t reason;
    fb_ipv4 outer_source, outer_destination; /* of a FB_SEND */
    bool delivered; /* the other end's tunnel took it and gave it to its stack */
    uint16_t delivered_reason; /* else why not */
} world_verdict;

/** A packet of the correspondent toward the mobile node, or back, through the tunnel and out of it. */
world_verdict world_downlink(world *w,
                             uint8_t protocol,
                             uint16_t correspondent_port,
                             uint16_t local_port);
world_verdict world_uplink(world *w,
                           uint8_t protocol,
                           uint16_t correspondent_port,
                           uint16_t local_port);

/** State of BID @p bid at the mobile node: fb_binding_state. */
int world_state(const world *w, uint8_t bid);

/** The home agent's binding of @p bid; false: none. */
bool world_binding(const world *w, uint8_t bid, fb_binding_view *view);
size_t world_binding_count(const world *w);
size_t world_rule_count(const world *w);

/** The @p index-th message in that direction, from 0; NULL. */
const world_message *world_sent(const world *w, bool to_home_agent, size_t index);
size_t world_sent_count(const world *w, bool to_home_agent);

/** The last message in that direction. */
const world_message *world_last(const world *w, bool to_home_agent);

/** Whether an event of this kind and role came since record @p since. */
const fb_event *world_event(const world *w, size_t since, uint8_t role, fb_event_kind kind);

/** A message signed with the vectors' MN-HA key: @p length octets without the authentication extension. */
size_t world_sign(uint8_t *octets, size_t length);

#endif
