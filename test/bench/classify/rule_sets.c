/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"
#include "bench_classify.h"

#include <stdlib.h>
#include <string.h>

uint32_t
random_below(uint64_t* state, uint32_t count)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((fb_hash_mix(*state) >> 32) * count >> 32);
}

/** A range of one field, both ends included. */
typedef struct range
{
    uint32_t low, high;
} range;

/* What firewalls and operators write rules about. */
static const uint16_t known_ports[] = {
    20,   21,   22,   23,   25,   53,   67,   68,   69,   80,   110,  123,  135,  137,  139,  143,
    161,  162,  179,  389,  443,  445,  500,  514,  554,  587,  636,  993,  995,  1194, 1433, 1521,
    1723, 1900, 3306, 3389, 4500, 5060, 5061, 5222, 5432, 5900, 6881, 8000, 8080, 8443, 9000};

#define KNOWN_PORTS (sizeof known_ports / sizeof known_ports[0])

/**
 * A prefix inside of some networks: most are /24 or hosts, as in the seeds of ClassBench, some contain others.
 * @p networks /16s are in use, and few /24s of each: prefixes meet again and again.
 */
static range
any_prefix(uint64_t* state, uint32_t networks)
{
    static const uint8_t lengths[] = {12, 16, 20, 22, 23, 24, 24, 24, 24, 24,
                                      26, 27, 28, 29, 30, 32, 32, 32, 32, 32};
    uint32_t length = lengths[random_below(state, sizeof lengths)];
    uint32_t network = random_below(state, networks);
    uint64_t place = network * UINT64_C(0x51ed270b) + 12345;
    uint32_t address = (10 + 37 * (network % 6)) << 24 | random_below(&place, 256) << 16 |
                       random_below(state, 40) << 8 | random_below(state, 256);
    uint32_t rest = length == 32 ? 0 : UINT32_MAX >> length;

    return (range){address & ~rest, address | rest};
}

static range
any_port(uint64_t* state, uint32_t exact_percent, uint32_t range_percent)
{
    uint32_t what = random_below(state, 100);

    if (what < exact_percent)
    {
        uint16_t port = known_ports[random_below(state, KNOWN_PORTS)];

        return (range){port, port};
    }
    if (what < exact_percent + range_percent)
    {
        uint32_t low = random_below(state, 65536);
        uint32_t high = low + random_below(state, 2000);

        return what % 2 == 0 ? (range){1024, 65535} : (range){low, high > 65535 ? 65535 : high};
    }
    return (range){0, 65535};
}

static range
any_wide(uint64_t* state, uint32_t most)
{
    uint32_t a = random_below(state, most), b = random_below(state, most);

    return (range){a < b ? a : b, a < b ? b : a};
}

/** The five fields of a rule: source, destination, ports, protocol. */
static void
choose_fields(range field[5], rule_set set, uint32_t networks, uint64_t* state)
{
    static const uint8_t protocols[] = {FB_PROTOCOL_TCP,
                                        FB_PROTOCOL_TCP,
                                        FB_PROTOCOL_TCP,
                                        FB_PROTOCOL_UDP,
                                        FB_PROTOCOL_UDP,
                                        FB_PROTOCOL_UDP,
                                        FB_PROTOCOL_ICMP,
                                        FB_PROTOCOL_ESP};
    uint32_t open = random_below(state, 100); /* which addresses do not count */
    uint8_t protocol = protocols[random_below(state, sizeof protocols)];

    if (set == RULES_OVERLAPPING)
    {
        field[0] = any_wide(state, UINT32_MAX);
        field[1] = any_wide(state, UINT32_MAX);
        field[2] = any_wide(state, 65536);
        field[3] = any_wide(state, 65536);
        field[4] = (range){FB_PROTOCOL_UDP, FB_PROTOCOL_UDP};
        return;
    }
    field[0] = open < 3 || (open >= 8 && open < 28) ? (range){0, UINT32_MAX}
                                                    : any_prefix(state, networks);
    field[1] = open < 8 ? (range){0, UINT32_MAX} : any_prefix(state, networks);
    field[2] = field[3] = (range){0, 65535};
    field[4] = random_below(state, 25) == 0 ? (range){0, UINT8_MAX} : (range){protocol, protocol};
    if (field[4].low == FB_PROTOCOL_TCP || field[4].low == FB_PROTOCOL_UDP)
    {
        field[2] = any_port(state, 4, 4);
        field[3] = any_port(state, 60, 20);
    }
}

static void
make_ipv4(fb_selector4* s, const range field[5])
{
    s->present = 0;
    if (field[0].high - field[0].low != UINT32_MAX)
    {
        s->present |= FB_SELECTOR4_SOURCE_START | FB_SELECTOR4_SOURCE_END;
    }
    if (field[1].high - field[1].low != UINT32_MAX)
    {
        s->present |= FB_SELECTOR4_DESTINATION_START | FB_SELECTOR4_DESTINATION_END;
    }
    if (field[2].high - field[2].low != 65535)
    {
        s->present |= FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_SOURCE_PORT_END;
    }
    if (field[3].high - field[3].low != 65535)
    {
        s->present |= FB_SELECTOR4_DESTINATION_PORT_START | FB_SELECTOR4_DESTINATION_PORT_END;
    }
    if (field[4].high != UINT8_MAX)
    {
        s->present |= FB_SELECTOR4_PROTOCOL_START;
    }
    s->source_start = field[0].low;
    s->source_end = field[0].high;
    s->destination_start = field[1].low;
    s->destination_end = field[1].high;
    s->source_port_start = (uint16_t)field[2].low;
    s->source_port_end = (uint16_t)field[2].high;
    s->destination_port_start = (uint16_t)field[3].low;
    s->destination_port_end = (uint16_t)field[3].high;
    s->protocol_start = s->protocol_end = (uint8_t)field[4].low;
}

/** The same flags in both families but for DS and what comes behind. */
static void
make_ipv6(fb_selector6* s, const fb_selector4* from)
{
    static const struct
    {
        uint32_t ipv4, ipv6;
    } flags[] = {{FB_SELECTOR4_SOURCE_PORT_START, FB_SELECTOR6_SOURCE_PORT_START},
                 {FB_SELECTOR4_SOURCE_PORT_END, FB_SELECTOR6_SOURCE_PORT_END},
                 {FB_SELECTOR4_DESTINATION_PORT_START, FB_SELECTOR6_DESTINATION_PORT_START},
                 {FB_SELECTOR4_DESTINATION_PORT_END, FB_SELECTOR6_DESTINATION_PORT_END},
                 {FB_SELECTOR4_PROTOCOL_START, FB_SELECTOR6_NEXT_HEADER_START}};

    memset(s, 0, sizeof *s);
    s->present = from->present & (FB_SELECTOR4_SOURCE_START | FB_SELECTOR4_SOURCE_END |
                                  FB_SELECTOR4_DESTINATION_START | FB_SELECTOR4_DESTINATION_END);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
    {
        s->present |= (from->present & flags[i].ipv4) != 0 ? flags[i].ipv6 : 0;
    }
    map_address(s->source_start, from->source_start, 0);
    map_address(s->source_end, from->source_end, 0xff);
    map_address(s->destination_start, from->destination_start, 0);
    map_address(s->destination_end, from->destination_end, 0xff);
    s->source_port_start = from->source_port_start;
    s->source_port_end = from->source_port_end;
    s->destination_port_start = from->destination_port_start;
    s->destination_port_end = from->destination_port_end;
    s->next_header_start = s->next_header_end = from->protocol_start;
}

/** How many bits of the rule's fields any value passes; what lets all pass comes last in a policy. */
static uint32_t
openness(const range field[5])
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 5; i++)
    {
        for (uint32_t reach = field[i].high - field[i].low; reach != 0; reach /= 2)
        {
            bits++;
        }
    }
    return bits;
}

/** A rule that has not got its place yet. */
typedef struct draft
{
    range field[5];
    uint32_t place;
    uint32_t number;
} draft;

static int
compare_places(const void* a, const void* b)
{
    const draft *left = a, *right = b;

    if (left->place != right->place)
    {
        return left->place < right->place ? -1 : 1;
    }
    return left->number < right->number ? -1 : 1;
}

static void
make_rule(fb_rule* rule, const range field[5], bool ipv6)
{
    fb_selector4 selector = {0};

    make_ipv4(&selector, field);
    *rule = (fb_rule){.action = FB_RULE_FORWARD, .bid_count = 1, .bid = {1}};
    rule->selector.format = ipv6 ? FB_SELECTOR_IPV6 : FB_SELECTOR_IPV4;
    if (ipv6)
    {
        make_ipv6(&rule->selector.u.v6, &selector);
    }
    else
    {
        rule->selector.u.v4 = selector;
    }
}

void
make_rules(fb_rule* rules, uint32_t count, rule_set set, bool ipv6, uint64_t seed)
{
    draft* drafts = calloc(count, sizeof *drafts);
    uint64_t state = seed;

    for (uint32_t i = 0; drafts != NULL && i < count; i++)
    {
        choose_fields(drafts[i].field, set, 4 + count / 16, &state);
        drafts[i].number = i;
        /* of a realistic set a rule is before most of those that are more open */
        drafts[i].place = set == RULES_REALISTIC
                              ? openness(drafts[i].field) * 4 + random_below(&state, 64)
                              : i;
    }
    if (drafts != NULL)
    {
        qsort(drafts, count, sizeof *drafts, compare_places);
    }
    for (uint32_t i = 0; drafts != NULL && i < count; i++)
    {
        make_rule(&rules[i], drafts[i].field, ipv6);
    }
    free(drafts);
}

static uint32_t
in_range(uint64_t* state, bool there, uint32_t low, uint32_t high)
{
    uint32_t span = high - low;

    if (!there)
    {
        return random_below(state, UINT32_MAX);
    }
    return low + (span == UINT32_MAX ? random_below(state, span) : random_below(state, span + 1));
}

/** Any packet, of the rule when there is one. */
static packet
any_packet(uint64_t* state, const fb_rule* rule)
{
    static const fb_selector4 none = {0};
    const fb_selector4* s = rule == NULL ? &none : &rule->selector.u.v4;
    bool source = (s->present & FB_SELECTOR4_SOURCE_START) != 0;
    bool destination = (s->present & FB_SELECTOR4_DESTINATION_START) != 0;
    bool from = (s->present & FB_SELECTOR4_SOURCE_PORT_START) != 0;
    bool to = (s->present & FB_SELECTOR4_DESTINATION_PORT_START) != 0;
    bool protocol = (s->present & FB_SELECTOR4_PROTOCOL_START) != 0;
    packet p = {0};

    fb_store_u32(p.source, in_range(state, source, s->source_start, s->source_end));
    fb_store_u32(p.destination,
                 in_range(state, destination, s->destination_start, s->destination_end));
    p.protocol = protocol                      ? s->protocol_start
                 : random_below(state, 2) == 0 ? FB_PROTOCOL_TCP
                                               : FB_PROTOCOL_UDP;
    if (flow_of(&p).has_ports)
    {
        fb_store_u16(p.source_port,
                     (uint16_t)in_range(state, from, s->source_port_start, s->source_port_end));
        fb_store_u16(
            p.destination_port,
            (uint16_t)in_range(state, to, s->destination_port_start, s->destination_port_end));
    }
    return p;
}

void
make_packets(packet* packets,
             uint32_t count,
             const fb_rule* rules,
             uint32_t rule_count,
             uint64_t seed)
{
    uint64_t state = seed;

    for (uint32_t i = 0; i < count; i++)
    {
        bool stray = random_below(&state, 10) == 0;

        packets[i] = any_packet(&state, stray ? NULL : &rules[random_below(&state, rule_count)]);
    }
}
