/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/boolean.h"
#include "ns3/channel.h"
#include "ns3/config.h"
#include "ns3/error-model.h"
#include "ns3/global-value.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"

#include <vector>

using namespace ns3;
using namespace ns3::flowbind_test;

namespace
{

/// requirement("R7629-3-02", "R7629-3-03"): every tunnel carries traffic both ways, by policy at both ends.
class ForcedPathCase : public TestCase
{
  public:
    ForcedPathCase()
        : TestCase("traffic both ways through each tunnel in turn")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.BringUp();
        for (uint8_t bid = 1; bid <= PATHS; bid++)
        {
            world.mobile->SetPolicy({World::Forward({bid})});
            world.Run(Seconds(2));
            NS_TEST_ASSERT_MSG_EQ(world.home->GetRules(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                                  1,
                                  "rules");
            world.Talk();
            NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink through BID " << +bid);
            NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink through BID " << +bid);
            std::vector<uint8_t> once = {bid};
            NS_TEST_ASSERT_MSG_EQ((world.atMobile.tx == once && world.atHome.rx == once),
                                  true,
                                  "uplink path");
            NS_TEST_ASSERT_MSG_EQ((world.atHome.tx == once && world.atMobile.rx == once),
                                  true,
                                  "downlink path");
        }
    }
};

/// requirement("R7629-4.2-16"): the next BID when the first is gone, and back again.
class LinkDownCase : public TestCase
{
  public:
    LinkDownCase()
        : TestCase("a link goes down and its flows move; it comes back and they return")
    {
    }

  private:
    void Check(World& world, uint8_t bid)
    {
        world.Talk();
        std::vector<uint8_t> once = {bid};
        NS_TEST_ASSERT_MSG_EQ((world.atMobile.tx == once), true, "uplink by BID " << +bid);
        NS_TEST_ASSERT_MSG_EQ((world.atHome.tx == once), true, "downlink by BID " << +bid);
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink arrived");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink arrived");
    }

    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({1, 2})});
        world.BringUp();
        Check(world, 1);

        // The interface is shut as well, which takes every route of it away: nothing can leave by accident.
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        uint32_t interface = ipv4->GetInterfaceForDevice(world.access[0]);
        ipv4->SetDown(interface);
        world.mobile->NotifyLinkDown(1);
        world.Run(Seconds(2));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(),
                              PATHS - 1,
                              "the lost link was de-registered over another");
        Check(world, 2);

        ipv4->SetUp(interface);
        world.mobile->NotifyLinkUp(1);
        world.Run(Seconds(5));
        Check(world, 1);
    }
};

/// Puts ns-3's checksum switch back when a test ends.
class ChecksumSwitch
{
  public:
    explicit ChecksumSwitch(bool on)
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(on));
    }

    ~ChecksumSwitch()
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(false));
    }
};

/// requirement("R7629-5.1-02", "R7629-5.1-04", "B5944-04"): the octets on the wire, read by this test itself.
class WireCase : public TestCase
{
  public:
    explicit WireCase(bool checksums)
        : TestCase(checksums ? "octets on the wire, checksums on"
                             : "octets on the wire, checksums off"),
          m_checksums(checksums)
    {
    }

  private:
    static constexpr uint8_t TOS = 0xb8;

    void CheckChecksum(const std::vector<uint8_t>& packet, std::size_t at, const char* what)
    {
        if (m_checksums)
        {
            NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, at, 20), 0xffff, what);
        }
    }

    /// RFC 2003 3.1 around RFC 791.
    void CheckTunnel(const std::vector<uint8_t>& packet, Ipv4Address from, Ipv4Address to, bool up)
    {
        NS_TEST_ASSERT_MSG_EQ(+packet[0], 0x45, "version and header length");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, 2), packet.size(), "total length of the outer header");
        NS_TEST_ASSERT_MSG_EQ((U16(packet, 6) & 0xbfff), 0, "outer header: no fragment");
        NS_TEST_ASSERT_MSG_GT(+packet[8], 32, "outer TTL");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 12), from, "outer source");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 16), to, "outer destination");
        CheckChecksum(packet, 0, "outer checksum");
        NS_TEST_ASSERT_MSG_EQ(+packet[20], 0x45, "inner version and header length");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, 22), packet.size() - 20, "inner total length");
        NS_TEST_ASSERT_MSG_EQ(+packet[21], +TOS, "inner TOS");
        NS_TEST_ASSERT_MSG_EQ(+packet[1], +TOS, "B2003-01: TOS is copied");
        NS_TEST_ASSERT_MSG_EQ(+packet[29], 17, "inner protocol");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 32),
                              (up ? HOME_ADDRESS : CORRESPONDENT),
                              "inner source");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 36),
                              (up ? CORRESPONDENT : HOME_ADDRESS),
                              "inner destination");
        CheckChecksum(packet, 20, "inner checksum");
    }

    /// UDP from port 434 or to it (RFC 5944 1.8), with the pseudo header of RFC 768.
    void CheckMessage(const std::vector<uint8_t>& packet,
                      Ipv4Address from,
                      Ipv4Address to,
                      uint8_t type)
    {
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 12), from, "source of a message");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 16), to, "destination of a message");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, type == 1 ? 22 : 20),
                              FB_MIP4_PORT,
                              "port of the home agent");
        NS_TEST_ASSERT_MSG_EQ(+packet[28], +type, "type of a message");
        CheckChecksum(packet, 0, "IP checksum of a message");
        if (type == 1)
        {
            NS_TEST_ASSERT_MSG_EQ(+packet[8], 255, "RFC 3024 3.2: TTL of a request");
        }
        if (m_checksums)
        {
            uint32_t pseudo = OnesSum(packet, 12, 8) + 17u + U16(packet, 24);
            NS_TEST_ASSERT_MSG_NE(U16(packet, 26), 0, "UDP checksum is there");
            NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, 20, packet.size() - 20, pseudo),
                                  0xffff,
                                  "UDP checksum");
        }
    }

    void DoRun() override
    {
        ChecksumSwitch checksums(m_checksums);
        World world;
        Wire wires[PATHS];
        Wire homeWire;
        for (uint32_t i = 0; i < PATHS; i++)
        {
            wires[i].Listen(world.access[i]);
        }
        homeWire.Listen(world.homeDevice);
        world.InstallAgents();
        world.near->SetTos(TOS);
        world.far->SetTos(TOS);
        world.BringUp();
        for (uint32_t i = 0; i < PATHS; i++)
        {
            auto requests = wires[i].Get(17);
            NS_TEST_ASSERT_MSG_GT(requests.size(),
                                  0,
                                  "R7629-3.1-02: requests leave by their own link");
            for (const auto& request : requests)
            {
                CheckMessage(request, world.careOf[i], HOME_AGENT, 1);
            }
        }
        auto replies = homeWire.Get(17);
        NS_TEST_ASSERT_MSG_GT(replies.size(), 2, "replies");
        for (const auto& reply : replies)
        {
            CheckMessage(reply, HOME_AGENT, Address4(reply, 16), 3);
        }

        for (uint8_t bid = 1; bid <= PATHS; bid++)
        {
            world.mobile->SetPolicy({World::Forward({bid})});
            world.Run(Seconds(2));
            homeWire.Clear();
            wires[bid - 1].Clear();
            world.Talk();
            auto up = wires[bid - 1].Get(4);
            auto down = homeWire.Get(4);
            NS_TEST_ASSERT_MSG_EQ(up.size(), 1, "uplink packets on link " << +bid);
            NS_TEST_ASSERT_MSG_EQ(down.size(), 1, "downlink packets");
            if (IsStatusFailure())
            {
                return;
            }
            CheckTunnel(up[0], world.careOf[bid - 1], HOME_AGENT, true);
            CheckTunnel(down[0], HOME_AGENT, world.careOf[bid - 1], false);
            NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink arrived");
            NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink arrived");
        }
    }

    bool m_checksums;
};

/// The short way past the tunnel device and the long one through it do the same to a packet.
class ShortcutCase : public TestCase
{
  public:
    explicit ShortcutCase(bool deviceTraces)
        : TestCase(deviceTraces ? "forwarding through the tunnel device"
                                : "forwarding past the tunnel device"),
          m_deviceTraces(deviceTraces)
    {
    }

  private:
    void Count(Ptr<const Packet>)
    {
        m_seen++;
    }

    /// A packet forwarded once: the TTL a socket gives it less one, and a header that is right again.
    void CheckForwarded(const std::vector<uint8_t>& packet, std::size_t at, const char* what)
    {
        NS_TEST_ASSERT_MSG_EQ(+packet[at + 8], 63, "TTL, " << what);
        NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, at, 20), 0xffff, "checksum, " << what);
        NS_TEST_ASSERT_MSG_EQ(U16(packet, at + 2), OCTETS + 28, "length, " << what);
    }

    void DoRun() override
    {
        ChecksumSwitch checksums(true);
        Config::SetDefault("ns3::FlowbindTunnel::DeviceTraces", BooleanValue(m_deviceTraces));
        World world;
        world.InstallAgents();
        world.BringUp();
        Config::SetDefault("ns3::FlowbindTunnel::DeviceTraces", BooleanValue(false));
        Ptr<NetDevice> device = world.home->GetTunnelDevice();
        device->TraceConnectWithoutContext("MacTx", MakeCallback(&ShortcutCase::Count, this));
        device->TraceConnectWithoutContext("MacRx", MakeCallback(&ShortcutCase::Count, this));
        Wire toMobile;
        Wire atCorrespondent;
        toMobile.Listen(world.homeDevice);
        Ptr<Node> correspondent = world.correspondent;
        Ptr<NetDevice> last = correspondent->GetDevice(correspondent->GetNDevices() - 1);
        atCorrespondent.Listen(last->GetChannel()->GetDevice(0));
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink arrived");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink arrived");
        NS_TEST_ASSERT_MSG_EQ(m_seen, (m_deviceTraces ? 2 : 0), "packets in the tunnel device");
        auto down = toMobile.Get(4);
        auto up = atCorrespondent.Get(17);
        NS_TEST_ASSERT_MSG_EQ((down.size() == 1 && up.size() == 1), true, "packets on the wire");
        if (!IsStatusFailure())
        {
            CheckForwarded(down[0], 20, "into the tunnel");
            CheckForwarded(up[0], 0, "out of the tunnel");
        }

        // RFC 1812 5.3.1: no packet with a TTL of 1 is forwarded, into a tunnel or elsewhere.
        world.near->SetTtl(1);
        world.far->SetTtl(1);
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take() + world.near->Take(), 0, "TTL of 1");
    }

    bool m_deviceTraces;
    int m_seen = 0;
};

/// Takes the path that is listed last, and counts how often it is asked.
class LastPath : public FlowbindScheduler
{
  public:
    std::size_t Pick(const fb_flow& flow,
                     bool mirrored,
                     const std::vector<fb_path_view>& paths,
                     Time) override
    {
        asked++;
        octets = flow.length;
        isMirrored = mirrored;
        return paths.size() - 1;
    }

    uint32_t asked = 0;
    uint32_t octets = 0;
    bool isMirrored = false;
};

/// A scheduler of one's own decides where no rule does, for each packet or once for a flow.
class OwnSchedulerCase : public TestCase
{
  public:
    explicit OwnSchedulerCase(bool perPacket)
        : TestCase(perPacket ? "a scheduler of one's own, by packet"
                             : "a scheduler of one's own, by flow"),
          m_perPacket(perPacket)
    {
    }

  private:
    void DoRun() override
    {
        World world;
        Ptr<LastPath> atHome = CreateObject<LastPath>();
        Ptr<LastPath> atMobile = CreateObject<LastPath>();
        atHome->SetAttribute("PerPacket", BooleanValue(m_perPacket));
        atMobile->SetAttribute("PerPacket", BooleanValue(m_perPacket));
        world.homeHelper.SetAttribute("CustomScheduler", PointerValue(atHome));
        world.mobileHelper.SetAttribute("CustomScheduler", PointerValue(atMobile));
        world.InstallAgents();
        world.BringUp();
        std::vector<uint8_t> last = {PATHS};
        for (int i = 0; i < 2; i++)
        {
            world.Talk();
            NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink arrived");
            NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink arrived");
            NS_TEST_ASSERT_MSG_EQ((world.atMobile.tx == last), true, "uplink path");
        }
        NS_TEST_ASSERT_MSG_EQ(atHome->asked, (m_perPacket ? 2 : 1), "questions, home agent");
        NS_TEST_ASSERT_MSG_EQ(atMobile->asked, (m_perPacket ? 2 : 1), "questions, mobile node");
        NS_TEST_ASSERT_MSG_EQ(atHome->octets, OCTETS + 28, "length of the packet");
        NS_TEST_ASSERT_MSG_EQ(atMobile->isMirrored, true, "the mobile node's end");
        NS_TEST_ASSERT_MSG_EQ(atHome->isMirrored, false, "the home agent's end");
    }

    bool m_perPacket;
};

/// Packets that must not pass, and the trace that tells.
class PacketDropCase : public TestCase
{
  public:
    PacketDropCase()
        : TestCase("packets that must not pass are dropped, with a reason")
    {
    }

  private:
    /// Sends an IP-in-IP packet from the correspondent to the home agent; inside, home address to correspondent.
    void Forge(World& world)
    {
        Ipv4Header inner;
        inner.SetSource(HOME_ADDRESS);
        inner.SetDestination(CORRESPONDENT);
        inner.SetProtocol(17);
        inner.SetTtl(64);
        inner.SetPayloadSize(28);
        uint8_t udp[28] = {PORT >> 8, PORT & 0xff, PORT >> 8, PORT & 0xff, 0, 28};
        Ptr<Packet> packet = Create<Packet>(udp, sizeof(udp));
        packet->AddHeader(inner);
        world.correspondent->GetObject<Ipv4>()->Send(packet, CORRESPONDENT, HOME_AGENT, 4, nullptr);
        world.Run(Seconds(1));
    }

    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.Run(Seconds(1));
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take() + world.near->Take(),
                              0,
                              "nothing passes without a binding");
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.drops, "no-binding ", "drops of the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.drops, "no-binding ", "drops of the home agent");

        world.BringUp();
        world.ClearLogs();
        Forge(world);
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), 0, "B3024-04: a stranger's tunnel");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.drops, "tunnel-source ", "B3024-04: dropped once");
        NS_TEST_ASSERT_MSG_EQ(world.home->GetCounter(FB_DROP_TUNNEL_SOURCE),
                              1,
                              "B3024-04: counted");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.rx.size(), 0, "B3024-04: not accepted");

        fb_rule drop = World::Forward({1});
        drop.action = FB_RULE_DROP;
        world.mobile->SetPolicy({drop});
        world.Run(Seconds(2));
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take() + world.near->Take(),
                              0,
                              "nothing passes a DROP rule");
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.drops, "policy ", "mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.drops, "policy ", "home agent");
    }
};

/// ns-3's groups and broadcasts on the tunnel device are nobody's business.
class NoiseCase : public TestCase
{
  public:
    NoiseCase()
        : TestCase("link-local and multicast packets do not enter the tunnel")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.BringUp();
        world.ClearLogs();
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        for (Ipv4Address destination : {Ipv4Address("224.0.0.251"),
                                        Ipv4Address("255.255.255.255"),
                                        Ipv4Address("169.254.1.1")})
        {
            Ptr<Ipv4Route> route = Create<Ipv4Route>();
            route->SetSource(HOME_ADDRESS);
            route->SetDestination(destination);
            route->SetGateway(Ipv4Address::GetAny());
            route->SetOutputDevice(world.mobile->GetTunnelDevice());
            ipv4->Send(Create<Packet>(100), HOME_ADDRESS, destination, 17, route);
        }
        world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.tx.size(), 0, "nothing was sent");
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.drops, "", "nor reported");
    }
};

/// requirement("D-39"): what does not fit the tunnel is fragmented before it, and all of it takes one path.
class FragmentCase : public TestCase
{
  public:
    FragmentCase()
        : TestCase("3000 octets pass the tunnel in fragments, on one path")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({2})});
        world.BringUp();
        world.Talk(3000);
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), 3000, "uplink");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), 3000, "downlink");
        // The correspondent cuts for its link of 1500 octets, the home agent again for the tunnel of 1480.
        NS_TEST_ASSERT_MSG_EQ((world.atMobile.tx == std::vector<uint8_t>(3, 2)),
                              true,
                              "uplink: three fragments, BID 2");
        NS_TEST_ASSERT_MSG_EQ((world.atHome.tx == std::vector<uint8_t>(5, 2)),
                              true,
                              "downlink: five fragments, BID 2");
    }
};

/// Routes to care-of addresses are remembered only for a moment, and never lead back into the tunnel.
class RouteChangeCase : public TestCase
{
  public:
    RouteChangeCase()
        : TestCase("the home agent follows its routing, but not into the tunnel")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({1})});
        world.BringUp();
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink");

        Ptr<Ipv4> ipv4 = world.homeAgentNode->GetObject<Ipv4>();
        Ptr<Ipv4StaticRouting> routing = Ipv4StaticRoutingHelper().GetStaticRouting(ipv4);
        routing->AddHostRouteTo(world.careOf[0],
                                ipv4->GetInterfaceForDevice(world.home->GetTunnelDevice()));
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), 0, "no way for the tunnel's packets");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.tx.size(), 1, "the packet entered the tunnel once");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.drops, "", "and did not come to the agent again");

        routing->RemoveRoute(routing->GetNRoutes() - 1);
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink again");
    }
};

/// A packet that is answered while it is being delivered: the agent is called again before its call returned.
class EchoCase : public TestCase
{
  public:
    EchoCase()
        : TestCase("an answer that leaves while the question is being delivered")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({2})});
        world.BringUp();
        world.ClearLogs();
        world.near->Echo();
        for (uint32_t i = 0; i < 10; i++)
        {
            world.far->Send(HOME_ADDRESS, PORT);
        }
        world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), 10 * OCTETS, "questions");
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), 10 * OCTETS, "answers");
        std::vector<uint8_t> tenTimes(10, 2);
        NS_TEST_ASSERT_MSG_EQ((world.atMobile.rx == tenTimes), true, "questions by BID 2");
        NS_TEST_ASSERT_MSG_EQ((world.atMobile.tx == tenTimes), true, "answers by BID 2");
    }
};

/// requirement("B2890-01"): packets by turns over paths of different delay, which are answered while being delivered.
class ReorderCase : public TestCase
{
  public:
    explicit ReorderCase(bool isOrdered)
        : TestCase(isOrdered ? "packets over several paths are put in order again"
                             : "packets over several paths arrive as they come"),
          m_isOrdered(isOrdered),
          m_held(0),
          m_swapped(0),
          m_last(0)
    {
    }

  private:
    static constexpr uint32_t PACKETS = 60;

    void OnRx(Ptr<const Packet> packet, uint8_t)
    {
        m_swapped += packet->GetSize() < m_last ? 1 : 0;
        m_last = packet->GetSize();
    }

    void OnHeld(Ptr<const Packet>, uint8_t)
    {
        m_held++;
    }

    void DoRun() override
    {
        World world;
        for (auto& link : world.links)
        {
            link.tunnel = FB_TUNNEL_GRE;
        }
        Time wait = MilliSeconds(m_isOrdered ? 60 : 0);
        world.mobileHelper.SetAttribute("Scheduler", StringValue("round-robin"));
        world.mobileHelper.SetAttribute("ReorderTimeout", TimeValue(wait));
        world.homeHelper.SetAttribute("Scheduler", StringValue("round-robin"));
        world.homeHelper.SetAttribute("ReorderTimeout", TimeValue(wait));
        world.InstallAgents();
        world.BringUp();
        world.ClearLogs();
        world.mobile->TraceConnectWithoutContext("TunnelRx",
                                                 MakeCallback(&ReorderCase::OnRx, this));
        world.mobile->TraceConnectWithoutContext("PacketHeld",
                                                 MakeCallback(&ReorderCase::OnHeld, this));
        world.near->Echo();
        uint32_t octets = 0;
        for (uint32_t i = 0; i < PACKETS; i++)
        {
            Simulator::Schedule(MilliSeconds(i),
                                &Talker::Send,
                                world.far,
                                HOME_ADDRESS,
                                PORT,
                                OCTETS + i);
            octets += OCTETS + i;
        }
        world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), octets, "questions");
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), octets, "answers");
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.drops + world.atHome.drops, "", "nothing is dropped");
        NS_TEST_ASSERT_MSG_EQ((m_swapped == 0), m_isOrdered, "order");
        NS_TEST_ASSERT_MSG_EQ((m_held > 0), m_isOrdered, "packets that waited");
        fb_order_counters counters = world.mobile->GetOrderCounters();
        NS_TEST_ASSERT_MSG_EQ(counters.waited, m_held, "counted");
        NS_TEST_ASSERT_MSG_EQ(counters.in_order + counters.reordered,
                              (m_isOrdered ? PACKETS : 0),
                              "numbers");
        NS_TEST_ASSERT_MSG_EQ((counters.reordered > 0), m_isOrdered, "reordered on the way");

        // One that waits when the simulation ends, and no other packet comes.
        Ptr<RateErrorModel> all = CreateObject<RateErrorModel>();
        all->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
        all->SetRate(1);
        world.access[0]->SetAttribute("ReceiveErrorModel", PointerValue(all));
        for (uint32_t i = 0; i < 3; i++)
        {
            world.far->Send(HOME_ADDRESS, PORT, OCTETS);
        }
        world.Run(MilliSeconds(30));
        NS_TEST_ASSERT_MSG_EQ((world.mobile->GetOrderCounters().waited > counters.waited),
                              m_isOrdered,
                              "one more waits");
    }

    bool m_isOrdered;
    uint32_t m_held;
    uint32_t m_swapped; //!< packets that came out behind a later one
    uint32_t m_last;
};

/// Changes the UDP checksum of all messages that come in by a device. Nothing is dropped.
class ChecksumEditor : public ErrorModel
{
  public:
    explicit ChecksumEditor(bool isZero)
        : m_isZero(isZero)
    {
    }

  private:
    static constexpr uint32_t CHECKSUM = 20 + 6; // behind the IP header

    bool DoCorrupt(Ptr<Packet> packet) override
    {
        // PointToPointNetDevice gives the frame itself, PPP header first.
        std::vector<uint8_t> octets(packet->GetSize());
        packet->CopyData(octets.data(), packet->GetSize());
        if (octets.at(2 + 9) == 17)
        {
            uint8_t* checksum = &octets.at(2 + CHECKSUM);
            checksum[0] = m_isZero ? 0 : checksum[0] ^ 0x10;
            checksum[1] = m_isZero ? 0 : checksum[1];
            packet->RemoveAtStart(packet->GetSize());
            packet->AddAtEnd(Create<Packet>(octets.data(), octets.size()));
        }
        return false;
    }

    void DoReset() override
    {
    }

    bool m_isZero;
};

/// requirement("B5944-04"): RFC 5944 3.1, 3.6.2.1, 3.7.2.1, 3.8.2.1 at each of the three that read messages.
class ChecksumCase : public TestCase
{
  public:
    ChecksumCase(uint8_t reader, bool isZero)
        : TestCase(std::string(isZero ? "no" : "a wrong") + " UDP checksum of a message to a " +
                   GetName(reader)),
          m_reader(reader),
          m_isZero(isZero)
    {
    }

  private:
    static const char* GetName(uint8_t role)
    {
        return role == FB_ROLE_MOBILE_NODE  ? "mobile node"
               : role == FB_ROLE_HOME_AGENT ? "home agent"
                                            : "foreign agent";
    }

    void DoRun() override
    {
        ChecksumSwitch checksums(true);
        World world;
        Ptr<NetDevice> access = world.access[0]->GetChannel()->GetDevice(1);
        FlowbindForeignAgentHelper helper(world.gateways[0]);
        helper.SetAttribute("AdvertisementInterval", TimeValue(Seconds(1)));
        Ptr<FlowbindAgent> foreign = helper.Install(world.router);
        AgentLog atForeign;
        atForeign.Listen(foreign);
        if (m_reader == FB_ROLE_FOREIGN_AGENT)
        {
            world.links[0].care_of = FB_CARE_OF_AGENT;
            foreign->NotifyLinkUp(foreign->AddAccessLink(access));
        }
        world.InstallAgents();
        Ptr<NetDevice> edited = m_reader == FB_ROLE_MOBILE_NODE  ? world.access[0]
                                : m_reader == FB_ROLE_HOME_AGENT ? world.homeDevice
                                                                 : access;
        edited->SetAttribute("ReceiveErrorModel",
                             PointerValue(CreateObject<ChecksumEditor>(m_isZero)));
        world.mobile->NotifyLinkUp(1);
        world.Run(Seconds(5));
        const AgentLog& log = m_reader == FB_ROLE_MOBILE_NODE  ? world.atMobile
                              : m_reader == FB_ROLE_HOME_AGENT ? world.atHome
                                                               : atForeign;
        uint8_t type = m_reader == FB_ROLE_MOBILE_NODE ? 3 : 1;
        bool isUp = false;
        for (const auto& binding : world.mobile->GetBindings(FB_ROLE_MOBILE_NODE, HOME_ADDRESS))
        {
            isUp = isUp || binding.state == FB_BINDING_UP;
        }
        NS_TEST_ASSERT_MSG_GT(world.atMobile.CountMessages(FB_EVENT_SENT, 1), 0, "requests");
        NS_TEST_ASSERT_MSG_EQ((log.CountMessages(FB_EVENT_RECEIVED, type) > 0),
                              m_isZero,
                              "messages that were read");
        NS_TEST_ASSERT_MSG_EQ(isUp, m_isZero, "registered");
        if (m_reader != FB_ROLE_MOBILE_NODE)
        {
            NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), m_isZero, "bindings");
            NS_TEST_ASSERT_MSG_EQ(world.atMobile.CountMessages(FB_EVENT_RECEIVED, 3),
                                  m_isZero,
                                  "nobody answers a wrong one");
        }
    }

    uint8_t m_reader;
    bool m_isZero;
};

class FlowbindTunnelTestSuite : public TestSuite
{
  public:
    FlowbindTunnelTestSuite()
        : TestSuite("flowbind-tunnel")
    {
        AddTestCase(new ForcedPathCase);
        AddTestCase(new LinkDownCase);
        AddTestCase(new WireCase(true));
        AddTestCase(new WireCase(false));
        AddTestCase(new ShortcutCase(false));
        AddTestCase(new ShortcutCase(true));
        AddTestCase(new OwnSchedulerCase(true));
        AddTestCase(new OwnSchedulerCase(false));
        AddTestCase(new PacketDropCase);
        AddTestCase(new NoiseCase);
        AddTestCase(new FragmentCase);
        AddTestCase(new RouteChangeCase);
        AddTestCase(new EchoCase);
        AddTestCase(new ReorderCase(false));
        AddTestCase(new ReorderCase(true));
        for (uint8_t reader : {FB_ROLE_MOBILE_NODE, FB_ROLE_HOME_AGENT, FB_ROLE_FOREIGN_AGENT})
        {
            AddTestCase(new ChecksumCase(reader, false));
            AddTestCase(new ChecksumCase(reader, true));
        }
    }
};

FlowbindTunnelTestSuite g_flowbindTunnelTestSuite;

} // namespace
