/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

/*
 * Heartbeats (RFC 5847): whoever asks is answered, binding or not (3.1), and every proxy care-of address that is
 * registered is asked (B5847-02). A gateway whose Restart Counter has changed has lost its state (3.2, C8-10).
 */

/** A request has no options: header, fixed part, padding. */
#define REQUEST_LENGTH 16

/** Status of a Binding Error (RFC 6275 6.1.9). */
#define UNRECOGNIZED_MH_TYPE 2

static fb_event
heartbeat_event(fb_event_kind kind, const fb_mh_fixed *fixed, const fb_addr *peer, fb_time now)
{
    return (fb_event){.kind = (uint8_t)kind,
                      .role = FB_ROLE_LMA,
                      .type = FB_MH_HEARTBEAT,
                      .flags = (uint8_t)fixed->flags,
                      .identification = fixed->heartbeat,
                      .care_of = *peer,
                      .time = now};
}

/** What an FB_EVENT_PEER says has become of the peer. */
enum
{
    PEER_SILENT = 0,
    PEER_ANSWERS = 1,
    PEER_RESTARTED = 2
};

static void
peer_event(fb_lma *lma, const fb_addr *peer, uint8_t to, fb_cause cause, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_PEER,
                      .role = FB_ROLE_LMA,
                      .from = to == PEER_ANSWERS ? PEER_SILENT : PEER_ANSWERS,
                      .to = to,
                      .cause = (uint8_t)cause,
                      .care_of = *peer,
                      .time = now};

    fb_events_push(lma->events, &event);
}

/* ---- answering ---- */

static void
answer(fb_lma *lma, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    fb_lma_reply *reply = &lma->reply;
    fb_writer writer = fb_writer_over(reply->octets, sizeof reply->octets);
    fb_mh_fixed fixed = {.type = FB_MH_HEARTBEAT,
                         .flags = FB_HEARTBEAT_RESPONSE,
                         .heartbeat = message->fixed.heartbeat};

    reply->meta = fb_lma_meta_back(meta);
    fb_mh_begin(&writer, &fixed);
    fb_write_restart_counter(&writer, lma->config.restart_counter);
    reply->length = (uint16_t)fb_mh_end(&writer, &reply->meta.src, &reply->meta.dst);
    reply->sent = heartbeat_event(FB_EVENT_SENT, &fixed, &meta->src, now);
}

/* ---- asking ---- */

static fb_meta
meta_toward(const fb_lma *lma, const fb_care_of *item)
{
    bool ipv4 = item->address.family == FB_FAMILY_IPV4;

    return (fb_meta){.src = ipv4 ? fb_addr_from_ipv4(lma->config.address_ipv4)
                                 : lma->config.address,
                     .dst = item->address,
                     .sport = ipv4 ? FB_PMIP_CONTROL_PORT : 0,
                     .dport = ipv4 ? item->control_port : 0,
                     .protocol = ipv4 ? FB_PROTOCOL_UDP : FB_PROTOCOL_MOBILITY,
                     .ttl = 64};
}

ptrdiff_t
fb_lma_ask(fb_lma *lma, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    fb_care_of_table *table = &lma->sessions.care_of;
    uint32_t number = FB_CARE_OF_NONE;
    fb_writer writer = fb_writer_over(buffer, capacity);
    fb_mh_fixed fixed = {.type = FB_MH_HEARTBEAT};
    fb_heartbeat_result result;
    fb_heartbeat *heartbeat;
    fb_event event;
    fb_care_of *item;
    uint32_t owner;

    if (fb_heap_top(&table->heartbeats, &number) > lma->ask_until || number == FB_CARE_OF_NONE)
    {
        return 0;
    }
    if (capacity < REQUEST_LENGTH)
    {
        return FB_ERR_LIMIT;
    }
    item = &table->item[number];
    heartbeat = fb_care_of_heartbeat(table, number);
    result = fb_heartbeat_timeout(heartbeat,
                                  lma->config.heartbeat_s,
                                  lma->config.heartbeat_missing,
                                  now);
    fb_care_of_settle(table, number);
    if (result == FB_HEARTBEAT_ASK_DEAD)
    {
        /* C8-10: the path is no longer used, its bindings stay until they expire */
        item->changes++;
        peer_event(lma, &item->address, PEER_SILENT, FB_CAUSE_HEARTBEAT, now);
    }
    fixed.heartbeat = heartbeat->sequence;
    *meta = meta_toward(lma, item);
    owner = fb_lma_owner(lma, number);
    meta->security_association = owner == FB_GATEWAY_NONE
                                     ? 0
                                     : fb_gateways_association(&lma->sessions.gateways, owner);
    fb_mh_begin(&writer, &fixed);
    event = heartbeat_event(FB_EVENT_SENT, &fixed, &item->address, now);
    fb_events_push(lma->events, &event);
    return (ptrdiff_t)fb_mh_end(&writer, &meta->src, &meta->dst);
}

/* ---- being answered ---- */

/** The registered address a message came from; FB_CARE_OF_NONE. */
static uint32_t
registered_source(const fb_lma *lma, const fb_meta *meta)
{
    uint32_t number = fb_care_of_find(&lma->sessions.care_of, &meta->src, meta->sport);

    return number != FB_CARE_OF_NONE ? number
                                     : fb_care_of_find(&lma->sessions.care_of, &meta->src, 0);
}

static bool
comes_from_owner(const fb_lma *lma, uint32_t number, const fb_meta *meta)
{
    uint32_t owner = fb_lma_owner(lma, number);

    return owner == FB_GATEWAY_NONE || fb_gateways_origin_fits(&lma->sessions.gateways,
                                                               owner,
                                                               &meta->src,
                                                               meta->security_association);
}

/** Whether an unsolicited response is what it may be (RFC 5847 3.2). */
static bool
tells_of_restart(const fb_lma *lma, uint32_t owner, const fb_mobility_options *options)
{
    const fb_gateway_entry *gateway = &lma->sessions.gateways.item[owner];

    return fb_option_present(options, FB_OPTION_RESTART_COUNTER) &&
           fb_restart_is_news(gateway->counter_known,
                              gateway->restart_counter,
                              options->restart_counter);
}

static int
hear_response(fb_lma *lma, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    fb_session_cache *sessions = &lma->sessions;
    uint32_t number = registered_source(lma, meta);
    bool solicited = (message->fixed.flags & FB_HEARTBEAT_UNSOLICITED) == 0;
    fb_heartbeat_result result;
    fb_care_of *item;
    uint32_t owner;

    if (number == FB_CARE_OF_NONE)
    {
        return FB_DROP_NOT_EXPECTED;
    }
    item = &sessions->care_of.item[number];
    if (!comes_from_owner(lma, number, meta))
    {
        return FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED;
    }
    owner = fb_lma_owner(lma, number);
    if (!solicited &&
        (owner == FB_GATEWAY_NONE || !tells_of_restart(lma, owner, &message->options)))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    result = fb_heartbeat_response(fb_care_of_heartbeat(&sessions->care_of, number),
                                   solicited,
                                   message->fixed.heartbeat,
                                   now);
    if (result == FB_HEARTBEAT_NOTHING)
    {
        return FB_DROP_NOT_EXPECTED;
    }
    if (result == FB_HEARTBEAT_ALIVE)
    {
        item->changes++;
        peer_event(lma, &item->address, PEER_ANSWERS, FB_CAUSE_HEARTBEAT, now);
    }
    if (owner != FB_GATEWAY_NONE &&
        fb_option_present(&message->options, FB_OPTION_RESTART_COUNTER) &&
        fb_gateways_hear(&sessions->gateways, owner, message->options.restart_counter, now))
    {
        peer_event(lma, &item->address, PEER_RESTARTED, FB_CAUSE_PEER_RESTART, now);
    }
    return FB_REASON_NONE;
}

/* RFC 6275 9.3.3, B5847-01: the peer does not know heartbeats, and is not asked again while it is registered */
int
fb_lma_hear_error(fb_lma *lma, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    fb_session_cache *sessions = &lma->sessions;
    uint32_t number = registered_source(lma, meta);
    fb_event event = {.kind = FB_EVENT_RECEIVED,
                      .role = FB_ROLE_LMA,
                      .type = FB_MH_BINDING_ERROR,
                      .code = message->fixed.status,
                      .care_of = meta->src,
                      .time = now};
    fb_care_of *item;

    /* RFC 5847 3: "in response to a Heartbeat Request": who has answered one knows them */
    if (number == FB_CARE_OF_NONE || message->fixed.status != UNRECOGNIZED_MH_TYPE ||
        !fb_care_of_heartbeat(&sessions->care_of, number)->waiting)
    {
        return fb_lma_drop(lma, meta, message, FB_DROP_NOT_EXPECTED, now);
    }
    item = &sessions->care_of.item[number];
    if (!comes_from_owner(lma, number, meta))
    {
        return fb_lma_drop(lma, meta, message, FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED, now);
    }
    fb_heartbeat_stop(fb_care_of_heartbeat(&sessions->care_of, number));
    fb_care_of_settle(&sessions->care_of, number);
    item->changes++; /* it may have been taken for dead */
    fb_events_push(lma->events, &event);
    return FB_REASON_NONE;
}

int
fb_lma_hear_heartbeat(fb_lma *lma, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    bool response = (message->fixed.flags & FB_HEARTBEAT_RESPONSE) != 0;
    fb_event event = heartbeat_event(FB_EVENT_RECEIVED, &message->fixed, &meta->src, now);
    int reason = response ? hear_response(lma, meta, message, now) : FB_REASON_NONE;

    if (reason != FB_REASON_NONE)
    {
        return fb_lma_drop(lma, meta, message, reason, now);
    }
    fb_events_push(lma->events, &event);
    if (!response)
    {
        answer(lma, meta, message, now);
    }
    return FB_REASON_NONE;
}
