/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include "base/machine.h"

#include <string.h>

/** RFC 5213 8.3: where the address is in the body of a Home Network Prefix option. */
#define HOME_PREFIX_ADDRESS_AT 2

/*
 * Every update runs the gate first; the first check that fails decides the answer, and nothing has changed by then.
 * Then it registers or de-registers, and the answer is composed from what there is now.
 */

void
fb_lma_init(fb_lma *lma,
            fb_arena *arena,
            const fb_config *config,
            const fb_clock *clock,
            fb_entropy *entropy,
            fb_events *events)
{
    /* nothing here has to be unforeseeable: IPsec protects what is exchanged (RFC 5213 4) */
    (void)entropy;
    lma->config = config->lma;
    lma->clock = clock;
    lma->events = events;
    lma->reply.length = 0;
    lma->repeats = 0;
    lma->ask_until = 0;
    lma->rules = fb_arena_take(arena, 1, sizeof *lma->rules, _Alignof(fb_lma_rules_cache));
    fb_lma_init_layouts(lma, arena);
    fb_sessions_init(&lma->sessions, arena, config, events);
    if (arena->base != NULL && !arena->failed)
    {
        lma->rules->session = FB_SESSION_NONE;
    }
}

/* ---- facts ---- */

int
fb_lma_set_subscriber(fb_lma *lma, const fb_proxy_subscriber *subscriber, fb_time now)
{
    (void)now;
    return fb_sessions_set_node(&lma->sessions, subscriber);
}

int
fb_lma_remove_subscriber(fb_lma *lma, const fb_nai *identity, fb_time now)
{
    return fb_sessions_remove_node(&lma->sessions, identity, now);
}

int
fb_lma_set_gateway(fb_lma *lma, const fb_gateway *gateway, fb_time now)
{
    (void)now;
    return fb_gateways_set(&lma->sessions.gateways, gateway);
}

int
fb_lma_remove_gateway(fb_lma *lma, const fb_nai *identity, fb_time now)
{
    fb_gateways *gateways = &lma->sessions.gateways;
    fb_identifier identifier = {1, {(const uint8_t *)identity->text, identity->length}};
    uint32_t gateway = fb_gateways_find(gateways, &identifier);

    if (gateway == FB_GATEWAY_NONE || !fb_gateways_is_told(gateways, gateway))
    {
        return FB_ERR_UNKNOWN;
    }
    fb_gateways_lose(gateways, gateway, now); /* what it registered ends with it */
    fb_gateways_unset(gateways, gateway);
    return FB_OK;
}

/* ---- events ---- */

int
fb_lma_drop(fb_lma *lma, const fb_meta *meta, const fb_mh_message *message, int reason, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_DROP,
                      .role = FB_ROLE_LMA,
                      .type = message->fixed.type,
                      .reason = (uint16_t)reason,
                      .care_of = meta->src,
                      .time = now};

    fb_events_push(lma->events, &event);
    return fb_events_count(lma->events, reason);
}

static uint8_t
flags_of(const fb_lma_gate *gate)
{
    const fb_multipath_binding *multipath = &gate->options->multipath;

    return (uint8_t)((gate->multipath ? FB_EVENT_FLAG_MULTIPATH : 0) |
                     (gate->multipath && multipath->bulk ? FB_EVENT_FLAG_BULK : 0) |
                     (gate->multipath && multipath->overwrite ? FB_EVENT_FLAG_OVERWRITE : 0) |
                     (gate->options->flow_count > 0 ? FB_EVENT_FLAG_POLICY : 0));
}

/** The identifier of a known mobile node out of its update, which is near. More than FB_NAME_FRONT octets follow. */
static void
copy_name(fb_nai *name, const fb_lma_gate *gate)
{
    const fb_octets *text = &gate->options->mobile_node.value;

    name->length = text->length;
    memcpy(name->text, text->octet, FB_NAME_FRONT);
    if (text->length > FB_NAME_FRONT)
    {
        memcpy(name->text + FB_NAME_FRONT,
               text->octet + FB_NAME_FRONT,
               (size_t)text->length - FB_NAME_FRONT);
    }
}

static void
update_event(fb_lma *lma,
             const fb_lma_gate *gate,
             fb_event_kind kind,
             uint8_t status,
             int reason,
             fb_time now)
{
    const fb_mh_fixed *fixed = &gate->message->fixed;
    uint32_t asked_s = (uint32_t)fixed->lifetime * FB_MH_LIFETIME_UNIT_S;
    fb_event *event = fb_events_add(lma->events, kind, FB_ROLE_LMA, now);

    if (event == NULL)
    {
        return;
    }
    event->type = FB_MH_BINDING_UPDATE;
    event->code = status;
    event->reason = (uint16_t)reason;
    event->flags = flags_of(gate);
    event->lifetime_s = asked_s < UINT16_MAX ? (uint16_t)asked_s : UINT16_MAX;
    event->count = gate->options->flow_count;
    event->ref.session = gate->session == FB_SESSION_NONE ? 0 : gate->session + 1;
    event->ref.bid = gate->bid;
    event->identification = fb_gate_has(gate, FB_OPTION_TIMESTAMP) ? gate->options->timestamp
                                                                   : fixed->sequence;
    event->care_of = gate->care_of;
    if (gate->repeats)
    {
        copy_name(&event->identity, gate);
    }
    else if (gate->node != FB_NODE_NONE)
    {
        fb_sessions_name(&lma->sessions, gate->node, &event->identity);
    }
}

void
fb_lma_tell_update(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    update_event(lma, gate, FB_EVENT_RECEIVED, 0, 0, now);
}

/* ---- updates ---- */

static void
refuse(fb_lma *lma, const fb_lma_gate *gate, int reason, fb_time now)
{
    uint8_t status = fb_reason_pba_status(reason);

    fb_events_count(lma->events, reason);
    update_event(lma, gate, status != 0 ? FB_EVENT_DENIED : FB_EVENT_DROP, status, reason, now);
    if (status != 0)
    {
        fb_lma_acknowledge(lma, gate, status, 0, now);
    }
    else if (reason == FB_DROP_PBU_WAITS)
    {
        fb_lma_note_waiting(lma, gate, now);
    }
}

static void
accept(fb_lma *lma, fb_lma_gate *gate, fb_time now)
{
    uint64_t fingerprint = gate->refreshes ? fb_session_fingerprint(&lma->sessions, gate->session)
                                           : 0;
    uint16_t lifetime = 0;

    fb_lma_tell_update(lma, gate, now);
    if (gate->deregisters)
    {
        fb_lma_deregister(lma, gate, now);
    }
    else
    {
        lifetime = fb_lma_register(lma, gate, now);
    }
    if ((gate->message->fixed.flags & FB_PBU_ACKNOWLEDGE) != 0)
    {
        fb_lma_acknowledge(lma, gate, gate->status, lifetime, now);
    }
    fb_lma_remember(lma, gate, fingerprint);
}

static bool
is_zero_address(const uint8_t address[16])
{
    uint8_t any = 0;

    for (size_t i = 0; i < 16; i++)
    {
        any |= address[i];
    }
    return any == 0;
}

/** RFC 5213 5.3.1-13; RFC 5844 4.1.1: over IPv4 it always is the source of the packet. */
static void
read_addresses(fb_lma_gate *gate)
{
    const fb_meta *meta = gate->meta;
    const fb_mobility_options *options = gate->options;

    gate->source = &meta->src;
    if (meta->src.family == FB_FAMILY_IPV4)
    {
        gate->care_of = fb_addr_from_ipv4(fb_addr_to_ipv4(&meta->src));
        gate->source = &gate->care_of; /* without octets that say nothing */
        gate->over_ipv4 = true;
        gate->port = meta->sport;
        return;
    }
    gate->care_of = meta->src;
    if (fb_gate_has(gate, FB_OPTION_ALTERNATE_CARE_OF_ADDRESS) &&
        !is_zero_address(options->alternate_care_of))
    {
        memcpy(gate->care_of.octet, options->alternate_care_of, sizeof gate->care_of.octet);
    }
}

/** The number of the update's proxy care-of address; FB_CARE_OF_NONE. */
static uint32_t
number_of(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_care_of_table *table = &sessions->care_of;
    const fb_binding *likely = gate->likely_binding;
    uint32_t number;

    if (likely != NULL && fb_care_of_is(table, likely->care_of_address, &gate->care_of, gate->port))
    {
        return likely->care_of_address;
    }
    number = fb_care_of_find(table, &gate->care_of, gate->port);
    return number != FB_CARE_OF_NONE || gate->port == 0 ? number
                                                        : fb_care_of_find(table, &gate->care_of, 0);
}

/** Whose prefix it names first; FB_SESSION_NONE. */
static uint32_t
likely_session(const fb_lma *lma,
               const fb_mobility_options *options,
               const fb_lma_expected *expected)
{
    const uint8_t *first = options->home_prefix[0].address.octet;

    if (options->home_prefix_count == 0)
    {
        return FB_SESSION_NONE;
    }
    if (expected != NULL && expected->session != FB_SESSION_NONE &&
        memcmp(first, expected->prefix, sizeof expected->prefix) == 0)
    {
        return expected->session; /* it was looked up already */
    }
    return fb_sessions_find_address(&lma->sessions, FB_FAMILY_IPV6, first);
}

fb_lma_expected
fb_lma_expect(const fb_lma *lma, const uint8_t *octets, size_t length)
{
    size_t options_at = fb_mh_options_at(FB_MH_BINDING_UPDATE);
    fb_lma_expected expected;
    fb_octets prefix;

    expected.session = FB_SESSION_NONE;
    expected.named = false;
    if (length <= options_at || octets[FB_MH_TYPE_AT] != FB_MH_BINDING_UPDATE)
    {
        return expected;
    }
    prefix = fb_mobility_option_find(octets + options_at,
                                     length - options_at,
                                     FB_OPTION_HOME_NETWORK_PREFIX);
    if (prefix.octet != NULL && prefix.length == HOME_PREFIX_ADDRESS_AT + 16)
    {
        memcpy(expected.prefix, prefix.octet + HOME_PREFIX_ADDRESS_AT, sizeof expected.prefix);
        expected.guess = fb_session_expect(&lma->sessions, expected.prefix);
        expected.named = true;
    }
    return expected;
}

void
fb_lma_expect_more(const fb_lma *lma, fb_lma_expected *expected, const fb_mh_message *message)
{
    if (expected->session != FB_SESSION_NONE)
    {
        fb_session_expect_more(&lma->sessions,
                               expected->session,
                               message->options.multipath.bid,
                               message->options.flow_count > 0);
    }
}

/** The link-layer identifier of the update, which all zeros are none of (RFC 5213 8.6). */
static fb_octets
link_layer_of(const fb_mobility_options *options)
{
    for (size_t i = 0; i < options->link_layer.length; i++)
    {
        if (options->link_layer.octet[i] != 0)
        {
            return options->link_layer;
        }
    }
    return (fb_octets){NULL, 0};
}

static void
open_gate(fb_lma_gate *gate,
          const fb_lma *lma,
          const fb_lma_expected *expected,
          const fb_meta *meta,
          const fb_mh_message *message,
          int wrong)
{
    const fb_mobility_options *options = &message->options;
    bool known = !lma->config.legacy; /* R8278-4.4-06 */

    fb_clear(gate, sizeof *gate);
    gate->meta = meta;
    gate->message = message;
    gate->options = options;
    gate->wrong = wrong;
    read_addresses(gate);
    gate->multipath = known && options->multipath_octets.octet != NULL;
    gate->deregisters = message->fixed.lifetime == 0;
    gate->identified = known && options->has_gateway && options->gateway.value.length > 0;
    gate->bid = gate->multipath ? options->multipath.bid : FB_BID_PLAIN;
    gate->link_layer = link_layer_of(options);
    gate->gateway = FB_GATEWAY_NONE;
    gate->node = FB_NODE_NONE;
    gate->session = FB_SESSION_NONE;
    gate->likely = likely_session(lma, options, expected);
    gate->likely_binding = gate->likely == FB_SESSION_NONE
                               ? NULL
                               : fb_cache_binding(&lma->sessions.cache, gate->likely, gate->bid);
    gate->number = number_of(lma, gate);
}

static int
input_update(fb_lma *lma,
             const fb_lma_expected *expected,
             const fb_meta *meta,
             const fb_mh_message *message,
             int wrong,
             fb_time now)
{
    fb_lma_gate gate;
    int reason;

    open_gate(&gate, lma, expected, meta, message, wrong);
    reason = fb_lma_run_gate(lma, &gate, now);

    if (reason == FB_REASON_NONE)
    {
        accept(lma, &gate, now);
    }
    else
    {
        refuse(lma, &gate, reason, now);
    }
    return reason;
}

int
fb_lma_input(fb_lma *lma,
             const fb_lma_expected *expected,
             const fb_meta *meta,
             const fb_mh_message *message,
             int wrong,
             fb_time now)
{
    bool update = message->fixed.type == FB_MH_BINDING_UPDATE;

    if (wrong != FB_REASON_NONE && (!update || fb_reason_pba_status(wrong) == 0))
    {
        return fb_lma_drop(lma, meta, message, wrong, now);
    }
    if (message->fixed.type == FB_MH_HEARTBEAT)
    {
        return fb_lma_hear_heartbeat(lma, meta, message, now);
    }
    if (message->fixed.type == FB_MH_BINDING_ERROR)
    {
        return fb_lma_hear_error(lma, meta, message, now);
    }
    return update ? input_update(lma, expected, meta, message, wrong, now)
                  : fb_lma_drop(lma, meta, message, FB_DROP_NOT_EXPECTED, now);
}

/* ---- time ---- */

fb_time
fb_lma_next_timeout(const fb_lma *lma)
{
    uint32_t number;
    fb_time heartbeat = fb_heap_top(&lma->sessions.care_of.heartbeats, &number);
    fb_time session = fb_sessions_next_deadline(&lma->sessions);

    return heartbeat < session ? heartbeat : session;
}

void
fb_lma_handle_timeout(fb_lma *lma, unsigned budget, fb_time now)
{
    (void)fb_sessions_expire(&lma->sessions, budget, now);
    lma->ask_until = now;
}

/* ---- what leaves ---- */

bool
fb_lma_waits(const fb_lma *lma)
{
    return lma->reply.length > 0;
}

ptrdiff_t
fb_lma_output(fb_lma *lma, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    fb_lma_reply *reply = &lma->reply;
    uint16_t length = reply->length;

    if (length == 0)
    {
        return fb_lma_ask(lma, meta, buffer, capacity, now);
    }
    if (capacity < length)
    {
        return FB_ERR_LIMIT;
    }
    memcpy(buffer, reply->octets, length);
    *meta = reply->meta;
    reply->length = 0;
    reply->sent.time = now;
    fb_events_push(lma->events, &reply->sent);
    return length;
}
