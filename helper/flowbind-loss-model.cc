/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-loss-model.h"

#include "flowbind/agent.h"

#include "ns3/ipv4-header.h"
#include "ns3/ipv6-header.h"
#include "ns3/log.h"
#include "ns3/ppp-header.h"
#include "ns3/simulator.h"
#include "ns3/udp-header.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindLossModel");

NS_OBJECT_ENSURE_REGISTERED(FlowbindLossModel);

namespace
{

const uint8_t UDP = 17;
/// Types of Mobile IPv4 messages (RFC 5944 3.3, 3.4).
const uint8_t REQUEST = 1;
const uint8_t REPLY = 3;
/// ... and of Mobility Headers (RFC 6275 6.1), where the octet with the type is, and their protocol number.
const uint8_t UPDATE = 5;
const uint8_t ACKNOWLEDGEMENT = 6;
const uint32_t MOBILITY_TYPE = 2;
const uint8_t MOBILITY = 135;
const uint16_t PPP_IPV6 = 0x57;

/// \return the same kind of message of Mobile IPv4; 0: neither
uint8_t
ReadMobilityType(Ptr<const Packet> packet)
{
    uint8_t octets[MOBILITY_TYPE + 1];
    if (packet->CopyData(octets, sizeof(octets)) < sizeof(octets))
    {
        return 0;
    }
    uint8_t type = octets[MOBILITY_TYPE];
    return type == UPDATE ? REQUEST : type == ACKNOWLEDGEMENT ? REPLY : 0;
}

/// \return type of the message in a packet behind its IP header; 0: there is none
uint8_t
ReadMessageType(const Ipv4Header& ip, Ptr<Packet> packet)
{
    UdpHeader udp;
    uint8_t type = 0;
    if (ip.GetProtocol() != UDP || packet->RemoveHeader(udp) == 0)
    {
        return 0;
    }
    if (udp.GetSourcePort() == FB_PMIP_CONTROL_PORT ||
        udp.GetDestinationPort() == FB_PMIP_CONTROL_PORT)
    {
        return ReadMobilityType(packet);
    }
    bool signalling = udp.GetSourcePort() == FB_MIP4_PORT ||
                      udp.GetDestinationPort() == FB_MIP4_PORT;
    return signalling && packet->CopyData(&type, 1) == 1 ? type : 0;
}

bool
Concerns(FlowbindLossModel::What what, uint8_t type)
{
    switch (what)
    {
    case FlowbindLossModel::REQUESTS:
        return type == REQUEST;
    case FlowbindLossModel::REPLIES:
        return type == REPLY;
    default:
        return true;
    }
}

} // namespace

TypeId
FlowbindLossModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindLossModel")
                            .SetParent<ErrorModel>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindLossModel>();
    return tid;
}

void
FlowbindLossModel::AddPath(uint8_t bid, Ipv4Address careOf)
{
    m_paths[careOf.Get()] = bid;
}

void
FlowbindLossModel::AddPath(uint8_t bid, Ipv6Address careOf)
{
    m_paths6[careOf] = bid;
}

void
FlowbindLossModel::Lose(uint8_t bid, What what, uint32_t count, Time until)
{
    NS_LOG_FUNCTION(this << +bid << what << count << until);
    m_orders.push_back({bid, what, count, until});
}

uint8_t
FlowbindLossModel::Read(Ptr<Packet> packet, uint8_t& type) const
{
    Ipv4Header ip;
    packet->RemoveHeader(ip);
    auto path = m_paths.find(ip.GetSource().Get());
    path = path == m_paths.end() ? m_paths.find(ip.GetDestination().Get()) : path;
    type = ReadMessageType(ip, packet);
    return path == m_paths.end() ? 0 : path->second;
}

uint8_t
FlowbindLossModel::ReadIpv6(Ptr<Packet> packet, uint8_t& type) const
{
    Ipv6Header ip;
    packet->RemoveHeader(ip);
    auto path = m_paths6.find(ip.GetSource());
    path = path == m_paths6.end() ? m_paths6.find(ip.GetDestination()) : path;
    type = ip.GetNextHeader() == MOBILITY ? ReadMobilityType(packet) : 0;
    return path == m_paths6.end() ? 0 : path->second;
}

bool
FlowbindLossModel::DoCorrupt(Ptr<Packet> packet)
{
    if (m_orders.empty())
    {
        return false;
    }
    Ptr<Packet> copy = packet->Copy();
    PppHeader ppp;
    uint8_t type = 0;
    copy->RemoveHeader(ppp);
    uint8_t bid = ppp.GetProtocol() == PPP_IPV6 ? ReadIpv6(copy, type) : Read(copy, type);
    if (bid == 0)
    {
        return false;
    }
    for (Order& order : m_orders)
    {
        if (order.left > 0 && Simulator::Now() < order.until &&
            (order.bid == 0 || order.bid == bid) && Concerns(order.what, type))
        {
            order.left--;
            return true;
        }
    }
    return false;
}

void
FlowbindLossModel::DoReset()
{
    m_orders.clear();
}

} // namespace ns3
