/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_EXPERIENCE_H
#define FLOWBIND_SIM_EXPERIENCE_H

#include "config/scenario_file.h"

#include "ns3/flowbind-statistics.h"
#include "ns3/nstime.h"

#include <map>
#include <string>
#include <vector>

class Traffic;

/// What the user of an application notices: values by name, as results.csv has them behind "phase_".
typedef std::map<std::string, double> Figures;

/**
 * What the users of a scenario's applications notice, of one direction of a traffic between two times.
 */
class Experience
{
  public:
    typedef ns3::FlowbindStatistics::Direction Direction;

    /// \param traffic as long as this object
    Experience(const fbc_scenario& scenario,
               ns3::Ptr<ns3::FlowbindStatistics> statistics,
               const Traffic& traffic);

    /// \return nothing for an application nobody looks at
    Figures Measure(uint32_t traffic, Direction direction, ns3::Time from, ns3::Time until) const;

  private:
    Figures MeasureCall(uint32_t traffic,
                        Direction direction,
                        ns3::Time from,
                        ns3::Time until) const;
    Figures MeasureTransfer(uint32_t traffic,
                            Direction direction,
                            ns3::Time from,
                            ns3::Time until) const;
    Figures MeasurePages(uint32_t traffic, ns3::Time from, ns3::Time until) const;
    Figures MeasureFilm(uint32_t traffic, ns3::Time from, ns3::Time until) const;

    const fbc_scenario& m_scenario;
    ns3::Ptr<ns3::FlowbindStatistics> m_statistics;
    const Traffic& m_traffic;
};

/// "MOS 4.38 (R 92.1), 64.0 ms from mouth to ear, 0.12 % of the voice missing"; empty without figures
std::string DescribeFigures(const Figures& figures);

#endif // FLOWBIND_SIM_EXPERIENCE_H
