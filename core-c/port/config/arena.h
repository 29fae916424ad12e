/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_ARENA_H
#define FLOWBIND_CONFIG_ARENA_H

/**
 * @file
 * Memory that is given back all at once: everything read from one file. Out of memory ends the program with a message,
 * for there is nothing a reader of a file of at most 1 MB could do about it.
 */

#include <stddef.h>

typedef struct fbc_arena fbc_arena;

fbc_arena *fbc_arena_new(void);
void fbc_arena_free(fbc_arena *arena);

/** Zeroed room for @p count things of @p size octets; never NULL. */
void *fbc_arena_array(fbc_arena *arena, size_t count, size_t size);

/** A copy of @p length octets with a terminating 0. */
char *fbc_arena_text(fbc_arena *arena, const char *text, size_t length);

#endif
