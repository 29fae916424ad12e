/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include "steer/steering.h"

#include <string.h>

void
fb_mobile_node_init(fb_mobile_node *node,
                    fb_arena *arena,
                    const fb_config *config,
                    const fb_associations *associations,
                    fb_entropy *entropy,
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
    node->entropy = entropy;
    node->events = events;
    node->associations = associations;
    node->home_expires = FB_TIME_NEVER;
    node->home_retry_at = FB_TIME_NEVER;
    node->probe = config->probe;
    fb_registrations_init(&node->registrations,
                          arena,
                          config->limits.links,
                          config->mobile_node.home_address,
                          events);
    fb_mobile_node_init_networks(node);
}

fb_registration *
fb_mobile_node_at(fb_mobile_node *node, size_t index)
{
    return &node->registrations.item[index];
}

void
fb_mobile_node_set_state(fb_mobile_node *node,
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

bool
fb_mobile_node_prefers(const fb_registration *r, const fb_registration *other)
{
    if (other == NULL || fb_registration_silent(r) != fb_registration_silent(other))
    {
        return other == NULL || !fb_registration_silent(r);
    }
    return r->link.preference < other->link.preference;
}

/** The preferred registration that is up and not @p except; NULL. */
const fb_registration *
fb_mobile_node_best_up(const fb_mobile_node *node, const fb_registration *except)
{
    const fb_registration *best = NULL;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r != except && r->link_up && fb_registration_up(r) &&
            fb_mobile_node_prefers(r, best))
        {
            best = r;
        }
    }
    return best;
}

const fb_registration *
fb_mobile_node_best_direct(const fb_mobile_node *node, const fb_registration *except)
{
    const fb_registration *best = NULL;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r != except && r->link_up && fb_registration_up(r) && r->relay == 0 &&
            !fb_registration_silent(r) && fb_mobile_node_prefers(r, best))
        {
            best = r;
        }
    }
    return best;
}

/** A link that is up and has an address of its own, whatever its binding; NULL. */
static const fb_link *
any_direct_link(const fb_mobile_node *node)
{
    const fb_registration *best = NULL;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->link_up && r->link.care_of == FB_CARE_OF_COLOCATED &&
            fb_mobile_node_prefers(r, best))
        {
            best = r;
        }
    }
    return best == NULL ? NULL : &best->link;
}

const fb_link *
fb_mobile_node_egress(const fb_mobile_node *node, const fb_registration *r)
{
    fb_ipv4 own_address = fb_mobile_node_care_of(r);
    bool own_address_holds = own_address != 0 && own_address == r->care_of_address;
    bool removes = fb_request_removes(&r->request) && r->request.kind != FB_REQUEST_WATCH;
    bool own_link_serves = r->link_up && own_address_holds;
    const fb_registration *other;

    if (!removes || fb_mobile_node_home_link(node, r) ||
        (own_link_serves && !fb_registration_silent(r)))
    {
        return r->link_up ? &r->link : NULL;
    }
    /* RFC 7629 5.1 asks only registrations to leave by their own interface; this one's is gone (D-37) */
    other = fb_mobile_node_best_direct(node, r);
    if (other != NULL)
    {
        return &other->link;
    }
    if (own_link_serves)
    {
        return &r->link; /* silent, but there is none better */
    }
    if (r->request.kind == FB_REQUEST_DEREGISTER_ALL)
    {
        /* The others wait for this answer and are not up, but it names no care-of address of a path (C-09) */
        return any_direct_link(node);
    }
    /* Its own link with another address of its own; a foreign agent does not relay for another's (C-07) */
    return r->link_up && r->link.care_of == FB_CARE_OF_COLOCATED ? &r->link : NULL;
}

/* ---- links ---- */

static int
check_link(fb_mobile_node *node, const fb_link *link)
{
    /* RFC 5944 1.7: a foreign agent's care-of address is learnt, the link's own is not needed */
    if (link->link == 0 || link->care_of > FB_CARE_OF_AGENT ||
        (link->care_of == FB_CARE_OF_COLOCATED && fb_addr_to_ipv4(&link->address) == 0))
    {
        return FB_ERR_ARGUMENT;
    }
    /* RFC 7629 4.1: BID 1..254, label 1..255, technology never sent as 0 (D-17) */
    if (link->bid == 0 || link->bid == UINT8_MAX || link->label == 0 || link->technology == 0)
    {
        return FB_ERR_ARGUMENT;
    }
    if (link->tunnel >= FB_TUNNEL_COUNT || link->udp > FB_UDP_FORCE)
    {
        return FB_ERR_ARGUMENT;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = fb_mobile_node_at(node, i);

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
move_binding(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    fb_coa_change how = node->config.coa_change;
    /* Another co-located one: a foreign agent would take an accepted Lifetime 0 for its own visitor's (C-07, C-13) */
    bool others = fb_mobile_node_best_direct(node, r) != NULL;

    if (node->multipath != FB_MULTIPATH_YES || how == FB_COA_CHANGE_IN_PLACE)
    {
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, cause, now);
        return;
    }
    if (how == FB_COA_CHANGE_REPLACE && others)
    {
        /* Then registered anew by fb_mobile_node_finish_deregistration() */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER, cause, now);
        return;
    }
    fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, cause, now);
    r->request.overwrite = true; /* RFC 7629 5.1: O MUST be 1 */
}

void
fb_mobile_node_change_address(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    bool overwrite = r->request.overwrite; /* the home agent still has an address before this */

    switch (r->state)
    {
    case FB_BINDING_UP:
    case FB_BINDING_UP_PENDING:
        move_binding(node, r, cause, now);
        break;
    case FB_BINDING_QUEUED:
    case FB_BINDING_PENDING:
    case FB_BINDING_BLOCKED:
        /* Never retransmit a stale care-of address (C-03) */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, cause, now);
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
    bool changed, appeared;

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
              r->link.label != link->label || r->link.technology != link->technology ||
              r->link.tunnel != link->tunnel || r->link.udp != link->udp ||
              r->link.care_of != link->care_of;
    appeared = !r->link_up;
    r->link = *link;
    r->link_up = true;
    node->generation++;
    if (changed || r->state == FB_BINDING_DOWN)
    {
        fb_mobile_node_ask_anew(r);
    }
    if (changed || appeared)
    {
        fb_mobile_node_forget_path(node, r);
    }
    fb_mobile_node_look_for_agents(node, r, appeared, now);
    if (r->state == FB_BINDING_DOWN)
    {
        fb_mobile_node_try_register(node, r, FB_CAUSE_LINK_UP, now);
    }
    else if (changed && fb_mobile_node_care_of(r) != 0)
    {
        fb_mobile_node_change_address(node, r, FB_CAUSE_ADDRESS_CHANGED, now);
    }
    return FB_OK;
}

/** De-registrations that have no link left to leave by end here. */
static void
abandon_stranded(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (r->known && r->state == FB_BINDING_DEREGISTERING &&
            r->request.kind != FB_REQUEST_NONE && fb_mobile_node_egress(node, r) == NULL)
        {
            fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_LINK_DOWN, now);
        }
    }
}

void
fb_mobile_node_lose_path(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    node->generation++;
    if (r->state == FB_BINDING_DEREGISTERING)
    {
        /* goes on by another path */
    }
    else if (r->held_until > now && node->multipath == FB_MULTIPATH_YES &&
             fb_mobile_node_best_direct(node, r) != NULL)
    {
        /* The home agent must not send packets into a dead path */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER, cause, now);
    }
    else
    {
        fb_mobile_node_take_down(node, r, cause, now);
    }
    abandon_stranded(node, now);
    fb_mobile_node_register_idle(node, cause, now);
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
    fb_mobile_node_forget_agents(node, r, now);
    fb_mobile_node_forget_path(node, r);
    if (fb_mobile_node_home_link(node, r))
    {
        fb_mobile_node_leave_home(node, now);
    }
    fb_mobile_node_lose_path(node, r, FB_CAUSE_LINK_DOWN, now);
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
        /* RFC 7629 4.2 knows only these; rules by label or technology are for static policies */
        bool sendable = rules[i].action == FB_RULE_DROP || rules[i].action == FB_RULE_FORWARD;

        if (!sendable || !fb_rule_usable(&rules[i]))
        {
            return FB_ERR_ARGUMENT;
        }
        octets += fb_flow_binding_size(&rules[i]);
    }
    octets += fb_mobile_node_identity_octets(node);
    return octets <= FB_POLICY_OCTETS_MAX ? FB_OK : FB_ERR_LIMIT;
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
    up = fb_mobile_node_best_up(node, NULL);
    if (up != NULL && node->config.negotiate_policy && node->multipath == FB_MULTIPATH_YES)
    {
        fb_mobile_node_enqueue(node,
                               fb_mobile_node_at(node, (size_t)(up - node->registrations.item)),
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
        if (fb_mobile_node_at(node, i)->known && fb_mobile_node_at(node, i)->link.bid == bid)
        {
            return fb_mobile_node_at(node, i);
        }
    }
    return NULL;
}

/** The administrator wants all paths: a home agent that refused or did not know RFC 7629 is asked again. */
static void
reconfigure_multipath(fb_mobile_node *node, fb_time now)
{
    if (!node->config.multipath || node->multipath != FB_MULTIPATH_OFF)
    {
        return;
    }
    if (fb_mobile_node_count_up(node) > 0)
    {
        node->legacy_retry_at = now;
        return;
    }
    fb_mobile_node_set_multipath(node, FB_MULTIPATH_UNKNOWN, NULL, now);
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
        fb_registration *r = fb_mobile_node_at(node, i);

        if (!r->known || (bid != 0 && r->link.bid != bid))
        {
            continue;
        }
        r->wanted = true;
        if (r->state == FB_BINDING_BLOCKED)
        {
            r->retry_s = 0;
            fb_mobile_node_take_down(node, r, FB_CAUSE_ADMINISTRATOR, now);
        }
    }
    if (bid == 0)
    {
        fb_mobile_node_ask_for_networks(node);
        reconfigure_multipath(node, now); /* RFC 7629 5.1: disabled after 152 until then */
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
    const fb_registration *carrier = fb_mobile_node_best_up(node, NULL);

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (!r->known)
        {
            continue;
        }
        r->wanted = false;
        if (node->home_link != 0)
        {
            continue; /* at home all are de-registered, or about to be */
        }
        if (r == carrier)
        {
            fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER_ALL, FB_CAUSE_ADMINISTRATOR, now);
        }
        else if (carrier != NULL && fb_registration_up(r))
        {
            fb_mobile_node_drop_request(node, r);
            fb_mobile_node_set_state(node,
                                     r,
                                     FB_BINDING_DEREGISTERING,
                                     FB_CAUSE_ADMINISTRATOR,
                                     now);
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
        fb_mobile_node_note_home_answer(node, cause, now);
    }
    for (size_t i = 0; all && i < node->registrations.capacity; i++)
    {
        fb_registration *other = fb_mobile_node_at(node, i);

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
