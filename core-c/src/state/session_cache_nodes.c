/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The mobile nodes of an anchor: who they are, what they may do, which prefixes are theirs by name.
 */

#include "state/session_cache.h"

#include "base/hash.h"

#include <string.h>

#define SUBTYPE_NAI 1 /* RFC 4283 3.1 */

static uint32_t
hash_of(uint8_t subtype, const uint8_t *text, size_t length)
{
    return (uint32_t)fb_hash_octets(subtype, text, length);
}

/** Octets of a name in its cells: subtype and identifier. */
#define NAME_MAX (1 + FB_NAI_MAX)

void
fb_sessions_init_names(fb_session_cache *sessions, fb_arena *arena, const fb_limits *limits)
{
    uint32_t usual = limits->name_octets > 0 && limits->name_octets < FB_NAI_MAX
                         ? limits->name_octets
                         : FB_NAI_MAX;
    uint64_t each = fb_cells_for(1 + usual);

    /* One that is as long as any is known even if there is room for no other one */
    fb_cells_init(&sessions->names, arena, limits->subscribers * each + fb_cells_for(NAME_MAX));
}

/** Subtype and identifier, as they stand in the cells. Their length. */
static size_t
name_of(const fb_identifier *identifier, uint8_t octets[NAME_MAX])
{
    octets[0] = identifier->subtype;
    memcpy(octets + 1, identifier->value.octet, identifier->value.length);
    return 1u + identifier->value.length;
}

bool
fb_sessions_has_room_for_node(const fb_session_cache *sessions, size_t name_length)
{
    return sessions->nodes.used < sessions->nodes.capacity && name_length <= FB_NAI_MAX &&
           fb_cells_have_room(&sessions->names, 1 + name_length);
}

void
fb_sessions_name(const fb_session_cache *sessions, uint32_t node, fb_nai *name)
{
    const fb_proxy_node *item = &sessions->node[node];
    uint8_t octets[NAME_MAX];

    fb_cells_read(&sessions->names, item->name, octets, 1u + item->name_length);
    name->length = item->name_length;
    memcpy(name->text, octets + 1, item->name_length);
}

fb_nai
fb_sessions_identity(const fb_session_cache *sessions, uint32_t node)
{
    fb_nai identity = {.length = 0};

    fb_sessions_name(sessions, node, &identity);
    return identity;
}

static uint32_t
hash_of_node(const fb_session_cache *sessions, uint32_t node)
{
    const fb_proxy_node *item = &sessions->node[node];
    uint8_t octets[NAME_MAX];

    fb_cells_read(&sessions->names, item->name, octets, 1u + item->name_length);
    return hash_of(octets[0], octets + 1, item->name_length);
}

bool
fb_sessions_is_node(const fb_session_cache *sessions,
                    uint32_t node,
                    const fb_identifier *identifier)
{
    const fb_proxy_node *item = &sessions->node[node];
    uint8_t octets[NAME_MAX];

    return item->name_length == identifier->value.length &&
           fb_cells_equal(&sessions->names, item->name, octets, name_of(identifier, octets));
}

uint32_t
fb_sessions_find_node(const fb_session_cache *sessions, const fb_identifier *identifier)
{
    const fb_octets *value = &identifier->value;
    uint32_t at;

    if (value->length == 0 || value->length > FB_NAI_MAX)
    {
        return FB_NODE_NONE;
    }
    at = fb_chains_first(&sessions->by_identity,
                         hash_of(identifier->subtype, value->octet, value->length));
    while (at != FB_NODE_NONE && !fb_sessions_is_node(sessions, at, identifier))
    {
        at = fb_chains_next(&sessions->by_identity, at);
    }
    return at;
}

uint32_t
fb_sessions_add_node(fb_session_cache *sessions, const fb_identifier *identifier, uint8_t rights)
{
    uint32_t id = FB_NODE_NONE;
    uint8_t octets[NAME_MAX];
    fb_proxy_node *node;

    if (identifier->value.length > 0 &&
        fb_sessions_has_room_for_node(sessions, identifier->value.length))
    {
        id = fb_pool_take(&sessions->nodes);
    }
    if (id == FB_POOL_NONE)
    {
        return FB_NODE_NONE;
    }
    node = &sessions->node[id];
    memset(node, 0, sizeof *node);
    node->sessions = FB_POOL_NONE;
    node->prefixes = FB_POOL_NONE;
    node->rights = rights;
    node->name_length = identifier->value.length;
    node->name = fb_cells_store(&sessions->names, octets, name_of(identifier, octets));
    fb_chains_add(&sessions->by_identity,
                  hash_of(identifier->subtype, identifier->value.octet, identifier->value.length),
                  id);
    return id;
}

void
fb_sessions_node_changed(fb_session_cache *sessions, uint32_t node)
{
    for (uint32_t at = sessions->node[node].sessions; at != FB_SESSION_NONE;
         at = sessions->session[at].next)
    {
        fb_cache_node(&sessions->cache, at)->generation++;
    }
}

void
fb_sessions_settle_node(fb_session_cache *sessions, uint32_t id)
{
    const fb_proxy_node *node = &sessions->node[id];

    if ((node->rights & FB_PROXY_CONFIGURED) == 0 && node->session_count == 0)
    {
        fb_chains_remove(&sessions->by_identity, hash_of_node(sessions, id), id);
        fb_cells_give(&sessions->names, node->name, 1u + node->name_length);
        fb_pool_give(&sessions->nodes, id);
    }
}

/* ---- what a node is given by name ---- */

/** Forgets the names of prefixes. A session that has one keeps it not: the caller ended it, or took it away. */
static void
drop_named(fb_session_cache *sessions, uint32_t node)
{
    while (sessions->node[node].prefixes != FB_POOL_NONE)
    {
        uint32_t id = sessions->node[node].prefixes;
        const fb_named_prefix *named = &sessions->named[id];
        const fb_prefix *prefix = &sessions->named_set.member[id];
        fb_prefix_pool *pool = &sessions->pool[named->use];
        uint32_t number = fb_prefix_pool_number(pool, prefix);

        if (number != FB_POOL_NONE)
        {
            fb_prefix_pool_give(pool, number);
        }
        sessions->node[node].prefixes = named->next;
        fb_prefix_set_remove(&sessions->named_set, id);
        fb_pool_give(&sessions->nameds, id);
    }
}

/**
 * Adds one to the end of the node's. One that lies in the pool has to be a prefix the pool would give, and is not given
 * to others then. FB_OK, FB_ERR_LIMIT or FB_ERR_ARGUMENT.
 */
static int
add_named(fb_session_cache *sessions, uint32_t node, fb_prefix_use use, const fb_prefix *wanted)
{
    fb_prefix_pool *pool = &sessions->pool[use];
    fb_prefix prefix = *wanted;
    uint32_t *link = &sessions->node[node].prefixes;
    uint32_t number;
    uint32_t id;

    if (!fb_prefix_valid(&prefix) || fb_prefix_unspecified(&prefix))
    {
        return FB_ERR_ARGUMENT;
    }
    fb_prefix_clear_host_bits(&prefix);
    number = fb_prefix_pool_number(pool, &prefix);
    if (number != FB_POOL_NONE && !fb_prefix_pool_is_free(pool, number))
    {
        return FB_ERR_ARGUMENT;
    }
    id = fb_pool_take(&sessions->nameds);
    if (id == FB_POOL_NONE)
    {
        return FB_ERR_LIMIT;
    }
    if (!fb_prefix_set_add(&sessions->named_set, id, &prefix))
    {
        fb_pool_give(&sessions->nameds, id);
        return FB_ERR_ARGUMENT;
    }
    if (number != FB_POOL_NONE)
    {
        (void)fb_prefix_pool_take_number(pool, number, FB_PREFIX_UNOWNED);
    }
    while (*link != FB_POOL_NONE)
    {
        link = &sessions->named[*link].next;
    }
    sessions->named[id] = (fb_named_prefix){.node = node,
                                            .next = FB_POOL_NONE,
                                            .session = FB_SESSION_NONE,
                                            .use = (uint8_t)use};
    *link = id;
    return FB_OK;
}

static int
add_all(fb_session_cache *sessions, uint32_t node, const fb_proxy_subscriber *subscriber)
{
    int error = FB_OK;

    for (size_t i = 0; error == FB_OK && i < subscriber->home.count; i++)
    {
        error = add_named(sessions, node, FB_PREFIX_HOME, &subscriber->home.prefix[i]);
    }
    for (size_t i = 0; error == FB_OK && i < subscriber->delegated.count; i++)
    {
        error = add_named(sessions, node, FB_PREFIX_DELEGATED, &subscriber->delegated.prefix[i]);
    }
    if (error == FB_OK && subscriber->home_address != 0)
    {
        fb_prefix address = {fb_addr_from_ipv4(subscriber->home_address), 32};

        error = add_named(sessions, node, FB_PREFIX_IPV4, &address);
    }
    return error;
}

static uint8_t
rights_of(const fb_proxy_subscriber *subscriber)
{
    return (uint8_t)(FB_PROXY_CONFIGURED |
                     (subscriber->multipath_allowed ? FB_PROXY_MULTIPATH : 0) |
                     (subscriber->service ? FB_PROXY_SERVICE : 0) |
                     (subscriber->ipv4_allowed ? FB_PROXY_IPV4 : 0) |
                     (subscriber->delegation_allowed ? FB_PROXY_DELEGATION : 0) |
                     (subscriber->ipv6_refused ? 0 : FB_PROXY_IPV6));
}

static bool
is_named(const fb_session_cache *sessions, uint32_t at, fb_prefix_use use, fb_prefix wanted)
{
    fb_prefix_clear_host_bits(&wanted);
    return sessions->named[at].use == use &&
           fb_prefix_equal(&sessions->named_set.member[at], &wanted);
}

/** Whether the node's prefixes are those @p subscriber names, in its order. */
static bool
same_named(const fb_session_cache *sessions, uint32_t node, const fb_proxy_subscriber *subscriber)
{
    uint32_t at = sessions->node[node].prefixes;

    for (size_t i = 0; i < subscriber->home.count; i++)
    {
        if (at == FB_POOL_NONE ||
            !is_named(sessions, at, FB_PREFIX_HOME, subscriber->home.prefix[i]))
        {
            return false;
        }
        at = sessions->named[at].next;
    }
    for (size_t i = 0; i < subscriber->delegated.count; i++)
    {
        if (at == FB_POOL_NONE ||
            !is_named(sessions, at, FB_PREFIX_DELEGATED, subscriber->delegated.prefix[i]))
        {
            return false;
        }
        at = sessions->named[at].next;
    }
    if (subscriber->home_address != 0)
    {
        fb_prefix address = {fb_addr_from_ipv4(subscriber->home_address), 32};

        if (at == FB_POOL_NONE || !is_named(sessions, at, FB_PREFIX_IPV4, address))
        {
            return false;
        }
        at = sessions->named[at].next;
    }
    return at == FB_POOL_NONE;
}

static bool
subscriber_valid(const fb_proxy_subscriber *subscriber)
{
    return subscriber->identity.length > 0 && subscriber->identity.length <= FB_NAI_MAX &&
           subscriber->home.count <= FB_NETWORKS_MAX &&
           subscriber->delegated.count <= FB_NETWORKS_MAX;
}

static fb_identifier
identifier_of(const fb_nai *nai)
{
    return (fb_identifier){SUBTYPE_NAI, {(const uint8_t *)nai->text, nai->length}};
}

/** What the node is given by name, as add_all() takes it. */
static fb_proxy_subscriber
named_of(const fb_session_cache *sessions, uint32_t node)
{
    fb_proxy_subscriber named = {.home_address = 0};

    for (uint32_t at = sessions->node[node].prefixes; at != FB_POOL_NONE;
         at = sessions->named[at].next)
    {
        const fb_prefix *prefix = &sessions->named_set.member[at];
        fb_networks *networks = sessions->named[at].use == FB_PREFIX_HOME ? &named.home
                                                                          : &named.delegated;

        if (sessions->named[at].use == FB_PREFIX_IPV4)
        {
            named.home_address = fb_addr_to_ipv4(&prefix->address);
        }
        else
        {
            networks->prefix[networks->count++] = *prefix;
        }
    }
    return named;
}

int
fb_sessions_set_node(fb_session_cache *sessions, const fb_proxy_subscriber *subscriber)
{
    fb_identifier identifier = identifier_of(&subscriber->identity);
    fb_proxy_subscriber before = {.home_address = 0};
    uint32_t id;
    int error;

    if (!subscriber_valid(subscriber))
    {
        return FB_ERR_ARGUMENT;
    }
    id = fb_sessions_find_node(sessions, &identifier);
    if (id != FB_NODE_NONE && same_named(sessions, id, subscriber))
    {
        if (sessions->node[id].rights != rights_of(subscriber))
        {
            sessions->node[id].rights = rights_of(subscriber);
            fb_sessions_node_changed(sessions, id);
        }
        return FB_OK;
    }
    if (id != FB_NODE_NONE && sessions->node[id].session_count > 0)
    {
        /* Its sessions have what it had: they have to end before it can have something else */
        return FB_ERR_ARGUMENT;
    }
    if (id != FB_NODE_NONE)
    {
        before = named_of(sessions, id);
        drop_named(sessions, id);
    }
    else
    {
        id = fb_sessions_add_node(sessions, &identifier, 0);
    }
    if (id == FB_NODE_NONE)
    {
        return FB_ERR_LIMIT;
    }
    error = add_all(sessions, id, subscriber);
    if (error == FB_OK)
    {
        sessions->node[id].rights = rights_of(subscriber);
        return FB_OK;
    }
    drop_named(sessions, id);
    (void)add_all(sessions, id, &before); /* it had them, so they fit */
    fb_sessions_settle_node(sessions, id);
    return error;
}

int
fb_sessions_remove_node(fb_session_cache *sessions, const fb_nai *identity, fb_time now)
{
    fb_identifier identifier = identifier_of(identity);
    uint32_t id = identity->length > FB_NAI_MAX ? FB_NODE_NONE
                                                : fb_sessions_find_node(sessions, &identifier);

    if (id == FB_NODE_NONE || (sessions->node[id].rights & FB_PROXY_CONFIGURED) == 0)
    {
        return FB_ERR_UNKNOWN;
    }
    while (sessions->node[id].sessions != FB_POOL_NONE)
    {
        fb_session_delete(sessions, sessions->node[id].sessions, FB_CAUSE_ADMINISTRATOR, now);
    }
    drop_named(sessions, id);
    sessions->node[id].rights = 0;
    fb_sessions_settle_node(sessions, id);
    return FB_OK;
}
