/* SPDX-License-Identifier: BSD-3-Clause */
#include "flowbind/agent.h"

#include "base/arena.h"
#include "role/home_agent.h"
#include "role/mobile_node.h"
#include "steer/encapsulate.h"
#include "steer/flow_cache.h"
#include "steer/steering.h"

#include <string.h>

/*
 * The public API over the roles: checks the host's arguments and the time once, hands messages to the role they are
 * for, and joins state and steering for data packets.
 */

struct fb_agent
{
    uint32_t roles;
    fb_time last_time;
    fb_clock clock;
    fb_events events;
    fb_mobile_node mobile_node;
    fb_home_agent home_agent;

    fb_flow_cache flow_cache;
    const fb_scheduler *scheduler;
    void *scheduler_context;
    fb_path_view *paths; /* room for those of one session */
    uint16_t identification; /* of outer headers */
    bool action_waiting;
    fb_action action;
};

/* ---- life ---- */

void
fb_config_default(fb_config *config)
{
    memset(config, 0, sizeof *config);
    config->limits = (fb_limits){.nodes = 16,
                                 .bindings = 16 * 8,
                                 .policies = 16,
                                 .bindings_per_node = 8,
                                 .rules_per_node = FB_RULES_MAX,
                                 .links = 8,
                                 .flow_cache = 1024,
                                 .events = 64};
    config->mobile_node = (fb_mobile_node_config){.lifetime_s = 600,
                                                  .port = FB_MIP4_PORT,
                                                  .multipath = true,
                                                  .negotiate_policy = true,
                                                  .bulk_refresh = true,
                                                  .reverse_tunnel = true,
                                                  .coa_change = FB_COA_CHANGE_REPLACE,
                                                  .retry_denied_s = 60,
                                                  .legacy_retry_s = 3600,
                                                  .retransmit_ms = 1000};
    config->home_agent = (fb_home_agent_config){.lifetime_max_s = 1800,
                                                .replay_tolerance_s = 7,
                                                .multipath = true,
                                                .flow_policy = true,
                                                .reply_bad_authenticator = true,
                                                .unknown_bid_strict = true};
}

static bool
association_usable(const fb_security_association *association)
{
    /* RFC 5944 5.1: SPI 0..255 are reserved */
    return association->spi > 255 && fb_hmac_digest_size(association->algorithm) > 0 &&
           association->key_length > 0 && association->key_length <= FB_HMAC_KEY_MAX;
}

static bool
limits_usable(const fb_limits *limits)
{
    bool power_of_two = (limits->flow_cache & (limits->flow_cache - 1)) == 0;

    return limits->bindings_per_node >= 1 && limits->bindings_per_node <= 254 &&
           limits->rules_per_node <= FB_RULES_MAX && power_of_two && limits->events >= 8;
}

static bool
mobile_node_usable(const fb_config *config)
{
    const fb_mobile_node_config *node = &config->mobile_node;

    return node->home_address != 0 && node->home_agent != 0 && node->lifetime_s > 0 &&
           node->port != 0 && node->retransmit_ms >= 1000 && node->retry_denied_s > 0 &&
           config->limits.links > 0 && config->limits.links <= 254 &&
           association_usable(&node->association);
}

static bool
home_agent_usable(const fb_config *config)
{
    const fb_home_agent_config *agent = &config->home_agent;

    /* RFC 5944 5.7.1: the tolerance is to be more than 3 seconds */
    return agent->address != 0 && agent->lifetime_max_s > 0 && agent->replay_tolerance_s > 3 &&
           config->limits.nodes > 0 && config->limits.bindings > 0;
}

static bool
config_usable(const fb_config *config)
{
    uint32_t known = FB_ROLE_MOBILE_NODE | FB_ROLE_HOME_AGENT;

    if (config->roles == 0 || (config->roles & ~known) != 0 || !limits_usable(&config->limits))
    {
        return false;
    }
    if ((config->roles & FB_ROLE_MOBILE_NODE) != 0 && !mobile_node_usable(config))
    {
        return false;
    }
    if ((config->roles & FB_ROLE_HOME_AGENT) != 0 && !home_agent_usable(config))
    {
        return false;
    }
    return config->scheduler == NULL || fb_scheduler_find(config->scheduler) != NULL;
}

/** Lays the agent out; with a measuring arena only its size matters. */
static void
lay_out(fb_agent *agent, fb_arena *arena, const fb_config *config)
{
    size_t cache_octets = fb_flow_cache_memory(config->limits.flow_cache);
    size_t most_paths = config->limits.links > config->limits.bindings_per_node
                            ? config->limits.links
                            : config->limits.bindings_per_node;
    void *cache = fb_arena_take(arena, 1, cache_octets, 64);

    agent->roles = config->roles;
    agent->scheduler = config->scheduler != NULL ? fb_scheduler_find(config->scheduler)
                                                 : fb_scheduler_at(0);
    agent->scheduler_context = fb_arena_take(arena, 1, agent->scheduler->context_size, 8);
    agent->paths = fb_arena_take(arena, most_paths, sizeof(fb_path_view), _Alignof(fb_path_view));
    fb_events_init(&agent->events, arena, config->limits.events);
    if ((config->roles & FB_ROLE_MOBILE_NODE) != 0)
    {
        fb_mobile_node_init(&agent->mobile_node, arena, config, &agent->events);
    }
    if ((config->roles & FB_ROLE_HOME_AGENT) != 0)
    {
        fb_home_agent_init(&agent->home_agent, arena, config, &agent->clock, &agent->events);
    }
    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_flow_cache_init(&agent->flow_cache, cache, config->limits.flow_cache);
    if (agent->scheduler->context_size > 0)
    {
        agent->scheduler->init(agent->scheduler_context, 0);
    }
}

size_t
fb_agent_size(const fb_config *config)
{
    fb_arena arena = fb_arena_over(NULL, 0);
    fb_agent measured;

    if (!config_usable(config))
    {
        return 0;
    }
    memset(&measured, 0, sizeof measured);
    (void)fb_arena_take(&arena, 1, sizeof(fb_agent), _Alignof(fb_agent));
    lay_out(&measured, &arena, config);
    return arena.failed ? 0 : arena.used;
}

int
fb_agent_init(fb_agent **agent, void *memory, size_t length, const fb_config *config, fb_time now)
{
    size_t needed = fb_agent_size(config);
    fb_arena arena = fb_arena_over(memory, length);
    fb_agent *made;

    if (needed == 0)
    {
        return FB_ERR_CONFIG;
    }
    if (memory == NULL || length < needed || ((uintptr_t)memory & 15) != 0)
    {
        return FB_ERR_MEMORY;
    }
    memset(memory, 0, needed);
    made = fb_arena_take(&arena, 1, sizeof(fb_agent), _Alignof(fb_agent));
    lay_out(made, &arena, config);
    made->last_time = now;
    *agent = made;
    return FB_OK;
}

/* ---- facts, messages, time ---- */

static bool
has_role(const fb_agent *agent, uint32_t role)
{
    return (agent->roles & role) != 0;
}

/** Time is checked here, once for all layers below. */
static int
advance(fb_agent *agent, fb_time now)
{
    if (now < agent->last_time)
    {
        return FB_ERR_TIME;
    }
    agent->last_time = now;
    return FB_OK;
}

static int
mobile_node_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    fb_mobile_node *node = &agent->mobile_node;

    if (!has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return FB_ERR_UNKNOWN;
    }
    switch (fact->kind)
    {
    case FB_FACT_LINK_UP:
    case FB_FACT_LINK_CHANGED:
        return fb_mobile_node_link_up(node, &fact->u.link, now);
    case FB_FACT_LINK_DOWN:
        return fb_mobile_node_link_down(node, fact->u.link.link, now);
    case FB_FACT_POLICY:
        return fb_mobile_node_set_policy(node, fact->u.policy.rules, fact->u.policy.count, now);
    case FB_FACT_REGISTER:
        return fb_mobile_node_register(node, fact->u.bid, now);
    default:
        return fb_mobile_node_deregister(node, fact->u.bid, now);
    }
}

static int
subscriber_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    fb_binding_cache *cache = &agent->home_agent.cache;
    uint32_t node;

    if (!has_role(agent, FB_ROLE_HOME_AGENT))
    {
        return FB_ERR_UNKNOWN;
    }
    if (fact->kind == FB_FACT_SUBSCRIBER_SET)
    {
        if (fact->u.subscriber.home_address == 0 ||
            !association_usable(&fact->u.subscriber.association))
        {
            return FB_ERR_ARGUMENT;
        }
        return fb_cache_set_subscriber(cache, &fact->u.subscriber);
    }
    node = fb_cache_find(cache, fact->u.subscriber.home_address);
    if (node == FB_NODE_NONE)
    {
        return FB_ERR_UNKNOWN;
    }
    fb_cache_remove_subscriber(cache, node, now);
    return FB_OK;
}

int
fb_agent_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    int error = advance(agent, now);

    if (error != FB_OK)
    {
        return error;
    }
    if (agent->home_agent.reply.waiting)
    {
        return FB_ERR_NOT_DRAINED;
    }
    switch (fact->kind)
    {
    case FB_FACT_WALL_CLOCK:
        fb_clock_set(&agent->clock, fact->u.wall_ns, now);
        fb_mobile_node_set_clock(&agent->mobile_node, fact->u.wall_ns, now);
        return FB_OK;
    case FB_FACT_LINK_UP:
    case FB_FACT_LINK_DOWN:
    case FB_FACT_LINK_CHANGED:
    case FB_FACT_POLICY:
    case FB_FACT_REGISTER:
    case FB_FACT_DEREGISTER:
        return mobile_node_fact(agent, fact, now);
    case FB_FACT_SUBSCRIBER_SET:
    case FB_FACT_SUBSCRIBER_REMOVE:
        return subscriber_fact(agent, fact, now);
    }
    return FB_ERR_ARGUMENT;
}

/** Whether @p message goes to a home agent that does not know RFC 7629. */
static bool
is_for_legacy(const fb_agent *agent, const uint8_t *message, size_t length)
{
    return has_role(agent, FB_ROLE_HOME_AGENT) && agent->home_agent.config.legacy && length > 0 &&
           message[0] == FB_MIP4_REQUEST;
}

static int
discard(fb_agent *agent, const fb_mip4_fixed *fixed, int reason, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_DROP,
                      .type = fixed->type,
                      .code = fixed->code,
                      .reason = (uint16_t)reason,
                      .lifetime_s = fixed->lifetime_s,
                      .home_address = fixed->home_address,
                      .care_of_address = fixed->care_of_address,
                      .identification = fixed->identification,
                      .time = now};

    fb_events_push(&agent->events, &event);
    return fb_events_count(&agent->events, reason);
}

int
fb_agent_input(fb_agent *agent,
               const fb_meta *meta,
               const uint8_t *message,
               size_t length,
               fb_time now)
{
    int error = advance(agent, now);
    fb_mip4_message walked;
    int reason;

    if (error != FB_OK)
    {
        return error;
    }
    if (agent->home_agent.reply.waiting)
    {
        return FB_ERR_NOT_DRAINED;
    }
    reason = is_for_legacy(agent, message, length) ? fb_mip4_walk_legacy(&walked, message, length)
                                                   : fb_mip4_walk(&walked, message, length);
    if (reason != FB_REASON_NONE)
    {
        return discard(agent, &walked.fixed, reason, now);
    }
    if (walked.fixed.type == FB_MIP4_REQUEST && has_role(agent, FB_ROLE_HOME_AGENT))
    {
        return fb_home_agent_input(&agent->home_agent, meta, &walked, now);
    }
    if (walked.fixed.type == FB_MIP4_REPLY && has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return fb_mobile_node_input(&agent->mobile_node, &walked, now);
    }
    return discard(agent, &walked.fixed, FB_DROP_WRONG_ROLE, now);
}

int
fb_agent_handle_timeout(fb_agent *agent, unsigned budget, fb_time now)
{
    int error = advance(agent, now);

    if (error != FB_OK)
    {
        return error;
    }
    if (has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        fb_mobile_node_handle_timeout(&agent->mobile_node, now);
    }
    if (has_role(agent, FB_ROLE_HOME_AGENT))
    {
        fb_cache_expire(&agent->home_agent.cache, budget, now);
    }
    return FB_OK;
}

fb_time
fb_agent_next_timeout(const fb_agent *agent)
{
    fb_time next = FB_TIME_NEVER;

    if (has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        next = fb_mobile_node_next_timeout(&agent->mobile_node);
    }
    if (has_role(agent, FB_ROLE_HOME_AGENT))
    {
        fb_time expiry = fb_cache_next_deadline(&agent->home_agent.cache);

        next = expiry < next ? expiry : next;
    }
    return next;
}

ptrdiff_t
fb_agent_output(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    ptrdiff_t length = advance(agent, now);

    if (length == FB_OK && has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        length = fb_mobile_node_output(&agent->mobile_node, meta, buffer, capacity, now);
    }
    if (length == 0 && has_role(agent, FB_ROLE_HOME_AGENT))
    {
        length = fb_home_agent_output(&agent->home_agent, meta, buffer, capacity, now);
    }
    return length;
}

bool
fb_agent_poll_event(fb_agent *agent, fb_event *event)
{
    return fb_events_poll(&agent->events, event);
}

/* ---- data ---- */

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
} session_view;

/** Rules and paths, which only a packet the flow cache does not know needs. */
static fb_flow_verdict
decide(fb_agent *agent, const session_view *view, const fb_flow *flow, fb_time now)
{
    const fb_mobile_node *mobile = &agent->mobile_node;
    const fb_home_agent *home = &agent->home_agent;
    fb_flow_verdict verdict = {0};
    const fb_rule *rules;
    size_t rule_count, path_count;
    fb_ipv4 home_agent;
    fb_choice choice;

    if (view->mirrored)
    {
        rules = mobile->rule_in_force;
        rule_count = mobile->rule_in_force_count;
        path_count = fb_mobile_node_paths(mobile, agent->paths);
        home_agent = mobile->home_agent;
    }
    else
    {
        rules = fb_cache_policy(&home->cache, view->node, &rule_count);
        path_count = fb_home_agent_paths(home, view->node, agent->paths);
        home_agent = home->config.address;
    }
    if (fb_steer_is_signalling(flow, view->mirrored, home_agent))
    {
        rule_count = 0; /* outside the policy (D-39) */
    }
    choice = fb_steer_choose(rules,
                             rule_count,
                             agent->scheduler,
                             agent->scheduler_context,
                             agent->paths,
                             path_count,
                             flow,
                             view->mirrored,
                             now);
    verdict.reason = choice.reason;
    verdict.bid = choice.path >= 0 ? agent->paths[choice.path].bid : 0;
    return verdict;
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
        verdict = decide(agent, view, flow, now);
        fb_flow_cache_put(&agent->flow_cache,
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
               const fb_packet *packet,
               const fb_flow *flow,
               fb_time now)
{
    fb_home_agent *home = &agent->home_agent;
    session_view view = {.session = node + 1,
                         .generation = home->cache.node[node].generation,
                         .node = node};
    fb_ref path = {.session = view.session};
    int reason = fb_home_agent_check_downlink(home, node, flow);
    fb_flow_verdict verdict;
    const fb_binding *binding;

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
    session_view view = {.session = 1, .generation = mobile->generation, .mirrored = true};
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
    return tunnel_packet(agent,
                         packet,
                         flow,
                         path,
                         registration->care_of_address,
                         mobile->home_agent);
}

static int
begin_packet(fb_agent *agent, fb_time now)
{
    int error = advance(agent, now);

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
    if (has_role(agent, FB_ROLE_HOME_AGENT))
    {
        uint32_t node = fb_cache_find(&agent->home_agent.cache, flow.destination);

        if (node != FB_NODE_NONE)
        {
            return steer_downlink(agent, node, packet, &flow, now);
        }
    }
    if (has_role(agent, FB_ROLE_MOBILE_NODE))
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
    if (has_role(agent, FB_ROLE_HOME_AGENT) && destination == agent->home_agent.config.address)
    {
        reason = fb_home_agent_check_uplink(&agent->home_agent, source, &inner, &path);
    }
    else if (has_role(agent, FB_ROLE_MOBILE_NODE))
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

/* ---- looking at it ---- */

static void
view_registration(fb_binding_view *view, const fb_mobile_node *node, const fb_registration *r)
{
    *view = (fb_binding_view){.ref = {.session = 1, .link = r->link.link, .bid = r->link.bid},
                              .home_address = node->config.home_address,
                              .care_of_address = r->care_of_address,
                              .state = r->state,
                              .technology = r->link.technology,
                              .label = r->link.label,
                              .lifetime_s = r->lifetime_s,
                              .expires = r->expires};
}

static bool
mobile_node_binding(const fb_mobile_node *node, size_t index, fb_binding_view *view)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && index-- == 0)
        {
            view_registration(view, node, r);
            return true;
        }
    }
    return false;
}

static bool
home_agent_binding(const fb_home_agent *home,
                   fb_ipv4 home_address,
                   size_t index,
                   fb_binding_view *view)
{
    uint32_t node = fb_cache_find(&home->cache, home_address);
    const fb_binding *b = node == FB_NODE_NONE ? NULL : fb_cache_binding_first(&home->cache, node);

    while (b != NULL && index-- > 0)
    {
        b = fb_cache_binding_next(&home->cache, b);
    }
    if (b == NULL)
    {
        return false;
    }
    *view = (fb_binding_view){.ref = {.session = node + 1, .bid = b->bid},
                              .home_address = home_address,
                              .care_of_address = b->care_of_address,
                              .state = FB_BINDING_UP,
                              .technology = b->technology,
                              .label = b->label,
                              .lifetime_s = b->lifetime_s,
                              .expires = b->expires};
    return true;
}

bool
fb_agent_binding(const fb_agent *agent,
                 uint8_t role,
                 fb_ipv4 home_address,
                 size_t index,
                 fb_binding_view *view)
{
    if (role == FB_ROLE_MOBILE_NODE && has_role(agent, role))
    {
        return mobile_node_binding(&agent->mobile_node, index, view);
    }
    if (role == FB_ROLE_HOME_AGENT && has_role(agent, role))
    {
        return home_agent_binding(&agent->home_agent, home_address, index, view);
    }
    return false;
}

bool
fb_agent_rule(const fb_agent *agent,
              uint8_t role,
              fb_ipv4 home_address,
              size_t index,
              fb_rule *rule)
{
    const fb_rule *rules = NULL;
    size_t count = 0;

    if (role == FB_ROLE_MOBILE_NODE && has_role(agent, role))
    {
        rules = agent->mobile_node.rule_in_force;
        count = agent->mobile_node.rule_in_force_count;
    }
    else if (role == FB_ROLE_HOME_AGENT && has_role(agent, role))
    {
        uint32_t node = fb_cache_find(&agent->home_agent.cache, home_address);

        rules = node == FB_NODE_NONE ? NULL
                                     : fb_cache_policy(&agent->home_agent.cache, node, &count);
    }
    if (rules == NULL || index >= count)
    {
        return false;
    }
    *rule = rules[index];
    return true;
}

uint64_t
fb_agent_counter(const fb_agent *agent, fb_reason reason)
{
    return reason > 0 && reason < FB_REASON_COUNT ? agent->events.counter[reason] : 0;
}

uint64_t
fb_agent_events_lost(const fb_agent *agent)
{
    return agent->events.lost;
}
