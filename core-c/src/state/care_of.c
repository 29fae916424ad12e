/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/care_of.h"

#include "base/hash.h"

#include <string.h>

static uint32_t
hash_of(const fb_addr *address, uint16_t port)
{
    size_t length = address->family == FB_FAMILY_IPV4 ? 4 : sizeof address->octet;

    return (uint32_t)fb_hash_octets(port, address->octet, length);
}

void
fb_care_of_init(fb_care_of_table *table, fb_arena *arena, uint32_t capacity, uint16_t heartbeat_s)
{
    uint32_t *free = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));
    uint32_t beats = heartbeat_s == 0 ? 0 : capacity;
    void *heap = fb_arena_take(arena, 1, fb_heap_memory(beats), _Alignof(fb_time));

    table->item = fb_arena_take(arena, capacity, sizeof *table->item, FB_CACHE_LINE);
    table->life = fb_arena_take(arena, capacity, sizeof *table->life, _Alignof(uint32_t));
    table->heartbeat = fb_arena_take(arena,
                                     beats == 0 ? 1 : beats,
                                     sizeof *table->heartbeat,
                                     _Alignof(fb_heartbeat));
    table->heartbeat_s = heartbeat_s;
    fb_chains_init(&table->by_address, arena, capacity);
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&table->pool, free, capacity);
        fb_heap_init(&table->heartbeats, heap, beats);
        fb_heartbeat_stop(table->heartbeat);
    }
}

uint32_t
fb_care_of_find(const fb_care_of_table *table, const fb_addr *address, uint16_t port)
{
    uint32_t at = fb_chains_first(&table->by_address, hash_of(address, port));

    while (at != FB_CARE_OF_NONE && !fb_care_of_is(table, at, address, port))
    {
        at = fb_chains_next(&table->by_address, at);
    }
    return at;
}

uint32_t
fb_care_of_intern(fb_care_of_table *table, const fb_addr *address, uint16_t port)
{
    uint32_t at = fb_care_of_find(table, address, port);
    uint16_t changes;

    if (at != FB_CARE_OF_NONE)
    {
        return at;
    }
    at = fb_pool_take(&table->pool);
    /* nothing made from its former address looks current */
    changes = (uint16_t)(table->item[at].changes + 1);
    memset(&table->item[at], 0, sizeof table->item[at]);
    table->life[at] = 0;
    table->item[at].address = *address;
    table->item[at].port = port;
    table->item[at].changes = changes;
    fb_heartbeat_stop(fb_care_of_heartbeat(table, at));
    fb_chains_add(&table->by_address, hash_of(address, port), at);
    return at;
}

void
fb_care_of_settle(fb_care_of_table *table, uint32_t care_of)
{
    if (table->heartbeat_s != 0)
    {
        fb_heap_set(&table->heartbeats, care_of, table->heartbeat[care_of].next);
    }
}

void
fb_care_of_hold(fb_care_of_table *table, uint32_t care_of, fb_time now)
{
    if (table->item[care_of].references++ == 0)
    {
        fb_heartbeat_start(fb_care_of_heartbeat(table, care_of), table->heartbeat_s, now);
        fb_care_of_settle(table, care_of);
    }
}

void
fb_care_of_release(fb_care_of_table *table, uint32_t care_of)
{
    fb_care_of *item = &table->item[care_of];

    if (--item->references > 0)
    {
        return;
    }
    fb_heartbeat_stop(fb_care_of_heartbeat(table, care_of));
    fb_care_of_settle(table, care_of);
    fb_chains_remove(&table->by_address, hash_of(&item->address, item->port), care_of);
    fb_pool_give(&table->pool, care_of);
}
