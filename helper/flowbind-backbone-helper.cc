/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-backbone-helper.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/icmpv6-l4-protocol.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-list-routing-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-extension-demux.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ipv6-list-routing-helper.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/ipv6-static-routing.h"
#include "ns3/log.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/traffic-control-layer.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindBackboneHelper");

namespace
{

/// RFC 5737 TEST-NET-1, halved: the home agent's link and the correspondent's.
const char* const HOME_LINK = "192.0.2.0";
const char* const CORE_LINK = "192.0.2.128";
const char* const HALF_MASK = "255.255.255.128";
/// RFC 5737 TEST-NET-2.
const char* const HOME_NETWORK = "198.51.100.0";
const char* const HOME_MASK = "255.255.255.0";
const uint32_t FIRST_HOST = 10;
/// Unique local (RFC 4193): the link between home agent and correspondent.
const char* const HOME_AGENT_ADDRESS6 = "fd00:c::1";
const char* const CORRESPONDENT_ADDRESS6 = "fd00:c::2";
/// The anchor's link toward the access networks.
const char* const ANCHOR_ADDRESS6 = "fd00:b::1";
const char* const ROUTER_ADDRESS6 = "fd00:b::2";
/// Links between routers, of either IP version; nobody outside them uses these.
const uint32_t TRANSIT_BASE = 0xac100000; // 172.16.0.0
const char* const TRANSIT_BASE6 = "fd00:e::";
const char* const UNIQUE_LOCAL = "fd00::"; // RFC 4193, /8
/// Long enough never to drop at 1 Gbit/s what an access network can send.
const char* const BACKBONE_QUEUE = "5000p";

void
AddRoute(Ptr<Node> node, Ipv4Address network, Ipv4Mask mask, Ipv4Address via, Ptr<NetDevice> device)
{
    Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
    Ptr<Ipv4StaticRouting> routing = Ipv4StaticRoutingHelper().GetStaticRouting(ipv4);
    routing->AddNetworkRouteTo(network, mask, via, ipv4->GetInterfaceForDevice(device));
}

void
AddRoute6(Ptr<Node> node,
          Ipv6Address network,
          Ipv6Prefix prefix,
          Ipv6Address via,
          Ptr<NetDevice> device)
{
    Ptr<Ipv6> ipv6 = node->GetObject<Ipv6>();
    Ptr<Ipv6StaticRouting> routing = Ipv6StaticRoutingHelper().GetStaticRouting(ipv6);
    routing->AddNetworkRouteTo(network, prefix, via, ipv6->GetInterfaceForDevice(device));
}

void
SetForwarding6(Ptr<Node> node)
{
    Ptr<Ipv6> ipv6 = node->GetObject<Ipv6>();
    ipv6->SetAttribute("IpForward", BooleanValue(true));
    // A tunnel is left by the device it was entered by; that is no detour.
    ipv6->SetAttribute("SendIcmpv6Redirect", BooleanValue(false));
}

/// InternetStackHelper can only install both at once, and others decide which of the nodes have IPv6.
void
AddIpv6Stack(Ptr<Node> node, const Ipv6RoutingHelper& routing)
{
    Ptr<Ipv6L3Protocol> ipv6 = CreateObject<Ipv6L3Protocol>();
    Ptr<Icmpv6L4Protocol> icmp = CreateObject<Icmpv6L4Protocol>();
    icmp->SetAttribute("DAD", BooleanValue(false)); // nobody is there who could have the address
    node->AggregateObject(ipv6);
    node->AggregateObject(icmp);
    ipv6->SetRoutingProtocol(routing.Create(node));
    ipv6->RegisterExtensions();
    ipv6->RegisterOptions();
}

} // namespace

FlowbindBackboneHelper::FlowbindBackboneHelper()
    : m_rate("1Gbps"),
      m_accessDelay(MilliSeconds(10)),
      m_coreDelay(MilliSeconds(5)),
      m_transitLinks(0),
      m_hasIpv6(false),
      m_hasIpv6Access(false),
      m_transitLinks6(0)
{
}

void
FlowbindBackboneHelper::SetDelays(Time access, Time core)
{
    m_accessDelay = access;
    m_coreDelay = core;
}

void
FlowbindBackboneHelper::SetRate(DataRate rate)
{
    m_rate = rate;
}

void
FlowbindBackboneHelper::EnableIpv6()
{
    m_hasIpv6 = true;
}

void
FlowbindBackboneHelper::EnableIpv6Access()
{
    m_hasIpv6 = true;
    m_hasIpv6Access = true;
}

void
FlowbindBackboneHelper::Build()
{
    NS_ABORT_MSG_IF(m_router, "FlowbindBackboneHelper::Build() was called twice");
    m_router = CreateObject<Node>();
    m_homeAgent = CreateObject<Node>();
    m_correspondent = CreateObject<Node>();
    InstallStack(m_router);
    InstallStack(m_homeAgent);
    InstallStack(m_correspondent);

    m_homeLink = Link(m_router, m_homeAgent, m_accessDelay - m_accessDelay / 2);
    m_coreLink = Link(m_homeAgent, m_correspondent, m_coreDelay);

    // 192.0.2.1 is the home agent's, so that captures look like the examples of the documentation.
    Ipv4AddressHelper home(HOME_LINK, HALF_MASK);
    home.Assign(NetDeviceContainer(m_homeLink.Get(1)));
    Ipv4Address router = home.Assign(NetDeviceContainer(m_homeLink.Get(0))).GetAddress(0);
    Ipv4AddressHelper core(CORE_LINK, HALF_MASK);
    Ipv4Address gateway = core.Assign(m_coreLink).GetAddress(0);
    RemoveQueueDiscs(m_homeLink);
    RemoveQueueDiscs(m_coreLink);

    AddDefaultRoute(m_correspondent, gateway, 1, 0);
    AddDefaultRoute(m_homeAgent, router, 1, 0);
    AddRoute(m_router, HOME_NETWORK, HOME_MASK, GetHomeAgentAddress(), m_homeLink.Get(0));
    AddRoute(m_router, CORE_LINK, HALF_MASK, GetHomeAgentAddress(), m_homeLink.Get(0));
    if (m_hasIpv6)
    {
        AddressCoreLink6();
    }
}

void
FlowbindBackboneHelper::AddressCoreLink6()
{
    AddIpv6(m_homeAgent);
    AddIpv6(m_correspondent);
    SetForwarding6(m_homeAgent);
    AddAddress6(m_coreLink.Get(0), Ipv6Address(HOME_AGENT_ADDRESS6));
    uint32_t interface = AddAddress6(m_coreLink.Get(1), Ipv6Address(CORRESPONDENT_ADDRESS6));
    Ptr<Ipv6> ipv6 = m_correspondent->GetObject<Ipv6>();
    Ipv6StaticRoutingHelper().GetStaticRouting(ipv6)->SetDefaultRoute(
        Ipv6Address(HOME_AGENT_ADDRESS6),
        interface);
    if (m_hasIpv6Access)
    {
        AddIpv6(m_router);
        SetForwarding6(m_router);
        AddAddress6(m_homeLink.Get(1), GetAnchorAddress());
        AddAddress6(m_homeLink.Get(0), Ipv6Address(ROUTER_ADDRESS6));
        AddRoute6(m_homeAgent,
                  Ipv6Address::GetAny(),
                  Ipv6Prefix::GetZero(),
                  Ipv6Address(ROUTER_ADDRESS6),
                  m_homeLink.Get(1));
    }
}

void
FlowbindBackboneHelper::RouteIpv6(const NetDeviceContainer& link, Ipv6Address network)
{
    uint8_t octets[16];
    Ipv6Address(TRANSIT_BASE6).GetBytes(octets);
    octets[7] = static_cast<uint8_t>(++m_transitLinks6);
    octets[15] = 1;
    Ipv6Address near(octets);
    octets[15] = 2;
    Ipv6Address far(octets);
    Ptr<Node> accessRouter = link.Get(0)->GetNode();
    SetForwarding6(accessRouter);
    AddAddress6(link.Get(0), near);
    AddAddress6(link.Get(1), far);
    // Not the default route: LTE's gateway has one into its cells.
    AddRoute6(accessRouter, Ipv6Address(UNIQUE_LOCAL), Ipv6Prefix(8), far, link.Get(0));
    AddRoute6(m_router, network, Ipv6Prefix(64), near, link.Get(1));
}

uint32_t
FlowbindBackboneHelper::AddAddress6(Ptr<NetDevice> device, Ipv6Address address)
{
    Ptr<Ipv6> ipv6 = device->GetNode()->GetObject<Ipv6>();
    int32_t interface = ipv6->GetInterfaceForDevice(device);
    if (interface < 0)
    {
        interface = ipv6->AddInterface(device);
    }
    ipv6->AddAddress(interface, Ipv6InterfaceAddress(address, Ipv6Prefix(64)));
    ipv6->SetUp(interface);
    return interface;
}

NetDeviceContainer
FlowbindBackboneHelper::Connect(Ptr<Node> accessRouter, Ipv4Address network, Ipv4Mask mask)
{
    NetDeviceContainer link = Link(accessRouter, m_router, m_accessDelay / 2);
    RouteTransitLink(accessRouter, link, network, mask);
    return link;
}

NetDeviceContainer
FlowbindBackboneHelper::ConnectBehindNat(Ptr<Node> accessRouter,
                                         Ipv4Address publicAddress,
                                         Time timeout,
                                         Ptr<FlowbindNat>& nat)
{
    Ptr<Node> node = CreateObject<Node>();
    NetDeviceContainer inside = Link(accessRouter, node, Time(0));
    NetDeviceContainer outside = Link(node, m_router, m_accessDelay / 2);
    nat = CreateObject<FlowbindNat>();
    nat->Setup(inside.Get(1), outside.Get(0), publicAddress, timeout);
    node->AggregateObject(nat);
    // For IP the two links are one.
    NetDeviceContainer ends(inside.Get(0), outside.Get(1));
    RouteTransitLink(accessRouter, ends, publicAddress, Ipv4Mask::GetOnes());
    return ends;
}

void
FlowbindBackboneHelper::RouteTransitLink(Ptr<Node> accessRouter,
                                         const NetDeviceContainer& link,
                                         Ipv4Address network,
                                         Ipv4Mask mask)
{
    Ipv4Address base = AddressTransitLink(link);
    RemoveQueueDiscs(link);
    Ipv4Address near(base.Get() + 1);
    Ipv4Address far(base.Get() + 2);
    uint32_t interface = accessRouter->GetObject<Ipv4>()->GetInterfaceForDevice(link.Get(0));
    AddDefaultRoute(accessRouter, far, interface, 0);
    AddRoute(m_router, network, mask, near, link.Get(1));
}

Ptr<Node>
FlowbindBackboneHelper::GetRouter() const
{
    return m_router;
}

Ptr<Node>
FlowbindBackboneHelper::GetHomeAgent() const
{
    return m_homeAgent;
}

Ptr<Node>
FlowbindBackboneHelper::GetCorrespondent() const
{
    return m_correspondent;
}

Ipv4Address
FlowbindBackboneHelper::GetHomeAgentAddress() const
{
    return Ipv4Address(Ipv4Address(HOME_LINK).Get() + 1);
}

Ipv4Address
FlowbindBackboneHelper::GetCorrespondentAddress() const
{
    return Ipv4Address(Ipv4Address(CORE_LINK).Get() + 2);
}

Ipv6Address
FlowbindBackboneHelper::GetCorrespondentAddress6() const
{
    return Ipv6Address(CORRESPONDENT_ADDRESS6);
}

Ipv6Address
FlowbindBackboneHelper::GetAnchorAddress() const
{
    return Ipv6Address(ANCHOR_ADDRESS6);
}

Ipv4Address
FlowbindBackboneHelper::GetHomeNetwork() const
{
    return Ipv4Address(HOME_NETWORK);
}

Ipv4Mask
FlowbindBackboneHelper::GetHomeNetworkMask() const
{
    return Ipv4Mask(HOME_MASK);
}

Ipv4Address
FlowbindBackboneHelper::GetHomeAddress(uint32_t mobile) const
{
    return Ipv4Address(GetHomeNetwork().Get() + FIRST_HOST + mobile);
}

void
FlowbindBackboneHelper::SetLossModel(Ptr<ErrorModel> model)
{
    m_homeLink.Get(0)->SetAttribute("ReceiveErrorModel", PointerValue(model));
    m_homeLink.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(model));
}

void
FlowbindBackboneHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files) const
{
    files.push_back(prefix + "home-agent.pcap");
    EnablePcap(files.back(), m_homeLink.Get(1));
    files.push_back(prefix + "correspondent.pcap");
    EnablePcap(files.back(), m_coreLink.Get(1));
}

void
FlowbindBackboneHelper::EnablePcap(const std::string& file, Ptr<NetDevice> device)
{
    PointToPointHelper().EnablePcap(file, device, false, true);
}

void
FlowbindBackboneHelper::InstallStack(Ptr<Node> node)
{
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    Ipv4StaticRoutingHelper routing;
    stack.SetRoutingHelper(routing);
    stack.Install(node);
}

void
FlowbindBackboneHelper::AddIpv6(Ptr<Node> node)
{
    AddIpv6Stack(node, Ipv6StaticRoutingHelper());
}

void
FlowbindBackboneHelper::AddOpenIpv6(Ptr<Node> node)
{
    Ipv6ListRoutingHelper list;
    list.Add(Ipv6StaticRoutingHelper(), 0);
    AddIpv6Stack(node, list);
    SetForwarding6(node);
}

void
FlowbindBackboneHelper::InstallOpenStack(Ptr<Node> node)
{
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    Ipv4ListRoutingHelper list;
    list.Add(Ipv4StaticRoutingHelper(), 0);
    stack.SetRoutingHelper(list);
    stack.Install(node);
}

void
FlowbindBackboneHelper::AddDefaultRoute(Ptr<Node> node,
                                        Ipv4Address gateway,
                                        uint32_t interface,
                                        uint32_t metric)
{
    Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
    Ipv4StaticRoutingHelper().GetStaticRouting(ipv4)->SetDefaultRoute(gateway, interface, metric);
}

void
FlowbindBackboneHelper::RemoveQueueDiscs(NetDeviceContainer devices)
{
    for (auto device = devices.Begin(); device != devices.End(); ++device)
    {
        Ptr<TrafficControlLayer> tc = (*device)->GetNode()->GetObject<TrafficControlLayer>();
        if (tc && tc->GetRootQueueDiscOnDevice(*device))
        {
            TrafficControlHelper().Uninstall(*device);
        }
    }
}

NetDeviceContainer
FlowbindBackboneHelper::Link(Ptr<Node> a, Ptr<Node> b, Time delay) const
{
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", DataRateValue(m_rate));
    link.SetChannelAttribute("Delay", TimeValue(delay));
    link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue(BACKBONE_QUEUE));
    return link.Install(a, b);
}

Ipv4Address
FlowbindBackboneHelper::AddressTransitLink(const NetDeviceContainer& link)
{
    Ipv4Address base(TRANSIT_BASE + 4 * m_transitLinks);
    m_transitLinks++;
    Ipv4AddressHelper addresses(base, "255.255.255.252");
    addresses.Assign(link);
    return base;
}

} // namespace ns3
