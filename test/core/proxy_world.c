/* SPDX-License-Identifier: BSD-3-Clause */
#include "proxy_world.h"

#include "cmocka_setup.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_internal.h"

#define WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z */
#define ONE_WAY (10 * FB_MILLISECOND)
#define HANDLE 4711

/* ---- making it ---- */

fb_addr
proxy_address(const char *text)
{
    fb_addr address = {.family = FB_FAMILY_IPV6};

    assert_int_equal(inet_pton(AF_INET6, text, address.octet), 1);
    return address;
}

static fb_prefix
prefix_from(const char *text, uint8_t length)
{
    return (fb_prefix){.address = proxy_address(text), .length = length};
}

static fb_nai
name_of(const char *text)
{
    fb_nai name = {.length = (uint8_t)strlen(text)};

    memcpy(name.text, text, name.length);
    return name;
}

static void
describe_links(proxy_setup *setup)
{
    static const fb_link link[PROXY_LINKS] = {
        {.link = PROXY_LTE, .bid = 1, .label = 11, .technology = 8, .preference = 1},
        {.link = PROXY_WLAN, .bid = 2, .label = 9, .technology = 4, .preference = 2},
        {.link = PROXY_ETHERNET, .bid = 3, .label = 7, .technology = 3, .preference = 3},
        {.link = PROXY_IPV4, .bid = 4, .label = 9, .technology = 4, .preference = 4}};

    memcpy(setup->link + 1, link, sizeof link);
    setup->link[PROXY_LTE].address = proxy_address("2001:db8:8::1");
    setup->link[PROXY_WLAN].address = proxy_address("2001:db8:4::1");
    setup->link[PROXY_ETHERNET].address = proxy_address("2001:db8:3::1");
    setup->link[PROXY_IPV4].address = fb_addr_from_ipv4(0xcb00715a);
}

void
proxy_setup_default(proxy_setup *setup)
{
    memset(setup, 0, sizeof *setup);
    describe_links(setup);
    fb_config_default(&setup->gateway);
    setup->gateway.roles = FB_ROLE_MAG;
    setup->gateway.limits.events = 256;
    setup->gateway.mag.identity = name_of("mag7@example.net");
    setup->gateway.mag.anchor = proxy_address(PROXY_ANCHOR);
    setup->gateway.mag.anchor_ipv4 = PROXY_ANCHOR_IPV4;
    setup->gateway.mag.heartbeat_s = 0;
    setup->gateway.mag.bulk_refresh = false;
    fb_config_default(&setup->anchor);
    setup->anchor.roles = FB_ROLE_LMA;
    setup->anchor.limits.events = 256;
    setup->anchor.lma.address = proxy_address(PROXY_ANCHOR);
    setup->anchor.lma.address_ipv4 = PROXY_ANCHOR_IPV4;
    setup->anchor.lma.heartbeat_s = 0;
    setup->anchor.lma.any_gateway = true;
    setup->anchor.lma.ipv4_pool = (fb_prefix){.address = fb_addr_from_ipv4(0xc6336400),
                                              .length = 24};
    setup->session = (fb_session){.session = 1,
                                  .kind = FB_SESSION_PHYSICAL,
                                  .identity = name_of("mr1@example.net"),
                                  .technology = 4,
                                  .handoff = 1,
                                  .access_link = PROXY_ACCESS_LINK,
                                  .home_network = true,
                                  .delegation = true,
                                  .ipv4 = true};
    setup->subscriber = (fb_proxy_subscriber){.identity = setup->session.identity,
                                              .multipath_allowed = true,
                                              .service = true,
                                              .home_address = PROXY_HOME_ADDRESS,
                                              .ipv4_allowed = true,
                                              .delegation_allowed = true};
    setup->subscriber.home.count = 1;
    setup->subscriber.home.prefix[0] = prefix_from("2001:db8:100::", 64);
    setup->subscriber.delegated.count = 1;
    setup->subscriber.delegated.prefix[0] = prefix_from("2001:db8:200::", 56);
}

static fb_agent *
start_agent(const fb_config *config, void **memory)
{
    fb_agent *agent = NULL;
    size_t size = fb_agent_size(config);

    assert_true(size > 0);
    *memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
    assert_non_null(*memory);
    assert_int_equal(fb_agent_init(&agent, *memory, size, config, 0), FB_OK);
    return agent;
}

static void
tell_both(proxy_world *w, const fb_fact *fact)
{
    assert_int_equal(proxy_fact(w, w->gateway, fact), FB_OK);
    assert_int_equal(proxy_fact(w, w->anchor, fact), FB_OK);
}

proxy_world *
proxy_start(const proxy_setup *setup)
{
    proxy_world *w = calloc(1, sizeof *w);
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WALL_NS};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {1}};
    fb_fact subscriber = {.kind = FB_FACT_PROXY_SUBSCRIBER_SET,
                          .u.proxy_subscriber = setup->subscriber};

    assert_non_null(w);
    w->setup = *setup;
    w->message = calloc(PROXY_RECORDS, sizeof *w->message);
    w->event = calloc(PROXY_RECORDS, sizeof *w->event);
    assert_true(w->message != NULL && w->event != NULL);
    for (uint32_t link = 1; link <= PROXY_LINKS; link++)
    {
        w->connected[link] = true;
    }
    w->gateway = start_agent(&setup->gateway, &w->gateway_memory);
    w->anchor = start_agent(&setup->anchor, &w->anchor_memory);
    tell_both(w, &clock);
    tell_both(w, &entropy);
    assert_int_equal(proxy_fact(w, w->anchor, &subscriber), FB_OK);
    return w;
}

void
proxy_end(proxy_world *w)
{
    assert_int_equal(fb_agent_counter(w->gateway, FB_BUG_STATE_TRANSITION), 0);
    assert_int_equal(fb_agent_counter(w->anchor, FB_BUG_STATE_TRANSITION), 0);
    free(w->gateway_memory);
    free(w->anchor_memory);
    free(w->message);
    free(w->event);
    free(w);
}

/* ---- messages ---- */

static uint32_t
link_of(const proxy_world *w, const fb_addr *address)
{
    for (uint32_t link = 1; link <= PROXY_LINKS; link++)
    {
        if (memcmp(&w->setup.link[link].address, address, sizeof *address) == 0)
        {
            return link;
        }
    }
    return 0;
}

static void
drain_agent(proxy_world *w, fb_agent *agent)
{
    bool to_anchor = agent == w->gateway;
    ptrdiff_t length;

    while (fb_agent_poll_event(agent, &w->event[w->events]))
    {
        assert_true(++w->events < PROXY_RECORDS);
    }
    for (;;)
    {
        proxy_message *m = &w->message[w->messages];

        length = fb_agent_output(agent, &m->meta, m->octets, sizeof m->octets, w->now);
        assert_true(length >= 0);
        if (length == 0)
        {
            break;
        }
        m->to_anchor = to_anchor;
        m->length = (size_t)length;
        m->arrives_at = w->now + ONE_WAY;
        assert_true(++w->messages < PROXY_RECORDS);
    }
    while (fb_agent_poll_event(agent, &w->event[w->events]))
    {
        assert_true(++w->events < PROXY_RECORDS);
    }
}

static void
drain(proxy_world *w)
{
    drain_agent(w, w->gateway);
    drain_agent(w, w->anchor);
}

static void
deliver(proxy_world *w, const proxy_message *m)
{
    uint32_t link = link_of(w, m->to_anchor ? &m->meta.src : &m->meta.dst);
    fb_meta meta = m->meta;
    uint8_t *copy = malloc(m->length);

    assert_non_null(copy);
    memcpy(copy, m->octets, m->length);
    meta.link = m->to_anchor ? 0 : link;
    if (link != 0 && w->connected[link])
    {
        (void)fb_agent_input(m->to_anchor ? w->anchor : w->gateway, &meta, copy, m->length, w->now);
    }
    free(copy);
}

int
proxy_fact(proxy_world *w, fb_agent *agent, const fb_fact *fact)
{
    int error = fb_agent_fact(agent, fact, w->now);

    drain(w);
    return error;
}

static fb_time
next_of(const proxy_world *w)
{
    fb_time gateway = fb_agent_next_timeout(w->gateway);
    fb_time anchor = fb_agent_next_timeout(w->anchor);
    fb_time next = gateway < anchor ? gateway : anchor;

    if (w->delivered < w->messages && w->message[w->delivered].arrives_at < next)
    {
        next = w->message[w->delivered].arrives_at;
    }
    return next;
}

void
proxy_run(proxy_world *w, fb_time duration)
{
    fb_time until = w->now + duration;

    for (fb_time next = next_of(w); next <= until; next = next_of(w))
    {
        w->now = next > w->now ? next : w->now;
        while (w->delivered < w->messages && w->message[w->delivered].arrives_at <= w->now)
        {
            deliver(w, &w->message[w->delivered++]);
            drain(w);
        }
        assert_int_equal(fb_agent_handle_timeout(w->gateway, 8, w->now), FB_OK);
        assert_int_equal(fb_agent_handle_timeout(w->anchor, 8, w->now), FB_OK);
        drain(w);
    }
    w->now = until;
}

/* ---- what happens ---- */

void
proxy_link_up(proxy_world *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_UP, .u.link = w->setup.link[link]};

    assert_int_equal(proxy_fact(w, w->gateway, &fact), FB_OK);
}

void
proxy_link_down(proxy_world *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = link};

    w->connected[link] = false;
    assert_int_equal(proxy_fact(w, w->gateway, &fact), FB_OK);
}

void
proxy_policy(proxy_world *w, const fb_rule *rules, size_t count)
{
    fb_fact fact = {.kind = FB_FACT_POLICY, .u.policy = {rules, count}};

    assert_int_equal(proxy_fact(w, w->gateway, &fact), FB_OK);
}

void
proxy_static_policy(proxy_world *w, const fb_rule *rules, size_t count)
{
    fb_fact fact = {.kind = FB_FACT_STATIC_POLICY, .u.policy = {rules, count}};

    tell_both(w, &fact);
}

void
proxy_attach(proxy_world *w)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_ADD, .u.session = w->setup.session};

    assert_int_equal(proxy_fact(w, w->gateway, &fact), FB_OK);
}

void
proxy_attach_another(proxy_world *w, uint32_t number)
{
    fb_fact known = {.kind = FB_FACT_PROXY_SUBSCRIBER_SET,
                     .u.proxy_subscriber = w->setup.subscriber};
    fb_fact attached = {.kind = FB_FACT_SESSION_ADD, .u.session = w->setup.session};
    char name[32];

    (void)snprintf(name, sizeof name, "n%u@example.net", (unsigned)number);
    known.u.proxy_subscriber.identity = name_of(name);
    known.u.proxy_subscriber.home_address = 0;
    known.u.proxy_subscriber.delegated.count = 0;
    known.u.proxy_subscriber.home.prefix[0].address.octet[7] = (uint8_t)number;
    attached.u.session.identity = name_of(name);
    attached.u.session.session = number;
    attached.u.session.delegation = false;
    attached.u.session.ipv4 = false;
    attached.u.session.access_link = PROXY_ACCESS_LINK + number;
    assert_int_equal(proxy_fact(w, w->anchor, &known), FB_OK);
    assert_int_equal(proxy_fact(w, w->gateway, &attached), FB_OK);
}

proxy_world *
proxy_registered(const proxy_setup *setup, const char *links)
{
    proxy_setup standard;
    proxy_world *w;

    proxy_setup_default(&standard);
    w = proxy_start(setup != NULL ? setup : &standard);
    for (const char *link = links; *link != '\0'; link++)
    {
        proxy_link_up(w, (uint32_t)(*link - '0'));
    }
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    for (const char *link = links; *link != '\0'; link++)
    {
        uint8_t bid = (uint8_t)(*link - '0');

        assert_int_equal(proxy_binding(w, FB_ROLE_MAG, bid).state, FB_BINDING_UP);
        assert_int_equal(proxy_binding(w, FB_ROLE_LMA, bid).state, FB_BINDING_UP);
    }
    return w;
}

fb_proxy_view
proxy_binding(const proxy_world *w, uint8_t role, uint8_t bid)
{
    const fb_agent *agent = role == FB_ROLE_MAG ? w->gateway : w->anchor;
    fb_proxy_view view;

    for (size_t i = 0; fb_agent_proxy_binding(agent, role, 1, i, &view); i++)
    {
        if (view.ref.bid == bid)
        {
            return view;
        }
    }
    fail_msg("no binding %u", (unsigned)bid);
    return view;
}

const fb_event *
proxy_event(const proxy_world *w, size_t since, uint8_t role, fb_event_kind kind)
{
    for (size_t i = w->events; i > since; i--)
    {
        const fb_event *event = &w->event[i - 1];

        if (event->kind == kind && event->role == role)
        {
            return event;
        }
    }
    return NULL;
}

/* ---- packets ---- */

static void
put_u16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint16_t
get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

data_packet
proxy_packet(const char *source,
             const char *destination,
             uint8_t protocol,
             uint16_t source_port,
             uint16_t destination_port,
             size_t length)
{
    data_packet packet = {.octets = {0x60}, .length = length};
    fb_addr from = proxy_address(source), to = proxy_address(destination);

    assert_true(length >= 60 && length <= DATA_OCTETS_MAX);
    put_u16(packet.octets + 4, length - 40);
    packet.octets[6] = protocol;
    packet.octets[7] = 63;
    memcpy(packet.octets + 8, from.octet, 16);
    memcpy(packet.octets + 24, to.octet, 16);
    for (size_t i = 40; i < length; i++)
    {
        packet.octets[i] = (uint8_t)(i * 7);
    }
    put_u16(packet.octets + 40, source_port);
    put_u16(packet.octets + 42, destination_port);
    put_u16(packet.octets + 44, length - 40);
    return packet;
}

data_packet
proxy_down(uint16_t correspondent_port, uint16_t local_port)
{
    return proxy_packet(PROXY_CORRESPONDENT, PROXY_HOST, 17, correspondent_port, local_port, 80);
}

data_packet
proxy_up(uint16_t correspondent_port, uint16_t local_port)
{
    return proxy_packet(PROXY_HOST, PROXY_CORRESPONDENT, 17, local_port, correspondent_port, 80);
}

/** Takes the outer IPv6 header off, as the host does. */
static fb_meta
open_ipv6(const data_packet *outer, uint32_t link, data_packet *payload)
{
    const uint8_t *ip = outer->octets;
    fb_meta meta = {.link = link,
                    .protocol = ip[6],
                    .ttl = ip[7],
                    .tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4)};

    meta.src.family = meta.dst.family = FB_FAMILY_IPV6;
    memcpy(meta.src.octet, ip + 8, 16);
    memcpy(meta.dst.octet, ip + 24, 16);
    assert_int_equal(get_u16(ip + 4), outer->length - 40);
    payload->length = outer->length - 40;
    memcpy(payload->octets, ip + 40, payload->length);
    return meta;
}

static fb_meta
open_outer(const data_packet *outer, uint32_t link, data_packet *payload)
{
    return outer->octets[0] >> 4 == 6 ? open_ipv6(outer, link, payload)
                                      : data_open(outer, link, payload);
}

/** fb_agent_receive() with what is left, and its only action. */
static fb_action
receive(proxy_world *w, fb_agent *agent, const fb_meta *meta, const data_packet *payload)
{
    uint8_t *copy = malloc(payload->length);
    fb_packet described = {.packet = HANDLE,
                           .header = copy,
                           .header_len = payload->length,
                           .total_len = payload->length};
    fb_action action, more;

    assert_non_null(copy);
    memcpy(copy, payload->octets, payload->length);
    assert_int_equal(fb_agent_receive(agent, meta, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(agent, &action, w->now));
    assert_true(action.packet == HANDLE && action.last);
    assert_false(fb_agent_poll_action(agent, &more, w->now));
    free(copy);
    return action;
}

fb_action
proxy_arrive(proxy_world *w, fb_agent *agent, const data_packet *outer, uint32_t link)
{
    data_packet payload;
    fb_meta meta = open_outer(outer, link, &payload);

    return receive(w, agent, &meta, &payload);
}

/** What one action sends goes to the other end, which has to give it out as it was. */
static void
pass(proxy_world *w,
     bool uplink,
     const fb_action *action,
     const data_packet *packet,
     proxy_passage *passage)
{
    size_t n = passage->count++;
    data_packet payload, result;
    fb_meta meta;
    fb_action taken;

    assert_true(n < sizeof passage->bid);
    passage->bid[n] = action->path.bid;
    passage->link[n] = action->path.link;
    passage->mtu[n] = action->mtu;
    passage->outer[n] = data_result(action, packet);
    meta = open_outer(&passage->outer[n], uplink ? 0 : action->path.bid, &payload);
    taken = receive(w, uplink ? w->anchor : w->gateway, &meta, &payload);
    if (taken.kind == FB_DROP_PACKET)
    {
        passage->refused = taken.reason;
        return;
    }
    assert_int_equal(taken.kind, FB_DELIVER);
    assert_int_equal(taken.path.session, 1);
    assert_int_equal(taken.path.bid, action->path.bid);
    result = data_result(&taken, &payload);
    assert_int_equal(result.length, packet->length);
    assert_memory_equal(result.octets, packet->octets, packet->length);
    passage->arrived++;
}

proxy_passage
proxy_send_from(proxy_world *w, bool uplink, fb_ref from, const data_packet *packet)
{
    fb_agent *agent = uplink ? w->gateway : w->anchor;
    uint8_t *copy = malloc(packet->length);
    fb_packet described = {.packet = HANDLE,
                           .header = copy,
                           .header_len = packet->length,
                           .total_len = packet->length};
    proxy_passage passage = {.count = 0};
    fb_action action = {.last = false};

    assert_non_null(copy);
    memcpy(copy, packet->octets, packet->length);
    assert_int_equal(fb_agent_steer(agent, from, &described, w->now), FB_OK);
    while (!action.last)
    {
        assert_true(fb_agent_poll_action(agent, &action, w->now));
        assert_int_equal(action.packet, HANDLE);
        assert_true(action.last == (action.kind != FB_COPY));
        if (action.kind == FB_SEND || action.kind == FB_COPY)
        {
            pass(w, uplink, &action, packet, &passage);
        }
    }
    passage.kind = action.kind;
    passage.reason = action.reason;
    assert_false(fb_agent_poll_action(agent, &action, w->now));
    free(copy);
    return passage;
}

proxy_passage
proxy_send(proxy_world *w, bool uplink, const data_packet *packet)
{
    return proxy_send_from(w, uplink, (fb_ref){0}, packet);
}

const char *
proxy_bids(const proxy_passage *passage, char text[FB_BIDS_PER_RULE + 2])
{
    size_t i = 0;

    for (; i < passage->count; i++)
    {
        text[i] = (char)('0' + passage->bid[i]);
    }
    text[i] = '\0';
    return text;
}

fb_rule
proxy_rule(uint8_t action, const char *bids, uint8_t protocol, uint16_t port)
{
    fb_rule rule = {.action = action, .selector.format = FB_SELECTOR_IPV6};
    fb_selector6 *selector = &rule.selector.u.v6;

    for (; *bids != '\0'; bids++)
    {
        rule.bid[rule.bid_count++] = (uint8_t)(*bids - '0');
    }
    selector->present = FB_SELECTOR6_NEXT_HEADER_START | FB_SELECTOR6_SOURCE_PORT_START;
    selector->next_header_start = selector->next_header_end = protocol;
    selector->source_port_start = selector->source_port_end = port;
    return rule;
}
