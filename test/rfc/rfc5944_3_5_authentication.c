/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.5.3, 3.5.4, 3.7.2.1, 3.7.3.1, 3.8.2.1 and 3.8.3.3: Mobile-Foreign and Foreign-Home authentication at the
 * foreign agent and at the home agent.
 */

#include "visit.h"

#include <string.h>

/* ---- Mobile-Foreign, at the foreign agent (3.7.2.1) ---- */

/** A request of a node the agent shares a key with, which is refused: 67, and nothing is kept. */
static void
not_from_the_node(world3 *w, const hand *request)
{
    size_t replies = replies_to_node(w);
    size_t relayed = relayed_requests(w);

    world3_run(w, FB_SECOND);
    assert_int_equal(visit_send(w, request), FB_DROP_AGENT_NODE_AUTHENTICATION);
    assert_int_equal(replies_to_node(w), replies + 1);
    assert_foreign_denial(w, request, 67, true);
    assert_int_equal(relayed_requests(w), relayed);
}

static void
test_mobile_foreign_authentication(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request, broken;

    (void)state;
    requirement("B5944-22");
    request = visit_request(w, 600, false);
    not_from_the_node(w, &request); /* missing */

    request = visit_request(w, 600, true);
    hand_sign(&request, MFAE);
    not_from_the_node(w, &request); /* two */

    request = visit_request(w, 600, true);
    hand_octets(&request, (uint8_t[]){200, 1, 5}, 3);
    not_from_the_node(w, &request); /* not the last extension */

    request = visit_request(w, 600, true);
    broken = request;
    broken.octets[request.length - 1] ^= 1;
    not_from_the_node(w, &broken); /* wrong */
    broken = request;
    broken.octets[request.length - 17] ^= 1;
    not_from_the_node(w, &broken); /* another SPI */

    request = visit_fixed(w, 600, FLAG_T);
    hand_sign(&request, MFAE);
    hand_sign(&request, MHAE);
    not_from_the_node(w, &request); /* in front of the Mobile-Home one */

    request = visit_request(w, 600, true);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_end(w);
}

static void
test_without_an_association_nothing_is_demanded(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 600, true); /* signed with a key the agent does not have */
    hand reply = visit_answer(&request, 0, 600, true);

    (void)state;
    requirement("B5944-22", "B5944-21");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(relayed_request(w)->length, 24 + 8 + 22); /* removed */
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(reply_to_node(w)->length, 20 + 22); /* removed too */
    world3_end(w);
}

static void
test_the_key_of_a_colocated_address(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    fb_fact shared = {.kind = FB_FACT_ASSOCIATION};
    hand request;

    (void)state;
    requirement("B5944-22");
    shared.u.association = (fb_peer_association){.kind = FB_ASSOCIATION_MOBILE_FOREIGN,
                                                 .peer = WORLD3_COLOCATED_ADDRESS,
                                                 .association = world3_node_association()};
    world3_fact(w, WORLD3_FOREIGN_AGENT, &shared);
    request = visit_fixed(w, 600, FLAG_D);
    hand_u32(&request, 12, WORLD3_COLOCATED_ADDRESS);
    hand_sign(&request, MHAE);
    not_from_the_node(w, &request);
    hand_sign(&request, MFAE);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_end(w);
}

/* ---- Foreign-Home, at the foreign agent (3.7.3.1) ---- */

static void
not_from_the_home_agent(world3 *w, const hand *request, const hand *reply)
{
    world3_run(w, FB_SECOND);
    assert_int_equal(visit_send(w, request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, reply), FB_DROP_AGENT_HOME_AUTHENTICATION);
    assert_foreign_denial(w, request, 68, true);
    assert_false(visits(w));
}

static void
test_foreign_home_authentication_of_replies(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true);
    hand reply;

    (void)state;
    requirement("B5944-21");
    reply = visit_answer(&request, 0, 600, false);
    not_from_the_home_agent(w, &request, &reply); /* missing */
    reply = visit_answer(&request, 0, 600, true);
    hand_sign(&reply, FHAE);
    not_from_the_home_agent(w, &request, &reply); /* two */
    reply = visit_answer(&request, 0, 600, true);
    reply.octets[reply.length - 1] ^= 1;
    not_from_the_home_agent(w, &request, &reply); /* wrong */
    reply = answer_fixed(&request, 0, 600);
    hand_sign(&reply, FHAE);
    hand_sign(&reply, MHAE);
    not_from_the_home_agent(w, &request, &reply); /* in front of the Mobile-Home one */
    reply = visit_answer(&request, 131, 600, false);
    not_from_the_home_agent(w, &request, &reply); /* a denial has it as well */

    reply = visit_answer(&request, 0, 600, true);
    world3_run(w, FB_SECOND);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));

    /* A wrong one does not end the visit */
    request = visit_request(w, 600, true);
    reply = visit_answer(&request, 0, 600, false);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_DROP_AGENT_HOME_AUTHENTICATION);
    assert_true(visits(w));
    world3_end(w);
}

/* ---- Foreign-Home, at the home agent (3.8.2.1 a to d, 3.8.3.3) ---- */

static int
to_home_agent(world3 *w, const hand *request)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                    .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                    .sport = FB_MIP4_PORT,
                    .dport = FB_MIP4_PORT,
                    .protocol = UDP,
                    .ttl = 60};

    return world3_inject(w, WORLD3_HOME_AGENT, &meta, request->octets, request->length);
}

static size_t
answers(const world3 *w)
{
    return world3_sent_count(w, WORLD3_HOME_AGENT, WORLD3_FOREIGN_AGENT, 3);
}

/** The home agent's last answer is this, octet for octet; with Foreign-Home authentication or not. */
static void
assert_answered(const world3 *w,
                const hand *request,
                uint8_t code,
                uint16_t lifetime_s,
                bool vouched)
{
    const world3_message *m = world3_last(w, WORLD3_HOME_AGENT, WORLD3_FOREIGN_AGENT, 3);
    hand expected = visit_answer(request, code, lifetime_s, vouched);

    assert_non_null(m);
    assert_int_equal(m->length, expected.length);
    assert_memory_equal(m->octets, expected.octets, expected.length);
}

/** A request as the foreign agent relays it. */
static hand
relayed(world3 *w, uint16_t lifetime_s, bool vouched)
{
    hand request = visit_request(w, lifetime_s, false);

    if (vouched)
    {
        hand_sign(&request, FHAE);
    }
    return request;
}

static bool
bound(const world3 *w)
{
    fb_binding_view view;

    return world3_binding(w, 0, &view);
}

static void
test_foreign_home_authentication_of_requests(void **state)
{
    world3 *w = visit_world();
    hand request;

    (void)state;
    requirement("B5944-21", "B5944-53", "C-18");
    request = relayed(w, 600, false); /* missing */
    assert_int_equal(to_home_agent(w, &request), FB_DROP_FOREIGN_AGENT_AUTHENTICATION);
    assert_answered(w, &request, 132, 600, true);

    request = relayed(w, 600, true); /* two */
    hand_sign(&request, FHAE);
    assert_int_equal(to_home_agent(w, &request), FB_DROP_FOREIGN_AGENT_AUTHENTICATION);
    assert_answered(w, &request, 132, 600, true);

    request = relayed(w, 600, true); /* wrong */
    request.octets[request.length - 1] ^= 1;
    assert_int_equal(to_home_agent(w, &request), FB_DROP_FOREIGN_AGENT_AUTHENTICATION);
    assert_answered(w, &request, 132, 600, true);

    request = visit_fixed(w, 600, FLAG_T); /* in front of the Mobile-Home one */
    hand_sign(&request, FHAE);
    hand_sign(&request, MHAE);
    assert_int_equal(to_home_agent(w, &request), FB_DROP_FOREIGN_AGENT_AUTHENTICATION);
    assert_false(bound(w));

    request = relayed(w, 600, true);
    assert_int_equal(to_home_agent(w, &request), FB_REASON_NONE);
    assert_answered(w, &request, 0, 600, true);
    assert_true(bound(w));
    world3_end(w);
}

static void
test_never_for_deregistrations(void **state)
{
    world3 *w = visit_world();
    hand request = relayed(w, 600, true);

    (void)state;
    requirement("B5944-21", "C-18");
    assert_int_equal(to_home_agent(w, &request), FB_REASON_NONE);
    request = relayed(w, 0, false);
    assert_int_equal(to_home_agent(w, &request), FB_REASON_NONE); /* not demanded */
    assert_answered(w, &request, 0, 0, false); /* nor sent */
    assert_false(bound(w));
    world3_end(w);
}

static void
test_without_an_association(void **state)
{
    world3 *w = visit_world_of(NULL, false);
    hand request = relayed(w, 600, true);
    size_t before = answers(w);

    (void)state;
    requirement("B5944-21");
    /* 3.8.2.1 d: discarded, and noted */
    assert_int_equal(to_home_agent(w, &request), FB_DROP_NO_SECURITY_ASSOCIATION);
    assert_int_equal(answers(w), before);
    assert_false(bound(w));
    assert_non_null(world3_event(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_DROP));

    request = relayed(w, 600, false);
    assert_int_equal(to_home_agent(w, &request), FB_REASON_NONE);
    assert_answered(w, &request, 0, 600, false);
    world3_end(w);
}

static void
test_the_care_of_address_decides(void **state)
{
    world3 *w = visit_world();
    hand request = visit_fixed(w, 600, FLAG_D | FLAG_T);

    (void)state;
    requirement("B5944-21", "C-18");
    /* the node's own care-of address, whatever way the request came */
    hand_u32(&request, 12, WORLD3_COLOCATED_ADDRESS);
    hand_sign(&request, MHAE);
    assert_int_equal(to_home_agent(w, &request), FB_REASON_NONE);
    assert_answered(w, &request, 1, 600, false);
    world3_end(w);
}

static void
test_identification_first(void **state)
{
    world3 *w = visit_world();
    hand request = relayed(w, 600, true);
    const world3_message *m;

    (void)state;
    requirement("C-18", "B5944-21");
    assert_int_equal(to_home_agent(w, &request), FB_REASON_NONE);

    /* 3.8.2.1 b in front of c: a replay without Foreign-Home authentication is 133, not 132 */
    request.length -= 22;
    assert_int_equal(to_home_agent(w, &request), FB_DROP_IDENTIFICATION);
    m = world3_last(w, WORLD3_HOME_AGENT, WORLD3_FOREIGN_AGENT, 3);
    assert_int_equal(m->octets[1], 133);
    assert_int_equal(m->octets[20 + 22], FHAE);
    world3_end(w);
}

static void
test_a_bad_authenticator_of_the_node(void **state)
{
    world3 *w = visit_world();
    hand request = visit_request(w, 600, false);
    size_t before;

    (void)state;
    requirement("B5944-19", "B5944-21");
    request.octets[request.length - 1] ^= 1;

    /* 3.8.2.1 a: 131 is owed to a foreign agent that vouches for the request ... */
    hand_sign(&request, FHAE);
    assert_int_equal(to_home_agent(w, &request), FB_DROP_BAD_AUTHENTICATOR);
    assert_answered(w, &request, 131, 600, true);

    /* ... and with an association but without a valid extension there is no reason to answer */
    before = answers(w);
    request.octets[request.length - 1] ^= 1;
    assert_int_equal(to_home_agent(w, &request), FB_DROP_BAD_AUTHENTICATOR);
    request.length -= 22;
    assert_int_equal(to_home_agent(w, &request), FB_DROP_BAD_AUTHENTICATOR);
    assert_int_equal(answers(w), before);
    assert_false(bound(w));
    world3_end(w);
}

static void
test_every_bit(void **state)
{
    world3 *w = visit_world();
    hand request = relayed(w, 600, true);

    (void)state;
    requirement("B5944-21");
    for (size_t bit = 0; bit < 8 * request.length; bit++)
    {
        hand damaged = request;

        damaged.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_true(to_home_agent(w, &damaged) > 0);
        assert_false(bound(w));
    }
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mobile_foreign_authentication),
        cmocka_unit_test(test_without_an_association_nothing_is_demanded),
        cmocka_unit_test(test_the_key_of_a_colocated_address),
        cmocka_unit_test(test_foreign_home_authentication_of_replies),
        cmocka_unit_test(test_foreign_home_authentication_of_requests),
        cmocka_unit_test(test_never_for_deregistrations),
        cmocka_unit_test(test_without_an_association),
        cmocka_unit_test(test_the_care_of_address_decides),
        cmocka_unit_test(test_identification_first),
        cmocka_unit_test(test_a_bad_authenticator_of_the_node),
        cmocka_unit_test(test_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
