/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include "steer/steering.h"

#include <string.h>

/*
 * The public API over the roles: checks the host's arguments and the time once, hands messages to the role they are
 * for, and joins state and steering for data packets.
 */

int
fb_agent_advance(fb_agent *agent, fb_time now)
{
    if (now < agent->last_time)
    {
        return FB_ERR_TIME;
    }
    agent->last_time = now;
    return FB_OK;
}

/** RFC 5944 5.7.2: nonces are random numbers; without entropy everybody could know them. */
static bool
has_entropy_for(const fb_agent *agent, const fb_security_association *association)
{
    return association->replay != FB_REPLAY_NONCE || agent->entropy.supplied;
}

static int
mobile_node_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    fb_mobile_node *node = &agent->mobile_node;

    if (!fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return FB_ERR_UNKNOWN;
    }
    if (!has_entropy_for(agent, &node->config.association))
    {
        return FB_ERR_CONFIG;
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
set_subscriber(fb_binding_cache *cache, const fb_subscriber *subscriber, fb_time now)
{
    int error = fb_cache_set_subscriber(cache, subscriber);

    if (error == FB_OK && subscriber->suspended)
    {
        /* Not served: nothing is caught for it any more, and its requests get 129 */
        uint32_t node = fb_cache_find(cache, subscriber->home_address);

        fb_cache_unbind_all(cache, node, FB_CAUSE_ADMINISTRATOR, now);
        fb_cache_settle(cache, node, now);
    }
    return error;
}

static int
subscriber_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    fb_binding_cache *cache = &agent->home_agent.cache;
    uint32_t node;

    if (!fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        return FB_ERR_UNKNOWN;
    }
    if (fact->kind == FB_FACT_SUBSCRIBER_SET)
    {
        if (fact->u.subscriber.home_address == 0 ||
            !fb_agent_association_usable(&fact->u.subscriber.association))
        {
            return FB_ERR_ARGUMENT;
        }
        if (!has_entropy_for(agent, &fact->u.subscriber.association))
        {
            return FB_ERR_CONFIG;
        }
        return set_subscriber(cache, &fact->u.subscriber, now);
    }
    node = fb_cache_find(cache, fact->u.subscriber.home_address);
    if (node == FB_NODE_NONE)
    {
        return FB_ERR_UNKNOWN;
    }
    fb_cache_remove_subscriber(cache, node, now);
    return FB_OK;
}

static int
association_fact(fb_agent *agent, const fb_peer_association *wanted)
{
    bool kind_known = wanted->kind == FB_ASSOCIATION_MOBILE_FOREIGN ||
                      wanted->kind == FB_ASSOCIATION_FOREIGN_HOME;

    if (!kind_known || wanted->peer == 0 ||
        (wanted->association.key_length != 0 && !fb_agent_association_usable(&wanted->association)))
    {
        return FB_ERR_ARGUMENT;
    }
    return fb_associations_set(&agent->associations, wanted);
}

/** RFC 7629 4.1, 6. No rules: there is none any more. */
static int
static_policy_fact(fb_agent *agent, const fb_rule *rules, size_t count)
{
    if (count > agent->static_rule_max)
    {
        return FB_ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++)
    {
        if (!fb_rule_usable(&rules[i]))
        {
            return FB_ERR_ARGUMENT;
        }
    }
    for (size_t i = 0; i < count; i++)
    {
        agent->static_rule[i] = rules[i];
    }
    agent->static_rule_count = (uint32_t)count;
    agent->static_version++; /* no flow-cache entry outlives the policy it was made from */
    agent->no_policy_told = false;
    return FB_OK;
}

int
fb_agent_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    int error = fb_agent_advance(agent, now);

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
    case FB_FACT_ENTROPY:
        fb_entropy_add(&agent->entropy, fact->u.entropy);
        return FB_OK;
    case FB_FACT_ASSOCIATION:
        return association_fact(agent, &fact->u.association);
    case FB_FACT_STATIC_POLICY:
        return static_policy_fact(agent, fact->u.policy.rules, fact->u.policy.count);
    case FB_FACT_ACCESS_UP:
    case FB_FACT_ACCESS_DOWN:
        break;
    }
    return FB_ERR_ARGUMENT;
}

/** Whether @p message goes to a home agent that does not know RFC 7629. */
static bool
is_for_legacy(const fb_agent *agent, const uint8_t *message, size_t length)
{
    return fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) && agent->home_agent.config.legacy &&
           length > 0 && message[0] == FB_MIP4_REQUEST;
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

/** Whether packets of the node with this home address go by RFC 7629, and by no negotiated rule. */
static bool
without_policy(const fb_agent *agent, uint32_t role, fb_ipv4 home_address)
{
    const fb_binding_cache *cache = &agent->home_agent.cache;
    const fb_binding *binding;
    uint32_t node;
    size_t rules;

    if (role == FB_ROLE_MOBILE_NODE)
    {
        return agent->mobile_node.multipath == FB_MULTIPATH_YES &&
               agent->mobile_node.rule_in_force_count == 0;
    }
    node = fb_cache_find(cache, home_address);
    binding = node == FB_NODE_NONE ? NULL : fb_cache_binding_first(cache, node);
    return binding != NULL && binding->bid != FB_BID_PLAIN &&
           fb_cache_policy(cache, node, &rules) == NULL;
}

/** RFC 7629 6: where none is exchanged both ends are to have a static policy; the host is told once if not (D-35). */
static void
tell_of_no_policy(fb_agent *agent, uint32_t role, fb_ipv4 home_address, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_NO_POLICY,
                      .role = (uint8_t)role,
                      .home_address = home_address,
                      .time = now};

    if (!agent->no_policy_told && agent->static_rule_count == 0 &&
        without_policy(agent, role, home_address))
    {
        agent->no_policy_told = true;
        fb_events_push(&agent->events, &event);
    }
}

int
fb_agent_input(fb_agent *agent,
               const fb_meta *meta,
               const uint8_t *message,
               size_t length,
               fb_time now)
{
    int error = fb_agent_advance(agent, now);
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
    if (walked.fixed.type == FB_MIP4_REQUEST && fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        reason = fb_home_agent_input(&agent->home_agent, meta, &walked, now);
        tell_of_no_policy(agent, FB_ROLE_HOME_AGENT, walked.fixed.home_address, now);
        return reason;
    }
    if (walked.fixed.type == FB_MIP4_REPLY && fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        reason = fb_mobile_node_input(&agent->mobile_node, &walked, now);
        tell_of_no_policy(agent, FB_ROLE_MOBILE_NODE, walked.fixed.home_address, now);
        return reason;
    }
    return discard(agent, &walked.fixed, FB_DROP_WRONG_ROLE, now);
}

int
fb_agent_handle_timeout(fb_agent *agent, unsigned budget, fb_time now)
{
    int error = fb_agent_advance(agent, now);

    if (error != FB_OK)
    {
        return error;
    }
    if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        fb_mobile_node_handle_timeout(&agent->mobile_node, now);
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        fb_cache_expire(&agent->home_agent.cache, budget, now);
    }
    return FB_OK;
}

fb_time
fb_agent_next_timeout(const fb_agent *agent)
{
    fb_time next = FB_TIME_NEVER;

    if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        next = fb_mobile_node_next_timeout(&agent->mobile_node);
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        fb_time expiry = fb_cache_next_deadline(&agent->home_agent.cache);

        next = expiry < next ? expiry : next;
    }
    return next;
}

ptrdiff_t
fb_agent_output(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    ptrdiff_t length = fb_agent_advance(agent, now);

    if (length == FB_OK && fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        length = fb_mobile_node_output(&agent->mobile_node, meta, buffer, capacity, now);
    }
    if (length == 0 && fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
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
