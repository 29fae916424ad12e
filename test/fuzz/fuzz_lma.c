/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A local mobility anchor and everything that can come to it. Input: two octets of configuration, then steps: an octet
 * that says what (STEP_*), and what it needs. A message can be made to look current and its checksum right, so that what
 * lies behind them is reached.
 */

#include "proxy_steps.h"

enum
{
    STEP_TIME, /* a duration */
    STEP_MESSAGE, /* FUZZ_*, then the message */
    STEP_SUBSCRIBER, /* 3 bits of rights of the first subscriber; 8: it is removed */
    STEP_GATEWAY, /* whether the gateway is served */
    STEP_CLOCK, /* the wall clock steps by so many seconds (8 bits, signed) */
    STEP_DOWNLINK, /* a packet */
    STEP_UPLINK, /* its outer header, then a packet */
    STEP_POLICY, /* a static policy: 2 bits action, scheduler */
    STEPS
};

typedef struct anchor
{
    fuzz_agent a;
    uint32_t counter;
} anchor;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_lma_config* lma = &config->lma;

    fb_config_default(config);
    config->roles = FB_ROLE_LMA;
    config->limits.sessions = 4;
    config->limits.bindings = 6;
    config->limits.subscribers = 3;
    config->limits.gateways = 2;
    config->limits.care_of_addresses = 5;
    config->limits.flows = 6;
    config->limits.bindings_per_node = (uint8_t)(1 + (bits & 3));
    config->limits.flow_cache = (bits & 4) != 0 ? 16 : 0;
    config->limits.events = 16;
    lma->address = fuzz_anchor_address(false);
    lma->address_ipv4 = fb_addr_to_ipv4(&(fb_addr){4, {192, 0, 2, 53}});
    lma->home_pool = (fb_prefix){fuzz_anchor_address(false), 60};
    memset(lma->home_pool.address.octet + 4, 0, 12);
    lma->home_pool.address.octet[4] = 1;
    lma->delegated_pool = lma->home_pool;
    lma->delegated_pool.address.octet[4] = 2;
    lma->delegated_pool.length = 54;
    lma->ipv4_pool = (fb_prefix){fb_addr_from_ipv4(0xc6336400), 29};
    lma->multipath = (bits & 8) == 0;
    lma->legacy = (bits & 16) != 0;
    lma->require_gateway_identifier = (bits & 32) == 0;
    lma->any_gateway = (bits & 64) == 0;
    lma->any_subscriber = (bits & 128) == 0;
    lma->flow_policy = (bits & 256) == 0;
    lma->flow_decision = (bits & 512) != 0 ? FB_FLOW_DECISION_ANCHOR : FB_FLOW_DECISION_GATEWAY;
    lma->gre = (bits & 1024) == 0;
    lma->require_gre = lma->gre && (bits & 2048) != 0;
    lma->force_udp = lma->ipv4 = (bits & 4096) == 0;
    lma->delegation = (bits & 8192) == 0;
    lma->sequence_per_session = (bits & 16384) != 0;
    config->scheduler = (bits & 32768) != 0 ? "weighted" : NULL;
    lma->vendor = 32473;
}

static void
drain(void* context)
{
    anchor* n = context;
    uint8_t octets[1500];
    fb_meta meta;
    ptrdiff_t length;

    while ((length = fb_agent_output(n->a.agent, &meta, octets, sizeof octets, n->a.now)) != 0)
    {
        FUZZ_CHECK(length > 0);
        fuzz_proxy_check_sent(&meta, octets, (size_t)length);
    }
    fuzz_agent_poll_events(&n->a);
}

static uint64_t
state(const anchor* n)
{
    size_t bindings;
    uint64_t digest = fuzz_proxy_state(&n->a, FB_ROLE_LMA, &bindings);

    FUZZ_CHECK(bindings <= n->a.config.limits.bindings);
    return digest;
}

static void
step_message(anchor* n, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    unsigned path = how & FUZZ_PATH;
    fb_meta meta = {.src = fuzz_path_address(path),
                    .dst = fuzz_anchor_address(path == 3),
                    .protocol = path == 3 ? 17 : 135,
                    .sport = path == 3 ? FB_PMIP_CONTROL_PORT : 0,
                    .dport = path == 3 ? FB_PMIP_CONTROL_PORT : 0};
    size_t length, at;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* message = fuzz_copy(octets, length);
    uint64_t before = state(n);
    int reason;

    at = fuzz_option(message, length, 27, 8);
    if (at != 0 && (how & FUZZ_CURRENT) != 0)
    {
        fuzz_put(message + at, fuzz_proxy_timestamp(&n->a, n->counter++), 8);
    }
    if ((how & FUZZ_SEALED) != 0)
    {
        fuzz_mobility_seal(message, length, &meta.src, &meta.dst);
    }
    reason = fb_agent_input(n->a.agent, &meta, message, length, n->a.now);
    free(message);
    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    FUZZ_CHECK(reason == FB_REASON_NONE || before == state(n)); /* a refusal changes nothing */
    drain(n);
}

static void
step_subscriber(anchor* n, uint32_t rights)
{
    fb_fact fact = {.kind = (rights & 8) != 0 ? FB_FACT_PROXY_SUBSCRIBER_REMOVE
                                              : FB_FACT_PROXY_SUBSCRIBER_SET};
    fb_proxy_subscriber* subscriber = &fact.u.proxy_subscriber;

    subscriber->identity = fuzz_nai("mr1@example.net");
    subscriber->multipath_allowed = (rights & 1) == 0;
    subscriber->service = (rights & 2) == 0;
    subscriber->ipv4_allowed = subscriber->delegation_allowed = (rights & 4) == 0;
    (void)fb_agent_fact(n->a.agent, &fact, n->a.now); /* perhaps it is removed already */
}

static void
step_gateway(anchor* n, bool served)
{
    fb_fact fact = {.kind = served ? FB_FACT_GATEWAY_SET : FB_FACT_GATEWAY_REMOVE};

    fact.u.gateway.identity = fuzz_nai("mag7@example.net");
    (void)fb_agent_fact(n->a.agent, &fact, n->a.now);
}

static void
step_policy(anchor* n, uint32_t what)
{
    fb_rule rule = {.action = (uint8_t)(FB_RULE_FORWARD_LABEL + (what & 3)),
                    .bid_count = 3,
                    .bid = {2, 1, 4},
                    .selector.format = FB_SELECTOR_IPV6,
                    .scheduler = (uint8_t)(what >> 2 & 3)};
    fb_fact fact = {.kind = FB_FACT_STATIC_POLICY, .u.policy = {&rule, (what & 16) == 0}};

    FUZZ_CHECK(fb_agent_fact(n->a.agent, &fact, n->a.now) == FB_OK);
}

static void
step(anchor* n, fuzz_program* program)
{
    fb_meta outer;

    switch (fuzz_take(program, 1) % STEPS)
    {
    case STEP_TIME:
        fuzz_proxy_time(&n->a, fuzz_take_duration(program), drain, n);
        break;
    case STEP_MESSAGE:
        step_message(n, program);
        break;
    case STEP_SUBSCRIBER:
        step_subscriber(n, fuzz_take(program, 1));
        break;
    case STEP_GATEWAY:
        step_gateway(n, (fuzz_take(program, 1) & 1) != 0);
        break;
    case STEP_CLOCK:
        fuzz_agent_set_clock(&n->a, (int8_t)fuzz_take(program, 1) * (int64_t)FB_SECOND);
        break;
    case STEP_DOWNLINK:
        FUZZ_CHECK(fuzz_proxy_packet(&n->a, program, NULL).kind != FB_DELIVER);
        break;
    case STEP_UPLINK:
        outer = fuzz_take_outer(program, true);
        FUZZ_CHECK(fuzz_proxy_packet(&n->a, program, &outer).kind != FB_SEND);
        break;
    default:
        step_policy(n, fuzz_take(program, 1));
        break;
    }
    drain(n);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    anchor n = {.counter = 0};

    configure(&n.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&n.a);
    step_subscriber(&n, 0);
    step_gateway(&n, true);
    drain(&n);
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&n, &program);
        fuzz_proxy_time(&n.a, 0, drain, &n);
        (void)state(&n);
        FUZZ_CHECK(fb_agent_next_timeout(n.a.agent) > n.a.now);
    }
    free(n.a.memory);
    return 0;
}
