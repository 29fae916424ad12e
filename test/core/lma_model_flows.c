/* SPDX-License-Identifier: BSD-3-Clause */

/** @file The flows of an update: RFC 6089 5.3. */

#include "lma_model_parts.h"

#include <string.h>

static bool
has_heard_of_flows(const model *m)
{
    return m->config->lma.flow_policy && !m->config->lma.legacy;
}

static bool
speaks_of_flows(const model *m)
{
    return has_heard_of_flows(m) && m->config->lma.flow_decision == FB_FLOW_DECISION_GATEWAY;
}

static bool
names_flow(const lma_model_update *u, uint16_t fid)
{
    for (unsigned i = 0; i < u->flows; i++)
    {
        if (u->flow[i].fid == fid)
        {
            return true;
        }
    }
    for (unsigned i = 0; i < u->summaries; i++)
    {
        if (u->summary[i] == fid)
        {
            return true;
        }
    }
    return false;
}

bool
lma_model_changes_flows(const model *m, const lma_model_session *s, const lma_model_update *u)
{
    bool leaves_out = false;

    for (unsigned i = 0; i < s->flows; i++)
    {
        leaves_out = leaves_out || !names_flow(u, s->flow[i].fid);
    }
    return speaks_of_flows(m) && (u->flows > 0 || leaves_out);
}

static void
forget_flow(lma_model_session *s, unsigned which)
{
    memmove(&s->flow[which], &s->flow[which + 1], (--s->flows - which) * sizeof s->flow[0]);
}

static unsigned
find_flow(const lma_model_session *s, uint16_t fid)
{
    unsigned at = 0;

    while (at < s->flows && s->flow[at].fid != fid)
    {
        at++;
    }
    return at;
}

/** What option @p f makes of the flow, in @p flow, which is the known one if there is. Its status. */
static uint8_t
read_flow(lma_model_session *s, const lma_model_flow *f, lma_model_flow *flow)
{
    bool known = find_flow(s, f->fid) < s->flows;
    bool selects = f->fault != FLOW_NO_SELECTOR, refers = f->fault != FLOW_NO_REFERENCE;

    if (f->fid == 0 || f->priority == 0 || f->fault == FLOW_SUBOPTION ||
        (!known && (!selects || !refers)) || f->fault == FLOW_SELECTOR_LENGTH)
    {
        return 130;
    }
    if (f->fault == FLOW_FORMAT)
    {
        return 133;
    }
    flow->fid = f->fid;
    flow->priority = f->priority;
    flow->port = selects ? f->port : flow->port;
    for (unsigned i = 0; refers && i < f->bids; i++)
    {
        if (f->bid[i] == 0 || f->bid[i] > 254 ||
            lma_model_binding_of(s, (uint8_t)f->bid[i]) == NULL)
        {
            return 131;
        }
        flow->bid[i] = f->bid[i];
        flow->bids = f->bids;
    }
    return 0;
}

/** The flow as option @p f leaves it; its status. */
static uint8_t
judge_flow(lma_model_session *s, const lma_model_flow *f, lma_model_flow *flow)
{
    unsigned at = find_flow(s, f->fid);

    *flow = at < s->flows ? s->flow[at] : (lma_model_flow){.fid = 0};
    return read_flow(s, f, flow);
}

static bool
is_accepted(const lma_model_update *u, const uint8_t *status, uint16_t fid)
{
    for (unsigned i = 0; i < u->flows; i++)
    {
        if (u->flow[i].fid == fid && status[i] == 0)
        {
            return true;
        }
    }
    return false;
}

/** 4.2: in the end no two have the same FID-PRI; of two that want one the first gets it. Whether one was refused. */
static bool
refuse_one(const lma_model_session *s, const lma_model_update *u, uint8_t *status)
{
    for (unsigned i = 0; i < u->flows; i++)
    {
        bool taken = false;

        for (unsigned k = 0; k < s->flows; k++)
        {
            taken = taken || (s->flow[k].priority == u->flow[i].priority &&
                              !is_accepted(u, status, s->flow[k].fid));
        }
        for (unsigned k = 0; k < i; k++)
        {
            taken = taken || (status[k] == 0 && u->flow[k].priority == u->flow[i].priority);
        }
        if (status[i] == 0 && taken)
        {
            status[i] = 129;
            return true;
        }
    }
    return false;
}

static bool
same_flow(const lma_model_flow *a, const lma_model_flow *b)
{
    return a->fid == b->fid && a->priority == b->priority && a->port == b->port &&
           a->bids == b->bids && memcmp(a->bid, b->bid, a->bids * sizeof a->bid[0]) == 0;
}

static bool
same_flows(const lma_model_session *a, const lma_model_session *b)
{
    bool same = a->flows == b->flows;

    for (unsigned i = 0; same && i < a->flows; i++)
    {
        same = same_flow(&a->flow[i], &b->flow[i]);
    }
    return same;
}

/** Whether session @p s, which had the flows of @p before, can have those of @p after: equal lists count once. */
static bool
has_room(const model *m,
         const lma_model_session *s,
         const lma_model_session *before,
         const lma_model_session *after)
{
    unsigned all = after->flows;

    if (after->flows == 0 || same_flows(before, after))
    {
        return true;
    }
    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        const lma_model_session *other = &m->session[i];
        bool counts = other->there && other != s;

        if (counts && same_flows(other, after))
        {
            return true;
        }
        for (unsigned k = 0; k < i; k++)
        {
            counts = counts && !(m->session[k].there && &m->session[k] != s &&
                                 same_flows(&m->session[k], other));
        }
        all += counts ? other->flows : 0;
    }
    return all <= m->config->limits.flows;
}

/** False: another flow has its FID-PRI. */
static bool
put_flow(lma_model_session *s, lma_model_flow flow)
{
    unsigned at = find_flow(s, flow.fid);

    if (at < s->flows)
    {
        forget_flow(s, at);
    }
    for (at = 0; at < s->flows; at++)
    {
        if (s->flow[at].priority == flow.priority)
        {
            return false;
        }
    }
    for (at = s->flows++; at > 0 && s->flow[at - 1].priority > flow.priority; at--)
    {
        s->flow[at] = s->flow[at - 1];
    }
    s->flow[at] = flow;
    return true;
}

/** All that are accepted: first those that are known give their places up. */
static void
put_all(lma_model_session *s,
        const lma_model_update *u,
        const uint8_t *status,
        lma_model_flow *flow)
{
    for (unsigned i = 0; i < u->flows; i++)
    {
        if (status[i] == 0 && find_flow(s, flow[i].fid) < s->flows)
        {
            forget_flow(s, find_flow(s, flow[i].fid));
        }
    }
    for (unsigned i = 0; i < u->flows; i++)
    {
        if (status[i] == 0)
        {
            (void)put_flow(s, flow[i]);
        }
    }
}

/** What is left when not all has room: what the update keeps, if it has, then the options one after another. */
static void
put_some(const model *m,
         lma_model_session *s,
         const lma_model_session *before,
         const lma_model_update *u,
         uint8_t *status,
         lma_model_flow *flow)
{
    if (!has_room(m, s, before, s))
    {
        s->flows = 0;
    }
    for (unsigned i = 0; i < u->flows; i++)
    {
        lma_model_session with = *s;

        if (status[i] == 0 && put_flow(&with, flow[i]) && has_room(m, s, before, &with))
        {
            *s = with;
        }
        else if (status[i] == 0)
        {
            status[i] = 129;
        }
    }
}

/** 5.3.2: "in any order", so that two flows can change places. */
static void
take_flows(const model *m,
           lma_model_session *s,
           const lma_model_session *before,
           const lma_model_update *u,
           uint8_t *status)
{
    lma_model_flow flow[MODEL_OPTIONS];
    lma_model_session whole = *s;

    for (unsigned i = 0; i < u->flows; i++)
    {
        status[i] = judge_flow(s, &u->flow[i], &flow[i]);
    }
    while (refuse_one(s, u, status))
    {
    }
    put_all(&whole, u, status, flow);
    if (has_room(m, s, before, &whole))
    {
        *s = whole;
    }
    else
    {
        put_some(m, s, before, u, status, flow);
    }
}

static void
answer_flow(lma_model_answer *a, uint16_t fid, uint8_t status)
{
    a->fid[a->flows] = fid;
    a->flow_status[a->flows++] = status;
}

/** What is not named is deleted (5.2), what is named twice refused (5.3.2); then the options. */
void
lma_model_take_flows(model *m, lma_model_session *s, const lma_model_update *u, lma_model_answer *a)
{
    const lma_model_session before = *s;
    bool refused = !speaks_of_flows(m);
    uint8_t status[sizeof u->flow / sizeof u->flow[0]];

    memset(status, 129, sizeof status);
    for (unsigned i = s->flows; i-- > 0 && speaks_of_flows(m);)
    {
        if (!names_flow(u, s->flow[i].fid))
        {
            forget_flow(s, i);
        }
    }
    if (!has_heard_of_flows(m))
    {
        return;
    }
    for (unsigned i = 0; i < u->flows; i++)
    {
        for (unsigned k = 0; k < i; k++)
        {
            refused = refused || u->flow[i].fid == u->flow[k].fid;
        }
    }
    if (!refused)
    {
        take_flows(m, s, &before, u, status);
    }
    else if (!has_room(m, s, &before, s))
    {
        s->flows = 0;
    }
    for (unsigned i = 0; i < u->flows; i++)
    {
        answer_flow(a, u->flow[i].fid, status[i]);
    }
    for (unsigned i = 0; i < u->summaries; i++)
    {
        if (find_flow(s, u->summary[i]) == s->flows)
        {
            answer_flow(a, u->summary[i], 132); /* 5.3.3 */
        }
    }
}
