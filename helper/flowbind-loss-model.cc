/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-loss-model.h"

#include "flowbind/agent.h"

#include "ns3/ipv4-header.h"
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
FlowbindLossModel::Lose(uint8_t bid, What what, uint32_t count, Time until)
{
    NS_LOG_FUNCTION(this << +bid << what << count << until);
    m_orders.push_back({bid, what, count, until});
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
    Ipv4Header ip;
    copy->RemoveHeader(ppp);
    copy->RemoveHeader(ip);
    auto path = m_paths.find(ip.GetSource().Get());
    path = path == m_paths.end() ? m_paths.find(ip.GetDestination().Get()) : path;
    if (path == m_paths.end())
    {
        return false;
    }
    uint8_t type = ReadMessageType(ip, copy);
    for (Order& order : m_orders)
    {
        if (order.left > 0 && Simulator::Now() < order.until &&
            (order.bid == 0 || order.bid == path->second) && Concerns(order.what, type))
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
