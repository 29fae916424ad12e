/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 5.7.2: replay protection by nonces, at both ends.
 */

#include "exchange.h"

#include <string.h>

#define MS FB_MILLISECOND

static world_setup
nonce_setup(void)
{
    world_setup setup;

    world_setup_default(&setup);
    setup.subscriber.association.replay = FB_REPLAY_NONCE;
    setup.mobile_node.mobile_node.association.replay = FB_REPLAY_NONCE;
    return setup;
}

static world *
nonce_world(void)
{
    world_setup setup = nonce_setup();

    return world_start(&setup);
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
    {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/** The usual request for a path, with this Identification. */
static request
identified(world *w, uint8_t bid, uint16_t lifetime_s, uint32_t high, uint32_t low)
{
    request r = path_request(w, bid, lifetime_s, 0);

    put_u32(r.octets + 16, high);
    put_u32(r.octets + 20, low);
    return r;
}

static uint32_t
high_half(const answer *a)
{
    return (uint32_t)(a->identification >> 32);
}

/** The nonce a home agent tells a node that has none. */
static uint32_t
first_nonce(world *w)
{
    request r = identified(w, 1, 600, 0, 77);
    answer a = request_send(w, &r);

    assert_true(a.came);
    assert_int_equal(a.code, 133);
    return high_half(&a);
}

/* ---- the home agent ---- */

/* "inserts a new nonce as the high-order 32 bits ... copies the low-order 32 bits": three rounds */
static void
test_each_reply_brings_the_next_nonce(void **state)
{
    world *w = nonce_world();
    uint32_t nonce[5] = {first_nonce(w)};

    (void)state;
    requirement("B5944-24", "B5944-20");
    assert_bound(w, "");
    for (uint8_t round = 1; round <= 4; round++)
    {
        request r = identified(w, 1, (uint16_t)(100 * round), nonce[round - 1], 1000u + round);
        answer a = request_send(w, &r);

        assert_true(a.came);
        assert_int_equal(a.code, 0);
        assert_int_equal(a.lifetime_s, 100 * round);
        /* RFC 5944 3.4: octets 12 to 15 and 16 to 19 of the reply */
        nonce[round] = octets_u32(a.message->octets + 12);
        assert_int_equal(octets_u32(a.message->octets + 16), 1000 + round);
        for (unsigned i = 0; i < round; i++)
        {
            assert_int_not_equal(nonce[round], nonce[i]);
        }
        assert_int_equal(seconds_left(w, 1), 100 * round);
    }
    world_end(w);
}

/* "rejected because of an invalid nonce, the Reply always provides ... a new nonce": self-synchronising */
static void
test_a_wrong_nonce_gets_a_new_one(void **state)
{
    world *w = nonce_world();
    uint32_t used = first_nonce(w), told;
    request good = identified(w, 1, 600, used, 1);
    request wrong = identified(w, 2, 600, used, 2);
    snapshot before;
    answer a;

    (void)state;
    requirement("B5944-24", "B5944-20", "B5944-12");
    assert_int_equal(request_send(w, &good).code, 0);
    before = home_agent_state(w);
    a = request_send(w, &wrong);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    assert_int_equal((uint32_t)a.identification, 2);
    assert_unchanged(w, &before);
    told = high_half(&a);
    assert_int_not_equal(told, used);
    put_u32(wrong.octets + 16, told);
    assert_int_equal(request_send(w, &wrong).code, 0);
    assert_bound(w, "12");
    world_end(w);
}

/* the nonce is that of the last reply, whatever its code; what is refused has used it up */
static void
test_a_refusal_uses_the_nonce_up(void **state)
{
    world *w = nonce_world();
    uint32_t nonce = first_nonce(w);
    request label_zero = request_new(w, 600, care_of(1));
    request again;
    answer a;

    (void)state;
    requirement("B5944-24", "C-12");
    put_u32(label_zero.octets + 16, nonce);
    request_multipath(&label_zero, TECHNOLOGY_WLAN, 0, 1, 0);
    a = request_send(w, &label_zero);
    assert_denied(a, 134, FB_DROP_LABEL_ZERO);
    assert_int_not_equal(high_half(&a), nonce);
    again = identified(w, 1, 600, nonce, 5);
    assert_denied(request_send(w, &again), 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* 3.8.2.1 a comes before b: what is not authentic takes the nonce from nobody */
static void
test_forged_requests_move_nothing(void **state)
{
    world *w = nonce_world();
    uint32_t nonce = first_nonce(w);
    request r = identified(w, 1, 600, nonce, 9);

    (void)state;
    requirement("B5944-24", "B5944-19");
    for (unsigned i = 0; i < 10; i++)
    {
        request forged = identified(w, 1, 600, nonce, 100 + i);
        answer a;

        forged.length = world_sign(forged.octets, forged.length);
        forged.octets[forged.length - 1] ^= 1;
        a = octets_send(w, care_of(1), forged.octets, forged.length);
        assert_denied(a, 131, FB_DROP_BAD_AUTHENTICATOR);
        assert_int_equal((uint32_t)a.identification, 100 + i);
    }
    assert_int_equal(request_send(w, &r).code, 0);
    world_end(w);
}

/* 3.8.2.2: "the new Lifetime MUST NOT extend beyond the Lifetime originally granted" */
static void
test_a_duplicate_gets_what_is_left(void **state)
{
    world *w = nonce_world();
    request r = identified(w, 1, 600, first_nonce(w), 1);
    snapshot before;
    answer first, again;

    (void)state;
    requirement("B5944-26", "B5944-24", "B5944-11");
    request_forward(&r, "1", UDP, SIP);
    first = request_send(w, &r);
    assert_int_equal(first.code, 0);
    before = home_agent_state(w);
    for (unsigned i = 1; i <= 3; i++)
    {
        size_t since = w->events;

        world_run(w, 10 * FB_SECOND + 500 * MS);
        again = request_send(w, &r);
        assert_int_equal(again.reason, FB_REASON_NONE);
        assert_int_equal(again.code, 0);
        assert_in_range(again.lifetime_s, 600 - 11 * i, 600 - 10 * i);
        /* the same answer: two of them may overtake each other, and who repeats a recorded one changes nothing */
        assert_true(again.identification == first.identification);
        assert_unchanged(w, &before);
        assert_null(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_UP));
        assert_null(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_POLICY));
    }
    world_run(w, 600 * FB_SECOND);
    assert_bound(w, "");
    assert_denied(request_send(w, &r), 133, FB_DROP_IDENTIFICATION);
    assert_bound(w, "");
    world_end(w);
}

/* ... only of "an accepted current registration": not once the node has asked for something else, or has gone */
static void
test_an_old_request_is_no_duplicate(void **state)
{
    world *w = nonce_world();
    request first = identified(w, 1, 600, first_nonce(w), 1);
    answer a = request_send(w, &first);
    request second = identified(w, 2, 600, high_half(&a), 2);
    request leave, endless;
    snapshot before;

    (void)state;
    requirement("B5944-26", "B5944-24");
    assert_int_equal(a.code, 0);
    a = request_send(w, &second);
    assert_int_equal(a.code, 0);
    before = home_agent_state(w);
    a = request_send(w, &first);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);
    assert_unchanged(w, &before);

    leave = identified(w, 2, 0, high_half(&a), 3);
    assert_int_equal(request_send(w, &leave).code, 0);
    assert_bound(w, "1");
    a = request_send(w, &leave);
    assert_denied(a, 133, FB_DROP_IDENTIFICATION);

    endless = identified(w, 2, UINT16_MAX, high_half(&a), 4);
    a = request_send(w, &endless);
    assert_int_equal(a.code, 0);
    a = request_send(w, &endless);
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 1800); /* no time has passed */
    world_end(w);
}

static void
test_an_endless_lifetime_stays_endless(void **state)
{
    world_setup setup = nonce_setup();
    request r;
    world *w;

    (void)state;
    requirement("B5944-26", "B5944-09");
    setup.home_agent.home_agent.lifetime_max_s = UINT16_MAX;
    w = world_start(&setup);
    r = identified(w, 1, UINT16_MAX, first_nonce(w), 1);
    assert_int_equal(request_send(w, &r).lifetime_s, UINT16_MAX);
    world_run(w, FB_SECOND);
    assert_int_equal(request_send(w, &r).lifetime_s, UINT16_MAX);
    world_end(w);
}

/* 5.7: the style is part of the association; a number of one says nothing in the other */
static void
test_another_style_begins_anew(void **state)
{
    world *w = nonce_world();
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET,
                    .u.subscriber = {.home_address = WORLD_HOME_ADDRESS,
                                     .association = vectors_association(),
                                     .multipath_allowed = true}};
    request r = identified(w, 1, 600, first_nonce(w), 1);

    (void)state;
    requirement("B5944-24", "B5944-23");
    assert_int_equal(request_send(w, &r).code, 0);
    world_fact(w, w->home_agent, &fact);
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    fact.u.subscriber.association.replay = FB_REPLAY_NONCE;
    world_fact(w, w->home_agent, &fact);
    assert_denied(register_path(w, 2, 600, 0), 133, FB_DROP_IDENTIFICATION);
    world_end(w);
}

/* 5.7.2, 5.6: numbers that can be foreseen protect nobody */
static void
test_no_nonces_without_entropy(void **state)
{
    world_setup setup = nonce_setup();
    fb_fact subscriber = {.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber = setup.subscriber};
    fb_fact link = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = 1,
                               .address = fb_addr_from_ipv4(0xcb007111u),
                               .bid = 1,
                               .label = 1,
                               .technology = 4}};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {1}};
    static uint8_t memory[2][256 * 1024];
    fb_agent *home, *mobile;
    uint8_t octets[1500];
    fb_meta meta;

    (void)state;
    requirement("B5944-24");
    assert_true(fb_agent_size(&setup.home_agent) + 16 <= sizeof memory[0]);
    assert_true(fb_agent_size(&setup.mobile_node) + 16 <= sizeof memory[1]);
    for (unsigned i = 0; i < 2; i++)
    {
        uint8_t *at = memory[i] + (16 - ((uintptr_t)memory[i] & 15)) % 16;

        assert_int_equal(fb_agent_init(i == 0 ? &home : &mobile,
                                       at,
                                       sizeof memory[i] - 16,
                                       i == 0 ? &setup.home_agent : &setup.mobile_node,
                                       0),
                         FB_OK);
    }
    assert_int_equal(fb_agent_fact(home, &subscriber, 1), FB_ERR_CONFIG);
    assert_int_equal(fb_agent_fact(mobile, &link, 1), FB_ERR_CONFIG);
    assert_int_equal(fb_agent_output(mobile, &meta, octets, sizeof octets, 1), 0);
    assert_int_equal(fb_agent_fact(home, &entropy, 2), FB_OK);
    assert_int_equal(fb_agent_fact(mobile, &entropy, 2), FB_OK);
    assert_int_equal(fb_agent_fact(home, &subscriber, 3), FB_OK);
    assert_int_equal(fb_agent_fact(mobile, &link, 3), FB_OK);
    assert_true(fb_agent_output(mobile, &meta, octets, sizeof octets, 3) > 0);
}

/* ---- the mobile node ---- */

/** Answers @p message, with @p nonce in the high half of the Identification. */
static int
reply_nonce(world *w,
            const world_message *message,
            uint8_t code,
            uint16_t lifetime_s,
            uint32_t nonce)
{
    uint8_t octets[REPLY_FIXED + 64];

    reply_fixed(octets, message, code, lifetime_s);
    put_u32(octets + 12, nonce);
    return reply_octets(w, message, octets, REPLY_FIXED);
}

/** A mobile node alone: no request arrives, the test answers. */
static world *
lonely_world(void)
{
    world *w = nonce_world();

    w->lose = lose_requests;
    return w;
}

/* "saves the high-order 32 bits ... for use ... of its next Registration Request"; "uses a new low-order value" */
static void
test_the_node_brings_the_nonce_back(void **state)
{
    world *w = lonely_world();
    uint64_t id[3];

    (void)state;
    requirement("B5944-24", "B5944-33");
    world_link_up(w, WORLD_WLAN);
    id[0] = request_sent(w, 0).identification;
    assert_int_equal(id[0] >> 32, 0);
    assert_int_equal(reply_nonce(w, world_last(w, true), 133, 0, 0xa1a2a3a4u), 0);
    assert_int_equal(requests_sent(w), 2); /* at once */
    id[1] = octets_u64(world_last(w, true)->octets + 16);
    assert_int_equal(id[1] >> 32, 0xa1a2a3a4u);
    assert_int_equal(reply_nonce(w, world_last(w, true), 0, 600, 0xb1b2b3b4u), 0);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    world_run(w, 481 * FB_SECOND); /* the refresh */
    id[2] = request_sent(w, 2).identification;
    assert_int_equal(id[2] >> 32, 0xb1b2b3b4u);
    assert_int_not_equal((uint32_t)id[0], (uint32_t)id[1]);
    assert_int_not_equal((uint32_t)id[1], (uint32_t)id[2]);
    world_end(w);
}

/* 3.6.3: "identical ... if nonces are in use"; at least doubling waits */
static void
test_a_retransmission_is_the_same_message(void **state)
{
    static const unsigned at_s[] = {0, 1, 3, 7, 15};
    world *w = nonce_world();

    (void)state;
    requirement("B5944-32", "B5944-24");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    w->lose = lose_requests;
    world_link_up(w, WORLD_LTE);
    {
        fb_time start = w->now;
        size_t first = requests_sent(w) - 1;

        world_run(w, 16 * FB_SECOND);
        assert_int_equal(requests_sent(w), first + 5);
        for (size_t i = 0; i < 5; i++)
        {
            const world_message *m = world_sent(w, true, first + i);

            assert_int_equal(m->sent_at, start + at_s[i] * FB_SECOND);
            assert_int_equal(m->length, world_sent(w, true, first)->length);
            assert_memory_equal(m->octets, world_sent(w, true, first)->octets, m->length);
        }
    }
    world_end(w);
}

/* ... and another one, with an Identification of its own, when it says something else (D-01: without 154) */
static void
test_another_message_has_another_identification(void **state)
{
    world *w = lonely_world();
    size_t same = 0;

    (void)state;
    requirement("B5944-32", "B5944-24", "D-01");
    world_link_up(w, WORLD_WLAN);
    world_run(w, 60 * FB_SECOND);
    assert_true(requests_sent(w) >= 6);
    for (size_t i = 0; i < requests_sent(w); i++)
    {
        for (size_t k = 0; k < i; k++)
        {
            bool equal = request_sent(w, i).identification == request_sent(w, k).identification;

            same += equal;
            assert_true(!equal || request_sent(w, i).multipaths == request_sent(w, k).multipaths);
        }
    }
    assert_int_equal(same, 3); /* the first three, with 154, are one message */
    assert_int_equal(request_sent(w, 3).multipaths, 0);
    world_end(w);
}

/* 3.6.2.2: the lifetime counts from the sending; of several equal ones only the first is sure not to be too late */
static void
test_the_lifetime_counts_from_the_first_sending(void **state)
{
    world *w = lonely_world();

    (void)state;
    requirement("B5944-10", "B5944-26");
    world_link_up(w, WORLD_WLAN);
    assert_int_equal(reply_nonce(w, world_last(w, true), 133, 0, 5), 0);
    {
        fb_time start = w->now;

        world_run(w, 2 * FB_SECOND);
        assert_int_equal(requests_sent(w), 3);
        assert_int_equal(reply_nonce(w, world_last(w, true), 0, 600, 6), 0);
        assert_int_equal(mobile_expiry(w, 1), start + 600 * FB_SECOND);
    }
    world_end(w);
}

/* 3.6.2.1: a reply that is not the answer, or not authentic, brings no nonce */
static void
test_no_nonce_from_strangers(void **state)
{
    world *w = lonely_world();
    uint8_t octets[REPLY_FIXED + 64];
    const world_message *first;

    (void)state;
    requirement("B5944-24", "B5944-25");
    world_link_up(w, WORLD_WLAN);
    first = world_sent(w, true, 0);
    reply_fixed(octets, first, 133, 0);
    put_u32(octets + 12, 0xdeadbeefu);
    octets[19] ^= 1;
    assert_int_equal(reply_octets(w, first, octets, REPLY_FIXED), FB_DROP_NOT_EXPECTED);
    octets[19] ^= 1;
    {
        size_t length = world_sign(octets, REPLY_FIXED);
        fb_meta meta = {.src = first->meta.dst,
                        .dst = first->meta.src,
                        .sport = first->meta.dport,
                        .dport = first->meta.sport,
                        .protocol = UDP};

        octets[length - 1] ^= 1;
        assert_int_equal(world_inject(w, false, &meta, octets, length), FB_DROP_BAD_AUTHENTICATOR);
    }
    assert_int_equal(requests_sent(w), 1);
    world_run(w, 1500 * MS);
    assert_int_equal(request_sent(w, 1).identification, request_sent(w, 0).identification);
    world_end(w);
}

/* ---- both ---- */

/** How often the mobile node was told that its nonce is not the one. */
static size_t
mismatches(const world *w)
{
    size_t count = 0;

    for (size_t i = 0; i < w->events; i++)
    {
        count += w->event[i].kind == FB_EVENT_DENIED && w->event[i].role == FB_ROLE_MOBILE_NODE &&
                 w->event[i].code == 133;
    }
    return count;
}

/* D-29: with nonces the next request needs the last reply; one after another, only the very first meets 133 */
static void
test_three_paths_for_two_hours(void **state)
{
    world *w = nonce_world();
    fb_rule rules[5];

    (void)state;
    requirement("B5944-24", "D-29");
    assert_int_equal(world_policy(w, rules, world_figure2(rules)), FB_OK);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
    world_run(w, 7200 * FB_SECOND);
    assert_bound(w, "123");
    assert_int_equal(mismatches(w), 1);
    assert_int_equal(events_of(w, 0, FB_ROLE_HOME_AGENT, FB_EVENT_DENIED, 0), 1);
    assert_true(requests_sent(w) > 15);
    world_end(w);
}

/** For world.lose: the next reply only. */
static bool
lose_one_reply(world *w, const world_message *message)
{
    if (!message->to_home_agent)
    {
        w->lose = NULL;
    }
    return !message->to_home_agent;
}

/* a lost reply costs a retransmission and nothing else: the home agent knows the duplicate */
static void
test_a_lost_reply(void **state)
{
    world *w = nonce_world();
    size_t denied, sent;

    (void)state;
    requirement("B5944-24", "B5944-26", "B5944-32");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    denied = mismatches(w);
    sent = requests_sent(w);
    w->lose = lose_one_reply;
    world_link_up(w, WORLD_LTE);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_int_equal(requests_sent(w), sent + 2);
    assert_int_equal(mismatches(w), denied);
    /* neither end believes in it longer than the other */
    assert_true(mobile_expiry(w, 2) <= w->now + (seconds_left(w, 2) + 1) * FB_SECOND);
    assert_true(mobile_expiry(w, 2) >= w->now + (seconds_left(w, 2) - 2) * FB_SECOND);
    world_end(w);
}

/* D-29: a request that is given up, and its answer that comes too late, hold up the next by one 133 at most */
static void
test_an_abandoned_request_poisons_nothing(void **state)
{
    world *w = nonce_world();
    size_t denied;

    (void)state;
    requirement("D-29", "B5944-24");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    denied = mismatches(w);
    world_link_up(w, WORLD_CDMA); /* 100 ms each way: accepted, and the answer under way */
    world_run(w, 150 * MS);
    assert_bound(w, "13");
    world_link_down(w, WORLD_CDMA);
    world_link_up(w, WORLD_LTE);
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "12");
    assert_int_equal(world_state(w, 2), FB_BINDING_UP);
    assert_in_range(mismatches(w), denied, denied + 1);
    world_end(w);
}

/** Every request brings the nonce of the last reply back, sent again or not. */
static void
assert_nonces_are_the_latest(const world *w)
{
    uint64_t latest = 0;

    for (size_t i = 0; i < w->events; i++)
    {
        const fb_event *e = &w->event[i];

        if (e->role == FB_ROLE_MOBILE_NODE && e->kind == FB_EVENT_RECEIVED)
        {
            latest = e->identification >> 32;
        }
        if (e->role == FB_ROLE_MOBILE_NODE && e->kind == FB_EVENT_SENT)
        {
            assert_int_equal(e->identification >> 32, latest);
        }
    }
}

/* C-01: a path that is silent without a word holds up nobody, and has its own way back */
static void
test_a_silent_path(void **state)
{
    world *w = nonce_world();
    bool dead[WORLD_LINKS + 1] = {false};

    (void)state;
    requirement("C-01", "D-29", "B5944-24");
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    dead[WORLD_CDMA] = true;
    w->lose = lose_on_links;
    w->context = dead;
    world_link_up(w, WORLD_CDMA);
    world_link_up(w, WORLD_LTE);
    world_run(w, 10 * FB_SECOND);
    assert_bound(w, "12");
    dead[WORLD_CDMA] = false;
    world_run(w, 60 * FB_SECOND);
    assert_bound(w, "123");
    world_run(w, 3600 * FB_SECOND);
    assert_bound(w, "123");
    assert_nonces_are_the_latest(w);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reply_brings_the_next_nonce),
        cmocka_unit_test(test_a_wrong_nonce_gets_a_new_one),
        cmocka_unit_test(test_a_refusal_uses_the_nonce_up),
        cmocka_unit_test(test_forged_requests_move_nothing),
        cmocka_unit_test(test_a_duplicate_gets_what_is_left),
        cmocka_unit_test(test_an_old_request_is_no_duplicate),
        cmocka_unit_test(test_an_endless_lifetime_stays_endless),
        cmocka_unit_test(test_another_style_begins_anew),
        cmocka_unit_test(test_no_nonces_without_entropy),
        cmocka_unit_test(test_the_node_brings_the_nonce_back),
        cmocka_unit_test(test_a_retransmission_is_the_same_message),
        cmocka_unit_test(test_another_message_has_another_identification),
        cmocka_unit_test(test_the_lifetime_counts_from_the_first_sending),
        cmocka_unit_test(test_no_nonce_from_strangers),
        cmocka_unit_test(test_three_paths_for_two_hours),
        cmocka_unit_test(test_a_lost_reply),
        cmocka_unit_test(test_an_abandoned_request_poisons_nothing),
        cmocka_unit_test(test_a_silent_path),
    };

    return cmocka_run_group_tests_name("rfc5944/5.7.2", tests, NULL, NULL);
}
