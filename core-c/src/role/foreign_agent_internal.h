/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_FOREIGN_AGENT_INTERNAL_H
#define FB_ROLE_FOREIGN_AGENT_INTERNAL_H

/**
 * @file
 * What the files of the foreign agent's role share with each other, and with nobody else.
 *
 * foreign_agent.c: requests. foreign_agent_relay.c: what is sent, replies, ICMP errors. foreign_agent_data.c: packets.
 */

#include "role/foreign_agent.h"

/** Address of all nodes of a link. */
#define FB_LIMITED_BROADCAST UINT32_C(0xffffffff)

/** Whether the request is about a care-of address of this agent: what it relays is then its own to vouch for (C-18). */
static inline bool
fb_foreign_vouches(const fb_foreign_agent *agent, const fb_mip4_fixed *request)
{
    /* RFC 5944 3.5.4: never for de-registrations */
    return request->lifetime_s != 0 && request->care_of_address == agent->config.address &&
           request->care_of_address != request->home_address;
}

/** What is shared with the node that sent @p request; NULL: nothing. */
const fb_security_association *fb_foreign_node_association(const fb_foreign_agent *agent,
                                                           const fb_mip4_fixed *request);

/** The NAI of @p message in front of its Mobile-Home authentication (RFC 2794 2); of length 0 when it is too long. */
bool fb_foreign_read_nai(const fb_mip4_message *message, fb_nai *nai);

/** Octets up to and including the Mobile-Home authentication, which there must be. */
size_t fb_foreign_authenticated_length(const fb_mip4_message *message);

/** Lets the request in @p pending wait to be relayed. 0 or the drop reason. */
int fb_foreign_relay_request(fb_foreign_agent *agent,
                             fb_pending *pending,
                             const fb_mip4_message *message);

/**
 * Tells the node of @p pending that its request is denied for @p reason, where that has a code and the node was not
 * told another within a second (RFC 5944 3.7.2).
 */
void fb_foreign_deny(fb_foreign_agent *agent, const fb_pending *pending, int reason, fb_time now);

/** A message event. */
void fb_foreign_event(const fb_foreign_agent *agent,
                      const fb_mip4_fixed *fixed,
                      uint32_t link,
                      fb_event_kind kind,
                      int reason,
                      fb_time now);

#endif
