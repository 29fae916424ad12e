/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-helper.h"

#include "ns3/abort.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-helper.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindHelper");

namespace
{

/// LINKTYPE_RAW of the capture file format; ns-3's own name for it is about to go.
constexpr auto RAW_IP = static_cast<PcapHelper::DataLinkType>(101);

/**
 * Sink of the traces Tx and Rx of Ipv4L3Protocol. InternetStackHelper can capture them too, but holds its files open
 * until the program ends.
 */
void
WritePacket(Ptr<PcapFileWrapper> file,
            uint32_t wanted,
            Ptr<const Packet> packet,
            Ptr<Ipv4> ipv4 [[maybe_unused]],
            uint32_t interface)
{
    if (interface == wanted)
    {
        file->Write(Simulator::Now(), packet);
    }
}

} // namespace

FlowbindHelper::FlowbindHelper()
    : FlowbindHelper(FlowbindAgent::GetTypeId())
{
}

FlowbindHelper::FlowbindHelper(TypeId type)
{
    m_factory.SetTypeId(type);
}

void
FlowbindHelper::SetAttribute(const std::string& name, const AttributeValue& value)
{
    m_factory.Set(name, value);
}

Ptr<FlowbindAgent>
FlowbindHelper::Install(Ptr<Node> node) const
{
    NS_LOG_FUNCTION(this << node);
    NS_ABORT_MSG_IF(
        node->GetObject<FlowbindAgent>(),
        "FlowbindHelper: node "
            << node->GetId()
            << " has an agent already. One agent can have several roles: set its attribute Roles.");
    if (!node->GetObject<Ipv4>())
    {
        InternetStackHelper().Install(node);
    }
    Ptr<FlowbindAgent> agent = m_factory.Create<FlowbindAgent>();
    node->AggregateObject(agent);
    agent->InstallTunnel();
    if (node->IsInitialized())
    {
        agent->Initialize();
    }
    return agent;
}

void
FlowbindHelper::Pair(Ptr<FlowbindAgent> mobileNode,
                     Ptr<FlowbindAgent> homeAgent,
                     bool multipathAllowed,
                     Ipv4Address homeAddress)
{
    NS_LOG_FUNCTION(mobileNode << homeAgent << multipathAllowed << homeAddress);
    Ipv4AddressValue configured;
    mobileNode->GetAttribute("HomeAddress", configured);
    bool isAssigned = configured.Get().IsAny();
    fb_subscriber subscriber = {};
    subscriber.home_address = (isAssigned ? homeAddress : configured.Get()).Get();
    subscriber.association = mobileNode->GetSecurityAssociation();
    subscriber.multipath_allowed = multipathAllowed;
    subscriber.nai = mobileNode->GetNai();
    subscriber.networks = mobileNode->GetMobileNetworks();
    NS_ABORT_MSG_IF(subscriber.association.key_length == 0,
                    "FlowbindHelper::Pair: the mobile node needs its attribute Key first.");
    NS_ABORT_MSG_IF(subscriber.home_address == 0 || (isAssigned && subscriber.nai.length == 0),
                    "FlowbindHelper::Pair: the mobile node needs its attribute HomeAddress first, "
                    "or its attribute Nai and here the home address that it is to get.");
    NS_ABORT_MSG_IF(!isAssigned && !homeAddress.IsAny() && homeAddress != configured.Get(),
                    "FlowbindHelper::Pair: the mobile node has the home address "
                        << configured.Get() << " by its attribute HomeAddress, and cannot get "
                        << homeAddress << ".");
    homeAgent->AddSubscriber(subscriber);

    Ipv4AddressValue address;
    mobileNode->GetAttribute("HomeAgentAddress", address);
    if (address.Get().IsAny())
    {
        homeAgent->GetAttribute("Address", address);
        mobileNode->SetAttribute("HomeAgentAddress", address);
    }
}

void
FlowbindHelper::PairForeign(Ptr<FlowbindAgent> foreignAgent,
                            Ptr<FlowbindAgent> peer,
                            const fb_security_association& association)
{
    NS_LOG_FUNCTION(foreignAgent << peer << association.spi);
    Ipv4AddressValue careOf;
    Ipv4AddressValue home;
    UintegerValue roles;
    foreignAgent->GetAttribute("CareOfAddress", careOf);
    peer->GetAttribute("Roles", roles);
    bool isMobileNode = (roles.Get() & FB_ROLE_MOBILE_NODE) != 0;
    peer->GetAttribute(isMobileNode ? "HomeAddress" : "Address", home);
    NS_ABORT_MSG_IF(isMobileNode && home.Get().IsAny() && peer->GetNai().length > 0,
                    "FlowbindHelper::PairForeign: the mobile node's home address is assigned to it "
                    "(attribute Nai without HomeAddress), and the association would be found by "
                    "that address. Set HomeAddress, or do without this association.");
    NS_ABORT_MSG_IF(careOf.Get().IsAny() || home.Get().IsAny(),
                    "FlowbindHelper::PairForeign: the foreign agent needs its attribute "
                    "CareOfAddress first, and its peer HomeAddress or Address.");
    fb_peer_association shared = {};
    shared.kind = isMobileNode ? FB_ASSOCIATION_MOBILE_FOREIGN : FB_ASSOCIATION_FOREIGN_HOME;
    shared.association = association;
    shared.peer = home.Get().Get();
    foreignAgent->AddAssociation(shared);
    shared.peer = careOf.Get().Get();
    peer->AddAssociation(shared);
}

int64_t
FlowbindHelper::AssignStreams(NodeContainer nodes, int64_t stream)
{
    int64_t next = stream;
    for (auto node = nodes.Begin(); node != nodes.End(); ++node)
    {
        Ptr<FlowbindAgent> agent = (*node)->GetObject<FlowbindAgent>();
        if (agent)
        {
            next += agent->AssignStreams(next);
        }
    }
    return next - stream;
}

void
FlowbindHelper::EnablePcap(const std::string& prefix, NetDeviceContainer devices)
{
    for (auto device = devices.Begin(); device != devices.End(); ++device)
    {
        Ptr<Node> node = (*device)->GetNode();
        Ptr<Ipv4L3Protocol> ipv4 = node->GetObject<Ipv4L3Protocol>();
        int32_t interface = ipv4 ? ipv4->GetInterfaceForDevice(*device) : -1;
        NS_ABORT_MSG_IF(interface < 0,
                        "FlowbindHelper::EnablePcap: device "
                            << (*device)->GetIfIndex() << " of node " << node->GetId()
                            << " has no IPv4 interface. Give it an address first.");
        PcapHelper pcap;
        std::string name = pcap.GetFilenameFromInterfacePair(prefix, ipv4, interface);
        Ptr<PcapFileWrapper> file = pcap.CreateFile(name, std::ios::out, RAW_IP);
        uint32_t number = static_cast<uint32_t>(interface);
        ipv4->TraceConnectWithoutContext("Tx", MakeBoundCallback(&WritePacket, file, number));
        ipv4->TraceConnectWithoutContext("Rx", MakeBoundCallback(&WritePacket, file, number));
    }
}

FlowbindMobileNodeHelper::FlowbindMobileNodeHelper(Ipv4Address homeAgent)
{
    SetAttribute("Roles", UintegerValue(FB_ROLE_MOBILE_NODE));
    SetAttribute("HomeAgentAddress", Ipv4AddressValue(homeAgent));
}

Ptr<FlowbindAgent>
FlowbindMobileNodeHelper::Install(Ptr<Node> node, Ipv4Address homeAddress)
{
    SetAttribute("HomeAddress", Ipv4AddressValue(homeAddress));
    return FlowbindHelper::Install(node);
}

FlowbindForeignAgentHelper::FlowbindForeignAgentHelper(Ipv4Address careOfAddress)
{
    SetAttribute("Roles", UintegerValue(FB_ROLE_FOREIGN_AGENT));
    SetAttribute("CareOfAddress", Ipv4AddressValue(careOfAddress));
}

FlowbindHomeAgentHelper::FlowbindHomeAgentHelper(Ipv4Address address,
                                                 Ipv4Address homeNetwork,
                                                 Ipv4Mask homeNetworkMask)
{
    SetAttribute("Roles", UintegerValue(FB_ROLE_HOME_AGENT));
    SetAttribute("Address", Ipv4AddressValue(address));
    SetAttribute("HomeNetwork", Ipv4AddressValue(homeNetwork));
    SetAttribute("HomeNetworkMask", Ipv4MaskValue(homeNetworkMask));
}

} // namespace ns3
