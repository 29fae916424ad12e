/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A mobile node and everything that can come to it. Input: two octets of configuration, then steps: an octet that says
 * what (STEP_*), and what it needs. A reply can be made to answer one of the last requests and be signed, so that what
 * lies behind the authentication is reached; an advertisement can be made to have a good checksum.
 */

#include "steps.h"
#include "wire/agent_discovery.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"

#define LINKS 4
#define REMEMBERED 4
#define MESSAGE_ROOM 64

enum
{
    STEP_TIME, /* a duration */
    STEP_REPLY, /* REPLY_*, then the reply */
    STEP_LINK_UP, /* its number; another address when it is up */
    STEP_LINK_DOWN,
    STEP_POLICY, /* POLICY_* and how many rules, then for each the body of a Flow-Binding */
    STEP_ADMINISTRATOR, /* bit 7: does not want it; the others: the BID, 0 for all */
    STEP_CLOCK, /* the wall clock steps by so many seconds (8 bits, signed) */
    STEP_UPLINK, /* a packet */
    STEP_DOWNLINK, /* a packet */
    STEP_HEAR, /* HEAR_*, then an ICMP message */
    STEP_SHARE, /* the number of an agent a key is shared with; bit 7: no more */
    STEPS
};

enum
{
    POLICY_STATIC = 0x80,
    POLICY_LABELS = 0x40 /* what a FORWARD names are labels */
};

enum
{
    REPLY_WHICH = 3, /* how many requests ago */
    REPLY_ADDRESSED = 4, /* Home Address and Home Agent are those of that request */
    REPLY_ANSWERS = 8, /* its Identification, low half */
    REPLY_CURRENT = 16, /* its Identification, high half */
    REPLY_SIGNED = 32,
    REPLY_TWICE = 64
};

enum
{
    HEAR_LINK = 3, /* where, from 0 */
    HEAR_AGENT = 12, /* from whom: 0 the home agent, or a foreign agent's number */
    HEAR_CHECKSUM = 16, /* type 9, and a good checksum */
    HEAR_TWICE = 32
};

#define FUZZ_AGENT 0xcb007200u /* 203.0.114.0, and its number */

typedef struct mobile
{
    fuzz_agent a;
    uint8_t request[REMEMBERED][24]; /* fixed parts, the last one first */
    uint32_t addresses;
    fb_ipv4 address[LINKS + 1]; /* of its own; 0: none */
    bool up[LINKS + 1];
} mobile;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_config_default(config);
    config->roles = FB_ROLE_MOBILE_NODE;
    config->limits.links = LINKS;
    config->limits.rules_per_node = 6;
    config->limits.flow_cache = (bits & 1) != 0 ? 16 : 0;
    config->limits.events = 64;
    config->selector_layout = (bits & 2) != 0 ? FB_SELECTOR_LAYOUT_RFC6089
                                              : FB_SELECTOR_LAYOUT_RFC7629;
    config->mobile_node.home_address = FUZZ_HOME_ADDRESS;
    config->mobile_node.home_agent = FUZZ_HOME_AGENT;
    config->mobile_node.association = fuzz_association(0);
    config->mobile_node.lifetime_s = (bits & 4) != 0 ? 0xffff : (bits & 8) != 0 ? 12 : 600;
    config->mobile_node.multipath = (bits & 16) == 0;
    config->mobile_node.negotiate_policy = (bits & 32) == 0;
    config->mobile_node.bulk_refresh = (bits & 64) == 0;
    config->mobile_node.reverse_tunnel = (bits & 128) == 0;
    config->mobile_node.coa_change = (fb_coa_change)((bits >> 8) % 3);
    config->mobile_node.association.replay = (bits & 0x8000) != 0 ? FB_REPLAY_NONCE
                                                                  : FB_REPLAY_TIMESTAMP;
    config->scheduler = (bits & 0x4000) != 0 ? "round-robin" : NULL;
    config->mobile_node.discover_home = (bits & 0x2000) != 0;
    config->mobile_node.encapsulating_delivery = (bits & 0x1000) != 0;
}

/** Checks the state and returns a digest of it. */
static uint64_t
state(const mobile* m)
{
    fb_binding_view view;
    uint64_t digest = 0;

    for (size_t i = 0;
         fb_agent_binding(m->a.agent, FB_ROLE_MOBILE_NODE, FUZZ_HOME_ADDRESS, i, &view);
         i++)
    {
        bool up = view.state == FB_BINDING_UP || view.state == FB_BINDING_UP_PENDING;

        FUZZ_CHECK(i < LINKS && view.ref.link >= 1 && view.ref.link <= LINKS &&
                   view.ref.bid == view.ref.link);
        FUZZ_CHECK(!up || (view.expires > m->a.now && m->up[view.ref.link]));
    }
    fuzz_mix_state(&m->a, FB_ROLE_MOBILE_NODE, FUZZ_HOME_ADDRESS, &digest);
    return digest;
}

/** From its own address, or by way of a foreign agent or at home from the home address (RFC 5944 3.6.1.1). */
static void
check_way(const mobile* m, const fb_meta* meta, const fb_mip4_fixed* fixed)
{
    fb_ipv4 source = fb_addr_to_ipv4(&meta->src);
    fb_ipv4 own;

    FUZZ_CHECK(meta->link >= 1 && meta->link <= LINKS && m->up[meta->link]);
    own = m->address[meta->link];
    FUZZ_CHECK((own != 0 && source == own) || source == FUZZ_HOME_ADDRESS);
    if (fixed->lifetime_s != 0)
    {
        FUZZ_CHECK(source == own || own == 0);
        FUZZ_CHECK(((fixed->flags & FB_MIP4_FLAG_D) != 0) == (own != 0));
        FUZZ_CHECK(fixed->care_of_address != 0 && (own == 0 || fixed->care_of_address == own));
    }
}

static void
check_request(const mobile* m, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    fb_security_association association = fuzz_association(0);
    fb_mip4_message message;
    fb_mip4_request request;

    fuzz_check_sent(octets, length, FB_MIP4_REQUEST, &association);
    FUZZ_CHECK(fb_mip4_walk(&message, octets, length) == FB_REASON_NONE);
    FUZZ_CHECK(fb_mip4_check_request(&request, &message, m->a.config.selector_layout) ==
               FB_REASON_NONE);
    FUZZ_CHECK(m->a.config.mobile_node.multipath || !request.has_multipath);
    FUZZ_CHECK(message.fixed.home_address == FUZZ_HOME_ADDRESS &&
               message.fixed.home_agent == FUZZ_HOME_AGENT);
    check_way(m, meta, &message.fixed);
}

static void
check_solicitation(const mobile* m, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    FUZZ_CHECK(fb_solicitation_check(octets, length) == FB_REASON_NONE);
    FUZZ_CHECK(meta->link >= 1 && meta->link <= LINKS && m->up[meta->link]);
    FUZZ_CHECK(m->address[meta->link] == 0 && meta->ttl == 1);
}

/** A keepalive (RFC 3519 4.9) or probe: an echo request to the home agent, by a path that is there. */
static void
check_echo(const mobile* m, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    size_t udp = meta->protocol == 17 ? 4 : 0;
    uint8_t protocol = meta->protocol == 17 ? octets[1] : meta->protocol;
    size_t front = udp + (protocol == 47 ? 24 : protocol == 55 ? 12 : 20);
    const uint8_t* icmp = octets + front;

    FUZZ_CHECK(length == front + 8 && icmp[0] == 8);
    FUZZ_CHECK(protocol == 55 ? octets[0] == 1 : icmp[-20] == 0x45 && icmp[-11] == 1);
    FUZZ_CHECK(meta->link >= 1 && meta->link <= LINKS && icmp[5] == meta->link);
    FUZZ_CHECK(m->address[meta->link] != 0 &&
               fb_addr_to_ipv4(&meta->src) == m->address[meta->link]);
}

static void
drain(mobile* m)
{
    uint8_t octets[1500];
    fb_meta meta;
    ptrdiff_t length;
    unsigned busy = 0;

    while ((length = fb_agent_output(m->a.agent, &meta, octets, sizeof octets, m->a.now)) > 0)
    {
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
        if (meta.protocol == FB_PROTOCOL_ICMP)
        {
            check_solicitation(m, &meta, octets, (size_t)length);
            continue;
        }
        if (meta.protocol != FB_PROTOCOL_UDP || octets[0] == FB_MIP4_TUNNEL_DATA)
        {
            check_echo(m, &meta, octets, (size_t)length);
            continue;
        }
        check_request(m, &meta, octets, (size_t)length);
        memmove(m->request[1], m->request[0], sizeof m->request - sizeof m->request[0]);
        memcpy(m->request[0], octets, sizeof m->request[0]);
    }
    FUZZ_CHECK(length == 0);
    fuzz_agent_poll_events(&m->a);
}

/** Obeys the agent until it has nothing to do now. */
static void
settle(mobile* m)
{
    unsigned busy = 0;

    drain(m);
    while (fb_agent_next_timeout(m->a.agent) <= m->a.now)
    {
        FUZZ_CHECK(fb_agent_handle_timeout(m->a.agent, 2, m->a.now) == FB_OK);
        drain(m);
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
    }
}

static void
deliver_from(mobile* m, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    uint64_t before = state(m);
    uint8_t* copy = fuzz_copy(octets, length);
    int reason = fb_agent_input(m->a.agent, meta, copy, length, m->a.now);

    free(copy);
    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    FUZZ_CHECK(reason == FB_REASON_NONE || before == state(m));
    settle(m);
}

static void
deliver(mobile* m, const uint8_t* octets, size_t length)
{
    const fb_meta meta = {.src = fb_addr_from_ipv4(FUZZ_HOME_AGENT),
                          .sport = FB_MIP4_PORT,
                          .protocol = 17};

    deliver_from(m, &meta, octets, length);
}

static void
step_hear(mobile* m, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    uint32_t agent = (how & HEAR_AGENT) >> 2;
    fb_meta meta = {.src = fb_addr_from_ipv4(agent == 0 ? FUZZ_HOME_AGENT : FUZZ_AGENT + agent),
                    .link = 1 + (how & HEAR_LINK),
                    .protocol = FB_PROTOCOL_ICMP,
                    .ttl = 1,
                    .link_addr = {2, 0, 0, 0, 0, (uint8_t)agent},
                    .link_addr_len = 6};
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* copy = fuzz_copy(octets, length);

    if (length >= 8 && (how & HEAR_CHECKSUM) != 0)
    {
        copy[0] = FB_ICMP_ADVERTISEMENT;
        copy[1] &= 16;
        copy[2] = copy[3] = 0;
        fuzz_put(copy + 2, fb_checksum_finish(fb_checksum_add(0, copy, length)), 2);
    }
    deliver_from(m, &meta, copy, length);
    if ((how & HEAR_TWICE) != 0)
    {
        deliver_from(m, &meta, copy, length);
    }
    free(copy);
}

static void
step_share(mobile* m, fuzz_program* program)
{
    uint32_t value = fuzz_take(program, 1);
    fb_fact fact = {.kind = FB_FACT_ASSOCIATION};

    fact.u.association = (fb_peer_association){.kind = FB_ASSOCIATION_MOBILE_FOREIGN,
                                               .peer = FUZZ_AGENT + 1 + value % 3};
    if ((value & 0x80) == 0)
    {
        fact.u.association.association = fuzz_association(0);
    }
    (void)fb_agent_fact(m->a.agent, &fact, m->a.now);
}

static void
step_reply(mobile* m, fuzz_program* program)
{
    fb_security_association association = fuzz_association(0);
    uint32_t how = fuzz_take(program, 1);
    const uint8_t* request = m->request[how & REPLY_WHICH];
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    size_t room = length + MESSAGE_ROOM;
    uint8_t* message = calloc(1, room);

    FUZZ_CHECK(message != NULL);
    memcpy(message, octets, length);
    if (length >= 20 && (how & REPLY_ADDRESSED) != 0)
    {
        memcpy(message + 4, request + 4, 8);
    }
    if (length >= 20 && (how & REPLY_CURRENT) != 0)
    {
        memcpy(message + 12, request + 16, 4);
    }
    if (length >= 20 && (how & REPLY_ANSWERS) != 0)
    {
        memcpy(message + 16, request + 20, 4);
    }
    if ((how & REPLY_SIGNED) != 0)
    {
        length = fuzz_sign(message, length, room, &association);
    }
    deliver(m, message, length);
    if ((how & REPLY_TWICE) != 0)
    {
        deliver(m, message, length);
    }
    free(message);
}

static void
step_link(mobile* m, uint32_t number, bool up)
{
    uint8_t link = (uint8_t)(1 + number % LINKS);
    fb_fact fact = {.kind = up ? FB_FACT_LINK_UP : FB_FACT_LINK_DOWN};

    fact.u.link = (fb_link){.link = link,
                            .bid = link,
                            .label = link,
                            .technology = 4,
                            .preference = link,
                            .tunnel = (uint8_t)(number / LINKS % FB_TUNNEL_COUNT),
                            .udp = (uint8_t)(number / LINKS / FB_TUNNEL_COUNT % 3)};
    if (up)
    {
        bool by_agent = (number & 0x80) != 0;

        fact.kind = m->up[link] ? FB_FACT_LINK_CHANGED : FB_FACT_LINK_UP;
        m->up[link] = true;
        m->address[link] = by_agent ? 0 : 0xcb007111u + m->addresses++;
        fact.u.link.care_of = by_agent ? FB_CARE_OF_AGENT : FB_CARE_OF_COLOCATED;
        fact.u.link.address = fb_addr_from_ipv4(m->address[link]);
        FUZZ_CHECK(fb_agent_fact(m->a.agent, &fact, m->a.now) == FB_OK);
        return;
    }
    m->address[link] = 0;
    m->up[link] = false;
    (void)fb_agent_fact(m->a.agent, &fact, m->a.now); /* perhaps it was never up */
}

static void
step_policy(mobile* m, fuzz_program* program)
{
    fb_rule rules[8];
    fb_fact fact = {.kind = FB_FACT_POLICY, .u.policy.rules = rules};
    uint32_t how = fuzz_take(program, 1), count = how % 8;

    for (uint32_t i = 0; i < count; i++)
    {
        size_t length;
        const uint8_t* body = fuzz_take_octets(program, &length);
        fb_rule* rule = &rules[fact.u.policy.count];

        memset(rule, 0, sizeof *rule);
        fact.u.policy.count +=
            fb_flow_binding_decode(rule, body, length, FB_SELECTOR_LAYOUT_RFC7629) == 0;
        if ((how & POLICY_LABELS) != 0 && rule->action == FB_RULE_FORWARD)
        {
            rule->action = FB_RULE_FORWARD_LABEL;
        }
    }
    fact.kind = (how & POLICY_STATIC) != 0 ? FB_FACT_STATIC_POLICY : FB_FACT_POLICY;
    (void)fb_agent_fact(m->a.agent, &fact, m->a.now); /* perhaps it has too many rules, or labels */
}

static void
step_packet(mobile* m, fuzz_program* program, bool up)
{
    fb_ipv4 destination = up ? 0 : m->address[1 + fuzz_take(program, 1) % LINKS];
    fb_action action = fuzz_packet(&m->a, program, !up, destination);

    FUZZ_CHECK(action.kind != (up ? FB_DELIVER : FB_SEND));
    FUZZ_CHECK(action.kind != FB_SEND || m->up[action.path.link]);
}

static void
step(mobile* m, fuzz_program* program)
{
    fb_fact fact = {.kind = FB_FACT_REGISTER};
    uint32_t what = fuzz_take(program, 1) % STEPS, value;

    switch (what)
    {
    case STEP_TIME:
        m->a.now += fuzz_take_duration(program);
        settle(m); /* before anything is looked at */
        break;
    case STEP_REPLY:
        step_reply(m, program);
        break;
    case STEP_LINK_UP:
    case STEP_LINK_DOWN:
        step_link(m, fuzz_take(program, 1), what == STEP_LINK_UP);
        break;
    case STEP_POLICY:
        step_policy(m, program);
        break;
    case STEP_ADMINISTRATOR:
        value = fuzz_take(program, 1);
        fact.kind = (value & 0x80) != 0 ? FB_FACT_DEREGISTER : FB_FACT_REGISTER;
        fact.u.bid = (uint8_t)((value & 0x7f) % (LINKS + 1));
        (void)fb_agent_fact(m->a.agent, &fact, m->a.now); /* perhaps there is no such BID yet */
        break;
    case STEP_HEAR:
        step_hear(m, program);
        break;
    case STEP_SHARE:
        step_share(m, program);
        break;
    case STEP_CLOCK:
        fuzz_agent_set_clock(&m->a, (int8_t)fuzz_take(program, 1) * (int64_t)FB_SECOND);
        break;
    default:
        step_packet(m, program, what == STEP_UPLINK);
        break;
    }
    settle(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    mobile m = {.addresses = 0};

    configure(&m.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&m.a);
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&m, &program);
        (void)state(&m);
        FUZZ_CHECK(fb_agent_next_timeout(m.a.agent) > m.a.now);
    }
    free(m.a.memory);
    return 0;
}
