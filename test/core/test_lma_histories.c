/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random histories of valid, replayed, reordered, duplicated, damaged and malformed updates of several gateways for
 * several mobile nodes: after each step the anchor and the model in lma_model.c must agree on every session, its
 * prefixes, bindings and flows, and on every field of the acknowledgement.
 *
 * FLOWBIND_SEED repeats a run. A disagreement is reported as the shortest history found that shows it.
 */

#include "base/random.h"
#include "cmocka_setup.h"
#include "lma_compare.h"

#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HISTORIES 30000
#else
#define HISTORIES 100000
#endif
#define STEPS 24

#define WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01 */
#define MEMORY 131072

typedef enum step_kind
{
    STEP_NONE,
    STEP_WAIT,
    STEP_UPDATE, /* composed and delivered */
    STEP_HOLD, /* composed; a STEP_AGAIN may deliver it later */
    STEP_AGAIN, /* what step `other` composed */
    STEP_DAMAGED, /* the same with one bit flipped */
    STEP_RIGHT, /* what a node may is said anew */
    STEP_REMOVE /* the anchor serves the node no more */
} step_kind;

typedef struct step
{
    step_kind kind;
    fb_time wait;
    int64_t offset_ms; /* of the timestamp */
    int sequence; /* how far ahead of the last one */
    bool own[USES]; /* it names the prefixes of the node's youngest session */
    lma_model_update update;
    unsigned other, bit;
} step;

typedef struct history
{
    fb_config config;
    lma_model_trust trust;
    unsigned pool;
    step step[STEPS];
} history;

/** Carrying out a history. */
typedef struct play
{
    const history *history;
    fb_agent *agent;
    model m;
    fb_time now;
    uint16_t sequence;
    size_t length[STEPS];
    uint8_t octets[STEPS][MESSAGE_OCTETS];
    lma_model_update update[STEPS];
    lma_model_answer expected;
    int came; /* the status, or MODEL_SILENCE */
    const char *wrong; /* the first disagreement */
} play;

static _Alignas(16) uint8_t memory[MEMORY];
static const char *comparison_failed;

/* ---- drawing a history ---- */

#define PICK(random, list) ((list)[test_random_below(random, sizeof(list) / sizeof(list)[0])])

static bool
one_in(test_random *random, uint32_t count)
{
    return test_random_below(random, count) == 0;
}

static void
draw_config(test_random *random, history *h)
{
    static const uint8_t per_node[] = {1, 2, 3, 8};
    static const uint32_t bindings[] = {2, 6, 48}, sessions[] = {4, 6}, flows[] = {2, 24};
    static const uint32_t lifetime_s[] = {24, 3600, 3600, 65532};
    static const uint16_t window_ms[] = {300, 3000, 3000}, delete_ms[] = {0, 1, 10000, 10000};
    static const uint16_t wait_ms[] = {0, 500, 1500};
    fb_config *c = &h->config;

    fb_config_default(c);
    c->roles = FB_ROLE_LMA;
    h->trust = (lma_model_trust)test_random_below(random, TRUSTS);
    h->pool = one_in(random, 3) ? 2 : 4;
    c->limits.events = 64;
    c->limits.flow_cache = 0;
    c->limits.static_rules = 0;
    c->limits.bindings_per_node = PICK(random, per_node);
    c->limits.bindings = PICK(random, bindings);
    c->limits.sessions = PICK(random, sessions);
    c->limits.flows = PICK(random, flows);
    c->limits.rule_octets = 0; /* of any length: the model does not count them */
    c->limits.subscribers = MODEL_NODES;
    c->limits.gateways = MODEL_GATEWAYS + MODEL_SESSIONS;
    c->limits.care_of_addresses = MODEL_CARE_OFS;
    c->limits.named_prefixes = 3;
    c->lma.address = message_anchor();
    c->lma.heartbeat_s = 0;
    c->lma.lifetime_max_s = PICK(random, lifetime_s);
    c->lma.timestamp_window_ms = PICK(random, window_ms);
    c->lma.delete_delay_ms = PICK(random, delete_ms);
    c->lma.handoff_wait_ms = PICK(random, wait_ms);
    c->lma.multipath = !one_in(random, 20);
    c->lma.legacy = one_in(random, 20);
    c->lma.require_gateway_identifier = !one_in(random, 5);
    c->lma.any_gateway = one_in(random, 4);
    c->lma.any_subscriber = one_in(random, 4);
    c->lma.flow_policy = !one_in(random, 10);
    c->lma.flow_decision = one_in(random, 10) ? FB_FLOW_DECISION_ANCHOR : FB_FLOW_DECISION_GATEWAY;
    c->lma.delegation = !one_in(random, 8);
    c->lma.sequence_per_session = one_in(random, 4);
    c->lma.home_pool = message_pool(USE_HOME, h->pool);
    c->lma.delegated_pool = message_pool(USE_DELEGATED, h->pool);
}

static void
draw_flows(test_random *random, lma_model_update *u)
{
    u->flows = one_in(random, 3) ? 0 : 1 + test_random_below(random, MODEL_OPTIONS);
    u->summaries = one_in(random, 2) ? 0 : 1 + test_random_below(random, MODEL_OPTIONS);
    for (unsigned i = 0; i < u->flows; i++)
    {
        lma_model_flow *f = &u->flow[i];

        *f = (lma_model_flow){.fid = (uint16_t)(1 + test_random_below(random, 4)),
                              .priority = (uint16_t)(1 + test_random_below(random, 6)),
                              .bids = 1 + test_random_below(random, one_in(random, 3) ? 3 : 1),
                              .port = (uint16_t)test_random_below(random, 65536)};
        for (unsigned k = 0; k < f->bids; k++)
        {
            f->bid[k] = one_in(random, 2) ? u->bid : (uint16_t)(1 + test_random_below(random, 3));
            f->bid[k] = one_in(random, 60) ? (uint16_t)(one_in(random, 2) ? 0x0101 : 255)
                                           : f->bid[k];
        }
        if (one_in(random, 6))
        {
            f->fault = (lma_model_flow_fault)test_random_below(random, FLOW_FAULTS);
        }
        f->fid = one_in(random, 40) ? 0 : f->fid;
        f->priority = one_in(random, 40) ? 0 : f->priority;
    }
    for (unsigned i = 0; i < u->summaries; i++)
    {
        u->summary[i] = (uint16_t)(1 + test_random_below(random, 4));
    }
}

/** Prefixes by name; which are a node's own, or the anchor's at all, is as it happens. */
static void
draw_prefixes(test_random *random, lma_model_update *u, lma_model_use use)
{
    static const uint32_t kinds[] = {PREFIX_POOL, PREFIX_POOL, PREFIX_NAMED, PREFIX_STRANGE};

    if (one_in(random, 6))
    {
        u->prefixes[use] = 1 + one_in(random, 4);
        for (unsigned i = 0; i < u->prefixes[use]; i++)
        {
            u->prefix[use][i] = PICK(random, kinds) + test_random_below(random, 4);
        }
        return;
    }
    u->prefixes[use] = 1;
    u->prefix[use][0] = PREFIX_ZERO;
}

static void
draw_faults(test_random *random, lma_model_update *u)
{
    const unsigned multipath = FAULT_MULTIPATH_SHORT | FAULT_MULTIPATH_LONG;

    u->faults = 1u << test_random_below(random, FAULTS);
    u->faults |= one_in(random, 3) ? 1u << test_random_below(random, FAULTS) : 0;
    if ((u->faults & (multipath | FAULT_TWO_MULTIPATHS)) != 0)
    {
        u->multipath = true;
    }
    if ((u->faults & multipath) != 0)
    {
        u->faults &= ~((u->faults & FAULT_MULTIPATH_SHORT) << 1);
    }
    if ((u->faults & multipath) != 0 || u->bid == 0 || u->bid == 255 || (u->bulk && u->overwrite))
    {
        /* what is wrong with the option itself is found first; of several faults the first one counts */
        u->faults &= ~(unsigned)(FAULT_TWO_MULTIPATHS | FAULT_TWO_GATEWAYS);
    }
    if ((u->faults & FAULT_TWO_GATEWAYS) != 0)
    {
        u->faults &= ~(unsigned)FAULT_EMPTY_GATEWAY;
    }
    if ((u->faults & FAULT_NO_PREFIX) != 0)
    {
        u->prefixes[USE_HOME] = 0;
        u->faults &= ~(unsigned)FAULT_PREFIX_LENGTH;
    }
    u->handoff = (u->faults & FAULT_NO_HANDOFF) != 0 ? 0 : u->handoff;
    u->access = (u->faults & FAULT_NO_TECHNOLOGY) != 0 ? 0 : u->access;
}

/** Where it comes from: a gateway's own addresses and association, seldom another's. */
static void
draw_origin(test_random *random, lma_model_trust trust, lma_model_update *u)
{
    unsigned sender = one_in(random, 25) ? MODEL_GATEWAYS - 1 : one_in(random, 4);
    unsigned per = MODEL_CARE_OFS / 2;

    u->gateway = sender;
    u->source = one_in(random, 40) || sender == MODEL_GATEWAYS - 1
                    ? test_random_below(random, MODEL_CARE_OFS)
                    : sender * per + test_random_below(random, per);
    u->alternate = MODEL_CARE_OFS;
    if (one_in(random, u->lifetime == 0 ? 2 : 25))
    {
        u->alternate = one_in(random, 20) ? test_random_below(random, MODEL_CARE_OFS)
                                          : u->source / per * per + test_random_below(random, per);
    }
    if (trust == TRUST_ASSOCIATION)
    {
        u->association = sender < MODEL_GATEWAYS - 1 ? sender + 1 : 0;
        u->association = one_in(random, 40) ? test_random_below(random, 3) : u->association;
    }
    else if (one_in(random, 8))
    {
        u->association = 5 + sender;
    }
}

static lma_model_update
draw_update(test_random *random, lma_model_trust trust)
{
    static const uint16_t lifetime[] = {1, 2, 5, 15, 150, 900, 900, 0x3fff, 0xffff};
    static const uint8_t bids[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 254};
    static const uint8_t handoffs[] = {1, 2, 3, 4, 5, 5, 5, 5, 6};
    lma_model_update u = {.lifetime = one_in(random, 5) ? 0 : PICK(random, lifetime)};

    u.node = one_in(random, 12) ? MODEL_STRANGER
                                : test_random_below(random, one_in(random, 2) ? 3 : 1);
    draw_origin(random, trust, &u);
    u.acknowledge = !one_in(random, 30);
    u.timed = !one_in(random, 10);
    u.multipath = !one_in(random, 6);
    u.gateway = one_in(random, u.multipath ? 40 : 2) ? MODEL_GATEWAYS : u.gateway;
    u.bulk = one_in(random, 7);
    u.overwrite = one_in(random, 12);
    u.technology = (uint8_t)test_random_below(random, 12);
    u.label = (uint8_t)test_random_below(random, 256);
    u.bid = PICK(random, bids);
    u.bid = one_in(random, 80) ? (one_in(random, 2) ? 0 : 255) : u.bid;
    u.handoff = PICK(random, handoffs);
    u.access = one_in(random, 6) ? 4 : 1;
    u.link_layer = one_in(random, 3) ? test_random_below(random, 4) : 0;
    u.link_local = one_in(random, 6) ? test_random_below(random, 4) : 0;
    draw_prefixes(random, &u, USE_HOME);
    if (one_in(random, 2))
    {
        draw_prefixes(random, &u, USE_DELEGATED);
    }
    if (one_in(random, 3))
    {
        draw_flows(random, &u);
    }
    if (one_in(random, 12))
    {
        draw_faults(random, &u);
    }
    return u;
}

/** An update that will be accepted more likely than not, so that histories get deep. */
static lma_model_update
draw_calm_update(test_random *random, lma_model_trust trust)
{
    lma_model_update u = draw_update(random, trust);

    while (u.faults != 0 || u.node == MODEL_STRANGER || u.gateway == MODEL_GATEWAYS - 1 ||
           (u.bulk && u.overwrite) || (u.overwrite && !one_in(random, 4)) ||
           (!u.multipath && !one_in(random, 4)) || (u.lifetime < 15 && !one_in(random, 2)) ||
           (u.handoff < 5 && !one_in(random, 3)) || (u.gateway == 1 && !one_in(random, 3)))
    {
        u = draw_update(random, trust);
    }
    return u;
}

static void
draw_message(test_random *random, step *s, unsigned number, const history *h, bool calm)
{
    static const int64_t offsets_ms[] = {-3500, -2900, -500, -200, 200, 290, 500, 2900, 3500};

    s->update = calm ? draw_calm_update(random, h->trust) : draw_update(random, h->trust);
    if (h->config.lma.legacy)
    {
        /* Two of an option it does not know: whether it counts them is not said */
        s->update.faults &= ~(unsigned)(FAULT_TWO_MULTIPATHS | FAULT_TWO_GATEWAYS);
    }
    s->offset_ms = one_in(random, calm ? 50 : 12) ? PICK(random, offsets_ms) : number / 4;
    s->sequence = one_in(random, 10) ? (int)test_random_below(random, 65536) : 1;
    s->own[USE_HOME] = !one_in(random, 3);
    s->own[USE_DELEGATED] = !one_in(random, 3);
    s->wait = one_in(random, 4) ? 0 : s->wait;
}

static step
draw_step(test_random *random, unsigned number, const history *h, bool calm)
{
    static const fb_time waits[] = {1,
                                    FB_SECOND,
                                    4 * FB_SECOND - 1,
                                    4 * FB_SECOND,
                                    8 * FB_SECOND,
                                    10 * FB_SECOND,
                                    65 * FB_SECOND,
                                    3600 * FB_SECOND};
    step s = {.kind = STEP_UPDATE, .wait = test_random_below(random, 300) * FB_MILLISECOND};
    uint32_t draw = test_random_below(random, 100);

    if (draw < 12 && number > 0)
    {
        s.kind = draw < 9 ? STEP_AGAIN : STEP_DAMAGED;
        s.other = test_random_below(random, number);
        s.bit = test_random_below(random, 8 * MESSAGE_OCTETS);
    }
    else if (draw < 15)
    {
        s.kind = draw == 14 && one_in(random, 4) ? STEP_REMOVE : STEP_RIGHT;
        s.other = test_random_below(random, MODEL_STRANGER);
        s.bit = test_random_below(random, 8) | (one_in(random, 2) ? 7u : 0);
    }
    else if (draw < 25)
    {
        s.kind = STEP_WAIT;
        s.wait = PICK(random, waits);
    }
    else
    {
        s.kind = draw < 35 ? STEP_HOLD : STEP_UPDATE;
        draw_message(random, &s, number, h, calm);
    }
    return s;
}

/* ---- playing it ---- */

/** RFC 5213 8.8: seconds in 48 bits, 1/65536 s in 16. */
static uint64_t
timestamp(fb_time now, int64_t offset_ms)
{
    uint64_t wall_ns = WALL_NS + now + (uint64_t)(offset_ms * (int64_t)FB_MILLISECOND);

    return wall_ns / FB_SECOND << 16 | ((wall_ns % FB_SECOND) << 16) / FB_SECOND;
}

static void
disagree(play *p, const char *wrong)
{
    if (p->wrong == NULL)
    {
        p->wrong = wrong;
    }
}

static void
tell(play *p, const fb_fact *fact)
{
    if (fb_agent_fact(p->agent, fact, p->now) != FB_OK)
    {
        disagree(p, "a fact is refused");
    }
}

static bool
has_sessions(const model *m, unsigned node)
{
    bool any = false;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        any = any || (m->session[i].there && m->session[i].node == node);
    }
    return any;
}

/** Node 1 has prefixes by name, the others what the pool gives. */
static void
set_right(play *p, unsigned node, unsigned rights)
{
    fb_fact fact = {.kind = FB_FACT_PROXY_SUBSCRIBER_SET};
    fb_proxy_subscriber *subscriber = &fact.u.proxy_subscriber;
    lma_model_node *n = &p->m.node[node];

    if (node == 1 && !n->known && has_sessions(&p->m, node))
    {
        return; /* prefixes are given before sessions come */
    }
    *subscriber = (fb_proxy_subscriber){.identity = message_node(node),
                                        .multipath_allowed = (rights & 1) != 0,
                                        .service = (rights & 2) != 0,
                                        .delegation_allowed = (rights & 4) != 0};
    if (node == 1)
    {
        subscriber->home = (fb_networks){.count = 2,
                                         .prefix = {message_prefix(USE_HOME, PREFIX_NAMED),
                                                    message_prefix(USE_HOME, PREFIX_NAMED + 1)}};
        subscriber->delegated =
            (fb_networks){.count = 1, .prefix = {message_prefix(USE_DELEGATED, PREFIX_NAMED)}};
    }
    n->known = true;
    n->multipath = subscriber->multipath_allowed;
    n->service = subscriber->service;
    n->delegation = subscriber->delegation_allowed;
    tell(p, &fact);
}

static void
remove_node(play *p, unsigned node)
{
    fb_fact fact = {.kind = FB_FACT_PROXY_SUBSCRIBER_REMOVE,
                    .u.proxy_subscriber.identity = message_node(node)};

    if (p->m.node[node].known)
    {
        lma_model_remove(&p->m, node);
        tell(p, &fact);
    }
}

static void
set_gateway(play *p, unsigned gateway)
{
    fb_fact fact = {.kind = FB_FACT_GATEWAY_SET};

    fact.u.gateway.identity = message_gateway(gateway);
    if (p->history->trust == TRUST_ADDRESS)
    {
        fact.u.gateway.address_count = 1;
        fact.u.gateway.address[0] = (fb_prefix){message_care_of(gateway * MODEL_CARE_OFS / 2), 48};
        fact.u.gateway.address[0].address.octet[15] = 0;
    }
    else if (p->history->trust == TRUST_ASSOCIATION)
    {
        fact.u.gateway.security_association = gateway + 1;
    }
    tell(p, &fact);
}

static void
play_start(play *p, const history *h)
{
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WALL_NS};
    size_t size = fb_agent_size(&h->config);

    memset(p, 0, offsetof(play, octets));
    memset(&p->expected, 0, sizeof *p - offsetof(play, expected));
    p->history = h;
    p->m.config = &h->config;
    p->m.trust = h->trust;
    p->m.pool = h->pool;
    p->now = FB_SECOND;
    if (size == 0 || size > MEMORY ||
        fb_agent_init(&p->agent, memory, size, &h->config, p->now) != FB_OK)
    {
        fail_msg("an agent of %zu octets cannot be made", size);
    }
    clock.u.wall_ns += p->now;
    tell(p, &clock);
    for (unsigned gateway = 0; gateway < MODEL_GATEWAYS - 1; gateway++)
    {
        set_gateway(p, gateway);
    }
    for (unsigned node = 0; node < MODEL_STRANGER; node++)
    {
        set_right(p, node, 7);
    }
}

/* ---- delivering ---- */

/** Hands octets in. What is answered, if it is an acknowledgement, is left in @p octets. Returns its length. */
static size_t
deliver(play *p,
        const uint8_t *message,
        size_t length,
        const lma_model_update *u,
        uint8_t octets[1500],
        message_ack *ack)
{
    fb_meta meta = {.src = message_care_of(u->source),
                    .dst = message_anchor(),
                    .security_association = u->association,
                    .protocol = 135,
                    .ttl = 64};
    fb_meta back;
    fb_event event;
    ptrdiff_t out;
    size_t answered = 0;

    p->came = MODEL_SILENCE;
    if (fb_agent_input(p->agent, &meta, message, length, p->now) < 0)
    {
        disagree(p, "an error of the library");
    }
    while ((out = fb_agent_output(p->agent, &back, octets, 1500, p->now)) > 0)
    {
        const char *wrong;

        if (back.protocol != 135 || octets[2] != 6)
        {
            continue; /* RFC 6275 9.2: an error */
        }
        wrong = message_read(ack, &back.src, &back.dst, octets, (size_t)out);
        if (wrong != NULL || answered > 0 || memcmp(&back.src, &meta.dst, sizeof back.src) != 0 ||
            memcmp(&back.dst, &meta.src, sizeof back.dst) != 0 ||
            back.security_association != meta.security_association)
        {
            disagree(p, wrong != NULL ? wrong : "an acknowledgement too many, or sent elsewhere");
        }
        answered = (size_t)out;
        p->came = ack->status;
    }
    while (fb_agent_poll_event(p->agent, &event))
    {
    }
    return answered;
}

/* ---- steps ---- */

/** @p ack is NULL when there is none. */
static void
compare(play *p, const lma_model_update *u, const message_ack *ack)
{
    comparison c = {p->agent, &p->m, &p->expected, NULL};

    compare_sessions(&c); /* first, since it tells the model what was chosen */
    if (ack != NULL)
    {
        compare_answer(&c, u, ack);
    }
    if (c.wrong != NULL)
    {
        disagree(p, c.wrong);
    }
}

static void
play_update(play *p, unsigned other)
{
    const lma_model_update *u = &p->update[other];
    uint8_t octets[1500];
    message_ack ack;
    size_t length;

    p->expected = lma_model_input(&p->m, u, timestamp(p->now, 0), p->now);
    length = deliver(p, p->octets[other], p->length[other], u, octets, &ack);
    compare(p, u, length > 0 && p->came == p->expected.status ? &ack : NULL);
    if (p->came != p->expected.status)
    {
        disagree(p, "another Status");
    }
}

/** A message of which one bit is not what its checksum says: no acknowledgement, and nothing changes. */
static void
play_damaged(play *p, const step *s)
{
    size_t length = p->length[s->other];
    unsigned bit = s->bit % (unsigned)(8 * length);
    uint8_t message[MESSAGE_OCTETS], octets[1500];
    message_ack ack;

    if ((p->update[s->other].faults & FAULT_CHECKSUM) != 0)
    {
        return; /* the very same bit would repair it */
    }
    memcpy(message, p->octets[s->other], length);
    message[bit / 8] ^= (uint8_t)(1u << bit % 8);
    p->expected = (lma_model_answer){.status = MODEL_SILENCE};
    if (deliver(p, message, length, &p->update[s->other], octets, &ack) > 0)
    {
        disagree(p, "a damaged message is answered");
    }
}

static void
pass_time(play *p, fb_time wait)
{
    fb_event event;

    p->now += wait;
    for (int i = 0; i < 100 && fb_agent_next_timeout(p->agent) <= p->now; i++)
    {
        if (fb_agent_handle_timeout(p->agent, 4, p->now) != FB_OK)
        {
            disagree(p, "an error of the library");
        }
        while (fb_agent_poll_event(p->agent, &event))
        {
        }
    }
    if (fb_agent_next_timeout(p->agent) <= p->now)
    {
        disagree(p, "the time-out never ends");
    }
    lma_model_expire(&p->m, p->now);
}

/** Names the prefixes of the node's youngest session, where it has one. */
static void
name_own(const play *p, lma_model_update *u, lma_model_use use)
{
    const lma_model_session *youngest = NULL;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        const lma_model_session *s = &p->m.session[i];

        if (s->there && s->node == u->node && s->prefixes[use] > 0 &&
            (youngest == NULL || s->age > youngest->age))
        {
            youngest = s;
        }
    }
    if (youngest != NULL && u->prefixes[use] > 0)
    {
        u->prefixes[use] = youngest->prefixes[use];
        memcpy(u->prefix[use], youngest->prefix[use], sizeof u->prefix[use]);
    }
}

static void
compose(play *p, const step *s, unsigned number)
{
    lma_model_update *u = &p->update[number];

    *u = s->update;
    u->timestamp = timestamp(p->now, s->offset_ms);
    p->sequence = (uint16_t)(p->sequence + s->sequence);
    u->sequence = p->sequence;
    for (unsigned use = 0; use < USES; use++)
    {
        if (s->own[use])
        {
            name_own(p, u, (lma_model_use)use);
        }
    }
    p->length[number] = message_compose(u, p->octets[number]);
}

static void
play_step(play *p, unsigned number)
{
    const step *s = &p->history->step[number];

    pass_time(p, s->wait);
    switch (s->kind)
    {
    case STEP_UPDATE:
    case STEP_HOLD:
        compose(p, s, number);
        if (s->kind == STEP_UPDATE)
        {
            play_update(p, number);
        }
        break;
    case STEP_AGAIN:
        if (p->length[s->other] > 0)
        {
            play_update(p, s->other);
        }
        break;
    case STEP_DAMAGED:
        if (p->length[s->other] > 0)
        {
            play_damaged(p, s);
        }
        break;
    case STEP_RIGHT:
        set_right(p, s->other, s->bit);
        break;
    case STEP_REMOVE:
        remove_node(p, s->other);
        break;
    default:
        break;
    }
    compare(p, NULL, NULL);
}

/** How many steps it takes to a disagreement; 0: none. */
static unsigned
play_history(play *p, const history *h)
{
    play_start(p, h);
    for (unsigned i = 0; i < STEPS && p->wrong == NULL; i++)
    {
        if (h->step[i].kind == STEP_NONE)
        {
            continue;
        }
        play_step(p, i);
        if (p->wrong != NULL)
        {
            return i + 1;
        }
    }
    return p->wrong != NULL;
}

/* ---- telling ---- */

/** Leaves out every step without which the disagreement is still there. */
static void
shorten(play *p, history *h)
{
    bool shorter = true;

    while (shorter)
    {
        shorter = false;
        for (unsigned i = 0; i < STEPS; i++)
        {
            /* Without the step, or at least with nothing but its time: the time decides about every later one */
            for (step_kind kind = STEP_NONE; kind < h->step[i].kind && kind <= STEP_WAIT; kind++)
            {
                history without = *h;

                without.step[i].kind = kind;
                if (play_history(p, &without) > 0)
                {
                    *h = without;
                    shorter = true;
                }
            }
        }
    }
    (void)play_history(p, h);
}

static void
print_sessions(const play *p)
{
    fb_session_view view;
    fb_proxy_view binding;

    for (unsigned i = 0; i < MODEL_SESSIONS; i++)
    {
        const lma_model_session *s = &p->m.session[i];

        for (unsigned k = 0; s->there && k < s->bindings; k++)
        {
            printf(
                "#      model:   session %u of node %u, gateway %u%s: BID %u at %u until %" PRIu64
                " ns, %u flows\n",
                (unsigned)s->number,
                s->node,
                s->gateway,
                s->grace ? " in grace" : "",
                s->binding[k].bid,
                s->binding[k].care_of,
                s->binding[k].expires,
                s->flows);
        }
    }
    for (size_t i = 0; fb_agent_session(p->agent, FB_ROLE_LMA, i, &view); i++)
    {
        printf("#      library: session %u of %.3s%s, %u prefixes, %u delegated, %u bindings, "
               "%u flows\n",
               (unsigned)view.session,
               view.identity.text,
               view.grace ? " in grace" : "",
               view.home.count,
               view.delegated.count,
               view.binding_count,
               view.flow_count);
        for (size_t k = 0; fb_agent_proxy_binding(p->agent, FB_ROLE_LMA, view.session, k, &binding);
             k++)
        {
            printf("#      library:   BID %u at %u until %" PRIu64 " ns\n",
                   binding.ref.bid,
                   (binding.care_of.octet[5] - 10u) * 3 + binding.care_of.octet[15] - 1,
                   binding.expires);
        }
    }
}

static void
print_step(const play *p, unsigned number, fb_time at)
{
    const step *s = &p->history->step[number];

    printf("# %3u. at %" PRIu64 " ns: ", number, at);
    switch (s->kind)
    {
    case STEP_UPDATE:
    case STEP_HOLD:
        printf(s->kind == STEP_HOLD ? "(held back) " : "");
        message_print(stdout, &p->update[number]);
        printf(", timestamp %+" PRId64 " ms\n", s->offset_ms);
        break;
    case STEP_AGAIN:
        printf("the message of step %u\n", s->other);
        break;
    case STEP_DAMAGED:
        printf("the message of step %u, one bit flipped\n", s->other);
        break;
    case STEP_RIGHT:
        printf("node %u has rights %u\n", s->other, s->bit);
        break;
    case STEP_REMOVE:
        printf("node %u is served no more\n", s->other);
        break;
    default:
        printf("time has passed\n");
        break;
    }
}

static void
report(play *p, history *h, unsigned number)
{
    const fb_lma_config *c = &h->config.lma;
    fb_time at = FB_SECOND;

    shorten(p, h);
    printf("# history %u: %s\n", number, p->wrong);
    printf("# trust %d, pools of %u; %u bindings a session, %u in all, %u sessions, %u flows; "
           "lifetime at most %u s, window %u ms, delete %u ms, wait %u ms\n",
           (int)h->trust,
           h->pool,
           h->config.limits.bindings_per_node,
           h->config.limits.bindings,
           h->config.limits.sessions,
           h->config.limits.flows,
           c->lifetime_max_s,
           c->timestamp_window_ms,
           c->delete_delay_ms,
           c->handoff_wait_ms);
    printf("# multipath %d legacy %d require_identifier %d any_gateway %d any_subscriber %d "
           "flow_policy %d decision %d delegation %d per_session %d\n",
           c->multipath,
           c->legacy,
           c->require_gateway_identifier,
           c->any_gateway,
           c->any_subscriber,
           c->flow_policy,
           c->flow_decision,
           c->delegation,
           c->sequence_per_session);
    for (unsigned i = 0; i < STEPS; i++)
    {
        if (h->step[i].kind != STEP_NONE)
        {
            at += h->step[i].wait;
            print_step(p, i, at);
        }
    }
    printf("#      model: status %d, library: status %d\n", p->expected.status, p->came);
    print_sessions(p);
    comparison_failed = p->wrong;
}

static void
test_library_agrees_with_model(void **state)
{
    static play p;
    static history h;
    test_random random = test_random_start("lma/histories");

    (void)state;
    for (unsigned number = 0; number < HISTORIES && comparison_failed == NULL; number++)
    {
        unsigned steps = 4 + test_random_below(&random, STEPS - 3);
        bool calm = one_in(&random, 2);

        memset(&h, 0, sizeof h);
        draw_config(&random, &h);
        for (unsigned i = 0; i < steps; i++)
        {
            h.step[i] = draw_step(&random, i, &h, calm);
        }
        if (play_history(&p, &h) > 0)
        {
            report(&p, &h, number);
        }
    }
    assert_null(comparison_failed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_agrees_with_model),
    };

    return cmocka_run_group_tests_name("lma/histories", tests, NULL, NULL);
}
