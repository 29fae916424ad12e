/* SPDX-License-Identifier: GPL-2.0-only */
// Messages, links and packets of a FlowbindProxyAgent.
#include "flowbind-proxy-agent.h"

#include "ns3/abort.h"
#include "ns3/icmpv6-header.h"
#include "ns3/icmpv6-l4-protocol.h"
#include "ns3/ipv4-list-routing.h"
#include "ns3/ipv6-extension-header.h"
#include "ns3/ipv6-interface.h"
#include "ns3/ipv6-list-routing.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <iterator>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindProxyAgent");

namespace
{

constexpr uint32_t IPV6_HEADER = 40;
constexpr uint8_t PROTOCOL_ICMP = 1;
constexpr uint8_t PROTOCOL_UDP = 17;
constexpr uint8_t PROTOCOL_ICMP6 = 58;
/// RFC 6275 6.1.
constexpr uint8_t PROTOCOL_MOBILITY = 135;
/// RFC 8200 4.5: a Fragment header, of 8 octets, as long as its unit.
constexpr uint32_t FRAGMENT_UNIT = 8;
/// Where the quoted IPv6 header of an ICMPv6 error has its protocol and its destination (RFC 4443 3).
constexpr std::size_t QUOTED_PROTOCOL = 8 + 6;
constexpr std::size_t QUOTED_DESTINATION = 8 + 24;
/// IP in IP, IPv6 in IPv6, GRE: what stands behind an outer IPv6 header (RFC 2473, RFC 5845); of fragments only ICMPv6
/// errors about them come, as ns-3 puts them together itself.
constexpr uint8_t OUTER_PROTOCOLS6[] = {4,
                                        41,
                                        47,
                                        FlowbindOuterProtocol::FRAGMENT,
                                        PROTOCOL_MOBILITY};
/// Before every other routing protocol of the node.
constexpr int16_t HOST_PRIORITY = 1000;

Ipv6Address
ToIpv6Address(const fb_addr& address)
{
    return Ipv6Address::Deserialize(address.octet);
}

fb_addr
ToAddr(Ipv6Address address)
{
    fb_addr result = {};
    result.family = FB_FAMILY_IPV6;
    address.GetBytes(result.octet);
    return result;
}

/// What an IPv6 packet asks of its node beside its addresses.
void
AddTags(Ptr<Packet> packet, uint8_t hopLimit, uint8_t trafficClass)
{
    SocketIpv6HopLimitTag hops;
    SocketIpv6TclassTag tclass;
    packet->RemovePacketTag(hops);
    packet->RemovePacketTag(tclass);
    if (hopLimit != 0)
    {
        hops.SetHopLimit(hopLimit);
        packet->AddPacketTag(hops);
    }
    tclass.SetTclass(trafficClass);
    packet->AddPacketTag(tclass);
}

} // namespace

FlowbindProxyAgent::FlowbindProxyAgent()
    : m_homePool(),
      m_delegatedPool(),
      m_ipv4Pool(),
      m_fragmented(0)
{
    NS_LOG_FUNCTION(this);
}

FlowbindProxyAgent::~FlowbindProxyAgent()
{
    NS_LOG_FUNCTION(this);
}

void
FlowbindProxyAgent::DoDispose()
{
    NS_LOG_FUNCTION(this);
    for (const auto& advertiser : m_advertisers)
    {
        advertiser.second->Dispose();
    }
    m_advertisers.clear();
    for (const auto& protocol : m_protocols6)
    {
        protocol->Dispose();
    }
    m_protocols6.clear();
    m_paths.clear();
    m_hostRouting = nullptr;
    m_hostRouting4 = nullptr;
    m_ipv6 = nullptr;
    FlowbindAgent::DoDispose();
}

bool
FlowbindProxyAgent::IsGateway() const
{
    return (m_roles & FB_ROLE_MAG) != 0;
}

uint32_t
FlowbindProxyAgent::AddPath(Ptr<NetDevice> device, const fb_link& link, Ipv6Address gateway)
{
    NS_LOG_FUNCTION(this << device << +link.bid << gateway);
    uint32_t number = AddLink(device, link);
    m_paths[number] = {gateway, nullptr};
    return number;
}

void
FlowbindProxyAgent::Open()
{
    NS_LOG_FUNCTION(this);
    m_ipv6 = m_node->GetObject<Ipv6L3Protocol>();
    NS_ABORT_MSG_IF(!m_ipv6,
                    "FlowbindProxyAgent: node "
                        << m_node->GetId()
                        << " has no IPv6. Install an InternetStackHelper with both first.");
    m_tunnel->OpenIpv6();
    for (uint8_t number : OUTER_PROTOCOLS6)
    {
        Ptr<FlowbindOuterProtocol> protocol = CreateObject<FlowbindOuterProtocol>();
        protocol->Setup6(number,
                         MakeCallback(&FlowbindProxyAgent::ReceiveOuter6, this),
                         MakeCallback(&FlowbindProxyAgent::ReceiveIcmp6, this));
        m_ipv6->Insert(protocol);
        m_protocols6.push_back(protocol);
    }
    OpenSocket(FB_PMIP_CONTROL_PORT);
    OpenSocket(FB_PMIP_DATA_PORT);
    for (const fb_prefix& pool : {m_homePool, m_delegatedPool, m_ipv4Pool})
    {
        // Always: what is for nobody is dropped by the library, and not sent round in circles.
        if (!IsGateway() && pool.length != 0)
        {
            RouteNetwork(pool, true);
        }
    }
}

void
FlowbindProxyAgent::OpenLinks()
{
    if (!IsGateway())
    {
        return;
    }
    Ptr<Ipv6> ipv6 = m_node->GetObject<Ipv6>();
    Ptr<Ipv6ListRouting> routing = ipv6 ? DynamicCast<Ipv6ListRouting>(ipv6->GetRoutingProtocol())
                                        : nullptr;
    Ptr<Ipv4ListRouting> routing4 = DynamicCast<Ipv4ListRouting>(m_ipv4->GetRoutingProtocol());
    NS_ABORT_MSG_IF(!routing || !routing4,
                    "FlowbindProxyAgent: node "
                        << m_node->GetId()
                        << " is a gateway and needs an Ipv4ListRouting and an Ipv6ListRouting, as "
                           "InternetStackHelper installs them.");
    m_hostRouting = CreateObject<FlowbindHostRouting>();
    m_hostRouting->SetInputCallback(MakeCallback(&FlowbindProxyAgent::SteerHost, this));
    routing->AddRoutingProtocol(m_hostRouting, HOST_PRIORITY);
    m_hostRouting4 = CreateObject<FlowbindInputRouting>();
    m_hostRouting4->SetInputCallback(MakeCallback(&FlowbindProxyAgent::SteerHost4, this));
    routing4->AddRoutingProtocol(m_hostRouting4, HOST_PRIORITY);
}

void
FlowbindProxyAgent::TellAgain()
{
    NS_LOG_FUNCTION(this);
    DropSubnets(0);
    auto mobileNodes = m_mobileNodes;
    for (const auto& mobileNode : mobileNodes)
    {
        AddMobileNode(mobileNode.second);
    }
    auto gateways = m_gateways;
    for (const auto& gateway : gateways)
    {
        AddGateway(gateway.second);
    }
    auto sessions = m_sessions;
    for (const auto& session : sessions)
    {
        AttachHost(session.second);
    }
}

Ipv6Address
FlowbindProxyAgent::ReadAddress6(Ptr<NetDevice> device) const
{
    Ptr<Ipv6> ipv6 = m_node->GetObject<Ipv6>();
    int32_t interface = ipv6 ? ipv6->GetInterfaceForDevice(device) : -1;
    uint32_t count = interface < 0 ? 0 : ipv6->GetNAddresses(interface);
    for (uint32_t i = 0; i < count; i++)
    {
        Ipv6InterfaceAddress address = ipv6->GetAddress(interface, i);
        if (address.GetScope() == Ipv6InterfaceAddress::GLOBAL)
        {
            return address.GetAddress();
        }
    }
    return Ipv6Address::GetAny();
}

void
FlowbindProxyAgent::UpdateLink(Link& link)
{
    auto path = m_paths.find(link.fact.link);
    if (!link.isAccess)
    {
        if (path != m_paths.end())
        {
            UpdatePath(link, path->second);
        }
        else
        {
            m_homeAgent = m_anchorIpv4; // routes are made toward it
            FlowbindAgent::UpdateLink(link);
        }
        return;
    }
    auto advertiser = m_advertisers.find(link.fact.link);
    if (link.up && !link.told && advertiser != m_advertisers.end())
    {
        advertiser->second->Advertise();
    }
    link.told = link.up;
}

void
FlowbindProxyAgent::UpdatePath(Link& link, Path& path)
{
    Ipv6Address before = ToIpv6Address(link.fact.address);
    Ipv6Address after = link.up ? ReadAddress6(link.device) : Ipv6Address::GetAny();
    bool isUsable = !after.IsAny();
    if (isUsable == link.told && (!isUsable || before == after))
    {
        return;
    }
    fb_fact fact = {};
    fact.kind = !isUsable ? FB_FACT_LINK_DOWN : link.told ? FB_FACT_LINK_CHANGED : FB_FACT_LINK_UP;
    link.told = isUsable;
    if (isUsable)
    {
        link.fact.address = ToAddr(after);
        path.route = Create<Ipv6Route>();
        path.route->SetDestination(m_anchor);
        path.route->SetSource(after);
        path.route->SetGateway(path.gateway);
        path.route->SetOutputDevice(link.device);
    }
    TellLink(link, fact);
}

void
FlowbindProxyAgent::AttachHost(const fb_session& session)
{
    NS_LOG_FUNCTION(this << session.session);
    fb_fact fact = {};
    fact.kind = FB_FACT_SESSION_ADD;
    fact.u.session = session;
    m_sessions[session.session] = session;
    Tell(fact);
}

void
FlowbindProxyAgent::DetachHost(uint32_t session)
{
    NS_LOG_FUNCTION(this << session);
    fb_fact fact = {};
    fact.kind = FB_FACT_SESSION_REMOVE;
    fact.u.session.session = session;
    m_sessions.erase(session);
    Tell(fact);
    DropSubnets(session);
}

void
FlowbindProxyAgent::SetServedLinks(uint32_t session, const std::vector<uint32_t>& links)
{
    m_served[session] = links;
}

fb_nai
FlowbindProxyAgent::MakeNai(const std::string& text)
{
    NS_ABORT_MSG_IF(text.size() > FB_NAI_MAX,
                    "FlowbindProxyAgent: the identity " << text << " is longer than " << FB_NAI_MAX
                                                        << " octets.");
    fb_nai nai = {};
    nai.length = static_cast<uint8_t>(text.size());
    std::copy(text.begin(), text.end(), nai.text);
    return nai;
}

void
FlowbindProxyAgent::AddMobileNode(const fb_proxy_subscriber& subscriber)
{
    NS_LOG_FUNCTION(this);
    fb_fact fact = {};
    fact.kind = FB_FACT_PROXY_SUBSCRIBER_SET;
    fact.u.proxy_subscriber = subscriber;
    m_mobileNodes[std::string(subscriber.identity.text, subscriber.identity.length)] = subscriber;
    Tell(fact);
}

void
FlowbindProxyAgent::RemoveMobileNode(const std::string& identity)
{
    NS_LOG_FUNCTION(this << identity);
    fb_fact fact = {};
    fact.kind = FB_FACT_PROXY_SUBSCRIBER_REMOVE;
    fact.u.proxy_subscriber.identity = MakeNai(identity);
    m_mobileNodes.erase(identity);
    Tell(fact);
}

void
FlowbindProxyAgent::AddGateway(const fb_gateway& gateway)
{
    NS_LOG_FUNCTION(this);
    fb_fact fact = {};
    fact.kind = FB_FACT_GATEWAY_SET;
    fact.u.gateway = gateway;
    m_gateways[std::string(gateway.identity.text, gateway.identity.length)] = gateway;
    Tell(fact);
}

void
FlowbindProxyAgent::RemoveGateway(const std::string& identity)
{
    NS_LOG_FUNCTION(this << identity);
    fb_fact fact = {};
    fact.kind = FB_FACT_GATEWAY_REMOVE;
    fact.u.gateway.identity = MakeNai(identity);
    m_gateways.erase(identity);
    Tell(fact);
}

std::vector<fb_session_view>
FlowbindProxyAgent::GetSessions() const
{
    std::vector<fb_session_view> sessions;
    fb_session_view view;
    uint8_t role = static_cast<uint8_t>(m_roles);
    while (m_core && fb_agent_session(m_core, role, sessions.size(), &view))
    {
        sessions.push_back(view);
    }
    return sessions;
}

std::vector<fb_proxy_view>
FlowbindProxyAgent::GetProxyBindings(uint32_t session) const
{
    std::vector<fb_proxy_view> bindings;
    fb_proxy_view view;
    uint8_t role = static_cast<uint8_t>(m_roles);
    while (m_core && fb_agent_proxy_binding(m_core, role, session, bindings.size(), &view))
    {
        bindings.push_back(view);
    }
    return bindings;
}

std::vector<fb_rule>
FlowbindProxyAgent::GetSessionRules(uint32_t session) const
{
    std::vector<fb_rule> rules;
    fb_rule rule;
    uint8_t role = static_cast<uint8_t>(m_roles);
    while (m_core && fb_agent_session_rule(m_core, role, session, rules.size(), &rule))
    {
        rules.push_back(rule);
    }
    return rules;
}

void
FlowbindProxyAgent::SendMessage(const fb_meta& meta, const uint8_t* message, uint32_t length)
{
    if (meta.dst.family != FB_FAMILY_IPV6 || meta.protocol == PROTOCOL_ICMP6)
    {
        FlowbindAgent::SendMessage(meta, message, length);
        return;
    }
    NS_LOG_FUNCTION(this << ToIpv6Address(meta.src) << ToIpv6Address(meta.dst) << meta.link);
    Ptr<Packet> packet = Create<Packet>(message, length);
    AddTags(packet, meta.ttl, meta.tos);
    auto path = m_paths.find(meta.link);
    m_ipv6->Send(packet,
                 ToIpv6Address(meta.src),
                 ToIpv6Address(meta.dst),
                 meta.protocol,
                 path == m_paths.end() ? nullptr : path->second.route);
}

bool
FlowbindProxyAgent::IsTunnelData(const fb_meta& meta, uint8_t) const
{
    return meta.dport == FB_PMIP_DATA_PORT;
}

void
FlowbindProxyAgent::ReceiveOuter6(Ptr<Packet> packet,
                                  const Ipv6Header& header,
                                  Ptr<Ipv6Interface> interface)
{
    NS_LOG_FUNCTION(this << packet << header << interface);
    fb_meta meta = {};
    meta.src = ToAddr(header.GetSource());
    meta.dst = ToAddr(header.GetDestination());
    meta.link = FindLink(interface->GetDevice());
    meta.protocol = header.GetNextHeader();
    meta.ttl = header.GetHopLimit();
    meta.tos = header.GetTrafficClass();
    if (meta.protocol != PROTOCOL_MOBILITY)
    {
        ReceiveTunnel(packet, meta);
        return;
    }
    if (m_core)
    {
        std::vector<uint8_t> message(packet->GetSize());
        packet->CopyData(message.data(), packet->GetSize());
        Input(meta, message);
    }
}

void
FlowbindProxyAgent::ReceiveIcmp6(Ipv6Address source,
                                 Ipv6Address destination,
                                 const std::vector<uint8_t>& message)
{
    NS_LOG_FUNCTION(this << source << destination << message.size());
    if (!m_core)
    {
        return;
    }
    fb_meta meta = {};
    meta.src = ToAddr(source);
    meta.dst = ToAddr(destination);
    meta.protocol = PROTOCOL_ICMP6;
    if (message[0] == Icmpv6Header::ICMPV6_ERROR_PACKET_TOO_BIG &&
        message[QUOTED_PROTOCOL] != PROTOCOL_MOBILITY)
    {
        // The library knows the MTU of each path; ns-3 noted it for whatever goes to the same far end.
        m_ipv6->SetPmtu(Ipv6Address::Deserialize(&message[QUOTED_DESTINATION]), 0);
    }
    Input(meta, message);
}

void
FlowbindProxyAgent::SendOuter6(const fb_action& action, uint8_t protocol, Ptr<Packet> packet)
{
    AddTags(packet,
            action.outer[7],
            static_cast<uint8_t>(action.outer[0] << 4 | action.outer[1] >> 4));
    auto path = m_paths.find(action.path.link);
    m_ipv6->Send(packet,
                 Ipv6Address::Deserialize(action.outer + 8),
                 Ipv6Address::Deserialize(action.outer + 24),
                 protocol,
                 path == m_paths.end() ? nullptr : path->second.route);
}

void
FlowbindProxyAgent::SendFragments(const fb_action& action, Ptr<Packet> packet)
{
    // RFC 2473 7.1, RFC 8200 4.5. ns-3 goes by the MTU of the device, and keeps one MTU of all paths to a destination.
    uint32_t room = (action.mtu - IPV6_HEADER - FRAGMENT_UNIT) / FRAGMENT_UNIT * FRAGMENT_UNIT;
    uint32_t whole = packet->GetSize();
    Ipv6ExtensionFragmentHeader header;
    header.SetNextHeader(action.outer[6]);
    header.SetIdentification(m_fragmented++);
    for (uint32_t offset = 0; offset < whole; offset += room)
    {
        uint32_t length = std::min(room, whole - offset);
        Ptr<Packet> fragment = packet->CreateFragment(offset, length);
        header.SetOffset(static_cast<uint16_t>(offset));
        header.SetMoreFragment(offset + length < whole);
        fragment->AddHeader(header);
        SendOuter6(action, FlowbindOuterProtocol::FRAGMENT, fragment);
    }
}

void
FlowbindProxyAgent::RunSend(const fb_action& action, const Ptr<Packet>& packet)
{
    if (action.outer[0] >> 4 != 6)
    {
        FlowbindAgent::RunSend(action, packet);
        return;
    }
    FlowbindTunnel::Prepend(packet, action.outer + IPV6_HEADER, action.outer_len - IPV6_HEADER);
    if (action.mtu != 0 && packet->GetSize() + IPV6_HEADER > action.mtu)
    {
        SendFragments(action, packet);
        return;
    }
    SendOuter6(action, action.outer[6], packet);
}

void
FlowbindProxyAgent::RunForward(const fb_action& action, Ptr<Packet> packet)
{
    // To a host behind this gateway, or from one to another (RFC 5213 6.10.3): as the node's routing says.
    if (action.outer_len != 0)
    {
        FlowbindTunnel::Prepend(packet, action.outer, action.outer_len);
    }
    m_tunnelRxTrace(packet, action.path.bid);
    m_tunnel->Deliver(packet);
}

bool
FlowbindProxyAgent::FindHost(Ptr<const NetDevice> device, fb_ref& from) const
{
    uint32_t number = FindLink(device);
    if (number == 0 || !m_links[number - 1].isAccess)
    {
        return false;
    }
    auto owner = std::find_if(m_sessions.begin(),
                              m_sessions.end(),
                              [number](const auto& session)
                              { return session.second.access_link == number; });
    // Behind a logical session there are links that the library does not know.
    from.link = owner == m_sessions.end() ? 0 : number;
    return true;
}

bool
FlowbindProxyAgent::SteerHost(Ptr<const Packet> packet,
                              const Ipv6Header& header,
                              Ptr<const NetDevice> device)
{
    fb_ref from = {};
    if (header.GetDestination().IsMulticast() || header.GetSource().IsLinkLocal() ||
        !FindHost(device, from))
    {
        return false;
    }
    // What Ipv6L3Protocol does for what it forwards itself.
    Ipv6Header forwarded = header;
    Ptr<Packet> whole = packet->Copy();
    if (header.GetHopLimit() <= 1)
    {
        m_packetDropTrace(packet, FB_DROP_TTL);
        whole->AddHeader(header);
        m_ipv6->GetIcmpv6()->SendErrorTimeExceeded(whole,
                                                   header.GetSource(),
                                                   Icmpv6Header::ICMPV6_HOPLIMIT);
        return true;
    }
    forwarded.SetHopLimit(header.GetHopLimit() - 1);
    whole->AddHeader(forwarded);
    SteerFrom(whole, from);
    return true;
}

bool
FlowbindProxyAgent::SteerHost4(const Ptr<const Packet>& packet,
                               const Ipv4Header& header,
                               const Ptr<const NetDevice>& device)
{
    fb_ref from = {};
    if (header.GetDestination().IsMulticast() || header.GetDestination().IsBroadcast() ||
        !FindHost(device, from))
    {
        return false;
    }
    SteerForwarded(packet, header, from);
    return true;
}

} // namespace ns3
