/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 2473 8: ICMPv6 errors from inside a tunnel over IPv6, what the sources of the packets in it are told, and what
 * becomes of the next ones.
 */

#include "exchange.h"

#include "agent_internal.h"
#include "data_plane.h"
#include "steer/tunnel_error.h"

#include <stdlib.h>
#include <string.h>

#define ICMPV6 58
#define NOW (5 * FB_SECOND)

static const uint8_t entry_point[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1};
static const uint8_t exit_point[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x08, [15] = 1};
static const uint8_t second_exit[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x07, [15] = 1};
static const uint8_t router[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x09, [15] = 9};
static const uint8_t host[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0a, [15] = 5};
static const uint8_t node[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x0b, [15] = 6};
static const fb_outer_ipv6 tunnel = {.source = entry_point, .destination = exit_point};

static data_packet
ipv6(const uint8_t *source, const uint8_t *destination, uint8_t next_header, size_t length)
{
    data_packet packet = {.octets = {0x60}, .length = length};

    packet.octets[4] = (uint8_t)((length - 40) >> 8);
    packet.octets[5] = (uint8_t)(length - 40);
    packet.octets[6] = next_header;
    packet.octets[7] = 63;
    memcpy(packet.octets + 8, source, 16);
    memcpy(packet.octets + 24, destination, 16);
    return packet;
}

/** An original packet of that family and length; IPv4 with DF set, or not. */
static data_packet
original(uint8_t family, size_t length, bool dont_fragment)
{
    data_packet packet;

    if (family == 6)
    {
        return ipv6(host, node, UDP, length);
    }
    packet = data_ipv4(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, UDP, length);
    packet.octets[6] = dont_fragment ? 0x40 : 0;
    data_seal(&packet);
    return packet;
}

/** What stands between the outer IPv6 header and the original packet. */
typedef struct headers
{
    uint8_t next_header; /* 0: 4 or 41 */
    uint8_t count;
    uint8_t octets[24];
} headers;

static const headers nothing = {0, 0, {0}};

static data_packet
tunnelled(const headers *between, const data_packet *inner)
{
    uint8_t protocol = inner->octets[0] >> 4 == 6 ? 41 : 4;
    data_packet packet = ipv6(entry_point,
                              exit_point,
                              between->next_header != 0 ? between->next_header : protocol,
                              40 + between->count + inner->length);

    memcpy(packet.octets + 40, between->octets, between->count);
    memcpy(packet.octets + 40 + between->count, inner->octets, inner->length);
    return packet;
}

/** Puts the checksum of RFC 4443 2.3 right, of a message from @p source to @p destination. */
static void
seal(data_packet *icmp, const uint8_t *source, const uint8_t *destination)
{
    uint8_t octets[40 + DATA_OCTETS_MAX] = {0};
    uint16_t sum;

    memcpy(octets, source, 16);
    memcpy(octets + 16, destination, 16);
    octets[34] = (uint8_t)(icmp->length >> 8);
    octets[35] = (uint8_t)icmp->length;
    octets[39] = ICMPV6;
    icmp->octets[2] = icmp->octets[3] = 0;
    memcpy(octets + 40, icmp->octets, icmp->length);
    sum = (uint16_t)~data_sum(octets, 40 + icmp->length);
    icmp->octets[2] = (uint8_t)(sum >> 8);
    icmp->octets[3] = (uint8_t)sum;
}

/** An error of the router, with the first @p quoted octets of @p packet. */
static data_packet
error_about(uint8_t type, uint8_t code, uint32_t value, const data_packet *packet, size_t quoted)
{
    data_packet icmp = {.octets = {type, code}, .length = 8 + quoted};

    for (int i = 0; i < 4; i++)
    {
        icmp.octets[4 + i] = (uint8_t)(value >> (24 - 8 * i));
    }
    memcpy(icmp.octets + 8, packet->octets, quoted);
    seal(&icmp, router, entry_point);
    return icmp;
}

/** What the entry point has after the error. */
typedef struct outcome
{
    bool read;
    int noted;
    bool relayed;
    fb_icmp_error error;
    fb_tunnel_entry told;
    size_t length; /* of the message to the source, without the IPv6 checksum */
    uint8_t octets[FB_ICMP_ERROR_MAX];
    fb_tunnel_states states;
} outcome;

static fb_addr
addr6(const uint8_t *octets)
{
    fb_addr address = {.family = FB_FAMILY_IPV6};

    memcpy(address.octet, octets, 16);
    return address;
}

/** The error arrives, in a copy that ends where it does. */
static outcome
arrive(const data_packet *icmp)
{
    uint8_t *copy = vectors_copy(icmp->octets, icmp->length);
    fb_addr from = addr6(router), to = addr6(entry_point);
    outcome o = {.noted = FB_DROP_NOT_EXPECTED};
    fb_flow inner;

    o.read = fb_icmpv6_error_read(&o.error, copy, icmp->length, &from, &to);
    if (o.read)
    {
        o.noted = fb_tunnel_error_note(&o.states, &o.error, NOW);
        o.relayed = o.noted == 0 && fb_tunnel_error_relay(&o.error, &inner, &o.told);
    }
    if (o.relayed)
    {
        o.length = fb_icmp_error_write(o.octets,
                                       o.told.icmp_type,
                                       o.told.icmp_code,
                                       o.told.icmp_value,
                                       &inner,
                                       o.error.inner,
                                       o.error.inner_length);
    }
    free(copy);
    return o;
}

static fb_tunnel_ends
ends_of_tunnel(void)
{
    return (fb_tunnel_ends){.source = addr6(entry_point), .destination = addr6(exit_point)};
}

/* 8.1: hop limit exceeded, unreachable node, and a parameter problem that points to a limit of 0 are "a tunnel generic
   'unreachable' problem caused by a 'link problem'"; 8.2: Type 1, Code 3; 8.3: Type 3, Code 1. Others are nobody's. */
static void
test_unreachable(void **state)
{
    static const headers limit_0 = {60, 8, {41, 0, 4, 1, 0, 1, 1, 0}};
    static const headers limit_1 = {60, 8, {41, 0, 4, 1, 1, 1, 1, 0}};
    static const headers limit_0_behind = {60,
                                           16,
                                           {60, 0, 1, 4, 0, 0, 0, 0, 41, 0, 1, 0, 4, 1, 0, 0}};
    static const struct
    {
        uint8_t type, code;
        uint32_t value;
        const headers *between;
        bool relayed;
    } cases[] = {
        {1, 0, 0, &nothing, true}, /* no route */
        {1, 1, 0, &nothing, true}, /* prohibited */
        {1, 2, 0, &nothing, true}, /* beyond scope */
        {1, 3, 0, &nothing, true}, /* address */
        {1, 4, 0, &nothing, false}, /* port: no tunnel has one */
        {1, 5, 0, &nothing, true},         {1, 6, 0, &nothing, true}, /* reject route */
        {3, 0, 0, &nothing, true}, /* hop limit */
        {3, 1, 0, &nothing, false}, /* reassembly */
        {4, 0, 44, &limit_0, true},        {4, 0, 45, &limit_0, false},
        {4, 0, 0, &limit_0, false},        {4, 0, 300, &limit_0, false}, /* behind what is quoted */
        {4, 1, 44, &limit_0, false}, /* unrecognized next header */
        {4, 2, 44, &limit_0, false}, /* unrecognized option */
        {4, 0, 44, &limit_1, false}, /* one more was permitted */
        {4, 0, 54, &limit_0_behind, true}, {4, 0, 44, &nothing, false},
        {0, 0, 0, &nothing, false},        {5, 0, 0, &nothing, false},
        {127, 0, 0, &nothing, false},      {128, 0, 0, &nothing, false}, /* an echo request */
        {134, 0, 0, &nothing, false},      {255, 3, 0, &nothing, false},
    };

    (void)state;
    requirement("B2473-01");
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++)
    {
        size_t n = i / 2;
        data_packet inner = original(i % 2 == 0 ? 6 : 4, 100, false);
        data_packet sent = tunnelled(cases[n].between, &inner);
        fb_tunnel_ends ends = ends_of_tunnel();
        data_packet icmp;
        outcome o;

        if (cases[n].between->count != 0 && i % 2 != 0)
        {
            sent.octets[cases[n].between == &limit_0_behind ? 48 : 40] = 4;
        }
        icmp = error_about(cases[n].type, cases[n].code, cases[n].value, &sent, sent.length);
        o = arrive(&icmp);
        assert_int_equal(o.noted, cases[n].relayed ? 0 : FB_DROP_NOT_EXPECTED);
        assert_int_equal(o.relayed, cases[n].relayed);
        if (!cases[n].relayed)
        {
            assert_null(fb_tunnel_state_find(&o.states, &ends, NOW));
            continue;
        }
        assert_int_equal(fb_tunnel_state_find(&o.states, &ends, NOW)->unreachable_until,
                         NOW + FB_SECOND);
        assert_int_equal(o.octets[0], i % 2 == 0 ? 1 : 3);
        assert_int_equal(o.octets[1], i % 2 == 0 ? 3 : 1);
        assert_int_equal(octets_u32(o.octets + 4), 0);
        assert_int_equal(o.length, i % 2 == 0 ? 8 + 100 : 8 + 28);
        assert_memory_equal(o.octets + 8, inner.octets, o.length - 8);
    }
}

/* 8.2, 8.3: "The MTU field from the tunnel ICMP message minus the length of the tunnel headers"; to an IPv6 source
   "only if the original packet size is larger than the minimum link MTU", to an IPv4 one if "the DF bit flag" is set */
static void
test_too_big(void **state)
{
    static const headers limit_6 = {60, 8, {41, 0, 4, 1, 3, 1, 1, 0}};
    static const headers gre = {47, 4, {0, 0, 0x86, 0xdd}};
    static const headers gre_key = {47, 8, {0x20, 0, 0x08, 0, 0, 0, 0, 7}};
    static const headers limit_gre_key = {
        60,
        16,
        {47, 0, 4, 1, 3, 1, 1, 0, 0x20, 0, 0x86, 0xdd, 0, 0, 0, 7}};
    static const headers first_fragment = {44, 8, {41, 0, 0, 1, 0, 0, 0, 9}};
    static const struct
    {
        const headers *between;
        uint32_t mtu;
        uint16_t length;
        uint8_t family;
        bool dont_fragment;
        uint16_t told; /* 0: nothing */
    } cases[] = {
        {&nothing, 1400, 1461, 6, true, 1360},
        {&limit_6, 1400, 1400, 6, true, 1352},
        {&gre, 1400, 1400, 6, true, 1356},
        {&limit_gre_key, 1400, 1400, 6, true, 1344},
        {&first_fragment, 1400, 1400, 6, true, 1352},
        {&nothing, 1300, 1300, 6, true, 1280}, /* 7.1 b: 1280 go through, in fragments */
        {&nothing, 1280, 1281, 6, true, 1280},
        {&nothing, 1300, 1280, 6, true, 0},
        {&nothing, 1280, 1260, 6, true, 0},
        {&nothing, 1400, 1400, 4, true, 1360},
        {&gre_key, 1400, 1400, 4, true, 1352},
        {&nothing, 1280, 1270, 4, true, 1240}, /* 7.2 a */
        {&nothing, 1280, 1270, 4, false, 0},
    };

    (void)state;
    requirement("B2473-01");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        data_packet inner = original(cases[i].family, cases[i].length, cases[i].dont_fragment);
        data_packet sent = tunnelled(cases[i].between, &inner);
        /* RFC 4443 2.4 c: as much as fits into 1280 octets */
        data_packet icmp = error_about(2, 0, cases[i].mtu, &sent, 1280 - 48);
        outcome o = arrive(&icmp);
        fb_tunnel_ends ends = ends_of_tunnel();

        assert_int_equal(o.noted, 0);
        assert_int_equal(fb_tunnel_state_find(&o.states, &ends, NOW)->mtu, cases[i].mtu);
        assert_int_equal(o.relayed, cases[i].told != 0);
        if (cases[i].told == 0)
        {
            continue;
        }
        assert_int_equal(o.octets[0], cases[i].family == 6 ? 2 : 3);
        assert_int_equal(o.octets[1], cases[i].family == 6 ? 0 : 4);
        assert_int_equal(octets_u32(o.octets + 4), cases[i].told);
        assert_memory_equal(o.octets + 8, inner.octets, o.length - 8);
        if (cases[i].family == 4)
        {
            assert_int_equal(o.length, 8 + 28);
            assert_int_equal(data_sum(o.octets, o.length), 0xffff);
        }
        else
        {
            assert_int_equal(o.length, 8 + 1280 - 48 - 40 - cases[i].between->count);
        }
    }
}

/* 8.3, octet for octet: UDP from 192.0.2.130 to 198.51.100.10, DF */
static void
test_the_octets(void **state)
{
    static const data_packet inner = {
        .octets = {0x45, 0,   0,   28, 0,   1,  0x40, 0,    0x3f, 0x11, 0x4f, 0x10, 192, 0,
                   2,    130, 198, 51, 100, 10, 0x13, 0xc4, 0,    0x50, 0,    8,    0,   0},
        .length = 28};
    static const uint8_t unreachable[8] = {3, 1, 0xe8, 0xe2, 0, 0, 0, 0};
    static const uint8_t too_big[8] = {3, 4, 0xe3, 0x8f, 0, 0, 0x05, 0x50}; /* 1360 */
    data_packet sent = tunnelled(&nothing, &inner), long_one = original(4, 1400, true);
    data_packet icmp = error_about(3, 0, 0, &sent, sent.length);
    outcome o = arrive(&icmp);

    (void)state;
    requirement("B2473-01");
    assert_int_equal(o.length, 36);
    assert_memory_equal(o.octets, unreachable, 8);
    assert_memory_equal(o.octets + 8, inner.octets, 28);
    sent = tunnelled(&nothing, &long_one);
    memcpy(sent.octets + 40, inner.octets, 28);
    sent.octets[42] = 1400 >> 8, sent.octets[43] = 1400 & 0xff;
    sent.octets[50] = 0x49, sent.octets[51] = 0xb4; /* 1400 is 28 and 0x55c more */
    icmp = error_about(2, 0, 1400, &sent, 40 + 28);
    o = arrive(&icmp);
    assert_int_equal(o.length, 36);
    /* the same sum: what the length has more, the header's checksum has less */
    assert_memory_equal(o.octets, too_big, 8);
    assert_memory_equal(o.octets + 8, sent.octets + 40, 28);
}

/* What must not be believed, and what is too little to know its source again: soft state has to do then */
static void
test_what_is_quoted(void **state)
{
    static const headers later_fragment = {44, 8, {41, 0, 1, 0, 0, 0, 0, 9}};
    data_packet inner = original(6, 1400, true), sent = tunnelled(&nothing, &inner), icmp;
    outcome o;

    (void)state;
    requirement("B2473-01");
    icmp = error_about(2, 0, 1440, &sent, 200); /* it would have fitted */
    assert_int_equal(arrive(&icmp).noted, FB_DROP_NOT_EXPECTED);
    icmp = error_about(2, 0, 1279, &sent, 200); /* RFC 8201 4: "it must discard it" */
    assert_false(arrive(&icmp).read);
    icmp = error_about(2, 0, UINT32_MAX, &sent, 200);
    assert_int_equal(arrive(&icmp).noted, FB_DROP_NOT_EXPECTED);
    icmp = error_about(2, 0, 1400, &sent, 39);
    assert_false(arrive(&icmp).read);
    for (size_t quoted = 40; quoted < 40 + 40; quoted++)
    {
        icmp = error_about(2, 0, 1400, &sent, quoted);
        o = arrive(&icmp);
        assert_int_equal(o.noted, 0);
        assert_false(o.relayed);
    }
    icmp = error_about(2, 0, 1400, &sent, 80);
    assert_true(arrive(&icmp).relayed);
    inner = original(4, 1400, true);
    sent = tunnelled(&nothing, &inner);
    icmp = error_about(2, 0, 1400, &sent, 40 + 27);
    assert_false(arrive(&icmp).relayed);
    icmp = error_about(2, 0, 1400, &sent, 40 + 28);
    assert_true(arrive(&icmp).relayed);
    sent = tunnelled(&later_fragment, &inner);
    icmp = error_about(2, 0, 1400, &sent, 200);
    o = arrive(&icmp);
    assert_int_equal(o.noted, 0);
    assert_false(o.relayed);
    sent = ipv6(entry_point, exit_point, UDP, 1400); /* no tunnel of IPv6 is in UDP */
    icmp = error_about(2, 0, 1300, &sent, 200);
    assert_false(arrive(&icmp).read);
}

/* 8.4: "relays the ICMP message to the outer tunnel entry-point following the mechanisms" and that one to the source */
static void
test_nested_tunnels(void **state)
{
    data_packet inner = original(6, 1400, true), outer_tunnel = inner, sent, icmp;
    outcome o;

    (void)state;
    requirement("B2473-01");
    outer_tunnel = ipv6(host, second_exit, 41, 40 + inner.length);
    memcpy(outer_tunnel.octets + 40, inner.octets, inner.length);
    sent = tunnelled(&nothing, &outer_tunnel);
    icmp = error_about(2, 0, 1420, &sent, 1232);
    o = arrive(&icmp);
    assert_int_equal(octets_u32(o.octets + 4), 1380);
    assert_memory_equal(o.octets + 8, outer_tunnel.octets, o.length - 8);

    /* at the outer tunnel's entry point, which is `host`; the message is sent by the inner one's */
    icmp.length = o.length;
    memcpy(icmp.octets, o.octets, o.length);
    seal(&icmp, router, entry_point);
    o = arrive(&icmp);
    assert_int_equal(o.noted, 0);
    assert_memory_equal(o.error.source.octet, host, 16);
    assert_memory_equal(o.error.destination.octet, second_exit, 16);
    assert_int_equal(octets_u32(o.octets + 4), 1340);
    assert_memory_equal(o.octets + 8, inner.octets, o.length - 8);
}

static int
enter(const fb_tunnel_states *states, const data_packet *inner, fb_tunnel_entry *told, fb_time now)
{
    fb_packet packet = {.header = inner->octets,
                        .header_len = inner->length,
                        .total_len = inner->length};
    fb_outer_ipv6 outer = tunnel;
    fb_action action = {.kind = FB_SEND};
    fb_flow flow;

    outer.path_mtu = 1500;
    assert_true(fb_flow_read(&flow, inner->octets, inner->length, inner->length));
    return fb_tunnel_enter_ipv6(states, &action, FB_TUNNEL_IPIP, &outer, &flow, &packet, told, now);
}

/* 6.7, 7, 8.1: "used ... by a receiving tunnel entry-point node to set or adjust the tunnel MTU"; RFC 8201 4: for ten
   minutes */
static void
test_the_next_packets(void **state)
{
    data_packet inner = original(6, 1360, true), four = original(4, 1361, true);
    data_packet big = original(6, 1460, true), sent = tunnelled(&nothing, &big), icmp;
    fb_time forgotten = NOW + 600 * FB_SECOND;
    fb_tunnel_entry told;
    fb_tunnel_ends ends;
    outcome o;

    (void)state;
    requirement("B2473-01");
    icmp = error_about(2, 0, 1400, &sent, 200);
    o = arrive(&icmp);
    assert_int_equal(enter(&o.states, &inner, &told, NOW), 0);
    assert_int_equal(enter(&o.states, &big, &told, NOW), FB_DROP_TOO_BIG);
    assert_int_equal(told.icmp_type, 2);
    assert_int_equal(told.icmp_value, 1360);
    assert_int_equal(enter(&o.states, &four, &told, forgotten - 1), FB_DROP_TOO_BIG);
    assert_int_equal(told.icmp_type, 3);
    assert_int_equal(told.icmp_code, 4);
    assert_int_equal(told.icmp_value, 1360);
    assert_int_equal(enter(&o.states, &four, &told, forgotten), 0);
    assert_int_equal(enter(&o.states, &big, &told, forgotten), 0);
    ends = ends_of_tunnel();
    assert_int_equal(fb_tunnel_path_mtu(&o.states, &ends, 1500, NOW), 1400);
    assert_int_equal(fb_tunnel_path_mtu(&o.states, &ends, 1300, NOW), 1300);
    assert_int_equal(fb_tunnel_path_mtu(&o.states, &ends, 0, NOW), 1400);
    assert_int_equal(fb_tunnel_path_mtu(&o.states, &ends, 1500, forgotten), 1500);

    icmp = error_about(1, 0, 0, &sent, 200);
    o = arrive(&icmp);
    assert_int_equal(enter(&o.states, &inner, &told, NOW), FB_DROP_TUNNEL_UNREACHABLE);
    assert_int_equal(told.icmp_type, 1);
    assert_int_equal(told.icmp_code, 3);
    assert_int_equal(enter(&o.states, &four, &told, NOW), FB_DROP_TUNNEL_UNREACHABLE);
    assert_int_equal(told.icmp_type, 3);
    assert_int_equal(told.icmp_code, 1);
    assert_int_equal(enter(&o.states, &inner, &told, NOW + FB_SECOND), 0);
    /* another tunnel has nothing to do with it */
    ends.destination = addr6(second_exit);
    o.states = (fb_tunnel_states){0};
    fb_tunnel_state_unreachable(&o.states, &ends, NOW);
    assert_int_equal(enter(&o.states, &inner, &told, NOW), 0);
}

/* The same by an agent: the source gets the message; errors about tunnels that are none of its roles' it discards */
static void
test_an_agent(void **state)
{
    world *w = registered_world(1);
    data_packet inner = original(6, 1400, true), sent = tunnelled(&nothing, &inner);
    data_packet icmp = error_about(1, 0, 0, &sent, 200);
    fb_meta meta = {.src = addr6(router), .dst = addr6(entry_point), .protocol = ICMPV6};
    fb_packet packet = {.header = inner.octets,
                        .header_len = inner.length,
                        .total_len = inner.length};
    fb_tunnel_ends ends = ends_of_tunnel();
    uint8_t octets[1500];
    fb_action action = {.kind = FB_SEND};
    fb_flow flow;

    (void)state;
    requirement("B2473-01");
    assert_int_equal(fb_agent_input(w->home_agent, &meta, icmp.octets, icmp.length, w->now),
                     FB_DROP_NOT_EXPECTED);
    assert_true(fb_flow_read(&flow, inner.octets, inner.length, inner.length));
    assert_int_equal(
        fb_agent_enter_ipv6(w->home_agent, &action, FB_TUNNEL_IPIP, &tunnel, &flow, &packet),
        0);
    assert_int_equal(action.mtu, 0);
    assert_int_equal(action.outer_len, 40);
    fb_tunnel_state_too_big(&w->home_agent->tunnel_states, &ends, 1300, w->now);
    assert_int_equal(
        fb_agent_enter_ipv6(w->home_agent, &action, FB_TUNNEL_IPIP, &tunnel, &flow, &packet),
        FB_DROP_TOO_BIG);
    /* RFC 4443 2.4 c: 1280 octets with the IPv6 header that the host puts in front */
    assert_int_equal(fb_agent_output(w->home_agent, &meta, octets, sizeof octets, w->now), 1240);
    assert_int_equal(meta.protocol, ICMPV6);
    assert_int_equal(meta.dst.family, FB_FAMILY_IPV6);
    assert_memory_equal(meta.dst.octet, host, 16);
    assert_int_equal(octets[0], 2);
    assert_int_equal(octets_u32(octets + 4), 1280);
    assert_memory_equal(octets + 8, inner.octets, 1232);
    world_end(w);
}

/* Whatever arrives: every end, every flipped bit, with the checksum wrong and with it put right */
static void
test_damage(void **state)
{
    static const headers between = {60,
                                    16,
                                    {47, 0, 4, 1, 0, 1, 1, 0, 0x20, 0, 0x86, 0xdd, 0, 0, 0, 7}};
    data_packet inner = original(6, 1400, true), sent = tunnelled(&between, &inner);

    (void)state;
    requirement("B2473-01");
    for (unsigned type = 1; type <= 4; type++)
    {
        data_packet icmp = error_about((uint8_t)type, 0, type == 2 ? 1400 : 44, &sent, 120);

        assert_true(arrive(&icmp).relayed);
        for (size_t length = 0; length < icmp.length; length++)
        {
            data_packet cut = icmp;

            cut.length = length;
            assert_false(arrive(&cut).read);
        }
        for (size_t bit = 0; bit < icmp.length * 8; bit++)
        {
            data_packet damaged = icmp;
            outcome o;

            damaged.octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(arrive(&damaged).read);
            seal(&damaged, router, entry_point);
            o = arrive(&damaged);
            if (o.relayed)
            {
                size_t front = 8 + o.error.overhead;

                assert_int_equal(o.noted, 0);
                assert_true(o.error.inner_length == icmp.length - front);
                assert_memory_equal(o.octets + 8, damaged.octets + front, o.length - 8);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unreachable),
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_the_octets),
        cmocka_unit_test(test_what_is_quoted),
        cmocka_unit_test(test_nested_tunnels),
        cmocka_unit_test(test_the_next_packets),
        cmocka_unit_test(test_an_agent),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests_name("rfc2473_8_errors", tests, NULL, NULL);
}
