/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/steering.h"

#include "flowbind/agent.h"
#include "steer/classify.h"
#include "wire/traffic_selector.h"

bool
fb_steer_is_signalling(const fb_flow *flow, bool mirrored, fb_ipv4 home_agent)
{
    fb_ipv4 address = mirrored ? flow->destination : flow->source;
    uint16_t port = mirrored ? flow->destination_port : flow->source_port;

    return flow->protocol == FB_PROTOCOL_UDP && flow->has_ports && address == home_agent &&
           port == FB_MIP4_PORT;
}

bool
fb_rule_usable(const fb_rule *rule)
{
    uint8_t last = rule->action == FB_RULE_FORWARD ? UINT8_MAX - 1 : UINT8_MAX;
    bool known = rule->action == FB_RULE_DROP || rule->action == FB_RULE_FORWARD ||
                 rule->action == FB_RULE_FORWARD_LABEL ||
                 rule->action == FB_RULE_FORWARD_TECHNOLOGY;

    if (!known || rule->bid_count < 1 || rule->bid_count > FB_BIDS_PER_RULE)
    {
        return false;
    }
    for (size_t i = 0; rule->action != FB_RULE_DROP && i < rule->bid_count; i++)
    {
        /* RFC 7629 4.1: BIDs 1 to 254, labels 1 to 255; technology 0 is reserved (RFC 5213 8.5) */
        if (rule->bid[i] == 0 || rule->bid[i] > last)
        {
            return false;
        }
    }
    return fb_selector_check(&rule->selector) == FB_REASON_NONE;
}

/** What @p rule calls the path by. */
static uint8_t
name_of(const fb_path_view *path, const fb_rule *rule)
{
    switch (rule->action)
    {
    case FB_RULE_FORWARD_LABEL:
        return path->label;
    case FB_RULE_FORWARD_TECHNOLOGY:
        return path->technology;
    default:
        return path->bid;
    }
}

/** How many paths carry the first name of @p rule that any does, and the @p first of them. 0: it is inactive (D-24). */
static size_t
find_paths(const fb_rule *rule, const fb_path_view *paths, size_t path_count, size_t *first)
{
    size_t found = 0;

    for (size_t i = 0; found == 0 && i < rule->bid_count; i++)
    {
        for (size_t k = path_count; k-- > 0;)
        {
            if (name_of(&paths[k], rule) == rule->bid[i])
            {
                *first = k;
                found++;
            }
        }
    }
    return found;
}

/** Moves the paths that @p rule calls as it does the one at @p first to the front. */
static void
gather_paths(const fb_rule *rule, fb_path_view *paths, size_t path_count, size_t first)
{
    uint8_t name = name_of(&paths[first], rule);
    size_t gathered = 0;

    for (size_t k = first; k < path_count; k++)
    {
        if (name_of(&paths[k], rule) == name)
        {
            fb_path_view path = paths[k];

            paths[k] = paths[gathered];
            paths[gathered++] = path;
        }
    }
}

/** A packet and the paths it could take. */
typedef struct fb_question
{
    const fb_steering *steering;
    fb_path_view *paths;
    size_t path_count;
    const fb_flow *flow;
    bool mirrored;
    fb_time now;
} fb_question;

static void
ask_scheduler(fb_choice *choice, const fb_question *q, size_t path_count)
{
    const fb_scheduler *scheduler = q->steering->scheduler;

    choice->path =
        scheduler->pick(q->steering->context, q->flow, q->mirrored, q->paths, path_count, q->now);
    choice->reason = choice->path < 0 ? FB_DROP_NO_BINDING : FB_REASON_NONE;
    choice->per_packet = scheduler->per_packet;
}

/** Asks one policy. False: no active rule matches. */
static bool
ask_rules(fb_choice *choice, const fb_question *q, const fb_rule *rules, size_t rule_count)
{
    for (size_t i = 0; i < rule_count; i++)
    {
        size_t found, first = 0;

        if (!fb_selector_matches(&rules[i].selector, q->flow, q->mirrored))
        {
            continue;
        }
        choice->rule = (int)i;
        if (rules[i].action == FB_RULE_DROP)
        {
            choice->reason = FB_DROP_POLICY;
            return true;
        }
        found = find_paths(&rules[i], q->paths, q->path_count, &first);
        if (found > 1)
        {
            gather_paths(&rules[i], q->paths, q->path_count, first);
            ask_scheduler(choice, q, found);
            return true;
        }
        if (found == 1)
        {
            choice->path = (int)first;
            return true;
        }
    }
    choice->rule = -1;
    return false;
}

fb_choice
fb_steer_choose(const fb_steering *steering,
                fb_path_view *paths,
                size_t path_count,
                const fb_flow *flow,
                bool mirrored,
                fb_time now)
{
    fb_question q = {.steering = steering,
                     .paths = paths,
                     .path_count = path_count,
                     .flow = flow,
                     .mirrored = mirrored,
                     .now = now};
    fb_choice choice = {.path = -1, .rule = -1, .by = FB_DECIDED_BY_NEGOTIATED};

    if (ask_rules(&choice, &q, steering->negotiated, steering->negotiated_count))
    {
        return choice;
    }
    choice.by = FB_DECIDED_BY_CONFIGURED;
    if (ask_rules(&choice, &q, steering->configured, steering->configured_count))
    {
        return choice;
    }
    choice.by = FB_DECIDED_BY_SCHEDULER;
    ask_scheduler(&choice, &q, path_count);
    return choice;
}
