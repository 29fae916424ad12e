/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node.h"

#include "wire/traffic_selector.h"

#include <string.h>

/* D-33: one policy is one message of at most 1200 octets; the rest of it takes 24 + 8 + 6 + 32. */
#define POLICY_OCTETS_MAX (1200 - 70)

#define DEREGISTRATION_TRIES 3 /* conformance: Dereg gives up after the third unanswered sending */
#define UNANSWERED_BEFORE_PROBE 3 /* D-01 */

void
fb_mobile_node_init(fb_mobile_node *node,
                    fb_arena *arena,
                    const fb_config *config,
                    fb_events *events)
{
    memset(node, 0, sizeof *node);
    node->config = config->mobile_node;
    node->layout = config->selector_layout;
    node->home_agent = config->mobile_node.home_agent;
    node->multipath = config->mobile_node.multipath ? FB_MULTIPATH_UNKNOWN : FB_MULTIPATH_OFF;
    node->legacy_retry_at = FB_TIME_NEVER;
    node->rule_max = config->limits.rules_per_node;
    node->rule = fb_arena_take(arena, node->rule_max, sizeof(fb_rule), _Alignof(fb_rule));
    node->rule_in_force = fb_arena_take(arena, node->rule_max, sizeof(fb_rule), _Alignof(fb_rule));
    node->events = events;
    fb_registrations_init(&node->registrations,
                          arena,
                          config->limits.links,
                          config->mobile_node.home_address,
                          events);
}

static fb_registration *
registration_at(fb_mobile_node *node, size_t index)
{
    return &node->registrations.item[index];
}

static void
set_state(fb_mobile_node *node,
          fb_registration *r,
          fb_binding_state state,
          fb_cause cause,
          fb_time now)
{
    node->generation++;
    fb_registration_set_state(&node->registrations, r, state, cause, now);
}

size_t
fb_mobile_node_count_up(const fb_mobile_node *node)
{
    size_t count = 0;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        count += node->registrations.item[i].known &&
                 fb_registration_up(&node->registrations.item[i]);
    }
    return count;
}

/** Whether @p r is preferred to @p other, which may be NULL. */
static bool
preferred(const fb_registration *r, const fb_registration *other)
{
    return other == NULL || r->link.preference < other->link.preference;
}

/** The preferred registration that is up and not @p except; NULL. */
static const fb_registration *
best_up(const fb_mobile_node *node, const fb_registration *except)
{
    const fb_registration *best = NULL;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r != except && r->link_up && fb_registration_up(r) && preferred(r, best))
        {
            best = r;
        }
    }
    return best;
}

const fb_link *
fb_mobile_node_egress(const fb_mobile_node *node, const fb_registration *r)
{
    bool own_address_holds = fb_addr_to_ipv4(&r->link.address) == r->care_of_address;
    bool removes = r->request.kind == FB_REQUEST_DEREGISTER ||
                   r->request.kind == FB_REQUEST_DEREGISTER_ALL;
    const fb_registration *other;

    if (!removes || (r->link_up && own_address_holds))
    {
        return r->link_up ? &r->link : NULL;
    }
    /* RFC 7629 5.1 asks only registrations to leave by their own interface; this one's is gone (D-37) */
    other = best_up(node, r);
    if (other != NULL)
    {
        return &other->link;
    }
    return r->link_up ? &r->link : NULL;
}

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
        r->care_of_address = fb_addr_to_ipv4(&r->link.address);
    }
    set_state(node, r, state_for(r, kind), cause, now);
}

void
fb_mobile_node_take_down(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    fb_mobile_node_drop_request(node, r);
    set_state(node, r, FB_BINDING_DOWN, cause, now);
    if (fb_mobile_node_count_up(node) == 0)
    {
        node->installed_version = 0; /* The policy goes with the last binding (D-25) */
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
        fb_registration *r = registration_at(node, i);

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

        if (other != r && active(other) && !preferred(r, other) &&
            other->request.tries < UNANSWERED_BEFORE_PROBE)
        {
            return true;
        }
    }
    return false;
}

static void
try_register(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    if (!r->wanted || !r->link_up)
    {
        return;
    }
    if (node->multipath == FB_MULTIPATH_OFF && another_path_serves(node, r))
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
            fb_registration *r = registration_at(node, i);

            if (r->known && r->state == FB_BINDING_DOWN && r->wanted && r->link_up &&
                preferred(r, best))
            {
                best = r;
            }
        }
        if (best == NULL)
        {
            return;
        }
        try_register(node, best, cause, now);
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
        fb_registration *r = registration_at(node, i);

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

/* ---- links ---- */

static int
check_link(fb_mobile_node *node, const fb_link *link)
{
    if (link->link == 0 || fb_addr_to_ipv4(&link->address) == 0)
    {
        return FB_ERR_ARGUMENT;
    }
    /* RFC 7629 4.1: BID 1..254, label 1..255, technology never sent as 0 (D-17) */
    if (link->bid == 0 || link->bid == UINT8_MAX || link->label == 0 || link->technology == 0)
    {
        return FB_ERR_ARGUMENT;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = registration_at(node, i);

        bool same_link = r->link.link == link->link;

        if (r->known && !same_link && r->link.bid == link->bid)
        {
            return FB_ERR_ARGUMENT; /* RFC 7629 2.2: each binding has its own identifier */
        }
        if (r->known && same_link && r->link.bid != link->bid && r->state != FB_BINDING_DOWN)
        {
            return FB_ERR_ARGUMENT; /* the home agent knows the binding by it */
        }
    }
    return FB_OK;
}

/** The care-of address of a binding that is up has changed (RFC 7629 5.1; D-09, C-13). */
static void
move_binding(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    fb_coa_change how = node->config.coa_change;
    bool others = best_up(node, r) != NULL;

    if (node->multipath != FB_MULTIPATH_YES || how == FB_COA_CHANGE_IN_PLACE)
    {
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, FB_CAUSE_ADDRESS_CHANGED, now);
        return;
    }
    if (how == FB_COA_CHANGE_REPLACE && others)
    {
        /* Then registered anew by fb_mobile_node_finish_deregistration() */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER, FB_CAUSE_ADDRESS_CHANGED, now);
        return;
    }
    fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, FB_CAUSE_ADDRESS_CHANGED, now);
    r->request.overwrite = true; /* RFC 7629 5.1: O MUST be 1 */
}

static void
change_address(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    bool overwrite = r->request.overwrite; /* the home agent still has an address before this */

    switch (r->state)
    {
    case FB_BINDING_UP:
    case FB_BINDING_UP_PENDING:
        move_binding(node, r, now);
        break;
    case FB_BINDING_QUEUED:
    case FB_BINDING_PENDING:
    case FB_BINDING_BLOCKED:
        /* Never retransmit a stale care-of address (C-03) */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, FB_CAUSE_ADDRESS_CHANGED, now);
        r->request.overwrite = overwrite;
        break;
    default:
        break; /* DOWN is handled by the caller; a de-registration runs to its end first (C-03) */
    }
}

int
fb_mobile_node_link_up(fb_mobile_node *node, const fb_link *link, fb_time now)
{
    fb_registration *r = fb_registration_find(&node->registrations, link->link);
    int error = check_link(node, link);
    bool changed;

    if (error != FB_OK)
    {
        return error;
    }
    if (r == NULL)
    {
        r = fb_registration_add(&node->registrations, link);
    }
    if (r == NULL)
    {
        return FB_ERR_LIMIT;
    }
    /* RFC 7629 5.1: all that the home agent stores of a registration is updated alike */
    changed = fb_addr_to_ipv4(&r->link.address) != fb_addr_to_ipv4(&link->address) ||
              r->link.label != link->label || r->link.technology != link->technology;
    r->link = *link;
    r->link_up = true;
    node->generation++;
    if (r->state == FB_BINDING_DOWN)
    {
        try_register(node, r, FB_CAUSE_LINK_UP, now);
    }
    else if (changed)
    {
        change_address(node, r, now);
    }
    return FB_OK;
}

/** De-registrations that have no link left to leave by end here. */
static void
abandon_stranded(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = registration_at(node, i);

        if (r->known && r->state == FB_BINDING_DEREGISTERING &&
            r->request.kind != FB_REQUEST_NONE && fb_mobile_node_egress(node, r) == NULL)
        {
            fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_LINK_DOWN, now);
        }
    }
}

int
fb_mobile_node_link_down(fb_mobile_node *node, uint32_t link, fb_time now)
{
    fb_registration *r = fb_registration_find(&node->registrations, link);

    if (r == NULL)
    {
        return FB_ERR_UNKNOWN;
    }
    if (!r->link_up)
    {
        return FB_OK;
    }
    r->link_up = false;
    node->generation++;
    if (r->state == FB_BINDING_DEREGISTERING)
    {
        /* goes on by another path */
    }
    else if (r->held_until > now && node->multipath == FB_MULTIPATH_YES && best_up(node, r) != NULL)
    {
        /* The home agent must not send packets into a dead path */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER, FB_CAUSE_LINK_DOWN, now);
    }
    else
    {
        fb_mobile_node_take_down(node, r, FB_CAUSE_LINK_DOWN, now);
    }
    abandon_stranded(node, now);
    fb_mobile_node_register_idle(node, FB_CAUSE_LINK_DOWN, now);
    return FB_OK;
}

/* ---- policy ---- */

static int
check_policy(const fb_mobile_node *node, const fb_rule *rules, size_t count)
{
    size_t octets = 0;

    if (count > node->rule_max)
    {
        return FB_ERR_LIMIT;
    }
    for (size_t i = 0; i < count; i++)
    {
        bool forward = rules[i].action == FB_RULE_FORWARD;

        if ((!forward && rules[i].action != FB_RULE_DROP) || rules[i].bid_count < 1 ||
            rules[i].bid_count > FB_BIDS_PER_RULE || fb_selector_check(&rules[i].selector) != 0)
        {
            return FB_ERR_ARGUMENT;
        }
        for (size_t j = 0; forward && j < rules[i].bid_count; j++)
        {
            if (rules[i].bid[j] == 0 || rules[i].bid[j] == UINT8_MAX)
            {
                return FB_ERR_ARGUMENT;
            }
        }
        /* Type, Subtype, Length, Action, BID Count, TS Format, and Reserved in the other layout */
        octets += 8u + rules[i].bid_count + fb_selector_size(&rules[i].selector);
    }
    return octets <= POLICY_OCTETS_MAX ? FB_OK : FB_ERR_LIMIT;
}

void
fb_mobile_node_obey_own_policy(fb_mobile_node *node)
{
    memcpy(node->rule_in_force, node->rule, node->rule_count * sizeof *node->rule);
    node->rule_in_force_count = node->rule_count;
    node->generation++;
}

int
fb_mobile_node_set_policy(fb_mobile_node *node, const fb_rule *rules, size_t count, fb_time now)
{
    int error = check_policy(node, rules, count);
    const fb_registration *up;

    if (error == FB_OK && count == 0 && node->rule_count > 0)
    {
        /* No message of RFC 7629 says "no policy"; to clear one, give a match-all FORWARD rule (D-22) */
        error = FB_ERR_ARGUMENT;
    }
    if (error != FB_OK || count == 0)
    {
        return error;
    }
    memcpy(node->rule, rules, count * sizeof *rules);
    node->rule_count = (uint8_t)count;
    fb_mobile_node_obey_own_policy(node);
    node->policy_version++;
    node->policy_suspended = false;
    node->policy_round = 0;
    node->generation++;
    up = best_up(node, NULL);
    if (up != NULL && node->config.negotiate_policy && node->multipath == FB_MULTIPATH_YES)
    {
        fb_mobile_node_enqueue(node,
                               registration_at(node, (size_t)(up - node->registrations.item)),
                               FB_REQUEST_REFRESH,
                               FB_CAUSE_POLICY_CHANGED,
                               now);
    }
    return FB_OK;
}

/* ---- the administrator ---- */

static fb_registration *
registration_by_bid(fb_mobile_node *node, uint8_t bid)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        if (registration_at(node, i)->known && registration_at(node, i)->link.bid == bid)
        {
            return registration_at(node, i);
        }
    }
    return NULL;
}

int
fb_mobile_node_register(fb_mobile_node *node, uint8_t bid, fb_time now)
{
    if (bid != 0 && registration_by_bid(node, bid) == NULL)
    {
        return FB_ERR_UNKNOWN;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = registration_at(node, i);

        if (r->known && (bid == 0 || r->link.bid == bid))
        {
            r->wanted = true;
        }
    }
    fb_mobile_node_register_idle(node, FB_CAUSE_ADMINISTRATOR, now);
    return FB_OK;
}

static int
deregister_one(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    r->wanted = false;
    if (r->state == FB_BINDING_DEREGISTERING)
    {
        return FB_OK;
    }
    if (r->held_until > now)
    {
        fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER, FB_CAUSE_ADMINISTRATOR, now);
        abandon_stranded(node, now);
    }
    else
    {
        fb_mobile_node_take_down(node, r, FB_CAUSE_ADMINISTRATOR, now);
    }
    return FB_OK;
}

/* RFC 7629 5.1: one request with Lifetime 0 and B = 1; the others wait for its answer */
static int
deregister_all(fb_mobile_node *node, fb_time now)
{
    const fb_registration *carrier = best_up(node, NULL);

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = registration_at(node, i);

        if (!r->known)
        {
            continue;
        }
        r->wanted = false;
        if (r == carrier)
        {
            fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER_ALL, FB_CAUSE_ADMINISTRATOR, now);
        }
        else if (carrier != NULL && fb_registration_up(r))
        {
            fb_mobile_node_drop_request(node, r);
            set_state(node, r, FB_BINDING_DEREGISTERING, FB_CAUSE_ADMINISTRATOR, now);
        }
        else
        {
            fb_mobile_node_take_down(node, r, FB_CAUSE_ADMINISTRATOR, now);
        }
    }
    return FB_OK;
}

int
fb_mobile_node_deregister(fb_mobile_node *node, uint8_t bid, fb_time now)
{
    fb_registration *r = registration_by_bid(node, bid);

    if (bid == 0)
    {
        return deregister_all(node, now);
    }
    return r == NULL ? FB_ERR_UNKNOWN : deregister_one(node, r, now);
}

void
fb_mobile_node_finish_deregistration(fb_mobile_node *node,
                                     fb_registration *r,
                                     fb_cause cause,
                                     fb_time now)
{
    bool all = r->request.kind == FB_REQUEST_DEREGISTER_ALL;

    fb_mobile_node_take_down(node, r, cause, now);
    if (cause != FB_CAUSE_LINK_DOWN)
    {
        r->held_until = 0; /* gone, or given up */
    }
    if (all)
    {
        node->installed_version = 0;
    }
    for (size_t i = 0; all && i < node->registrations.capacity; i++)
    {
        fb_registration *other = registration_at(node, i);

        if (other->known && other->state == FB_BINDING_DEREGISTERING)
        {
            fb_mobile_node_take_down(node, other, cause, now);
            other->held_until = r->held_until;
        }
        else if (other->known && fb_registration_up(other))
        {
            /* Registered meanwhile: before it arrived, or after? */
            fb_mobile_node_enqueue(node, other, FB_REQUEST_REGISTER, FB_CAUSE_DEREGISTERED, now);
        }
    }
    fb_mobile_node_register_idle(node, cause, now);
}

void
fb_mobile_node_set_clock(fb_mobile_node *node, uint64_t wall_ns, fb_time now)
{
    fb_clock_set(&node->clock, wall_ns, now);
    node->clock.offset = 0; /* what the host says now is better than what we once inferred */
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
        contested |= registration_at(node, i) != r && active(registration_at(node, i));
    }
    fb_mobile_node_drop_request(node, r);
    set_state(node, r, FB_BINDING_UP, FB_CAUSE_NO_ANSWER, now);
    fb_mobile_node_set_multipath(node, FB_MULTIPATH_OFF, r, now);
    node->legacy_retry_at = now + node->config.legacy_retry_s * FB_SECOND;
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
        fb_registration *r = registration_at(node, i);

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
    bool bulk = node->config.bulk_refresh && node->multipath == FB_MULTIPATH_YES &&
                fb_mobile_node_count_up(node) > 1;
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
        fb_registration *r = registration_at(node, i);

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
    if (r->expires <= now)
    {
        fb_mobile_node_take_down(node, r, FB_CAUSE_EXPIRED, now);
        try_register(node, r, FB_CAUSE_EXPIRED, now);
    }
    if (r->refresh_at <= now)
    {
        refresh(node, r, now);
    }
    if (r->blocked_until <= now)
    {
        fb_mobile_node_take_down(node, r, FB_CAUSE_RETRY, now);
        try_register(node, r, FB_CAUSE_RETRY, now);
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
        if (registration_at(node, i)->known)
        {
            handle_registration_timeout(node, registration_at(node, i), now);
        }
    }
    if (node->legacy_retry_at <= now)
    {
        retry_legacy(node, now);
    }
}

static fb_time
earlier(fb_time a, fb_time b)
{
    return a < b ? a : b;
}

fb_time
fb_mobile_node_next_timeout(const fb_mobile_node *node)
{
    fb_time next = node->legacy_retry_at;
    bool taken = token_taken(node);

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (!r->known)
        {
            continue;
        }
        next = earlier(next, earlier(r->expires, earlier(r->refresh_at, r->blocked_until)));
        /* Whoever waits for the token is woken by the one that holds it */
        if (r->request.waiting || !taken)
        {
            next = earlier(next, r->request.send_at);
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
