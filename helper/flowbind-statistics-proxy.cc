/* SPDX-License-Identifier: GPL-2.0-only */
// What FlowbindStatistics knows of Proxy Mobile IPv6: several hosts, several gateways, paths by IPv6 address.
#include "flowbind-statistics.h"

#include "ns3/flowbind-agent.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindStatisticsProxy");

namespace
{

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
    return m_gateways++;
}

void
FlowbindStatistics::AddProxyPath(uint8_t bid, uint8_t gateway, uint32_t link, const fb_addr& careOf)
{
    m_proxyCareOf[ToKey(careOf)] = bid;
    m_proxyLinks[{gateway, link}] = bid;
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
    uint8_t bid = FindPath(signal.event.care_of);
    auto link = m_proxyLinks.find({signal.bid, signal.event.ref.link});
    bool isGateway = signal.agent == MOBILE_NODE;
    return bid == 0 && isGateway && link != m_proxyLinks.end() ? link->second : bid;
}

void
FlowbindStatistics::OnGatewayEvent(FlowbindStatistics* statistics,
                                   uint8_t gateway,
                                   const fb_event& event)
{
    statistics->m_signals.push_back({MOBILE_NODE, gateway, event});
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
