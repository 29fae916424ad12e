/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5454: IPv6 prefixes of a dual-stack mobile node.
 */

#include "agent_internal.h"
#include "role/mobile_node_internal.h"
#include "router.h"

#include <string.h>

#define REPLY(code) 152, 20, 2, code, 64, 0, ROUTER_IPV6

/** A home agent that serves 2001:db8:a::/64 and 2001:db8:b::/64, but no IPv4 network. */
static world *
dual_stack_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    setup.subscriber.networks = (fb_networks){.count = 2,
                                              .prefix = {ipv6_prefix(0x0a), ipv6_prefix(0x0b)}};
    return world_start(&setup);
}

static request
prefix_request(world *w, uint8_t bid, uint8_t site, bool tunneling_mode)
{
    request r = request_new(w, 600, care_of(bid));

    request_ipv6(&r, site, 64);
    if (tunneling_mode)
    {
        request_tunneling_mode(&r);
    }
    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    return r;
}

/** Whose the home agent takes an IPv6 packet toward host @p site::1 for; FB_NODE_NONE: nobody's. */
static uint32_t
node_toward(const world *w, uint8_t site)
{
    uint8_t address[16] = {ROUTER_IPV6};
    fb_flow flow = {.family = FB_FAMILY_IPV6, .destination6 = address};

    address[5] = site;
    address[15] = 1;
    return fb_home_agent_node_toward(&w->home_agent->home_agent, &flow);
}

static uint32_t
node_from(const world *w, uint8_t site)
{
    uint8_t address[16] = {ROUTER_IPV6};
    fb_flow flow = {.family = FB_FAMILY_IPV6, .source6 = address};

    address[5] = site;
    address[15] = 1;
    return fb_home_agent_node_from(&w->home_agent->home_agent, &flow);
}

static uint32_t
the_node(const world *w)
{
    return fb_cache_find(&w->home_agent->home_agent.cache, WORLD_HOME_ADDRESS);
}

/* ---- the home agent ---- */

/* 3.3.2: without the tunnelling mode extension to the home address, with it to the care-of address */
static void
test_the_two_modes(void **state)
{
    world *w = dual_stack_world();
    request r = prefix_request(w, 1, 0x0a, false);
    const fb_identity *identity;
    answer a;

    (void)state;
    requirement("B5454-01", "B5454-02");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(look_at(a.message).networks, 1);
    assert_network(a.message, 0, REPLY(0));
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+6");
    identity = fb_cache_identity(&w->home_agent->home_agent.cache, the_node(w));
    assert_false(identity->ipv6_to_care_of);

    r = prefix_request(w, 1, 0x0a, true);
    a = request_send(w, &r);
    assert_network(a.message, 0, REPLY(1));
    assert_true(identity->ipv6_to_care_of);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+6");

    /* 3.5: MUST NOT be asked for with a foreign agent's care-of address; "MAY ignore" it */
    r = prefix_request(w, 1, 0x0a, true);
    r.octets[1] = 0x02; /* T, but not D */
    a = request_send(w, &r);
    assert_network(a.message, 0, REPLY(0));
    assert_false(identity->ipv6_to_care_of);
    world_end(w);
}

/* 3.3: one reply for each prefix, rejected or not; a rejection is of that prefix only (3.2) */
static void
test_rejections(void **state)
{
    world *w = dual_stack_world();
    request r = prefix_request(w, 1, 0x0a, true);
    answer a;

    (void)state;
    requirement("B5454-02");
    request_ipv6(&r, 0x0c, 64); /* not its own: administratively prohibited */
    request_ipv6(&r, 0x0b, 48); /* more than its own */
    request_ipv6(&r, 0x0a, 64); /* again: "MUST NOT include more than one" reply */
    request_octets(
        &r,
        (const uint8_t[]){152, 18, 1, 255, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7},
        20); /* link-local, for prefix delegation (3.7.1) */
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(look_at(a.message).networks, 4);
    assert_network(a.message, 0, REPLY(1));
    assert_network(a.message,
                   1,
                   152,
                   20,
                   2,
                   9,
                   64,
                   0,
                   0x20,
                   1,
                   0xd,
                   0xb8,
                   0,
                   0xc,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0);
    assert_network(a.message,
                   2,
                   152,
                   20,
                   2,
                   9,
                   48,
                   0,
                   0x20,
                   1,
                   0xd,
                   0xb8,
                   0,
                   0xb,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0);
    assert_network(a.message,
                   3,
                   152,
                   20,
                   2,
                   8,
                   255,
                   0,
                   0xfe,
                   0x80,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   0,
                   7);
    assert_networks(w, FB_ROLE_HOME_AGENT, "6");

    /* All rejected: the registration is accepted nevertheless */
    r = prefix_request(w, 1, 0x0c, false);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(a.message->octets[look_at(a.message).network[0] + 3], 9);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    world_end(w);
}

/* 3.2: with a reject code in the header "all IPv6 prefix request extensions are also rejected" */
static void
test_the_code_of_the_reply_supersedes(void **state)
{
    world *w = dual_stack_world();
    request r = prefix_request(w, 255, 0x0a, true);
    answer a = request_send(w, &r);

    (void)state;
    requirement("B5454-02");
    assert_int_equal(a.code, 134);
    assert_int_equal(look_at(a.message).networks, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    world_end(w);
}

/* 3.8, B5454-04: the newest accepted request names the whole set; C-16: Lifetime 0 names none and takes none */
static void
test_the_newest_request_is_the_whole_set(void **state)
{
    world *w = dual_stack_world();
    request r = prefix_request(w, 1, 0x0a, true);
    answer a;

    (void)state;
    requirement("B5454-04", "C-16");
    request_ipv6(&r, 0x0b, 64);
    a = request_send(w, &r);
    assert_network(a.message, 0, REPLY(1));
    assert_networks(w, FB_ROLE_HOME_AGENT, "66");
    assert_int_equal(node_toward(w, 0x0a), the_node(w));
    assert_int_equal(node_toward(w, 0x0b), the_node(w));
    assert_int_equal(node_toward(w, 0x0c), FB_NODE_NONE);
    assert_int_equal(node_from(w, 0x0b), the_node(w));
    assert_int_equal(node_from(w, 0x0c), FB_NODE_NONE);

    r = prefix_request(w, 2, 0x0b, true); /* another BID */
    assert_int_equal(request_send(w, &r).code, 0);
    assert_network_events(w, 0, FB_ROLE_HOME_AGENT, "+6+6-6");
    assert_int_equal(node_toward(w, 0x0a), FB_NODE_NONE);
    assert_int_equal(node_toward(w, 0x0b), the_node(w));
    assert_int_equal(register_path(w, 2, 0, 0).code, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "6");
    assert_int_equal(register_path(w, 1, 0, 0).code, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    assert_int_equal(node_toward(w, 0x0b), FB_NODE_NONE);
    world_end(w);
}

/* 2.1 to 2.3: the Lengths; a reply is for replies; a home agent without RFC 5454 skips all of it */
static void
test_the_form(void **state)
{
    static const uint8_t wrong[][4] = {{152, 2, 1, 64}, {152, 2, 2, 0}, {152, 1, 3}, {152, 0}};
    world_setup setup;
    world *w = dual_stack_world();
    request r;
    answer a;

    (void)state;
    requirement("B5454-01", "B5454-02");
    for (size_t i = 0; i < 4; i++)
    {
        r = request_new(w, 600, care_of(1));
        request_octets(&r, wrong[i], 2u + wrong[i][1]);
        assert_denied(request_send(w, &r), 134, FB_DROP_NETWORK_MALFORMED);
    }
    r = request_new(w, 600, care_of(1));
    request_octets(&r, (const uint8_t[]){REPLY(0)}, 22);
    request_octets(&r, (const uint8_t[]){152, 3, 4, 1, 2}, 5);
    a = request_send(w, &r);
    assert_int_equal(a.code, 1);
    assert_int_equal(look_at(a.message).networks, 0);
    world_end(w);

    router_setup(&setup);
    setup.home_agent.home_agent.networks = false;
    w = world_start(&setup);
    r = prefix_request(w, 1, 0x0a, true);
    request_octets(&r, wrong[0], 4);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(look_at(a.message).networks, 0);
    assert_networks(w, FB_ROLE_HOME_AGENT, "");
    world_end(w);
}

/* D-43: extension 152 and reply code 152, extension 148 and reply code 148 have nothing but the number in common */
static void
test_numbers_of_three_spaces(void **state)
{
    world *w = home_agent_world(NULL, false);
    request r = prefix_request(w, 1, 0x0a, true);
    answer a;

    (void)state;
    requirement("D-43");
    assert_denied(request_send(w, &r), 152, FB_DROP_MULTIPATH_NOT_ALLOWED);
    r = request_new(w, 600, care_of(1));
    request_ipv6(&r, 0x0a, 64);
    a = request_send(w, &r);
    assert_int_equal(a.code, 1);
    assert_network(a.message, 0, REPLY(9));
    request_network(&r, ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    r.octets[23]++; /* a greater Identification */
    assert_denied(request_send(w, &r), 148, FB_DROP_NETWORK_NOT_ALLOWED);
    world_end(w);
}

/* B5454-03: a path is chosen for the inner packet, and the same one in both modes */
static void
test_the_path_is_chosen_for_the_inner_packet(void **state)
{
    /* FORWARD to BID 2, TS Format 2, flag O: next header 6 */
    static const uint8_t rule[] = {154, 2, 0, 9, 1, 1, 2, 2, 0, 2, 0, 0, 6};
    world *w = dual_stack_world();
    const fb_home_agent *home = &w->home_agent->home_agent;

    (void)state;
    requirement("B5454-03");
    for (int mode = 0; mode < 2; mode++)
    {
        request r = prefix_request(w, 2, 0x0a, mode == 1);
        fb_path_view paths[8];
        size_t rules = 0;

        request_octets(&r, rule, sizeof rule);
        assert_int_equal(request_send(w, &r).code, 0);
        assert_int_equal(node_toward(w, 0x0a), the_node(w));
        assert_non_null(fb_cache_policy(&home->cache, the_node(w), &rules));
        assert_int_equal(rules, 1);
        assert_int_equal(fb_home_agent_paths(home, the_node(w), paths), 1);
        assert_int_equal(paths[0].bid, 2);
    }
    world_end(w);
}

/* ---- the mobile node ---- */

/** The mobile node's IPv6 packets: whether it takes @p site::1 for its own. */
static bool
owns(const world *w, uint8_t site)
{
    uint8_t address[16] = {ROUTER_IPV6};
    fb_flow flow = {.family = FB_FAMILY_IPV6, .source6 = address, .destination6 = address};
    const fb_mobile_node *node = &w->mobile_node->mobile_node;

    address[5] = site;
    address[15] = 1;
    assert_int_equal(fb_mobile_node_owns_source(node, &flow),
                     fb_mobile_node_owns_destination(node, &flow));
    return fb_mobile_node_owns_source(node, &flow);
}

/** The extensions of a request over a path whose foreign agent is @p agent (0: co-located), as octets. */
static size_t
identity_of_request(world *w, fb_ipv4 agent, uint8_t octets[100])
{
    fb_registration r = {.request.kind = FB_REQUEST_REGISTER, .agent = agent};
    fb_writer writer = fb_writer_over(octets, 100);

    fb_mobile_node_write_identity(&w->mobile_node->mobile_node, &r, &writer);
    assert_false(writer.failed);
    return writer.position;
}

/* 3.5: "SHOULD include exactly one IPv6 tunneling mode extension if it uses the co-located care-of address model";
   "MUST NOT include [it] if it uses the foreign agent care-of address" */
static void
test_the_mode_it_asks_for(void **state)
{
    static const uint8_t mode[] = {152, 2, 3, 0};
    const size_t others = 17 + 8 + 20;
    world_setup setup;
    uint8_t octets[100];
    world *w;

    (void)state;
    requirement("B5454-01", "B5454-03");
    router_setup(&setup);
    w = world_start(&setup);
    assert_int_equal(identity_of_request(w, 0, octets), others + 4);
    assert_memory_equal(octets + others, mode, 4);
    assert_int_equal(identity_of_request(w, 0xcb007141, octets), others);
    world_link_up(w, 1);
    assert_network(world_sent(w, true, 0), 2, 152, 2, 3, 0);
    world_end(w);

    setup.mobile_node.mobile_node.ipv6_to_home_address = true;
    w = world_start(&setup);
    assert_int_equal(identity_of_request(w, 0, octets), others);
    world_end(w);

    /* It is about IPv6 prefixes: without one there is no mode to ask for */
    setup.mobile_node.mobile_node.ipv6_to_home_address = false;
    setup.mobile_node.mobile_node.networks.count = 1;
    w = world_start(&setup);
    assert_int_equal(identity_of_request(w, 0, octets), 17 + 8);
    world_end(w);
}

/* 3.5: replies decide; none means that the home agent does not know RFC 5454 */
static void
test_what_replies_say(void **state)
{
    static const struct
    {
        uint8_t code, length;
        bool granted;
    } row[] = {{0, 22, true},
               {1, 22, true},
               {8, 22, false},
               {9, 22, false},
               {255, 22, false},
               {0, 0, false}};
    world_setup setup;

    (void)state;
    requirement("B5454-01");
    router_setup(&setup);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = world_start(&setup);
        uint8_t octets[REPLY_FIXED + 22];
        const uint8_t reply[] = {REPLY(row[i].code)};

        w->lose = lose_requests;
        world_link_up(w, 1);
        assert_false(owns(w, 0x0a));
        reply_fixed(octets, world_last(w, true), 0, 600);
        memcpy(octets + REPLY_FIXED, reply, 22);
        assert_int_equal(reply_octets(w, world_last(w, true), octets, REPLY_FIXED + row[i].length),
                         0);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        assert_networks(w, FB_ROLE_MOBILE_NODE, row[i].granted ? "6" : "");
        assert_int_equal(owns(w, 0x0a), row[i].granted);
        assert_false(owns(w, 0x0b));
        world_end(w);
    }
}

/* From end to end, with a home agent that has RFC 5454 and with one that has not */
static void
test_both_ends(void **state)
{
    world_setup setup;

    (void)state;
    requirement("B5454-02");
    router_setup(&setup);
    for (int knows = 0; knows < 2; knows++)
    {
        world *w;

        setup.home_agent.home_agent.legacy = knows == 0;
        w = world_start(&setup);
        world_link_up(w, 1);
        world_run(w, 30 * FB_SECOND);
        assert_int_equal(world_state(w, 1), FB_BINDING_UP);
        assert_networks(w, FB_ROLE_MOBILE_NODE, knows ? "46" : "");
        assert_networks(w, FB_ROLE_HOME_AGENT, knows ? "46" : "");
        assert_int_equal(owns(w, 0x0a), knows);
        if (knows)
        {
            world_link_down(w, 1);
            assert_network_events(w, 0, FB_ROLE_MOBILE_NODE, "+4+6-4-6");
            assert_false(owns(w, 0x0a));
        }
        world_end(w);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_two_modes),
        cmocka_unit_test(test_rejections),
        cmocka_unit_test(test_the_code_of_the_reply_supersedes),
        cmocka_unit_test(test_the_newest_request_is_the_whole_set),
        cmocka_unit_test(test_the_form),
        cmocka_unit_test(test_numbers_of_three_spaces),
        cmocka_unit_test(test_the_path_is_chosen_for_the_inner_packet),
        cmocka_unit_test(test_the_mode_it_asks_for),
        cmocka_unit_test(test_what_replies_say),
        cmocka_unit_test(test_both_ends),
    };

    return cmocka_run_group_tests_name("rfc5454_dual_stack", tests, NULL, NULL);
}
