/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_VISIT_H
#define FB_TEST_VISIT_H

/**
 * @file
 * In the mobile node's and the home agent's place around a foreign agent: messages written by hand, octet by octet, so
 * that the library's codec never judges itself.
 */

#include "cmocka_setup.h"
#include "exchange.h"
#include "requirement.h"
#include "vectors.h"
#include "world3.h"

#define VISIT_PORT 51434 /* UDP source port of the node */

/** Extension types: of RFC 5944 3.5 and RFC 3024 3.3. */
#define MHAE 32
#define MFAE 33
#define FHAE 34
#define ENCAPSULATING_DELIVERY 130
#define NAI 131

/** Flags of a request. */
#define FLAG_D 0x20
#define FLAG_M 0x10
#define FLAG_G 0x08
#define FLAG_T 0x02

typedef struct hand
{
    uint8_t octets[1500];
    size_t length;
} hand;

/* ---- scenes ---- */

/** Both associations, a node played by the test, on the foreign agent's link. The home agent is a real one. */
world3 *visit_world(void);

/** The same with another configuration of the foreign agent. @p associations: whether it shares keys. */
world3 *visit_world_of(const fb_foreign_agent_config *config, bool associations);
fb_foreign_agent_config foreign_agent_defaults(void);

/** The same, and nothing reaches the home agent: the test answers in its place. */
world3 *lonely_visit_world(const fb_foreign_agent_config *config, bool associations);

/* ---- messages ---- */

/** Fixed part of a request through the foreign agent, with the Identification of this moment, which is new. */
hand visit_fixed(world3 *w, uint16_t lifetime_s, uint8_t flags);

/** Fixed part of a reply to @p request. */
hand answer_fixed(const hand *request, uint8_t code, uint16_t lifetime_s);

void hand_octets(hand *h, const uint8_t *octets, size_t length);
void hand_u32(hand *h, size_t at, uint32_t value);

/** A NAI Extension (RFC 2794 2). */
void hand_nai(hand *h, const char *nai);

/** Appends the authentication of @p type with the vectors' key for it. */
void hand_sign(hand *h, uint8_t type);

/** A whole request: T set, Multipath Extension, signed for the home agent and (with associations) the foreign agent. */
hand visit_request(world3 *w, uint16_t lifetime_s, bool associations);

/** A whole reply to it, signed for the node and (with associations) the foreign agent. */
hand visit_answer(const hand *request, uint8_t code, uint16_t lifetime_s, bool associations);

/* ---- on the way ---- */

/** How a request of the node comes to the foreign agent: TTL 255, to its address. */
fb_meta visit_meta(void);
int visit_send(world3 *w, const hand *request);
int visit_send_as(world3 *w, const hand *request, const fb_meta *meta);

/** A reply comes from the home agent. */
int visit_reply(world3 *w, const hand *reply);

/** Registers the node for 600 s, with the test in the home agent's place. */
hand visit_register(world3 *w, bool associations);

/* ---- what came of it ---- */

size_t relayed_requests(const world3 *w);
size_t replies_to_node(const world3 *w);

/** The last of them. Fails the test when there is none. */
const world3_message *relayed_request(const world3 *w);
const world3_message *reply_to_node(const world3 *w);

bool visits(const world3 *w);

/** The last reply the node got is a denial by the foreign agent: code, the fields of @p request, no MHAE. */
void assert_foreign_denial(const world3 *w, const hand *request, uint8_t code, bool associations);

#endif
