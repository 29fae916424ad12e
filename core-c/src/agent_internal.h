/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_AGENT_INTERNAL_H
#define FB_AGENT_INTERNAL_H

/**
 * @file
 * What the files of the public API share with each other, and with nobody else.
 *
 * agent_config.c: defaults, what contradicts itself, memory. agent.c: facts, messages, time. agent_data.c: data
 * packets. agent_order.c: their sequence numbers. agent_segment_size.c: TCP in tunnels. agent_view.c: looking at it.
 */

#include "flowbind/agent.h"
#include "role/agent_advertiser.h"
#include "role/foreign_agent.h"
#include "role/home_agent.h"
#include "role/lma.h"
#include "role/mag.h"
#include "role/mobile_node.h"
#include "state/associations.h"
#include "state/entropy.h"
#include "state/tunnel_state.h"
#include "steer/classifier.h"
#include "steer/encapsulate.h"
#include "steer/flow_cache.h"
#include "steer/resequencer.h"
#include "steer/steering.h"
#include "steer/tunnel_error.h"
#include "wire/tunnel_echo.h"

/** An ICMP error for the source of a packet that could not be sent. */
typedef struct fb_agent_error
{
    fb_meta meta;
    uint16_t length; /* 0: none waits */
    uint8_t octets[FB_ICMP_ERROR_MAX];
    fb_time not_before; /* the next one */
} fb_agent_error;

/** An answer to a Mobility Header that could not be read (RFC 6275 9.2): a Binding Error. */
typedef struct fb_agent_complaint
{
    bool waiting;
    fb_meta meta;
    fb_time not_before; /* the next one */
} fb_agent_complaint;

/** A probe to be answered through the tunnel it came out of. */
typedef struct fb_agent_echo
{
    fb_meta meta;
    uint16_t length; /* 0: none waits */
    uint8_t octets[FB_TUNNEL_ECHO_MAX];
} fb_agent_echo;

struct fb_agent
{
    uint32_t roles;
    fb_time last_time;
    fb_clock clock;
    fb_events events;
    fb_entropy entropy;
    fb_associations associations;
    fb_mobile_node mobile_node;
    fb_home_agent home_agent;
    fb_foreign_agent foreign_agent;
    fb_agent_advertiser advertiser; /* of both agents */

    fb_flow_cache flow_cache;
    const fb_scheduler *scheduler;
    /* with a scheduler by packet: the mobile node's, then those of the nodes */
    void *scheduler_context;
    fb_rule *static_rule; /* the static policy, of all nodes (RFC 7629 6) */
    uint32_t static_rule_max, static_rule_count;
    fb_classifier static_classifier; /* knows it */
    uint32_t static_version; /* added to generations: moves with every static policy */
    bool no_policy_told;
    fb_path_view *paths; /* room for those of one session */
    uint16_t identification; /* of outer headers */
    uint16_t path_mtu; /* fb_config.path_mtu */
    fb_tunnel_states tunnel_states;
    fb_agent_error error;
    bool action_waiting;
    fb_action action;
    fb_action *copy; /* FB_BIDS_PER_RULE of them, polled before `action`; proxy roles only */
    uint8_t copy_count, copy_next;
    fb_spread spread;
    fb_mag mag;
    fb_lma lma;
    fb_agent_complaint complaint;
    fb_resequencer resequencer;
    fb_reorder_config reorder;
    bool can_reorder; /* there are spaces, and this end has GRE */
    bool reorder_full_told; /* that there is no space left */
    /* gives the packet that is being sent its number; NULL: it has none */
    fb_sequence_space *numbering;
    /* when time acts on anything but packets that wait; most data packets do not change it, and it is not looked for */
    fb_time deadline;
    bool deadline_known;
    fb_agent_echo echo;
};

/** One direction of one session. */
typedef struct fb_direction
{
    uint32_t session, generation;
    uint32_t node; /* in the role's own numbering; without meaning for a mobile node */
    uint8_t role; /* FB_ROLE_* */
    bool mirrored; /* the mobile node's or gateway's side: packets go the other way */
    bool group; /* a broadcast or multicast packet, which is for the paths that asked for it */
} fb_direction;

/** What becomes of a packet. */
typedef struct fb_agent_verdict
{
    uint16_t reason; /* of a drop; FB_REASON_NONE: send */
    uint8_t bid; /* path to send over */
    /* so many of fb_agent.paths, behind the first, get a copy each (RFC 6089 4.3) */
    uint8_t copies;
} fb_agent_verdict;

fb_agent_verdict fb_agent_judge(fb_agent *agent,
                                const fb_direction *direction,
                                const fb_flow *flow,
                                fb_time now);

/** The one place an action is made: the packet's last. */
static inline fb_action *
fb_agent_new_action(fb_agent *agent, const fb_packet *packet, fb_action_kind kind, fb_ref path)
{
    fb_action *action = &agent->action;

    action->packet = packet->packet;
    action->kind = (uint8_t)kind;
    action->last = true;
    action->strip = 0;
    action->outer_len = 0;
    action->reason = FB_REASON_NONE;
    action->path = path;
    action->next_hop = 0;
    action->link_addr_len = 0;
    action->mtu = 0;
    action->patch_count = 0;
    agent->action_waiting = true;
    return action;
}

/** What was just decided of the packet is for a copy of it; one that cannot be sent is none (RFC 6089 4.3). */
void fb_agent_keep_copy(fb_agent *agent);

/** Holds a TCP connection that @p packet opens to segments that fit the tunnels its actions lead into. */
void fb_agent_limit_segments(fb_agent *agent, const fb_packet *packet, const fb_flow *flow);

/** The packet's last action is that it is dropped; counted. FB_OK. */
int fb_agent_drop(fb_agent *agent, const fb_packet *packet, fb_ref path, int reason);

/** Through a tunnel of kind @p tunnel between the IPv4 ends @p outer. FB_OK. */
int fb_agent_send_into(fb_agent *agent,
                       const fb_packet *packet,
                       const fb_flow *flow,
                       fb_ref path,
                       uint8_t tunnel,
                       fb_outer *outer);

/** Whose a packet out of a tunnel is. */
typedef struct fb_agent_owner
{
    uint8_t role; /* FB_ROLE_* */
    uint32_t node; /* in the role's own numbering; 0 for a mobile node */
} fb_agent_owner;

/** The packet as it was before it entered the tunnel, to the host's own stack, when it is its turn. FB_OK. */
int fb_agent_deliver(fb_agent *agent,
                     const fb_packet *packet,
                     const fb_arrival *arrival,
                     fb_ref path,
                     fb_agent_owner owner);

/** The rules, in @p steering, and the paths of whoever the packet belongs to. Returns how many. */
size_t fb_agent_candidates(fb_agent *agent, const fb_direction *view, fb_steering *steering);

/* Sequence numbers: agent_order.c. */

/** Whether limits and configuration of it go together. */
bool fb_agent_order_usable(const fb_config *config);

/** FB_ERR_CONFIG when these static rules want packets in order that this agent cannot put in order. */
int fb_agent_check_order(const fb_agent *agent, const fb_rule *rules, size_t count);

/** The static policy has changed. */
void fb_agent_note_order(fb_agent *agent);

/**
 * The packet is to have a number, or was to have one. False when there is no space to give it one; then another choice
 * is needed, without numbers.
 */
bool fb_agent_number(fb_agent *agent, const fb_direction *view, const fb_choice *choice);

/** Key and number of the packet that is being sent, while `numbering` is not NULL. */
void fb_agent_write_number(const fb_agent *agent, fb_gre_fields *gre);

/** All of the packet is sent, or dropped: its number is used up in the former case. */
void fb_agent_use_number(fb_agent *agent);

/** @p error of what was the last for this packet. */
static inline int
fb_agent_sent(fb_agent *agent, int error)
{
    if (agent->numbering != NULL)
    {
        fb_agent_use_number(agent);
    }
    return error;
}

/**
 * A packet with a number, which the action is to deliver, or to drop for @p reason. The action becomes FB_HOLD, or none
 * at all, when it is not its turn. 0 or the reason to drop it.
 */
int fb_agent_put_in_order(fb_agent *agent,
                          const fb_packet *packet,
                          const fb_arrival *arrival,
                          fb_agent_owner owner,
                          int reason);

/** The next of those whose turn it has become. */
bool fb_agent_poll_released(fb_agent *agent, fb_action *action);

/* Proxy Mobile IPv6: agent_proxy.c. */

#define FB_PROXY_ROLES (FB_ROLE_MAG | FB_ROLE_LMA)

bool fb_agent_proxy_usable(const fb_config *config);
void fb_agent_proxy_init(fb_agent *agent, fb_arena *arena, const fb_config *config);
int fb_agent_proxy_fact(fb_agent *agent, const fb_fact *fact, fb_time now);
int fb_agent_proxy_input(fb_agent *agent,
                         const fb_meta *meta,
                         const uint8_t *message,
                         size_t length,
                         fb_time now);
ptrdiff_t fb_agent_proxy_output(fb_agent *agent,
                                fb_meta *meta,
                                uint8_t *buffer,
                                size_t capacity,
                                fb_time now);
int fb_agent_proxy_steer(fb_agent *agent,
                         fb_ref from,
                         const fb_packet *packet,
                         const fb_flow *flow,
                         fb_time now);
int fb_agent_proxy_receive(fb_agent *agent, const fb_packet *packet, fb_arrival *arrival);

static inline bool
fb_agent_has_role(const fb_agent *agent, uint32_t role)
{
    return (agent->roles & role) != 0;
}

/** Whether the association can be used at all (RFC 5944 5.1). */
bool fb_agent_association_usable(const fb_security_association *association);

/**
 * Whether NAI and networks are what a node can have: of known families and lengths, and an address that is not 0,
 * unless with @p assignable it is an IPv4 network the home agent is to assign (RFC 6626).
 */
bool fb_agent_identity_usable(const fb_nai *nai, const fb_networks *networks, bool assignable);

/** An ICMP or ICMPv6 error that may be about one of our outer packets. 0, or FB_DROP_NOT_EXPECTED: it is not. */
int fb_agent_tunnel_error(fb_agent *agent,
                          const fb_meta *meta,
                          const uint8_t *icmp,
                          size_t length,
                          fb_time now);

/**
 * Whether @p packet may enter the tunnel @p outer of kind @p tunnel, of which some have trouble: 0 or a drop reason.
 * Its source is told; of an IPv6 packet that has to be fragmented outside, @p flow says so then.
 */
int fb_agent_check_tunnel(fb_agent *agent,
                          const fb_packet *packet,
                          fb_flow *flow,
                          uint8_t tunnel,
                          const fb_outer *outer);

/**
 * fb_encapsulate_ipv6() with what is known of the tunnel: it may also be unreachable, or have a shorter path MTU than
 * @p outer says. The source of a packet that may not enter is told; `mtu` of @p action is set.
 */
int fb_agent_enter_ipv6(fb_agent *agent,
                        fb_action *action,
                        uint8_t tunnel,
                        const fb_outer_ipv6 *outer,
                        const fb_flow *inner,
                        const fb_packet *packet);

/** RFC 2003 3.1: tells the source of @p packet, which was to be forwarded into @p outer, that its TTL was too small. */
void fb_agent_tell_ttl(fb_agent *agent,
                       const fb_packet *packet,
                       const fb_flow *flow,
                       const fb_outer *outer);

/**
 * RFC 6275 9.2: tells the sender of the Mobility Header @p octets that came as @p meta says, in IPv6, that its octet
 * @p at is wrong: a Parameter Problem, Code 0.
 */
void fb_agent_tell_of_header(fb_agent *agent,
                             const fb_meta *meta,
                             const uint8_t *octets,
                             size_t length,
                             size_t at);

/** The ICMP error that waits: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too small. */
ptrdiff_t fb_agent_output_error(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity);

/** Time is checked here, once for all layers below. FB_OK or FB_ERR_TIME. */
static inline int
fb_agent_set_time(fb_agent *agent, fb_time now)
{
    if (now < agent->last_time)
    {
        return FB_ERR_TIME;
    }
    agent->last_time = now;
    return FB_OK;
}

/** The same for what may change what the agent waits for: anything but most data packets. */
static inline int
fb_agent_advance(fb_agent *agent, fb_time now)
{
    agent->deadline_known = false;
    return fb_agent_set_time(agent, now);
}

#endif
