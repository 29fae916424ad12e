/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_AGENT_HEARD_H
#define FB_STATE_AGENT_HEARD_H

/**
 * @file
 * The foreign agents a mobile node hears on one link, which of them it uses, and when it asks for others (RFC 5944
 * 2.4). The functions below are the only writers of what is heard and chosen.
 */

#include "flowbind/types.h"
#include "wire/agent_discovery.h"

/** More agents of one link are not listened to. */
#define FB_AGENTS_HEARD_MAX 4

#define FB_LINK_ADDRESS_MAX 8

/** Who sent an advertisement. */
typedef struct fb_agent_source
{
    fb_ipv4 address; /**< 0: not known, only its address on the link is */
    uint8_t link_addr[FB_LINK_ADDRESS_MAX];
    uint8_t link_addr_len;
} fb_agent_source;

typedef struct fb_agent_heard
{
    fb_agent_source source;
    uint16_t flags; /**< FB_ADVERTISEMENT_* */
    uint16_t sequence;
    uint16_t registration_lifetime_s; /**< the most it accepts; 0xffff: no limit */
    uint8_t address_count;
    uint8_t address; /**< index of the care-of address in use */
    fb_ipv4 care_of_address[FB_ADVERTISEMENT_ADDRESSES_MAX];
    uint8_t prefix_length; /**< 0: not said */
    fb_ipv4 network; /**< an address in it */
    fb_time heard_at;
    /** a third of the lifetime later: one of its advertisements is missing by then */
    fb_time silent_at;
    fb_time expires; /**< 0: the slot is free */

    /* What it answered. */
    fb_time avoid_until; /**< it said no: not before then, if there is another */
    uint16_t lifetime_limit_s; /**< code 69, until a registration is accepted; 0: said nothing */
    bool refused_delivery; /**< the Encapsulating Delivery Style: code 79 */
} fb_agent_heard;

typedef struct fb_agents_heard
{
    fb_agent_heard item[FB_AGENTS_HEARD_MAX];
    uint8_t chosen; /**< 1 + index of the one in use; 0: none */

    /* Solicitations (RFC 5944 2.4). */
    fb_time solicit_at; /**< FB_TIME_NEVER: not searching */
    uint8_t solicited; /**< how often since the link came up or an agent registered us */
} fb_agents_heard;

typedef enum fb_agent_news
{
    FB_AGENT_SAME,
    FB_AGENT_NEW,
    FB_AGENT_RESTARTED /**< its sequence number began again (RFC 5944 2.4.4) */
} fb_agent_news;

void fb_agents_init(fb_agents_heard *agents);

/** The one in use; NULL. */
const fb_agent_heard *fb_agents_chosen(const fb_agents_heard *agents);
fb_agent_heard *fb_agents_chosen_mutable(fb_agents_heard *agents);

/** The one whose advertisements come from @p source; NULL. */
fb_agent_heard *fb_agents_find(fb_agents_heard *agents, const fb_agent_source *source);

/** Notes an advertisement. NULL when there is no room for one more agent. */
fb_agent_heard *fb_agents_note(fb_agents_heard *agents,
                               const fb_agent_source *source,
                               const fb_advertisement *advertisement,
                               fb_agent_news *news,
                               fb_time now);

/** Forgets @p agent, and that it is the one in use. */
void fb_agents_forget(fb_agents_heard *agents, fb_agent_heard *agent);

/** Whether a new registration may go through it: a foreign agent that is not busy and did not refuse lately. */
bool fb_agent_usable(const fb_agent_heard *agent, uint16_t flags_needed, fb_time now);

/** The usable one heard last, but for the one in use; NULL. */
fb_agent_heard *fb_agents_other(fb_agents_heard *agents, uint16_t flags_needed, fb_time now);

void fb_agents_choose(fb_agents_heard *agents, const fb_agent_heard *agent);
void fb_agents_choose_none(fb_agents_heard *agents);

/** Whether @p other shows that the node has left the network of @p current (RFC 5944 2.4.2.2). */
bool fb_agent_elsewhere(const fb_agent_heard *current, const fb_agent_heard *other, fb_time now);

/** The care-of address it offers; 0 for NULL. */
fb_ipv4 fb_agent_care_of_address(const fb_agent_heard *agent);

/** When the first of them falls silent for good; FB_TIME_NEVER. */
fb_time fb_agents_deadline(const fb_agents_heard *agents);

/** Whether any is heard. */
bool fb_agents_any(const fb_agents_heard *agents);

#endif
