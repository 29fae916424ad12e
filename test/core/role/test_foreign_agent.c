/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The foreign agent's state table, row by row: state, event, guard, what it does, next state. What is not in a row of
 * the RFC tests stands here: histories with losses against a real home agent.
 */

#include "base/random.h"
#include "visit.h"

#include <stdlib.h>
#include <string.h>

typedef enum fa_state
{
    IDLE,
    PENDING, /* one request waits */
    PENDING_TWO, /* two do */
    VISITOR,
    VISITOR_PENDING
} fa_state;

typedef enum fa_event
{
    REQUEST,
    REQUEST_OF_STRANGER, /* Mobile-Foreign authentication wrong */
    REQUEST_FROM_AFAR, /* TTL 64 with T */
    REQUEST_SIXTH,
    REQUEST_TOO_LONG, /* Lifetime */
    REQUEST_CARE_OF, /* not offered */
    REQUEST_HOME_AGENT, /* its own address */
    REQUEST_ENCAPSULATION,
    REQUEST_REVERSE, /* T, and it has none */
    REQUEST_NO_REVERSE, /* no T, and it insists */
    REQUEST_STYLE,
    REQUEST_POOR,
    DEREGISTRATION,
    SAME_REQUEST,
    OTHER_REQUEST,
    REPLY_UNKNOWN, /* to nothing that waits */
    REPLY_FORGED, /* Foreign-Home authentication wrong */
    REPLY_ACCEPTED,
    REPLY_ACCEPTED_1, /* code 1 */
    REPLY_DEREGISTERED,
    REPLY_DENIED,
    ICMP_ERROR,
    PENDING_TIMEOUT,
    VISITOR_TIMEOUT,
    PACKET_IN, /* tunnelled, for the node */
    PACKET_OUT /* of the node, T granted */
} fa_event;

typedef struct row
{
    fa_state from;
    fa_event event;
    int code; /* of the reply the node gets; -1: none */
    bool relayed; /* a request went to the home agent */
    fa_state to;
} row;

#define NONE (-1)

static const row table[] = {
    {IDLE, REQUEST_OF_STRANGER, 67, false, IDLE},
    {IDLE, REQUEST_FROM_AFAR, 76, false, IDLE},
    {VISITOR, REQUEST_SIXTH, 66, false, VISITOR},
    {IDLE, REQUEST_TOO_LONG, 69, false, IDLE},
    {IDLE, REQUEST_CARE_OF, 77, false, IDLE},
    {IDLE, REQUEST_HOME_AGENT, 194, false, IDLE},
    {IDLE, REQUEST_ENCAPSULATION, 72, false, IDLE},
    {IDLE, REQUEST_REVERSE, 74, false, IDLE},
    {IDLE, REQUEST_NO_REVERSE, 75, false, IDLE},
    {IDLE, REQUEST_STYLE, 79, false, IDLE},
    {IDLE, REQUEST_POOR, 70, false, IDLE},
    {IDLE, REQUEST, NONE, true, PENDING},
    {IDLE, DEREGISTRATION, NONE, true, PENDING},
    {IDLE, REPLY_UNKNOWN, NONE, false, IDLE},
    {IDLE, PACKET_IN, NONE, false, IDLE},
    {IDLE, PACKET_OUT, NONE, false, IDLE},
    {PENDING, SAME_REQUEST, NONE, true, PENDING},
    {PENDING, OTHER_REQUEST, NONE, true, PENDING_TWO},
    {PENDING, REPLY_UNKNOWN, NONE, false, PENDING},
    {PENDING, REPLY_FORGED, 68, false, IDLE},
    {PENDING, REPLY_ACCEPTED, 0, false, VISITOR},
    {PENDING, REPLY_ACCEPTED_1, 1, false, VISITOR},
    {PENDING, REPLY_DENIED, 130, false, IDLE},
    {PENDING, ICMP_ERROR, 82, false, IDLE},
    {PENDING, PENDING_TIMEOUT, 78, false, IDLE},
    {PENDING, PACKET_IN, NONE, false, PENDING},
    {PENDING, PACKET_OUT, NONE, false, PENDING},
    {PENDING_TWO, REPLY_ACCEPTED, 0, false, VISITOR_PENDING},
    {VISITOR, REQUEST, NONE, true, VISITOR_PENDING},
    {VISITOR, REQUEST_OF_STRANGER, 67, false, VISITOR},
    {VISITOR, REQUEST_TOO_LONG, 69, false, VISITOR},
    {VISITOR, DEREGISTRATION, NONE, true, VISITOR_PENDING},
    {VISITOR, REPLY_UNKNOWN, NONE, false, VISITOR},
    {VISITOR, VISITOR_TIMEOUT, NONE, false, IDLE},
    {VISITOR, PACKET_IN, NONE, false, VISITOR},
    {VISITOR, PACKET_OUT, NONE, false, VISITOR},
    {VISITOR_PENDING, SAME_REQUEST, NONE, true, VISITOR_PENDING},
    {VISITOR_PENDING, REPLY_FORGED, 68, false, VISITOR},
    {VISITOR_PENDING, REPLY_ACCEPTED, 0, false, VISITOR},
    {VISITOR_PENDING, REPLY_DEREGISTERED, 0, false, IDLE},
    {VISITOR_PENDING, REPLY_DENIED, 130, false, VISITOR},
    {VISITOR_PENDING, ICMP_ERROR, 82, false, VISITOR},
    {VISITOR_PENDING, PENDING_TIMEOUT, 78, false, VISITOR},
    {VISITOR_PENDING, PACKET_IN, NONE, false, VISITOR_PENDING},
};

typedef struct scene
{
    world3 *w;
    hand request; /* the one that waits */
} scene;

static fb_foreign_agent_config
config_for(fa_event event)
{
    fb_foreign_agent_config config = foreign_agent_defaults();

    config.reverse_tunnel = event != REQUEST_REVERSE;
    config.require_reverse_tunnel = event == REQUEST_NO_REVERSE;
    config.encapsulating_delivery = event != REQUEST_STYLE;
    config.gre = event != REQUEST_ENCAPSULATION;
    return config;
}

static scene
bring_about(fa_state state, fa_event event)
{
    fb_foreign_agent_config config = config_for(event);
    scene s = {.w = lonely_visit_world(&config, true)};

    if (state == VISITOR || state == VISITOR_PENDING)
    {
        visit_register(s.w, true);
    }
    if (state == PENDING_TWO)
    {
        s.request = visit_request(s.w, 600, true);
        assert_int_equal(visit_send(s.w, &s.request), FB_REASON_NONE);
    }
    if (state == PENDING || state == PENDING_TWO || state == VISITOR_PENDING)
    {
        s.request = visit_request(s.w, event == REPLY_DEREGISTERED ? 0 : 600, true);
        assert_int_equal(visit_send(s.w, &s.request), FB_REASON_NONE);
    }
    world3_run(s.w, FB_SECOND);
    return s;
}

/** A request that differs from a good one in @p event. */
static hand
request_of(scene *s, fa_event event)
{
    static const uint8_t style[] = {ENCAPSULATING_DELIVERY, 0};
    uint8_t flags = event == REQUEST_NO_REVERSE || event == REQUEST_POOR ? 0 : FLAG_T;
    hand h = visit_fixed(s->w,
                         event == DEREGISTRATION     ? 0
                         : event == REQUEST_TOO_LONG ? 1801
                                                     : 600,
                         event == REQUEST_ENCAPSULATION ? FLAG_T | FLAG_G : flags);

    if (event == REQUEST_CARE_OF)
    {
        hand_u32(&h, 12, WORLD3_COLOCATED_ADDRESS);
    }
    if (event == REQUEST_HOME_AGENT)
    {
        hand_u32(&h, 8, WORLD3_FOREIGN_AGENT_ADDRESS);
    }
    hand_sign(&h, MHAE);
    if (event == REQUEST_STYLE || event == REQUEST_POOR)
    {
        hand_octets(&h, style, sizeof style);
    }
    hand_sign(&h, MFAE);
    if (event == REQUEST_OF_STRANGER)
    {
        h.octets[h.length - 1] ^= 1;
    }
    return h;
}

static void
send_request(scene *s, fa_event event)
{
    fb_meta meta = visit_meta();
    hand h = event == SAME_REQUEST ? s->request : request_of(s, event);

    meta.ttl = event == REQUEST_FROM_AFAR ? 64 : 255;
    for (int i = 0; i < 5 && event == REQUEST_SIXTH; i++)
    {
        hand earlier = visit_request(s->w, 600, true);

        assert_int_equal(visit_send(s->w, &earlier), FB_REASON_NONE);
    }
    (void)visit_send_as(s->w, &h, &meta);
}

static void
send_reply(scene *s, fa_event event)
{
    uint8_t code = event == REPLY_DENIED ? 130 : event == REPLY_ACCEPTED_1 ? 1 : 0;
    hand asked = event == REPLY_UNKNOWN ? visit_request(s->w, 600, true) : s->request;
    hand h = visit_answer(&asked,
                          code,
                          event == REPLY_DEREGISTERED ? 0 : 600,
                          event != REPLY_DEREGISTERED);

    if (event == REPLY_FORGED)
    {
        h.octets[h.length - 1] ^= 1;
    }
    (void)visit_reply(s->w, &h);
}

/** RFC 792: port unreachable, with the IP header and eight octets of the last request relayed. */
static void
send_icmp_error(scene *s)
{
    const world3_message *m = relayed_request(s->w);
    hand icmp = {
        .octets =
            {3, 3, 0, 0, 0, 0, 0, 0, 0x45, 0, 0, (uint8_t)(28 + m->length), 0, 0, 0, 0, 60, 17},
        .length = 36};
    fb_meta meta = {.dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS), .protocol = ICMP};
    uint32_t sum = 0;

    memcpy(icmp.octets + 20, m->meta.src.octet, 4);
    memcpy(icmp.octets + 24, m->meta.dst.octet, 4);
    memcpy(icmp.octets + 28, ((uint8_t[]){1, 0xb2, 1, 0xb2, 0, (uint8_t)(8 + m->length)}), 6);
    for (size_t i = 0; i < icmp.length; i += 2)
    {
        sum += octets_u16(icmp.octets + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    icmp.octets[2] = (uint8_t)(~sum >> 8);
    icmp.octets[3] = (uint8_t)~sum;
    assert_int_equal(visit_send_as(s->w, &icmp, &meta), FB_REASON_NONE);
}

/** A packet from the home agent's tunnel, or of the node, and what becomes of it in @p state. */
static void
send_packet(scene *s, bool in, fa_state state)
{
    bool visiting = state == VISITOR || state == VISITOR_PENDING;
    uint8_t octets[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 9, 17};
    fb_packet packet = {.packet = 1, .header = octets, .header_len = 28, .total_len = 28};
    fb_meta outer = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .protocol = 4};
    fb_agent *agent = s->w->agent[WORLD3_FOREIGN_AGENT];
    fb_action action;

    memcpy(octets + 12, fb_addr_from_ipv4(in ? WORLD_CORRESPONDENT : WORLD_HOME_ADDRESS).octet, 4);
    memcpy(octets + 16, fb_addr_from_ipv4(in ? WORLD_HOME_ADDRESS : WORLD_CORRESPONDENT).octet, 4);
    assert_int_equal(
        in ? fb_agent_receive(agent, &outer, &packet, s->w->now)
           : fb_agent_steer(agent, (fb_ref){.link = WORLD3_VISITED_LINK}, &packet, s->w->now),
        FB_OK);
    assert_true(fb_agent_poll_action(agent, &action, s->w->now));
    assert_int_equal(action.kind, !visiting ? FB_DROP_PACKET : in ? FB_FORWARD : FB_SEND);
    assert_int_equal(action.reason, visiting ? FB_REASON_NONE : FB_DROP_NO_VISITOR);
}

static void
happen(scene *s, fa_event event, fa_state state)
{
    switch (event)
    {
    case REPLY_UNKNOWN:
    case REPLY_FORGED:
    case REPLY_ACCEPTED:
    case REPLY_ACCEPTED_1:
    case REPLY_DEREGISTERED:
    case REPLY_DENIED:
        send_reply(s, event);
        break;
    case ICMP_ERROR:
        send_icmp_error(s);
        break;
    case PENDING_TIMEOUT:
        world3_run(s->w, 7 * FB_SECOND);
        break;
    case VISITOR_TIMEOUT:
        world3_run(s->w, 600 * FB_SECOND);
        break;
    case PACKET_IN:
    case PACKET_OUT:
        send_packet(s, event == PACKET_IN, state);
        break;
    default:
        send_request(s, event);
        break;
    }
}

/** How many requests wait: each becomes a 78, one a second at most, but for those that came together. */
static size_t
waiting(const world3 *w)
{
    return w->agent[WORLD3_FOREIGN_AGENT] == NULL
               ? 0
               : fb_agent_counter(w->agent[WORLD3_FOREIGN_AGENT], FB_DROP_AGENT_TIMEOUT);
}

static void
assert_state(scene *s, fa_state expected, fa_event event)
{
    size_t timeouts = waiting(s->w);
    size_t pending = expected == PENDING || expected == VISITOR_PENDING ? 1
                     : expected == PENDING_TWO                          ? 2
                                                                        : 0;

    assert_int_equal(visits(s->w), expected == VISITOR || expected == VISITOR_PENDING);
    if (event == REQUEST_SIXTH)
    {
        return; /* the five wait */
    }
    world3_run(s->w, 8 * FB_SECOND); /* what waits fails now */
    assert_int_equal(waiting(s->w) - timeouts, pending);
}

static void
test_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    {
        const row *r = &table[i];
        scene s = bring_about(r->from, r->event);
        size_t replies = replies_to_node(s.w), relayed = relayed_requests(s.w);
        bool sixth = r->event == REQUEST_SIXTH;

        happen(&s, r->event, r->from);
        assert_int_equal(replies_to_node(s.w) - replies, r->code == NONE ? 0 : 1);
        if (r->code != NONE)
        {
            assert_int_equal(reply_to_node(s.w)->octets[1], r->code);
        }
        assert_int_equal(relayed_requests(s.w) - relayed, sixth ? 5 : r->relayed ? 1 : 0);
        assert_state(&s, r->to, r->event);
        world3_end(s.w);
    }
}

/* ---- histories with a real home agent ---- */

typedef struct history
{
    test_random random;
    unsigned loss; /* of 100 */
} history;

static bool
lose_some(world3 *w, const world3_message *m)
{
    history *h = w->context;

    return m->to != WORLD3_MOBILE_NODE && test_random_below(&h->random, 100) < h->loss;
}

/** The node visits as the last acceptance it was sent says, and not longer. */
static void
check(const world3 *w)
{
    const world3_message *last = NULL;

    for (size_t i = 0; i < w->messages; i++)
    {
        const world3_message *m = &w->message[i];

        if (m->to == WORLD3_MOBILE_NODE && m->octets[0] == 3 && m->octets[1] <= 1)
        {
            last = m;
        }
    }
    assert_int_equal(visits(w),
                     last != NULL &&
                         w->now < last->sent_at + octets_u16(last->octets + 2) * FB_SECOND);
}

static void
test_histories(void **state)
{
    history h = {.random = test_random_start("test_foreign_agent")};

    (void)state;
    for (int i = 0; i < 50; i++)
    {
        world3 *w = visit_world();
        hand request;

        h.loss = test_random_below(&h.random, 60);
        w->context = &h;
        w->lose = lose_some;
        for (int step = 0; step < 60; step++)
        {
            uint16_t lifetime_s = (uint16_t)(test_random_below(&h.random, 4) * 20);

            request = visit_request(w, lifetime_s, true);
            (void)visit_send(w, &request);
            world3_run(w, test_random_below(&h.random, 9) * FB_SECOND);
            check(w);
        }

        /* When nothing is lost any more, and after all that waited has failed, a registration makes both agree */
        w->lose = NULL;
        world3_run(w, 10 * FB_SECOND);
        request = visit_request(w, 600, true);
        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
        world3_run(w, FB_SECOND);
        assert_int_equal(reply_to_node(w)->octets[1], 0);
        assert_true(visits(w));
        assert_int_equal(world3_downlink(w).second.kind, FB_FORWARD);
        assert_int_equal(world3_direct_delivery(w).second.kind, FB_DELIVER);
        request = visit_request(w, 0, true);
        assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
        world3_run(w, FB_SECOND);
        assert_false(visits(w));
        world3_end(w);
    }
}

/* ---- limits ---- */

static void
test_small_limits(void **state)
{
    world3_setup setup;
    world3 *w;
    hand first, second, reply;

    (void)state;
    world3_setup_default(&setup);
    setup.no_mobile_node = true;
    setup.node_association = setup.home_association = false;
    setup.config[WORLD3_FOREIGN_AGENT].limits.visitors = 1;
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    w->lose = NULL;

    /* Two ask when there is room for one: the slower one's acceptance is turned into 66 */
    first = visit_request(w, 600, false);
    second = visit_request(w, 600, false);
    hand_u32(&second, 4, WORLD_HOME_ADDRESS + 1);
    assert_int_equal(visit_send(w, &first), FB_REASON_NONE);
    assert_int_equal(visit_send(w, &second), FB_REASON_NONE);
    reply = visit_answer(&first, 0, 600, false);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    reply = visit_answer(&second, 0, 600, false);
    assert_int_equal(visit_reply(w, &reply), FB_DROP_AGENT_BUSY);
    assert_foreign_denial(w, &second, 66, false);
    world3_end(w);
}

static void
test_messages_that_are_too_long(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    hand request = visit_fixed(w, 600, FLAG_T);
    uint8_t filler[257] = {200, 255};

    (void)state;
    while (request.length + sizeof filler + 44 <= sizeof request.octets)
    {
        hand_octets(&request, filler, sizeof filler);
    }
    filler[1] = (uint8_t)(sizeof request.octets - request.length - 46);
    hand_octets(&request, filler, filler[1] + 2u);
    hand_sign(&request, MHAE);
    hand_sign(&request, MFAE);
    assert_int_equal(request.length, sizeof request.octets);
    assert_int_equal(visit_send(w, &request), FB_DROP_AGENT_POOR_REQUEST);
    assert_foreign_denial(w, &request, 70, true);
    world3_end(w);
}

static void
test_outputs_come_first(void **state)
{
    world3 *w = lonely_visit_world(NULL, true);
    fb_agent *agent = w->agent[WORLD3_FOREIGN_AGENT];
    hand request = visit_request(w, 600, true);
    fb_meta meta = visit_meta();
    uint8_t octets[1500];

    (void)state;
    assert_int_equal(fb_agent_input(agent, &meta, request.octets, request.length, w->now),
                     FB_REASON_NONE);
    assert_int_equal(fb_agent_input(agent, &meta, request.octets, request.length, w->now),
                     FB_ERR_NOT_DRAINED);
    assert_int_equal(fb_agent_output(agent, &meta, octets, 75, w->now), FB_ERR_LIMIT);
    assert_int_equal(fb_agent_output(agent, &meta, octets, 76, w->now), 76);
    assert_int_equal(fb_agent_output(agent, &meta, octets, 76, w->now), 0);
    world3_end(w);
}

static void
test_configurations(void **state)
{
    fb_config good, bad;

    (void)state;
    fb_config_default(&good);
    good.roles = FB_ROLE_FOREIGN_AGENT;
    good.foreign_agent.address = WORLD3_FOREIGN_AGENT_ADDRESS;
    assert_true(fb_agent_size(&good) > 0);
    bad = good;
    bad.foreign_agent.lifetime_max_s = 0;
    assert_int_equal(fb_agent_size(&bad), 0);
    bad = good;
    bad.foreign_agent.pending_s = 0;
    assert_int_equal(fb_agent_size(&bad), 0);
    bad = good;
    bad.foreign_agent.pending_per_node = 0;
    assert_int_equal(fb_agent_size(&bad), 0);
    bad = good;
    bad.limits.visitors = 0;
    assert_int_equal(fb_agent_size(&bad), 0);
    bad = good;
    bad.limits.pending = UINT32_MAX;
    assert_int_equal(fb_agent_size(&bad), 0);
    bad = good;
    bad.limits.access_links = 0;
    assert_int_equal(fb_agent_size(&bad), 0);
}

/* ---- all three roles ---- */

static void
test_a_real_mobile_node(void **state)
{
    world3_setup setup;
    fb_binding_view view;
    world3 *w;

    (void)state;
    world3_setup_default(&setup);
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    world3_run(w, 30 * FB_SECOND); /* it hears an advertisement, or asks for one, and registers */
    assert_true(visits(w));
    assert_true(world3_binding(w, 0, &view));
    assert_int_equal(view.care_of_address, WORLD3_FOREIGN_AGENT_ADDRESS);
    assert_int_equal(world3_downlink(w).second.kind, FB_FORWARD);
    assert_int_equal(world3_direct_delivery(w).second.kind, FB_DELIVER);

    world3_run(w, 1200 * FB_SECOND); /* and stays */
    assert_true(visits(w));
    assert_int_equal(fb_agent_counter(w->agent[WORLD3_FOREIGN_AGENT], FB_DROP_AGENT_TIMEOUT), 0);
    world3_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_histories),
        cmocka_unit_test(test_a_real_mobile_node),
        cmocka_unit_test(test_small_limits),
        cmocka_unit_test(test_messages_that_are_too_long),
        cmocka_unit_test(test_outputs_come_first),
        cmocka_unit_test(test_configurations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
