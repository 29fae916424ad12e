/* SPDX-License-Identifier: BSD-3-Clause */
#include "anchor.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* ---- addresses ---- */

fb_addr
address6(const char *text)
{
    fb_addr address = {.family = FB_FAMILY_IPV6};

    assert_int_equal(inet_pton(AF_INET6, text, address.octet), 1);
    return address;
}

fb_prefix
prefix_of(const char *text)
{
    char address[64];
    fb_prefix prefix = {.length = 0};
    const char *slash = strchr(text, '/');

    assert_non_null(slash);
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    prefix.length = (uint8_t)strtoul(slash + 1, NULL, 10);
    prefix.address.family = strchr(address, ':') != NULL ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
    assert_int_equal(inet_pton(prefix.address.family == FB_FAMILY_IPV6 ? AF_INET6 : AF_INET,
                               address,
                               prefix.address.octet),
                     1);
    return prefix;
}

fb_addr
path_address(unsigned path)
{
    fb_addr address = address6(path == 1 ? "2001:db8:8::1" : "2001:db8:4::1");

    if (path > 2)
    {
        address.octet[15] = (uint8_t)path;
    }
    return address;
}

/* ---- the anchor ---- */

void
anchor_config(fb_config *config)
{
    fb_config_default(config);
    config->roles = FB_ROLE_LMA;
    config->limits.events = 4096;
    config->limits.sessions = 16;
    config->limits.bindings = 64;
    config->limits.bindings_per_node = 8;
    config->limits.subscribers = 8;
    config->limits.gateways = 8;
    config->limits.care_of_addresses = 64;
    config->limits.flows = 64;
    config->limits.named_prefixes = 16;
    config->lma = (fb_lma_config){.address = address6("2001:db8:f::1"),
                                  .address_ipv4 = 0xc0000235,
                                  .lifetime_max_s = 65532,
                                  .timestamp_window_ms = 3000,
                                  .delete_delay_ms = 10000,
                                  .handoff_wait_ms = 1500,
                                  .multipath = true,
                                  .require_gateway_identifier = true,
                                  .flow_policy = true,
                                  .gre = true,
                                  .force_udp = true,
                                  .ipv4 = true,
                                  .delegation = true,
                                  .home_pool = prefix_of("2001:db8:100::/40"),
                                  .home_prefix_length = 64,
                                  .delegated_pool = prefix_of("2001:db8:200::/40"),
                                  .delegated_prefix_length = 56,
                                  .ipv4_pool = prefix_of("198.51.100.0/24"),
                                  .heartbeat_missing = 3,
                                  .vendor = FB_VENDOR_EXAMPLE,
                                  .restart_counter = 3};
}

static void
lay_out(anchor *a, fb_arena *arena)
{
    fb_events_init(&a->events, arena, a->config.limits.events);
    fb_lma_init(&a->lma, arena, &a->config, &a->clock, &a->entropy, &a->events);
}

anchor *
anchor_start_empty(const fb_config *config)
{
    anchor *a = calloc(1, sizeof *a);
    fb_arena arena = fb_arena_over(NULL, 0);

    assert_non_null(a);
    a->config = *config;
    lay_out(a, &arena);
    a->memory_size = arena.used;
    a->memory = calloc(1, a->memory_size);
    assert_non_null(a->memory);
    arena = fb_arena_over(a->memory, a->memory_size);
    lay_out(a, &arena);
    assert_false(arena.failed);
    a->vectors = vectors_load();
    a->now = FB_SECOND;
    fb_clock_set(&a->clock, (ANCHOR_EPOCH_S + 1) * FB_SECOND, a->now);
    return a;
}

fb_proxy_subscriber
anchor_subscriber(const char *identity)
{
    fb_proxy_subscriber subscriber = {.multipath_allowed = true,
                                      .service = true,
                                      .ipv4_allowed = true,
                                      .delegation_allowed = true};

    subscriber.identity.length = (uint8_t)strlen(identity);
    memcpy(subscriber.identity.text, identity, strlen(identity));
    return subscriber;
}

fb_gateway
anchor_gateway(const char *identity)
{
    fb_gateway gateway = {.address_count = 0};

    gateway.identity.length = (uint8_t)strlen(identity);
    memcpy(gateway.identity.text, identity, strlen(identity));
    return gateway;
}

anchor *
anchor_start(const fb_config *config)
{
    anchor *a = anchor_start_empty(config);
    fb_proxy_subscriber subscriber = anchor_subscriber(ANCHOR_MOBILE_NODE);
    fb_gateway gateway = anchor_gateway(ANCHOR_GATEWAY);

    assert_int_equal(fb_lma_set_subscriber(&a->lma, &subscriber, a->now), FB_OK);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_OK);
    return a;
}

void
anchor_end(anchor *a)
{
    vectors_free(a->vectors);
    free(a->memory);
    free(a);
}

/* ---- writing updates ---- */

static void
put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

update
update_new(uint16_t sequence, uint16_t lifetime, fb_addr source)
{
    update u = {.length = 12};

    u.octets[0] = 59;
    u.octets[2] = 5;
    put_u16(u.octets + 6, sequence);
    put_u16(u.octets + 8, 0x8200);
    put_u16(u.octets + 10, lifetime);
    u.meta.src = source;
    u.meta.dst = source.family == FB_FAMILY_IPV6 ? address6("2001:db8:f::1")
                                                 : fb_addr_from_ipv4(0xc0000235);
    u.meta.protocol = source.family == FB_FAMILY_IPV6 ? 135 : 17;
    u.meta.sport = source.family == FB_FAMILY_IPV6 ? 0 : 5436;
    u.meta.dport = u.meta.sport;
    return u;
}

void
update_flags(update *u, uint16_t more)
{
    u->octets[8] |= (uint8_t)(more >> 8);
    u->octets[9] |= (uint8_t)more;
}

void
update_option(update *u, uint8_t type, const void *body, size_t length)
{
    assert_true(u->length + 2 + length <= sizeof u->octets && length <= 255);
    u->octets[u->length++] = type;
    u->octets[u->length++] = (uint8_t)length;
    if (length > 0)
    {
        memcpy(u->octets + u->length, body, length);
    }
    u->length += length;
}

void
update_node(update *u, const char *identity)
{
    uint8_t body[256] = {1};

    memcpy(body + 1, identity, strlen(identity));
    update_option(u, 8, body, 1 + strlen(identity));
}

static void
prefix_option(update *u, uint8_t type, const char *prefix)
{
    uint8_t body[18] = {0};

    if (prefix != NULL)
    {
        fb_prefix p = prefix_of(prefix);
        bool ipv4 = p.address.family == FB_FAMILY_IPV4;

        body[0] = ipv4 ? 0x80 : 0;
        body[1] = p.length;
        memcpy(body + 2, p.address.octet, ipv4 ? 4 : 16);
        update_option(u, type, body, ipv4 ? 6 : 18);
        return;
    }
    update_option(u, type, body, sizeof body);
}

void
update_home_prefix(update *u, const char *prefix)
{
    prefix_option(u, 22, prefix);
}

void
update_delegated(update *u, const char *prefix)
{
    prefix_option(u, 55, prefix);
}

void
update_handoff(update *u, uint8_t handoff)
{
    uint8_t body[2] = {0, handoff};

    update_option(u, 23, body, sizeof body);
}

void
update_technology(update *u, uint8_t technology)
{
    uint8_t body[2] = {0, technology};

    update_option(u, 24, body, sizeof body);
}

void
update_link_layer(update *u, const char *identifier)
{
    uint8_t body[18] = {0};

    memcpy(body + 2, identifier, strlen(identifier));
    update_option(u, 25, body, 2 + strlen(identifier));
}

void
update_timestamp(update *u, fb_time at)
{
    uint64_t timestamp = (ANCHOR_EPOCH_S + at / FB_SECOND) << 16 |
                         ((at % FB_SECOND) << 16) / FB_SECOND;
    uint8_t body[8];

    for (size_t i = 0; i < 8; i++)
    {
        body[i] = (uint8_t)(timestamp >> (56 - 8 * i));
    }
    update_option(u, 27, body, sizeof body);
}

void
update_multipath(update *u, uint8_t technology, uint8_t label, uint8_t bid, uint8_t flags)
{
    uint8_t body[6] = {technology, label, bid, flags};

    update_option(u, 63, body, sizeof body);
}

void
update_gateway(update *u, const char *identity)
{
    uint8_t body[255] = {1};

    memcpy(body + 2, identity, strlen(identity));
    update_option(u, 64, body, 2 + strlen(identity));
}

void
update_alternate(update *u, fb_addr address)
{
    update_option(u, 3, address.octet, 16);
}

void
update_ipv4(update *u, uint8_t prefix_length, fb_ipv4 address)
{
    uint8_t body[6] = {(uint8_t)(prefix_length << 2), 0};

    put_u16(body + 2, (uint16_t)(address >> 16));
    put_u16(body + 4, (uint16_t)address);
    update_option(u, 36, body, sizeof body);
}

update
update_plain(const anchor *a, uint8_t path, uint16_t lifetime, const char *prefix, uint8_t handoff)
{
    update u = update_new(7, lifetime, path_address(path));

    update_node(&u, ANCHOR_MOBILE_NODE);
    update_home_prefix(&u, prefix);
    update_handoff(&u, handoff);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    return u;
}

update
update_path(const anchor *a, uint8_t path, uint16_t lifetime, const char *prefix, uint8_t handoff)
{
    update u = update_plain(a, path, lifetime, prefix, handoff);

    update_multipath(&u, path == 1 ? 8 : 4, path == 1 ? 11 : 9, path, 0);
    update_gateway(&u, ANCHOR_GATEWAY);
    return u;
}

/** RFC 6275 6.1.1, summed up octet by octet. */
static uint16_t
checksum_of(const update *u)
{
    uint32_t sum = 135 + (uint32_t)u->length;

    for (size_t i = 0; i < 16; i++)
    {
        unsigned shift = i % 2 == 0 ? 8 : 0;

        sum += (uint32_t)u->meta.src.octet[i] << shift;
        sum += (uint32_t)u->meta.dst.octet[i] << shift;
    }
    for (size_t i = 0; i < u->length; i++)
    {
        sum += (uint32_t)u->octets[i] << (i % 2 == 0 ? 8 : 0);
    }
    while (sum > 0xffff)
    {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

pba
update_send(anchor *a, update *u)
{
    while (u->length % 8 != 0)
    {
        u->octets[u->length++] = 0; /* Pad1 */
    }
    u->octets[1] = (uint8_t)(u->length / 8 - 1);
    put_u16(u->octets + 4, 0);
    if (u->meta.src.family == FB_FAMILY_IPV6)
    {
        put_u16(u->octets + 4, checksum_of(u));
    }
    return anchor_hear_octets(a, &u->meta, u->octets, u->length);
}

/* ---- handing in ---- */

pba
anchor_hear_octets(anchor *a, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    uint8_t *copy = vectors_copy(octets, length);
    fb_mh_message message;
    fb_lma_expected expected = fb_lma_expect(&a->lma, copy, length);
    pba answer = {.came = false};
    ptrdiff_t got;

    if (!fb_lma_repeat(&a->lma, &expected, meta, copy, length, a->now))
    {
        int wrong = fb_mh_walk(&message, &meta->src, &meta->dst, copy, length);

        fb_lma_expect_more(&a->lma, &expected, &message);
        answer.reason = fb_lma_input(&a->lma, &expected, meta, &message, wrong, a->now);
    }
    free(copy); /* nothing may be left that points into it */
    /* Heartbeats that are due as well are not its answer */
    got = fb_lma_waits(&a->lma)
              ? fb_lma_output(&a->lma, &answer.meta, answer.octets, sizeof answer.octets, a->now)
              : 0;
    assert_true(got >= 0);
    answer.came = got > 0;
    answer.length = (size_t)got;
    assert_false(fb_lma_waits(&a->lma));
    return answer;
}

void
anchor_wait(anchor *a, fb_time how_long)
{
    fb_time until = a->now + how_long;

    while (fb_lma_next_timeout(&a->lma) <= until)
    {
        fb_time next = fb_lma_next_timeout(&a->lma);
        pba ignored;

        a->now = next > a->now ? next : a->now;
        fb_lma_handle_timeout(&a->lma, 1, a->now);
        while (
            fb_lma_output(&a->lma, &ignored.meta, ignored.octets, sizeof ignored.octets, a->now) >
            0)
        {
        }
    }
    a->now = until;
}

static uint64_t
number_at(const uint8_t *at, size_t length)
{
    uint64_t number = 0;

    for (size_t i = 0; i < length; i++)
    {
        number = number << 8 | at[i];
    }
    return number;
}

/** When a message was sent, by its timestamp; 0: it has none. */
static fb_time
sent_at(const uint8_t *octets, size_t length)
{
    size_t at = 12;

    while (at < length && octets[at] != 27)
    {
        at += octets[at] == 0 ? 1 : 2u + octets[at + 1];
    }
    if (at >= length)
    {
        return 0;
    }
    uint64_t timestamp = number_at(octets + at + 2, 8);
    return ((timestamp >> 16) - ANCHOR_EPOCH_S) * FB_SECOND +
           ((timestamp & 0xffff) * FB_SECOND >> 16);
}

/** Addresses and ports of a vector, from its packet. */
static fb_meta
meta_of(const test_vector *v)
{
    fb_meta meta = {.protocol = 135};

    assert_non_null(v->packet);
    if (v->packet[0] >> 4 == 6)
    {
        meta.src.family = meta.dst.family = FB_FAMILY_IPV6;
        memcpy(meta.src.octet, v->packet + 8, 16);
        memcpy(meta.dst.octet, v->packet + 24, 16);
        return meta;
    }
    meta.protocol = 17;
    meta.src.family = meta.dst.family = FB_FAMILY_IPV4;
    memcpy(meta.src.octet, v->packet + 12, 4);
    memcpy(meta.dst.octet, v->packet + 16, 4);
    meta.sport = (uint16_t)number_at(v->packet + 20, 2);
    meta.dport = (uint16_t)number_at(v->packet + 22, 2);
    return meta;
}

pba
anchor_hear(anchor *a, const char *id)
{
    const test_vector *v = vectors_find(a->vectors, id);
    fb_meta meta = meta_of(v);
    fb_time then = sent_at(v->octets, v->length);

    if (then > a->now)
    {
        anchor_wait(a, then - a->now);
    }
    return anchor_hear_octets(a, &meta, v->octets, v->length);
}

void
assert_vector(const anchor *a, const pba *answer, const char *id)
{
    const test_vector *v = vectors_find(a->vectors, id);

    assert_true(answer->came);
    assert_int_equal(answer->length, v->length);
    assert_memory_equal(answer->octets, v->octets, v->length);
}

/* ---- reading answers ---- */

const uint8_t *
pba_option(const pba *answer, uint8_t type, size_t nth, size_t *length)
{
    size_t at = 12;

    while (at < answer->length)
    {
        const uint8_t *octet = answer->octets + at;

        if (octet[0] == 0)
        {
            at++;
            continue;
        }
        if (octet[0] == type && nth-- == 0)
        {
            *length = octet[1];
            return octet + 2;
        }
        at += 2u + octet[1];
    }
    assert_int_equal(at, answer->length);
    return NULL;
}

bool
pba_has(const pba *answer, uint8_t type)
{
    size_t length;

    return pba_option(answer, type, 0, &length) != NULL;
}

uint8_t
pba_status(const pba *answer)
{
    assert_true(answer->came);
    assert_int_equal(answer->octets[2], 6);
    return answer->octets[6];
}

uint16_t
pba_lifetime(const pba *answer)
{
    assert_true(answer->came);
    return (uint16_t)number_at(answer->octets + 10, 2);
}

bool
pba_has_home_prefix(const pba *answer, size_t nth, const char *prefix)
{
    fb_prefix wanted = prefix_of(prefix);
    size_t length;
    const uint8_t *body = pba_option(answer, 22, nth, &length);

    return body != NULL && length == 18 && body[1] == wanted.length &&
           memcmp(body + 2, wanted.address.octet, 16) == 0;
}

/* ---- what is told and shown ---- */

bool
anchor_event(anchor *a, fb_event_kind kind, fb_event *event)
{
    while (fb_events_poll(&a->events, event))
    {
        if (event->kind == kind)
        {
            return true;
        }
    }
    return false;
}

void
anchor_forget_events(anchor *a)
{
    fb_event event;

    while (fb_events_poll(&a->events, &event))
    {
    }
}

size_t
anchor_sessions(const anchor *a)
{
    fb_session_view view;
    size_t count = 0;

    while (fb_lma_session_view(&a->lma, count, &view))
    {
        count++;
    }
    return count;
}

fb_session_view
anchor_session(const anchor *a)
{
    fb_session_view view;

    assert_int_equal(anchor_sessions(a), 1);
    assert_true(fb_lma_session_view(&a->lma, 0, &view));
    return view;
}

bool
anchor_binding(const anchor *a, uint32_t session, uint8_t bid, fb_proxy_view *view)
{
    for (size_t i = 0; fb_lma_binding_view(&a->lma, session - 1, i, view); i++)
    {
        if (view->ref.bid == bid)
        {
            return true;
        }
    }
    return false;
}
