/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/cells.h"

#include "base/machine.h"

#include <string.h>

_Static_assert(sizeof(fb_cell) == FB_CELL_OCTETS + sizeof(uint32_t), "no padding");
_Static_assert(FB_CACHE_LINE % sizeof(fb_cell) == 0, "none lies in two lines");

void
fb_cells_init(fb_cells *cells, fb_arena *arena, uint64_t capacity)
{
    bool fits = capacity < FB_POOL_NONE;
    uint32_t count = fits ? (uint32_t)capacity : 0;
    uint32_t *free_cells = fb_arena_take(arena, 1, fb_pool_memory(count), _Alignof(uint32_t));

    cells->cell = fb_arena_take(arena, fits ? count : SIZE_MAX, sizeof(fb_cell), FB_CACHE_LINE);
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&cells->pool, free_cells, count);
    }
}

/** The octets of the next cell, if @p left are left. */
static size_t
part_of(size_t left)
{
    return left < FB_CELL_OCTETS ? left : FB_CELL_OCTETS;
}

uint32_t
fb_cells_store(fb_cells *cells, const uint8_t *octets, size_t length)
{
    uint32_t first = FB_CELLS_NONE;
    uint32_t *link = &first;

    if (!fb_cells_have_room(cells, length))
    {
        return FB_CELLS_NONE;
    }
    for (size_t done = 0; done < length; done += FB_CELL_OCTETS)
    {
        fb_cell *cell;

        *link = fb_pool_take(&cells->pool);
        cell = &cells->cell[*link];
        memcpy(cell->octet, octets + done, part_of(length - done));
        link = &cell->next;
    }
    return first;
}

void
fb_cells_read(const fb_cells *cells, uint32_t first, uint8_t *octets, size_t length)
{
    uint32_t at = first;

    for (size_t done = 0; done < length; done += FB_CELL_OCTETS)
    {
        const fb_cell *cell = &cells->cell[at];

        memcpy(octets + done, cell->octet, part_of(length - done));
        at = cell->next;
    }
}

bool
fb_cells_equal(const fb_cells *cells, uint32_t first, const uint8_t *octets, size_t length)
{
    uint32_t at = first;
    bool same = true;

    for (size_t done = 0; same && done < length; done += FB_CELL_OCTETS)
    {
        const fb_cell *cell = &cells->cell[at];

        same = memcmp(cell->octet, octets + done, part_of(length - done)) == 0;
        at = cell->next;
    }
    return same;
}

void
fb_cells_give(fb_cells *cells, uint32_t first, size_t length)
{
    uint32_t at = first;

    for (uint32_t left = fb_cells_for(length); left > 0; left--)
    {
        /* The next of the last one says nothing */
        uint32_t next = cells->cell[at].next;

        fb_pool_give(&cells->pool, at);
        at = next;
    }
}
