/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_MOBILE_NODE_H
#define FB_ROLE_MOBILE_NODE_H

/**
 * @file
 * The mobile node of RFC 5944 3.6 and RFC 7629 5.1.
 *
 * Each link has a registration, and a registration at most one request. Requests wait in one queue, because a home
 * agent may insist on Identifications in order and two paths would let them overtake each other (D-29): one request
 * is outstanding at a time, unless the path it went by seems dead (C-01).
 *
 * mobile_node.c: facts. mobile_node_queue.c: the queue and time. mobile_node_request.c: composing requests.
 * mobile_node_reply.c, mobile_node_denial.c: acting on replies. mobile_node_replay.c: Identifications.
 * mobile_node_tunnel.c: the tunnel of a path, and its keepalives. mobile_node_probe.c: silent paths.
 * mobile_node_agents.c: foreign agents. mobile_node_home.c: returning home. mobile_node_networks.c: NAI, networks and
 * prefixes. mobile_node_data.c: data packets.
 */

#include "base/arena.h"
#include "flowbind/agent.h"
#include "state/associations.h"
#include "state/clock.h"
#include "state/entropy.h"
#include "state/registration.h"
#include "steer/decapsulate.h"
#include "steer/encapsulate.h"
#include "steer/scheduler.h"
#include "wire/ipv4.h"
#include "wire/mobile_ipv4.h"

/** A request that so many sendings brought no answer for holds up nobody (C-01). */
#define FB_UNANSWERED_BEFORE_YIELD 2

/** A network of a mobile router or a dual-stack node. */
typedef struct fb_mobile_node_network
{
    fb_prefix prefix; /**< what requests say; address 0: to be assigned */
    fb_prefix used; /**< of one in use */
    bool asked; /**< named in requests */
    bool granted; /**< by the reply that is being read */
    bool in_use;
} fb_mobile_node_network;

typedef struct fb_mobile_node
{
    fb_mobile_node_config config;
    fb_selector_layout layout;
    fb_clock clock; /**< its own: code 133 moves it */
    uint64_t last_identification; /**< 0: none since the clock was set */
    fb_entropy *entropy;
    /** of the home agent's last reply (RFC 5944 5.7.2); 0 before any, which 133 puts right */
    uint32_t nonce;
    uint16_t sendings; /**< of requests, counted to tell their Identifications apart */
    fb_ipv4 home_agent;

    fb_registration_list registrations;
    fb_registration *outstanding; /**< holds the token of D-29; NULL: free */
    uint32_t sequence; /**< of the last request put into the queue */

    uint8_t multipath; /**< FB_MULTIPATH_*: what is known of the home agent */
    fb_time legacy_retry_at; /**< when a peer without RFC 7629 is asked again (D-01) */

    fb_rule *rule;
    uint8_t rule_count, rule_max;
    fb_rule *rule_in_force; /**< what steering obeys: `rule`, or what a reply said instead (D-30) */
    uint8_t rule_in_force_count;
    uint32_t policy_version; /**< moves with every new policy; 0: none */
    uint32_t installed_version; /**< what the home agent holds; 0: nothing */
    fb_bid_set installed_bids; /**< the BIDs it knows that policy with */
    bool policy_told; /**< some policy was sent once, which the home agent may have still */
    uint8_t policy_round; /**< denials with 153 in a row (D-31) */
    bool policy_suspended; /**< 153 came too often, or 129 */

    uint32_t generation; /**< moves with every change that steering sees */
    fb_events *events;

    /** first those of the configuration, in its order; then any the home agent names (RFC 5177 4.2) */
    fb_mobile_node_network network[FB_NETWORKS_MAX];
    bool mobile_router_refused; /**< code 148: IPv4 networks are not asked for (RFC 5177 5.1) */

    const fb_associations *associations; /**< with foreign agents */

    uint32_t home_link; /**< the link it is at home on; 0: away */
    fb_time home_expires; /**< when the home agent's last advertisement there does */
    fb_time home_retry_at; /**< when it is asked to de-register all once more */
    uint16_t home_retry_s; /**< next wait */

    fb_probe_config probe;
} fb_mobile_node;

void fb_mobile_node_init(fb_mobile_node *node,
                         fb_arena *arena,
                         const fb_config *config,
                         const fb_associations *associations,
                         fb_entropy *entropy,
                         fb_events *events);

/* Facts. FB_OK or FB_ERR_*. */

int fb_mobile_node_link_up(fb_mobile_node *node, const fb_link *link, fb_time now);
int fb_mobile_node_link_down(fb_mobile_node *node, uint32_t link, fb_time now);
int fb_mobile_node_set_policy(fb_mobile_node *node,
                              const fb_rule *rules,
                              size_t count,
                              fb_time now);
int fb_mobile_node_register(fb_mobile_node *node, uint8_t bid, fb_time now);
int fb_mobile_node_deregister(fb_mobile_node *node, uint8_t bid, fb_time now);
void fb_mobile_node_set_clock(fb_mobile_node *node, uint64_t wall_ns, fb_time now);

/* Signalling. */

/** A Registration Reply whose framing is sound. 0 or the drop reason. */
int fb_mobile_node_input(fb_mobile_node *node, const fb_mip4_message *message, fb_time now);

/** An ICMP message of type 9. 0 or the drop reason; what is no agent's is ignored. */
int fb_mobile_node_advertisement(fb_mobile_node *node,
                                 const fb_meta *meta,
                                 const uint8_t *icmp,
                                 size_t length,
                                 fb_time now);

/**
 * Composes the next request or solicitation that is due: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too
 * small.
 */
ptrdiff_t fb_mobile_node_output(fb_mobile_node *node,
                                fb_meta *meta,
                                uint8_t *buffer,
                                size_t capacity,
                                fb_time now);

fb_time fb_mobile_node_next_timeout(const fb_mobile_node *node);
void fb_mobile_node_handle_timeout(fb_mobile_node *node, fb_time now);

/* Data. */

/** Whether a packet's source is the node itself, or behind it. */
bool fb_mobile_node_owns_source(const fb_mobile_node *node, const fb_flow *flow);

/** The same for its destination. */
bool fb_mobile_node_owns_destination(const fb_mobile_node *node, const fb_flow *flow);

/** The paths that are up, in @p paths. Returns how many. */
size_t fb_mobile_node_paths(const fb_mobile_node *node, fb_path_view *paths);

/** The registration whose BID is @p bid; NULL. */
const fb_registration *fb_mobile_node_registration(const fb_mobile_node *node, uint8_t bid);

/** Octets, as the host told of the link with this number; 0: not known. */
uint16_t fb_mobile_node_link_mtu(const fb_mobile_node *node, uint32_t link);

/** A packet left through the tunnel of @p registration: no keepalive is needed for a while. */
void fb_mobile_node_note_traffic(fb_mobile_node *node,
                                 const fb_registration *registration,
                                 fb_time now);

/** The home agent's echo reply came through the UDP tunnel of @p registration, whose BID is the echo's identifier. */
void fb_mobile_node_keepalive_answered(fb_mobile_node *node,
                                       const fb_registration *registration,
                                       fb_time now);

/** Whether this packet may leave through a tunnel at all: 0 or a drop reason. */
int fb_mobile_node_check_uplink(const fb_mobile_node *node, const fb_flow *flow);

/**
 * Whether a packet that came out of a tunnel is for this node, and by which path: 0 or a drop reason. Of a
 * good one @p registration is the path.
 */
int fb_mobile_node_check_downlink(const fb_mobile_node *node,
                                  const fb_arrival *arrival,
                                  fb_ref *path,
                                  const fb_registration **registration);

/** Whether an ICMP error is about a packet this node sent into one of its tunnels. */
bool fb_mobile_node_sends_into(const fb_mobile_node *node, const fb_icmp_error *error);

/** The tunnel of a registration with a co-located care-of address. */
static inline fb_outer
fb_mobile_node_outer(const fb_mobile_node *node, const fb_registration *registration)
{
    /* RFC 3519 4.4: from the port the registration was sent from */
    return (fb_outer){.source = registration->care_of_address,
                      .destination = node->home_agent,
                      .source_port = registration->udp ? node->config.port : 0,
                      .destination_port = registration->udp ? FB_MIP4_PORT : 0};
}

/**
 * A packet took this path, either way: as long as there are such it is asked whether it is silent. Whether that begins.
 */
static inline bool
fb_mobile_node_note_packet(fb_mobile_node *node, const fb_registration *registration, fb_time now)
{
    /* The tunnel to a foreign agent's care-of address ends there, and nobody would answer through it */
    if (registration->agent != 0)
    {
        return false;
    }
    fb_registration *r = &node->registrations.item[registration - node->registrations.item];

    return fb_path_probe_traffic(&r->probe, &node->probe, now);
}

/** What a host measured of a link (FB_FACT_QUALITY). */
int fb_mobile_node_set_quality(fb_mobile_node *node, const fb_quality *quality, fb_time now);

/** Whether packets of this path leave without a tunnel of our own: to the foreign agent, or as they are without T. */
static inline bool
fb_mobile_node_leaves_directly(const fb_registration *registration)
{
    return registration->agent != 0 || !registration->reverse;
}

/** Whether packets have room for a sequence number all the way to the home agent: GRE that begins here. */
static inline bool
fb_mobile_node_numbers(const fb_registration *registration)
{
    return registration->tunnel == FB_TUNNEL_GRE && !fb_mobile_node_leaves_directly(registration);
}

/** Whether the home agent sees the same paths as this node: no path is just coming or going. */
bool fb_mobile_node_is_settled(const fb_mobile_node *node);

/** fb_mobile_node_take_echo() of a packet of the home agent. */
bool fb_mobile_node_take_reply(fb_mobile_node *node,
                               const fb_arrival *arrival,
                               const fb_registration *registration,
                               fb_time now);

/** Whether a packet that came out of the tunnel of @p registration answers a keepalive or probe; it is noted then. */
static inline bool
fb_mobile_node_take_echo(fb_mobile_node *node,
                         const fb_arrival *arrival,
                         const fb_registration *registration,
                         fb_time now)
{
    return arrival->inner.source == node->home_agent &&
           fb_mobile_node_take_reply(node, arrival, registration, now);
}

#endif
