/* SPDX-License-Identifier: BSD-3-Clause */
#include "proxy_agree.h"

#include "agent_internal.h"

#include <string.h>

#define UDP_DATA 5437 /* RFC 5844 4.1.3 */

/* ---- what is to be ---- */

/** What @p rule calls the link. */
static uint8_t
name_of(const fb_link *link, const fb_rule *rule)
{
    return rule->action == FB_RULE_FORWARD_LABEL        ? link->label
           : rule->action == FB_RULE_FORWARD_TECHNOLOGY ? link->technology
                                                        : link->bid;
}

size_t
pnet_flows(const pnet *n, unsigned gateway, const pnet_policy *policy, pnet_flow flow[PNET_FLOWS])
{
    size_t count = 0;

    for (size_t r = 0; r < policy->count; r++)
    {
        const fb_rule *rule = &policy->rule[r];

        if (rule->action == FB_RULE_COPY)
        {
            flow[count] = (pnet_flow){.rule = rule, .bid_count = rule->bid_count};
            memcpy(flow[count++].bid, rule->bid, rule->bid_count);
            continue;
        }
        /* RFC 6089 has no DROP; of links that are called alike the preferred comes first, which is link 1 */
        for (size_t b = 0; rule->action != FB_RULE_DROP && b < rule->bid_count; b++)
        {
            for (unsigned i = 1; i <= PNET_LINKS; i++)
            {
                if (name_of(&n->link[gateway][i], rule) == rule->bid[b])
                {
                    flow[count++] = (pnet_flow){.rule = rule, .bid_count = 1, .bid = {(uint8_t)i}};
                }
            }
        }
    }
    return count;
}

static bool
negotiated(const pnet *n, unsigned gateway)
{
    return n->config[gateway].mag.negotiate_policy && n->config[PNET_ANCHOR].lma.flow_policy &&
           !n->config[PNET_ANCHOR].lma.legacy;
}

pnet_choice
pnet_choose(const pnet *n, unsigned gateway, const pnet_policy *policy, size_t index, bool up)
{
    const pnet_choice any = {.allowed = (2u << PNET_LINKS) - 2, .copies = 1};
    bool decides = up ? n->config[gateway].mag.negotiate_policy : negotiated(n, gateway);
    bool drops = decides && index < policy->count && policy->rule[index].action == FB_RULE_DROP;
    const fb_rule *rule = &policy->rule[index];
    pnet_choice choice = {.copies = 1};
    pnet_flow flow[PNET_FLOWS];
    size_t count = pnet_flows(n, gateway, policy, flow);

    if (drops && up)
    {
        return (pnet_choice){0};
    }
    if (n->config[PNET_ANCHOR].lma.legacy)
    {
        return (pnet_choice){.allowed = 1, .copies = 1}; /* there is no other one */
    }
    if (!decides || index >= policy->count || drops)
    {
        return any;
    }
    for (size_t f = 0; f < count; f++)
    {
        bool first = choice.allowed == 0;
        /* the gateway asks its scheduler which of those with one name; the anchor has a flow for each */
        bool alike = up && !first && rule->action != FB_RULE_FORWARD &&
                     name_of(&n->link[gateway][flow[f].bid[0]], rule) == rule->bid[0];

        if (flow[f].rule == rule && (first || alike))
        {
            choice.copies = flow[f].bid_count;
            for (size_t b = 0; b < flow[f].bid_count; b++)
            {
                choice.allowed |= 1u << flow[f].bid[b];
            }
        }
    }
    return choice.allowed == 0 ? any : choice; /* a rule that leads nowhere does not count */
}

/* ---- paths ---- */

/** Paths in use at an agent by their BID; how many. */
static unsigned
paths(const pnet *n, unsigned who, uint32_t session, fb_proxy_view path[8])
{
    uint8_t role = who == PNET_ANCHOR ? FB_ROLE_LMA : FB_ROLE_MAG;
    fb_proxy_view view;
    unsigned count = 0;

    for (size_t i = 0; fb_agent_proxy_binding(n->agent[who], role, session, i, &view); i++)
    {
        if ((view.state == FB_BINDING_UP || view.state == FB_BINDING_UP_PENDING) && count < 8)
        {
            path[count++] = view;
        }
    }
    return count;
}

/** Whether the gateway has of its link what it asked for. */
static const char *
differs_from_link(const pnet *n, unsigned gateway, const fb_proxy_view *path)
{
    const fb_link *link = &n->link[gateway][path->ref.link];
    bool udp = link->address.family == FB_FAMILY_IPV4 && link->udp == FB_UDP_FORCE &&
               n->config[PNET_ANCHOR].lma.force_udp;
    bool gre = link->tunnel == FB_TUNNEL_GRE && n->config[PNET_ANCHOR].lma.gre &&
               !(link->address.family == FB_FAMILY_IPV4 && link->udp == FB_UDP_FORCE);
    uint32_t lifetime_s = n->config[gateway].mag.lifetime_s;

    if (n->config[PNET_ANCHOR].lma.lifetime_max_s < lifetime_s)
    {
        lifetime_s = n->config[PNET_ANCHOR].lma.lifetime_max_s;
    }
    if (path->ref.bid != link->bid || memcmp(&path->care_of, &link->address, sizeof link->address))
    {
        return "care-of address of the gateway";
    }
    if (path->udp_port != (udp ? UDP_DATA : 0))
    {
        return "UDP";
    }
    if (path->tunnel != (gre ? FB_TUNNEL_GRE : FB_TUNNEL_IPIP) ||
        path->has_key != (gre && link->gre_key))
    {
        return "tunnel";
    }
    if (path->label != 0 && (path->label != link->label || path->technology != link->technology))
    {
        return "label";
    }
    if (path->lifetime_s != lifetime_s || path->expires <= n->now ||
        path->expires > n->now + lifetime_s * FB_SECOND)
    {
        return "lifetime at the gateway";
    }
    return NULL;
}

static const char *
differs_from_anchor(const pnet *n, const fb_proxy_view *ours, const fb_proxy_view *theirs)
{
    if (theirs->label != ours->label || theirs->technology != ours->technology)
    {
        return "label at the anchor";
    }
    if (theirs->tunnel != ours->tunnel || theirs->has_key != ours->has_key ||
        theirs->key_up != ours->key_up || theirs->key_down != ours->key_down ||
        theirs->udp_port != ours->udp_port)
    {
        return "tunnel at the anchor";
    }
    if (memcmp(&ours->care_of, &theirs->care_of, sizeof ours->care_of) != 0)
    {
        return "care-of address";
    }
    /* RFC 6275 11.7.3: the gateway counts from the sending, so that it never believes in what is gone */
    if (theirs->lifetime_s != ours->lifetime_s || theirs->expires < ours->expires ||
        theirs->expires > n->now + theirs->lifetime_s * FB_SECOND)
    {
        return "lifetime at the anchor";
    }
    return NULL;
}

/** Whether the anchor has each of the gateway's paths, and no other. */
static const char *
compare_paths(const pnet *n, unsigned gateway, uint32_t here, uint32_t there)
{
    fb_proxy_view ours[8], theirs[8];
    unsigned count = paths(n, gateway, here, ours);
    unsigned expected = n->config[PNET_ANCHOR].lma.legacy ? 1 : PNET_LINKS;
    const char *difference = NULL;

    if (count != expected || paths(n, PNET_ANCHOR, there, theirs) != count)
    {
        return count != expected ? "paths of the gateway" : "paths of the anchor";
    }
    for (unsigned i = 0; i < count && difference == NULL; i++)
    {
        unsigned j = 0;

        while (j < count && theirs[j].label != 0 && theirs[j].ref.bid != ours[i].ref.bid)
        {
            j++;
        }
        if (j == count)
        {
            return "a path";
        }
        difference = differs_from_link(n, gateway, &ours[i]);
        difference = difference != NULL ? difference : differs_from_anchor(n, &ours[i], &theirs[j]);
    }
    return difference;
}

/* ---- flows ---- */

static bool
is_flow(const fb_rule *rule, const pnet_flow *flow)
{
    return rule->action == (flow->bid_count > 1 ? FB_RULE_COPY : FB_RULE_FORWARD) &&
           rule->bid_count == flow->bid_count &&
           memcmp(rule->bid, flow->bid, flow->bid_count) == 0 &&
           memcmp(&rule->selector, &flow->rule->selector, sizeof rule->selector) == 0;
}

/** What the anchor has of flows, their order and numbers included. */
static const char *
compare_flows(const pnet *n,
              unsigned gateway,
              const pnet_policy *policy,
              const fb_session_view *here,
              const fb_session_view *there)
{
    const fb_session_cache *sessions = &n->agent[PNET_ANCHOR]->lma.sessions;
    const fb_flow_list *known = fb_session_flows(sessions, there->session - 1);
    bool expected = negotiated(n, gateway) && here->multipath;
    pnet_flow flow[PNET_FLOWS];
    size_t count = expected ? pnet_flows(n, gateway, policy, flow) : 0;
    fb_rule rule;

    if (here->flow_count != count || there->flow_count != count)
    {
        return here->flow_count != count ? "flows of the gateway" : "flows of the anchor";
    }
    for (size_t i = 0; i < count; i++)
    {
        if (i >= known->count || known->flow[i].fid == 0 ||
            !fb_agent_session_rule(n->agent[PNET_ANCHOR], FB_ROLE_LMA, there->session, i, &rule) ||
            !is_flow(&rule, &flow[i]))
        {
            return "a flow";
        }
        if (i > 0 && known->flow[i].priority <= known->flow[i - 1].priority)
        {
            return "FID-PRI";
        }
    }
    return known->count != count ? "one flow more" : NULL;
}

/* ---- sessions ---- */

static bool
same_networks(const fb_networks *a, const fb_networks *b)
{
    return a->count == b->count &&
           memcmp(a->prefix, b->prefix, a->count * sizeof a->prefix[0]) == 0;
}

static const char *
compare_sessions(const fb_session_view *here, const fb_session_view *there, bool delegation)
{
    if (!same_networks(&here->home, &there->home) ||
        !same_networks(&here->delegated, &there->delegated))
    {
        return "prefixes";
    }
    if (here->home.count != 1 || here->delegated.count != (delegation ? 1 : 0))
    {
        return "how many prefixes";
    }
    if (here->multipath != there->multipath)
    {
        return "RFC 8278";
    }
    if (here->technology != there->technology)
    {
        return "access technology";
    }
    if (memcmp(here->link_local, there->link_local, sizeof here->link_local) != 0)
    {
        return "link-local address";
    }
    /* a gateway that says who it is does so with RFC 8278's options */
    if (there->multipath && (there->gateway.length != here->gateway.length ||
                             memcmp(there->gateway.text, here->gateway.text, here->gateway.length)))
    {
        return "whose session";
    }
    return NULL;
}

const char *
pnet_differs(const pnet *n, unsigned node, int at, const pnet_policy *policy)
{
    fb_session_view here, there;
    bool known = pnet_session(n, PNET_ANCHOR, node, &there);
    const char *difference;

    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        if (at != (int)g && pnet_session(n, g, node, &here))
        {
            return "session at the other gateway";
        }
    }
    if (at == PNET_AWAY || !known || there.grace)
    {
        return at != PNET_AWAY ? "no session" : known ? "session of a node that is gone" : NULL;
    }
    if (!pnet_session(n, (unsigned)at, node, &here))
    {
        return "no session at the gateway";
    }
    difference = compare_sessions(&here, &there, node % 2 == 0);
    if (difference == NULL)
    {
        difference = compare_paths(n, (unsigned)at, here.session, there.session);
    }
    if (difference == NULL)
    {
        difference = compare_flows(n, (unsigned)at, policy, &here, &there);
    }
    return difference;
}

/* ---- what is left over ---- */

/** What sessions of an agent add up to. */
typedef struct sum
{
    uint32_t sessions, bindings, home, delegated, flows;
} sum;

static sum
sum_up(const pnet *n, unsigned who)
{
    uint8_t role = who == PNET_ANCHOR ? FB_ROLE_LMA : FB_ROLE_MAG;
    fb_session_view view;
    sum s = {0};

    while (fb_agent_session(n->agent[who], role, s.sessions, &view))
    {
        s.sessions++;
        s.bindings += view.binding_count;
        s.home += view.home.count;
        s.delegated += view.delegated.count;
        s.flows += view.flow_count;
    }
    return s;
}

static uint32_t
references(const fb_session_cache *sessions, uint32_t *distinct)
{
    uint32_t count = 0;

    *distinct = 0;
    for (uint32_t i = 0; i < sessions->care_of.pool.touched; i++)
    {
        if (!fb_pool_is_free(&sessions->care_of.pool, i))
        {
            ++*distinct;
            count += sessions->care_of.item[i].references;
        }
    }
    return count;
}

static const char *
left_at_anchor(const fb_session_cache *sessions, const sum *s)
{
    uint32_t distinct = 0, held = references(sessions, &distinct);

    if (sessions->cache.nodes.used != s->sessions || sessions->cache.bindings.used != s->bindings ||
        sessions->cache.deadline.count != s->sessions)
    {
        return "bindings left over";
    }
    if (held != s->bindings || sessions->care_of.pool.used != distinct || distinct > s->bindings ||
        sessions->care_of.heartbeats.count > distinct)
    {
        return "proxy care-of addresses left over";
    }
    if (sessions->nodes.used != s->sessions || sessions->gateways.pool.used > s->sessions ||
        (sessions->gateways.pool.used == 0) != (s->sessions == 0))
    {
        return "mobile nodes or gateways left over";
    }
    if (sessions->pool[FB_PREFIX_HOME].free.used != s->home ||
        sessions->pool[FB_PREFIX_DELEGATED].free.used != s->delegated ||
        sessions->pool[FB_PREFIX_IPV4].free.used != 0)
    {
        return "prefixes left over";
    }
    return sessions->flows.flows > s->flows || (sessions->flows.flows == 0) != (s->flows == 0) ||
                   (s->flows == 0 && sessions->flows.cells.pool.used != 0)
               ? "flows left over"
               : NULL;
}

static uint32_t
count_members(const fb_prefix_set *set)
{
    /* a tree of n leaves has n - 1 branches */
    return set->branches.used + (set->root4 != FB_PREFIX_NONE) + (set->root6 != FB_PREFIX_NONE);
}

static const char *
left_at_gateway(const fb_mag *mag, const sum *s)
{
    bool busy = false;

    for (uint32_t i = 0; i < mag->list.capacity; i++)
    {
        for (uint16_t link = 0; link < mag->link_max; link++)
        {
            const fb_update_entry *entry = fb_update_list_entry(&mag->list, i, link);

            busy |= !fb_update_list_used(&mag->list, i) &&
                    (entry->state != FB_BINDING_DOWN || entry->update.kind != FB_UPDATE_NONE);
        }
    }
    if (busy || mag->list.count != s->sessions || mag->list.places.used != s->sessions ||
        mag->list.timers.count > s->sessions || mag->list.senders.count > s->sessions)
    {
        return "sessions left over";
    }
    return count_members(&mag->list.prefixes) != s->home + s->delegated ||
                   mag->list.overlapping != 0
               ? "prefixes of the gateway left over"
               : NULL;
}

/** Whether the host was told of just the sessions, prefixes and bindings there are. */
static const char *
told_otherwise(const pnet_told *told, const sum *s)
{
    uint32_t sessions = 0, bindings = 0;

    for (unsigned i = 0; i < PNET_SESSIONS; i++)
    {
        sessions += told->session[i];
        for (unsigned bid = 0; bid <= PNET_LINKS; bid++)
        {
            bindings += told->state[i][bid] == FB_BINDING_UP ||
                        told->state[i][bid] == FB_BINDING_UP_PENDING;
        }
    }
    if (sessions != s->sessions || bindings != s->bindings)
    {
        return "the host knows other sessions";
    }
    return told->prefixes != s->home + s->delegated ? "the host knows other prefixes" : NULL;
}

const char *
pnet_left_over(const pnet *n)
{
    const char *left = NULL;

    for (unsigned who = 0; who < PNET_AGENTS && left == NULL; who++)
    {
        sum s = sum_up(n, who);

        left = who == PNET_ANCHOR ? left_at_anchor(&n->agent[who]->lma.sessions, &s)
                                  : left_at_gateway(&n->agent[who]->mag, &s);
        left = left != NULL ? left : told_otherwise(&n->told[who], &s);
    }
    return left;
}
