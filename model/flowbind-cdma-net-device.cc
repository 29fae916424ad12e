/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-net-device.h"

#include "flowbind-cdma-channel.h"
#include "flowbind-cdma-rates.h"

#include "ns3/double.h"
#include "ns3/ethernet-header.h"
#include "ns3/node.h"
#include "ns3/uinteger.h"

#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindCdmaNetDevice);
NS_OBJECT_ENSURE_REGISTERED(FlowbindCdmaTerminal);

TypeId
FlowbindCdmaNetDevice::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindCdmaNetDevice")
            .SetParent<NetDevice>()
            .SetGroupName("Flowbind")
            .AddAttribute("Mtu",
                          "Octets of a packet without its header.",
                          UintegerValue(1500),
                          MakeUintegerAccessor(&FlowbindCdmaNetDevice::m_mtu),
                          MakeUintegerChecker<uint16_t>())
            .AddTraceSource("MacTx",
                            "A frame came from the node.",
                            MakeTraceSourceAccessor(&FlowbindCdmaNetDevice::m_txTrace),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("MacTxDrop",
                            "A frame found no room, or nobody has its address.",
                            MakeTraceSourceAccessor(&FlowbindCdmaNetDevice::m_txDropTrace),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("MacRx",
                            "A frame goes to the node.",
                            MakeTraceSourceAccessor(&FlowbindCdmaNetDevice::m_rxTrace),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("Sniffer",
                            "Frames both ways.",
                            MakeTraceSourceAccessor(&FlowbindCdmaNetDevice::m_snifferTrace),
                            "ns3::Packet::TracedCallback");
    return tid;
}

FlowbindCdmaNetDevice::FlowbindCdmaNetDevice()
    : m_txPower(0),
      m_index(0),
      m_mtu(1500),
      m_up(false)
{
}

void
FlowbindCdmaNetDevice::DoDispose()
{
    m_node = nullptr;
    m_channel = nullptr;
    m_receive = NetDevice::ReceiveCallback();
    m_promiscuous = PromiscReceiveCallback();
    NetDevice::DoDispose();
}

void
FlowbindCdmaNetDevice::SetChannel(Ptr<FlowbindCdmaChannel> channel)
{
    m_channel = channel;
    channel->Add(this);
}

double
FlowbindCdmaNetDevice::GetTxPower() const
{
    return m_txPower;
}

void
FlowbindCdmaNetDevice::Receive(Ptr<Packet> packet)
{
    m_snifferTrace(packet);
    m_rxTrace(packet);
    EthernetHeader header(false);
    packet->RemoveHeader(header);
    Mac48Address to = header.GetDestination();
    NetDevice::PacketType type = NetDevice::PACKET_OTHERHOST;
    if (to == m_address)
    {
        type = NetDevice::PACKET_HOST;
    }
    else if (to.IsGroup())
    {
        type = to.IsBroadcast() ? NetDevice::PACKET_BROADCAST : NetDevice::PACKET_MULTICAST;
    }
    if (!m_promiscuous.IsNull())
    {
        m_promiscuous(this, packet->Copy(), header.GetLengthType(), header.GetSource(), to, type);
    }
    if (type != NetDevice::PACKET_OTHERHOST && !m_receive.IsNull())
    {
        m_receive(this, packet, header.GetLengthType(), header.GetSource());
    }
}

bool
FlowbindCdmaNetDevice::Send(Ptr<Packet> packet, const Address& destination, uint16_t protocol)
{
    return SendFrom(packet, m_address, destination, protocol);
}

bool
FlowbindCdmaNetDevice::SendFrom(Ptr<Packet> packet,
                                const Address& source,
                                const Address& destination,
                                uint16_t protocol)
{
    EthernetHeader header(false);
    header.SetSource(Mac48Address::ConvertFrom(source));
    header.SetDestination(Mac48Address::ConvertFrom(destination));
    header.SetLengthType(protocol);
    Ptr<Packet> frame = packet->Copy();
    frame->AddHeader(header);
    m_txTrace(frame);
    if (packet->GetSize() > m_mtu || !Transmit(frame, header.GetDestination()))
    {
        m_txDropTrace(frame);
        return false;
    }
    m_snifferTrace(frame);
    return true;
}

void
FlowbindCdmaNetDevice::SetLinkUp(bool up)
{
    if (m_up != up)
    {
        m_up = up;
        m_linkChanges();
    }
}

void
FlowbindCdmaNetDevice::SetIfIndex(const uint32_t index)
{
    m_index = index;
}

uint32_t
FlowbindCdmaNetDevice::GetIfIndex() const
{
    return m_index;
}

Ptr<Channel>
FlowbindCdmaNetDevice::GetChannel() const
{
    return m_channel;
}

void
FlowbindCdmaNetDevice::SetAddress(Address address)
{
    m_address = Mac48Address::ConvertFrom(address);
}

Address
FlowbindCdmaNetDevice::GetAddress() const
{
    return m_address;
}

bool
FlowbindCdmaNetDevice::SetMtu(const uint16_t mtu)
{
    m_mtu = mtu;
    return true;
}

uint16_t
FlowbindCdmaNetDevice::GetMtu() const
{
    return m_mtu;
}

bool
FlowbindCdmaNetDevice::IsLinkUp() const
{
    return m_up;
}

void
FlowbindCdmaNetDevice::AddLinkChangeCallback(Callback<void> callback)
{
    m_linkChanges.ConnectWithoutContext(callback);
}

bool
FlowbindCdmaNetDevice::IsBroadcast() const
{
    return true;
}

Address
FlowbindCdmaNetDevice::GetBroadcast() const
{
    return Mac48Address::GetBroadcast();
}

bool
FlowbindCdmaNetDevice::IsMulticast() const
{
    return true;
}

Address
FlowbindCdmaNetDevice::GetMulticast(Ipv4Address group) const
{
    return Mac48Address::GetMulticast(group);
}

Address
FlowbindCdmaNetDevice::GetMulticast(Ipv6Address group) const
{
    return Mac48Address::GetMulticast(group);
}

bool
FlowbindCdmaNetDevice::IsBridge() const
{
    return false;
}

bool
FlowbindCdmaNetDevice::IsPointToPoint() const
{
    return false;
}

Ptr<Node>
FlowbindCdmaNetDevice::GetNode() const
{
    return m_node;
}

void
FlowbindCdmaNetDevice::SetNode(Ptr<Node> node)
{
    m_node = node;
}

bool
FlowbindCdmaNetDevice::NeedsArp() const
{
    return true;
}

void
FlowbindCdmaNetDevice::SetReceiveCallback(NetDevice::ReceiveCallback callback)
{
    m_receive = callback;
}

void
FlowbindCdmaNetDevice::SetPromiscReceiveCallback(PromiscReceiveCallback callback)
{
    m_promiscuous = callback;
}

bool
FlowbindCdmaNetDevice::SupportsSendFrom() const
{
    return true;
}

TypeId
FlowbindCdmaTerminal::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindCdmaTerminal")
                            .SetParent<FlowbindCdmaNetDevice>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindCdmaTerminal>()
                            .AddAttribute("TxPower",
                                          "Transmission power in dBm, antenna gains included.",
                                          DoubleValue(23),
                                          MakeDoubleAccessor(&FlowbindCdmaTerminal::m_txPower),
                                          MakeDoubleChecker<double>())
                            .AddAttribute("NoiseFigure",
                                          "Of its receiver, dB.",
                                          DoubleValue(9),
                                          MakeDoubleAccessor(&FlowbindCdmaTerminal::m_noiseFigure),
                                          MakeDoubleChecker<double>());
    return tid;
}

FlowbindCdmaTerminal::FlowbindCdmaTerminal()
    : m_noiseFigure(9)
{
}

void
FlowbindCdmaTerminal::DoDispose()
{
    m_reverse = nullptr;
    FlowbindCdmaNetDevice::DoDispose();
}

double
FlowbindCdmaTerminal::GetNoise() const
{
    double dbm = FlowbindCdmaRates::THERMAL_DBM_PER_HZ +
                 10 * std::log10(FlowbindCdmaRates::BANDWIDTH_HZ);
    return std::pow(10, (dbm + m_noiseFigure) / 10);
}

uint64_t
FlowbindCdmaTerminal::GetBacklog() const
{
    return m_reverse ? m_reverse->GetBacklog() : 0;
}

void
FlowbindCdmaTerminal::SetLink(Ptr<FlowbindCdmaRlp> reverse)
{
    m_reverse = reverse;
    SetLinkUp(reverse != nullptr);
}

bool
FlowbindCdmaTerminal::Transmit(Ptr<Packet> frame, Mac48Address)
{
    return m_reverse && m_reverse->Enqueue(frame);
}

} // namespace ns3
