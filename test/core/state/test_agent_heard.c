/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The foreign agents heard on one link: noted, chosen, forgotten.
 */

#include "cmocka_setup.h"
#include "state/agent_heard.h"

#include <string.h>

#define AGENT 0xcb007141u

static fb_advertisement
advertisement(uint16_t sequence)
{
    return (fb_advertisement){.code = FB_ADVERTISEMENT_AGENT,
                              .lifetime_s = 30,
                              .agent = true,
                              .sequence = sequence,
                              .registration_lifetime_s = 600,
                              .flags = FB_ADVERTISEMENT_F,
                              .address_count = 2,
                              .care_of_address = {AGENT, AGENT + 1}};
}

static fb_agent_source
source(fb_ipv4 address, uint8_t last)
{
    return (fb_agent_source){.address = address,
                             .link_addr = {2, 0, 0, 0, 0, last},
                             .link_addr_len = 6};
}

/** The agent with this address says @p sequence at @p now. */
static fb_agent_heard *
note(fb_agents_heard *agents, fb_ipv4 address, uint16_t sequence, fb_agent_news *news, fb_time now)
{
    fb_agent_source from = source(address, (uint8_t)address);
    fb_advertisement said = advertisement(sequence);

    return fb_agents_note(agents, &from, &said, news, now);
}

static void
test_news(void **state)
{
    static const struct
    {
        uint16_t first, second;
        fb_agent_news news;
    } row[] = {{0, 0, FB_AGENT_SAME},
               {0, 1, FB_AGENT_SAME},
               {1, 0, FB_AGENT_RESTARTED},
               {256, 255, FB_AGENT_RESTARTED},
               {257, 256, FB_AGENT_SAME},
               {0xffff, 256, FB_AGENT_SAME},
               {0xffff, 255, FB_AGENT_RESTARTED},
               {100, 200, FB_AGENT_SAME},
               {200, 100, FB_AGENT_RESTARTED}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        fb_agents_heard agents;
        fb_agent_news news;

        fb_agents_init(&agents);
        assert_non_null(note(&agents, AGENT, row[i].first, &news, 0));
        assert_int_equal(news, FB_AGENT_NEW);
        assert_non_null(note(&agents, AGENT, row[i].second, &news, 1));
        assert_int_equal(news, row[i].news);
    }
}

static void
test_room(void **state)
{
    fb_agents_heard agents;
    fb_agent_news news;

    (void)state;
    fb_agents_init(&agents);
    assert_false(fb_agents_any(&agents));
    assert_true(fb_agents_deadline(&agents) == FB_TIME_NEVER);
    for (uint32_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        assert_non_null(note(&agents, AGENT + i, 1, &news, i * FB_SECOND));
    }
    assert_null(note(&agents, AGENT + 100, 1, &news, 5 * FB_SECOND));
    assert_non_null(note(&agents, AGENT + 1, 2, &news, 5 * FB_SECOND)); /* it is known */
    assert_int_equal(news, FB_AGENT_SAME);
    assert_true(fb_agents_deadline(&agents) == 30 * FB_SECOND);
    fb_agents_forget(&agents, &agents.item[0]);
    assert_true(fb_agents_deadline(&agents) == 32 * FB_SECOND);
    assert_non_null(note(&agents, AGENT + 100, 1, &news, 5 * FB_SECOND));
    assert_int_equal(news, FB_AGENT_NEW);
}

/* An agent whose IP address is not known is known by its address on the link. */
static void
test_agents_without_an_address(void **state)
{
    fb_agents_heard agents;
    fb_agent_source one = source(0, 1), other = source(0, 2), named = source(AGENT, 1);
    fb_advertisement said = advertisement(1);
    fb_agent_news news;

    (void)state;
    fb_agents_init(&agents);
    fb_agents_note(&agents, &one, &said, &news, 0);
    assert_null(fb_agents_find(&agents, &other));
    assert_null(fb_agents_find(&agents, &named));
    assert_non_null(fb_agents_find(&agents, &one));
    fb_agents_note(&agents, &named, &said, &news, 0);
    assert_int_equal(news, FB_AGENT_NEW);
    named.link_addr[5] = 9; /* another card, the same agent */
    assert_non_null(fb_agents_find(&agents, &named));
}

static void
test_usable(void **state)
{
    static const struct
    {
        uint16_t flags, needed, registration_lifetime_s;
        uint8_t addresses;
        bool usable;
    } row[] = {{FB_ADVERTISEMENT_F, 0, 600, 1, true},
               {FB_ADVERTISEMENT_H, 0, 600, 1, false},
               {FB_ADVERTISEMENT_F | FB_ADVERTISEMENT_H, 0, 600, 1, true},
               {FB_ADVERTISEMENT_F | FB_ADVERTISEMENT_B, 0, 600, 1, false},
               {FB_ADVERTISEMENT_F, 0, 0, 1, false},
               {FB_ADVERTISEMENT_F, 0, 600, 0, false},
               {FB_ADVERTISEMENT_F, FB_ADVERTISEMENT_R, 600, 1, false},
               {FB_ADVERTISEMENT_F | FB_ADVERTISEMENT_R, FB_ADVERTISEMENT_R, 600, 1, true}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        fb_agents_heard agents;
        fb_agent_source from = source(AGENT, 1);
        fb_advertisement said = advertisement(1);
        fb_agent_news news;
        fb_agent_heard *agent;

        fb_agents_init(&agents);
        said.flags = row[i].flags;
        said.registration_lifetime_s = row[i].registration_lifetime_s;
        said.address_count = row[i].addresses;
        agent = fb_agents_note(&agents, &from, &said, &news, 0);
        assert_int_equal(fb_agent_usable(agent, row[i].needed, 1), row[i].usable);
        assert_false(fb_agent_usable(agent, row[i].needed, 30 * FB_SECOND)); /* expired */
        agent->avoid_until = 5;
        assert_false(fb_agent_usable(agent, row[i].needed, 4));
        assert_int_equal(fb_agent_usable(agent, row[i].needed, 5), row[i].usable);
        assert_true((fb_agents_other(&agents, row[i].needed, 5) == agent) == row[i].usable);
        fb_agents_choose(&agents, agent);
        assert_null(fb_agents_other(&agents, row[i].needed, 5));
    }
}

static void
test_the_one_heard_last_is_taken(void **state)
{
    fb_agents_heard agents;
    fb_agent_news news;

    (void)state;
    fb_agents_init(&agents);
    note(&agents, AGENT, 1, &news, 1);
    note(&agents, AGENT + 1, 1, &news, 3);
    note(&agents, AGENT + 2, 1, &news, 2);
    assert_true(fb_agents_other(&agents, 0, 4) == &agents.item[1]);
    fb_agents_choose(&agents, &agents.item[1]);
    assert_true(fb_agents_chosen(&agents) == &agents.item[1]);
    assert_true(fb_agents_other(&agents, 0, 4) == &agents.item[2]);
    fb_agents_forget(&agents, &agents.item[1]);
    assert_null(fb_agents_chosen(&agents));
    fb_agents_choose(&agents, &agents.item[0]);
    fb_agents_forget(&agents, &agents.item[2]);
    assert_true(fb_agents_chosen(&agents) == &agents.item[0]);
    fb_agents_choose_none(&agents);
    assert_null(fb_agents_chosen_mutable(&agents));
}

/* The address in use stays in use as long as it is offered, wherever it stands. */
static void
test_the_care_of_address(void **state)
{
    fb_agents_heard agents;
    fb_agent_source from = source(AGENT, 1);
    fb_advertisement said = advertisement(1);
    fb_agent_news news;
    fb_agent_heard *agent;

    (void)state;
    fb_agents_init(&agents);
    assert_int_equal(fb_agent_care_of_address(NULL), 0);
    agent = fb_agents_note(&agents, &from, &said, &news, 0);
    assert_int_equal(fb_agent_care_of_address(agent), AGENT);
    agent->address = 1;
    fb_agents_note(&agents, &from, &said, &news, 1);
    assert_int_equal(fb_agent_care_of_address(agent), AGENT + 1);
    said.care_of_address[0] = AGENT + 1;
    said.care_of_address[1] = AGENT;
    fb_agents_note(&agents, &from, &said, &news, 2);
    assert_int_equal(fb_agent_care_of_address(agent), AGENT + 1);
    said.care_of_address[0] = AGENT + 7;
    fb_agents_note(&agents, &from, &said, &news, 3);
    assert_int_equal(fb_agent_care_of_address(agent), AGENT + 7);
    /* What nothing can be tunnelled to is passed over */
    said.address_count = 3;
    said.care_of_address[0] = 0;
    said.care_of_address[1] = 0xe0000001u;
    said.care_of_address[2] = AGENT + 8;
    fb_agents_note(&agents, &from, &said, &news, 4);
    assert_int_equal(fb_agent_care_of_address(agent), AGENT + 8);
    assert_int_equal(agent->address_count, 1);
    said.address_count = 2;
    fb_agents_note(&agents, &from, &said, &news, 5);
    assert_int_equal(fb_agent_care_of_address(agent), 0);
}

static void
test_elsewhere(void **state)
{
    static const struct
    {
        fb_ipv4 network, other_network;
        uint8_t prefix_length, other_prefix_length;
        bool elsewhere;
    } row[] = {{0xcb007141u, 0xcb007151u, 28, 28, true},
               {0xcb007141u, 0xcb00714fu, 28, 28, false},
               {0xcb007141u, 0xcb007151u, 24, 24, false},
               {0xcb007141u, 0xcb007141u, 24, 28, true},
               {0xcb007141u, 0x0a000001u, 0, 8, false},
               {0xcb007141u, 0x0a000001u, 8, 0, false},
               {0xcb007141u, 0xcb007142u, 32, 32, true},
               {0x80000000u, 0x00000000u, 1, 1, true}};

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        fb_agent_heard current = {.prefix_length = row[i].prefix_length,
                                  .network = row[i].network,
                                  .silent_at = 10};
        fb_agent_heard other = {.prefix_length = row[i].other_prefix_length,
                                .network = row[i].other_network};

        assert_int_equal(fb_agent_elsewhere(&current, &other, 10), row[i].elsewhere);
        assert_false(fb_agent_elsewhere(&current, &other, 9)); /* nothing is missing yet */
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_news),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_agents_without_an_address),
        cmocka_unit_test(test_usable),
        cmocka_unit_test(test_the_one_heard_last_is_taken),
        cmocka_unit_test(test_the_care_of_address),
        cmocka_unit_test(test_elsewhere),
    };

    return cmocka_run_group_tests_name("state/agent_heard", tests, NULL, NULL);
}
