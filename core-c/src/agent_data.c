/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

#include "steer/encapsulate.h"
#include "steer/segment_size.h"
#include "steer/steering.h"

int
fb_agent_drop(fb_agent *agent, const fb_packet *packet, fb_ref path, int reason)
{
    fb_action *action = fb_agent_new_action(agent, packet, FB_DROP_PACKET, path);

    fb_events_count(&agent->events, reason);
    action->reason = (uint16_t)reason;
    return FB_OK;
}

static inline int
enter_tunnel(fb_agent *agent,
             const fb_packet *packet,
             const fb_flow *flow,
             fb_ref path,
             uint8_t tunnel,
             fb_outer *outer)
{
    outer->identification = ++agent->identification;
    if (!fb_encapsulate(fb_agent_new_action(agent, packet, FB_SEND, path),
                        tunnel,
                        outer,
                        flow,
                        packet))
    {
        return fb_agent_drop(agent, packet, path, FB_DROP_PACKET_MALFORMED);
    }
    return FB_OK;
}

/** The same while some tunnels have trouble: is it one of them? */
static int
try_tunnel(fb_agent *agent,
           const fb_packet *packet,
           const fb_flow *flow,
           fb_ref path,
           uint8_t tunnel,
           fb_outer *outer)
{
    fb_flow allowed = *flow;
    int reason = fb_agent_check_tunnel(agent, packet, &allowed, tunnel, outer);

    return reason == FB_REASON_NONE ? enter_tunnel(agent, packet, &allowed, path, tunnel, outer)
                                    : fb_agent_drop(agent, packet, path, reason);
}

/** Sends it through a tunnel of kind @p tunnel (FB_TUNNEL_*) between the ends @p outer. */
static inline int
tunnel_packet(fb_agent *agent,
              const fb_packet *packet,
              const fb_flow *flow,
              fb_ref path,
              uint8_t tunnel,
              fb_outer *outer)
{
    if (agent->numbering != NULL)
    {
        fb_agent_write_number(agent, &outer->gre);
    }
    return agent->tunnel_states.trouble_until > agent->last_time
               ? try_tunnel(agent, packet, flow, path, tunnel, outer)
               : enter_tunnel(agent, packet, flow, path, tunnel, outer);
}

int
fb_agent_send_into(fb_agent *agent,
                   const fb_packet *packet,
                   const fb_flow *flow,
                   fb_ref path,
                   uint8_t tunnel,
                   fb_outer *outer)
{
    return tunnel_packet(agent, packet, flow, path, tunnel, outer);
}

void
fb_agent_keep_copy(fb_agent *agent)
{
    if (agent->action.kind == FB_SEND && agent->copy_count < FB_BIDS_PER_RULE)
    {
        agent->action.kind = FB_COPY;
        agent->action.last = false;
        agent->copy[agent->copy_count++] = agent->action;
    }
}

/* Of this direction's session: the mobile node's own comes first */
static void *
scheduler_context(const fb_agent *agent, const fb_direction *view)
{
    bool own = agent->scheduler->per_packet && view->role != FB_ROLE_MOBILE_NODE;
    size_t index = own ? view->node + 1u : 0;

    return agent->scheduler->context_size == 0
               ? agent->scheduler->user
               : (uint8_t *)agent->scheduler_context + index * agent->scheduler->context_size;
}

/** Mobile IPv4: the node's rules, in @p steering, and its paths. Returns how many. */
static size_t
node_candidates(fb_agent *agent, const fb_direction *view, fb_steering *steering)
{
    const fb_mobile_node *mobile = &agent->mobile_node;
    const fb_home_agent *home = &agent->home_agent;

    if (view->role == FB_ROLE_MOBILE_NODE)
    {
        steering->negotiated = mobile->rule_in_force;
        steering->negotiated_count = mobile->rule_in_force_count;
        return fb_mobile_node_paths(mobile, agent->paths);
    }
    steering->negotiated = fb_cache_policy(&home->cache, view->node, &steering->negotiated_count);
    return view->group ? fb_home_agent_group_paths(home, view->node, agent->paths)
                       : fb_home_agent_paths(home, view->node, agent->paths);
}

/** Proxy Mobile IPv6: the session's. */
static size_t
session_candidates(fb_agent *agent, const fb_direction *view, fb_steering *steering)
{
    if (view->role == FB_ROLE_MAG)
    {
        steering->negotiated = fb_mag_rules(&agent->mag, view->node, &steering->negotiated_count);
        return fb_mag_paths(&agent->mag, view->node, agent->paths);
    }
    steering->negotiated = fb_lma_rules(&agent->lma, view->node, &steering->negotiated_count);
    return fb_lma_paths(&agent->lma, view->node, agent->paths);
}

/** What no policy is asked about: loops, and signalling (D-39). */
static bool
is_exempt(const fb_agent *agent, const fb_direction *view, const fb_flow *flow, int *reason)
{
    bool mobile = view->role == FB_ROLE_MOBILE_NODE;

    *reason = FB_REASON_NONE;
    if (view->role == FB_ROLE_HOME_AGENT && flow->family == FB_FAMILY_IPV4 &&
        fb_home_agent_is_tunnel_end(&agent->home_agent, view->node, flow))
    {
        *reason = FB_DROP_LOOP;
    }
    return (mobile || view->role == FB_ROLE_HOME_AGENT) &&
           fb_steer_is_signalling(flow,
                                  view->mirrored,
                                  mobile ? agent->mobile_node.home_agent
                                         : agent->home_agent.config.address);
}

size_t
fb_agent_candidates(fb_agent *agent, const fb_direction *view, fb_steering *steering)
{
    return (view->role & FB_PROXY_ROLES) != 0 ? session_candidates(agent, view, steering)
                                              : node_candidates(agent, view, steering);
}

/** Rules and paths, which only a packet the flow cache does not know needs. */
static fb_choice
decide(fb_agent *agent, const fb_direction *view, const fb_flow *flow, fb_time now)
{
    fb_steering steering = {.configured = agent->static_rule,
                            .configured_count = agent->static_rule_count,
                            .classifier = &agent->static_classifier,
                            .scheduler = agent->scheduler,
                            .context = scheduler_context(agent, view),
                            .spread = &agent->spread,
                            .session = view->session,
                            .ordered = agent->reorder.default_ms != 0};
    size_t path_count = fb_agent_candidates(agent, view, &steering);
    fb_choice choice;
    int reason;

    if (is_exempt(agent, view, flow, &reason))
    {
        steering.negotiated_count = 0;
        steering.configured_count = 0;
        steering.ordered = false;
    }
    if (reason != FB_REASON_NONE)
    {
        return (fb_choice){.path = -1, .rule = -1, .reason = (uint16_t)reason};
    }
    choice = fb_steer_choose(&steering, agent->paths, path_count, flow, view->mirrored, now);
    if (choice.numbering != FB_NUMBERING_NONE && !fb_agent_number(agent, view, &choice))
    {
        steering.without_numbers = true;
        choice = fb_steer_choose(&steering, agent->paths, path_count, flow, view->mirrored, now);
    }
    return choice;
}

/** In fb_flow_verdict.copied_by: 1 + the number of a negotiated rule, or this + that of a static one. */
#define COPIED_BY_STATIC 128u

/** The rule of a choice that wants copies, as verdicts have it; 0: its number is too high. */
static uint8_t
copied_by(const fb_choice *choice)
{
    if (choice->copies == 0 || choice->rule >= (int)COPIED_BY_STATIC - 1)
    {
        return 0;
    }
    return (uint8_t)((unsigned)choice->rule +
                     (choice->by == FB_DECIDED_BY_CONFIGURED ? COPIED_BY_STATIC : 1u));
}

/** The flow cache knows the rule, and where the first of them goes; which paths get the others is asked again. */
static uint8_t
copy_again(fb_agent *agent, const fb_direction *view, uint8_t number)
{
    fb_steering steering = {.configured = agent->static_rule,
                            .configured_count = agent->static_rule_count};
    size_t path_count = fb_agent_candidates(agent, view, &steering);
    bool is_static = number >= COPIED_BY_STATIC;
    size_t index = number - (is_static ? COPIED_BY_STATIC : 1u);

    if (index >= (is_static ? steering.configured_count : steering.negotiated_count))
    {
        return 0;
    }
    return fb_steer_copies((is_static ? steering.configured : steering.negotiated) + index,
                           agent->paths,
                           path_count);
}

/** Keeps what was decided for the flow, or for the fragments of this packet. */
static void
remember(fb_agent *agent,
         const fb_direction *view,
         const fb_flow *flow,
         bool per_packet,
         fb_flow_verdict verdict)
{
    (per_packet ? fb_flow_cache_put_packet : fb_flow_cache_put)(&agent->flow_cache,
                                                                view->session,
                                                                view->generation,
                                                                flow,
                                                                view->mirrored,
                                                                verdict);
}

/** Asks rules and schedulers, and keeps the answer. */
static fb_agent_verdict
verdict_anew(fb_agent *agent, const fb_direction *view, const fb_flow *flow, fb_time now)
{
    fb_choice choice = decide(agent, view, flow, now);
    /* what has a number is decided anew each time; its later fragments follow it, without one */
    bool per_packet = choice.per_packet || choice.numbering != FB_NUMBERING_NONE;
    fb_flow_verdict verdict = {.reason = choice.reason,
                               .bid = choice.path >= 0 ? agent->paths[choice.path].bid : 0,
                               .copied_by = copied_by(&choice)};

    if (choice.copies == 0 || verdict.copied_by != 0)
    {
        remember(agent, view, flow, per_packet, verdict);
    }
    return (fb_agent_verdict){verdict.reason, verdict.bid, choice.copies};
}

/* By value: what the flow cache does not need of it is put together only when the cache does not know the flow */
static inline fb_agent_verdict
verdict_for(fb_agent *agent, fb_direction view, const fb_flow *flow, fb_time now)
{
    fb_flow_verdict known;

    if (!fb_flow_cache_find(&agent->flow_cache,
                            view.session,
                            view.generation,
                            flow,
                            view.mirrored,
                            &known))
    {
        const fb_direction whole = view;

        return verdict_anew(agent, &whole, flow, now);
    }
    if (known.copied_by != 0)
    {
        const fb_direction whole = view;

        return (
            fb_agent_verdict){known.reason, known.bid, copy_again(agent, &whole, known.copied_by)};
    }
    return (fb_agent_verdict){known.reason, known.bid, 0};
}

fb_agent_verdict
fb_agent_judge(fb_agent *agent, const fb_direction *direction, const fb_flow *flow, fb_time now)
{
    return verdict_for(agent, *direction, flow, now);
}

/** Into the tunnel of binding @p bid. */
static inline int
send_downlink(fb_agent *agent,
              uint32_t node,
              uint8_t bid,
              const fb_packet *packet,
              const fb_flow *flow)
{
    fb_home_agent *home = &agent->home_agent;
    const fb_binding *binding = fb_cache_binding(&home->cache, node, bid);
    fb_ref path = {.session = node + 1, .bid = binding->bid};
    fb_outer outer = fb_home_agent_outer(home, binding);

    if (fb_home_agent_nests(home, node, binding, flow))
    {
        outer.home_source = home->config.address;
        outer.home_destination = home->cache.home[node].home_address;
    }
    return tunnel_packet(agent, packet, flow, path, binding->tunnel, &outer);
}

static inline int
steer_downlink(fb_agent *agent,
               uint32_t node,
               bool group,
               const fb_packet *packet,
               const fb_flow *flow,
               fb_time now)
{
    fb_home_agent *home = &agent->home_agent;
    fb_direction view = {.session = node + 1,
                         .generation = fb_cache_node(&home->cache, node)->generation +
                                       agent->static_version,
                         .node = node,
                         .role = FB_ROLE_HOME_AGENT,
                         .group = group};
    fb_ref path = {.session = view.session};
    fb_agent_verdict verdict;
    int error;

    if (group && flow->source == home->cache.home[node].home_address)
    {
        /* the node has what it sent itself */
        return fb_agent_drop(agent, packet, path, FB_DROP_LOOP);
    }
    if (flow->ttl == 0)
    {
        /* RFC 2003 3.1, RFC 2473 3.1: a packet whose TTL or Hop Limit is 0 is not tunnelled */
        return fb_agent_drop(agent, packet, path, FB_DROP_TTL);
    }
    verdict = verdict_for(agent, view, flow, now);
    if (verdict.reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, verdict.reason);
    }
    do
    {
        uint8_t bid = verdict.copies > 0 ? agent->paths[verdict.copies].bid : verdict.bid;

        error = send_downlink(agent, node, bid, packet, flow);
        if (verdict.copies > 0)
        {
            fb_agent_keep_copy(agent);
        }
    }
    while (verdict.copies-- > 0);
    return fb_agent_sent(agent, error);
}

/** Whether it is a packet of the node itself, which a foreign agent takes from it as it is (RFC 3024 5.1). */
static bool
is_own(const fb_mobile_node *mobile, const fb_flow *flow)
{
    return flow->family == FB_FAMILY_IPV4 && flow->source == mobile->config.home_address;
}

/** Whether a packet that leaves by this path, which has no tunnel, is put into one from home address to home agent. */
static bool
goes_home(const fb_mobile_node *mobile, const fb_registration *registration, const fb_flow *flow)
{
    /* RFC 5454 3.5: as any IPv4 packet. RFC 5177 7: "if reverse tunnel is enabled. Otherwise [...] routed directly" */
    return flow->family == FB_FAMILY_IPV6 || (registration->reverse && !is_own(mobile, flow));
}

/** RFC 3024 5: to the foreign agent, as it is or with encapsulating delivery; without T to the link's router. */
static int
leave_directly(fb_agent *agent,
               const fb_packet *packet,
               const fb_flow *flow,
               fb_ref path,
               const fb_registration *registration)
{
    const fb_mobile_node *mobile = &agent->mobile_node;
    fb_action *action = &agent->action;
    fb_outer outer = {.source = mobile->config.home_address, .destination = mobile->home_agent};

    /* As it was registered: the agent may have refused what the configuration asks for (code 79) */
    if (registration->agent != 0 && registration->delivery)
    {
        outer.home_source = is_own(mobile, flow) ? 0 : outer.source;
        outer.home_destination = is_own(mobile, flow) ? 0 : outer.destination;
        outer.destination = registration->agent;
        fb_agent_send_into(agent, packet, flow, path, FB_TUNNEL_IPIP, &outer);
    }
    else if (goes_home(mobile, registration, flow))
    {
        fb_agent_send_into(agent, packet, flow, path, FB_TUNNEL_IPIP, &outer);
        action->kind = action->kind == FB_SEND ? FB_FORWARD : action->kind;
    }
    else
    {
        fb_agent_new_action(agent, packet, FB_FORWARD, path);
    }
    /* RFC 5944 4.6: a visitor does not ask for the foreign agent's link address with ARP */
    action->next_hop = registration->agent;
    action->link_addr_len = registration->agent_link_addr_len;
    memcpy(action->link_addr, registration->agent_link_addr, sizeof action->link_addr);
    return FB_OK;
}

/** The path of @p registration has taken a packet, either way. */
static inline void
note_packet(fb_agent *agent, const fb_registration *registration, fb_time now)
{
    if (fb_mobile_node_note_packet(&agent->mobile_node, registration, now))
    {
        agent->deadline_known = false;
    }
}

/** Over the path of @p bid. */
static int
send_uplink(fb_agent *agent, uint8_t bid, const fb_packet *packet, const fb_flow *flow, fb_time now)
{
    fb_mobile_node *mobile = &agent->mobile_node;
    const fb_registration *registration = fb_mobile_node_registration(mobile, bid);
    fb_ref path = {.session = 1, .link = registration->link.link, .bid = bid};
    fb_outer outer;

    note_packet(agent, registration, now);
    if (fb_mobile_node_leaves_directly(registration))
    {
        return leave_directly(agent, packet, flow, path, registration);
    }
    if (registration->udp)
    {
        fb_mobile_node_note_traffic(mobile, registration, now);
        agent->deadline_known = false; /* the next keepalive's */
    }
    outer = fb_mobile_node_outer(mobile, registration);
    if (flow->family == FB_FAMILY_IPV6 && mobile->config.ipv6_to_home_address)
    {
        outer.home_source = mobile->config.home_address;
        outer.home_destination = mobile->home_agent;
    }
    return tunnel_packet(agent, packet, flow, path, registration->tunnel, &outer);
}

static int
steer_uplink(fb_agent *agent, const fb_packet *packet, const fb_flow *flow, fb_time now)
{
    fb_mobile_node *mobile = &agent->mobile_node;
    fb_direction view = {.session = 1,
                         .generation = mobile->generation + agent->static_version,
                         .role = FB_ROLE_MOBILE_NODE,
                         .mirrored = true};
    fb_ref path = {.session = 1};
    int reason = fb_mobile_node_check_uplink(mobile, flow);
    fb_agent_verdict verdict;
    int error;

    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, reason);
    }
    verdict = verdict_for(agent, view, flow, now);
    if (verdict.reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, verdict.reason);
    }
    do
    {
        uint8_t bid = verdict.copies > 0 ? agent->paths[verdict.copies].bid : verdict.bid;

        error = send_uplink(agent, bid, packet, flow, now);
        if (verdict.copies > 0)
        {
            fb_agent_keep_copy(agent);
        }
    }
    while (verdict.copies-- > 0);
    return fb_agent_sent(agent, error);
}

/** Whether a packet that leaves was sent by a node on one of a foreign agent's links. */
static bool
comes_from_node(const fb_agent *agent, fb_ref from)
{
    return from.link != 0 && fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
           fb_advertiser_serves(&agent->advertiser, from.link, FB_ROLE_FOREIGN_AGENT);
}

/** Through the reverse tunnel of @p visitor; a packet that came out of a tunnel of its own is @p arrival, or NULL. */
static int
send_to_home_agent(fb_agent *agent,
                   const fb_packet *packet,
                   const fb_flow *flow,
                   const fb_arrival *arrival,
                   const fb_visitor *visitor)
{
    /* RFC 3024 5.1.2: from the care-of address to the home agent; over which link is the host's to say */
    fb_outer outer = {.source = visitor->care_of_address, .destination = visitor->home_agent};
    uint8_t tunnel = fb_foreign_agent_tunnel(visitor);
    fb_action *action;
    int reason;

    if (arrival == NULL)
    {
        if (flow->ttl == 0)
        {
            return fb_agent_drop(agent, packet, (fb_ref){0}, FB_DROP_TTL); /* RFC 2003 3.1 */
        }
        return fb_agent_send_into(agent, packet, flow, (fb_ref){0}, tunnel, &outer);
    }
    fb_flow inner = arrival->inner;
    const fb_packet inside = {.header = arrival->header,
                              .header_len = arrival->header_length,
                              .total_len = arrival->total};

    reason = fb_agent_check_tunnel(agent, &inside, &inner, tunnel, &outer);
    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, (fb_ref){0}, reason);
    }
    action = fb_agent_new_action(agent, packet, FB_SEND, (fb_ref){0});
    outer.identification = ++agent->identification;
    reason = fb_encapsulate_arrival(action, tunnel, &outer, arrival);
    if (reason == FB_DROP_TTL)
    {
        fb_agent_tell_ttl(agent, &inside, &inner, &outer);
    }
    return reason == FB_REASON_NONE ? FB_OK : fb_agent_drop(agent, packet, (fb_ref){0}, reason);
}

/** To @p visitor, over its link and without ARP (RFC 5944 4.2.2). */
static int
send_to_visitor(fb_agent *agent,
                const fb_packet *packet,
                const fb_arrival *arrival,
                const fb_visitor *visitor)
{
    fb_ref path = {.link = visitor->link};
    fb_action *action = fb_agent_new_action(agent, packet, FB_FORWARD, path);
    int reason = arrival == NULL ? FB_REASON_NONE : fb_decapsulated(action, arrival);

    action->next_hop = visitor->home_address;
    action->link_addr_len = visitor->link_addr_len;
    memcpy(action->link_addr, visitor->link_addr, sizeof action->link_addr);
    return reason == FB_REASON_NONE ? FB_OK : fb_agent_drop(agent, packet, path, reason);
}

/** RFC 5944 4.2.2, RFC 3024 5.2.2: out of the tunnel that was agreed on; what visitors send may also be IP in IP. */
static bool
came_as_agreed(const fb_arrival *arrival, fb_foreign_decision decision)
{
    return !arrival->udp &&
           ((decision.verdict == FB_FOREIGN_TO_HOME_AGENT &&
             arrival->protocol == FB_PROTOCOL_IPV4) ||
            fb_encapsulation_accepts(fb_foreign_agent_tunnel(decision.visitor), arrival->protocol));
}

/** Does with a packet what the foreign agent says; @p arrival is what came out of a tunnel, or NULL. */
static int
obey_foreign_agent(fb_agent *agent,
                   const fb_packet *packet,
                   const fb_flow *flow,
                   const fb_arrival *arrival,
                   fb_foreign_decision decision)
{
    const fb_visitor *visitor = decision.visitor;

    if (arrival != NULL && visitor != NULL && !came_as_agreed(arrival, decision))
    {
        decision = (fb_foreign_decision){FB_FOREIGN_DROP, FB_DROP_TUNNEL_PROTOCOL, visitor};
    }
    switch (decision.verdict)
    {
    case FB_FOREIGN_TO_HOME_AGENT:
        return send_to_home_agent(agent, packet, flow, arrival, visitor);
    case FB_FOREIGN_TO_VISITOR:
        return send_to_visitor(agent, packet, arrival, visitor);
    case FB_FOREIGN_ROUTE:
        fb_agent_new_action(agent, packet, FB_FORWARD, (fb_ref){0});
        return FB_OK;
    case FB_FOREIGN_DROP:
        break;
    }
    return fb_agent_drop(agent,
                         packet,
                         (fb_ref){.link = visitor != NULL ? visitor->link : 0},
                         decision.reason);
}

static int
begin_packet(fb_agent *agent, fb_time now)
{
    int error = fb_agent_set_time(agent, now);

    if (error == FB_OK &&
        (agent->action_waiting || fb_resequencer_has_released(&agent->resequencer)))
    {
        return FB_ERR_NOT_DRAINED;
    }
    return error;
}

/** Asks the role the packet is for. */
static inline int
steer_by_role(fb_agent *agent,
              fb_ref from,
              const fb_packet *packet,
              const fb_flow *flow,
              fb_time now)
{
    if (fb_agent_has_role(agent, FB_PROXY_ROLES))
    {
        return fb_agent_proxy_steer(agent, from, packet, flow, now);
    }
    if (comes_from_node(agent, from))
    {
        return obey_foreign_agent(
            agent,
            packet,
            flow,
            NULL,
            fb_foreign_agent_from_link(&agent->foreign_agent, from.link, flow));
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        uint32_t node = fb_home_agent_node_toward(&agent->home_agent, flow);
        bool group = node == FB_NODE_NONE;

        if (group)
        {
            node = fb_home_agent_node_of_session(&agent->home_agent, from.session);
        }
        if (node != FB_NODE_NONE)
        {
            return steer_downlink(agent, node, group, packet, flow, now);
        }
    }
    if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return steer_uplink(agent, packet, flow, now);
    }
    return fb_agent_drop(agent, packet, from, FB_DROP_NO_SESSION);
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
        return fb_agent_drop(agent, packet, from, FB_DROP_PACKET_MALFORMED);
    }
    error = steer_by_role(agent, from, packet, &flow, now);
    if (fb_segment_opens(&flow, packet->header, packet->header_len))
    {
        fb_agent_limit_segments(agent, packet, &flow);
    }
    return error;
}

/** The packet as it was before it entered the tunnel. */
static inline int
deliver(fb_agent *agent,
        const fb_packet *packet,
        const fb_arrival *arrival,
        fb_ref path,
        fb_agent_owner owner)
{
    fb_action *action = fb_agent_new_action(agent, packet, FB_DELIVER, path);
    int reason = fb_decapsulated(action, arrival);

    if (arrival->protocol == FB_PROTOCOL_GRE && fb_gre_has_sequence(arrival->gre))
    {
        reason = fb_agent_put_in_order(agent, packet, arrival, owner, reason);
    }
    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, reason);
    }
    return FB_OK;
}

int
fb_agent_deliver(fb_agent *agent,
                 const fb_packet *packet,
                 const fb_arrival *arrival,
                 fb_ref path,
                 fb_agent_owner owner)
{
    return deliver(agent, packet, arrival, path, owner);
}

/** RFC 3519 4.9: a keepalive, or a probe, goes back through the tunnel it came out of, whatever the policy says */
static int
answer_keepalive(fb_agent *agent, const fb_packet *packet, const fb_arrival *arrival, fb_ref path)
{
    const fb_home_agent *home = &agent->home_agent;
    const fb_binding *binding = fb_cache_binding(&home->cache, path.session - 1, path.bid);
    fb_outer outer = fb_home_agent_outer(home, binding);
    fb_action *action = fb_agent_new_action(agent, packet, FB_SEND, path);

    outer.identification = ++agent->identification;
    if (!fb_encapsulate_echo_reply(action, binding->tunnel, &outer, arrival))
    {
        return fb_agent_drop(agent, packet, path, FB_DROP_PACKET_MALFORMED);
    }
    return FB_OK;
}

/** RFC 2003 3.1; not with IPv6 (RFC 8200 3) */
static int
check_ttl(const fb_flow *inner)
{
    return inner->ttl == 0 && inner->family == FB_FAMILY_IPV4 ? FB_DROP_TTL : FB_REASON_NONE;
}

/** RFC 5177 7, RFC 5454 3.3.2: out of the node's tunnel to the home agent, which was in that of a binding. */
static int
open_nested_uplink(const fb_home_agent *home,
                   const fb_packet *packet,
                   fb_arrival *arrival,
                   uint32_t node)
{
    int reason = fb_decapsulate_nested(arrival, packet);

    if (reason == FB_REASON_NONE && fb_home_agent_node_from(home, &arrival->inner) != node)
    {
        return FB_DROP_TUNNEL_INNER_SOURCE;
    }
    return reason == FB_REASON_NONE ? check_ttl(&arrival->inner) : reason;
}

static int
receive_uplink(fb_agent *agent, const fb_packet *packet, fb_arrival *arrival)
{
    const fb_home_agent *home = &agent->home_agent;
    fb_agent_owner owner = {.role = FB_ROLE_HOME_AGENT};
    fb_ref path = {0};
    int reason = fb_home_agent_check_uplink(home, arrival, &path);

    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, reason);
    }
    owner.node = path.session - 1;
    if (fb_arrival_is_nested(arrival,
                             home->cache.home[path.session - 1].home_address,
                             home->config.address))
    {
        reason = open_nested_uplink(home, packet, arrival, path.session - 1);
        return reason == FB_REASON_NONE ? fb_agent_deliver(agent, packet, arrival, path, owner)
                                        : fb_agent_drop(agent, packet, path, reason);
    }
    if (fb_home_agent_is_echo(home, arrival))
    {
        return answer_keepalive(agent, packet, arrival, path);
    }
    return deliver(agent, packet, arrival, path, owner);
}

/** The same at the other end. */
static int
open_nested_downlink(const fb_mobile_node *mobile, const fb_packet *packet, fb_arrival *arrival)
{
    int reason = fb_decapsulate_nested(arrival, packet);

    if (reason == FB_REASON_NONE && !fb_mobile_node_owns_destination(mobile, &arrival->inner))
    {
        return FB_DROP_TUNNEL_INNER_DESTINATION;
    }
    return reason == FB_REASON_NONE ? check_ttl(&arrival->inner) : reason;
}

static int
receive_downlink(fb_agent *agent, const fb_packet *packet, fb_arrival *arrival, fb_time now)
{
    fb_mobile_node *mobile = &agent->mobile_node;
    fb_agent_owner owner = {.role = FB_ROLE_MOBILE_NODE};
    fb_ref path = {0};
    const fb_registration *registration = NULL;
    int reason = fb_mobile_node_check_downlink(mobile, arrival, &path, &registration);

    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, reason);
    }
    if (fb_arrival_is_nested(arrival, mobile->home_agent, mobile->config.home_address))
    {
        note_packet(agent, registration, now);
        reason = open_nested_downlink(mobile, packet, arrival);
        return reason == FB_REASON_NONE ? fb_agent_deliver(agent, packet, arrival, path, owner)
                                        : fb_agent_drop(agent, packet, path, reason);
    }
    if (fb_mobile_node_take_echo(mobile, arrival, registration, now))
    {
        agent->deadline_known = false;
        fb_agent_new_action(agent, packet, FB_CONSUME, path);
        return FB_OK;
    }
    note_packet(agent, registration, now);
    return deliver(agent, packet, arrival, path, owner);
}

int
fb_agent_receive(fb_agent *agent, const fb_meta *outer, const fb_packet *packet, fb_time now)
{
    int error = begin_packet(agent, now);
    fb_arrival arrival;
    int reason;

    if (error != FB_OK)
    {
        return error;
    }
    reason = fb_agent_has_role(agent, FB_PROXY_ROLES) && outer->protocol == FB_PROTOCOL_UDP
                 ? fb_decapsulate_plain_udp(&arrival, outer, packet)
                 : fb_decapsulate(&arrival, outer, packet);
    reason = reason == FB_REASON_NONE ? check_ttl(&arrival.inner) : reason;
    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, (fb_ref){0}, reason);
    }
    if (fb_agent_has_role(agent, FB_PROXY_ROLES))
    {
        return fb_agent_proxy_receive(agent, packet, &arrival);
    }
    if (fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
        fb_foreign_agent_is_end(&agent->foreign_agent, arrival.destination))
    {
        fb_foreign_decision decision =
            fb_foreign_agent_out_of_tunnel(&agent->foreign_agent, outer, &arrival.inner);

        if (decision.reason != FB_DROP_NO_VISITOR ||
            arrival.destination != agent->foreign_agent.home_agent)
        {
            return obey_foreign_agent(agent, packet, &arrival.inner, &arrival, decision);
        }
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) &&
        arrival.destination == agent->home_agent.config.address)
    {
        return receive_uplink(agent, packet, &arrival);
    }
    if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return receive_downlink(agent, packet, &arrival, now);
    }
    return fb_agent_drop(agent, packet, (fb_ref){0}, FB_DROP_NO_SESSION);
}

bool
fb_agent_poll_action(fb_agent *agent, fb_action *action, fb_time now)
{
    (void)now; /* what is released by time was released by fb_agent_handle_timeout() */
    if (!agent->action_waiting)
    {
        return fb_resequencer_has_released(&agent->resequencer) &&
               fb_agent_poll_released(agent, action);
    }
    if (agent->copy_next < agent->copy_count)
    {
        *action = agent->copy[agent->copy_next++];
        return true;
    }
    agent->copy_next = agent->copy_count = 0;
    *action = agent->action;
    agent->action_waiting = false;
    return true;
}
