/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_PROXY_WORLD_H
#define FLOWBIND_SIM_PROXY_WORLD_H

#include "world.h"

#include "ns3/flowbind-proxy-helper.h"

#include <string>
#include <vector>

/**
 * A scenario of Proxy Mobile IPv6 as ns-3 nodes: gateways with their access networks, hosts behind them, the anchor
 * where the home agent is otherwise, correspondent, and the traffic.
 */
class ProxyWorld : public World
{
  public:
    explicit ProxyWorld(const fbc_scenario& scenario);

    std::string GetKey() const override;

  private:
    /// A host, and its flows' owner.
    struct Host
    {
        ns3::Ptr<ns3::Node> node;
        ns3::Ptr<ns3::FlowbindHostLink> link;
        ns3::FlowbindStatistics::Owner owner;
        const fbc_gateway* at; ///< null: nowhere
    };

    std::string Refuse() const override;
    void SetDefaults() const override;
    void BuildNodes() override;
    void BuildTraffic(uint32_t index) override;
    ns3::Ptr<ns3::Node> GetMover(const fbc_event& event) const override;
    void Act(const fbc_event* event) override;
    void Look(std::size_t expectation) override;
    void AssignStreams() override;

    /// Whether a host has IPv4 too.
    bool HasIpv4() const;
    uint16_t GetProxyMtu() const;
    void BuildAnchor();
    void BuildGateway(uint32_t index);
    void BuildProxyPath(uint32_t index);
    void BuildHost(uint32_t index);
    void BuildLogicalSession(uint32_t index);
    /// Tells the anchor of all mobile nodes.
    void AddMobileNodes(bool multipathAllowed);
    void AttachHost(uint32_t index, const fbc_gateway* gateway);
    void DetachHost(uint32_t index);
    void RenumberPath(const fbc_event& event);
    void SetPolicy(const fbc_event& event);
    void Want(const fbc_event& event);
    /// A path has an address, or another one.
    void NotePath(uint32_t index);
    /// Tells the correspondent where a traffic's host is.
    void Resolve(uint32_t index, uint32_t flow);
    ns3::Ptr<ns3::FlowbindProxyAgent> GetGateway(const fbc_gateway* gateway) const;

    std::vector<ns3::Ptr<ns3::FlowbindProxyAgent>> m_gateways; ///< in the order of the scenario
    ns3::Ptr<ns3::FlowbindProxyAgent> m_anchor;
    std::vector<Host> m_hosts; ///< in the order of the scenario
    std::vector<uint32_t> m_numbers; ///< of the paths as links of their gateways
};

#endif // FLOWBIND_SIM_PROXY_WORLD_H
