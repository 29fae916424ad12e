/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_AGENT_ADVERTISER_H
#define FB_ROLE_AGENT_ADVERTISER_H

/**
 * @file
 * The links on which a foreign or home agent serves nodes, and its advertisements there (RFC 5944 2.1, 2.3; RFC 1256).
 */

#include "base/arena.h"
#include "flowbind/agent.h"
#include "state/entropy.h"
#include "wire/agent_discovery.h"

/** RFC 5944 2.3, 3.6.1.1: all mobility agents listen to it. */
#define FB_ALL_AGENTS UINT32_C(0xe000000b) /* 224.0.0.11 */

/** One link. */
typedef struct fb_access_link
{
    fb_access access;
    fb_time next; /**< when the next periodic advertisement is due; FB_TIME_NEVER: none is */
    bool due; /**< a multicast one waits to be sent */
    bool answer; /**< one for the node below waits */
    fb_ipv4 solicitor;
    uint8_t solicitor_addr[8];
    uint8_t solicitor_addr_len;
} fb_access_link;

typedef struct fb_agent_advertiser
{
    /** what never changes of what each role says; not `agent`: it does not speak */
    fb_advertisement foreign, home;
    uint32_t interval_ms;
    bool router; /**< code 0: routes common traffic too */
    fb_access_link *link;
    uint16_t capacity, count;
    uint16_t sequence; /**< of the next one */
    fb_entropy *entropy;
} fb_agent_advertiser;

void fb_advertiser_init(fb_agent_advertiser *advertiser,
                        fb_arena *arena,
                        const fb_config *config,
                        fb_entropy *entropy);

/** An access link is there, or changed: advertised at once. FB_OK or FB_ERR_*. */
int fb_advertiser_link_up(fb_agent_advertiser *advertiser, const fb_access *access, fb_time now);
int fb_advertiser_link_down(fb_agent_advertiser *advertiser, uint32_t link);

/** The access link @p link; NULL: it is none. */
const fb_access *fb_advertiser_access(const fb_agent_advertiser *advertiser, uint32_t link);

/** Whether the agent serves nodes on @p link as @p role (FB_ROLE_*): F and H may differ from link to link (2.3). */
bool fb_advertiser_serves(const fb_agent_advertiser *advertiser, uint32_t link, uint8_t role);

/** Whether @p address is the agent's own on one of its access links. */
bool fb_advertiser_owns(const fb_agent_advertiser *advertiser, fb_ipv4 address);

/** The foreign agent takes no more visitors, or does again (B). */
void fb_advertiser_set_busy(fb_agent_advertiser *advertiser, bool busy);

/** A solicitation. 0 or a drop reason. */
int fb_advertiser_solicited(fb_agent_advertiser *advertiser,
                            const fb_meta *meta,
                            const uint8_t *icmp,
                            size_t length,
                            fb_time now);

fb_time fb_advertiser_next_timeout(const fb_agent_advertiser *advertiser);
void fb_advertiser_handle_timeout(fb_agent_advertiser *advertiser, fb_time now);

/** The next advertisement that waits: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too small. */
ptrdiff_t fb_advertiser_output(fb_agent_advertiser *advertiser,
                               fb_meta *meta,
                               uint8_t *buffer,
                               size_t capacity);

#endif
