/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_CARE_OF_H
#define FB_STATE_CARE_OF_H

/**
 * @file
 * Proxy care-of addresses, each once: the bindings that have it count as references (RFC 5213 5.6.1: one tunnel for all
 * the mobile nodes behind it). A heartbeat runs with each (RFC 5847, B5847-02).
 */

#include "base/chains.h"
#include "base/heap.h"
#include "base/machine.h"
#include "base/pool.h"
#include "flowbind/agent.h"
#include "state/heartbeat.h"

#include <string.h>

#define FB_CARE_OF_NONE FB_POOL_NONE

typedef struct fb_care_of
{
    fb_addr address;
    /** with UDP the port the updates come from, which behind a NAT tells gateways apart; 0: it is not looked at */
    uint16_t port;
    uint16_t control_port; /**< where messages over IPv4 are sent to (RFC 5844 4.1.3.2) */
    uint16_t changes; /**< moves when it is found dead or alive */
    uint32_t references;
    /** whose it is: the owner's number, as long as the owner has the `life` of fb_care_of_table */
    uint32_t gateway;
} fb_care_of;

_Static_assert(FB_CACHE_LINE % sizeof(fb_care_of) == 0, "every update looks at one");

typedef struct fb_care_of_table
{
    fb_care_of *item;
    uint32_t *life; /**< by the same number: of its gateway. Most updates need not look at it */
    /** by the same number; without heartbeats there is one, which never runs */
    fb_heartbeat *heartbeat;
    fb_pool pool;
    fb_chains by_address;
    fb_heap heartbeats; /**< when the next one goes */
    uint16_t heartbeat_s;
} fb_care_of_table;

/** @p heartbeat_s: seconds between two heartbeats; 0: none. */
void fb_care_of_init(fb_care_of_table *table,
                     fb_arena *arena,
                     uint32_t capacity,
                     uint16_t heartbeat_s);

/** The number of an address that is held; FB_CARE_OF_NONE. */
uint32_t fb_care_of_find(const fb_care_of_table *table, const fb_addr *address, uint16_t port);

/** Whether @p care_of, which is held, is this address. */
static inline bool
fb_care_of_is(const fb_care_of_table *table,
              uint32_t care_of,
              const fb_addr *address,
              uint16_t port)
{
    const fb_care_of *item = &table->item[care_of];

    return item->port == port && memcmp(&item->address, address, sizeof *address) == 0;
}

static inline fb_heartbeat *
fb_care_of_heartbeat(const fb_care_of_table *table, uint32_t care_of)
{
    return &table->heartbeat[table->heartbeat_s == 0 ? 0 : care_of];
}

/** Whether one more fits. */
static inline bool
fb_care_of_has_room(const fb_care_of_table *table)
{
    return table->pool.used < table->pool.capacity;
}

/** The number of an address, new or not; there is room. It has to be held. */
uint32_t fb_care_of_intern(fb_care_of_table *table, const fb_addr *address, uint16_t port);

/** One more reference; with the first the heartbeat begins. */
void fb_care_of_hold(fb_care_of_table *table, uint32_t care_of, fb_time now);

/** One less; with the last the address is forgotten. */
void fb_care_of_release(fb_care_of_table *table, uint32_t care_of);

/** Its heartbeat was changed: keeps the time of the next one. */
void fb_care_of_settle(fb_care_of_table *table, uint32_t care_of);

#endif
