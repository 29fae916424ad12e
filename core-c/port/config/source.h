/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_SOURCE_H
#define FLOWBIND_CONFIG_SOURCE_H

/**
 * @file
 * The text of a file, by lines, and messages about it.
 */

#include "arena.h"
#include "report.h"

#include <stdarg.h>
#include <stdbool.h>

/** Largest file that is read: far above any policy or scenario, far below what would take noticeable time. */
#define FBC_FILE_MAX ((size_t)1 << 20)

typedef struct fbc_source
{
    const char *file;
    const char *text; /**< with a 0 behind it */
    size_t length;
} fbc_source;

/** Reads @p file. NULL when that is not possible; *problem then says why, in memory of @p arena. */
fbc_source *fbc_source_load(fbc_arena *arena, const char *file, const char **problem);

/** The place of the octet at @p offset. */
fbc_place fbc_source_place(const fbc_source *source, size_t offset);

/** The text at @p place, at the latest the 0 behind the end. */
const char *fbc_source_at(const fbc_source *source, fbc_place place);

/** Adds a message; @p report may be NULL. The same message about the same place is kept once. */
void fbc_report_add(fbc_report *report,
                    const fbc_source *source,
                    fbc_place place,
                    const char *format,
                    va_list arguments);

/** Adds a message about @p file as a whole. */
void fbc_report_file(fbc_report *report, const char *file, const char *text);

/** Puts the messages from index @p first on in order: those about @p file before others, each by place. */
void fbc_report_sort(fbc_report *report, size_t first, const char *file);

#endif
