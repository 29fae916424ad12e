/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What finding the rule of a packet costs: of one packet at a time, which no cache knows, by the classifier, by DPDK's
 * rte_acl with the same rules, and by asking one rule after the other; and what finding the flow of a packet costs in
 * the flow cache, beside a plain table. test/tools/bench_classify.py runs it.
 *
 *     flowbind-classify-benchmark RULES SET FAMILY ROUNDS      SET: 0 realistic, 1 overlapping; FAMILY: 4 or 6
 *     flowbind-classify-benchmark FLOWS ROUNDS
 *
 * Output: a JSON object. All answers are compared; one that differs ends the program.
 */

#include "bench_classify.h"
#include "steer/classifier.h"
#include "steer/classify.h"
#include "steer/flow_cache.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PACKETS (1u << 16)
/** One rule after the other is measured with so many packets only. */
#define PACKETS_OF_SCAN (1u << 12)

static void
must(bool condition, const char* what)
{
    if (!condition)
    {
        fprintf(stderr, "flowbind-classify-benchmark: %s\n", what);
        exit(1);
    }
}

static void*
take(size_t octets)
{
    void* memory = aligned_alloc(64, (octets + 63) / 64 * 64);

    must(memory != NULL, "no memory");
    return memory;
}

double
seconds(void)
{
    struct timespec at;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

typedef struct bench
{
    fb_rule* rules;
    uint32_t rule_count;
    packet* packets;
    bool is_ipv6;
    uint32_t* found;
    uint32_t* expected;
    fb_classifier classifier;
    acl* other;
} bench;

/** Asks @p find about each of the first @p count packets; nanoseconds of one. */
static inline double
measure(bench* b, uint32_t count, uint32_t (*find)(const bench* b, const fb_flow* flow))
{
    double start = seconds();
    uint8_t source6[16], destination6[16];

    if (b->is_ipv6)
    {
        map_address(source6, 0, 1);
        map_address(destination6, 0, 1);
    }
    for (uint32_t i = 0; i < count; i++)
    {
        fb_flow flow = flow_of(&b->packets[i]);

        if (b->is_ipv6)
        {
            flow.family = FB_FAMILY_IPV6;
            fb_store_u32(source6 + 4, flow.source);
            fb_store_u32(destination6 + 4, flow.destination);
            flow.source6 = source6;
            flow.destination6 = destination6;
        }
        b->found[i] = find(b, &flow);
    }
    return (seconds() - start) / count * 1e9;
}

static uint32_t
ask_classifier(const bench* b, const fb_flow* flow)
{
    return (uint32_t)fb_classifier_find(&b->classifier, flow, false, 0);
}

static uint32_t
scan(const bench* b, const fb_flow* flow)
{
    uint32_t i = 0;

    while (i < b->rule_count && !fb_selector_matches(&b->rules[i].selector, flow, false))
    {
        i++;
    }
    return i;
}

#ifdef FLOWBIND_ACL
static double
measure_acl(bench* b)
{
    double start = seconds();

    acl_find(b->other, b->packets, PACKETS, b->found);
    return (seconds() - start) / PACKETS * 1e9;
}
#endif

static void
compare_ours(bench* b)
{
    (void)measure(b, PACKETS, scan);
    memcpy(b->expected, b->found, PACKETS * sizeof *b->found);
    (void)measure(b, PACKETS, ask_classifier);
    for (uint32_t i = 0; i < PACKETS; i++)
    {
        must(b->found[i] == b->expected[i],
             "the classifier finds another rule than asking one after the other");
    }
}

static double
build_ours(bench* b)
{
    size_t octets = fb_classifier_memory(b->rule_count);
    double start = seconds();

    fb_classifier_init(&b->classifier, octets == 0 ? NULL : take(octets), b->rule_count);
    fb_classifier_build(&b->classifier, b->rules, b->rule_count);
    return seconds() - start;
}

static void
start_acl(bench* b, rule_set set, uint32_t family)
{
#ifdef FLOWBIND_ACL
    double duration = 0;
    size_t octets = 0;

    if (family != 4)
    {
        return;
    }
    acl_start();
    b->other = acl_make(b->rules, b->rule_count, set == RULES_OVERLAPPING, &duration, &octets);
    if (b->other == NULL)
    {
        printf(",\"acl_failed\":true");
        return;
    }
    printf(",\"acl_build_ms\":%.3f,\"acl_octets\":%zu", duration * 1e3, octets);
    (void)measure_acl(b);
    for (uint32_t i = 0; i < PACKETS; i++)
    {
        uint32_t rule = b->found[i] == 0 ? b->rule_count : b->found[i] - 1;

        must(rule == b->expected[i], "rte_acl finds another rule than asking one after the other");
    }
#else
    (void)b;
    (void)set;
    (void)family;
    (void)b->other;
#endif
}

static int
classify(uint32_t rules, rule_set set, uint32_t family, uint32_t rounds)
{
    bench b = {.rule_count = rules, .is_ipv6 = family == 6};
    double build;

    b.rules = take(rules * sizeof *b.rules);
    b.packets = take(PACKETS * sizeof *b.packets);
    b.found = take(PACKETS * sizeof *b.found);
    b.expected = take(PACKETS * sizeof *b.expected);
    make_rules(b.rules, rules, set, false, 1);
    make_packets(b.packets, PACKETS, b.rules, rules, 2);
    if (family == 6)
    {
        make_rules(b.rules, rules, set, true, 1);
    }
    build = build_ours(&b);
    compare_ours(&b);
    printf("{\"rules\":%u,\"set\":%d,\"family\":%u,\"build_ms\":%.3f,\"octets\":%zu,\"used\":%zu",
           rules,
           (int)set,
           family,
           build * 1e3,
           fb_classifier_memory(rules),
           fb_classifier_used(&b.classifier));
    start_acl(&b, set, family);
    printf(",\"rounds\":[");
    for (uint32_t i = 0; i < rounds; i++)
    {
        double ours = measure(&b, PACKETS, ask_classifier);
        double other = 0;

#ifdef FLOWBIND_ACL
        other = b.other == NULL ? 0 : measure_acl(&b);
#endif
        printf("%s[%.2f,%.2f,%.2f]",
               i == 0 ? "" : ",",
               ours,
               other,
               measure(&b, PACKETS_OF_SCAN, scan));
    }
    printf("]}\n");
    return 0;
}

/* ---- the flow cache ---- */

#define NO_ENTRY UINT32_MAX

/** What any exact-match table has to hold of a flow. */
typedef struct entry
{
    uint32_t source, destination;
    uint16_t source_port, destination_port;
    uint8_t protocol, tos;
    uint16_t verdict; /* 0: there is no entry */
} entry;

static inline entry
entry_of(const fb_flow* flow)
{
    return (entry){flow->source,
                   flow->destination,
                   flow->source_port,
                   flow->destination_port,
                   flow->protocol,
                   flow->tos,
                   0};
}

static inline bool
same_flow(const entry* a, const entry* b)
{
    return a->source == b->source && a->destination == b->destination &&
           a->source_port == b->source_port && a->destination_port == b->destination_port &&
           a->protocol == b->protocol && a->tos == b->tos;
}

static inline entry*
find_entry(entry* table, uint32_t mask, const fb_flow* flow)
{
    entry wanted = entry_of(flow);
    uint64_t addresses = (uint64_t)wanted.source << 32 | wanted.destination;
    uint64_t rest = (uint64_t)wanted.source_port << 32 | (uint32_t)wanted.destination_port << 16 |
                    (uint32_t)wanted.protocol << 8 | wanted.tos;
    uint32_t at = (uint32_t)fb_hash_combine(addresses, rest) & mask;

    while (table[at].verdict != 0 && !same_flow(&table[at], &wanted))
    {
        at = (at + 1) & mask;
    }
    return &table[at];
}

static uint32_t
power_above(uint32_t count)
{
    uint32_t power = 1;

    while (power < count)
    {
        power *= 2;
    }
    return power;
}

static int
flow_cache(uint32_t flows, uint32_t rounds)
{
    uint32_t slots = 2 * power_above(flows), hits = 0, table_hits = 0;
    fb_flow_cache cache;
    entry* table = take(slots * sizeof *table);
    packet* packets = take(flows * sizeof *packets);
    uint32_t* order = take(PACKETS * sizeof *order);
    fb_rule rule = {0};
    uint64_t state = 3;

    memset(table, 0, slots * sizeof *table);
    fb_flow_cache_init(&cache, take(fb_flow_cache_memory(slots)), slots);
    make_packets(packets, flows, &rule, 1, 4);
    for (uint32_t i = 0; i < flows; i++)
    {
        fb_flow_verdict verdict = {.bid = (uint8_t)(1 + i % 200)};
        fb_flow flow = flow_of(&packets[i]);
        entry* at = find_entry(table, slots - 1, &flow);

        fb_flow_cache_put(&cache, 1, 1, &flow, false, verdict);
        *at = entry_of(&flow);
        at->verdict = verdict.bid;
    }
    for (uint32_t i = 0; i < PACKETS; i++)
    {
        order[i] = random_below(&state, flows);
    }
    printf("{\"flows\":%u,\"cache_octets\":%zu,\"table_octets\":%zu,\"rounds\":[",
           flows,
           fb_flow_cache_memory(slots),
           slots * sizeof *table);
    for (uint32_t i = 0; i < rounds; i++)
    {
        double start = seconds(), middle, end;

        hits = table_hits = 0;
        for (uint32_t k = 0; k < PACKETS; k++)
        {
            fb_flow_verdict verdict = {0};
            fb_flow flow = flow_of(&packets[order[k]]);

            hits += fb_flow_cache_find(&cache, 1, 1, &flow, false, &verdict) &&
                    verdict.bid == 1 + order[k] % 200;
        }
        middle = seconds();
        for (uint32_t k = 0; k < PACKETS; k++)
        {
            fb_flow flow = flow_of(&packets[order[k]]);

            table_hits += find_entry(table, slots - 1, &flow)->verdict == 1 + order[k] % 200;
        }
        end = seconds();
        printf("%s[%.2f,%.2f]",
               i == 0 ? "" : ",",
               (middle - start) / PACKETS * 1e9,
               (end - middle) / PACKETS * 1e9);
    }
    printf("],\"found\":%.4f}\n", (double)hits / PACKETS);
    must(table_hits == PACKETS, "the table has lost a flow");
    return 0;
}

int
main(int argc, char** argv)
{
    if (argc == 3)
    {
        return flow_cache((uint32_t)atoi(argv[1]), (uint32_t)atoi(argv[2]));
    }
    if (argc != 5)
    {
        fprintf(stderr,
                "usage: flowbind-classify-benchmark RULES SET FAMILY ROUNDS | FLOWS ROUNDS\n");
        return 2;
    }
    return classify((uint32_t)atoi(argv[1]),
                    (rule_set)atoi(argv[2]),
                    (uint32_t)atoi(argv[3]),
                    (uint32_t)atoi(argv[4]));
}
