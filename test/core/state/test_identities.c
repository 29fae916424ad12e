/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/binding_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 40
#define IDENTITIES 33
#define HOME(n) (0xc6336400u + (uint32_t)(n))
#define EVENTS 64

typedef struct fixture
{
    uint8_t *memory;
    fb_events events;
    fb_binding_cache cache;
} fixture;

static const fb_limits limits = {.nodes = NODES,
                                 .bindings = NODES,
                                 .policies = 1,
                                 .bindings_per_node = 2,
                                 .rules_per_node = 1,
                                 .identities = IDENTITIES};

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, EVENTS);
    fb_cache_init(&f->cache, arena, &limits, FB_SELECTOR_LAYOUT_RFC7629, &f->events);
}

/* The cache lies on a heap block of exactly its size. */
static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    lay_out(f, &arena);
    size = arena.used;
    f->memory = calloc(1, size);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, size);
    lay_out(f, &arena);
    assert_false(arena.failed);
    *state = f;
    return 0;
}

static int
stop(void **state)
{
    fixture *f = *state;

    free(f->memory);
    free(f);
    return 0;
}

static uint32_t
subscribed(fixture *f, uint32_t number)
{
    fb_subscriber subscriber = {.home_address = HOME(number)};

    assert_int_equal(fb_cache_set_subscriber(&f->cache, &subscriber), FB_OK);
    return fb_cache_find(&f->cache, HOME(number));
}

static fb_nai
nai(const char *text)
{
    fb_nai result = {.length = (uint8_t)strlen(text)};

    memcpy(result.text, text, result.length);
    return result;
}

/** Networks a.b.c.0/24 of these numbers; 0: no more. */
static fb_networks
networks(uint32_t first, uint32_t second)
{
    fb_networks result = {.count = (uint8_t)((first != 0) + (second != 0))};

    result.prefix[0] = (fb_prefix){.address = fb_addr_from_ipv4(0x0a000000u + (first << 8)),
                                   .length = 24};
    result.prefix[1] = (fb_prefix){.address = fb_addr_from_ipv4(0x0a000000u + (second << 8)),
                                   .length = 24};
    return result;
}

static int
set(fixture *f, uint32_t node, const char *name, uint32_t first, uint32_t second)
{
    fb_nai n = nai(name);
    fb_networks list = networks(first, second);

    return fb_cache_set_identity(&f->cache, node, &n, &list, 0);
}

static uint32_t
by_name(const fixture *f, const char *name)
{
    return fb_cache_find_nai(&f->cache, (const uint8_t *)name, strlen(name));
}

static uint32_t
by_address(const fixture *f, fb_ipv4 address)
{
    return fb_cache_find_address(&f->cache, FB_FAMILY_IPV4, address, NULL);
}

static void
use(fixture *f, uint32_t node, uint8_t in_use)
{
    fb_cache_use_networks(&f->cache,
                          node,
                          (fb_network_use){.in_use = in_use, .explicit_mode = true},
                          5 * FB_SECOND);
}

/** The next FB_EVENT_NETWORK: its third octet, negative when it went out of use; 0: none. */
static int
network_event(fixture *f)
{
    fb_event event;

    while (fb_events_poll(&f->events, &event))
    {
        if (event.kind == FB_EVENT_NETWORK)
        {
            assert_int_equal(event.role, FB_ROLE_HOME_AGENT);
            assert_int_equal(event.from, !event.to);
            assert_int_equal(event.prefix.length, 24);
            return event.to != 0 ? event.prefix.address.octet[2] : -event.prefix.address.octet[2];
        }
    }
    return 0;
}

/* A node with neither costs nothing but a number, and no search finds it */
static void
test_without(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);

    assert_null(fb_cache_identity(&f->cache, node));
    assert_int_equal(f->cache.identities.pool.used, 0);
    assert_int_equal(by_name(f, ""), FB_NODE_NONE);
    assert_int_equal(by_name(f, "a@b"), FB_NODE_NONE);
    assert_int_equal(by_address(f, HOME(1)), node);
    assert_int_equal(by_address(f, HOME(2)), FB_NODE_NONE);
    assert_int_equal(set(f, node, "", 0, 0), FB_OK);
    assert_int_equal(f->cache.identities.pool.used, 0);
}

static void
test_by_nai(void **state)
{
    fixture *f = *state;
    uint32_t one = subscribed(f, 1), two = subscribed(f, 2);

    assert_int_equal(set(f, one, "one@example.net", 0, 0), FB_OK);
    assert_int_equal(set(f, two, "two@example.net", 0, 0), FB_OK);
    assert_int_equal(by_name(f, "one@example.net"), one);
    assert_int_equal(by_name(f, "two@example.net"), two);
    assert_int_equal(by_name(f, "one@example.ne"), FB_NODE_NONE);
    assert_int_equal(by_name(f, "two@example.net "), FB_NODE_NONE);

    /* One name, one node; who had it keeps it, and the other its own */
    assert_int_equal(set(f, two, "one@example.net", 0, 0), FB_ERR_ARGUMENT);
    assert_int_equal(by_name(f, "one@example.net"), one);
    assert_int_equal(by_name(f, "two@example.net"), two);

    /* Another name, then none */
    assert_int_equal(set(f, one, "first@example.net", 0, 0), FB_OK);
    assert_int_equal(by_name(f, "one@example.net"), FB_NODE_NONE);
    assert_int_equal(by_name(f, "first@example.net"), one);
    assert_int_equal(set(f, one, "", 0, 0), FB_OK);
    assert_int_equal(by_name(f, "first@example.net"), FB_NODE_NONE);
    assert_int_equal(f->cache.identities.pool.used, 1);
}

/** How many chains have any item. */
static unsigned
heads_in_use(const fb_chains *chains)
{
    unsigned heads = 0;

    for (size_t at = 0; at <= chains->mask; at++)
    {
        heads += chains->head[at] != FB_CHAINS_NONE;
    }
    return heads;
}

/* Three names with the same hash: each is found, whichever goes first */
static void
test_names_that_collide(void **state)
{
    static const char *const name[] = {"3203570@x", "4712321@x", "10521911@x"};
    fixture *f = *state;

    for (uint32_t gone = 0; gone < 3; gone++)
    {
        uint32_t node[3];

        for (uint32_t i = 0; i < 3; i++)
        {
            node[i] = subscribed(f, i);
            assert_int_equal(set(f, node[i], name[i], 0, 0), FB_OK);
        }
        assert_int_equal(f->cache.identities.by_nai.count, 3);
        assert_int_equal(heads_in_use(&f->cache.identities.by_nai), 1);
        fb_cache_remove_subscriber(&f->cache, node[gone], 0);
        for (uint32_t i = 0; i < 3; i++)
        {
            assert_int_equal(by_name(f, name[i]), i == gone ? FB_NODE_NONE : node[i]);
        }
        fb_cache_remove_subscriber(&f->cache, node[(gone + 1) % 3], 0);
        assert_int_equal(by_name(f, name[(gone + 2) % 3]), node[(gone + 2) % 3]);
        fb_cache_remove_subscriber(&f->cache, node[(gone + 2) % 3], 0);
        assert_int_equal(f->cache.identities.by_nai.count, 0);
    }
}

static void
test_by_network(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);
    uint32_t generation;

    assert_int_equal(set(f, node, "", 1, 2), FB_OK);
    assert_int_equal(by_address(f, 0x0a000107), FB_NODE_NONE); /* it may, but has not */
    assert_int_equal(network_event(f), 0);

    generation = fb_cache_node(&f->cache, node)->generation;
    use(f, node, 1);
    assert_int_equal(by_address(f, 0x0a000107), node);
    assert_int_equal(by_address(f, 0x0a000207), FB_NODE_NONE);
    assert_int_equal(network_event(f), 1);
    assert_true(fb_cache_node(&f->cache, node)->generation != generation);

    /* The same again is no news */
    generation = fb_cache_node(&f->cache, node)->generation;
    use(f, node, 1);
    assert_int_equal(network_event(f), 0);
    assert_int_equal(fb_cache_node(&f->cache, node)->generation, generation);

    use(f, node, 2);
    assert_int_equal(network_event(f), -1);
    assert_int_equal(network_event(f), 2);
    assert_int_equal(by_address(f, 0x0a000107), FB_NODE_NONE);
    assert_int_equal(by_address(f, 0x0a000207), node);
}

/* RFC 5454 3.3: "registered prefixes are not overlapping" */
static void
test_no_two_overlap(void **state)
{
    fixture *f = *state;
    uint32_t one = subscribed(f, 1), two = subscribed(f, 2);
    fb_nai nobody = {0};
    fb_networks wide = {.count = 1,
                        .prefix = {{.address = fb_addr_from_ipv4(0x0a0001ff), .length = 16}}};

    assert_int_equal(set(f, one, "", 1, 2), FB_OK);
    assert_int_equal(set(f, two, "", 3, 4), FB_OK);
    use(f, two, 3);
    assert_int_equal(network_event(f), 3);
    assert_int_equal(network_event(f), 4);
    assert_int_equal(set(f, two, "", 5, 2), FB_ERR_ARGUMENT);
    assert_int_equal(fb_cache_set_identity(&f->cache, two, &nobody, &wide, 0), FB_ERR_ARGUMENT);
    assert_int_equal(set(f, two, "", 5, 5), FB_ERR_ARGUMENT);

    /* Nothing changed by any of them */
    assert_int_equal(network_event(f), 0);
    assert_int_equal(by_address(f, 0x0a000301), two);
    assert_int_equal(by_address(f, 0x0a000401), two);
    assert_int_equal(fb_cache_identity(&f->cache, two)->network_count, 2);
    assert_true(fb_cache_identity(&f->cache, two)->explicit_mode);
}

/* What the node still has stays in use, in whatever place of the list; the rest goes */
static void
test_another_list(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);

    assert_int_equal(set(f, node, "", 1, 2), FB_OK);
    use(f, node, 3);
    assert_int_equal(network_event(f), 1);
    assert_int_equal(network_event(f), 2);
    assert_int_equal(set(f, node, "", 3, 1), FB_OK);
    assert_int_equal(network_event(f), -2);
    assert_int_equal(network_event(f), 0);
    assert_int_equal(by_address(f, 0x0a000101), node);
    assert_int_equal(by_address(f, 0x0a000201), FB_NODE_NONE);
    assert_int_equal(by_address(f, 0x0a000301), FB_NODE_NONE);
    assert_int_equal(set(f, node, "", 0, 0), FB_OK);
    assert_int_equal(network_event(f), -1);
    assert_int_equal(by_address(f, 0x0a000101), FB_NODE_NONE);
    assert_int_equal(f->cache.identities.in_use, 0);
}

/* C-16, D-25: with the last binding, whatever took it */
static void
test_the_last_binding(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);
    fb_binding wanted = {.care_of_address = 0xcb007111, .bid = 1, .lifetime_s = 10};

    assert_int_equal(set(f, node, "", 1, 0), FB_OK);
    fb_cache_bind(&f->cache, node, &wanted, 0);
    use(f, node, 1);
    fb_cache_settle(&f->cache, node, 0);
    assert_int_equal(network_event(f), 1);
    wanted.bid = 2;
    wanted.care_of_address++;
    wanted.lifetime_s = 20;
    fb_cache_bind(&f->cache, node, &wanted, 0);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 10 * FB_SECOND), 1);
    assert_int_equal(network_event(f), 0);
    assert_int_equal(by_address(f, 0x0a000101), node);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 20 * FB_SECOND), 1);
    assert_int_equal(network_event(f), -1);
    assert_int_equal(by_address(f, 0x0a000101), FB_NODE_NONE);
    assert_false(fb_cache_identity(&f->cache, node)->explicit_mode);
}

/* Every block is used, one more is refused, and a node that goes gives its block back */
static void
test_the_limit(void **state)
{
    fixture *f = *state;
    char name[16];

    for (uint32_t round = 0; round < 3; round++)
    {
        for (uint32_t n = 1; n <= IDENTITIES; n++)
        {
            snprintf(name, sizeof name, "%u@example", n);
            assert_int_equal(set(f, subscribed(f, n), name, n, n + 100), FB_OK);
        }
        assert_int_equal(set(f, subscribed(f, 39), "one@too.many", 0, 0), FB_ERR_LIMIT);
        assert_null(fb_cache_identity(&f->cache, subscribed(f, 39)));
        for (uint32_t n = 1; n <= IDENTITIES; n++)
        {
            uint32_t node = fb_cache_find(&f->cache, HOME(n));

            snprintf(name, sizeof name, "%u@example", n);
            assert_int_equal(by_name(f, name), node);
            use(f, node, 2);
            assert_int_equal(by_address(f, 0x0a000000 + ((n + 100) << 8) + 200), node);
            assert_int_equal(network_event(f), n + 100);
        }
        for (uint32_t n = IDENTITIES; n >= 1; n--)
        {
            fb_cache_remove_subscriber(&f->cache, fb_cache_find(&f->cache, HOME(n)), 0);
            assert_int_equal(network_event(f), -(int)(n + 100));
        }
        assert_int_equal(f->cache.identities.pool.used, 0);
        assert_int_equal(f->cache.identities.networks.branches.used, 0);
        assert_int_equal(f->cache.identities.by_nai.count, 0);
    }
}

static void
test_ipv6(void **state)
{
    static const uint8_t inside[16] = {0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    static const uint8_t outside[16] = {0x20, 1, 0xd, 0xb8, 0, 0xb};
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);
    fb_nai nobody = {0};
    fb_networks list = {.count = 1, .prefix = {{.length = 64}}};

    list.prefix[0].address.family = FB_FAMILY_IPV6;
    memcpy(list.prefix[0].address.octet, inside, 16);
    assert_int_equal(fb_cache_set_identity(&f->cache, node, &nobody, &list, 0), FB_OK);
    use(f, node, 1);
    assert_int_equal(fb_cache_find_address(&f->cache, FB_FAMILY_IPV6, 0, inside), node);
    assert_int_equal(fb_cache_find_address(&f->cache, FB_FAMILY_IPV6, 0, outside), FB_NODE_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without, start, stop),
        cmocka_unit_test_setup_teardown(test_by_nai, start, stop),
        cmocka_unit_test_setup_teardown(test_names_that_collide, start, stop),
        cmocka_unit_test_setup_teardown(test_by_network, start, stop),
        cmocka_unit_test_setup_teardown(test_no_two_overlap, start, stop),
        cmocka_unit_test_setup_teardown(test_another_list, start, stop),
        cmocka_unit_test_setup_teardown(test_the_last_binding, start, stop),
        cmocka_unit_test_setup_teardown(test_the_limit, start, stop),
        cmocka_unit_test_setup_teardown(test_ipv6, start, stop),
    };

    return cmocka_run_group_tests_name("identities", tests, NULL, NULL);
}
