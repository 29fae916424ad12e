/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include <string.h>

#define DEREGISTRATION_TRIES 3 /* conformance: Dereg gives up after the third unanswered sending */
#define UNANSWERED_BEFORE_PROBE 3 /* D-01 */

/* ---- the queue ---- */

void
fb_mobile_node_drop_request(fb_mobile_node *node, fb_registration *r)
{
    if (node->outstanding == r)
    {
        node->outstanding = NULL;
    }
    memset(&r->request, 0, sizeof r->request);
    r->request.send_at = FB_TIME_NEVER;
}

static fb_binding_state
state_for(const fb_registration *r, fb_request_kind kind)
{
    switch (kind)
    {
    case FB_REQUEST_REFRESH:
        return fb_registration_up(r) ? FB_BINDING_UP_PENDING : FB_BINDING_QUEUED;
    case FB_REQUEST_DEREGISTER:
    case FB_REQUEST_DEREGISTER_ALL:
        return FB_BINDING_DEREGISTERING;
    case FB_REQUEST_WATCH:
        return FB_BINDING_DOWN;
    default:
        return FB_BINDING_QUEUED;
    }
}

/* RFC 5944 3.6.3: a second between two registrations of one BID; what a reply demands is not held up (C-19) */
static fb_time
earliest_sending(const fb_registration *r, fb_request_kind kind, fb_cause cause, fb_time now)
{
    bool registers = kind == FB_REQUEST_REGISTER || kind == FB_REQUEST_REFRESH;
    bool demanded = cause == FB_CAUSE_DENIED || cause == FB_CAUSE_OVERWRITTEN;

    return registers && !demanded && r->not_before > now ? r->not_before : now;
}

void
fb_mobile_node_enqueue(fb_mobile_node *node,
                       fb_registration *r,
                       fb_request_kind kind,
                       fb_cause cause,
                       fb_time now)
{
    fb_mobile_node_drop_request(node, r);
    r->request.kind = (uint8_t)kind;
    r->request.sequence = ++node->sequence;
    r->request.backoff = node->config.retransmit_ms * FB_MILLISECOND;
    r->request.send_at = earliest_sending(r, kind, cause, now);
    if (kind == FB_REQUEST_REGISTER || kind == FB_REQUEST_REFRESH)
    {
        fb_mobile_node_adopt_care_of(r);
    }
    fb_mobile_node_set_state(node, r, state_for(r, kind), cause, now);
}

void
fb_mobile_node_take_down(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    fb_mobile_node_drop_request(node, r);
    fb_mobile_node_set_state(node, r, FB_BINDING_DOWN, cause, now);
    if (fb_mobile_node_count_up(node) == 0)
    {
        node->installed_version = 0; /* The policy goes with the last binding (D-25) */
        fb_mobile_node_release_networks(node, now); /* ... and so do networks (C-16) */
    }
}

/** Whether the token of D-29 is taken: a request that two sendings did not bring an answer for holds up nobody. */
static bool
token_taken(const fb_mobile_node *node)
{
    const fb_registration *holder = node->outstanding;

    return holder != NULL && holder->request.waiting &&
           holder->request.tries <= FB_UNANSWERED_BEFORE_YIELD;
}

static bool
due(const fb_registration *r, fb_time now)
{
    return r->known && r->request.kind != FB_REQUEST_NONE && !r->request.waiting &&
           r->request.send_at <= now;
}

/** The request that may be sent now; NULL. */
static fb_registration *
next_sender(fb_mobile_node *node, fb_time now)
{
    fb_registration *best = NULL;

    if (token_taken(node))
    {
        return NULL;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (due(r, now) && (best == NULL || r->request.sequence < best->request.sequence))
        {
            best = r;
        }
    }
    return best;
}

/* ---- who may register ---- */

/** Something of @p r is under way or there. */
static bool
active(const fb_registration *r)
{
    return r->known && r->state != FB_BINDING_DOWN && r->state != FB_BINDING_BLOCKED;
}

/** Without RFC 7629 there is one path: is another one in use that is no worse, and not silent already? */
static bool
another_path_serves(const fb_mobile_node *node, const fb_registration *r)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *other = &node->registrations.item[i];

        if (other != r && active(other) && !fb_mobile_node_prefers(r, other) &&
            other->request.tries < UNANSWERED_BEFORE_PROBE)
        {
            return true;
        }
    }
    return false;
}

/** Its path does not answer, and another one may: it is watched, and not registered. */
static bool
silent_for_now(const fb_mobile_node *node, const fb_registration *r)
{
    for (size_t i = 0; fb_registration_silent(r) && i < node->registrations.capacity; i++)
    {
        const fb_registration *other = &node->registrations.item[i];

        if (active(other) && !fb_registration_silent(other))
        {
            return true;
        }
    }
    return false;
}

/** Wanted, with a care-of address that is not in use already; at home nothing is registered (RFC 5944 3.6). */
static bool
may_register(const fb_mobile_node *node, const fb_registration *r)
{
    return r->wanted && r->link_up && node->home_link == 0 && fb_mobile_node_care_of(r) != 0 &&
           !silent_for_now(node, r) && !fb_mobile_node_shadowed(node, r);
}

void
fb_mobile_node_try_register(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    if (!may_register(node, r) ||
        (node->multipath == FB_MULTIPATH_OFF && another_path_serves(node, r)))
    {
        return;
    }
    fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, cause, now);
}

void
fb_mobile_node_register_idle(fb_mobile_node *node, fb_cause cause, fb_time now)
{
    for (;;)
    {
        fb_registration *best = NULL;

        for (size_t i = 0; i < node->registrations.capacity; i++)
        {
            fb_registration *r = fb_mobile_node_at(node, i);

            if (r->known && r->state == FB_BINDING_DOWN && may_register(node, r) &&
                fb_mobile_node_prefers(r, best))
            {
                best = r;
            }
        }
        if (best == NULL)
        {
            return;
        }
        fb_mobile_node_try_register(node, best, cause, now);
        if (best->state == FB_BINDING_DOWN)
        {
            return; /* one path only, and there is one */
        }
    }
}

void
fb_mobile_node_set_multipath(fb_mobile_node *node,
                             uint8_t multipath,
                             fb_registration *keep,
                             fb_time now)
{
    fb_event event = {.kind = FB_EVENT_MULTIPATH,
                      .role = FB_ROLE_MOBILE_NODE,
                      .from = node->multipath,
                      .to = multipath,
                      .ref = {.session = 1},
                      .home_address = node->config.home_address,
                      .time = now};

    if (node->multipath == multipath)
    {
        return;
    }
    node->multipath = multipath;
    node->legacy_retry_at = FB_TIME_NEVER;
    fb_events_push(node->events, &event);
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (!r->known || r == keep)
        {
            continue;
        }
        if (multipath == FB_MULTIPATH_OFF)
        {
            fb_mobile_node_take_down(node, r, FB_CAUSE_REPLACED, now);
        }
        else if (fb_registration_up(r))
        {
            /* Bound without 154, hence replaced by the one with it (D-26) */
            fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, FB_CAUSE_REPLACED, now);
        }
    }
    if (multipath == FB_MULTIPATH_YES)
    {
        fb_mobile_node_register_idle(node, FB_CAUSE_REGISTERED, now);
        return;
    }
    node->installed_version = 0;
}

/* ---- time ---- */

static bool
others_due(const fb_mobile_node *node, const fb_registration *r, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *other = &node->registrations.item[i];

        if (other != r && due(other, now))
        {
            return true;
        }
    }
    return false;
}

/** The peer answers only without 154: it does not know RFC 7629 (D-01). */
static void
find_legacy(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    bool contested = false;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        contested |= fb_mobile_node_at(node, i) != r && active(fb_mobile_node_at(node, i));
    }
    fb_mobile_node_drop_request(node, r);
    fb_mobile_node_set_state(node, r, FB_BINDING_UP, FB_CAUSE_NO_ANSWER, now);
    fb_mobile_node_set_multipath(node, FB_MULTIPATH_OFF, r, now);
    node->legacy_retry_at = now + node->config.legacy_retry_s * FB_SECOND;
    if (r->refresh_at == FB_TIME_NEVER && r->expires != FB_TIME_NEVER)
    {
        r->refresh_at = now; /* its time came while the question was open */
    }
    if (contested)
    {
        /* Others may have been answered without 154 after this one: the last to register is bound */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_RETRY, now);
    }
}

/** The wait after a sending is over and no answer came. */
static void
handle_silence(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    fb_request *request = &r->request;

    request->waiting = false;
    if (request->kind == FB_REQUEST_WATCH)
    {
        fb_mobile_node_drop_request(node, r);
        return; /* until it is asked again */
    }
    if (r->state == FB_BINDING_DEREGISTERING)
    {
        if (request->tries >= DEREGISTRATION_TRIES)
        {
            /* The home agent will let it expire */
            fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_NO_ANSWER, now);
            return;
        }
    }
    else if (request->confirm)
    {
        find_legacy(node, r, now);
        return;
    }
    else if (node->multipath == FB_MULTIPATH_UNKNOWN && request->tries >= UNANSWERED_BEFORE_PROBE)
    {
        /* From the third unanswered sending on with and without 154 by turns (D-01) */
        request->plain = !request->plain;
    }
    else if (node->multipath == FB_MULTIPATH_OFF && request->tries >= UNANSWERED_BEFORE_PROBE)
    {
        fb_mobile_node_register_idle(node, FB_CAUSE_NO_ANSWER, now);
    }
    if (request->tries >= FB_UNANSWERED_BEFORE_YIELD && others_due(node, r, now))
    {
        request->sequence = ++node->sequence;
        if (node->outstanding == r)
        {
            node->outstanding = NULL;
        }
    }
}

/** The registration whose request is to refresh all; NULL. */
static const fb_registration *
bulk_carrier(const fb_mobile_node *node)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->request.bulk)
        {
            return r;
        }
    }
    return NULL;
}

/** The binding that was last registered by a request of its own longest ago. */
static fb_registration *
longest_unconfirmed(fb_mobile_node *node, fb_registration *oldest)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (r->known && r->state == FB_BINDING_UP && r->confirmed_at < oldest->confirmed_at)
        {
            oldest = r;
        }
    }
    return oldest;
}

/*
 * RFC 7629 5.1: one binding, or with B = 1 all of them; the first whose time comes asks for all. They carry that
 * request by turns: an answer with B says nothing of a binding that the home agent has lost, but a request brings its
 * own back (D-08), and a path that went dead without a word is found out.
 */
static void
refresh(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    /* A foreign agent on another path would not hear of B, and forget its visitor (D-07) */
    bool bulk = node->config.bulk_refresh && node->multipath == FB_MULTIPATH_YES &&
                fb_mobile_node_count_up(node) > 1 && !fb_mobile_node_any_relayed(node);
    const fb_registration *carrier = bulk ? bulk_carrier(node) : NULL;

    if (carrier != NULL && carrier->request.tries <= FB_UNANSWERED_BEFORE_YIELD)
    {
        r->refresh_at = now + FB_SECOND; /* look again: the answer moves it */
        return;
    }
    r->refresh_at = FB_TIME_NEVER;
    if (r->state != FB_BINDING_UP)
    {
        return;
    }
    /* Each for itself when the carrier's path is silent: B would keep its binding too (C-01) */
    bulk = bulk && carrier == NULL;
    if (bulk)
    {
        r->refresh_at = now + FB_SECOND;
        r = longest_unconfirmed(node, r);
        r->refresh_at = FB_TIME_NEVER;
    }
    fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_REFRESH, now);
    r->request.bulk = bulk;
    /* RFC 7629 5.1: the same fields as at first. A home agent that lost its state gets the policy back, or says 153 */
    r->request.with_policy = true;
    node->policy_suspended = false; /* a lifetime later 153 may be no longer true (D-31) */
    node->policy_round = 0;
}

/** Asks a peer that seemed not to know RFC 7629 once more (D-01: after legacy-retry). */
static void
retry_legacy(fb_mobile_node *node, fb_time now)
{
    /* Again later if this one comes to nothing: its link may go before the answer */
    node->legacy_retry_at = now + node->config.legacy_retry_s * FB_SECOND;
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (r->known && r->state == FB_BINDING_UP)
        {
            fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_RETRY, now);
            r->request.confirm = true;
            return;
        }
    }
}

static void
handle_registration_timeout(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    fb_mobile_node_agents_timeout(node, r, now);
    if (r->expires <= now)
    {
        fb_mobile_node_take_down(node, r, FB_CAUSE_EXPIRED, now);
        fb_mobile_node_try_register(node, r, FB_CAUSE_EXPIRED, now);
    }
    if (r->refresh_at <= now)
    {
        refresh(node, r, now);
    }
    if (r->blocked_until <= now)
    {
        fb_mobile_node_take_down(node, r, FB_CAUSE_RETRY, now);
        fb_mobile_node_try_register(node, r, FB_CAUSE_RETRY, now);
    }
    if (r->keepalive_at <= now)
    {
        fb_mobile_node_handle_keepalive(node, r, now);
    }
    if (r->probe.next <= now)
    {
        fb_mobile_node_probe_timeout(node, r, now);
    }
    if (r->telling.due <= now)
    {
        fb_mobile_node_tell_news(node, r, now);
    }
    if (r->request.waiting && r->request.send_at <= now)
    {
        handle_silence(node, r, now);
    }
}

void
fb_mobile_node_handle_timeout(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        if (fb_mobile_node_at(node, i)->known)
        {
            handle_registration_timeout(node, fb_mobile_node_at(node, i), now);
        }
    }
    fb_mobile_node_home_timeout(node, now);
    if (node->legacy_retry_at <= now)
    {
        retry_legacy(node, now);
    }
}

fb_time
fb_mobile_node_next_timeout(const fb_mobile_node *node)
{
    fb_time next = fb_time_earlier(node->legacy_retry_at,
                                   fb_time_earlier(node->home_expires, node->home_retry_at));
    bool taken = token_taken(node);

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (!r->known)
        {
            continue;
        }
        next = fb_time_earlier(
            next,
            fb_time_earlier(r->expires, fb_time_earlier(r->refresh_at, r->blocked_until)));
        next = fb_time_earlier(next, fb_mobile_node_agents_deadline(r));
        next = fb_time_earlier(next, fb_time_earlier(r->keepalive_at, r->probe.next));
        next = fb_time_earlier(next, r->telling.due);
        /* Whoever waits for the token is woken by the one that holds it */
        if (r->request.waiting || !taken)
        {
            next = fb_time_earlier(next, r->request.send_at);
        }
    }
    return next;
}

/* A de-registration whose last link went meanwhile ends here. */
fb_registration *
fb_mobile_node_next_sender(fb_mobile_node *node, fb_time now)
{
    fb_registration *r = next_sender(node, now);

    while (r != NULL && fb_mobile_node_egress(node, r) == NULL)
    {
        fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_LINK_DOWN, now);
        r = next_sender(node, now);
    }
    return r;
}
