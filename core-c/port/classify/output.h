/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CLASSIFY_OUTPUT_H
#define FLOWBIND_CLASSIFY_OUTPUT_H

/** @file What flowbind-classify prints. */

#include "flows.h"
#include "options.h"

/** Writes an address; returns @p text. */
const char *fbk_address_text(char *text, size_t size, uint8_t family, const uint8_t *address);

/** What was found, all of it the caller's. */
typedef struct fbk_result
{
    const fbk_options *options;
    const fbc_policy *policy;
    const fbk_flows *flows;
    const fbd_tally *tally;
} fbk_result;

/** A table of the flows, those with most octets first, and one of the rules. False: no memory. */
bool fbk_print_tables(const fbk_result *result);

/** The same as JSON, one object a line. False: no memory. */
bool fbk_print_json(const fbk_result *result);

#endif
