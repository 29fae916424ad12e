/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random histories of valid, replayed, reordered, duplicated, damaged and malformed requests of several nodes: after
 * each step the home agent and the model in home_agent_model.c must agree on bindings, rules and the reply.
 *
 * FLOWBIND_SEED repeats a run. A disagreement is reported as the shortest history found that shows it.
 */

#include "base/random.h"
#include "cmocka_setup.h"
#include "home_agent_request.h"

#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HISTORIES 20000
#else
#define HISTORIES 200000
#endif
#define STEPS 24

#define HOME_AGENT 0xc0000201u /* 192.0.2.1 */
#define WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01 */
#define MEMORY 131072

typedef enum step_kind
{
    STEP_NONE,
    STEP_WAIT,
    STEP_REQUEST, /* composed and delivered */
    STEP_HOLD, /* composed; a STEP_AGAIN may deliver it later */
    STEP_AGAIN, /* what step `other` composed */
    STEP_DAMAGED, /* the same with one bit flipped */
    STEP_RIGHT /* multipath is allowed or no longer */
} step_kind;

typedef struct step
{
    step_kind kind;
    fb_time wait;
    int64_t offset_ms; /* of the Identification */
    model_request request;
    unsigned other, bit;
} step;

typedef struct history
{
    fb_config config;
    unsigned nonces; /* which nodes use them: a bit each */
    step step[STEPS];
} history;

/** Carrying out a history. */
typedef struct play
{
    const history *history;
    fb_agent *agent;
    model m;
    fb_time now;
    size_t length[STEPS];
    uint8_t octets[STEPS][REQUEST_OCTETS];
    model_request request[STEPS];
    model_answer expected, came;
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
draw_config(test_random *random, fb_config *config)
{
    static const uint8_t per_node[] = {1, 2, 3, 8}, rules[] = {1, 3, 8};
    static const uint32_t bindings[] = {2, 5, 24}, policies[] = {1, 3};
    static const uint16_t lifetime_s[] = {30, 1800, 1800, 0xffff}, tolerance_s[] = {4, 7};

    fb_config_default(config);
    config->roles = FB_ROLE_HOME_AGENT;
    config->limits.nodes = MODEL_NODES;
    config->limits.bindings_per_node = PICK(random, per_node);
    config->limits.bindings = PICK(random, bindings);
    config->limits.policies = PICK(random, policies);
    config->limits.rules_per_node = PICK(random, rules);
    config->limits.flow_cache = 0;
    config->limits.static_rules = 0;
    config->limits.events = 32;
    config->home_agent.address = HOME_AGENT;
    config->home_agent.lifetime_max_s = PICK(random, lifetime_s);
    config->home_agent.replay_tolerance_s = PICK(random, tolerance_s);
    config->home_agent.multipath = !one_in(random, 20);
    config->home_agent.flow_policy = !one_in(random, 8);
    config->home_agent.reply_bad_authenticator = one_in(random, 2);
    config->home_agent.unknown_bid_strict = !one_in(random, 3);
    config->home_agent.require_reverse_tunnel = one_in(random, 8);
    config->home_agent.strict_technology = one_in(random, 8);
    config->home_agent.strict_reserved = one_in(random, 8);
    config->home_agent.lenient_deregistration = one_in(random, 2);
    config->home_agent.reverse_tunnel = config->home_agent.require_reverse_tunnel ||
                                        !one_in(random, 12);
    config->home_agent.gre = !one_in(random, 4);
    config->home_agent.minimal = !one_in(random, 4);
    config->home_agent.udp_tunnel = !one_in(random, 6);
    config->home_agent.udp_force = !one_in(random, 4);
    config->home_agent.keepalive_s = (uint16_t)(10 + test_random_below(random, 300));
    config->home_agent.merge_policy = one_in(random, 3);
    config->home_agent.networks = !one_in(random, 10);
}

static void
draw_rules(test_random *random, model_request *r)
{
    static const uint8_t bids[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 254};
    uint32_t most = one_in(random, 10) ? MODEL_RULES : 3;

    r->rules = 1 + test_random_below(random, most);
    for (unsigned i = 0; i < r->rules; i++)
    {
        model_rule *rule = &r->rule[i];

        *rule = (model_rule){
            .drop = one_in(random, 4),
            .port = (uint16_t)test_random_below(random, one_in(random, 2) ? 3 : 1000)};
        rule->bids = rule->drop
                         ? 1
                         : (uint8_t)(1 + test_random_below(random, one_in(random, 8) ? 8 : 3));
        for (unsigned k = 0; k < rule->bids; k++)
        {
            rule->bid[k] = one_in(random, 3) ? r->bid : PICK(random, bids);
        }
        if (one_in(random, rule->drop ? 2 : 100))
        {
            rule->bid[0] = one_in(random, 2) ? 0 : 255;
        }
    }
}

static void
draw_faults(test_random *random, model_request *r)
{
    r->faults = 1u << test_random_below(random, FAULTS);
    r->faults |= one_in(random, 4) ? 1u << test_random_below(random, FAULTS) : 0;
    if ((r->faults & (FAULT_TWO_MULTIPATHS | FAULT_MULTIPATH_LENGTH | FAULT_MULTIPATH_BEHIND)) != 0)
    {
        r->multipath = true;
    }
    if (r->faults >= FAULT_ACTION && r->rules == 0)
    {
        draw_rules(random, r);
    }
}

/** Two NATs, each with two mappings, in front of any of the care-of addresses. */
static void
draw_tunnel(test_random *random, model_request *r)
{
    static const uint8_t encapsulations[] = {0, 0, 0, 4, 47, 55, 50};
    bool nat = one_in(random, 3);

    r->source = nat ? 0xcb0071fau + test_random_below(random, 2) : r->care_of_address;
    r->port = (uint16_t)(5000 + test_random_below(random, nat ? 2 : 1));
    r->flags ^= one_in(random, 5) ? 0x08 : 0;
    r->flags ^= one_in(random, 5) ? 0x10 : 0;
    if (one_in(random, 2))
    {
        r->udp = one_in(random, 20) ? MODEL_UDP_BEHIND : MODEL_UDP_BEFORE;
        r->udp_force = one_in(random, 6);
        r->udp_through_agent = one_in(random, 20);
        r->udp_reserved = one_in(random, 20);
        r->udp_encapsulation = PICK(random, encapsulations);
    }
}

/** The own networks mostly, so that they are used, given up and used again. */
static void
draw_networks(test_random *random, model_request *r)
{
    if (one_in(random, 2))
    {
        r->networks = 1 + test_random_below(random, one_in(random, 4) ? MODEL_NETWORKS : 2);
        r->ipv6_to_care_of = one_in(random, 2);
    }
    for (unsigned i = 0; i < r->networks; i++)
    {
        uint32_t most = one_in(random, 3) ? NETWORKS : NETWORKS_OWN;

        r->network[i] = (model_network)test_random_below(random, most);
    }
}

/** As foreign agents should, but now and then the other way. */
static void
draw_vouched(test_random *random, model_request *r)
{
    if (r->care_of_address == MODEL_FOREIGN_AGENT && r->lifetime_s > 0)
    {
        r->vouched = one_in(random, 6) ? (model_vouched)test_random_below(random, 4)
                                       : MODEL_VOUCHED;
    }
    else if (one_in(random, 40))
    {
        r->vouched = (model_vouched)test_random_below(random, 4);
    }
}

static model_request
draw_request(test_random *random)
{
    static const uint16_t lifetime_s[] = {1, 2, 5, 10, 60, 600, 600, 1800, 0xffff};
    static const uint8_t bids[] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8, 254};
    static const uint8_t technologies[] = {4, 8, 10, 4, 8, 10, 1, 13, 0, 14, 255};
    static const uint8_t odd_flags[] = {0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x01};
    model_request r = {.flags = 0x22, .home_agent = HOME_AGENT};

    r.node = one_in(random, 50) ? MODEL_NODES
                                : test_random_below(random, one_in(random, 3) ? MODEL_NODES : 1);
    r.lifetime_s = one_in(random, 5) ? 0 : PICK(random, lifetime_s);
    r.care_of_address = 0xcb007111u + test_random_below(random, 4);
    if (one_in(random, r.lifetime_s == 0 ? 6 : 100))
    {
        r.care_of_address = r.lifetime_s == 0   ? request_home_address(r.node)
                            : one_in(random, 2) ? 0
                                                : 0xe0000001u;
    }
    r.flags ^= one_in(random, 10) ? PICK(random, odd_flags) : 0;
    r.flags ^= one_in(random, 20) ? 0x02 : 0;
    r.home_agent += one_in(random, 60);
    r.multipath = !one_in(random, 7);
    r.bulk = one_in(random, 6);
    r.overwrite = one_in(random, 8);
    r.technology = PICK(random, technologies);
    r.label = (uint8_t)(1 + test_random_below(random, 255));
    r.label = one_in(random, 100) ? 0 : r.label;
    r.bid = PICK(random, bids);
    r.bid = one_in(random, 60) ? (one_in(random, 2) ? 0 : 255) : r.bid;
    draw_tunnel(random, &r);
    if (one_in(random, 3))
    {
        draw_networks(random, &r);
    }
    draw_vouched(random, &r);
    if (one_in(random, r.multipath ? 3 : 10))
    {
        draw_rules(random, &r);
    }
    if (one_in(random, 8))
    {
        draw_faults(random, &r);
    }
    return r;
}

/** A request that will be accepted more likely than not, so that histories get deep. */
static model_request
draw_calm_request(test_random *random)
{
    model_request r = draw_request(random);

    while (r.faults != 0 || r.node == MODEL_NODES || r.home_agent != HOME_AGENT || r.bid > 8 ||
           (r.flags & ~0x18) != 0x22 || (r.overwrite && !one_in(random, 4)) ||
           (!r.multipath && !one_in(random, 4)) || (r.lifetime_s < 60 && !one_in(random, 2)))
    {
        r = draw_request(random);
    }
    return r;
}

static step
draw_step(test_random *random, unsigned number, bool calm)
{
    static const fb_time waits[] =
        {1, FB_SECOND, FB_SECOND - 1, 2 * FB_SECOND, 5 * FB_SECOND, 60 * FB_SECOND};
    static const int64_t offsets_ms[] = {-8000, -6900, -3000, 3000, 6900, 8000, -3600000, 3600000};
    step s = {.kind = STEP_REQUEST, .wait = test_random_below(random, 300) * FB_MILLISECOND};
    uint32_t draw = test_random_below(random, 100);

    if (draw < 10 && number > 0)
    {
        s.kind = draw < 7 ? STEP_AGAIN : STEP_DAMAGED;
        s.other = test_random_below(random, number);
        s.bit = test_random_below(random, 8 * REQUEST_OCTETS);
    }
    else if (draw < 14)
    {
        s.kind = STEP_RIGHT;
        s.other = test_random_below(random, MODEL_NODES);
        s.bit = draw & 1; /* allowed */
    }
    else if (draw < 28)
    {
        s.kind = STEP_WAIT;
        s.wait = PICK(random, waits);
    }
    else
    {
        s.kind = draw < 34 ? STEP_HOLD : STEP_REQUEST;
        s.request = calm ? draw_calm_request(random) : draw_request(random);
        s.offset_ms = one_in(random, calm ? 50 : 12) ? PICK(random, offsets_ms) : number;
        s.wait = one_in(random, 4) ? 0 : s.wait;
    }
    return s;
}

/* ---- playing it ---- */

static uint64_t
ntp(fb_time now, int64_t offset_ms)
{
    uint64_t wall_ns = WALL_NS + now + (uint64_t)(offset_ms * (int64_t)FB_MILLISECOND);

    return (wall_ns / FB_SECOND + 2208988800u) << 32 | ((wall_ns % FB_SECOND) << 32) / FB_SECOND;
}

static uint64_t
number_at(const uint8_t *octets, unsigned count)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < count; i++)
    {
        value = value << 8 | octets[i];
    }
    return value;
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

static void
set_right(play *p, unsigned node, bool allowed)
{
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    fact.u.subscriber.home_address = request_home_address(node);
    fact.u.subscriber.association = request_association(node);
    fact.u.subscriber.association.replay = p->m.node[node].nonces ? FB_REPLAY_NONCE
                                                                  : FB_REPLAY_TIMESTAMP;
    fact.u.subscriber.multipath_allowed = allowed;
    fact.u.subscriber.networks = request_networks(node, p->m.node[node].has);
    p->m.node[node].allowed = allowed;
    tell(p, &fact);
}

static void
play_start(play *p, const history *h)
{
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WALL_NS};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {1}};
    fb_fact foreign = {.kind = FB_FACT_ASSOCIATION};
    size_t size = fb_agent_size(&h->config);

    memset(p, 0, offsetof(play, octets));
    memset(&p->request, 0, sizeof *p - offsetof(play, request));
    p->history = h;
    p->m.config = &h->config;
    if (size == 0 || size > MEMORY ||
        fb_agent_init(&p->agent, memory, size, &h->config, 0) != FB_OK)
    {
        fail_msg("an agent of %zu octets cannot be made", size);
    }
    tell(p, &clock);
    tell(p, &entropy);
    foreign.u.association = (fb_peer_association){.kind = FB_ASSOCIATION_FOREIGN_HOME,
                                                  .peer = MODEL_FOREIGN_AGENT,
                                                  .association = request_foreign_association()};
    tell(p, &foreign);
    for (unsigned node = 0; node < MODEL_NODES; node++)
    {
        p->m.node[node].home_address = request_home_address(node);
        p->m.node[node].nonces = (h->nonces >> node & 1) != 0;
        /* All of them, only IPv6, only one that is a /24 */
        p->m.node[node].has[NETWORK_FIRST] = node != 1;
        p->m.node[node].has[NETWORK_SECOND] = node == 0;
        p->m.node[node].has[NETWORK_IPV6] = node != 2;
        set_right(p, node, true);
    }
}

/** What stands between fixed part and authentication: answers about networks, then one about UDP. */
static void
read_extensions(play *p, const uint8_t *octets, size_t length)
{
    model_answer *a = &p->came;

    while (length >= 2 && length >= 2u + octets[1])
    {
        size_t step = 2u + octets[1];
        bool about_network = (octets[0] == 148 && step == 10) || (octets[0] == 152 && step == 22);

        if (about_network && a->networks < MODEL_NETWORKS + NETWORKS_OWN)
        {
            a->network[a->networks++] = (uint32_t)octets[0] << 24 | (uint32_t)octets[2] << 16 |
                                        (uint32_t)octets[3] << 8 | octets[4];
        }
        else if (octets[0] == 44 && step == 8)
        {
            a->udp = number_at(octets, 8);
        }
        else if (octets[0] == 131 && a->code == 131)
        {
            /* One flipped bit makes a NAI of what would be skipped, and replies repeat it (RFC 2794 3.2) */
        }
        else
        {
            disagree(p, "an extension nobody expects");
        }
        octets += step;
        length -= step;
    }
    if (length != 0)
    {
        disagree(p, "an extension without an end");
    }
}

/** Takes a Foreign-Home Authentication off the end of @p reply, if there is a right one. */
static bool
take_vouched(const uint8_t *reply, ptrdiff_t *length)
{
    fb_security_association association = request_foreign_association();
    uint8_t again[1500];

    if (*length < 22 || reply[*length - 22] != 34)
    {
        return false;
    }
    memcpy(again, reply, (size_t)*length - 22);
    *length -= 22;
    (void)request_vouch(again, (size_t)*length, &association);
    return memcmp(again, reply, (size_t)*length + 22) == 0;
}

/** The reply, with everything in it that is the same in every reply checked. */
static void
read_reply(play *p, const fb_meta *asked, unsigned node)
{
    uint8_t reply[1500], again[1500];
    fb_security_association association = request_association(node);
    fb_meta meta;
    ptrdiff_t length = fb_agent_output(p->agent, &meta, reply, sizeof reply, p->now);
    bool vouched;

    p->came = (model_answer){.code = MODEL_SILENCE};
    if (length == 0)
    {
        return;
    }
    vouched = take_vouched(reply, &length);
    p->came = (model_answer){.code = reply[1],
                             .lifetime_s = (uint16_t)number_at(reply + 2, 2),
                             .identification = number_at(reply + 12, 8),
                             .vouched = vouched};
    if (length < 42)
    {
        disagree(p, "the reply is too short");
        return;
    }
    memcpy(again, reply, (size_t)length - 22);
    read_extensions(p, reply + 20, (size_t)length - 42);
    if (request_sign(again, (size_t)length - 22, &association) != (size_t)length ||
        memcmp(reply, again, (size_t)length) != 0 || reply[0] != 3 ||
        number_at(reply + 4, 4) != request_home_address(node) ||
        number_at(reply + 8, 4) != HOME_AGENT)
    {
        disagree(p, "the reply is not what a reply has to be");
    }
    if (fb_addr_to_ipv4(&meta.dst) != fb_addr_to_ipv4(&asked->src) || meta.dport != asked->sport ||
        fb_addr_to_ipv4(&meta.src) != HOME_AGENT || meta.sport != FB_MIP4_PORT)
    {
        disagree(p, "the reply goes elsewhere");
    }
    if (fb_agent_output(p->agent, &meta, reply, sizeof reply, p->now) != 0)
    {
        disagree(p, "a second reply");
    }
}

static void
deliver(play *p, const uint8_t *octets, size_t length, const model_request *from, unsigned node)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(from->source),
                    .dst = fb_addr_from_ipv4(HOME_AGENT),
                    .sport = from->port,
                    .dport = FB_MIP4_PORT,
                    .protocol = 17,
                    .ttl = 64};
    fb_event event;

    if (fb_agent_input(p->agent, &meta, octets, length, p->now) < 0)
    {
        disagree(p, "an error of the library");
    }
    read_reply(p, &meta, node);
    while (fb_agent_poll_event(p->agent, &event))
    {
    }
}

/** Whether the reply's Identification is the model's; of a nonce only that it is another one can be known. */
static bool
same_identification(const play *p, unsigned node)
{
    uint64_t came = p->came.identification, expected = p->expected.identification;

    return p->expected.new_nonce
               ? (uint32_t)came == (uint32_t)expected && came >> 32 != p->m.node[node].nonce
               : came == expected;
}

static void
play_request(play *p, unsigned other)
{
    const model_request *r = &p->request[other];

    p->expected = model_input(&p->m, r, ntp(p->now, 0), p->now);
    deliver(p, p->octets[other], p->length[other], r, r->node);
    if (p->came.code != p->expected.code)
    {
        disagree(p, "another reply code");
    }
    else if (p->came.code != MODEL_SILENCE && !same_identification(p, r->node))
    {
        disagree(p, "another Identification in the reply");
    }
    else if (p->came.code >= 0 && p->came.code <= 1 && p->came.lifetime_s != p->expected.lifetime_s)
    {
        disagree(p, "another Lifetime in the reply");
    }
    else if (p->came.udp != p->expected.udp)
    {
        disagree(p, "another UDP Tunnel Reply");
    }
    else if (p->came.networks != p->expected.networks ||
             memcmp(p->came.network,
                    p->expected.network,
                    p->came.networks * sizeof p->came.network[0]) != 0)
    {
        disagree(p, "another answer about networks");
    }
    else if (p->came.code != MODEL_SILENCE && p->came.vouched != p->expected.vouched)
    {
        disagree(p, "another Foreign-Home Authentication");
    }
    model_learn(&p->m, r->node, &p->expected, p->came.identification);
}

/** A message of which one bit is not what its authenticator says: 131 at most, and nothing changes. */
static void
play_damaged(play *p, const step *s)
{
    size_t length = p->length[s->other];
    unsigned bit = s->bit % (unsigned)(8 * length);
    unsigned node = p->request[s->other].node;
    uint8_t octets[REQUEST_OCTETS];

    if ((p->request[s->other].faults & (FAULT_WRONG_KEY | FAULT_MULTIPATH_BEHIND)) != 0 ||
        p->request[s->other].udp == MODEL_UDP_BEHIND ||
        p->request[s->other].vouched != MODEL_VOUCHED_NOT)
    {
        return; /* the very same bit would repair it, or may be one that is not authenticated */
    }
    memcpy(octets, p->octets[s->other], length);
    octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
    for (unsigned i = 0; i < MODEL_NODES; i++)
    {
        /* who gets the reply */
        node = number_at(octets + 4, 4) == request_home_address(i) ? i : node;
    }
    p->expected = (model_answer){
        .code = p->history->config.home_agent.reply_bad_authenticator ? 131 : MODEL_SILENCE};
    deliver(p, octets, length, &p->request[s->other], node);
    if (p->came.code != MODEL_SILENCE && p->came.code != p->expected.code)
    {
        disagree(p, "a damaged message is answered");
    }
}

/* ---- comparing ---- */

static bool
same_binding(const model_binding *b, const model_node *n, const fb_binding_view *view)
{
    return view->ref.bid == b->bid && view->care_of_address == b->care_of_address &&
           view->home_address == n->home_address && view->technology == b->technology &&
           view->label == b->label && view->lifetime_s == b->lifetime_s &&
           view->expires == b->expires && view->state == FB_BINDING_UP &&
           view->tunnel == b->tunnel && view->tunnel_address == b->end && view->udp_port == b->port;
}

static void
compare_bindings(play *p, const model_node *n)
{
    fb_binding_view view;
    size_t count = 0;

    while (fb_agent_binding(p->agent, FB_ROLE_HOME_AGENT, n->home_address, count, &view))
    {
        unsigned found = 0;

        for (unsigned i = 0; i < n->bindings; i++)
        {
            found += same_binding(&n->binding[i], n, &view);
        }
        if (found != 1)
        {
            disagree(p, "another binding");
        }
        count++;
    }
    if (count != n->bindings)
    {
        disagree(p, "another number of bindings");
    }
}

static void
compare_rules(play *p, const model_node *n)
{
    fb_rule rule;
    size_t count = 0;

    while (fb_agent_rule(p->agent, FB_ROLE_HOME_AGENT, n->home_address, count, &rule))
    {
        const model_rule *expected = &n->rule[count];

        if (count >= n->rules || rule.action != !expected->drop ||
            rule.selector.format != FB_SELECTOR_IPV4 ||
            rule.selector.u.v4.present != FB_SELECTOR4_SOURCE_PORT_START ||
            rule.selector.u.v4.source_port_start != expected->port ||
            (!expected->drop && (rule.bid_count != expected->bids ||
                                 memcmp(rule.bid, expected->bid, expected->bids) != 0)))
        {
            disagree(p, "another rule");
            return;
        }
        count++;
    }
    if (count != n->rules)
    {
        disagree(p, "another number of rules");
    }
}

static void
compare_networks(play *p, const model_node *n)
{
    fb_networks expected = request_networks((unsigned)(n - p->m.node), n->uses);
    fb_prefix network;
    size_t count = 0;

    while (fb_agent_network(p->agent, FB_ROLE_HOME_AGENT, n->home_address, count, &network))
    {
        if (count >= expected.count ||
            memcmp(&network, &expected.prefix[count], sizeof network) != 0)
        {
            disagree(p, "another network");
        }
        count++;
    }
    if (count != expected.count)
    {
        disagree(p, "another number of networks");
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
    model_expire(&p->m, p->now);
}

/** What the node would send: the time, or the nonce it was told, unless it is to be wrong. */
static uint64_t
identification_for(const play *p, const step *s)
{
    uint64_t time = ntp(p->now, s->offset_ms);
    bool wrong = s->offset_ms >= 1000 || s->offset_ms <= -1000;

    if (s->request.node >= MODEL_NODES || !p->m.node[s->request.node].nonces)
    {
        return time;
    }
    return (uint64_t)(p->m.node[s->request.node].nonce + wrong) << 32 | (uint32_t)time;
}

static void
play_step(play *p, unsigned number)
{
    const step *s = &p->history->step[number];

    pass_time(p, s->wait);
    if (s->kind == STEP_REQUEST || s->kind == STEP_HOLD)
    {
        p->request[number] = s->request;
        p->request[number].identification = identification_for(p, s);
        p->length[number] = request_compose(&p->request[number], p->octets[number]);
    }
    if (s->kind == STEP_REQUEST || (s->kind == STEP_AGAIN && p->length[s->other] > 0))
    {
        play_request(p, s->kind == STEP_REQUEST ? number : s->other);
    }
    else if (s->kind == STEP_DAMAGED && p->length[s->other] > 0)
    {
        play_damaged(p, s);
    }
    else if (s->kind == STEP_RIGHT)
    {
        set_right(p, s->other, s->bit != 0);
    }
    for (unsigned i = 0; i < MODEL_NODES; i++)
    {
        compare_bindings(p, &p->m.node[i]);
        compare_rules(p, &p->m.node[i]);
        compare_networks(p, &p->m.node[i]);
    }
}

/** How many steps it takes to a disagreement; 0: none. */
static unsigned
play_history(play *p, const history *h)
{
    play_start(p, h);
    for (unsigned i = 0; i < STEPS; i++)
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
    return 0;
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
print_answer(const char *who, const model_answer *answer)
{
    if (answer->code == MODEL_SILENCE)
    {
        printf("#      %s: silence\n", who);
        return;
    }
    printf("#      %s: Code %d, Lifetime %u, Identification %016" PRIx64 ", UDP %016" PRIx64 "\n",
           who,
           answer->code,
           (unsigned)answer->lifetime_s,
           answer->identification,
           answer->udp);
}

static void
print_state(const play *p)
{
    for (const model_node *n = p->m.node; n < p->m.node + MODEL_NODES; n++)
    {
        fb_binding_view view;
        fb_rule rule;
        size_t count = 0;

        for (unsigned i = 0; i < n->bindings; i++)
        {
            printf("#      model:   node %u BID %u at .%u, label %u, until %" PRIu64 " ns\n",
                   (unsigned)(n - p->m.node),
                   n->binding[i].bid,
                   (unsigned)(n->binding[i].care_of_address & 0xff),
                   n->binding[i].label,
                   n->binding[i].expires);
        }
        for (; fb_agent_binding(p->agent, FB_ROLE_HOME_AGENT, n->home_address, count, &view);
             count++)
        {
            printf("#      library: node %u BID %u at .%u, label %u, until %" PRIu64 " ns\n",
                   (unsigned)(n - p->m.node),
                   view.ref.bid,
                   (unsigned)(view.care_of_address & 0xff),
                   view.label,
                   view.expires);
        }
        for (count = 0; fb_agent_rule(p->agent, FB_ROLE_HOME_AGENT, n->home_address, count, &rule);)
        {
            count++;
        }
        printf("#      node %u has %u rules in the model, %zu in the library\n",
               (unsigned)(n - p->m.node),
               n->rules,
               count);
    }
}

static void
print_step(const play *p, unsigned number, fb_time at)
{
    const step *s = &p->history->step[number];

    printf("# %3u. at %" PRIu64 " ns: ", number, at);
    switch (s->kind)
    {
    case STEP_REQUEST:
    case STEP_HOLD:
        printf(s->kind == STEP_HOLD ? "(held back) " : "");
        request_print(stdout, &s->request);
        printf(", Identification %+" PRId64 " ms\n", s->offset_ms);
        break;
    case STEP_AGAIN:
        printf("the message of step %u\n", s->other);
        break;
    case STEP_DAMAGED:
        printf("the message of step %u, one bit flipped\n", s->other);
        break;
    case STEP_RIGHT:
        printf("node %u may %suse multipath\n", s->other, s->bit != 0 ? "" : "not ");
        break;
    default:
        printf("time has passed\n");
        break;
    }
}

static void
report(play *p, history *h, unsigned number)
{
    const fb_home_agent_config *c = &h->config.home_agent;
    fb_time at = 0;

    shorten(p, h);
    printf("# history %u: %s\n", number, p->wrong);
    printf(
        "# %u bindings a node, %u in all, %u policies, %u rules; Lifetime at most %u, tolerance %u s\n",
        h->config.limits.bindings_per_node,
        h->config.limits.bindings,
        h->config.limits.policies,
        h->config.limits.rules_per_node,
        c->lifetime_max_s,
        c->replay_tolerance_s);
    printf(
        "# multipath %d flow_policy %d bad_authenticator %d bid_strict %d reverse %d att_strict %d "
        "reserved_strict %d lenient %d may_reverse %d gre %d minimal %d udp %d udp_force %d "
        "merge %d nonces %u\n",
        c->multipath,
        c->flow_policy,
        c->reply_bad_authenticator,
        c->unknown_bid_strict,
        c->require_reverse_tunnel,
        c->strict_technology,
        c->strict_reserved,
        c->lenient_deregistration,
        c->reverse_tunnel,
        c->gre,
        c->minimal,
        c->udp_tunnel,
        c->udp_force,
        c->merge_policy,
        h->nonces);
    for (unsigned i = 0; i < STEPS; i++)
    {
        if (h->step[i].kind != STEP_NONE)
        {
            at += h->step[i].wait;
            print_step(p, i, at);
        }
    }
    print_answer("model  ", &p->expected);
    print_answer("library", &p->came);
    print_state(p);
    comparison_failed = p->wrong;
}

static void
test_library_agrees_with_model(void **state)
{
    static play p;
    static history h;
    test_random random = test_random_start("home-agent/model");

    (void)state;
    for (unsigned number = 0; number < HISTORIES && comparison_failed == NULL; number++)
    {
        unsigned steps = 4 + test_random_below(&random, STEPS - 3);
        bool calm = one_in(&random, 2);

        memset(&h, 0, sizeof h);
        draw_config(&random, &h.config);
        h.nonces = one_in(&random, 2) ? test_random_below(&random, 8) : 0;
        for (unsigned i = 0; i < steps; i++)
        {
            h.step[i] = draw_step(&random, i, calm);
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

    return cmocka_run_group_tests_name("home-agent/model", tests, NULL, NULL);
}
