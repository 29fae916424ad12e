/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_PLOT_H
#define FLOWBIND_SIM_PLOT_H

#include "results.h"

#include <string>

/**
 * The picture of a run: goodput over time, a panel for each traffic, a colour for each path, events as lines.
 * gnuplot draws goodput.png and goodput.svg from a data file and a script, which stay beside them so that both can be
 * changed.
 */

/// goodput.dat
std::string MakePlotData(const Results& results);

/// goodput.gp
std::string MakePlotScript(const Results& results);

/**
 * Runs gnuplot on the script.
 * \param folder where goodput.gp is, and the pictures will be
 * \return empty, or why there are no pictures and what to do
 */
std::string DrawPlot(const std::string& folder);

#endif // FLOWBIND_SIM_PLOT_H
