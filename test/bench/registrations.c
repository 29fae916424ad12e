/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * How many registrations a second a home agent authenticates, processes and answers on one core, beside how often
 * Nettle alone can compute the two HMAC-MD5 of a registration, and beside the updates of Proxy Mobile IPv6 an anchor
 * processes and answers (updates.c). test/tools/bench_registrations.py runs it.
 *
 *     flowbind-registration-benchmark NODES REGISTRATIONS ROUNDS
 *
 * Every node has three bindings and the three rules of RFC 7629 Figure 2; every request is about one binding of any
 * node. Measured are requests that only refresh it (54 octets) and those that carry the policy too (102 octets). They
 * are composed beforehand. Output: a JSON object; a round is [refreshes, with policy, ceiling, digests of a refresh,
 * digests with policy, updates, updates with policy], each a second: the digests are those of the very octets a
 * registration's authenticators cover, so that what else it takes is known. Memory is what fb_agent_size() says,
 * everything included, by node or session; and what it says more with another binding for each, or less without rules.
 * Progress goes to the standard error output.
 */

#define _DEFAULT_SOURCE /* madvise() */

#include "bench.h"

#include "wire/mobile_ipv4.h"

#include <inttypes.h>
#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define BINDINGS 3
#define RULES 3
#define RULE_OCTETS 16 /* those of Figure 2 take 12 to 14 */
#define HOME_AGENT 0xc0000201u
#define FIRST_HOME_ADDRESS 0x0a000001u
#define REQUEST_ROOM 128
#define CEILING_OCTETS 100
/** The authenticators of a refresh, of one with policy and of the reply cover so many octets (RFC 5944 3.5.1). */
#define REFRESH_COVERED 38
#define POLICY_COVERED 86
#define REPLY_COVERED 26
#define HUGE_PAGE (2u << 20)

typedef struct request
{
    uint8_t length;
    uint8_t octets[REQUEST_ROOM - 1];
} request;

typedef struct bench
{
    fb_config config;
    fb_agent* agent;
    uint32_t nodes, registrations, flow_cache;
    request* request;
    fb_time now;
    uint64_t counter, random;
} bench;

void
must(bool condition, const char* what)
{
    if (!condition)
    {
        fprintf(stderr, "flowbind-registration-benchmark: %s\n", what);
        exit(1);
    }
}

double
seconds(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

uint32_t
any_below(uint64_t* state, uint32_t count)
{
    *state = *state * UINT64_C(6364136223846793005) + 1;
    return (uint32_t)((*state >> 32) * count >> 32);
}

fb_agent*
make_agent(const fb_config* config)
{
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WALL_NS};
    size_t size = fb_agent_size(config);
    void* memory = aligned_alloc(HUGE_PAGE, (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1));
    fb_agent* agent = NULL;

    must(size > 0 && memory != NULL, "out of memory");
#ifdef MADV_HUGEPAGE
    /* As a host with much memory would; it need not work */
    (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
    must(fb_agent_init(&agent, memory, size, config, 0) == FB_OK, "the configuration is refused");
    must(fb_agent_fact(agent, &clock, 0) == FB_OK, "the clock is refused");
    return agent;
}

static fb_security_association
association_of(uint32_t node)
{
    fb_security_association association = {.spi = 0x101,
                                           .algorithm = FB_HMAC_MD5,
                                           .key_length = 16};

    memcpy(association.key, &node, sizeof node);
    return association;
}

/** RFC 7629 Figure 2: SIP to WLAN or LTE, HTTP to LTE, SSH to CDMA, LTE or WLAN. */
static void
write_policy(fb_writer* writer)
{
    static const fb_rule figure2[RULES] = {
        {.action = FB_RULE_FORWARD,
         .bid_count = 2,
         .bid = {1, 2},
         .selector = {.format = FB_SELECTOR_IPV4}},
        {.action = FB_RULE_FORWARD,
         .bid_count = 1,
         .bid = {2},
         .selector = {.format = FB_SELECTOR_IPV4}},
        {.action = FB_RULE_FORWARD,
         .bid_count = 3,
         .bid = {3, 2, 1},
         .selector = {.format = FB_SELECTOR_IPV4}},
    };
    static const uint16_t port[RULES] = {5060, 80, 22};

    for (int i = 0; i < RULES; i++)
    {
        fb_rule rule = figure2[i];

        rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
        rule.selector.u.v4.source_port_start = port[i];
        rule.selector.u.v4.protocol_start = i == 0 ? 17 : 6;
        fb_flow_binding_write(writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
    }
}

static void
compose(bench* b, request* r, uint32_t node, uint8_t bid, bool policy)
{
    fb_writer writer = fb_writer_over(r->octets, sizeof r->octets);
    fb_multipath multipath = {.technology = 4, .label = bid, .bid = bid};
    fb_security_association association = association_of(node);
    fb_mip4_fixed fixed = {.type = FB_MIP4_REQUEST,
                           .flags = FB_MIP4_FLAG_D | FB_MIP4_FLAG_T,
                           .lifetime_s = 1800,
                           .home_address = FIRST_HOME_ADDRESS + node,
                           .home_agent = HOME_AGENT,
                           .care_of_address = 0xcb000000u + node * BINDINGS + bid};

    /* RFC 5905: seconds since 1900, and a fraction in which nobody overtakes anybody */
    fixed.identification = ((WALL_NS + b->now) / FB_SECOND + 2208988800u) << 32 |
                           (uint32_t)++b->counter;
    fb_mip4_write_fixed(&writer, &fixed);
    fb_multipath_write(&writer, &multipath);
    if (policy)
    {
        write_policy(&writer);
    }
    fb_mip4_write_authentication(&writer, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);
    must(!writer.failed, "a request is too long");
    r->length = (uint8_t)writer.position;
}

/** What a host does with a request. */
static void
serve(bench* b, const request* r)
{
    fb_meta meta = {.dst = {FB_FAMILY_IPV4, {192, 0, 2, 1}},
                    .sport = 434,
                    .dport = 434,
                    .protocol = 17};
    fb_meta reply_meta;
    uint8_t reply[1500];
    fb_event event;

    must(fb_agent_input(b->agent, &meta, r->octets, r->length, b->now) == 0,
         "a request is refused");
    must(fb_agent_output(b->agent, &reply_meta, reply, sizeof reply, b->now) == 42 && reply[1] == 0,
         "no reply");
    while (fb_agent_poll_event(b->agent, &event))
    {
    }
    must(fb_agent_next_timeout(b->agent) > b->now, "something expired");
}

static fb_config
config_for(uint32_t nodes, uint32_t bindings, uint8_t rules, uint32_t flow_cache)
{
    fb_config config;

    fb_config_default(&config);
    config.roles = FB_ROLE_HOME_AGENT;
    config.limits.nodes = nodes;
    config.limits.bindings = bindings;
    config.limits.policies = rules > 0 ? nodes : 0;
    config.limits.bindings_per_node = BINDINGS;
    config.limits.rules_per_node = rules;
    config.limits.rule_octets = RULE_OCTETS;
    config.limits.flow_cache = flow_cache;
    config.home_agent.address = HOME_AGENT;
    return config;
}

static void
start(bench* b)
{
    b->config = config_for(b->nodes, b->nodes * BINDINGS, RULES, b->flow_cache);
    b->agent = make_agent(&b->config);
    b->request = malloc(sizeof *b->request * b->registrations);
    must(b->request != NULL, "out of memory");
    for (uint32_t node = 0; node < b->nodes; node++)
    {
        fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

        fact.u.subscriber.home_address = FIRST_HOME_ADDRESS + node;
        fact.u.subscriber.association = association_of(node);
        fact.u.subscriber.multipath_allowed = true;
        must(fb_agent_fact(b->agent, &fact, 0) == FB_OK, "a subscriber is refused");
    }
    for (uint8_t bid = 1; bid <= BINDINGS; bid++)
    {
        for (uint32_t node = 0; node < b->nodes; node++)
        {
            compose(b, &b->request[0], node, bid, bid == BINDINGS);
            serve(b, &b->request[0]);
        }
        b->now += FB_SECOND;
    }
}

/** Registrations a second. */
static double
measure_registrations(bench* b, bool policy)
{
    double begin;

    b->now += FB_SECOND;
    b->counter = 0;
    for (uint32_t i = 0; i < b->registrations; i++)
    {
        compose(b,
                &b->request[i],
                any_below(&b->random, b->nodes),
                (uint8_t)(1 + i % BINDINGS),
                policy);
    }
    begin = seconds();
    for (uint32_t i = 0; i < b->registrations; i++)
    {
        serve(b, &b->request[i]);
    }
    return b->registrations / (seconds() - begin);
}

/** How often a second Nettle computes two digests of so many octets, each with a new key. */
static double
measure_digests(const bench* b, size_t one, size_t other)
{
    uint8_t message[CEILING_OCTETS] = {1}, key[16] = {0}, digest[16];
    struct hmac_md5_ctx context;
    double begin = seconds();

    for (uint32_t i = 0; i < 2 * b->registrations; i++)
    {
        memcpy(key, &i, sizeof i);
        hmac_md5_set_key(&context, sizeof key, key);
        hmac_md5_update(&context, i % 2 == 0 ? one : other, message);
        hmac_md5_digest(&context, sizeof digest, digest);
        message[0] ^= digest[0]; /* so that nothing can be left out */
    }
    return b->registrations / (seconds() - begin);
}

static void
print_memory(uint32_t nodes)
{
    fb_config whole = config_for(nodes, nodes * BINDINGS, RULES, 0);
    fb_config more_bindings = config_for(nodes, nodes * (BINDINGS + 1), RULES, 0);
    fb_config no_rules = config_for(nodes, nodes * BINDINGS, 0, 0);
    fb_config names = whole;
    double size = (double)fb_agent_size(&whole);

    names.limits.identities = nodes;
    printf("\"octets_per_node\": %.1f, \"octets_per_binding\": %.1f, \"octets_of_rules\": %.1f, "
           "\"octets_with_name\": %.1f",
           size / nodes,
           ((double)fb_agent_size(&more_bindings) - size) / nodes,
           (size - (double)fb_agent_size(&no_rules)) / nodes,
           (double)fb_agent_size(&names) / nodes);
}

static void
measure_round(bench* b, updates* proxy)
{
    double ceiling = measure_digests(b, CEILING_OCTETS, CEILING_OCTETS);
    double refreshes = measure_registrations(b, false);
    double refresh_digests = measure_digests(b, REFRESH_COVERED, REPLY_COVERED);
    double registrations = measure_registrations(b, true);
    double digests = measure_digests(b, POLICY_COVERED, REPLY_COVERED);
    double refreshing_updates = updates_measure(proxy, false);

    printf("[%.0f, %.0f, %.0f, %.0f, %.0f, %.0f, %.0f]",
           refreshes,
           registrations,
           ceiling,
           refresh_digests,
           digests,
           refreshing_updates,
           updates_measure(proxy, true));
}

/** Data packets of a home agent with a thousand nodes, and schedulers. */
static void
measure_steering(long rounds)
{
    bench b = {.random = 1, .nodes = 1000, .registrations = 1, .flow_cache = 4096};

    start(&b);
    printf("[");
    for (long i = 0; i < rounds; i++)
    {
        fprintf(stderr, "  measuring packets and schedulers, round %ld of %ld\n", i + 1, rounds);
        printf("%s", i > 0 ? ", " : "");
        steering_measure(b.agent, FIRST_HOME_ADDRESS + 7, b.now);
    }
    printf("]\n");
}

int
main(int argc, char** argv)
{
    bench b = {.random = 1};
    updates* proxy;
    long rounds;

    if (argc == 3 && strcmp(argv[1], "steering") == 0)
    {
        measure_steering(strtol(argv[2], NULL, 10));
        return 0;
    }
    must(argc == 4, "say: flowbind-registration-benchmark NODES REGISTRATIONS ROUNDS");
    b.nodes = (uint32_t)strtoul(argv[1], NULL, 10);
    b.registrations = (uint32_t)strtoul(argv[2], NULL, 10);
    rounds = strtol(argv[3], NULL, 10);
    must(b.nodes >= 1 && b.nodes <= 4000000 && b.registrations >= 1 && rounds >= 1,
         "numbers from 1 are wanted");
    fprintf(stderr, "  preparing %" PRIu32 " nodes\n", b.nodes);
    start(&b);
    proxy = updates_start(b.nodes, b.registrations);
    printf("{\"nodes\": %" PRIu32 ", ", b.nodes);
    print_memory(b.nodes);
    printf(", ");
    updates_print_memory(b.nodes);
    printf(", \"rounds\": [");
    for (long i = 0; i < rounds; i++)
    {
        fprintf(stderr,
                "  measuring registrations: %" PRIu32 " nodes, round %ld of %ld\n",
                b.nodes,
                i + 1,
                rounds);
        printf("%s", i > 0 ? ", " : "");
        measure_round(&b, proxy);
    }
    printf("]}\n");
    return 0;
}
