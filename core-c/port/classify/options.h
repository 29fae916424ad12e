/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CLASSIFY_OPTIONS_H
#define FLOWBIND_CLASSIFY_OPTIONS_H

/** @file The command line of flowbind-classify. */

#include "config/policy_file.h"
#include "flowbind/types.h"

#include <stdbool.h>

#define FBK_HOMES_MAX 16

/** Which end of a flow is the mobile node. */
typedef enum fbk_side
{
    /** the end whose address is one of `home`; without any, the address most packets have in common */
    FBK_SIDE_AUTO,
    FBK_SIDE_DOWN, /**< every packet goes toward the mobile node */
    FBK_SIDE_UP
} fbk_side;

typedef struct fbk_options
{
    const char *policy, *capture; /**< files */
    bool json, help;
    fbk_side side;
    fb_prefix home[FBK_HOMES_MAX];
    size_t home_count;
    fbc_bid path[FB_RULES_MAX]; /**< --paths: those there are; BIDs from 1 */
    size_t path_count;
    char paths[1024]; /**< their names */
    uint64_t top; /**< flows in the table; 0: all */
} fbk_options;

const char *fbk_options_usage(void);

/** False: something is wrong, and @p error says what. Without arguments `help` is set. */
bool fbk_options_read(fbk_options *options, int argc, char *const *argv, char *error, size_t size);

#endif
