/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.7.3: what a foreign agent does with replies, with ICMP errors instead of them, and with its visitors.
 */

#include "visit.h"

#include <string.h>

/* ---- replies (3.7.3) ---- */

static void
test_the_reply_is_relayed(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true);
    hand reply = visit_answer(&request, 1, 500, true);
    hand expected = answer_fixed(&request, 1, 500);
    fb_binding_view view;
    const fb_event *came;

    (void)state;
    requirement("B5944-45", "B5944-22");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    hand_sign(&expected, MHAE);
    hand_sign(&expected, MFAE);
    assert_int_equal(reply_to_node(w)->length, expected.length);
    assert_memory_equal(reply_to_node(w)->octets, expected.octets, expected.length);

    /* 3.7.2.3: to the home address and the port of the request, from the address it was sent to */
    assert_int_equal(fb_addr_to_ipv4(&reply_to_node(w)->meta.dst), WORLD_HOME_ADDRESS);
    assert_int_equal(reply_to_node(w)->meta.dport, VISIT_PORT);
    assert_int_equal(fb_addr_to_ipv4(&reply_to_node(w)->meta.src), WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(reply_to_node(w)->meta.link_addr_len, 6);
    assert_int_equal(reply_to_node(w)->meta.link_addr[5], 7);

    assert_true(world3_visitor(w, &view));
    assert_int_equal(view.lifetime_s, 500);
    assert_int_equal(view.expires, w->now + 500 * FB_SECOND);
    came = world3_event(w, 0, FB_ROLE_FOREIGN_AGENT, FB_EVENT_VISITOR);
    assert_non_null(came);
    assert_int_equal(came->to, 1);
    assert_int_equal(came->home_address, WORLD_HOME_ADDRESS);
    assert_int_equal(came->ref.link, WORLD3_VISITED_LINK);
    assert_int_equal(came->link_addr[5], 7);
    world3_end(w);
}

static void
test_the_smaller_lifetime(void **state)
{
    fb_foreign_agent_config config = foreign_agent_defaults();
    fb_binding_view view;
    world3 *w;
    hand request, reply;

    (void)state;
    requirement("B5944-45");
    config.lifetime_max_s = 100;
    w = lonely_visit_world(&config, true);
    request = visit_request(w, 100, true);
    /* more than was asked for, which no home agent should */
    reply = visit_answer(&request, 0, 900, true);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, 2 * FB_SECOND);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(world3_visitor(w, &view));
    assert_int_equal(view.lifetime_s, 100);
    /* from the relaying on, so that it does not end before the node's */
    assert_int_equal(view.expires, w->now + 100 * FB_SECOND);
    world3_end(w);
}

static void
test_replies_nobody_waits_for(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 600, false);
    hand reply;

    (void)state;
    requirement("B5944-45", "B5944-25");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);

    reply = visit_answer(&request, 0, 600, false); /* low half of the Identification */
    reply.octets[19] ^= 1;
    assert_int_equal(visit_reply(w, &reply), FB_DROP_NOT_EXPECTED);
    reply = visit_answer(&request, 0, 600, false); /* home address */
    reply.octets[7] ^= 1;
    assert_int_equal(visit_reply(w, &reply), FB_DROP_NOT_EXPECTED);
    assert_int_equal(replies_to_node(w), 0);

    /* the high half is the home agent's to change (5.7) */
    reply = visit_answer(&request, 133, 600, false);
    reply.octets[13] ^= 1;
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(replies_to_node(w), 1);

    assert_int_equal(visit_reply(w, &reply), FB_DROP_NOT_EXPECTED); /* once */
    world3_end(w);
}

static void
test_replies_of_strangers(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    hand request = visit_request(w, 600, false);
    hand reply = visit_answer(&request, 0, 600, false);
    fb_meta meta = visit_meta();

    (void)state;
    requirement("B5944-45");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    meta.src = fb_addr_from_ipv4(WORLD_CORRESPONDENT);
    meta.link = 0;
    assert_int_equal(visit_send_as(w, &reply, &meta), FB_DROP_NOT_EXPECTED);
    assert_false(visits(w));
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));
    world3_end(w);
}

static void
test_a_denial_leaves_the_visitor(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    fb_binding_view before, after;
    hand request, reply;

    (void)state;
    requirement("B5944-45");
    visit_register(w, true);
    assert_true(world3_visitor(w, &before));
    request = visit_request(w, 600, true);
    reply = visit_answer(&request, 130, 600, true);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_int_equal(reply_to_node(w)->octets[1], 130);
    assert_true(world3_visitor(w, &after));
    assert_int_equal(after.expires, before.expires);

    /* nor does a request that nobody answers, nor one that is refused here */
    request = visit_request(w, 0, true);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    world3_run(w, 10 * FB_SECOND);
    assert_int_equal(reply_to_node(w)->octets[1], 78);
    assert_true(visits(w));
    world3_end(w);
}

/* 3.8.3.2: a home agent accepts only what names it, so that no other can speak for a visitor's own (4.2.3) */
static void
test_a_home_agent_speaks_for_itself(void **state)
{
    world3 *w = lonely_visit_world(NULL, false);
    fb_meta meta = visit_meta();
    fb_binding_view before, after;
    size_t replies;

    (void)state;
    requirement("B5944-45");
    visit_register(w, false);
    assert_true(world3_visitor(w, &before));
    for (uint16_t lifetime_s = 0; lifetime_s <= 600; lifetime_s += 600)
    {
        /* Somebody else on the link has a home agent of his own, which names the visitor's */
        hand request = visit_request(w, lifetime_s, false);
        hand reply = visit_answer(&request, 0, lifetime_s, false);

        hand_u32(&request, 8, WORLD_CORRESPONDENT);
        meta.link_addr[5] = 66;
        assert_int_equal(visit_send_as(w, &request, &meta), FB_REASON_NONE);
        replies = replies_to_node(w);
        meta.src = fb_addr_from_ipv4(WORLD_CORRESPONDENT);
        assert_int_equal(visit_send_as(w, &reply, &meta), FB_DROP_AGENT_POOR_REPLY);
        assert_int_equal(replies_to_node(w), replies + 1);
        assert_foreign_denial(w, &request, 71, false);
        assert_true(world3_visitor(w, &after));
        assert_int_equal(after.expires, before.expires);
        world3_run(w, 2 * FB_SECOND);
    }
    world3_end(w);
}

static void
test_deregistration_ends_the_visit(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request, reply;
    size_t events;

    (void)state;
    requirement("B5944-45");
    visit_register(w, true);
    events = w->events;
    request = visit_request(w, 0, true);
    reply = visit_answer(&request, 0, 0, false);
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_true(visits(w)); /* 3.7.2: not before the home agent has accepted it */
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_false(visits(w));
    assert_int_equal(world3_event(w, events, FB_ROLE_FOREIGN_AGENT, FB_EVENT_VISITOR)->to, 0);
    assert_int_equal(reply_to_node(w)->octets[1], 0);
    world3_end(w);
}

static void
test_a_visit_ends_without_a_word(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    size_t messages, events;

    (void)state;
    requirement("B5944-47", "B5944-45");
    visit_register(w, true);
    messages = relayed_requests(w) + replies_to_node(w);
    events = w->events;
    world3_run(w, 599 * FB_SECOND);
    assert_true(visits(w));
    world3_run(w, FB_SECOND);
    assert_false(visits(w));
    assert_int_equal(world3_event(w, events, FB_ROLE_FOREIGN_AGENT, FB_EVENT_VISITOR)->cause,
                     FB_CAUSE_EXPIRED);
    world3_run(w, 100 * FB_SECOND);
    assert_int_equal(relayed_requests(w) + replies_to_node(w), messages);
    world3_end(w);
}

static void
test_a_poor_reply(void **state)
{
    static const uint8_t codes[] = {2, 64, 78, 127, 194, 255};
    world3 *w = lonely_visit_world(NULL, false);
    hand request, reply;

    (void)state;
    requirement("B5944-12");
    request = visit_request(w, 600, false);
    reply = answer_fixed(&request, 0, 600); /* no Mobile-Home authentication */
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_DROP_AGENT_POOR_REPLY);
    assert_foreign_denial(w, &request, 71, false);
    assert_false(visits(w));

    for (size_t i = 0; i < sizeof codes; i++) /* codes no home agent has */
    {
        world3_run(w, 2 * FB_SECOND);
        request = visit_request(w, 600, false);
        reply = visit_answer(&request, codes[i], 600, false);
        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
        assert_int_equal(visit_reply(w, &reply), FB_DROP_AGENT_POOR_REPLY);
        assert_foreign_denial(w, &request, 71, false);
    }
    world3_end(w);
}

/* ---- ICMP errors (3.7.3) ---- */

/** An ICMP error about the last request relayed, which quotes @p quoted octets of its UDP datagram. */
static fb_meta
icmp_error(const world3_message *m, hand *icmp, uint8_t type, uint8_t code, size_t quoted)
{
    uint8_t udp[8] = {0x01, 0xb2, 0x01, 0xb2}; /* 434, 434 */
    uint8_t header[20] = {0x45, 0, 0, 0, 0, 0, 0, 0, 60, 17};
    uint32_t sum = 0;

    *icmp = (hand){.octets = {type, code}, .length = 8};
    header[2] = (uint8_t)((28 + m->length) >> 8);
    header[3] = (uint8_t)(28 + m->length);
    memcpy(header + 12, m->meta.src.octet, 4);
    memcpy(header + 16, m->meta.dst.octet, 4);
    udp[4] = (uint8_t)((8 + m->length) >> 8);
    udp[5] = (uint8_t)(8 + m->length);
    hand_octets(icmp, header, sizeof header);
    hand_octets(icmp, udp, sizeof udp);
    hand_octets(icmp, m->octets, quoted - 8);
    for (size_t i = 0; i < icmp->length; i++)
    {
        sum += (uint32_t)icmp->octets[i] << (i % 2 == 0 ? 8 : 0);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    icmp->octets[2] = (uint8_t)(~sum >> 8);
    icmp->octets[3] = (uint8_t)~sum;
    return (fb_meta){.src = fb_addr_from_ipv4(0x0a000001),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .protocol = ICMP,
                     .ttl = 60};
}

static void
unreachable(uint8_t type, uint8_t icmp_code, size_t quoted, uint8_t code)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true), icmp;
    fb_meta meta;

    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    meta = icmp_error(relayed_request(w), &icmp, type, icmp_code, quoted);
    assert_int_equal(visit_send_as(w, &icmp, &meta), FB_REASON_NONE);
    assert_foreign_denial(w, &request, code, true);

    /* once, and no time-out either */
    assert_int_equal(visit_send_as(w, &icmp, &meta), FB_DROP_NOT_EXPECTED);
    world3_run(w, 10 * FB_SECOND);
    assert_int_equal(replies_to_node(w), 1);
    world3_end(w);
}

static void
test_icmp_errors(void **state)
{
    (void)state;
    requirement("B5944-46");
    /* RFC 792's eight octets, and the fixed part */
    for (size_t quoted = 8; quoted <= 32; quoted += 24)
    {
        unreachable(3, 0, quoted, 80);
        unreachable(3, 1, quoted, 81);
        unreachable(3, 3, quoted, 82);
        unreachable(3, 13, quoted, 88);
        unreachable(11, 0, quoted, 88);
        unreachable(12, 0, quoted, 88);
    }
}

static void
test_icmp_errors_that_say_nothing(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true), icmp;
    fb_meta meta;

    (void)state;
    requirement("B5944-46");
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    meta = icmp_error(relayed_request(w), &icmp, 3, 3, 32);
    for (size_t length = 0; length < icmp.length; length++) /* cut short: the checksum tells */
    {
        hand cut = icmp;

        cut.length = length;
        assert_true(visit_send_as(w, &cut, &meta) > 0);
    }
    for (size_t bit = 0; bit < 8 * icmp.length; bit++)
    {
        hand damaged = icmp;

        damaged.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_true(visit_send_as(w, &damaged, &meta) > 0);
    }
    /* source quench is no error of that kind */
    meta = icmp_error(relayed_request(w), &icmp, 4, 0, 32);
    assert_int_equal(visit_send_as(w, &icmp, &meta), FB_DROP_NOT_EXPECTED);
    assert_int_equal(replies_to_node(w), 0);
    request = visit_answer(&request, 0, 600, true); /* it still waits */
    assert_int_equal(visit_reply(w, &request), FB_REASON_NONE);
    world3_end(w);
}

static void
test_the_codes_of_rfc7629_are_passed_on(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);

    (void)state;
    requirement("R7629-4.3-03", "B5944-45");
    for (uint8_t code = 152; code <= 153; code++)
    {
        hand request = visit_request(w, 600, true);
        hand reply = visit_answer(&request, code, 600, true);

        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
        assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
        assert_memory_equal(reply_to_node(w)->octets, reply.octets, 20 + 22);
        assert_false(visits(w));
    }
    world3_end(w);
}

static void
test_damaged_replies(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_request(w, 600, true);
    hand reply = visit_answer(&request, 0, 600, true);

    (void)state;
    requirement("B5944-21", "B5944-45");
    for (size_t bit = 0; bit < 8 * reply.length; bit += 3)
    {
        hand damaged = reply;

        damaged.octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
        assert_true(visit_reply(w, &damaged) > 0);
        assert_false(visits(w));
    }
    for (size_t length = 0; length < reply.length; length++)
    {
        hand cut = reply;

        cut.length = length;
        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
        assert_true(visit_reply(w, &cut) > 0);
        assert_false(visits(w));
    }
    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_reply_is_relayed),
        cmocka_unit_test(test_the_smaller_lifetime),
        cmocka_unit_test(test_replies_nobody_waits_for),
        cmocka_unit_test(test_replies_of_strangers),
        cmocka_unit_test(test_a_denial_leaves_the_visitor),
        cmocka_unit_test(test_a_home_agent_speaks_for_itself),
        cmocka_unit_test(test_deregistration_ends_the_visit),
        cmocka_unit_test(test_a_visit_ends_without_a_word),
        cmocka_unit_test(test_a_poor_reply),
        cmocka_unit_test(test_icmp_errors),
        cmocka_unit_test(test_icmp_errors_that_say_nothing),
        cmocka_unit_test(test_the_codes_of_rfc7629_are_passed_on),
        cmocka_unit_test(test_damaged_replies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
