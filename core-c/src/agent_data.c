/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

#include "steer/encapsulate.h"
#include "steer/steering.h"

/** The one place an action is made: the packet's last. */
static fb_action *
new_action(fb_agent *agent, const fb_packet *packet, fb_action_kind kind)
{
    fb_action *action = &agent->action;

    action->packet = packet->packet;
    action->kind = (uint8_t)kind;
    action->last = true;
    action->strip = 0;
    action->outer_len = 0;
    action->reason = FB_REASON_NONE;
    action->path = (fb_ref){0};
    action->next_hop = 0;
    action->link_addr_len = 0;
    agent->action_waiting = true;
    return action;
}

static int
drop_packet(fb_agent *agent, const fb_packet *packet, fb_ref path, int reason)
{
    fb_action *action = new_action(agent, packet, FB_DROP_PACKET);

    fb_events_count(&agent->events, reason);
    action->reason = (uint16_t)reason;
    action->path = path;
    return FB_OK;
}

static int
tunnel_packet(fb_agent *agent,
              const fb_packet *packet,
              const fb_flow *flow,
              fb_ref path,
              fb_ipv4 source,
              fb_ipv4 destination)
{
    fb_outer outer = {.source = source,
                      .destination = destination,
                      .identification = ++agent->identification};
    fb_action *action = new_action(agent, packet, FB_SEND);
    size_t length = fb_encapsulation_ipip.write(action->outer, flow, &outer, packet->total_len);

    if (length == 0)
    {
        return drop_packet(agent, packet, path, FB_DROP_PACKET_MALFORMED);
    }
    action->outer_len = (uint8_t)length;
    action->path = path;
    return FB_OK;
}

/** One direction of one session. */
typedef struct session_view
{
    uint32_t session, generation;
    uint32_t node; /* of the home agent; without meaning for the mobile node's side */
    bool mirrored; /* the mobile node's side: packets go the other way */
    bool group; /* a broadcast or multicast packet, which is for the paths that asked for it */
} session_view;

/* Of this direction's session: the mobile node's own comes first */
static void *
scheduler_context(const fb_agent *agent, const session_view *view)
{
    size_t index = agent->scheduler->per_packet && !view->mirrored ? view->node + 1u : 0;

    return agent->scheduler->context_size == 0
               ? NULL
               : (uint8_t *)agent->scheduler_context + index * agent->scheduler->context_size;
}

/** Rules and paths, which only a packet the flow cache does not know needs. */
static fb_choice
decide(fb_agent *agent, const session_view *view, const fb_flow *flow, fb_time now)
{
    const fb_mobile_node *mobile = &agent->mobile_node;
    const fb_home_agent *home = &agent->home_agent;
    fb_steering steering = {.configured = agent->static_rule,
                            .configured_count = agent->static_rule_count,
                            .scheduler = agent->scheduler,
                            .context = scheduler_context(agent, view)};
    size_t path_count;
    fb_ipv4 home_agent;

    if (view->mirrored)
    {
        steering.negotiated = mobile->rule_in_force;
        steering.negotiated_count = mobile->rule_in_force_count;
        path_count = fb_mobile_node_paths(mobile, agent->paths);
        home_agent = mobile->home_agent;
    }
    else
    {
        steering.negotiated = fb_cache_policy(&home->cache, view->node, &steering.negotiated_count);
        path_count = view->group ? fb_home_agent_group_paths(home, view->node, agent->paths)
                                 : fb_home_agent_paths(home, view->node, agent->paths);
        home_agent = home->config.address;
    }
    if (fb_steer_is_signalling(flow, view->mirrored, home_agent))
    {
        steering.negotiated_count = 0; /* outside the policies (D-39) */
        steering.configured_count = 0;
    }
    return fb_steer_choose(&steering, agent->paths, path_count, flow, view->mirrored, now);
}

static fb_flow_verdict
verdict_for(fb_agent *agent, const session_view *view, const fb_flow *flow, fb_time now)
{
    fb_flow_verdict verdict;

    if (!fb_flow_cache_find(&agent->flow_cache,
                            view->session,
                            view->generation,
                            flow,
                            view->mirrored,
                            &verdict))
    {
        fb_choice choice = decide(agent, view, flow, now);

        verdict = (fb_flow_verdict){.reason = choice.reason,
                                    .bid = choice.path >= 0 ? agent->paths[choice.path].bid : 0};
        (choice.per_packet ? fb_flow_cache_put_packet : fb_flow_cache_put)(&agent->flow_cache,
                                                                           view->session,
                                                                           view->generation,
                                                                           flow,
                                                                           view->mirrored,
                                                                           verdict);
    }
    return verdict;
}

static int
steer_downlink(fb_agent *agent,
               uint32_t node,
               bool group,
               const fb_packet *packet,
               const fb_flow *flow,
               fb_time now)
{
    fb_home_agent *home = &agent->home_agent;
    session_view view = {.session = node + 1,
                         .generation = home->cache.node[node].generation + agent->static_version,
                         .node = node,
                         .group = group};
    fb_ref path = {.session = view.session};
    int reason = fb_home_agent_check_downlink(home, node, flow);
    fb_flow_verdict verdict;
    const fb_binding *binding;

    if (group && flow->source == home->cache.node[node].home_address)
    {
        reason = FB_DROP_LOOP; /* the node has what it sent itself */
    }
    if (reason != FB_REASON_NONE)
    {
        return drop_packet(agent, packet, path, reason);
    }
    verdict = verdict_for(agent, &view, flow, now);
    if (verdict.reason != FB_REASON_NONE)
    {
        return drop_packet(agent, packet, path, verdict.reason);
    }
    binding = fb_cache_binding(&home->cache, node, verdict.bid);
    path.bid = binding->bid;
    /* RFC 5944 4.2.3: the outer source is the Home Agent field of the reply */
    return tunnel_packet(agent, packet, flow, path, home->config.address, binding->care_of_address);
}

static int
steer_uplink(fb_agent *agent, const fb_packet *packet, const fb_flow *flow, fb_time now)
{
    fb_mobile_node *mobile = &agent->mobile_node;
    session_view view = {.session = 1,
                         .generation = mobile->generation + agent->static_version,
                         .mirrored = true};
    fb_ref path = {.session = 1};
    int reason = fb_mobile_node_check_uplink(mobile, flow);
    fb_flow_verdict verdict;
    const fb_registration *registration;

    if (reason != FB_REASON_NONE)
    {
        return drop_packet(agent, packet, path, reason);
    }
    verdict = verdict_for(agent, &view, flow, now);
    if (verdict.reason != FB_REASON_NONE)
    {
        return drop_packet(agent, packet, path, verdict.reason);
    }
    registration = fb_mobile_node_registration(mobile, verdict.bid);
    path.link = registration->link.link;
    path.bid = verdict.bid;
    fb_mobile_node_note_traffic(mobile, registration, now);
    return tunnel_packet(agent,
                         packet,
                         flow,
                         path,
                         registration->care_of_address,
                         mobile->home_agent);
}

/** Whether a packet that leaves was sent by a node on one of a foreign agent's links. */
static bool
comes_from_node(const fb_agent *agent, fb_ref from)
{
    return from.link != 0 && fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
           fb_advertiser_access(&agent->advertiser, from.link) != NULL;
}

/** Does with a packet what the foreign agent says. */
static int
obey_foreign_agent(fb_agent *agent,
                   const fb_packet *packet,
                   const fb_flow *flow,
                   fb_foreign_decision decision)
{
    const fb_visitor *visitor = decision.visitor;
    fb_ref path = {.link = visitor != NULL ? visitor->link : 0};
    fb_action *action;

    switch (decision.verdict)
    {
    case FB_FOREIGN_TO_HOME_AGENT:
        /* RFC 3024 5.1.2: from the care-of address to the home agent; over which link is the host's to say */
        return tunnel_packet(agent,
                             packet,
                             flow,
                             (fb_ref){0},
                             visitor->care_of_address,
                             visitor->home_agent);
    case FB_FOREIGN_TO_VISITOR:
        action = new_action(agent, packet, FB_FORWARD);
        action->path = path;
        action->next_hop = visitor->home_address;
        action->link_addr_len = visitor->link_addr_len;
        memcpy(action->link_addr, visitor->link_addr, sizeof action->link_addr);
        return FB_OK;
    case FB_FOREIGN_ROUTE:
        new_action(agent, packet, FB_FORWARD);
        return FB_OK;
    case FB_FOREIGN_DROP:
        break;
    }
    return drop_packet(agent, packet, path, decision.reason);
}

static int
begin_packet(fb_agent *agent, fb_time now)
{
    int error = fb_agent_advance(agent, now);

    return error == FB_OK && agent->action_waiting ? FB_ERR_NOT_DRAINED : error;
}

int
fb_agent_steer(fb_agent *agent, fb_ref from, const fb_packet *packet, fb_time now)
{
    int error = begin_packet(agent, now);
    fb_flow flow;

    if (error != FB_OK)
    {
        return error;
    }
    if (!fb_flow_read(&flow, packet->header, packet->header_len, packet->total_len))
    {
        return drop_packet(agent, packet, from, FB_DROP_PACKET_MALFORMED);
    }
    if (comes_from_node(agent, from))
    {
        return obey_foreign_agent(
            agent,
            packet,
            &flow,
            fb_foreign_agent_from_link(&agent->foreign_agent, from.link, &flow));
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        uint32_t node = fb_home_agent_node_toward(&agent->home_agent, &flow);

        if (node != FB_NODE_NONE)
        {
            return steer_downlink(agent, node, false, packet, &flow, now);
        }
        node = fb_home_agent_node_of_session(&agent->home_agent, from.session);
        if (node != FB_NODE_NONE)
        {
            return steer_downlink(agent, node, true, packet, &flow, now);
        }
    }
    if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return steer_uplink(agent, packet, &flow, now);
    }
    return drop_packet(agent, packet, from, FB_DROP_NO_SESSION);
}

int
fb_agent_receive(fb_agent *agent, const fb_meta *outer, const fb_packet *packet, fb_time now)
{
    int error = begin_packet(agent, now);
    fb_ipv4 source = fb_addr_to_ipv4(&outer->src);
    fb_ipv4 destination = fb_addr_to_ipv4(&outer->dst);
    fb_ref path = {0};
    int reason = FB_DROP_NO_SESSION;
    fb_flow inner;

    if (error != FB_OK)
    {
        return error;
    }
    if (outer->protocol != fb_encapsulation_ipip.protocol)
    {
        return drop_packet(agent, packet, path, FB_DROP_TUNNEL_PROTOCOL);
    }
    if (!fb_flow_read(&inner, packet->header, packet->header_len, packet->total_len))
    {
        return drop_packet(agent, packet, path, FB_DROP_PACKET_MALFORMED);
    }
    if (fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
        fb_foreign_agent_is_end(&agent->foreign_agent, destination))
    {
        fb_foreign_decision decision =
            fb_foreign_agent_out_of_tunnel(&agent->foreign_agent, outer, &inner);

        if (decision.reason != FB_DROP_NO_VISITOR || destination != agent->foreign_agent.home_agent)
        {
            return obey_foreign_agent(agent, packet, &inner, decision);
        }
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) &&
        destination == agent->home_agent.config.address)
    {
        reason = fb_home_agent_check_uplink(&agent->home_agent, source, &inner, &path);
    }
    else if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        reason =
            fb_mobile_node_check_downlink(&agent->mobile_node, source, destination, &inner, &path);
    }
    if (reason != FB_REASON_NONE)
    {
        return drop_packet(agent, packet, path, reason);
    }
    new_action(agent, packet, FB_DELIVER)->path = path;
    return FB_OK;
}

bool
fb_agent_poll_action(fb_agent *agent, fb_action *action, fb_time now)
{
    (void)now; /* a resequencer will release by time */
    if (!agent->action_waiting)
    {
        return false;
    }
    *action = agent->action;
    agent->action_waiting = false;
    return true;
}
