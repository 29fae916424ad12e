/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent_internal.h"

/*
 * The gate of conformance: G1 is the framing, done before; G2 to G11 stand here, in their order, one function
 * each; G9 is home_agent_tunnel.c. What a request says of networks comes last.
 */

/* G2, G3: RFC 5944 3.8.2.1 a */
static int
check_authentication(fb_home_agent *agent, fb_gate *gate)
{
    const fb_mip4_message *message = gate->message;

    gate->node = fb_home_agent_identify(agent, gate);
    if (gate->node == FB_NODE_NONE)
    {
        return FB_DROP_NO_SECURITY_ASSOCIATION;
    }
    fb_cache_prefetch(&agent->cache, gate->node);
    if (message->mobile_home < 0)
    {
        return FB_DROP_NO_AUTHENTICATION;
    }
    if (fb_mip4_extension_count(message, FB_EXT_MOBILE_HOME_AUTHENTICATION) > 1)
    {
        return FB_DROP_REPEATED_AUTHENTICATION;
    }
    return fb_mip4_verify(message,
                          message->mobile_home,
                          &agent->cache.subscriber[gate->node].association);
}

const fb_security_association *
fb_gate_foreign_association(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;

    /* RFC 5944 3.5.4: never applied to de-registrations, and the care-of address is the foreign agent's */
    return fixed->lifetime_s == 0 || fixed->care_of_address == gate->home_address
               ? NULL
               : fb_associations_find(agent->associations,
                                      FB_ASSOCIATION_FOREIGN_HOME,
                                      fixed->care_of_address);
}

bool
fb_gate_vouched_for(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_mip4_message *message = gate->message;
    const fb_security_association *shared = fb_gate_foreign_association(agent, gate);
    int at = fb_mip4_extension_find(message, FB_EXT_FOREIGN_HOME_AUTHENTICATION);

    return shared != NULL &&
           fb_mip4_extension_count(message, FB_EXT_FOREIGN_HOME_AUTHENTICATION) == 1 &&
           at > message->mobile_home && fb_mip4_verify(message, at, shared) == FB_REASON_NONE;
}

/* G4: RFC 5944 3.8.2.1 c and d, after b (C-18) */
static int
check_foreign_agent(const fb_home_agent *agent, const fb_gate *gate)
{
    if (fb_gate_foreign_association(agent, gate) != NULL)
    {
        return fb_gate_vouched_for(agent, gate) ? FB_REASON_NONE
                                                : FB_DROP_FOREIGN_AGENT_AUTHENTICATION;
    }
    return fb_mip4_extension_count(gate->message, FB_EXT_FOREIGN_HOME_AUTHENTICATION) > 0
               ? FB_DROP_NO_SECURITY_ASSOCIATION
               : FB_REASON_NONE;
}

/* G6: RFC 5944 3.8.3.2, and the reserved bits of 3.3 where the switch asks for it (D-44) */
static int
check_fixed_part(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;

    if (fixed->home_agent != agent->config.address)
    {
        return FB_DROP_HOME_AGENT_UNKNOWN;
    }
    if (agent->cache.subscriber[gate->node].suspended)
    {
        return FB_DROP_NOT_SERVED;
    }
    if (agent->config.strict_reserved && (fixed->flags & (FB_MIP4_FLAG_R | FB_MIP4_FLAG_X)) != 0)
    {
        return FB_DROP_RESERVED_BITS;
    }
    if (!fb_mip4_care_of_address_usable(fixed) ||
        (fixed->lifetime_s > 0 && fixed->care_of_address == gate->home_address))
    {
        return FB_DROP_CARE_OF_ADDRESS_INVALID;
    }
    return FB_REASON_NONE;
}

/* RFC 5213 8.5 and later assignments: 1..13 (D-17) */
static bool
technology_assigned(uint8_t technology)
{
    return technology >= 1 && technology <= 13;
}

/* G7, G8: what the extensions say, and whether this node may say it (RFC 7629 5.2) */
static int
check_extensions(const fb_home_agent *agent, fb_gate *gate)
{
    int reason = fb_mip4_check_request(&gate->request, gate->message, agent->layout);

    if (reason == FB_REASON_NONE && !fb_gate_deregisters(gate))
    {
        reason = fb_home_agent_read_networks(agent, gate);
    }
    if (reason != FB_REASON_NONE || !gate->request.has_multipath)
    {
        return reason;
    }
    if (agent->config.strict_technology && !technology_assigned(gate->request.multipath.technology))
    {
        return FB_DROP_TECHNOLOGY_UNASSIGNED;
    }
    if (fb_gate_deregisters(gate) && agent->config.lenient_deregistration)
    {
        return FB_REASON_NONE;
    }
    /* RFC 7629 5.2: 152, for de-registrations too, as it makes no exception (C-12) */
    return agent->config.multipath && agent->cache.subscriber[gate->node].multipath_allowed
               ? FB_REASON_NONE
               : FB_DROP_MULTIPATH_NOT_ALLOWED;
}

/** Whether the request needs a slot that the same request does not set free. */
static bool
needs_room(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_binding_cache *cache = &agent->cache;
    const fb_multipath *multipath = &gate->request.multipath;

    if (fb_cache_node(cache, gate->node)->binding_count == 0)
    {
        return true;
    }
    if (!gate->request.has_multipath || multipath->overwrite ||
        fb_cache_binding(cache, gate->node, FB_BID_PLAIN) != NULL)
    {
        return false;
    }
    return fb_cache_binding(cache, gate->node, multipath->bid) == NULL &&
           fb_cache_binding_by_tunnel(cache,
                                      gate->node,
                                      gate->tunnel.address,
                                      gate->tunnel.udp_port) == NULL;
}

/* G10: D-33, D-34 */
static int
check_limits(const fb_home_agent *agent, const fb_gate *gate)
{
    int reason = FB_REASON_NONE;

    if (needs_room(agent, gate))
    {
        reason = fb_cache_room_for_binding(&agent->cache, gate->node);
    }
    if (reason != FB_REASON_NONE || gate->request.flow_binding_count == 0)
    {
        return reason;
    }
    if (!agent->config.flow_policy)
    {
        return FB_DROP_FLOW_POLICY_NOT_ALLOWED;
    }
    return fb_home_agent_room_for_policy(agent, gate);
}

/** Whether @p bid will be a binding of the node once this request is accepted. */
static bool
bid_will_be_known(const fb_home_agent *agent, const fb_gate *gate, uint8_t bid)
{
    const fb_multipath *multipath = &gate->request.multipath;
    const fb_binding *binding;

    if (bid == multipath->bid)
    {
        return true;
    }
    if (multipath->overwrite)
    {
        /* RFC 7629 5.2: O replaces all other bindings, so only the request's own is left (C-15) */
        return false;
    }
    binding = fb_cache_binding(&agent->cache, gate->node, bid);
    /* One with the request's effective care-of address is about to be renamed (D-11, C-14) */
    return binding != NULL && (binding->tunnel_address != gate->tunnel.address ||
                               binding->udp_port != gate->tunnel.udp_port);
}

/* RFC 7629 5.2: "cannot identify any of the binding identifiers": one unknown is enough (D-12); DROP has none (D-13) */
static bool
rule_identifiable(const fb_home_agent *agent, const fb_gate *gate, const fb_rule *rule)
{
    size_t known = 0;

    if (rule->action == FB_RULE_DROP)
    {
        return true;
    }
    for (size_t i = 0; i < rule->bid_count; i++)
    {
        known += bid_will_be_known(agent, gate, rule->bid[i]);
    }
    return agent->config.unknown_bid_strict ? known == rule->bid_count : known > 0;
}

/* G11 */
static int
check_flow_bindings(const fb_home_agent *agent, const fb_gate *gate)
{
    const fb_mip4_extension *flow_binding = NULL;
    fb_rule rule;

    while ((flow_binding = fb_mip4_next_flow_binding(gate->message, flow_binding)) != NULL)
    {
        if (!fb_mip4_flow_binding_bids(gate->message, flow_binding, &rule) ||
            !rule_identifiable(agent, gate, &rule))
        {
            return FB_DROP_BID_UNKNOWN;
        }
    }
    return FB_REASON_NONE;
}

int
fb_home_agent_run_gate(fb_home_agent *agent, fb_gate *gate, fb_time now)
{
    int reason = check_authentication(agent, gate);

    if (reason == FB_REASON_NONE)
    {
        reason = fb_home_agent_check_identification(agent, gate, now);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_foreign_agent(agent, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_fixed_part(agent, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_extensions(agent, gate);
    }
    if (reason != FB_REASON_NONE || fb_gate_deregisters(gate))
    {
        /* Flow-Bindings with Lifetime 0 are ignored (C-15), and nothing is tunnelled or stored */
        return reason;
    }
    reason = fb_home_agent_check_tunnel(agent, gate);
    if (reason == FB_REASON_NONE)
    {
        reason = check_limits(agent, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_flow_bindings(agent, gate);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = fb_home_agent_check_networks(agent, gate);
    }
    return reason;
}
