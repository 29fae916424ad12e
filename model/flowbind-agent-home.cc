/* SPDX-License-Identifier: GPL-2.0-only */
// A FlowbindAgent and the home link: what the host has to do when a node leaves it and returns (RFC 5944 2.4.3, 4.6).
#include "flowbind-agent.h"

#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/log.h"
#include "ns3/mac48-address.h"
#include "ns3/node.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgentHome");

namespace
{

constexpr uint8_t MAC_OCTETS = 6;

/// A link-layer address of the library; invalid if it is none of this kind.
Address
ToLinkAddress(const fb_event& event)
{
    if (event.link_addr_len != MAC_OCTETS)
    {
        return Address();
    }
    Mac48Address address;
    address.CopyFrom(event.link_addr);
    return address;
}

} // namespace

bool
FlowbindAgent::IsHomeLink(const Link& link) const
{
    return (m_roles & FB_ROLE_HOME_AGENT) != 0 && link.isAccess && !m_homeNetwork.IsAny() &&
           m_homeNetworkMask.IsMatch(m_homeNetwork, Ipv4Address(ReadAddress(link)));
}

void
FlowbindAgent::OpenArp(Link& link)
{
    bool isHome = IsHomeLink(link);
    bool isRoaming = (m_roles & FB_ROLE_MOBILE_NODE) != 0 && !link.isAccess &&
                     (m_discoverHome || link.fact.care_of == FB_CARE_OF_AGENT);
    if (isHome)
    {
        // Nodes at home are on the link; FollowIntercept() routes the others, one by one.
        m_tunnel->RemoveRoute(m_homeNetwork, m_homeNetworkMask);
    }
    if ((isHome || isRoaming) && link.device->NeedsArp())
    {
        link.arp = CreateObject<FlowbindArp>();
        link.arp->Install(link.device);
    }
}

void
FlowbindAgent::FollowIntercept(const fb_event& event)
{
    bool begins = event.count != 0;
    Ipv4Address address(event.home_address);
    for (const Link& link : m_links)
    {
        if (!IsHomeLink(link))
        {
            continue;
        }
        RouteNetwork({fb_addr_from_ipv4(event.home_address), 32}, begins);
        if (!link.arp)
        {
            return;
        }
        if (begins)
        {
            link.arp->Answer(address);
            link.arp->Announce(address, link.device->GetAddress());
            return;
        }
        link.arp->Ignore(address);
        Address owner = ToLinkAddress(event);
        if (event.cause == FB_CAUSE_HOME && !owner.IsInvalid())
        {
            link.arp->Announce(address, owner);
        }
        return;
    }
}

void
FlowbindAgent::FollowHome(const fb_event& event)
{
    LeaveHome();
    if (event.to != 0)
    {
        EnterHome(event.ref.link, Ipv4Address(event.home_address));
    }
}

void
FlowbindAgent::EnterHome(uint32_t number, Ipv4Address address)
{
    NS_LOG_FUNCTION(this << number << address);
    const Link& link = m_links[GetLinkIndex(number)];
    uint32_t interface = m_ipv4->GetInterfaceForDevice(link.device);
    m_atHome = number;
    m_atHomeAs = address;
    // With the address ns-3's ARP answers for it.
    m_ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, m_homeNetworkMask));
    m_tunnel->RemoveRoute(Ipv4Address::GetAny(), Ipv4Mask::GetZero());
    Ipv4Address router = link.gateway.IsAny() ? m_homeAgent : link.gateway;
    Ipv4StaticRoutingHelper().GetStaticRouting(m_ipv4)->SetDefaultRoute(router, interface);
    if (link.arp)
    {
        link.arp->Ignore(address);
        link.arp->Announce(address, link.device->GetAddress());
    }
}

void
FlowbindAgent::LeaveHome()
{
    NS_LOG_FUNCTION(this);
    if (m_atHome == 0)
    {
        return;
    }
    const Link& link = m_links[GetLinkIndex(m_atHome)];
    uint32_t interface = m_ipv4->GetInterfaceForDevice(link.device);
    m_atHome = 0;
    if (link.arp)
    {
        link.arp->Ignore(m_atHomeAs);
    }
    FlowbindTunnel::RemoveRoute(m_ipv4, interface, Ipv4Address::GetAny(), Ipv4Mask::GetZero());
    m_ipv4->RemoveAddress(interface, m_atHomeAs);
    m_tunnel->AddRoute(Ipv4Address::GetAny(), Ipv4Mask::GetZero());
}

void
FlowbindAgent::FollowAgent(const fb_event& event)
{
    const Link& link = m_links[GetLinkIndex(event.ref.link)];
    if (event.role != FB_ROLE_MOBILE_NODE || !link.arp || m_atHome == event.ref.link)
    {
        return;
    }
    Ipv4Address address(event.home_address);
    Address agent = ToLinkAddress(event);
    if (event.to != 0 && !agent.IsInvalid())
    {
        link.arp->Answer(address, agent);
        return;
    }
    link.arp->StopAnswering(address, agent);
}

void
FlowbindAgent::ForgetHome()
{
    NS_LOG_FUNCTION(this);
    LeaveHome();
    for (const Link& link : m_links)
    {
        if (link.arp)
        {
            link.arp->Clear();
        }
    }
}

} // namespace ns3
