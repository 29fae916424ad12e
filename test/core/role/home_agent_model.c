/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.8 and RFC 7629 5.2 as one function from a request and a node to the node afterwards. Limits are judged by
 * what would come out, so nothing here says how many bindings an overwriting or renaming request frees. Of RFC 3519 4.6
 * only the end of a tunnel is said, and the effective care-of address follows. Of RFC 5177, 5454 and 6626:
 * which networks a node uses once a request is accepted, and how each was answered.
 */

#include "home_agent_model.h"

#include <string.h>

#define FLAG_COLOCATED 0x20
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

typedef struct terms
{
    int code; /* 0: agreed */
    bool asked; /* a UDP Tunnel Request was understood */
    fb_ipv4 end;
    uint16_t port;
    uint8_t tunnel;
} terms;

/** RFC 3519 3, 4.6: UDP where the source is not the care-of address, or F says so. */
static void
agree_on_udp(const fb_home_agent_config *config, const model_request *r, terms *t)
{
    bool understood = r->udp != MODEL_UDP_NONE && !r->udp_reserved;
    bool colocated = (r->flags & FLAG_COLOCATED) != 0;
    bool nat = r->source != r->care_of_address;

    *t = (terms){.end = r->care_of_address};
    if (understood && colocated != (r->udp == MODEL_UDP_BEFORE))
    {
        t->code = 134;
    }
    if (t->code != 0 || !understood || !colocated)
    {
        return;
    }
    t->asked = true;
    if (r->udp_force || (nat && !r->udp_through_agent))
    {
        bool may = config->udp_tunnel && !r->udp_through_agent && (nat || config->udp_force);

        t->code = may ? 0 : 129;
        t->end = r->source;
        t->port = r->port;
    }
}

/** RFC 5944 4.1, RFC 3519 3.1.4, RFC 3024 3.4. */
static void
agree_on_tunnel(const fb_home_agent_config *config, const model_request *r, terms *t)
{
    bool by_field = t->port != 0 && r->udp_encapsulation != 0;
    uint8_t field = r->udp_encapsulation;
    bool gre = by_field ? field == 47 : (r->flags & FLAG_GRE) != 0;
    bool minimal = by_field ? field == 55 : (r->flags & FLAG_MINIMAL) != 0;
    bool ipip = by_field ? field == 4 : !gre && !minimal;

    t->tunnel = gre && config->gre           ? FB_TUNNEL_GRE
                : minimal && config->minimal ? FB_TUNNEL_MINIMAL
                                             : FB_TUNNEL_IPIP;
    if (t->tunnel == FB_TUNNEL_IPIP && !ipip)
    {
        t->code = t->port != 0 ? 142 : 139;
    }
    else if ((r->flags & FLAG_REVERSE) != 0 ? !config->reverse_tunnel
                                            : config->require_reverse_tunnel)
    {
        t->code = (r->flags & FLAG_REVERSE) != 0 ? 137 : 138;
    }
}

static terms
terms_of(const fb_home_agent_config *config, const model_request *r)
{
    terms t;

    agree_on_udp(config, r, &t);
    if (t.code == 0)
    {
        agree_on_tunnel(config, r, &t);
    }
    return t;
}

/** RFC 5944 3.8.2.2 and C-14: a de-registration that names no BID means this binding. */
static bool
named_by_address(const model_binding *b, const model_request *r)
{
    bool same_end = b->end == r->source && b->port == r->port;

    return b->care_of_address == r->care_of_address && (b->bid == 0 || b->port == 0 || same_end);
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
        if (!all && (r->multipath ? b->bid != r->bid : !named_by_address(b, r)))
        {
            n->binding[kept++] = *b;
        }
    }
    n->bindings = kept;
}

static bool
has_port(const model_rule *rule, unsigned rules, uint16_t port)
{
    return rules > 0 && (rule->port == port || has_port(rule + 1, rules - 1, port));
}

/** D-22, merge: all rules of a port the request names stand where the first of them did, or at the end. */
static void
merge_rules(model_node *n, const model_request *r)
{
    model_node old = *n;

    n->rules = 0;
    for (unsigned i = 0; i < old.rules; i++)
    {
        uint16_t port = old.rule[i].port;

        if (!has_port(r->rule, r->rules, port))
        {
            n->rule[n->rules++] = old.rule[i];
        }
        for (unsigned k = 0; !has_port(old.rule, i, port) && k < r->rules; k++)
        {
            if (r->rule[k].port == port)
            {
                n->rule[n->rules++] = r->rule[k];
            }
        }
    }
    for (unsigned k = 0; k < r->rules; k++)
    {
        if (!has_port(old.rule, old.rules, r->rule[k].port))
        {
            n->rule[n->rules++] = r->rule[k];
        }
    }
}

static void
join(model_node *n,
     const model_request *r,
     const terms *t,
     uint16_t granted,
     fb_time expires,
     bool merge)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < n->bindings; i++)
    {
        model_binding b = n->binding[i];

        if (r->multipath && !r->overwrite && b.bid != 0 && b.bid != r->bid &&
            (b.end != t->end || b.port != t->port))
        {
            b.lifetime_s = r->bulk ? granted : b.lifetime_s;
            b.expires = r->bulk ? expires : b.expires;
            n->binding[kept++] = b;
        }
    }
    n->binding[kept] = (model_binding){.care_of_address = r->care_of_address,
                                       .lifetime_s = granted,
                                       .expires = expires,
                                       .end = t->end,
                                       .port = t->port,
                                       .tunnel = t->tunnel};
    if (r->multipath)
    {
        n->binding[kept].bid = r->bid;
        n->binding[kept].technology = r->technology;
        n->binding[kept].label = r->label;
    }
    n->bindings = kept + 1;
    if (!r->multipath || r->overwrite || (r->rules > 0 && !merge))
    {
        n->rules = r->rules;
        memcpy(n->rule, r->rule, sizeof r->rule);
    }
    else if (r->rules > 0)
    {
        merge_rules(n, r);
    }
}

static void
forget_policy_of_nobody(model_node *n)
{
    n->rules = n->bindings == 0 ? 0 : n->rules;
    if (n->bindings == 0)
    {
        memset(n->uses, 0, sizeof n->uses);
        n->explicit_mode = false;
    }
}

/** Type, Sub-Type, Code, Prefix Length of an answer. */
static uint32_t
network_answer(model_network network, bool implicit, uint8_t code)
{
    static const uint8_t length[NETWORKS] = {24, 28, 64, 24, 33, 28, 64};
    bool ipv6 = network == NETWORK_IPV6 || network == NETWORK_STRANGE_IPV6;

    return (ipv6 ? 152u << 24 | 2u << 16 : 148u << 24 | (implicit ? 2u : 1u) << 16) |
           (uint32_t)code << 8 | length[network];
}

/** The networks after this request; answers in the order of the requests, one for each network. 0, 147 or 148. */
static int
use_networks(const fb_home_agent_config *config,
             model_node *n,
             const model_request *r,
             model_answer *answer)
{
    bool ipv4 = config->networks && (n->has[NETWORK_FIRST] || n->has[NETWORK_SECOND]);
    bool seen[NETWORKS] = {false}, asks = false, to_care_of = r->ipv6_to_care_of;
    unsigned any[MODEL_NETWORKS], anys = 0;

    to_care_of = to_care_of && (r->flags & FLAG_COLOCATED) != 0;
    memset(n->uses, 0, sizeof n->uses);
    for (unsigned i = 0; i < r->networks; i++)
    {
        model_network k = r->network[i];
        bool ipv6 = k == NETWORK_IPV6 || k == NETWORK_STRANGE_IPV6;
        uint8_t granted = ipv6 && to_care_of ? 1 : 0;
        uint8_t refused = ipv6 ? 9 : k == NETWORK_TOO_LONG ? 1 : 2;

        asks |= !ipv6;
        if ((seen[k] && k != NETWORK_ANY) || (ipv6 && !config->networks))
        {
            continue;
        }
        seen[k] = true;
        if (k < NETWORKS_OWN)
        {
            n->uses[k] = n->has[k];
        }
        if (k == NETWORK_ANY)
        {
            any[anys++] = answer->networks;
        }
        answer->network[answer->networks++] =
            network_answer(k, false, k < NETWORKS_OWN && n->has[k] ? granted : refused);
    }
    for (unsigned i = 0; i < anys; i++)
    {
        bool second = n->has[NETWORK_SECOND] && !n->uses[NETWORK_SECOND];
        model_network k = second ? NETWORK_SECOND : NETWORK_FIRST;
        bool left = n->has[k] && !n->uses[k];

        n->uses[k] |= left;
        answer->network[any[i]] = network_answer(left ? k : NETWORK_ANY, false, left ? 0 : 4);
    }
    n->explicit_mode |= asks;
    if (asks)
    {
        return !ipv4 ? 148 : n->uses[NETWORK_FIRST] || n->uses[NETWORK_SECOND] ? 0 : 147;
    }
    for (model_network k = NETWORK_FIRST; k <= NETWORK_SECOND; k++)
    {
        if (ipv4 && n->has[k] && !n->explicit_mode)
        {
            n->uses[k] = true;
            answer->network[answer->networks++] = network_answer(k, true, 0);
        }
    }
    return 0;
}

/** A denial says why only with 147, and of IPv4 networks. */
static void
keep_answers(model_answer *answer)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < answer->networks; i++)
    {
        if (answer->code <= 1 || (answer->code == 147 && answer->network[i] >> 24 == 148))
        {
            answer->network[kept++] = answer->network[i];
        }
    }
    answer->networks = kept;
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
    return r->rules > limits->rules_per_node || after->rules > limits->rules_per_node ||
                   (r->rules > 0 && policies > limits->policies)
               ? 130
               : 0;
}

/** RFC 5944 5.7.2. */
static bool
has_nonce(const model_node *n, const model_request *r)
{
    return n->nonce_given && r->identification >> 32 == n->nonce;
}

/** RFC 5944 3.8.2.2: what a registration that comes once more still has, in seconds; 0: it is none. */
static uint16_t
duplicate_lifetime(const model_node *n, const model_request *r, fb_time now)
{
    for (unsigned i = 0; n->nonce_given && r->identification == n->latest && i < n->bindings; i++)
    {
        if (n->binding[i].bid == n->latest_bid &&
            n->binding[i].care_of_address == r->care_of_address)
        {
            fb_time left_s = (n->binding[i].expires - now) / FB_SECOND;

            return left_s < r->lifetime_s ? (uint16_t)left_s : r->lifetime_s;
        }
    }
    return 0;
}

/** RFC 5944 3.8.2.1 c, 3.5.4: by its care-of address a foreign agent's that shares a key; never a de-registration. */
static bool
through_known_agent(const model_request *r)
{
    return r->lifetime_s > 0 && r->care_of_address == MODEL_FOREIGN_AGENT;
}

/** RFC 5944 3.8.2.1 c, d. */
static int
refuse_foreign_agent(const model_request *r)
{
    if (through_known_agent(r))
    {
        return r->vouched == MODEL_VOUCHED ? 0 : 132;
    }
    return r->vouched == MODEL_VOUCHED_NOT ? 0 : MODEL_SILENCE;
}

/** The gate before anything is believed: RFC 5944 3.8.2.1. 0: passed. */
static int
refuse_unauthentic(const model *m,
                   const model_node *n,
                   const model_request *r,
                   uint64_t ntp,
                   fb_time now)
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
        bool told = through_known_agent(r) ? r->vouched == MODEL_VOUCHED
                                           : m->config->home_agent.reply_bad_authenticator;

        return told ? 131 : MODEL_SILENCE;
    }
    if (n->nonces)
    {
        return has_nonce(n, r) || duplicate_lifetime(n, r, now) > 0 ? 0 : 133;
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
    return 0;
}

/** RFC 3519 3.2: code 0 or 64, F, and the interval where it means something. */
static uint64_t
udp_answer(const fb_home_agent_config *config, const model_request *r, const terms *t)
{
    uint64_t forced = r->udp_force && config->udp_force ? 0x80 : 0;

    if (!t->asked)
    {
        return 0;
    }
    return t->port != 0 ? UINT64_C(0x2c06000000000000) | forced << 24 | config->keepalive_s
                        : UINT64_C(0x2c06004000000000);
}

model_answer
model_input(model *m, const model_request *r, uint64_t ntp, fb_time now)
{
    uint16_t granted = r->lifetime_s < m->config->home_agent.lifetime_max_s
                           ? r->lifetime_s
                           : m->config->home_agent.lifetime_max_s;
    fb_time expires = granted == 0xffff ? FB_TIME_NEVER : now + granted * FB_SECOND;
    model_answer answer = {.code = MODEL_SILENCE, .identification = r->identification};
    terms t = terms_of(&m->config->home_agent, r);
    model_node *n = &m->node[r->node];
    bool duplicate;

    if (r->node >= MODEL_NODES)
    {
        return answer;
    }
    answer.vouched = through_known_agent(r);
    answer.code = refuse_unauthentic(m, n, r, ntp, now);
    answer.new_nonce = n->nonces;
    if (answer.code != 0)
    {
        if (answer.code == 133 && !n->nonces)
        {
            answer.identification = (ntp & ~(uint64_t)UINT32_MAX) | (uint32_t)r->identification;
        }
        return answer;
    }
    duplicate = n->nonces && !has_nonce(n, r);
    n->latest = n->nonces ? n->latest : r->identification;
    answer.code = refuse_foreign_agent(r);
    answer.code = answer.code == 0 ? refuse(m, n, r) : answer.code;
    if (answer.code == 0 && r->lifetime_s > 0)
    {
        answer.code = t.code;
    }
    if (answer.code == 0)
    {
        model_node after = *n;

        if (r->lifetime_s == 0)
        {
            leave(&after, r);
        }
        else
        {
            join(&after, r, &t, granted, expires, m->config->home_agent.merge_policy);
            answer.code = over_limit(m, n, &after, r);
            if (answer.code == 0 && names_unknown_bid(&m->config->home_agent, &after, r))
            {
                answer.code = 153;
            }
            if (answer.code == 0)
            {
                answer.code = use_networks(&m->config->home_agent, &after, r, &answer);
            }
        }
        if (answer.code == 0)
        {
            answer.lifetime_s = granted;
            if (duplicate)
            {
                answer.lifetime_s = duplicate_lifetime(n, r, now);
                answer.identification = (uint64_t)n->nonce << 32 | (uint32_t)r->identification;
                answer.new_nonce = false;
            }
            else
            {
                forget_policy_of_nobody(&after);
                after.latest = r->identification;
                after.latest_bid = r->multipath ? r->bid : 0;
                *n = after;
            }
            /* RFC 5944 3.8.2.2: 1, no simultaneous bindings */
            answer.code = r->lifetime_s > 0 && !r->multipath;
            answer.udp = r->lifetime_s > 0 ? udp_answer(&m->config->home_agent, r, &t) : 0;
        }
        keep_answers(&answer);
    }
    return answer;
}

void
model_learn(model *m, unsigned node, const model_answer *answer, uint64_t identification)
{
    if (node < MODEL_NODES && answer->new_nonce && answer->code != MODEL_SILENCE &&
        answer->code != 131)
    {
        m->node[node].nonce = (uint32_t)(identification >> 32);
        m->node[node].nonce_given = true;
    }
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
