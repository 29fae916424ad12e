/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_PROXY_TEXT_H
#define FLOWBIND_SIM_PROXY_TEXT_H

#include "ns3/flowbind-statistics.h"

#include <map>
#include <string>
#include <vector>

/**
 * What the agents of Proxy Mobile IPv6 do, in the words of a chart.
 */
class ProxyText
{
  public:
    /// \param gateways their names, in order: told where there is more than one
    ProxyText(const std::vector<ns3::FlowbindStatistics::Signal>& signals,
              const std::vector<std::string>& gateways);

    /// "PBU mn1 BID 1, 600 s", "PBA mn1 accepted, 600 s", "heartbeat 3"
    std::string DescribeMessage(const ns3::FlowbindStatistics::Signal& signal) const;
    /// What an agent did beside sending and receiving; empty: nothing worth a line.
    std::string DescribeState(const ns3::FlowbindStatistics::Signal& signal) const;

  private:
    /// The mobile node an event is about, "?" where nobody says.
    std::string GetName(const ns3::FlowbindStatistics::Signal& signal) const;
    std::string GetPrefix(const ns3::FlowbindStatistics::Signal& signal) const;
    std::string DescribeBinding(const ns3::FlowbindStatistics::Signal& signal) const;

    std::vector<std::string> m_gateways;
    std::map<uint32_t, std::string> m_names; ///< of the anchor's sessions
};

#endif // FLOWBIND_SIM_PROXY_TEXT_H
