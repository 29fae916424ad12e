/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5213 5.3 to 5.5 and RFC 8278 4.4 as one function from an update and the sessions to the sessions afterwards, with
 * the flows of RFC 6089 5.3 and the delegated prefixes of RFC 7148 5.2.2. Limits are judged by what would come out.
 */

#include "lma_model_parts.h"

#include <string.h>

/** What the anchor understands of the update: without RFC 8278 there are no options 63 and 64 (R8278-4.4-06). */
static lma_model_update
understood(const model *m, const lma_model_update *u)
{
    lma_model_update seen = *u;

    if (m->config->lma.legacy)
    {
        seen.multipath = false;
        seen.gateway = MODEL_GATEWAYS;
        seen.faults &= ~(unsigned)(FAULT_MULTIPATH_SHORT | FAULT_MULTIPATH_LONG);
    }
    if ((seen.faults & FAULT_EMPTY_GATEWAY) != 0)
    {
        seen.gateway = MODEL_GATEWAYS;
    }
    if (!seen.multipath || (seen.faults & (FAULT_MULTIPATH_SHORT | FAULT_MULTIPATH_LONG)) != 0)
    {
        seen.bulk = seen.overwrite = false;
        seen.bid = 0;
    }
    seen.overwrite = seen.overwrite && (u->lifetime > 0 || u->bulk); /* D8-02; D8-01 goes first */
    seen.link_layer = seen.link_layer == ALL_ZERO ? 0 : seen.link_layer;
    if (!m->config->lma.delegation)
    {
        seen.prefixes[USE_DELEGATED] = 0; /* RFC 7148 5.2.2 */
    }
    return seen;
}

/** Whether a session has a binding with the care-of address of the update. */
static bool
is_registered(const model *m, const lma_model_update *u)
{
    bool registered = false;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        registered = registered || (m->session[i].there &&
                                    lma_model_has_care_of(&m->session[i], lma_model_care_of(u)));
    }
    return registered;
}

/** A gateway that nobody told the anchor of is forgotten with its last session: others use its addresses. */
static void
forget_stranger(model *m)
{
    const unsigned stranger = MODEL_GATEWAYS - 1;
    bool has_session = false;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        has_session = has_session || (m->session[i].there && m->session[i].gateway == stranger);
    }
    for (unsigned at = 0; at < MODEL_CARE_OFS && !has_session; at++)
    {
        m->owner[at] = m->owner[at] == stranger ? MODEL_GATEWAYS + at : m->owner[at];
    }
}

/** Which gateway it comes from: the one it names, or the one its association, address or earlier updates are of. */
static unsigned
gateway_of(model *m, const lma_model_update *u)
{
    if (u->gateway < MODEL_GATEWAYS)
    {
        return u->gateway;
    }
    if (m->trust == TRUST_ASSOCIATION && u->association != 0)
    {
        return u->association - 1;
    }
    if (m->trust == TRUST_ADDRESS)
    {
        return u->source / (MODEL_CARE_OFS / 2);
    }
    return is_registered(m, u) ? m->owner[lma_model_care_of(u)]
                               : MODEL_GATEWAYS + lma_model_care_of(u);
}

/* ---- what the update changes ---- */

/** D8-27: without delegated prefixes the session's only binding gives them back. */
static bool
withdraws(lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    bool only = !u->multipath || !lma_model_same_gateway(s, u, gateway) ||
                (s->bindings == 1 && lma_model_binding_of(s, u->bid) != NULL);

    return only && !lma_model_deregisters(u) && s->prefixes[USE_DELEGATED] > 0 &&
           u->prefixes[USE_DELEGATED] == 0;
}

static bool
changes_prefixes(lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    for (unsigned use = 0; use < USES; use++)
    {
        for (unsigned i = 0; i < u->prefixes[use]; i++)
        {
            uint32_t prefix = u->prefix[use][i];

            if (prefix == PREFIX_ZERO ? s->prefixes[use] == 0
                                      : !lma_model_among(prefix, s->prefix[use], s->prefixes[use]))
            {
                return true;
            }
        }
    }
    return withdraws(s, u, gateway);
}

/** D8-15: whether it takes the place of another binding with its care-of address. */
static bool
replaces_another(const lma_model_session *s, const lma_model_update *u)
{
    for (unsigned i = 0; i < s->bindings; i++)
    {
        if (s->binding[i].care_of == lma_model_care_of(u) && s->binding[i].bid != u->bid)
        {
            return true;
        }
    }
    return false;
}

/** D8-16, C8-08: whether it is compared with what was accepted for its own BID only. */
static bool
is_for_one_path(const model *m, lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    if (!u->multipath || u->bulk || u->overwrite || lma_model_deregisters(u) ||
        m->config->lma.sequence_per_session)
    {
        return false;
    }
    return s == NULL || (lma_model_same_gateway(s, u, gateway) && !replaces_another(s, u) &&
                         !changes_prefixes(s, u, gateway) && !lma_model_changes_flows(m, s, u));
}

/* ---- the gate: RFC 5213 5.3.1, in its order ---- */

static int
check_gateway(const model *m, const lma_model_update *u, unsigned gateway)
{
    bool named = u->gateway < MODEL_GATEWAYS;
    bool known = gateway < MODEL_GATEWAYS - 1;
    unsigned per = MODEL_CARE_OFS / 2;

    if (m->trust == TRUST_ASSOCIATION && u->association != 0 && u->association - 1 != gateway)
    {
        return 154; /* D8-36 */
    }
    if (lma_model_care_of(u) != u->source && is_registered(m, u) &&
        m->owner[lma_model_care_of(u)] < MODEL_GATEWAYS - 1 &&
        m->owner[lma_model_care_of(u)] != gateway)
    {
        return 154; /* C8-12: the address of another one, which it only names */
    }
    if (!known)
    {
        return m->config->lma.any_gateway || (!named && m->trust == TRUST_NAME) ? 0 : 154;
    }
    if (m->trust == TRUST_ADDRESS)
    {
        return u->source / per == gateway && lma_model_care_of(u) / per == gateway ? 0 : 154;
    }
    return m->trust == TRUST_NAME || u->association == gateway + 1 ? 0 : 154;
}

static int
check_node(const model *m, const lma_model_update *u)
{
    const lma_model_node *node = &m->node[u->node];

    if (!node->known)
    {
        return m->config->lma.any_subscriber ? 0 : 153;
    }
    return node->service ? 0 : 152;
}

static uint64_t
later(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/** 5.5 */
static int
check_order(const model *m,
            lma_model_session *s,
            const lma_model_update *u,
            unsigned gateway,
            uint64_t clock)
{
    uint64_t distance = u->timestamp > clock ? u->timestamp - clock : clock - u->timestamp;
    uint64_t window = (uint64_t)m->config->lma.timestamp_window_ms * 65536 / 1000;
    uint64_t latest = m->node[u->node].floor;

    if (!u->timed)
    {
        /* RFC 6275 9.5.1, D8-16; C8-19: without a session any number will do */
        uint16_t ahead = s == NULL ? 1 : (uint16_t)(u->sequence - s->sequence);

        return s == NULL || !s->sequenced || (ahead > 0 && ahead < 32768) ? 0 : 135;
    }
    if (s != NULL)
    {
        /* 255 is refused all the same (D8-03): as 0 is */
        const lma_model_binding *b = lma_model_binding_of(s, u->bid == 255 ? 0 : u->bid);

        latest = !is_for_one_path(m, s, u, gateway)     ? s->latest
                 : b != NULL && b->timestamp > s->floor ? b->timestamp
                                                        : s->floor;
    }
    for (unsigned i = 0; s == NULL && !lma_model_deregisters(u) && i < MODEL_SESSIONS; i++)
    {
        /* 5.5-6: of that mobile node; what is for one path may begin a session in either order */
        if (m->session[i].there && m->session[i].node == u->node &&
            !is_for_one_path(m, s, u, gateway))
        {
            latest = later(latest, m->session[i].latest);
        }
    }
    if (latest != 0 && u->timestamp <= latest)
    {
        return 157;
    }
    return distance <= window ? 0 : 156;
}

static int
check_multipath(const model *m, const lma_model_update *u)
{
    const lma_model_node *node = &m->node[u->node];

    if (!u->multipath)
    {
        return 0;
    }
    if ((u->faults & (FAULT_MULTIPATH_SHORT | FAULT_MULTIPATH_LONG)) != 0 || u->bid == 0 ||
        u->bid == 255 || (u->bulk && u->overwrite) ||
        (u->gateway == MODEL_GATEWAYS && m->config->lma.require_gateway_identifier))
    {
        return 128; /* D8-01, D8-03, D8-04 */
    }
    return lma_model_deregisters(u) ||
                   (m->config->lma.multipath && (!node->known || node->multipath))
               ? 0
               : 180;
}

static int
check_who_and_when(model *m,
                   const lma_model_update *u,
                   unsigned gateway,
                   lma_model_finding found,
                   uint64_t clock)
{
    const unsigned repeated = FAULT_TWO_HANDOFFS | FAULT_TWO_TIMESTAMPS | FAULT_TWO_MULTIPATHS |
                              FAULT_TWO_GATEWAYS | FAULT_PREFIX_LENGTH;
    int status = 0;

    if ((u->faults & repeated) != 0)
    {
        return 128; /* B5213-03, D8-22 */
    }
    if ((u->faults & FAULT_NO_NODE) != 0)
    {
        return 160;
    }
    status = check_gateway(m, u, gateway);
    status = status == 0 ? check_node(m, u) : status;
    return status == 0 ? check_order(m, found.session, u, gateway, clock) : status;
}

static int
check_what(const model *m, const lma_model_update *u)
{
    if ((u->faults & FAULT_NO_PREFIX) != 0)
    {
        return 158;
    }
    if ((u->faults & FAULT_NO_HANDOFF) != 0)
    {
        return 161;
    }
    return (u->faults & FAULT_NO_TECHNOLOGY) != 0 ? 162 : check_multipath(m, u);
}

/** 5.3.5-1, D8-12, C8-03, C8-12 */
static int
check_deregistration(lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    if (s == NULL || !lma_model_same_gateway(s, u, gateway))
    {
        return MODEL_SILENCE;
    }
    /* What is not there any more is gone, whoever of the gateway's addresses says so: its answer was lost */
    return lma_model_has_care_of(s, lma_model_care_of(u)) ||
                   (u->multipath && !u->bulk && u->gateway < MODEL_GATEWAYS &&
                    lma_model_binding_of(s, u->bid) == NULL)
               ? 0
               : MODEL_SILENCE;
}

/* ---- prefixes: RFC 5213 5.3.2, RFC 7148 5.2.2 ---- */

static unsigned
pool_used(model *m, lma_model_use use)
{
    unsigned used = 0;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        const lma_model_session *s = &m->session[i];

        for (unsigned k = 0; s->there && k < s->prefixes[use]; k++)
        {
            used += s->prefix[use][k] < PREFIX_NAMED;
        }
    }
    return used;
}

/** How many prefixes node @p node has by name: node 1 two for home networks and one to be delegated. */
static unsigned
names_of(const model *m, unsigned node, lma_model_use use)
{
    return node == 1 && m->node[1].known ? (use == USE_HOME ? 2 : 1) : 0;
}

/** ALL_ZERO: those by name that are free, else one of the pool. Returns how many into @p prefix, 0: none is left. */
static unsigned
choose(model *m, unsigned node, lma_model_use use, uint32_t prefix[MODEL_PREFIXES])
{
    unsigned count = 0;

    for (unsigned i = 0; i < names_of(m, node, use); i++)
    {
        if (lma_model_user_of(m, use, PREFIX_NAMED + i) == NULL)
        {
            prefix[count++] = PREFIX_NAMED + i;
        }
    }
    if (count == 0 && pool_used(m, use) < m->pool)
    {
        prefix[count++] = PREFIX_ZERO;
    }
    return count;
}

/** Whether the node may have it: it has, it is its own, or one of the pool that is free and it has none by name. */
static bool
may_have(model *m,
         const lma_model_session *s,
         const lma_model_update *u,
         lma_model_use use,
         unsigned which)
{
    uint32_t prefix = u->prefix[use][which];
    lma_model_session *user = lma_model_user_of(m, use, prefix);
    unsigned of_pool = 0;

    if (user != NULL)
    {
        return user == s;
    }
    for (unsigned i = 0; s != NULL && i < s->prefixes[use]; i++)
    {
        of_pool += s->prefix[use][i] < PREFIX_NAMED;
    }
    for (unsigned i = 0; i < which; i++)
    {
        of_pool += u->prefix[use][i] < PREFIX_NAMED;
    }
    return prefix >= PREFIX_NAMED
               ? prefix - PREFIX_NAMED < names_of(m, u->node, use)
               : prefix - PREFIX_POOL < m->pool && of_pool == 0 && names_of(m, u->node, use) == 0;
}

static int
check_prefixes(model *m, const lma_model_session *s, const lma_model_update *u, lma_model_use use)
{
    uint32_t chosen[MODEL_PREFIXES];

    if (u->prefixes[use] == 0)
    {
        return 0;
    }
    if (use == USE_DELEGATED && m->node[u->node].known && !m->node[u->node].delegation)
    {
        return 177;
    }
    if (u->prefix[use][0] == PREFIX_ZERO)
    {
        return (s != NULL && s->prefixes[use] > 0) || choose(m, u->node, use, chosen) > 0 ? 0 : 130;
    }
    for (unsigned i = 0; i < u->prefixes[use]; i++)
    {
        if (!may_have(m, s, u, use, i))
        {
            return use == USE_HOME ? 155 : 178;
        }
    }
    return 0;
}

static void
take_prefixes(model *m, lma_model_session *s, const lma_model_update *u, lma_model_use use)
{
    if (u->prefixes[use] > 0 && u->prefix[use][0] == PREFIX_ZERO)
    {
        s->prefixes[use] = s->prefixes[use] > 0 ? s->prefixes[use]
                                                : choose(m, u->node, use, s->prefix[use]);
        return;
    }
    for (unsigned i = 0; i < u->prefixes[use]; i++)
    {
        if (!lma_model_among(u->prefix[use][i], s->prefix[use], s->prefixes[use]))
        {
            s->prefix[use][s->prefixes[use]++] = u->prefix[use][i];
        }
    }
}

/* ---- bindings: the state table 4.5 ---- */

/** The bindings that stay beside the one that comes: none in these cases, else those of other paths. */
static void
make_way(lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    bool alone = s->grace || !u->multipath || u->overwrite ||
                 !lma_model_same_gateway(s, u, gateway);
    unsigned kept = 0;

    for (unsigned i = 0; i < s->bindings; i++)
    {
        const lma_model_binding *b = &s->binding[i];

        /* D8-15 */
        if (!alone && b->bid != 0 && b->bid != u->bid && b->care_of != lma_model_care_of(u))
        {
            s->binding[kept++] = *b;
        }
        else if (b->bid != u->bid || s->grace || !lma_model_same_gateway(s, u, gateway))
        {
            s->floor = later(s->floor, b->timestamp); /* C8-08 */
        }
    }
    s->bindings = kept;
}

static void
join(lma_model_session *s,
     const lma_model_update *u,
     unsigned gateway,
     uint32_t lifetime_s,
     fb_time now)
{
    lma_model_binding *known = lma_model_binding_of(s, u->bid);
    bool refreshed = known != NULL && !s->grace && lma_model_same_gateway(s, u, gateway);
    lma_model_binding b = {.bid = u->bid,
                           .technology = u->multipath ? u->technology : 0,
                           .label = u->multipath ? u->label : 0,
                           .care_of = lma_model_care_of(u),
                           .lifetime_s = lifetime_s,
                           .expires = now + lifetime_s * FB_SECOND,
                           .timestamp = refreshed ? known->timestamp : 0};

    make_way(s, u, gateway);
    s->binding[s->bindings++] = b;
    for (unsigned i = 0; u->bulk && i < s->bindings; i++)
    {
        s->binding[i].lifetime_s = b.lifetime_s; /* R8278-4.1-13 */
        s->binding[i].expires = b.expires;
    }
    s->grace = false;
}

static void
count_order(lma_model_session *s, const lma_model_update *u, bool one_path)
{
    lma_model_binding *b = lma_model_binding_of(s, u->bid);

    if (!u->timed)
    {
        s->sequenced = true;
        s->sequence = u->sequence;
        return;
    }
    s->latest = later(s->latest, u->timestamp);
    if (one_path && b != NULL)
    {
        b->timestamp = u->timestamp;
    }
    else
    {
        s->floor = later(s->floor, u->timestamp); /* C8-08: every BID's */
    }
}

/** Would it be too many? @p s is NULL for a new session. */
static bool
has_room(const model *m, const lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    const fb_limits *limits = &m->config->limits;
    lma_model_session after = s != NULL ? *s : (lma_model_session){.there = false};
    unsigned before = after.bindings, sessions = 0, bindings = 0;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        sessions += m->session[i].there;
        bindings += m->session[i].there ? m->session[i].bindings : 0;
    }
    if (s == NULL && sessions >= limits->sessions)
    {
        return false;
    }
    make_way(&after, u, gateway);
    return after.bindings + 1 <= before ||
           (after.bindings + 1 <= limits->bindings_per_node &&
            bindings - before + after.bindings + 1 <= limits->bindings);
}

/* ---- what an accepted update does ---- */

static void
end_session(model *m, lma_model_session *s)
{
    lma_model_node *node = &m->node[s->node];

    node->floor = later(node->floor, s->latest);
    s->there = false;
    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        if (m->session[i].there && m->session[i].node == s->node)
        {
            return;
        }
    }
    if (!node->known)
    {
        *node = (lma_model_node){.known = false}; /* one that came by itself is forgotten */
    }
}

static lma_model_session *
new_session(model *m, const lma_model_update *u)
{
    lma_model_session *s = m->session;

    while (s->there)
    {
        s++;
    }
    *s = (lma_model_session){.there = true,
                             .age = ++m->births,
                             .node = u->node,
                             .latest = m->node[u->node].floor,
                             .floor = m->node[u->node].floor};
    return s;
}

static void
take_session(lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    s->gateway = gateway;
    s->association = u->association;
    s->multipath = u->multipath;
    s->access = u->access;
    s->handoff = u->handoff;
    if (u->link_layer != 0 || u->handoff == 2)
    {
        s->link_layer = u->link_layer;
    }
    if (u->link_local > ALL_ZERO || (u->link_local == ALL_ZERO && s->link_local == 0))
    {
        s->link_local = u->link_local; /* RFC 5213 5.3.6 */
    }
}

static void
lma_model_register(model *m,
                   lma_model_session *s,
                   const lma_model_update *u,
                   unsigned gateway,
                   fb_time now,
                   lma_model_answer *a)
{
    uint32_t most = m->config->lma.lifetime_max_s / 4;
    bool fresh = s == NULL, one_path = is_for_one_path(m, s, u, gateway), gives_back;
    bool moves = !fresh && !lma_model_same_gateway(s, u, gateway);

    a->lifetime = u->lifetime < most ? u->lifetime : (uint16_t)most;
    s = fresh ? new_session(m, u) : s;
    gives_back = !fresh && withdraws(s, u, gateway);
    join(s, u, gateway, a->lifetime * 4u, now);
    s->prefixes[USE_DELEGATED] = gives_back ? 0 : s->prefixes[USE_DELEGATED];
    take_prefixes(m, s, u, USE_HOME);
    take_prefixes(m, s, u, USE_DELEGATED);
    take_session(s, u, gateway);
    count_order(s, u, one_path);
    m->owner[lma_model_care_of(u)] = gateway;
    m->node[u->node].waits = false;
    /* 4.5: unless in the message; or another gateway's */
    s->flows = u->overwrite || moves ? 0 : s->flows;
    lma_model_take_flows(m, s, u, a);
    a->session = (int)(s - m->session);
}

static void
lma_model_deregister(model *m,
                     lma_model_session *s,
                     const lma_model_update *u,
                     fb_time now,
                     lma_model_answer *a)
{
    bool one = u->multipath && !u->bulk;
    lma_model_binding *b = lma_model_binding_of(s, u->bid);

    a->session = (int)(s - m->session);
    count_order(s, u, false);
    if (s->grace || (one && b == NULL))
    {
        return; /* C8-12; D8-12 */
    }
    if (one && s->bindings > 1)
    {
        s->floor = later(s->floor, b->timestamp);
        *b = s->binding[--s->bindings];
        lma_model_take_flows(m, s, u, a);
        return;
    }
    s->grace = true;
    s->flows = 0;
    for (unsigned i = 0; i < s->bindings; i++)
    {
        s->binding[i].expires = now + m->config->lma.delete_delay_ms * FB_MILLISECOND;
    }
}

static int
check(model *m,
      const lma_model_update *u,
      unsigned gateway,
      lma_model_finding found,
      uint64_t clock)
{
    int status = check_who_and_when(m, u, gateway, found, clock);

    status = status == 0 ? check_what(m, u) : status;
    if (status != 0 || found.status != 0)
    {
        return status != 0 ? status : found.status;
    }
    if (lma_model_deregisters(u))
    {
        return check_deregistration(found.session, u, gateway);
    }
    if (!has_room(m, found.session, u, gateway))
    {
        return 130;
    }
    status = check_prefixes(m, found.session, u, USE_HOME);
    return status == 0 ? check_prefixes(m, found.session, u, USE_DELEGATED) : status;
}

lma_model_answer
lma_model_input(model *m, const lma_model_update *update, uint64_t timestamp, fb_time now)
{
    const unsigned silent = FAULT_NOT_PROXY | FAULT_TYPE | FAULT_PAYLOAD_PROTO | FAULT_CUT |
                            FAULT_CHECKSUM | FAULT_OVERRUN;
    lma_model_update seen = understood(m, update);
    const lma_model_update *u = &seen;
    lma_model_answer a = {.status = MODEL_SILENCE, .sequence = u->sequence, .session = -1};
    lma_model_finding found;
    unsigned gateway;

    forget_stranger(m);
    gateway = gateway_of(m, u);
    found = lma_model_find_session(m, u, gateway, now);
    if ((u->faults & silent) != 0)
    {
        return a;
    }
    a.status = check(m, u, gateway, found, timestamp);
    a.timestamp = a.status == 156 || a.status == 157 ? timestamp : u->timestamp;
    if (a.status == 0 && lma_model_deregisters(u))
    {
        lma_model_deregister(m, found.session, u, now, &a);
    }
    else if (a.status == 0)
    {
        lma_model_register(m, found.session, u, gateway, now, &a);
    }
    else if (a.status == MODEL_SILENCE && found.status == MODEL_SILENCE)
    {
        lma_model_node *node = &m->node[u->node];

        node->since = node->waits && now - node->since < 64 * FB_SECOND ? node->since : now;
        node->waits = true;
    }
    a.sequence = a.status == 135 ? found.session->sequence : a.sequence;
    if (a.status == 0 && !u->acknowledge)
    {
        a.status = MODEL_SILENCE;
    }
    return a;
}

/* ---- the rest ---- */

void
lma_model_expire(model *m, fb_time now)
{
    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        lma_model_session *s = &m->session[i];
        unsigned kept = 0;

        for (unsigned k = 0; s->there && k < s->bindings; k++)
        {
            if (s->binding[k].expires > now)
            {
                s->binding[kept++] = s->binding[k];
            }
            else
            {
                s->floor = later(s->floor, s->binding[k].timestamp);
            }
        }
        if (s->there && kept == 0)
        {
            end_session(m, s); /* D8-30, RFC 5213 5.3.5 */
        }
        s->bindings = kept;
    }
}

void
lma_model_remove(model *m, unsigned node)
{
    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        m->session[i].there = m->session[i].there && m->session[i].node != node;
    }
    m->node[node] = (lma_model_node){.known = false};
}

bool
lma_model_learn(model *m, lma_model_session *session, lma_model_use use, uint32_t prefix)
{
    for (unsigned i = 0; i < session->prefixes[use]; i++)
    {
        if (session->prefix[use][i] == PREFIX_ZERO && prefix >= PREFIX_POOL &&
            prefix - PREFIX_POOL < m->pool && lma_model_user_of(m, use, prefix) == NULL)
        {
            session->prefix[use][i] = prefix;
            return true;
        }
    }
    return false;
}
