/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_RESULTS_H
#define FLOWBIND_SIM_RESULTS_H

#include "experience.h"

#include "config/scenario_file.h"

#include "ns3/flowbind-statistics.h"
#include "ns3/nstime.h"

#include <map>
#include <string>
#include <vector>

/// A part of the run between two events.
struct Phase
{
    std::string name; ///< "before", "during", "after" an outage; otherwise its times
    ns3::Time from, until;
};

/// One direction of one traffic in one phase.
struct Row
{
    const fbc_traffic* traffic;
    uint32_t flow; ///< its number in the statistics
    ns3::FlowbindStatistics::Direction direction;
    const Phase* phase;
    ns3::Time from, until; ///< as much of the phase as the traffic was on
    ns3::FlowbindStatistics::Summary summary;
    Figures figures; ///< what the user of the application notices
};

/// What the home agent knew at some time.
struct HomeAgentView
{
    std::map<uint8_t, uint8_t> tunnels; ///< FBC_TUNNEL_* by BID of the paths it had bindings of
    std::size_t rules; ///< in force
};

/// An expectation of the scenario, and what came out.
struct Verdict
{
    const fbc_expect* expect;
    bool met;
    std::string expected;
    std::string seen;
};

/**
 * What a run has shown: the same figures for the table, the files and the expectations.
 */
class Results
{
  public:
    /// \param views for each expectation, what the home agent knew; empty where it is about something else
    Results(const fbc_scenario& scenario,
            ns3::Ptr<ns3::FlowbindStatistics> statistics,
            const Traffic& traffic,
            const std::vector<HomeAgentView>& views);

    const fbc_scenario& GetScenario() const;
    ns3::Ptr<ns3::FlowbindStatistics> GetStatistics() const;
    const std::vector<Phase>& GetPhases() const;
    /// In order of traffic, direction and phase.
    const std::vector<Row>& GetRows() const;
    const std::vector<Verdict>& GetVerdicts() const;
    bool AreExpectationsMet() const;
    bool Measures(uint32_t what) const;

    /// \return the directions in which a traffic sends, toward the mobile node first
    static std::vector<ns3::FlowbindStatistics::Direction> GetDirections(
        const fbc_traffic& traffic);
    static const char* GetName(ns3::FlowbindStatistics::Direction direction);
    /// \return the paths, and behind them the home link if there is one
    std::vector<const fbc_path*> GetPaths() const;
    /// \return name of the path with this BID; "none" for 0
    std::string GetPathName(uint8_t bid) const;
    /// \return "lte", or "lte 98.0 %, wlan 2.0 %", or "dropped"
    std::string DescribePaths(const std::map<uint8_t, uint64_t>& packets) const;

  private:
    void MakePhases();
    void MakeRows();
    Verdict Judge(const fbc_expect& expect) const;
    Verdict JudgeMessages(const fbc_expect& expect) const;
    bool IsExpectedMessage(const fbc_expect& expect,
                           const ns3::FlowbindStatistics::Signal& signal) const;
    Verdict JudgeBindings(const fbc_expect& expect, const HomeAgentView& view) const;
    /// \return empty, or how a traffic is not as expected
    std::string JudgeTraffic(const fbc_expect& expect, uint32_t traffic, std::string& seen) const;
    std::string DescribeExpectation(const fbc_expect& expect) const;

    const fbc_scenario& m_scenario;
    ns3::Ptr<ns3::FlowbindStatistics> m_statistics;
    Experience m_experience;
    std::vector<Phase> m_phases;
    std::vector<Row> m_rows;
    std::vector<Verdict> m_verdicts;
};

/// "wlan down", "lose 2 replies of lte"
std::string DescribeEvent(const fbc_event& event);
/// "34.3 Mbit/s"
std::string FormatRate(double bitsPerSecond);
/// "15.2 ms"; "-" for a value that does not exist
std::string FormatDelay(double seconds);
/// "0.25 %"
std::string FormatShare(double share);
/// "20" or "20.5": seconds without needless zeros
std::string FormatSeconds(ns3::Time time);

#endif // FLOWBIND_SIM_RESULTS_H
