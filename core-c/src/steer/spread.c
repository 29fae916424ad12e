/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/spread.h"

#include <string.h>

#include "base/hash.h"

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

void *
fb_spread_context(fb_spread *spread, uint32_t session, uint8_t number)
{
    const fb_scheduler *scheduler = fb_scheduler_at(number - 1u);
    owner wanted = {.session = session, .number = number};
    size_t place;
    owner found;
    uint8_t *slot;

    if (spread->count == 0)
    {
        return NULL;
    }
    place = (size_t)(fb_hash_combine(session, number) % spread->count);
    slot = spread->slot + place * slot_octets();
    memcpy(&found, slot, sizeof found);
    if (found.session != session || found.number != number)
    {
        memcpy(slot, &wanted, sizeof wanted);
        if (scheduler->context_size > 0)
        {
            scheduler->init(slot + sizeof wanted, 0);
        }
    }
    return slot + sizeof wanted;
}
