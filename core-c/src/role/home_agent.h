/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_HOME_AGENT_H
#define FB_ROLE_HOME_AGENT_H

/**
 * @file
 * The home agent of RFC 5944 3.8 and RFC 7629 5.2: reactive, it only ever answers.
 */

#include "base/arena.h"
#include "flowbind/agent.h"
#include "state/associations.h"
#include "state/binding_cache.h"
#include "state/clock.h"
#include "state/entropy.h"
#include "steer/decapsulate.h"
#include "steer/encapsulate.h"
#include "steer/scheduler.h"
#include "wire/ipv4.h"
#include "wire/mobile_ipv4.h"
#include "wire/path_metrics.h"

/**
 * Room for the longest extensions a reply can have, but for the policy of D-30: a NAI (257), eight IPv6 Prefix Replies
 * (176), four implicit Mobile Network Acknowledgements (40) and a UDP Tunnel Reply (8).
 */
#define FB_REPLY_EXTENSIONS_MAX 512

/** With more, the policy is not told as well: 20 + these + FB_POLICY_OCTETS_MAX + 2 * 38 octets are one packet. */
#define FB_REPLY_EXTENSIONS_WITH_POLICY 270

/** The reply that waits to be polled; there is at most one, because the host drains before the next input. */
typedef struct fb_home_agent_reply
{
    bool waiting;
    uint32_t node;
    fb_ref ref; /**< the binding it is about */
    fb_meta meta;
    fb_mip4_fixed fixed;
    /** between fixed part and Mobile-Home authentication, written when the request is answered */
    uint8_t extension[FB_REPLY_EXTENSIONS_MAX];
    uint16_t extension_length;
    bool with_policy; /**< carries the policy in force (D-30) */
    /** of the care-of address, where the reply needs Foreign-Home authentication; 0: it does not */
    fb_ipv4 foreign_agent;
} fb_home_agent_reply;

typedef struct fb_home_agent
{
    fb_home_agent_config config;
    fb_selector_layout layout;
    fb_binding_cache cache;
    fb_home_agent_reply reply;
    const fb_clock *clock;
    fb_entropy *entropy;
    const fb_associations *associations; /**< with foreign agents */
    fb_events *events;
    fb_rule *merge; /**< room to work out what a merged policy would be; NULL without that switch */
    /** what nodes told of their paths, by the binding's place in `cache`; NULL when it is not to be heeded */
    fb_path_metrics *metrics;
} fb_home_agent;

void fb_home_agent_init(fb_home_agent *agent,
                        fb_arena *arena,
                        const fb_config *config,
                        const fb_clock *clock,
                        fb_entropy *entropy,
                        const fb_associations *associations,
                        fb_events *events);

/**
 * A message came in: what the search for its node will look at is brought near while its framing is examined. Nothing
 * is believed of it, and it may be anything.
 */
void fb_home_agent_expect(const fb_home_agent *agent, const uint8_t *message, size_t length);

/** A Registration Request whose framing is sound. 0 or the drop reason. */
int fb_home_agent_input(fb_home_agent *agent,
                        const fb_meta *meta,
                        const fb_mip4_message *message,
                        fb_time now);

/** Composes the waiting reply: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too small. */
ptrdiff_t fb_home_agent_output(fb_home_agent *agent,
                               fb_meta *meta,
                               uint8_t *buffer,
                               size_t capacity,
                               fb_time now);

/* Data. */

/** The node a packet of the home network is for; FB_NODE_NONE: none that is served. */
uint32_t fb_home_agent_node_toward(const fb_home_agent *agent, const fb_flow *flow);

/** The node a packet claims to come from; FB_NODE_NONE: none that is served. */
uint32_t fb_home_agent_node_from(const fb_home_agent *agent, const fb_flow *flow);

/** The node's active paths, in @p paths. Returns how many. */
size_t fb_home_agent_paths(const fb_home_agent *agent, uint32_t node, fb_path_view *paths);

/** The node a host means by @p session, for a packet that names none; FB_NODE_NONE: there is none such. */
uint32_t fb_home_agent_node_of_session(const fb_home_agent *agent, uint32_t session);

/** The paths that a broadcast or multicast packet can take, in @p paths: those that asked for it (RFC 5944 4.3). */
size_t fb_home_agent_group_paths(const fb_home_agent *agent, uint32_t node, fb_path_view *paths);

/**
 * Whether an IPv4 packet would loop in a tunnel toward @p node: it comes from an end of one of its tunnels, the home
 * agent (RFC 2003 3.2) or a care-of address (RFC 5944 4.2.3, B5944-56), which behind a NAT is address and port (C-14).
 */
bool fb_home_agent_is_tunnel_end(const fb_home_agent *agent, uint32_t node, const fb_flow *flow);

/** Whether a packet that came out of a tunnel may be forwarded (RFC 3024 4.3), and by which binding: 0 or a reason. */
int fb_home_agent_check_uplink(const fb_home_agent *agent, const fb_arrival *arrival, fb_ref *path);

/** Whether such a packet asks if its tunnel still is there: a keepalive (RFC 3519 4.9), or a probe. */
bool fb_home_agent_is_echo(const fb_home_agent *agent, const fb_arrival *arrival);

/** Whether an ICMP error is about a packet this agent sent into one of its tunnels. */
bool fb_home_agent_sends_into(const fb_home_agent *agent, const fb_icmp_error *error);

/** Whether the node's IPv6 packets go into its tunnels directly: else to its home address first (RFC 5454 3.5). */
static inline bool
fb_home_agent_ipv6_to_care_of(const fb_home_agent *agent, uint32_t node)
{
    const fb_identity *identity = fb_cache_identity(&agent->cache, node);

    return identity != NULL && identity->ipv6_to_care_of;
}

/** Whether a packet toward @p node goes to its home address first, and only then into the tunnel of @p binding. */
static inline bool
fb_home_agent_nests(const fb_home_agent *agent,
                    uint32_t node,
                    const fb_binding *binding,
                    const fb_flow *flow)
{
    if (flow->family == FB_FAMILY_IPV4 && flow->destination == agent->cache.home[node].home_address)
    {
        return false;
    }
    /* RFC 5177 7, RFC 5944 4.3: a foreign agent knows its visitors by their home addresses only */
    return (binding->flags & FB_BINDING_FLAG_AGENT) != 0 ||
           (flow->family == FB_FAMILY_IPV6 && !fb_home_agent_ipv6_to_care_of(agent, node));
}

/** The tunnel to a binding. */
static inline fb_outer
fb_home_agent_outer(const fb_home_agent *agent, const fb_binding *binding)
{
    /* RFC 5944 4.2.3: the source is the Home Agent field of the reply; RFC 3519 4.6: the port is where it came from */
    return (fb_outer){.source = agent->config.address,
                      .destination = binding->tunnel_address,
                      .source_port = binding->udp_port != 0 ? FB_MIP4_PORT : 0,
                      .destination_port = binding->udp_port};
}

#endif
