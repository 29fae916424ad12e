/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_FOREIGN_AGENT_H
#define FB_ROLE_FOREIGN_AGENT_H

/**
 * @file
 * The foreign agent of RFC 5944 3.7, with RFC 3024 4.2 and RFC 2794 3: relays requests and replies, and knows who
 * visits. What stands in front of the Mobile-Home authentication, RFC 7629's extensions too, it passes on as it is.
 */

#include "role/agent_advertiser.h"
#include "state/associations.h"
#include "state/visitor_list.h"
#include "wire/icmp_error.h"
#include "wire/ipv4.h"

/** Longest message relayed: what an unfragmented Ethernet packet carries. */
#define FB_FOREIGN_MESSAGE_MAX 1472

/** Nodes of which is remembered when they were last told a denial (RFC 5944 3.7.2). A power of two. */
#define FB_FOREIGN_DENIALS 32

typedef struct fb_foreign_denial
{
    uint64_t node; /**< 0: none */
    fb_time at;
} fb_foreign_denial;

/** The message that waits to be polled; there is at most one, because the host drains before the next input. */
typedef struct fb_foreign_message
{
    bool waiting;
    fb_mip4_fixed fixed;
    fb_ref ref;
    fb_meta meta;
    size_t length;
    uint8_t octets[FB_FOREIGN_MESSAGE_MAX];
} fb_foreign_message;

typedef struct fb_foreign_agent
{
    fb_foreign_agent_config config;
    fb_ipv4 home_agent; /**< address of the home agent in the same node; 0: there is none */
    fb_visitor_list list;
    fb_foreign_message message;
    fb_foreign_denial denial[FB_FOREIGN_DENIALS];
    fb_foreign_denial distant; /**< the last 76, to whomever (RFC 3024 4.2.1) */
    const fb_associations *associations;
    const fb_agent_advertiser *links;
    fb_events *events;
} fb_foreign_agent;

void fb_foreign_agent_init(fb_foreign_agent *agent,
                           fb_arena *arena,
                           const fb_config *config,
                           const fb_associations *associations,
                           const fb_agent_advertiser *links,
                           fb_events *events);

/** A Registration Request whose framing is sound. 0 or the drop reason. */
int fb_foreign_agent_request(fb_foreign_agent *agent,
                             const fb_meta *meta,
                             const fb_mip4_message *message,
                             fb_time now);

/** Whether a reply answers a request that was relayed: else it is not for this role. */
bool fb_foreign_agent_expects(const fb_foreign_agent *agent, const fb_mip4_message *reply);

/** A Registration Reply whose framing is sound. 0 or the drop reason. */
int fb_foreign_agent_reply(fb_foreign_agent *agent,
                           const fb_meta *meta,
                           const fb_mip4_message *message,
                           fb_time now);

/** An ICMP message that is an error. 0, or FB_DROP_NOT_EXPECTED: it is not about a request that waits. */
int fb_foreign_agent_icmp(fb_foreign_agent *agent, const uint8_t *icmp, size_t length);

/** The next message: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too small. */
ptrdiff_t fb_foreign_agent_output(fb_foreign_agent *agent,
                                  fb_meta *meta,
                                  uint8_t *buffer,
                                  size_t capacity,
                                  fb_time now);

/** Whether it takes no more visitors (B of the advertisement). */
bool fb_foreign_agent_busy(const fb_foreign_agent *agent);

/* Data. */

typedef enum fb_foreign_verdict
{
    FB_FOREIGN_DROP, /**< `reason` */
    FB_FOREIGN_TO_VISITOR, /**< to `visitor`, over its link */
    FB_FOREIGN_TO_HOME_AGENT, /**< through the reverse tunnel of `visitor` */
    FB_FOREIGN_ROUTE /**< as any packet: the host's routing decides */
} fb_foreign_verdict;

typedef struct fb_foreign_decision
{
    fb_foreign_verdict verdict;
    int reason;
    const fb_visitor *visitor;
} fb_foreign_decision;

/** Whether tunnels end at @p address because of this role. */
bool fb_foreign_agent_is_end(const fb_foreign_agent *agent, fb_ipv4 address);

/** A packet that came out of a tunnel: from a home agent, or from a visitor that encapsulates. */
fb_foreign_decision fb_foreign_agent_out_of_tunnel(const fb_foreign_agent *agent,
                                                   const fb_meta *outer,
                                                   const fb_flow *inner);

/** A packet a node sent on access link @p link. */
fb_foreign_decision fb_foreign_agent_from_link(const fb_foreign_agent *agent,
                                               uint32_t link,
                                               const fb_flow *flow);

/** Whether a packet of ours an ICMP error quotes went into the reverse tunnel of a visitor. */
bool fb_foreign_agent_sends_into(const fb_foreign_agent *agent, const fb_icmp_error *error);

/** The visitor whose packets with source @p home_address go through the reverse tunnel to @p home_agent; NULL. */
const fb_visitor *fb_foreign_agent_reverse_tunnelled(const fb_foreign_agent *agent,
                                                     fb_ipv4 home_address,
                                                     fb_ipv4 home_agent);

/** FB_TUNNEL_* that was negotiated with the home agent of @p visitor. */
uint8_t fb_foreign_agent_tunnel(const fb_visitor *visitor);

#endif
