/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_CORE_PORT_CONFIG_FILES_H
#define TEST_CORE_PORT_CONFIG_FILES_H

/** @file Where configuration files stand, and files that a test makes. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FLOWBIND_SOURCE_DIR
#define FLOWBIND_SOURCE_DIR "."
#endif

#define EXAMPLE_POLICY FLOWBIND_SOURCE_DIR "/examples/policies/rfc7629-figure2.yaml"
#define EXAMPLE_SCENARIO FLOWBIND_SOURCE_DIR "/examples/scenarios/rfc7629-figure2.yaml"

/** A file with @p length octets of @p text. Ends the program when that is not possible. */
static inline void
file_write(const char *name, const char *text, size_t length)
{
    FILE *file = fopen(name, "wb");
    if (file == NULL || fwrite(text, 1, length, file) != length || fclose(file) != 0)
    {
        perror(name);
        exit(2);
    }
}

/** A new empty folder; its name is written over the X of @p pattern. */
static inline void
folder_make(char *pattern)
{
    if (mkdtemp(pattern) == NULL)
    {
        perror(pattern);
        exit(2);
    }
}

/** The octets of a file, to be freed. */
static inline char *
file_read(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    char *text = malloc((size_t)1 << 20);
    if (file == NULL || text == NULL)
    {
        perror(name);
        exit(2);
    }
    *length = fread(text, 1, ((size_t)1 << 20) - 1, file);
    text[*length] = 0;
    fclose(file);
    return text;
}

#endif
