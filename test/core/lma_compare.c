/* SPDX-License-Identifier: BSD-3-Clause */
#include "lma_compare.h"

#include <string.h>

static void
disagree(comparison *c, const char *wrong)
{
    if (c->wrong == NULL)
    {
        c->wrong = wrong;
    }
}

/* ---- acknowledgements ---- */

static bool
same_set(const uint32_t *one, unsigned count, const uint32_t *other, unsigned others)
{
    for (unsigned i = 0; i < count; i++)
    {
        bool found = false;

        for (unsigned k = 0; k < others; k++)
        {
            found = found || one[i] == other[k];
        }
        if (!found)
        {
            return false;
        }
    }
    return count == others;
}

/** RFC 5213 5.3.6: of an accepted update the session's; of a refused one the update's, in its order. */
static void
compare_home(comparison *c,
             const lma_model_update *u,
             const lma_model_session *s,
             const message_ack *ack)
{
    static const uint32_t any[] = {PREFIX_ZERO};
    unsigned first = (u->faults & FAULT_PREFIX_LENGTH) != 0; /* it counts as absent */
    unsigned count = u->prefixes[USE_HOME] - first;
    const uint32_t *asked = count > 0 ? u->prefix[USE_HOME] + first : any;
    bool good = false;

    if (s != NULL)
    {
        good = same_set(ack->prefix[USE_HOME],
                        ack->prefixes[USE_HOME],
                        s->prefix[USE_HOME],
                        s->prefixes[USE_HOME]);
    }
    else
    {
        count = count > 0 ? count : 1;
        good = ack->prefixes[USE_HOME] == count;
        for (unsigned i = 0; i < count && good; i++)
        {
            /* strange ones are all alike to the reader */
            good = ack->prefix[USE_HOME][i] ==
                   (asked[i] >= PREFIX_STRANGE ? PREFIX_STRANGE : asked[i]);
        }
    }
    if (!good)
    {
        disagree(c, "other Home Network Prefix options");
    }
}

/** RFC 7148 5.2.2, C8-17 */
static void
compare_delegated(comparison *c,
                  const lma_model_update *u,
                  const lma_model_session *s,
                  const message_ack *ack)
{
    bool told = s != NULL && u->prefixes[USE_DELEGATED] > 0 && c->m->config->lma.delegation;

    if (!same_set(ack->prefix[USE_DELEGATED],
                  ack->prefixes[USE_DELEGATED],
                  told ? s->prefix[USE_DELEGATED] : NULL,
                  told ? s->prefixes[USE_DELEGATED] : 0))
    {
        disagree(c, "other Delegated Mobile Network Prefix options");
    }
}

/** Options 8, 23 to 27 repeat the update's (RFC 5213 5.3.6). */
static void
compare_echoes(comparison *c, const lma_model_update *u, const message_ack *ack)
{
    fb_nai node = message_node(u->node);
    size_t length;
    const uint8_t *link_layer = message_link_layer(u->link_layer, &length);
    bool named = (u->faults & FAULT_NO_NODE) == 0;
    bool timed = u->timed || (u->faults & FAULT_TWO_TIMESTAMPS) != 0;
    bool untold = !u->timed && timed; /* the first of two */
    uint8_t handoff = u->handoff;

    if ((u->faults & FAULT_NO_HANDOFF) != 0 && (u->faults & FAULT_TWO_HANDOFFS) != 0)
    {
        handoff = 3;
    }
    if (ack->options[8] != 1 || ack->node_length != (named ? 1u + node.length : 1u) ||
        ack->node[0] != 1 || (named && memcmp(ack->node + 1, node.text, node.length) != 0))
    {
        disagree(c, "another Mobile Node Identifier option");
    }
    if (ack->options[23] != 1 || ack->handoff != handoff || ack->options[24] != 1 ||
        ack->access != u->access)
    {
        disagree(c, "another Handoff Indicator or Access Technology Type option");
    }
    if (ack->options[25] != (u->link_layer != 0) ||
        (u->link_layer != 0 &&
         (ack->link_layer_length != length || memcmp(ack->link_layer, link_layer, length) != 0)))
    {
        disagree(c, "another Link-layer Identifier option");
    }
    if (ack->options[27] != timed ||
        (timed && ack->timestamp !=
                      c->expected->timestamp + (untold && c->expected->timestamp == u->timestamp)))
    {
        disagree(c, "another Timestamp option");
    }
}

/** RFC 5213 5.3.6, the last of the options. */
static void
compare_link_local(comparison *c,
                   const lma_model_update *u,
                   const lma_model_session *s,
                   const message_ack *ack)
{
    unsigned which = s != NULL ? s->link_local : u->link_local;
    bool good = ack->options[26] == (u->link_local != 0);

    if (good && u->link_local != 0)
    {
        good = which == 1 && s != NULL
                   ? ack->link_local[0] == 0xfe && ack->link_local[1] == 0x80 /* it made one */
                   : memcmp(ack->link_local, message_link_local(which), 16) == 0;
    }
    if (!good)
    {
        disagree(c, "another Link-local Address option");
    }
}

/** R8278-4.4-05, -09, D8-03, D8-06, D8-31: option 63 comes back, its reserved bits 0; option 64 never. */
static void
compare_multipath(comparison *c, const lma_model_update *u, const message_ack *ack)
{
    const uint8_t body[6] = {u->technology,
                             u->label,
                             u->bid,
                             (uint8_t)((u->bulk ? 0x80 : 0) | (u->overwrite ? 0x40 : 0))};
    bool echoed = u->multipath && !c->m->config->lma.legacy;
    size_t length = (u->faults & FAULT_MULTIPATH_SHORT) != 0 ? 5 : 6;
    size_t same = (u->faults & (FAULT_MULTIPATH_SHORT | FAULT_MULTIPATH_LONG)) != 0 ? 3 : 6;

    if (ack->options[63] != echoed ||
        (echoed && (u->faults & FAULT_TWO_MULTIPATHS) == 0 &&
         (ack->multipath_length != length || memcmp(ack->multipath, body, same) != 0)))
    {
        disagree(c, "another MAG Multipath Binding option");
    }
}

static void
compare_flow_answers(comparison *c, const message_ack *ack)
{
    const lma_model_answer *a = c->expected;

    if (ack->flows != a->flows || memcmp(ack->fid, a->fid, a->flows * sizeof a->fid[0]) != 0 ||
        memcmp(ack->flow_status, a->flow_status, a->flows) != 0)
    {
        disagree(c, "other Flow Identification options");
    }
}

void
compare_answer(comparison *c, const lma_model_update *u, const message_ack *ack)
{
    const lma_model_answer *a = c->expected;
    const lma_model_session *s = a->session >= 0 ? &c->m->session[a->session] : NULL;

    if (ack->status != a->status || ack->flags != 0x20 || ack->sequence != a->sequence ||
        ack->lifetime != a->lifetime)
    {
        disagree(c, "another Status, Sequence Number or Lifetime");
        return;
    }
    compare_echoes(c, u, ack);
    compare_home(c, u, s, ack);
    compare_delegated(c, u, s, ack);
    compare_link_local(c, u, s, ack);
    compare_multipath(c, u, ack);
    compare_flow_answers(c, ack);
}

/* ---- sessions ---- */

static bool
same_name(const fb_nai *one, const fb_nai *other)
{
    return one->length == other->length && memcmp(one->text, other->text, one->length) == 0;
}

/** The model's session of this number; one that is new gets it. */
static lma_model_session *
session_of(comparison *c, const fb_session_view *view)
{
    lma_model_session *fresh = NULL;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        lma_model_session *s = &c->m->session[i];

        if (s->there && s->number == view->session)
        {
            return s;
        }
        fresh = s->there && s->number == 0 ? s : fresh;
    }
    if (fresh != NULL)
    {
        fresh->number = view->session;
    }
    return fresh;
}

static bool
same_prefixes(comparison *c, lma_model_session *s, lma_model_use use, const fb_networks *networks)
{
    uint32_t prefix[FB_NETWORKS_MAX];

    for (unsigned i = 0; i < networks->count; i++)
    {
        prefix[i] = message_prefix_number(use, &networks->prefix[i]);
        (void)lma_model_learn(c->m, s, use, prefix[i]);
    }
    return same_set(prefix, networks->count, s->prefix[use], s->prefixes[use]);
}

static bool
same_binding(const lma_model_binding *b, const fb_proxy_view *view)
{
    fb_addr care_of = message_care_of(b->care_of);

    return view->ref.bid == b->bid && memcmp(&view->care_of, &care_of, sizeof care_of) == 0 &&
           view->technology == b->technology && view->label == b->label &&
           view->lifetime_s == b->lifetime_s && view->expires == b->expires &&
           view->state == FB_BINDING_UP && view->tunnel == FB_TUNNEL_IPIP && view->udp_port == 0 &&
           !view->has_key;
}

static void
compare_bindings(comparison *c, const lma_model_session *s)
{
    unsigned expected = s->grace ? 0 : s->bindings;
    fb_proxy_view view;
    unsigned count = 0;

    while (fb_agent_proxy_binding(c->agent, FB_ROLE_LMA, s->number, count, &view))
    {
        unsigned found = 0;

        for (unsigned i = 0; i < expected; i++)
        {
            found += same_binding(&s->binding[i], &view);
        }
        if (found != 1 || view.ref.session != s->number)
        {
            disagree(c, "another binding");
        }
        count++;
    }
    if (count != expected)
    {
        disagree(c, "another number of bindings");
    }
}

/** RFC 6089 4.3: none of its bindings is there any more. */
static bool
is_inactive(const lma_model_session *s, const lma_model_flow *f)
{
    for (unsigned i = 0; i < s->bindings; i++)
    {
        for (unsigned k = 0; k < f->bids; k++)
        {
            if (s->binding[i].bid == f->bid[k])
            {
                return false;
            }
        }
    }
    return true;
}

static bool
same_flow(const lma_model_flow *f, const fb_rule *rule)
{
    bool same = rule->bid_count == f->bids &&
                rule->action == (f->bids > 1 ? FB_RULE_COPY : FB_RULE_FORWARD) &&
                rule->selector.format == FB_SELECTOR_IPV4 &&
                rule->selector.u.v4.present == FB_SELECTOR4_SOURCE_PORT_START &&
                rule->selector.u.v4.source_port_start == f->port;

    for (unsigned i = 0; same && i < f->bids; i++)
    {
        same = rule->bid[i] == f->bid[i];
    }
    return same;
}

static void
compare_flows(comparison *c, const lma_model_session *s)
{
    fb_rule rule;
    unsigned active = 0;

    for (unsigned i = 0; i < s->flows; i++)
    {
        if (is_inactive(s, &s->flow[i]))
        {
            continue;
        }
        if (!fb_agent_session_rule(c->agent, FB_ROLE_LMA, s->number, active++, &rule) ||
            !same_flow(&s->flow[i], &rule))
        {
            disagree(c, "another flow");
        }
    }
    if (fb_agent_session_rule(c->agent, FB_ROLE_LMA, s->number, active, &rule))
    {
        disagree(c, "a flow too many");
    }
}

static bool
same_link_local(const lma_model_session *s, const fb_session_view *view)
{
    return s->link_local == 1
               ? view->link_local[0] == 0xfe && view->link_local[1] == 0x80
               : memcmp(view->link_local, message_link_local(s->link_local), 16) == 0;
}

static void
compare_session(comparison *c, const fb_session_view *view)
{
    lma_model_session *s = session_of(c, view);
    fb_nai node, gateway = {.length = 0};

    if (s == NULL)
    {
        disagree(c, "a session too many");
        return;
    }
    node = message_node(s->node);
    if (s->gateway < MODEL_GATEWAYS)
    {
        gateway = message_gateway(s->gateway);
    }
    if (!same_name(&view->identity, &node) || !same_name(&view->gateway, &gateway))
    {
        disagree(c, "another mobile node or gateway of a session");
    }
    if (view->multipath != s->multipath || view->grace != s->grace ||
        view->technology != s->access || view->handoff != s->handoff ||
        view->binding_count != (s->grace ? 0 : s->bindings) || view->flow_count != s->flows ||
        !same_link_local(s, view))
    {
        disagree(c, "another session");
    }
    if (!same_prefixes(c, s, USE_HOME, &view->home) ||
        !same_prefixes(c, s, USE_DELEGATED, &view->delegated))
    {
        disagree(c, "other prefixes of a session");
    }
    compare_bindings(c, s);
    compare_flows(c, s);
}

void
compare_sessions(comparison *c)
{
    fb_session_view view;
    unsigned count = 0, expected = 0;

    while (fb_agent_session(c->agent, FB_ROLE_LMA, count, &view))
    {
        compare_session(c, &view);
        count++;
    }
    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        expected += c->m->session[i].there;
    }
    if (count != expected)
    {
        disagree(c, "another number of sessions");
    }
}
