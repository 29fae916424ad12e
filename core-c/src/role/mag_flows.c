/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

#include <string.h>

/*
 * RFC 6089 with RFC 8278's BIDs (D8-24): a FORWARD list becomes one flow for each BID of it, the preferred one with the
 * lowest FID-PRI, so that the anchor falls back as the list says. It has no DROP, so such rules are ours alone, and so
 * are those that leave the choice to a scheduler.
 */

#define FLOW_REFUSED 128 /* Status of the option, from here on (RFC 6089 4.2) */
#define FLOW_UNKNOWN_BID 131 /* RFC 6089 4.2: a binding is not there */
#define FLOW_UNKNOWN_FID 132 /* RFC 6089 4.2: a FID of the summary is not known */
#define PRIORITY_STEP 10

/** Octets of a message behind which no other flow is begun: an IPv6 selector with all fields has room. */
#define FLOWS_END 1100

static bool
number_flow(fb_mag *mag, size_t rule, const uint8_t *bids, uint8_t count)
{
    fb_mag_flow *flow = &mag->flow[mag->flow_count];

    if (mag->flow_count == FB_MAG_FLOWS_MAX)
    {
        return false;
    }
    flow->rule = (uint8_t)rule;
    flow->bid_count = count;
    memcpy(flow->bid, bids, count);
    mag->flow_count++;
    return true;
}

/** A flow for each link that carries the label or technology, the preferred first (R8278-4.1-10). */
static void
number_by_property(fb_mag *mag, size_t rule, uint8_t action, uint8_t property)
{
    uint32_t taken = 0;

    for (;;)
    {
        uint16_t best = mag->link_max;

        for (uint16_t i = 0; i < mag->link_max && i < 32; i++)
        {
            const fb_link *link = &mag->link[i].link;
            uint8_t has = action == FB_RULE_FORWARD_LABEL ? link->label : link->technology;

            if (mag->link[i].known && has == property && (taken >> i & 1) == 0 &&
                (best == mag->link_max || fb_mag_link_preferred(mag, i, best)))
            {
                best = i;
            }
        }
        if (best == mag->link_max || !number_flow(mag, rule, &mag->link[best].link.bid, 1))
        {
            return;
        }
        taken |= UINT32_C(1) << best;
    }
}

static void
number_rule(fb_mag *mag, size_t index)
{
    const fb_rule *rule = &mag->rule[index];

    if (rule->action == FB_RULE_COPY)
    {
        number_flow(mag, index, rule->bid, rule->bid_count);
        return;
    }
    for (uint8_t i = 0; i < rule->bid_count; i++)
    {
        if (rule->action == FB_RULE_FORWARD)
        {
            number_flow(mag, index, &rule->bid[i], 1);
        }
        else if (rule->action == FB_RULE_FORWARD_LABEL ||
                 rule->action == FB_RULE_FORWARD_TECHNOLOGY)
        {
            number_by_property(mag, index, rule->action, rule->bid[i]);
        }
    }
}

void
fb_mag_number_flows(fb_mag *mag)
{
    fb_mag_flow before[FB_MAG_FLOWS_MAX];
    uint8_t count = mag->flow_count;

    memcpy(before, mag->flow, sizeof before);
    memset(mag->flow, 0, sizeof mag->flow);
    mag->flow_count = 0;
    for (size_t i = 0; i < mag->rule_count; i++)
    {
        number_rule(mag, i);
    }
    if (count != mag->flow_count || memcmp(before, mag->flow, sizeof before) != 0)
    {
        mag->flows_version++;
    }
}

/** What was refused, or not understood, is not for ever. */
static void
ask_anew(fb_update_session *session)
{
    session->flows_refused = 0;
    session->flows_unbound = 0;
    session->flows_unsupported = false;
    session->flows_retry_at = FB_TIME_NEVER;
}

void
fb_mag_forget_flows(fb_update_session *session, bool asked_anew)
{
    session->flows_installed = 0;
    if (asked_anew)
    {
        ask_anew(session);
    }
    else
    {
        session->flows_held = false;
    }
}

void
fb_mag_retry_flows(fb_update_session *session, fb_time now)
{
    if (session->flows_retry_at <= now)
    {
        ask_anew(session);
    }
}

/** Whether the anchor has this BID, or has it when it has read this update of @p entry. */
static bool
known_there(const fb_mag *mag, uint32_t session, const fb_update_entry *entry, uint8_t bid)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update_entry *other = fb_mag_entry(mag, session, i);

        if (mag->link[i].known && other->ref.bid == bid)
        {
            bool now_told = other == entry && !fb_update_removes(&entry->update);

            return now_told || (fb_update_entry_up(other) && !other->plain);
        }
    }
    return false;
}

/** Flows the anchor can be told of: bit n for flow n. */
static uint16_t
tellable(const fb_mag *mag, uint32_t session, const fb_update_entry *entry)
{
    uint16_t flows = 0;

    for (size_t f = 0; f < mag->flow_count; f++)
    {
        bool known = true;

        for (size_t b = 0; b < mag->flow[f].bid_count; b++)
        {
            known = known && known_there(mag, session, entry, mag->flow[f].bid[b]);
        }
        flows |= (uint16_t)((known ? 1u : 0u) << f);
    }
    return flows;
}

static bool
negotiates(const fb_mag *mag, const fb_update_session *session)
{
    return mag->config.negotiate_policy && mag->config.flow_decision == FB_FLOW_DECISION_GATEWAY &&
           !session->flows_unsupported;
}

/** Of this version of the policy, what the anchor has. */
static uint16_t
installed(const fb_mag *mag, const fb_update_session *session)
{
    return session->flows_version == mag->flows_version ? session->flows_installed : 0;
}

/** ... and what it refused. */
static uint16_t
refused(const fb_mag *mag, const fb_update_session *session)
{
    return session->flows_version == mag->flows_version ? session->flows_refused : 0;
}

bool
fb_mag_flows_due(const fb_mag *mag, uint32_t session)
{
    const fb_update_session *s = fb_update_list_at(&mag->list, session);
    uint16_t there = (uint16_t)(installed(mag, s) | refused(mag, s));

    if (!negotiates(mag, s) || !fb_mag_multipath(mag, session))
    {
        return false;
    }
    return (tellable(mag, session, NULL) & ~there) != 0 ||
           (s->flows_held && s->flows_version != mag->flows_version);
}

static void
write_flow(const fb_mag *mag, size_t index, fb_writer *writer)
{
    const fb_mag_flow *flow = &mag->flow[index];
    fb_flow_identification option = {.fid = (uint16_t)(index + 1),
                                     .priority = (uint16_t)((index + 1) * PRIORITY_STEP),
                                     .bid_count = flow->bid_count,
                                     .reference_count = 1,
                                     .selector_count = 1};

    for (size_t i = 0; i < flow->bid_count; i++)
    {
        option.bid[i] = flow->bid[i];
    }
    fb_write_flow_identification(writer, &option, &mag->rule[flow->rule].selector);
}

uint16_t
fb_mag_write_flows(const fb_mag *mag,
                   uint32_t session,
                   const fb_update_entry *entry,
                   fb_writer *writer)
{
    const fb_update_session *s = fb_update_list_at(&mag->list, session);
    uint16_t there = installed(mag, s), wanted, sent = 0;
    uint16_t summary[FB_MAG_FLOWS_MAX];
    size_t kept = 0;

    if (!negotiates(mag, s))
    {
        return 0;
    }
    /* RFC 6089 5.3.4: what an update does not name is deleted */
    for (size_t f = 0; f < mag->flow_count; f++)
    {
        if ((there >> f & 1) != 0)
        {
            summary[kept++] = (uint16_t)(f + 1);
        }
    }
    if (kept > 0)
    {
        fb_write_flow_summary(writer, summary, kept);
    }
    wanted = fb_update_removes(&entry->update)
                 ? 0
                 : (uint16_t)(tellable(mag, session, entry) & ~there & ~refused(mag, s));
    for (size_t f = 0; f < mag->flow_count && writer->position < FLOWS_END; f++)
    {
        if ((wanted >> f & 1) != 0)
        {
            write_flow(mag, f, writer);
            sent |= (uint16_t)(1u << f);
        }
    }
    return sent;
}

static bool
leads_to(const fb_mag_flow *flow, uint8_t bid)
{
    for (size_t i = 0; i < flow->bid_count; i++)
    {
        if (flow->bid[i] == bid)
        {
            return true;
        }
    }
    return false;
}

/**
 * RFC 6089 5.3.2.1: the anchor did not have a binding the flow leads to, which the gateway believes to be there: it is
 * registered anew, though not more often than after refusals. The flow is told again after that.
 */
static void
register_anew(fb_mag *mag, uint32_t session, const fb_update_entry *told, size_t flow, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);
        fb_time earliest = entry->accepted_at + mag->config.retry_denied_s * FB_SECOND;

        if (entry != told && entry->state == FB_BINDING_UP && entry->refresh_at != FB_TIME_NEVER &&
            leads_to(&mag->flow[flow], entry->ref.bid))
        {
            entry->refresh_at = fb_time_earlier(entry->refresh_at, earliest > now ? earliest : now);
        }
    }
}

/** The binding of @p bid is there now: what was refused for want of it is not any more. */
static void
forgive_unbound(const fb_mag *mag, fb_update_session *session, uint8_t bid)
{
    for (size_t f = 0; f < mag->flow_count; f++)
    {
        uint16_t bit = (uint16_t)(1u << f);

        if ((session->flows_unbound & bit) != 0 && leads_to(&mag->flow[f], bid))
        {
            session->flows_unbound &= (uint16_t)~bit;
            session->flows_refused &= (uint16_t)~bit;
        }
    }
}

void
fb_mag_flows_overtaken(fb_mag *mag, uint32_t session, const fb_update_entry *by)
{
    uint16_t named = (uint16_t)(by->update.sent_flows |
                                installed(mag, fb_update_list_at(&mag->list, session)));

    if (by->update.kind == FB_UPDATE_DEREGISTER_ALL)
    {
        return;
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (entry != by)
        {
            entry->update.sent_flows &= named;
        }
    }
}

/** What the acknowledgement says of one flow. */
static void
heed_flow(fb_mag *mag,
          uint32_t session,
          const fb_update_entry *entry,
          const fb_flow_identification *option,
          fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);
    fb_event event = fb_mag_event(mag, session, entry, FB_EVENT_DENIED, now);
    uint16_t bit;

    if (option->fid == 0 || option->fid > mag->flow_count)
    {
        return;
    }
    bit = (uint16_t)(1u << (option->fid - 1));
    if (option->status < FLOW_REFUSED)
    {
        s->flows_installed |= bit & entry->update.sent_flows;
        return;
    }
    /* a FID of the summary it does not know is told once more (RFC 6089 4.2); others are not what it does */
    s->flows_installed &= (uint16_t)~bit;
    if (option->status != FLOW_UNKNOWN_FID)
    {
        s->flows_refused |= bit;
    }
    if (option->status == FLOW_UNKNOWN_BID)
    {
        s->flows_unbound |= bit;
        register_anew(mag, session, entry, option->fid - 1u, now);
    }
    event.type = FB_MH_BINDING_ACKNOWLEDGEMENT;
    event.code = option->status;
    event.identification = option->fid;
    fb_events_push(mag->events, &event);
}

static uint16_t
count_bits(uint16_t bits)
{
    uint16_t count = 0;

    for (; bits != 0; bits &= (uint16_t)(bits - 1))
    {
        count++;
    }
    return count;
}

void
fb_mag_accept_flows(fb_mag *mag,
                    uint32_t session,
                    const fb_update_entry *entry,
                    const fb_mobility_options *options,
                    fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);
    fb_event event = fb_mag_event(mag, session, entry, FB_EVENT_POLICY, now);
    uint16_t before = installed(mag, s);

    if (!entry->update.sent_multipath || entry->plain ||
        entry->update.sent_flows_version != mag->flows_version)
    {
        /* without RFC 8278 there are no BIDs flows could lead to, which says nothing about RFC 6089; or the policy is
           another one since, and the next update has it */
        return;
    }
    if (s->flows_version != mag->flows_version)
    {
        s->flows_version = mag->flows_version;
        s->flows_installed = 0;
        s->flows_refused = 0;
        s->flows_unbound = 0;
    }
    forgive_unbound(mag, s, entry->ref.bid);
    if (entry->update.sent_flows != 0 && options->flow_count == 0)
    {
        s->flows_unsupported = true; /* B6089-06 */
    }
    for (size_t i = 0; i < options->flow_count; i++)
    {
        heed_flow(mag, session, entry, &options->flow[i], now);
    }
    if ((s->flows_unsupported || s->flows_refused != 0) && s->flows_retry_at == FB_TIME_NEVER)
    {
        /* B6089-06; it may be another anchor one day, or have more room (as D8-18) */
        s->flows_retry_at = now + mag->config.legacy_retry_s * FB_SECOND;
    }
    s->flows_held = s->flows_installed != 0;
    if (s->flows_installed != before)
    {
        event.count = count_bits(s->flows_installed);
        fb_events_push(mag->events, &event);
    }
}
