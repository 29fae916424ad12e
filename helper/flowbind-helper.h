/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_HELPER_H
#define FLOWBIND_HELPER_H

#include "ns3/attribute.h"
#include "ns3/flowbind-agent.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/node.h"
#include "ns3/object-factory.h"

#include <string>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Puts agents into nodes.
 *
 *     FlowbindHomeAgentHelper home("192.0.2.1", "198.51.100.0", "255.255.255.0");
 *     FlowbindMobileNodeHelper mobile("192.0.2.1");
 *     mobile.SetAttribute("Key", StringValue("000102030405060708090a0b0c0d0e0f"));
 *     Ptr<FlowbindAgent> ha = home.Install(homeAgentNode);
 *     Ptr<FlowbindAgent> mn = mobile.Install(mobileNode, "198.51.100.10");
 *     FlowbindHelper::Pair(mn, ha);
 *     uint32_t wlan = mn->AddLink(wlanDevice, 1, 1, 4, 1, wlanGateway);
 *     Simulator::Schedule(Seconds(1), &FlowbindAgent::NotifyLinkUp, mn, wlan);
 */
class FlowbindHelper
{
  public:
    FlowbindHelper();

    /**
     * \brief Set an attribute of the agents to be installed.
     * \param name of an attribute of FlowbindAgent
     * \param value its value
     */
    void SetAttribute(const std::string& name, const AttributeValue& value);

    /**
     * \brief Put an agent and its tunnel device into a node, and an Internet stack if it has none.
     *
     * A node with Ipv4GlobalRouting needs its tables before: Ipv4GlobalRoutingHelper walks the channels of all devices,
     * and ends in a segmentation fault at a virtual device, which has none. The way to the tunnel is a static route.
     *
     * \param node the node
     * \return the agent, aggregated to the node
     */
    Ptr<FlowbindAgent> Install(Ptr<Node> node) const;

    /**
     * \brief Introduce a mobile node to its home agent: both share the mobile node's Spi, Algorithm and Key, and the
     * mobile node registers with the home agent's Address unless it has a HomeAgentAddress already.
     * \param mobileNode the mobile node's agent
     * \param homeAgent the home agent's
     * \param multipathAllowed false: the home agent answers 152 to this node's Multipath Extensions
     * \param homeAddress the home address that the home agent assigns to the mobile node, when that has the attribute
     * Nai and no HomeAddress (RFC 2794); Any: it has a HomeAddress
     */
    static void Pair(Ptr<FlowbindAgent> mobileNode,
                     Ptr<FlowbindAgent> homeAgent,
                     bool multipathAllowed = true,
                     Ipv4Address homeAddress = Ipv4Address::GetAny());

    /**
     * \brief Let a foreign agent and a mobile node or home agent authenticate each other too (RFC 5944 3.5.3, 3.5.4).
     * What they share is found by the home address, so a mobile node whose home address is assigned cannot.
     * \param foreignAgent the foreign agent's agent
     * \param peer the mobile node's or the home agent's
     * \param association what they share
     */
    static void PairForeign(Ptr<FlowbindAgent> foreignAgent,
                            Ptr<FlowbindAgent> peer,
                            const fb_security_association& association);

    /**
     * \brief Fix the random streams of all agents.
     * \param nodes nodes, with or without an agent
     * \param stream first stream to use
     * \return the number of streams used
     */
    static int64_t AssignStreams(NodeContainer nodes, int64_t stream);

    /**
     * \brief Capture what IPv4 sends and receives on devices, raw IP packets, one file a device. Works for devices of
     * any kind, tunnel devices too.
     * \param prefix the files are prefix-nNODE-iINTERFACE.pcap, complete after Simulator::Destroy()
     * \param devices devices with an IPv4 interface
     */
    static void EnablePcap(const std::string& prefix, NetDeviceContainer devices);

  protected:
    /**
     * \param type of the agents
     */
    explicit FlowbindHelper(TypeId type);

  private:
    ObjectFactory m_factory; //!< makes agents
};

/**
 * \ingroup flowbind
 * \brief Puts mobile nodes' agents into nodes.
 */
class FlowbindMobileNodeHelper : public FlowbindHelper
{
  public:
    /**
     * \param homeAgent address of the home agent; Any: Pair() sets it
     */
    explicit FlowbindMobileNodeHelper(Ipv4Address homeAgent = Ipv4Address::GetAny());

    /**
     * \param node the node
     * \param homeAddress its home address; Any: the home agent assigns it, by the attribute Nai (RFC 2794); see Pair()
     * \return the agent
     */
    Ptr<FlowbindAgent> Install(Ptr<Node> node, Ipv4Address homeAddress);
};

/**
 * \ingroup flowbind
 * \brief Puts home agents' agents into nodes.
 */
class FlowbindHomeAgentHelper : public FlowbindHelper
{
  public:
    /**
     * \param address the home agent's address
     * \param homeNetwork the home network, which must be routed to the home agent
     * \param homeNetworkMask its mask
     */
    FlowbindHomeAgentHelper(Ipv4Address address, Ipv4Address homeNetwork, Ipv4Mask homeNetworkMask);
};

/**
 * \ingroup flowbind
 * \brief Puts foreign agents' agents into nodes, which need an Ipv4ListRouting. The links on which they serve visitors
 * follow by FlowbindAgent::AddAccessLink().
 */
class FlowbindForeignAgentHelper : public FlowbindHelper
{
  public:
    /**
     * \param careOfAddress the care-of address to offer, one of the node's
     */
    explicit FlowbindForeignAgentHelper(Ipv4Address careOfAddress);
};

} // namespace ns3

#endif // FLOWBIND_HELPER_H
