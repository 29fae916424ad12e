/* SPDX-License-Identifier: GPL-2.0-only */
// The links of a FlowbindAgent: what it tells the library of them, and what it reads from them itself.
#include "flowbind-agent.h"

#include "ns3/abort.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-list-routing.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/log.h"
#include "ns3/node.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgentLinks");

namespace
{

constexpr uint8_t PROTOCOL_ICMP = 1;
constexpr uint8_t PROTOCOL_UDP = 17;
/// RFC 1256; agent advertisements are router advertisements with an extension (RFC 5944 2.1).
constexpr uint8_t ROUTER_ADVERTISEMENT = 9;
constexpr uint8_t ROUTER_SOLICITATION = 10;
/// Type of a Registration Request (RFC 5944 3.3).
constexpr uint8_t MIP4_REQUEST = 1;
/// IPv4 without options.
constexpr uint32_t IPV4_HEADER = 20;
/// ... and UDP, or the fixed part of ICMP.
constexpr uint32_t HEADERS = IPV4_HEADER + 8;
constexpr uint16_t NOT_WHOLE = 0x3fff; // RFC 791 3.1: More Fragments and Fragment Offset
constexpr std::size_t LARGEST_MESSAGE = 1500;
/// Before every other routing protocol of the node.
constexpr int16_t INPUT_PRIORITY = 1000;

uint16_t
ReadU16(const uint8_t* octets)
{
    return static_cast<uint16_t>(octets[0] << 8 | octets[1]);
}

/// RFC 1071: 0xffff over octets with a correct checksum.
uint16_t
AddUp(const uint8_t* octets, std::size_t length, uint32_t start)
{
    uint32_t sum = start;
    for (std::size_t i = 0; i < length; i++)
    {
        sum += i % 2 == 0 ? octets[i] << 8 : octets[i];
    }
    sum = (sum >> 16) + (sum & 0xffff);
    return static_cast<uint16_t>(sum + (sum >> 16));
}

/**
 * \param packet an IPv4 packet without options, with UDP in it
 * \param length its octets
 * \return whether both checksums are right; that of UDP may be missing (RFC 768)
 */
bool
IsIntact(const uint8_t* packet, std::size_t length)
{
    const uint8_t* udp = packet + IPV4_HEADER;
    std::size_t udpLength = ReadU16(udp + 4);
    if (AddUp(packet, IPV4_HEADER, 0) != 0xffff || udpLength > length - IPV4_HEADER)
    {
        return false;
    }
    uint32_t pseudo = AddUp(packet + 12, 8, PROTOCOL_UDP + static_cast<uint32_t>(udpLength));
    return ReadU16(udp + 6) == 0 || AddUp(udp, udpLength, pseudo) == 0xffff;
}

} // namespace

uint32_t
FlowbindAgent::AddLink(Ptr<NetDevice> device,
                       uint8_t bid,
                       uint8_t label,
                       uint8_t technology,
                       uint8_t preference,
                       Ipv4Address gateway)
{
    NS_LOG_FUNCTION(this << device << +bid << +label << +technology << +preference << gateway);
    fb_link link = {};
    link.bid = bid;
    link.label = label;
    link.technology = technology;
    link.preference = preference;
    return AddLink(device, link, gateway);
}

uint32_t
FlowbindAgent::AddLink(Ptr<NetDevice> device, const fb_link& link, Ipv4Address gateway)
{
    NS_LOG_FUNCTION(this << device << +link.bid << gateway);
    Link added = {};
    added.device = device;
    added.gateway = gateway;
    added.fact = link;
    added.fact.link = static_cast<uint32_t>(m_links.size() + 1);
    added.fact.address = {};
    m_links.push_back(added);
    return added.fact.link;
}

uint32_t
FlowbindAgent::AddAccessLink(Ptr<NetDevice> device)
{
    NS_LOG_FUNCTION(this << device);
    Link added = {};
    added.device = device;
    added.isAccess = true;
    added.fact.link = static_cast<uint32_t>(m_links.size() + 1);
    m_links.push_back(added);
    return added.fact.link;
}

uint32_t
FlowbindAgent::GetNLinks() const
{
    return static_cast<uint32_t>(m_links.size());
}

std::size_t
FlowbindAgent::GetLinkIndex(uint32_t number) const
{
    NS_ABORT_MSG_IF(number < 1 || number > m_links.size(),
                    "FlowbindAgent: there is no link "
                        << number << ". Links count from 1, in the order of AddLink(); "
                        << m_links.size() << " were added.");
    return number - 1;
}

Ptr<NetDevice>
FlowbindAgent::GetLinkDevice(uint32_t link) const
{
    return m_links[GetLinkIndex(link)].device;
}

uint32_t
FlowbindAgent::FindLink(Ptr<const NetDevice> device) const
{
    for (const Link& link : m_links)
    {
        if (link.device == device)
        {
            return link.fact.link;
        }
    }
    return 0;
}

void
FlowbindAgent::NotifyLinkUp(uint32_t link)
{
    NS_LOG_FUNCTION(this << link);
    m_links[GetLinkIndex(link)].up = true;
    UpdateLink(m_links[GetLinkIndex(link)]);
}

void
FlowbindAgent::NotifyLinkDown(uint32_t link)
{
    NS_LOG_FUNCTION(this << link);
    m_links[GetLinkIndex(link)].up = false;
    UpdateLink(m_links[GetLinkIndex(link)]);
}

void
FlowbindAgent::NotifyAddressChanged(uint32_t link)
{
    NS_LOG_FUNCTION(this << link);
    UpdateLink(m_links[GetLinkIndex(link)]);
}

fb_ipv4
FlowbindAgent::ReadAddress(const Link& link) const
{
    Ptr<Ipv4> ipv4 = m_node->GetObject<Ipv4>();
    int32_t interface = ipv4 ? ipv4->GetInterfaceForDevice(link.device) : -1;
    if (interface < 0 || ipv4->GetNAddresses(interface) == 0)
    {
        return 0;
    }
    return ipv4->GetAddress(interface, 0).GetLocal().Get();
}

Ptr<Ipv4Route>
FlowbindAgent::MakeRoute(const Link& link) const
{
    Ptr<Ipv4Route> route = Create<Ipv4Route>();
    route->SetDestination(m_homeAgent);
    route->SetSource(Ipv4Address(fb_addr_to_ipv4(&link.fact.address)));
    route->SetGateway(link.gateway);
    route->SetOutputDevice(link.device);
    Ptr<Ipv4RoutingProtocol> routing = m_node->GetObject<Ipv4>()->GetRoutingProtocol();
    if (link.gateway.IsAny() && routing)
    {
        Ipv4Header header;
        header.SetDestination(m_homeAgent);
        Socket::SocketErrno error = Socket::ERROR_NOTERROR;
        Ptr<Ipv4Route> found = routing->RouteOutput(Create<Packet>(), header, link.device, error);
        if (found && found->GetOutputDevice() == link.device)
        {
            route->SetGateway(found->GetGateway());
        }
    }
    return route;
}

Ptr<Ipv4Route>
FlowbindAgent::GetMessageRoute(const fb_meta& meta) const
{
    Ipv4Address destination(fb_addr_to_ipv4(&meta.dst));
    return GetRoute(meta.link, destination == m_homeAgent ? Ipv4Address::GetAny() : destination);
}

Ptr<Ipv4Route>
FlowbindAgent::GetRoute(uint32_t number, Ipv4Address nextHop) const
{
    if (number == 0)
    {
        return nullptr;
    }
    const Link& link = m_links[GetLinkIndex(number)];
    if (nextHop.IsAny())
    {
        return link.route;
    }
    Ptr<Ipv4Route> route = Create<Ipv4Route>();
    route->SetDestination(nextHop);
    route->SetGateway(nextHop);
    route->SetOutputDevice(link.device);
    return route;
}

void
FlowbindAgent::UpdateLink(Link& link)
{
    NS_ABORT_MSG_IF(!m_node, "FlowbindAgent: aggregate the agent to a node first.");
    if (link.isAccess)
    {
        UpdateAccessLink(link);
        return;
    }
    bool isByAgent = link.fact.care_of == FB_CARE_OF_AGENT;
    fb_ipv4 before = fb_addr_to_ipv4(&link.fact.address);
    fb_ipv4 after = link.up && !isByAgent ? ReadAddress(link) : 0;
    bool isUsable = link.up && (isByAgent || after != 0);
    if (!isUsable && !link.told)
    {
        NS_LOG_LOGIC("link " << link.fact.link << " cannot be used yet");
        return;
    }
    if (isUsable && link.told && before == after)
    {
        return;
    }
    fb_fact fact = {};
    fact.kind = !isUsable ? FB_FACT_LINK_DOWN : link.told ? FB_FACT_LINK_CHANGED : FB_FACT_LINK_UP;
    link.told = isUsable;
    if (isUsable && !isByAgent)
    {
        link.fact.address = fb_addr_from_ipv4(after);
        link.route = MakeRoute(link);
    }
    TellLink(link, fact);
}

void
FlowbindAgent::TellLink(const Link& link, fb_fact fact)
{
    fact.u.link = link.fact;
    HoldMessages(); // so that the first message says what is known of the path
    Tell(fact);
    TellQuality(link);
    ReleaseMessages();
}

void
FlowbindAgent::SetQuality(const fb_quality& quality)
{
    NS_LOG_FUNCTION(this << quality.link);
    m_qualities[quality.link] = quality;
    TellQuality(m_links[GetLinkIndex(quality.link)]);
}

void
FlowbindAgent::TellQuality(const Link& link)
{
    auto quality = m_qualities.find(link.fact.link);
    if (link.told && quality != m_qualities.end())
    {
        fb_fact fact = {};
        fact.kind = FB_FACT_QUALITY;
        fact.u.quality = quality->second;
        Tell(fact);
    }
}

void
FlowbindAgent::UpdateAccessLink(Link& link)
{
    fb_ipv4 address = link.up ? ReadAddress(link) : 0;
    bool isUsable = address != 0;
    bool isSame = address == fb_addr_to_ipv4(&link.fact.address);
    if (isUsable == link.told && (isSame || !isUsable))
    {
        return;
    }
    link.told = isUsable;
    fb_fact fact = {};
    fact.kind = isUsable ? FB_FACT_ACCESS_UP : FB_FACT_ACCESS_DOWN;
    fact.u.access.link = link.fact.link;
    if (isUsable)
    {
        Ptr<Ipv4> ipv4 = m_node->GetObject<Ipv4>();
        int32_t interface = ipv4->GetInterfaceForDevice(link.device);
        Ipv4Mask mask = ipv4->GetAddress(interface, 0).GetMask();
        link.fact.address = fb_addr_from_ipv4(address);
        fact.u.access.address = link.fact.address;
        fact.u.access.prefix_length = static_cast<uint8_t>(mask.GetPrefixLength());
    }
    Tell(fact);
}

void
FlowbindAgent::OpenLinks()
{
    for (Link& link : m_links)
    {
        OpenArp(link);
        if (link.isAccess || link.fact.care_of == FB_CARE_OF_AGENT || m_discoverHome)
        {
            m_node->RegisterProtocolHandler(MakeCallback(&FlowbindAgent::HandleFrame, this),
                                            Ipv4L3Protocol::PROT_NUMBER,
                                            link.device);
        }
    }
    Ptr<Ipv4ListRouting> routing = DynamicCast<Ipv4ListRouting>(m_ipv4->GetRoutingProtocol());
    NS_ABORT_MSG_IF(!routing && (m_roles & FB_ROLE_FOREIGN_AGENT),
                    "FlowbindAgent: node " << m_node->GetId()
                                           << " is a foreign agent and needs an Ipv4ListRouting, "
                                              "as InternetStackHelper installs it.");
    if (routing)
    {
        m_inputRouting = CreateObject<FlowbindInputRouting>();
        m_inputRouting->SetInputCallback(MakeCallback(&FlowbindAgent::RouteInput, this));
        routing->AddRoutingProtocol(m_inputRouting, INPUT_PRIORITY);
    }
}

void
FlowbindAgent::HandleFrame(Ptr<NetDevice> device,
                           Ptr<const Packet> frame,
                           uint16_t,
                           const Address& from,
                           const Address&,
                           NetDevice::PacketType)
{
    uint32_t number = FindLink(device);
    uint8_t octets[LARGEST_MESSAGE];
    octets[HEADERS] = 0;
    if (!m_core || number == 0 || !m_links[number - 1].told ||
        !m_ipv4->IsUp(m_ipv4->GetInterfaceForDevice(device)) ||
        frame->CopyData(octets, HEADERS + 1) < HEADERS || octets[0] != 0x45 ||
        (ReadU16(octets + 6) & NOT_WHOLE) != 0)
    {
        return;
    }
    std::size_t total = ReadU16(octets + 2);
    Ipv4Address source = Ipv4Address::Deserialize(octets + 12);
    Ipv4Address destination = Ipv4Address::Deserialize(octets + 16);
    bool isOurs = destination.IsMulticast() || destination.IsBroadcast() ||
                  m_ipv4->GetInterfaceForAddress(destination) >= 0;
    bool isAdvertisement = octets[9] == PROTOCOL_ICMP && octets[20] == ROUTER_ADVERTISEMENT;
    bool isSolicitation = octets[9] == PROTOCOL_ICMP && octets[20] == ROUTER_SOLICITATION;
    bool isRequest = m_links[number - 1].isAccess && isOurs && octets[9] == PROTOCOL_UDP &&
                     ReadU16(octets + 22) == FB_MIP4_PORT && octets[HEADERS] == MIP4_REQUEST;
    if (!(isAdvertisement || isSolicitation || isRequest) || total < HEADERS ||
        total > sizeof(octets) || frame->CopyData(octets, static_cast<uint32_t>(total)) < total)
    {
        return;
    }
    NS_LOG_LOGIC("link " << number << ": " << (isRequest ? "request" : "agent discovery"));
    fb_meta meta = {};
    meta.src = fb_addr_from_ipv4(source.Get());
    meta.dst = fb_addr_from_ipv4(destination.Get());
    meta.link = number;
    meta.protocol = octets[9];
    meta.ttl = octets[8];
    meta.tos = octets[1];
    if (from.GetLength() <= sizeof(meta.link_addr))
    {
        meta.link_addr_len = static_cast<uint8_t>(from.CopyTo(meta.link_addr));
    }
    if (isAdvertisement)
    {
        // Away from home a mobile node does not broadcast ARP requests, not even for its agent (RFC 5944 4.6).
        SetLinkAddress(number, source, meta.link_addr, meta.link_addr_len);
    }
    std::size_t first = isRequest ? HEADERS : IPV4_HEADER;
    if (isRequest)
    {
        if (Node::ChecksumEnabled() && !IsIntact(octets, total))
        {
            return; // RFC 5944 3.7.2.1, 3.8.2.1; a message that UDP does not read before
        }
        meta.sport = ReadU16(octets + 20);
        meta.dport = FB_MIP4_PORT;
        total = std::min<std::size_t>(total, IPV4_HEADER + ReadU16(octets + 24));
    }
    Input(meta, std::vector<uint8_t>(octets + first, octets + std::max(first, total)));
}

} // namespace ns3
