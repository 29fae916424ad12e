/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What flowbind-stats is asked for. */
#ifndef FLOWBIND_STATS_COMMANDS_H
#define FLOWBIND_STATS_COMMANDS_H

#include "table.h"

enum
{
    EXIT_GOOD = 0,
    EXIT_WRONG_INPUT = 2,
    EXIT_NOT_WRITTEN = 4
};

#define MOST_COLUMNS 16
#define MOST_SHARES 16

typedef struct
{
    const char* file; /* null: standard input */
    const char* by[MOST_COLUMNS];
    size_t by_count;
    const char* value; /* column of the numbers */
    const char* versus; /* column of what is compared */
    const char* pair; /* column that says which runs belong together */
    double confidence;
    double at[MOST_SHARES]; /* quantiles */
    size_t at_count;
    double until;
    size_t least;
    bool json;
} options;

/* Prints to stderr, as all that is wrong. */
int complain(const char* format, ...) __attribute__((format(printf, 1, 2)));

/* Each returns an exit code. */
int command_mean(const options* o, const fbs_table* table);
int command_quantile(const options* o, const fbs_table* table);
int command_box(const options* o, const fbs_table* table);
int command_stop(const options* o, const fbs_table* table);
int command_paired(const options* o, const fbs_table* table);

/* The words behind "oracle". */
int command_oracle(int count, char** words, bool json);

#endif
