/* SPDX-License-Identifier: BSD-3-Clause */
#include "proxy_pair.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"

#define HANDLE 4711

static fb_nai
nai(const char *text)
{
    fb_nai result = {.length = (uint8_t)strlen(text)};

    memcpy(result.text, text, result.length);
    return result;
}

static fb_prefix
prefix6(const char *address, uint8_t length)
{
    fb_prefix prefix = {.address.family = FB_FAMILY_IPV6, .length = length};

    assert_int_equal(inet_pton(AF_INET6, address, prefix.address.octet), 1);
    return prefix;
}

fb_addr
proxy_address(uint16_t group)
{
    fb_addr address = {FB_FAMILY_IPV6,
                       {0x20, 0x01, 0x0d, 0xb8, (uint8_t)(group >> 8), (uint8_t)group}};

    address.octet[15] = 1;
    return address;
}

fb_addr
proxy_correspondent(void)
{
    return proxy_address(0xcafe);
}

fb_addr
proxy_node(const proxy_pair *w)
{
    fb_addr address = proxy_session(w, FB_ROLE_LMA).home.prefix[0].address;

    address.octet[15] = 1;
    return address;
}

/* ---- both agents ---- */

static void
setup_gateway(fb_config *config)
{
    fb_config_default(config);
    config->roles = FB_ROLE_MAG;
    config->probe.interval_ms = 0; /* nobody there answers any */
    config->limits.links = PROXY_LINKS;
    config->limits.events = 256;
    config->mag.identity = nai("mag7@example.net");
    config->mag.anchor = proxy_address(0x0f);
    config->mag.anchor_ipv4 = PROXY_ANCHOR_IPV4;
    config->mag.heartbeat_s = 0;
    config->mag.bulk_refresh = false;
}

static void
setup_anchor(fb_config *config)
{
    fb_config_default(config);
    config->roles = FB_ROLE_LMA;
    config->limits.events = 256;
    config->lma.address = proxy_address(0x0f);
    config->lma.address_ipv4 = PROXY_ANCHOR_IPV4;
    config->lma.heartbeat_s = 0;
    config->lma.home_pool = prefix6("2001:db8:100::", 40);
    config->lma.delegated_pool = prefix6("2001:db8:200::", 40);
    config->lma.ipv4_pool = (fb_prefix){.address = fb_addr_from_ipv4(0xc6336400u),
                                        .length = 24}; /* 198.51.100.0 */
}

void
proxy_setup_default(proxy_setup *setup)
{
    memset(setup, 0, sizeof *setup);
    setup_gateway(&setup->gateway);
    setup_anchor(&setup->anchor);
    setup->subscriber = (fb_proxy_subscriber){.identity = nai("mr1@example.net"),
                                              .multipath_allowed = true,
                                              .service = true,
                                              .ipv4_allowed = true,
                                              .delegation_allowed = true};
    setup->known_gateway = (fb_gateway){.identity = nai("mag7@example.net")};
}

static void *
make(fb_agent **agent, const fb_config *config)
{
    size_t length = fb_agent_size(config);
    void *memory = aligned_alloc(64, (length + 63) / 64 * 64);

    assert_true(length > 0);
    assert_non_null(memory);
    assert_int_equal(fb_agent_init(agent, memory, length, config, 0), FB_OK);
    return memory;
}

static void
describe_links(proxy_pair *w)
{
    static const fb_link link[] = {
        {.link = 1, .bid = 1, .label = 11, .technology = 8, .preference = 1, .mtu = 1500},
        {.link = 2, .bid = 2, .label = 9, .technology = 4, .preference = 2, .mtu = 1500},
        {.link = 3, .bid = 3, .label = 9, .technology = 3, .preference = 3, .mtu = 9000},
        {.link = 4, .bid = 4, .label = 9, .technology = 4, .preference = 4, .mtu = 1500}};
    static const fb_time delay[] = {10, 30, 5, 20};

    for (size_t i = 0; i < PROXY_LINKS; i++)
    {
        w->link[i + 1] = link[i];
        w->delay[i + 1] = delay[i] * FB_MILLISECOND;
        w->connected[i + 1] = true;
    }
    w->link[PROXY_LTE].address = proxy_address(0x08);
    w->link[PROXY_WLAN].address = proxy_address(0x04);
    w->link[PROXY_ETHERNET].address = proxy_address(0x03);
    w->link[PROXY_IPV4].address = fb_addr_from_ipv4(PROXY_GATEWAY_IPV4);
}

/** What does not depend on the roles: the time, and random octets. */
static void
tell_time(proxy_pair *w, fb_agent *agent)
{
    fb_fact clock = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = WORLD_WALL_NS};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {1, 2, 3}};

    proxy_fact(w, agent, &clock);
    proxy_fact(w, agent, &entropy);
}

proxy_pair *
proxy_start(const proxy_setup *setup)
{
    proxy_pair *w = calloc(1, sizeof *w);
    fb_fact subscriber = {.kind = FB_FACT_PROXY_SUBSCRIBER_SET,
                          .u.proxy_subscriber = setup->subscriber};
    fb_fact gateway = {.kind = FB_FACT_GATEWAY_SET, .u.gateway = setup->known_gateway};

    assert_non_null(w);
    w->message = calloc(PROXY_MESSAGES, sizeof *w->message);
    w->event = calloc(PROXY_EVENTS, sizeof *w->event);
    assert_true(w->message != NULL && w->event != NULL);
    w->gateway_memory = make(&w->gateway, &setup->gateway);
    w->anchor_memory = make(&w->anchor, &setup->anchor);
    describe_links(w);
    w->session = (fb_session){.session = 21,
                              .identity = setup->subscriber.identity,
                              .link_layer_length = 6,
                              .link_layer = {0x02, 0, 0x5e, 0, 0x53, 1},
                              .technology = 1,
                              .handoff = 1,
                              .home_network = true,
                              .delegation = true,
                              .ipv4 = true};
    tell_time(w, w->gateway);
    tell_time(w, w->anchor);
    proxy_fact(w, w->anchor, &subscriber);
    proxy_fact(w, w->anchor, &gateway);
    return w;
}

void
proxy_end(proxy_pair *w)
{
    fb_agent *const agents[] = {w->gateway, w->anchor};

    for (size_t i = 0; i < 2; i++)
    {
        assert_int_equal(fb_agent_events_lost(agents[i]), 0);
        assert_int_equal(fb_agent_counter(agents[i], FB_BUG_STATE_TRANSITION), 0);
    }
    free(w->gateway_memory);
    free(w->anchor_memory);
    free(w->message);
    free(w->event);
    free(w);
}

/* ---- time and messages ---- */

/** The gateway's link a message goes over, by its address there; 0: none of them. */
static uint32_t
link_of(const proxy_pair *w, const fb_addr *address)
{
    for (uint32_t i = 1; i <= PROXY_LINKS; i++)
    {
        if (fb_addr_equal(&w->link[i].address, address))
        {
            return i;
        }
    }
    return 0;
}

static void
depart(proxy_pair *w, proxy_message *message)
{
    uint32_t link = link_of(w, message->to_anchor ? &message->meta.src : &message->meta.dst);

    message->sent_at = w->now;
    message->arrives_at = w->now + w->delay[link];
    message->lost = link == 0 || !w->connected[link];
    assert_true(!message->to_anchor || message->meta.link == link);
    message->meta.link = message->to_anchor ? 0 : link;
    if (w->meddle != NULL)
    {
        w->meddle(w, message);
    }
}

static void
drain(proxy_pair *w)
{
    fb_agent *const agents[] = {w->gateway, w->anchor};

    for (size_t i = 0; i < 2; i++)
    {
        for (;;)
        {
            proxy_message *message = &w->message[w->messages];
            size_t length = proxy_output(w, agents[i], &message->meta, message->octets);

            if (length == 0)
            {
                break;
            }
            message->length = length;
            message->to_anchor = i == 0;
            w->messages++;
            depart(w, message);
        }
        while (fb_agent_poll_event(agents[i], &w->event[w->events]))
        {
            w->events++;
            assert_true(w->events < PROXY_EVENTS);
        }
    }
}

size_t
proxy_output(proxy_pair *w, fb_agent *agent, fb_meta *meta, uint8_t octets[1500])
{
    ptrdiff_t length;

    assert_true(w->messages < PROXY_MESSAGES);
    length = fb_agent_output(agent, meta, octets, 1500, w->now);
    assert_true(length >= 0);
    return (size_t)length;
}

int
proxy_inject(proxy_pair *w,
             fb_agent *agent,
             const fb_meta *meta,
             const uint8_t *octets,
             size_t length)
{
    /* on the heap, so that reading behind it is seen */
    uint8_t *copy = malloc(length > 0 ? length : 1);
    int result;

    assert_non_null(copy);
    memcpy(copy, octets, length);
    result = fb_agent_input(agent, meta, copy, length, w->now);
    free(copy);
    drain(w);
    return result;
}

/** The next to arrive of those on their way; NULL. */
static proxy_message *
next_arrival(proxy_pair *w)
{
    proxy_message *next = NULL;

    for (size_t i = 0; i < w->messages; i++)
    {
        proxy_message *message = &w->message[i];

        if (!message->lost && !message->arrived &&
            (next == NULL || message->arrives_at < next->arrives_at))
        {
            next = message;
        }
    }
    return next;
}

static fb_time
earlier(fb_time a, fb_time b)
{
    return a < b ? a : b;
}

void
proxy_run(proxy_pair *w, fb_time duration)
{
    fb_time end = w->now + duration;

    drain(w);
    for (;;)
    {
        proxy_message *message = next_arrival(w);
        fb_time timer = earlier(fb_agent_next_timeout(w->gateway),
                                fb_agent_next_timeout(w->anchor));
        fb_time when = earlier(timer, message == NULL ? FB_TIME_NEVER : message->arrives_at);

        if (when > end)
        {
            break;
        }
        w->now = when > w->now ? when : w->now;
        if (message != NULL && message->arrives_at <= w->now)
        {
            message->arrived = true;
            message->reason = proxy_inject(w,
                                           message->to_anchor ? w->anchor : w->gateway,
                                           &message->meta,
                                           message->octets,
                                           message->length);
            continue;
        }
        assert_int_equal(fb_agent_handle_timeout(w->gateway, 10, w->now), FB_OK);
        assert_int_equal(fb_agent_handle_timeout(w->anchor, 10, w->now), FB_OK);
        drain(w);
    }
    w->now = end;
}

/* ---- facts ---- */

void
proxy_fact(proxy_pair *w, fb_agent *agent, const fb_fact *fact)
{
    assert_int_equal(fb_agent_fact(agent, fact, w->now), FB_OK);
    drain(w);
}

void
proxy_link_up(proxy_pair *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_UP, .u.link = w->link[link]};

    proxy_fact(w, w->gateway, &fact);
}

void
proxy_link_down(proxy_pair *w, uint32_t link)
{
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = link};

    proxy_fact(w, w->gateway, &fact);
}

void
proxy_attach(proxy_pair *w)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_ADD, .u.session = w->session};

    proxy_fact(w, w->gateway, &fact);
}

void
proxy_detach(proxy_pair *w)
{
    fb_fact fact = {.kind = FB_FACT_SESSION_REMOVE, .u.session = w->session};

    proxy_fact(w, w->gateway, &fact);
}

void
proxy_static_policy(proxy_pair *w, const fb_rule *rules, size_t count)
{
    fb_fact fact = {.kind = FB_FACT_STATIC_POLICY, .u.policy = {rules, count}};

    proxy_fact(w, w->gateway, &fact);
    proxy_fact(w, w->anchor, &fact);
}

void
proxy_policy(proxy_pair *w, const fb_rule *rules, size_t count)
{
    fb_fact fact = {.kind = FB_FACT_POLICY, .u.policy = {rules, count}};

    proxy_fact(w, w->gateway, &fact);
}

proxy_pair *
proxy_registered(const proxy_setup *setup, const char *links)
{
    proxy_pair *w = proxy_start(setup);

    for (const char *link = links; *link != '\0'; link++)
    {
        proxy_link_up(w, (uint32_t)(*link - '0'));
    }
    proxy_attach(w);
    proxy_run(w, 3 * FB_SECOND);
    return w;
}

/* ---- looking at it ---- */

const proxy_message *
proxy_last(const proxy_pair *w, bool to_anchor, uint8_t type)
{
    for (size_t i = w->messages; i-- > 0;)
    {
        if (w->message[i].to_anchor == to_anchor && w->message[i].octets[2] == type)
        {
            return &w->message[i];
        }
    }
    fail_msg("no message of type %u", type);
    return NULL;
}

const fb_event *
proxy_event(const proxy_pair *w, size_t since, uint8_t role, fb_event_kind kind)
{
    for (size_t i = w->events; i-- > since;)
    {
        if (w->event[i].role == role && w->event[i].kind == (uint8_t)kind)
        {
            return &w->event[i];
        }
    }
    return NULL;
}

static const fb_agent *
agent_of(const proxy_pair *w, uint8_t role)
{
    return role == FB_ROLE_MAG ? w->gateway : w->anchor;
}

fb_session_view
proxy_session(const proxy_pair *w, uint8_t role)
{
    fb_session_view view, other;

    assert_true(fb_agent_session(agent_of(w, role), role, 0, &view));
    assert_false(fb_agent_session(agent_of(w, role), role, 1, &other));
    return view;
}

/** The @p index-th binding of the only session, if that is up; false: there is none. */
static bool
binding_at(const proxy_pair *w, uint8_t role, size_t index, fb_proxy_view *view)
{
    return fb_agent_proxy_binding(agent_of(w, role),
                                  role,
                                  proxy_session(w, role).session,
                                  index,
                                  view);
}

static bool
is_up(const fb_proxy_view *view)
{
    return view->state == FB_BINDING_UP || view->state == FB_BINDING_UP_PENDING;
}

const char *
proxy_bids(const proxy_pair *w, uint8_t role, char text[16])
{
    bool up[10] = {false};
    fb_proxy_view view;
    size_t length = 0;

    for (size_t i = 0; binding_at(w, role, i, &view); i++)
    {
        assert_true(view.ref.bid < 10);
        up[view.ref.bid] = up[view.ref.bid] || is_up(&view);
    }
    for (size_t bid = 0; bid < 10; bid++)
    {
        if (up[bid])
        {
            text[length++] = (char)('0' + bid);
        }
    }
    text[length] = '\0';
    return text;
}

fb_proxy_view
proxy_binding(const proxy_pair *w, uint8_t role, uint8_t bid)
{
    fb_proxy_view view;

    for (size_t i = 0; binding_at(w, role, i, &view); i++)
    {
        if (view.ref.bid == bid)
        {
            return view;
        }
    }
    fail_msg("no binding of BID %u", bid);
    return view;
}

fb_rule
proxy_rule(uint8_t action, const char *names, uint8_t protocol, uint16_t port)
{
    fb_rule rule = {.action = action,
                    .bid_count = (uint8_t)strlen(names),
                    .selector = {.format = FB_SELECTOR_IPV6,
                                 .u.v6 = {.present = FB_SELECTOR6_NEXT_HEADER_START |
                                                     FB_SELECTOR6_SOURCE_PORT_START,
                                          .next_header_start = protocol,
                                          .source_port_start = port}}};

    for (size_t i = 0; i < rule.bid_count; i++)
    {
        rule.bid[i] = (uint8_t)(names[i] - '0');
    }
    return rule;
}

/* ---- packets ---- */

static void
put_u16(uint8_t *at, uint16_t value)
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
proxy_ipv6(fb_addr source,
           fb_addr destination,
           uint8_t protocol,
           uint16_t source_port,
           uint16_t destination_port,
           size_t length)
{
    data_packet packet = {.octets = {0x60}, .length = length};

    assert_true(length >= 48 && length <= DATA_OCTETS_MAX);
    put_u16(packet.octets + 4, (uint16_t)(length - 40));
    packet.octets[6] = protocol;
    packet.octets[7] = 63;
    memcpy(packet.octets + 8, source.octet, 16);
    memcpy(packet.octets + 24, destination.octet, 16);
    put_u16(packet.octets + 40, source_port);
    put_u16(packet.octets + 42, destination_port);
    put_u16(packet.octets + 44, (uint16_t)(length - 40));
    for (size_t i = 48; i < length; i++)
    {
        packet.octets[i] = (uint8_t)(i * 7);
    }
    return packet;
}

data_packet
proxy_down(const proxy_pair *w, uint8_t protocol, uint16_t port)
{
    return proxy_ipv6(proxy_correspondent(), proxy_node(w), protocol, port, 40000, 100);
}

data_packet
proxy_up(const proxy_pair *w, uint8_t protocol, uint16_t port)
{
    return proxy_ipv6(proxy_node(w), proxy_correspondent(), protocol, 40000, port, 100);
}

/** A copy of exactly its octets on the heap, so that reading behind it is seen. */
static fb_packet
describe(const data_packet *packet, uint8_t **copy)
{
    *copy = malloc(packet->length > 0 ? packet->length : 1);
    assert_non_null(*copy);
    memcpy(*copy, packet->octets, packet->length);
    return (fb_packet){.packet = HANDLE,
                       .header = *copy,
                       .header_len = packet->length,
                       .total_len = packet->length};
}

proxy_sent
proxy_steer_from(proxy_pair *w, fb_agent *agent, fb_ref from, const data_packet *packet)
{
    uint8_t *copy;
    fb_packet described = describe(packet, &copy);
    proxy_sent sent = {.count = 0};
    fb_action action;

    assert_int_equal(fb_agent_steer(agent, from, &described, w->now), FB_OK);
    while (fb_agent_poll_action(agent, &action, w->now))
    {
        assert_true(sent.count < FB_BIDS_PER_RULE);
        assert_true(action.packet == HANDLE);
        assert_true(sent.count == 0 || !sent.action[sent.count - 1].last);
        assert_true(action.last == (action.kind != FB_COPY));
        sent.action[sent.count] = action;
        if (action.kind != FB_DROP_PACKET)
        {
            sent.packet[sent.count] = data_result(&action, packet);
        }
        sent.count++;
    }
    assert_true(sent.count > 0 && sent.action[sent.count - 1].last);
    free(copy);
    drain(w);
    return sent;
}

proxy_sent
proxy_steer(proxy_pair *w, fb_agent *agent, const data_packet *packet)
{
    return proxy_steer_from(w, agent, (fb_ref){0}, packet);
}

const char *
proxy_takes(proxy_pair *w, fb_agent *agent, const data_packet *packet, char text[16])
{
    proxy_sent sent = proxy_steer(w, agent, packet);
    size_t length = 0;

    for (uint8_t bid = 0; bid < 10; bid++)
    {
        for (size_t i = 0; i < sent.count; i++)
        {
            if (sent.action[i].kind != FB_DROP_PACKET && sent.action[i].path.bid == bid)
            {
                text[length++] = (char)('0' + bid);
            }
        }
    }
    text[length] = '\0';
    return length > 0 ? text : "-";
}

void
proxy_assert_dropped(proxy_pair *w, fb_agent *agent, const data_packet *packet, int reason)
{
    uint64_t before = fb_agent_counter(agent, (fb_reason)reason);
    proxy_sent sent = proxy_steer(w, agent, packet);

    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.action[0].kind, FB_DROP_PACKET);
    assert_int_equal(sent.action[0].reason, reason);
    assert_int_equal(fb_agent_counter(agent, (fb_reason)reason), before + 1);
}

fb_meta
proxy_open(const data_packet *outer, data_packet *payload)
{
    const uint8_t *ip = outer->octets;
    fb_meta meta = {.src.family = FB_FAMILY_IPV6,
                    .dst.family = FB_FAMILY_IPV6,
                    .protocol = ip[6],
                    .ttl = ip[7],
                    .tos = (uint8_t)(ip[0] << 4 | ip[1] >> 4)};

    if (ip[0] >> 4 == 4)
    {
        return data_open(outer, 0, payload);
    }
    assert_int_equal(ip[0] >> 4, 6);
    assert_int_equal(get_u16(ip + 4), outer->length - 40);
    memcpy(meta.src.octet, ip + 8, 16);
    memcpy(meta.dst.octet, ip + 24, 16);
    payload->length = outer->length - 40;
    memcpy(payload->octets, ip + 40, payload->length);
    return meta;
}

fb_action
proxy_arrive(proxy_pair *w, fb_agent *agent, const data_packet *outer, data_packet *inner)
{
    data_packet payload;
    fb_meta meta = proxy_open(outer, &payload);
    uint8_t *copy;
    fb_packet described = describe(&payload, &copy);
    fb_action action, more;

    meta.link = agent == w->gateway ? link_of(w, &meta.dst) : 0;
    assert_int_equal(fb_agent_receive(agent, &meta, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(agent, &action, w->now));
    assert_false(fb_agent_poll_action(agent, &more, w->now));
    assert_true(action.packet == HANDLE && action.last);
    if (action.kind != FB_DROP_PACKET)
    {
        *inner = data_result(&action, &payload);
    }
    free(copy);
    drain(w);
    return action;
}

void
proxy_assert_refused(proxy_pair *w, fb_agent *agent, const data_packet *outer, int reason)
{
    uint64_t before = fb_agent_counter(agent, (fb_reason)reason);
    data_packet inner;
    fb_action action = proxy_arrive(w, agent, outer, &inner);

    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, reason);
    assert_int_equal(fb_agent_counter(agent, (fb_reason)reason), before + 1);
}
