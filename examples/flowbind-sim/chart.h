/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_CHART_H
#define FLOWBIND_SIM_CHART_H

#include "results.h"

#include <string>

/**
 * A message sequence chart: one line for each message, change of state and event of the scenario, in order of time.
 * Made for people and for diff: columns have fixed places, and nothing is in it that another run would change.
 */
std::string MakeChart(const Results& results, uint32_t seed);

#endif // FLOWBIND_SIM_CHART_H
