/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/octets.h"
#include "base/random.h"
#include "steer/classifier.h"
#include "steer/classify.h"
#include "steer/steering.h"

/* ---------------------------------------------------------------------------------------------------------------- */
/* Any rules, any packets                                                                                             */

static test_random numbers;

static uint32_t
any(uint32_t below)
{
    return test_random_below(&numbers, below);
}

/** A value of a field up to @p most: small ones and the ends of the field are frequent, so that bounds meet. */
static uint32_t
any_value(uint32_t most)
{
    switch (any(8))
    {
    case 0:
        return any(3) & most;
    case 1:
        return most - (any(3) & most);
    case 2:
    case 3:
        return (any(16) << 4) & most;
    case 4:
        return (UINT32_C(0x0a000000) + (any(8) << 16) + (any(4) << 8) + any(4)) & most;
    default:
        return any(UINT32_MAX) & most;
    }
}

/** Both ends of a range, in order but for one in a hundred, which nothing matches. A prefix now and then. */
static void
any_range(uint32_t most, uint32_t *start, uint32_t *end)
{
    uint32_t a = any_value(most), b = any_value(most);
    uint32_t kind = any(100);

    if (kind < 30)
    {
        b = a | (most >> any(32));
        a &= ~(most >> any(32));
    }
    *start = (a < b) == (kind != 99) ? a : b;
    *end = *start == a ? b : a;
}

/** None, a single value or a range: the flags of it. */
static uint32_t
any_flags(uint32_t start_flag, uint32_t open_percent)
{
    uint32_t kind = any(100);

    return kind < open_percent        ? 0
           : kind < open_percent + 15 ? start_flag
                                      : start_flag | start_flag >> 1;
}

#define RANGE(s, name, type, most)     \
    do                                 \
    {                                  \
        uint32_t low, high;            \
        any_range(most, &low, &high);  \
        (s)->name##_start = (type)low; \
        (s)->name##_end = (type)high;  \
    }                                  \
    while (0)

static void
any_selector4(fb_selector4 *s, uint32_t open_percent)
{
    for (uint32_t flag = FB_SELECTOR4_SOURCE_START; flag >= FB_SELECTOR4_PROTOCOL_START; flag >>= 2)
    {
        bool rare = flag == FB_SELECTOR4_SPI_START || flag == FB_SELECTOR4_DS_START;

        s->present |= any_flags(flag, rare ? 85 : open_percent);
    }
    RANGE(s, source, uint32_t, UINT32_MAX);
    RANGE(s, destination, uint32_t, UINT32_MAX);
    RANGE(s, spi, uint32_t, UINT32_MAX);
    RANGE(s, source_port, uint16_t, 0xffff);
    RANGE(s, destination_port, uint16_t, 0xffff);
    RANGE(s, ds, uint8_t, 0xff);
    RANGE(s, protocol, uint8_t, 0xff);
}

/** Addresses of which any word can be the first that differs. */
static void
any_addresses(uint8_t start[16], uint8_t end[16])
{
    size_t alike = any(5);
    bool in_order = any(100) > 0;

    for (size_t i = 0; i < 4; i++)
    {
        uint32_t low = any(4) == 0 ? 0 : any_value(UINT32_MAX);
        uint32_t high = any(4) == 0 ? UINT32_MAX : any_value(UINT32_MAX);

        low = i < alike ? any(2) : low;
        fb_store_u32(start + 4 * i, low);
        fb_store_u32(end + 4 * i, i < alike ? low : high);
    }
    if ((memcmp(start, end, 16) > 0) == in_order)
    {
        uint8_t other[16];

        memcpy(other, start, 16);
        memcpy(start, end, 16);
        memcpy(end, other, 16);
    }
}

static void
any_selector6(fb_selector6 *s, uint32_t open_percent)
{
    for (uint32_t flag = FB_SELECTOR6_SOURCE_START; flag >= FB_SELECTOR6_NEXT_HEADER_START;
         flag >>= 2)
    {
        bool rare = flag == FB_SELECTOR6_SPI_START || flag == FB_SELECTOR6_FLOW_LABEL_START ||
                    flag == FB_SELECTOR6_TRAFFIC_CLASS_START;

        s->present |= any_flags(flag, rare ? 85 : open_percent);
    }
    any_addresses(s->source_start, s->source_end);
    any_addresses(s->destination_start, s->destination_end);
    RANGE(s, spi, uint32_t, UINT32_MAX);
    RANGE(s, flow_label, uint32_t, UINT32_MAX); /* B6088-06: 12 bits too many */
    RANGE(s, source_port, uint16_t, 0xffff);
    RANGE(s, destination_port, uint16_t, 0xffff);
    RANGE(s, traffic_class, uint8_t, 0xff);
    RANGE(s, next_header, uint8_t, 0xff);
}

static void
any_rules(fb_rule *rules, uint32_t count)
{
    uint32_t open_percent = any(101), ipv6_percent = any(3) * 50;

    memset(rules, 0, count * sizeof *rules);
    for (uint32_t i = 0; i < count; i++)
    {
        fb_selector *selector = &rules[i].selector;

        if (any(100) < ipv6_percent)
        {
            selector->format = FB_SELECTOR_IPV6;
            any_selector6(&selector->u.v6, open_percent);
        }
        else
        {
            selector->format = FB_SELECTOR_IPV4;
            any_selector4(&selector->u.v4, open_percent);
        }
    }
}

/** One of the ends of a range of some rule, or a neighbour of it, or any value. */
static uint32_t
near(uint32_t start, uint32_t end, uint32_t most)
{
    switch (any(6))
    {
    case 0:
        return start;
    case 1:
        return end;
    case 2:
        return (start - 1) & most;
    case 3:
        return (end + 1) & most;
    case 4:
        return end > start ? start + any(end - start) : start;
    default:
        return any_value(most);
    }
}

static void
near_address(uint8_t out[16], const uint8_t start[16], const uint8_t end[16])
{
    for (size_t i = 0; i < 16; i += 4)
    {
        fb_store_u32(out + i, near(fb_load_u32(start + i), fb_load_u32(end + i), UINT32_MAX));
    }
    if (any(3) == 0)
    {
        memcpy(out, any(2) == 0 ? start : end, 16);
    }
}

typedef struct packet
{
    fb_flow flow;
    uint8_t source[16], destination[16];
} packet;

static void
near_ipv4(packet *p, const fb_selector4 *s)
{
    fb_flow *flow = &p->flow;

    flow->family = FB_FAMILY_IPV4;
    flow->source = near(s->source_start, s->source_end, UINT32_MAX);
    flow->destination = near(s->destination_start, s->destination_end, UINT32_MAX);
    flow->source_port = (uint16_t)near(s->source_port_start, s->source_port_end, 0xffff);
    flow->destination_port =
        (uint16_t)near(s->destination_port_start, s->destination_port_end, 0xffff);
    flow->spi = near(s->spi_start, s->spi_end, UINT32_MAX);
    flow->tos = (uint8_t)near(s->ds_start, s->ds_end, 0xff);
    flow->protocol = (uint8_t)near(s->protocol_start, s->protocol_end, 0xff);
}

static void
near_ipv6(packet *p, const fb_selector6 *s)
{
    fb_flow *flow = &p->flow;

    flow->family = FB_FAMILY_IPV6;
    near_address(p->source, s->source_start, s->source_end);
    near_address(p->destination, s->destination_start, s->destination_end);
    flow->source6 = p->source;
    flow->destination6 = p->destination;
    flow->source_port = (uint16_t)near(s->source_port_start, s->source_port_end, 0xffff);
    flow->destination_port =
        (uint16_t)near(s->destination_port_start, s->destination_port_end, 0xffff);
    flow->spi = near(s->spi_start, s->spi_end, UINT32_MAX);
    flow->flow_label = near(s->flow_label_start, s->flow_label_end, 0xfffff) & 0xfffff;
    flow->tos = (uint8_t)near(s->traffic_class_start, s->traffic_class_end, 0xff);
    flow->protocol = (uint8_t)near(s->next_header_start, s->next_header_end, 0xff);
}

/** A packet that some rule may match, from either side. */
static void
any_packet(packet *p, const fb_rule *rules, uint32_t count, bool mirrored)
{
    static const fb_rule none;
    const fb_selector *selector = &(count == 0 ? &none : &rules[any(count)])->selector;

    memset(p, 0, sizeof *p);
    if (selector->format == FB_SELECTOR_IPV6)
    {
        near_ipv6(p, &selector->u.v6);
    }
    else
    {
        near_ipv4(p, &selector->u.v4);
    }
    p->flow.has_ports = any(4) > 0;
    p->flow.has_spi = any(4) == 0;
    if (mirrored)
    {
        fb_flow other = p->flow;

        p->flow.source = other.destination;
        p->flow.destination = other.source;
        p->flow.source6 = other.destination6;
        p->flow.destination6 = other.source6;
        p->flow.source_port = other.destination_port;
        p->flow.destination_port = other.source_port;
    }
}

/** What the classifier has to answer. */
static size_t
scan(const fb_rule *rules, size_t count, const fb_flow *flow, bool mirrored, size_t from)
{
    while (from < count && !fb_selector_matches(&rules[from].selector, flow, mirrored))
    {
        from++;
    }
    return from < count ? from : count;
}

/** A classifier in memory of exactly its size, so that a sanitizer sees what is written behind. */
static void *
start(fb_classifier *classifier, uint32_t capacity)
{
    size_t octets = fb_classifier_memory(capacity);
    void *memory = malloc(octets + (octets == 0));

    assert_non_null(memory);
    fb_classifier_init(classifier, memory, capacity);
    return memory;
}

/** Compares what is found of @p packets packets; how many matched a rule. */
static uint32_t
compare(const fb_classifier *classifier, const fb_rule *rules, uint32_t count, uint32_t packets)
{
    uint32_t found = 0;

    for (uint32_t i = 0; i < packets; i++)
    {
        bool mirrored = any(2) == 0;
        size_t from = 0, right;
        packet p;

        any_packet(&p, rules, count, mirrored);
        /* D-24: the rule found is not active, what is the next one? */
        for (int again = 0; again < 3; again++)
        {
            right = scan(rules, count, &p.flow, mirrored, from);
            assert_int_equal(fb_classifier_find(classifier, &p.flow, mirrored, from), right);
            found += right < count;
            from = again == 0 && right < count ? right + 1 : any(count + 2);
        }
    }
    return found;
}

static void
test_like_a_scan(void **state)
{
    static fb_rule rules[600];
    uint32_t found = 0;

    (void)state;
    numbers = test_random_start("steer/classifier like_a_scan");
    for (uint32_t set = 0; set < 1500; set++)
    {
        uint32_t count = set % 50 == 0 ? any(601) : any(60);
        fb_classifier classifier;
        void *memory = start(&classifier, count);

        any_rules(rules, count);
        fb_classifier_build(&classifier, rules, count);
        assert_true(fb_classifier_used(&classifier) <= fb_classifier_memory(count));
        found += compare(&classifier, rules, count, 700);
        free(memory);
    }
    assert_in_range(found, 500000, UINT32_MAX); /* else the packets are none of the rules' */
}

/** Decisions do not depend on whether a classifier finds the rules: nor where rules are not active (D-24). */
static void
test_decisions_of_a_static_policy(void **state)
{
    static fb_rule rules[100];
    const fb_path_view up[] = {{.bid = 1, .label = 7}, {.bid = 3, .label = 9}};

    (void)state;
    numbers = test_random_start("steer/classifier decisions");
    for (uint32_t set = 0; set < 300; set++)
    {
        fb_classifier classifier;
        void *memory = start(&classifier, 100);
        fb_steering with = {.configured = rules,
                            .configured_count = any(101),
                            .scheduler = fb_scheduler_at(0),
                            .classifier = &classifier};
        fb_steering without = with;

        without.classifier = NULL;
        any_rules(rules, 100);
        for (uint32_t i = 0; i < 100; i++)
        {
            static const uint8_t actions[] = {FB_RULE_DROP, FB_RULE_FORWARD, FB_RULE_FORWARD_LABEL};

            rules[i].action = actions[any(3)];
            rules[i].bid_count = 1;
            rules[i].bid[0] = (uint8_t)(1 + any(9));
        }
        fb_classifier_build(&classifier, rules, with.configured_count);
        for (uint32_t i = 0; i < 300; i++)
        {
            fb_path_view here[2], there[2];
            bool mirrored = any(2) == 0;
            fb_choice expected, choice;
            packet p;

            memcpy(here, up, sizeof up);
            memcpy(there, up, sizeof up);
            any_packet(&p, rules, (uint32_t)with.configured_count, mirrored);
            expected = fb_steer_choose(&without, here, 2, &p.flow, mirrored, 0);
            choice = fb_steer_choose(&with, there, 2, &p.flow, mirrored, 0);
            assert_int_equal(choice.rule, expected.rule);
            assert_int_equal(choice.path, expected.path);
            assert_int_equal(choice.reason, expected.reason);
            assert_int_equal(choice.by, expected.by);
        }
        free(memory);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Limits                                                                                                             */

static void
test_more_rules_than_it_has_memory_for(void **state)
{
    static fb_rule rules[200];

    (void)state;
    numbers = test_random_start("steer/classifier more_rules");
    for (uint32_t capacity = 0; capacity < 100; capacity += 7)
    {
        fb_classifier classifier;
        void *memory = start(&classifier, capacity);

        any_rules(rules, 200);
        fb_classifier_build(&classifier, rules, 200);
        compare(&classifier, rules, 200, 500);
        free(memory);
    }
}

static void
test_a_new_policy_replaces_the_old_one(void **state)
{
    static fb_rule rules[200];
    fb_classifier classifier;
    void *memory = start(&classifier, 200);

    (void)state;
    numbers = test_random_start("steer/classifier a_new_policy");
    compare(&classifier, rules, 0, 10); /* before any */
    for (uint32_t i = 0; i < 60; i++)
    {
        uint32_t count = i % 3 == 0 ? 200 : any(20);

        any_rules(rules, count);
        fb_classifier_build(&classifier, rules, count);
        compare(&classifier, rules, count, 200);
    }
    free(memory);
}

/** Ranges of all fields overlap: there is nothing that tells the rules apart, and not the memory to try. */
static void
test_rules_that_all_overlap(void **state)
{
    enum
    {
        RULES = 1000
    };
    static fb_rule rules[RULES];
    fb_classifier classifier;
    void *memory = start(&classifier, RULES);

    (void)state;
    numbers = test_random_start("steer/classifier overlap");
    memset(rules, 0, sizeof rules);
    for (uint32_t i = 0; i < RULES; i++)
    {
        fb_selector4 *s = &rules[i].selector.u.v4;

        rules[i].selector.format = FB_SELECTOR_IPV4;
        s->present = UINT32_C(0xf3fc0000); /* all but SPI */
        s->source_start = any(UINT32_C(0x80000000));
        s->source_end = UINT32_C(0x80000000) + any(UINT32_C(0x7fffffff));
        s->destination_start = any(UINT32_C(0x80000000));
        s->destination_end = UINT32_C(0x80000000) + any(UINT32_C(0x7fffffff));
        s->source_port_start = (uint16_t)any(0x8000);
        s->source_port_end = (uint16_t)(0x8000 + any(0x8000));
        s->destination_port_start = (uint16_t)any(0x8000);
        s->destination_port_end = (uint16_t)(0x8000 + any(0x8000));
        s->ds_start = (uint8_t)any(0x80);
        s->ds_end = (uint8_t)(0x80 + any(0x80));
        s->protocol_start = (uint8_t)any(0x80);
        s->protocol_end = (uint8_t)(0x80 + any(0x80));
    }
    fb_classifier_build(&classifier, rules, RULES);
    compare(&classifier, rules, RULES, 2000);
    free(memory);
}

/** The same rule again and again: a cut tells nothing apart. */
static void
test_equal_rules(void **state)
{
    static fb_rule rules[300];
    fb_classifier classifier;
    void *memory = start(&classifier, 300);

    (void)state;
    numbers = test_random_start("steer/classifier equal");
    any_rules(rules, 300);
    for (uint32_t i = 1; i < 300; i++)
    {
        rules[i] = rules[i % 3];
    }
    fb_classifier_build(&classifier, rules, 300);
    compare(&classifier, rules, 300, 2000);
    free(memory);
}

/** A selector that is of neither family matches nothing. */
static void
test_unknown_format(void **state)
{
    static fb_rule rules[20];
    fb_classifier classifier;
    void *memory = start(&classifier, 20);
    fb_flow flow = {.family = FB_FAMILY_IPV4};

    (void)state;
    rules[17].selector.format = FB_SELECTOR_IPV4;
    fb_classifier_build(&classifier, rules, 20);
    assert_int_equal(fb_classifier_find(&classifier, &flow, false, 0), 17);
    assert_int_equal(fb_classifier_find(&classifier, &flow, false, 18), 20);
    free(memory);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_int_equal(fb_classifier_memory(0), 0);
    assert_int_equal(fb_classifier_memory(4), 0);
    assert_true(fb_classifier_memory(64) > 0);
    /* RFC 6088's largest selector, four fields of addresses each, and what tells it from others: a kilooctet a rule */
    assert_in_range(fb_classifier_memory(4096), 1, 4096 * 1024);
    /* 16 bits number the rules; those behind are asked one after the other */
    assert_int_equal(fb_classifier_memory(UINT32_MAX), fb_classifier_memory(65535));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_a_scan),
        cmocka_unit_test(test_decisions_of_a_static_policy),
        cmocka_unit_test(test_more_rules_than_it_has_memory_for),
        cmocka_unit_test(test_a_new_policy_replaces_the_old_one),
        cmocka_unit_test(test_rules_that_all_overlap),
        cmocka_unit_test(test_equal_rules),
        cmocka_unit_test(test_unknown_format),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
