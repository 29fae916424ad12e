/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

/* ---- what is known of the anchor (RFC 8278 4.4) ---- */

bool
fb_mag_multipath(const fb_mag *mag, uint32_t session)
{
    return mag->capability != FB_MULTIPATH_OFF && fb_update_list_at(&mag->list, session)->multipath;
}

bool
fb_mag_carries_multipath(const fb_mag *mag, uint32_t session, const fb_update_entry *entry)
{
    /* What was registered without RFC 8278 is removed without (R8278-4.4-01 is about requesting multipath) */
    if (fb_update_removes(&entry->update) && entry->plain)
    {
        return false;
    }
    return entry->update.probe || fb_mag_multipath(mag, session);
}

void
fb_mag_set_capability(fb_mag *mag, uint8_t capability, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_MULTIPATH,
                      .role = FB_ROLE_MAG,
                      .from = mag->capability,
                      .to = capability,
                      .time = now};

    if (capability == FB_MULTIPATH_OFF)
    {
        mag->legacy_retry_at = now + mag->config.legacy_retry_s * FB_SECOND;
    }
    if (mag->capability == capability)
    {
        return;
    }
    if (capability != FB_MULTIPATH_OFF)
    {
        mag->legacy_retry_at = FB_TIME_NEVER;
        mag->legacy_probe_due = false;
    }
    mag->capability = capability;
    fb_events_push(mag->events, &event);
}

void
fb_mag_set_session_multipath(fb_mag *mag, uint32_t session, bool multipath, fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);
    fb_event event = {.kind = FB_EVENT_MULTIPATH,
                      .role = FB_ROLE_MAG,
                      .from = multipath ? FB_MULTIPATH_OFF : mag->capability,
                      .to = multipath ? mag->capability : FB_MULTIPATH_OFF,
                      .ref = {.session = s->profile.session},
                      .identity = s->profile.identity,
                      .time = now};

    s->multipath_retry_at = FB_TIME_NEVER;
    if (s->multipath == multipath)
    {
        return;
    }
    s->multipath = multipath;
    fb_events_push(mag->events, &event);
}

/* ---- states ---- */

void
fb_mag_set_state(fb_mag *mag,
                 uint32_t session,
                 fb_update_entry *entry,
                 fb_binding_state state,
                 fb_cause cause,
                 fb_time now)
{
    fb_update_list_set_state(&mag->list, session, entry, state, cause, now);
}

static fb_binding_state
state_for(const fb_update_entry *entry, fb_update_kind kind)
{
    if (kind == FB_UPDATE_DEREGISTER || kind == FB_UPDATE_DEREGISTER_ALL)
    {
        return FB_BINDING_DEREGISTERING;
    }
    /* also with a new care-of address: the anchor changes the binding in place (D8-14) */
    return fb_update_entry_up(entry) ? FB_BINDING_UP_PENDING : FB_BINDING_QUEUED;
}

void
fb_mag_enqueue(fb_mag *mag,
               uint32_t session,
               fb_update_entry *entry,
               fb_update_kind kind,
               fb_cause cause,
               fb_time now)
{
    const fb_mag_link *link = &mag->link[fb_mag_link_of(mag, entry)];

    fb_update_list_enqueue(&mag->list, session, entry, kind, fb_mag_first_wait(mag), now);
    if (kind == FB_UPDATE_REGISTER && !fb_update_entry_up(entry))
    {
        entry->care_of = link->link.address;
    }
    fb_mag_set_state(mag, session, entry, state_for(entry, kind), cause, now);
}

void
fb_mag_take_down(fb_mag *mag,
                 uint32_t session,
                 fb_update_entry *entry,
                 fb_binding_state state,
                 fb_cause cause,
                 fb_time now)
{
    fb_update_list_drop_update(entry);
    fb_mag_set_state(mag, session, entry, state, cause, now);
}

/** Up, over a link that is there and answers heartbeats and probes. */
static bool
works(const fb_mag *mag, uint32_t session, uint16_t link)
{
    return fb_update_entry_up(fb_mag_entry(mag, session, link)) && mag->link[link].up &&
           !fb_mag_link_dead(&mag->link[link]);
}

fb_update_entry *
fb_mag_best_up(const fb_mag *mag, uint32_t session, const fb_update_entry *except)
{
    uint16_t best = mag->link_max;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (works(mag, session, i) && fb_mag_entry(mag, session, i) != except &&
            (best == mag->link_max || fb_mag_link_preferred(mag, i, best)))
        {
            best = i;
        }
    }
    return best == mag->link_max ? NULL : fb_mag_entry(mag, session, best);
}

size_t
fb_mag_count_up(const fb_mag *mag, uint32_t session)
{
    size_t count = 0;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        count += fb_update_entry_up(fb_mag_entry(mag, session, i));
    }
    return count;
}

void
fb_mag_lose_path(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_cause cause, fb_time now)
{
    bool held = fb_update_entry_held(entry, now);
    bool blocked = entry->state == FB_BINDING_BLOCKED;

    if (entry->state == FB_BINDING_DEREGISTERING || (blocked && !held))
    {
        /* goes on over another link, or is given up when it is to be sent; a refusal stays one */
        return;
    }
    if (held && !entry->plain && fb_mag_best_up(mag, session, entry) != NULL)
    {
        fb_mag_enqueue(mag, session, entry, FB_UPDATE_DEREGISTER, cause, now);
        return;
    }
    fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, cause, now);
}

void
fb_mag_revive(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_cause cause, fb_time now)
{
    if (entry->update.kind == FB_UPDATE_DEREGISTER &&
        fb_mag_link_usable(mag, fb_mag_link_of(mag, entry)))
    {
        fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, cause, now);
    }
}

/* ---- who registers ---- */

/** It registers, or is registered. */
static bool
active(const fb_update_entry *entry)
{
    switch (entry->state)
    {
    case FB_BINDING_QUEUED:
    case FB_BINDING_PENDING:
    case FB_BINDING_PROBING:
    case FB_BINDING_UP:
    case FB_BINDING_UP_PENDING:
        return true;
    default:
        return false;
    }
}

/**
 * Its path has not answered: not this time, perhaps never (C8-01). One that was silent when it last had its turn gets
 * one sending.
 */
static bool
silent(const fb_update_entry *entry)
{
    unsigned tries = entry->silent_wait != 0 ? 1 : FB_MAG_TRIES;

    return entry->update.tries >= tries && !entry->update.waiting;
}

/** Neither registered nor about to be, and free to be. */
static bool
idle(const fb_update_entry *entry)
{
    return (entry->state == FB_BINDING_DOWN || entry->state == FB_BINDING_WAITING ||
            entry->state == FB_BINDING_STANDBY) &&
           !entry->administrative && !entry->clock;
}

/** What an idle entry is while another one registers. */
static fb_binding_state
rest(const fb_mag *mag, uint32_t session)
{
    return fb_mag_multipath(mag, session) ? FB_BINDING_WAITING : FB_BINDING_STANDBY;
}

static bool
bound_plain(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (entry->plain && fb_update_entry_up(entry))
        {
            return true;
        }
    }
    return false;
}

/**
 * Whether one path at a time may register: as long as it is not known that another one does not overwrite it
 * (R8278-4.4-04), and where there is only one (R8278-4.4-07).
 */
static bool
one_at_a_time(const fb_mag *mag, uint32_t session)
{
    return !fb_mag_multipath(mag, session) || mag->capability != FB_MULTIPATH_YES ||
           fb_update_list_at(&mag->list, session)->overwrite_due || bound_plain(mag, session);
}

/** The idle entry to try next: the one not tried for longest, of equals the preferred; NULL. */
static fb_update_entry *
candidate(const fb_mag *mag, uint32_t session)
{
    uint16_t best = mag->link_max;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update_entry *entry = fb_mag_entry(mag, session, i);
        const fb_update_entry *other = fb_mag_entry(mag, session, best % mag->link_max);

        if (!idle(entry) || !fb_mag_link_usable(mag, i))
        {
            continue;
        }
        if (best == mag->link_max || entry->probed_at < other->probed_at ||
            (entry->probed_at == other->probed_at && fb_mag_link_preferred(mag, i, best)))
        {
            best = i;
        }
    }
    return best == mag->link_max ? NULL : fb_mag_entry(mag, session, best);
}

/** The entry that registers or is registered alone, and answers; NULL. */
static const fb_update_entry *
serving(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (active(entry) && !silent(entry))
        {
            return entry;
        }
    }
    return NULL;
}

static void
register_alone(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    fb_update_entry *next;

    if (serving(mag, session) != NULL)
    {
        return;
    }
    next = candidate(mag, session);
    if (next == NULL)
    {
        return; /* whoever is silent goes on trying */
    }
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (active(entry))
        {
            /* RFC 6275 11.8: of each path, over its turns */
            entry->silent_wait = entry->update.backoff;
            fb_mag_take_down(mag,
                             session,
                             entry,
                             fb_update_entry_up(entry) ? FB_BINDING_STANDBY : rest(mag, session),
                             FB_CAUSE_NO_ANSWER,
                             now);
        }
    }
    next->probed_at = now + 1;
    fb_mag_enqueue(mag, session, next, FB_UPDATE_REGISTER, cause, now);
    if (next->silent_wait != 0)
    {
        next->update.backoff = next->silent_wait;
    }
}

static void
register_each(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    fb_update_entry *next = candidate(mag, session);

    while (next != NULL)
    {
        next->probed_at = now + 1;
        fb_mag_enqueue(mag, session, next, FB_UPDATE_REGISTER, cause, now);
        next = candidate(mag, session);
    }
}

/** Those that do not register say why: no link, or another path is first, or is all there is. */
static void
park_others(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (idle(entry))
        {
            fb_mag_set_state(mag,
                             session,
                             entry,
                             fb_mag_link_usable(mag, i) ? rest(mag, session) : FB_BINDING_DOWN,
                             cause,
                             now);
        }
    }
}

/** A binding without RFC 8278 gets it first, before others join it: they would replace it. */
static void
convert_plain(fb_mag *mag, uint32_t session, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (entry->plain && entry->state == FB_BINDING_UP)
        {
            fb_mag_enqueue(mag, session, entry, FB_UPDATE_REFRESH, FB_CAUSE_RETRY, now);
        }
    }
}

/**
 * What the anchor still has of a path that is gone, and could not be told when it went (C8-03). Of one without
 * heartbeat too, once another one is better.
 */
static void
dismiss_lost(fb_mag *mag, uint32_t session, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        bool down = entry->state == FB_BINDING_DOWN && entry->held_until > now;
        bool dead = fb_update_entry_up(entry) && mag->link[i].heartbeat.dead;

        if ((down || dead) && !entry->plain && !fb_mag_link_usable(mag, i) &&
            fb_mag_best_up(mag, session, entry) != NULL)
        {
            fb_mag_enqueue(mag,
                           session,
                           entry,
                           FB_UPDATE_DEREGISTER,
                           dead ? FB_CAUSE_HEARTBEAT : FB_CAUSE_LINK_DOWN,
                           now);
        }
    }
}

/** Paths that do not answer, and were kept as long as no other one was registered. */
static void
drop_dead(fb_mag *mag, uint32_t session, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (fb_update_entry_up(entry) && !fb_mag_link_usable(mag, i) && mag->link[i].up &&
            mag->link[i].wanted && fb_mag_best_up(mag, session, entry) != NULL)
        {
            fb_mag_lose_path(mag, session, entry, FB_CAUSE_PROBE, now);
        }
    }
}

/** Flows the anchor does not have yet (RFC 6089 4.3). */
static void
send_flows(fb_mag *mag, uint32_t session, fb_time now)
{
    fb_update_entry *entry = fb_mag_best_up(mag, session, NULL);

    if (entry != NULL && entry->state == FB_BINDING_UP && fb_mag_flows_due(mag, session))
    {
        fb_mag_enqueue(mag, session, entry, FB_UPDATE_REFRESH, FB_CAUSE_POLICY_CHANGED, now);
    }
}

bool
fb_mag_leaving(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (fb_mag_entry(mag, session, i)->update.kind == FB_UPDATE_DEREGISTER_ALL)
        {
            return true;
        }
    }
    return false;
}

static bool
leaving(const fb_mag *mag, uint32_t session)
{
    return fb_update_list_at(&mag->list, session)->detaching || fb_mag_leaving(mag, session);
}

static void
consider(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    if (leaving(mag, session))
    {
        return;
    }
    if (fb_mag_multipath(mag, session))
    {
        convert_plain(mag, session, now);
    }
    if (one_at_a_time(mag, session))
    {
        register_alone(mag, session, cause, now);
    }
    else
    {
        register_each(mag, session, cause, now);
    }
    park_others(mag, session, cause, now);
    dismiss_lost(mag, session, now);
    drop_dead(mag, session, now);
    send_flows(mag, session, now);
    fb_mag_tell_news(mag, session, now);
}

/* ---- what follows ---- */

static bool
any_active(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (active(fb_mag_entry(mag, session, i)))
        {
            return true;
        }
    }
    return false;
}

/** The session ends with its last binding (D8-30); the MTU is that of the paths there are. */
static void
tell_session(fb_mag *mag, uint32_t session, fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);
    fb_assignment assignment = {s->home, s->delegated, s->home_address, fb_mag_mtu(mag, session)};

    if (!s->established)
    {
        return;
    }
    if (fb_mag_count_up(mag, session) > 0)
    {
        fb_update_list_set_prefixes(&mag->list, session, &assignment, now);
    }
    else if (!leaving(mag, session) && !(s->recovering && any_active(mag, session)))
    {
        fb_mag_end_session(mag, session, FB_CAUSE_EXPIRED, now);
    }
}

static void
schedule(fb_mag *mag, uint32_t session)
{
    fb_time timer = fb_update_list_at(&mag->list, session)->multipath_retry_at, send_at;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        const fb_update_entry *entry = fb_mag_entry(mag, session, i);

        timer = fb_time_earlier(timer, fb_time_earlier(entry->expires, entry->refresh_at));
        timer = fb_time_earlier(timer, entry->blocked_until);
        if (entry->update.waiting)
        {
            timer = fb_time_earlier(timer, entry->update.send_at);
        }
    }
    (void)fb_mag_next_sender(mag, session, &send_at);
    fb_heap_set(&mag->list.timers, session, timer);
    fb_heap_set(&mag->list.senders, session, send_at);
}

void
fb_mag_settle(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now)
{
    if (!fb_update_list_used(&mag->list, session))
    {
        return; /* it was detached, and is gone */
    }
    consider(mag, session, cause, now);
    tell_session(mag, session, now);
    schedule(mag, session);
}

void
fb_mag_settle_all(fb_mag *mag, fb_cause cause, fb_time now)
{
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        fb_mag_settle(mag, s, cause, now);
    }
}

/* ---- time ---- */

const fb_update_entry *
fb_mag_bulk_carrier(const fb_mag *mag, uint32_t session)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (fb_mag_entry(mag, session, i)->update.bulk)
        {
            return fb_mag_entry(mag, session, i);
        }
    }
    return NULL;
}

/*
 * RFC 8278 4.1: B = 1 says it for all acknowledged bindings. Each asks for itself at least once a lifetime all the same
 * (C8-09), and without B when the path of another one's B is silent.
 */
static void
refresh(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_time now)
{
    bool bulk = mag->config.bulk_refresh && !entry->plain && fb_mag_multipath(mag, session) &&
                mag->capability == FB_MULTIPATH_YES && fb_mag_count_up(mag, session) > 1;
    const fb_update_entry *carrier = bulk ? fb_mag_bulk_carrier(mag, session) : NULL;

    if (carrier != NULL && carrier->update.tries <= 1 && now < fb_update_entry_own_turn(entry))
    {
        entry->refresh_at = now + FB_SECOND; /* look again: the answer moves it */
        return;
    }
    entry->refresh_at = FB_TIME_NEVER;
    if (entry->state == FB_BINDING_UP && !entry->administrative)
    {
        if (entry == fb_mag_best_up(mag, session, NULL))
        {
            fb_mag_retry_flows(fb_update_list_at(&mag->list, session), now);
        }
        fb_mag_enqueue(mag, session, entry, FB_UPDATE_REFRESH, FB_CAUSE_REFRESH, now);
        entry->update.bulk = bulk && carrier == NULL;
    }
}

/** The wait after a sending is over and no answer came. */
static void
handle_silence(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_time now)
{
    fb_update *update = &entry->update;

    update->waiting = false;
    /* Others go first, and the slot is theirs (C8-02) */
    update->order = ++fb_update_list_at(&mag->list, session)->order;
    /* RFC 5213 6.9.1.4: of a whole session it is given up after INITIAL_BINDACK_TIMEOUT, of one path (C8-03) not
       before the anchor has forgotten it anyway */
    if (update->kind == FB_UPDATE_DEREGISTER_ALL ||
        (update->kind == FB_UPDATE_DEREGISTER && entry->held_until <= now))
    {
        fb_mag_finish_deregistration(mag, session, entry, FB_CAUSE_NO_ANSWER, now);
    }
}

/** Its lifetime has ended while a refresh was under way, or there was none: registered anew. */
static void
handle_expiry(fb_mag *mag, uint32_t session, fb_update_entry *entry, fb_time now)
{
    entry->held_until = 0;
    if (entry->update.kind == FB_UPDATE_NONE)
    {
        fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, FB_CAUSE_EXPIRED, now);
        return;
    }
    entry->update.kind = FB_UPDATE_REGISTER;
    entry->update.bulk = false;
    fb_mag_set_state(mag, session, entry, FB_BINDING_PENDING, FB_CAUSE_EXPIRED, now);
}

static void
handle_session(fb_mag *mag, uint32_t session, fb_time now)
{
    fb_update_session *s = fb_update_list_at(&mag->list, session);

    if (s->multipath_retry_at <= now)
    {
        fb_mag_set_session_multipath(mag, session, true, now);
    }
    for (uint16_t i = 0; i < mag->link_max && fb_update_list_used(&mag->list, session); i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        if (entry->expires <= now)
        {
            handle_expiry(mag, session, entry, now);
        }
        if (entry->refresh_at <= now)
        {
            refresh(mag, session, entry, now);
        }
        if (entry->blocked_until <= now)
        {
            fb_mag_take_down(mag, session, entry, FB_BINDING_DOWN, FB_CAUSE_RETRY, now);
        }
        if (entry->update.waiting && entry->update.send_at <= now)
        {
            handle_silence(mag, session, entry, now);
        }
    }
    fb_mag_settle(mag, session, FB_CAUSE_NO_ANSWER, now);
}

void
fb_mag_handle_timeout(fb_mag *mag, unsigned budget, fb_time now)
{
    uint32_t session = 0;

    fb_mag_heartbeat_timeout(mag, now);
    fb_mag_probe_timeout(mag, now);
    fb_mag_metrics_timeout(mag, now);
    if (mag->legacy_retry_at <= now)
    {
        /* D8-18: the next update of one session finds out, whenever there is any */
        mag->legacy_retry_at = FB_TIME_NEVER;
        mag->legacy_probe_due = true;
    }
    while (budget-- > 0 && fb_heap_top(&mag->list.timers, &session) <= now)
    {
        handle_session(mag, session, now);
    }
}

fb_time
fb_mag_next_timeout(const fb_mag *mag)
{
    uint32_t session = 0;
    fb_time next = fb_heap_top(&mag->list.senders, &session);

    if (next != FB_TIME_NEVER && next < fb_rate_limit_free_at(&mag->updates))
    {
        next = fb_rate_limit_free_at(&mag->updates);
    }
    next = fb_time_earlier(next, fb_heap_top(&mag->list.timers, &session));
    next = fb_time_earlier(next, mag->legacy_retry_at);
    next = fb_time_earlier(next, fb_mag_probe_deadline(mag));
    next = fb_time_earlier(next, fb_mag_metrics_deadline(mag));
    return fb_time_earlier(next, fb_mag_heartbeat_deadline(mag));
}
