/* SPDX-License-Identifier: BSD-3-Clause */
#include "gateway.h"

#include "cmocka_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOCOL_MOBILITY 135
#define UPDATE 5
#define ACKNOWLEDGEMENT 6
#define HEARTBEAT 13

/** 2001:db8:<group>::1 */
static fb_addr
address_of(uint8_t group)
{
    fb_addr address = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, group}};

    address.octet[15] = 1;
    return address;
}

static fb_nai
nai(const char *text)
{
    fb_nai result = {.length = (uint8_t)strlen(text)};

    memcpy(result.text, text, result.length);
    return result;
}

void
gateway_config(fb_config *config)
{
    fb_config_default(config);
    config->roles = FB_ROLE_MAG;
    config->probe.interval_ms = 0; /* nobody there answers any */
    config->limits.links = GATEWAY_LINKS;
    config->limits.sessions = 16;
    config->limits.events = 256;
    config->mag = (fb_mag_config){.identity = nai("mag7@example.net"),
                                  .anchor = address_of(0x0f),
                                  .anchor_ipv4 = 0xc0000235u, /* 192.0.2.53 */
                                  .lifetime_s = 3600,
                                  .multipath = true,
                                  .negotiate_policy = true,
                                  .heartbeat_missing = 3,
                                  .legacy_retry_s = 3600,
                                  .retry_denied_s = 60,
                                  .retransmit_ms = 1000,
                                  .retransmit_max_s = 32};
}

static void
describe_links(gateway *g)
{
    static const fb_link link[] = {
        {.link = 1, .bid = 1, .label = 11, .technology = 8, .preference = 1, .mtu = 1500},
        {.link = 2, .bid = 2, .label = 9, .technology = 4, .preference = 2, .mtu = 1480},
        {.link = 3, .bid = 3, .label = 9, .technology = 3, .preference = 3, .mtu = 9000},
        {.link = 4, .bid = 4, .label = 9, .technology = 4, .preference = 4, .mtu = 1500}};

    for (size_t i = 0; i < GATEWAY_LINKS; i++)
    {
        g->link[i + 1] = link[i];
    }
    g->link[GATEWAY_LTE].address = address_of(0x08);
    g->link[GATEWAY_WLAN].address = address_of(0x04);
    g->link[GATEWAY_ETHERNET].address = address_of(0x03);
    g->link[GATEWAY_IPV4].address = fb_addr_from_ipv4(0xcb00715au); /* 203.0.113.90 */
}

gateway *
gateway_new(const fb_config *config)
{
    gateway *g = calloc(1, sizeof *g);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t length;

    g->sent = calloc(GATEWAY_MESSAGES, sizeof *g->sent);
    g->event = calloc(GATEWAY_EVENTS, sizeof *g->event);
    g->vectors = vectors_load();
    if (config == NULL)
    {
        gateway_config(&g->config);
    }
    else
    {
        g->config = *config;
    }
    fb_events_init(&g->events, &arena, g->config.limits.events);
    fb_mag_init(&g->mag, &arena, &g->config, &g->clock, &g->entropy, &g->events);
    length = arena.used;
    g->memory = aligned_alloc(64, (length + 63) / 64 * 64);
    memset(g->memory, 0xa5, length); /* nobody clears it for the gateway */
    arena = fb_arena_over(g->memory, length);
    fb_events_init(&g->events, &arena, g->config.limits.events);
    fb_mag_init(&g->mag, &arena, &g->config, &g->clock, &g->entropy, &g->events);
    assert_false(arena.failed);
    fb_clock_set(&g->clock, GATEWAY_WALL_NS, 0);
    g->lifetime = 900;
    describe_links(g);
    g->session = (fb_session){.session = 1,
                              .identity = nai("mr1@example.net"),
                              .link_layer_length = 6,
                              .link_layer = {0x02, 0, 0x5e, 0, 0x53, 1},
                              .technology = 1,
                              .handoff = 1,
                              .home_network = true,
                              .delegation = true};
    return g;
}

void
gateway_free(gateway *g)
{
    assert_int_equal(g->events.lost, 0);
    assert_int_equal(g->events.counter[FB_BUG_STATE_TRANSITION], 0);
    vectors_free(g->vectors);
    free(g->memory);
    free(g->sent);
    free(g->event);
    free(g);
}

/* ---- time ---- */

static void
answer_by_itself(gateway *g, const gateway_message *message)
{
    uint8_t type = message->octets[2];

    if (!g->answering || g->deaf[message->meta.link])
    {
        return;
    }
    if (type == UPDATE && g->legacy)
    {
        gateway_reply_legacy(g, message);
    }
    else if (type == UPDATE)
    {
        gateway_reply(g, message, g->status);
    }
    else if (type == HEARTBEAT && (message->octets[7] & 1) == 0)
    {
        gateway_heartbeat(g,
                          message->meta.link,
                          1,
                          (uint32_t)message->octets[8] << 24 | (uint32_t)message->octets[9] << 16 |
                              (uint32_t)message->octets[10] << 8 | message->octets[11],
                          g->counter);
    }
}

static void
read_events(gateway *g)
{
    while (g->event_count < GATEWAY_EVENTS && fb_events_poll(&g->events, &g->event[g->event_count]))
    {
        g->event_count++;
    }
    assert_true(g->event_count < GATEWAY_EVENTS);
}

void
gateway_drain(gateway *g)
{
    for (;;)
    {
        gateway_message *message = &g->sent[g->sent_count];
        ptrdiff_t length;

        assert_true(g->sent_count < GATEWAY_MESSAGES);
        /* with no room nothing happens, with enough the same message comes */
        length = fb_mag_output(&g->mag, &message->meta, message->octets, 7, g->now);
        if (length == 0)
        {
            break;
        }
        assert_int_equal(length, FB_ERR_LIMIT);
        length =
            fb_mag_output(&g->mag, &message->meta, message->octets, sizeof message->octets, g->now);
        assert_true(length > 0);
        message->length = (size_t)length;
        message->at = g->now;
        g->sent_count++;
        answer_by_itself(g, message);
    }
    read_events(g);
}

void
gateway_run_until(gateway *g, fb_time when)
{
    fb_time next = fb_mag_next_timeout(&g->mag);

    gateway_drain(g);
    for (next = fb_mag_next_timeout(&g->mag); next <= when; next = fb_mag_next_timeout(&g->mag))
    {
        g->now = next > g->now ? next : g->now;
        fb_mag_handle_timeout(&g->mag, 3, g->now);
        gateway_drain(g);
    }
    g->now = when;
}

void
gateway_run(gateway *g, fb_time duration)
{
    gateway_run_until(g, g->now + duration);
}

/* ---- facts ---- */

void
gateway_link_up(gateway *g, uint32_t link)
{
    assert_int_equal(fb_mag_link_up(&g->mag, &g->link[link], g->now), FB_OK);
    gateway_drain(g);
}

void
gateway_link_down(gateway *g, uint32_t link)
{
    assert_int_equal(fb_mag_link_down(&g->mag, link, g->now), FB_OK);
    gateway_drain(g);
}

void
gateway_attach(gateway *g)
{
    assert_int_equal(fb_mag_add_session(&g->mag, &g->session, g->now), FB_OK);
    gateway_drain(g);
}

void
gateway_attach_another(gateway *g, uint32_t number)
{
    fb_session session = g->session;
    char text[32];

    snprintf(text, sizeof text, "n%u@example.net", number);
    session.session = number;
    session.identity = nai(text);
    session.link_layer[5] = (uint8_t)number;
    assert_int_equal(fb_mag_add_session(&g->mag, &session, g->now), FB_OK);
    gateway_drain(g);
}

gateway *
gateway_registered(const fb_config *config, unsigned links)
{
    gateway *g = gateway_new(config);

    g->answering = true;
    for (unsigned i = 1; i <= links; i++)
    {
        gateway_link_up(g, i);
    }
    gateway_attach(g);
    gateway_run(g, 2 * FB_SECOND);
    return g;
}

/* ---- what was sent ---- */

size_t
gateway_sent_count(const gateway *g, uint8_t type)
{
    size_t count = 0;

    for (size_t i = 0; i < g->sent_count; i++)
    {
        count += g->sent[i].octets[2] == type;
    }
    return count;
}

const gateway_message *
gateway_sent(const gateway *g, uint8_t type, size_t index)
{
    for (size_t i = 0; i < g->sent_count; i++)
    {
        if (g->sent[i].octets[2] == type && index-- == 0)
        {
            return &g->sent[i];
        }
    }
    fail_msg("no such message of type %u", type);
    return NULL;
}

const gateway_message *
gateway_last(const gateway *g, uint8_t type)
{
    return gateway_sent(g, type, gateway_sent_count(g, type) - 1);
}

const uint8_t *
gateway_option(const gateway_message *message, uint8_t type, size_t index, size_t *length)
{
    size_t at = 12;

    assert_int_equal(message->length, (message->octets[1] + 1u) * 8);
    while (at < message->length)
    {
        size_t body = message->octets[at] == 0 ? 0 : message->octets[at + 1] + 2u;

        if (message->octets[at] == type && index-- == 0)
        {
            *length = body - 2;
            return message->octets + at + 2;
        }
        at += message->octets[at] == 0 ? 1 : body;
    }
    assert_int_equal(at, message->length);
    return NULL;
}

size_t
gateway_options(const gateway_message *message, uint8_t type)
{
    size_t count = 0, length;

    while (gateway_option(message, type, count, &length) != NULL)
    {
        count++;
    }
    return count;
}

static uint16_t
u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

uint16_t
gateway_sequence(const gateway_message *message)
{
    return u16(message->octets + 6);
}

uint16_t
gateway_flags(const gateway_message *message)
{
    return u16(message->octets + 8);
}

uint16_t
gateway_lifetime(const gateway_message *message)
{
    return u16(message->octets + 10);
}

uint64_t
gateway_timestamp(const gateway_message *message)
{
    uint64_t value = 0;
    size_t length;
    const uint8_t *body = gateway_option(message, 27, 0, &length);

    if (body == NULL)
    {
        return 0;
    }
    assert_int_equal(length, 8);
    for (size_t i = 0; i < 8; i++)
    {
        value = value << 8 | body[i];
    }
    return value;
}

uint8_t
gateway_handoff(const gateway_message *message)
{
    size_t length;

    return gateway_option(message, 23, 0, &length)[1];
}

uint8_t
gateway_bid(const gateway_message *message, uint8_t *flags)
{
    size_t length;
    const uint8_t *body = gateway_option(message, 63, 0, &length);

    if (body == NULL)
    {
        return 0;
    }
    assert_int_equal(length, 6);
    if (flags != NULL)
    {
        *flags = body[3];
    }
    return body[2];
}

uint16_t
gateway_checksum(const fb_addr *source,
                 const fb_addr *destination,
                 const uint8_t *octets,
                 size_t length)
{
    uint32_t sum = (uint32_t)length + PROTOCOL_MOBILITY;

    for (size_t i = 0; i < 16; i += 2)
    {
        sum += u16(source->octet + i);
        sum += u16(destination->octet + i);
    }
    for (size_t i = 0; i < length; i += 2)
    {
        sum += i == 4 ? 0u : u16(octets + i);
    }
    while (sum >> 16 != 0)
    {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void
put_checksum(uint8_t *octets, size_t length, const fb_addr *source, const fb_addr *destination)
{
    uint16_t sum = source->family == FB_FAMILY_IPV4
                       ? 0
                       : gateway_checksum(source, destination, octets, length);

    octets[4] = (uint8_t)(sum >> 8);
    octets[5] = (uint8_t)sum;
}

void
gateway_assert_vector(const gateway *g, const gateway_message *message, const char *id)
{
    const test_vector *vector = vectors_find(g->vectors, id);

    assert_int_equal(message->length, vector->length);
    assert_memory_equal(message->octets, vector->octets, vector->length);
}

/** Where the body of the first option @p type of these octets is; 0. */
static size_t
offset_of(const uint8_t *octets, size_t length, uint8_t type)
{
    size_t at = 12;

    while (at < length)
    {
        if (octets[at] == type)
        {
            return at + 2;
        }
        at += octets[at] == 0 ? 1 : octets[at + 1] + 2u;
    }
    return 0;
}

void
gateway_assert_vector_now(const gateway *g, const gateway_message *message, const char *id)
{
    const test_vector *vector = vectors_find(g->vectors, id);
    uint8_t *expected = vectors_copy(vector->octets, vector->length);
    size_t timestamp = offset_of(expected, vector->length, 27);

    assert_int_equal(message->length, vector->length);
    memcpy(expected + 6, message->octets + 6, 2);
    memcpy(expected + timestamp, message->octets + timestamp, 8);
    put_checksum(expected, vector->length, &message->meta.src, &message->meta.dst);
    assert_memory_equal(message->octets, expected, vector->length);
    free(expected);
}

/* ---- answers ---- */

static fb_meta
reverse(const fb_meta *meta)
{
    fb_meta back = *meta;

    back.src = meta->dst;
    back.dst = meta->src;
    back.sport = meta->dport;
    back.dport = meta->sport;
    return back;
}

gateway_answer
gateway_answer_begin(const gateway_message *message, uint8_t status, uint16_t lifetime)
{
    gateway_answer answer = {.meta = reverse(&message->meta), .length = 12};

    answer.octets[0] = 59;
    answer.octets[2] = ACKNOWLEDGEMENT;
    answer.octets[6] = status;
    answer.octets[7] = 0x20; /* P */
    memcpy(answer.octets + 8, message->octets + 6, 2);
    answer.octets[10] = (uint8_t)(lifetime >> 8);
    answer.octets[11] = (uint8_t)lifetime;
    return answer;
}

static void
pad(gateway_answer *answer, size_t multiple, size_t offset)
{
    size_t missing = (multiple + offset - answer->length % multiple) % multiple;

    if (missing == 1)
    {
        answer->octets[answer->length] = 0;
    }
    else if (missing > 1)
    {
        memset(answer->octets + answer->length, 0, missing);
        answer->octets[answer->length] = 1;
        answer->octets[answer->length + 1] = (uint8_t)(missing - 2);
    }
    answer->length += missing;
}

void
gateway_answer_option(gateway_answer *answer,
                      uint8_t type,
                      const uint8_t *body,
                      size_t length,
                      size_t multiple,
                      size_t offset)
{
    pad(answer, multiple, offset);
    answer->octets[answer->length] = type;
    answer->octets[answer->length + 1] = (uint8_t)length;
    memcpy(answer->octets + answer->length + 2, body, length);
    answer->length += length + 2;
}

/** 2001:db8:<group>::/<length> as options 22 and 55 have it: of 0 that is what is assigned. */
static void
assign(uint8_t body[18], uint8_t group, uint8_t length)
{
    if (body[1] == 0)
    {
        body[1] = length;
        memcpy(body + 2, (const uint8_t[]){0x20, 0x01, 0x0d, 0xb8, group, 0}, 6);
    }
}

static void
echo_option(gateway_answer *answer,
            const gateway_message *message,
            uint8_t type,
            size_t multiple,
            size_t offset)
{
    uint8_t copy[260] = {0};
    const uint8_t *body;
    size_t length;

    for (size_t i = 0; (body = gateway_option(message, type, i, &length)) != NULL; i++)
    {
        memcpy(copy, body, length);
        if (type == 22)
        {
            assign(copy, 0x01, 64);
        }
        if (type == 55)
        {
            assign(copy, 0x02, 56);
        }
        gateway_answer_option(answer, type, copy, length, multiple, offset);
    }
}

void
gateway_answer_echo(gateway_answer *answer, const gateway_message *message, uint8_t except)
{
    static const struct
    {
        uint8_t type, multiple, offset;
    } row[] = {{8, 1, 0},
               {22, 8, 4},
               {23, 4, 0},
               {24, 4, 0},
               {25, 1, 0},
               {27, 8, 2},
               {63, 1, 0},
               {55, 8, 2}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        if (row[i].type != except)
        {
            echo_option(answer, message, row[i].type, row[i].multiple, row[i].offset);
        }
    }
}

int
gateway_inject(gateway *g, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    uint8_t *copy = vectors_copy(octets, length);
    fb_mh_message message;
    int wrong, reason;

    memset(&message, 0, sizeof message);
    wrong = fb_mh_walk(&message, &meta->src, &meta->dst, copy, length);
    reason = fb_mag_input(&g->mag, meta, &message, wrong, g->now);
    free(copy);
    read_events(g);
    return reason;
}

int
gateway_answer_send(gateway *g, gateway_answer *answer)
{
    pad(answer, 8, 0);
    answer->octets[1] = (uint8_t)(answer->length / 8 - 1);
    put_checksum(answer->octets, answer->length, &answer->meta.src, &answer->meta.dst);
    return gateway_inject(g, &answer->meta, answer->octets, answer->length);
}

int
gateway_reply(gateway *g, const gateway_message *message, uint8_t status)
{
    uint16_t asked = gateway_lifetime(message);
    uint16_t granted = asked < g->lifetime ? asked : g->lifetime;
    gateway_answer answer = gateway_answer_begin(message, status, status < 128 ? granted : 0);
    const uint8_t *body;
    size_t length;

    gateway_answer_echo(&answer, message, 0);
    for (size_t i = 0; g->flows && (body = gateway_option(message, 45, i, &length)) != NULL; i++)
    {
        gateway_answer_option(&answer, 45, body, length, 2, 0);
    }
    return gateway_answer_send(g, &answer);
}

int
gateway_reply_legacy(gateway *g, const gateway_message *message)
{
    uint16_t asked = gateway_lifetime(message);
    gateway_answer answer =
        gateway_answer_begin(message, 0, asked < g->lifetime ? asked : g->lifetime);

    gateway_answer_echo(&answer, message, 63);
    return gateway_answer_send(g, &answer);
}

int
gateway_inject_vector(gateway *g, const char *id, const gateway_message *message)
{
    const test_vector *vector = vectors_find(g->vectors, id);
    fb_meta meta = reverse(&message->meta);
    uint8_t *octets = vectors_copy(vector->octets, vector->length);
    size_t timestamp = offset_of(octets, vector->length, 27);
    int reason;

    memcpy(octets + 8, message->octets + 6, 2);
    memcpy(octets + timestamp,
           message->octets + offset_of(message->octets, message->length, 27),
           8);
    put_checksum(octets, vector->length, &meta.src, &meta.dst);
    reason = gateway_inject(g, &meta, octets, vector->length);
    free(octets);
    return reason;
}

int
gateway_heartbeat(gateway *g, uint32_t link, uint16_t flags, uint32_t sequence, uint32_t counter)
{
    fb_meta meta = {.src = g->config.mag.anchor,
                    .dst = g->link[link].address,
                    .link = link,
                    .protocol = PROTOCOL_MOBILITY};
    uint8_t octets[24] = {59, 1, HEARTBEAT, 0, 0, 0, 0, (uint8_t)flags};
    size_t length = counter != 0 ? 24 : 16;

    if (meta.dst.family == FB_FAMILY_IPV4)
    {
        meta.src = fb_addr_from_ipv4(g->config.mag.anchor_ipv4);
        meta.protocol = 17;
        meta.sport = meta.dport = FB_PMIP_CONTROL_PORT;
    }
    octets[1] = (uint8_t)(length / 8 - 1);
    for (size_t i = 0; i < 4; i++)
    {
        octets[8 + i] = (uint8_t)(sequence >> (24 - 8 * i));
        octets[16 + i] = (uint8_t)(counter >> (24 - 8 * i));
    }
    memcpy(octets + 12,
           counter != 0 ? (const uint8_t[]){1, 0, 28, 4} : (const uint8_t[]){1, 2, 0, 0},
           4);
    memcpy(octets + 20, (const uint8_t[]){1, 2, 0, 0}, 4);
    put_checksum(octets, length, &meta.src, &meta.dst);
    return gateway_inject(g, &meta, octets, length);
}

/* ---- state ---- */

fb_proxy_view
gateway_binding(const gateway *g, uint8_t bid)
{
    fb_proxy_view view;

    for (size_t i = 0; fb_mag_binding_view(&g->mag, 1, i, &view); i++)
    {
        if (view.ref.bid == bid)
        {
            return view;
        }
    }
    fail_msg("no binding %u", bid);
    return view;
}

int
gateway_state(const gateway *g, uint8_t bid)
{
    return gateway_binding(g, bid).state;
}

const char *
gateway_paths(const gateway *g, char text[16])
{
    fb_path_view paths[GATEWAY_LINKS];
    size_t count = fb_mag_paths(&g->mag, fb_update_list_find(&g->mag.list, 1), paths);

    size_t length = 0;

    for (unsigned bid = 0; bid <= 9; bid++)
    {
        for (size_t i = 0; i < count; i++)
        {
            if (paths[i].bid == bid)
            {
                text[length++] = (char)('0' + bid);
            }
        }
    }
    text[length] = '\0';
    return text;
}

const fb_event *
gateway_event(const gateway *g, size_t since, fb_event_kind kind, uint8_t bid)
{
    for (size_t i = g->event_count; i-- > since;)
    {
        if (g->event[i].kind == kind && (bid == 0 || g->event[i].ref.bid == bid))
        {
            return &g->event[i];
        }
    }
    return NULL;
}

size_t
gateway_events(const gateway *g, size_t since, fb_event_kind kind)
{
    size_t count = 0;

    for (size_t i = since; i < g->event_count; i++)
    {
        count += g->event[i].kind == kind;
    }
    return count;
}

fb_rule
gateway_rule(const char *bids, uint8_t protocol, uint16_t port)
{
    fb_rule rule = {.action = FB_RULE_FORWARD, .bid_count = (uint8_t)strlen(bids)};
    fb_selector6 *selector = &rule.selector.u.v6;

    for (size_t i = 0; i < rule.bid_count; i++)
    {
        rule.bid[i] = (uint8_t)(bids[i] - '0');
    }
    rule.selector.format = FB_SELECTOR_IPV6;
    selector->present = FB_SELECTOR6_SOURCE_PORT_START | FB_SELECTOR6_NEXT_HEADER_START;
    selector->source_port_start = port;
    selector->next_header_start = protocol;
    return rule;
}
