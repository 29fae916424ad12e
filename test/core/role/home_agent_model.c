/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.8 and RFC 7629 5.2 as one function from a request and a node to the node afterwards. Limits are judged by
 * what would come out, so nothing here says how many bindings an overwriting or renaming request frees.
 */

#include "home_agent_model.h"

#include <string.h>

#define FLAG_MINIMAL 0x10
#define FLAG_GRE 0x08
#define FLAG_REVERSE 0x02
#define FLAGS_RESERVED 0x05

static bool
has_bid(const model_node *n, uint8_t bid)
{
    for (unsigned i = 0; i < n->bindings; i++)
    {
        if (n->binding[i].bid == bid)
        {
            return true;
        }
    }
    return false;
}

/** RFC 7629 4.1, 4.2: whether the extensions are what they may be. */
static bool
well_formed(const fb_home_agent_config *config, const model_request *r)
{
    unsigned bad = FAULT_TWO_MULTIPATHS | FAULT_MULTIPATH_LENGTH | FAULT_MULTIPATH_BEHIND;
    unsigned bad_rule = FAULT_ACTION | FAULT_BID_COUNT | FAULT_BID_COUNT_OF_DROP |
                        FAULT_SELECTOR_FORMAT | FAULT_SELECTOR_LENGTH;
    bool assigned = r->technology >= 1 && r->technology <= 13;

    if ((r->faults & bad) != 0 || (!r->multipath && r->rules > 0))
    {
        return false;
    }
    if (r->multipath && (r->label == 0 || r->bid == 0 || r->bid == 255 ||
                         (r->bulk && r->overwrite && r->lifetime_s > 0) ||
                         (config->strict_technology && !assigned)))
    {
        return false;
    }
    if (r->lifetime_s == 0 || r->rules == 0)
    {
        return true; /* C-15: what Flow-Bindings of a de-registration say is ignored */
    }
    if ((r->faults & bad_rule) != 0)
    {
        return false;
    }
    for (unsigned i = 0; i < r->rules; i++)
    {
        for (unsigned k = 0; k < r->rule[i].bids && !r->rule[i].drop; k++)
        {
            if (r->rule[i].bid[k] == 0 || r->rule[i].bid[k] == 255)
            {
                return false;
            }
        }
    }
    return true;
}

/** RFC 7629 5.2, 153: a FORWARD names a path that will not be there: never was, or goes with this request. */
static bool
names_unknown_bid(const fb_home_agent_config *config,
                  const model_node *after,
                  const model_request *r)
{
    for (unsigned i = 0; i < r->rules; i++)
    {
        unsigned known = 0;

        for (unsigned k = 0; k < r->rule[i].bids; k++)
        {
            known += has_bid(after, r->rule[i].bid[k]);
        }
        if (!r->rule[i].drop && (config->unknown_bid_strict ? known < r->rule[i].bids : known == 0))
        {
            return true;
        }
    }
    return false;
}

static void
leave(model_node *n, const model_request *r)
{
    bool all = r->care_of_address == n->home_address || (r->multipath && r->bulk);
    unsigned kept = 0;

    for (unsigned i = 0; i < n->bindings; i++)
    {
        const model_binding *b = &n->binding[i];

        /* D-28: with 154 the BID alone says which, and a binding without RFC 7629 has none */
        if (!all && (r->multipath ? b->bid != r->bid : b->care_of_address != r->care_of_address))
        {
            n->binding[kept++] = *b;
        }
    }
    n->bindings = kept;
}

static void
join(model_node *n, const model_request *r, uint16_t granted, fb_time expires)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < n->bindings; i++)
    {
        model_binding b = n->binding[i];

        if (r->multipath && !r->overwrite && b.bid != 0 && b.bid != r->bid &&
            b.care_of_address != r->care_of_address)
        {
            b.lifetime_s = r->bulk ? granted : b.lifetime_s;
            b.expires = r->bulk ? expires : b.expires;
            n->binding[kept++] = b;
        }
    }
    n->binding[kept] = (model_binding){.care_of_address = r->care_of_address,
                                       .lifetime_s = granted,
                                       .expires = expires};
    if (r->multipath)
    {
        n->binding[kept].bid = r->bid;
        n->binding[kept].technology = r->technology;
        n->binding[kept].label = r->label;
    }
    n->bindings = kept + 1;
    if (!r->multipath || r->overwrite || r->rules > 0)
    {
        n->rules = r->rules;
        memcpy(n->rule, r->rule, sizeof n->rule);
    }
}

static void
forget_policy_of_nobody(model_node *n)
{
    n->rules = n->bindings == 0 ? 0 : n->rules;
}

/** RFC 7629 and RFC 5944 do not say; fb_limits does. */
static int
over_limit(const model *m,
           const model_node *before,
           const model_node *after,
           const model_request *r)
{
    const fb_limits *limits = &m->config->limits;
    unsigned bindings = after->bindings, policies = after->rules > 0;

    for (const model_node *n = m->node; n < m->node + MODEL_NODES; n++)
    {
        bindings += n == before ? 0 : n->bindings;
        policies += n != before && n->rules > 0;
    }
    if (after->bindings > limits->bindings_per_node)
    {
        return 135;
    }
    if (bindings > limits->bindings)
    {
        return 130;
    }
    if (r->rules > 0 && !m->config->home_agent.flow_policy)
    {
        return 129;
    }
    return r->rules > limits->rules_per_node || (r->rules > 0 && policies > limits->policies) ? 130
                                                                                              : 0;
}

/** The gate before anything is believed: RFC 5944 3.8.2.1. 0: passed. */
static int
refuse_unauthentic(const model *m, const model_node *n, const model_request *r, uint64_t ntp)
{
    unsigned framing = FAULT_CUT | FAULT_UNKNOWN_EXTENSION | FAULT_UNKNOWN_SUBTYPE;
    int64_t ahead = (int64_t)(r->identification - ntp);
    int64_t tolerance = (int64_t)m->config->home_agent.replay_tolerance_s << 32;

    if ((r->faults & (framing | FAULT_NO_AUTHENTICATION | FAULT_WRONG_SPI)) != 0)
    {
        return MODEL_SILENCE;
    }
    if ((r->faults & FAULT_WRONG_KEY) != 0)
    {
        return m->config->home_agent.reply_bad_authenticator ? 131 : MODEL_SILENCE;
    }
    return ahead > tolerance || ahead < -tolerance || r->identification <= n->latest ? 133 : 0;
}

/** The rest of the gate, before the limits. */
static int
refuse(const model *m, const model_node *n, const model_request *r)
{
    const fb_home_agent_config *config = &m->config->home_agent;
    bool allowed = config->multipath && n->allowed;
    fb_ipv4 coa = r->care_of_address;

    if (r->home_agent != config->address)
    {
        return 136;
    }
    if ((config->strict_reserved && (r->flags & FLAGS_RESERVED) != 0) || !well_formed(config, r) ||
        (r->lifetime_s > 0 && (coa == 0 || coa >> 28 >= 14)))
    {
        return 134;
    }
    if (r->multipath && !allowed && (r->lifetime_s > 0 || !config->lenient_deregistration))
    {
        return 152;
    }
    if (r->lifetime_s == 0)
    {
        return 0;
    }
    if ((r->flags & (FLAG_MINIMAL | FLAG_GRE)) != 0)
    {
        return 139;
    }
    if (config->require_reverse_tunnel && (r->flags & FLAG_REVERSE) == 0)
    {
        return 138;
    }
    return 0;
}

model_answer
model_input(model *m, const model_request *r, uint64_t ntp, fb_time now)
{
    uint16_t granted = r->lifetime_s < m->config->home_agent.lifetime_max_s
                           ? r->lifetime_s
                           : m->config->home_agent.lifetime_max_s;
    fb_time expires = granted == 0xffff ? FB_TIME_NEVER : now + granted * FB_SECOND;
    model_answer answer = {MODEL_SILENCE, 0, r->identification};
    model_node *n = &m->node[r->node];

    if (r->node >= MODEL_NODES)
    {
        return answer;
    }
    answer.code = refuse_unauthentic(m, n, r, ntp);
    if (answer.code != 0)
    {
        if (answer.code == 133)
        {
            answer.identification = (ntp & ~(uint64_t)UINT32_MAX) | (uint32_t)r->identification;
        }
        return answer;
    }
    n->latest = r->identification;
    answer.code = refuse(m, n, r);
    if (answer.code == 0)
    {
        model_node after = *n;

        if (r->lifetime_s == 0)
        {
            leave(&after, r);
        }
        else
        {
            join(&after, r, granted, expires);
            answer.code = over_limit(m, n, &after, r);
            if (answer.code == 0 && names_unknown_bid(&m->config->home_agent, &after, r))
            {
                answer.code = 153;
            }
        }
        if (answer.code == 0)
        {
            forget_policy_of_nobody(&after);
            *n = after;
            answer.lifetime_s = granted;
            /* RFC 5944 3.8.2.2: 1, no simultaneous bindings */
            answer.code = r->lifetime_s > 0 && !r->multipath;
        }
    }
    return answer;
}

void
model_expire(model *m, fb_time now)
{
    for (model_node *n = m->node; n < m->node + MODEL_NODES; n++)
    {
        unsigned kept = 0;

        for (unsigned i = 0; i < n->bindings; i++)
        {
            if (n->binding[i].expires > now)
            {
                n->binding[kept++] = n->binding[i];
            }
        }
        n->bindings = kept;
        forget_policy_of_nobody(n);
    }
}
