/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-proxy-helper.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindProxyHelper");
NS_OBJECT_ENSURE_REGISTERED(FlowbindHostLink);

namespace
{

/// RFC 6543 4: every gateway's on its access links; its link-local address follows from it.
const char* const GATEWAY_MAC = "00:00:5e:00:52:13";
/// RFC 7600 6: an address that means nothing. Without one ns-3 routes no IPv4 there.
const char* const GATEWAY_ADDRESS = "192.0.0.8";
/// RFC 5213 8.5: IEEE 802.3.
constexpr uint8_t TECHNOLOGY_ETHERNET = 3;
/// RFC 5213 8.4: a new interface.
constexpr uint8_t HANDOFF_NEW = 1;
constexpr uint16_t MTU = 1500;

void
NotifyGateway(Ptr<FlowbindProxyAgent> gateway, uint32_t link, bool usable)
{
    if (usable)
    {
        gateway->NotifyLinkUp(link);
    }
    else
    {
        gateway->NotifyLinkDown(link);
    }
}

/// \return the interface of IPv4
uint32_t
OpenInterfaces(Ptr<NetDevice> device)
{
    Ptr<Ipv6> ipv6 = device->GetNode()->GetObject<Ipv6>();
    ipv6->SetUp(ipv6->AddInterface(device));
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    uint32_t interface = ipv4->AddInterface(device);
    ipv4->SetUp(interface);
    return interface;
}

} // namespace

FlowbindGatewayHelper::FlowbindGatewayHelper(Ipv6Address anchor, Ipv4Address anchorIpv4)
    : FlowbindHelper(FlowbindProxyAgent::GetTypeId())
{
    SetAttribute("Roles", UintegerValue(FB_ROLE_MAG));
    SetAttribute("AnchorAddress", Ipv6AddressValue(anchor));
    SetAttribute("AnchorIpv4Address", Ipv4AddressValue(anchorIpv4));
}

void
FlowbindGatewayHelper::InstallStack(Ptr<Node> node)
{
    FlowbindBackboneHelper::InstallOpenStack(node);
    FlowbindBackboneHelper::AddOpenIpv6(node);
}

Ptr<FlowbindProxyAgent>
FlowbindGatewayHelper::Install(Ptr<Node> node, const std::string& identity)
{
    SetAttribute("Identity", StringValue(identity));
    return DynamicCast<FlowbindProxyAgent>(FlowbindHelper::Install(node));
}

void
FlowbindGatewayHelper::Pair(Ptr<FlowbindProxyAgent> gateway, Ptr<FlowbindProxyAgent> anchor)
{
    StringValue identity;
    gateway->GetAttribute("Identity", identity);
    fb_gateway known = {};
    known.identity = FlowbindProxyAgent::MakeNai(identity.Get());
    anchor->AddGateway(known);
}

uint32_t
FlowbindGatewayHelper::AddPath(Ptr<FlowbindProxyAgent> gateway,
                               Ptr<FlowbindAccessLink> access,
                               const fb_link& link)
{
    uint32_t number = access->GetCareOfAddress6().IsAny()
                          ? gateway->AddLink(access->GetDevice(), link, access->GetGateway())
                          : gateway->AddPath(access->GetDevice(), link, access->GetGateway6());
    access->TraceConnectWithoutContext("Usable",
                                       MakeBoundCallback(&NotifyGateway, gateway, number));
    if (access->IsUsable())
    {
        gateway->NotifyLinkUp(number);
    }
    return number;
}

FlowbindAnchorHelper::FlowbindAnchorHelper(Ipv6Address address, Ipv4Address ipv4)
    : FlowbindHelper(FlowbindProxyAgent::GetTypeId())
{
    SetAttribute("Roles", UintegerValue(FB_ROLE_LMA));
    SetAttribute("AnchorAddress", Ipv6AddressValue(address));
    SetAttribute("AnchorIpv4Address", Ipv4AddressValue(ipv4));
}

Ptr<FlowbindProxyAgent>
FlowbindAnchorHelper::Install(Ptr<Node> node)
{
    return DynamicCast<FlowbindProxyAgent>(FlowbindHelper::Install(node));
}

TypeId
FlowbindHostLink::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindHostLink")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindHostLink>();
    return tid;
}

FlowbindHostLink::FlowbindHostLink()
    : m_channel(CreateObject<SimpleChannel>()),
      m_attached(0)
{
}

void
FlowbindHostLink::DoDispose()
{
    m_channel = nullptr;
    m_device = nullptr;
    m_ports.clear();
    Object::DoDispose();
}

Ptr<SimpleNetDevice>
FlowbindHostLink::AddDevice(Ptr<Node> node, Mac48Address address) const
{
    Ptr<SimpleNetDevice> device = CreateObject<SimpleNetDevice>();
    device->SetAddress(address);
    device->SetMtu(MTU);
    // RFC 5213 3: every mobile node is on a point-to-point link, and nobody has to be resolved there.
    device->SetAttribute("PointToPointMode", BooleanValue(true));
    node->AddDevice(device);
    device->SetChannel(m_channel);
    return device;
}

void
FlowbindHostLink::Install(Ptr<Node> host)
{
    FlowbindBackboneHelper::InstallStack(host);
    FlowbindBackboneHelper::AddIpv6(host);
    host->GetObject<Ipv6>()->SetAttribute("IpForward", BooleanValue(false));
    m_device = AddDevice(host, Mac48Address::Allocate());
    OpenInterfaces(m_device);
}

uint32_t
FlowbindHostLink::Connect(Ptr<FlowbindProxyAgent> gateway)
{
    Port port;
    port.gateway = gateway;
    port.device = AddDevice(gateway->GetObject<Node>(), Mac48Address(GATEWAY_MAC));
    uint32_t interface = OpenInterfaces(port.device);
    port.device->GetNode()->GetObject<Ipv4>()->AddAddress(
        interface,
        Ipv4InterfaceAddress(Ipv4Address(GATEWAY_ADDRESS), Ipv4Mask::GetOnes()));
    port.link = gateway->AddAccessLink(port.device);
    gateway->TraceConnectWithoutContext(
        "Event",
        MakeBoundCallback(&FlowbindHostLink::FollowGateway, this, m_ports.size()));
    for (const Port& other : m_ports)
    {
        // Two gateways are never on one link with the same address at the same time.
        m_channel->BlackList(other.device, port.device);
        m_channel->BlackList(port.device, other.device);
    }
    Join(port, false);
    m_ports.push_back(port);
    m_attached = m_ports.size();
    return port.link;
}

void
FlowbindHostLink::Join(const Port& port, bool isAttached)
{
    if (isAttached)
    {
        m_channel->UnBlackList(m_device, port.device);
        m_channel->UnBlackList(port.device, m_device);
        return;
    }
    m_channel->BlackList(m_device, port.device);
    m_channel->BlackList(port.device, m_device);
}

void
FlowbindHostLink::FollowGateway(FlowbindHostLink* link, std::size_t port, const fb_event& event)
{
    bool isHomeAddress = event.kind == FB_EVENT_PREFIX && event.to != 0 && !event.delegated &&
                         event.prefix.address.family == FB_FAMILY_IPV4;
    if (isHomeAddress && event.ref.link == link->m_ports[port].link)
    {
        link->SetIpv4Address(Ipv4Address(fb_addr_to_ipv4(&event.prefix.address)));
    }
}

void
FlowbindHostLink::SetIpv4Address(Ipv4Address address)
{
    NS_LOG_FUNCTION(this << address);
    Ptr<Ipv4> ipv4 = m_device->GetNode()->GetObject<Ipv4>();
    uint32_t interface = ipv4->GetInterfaceForDevice(m_device);
    if (address == GetIpv4Address())
    {
        return; // at another gateway it has the same
    }
    bool isFirst = ipv4->GetNAddresses(interface) == 0;
    while (ipv4->GetNAddresses(interface) > 0)
    {
        ipv4->RemoveAddress(interface, 0);
    }
    ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask::GetOnes()));
    if (isFirst)
    {
        Ipv4StaticRoutingHelper().GetStaticRouting(ipv4)->AddNetworkRouteTo(Ipv4Address::GetAny(),
                                                                            Ipv4Mask::GetZero(),
                                                                            interface);
    }
}

Ipv4Address
FlowbindHostLink::GetIpv4Address() const
{
    Ptr<Ipv4> ipv4 = m_device->GetNode()->GetObject<Ipv4>();
    uint32_t interface = ipv4->GetInterfaceForDevice(m_device);
    return ipv4->GetNAddresses(interface) == 0 ? Ipv4Address::GetAny()
                                               : ipv4->GetAddress(interface, 0).GetLocal();
}

void
FlowbindHostLink::Attach(Ptr<FlowbindProxyAgent> gateway)
{
    NS_LOG_FUNCTION(this << gateway);
    Detach();
    for (std::size_t i = 0; i < m_ports.size(); i++)
    {
        if (m_ports[i].gateway == gateway)
        {
            m_attached = i;
            Join(m_ports[i], true);
            gateway->NotifyLinkUp(m_ports[i].link);
            return;
        }
    }
    NS_ABORT_MSG("FlowbindHostLink: connect the gateway first.");
}

void
FlowbindHostLink::Detach()
{
    NS_LOG_FUNCTION(this);
    if (m_attached < m_ports.size())
    {
        const Port& port = m_ports[m_attached];
        m_attached = m_ports.size();
        Join(port, false);
        port.gateway->NotifyLinkDown(port.link);
    }
}

uint32_t
FlowbindHostLink::GetAccessLink(Ptr<FlowbindProxyAgent> gateway) const
{
    auto port = std::find_if(m_ports.begin(),
                             m_ports.end(),
                             [&gateway](const Port& each) { return each.gateway == gateway; });
    return port == m_ports.end() ? 0 : port->link;
}

fb_session
FlowbindHostLink::MakeSession() const
{
    fb_session session = {};
    session.kind = FB_SESSION_PHYSICAL;
    session.link_layer_length = static_cast<uint8_t>(
        m_device->GetAddress().CopyTo(session.link_layer));
    session.technology = TECHNOLOGY_ETHERNET;
    session.handoff = HANDOFF_NEW;
    session.home_network = true;
    return session;
}

Ptr<NetDevice>
FlowbindHostLink::GetDevice() const
{
    return m_device;
}

Ipv6Address
FlowbindHostLink::GetAddress() const
{
    Ptr<Ipv6> ipv6 = m_device->GetNode()->GetObject<Ipv6>();
    uint32_t interface = ipv6->GetInterfaceForDevice(m_device);
    for (uint32_t i = 0; i < ipv6->GetNAddresses(interface); i++)
    {
        Ipv6InterfaceAddress address = ipv6->GetAddress(interface, i);
        if (address.GetScope() == Ipv6InterfaceAddress::GLOBAL)
        {
            return address.GetAddress();
        }
    }
    return Ipv6Address::GetAny();
}

} // namespace ns3
