/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

#include "wire/ipv4.h"

#include <string.h>

/** Subtype of an identifier that is an NAI (RFC 4283 3.1). */
#define SUBTYPE_NAI 1

/** Hop limit of signalling. */
#define SIGNALLING_TTL 255

/* ---- what goes next ---- */

/**
 * Whether several updates of the session may be under way at a time (R8278-4.4-03, D8-16). One that speaks for all
 * paths goes alone: its timestamp is compared with those of all, and it would be refused where another one overtakes
 * it. So are all sequence numbers, of which a session has one row.
 */
static bool
concurrently(const fb_mag *mag, uint32_t session)
{
    return mag->config.concurrent && !mag->config.sequence_numbers &&
           mag->capability == FB_MULTIPATH_YES && fb_mag_multipath(mag, session) &&
           !fb_update_list_at(&mag->list, session)->overwrite_due &&
           fb_mag_bulk_carrier(mag, session) == NULL;
}

/** D8-16: one update of a session at a time; the first retransmission gives the slot away (C8-02). */
static bool
slot_taken(const fb_mag *mag, uint32_t session)
{
    if (concurrently(mag, session))
    {
        return false;
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update *update = &fb_mag_entry(mag, session, i)->update;

        if (update->waiting && update->tries <= 1)
        {
            return true;
        }
    }
    return false;
}

static bool
goes_before(const fb_update *left, const fb_update *right)
{
    return left->send_at != right->send_at ? left->send_at < right->send_at
                                           : left->order < right->order;
}

fb_update_entry *
fb_mag_next_sender(const fb_mag *mag, uint32_t session, fb_time *when)
{
    fb_update_entry *best = NULL;

    *when = FB_TIME_NEVER;
    if (slot_taken(mag, session))
    {
        return NULL;
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);
        bool wants = entry->update.kind != FB_UPDATE_NONE && !entry->update.waiting;

        if (wants && (best == NULL || goes_before(&entry->update, &best->update)))
        {
            best = entry;
        }
    }
    if (best != NULL)
    {
        *when = best->update.send_at;
    }
    return best;
}

const fb_mag_link *
fb_mag_any_way(const fb_mag *mag)
{
    const fb_mag_link *found = NULL;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_mag_link *link = &mag->link[i];
        bool there = link->known && link->up &&
                     fb_mag_anchor(mag, &link->link).family != FB_FAMILY_NONE;

        if (there && (found == NULL || (found->heartbeat.dead && !link->heartbeat.dead)))
        {
            found = link;
        }
    }
    return found;
}

const fb_mag_link *
fb_mag_egress(const fb_mag *mag, uint32_t session, const fb_update_entry *entry)
{
    uint16_t place = fb_mag_link_of(mag, entry);
    const fb_mag_link *own = &mag->link[place];
    bool from_registered = fb_addr_equal(&own->link.address, &entry->care_of);
    const fb_update_entry *other;

    /* D8-34: each path is registered over itself; a farewell takes any way that is left */
    if (entry->update.kind == FB_UPDATE_DEREGISTER_ALL && !own->up)
    {
        return fb_mag_any_way(mag);
    }
    if (entry->update.kind != FB_UPDATE_DEREGISTER)
    {
        return own->up ? own : NULL;
    }
    other = fb_mag_best_up(mag, session, entry);
    if (own->up && from_registered && (!fb_mag_link_dead(own) || other == NULL))
    {
        return own;
    }
    return other != NULL ? &mag->link[fb_mag_link_of(mag, other)] : NULL;
}

fb_meta
fb_mag_addresses(const fb_mag *mag, const fb_mag_link *link)
{
    fb_meta meta = {.src = link->link.address,
                    .dst = fb_mag_anchor(mag, &link->link),
                    .link = link->link.link,
                    .protocol = FB_PROTOCOL_MOBILITY,
                    .ttl = SIGNALLING_TTL};

    if (link->link.address.family == FB_FAMILY_IPV4)
    {
        /* RFC 5844 4.1.3 */
        meta.protocol = FB_PROTOCOL_UDP;
        meta.sport = FB_PMIP_CONTROL_PORT;
        meta.dport = FB_PMIP_CONTROL_PORT;
    }
    return meta;
}

/* ---- composing ---- */

/** What an update says, before it is known whether it can be sent. */
typedef struct sending
{
    uint32_t session;
    fb_update_entry *entry;
    const fb_mag_link *egress;
    fb_meta meta;
    fb_mh_fixed fixed;
    fb_multipath_binding multipath;
    uint64_t timestamp;
    uint16_t flows;
    uint32_t key;
    uint8_t handoff;
    bool with_multipath, with_gre, with_delegation, probes;
} sending;

/* RFC 5213 5.5, 6.9.4: fresh each time, greater than the last even within one tick; not when the clock was set back */
static uint64_t
fresh_timestamp(const fb_mag *mag, const fb_update_session *session, fb_time now)
{
    uint64_t timestamp = fb_clock_timestamp(mag->clock, now);
    bool just_before = session->timestamp >= timestamp &&
                       session->timestamp - timestamp < UINT64_C(1) << 16;

    return just_before ? session->timestamp + 1 : timestamp;
}

/** Whether the path asks for GRE (RFC 5845 3.3). */
static bool
wants_gre(const fb_mag *mag, const sending *s, const fb_mag_link *own)
{
    const fb_update_session *session = fb_update_list_at(&mag->list, s->session);

    if (fb_update_removes(&s->entry->update))
    {
        return false; /* RFC 5845 4.2: SHOULD NOT be in a de-registration */
    }
    if (s->entry->required_gre)
    {
        return true;
    }
    /* RFC 5845 7.1: in UDP there is GRE behind a TLV header only, which is not offered */
    return own->link.tunnel == FB_TUNNEL_GRE && !session->gre_refused && !mag->gre_unsupported &&
           (s->fixed.flags & FB_PBU_FORCE_UDP) == 0;
}

/* RFC 5213 8.4, 6.9.1.3, 6.9.1.4 (D8-08) */
static uint8_t
handoff_of(const fb_update_session *session, const fb_update_entry *entry)
{
    if (fb_update_removes(&entry->update))
    {
        return FB_HANDOFF_UNKNOWN;
    }
    if (session->registered)
    {
        return FB_HANDOFF_RE_REGISTRATION;
    }
    return session->profile.handoff != 0 ? session->profile.handoff : FB_HANDOFF_NEW_INTERFACE;
}

static void
plan_multipath(const fb_mag *mag, sending *s)
{
    const fb_update_session *session = fb_update_list_at(&mag->list, s->session);
    const fb_update *update = &s->entry->update;
    const fb_link *own = &mag->link[fb_mag_link_of(mag, s->entry)].link;

    s->probes = update->probe ||
                (mag->legacy_probe_due && mag->config.multipath && !fb_update_removes(update));
    s->with_multipath = s->probes || fb_mag_carries_multipath(mag, s->session, s->entry);
    s->multipath =
        (fb_multipath_binding){.technology = own->technology, .label = own->label, .bid = own->bid};
    s->multipath.bulk = update->bulk || update->kind == FB_UPDATE_DEREGISTER_ALL;
    /* C8-10: what the anchor has from before our reboot goes; never with B or Lifetime 0 (R8278-4.1-14, -17) */
    s->multipath.overwrite = session->overwrite_due && update->kind == FB_UPDATE_REGISTER;
}

static void
plan(fb_mag *mag, sending *s, fb_time now)
{
    const fb_update_session *session = fb_update_list_at(&mag->list, s->session);
    fb_update_entry *entry = s->entry;
    const fb_mag_link *own = &mag->link[fb_mag_link_of(mag, entry)];
    bool removes = fb_update_removes(&entry->update);

    plan_multipath(mag, s);
    s->meta = fb_mag_addresses(mag, s->egress);
    s->handoff = handoff_of(session, entry);
    s->timestamp = fresh_timestamp(mag, session, now);
    s->with_delegation = session->profile.delegation && !session->delegation_refused;
    s->fixed = (fb_mh_fixed){
        .type = FB_MH_BINDING_UPDATE,
        .sequence = (uint16_t)(session->sequence + 1),
        .flags = FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY,
        .lifetime = removes ? 0 : (uint16_t)(mag->config.lifetime_s / FB_MH_LIFETIME_UNIT_S)};
    if (s->meta.src.family == FB_FAMILY_IPV4 && s->egress->link.udp == FB_UDP_FORCE &&
        !entry->refused_force)
    {
        s->fixed.flags |= FB_PBU_FORCE_UDP;
    }
    s->with_gre = wants_gre(mag, s, own);
    if (s->with_gre && entry->key_down == 0)
    {
        /* RFC 5845 3.3.2: the same for as long as the session lasts */
        entry->key_down = (uint32_t)fb_entropy_next(mag->entropy) | 1;
    }
    s->key = entry->key_down;
}

/* RFC 5213 6.9.1.1, RFC 7148 5.1.2: by name, or one ALL_ZERO to have them assigned */
static void
write_prefixes(fb_writer *writer,
               const fb_networks *networks,
               void (*write)(fb_writer *, const fb_prefix *))
{
    static const fb_prefix all_zero = {.address.family = FB_FAMILY_IPV6};

    for (size_t i = 0; i < networks->count; i++)
    {
        write(writer, &networks->prefix[i]);
    }
    if (networks->count == 0)
    {
        write(writer, &all_zero);
    }
}

/*
 * D8-12, C8-03: sent over another path, hence the care-of address it is about in an option, which has room for IPv6
 * only (RFC 6275 6.2.5). Without it the address that sends has to be one of the session, and is; the BID says the rest.
 */
static void
write_alternate_care_of(const sending *s, fb_writer *writer)
{
    const fb_addr *care_of = &s->entry->care_of;

    if (fb_update_removes(&s->entry->update) && s->meta.src.family == FB_FAMILY_IPV6 &&
        care_of->family == FB_FAMILY_IPV6 && !fb_addr_equal(care_of, &s->meta.src))
    {
        fb_write_alternate_care_of_address(writer, care_of->octet);
    }
}

static fb_identifier
identifier_of(const fb_nai *nai)
{
    return (fb_identifier){.subtype = SUBTYPE_NAI,
                           .value = {(const uint8_t *)nai->text, nai->length}};
}

/* RFC 5213 6.9.1.5: the node and where it is */
static void
write_session(const fb_mag *mag, const sending *s, fb_writer *writer)
{
    const fb_update_session *session = fb_update_list_at(&mag->list, s->session);
    const fb_session *profile = &session->profile;
    fb_identifier node = identifier_of(&profile->identity);

    fb_write_identifier_option(writer, FB_OPTION_MOBILE_NODE_IDENTIFIER, &node);
    if (profile->home_network && !session->home_refused)
    {
        write_prefixes(writer, &session->asked.home, fb_write_home_network_prefix);
    }
    fb_write_octet_option(writer, FB_OPTION_HANDOFF_INDICATOR, s->handoff);
    fb_write_octet_option(writer, FB_OPTION_ACCESS_TECHNOLOGY, profile->technology);
    if (profile->link_layer_length > 0)
    {
        /* D8-08: the same over all paths */
        fb_write_link_layer_identifier(
            writer,
            (fb_octets){profile->link_layer, profile->link_layer_length});
    }
    if (!mag->config.sequence_numbers)
    {
        fb_write_timestamp(writer, s->timestamp);
    }
    if (profile->ipv4 && !session->ipv4_refused)
    {
        fb_ipv4_home request = {.present = true,
                                .prefix_length = 32,
                                .address = session->asked.home_address};

        fb_write_ipv4_home_request(writer, &request);
    }
}

static void
write_update(const fb_mag *mag, sending *s, fb_writer *writer)
{
    const fb_update_session *session = fb_update_list_at(&mag->list, s->session);
    fb_identifier gateway = identifier_of(&mag->config.identity);
    bool own_key = mag->link[fb_mag_link_of(mag, s->entry)].link.gre_key;

    fb_mh_begin(writer, &s->fixed);
    write_session(mag, s, writer);
    if (s->with_gre)
    {
        fb_write_gre_key(writer, own_key || s->entry->required_gre, s->key);
    }
    write_alternate_care_of(s, writer);
    if (s->with_multipath)
    {
        /* R8278-4.4-01, -02: both, in each update */
        fb_write_multipath_binding(writer, &s->multipath);
        fb_write_identifier_option(writer, FB_OPTION_GATEWAY_IDENTIFIER, &gateway);
    }
    if (s->with_delegation)
    {
        /* D8-27: in every update of the session, or the anchor takes it for given up */
        write_prefixes(writer, &session->asked.delegated, fb_write_delegated_prefix);
    }
    fb_mag_write_metrics(mag, s->entry, writer);
    if (s->with_multipath && s->entry->update.kind != FB_UPDATE_DEREGISTER_ALL)
    {
        s->flows = fb_mag_write_flows(mag, s->session, s->entry, writer);
    }
}

/* ---- sending ---- */

static void
tell_sent(const fb_mag *mag, const sending *s, fb_time now)
{
    fb_event event = fb_mag_event(mag, s->session, s->entry, FB_EVENT_SENT, now);

    event.type = FB_MH_BINDING_UPDATE;
    event.care_of = s->entry->update.sent_care_of;
    event.lifetime_s = (uint16_t)(s->fixed.lifetime * FB_MH_LIFETIME_UNIT_S);
    event.identification = mag->config.sequence_numbers ? s->fixed.sequence : s->timestamp;
    if (s->with_multipath)
    {
        event.flags = (uint8_t)(FB_EVENT_FLAG_MULTIPATH |
                                (s->multipath.bulk ? FB_EVENT_FLAG_BULK : 0) |
                                (s->multipath.overwrite ? FB_EVENT_FLAG_OVERWRITE : 0) |
                                (s->flows != 0 ? FB_EVENT_FLAG_POLICY : 0));
    }
    fb_events_push(mag->events, &event);
}

/** What was sent, for the answer and for the timer. */
static void
note_sending(fb_mag *mag, const sending *s, fb_time now)
{
    fb_update_session *session = fb_update_list_at(&mag->list, s->session);
    fb_update_entry *entry = s->entry;
    fb_update *update = &entry->update;
    bool removes = fb_update_removes(update);

    session->sequence = s->fixed.sequence;
    session->timestamp = s->timestamp;
    update->sent_multipath = s->with_multipath;
    update->sent_overwrite = s->with_multipath && s->multipath.overwrite;
    update->sent_delegation = s->with_delegation;
    update->sent_gre = s->with_gre;
    update->sent_force = (s->fixed.flags & FB_PBU_FORCE_UDP) != 0;
    update->sent_handoff = s->handoff;
    update->sent_sequence = s->fixed.sequence;
    update->sent_lifetime_s = (uint32_t)s->fixed.lifetime * FB_MH_LIFETIME_UNIT_S;
    update->sent_at = now;
    update->sent_from = s->meta.src;
    update->sent_care_of = removes ? entry->care_of : s->meta.src;
    update->sent_flows = s->flows;
    update->sent_flows_version = mag->flows_version;
    fb_mag_flows_overtaken(mag, s->session, entry);
    if (s->probes)
    {
        update->probe = true;
        mag->legacy_probe_due = false;
        if (mag->capability == FB_MULTIPATH_OFF)
        {
            /* if it comes to nothing */
            mag->legacy_retry_at = now + mag->config.legacy_retry_s * FB_SECOND;
        }
    }
    if (!removes)
    {
        entry->held_until = now + update->sent_lifetime_s * FB_SECOND;
    }
    /* RFC 5213 6.9.4, RFC 6275 11.8 */
    update->tries = update->tries == UINT8_MAX ? UINT8_MAX : (uint8_t)(update->tries + 1);
    update->waiting = true;
    update->send_at = now + update->backoff;
    update->backoff = fb_backoff_longer(update->backoff, mag->config.retransmit_max_s * FB_SECOND);
    fb_rate_limit_take(&mag->updates, now);
    tell_sent(mag, s, now);
    if (entry->state == FB_BINDING_QUEUED)
    {
        bool finds_out = s->with_multipath && mag->capability != FB_MULTIPATH_YES;

        fb_mag_set_state(mag,
                         s->session,
                         entry,
                         finds_out ? FB_BINDING_PROBING : FB_BINDING_PENDING,
                         FB_CAUSE_TOKEN,
                         now);
    }
    fb_mag_settle(mag, s->session, FB_CAUSE_TOKEN, now);
}

/**
 * The update that may be sent now. One whose last link went meanwhile ends here; that of a path is made up for when
 * there is another one (C8-03).
 */
static bool
next_sending(fb_mag *mag, sending *s, fb_time now)
{
    fb_time when;

    while (fb_heap_top(&mag->list.senders, &s->session) <= now)
    {
        s->entry = fb_mag_next_sender(mag, s->session, &when);
        s->egress = s->entry == NULL ? NULL : fb_mag_egress(mag, s->session, s->entry);
        if (s->egress != NULL)
        {
            return true;
        }
        if (s->entry != NULL && s->entry->update.kind == FB_UPDATE_DEREGISTER_ALL)
        {
            fb_mag_finish_deregistration(mag, s->session, s->entry, FB_CAUSE_LINK_DOWN, now);
        }
        else if (s->entry != NULL)
        {
            fb_mag_take_down(mag, s->session, s->entry, FB_BINDING_DOWN, FB_CAUSE_LINK_DOWN, now);
        }
        fb_mag_settle(mag, s->session, FB_CAUSE_LINK_DOWN, now);
    }
    return false;
}

ptrdiff_t
fb_mag_output_update(fb_mag *mag, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);
    sending s = {0};
    size_t length;

    if (fb_rate_limit_free_at(&mag->updates) > now || !next_sending(mag, &s, now))
    {
        return 0;
    }
    plan(mag, &s, now);
    write_update(mag, &s, &writer);
    length = fb_mh_end(&writer, &s.meta.src, &s.meta.dst);
    if (length == 0)
    {
        return FB_ERR_LIMIT;
    }
    note_sending(mag, &s, now);
    *meta = s.meta;
    return (ptrdiff_t)length;
}

ptrdiff_t
fb_mag_output(fb_mag *mag, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    ptrdiff_t length = fb_mag_output_heartbeat(mag, meta, buffer, capacity, now);

    if (length == 0)
    {
        length = fb_mag_output_update(mag, meta, buffer, capacity, now);
    }
    if (length == 0)
    {
        return fb_mag_output_probe(mag, meta, buffer, capacity, now);
    }
    if (length > 0)
    {
        meta->security_association = mag->config.security_association;
    }
    return length;
}
