/* SPDX-License-Identifier: BSD-3-Clause */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_REQUEST 1
#define TYPE_REPLY 3
#define PORT 51434 /* of requests, unless they say otherwise */
#define TYPE_AUTHENTICATION 32
#define TYPE_UDP_TUNNEL_REPLY 44
#define TYPE_UDP_TUNNEL_REQUEST 144
#define TYPE_NAI 131
#define TYPE_MOBILE_NETWORK 148
#define TYPE_IPV6 152
#define TYPE_RFC7629 154

uint16_t
octets_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t
octets_u32(const uint8_t *at)
{
    return (uint32_t)octets_u16(at) << 16 | octets_u16(at + 2);
}

uint64_t
octets_u64(const uint8_t *at)
{
    return (uint64_t)octets_u32(at) << 32 | octets_u32(at + 4);
}

static void
put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

fb_ipv4
care_of(uint32_t link)
{
    return 0xcb007101u + link * 16;
}

/* ---- looking at a message ---- */

static void
look_at_multipath(seen *s, const uint8_t *octets, size_t at)
{
    assert_int_equal(octets_u16(octets + at + 2), 4);
    s->multipath = at;
    s->multipaths++;
    s->technology = octets[at + 4];
    s->label = octets[at + 5];
    s->bid = octets[at + 6];
    s->bulk = (octets[at + 7] & FLAG_B) != 0;
    s->overwrite = (octets[at + 7] & FLAG_O) != 0;
}

static void
look_at_extensions(seen *s, const world_message *message, size_t at)
{
    while (at < message->length)
    {
        const uint8_t *octets = message->octets;
        bool is_long = octets[at] == TYPE_RFC7629;

        assert_true(s->authentication == 0);
        if (is_long && octets[at + 1] == 1)
        {
            look_at_multipath(s, octets, at);
        }
        else if (is_long)
        {
            assert_int_equal(octets[at + 1], 2);
            assert_true(s->flow_bindings < 64);
            s->flow_binding[s->flow_bindings++] = at;
        }
        else if (octets[at] == TYPE_UDP_TUNNEL_REQUEST || octets[at] == TYPE_UDP_TUNNEL_REPLY)
        {
            assert_int_equal(s->udp_tunnel, 0);
            assert_int_equal(octets[at] == TYPE_UDP_TUNNEL_REPLY, s->type == TYPE_REPLY);
            assert_int_equal(octets[at + 1], 6);
            s->udp_tunnel = at;
        }
        else if (octets[at] == TYPE_NAI)
        {
            assert_true(s->nai == 0);
            s->nai = at;
        }
        else if (octets[at] == TYPE_MOBILE_NETWORK || octets[at] == TYPE_IPV6)
        {
            assert_true(s->networks < 16);
            s->network[s->networks++] = at;
        }
        else
        {
            assert_int_equal(octets[at], TYPE_AUTHENTICATION);
            s->authentication = at;
        }
        at += is_long ? 4u + octets_u16(octets + at + 2) : 2u + octets[at + 1];
    }
    assert_int_equal(at, message->length);
}

seen
look_at(const world_message *message)
{
    seen s = {0};
    const uint8_t *octets;

    assert_non_null(message);
    octets = message->octets;
    assert_true(message->length >= REPLY_FIXED);
    s.type = octets[0];
    s.lifetime_s = octets_u16(octets + 2);
    s.home_address = octets_u32(octets + 4);
    s.home_agent = octets_u32(octets + 8);
    if (s.type == TYPE_REPLY)
    {
        s.code = octets[1];
        s.identification = octets_u64(octets + 12);
        look_at_extensions(&s, message, REPLY_FIXED);
        return s;
    }
    assert_int_equal(s.type, TYPE_REQUEST);
    s.flags = octets[1];
    s.care_of_address = octets_u32(octets + 12);
    s.identification = octets_u64(octets + 16);
    look_at_extensions(&s, message, REQUEST_FIXED);
    return s;
}

seen
request_sent(const world *w, size_t index)
{
    return look_at(world_sent(w, true, index));
}

size_t
requests_sent(const world *w)
{
    return world_sent_count(w, true);
}

const char *
flow_binding_bids(const world_message *message, size_t index, char text[10])
{
    seen s = look_at(message);
    const uint8_t *at = message->octets + s.flow_binding[index];
    uint8_t count = at[5];

    assert_true(index < s.flow_bindings && count >= 1 && count <= 8);
    if (at[4] == FB_RULE_DROP)
    {
        return strcpy(text, "D");
    }
    for (uint8_t i = 0; i < count; i++)
    {
        text[i] = (char)('0' + at[6 + i]);
    }
    text[count] = '\0';
    return text;
}

const char *
policy_sent(const world_message *message, char text[64])
{
    seen s = look_at(message);

    text[0] = '\0';
    for (size_t i = 0; i < s.flow_bindings && i < 6; i++)
    {
        char bids[10];

        strcat(text, i > 0 ? " " : "");
        strcat(text, flow_binding_bids(message, i, bids));
    }
    return text;
}

/* ---- a request written by hand ---- */

static uint64_t
identification_now(const world *w)
{
    uint64_t seconds = WORLD_NTP + w->now / FB_SECOND;
    uint64_t fraction = ((w->now % FB_SECOND) << 32) / FB_SECOND;

    return seconds << 32 | fraction;
}

request
request_new(world *w, uint16_t lifetime_s, fb_ipv4 care_of_address)
{
    request r = {.length = REQUEST_FIXED, .source = care_of_address, .port = PORT};
    uint64_t identification;

    world_run(w, FB_MILLISECOND);
    identification = identification_now(w);
    r.octets[0] = TYPE_REQUEST;
    r.octets[1] = 0x22; /* D, T */
    put_u16(r.octets + 2, lifetime_s);
    put_u32(r.octets + 4, WORLD_HOME_ADDRESS);
    put_u32(r.octets + 8, WORLD_HOME_AGENT);
    put_u32(r.octets + 12, care_of_address);
    put_u32(r.octets + 16, (uint32_t)(identification >> 32));
    put_u32(r.octets + 20, (uint32_t)identification);
    return r;
}

void
request_octets(request *r, const uint8_t *octets, size_t length)
{
    assert_true(r->length + length + 22 <= sizeof r->octets);
    memcpy(r->octets + r->length, octets, length);
    r->length += length;
}

void
request_multipath(request *r, uint8_t technology, uint8_t label, uint8_t bid, uint8_t flags)
{
    request_octets(r, (const uint8_t[]){TYPE_RFC7629, 1, 0, 4, technology, label, bid, flags}, 8);
}

/** RFC 6088 3.1: flags G and M, source port, protocol. */
static void
put_selector(uint8_t out[7], uint8_t protocol, uint16_t port)
{
    put_u32(out, 0x02080000);
    put_u16(out + 4, port);
    out[6] = protocol;
}

void
request_forward(request *r, const char *bids, uint8_t protocol, uint16_t port)
{
    size_t count = strlen(bids);
    uint8_t octets[32] = {TYPE_RFC7629, 2, 0, (uint8_t)(10 + count), 1, (uint8_t)count};

    for (size_t i = 0; i < count; i++)
    {
        octets[6 + i] = (uint8_t)(bids[i] - '0');
    }
    octets[6 + count] = 1;
    put_selector(octets + 7 + count, protocol, port);
    request_octets(r, octets, 14 + count);
}

void
request_drop(request *r, uint8_t bid, uint8_t protocol, uint16_t port)
{
    uint8_t octets[15] = {TYPE_RFC7629, 2, 0, 11, 0, 1, bid, 1};

    put_selector(octets + 8, protocol, port);
    request_octets(r, octets, sizeof octets);
}

static fb_meta
request_meta(fb_ipv4 source, uint16_t port)
{
    return (fb_meta){.src = fb_addr_from_ipv4(source),
                     .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .sport = port,
                     .dport = FB_MIP4_PORT,
                     .protocol = UDP,
                     .ttl = 255};
}

static answer
send_from(world *w, fb_ipv4 source, uint16_t port, const uint8_t *octets, size_t length)
{
    fb_meta meta = request_meta(source, port);
    size_t replies = world_sent_count(w, false);
    uint8_t *copy = vectors_copy(octets, length);
    answer a = {.reason = world_inject(w, true, &meta, copy, length)};

    free(copy);
    assert_true(a.reason >= 0);
    if (world_sent_count(w, false) == replies)
    {
        return a;
    }
    assert_int_equal(world_sent_count(w, false), replies + 1);
    a.message = world_last(w, false);
    a.came = true;
    a.code = look_at(a.message).code;
    a.lifetime_s = look_at(a.message).lifetime_s;
    a.identification = look_at(a.message).identification;
    /* RFC 5944 3.8.3.1: back to where it came from */
    assert_int_equal(fb_addr_to_ipv4(&a.message->meta.src), WORLD_HOME_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&a.message->meta.dst), source);
    assert_int_equal(a.message->meta.sport, FB_MIP4_PORT);
    assert_int_equal(a.message->meta.dport, port);
    return a;
}

answer
octets_send(world *w, fb_ipv4 source, const uint8_t *octets, size_t length)
{
    return send_from(w, source, PORT, octets, length);
}

answer
request_send(world *w, const request *r)
{
    request copy = *r;

    copy.length = world_sign(copy.octets, copy.length);
    return send_from(w, copy.source, copy.port, copy.octets, copy.length);
}

static uint8_t
technology_of(uint8_t bid)
{
    static const uint8_t technology[] = {0, TECHNOLOGY_WLAN, TECHNOLOGY_LTE, TECHNOLOGY_CDMA, 3};

    return bid < sizeof technology ? technology[bid] : 3;
}

request
path_request(world *w, uint8_t bid, uint16_t lifetime_s, uint8_t flags)
{
    request r = request_new(w, lifetime_s, care_of(bid));

    request_multipath(&r, technology_of(bid), bid, bid, flags);
    return r;
}

answer
register_path(world *w, uint8_t bid, uint16_t lifetime_s, uint8_t flags)
{
    request r = path_request(w, bid, lifetime_s, flags);

    return request_send(w, &r);
}

void
assert_accepted(const answer *a, const request *r, uint16_t lifetime_s)
{
    seen s;

    assert_int_equal(a->reason, FB_REASON_NONE);
    assert_true(a->came);
    s = look_at(a->message);
    assert_int_equal(s.code, 0);
    assert_int_equal(s.lifetime_s, lifetime_s);
    assert_int_equal(s.home_address, WORLD_HOME_ADDRESS);
    assert_int_equal(s.home_agent, WORLD_HOME_AGENT);
    assert_int_equal(s.identification, octets_u64(r->octets + 16));
    assert_int_equal(s.multipaths, 0);
    assert_int_not_equal(s.authentication, 0);
}

/* ---- the home agent's state ---- */

snapshot
home_agent_state(const world *w)
{
    snapshot s;

    memset(&s, 0, sizeof s);
    while (s.bindings < 16 && fb_agent_binding(w->home_agent,
                                               FB_ROLE_HOME_AGENT,
                                               WORLD_HOME_ADDRESS,
                                               s.bindings,
                                               &s.binding[s.bindings]))
    {
        s.bindings++;
    }
    while (s.rules < 64 && fb_agent_rule(w->home_agent,
                                         FB_ROLE_HOME_AGENT,
                                         WORLD_HOME_ADDRESS,
                                         s.rules,
                                         &s.rule[s.rules]))
    {
        s.rules++;
    }
    return s;
}

void
assert_unchanged(const world *w, const snapshot *before)
{
    snapshot now = home_agent_state(w);

    assert_int_equal(now.bindings, before->bindings);
    assert_int_equal(now.rules, before->rules);
    for (size_t i = 0; i < now.bindings; i++)
    {
        assert_int_equal(now.binding[i].ref.bid, before->binding[i].ref.bid);
        assert_int_equal(now.binding[i].care_of_address, before->binding[i].care_of_address);
        assert_int_equal(now.binding[i].technology, before->binding[i].technology);
        assert_int_equal(now.binding[i].label, before->binding[i].label);
        assert_int_equal(now.binding[i].lifetime_s, before->binding[i].lifetime_s);
        assert_true(now.binding[i].expires == before->binding[i].expires);
    }
    assert_memory_equal(now.rule, before->rule, now.rules * sizeof now.rule[0]);
}

const char *
bids_bound(const world *w, char text[32])
{
    size_t count = 0;

    for (unsigned bid = 0; bid < 10; bid++)
    {
        fb_binding_view view;

        if (world_binding(w, (uint8_t)bid, &view))
        {
            text[count++] = (char)('0' + bid);
        }
    }
    text[count] = '\0';
    assert_int_equal(count, world_binding_count(w));
    return text;
}

unsigned
seconds_left(const world *w, uint8_t bid)
{
    fb_binding_view view;

    assert_true(world_binding(w, bid, &view));
    return (unsigned)((view.expires - w->now) / FB_SECOND);
}

fb_time
mobile_expiry(const world *w, uint8_t bid)
{
    fb_binding_view view;

    for (size_t i = 0;
         fb_agent_binding(w->mobile_node, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, i, &view);
         i++)
    {
        if (view.ref.bid == bid)
        {
            return view.expires;
        }
    }
    fail_msg("the mobile node knows no BID %u", bid);
    return 0;
}

/* ---- in the home agent's place ---- */

bool
lose_requests(world *w, const world_message *message)
{
    (void)w;
    return message->to_home_agent;
}

bool
lose_replies(world *w, const world_message *message)
{
    (void)w;
    return !message->to_home_agent;
}

bool
lose_on_links(world *w, const world_message *message)
{
    const bool *dead = w->context;

    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        bool by_this = message->to_home_agent
                           ? message->meta.link == link
                           : fb_addr_to_ipv4(&message->meta.dst) == w->address[link];

        if (dead[link] && by_this)
        {
            return true;
        }
    }
    return false;
}

size_t
reply_fixed(uint8_t octets[REPLY_FIXED],
            const world_message *message,
            uint8_t code,
            uint16_t lifetime_s)
{
    assert_non_null(message);
    octets[0] = TYPE_REPLY;
    octets[1] = code;
    put_u16(octets + 2, lifetime_s);
    memcpy(octets + 4, message->octets + 4, 8); /* home address, home agent */
    memcpy(octets + 12, message->octets + 16, 8); /* Identification */
    return REPLY_FIXED;
}

static fb_meta
reply_meta(const world_message *message)
{
    return (fb_meta){.src = message->meta.dst,
                     .dst = message->meta.src,
                     .sport = message->meta.dport,
                     .dport = message->meta.sport,
                     .link = message->meta.link,
                     .protocol = UDP,
                     .ttl = 64};
}

int
reply_octets(world *w, const world_message *message, const uint8_t *octets, size_t length)
{
    uint8_t signed_octets[1500];
    fb_meta meta = reply_meta(message);

    assert_true(length + 22 <= sizeof signed_octets);
    memcpy(signed_octets, octets, length);
    length = world_sign(signed_octets, length);
    return world_inject(w, false, &meta, signed_octets, length);
}

int
reply_to(world *w, const world_message *message, uint8_t code, uint16_t lifetime_s)
{
    uint8_t octets[REPLY_FIXED];

    reply_fixed(octets, message, code, lifetime_s);
    return reply_octets(w, message, octets, sizeof octets);
}

/* ---- vectors ---- */

void
set_clock(world *w, fb_agent *agent, uint32_t ntp_seconds, fb_time when)
{
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK};
    uint64_t seconds = ntp_seconds - UINT64_C(2208988800);

    assert_true(when >= w->now);
    fact.u.wall_ns = seconds * FB_SECOND - (when - w->now);
    world_fact(w, agent, &fact);
}

answer
play(world *w, const test_vector *vector)
{
    /* Its IP header: addresses at 12 and 16; then the UDP source port */
    fb_ipv4 source = octets_u32(vector->packet + 12);
    uint16_t port = octets_u16(vector->packet + 20);

    assert_int_equal(octets_u32(vector->packet + 16), WORLD_HOME_AGENT);
    set_clock(w, w->home_agent, octets_u32(vector->octets + 16), w->now);
    return send_from(w, source, port, vector->octets, vector->length);
}

void
assert_is_vector(const answer *a, const test_vector *expected)
{
    assert_true(a->came);
    assert_int_equal(a->message->length, expected->length);
    assert_memory_equal(a->message->octets, expected->octets, expected->length);
    assert_int_equal(a->message->meta.ttl, expected->packet[8]);
}

void
assert_sent_vector(const world_message *message, const test_vector *expected)
{
    uint8_t octets[1500];
    const uint8_t *packet = expected->packet;

    assert_non_null(message);
    assert_int_equal(message->length, expected->length);
    memcpy(octets, message->octets, message->length);
    memcpy(octets + 20, expected->octets + 20, 4);
    world_sign(octets, message->length - 22);
    assert_memory_equal(octets, expected->octets, expected->length);

    assert_int_equal(message->meta.ttl, packet[8]);
    assert_int_equal(message->meta.protocol, packet[9]);
    assert_int_equal(fb_addr_to_ipv4(&message->meta.src), octets_u32(packet + 12));
    assert_int_equal(fb_addr_to_ipv4(&message->meta.dst), octets_u32(packet + 16));
    assert_int_equal(message->meta.sport, octets_u16(packet + 20));
    assert_int_equal(message->meta.dport, octets_u16(packet + 22));
}

/* ---- scenes ---- */

static fb_selector
port_selector(uint8_t protocol, uint16_t port)
{
    return (fb_selector){
        .format = FB_SELECTOR_IPV4,
        .u.v4 = {.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START,
                 .source_port_start = port,
                 .protocol_start = protocol}};
}

fb_rule
forward_rule(const char *bids, uint8_t protocol, uint16_t port)
{
    fb_rule rule = {.action = FB_RULE_FORWARD, .bid_count = (uint8_t)strlen(bids)};

    for (size_t i = 0; i < rule.bid_count; i++)
    {
        rule.bid[i] = (uint8_t)(bids[i] - '0');
    }
    rule.selector = port_selector(protocol, port);
    return rule;
}

fb_rule
drop_rule(uint8_t protocol, uint16_t port)
{
    return (fb_rule){.action = FB_RULE_DROP,
                     .bid_count = 1,
                     .bid = {255},
                     .selector = port_selector(protocol, port)};
}

world *
registered_world(unsigned links)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    for (unsigned link = 1; link <= links; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_int_equal(world_binding_count(w), links);
    return w;
}

world *
home_agent_world(const fb_home_agent_config *changed, bool multipath_allowed)
{
    world_setup setup;

    world_setup_default(&setup);
    if (changed != NULL)
    {
        setup.home_agent.home_agent = *changed;
        setup.home_agent.home_agent.address = WORLD_HOME_AGENT;
    }
    setup.subscriber.multipath_allowed = multipath_allowed;
    return world_start(&setup);
}

fb_home_agent_config
home_agent_defaults(void)
{
    fb_config config;

    fb_config_default(&config);
    return config.home_agent;
}

world *
bound_world(uint8_t count)
{
    world *w = home_agent_world(NULL, true);

    for (uint8_t bid = 1; bid <= count; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    return w;
}

void
allow_multipath(world *w, bool allowed)
{
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET,
                    .u.subscriber = {.home_address = WORLD_HOME_ADDRESS,
                                     .association = vectors_association(),
                                     .multipath_allowed = allowed}};

    world_fact(w, w->home_agent, &fact);
}

void
administrator(world *w, fb_fact_kind kind, uint8_t bid)
{
    fb_fact fact = {.kind = kind, .u.bid = bid};

    world_fact(w, w->mobile_node, &fact);
}

size_t
events_of(const world *w, size_t since, uint8_t role, fb_event_kind kind, uint8_t bid)
{
    size_t count = 0;

    for (size_t i = since; i < w->events; i++)
    {
        const fb_event *e = &w->event[i];

        count += e->role == role && e->kind == kind && (bid == 0 || e->ref.bid == bid);
    }
    return count;
}

const fb_event *
binding_event(const world *w, size_t since, uint8_t role, uint8_t bid, uint8_t to)
{
    for (size_t i = since; i < w->events; i++)
    {
        const fb_event *e = &w->event[i];

        if (e->role == role && e->kind == FB_EVENT_BINDING && e->ref.bid == bid && e->to == to)
        {
            return e;
        }
    }
    return NULL;
}
