/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_OPTIONS_H
#define FLOWBIND_DECODE_OPTIONS_H

/** @file The command line. */

#include "verdict.h"

typedef struct fbd_options
{
    fbd_keys keys;
    char **input; /**< HEX, perhaps in several arguments, or one file */
    int input_count;
    bool help;
} fbd_options;

/**
 * Reads the arguments; puts those that are no options to the front of @p argv. False when they make no sense; then
 * @p error, @p size octets long, says why and what would.
 */
bool fbd_options_read(fbd_options *options, int argc, char **argv, char *error, size_t size);

/** What --help prints. */
const char *fbd_options_usage(void);

#endif
