/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_HOME_AGENT_INTERNAL_H
#define FB_ROLE_HOME_AGENT_INTERNAL_H

/**
 * @file
 * What the files of the home agent's role share with each other, and with nobody else.
 */

#include "role/home_agent.h"

/** A request on its way through the gate. */
typedef struct fb_gate
{
    const fb_meta *meta;
    const fb_mip4_message *message;
    fb_mip4_request request;
    uint32_t node;
} fb_gate;

static inline bool
fb_gate_deregisters(const fb_gate *gate)
{
    return gate->message->fixed.lifetime_s == 0;
}

/**
 * What is shared with the foreign agent whose care-of address the request names (RFC 5944 3.8.2.1 c); NULL: nothing, or
 * the request is a de-registration, which carries no Foreign-Home authentication (3.5.4).
 */
const fb_security_association *fb_gate_foreign_association(const fb_home_agent *agent,
                                                           const fb_gate *gate);

/** Whether that foreign agent authenticated it: exactly one extension, behind the node's, and right. */
bool fb_gate_vouched_for(const fb_home_agent *agent, const fb_gate *gate);

/** Every check of a request, in order; 0 or the reason of the first that failed. Only replay protection has changed. */
int fb_home_agent_run_gate(fb_home_agent *agent, fb_gate *gate, fb_time now);

#endif
