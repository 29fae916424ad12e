/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/callback.h"
#include "ns3/csma-helper.h"
#include "ns3/icmpv4-l4-protocol.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/mac48-address.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-header.h"
#include "ns3/udp-l4-protocol.h"
#include "ns3/udp-socket-factory.h"

#include <algorithm>

namespace ns3::flowbind_test
{

namespace
{

constexpr int64_t STACK_STREAM = 1000;
constexpr int64_t LINK_STREAM = 2000;

} // namespace

uint16_t
U16(const std::vector<uint8_t>& octets, std::size_t at)
{
    return static_cast<uint16_t>(octets.at(at) << 8 | octets.at(at + 1));
}

Ipv4Address
Address4(const std::vector<uint8_t>& octets, std::size_t at)
{
    return Ipv4Address(static_cast<uint32_t>(U16(octets, at)) << 16 | U16(octets, at + 2));
}

uint16_t
OnesSum(const std::vector<uint8_t>& octets, std::size_t from, std::size_t length, uint32_t start)
{
    uint32_t sum = start;
    for (std::size_t i = 0; i < length; i++)
    {
        sum += i % 2 == 0 ? octets.at(from + i) << 8 : octets.at(from + i);
    }
    while (sum >> 16)
    {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<uint16_t>(sum);
}

void
Wire::Listen(Ptr<NetDevice> device)
{
    bool isPpp = device->GetInstanceTypeId() == PointToPointNetDevice::GetTypeId();
    device->TraceConnectWithoutContext("PhyTxBegin",
                                       isPpp ? MakeCallback(&Wire::AddPpp, this)
                                             : MakeCallback(&Wire::AddEthernet, this));
}

std::vector<std::vector<uint8_t>>
Wire::Get(uint8_t protocol) const
{
    std::vector<std::vector<uint8_t>> found;
    for (const auto& packet : m_packets)
    {
        if (packet.at(9) == protocol)
        {
            found.push_back(packet);
        }
    }
    return found;
}

void
Wire::Clear()
{
    m_packets.clear();
}

std::string
Wire::GetTranscript() const
{
    return m_transcript.str();
}

void
Wire::AddPpp(Ptr<const Packet> frame)
{
    Add(frame, 2, 0x0021); // RFC 1332
}

void
Wire::AddEthernet(Ptr<const Packet> frame)
{
    Add(frame, 14, 0x0800);
}

void
Wire::Add(Ptr<const Packet> frame, std::size_t headerOctets, uint16_t type)
{
    std::vector<uint8_t> octets(frame->GetSize());
    frame->CopyData(octets.data(), octets.size());
    m_transcript << Simulator::Now().GetNanoSeconds() << ' ';
    m_transcript.write(reinterpret_cast<const char*>(octets.data()), octets.size());
    if (octets.size() < headerOctets + 20 || U16(octets, headerOctets - 2) != type)
    {
        return;
    }
    // Ethernet pads short packets and adds a checksum: the length in the packet counts.
    auto packet = octets.begin() + headerOctets;
    std::size_t length = std::min<std::size_t>(U16(octets, headerOctets + 2),
                                               octets.end() - packet);
    m_packets.emplace_back(packet, packet + length);
}

void
NarrowLink::Install(Ptr<NetDevice> device, uint16_t mtu)
{
    Ptr<NarrowLink> link = CreateObject<NarrowLink>();
    link->m_node = device->GetNode();
    link->m_mtu = mtu;
    device->SetAttribute("ReceiveErrorModel", PointerValue(link));
}

bool
NarrowLink::DoCorrupt(Ptr<Packet> packet)
{
    Ptr<Packet> copy = packet->Copy();
    copy->RemoveAtStart(2); // of PPP
    Ipv4Header header;
    copy->RemoveHeader(header);
    if (!header.IsDontFragment() || copy->GetSize() + header.GetSerializedSize() <= m_mtu)
    {
        return false;
    }
    m_node->GetObject<Icmpv4L4Protocol>()->SendDestUnreachFragNeeded(header, copy, m_mtu);
    return true;
}

void
NarrowLink::DoReset()
{
}

Talker::Talker(Ptr<Node> node, uint16_t port)
    : m_received(0),
      m_mtu(0),
      m_echo(false),
      m_tos(0)
{
    m_socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
    m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
    m_socket->SetRecvCallback(MakeCallback(&Talker::Read, this));
    m_socket->SetAttribute("IcmpCallback", CallbackValue(MakeCallback(&Talker::ReadIcmp, this)));
}

void
Talker::ReadIcmp(Ipv4Address, uint8_t, uint8_t type, uint8_t code, uint32_t info)
{
    if (type == 3 && code == 4)
    {
        m_mtu = info;
    }
}

uint32_t
Talker::TakeMtu()
{
    uint32_t mtu = m_mtu;
    m_mtu = 0;
    return mtu;
}

void
Talker::SendWhole(Ipv4Address to, uint16_t port, uint32_t octets)
{
    // ns-3's sockets leave DF out, whatever MtuDiscover says.
    Address local;
    m_socket->GetSockName(local);
    UdpHeader udp;
    udp.SetSourcePort(InetSocketAddress::ConvertFrom(local).GetPort());
    udp.SetDestinationPort(port);
    Ptr<Packet> packet = Create<Packet>(octets);
    packet->AddHeader(udp);
    Ipv4Header header;
    header.SetDestination(to);
    header.SetProtocol(UdpL4Protocol::PROT_NUMBER);
    header.SetTtl(64);
    header.SetDontFragment();
    header.SetPayloadSize(static_cast<uint16_t>(packet->GetSize()));
    Ptr<Ipv4L3Protocol> ipv4 = m_socket->GetNode()->GetObject<Ipv4L3Protocol>();
    Socket::SocketErrno error;
    Ptr<Ipv4Route> route = ipv4->GetRoutingProtocol()->RouteOutput(packet, header, nullptr, error);
    header.SetSource(route->GetSource());
    ipv4->SendWithHeader(packet, header, route);
}

void
Talker::Send(Ipv4Address to, uint16_t port, uint32_t octets)
{
    std::vector<uint8_t> payload(octets, 0x55);
    Ptr<Packet> packet = Create<Packet>(payload.data(), octets);
    SocketIpTosTag tos;
    tos.SetTos(m_tos);
    packet->AddPacketTag(tos);
    m_socket->SendTo(packet, 0, InetSocketAddress(to, port));
}

void
Talker::SetTos(uint8_t tos)
{
    m_tos = tos;
}

void
Talker::SetTtl(uint8_t ttl)
{
    m_socket->SetIpTtl(ttl);
}

void
Talker::Echo()
{
    m_echo = true;
}

uint32_t
Talker::Take()
{
    uint32_t received = m_received;
    m_received = 0;
    return received;
}

void
Talker::Close()
{
    m_socket->Close();
    m_socket = nullptr;
}

void
Talker::Read(Ptr<Socket> socket)
{
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        m_received += packet->GetSize();
        if (m_echo)
        {
            socket->SendTo(Create<Packet>(packet->GetSize()), 0, from);
        }
    }
}

void
AgentLog::Listen(Ptr<FlowbindAgent> agent)
{
    agent->TraceConnectWithoutContext("Event", MakeCallback(&AgentLog::OnEvent, this));
    agent->TraceConnectWithoutContext("Binding", MakeCallback(&AgentLog::OnBinding, this));
    agent->TraceConnectWithoutContext("Intercept", MakeCallback(&AgentLog::OnIntercept, this));
    agent->TraceConnectWithoutContext("TunnelTx", MakeCallback(&AgentLog::OnTx, this));
    agent->TraceConnectWithoutContext("TunnelRx", MakeCallback(&AgentLog::OnRx, this));
    agent->TraceConnectWithoutContext("PacketDrop", MakeCallback(&AgentLog::OnDrop, this));
}

void
AgentLog::Clear()
{
    events.clear();
    bindings.clear();
    intercepts.clear();
    tx.clear();
    rx.clear();
    drops.clear();
}

uint32_t
AgentLog::CountMessages(uint8_t kind, uint8_t type) const
{
    return std::count_if(events.begin(),
                         events.end(),
                         [kind, type](const fb_event& event)
                         { return event.kind == kind && event.type == type; });
}

void
AgentLog::OnEvent(const fb_event& event)
{
    events.push_back(event);
}

void
AgentLog::OnBinding(const fb_event& event)
{
    bindings.push_back(event);
}

void
AgentLog::OnIntercept(const fb_event& event)
{
    intercepts.push_back(event.count);
}

void
AgentLog::OnTx(Ptr<const Packet> packet [[maybe_unused]], uint8_t bid)
{
    tx.push_back(bid);
}

void
AgentLog::OnRx(Ptr<const Packet> packet [[maybe_unused]], uint8_t bid)
{
    rx.push_back(bid);
}

void
AgentLog::OnDrop(Ptr<const Packet> packet [[maybe_unused]], uint16_t reason)
{
    drops += std::string(fb_reason_name(reason)) + " ";
}

World::World()
    : mobileHelper(HOME_AGENT),
      homeHelper(HOME_AGENT, HOME_NETWORK, HOME_MASK),
      near(nullptr),
      far(nullptr)
{
    mobileNode = CreateObject<Node>();
    router = CreateObject<Node>();
    homeAgentNode = CreateObject<Node>();
    correspondent = CreateObject<Node>();
    InternetStackHelper stack;
    NodeContainer nodes(mobileNode, router, homeAgentNode, correspondent);
    stack.Install(nodes);
    // ns-3 numbers random streams by creation: without this a second world in one program would differ from the first.
    stack.AssignStreams(nodes, STACK_STREAM);

    const uint8_t technologies[PATHS] = {4, 8, 10};
    const char* const networks[PATHS] = {"203.0.113.0", "203.0.113.16", "203.0.113.32"};
    for (uint32_t i = 0; i < PATHS; i++)
    {
        NetDeviceContainer ends = Link(mobileNode, router, networks[i], ACCESS_MASK, i == 1);
        access.push_back(ends.Get(0));
        accessDevice = i == 1 ? ends.Get(1) : accessDevice;
        links.push_back({});
        links[i].bid = links[i].label = links[i].preference = static_cast<uint8_t>(i + 1);
        links[i].technology = technologies[i];
        careOf.emplace_back(Ipv4Address(networks[i]).Get() + 1);
        gateways.emplace_back(Ipv4Address(networks[i]).Get() + 2);
    }
    homeDevice = Link(homeAgentNode, router, "192.0.2.0", "255.255.255.128").Get(0);
    Link(homeAgentNode, correspondent, "192.0.2.128", "255.255.255.128");

    Ipv4StaticRoutingHelper routing;
    routing.GetStaticRouting(router->GetObject<Ipv4>())->SetDefaultRoute(HOME_AGENT, 4);
    routing.GetStaticRouting(homeAgentNode->GetObject<Ipv4>())->SetDefaultRoute("192.0.2.2", 1);
    routing.GetStaticRouting(correspondent->GetObject<Ipv4>())->SetDefaultRoute("192.0.2.129", 1);
    mobileHelper.SetAttribute("Key", StringValue(KEY));
}

World::~World()
{
    delete near;
    delete far;
    Simulator::Destroy();
}

NetDeviceContainer
World::Link(Ptr<Node> a, Ptr<Node> b, Ipv4Address network, Ipv4Mask mask, bool isCsma)
{
    NetDeviceContainer devices;
    if (isCsma)
    {
        CsmaHelper link;
        link.SetChannelAttribute("DataRate", StringValue("100Mbps"));
        link.SetChannelAttribute("Delay", StringValue("5us"));
        devices = link.Install(NodeContainer(a, b));
        link.AssignStreams(devices, LINK_STREAM);
        // Before 3.36 ns-3 goes on counting them in the next world of the same program.
        devices.Get(0)->SetAddress(Mac48Address("02:00:00:00:00:01"));
        devices.Get(1)->SetAddress(Mac48Address("02:00:00:00:00:02"));
    }
    else
    {
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
        link.SetChannelAttribute("Delay", StringValue("5ms"));
        devices = link.Install(a, b);
    }
    Ipv4AddressHelper(network, mask).Assign(devices);
    return devices;
}

void
World::InstallAgents(Ipv4Address homeAddress)
{
    home = homeHelper.Install(homeAgentNode);
    mobile = mobileHelper.Install(mobileNode, homeAddress);
    FlowbindHelper::Pair(mobile, home, true, HOME_ADDRESS);
    for (uint32_t i = 0; i < PATHS; i++)
    {
        mobile->AddLink(access[i], links[i], gateways[i]);
    }
    near = new Talker(mobileNode, PORT);
    far = new Talker(correspondent, PORT);
    atMobile.Listen(mobile);
    atHome.Listen(home);
}

void
World::BringUp()
{
    for (uint32_t link = 1; link <= PATHS; link++)
    {
        mobile->NotifyLinkUp(link);
    }
    Run(Seconds(5));
}

void
World::Run(Time duration)
{
    Simulator::Stop(duration);
    Simulator::Run();
}

void
World::Talk(uint32_t octets)
{
    ClearLogs();
    near->Take();
    far->Take();
    near->Send(CORRESPONDENT, PORT, octets);
    far->Send(HOME_ADDRESS, PORT, octets);
    Run(Seconds(1));
}

void
World::ClearLogs()
{
    atMobile.Clear();
    atHome.Clear();
}

std::vector<fb_binding_view>
World::GetBindings() const
{
    return home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS);
}

fb_rule
World::Forward(std::vector<uint8_t> bids)
{
    fb_rule rule = {};
    rule.action = FB_RULE_FORWARD;
    rule.bid_count = static_cast<uint8_t>(bids.size());
    std::copy(bids.begin(), bids.end(), rule.bid);
    rule.selector.format = FB_SELECTOR_IPV4;
    rule.selector.u.v4.present = FB_SELECTOR4_PROTOCOL_START;
    rule.selector.u.v4.protocol_start = 17;
    return rule;
}

} // namespace ns3::flowbind_test
