/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/callback.h"
#include "ns3/channel.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/flowbind-backbone-helper.h"
#include "ns3/flowbind-proxy-helper.h"
#include "ns3/flowbind-wired-helper.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <map>
#include <string>
#include <vector>

using namespace ns3;
using ns3::flowbind_test::NarrowLink;

namespace
{

const uint16_t PORT = 5001;
const uint32_t OCTETS = 200;
const char* const HOME_POOL = "fd00:1::/48";
const char* const MOBILE = "mn@example.com";
const uint8_t FIRST = 1;
const uint8_t SECOND = 2;
/// PPP and IPv6 headers.
const std::size_t PPP = 2;
const std::size_t IPV6 = 40;

uint16_t
U16(const std::vector<uint8_t>& octets, std::size_t at)
{
    return static_cast<uint16_t>(octets.at(at) << 8 | octets.at(at + 1));
}

/// What a path carries.
enum Transport
{
    OVER_IPV6,
    OVER_IPV4,
    OVER_UDP
};

/// One gateway, or two, with two wired paths each, an anchor, a correspondent, and a mobile node.
class ProxyTestWorld
{
  public:
    explicit ProxyTestWorld(Transport first, uint32_t gatewayCount = 1)
    {
        backbone.SetDelays(MilliSeconds(5), MilliSeconds(5));
        backbone.EnableIpv6Access();
        backbone.Build();
        FlowbindAnchorHelper anchors(backbone.GetAnchorAddress(), backbone.GetHomeAgentAddress());
        anchors.SetAttribute("HomePool", StringValue(HOME_POOL));
        anchor = anchors.Install(backbone.GetHomeAgent());
        for (uint32_t i = 0; i < gatewayCount; i++)
        {
            AddGateway(i == 0 ? first : OVER_IPV6);
        }
        fb_proxy_subscriber subscriber = {};
        subscriber.identity = FlowbindProxyAgent::MakeNai(MOBILE);
        subscriber.multipath_allowed = true;
        subscriber.service = true;
        anchor->AddMobileNode(subscriber);
        host = CreateObject<Node>();
        link = CreateObject<FlowbindHostLink>();
        link->Install(host);
        for (const auto& gateway : gateways)
        {
            link->Connect(gateway);
        }
        backbone.GetRouter()->GetDevice(1)->TraceConnectWithoutContext(
            "MacTx",
            MakeCallback(&ProxyTestWorld::Note, this));
        backbone.GetRouter()->GetDevice(1)->TraceConnectWithoutContext(
            "MacRx",
            MakeCallback(&ProxyTestWorld::Note, this));
        int64_t stream = 1;
        anchor->AssignStreams(stream++);
        for (const auto& gateway : gateways)
        {
            gateway->AssignStreams(stream++);
        }
    }

    ~ProxyTestWorld()
    {
        Simulator::Destroy();
    }

    void Attach(uint32_t index, uint8_t handoff)
    {
        link->Attach(gateways[index]);
        fb_session session = link->MakeSession();
        session.session = 1;
        session.identity = FlowbindProxyAgent::MakeNai(MOBILE);
        session.handoff = handoff;
        session.access_link = link->GetAccessLink(gateways[index]);
        gateways[index]->AttachHost(session);
    }

    void RunUntil(double seconds)
    {
        Simulator::Stop(Seconds(seconds) - Simulator::Now());
        Simulator::Run();
    }

    /// Opens both ends' sockets; the mobile node's is not bound to an address.
    void OpenSockets()
    {
        near = Socket::CreateSocket(host, UdpSocketFactory::GetTypeId());
        near->Bind(Inet6SocketAddress(Ipv6Address::GetAny(), PORT));
        near->SetRecvCallback(MakeCallback(&ProxyTestWorld::Receive, this));
        far = Socket::CreateSocket(backbone.GetCorrespondent(), UdpSocketFactory::GetTypeId());
        far->Bind(Inet6SocketAddress(Ipv6Address::GetAny(), PORT));
        far->SetRecvCallback(MakeCallback(&ProxyTestWorld::Receive, this));
    }

    /// A packet each way.
    void SendBothWays()
    {
        near->SendTo(Create<Packet>(octets),
                     0,
                     Inet6SocketAddress(backbone.GetCorrespondentAddress6(), PORT));
        far->SendTo(Create<Packet>(octets), 0, Inet6SocketAddress(link->GetAddress(), PORT));
    }

    fb_proxy_view FindBinding(uint8_t bid) const
    {
        for (const fb_proxy_view& binding : anchor->GetProxyBindings(1))
        {
            if (binding.ref.bid == bid)
            {
                return binding;
            }
        }
        return {};
    }

    FlowbindBackboneHelper backbone;
    Ptr<FlowbindProxyAgent> anchor;
    std::vector<Ptr<FlowbindProxyAgent>> gateways;
    std::vector<Ptr<FlowbindAccessHelper>> access;
    std::vector<Ptr<FlowbindAccessLink>> paths;
    Ptr<Node> host;
    Ptr<FlowbindHostLink> link;
    Ptr<Socket> near, far;
    uint32_t octets{OCTETS}; ///< that the sockets send and expect
    uint32_t atHost{0}, atCorrespondent{0};
    std::map<uint8_t, uint32_t> sent; ///< packets that entered a tunnel, by BID, at either end
    std::vector<std::vector<uint8_t>> frames; ///< between the access networks and the anchor

  private:
    void AddGateway(Transport first)
    {
        Ptr<Node> node = CreateObject<Node>();
        FlowbindGatewayHelper::InstallStack(node);
        FlowbindGatewayHelper helper(backbone.GetAnchorAddress(), backbone.GetHomeAgentAddress());
        std::string name = "mag" + std::to_string(gateways.size() + 1) + "@example.com";
        Ptr<FlowbindProxyAgent> gateway = helper.Install(node, name);
        FlowbindGatewayHelper::Pair(gateway, anchor);
        gateway->TraceConnectWithoutContext("TunnelTx", MakeCallback(&ProxyTestWorld::Count, this));
        for (uint8_t bid : {FIRST, SECOND})
        {
            uint32_t index = static_cast<uint32_t>(access.size());
            Transport transport = bid == FIRST ? first : OVER_IPV6;
            Ptr<FlowbindWiredHelper> wired = Create<FlowbindWiredHelper>("path", index);
            if (transport == OVER_IPV6)
            {
                wired->EnableIpv6();
            }
            wired->Build(backbone);
            fb_link fact = {};
            fact.bid = bid;
            fact.label = bid;
            fact.technology = 3;
            fact.preference = bid;
            fact.udp = transport == OVER_UDP ? FB_UDP_FORCE : FB_UDP_IF_NAT;
            paths.push_back(wired->Attach(node));
            FlowbindGatewayHelper::AddPath(gateway, paths.back(), fact);
            access.push_back(wired);
        }
        gateways.push_back(gateway);
    }

    void Note(Ptr<const Packet> packet)
    {
        std::vector<uint8_t> octets(packet->GetSize());
        packet->CopyData(octets.data(), packet->GetSize());
        frames.push_back(octets);
    }

    void Count(Ptr<const Packet>, uint8_t bid)
    {
        sent[bid]++;
    }

    void Receive(Ptr<Socket> socket)
    {
        while (Ptr<Packet> packet = socket->Recv())
        {
            (socket == near ? atHost : atCorrespondent) += packet->GetSize() == octets ? 1 : 0;
        }
    }
};

/// RFC 8278 3.1, RFC 5213 6.10: registered over both paths, an address by SLAAC, packets both ways.
class RegistrationCase : public TestCase
{
  public:
    explicit RegistrationCase(Transport transport, const char* name)
        : TestCase(std::string("two paths, an address by SLAAC, packets both ways: ") + name),
          m_transport(transport)
    {
    }

  private:
    void CheckSession(ProxyTestWorld& world)
    {
        std::vector<fb_session_view> sessions = world.anchor->GetSessions();
        NS_TEST_ASSERT_MSG_EQ(sessions.size(), 1u, "sessions of the anchor");
        NS_TEST_ASSERT_MSG_EQ(sessions[0].multipath, true, "RFC 8278 3.1: marked");
        NS_TEST_ASSERT_MSG_EQ(+sessions[0].home.count, 1, "home network prefixes");
        NS_TEST_ASSERT_MSG_EQ(+sessions[0].home.prefix[0].length, 64, "of 64 bits");
        NS_TEST_ASSERT_MSG_EQ(world.gateways[0]->GetSessions().size(), 1u, "of the gateway");
        Ipv6Address prefix = Ipv6Address::Deserialize(sessions[0].home.prefix[0].address.octet);
        Ipv6Address expected =
            Ipv6Address::MakeAutoconfiguredAddress(world.link->GetDevice()->GetAddress(), prefix);
        NS_TEST_ASSERT_MSG_EQ(world.link->GetAddress(), expected, "the mobile node's address");
        NS_TEST_ASSERT_MSG_EQ(world.anchor->GetProxyBindings(1).size(), 2u, "bindings");
    }

    void CheckBinding(ProxyTestWorld& world)
    {
        fb_proxy_view first = world.FindBinding(FIRST);
        bool isUdp = first.udp_port != 0;
        NS_TEST_ASSERT_MSG_EQ(isUdp, (m_transport == OVER_UDP), "tunnel through UDP");
        if (m_transport == OVER_IPV6)
        {
            NS_TEST_ASSERT_MSG_EQ(Ipv6Address::Deserialize(first.care_of.octet),
                                  world.paths[0]->GetCareOfAddress6(),
                                  "proxy care-of address");
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(Ipv4Address(fb_addr_to_ipv4(&first.care_of)),
                              world.paths[0]->GetCareOfAddress(),
                              "IPv4 proxy care-of address");
    }

    /// What crossed the link to the anchor, read by this test itself.
    void CheckFrames(ProxyTestWorld& world)
    {
        uint32_t messages = 0;
        uint32_t tunnelled = 0;
        uint32_t messages4 = 0;
        uint32_t tunnelled4 = 0;
        for (const auto& frame : world.frames)
        {
            bool isIpv6 = frame.size() > PPP + IPV6 && frame[PPP] >> 4 == 6;
            uint8_t next = isIpv6 ? frame[PPP + 6] : frame.at(PPP + 9);
            uint16_t port = U16(frame, PPP + 22);
            messages += isIpv6 && next == 135 ? 1 : 0;
            tunnelled += isIpv6 && next == 41 && frame[PPP + IPV6] >> 4 == 6 ? 1 : 0;
            messages4 += !isIpv6 && next == 17 && port == FB_PMIP_CONTROL_PORT ? 1 : 0;
            bool isUdpData = !isIpv6 && next == 17 && port == FB_PMIP_DATA_PORT;
            tunnelled4 += isUdpData || (!isIpv6 && next == 41) ? 1 : 0;
        }
        bool isPlain = m_transport == OVER_IPV6;
        // An update and an acknowledgement of each path; each way ten packets.
        NS_TEST_ASSERT_MSG_EQ(messages, (isPlain ? 4u : 2u), "Mobility Headers over IPv6");
        NS_TEST_ASSERT_MSG_EQ(messages4, (isPlain ? 0u : 2u), "... in UDP over IPv4");
        NS_TEST_ASSERT_MSG_EQ((tunnelled + tunnelled4), 20u, "packets in tunnels");
        NS_TEST_ASSERT_MSG_EQ(tunnelled4, (isPlain ? 0u : 20u), "... over IPv4");
    }

    void DoRun() override
    {
        ProxyTestWorld world(m_transport);
        fb_rule rule = {};
        rule.selector.format = FB_SELECTOR_IPV6;
        rule.action = FB_RULE_FORWARD;
        rule.bid[0] = FIRST;
        rule.bid_count = 1;
        world.anchor->SetStaticPolicy({rule});
        world.gateways[0]->SetStaticPolicy({rule});
        world.Attach(0, 1);
        world.RunUntil(1);
        CheckSession(world);
        CheckBinding(world);
        world.OpenSockets();
        for (int i = 0; i < 10; i++)
        {
            world.SendBothWays();
        }
        world.RunUntil(2);
        NS_TEST_ASSERT_MSG_EQ(world.atHost, 10u, "packets to the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.atCorrespondent, 10u, "packets from it");
        NS_TEST_ASSERT_MSG_EQ(world.sent[FIRST], 10u, "over the path of the rule");
        CheckFrames(world);
    }

    Transport m_transport;
};

/// RFC 2473 7.1, 8.1: a link inside one of the tunnels carries less than its ends thought. The first packet is lost for
/// it, the second one's source is told, and its packets, none longer than 1280 octets, arrive.
class NarrowTunnelCase : public TestCase
{
  public:
    NarrowTunnelCase(Transport transport, const char* name)
        : TestCase(std::string("a narrow link inside a tunnel: ") + name),
          m_transport(transport)
    {
    }

  private:
    static constexpr uint16_t MTU = 1300;
    static constexpr uint32_t PAYLOAD = 1400;

    /// Between the access network's router and the backbone's.
    void Narrow(ProxyTestWorld& world)
    {
        Ptr<NetDevice> near = world.access[0]->GetAccessRouter()->GetDevice(1);
        Ptr<Channel> channel = near->GetChannel();
        Ptr<NetDevice> far = channel->GetDevice(channel->GetDevice(0) == near ? 1 : 0);
        for (const auto& device : {near, far})
        {
            if (m_transport == OVER_IPV6)
            {
                device->SetMtu(MTU);
            }
            else
            {
                NarrowLink::Install(device, MTU); // ns-3's IPv4 does not ask for DF
            }
        }
    }

    void SetRule(ProxyTestWorld& world, uint8_t bid)
    {
        fb_rule rule = {};
        rule.selector.format = FB_SELECTOR_IPV6;
        rule.action = FB_RULE_FORWARD;
        rule.bid[0] = bid;
        rule.bid_count = 1;
        world.anchor->SetStaticPolicy({rule});
        world.gateways[0]->SetStaticPolicy({rule});
    }

    void Send(ProxyTestWorld& world, const char* what, uint32_t arrived)
    {
        uint32_t down = world.atHost;
        uint32_t up = world.atCorrespondent;
        world.frames.clear();
        world.SendBothWays();
        world.RunUntil(Simulator::Now().GetSeconds() + 1);
        NS_TEST_ASSERT_MSG_EQ(world.atHost - down, arrived, what << ", downlink");
        NS_TEST_ASSERT_MSG_EQ(world.atCorrespondent - up, arrived, what << ", uplink");
    }

    /// RFC 8200 4.5: those of one packet have one Identification, and begin where the one before ends.
    void CheckFragments(ProxyTestWorld& world, std::size_t expected)
    {
        std::map<uint8_t, std::size_t> ends; // by what tells the senders apart
        std::size_t count = 0;
        for (const auto& frame : world.frames)
        {
            NS_TEST_ASSERT_MSG_LT_OR_EQ(frame.size(),
                                        PPP + (expected != 0 ? MTU : 1500u),
                                        "length");
            if (frame[PPP] >> 4 != 6 || frame[PPP + 6] != 44)
            {
                continue;
            }
            std::size_t payload = frame.size() - PPP - IPV6 - 8;
            uint16_t field = U16(frame, PPP + IPV6 + 2);
            std::size_t& end = ends[frame[PPP + 8 + 5]];
            NS_TEST_ASSERT_MSG_EQ(+frame[PPP + IPV6], 41, "RFC 2473 3: IPv6 in IPv6");
            NS_TEST_ASSERT_MSG_EQ((field & 0xfff8u), end, "offset");
            NS_TEST_ASSERT_MSG_EQ((payload % 8 == 0 || (field & 1) == 0), true, "a whole unit");
            end = (field & 1) != 0 ? end + payload : 0;
            count++;
        }
        NS_TEST_ASSERT_MSG_EQ(count, expected, "fragments of outer packets");
    }

    void DoRun() override
    {
        ProxyTestWorld world(m_transport);
        SetRule(world, FIRST);
        world.Attach(0, 1);
        world.RunUntil(1);
        Narrow(world);
        world.OpenSockets();
        world.octets = PAYLOAD;
        Send(world, "lost on the way", 0);
        Send(world, "its source is told", 0);
        Send(world, "in packets that fit", 1);
        // Of 1280 octets inside, and 40 outside: the first fragment of each source.
        CheckFragments(world, m_transport == OVER_IPV6 ? 4 : 0);
        SetRule(world, SECOND);
        world.octets = OCTETS;
        Send(world, "the other path", 1);
        CheckFragments(world, 0);
        NS_TEST_ASSERT_MSG_EQ(world.anchor->GetProxyBindings(1).size(), 2u, "bindings");
    }

    Transport m_transport;
};

/// RFC 4443 3.2: an error about a fragment, put together again, is about what was fragmented; what the fragment held is
/// not known any more.
class FragmentErrorCase : public TestCase
{
  public:
    FragmentErrorCase()
        : TestCase("an ICMPv6 error about a fragment of an outer packet, octet for octet")
    {
    }

  private:
    void Take(Ipv6Address source, Ipv6Address destination, const std::vector<uint8_t>& message)
    {
        m_source = source;
        m_destination = destination;
        m_message = message;
    }

    void DoRun() override
    {
        const uint8_t fragment[8] = {41, 0, 0x05, 0x01, 0, 0, 0, 7};
        const std::vector<uint8_t> quoted(8, 0);
        Ipv6Address near("fd00:a::1");
        Ipv6Address far("fd00:b::1");
        Ptr<FlowbindOuterProtocol> protocol = CreateObject<FlowbindOuterProtocol>();
        protocol->Setup6(FlowbindOuterProtocol::FRAGMENT,
                         FlowbindOuterProtocol::Outer6Callback(),
                         MakeCallback(&FragmentErrorCase::Take, this));
        protocol->ReceiveIcmp(Ipv6Address("fd00:c::1"), 9, 2, 0, 1290, near, far, fragment);
        NS_TEST_ASSERT_MSG_EQ(m_source, Ipv6Address("fd00:c::1"), "who complains");
        NS_TEST_ASSERT_MSG_EQ(m_destination, near, "to whom");
        NS_TEST_ASSERT_MSG_EQ(m_message.size(), 56u, "RFC 4443 3.2: header and 48 octets");
        NS_TEST_ASSERT_MSG_EQ(U16(m_message, 0), 0x0200, "type and code");
        NS_TEST_ASSERT_MSG_EQ(U16(m_message, 6), 1290, "MTU");
        NS_TEST_ASSERT_MSG_EQ(+m_message[8 + 6], 41, "the protocol of what was fragmented");
        bool isEmpty = std::vector<uint8_t>(m_message.begin() + 48, m_message.end()) == quoted;
        NS_TEST_ASSERT_MSG_EQ(isEmpty, true, "nothing is known of it");
        Simulator::Destroy();
    }

    Ipv6Address m_source;
    Ipv6Address m_destination;
    std::vector<uint8_t> m_message;
};

/// A path is lost: its binding goes, and everything takes the other one, until it is there again.
class PathLossCase : public TestCase
{
  public:
    PathLossCase()
        : TestCase("a path is lost, and comes back")
    {
    }

  private:
    void Check(ProxyTestWorld& world, std::size_t bindings, uint32_t packets)
    {
        NS_TEST_ASSERT_MSG_EQ(world.anchor->GetProxyBindings(1).size(), bindings, "bindings");
        NS_TEST_ASSERT_MSG_EQ(world.atHost, packets, "packets to the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.atCorrespondent, packets, "packets from it");
    }

    void DoRun() override
    {
        ProxyTestWorld world(OVER_IPV6);
        world.Attach(0, 1);
        world.RunUntil(1);
        world.OpenSockets();
        world.SendBothWays();
        world.RunUntil(2);
        Check(world, 2, 1);
        for (std::size_t lost : {0, 1})
        {
            uint8_t other = lost == 0 ? SECOND : FIRST;
            uint32_t before = world.atHost;
            world.paths[lost]->SetOutage(true);
            world.RunUntil(Simulator::Now().GetSeconds() + 1);
            world.sent.clear();
            world.SendBothWays();
            world.RunUntil(Simulator::Now().GetSeconds() + 1);
            Check(world, 1, before + 1);
            NS_TEST_ASSERT_MSG_EQ(world.sent[other], 1u, "over the other path");
            world.paths[lost]->SetOutage(false);
            world.RunUntil(Simulator::Now().GetSeconds() + 1);
            Check(world, 2, before + 1);
        }
    }
};

/// RFC 5213 5.4, RFC 6543: at another gateway the mobile node has the same address and the same router.
class HandoffCase : public TestCase
{
  public:
    HandoffCase()
        : TestCase("from one gateway to another with the same address")
    {
    }

  private:
    void DoRun() override
    {
        ProxyTestWorld world(OVER_IPV6, 2);
        world.Attach(0, 1);
        world.RunUntil(1);
        Ipv6Address before = world.link->GetAddress();
        NS_TEST_ASSERT_MSG_EQ(before.IsAny(), false, "an address");
        world.OpenSockets();
        world.gateways[0]->DetachHost(1);
        world.Attach(1, 3);
        world.RunUntil(2);
        NS_TEST_ASSERT_MSG_EQ(world.link->GetAddress(), before, "the same address");
        NS_TEST_ASSERT_MSG_EQ(world.gateways[0]->GetSessions().size(), 0u, "the old gateway's");
        NS_TEST_ASSERT_MSG_EQ(world.gateways[1]->GetSessions().size(), 1u, "the new gateway's");
        world.SendBothWays();
        world.RunUntil(3);
        NS_TEST_ASSERT_MSG_EQ(world.atHost, 1u, "packets to the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.atCorrespondent, 1u, "packets from it");
    }
};

/// RFC 5213 6.9.1.3: it goes away, and so do its bindings and the route to it; strangers' packets are not tunnelled.
class DetachCase : public TestCase
{
  public:
    DetachCase()
        : TestCase("a mobile node that has gone")
    {
    }

  private:
    void Drop(Ptr<const Packet>, uint16_t)
    {
        m_drops++;
    }

    void DoRun() override
    {
        ProxyTestWorld world(OVER_IPV6);
        world.gateways[0]->TraceConnectWithoutContext("PacketDrop",
                                                      MakeCallback(&DetachCase::Drop, this));
        world.Attach(0, 1);
        world.RunUntil(1);
        world.OpenSockets();
        world.gateways[0]->DetachHost(1);
        world.RunUntil(2);
        NS_TEST_ASSERT_MSG_EQ(world.anchor->GetProxyBindings(1).size(), 0u, "bindings");
        world.SendBothWays();
        world.RunUntil(3);
        NS_TEST_ASSERT_MSG_EQ(world.atHost, 0u, "packets to it");
        NS_TEST_ASSERT_MSG_EQ(world.atCorrespondent, 0u, "packets from it");
        NS_TEST_ASSERT_MSG_EQ(m_drops, 1u, "RFC 5213 6.10.5: dropped by the gateway");
    }

    uint32_t m_drops{0};
};

/// RFC 5847 3.4, RFC 5213 5.3.1: an anchor that restarted has forgotten; a gateway that restarted registers again.
class RestartCase : public TestCase
{
  public:
    RestartCase()
        : TestCase("restarts")
    {
    }

  private:
    void DoRun() override
    {
        ProxyTestWorld world(OVER_IPV6);
        UintegerValue counter;
        world.Attach(0, 1);
        world.RunUntil(1);
        world.anchor->Restart();
        NS_TEST_ASSERT_MSG_EQ(world.anchor->GetSessions().size(), 0u, "sessions are forgotten");
        world.anchor->GetAttribute("RestartCounter", counter);
        NS_TEST_ASSERT_MSG_EQ(counter.Get(), 2u, "starts so far");
        world.gateways[0]->Restart();
        world.RunUntil(2);
        NS_TEST_ASSERT_MSG_EQ(world.anchor->GetProxyBindings(1).size(), 2u, "bindings");
        world.OpenSockets();
        world.SendBothWays();
        world.RunUntil(3);
        NS_TEST_ASSERT_MSG_EQ(world.atHost, 1u, "packets to the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.atCorrespondent, 1u, "packets from it");
    }
};

class FlowbindProxyTestSuite : public TestSuite
{
  public:
    FlowbindProxyTestSuite()
        : TestSuite("flowbind-proxy")
    {
        AddTestCase(new RegistrationCase(OVER_IPV6, "IPv6"));
        AddTestCase(new RegistrationCase(OVER_IPV4, "IPv4"));
        AddTestCase(new RegistrationCase(OVER_UDP, "IPv4 and UDP"));
        AddTestCase(new NarrowTunnelCase(OVER_IPV6, "IPv6"));
        AddTestCase(new NarrowTunnelCase(OVER_IPV4, "IPv4"));
        AddTestCase(new NarrowTunnelCase(OVER_UDP, "IPv4 and UDP"));
        AddTestCase(new FragmentErrorCase);
        AddTestCase(new PathLossCase);
        AddTestCase(new HandoffCase);
        AddTestCase(new DetachCase);
        AddTestCase(new RestartCase);
    }
};

FlowbindProxyTestSuite g_flowbindProxyTestSuite;

} // namespace
