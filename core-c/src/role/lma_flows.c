/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include "wire/traffic_selector.h"

#include <string.h>

/*
 * RFC 6089 5.3, for flows that name bindings of RFC 8278 (D8-24, D8-25): after the binding of the same update, each
 * option with a status of its own; what the update does not name is deleted.
 */

static bool
is_among(const uint16_t *fids, size_t count, uint16_t fid)
{
    for (size_t i = 0; i < count; i++)
    {
        if (fids[i] == fid)
        {
            return true;
        }
    }
    return false;
}

/** Whether the update names the flow, in its summary or in an option of its own. */
static bool
names(const fb_mobility_options *options, uint16_t fid)
{
    if (is_among(options->summary, options->summary_count, fid))
    {
        return true;
    }
    for (size_t i = 0; i < options->flow_count; i++)
    {
        if (options->flow[i].fid == fid)
        {
            return true;
        }
    }
    return false;
}

bool
fb_lma_leaves_flow_out(const fb_lma *lma, uint32_t session, const fb_mobility_options *options)
{
    const fb_flow_list *flows;
    size_t at = 0;

    if (lma->sessions.session[session].owner.rule_count == 0)
    {
        return false;
    }
    flows = fb_session_flows(&lma->sessions, session);
    /* Most gateways name all of them, in their order */
    for (size_t i = 0; at < flows->count && i < options->summary_count &&
                       options->summary[i] == flows->flow[at].fid;
         i++)
    {
        at++;
    }
    for (size_t i = 0; at < flows->count && i < options->flow_count &&
                       options->flow[i].fid == flows->flow[at].fid;
         i++)
    {
        at++;
    }
    while (at < flows->count && names(options, flows->flow[at].fid))
    {
        at++;
    }
    return at < flows->count;
}

/* ---- what it is to be ---- */

/** The flows of the session that the update names, or all of them. */
static void
copy_flows(fb_flow_list *list,
           const fb_lma *lma,
           uint32_t session,
           const fb_mobility_options *options,
           bool leaves_out)
{
    const fb_flow_list *flows = fb_session_flows(&lma->sessions, session);

    list->count = 0;
    for (size_t i = 0; i < flows->count; i++)
    {
        if (!leaves_out || names(options, flows->flow[i].fid))
        {
            list->flow[list->count++] = flows->flow[i];
        }
    }
}

static void
remove_flow(fb_flow_list *list, size_t at)
{
    list->count--;
    memmove(&list->flow[at], &list->flow[at + 1], (list->count - at) * sizeof *list->flow);
}

/** Whether one of the list has this FID-PRI. */
static bool
has_priority(const fb_flow_list *list, uint16_t priority)
{
    bool has = false;

    for (size_t i = 0; i < list->count; i++)
    {
        has = has || list->flow[i].priority == priority;
    }
    return has;
}

/** Adds the flow, or puts it in the place of the one with its FID. False: the list is full, or has its FID-PRI. */
static bool
put_flow(fb_flow_list *list, const fb_flow_binding *wanted)
{
    const fb_flow_binding *known = fb_flow_list_find(list, wanted->fid);
    size_t at;

    if (known != NULL)
    {
        remove_flow(list, (size_t)(known - list->flow));
    }
    if (list->count == FB_FLOW_SET_MAX || has_priority(list, wanted->priority))
    {
        return false;
    }
    for (at = list->count; at > 0 && list->flow[at - 1].priority > wanted->priority; at--)
    {
        list->flow[at] = list->flow[at - 1];
    }
    list->flow[at] = *wanted;
    list->count++;
    return true;
}

/* ---- one option ---- */

/** 5.3.2.1: every BID has to be bound. */
static bool
bids_are_known(const fb_lma *lma, uint32_t session, const fb_flow_identification *option)
{
    for (size_t i = 0; i < option->bid_count; i++)
    {
        if (option->bid[i] == FB_BID_PLAIN || option->bid[i] >= FB_BID_ALL ||
            fb_cache_binding(&lma->sessions.cache, session, (uint8_t)option->bid[i]) == NULL)
        {
            return false;
        }
    }
    return true;
}

/** The option of an update about @p fid that is still accepted; NULL. */
static const fb_flow_identification *
accepted_option(const fb_lma_gate *gate, uint16_t fid)
{
    for (size_t i = 0; i < gate->options->flow_count; i++)
    {
        if (gate->options->flow[i].fid == fid && gate->flow_status[i] == FB_FLOW_ACCEPTED)
        {
            return &gate->options->flow[i];
        }
    }
    return NULL;
}

/**
 * RFC 6089 4.2: no two FIDs have the same FID-PRI. That is so once all of the update is done: its options can be
 * processed "in any order" (5.3.2), and two flows can change places.
 */
static bool
priority_is_taken(const fb_flow_list *list, const fb_lma_gate *gate, size_t index)
{
    const fb_mobility_options *options = gate->options;
    const fb_flow_identification *option = &options->flow[index];

    for (size_t i = 0; i < list->count; i++)
    {
        const fb_flow_binding *flow = &list->flow[i];

        if (flow->priority == option->priority && flow->fid != option->fid &&
            accepted_option(gate, flow->fid) == NULL)
        {
            return true;
        }
    }
    for (size_t i = 0; i < index; i++)
    {
        if (gate->flow_status[i] == FB_FLOW_ACCEPTED &&
            options->flow[i].priority == option->priority)
        {
            return true;
        }
    }
    return false;
}

/* ---- terms ---- */

/** What an option says of its flow, or what is known of it. */
typedef struct flow_parts
{
    uint8_t bid_count;
    uint8_t bid[FB_FLOW_BIDS_MAX];
    uint8_t format; /* TS Format */
    fb_octets selector;
} flow_parts;

/** TS Format, Reserved, the selector itself (RFC 6089 4.2.1.4). */
static void
take_selector(flow_parts *parts, const fb_flow_identification *option)
{
    parts->format = option->selector.octet[0];
    parts->selector = (fb_octets){option->selector.octet + 2,
                                  (uint8_t)(option->selector.length - 2)};
}

static void
take_bids(flow_parts *parts, const fb_flow_identification *option)
{
    parts->bid_count = option->bid_count;
    for (size_t i = 0; i < option->bid_count; i++)
    {
        parts->bid[i] = (uint8_t)option->bid[i];
    }
}

static flow_parts
parts_of(const fb_flow_terms *terms)
{
    flow_parts parts = {.bid_count = terms->octet[0]};
    const uint8_t *behind_bids = terms->octet + 1 + parts.bid_count;

    memcpy(parts.bid, terms->octet + 1, parts.bid_count);
    parts.format = behind_bids[0];
    parts.selector = (fb_octets){behind_bids + 1, (uint8_t)(terms->length - 2u - parts.bid_count)};
    return parts;
}

/** The selector is none of those that are too long. */
static void
put_together(fb_flow_terms *terms, const flow_parts *parts)
{
    uint8_t *behind_bids = terms->octet + 1 + parts->bid_count;

    terms->length = (uint8_t)(2u + parts->bid_count + parts->selector.length);
    terms->octet[0] = parts->bid_count;
    memcpy(terms->octet + 1, parts->bid, sizeof parts->bid); /* of which the rest is written over */
    behind_bids[0] = parts->format;
    memcpy(behind_bids + 1, parts->selector.octet, parts->selector.length);
}

void
fb_lma_flow_rule(const fb_flow_terms *terms, fb_rule *rule)
{
    flow_parts parts = parts_of(terms);

    *rule = (fb_rule){.bid_count = parts.bid_count};
    memcpy(rule->bid, parts.bid, parts.bid_count);
    /* RFC 6089 4.3: a copy to each binding; D8-24: no DROP */
    rule->action = rule->bid_count > 1 ? FB_RULE_COPY : FB_RULE_FORWARD;
    /* it was decoded before */
    (void)fb_selector_decode(&rule->selector,
                             parts.format,
                             parts.selector.octet,
                             parts.selector.length);
}

static uint8_t
check_selector(const flow_parts *parts)
{
    fb_selector selector;
    int reason =
        fb_selector_decode(&selector, parts->format, parts->selector.octet, parts->selector.length);

    if (reason == FB_REASON_NONE)
    {
        return FB_FLOW_ACCEPTED;
    }
    return reason == FB_DROP_SELECTOR_FORMAT ? FB_FLOW_SELECTOR_UNSUPPORTED : FB_FLOW_MALFORMED;
}

/** Whether nothing is left of what was known. */
static bool
is_whole(const fb_flow_identification *option)
{
    return option->selector_count == 1 && option->reference_count == 1;
}

/** What the flow is as the option leaves it. Its status. */
static uint8_t
judge(const fb_lma *lma,
      uint32_t session,
      const fb_flow_list *list,
      const fb_flow_identification *option,
      fb_flow_binding *flow)
{
    flow_parts parts = {.bid_count = 0};
    uint8_t status = FB_FLOW_ACCEPTED;

    if (option->malformed || option->selector_count > 1 || option->reference_count > 1)
    {
        return FB_FLOW_MALFORMED;
    }
    if (!is_whole(option))
    {
        const fb_flow_binding *known = fb_flow_list_find(list, option->fid);

        if (known == NULL)
        {
            return FB_FLOW_MALFORMED;
        }
        parts = parts_of(&known->terms);
    }
    if (option->selector_count == 1)
    {
        take_selector(&parts, option);
        status = check_selector(&parts);
    }
    if (status == FB_FLOW_ACCEPTED && option->reference_count == 1)
    {
        take_bids(&parts, option);
        status = bids_are_known(lma, session, option) ? FB_FLOW_ACCEPTED : FB_FLOW_BID_NOT_FOUND;
    }
    if (status == FB_FLOW_ACCEPTED)
    {
        flow->fid = option->fid;
        flow->priority = option->priority;
        put_together(&flow->terms, &parts);
    }
    return status;
}

/* ---- most say what is known already ---- */

/** Whether the option says just that of the flow, of which nothing has to be checked again but its BIDs. */
static bool
repeats(const fb_lma *lma,
        uint32_t session,
        const fb_flow_identification *option,
        const fb_flow_binding *flow)
{
    flow_parts parts = {.bid_count = 0};
    fb_flow_terms terms;

    if (option->fid != flow->fid || option->priority != flow->priority || option->malformed ||
        !is_whole(option) || option->selector.length > 2 + FB_SELECTOR_OCTETS_MAX)
    {
        return false;
    }
    take_bids(&parts, option);
    take_selector(&parts, option);
    put_together(&terms, &parts);
    return terms.length == flow->terms.length &&
           memcmp(terms.octet, flow->terms.octet, terms.length) == 0 &&
           bids_are_known(lma, session, option);
}

/** Whether the options say what is known of the first flows of the session, in their order. */
static bool
all_repeat(const fb_lma *lma, const fb_lma_gate *gate, const fb_flow_list *list)
{
    const fb_mobility_options *options = gate->options;
    size_t i = 0;

    while (i < options->flow_count && i < list->count &&
           repeats(lma, gate->session, &options->flow[i], &list->flow[i]))
    {
        i++;
    }
    return i == options->flow_count;
}

/* ---- acting on them ---- */

/** Refuses one option whose FID-PRI is another flow's; a refused flow keeps what it had. Whether there was one. */
static bool
refuse_priorities(const fb_flow_list *list, fb_lma_gate *gate)
{
    for (size_t i = 0; i < gate->options->flow_count; i++)
    {
        if (gate->flow_status[i] == FB_FLOW_ACCEPTED && priority_is_taken(list, gate, i))
        {
            gate->flow_status[i] = FB_FLOW_REASON_UNSPECIFIED;
            return true;
        }
    }
    return false;
}

/** All accepted options together. Whether they can stand together. */
static bool
put_all(const fb_lma *lma,
        const fb_lma_gate *gate,
        fb_flow_list *list,
        const fb_flow_binding wanted[FB_MESSAGE_FLOWS_MAX])
{
    bool room = true;

    /* Those that are there already give their places up first: two can change theirs */
    for (size_t i = 0; i < gate->options->flow_count; i++)
    {
        const fb_flow_binding *known = fb_flow_list_find(list, wanted[i].fid);

        if (gate->flow_status[i] == FB_FLOW_ACCEPTED && known != NULL)
        {
            remove_flow(list, (size_t)(known - list->flow));
        }
    }
    for (size_t i = 0; room && i < gate->options->flow_count; i++)
    {
        room = gate->flow_status[i] != FB_FLOW_ACCEPTED || put_flow(list, &wanted[i]);
    }
    return room && fb_session_flows_fit(&lma->sessions, gate->session, list);
}

/** One after another, as far as there is room: the others are refused, and keep what they had. */
static void
put_some(const fb_lma *lma,
         fb_lma_gate *gate,
         fb_flow_list *list,
         const fb_flow_binding wanted[FB_MESSAGE_FLOWS_MAX])
{
    for (size_t i = 0; i < gate->options->flow_count; i++)
    {
        fb_flow_list with = *list;

        if (gate->flow_status[i] != FB_FLOW_ACCEPTED)
        {
            continue;
        }
        if (put_flow(&with, &wanted[i]) &&
            fb_session_flows_fit(&lma->sessions, gate->session, &with))
        {
            *list = with;
        }
        else
        {
            gate->flow_status[i] = FB_FLOW_REASON_UNSPECIFIED;
        }
    }
}

/** Judges all options, then puts those into @p list that can stand together. */
static void
take_options(const fb_lma *lma, fb_lma_gate *gate, fb_flow_list *list)
{
    const fb_mobility_options *options = gate->options;
    fb_flow_binding wanted[FB_MESSAGE_FLOWS_MAX];
    fb_flow_list whole = *list;

    for (size_t i = 0; i < options->flow_count; i++)
    {
        wanted[i].fid = options->flow[i].fid;
        gate->flow_status[i] = judge(lma, gate->session, list, &options->flow[i], &wanted[i]);
    }
    while (refuse_priorities(list, gate))
    {
        continue; /* each of them may be in the way of another one now */
    }
    if (put_all(lma, gate, &whole, wanted))
    {
        *list = whole;
        return;
    }
    if (!fb_session_flows_fit(&lma->sessions, gate->session, list))
    {
        /* others have them with those that the update deletes, and there is no room for them alone */
        list->count = 0;
    }
    put_some(lma, gate, list, wanted);
}

/* ---- all of them ---- */

static bool
fid_is_repeated(const fb_mobility_options *options)
{
    for (size_t i = 0; i < options->flow_count; i++)
    {
        for (size_t j = i + 1; j < options->flow_count; j++)
        {
            if (options->flow[i].fid == options->flow[j].fid)
            {
                return true;
            }
        }
    }
    return false;
}

static bool
any_accepted(const fb_lma_gate *gate)
{
    bool any = false;

    for (size_t i = 0; i < gate->options->flow_count; i++)
    {
        any = any || gate->flow_status[i] == FB_FLOW_ACCEPTED;
    }
    return any;
}

void
fb_lma_take_flows(fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    static const fb_flow_list none = {.count = 0};
    const fb_mobility_options *options = gate->options;
    bool takes = fb_lma_takes_flows(lma);
    /* What was seen when the gate was open, unless all of them have gone since */
    bool changed = gate->leaves_flow_out &&
                   lma->sessions.session[gate->session].owner.rule_count > 0;
    fb_flow_list list;

    gate->flows = fb_lma_knows_flows(lma);
    if (options->flow_count == 0 && !changed)
    {
        return;
    }
    copy_flows(&list, lma, gate->session, options, changed);
    if (takes && !changed && all_repeat(lma, gate, &list))
    {
        fb_session_flows_reaffirmed(&lma->sessions, gate->session, options->mobile_node.value, now);
        return;
    }
    if (!takes || fid_is_repeated(options))
    {
        /* 5.3.2: one FID twice, and all options are refused */
        memset(gate->flow_status, FB_FLOW_REASON_UNSPECIFIED, sizeof gate->flow_status);
    }
    else
    {
        take_options(lma, gate, &list);
        changed = changed || any_accepted(gate);
    }
    if (!changed)
    {
        return;
    }
    if (!fb_session_set_flows(&lma->sessions, gate->session, &list))
    {
        (void)fb_session_set_flows(&lma->sessions, gate->session, &none);
    }
    fb_session_flows_changed(&lma->sessions, gate->session, now);
}
