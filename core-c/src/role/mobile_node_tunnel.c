/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"
#include "wire/rfc3519.h"

/* The tunnel of a path: what its requests ask for, what replies make of it, and keeping it open. */

#define KEEPALIVE_TRIES 3 /* RFC 3519 4.10: "a number of retransmissions" */
#define KEEPALIVE_WAIT FB_SECOND /* after the first; then doubling */
#define KEEPALIVE_MIN_S 10 /* RFC 3519 4.10 */
#define KEEPALIVE_LOSSES_MAX 4

/* ---- asking ---- */

static uint8_t
asked_tunnel(const fb_registration *r)
{
    bool refused = (r->refused & FB_REFUSED_ENCAPSULATION) != 0;

    return refused || !fb_mobile_node_agent_offers(r, r->link.tunnel) ? FB_TUNNEL_IPIP
                                                                      : r->link.tunnel;
}

/* RFC 3519 4.4: only with a co-located care-of address, and if an agent relays, only if that allows it */
static bool
asks_udp(const fb_registration *r)
{
    return (r->relay == 0 || fb_mobile_node_agent_allows_udp(r)) && r->link.udp != FB_UDP_NEVER &&
           r->link.care_of == FB_CARE_OF_COLOCATED && r->agent == 0 &&
           !fb_request_removes(&r->request);
}

static bool
forces_udp(const fb_registration *r)
{
    return r->link.udp == FB_UDP_FORCE && (r->refused & FB_REFUSED_UDP_FORCE) == 0;
}

/** Whether inside UDP something else than IP in IP is asked for. */
static bool
asks_other_in_udp(const fb_registration *r)
{
    return asked_tunnel(r) != FB_TUNNEL_IPIP && (r->refused & FB_REFUSED_UDP_ENCAPSULATION) == 0;
}

static bool
asks_reverse(const fb_mobile_node *node, const fb_registration *r)
{
    return node->config.reverse_tunnel != ((r->refused & FB_REFUSED_REVERSE) != 0);
}

uint8_t
fb_mobile_node_tunnel_flags(const fb_mobile_node *node, const fb_registration *r)
{
    static const uint8_t flag[FB_TUNNEL_COUNT] =
        {[FB_TUNNEL_GRE] = FB_MIP4_FLAG_G, [FB_TUNNEL_MINIMAL] = FB_MIP4_FLAG_M};

    return (uint8_t)(flag[asked_tunnel(r)] | (asks_reverse(node, r) ? FB_MIP4_FLAG_T : 0));
}

void
fb_mobile_node_write_tunnel_request(const fb_registration *r, fb_writer *writer)
{
    bool as_flags = asked_tunnel(r) == FB_TUNNEL_IPIP || asks_other_in_udp(r);
    fb_udp_tunnel_request request = {.force = forces_udp(r),
                                     .through_agent = r->relay != 0, /* RFC 3519 4.4 */
                                     .encapsulation = as_flags ? FB_UDP_TUNNEL_AS_FLAGS
                                                               : FB_UDP_TUNNEL_IPIP};

    if (asks_udp(r))
    {
        fb_udp_tunnel_request_write(writer, &request);
    }
}

void
fb_mobile_node_ask_anew(fb_registration *r)
{
    r->refused = 0;
    r->keepalive_losses = 0; /* RFC 3519 4.10: back to the original interval after a move */
}

/* ---- answers ---- */

/** Notes a refusal that has an alternative, unless it was met before. */
static bool
note_refusal(fb_registration *r, uint8_t what, bool alternative)
{
    if (!alternative || (r->refused & what) != 0)
    {
        return false;
    }
    r->refused |= what;
    return true;
}

bool
fb_mobile_node_give_up(fb_mobile_node *node, fb_registration *r, uint8_t code)
{
    switch (code)
    {
    case FB_MIP4_FA_ENCAPSULATION_UNAVAILABLE:
    case FB_MIP4_ENCAPSULATION_UNAVAILABLE:
        return note_refusal(r, FB_REFUSED_ENCAPSULATION, asked_tunnel(r) != FB_TUNNEL_IPIP);
    case FB_MIP4_UDP_TUNNEL_UNAVAILABLE:
        /* RFC 3519 4.1: IP in UDP is what every home agent with UDP tunnels has */
        return note_refusal(r, FB_REFUSED_UDP_ENCAPSULATION, asks_udp(r) && asks_other_in_udp(r));
    case FB_MIP4_FA_REVERSE_TUNNEL_UNAVAILABLE:
    case FB_MIP4_REVERSE_TUNNEL_UNAVAILABLE:
        return note_refusal(r, FB_REFUSED_REVERSE, asks_reverse(node, r));
    case FB_MIP4_FA_REVERSE_TUNNEL_MANDATORY:
    case FB_MIP4_REVERSE_TUNNEL_MANDATORY:
        return note_refusal(r, FB_REFUSED_REVERSE, !asks_reverse(node, r));
    case FB_MIP4_ADMINISTRATIVELY_PROHIBITED:
        /*
         * RFC 3519 4.6.1: F, if it was sent, or UDP through a NAT at all. Without the latter nothing would get through
         * the NAT, so there is no use in registering without asking for it.
         */
        return note_refusal(r, FB_REFUSED_UDP_FORCE, asks_udp(r) && forces_udp(r));
    default:
        return false;
    }
}

/** RFC 3519 3.2, 4.10: what the home agent says or else our own, shorter after losses, never less than 10 s. */
static uint16_t
keepalive_interval(const fb_mobile_node *node, const fb_registration *r, uint16_t told_s)
{
    uint16_t full_s = told_s != 0 ? told_s : node->config.keepalive_s;
    uint16_t interval_s = (uint16_t)(full_s >> r->keepalive_losses);

    return interval_s > KEEPALIVE_MIN_S ? interval_s : KEEPALIVE_MIN_S;
}

void
fb_mobile_node_adopt_tunnel(const fb_mobile_node *node,
                            fb_registration *r,
                            const fb_mip4_message *reply)
{
    fb_udp_tunnel_reply answer = {0};
    bool answered = fb_udp_tunnel_reply_find(&answer, reply) == FB_UDP_TUNNEL_AUTHENTICATED;

    /* RFC 3519 4.4: without an assenting answer no UDP, NAT or not */
    r->udp = asks_udp(r) && answered && answer.code < FB_UDP_TUNNEL_DECLINED;
    r->tunnel = r->udp && !asks_other_in_udp(r) ? FB_TUNNEL_IPIP : asked_tunnel(r);
    r->keepalive_tries = 0;
    r->keepalive_due = false;
    if (r->udp)
    {
        r->keepalive_s = keepalive_interval(node, r, answer.keepalive_s);
        /* RFC 3519 4.9: at the earliest K seconds after the request was sent */
        r->keepalive_at = r->traffic_at + r->keepalive_s * FB_SECOND;
        if (r->relay != 0)
        {
            r->keepalive_at = r->traffic_at; /* 4.4: at once, as the request went another way */
        }
    }
    else
    {
        r->keepalive_at = FB_TIME_NEVER;
    }
}

/* ---- keepalives ---- */

static bool
keeps_alive(const fb_registration *r)
{
    return r->known && r->udp && fb_registration_up(r);
}

static fb_registration *
own(fb_mobile_node *node, const fb_registration *r)
{
    return fb_mobile_node_at(node, (size_t)(r - node->registrations.item));
}

void
fb_mobile_node_note_traffic(fb_mobile_node *node, const fb_registration *registration, fb_time now)
{
    fb_registration *r = own(node, registration);

    r->traffic_at = now;
    /* Not while an answer is waited for: sending shows nothing about receiving */
    if (keeps_alive(r) && r->keepalive_tries == 0 && !r->keepalive_due)
    {
        r->keepalive_at = now + r->keepalive_s * FB_SECOND;
    }
}

void
fb_mobile_node_keepalive_answered(fb_mobile_node *node,
                                  const fb_registration *registration,
                                  fb_time now)
{
    fb_registration *r = own(node, registration);
    fb_time next = r->traffic_at + r->keepalive_s * FB_SECOND;

    if (!keeps_alive(r) || r->keepalive_tries == 0)
    {
        return;
    }
    if (r->keepalive_tries == 1)
    {
        /* one was sent, so that is the one (RFC 6298 3) */
        fb_path_quality_measure(&r->quality, now - (r->keepalive_at - KEEPALIVE_WAIT));
        fb_mobile_node_learned(node, r, now);
    }
    r->keepalive_tries = 0;
    r->keepalive_due = false;
    r->keepalive_at = next > now ? next : now;
}

void
fb_mobile_node_handle_keepalive(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (r->keepalive_tries < KEEPALIVE_TRIES)
    {
        r->keepalive_due = true;
        r->keepalive_at = FB_TIME_NEVER; /* until it is sent */
        return;
    }
    /* RFC 3519 4.10: the NAT has lost the mapping, and the home agent must learn the new one; then more often */
    if (r->keepalive_losses < KEEPALIVE_LOSSES_MAX)
    {
        r->keepalive_losses++;
    }
    r->keepalive_tries = 0;
    r->keepalive_at = now + r->keepalive_s * FB_SECOND;
    if (r->state == FB_BINDING_UP)
    {
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_KEEPALIVE, now);
        r->request.with_policy = true; /* or it is the home agent that has lost its state */
    }
}

static fb_registration *
next_keepalive(fb_mobile_node *node)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (keeps_alive(r) && r->keepalive_due)
        {
            return r;
        }
    }
    return NULL;
}

ptrdiff_t
fb_mobile_node_output_keepalive(fb_mobile_node *node,
                                fb_meta *meta,
                                uint8_t *buffer,
                                size_t capacity,
                                fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);
    fb_registration *r = next_keepalive(node);
    fb_udp_keepalive keepalive;

    if (r == NULL)
    {
        return 0;
    }
    keepalive = (fb_udp_keepalive){.tunnel = r->tunnel,
                                   .home_address = node->config.home_address,
                                   .home_agent = node->home_agent,
                                   .identifier = r->link.bid,
                                   .sequence = (uint16_t)(r->keepalive_sequence + 1)};
    fb_udp_keepalive_write(&writer, &keepalive);
    if (writer.failed)
    {
        return FB_ERR_LIMIT;
    }
    /* RFC 3519 4.9: from the port the registration was sent from */
    *meta = (fb_meta){.src = fb_addr_from_ipv4(r->care_of_address),
                      .dst = fb_addr_from_ipv4(node->home_agent),
                      .sport = node->config.port,
                      .dport = FB_MIP4_PORT,
                      .link = r->link.link,
                      .protocol = FB_PROTOCOL_UDP,
                      .ttl = 64};
    r->traffic_at = now;
    r->keepalive_due = false;
    r->keepalive_at = now + (KEEPALIVE_WAIT << r->keepalive_tries);
    r->keepalive_tries++;
    r->keepalive_sequence++;
    return (ptrdiff_t)writer.position;
}
