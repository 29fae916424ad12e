/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A mobile access gateway and everything that can come to it. Input: two octets of configuration, then steps: an octet
 * that says what (STEP_*), and what it needs. A message can be made an answer to the last update that was sent over its
 * path, and its checksum be right.
 */

#include "proxy_steps.h"

enum
{
    STEP_TIME, /* a duration */
    STEP_MESSAGE, /* PROXY_*, then the message */
    STEP_UP, /* an octet: 2 bits link, 2 tunnel and key, 2 UDP, 2 address */
    STEP_DOWN, /* a link */
    STEP_ATTACH, /* an octet: 2 bits number, then what it asks for */
    STEP_DETACH, /* a number */
    STEP_POLICY, /* how many rules; of each an octet of BIDs and one of ports */
    STEP_ADMINISTRATOR, /* bit 7: register, else not any more; BID */
    STEP_QUALITY, /* a link, two octets of rate */
    STEP_CLOCK, /* the wall clock steps by so many seconds (8 bits, signed) */
    STEP_UPLINK, /* a packet */
    STEP_DOWNLINK, /* a packet */
    STEPS
};

typedef struct sent_update
{
    bool any;
    uint8_t sequence[2], timestamp[8];
} sent_update;

typedef struct gateway
{
    fuzz_agent a;
    sent_update last[PROXY_PATHS];
} gateway;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_config_default(config);
    config->roles = FB_ROLE_MAG;
    config->limits.links = PROXY_PATHS;
    config->limits.sessions = 3;
    config->limits.rules_per_node = 6;
    config->limits.events = 16;
    config->limits.flow_cache = (bits & 1) != 0 ? 16 : 0;
    config->mag.identity = proxy_fuzz_nai("mag7@example.net", 0);
    config->mag.anchor = proxy_fuzz_anchor(0);
    config->mag.anchor_ipv4 = PROXY_ANCHOR_IPV4;
    config->mag.multipath = (bits & 2) == 0;
    config->mag.negotiate_policy = (bits & 4) == 0;
    config->mag.bulk_refresh = (bits & 8) == 0;
    config->mag.concurrent = (bits & 16) != 0;
    config->mag.anchor_capable = (bits & 32) != 0;
    config->mag.sequence_numbers = (bits & 64) != 0;
    config->mag.local_routing = (bits & 128) != 0;
    config->mag.heartbeat_s = (bits & 256) != 0 ? 30 : 0;
    config->mag.flow_decision = (bits & 512) != 0 ? FB_FLOW_DECISION_ANCHOR
                                                  : FB_FLOW_DECISION_GATEWAY;
    config->mag.vendor = (bits & 1024) != 0 ? FB_VENDOR_EXAMPLE : 0;
    config->mag.lifetime_s = (bits & 2048) != 0 ? 60 : 3600;
    config->scheduler = (bits & 4096) != 0 ? "weighted" : NULL;
}

/** All the gateway has to say; of updates is kept what answers to them need. */
static void
drain(gateway* g)
{
    uint8_t octets[1500];
    fb_meta meta;
    ptrdiff_t length;
    unsigned busy = 0;

    while ((length = fb_agent_output(g->a.agent, &meta, octets, sizeof octets, g->a.now)) != 0)
    {
        uint8_t* timestamp;

        FUZZ_CHECK(length > 0 && busy++ < FUZZ_BUSY_MAX);
        proxy_fuzz_check_sent(&meta, octets, (size_t)length);
        if (octets[2] == FB_MH_BINDING_UPDATE && meta.link >= 1 && meta.link <= PROXY_PATHS)
        {
            sent_update* last = &g->last[meta.link - 1];

            last->any = true;
            memcpy(last->sequence, octets + 6, 2);
            timestamp = proxy_fuzz_timestamp(octets, (size_t)length);
            if (timestamp != NULL)
            {
                memcpy(last->timestamp, timestamp, 8);
            }
        }
    }
    fuzz_agent_poll_events(&g->a);
}

static void
deliver(gateway* g, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    uint8_t* copy = fuzz_copy(octets, length);
    int reason = fb_agent_input(g->a.agent, meta, copy, length, g->a.now);

    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    free(copy);
    drain(g);
}

static void
step_message(gateway* g, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    uint32_t path = (how & PROXY_OVER) >> 3;
    fb_meta meta = proxy_fuzz_meta(path, false);
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* message = fuzz_copy(octets, length);

    if ((how & PROXY_CURRENT) != 0 && length >= 12 && g->last[path].any)
    {
        uint8_t* timestamp = proxy_fuzz_timestamp(message, length);

        memcpy(message + 8, g->last[path].sequence, 2);
        if (timestamp != NULL)
        {
            memcpy(timestamp, g->last[path].timestamp, 8);
        }
    }
    if ((how & PROXY_SEALED) != 0 && length >= 8)
    {
        proxy_fuzz_seal(&meta, message, length);
    }
    deliver(g, &meta, message, length);
    if ((how & PROXY_TWICE) != 0)
    {
        deliver(g, &meta, message, length);
    }
    free(message);
}

static void
step_time(gateway* g, fb_time duration)
{
    unsigned busy = 0;

    g->a.now += duration;
    drain(g);
    while (fb_agent_next_timeout(g->a.agent) <= g->a.now)
    {
        FUZZ_CHECK(fb_agent_handle_timeout(g->a.agent, 2, g->a.now) == FB_OK);
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
        drain(g);
    }
}

static void
step_up(gateway* g, uint32_t how)
{
    static const uint8_t label[] = {11, 9, 9, 9}, technology[] = {8, 4, 3, 4};
    uint32_t path = how & 3;
    fb_fact fact = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = path + 1,
                               .bid = (uint8_t)(path + 1),
                               .label = label[path],
                               .technology = technology[path],
                               .tunnel = (how & 12) != 0 ? FB_TUNNEL_GRE : FB_TUNNEL_IPIP,
                               .gre_key = (how & 8) != 0,
                               .udp = (uint8_t)(how >> 4 & 3) % 3,
                               .mtu = (how & 64) != 0 ? 1500 : 0,
                               .address = proxy_fuzz_care_of(path)}};

    fact.u.link.address.octet[3] = (uint8_t)(fact.u.link.address.octet[3] + (how >> 7));
    FUZZ_CHECK(fb_agent_fact(g->a.agent, &fact, g->a.now) == FB_OK);
}

static void
step_attach(gateway* g, uint32_t how)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_ADD,
                    .u.session = {.session = 1 + (how & 3),
                                  .identity = proxy_fuzz_nai("mr1@example.net", how & 3),
                                  .link_layer_length = (how & 4) != 0 ? 6 : 0,
                                  .link_layer = {2, 0, 0x5e, 0, 0x53, 1},
                                  .technology = 1,
                                  .handoff = (uint8_t)(1 + (how >> 3 & 3)),
                                  .home_network = (how & 64) == 0,
                                  .delegation = (how & 32) != 0,
                                  .ipv4 = (how & 192) != 0}};

    (void)fb_agent_fact(g->a.agent, &fact, g->a.now); /* perhaps there is no room */
}

static void
step_policy(gateway* g, fuzz_program* program)
{
    fb_rule rules[6];
    fb_fact fact = {.kind = FB_FACT_POLICY, .u.policy = {.rules = rules}};
    uint32_t count = fuzz_take(program, 1) % 7;

    memset(rules, 0, sizeof rules);
    for (uint32_t i = 0; i < count; i++)
    {
        uint32_t bids = fuzz_take(program, 1);

        rules[i] = (fb_rule){.action = (bids & 0x80) != 0 ? FB_RULE_COPY : FB_RULE_FORWARD,
                             .bid_count = (bids & 0x40) != 0 ? 2 : 1,
                             .bid = {(uint8_t)(1 + (bids & 7)), (uint8_t)(1 + (bids >> 3 & 7))},
                             .selector = {.format = FB_SELECTOR_IPV6}};
        rules[i].selector.u.v6.present = FB_SELECTOR6_SOURCE_PORT_START;
        rules[i].selector.u.v6.source_port_start = (uint16_t)fuzz_take(program, 1);
    }
    fact.u.policy.count = count;
    FUZZ_CHECK(fb_agent_fact(g->a.agent, &fact, g->a.now) == FB_OK);
}

/** Facts of one number. */
static void
step_fact(gateway* g, fuzz_program* program, uint32_t what)
{
    uint32_t value = fuzz_take(program, 1);
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = 1 + value % PROXY_PATHS};

    if (what == STEP_DETACH)
    {
        fact = (fb_fact){.kind = FB_FACT_SESSION_REMOVE, .u.session.session = 1 + value % 4};
    }
    else if (what == STEP_ADMINISTRATOR)
    {
        fact = (fb_fact){.kind = (value & 0x80) != 0 ? FB_FACT_REGISTER : FB_FACT_DEREGISTER,
                         .u.bid = (uint8_t)(value & 7)};
    }
    else if (what == STEP_QUALITY)
    {
        fact = (fb_fact){
            .kind = FB_FACT_QUALITY,
            .u.quality = {.link = 1 + value % PROXY_PATHS, .rate_up_kbps = fuzz_take(program, 2)}};
    }
    (void)fb_agent_fact(g->a.agent, &fact, g->a.now); /* perhaps it is not known */
}

static void
step(gateway* g, fuzz_program* program)
{
    uint32_t what = fuzz_take(program, 1) % STEPS;

    switch (what)
    {
    case STEP_TIME:
        step_time(g, fuzz_take_duration(program));
        break;
    case STEP_MESSAGE:
        step_message(g, program);
        break;
    case STEP_UP:
        step_up(g, fuzz_take(program, 1));
        break;
    case STEP_ATTACH:
        step_attach(g, fuzz_take(program, 1));
        break;
    case STEP_POLICY:
        step_policy(g, program);
        break;
    case STEP_CLOCK:
        fuzz_agent_set_clock(&g->a, (int8_t)fuzz_take(program, 1) * (int64_t)FB_SECOND);
        break;
    case STEP_UPLINK:
        proxy_fuzz_steer(&g->a, program, true);
        break;
    case STEP_DOWNLINK:
        proxy_fuzz_receive(&g->a, program, false);
        break;
    default:
        step_fact(g, program, what);
        break;
    }
    step_time(g, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    gateway g = {.a = {.now = 0}};

    configure(&g.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&g.a);
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&g, &program);
        (void)proxy_fuzz_state(&g.a, FB_ROLE_MAG);
        FUZZ_CHECK(fb_agent_next_timeout(g.a.agent) > g.a.now);
    }
    free(g.a.memory);
    return 0;
}
