/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2794: the Mobile Node NAI Extension, and home addresses that are assigned.
 */

#include "router.h"

#include <string.h>

/** A request for BID @p bid with this home address and NAI (NULL: none). */
static request
identified_request(world *w, uint8_t bid, fb_ipv4 home_address, const char *nai)
{
    request r = request_new(w, 600, care_of(bid));
    fb_addr address = fb_addr_from_ipv4(home_address);

    memcpy(r.octets + 4, address.octet, 4);
    if (nai != NULL)
    {
        request_nai(&r, nai);
    }
    request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
    return r;
}

static void
assert_silence(world *w, const request *r)
{
    snapshot before = home_agent_state(w);
    answer a = request_send(w, r);

    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    assert_unchanged(w, &before);
}

/* ---- the home agent ---- */

/* "the Home Address field MAY be set to zero": the reply has the one assigned, and the NAI */
static void
test_an_address_is_assigned(void **state)
{
    world *w = router_world();
    request r = identified_request(w, 1, 0, ROUTER_NAI);
    size_t since = w->events;
    fb_binding_view view;
    answer a;

    (void)state;
    requirement("B2794-01");
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_nai(a.message, ROUTER_NAI);
    assert_true(world_binding(w, 1, &view));
    assert_int_equal(view.home_address, WORLD_HOME_ADDRESS);
    for (size_t i = since; i < w->events; i++)
    {
        assert_int_equal(w->event[i].home_address, WORLD_HOME_ADDRESS);
    }

    /* Its later requests carry the address; both are of the same node */
    r = identified_request(w, 2, WORLD_HOME_ADDRESS, ROUTER_NAI);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_nai(a.message, ROUTER_NAI);
    r = identified_request(w, 3, WORLD_HOME_ADDRESS, NULL);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_int_equal(look_at(a.message).nai, 0);
    assert_bound(w, "123");
    world_end(w);
}

/* RFC 5944 3.8.2.1: no mobility security association is known, so there is no answer */
static void
test_who_is_nobody(void **state)
{
    world *w = router_world();
    request r;

    (void)state;
    requirement("B2794-01");
    serve_another(w, 0xc633640b, "other@example.net", 0);
    r = identified_request(w, 1, 0, NULL);
    assert_silence(w, &r);
    r = identified_request(w, 1, 0, "mr2@example.net");
    assert_silence(w, &r);
    r = identified_request(w, 1, 0xc633640c, ROUTER_NAI);
    assert_silence(w, &r);

    /* Home address and NAI of two nodes */
    r = identified_request(w, 1, WORLD_HOME_ADDRESS, "other@example.net");
    assert_silence(w, &r);
    r = identified_request(w, 1, WORLD_HOME_ADDRESS, "mr2@example.net");
    assert_silence(w, &r);
    r = identified_request(w, 1, 0xc633640b, ROUTER_NAI);
    assert_silence(w, &r);
    world_end(w);
}

/* Of a node whose NAI nobody told the home agent any will do, but another node's */
static void
test_a_nai_nobody_knows(void **state)
{
    world *w = home_agent_world(NULL, true);
    request r = identified_request(w, 1, WORLD_HOME_ADDRESS, "me@example.net");
    answer a = request_send(w, &r);

    (void)state;
    requirement("B2794-01");
    assert_accepted(&a, &r, 600);
    assert_nai(a.message, "me@example.net");
    serve_another(w, 0xc633640b, "me@example.net", 0);
    r = identified_request(w, 1, WORLD_HOME_ADDRESS, "me@example.net");
    assert_silence(w, &r);
    world_end(w);
}

/* "MUST appear [...] before both the Mobile-Home Authentication extension": behind it nobody vouches for it */
static void
test_behind_the_authentication(void **state)
{
    world *w = router_world();
    request r = identified_request(w, 1, 0, NULL);
    request behind = {.length = 0};
    answer a;

    (void)state;
    requirement("B2794-01");
    request_nai(&behind, ROUTER_NAI);
    r.length = world_sign(r.octets, r.length);
    request_octets(&r, behind.octets, behind.length);
    a = octets_send(w, r.source, r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    world_end(w);
}

/* "the Registration Reply from the home agent MUST include the Mobile Node NAI extension": denials too */
static void
test_every_reply_repeats_it(void **state)
{
    char longest[256];
    world *w = router_world();
    request r = identified_request(w, 1, 0, ROUTER_NAI);
    answer a;

    (void)state;
    requirement("B2794-01");
    memset(r.octets + 16, 0, 4); /* decades ago */
    a = request_send(w, &r);
    assert_int_equal(a.code, 133);
    assert_nai(a.message, ROUTER_NAI);
    assert_int_equal(look_at(a.message).home_address, WORLD_HOME_ADDRESS);

    r = identified_request(w, 255, 0, ROUTER_NAI); /* a reserved BID */
    a = request_send(w, &r);
    assert_int_equal(a.code, 134);
    assert_nai(a.message, ROUTER_NAI);
    assert_int_equal(look_at(a.message).home_address, WORLD_HOME_ADDRESS);

    r = identified_request(w, 1, 0, ROUTER_NAI);
    r.octets[2] = r.octets[3] = 0; /* and a de-registration */
    a = request_send(w, &r);
    assert_int_equal(a.code, 0);
    assert_nai(a.message, ROUTER_NAI);
    world_end(w);

    /* As long as it can be */
    memset(longest, 'x', 255);
    longest[255] = '\0';
    w = home_agent_world(NULL, true);
    r = identified_request(w, 1, WORLD_HOME_ADDRESS, longest);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
    assert_nai(a.message, longest);
    world_end(w);
}

/* The care-of address must not be the home address (RFC 5944 3.8.2.2), which with a zero there is the assigned one */
static void
test_the_assigned_address_is_no_care_of_address(void **state)
{
    world *w = router_world();
    request r = identified_request(w, 1, 0, ROUTER_NAI);
    fb_addr address = fb_addr_from_ipv4(WORLD_HOME_ADDRESS);

    (void)state;
    requirement("B2794-01");
    memcpy(r.octets + 12, address.octet, 4);
    assert_denied(request_send(w, &r), 134, FB_DROP_CARE_OF_ADDRESS_INVALID);

    /* Lifetime 0 with it de-registers all (C-11) */
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    r = identified_request(w, 1, 0, ROUTER_NAI);
    r.octets[2] = r.octets[3] = 0;
    memcpy(r.octets + 12, address.octet, 4);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_bound(w, "");
    world_end(w);
}

/* A home agent that knows RFC 5944 only skips it */
static void
test_a_legacy_home_agent(void **state)
{
    world_setup setup;
    world *w;
    request r;
    answer a;

    (void)state;
    requirement("B2794-01");
    router_setup(&setup);
    setup.home_agent.home_agent.legacy = true;
    w = world_start(&setup);
    r = request_new(w, 600, care_of(1));
    request_nai(&r, "mr2@example.net");
    a = request_send(w, &r);
    assert_int_equal(a.code, 1);
    assert_int_equal(look_at(a.message).nai, 0);
    world_end(w);
}

/* ---- the mobile node ---- */

/** A mobile node without a home address, and nothing else that is special. */
static world *
nameless_world(world_setup *setup)
{
    world_setup_default(setup);
    setup->subscriber.nai = nai_of(ROUTER_NAI);
    setup->mobile_node.mobile_node.nai = nai_of(ROUTER_NAI);
    setup->mobile_node.mobile_node.home_address = 0;
    return world_start(setup);
}

/* B2794-03: only the first request has home address 0; the other paths wait for the address and carry it */
static void
test_only_the_first_request_is_without(void **state)
{
    world_setup setup;
    world *w = nameless_world(&setup);
    size_t assigned = 0;

    (void)state;
    requirement("B2794-01", "B2794-03", "B5944-38");
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    assert_int_equal(requests_sent(w), 1);
    assert_int_equal(request_sent(w, 0).home_address, 0);
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "123");
    assert_true(requests_sent(w) >= 3);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).home_address, i == 0 ? 0 : WORLD_HOME_ADDRESS);
        assert_nai(world_sent(w, true, i), ROUTER_NAI);
    }
    for (size_t i = 0; i < w->events; i++)
    {
        const fb_event *e = &w->event[i];

        if (e->kind == FB_EVENT_HOME_ADDRESS)
        {
            assert_int_equal(e->role, FB_ROLE_MOBILE_NODE);
            assert_int_equal(e->home_address, WORLD_HOME_ADDRESS);
            assigned++;
        }
    }
    assert_int_equal(assigned, 1);

    /* Refreshes and de-registrations as well */
    world_run(w, 500 * FB_SECOND);
    administrator(w, FB_FACT_DEREGISTER, 0);
    world_run(w, FB_SECOND);
    assert_bound(w, "");
    for (size_t i = 1; i < requests_sent(w); i++)
    {
        assert_int_equal(request_sent(w, i).home_address, WORLD_HOME_ADDRESS);
        assert_nai(world_sent(w, true, i), ROUTER_NAI);
    }
    /* RFC 5944 3.6.1.2 (C-09): all are de-registered by the home address, which is the assigned one */
    assert_int_equal(request_sent(w, requests_sent(w) - 1).care_of_address, WORLD_HOME_ADDRESS);
    world_end(w);
}

/* A path that brings no answer does not keep the others from asking for the address (C-01) */
static void
test_the_first_path_is_dead(void **state)
{
    world_setup setup;
    world *w = nameless_world(&setup);
    bool dead[WORLD_LINKS + 1] = {false, true};
    fb_binding_view view;

    (void)state;
    requirement("B2794-03");
    w->lose = lose_on_links;
    w->context = dead;
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, 20 * FB_SECOND);
    assert_bound(w, "2");
    assert_true(world_binding(w, 2, &view));
    assert_int_equal(view.home_address, WORLD_HOME_ADDRESS);
    dead[1] = false;
    world_run(w, 60 * FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(look_at(world_last(w, true)).home_address, WORLD_HOME_ADDRESS);
    world_end(w);
}

/* "The Registration Reply MUST include a nonzero [...] Home Address" */
static void
test_an_acceptance_names_the_address(void **state)
{
    world_setup setup;
    world *w = nameless_world(&setup);
    uint8_t octets[REPLY_FIXED];

    (void)state;
    requirement("B2794-01");
    w->lose = lose_requests;
    world_link_up(w, 1);
    reply_fixed(octets, world_last(w, true), 0, 600);
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets),
                     FB_DROP_NOT_EXPECTED);
    assert_int_equal(world_state(w, 1), FB_BINDING_PENDING);
    octets[4] = 198;
    octets[5] = 51;
    octets[6] = 100;
    octets[7] = 77;
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    assert_non_null(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_HOME_ADDRESS));
    assert_int_equal(world_event(w, 0, FB_ROLE_MOBILE_NODE, FB_EVENT_HOME_ADDRESS)->home_address,
                     0xc633644d);

    /* From now on it is this node's, and replies to other addresses are not */
    administrator(w, FB_FACT_DEREGISTER, 1);
    assert_int_equal(look_at(world_last(w, true)).home_address, 0xc633644d);
    reply_fixed(octets, world_last(w, true), 0, 0);
    octets[7] = 78;
    assert_int_equal(reply_octets(w, world_last(w, true), octets, sizeof octets),
                     FB_DROP_NOT_EXPECTED);
    world_end(w);
}

/* A denial assigns nothing: with 133 the clock is set, and the next request asks again */
static void
test_a_denial_assigns_nothing(void **state)
{
    world_setup setup;
    world *w = nameless_world(&setup);

    (void)state;
    requirement("B2794-01");
    set_clock(w, w->mobile_node, WORLD_NTP - 1000, w->now);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_int_equal(look_at(world_sent(w, false, 0)).code, 133);
    assert_int_equal(request_sent(w, 1).home_address, 0);
    assert_bound(w, "1");
    world_end(w);
}

/* Before it has an address no packet is its own, not even one from 0.0.0.0 */
static void
test_data_before_and_after(void **state)
{
    world_setup setup;
    world *w = nameless_world(&setup);

    (void)state;
    requirement("B2794-01");
    assert_int_equal(uplink_from(w, 0, UDP, SIP, 40000).reason, FB_DROP_TUNNEL_INNER_SOURCE);
    assert_int_equal(uplink_from(w, WORLD_HOME_ADDRESS, UDP, SIP, 40000).reason,
                     FB_DROP_TUNNEL_INNER_SOURCE);
    world_link_up(w, 1);
    world_run(w, FB_SECOND);
    assert_true(world_uplink(w, UDP, SIP, 40000).delivered);
    assert_true(world_downlink(w, UDP, SIP, 40000).delivered);
    assert_int_equal(uplink_from(w, 0, UDP, SIP, 40000).reason, FB_DROP_TUNNEL_INNER_SOURCE);
    world_end(w);
}

/* ---- configuration ---- */

static void
test_configurations(void **state)
{
    world_setup setup;
    world *w;
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    (void)state;
    requirement("B2794-01");
    world_setup_default(&setup);
    setup.mobile_node.mobile_node.home_address = 0;
    assert_int_equal(fb_agent_size(&setup.mobile_node), 0); /* nothing to know it by */
    setup.mobile_node.mobile_node.nai = nai_of("a");
    assert_int_not_equal(fb_agent_size(&setup.mobile_node), 0);
    setup.mobile_node.mobile_node.nai.length = FB_NAI_MAX + 1;
    assert_int_equal(fb_agent_size(&setup.mobile_node), 0);

    w = router_world();
    fact.u.subscriber = (fb_subscriber){.home_address = 0xc633640b,
                                        .association = vectors_association(),
                                        .nai = nai_of(ROUTER_NAI)};
    /* Another node's NAI: refused, and the node is not half there */
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    fact.kind = FB_FACT_SUBSCRIBER_REMOVE;
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_UNKNOWN);
    fact.kind = FB_FACT_SUBSCRIBER_SET;
    fact.u.subscriber.nai.length = FB_NAI_MAX + 1;
    assert_int_equal(fb_agent_fact(w->home_agent, &fact, w->now), FB_ERR_ARGUMENT);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_address_is_assigned),
        cmocka_unit_test(test_who_is_nobody),
        cmocka_unit_test(test_a_nai_nobody_knows),
        cmocka_unit_test(test_behind_the_authentication),
        cmocka_unit_test(test_every_reply_repeats_it),
        cmocka_unit_test(test_the_assigned_address_is_no_care_of_address),
        cmocka_unit_test(test_a_legacy_home_agent),
        cmocka_unit_test(test_only_the_first_request_is_without),
        cmocka_unit_test(test_the_first_path_is_dead),
        cmocka_unit_test(test_an_acceptance_names_the_address),
        cmocka_unit_test(test_a_denial_assigns_nothing),
        cmocka_unit_test(test_data_before_and_after),
        cmocka_unit_test(test_configurations),
    };

    return cmocka_run_group_tests_name("rfc2794_nai", tests, NULL, NULL);
}
