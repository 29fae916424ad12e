/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include "steer/steering.h"

#include <string.h>

/*
 * The public API over the roles: checks the host's arguments and the time once, hands messages to the role they are
 * for, and joins state and steering for data packets.
 */

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
    case FB_FACT_QUALITY:
        return fb_mobile_node_set_quality(node, &fact->u.quality, now);
    default:
        return fb_mobile_node_deregister(node, fact->u.bid, now);
    }
}

/** Key, rights, NAI and networks: FB_OK, or why this subscriber cannot be served; then nothing changed. */
static int
describe_subscriber(fb_binding_cache *cache, const fb_subscriber *subscriber, fb_time now)
{
    uint32_t node = fb_cache_find(cache, subscriber->home_address);
    bool known = node != FB_NODE_NONE;
    int error = FB_OK;

    if (!known)
    {
        error = fb_cache_set_subscriber(cache, subscriber);
        node = fb_cache_find(cache, subscriber->home_address);
    }
    if (error != FB_OK)
    {
        return error;
    }
    error = fb_cache_set_identity(cache, node, &subscriber->nai, &subscriber->networks, now);
    if (error == FB_OK)
    {
        return fb_cache_set_subscriber(cache, subscriber);
    }
    if (!known)
    {
        fb_cache_remove_subscriber(cache, node, now);
    }
    return error;
}

static int
set_subscriber(fb_binding_cache *cache, const fb_subscriber *subscriber, fb_time now)
{
    int error = describe_subscriber(cache, subscriber, now);

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
            !fb_agent_association_usable(&fact->u.subscriber.association) ||
            !fb_agent_identity_usable(&fact->u.subscriber.nai, &fact->u.subscriber.networks, false))
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
    if (fb_agent_check_order(agent, rules, count) != FB_OK)
    {
        return FB_ERR_CONFIG;
    }
    for (size_t i = 0; i < count; i++)
    {
        agent->static_rule[i] = rules[i];
    }
    agent->static_rule_count = (uint32_t)count;
    fb_classifier_build(&agent->static_classifier, agent->static_rule, count);
    agent->static_version++; /* no flow-cache entry outlives the policy it was made from */
    agent->no_policy_told = false;
    fb_agent_note_order(agent);
    return FB_OK;
}

static int
access_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    const fb_access *access = &fact->u.access;
    const fb_access *known = fb_advertiser_access(&agent->advertiser, access->link);

    if (!fb_agent_has_role(agent, FB_ROLE_HOME_AGENT | FB_ROLE_FOREIGN_AGENT))
    {
        return FB_ERR_UNKNOWN;
    }
    if (fact->kind == FB_FACT_ACCESS_UP)
    {
        return fb_advertiser_link_up(&agent->advertiser, access, now);
    }
    if (known != NULL && fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT))
    {
        fb_visitor_list_remove_link(&agent->foreign_agent.list, access->link, now);
    }
    return fb_advertiser_link_down(&agent->advertiser, access->link);
}

/** Both ends have to be told alike, and no message of either protocol says it. */
static bool
wants_order(const fb_fact *fact)
{
    for (size_t i = 0; fact->kind == FB_FACT_POLICY && i < fact->u.policy.count; i++)
    {
        if (fact->u.policy.rules[i].reorder_ms != 0)
        {
            return true;
        }
    }
    return false;
}

/** The host has to take the answer to the last input before the next (flowbind/agent.h). */
static bool
reply_waits(const fb_agent *agent)
{
    return agent->home_agent.reply.waiting || agent->foreign_agent.message.waiting ||
           (fb_agent_has_role(agent, FB_ROLE_LMA) && fb_lma_waits(&agent->lma));
}

/** Facts about links, nodes and policies are for the roles; the others are the same for all. */
static bool
is_of_proxy(fb_fact_kind kind)
{
    return kind != FB_FACT_WALL_CLOCK && kind != FB_FACT_ENTROPY && kind != FB_FACT_STATIC_POLICY;
}

int
fb_agent_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    int error = fb_agent_advance(agent, now);

    if (error != FB_OK)
    {
        return error;
    }
    if (reply_waits(agent))
    {
        return FB_ERR_NOT_DRAINED;
    }
    if (wants_order(fact))
    {
        return FB_ERR_ARGUMENT;
    }
    if (fb_agent_has_role(agent, FB_PROXY_ROLES) && is_of_proxy(fact->kind))
    {
        return fb_agent_proxy_fact(agent, fact, now);
    }
    switch (fact->kind)
    {
    case FB_FACT_WALL_CLOCK:
        fb_clock_set(&agent->clock, fact->u.wall_ns, now);
        if (fb_agent_has_role(agent, FB_ROLE_MAG))
        {
            fb_mag_clock_set(&agent->mag, now);
        }
        fb_mobile_node_set_clock(&agent->mobile_node, fact->u.wall_ns, now);
        return FB_OK;
    case FB_FACT_LINK_UP:
    case FB_FACT_LINK_DOWN:
    case FB_FACT_LINK_CHANGED:
    case FB_FACT_POLICY:
    case FB_FACT_REGISTER:
    case FB_FACT_DEREGISTER:
    case FB_FACT_QUALITY:
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
        return access_fact(agent, fact, now);
    case FB_FACT_SESSION_ADD:
    case FB_FACT_SESSION_REMOVE:
    case FB_FACT_PROXY_SUBSCRIBER_SET:
    case FB_FACT_PROXY_SUBSCRIBER_REMOVE:
    case FB_FACT_GATEWAY_SET:
    case FB_FACT_GATEWAY_REMOVE:
        return FB_ERR_UNKNOWN; /* none of the roles here */
    }
    return FB_ERR_ARGUMENT;
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

    if (role == FB_ROLE_MOBILE_NODE)
    {
        return agent->mobile_node.multipath == FB_MULTIPATH_YES &&
               agent->mobile_node.rule_in_force_count == 0;
    }
    node = fb_cache_find(cache, home_address);
    binding = node == FB_NODE_NONE ? NULL : fb_cache_binding_first(cache, node);
    return binding != NULL && binding->bid != FB_BID_PLAIN &&
           cache->home[node].policy == FB_POOL_NONE;
}

/** RFC 7629 6: where none is exchanged both ends are to have a static policy; the host is told once if not (D-35). */
static void
tell_of_no_policy(fb_agent *agent, uint32_t role, int reason, fb_ipv4 home_address, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_NO_POLICY,
                      .role = (uint8_t)role,
                      .home_address = home_address,
                      .time = now};

    /* What was refused or discarded says nothing true */
    if (reason == FB_REASON_NONE && !agent->no_policy_told && agent->static_rule_count == 0 &&
        without_policy(agent, role, home_address))
    {
        agent->no_policy_told = true;
        fb_events_push(&agent->events, &event);
    }
}

/** Whether the home agent here is named and serves the node, or may give it a home address. */
static bool
is_served(const fb_agent *agent, const fb_mip4_fixed *request)
{
    return fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) &&
           request->home_agent == agent->home_agent.config.address &&
           (request->home_address == 0 ||
            fb_cache_find(&agent->home_agent.cache, request->home_address) != FB_NODE_NONE);
}

/**
 * Whose request it is. RFC 5944 3.7.2: of one node that is both agents, the home agent's when it is named and serves
 * the node; the foreign agent answers for the rest of what comes from its links.
 */
static uint32_t
role_for_request(const fb_agent *agent, const fb_meta *meta, const fb_mip4_fixed *request)
{
    bool from_visitor = fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
                        fb_advertiser_serves(&agent->advertiser, meta->link, FB_ROLE_FOREIGN_AGENT);

    if (from_visitor && !is_served(agent, request))
    {
        return FB_ROLE_FOREIGN_AGENT;
    }
    return fb_agent_has_role(agent, FB_ROLE_HOME_AGENT) ? FB_ROLE_HOME_AGENT
                                                        : FB_ROLE_FOREIGN_AGENT;
}

/** Whose reply it is: a foreign agent's when it waits for it. */
static uint32_t
role_for_reply(const fb_agent *agent, const fb_mip4_message *reply)
{
    bool mobile = fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE);

    return fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT) &&
                   (!mobile || fb_foreign_agent_expects(&agent->foreign_agent, reply))
               ? FB_ROLE_FOREIGN_AGENT
               : FB_ROLE_MOBILE_NODE;
}

/** Whether a role reads messages as RFC 5944 alone says (D-01). */
static bool
is_legacy(const fb_agent *agent, uint32_t role)
{
    return (role == FB_ROLE_HOME_AGENT && agent->home_agent.config.legacy) ||
           (role == FB_ROLE_FOREIGN_AGENT && agent->foreign_agent.config.legacy);
}

static int
message_input(fb_agent *agent,
              const fb_meta *meta,
              const uint8_t *message,
              size_t length,
              fb_time now)
{
    fb_mip4_message walked;
    uint32_t role;
    int reason;

    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        fb_home_agent_expect(&agent->home_agent, message, length);
    }
    reason = fb_mip4_walk(&walked, message, length);
    role = walked.fixed.type == FB_MIP4_REQUEST ? role_for_request(agent, meta, &walked.fixed)
                                                : role_for_reply(agent, &walked);
    if (is_legacy(agent, role))
    {
        reason = fb_mip4_walk_legacy(&walked, message, length);
    }
    if (reason != FB_REASON_NONE)
    {
        return discard(agent, &walked.fixed, reason, now);
    }
    if (!fb_agent_has_role(agent, role))
    {
        return discard(agent, &walked.fixed, FB_DROP_WRONG_ROLE, now);
    }
    if (role == FB_ROLE_MOBILE_NODE)
    {
        reason = fb_mobile_node_input(&agent->mobile_node, &walked, now);
        tell_of_no_policy(agent, role, reason, agent->mobile_node.config.home_address, now);
        return reason;
    }
    if (role == FB_ROLE_HOME_AGENT)
    {
        reason = fb_home_agent_input(&agent->home_agent, meta, &walked, now);
        tell_of_no_policy(agent, role, reason, walked.fixed.home_address, now);
        return reason;
    }
    return walked.fixed.type == FB_MIP4_REQUEST
               ? fb_foreign_agent_request(&agent->foreign_agent, meta, &walked, now)
               : fb_foreign_agent_reply(&agent->foreign_agent, meta, &walked, now);
}

/** ICMP: advertisements, solicitations, and errors about what we tunnelled or a foreign agent relayed. */
static int
icmp_input(fb_agent *agent, const fb_meta *meta, const uint8_t *icmp, size_t length, fb_time now)
{
    int reason;

    if (length > 0 && icmp[0] == FB_ICMP_ADVERTISEMENT &&
        fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        return fb_mobile_node_advertisement(&agent->mobile_node, meta, icmp, length, now);
    }
    if (length > 0 && icmp[0] == FB_ICMP_SOLICITATION)
    {
        reason = fb_advertiser_solicited(&agent->advertiser, meta, icmp, length, now);
    }
    else
    {
        reason = fb_agent_tunnel_error(agent, meta, icmp, length, now);
        if (reason != FB_REASON_NONE && fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT))
        {
            reason = fb_foreign_agent_icmp(&agent->foreign_agent, icmp, length);
        }
    }
    return reason == FB_REASON_NONE ? reason : discard(agent, &(fb_mip4_fixed){0}, reason, now);
}

/** ICMPv6: errors about what we tunnelled (RFC 2473 8). */
static int
icmpv6_input(fb_agent *agent, const fb_meta *meta, const uint8_t *icmp, size_t length, fb_time now)
{
    int reason = fb_agent_tunnel_error(agent, meta, icmp, length, now);

    return reason == FB_REASON_NONE ? reason : discard(agent, &(fb_mip4_fixed){0}, reason, now);
}

/** RFC 5844 4.1.3: Mobility Headers in UDP; without such a role the port is any other. */
static bool
is_mobility_port(const fb_agent *agent, const fb_meta *meta)
{
    return fb_agent_has_role(agent, FB_PROXY_ROLES) && meta->protocol == FB_PROTOCOL_UDP;
}

int
fb_agent_input(fb_agent *agent,
               const fb_meta *meta,
               const uint8_t *message,
               size_t length,
               fb_time now)
{
    int error = fb_agent_advance(agent, now);

    if (error != FB_OK)
    {
        return error;
    }
    if (meta->link_addr_len > sizeof meta->link_addr)
    {
        return FB_ERR_ARGUMENT;
    }
    if (reply_waits(agent))
    {
        return FB_ERR_NOT_DRAINED;
    }
    if (meta->protocol == FB_PROTOCOL_ICMPV6)
    {
        return icmpv6_input(agent, meta, message, length, now);
    }
    if (meta->protocol == FB_PROTOCOL_MOBILITY || is_mobility_port(agent, meta))
    {
        return fb_agent_proxy_input(agent, meta, message, length, now);
    }
    return meta->protocol == FB_PROTOCOL_ICMP ? icmp_input(agent, meta, message, length, now)
                                              : message_input(agent, meta, message, length, now);
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
    if (fb_agent_has_role(agent, FB_ROLE_MAG))
    {
        fb_mag_handle_timeout(&agent->mag, budget, now);
    }
    if (fb_agent_has_role(agent, FB_ROLE_LMA))
    {
        fb_lma_handle_timeout(&agent->lma, budget, now);
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        fb_cache_expire(&agent->home_agent.cache, budget, now);
    }
    if (fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT))
    {
        fb_visitor_list_expire(&agent->foreign_agent.list, budget, now);
    }
    fb_advertiser_handle_timeout(&agent->advertiser, now);
    fb_resequencer_expire(&agent->resequencer, budget, now);
    return FB_OK;
}

static fb_time
earlier(fb_time a, fb_time b)
{
    return a < b ? a : b;
}

static fb_time
find_deadline(const fb_agent *agent)
{
    fb_time next = fb_advertiser_next_timeout(&agent->advertiser);

    if (fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        next = earlier(next, fb_mobile_node_next_timeout(&agent->mobile_node));
    }
    if (fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        next = earlier(next, fb_cache_next_deadline(&agent->home_agent.cache));
    }
    if (fb_agent_has_role(agent, FB_ROLE_MAG))
    {
        next = earlier(next, fb_mag_next_timeout(&agent->mag));
    }
    if (fb_agent_has_role(agent, FB_ROLE_LMA))
    {
        next = earlier(next, fb_lma_next_timeout(&agent->lma));
    }
    if (fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT))
    {
        next = earlier(next, fb_visitor_list_next_deadline(&agent->foreign_agent.list));
    }
    return next;
}

fb_time
fb_agent_next_timeout(fb_agent *agent)
{
    if (!agent->deadline_known)
    {
        agent->deadline = find_deadline(agent);
        agent->deadline_known = true;
    }
    return earlier(agent->deadline, fb_resequencer_next_timeout(&agent->resequencer));
}

ptrdiff_t
fb_agent_output(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    ptrdiff_t length = fb_agent_advance(agent, now);
    bool foreign = fb_agent_has_role(agent, FB_ROLE_FOREIGN_AGENT);

    if (length == FB_OK && fb_agent_has_role(agent, FB_ROLE_MOBILE_NODE))
    {
        length = fb_mobile_node_output(&agent->mobile_node, meta, buffer, capacity, now);
    }
    if (length == 0 && fb_agent_has_role(agent, FB_ROLE_HOME_AGENT))
    {
        length = fb_home_agent_output(&agent->home_agent, meta, buffer, capacity, now);
    }
    if (length == 0 && foreign)
    {
        length = fb_foreign_agent_output(&agent->foreign_agent, meta, buffer, capacity, now);
    }
    if (length == 0 && fb_agent_has_role(agent, FB_PROXY_ROLES))
    {
        length = fb_agent_proxy_output(agent, meta, buffer, capacity, now);
    }
    if (length == 0)
    {
        length = fb_agent_output_error(agent, meta, buffer, capacity);
    }
    if (length == 0)
    {
        fb_advertiser_set_busy(&agent->advertiser,
                               foreign && fb_foreign_agent_busy(&agent->foreign_agent));
        length = fb_advertiser_output(&agent->advertiser, meta, buffer, capacity);
    }
    return length;
}

bool
fb_agent_poll_event(fb_agent *agent, fb_event *event)
{
    return fb_events_poll(&agent->events, event);
}
