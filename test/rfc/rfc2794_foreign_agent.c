/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2794 3: a foreign agent and nodes that have a network access identifier, with or without a home address.
 */

#include "visit.h"

#include <string.h>

#define NODE "mn@example.net"
#define OTHER "other@example.net"
#define ASSIGNED 0xc6336421u /* 198.51.100.33 */

/** A request with home address @p home_address and a NAI (NULL: none). */
static hand
nai_request(world3 *w, fb_ipv4 home_address, const char *nai)
{
    hand h = visit_fixed(w, 600, FLAG_T);

    hand_u32(&h, 4, home_address);
    if (nai != NULL)
    {
        hand_nai(&h, nai);
    }
    hand_sign(&h, MHAE);
    return h;
}

/** The reply to it: with this home address and NAI (NULL: none). */
static hand
nai_reply(const hand *request, uint8_t code, fb_ipv4 home_address, const char *nai)
{
    hand h = answer_fixed(request, code, 600);

    hand_u32(&h, 4, home_address);
    if (nai != NULL)
    {
        hand_nai(&h, nai);
    }
    hand_sign(&h, MHAE);
    return h;
}

/** The registration of @p home_address as a visitor. */
static bool
visits_as(const world3 *w, fb_ipv4 home_address)
{
    fb_binding_view view;

    return fb_agent_binding(w->agent[WORLD3_FOREIGN_AGENT],
                            FB_ROLE_FOREIGN_AGENT,
                            home_address,
                            0,
                            &view);
}

static void
test_an_assigned_home_address(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = nai_request(w, 0, NODE);
    hand reply = nai_reply(&request, 0, ASSIGNED, NODE);
    fb_meta meta = visit_meta();

    (void)state;
    requirement("B2794-02", "B5944-45");
    meta.src = fb_addr_from_ipv4(0);
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
    assert_int_equal(relayed_request(w)->length, request.length);
    assert_memory_equal(relayed_request(w)->octets, request.octets, request.length);

    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(reply_to_node(w)->length, reply.length);
    assert_memory_equal(reply_to_node(w)->octets, reply.octets, reply.length);
    /* RFC 5944 3.7.2.3: to the home address of the reply, at the link-layer address of the request */
    assert_int_equal(fb_addr_to_ipv4(&reply_to_node(w)->meta.dst), ASSIGNED);
    assert_int_equal(reply_to_node(w)->meta.link_addr_len, 6);
    assert_true(visits_as(w, ASSIGNED));
    assert_false(visits_as(w, 0));
    world3_end(w);
}

static void
test_without_an_address_and_without_a_name(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = nai_request(w, 0, NULL);
    char longest[74];

    (void)state;
    requirement("B2794-02");
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_HOME_ADDRESS_REQUIRED);
    assert_foreign_denial(w, &request, 96, false);
    /* RFC 5944 3.7.2.3: nobody's address: to all of the link, at its link-layer address */
    assert_int_equal(fb_addr_to_ipv4(&reply_to_node(w)->meta.dst), 0xffffffff);
    assert_int_equal(reply_to_node(w)->meta.link_addr_len, 6);

    /* a name that is too long to be kept: "cannot manage pending records in this way" */
    world3_run(w, 2 * FB_SECOND);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    request = nai_request(w, 0, longest);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_HOME_ADDRESS_REQUIRED);
    request = nai_request(w, 0, longest + 1);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);

    /* behind the authentication it is not the node's word */
    world3_run(w, 2 * FB_SECOND);
    request = nai_request(w, 0, NULL);
    hand_nai(&request, NODE);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_HOME_ADDRESS_REQUIRED);
    world3_end(w);
}

static void
test_two_nodes_at_the_same_moment(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand first = nai_request(w, 0, NODE), second;
    hand reply;
    fb_meta meta = visit_meta();

    (void)state;
    requirement("B2794-02");
    w->now -= FB_MILLISECOND;
    second = nai_request(w, 0, OTHER); /* the same Identification */
    assert_memory_equal(first.octets + 16, second.octets + 16, 8);
    assert_int_equal(visit_send(w, &first), FB_REASON_NONE);
    meta.sport = 5000;
    assert_int_equal(visit_send_as(w, &second, &meta), FB_REASON_NONE);

    reply = nai_reply(&first, 0, ASSIGNED, NODE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(reply_to_node(w)->meta.dport, VISIT_PORT);
    reply = nai_reply(&second, 0, ASSIGNED + 1, OTHER);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(reply_to_node(w)->meta.dport, 5000);

    /* and a name nobody asked with is nobody's */
    first = nai_request(w, 0, NODE);
    assert_int_equal(visit_send(w, &first), FB_REASON_NONE);
    reply = nai_reply(&first, 0, ASSIGNED, "nobody@example.net");
    assert_int_equal(visit_reply(w, &reply), FB_DROP_NOT_EXPECTED);
    world3_end(w);
}

static void
test_five_requests_by_name(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request;

    (void)state;
    requirement("B2794-02", "B5944-42");
    for (int i = 0; i < 5; i++)
    {
        request = nai_request(w, 0, NODE);
        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    }
    request = nai_request(w, 0, NODE);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_BUSY);
    request = nai_request(w, 0, OTHER);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_end(w);
}

/** The reply to a request of @p home_address lacks something: @p code. */
static void
incomplete(fb_ipv4 home_address,
           const char *nai,
           uint8_t reply_code,
           fb_ipv4 assigned,
           const char *said,
           uint8_t code)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = nai_request(w, home_address, nai);
    hand reply = nai_reply(&request, reply_code, assigned, said);

    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(fb_reason_reply_code(visit_reply(w, &reply)), code);
    assert_foreign_denial(w, &request, code, false);
    assert_false(visits_as(w, assigned));
    world3_end(w);
}

static void
test_incomplete_replies(void **state)
{
    world3 *w;
    hand request, reply;

    (void)state;
    requirement("B2794-02");
    incomplete(WORLD_HOME_ADDRESS, NODE, 0, WORLD_HOME_ADDRESS, NULL, 97);
    incomplete(0, NODE, 0, ASSIGNED, NULL, 97);
    incomplete(0, NODE, 0, 0, NODE, 99);

    w = lonely_visit_world(NULL, false);
    request = nai_request(w, WORLD_HOME_ADDRESS, NODE);
    reply = answer_fixed(&request, 0, 600);
    hand_u32(&reply, 8, 0); /* no home agent */
    hand_nai(&reply, NODE);
    hand_sign(&reply, MHAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_DROP_AGENT_MISSING_HOME_AGENT);
    assert_foreign_denial(w, &request, 98, false);

    /* a denial assigns nothing */
    request = nai_request(w, 0, NODE);
    reply = nai_reply(&request, 133, 0, NODE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(reply_to_node(w)->octets[1], 133);
    world3_end(w);
}

static void
test_a_node_without_a_name_is_not_asked_for_one(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = nai_request(w, WORLD_HOME_ADDRESS, NULL);
    hand reply = nai_reply(&request, 0, WORLD_HOME_ADDRESS, NULL);

    (void)state;
    requirement("B2794-02");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));
    world3_end(w);
}

static void
test_with_a_home_agent(void **state)
{
    world3_setup setup;
    world3 *w;
    hand request;
    fb_meta meta = visit_meta();

    (void)state;
    requirement("B2794-02");
    world3_setup_default(&setup);
    setup.no_mobile_node = true;
    setup.node_association = false;
    setup.subscriber.nai.length = (uint8_t)strlen(NODE);
    memcpy(setup.subscriber.nai.text, NODE, strlen(NODE));
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);

    meta.src = fb_addr_from_ipv4(0);
    request = nai_request(w, 0, NODE);
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
    world3_run(w, FB_SECOND);
    assert_int_equal(octets_u32(reply_to_node(w)->octets + 4), WORLD_HOME_ADDRESS);
    assert_true(reply_to_node(w)->octets[1] <= 1);
    assert_true(visits(w));

    /* Denials name the node, too: the reason gets through, not 97 */
    assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE); /* a replay */
    world3_run(w, FB_SECOND);
    assert_int_equal(reply_to_node(w)->octets[1], 133);
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_assigned_home_address),
        cmocka_unit_test(test_without_an_address_and_without_a_name),
        cmocka_unit_test(test_two_nodes_at_the_same_moment),
        cmocka_unit_test(test_five_requests_by_name),
        cmocka_unit_test(test_incomplete_replies),
        cmocka_unit_test(test_a_node_without_a_name_is_not_asked_for_one),
        cmocka_unit_test(test_with_a_home_agent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
