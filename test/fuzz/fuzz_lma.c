/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A local mobility anchor and everything that can come to it. Input: two octets of configuration, then steps: an octet
 * that says what (STEP_*), and what it needs. A message can be made to look current, and its checksum be right.
 */

#include "agent_internal.h"
#include "proxy_steps.h"

enum
{
    STEP_TIME, /* a duration */
    STEP_MESSAGE, /* PROXY_*, then the message */
    STEP_SUBSCRIBER, /* an octet: 2 bits number, then what it may; bit 7: it is removed */
    STEP_GATEWAY, /* an octet: bit 0 number, bit 7: it is removed */
    STEP_CLOCK, /* the wall clock steps by so many seconds (8 bits, signed) */
    STEP_DOWNLINK, /* a packet */
    STEP_UPLINK, /* a packet */
    STEP_ICMP, /* an ICMPv6 error about what is quoted */
    STEPS
};

typedef struct anchor
{
    fuzz_agent a;
    uint16_t sequence;
} anchor;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_config_default(config);
    config->roles = FB_ROLE_LMA;
    config->limits.sessions = 4;
    config->limits.bindings = 6;
    config->limits.bindings_per_node = (uint8_t)(1 + (bits & 3));
    config->limits.subscribers = 3;
    config->limits.gateways = 2;
    config->limits.care_of_addresses = 4;
    config->limits.flows = 6;
    config->limits.events = 16;
    config->limits.flow_cache = (bits & 4) != 0 ? 16 : 0;
    config->lma.address = proxy_fuzz_address(0x0f);
    config->lma.address_ipv4 = PROXY_ANCHOR_IPV4;
    config->lma.home_pool = (fb_prefix){.address = proxy_fuzz_address(1), .length = 62};
    config->lma.home_pool.address.octet[15] = 0;
    config->lma.delegated_pool = (fb_prefix){.address = proxy_fuzz_address(2), .length = 54};
    config->lma.delegated_pool.address.octet[15] = 0;
    config->lma.ipv4_pool = (fb_prefix){.address = fb_addr_from_ipv4(0xc6336400u), .length = 30};
    config->lma.any_subscriber = (bits & 8) != 0;
    config->lma.any_gateway = (bits & 16) != 0;
    config->lma.multipath = (bits & 32) == 0;
    config->lma.legacy = (bits & 64) != 0;
    config->lma.require_gateway_identifier = (bits & 128) == 0;
    config->lma.flow_policy = (bits & 256) == 0;
    config->lma.gre = (bits & 512) == 0;
    config->lma.force_udp = (bits & 1024) == 0;
    config->lma.ipv4 = (bits & 2048) == 0;
    config->lma.delegation = (bits & 4096) == 0;
    config->lma.sequence_per_session = (bits & 8192) != 0;
    config->lma.heartbeat_s = (bits & 16384) != 0 ? 30 : 0;
    config->lma.vendor = FB_VENDOR_EXAMPLE;
    config->scheduler = (bits & 32768) != 0 ? "weighted" : NULL;
}

static void
set_subscriber(anchor* n, uint32_t how)
{
    fb_fact fact = {.kind = (how & 0x80) != 0 ? FB_FACT_PROXY_SUBSCRIBER_REMOVE
                                              : FB_FACT_PROXY_SUBSCRIBER_SET,
                    .u.proxy_subscriber = {.identity = proxy_fuzz_nai("mr1@example.net", how & 3),
                                           .multipath_allowed = (how & 4) == 0,
                                           .service = (how & 8) == 0,
                                           .ipv4_allowed = (how & 16) == 0,
                                           .delegation_allowed = (how & 32) == 0,
                                           .ipv6_refused = (how & 64) != 0}};

    (void)fb_agent_fact(n->a.agent, &fact, n->a.now); /* perhaps there is no room, or no such one */
}

static void
set_gateway(anchor* n, uint32_t how)
{
    fb_fact fact = {.kind = (how & 0x80) != 0 ? FB_FACT_GATEWAY_REMOVE : FB_FACT_GATEWAY_SET,
                    .u.gateway.identity = proxy_fuzz_nai("mag7@example.net", how & 1)};

    (void)fb_agent_fact(n->a.agent, &fact, n->a.now); /* the same */
}

/** All the anchor has to say. */
static void
drain(anchor* n)
{
    uint8_t octets[1500];
    fb_meta meta;
    ptrdiff_t length;
    unsigned busy = 0;

    while ((length = fb_agent_output(n->a.agent, &meta, octets, sizeof octets, n->a.now)) != 0)
    {
        FUZZ_CHECK(length > 0 && busy++ < FUZZ_BUSY_MAX);
        proxy_fuzz_check_sent(&meta, octets, (size_t)length);
    }
    fuzz_agent_poll_events(&n->a);
}

static void
deliver(anchor* n, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    uint8_t* copy = fuzz_copy(octets, length);
    uint64_t before = proxy_fuzz_state(&n->a, FB_ROLE_LMA);
    int reason = fb_agent_input(n->a.agent, meta, copy, length, n->a.now);

    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    /* a refusal changes nothing */
    FUZZ_CHECK(reason == FB_REASON_NONE || before == proxy_fuzz_state(&n->a, FB_ROLE_LMA));
    free(copy);
    drain(n);
}

static void
step_message(anchor* n, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    fb_meta meta = proxy_fuzz_meta((how & PROXY_OVER) >> 3, true);
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* message = fuzz_copy(octets, length);

    if ((how & PROXY_CURRENT) != 0 && length >= 12)
    {
        uint8_t* timestamp = proxy_fuzz_timestamp(message, length);

        n->a.now += FB_MILLISECOND; /* a timestamp of its own */
        fuzz_put(message + 6, ++n->sequence, 2);
        if (timestamp != NULL)
        {
            fuzz_put(timestamp, proxy_fuzz_clock(&n->a), 8);
        }
    }
    if ((how & PROXY_SEALED) != 0 && length >= 8)
    {
        proxy_fuzz_seal(&meta, message, length);
    }
    deliver(n, &meta, message, length);
    if ((how & PROXY_TWICE) != 0)
    {
        deliver(n, &meta, message, length);
    }
    free(message);
}

static void
step_time(anchor* n, fb_time duration)
{
    unsigned busy = 0;

    n->a.now += duration;
    while (fb_agent_next_timeout(n->a.agent) <= n->a.now)
    {
        FUZZ_CHECK(fb_agent_handle_timeout(n->a.agent, 2, n->a.now) == FB_OK);
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
        drain(n);
    }
}

static void
step_icmp(anchor* n, fuzz_program* program)
{
    fb_meta meta = {.src = proxy_fuzz_address(9),
                    .dst = proxy_fuzz_address(0x0f),
                    .protocol = FB_PROTOCOL_ICMPV6};
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* icmp = fuzz_copy(octets, length);
    uint32_t sum = (uint32_t)length + FB_PROTOCOL_ICMPV6;

    if (length >= 4)
    {
        fb_store_u16(icmp + 2, 0);
        sum = fb_checksum_add(sum, meta.src.octet, 16);
        sum = fb_checksum_add(sum, meta.dst.octet, 16);
        fb_store_u16(icmp + 2, fb_checksum_finish(fb_checksum_add(sum, icmp, length)));
    }
    deliver(n, &meta, icmp, length);
    free(icmp);
}

static void
step(anchor* n, fuzz_program* program)
{
    switch (fuzz_take(program, 1) % STEPS)
    {
    case STEP_TIME:
        step_time(n, fuzz_take_duration(program));
        break;
    case STEP_MESSAGE:
        step_message(n, program);
        break;
    case STEP_SUBSCRIBER:
        set_subscriber(n, fuzz_take(program, 1));
        break;
    case STEP_GATEWAY:
        set_gateway(n, fuzz_take(program, 1));
        break;
    case STEP_CLOCK:
        fuzz_agent_set_clock(&n->a, (int8_t)fuzz_take(program, 1) * (int64_t)FB_SECOND);
        break;
    case STEP_DOWNLINK:
        proxy_fuzz_steer(&n->a, program, false);
        break;
    case STEP_UPLINK:
        proxy_fuzz_receive(&n->a, program, true);
        break;
    default:
        step_icmp(n, program);
        break;
    }
    step_time(n, 0);
    drain(n);
}

/** Every set of flows has as many references as sessions, and as many flows as they think. */
static void
check_flow_sets(const fb_session_cache* sessions)
{
    const fb_flow_sets* sets = &sessions->flows;
    uint32_t with_flows = 0, references = 0, flows = 0;

    for (uint32_t id = 0; id < sessions->cache.nodes.touched; id++)
    {
        if (fb_session_exists(sessions, id))
        {
            uint32_t set = sessions->session[id].flows;
            uint8_t count = sessions->session[id].owner.rule_count;

            FUZZ_CHECK((set == FB_FLOW_SET_NONE) == (count == 0));
            FUZZ_CHECK(fb_session_flows(sessions, id)->count == count);
            with_flows += count > 0;
        }
    }
    for (uint32_t set = 0; set < sets->pool.touched; set++)
    {
        if (!fb_pool_is_free(&sets->pool, set))
        {
            FUZZ_CHECK(sets->item[set].references > 0);
            references += sets->item[set].references;
            flows += sets->item[set].count;
        }
    }
    FUZZ_CHECK(references == with_flows);
    FUZZ_CHECK(flows == sets->flows && flows <= sets->flows_max);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    anchor n = {.sequence = 0};

    configure(&n.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&n.a);
    set_subscriber(&n, 0);
    set_subscriber(&n, 1);
    set_gateway(&n, 0);
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&n, &program);
        (void)proxy_fuzz_state(&n.a, FB_ROLE_LMA);
        check_flow_sets(&n.a.agent->lma.sessions);
        FUZZ_CHECK(fb_agent_next_timeout(n.a.agent) > n.a.now);
    }
    free(n.a.memory);
    return 0;
}
