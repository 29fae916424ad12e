/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-tunnel.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/header.h"
#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/ipv4-routing-table-entry.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4-static-routing.h"
#include "ns3/ipv6-interface-address.h"
#include "ns3/ipv6-routing-table-entry.h"
#include "ns3/ipv6-static-routing-helper.h"
#include "ns3/ipv6-static-routing.h"
#include "ns3/log.h"
#include "ns3/mac48-address.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/udp-header.h"

#include <algorithm>
#include <cstring>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindTunnel");
NS_OBJECT_ENSURE_REGISTERED(FlowbindTunnel);

namespace
{

constexpr uint16_t ETHER_TYPE_IPV4 = 0x0800;
constexpr uint16_t ETHER_TYPE_IPV6 = 0x86dd;
/// IP in IP, IPv6 in IPv4, GRE, minimal encapsulation.
constexpr uint8_t OUTER_PROTOCOLS[] = {4, 41, 47, 55};
constexpr uint8_t IPV4_FLAG_DONT_FRAGMENT = 0x40; // RFC 791 3.1, in the octet of flags and offset
constexpr uint32_t OUTER_OCTETS = 20;
/// From here to the checksum an outer header says the same of all packets of a tunnel, as a rule.
constexpr uint32_t FLAGS_AT = 6;
constexpr uint32_t CHECKSUM_AT = 10;
constexpr uint32_t UDP_OCTETS = 8;
constexpr uint8_t PROTOCOL_UDP = 17;

uint16_t
ReadU16(const uint8_t* octets)
{
    return static_cast<uint16_t>(octets[0] << 8 | octets[1]);
}

uint32_t
ReadU32(const uint8_t* octets)
{
    return static_cast<uint32_t>(ReadU16(octets)) << 16 | ReadU16(octets + 2);
}

/**
 * The octets of the core as ns-3 wants them. Ipv4Header::Deserialize would need a Buffer made for each packet.
 */
Ipv4Header
ToIpv4Header(const uint8_t* octets)
{
    Ipv4Header header;
    header.SetTos(octets[1]);
    header.SetPayloadSize(ReadU16(octets + 2) - OUTER_OCTETS);
    header.SetIdentification(ReadU16(octets + 4));
    if (octets[6] & IPV4_FLAG_DONT_FRAGMENT)
    {
        header.SetDontFragment();
    }
    else
    {
        header.SetMayFragment();
    }
    header.SetTtl(octets[8]);
    header.SetProtocol(octets[9]);
    header.SetSource(Ipv4Address(ReadU32(octets + 12)));
    header.SetDestination(Ipv4Address(ReadU32(octets + 16)));
    return header;
}

/**
 * Headers that the library made, as ns-3 wants them.
 */
class OctetsHeader : public Header
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::FlowbindOctetsHeader").SetParent<Header>().SetGroupName("Flowbind");
        return tid;
    }

    OctetsHeader(const uint8_t* octets, uint32_t length)
        : m_octets(octets),
          m_length(length)
    {
    }

    TypeId GetInstanceTypeId() const override
    {
        return GetTypeId();
    }

    uint32_t GetSerializedSize() const override
    {
        return m_length;
    }

    void Serialize(Buffer::Iterator start) const override
    {
        start.Write(m_octets, m_length);
    }

    /// Never read back: whoever receives it has a header of his own for it.
    uint32_t Deserialize(Buffer::Iterator) override
    {
        return 0;
    }

    void Print(std::ostream& stream) const override
    {
        stream << m_length << " octets";
    }

  private:
    const uint8_t* m_octets; //!< the caller's
    uint32_t m_length; //!< how many
};

} // namespace

TypeId
FlowbindTunnel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindTunnel")
            .SetParent<Object>()
            .SetGroupName("Flowbind")
            .AddConstructor<FlowbindTunnel>()
            .AddAttribute("RouteLifetime",
                          "How long the node's route to a tunnel's far end is used before "
                          "its routing is asked again; 0: asked for each packet.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&FlowbindTunnel::m_routeLifetime),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("DeviceTraces",
                          "All inner packets pass the tunnel device, so that its own trace "
                          "sources fire. What is forwarded into the tunnel or comes out of "
                          "it takes a shorter way otherwise; the agent's TunnelTx and "
                          "TunnelRx fire in any case.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&FlowbindTunnel::m_deviceTraces),
                          MakeBooleanChecker());
    return tid;
}

FlowbindTunnel::FlowbindTunnel()
{
    NS_LOG_FUNCTION(this);
}

FlowbindTunnel::~FlowbindTunnel()
{
    NS_LOG_FUNCTION(this);
}

void
FlowbindTunnel::DoDispose()
{
    NS_LOG_FUNCTION(this);
    ForgetRoutes();
    m_device = nullptr;
    m_ipv4 = nullptr;
    m_ipv6 = nullptr;
    m_inner = MakeNullCallback<void, Ptr<Packet>>();
    m_outer = OuterCallback();
    m_icmp = MakeNullCallback<void, Ipv4Address, const std::vector<uint8_t>&>();
    for (const auto& protocol : m_protocols)
    {
        protocol->Dispose();
    }
    m_protocols.clear();
    Object::DoDispose();
}

void
FlowbindTunnel::Install(Ptr<Node> node, Ipv4Address address, uint16_t mtu, bool isRouter)
{
    NS_LOG_FUNCTION(this << node << address << mtu);
    NS_ABORT_MSG_IF(m_device, "FlowbindTunnel: Install() was called twice for one tunnel.");
    m_ipv4 = node->GetObject<Ipv4L3Protocol>();
    NS_ABORT_MSG_IF(!m_ipv4,
                    "FlowbindTunnel: node "
                        << node->GetId() << " has no IPv4. Install an InternetStackHelper first.");
    m_device = CreateObject<VirtualNetDevice>();
    m_address = Mac48Address::Allocate();
    m_device->SetAddress(m_address);
    m_device->SetMtu(mtu);
    m_device->SetSendCallback(MakeCallback(&FlowbindTunnel::SendInner, this));
    node->AddDevice(m_device);

    uint32_t interface = m_ipv4->AddInterface(m_device);
    if (!address.IsAny())
    {
        m_ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask::GetOnes()));
    }
    m_ipv4->SetUp(interface);
    m_isRouter = isRouter;
    for (uint8_t number : OUTER_PROTOCOLS)
    {
        Ptr<FlowbindOuterProtocol> protocol = CreateObject<FlowbindOuterProtocol>();
        protocol->Setup(number, m_outer, m_icmp);
        m_ipv4->Insert(protocol);
        m_protocols.push_back(protocol);
    }
}

void
FlowbindTunnel::AddRoute(Ipv4Address network, Ipv4Mask mask)
{
    NS_LOG_FUNCTION(this << network << mask);
    ForgetRoutes();
    Ptr<Ipv4StaticRouting> routing = Ipv4StaticRoutingHelper().GetStaticRouting(m_ipv4);
    NS_ABORT_MSG_IF(
        !routing,
        "FlowbindTunnel: the node's routing has no Ipv4StaticRouting to hold the route "
        "to the tunnel. Put one into its Ipv4ListRouting, as InternetStackHelper does.");
    routing->AddNetworkRouteTo(network, mask, m_ipv4->GetInterfaceForDevice(m_device));
}

void
FlowbindTunnel::RemoveRoute(Ipv4Address network, Ipv4Mask mask)
{
    NS_LOG_FUNCTION(this << network << mask);
    ForgetRoutes();
    RemoveRoute(m_ipv4, m_ipv4->GetInterfaceForDevice(m_device), network, mask);
}

void
FlowbindTunnel::RemoveRoute(Ptr<Ipv4> ipv4, uint32_t interface, Ipv4Address network, Ipv4Mask mask)
{
    Ptr<Ipv4StaticRouting> routing = Ipv4StaticRoutingHelper().GetStaticRouting(ipv4);
    for (uint32_t i = 0; i < routing->GetNRoutes(); i++)
    {
        Ipv4RoutingTableEntry route = routing->GetRoute(i);
        if (route.GetDestNetwork() == network && route.GetDestNetworkMask() == mask &&
            route.GetInterface() == interface)
        {
            routing->RemoveRoute(i);
            return;
        }
    }
}

void
FlowbindTunnel::SetAddress(Ipv4Address address)
{
    NS_LOG_FUNCTION(this << address);
    uint32_t interface = m_ipv4->GetInterfaceForDevice(m_device);
    while (m_ipv4->GetNAddresses(interface) > 0)
    {
        m_ipv4->RemoveAddress(interface, 0);
    }
    m_ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask::GetOnes()));
}

int32_t
FlowbindTunnel::OpenIpv6()
{
    m_ipv6 = m_device->GetNode()->GetObject<Ipv6>();
    if (!m_ipv6)
    {
        return -1;
    }
    int32_t interface = m_ipv6->GetInterfaceForDevice(m_device);
    if (interface < 0)
    {
        interface = m_ipv6->AddInterface(m_device);
        m_ipv6->SetUp(interface);
    }
    return interface;
}

bool
FlowbindTunnel::SetAddress6(Ipv6Address address)
{
    NS_LOG_FUNCTION(this << address);
    int32_t interface = OpenIpv6();
    return interface >= 0 &&
           m_ipv6->AddAddress(interface, Ipv6InterfaceAddress(address, Ipv6Prefix(128)));
}

bool
FlowbindTunnel::AddRoute6(Ipv6Address network, Ipv6Prefix prefix)
{
    NS_LOG_FUNCTION(this << network << prefix);
    int32_t interface = OpenIpv6();
    Ptr<Ipv6StaticRouting> routing = interface < 0
                                         ? nullptr
                                         : Ipv6StaticRoutingHelper().GetStaticRouting(m_ipv6);
    if (!routing)
    {
        return false;
    }
    routing->AddNetworkRouteTo(network, prefix, interface);
    return true;
}

void
FlowbindTunnel::RemoveRoute6(Ipv6Address network, Ipv6Prefix prefix)
{
    NS_LOG_FUNCTION(this << network << prefix);
    if (!m_ipv6)
    {
        return;
    }
    Ptr<Ipv6StaticRouting> routing = Ipv6StaticRoutingHelper().GetStaticRouting(m_ipv6);
    uint32_t interface = m_ipv6->GetInterfaceForDevice(m_device);
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

void
FlowbindTunnel::SetCallbacks(InnerCallback inner, OuterCallback outer, IcmpCallback icmp)
{
    m_inner = inner;
    m_outer = outer;
    m_icmp = icmp;
}

Ptr<VirtualNetDevice>
FlowbindTunnel::GetDevice() const
{
    return m_device;
}

bool
FlowbindTunnel::SendInner(Ptr<Packet> packet,
                          const Address& source,
                          const Address& destination,
                          uint16_t protocolNumber)
{
    NS_LOG_FUNCTION(this << packet << source << destination << protocolNumber);
    bool isIp = protocolNumber == ETHER_TYPE_IPV4 || protocolNumber == ETHER_TYPE_IPV6;
    if (isIp && !m_inner.IsNull())
    {
        m_inner(packet);
    }
    return true;
}

void
FlowbindTunnel::RememberRoutes()
{
    // A look-up for each packet costs more than everything the library does with it.
    if (!m_forget.IsRunning())
    {
        m_forget = Simulator::Schedule(m_routeLifetime, &FlowbindTunnel::ForgetRoutes, this);
    }
}

void
FlowbindTunnel::ForgetRoutes()
{
    m_ways.clear();
    m_routes.clear();
    m_inside.clear();
    m_onward.clear();
    m_forget.Cancel();
}

bool
FlowbindTunnel::IsShortcut(const Ipv4Header& header, const Ptr<const NetDevice>& from)
{
    // What came out of a tunnel seldom goes into another one.
    if (m_deviceTraces || from == m_device)
    {
        return false;
    }
    auto known = m_inside.find(header.GetDestination().Get());
    if (known == m_inside.end())
    {
        RememberRoutes();
        Ptr<Ipv4Route> route = AskRouting(header);
        Ipv4Address destination = header.GetDestination();
        bool isInside = !destination.IsMulticast() && !destination.IsBroadcast() && route &&
                        route->GetOutputDevice() == m_device &&
                        m_ipv4->IsUp(m_ipv4->GetInterfaceForDevice(m_device));
        known = m_inside.emplace(header.GetDestination().Get(), isInside).first;
    }
    return known->second &&
           header.GetSerializedSize() + header.GetPayloadSize() <= m_device->GetMtu();
}

Ptr<Ipv4Route>
FlowbindTunnel::AskRouting(const Ipv4Header& header) const
{
    Ptr<Ipv4RoutingProtocol> routing = m_ipv4->GetRoutingProtocol();
    Socket::SocketErrno error = Socket::ERROR_NOTERROR;
    return routing ? routing->RouteOutput(nullptr, header, nullptr, error) : nullptr;
}

Ptr<Ipv4Route>
FlowbindTunnel::GetRoute(const Ipv4Header& header)
{
    Ptr<Ipv4Route>& route = m_routes[header.GetDestination().Get()];
    if (!route)
    {
        RememberRoutes();
        route = LookUpRoute(header);
    }
    return route;
}

Ptr<Ipv4Route>
FlowbindTunnel::LookUpRoute(const Ipv4Header& header) const
{
    Ptr<Ipv4Route> route = AskRouting(header);
    if (route && route->GetOutputDevice() == m_device)
    {
        // A care-of address inside the home network, or everything routed home: never tunnel a tunnel's packets.
        NS_LOG_WARN("the route to " << header.GetDestination() << " leads into the tunnel itself");
        return nullptr;
    }
    return route;
}

void
FlowbindTunnel::Patch(Ptr<Packet> packet, const fb_action& action)
{
    uint32_t end = 0;
    for (uint8_t i = 0; i < action.patch_count; i++)
    {
        end = std::max<uint32_t>(end, action.patch[i].at + 2);
    }
    std::vector<uint8_t> octets(end);
    if (packet->CopyData(octets.data(), end) < end)
    {
        return;
    }
    for (uint8_t i = 0; i < action.patch_count; i++)
    {
        octets[action.patch[i].at] = static_cast<uint8_t>(action.patch[i].value >> 8);
        octets[action.patch[i].at + 1] = static_cast<uint8_t>(action.patch[i].value);
    }
    packet->RemoveAtStart(end);
    Prepend(packet, octets.data(), end);
}

void
FlowbindTunnel::Prepend(Ptr<Packet> packet, const uint8_t* octets, uint32_t length)
{
    packet->AddHeader(OctetsHeader(octets, length));
}

FlowbindTunnel::Way&
FlowbindTunnel::GetWay(const uint8_t* outer)
{
    uint64_t ends = static_cast<uint64_t>(ReadU32(outer + 12)) << 32 | ReadU32(outer + 16);
    Way& way = m_ways[ends];
    // Putting a header together costs as much as choosing the path. What differs from packet to packet is taken over.
    if (std::memcmp(way.octets + FLAGS_AT, outer + FLAGS_AT, CHECKSUM_AT - FLAGS_AT) != 0)
    {
        way.header = ToIpv4Header(outer);
    }
    else
    {
        way.header.SetPayloadSize(ReadU16(outer + 2) - OUTER_OCTETS);
        way.header.SetIdentification(ReadU16(outer + 4));
        if (way.octets[1] != outer[1])
        {
            way.header.SetTos(outer[1]);
        }
    }
    std::memcpy(way.octets, outer, sizeof(way.octets));
    return way;
}

void
FlowbindTunnel::Send(const Ptr<Packet>& packet,
                     const uint8_t* outer,
                     uint32_t length,
                     const Ptr<Ipv4Route>& route)
{
    Way& way = GetWay(outer);
    if (outer[9] == PROTOCOL_UDP && Node::ChecksumEnabled())
    {
        // The library leaves the checksum out (RFC 3519 3.1, RFC 768), and ns-3 discards datagrams without one.
        Prepend(packet, outer + OUTER_OCTETS + UDP_OCTETS, length - OUTER_OCTETS - UDP_OCTETS);
        UdpHeader udp;
        udp.SetSourcePort(ReadU16(outer + OUTER_OCTETS));
        udp.SetDestinationPort(ReadU16(outer + OUTER_OCTETS + 2));
        udp.EnableChecksums();
        udp.InitializeChecksum(way.header.GetSource(), way.header.GetDestination(), PROTOCOL_UDP);
        packet->AddHeader(udp);
    }
    else if (length > OUTER_OCTETS)
    {
        Prepend(packet, outer + OUTER_OCTETS, length - OUTER_OCTETS);
    }
    NS_ASSERT_MSG(way.header.GetPayloadSize() == packet->GetSize(),
                  "the outer header is for " << way.header.GetPayloadSize()
                                             << " octets, the packet has " << packet->GetSize());
    if (!route && !way.route)
    {
        RememberRoutes();
        way.route = LookUpRoute(way.header);
    }
    // See SendWithHeader().
    m_ipv4->SendWithHeader(packet, way.header, route ? route : way.route);
}

void
FlowbindTunnel::SendWithHeader(Ptr<Packet> packet, const Ipv4Header& header, Ptr<Ipv4Route> route)
{
    // This takes TTL and TOS from the header, never from tags an application left on the packet. It fires the Tx trace,
    // fragments what is too long for the link, and without a route fires the Drop trace.
    m_ipv4->SendWithHeader(packet, header, route ? route : GetRoute(header));
}

void
FlowbindTunnel::BeginForwarding(const Ptr<Packet>& packet, Ipv4Header& header)
{
    // As Ipv4L3Protocol does it: queues go by the tag.
    header.SetTtl(header.GetTtl() - 1);
    SocketPriorityTag tag;
    packet->RemovePacketTag(tag);
    uint8_t priority = Socket::IpTos2Priority(header.GetTos());
    if (priority != 0)
    {
        tag.SetPriority(priority);
        packet->AddPacketTag(tag);
    }
}

Ptr<Ipv4Route>
FlowbindTunnel::GetWayOn(const Ipv4Header& header)
{
    auto known = m_onward.find(header.GetDestination().Get());
    if (known == m_onward.end())
    {
        RememberRoutes();
        uint32_t interface = m_ipv4->GetInterfaceForDevice(m_device);
        bool isForwarded = m_ipv4->IsUp(interface) && m_ipv4->IsForwarding(interface) &&
                           !m_ipv4->IsDestinationAddress(header.GetDestination(), interface);
        known = m_onward
                    .emplace(header.GetDestination().Get(),
                             isForwarded ? LookUpRoute(header) : nullptr)
                    .first;
    }
    return known->second;
}

bool
FlowbindTunnel::Forward(Ptr<Packet> packet)
{
    Ipv4Header header;
    if (Node::ChecksumEnabled())
    {
        header.EnableChecksum();
    }
    packet->PeekHeader(header);
    Ipv4Address destination = header.GetDestination();
    if (header.GetTtl() <= 1 || !header.IsChecksumOk() || destination.IsMulticast() ||
        destination.IsBroadcast())
    {
        return false;
    }
    Ptr<Ipv4Route> route = GetWayOn(header);
    if (!route)
    {
        return false;
    }
    packet->RemoveHeader(header);
    BeginForwarding(packet, header);
    SendWithHeader(packet, header, route);
    return true;
}

void
FlowbindTunnel::Deliver(const Ptr<Packet>& packet)
{
    uint8_t version = 0;
    packet->CopyData(&version, 1);
    Deliver(packet, version >> 4 == 6);
}

void
FlowbindTunnel::Deliver(const Ptr<Packet>& packet, bool isIpv6)
{
    if (!isIpv6 && !m_deviceTraces)
    {
        if (m_isRouter && Forward(packet))
        {
            return;
        }
        m_ipv4->Receive(m_device,
                        packet,
                        ETHER_TYPE_IPV4,
                        m_address,
                        m_address,
                        NetDevice::PACKET_HOST);
        return;
    }
    m_device->Receive(packet,
                      isIpv6 ? ETHER_TYPE_IPV6 : ETHER_TYPE_IPV4,
                      m_address,
                      m_address,
                      NetDevice::PACKET_HOST);
}

} // namespace ns3
