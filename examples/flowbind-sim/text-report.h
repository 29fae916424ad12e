/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_TEXT_REPORT_H
#define FLOWBIND_SIM_TEXT_REPORT_H

#include "results.h"

#include <string>

/// What a person reads: table of flows and phases, signalling, expectations. Only what the seed decides is in it.
std::string MakeTextReport(const Results& results, uint32_t seed);

/// The expectations alone: those that were not met, or all.
std::string DescribeVerdicts(const Results& results, bool onlyFailures);

#endif // FLOWBIND_SIM_TEXT_REPORT_H
