/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_ROAM_H
#define FB_TEST_ROAM_H

/**
 * @file
 * In the place of the foreign agents and the home agent around a mobile node: advertisements and replies written by
 * hand, octet by octet, so that the library's codec never judges itself. Nothing the node sends gets anywhere.
 */

#include "exchange.h"

#define ROAM_AGENT 0xcb007141u /* 203.0.113.65, the foreign agent of the vectors */
#define ROAM_OTHER_AGENT 0xcb007151u /* 203.0.113.81 */
#define ROAM_PORT 51434 /* UDP source port of the node, as in the vectors */

/** Flags of an advertisement (RFC 5944 2.1.1). */
#define ADVERTISES_R 0x8000
#define ADVERTISES_B 0x4000
#define ADVERTISES_H 0x2000
#define ADVERTISES_F 0x1000
#define ADVERTISES_M 0x0800
#define ADVERTISES_G 0x0400
#define ADVERTISES_T 0x0100
#define ADVERTISES_U 0x0080

typedef struct notice
{
    fb_ipv4 source; /**< of the packet; the last octet of its address on the link is the same */
    uint16_t lifetime_s, sequence, registration_s, flags;
    fb_ipv4 care_of_address[4];
    uint8_t addresses;
    fb_ipv4 router; /**< 0: code 16, none */
    uint8_t prefix_length; /**< 0: no Prefix-Lengths Extension */
} notice;

/** As vector M21: lifetime 30, F, G, T, U, 600 s, its own address as care-of address. */
notice notice_of(fb_ipv4 agent);

/** The home agent's own: H, no care-of address, lifetime 30. */
notice notice_of_home(void);

/** The node hears @p n on @p link. Returns what fb_agent_input() did. */
int hear(world *w, uint32_t link, const notice *n);

/** The same with the next sequence number. */
int hear_again(world *w, uint32_t link, notice *n);

/** ICMP octets as they are, from @p source. */
int hear_octets(world *w, uint32_t link, fb_ipv4 source, const uint8_t *octets, size_t length);

/** A node of the defaults that listens for its home agent, of this configuration when not NULL. */
world *roam_world(const fb_mobile_node_config *config);
fb_mobile_node_config roam_defaults(void);

/** Link @p link is up, and takes its care-of address from an agent. */
void agent_link_up(world *w, uint32_t link);

/** The same with another kind of tunnel: FB_TUNNEL_*. */
void agent_link_up_with(world *w, uint32_t link, uint8_t tunnel);

/** The key of the vectors is shared with the agent whose care-of address this is. */
void share_key(world *w, fb_ipv4 agent);

/** Messages the node sent: Registration Requests or solicitations. */
size_t requests_of(const world *w);
size_t solicitations_of(const world *w);

/** The @p index-th request, from 0; fails the test when there is none. */
const world_message *request_of(const world *w, size_t index);
const world_message *last_request(const world *w);
const world_message *solicitation_of(const world *w, size_t index);

/** What a reply is to have besides its fixed part. */
enum
{
    ROAM_MHAE = 1, /**< a good Mobile-Home authentication */
    ROAM_MFAE = 2, /**< a good Mobile-Foreign one, behind it */
    ROAM_MFAE_BAD = 4,
    ROAM_MFAE_TWICE = 8
};

/** Octets signed with the key of share_key(): @p length of them without the extension. Returns the new length. */
size_t sign_for_agent(uint8_t *octets, size_t length);

/** Answers @p m. Returns what fb_agent_input() did. */
int answer_request(world *w,
                   const world_message *m,
                   uint8_t code,
                   uint16_t lifetime_s,
                   unsigned with);

/** The last request is accepted for what it asked. */
void accept_last(world *w);

/** Path @p link registered through @p agent, which says @p n. */
void register_through(world *w, uint32_t link, const notice *n);

/** Extension @p type behind the fixed part of a request: its offset; 0: none. */
size_t extension_of(const world_message *m, uint8_t type);

/** The agent's events FB_EVENT_AGENT or FB_EVENT_HOME for @p link: the last one's `to`; -1: none. */
int last_told(const world *w, fb_event_kind kind, uint32_t link);

#endif
