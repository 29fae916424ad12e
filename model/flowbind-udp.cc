/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-udp.h"

#include "ns3/ipv4-interface.h"
#include "ns3/ipv6-interface.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/udp-header.h"

#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindUdp");
NS_OBJECT_ENSURE_REGISTERED(FlowbindUdp);

TypeId
FlowbindUdp::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindUdp")
                            .SetParent<IpL4Protocol>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindUdp>();
    return tid;
}

void
FlowbindUdp::Install(Ptr<Ipv4> ipv4,
                     Ptr<UdpL4Protocol> udp,
                     FlowbindOuterProtocol::IcmpCallback icmp,
                     const std::set<uint16_t>& ports)
{
    NS_LOG_FUNCTION(this << ipv4 << udp);
    m_udp = udp;
    m_icmp = icmp;
    m_ports = ports;
    // asked once: each time costs more than the rest of Receive()
    m_checksums = Node::ChecksumEnabled();
    ipv4->Insert(this);
}

void
FlowbindUdp::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_udp = nullptr;
    m_icmp = MakeNullCallback<void, Ipv4Address, const std::vector<uint8_t>&>();
    IpL4Protocol::DoDispose();
}

int
FlowbindUdp::GetProtocolNumber() const
{
    return UdpL4Protocol::PROT_NUMBER;
}

IpL4Protocol::RxStatus
FlowbindUdp::Receive(Ptr<Packet> packet,
                     const Ipv4Header& header,
                     Ptr<Ipv4Interface> incomingInterface)
{
    uint8_t octets[8];
    if (m_checksums && packet->CopyData(octets, sizeof(octets)) == sizeof(octets) &&
        octets[6] == 0 && octets[7] == 0)
    {
        // RFC 768: the sender made none.
        UdpHeader udp;
        packet->RemoveHeader(udp);
        udp.EnableChecksums();
        udp.InitializeChecksum(header.GetSource(),
                               header.GetDestination(),
                               UdpL4Protocol::PROT_NUMBER);
        packet->AddHeader(udp);
    }
    return m_udp->Receive(std::move(packet), header, std::move(incomingInterface));
}

IpL4Protocol::RxStatus
FlowbindUdp::Receive(Ptr<Packet> packet,
                     const Ipv6Header& header,
                     Ptr<Ipv6Interface> incomingInterface)
{
    return m_udp->Receive(packet, header, incomingInterface);
}

void
FlowbindUdp::ReceiveIcmp(Ipv4Address icmpSource,
                         uint8_t icmpTtl,
                         uint8_t icmpType,
                         uint8_t icmpCode,
                         uint32_t icmpInfo,
                         Ipv4Address payloadSource,
                         Ipv4Address payloadDestination,
                         const uint8_t payload[8])
{
    NS_LOG_FUNCTION(this << icmpSource << +icmpTtl << +icmpType << +icmpCode);
    uint16_t from = static_cast<uint16_t>(payload[0] << 8 | payload[1]);
    if (!m_icmp.IsNull() && m_ports.count(from) != 0)
    {
        m_icmp(icmpSource,
               FlowbindOuterProtocol::MakeIcmpError(icmpType,
                                                    icmpCode,
                                                    icmpInfo,
                                                    payloadSource,
                                                    payloadDestination,
                                                    UdpL4Protocol::PROT_NUMBER,
                                                    payload));
    }
    m_udp->ReceiveIcmp(icmpSource,
                       icmpTtl,
                       icmpType,
                       icmpCode,
                       icmpInfo,
                       payloadSource,
                       payloadDestination,
                       payload);
}

void
FlowbindUdp::SetDownTarget(DownTargetCallback callback)
{
    m_udp->SetDownTarget(callback);
}

void
FlowbindUdp::SetDownTarget6(DownTargetCallback6 callback)
{
    m_udp->SetDownTarget6(callback);
}

IpL4Protocol::DownTargetCallback
FlowbindUdp::GetDownTarget() const
{
    return m_udp->GetDownTarget();
}

IpL4Protocol::DownTargetCallback6
FlowbindUdp::GetDownTarget6() const
{
    return m_udp->GetDownTarget6();
}

} // namespace ns3
