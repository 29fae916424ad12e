/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A mobile access gateway and everything that can come to it. Input: two octets of configuration, then steps: an octet
 * that says what (STEP_*), and what it needs. Acknowledgements can be made to fit the update that was sent last, so that
 * what lies behind the sequence number is reached.
 */

#include "proxy_steps.h"

enum
{
    STEP_TIME, /* a duration */
    STEP_MESSAGE, /* FUZZ_*, then the message */
    /* status and lifetime of an answer to the last update, and 2 bits: without option 63, without 27 */
    STEP_ACCEPT,
    STEP_LINK, /* number of a path, then LINK_* */
    STEP_SESSION, /* 2 bits number, then whether it is there, and what it asks for */
    STEP_POLICY, /* 3 bits action and count */
    STEP_WANTED, /* 3 bits BID, whether it is wanted */
    STEP_CLOCK, /* the wall clock steps by so many seconds (8 bits, signed) */
    STEP_QUALITY, /* number of a path, milliseconds */
    STEP_UPLINK, /* a packet */
    STEP_DOWNLINK, /* its outer header, then a packet */
    STEPS
};

enum
{
    LINK_UP = 1,
    LINK_GRE = 2,
    LINK_UDP = 4,
    LINK_SMALL = 8
};

typedef struct gateway
{
    fuzz_agent a;
    uint8_t sent[1500]; /* the last update */
    size_t sent_length;
    fb_meta sent_as;
} gateway;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_mag_config* mag = &config->mag;

    fb_config_default(config);
    config->roles = FB_ROLE_MAG;
    config->limits.sessions = 3;
    config->limits.links = FUZZ_PATHS;
    config->limits.rules_per_node = 4;
    config->limits.flow_cache = (bits & 1) != 0 ? 16 : 0;
    config->limits.events = 32;
    mag->identity = fuzz_nai("mag7@example.net");
    mag->anchor = fuzz_anchor_address(false);
    mag->anchor_ipv4 = 0xc0000235;
    mag->multipath = (bits & 2) == 0;
    mag->negotiate_policy = (bits & 4) == 0;
    mag->bulk_refresh = (bits & 8) == 0;
    mag->concurrent = (bits & 16) != 0;
    mag->anchor_capable = (bits & 32) != 0;
    mag->sequence_numbers = (bits & 64) != 0;
    mag->local_routing = (bits & 128) != 0;
    mag->heartbeat_s = (bits & 256) != 0 ? 30 : 0;
    mag->flow_decision = (bits & 512) != 0 ? FB_FLOW_DECISION_ANCHOR : FB_FLOW_DECISION_GATEWAY;
    mag->vendor = (bits & 1024) != 0 ? 32473 : 0;
    mag->lifetime_s = (bits & 2048) != 0 ? 4 : 3600;
    config->scheduler = (bits & 4096) != 0 ? "round-robin" : NULL;
}

static void
drain(void* context)
{
    gateway* n = context;
    uint8_t octets[1500];
    fb_meta meta;
    ptrdiff_t length;
    unsigned sent = 0;

    while ((length = fb_agent_output(n->a.agent, &meta, octets, sizeof octets, n->a.now)) != 0)
    {
        FUZZ_CHECK(length > 0 && sent++ < FUZZ_BUSY_MAX);
        fuzz_proxy_check_sent(&meta, octets, (size_t)length);
        if (length > 2 && octets[2] == 5 && (meta.protocol == 135 || meta.protocol == 17))
        {
            memcpy(n->sent, octets, (size_t)length);
            n->sent_length = (size_t)length;
            n->sent_as = meta;
        }
    }
    fuzz_agent_poll_events(&n->a);
}

/** As the answer to the last update, from where that went to. */
static void
deliver(gateway* n, fb_meta meta, uint8_t* message, size_t length, bool sealed)
{
    int reason;

    if (sealed)
    {
        fuzz_mobility_seal(message, length, &meta.src, &meta.dst);
    }
    reason = fb_agent_input(n->a.agent, &meta, message, length, n->a.now);
    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    drain(n);
}

static fb_meta
meta_back(const gateway* n)
{
    return (fb_meta){.src = n->sent_as.dst,
                     .dst = n->sent_as.src,
                     .sport = n->sent_as.dport,
                     .dport = n->sent_as.sport,
                     .link = n->sent_as.link,
                     .protocol = n->sent_as.protocol};
}

static void
step_message(gateway* n, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    unsigned path = how & FUZZ_PATH;
    fb_meta meta = {.src = fuzz_anchor_address(path == 3),
                    .dst = fuzz_path_address(path),
                    .link = path + 1,
                    .protocol = path == 3 ? 17 : 135,
                    .sport = path == 3 ? FB_PMIP_CONTROL_PORT : 0,
                    .dport = path == 3 ? FB_PMIP_CONTROL_PORT : 0};
    size_t length, at, from;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* message = fuzz_copy(octets, length);

    if ((how & FUZZ_ANSWER) != 0 && n->sent_length > 0 && length >= FUZZ_OPTIONS_AT)
    {
        meta = meta_back(n);
        memcpy(message + 8, n->sent + 6, 2);
        at = fuzz_option(message, length, 27, 8);
        from = fuzz_option(n->sent, n->sent_length, 27, 8);
        if (at != 0 && from != 0)
        {
            memcpy(message + at, n->sent + from, 8);
        }
    }
    deliver(n, meta, message, length, (how & FUZZ_SEALED) != 0);
    free(message);
}

/** Turns an option into padding. */
static void
blank(uint8_t* message, size_t length, uint8_t type, uint8_t wanted)
{
    size_t at = fuzz_option(message, length, type, wanted);

    if (at != 0)
    {
        message[at - 2] = 1; /* PadN */
        memset(message + at, 0, wanted);
    }
}

/** An acknowledgement in the octets of the update: the same options, prefixes assigned. */
static void
step_accept(gateway* n, fuzz_program* program)
{
    uint32_t status = fuzz_take(program, 1), lifetime = fuzz_take(program, 2);
    uint32_t without = fuzz_take(program, 1);
    uint8_t* message = fuzz_copy(n->sent, n->sent_length);
    size_t length = n->sent_length, home, delegated;

    if (length >= FUZZ_OPTIONS_AT)
    {
        message[2] = 6;
        memcpy(message + 8, n->sent + 6, 2);
        message[6] = (uint8_t)status;
        message[7] = 0x20;
        fuzz_put(message + 10, lifetime, 2);
        home = fuzz_option(message, length, 22, 18);
        delegated = fuzz_option(message, length, 55, 18);
        if (home != 0)
        {
            fuzz_put(message + home, UINT64_C(0x004020010db80100), 8);
        }
        if (delegated != 0)
        {
            fuzz_put(message + delegated, UINT64_C(0x003820010db80200), 8);
        }
        blank(message, length, 64, 18);
        if ((without & 1) != 0)
        {
            blank(message, length, 63, 6);
        }
        if ((without & 2) != 0)
        {
            blank(message, length, 27, 8);
        }
        deliver(n, meta_back(n), message, length, true);
    }
    free(message);
}

static void
step_link(gateway* n, unsigned path, uint32_t how)
{
    fb_fact fact = {.kind = (how & LINK_UP) != 0 ? FB_FACT_LINK_UP : FB_FACT_LINK_DOWN};
    fb_link* link = &fact.u.link;

    link->link = path + 1;
    link->address = fuzz_path_address(path);
    link->bid = (uint8_t)(path + 1);
    link->label = (uint8_t)(9 + path % 2);
    link->technology = 4;
    link->preference = (uint8_t)path;
    link->tunnel = (how & LINK_GRE) != 0 ? FB_TUNNEL_GRE : FB_TUNNEL_IPIP;
    link->gre_key = (how & LINK_GRE) != 0;
    link->udp = (how & LINK_UDP) != 0 ? FB_UDP_FORCE : FB_UDP_NEVER;
    link->mtu = (how & LINK_SMALL) != 0 ? 1300 : 0;
    link->weight = (uint16_t)(how >> 4);
    (void)fb_agent_fact(n->a.agent, &fact, n->a.now); /* down twice is an error */
}

static void
step_session(gateway* n, uint32_t what)
{
    static const char* const names[] = {"mr1@example.net",
                                        "n2@example.net",
                                        "n3@example.net",
                                        "n4@example.net"};
    bool there = (what & 4) != 0;
    fb_fact fact = {.kind = there ? FB_FACT_SESSION_ADD : FB_FACT_SESSION_REMOVE};
    fb_session* session = &fact.u.session;

    session->session = 1 + (what & 3);
    session->identity = fuzz_nai(names[what & 3]);
    session->technology = 1;
    session->handoff = 1;
    session->home_network = (what & 8) == 0;
    session->delegation = (what & 16) == 0;
    session->ipv4 = (what & 32) != 0;
    (void)fb_agent_fact(n->a.agent, &fact, n->a.now);
}

static void
step_policy(gateway* n, uint32_t what)
{
    static const uint8_t actions[] = {FB_RULE_DROP, FB_RULE_FORWARD, FB_RULE_COPY, FB_RULE_SPREAD};
    fb_rule rules[3] = {{0}};
    fb_fact fact = {.kind = (what & 32) != 0 ? FB_FACT_STATIC_POLICY : FB_FACT_POLICY,
                    .u.policy = {rules, what >> 2 & 3}};

    for (unsigned i = 0; i < 3; i++)
    {
        rules[i] = (fb_rule){.action = actions[(what + i) & 3],
                             .bid_count = (uint8_t)(1 + i),
                             .bid = {(uint8_t)(1 + i), 2, 1},
                             .selector.format = FB_SELECTOR_IPV6};
        rules[i].selector.u.v6.present = FB_SELECTOR6_SOURCE_PORT_START;
        rules[i].selector.u.v6.source_port_start = (uint16_t)(5060 + (what >> 4 & 1) + i);
    }
    (void)fb_agent_fact(n->a.agent, &fact, n->a.now);
}

static void
step_fact(gateway* n, fb_fact_kind kind, uint32_t value)
{
    fb_fact fact = {.kind = kind};

    if (kind == FB_FACT_QUALITY)
    {
        fact.u.quality = (fb_quality){.link = 1 + value % FUZZ_PATHS,
                                      .round_trip_us = value * 1000};
    }
    else
    {
        fact.u.bid = (uint8_t)(value & 7);
    }
    (void)fb_agent_fact(n->a.agent, &fact, n->a.now);
}

static void
step_events(gateway* n, fuzz_program* program, uint32_t what)
{
    uint32_t value;

    switch (what)
    {
    case STEP_LINK:
        value = fuzz_take(program, 1);
        step_link(n, value & FUZZ_PATH, fuzz_take(program, 1));
        break;
    case STEP_SESSION:
        step_session(n, fuzz_take(program, 1));
        break;
    case STEP_POLICY:
        step_policy(n, fuzz_take(program, 1));
        break;
    case STEP_WANTED:
        value = fuzz_take(program, 1);
        step_fact(n, (value & 8) != 0 ? FB_FACT_REGISTER : FB_FACT_DEREGISTER, value);
        break;
    case STEP_CLOCK:
        fuzz_agent_set_clock(&n->a, (int8_t)fuzz_take(program, 1) * (int64_t)FB_SECOND);
        break;
    default:
        step_fact(n, FB_FACT_QUALITY, fuzz_take(program, 1));
        break;
    }
}

static void
step(gateway* n, fuzz_program* program)
{
    uint32_t what = fuzz_take(program, 1) % STEPS;
    fb_meta outer;

    switch (what)
    {
    case STEP_TIME:
        fuzz_proxy_time(&n->a, fuzz_take_duration(program), drain, n);
        break;
    case STEP_MESSAGE:
        step_message(n, program);
        break;
    case STEP_ACCEPT:
        step_accept(n, program);
        break;
    case STEP_UPLINK:
        FUZZ_CHECK(fuzz_proxy_packet(&n->a, program, NULL).kind != FB_DELIVER);
        break;
    case STEP_DOWNLINK:
        outer = fuzz_take_outer(program, false);
        FUZZ_CHECK(fuzz_proxy_packet(&n->a, program, &outer).kind != FB_SEND);
        break;
    default:
        step_events(n, program, what);
        break;
    }
    drain(n);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    gateway n = {.sent_length = 0};
    size_t bindings;

    configure(&n.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&n.a);
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&n, &program);
        fuzz_proxy_time(&n.a, 0, drain, &n);
        (void)fuzz_proxy_state(&n.a, FB_ROLE_MAG, &bindings);
        FUZZ_CHECK(fb_agent_next_timeout(n.a.agent) > n.a.now);
    }
    free(n.a.memory);
    return 0;
}
