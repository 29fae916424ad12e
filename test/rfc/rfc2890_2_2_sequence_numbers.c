/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2890 2.2, "unreliable but in-order delivery": packets of one class over two GRE tunnels of Mobile IPv4 and of
 * Proxy Mobile IPv6, from one end to the other. Outer headers are written here by hand; what the buffer does is in
 * test_resequencer.c.
 */

#include "exchange.h"
#include "proxy_pair.h"
#include "steer/scheduler.h"

#include <string.h>

#define CLASS 7
#define WAIT_MS 60
#define WAIT (WAIT_MS * FB_MILLISECOND)

#define KEY 0x20
#define SEQUENCE 0x10

/** What a receiving host keeps: packets on hold, by handle, and what came of all. */
typedef struct receiver
{
    fb_agent *agent;
    fb_time *now;
    data_packet payload[64]; /* behind the outer IP header, by handle - 1 */
    bool held[64];
    size_t packets;
    char line[256]; /* last octets of what was delivered, as decimal digits */
    /* by arrival: D delivered, H held, d dropped as a duplicate, s out of sequence, ? otherwise */
    char fate[64];
} receiver;

static receiver
receiver_of(fb_agent *agent, fb_time *now)
{
    return (receiver){.agent = agent, .now = now};
}

static void
obey(receiver *r)
{
    fb_action action;

    while (fb_agent_poll_action(r->agent, &action, *r->now))
    {
        size_t at = (size_t)action.packet - 1;
        data_packet inner;

        assert_in_range(action.packet, 1, r->packets);
        assert_true(action.last == (action.kind != FB_HOLD));
        if (action.kind == FB_DELIVER)
        {
            size_t length = strlen(r->line);

            inner = data_result(&action, &r->payload[at]);
            length += (size_t)snprintf(r->line + length,
                                       sizeof r->line - length,
                                       length == 0 ? "%u" : " %u",
                                       inner.octets[inner.length - 1]);
            assert_true(length < sizeof r->line);
        }
        if (!r->held[at])
        {
            r->fate[at] = action.kind == FB_DELIVER                  ? 'D'
                          : action.kind == FB_HOLD                   ? 'H'
                          : action.reason == FB_DROP_DUPLICATE       ? 'd'
                          : action.reason == FB_DROP_OUT_OF_SEQUENCE ? 's'
                                                                     : '?';
        }
        r->held[at] = action.kind == FB_HOLD;
    }
}

/** A tunnel packet arrives. */
static void
arrive(receiver *r, const data_packet *outer, uint32_t link)
{
    data_packet *payload = &r->payload[r->packets++];
    fb_meta meta = proxy_open(outer, payload);
    fb_packet described = {.packet = r->packets,
                           .header = payload->octets,
                           .header_len = payload->length,
                           .total_len = payload->length};

    meta.link = link;
    assert_true(r->packets <= 64);
    assert_int_equal(fb_agent_receive(r->agent, &meta, &described, *r->now), FB_OK);
    obey(r);
}

/** Time passes for this agent alone. */
static void
wait_until(receiver *r, fb_time when)
{
    while (fb_agent_next_timeout(r->agent) <= when)
    {
        fb_time next = fb_agent_next_timeout(r->agent);

        *r->now = next > *r->now ? next : *r->now;
        assert_int_equal(fb_agent_handle_timeout(r->agent, 100, *r->now), FB_OK);
        obey(r);
    }
    *r->now = when;
}

static uint8_t
scheduler_number(const char *name)
{
    for (uint8_t i = 0; fb_scheduler_at(i) != NULL; i++)
    {
        if (strcmp(fb_scheduler_at(i)->name, name) == 0)
        {
            return (uint8_t)(i + 1);
        }
    }
    fail_msg("no scheduler %s", name);
    return 0;
}

/** UDP packets of @p port by turns over BIDs 1 and 2, in order. */
static fb_rule
turns_rule(uint16_t port, uint8_t reorder_class)
{
    fb_rule rule = forward_rule("12", UDP, port);

    rule.action = FB_RULE_SPREAD;
    rule.scheduler = scheduler_number("round-robin");
    rule.reorder_ms = WAIT_MS;
    rule.reorder_class = reorder_class;
    return rule;
}

static int
set_rules(fb_agent *agent, const fb_rule *rules, size_t count, fb_time now)
{
    fb_fact fact = {.kind = FB_FACT_STATIC_POLICY, .u.policy = {rules, count}};

    return fb_agent_fact(agent, &fact, now);
}

/* ---- Mobile IPv4 ---- */

static const data_tunnel gre = {.kind = FB_TUNNEL_GRE};

/** BIDs 1 and 2 are GRE tunnels; both ends have @p rules. */
static world *
ordered_world(const fb_rule *rules, size_t count, const fb_reorder_config *reorder)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    if (reorder != NULL)
    {
        setup.mobile_node.reorder = setup.home_agent.reorder = *reorder;
        setup.mobile_node.scheduler = setup.home_agent.scheduler = "round-robin";
    }
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 2; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    for (uint8_t bid = 1; bid <= 2; bid++)
    {
        data_set_tunnel(w, bid, &gre);
    }
    assert_int_equal(set_rules(w->mobile_node, rules, count, w->now), FB_OK);
    assert_int_equal(set_rules(w->home_agent, rules, count, w->now), FB_OK);
    return w;
}

static world *
turns_world(void)
{
    fb_rule rule = turns_rule(SIP, CLASS);

    return ordered_world(&rule, 1, NULL);
}

/** The next packet of @p agent's direction as it leaves, marked with @p mark; of the correspondent's @p port. */
static data_packet
send_marked(world *w, fb_agent *agent, uint16_t port, uint8_t mark, uint8_t *bid)
{
    bool up = agent == w->mobile_node;
    data_packet packet = up ? data_up() : data_down();
    fb_action action;

    packet.octets[up ? 22 : 20] = (uint8_t)(port >> 8);
    packet.octets[up ? 23 : 21] = (uint8_t)port;
    packet.octets[packet.length - 1] = mark;
    action = data_steer(w, agent, &packet);
    assert_int_equal(action.kind, FB_SEND);
    *bid = action.path.bid;
    return data_result(&action, &packet);
}

/** A packet toward the mobile node by path @p bid, GRE written by hand: key, number, and a mark in its last octet. */
static data_packet
by_hand(uint8_t bid, uint32_t key, uint32_t number, uint8_t mark)
{
    data_packet inner = data_down();
    data_packet outer = data_ipv4(WORLD_HOME_AGENT, care_of(bid), 47, 32 + inner.length);
    const uint8_t header[12] = {KEY | SEQUENCE,
                                0,
                                0x08,
                                0x00,
                                (uint8_t)(key >> 24),
                                (uint8_t)(key >> 16),
                                (uint8_t)(key >> 8),
                                (uint8_t)key,
                                (uint8_t)(number >> 24),
                                (uint8_t)(number >> 16),
                                (uint8_t)(number >> 8),
                                (uint8_t)number};

    inner.octets[inner.length - 1] = mark;
    memcpy(outer.octets + 20, header, 12);
    memcpy(outer.octets + 32, inner.octets, inner.length);
    return outer;
}

static void
arrive_by_hand(receiver *r, uint8_t bid, uint32_t number)
{
    data_packet packet = by_hand(bid, CLASS, number, (uint8_t)number);

    arrive(r, &packet, bid);
}

static fb_order_counters
counters_of(const fb_agent *agent)
{
    fb_order_counters total;

    fb_agent_order_total(agent, &total);
    return total;
}

/** How many FB_EVENT_REORDER @p agent has, the last of which is in @p event; others are passed over. */
static unsigned
poll_reorder(fb_agent *agent, fb_event *event)
{
    unsigned count = 0;
    fb_event polled;

    while (fb_agent_poll_event(agent, &polled))
    {
        if (polled.kind == FB_EVENT_REORDER)
        {
            *event = polled;
            count++;
        }
    }
    return count;
}

/* "The first datagram is sent with a sequence number of 0 [...] a free running counter": one for each key and
 * direction, whichever path a packet takes */
static void
test_numbers_on_the_wire(void **state)
{
    fb_rule rules[2] = {turns_rule(SIP, CLASS), turns_rule(HTTP, 255)};
    world *w = ordered_world(rules, 2, NULL);

    (void)state;
    requirement("B2890-01");
    for (unsigned up = 0; up < 2; up++)
    {
        fb_agent *agent = up ? w->mobile_node : w->home_agent;
        unsigned taken[3] = {0};
        uint8_t bid;

        for (uint8_t i = 0; i < 6; i++)
        {
            data_packet sip = send_marked(w, agent, SIP, 0, &bid), http, ssh;
            const uint8_t first[] = {0x30, 0, 0x08, 0, 0, 0, 0, CLASS, 0, 0, 0, i};
            const uint8_t second[] = {0x30, 0, 0x08, 0, 0, 0, 0, 255, 0, 0, 0, i};
            const uint8_t without[] = {0, 0, 0x08, 0, 0x45};

            taken[bid]++;
            assert_memory_equal(sip.octets + 20, first, sizeof first);
            assert_int_equal(sip.octets[32], 0x45);
            http = send_marked(w, agent, HTTP, 0, &bid);
            taken[bid]++;
            assert_memory_equal(http.octets + 20, second, sizeof second);
            ssh = send_marked(w, agent, SSH, 0, &bid);
            assert_memory_equal(ssh.octets + 20, without, sizeof without);
        }
        assert_int_equal(taken[1], 6);
        assert_int_equal(taken[2], 6);
    }
    world_end(w);
}

/* The slow path's packets come 20 ms after the fast one's: what comes out is as it was sent, in either direction */
static void
test_two_paths_one_order(void **state)
{
    world *w = turns_world();

    (void)state;
    requirement("B2890-01", "R8278-3.2-05");
    for (unsigned up = 0; up < 2; up++)
    {
        fb_agent *from = up ? w->mobile_node : w->home_agent;
        receiver r = receiver_of(up ? w->home_agent : w->mobile_node, &w->now);
        data_packet outer[6];
        uint8_t bid[6];

        for (uint8_t i = 0; i < 6; i++)
        {
            outer[i] = send_marked(w, from, SIP, (uint8_t)(i + 1), &bid[i]);
        }
        for (uint8_t path = 1; path <= 2; path++)
        {
            for (uint8_t i = 0; i < 6; i++)
            {
                if (bid[i] == path)
                {
                    arrive(&r, &outer[i], path);
                }
            }
            w->now += 20 * FB_MILLISECOND;
        }
        assert_string_equal(r.line, "1 2 3 4 5 6");
        assert_string_equal(r.fate, "DHHDDD");
        assert_int_equal(counters_of(r.agent).reordered, 2);
        assert_int_equal(counters_of(r.agent).in_order, 4);
    }
    world_end(w);
}

/* OUTOFORDER_TIMER, and what comes after it: delivered, or "silently discarded" where the host wants it so */
static void
test_late(void **state)
{
    (void)state;
    requirement("B2890-01");
    for (unsigned drop = 0; drop < 2; drop++)
    {
        fb_rule rule = turns_rule(SIP, CLASS);
        fb_reorder_config reorder = {.drop_late = drop};
        world *w = ordered_world(&rule, 1, &reorder);
        receiver r = receiver_of(w->mobile_node, &w->now);
        fb_time start = w->now;
        fb_order_view view;

        arrive_by_hand(&r, 1, 0);
        arrive_by_hand(&r, 1, 2);
        wait_until(&r, start + WAIT - 1);
        assert_string_equal(r.line, "0");
        assert_true(fb_agent_next_timeout(r.agent) <= start + WAIT);
        wait_until(&r, start + WAIT);
        assert_string_equal(r.line, "0 2");
        assert_int_equal(counters_of(r.agent).lost, 1);
        arrive_by_hand(&r, 2, 1);
        arrive_by_hand(&r, 2, 3);
        assert_string_equal(r.line, drop ? "0 2 3" : "0 2 1 3");
        assert_string_equal(r.fate, drop ? "DHsD" : "DHDD");
        assert_int_equal(fb_agent_counter(r.agent, FB_DROP_OUT_OF_SEQUENCE), drop);
        assert_int_equal(counters_of(r.agent).late, 1);
        assert_int_equal(counters_of(r.agent).lost, 0);
        assert_true(fb_agent_order(r.agent, 0, &view));
        assert_int_equal(view.number, CLASS);
        assert_int_equal(view.session, 1);
        assert_int_equal(view.role, FB_ROLE_MOBILE_NODE);
        assert_int_equal(view.waiting, 0);
        assert_false(fb_agent_order(r.agent, 1, &view));
        world_end(w);
    }
}

/* "packets without the sequence bit set can be interleaved with packets with the sequence bit set": they wait for
 * nothing; nor do those with a key that is no class here */
static void
test_without_numbers(void **state)
{
    world *w = turns_world();
    receiver r = receiver_of(w->mobile_node, &w->now);
    data_packet packet;

    (void)state;
    requirement("B2890-01", "C-17");
    arrive_by_hand(&r, 1, 0);
    arrive_by_hand(&r, 1, 2);
    packet = by_hand(1, CLASS, 0, 9);
    /* the number is the first word of the inner packet now, which is none */
    packet.octets[20] = KEY;
    memmove(packet.octets + 28, packet.octets + 32, packet.length - 32);
    packet.length -= 4;
    packet.octets[3] = (uint8_t)packet.length;
    data_seal(&packet);
    arrive(&r, &packet, 1);
    for (unsigned i = 0; i < 4; i++)
    {
        static const uint32_t keys[] = {0, CLASS + 1, 0x100 + CLASS, 0x07000000};

        packet = by_hand(1, keys[i], 5, (uint8_t)(10 + i));
        arrive(&r, &packet, 1);
    }
    assert_string_equal(r.line, "0 9 10 11 12 13");
    assert_string_equal(r.fate, "DHDDDDD");
    arrive_by_hand(&r, 2, 1);
    assert_string_equal(r.line, "0 9 10 11 12 13 1 2");
    world_end(w);
}

/* A copy over each path has the same number (RFC 6089 4.3): the first to come is delivered, and no other */
static void
test_copies(void **state)
{
    fb_rule rule = turns_rule(SIP, CLASS);
    proxy_sent sent;
    receiver r;
    world *w;

    (void)state;
    requirement("B2890-01");
    rule.action = FB_RULE_COPY;
    w = ordered_world(&rule, 1, NULL);
    r = receiver_of(w->mobile_node, &w->now);
    for (uint8_t i = 0; i < 4; i++)
    {
        data_packet packet = data_down();
        fb_packet described = {.packet = 5,
                               .header = packet.octets,
                               .header_len = packet.length,
                               .total_len = packet.length};

        packet.octets[packet.length - 1] = i;
        sent.count = 0;
        assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &described, w->now), FB_OK);
        while (fb_agent_poll_action(w->home_agent, &sent.action[sent.count], w->now))
        {
            sent.packet[sent.count] = data_result(&sent.action[sent.count], &packet);
            assert_int_equal(octets_u32(sent.packet[sent.count].octets + 28), i);
            sent.count++;
        }
        assert_int_equal(sent.count, 2);
        for (size_t k = 0; k < 2; k++)
        {
            bool lost = i == 1 ? sent.action[k].path.bid == 1 : i == 2;

            if (!lost)
            {
                arrive(&r, &sent.packet[k], sent.action[k].path.bid);
            }
        }
    }
    /* 0 twice, 1 by the second path only, 2 by none: given up when both paths have gone past it */
    assert_string_equal(r.line, "0 1 3");
    assert_string_equal(r.fate, "DdDHd");
    assert_int_equal(fb_agent_counter(r.agent, FB_DROP_DUPLICATE), 2);
    assert_int_equal(counters_of(r.agent).lost, 1);
    world_end(w);
}

/* Paths are queues: a gap that each path has gone past is not waited for, unless the host says they are none */
static void
test_known_lost(void **state)
{
    (void)state;
    for (unsigned unordered = 0; unordered < 2; unordered++)
    {
        fb_rule rule = turns_rule(SIP, CLASS);
        fb_reorder_config reorder = {.unordered_paths = unordered};
        world *w = ordered_world(&rule, 1, &reorder);
        receiver r = receiver_of(w->mobile_node, &w->now);

        arrive_by_hand(&r, 1, 0);
        arrive_by_hand(&r, 2, 1);
        arrive_by_hand(&r, 1, 4);
        assert_string_equal(r.line, "0 1");
        arrive_by_hand(&r, 2, 5);
        assert_string_equal(r.line, unordered ? "0 1" : "0 1 4 5");

        /* one path alone */
        world_link_down(w, 2);
        arrive_by_hand(&r, 1, 8);
        assert_string_equal(r.line, unordered ? "0 1" : "0 1 4 5");
        world_run(w, FB_SECOND);
        obey(&r);
        arrive_by_hand(&r, 1, 10);
        assert_string_equal(r.line, unordered ? "0 1 4 5 8" : "0 1 4 5 8 10");
        world_end(w);
    }
}

/* What waits when its path, or the whole session, goes comes out all the same: once, when its time is up */
static void
test_session_ends(void **state)
{
    world *w = turns_world();
    receiver r = receiver_of(w->mobile_node, &w->now);
    fb_order_view view;

    (void)state;
    arrive_by_hand(&r, 1, 1);
    arrive_by_hand(&r, 1, 3);
    world_link_down(w, 1);
    world_link_down(w, 2);
    assert_int_equal(set_rules(w->mobile_node, NULL, 0, w->now), FB_OK);
    obey(&r);
    assert_string_equal(r.line, "");
    wait_until(&r, w->now + WAIT);
    assert_string_equal(r.line, "1 3");
    assert_true(fb_agent_order(r.agent, 0, &view));
    wait_until(&r, w->now + 11 * FB_SECOND);
    assert_false(fb_agent_order(r.agent, 0, &view));
    assert_string_equal(r.line, "1 3");
    world_end(w);
}

/* A path without GRE: there are no numbers, and packets stay together by flow; the host is told when that changes */
static void
test_a_path_without_gre(void **state)
{
    static const data_tunnel ipip = {.kind = FB_TUNNEL_IPIP};
    world *w = turns_world();
    fb_event event;
    uint8_t first, bid;

    (void)state;
    requirement("R8278-3.2-05");
    data_set_tunnel(w, 2, &ipip);
    for (unsigned up = 0; up < 2; up++)
    {
        fb_agent *agent = up ? w->mobile_node : w->home_agent;

        (void)send_marked(w, agent, SIP, 0, &first);
        for (unsigned i = 0; i < 5; i++)
        {
            data_packet packet = send_marked(w, agent, SIP, 0, &bid);

            assert_int_equal(bid, first);
            assert_int_equal(packet.octets[20] & (KEY | SEQUENCE), 0);
        }
        assert_int_equal(poll_reorder(agent, &event), 1);
        assert_int_equal(event.role, up ? FB_ROLE_MOBILE_NODE : FB_ROLE_HOME_AGENT);
        assert_int_equal(event.to, 0);
        assert_int_equal(event.count, CLASS);
        assert_int_equal(event.ref.session, 1);
    }
    data_set_tunnel(w, 2, &gre);
    for (unsigned i = 0; i < 4; i++)
    {
        data_packet packet = send_marked(w, w->home_agent, SIP, 0, &bid);

        assert_int_equal(packet.octets[20], KEY | SEQUENCE);
        assert_int_equal(octets_u32(packet.octets + 28), i);
    }
    assert_int_equal(poll_reorder(w->home_agent, &event), 1);
    assert_int_equal(event.to, 1);
    world_end(w);
}

/* GRE inside a UDP tunnel has room for numbers as well (RFC 3519 3.3) */
static void
test_in_udp(void **state)
{
    static const data_tunnel udp = {.kind = FB_TUNNEL_GRE,
                                    .udp = true,
                                    .nat = 0xcb0071fe,
                                    .nat_port = 40000};
    const uint8_t expected[] = {0x30, 0, 0x08, 0, 0, 0, 0, CLASS, 0, 0, 0, 0, 0x45};
    world *w = turns_world();
    data_packet packet;
    uint8_t bid;

    (void)state;
    requirement("B2890-01");
    data_set_tunnel(w, 1, &udp);
    packet = send_marked(w, w->home_agent, SIP, 0, &bid);
    assert_int_equal(bid, 1);
    assert_int_equal(packet.octets[9], 17);
    assert_memory_equal(packet.octets + 32, expected, sizeof expected);
    packet = send_marked(w, w->home_agent, SIP, 0, &bid);
    assert_int_equal(packet.octets[9], 47);
    assert_int_equal(octets_u32(packet.octets + 28), 1);
    world_end(w);
}

/* What the rules leave open has class 0, where the configuration says how long it waits; signalling never waits */
static void
test_default_scheduler(void **state)
{
    static const fb_reorder_config reorder = {.default_ms = WAIT_MS};
    const uint8_t expected[] = {0x30, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 0};
    world *w = ordered_world(NULL, 0, &reorder);
    receiver r = receiver_of(w->mobile_node, &w->now);
    uint8_t bid, last = 0;

    (void)state;
    for (uint8_t i = 0; i < 4; i++)
    {
        data_packet packet = send_marked(w, w->home_agent, HTTP, i, &bid);

        assert_int_not_equal(bid, last);
        last = bid;
        assert_memory_equal(packet.octets + 20, expected, sizeof expected);
        assert_int_equal(packet.octets[31], i);
        if (i != 1)
        {
            arrive(&r, &packet, bid);
        }
    }
    assert_string_equal(r.line, "0 2 3");
    world_end(w);
}

/* Only what is sent has a number; what the far end drops for another reason is not waited for */
static void
test_dropped_packets(void **state)
{
    static const fb_reorder_config reorder = {.unordered_paths = true};
    fb_rule rule = turns_rule(SIP, CLASS);
    world *w = ordered_world(&rule, 1, &reorder);
    receiver r = receiver_of(w->mobile_node, &w->now);
    data_packet packet = data_down();
    fb_packet described = {.packet = 5,
                           .header = packet.octets,
                           .header_len = packet.length,
                           .total_len = 65535};
    fb_action action;
    uint8_t bid;

    (void)state;
    (void)send_marked(w, w->home_agent, SIP, 0, &bid);
    packet.octets[2] = packet.octets[3] = 0xff;
    data_seal(&packet);
    assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
    assert_int_equal(action.kind, FB_DROP_PACKET);
    packet = send_marked(w, w->home_agent, SIP, 0, &bid);
    assert_int_equal(octets_u32(packet.octets + 28), 1);

    /* RFC 3168 9.1.1: marked on the way, and its sender would not understand */
    arrive_by_hand(&r, 1, 0);
    arrive_by_hand(&r, 2, 3);
    packet = by_hand(1, CLASS, 2, 2);
    packet.octets[1] = 3;
    data_seal(&packet);
    arrive(&r, &packet, 1);
    packet = by_hand(1, CLASS, 4, 4);
    packet.octets[1] = 3;
    packet.octets[33] = 2; /* this one's would */
    packet.octets[32 + 11] = (uint8_t)(packet.octets[32 + 11] - 2);
    data_seal(&packet);
    arrive(&r, &packet, 1);
    arrive_by_hand(&r, 2, 1);
    assert_string_equal(r.line, "0 1 3 4");
    assert_string_equal(r.fate, "DH?HD");
    assert_int_equal(counters_of(r.agent).lost, 0);
    world_end(w);
}

/* Released packets are polled before the next one comes, and handle_timeout() leaves some to poll */
static void
test_host_has_to_poll(void **state)
{
    world *w = turns_world();
    receiver r = receiver_of(w->mobile_node, &w->now);
    data_packet packet = data_up();
    fb_packet described = {.packet = 9,
                           .header = packet.octets,
                           .header_len = packet.length,
                           .total_len = packet.length};

    (void)state;
    arrive_by_hand(&r, 1, 1);
    w->now += WAIT;
    assert_int_equal(fb_agent_handle_timeout(r.agent, 100, w->now), FB_OK);
    assert_int_equal(fb_agent_steer(r.agent, (fb_ref){0}, &described, w->now), FB_ERR_NOT_DRAINED);
    obey(&r);
    assert_string_equal(r.line, "1");
    assert_int_equal(fb_agent_steer(r.agent, (fb_ref){0}, &described, w->now), FB_OK);
    world_end(w);
}

/* What cannot be, or is not said to both ends, is refused */
static void
test_refused_policies(void **state)
{
    fb_rule rule = turns_rule(SIP, CLASS), negotiated = forward_rule("1", UDP, SIP);
    fb_config config;
    world_setup setup;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.home_agent.gre = false;
    setup.mobile_node.limits.reorder_packets = 0;
    w = world_start(&setup);
    assert_int_equal(set_rules(w->home_agent, &rule, 1, w->now), FB_ERR_CONFIG);
    assert_int_equal(set_rules(w->mobile_node, &rule, 1, w->now), FB_ERR_CONFIG);
    world_end(w);

    w = registered_world(1);
    negotiated.reorder_ms = WAIT_MS;
    negotiated.reorder_class = 1;
    assert_int_equal(world_policy(w, &negotiated, 1), FB_ERR_ARGUMENT);
    rule.reorder_class = 0;
    assert_int_equal(set_rules(w->mobile_node, &rule, 1, w->now), FB_ERR_ARGUMENT);
    world_end(w);

    config = setup.home_agent;
    assert_true(fb_agent_size(&config) > 0);
    config.limits.reorder_packets = UINT32_MAX;
    assert_int_equal(fb_agent_size(&config), 0);
    config.limits.reorder_packets = 0;
    assert_true(fb_agent_size(&config) > 0);
    config.reorder.default_ms = 1;
    assert_int_equal(fb_agent_size(&config), 0);
}

/* No space left: by flow and without numbers, and the host is told once; the far end delivers as they come */
static void
test_no_space(void **state)
{
    fb_rule rules[2] = {turns_rule(SIP, CLASS), turns_rule(HTTP, 1)};
    world_setup setup;
    uint8_t first, bid;
    data_packet packet;
    fb_event event;
    receiver r;
    world *w;

    (void)state;
    world_setup_default(&setup);
    setup.home_agent.limits.reorder_spaces = setup.mobile_node.limits.reorder_spaces = 1;
    w = world_start(&setup);
    world_link_up(w, 1);
    world_link_up(w, 2);
    world_run(w, FB_SECOND);
    data_set_tunnel(w, 1, &gre);
    data_set_tunnel(w, 2, &gre);
    assert_int_equal(set_rules(w->home_agent, rules, 2, w->now), FB_OK);
    assert_int_equal(set_rules(w->mobile_node, rules, 2, w->now), FB_OK);
    (void)send_marked(w, w->home_agent, SIP, 0, &bid);
    (void)send_marked(w, w->home_agent, HTTP, 0, &first);
    for (unsigned i = 0; i < 4; i++)
    {
        packet = send_marked(w, w->home_agent, HTTP, 0, &bid);
        assert_int_equal(bid, first);
        assert_int_equal(packet.octets[20], 0);
    }
    assert_int_equal(poll_reorder(w->home_agent, &event), 1);

    r = receiver_of(w->mobile_node, &w->now);
    arrive_by_hand(&r, 1, 1);
    packet = by_hand(1, 1, 5, 5);
    arrive(&r, &packet, 1);
    assert_string_equal(r.line, "5");
    assert_int_equal(poll_reorder(w->mobile_node, &event), 1);
    assert_int_equal(event.to, 0);
    world_end(w);
}

/* ---- Proxy Mobile IPv6 ---- */

/* The key is the binding's (RFC 5845 3.1, D8-28), the numbers are the session's */
static void
test_proxy(void **state)
{
    proxy_setup setup;
    fb_rule rule = turns_rule(SIP, CLASS);
    fb_rule other = turns_rule(HTTP, 1);
    proxy_pair *w;

    (void)state;
    requirement("B2890-01", "D8-28", "R8278-3.2-05");
    rule.selector = proxy_rule(FB_RULE_FORWARD, "1", UDP, SIP).selector;
    other.selector = proxy_rule(FB_RULE_FORWARD, "1", UDP, HTTP).selector;
    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    for (uint32_t link = 1; link <= 2; link++)
    {
        w->link[link].tunnel = FB_TUNNEL_GRE;
        w->link[link].gre_key = true;
        proxy_link_up(w, link);
    }
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    proxy_static_policy(w, (const fb_rule[]){rule, other}, 2);
    for (unsigned up = 0; up < 2; up++)
    {
        fb_agent *from = up ? w->gateway : w->anchor;
        receiver r = receiver_of(up ? w->anchor : w->gateway, &w->now);
        proxy_sent sent[6];

        for (uint8_t i = 0; i < 6; i++)
        {
            uint16_t port = i < 4 ? SIP : HTTP;
            data_packet packet = up ? proxy_up(w, UDP, port) : proxy_down(w, UDP, port);
            fb_proxy_view binding;

            packet.octets[packet.length - 1] = i;
            sent[i] = proxy_steer(w, from, &packet);
            assert_int_equal(sent[i].count, 1);
            binding = proxy_binding(w, FB_ROLE_MAG, sent[i].action[0].path.bid);
            /* behind the IPv6 header: K and S, IPv6, the key of this path, the number of the session */
            assert_int_equal(octets_u32(sent[i].packet[0].octets + 40), 0x300086dd);
            assert_int_equal(octets_u32(sent[i].packet[0].octets + 44),
                             up ? binding.key_up : binding.key_down);
            assert_int_equal(octets_u32(sent[i].packet[0].octets + 48), i);
            assert_int_equal(sent[i].packet[0].octets[52] >> 4, 6);
        }
        for (uint8_t bid = 2; bid >= 1; bid--)
        {
            for (uint8_t i = 0; i < 6; i++)
            {
                if (sent[i].action[0].path.bid == bid)
                {
                    arrive(&r, &sent[i].packet[0], up ? 0 : bid);
                }
            }
        }
        assert_string_equal(r.line, "0 1 2 3 4 5");
        assert_int_equal(counters_of(r.agent).duplicate, 0);
        assert_int_equal(counters_of(r.agent).waited, up ? 3 : 3);
    }
    proxy_end(w);
}

/* RFC 5213 6.9.3: the MTU told to mobile nodes leaves room for the number as long as there is one */
static void
test_mtu(void **state)
{
    fb_rule rule = turns_rule(SIP, CLASS);
    proxy_setup setup;
    proxy_pair *w;

    (void)state;
    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    w->link[1].tunnel = FB_TUNNEL_GRE;
    w->link[1].gre_key = true;
    w->link[1].mtu = 1500;
    proxy_link_up(w, 1);
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    assert_int_equal(proxy_event(w, 0, FB_ROLE_MAG, FB_EVENT_PREFIX)->mtu, 1500 - 40 - 8);
    for (unsigned with = 1; with < 2; with--)
    {
        size_t since = w->events;

        assert_int_equal(set_rules(w->gateway, &rule, with, w->now), FB_OK);
        proxy_run(w, 1);
        assert_int_equal(proxy_event(w, since, FB_ROLE_MAG, FB_EVENT_PREFIX)->mtu,
                         1500 - 40 - 8 - (with ? 4 : 0));
    }
    proxy_end(w);
}

/* A path is just coming: the home agent may send over it before this node knows, so nothing is known to be lost */
static void
test_path_is_coming(void **state)
{
    world *w = turns_world();
    receiver r = receiver_of(w->mobile_node, &w->now);

    (void)state;
    arrive_by_hand(&r, 1, 0);
    arrive_by_hand(&r, 2, 1);
    world_link_up(w, 3);
    assert_int_equal(world_state(w, 3), FB_BINDING_PENDING);
    arrive_by_hand(&r, 1, 4);
    arrive_by_hand(&r, 2, 5);
    assert_string_equal(r.line, "0 1");
    world_run(w, WAIT - 1);
    obey(&r);
    assert_string_equal(r.line, "0 1");
    world_run(w, 1);
    obey(&r);
    assert_string_equal(r.line, "0 1 4 5");
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_on_the_wire),
        cmocka_unit_test(test_two_paths_one_order),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_without_numbers),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_known_lost),
        cmocka_unit_test(test_session_ends),
        cmocka_unit_test(test_a_path_without_gre),
        cmocka_unit_test(test_in_udp),
        cmocka_unit_test(test_default_scheduler),
        cmocka_unit_test(test_dropped_packets),
        cmocka_unit_test(test_host_has_to_poll),
        cmocka_unit_test(test_refused_policies),
        cmocka_unit_test(test_no_space),
        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_mtu),
        cmocka_unit_test(test_path_is_coming),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
