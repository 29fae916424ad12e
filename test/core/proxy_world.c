/* SPDX-License-Identifier: BSD-3-Clause */
#include "proxy_world.h"

#include "cmocka_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL_MOBILITY 135
#define WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z */
#define UPDATE 5

static fb_addr
address_of(uint8_t group)
{
    fb_addr address = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, group}};

    address.octet[15] = 1;
    return address;
}

static fb_prefix
pool_of(uint8_t group)
{
    return (fb_prefix){{FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, group, 0}}, 40};
}

static fb_nai
nai(const char *text)
{
    fb_nai result = {.length = (uint8_t)strlen(text)};

    memcpy(result.text, text, result.length);
    return result;
}

void
proxy_world_config(fb_config *gateway, fb_config *anchor)
{
    fb_config_default(gateway);
    gateway->probe.interval_ms = 0; /* what a test does not ask for does not disturb it */
    gateway->roles = FB_ROLE_MAG;
    gateway->limits.sessions = 16;
    gateway->limits.events = 1024;
    gateway->mag.identity = nai("mag7@example.net");
    gateway->mag.anchor = address_of(0x0f);
    gateway->mag.anchor_ipv4 = 0xc0000235u;
    gateway->mag.heartbeat_s = 30;
    fb_config_default(anchor);
    anchor->roles = FB_ROLE_LMA;
    anchor->limits.sessions = 16;
    anchor->limits.bindings = 64;
    anchor->limits.subscribers = 16;
    anchor->limits.gateways = 4;
    anchor->limits.care_of_addresses = 64;
    anchor->limits.flows = 256;
    anchor->limits.events = 1024;
    anchor->lma.address = address_of(0x0f);
    anchor->lma.address_ipv4 = 0xc0000235u;
    anchor->lma.any_gateway = true;
    anchor->lma.any_subscriber = true;
    anchor->lma.home_pool = pool_of(0x01);
    anchor->lma.delegated_pool = pool_of(0x02);
    anchor->lma.restart_counter = 1;
    anchor->lma.heartbeat_s = 0;
}

static fb_agent *
agent_new(const fb_config *config, void **memory, fb_time now)
{
    size_t size = fb_agent_size(config);
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WALL_NS + now};
    fb_agent *agent;

    assert_true(size > 0);
    *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_int_equal(fb_agent_init(&agent, *memory, size, config, now), FB_OK);
    assert_int_equal(fb_agent_fact(agent, &clock, now), FB_OK);
    return agent;
}

static void
describe_links(proxy_world *w)
{
    static const fb_link link[] = {
        {.link = 1, .bid = 1, .label = 11, .technology = 8, .preference = 1, .mtu = 1500},
        {.link = 2, .bid = 2, .label = 9, .technology = 4, .preference = 2, .mtu = 1500},
        {.link = 3, .bid = 3, .label = 9, .technology = 3, .preference = 3, .mtu = 1500},
        {.link = 4, .bid = 4, .label = 9, .technology = 4, .preference = 4, .mtu = 1500}};
    static const unsigned delay_ms[] = {30, 10, 5, 50};

    for (size_t i = 0; i < PROXY_LINKS; i++)
    {
        w->link[i + 1] = link[i];
        w->delay[i + 1] = delay_ms[i] * FB_MILLISECOND;
        w->connected[i + 1] = true;
    }
    w->link[PROXY_LTE].address = address_of(0x08);
    w->link[PROXY_WLAN].address = address_of(0x04);
    w->link[PROXY_ETHERNET].address = address_of(0x03);
    w->link[PROXY_IPV4].address = fb_addr_from_ipv4(0xcb00715au);
}

proxy_world *
proxy_world_new(const fb_config *gateway, const fb_config *anchor, uint64_t seed)
{
    proxy_world *w = calloc(1, sizeof *w);

    proxy_world_config(&w->gateway_config, &w->anchor_config);
    w->gateway_config = gateway == NULL ? w->gateway_config : *gateway;
    w->anchor_config = anchor == NULL ? w->anchor_config : *anchor;
    w->gateway = agent_new(&w->gateway_config, &w->gateway_memory, 0);
    w->anchor = agent_new(&w->anchor_config, &w->anchor_memory, 0);
    w->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    describe_links(w);
    return w;
}

void
proxy_world_free(proxy_world *w)
{
    assert_int_equal(fb_agent_counter(w->gateway, FB_BUG_STATE_TRANSITION), 0);
    assert_int_equal(fb_agent_counter(w->anchor, FB_BUG_STATE_TRANSITION), 0);
    assert_int_equal(fb_agent_events_lost(w->gateway), 0);
    assert_int_equal(fb_agent_events_lost(w->anchor), 0);
    free(w->gateway_memory);
    free(w->anchor_memory);
    free(w);
}

/* ---- wires ---- */

static uint64_t
chance(proxy_world *w, uint64_t below)
{
    w->random ^= w->random >> 12;
    w->random ^= w->random << 25;
    w->random ^= w->random >> 27;
    return below == 0 ? 0 : (w->random * UINT64_C(2685821657736338717) >> 20) % below;
}

/** The link whose care-of address this is; 0. */
static uint32_t
link_of(const proxy_world *w, const fb_addr *address)
{
    for (uint32_t i = 1; i <= PROXY_LINKS; i++)
    {
        if (memcmp(&w->link[i].address, address, sizeof *address) == 0)
        {
            return i;
        }
    }
    return 0;
}

static void
transmit(proxy_world *w, const fb_meta *meta, const uint8_t *octets, size_t length, bool to_anchor)
{
    uint32_t link = link_of(w, to_anchor ? &meta->src : &meta->dst);
    proxy_message *m = &w->message[w->messages];

    w->updates += to_anchor && length > 2 && octets[2] == UPDATE;
    if (!w->connected[link] || chance(w, 1000) < w->loss_permille[link])
    {
        return;
    }
    assert_true(w->messages < PROXY_MESSAGES);
    w->messages++;
    m->to_anchor = to_anchor;
    m->arrives_at = w->now + w->delay[link] + chance(w, w->jitter[link]);
    m->meta = *meta;
    m->meta.link = to_anchor ? 0 : link;
    m->length = length;
    memcpy(m->octets, octets, length);
}

static void
drain(proxy_world *w)
{
    for (unsigned end = 0; end < 2; end++)
    {
        fb_agent *agent = end == 0 ? w->gateway : w->anchor;
        uint8_t octets[1500];
        ptrdiff_t length;
        fb_meta meta;

        while ((length = fb_agent_output(agent, &meta, octets, sizeof octets, w->now)) > 0)
        {
            transmit(w, &meta, octets, (size_t)length, end == 0);
        }
        assert_int_equal(length, 0);
        while (w->events < PROXY_EVENTS && fb_agent_poll_event(agent, &w->event[w->events]))
        {
            w->events++;
        }
        assert_true(w->events < PROXY_EVENTS);
    }
}

/** The message that arrives first; @p w->messages when none is on its way. */
static size_t
first_message(const proxy_world *w)
{
    size_t first = 0;

    for (size_t i = 1; i < w->messages; i++)
    {
        first = w->message[i].arrives_at < w->message[first].arrives_at ? i : first;
    }
    return w->messages == 0 ? 0 : first;
}

/** Whether it is a tunnel's packet (RFC 2473, RFC 5844 4.1.3). */
static bool
is_data(const fb_meta *meta)
{
    return meta->protocol == 4 || meta->protocol == 41 || meta->protocol == 47 ||
           (meta->protocol == 17 && meta->dport == FB_PMIP_DATA_PORT);
}

/** An echo of the other end; what it sends for it is a message as well. */
static void
deliver_data(proxy_world *w, const proxy_message *m)
{
    fb_agent *agent = m->to_anchor ? w->anchor : w->gateway;
    fb_packet packet = {.packet = 3,
                        .header = m->octets,
                        .header_len = m->length,
                        .total_len = m->length};
    fb_action action;

    assert_int_equal(fb_agent_receive(agent, &m->meta, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(agent, &action, w->now));
    w->echoes++;
    drain(w);
}

static void
deliver(proxy_world *w, size_t index)
{
    proxy_message m = w->message[index];

    memmove(&w->message[index],
            &w->message[index + 1],
            (w->messages - index - 1) * sizeof w->message[0]);
    w->messages--;
    if (is_data(&m.meta))
    {
        deliver_data(w, &m);
        return;
    }
    assert_true(
        fb_agent_input(m.to_anchor ? w->anchor : w->gateway, &m.meta, m.octets, m.length, w->now) >=
        0);
    drain(w);
}

static fb_time
earlier(fb_time a, fb_time b)
{
    return a < b ? a : b;
}

void
proxy_world_run(proxy_world *w, fb_time duration)
{
    fb_time end = w->now + duration;

    drain(w);
    for (;;)
    {
        size_t first = first_message(w);
        fb_time arrives = w->messages == 0 ? FB_TIME_NEVER : w->message[first].arrives_at;
        fb_time timer = earlier(fb_agent_next_timeout(w->gateway),
                                fb_agent_next_timeout(w->anchor));
        fb_time next = earlier(arrives, timer);

        if (next > end)
        {
            break;
        }
        w->now = next > w->now ? next : w->now;
        if (arrives <= timer)
        {
            deliver(w, first);
            continue;
        }
        assert_true(fb_agent_handle_timeout(w->gateway, 8, w->now) >= 0);
        assert_true(fb_agent_handle_timeout(w->anchor, 8, w->now) >= 0);
        drain(w);
    }
    w->now = end;
}

/* ---- facts ---- */

static void
tell(proxy_world *w, const fb_fact *fact)
{
    assert_int_equal(fb_agent_fact(w->gateway, fact, w->now), FB_OK);
    drain(w);
}

void
proxy_world_link_up(proxy_world *w, uint32_t link)
{
    tell(w, &(fb_fact){.kind = FB_FACT_LINK_UP, .u.link = w->link[link]});
}

void
proxy_world_link_down(proxy_world *w, uint32_t link)
{
    tell(w, &(fb_fact){.kind = FB_FACT_LINK_DOWN, .u.link.link = link});
}

void
proxy_world_attach(proxy_world *w, uint32_t number)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_ADD};
    char text[32];

    snprintf(text, sizeof text, "n%u@example.net", number);
    fact.u.session = (fb_session){.session = number,
                                  .identity = nai(text),
                                  .link_layer_length = 6,
                                  .link_layer = {2, 0, 0, 0, 0, (uint8_t)number},
                                  .technology = 1,
                                  .handoff = 1,
                                  .home_network = true,
                                  .delegation = true};
    tell(w, &fact);
}

void
proxy_world_detach(proxy_world *w, uint32_t number)
{
    tell(w, &(fb_fact){.kind = FB_FACT_SESSION_REMOVE, .u.session.session = number});
}

void
proxy_world_policy(proxy_world *w, const fb_rule *rules, size_t count)
{
    tell(w, &(fb_fact){.kind = FB_FACT_POLICY, .u.policy = {rules, count}});
}

void
proxy_world_restart_anchor(proxy_world *w)
{
    free(w->anchor_memory);
    w->anchor_config.lma.restart_counter++;
    w->anchor = agent_new(&w->anchor_config, &w->anchor_memory, w->now);
}

/* ---- looking ---- */

static fb_agent *
agent_of(const proxy_world *w, uint8_t role)
{
    return role == FB_ROLE_MAG ? w->gateway : w->anchor;
}

/** The session of mobile node @p number at one end, whatever that calls it. */
static bool
session_of(const proxy_world *w, uint8_t role, uint32_t number, fb_session_view *view)
{
    char text[32];

    snprintf(text, sizeof text, "n%u@example.net", number);
    for (size_t i = 0; fb_agent_session(agent_of(w, role), role, i, view); i++)
    {
        if (view->identity.length == strlen(text) &&
            memcmp(view->identity.text, text, strlen(text)) == 0)
        {
            return true;
        }
    }
    return false;
}

const char *
proxy_world_bids(const proxy_world *w, uint8_t role, uint32_t number, char text[16])
{
    fb_session_view session;
    fb_proxy_view view;
    bool up[10] = {false};
    size_t length = 0;

    if (session_of(w, role, number, &session) && !session.grace)
    {
        for (size_t i = 0;
             fb_agent_proxy_binding(agent_of(w, role), role, session.session, i, &view);
             i++)
        {
            bool is_up = view.state == FB_BINDING_UP || view.state == FB_BINDING_UP_PENDING;

            up[view.label == 0 ? 0 : view.ref.bid] |= is_up;
        }
    }
    for (int bid = 0; bid < 10; bid++)
    {
        if (up[bid])
        {
            text[length++] = (char)('0' + bid);
        }
    }
    text[length] = '\0';
    return text;
}

unsigned
proxy_world_flows(const proxy_world *w, uint8_t role, uint32_t number)
{
    fb_session_view session;

    return session_of(w, role, number, &session) ? session.flow_count : 0;
}

fb_prefix
proxy_world_home(const proxy_world *w, uint8_t role, uint32_t number)
{
    fb_session_view session;

    return session_of(w, role, number, &session) && session.home.count > 0 ? session.home.prefix[0]
                                                                           : (fb_prefix){0};
}

/* ---- packets ---- */

#define INNER 48 /* IPv6 and UDP headers, no payload */

static void
write_inner(uint8_t octets[INNER],
            const uint8_t *source,
            const uint8_t *destination,
            uint16_t source_port,
            uint16_t destination_port)
{
    memset(octets, 0, INNER);
    octets[0] = 0x60;
    octets[5] = 8;
    octets[6] = 17;
    octets[7] = 64;
    memcpy(octets + 8, source, 16);
    memcpy(octets + 24, destination, 16);
    octets[40] = (uint8_t)(source_port >> 8);
    octets[41] = (uint8_t)source_port;
    octets[42] = (uint8_t)(destination_port >> 8);
    octets[43] = (uint8_t)destination_port;
    octets[45] = 8;
}

/** What is behind the outer IP header, and in UDP behind that one's, as a host has it. */
static size_t
strip_outer(const uint8_t *octets, fb_meta *meta)
{
    size_t header = octets[0] >> 4 == 6 ? 40 : 20;

    meta->src.family = meta->dst.family = header == 40 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
    memcpy(meta->src.octet, octets + (header == 40 ? 8 : 12), header == 40 ? 16 : 4);
    memcpy(meta->dst.octet, octets + (header == 40 ? 24 : 16), header == 40 ? 16 : 4);
    meta->protocol = octets[header == 40 ? 6 : 9];
    if (meta->protocol == 17)
    {
        meta->sport = (uint16_t)(octets[header] << 8 | octets[header + 1]);
        meta->dport = (uint16_t)(octets[header + 2] << 8 | octets[header + 3]);
        header += 8;
    }
    return header;
}

static fb_action
one_action(fb_agent *agent, fb_time now)
{
    fb_action action, none;

    assert_true(fb_agent_poll_action(agent, &action, now));
    assert_false(fb_agent_poll_action(agent, &none, now));
    return action;
}

static int
carry(proxy_world *w, fb_agent *from, fb_agent *to, const uint8_t inner[INNER])
{
    uint8_t octets[FB_OUTER_MAX + INNER];
    fb_packet packet = {.packet = 1, .header = inner, .header_len = INNER, .total_len = INNER};
    fb_meta outer = {.ttl = 64};
    fb_action action;
    size_t strip;

    assert_int_equal(fb_agent_steer(from, (fb_ref){0}, &packet, w->now), FB_OK);
    action = one_action(from, w->now);
    if (action.kind != FB_SEND)
    {
        return -(int)action.reason;
    }
    memcpy(octets, action.outer, action.outer_len);
    memcpy(octets + action.outer_len, inner, INNER);
    strip = strip_outer(octets, &outer);
    outer.link = to == w->gateway ? link_of(w, &outer.dst) : 0;
    packet.header = octets + strip;
    packet.header_len = packet.total_len = action.outer_len + INNER - strip;
    assert_int_equal(fb_agent_receive(to, &outer, &packet, w->now), FB_OK);
    drain(w);
    {
        fb_action end = one_action(to, w->now);

        return end.kind == FB_DROP_PACKET ? -(int)end.reason : action.path.bid;
    }
}

static const uint8_t correspondent[16] =
    {0x20, 0x01, 0x0d, 0xb8, 0xca, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

int
proxy_world_uplink(proxy_world *w, uint32_t number, uint16_t correspondent_port)
{
    fb_prefix home = proxy_world_home(w, FB_ROLE_MAG, number);
    uint8_t inner[INNER];

    home.address.octet[15] = 0x10;
    write_inner(inner, home.address.octet, correspondent, 40000, correspondent_port);
    return carry(w, w->gateway, w->anchor, inner);
}

int
proxy_world_downlink(proxy_world *w, uint32_t number, uint16_t correspondent_port)
{
    fb_prefix home = proxy_world_home(w, FB_ROLE_MAG, number);
    uint8_t inner[INNER];

    home.address.octet[15] = 0x10;
    write_inner(inner, correspondent, home.address.octet, correspondent_port, 40000);
    return carry(w, w->anchor, w->gateway, inner);
}
