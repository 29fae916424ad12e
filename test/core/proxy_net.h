/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_PROXY_NET_H
#define FB_TEST_PROXY_NET_H

/**
 * @file
 * Two mobile access gateways and one local mobility anchor, whole agents, in one thread and virtual time, and a network
 * between them that loses, doubles, delays and damages messages. Each gateway has an IPv6 link (BID 1), another one
 * with GRE keys in some histories (BID 2), and an IPv4 one (BID 3); RFC 5844 1 excludes NATs on the way. What has to
 * hold always is checked here at every step. What happens by chance is the seed's.
 */

#include "flowbind/agent.h"

#include "base/random.h"

#define PNET_GATEWAYS 2
#define PNET_ANCHOR 2 /* behind the gateways */
#define PNET_AGENTS 3
#define PNET_LINKS 3
#define PNET_IPV4 3 /* the link that carries no IPv6 */
#define PNET_NODES 4
#define PNET_MESSAGES 2048
#define PNET_SESSIONS 16 /* more than an agent numbers */
#define PNET_PREFIXES 32
#define PNET_EVENTS 32 /* kinds of them */

typedef struct pnet_message
{
    unsigned to;
    fb_time arrives_at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} pnet_message;

/** What an agent has told its host, and not taken back. */
typedef struct pnet_told
{
    uint8_t state[PNET_SESSIONS][PNET_LINKS + 1]; /* of bindings, by session and BID */
    bool session[PNET_SESSIONS];
    unsigned prefixes;
    fb_prefix prefix[PNET_PREFIXES];
    uint32_t prefix_of[PNET_PREFIXES]; /* session */
} pnet_told;

typedef struct pnet
{
    fb_time now;
    fb_agent *agent[PNET_AGENTS];
    void *memory[PNET_AGENTS];
    fb_config config[PNET_AGENTS];
    fb_link link[PNET_GATEWAYS][PNET_LINKS + 1];
    bool up[PNET_GATEWAYS][PNET_LINKS + 1];
    /* whether anything gets through; nobody is told */
    bool connected[PNET_GATEWAYS][PNET_LINKS + 1];
    unsigned loss_permille, double_permille, damage_permille, jitter_ms;
    test_random random;
    uint64_t starts; /* of agents */
    pnet_message *message;
    size_t messages;
    fb_time second; /* in which `sent` were */
    unsigned sent, most_sent;
    pnet_told told[PNET_AGENTS];
    unsigned events[PNET_AGENTS][PNET_EVENTS]; /* by kind */
    unsigned lost[PNET_AGENTS]; /* bindings that could be used, and cannot any more */
    fb_time woken_in[PNET_AGENTS]; /* the second in which `woken` were */
    unsigned woken[PNET_AGENTS], wakings[PNET_AGENTS]; /* time-outs: in that second; ever */
    unsigned most_woken;
    void (*failed)(void *context, const char *what); /* does not return */
    void *context;
} pnet;

void pnet_begin(pnet *n, uint64_t seed);
void pnet_end(pnet *n);

/** Makes agent @p who of its configuration; what it had is gone. */
void pnet_start_agent(pnet *n, unsigned who);

void pnet_run(pnet *n, fb_time duration);
void pnet_fact(pnet *n, unsigned who, const fb_fact *fact);
void pnet_link(pnet *n, unsigned gateway, uint32_t link, fb_fact_kind kind);

/** The session of mobile node @p node at an agent. */
bool pnet_session(const pnet *n, unsigned who, unsigned node, fb_session_view *view);
fb_nai pnet_name(unsigned node);

/**
 * A UDP packet from or to the home network of @p node, carried at once. Where it arrived, bit n is BID n, bit 0 a path
 * without RFC 8278; 0: nowhere. That it took a path of its session, and came out as it went in, is checked.
 */
unsigned pnet_data(pnet *n, unsigned gateway, unsigned node, bool up, uint16_t port);

#endif
