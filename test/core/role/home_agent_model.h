/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_HOME_AGENT_MODEL_H
#define FB_TEST_HOME_AGENT_MODEL_H

/**
 * @file
 * What a home agent has to know and to answer, written down once more and as simply as possible: no wire format, no
 * memory layout, no timers. It is told what a request means; test_home_agent_model.c compares it with the library.
 */

#include "flowbind/agent.h"

#define MODEL_NODES 3
#define MODEL_BINDINGS 8
#define MODEL_RULES 8

/** What is wrong with a request, beside what its fields say. */
enum
{
    FAULT_CUT = 1 << 0, /* its last octet is missing */
    FAULT_UNKNOWN_EXTENSION = 1 << 1, /* of a type that must not be skipped */
    FAULT_UNKNOWN_SUBTYPE = 1 << 2,
    FAULT_NO_AUTHENTICATION = 1 << 3,
    FAULT_WRONG_SPI = 1 << 4,
    FAULT_WRONG_KEY = 1 << 5,
    FAULT_TWO_MULTIPATHS = 1 << 6,
    FAULT_MULTIPATH_LENGTH = 1 << 7,
    FAULT_MULTIPATH_BEHIND = 1 << 8, /* the Mobile-Home Authentication */
    FAULT_ACTION = 1 << 9, /* of the last Flow-Binding: 2 */
    FAULT_BID_COUNT = 1 << 10, /* ... FORWARD to none */
    FAULT_BID_COUNT_OF_DROP = 1 << 11, /* ... DROP with two BIDs */
    FAULT_SELECTOR_FORMAT = 1 << 12, /* ... 3 */
    FAULT_SELECTOR_LENGTH = 1 << 13, /* ... an octet more than its flags say */
    FAULTS = 14
};

typedef struct model_rule
{
    bool drop;
    uint8_t bids, bid[8];
    uint16_t port; /* the whole selector: TCP or UDP from this port */
} model_rule;

/** Where a request has its UDP Tunnel Request (RFC 3519). */
typedef enum model_udp
{
    MODEL_UDP_NONE,
    MODEL_UDP_BEFORE, /* the Mobile-Home Authentication */
    MODEL_UDP_BEHIND
} model_udp;

/** What a request for a network names (RFC 5177, RFC 5454, RFC 6626). */
typedef enum model_network
{
    NETWORK_FIRST, /* the node's own, of which not every node has every one */
    NETWORK_SECOND, /* a /28, as NETWORK_ANY hints */
    NETWORK_IPV6,
    NETWORKS_OWN,
    NETWORK_STRANGE = NETWORKS_OWN, /* nobody's */
    NETWORK_TOO_LONG, /* a length of 33 */
    NETWORK_ANY, /* to be assigned */
    NETWORK_STRANGE_IPV6,
    NETWORKS
} model_network;

#define MODEL_NETWORKS 5

/** Its Foreign-Home Authentication (RFC 5944 3.5.4), the last extension. */
typedef enum model_vouched
{
    MODEL_VOUCHED_NOT,
    MODEL_VOUCHED, /* with the key of MODEL_FOREIGN_AGENT */
    MODEL_VOUCHED_TWICE,
    MODEL_VOUCHED_WRONG
} model_vouched;

/** The only foreign agent the home agent shares a key with: a care-of address, 203.0.113.20. */
#define MODEL_FOREIGN_AGENT 0xcb007114u

typedef struct model_request
{
    unsigned node; /* MODEL_NODES: one that is not served */
    unsigned faults;
    uint8_t flags; /* of the fixed part */
    uint16_t lifetime_s;
    fb_ipv4 home_agent, care_of_address;
    uint64_t identification;
    bool multipath, bulk, overwrite;
    uint8_t technology, label, bid;
    unsigned rules;
    model_rule rule[MODEL_RULES];
    fb_ipv4 source; /* of the packet */
    uint16_t port;
    model_udp udp;
    bool udp_force, udp_through_agent, udp_reserved; /* F, R, and bits where there must be none */
    uint8_t udp_encapsulation;
    unsigned networks;
    model_network network[MODEL_NETWORKS];
    bool ipv6_to_care_of; /* IPv6 Tunneling Mode */
    model_vouched vouched;
} model_request;

typedef struct model_binding
{
    uint8_t bid; /* 0: registered without RFC 7629 */
    uint8_t technology, label;
    fb_ipv4 care_of_address;
    uint16_t lifetime_s;
    fb_time expires;
    fb_ipv4 end; /* of the tunnel */
    uint16_t port; /* 0: no UDP */
    uint8_t tunnel; /* FB_TUNNEL_* */
} model_binding;

typedef struct model_node
{
    fb_ipv4 home_address;
    bool allowed; /* multipath */
    uint64_t latest; /* Identification; with nonces that of the last request accepted */
    uint8_t latest_bid; /* ... and which binding it was for */
    bool nonces, nonce_given;
    uint32_t nonce; /* of the last reply; the home agent chose it: model_learn() */
    bool has[NETWORKS_OWN]; /* what it may register */
    bool uses[NETWORKS_OWN];
    bool explicit_mode; /* named IPv4 networks since its first binding came */
    unsigned bindings, rules;
    model_binding binding[MODEL_BINDINGS + 1];
    model_rule rule[2 * MODEL_RULES]; /* as many while a merged policy is not refused yet */
} model_node;

typedef struct model
{
    const fb_config *config;
    model_node node[MODEL_NODES];
} model;

#define MODEL_SILENCE (-1)

typedef struct model_answer
{
    int code; /* or MODEL_SILENCE */
    /* of an accepted request; of others it is without meaning (RFC 5944 3.4) */
    uint16_t lifetime_s;
    uint64_t identification;
    uint64_t udp; /* the UDP Tunnel Reply as eight octets; 0: none */
    bool new_nonce; /* its high half is any but the last one's */
    /* of each answer about a network: Type, Sub-Type, Code and Prefix Length as one number */
    unsigned networks;
    uint32_t network[MODEL_NETWORKS + NETWORKS_OWN];
    bool vouched; /* with Foreign-Home Authentication */
} model_answer;

/** What the home agent does with @p request at @p now, when its clock shows @p ntp. */
model_answer model_input(model *m, const model_request *request, uint64_t ntp, fb_time now);

/** The home agent's answer to a request of @p node had @p identification in it. */
void model_learn(model *m, unsigned node, const model_answer *answer, uint64_t identification);

/** Lets time act. */
void model_expire(model *m, fb_time now);

#endif
