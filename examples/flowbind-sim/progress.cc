/* SPDX-License-Identifier: GPL-2.0-only */
#include "progress.h"

#include "ns3/simulator.h"

#include <csignal>
#include <cstdio>
#include <unistd.h>

using namespace ns3;

namespace
{

volatile std::sig_atomic_t g_interrupted = 0;

void
HandleSignal(int)
{
    g_interrupted = 1;
}

/// Seconds of real time between two reports.
const double TERMINAL_PERIOD = 0.1;
const double LOG_PERIOD = 5;
/// How often in a simulation it is looked at.
const int TICKS = 1000;

} // namespace

Progress::Progress(Time duration, bool quiet)
    : m_duration(duration),
      m_quiet(quiet),
      m_terminal(isatty(STDERR_FILENO)),
      m_printed(0)
{
}

void
Progress::Start()
{
    std::signal(SIGINT, HandleSignal);
    std::signal(SIGTERM, HandleSignal);
    m_begin = Clock::now();
    Tick();
}

void
Progress::Finish()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    if (!m_quiet && !IsInterrupted())
    {
        Print(m_duration, "\n");
    }
}

bool
Progress::IsInterrupted() const
{
    return g_interrupted != 0;
}

void
Progress::Tick()
{
    if (g_interrupted != 0)
    {
        Simulator::Stop();
        return;
    }
    double elapsed = GetElapsed();
    if (!m_quiet && elapsed - m_printed >= (m_terminal ? TERMINAL_PERIOD : LOG_PERIOD))
    {
        m_printed = elapsed;
        Print(Simulator::Now(), m_terminal ? "" : "\n");
    }
    Time next = m_duration / TICKS;
    if (Simulator::Now() + next <= m_duration)
    {
        Simulator::Schedule(next, &Progress::Tick, this);
    }
}

void
Progress::Print(Time now, const char* end)
{
    double done = now.GetSeconds() / m_duration.GetSeconds();
    std::fprintf(stderr,
                 "%ssimulated %.1f of %.1f s (%.0f %%), %.1f s elapsed  %s",
                 m_terminal ? "\r" : "",
                 now.GetSeconds(),
                 m_duration.GetSeconds(),
                 100 * done,
                 GetElapsed(),
                 end);
    std::fflush(stderr);
}

double
Progress::GetElapsed() const
{
    return std::chrono::duration<double>(Clock::now() - m_begin).count();
}
