/* SPDX-License-Identifier: GPL-2.0-only */
// What FlowbindStatistics knows of Proxy Mobile IPv6: several hosts, several gateways, paths by IPv6 address.
#include "flowbind-statistics.h"

#include "ns3/flowbind-agent.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindStatisticsProxy");

namespace
{

const uint8_t UDP = 17;
const uint32_t UDP_HEADER = 8;
/// RFC 6275 6.1: protocol number, and where the type is.
const uint8_t MOBILITY = 135;
const uint32_t MOBILITY_TYPE = 2;

std::string
ToKey(const fb_addr& address)
{
    std::size_t length = address.family == FB_FAMILY_IPV6 ? 16 : 4;
    return std::string(1, static_cast<char>(address.family)) +
           std::string(address.octet, address.octet + length);
}

} // namespace

void
FlowbindStatistics::InstallProxy(Ptr<Node> correspondent,
                                 Ipv6Address correspondentAddress,
                                 Ptr<FlowbindAgent> anchor)
{
    typedef FlowbindStatistics S;
    m_correspondent6 = correspondentAddress;
    Ptr<Ipv6L3Protocol> far = correspondent->GetObject<Ipv6L3Protocol>();
    far->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnCorrespondentSend6, this));
    far->TraceConnectWithoutContext("LocalDeliver",
                                    MakeCallback(&S::OnCorrespondentDeliver6, this));
    Ptr<Ipv4L3Protocol> far4 = correspondent->GetObject<Ipv4L3Protocol>();
    far4->TraceConnectWithoutContext("SendOutgoing",
                                     MakeBoundCallback(&S::OnProxySend, this, DOWN));
    far4->TraceConnectWithoutContext("LocalDeliver",
                                     MakeBoundCallback(&S::OnProxyDeliver, this, UP));
    anchor->TraceConnectWithoutContext("TunnelTx", MakeCallback(&S::OnHomeAgentTunnel, this));
    anchor->TraceConnectWithoutContext("PacketDrop", MakeCallback(&S::OnHomeAgentDrop, this));
    anchor->TraceConnectWithoutContext("Event", MakeCallback(&S::OnHomeAgentEvent, this));
}

FlowbindStatistics::Owner
FlowbindStatistics::AddProxyHost(Ptr<Node> host)
{
    typedef FlowbindStatistics S;
    Ptr<Ipv6L3Protocol> ipv6 = host->GetObject<Ipv6L3Protocol>();
    ipv6->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnMobileSend6, this));
    ipv6->TraceConnectWithoutContext("LocalDeliver", MakeCallback(&S::OnMobileDeliver6, this));
    Ptr<Ipv4L3Protocol> ipv4 = host->GetObject<Ipv4L3Protocol>();
    ipv4->TraceConnectWithoutContext("SendOutgoing", MakeBoundCallback(&S::OnProxySend, this, UP));
    ipv4->TraceConnectWithoutContext("LocalDeliver",
                                     MakeBoundCallback(&S::OnProxyDeliver, this, DOWN));
    m_proxyHosts.push_back(host);
    return PROXY_HOST + static_cast<Owner>(m_proxyHosts.size() - 1);
}

uint8_t
FlowbindStatistics::AddGateway(Ptr<FlowbindAgent> gateway)
{
    typedef FlowbindStatistics S;
    gateway->TraceConnectWithoutContext("TunnelTx", MakeCallback(&S::OnMobileTunnel, this));
    gateway->TraceConnectWithoutContext("PacketDrop", MakeCallback(&S::OnMobileDrop, this));
    gateway->TraceConnectWithoutContext("Event",
                                        MakeBoundCallback(&S::OnGatewayEvent, this, m_gateways));
    gateway->GetObject<Ipv6L3Protocol>()->TraceConnectWithoutContext(
        "SendOutgoing",
        MakeBoundCallback(&S::OnGatewaySend6, this, m_gateways));
    gateway->GetObject<Ipv4L3Protocol>()->TraceConnectWithoutContext(
        "SendOutgoing",
        MakeBoundCallback(&S::OnGatewaySend, this, m_gateways));
    return m_gateways++;
}

void
FlowbindStatistics::AddProxyPath(uint8_t bid, uint8_t gateway, const fb_addr& careOf)
{
    m_proxyCareOf[ToKey(careOf)] = bid;
    m_pathGateways[bid] = gateway;
}

uint8_t
FlowbindStatistics::FindGateway(uint8_t bid) const
{
    auto gateway = m_pathGateways.find(bid);
    return gateway == m_pathGateways.end() ? m_gateways : gateway->second;
}

uint8_t
FlowbindStatistics::FindPath(const fb_addr& careOf) const
{
    auto path = m_proxyCareOf.find(ToKey(careOf));
    return path == m_proxyCareOf.end() ? 0 : path->second;
}

uint8_t
FlowbindStatistics::GetSentOver(const Signal& signal) const
{
    if (m_gateways == 0)
    {
        return GetSentOver(signal.event.identification);
    }
    return signal.over != 0 ? signal.over : FindPath(signal.event.care_of);
}

void
FlowbindStatistics::OnGatewaySend6(FlowbindStatistics* statistics,
                                   uint8_t gateway,
                                   const Ipv6Header& header,
                                   Ptr<const Packet> payload,
                                   uint32_t)
{
    uint8_t octets[MOBILITY_TYPE + 1];
    if (header.GetNextHeader() == MOBILITY &&
        payload->CopyData(octets, sizeof(octets)) == sizeof(octets))
    {
        fb_addr source = {};
        source.family = FB_FAMILY_IPV6;
        header.GetSource().GetBytes(source.octet);
        statistics->NoteMobility(gateway, octets[MOBILITY_TYPE], source);
    }
}

void
FlowbindStatistics::OnGatewaySend(FlowbindStatistics* statistics,
                                  uint8_t gateway,
                                  const Ipv4Header& header,
                                  Ptr<const Packet> payload,
                                  uint32_t)
{
    uint8_t octets[UDP_HEADER + MOBILITY_TYPE + 1];
    if (header.GetProtocol() == UDP &&
        payload->CopyData(octets, sizeof(octets)) == sizeof(octets) &&
        (octets[0] << 8 | octets[1]) == FB_PMIP_CONTROL_PORT)
    {
        statistics->NoteMobility(gateway,
                                 octets[UDP_HEADER + MOBILITY_TYPE],
                                 fb_addr_from_ipv4(header.GetSource().Get()));
    }
}

void
FlowbindStatistics::NoteMobility(uint8_t gateway, uint8_t type, const fb_addr& source)
{
    m_leaving[gateway].push_back({type, FindPath(source)});
}

void
FlowbindStatistics::OnGatewayEvent(FlowbindStatistics* statistics,
                                   uint8_t gateway,
                                   const fb_event& event)
{
    uint8_t over = 0;
    std::deque<std::pair<uint8_t, uint8_t>>& leaving = statistics->m_leaving[gateway];
    while (event.kind == FB_EVENT_SENT && !leaving.empty() && over == 0)
    {
        over = leaving.front().first == event.type ? leaving.front().second : 0;
        leaving.pop_front();
    }
    statistics->m_signals.push_back({MOBILE_NODE, gateway, event, over});
    statistics->NotePlainProxyBinding(UP, event);
}

void
FlowbindStatistics::NotePlainProxyBinding(Direction direction, const fb_event& event)
{
    uint8_t bid = FindPath(event.care_of);
    if (event.kind == FB_EVENT_BINDING && event.to == FB_BINDING_UP && bid != 0)
    {
        m_plainPath[direction] = bid;
    }
}

void
FlowbindStatistics::OnProxySend(FlowbindStatistics* statistics,
                                Direction direction,
                                const Ipv4Header& header,
                                Ptr<const Packet> payload,
                                uint32_t)
{
    Owner owner = statistics->FindOwner(direction == UP ? header.GetSource()
                                                        : header.GetDestination());
    if (owner != NO_FLOW)
    {
        statistics->Tag(direction, owner, header.GetProtocol(), payload);
    }
}

void
FlowbindStatistics::OnProxyDeliver(FlowbindStatistics* statistics,
                                   Direction direction,
                                   const Ipv4Header&,
                                   Ptr<const Packet> payload,
                                   uint32_t)
{
    statistics->Deliver(direction, payload);
}

FlowbindStatistics::Owner
FlowbindStatistics::FindOwner(Ipv4Address address) const
{
    for (std::size_t i = 0; i < m_proxyHosts.size(); i++)
    {
        if (m_proxyHosts[i]->GetObject<Ipv4>()->GetInterfaceForAddress(address) >= 0)
        {
            return PROXY_HOST + static_cast<Owner>(i);
        }
    }
    return NO_FLOW;
}

FlowbindStatistics::Owner
FlowbindStatistics::FindOwner(Ipv6Address address) const
{
    if (address == m_mobile6)
    {
        return MOBILE_IPV6;
    }
    for (std::size_t i = 0; i < m_proxyHosts.size(); i++)
    {
        if (m_proxyHosts[i]->GetObject<Ipv6>()->GetInterfaceForAddress(address) >= 0)
        {
            return PROXY_HOST + static_cast<Owner>(i);
        }
    }
    return NO_FLOW;
}

} // namespace ns3
