/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_PROGRESS_H
#define FLOWBIND_SIM_PROGRESS_H

#include "ns3/nstime.h"

#include <chrono>

/**
 * Says how far the simulation is, on the standard error stream: one line that changes on a terminal, otherwise a line
 * every few seconds. Also ends the simulation when the user interrupts it.
 */
class Progress
{
  public:
    Progress(ns3::Time duration, bool quiet);

    /// Schedules itself. Before Simulator::Run().
    void Start();
    /// Says how long it took. After Simulator::Run().
    void Finish();
    /// \return true when the user interrupted the simulation
    bool IsInterrupted() const;

  private:
    typedef std::chrono::steady_clock Clock;

    void Tick();
    void Print(ns3::Time now, const char* end);
    double GetElapsed() const;

    ns3::Time m_duration;
    bool m_quiet;
    bool m_terminal;
    Clock::time_point m_begin;
    double m_printed; ///< seconds after m_begin
};

#endif // FLOWBIND_SIM_PROGRESS_H
