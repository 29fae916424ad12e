/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

#include <string.h>

#define PBA_REFUSED 128 /* from here on (RFC 6275 6.1.8) */

/* ---- whose answer it is ---- */

typedef struct answer
{
    uint32_t session;
    fb_update_entry *entry;
    const fb_mh_fixed *fixed;
    const fb_mobility_options *options;
    fb_time now;
} answer;

/** Whether it answers the entry's update (RFC 5213 6.9.1.2-5). */
static bool
answers(const fb_mag *mag,
        const fb_update_entry *entry,
        const fb_meta *meta,
        const fb_mh_message *message)
{
    const fb_update *update = &entry->update;
    const fb_mobility_options *options = &message->options;

    if (update->kind == FB_UPDATE_NONE || update->tries == 0 ||
        !fb_addr_equal(&update->sent_from, &meta->dst))
    {
        return false;
    }
    if (update->sent_sequence == message->fixed.sequence)
    {
        /* RFC 6275 6.1.8: 135 says that this one was accepted; it refuses a copy, or an earlier one it overtook */
        return message->fixed.status != FB_PBA_SEQUENCE_OUT_OF_WINDOW ||
               !mag->config.sequence_numbers;
    }
    /* RFC 6275 6.1.8: with 135 the field has the last sequence number the anchor accepted; the BID tells which it is */
    return message->fixed.status == FB_PBA_SEQUENCE_OUT_OF_WINDOW && mag->config.sequence_numbers &&
           (!update->sent_multipath || !fb_option_present(options, FB_OPTION_MULTIPATH_BINDING) ||
            options->multipath.bid == entry->ref.bid);
}

static fb_update_entry *
answered_in(const fb_mag *mag, uint32_t session, const fb_meta *meta, const fb_mh_message *message)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (answers(mag, entry, meta, message))
        {
            return entry;
        }
    }
    return NULL;
}

/* RFC 5213 6.9.1.2-6: what is there has to be what was asked with */
static bool
altered(const fb_mag *mag, const answer *a)
{
    const fb_session *profile = &fb_update_list_at(&mag->list, a->session)->profile;
    const fb_mobility_options *options = a->options;

    if (fb_option_present(options, FB_OPTION_HANDOFF_INDICATOR) &&
        options->handoff != a->entry->update.sent_handoff)
    {
        return true;
    }
    if (fb_option_present(options, FB_OPTION_ACCESS_TECHNOLOGY) &&
        options->technology != profile->technology)
    {
        return true;
    }
    return fb_option_present(options, FB_OPTION_LINK_LAYER_IDENTIFIER) &&
           profile->link_layer_length > 0 &&
           (options->link_layer.length != profile->link_layer_length ||
            memcmp(options->link_layer.octet, profile->link_layer, profile->link_layer_length) !=
                0);
}

/**
 * A mobile node can have several sessions (RFC 5213 5.4), each with sequence numbers of its own: where two could be
 * meant it is the one whose options were repeated.
 */
static bool
find_answered(const fb_mag *mag, answer *a, const fb_meta *meta, const fb_mh_message *message)
{
    const fb_octets *name = &a->options->mobile_node.value;
    answer likely = *a;

    if (!fb_option_present(a->options, FB_OPTION_MOBILE_NODE_IDENTIFIER))
    {
        return false;
    }
    a->session = fb_update_list_identity(&mag->list, name->octet, name->length);
    while (a->session != FB_UPDATE_LIST_NONE)
    {
        a->entry = answered_in(mag, a->session, meta, message);
        if (a->entry != NULL && !altered(mag, a))
        {
            return true;
        }
        likely = a->entry != NULL ? *a : likely;
        a->session = fb_update_list_same_identity(&mag->list, a->session);
    }
    *a = likely;
    return a->entry != NULL;
}

/** Whether it says that RFC 8278 was understood. One nobody asked for says nothing (D8-32, C8-19). */
static bool
echoes_multipath(const answer *a)
{
    return a->entry->update.sent_multipath &&
           fb_option_present(a->options, FB_OPTION_MULTIPATH_BINDING);
}

/* ---- accepted ---- */

/** Whether another path than the entry's is up. */
static bool
others_up(const fb_mag *mag, const answer *a)
{
    return fb_mag_count_up(mag, a->session) > (fb_update_entry_up(a->entry) ? 1u : 0u);
}

/* RFC 6275 11.7.3: the lesser of asked and granted, counted from the sending */
static uint32_t
granted_s(const answer *a)
{
    uint32_t lifetime_s = (uint32_t)a->fixed->lifetime * FB_MH_LIFETIME_UNIT_S;

    return lifetime_s < a->entry->update.sent_lifetime_s ? lifetime_s
                                                         : a->entry->update.sent_lifetime_s;
}

static void
start_lifetime(fb_update_entry *entry, uint32_t lifetime_s, fb_time sent_at)
{
    entry->lifetime_s = lifetime_s;
    entry->expires = sent_at + lifetime_s * FB_SECOND;
    entry->held_until = entry->expires;
}

/**
 * B was accepted: those acknowledged when it was sent live on. Each asks for itself within the lifetime after it last
 * did (C8-09).
 */
static void
extend_others(fb_mag *mag, const answer *a, uint32_t lifetime_s)
{
    fb_time sent_at = a->entry->update.sent_at;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *other = fb_mag_entry(mag, a->session, i);
        fb_time own_turn;

        if (other == a->entry || !fb_update_entry_up(other) || other->accepted_at > sent_at)
        {
            continue;
        }
        start_lifetime(other, lifetime_s, sent_at);
        own_turn = fb_update_entry_own_turn(other);
        if (other->refresh_at != FB_TIME_NEVER)
        {
            other->refresh_at = own_turn > a->now ? own_turn : a->now;
        }
    }
}

/* RFC 5845 4.1, RFC 5844 4.2.2 */
static void
adopt_tunnel(fb_mag *mag, const answer *a)
{
    fb_update_entry *entry = a->entry;
    bool keyed = fb_option_present(a->options, FB_OPTION_GRE_KEY);

    entry->tunnel = entry->update.sent_gre && keyed ? FB_TUNNEL_GRE : FB_TUNNEL_IPIP;
    entry->has_key = entry->tunnel == FB_TUNNEL_GRE && a->options->gre_has_key;
    entry->key_up = entry->has_key ? a->options->gre_key : 0;
    if (entry->update.sent_gre && !keyed)
    {
        /* RFC 5845 4.2: with status 2 not in "any subsequent ... for this mobility session", else the anchor does not
           know the option, and not in any "sent to that local mobility anchor" */
        bool not_required = a->fixed->status == FB_PBA_GRE_KEY_NOT_REQUIRED;

        entry->required_gre = false;
        fb_update_list_at(&mag->list, a->session)->gre_refused |= not_required;
        mag->gre_unsupported |= !not_required;
    }
    /* C8-15: only with NAT Detection and F; else IPv4 */
    entry->udp = entry->update.sent_from.family == FB_FAMILY_IPV4 &&
                 fb_option_present(a->options, FB_OPTION_NAT_DETECTION) && a->options->nat_force;
}

static void
take_networks(fb_networks *networks, const fb_prefix *prefix, size_t count)
{
    memset(networks, 0, sizeof *networks);
    for (size_t i = 0; i < count; i++)
    {
        if (fb_prefix_valid(&prefix[i]) && !fb_prefix_unspecified(&prefix[i]))
        {
            networks->prefix[networks->count++] = prefix[i];
        }
    }
}

static bool
asks_for_ipv4(const fb_update_session *session)
{
    return session->profile.ipv4 && !session->ipv4_refused;
}

/** What the session is assigned: in use, and asked for by name from now on. */
static void
adopt_prefixes(fb_mag *mag, const answer *a)
{
    fb_update_session *s = fb_update_list_at(&mag->list, a->session);
    const fb_mobility_options *options = a->options;
    const fb_ipv4_home *ipv4 = &options->ipv4_reply;
    /* RFC 5844 3.2.1: what is not in the answer was not given */
    fb_assignment granted = {.mtu = 0};
    fb_event event = {.kind = FB_EVENT_SESSION,
                      .role = FB_ROLE_MAG,
                      .to = 1,
                      .cause = FB_CAUSE_REGISTERED,
                      .ref = {.session = s->profile.session},
                      .identity = s->profile.identity,
                      .time = a->now};

    if (!s->established)
    {
        fb_events_push(mag->events, &event);
    }
    s->established = true;
    s->recovering = false;
    s->registered = true;
    take_networks(&s->asked.home, options->home_prefix, options->home_prefix_count);
    granted.home = s->asked.home;
    if (a->entry->update.sent_delegation)
    {
        take_networks(&s->asked.delegated, options->delegated, options->delegated_count);
        granted.delegated = s->asked.delegated;
    }
    if (asks_for_ipv4(s) && ipv4->present)
    {
        s->asked.home_address = ipv4->status < PBA_REFUSED ? ipv4->address : 0;
        granted.home_address = s->asked.home_address;
    }
    if (fb_option_present(options, FB_OPTION_LINK_LOCAL_ADDRESS))
    {
        memcpy(s->link_local, options->link_local, sizeof s->link_local);
    }
    granted.mtu = fb_mag_mtu(mag, a->session);
    fb_update_list_set_prefixes(&mag->list, a->session, &granted, a->now);
}

/** The anchor has replaced all other paths by this one: they are not de-registered, they are gone. */
static void
forget_others(fb_mag *mag, const answer *a)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *other = fb_mag_entry(mag, a->session, i);

        if (other == a->entry)
        {
            continue;
        }
        other->held_until = 0;
        if (other->state != FB_BINDING_BLOCKED)
        {
            fb_mag_take_down(mag, a->session, other, FB_BINDING_DOWN, FB_CAUSE_REPLACED, a->now);
        }
    }
    fb_mag_forget_flows(fb_update_list_at(&mag->list, a->session), false);
}

/* RFC 8278 4.4: what the answer teaches about the anchor (D8-18, C8-13) */
static void
learn(fb_mag *mag, const answer *a)
{
    fb_update_entry *entry = a->entry;
    bool echoed = echoes_multipath(a);

    entry->plain = !echoed;
    if (echoed)
    {
        if (mag->capability != FB_MULTIPATH_YES)
        {
            fb_mag_set_capability(mag, FB_MULTIPATH_YES, a->now);
        }
        return;
    }
    forget_others(mag, a);
    if (!entry->update.sent_multipath)
    {
        return;
    }
    if (mag->capability == FB_MULTIPATH_YES)
    {
        fb_mag_set_session_multipath(mag, a->session, false, a->now);
        fb_update_list_at(&mag->list, a->session)->multipath_retry_at =
            a->now + mag->config.legacy_retry_s * FB_SECOND;
        return;
    }
    fb_mag_set_capability(mag, FB_MULTIPATH_OFF, a->now);
}

static void
accept(fb_mag *mag, const answer *a)
{
    fb_update_entry *entry = a->entry;
    fb_update_session *s = fb_update_list_at(&mag->list, a->session);
    uint32_t lifetime_s = granted_s(a);
    uint8_t capability = mag->capability;
    fb_cause cause = fb_update_entry_up(entry) ? FB_CAUSE_REFRESH : FB_CAUSE_REGISTERED;

    if (lifetime_s == 0)
    {
        fb_mag_block(mag, a->session, entry, false, a->now);
        return;
    }
    learn(mag, a);
    if (entry->update.sent_overwrite || entry->plain)
    {
        s->overwrite_due = false; /* without RFC 8278 it is the only one anyway */
    }
    entry->care_of = entry->update.sent_care_of;
    entry->retry_s = 0;
    entry->accepted_at = a->now;
    entry->asked_at = entry->update.sent_at;
    adopt_tunnel(mag, a);
    start_lifetime(entry, lifetime_s, entry->update.sent_at);
    if (entry->update.bulk && echoes_multipath(a))
    {
        extend_others(mag, a, lifetime_s);
    }
    fb_mag_set_state(mag, a->session, entry, FB_BINDING_UP, cause, a->now);
    entry->refresh_at = fb_refresh_time(entry->update.sent_at, lifetime_s);
    s->generation++;
    adopt_prefixes(mag, a);
    fb_mag_accept_flows(mag, a->session, entry, a->options, a->now);
    fb_update_list_drop_update(entry);
    fb_mag_watch(mag, &mag->link[fb_mag_link_of(mag, entry)], a->now);
    if (capability != mag->capability)
    {
        fb_mag_settle_all(mag, FB_CAUSE_REGISTERED, a->now);
    }
}

/* ---- refused ---- */

void
fb_mag_block(fb_mag *mag,
             uint32_t session,
             fb_update_entry *entry,
             bool administrative,
             fb_time now)
{
    fb_time until = FB_TIME_NEVER;

    if (administrative)
    {
        entry->administrative = true;
    }
    else if (!entry->clock)
    {
        until = now + fb_backoff_refused(&entry->retry_s, mag->config.retry_denied_s) * FB_SECOND;
    }
    /* Where a refresh was refused the anchor may still have the binding, and no one uses it (RFC 5213 6.9.1.2-11) */
    fb_mag_take_down(mag, session, entry, FB_BINDING_BLOCKED, FB_CAUSE_DENIED, now);
    entry->blocked_until = until;
}

/**
 * Sends the update again, changed: at once the first time, then after pauses as between retransmissions. False: that
 * was done often enough, and is no help.
 */
static bool
resend(const fb_mag *mag, const answer *a)
{
    fb_update *update = &a->entry->update;
    fb_time longest = mag->config.retransmit_max_s * FB_SECOND, pause = fb_mag_first_wait(mag);
    bool endless = update->kind == FB_UPDATE_DEREGISTER && a->entry->held_until > a->now;

    /* C8-03: of one path until it is heard, or the anchor has forgotten the binding anyway; RFC 5213 6.9.1.4: of a
       whole session not for longer than a moment */
    if (!endless && update->repairs >= (fb_update_removes(update) ? 1 : FB_MAG_REPAIRS))
    {
        return false;
    }
    for (unsigned i = 0; i <= update->repairs; i++)
    {
        pause = fb_backoff_longer(pause, longest);
    }
    update->send_at = update->repairs == 0 ? a->now : a->now + pause;
    update->repairs = update->repairs == UINT8_MAX ? UINT8_MAX : (uint8_t)(update->repairs + 1);
    update->waiting = false;
    update->tries = 0; /* it was answered: the path is not silent */
    update->backoff = fb_mag_first_wait(mag);
    return true;
}

/** Asks for what the session has in use, and else for what the anchor chooses. False: that is what it asked for. */
static bool
ask_for_others(fb_mag *mag, const answer *a, fb_networks *asked, const fb_networks *in_use)
{
    const fb_networks none = {0};
    const fb_networks *instead = others_up(mag, a) ? in_use : &none;

    if (memcmp(asked, instead, sizeof *asked) == 0)
    {
        return false;
    }
    *asked = *instead;
    return true;
}

static bool
asks_for_home_network(const fb_update_session *session)
{
    return session->profile.home_network && !session->home_refused;
}

/** Changes what @p a refuses; each thing once. False: there is nothing to change (C8-07). */
static bool
give_way(fb_mag *mag, const answer *a)
{
    fb_update_session *s = fb_update_list_at(&mag->list, a->session);
    fb_update_entry *entry = a->entry;
    bool before;

    switch (a->fixed->status)
    {
    case FB_PBA_NOT_AUTHORIZED_FOR_PREFIX:
    case FB_PBA_PREFIX_SET_MISMATCH:
        return ask_for_others(mag, a, &s->asked.home, &s->home);
    case FB_PBA_DELEGATED_PREFIX_IN_USE:
        return ask_for_others(mag, a, &s->asked.delegated, &s->delegated);
    case FB_PBA_NOT_AUTHORIZED_FOR_DELEGATION:
        before = s->delegation_refused;
        s->delegation_refused = true;
        memset(&s->asked.delegated, 0, sizeof s->asked.delegated);
        return !before;
    case FB_PBA_GRE_KEY_REQUIRED:
        before = entry->required_gre;
        entry->required_gre = true;
        return !before;
    case FB_PBA_ADMINISTRATIVELY_PROHIBITED:
        entry->refused_force |= entry->update.sent_force;
        return entry->update.sent_force;
    case FB_PBA_NOT_AUTHORIZED_FOR_IPV4_MOBILITY:
        before = asks_for_ipv4(s) && asks_for_home_network(s);
        s->ipv4_refused |= before;
        return before;
    case FB_PBA_NOT_AUTHORIZED_FOR_IPV4_ADDRESS:
        before = s->asked.home_address == 0;
        s->asked.home_address = 0;
        return !before;
    case FB_PBA_NOT_AUTHORIZED_FOR_IPV6_MOBILITY:
        before = asks_for_ipv4(s) && asks_for_home_network(s);
        s->home_refused |= before;
        return before;
    default:
        return false;
    }
}

/*
 * RFC 8278 4.4, D8-19: multipath is off for this mobile node, which is not service off: one path registers without it,
 * the preferred one of those that are up, else of all.
 */
static void
go_single(fb_mag *mag, const answer *a)
{
    fb_update_entry *keep;

    if (mag->capability == FB_MULTIPATH_OFF)
    {
        /* It knows the option after all, and other mobile nodes may use it (D8-18) */
        fb_mag_set_capability(mag, FB_MULTIPATH_UNKNOWN, a->now);
    }
    fb_mag_set_session_multipath(mag, a->session, false, a->now);
    fb_mag_take_down(mag, a->session, a->entry, FB_BINDING_DOWN, FB_CAUSE_DENIED, a->now);
    keep = fb_mag_best_up(mag, a->session, NULL);
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, a->session, i);

        entry->probed_at = 0;
        if (entry != keep && entry->state != FB_BINDING_BLOCKED)
        {
            fb_mag_take_down(mag, a->session, entry, FB_BINDING_DOWN, FB_CAUSE_DENIED, a->now);
        }
    }
    if (keep != NULL)
    {
        fb_mag_enqueue(mag, a->session, keep, FB_UPDATE_REFRESH, FB_CAUSE_DENIED, a->now);
    }
}

static void
refuse(fb_mag *mag, const answer *a)
{
    fb_update_session *s = fb_update_list_at(&mag->list, a->session);
    fb_update_entry *entry = a->entry;

    switch (a->fixed->status)
    {
    case FB_PBA_CANNOT_SUPPORT_MULTIPATH:
        if (entry->update.sent_multipath)
        {
            go_single(mag, a);
            return;
        }
        break;
    case FB_PBA_TIMESTAMP_MISMATCH:
        /* RFC 5213 6.9.1.2-9: only after the clock was set, and never by what the anchor says */
        entry->clock = true;
        break;
    case FB_PBA_PROXY_REGISTRATION_NOT_ENABLED:
    case FB_PBA_NOT_LMA_FOR_THIS_NODE:
    case FB_PBA_GATEWAY_NOT_AUTHORIZED:
        fb_mag_block(mag, a->session, entry, true, a->now);
        return;
    default:
        if (give_way(mag, a) && resend(mag, a))
        {
            s->generation++;
            return;
        }
        break;
    }
    fb_mag_block(mag, a->session, entry, false, a->now);
}

/** More than a session has updates and copies of them on their way at a time. */
#define UPDATES_UNDER_WAY 64

/** Answers that ask for nothing but another number, whatever the update is for. */
static bool
renumber(fb_mag *mag, const answer *a)
{
    uint8_t status = a->fixed->status;

    if (status == FB_PBA_SEQUENCE_OUT_OF_WINDOW && mag->config.sequence_numbers)
    {
        uint16_t *last = &fb_update_list_at(&mag->list, a->session)->sequence;

        /* RFC 6275 9.5.1: only forward. What was sent since may not be answered yet; its number must not come again */
        if ((uint16_t)(*last - a->fixed->sequence) > INT16_MAX)
        {
            /* ... nor may those that this gateway sent before it restarted: their answers would seem to be to ours */
            *last = (uint16_t)(a->fixed->sequence + UPDATES_UNDER_WAY);
        }
        return resend(mag, a);
    }
    /* RFC 5213 6.9.1.2-8: fresh, as each sending is */
    return status == FB_PBA_TIMESTAMP_LOWER && !mag->config.sequence_numbers && resend(mag, a);
}

/* ---- input ---- */

static void
tell(const fb_mag *mag, const answer *a, fb_event_kind kind)
{
    fb_event event = fb_mag_event(mag, a->session, a->entry, kind, a->now);

    event.type = FB_MH_BINDING_ACKNOWLEDGEMENT;
    event.code = a->fixed->status;
    event.lifetime_s = a->fixed->lifetime < UINT16_MAX / FB_MH_LIFETIME_UNIT_S
                           ? (uint16_t)(a->fixed->lifetime * FB_MH_LIFETIME_UNIT_S)
                           : UINT16_MAX;
    event.identification = fb_option_present(a->options, FB_OPTION_TIMESTAMP)
                               ? a->options->timestamp
                               : a->fixed->sequence;
    event.care_of = a->entry->update.sent_care_of;
    if (fb_option_present(a->options, FB_OPTION_MULTIPATH_BINDING))
    {
        event.flags = (uint8_t)(FB_EVENT_FLAG_MULTIPATH |
                                (a->options->multipath.bulk ? FB_EVENT_FLAG_BULK : 0) |
                                (a->options->multipath.overwrite ? FB_EVENT_FLAG_OVERWRITE : 0));
    }
    fb_events_push(mag->events, &event);
}

static int
check(const fb_mag *mag, answer *a, const fb_meta *meta, const fb_mh_message *message)
{
    if ((a->fixed->flags & FB_PBA_PROXY) == 0)
    {
        return FB_DROP_MH_NOT_PROXY; /* RFC 5213 8.2 */
    }
    if (!find_answered(mag, a, meta, message))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    /* D8-31: of another path */
    if (echoes_multipath(a) && a->options->multipath.bid != a->entry->ref.bid)
    {
        return FB_DROP_PBA_ALTERED;
    }
    return FB_REASON_NONE;
}

static void
act(fb_mag *mag, const answer *a)
{
    a->entry->silent_wait = 0;
    tell(mag, a, FB_EVENT_RECEIVED);
    if (a->fixed->status >= PBA_REFUSED)
    {
        tell(mag, a, FB_EVENT_DENIED);
        if (renumber(mag, a))
        {
            return;
        }
    }
    if (fb_update_removes(&a->entry->update))
    {
        /* RFC 5213 6.9.1.4; refused, it would be again */
        fb_mag_finish_deregistration(mag, a->session, a->entry, FB_CAUSE_DEREGISTERED, a->now);
    }
    else if (a->fixed->status >= PBA_REFUSED)
    {
        refuse(mag, a);
    }
    else
    {
        accept(mag, a);
    }
}

int
fb_mag_acknowledged(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    answer a = {.fixed = &message->fixed, .options = &message->options, .now = now};
    int reason = check(mag, &a, meta, message);

    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    if (altered(mag, &a) && message->fixed.status == FB_PBA_SEQUENCE_OUT_OF_WINDOW)
    {
        /* to an update that was overtaken, whose number 135 does not say */
        return FB_DROP_NOT_EXPECTED;
    }
    if (altered(mag, &a))
    {
        /* RFC 5213 6.9.1.2-6: ignored, and nothing is sent again until an administrator acts (C8-06) */
        if (fb_update_removes(&a.entry->update))
        {
            fb_mag_finish_deregistration(mag, a.session, a.entry, FB_CAUSE_DENIED, now);
        }
        else if (fb_update_entry_up(a.entry))
        {
            a.entry->administrative = true;
            fb_update_list_drop_update(a.entry);
            fb_mag_set_state(mag, a.session, a.entry, FB_BINDING_UP, FB_CAUSE_DENIED, now);
        }
        else
        {
            fb_mag_block(mag, a.session, a.entry, true, now);
        }
        fb_mag_settle(mag, a.session, FB_CAUSE_DENIED, now);
        return FB_DROP_PBA_ALTERED;
    }
    if (fb_addr_equal(&a.entry->update.sent_from,
                      &mag->link[fb_mag_link_of(mag, a.entry)].link.address))
    {
        /* by its own path, and to its last sending: each has a sequence number of its own (RFC 6298 3) */
        fb_path_quality_measure(&mag->link[fb_mag_link_of(mag, a.entry)].path,
                                now - a.entry->update.sent_at);
        fb_mag_learned(mag, fb_mag_link_of(mag, a.entry), now);
    }
    act(mag, &a);
    fb_mag_settle(mag, a.session, FB_CAUSE_DENIED, now);
    return FB_REASON_NONE;
}

static bool
from_anchor(const fb_mag *mag, const fb_addr *source)
{
    return (source->family == FB_FAMILY_IPV6 && fb_addr_equal(source, &mag->config.anchor)) ||
           (source->family == FB_FAMILY_IPV4 && mag->config.anchor_ipv4 != 0 &&
            fb_addr_to_ipv4(source) == mag->config.anchor_ipv4);
}

/** RFC 5213 4: authenticated by what it came in by, which for a gateway is the anchor it is configured with. */
static int
dispatch(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    if (!from_anchor(mag, &meta->src))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    switch (message->fixed.type)
    {
    case FB_MH_BINDING_ACKNOWLEDGEMENT:
        return fb_mag_acknowledged(mag, meta, message, now);
    case FB_MH_HEARTBEAT:
        return fb_mag_heartbeat(mag, meta, message, now);
    case FB_MH_BINDING_ERROR:
        return fb_mag_binding_error(mag, meta, message, now);
    default:
        return FB_DROP_WRONG_ROLE;
    }
}

/* RFC 5213 4, C8-16: nothing is believed that did not come in by the association with the anchor, where there is one */
static int
authorize(const fb_mag *mag, const fb_meta *meta)
{
    uint32_t wanted = mag->config.security_association;

    return wanted == 0 || meta->security_association == wanted ? FB_REASON_NONE
                                                               : FB_DROP_NO_SECURITY_ASSOCIATION;
}

int
fb_mag_input(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, int wrong, fb_time now)
{
    int unknown = authorize(mag, meta);
    int reason = wrong != FB_REASON_NONE     ? wrong
                 : unknown != FB_REASON_NONE ? unknown
                                             : dispatch(mag, meta, message, now);
    fb_event event = {.kind = FB_EVENT_DROP,
                      .role = FB_ROLE_MAG,
                      .type = message->fixed.type,
                      .reason = (uint16_t)reason,
                      .ref = {.link = meta->link},
                      .care_of = meta->dst,
                      .time = now};

    if (reason != FB_REASON_NONE)
    {
        fb_events_count(mag->events, reason);
        fb_events_push(mag->events, &event);
    }
    return reason;
}
