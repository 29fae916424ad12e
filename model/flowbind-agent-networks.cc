/* SPDX-License-Identifier: GPL-2.0-only */
// Networks behind mobile nodes: routes into the tunnel, and the addresses a mobile node has of its own prefixes.
#include "flowbind-agent.h"

#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <iterator>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgentNetworks");

namespace
{

Ipv4Address
ToIpv4Address(const fb_addr& address)
{
    return Ipv4Address(fb_addr_to_ipv4(&address));
}

Ipv4Mask
ToMask(const fb_prefix& prefix)
{
    return Ipv4Mask(static_cast<uint32_t>(~uint64_t(0) << (32 - prefix.length)));
}

/**
 * All zeros behind the prefix would be the anycast address of its routers (RFC 4291 2.6.1).
 */
Ipv6Address
GetFirstAddress(const fb_prefix& prefix)
{
    fb_addr first = prefix.address;
    if (prefix.length < 128)
    {
        first.octet[sizeof(first.octet) - 1] |= 1;
    }
    return Ipv6Address::Deserialize(first.octet);
}

bool
IsSame(const fb_prefix& a, const fb_prefix& b)
{
    return a.length == b.length && a.address.family == b.address.family &&
           std::equal(std::begin(a.address.octet),
                      std::end(a.address.octet),
                      std::begin(b.address.octet));
}

} // namespace

void
FlowbindAgent::RouteNetwork(const fb_prefix& network, bool isInUse)
{
    NS_LOG_FUNCTION(this << +network.length << isInUse);
    bool isIpv6 = network.address.family == FB_FAMILY_IPV6;
    if (isIpv6)
    {
        // The first one gives the tunnel an IPv6 interface, which must not be while the node hands out a frame.
        Simulator::ScheduleNow(&FlowbindAgent::RouteNetwork6, this, network, isInUse);
    }
    if (isInUse && isIpv6)
    {
        m_networkRoutes.push_back(network);
        return;
    }
    if (isInUse)
    {
        m_tunnel->AddRoute(ToIpv4Address(network.address), ToMask(network));
        m_networkRoutes.push_back(network);
        return;
    }
    auto gone = std::find_if(m_networkRoutes.begin(),
                             m_networkRoutes.end(),
                             [&network](const fb_prefix& used) { return IsSame(used, network); });
    if (gone == m_networkRoutes.end())
    {
        return;
    }
    m_networkRoutes.erase(gone);
    if (!isIpv6)
    {
        m_tunnel->RemoveRoute(ToIpv4Address(network.address), ToMask(network));
    }
}

void
FlowbindAgent::RouteNetwork6(fb_prefix network, bool isInUse)
{
    NS_LOG_FUNCTION(this << +network.length << isInUse);
    Ipv6Address address = Ipv6Address::Deserialize(network.address.octet);
    Ipv6Prefix prefix(network.length);
    if (!m_tunnel)
    {
        return;
    }
    if (!isInUse)
    {
        m_tunnel->RemoveRoute6(address, prefix);
        return;
    }
    if (!m_tunnel->AddRoute6(address, prefix))
    {
        NS_LOG_WARN("node " << m_node->GetId() << " has no IPv6 to route a prefix with");
    }
}

void
FlowbindAgent::UseIpv6Prefixes()
{
    bool isDualStack = false;
    for (uint8_t i = 0; i < m_networks.count; i++)
    {
        const fb_prefix& prefix = m_networks.prefix[i];
        if (prefix.address.family == FB_FAMILY_IPV6)
        {
            Ipv6Address first = GetFirstAddress(prefix);
            isDualStack = m_tunnel->SetAddress6(first) || isDualStack;
        }
    }
    if (isDualStack)
    {
        m_tunnel->AddRoute6(Ipv6Address::GetAny(), Ipv6Prefix::GetZero());
    }
}

void
FlowbindAgent::ForgetNetworks()
{
    auto routes = m_networkRoutes;
    for (const auto& route : routes)
    {
        RouteNetwork(route, false);
    }
}

} // namespace ns3
