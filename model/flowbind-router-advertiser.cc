/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-router-advertiser.h"

#include "ns3/icmpv6-header.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv6-header.h"
#include "ns3/ipv6-interface.h"
#include "ns3/ipv6-packet-info-tag.h"
#include "ns3/ipv6-raw-socket-factory.h"
#include "ns3/ipv6-route.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindRouterAdvertiser");
NS_OBJECT_ENSURE_REGISTERED(FlowbindRouterAdvertiser);

namespace
{

constexpr uint8_t PROTOCOL_ICMP6 = 58;
constexpr uint32_t IPV6_HEADER = 40;
/// RFC 4861 6.2.1: AdvDefaultLifetime.
constexpr uint16_t ROUTER_LIFETIME = 1800;
constexpr uint8_t HOP_LIMIT = 64;
/// RFC 4861 6.1.2: advertisements that crossed a router are not believed.
constexpr uint8_t RECEIVED_HOP_LIMIT = 255;

Icmpv6OptionPrefixInformation
MakeOption(Ipv6Address network, uint8_t length, uint32_t lifetime)
{
    Icmpv6OptionPrefixInformation option;
    option.SetPrefix(network);
    option.SetPrefixLength(length);
    option.SetValidTime(lifetime);
    option.SetPreferredTime(lifetime);
    option.SetFlags(Icmpv6OptionPrefixInformation::ONLINK |
                    Icmpv6OptionPrefixInformation::AUTADDRCONF);
    return option;
}

} // namespace

TypeId
FlowbindRouterAdvertiser::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindRouterAdvertiser")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindRouterAdvertiser>()
                            .AddAttribute(
                                "Interval",
                                "Time between two unsolicited advertisements (RFC 4861 6.2.1).",
                                TimeValue(Seconds(200)),
                                MakeTimeAccessor(&FlowbindRouterAdvertiser::m_interval),
                                MakeTimeChecker(MilliSeconds(30)));
    return tid;
}

FlowbindRouterAdvertiser::FlowbindRouterAdvertiser()
    : m_interface(0),
      m_mtu(0)
{
    NS_LOG_FUNCTION(this);
}

void
FlowbindRouterAdvertiser::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_timer.Cancel();
    if (m_socket)
    {
        m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        m_socket = nullptr;
    }
    m_ipv6 = nullptr;
    Object::DoDispose();
}

void
FlowbindRouterAdvertiser::Install(Ptr<Ipv6L3Protocol> ipv6, uint32_t interface)
{
    NS_LOG_FUNCTION(this << ipv6 << interface);
    m_ipv6 = ipv6;
    m_interface = interface;
    Ptr<Node> node = ipv6->GetNetDevice(interface)->GetNode();
    m_socket = Socket::CreateSocket(node, Ipv6RawSocketFactory::GetTypeId());
    m_socket->SetAttribute("Protocol", UintegerValue(PROTOCOL_ICMP6));
    m_socket->Bind(Inet6SocketAddress(Ipv6Address::GetAllRoutersMulticast(), 0));
    m_socket->SetRecvPktInfo(true);
    m_socket->ShutdownSend();
    m_socket->SetRecvCallback(MakeCallback(&FlowbindRouterAdvertiser::HandleSolicitation, this));
}

void
FlowbindRouterAdvertiser::AddPrefix(Ipv6Address network,
                                    uint8_t length,
                                    uint32_t lifetime,
                                    uint16_t mtu)
{
    NS_LOG_FUNCTION(this << network << +length << lifetime << mtu);
    m_prefixes[{network, length}] = lifetime;
    m_mtu = mtu;
    m_timer.Cancel();
    Tick();
}

void
FlowbindRouterAdvertiser::RemovePrefix(Ipv6Address network, uint8_t length)
{
    NS_LOG_FUNCTION(this << network << +length);
    Prefix gone(network, length);
    if (m_prefixes.erase(gone) != 0)
    {
        Send(&gone);
    }
}

void
FlowbindRouterAdvertiser::Advertise()
{
    if (!m_prefixes.empty())
    {
        Send(nullptr);
    }
}

void
FlowbindRouterAdvertiser::Tick()
{
    Advertise();
    m_timer = Simulator::Schedule(m_interval, &FlowbindRouterAdvertiser::Tick, this);
}

void
FlowbindRouterAdvertiser::Send(const Prefix* gone)
{
    Ptr<Ipv6Interface> interface = m_ipv6->GetInterface(m_interface);
    if (!interface->IsUp())
    {
        return;
    }
    Ptr<Packet> packet = Create<Packet>();
    packet->AddHeader(Icmpv6OptionLinkLayerAddress(true, interface->GetDevice()->GetAddress()));
    if (m_mtu != 0)
    {
        packet->AddHeader(Icmpv6OptionMtu(m_mtu));
    }
    if (gone != nullptr)
    {
        packet->AddHeader(MakeOption(gone->first, gone->second, 0));
    }
    for (const auto& prefix : m_prefixes)
    {
        packet->AddHeader(MakeOption(prefix.first.first, prefix.first.second, prefix.second));
    }
    Icmpv6RA advertisement;
    advertisement.SetCurHopLimit(HOP_LIMIT);
    advertisement.SetLifeTime(m_prefixes.empty() ? 0 : ROUTER_LIFETIME);
    Ipv6Address source = interface->GetLinkLocalAddress().GetAddress();
    Ipv6Address all = Ipv6Address::GetAllNodesMulticast();
    advertisement.CalculatePseudoHeaderChecksum(source,
                                                all,
                                                packet->GetSize() +
                                                    advertisement.GetSerializedSize(),
                                                PROTOCOL_ICMP6);
    packet->AddHeader(advertisement);
    SocketIpv6HopLimitTag hopLimit;
    hopLimit.SetHopLimit(RECEIVED_HOP_LIMIT);
    packet->AddPacketTag(hopLimit);
    Ptr<Ipv6Route> route = Create<Ipv6Route>();
    route->SetSource(source);
    route->SetDestination(all);
    route->SetOutputDevice(interface->GetDevice());
    m_ipv6->Send(packet, source, all, PROTOCOL_ICMP6, route);
}

void
FlowbindRouterAdvertiser::HandleSolicitation(Ptr<Socket> socket)
{
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        Ipv6PacketInfoTag info;
        uint8_t type = 0;
        if (!packet->RemovePacketTag(info) || packet->GetSize() <= IPV6_HEADER)
        {
            continue;
        }
        packet->RemoveAtStart(IPV6_HEADER);
        packet->CopyData(&type, 1);
        uint32_t device = m_ipv6->GetNetDevice(m_interface)->GetIfIndex();
        if (type == Icmpv6Header::ICMPV6_ND_ROUTER_SOLICITATION && info.GetRecvIf() == device)
        {
            Advertise();
        }
    }
}

} // namespace ns3
