/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Which prefixes a mobility session has: those that are its mobile node's by name, and one out of the pool.
 */

#include "state/session_cache.h"

uint32_t
fb_sessions_find_address(const fb_session_cache *sessions, uint8_t family, const uint8_t *octets)
{
    uint32_t named;

    for (size_t use = 0; use < FB_PREFIX_USES; use++)
    {
        uint32_t owner = fb_prefix_pool_owner(&sessions->pool[use], family, octets);

        if (owner != FB_PREFIX_UNOWNED)
        {
            return owner;
        }
    }
    named = fb_prefix_set_find(&sessions->named_set, family, octets);
    return named == FB_PREFIX_NONE ? FB_SESSION_NONE : sessions->named[named].session;
}

/** The next of the node's names for @p use that @p session has, FB_SESSION_NONE: nobody; from @p at on. */
static uint32_t
next_named(const fb_session_cache *sessions, uint32_t at, fb_prefix_use use, uint32_t session)
{
    while (at != FB_POOL_NONE &&
           (sessions->named[at].use != use || sessions->named[at].session != session))
    {
        at = sessions->named[at].next;
    }
    return at;
}

/** The first of the node's names; of one that is not known yet there is none. */
static uint32_t
names_of(const fb_session_cache *sessions, uint32_t node)
{
    return node == FB_NODE_NONE ? FB_POOL_NONE : sessions->node[node].prefixes;
}

static uint32_t
first_named(const fb_session_cache *sessions, uint32_t node, fb_prefix_use use, uint32_t session)
{
    return next_named(sessions, names_of(sessions, node), use, session);
}

void
fb_session_prefixes(const fb_session_cache *sessions,
                    uint32_t session,
                    fb_prefix_use use,
                    fb_networks *networks)
{
    uint32_t at = first_named(sessions, sessions->session[session].node, use, session);
    uint32_t number = fb_session_number(sessions, session, use);

    networks->count = 0;
    if (number != FB_POOL_NONE)
    {
        networks->prefix[networks->count++] = fb_prefix_pool_prefix(&sessions->pool[use], number);
    }
    while (at != FB_POOL_NONE && networks->count < FB_NETWORKS_MAX)
    {
        networks->prefix[networks->count++] = sessions->named_set.member[at];
        at = next_named(sessions, sessions->named[at].next, use, session);
    }
}

bool
fb_session_has_only(const fb_session_cache *sessions,
                    uint32_t session,
                    fb_prefix_use use,
                    const fb_prefix *prefix)
{
    uint32_t number = fb_session_number(sessions, session, use);

    return number != FB_POOL_NONE &&
           sessions->node[sessions->session[session].node].prefixes == FB_POOL_NONE &&
           fb_prefix_pool_number(&sessions->pool[use], prefix) == number;
}

bool
fb_session_has_prefixes(const fb_session_cache *sessions, uint32_t session, fb_prefix_use use)
{
    uint32_t node = sessions->session[session].node;

    return fb_session_number(sessions, session, use) != FB_POOL_NONE ||
           first_named(sessions, node, use, session) != FB_POOL_NONE;
}

/* ---- may it? ---- */

/** The node's name of exactly this prefix; FB_POOL_NONE. */
static uint32_t
named_as(const fb_session_cache *sessions,
         uint32_t node,
         fb_prefix_use use,
         const fb_prefix *prefix)
{
    uint32_t at = names_of(sessions, node);

    while (at != FB_POOL_NONE && (sessions->named[at].use != use ||
                                  !fb_prefix_equal(&sessions->named_set.member[at], prefix)))
    {
        at = sessions->named[at].next;
    }
    return at;
}

/** Whether the node has names for @p use, of any family with FB_FAMILY_NONE, whoever of its sessions uses them. */
static bool
has_names(const fb_session_cache *sessions, uint32_t node, fb_prefix_use use, uint8_t family)
{
    for (uint32_t at = names_of(sessions, node); at != FB_POOL_NONE; at = sessions->named[at].next)
    {
        if (sessions->named[at].use == use &&
            (family == FB_FAMILY_NONE || sessions->named_set.member[at].address.family == family))
        {
            return true;
        }
    }
    return false;
}

/** Whether the session can have a prefix out of the pool: it has none yet. */
static bool
can_have_pooled(const fb_session_cache *sessions, uint32_t session, fb_prefix_use use)
{
    return session == FB_SESSION_NONE || fb_session_number(sessions, session, use) == FB_POOL_NONE;
}

int
fb_sessions_check_named(const fb_session_cache *sessions,
                        uint32_t node,
                        uint32_t session,
                        fb_prefix_use use,
                        const fb_prefix *wanted,
                        size_t count)
{
    bool pooled = false;

    for (size_t i = 0; i < count; i++)
    {
        uint32_t at = named_as(sessions, node, use, &wanted[i]);
        uint32_t number = fb_prefix_pool_number(&sessions->pool[use], &wanted[i]);

        if (at != FB_POOL_NONE)
        {
            if (sessions->named[at].session != FB_SESSION_NONE &&
                sessions->named[at].session != session)
            {
                return FB_DROP_PBU_PREFIX_NOT_AUTHORIZED;
            }
            continue;
        }
        if (session != FB_SESSION_NONE && number != FB_POOL_NONE &&
            number == fb_session_number(sessions, session, use))
        {
            continue;
        }
        /* One of the pool that is free was perhaps its own before the anchor forgot it. Who has names has no other */
        if (pooled || number == FB_POOL_NONE || has_names(sessions, node, use, FB_FAMILY_NONE) ||
            !can_have_pooled(sessions, session, use) ||
            !fb_prefix_pool_is_free(&sessions->pool[use], number))
        {
            return FB_DROP_PBU_PREFIX_NOT_AUTHORIZED;
        }
        pooled = true;
    }
    return FB_REASON_NONE;
}

/** The first name of that family nobody uses; FB_POOL_NONE. */
static uint32_t
unused_name(const fb_session_cache *sessions, uint32_t node, fb_prefix_use use, uint8_t family)
{
    uint32_t at = first_named(sessions, node, use, FB_SESSION_NONE);

    while (at != FB_POOL_NONE && sessions->named_set.member[at].address.family != family)
    {
        at = next_named(sessions, sessions->named[at].next, use, FB_SESSION_NONE);
    }
    return at;
}

int
fb_sessions_check_any(const fb_session_cache *sessions,
                      uint32_t node,
                      uint32_t session,
                      fb_prefix_use use,
                      uint8_t family)
{
    const fb_prefix_pool *pool = &sessions->pool[use];

    if (unused_name(sessions, node, use, family) != FB_POOL_NONE)
    {
        return FB_REASON_NONE;
    }
    return pool->base.length > 0 && pool->base.address.family == family &&
                   fb_prefix_pool_has_room(pool) && can_have_pooled(sessions, session, use)
               ? FB_REASON_NONE
               : FB_DROP_PBU_RESOURCES;
}

/* ---- it has ---- */

static void
prefix_event(fb_session_cache *sessions,
             uint32_t session,
             fb_prefix_use use,
             const fb_prefix *prefix,
             bool there,
             fb_time now)
{
    fb_event event = {.kind = FB_EVENT_PREFIX,
                      .role = FB_ROLE_LMA,
                      .from = !there,
                      .to = there,
                      .ref = {.session = session + 1},
                      .prefix = *prefix,
                      .identity = fb_sessions_identity(sessions, sessions->session[session].node),
                      .delegated = use == FB_PREFIX_DELEGATED,
                      .time = now};

    fb_cache_node(&sessions->cache, session)->generation++;
    fb_events_push(sessions->events, &event);
}

static void
assign_name(fb_session_cache *sessions, uint32_t session, uint32_t named, fb_time now)
{
    if (sessions->named[named].session != session)
    {
        sessions->named[named].session = session;
        prefix_event(sessions,
                     session,
                     (fb_prefix_use)sessions->named[named].use,
                     &sessions->named_set.member[named],
                     true,
                     now);
    }
}

static void
set_number(fb_session_cache *sessions, uint32_t session, fb_prefix_use use, uint32_t number)
{
    uint32_t *own = use == FB_PREFIX_HOME ? &sessions->session[session].home_number
                                          : &sessions->number[use][session];

    *own = number;
}

static void
assign_number(fb_session_cache *sessions,
              uint32_t session,
              fb_prefix_use use,
              uint32_t number,
              fb_time now)
{
    fb_prefix prefix = fb_prefix_pool_prefix(&sessions->pool[use], number);

    set_number(sessions, session, use, number);
    prefix_event(sessions, session, use, &prefix, true, now);
}

void
fb_session_assign_named(fb_session_cache *sessions,
                        uint32_t session,
                        fb_prefix_use use,
                        const fb_prefix *wanted,
                        size_t count,
                        fb_time now)
{
    uint32_t node = sessions->session[session].node;

    for (size_t i = 0; i < count; i++)
    {
        uint32_t at = named_as(sessions, node, use, &wanted[i]);
        uint32_t number = fb_prefix_pool_number(&sessions->pool[use], &wanted[i]);

        if (at != FB_POOL_NONE)
        {
            assign_name(sessions, session, at, now);
        }
        else if (fb_prefix_pool_take_number(&sessions->pool[use], number, session))
        {
            assign_number(sessions, session, use, number, now);
        }
    }
}

void
fb_session_assign_any(fb_session_cache *sessions,
                      uint32_t session,
                      fb_prefix_use use,
                      uint8_t family,
                      fb_time now)
{
    uint32_t node = sessions->session[session].node;
    uint32_t at = unused_name(sessions, node, use, family);

    if (at == FB_POOL_NONE)
    {
        uint32_t number = fb_prefix_pool_take(&sessions->pool[use], session);

        assign_number(sessions, session, use, number, now);
        return;
    }
    while (at != FB_POOL_NONE)
    {
        assign_name(sessions, session, at, now);
        at = unused_name(sessions, node, use, family);
    }
}

void
fb_session_release_prefixes(fb_session_cache *sessions,
                            uint32_t session,
                            fb_prefix_use use,
                            fb_time now)
{
    uint32_t at = first_named(sessions, sessions->session[session].node, use, session);
    uint32_t number = fb_session_number(sessions, session, use);

    if (number != FB_POOL_NONE)
    {
        fb_prefix prefix = fb_prefix_pool_prefix(&sessions->pool[use], number);

        fb_prefix_pool_give(&sessions->pool[use], number);
        set_number(sessions, session, use, FB_POOL_NONE);
        prefix_event(sessions, session, use, &prefix, false, now);
    }
    while (at != FB_POOL_NONE)
    {
        uint32_t next = next_named(sessions, sessions->named[at].next, use, session);

        sessions->named[at].session = FB_SESSION_NONE;
        prefix_event(sessions, session, use, &sessions->named_set.member[at], false, now);
        at = next;
    }
}
