/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/associations.h"

#include <string.h>

void
fb_associations_init(fb_associations *associations, fb_arena *arena, uint32_t capacity)
{
    associations->item =
        fb_arena_take(arena, capacity, sizeof *associations->item, _Alignof(fb_peer_association));
    associations->capacity = capacity;
    associations->count = 0;
}

static uint64_t
order(uint8_t kind, fb_ipv4 peer)
{
    return (uint64_t)kind << 32 | peer;
}

/** Where the association is, or would have to be put. */
static uint32_t
place_of(const fb_associations *associations, uint8_t kind, fb_ipv4 peer)
{
    uint32_t low = 0, high = associations->count;

    while (low < high)
    {
        uint32_t middle = low + (high - low) / 2;
        const fb_peer_association *item = &associations->item[middle];

        if (order(item->kind, item->peer) < order(kind, peer))
        {
            low = middle + 1;
        }
        else
        {
            high = middle;
        }
    }
    return low;
}

static bool
is_at(const fb_associations *associations, uint32_t place, uint8_t kind, fb_ipv4 peer)
{
    return place < associations->count && associations->item[place].kind == kind &&
           associations->item[place].peer == peer;
}

int
fb_associations_set(fb_associations *associations, const fb_peer_association *wanted)
{
    uint32_t place = place_of(associations, wanted->kind, wanted->peer);
    bool known = is_at(associations, place, wanted->kind, wanted->peer);
    fb_peer_association *item = associations->item + place;
    size_t behind = associations->count - place;

    if (wanted->association.key_length == 0)
    {
        if (known)
        {
            memmove(item, item + 1, (behind - 1) * sizeof *item);
            associations->count--;
        }
        return FB_OK;
    }
    if (!known)
    {
        if (associations->count == associations->capacity)
        {
            return FB_ERR_LIMIT;
        }
        memmove(item + 1, item, behind * sizeof *item);
        associations->count++;
    }
    *item = *wanted;
    return FB_OK;
}

const fb_security_association *
fb_associations_find(const fb_associations *associations, uint8_t kind, fb_ipv4 peer)
{
    uint32_t place = place_of(associations, kind, peer);

    return is_at(associations, place, kind, peer) ? &associations->item[place].association : NULL;
}
