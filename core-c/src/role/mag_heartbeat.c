/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

/* Status of a Binding Error: unrecognized MH Type value (RFC 6275 6.1.9). */
#define UNRECOGNIZED_TYPE 2

static bool
running(const fb_mag_link *link)
{
    return link->known && link->up && link->heartbeat.next != FB_TIME_NEVER;
}

void
fb_mag_watch(fb_mag *mag, fb_mag_link *link, fb_time now)
{
    if (mag->config.heartbeat_s != 0 && !mag->heartbeat_unsupported && !running(link))
    {
        fb_heartbeat_start(&link->heartbeat, mag->config.heartbeat_s, now);
    }
}

static void
tell_peer(const fb_mag *mag, const fb_mag_link *link, uint8_t to, fb_cause cause, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_PEER,
                      .role = FB_ROLE_MAG,
                      .from = to == 0 ? 1 : 0,
                      .to = to,
                      .cause = (uint8_t)cause,
                      .ref = {.link = link->link.link, .bid = link->link.bid},
                      .care_of = fb_mag_anchor(mag, &link->link),
                      .time = now};

    fb_events_push(mag->events, &event);
}

/* ---- the path ---- */

void
fb_mag_lose_link(fb_mag *mag, uint16_t place, fb_cause cause, fb_time now)
{
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s) && !fb_mag_link_usable(mag, place))
        {
            fb_mag_lose_path(mag, s, fb_mag_entry(mag, s, place), cause, now);
            fb_mag_settle(mag, s, cause, now);
        }
    }
}

void
fb_mag_revive_link(fb_mag *mag, uint16_t place, fb_cause cause, fb_time now)
{
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s))
        {
            fb_mag_revive(mag, s, fb_mag_entry(mag, s, place), cause, now);
            fb_update_list_at(&mag->list, s)->generation++;
            fb_mag_settle(mag, s, cause, now);
        }
    }
}

/* B5847-02: no answer over this path. Where another one is left it is de-registered (C8-03), and watched on (C8-01) */
static void
find_dead(fb_mag *mag, uint16_t place, fb_time now)
{
    tell_peer(mag, &mag->link[place], 0, FB_CAUSE_HEARTBEAT, now);
    fb_mag_lose_link(mag, place, FB_CAUSE_HEARTBEAT, now);
}

static void
find_alive(fb_mag *mag, uint16_t place, fb_time now)
{
    tell_peer(mag, &mag->link[place], 1, FB_CAUSE_HEARTBEAT, now);
    fb_mag_revive_link(mag, place, FB_CAUSE_HEARTBEAT, now);
}

/** The host's packet came to this care-of address; @p mag->link_max when it is none of ours. */
static uint16_t
place_of_address(const fb_mag *mag, const fb_meta *meta)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_mag_link *link = &mag->link[i];
        bool by_it = meta->link == 0 || meta->link == link->link.link;

        if (link->known && link->up && by_it && fb_addr_equal(&link->link.address, &meta->dst))
        {
            return i;
        }
    }
    return mag->link_max;
}

/* ---- the peer ---- */

/** What was accepted since the old counter was last heard was accepted by the anchor as it is now (C8-10). */
static bool
spared(const fb_mag *mag, const fb_update_entry *entry)
{
    return fb_update_entry_up(entry) && entry->accepted_at > mag->counter_at;
}

/** Whether it has shown already that it understands RFC 8278. */
static bool
known_capable(const fb_mag *mag)
{
    bool capable = mag->config.anchor_capable;

    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        for (uint16_t i = 0; fb_update_list_used(&mag->list, s) && i < mag->link_max; i++)
        {
            const fb_update_entry *entry = fb_mag_entry(mag, s, i);

            capable |= spared(mag, entry) && !entry->plain;
        }
    }
    return capable;
}

/** The anchor has lost what it accepted until it last gave the old counter (RFC 5847 3.4, C8-10). */
static void
lose_session(fb_mag *mag, uint32_t session, fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);

    s->recovering = true;
    s->gre_refused = false;
    fb_mag_forget_flows(s, true);
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (spared(mag, entry) || entry->state == FB_BINDING_BLOCKED ||
            entry->update.kind == FB_UPDATE_DEREGISTER_ALL)
        {
            continue;
        }
        entry->held_until = 0;
        entry->probed_at = 0;
        fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, FB_CAUSE_PEER_RESTART, now);
    }
    fb_mag_set_session_multipath(mag, session, true, now);
}

static void
find_restarted(fb_mag *mag, const fb_mag_link *link, fb_time now)
{
    tell_peer(mag, link, 2, FB_CAUSE_PEER_RESTART, now);
    mag->gre_unsupported = false;
    if (mag->config.multipath && !known_capable(mag))
    {
        fb_mag_set_capability(mag, FB_MULTIPATH_UNKNOWN, now);
    }
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s))
        {
            lose_session(mag, s, now);
            fb_mag_settle(mag, s, FB_CAUSE_PEER_RESTART, now);
        }
    }
}

static void
heed_counter(fb_mag *mag, const fb_mag_link *link, uint32_t counter, fb_time now)
{
    bool restarted = mag->counter_known && mag->counter != counter;

    mag->counter = counter;
    mag->counter_known = true;
    if (restarted)
    {
        find_restarted(mag, link, now);
    }
    mag->counter_at = now;
}

/* ---- messages ---- */

static void
tell_received(fb_mag *mag, const fb_mag_link *link, const fb_mh_message *message, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_RECEIVED,
                      .role = FB_ROLE_MAG,
                      .type = FB_MH_HEARTBEAT,
                      .identification = message->fixed.heartbeat,
                      .ref = {.link = link->link.link, .bid = link->link.bid},
                      .care_of = link->link.address,
                      .time = now};

    fb_events_push(mag->events, &event);
}

/** Whether an unsolicited response is what it may be (RFC 5847 3.2). */
static bool
tells_of_restart(const fb_mag *mag, const fb_mobility_options *options)
{
    return fb_option_present(options, FB_OPTION_RESTART_COUNTER) &&
           fb_restart_is_news(mag->counter_known, mag->counter, options->restart_counter);
}

int
fb_mag_heartbeat(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    bool unsolicited = (message->fixed.flags & FB_HEARTBEAT_UNSOLICITED) != 0;
    uint16_t place = place_of_address(mag, meta);
    fb_heartbeat_result result;

    if (place == mag->link_max)
    {
        return FB_DROP_NOT_EXPECTED;
    }
    if ((message->fixed.flags & FB_HEARTBEAT_RESPONSE) == 0)
    {
        /* RFC 5847 3: answered with the same sequence number, with or without bindings */
        tell_received(mag, &mag->link[place], message, now);
        mag->link[place].response_due = true;
        mag->link[place].response_sequence = message->fixed.heartbeat;
        return FB_REASON_NONE;
    }
    if (unsolicited && !tells_of_restart(mag, &message->options))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    result = fb_heartbeat_response(&mag->link[place].heartbeat,
                                   !unsolicited,
                                   message->fixed.heartbeat,
                                   now);
    if (result == FB_HEARTBEAT_NOTHING)
    {
        return FB_DROP_NOT_EXPECTED;
    }
    tell_received(mag, &mag->link[place], message, now);
    if (!unsolicited)
    {
        fb_path_quality_measure(&mag->link[place].path, now - mag->link[place].heartbeat.sent);
        fb_mag_learned(mag, place, now);
    }
    if (result == FB_HEARTBEAT_ALIVE)
    {
        find_alive(mag, place, now);
    }
    fb_mag_path_answers(mag, place, now);
    if (fb_option_present(&message->options, FB_OPTION_RESTART_COUNTER))
    {
        heed_counter(mag, &mag->link[place], message->options.restart_counter, now);
    }
    return FB_REASON_NONE;
}

static void
watch_nothing(fb_mag *mag, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_heartbeat_stop(&mag->link[i].heartbeat);
        mag->link[i].request_due = false;
    }
    fb_mag_settle_all(mag, FB_CAUSE_HEARTBEAT, now);
}

int
fb_mag_binding_error(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, fb_time now)
{
    uint16_t place = place_of_address(mag, meta);

    /* it has to be about a heartbeat that was not answered yet: an anchor that answers them knows them */
    if (place == mag->link_max || message->fixed.status != UNRECOGNIZED_TYPE ||
        !mag->link[place].heartbeat.waiting)
    {
        return FB_DROP_NOT_EXPECTED;
    }
    /* RFC 5847 3.3: it does not know heartbeats, and gets no more of them; whoever knows updates knows their type */
    mag->heartbeat_unsupported = true;
    fb_mag_path_answers(mag, place, now); /* this is an answer, too */
    watch_nothing(mag, now);
    return FB_REASON_NONE;
}

/** Whether the anchor may have any binding. */
static bool
any_binding(const fb_mag *mag, fb_time now)
{
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        for (uint16_t i = 0; fb_update_list_used(&mag->list, s) && i < mag->link_max; i++)
        {
            if (fb_update_entry_held(fb_mag_entry(mag, s, i), now))
            {
                return true;
            }
        }
    }
    return false;
}

static bool
any_due(const fb_mag *mag, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (running(&mag->link[i]) && mag->link[i].heartbeat.next <= now)
        {
            return true;
        }
    }
    return false;
}

void
fb_mag_heartbeat_timeout(fb_mag *mag, fb_time now)
{
    if (any_due(mag, now) && !any_binding(mag, now))
    {
        /* RFC 5847 3: only if there is "at least one proxy Binding Cache entry"; the next one begins anew */
        watch_nothing(mag, now);
        return;
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_mag_link *link = &mag->link[i];
        fb_heartbeat_result result;

        if (!running(link))
        {
            continue;
        }
        if (link->request_due && link->heartbeat.next <= now)
        {
            /* not sent: not missed */
            link->heartbeat.next = now + mag->config.heartbeat_s * FB_SECOND;
        }
        result = fb_heartbeat_timeout(&link->heartbeat,
                                      mag->config.heartbeat_s,
                                      mag->config.heartbeat_missing,
                                      now);
        link->request_due |= result != FB_HEARTBEAT_NOTHING;
        link->found_dead = result == FB_HEARTBEAT_ASK_DEAD;
    }
    /* After all were looked at: when none answers it is the anchor, and no path is worse than another */
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (mag->link[i].found_dead)
        {
            mag->link[i].found_dead = false;
            find_dead(mag, i, now);
        }
    }
}

fb_time
fb_mag_heartbeat_deadline(const fb_mag *mag)
{
    fb_time next = FB_TIME_NEVER;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_mag_link *link = &mag->link[i];

        if (running(link))
        {
            next = fb_time_earlier(next, link->heartbeat.next);
        }
        if (link->request_due || link->response_due)
        {
            next = fb_time_earlier(next, fb_rate_limit_free_at(&mag->heartbeats));
        }
    }
    return next;
}

/** Composes what waits on a link; a request goes first, as it comes only once an interval. */
static ptrdiff_t
compose(fb_mag *mag, fb_mag_link *link, fb_meta *meta, fb_writer *writer, fb_time now)
{
    bool response = !link->request_due;
    fb_mh_fixed fixed = {.type = FB_MH_HEARTBEAT,
                         .flags = response ? FB_HEARTBEAT_RESPONSE : 0,
                         .heartbeat = response ? link->response_sequence
                                               : link->heartbeat.sequence};
    fb_event event = {.kind = FB_EVENT_SENT,
                      .role = FB_ROLE_MAG,
                      .type = FB_MH_HEARTBEAT,
                      .identification = fixed.heartbeat,
                      .ref = {.link = link->link.link, .bid = link->link.bid},
                      .care_of = link->link.address,
                      .time = now};
    size_t length;

    *meta = fb_mag_addresses(mag, link);
    fb_mh_begin(writer, &fixed);
    if (response)
    {
        fb_write_restart_counter(writer, mag->config.restart_counter);
    }
    length = fb_mh_end(writer, &meta->src, &meta->dst);
    if (length == 0)
    {
        return FB_ERR_LIMIT;
    }
    if (response)
    {
        link->response_due = false;
    }
    else
    {
        link->request_due = false;
        link->heartbeat.sent = now; /* not when it was due: others may have gone first */
    }
    fb_rate_limit_take(&mag->heartbeats, now);
    fb_events_push(mag->events, &event);
    return (ptrdiff_t)length;
}

ptrdiff_t
fb_mag_output_heartbeat(fb_mag *mag, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);

    if (fb_rate_limit_free_at(&mag->heartbeats) > now)
    {
        return 0;
    }
    /* In turn: whoever is asked often by one path keeps the other ones alive all the same */
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        uint16_t place = (uint16_t)((mag->heartbeat_turn + i) % mag->link_max);
        fb_mag_link *link = &mag->link[place];

        if (link->known && link->up && (link->request_due || link->response_due))
        {
            ptrdiff_t length = compose(mag, link, meta, &writer, now);

            mag->heartbeat_turn = (uint16_t)(length > 0 ? place + 1 : mag->heartbeat_turn);
            return length;
        }
    }
    return 0;
}
