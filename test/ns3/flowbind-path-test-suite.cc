/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/boolean.h"
#include "ns3/callback.h"
#include "ns3/channel.h"
#include "ns3/flowbind-nat.h"
#include "ns3/flowbind-outer-protocol.h"
#include "ns3/global-value.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-header.h"
#include "ns3/udp-socket-factory.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::flowbind_test;

namespace
{

/// What the octets of each encapsulation look like, read by this test itself.
class EncapsulationCase : public TestCase
{
  public:
    EncapsulationCase(const char* name,
                      uint8_t tunnel,
                      uint8_t udp,
                      uint8_t protocol,
                      bool checksums)
        : TestCase(std::string("octets on the wire and a packet both ways: ") + name +
                   (checksums ? ", checksums on" : "")),
          m_tunnel(tunnel),
          m_udp(udp),
          m_protocol(protocol),
          m_checksums(checksums)
    {
    }

  private:
    static constexpr std::size_t IPV4 = 20;
    static constexpr std::size_t PACKET = IPV4 + 8 + OCTETS; //!< inside

    /// RFC 791, whole, from the right one to the right one.
    void CheckIp(const std::vector<uint8_t>& packet,
                 std::size_t at,
                 Ipv4Address from,
                 Ipv4Address to)
    {
        NS_TEST_ASSERT_MSG_EQ(+packet.at(at), 0x45, "version and header length");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, at + 2), packet.size() - at, "total length");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, at + 12), from, "source");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, at + 16), to, "destination");
        if (m_checksums)
        {
            NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, at, IPV4), 0xffff, "header checksum");
        }
    }

    /// RFC 2784 2: no checksum, key or sequence number; version 0; IPv4 inside.
    void CheckGre(const std::vector<uint8_t>& packet, Ipv4Address from, Ipv4Address to)
    {
        NS_TEST_ASSERT_MSG_EQ(packet.size(), IPV4 + 4 + PACKET, "length");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, IPV4), 0, "flags and version");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, IPV4 + 2), 0x0800, "protocol type");
        CheckIp(packet, IPV4 + 4, from, to);
    }

    /// RFC 2004 3.1: protocol, S, checksum, original destination and source; then the payload.
    void CheckMinimal(const std::vector<uint8_t>& packet, Ipv4Address from, Ipv4Address to)
    {
        NS_TEST_ASSERT_MSG_EQ(packet.size(), PACKET + 12, "length");
        NS_TEST_ASSERT_MSG_EQ(+packet[IPV4], 17, "protocol inside");
        NS_TEST_ASSERT_MSG_EQ(+packet[IPV4 + 1], 0x80, "S: the original source is there");
        NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, IPV4, 12), 0xffff, "checksum of the header");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, IPV4 + 4), to, "original destination");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, IPV4 + 8), from, "original source");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, IPV4 + 12), PORT, "UDP follows");
    }

    /// RFC 3519 3.1: UDP from or to port 434, type 4, IPv4 inside.
    void CheckUdp(const std::vector<uint8_t>& packet, Ipv4Address from, Ipv4Address to)
    {
        NS_TEST_ASSERT_MSG_EQ(packet.size(), IPV4 + 8 + 4 + PACKET, "length");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, from == HOME_ADDRESS ? IPV4 + 2 : IPV4),
                              FB_MIP4_PORT,
                              "port of the home agent");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, IPV4 + 4), packet.size() - IPV4, "UDP length");
        NS_TEST_ASSERT_MSG_EQ(+packet[IPV4 + 8], 4, "type");
        NS_TEST_ASSERT_MSG_EQ(+packet[IPV4 + 9], 4, "next header");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, IPV4 + 10), 0, "reserved");
        CheckIp(packet, IPV4 + 12, from, to);
    }

    void Check(const std::vector<uint8_t>& packet, bool up)
    {
        Ipv4Address careOf("203.0.113.1");
        CheckIp(packet, 0, up ? careOf : HOME_AGENT, up ? HOME_AGENT : careOf);
        Ipv4Address from = up ? HOME_ADDRESS : CORRESPONDENT;
        Ipv4Address to = up ? CORRESPONDENT : HOME_ADDRESS;
        if (m_protocol == 47)
        {
            CheckGre(packet, from, to);
        }
        else if (m_protocol == 55)
        {
            CheckMinimal(packet, from, to);
        }
        else
        {
            CheckUdp(packet, from, to);
        }
    }

    void DoRun() override
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(m_checksums));
        World world;
        Wire wire;
        Wire homeWire;
        wire.Listen(world.access[0]);
        homeWire.Listen(world.homeDevice);
        world.links[0].tunnel = m_tunnel;
        world.links[0].udp = m_udp;
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({1})});
        world.BringUp();
        wire.Clear();
        homeWire.Clear();
        world.Talk();
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(false));
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink");
        auto up = wire.Get(m_protocol);
        auto down = homeWire.Get(m_protocol);
        NS_TEST_ASSERT_MSG_EQ(up.size(), 1, "uplink packets");
        NS_TEST_ASSERT_MSG_EQ(down.size(), 1, "downlink packets");
        if (!IsStatusFailure())
        {
            Check(up[0], true);
            Check(down[0], false);
        }
    }

    uint8_t m_tunnel;
    uint8_t m_udp;
    uint8_t m_protocol;
    bool m_checksums;
};

/// Rules by label decide at both ends without having been sent.
class StaticPolicyCase : public TestCase
{
  public:
    StaticPolicyCase()
        : TestCase("a static policy by label, at both ends, and again after a restart")
    {
    }

  private:
    void Check(World& world)
    {
        world.Talk();
        std::vector<uint8_t> third = {3};
        NS_TEST_ASSERT_MSG_EQ((world.atMobile.tx == third), true, "uplink by label 33");
        NS_TEST_ASSERT_MSG_EQ((world.atHome.tx == third), true, "downlink by label 33");
        NS_TEST_ASSERT_MSG_EQ(world.far->Take() + world.near->Take(), 2 * OCTETS, "arrived");
    }

    void DoRun() override
    {
        World world;
        world.links[2].label = 33;
        world.InstallAgents();
        fb_rule rule = World::Forward({33});
        rule.action = FB_RULE_FORWARD_LABEL;
        world.mobile->SetStaticPolicy({rule});
        world.home->SetStaticPolicy({rule});
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.home->GetRules(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              0,
                              "nothing was negotiated");
        Check(world);
        world.home->Restart();
        world.mobile->Restart();
        world.Run(Seconds(5));
        Check(world);
    }
};

/// A NAT between two links, fed by hand.
class NatCase : public TestCase
{
  public:
    explicit NatCase(bool checksums)
        : TestCase(checksums ? "NAT: checksums on" : "NAT: checksums off"),
          m_checksums(checksums)
    {
    }

  private:
    static constexpr uint8_t UDP = 17;

    /// One UDP packet of 100 octets, as a router forwards it.
    void Send(Ptr<NetDevice> device,
              Ipv4Address source,
              uint16_t sourcePort,
              Ipv4Address destination,
              uint16_t destinationPort,
              uint8_t protocol = UDP)
    {
        UdpHeader udp;
        udp.SetSourcePort(sourcePort);
        udp.SetDestinationPort(destinationPort);
        Ipv4Header ip;
        if (m_checksums)
        {
            udp.EnableChecksums();
            udp.InitializeChecksum(source, destination, UDP);
            ip.EnableChecksum();
        }
        Ptr<Packet> packet = Create<Packet>(100);
        packet->AddHeader(udp);
        ip.SetSource(source);
        ip.SetDestination(destination);
        ip.SetProtocol(protocol);
        ip.SetTtl(9);
        ip.SetPayloadSize(packet->GetSize());
        packet->AddHeader(ip);
        device->Send(packet, device->GetBroadcast(), 0x0800);
        Simulator::Stop(MilliSeconds(10));
        Simulator::Run();
    }

    /// \return the only packet that came out since the last call
    std::vector<uint8_t> Take(Wire& wire)
    {
        auto packets = wire.Get(UDP);
        wire.Clear();
        NS_TEST_EXPECT_MSG_EQ(packets.size(), 1, "packets that came out");
        return packets.empty() ? std::vector<uint8_t>(128) : packets[0];
    }

    void Check(const std::vector<uint8_t>& packet,
               Ipv4Address source,
               uint16_t sourcePort,
               Ipv4Address destination,
               uint16_t destinationPort)
    {
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 12), source, "source");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 16), destination, "destination");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, 20), sourcePort, "source port");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, 22), destinationPort, "destination port");
        NS_TEST_ASSERT_MSG_EQ(+packet[8], 8, "TTL");
        if (m_checksums)
        {
            uint32_t pseudo = OnesSum(packet, 12, 8) + UDP + U16(packet, 24);
            NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, 0, 20), 0xffff, "header checksum");
            NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, 20, 108, pseudo), 0xffff, "UDP checksum");
        }
    }

    void DoRun() override
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(m_checksums));
        const Ipv4Address inner("10.0.0.17");
        const Ipv4Address outer("203.0.113.17");
        Ptr<Node> left = CreateObject<Node>();
        Ptr<Node> middle = CreateObject<Node>();
        Ptr<Node> right = CreateObject<Node>();
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
        NetDeviceContainer inside = link.Install(left, middle);
        NetDeviceContainer outside = link.Install(middle, right);
        Ptr<FlowbindNat> nat = CreateObject<FlowbindNat>();
        nat->Setup(inside.Get(1), outside.Get(0), outer, Seconds(30));
        middle->AggregateObject(nat);
        Wire out;
        Wire in;
        out.Listen(outside.Get(0));
        in.Listen(inside.Get(1));

        Send(inside.Get(0), inner, 434, HOME_AGENT, 434);
        auto request = Take(out);
        uint16_t port = U16(request, 20);
        NS_TEST_ASSERT_MSG_NE(port, 434, "the port is translated too");
        Check(request, outer, port, HOME_AGENT, 434);
        Send(outside.Get(1), HOME_AGENT, 434, outer, port);
        Check(Take(in), HOME_AGENT, 434, inner, 434);

        Send(inside.Get(0), inner, 434, CORRESPONDENT, 99);
        // RFC 4787 REQ-1: the same port for every peer
        Check(Take(out), outer, port, CORRESPONDENT, 99);
        Send(inside.Get(0), inner, 435, HOME_AGENT, 434);
        NS_TEST_ASSERT_MSG_NE(U16(Take(out), 20),
                              port,
                              "another port of the inside is another outside");
        NS_TEST_ASSERT_MSG_EQ(nat->GetNMappings(), 2, "mappings");

        Send(outside.Get(1), Ipv4Address("192.0.2.77"), 434, outer, port);
        Send(outside.Get(1), HOME_AGENT, 434, outer, 1);
        Send(outside.Get(1), HOME_AGENT, 434, Ipv4Address("203.0.113.18"), port);
        NS_TEST_ASSERT_MSG_EQ(in.Get(UDP).size(), 0, "strangers and unknown ports stay out");
        Send(inside.Get(0), inner, 434, HOME_AGENT, 434, 4);
        NS_TEST_ASSERT_MSG_EQ(out.Get(4).size(), 0, "IP in IP has no ports: it stays inside");

        Simulator::Stop(Seconds(31));
        Simulator::Run();
        Send(outside.Get(1), HOME_AGENT, 434, outer, port);
        NS_TEST_ASSERT_MSG_EQ(in.Get(UDP).size(), 0, "after 31 s the port is forgotten");
        Send(inside.Get(0), inner, 434, HOME_AGENT, 434);
        uint16_t second = U16(Take(out), 20);
        NS_TEST_ASSERT_MSG_NE(second, port, "and a new one is given out");
        nat->Flush();
        Send(outside.Get(1), HOME_AGENT, 434, outer, second);
        NS_TEST_ASSERT_MSG_EQ(in.Get(UDP).size(), 0, "nothing is left after a flush");
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(false));
        Simulator::Destroy();
    }

    bool m_checksums;
};

/// requirement("B2003-03"): a link with a small MTU between the ends, whose router has something to say.
class PathMtuCase : public TestCase
{
  public:
    PathMtuCase(std::string name, uint8_t tunnel, uint8_t udp, uint32_t overhead)
        : TestCase("a narrow link in the backbone: " + name),
          m_tunnel(tunnel),
          m_udp(udp),
          m_overhead(overhead)
    {
    }

  private:
    static constexpr uint16_t MTU = 1000;
    static constexpr uint32_t HEADERS = 28; // IP and UDP, of the packet inside

    /// RFC 2003 5.1: the first packet is lost on the way, the next refused; one that fits arrives.
    void Check(World& world, Talker& from, Ipv4Address to, Talker& at)
    {
        uint32_t room = MTU - m_overhead;
        from.SendWhole(to, PORT, 1200);
        world.Run(Seconds(1));
        uint32_t told = from.TakeMtu();
        NS_TEST_ASSERT_MSG_EQ(told, 0, "nobody can say yet whose packet it was");
        from.SendWhole(to, PORT, room - HEADERS + 1);
        world.Run(Seconds(1));
        told = from.TakeMtu();
        uint32_t arrived = at.Take();
        NS_TEST_ASSERT_MSG_EQ(told, room, "what the source is told");
        NS_TEST_ASSERT_MSG_EQ(arrived, 0, "neither arrived");
        from.SendWhole(to, PORT, room - HEADERS);
        world.Run(Seconds(1));
        told = from.TakeMtu();
        arrived = at.Take();
        NS_TEST_ASSERT_MSG_EQ(arrived, room - HEADERS, "what fits arrives");
        NS_TEST_ASSERT_MSG_EQ(told, 0, "and nobody complains");
    }

    void DoRun() override
    {
        World world;
        world.links[0].tunnel = m_tunnel;
        world.links[0].udp = m_udp;
        world.mobileHelper.SetAttribute("ReverseTunnel", BooleanValue(true));
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({1})});
        world.BringUp();
        NarrowLink::Install(world.homeDevice, MTU);
        NarrowLink::Install(world.homeDevice->GetChannel()->GetDevice(1), MTU);

        world.far->Send(HOME_ADDRESS, PORT, 1200);
        world.near->Send(CORRESPONDENT, PORT, 1200);
        world.Run(Seconds(1));
        uint32_t down = world.near->Take();
        uint32_t up = world.far->Take();
        NS_TEST_ASSERT_MSG_EQ(down, 1200, "without DF, in fragments: downlink");
        NS_TEST_ASSERT_MSG_EQ(up, 1200, "and uplink");
        Check(world, *world.far, HOME_ADDRESS, *world.near);
        Check(world, *world.near, CORRESPONDENT, *world.far);
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), PATHS, "no binding was lost by it");
    }

    uint8_t m_tunnel;
    uint8_t m_udp;
    uint32_t m_overhead;
};

/// RFC 4213 3.2.2: an application of the mobile node learns what the tunnel has room for, of IPv6 packets.
class Ipv6PathMtuCase : public TestCase
{
  public:
    Ipv6PathMtuCase()
        : TestCase("a narrow link in the backbone: IPv6 in IPv4"),
          m_mtu(0)
    {
    }

  private:
    static constexpr uint16_t MTU = 1400;

    void ReadIcmp(Ipv6Address, uint8_t, uint8_t type, uint8_t, uint32_t info)
    {
        m_mtu = type == 2 ? info : m_mtu;
    }

    void DoRun() override
    {
        World world;
        world.mobileHelper.SetAttribute("Networks", StringValue("fd00:1::/64"));
        world.InstallAgents();
        world.BringUp();
        NarrowLink::Install(world.homeDevice, MTU);
        Ptr<Socket> socket = Socket::CreateSocket(world.mobileNode, UdpSocketFactory::GetTypeId());
        socket->SetAttribute("IcmpCallback6",
                             CallbackValue(MakeCallback(&Ipv6PathMtuCase::ReadIcmp, this)));
        socket->Bind(Inet6SocketAddress(Ipv6Address::GetAny(), PORT));
        Inet6SocketAddress to("fd00:2::1", PORT);
        for (uint32_t expected : {0u, MTU - 20u})
        {
            socket->SendTo(Create<Packet>(1390), 0, to);
            world.Run(Seconds(1));
            NS_TEST_ASSERT_MSG_EQ(m_mtu, expected, "what the application is told");
        }
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.drops, "too-big ", "the second was refused");
        socket->Close();
    }

    uint32_t m_mtu;
};

/// RFC 792: an error that ns-3 took apart, put together again; what is not there any more is said so.
class QuotationCase : public TestCase
{
  public:
    QuotationCase()
        : TestCase("an ICMP error about an outer packet, octet for octet")
    {
    }

  private:
    void Take(Ipv4Address source, const std::vector<uint8_t>& message)
    {
        m_source = source;
        m_message = message;
    }

    void DoRun() override
    {
        const uint8_t payload[8] = {0x20, 0, 0x08, 0, 1, 2, 3, 4};
        Ptr<FlowbindOuterProtocol> protocol = CreateObject<FlowbindOuterProtocol>();
        protocol->Setup(47,
                        FlowbindOuterProtocol::OuterCallback(),
                        MakeCallback(&QuotationCase::Take, this));
        protocol->ReceiveIcmp(CORRESPONDENT, 9, 3, 4, 1000, HOME_AGENT, HOME_ADDRESS, payload);
        NS_TEST_ASSERT_MSG_EQ(m_source, CORRESPONDENT, "who complains");
        NS_TEST_ASSERT_MSG_EQ(m_message.size(), 36, "RFC 792: header and 8 octets");
        NS_TEST_ASSERT_MSG_EQ(U16(m_message, 0), 0x0304, "type and code");
        NS_TEST_ASSERT_MSG_EQ(U16(m_message, 4), 0, "RFC 1191 4: unused");
        NS_TEST_ASSERT_MSG_EQ(U16(m_message, 6), 1000, "MTU of the next hop");
        NS_TEST_ASSERT_MSG_EQ(OnesSum(m_message, 0, 36), 0xffff, "checksum of the message");
        NS_TEST_ASSERT_MSG_EQ(+m_message[8], 0x45, "version and header length");
        // a shorter one had fitted into any MTU that is told, and the library would not believe a word
        NS_TEST_ASSERT_MSG_EQ(U16(m_message, 10), 0xffff, "the length that is not known");
        NS_TEST_ASSERT_MSG_EQ(+m_message[17], 47, "protocol");
        NS_TEST_ASSERT_MSG_EQ(OnesSum(m_message, 8, 20), 0xffff, "checksum of the header");
        NS_TEST_ASSERT_MSG_EQ(Address4(m_message, 20), HOME_AGENT, "our end");
        NS_TEST_ASSERT_MSG_EQ(Address4(m_message, 24), HOME_ADDRESS, "the other end");
        NS_TEST_ASSERT_MSG_EQ(std::equal(payload, payload + 8, m_message.begin() + 28),
                              true,
                              "and what follows");
    }

    Ipv4Address m_source;
    std::vector<uint8_t> m_message;
};

class FlowbindPathTestSuite : public TestSuite
{
  public:
    FlowbindPathTestSuite()
        : TestSuite("flowbind-path")
    {
        for (bool checksums : {false, true})
        {
            AddTestCase(new EncapsulationCase("GRE", FB_TUNNEL_GRE, FB_UDP_NEVER, 47, checksums));
            AddTestCase(new EncapsulationCase("minimal encapsulation",
                                              FB_TUNNEL_MINIMAL,
                                              FB_UDP_NEVER,
                                              55,
                                              checksums));
            AddTestCase(new EncapsulationCase("UDP", FB_TUNNEL_IPIP, FB_UDP_FORCE, 17, checksums));
            AddTestCase(new NatCase(checksums));
        }
        AddTestCase(new StaticPolicyCase);
        AddTestCase(new PathMtuCase("IP in IP", FB_TUNNEL_IPIP, FB_UDP_NEVER, 20));
        AddTestCase(new PathMtuCase("GRE", FB_TUNNEL_GRE, FB_UDP_NEVER, 24));
        AddTestCase(new PathMtuCase("UDP", FB_TUNNEL_IPIP, FB_UDP_FORCE, 32));
        AddTestCase(new Ipv6PathMtuCase);
        AddTestCase(new QuotationCase);
    }
};

FlowbindPathTestSuite g_flowbindPathTestSuite;

} // namespace
