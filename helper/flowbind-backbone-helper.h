/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_BACKBONE_HELPER_H
#define NS3_FLOWBIND_BACKBONE_HELPER_H

#include "flowbind-nat.h"

#include "ns3/data-rate.h"
#include "ns3/error-model.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"
#include "ns3/net-device-container.h"
#include "ns3/node.h"
#include "ns3/nstime.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Everything behind the access networks: router, home agent, correspondent.
 *
 *     access router 1 --.
 *     access router 2 ---- router ---- home agent ---- correspondent
 *     access router n --'
 *
 * All links are point-to-point. The home network is behind the home agent without a link of its own: packets for a home
 * address reach the home agent by ordinary routing and nobody has to answer ARP for an absent node.
 *
 * The addresses are those reserved for documentation (RFC 5737) where they can be seen in captures, and RFC 1918's on
 * the links between routers.
 */
class FlowbindBackboneHelper
{
  public:
    FlowbindBackboneHelper();

    /**
     * \param access one-way delay from each access router to the home agent, half of it on either side of the router
     * \param core one-way delay from the home agent to the correspondent
     */
    void SetDelays(Time access, Time core);
    void SetRate(DataRate rate);

    /**
     * Gives home agent and correspondent IPv6 too, for the prefixes of dual-stack mobile nodes. Before Build(). The
     * link between them has addresses of fd00::/8: those for documentation ns-3 does not forward.
     */
    void EnableIpv6();

    /**
     * The same for all nodes, and for access routers that connect with RouteIpv6(): for Proxy Mobile IPv6, whose anchor
     * stands where the home agent does. Before Build().
     */
    void EnableIpv6Access();

    /// Creates the nodes and connects them. Once.
    void Build();

    /**
     * Connects an access router, which has its IPv4 stack already, and routes its network to it.
     * \return the link, the access router's device first
     */
    NetDeviceContainer Connect(Ptr<Node> accessRouter, Ipv4Address network, Ipv4Mask mask);

    /**
     * The same with a NAT on the way: the network behind it stays unknown outside.
     * \param publicAddress the NAT's
     * \param timeout how long it remembers a port
     * \param nat where it is put
     * \return the links' ends, the access router's device first
     */
    NetDeviceContainer ConnectBehindNat(Ptr<Node> accessRouter,
                                        Ipv4Address publicAddress,
                                        Time timeout,
                                        Ptr<FlowbindNat>& nat);

    /**
     * Gives the link of an access router, which has its IPv6 stack already, IPv6 addresses, and routes its prefix to
     * it.
     * \param link as Connect() returned it
     * \param network the prefix, a /64
     */
    void RouteIpv6(const NetDeviceContainer& link, Ipv6Address network);

    Ptr<Node> GetRouter() const;
    Ptr<Node> GetHomeAgent() const;
    Ptr<Node> GetCorrespondent() const;

    Ipv4Address GetHomeAgentAddress() const;
    Ipv4Address GetCorrespondentAddress() const;
    /// \return its IPv6 address; of no use without EnableIpv6()
    Ipv6Address GetCorrespondentAddress6() const;
    /// \return the home agent's IPv6 address on the side of the access networks, the anchor's
    Ipv6Address GetAnchorAddress() const;
    Ipv4Address GetHomeNetwork() const;
    Ipv4Mask GetHomeNetworkMask() const;
    /// \return the home address of a mobile node, counted from 0
    Ipv4Address GetHomeAddress(uint32_t mobile) const;

    /// Loses packets between the access networks and the home agent, in both directions.
    void SetLossModel(Ptr<ErrorModel> model);

    /**
     * Captures router - home agent (tunnels, signalling) and home agent - correspondent (plain packets).
     * \param prefix of the files, a folder for example
     * \param files where the names of the files are appended
     */
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) const;

    /// Captures one side of a point-to-point link into a file of exactly that name.
    static void EnablePcap(const std::string& file, Ptr<NetDevice> device);

    /// Gives a node an IPv4 stack, and nothing that would chatter on its links.
    static void InstallStack(Ptr<Node> node);

    /// Gives a node with an IPv4 stack an IPv6 one, with static routing and without duplicate address detection.
    static void AddIpv6(Ptr<Node> node);

    /// The same with a routing that others take part in, for a gateway of Proxy Mobile IPv6.
    static void AddOpenIpv6(Ptr<Node> node);

    /// Gives a device of a node with an IPv6 stack an address of a /64. \return its interface
    static uint32_t AddAddress6(Ptr<NetDevice> device, Ipv6Address address);

    /// The same for a node whose routing others take part in: a foreign agent.
    static void InstallOpenStack(Ptr<Node> node);

    /// Adds a default route to a node's static routing.
    static void AddDefaultRoute(Ptr<Node> node,
                                Ipv4Address gateway,
                                uint32_t interface,
                                uint32_t metric);

    /**
     * Takes the queue discs off devices. ns-3 puts FqCoDel on every device that gets an address; on a link whose queue
     * is part of the scenario that would be a second queue with a will of its own.
     */
    static void RemoveQueueDiscs(NetDeviceContainer devices);

  private:
    NetDeviceContainer Link(Ptr<Node> a, Ptr<Node> b, Time delay) const;
    /// Addresses the next free /30 between routers.
    void AddressCoreLink6();
    Ipv4Address AddressTransitLink(const NetDeviceContainer& link);
    /// Routes between an access router and the backbone's router, whose devices these are.
    void RouteTransitLink(Ptr<Node> accessRouter,
                          const NetDeviceContainer& link,
                          Ipv4Address network,
                          Ipv4Mask mask);

    DataRate m_rate;
    Time m_accessDelay;
    Time m_coreDelay;
    Ptr<Node> m_router;
    Ptr<Node> m_homeAgent;
    Ptr<Node> m_correspondent;
    NetDeviceContainer m_homeLink; ///< the router's device first
    NetDeviceContainer m_coreLink; ///< the home agent's device first
    uint32_t m_transitLinks;
    bool m_hasIpv6;
    bool m_hasIpv6Access;
    uint32_t m_transitLinks6;
};

} // namespace ns3

#endif // NS3_FLOWBIND_BACKBONE_HELPER_H
