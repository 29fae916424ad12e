/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_PATHS_OPTIONS_H
#define FLOWBIND_PATHS_OPTIONS_H

/**
 * @file
 * The words "name=value" of a command. What is wrong with them ends the program with exit code 2 and says what to do.
 */

#include <stddef.h>
#include <stdint.h>

/** Most paths of an experiment. */
#define PATHS_MAX 16

typedef struct options
{
    char **words;
    int count;
    uint64_t used; /**< a bit a word: all have to be */
} options;

/** Says @p text, which has one %s, about @p word on the standard error stream, and ends the program with 2. */
_Noreturn void options_fail(const char *text, const char *word);

/** The value of @p name as it stands there; @p otherwise when it is not given, which if NULL ends the program. */
const char *options_text(options *o, const char *name, const char *otherwise);

/** A number of 0 or more, with k, M or G behind it. @p otherwise as above. */
double options_number(options *o, const char *name, const char *otherwise);

/** Numbers between commas, at most PATHS_MAX. Returns how many. */
size_t options_list(options *o, const char *name, const char *otherwise, double list[PATHS_MAX]);

/** Ends the program when a word has no meaning. */
void options_check(const options *o);

#endif
