/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/agent_advertiser.h"

#include <string.h>

#include "flowbind/config.h"

/** RFC 5944 2.1: "all systems on this link". */
#define ALL_SYSTEMS UINT32_C(0xe0000001) /* 224.0.0.1 */

#define PROTOCOL_ICMP 1

/** RFC 5944 2.3.2: what follows 0xffff, so that a roll-over does not look like a restart. */
#define SEQUENCE_AFTER_ROLLOVER 256

/** RFC 5944 2.1: a node may miss three advertisements before it gives the agent up. */
#define LIFETIME_INTERVALS 3

/** RFC 1256 5: MAX_RESPONSE_DELAY, of an answer that goes to all nodes of the link. */
#define RESPONSE_DELAY_MS 2000

/* ---- what is said ---- */

static fb_advertisement
foreign_part(const fb_foreign_agent_config *config)
{
    fb_advertisement said = {.agent = true, .flags = FB_ADVERTISEMENT_F};

    said.registration_lifetime_s = config->lifetime_max_s;
    said.address_count = 1;
    said.care_of_address[0] = config->address;
    said.flags |= config->registration_required ? FB_ADVERTISEMENT_R : 0;
    said.flags |= config->busy ? FB_ADVERTISEMENT_B : 0;
    said.flags |= config->minimal ? FB_ADVERTISEMENT_M : 0;
    said.flags |= config->gre ? FB_ADVERTISEMENT_G : 0;
    said.flags |= config->reverse_tunnel ? FB_ADVERTISEMENT_T : 0;
    said.flags |= config->udp_tunnel ? FB_ADVERTISEMENT_U : 0;
    return said;
}

static fb_advertisement
home_part(const fb_home_agent_config *config)
{
    return (fb_advertisement){.agent = true,
                              .flags = FB_ADVERTISEMENT_H,
                              .registration_lifetime_s = config->lifetime_max_s};
}

void
fb_advertiser_init(fb_agent_advertiser *advertiser,
                   fb_arena *arena,
                   const fb_config *config,
                   fb_entropy *entropy)
{
    bool foreign = (config->roles & FB_ROLE_FOREIGN_AGENT) != 0;
    bool home = (config->roles & FB_ROLE_HOME_AGENT) != 0 && config->home_agent.advertise;
    uint16_t interval_s = foreign ? config->foreign_agent.advertisement_s
                                  : config->home_agent.advertisement_s;

    memset(advertiser, 0, sizeof *advertiser);
    if (foreign)
    {
        advertiser->foreign = foreign_part(&config->foreign_agent);
    }
    if (home)
    {
        advertiser->home = home_part(&config->home_agent);
    }
    advertiser->interval_ms = interval_s * UINT32_C(1000);
    advertiser->router = foreign && config->foreign_agent.router;
    advertiser->link = fb_arena_take(arena,
                                     config->limits.access_links,
                                     sizeof(fb_access_link),
                                     _Alignof(fb_access_link));
    advertiser->capacity = config->limits.access_links;
    advertiser->entropy = entropy;
}

/** RFC 5944 2.3: F and H may differ from link to link. @p role: FB_ROLE_*. */
static bool
has_role(const fb_access *access, uint8_t role)
{
    return access->roles == 0 || (access->roles & role) != 0;
}

/** Whether one of @p role speaks on the link. */
static bool
speaks(const fb_advertisement *part, const fb_access *access, uint8_t role)
{
    return part->agent && has_role(access, role);
}

/** What is to be said on the link; `agent` is false where there is nothing to say. */
static fb_advertisement
compose(const fb_agent_advertiser *advertiser, const fb_access *access)
{
    bool foreign = speaks(&advertiser->foreign, access, FB_ROLE_FOREIGN_AGENT);
    bool home = speaks(&advertiser->home, access, FB_ROLE_HOME_AGENT);
    fb_advertisement said = foreign ? advertiser->foreign : advertiser->home;

    said.agent = foreign || home;
    said.flags |= home ? FB_ADVERTISEMENT_H : 0;
    said.code = advertiser->router ? FB_ADVERTISEMENT_ROUTER : FB_ADVERTISEMENT_AGENT;
    said.sequence = advertiser->sequence;
    /* RFC 1256: without an interval 30 minutes, as a node that asked has nothing else to go by */
    said.lifetime_s = advertiser->interval_ms == 0
                          ? 1800
                          : (uint16_t)(LIFETIME_INTERVALS * advertiser->interval_ms / 1000);
    if (home || advertiser->router)
    {
        /* RFC 5944 2.3.1: its own address only; by it a node finds that it is at home */
        said.router = fb_addr_to_ipv4(&access->address);
        said.prefix_length = access->prefix_length;
    }
    return said;
}

/* ---- links ---- */

static fb_access_link *
find_link(const fb_agent_advertiser *advertiser, uint32_t link)
{
    for (uint16_t i = 0; i < advertiser->count; i++)
    {
        if (advertiser->link[i].access.link == link)
        {
            return &advertiser->link[i];
        }
    }
    return NULL;
}

const fb_access *
fb_advertiser_access(const fb_agent_advertiser *advertiser, uint32_t link)
{
    const fb_access_link *found = find_link(advertiser, link);

    return found == NULL ? NULL : &found->access;
}

bool
fb_advertiser_serves(const fb_agent_advertiser *advertiser, uint32_t link, uint8_t role)
{
    const fb_access *access = fb_advertiser_access(advertiser, link);

    return access != NULL && has_role(access, role);
}

bool
fb_advertiser_owns(const fb_agent_advertiser *advertiser, fb_ipv4 address)
{
    for (uint16_t i = 0; i < advertiser->count; i++)
    {
        if (fb_addr_to_ipv4(&advertiser->link[i].access.address) == address)
        {
            return true;
        }
    }
    return false;
}

/** RFC 1256 6.2.4: between three quarters of the interval and the whole, so that agents do not fall into step. */
static fb_time
next_periodic(const fb_agent_advertiser *advertiser, fb_time now)
{
    uint64_t interval_ms = advertiser->interval_ms;
    uint64_t less_ms = fb_entropy_below(advertiser->entropy, interval_ms / 4 + 1);

    return interval_ms == 0 ? FB_TIME_NEVER : now + (interval_ms - less_ms) * FB_MILLISECOND;
}

int
fb_advertiser_link_up(fb_agent_advertiser *advertiser, const fb_access *access, fb_time now)
{
    fb_access_link *link = find_link(advertiser, access->link);

    if (access->link == 0 || fb_addr_to_ipv4(&access->address) == 0 || access->prefix_length > 32)
    {
        return FB_ERR_ARGUMENT;
    }
    if (link == NULL)
    {
        if (advertiser->count == advertiser->capacity)
        {
            return FB_ERR_LIMIT;
        }
        link = &advertiser->link[advertiser->count++];
    }
    *link = (fb_access_link){.access = *access, .next = FB_TIME_NEVER};
    /* RFC 5944 2.3: an agent may speak only when it is asked */
    link->due = advertiser->interval_ms != 0 && compose(advertiser, access).agent;
    link->next = link->due ? next_periodic(advertiser, now) : FB_TIME_NEVER;
    return FB_OK;
}

int
fb_advertiser_link_down(fb_agent_advertiser *advertiser, uint32_t link)
{
    fb_access_link *gone = find_link(advertiser, link);

    if (gone == NULL)
    {
        return FB_ERR_UNKNOWN;
    }
    *gone = advertiser->link[--advertiser->count];
    return FB_OK;
}

void
fb_advertiser_set_busy(fb_agent_advertiser *advertiser, bool busy)
{
    uint16_t others = (uint16_t)(advertiser->foreign.flags & ~(unsigned)FB_ADVERTISEMENT_B);

    advertiser->foreign.flags = busy ? others | FB_ADVERTISEMENT_B : others;
}

/* ---- when it is said ---- */

int
fb_advertiser_solicited(fb_agent_advertiser *advertiser,
                        const fb_meta *meta,
                        const uint8_t *icmp,
                        size_t length,
                        fb_time now)
{
    fb_access_link *link = find_link(advertiser, meta->link);
    fb_time latest;

    if (link == NULL || !compose(advertiser, &link->access).agent)
    {
        return FB_DROP_WRONG_ROLE;
    }
    if (fb_solicitation_check(icmp, length) != FB_REASON_NONE)
    {
        return FB_DROP_ADVERTISEMENT;
    }
    link->solicitor = fb_addr_to_ipv4(&meta->src);
    if (link->solicitor != 0)
    {
        /* RFC 5944 2.1: unicast to the node that asked, whether or not it is a neighbour by its address (2.3) */
        link->answer = true;
        link->solicitor_addr_len = meta->link_addr_len;
        memcpy(link->solicitor_addr, meta->link_addr, sizeof link->solicitor_addr);
        return FB_REASON_NONE;
    }
    /* RFC 1256 6.2.6: a node without an address is answered with all others, a little later and once for many */
    latest = now + (1 + fb_entropy_below(advertiser->entropy, RESPONSE_DELAY_MS)) * FB_MILLISECOND;
    link->next = latest < link->next ? latest : link->next;
    return FB_REASON_NONE;
}

fb_time
fb_advertiser_next_timeout(const fb_agent_advertiser *advertiser)
{
    fb_time next = FB_TIME_NEVER;

    for (uint16_t i = 0; i < advertiser->count; i++)
    {
        next = advertiser->link[i].next < next ? advertiser->link[i].next : next;
    }
    return next;
}

void
fb_advertiser_handle_timeout(fb_agent_advertiser *advertiser, fb_time now)
{
    for (uint16_t i = 0; i < advertiser->count; i++)
    {
        fb_access_link *link = &advertiser->link[i];

        if (link->next <= now)
        {
            link->due = true;
            link->next = next_periodic(advertiser, now);
        }
    }
}

static fb_access_link *
link_with_something_to_say(const fb_agent_advertiser *advertiser)
{
    for (uint16_t i = 0; i < advertiser->count; i++)
    {
        if (advertiser->link[i].answer || advertiser->link[i].due)
        {
            return &advertiser->link[i];
        }
    }
    return NULL;
}

ptrdiff_t
fb_advertiser_output(fb_agent_advertiser *advertiser,
                     fb_meta *meta,
                     uint8_t *buffer,
                     size_t capacity)
{
    fb_access_link *link = link_with_something_to_say(advertiser);
    fb_writer writer = fb_writer_over(buffer, capacity);
    fb_advertisement said;

    if (link == NULL)
    {
        return 0;
    }
    said = compose(advertiser, &link->access);
    fb_advertisement_write(&writer, &said);
    if (writer.failed)
    {
        return FB_ERR_LIMIT;
    }
    /* RFC 5944 2.1: TTL 1 */
    *meta = (fb_meta){.src = link->access.address,
                      .dst = fb_addr_from_ipv4(link->answer ? link->solicitor : ALL_SYSTEMS),
                      .link = link->access.link,
                      .protocol = PROTOCOL_ICMP,
                      .ttl = 1};
    if (link->answer)
    {
        /* RFC 5944 2.1: the link-layer address the solicitation came from */
        meta->link_addr_len = link->solicitor_addr_len;
        memcpy(meta->link_addr, link->solicitor_addr, sizeof meta->link_addr);
        link->answer = false;
    }
    else
    {
        link->due = false;
    }
    advertiser->sequence = advertiser->sequence == UINT16_MAX
                               ? SEQUENCE_AFTER_ROLLOVER
                               : (uint16_t)(advertiser->sequence + 1);
    return (ptrdiff_t)writer.position;
}
