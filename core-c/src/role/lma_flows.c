/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include "wire/traffic_selector.h"

#include <stddef.h>
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

/** Deletes the flows it does not name. */
static void
keep_named(fb_lma *lma, uint32_t session, const fb_mobility_options *options)
{
    uint16_t fid[2 * FB_MESSAGE_FLOWS_MAX];
    size_t count = options->summary_count;

    memcpy(fid, options->summary, count * sizeof *fid);
    for (size_t i = 0; i < options->flow_count; i++)
    {
        fid[count++] = options->flow[i].fid;
    }
    fb_session_keep_flows(&lma->sessions, session, fid, count);
}

bool
fb_lma_leaves_flow_out(const fb_lma *lma, uint32_t session, const fb_mobility_options *options)
{
    const fb_flow_binding *flow = fb_session_first_flow(&lma->sessions, session);
    size_t i = 0;

    /* Most gateways name all of them, in their order */
    while (flow != NULL && i < options->summary_count && options->summary[i] == flow->fid)
    {
        flow = fb_session_next_flow(&lma->sessions, flow);
        i++;
    }
    while (flow != NULL && names(options, flow->fid))
    {
        flow = fb_session_next_flow(&lma->sessions, flow);
    }
    return flow != NULL;
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
priority_is_taken(const fb_lma *lma, const fb_lma_gate *gate, size_t index)
{
    const fb_mobility_options *options = gate->options;
    const fb_flow_identification *option = &options->flow[index];

    for (const fb_flow_binding *flow = fb_session_first_flow(&lma->sessions, gate->session);
         flow != NULL;
         flow = fb_session_next_flow(&lma->sessions, flow))
    {
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

static uint8_t
read_selector(const fb_flow_identification *option, fb_selector *selector)
{
    /* TS Format, Reserved, the selector itself (RFC 6089 4.2.1.4) */
    int reason = fb_selector_decode(selector,
                                    option->selector.octet[0],
                                    option->selector.octet + 2,
                                    option->selector.length - 2u);

    if (reason == FB_REASON_NONE)
    {
        return FB_FLOW_ACCEPTED;
    }
    return reason == FB_DROP_SELECTOR_FORMAT ? FB_FLOW_SELECTOR_UNSUPPORTED : FB_FLOW_MALFORMED;
}

/** What an option says of a flow that it leaves as it is for the rest. Its status. */
static uint8_t
read_option(const fb_lma *lma,
            uint32_t session,
            const fb_flow_identification *option,
            fb_rule *rule)
{
    bool refers = option->reference_count == 1;
    uint8_t status = FB_FLOW_ACCEPTED;

    if (option->selector_count == 1)
    {
        status = read_selector(option, &rule->selector);
    }
    if (status != FB_FLOW_ACCEPTED || !refers)
    {
        return status;
    }
    if (!bids_are_known(lma, session, option))
    {
        return FB_FLOW_BID_NOT_FOUND;
    }
    for (size_t i = 0; i < option->bid_count; i++)
    {
        rule->bid[i] = (uint8_t)option->bid[i];
    }
    rule->bid_count = option->bid_count;
    /* RFC 6089 4.3: a copy to each binding; D8-24: no DROP */
    rule->action = rule->bid_count > 1 ? FB_RULE_COPY : FB_RULE_FORWARD;
    return FB_FLOW_ACCEPTED;
}

/** Where the packets of the flow go as the option leaves it. Its status. */
static uint8_t
make_rule(const fb_lma *lma, uint32_t session, const fb_flow_identification *option, fb_rule *rule)
{
    bool whole = option->selector_count == 1 && option->reference_count == 1;
    const fb_flow_binding *known;

    if (option->malformed || option->selector_count > 1 || option->reference_count > 1)
    {
        return FB_FLOW_MALFORMED;
    }
    if (whole)
    {
        /* Nothing is left of what was known. The selector is written when it is read */
        memset(rule, 0, offsetof(fb_rule, selector));
        rule->scheduler = 0;
        rule->reorder_ms = 0;
        return read_option(lma, session, option, rule);
    }
    known = fb_session_flow(&lma->sessions, session, option->fid);
    if (known == NULL)
    {
        return FB_FLOW_MALFORMED;
    }
    *rule = *fb_session_flow_rule(&lma->sessions, known);
    return read_option(lma, session, option, rule);
}

/** Refuses one option whose FID-PRI is another flow's; a refused flow keeps what it had. Whether there was one. */
static bool
refuse_priorities(const fb_lma *lma, fb_lma_gate *gate)
{
    for (size_t i = 0; i < gate->options->flow_count; i++)
    {
        if (gate->flow_status[i] == FB_FLOW_ACCEPTED && priority_is_taken(lma, gate, i))
        {
            gate->flow_status[i] = FB_FLOW_REASON_UNSPECIFIED;
            return true;
        }
    }
    return false;
}

/** Judges all options, then acts on those that can stand together. Whether any can. */
static bool
take_options(fb_lma *lma, fb_lma_gate *gate)
{
    const fb_mobility_options *options = gate->options;
    fb_rule rule[FB_MESSAGE_FLOWS_MAX];
    bool changed = false;

    for (size_t i = 0; i < options->flow_count; i++)
    {
        gate->flow_status[i] = make_rule(lma, gate->session, &options->flow[i], &rule[i]);
    }
    while (refuse_priorities(lma, gate))
    {
        continue; /* each of them may be in the way of another one now */
    }
    for (size_t i = 0; i < options->flow_count; i++)
    {
        if (gate->flow_status[i] == FB_FLOW_ACCEPTED)
        {
            fb_flow_binding flow = {.fid = options->flow[i].fid,
                                    .priority = options->flow[i].priority};

            gate->flow_status[i] =
                fb_session_set_flow(&lma->sessions, gate->session, &flow, &rule[i])
                    ? FB_FLOW_ACCEPTED
                    : FB_FLOW_REASON_UNSPECIFIED;
        }
        changed = changed || gate->flow_status[i] == FB_FLOW_ACCEPTED;
    }
    return changed;
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

void
fb_lma_take_flows(fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    const fb_mobility_options *options = gate->options;
    /* 5.3.2: one FID twice, and all options are refused */
    bool refused = !fb_lma_takes_flows(lma) || fid_is_repeated(options);
    /* What was seen when the gate was open, unless all of them have gone since */
    bool changed = gate->leaves_flow_out && lma->sessions.session[gate->session].flow_count > 0;

    gate->flows = lma->config.flow_policy;
    if (options->flow_count == 0 && !changed)
    {
        return;
    }
    if (changed)
    {
        keep_named(lma, gate->session, options);
    }
    if (refused)
    {
        memset(gate->flow_status, FB_FLOW_REASON_UNSPECIFIED, sizeof gate->flow_status);
    }
    else if (take_options(lma, gate))
    {
        changed = true;
    }
    if (changed)
    {
        fb_session_flows_changed(&lma->sessions, gate->session, now);
    }
}
