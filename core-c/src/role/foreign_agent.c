/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/foreign_agent_internal.h"

#include <string.h>

#include "wire/rfc2794.h"

/*
 * Requests. Each runs the checks in their order; the first that fails decides the answer, and until all have passed
 * nothing is kept.
 */

/** A request on its way through the checks. */
typedef struct check_context
{
    const fb_meta *meta;
    const fb_mip4_message *message;
    fb_pending wanted; /* what is kept of it */
    uint32_t known; /* the same request, relayed before; FB_VISITOR_NONE */
} check_context;

void
fb_foreign_agent_init(fb_foreign_agent *agent,
                      fb_arena *arena,
                      const fb_config *config,
                      const fb_associations *associations,
                      const fb_agent_advertiser *links,
                      fb_events *events)
{
    bool also_home_agent = (config->roles & FB_ROLE_HOME_AGENT) != 0;

    memset(agent, 0, sizeof *agent);
    agent->config = config->foreign_agent;
    agent->home_agent = also_home_agent ? config->home_agent.address : 0;
    agent->associations = associations;
    agent->links = links;
    agent->events = events;
    fb_visitor_list_init(&agent->list, arena, &config->limits, events);
}

const fb_security_association *
fb_foreign_node_association(const fb_foreign_agent *agent, const fb_mip4_fixed *request)
{
    const fb_security_association *shared = NULL;

    if (request->home_address != 0)
    {
        shared = fb_associations_find(agent->associations,
                                      FB_ASSOCIATION_MOBILE_FOREIGN,
                                      request->home_address);
    }
    if (shared == NULL && (request->flags & FB_MIP4_FLAG_D) != 0)
    {
        shared = fb_associations_find(agent->associations,
                                      FB_ASSOCIATION_MOBILE_FOREIGN,
                                      request->care_of_address);
    }
    return shared;
}

bool
fb_foreign_read_nai(const fb_mip4_message *message, fb_nai *nai)
{
    const fb_mip4_extension *found = fb_nai_find(message);

    nai->length = 0;
    if (found != NULL && found->length <= FB_NAI_MAX)
    {
        nai->length = (uint8_t)found->length;
        memcpy(nai->text, message->data + found->body, nai->length);
    }
    return found != NULL;
}

/* RFC 5944 3.7.2.1, 3.6.1.3: with an association exactly one, the last extension, and right */
static int
check_node_authentication(const fb_foreign_agent *agent, const check_context *check)
{
    const fb_mip4_message *message = check->message;
    const fb_security_association *shared = fb_foreign_node_association(agent, &message->fixed);
    int at = fb_mip4_extension_find(message, FB_EXT_MOBILE_FOREIGN_AUTHENTICATION);

    if (shared == NULL)
    {
        return FB_REASON_NONE;
    }
    /* The first being the last one means that it is the only one */
    if (at < 0 || at != message->extension_count - 1 || at < message->mobile_home ||
        fb_mip4_verify(message, at, shared) != FB_REASON_NONE)
    {
        return FB_DROP_AGENT_NODE_AUTHENTICATION;
    }
    return FB_REASON_NONE;
}

/* RFC 3024 4.2.1; RFC 5944 3.6.1.1: what goes to all agents has TTL 1, and no router passes it on */
static int
check_distance(const check_context *check)
{
    bool to_all_agents = fb_addr_to_ipv4(&check->meta->dst) == FB_ALL_AGENTS;

    if ((check->message->fixed.flags & FB_MIP4_FLAG_T) == 0 || check->meta->ttl == 255)
    {
        return FB_REASON_NONE;
    }
    return to_all_agents && check->meta->ttl == 1 ? FB_REASON_NONE : FB_DROP_AGENT_DISTANT;
}

/** Encapsulating Delivery Style, which stands behind the Mobile-Home authentication (RFC 3024 3.3). */
static int
read_delivery_style(check_context *check)
{
    const fb_mip4_message *message = check->message;

    for (int i = message->mobile_home + 1; i < message->extension_count; i++)
    {
        if (message->extension[i].type != FB_EXT_ENCAPSULATING_DELIVERY)
        {
            continue;
        }
        /* RFC 3024 3.3: Length 0, and not without the T bit */
        if (message->extension[i].length != 0 || (message->fixed.flags & FB_MIP4_FLAG_T) == 0)
        {
            return FB_DROP_AGENT_POOR_REQUEST;
        }
        check->wanted.encapsulating = true;
    }
    return FB_REASON_NONE;
}

/** Whether it can be relayed and its reply be found again; fills in what is kept. */
static int
check_form(check_context *check)
{
    const fb_mip4_message *message = check->message;
    const fb_mip4_fixed *fixed = &message->fixed;

    if (fb_mip4_extension_count(message, FB_EXT_MOBILE_HOME_AUTHENTICATION) != 1 ||
        (fixed->home_address != 0 && !fb_is_unicast(fixed->home_address)))
    {
        return FB_DROP_AGENT_POOR_REQUEST;
    }
    check->wanted.request = *fixed;
    check->wanted.from = *check->meta;
    check->wanted.has_nai = fb_foreign_read_nai(message, &check->wanted.nai);
    if (fixed->home_address == 0 && check->wanted.nai.length == 0)
    {
        /* RFC 2794 3: without home address the NAI names the request that waits */
        return FB_DROP_AGENT_HOME_ADDRESS_REQUIRED;
    }
    return read_delivery_style(check);
}

/* RFC 5944 3.7.1: about five requests a node; busy agents take no further visitors (2.1.1) */
static int
check_room(const fb_foreign_agent *agent, check_context *check)
{
    const fb_visitor_list *list = &agent->list;
    bool visits = fb_visitor_first(list, check->wanted.request.home_address) != NULL;

    check->known = fb_pending_find(list, &check->wanted);
    if (check->known != FB_VISITOR_NONE)
    {
        return FB_REASON_NONE;
    }
    if (fb_pending_full(list) ||
        fb_pending_count(list, &check->wanted) >= agent->config.pending_per_node)
    {
        return FB_DROP_AGENT_BUSY;
    }
    return !visits && check->message->fixed.lifetime_s != 0 && fb_foreign_agent_busy(agent)
               ? FB_DROP_AGENT_BUSY
               : FB_REASON_NONE;
}

static bool
owns(const fb_foreign_agent *agent, fb_ipv4 address)
{
    return address == agent->config.address || address == agent->home_agent ||
           fb_advertiser_owns(agent->links, address);
}

/* RFC 5944 3.7.2, 3.7.2.1 */
static int
check_fixed_part(const fb_foreign_agent *agent, const check_context *check)
{
    const fb_mip4_fixed *fixed = &check->message->fixed;
    bool colocated = (fixed->flags & FB_MIP4_FLAG_D) != 0;
    bool offered = fixed->care_of_address == agent->config.address;
    uint16_t most_s = agent->config.lifetime_max_s;

    if (fixed->home_agent == 0 || owns(agent, fixed->home_agent))
    {
        /* Its own home agent would have got it: this node is not served here */
        return FB_DROP_AGENT_HOME_AGENT_INVALID;
    }
    if (fixed->lifetime_s != 0 && colocated == offered)
    {
        /* C-08: a de-registration may name any. And an address of ours is not the node's own */
        return FB_DROP_AGENT_CARE_OF_ADDRESS;
    }
    return fixed->lifetime_s > most_s ? FB_DROP_AGENT_LIFETIME : FB_REASON_NONE;
}

/* RFC 3024 4.2.1: 72, 79, 75, and 74 as the last */
static int
check_tunnel(const fb_foreign_agent *agent, const check_context *check)
{
    const fb_foreign_agent_config *config = &agent->config;
    uint8_t flags = check->message->fixed.flags;
    bool reverse = (flags & FB_MIP4_FLAG_T) != 0;

    if ((flags & FB_MIP4_FLAG_D) != 0 || check->message->fixed.lifetime_s == 0)
    {
        return FB_REASON_NONE; /* the tunnel does not end here, or is not wanted any more */
    }
    if (((flags & FB_MIP4_FLAG_G) != 0 && !config->gre) ||
        ((flags & FB_MIP4_FLAG_M) != 0 && !config->minimal))
    {
        return FB_DROP_AGENT_ENCAPSULATION;
    }
    if (check->wanted.encapsulating && !config->encapsulating_delivery)
    {
        return FB_DROP_AGENT_DELIVERY_STYLE;
    }
    if (!reverse && config->require_reverse_tunnel)
    {
        return FB_DROP_AGENT_REVERSE_TUNNEL_REQUIRED;
    }
    return reverse && !config->reverse_tunnel ? FB_DROP_AGENT_REVERSE_TUNNEL : FB_REASON_NONE;
}

static int
run_checks(const fb_foreign_agent *agent, check_context *check)
{
    int reason = check_node_authentication(agent, check);

    if (reason == FB_REASON_NONE)
    {
        reason = check_distance(check);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_form(check);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_room(agent, check);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = check_fixed_part(agent, check);
    }
    return reason == FB_REASON_NONE ? check_tunnel(agent, check) : reason;
}

/** Until when an answer is waited for: RFC 5944 3.7.1, and 3.7.2.2: not longer than the lifetime asked for. */
static fb_time
deadline(const fb_foreign_agent *agent, const fb_mip4_fixed *request, fb_time now)
{
    uint16_t wait_s = agent->config.pending_s;

    if (request->lifetime_s != 0 && request->lifetime_s < wait_s)
    {
        wait_s = request->lifetime_s;
    }
    return now + wait_s * FB_SECOND;
}

int
fb_foreign_agent_request(fb_foreign_agent *agent,
                         const fb_meta *meta,
                         const fb_mip4_message *message,
                         fb_time now)
{
    check_context check = {.meta = meta, .message = message, .known = FB_VISITOR_NONE};
    int reason;

    if (!fb_advertiser_serves(agent->links, meta->link, FB_ROLE_FOREIGN_AGENT))
    {
        /* Nodes are served on access links only: the answer has to find their link-layer address */
        fb_foreign_event(agent,
                         &message->fixed,
                         meta->link,
                         FB_EVENT_DROP,
                         FB_DROP_WRONG_ROLE,
                         now);
        return fb_events_count(agent->events, FB_DROP_WRONG_ROLE);
    }
    check.wanted.request = message->fixed;
    check.wanted.from = *meta;
    reason = run_checks(agent, &check);
    if (reason == FB_REASON_NONE)
    {
        reason = fb_foreign_relay_request(agent, &check.wanted, message);
    }
    if (reason != FB_REASON_NONE)
    {
        fb_foreign_deny(agent, &check.wanted, reason, now);
        return reason;
    }
    fb_foreign_event(agent, &message->fixed, meta->link, FB_EVENT_RECEIVED, FB_REASON_NONE, now);
    if (check.known != FB_VISITOR_NONE)
    {
        fb_pending_restart(&agent->list, check.known, deadline(agent, &message->fixed, now));
    }
    else
    {
        fb_pending_add(&agent->list, &check.wanted, deadline(agent, &message->fixed, now));
    }
    return FB_REASON_NONE;
}

bool
fb_foreign_agent_busy(const fb_foreign_agent *agent)
{
    return agent->config.busy || fb_visitor_full(&agent->list);
}
