/* SPDX-License-Identifier: BSD-3-Clause */
#include "proxy_net.h"

#include "cmocka_setup.h"
#include "network_told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z */
/* a second, by all: sessions, paths, answers and RFC 5213 6.9.4's three a second */
#define SENT_MAX 200
#define SPINS_MAX 2000 /* messages and expiries of one moment */
#define WOKEN_MAX 60 /* a second, each */
#define INNER 48 /* IPv6 and UDP headers */
#define CHECK(n, condition)                        \
    do                                             \
    {                                              \
        if (!(condition))                          \
        {                                          \
            (n)->failed((n)->context, #condition); \
        }                                          \
    }                                              \
    while (0)

static const fb_addr anchor_address = {
    FB_FAMILY_IPV6,
    {0x20, 0x01, 0x0d, 0xb8, 0, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

static const uint8_t correspondent[16] =
    {0x20, 0x01, 0x0d, 0xb8, 0xca, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

/* ---- agents ---- */

void
pnet_start_agent(pnet *n, unsigned who)
{
    size_t size = fb_agent_size(&n->config[who]);
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WALL_NS + n->now};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY};

    CHECK(n, size > 0);
    free(n->memory[who]);
    n->memory[who] = aligned_alloc(64, (size + 63) / 64 * 64);
    CHECK(n, fb_agent_init(&n->agent[who], n->memory[who], size, &n->config[who], n->now) == FB_OK);
    memset(&n->told[who], 0, sizeof n->told[who]);
    CHECK(n, fb_agent_fact(n->agent[who], &clock, n->now) == FB_OK);
    /* Another one with each start, or the numbers after a restart are those of before */
    n->starts++;
    memcpy(entropy.u.entropy, &n->starts, sizeof n->starts);
    CHECK(n, fb_agent_fact(n->agent[who], &entropy, n->now) == FB_OK);
}

void
pnet_begin(pnet *n, uint64_t seed)
{
    n->random.state = seed;
    n->message = calloc(PNET_MESSAGES, sizeof *n->message);
    CHECK(n, n->message != NULL);
    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        for (uint32_t i = 1; i <= PNET_LINKS; i++)
        {
            fb_link *link = &n->link[g][i];

            link->link = i;
            link->bid = (uint8_t)i;
            link->label = (uint8_t)(10 + i);
            link->technology = i == 1 ? 8 : 4;
            link->preference = (uint8_t)i;
            link->mtu = 1500;
            link->address = anchor_address;
            link->address.octet[5] = (uint8_t)(16 * (g + 1) + i);
            n->connected[g][i] = true;
        }
        n->link[g][PNET_IPV4].address = fb_addr_from_ipv4(0x0a000002u + (g << 8));
    }
    for (unsigned who = 0; who < PNET_AGENTS; who++)
    {
        pnet_start_agent(n, who);
    }
}

void
pnet_end(pnet *n)
{
    for (unsigned who = 0; who < PNET_AGENTS; who++)
    {
        free(n->memory[who]);
    }
    free(n->message);
}

/* ---- the network ---- */

static bool
one_of(pnet *n, unsigned permille)
{
    return test_random_below(&n->random, 1000) < permille;
}

/** The gateway and link an address is of, as the anchor sees it; false: nobody's. */
static bool
place_of(const fb_addr *address, const pnet *n, unsigned *gateway, uint32_t *link)
{
    for (unsigned g = 0; g < PNET_GATEWAYS; g++)
    {
        for (uint32_t i = 1; i <= PNET_LINKS; i++)
        {
            if (memcmp(&n->link[g][i].address, address, sizeof *address) == 0)
            {
                *gateway = g;
                *link = i;
                return true;
            }
        }
    }
    return false;
}

/** Where it goes, and the link it comes in by; false: it does not get there. */
static bool
find_way(const pnet *n, unsigned from, fb_meta *meta, unsigned *to)
{
    uint32_t link = meta->link;
    unsigned gateway = from;

    *to = PNET_ANCHOR;
    if (from == PNET_ANCHOR)
    {
        if (!place_of(&meta->dst, n, &gateway, &link))
        {
            return false;
        }
        *to = gateway;
    }
    meta->link = from == PNET_ANCHOR ? link : 0;
    return n->connected[gateway][link] && n->up[gateway][link];
}

static void
transmit(pnet *n, unsigned from, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    fb_meta seen = *meta;
    unsigned to, copies = one_of(n, n->double_permille) ? 2 : 1;

    n->sent = n->second == n->now / FB_SECOND ? n->sent + 1 : 1;
    n->second = n->now / FB_SECOND;
    n->most_sent = n->sent > n->most_sent ? n->sent : n->most_sent;
    CHECK(n, n->sent <= SENT_MAX);
    if (!find_way(n, from, &seen, &to) || one_of(n, n->loss_permille))
    {
        return;
    }
    while (copies-- > 0)
    {
        bool damaged = one_of(n, n->damage_permille);
        pnet_message *m = &n->message[n->messages];

        /* RFC 5844 4.1.3.1: over IPv4 the UDP checksum "MUST be used instead", which the host looks at */
        if (damaged && seen.src.family == FB_FAMILY_IPV4)
        {
            continue;
        }
        CHECK(n, ++n->messages < PNET_MESSAGES);
        m->to = to;
        m->meta = seen;
        m->arrives_at = n->now +
                        (10 + test_random_below(&n->random, n->jitter_ms + 1)) * FB_MILLISECOND;
        m->length = length;
        memcpy(m->octets, octets, length);
        if (damaged)
        {
            m->octets[test_random_below(&n->random, (uint32_t)length)] ^=
                (uint8_t)(1u << test_random_below(&n->random, 8));
        }
    }
}

/* ---- what hosts are told ---- */

static void
hear_of_prefix(pnet *n, pnet_told *told, const fb_event *event)
{
    unsigned at = 0;

    while (at < told->prefixes &&
           (told->prefix_of[at] != event->ref.session ||
            memcmp(&told->prefix[at], &event->prefix, sizeof event->prefix) != 0))
    {
        at++;
    }
    if (event->to == 0)
    {
        CHECK(n, at < told->prefixes);
        told->prefixes--;
        told->prefix[at] = told->prefix[told->prefixes];
        told->prefix_of[at] = told->prefix_of[told->prefixes];
    }
    else if (at == told->prefixes) /* else it has another MTU */
    {
        CHECK(n, ++told->prefixes <= PNET_PREFIXES);
        told->prefix[at] = event->prefix;
        told->prefix_of[at] = event->ref.session;
    }
}

/** What an event says goes on from what those before it said: a host that keeps account of them is never wrong. */
static void
hear(pnet *n, unsigned who, const fb_event *event)
{
    pnet_told *told = &n->told[who];

    CHECK(n, event->time <= n->now && event->kind < PNET_EVENTS);
    CHECK(n, event->ref.session < PNET_SESSIONS && event->ref.bid <= PNET_LINKS);
    n->events[who][event->kind]++;
    switch (event->kind)
    {
    case FB_EVENT_BINDING:
        CHECK(n,
              net_told_binding(&told->state[event->ref.session][event->ref.bid],
                               &n->lost[who],
                               event));
        break;
    case FB_EVENT_SESSION:
        CHECK(n, told->session[event->ref.session] == (event->to == 0));
        told->session[event->ref.session] = event->to != 0;
        break;
    case FB_EVENT_PREFIX:
        hear_of_prefix(n, told, event);
        break;
    default:
        break;
    }
}

/** Whose an address was given to be, whatever of it has changed since. */
static unsigned
gateway_of(const fb_addr *address)
{
    return address->family == FB_FAMILY_IPV4 ? address->octet[2] : address->octet[5] / 16u - 1;
}

/** D8-11: bindings of two gateways never mix. */
static void
check_gateways(pnet *n)
{
    fb_proxy_view first, other;
    fb_session_view session;

    for (size_t s = 0; fb_agent_session(n->agent[PNET_ANCHOR], FB_ROLE_LMA, s, &session); s++)
    {
        for (size_t i = 0; fb_agent_proxy_binding(n->agent[PNET_ANCHOR],
                                                  FB_ROLE_LMA,
                                                  session.session,
                                                  i,
                                                  i == 0 ? &first : &other);
             i++)
        {
            CHECK(n, i == 0 || gateway_of(&other.care_of) == gateway_of(&first.care_of));
        }
    }
}

static void
drain(pnet *n)
{
    for (unsigned who = 0; who < PNET_AGENTS; who++)
    {
        uint8_t octets[1500];
        ptrdiff_t length;
        fb_event event;
        fb_meta meta;

        while ((length = fb_agent_output(n->agent[who], &meta, octets, sizeof octets, n->now)) > 0)
        {
            transmit(n, who, &meta, octets, (size_t)length);
        }
        CHECK(n, length == 0);
        while (fb_agent_poll_event(n->agent[who], &event))
        {
            hear(n, who, &event);
        }
        CHECK(n, fb_agent_events_lost(n->agent[who]) == 0);
        CHECK(n, fb_agent_counter(n->agent[who], FB_BUG_STATE_TRANSITION) == 0);
    }
    check_gateways(n);
}

static void
deliver(pnet *n, size_t index)
{
    pnet_message m = n->message[index];
    uint8_t *copy = malloc(m.length); /* so that reading behind it is seen */

    n->message[index] = n->message[--n->messages];
    memcpy(copy, m.octets, m.length);
    CHECK(n, fb_agent_input(n->agent[m.to], &m.meta, copy, m.length, n->now) >= 0);
    free(copy);
    drain(n);
}

static void
count_waking(pnet *n, unsigned who)
{
    n->wakings[who]++;
    n->woken[who] = n->woken_in[who] == n->now / FB_SECOND ? n->woken[who] + 1 : 1;
    n->woken_in[who] = n->now / FB_SECOND;
    n->most_woken = n->woken[who] > n->most_woken ? n->woken[who] : n->most_woken;
    CHECK(n, n->woken[who] <= WOKEN_MAX);
}

/** All time-outs of this moment; an agent that was drained has none left. */
static void
expire(pnet *n)
{
    for (unsigned who = 0; who < PNET_AGENTS; who++)
    {
        for (unsigned spins = 0; fb_agent_next_timeout(n->agent[who]) <= n->now; spins++)
        {
            CHECK(n, spins < SPINS_MAX);
            count_waking(n, who);
            CHECK(n, fb_agent_handle_timeout(n->agent[who], 4, n->now) >= 0);
            drain(n);
        }
    }
}

void
pnet_run(pnet *n, fb_time duration)
{
    fb_time end = n->now + duration;

    drain(n);
    for (;;)
    {
        fb_time next = FB_TIME_NEVER;
        size_t first = n->messages;

        for (unsigned who = 0; who < PNET_AGENTS; who++)
        {
            fb_time due = fb_agent_next_timeout(n->agent[who]);

            CHECK(n, due >= n->now); /* what was due then was done then */
            next = due < next ? due : next;
        }
        for (size_t i = 0; i < n->messages; i++)
        {
            if (n->message[i].arrives_at <= next)
            {
                next = n->message[i].arrives_at;
                first = i;
            }
        }
        if (next > end)
        {
            break;
        }
        n->now = next > n->now ? next : n->now;
        if (first < n->messages)
        {
            deliver(n, first);
        }
        expire(n);
    }
    n->now = end;
}

void
pnet_fact(pnet *n, unsigned who, const fb_fact *fact)
{
    CHECK(n, fb_agent_fact(n->agent[who], fact, n->now) == FB_OK);
    drain(n);
}

void
pnet_link(pnet *n, unsigned gateway, uint32_t link, fb_fact_kind kind)
{
    n->up[gateway][link] = kind != FB_FACT_LINK_DOWN;
    pnet_fact(n, gateway, &(fb_fact){.kind = kind, .u.link = n->link[gateway][link]});
}

/* ---- looking at it ---- */

fb_nai
pnet_name(unsigned node)
{
    fb_nai name = {.length = 0};

    name.length = (uint8_t)snprintf(name.text, sizeof name.text, "n%u@example.net", node);
    return name;
}

bool
pnet_session(const pnet *n, unsigned who, unsigned node, fb_session_view *view)
{
    fb_nai name = pnet_name(node);
    uint8_t role = who == PNET_ANCHOR ? FB_ROLE_LMA : FB_ROLE_MAG;

    for (size_t i = 0; fb_agent_session(n->agent[who], role, i, view); i++)
    {
        if (view->identity.length == name.length &&
            memcmp(view->identity.text, name.text, name.length) == 0)
        {
            return true;
        }
    }
    return false;
}

/* ---- data ---- */

/** The outer headers as the host reads them; what is to be stripped. */
static size_t
open_outer(const uint8_t *outer, fb_meta *meta)
{
    size_t header = outer[0] >> 4 == 6 ? 40 : 20, at = header == 40 ? 8 : 12,
           size = header == 40 ? 16 : 4;

    meta->src.family = meta->dst.family = header == 40 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
    memcpy(meta->src.octet, outer + at, size);
    memcpy(meta->dst.octet, outer + at + size, size);
    meta->protocol = outer[header == 40 ? 6 : 9];
    meta->ttl = 64;
    if (meta->protocol == 17)
    {
        meta->sport = (uint16_t)(outer[header] << 8 | outer[header + 1]);
        meta->dport = (uint16_t)(outer[header + 2] << 8 | outer[header + 3]);
        header += 8;
    }
    return header;
}

/** Whether @p end hands a packet that left @p from on, unchanged. */
static bool
arrives(pnet *n, unsigned from, const fb_action *sent, const uint8_t inner[INNER])
{
    uint8_t octets[FB_OUTER_MAX + INNER];
    fb_meta meta = {.link = sent->path.link};
    fb_action action, more;
    fb_packet packet = {.packet = 2};
    size_t strip;
    unsigned to;

    memcpy(octets, sent->outer, sent->outer_len);
    memcpy(octets + sent->outer_len, inner, INNER);
    strip = open_outer(octets, &meta);
    if (!find_way(n, from, &meta, &to))
    {
        return false;
    }
    packet.header = octets + strip;
    packet.header_len = packet.total_len = sent->outer_len + INNER - strip;
    CHECK(n, fb_agent_receive(n->agent[to], &meta, &packet, n->now) == FB_OK);
    CHECK(n, fb_agent_poll_action(n->agent[to], &action, n->now));
    CHECK(n, !fb_agent_poll_action(n->agent[to], &more, n->now));
    drain(n);
    if (action.kind == FB_DROP_PACKET)
    {
        return false;
    }
    CHECK(n, action.strip == sent->outer_len - strip && action.outer_len == 0);
    return true;
}

/** The BIDs by which the packet that was handed to agent @p from arrives: bit n is BID n. */
static unsigned
carry(pnet *n, unsigned from, uint32_t session, const uint8_t inner[INNER])
{
    unsigned copies = 0, bids = 0;
    bool last = false;
    fb_action action;

    while (fb_agent_poll_action(n->agent[from], &action, n->now))
    {
        CHECK(n, !last && ++copies <= PNET_LINKS);
        CHECK(n, action.last == (action.kind != FB_COPY));
        last = action.last;
        /* after a restart of the anchor another session may still have the prefix, until its next refresh */
        if (action.kind != FB_DROP_PACKET && action.path.session == session &&
            arrives(n, from, &action, inner))
        {
            CHECK(n, (bids >> action.path.bid & 1) == 0);
            bids |= 1u << action.path.bid;
        }
    }
    CHECK(n, last);
    return bids;
}

unsigned
pnet_data(pnet *n, unsigned gateway, unsigned node, bool up, uint16_t port)
{
    unsigned from = up ? gateway : PNET_ANCHOR, bids;
    uint8_t inner[INNER] = {0x60, [5] = 8, [6] = 17, [7] = 64, [45] = 8};
    fb_packet packet = {.packet = 1, .header = inner, .header_len = INNER, .total_len = INNER};
    fb_session_view session;

    if (!pnet_session(n, from, node, &session) || session.home.count == 0)
    {
        return 0;
    }
    memcpy(inner + (up ? 8 : 24), session.home.prefix[0].address.octet, 16);
    memcpy(inner + (up ? 24 : 8), correspondent, 16);
    inner[up ? 23 : 39] = 0x10;
    inner[40] = (uint8_t)((up ? 40000 : port) >> 8);
    inner[41] = (uint8_t)(up ? 40000 : port);
    inner[42] = (uint8_t)((up ? port : 40000) >> 8);
    inner[43] = (uint8_t)(up ? port : 40000);
    CHECK(n, fb_agent_steer(n->agent[from], (fb_ref){0}, &packet, n->now) == FB_OK);
    bids = carry(n, from, session.session, inner);
    drain(n);
    return bids;
}
