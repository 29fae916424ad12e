/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_CSV_H
#define FLOWBIND_SIM_CSV_H

#include "results.h"

#include <string>

/**
 * results.csv: run,time,flow,path,metric,value, one figure a line. `flow` is NAME/up or NAME/down. A figure is of a
 * bin of 100 ms (goodput_bps by path, delay_s, loss), beginning at `time`, or of a phase: then its metric begins with
 * "phase_" and `time` is where the phase begins.
 */
std::string MakeResultsCsv(const Results& results, uint32_t run);

/// signalling.csv: every event of both agents, in the order in which they happened.
std::string MakeSignallingCsv(const Results& results, uint32_t run);

#endif // FLOWBIND_SIM_CSV_H
