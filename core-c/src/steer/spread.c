/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/spread.h"

#include <string.h>

/** Places a context can be in: sessions that share a first place do not share a context as long as others are free. */
#define PLACES 4

/** Whose context follows; a multiple of 8 octets. */
typedef struct owner
{
    uint32_t session; /* 0: nobody's */
    uint32_t number;
} owner;

static size_t
slot_octets(void)
{
    const fb_scheduler *scheduler;
    size_t most = 0;

    for (size_t i = 0; (scheduler = fb_scheduler_at(i)) != NULL; i++)
    {
        most = scheduler->context_size > most ? scheduler->context_size : most;
    }
    return sizeof(owner) + most;
}

size_t
fb_spread_memory(uint32_t count)
{
    size_t octets = slot_octets();

    return count > SIZE_MAX / octets ? SIZE_MAX : count * octets;
}

void
fb_spread_init(fb_spread *spread, void *memory, uint32_t count)
{
    spread->slot = memory;
    spread->count = count;
    if (count > 0)
    {
        memset(memory, 0, fb_spread_memory(count));
    }
}

static uint8_t *
slot_at(const fb_spread *spread, uint32_t place)
{
    return spread->slot + (size_t)place * slot_octets();
}

/** Where the context of @p wanted is: found there, or a free place, or its first place, which is somebody else's. */
static uint8_t *
find_slot(const fb_spread *spread, const owner *wanted, bool *found)
{
    uint32_t first = (wanted->session - 1) % spread->count;
    uint32_t places = spread->count < PLACES ? spread->count : PLACES;
    uint8_t *free_slot = NULL;

    for (uint32_t i = 0; i < places; i++)
    {
        uint8_t *slot = slot_at(spread, (uint32_t)(((uint64_t)first + i) % spread->count));
        owner there;

        memcpy(&there, slot, sizeof there);
        *found = there.session == wanted->session && there.number == wanted->number;
        if (*found)
        {
            return slot;
        }
        free_slot = free_slot == NULL && there.session == 0 ? slot : free_slot;
    }
    return free_slot != NULL ? free_slot : slot_at(spread, first);
}

void *
fb_spread_context(fb_spread *spread, uint32_t session, uint8_t number)
{
    const fb_scheduler *scheduler = fb_scheduler_at(number - 1u);
    owner wanted = {.session = session, .number = number};
    uint8_t *slot;
    bool found;

    if (spread->count == 0)
    {
        return NULL;
    }
    slot = find_slot(spread, &wanted, &found);
    if (!found)
    {
        memcpy(slot, &wanted, sizeof wanted);
        if (scheduler->context_size > 0)
        {
            scheduler->init(slot + sizeof wanted, 0);
        }
    }
    return slot + sizeof wanted;
}
