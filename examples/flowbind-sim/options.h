/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_OPTIONS_H
#define FLOWBIND_SIM_OPTIONS_H

#include <cstdint>
#include <string>

/// Exit codes of flowbind-sim.
enum ExitCode
{
    EXIT_FINE = 0,
    EXIT_EXPECTATION = 1, ///< the run is good, an expectation of the scenario was not met
    EXIT_INPUT = 2, ///< a file or the command line is wrong; nothing was run
    EXIT_OUTPUT = 4, ///< results could not be written
    EXIT_INTERRUPTED = 130
};

/// What the user asked for.
struct Options
{
    std::string scenario;
    std::string policy; ///< empty: the scenario's
    std::string out; ///< folder for the results
    uint32_t seed{0}; ///< 0: the scenario's
    bool pcap{false};
    bool check{false};
    bool chart{false};
    bool quiet{false};
};

/**
 * Reads the command line.
 * \return -1 to go on, or the code to exit with, after everything has been said
 */
int ParseOptions(int argc, char* argv[], Options& options);

#endif // FLOWBIND_SIM_OPTIONS_H
