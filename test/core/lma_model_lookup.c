/* SPDX-License-Identifier: BSD-3-Clause */

/** @file Which session an update is about: RFC 5213 5.4.1, and D8-07. */

#include "lma_model_parts.h"

bool
lma_model_deregisters(const lma_model_update *u)
{
    return u->lifetime == 0;
}

unsigned
lma_model_care_of(const lma_model_update *u)
{
    return u->alternate < MODEL_CARE_OFS ? u->alternate : u->source; /* RFC 5213 5.3.1-13 */
}

/* ---- looking ---- */

lma_model_binding *
lma_model_binding_of(lma_model_session *s, uint8_t bid)
{
    for (unsigned i = 0; i < s->bindings; i++)
    {
        if (s->binding[i].bid == bid)
        {
            return &s->binding[i];
        }
    }
    return NULL;
}

bool
lma_model_has_care_of(const lma_model_session *s, unsigned address)
{
    for (unsigned i = 0; i < s->bindings; i++)
    {
        if (s->binding[i].care_of == address)
        {
            return true;
        }
    }
    return false;
}

bool
lma_model_among(uint32_t prefix, const uint32_t *list, unsigned count)
{
    return count > 0 && (list[0] == prefix || lma_model_among(prefix, list + 1, count - 1));
}

lma_model_session *
lma_model_user_of(model *m, lma_model_use use, uint32_t prefix)
{
    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        lma_model_session *s = &m->session[i];

        if (s->there && prefix != PREFIX_ZERO &&
            lma_model_among(prefix, s->prefix[use], s->prefixes[use]))
        {
            return s;
        }
    }
    return NULL;
}

bool
lma_model_same_gateway(const lma_model_session *s, const lma_model_update *u, unsigned gateway)
{
    bool both_named = u->gateway < MODEL_GATEWAYS && s->gateway < MODEL_GATEWAYS;

    return s->gateway == gateway ||
           (!both_named && (lma_model_has_care_of(s, lma_model_care_of(u)) ||
                            (s->association != 0 && s->association == u->association)));
}

/* ---- which session: RFC 5213 5.4.1 ---- */

static bool
same_set(const lma_model_session *s, const lma_model_update *u)
{
    unsigned count = u->prefixes[USE_HOME];

    for (unsigned i = 0; i < count; i++)
    {
        if (!lma_model_among(u->prefix[USE_HOME][i], s->prefix[USE_HOME], s->prefixes[USE_HOME]))
        {
            return false;
        }
    }
    return count == s->prefixes[USE_HOME];
}

/** 5.4.1.1, by prefix. */
static lma_model_finding
find_by_prefix(model *m, const lma_model_update *u, unsigned gateway)
{
    lma_model_finding found = {NULL, 0};
    lma_model_session *s = NULL;
    bool same_access;

    for (unsigned i = 0; i < u->prefixes[USE_HOME] && s == NULL; i++)
    {
        lma_model_session *user = lma_model_user_of(m, USE_HOME, u->prefix[USE_HOME][i]);

        s = user != NULL && user->node == u->node ? user : NULL;
        found.status = user != NULL && s == NULL ? 155 : found.status; /* item 3 */
    }
    if (s == NULL)
    {
        return found;
    }
    same_access = s->access == u->access;
    if (!same_set(s, u))
    {
        return (lma_model_finding){NULL, 159}; /* item 4 */
    }
    /* item 5; and D8-07, which C8-04 limits to updates without link-layer identifier */
    if ((u->link_layer != 0 && s->link_layer == u->link_layer && same_access) || u->handoff == 2 ||
        (u->link_layer == 0 && s->link_layer == 0 && same_access && u->handoff == 3) ||
        (lma_model_has_care_of(s, lma_model_care_of(u)) && same_access) ||
        (u->multipath && u->link_layer == 0 && lma_model_same_gateway(s, u, gateway)))
    {
        return (lma_model_finding){s, 0};
    }
    return (lma_model_finding){NULL, 0};
}

static fb_time
milliseconds(uint16_t count)
{
    return count * FB_MILLISECOND;
}

/** Handoff Indicator 4: the end of the earlier attachment is waited for, until so long after it was asked first. */
static lma_model_finding
wait_for_end(const model *m, lma_model_session *s, const lma_model_update *u, fb_time now)
{
    const lma_model_node *node = &m->node[u->node];
    fb_time wait = milliseconds(m->config->lma.handoff_wait_ms);
    /* One that has waited 64 s, twice MAX_BINDACK_TIMEOUT, has given up */
    bool waits = node->waits && now - node->since < 64 * FB_SECOND;

    if (s->grace || lma_model_deregisters(u))
    {
        return (lma_model_finding){s, 0};
    }
    return (lma_model_finding){NULL,
                               wait > 0 && (!waits || now - node->since < wait) ? MODEL_SILENCE
                                                                                : 0};
}

/** 5.4.1.2 and 5.4.1.3, by mobile node. */
static lma_model_finding
find_by_node(model *m, const lma_model_update *u, unsigned gateway, fb_time now)
{
    lma_model_session *only = NULL, *interface = NULL;
    unsigned sessions = 0;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        lma_model_session *s = &m->session[i];

        if (!s->there || s->node != u->node)
        {
            continue;
        }
        sessions++;
        only = s;
        if (u->link_layer != 0 && s->link_layer == u->link_layer && s->access == u->access &&
            (interface == NULL || s->age > interface->age))
        {
            interface = s; /* 5.4.1.2-2; should there be two, the younger one */
        }
    }
    if (interface != NULL || sessions != 1)
    {
        return (lma_model_finding){interface, 0};
    }
    if (u->handoff == 2 || (u->link_layer == 0 && u->handoff == 3) ||
        /* D8-07, D8-23 */
        (u->link_layer == 0 && u->multipath && lma_model_same_gateway(only, u, gateway)))
    {
        return (lma_model_finding){only, 0};
    }
    return u->handoff == 4 ? wait_for_end(m, only, u, now) : (lma_model_finding){NULL, 0};
}

lma_model_finding
lma_model_find_session(model *m, const lma_model_update *u, unsigned gateway, fb_time now)
{
    for (unsigned i = 0; i < u->prefixes[USE_HOME]; i++)
    {
        if (u->prefix[USE_HOME][i] != PREFIX_ZERO)
        {
            return find_by_prefix(m, u, gateway);
        }
    }
    return find_by_node(m, u, gateway, now);
}
