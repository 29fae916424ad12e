/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_POLICY_READER_H
#define FLOWBIND_CONFIG_POLICY_READER_H

/**
 * @file
 * What the readers of policy and scenario files share.
 */

#include "policy_file.h"
#include "schema.h"

/** The scheduler when no policy names one. */
#define FBC_SCHEDULER_PRESET "flow-hash"

/** Reads a policy out of mapping @p node, into the reader's arena. NULL after an error. */
fbc_policy *fbc_policy_build(fbc_reader *reader, const yaml_node_t *node);

/** Whether @p policy has at most @p most rules; else that is an error of the file @p reader reads. */
bool fbc_policy_check_count(fbc_reader *reader, const fbc_policy *policy, size_t most);

/** Reads a policy file that was loaded, into @p arena. NULL after an error. */
fbc_policy *fbc_policy_parse(fbc_arena *arena, fbc_source *source, fbc_report *report);

#endif
