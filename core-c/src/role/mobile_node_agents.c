/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include <string.h>

/* Foreign agents: whom the node hears on its links, which of them it uses, and how it looks for others. */

#define ALL_ROUTERS 0xe0000002u /* 224.0.0.2 (RFC 1256 5.1) */

/** RFC 5944 2.4: so many solicitations a second apart, then less and less often, down to one in 64 seconds. */
#define SOLICITATIONS_AT_FIRST 3
#define SOLICITATION_DOUBLINGS 6

static bool
uses_agent_address(const fb_registration *r)
{
    return r->link.care_of == FB_CARE_OF_AGENT;
}

/** What an agent has to say to be used: with an address of its own only one that demands it (RFC 5944 2.4.1). */
static uint16_t
flags_needed(const fb_registration *r)
{
    return uses_agent_address(r) ? FB_ADVERTISEMENT_F : FB_ADVERTISEMENT_F | FB_ADVERTISEMENT_R;
}

const fb_agent_heard *
fb_mobile_node_relay(const fb_registration *r)
{
    return fb_agents_chosen(&r->agents);
}

const fb_security_association *
fb_mobile_node_association(const fb_mobile_node *node, fb_ipv4 relay)
{
    return relay == 0
               ? NULL
               : fb_associations_find(node->associations, FB_ASSOCIATION_MOBILE_FOREIGN, relay);
}

fb_ipv4
fb_mobile_node_care_of(const fb_registration *r)
{
    return uses_agent_address(r) ? fb_agent_care_of_address(fb_agents_chosen(&r->agents))
                                 : fb_addr_to_ipv4(&r->link.address);
}

bool
fb_mobile_node_agent_offers(const fb_registration *r, uint8_t tunnel)
{
    static const uint16_t flag[FB_TUNNEL_COUNT] =
        {[FB_TUNNEL_GRE] = FB_ADVERTISEMENT_G, [FB_TUNNEL_MINIMAL] = FB_ADVERTISEMENT_M};
    const fb_agent_heard *agent = fb_agents_chosen(&r->agents);

    /* RFC 5944 3.6.1.2 */
    return !uses_agent_address(r) ||
           (agent != NULL && (agent->flags & flag[tunnel]) == flag[tunnel]);
}

bool
fb_mobile_node_agent_allows_udp(const fb_registration *r)
{
    const fb_agent_heard *agent = fb_agents_chosen(&r->agents);

    return agent != NULL && (agent->flags & FB_ADVERTISEMENT_U) != 0;
}

/** The router packets are given to with this agent's care-of address. */
static fb_ipv4
agent_address(const fb_agent_heard *agent)
{
    return agent->source.address != 0 ? agent->source.address : fb_agent_care_of_address(agent);
}

void
fb_mobile_node_adopt_care_of(fb_registration *r)
{
    const fb_agent_heard *agent = fb_agents_chosen(&r->agents);

    r->care_of_address = fb_mobile_node_care_of(r);
    r->relay = fb_agent_care_of_address(agent);
    r->agent = 0;
    r->agent_link_addr_len = 0;
    if (agent != NULL)
    {
        r->agent = uses_agent_address(r) ? agent_address(agent) : 0;
        r->agent_link_addr_len = agent->source.link_addr_len;
        memcpy(r->agent_link_addr, agent->source.link_addr, sizeof r->agent_link_addr);
    }
}

bool
fb_mobile_node_any_relayed(const fb_mobile_node *node)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && fb_registration_up(r) && r->relay != 0)
        {
            return true;
        }
    }
    return false;
}

/* ---- two links, one agent ---- */

bool
fb_mobile_node_shadowed(const fb_mobile_node *node, const fb_registration *r)
{
    fb_ipv4 care_of_address = fb_mobile_node_care_of(r);

    for (size_t i = 0; uses_agent_address(r) && i < node->registrations.capacity; i++)
    {
        const fb_registration *other = &node->registrations.item[i];
        bool active = other->known && other->state != FB_BINDING_DOWN &&
                      other->state != FB_BINDING_BLOCKED;

        if (other != r && active && other->agent != 0 &&
            other->care_of_address == care_of_address && !fb_mobile_node_prefers(r, other))
        {
            return true;
        }
    }
    return false;
}

void
fb_mobile_node_displace(fb_mobile_node *node, const fb_registration *r, fb_time now)
{
    for (size_t i = 0; r->agent != 0 && i < node->registrations.capacity; i++)
    {
        fb_registration *other = fb_mobile_node_at(node, i);

        if (other->known && other != r && other->agent != 0 &&
            other->care_of_address == r->care_of_address)
        {
            fb_mobile_node_take_down(node, other, FB_CAUSE_REPLACED, now);
            other->held_until = 0;
        }
    }
}

/* ---- looking for agents ---- */

/** A wait of @p nominal or up to a quarter longer (RFC 5944 2.4: never more often than that, and at random). */
static fb_time
randomized(fb_mobile_node *node, fb_time nominal)
{
    return nominal + fb_entropy_below(node->entropy, nominal / 4);
}

static fb_time
solicitation_interval(fb_mobile_node *node, uint8_t solicited)
{
    unsigned doublings = solicited < SOLICITATIONS_AT_FIRST
                             ? 0
                             : solicited - SOLICITATIONS_AT_FIRST + 1u;

    if (solicited == 0)
    {
        return fb_entropy_below(node->entropy, FB_SECOND); /* RFC 1256 6: MAX_SOLICITATION_DELAY */
    }
    doublings = doublings > SOLICITATION_DOUBLINGS ? SOLICITATION_DOUBLINGS : doublings;
    return randomized(node, FB_SECOND << doublings);
}

/* RFC 5944 2.4: only where no agent is heard, and no care-of address known otherwise */
static void
search(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    bool searching = r->link_up && uses_agent_address(r) && !fb_agents_any(&r->agents) &&
                     !fb_mobile_node_home_link(node, r);

    if (!searching)
    {
        r->agents.solicit_at = FB_TIME_NEVER;
    }
    else if (r->agents.solicit_at == FB_TIME_NEVER)
    {
        r->agents.solicit_at = now + solicitation_interval(node, r->agents.solicited);
    }
}

ptrdiff_t
fb_mobile_node_solicit(fb_mobile_node *node,
                       fb_meta *meta,
                       uint8_t *buffer,
                       size_t capacity,
                       fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);
    fb_registration *r = NULL;

    for (size_t i = 0; r == NULL && i < node->registrations.capacity; i++)
    {
        fb_registration *each = fb_mobile_node_at(node, i);

        r = each->known && each->agents.solicit_at <= now ? each : NULL;
    }
    if (r == NULL)
    {
        return 0;
    }
    fb_solicitation_write(&writer);
    if (writer.failed)
    {
        return FB_ERR_LIMIT;
    }
    r->agents.solicited = r->agents.solicited == UINT8_MAX ? UINT8_MAX
                                                           : (uint8_t)(r->agents.solicited + 1);
    r->agents.solicit_at = now + solicitation_interval(node, r->agents.solicited);
    /* RFC 5944 2.2: TTL 1. The source need not be one of this network's */
    *meta = (fb_meta){.src = fb_addr_from_ipv4(node->config.home_address),
                      .dst = fb_addr_from_ipv4(ALL_ROUTERS),
                      .link = r->link.link,
                      .protocol = FB_PROTOCOL_ICMP,
                      .ttl = 1};
    return (ptrdiff_t)writer.position;
}

/* ---- which agent ---- */

static void
agent_event(const fb_mobile_node *node,
            const fb_registration *r,
            const fb_agent_heard *agent,
            bool there,
            fb_time now)
{
    fb_event event = {.kind = FB_EVENT_AGENT,
                      .role = FB_ROLE_MOBILE_NODE,
                      .from = !there,
                      .to = there,
                      .cause = FB_CAUSE_AGENT,
                      .lifetime_s = agent->registration_lifetime_s,
                      .ref = {.session = 1, .link = r->link.link, .bid = r->link.bid},
                      .home_address = node->config.home_address,
                      .care_of_address = fb_agent_care_of_address(agent),
                      .link_addr_len = agent->source.link_addr_len,
                      .time = now};

    memcpy(event.link_addr, agent->source.link_addr, sizeof event.link_addr);
    fb_events_push(node->events, &event);
}

static void
forget(fb_mobile_node *node, fb_registration *r, fb_agent_heard *agent, fb_time now)
{
    agent_event(node, r, agent, false, now);
    fb_agents_forget(&r->agents, agent);
}

void
fb_mobile_node_forget_agents(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    for (size_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        if (r->agents.item[i].expires != 0)
        {
            forget(node, r, &r->agents.item[i], now);
        }
    }
    r->agents.solicit_at = FB_TIME_NEVER;
}

/** Keeps the agent in use as long as it serves and the node has not moved on (RFC 5944 2.4.2, 3.6). */
static void
choose(fb_registration *r, fb_time now)
{
    const fb_agent_heard *current = fb_agents_chosen(&r->agents);
    const fb_agent_heard *other = fb_agents_other(&r->agents, flags_needed(r), now);
    /* RFC 5944 3.3: a request for Lifetime 0, all it still takes, would be a de-registration */
    bool serves = current != NULL && (current->flags & flags_needed(r)) == flags_needed(r) &&
                  fb_agent_care_of_address(current) != 0 && current->registration_lifetime_s > 0;

    if (serves && (other == NULL || !fb_agent_elsewhere(current, other, now)))
    {
        return;
    }
    fb_agents_choose_none(&r->agents);
    if (other != NULL)
    {
        fb_agents_choose(&r->agents, other);
    }
}

/** Registers again, as the agent it is registered through knows nothing of it (RFC 5944 2.4.4). */
static void
register_again(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    bool overwrite = r->request.overwrite;

    fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, FB_CAUSE_AGENT, now);
    r->request.overwrite = overwrite;
}

/** A link with foreign agents' care-of addresses. */
static void
review_care_of(fb_mobile_node *node, fb_registration *r, bool restarted, fb_time now)
{
    const fb_agent_heard *agent = fb_agents_chosen(&r->agents);
    bool changed = agent != NULL && (fb_agent_care_of_address(agent) != r->care_of_address ||
                                     agent_address(agent) != r->agent);

    if (r->state == FB_BINDING_DOWN)
    {
        fb_mobile_node_try_register(node, r, FB_CAUSE_AGENT, now);
    }
    else if (r->state == FB_BINDING_DEREGISTERING || (r->state == FB_BINDING_BLOCKED && !changed))
    {
        /* the one runs to its end, the other waits for its time (C-03) */
    }
    else if (agent == NULL)
    {
        fb_mobile_node_lose_path(node, r, FB_CAUSE_AGENT, now);
    }
    else if (changed)
    {
        r->retry_s = 0;
        fb_mobile_node_ask_anew(r);
        fb_mobile_node_change_address(node, r, FB_CAUSE_AGENT, now);
    }
    else if (restarted)
    {
        register_again(node, r, now);
    }
}

/** A link with a co-located care-of address: an agent with R came or went (RFC 5944 2.4.1, 3.1). */
static void
review_relay(fb_mobile_node *node, fb_registration *r, bool restarted, fb_time now)
{
    fb_ipv4 relay = fb_agent_care_of_address(fb_agents_chosen(&r->agents));

    if (relay == r->relay && !(restarted && relay != 0))
    {
        return;
    }
    switch (r->state)
    {
    case FB_BINDING_QUEUED:
    case FB_BINDING_PENDING:
        register_again(node, r, now);
        break;
    case FB_BINDING_UP_PENDING:
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_AGENT, now);
        break;
    case FB_BINDING_UP:
        if (relay != 0)
        {
            /* Without an agent any more it is bound as before; its next request goes directly */
            fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_AGENT, now);
        }
        break;
    default:
        break;
    }
}

/** What is heard on a link has changed: @p restarted, the agent in use began again. */
static void
review(fb_mobile_node *node, fb_registration *r, bool restarted, fb_time now)
{
    choose(r, now);
    if (uses_agent_address(r))
    {
        review_care_of(node, r, restarted, now);
    }
    else
    {
        review_relay(node, r, restarted, now);
    }
    search(node, r, now);
}

void
fb_mobile_node_look_for_agents(fb_mobile_node *node, fb_registration *r, bool appeared, fb_time now)
{
    if (appeared)
    {
        /* RFC 5944 2.4: an indication that it has moved to a new link */
        r->agents.solicited = 0;
    }
    review(node, r, false, now);
}

bool
fb_mobile_node_try_elsewhere(fb_mobile_node *node, fb_registration *r, uint8_t code, fb_time now)
{
    fb_agent_heard *agent = fb_agents_chosen_mutable(&r->agents);
    const fb_agent_heard *other = fb_agents_other(&r->agents, flags_needed(r), now);

    if (code == FB_MIP4_FA_INVALID_CARE_OF_ADDRESS && agent->address + 1 < agent->address_count)
    {
        agent->address++; /* RFC 5944 2.4: each advertised address in turn */
        return true;
    }
    if (other == NULL)
    {
        return false;
    }
    fb_mobile_node_ask_anew(r);
    agent->address = 0;
    agent->avoid_until = now + node->config.retry_denied_s * FB_SECOND;
    fb_agents_choose(&r->agents, other);
    return true;
}

/* ---- advertisements ---- */

static void
hear_agent(fb_mobile_node *node,
           fb_registration *r,
           const fb_agent_source *source,
           const fb_advertisement *advertisement,
           fb_time now)
{
    bool serves = (advertisement->flags & FB_ADVERTISEMENT_F) != 0 && advertisement->lifetime_s > 0;
    fb_agent_heard *agent = fb_agents_find(&r->agents, source);
    fb_agent_news news = FB_AGENT_SAME;

    if (serves)
    {
        agent = fb_agents_note(&r->agents, source, advertisement, &news, now);
    }
    else if (agent != NULL)
    {
        forget(node, r, agent, now); /* RFC 1256 4.1: Lifetime 0 takes it back */
    }
    if (agent == NULL)
    {
        return;
    }
    if (news == FB_AGENT_NEW)
    {
        agent_event(node, r, agent, true, now);
    }
    review(node, r, news == FB_AGENT_RESTARTED && agent == fb_agents_chosen(&r->agents), now);
}

static int
discard(const fb_mobile_node *node, const fb_meta *meta, int reason, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_DROP,
                      .role = FB_ROLE_MOBILE_NODE,
                      .reason = (uint16_t)reason,
                      .ref = {.session = 1, .link = meta->link},
                      .home_address = node->config.home_address,
                      .time = now};

    fb_events_push(node->events, &event);
    return fb_events_count(node->events, reason);
}

int
fb_mobile_node_advertisement(fb_mobile_node *node,
                             const fb_meta *meta,
                             const uint8_t *icmp,
                             size_t length,
                             fb_time now)
{
    fb_registration *r = fb_registration_find(&node->registrations, meta->link);
    fb_agent_source source = {.address = fb_addr_to_ipv4(&meta->src)};
    fb_advertisement advertisement;
    int reason = fb_advertisement_decode(&advertisement, icmp, length);

    if (reason != FB_REASON_NONE || r == NULL || !r->link_up)
    {
        return discard(node, meta, reason != FB_REASON_NONE ? reason : FB_DROP_NOT_EXPECTED, now);
    }
    if (!advertisement.agent)
    {
        return FB_REASON_NONE; /* an ordinary router (RFC 5944 2.4) */
    }
    if (meta->link_addr_len <= FB_LINK_ADDRESS_MAX)
    {
        source.link_addr_len = meta->link_addr_len;
        memcpy(source.link_addr, meta->link_addr, meta->link_addr_len);
    }
    if (fb_mobile_node_is_home(node, &source, &advertisement))
    {
        fb_mobile_node_hear_home(node, r, advertisement.lifetime_s, now);
        search(node, r, now);
        return FB_REASON_NONE;
    }
    hear_agent(node, r, &source, &advertisement, now);
    return FB_REASON_NONE;
}

/* ---- time ---- */

void
fb_mobile_node_agents_timeout(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    bool lost = false;

    for (size_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        fb_agent_heard *agent = &r->agents.item[i];

        if (agent->expires != 0 && agent->expires <= now)
        {
            forget(node, r, agent, now); /* RFC 5944 2.4.2.1 */
            lost = true;
        }
    }
    if (lost)
    {
        review(node, r, false, now);
    }
}

fb_time
fb_mobile_node_agents_deadline(const fb_registration *r)
{
    fb_time silent = fb_agents_deadline(&r->agents);

    return r->agents.solicit_at < silent ? r->agents.solicit_at : silent;
}
