/* SPDX-License-Identifier: BSD-3-Clause */
#include "data_plane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_internal.h"

static void
must(bool condition, const char *what)
{
    if (!condition)
    {
        fprintf(stderr, "data plane: %s\n", what);
        abort();
    }
}

static uint16_t
get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static fb_ipv4
get_u32(const uint8_t *at)
{
    return (fb_ipv4)get_u16(at) << 16 | get_u16(at + 2);
}

static void
put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

uint16_t
data_sum(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
    {
        sum += i % 2 == 0 ? (uint32_t)octets[i] << 8 : octets[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

void
data_seal(data_packet *packet)
{
    put_u16(packet->octets + 10, 0);
    put_u16(packet->octets + 10,
            (uint16_t)~data_sum(packet->octets, (packet->octets[0] & 15u) * 4));
}

data_packet
data_ipv4(fb_ipv4 source, fb_ipv4 destination, uint8_t protocol, size_t length)
{
    data_packet packet = {.octets = {0x45, 0, 0, 0, 0x0a, 0x0b, 0, 0, 63}, .length = length};

    must(length >= 28 && length <= DATA_OCTETS_MAX, "no such length");
    put_u16(packet.octets + 2, (uint16_t)length);
    packet.octets[9] = protocol;
    put_u32(packet.octets + 12, source);
    put_u32(packet.octets + 16, destination);
    for (size_t i = 20; i < length; i++)
    {
        packet.octets[i] = (uint8_t)(i * 7);
    }
    data_seal(&packet);
    return packet;
}

static data_packet
sip(fb_ipv4 source, fb_ipv4 destination)
{
    data_packet packet = data_ipv4(source, destination, 17, 40);

    put_u16(packet.octets + 20, 5060);
    put_u16(packet.octets + 22, 5060);
    put_u16(packet.octets + 24, 20);
    put_u16(packet.octets + 26, 0);
    return packet;
}

data_packet
data_down(void)
{
    return sip(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
}

data_packet
data_up(void)
{
    return sip(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
}

data_packet
data_echo(fb_ipv4 source, fb_ipv4 destination, uint8_t type, uint16_t identifier)
{
    data_packet packet = data_ipv4(source, destination, 1, 40);
    uint8_t *icmp = packet.octets + 20;

    icmp[0] = type;
    icmp[1] = 0;
    put_u16(icmp + 2, 0);
    put_u16(icmp + 4, identifier);
    put_u16(icmp + 2, (uint16_t)~data_sum(icmp, 20));
    return packet;
}

data_packet
data_icmp_error(uint8_t type, uint8_t code, uint16_t mtu, const data_packet *quoted, size_t octets)
{
    data_packet icmp = {.octets = {type, code}, .length = 8 + 20 + octets};

    put_u16(icmp.octets + 6, mtu);
    memcpy(icmp.octets + 8, quoted->octets, 20 + octets);
    put_u16(icmp.octets + 2, (uint16_t)~data_sum(icmp.octets, icmp.length));
    return icmp;
}

fb_action
data_steer(world *w, fb_agent *agent, const data_packet *packet)
{
    /* on the heap, so that reading behind it is seen */
    uint8_t *copy = malloc(packet->length);
    fb_packet described = {.packet = 77,
                           .header = copy,
                           .header_len = packet->length,
                           .total_len = packet->length};
    fb_action action;

    must(copy != NULL, "out of memory");
    memcpy(copy, packet->octets, packet->length);
    must(fb_agent_steer(agent, (fb_ref){0}, &described, w->now) == FB_OK, "fb_agent_steer failed");
    must(fb_agent_poll_action(agent, &action, w->now), "no action");
    must(action.packet == 77 && action.last, "the packet did not come back");
    free(copy);
    return action;
}

data_packet
data_result(const fb_action *action, const data_packet *packet)
{
    data_packet result = {.length = packet->length - action->strip + action->outer_len};

    must(action->kind == FB_SEND || action->kind == FB_DELIVER || action->kind == FB_FORWARD ||
             action->kind == FB_COPY,
         "the action carries no packet");
    must(action->strip <= packet->length && action->outer_len <= FB_OUTER_MAX &&
             result.length <= DATA_OCTETS_MAX,
         "the action does not fit the packet");
    memcpy(result.octets, action->outer, action->outer_len);
    memcpy(result.octets + action->outer_len,
           packet->octets + action->strip,
           packet->length - action->strip);
    for (uint8_t i = 0; i < action->patch_count; i++)
    {
        const fb_patch *patch = &action->patch[i];

        must(patch->at >= action->strip && patch->at + 2u <= packet->length,
             "a patch is outside of the packet");
        put_u16(result.octets + action->outer_len + patch->at - action->strip, patch->value);
    }
    return result;
}

/** RFC 768: the checksum of a UDP packet that has one. */
static void
judge_udp(const data_packet *packet, const uint8_t *udp)
{
    uint8_t whole[DATA_OCTETS_MAX + 12] = {0};
    size_t length = packet->length - 20;

    must(get_u16(udp + 4) == length, "the UDP length is wrong");
    if (get_u16(udp + 6) == 0)
    {
        return;
    }
    memcpy(whole, packet->octets + 12, 8);
    whole[9] = 17;
    put_u16(whole + 10, (uint16_t)length);
    memcpy(whole + 12, udp, length);
    must(data_sum(whole, length + 12) == 0xffff, "the UDP checksum is wrong");
}

fb_meta
data_open(const data_packet *outer, uint32_t link, data_packet *payload)
{
    const uint8_t *ip = outer->octets;
    size_t front = 20;
    fb_meta meta = {.src = fb_addr_from_ipv4(get_u32(ip + 12)),
                    .dst = fb_addr_from_ipv4(get_u32(ip + 16)),
                    .link = link,
                    .tos = ip[1],
                    .identification = get_u16(ip + 4),
                    .flags = (ip[6] & 0x40) != 0 ? FB_META_DONT_FRAGMENT : 0,
                    .ttl = ip[8],
                    .protocol = ip[9]};

    must(ip[0] == 0x45, "no IPv4 header, or one with options");
    must(data_sum(ip, 20) == 0xffff, "the header checksum is wrong");
    must(get_u16(ip + 2) == outer->length, "the total length is wrong");
    if (meta.protocol == 17)
    {
        judge_udp(outer, ip + 20);
        meta.sport = get_u16(ip + 20);
        meta.dport = get_u16(ip + 22);
        front += 8;
    }
    payload->length = outer->length - front;
    memcpy(payload->octets, outer->octets + front, payload->length);
    return meta;
}

fb_action
data_arrive(world *w,
            fb_agent *agent,
            const data_packet *outer,
            uint32_t link,
            data_packet *payload)
{
    fb_meta meta = data_open(outer, link, payload);
    uint8_t *copy = malloc(payload->length);
    fb_packet described = {.packet = 78,
                           .header = copy,
                           .header_len = payload->length,
                           .total_len = payload->length};
    fb_action action;

    must(copy != NULL, "out of memory");
    memcpy(copy, payload->octets, payload->length);
    must(fb_agent_receive(agent, &meta, &described, w->now) == FB_OK, "fb_agent_receive failed");
    must(fb_agent_poll_action(agent, &action, w->now), "no action");
    must(action.packet == 78 && action.last, "the packet did not come back");
    free(copy);
    return action;
}

void
data_set_tunnel(world *w, uint8_t bid, const data_tunnel *tunnel)
{
    fb_binding_cache *cache = &w->home_agent->home_agent.cache;
    uint32_t node = fb_cache_find(cache, WORLD_HOME_ADDRESS);
    const fb_binding *known = fb_cache_binding(cache, node, bid);
    const fb_registration *registration = fb_mobile_node_registration(&w->mobile_node->mobile_node,
                                                                      bid);
    fb_registration *at_node;
    fb_binding wanted;

    must(known != NULL && registration != NULL, "no such path");
    wanted = *known;
    wanted.tunnel = tunnel->kind;
    wanted.flags = tunnel->no_reverse ? 0 : FB_BINDING_FLAG_REVERSE;
    wanted.tunnel_address = tunnel->nat != 0 ? tunnel->nat : known->care_of_address;
    wanted.udp_port = 0;
    if (tunnel->udp)
    {
        wanted.udp_port = tunnel->nat_port != 0 ? tunnel->nat_port : FB_MIP4_PORT;
    }
    fb_cache_bind(cache, node, &wanted, w->now);
    at_node = fb_registration_find(&w->mobile_node->mobile_node.registrations,
                                   registration->link.link);
    at_node->tunnel = tunnel->kind;
    at_node->udp = tunnel->udp;
}
