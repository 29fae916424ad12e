/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_SIM_WORLD_H
#define FLOWBIND_SIM_WORLD_H

#include "path-quality.h"
#include "results.h"
#include "traffic.h"

#include "config/scenario_file.h"

#include "ns3/flowbind-access-helper.h"
#include "ns3/flowbind-agent.h"
#include "ns3/flowbind-backbone-helper.h"
#include "ns3/flowbind-home-link-helper.h"
#include "ns3/flowbind-loss-model.h"
#include "ns3/flowbind-statistics.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

/**
 * A scenario as ns-3 nodes: one mobile node with its access networks, home agent, correspondent, and the traffic.
 */
class World
{
  public:
    explicit World(const fbc_scenario& scenario);
    virtual ~World() = default;

    /// \return the world of a scenario's protocol
    static std::unique_ptr<World> Make(const fbc_scenario& scenario);

    /**
     * Sets ns-3's defaults and the scenario's own, and builds everything.
     * \param run number of the run (seed)
     * \return empty, or what is wrong with the scenario, as one line an error
     */
    std::string Build(uint32_t run);

    /// Captures all links. \return the names of the files, without the folder
    std::vector<std::string> EnablePcap(const std::string& folder);

    /// Runs until everything sent within the scenario's duration has arrived or is lost.
    void Run();

    ns3::Ptr<ns3::FlowbindStatistics> GetStatistics() const;
    const Traffic& GetTraffic() const;
    /// What the home agent knew when an expectation is about it, in the order of the expectations.
    const std::vector<HomeAgentView>& GetViews() const;
    /// What `flowbind decode --key` needs to check the messages in the captures: SPI=KEY; empty: they have no key.
    virtual std::string GetKey() const;

  protected:
    /// What the file's reader cannot know: the limits of the models.
    virtual std::string Refuse() const;
    std::string RefusePaths() const;
    std::string RefuseMobileNetwork() const;
    std::string RefuseIpv6Prefix() const;
    std::string RefuseRenumbering() const;
    bool HasIpv6() const;
    ns3::Ipv6Address GetMobileAddress6() const;
    std::string GetNetworks() const;
    virtual void SetDefaults() const;
    uint16_t GetTunnelMtu() const;
    std::string SetAttributes(bool defaults) const;
    /// The home agent's address, which is one of the home link where there is one.
    ns3::Ipv4Address GetHomeAgentAddress() const;
    /// All nodes and what they are connected by, and the statistics.
    virtual void BuildNodes();
    void BuildAgents();
    void BuildHomeAgent();
    /// Introduces the mobile node to its home agent.
    void Pair(bool multipathAllowed);
    void BuildHomeLink();
    void BuildPath(uint32_t index);
    /// The foreign agent of a path.
    void BuildForeignAgent(uint32_t index);
    /// The mobile network and the host in it.
    void BuildMobileNetwork();
    virtual void BuildTraffic(uint32_t index);
    /// \return its flow \param node the mobile end
    uint32_t InstallTraffic(const ns3::FlowbindTrafficProfile& profile,
                            ns3::FlowbindStatistics::Owner owner,
                            ns3::Ptr<ns3::Node> node);
    void ScheduleEvents();
    virtual void Act(const fbc_event* event);
    /// Who moves, of an event to move.
    virtual ns3::Ptr<ns3::Node> GetMover(const fbc_event& event) const;
    void ActOnPath(const fbc_event& event);
    void Renumber(const fbc_event& event);
    void Lose(const fbc_event& event);
    /// Looks at what the home agent knows now, for this expectation.
    virtual void Look(std::size_t expectation);
    virtual void AssignStreams();
    void AssignPathStreams();
    std::string Explain(const fbc_place& place, const std::string& what) const;

    const fbc_scenario& m_scenario;
    ns3::FlowbindBackboneHelper m_backbone;
    ns3::Ptr<ns3::Node> m_mobile;
    ns3::Ptr<ns3::FlowbindAgent> m_mobileAgent;
    ns3::Ptr<ns3::FlowbindAgent> m_homeAgent;
    std::unique_ptr<ns3::FlowbindHomeLinkHelper> m_homeLink; ///< null: there is none
    ns3::Ptr<ns3::Node> m_host; ///< in the mobile network; null: there is none
    std::map<uint32_t, ns3::Ptr<ns3::FlowbindAgent>> m_foreignAgents; ///< by index of the path
    ns3::Ptr<ns3::FlowbindStatistics> m_statistics;
    ns3::Ptr<ns3::FlowbindLossModel> m_loss;
    std::vector<HomeAgentView> m_views; ///< in the order of the expectations
    std::vector<ns3::Ptr<ns3::FlowbindAccessHelper>> m_access; ///< in the order of the paths
    std::vector<ns3::Ptr<ns3::FlowbindAccessLink>> m_links; ///< the same
    PathQuality m_quality; ///< what is known of the paths
    Traffic m_traffic;
};

#endif // FLOWBIND_SIM_WORLD_H
