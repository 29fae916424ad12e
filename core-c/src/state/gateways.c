/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/gateways.h"

#include "base/hash.h"
#include "base/machine.h"

#include <string.h>

#define SUBTYPE_NAI 1 /* RFC 4283 3.1 */

void
fb_gateways_init(fb_gateways *gateways, fb_arena *arena, uint32_t capacity)
{
    size_t members = fb_arena_octets(capacity, FB_GATEWAY_ADDRESSES_MAX);
    uint32_t *free = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
    void *index = fb_arena_take(arena, 1, fb_index_memory(capacity), _Alignof(uint32_t));
    fb_prefix_set_memory memory = {
        .member = fb_arena_take(arena, members, sizeof(fb_prefix), _Alignof(fb_prefix)),
        .branch =
            fb_arena_take(arena, members, sizeof(fb_prefix_branch), _Alignof(fb_prefix_branch)),
        .pool = fb_arena_take(arena, 1, fb_pool_memory((uint32_t)members), _Alignof(uint32_t))};

    gateways->item = fb_arena_take(arena, capacity, sizeof *gateways->item, FB_CACHE_LINE);
    fb_chains_init(&gateways->by_identity, arena, capacity);
    gateways->version = 0;
    gateways->open = 0;
    gateways->sweeping = FB_GATEWAY_NONE;
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&gateways->pool, free, capacity);
        fb_index_init(&gateways->by_association, index, capacity);
        fb_prefix_set_init(&gateways->addresses, memory, (uint32_t)members);
    }
}

/* ---- identifiers ---- */

static uint64_t
hash_of(const fb_identifier *identifier, bool anonymous)
{
    uint64_t seed = (uint64_t)anonymous << 8 | identifier->subtype;

    return fb_hash_octets(seed, identifier->value.octet, identifier->value.length);
}

static bool
is_called(const fb_gateway_entry *entry, const fb_identifier *identifier, bool anonymous)
{
    size_t length = identifier->value.length < FB_NAI_MAX ? identifier->value.length : FB_NAI_MAX;

    return entry->anonymous == anonymous && entry->subtype == identifier->subtype &&
           entry->length == identifier->value.length &&
           memcmp(entry->octet, identifier->value.octet, length) == 0;
}

bool
fb_gateways_is(const fb_gateways *gateways, uint32_t gateway, const fb_identifier *identifier)
{
    const fb_gateway_entry *entry = &gateways->item[gateway];

    /* Of a longer one only the hash says whether the rest is the same */
    return is_called(entry, identifier, false) &&
           (entry->length <= FB_NAI_MAX || entry->hash == hash_of(identifier, false));
}

static uint32_t
find(const fb_gateways *gateways, const fb_identifier *identifier, bool anonymous)
{
    uint64_t hash = hash_of(identifier, anonymous);
    uint32_t at = fb_chains_first(&gateways->by_identity, (uint32_t)hash);

    while (at != FB_GATEWAY_NONE && (gateways->item[at].hash != hash ||
                                     !is_called(&gateways->item[at], identifier, anonymous)))
    {
        at = fb_chains_next(&gateways->by_identity, at);
    }
    return at;
}

static uint32_t
add(fb_gateways *gateways, const fb_identifier *identifier, bool anonymous)
{
    uint32_t id = fb_pool_take(&gateways->pool);
    fb_gateway_entry *entry = &gateways->item[id];
    size_t length = identifier->value.length < FB_NAI_MAX ? identifier->value.length : FB_NAI_MAX;
    uint32_t changes = entry->changes + 1, life = entry->life;

    memset(entry, 0, sizeof *entry);
    entry->changes = changes;
    entry->life = life;
    entry->subtype = identifier->subtype;
    entry->length = identifier->value.length;
    memcpy(entry->octet, identifier->value.octet, length);
    entry->hash = hash_of(identifier, anonymous);
    entry->anonymous = anonymous;
    entry->first = FB_POOL_NONE;
    entry->last = FB_POOL_NONE;
    fb_chains_add(&gateways->by_identity, (uint32_t)entry->hash, id);
    return id;
}

static fb_identifier
identifier_of_address(const fb_addr *address)
{
    return (fb_identifier){address->family, {address->octet, sizeof address->octet}};
}

uint32_t
fb_gateways_find(const fb_gateways *gateways, const fb_identifier *identifier)
{
    return find(gateways, identifier, false);
}

uint32_t
fb_gateways_find_address(const fb_gateways *gateways, const fb_addr *address)
{
    fb_identifier identifier = identifier_of_address(address);

    return find(gateways, &identifier, true);
}

uint32_t
fb_gateways_add(fb_gateways *gateways, const fb_identifier *identifier)
{
    return add(gateways, identifier, false);
}

uint32_t
fb_gateways_add_address(fb_gateways *gateways, const fb_addr *address)
{
    fb_identifier identifier = identifier_of_address(address);

    return add(gateways, &identifier, true);
}

void
fb_gateways_settle(fb_gateways *gateways, uint32_t gateway)
{
    fb_gateway_entry *entry = &gateways->item[gateway];

    if (entry->configured || entry->sessions > 0)
    {
        return;
    }
    entry->life++;
    fb_chains_remove(&gateways->by_identity, (uint32_t)entry->hash, gateway);
    fb_pool_give(&gateways->pool, gateway);
}

fb_nai
fb_gateways_nai(const fb_gateways *gateways, uint32_t gateway)
{
    const fb_gateway_entry *entry = &gateways->item[gateway];
    fb_nai nai = {.length = 0};

    if (!entry->anonymous && entry->length <= FB_NAI_MAX)
    {
        nai.length = entry->length;
        memcpy(nai.text, entry->octet, entry->length);
    }
    return nai;
}

/* ---- what is configured ---- */

static bool
is_open(const fb_gateway_entry *entry)
{
    return entry->association == 0 && entry->address_count == 0;
}

/** The terms in force. */
static fb_gateway
terms_of(const fb_gateways *gateways, uint32_t gateway)
{
    const fb_gateway_entry *entry = &gateways->item[gateway];
    fb_gateway terms = {.identity = fb_gateways_nai(gateways, gateway),
                        .security_association = entry->association,
                        .address_count = entry->address_count};

    memcpy(terms.address,
           &gateways->addresses.member[(size_t)gateway * FB_GATEWAY_ADDRESSES_MAX],
           entry->address_count * sizeof *terms.address);
    return terms;
}

static void
drop_terms(fb_gateways *gateways, uint32_t gateway)
{
    fb_gateway_entry *entry = &gateways->item[gateway];

    for (uint32_t i = 0; i < entry->address_count; i++)
    {
        fb_prefix_set_remove(&gateways->addresses, gateway * FB_GATEWAY_ADDRESSES_MAX + i);
    }
    if (entry->association != 0)
    {
        fb_index_remove(&gateways->by_association, entry->association);
    }
    gateways->open -= is_open(entry);
    gateways->version++;
    entry->configured = false;
}

/** Puts the terms in force. False, and nothing changed: they are another gateway's too. */
static bool
take_terms(fb_gateways *gateways, uint32_t gateway, const fb_gateway *terms)
{
    fb_gateway_entry *entry = &gateways->item[gateway];
    uint32_t first = gateway * FB_GATEWAY_ADDRESSES_MAX;
    uint32_t added = 0;

    if (terms->security_association != 0 &&
        fb_index_find(&gateways->by_association, terms->security_association) != FB_INDEX_NONE)
    {
        return false;
    }
    while (added < terms->address_count &&
           fb_prefix_set_add(&gateways->addresses, first + added, &terms->address[added]))
    {
        added++;
    }
    if (added < terms->address_count)
    {
        while (added-- > 0)
        {
            fb_prefix_set_remove(&gateways->addresses, first + added);
        }
        return false;
    }
    if (terms->security_association != 0)
    {
        fb_index_insert(&gateways->by_association, terms->security_association, gateway);
    }
    entry->association = terms->security_association;
    entry->address_count = terms->address_count;
    entry->configured = true;
    gateways->open += is_open(entry);
    gateways->version++;
    return true;
}

static bool
terms_valid(fb_gateway *terms)
{
    if (terms->identity.length == 0 || terms->identity.length > FB_NAI_MAX ||
        terms->address_count > FB_GATEWAY_ADDRESSES_MAX)
    {
        return false;
    }
    for (size_t i = 0; i < terms->address_count; i++)
    {
        if (!fb_prefix_valid(&terms->address[i]))
        {
            return false;
        }
        fb_prefix_clear_host_bits(&terms->address[i]);
    }
    return true;
}

int
fb_gateways_set(fb_gateways *gateways, const fb_gateway *gateway)
{
    fb_gateway terms = *gateway;
    fb_gateway before = {.address_count = 0};
    fb_identifier identifier = {SUBTYPE_NAI,
                                {(const uint8_t *)terms.identity.text, terms.identity.length}};
    uint32_t id;
    bool was_configured;

    if (!terms_valid(&terms))
    {
        return FB_ERR_ARGUMENT;
    }
    id = fb_gateways_find(gateways, &identifier);
    if (id == FB_GATEWAY_NONE && !fb_gateways_has_room(gateways))
    {
        return FB_ERR_LIMIT;
    }
    if (id == FB_GATEWAY_NONE)
    {
        id = fb_gateways_add(gateways, &identifier);
    }
    was_configured = gateways->item[id].configured;
    if (was_configured)
    {
        before = terms_of(gateways, id);
        drop_terms(gateways, id);
    }
    if (take_terms(gateways, id, &terms))
    {
        return FB_OK;
    }
    if (was_configured)
    {
        (void)take_terms(gateways, id, &before); /* they fitted before, so they do now */
    }
    fb_gateways_settle(gateways, id);
    return FB_ERR_ARGUMENT;
}

void
fb_gateways_unset(fb_gateways *gateways, uint32_t gateway)
{
    drop_terms(gateways, gateway);
    fb_gateways_settle(gateways, gateway);
}

uint32_t
fb_gateways_find_origin(const fb_gateways *gateways, const fb_addr *address, uint32_t association)
{
    uint32_t found = fb_gateways_find_association(gateways, association);

    if (found != FB_GATEWAY_NONE)
    {
        return found;
    }
    found = fb_prefix_set_find(&gateways->addresses, address->family, address->octet);
    return found == FB_PREFIX_NONE ? FB_GATEWAY_NONE : found / FB_GATEWAY_ADDRESSES_MAX;
}

bool
fb_gateways_origin_fits(const fb_gateways *gateways,
                        uint32_t gateway,
                        const fb_addr *address,
                        uint32_t association)
{
    const fb_gateway_entry *entry = &gateways->item[gateway];
    const fb_prefix *from = &gateways->addresses.member[(size_t)gateway * FB_GATEWAY_ADDRESSES_MAX];

    if (!entry->configured)
    {
        return true;
    }
    if (entry->association != 0 && entry->association != association)
    {
        return false;
    }
    for (size_t i = 0; i < entry->address_count; i++)
    {
        if (from[i].address.family == address->family && fb_prefix_covers(&from[i], address->octet))
        {
            return true;
        }
    }
    return entry->address_count == 0;
}

/* ---- restarts ---- */

bool
fb_gateways_hear(fb_gateways *gateways, uint32_t gateway, uint32_t counter, fb_time now)
{
    fb_gateway_entry *entry = &gateways->item[gateway];
    bool restarted = entry->counter_known && entry->restart_counter != counter;

    if (restarted)
    {
        /* C8-10: what it registered after it was heard last is of its new life, or was, which nobody can tell */
        fb_gateways_lose(gateways, gateway, entry->heard);
    }
    entry->counter_known = true;
    entry->restart_counter = counter;
    entry->heard = now;
    return restarted;
}

void
fb_gateways_lose(fb_gateways *gateways, uint32_t gateway, fb_time until)
{
    fb_gateway_entry *entry = &gateways->item[gateway];

    entry->lost_before = until + 1;
    entry->changes++;
    entry->unswept = entry->sessions;
    if (entry->unswept > 0)
    {
        gateways->sweeping = gateway;
    }
}

void
fb_gateways_swept(fb_gateways *gateways, uint32_t gateway)
{
    fb_gateway_entry *entry = &gateways->item[gateway];

    if (entry->unswept > 0 && --entry->unswept > 0)
    {
        return;
    }
    gateways->sweeping = FB_GATEWAY_NONE;
    /* Two at a time are rare: only then is there another one to look for */
    for (uint32_t id = 0; id < gateways->pool.touched; id++)
    {
        if (!fb_pool_is_free(&gateways->pool, id) && gateways->item[id].unswept > 0)
        {
            gateways->sweeping = id;
            return;
        }
    }
}
