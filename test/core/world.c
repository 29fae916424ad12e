/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include "data_plane.h"
#include "wire/mobile_ipv4.h"

#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mn_ha_key[16] = {0x01,
                                      0x23,
                                      0x45,
                                      0x67,
                                      0x89,
                                      0xab,
                                      0xcd,
                                      0xef,
                                      0x01,
                                      0x23,
                                      0x45,
                                      0x67,
                                      0x89,
                                      0xab,
                                      0xcd,
                                      0xef};

static void
must(bool condition, const char *what)
{
    if (!condition)
    {
        fprintf(stderr, "world: %s\n", what);
        abort();
    }
}

void
world_setup_default(world_setup *setup)
{
    memset(setup, 0, sizeof *setup);
    setup->subscriber.home_address = WORLD_HOME_ADDRESS;
    setup->subscriber.multipath_allowed = true;
    setup->subscriber.association =
        (fb_security_association){.spi = 0x101, .algorithm = FB_HMAC_MD5, .key_length = 16};
    memcpy(setup->subscriber.association.key, mn_ha_key, sizeof mn_ha_key);

    fb_config_default(&setup->mobile_node);
    setup->mobile_node.probe.interval_ms = 0; /* what a test does not ask for does not disturb it */
    setup->mobile_node.roles = FB_ROLE_MOBILE_NODE;
    setup->mobile_node.mobile_node.home_address = WORLD_HOME_ADDRESS;
    setup->mobile_node.mobile_node.home_agent = WORLD_HOME_AGENT;
    setup->mobile_node.mobile_node.association = setup->subscriber.association;

    fb_config_default(&setup->home_agent);
    setup->home_agent.roles = FB_ROLE_HOME_AGENT;
    setup->home_agent.home_agent.address = WORLD_HOME_AGENT;
}

static fb_agent *
start_agent(const fb_config *config, void **memory, fb_time now)
{
    fb_agent *agent = NULL;
    size_t size = fb_agent_size(config);

    must(size > 0, "the configuration is refused");
    *memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
    must(*memory != NULL, "out of memory");
    must(fb_agent_init(&agent, *memory, size, config, now) == FB_OK, "fb_agent_init failed");
    return agent;
}

static void
world_entropy(world *w, fb_agent *agent, uint8_t seed)
{
    fb_fact fact = {.kind = FB_FACT_ENTROPY, .u.entropy = {seed}};

    world_fact(w, agent, &fact);
}

world *
world_start(const world_setup *setup)
{
    world *w = calloc(1, sizeof *w);
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WORLD_WALL_NS};
    fb_fact subscriber = {.kind = FB_FACT_SUBSCRIBER_SET, .u.subscriber = setup->subscriber};

    must(w != NULL, "out of memory");
    w->message = calloc(WORLD_RECORDS, sizeof *w->message);
    must(w->message != NULL, "out of memory");
    w->mobile_node = start_agent(&setup->mobile_node, &w->mobile_memory, 0);
    w->home_agent = start_agent(&setup->home_agent, &w->home_memory, 0);
    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        w->connected[link] = true;
        w->address[link] = 0xcb007101u + link * 16; /* 203.0.113.17, .33, .49, .65 */
        w->udp[link] = FB_UDP_NEVER;
    }
    w->delay[WORLD_WLAN] = 10 * FB_MILLISECOND;
    w->delay[WORLD_LTE] = 30 * FB_MILLISECOND;
    w->delay[WORLD_CDMA] = 100 * FB_MILLISECOND;
    w->delay[4] = 20 * FB_MILLISECOND;
    world_fact(w, w->mobile_node, &clock);
    world_fact(w, w->home_agent, &clock);
    world_entropy(w, w->mobile_node, 1);
    world_entropy(w, w->home_agent, 2);
    world_fact(w, w->home_agent, &subscriber);
    return w;
}

void
world_end(world *w)
{
    must(fb_agent_counter(w->mobile_node, FB_BUG_STATE_TRANSITION) == 0, "an illegal transition");
    free(w->mobile_memory);
    free(w->home_memory);
    free(w->message);
    free(w);
}

/* ---- messages and events ---- */

static uint32_t
link_of_address(const world *w, const fb_addr *address)
{
    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        if (w->address[link] == fb_addr_to_ipv4(address))
        {
            return link;
        }
    }
    return 0;
}

static void
post(world *w, bool to_home_agent, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    world_message *m = &w->message[w->messages];
    uint32_t link;

    must(w->messages < WORLD_RECORDS, "too many messages");
    w->messages++;
    m->to_home_agent = to_home_agent;
    m->meta = *meta;
    m->length = length;
    memcpy(m->octets, octets, length);
    if (w->translate != NULL)
    {
        w->translate(w, m);
    }
    link = to_home_agent ? meta->link : link_of_address(w, &m->meta.dst);
    m->sent_at = w->now;
    m->arrives_at = w->now + w->delay[link];
    m->lost = link == 0 || !w->connected[link] || (w->lose != NULL && w->lose(w, m));
}

/** Drains one agent, as a host has to after every input. */
static void
pump(world *w, bool mobile)
{
    fb_agent *agent = mobile ? w->mobile_node : w->home_agent;
    uint8_t octets[1500];
    fb_meta meta;
    fb_event event;
    ptrdiff_t length;

    while ((length = fb_agent_output(agent, &meta, octets, sizeof octets, w->now)) > 0)
    {
        post(w, mobile, &meta, octets, (size_t)length);
    }
    must(length == 0, "fb_agent_output failed");
    while (fb_agent_poll_event(agent, &event))
    {
        must(w->events < WORLD_RECORDS, "too many events");
        w->event[w->events++] = event;
    }
    must(fb_agent_events_lost(agent) == 0, "events were lost");
}

void
world_fact(world *w, fb_agent *agent, const fb_fact *fact)
{
    must(fb_agent_fact(agent, fact, w->now) == FB_OK, "a fact was refused");
    pump(w, agent == w->mobile_node);
}

static fb_link
link_description(const world *w, uint32_t link)
{
    static const uint8_t technology[WORLD_LINKS + 1] = {0, 4, 8, 11, 3};

    return (fb_link){.link = link,
                     .address = fb_addr_from_ipv4(w->address[link]),
                     .bid = (uint8_t)link,
                     .label = (uint8_t)link,
                     .technology = technology[link],
                     .preference = (uint8_t)link,
                     .tunnel = w->tunnel[link],
                     .udp = w->udp[link]};
}

void
world_link_up(world *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_UP, .u.link = link_description(w, link)};

    w->connected[link] = true;
    world_fact(w, w->mobile_node, &fact);
}

void
world_link_down(world *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = link};

    w->connected[link] = false;
    world_fact(w, w->mobile_node, &fact);
}

void
world_change_address(world *w, uint32_t link, fb_ipv4 address)
{
    fb_fact fact;

    w->address[link] = address;
    fact = (fb_fact){.kind = FB_FACT_LINK_CHANGED, .u.link = link_description(w, link)};
    world_fact(w, w->mobile_node, &fact);
}

int
world_policy(world *w, const fb_rule *rules, size_t count)
{
    fb_fact fact = {.kind = FB_FACT_POLICY};
    int error;

    fact.u.policy.rules = rules;
    fact.u.policy.count = count;
    error = fb_agent_fact(w->mobile_node, &fact, w->now);
    pump(w, true);
    return error;
}

static fb_rule
port_rule(uint8_t action, uint8_t protocol, uint16_t port, const uint8_t *bids, uint8_t count)
{
    fb_rule rule = {.action = action, .bid_count = count, .selector.format = FB_SELECTOR_IPV4};

    memcpy(rule.bid, bids, count);
    rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
    rule.selector.u.v4.source_port_start = port;
    rule.selector.u.v4.protocol_start = protocol;
    return rule;
}

size_t
world_figure2(fb_rule rules[5])
{
    rules[0] = port_rule(FB_RULE_FORWARD, 17, 5060, (const uint8_t[]){1, 2}, 2);
    rules[1] = port_rule(FB_RULE_DROP, 17, 5060, (const uint8_t[]){255}, 1);
    rules[2] = port_rule(FB_RULE_FORWARD, 6, 80, (const uint8_t[]){2}, 1);
    rules[3] = port_rule(FB_RULE_DROP, 6, 80, (const uint8_t[]){255}, 1);
    rules[4] = port_rule(FB_RULE_FORWARD, 6, 22, (const uint8_t[]){3, 2, 1}, 3);
    return 5;
}

/* ---- time ---- */

static world_message *
next_arrival(world *w)
{
    world_message *next = NULL;

    for (size_t i = 0; i < w->messages; i++)
    {
        world_message *m = &w->message[i];

        if (!w->done[i] && !m->lost && (next == NULL || m->arrives_at < next->arrives_at))
        {
            next = m;
        }
    }
    return next;
}

/** Whether it is in a tunnel: in UDP (RFC 3519 3.3), or what follows an outer IPv4 header. */
static bool
is_data(const world_message *m)
{
    return m->meta.protocol == 17 ? m->octets[0] == FB_MIP4_TUNNEL_DATA : m->meta.protocol != 1;
}

/**
 * Data, and what the agent sends because of it: a keepalive or probe and its answer. Behind the outer headers of an
 * action stands the payload.
 */
static void
deliver_data(world *w, const world_message *m)
{
    fb_agent *agent = m->to_home_agent ? w->home_agent : w->mobile_node;
    fb_packet packet = {.packet = 78,
                        .header = m->octets,
                        .header_len = m->length,
                        .total_len = m->length};
    fb_action action;
    uint8_t payload[1500];
    size_t front, outer;

    must(fb_agent_receive(agent, &m->meta, &packet, w->now) == FB_OK, "fb_agent_receive failed");
    must(fb_agent_poll_action(agent, &action, w->now), "no action");
    outer = m->meta.protocol == 17 ? 28 : 20;
    if (action.kind != FB_SEND || action.outer_len < outer)
    {
        pump(w, !m->to_home_agent);
        return;
    }
    front = action.outer_len - outer;
    memcpy(payload, action.outer + outer, front);
    memcpy(payload + front, m->octets + action.strip, m->length - action.strip);
    post(w,
         !m->to_home_agent,
         &(fb_meta){.src = m->meta.dst,
                    .dst = m->meta.src,
                    .sport = m->meta.dport,
                    .dport = m->meta.sport,
                    .link = m->meta.link,
                    .protocol = action.outer[9],
                    .ttl = 64},
         payload,
         front + m->length - action.strip);
}

static void
deliver(world *w, world_message *m)
{
    fb_agent *agent = m->to_home_agent ? w->home_agent : w->mobile_node;

    w->done[m - w->message] = true;
    w->now = m->arrives_at;
    if (is_data(m))
    {
        deliver_data(w, m);
        return;
    }
    must(fb_agent_input(agent, &m->meta, m->octets, m->length, w->now) >= 0,
         "fb_agent_input failed");
    pump(w, !m->to_home_agent);
}

static bool
wake(world *w, bool mobile, fb_time until)
{
    fb_agent *agent = mobile ? w->mobile_node : w->home_agent;
    fb_time when = fb_agent_next_timeout(agent);

    if (when > until)
    {
        return false;
    }
    w->now = when > w->now ? when : w->now;
    must(fb_agent_handle_timeout(agent, 16, w->now) == FB_OK, "fb_agent_handle_timeout failed");
    pump(w, mobile);
    return true;
}

void
world_run_until(world *w, fb_time when)
{
    for (size_t steps = 0;; steps++)
    {
        world_message *m = next_arrival(w);
        fb_time arrival = m == NULL ? FB_TIME_NEVER : m->arrives_at;
        fb_time mobile = fb_agent_next_timeout(w->mobile_node);
        fb_time home = fb_agent_next_timeout(w->home_agent);

        must(steps < 100000, "time stands still");
        if (arrival <= when && arrival <= mobile && arrival <= home)
        {
            deliver(w, m);
        }
        else if (!wake(w, mobile <= home, when))
        {
            break;
        }
    }
    w->now = when;
}

void
world_run(world *w, fb_time duration)
{
    world_run_until(w, w->now + duration);
}

int
world_inject(world *w,
             bool to_home_agent,
             const fb_meta *meta,
             const uint8_t *octets,
             size_t length)
{
    fb_agent *agent = to_home_agent ? w->home_agent : w->mobile_node;
    int result = fb_agent_input(agent, meta, octets, length, w->now);

    pump(w, !to_home_agent);
    return result;
}

/* ---- data ---- */

static void
put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value >> 16);
    put_u16(at + 2, value & 0xffff);
}

static fb_ipv4
get_u32(const uint8_t *at)
{
    return (fb_ipv4)at[0] << 24 | (fb_ipv4)at[1] << 16 | (fb_ipv4)at[2] << 8 | at[3];
}

static void
inner_packet(uint8_t out[48], uint8_t protocol, fb_ipv4 source, fb_ipv4 destination)
{
    memset(out, 0, 48);
    out[0] = 0x45;
    put_u16(out + 2, 48);
    out[8] = 63;
    out[9] = protocol;
    put_u32(out + 12, source);
    put_u32(out + 16, destination);
}

static world_verdict
send_data(world *w, bool down, const uint8_t octets[48])
{
    fb_agent *from = down ? w->home_agent : w->mobile_node;
    fb_agent *to = down ? w->mobile_node : w->home_agent;
    data_packet packet = {.length = 48}, sent, payload;
    world_verdict verdict = {0};
    fb_action action, arrival;

    memcpy(packet.octets, octets, 48);
    action = data_steer(w, from, &packet);
    verdict.kind = action.kind;
    verdict.bid = action.path.bid;
    verdict.reason = action.reason;
    if (action.kind != FB_SEND)
    {
        return verdict;
    }
    sent = data_result(&action, &packet);
    verdict.outer_source = get_u32(sent.octets + 12);
    verdict.outer_destination = get_u32(sent.octets + 16);
    arrival = data_arrive(w, to, &sent, 0, &payload);
    verdict.delivered = arrival.kind == FB_DELIVER;
    verdict.delivered_reason = arrival.reason;
    return verdict;
}

world_verdict
world_downlink(world *w, uint8_t protocol, uint16_t correspondent_port, uint16_t local_port)
{
    uint8_t octets[48];

    inner_packet(octets, protocol, WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    put_u16(octets + 20, correspondent_port);
    put_u16(octets + 22, local_port);
    return send_data(w, true, octets);
}

world_verdict
world_uplink(world *w, uint8_t protocol, uint16_t correspondent_port, uint16_t local_port)
{
    uint8_t octets[48];

    inner_packet(octets, protocol, WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
    put_u16(octets + 20, local_port);
    put_u16(octets + 22, correspondent_port);
    return send_data(w, false, octets);
}

/* ---- looking at it ---- */

int
world_state(const world *w, uint8_t bid)
{
    fb_binding_view view;

    for (size_t i = 0;
         fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, i, &view);
         i++)
    {
        if (view.ref.bid == bid)
        {
            return view.state;
        }
    }
    return -1;
}

bool
world_binding(const world *w, uint8_t bid, fb_binding_view *view)
{
    for (size_t i = 0;
         fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, i, view);
         i++)
    {
        if (view->ref.bid == bid)
        {
            return true;
        }
    }
    return false;
}

size_t
world_binding_count(const world *w)
{
    fb_binding_view view;
    size_t count = 0;

    while (fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, count, &view))
    {
        count++;
    }
    return count;
}

size_t
world_rule_count(const world *w)
{
    fb_rule rule;
    size_t count = 0;

    while (fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, count, &rule))
    {
        count++;
    }
    return count;
}

const world_message *
world_sent(const world *w, bool to_home_agent, size_t index)
{
    for (size_t i = 0; i < w->messages; i++)
    {
        if (w->message[i].to_home_agent == to_home_agent && index-- == 0)
        {
            return &w->message[i];
        }
    }
    return NULL;
}

size_t
world_sent_count(const world *w, bool to_home_agent)
{
    size_t count = 0;

    for (size_t i = 0; i < w->messages; i++)
    {
        count += w->message[i].to_home_agent == to_home_agent;
    }
    return count;
}

const world_message *
world_last(const world *w, bool to_home_agent)
{
    size_t count = world_sent_count(w, to_home_agent);

    return count == 0 ? NULL : world_sent(w, to_home_agent, count - 1);
}

const fb_event *
world_event(const world *w, size_t since, uint8_t role, fb_event_kind kind)
{
    for (size_t i = since; i < w->events; i++)
    {
        if (w->event[i].role == role && w->event[i].kind == kind)
        {
            return &w->event[i];
        }
    }
    return NULL;
}

size_t
world_sign(uint8_t *octets, size_t length)
{
    struct hmac_md5_ctx hmac;
    uint8_t *at = octets + length;

    at[0] = 32;
    at[1] = 20;
    put_u32(at + 2, 0x101);
    hmac_md5_set_key(&hmac, sizeof mn_ha_key, mn_ha_key);
    hmac_md5_update(&hmac, length + 6, octets);
    hmac_md5_digest(&hmac, 16, at + 6);
    return length + 22;
}
