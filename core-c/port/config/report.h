/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_REPORT_H
#define FLOWBIND_CONFIG_REPORT_H

/**
 * @file
 * What is wrong with a file: one message an error, with the place and the line it is about.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Messages kept; an editor's screen full. The rest is only counted. */
#define FBC_MESSAGES_MAX 20

/** Where something stands in a file; both count from 1. {0, 0}: the file as a whole. */
typedef struct fbc_place
{
    uint32_t line;
    uint32_t column; /**< characters (not octets) from the left */
} fbc_place;

/** Every member is owned by the report. */
typedef struct fbc_message
{
    char *file;
    fbc_place place;
    char *text; /**< "what is wrong; what was expected" */
    char *source; /**< the line itself, or NULL */
} fbc_message;

/** Make it with {0} (or fbc_report_init()); it may be used for several files before it is freed. */
typedef struct fbc_report
{
    size_t count; /**< messages kept, in order of their place */
    size_t total; /**< errors found */
    fbc_message message[FBC_MESSAGES_MAX];
} fbc_report;

void fbc_report_init(fbc_report *report);

/** Prints every message as `FILE:LINE:COLUMN: text`, the line below it and a caret under the column. */
void fbc_report_print(const fbc_report *report, FILE *stream);

void fbc_report_free(fbc_report *report);

#ifdef __cplusplus
}
#endif

#endif
