/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BENCH_CLASSIFY_H
#define FB_BENCH_CLASSIFY_H

/** @file Rule sets, packets for them, and DPDK's rte_acl as the one to compare with. */

#include "flowbind/policy.h"
#include "wire/ipv4.h"

#include <string.h>

/** Kinds of rule sets. */
typedef enum rule_set
{
    /** prefixes, well-known and ephemeral ports, protocols: what ClassBench's seeds have */
    RULES_REALISTIC,
    RULES_OVERLAPPING, /**< every range overlaps half of the others, in all five fields */
    RULE_SETS
} rule_set;

/** Number @p state has in a series; below @p count. */
uint32_t random_below(uint64_t* state, uint32_t count);

/** @p count rules for IPv4 with the fields rte_acl's usual five tuples have. @p ipv6: the same for IPv6. */
void make_rules(fb_rule* rules, uint32_t count, rule_set set, bool ipv6, uint64_t seed);

/** What a classifier reads of a packet, in network order, as rte_acl wants it. */
typedef struct packet
{
    uint8_t protocol, padding[3];
    uint8_t source[4], destination[4];
    uint8_t source_port[2], destination_port[2];
} packet;

/** What steering makes of a packet. */
static inline fb_flow
flow_of(const packet* p)
{
    return (fb_flow){.family = FB_FAMILY_IPV4,
                     .source = fb_load_u32(p->source),
                     .destination = fb_load_u32(p->destination),
                     .source_port = fb_load_u16(p->source_port),
                     .destination_port = fb_load_u16(p->destination_port),
                     .protocol = p->protocol,
                     .has_ports = p->protocol == FB_PROTOCOL_TCP || p->protocol == FB_PROTOCOL_UDP};
}

/** 2001:db8:: and the IPv4 address as bits 32 to 63; what is behind is open. */
static inline void
map_address(uint8_t out[16], uint32_t address, uint8_t rest)
{
    fb_store_u32(out, 0x20010db8);
    fb_store_u32(out + 4, address);
    memset(out + 8, rest, 8);
}

/** Nine of ten packets are of any rule and have any values its selector lets pass, the others any values at all. */
void make_packets(packet* packets,
                  uint32_t count,
                  const fb_rule* rules,
                  uint32_t rule_count,
                  uint64_t seed);

/* rte_acl: acl.c, only where there is one. */

typedef struct acl acl;

/** Once, before all else. */
void acl_start(void);

/** The time it took to build in @p seconds, and what it takes in @p octets. NULL: it cannot hold these rules. */
acl* acl_make(const fb_rule* rules, uint32_t count, bool ranges, double* seconds, size_t* octets);

void acl_free(acl* a);

/** Asks for one packet at a time. 1 + the number of the first rule that matches, or 0, to each of @p result. */
void acl_find(const acl* a, const packet* packets, uint32_t count, uint32_t* result);

/** Seconds of processor time. */
double seconds(void);

#endif
