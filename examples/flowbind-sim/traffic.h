/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_TRAFFIC_H
#define FLOWBIND_SIM_TRAFFIC_H

#include "config/scenario_file.h"

#include "ns3/flowbind-statistics.h"
#include "ns3/flowbind-traffic.h"

#include <vector>

/**
 * The applications that a scenario's traffic stands for, at both ends.
 */
class Traffic
{
  public:
    explicit Traffic(const fbc_scenario& scenario);

    /// \return the profile of a traffic, all but the addresses of its ends
    ns3::FlowbindTrafficProfile MakeProfile(uint32_t index) const;

    /**
     * Installs the next traffic at both of its ends, and has it measured.
     * \param owner whose address the mobile end has
     * \param mobile the mobile end
     * \return number of its flow in the statistics
     */
    uint32_t Install(const ns3::FlowbindTrafficProfile& profile,
                     ns3::FlowbindStatistics::Owner owner,
                     ns3::Ptr<ns3::Node> mobile,
                     ns3::Ptr<ns3::Node> correspondent,
                     ns3::Ptr<ns3::FlowbindStatistics> statistics);

    /// The mobile end has this address, which was unknown or another one before.
    void SetMobile(uint32_t flow, const ns3::Address& address);

    /// The mobile ends, in the order of the traffic.
    const std::vector<ns3::Ptr<ns3::FlowbindTrafficClient>>& GetClients() const;

  private:
    void InstallServer(uint32_t flow,
                       const ns3::FlowbindTrafficProfile& profile,
                       ns3::Ptr<ns3::Node> correspondent,
                       ns3::Ptr<ns3::FlowbindStatistics> statistics);

    const fbc_scenario& m_scenario;
    std::vector<ns3::Ptr<ns3::FlowbindTrafficClient>> m_clients;
    std::vector<ns3::Ptr<ns3::FlowbindTrafficServer>> m_servers;
};

#endif // FLOWBIND_SIM_TRAFFIC_H
