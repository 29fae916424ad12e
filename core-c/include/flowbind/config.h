/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_H
#define FLOWBIND_CONFIG_H

/**
 * @file
 * What an agent is told once, when it is made. fb_config_default() first, then change what differs.
 * New fields go to the end of their struct.
 */

#include "flowbind/hmac.h"
#include "flowbind/policy.h"
#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Roles, to be or-ed: one node can hold several. */
enum
{
    FB_ROLE_MOBILE_NODE = 1,
    FB_ROLE_HOME_AGENT = 2
};

/** RFC 5944 5.1: what two nodes share. SPI 0..255 are reserved. */
typedef struct fb_security_association
{
    uint32_t spi;
    uint8_t algorithm; /**< fb_hmac_algorithm */
    uint8_t key_length; /**< 1..FB_HMAC_KEY_MAX */
    uint8_t key[FB_HMAC_KEY_MAX];
} fb_security_association;

/** What a mobile node does when the care-of address of a binding changes (D-09, C-13). */
typedef enum fb_coa_change
{
    /** two bindings or more: de-register over another path, then anew; one: overwrite */
    FB_COA_CHANGE_REPLACE,
    /** O = 1 as RFC 7629 5.1 says, then register every other path again */
    FB_COA_CHANGE_OVERWRITE,
    FB_COA_CHANGE_IN_PLACE /**< O = 0; relies on D-10 */
} fb_coa_change;

/** Where the selector begins inside a Flow-Binding (D-20). */
typedef enum fb_selector_layout
{
    FB_SELECTOR_LAYOUT_RFC7629, /**< directly after TS Format */
    FB_SELECTOR_LAYOUT_RFC6089 /**< after TS Format and a Reserved octet */
} fb_selector_layout;

/** Limits: memory is laid out for them once. Reaching one is a reply code or a counter, never a crash. */
typedef struct fb_limits
{
    uint32_t nodes; /**< subscribers of a home agent */
    uint32_t bindings; /**< of all nodes together */
    uint32_t policies; /**< nodes that can have a negotiated policy at the same time */
    uint8_t bindings_per_node; /**< 1..254 (D-33: 8) */
    uint8_t rules_per_node; /**< 0..FB_RULES_MAX (D-33: 64) */
    uint16_t links; /**< of a mobile node */
    uint32_t flow_cache; /**< entries, a power of two */
    uint32_t events; /**< events held between two polls */
} fb_limits;

typedef struct fb_mobile_node_config
{
    fb_ipv4 home_address;
    fb_ipv4 home_agent;
    fb_security_association association; /**< shared with the home agent */
    uint16_t lifetime_s; /**< asked for; 0xffff: no end */
    uint16_t port; /**< UDP source port of registrations */
    bool multipath; /**< RFC 7629 at all; false: plain RFC 5944, one path */
    bool negotiate_policy; /**< send Flow-Bindings (RFC 7629 5.1) */
    bool bulk_refresh; /**< refresh all bindings with one request, B = 1 (RFC 7629 5.1) */
    bool reverse_tunnel; /**< T bit (RFC 3024) */
    fb_coa_change coa_change;
    uint16_t retry_denied_s; /**< first wait after a denial, doubling (60) */
    uint16_t legacy_retry_s; /**< how long a peer without RFC 7629 is remembered (D-01: 3600) */
    uint16_t retransmit_ms; /**< first retransmission, doubling (RFC 5944 3.6.3: at least 1000) */
} fb_mobile_node_config;

typedef struct fb_home_agent_config
{
    fb_ipv4 address;
    uint16_t lifetime_max_s; /**< the most it grants; 0xffff: no limit */
    uint16_t replay_tolerance_s; /**< RFC 5944 5.7.1: 7 by default, more than 3 */
    bool multipath; /**< RFC 7629 at all; false: 152 to every request with 154 */
    bool flow_policy; /**< accepts Flow-Bindings; false: 129 (D-34) */
    bool reply_bad_authenticator; /**< 131 instead of silence (RFC 5944 3.8.2.1 a) */
    bool unknown_bid_strict; /**< 153 when one BID is unknown; false: only when all are (D-12) */
    bool require_reverse_tunnel; /**< 138 to T = 0 (RFC 3024) */
    bool strict_technology; /**< 134 to If-ATT 0 or unassigned (D-17) */
    bool strict_reserved; /**< 134 to reserved flag bits (D-44) */
    /** Lifetime 0 with 154 is honoured although multipath is not allowed (C-12) */
    bool lenient_deregistration;
    /** knows RFC 5944 only, as home agents before RFC 7629 do: reads 154 as they read it (D-01) */
    bool legacy;
} fb_home_agent_config;

typedef struct fb_config
{
    uint32_t roles; /**< FB_ROLE_* */
    fb_limits limits;
    fb_selector_layout selector_layout;
    fb_mobile_node_config mobile_node;
    fb_home_agent_config home_agent;
    /** for flows no rule decides; read by fb_agent_init() only; NULL: "flow-hash" */
    const char *scheduler;
} fb_config;

/** Fills in every default; roles, addresses and keys stay empty. */
void fb_config_default(fb_config *config);

/** One node a home agent serves (SUBSCRIBER_SET). */
typedef struct fb_subscriber
{
    fb_ipv4 home_address;
    fb_security_association association;
    bool multipath_allowed; /**< false: 152 (RFC 7629 5.2) */
} fb_subscriber;

#ifdef __cplusplus
}
#endif

#endif
