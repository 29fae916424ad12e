/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_PATH_QUALITY_H
#define FLOWBIND_SIM_PATH_QUALITY_H

#include "config/scenario_file.h"

#include "ns3/flowbind-access-helper.h"
#include "ns3/flowbind-agent.h"

#include <vector>

/**
 * What mobile nodes and gateways are told of their paths, where the scenario wants that: rates, delay and loss of paths
 * that have a rate of their own, and what waits in the queues.
 */
class PathQuality
{
  public:
    explicit PathQuality(const fbc_scenario& scenario);

    /// The next path of the scenario. \param agent whose it is \param number of its link there
    void Add(ns3::Ptr<ns3::FlowbindAgent> agent,
             uint32_t number,
             ns3::Ptr<ns3::FlowbindAccessLink> link);
    /// A path has another rate. \param index in the order of Add()
    void SetRate(std::size_t index, uint64_t bps);
    /// From now on looks at the queues, as often as the scenario says.
    void Start();

  private:
    struct Path
    {
        ns3::Ptr<ns3::FlowbindAgent> agent;
        ns3::Ptr<ns3::FlowbindAccessLink> link;
        fb_quality quality;
    };

    void Tell(const Path& path) const;
    void Sample();

    const fbc_scenario& m_scenario;
    std::vector<Path> m_paths; ///< in the order of the scenario
};

#endif // FLOWBIND_SIM_PATH_QUALITY_H
