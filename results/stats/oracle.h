/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Closed forms: what a simulation must give where mathematics can say it. Quantities are in SI units (bit/s, s,
 * octets); shares are of 1. Every function is pure. Results that do not exist are NaN. */
#ifndef FLOWBIND_ORACLE_H
#define FLOWBIND_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#define FBS_LIST 16 /* values of one parameter at most */

typedef struct
{
    double value[FBS_LIST];
    size_t count;
} fbs_list;

#define FBS_PARAMETERS 10
#define FBS_RESULTS 4

typedef struct
{
    const char* name; /* ends in "*": a list, a number for each path */
    const char* preset; /* null: must be given; "": may be absent */
    const char* meaning;
} fbs_parameter;

typedef struct
{
    double value[FBS_RESULTS]; /* of each result that is one number */
    fbs_list list; /* of the one whose name ends in "*": a number for each path */
} fbs_answer;

typedef struct
{
    const char* name;
    const char* what;
    const char* source;
    fbs_parameter parameters[FBS_PARAMETERS]; /* the last one has no name, or all are used */
    const char* results[FBS_RESULTS];
    /* false: these values make no sense; *wrong says why */
    bool (*compute)(const fbs_list* values, fbs_answer* answer, const char** wrong);
} fbs_oracle;

/* Ends with an entry without a name. */
extern const fbs_oracle fbs_steering_oracles[];
extern const fbs_oracle fbs_access_oracles[];

/* Null: there is none of this name. */
const fbs_oracle* fbs_oracle_find(const char* name);

/* "10e6,5e6" as numbers; also 10M, 64k, 2G. false: it is no such list. */
bool fbs_list_parse(const char* text, fbs_list* list);

#endif
