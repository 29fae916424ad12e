/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_VISITOR_LIST_H
#define FB_STATE_VISITOR_LIST_H

/**
 * @file
 * What a foreign agent knows of the nodes on its links (RFC 5944 3.7.1): requests it relayed and that are not answered
 * yet, and visitors, whose registration a home agent accepted. This file is the only writer of both; nothing a request
 * says changes a visitor before a home agent has accepted it (3.7.2).
 *
 * Requests are found by node and by node and Identification, visitors by home address, through hash indices; deadlines
 * stand in one heap.
 */

#include "base/chains.h"
#include "base/heap.h"
#include "base/pool.h"
#include "state/events.h"
#include "wire/mobile_ipv4.h"

/** No request, no visitor. */
#define FB_VISITOR_NONE UINT32_MAX

/** A request that was relayed. */
typedef struct fb_pending
{
    fb_mip4_fixed request;
    fb_meta from; /**< how it came: addresses, ports, link and link-layer address of the node */
    fb_nai nai; /**< with home address 0 it is the key (RFC 2794 3) */
    /** the reply has to repeat it; a longer one than FB_NAI_MAX is not kept in `nai` */
    bool has_nai;
    bool encapsulating; /**< Encapsulating Delivery Style (RFC 3024 3.3) */
    /** octets of what went to the home agent, to recognise it in an ICMP error */
    uint16_t relayed_length;
    uint16_t reason; /**< why it failed (FB_DROP_*), once fb_pending_fail() was called */
} fb_pending;

/** A node whose registration through this agent is in force. */
typedef struct fb_visitor
{
    /** together they tell one registration from another: a home address may be private to its home agent */
    fb_ipv4 home_address, home_agent, care_of_address;
    uint32_t link;
    uint8_t link_addr[8];
    uint8_t link_addr_len;
    uint8_t flags; /**< of the request: FB_MIP4_FLAG_* */
    bool encapsulating;
    uint16_t port; /**< UDP source port of its requests */
    uint16_t lifetime_s;
    uint64_t identification;
    fb_time expires;
} fb_visitor;

typedef struct fb_visitor_list
{
    fb_pending *pending;
    fb_visitor *visitor;
    fb_pool pendings, visitors;
    fb_chains by_request; /* requests by home address and low half of the Identification */
    fb_chains by_node; /* requests by home address or NAI */
    fb_chains by_home_address; /* visitors */
    fb_heap deadline; /* requests, then visitors */
    uint32_t failed, last_failed; /* requests whose node has to be told, in the order they failed */
    uint32_t *next_failed;
    fb_events *events;
} fb_visitor_list;

void fb_visitor_list_init(fb_visitor_list *list,
                          fb_arena *arena,
                          const fb_limits *limits,
                          fb_events *events);

/* Requests. */

/** The same request, relayed before: home address or NAI, home agent and Identification; FB_VISITOR_NONE. */
uint32_t fb_pending_find(const fb_visitor_list *list, const fb_pending *wanted);

/** How many requests of that node wait: by home address, or by NAI where that is 0. */
uint32_t fb_pending_count(const fb_visitor_list *list, const fb_pending *node);

/**
 * The request @p reply answers (RFC 5944 3.7.3.1): home address and low 32 bits of the Identification are the same;
 * the NAI decides between several, and stands for a home address of 0 (RFC 2794 3). @p nai NULL: the reply has none.
 */
uint32_t fb_pending_answered(const fb_visitor_list *list,
                             const fb_mip4_fixed *reply,
                             const fb_nai *nai);

/**
 * The first request from number @p from on that was relayed to @p home_agent as @p length octets (what 8 octets of a
 * UDP header in an ICMP error tell); FB_VISITOR_NONE.
 */
uint32_t fb_pending_relayed(const fb_visitor_list *list,
                            uint32_t from,
                            fb_ipv4 home_agent,
                            uint16_t length);

bool fb_pending_full(const fb_visitor_list *list);

/** Keeps a request until @p deadline. There must be room. */
void fb_pending_add(fb_visitor_list *list, const fb_pending *wanted, fb_time deadline);

/** It was relayed once more. */
void fb_pending_restart(fb_visitor_list *list, uint32_t pending, fb_time deadline);

/** It was answered. */
void fb_pending_remove(fb_visitor_list *list, uint32_t pending);

/** It is over, and its node has to be told @p reason: it is no longer found, but stays until that was done. */
void fb_pending_fail(fb_visitor_list *list, uint32_t pending, int reason);

/** The request that failed first and whose node was not told yet; FB_VISITOR_NONE. fb_pending_told() ends it. */
uint32_t fb_pending_failed(const fb_visitor_list *list);
void fb_pending_told(fb_visitor_list *list);

/* Visitors. */

/** The registration of these three addresses; NULL. */
const fb_visitor *fb_visitor_find(const fb_visitor_list *list,
                                  fb_ipv4 home_address,
                                  fb_ipv4 home_agent,
                                  fb_ipv4 care_of_address);

/** The visitors of a home address one after another, the one that came last first; NULL: no more. */
const fb_visitor *fb_visitor_first(const fb_visitor_list *list, fb_ipv4 home_address);
const fb_visitor *fb_visitor_next(const fb_visitor_list *list, const fb_visitor *visitor);

/** The first of all visitors from number @p from on; NULL: there is none. */
const fb_visitor *fb_visitor_from(const fb_visitor_list *list, uint32_t from);

bool fb_visitor_full(const fb_visitor_list *list);

/** Number of a visitor, which stays while it does. */
uint32_t fb_visitor_number(const fb_visitor_list *list, const fb_visitor *visitor);

/** A home agent accepted: adds or renews. `expires` is computed. There must be room for a new one. */
void fb_visitor_accept(fb_visitor_list *list, const fb_visitor *wanted, fb_time now);

/** A home agent accepted a de-registration; nothing happens when there is no such visitor. */
void fb_visitor_remove(fb_visitor_list *list,
                       fb_ipv4 home_address,
                       fb_ipv4 home_agent,
                       fb_ipv4 care_of_address,
                       fb_time now);

/** The link is gone, and all that was on it. */
void fb_visitor_list_remove_link(fb_visitor_list *list, uint32_t link, fb_time now);

/* Time. */

fb_time fb_visitor_list_next_deadline(const fb_visitor_list *list);

/**
 * Visitors whose lifetime is over go without a word (RFC 5944 3.7); requests not answered in time fail with
 * FB_DROP_AGENT_TIMEOUT (3.7.1). At most @p budget.
 */
void fb_visitor_list_expire(fb_visitor_list *list, unsigned budget, fb_time now);

#endif
