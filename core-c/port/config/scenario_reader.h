/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_SCENARIO_READER_H
#define FLOWBIND_CONFIG_SCENARIO_READER_H

/**
 * @file
 * The parts of the scenario reader. They run in this order, each relies on those before it. Errors go to the reader;
 * what is wrong stays zero, and what refers to it stays silent, so that one mistake gives one message.
 */

#include "policy_reader.h"
#include "scenario_file.h"

void fbc_paths_read(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario);

/** Needs duration_ns. */
void fbc_events_read(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario);

/** Needs duration_ns and the policy; @p policy_failed: there is one, but it could not be read. */
void fbc_traffic_read(fbc_reader *reader,
                      const fbc_value *list,
                      bool policy_failed,
                      fbc_scenario *scenario);

/** Needs everything above. */
void fbc_expect_read(fbc_reader *reader,
                     const fbc_value *list,
                     bool policy_failed,
                     fbc_scenario *scenario);

/** The path that @p value names; NULL after an error, or when the paths themselves could not be read. */
const fbc_path *fbc_path_find(fbc_reader *reader,
                              const fbc_value *value,
                              const fbc_scenario *scenario);

#endif
