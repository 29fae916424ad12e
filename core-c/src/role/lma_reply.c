/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include <string.h>

/*
 * The acknowledgement: RFC 5213 5.3.6, with what RFC 5844 3.1.2.6, 5845 5.2, 6089 5.3.5, 7148 5.2.2 and 8278 4.4 add.
 */

/** RFC 5555 3.2.2: how often the gateway is to keep the NAT's mapping alive, as with RFC 3519 4.9. */
#define NAT_REFRESH_S 110

/** Padding in front of an option and at the end of the message: what has to be left for them. */
#define PADDING_MAX 16

#define SUBTYPE_NAI 1

/** What an acknowledgement is made from. */
typedef struct reply_terms
{
    const fb_lma *lma;
    const fb_lma_gate *gate;
    bool accepted;
    uint8_t status;
    fb_time now;
} reply_terms;

fb_meta
fb_lma_meta_back(const fb_meta *meta)
{
    /* RFC 5213 5.3.6: from where the update went to where it came from; RFC 5844 4.1.3.2: to its port */
    return (fb_meta){.src = meta->dst,
                     .dst = meta->src,
                     .sport = meta->dport,
                     .dport = meta->sport,
                     .link = meta->link,
                     .security_association = meta->security_association,
                     .protocol = meta->protocol,
                     .ttl = 64};
}

uint32_t
fb_lma_key_up(uint32_t session, uint8_t bid)
{
    return (session + 1) << 8 | bid;
}

static bool
request_has(const reply_terms *terms, unsigned option)
{
    return fb_gate_has(terms->gate, option);
}

static void
write_prefixes(fb_writer *writer,
               const fb_networks *networks,
               void (*write)(fb_writer *writer, const fb_prefix *prefix))
{
    for (size_t i = 0; i < networks->count; i++)
    {
        write(writer, &networks->prefix[i]);
    }
}

static void
write_home_prefixes(fb_writer *writer, const reply_terms *terms)
{
    const fb_mobility_options *options = terms->gate->options;
    fb_networks networks;

    if (options->home_prefix_count == 0 && options->ipv4_request.present)
    {
        return; /* RFC 5844 3.1.2.6 */
    }
    if (terms->accepted && terms->gate->keeps_home && !terms->gate->deregisters &&
        options->home_prefix_count == 1)
    {
        /* as there is one order of them */
        fb_write_home_network_prefix(writer, &options->home_prefix[0]);
        return;
    }
    if (terms->accepted)
    {
        fb_session_prefixes(&terms->lma->sessions, terms->gate->session, FB_PREFIX_HOME, &networks);
    }
    else
    {
        networks.count = options->home_prefix_count;
        memcpy(networks.prefix, options->home_prefix, sizeof networks.prefix);
    }
    if (networks.count == 0)
    {
        networks.count = 1;
        networks.prefix[0] = (fb_prefix){.address.family = FB_FAMILY_IPV6}; /* ALL_ZERO */
    }
    write_prefixes(writer, &networks, fb_write_home_network_prefix);
}

/** RFC 5213 5.5: the update's, or with 156 and 157 the anchor's own time. */
static uint64_t
timestamp_of(const reply_terms *terms)
{
    return terms->status == FB_PBA_TIMESTAMP_MISMATCH || terms->status == FB_PBA_TIMESTAMP_LOWER
               ? fb_clock_timestamp(terms->lma->clock, terms->now)
               : terms->gate->options->timestamp;
}

/* What RFC 5213 puts into every acknowledgement. */
/** The session's, or the one that was asked for. */
static void
write_link_local(fb_writer *writer, const reply_terms *terms)
{
    uint8_t own[FB_LINK_LOCAL_OCTETS];

    if (terms->accepted)
    {
        fb_session_link_local(&terms->lma->sessions, terms->gate->session, own);
    }
    fb_write_link_local_address(writer, terms->accepted ? own : terms->gate->options->link_local);
}

static void
write_base(fb_writer *writer, const reply_terms *terms)
{
    const fb_mobility_options *options = terms->gate->options;
    fb_identifier nobody = {.subtype = SUBTYPE_NAI};

    fb_write_identifier_option(
        writer,
        FB_OPTION_MOBILE_NODE_IDENTIFIER,
        request_has(terms, FB_OPTION_MOBILE_NODE_IDENTIFIER) ? &options->mobile_node : &nobody);
    write_home_prefixes(writer, terms);
    fb_write_octet_option(writer, FB_OPTION_HANDOFF_INDICATOR, options->handoff);
    fb_write_octet_option(writer, FB_OPTION_ACCESS_TECHNOLOGY, options->technology);
    if (request_has(terms, FB_OPTION_LINK_LAYER_IDENTIFIER))
    {
        fb_write_link_layer_identifier(writer, options->link_layer);
    }
    if (request_has(terms, FB_OPTION_LINK_LOCAL_ADDRESS))
    {
        write_link_local(writer, terms);
    }
    if (request_has(terms, FB_OPTION_TIMESTAMP))
    {
        fb_write_timestamp(writer, timestamp_of(terms));
    }
}

/* RFC 5845 5.2; R8278-4.4-05, -09: never with the gateway's identifier (D8-06) */
static void
write_tunnel(fb_writer *writer, const reply_terms *terms)
{
    const fb_lma_gate *gate = terms->gate;

    if (terms->accepted && gate->gre)
    {
        fb_write_gre_key(writer, gate->keys, fb_lma_key_up(gate->session, gate->bid));
    }
    if (gate->multipath && request_has(terms, FB_OPTION_MULTIPATH_BINDING))
    {
        fb_write_multipath_binding(writer, &gate->options->multipath); /* D8-31 */
    }
    else if (gate->multipath)
    {
        fb_write_multipath_echo(writer, gate->options->multipath_octets); /* D8-03 */
    }
    if (terms->accepted && gate->udp)
    {
        fb_write_nat_detection(writer, true, NAT_REFRESH_S); /* C8-15 */
    }
}

static uint8_t
refused_ipv4_status(const reply_terms *terms)
{
    if (terms->gate->ipv4_status != FB_IPV4_HOME_ACCEPTED)
    {
        return terms->gate->ipv4_status;
    }
    return terms->status == FB_PBA_NOT_AUTHORIZED_FOR_IPV4_MOBILITY ? FB_IPV4_HOME_PROHIBITED
                                                                    : FB_IPV4_HOME_UNSPECIFIED;
}

/* RFC 5844 3.1.2.6 */
static void
write_ipv4(fb_writer *writer, const reply_terms *terms)
{
    const fb_prefix_pool *pool = &terms->lma->sessions.pool[FB_PREFIX_IPV4];
    fb_ipv4_home reply = terms->gate->options->ipv4_request;
    fb_networks networks;

    if (!reply.present)
    {
        return;
    }
    if (!terms->accepted)
    {
        reply.status = refused_ipv4_status(terms);
        fb_write_ipv4_home_reply(writer, &reply);
        return;
    }
    fb_session_prefixes(&terms->lma->sessions, terms->gate->session, FB_PREFIX_IPV4, &networks);
    if (networks.count == 0)
    {
        return; /* a de-registration took it away */
    }
    reply.status = FB_IPV4_HOME_ACCEPTED;
    reply.address = fb_addr_to_ipv4(&networks.prefix[0].address);
    reply.prefix_length = pool->base.length > 0 &&
                                  fb_prefix_covers(&pool->base, networks.prefix[0].address.octet)
                              ? pool->base.length
                              : networks.prefix[0].length;
    fb_write_ipv4_home_reply(writer, &reply);
    fb_write_ipv4_default_router(writer,
                                 pool->base.length > 0 ? fb_addr_to_ipv4(&pool->base.address) + 1
                                                       : terms->lma->config.address_ipv4);
}

/* RFC 7148 5.2.2, C8-17: only where they were asked for */
static void
write_delegated(fb_writer *writer, const reply_terms *terms)
{
    fb_networks networks;

    if (terms->accepted && terms->gate->delegates)
    {
        fb_session_prefixes(&terms->lma->sessions,
                            terms->gate->session,
                            FB_PREFIX_DELEGATED,
                            &networks);
        write_prefixes(writer, &networks, fb_write_delegated_prefix);
    }
}

static bool
has_room(const fb_writer *writer, size_t length)
{
    return writer->position + length + PADDING_MAX <= writer->capacity;
}

/* RFC 6089 5.3.3: what the summary names and the session does not have */
static void
write_unknown_flows(fb_writer *writer, const reply_terms *terms)
{
    const fb_mobility_options *options = terms->gate->options;
    const fb_flow_list *flows = fb_session_flows(&terms->lma->sessions, terms->gate->session);
    size_t expected = 0;

    for (size_t i = 0; i < options->summary_count; i++)
    {
        uint16_t fid = options->summary[i];

        if (expected < flows->count && flows->flow[expected].fid == fid)
        {
            expected++; /* most name them in their order */
        }
        else if (fb_flow_list_find(flows, fid) == NULL && has_room(writer, 8))
        {
            fb_flow_identification unknown = {.fid = fid, .status = FB_FLOW_FID_NOT_FOUND};

            fb_write_flow_identification(writer, &unknown, NULL);
        }
    }
}

/* RFC 6089 5.3.5. What has no room is not told, as it need not be */
static void
write_flows(fb_writer *writer, const reply_terms *terms)
{
    const fb_mobility_options *options = terms->gate->options;
    size_t header = options->flow_count > 0 ? 2 : 0;

    if (!terms->accepted || !terms->gate->flows)
    {
        return;
    }
    for (size_t i = 0; i < options->flow_count; i++)
    {
        if (has_room(writer, header + options->flow[i].whole.length))
        {
            fb_write_flow_echo(writer, &options->flow[i], terms->gate->flow_status[i]);
        }
    }
    write_unknown_flows(writer, terms);
}

/** What the host is told when it leaves. */
static void
note_sent(fb_event *event, const reply_terms *terms, uint16_t lifetime)
{
    const fb_lma_gate *gate = terms->gate;

    fb_event_begin(event, FB_EVENT_SENT, FB_ROLE_LMA, terms->now);
    event->type = FB_MH_BINDING_ACKNOWLEDGEMENT;
    event->code = terms->status;
    event->flags = gate->multipath ? FB_EVENT_FLAG_MULTIPATH : 0;
    event->lifetime_s = (uint16_t)(lifetime * FB_MH_LIFETIME_UNIT_S);
    event->ref.session = gate->session != FB_SESSION_NONE ? gate->session + 1 : 0;
    event->ref.bid = gate->bid;
    event->identification = timestamp_of(terms);
    event->care_of = *gate->source;
}

void
fb_lma_note_sent(fb_lma *lma, const fb_lma_gate *gate, uint16_t lifetime, fb_time now)
{
    reply_terms terms = {lma, gate, true, FB_PBA_ACCEPTED, now};

    note_sent(&lma->reply.sent, &terms, lifetime);
}

void
fb_lma_acknowledge(fb_lma *lma,
                   const fb_lma_gate *gate,
                   uint8_t status,
                   uint16_t lifetime,
                   fb_time now)
{
    fb_lma_reply *reply = &lma->reply;
    fb_writer writer = fb_writer_over(reply->octets, sizeof reply->octets);
    reply_terms terms = {lma, gate, status < FB_PBA_REASON_UNSPECIFIED, status, now};
    fb_mh_fixed fixed = {.type = FB_MH_BINDING_ACKNOWLEDGEMENT,
                         .status = status,
                         .sequence = gate->message->fixed.sequence,
                         .flags = FB_PBA_PROXY,
                         .lifetime = lifetime};

    if (status == FB_PBA_SEQUENCE_OUT_OF_WINDOW)
    {
        fixed.sequence = lma->sessions.session[gate->session].sequence; /* RFC 6275 9.5.1 */
    }
    reply->meta = fb_lma_meta_back(gate->meta);
    fb_mh_begin(&writer, &fixed);
    write_base(&writer, &terms);
    write_tunnel(&writer, &terms);
    write_ipv4(&writer, &terms);
    write_delegated(&writer, &terms);
    write_flows(&writer, &terms);
    reply->length = (uint16_t)fb_mh_end(&writer, &reply->meta.src, &reply->meta.dst);
    note_sent(&reply->sent, &terms, lifetime);
}
