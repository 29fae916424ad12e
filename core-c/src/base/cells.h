/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_CELLS_H
#define FB_BASE_CELLS_H

/**
 * @file
 * Strings of octets whose lengths differ, such as names, each in a chain of small cells: what short ones leave is there
 * for long ones. The owner keeps the number of a string's first cell, and its length.
 */

#include "base/arena.h"
#include "base/pool.h"

/** Octets in a cell. */
#define FB_CELL_OCTETS 12

/** In the place of a first cell: that of a string without octets, and of one that found no room. */
#define FB_CELLS_NONE FB_POOL_NONE

typedef struct fb_cell
{
    uint8_t octet[FB_CELL_OCTETS];
    uint32_t next; /**< of the same string, if it does not end here */
} fb_cell;

typedef struct fb_cells
{
    fb_cell *cell;
    fb_pool pool;
} fb_cells;

/** How many cells a string takes. */
static inline uint32_t
fb_cells_for(size_t length)
{
    return (uint32_t)((length + FB_CELL_OCTETS - 1) / FB_CELL_OCTETS);
}

/** Lays @p capacity cells out in @p arena, all free. More than can be numbered are more than anybody has. */
void fb_cells_init(fb_cells *cells, fb_arena *arena, uint64_t capacity);

/** Whether a string of @p length octets finds room. */
static inline bool
fb_cells_have_room(const fb_cells *cells, size_t length)
{
    return fb_cells_for(length) <= cells->pool.capacity - cells->pool.used;
}

/** The first cell of a copy of @p octets; FB_CELLS_NONE: there are no octets, or there is no room for them. */
uint32_t fb_cells_store(fb_cells *cells, const uint8_t *octets, size_t length);

/** Copies the string that begins in cell @p first and is @p length octets long. */
void fb_cells_read(const fb_cells *cells, uint32_t first, uint8_t *octets, size_t length);

/** Whether the string that begins in cell @p first and is @p length octets long is @p octets. */
bool fb_cells_equal(const fb_cells *cells, uint32_t first, const uint8_t *octets, size_t length);

/** Its cells are free again. */
void fb_cells_give(fb_cells *cells, uint32_t first, size_t length);

#endif
