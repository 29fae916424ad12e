/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An agent that is a gateway and one that is an anchor, by the public API: registrations over several paths, data both
 * ways, copies, what is dropped, and errors.
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"
#include "vectors.h"

#define UDP 17
#define TCP 6
#define ICMPV6 58

static proxy_pair *
start(const char *links)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return proxy_registered(&setup, links);
}

/** One packet through the tunnel and out of it again, octet for octet, over @p bid. */
static void
assert_passes(proxy_pair *w, bool up, const data_packet *packet, uint8_t bid)
{
    fb_agent *from = up ? w->gateway : w->anchor;
    fb_agent *to = up ? w->anchor : w->gateway;
    proxy_sent sent = proxy_steer(w, from, packet);
    data_packet inner;
    fb_action action;

    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.action[0].kind, FB_SEND);
    assert_int_equal(sent.action[0].path.bid, bid);
    assert_int_equal(sent.action[0].path.link, up ? bid : 0);
    action = proxy_arrive(w, to, &sent.packet[0], &inner);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.bid, bid);
    assert_int_equal(inner.length, packet->length);
    assert_memory_equal(inner.octets, packet->octets, packet->length);
}

/** A rule of the static policy that sends everything over one path. */
static void
use_path(proxy_pair *w, uint8_t bid)
{
    fb_rule rules[] = {{.action = FB_RULE_FORWARD,
                        .bid_count = 1,
                        .bid = {bid},
                        .selector.format = FB_SELECTOR_IPV6},
                       {.action = FB_RULE_FORWARD,
                        .bid_count = 1,
                        .bid = {bid},
                        .selector.format = FB_SELECTOR_IPV4}};

    proxy_static_policy(w, rules, 2);
}

/** An IPv4 packet of the mobile node to 192.0.2.200, or back. */
static data_packet
ipv4_packet(const proxy_pair *w, bool up)
{
    fb_ipv4 node = proxy_session(w, FB_ROLE_LMA).home_address;

    return up ? data_ipv4(node, WORLD_CORRESPONDENT, UDP, 100)
              : data_ipv4(WORLD_CORRESPONDENT, node, UDP, 100);
}

/* ---- registration, and what can be seen of it ---- */

static void
test_two_paths_are_registered(void **state)
{
    proxy_pair *w = start("12");
    fb_session_view gateway = proxy_session(w, FB_ROLE_MAG);
    fb_session_view anchor = proxy_session(w, FB_ROLE_LMA);
    fb_proxy_view view;

    (void)state;
    requirement("R8278-4.1-09");
    assert_proxy_bids(w, FB_ROLE_MAG, "12");
    assert_proxy_bids(w, FB_ROLE_LMA, "12");
    assert_int_equal(gateway.session, 21);
    assert_true(gateway.multipath && anchor.multipath);
    assert_int_equal(anchor.binding_count, 2);
    assert_memory_equal(&gateway.home, &anchor.home, sizeof gateway.home);
    assert_memory_equal(&gateway.delegated, &anchor.delegated, sizeof gateway.delegated);
    assert_true(gateway.home_address != 0 && gateway.home_address == anchor.home_address);
    for (uint8_t bid = 1; bid <= 2; bid++)
    {
        for (unsigned i = 0; i < 2; i++)
        {
            view = proxy_binding(w, i == 0 ? FB_ROLE_MAG : FB_ROLE_LMA, bid);
            assert_int_equal(view.label, bid == 1 ? 11 : 9);
            assert_int_equal(view.technology, bid == 1 ? 8 : 4);
            assert_int_equal(view.ref.session, i == 0 ? 21 : anchor.session);
            assert_memory_equal(view.care_of.octet, w->link[bid].address.octet, 16);
        }
    }
    proxy_end(w);
}

/* Sessions are called as in events and references; other numbers and the other role have nothing. */
static void
test_views(void **state)
{
    proxy_pair *w = start("12");
    const fb_event *came = proxy_event(w, 0, FB_ROLE_LMA, FB_EVENT_SESSION);
    fb_session_view session;
    fb_proxy_view binding;
    fb_rule rule;

    (void)state;
    assert_non_null(came);
    assert_int_equal(came->ref.session, proxy_session(w, FB_ROLE_LMA).session);
    assert_true(fb_agent_proxy_binding(w->anchor, FB_ROLE_LMA, came->ref.session, 0, &binding));
    assert_int_equal(binding.ref.session, came->ref.session);
    assert_false(fb_agent_proxy_binding(w->anchor, FB_ROLE_LMA, 0, 0, &binding));
    assert_false(fb_agent_proxy_binding(w->anchor, FB_ROLE_LMA, 2, 0, &binding));
    assert_false(fb_agent_proxy_binding(w->anchor, FB_ROLE_LMA, UINT32_MAX, 0, &binding));
    assert_false(fb_agent_proxy_binding(w->anchor, FB_ROLE_MAG, 1, 0, &binding));
    assert_false(fb_agent_proxy_binding(w->gateway, FB_ROLE_MAG, 1, 0, &binding));
    assert_false(fb_agent_proxy_binding(w->gateway, FB_ROLE_LMA, 21, 0, &binding));
    assert_false(fb_agent_session(w->anchor, FB_ROLE_MAG, 0, &session));
    assert_false(fb_agent_session(w->gateway, FB_ROLE_HOME_AGENT, 0, &session));
    assert_false(fb_agent_session_rule(w->anchor, FB_ROLE_LMA, 1, 0, &rule));
    assert_false(fb_agent_session_rule(w->gateway, FB_ROLE_MAG, 21, 0, &rule));
    proxy_end(w);
}

/* RFC 6089: what the gateway asks for is in force at both ends. */
static void
test_rules_of_a_session(void **state)
{
    proxy_pair *w = start("12");
    const fb_rule rules[] = {proxy_rule(FB_RULE_FORWARD, "2", TCP, 80),
                             proxy_rule(FB_RULE_FORWARD, "1", UDP, 5060)};
    fb_rule rule;

    (void)state;
    proxy_policy(w, rules, 2);
    proxy_run(w, FB_SECOND);
    for (size_t i = 0; i < 2; i++)
    {
        assert_true(fb_agent_session_rule(w->gateway, FB_ROLE_MAG, 21, i, &rule));
        assert_memory_equal(&rule.selector, &rules[i].selector, sizeof rule.selector);
        assert_true(fb_agent_session_rule(w->anchor, FB_ROLE_LMA, 1, i, &rule));
        assert_int_equal(rule.bid_count, 1);
        assert_int_equal(rule.bid[0], rules[i].bid[0]);
        assert_int_equal(rule.selector.u.v6.source_port_start,
                         rules[i].selector.u.v6.source_port_start);
    }
    assert_false(fb_agent_session_rule(w->gateway, FB_ROLE_MAG, 21, 2, &rule));
    assert_false(fb_agent_session_rule(w->gateway, FB_ROLE_MAG, 1, 0, &rule));
    assert_false(fb_agent_session_rule(w->anchor, FB_ROLE_LMA, 1, 2, &rule));
    assert_false(fb_agent_session_rule(w->anchor, FB_ROLE_LMA, 0, 0, &rule));
    assert_false(fb_agent_session_rule(w->anchor, FB_ROLE_LMA, 2, 0, &rule));
    assert_false(fb_agent_session_rule(w->anchor, FB_ROLE_MAG, 21, 0, &rule));
    assert_takes(w, w->anchor, proxy_down(w, TCP, 80), "2");
    assert_takes(w, w->gateway, proxy_up(w, TCP, 80), "2");
    assert_takes(w, w->anchor, proxy_down(w, UDP, 5060), "1");
    assert_takes(w, w->gateway, proxy_up(w, UDP, 5060), "1");
    proxy_end(w);
}

/* ---- data ---- */

static void
test_data_passes_over_every_path(void **state)
{
    proxy_pair *w = start("1234");

    (void)state;
    requirement("R8278-1-01", "R8278-3.2-01", "D8-29");
    for (uint8_t bid = 1; bid <= 4; bid++)
    {
        data_packet up = proxy_up(w, UDP, 443), down = proxy_down(w, UDP, 443);
        data_packet up4, down4;

        use_path(w, bid);
        up4 = ipv4_packet(w, true);
        down4 = ipv4_packet(w, false);
        assert_passes(w, true, &up, bid);
        assert_passes(w, false, &down, bid);
        assert_passes(w, true, &up4, bid);
        assert_passes(w, false, &down4, bid);
    }
    proxy_end(w);
}

/* A packet to or from the delegated prefix is the session's as well (RFC 7148). */
static void
test_delegated_prefix(void **state)
{
    proxy_pair *w = start("12");
    fb_addr host = proxy_session(w, FB_ROLE_LMA).delegated.prefix[0].address;
    data_packet up, down;

    (void)state;
    host.octet[7] = 0x42;
    host.octet[15] = 9;
    up = proxy_ipv6(host, proxy_correspondent(), TCP, 5000, 80, 80);
    down = proxy_ipv6(proxy_correspondent(), host, TCP, 80, 5000, 80);
    use_path(w, 2);
    assert_passes(w, true, &up, 2);
    assert_passes(w, false, &down, 2);
    proxy_end(w);
}

/* ---- copies ---- */

/** All packets of this protocol and port, to both paths. */
static void
copy_to_both(proxy_pair *w)
{
    fb_rule rule = proxy_rule(FB_RULE_COPY, "12", UDP, 7000);

    proxy_static_policy(w, &rule, 1);
}

/* Every copy names the packet, the last action is `last`, and each arrives as the same packet. */
static void
test_copies(void **state)
{
    proxy_pair *w = start("123");
    data_packet packets[2];

    (void)state;
    requirement("B6089-04", "R8278-1-06");
    copy_to_both(w);
    packets[0] = proxy_down(w, UDP, 7000);
    packets[1] = proxy_up(w, UDP, 7000);
    for (unsigned round = 0; round < 3; round++)
    {
        for (size_t i = 0; i < 2; i++)
        {
            fb_agent *from = i == 0 ? w->anchor : w->gateway, *to = i == 0 ? w->gateway : w->anchor;
            proxy_sent sent = proxy_steer(w, from, &packets[i]);

            assert_int_equal(sent.count, 2);
            assert_int_equal(sent.action[0].kind, FB_COPY);
            assert_int_equal(sent.action[1].kind, FB_SEND);
            assert_int_equal(sent.action[0].path.bid, 2);
            assert_int_equal(sent.action[1].path.bid, 1);
            for (size_t k = 0; k < 2; k++)
            {
                data_packet inner;
                fb_action action = proxy_arrive(w, to, &sent.packet[k], &inner);

                assert_int_equal(action.kind, FB_DELIVER);
                assert_int_equal(action.path.bid, 2 - k);
                assert_int_equal(inner.length, packets[i].length);
                assert_memory_equal(inner.octets, packets[i].octets, inner.length);
            }
        }
    }
    proxy_end(w);
}

/* A path that is gone gets none, one that comes back does; with none of them the next rule or the scheduler decides. */
static void
test_copies_of_paths_that_are_up(void **state)
{
    proxy_pair *w = start("123");

    (void)state;
    requirement("B6089-04");
    copy_to_both(w);
    assert_takes(w, w->anchor, proxy_down(w, UDP, 7000), "12");
    proxy_link_down(w, PROXY_LTE);
    proxy_run(w, FB_SECOND);
    assert_takes(w, w->anchor, proxy_down(w, UDP, 7000), "2");
    assert_takes(w, w->gateway, proxy_up(w, UDP, 7000), "2");
    proxy_link_down(w, PROXY_WLAN);
    proxy_run(w, FB_SECOND);
    assert_takes(w, w->anchor, proxy_down(w, UDP, 7000), "3");
    assert_takes(w, w->gateway, proxy_up(w, UDP, 7000), "3");
    proxy_link_up(w, PROXY_LTE);
    proxy_link_up(w, PROXY_WLAN);
    proxy_run(w, FB_SECOND);
    assert_takes(w, w->anchor, proxy_down(w, UDP, 7000), "12");
    assert_takes(w, w->gateway, proxy_up(w, UDP, 7000), "12");
    proxy_end(w);
}

/** A fragment of an IPv6 packet: @p offset in octets. */
static data_packet
fragment_of(const data_packet *packet, size_t offset, bool more)
{
    data_packet fragment = *packet;
    size_t length = 24;

    memmove(fragment.octets + 48, packet->octets + 40 + offset, length);
    memset(fragment.octets + 40, 0, 8);
    fragment.octets[40] = packet->octets[6];
    fragment.octets[42] = (uint8_t)(offset >> 8);
    fragment.octets[43] = (uint8_t)(offset | more);
    fragment.octets[47] = 99; /* Identification */
    fragment.octets[6] = 44;
    fragment.octets[4] = 0;
    fragment.octets[5] = (uint8_t)(8 + length);
    fragment.length = 48 + length;
    return fragment;
}

/* D-39: all fragments of a packet go where the first does, which alone has the ports; so do the copies. */
static void
test_copies_of_fragments(void **state)
{
    proxy_pair *w = start("123");
    data_packet whole, fragment;

    (void)state;
    copy_to_both(w);
    whole = proxy_down(w, UDP, 7000);
    for (unsigned round = 0; round < 2; round++)
    {
        fragment = fragment_of(&whole, 0, true);
        assert_takes(w, w->anchor, fragment, "12");
        fragment = fragment_of(&whole, 24, true);
        assert_takes(w, w->anchor, fragment, "12");
        fragment = fragment_of(&whole, 48, false);
        assert_takes(w, w->anchor, fragment, "12");
    }
    proxy_end(w);
}

/* A copy that cannot be sent is none; the packet itself goes on. And the other way round. */
static void
test_a_copy_that_does_not_fit(void **state)
{
    static const uint32_t narrow[] = {PROXY_LTE, PROXY_WLAN};

    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        proxy_setup setup;
        proxy_pair *w;
        data_packet packet;
        proxy_sent sent;

        proxy_setup_default(&setup);
        w = proxy_start(&setup);
        w->link[PROXY_LTE].mtu = w->link[PROXY_WLAN].mtu = 2000;
        w->link[narrow[i]].mtu = 1400;
        proxy_link_up(w, PROXY_LTE);
        proxy_link_up(w, PROXY_WLAN);
        proxy_attach(w);
        proxy_run(w, FB_SECOND);
        copy_to_both(w);
        packet = proxy_ipv6(proxy_node(w), proxy_correspondent(), UDP, 40000, 7000, 1400);
        sent = proxy_steer(w, w->gateway, &packet);
        if (narrow[i] == PROXY_WLAN)
        {
            assert_int_equal(sent.count, 1);
            assert_int_equal(sent.action[0].kind, FB_SEND);
            assert_int_equal(sent.action[0].path.bid, 1);
        }
        else
        {
            assert_int_equal(sent.count, 2);
            assert_int_equal(sent.action[0].kind, FB_COPY);
            assert_int_equal(sent.action[0].path.bid, 2);
            assert_int_equal(sent.action[1].kind, FB_DROP_PACKET);
            assert_int_equal(sent.action[1].reason, FB_DROP_TOO_BIG);
        }
        assert_true(fb_agent_counter(w->gateway, FB_DROP_TOO_BIG) == 1);
        proxy_end(w);
    }
}

/* The host has to take all actions of a packet before the next one. */
static void
test_actions_have_to_be_taken(void **state)
{
    proxy_pair *w = start("12");
    data_packet packet;
    fb_packet described;
    fb_action action;

    (void)state;
    copy_to_both(w);
    packet = proxy_down(w, UDP, 7000);
    described = (fb_packet){.packet = 1,
                            .header = packet.octets,
                            .header_len = packet.length,
                            .total_len = packet.length};
    assert_int_equal(fb_agent_steer(w->anchor, (fb_ref){0}, &described, w->now), FB_OK);
    assert_int_equal(fb_agent_steer(w->anchor, (fb_ref){0}, &described, w->now),
                     FB_ERR_NOT_DRAINED);
    assert_true(fb_agent_poll_action(w->anchor, &action, w->now));
    assert_false(action.last);
    assert_int_equal(fb_agent_steer(w->anchor, (fb_ref){0}, &described, w->now),
                     FB_ERR_NOT_DRAINED);
    assert_true(fb_agent_poll_action(w->anchor, &action, w->now));
    assert_true(action.last);
    assert_false(fb_agent_poll_action(w->anchor, &action, w->now));
    assert_int_equal(fb_agent_steer(w->anchor, (fb_ref){0}, &described, w->now), FB_OK);
    proxy_end(w);
}

/* ---- what is dropped ---- */

static void
test_packets_of_nobody(void **state)
{
    proxy_pair *w = start("12");
    fb_addr stranger = proxy_address(0xbad);
    fb_addr link_local = {FB_FAMILY_IPV6, {0xfe, 0x80, [15] = 1}};
    data_packet packet;

    (void)state;
    packet = proxy_ipv6(stranger, proxy_correspondent(), UDP, 1, 2, 80);
    proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_TUNNEL_INNER_SOURCE);
    packet = proxy_ipv6(link_local, proxy_correspondent(), UDP, 1, 2, 80);
    proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_TUNNEL_INNER_SOURCE);
    packet = data_ipv4(0x0a000001u, WORLD_CORRESPONDENT, UDP, 80);
    proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_TUNNEL_INNER_SOURCE);
    packet = proxy_ipv6(proxy_correspondent(), stranger, UDP, 1, 2, 80);
    proxy_assert_dropped(w, w->anchor, &packet, FB_DROP_NO_SESSION);
    packet = data_ipv4(WORLD_CORRESPONDENT, 0xc63364f0u, UDP, 80);
    proxy_assert_dropped(w, w->anchor, &packet, FB_DROP_NO_SESSION);
    packet.length = 10;
    proxy_assert_dropped(w, w->anchor, &packet, FB_DROP_PACKET_MALFORMED);
    proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_PACKET_MALFORMED);
    proxy_end(w);
}

/* RFC 5213 6.10.3: EnableMAGLocalRouting, for packets between two mobile nodes of this gateway */
static void
test_local_routing(void **state)
{
    (void)state;
    requirement("B5213-22");
    for (unsigned local = 0; local < 2; local++)
    {
        proxy_setup setup;
        proxy_pair *w;
        fb_session_view other;
        data_packet packet;
        proxy_sent sent;

        proxy_setup_default(&setup);
        setup.gateway.mag.local_routing = local;
        setup.anchor.lma.any_subscriber = true;
        w = proxy_registered(&setup, "1");
        packet = proxy_up(w, UDP, 1);
        w->session.session = 22;
        w->session.identity.text[2] = '2';
        w->session.link_layer[5] = 2;
        proxy_attach(w);
        proxy_run(w, 3 * FB_SECOND);
        assert_true(fb_agent_session(w->gateway, FB_ROLE_MAG, 1, &other));
        memcpy(packet.octets + 24, other.home.prefix[0].address.octet, 8);
        sent = proxy_steer(w, w->gateway, &packet);
        assert_int_equal(sent.count, 1);
        assert_int_equal(sent.action[0].kind, local ? FB_FORWARD : FB_SEND);
        assert_int_equal(sent.packet[0].length, packet.length + (local ? 0 : 40));
        /* whoever claims to be a node here is not believed because the destination is */
        packet.octets[9] ^= 1;
        proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_TUNNEL_INNER_SOURCE);
        proxy_end(w);
    }
}

/* RFC 2473 3.1, RFC 2003 3.1 */
static void
test_hop_limit_zero(void **state)
{
    proxy_pair *w = start("12");
    data_packet packet = proxy_down(w, UDP, 1);

    (void)state;
    packet.octets[7] = 0;
    proxy_assert_dropped(w, w->anchor, &packet, FB_DROP_TTL);
    packet = proxy_up(w, UDP, 1);
    packet.octets[7] = 0;
    proxy_assert_dropped(w, w->gateway, &packet, FB_DROP_TTL);
    packet = ipv4_packet(w, false);
    packet.octets[8] = 0;
    data_seal(&packet);
    proxy_assert_dropped(w, w->anchor, &packet, FB_DROP_TTL);
    proxy_end(w);
}

/* RFC 5213 5.3.5: while MinDelayBeforeBCEDelete runs, nothing is forwarded either way. */
static void
test_a_session_that_was_deregistered(void **state)
{
    proxy_pair *w = start("12");
    data_packet up = proxy_up(w, UDP, 1), down = proxy_down(w, UDP, 1);
    proxy_sent sent = proxy_steer(w, w->gateway, &up);

    (void)state;
    proxy_detach(w);
    proxy_run(w, FB_SECOND);
    assert_true(proxy_session(w, FB_ROLE_LMA).grace);
    proxy_assert_dropped(w, w->anchor, &down, FB_DROP_NO_BINDING);
    proxy_assert_refused(w, w->anchor, &sent.packet[0], FB_DROP_NO_BINDING);
    proxy_assert_dropped(w, w->gateway, &up, FB_DROP_TUNNEL_INNER_SOURCE);
    proxy_run(w, 20 * FB_SECOND);
    proxy_assert_dropped(w, w->anchor, &down, FB_DROP_NO_SESSION);
    proxy_assert_refused(w, w->anchor, &sent.packet[0], FB_DROP_TUNNEL_INNER_SOURCE);
    proxy_end(w);
}

static void
test_no_path_is_up(void **state)
{
    proxy_pair *w = start("12");
    data_packet up = proxy_up(w, UDP, 1);
    fb_rule rule = proxy_rule(FB_RULE_FORWARD, "12", UDP, 1);

    (void)state;
    proxy_static_policy(w, &rule, 1);
    assert_takes(w, w->gateway, up, "1");
    proxy_link_down(w, PROXY_LTE);
    assert_takes(w, w->gateway, up, "2");
    proxy_link_down(w, PROXY_WLAN);
    /* with the last path the prefixes went */
    proxy_assert_dropped(w, w->gateway, &up, FB_DROP_TUNNEL_INNER_SOURCE);
    proxy_end(w);
}

/* ---- MTU and errors ---- */

/** Too Big of a router inside the tunnel about @p outer, IPv6: RFC 4443 3.2. Returns its length. */
static size_t
too_big(uint8_t icmp[1300], uint32_t mtu, const data_packet *outer, fb_meta *meta)
{
    uint8_t whole[40 + 1300] = {0};
    size_t length = 8 + outer->length;

    memset(icmp, 0, 8);
    icmp[0] = 2;
    icmp[6] = (uint8_t)(mtu >> 8);
    icmp[7] = (uint8_t)mtu;
    memcpy(icmp + 8, outer->octets, outer->length);
    *meta = (fb_meta){.src = proxy_address(0x99), .dst.family = FB_FAMILY_IPV6, .protocol = ICMPV6};
    memcpy(meta->dst.octet, outer->octets + 8, 16);
    memcpy(whole, meta->src.octet, 16);
    memcpy(whole + 16, meta->dst.octet, 16);
    whole[34] = (uint8_t)(length >> 8);
    whole[35] = (uint8_t)length;
    whole[39] = ICMPV6;
    memcpy(whole + 40, icmp, length);
    length = 40 + length;
    icmp[2] = (uint8_t)((uint16_t)~data_sum(whole, length) >> 8);
    icmp[3] = (uint8_t)~data_sum(whole, length);
    return length - 40;
}

/* RFC 2473 7.1, 8.2: a router in the tunnel says what fits, and the source is told what fits inside. */
static void
test_too_big_from_inside_the_tunnel(void **state)
{
    proxy_pair *w = start("1");
    data_packet small = proxy_up(w, UDP, 1);
    data_packet big = proxy_ipv6(proxy_node(w), proxy_correspondent(), UDP, 1, 2, 1450);
    proxy_sent sent = proxy_steer(w, w->gateway, &big);
    uint8_t icmp[1300], out[1500];
    data_packet quoted;
    fb_meta meta;
    size_t length;

    (void)state;
    assert_int_equal(sent.action[0].kind, FB_SEND);
    quoted = sent.packet[0];
    quoted.length = 1200;
    length = too_big(icmp, 1440, &quoted, &meta);
    /* through its mouth: what the agent sends next is for the source */
    assert_int_equal(fb_agent_input(w->gateway, &meta, icmp, length, w->now), FB_REASON_NONE);
    length = proxy_output(w, w->gateway, &meta, out);
    assert_true(length > 8);
    assert_int_equal(meta.protocol, ICMPV6);
    assert_memory_equal(meta.dst.octet, big.octets + 8, 16);
    assert_int_equal(out[0], 2);
    assert_int_equal(out[6] << 8 | out[7], 1400);
    assert_memory_equal(out + 8, big.octets, 40);
    proxy_assert_dropped(w, w->gateway, &big, FB_DROP_TOO_BIG);
    assert_takes(w, w->gateway, small, "1");
    proxy_end(w);
}

/* Of an MTU the host names: RFC 2473 6.7, 7.1. */
static void
test_too_big_for_the_link(void **state)
{
    proxy_pair *w = start("1");
    data_packet fits = proxy_ipv6(proxy_node(w), proxy_correspondent(), UDP, 1, 2, 1460);
    data_packet big = proxy_ipv6(proxy_node(w), proxy_correspondent(), UDP, 1, 2, 1461);
    fb_packet described = {.packet = 5,
                           .header = big.octets,
                           .header_len = big.length,
                           .total_len = big.length};
    uint8_t out[1500];
    fb_action action;
    fb_meta meta;

    (void)state;
    assert_passes(w, true, &fits, 1);
    assert_int_equal(fb_agent_steer(w->gateway, (fb_ref){0}, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->gateway, &action, w->now));
    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, FB_DROP_TOO_BIG);
    assert_true(proxy_output(w, w->gateway, &meta, out) > 8);
    assert_int_equal(out[0], 2);
    assert_int_equal(out[6] << 8 | out[7], 1460);
    assert_memory_equal(meta.dst.octet, big.octets + 8, 16);
    assert_int_equal(proxy_output(w, w->gateway, &meta, out), 0);
    proxy_end(w);
}

/* Nobody can shrink a tunnel that is not ours, or that the packet quoted never went into. */
static void
test_errors_about_other_tunnels(void **state)
{
    static const size_t ends[] = {8, 24}; /* the quoted source, destination */
    proxy_pair *w = start("1");
    fb_agent *const agents[] = {w->gateway, w->anchor};

    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        data_packet big = i == 0
                              ? proxy_ipv6(proxy_node(w), proxy_correspondent(), UDP, 1, 2, 1450)
                              : proxy_ipv6(proxy_correspondent(), proxy_node(w), UDP, 1, 2, 1450);
        proxy_sent sent = proxy_steer(w, agents[i], &big);
        uint8_t icmp[1300];
        fb_meta meta;
        size_t length;

        sent.packet[0].length = 200;
        for (size_t k = 0; k < 3; k++)
        {
            data_packet quoted = sent.packet[0];

            if (k < 2)
            {
                quoted.octets[ends[k] + 15] ^= 1;
            }
            else
            {
                quoted.octets[6] = TCP; /* of the host itself, not out of a tunnel */
            }
            length = too_big(icmp, 1300, &quoted, &meta);
            assert_int_equal(proxy_inject(w, agents[i], &meta, icmp, length), FB_DROP_NOT_EXPECTED);
        }
        length = too_big(icmp, 1300, &sent.packet[0], &meta);
        icmp[3] ^= 1;
        assert_int_equal(proxy_inject(w, agents[i], &meta, icmp, length), FB_DROP_NOT_EXPECTED);
        assert_takes(w, agents[i], big, "1");
        icmp[3] ^= 1;
        assert_int_equal(fb_agent_input(agents[i], &meta, icmp, length, w->now), FB_REASON_NONE);
        while (proxy_output(w, agents[i], &meta, (uint8_t[1500]){0}) > 0)
        {
        }
        proxy_assert_dropped(w, agents[i], &big, FB_DROP_TOO_BIG);
    }
    proxy_end(w);
}

/* ---- which messages are whose ---- */

static void
test_messages_for_the_other_role(void **state)
{
    proxy_pair *w = start("1");
    const proxy_message *update = proxy_last(w, true, 5), *answer = proxy_last(w, false, 6);
    const proxy_message was = *update, came = *answer;

    (void)state;
    assert_int_equal(proxy_inject(w, w->gateway, &was.meta, was.octets, was.length),
                     FB_DROP_WRONG_ROLE);
    assert_int_equal(proxy_inject(w, w->anchor, &came.meta, came.octets, came.length),
                     FB_DROP_WRONG_ROLE);
    assert_proxy_bids(w, FB_ROLE_LMA, "1");
    assert_proxy_bids(w, FB_ROLE_MAG, "1");
    proxy_end(w);
}

/* Facts of other roles are none of theirs. */
static void
test_facts_of_other_roles(void **state)
{
    static const fb_fact_kind none[] = {FB_FACT_SUBSCRIBER_SET,
                                        FB_FACT_SUBSCRIBER_REMOVE,
                                        FB_FACT_ASSOCIATION,
                                        FB_FACT_ACCESS_UP,
                                        FB_FACT_ACCESS_DOWN};
    static const fb_fact_kind of_gateway[] = {FB_FACT_LINK_UP,
                                              FB_FACT_LINK_DOWN,
                                              FB_FACT_POLICY,
                                              FB_FACT_REGISTER,
                                              FB_FACT_SESSION_ADD,
                                              FB_FACT_QUALITY};
    static const fb_fact_kind of_anchor[] = {FB_FACT_PROXY_SUBSCRIBER_SET,
                                             FB_FACT_PROXY_SUBSCRIBER_REMOVE,
                                             FB_FACT_GATEWAY_SET,
                                             FB_FACT_GATEWAY_REMOVE};
    proxy_pair *w = start("1");
    fb_fact fact = {.kind = FB_FACT_LINK_UP};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
    {
        fact.kind = none[i];
        assert_int_equal(fb_agent_fact(w->gateway, &fact, w->now), FB_ERR_UNKNOWN);
        assert_int_equal(fb_agent_fact(w->anchor, &fact, w->now), FB_ERR_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof of_gateway / sizeof of_gateway[0]; i++)
    {
        fact.kind = of_gateway[i];
        assert_int_equal(fb_agent_fact(w->anchor, &fact, w->now), FB_ERR_UNKNOWN);
    }
    for (size_t i = 0; i < sizeof of_anchor / sizeof of_anchor[0]; i++)
    {
        fact.kind = of_anchor[i];
        assert_int_equal(fb_agent_fact(w->gateway, &fact, w->now), FB_ERR_UNKNOWN);
    }
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_paths_are_registered),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_rules_of_a_session),
        cmocka_unit_test(test_data_passes_over_every_path),
        cmocka_unit_test(test_delegated_prefix),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_copies_of_paths_that_are_up),
        cmocka_unit_test(test_copies_of_fragments),
        cmocka_unit_test(test_a_copy_that_does_not_fit),
        cmocka_unit_test(test_actions_have_to_be_taken),
        cmocka_unit_test(test_packets_of_nobody),
        cmocka_unit_test(test_local_routing),
        cmocka_unit_test(test_hop_limit_zero),
        cmocka_unit_test(test_a_session_that_was_deregistered),
        cmocka_unit_test(test_no_path_is_up),
        cmocka_unit_test(test_too_big_from_inside_the_tunnel),
        cmocka_unit_test(test_too_big_for_the_link),
        cmocka_unit_test(test_errors_about_other_tunnels),
        cmocka_unit_test(test_messages_for_the_other_role),
        cmocka_unit_test(test_facts_of_other_roles),
    };

    return cmocka_run_group_tests_name("agent/proxy", tests, NULL, NULL);
}
