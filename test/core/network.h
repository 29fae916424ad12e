/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_NETWORK_H
#define FB_TEST_NETWORK_H

/**
 * @file
 * A small network for random tests, in one thread and virtual time: two mobile nodes, a foreign agent, a home agent
 * and a correspondent. Each mobile node has three links: one to the Internet, one behind a NAT of its own, and one of
 * the foreign agent, which both nodes share. Messages and data packets are lost, doubled, delayed and damaged as the
 * knobs below say.
 *
 * The hosts around the agents obey actions literally, and judge what they see: network_fail() ends the test at the
 * first thing that must never happen.
 */

#include "base/random.h"
#include "data_plane.h"
#include "network_told.h"

enum
{
    NET_NODES = 2, /* mobile nodes are 0 and 1 */
    NET_FOREIGN = 2,
    NET_HOME = 3,
    NET_AGENTS = 4,
    NET_CORRESPONDENT = 4,
    NET_BEHIND = 5 /* and 6: a host in the IPv4 network of mobile node 0, of 1 */
};

/** Links of a mobile node; BIDs are the same. */
enum
{
    NET_DIRECT = 1,
    NET_BEHIND_NAT = 2,
    NET_VISITING = 3,
    NET_LINKS = 3,
    NET_ACCESS = 101 /**< the foreign agent's number of the link its visitors are on */
};

#define NET_FOREIGN_ADDRESS 0xcb007141u /* 203.0.113.65 */
#define NET_NETWORK(node) (0xc6336480u + (fb_ipv4)(node)*16) /* 198.51.100.128/28, 144/28 */
#define NET_NETWORK_LENGTH 28
#define NET_PRIVATE_ADDRESS 0x0a000002u /* 10.0.0.2, behind each NAT */
#define NET_IN_FLIGHT 512
#define NET_PACKETS 256
#define NET_MAPPINGS 8

/** A datagram, or a packet without a tunnel, on its way. */
typedef struct net_message
{
    bool native; /**< a whole IP packet; else `meta` says what stood in front of it */
    bool data; /**< one of ours, or a tunnel's */
    uint8_t from, to;
    uint32_t link; /**< the receiver's */
    uint64_t number;
    fb_time arrives_at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} net_message;

typedef struct net_nat
{
    fb_ipv4 outside;
    uint16_t next_port;

    struct
    {
        fb_ipv4 inside;
        uint16_t inside_port, port; /* 0: unused */
    } mapping[NET_MAPPINGS];
} net_nat;

/** A data packet as it was sent. */
typedef struct net_packet
{
    data_packet sent;
    uint8_t to; /**< who alone may get it */
    unsigned arrived; /**< copies */
    uint8_t bid; /**< the path its sender took; 0: none */
} net_packet;

typedef struct network
{
    fb_time now;
    test_random random;
    fb_agent *agent[NET_AGENTS];
    void *memory[NET_AGENTS];
    fb_config config[NET_AGENTS];
    fb_subscriber subscriber[NET_NODES];
    /* the foreign agent shares keys with nodes, with the home agent */
    bool node_association, home_association;
    fb_link link[NET_NODES][NET_LINKS + 1];
    bool up[NET_NODES][NET_LINKS + 1], connected[NET_NODES][NET_LINKS + 1];
    bool deaf[NET_NODES][NET_LINKS + 1]; /* nothing comes to the node */
    uint64_t paths_lost; /* found silent by probes */
    net_nat nat[NET_NODES];
    unsigned loss, doubling, damage; /* of 100 */
    unsigned delay_ms; /* at most, one way */
    uint64_t numbers;
    net_message message[NET_IN_FLIGHT];
    size_t in_flight;
    net_message saved; /* one seen before, to be replayed */
    net_packet packet[NET_PACKETS];
    uint32_t packets;
    fb_time second;
    unsigned sent[NET_AGENTS], asked; /* messages in this second; what the test itself caused */
    unsigned echoes[NET_AGENTS]; /* keepalives and probes in this second */
    unsigned most_sent;
    net_told told[NET_AGENTS];
    unsigned events[NET_AGENTS][FB_EVENT_PATH + 1]; /* by kind */
    uint64_t steps;
    void (*failed)(void *context); /* tells what the test was doing */
    void *context;
} network;

/** Ends the test. */
void network_fail(network *n, const char *what, int line);

#define NETWORK_CHECK(n, condition)                \
    do                                             \
    {                                              \
        if (!(condition))                          \
        {                                          \
            network_fail(n, #condition, __LINE__); \
        }                                          \
    }                                              \
    while (0)

/** Uniform in 0..count-1. */
uint32_t network_below(network *n, uint32_t count);

/** Fills in addresses, keys and configurations. */
network *network_new(void);
void network_free(network *n);

/** Makes one agent (anew: whatever it knew is lost) and tells it what its host knows. */
void network_start(network *n, int agent);

void network_fact(network *n, int agent, const fb_fact *fact);
void network_set_clock(network *n, int agent, int64_t off_by_s);
void network_subscribe(network *n, int node, bool suspended);
void network_link(network *n, int node, uint32_t link, fb_fact_kind kind);

/** Whether a node probes its paths (fb_probe_config). */
void network_probe(network *n, int node, bool on);

/** Nothing gets through on a link both ways or one, or does again; nobody is told. */
void network_silence(network *n, int node, uint32_t link);

/** The NAT forgets all mappings; later ones have other ports. */
void network_flush_nat(network *n, int node);

/** Port outside of the mapping of a node's port 434; 0: there is none. */
uint16_t network_mapped_port(const network *n, int node);

/** A message seen before arrives once more. */
void network_replay(network *n);

void network_run(network *n, fb_time duration);

fb_ipv4 network_home_address(int node);

/** A data packet from @p from to @p to (a node, a host behind it, or NET_CORRESPONDENT) leaves now. Its number. */
uint32_t network_send_data(network *n,
                           int from,
                           int to,
                           uint8_t protocol,
                           uint16_t correspondent_port,
                           size_t length);
/** How it is configured, and what all agents know now, for whoever has to find out why a test failed. */
void network_print_config(const network *n);
void network_print(const network *n);

const net_packet *network_packet(const network *n, uint32_t number);

#endif
