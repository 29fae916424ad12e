/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-nat.h"

#include "ns3/boolean.h"
#include "ns3/flowbind-tunnel.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindNat");

NS_OBJECT_ENSURE_REGISTERED(FlowbindNat);

namespace
{

const uint16_t ETHER_TYPE_IPV4 = 0x0800;
const uint8_t UDP = 17;
const uint32_t UDP_HEADER = 8;
/// RFC 4787 REQ-3: not below 1024, and none that anybody would take for a service.
const uint16_t FIRST_PORT = 40001;
const uint16_t LAST_PORT = 65000;

uint16_t
ReadU16(const uint8_t* octets)
{
    return static_cast<uint16_t>(octets[0] << 8 | octets[1]);
}

void
WriteU16(uint8_t* octets, uint16_t value)
{
    octets[0] = static_cast<uint8_t>(value >> 8);
    octets[1] = static_cast<uint8_t>(value);
}

/// Both halves of an address, or a port, go out of a sum and others come in (RFC 1624 eqn. 3).
uint32_t
Exchange(uint32_t sum, uint32_t before, uint32_t after)
{
    sum += static_cast<uint16_t>(~(before >> 16)) + static_cast<uint16_t>(~before);
    sum += (after >> 16) + (after & 0xffff);
    return sum;
}

uint16_t
Fold(uint32_t sum)
{
    while (sum >> 16)
    {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(~sum);
}

} // namespace

TypeId
FlowbindNat::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindNat")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindNat>()
                            .AddAttribute("KeepPorts",
                                          "A port inside is the same one outside while that is "
                                          "free (RFC 4787 4.2.1: port preservation).",
                                          BooleanValue(false),
                                          MakeBooleanAccessor(&FlowbindNat::m_keepsPorts),
                                          MakeBooleanChecker())
                            .AddTraceSource("Drop",
                                            "A packet was not let through",
                                            MakeTraceSourceAccessor(&FlowbindNat::m_dropTrace),
                                            "ns3::FlowbindNat::DropCallback");
    return tid;
}

FlowbindNat::FlowbindNat()
    : m_nextPort(FIRST_PORT),
      m_keepsPorts(false)
{
}

void
FlowbindNat::DoDispose()
{
    m_inside = nullptr;
    m_outside = nullptr;
    m_mappings.clear();
    Object::DoDispose();
}

void
FlowbindNat::Setup(Ptr<NetDevice> inside,
                   Ptr<NetDevice> outside,
                   Ipv4Address publicAddress,
                   Time timeout)
{
    NS_LOG_FUNCTION(this << inside << outside << publicAddress << timeout);
    m_inside = inside;
    m_outside = outside;
    m_public = publicAddress;
    m_timeout = timeout;
    Ptr<Node> node = inside->GetNode();
    node->RegisterProtocolHandler(MakeCallback(&FlowbindNat::TranslateOut, this),
                                  ETHER_TYPE_IPV4,
                                  inside);
    node->RegisterProtocolHandler(MakeCallback(&FlowbindNat::TranslateIn, this),
                                  ETHER_TYPE_IPV4,
                                  outside);
}

void
FlowbindNat::Flush()
{
    NS_LOG_FUNCTION(this << m_mappings.size());
    m_mappings.clear();
}

std::size_t
FlowbindNat::GetNMappings() const
{
    return m_mappings.size();
}

bool
FlowbindNat::Open(Ptr<Packet> packet, Ipv4Header& header) const
{
    packet->RemoveHeader(header);
    if (header.GetProtocol() != UDP || packet->GetSize() < UDP_HEADER ||
        header.GetFragmentOffset() != 0 || !header.IsLastFragment() || header.GetTtl() <= 1)
    {
        return false;
    }
    header.SetTtl(header.GetTtl() - 1);
    return true;
}

bool
FlowbindNat::IsOld(const Mapping& mapping) const
{
    return Simulator::Now() - mapping.used > m_timeout;
}

uint16_t
FlowbindNat::TakeNextPort()
{
    while (m_mappings.count(m_nextPort) != 0)
    {
        m_nextPort = m_nextPort == LAST_PORT ? FIRST_PORT : m_nextPort + 1;
    }
    uint16_t taken = m_nextPort;
    m_nextPort = m_nextPort == LAST_PORT ? FIRST_PORT : m_nextPort + 1;
    return taken;
}

uint16_t
FlowbindNat::GetPort(Ipv4Address address, uint16_t port)
{
    for (auto mapping = m_mappings.begin(); mapping != m_mappings.end();)
    {
        if (IsOld(mapping->second))
        {
            mapping = m_mappings.erase(mapping);
            continue;
        }
        if (mapping->second.address == address && mapping->second.port == port)
        {
            return mapping->first;
        }
        ++mapping;
    }
    uint16_t made = port;
    if (!m_keepsPorts || m_mappings.count(port) != 0)
    {
        made = TakeNextPort();
    }
    m_mappings[made] = {address, port, Simulator::Now(), {}};
    NS_LOG_LOGIC(address << ":" << port << " becomes " << m_public << ":" << made);
    return made;
}

void
FlowbindNat::TranslateOut(Ptr<NetDevice>,
                          Ptr<const Packet> packet,
                          uint16_t,
                          const Address&,
                          const Address&,
                          NetDevice::PacketType)
{
    Ptr<Packet> inner = packet->Copy();
    Ipv4Header header;
    if (!Open(inner, header))
    {
        m_dropTrace(packet);
        return;
    }
    uint8_t udp[UDP_HEADER];
    inner->CopyData(udp, sizeof(udp));
    uint16_t port = GetPort(header.GetSource(), ReadU16(udp));
    Mapping& mapping = m_mappings[port];
    mapping.used = Simulator::Now();
    mapping.peers.insert(header.GetDestination().Get());
    Send(m_outside, inner, header, m_public, port, header.GetDestination(), ReadU16(udp + 2));
}

void
FlowbindNat::TranslateIn(Ptr<NetDevice>,
                         Ptr<const Packet> packet,
                         uint16_t,
                         const Address&,
                         const Address&,
                         NetDevice::PacketType)
{
    Ptr<Packet> inner = packet->Copy();
    Ipv4Header header;
    if (!Open(inner, header) || header.GetDestination() != m_public)
    {
        m_dropTrace(packet);
        return;
    }
    uint8_t udp[UDP_HEADER];
    inner->CopyData(udp, sizeof(udp));
    auto mapping = m_mappings.find(ReadU16(udp + 2));
    if (mapping == m_mappings.end() || IsOld(mapping->second) ||
        mapping->second.peers.count(header.GetSource().Get()) == 0)
    {
        NS_LOG_LOGIC("nobody inside has port " << ReadU16(udp + 2));
        m_dropTrace(packet);
        return;
    }
    Send(m_inside,
         inner,
         header,
         header.GetSource(),
         ReadU16(udp),
         mapping->second.address,
         mapping->second.port);
}

void
FlowbindNat::Send(Ptr<NetDevice> device,
                  Ptr<Packet> packet,
                  Ipv4Header header,
                  Ipv4Address source,
                  uint16_t sourcePort,
                  Ipv4Address destination,
                  uint16_t destinationPort) const
{
    uint8_t udp[UDP_HEADER];
    packet->CopyData(udp, sizeof(udp));
    packet->RemoveAtStart(sizeof(udp));
    uint16_t checksum = ReadU16(udp + 6);
    if (checksum != 0)
    {
        uint32_t sum = static_cast<uint16_t>(~checksum);
        sum = Exchange(sum, header.GetSource().Get(), source.Get());
        sum = Exchange(sum, header.GetDestination().Get(), destination.Get());
        sum = Exchange(sum, ReadU16(udp), sourcePort);
        sum = Exchange(sum, ReadU16(udp + 2), destinationPort);
        checksum = Fold(sum);
        WriteU16(udp + 6, checksum == 0 ? 0xffff : checksum); // RFC 768: 0 says that there is none
    }
    WriteU16(udp, sourcePort);
    WriteU16(udp + 2, destinationPort);
    FlowbindTunnel::Prepend(packet, udp, sizeof(udp));
    header.SetSource(source);
    header.SetDestination(destination);
    if (Node::ChecksumEnabled())
    {
        header.EnableChecksum();
    }
    packet->AddHeader(header);
    device->Send(packet, device->GetBroadcast(), ETHER_TYPE_IPV4);
}

} // namespace ns3
