/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 2.1 to 2.3: advertisements of foreign and home agents, and their answers to solicitations.
 */

#include "visit.h"

#include <stdlib.h>
#include <string.h>

#define ACCESS 101
#define OTHER_ACCESS 102
#define ALL_SYSTEMS 0xe0000001u

/** ICMP types and flags as RFC 1256 and RFC 5944 2.1.1 have them. */
#define ADVERTISEMENT 9
#define F 0x1000
#define H 0x2000
#define B 0x4000
#define R 0x8000

typedef struct advertiser
{
    fb_agent *agent;
    void *memory;
    fb_time now;
} advertiser;

static fb_config
foreign_config(void)
{
    fb_config config;

    fb_config_default(&config);
    config.roles = FB_ROLE_FOREIGN_AGENT;
    config.foreign_agent.address = WORLD3_FOREIGN_AGENT_ADDRESS;
    return config;
}

static fb_config
home_config(void)
{
    fb_config config;

    fb_config_default(&config);
    config.roles = FB_ROLE_HOME_AGENT;
    config.home_agent.address = WORLD_HOME_AGENT;
    config.home_agent.advertise = true;
    return config;
}

static int
try_access(advertiser *a, uint32_t link, fb_ipv4 address, uint8_t prefix_length, uint8_t roles)
{
    fb_fact fact = {.kind = FB_FACT_ACCESS_UP};

    fact.u.access = (fb_access){.link = link,
                                .address = fb_addr_from_ipv4(address),
                                .prefix_length = prefix_length,
                                .roles = roles};
    return fb_agent_fact(a->agent, &fact, a->now);
}

static advertiser
start(const fb_config *config)
{
    advertiser a = {.now = FB_SECOND};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {7, 7, 7}};
    size_t size = fb_agent_size(config);

    assert_true(size > 0);
    a.memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
    assert_int_equal(fb_agent_init(&a.agent, a.memory, size, config, a.now), FB_OK);
    assert_int_equal(fb_agent_fact(a.agent, &entropy, a.now), FB_OK);
    return a;
}

static void
access_up(advertiser *a, uint32_t link, fb_ipv4 address, uint8_t prefix_length)
{
    assert_int_equal(try_access(a, link, address, prefix_length, 0), FB_OK);
}

static size_t
output(advertiser *a, fb_meta *meta, uint8_t octets[100])
{
    ptrdiff_t length = fb_agent_output(a->agent, meta, octets, 100, a->now);

    assert_true(length >= 0);
    return (size_t)length;
}

/** Lets time pass until something is to be sent. */
static size_t
next_advertisement(advertiser *a, fb_meta *meta, uint8_t octets[100])
{
    fb_time due = fb_agent_next_timeout(a->agent);

    assert_true(due != FB_TIME_NEVER && due >= a->now);
    a->now = due;
    assert_int_equal(fb_agent_handle_timeout(a->agent, 1, a->now), FB_OK);
    return output(a, meta, octets);
}

static unsigned
checksum(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
    {
        sum += (uint32_t)octets[i] << (i % 2 == 0 ? 8 : 0);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

/* ---- what is sent ---- */

static void
test_the_vector(void **state)
{
    test_vectors *vectors = vectors_load();
    const test_vector *expected = vectors_find(vectors, "M21");
    fb_config config = foreign_config();
    uint8_t octets[100];
    unsigned sequence = 0;
    advertiser a;
    fb_meta meta;
    size_t length;

    (void)state;
    requirement("M21", "B5944-39");
    config.foreign_agent.lifetime_max_s = 600;
    config.foreign_agent.minimal = false;
    config.foreign_agent.udp_tunnel = true;
    a = start(&config);
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 0);
    length = output(&a, &meta, octets);

    /* 2.3.2: from 0 on, one more each time; 256 follows 0xffff: that is the vector */
    for (; sequence <= 0xffff; sequence++)
    {
        assert_int_equal(length, 20);
        assert_int_equal(octets_u16(octets + 10), sequence);
        assert_int_equal(checksum(octets, length), 0xffff);
        length = next_advertisement(&a, &meta, octets);
    }
    assert_int_equal(length, expected->length);
    assert_memory_equal(octets, expected->octets, length);
    assert_int_equal(meta.ttl, expected->packet[8]);
    assert_int_equal(meta.protocol, expected->packet[9]);
    assert_int_equal(fb_addr_to_ipv4(&meta.src), octets_u32(expected->packet + 12));
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), octets_u32(expected->packet + 16));
    assert_int_equal(meta.link, ACCESS);
    next_advertisement(&a, &meta, octets);
    assert_int_equal(octets_u16(octets + 10), 257);
    free(a.memory);
    vectors_free(vectors);
}

/** Flags of the first advertisement of this configuration. */
static unsigned
flags_of(const fb_config *config)
{
    advertiser a = start(config);
    uint8_t octets[100];
    fb_meta meta;

    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 0);
    assert_int_equal(output(&a, &meta, octets), 20);
    free(a.memory);
    return octets_u16(octets + 14);
}

static void
test_the_flags(void **state)
{
    fb_config config = foreign_config();

    (void)state;
    requirement("B5944-39");
    assert_int_equal(flags_of(&config), F | 0x0800 | 0x0400 | 0x0100); /* M, G, T */
    config.foreign_agent.minimal = false;
    config.foreign_agent.gre = false;
    config.foreign_agent.reverse_tunnel = false;
    assert_int_equal(flags_of(&config), F);
    config.foreign_agent.registration_required = true;
    assert_int_equal(flags_of(&config), F | R);
    config.foreign_agent.busy = true;
    assert_int_equal(flags_of(&config), F | R | B);
}

static void
test_busy_when_full(void **state)
{
    world3_setup setup;
    world3 *w;
    hand request, reply;

    (void)state;
    requirement("B5944-39");
    world3_setup_default(&setup);
    setup.no_mobile_node = true;
    setup.config[WORLD3_FOREIGN_AGENT].limits.visitors = 1;
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    world3_run(w, 11 * FB_SECOND);
    assert_int_equal(
        octets_u16(world3_last(w, WORLD3_FOREIGN_AGENT, WORLD3_MOBILE_NODE, 9)->octets + 14) & B,
        0);
    visit_register(w, true);
    world3_run(w, 11 * FB_SECOND); /* 2.1.1: it still says that it is there, and takes no more */
    assert_int_equal(
        octets_u16(world3_last(w, WORLD3_FOREIGN_AGENT, WORLD3_MOBILE_NODE, 9)->octets + 14) & B,
        B);

    /* another is refused, and the visitor is not */
    request = visit_request(w, 600, true);
    reply = request;
    hand_u32(&request, 4, WORLD_HOME_ADDRESS + 1);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_BUSY);
    assert_int_equal(visit_send(w, &reply), FB_REASON_NONE);
    world3_end(w);
}

static void
test_home_agents(void **state)
{
    /* code 16, one address of two words, 30 s; 16: sequence 0, 1800 s, H; 19: the prefix's length */
    static const uint8_t expected[] = {9, 16, 0,  0, 1, 2, 0,    30,   192,  0, 2,  1, 0, 0,
                                       0, 0,  16, 6, 0, 0, 0x07, 0x08, 0x20, 0, 19, 1, 24};
    fb_config config = home_config();
    uint8_t octets[100];
    advertiser a = start(&config);
    fb_meta meta;

    (void)state;
    requirement("B5944-39", "B5944-41");
    access_up(&a, ACCESS, WORLD_HOME_AGENT, 24);
    assert_int_equal(output(&a, &meta, octets), sizeof expected);
    assert_int_equal(checksum(octets, sizeof expected), 0xffff);
    memset(octets + 2, 0, 2);
    assert_memory_equal(octets, expected, sizeof expected);
    assert_int_equal(fb_addr_to_ipv4(&meta.src), WORLD_HOME_AGENT);
    assert_int_equal(meta.ttl, 1);
    free(a.memory);

    config.home_agent.advertise = false;
    a = start(&config);
    access_up(&a, ACCESS, WORLD_HOME_AGENT, 24);
    assert_int_equal(output(&a, &meta, octets), 0);
    assert_true(fb_agent_next_timeout(a.agent) == FB_TIME_NEVER);
    free(a.memory);
}

static void
test_both_on_different_links(void **state)
{
    fb_config config = foreign_config();
    uint8_t octets[100];
    fb_meta meta;
    advertiser a;

    (void)state;
    requirement("B5944-39");
    config.roles |= FB_ROLE_HOME_AGENT;
    config.home_agent.address = WORLD_HOME_AGENT;
    config.home_agent.advertise = true;
    a = start(&config);

    /* 2.3: H only where it is a home agent; F needs a care-of address, R and B need F */
    assert_int_equal(try_access(&a, ACCESS, WORLD_HOME_AGENT, 24, FB_ROLE_HOME_AGENT), FB_OK);
    assert_true(output(&a, &meta, octets) > 0);
    assert_int_equal(octets_u16(octets + 16 + 6), H);
    assert_int_equal(try_access(&a, OTHER_ACCESS, 0xcb007142, 28, FB_ROLE_FOREIGN_AGENT), FB_OK);
    assert_int_equal(output(&a, &meta, octets), 20);
    assert_int_equal(octets_u16(octets + 14) & (F | H), F);
    assert_int_equal(octets_u16(octets + 10), 1); /* counted by agent */
    assert_int_equal(meta.link, OTHER_ACCESS);
    assert_int_equal(try_access(&a, 103, WORLD_HOME_AGENT, 24, 0), FB_OK);
    assert_int_equal(output(&a, &meta, octets), 8 + 8 + 12 + 3);
    assert_int_equal(octets_u16(octets + 16 + 6) & (F | H), F | H);
    free(a.memory);
}

static void
test_a_router(void **state)
{
    fb_config config = foreign_config();
    uint8_t octets[100];
    fb_meta meta;
    advertiser a;

    (void)state;
    requirement("B5944-39", "B5944-41");
    config.foreign_agent.router = true;
    a = start(&config);
    access_up(&a, ACCESS, 0xcb007142, 28);
    assert_int_equal(output(&a, &meta, octets), 8 + 8 + 12 + 3);
    assert_int_equal(octets[1], 0); /* routes common traffic */
    assert_int_equal(octets[4], 1);
    assert_int_equal(octets_u32(octets + 8), 0xcb007142);
    assert_memory_equal(octets + 28, ((uint8_t[]){19, 1, 28}), 3);
    free(a.memory);
}

/* ---- when it is sent ---- */

static void
test_the_interval(void **state)
{
    fb_config config = foreign_config();
    fb_time last, shortest = FB_TIME_NEVER, longest = 0;
    uint8_t octets[100];
    advertiser a = start(&config);
    fb_meta meta;

    (void)state;
    requirement("B5944-39");
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 0);
    assert_int_equal(output(&a, &meta, octets), 20); /* at once */
    last = a.now;
    for (int i = 0; i < 1000; i++)
    {
        assert_int_equal(next_advertisement(&a, &meta, octets), 20);
        assert_int_equal(output(&a, &meta, octets), 0);
        shortest = a.now - last < shortest ? a.now - last : shortest;
        longest = a.now - last > longest ? a.now - last : longest;
        last = a.now;
    }
    /* 2.1: no longer than a third of the Lifetime, which is 30 s; a little random */
    assert_int_equal(octets_u16(octets + 6), 30);
    assert_true(longest <= 10 * FB_SECOND && longest > 9900 * FB_MILLISECOND);
    assert_true(shortest >= 7500 * FB_MILLISECOND && shortest < 7600 * FB_MILLISECOND);
    free(a.memory);
}

static void
test_links_come_and_go(void **state)
{
    fb_config config = foreign_config();
    fb_fact down = {.kind = FB_FACT_ACCESS_DOWN, .u.access.link = ACCESS};
    uint8_t octets[100];
    advertiser a;
    fb_meta meta;

    (void)state;
    requirement("B5944-39");
    config.limits.access_links = 2;
    a = start(&config);
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 0);
    access_up(&a, OTHER_ACCESS, 0xcb007142, 0);
    assert_int_equal(try_access(&a, 103, 0xcb007143, 0, 0), FB_ERR_LIMIT);
    assert_int_equal(output(&a, &meta, octets), 20);
    assert_int_equal(output(&a, &meta, octets), 20);
    assert_int_equal(fb_agent_fact(a.agent, &down, a.now), FB_OK);
    assert_int_equal(fb_agent_fact(a.agent, &down, a.now), FB_ERR_UNKNOWN);
    for (int i = 0; i < 10; i++)
    {
        assert_int_equal(next_advertisement(&a, &meta, octets), 20);
        assert_int_equal(meta.link, OTHER_ACCESS);
    }
    assert_int_equal(try_access(&a, 0, 0xcb007143, 0, 0), FB_ERR_ARGUMENT);
    assert_int_equal(try_access(&a, 103, 0, 0, 0), FB_ERR_ARGUMENT);
    assert_int_equal(try_access(&a, 103, 0xcb007143, 33, 0), FB_ERR_ARGUMENT);
    free(a.memory);
}

static void
test_a_mobile_node_has_no_access_links(void **state)
{
    world_setup setup;
    world *w;
    fb_fact up = {.kind = FB_FACT_ACCESS_UP};

    (void)state;
    requirement("B5944-39");
    world_setup_default(&setup);
    w = world_start(&setup);
    up.u.access = (fb_access){.link = ACCESS, .address = fb_addr_from_ipv4(0xcb007142)};
    assert_int_equal(fb_agent_fact(w->mobile_node, &up, w->now), FB_ERR_UNKNOWN);
    world_end(w);
}

/* ---- solicitations (2.2, 2.3) ---- */

static const uint8_t solicitation[8] = {10, 0, 0xf5, 0xff};

static int
solicit(advertiser *a, uint32_t link, fb_ipv4 source, const uint8_t *octets, size_t length)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(source),
                    .dst = fb_addr_from_ipv4(0xe000000b),
                    .link = link,
                    .link_addr = {2, 0, 0, 0, 0, 7},
                    .link_addr_len = 6,
                    .protocol = ICMP,
                    .ttl = 1};
    uint8_t *copy = vectors_copy(octets, length);
    int result = fb_agent_input(a->agent, &meta, copy, length, a->now);

    free(copy);
    return result;
}

static void
test_solicitations_are_answered(void **state)
{
    fb_config config = foreign_config();
    uint8_t octets[100];
    advertiser a = start(&config);
    fb_meta meta;

    (void)state;
    requirement("B5944-40");
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 28);
    output(&a, &meta, octets);
    a.now += FB_SECOND;

    /* 2.3: from an address that is no neighbour's; 2.1: to that address, and where it came from on the link */
    assert_int_equal(solicit(&a, ACCESS, WORLD_HOME_ADDRESS, solicitation, 8), FB_REASON_NONE);
    assert_int_equal(output(&a, &meta, octets), 20);
    assert_int_equal(octets[0], ADVERTISEMENT);
    assert_int_equal(octets_u16(octets + 10), 1);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), WORLD_HOME_ADDRESS);
    assert_int_equal(meta.ttl, 1);
    assert_int_equal(meta.link, ACCESS);
    assert_int_equal(meta.link_addr_len, 6);
    assert_memory_equal(meta.link_addr, ((uint8_t[]){2, 0, 0, 0, 0, 7}), 6);
    assert_int_equal(output(&a, &meta, octets), 0);
    free(a.memory);
}

static void
test_a_node_without_address(void **state)
{
    fb_config config = foreign_config();
    uint8_t octets[100];
    advertiser a = start(&config);
    fb_time asked;
    fb_meta meta;

    (void)state;
    requirement("B5944-40");
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 28);
    output(&a, &meta, octets);
    asked = a.now += FB_SECOND;

    /* RFC 1256 6.2.6: all nodes get the answer, within two seconds, and many who ask get one together */
    for (int i = 0; i < 20; i++)
    {
        assert_int_equal(solicit(&a, ACCESS, 0, solicitation, 8), FB_REASON_NONE);
        assert_int_equal(output(&a, &meta, octets), 0);
    }
    assert_int_equal(next_advertisement(&a, &meta, octets), 20);
    assert_true(a.now <= asked + 2 * FB_SECOND);
    assert_int_equal(fb_addr_to_ipv4(&meta.dst), ALL_SYSTEMS);
    assert_true(fb_agent_next_timeout(a.agent) >= a.now + 7 * FB_SECOND);
    free(a.memory);
}

static void
test_only_when_asked(void **state)
{
    fb_config config = foreign_config();
    uint8_t octets[100];
    advertiser a;
    fb_meta meta;

    (void)state;
    requirement("B5944-40", "B5944-39");
    config.foreign_agent.advertisement_s = 0; /* 2.3: may be configured */
    a = start(&config);
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 28);
    assert_int_equal(output(&a, &meta, octets), 0);
    assert_true(fb_agent_next_timeout(a.agent) == FB_TIME_NEVER);
    assert_int_equal(solicit(&a, ACCESS, WORLD_HOME_ADDRESS, solicitation, 8), FB_REASON_NONE);
    assert_int_equal(output(&a, &meta, octets), 20);
    assert_int_equal(solicit(&a, ACCESS, 0, solicitation, 8), FB_REASON_NONE);
    assert_int_equal(next_advertisement(&a, &meta, octets), 20);
    assert_true(fb_agent_next_timeout(a.agent) == FB_TIME_NEVER);
    free(a.memory);
}

static void
test_what_is_no_solicitation(void **state)
{
    fb_config config = foreign_config();
    uint8_t octets[100];
    advertiser a = start(&config);
    fb_meta meta;

    (void)state;
    requirement("B5944-40");
    access_up(&a, ACCESS, WORLD3_FOREIGN_AGENT_ADDRESS, 28);
    output(&a, &meta, octets);
    assert_int_equal(solicit(&a, OTHER_ACCESS, WORLD_HOME_ADDRESS, solicitation, 8),
                     FB_DROP_WRONG_ROLE);
    for (size_t length = 0; length < 8; length++)
    {
        assert_true(solicit(&a, ACCESS, WORLD_HOME_ADDRESS, solicitation, length) > 0);
    }
    for (size_t bit = 0; bit < 64; bit++)
    {
        uint8_t damaged[8];

        memcpy(damaged, solicitation, 8);
        damaged[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_true(solicit(&a, ACCESS, WORLD_HOME_ADDRESS, damaged, 8) > 0);
    }
    assert_int_equal(output(&a, &meta, octets), 0);
    free(a.memory);
}

static void
test_configurations_that_contradict_themselves(void **state)
{
    fb_config config = foreign_config();

    (void)state;
    requirement("B5944-39");
    config.foreign_agent.advertisement_s = 3001; /* RFC 1256: a Lifetime of at most 9000 s */
    assert_int_equal(fb_agent_size(&config), 0);
    config = foreign_config();
    config.foreign_agent.address = 0; /* 2.1.1: F with a care-of address */
    assert_int_equal(fb_agent_size(&config), 0);
    config = home_config();
    config.home_agent.advertisement_s = 3001;
    assert_int_equal(fb_agent_size(&config), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vector),
        cmocka_unit_test(test_the_flags),
        cmocka_unit_test(test_busy_when_full),
        cmocka_unit_test(test_home_agents),
        cmocka_unit_test(test_both_on_different_links),
        cmocka_unit_test(test_a_router),
        cmocka_unit_test(test_the_interval),
        cmocka_unit_test(test_links_come_and_go),
        cmocka_unit_test(test_a_mobile_node_has_no_access_links),
        cmocka_unit_test(test_solicitations_are_answered),
        cmocka_unit_test(test_a_node_without_address),
        cmocka_unit_test(test_only_when_asked),
        cmocka_unit_test(test_what_is_no_solicitation),
        cmocka_unit_test(test_configurations_that_contradict_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
