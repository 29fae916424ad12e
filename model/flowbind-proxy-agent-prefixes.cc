/* SPDX-License-Identifier: GPL-2.0-only */
// The prefixes of a FlowbindProxyAgent's sessions: routes and router advertisements.
#include "flowbind-proxy-agent.h"

#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-routing-table-entry.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/log.h"
#include "ns3/mac48-address.h"
#include "ns3/node.h"

#include <algorithm>
#include <iterator>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindProxyAgentPrefixes");

namespace
{

constexpr uint8_t SUBNET_LENGTH = 64;
constexpr uint8_t MAC_OCTETS = 6;

bool
IsWithin(const fb_prefix& inner, const fb_prefix& outer)
{
    if (inner.address.family != outer.address.family || inner.length < outer.length)
    {
        return false;
    }
    uint8_t whole = outer.length / 8;
    uint8_t rest = outer.length % 8;
    uint8_t mask = static_cast<uint8_t>(0xff00 >> rest);
    return std::equal(inner.address.octet, inner.address.octet + whole, outer.address.octet) &&
           (rest == 0 ||
            (inner.address.octet[whole] & mask) == (outer.address.octet[whole] & mask));
}

/// The subnet with this number of a prefix of at most 64 bits, a /64.
fb_prefix
MakeSubnet(const fb_prefix& prefix, std::size_t number)
{
    fb_prefix subnet = prefix;
    subnet.length = SUBNET_LENGTH;
    for (int i = 7; number != 0; i--, number >>= 8)
    {
        subnet.address.octet[i] |= static_cast<uint8_t>(number);
    }
    return subnet;
}

void
RemoveRoute6(Ptr<Ipv6> ipv6, uint32_t interface, Ipv6Address network, Ipv6Prefix prefix)
{
    Ptr<Ipv6StaticRouting> routing = Ipv6StaticRoutingHelper().GetStaticRouting(ipv6);
    for (uint32_t i = 0; i < routing->GetNRoutes(); i++)
    {
        Ipv6RoutingTableEntry route = routing->GetRoute(i);
        if (route.GetDestNetwork() == network && route.GetDestNetworkPrefix() == prefix &&
            route.GetInterface() == interface)
        {
            routing->RemoveRoute(i);
            return;
        }
    }
}

Ipv4Mask
ToMask(const fb_prefix& prefix)
{
    return Ipv4Mask(static_cast<uint32_t>(~uint64_t(0) << (32 - prefix.length)));
}

} // namespace

void
FlowbindProxyAgent::Follow(const fb_event& event)
{
    fb_event home = {};
    switch (event.kind)
    {
    case FB_EVENT_PREFIX:
        FollowPrefix(event);
        return;
    case FB_EVENT_HOME_ADDRESS:
        // RFC 5844 3.4: a prefix of one address
        home = event;
        home.to = 1;
        home.prefix.address = fb_addr_from_ipv4(event.home_address);
        home.prefix.length = 32;
        FollowPrefix(home);
        return;
    case FB_EVENT_SESSION:
        if (event.to == 0)
        {
            DropSubnets(event.ref.session);
        }
        return;
    default:
        FlowbindAgent::Follow(event);
        return;
    }
}

void
FlowbindProxyAgent::FollowPrefix(const fb_event& event)
{
    NS_LOG_FUNCTION(this << +event.to << event.ref.session << event.ref.link);
    if (!IsGateway())
    {
        RouteNetwork(event.prefix, event.to != 0);
        return;
    }
    if (event.to == 0)
    {
        RemoveSubnets(event.ref.session, event.prefix);
        return;
    }
    auto session = m_sessions.find(event.ref.session);
    uint32_t link = session != m_sessions.end() ? session->second.access_link : event.ref.link;
    bool isIpv6 = event.prefix.address.family == FB_FAMILY_IPV6;
    if (link != 0)
    {
        // A delegated prefix is for the network behind the mobile node (RFC 7148 3).
        AddSubnet({event.ref.session, link, event.prefix, isIpv6 && !event.delegated}, event);
        return;
    }
    if (session != m_sessions.end() && session->second.delegation && !event.delegated)
    {
        return; // the gateway's own; hosts have addresses of what is delegated (RFC 8278 3.1)
    }
    const std::vector<uint32_t>& served = m_served[event.ref.session];
    for (std::size_t i = 0; i < served.size() && isIpv6; i++)
    {
        bool isLast = event.prefix.length >= SUBNET_LENGTH;
        if (isLast && i > 0)
        {
            NS_LOG_WARN("a prefix of " << +event.prefix.length
                                       << " bits is enough for one link only");
            return;
        }
        fb_prefix subnet = isLast ? event.prefix : MakeSubnet(event.prefix, i);
        AddSubnet({event.ref.session, served[i], subnet, true}, event);
    }
}

Ipv6Address
FlowbindProxyAgent::GetNextHop(const Subnet& subnet) const
{
    auto session = m_sessions.find(subnet.session);
    if (session == m_sessions.end() || session->second.link_layer_length != MAC_OCTETS)
    {
        return Ipv6Address::GetAny();
    }
    // ns-3 resolves no global address on a link whose interface has a link-local one only.
    Mac48Address mac;
    mac.CopyFrom(session->second.link_layer);
    return Ipv6Address::MakeAutoconfiguredLinkLocalAddress(mac);
}

FlowbindRouterAdvertiser&
FlowbindProxyAgent::GetAdvertiser(uint32_t link)
{
    Ptr<FlowbindRouterAdvertiser>& advertiser = m_advertisers[link];
    if (!advertiser)
    {
        advertiser = CreateObject<FlowbindRouterAdvertiser>();
        advertiser->Install(m_ipv6, m_ipv6->GetInterfaceForDevice(GetLinkDevice(link)));
    }
    return *advertiser;
}

void
FlowbindProxyAgent::AddSubnet(const Subnet& subnet, const fb_event& event)
{
    RemoveSubnets(subnet.session, subnet.prefix);
    m_subnets.push_back(subnet);
    Ptr<NetDevice> device = GetLinkDevice(subnet.link);
    if (subnet.prefix.address.family == FB_FAMILY_IPV4)
    {
        Ipv4StaticRoutingHelper().GetStaticRouting(m_ipv4)->AddNetworkRouteTo(
            Ipv4Address(fb_addr_to_ipv4(&subnet.prefix.address)),
            ToMask(subnet.prefix),
            m_ipv4->GetInterfaceForDevice(device));
        return;
    }
    uint32_t interface = m_ipv6->GetInterfaceForDevice(device);
    Ipv6Address network = Ipv6Address::Deserialize(subnet.prefix.address.octet);
    Ptr<Ipv6StaticRouting> routing = Ipv6StaticRoutingHelper().GetStaticRouting(m_ipv6);
    Ipv6Address nextHop = GetNextHop(subnet);
    if (nextHop.IsAny())
    {
        routing->AddNetworkRouteTo(network, Ipv6Prefix(subnet.prefix.length), interface);
    }
    else
    {
        routing->AddNetworkRouteTo(network, Ipv6Prefix(subnet.prefix.length), nextHop, interface);
    }
    if (subnet.advertised)
    {
        uint32_t lifetime = event.lifetime_s != 0 ? event.lifetime_s : UINT32_MAX;
        GetAdvertiser(subnet.link).AddPrefix(network, subnet.prefix.length, lifetime, event.mtu);
    }
}

void
FlowbindProxyAgent::RemoveSubnets(uint32_t session, const fb_prefix& prefix)
{
    for (std::size_t i = m_subnets.size(); i-- > 0;)
    {
        if (m_subnets[i].session == session && IsWithin(m_subnets[i].prefix, prefix))
        {
            Subnet gone = m_subnets[i];
            m_subnets.erase(m_subnets.begin() + static_cast<std::ptrdiff_t>(i));
            DropSubnet(gone);
        }
    }
}

void
FlowbindProxyAgent::DropSubnets(uint32_t session)
{
    for (std::size_t i = m_subnets.size(); i-- > 0;)
    {
        if (session == 0 || m_subnets[i].session == session)
        {
            Subnet gone = m_subnets[i];
            m_subnets.erase(m_subnets.begin() + static_cast<std::ptrdiff_t>(i));
            DropSubnet(gone);
        }
    }
}

void
FlowbindProxyAgent::DropSubnet(const Subnet& subnet)
{
    Ptr<NetDevice> device = GetLinkDevice(subnet.link);
    if (subnet.prefix.address.family == FB_FAMILY_IPV4)
    {
        FlowbindTunnel::RemoveRoute(m_ipv4,
                                    m_ipv4->GetInterfaceForDevice(device),
                                    Ipv4Address(fb_addr_to_ipv4(&subnet.prefix.address)),
                                    ToMask(subnet.prefix));
        return;
    }
    Ipv6Address network = Ipv6Address::Deserialize(subnet.prefix.address.octet);
    RemoveRoute6(m_ipv6,
                 m_ipv6->GetInterfaceForDevice(device),
                 network,
                 Ipv6Prefix(subnet.prefix.length));
    if (subnet.advertised)
    {
        GetAdvertiser(subnet.link).RemovePrefix(network, subnet.prefix.length);
    }
}

} // namespace ns3
