/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_HOME_AGENT_INTERNAL_H
#define FB_ROLE_HOME_AGENT_INTERNAL_H

/**
 * @file
 * What the files of the home agent's role share with each other, and with nobody else.
 */

#include "role/home_agent.h"

/** The tunnel an accepted request gets (G9). */
typedef struct fb_tunnel_terms
{
    /** the effective care-of address: with UDP where the request came from (RFC 3519 4.6, C-14) */
    fb_ipv4 address;
    uint16_t udp_port; /**< 0: no UDP */
    uint8_t tunnel; /**< FB_TUNNEL_* */
    bool udp_requested; /**< there is a UDP Tunnel Request to answer */
    bool udp_forced; /**< F is honoured */
} fb_tunnel_terms;

/** Networks one request may ask for; with more it is denied. */
#define FB_NETWORK_REQUESTS_MAX 8

/** A network a request asks for, and the answer. */
typedef struct fb_network_answer
{
    uint8_t type; /**< FB_EXT_MOBILE_NETWORK or FB_EXT_IPV6 */
    uint8_t subtype, code; /**< of the answer */
    fb_prefix prefix;
} fb_network_answer;

/** What a request says of networks. */
typedef struct fb_gate_networks
{
    fb_network_answer answer[FB_NETWORK_REQUESTS_MAX + FB_NETWORKS_MAX];
    uint8_t count;
    bool mobile_router; /**< it asks for IPv4 networks */
    fb_network_use use; /**< what follows from it */
} fb_gate_networks;

/** A request on its way through the gate. */
typedef struct fb_gate
{
    const fb_meta *meta;
    const fb_mip4_message *message;
    fb_mip4_request request;
    uint32_t node;
    fb_tunnel_terms tunnel; /**< of a registration that passed G9 */
    bool authentic; /**< its authenticator was verified */
    bool identified; /**< its Identification passed */
    /** it passed as the request that was accepted last, sent again (RFC 5944 3.8.2.2) */
    bool duplicate;
    uint8_t scope; /**< the BID whose Identifications it is compared with, or FB_BID_ALL */
    fb_ipv4 home_address; /**< as in the request; what is assigned where that is 0 (RFC 2794) */
    const uint8_t *nai; /**< in the message; NULL: none */
    size_t nai_length;
    fb_gate_networks networks;
} fb_gate;

static inline bool
fb_gate_deregisters(const fb_gate *gate)
{
    return gate->message->fixed.lifetime_s == 0;
}

/**
 * What is shared with the foreign agent whose care-of address the request names (RFC 5944 3.8.2.1 c); NULL: nothing, or
 * the request is a de-registration, which carries no Foreign-Home authentication (3.5.4).
 */
const fb_security_association *fb_gate_foreign_association(const fb_home_agent *agent,
                                                           const fb_gate *gate);

/** Whether that foreign agent authenticated it: exactly one extension, behind the node's, and right. */
bool fb_gate_vouched_for(const fb_home_agent *agent, const fb_gate *gate);

/** Every check of a request, in order; 0 or the reason of the first that failed. Nothing has changed. */
int fb_home_agent_run_gate(fb_home_agent *agent, fb_gate *gate, fb_time now);

/** G9: encapsulation, reverse tunnelling, NAT. Fills in gate->tunnel; 0 or a drop reason. */
int fb_home_agent_check_tunnel(const fb_home_agent *agent, fb_gate *gate);

/** Puts the agreed tunnel into the binding that is about to be stored. */
void fb_home_agent_set_tunnel(fb_binding *binding, const fb_gate *gate);

/** Answers the UDP Tunnel Request, if there was one, in the accepting reply that waits (RFC 3519 4.6). */
void fb_home_agent_answer_tunnel(fb_home_agent *agent, const fb_gate *gate);

/**
 * A binding that a de-registration without RFC 7629 names (RFC 5944 3.8.2.2); NULL: none is left. Behind a NAT the
 * care-of address alone does not tell (C-14).
 */
const fb_binding *fb_home_agent_binding_to_leave(const fb_home_agent *agent, const fb_gate *gate);

/* Replay protection: home_agent_replay.c. */

/** G5: RFC 5944 3.8.2.1 b, 5.7. 0 or the drop reason. */
int fb_home_agent_check_identification(fb_home_agent *agent, fb_gate *gate, fb_time now);

/** What passed counts from now on, whatever became of the request (C-12): @p reason why it was refused, or 0. */
void fb_home_agent_count_identification(fb_home_agent *agent, const fb_gate *gate, int reason);

/** What a reply with @p code says in its Identification field. */
uint64_t fb_home_agent_reply_identification(fb_home_agent *agent,
                                            const fb_gate *gate,
                                            uint8_t code,
                                            fb_time now);

/* Policies: home_agent_policy.c. */

/** Whether the policy this request would leave can be stored: 0 or FB_DROP_TOO_MANY_RULES. */
int fb_home_agent_room_for_policy(const fb_home_agent *agent, const fb_gate *gate);

/** Installs the Flow-Bindings of an accepted request, or adds them (D-22). */
void fb_home_agent_install_policy(fb_home_agent *agent, const fb_gate *gate, fb_time now);

/** Writes the policy in force (RFC 7629 4.2, D-30). Returns how many Flow-Bindings these are. */
uint16_t fb_home_agent_echo_policy(const fb_home_agent *agent, uint32_t node, fb_writer *writer);

/** What is left, in whole seconds, of the binding a duplicate is about: it must not get more (RFC 5944 3.8.2.2). */
uint16_t fb_home_agent_duplicate_lifetime(const fb_home_agent *agent,
                                          const fb_gate *gate,
                                          fb_time now);

/* NAI and networks: home_agent_networks.c. */

/** The node a request is from, by home address or NAI; FB_NODE_NONE: none, or they are not the same node's. */
uint32_t fb_home_agent_identify(const fb_home_agent *agent, fb_gate *gate);

/** G7: what a request with a Lifetime says of networks (C-16). 0 or a reason. */
int fb_home_agent_read_networks(const fb_home_agent *agent, fb_gate *gate);

/** Last of the gate: may the node use them (RFC 5177 6.3, RFC 5454 3.3)? Decides each answer. 0 or a reason. */
int fb_home_agent_check_networks(const fb_home_agent *agent, fb_gate *gate);

/** The accepted request names the node's whole set of networks (C-16, B5454-04). */
void fb_home_agent_use_networks(fb_home_agent *agent, const fb_gate *gate, fb_time now);

/** Adds NAI and answers to the extensions of the reply with @p code that waits. */
void fb_home_agent_answer_networks(fb_home_agent *agent, const fb_gate *gate, uint8_t code);

#endif
