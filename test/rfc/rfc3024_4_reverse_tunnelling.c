/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3024 3.2, 3.4: the T bit, and codes 137 to 139.
 */

#include "nat.h"

#define DT (FLAG_D | FLAG_T)

/** Answers of the home agent to T = 1 and T = 0 under this configuration; 0: accepted. */
static void
check_home_agent(bool offered, bool mandatory, uint8_t with_t, uint8_t without_t)
{
    fb_home_agent_config config = home_agent_defaults();
    const uint8_t code[2] = {without_t, with_t};
    world *w;

    config.reverse_tunnel = offered;
    config.require_reverse_tunnel = mandatory;
    w = home_agent_world(&config, true);
    for (int t = 0; t < 2; t++)
    {
        request r = tunnel_request(w, 1, FLAG_D | (t != 0 ? FLAG_T : 0), care_of(1), 434);
        snapshot before = home_agent_state(w);
        answer a = request_send(w, &r);

        assert_true(a.came);
        assert_int_equal(a.code, code[t]);
        if (code[t] != 0)
        {
            assert_unchanged(w, &before);
        }
    }
    world_end(w);
}

/* 3.4: "137 requested reverse tunnel unavailable, 138 reverse tunnel is mandatory and 'T' bit not set" */
static void
test_home_agent_codes(void **state)
{
    (void)state;
    requirement("B3024-02");
    check_home_agent(true, false, 0, 0);
    check_home_agent(true, true, 0, 138);
    check_home_agent(false, false, 137, 0);
    assert_int_equal(fb_reason_reply_code(FB_DROP_REVERSE_TUNNEL_UNAVAILABLE), 137);
    assert_int_equal(fb_reason_reply_code(FB_DROP_REVERSE_TUNNEL_REQUIRED), 138);
}

/* Mandatory and not offered is a contradiction, found before the first request comes */
static void
test_contradictory_configuration(void **state)
{
    world_setup setup;

    (void)state;
    requirement("B3024-02");
    world_setup_default(&setup);
    setup.home_agent.home_agent.reverse_tunnel = false;
    assert_true(fb_agent_size(&setup.home_agent) > 0);
    setup.home_agent.home_agent.require_reverse_tunnel = true;
    assert_int_equal(fb_agent_size(&setup.home_agent), 0);
}

/* Which of several wrong things the code tells: the encapsulation first */
static void
test_order_of_codes(void **state)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;
    request r;

    (void)state;
    requirement("B3024-02");
    config.reverse_tunnel = false;
    config.gre = false;
    w = home_agent_world(&config, true);
    r = tunnel_request(w, 1, DT | FLAG_G, care_of(1), 434);
    assert_denied(request_send(w, &r), 139, FB_DROP_ENCAPSULATION_UNSUPPORTED);
    r = tunnel_request(w, 1, DT, care_of(1), 434);
    assert_denied(request_send(w, &r), 137, FB_DROP_REVERSE_TUNNEL_UNAVAILABLE);
    /* RFC 5944 3.8.2.1: a de-registration needs no tunnel */
    r = path_request(w, 1, 0, 0);
    assert_int_equal(request_send(w, &r).code, 0);
    world_end(w);
}

/* 3.2: "If the 'T' bit is set, the mobile node asks its home agent to accept a reverse tunnel": on every path */
static void
test_t_on_every_path(void **state)
{
    (void)state;
    requirement("B3024-01");
    for (int t = 0; t < 2; t++)
    {
        world_setup setup;
        world *w;

        world_setup_default(&setup);
        setup.mobile_node.mobile_node.reverse_tunnel = t != 0;
        w = world_start(&setup);
        for (uint32_t link = 1; link <= 3; link++)
        {
            world_link_up(w, link);
        }
        world_run(w, 600 * FB_SECOND);
        assert_bound(w, "123");
        assert_true(requests_sent(w) > 3);
        for (size_t i = 0; i < requests_sent(w); i++)
        {
            assert_int_equal(request_sent(w, i).flags, FLAG_D | (t != 0 ? FLAG_T : 0));
        }
        world_end(w);
    }
}

/* A refusal has an alternative: T the other way round; each path finds out for itself */
static void
check_mobile_node(bool offered, bool mandatory, bool wanted, uint8_t code)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.home_agent.home_agent.reverse_tunnel = offered;
    setup.home_agent.home_agent.require_reverse_tunnel = mandatory;
    setup.mobile_node.mobile_node.reverse_tunnel = wanted;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(requests_sent(w), 2);
    assert_int_equal(look_at(world_sent(w, false, 0)).code, code);
    assert_int_equal(request_sent(w, 0).flags, FLAG_D | (wanted ? FLAG_T : 0));
    assert_int_equal(request_sent(w, 1).flags, FLAG_D | (wanted ? 0 : FLAG_T));
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_run(w, 1000 * FB_SECOND); /* refreshes know it by then */
    for (size_t i = 0; i < world_sent_count(w, false); i++)
    {
        assert_int_equal(look_at(world_sent(w, false, i)).code, i == 0 ? code : 0);
    }
    world_end(w);
}

static void
test_mobile_node_turns_t_round(void **state)
{
    (void)state;
    requirement("B3024-02", "B3024-01");
    check_mobile_node(false, false, true, 137);
    check_mobile_node(true, true, false, 138);
}

/* It does so once: whoever says 137 and 138 by turns is not asked for ever */
static void
test_mobile_node_is_not_sent_in_circles(void **state)
{
    static const uint8_t codes[][2] = {{137, 138}, {137, 137}, {138, 0}};
    world_setup setup;

    (void)state;
    requirement("B3024-02", "C-02");
    world_setup_default(&setup);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    {
        world *w = world_start(&setup);

        w->lose = lose_requests;
        world_link_up(w, 1);
        for (size_t k = 0; k < 2 && codes[i][k] != 0; k++)
        {
            assert_int_equal(reply_to(w, world_last(w, true), codes[i][k], 0), FB_REASON_NONE);
        }
        assert_int_equal(world_state(w, 1), FB_BINDING_BLOCKED);
        assert_int_equal(requests_sent(w), codes[i][1] != 0 ? 2 : 1);
        /* After the wait it asks for what is configured again */
        world_run(w, 60 * FB_SECOND);
        assert_int_equal(look_at(world_last(w, true)).flags, DT);
        world_end(w);
    }
}

/* C-02: a refresh that meets another configuration is repaired; the binding stays up meanwhile */
static void
test_refresh_turns_t_round(void **state)
{
    world_setup setup;
    size_t events;
    world *w;

    (void)state;
    requirement("C-02", "B3024-02");
    world_setup_default(&setup);
    w = world_start(&setup);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    w->lose = lose_requests;
    world_run(w, 480 * FB_SECOND);
    events = w->events;
    assert_int_equal(reply_to(w, world_last(w, true), 137, 0), FB_REASON_NONE);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP_PENDING);
    assert_int_equal(look_at(world_last(w, true)).flags, FLAG_D);
    assert_int_equal(reply_to(w, world_last(w, true), 0, 600), FB_REASON_NONE);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_null(binding_event(w, events, FB_ROLE_MOBILE_NODE, 1, FB_BINDING_DOWN));
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_home_agent_codes),
        cmocka_unit_test(test_contradictory_configuration),
        cmocka_unit_test(test_order_of_codes),
        cmocka_unit_test(test_t_on_every_path),
        cmocka_unit_test(test_mobile_node_turns_t_round),
        cmocka_unit_test(test_mobile_node_is_not_sent_in_circles),
        cmocka_unit_test(test_refresh_turns_t_round),
    };

    return cmocka_run_group_tests_name("rfc3024_4_reverse_tunnelling", tests, NULL, NULL);
}
