/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-outer-protocol.h"

#include "ns3/log.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindOuterProtocol");
NS_OBJECT_ENSURE_REGISTERED(FlowbindOuterProtocol);

namespace
{

constexpr std::size_t ICMP_OCTETS = 8;
constexpr std::size_t IPV4_OCTETS = 20;
constexpr std::size_t IPV6_OCTETS = 40;
constexpr std::size_t QUOTED_OCTETS = 8; // RFC 792: of what follows the quoted IP header
constexpr uint8_t PROTOCOL_ICMP6 = 58;

void
WriteU32(uint8_t* octets, uint32_t value)
{
    for (int i = 0; i < 4; i++)
    {
        octets[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
    }
}

/// RFC 1071, over an even number of octets.
void
WriteChecksum(uint8_t* octets, std::size_t length, std::size_t at, uint32_t sum = 0)
{
    for (std::size_t i = 0; i < length; i += 2)
    {
        sum += static_cast<uint32_t>(octets[i]) << 8 | octets[i + 1];
    }
    sum = (sum >> 16) + (sum & 0xffff);
    sum += sum >> 16;
    octets[at] = static_cast<uint8_t>(~sum >> 8);
    octets[at + 1] = static_cast<uint8_t>(~sum);
}

} // namespace

TypeId
FlowbindOuterProtocol::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindOuterProtocol")
                            .SetParent<IpL4Protocol>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindOuterProtocol>();
    return tid;
}

FlowbindOuterProtocol::FlowbindOuterProtocol()
    : m_number(0)
{
    NS_LOG_FUNCTION(this);
}

FlowbindOuterProtocol::~FlowbindOuterProtocol()
{
    NS_LOG_FUNCTION(this);
}

void
FlowbindOuterProtocol::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_outer = OuterCallback();
    m_icmp = MakeNullCallback<void, Ipv4Address, const std::vector<uint8_t>&>();
    m_outer6 = MakeNullCallback<void, Ptr<Packet>, const Ipv6Header&, Ptr<Ipv6Interface>>();
    m_icmp6 = MakeNullCallback<void, Ipv6Address, Ipv6Address, const std::vector<uint8_t>&>();
    IpL4Protocol::DoDispose();
}

void
FlowbindOuterProtocol::Setup(uint8_t number, OuterCallback outer, IcmpCallback icmp)
{
    NS_LOG_FUNCTION(this << +number);
    m_number = number;
    m_outer = outer;
    m_icmp = icmp;
}

void
FlowbindOuterProtocol::Setup6(uint8_t number, Outer6Callback outer, Icmp6Callback icmp)
{
    NS_LOG_FUNCTION(this << +number);
    m_number = number;
    m_outer6 = outer;
    m_icmp6 = icmp;
}

void
FlowbindOuterProtocol::WriteIcmp6Checksum(std::vector<uint8_t>& message,
                                          Ipv6Address source,
                                          Ipv6Address destination)
{
    // RFC 8200 8.1: what the pseudo header adds.
    uint8_t octets[32];
    uint32_t sum = PROTOCOL_ICMP6 + static_cast<uint32_t>(message.size());
    source.GetBytes(octets);
    destination.GetBytes(octets + 16);
    for (std::size_t i = 0; i < sizeof(octets); i += 2)
    {
        sum += static_cast<uint32_t>(octets[i]) << 8 | octets[i + 1];
    }
    std::vector<uint8_t> padded(message);
    padded.resize((message.size() + 1) / 2 * 2);
    padded[2] = padded[3] = 0;
    WriteChecksum(padded.data(), padded.size(), 2, sum);
    std::copy(padded.begin() + 2, padded.begin() + 4, message.begin() + 2);
}

int
FlowbindOuterProtocol::GetProtocolNumber() const
{
    return m_number;
}

IpL4Protocol::RxStatus
FlowbindOuterProtocol::Receive(Ptr<Packet> packet,
                               const Ipv4Header& header,
                               Ptr<Ipv4Interface> incomingInterface)
{
    if (!m_outer.IsNull())
    {
        m_outer(packet, header, incomingInterface);
    }
    return RX_OK;
}

IpL4Protocol::RxStatus
FlowbindOuterProtocol::Receive(Ptr<Packet> packet,
                               const Ipv6Header& header,
                               Ptr<Ipv6Interface> incomingInterface)
{
    NS_LOG_FUNCTION(this << packet << header << incomingInterface);
    if (m_outer6.IsNull())
    {
        return RX_ENDPOINT_UNREACH;
    }
    // Of a packet put together from fragments ns-3 has the header of the last one.
    Ipv6Header whole = header;
    whole.SetNextHeader(m_number);
    whole.SetPayloadLength(static_cast<uint16_t>(packet->GetSize()));
    m_outer6(packet, whole, incomingInterface);
    return RX_OK;
}

std::vector<uint8_t>
FlowbindOuterProtocol::MakeIcmpError(uint8_t type,
                                     uint8_t code,
                                     uint32_t info,
                                     Ipv4Address source,
                                     Ipv4Address destination,
                                     uint8_t protocol,
                                     const uint8_t payload[8])
{
    std::vector<uint8_t> message(ICMP_OCTETS + IPV4_OCTETS + QUOTED_OCTETS);
    message[0] = type;
    message[1] = code;
    WriteU32(&message[4], info);
    uint8_t* quoted = &message[ICMP_OCTETS];
    quoted[0] = 0x45;
    quoted[2] = quoted[3] = 0xff;
    quoted[8] = 1;
    quoted[9] = protocol;
    source.Serialize(quoted + 12);
    destination.Serialize(quoted + 16);
    WriteChecksum(quoted, IPV4_OCTETS, 10);
    std::copy(payload, payload + QUOTED_OCTETS, quoted + IPV4_OCTETS);
    WriteChecksum(message.data(), message.size(), 2);
    return message;
}

void
FlowbindOuterProtocol::ReceiveIcmp(Ipv4Address icmpSource,
                                   uint8_t icmpTtl,
                                   uint8_t icmpType,
                                   uint8_t icmpCode,
                                   uint32_t icmpInfo,
                                   Ipv4Address payloadSource,
                                   Ipv4Address payloadDestination,
                                   const uint8_t payload[8])
{
    NS_LOG_FUNCTION(this << icmpSource << +icmpTtl << +icmpType << +icmpCode);
    if (m_icmp.IsNull())
    {
        return;
    }
    m_icmp(icmpSource,
           MakeIcmpError(icmpType,
                         icmpCode,
                         icmpInfo,
                         payloadSource,
                         payloadDestination,
                         m_number,
                         payload));
}

void
FlowbindOuterProtocol::ReceiveIcmp(Ipv6Address icmpSource,
                                   uint8_t icmpTtl,
                                   uint8_t icmpType,
                                   uint8_t icmpCode,
                                   uint32_t icmpInfo,
                                   Ipv6Address payloadSource,
                                   Ipv6Address payloadDestination,
                                   const uint8_t payload[8])
{
    NS_LOG_FUNCTION(this << icmpSource << +icmpTtl << +icmpType << +icmpCode);
    if (m_icmp6.IsNull())
    {
        return;
    }
    // As for IPv4, put together again; it was sent to the source of the packet it is about.
    std::vector<uint8_t> message(ICMP_OCTETS + IPV6_OCTETS + QUOTED_OCTETS);
    message[0] = icmpType;
    message[1] = icmpCode;
    WriteU32(&message[4], icmpInfo);
    uint8_t* quoted = &message[ICMP_OCTETS];
    quoted[0] = 0x60;
    quoted[4] = quoted[5] = 0xff;
    quoted[6] = m_number == FRAGMENT ? payload[0] : m_number;
    quoted[7] = 1;
    payloadSource.GetBytes(quoted + 8);
    payloadDestination.GetBytes(quoted + 24);
    if (m_number != FRAGMENT)
    {
        std::copy(payload, payload + QUOTED_OCTETS, quoted + IPV6_OCTETS);
    }
    WriteIcmp6Checksum(message, icmpSource, payloadSource);
    m_icmp6(icmpSource, payloadSource, message);
}

void
FlowbindOuterProtocol::SetDownTarget(DownTargetCallback callback)
{
    NS_LOG_FUNCTION(this << &callback);
    // Nothing goes down through here: FlowbindTunnel uses Ipv4L3Protocol directly, as its headers are complete.
}

void
FlowbindOuterProtocol::SetDownTarget6(DownTargetCallback6 callback)
{
    NS_LOG_FUNCTION(this << &callback);
}

IpL4Protocol::DownTargetCallback
FlowbindOuterProtocol::GetDownTarget() const
{
    return DownTargetCallback();
}

IpL4Protocol::DownTargetCallback6
FlowbindOuterProtocol::GetDownTarget6() const
{
    return DownTargetCallback6();
}

} // namespace ns3
