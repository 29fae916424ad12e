/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_AGENT_INTERNAL_H
#define FB_AGENT_INTERNAL_H

/**
 * @file
 * What the files of the public API share with each other, and with nobody else.
 *
 * agent_config.c: defaults, what contradicts itself, memory. agent.c: facts, messages, time. agent_data.c: data
 * packets. agent_view.c: looking at it.
 */

#include "flowbind/agent.h"
#include "role/agent_advertiser.h"
#include "role/foreign_agent.h"
#include "role/home_agent.h"
#include "role/mobile_node.h"
#include "state/associations.h"
#include "state/entropy.h"
#include "steer/flow_cache.h"

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
    uint32_t static_version; /* added to generations: moves with every static policy */
    bool no_policy_told;
    fb_path_view *paths; /* room for those of one session */
    uint16_t identification; /* of outer headers */
    bool action_waiting;
    fb_action action;
};

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

/** Time is checked here, once for all layers below. FB_OK or FB_ERR_TIME. */
int fb_agent_advance(fb_agent *agent, fb_time now);

#endif
