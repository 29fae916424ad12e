/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/flow_cache.h"

/** A cache in memory of exactly the size it asks for, full of rubbish. */
static void *
new_cache(fb_flow_cache *cache, uint32_t capacity)
{
    size_t octets = fb_flow_cache_memory(capacity);
    void *memory = octets == 0 ? NULL : malloc(octets);

    assert_true(octets == 0 || memory != NULL);
    if (octets > 0)
    {
        memset(memory, 0x5a, octets);
    }
    fb_flow_cache_init(cache, memory, capacity);
    return memory;
}

static fb_flow_verdict
send_over(uint8_t bid)
{
    fb_flow_verdict verdict = {.bid = bid};

    return verdict;
}

/** BID remembered for the flow; -1: none. */
static int
found(fb_flow_cache *cache,
      uint32_t session,
      uint32_t generation,
      const fb_flow *flow,
      bool mirrored)
{
    fb_flow_verdict verdict = {.reason = 999, .bid = 99};

    if (!fb_flow_cache_find(cache, session, generation, flow, mirrored, &verdict))
    {
        assert_int_equal(verdict.reason, 999); /* a miss writes nothing */
        assert_int_equal(verdict.bid, 99);
        return -1;
    }
    assert_int_equal(verdict.reason, 0);
    return verdict.bid;
}

static void
test_flow_cache_memory_is_two_entries_a_set(void **state)
{
    (void)state;
    assert_int_equal(fb_flow_cache_memory(0), 0);
    assert_int_equal(fb_flow_cache_memory(1), 0);
    assert_int_equal(fb_flow_cache_memory(2), 64);
    assert_int_equal(fb_flow_cache_memory(3), 64);
    assert_int_equal(fb_flow_cache_memory(7), 128);
    assert_int_equal(fb_flow_cache_memory(65536), 65536 * 32);
}

static void
test_flow_cache_of_nothing_always_misses(void **state)
{
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    for (uint32_t capacity = 0; capacity < 2; capacity++)
    {
        fb_flow_cache cache;

        assert_null(new_cache(&cache, capacity));
        fb_flow_cache_put(&cache, 1, 1, &flow, false, send_over(2));
        assert_int_equal(found(&cache, 1, 1, &flow, false), -1);
    }
}

/* Memory used before, by another cache, must not speak. */
static void
test_flow_cache_starts_empty(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 16);
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    fb_flow_cache_put(&cache, 1, 1, &flow, false, send_over(1));
    assert_int_equal(found(&cache, 1, 1, &flow, false), 1);
    fb_flow_cache_init(&cache, memory, 16);
    assert_int_equal(found(&cache, 1, 1, &flow, false), -1);
    free(memory);
}

static void
test_flow_cache_remembers_sends_and_drops(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 16);
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    fb_flow_verdict drop = {.reason = 0xabcd};
    fb_flow_verdict verdict;

    (void)state;
    assert_int_equal(found(&cache, 1, 0, &flow, false), -1);
    fb_flow_cache_put(&cache, 1, 0, &flow, false, send_over(254));
    assert_int_equal(found(&cache, 1, 0, &flow, false), 254);
    fb_flow_cache_put(&cache, 1, 0, &flow, false, drop);
    assert_true(fb_flow_cache_find(&cache, 1, 0, &flow, false, &verdict));
    assert_int_equal(verdict.reason, 0xabcd);
    free(memory);
}

/* A new generation of one node voids what is known of that node, and only that. */
static void
test_flow_cache_generation_is_of_one_session(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 16);
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);

    (void)state;
    fb_flow_cache_put(&cache, 1, 7, &flow, false, send_over(1));
    fb_flow_cache_put(&cache, 2, 7, &flow, false, send_over(2));
    assert_int_equal(found(&cache, 1, 8, &flow, false), -1);
    assert_int_equal(found(&cache, 1, 6, &flow, false), -1);
    assert_int_equal(found(&cache, 2, 7, &flow, false), 2);
    fb_flow_cache_put(&cache,
                      1,
                      8,
                      &flow,
                      false,
                      send_over(3)); /* takes the place of its own old entry */
    assert_int_equal(found(&cache, 1, 8, &flow, false), 3);
    assert_int_equal(found(&cache, 1, 7, &flow, false), -1);
    assert_int_equal(found(&cache, 2, 7, &flow, false), 2);
    free(memory);
}

/* One set for all: the newest two stay, and a collision never gives another flow's verdict. */
static void
test_flow_cache_collision_is_a_miss(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 2);
    fb_flow flow[3];

    (void)state;
    for (uint8_t i = 0; i < 3; i++)
    {
        flow[i] = test_flow_down(FB_PROTOCOL_TCP, 80, (uint16_t)(40000 + i));
        fb_flow_cache_put(&cache, 1, 1, &flow[i], false, send_over((uint8_t)(10 + i)));
        assert_int_equal(found(&cache, 1, 1, &flow[i], false), 10 + i);
    }
    assert_int_equal(found(&cache, 1, 1, &flow[0], false), -1);
    assert_int_equal(found(&cache, 1, 1, &flow[1], false), 11);
    assert_int_equal(found(&cache, 1, 1, &flow[2], false), 12);
    fb_flow_cache_put(&cache, 1, 1, &flow[1], false, send_over(21)); /* known: nobody has to go */
    assert_int_equal(found(&cache, 1, 1, &flow[1], false), 21);
    assert_int_equal(found(&cache, 1, 1, &flow[2], false), 12);
    fb_flow_cache_put(&cache,
                      1,
                      1,
                      &flow[1],
                      false,
                      send_over(31)); /* nor now that it is the newest */
    assert_int_equal(found(&cache, 1, 1, &flow[1], false), 31);
    assert_int_equal(found(&cache, 1, 1, &flow[2], false), 12);
    free(memory);
}

/* Whatever a selector can tell apart, the cache does too; what it cannot, the cache does not. */
static void
test_flow_cache_key_is_what_selectors_see(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 1024);
    fb_flow tcp = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    fb_flow esp = {.source = 1,
                   .destination = 2,
                   .protocol = FB_PROTOCOL_ESP,
                   .has_spi = true,
                   .spi = 0};
    fb_flow other;

    (void)state;
    fb_flow_cache_put(&cache, 1, 1, &tcp, false, send_over(1));
    fb_flow_cache_put(&cache, 1, 1, &esp, false, send_over(2));

    other = tcp, other.source++;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = tcp, other.destination++;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = tcp, other.source_port++;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = tcp, other.destination_port++;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = tcp, other.protocol = FB_PROTOCOL_UDP;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = tcp, other.tos = 4;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = test_flow_reverse(&tcp);
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    assert_int_equal(found(&cache, 1, 1, &tcp, true), -1);
    assert_int_equal(found(&cache, 2, 1, &tcp, false), -1);
    other = esp, other.spi = 1;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = esp, other.has_spi = false; /* no SPI is not SPI 0 */
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = esp, other.has_spi = false, other.has_ports = true; /* nor ports 0 */
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);

    other = tcp, other.tos = 3, other.ttl = 1, other.dont_fragment = true, other.fragment_id = 9;
    assert_int_equal(found(&cache, 1, 1, &other, false), 1);
    free(memory);
}

/* D-39: later fragments follow the first, whether that one was decided just now or known already. */
static void
test_flow_cache_fragments_follow_the_first(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 1024);
    fb_flow whole = test_flow_down(FB_PROTOCOL_UDP, 5060, 40000);
    fb_flow first = whole;
    fb_flow later = whole;

    (void)state;
    requirement("D-39");
    first.fragment = first.first_fragment = true;
    first.fragment_id = 100;
    later.fragment = true;
    later.has_ports = false;
    later.source_port = later.destination_port = 0;
    later.fragment_id = 100;

    assert_int_equal(found(&cache, 1, 1, &later, false), -1);
    fb_flow_cache_put(&cache, 1, 1, &later, false, send_over(9)); /* a guess: not kept */
    assert_int_equal(found(&cache, 1, 1, &later, false), -1);

    fb_flow_cache_put(&cache, 1, 1, &first, false, send_over(1));
    assert_int_equal(found(&cache, 1, 1, &later, false), 1);
    assert_int_equal(found(&cache, 1, 1, &whole, false),
                     1); /* the first is of the flow like any packet */
    later.fragment_id = first.fragment_id = 101;
    assert_int_equal(found(&cache, 1, 1, &later, false), -1);
    assert_int_equal(found(&cache, 1, 1, &first, false),
                     1); /* found: and so known for its fragments */
    assert_int_equal(found(&cache, 1, 1, &later, false), 1);
    assert_int_equal(found(&cache, 1, 2, &later, false), -1);
    assert_int_equal(found(&cache, 2, 1, &later, false), -1);
    assert_int_equal(found(&cache, 1, 1, &later, true), -1);

    fb_flow other = later;

    other.protocol = FB_PROTOCOL_TCP;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = later, other.source++;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = later, other.destination++;
    assert_int_equal(found(&cache, 1, 1, &other, false), -1);
    other = later, other.tos = 0xb8; /* remarked on its way: still a fragment of that packet */
    assert_int_equal(found(&cache, 1, 1, &other, false), 1);
    free(memory);
}

/* What holds for one packet: its later fragments find it, the flow's next packet does not. */
static void
test_flow_cache_one_packet(void **state)
{
    fb_flow_cache cache, none;
    void *memory = new_cache(&cache, 1024);
    fb_flow whole = test_flow_down(FB_PROTOCOL_UDP, 5060, 40000);
    fb_flow first = whole, later = whole;

    (void)state;
    requirement("D-39", "R7629-6-06");
    first.fragment = first.first_fragment = later.fragment = true;
    first.fragment_id = later.fragment_id = 100;
    later.has_ports = false;
    fb_flow_cache_put_packet(&cache, 1, 1, &whole, false, send_over(1));
    assert_int_equal(found(&cache, 1, 1, &whole, false), -1);
    fb_flow_cache_put_packet(&cache, 1, 1, &later, false, send_over(1));
    assert_int_equal(found(&cache, 1, 1, &later, false), -1);
    fb_flow_cache_put_packet(&cache, 1, 1, &first, false, send_over(2));
    assert_int_equal(found(&cache, 1, 1, &later, false), 2);
    assert_int_equal(found(&cache, 1, 1, &first, false), -1);
    assert_int_equal(found(&cache, 1, 1, &whole, false), -1);
    assert_int_equal(found(&cache, 1, 2, &later, false), -1);
    fb_flow_cache_init(&none, NULL, 0);
    fb_flow_cache_put_packet(&none, 1, 1, &first, false, send_over(2));
    assert_int_equal(found(&none, 1, 1, &later, false), -1);
    free(memory);
}

/* The same two hosts, the same protocol: an id used again belongs to the newer packet. */
static void
test_flow_cache_fragment_id_used_again(void **state)
{
    fb_flow_cache cache;
    void *memory = new_cache(&cache, 1024);
    fb_flow first = test_flow_down(FB_PROTOCOL_UDP, 5060, 40000);
    fb_flow later = test_flow_down(FB_PROTOCOL_UDP, 0, 0);

    (void)state;
    first.fragment = first.first_fragment = later.fragment = true;
    later.has_ports = false;
    fb_flow_cache_put(&cache, 1, 1, &first, false, send_over(1));
    first.source_port = 53;
    fb_flow_cache_put(&cache, 1, 1, &first, false, send_over(2));
    assert_int_equal(found(&cache, 1, 1, &later, false), 2);
    first.source_port = 5060;
    assert_int_equal(found(&cache, 1, 1, &first, false), 1);
    assert_int_equal(found(&cache, 1, 1, &later, false), 1);
    free(memory);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Against a naive model                                                                                              */

/** All that may tell two decisions apart, spelled out; compared whole, so the holes must be zero. */
typedef struct model_key
{
    uint32_t session, source, destination, number_a, number_b, spi, id, label;
    uint8_t source6[16], destination6[16];
    uint8_t protocol, dscp, has_ports, has_spi, later, mirrored, family;
    uint8_t hole[1];
} model_key;

typedef struct model_entry
{
    model_key key;
    uint32_t generation;
    fb_flow_verdict verdict;
} model_entry;

/** Everything ever put, the last of each key: no eviction. */
typedef struct model
{
    model_entry entry[20000];
    size_t count;
} model;

static model_key
model_key_of(uint32_t session, const fb_flow *flow, bool mirrored, bool as_fragment)
{
    model_key key;

    memset(&key, 0, sizeof key);
    key.session = session;
    key.source = flow->source;
    key.destination = flow->destination;
    key.protocol = flow->protocol;
    key.mirrored = mirrored;
    key.later = as_fragment;
    key.family = flow->family;
    if (flow->family == FB_FAMILY_IPV6)
    {
        memcpy(key.source6, flow->source6, 16);
        memcpy(key.destination6, flow->destination6, 16);
    }
    if (as_fragment)
    {
        key.id = flow->fragment_id;
        key.protocol = flow->family == FB_FAMILY_IPV6 ? 0 : flow->protocol; /* RFC 8200 4.5 */
        return key;
    }
    key.label = flow->flow_label;
    key.dscp = flow->tos / 4;
    key.has_ports = flow->has_ports;
    key.has_spi = flow->has_spi;
    key.number_a = flow->has_ports ? flow->source_port : 0;
    key.number_b = flow->has_ports ? flow->destination_port : 0;
    key.spi = flow->has_spi ? flow->spi : 0;
    return key;
}

static model_entry *
model_find(model *m, const model_key *key)
{
    for (size_t i = 0; i < m->count; i++)
    {
        if (memcmp(&m->entry[i].key, key, sizeof *key) == 0)
        {
            return &m->entry[i];
        }
    }
    return NULL;
}

static void
model_put(model *m, model_key key, uint32_t generation, fb_flow_verdict verdict)
{
    model_entry *entry = model_find(m, &key);

    if (entry == NULL)
    {
        assert_true(m->count < sizeof m->entry / sizeof m->entry[0]);
        entry = &m->entry[m->count++];
        entry->key = key;
    }
    entry->generation = generation;
    entry->verdict = verdict;
}

/** Few values of everything, so that flows come back and nearly alike ones meet. */
static fb_flow
random_flow(test_random *random)
{
    const uint8_t protocols[] = {1, FB_PROTOCOL_UDP, FB_PROTOCOL_ESP};
    const uint8_t tos[] = {0, 1, 0xb8};
    uint32_t form = test_random_below(random, 4);
    fb_flow flow = {
        .source = 1 + test_random_below(random, 3),
        .destination = 1 + test_random_below(random, 3),
        .protocol = protocols[test_random_below(random, 3)],
        .tos = tos[test_random_below(random, 3)],
        .fragment = form >= 2,
        .first_fragment = form == 2,
        .fragment_id = (uint16_t)test_random_below(random, 3),
    };

    if (form != 3 && flow.protocol == FB_PROTOCOL_UDP)
    {
        flow.has_ports = true;
        flow.source_port = (uint16_t)test_random_below(random, 3);
        flow.destination_port = (uint16_t)test_random_below(random, 3);
    }
    if (form != 3 && flow.protocol == FB_PROTOCOL_ESP)
    {
        flow.has_spi = true;
        flow.spi = test_random_below(random, 3);
    }
    return flow;
}

/** The same as IPv6, where a packet can have both ports and an SPI. Addresses differ in one of their halves. */
static fb_flow
random_flow_ipv6(test_random *random)
{
    static const uint8_t address[3][16] = {{[0] = 1, [15] = 1},
                                           {[0] = 2, [15] = 1},
                                           {[0] = 1, [15] = 2}};
    fb_flow flow = random_flow(random);

    flow.family = FB_FAMILY_IPV6;
    flow.source6 = address[flow.source - 1];
    flow.destination6 = address[flow.destination - 1];
    flow.source = flow.destination = 0;
    flow.flow_label = test_random_below(random, 2);
    if (flow.has_ports && test_random_below(random, 2) == 0)
    {
        flow.has_spi = true; /* AH */
        flow.spi = test_random_below(random, 2);
    }
    return flow;
}

/** What a caller does with a packet: look, and on a miss decide and put. Returns whether it was a hit. */
static bool
pass_packet(fb_flow_cache *cache,
            model *m,
            const uint32_t *generation,
            test_random *random,
            bool with_ipv6)
{
    fb_flow flow = with_ipv6 && test_random_below(random, 2) == 0 ? random_flow_ipv6(random)
                                                                  : random_flow(random);
    bool mirrored = test_random_below(random, 2) != 0;
    uint32_t session = 1 + test_random_below(random, 3);
    uint32_t now = generation[session];
    bool later = flow.fragment && !flow.first_fragment;
    model_key key = model_key_of(session, &flow, mirrored, later);
    fb_flow_verdict verdict = {0};
    bool hit = fb_flow_cache_find(cache, session, now, &flow, mirrored, &verdict);

    if (hit)
    {
        const model_entry *entry = model_find(m, &key);

        assert_non_null(entry);
        assert_int_equal(entry->generation, now);
        assert_int_equal(verdict.bid, entry->verdict.bid);
        assert_int_equal(verdict.reason, entry->verdict.reason);
    }
    else
    {
        verdict.bid = (uint8_t)test_random_next(random);
        verdict.reason = (uint16_t)test_random_next(random);
        fb_flow_cache_put(cache, session, now, &flow, mirrored, verdict);
        if (!later)
        {
            model_put(m, key, now, verdict);
        }
    }
    if (flow.fragment && flow.first_fragment)
    {
        model_put(m, model_key_of(session, &flow, mirrored, true), now, verdict);
    }
    return hit;
}

/* Flows of both families in the same sets: an IPv6 flow takes a whole one, and never answers for another's */
static void
test_flow_cache_is_never_wrong_about_ipv6(void **state)
{
    const uint32_t capacities[] = {2, 16, 32768};
    test_random random = test_random_start("flow cache model with IPv6");
    model *m = malloc(sizeof *m);

    (void)state;
    assert_non_null(m);
    for (size_t c = 0; c < sizeof capacities / sizeof capacities[0]; c++)
    {
        uint32_t generation[4] = {0};
        unsigned hits = 0;
        fb_flow_cache cache;
        void *memory = new_cache(&cache, capacities[c]);

        m->count = 0;
        for (int step = 0; step < 8000; step++)
        {
            if (test_random_below(&random, 5000) == 0)
            {
                generation[1 + test_random_below(&random, 3)]++;
            }
            hits += pass_packet(&cache, m, generation, &random, true);
        }
        assert_true(hits > (capacities[c] > 1000 ? 2000 : 0));
        free(memory);
    }
    free(m);
}

static void
test_flow_cache_is_never_wrong(void **state)
{
    const uint32_t capacities[] = {2, 4, 64, 65536};
    test_random random = test_random_start("flow cache model");
    model *m = malloc(sizeof *m);

    (void)state;
    assert_non_null(m);
    for (size_t c = 0; c < sizeof capacities / sizeof capacities[0]; c++)
    {
        uint32_t generation[4] = {0};
        unsigned hits = 0;
        fb_flow_cache cache;
        void *memory = new_cache(&cache, capacities[c]);

        m->count = 0;
        for (int step = 0; step < 40000; step++)
        {
            if (test_random_below(&random, 5000) == 0)
            {
                generation[1 + test_random_below(&random, 3)]++;
            }
            hits += pass_packet(&cache, m, generation, &random, false);
        }
        /* About 1,900 keys: a cache for all of them has to be good, one for two has to hit at times. */
        assert_true(hits > (capacities[c] > 10000 ? 20000U : 10U));
        free(memory);
    }
    free(m);
}

/** A cache that is half full hits nearly always: entries go to their sets evenly. */
static void
test_flow_cache_keeps_what_fits(void **state)
{
    enum
    {
        CAPACITY = 4096,
        FLOWS = 2048
    };
    test_random random = test_random_start("flow cache load");
    fb_flow flow[FLOWS];
    unsigned hits = 0;
    fb_flow_cache cache;
    void *memory = new_cache(&cache, CAPACITY);

    (void)state;
    for (int i = 0; i < FLOWS; i++)
    {
        flow[i] = test_flow_random(&random);
        fb_flow_cache_put(&cache, 1, 1, &flow[i], false, send_over((uint8_t)i));
    }
    for (int i = 0; i < FLOWS; i++)
    {
        int bid = found(&cache, 1, 1, &flow[i], false);

        hits += bid == (uint8_t)i;
        assert_true(bid == -1 || bid == (uint8_t)i);
    }
    /* One flow a set on average: of n in a set (Poisson) two stay, that is 2 - 3/e = 0.896 of them. */
    assert_in_range(hits, FLOWS * 86 / 100, FLOWS * 93 / 100);
    free(memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow_cache_memory_is_two_entries_a_set),
        cmocka_unit_test(test_flow_cache_of_nothing_always_misses),
        cmocka_unit_test(test_flow_cache_starts_empty),
        cmocka_unit_test(test_flow_cache_remembers_sends_and_drops),
        cmocka_unit_test(test_flow_cache_generation_is_of_one_session),
        cmocka_unit_test(test_flow_cache_collision_is_a_miss),
        cmocka_unit_test(test_flow_cache_key_is_what_selectors_see),
        cmocka_unit_test(test_flow_cache_fragments_follow_the_first),
        cmocka_unit_test(test_flow_cache_one_packet),
        cmocka_unit_test(test_flow_cache_fragment_id_used_again),
        cmocka_unit_test(test_flow_cache_is_never_wrong),
        cmocka_unit_test(test_flow_cache_is_never_wrong_about_ipv6),
        cmocka_unit_test(test_flow_cache_keeps_what_fits),
    };
    return cmocka_run_group_tests_name("steer/flow_cache", tests, NULL, NULL);
}
