/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_DATA_PLANE_H
#define FB_TEST_DATA_PLANE_H

/**
 * @file
 * What a host does with data packets, by hand: it obeys actions, and takes outer headers off what arrives. Whatever it
 * sees is judged: lengths and checksums of every packet have to be right.
 */

#include "world.h"

#define DATA_OCTETS_MAX 2200

/** One IP packet, or what is behind the outer header of one. */
typedef struct data_packet
{
    uint8_t octets[DATA_OCTETS_MAX];
    size_t length;
} data_packet;

/** An IPv4 packet of @p length octets, ports and lengths and checksums in place, the rest of its payload a pattern. */
data_packet data_ipv4(fb_ipv4 source, fb_ipv4 destination, uint8_t protocol, size_t length);

/** The usual one: from the correspondent's UDP port 5060 to the home address, or back; 40 octets. */
data_packet data_down(void);
data_packet data_up(void);

/** An ICMP echo message (type 8 or 0) of 8 + 12 octets, checksum right. */
data_packet data_echo(fb_ipv4 source, fb_ipv4 destination, uint8_t type, uint16_t identifier);

/** Puts the IPv4 header checksum right after a change. */
void data_seal(data_packet *packet);

/** The ones' complement sum of RFC 1071, folded. 0xffff over octets that have a right checksum in them. */
uint16_t data_sum(const uint8_t *octets, size_t length);

/** An ICMP error of a router about @p quoted, an IPv4 packet, of which it quotes @p octets behind the IP header. */
data_packet data_icmp_error(uint8_t type,
                            uint8_t code,
                            uint16_t mtu,
                            const data_packet *quoted,
                            size_t octets);

/** fb_agent_steer() with all of the packet there, and its action. */
fb_action data_steer(world *w, fb_agent *agent, const data_packet *packet);

/** The packet as the action leaves it. Ends the program unless the action carries a packet. */
data_packet data_result(const fb_action *action, const data_packet *packet);

/** Takes the outer headers of @p outer off, as the host does: what is left is in @p payload. */
fb_meta data_open(const data_packet *outer, uint32_t link, data_packet *payload);

/** A packet arrives from the network: data_open() and fb_agent_receive(). */
fb_action data_arrive(world *w,
                      fb_agent *agent,
                      const data_packet *outer,
                      uint32_t link,
                      data_packet *payload);

/** A tunnel as both ends agreed on it. */
typedef struct data_tunnel
{
    uint8_t kind; /**< FB_TUNNEL_* */
    bool udp;
    fb_ipv4 nat; /**< the address the home agent sees; 0: the care-of address */
    uint16_t nat_port; /**< the port it sees */
    bool no_reverse; /**< without T */
} data_tunnel;

/** Makes path @p bid, which is registered, such a tunnel at both ends: what their negotiation would have left. */
void data_set_tunnel(world *w, uint8_t bid, const data_tunnel *tunnel);

#endif
