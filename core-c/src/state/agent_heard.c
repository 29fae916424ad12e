/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/agent_heard.h"

#include <string.h>

/** RFC 5944 2.3.2: sequence numbers begin with these, and roll over to what follows them. */
#define SEQUENCE_AFTER_START 256

#define MULTICAST_FIRST 0xe0000000u /* 224.0.0.0 */

void
fb_agents_init(fb_agents_heard *agents)
{
    memset(agents, 0, sizeof *agents);
    agents->solicit_at = FB_TIME_NEVER;
}

fb_agent_heard *
fb_agents_chosen_mutable(fb_agents_heard *agents)
{
    return agents->chosen == 0 ? NULL : &agents->item[agents->chosen - 1];
}

const fb_agent_heard *
fb_agents_chosen(const fb_agents_heard *agents)
{
    return agents->chosen == 0 ? NULL : &agents->item[agents->chosen - 1];
}

static bool
same_source(const fb_agent_source *a, const fb_agent_source *b)
{
    if (a->address != 0 || b->address != 0)
    {
        return a->address == b->address;
    }
    return a->link_addr_len == b->link_addr_len &&
           memcmp(a->link_addr, b->link_addr, a->link_addr_len) == 0;
}

fb_agent_heard *
fb_agents_find(fb_agents_heard *agents, const fb_agent_source *source)
{
    for (size_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        if (agents->item[i].expires != 0 && same_source(&agents->item[i].source, source))
        {
            return &agents->item[i];
        }
    }
    return NULL;
}

static fb_agent_heard *
free_slot(fb_agents_heard *agents)
{
    for (size_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        if (agents->item[i].expires == 0)
        {
            return &agents->item[i];
        }
    }
    return NULL;
}

static bool
is_unicast(fb_ipv4 address)
{
    return address >> 24 != 0 && address < MULTICAST_FIRST;
}

/** The care-of address in use stays so as long as it is offered. */
static void
note_addresses(fb_agent_heard *agent, const fb_advertisement *advertisement)
{
    fb_ipv4 used = fb_agent_care_of_address(agent);

    agent->address = 0;
    agent->address_count = 0;
    for (uint8_t i = 0; i < advertisement->address_count; i++)
    {
        fb_ipv4 offered = advertisement->care_of_address[i];

        if (!is_unicast(offered))
        {
            continue; /* nothing can be tunnelled to it */
        }
        if (offered == used)
        {
            agent->address = agent->address_count;
        }
        agent->care_of_address[agent->address_count++] = offered;
    }
}

fb_agent_heard *
fb_agents_note(fb_agents_heard *agents,
               const fb_agent_source *source,
               const fb_advertisement *advertisement,
               fb_agent_news *news,
               fb_time now)
{
    fb_agent_heard *agent = fb_agents_find(agents, source);
    bool known = agent != NULL;
    fb_time lifetime = advertisement->lifetime_s * FB_SECOND;

    agent = known ? agent : free_slot(agents);
    if (agent == NULL)
    {
        return NULL;
    }
    if (!known)
    {
        memset(agent, 0, sizeof *agent);
    }
    /* RFC 5944 2.4.4: less than the last and below 256 is a restart; less, but above, is the roll-over */
    *news = !known ? FB_AGENT_NEW
            : advertisement->sequence < agent->sequence &&
                    advertisement->sequence < SEQUENCE_AFTER_START
                ? FB_AGENT_RESTARTED
                : FB_AGENT_SAME;
    agent->source = *source;
    agent->flags = advertisement->flags;
    agent->sequence = advertisement->sequence;
    agent->registration_lifetime_s = advertisement->registration_lifetime_s;
    note_addresses(agent, advertisement);
    agent->prefix_length = advertisement->prefix_length;
    agent->network = advertisement->router != 0 ? advertisement->router : source->address;
    agent->heard_at = now;
    /* RFC 5944 2.3: advertisements come at least three times in their lifetime */
    agent->silent_at = now + lifetime / 3;
    agent->expires = now + lifetime;
    return agent;
}

void
fb_agents_forget(fb_agents_heard *agents, fb_agent_heard *agent)
{
    agent->expires = 0;
    if (fb_agents_chosen(agents) == agent)
    {
        agents->chosen = 0;
    }
}

bool
fb_agent_usable(const fb_agent_heard *agent, uint16_t flags_needed, fb_time now)
{
    uint16_t needed = FB_ADVERTISEMENT_F | flags_needed;

    return agent->expires > now && (agent->flags & needed) == needed &&
           (agent->flags & FB_ADVERTISEMENT_B) == 0 && agent->registration_lifetime_s > 0 &&
           fb_agent_care_of_address(agent) != 0 && agent->avoid_until <= now;
}

fb_agent_heard *
fb_agents_other(fb_agents_heard *agents, uint16_t flags_needed, fb_time now)
{
    fb_agent_heard *best = NULL;

    for (size_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        fb_agent_heard *agent = &agents->item[i];

        if (agent != fb_agents_chosen(agents) && fb_agent_usable(agent, flags_needed, now) &&
            (best == NULL || agent->heard_at > best->heard_at))
        {
            best = agent;
        }
    }
    return best;
}

void
fb_agents_choose(fb_agents_heard *agents, const fb_agent_heard *agent)
{
    agents->chosen = (uint8_t)(agent - agents->item + 1);
}

void
fb_agents_choose_none(fb_agents_heard *agents)
{
    agents->chosen = 0;
}

bool
fb_agent_elsewhere(const fb_agent_heard *current, const fb_agent_heard *other, fb_time now)
{
    unsigned shift = 32u - other->prefix_length;

    if (current->prefix_length == 0 || other->prefix_length == 0)
    {
        return false; /* RFC 5944 2.4.2.2: only if both of them say it */
    }
    /* RFC 5944 3.6: not while the current one is still heard */
    return now >= current->silent_at && (current->prefix_length != other->prefix_length ||
                                         current->network >> shift != other->network >> shift);
}

fb_ipv4
fb_agent_care_of_address(const fb_agent_heard *agent)
{
    return agent == NULL || agent->address_count == 0 ? 0 : agent->care_of_address[agent->address];
}

fb_time
fb_agents_deadline(const fb_agents_heard *agents)
{
    fb_time next = FB_TIME_NEVER;

    for (size_t i = 0; i < FB_AGENTS_HEARD_MAX; i++)
    {
        fb_time expires = agents->item[i].expires;

        next = expires != 0 && expires < next ? expires : next;
    }
    return next;
}

bool
fb_agents_any(const fb_agents_heard *agents)
{
    return fb_agents_deadline(agents) != FB_TIME_NEVER;
}
