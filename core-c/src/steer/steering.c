/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/steering.h"

#include "flowbind/agent.h"
#include "steer/classify.h"

bool
fb_steer_is_signalling(const fb_flow *flow, bool mirrored, fb_ipv4 home_agent)
{
    fb_ipv4 address = mirrored ? flow->destination : flow->source;
    uint16_t port = mirrored ? flow->destination_port : flow->source_port;

    return flow->protocol == FB_PROTOCOL_UDP && flow->has_ports && address == home_agent &&
           port == FB_MIP4_PORT;
}

/** The path of the first BID of @p rule that has one; -1: the rule is inactive (D-24). */
static int
path_of_rule(const fb_rule *rule, const fb_path_view *paths, size_t path_count)
{
    for (size_t i = 0; i < rule->bid_count; i++)
    {
        for (size_t k = 0; k < path_count; k++)
        {
            if (paths[k].bid == rule->bid[i])
            {
                return (int)k;
            }
        }
    }
    return -1;
}

/** Asks the policy. False: no active rule matches. */
static bool
choose_by_policy(fb_choice *choice,
                 const fb_rule *rules,
                 size_t rule_count,
                 const fb_path_view *paths,
                 size_t path_count,
                 const fb_flow *flow,
                 bool mirrored)
{
    for (size_t i = 0; i < rule_count; i++)
    {
        if (!fb_selector_matches(&rules[i].selector, flow, mirrored))
        {
            continue;
        }
        choice->rule = (int)i;
        if (rules[i].action == FB_RULE_DROP)
        {
            choice->path = -1;
            choice->reason = FB_DROP_POLICY;
            return true;
        }
        choice->path = path_of_rule(&rules[i], paths, path_count);
        choice->reason = FB_REASON_NONE;
        if (choice->path >= 0)
        {
            return true;
        }
    }
    return false;
}

fb_choice
fb_steer_choose(const fb_rule *rules,
                size_t rule_count,
                const fb_scheduler *fallback,
                void *context,
                const fb_path_view *paths,
                size_t path_count,
                const fb_flow *flow,
                bool mirrored,
                fb_time now)
{
    fb_choice choice;

    if (choose_by_policy(&choice, rules, rule_count, paths, path_count, flow, mirrored))
    {
        return choice;
    }
    choice.rule = -1;
    choice.path = fallback->pick(context, flow, mirrored, paths, path_count, now);
    choice.reason = choice.path < 0 ? FB_DROP_NO_BINDING : FB_REASON_NONE;
    return choice;
}
