/* SPDX-License-Identifier: GPL-2.0-only */
// ICMP of a FlowbindAgent: what the library has to say to others, and errors about packets of ours.
#include "flowbind-agent.h"

#include "ns3/inet-socket-address.h"
#include "ns3/ipv6-header.h"
#include "ns3/ipv6-route.h"
#include "ns3/ipv6-routing-protocol.h"
#include "ns3/ipv6.h"
#include "ns3/log.h"
#include "ns3/node.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgentIcmp");

namespace
{

constexpr uint8_t PROTOCOL_ICMP = 1;
constexpr uint8_t PROTOCOL_ICMPV6 = 58;

} // namespace

std::set<uint16_t>
FlowbindAgent::GetPorts() const
{
    std::set<uint16_t> ports;
    for (const auto& socket : m_sockets)
    {
        Address local;
        socket->GetSockName(local);
        ports.insert(InetSocketAddress::ConvertFrom(local).GetPort());
    }
    return ports;
}

void
FlowbindAgent::SendIcmp(const fb_meta& meta, const uint8_t* message, uint32_t length)
{
    if (meta.protocol == PROTOCOL_ICMPV6)
    {
        SendIcmp6(meta, message, length);
        return;
    }
    Ipv4Header header;
    header.SetSource(Ipv4Address(fb_addr_to_ipv4(&meta.src)));
    header.SetDestination(Ipv4Address(fb_addr_to_ipv4(&meta.dst)));
    header.SetProtocol(PROTOCOL_ICMP);
    header.SetTtl(meta.ttl);
    header.SetTos(meta.tos);
    header.SetPayloadSize(static_cast<uint16_t>(length));
    Ptr<Packet> packet = Create<Packet>(message, length);
    if (m_ipv4->GetInterfaceForAddress(header.GetDestination()) < 0)
    {
        m_tunnel->SendWithHeader(packet, header, GetMessageRoute(meta));
        return;
    }
    // For an application of this node. ns-3 would send it, by the route to everywhere: into the tunnel.
    if (Node::ChecksumEnabled())
    {
        header.EnableChecksum();
    }
    packet->AddHeader(header);
    m_tunnel->Deliver(packet);
}

void
FlowbindAgent::SendIcmp6(const fb_meta& meta, const uint8_t* message, uint32_t length)
{
    Ptr<Ipv6> ipv6 = m_node->GetObject<Ipv6>();
    Ipv6Address destination = Ipv6Address::Deserialize(meta.dst.octet);
    bool isOwn = ipv6 && ipv6->GetInterfaceForAddress(destination) >= 0;
    Ipv6Header header;
    header.SetDestination(destination);
    header.SetNextHeader(PROTOCOL_ICMPV6);
    header.SetHopLimit(meta.ttl);
    header.SetPayloadLength(static_cast<uint16_t>(length));
    Socket::SocketErrno error;
    Ptr<Ipv6Route> route =
        !ipv6 || isOwn
            ? nullptr
            : ipv6->GetRoutingProtocol()->RouteOutput(Create<Packet>(), header, nullptr, error);
    if (!isOwn && !route)
    {
        NS_LOG_LOGIC("no way to " << destination);
        return;
    }
    header.SetSource(isOwn ? destination : route->GetSource());
    std::vector<uint8_t> octets(message, message + length);
    FlowbindOuterProtocol::WriteIcmp6Checksum(octets, header.GetSource(), destination);
    Ptr<Packet> packet = Create<Packet>(octets.data(), length);
    if (isOwn)
    {
        packet->AddHeader(header);
        m_tunnel->Deliver(packet);
        return;
    }
    ipv6->Send(packet, header.GetSource(), destination, PROTOCOL_ICMPV6, route);
}

void
FlowbindAgent::HandleIcmpError(Ipv4Address source, const std::vector<uint8_t>& message)
{
    NS_LOG_FUNCTION(this << source << message.size());
    if (!m_core)
    {
        return;
    }
    fb_meta meta = {};
    meta.src = fb_addr_from_ipv4(source.Get());
    meta.protocol = PROTOCOL_ICMP;
    Input(meta, message);
}

} // namespace ns3
