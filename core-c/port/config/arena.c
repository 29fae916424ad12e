/* SPDX-License-Identifier: BSD-3-Clause */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One allocation each: a reader makes few of them, and tools that watch memory then see each bound. */
typedef struct fbc_chunk
{
    struct fbc_chunk *next;
    max_align_t data[];
} fbc_chunk;

struct fbc_arena
{
    fbc_chunk *chunks;
};

static void *
allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (memory == NULL)
    {
        fputs("flowbind: out of memory while reading a configuration file\n", stderr);
        abort();
    }
    return memory;
}

fbc_arena *
fbc_arena_new(void)
{
    return allocate(sizeof(fbc_arena));
}

void
fbc_arena_free(fbc_arena *arena)
{
    while (arena->chunks != NULL)
    {
        fbc_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    free(arena);
}

void *
fbc_arena_array(fbc_arena *arena, size_t count, size_t size)
{
    fbc_chunk *chunk = allocate(sizeof(fbc_chunk) + count * size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
}

char *
fbc_arena_text(fbc_arena *arena, const char *text, size_t length)
{
    char *copy = fbc_arena_array(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}
