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
    bool by_label = rule->action == FB_RULE_FORWARD_LABEL ||
                    rule->action == FB_RULE_FORWARD_TECHNOLOGY;
    uint8_t last = by_label ? UINT8_MAX : UINT8_MAX - 1;
    bool known = rule->action == FB_RULE_DROP || rule->action == FB_RULE_FORWARD ||
                 (rule->action >= FB_RULE_FORWARD_LABEL && rule->action <= FB_RULE_SPREAD);

    if (!known || rule->bid_count < 1 || rule->bid_count > FB_BIDS_PER_RULE ||
        (rule->scheduler != 0 && fb_scheduler_at(rule->scheduler - 1u) == NULL) ||
        (rule->reorder_ms != 0 && rule->reorder_class == 0))
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

bool
fb_rule_names(const fb_rule *rule, const fb_path_view *path)
{
    for (size_t i = 0; rule->action != FB_RULE_DROP && i < rule->bid_count; i++)
    {
        if (rule->bid[i] == name_of(path, rule))
        {
            return true;
        }
    }
    return false;
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

/** Whether a packet that takes any of these paths can have a sequence number (RFC 2890 2.2). */
static bool
can_number(const fb_question *q, const fb_path_view *paths, size_t path_count)
{
    for (size_t i = 0; i < path_count; i++)
    {
        if (!paths[i].numbers)
        {
            return false;
        }
    }
    return path_count > 0 && !q->steering->without_numbers;
}

/** Notes whether a packet gets a number that may take any of these paths by @p rule, or NULL: by none. */
static void
note_numbering(fb_choice *choice,
               const fb_question *q,
               const fb_path_view *paths,
               size_t path_count,
               const fb_rule *rule)
{
    if (rule != NULL ? rule->reorder_ms != 0 : q->steering->ordered)
    {
        choice->reorder_class = rule != NULL ? rule->reorder_class : 0;
        choice->numbering = can_number(q, paths, path_count) ? FB_NUMBERING_YES
                                                             : FB_NUMBERING_IMPOSSIBLE;
    }
}

/** The first @p path_count paths are those to choose from, by @p rule, or NULL: by none. */
static void
ask_scheduler(fb_choice *choice, const fb_question *q, size_t path_count, const fb_rule *rule)
{
    const fb_steering *steering = q->steering;
    const fb_scheduler *scheduler = steering->scheduler;
    uint8_t wanted = rule != NULL ? rule->scheduler : 0;
    void *context = steering->context;

    note_numbering(choice, q, q->paths, path_count, rule);
    if (choice->numbering == FB_NUMBERING_IMPOSSIBLE)
    {
        /* by flow, which keeps their order without numbers (R7629-6-05) */
        scheduler = fb_scheduler_at(0);
    }
    else if (wanted != 0)
    {
        scheduler = fb_scheduler_at(wanted - 1u);
        context = steering->spread == NULL
                      ? NULL
                      : fb_spread_context(steering->spread, steering->session, wanted);
        if (scheduler->context_size > 0 && context == NULL)
        {
            scheduler = fb_scheduler_at(0); /* no room for turns: flows are spread instead */
        }
    }
    choice->path = scheduler->pick(context, q->flow, q->mirrored, q->paths, path_count, q->now);
    if (scheduler->copies && path_count > 1)
    {
        choice->copies = (uint8_t)(path_count < FB_BIDS_PER_RULE ? path_count - 1
                                                                 : FB_BIDS_PER_RULE - 1);
    }
    choice->reason = choice->path < 0 ? FB_DROP_NO_BINDING : FB_REASON_NONE;
    choice->per_packet = scheduler->per_packet;
}

/** Moves the paths that @p rule lists to the front, in the order of its list; how many there are. */
static size_t
gather_listed(const fb_rule *rule, fb_path_view *paths, size_t path_count)
{
    size_t gathered = 0;

    for (size_t i = 0; i < rule->bid_count; i++)
    {
        for (size_t k = gathered; k < path_count; k++)
        {
            if (paths[k].bid == rule->bid[i])
            {
                fb_path_view path = paths[k];

                paths[k] = paths[gathered];
                paths[gathered++] = path;
                break;
            }
        }
    }
    return gathered;
}

uint8_t
fb_steer_copies(const fb_rule *rule, fb_path_view *paths, size_t path_count)
{
    size_t found = gather_listed(rule, paths, path_count);

    return found > 0 ? (uint8_t)(found - 1) : 0;
}

/** RFC 6089 4.3, R8278-3.2-04: a rule that names several paths at once. False: none of them is up. */
static bool
ask_group(fb_choice *choice, const fb_question *q, const fb_rule *rule)
{
    size_t found = gather_listed(rule, q->paths, q->path_count);

    note_numbering(choice, q, q->paths, found, rule);
    if (found > 0 &&
        (rule->action == FB_RULE_SPREAD || choice->numbering == FB_NUMBERING_IMPOSSIBLE))
    {
        ask_scheduler(choice, q, found, rule);
    }
    else if (found > 0)
    {
        choice->path = 0;
        choice->copies = (uint8_t)(found - 1);
    }
    return found > 0;
}

/** Some rules, in order. */
typedef struct rule_list
{
    const fb_rule *rules;
    size_t count;
    const fb_classifier *classifier; /* NULL: so few that they are asked one after the other */
} rule_list;

/** The first rule that matches, at @p from or behind it; the number of rules: there is none. */
static size_t
next_match(const rule_list *list, const fb_question *q, size_t from)
{
    if (list->classifier != NULL && from < list->count)
    {
        return fb_classifier_find(list->classifier, q->flow, q->mirrored, from);
    }
    while (from < list->count &&
           !fb_selector_matches(&list->rules[from].selector, q->flow, q->mirrored))
    {
        from++;
    }
    return from;
}

/** Asks one policy. False: no active rule matches. */
static bool
ask_rules(fb_choice *choice, const fb_question *q, rule_list list)
{
    const fb_rule *rules = list.rules;

    for (size_t i = next_match(&list, q, 0); i < list.count; i = next_match(&list, q, i + 1))
    {
        size_t found, first = 0;

        choice->rule = (int)i;
        if (rules[i].action == FB_RULE_DROP)
        {
            choice->reason = FB_DROP_POLICY;
            return true;
        }
        if (rules[i].action == FB_RULE_COPY || rules[i].action == FB_RULE_SPREAD)
        {
            if (ask_group(choice, q, &rules[i]))
            {
                return true;
            }
            continue;
        }
        found = find_paths(&rules[i], q->paths, q->path_count, &first);
        if (found > 1)
        {
            gather_paths(&rules[i], q->paths, q->path_count, first);
            ask_scheduler(choice, q, found, &rules[i]);
            return true;
        }
        if (found == 1)
        {
            note_numbering(choice, q, &q->paths[first], 1, &rules[i]);
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

    if (ask_rules(&choice, &q, (rule_list){steering->negotiated, steering->negotiated_count, NULL}))
    {
        return choice;
    }
    choice.by = FB_DECIDED_BY_CONFIGURED;
    if (ask_rules(
            &choice,
            &q,
            (rule_list){steering->configured, steering->configured_count, steering->classifier}))
    {
        return choice;
    }
    choice.by = FB_DECIDED_BY_SCHEDULER;
    ask_scheduler(&choice, &q, path_count, NULL);
    return choice;
}
