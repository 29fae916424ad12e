/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/gateways.h"

#include "base/hash.h"
#include "base/machine.h"

#include <string.h>

#define SUBTYPE_NAI 1 /* RFC 4283 3.1 */

/** Longest identifier. */
#define NAME_MAX UINT8_MAX

/** Room for what is told of gateways. */
static void
init_terms(fb_gateways *gateways, fb_arena *arena, uint32_t capacity)
{
    size_t members = fb_arena_octets(capacity, FB_GATEWAY_ADDRESSES_MAX);
    uint32_t *free = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
    void *index = fb_arena_take(arena, 1, fb_index_memory(capacity), _Alignof(uint32_t));
    fb_prefix_set_memory memory = {
        .member = fb_arena_take(arena, members, sizeof(fb_prefix), _Alignof(fb_prefix)),
        .branch =
            fb_arena_take(arena, members, sizeof(fb_prefix_branch), _Alignof(fb_prefix_branch)),
        .pool = fb_arena_take(arena, 1, fb_pool_memory((uint32_t)members), _Alignof(uint32_t))};

    gateways->terms =
        fb_arena_take(arena, capacity, sizeof *gateways->terms, _Alignof(fb_gateway_terms));
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&gateways->told, free, capacity);
        fb_index_init(&gateways->by_association, index, capacity);
        fb_prefix_set_init(&gateways->addresses, memory, (uint32_t)members);
    }
}

void
fb_gateways_init(fb_gateways *gateways, fb_arena *arena, const fb_limits *limits)
{
    uint32_t capacity = limits->gateways;
    uint32_t told = limits->named_gateways > 0 && limits->named_gateways < capacity
                        ? limits->named_gateways
                        : capacity;
    size_t usual = limits->name_octets > 0 ? limits->name_octets : FB_NAI_MAX;
    uint32_t *free = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));

    gateways->item = fb_arena_take(arena, capacity, sizeof *gateways->item, FB_CACHE_LINE);
    /* One that is as long as any is known even if there is room for no other one */
    fb_cells_init(&gateways->names,
                  arena,
                  (uint64_t)capacity * fb_cells_for(usual) + fb_cells_for(NAME_MAX));
    fb_chains_init(&gateways->by_identity, arena, capacity);
    init_terms(gateways, arena, told);
    gateways->version = 0;
    gateways->open = 0;
    gateways->sweeping = FB_GATEWAY_NONE;
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&gateways->pool, free, capacity);
    }
}

/* ---- identifiers ---- */

static uint32_t
hash_of(const fb_identifier *identifier, bool anonymous)
{
    uint64_t seed = (uint64_t)anonymous << 8 | identifier->subtype;

    return (uint32_t)fb_hash_octets(seed, identifier->value.octet, identifier->value.length);
}

static bool
is_called(const fb_gateways *gateways,
          uint32_t gateway,
          const fb_identifier *identifier,
          bool anonymous)
{
    const fb_gateway_entry *entry = &gateways->item[gateway];
    const fb_octets *value = &identifier->value;

    return entry->anonymous == anonymous && entry->subtype == identifier->subtype &&
           entry->length == value->length &&
           fb_cells_equal(&gateways->names, entry->name, value->octet, value->length);
}

bool
fb_gateways_is(const fb_gateways *gateways, uint32_t gateway, const fb_identifier *identifier)
{
    return is_called(gateways, gateway, identifier, false);
}

static uint32_t
find(const fb_gateways *gateways, const fb_identifier *identifier, bool anonymous)
{
    uint32_t hash = hash_of(identifier, anonymous);
    uint32_t at = fb_chains_first(&gateways->by_identity, hash);

    while (at != FB_GATEWAY_NONE &&
           (gateways->item[at].hash != hash || !is_called(gateways, at, identifier, anonymous)))
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
    const fb_octets *value = &identifier->value;
    uint32_t changes = entry->changes + 1, life = entry->life;

    memset(entry, 0, sizeof *entry);
    entry->changes = changes;
    entry->life = life;
    entry->subtype = identifier->subtype;
    entry->length = value->length;
    entry->name = fb_cells_store(&gateways->names, value->octet, value->length);
    entry->hash = hash_of(identifier, anonymous);
    entry->anonymous = anonymous;
    entry->terms = FB_POOL_NONE;
    entry->first = FB_POOL_NONE;
    entry->last = FB_POOL_NONE;
    fb_chains_add(&gateways->by_identity, entry->hash, id);
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

    if (entry->terms != FB_POOL_NONE || entry->sessions > 0)
    {
        return;
    }
    entry->life++;
    fb_chains_remove(&gateways->by_identity, entry->hash, gateway);
    fb_cells_give(&gateways->names, entry->name, entry->length);
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
        fb_cells_read(&gateways->names, entry->name, (uint8_t *)nai.text, entry->length);
    }
    return nai;
}

/* ---- what is configured ---- */

static bool
is_open(const fb_gateway_terms *terms)
{
    return terms->association == 0 && terms->address_count == 0;
}

/** The prefixes that the proxy care-of addresses are from. */
static const fb_prefix *
addresses_of(const fb_gateways *gateways, uint32_t terms)
{
    return &gateways->addresses.member[(size_t)terms * FB_GATEWAY_ADDRESSES_MAX];
}

/** What is known of one that was told of. */
static fb_gateway
told_of(const fb_gateways *gateways, uint32_t gateway)
{
    uint32_t number = gateways->item[gateway].terms;
    const fb_gateway_terms *terms = &gateways->terms[number];
    fb_gateway told = {.identity = fb_gateways_nai(gateways, gateway),
                       .security_association = terms->association,
                       .address_count = terms->address_count};

    memcpy(told.address,
           addresses_of(gateways, number),
           terms->address_count * sizeof *told.address);
    return told;
}

static void
drop_terms(fb_gateways *gateways, uint32_t gateway)
{
    uint32_t number = gateways->item[gateway].terms;
    const fb_gateway_terms *terms = &gateways->terms[number];

    for (uint32_t i = 0; i < terms->address_count; i++)
    {
        fb_prefix_set_remove(&gateways->addresses, number * FB_GATEWAY_ADDRESSES_MAX + i);
    }
    if (terms->association != 0)
    {
        fb_index_remove(&gateways->by_association, terms->association);
    }
    gateways->open -= is_open(terms);
    gateways->version++;
    gateways->item[gateway].terms = FB_POOL_NONE;
    fb_pool_give(&gateways->told, number);
}

/** Puts all of the prefixes into the set. False, and none is in it: one overlaps another gateway's. */
static bool
add_addresses(fb_gateways *gateways, uint32_t number, const fb_gateway *told)
{
    uint32_t first = number * FB_GATEWAY_ADDRESSES_MAX;
    uint32_t added = 0;

    while (added < told->address_count &&
           fb_prefix_set_add(&gateways->addresses, first + added, &told->address[added]))
    {
        added++;
    }
    if (added == told->address_count)
    {
        return true;
    }
    while (added-- > 0)
    {
        fb_prefix_set_remove(&gateways->addresses, first + added);
    }
    return false;
}

/** Puts the terms in force; there is room. False, and nothing changed: they are another gateway's too. */
static bool
take_terms(fb_gateways *gateways, uint32_t gateway, const fb_gateway *told)
{
    uint32_t association = told->security_association;
    uint32_t number;

    if (fb_gateways_find_association(gateways, association) != FB_GATEWAY_NONE)
    {
        return false;
    }
    number = fb_pool_take(&gateways->told);
    if (!add_addresses(gateways, number, told))
    {
        fb_pool_give(&gateways->told, number);
        return false;
    }
    if (association != 0)
    {
        fb_index_insert(&gateways->by_association, association, number);
    }
    gateways->terms[number] = (fb_gateway_terms){.gateway = gateway,
                                                 .association = association,
                                                 .address_count = told->address_count};
    gateways->item[gateway].terms = number;
    gateways->open += is_open(&gateways->terms[number]);
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
    bool was_told;

    if (!terms_valid(&terms))
    {
        return FB_ERR_ARGUMENT;
    }
    id = fb_gateways_find(gateways, &identifier);
    was_told = id != FB_GATEWAY_NONE && fb_gateways_is_told(gateways, id);
    if ((id == FB_GATEWAY_NONE && !fb_gateways_has_room(gateways, identifier.value.length)) ||
        (!was_told && gateways->told.used == gateways->told.capacity))
    {
        return FB_ERR_LIMIT;
    }
    if (id == FB_GATEWAY_NONE)
    {
        id = fb_gateways_add(gateways, &identifier);
    }
    if (was_told)
    {
        before = told_of(gateways, id);
        drop_terms(gateways, id);
    }
    if (take_terms(gateways, id, &terms))
    {
        return FB_OK;
    }
    if (was_told)
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
fb_gateways_find_association(const fb_gateways *gateways, uint32_t association)
{
    uint32_t number = association == 0 ? FB_INDEX_NONE
                                       : fb_index_find(&gateways->by_association, association);

    return number == FB_INDEX_NONE ? FB_GATEWAY_NONE : gateways->terms[number].gateway;
}

uint32_t
fb_gateways_find_origin(const fb_gateways *gateways, const fb_addr *address, uint32_t association)
{
    uint32_t found = fb_gateways_find_association(gateways, association);
    uint32_t member;

    if (found != FB_GATEWAY_NONE)
    {
        return found;
    }
    member = fb_prefix_set_find(&gateways->addresses, address->family, address->octet);
    return member == FB_PREFIX_NONE ? FB_GATEWAY_NONE
                                    : gateways->terms[member / FB_GATEWAY_ADDRESSES_MAX].gateway;
}

bool
fb_gateways_origin_fits(const fb_gateways *gateways,
                        uint32_t gateway,
                        const fb_addr *address,
                        uint32_t association)
{
    uint32_t number = gateways->item[gateway].terms;
    const fb_gateway_terms *terms;
    const fb_prefix *from;

    if (number == FB_POOL_NONE)
    {
        return true;
    }
    terms = &gateways->terms[number];
    from = addresses_of(gateways, number);
    if (terms->association != 0 && terms->association != association)
    {
        return false;
    }
    for (size_t i = 0; i < terms->address_count; i++)
    {
        if (from[i].address.family == address->family && fb_prefix_covers(&from[i], address->octet))
        {
            return true;
        }
    }
    return terms->address_count == 0;
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
