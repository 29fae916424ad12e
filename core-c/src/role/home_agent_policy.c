/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent_internal.h"

#include <string.h>

/*
 * What a home agent does with the Flow-Bindings of an accepted request (RFC 7629 5.2, D-22), and the policy in its
 * replies (D-30).
 */

/** Whether one of @p rules has this selector. Rules come from one decoder, which leaves no octet of them undefined. */
static bool
has_selector(const fb_rule *rules, size_t count, const fb_selector *selector)
{
    for (size_t i = 0; i < count; i++)
    {
        if (memcmp(&rules[i].selector, selector, sizeof *selector) == 0)
        {
            return true;
        }
    }
    return false;
}

/** Appends those of @p rules that have this selector, in order. Returns the new count of @p out. */
static size_t
append_group(fb_rule *out,
             size_t out_count,
             const fb_rule *rules,
             size_t count,
             const fb_selector *selector)
{
    for (size_t i = 0; i < count; i++)
    {
        if (has_selector(&rules[i], 1, selector))
        {
            memcpy(&out[out_count++], &rules[i], sizeof *rules);
        }
    }
    return out_count;
}

/**
 * D-22, fb-update=merge: rules of one selector are one entry of the policy, as "forward, else drop" takes two. An entry
 * of the request takes the place of the one with its selector; what is new comes last. Returns the number of rules, in
 * @p merged.
 */
static size_t
merge(const fb_home_agent *agent, const fb_gate *gate, const fb_rule **merged)
{
    size_t asked_count = gate->request.flow_binding_count, old_count, count = 0;
    const fb_rule *old = fb_cache_policy(&agent->cache, gate->node, &old_count);
    fb_rule *asked = agent->merge, *out = agent->merge + agent->cache.rules_per_node;

    if (gate->request.multipath.overwrite)
    {
        old_count = 0; /* O deletes the earlier policy (D-25) */
    }
    for (size_t i = 0; i < asked_count; i++)
    {
        fb_mip4_flow_binding(gate->message, i, agent->layout, &asked[i]);
    }
    for (size_t i = 0; i < old_count; i++)
    {
        const fb_selector *selector = &old[i].selector;

        if (!has_selector(asked, asked_count, selector))
        {
            memcpy(&out[count++], &old[i], sizeof *old);
        }
        else if (!has_selector(old, i, selector))
        {
            count = append_group(out, count, asked, asked_count, selector);
        }
    }
    for (size_t i = 0; i < asked_count; i++)
    {
        if (!has_selector(old, old_count, &asked[i].selector))
        {
            memcpy(&out[count++], &asked[i], sizeof *asked);
        }
    }
    *merged = out;
    return count;
}

/** Octets of what stands in front of a Flow-Binding's body: Type, Subtype, Length. */
#define HEADER_OCTETS 4

int
fb_home_agent_room_for_policy(const fb_home_agent *agent, const fb_gate *gate)
{
    size_t count = gate->request.flow_binding_count, octets = 0;
    const fb_rule *merged;
    int reason = fb_cache_room_for_policy(&agent->cache,
                                          gate->node,
                                          count,
                                          gate->request.flow_binding_octets);

    if (reason != FB_REASON_NONE || !agent->config.merge_policy)
    {
        return reason;
    }
    count = merge(agent, gate, &merged);
    for (size_t i = 0; i < count; i++)
    {
        octets += fb_flow_binding_size(&merged[i]) - HEADER_OCTETS;
    }
    return fb_cache_room_for_policy(&agent->cache, gate->node, count, octets);
}

static void
draft_merged(fb_home_agent *agent, const fb_gate *gate)
{
    const fb_rule *merged;
    size_t count = merge(agent, gate, &merged);

    for (size_t i = 0; i < count; i++)
    {
        uint8_t octets[HEADER_OCTETS + FB_FLOW_BINDING_OCTETS_MAX];
        fb_writer writer = fb_writer_over(octets, sizeof octets);

        fb_flow_binding_write(&writer, &merged[i], agent->layout);
        fb_cache_draft_rule(&agent->cache, octets + HEADER_OCTETS, writer.position - HEADER_OCTETS);
    }
}

/** The rules of the request as they are: the gate has looked at every one. */
static void
draft_asked(fb_home_agent *agent, const fb_mip4_message *message)
{
    const fb_mip4_extension *rule = NULL;

    while ((rule = fb_mip4_next_flow_binding(message, rule)) != NULL)
    {
        fb_cache_draft_rule(&agent->cache, message->data + rule->body, rule->length);
    }
}

void
fb_home_agent_install_policy(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    if (agent->config.merge_policy)
    {
        draft_merged(agent, gate);
    }
    else
    {
        draft_asked(agent, gate->message);
    }
    fb_cache_install_draft(&agent->cache, gate->node, now);
}

uint16_t
fb_home_agent_echo_policy(const fb_home_agent *agent, uint32_t node, fb_writer *writer)
{
    size_t count, octets = 0;
    const fb_rule *rules = fb_cache_policy(&agent->cache, node, &count);

    for (size_t i = 0; i < count; i++)
    {
        octets += fb_flow_binding_size(&rules[i]);
    }
    if (octets > FB_POLICY_OCTETS_MAX)
    {
        return 0; /* merged from several requests: it is told whole or not at all */
    }
    for (size_t i = 0; i < count; i++)
    {
        fb_flow_binding_write(writer, &rules[i], agent->layout);
    }
    return (uint16_t)count;
}
