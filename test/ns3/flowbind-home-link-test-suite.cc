/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/arp-cache.h"
#include "ns3/arp-header.h"
#include "ns3/arp-l3-protocol.h"
#include "ns3/boolean.h"
#include "ns3/csma-channel.h"
#include "ns3/csma-helper.h"
#include "ns3/csma-net-device.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/mac48-address.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::flowbind_test;

namespace
{

const Ipv4Address AT_HOME_AGENT("198.51.100.1");
const Ipv4Address NEIGHBOUR("198.51.100.2");
const Ipv4Address VISITED_AGENT("203.0.113.18");
const Ipv4Address STRANGER("203.0.113.19");
const Mac48Address HOME_AGENT_MAC("02:00:00:00:01:01");
const Mac48Address NEIGHBOUR_MAC("02:00:00:00:01:02");
const Mac48Address MOBILE_MAC("02:00:00:00:01:03");
const Mac48Address VISITED_AGENT_MAC("02:00:00:00:02:01");
const Mac48Address STRANGER_MAC("02:00:00:00:02:02");
const Mac48Address VISITING_MAC("02:00:00:00:02:03");
const Mac48Address EVERYBODY("ff:ff:ff:ff:ff:ff");
constexpr std::size_t ETHERNET = 14;
constexpr uint16_t REQUEST = 1;
constexpr uint16_t REPLY = 2;

/// One Ethernet frame, read by this test itself.
struct Frame
{
    Mac48Address from;
    Mac48Address to;
    std::vector<uint8_t> octets;

    Mac48Address MacAt(std::size_t at) const
    {
        Mac48Address address;
        address.CopyFrom(&octets.at(at));
        return address;
    }

    /// RFC 826 for Ethernet and IPv4.
    bool IsArp(uint16_t operation) const
    {
        return U16(octets, 12) == 0x0806 && U16(octets, ETHERNET) == 1 &&
               U16(octets, ETHERNET + 2) == 0x0800 && octets.at(ETHERNET + 4) == 6 &&
               octets.at(ETHERNET + 5) == 4 && U16(octets, ETHERNET + 6) == operation;
    }

    Mac48Address SenderMac() const
    {
        return MacAt(ETHERNET + 8);
    }

    Ipv4Address Sender() const
    {
        return Address4(octets, ETHERNET + 14);
    }

    Ipv4Address Target() const
    {
        return Address4(octets, ETHERNET + 24);
    }

    /// RFC 5944 4.6: a local broadcast, both protocol addresses the home address; a reply names the owner twice.
    bool IsGratuitous(Mac48Address owner) const
    {
        return (IsArp(REQUEST) || (IsArp(REPLY) && MacAt(ETHERNET + 18) == owner)) &&
               to == EVERYBODY && SenderMac() == owner && Sender() == HOME_ADDRESS &&
               Target() == HOME_ADDRESS;
    }

    /// A Registration Request with this lifetime.
    bool IsRegistration(uint16_t lifetime) const
    {
        return U16(octets, 12) == 0x0800 && octets.at(ETHERNET + 9) == 17 &&
               U16(octets, ETHERNET + 22) == 434 && octets.at(ETHERNET + 28) == 1 &&
               U16(octets, ETHERNET + 30) == lifetime;
    }

    /// Data for the node, of the neighbour's application.
    bool IsData() const
    {
        return U16(octets, 12) == 0x0800 && octets.at(ETHERNET + 9) == 17 &&
               U16(octets, ETHERNET + 22) == PORT &&
               Address4(octets, ETHERNET + 16) == HOME_ADDRESS;
    }
};

/// All frames of a CSMA link, in the order in which they are sent.
class Ethernet
{
  public:
    void Listen(Ptr<NetDevice> device)
    {
        device->TraceConnectWithoutContext("PhyTxBegin", MakeCallback(&Ethernet::Add, this));
    }

    template <typename T>
    uint32_t Count(T wanted) const
    {
        return static_cast<uint32_t>(std::count_if(frames.begin(), frames.end(), wanted));
    }

    uint32_t CountGratuitous(Mac48Address sender, Mac48Address owner) const
    {
        return Count([sender, owner](const Frame& frame)
                     { return frame.from == sender && frame.IsGratuitous(owner); });
    }

    uint32_t CountReplies(Mac48Address sender) const
    {
        return Count([sender](const Frame& frame)
                     { return frame.from == sender && frame.IsArp(REPLY); });
    }

    /// \return where the first such frame stands
    template <typename T>
    std::size_t Find(T wanted) const
    {
        return std::find_if(frames.begin(), frames.end(), wanted) - frames.begin();
    }

    std::vector<Frame> frames;

  private:
    void Add(Ptr<const Packet> packet)
    {
        Frame frame;
        frame.octets.resize(packet->GetSize());
        packet->CopyData(frame.octets.data(), packet->GetSize());
        frame.to = frame.MacAt(0);
        frame.from = frame.MacAt(6);
        frames.push_back(frame);
    }
};

/**
 *     neighbour --+-- home agent --- router --- mobile node (link 1)
 *                 |                    |
 *     mobile node (link 3)             +--- mobile node (link 2, by the foreign agent at the router)
 *     198.51.100.0/24                  +--- stranger
 *                                  203.0.113.16/28
 *
 * The home link and the visited one are CSMA. The cable of link 3 is unplugged at first.
 */
class HomeWorld
{
  public:
    HomeWorld()
        : mobileHelper(AT_HOME_AGENT),
          homeHelper(AT_HOME_AGENT, HOME_NETWORK, HOME_MASK),
          foreignHelper(VISITED_AGENT)
    {
        nodes.Create(5);
        InternetStackHelper stack;
        stack.Install(nodes);
        stack.AssignStreams(nodes, 1000);
        home = MakeLink({HOME_AGENT_MAC, NEIGHBOUR_MAC, MOBILE_MAC},
                        NodeContainer(nodes.Get(2), nodes.Get(3), nodes.Get(0)),
                        homeWire);
        visited = MakeLink({VISITED_AGENT_MAC, STRANGER_MAC, VISITING_MAC},
                           NodeContainer(nodes.Get(1), nodes.Get(4), nodes.Get(0)),
                           visitedWire);
        SetAddress(home.Get(0), AT_HOME_AGENT, HOME_MASK);
        SetAddress(home.Get(1), NEIGHBOUR, HOME_MASK);
        SetAddress(visited.Get(0), VISITED_AGENT, ACCESS_MASK);
        SetAddress(visited.Get(1), STRANGER, ACCESS_MASK);
        PointToPointHelper cable;
        NetDeviceContainer up = cable.Install(nodes.Get(2), nodes.Get(1));
        NetDeviceContainer path = cable.Install(nodes.Get(0), nodes.Get(1));
        Ipv4AddressHelper("192.0.2.0", "255.255.255.128").Assign(up);
        Ipv4AddressHelper("203.0.113.0", ACCESS_MASK).Assign(path);
        AddRoute(nodes.Get(1), up.Get(1), HOME_NETWORK, HOME_MASK, HOME_AGENT);
        AddRoute(nodes.Get(2), up.Get(0), "0.0.0.0", "0.0.0.0", "192.0.2.2");
        AddRoute(nodes.Get(3), home.Get(1), "0.0.0.0", "0.0.0.0", AT_HOME_AGENT);
        CreateObject<FlowbindArp>()->Install(home.Get(1));
        InstallAgents(path.Get(0));
        Unplug();
    }

    ~HomeWorld()
    {
        near.reset();
        far.reset();
        Simulator::Destroy();
    }

    /// Link 1, which is enough to be bound.
    void GoAway()
    {
        mobile->NotifyLinkUp(1);
        Run(Seconds(5));
    }

    void ComeHome()
    {
        Ptr<CsmaNetDevice> device = DynamicCast<CsmaNetDevice>(home.Get(2));
        DynamicCast<CsmaChannel>(device->GetChannel())->Reattach(device);
        mobile->NotifyLinkUp(3);
        Run(Seconds(5));
    }

    void LeaveHome()
    {
        Unplug();
        mobile->NotifyLinkDown(3);
        Run(Seconds(5));
    }

    void Run(Time duration)
    {
        Simulator::Stop(duration);
        Simulator::Run();
    }

    /// Sends one packet each way, between the neighbour and the mobile node.
    void Talk()
    {
        far->Send(HOME_ADDRESS, PORT);
        near->Send(NEIGHBOUR, PORT);
        Run(Seconds(1));
    }

    /// As a host does that has heard nothing for long.
    void ForgetNeighbours()
    {
        Ptr<Ipv4L3Protocol> ipv4 = nodes.Get(3)->GetObject<Ipv4L3Protocol>();
        ipv4->GetInterface(ipv4->GetInterfaceForDevice(home.Get(1)))->GetArpCache()->Flush();
    }

    std::size_t CountBindings() const
    {
        return agent->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size();
    }

    NodeContainer nodes; //!< mobile node, router, home agent, neighbour, stranger
    NetDeviceContainer home;
    NetDeviceContainer visited;
    Ethernet homeWire;
    Ethernet visitedWire;
    Ptr<FlowbindAgent> mobile;
    Ptr<FlowbindAgent> agent;
    Ptr<FlowbindAgent> foreign;
    std::unique_ptr<Talker> near; //!< on the mobile node
    std::unique_ptr<Talker> far; //!< on the neighbour

  private:
    NetDeviceContainer MakeLink(const std::vector<Mac48Address>& addresses,
                                NodeContainer ends,
                                Ethernet& wire)
    {
        CsmaHelper link;
        link.SetChannelAttribute("DataRate", StringValue("100Mbps"));
        link.SetChannelAttribute("Delay", StringValue("5us"));
        NetDeviceContainer devices = link.Install(ends);
        link.AssignStreams(devices, 2000);
        for (uint32_t i = 0; i < devices.GetN(); i++)
        {
            devices.Get(i)->SetAddress(addresses[i]);
            wire.Listen(devices.Get(i));
            Ptr<Ipv4> ipv4 = ends.Get(i)->GetObject<Ipv4>();
            ipv4->SetUp(ipv4->AddInterface(devices.Get(i)));
        }
        return devices;
    }

    static void SetAddress(Ptr<NetDevice> device, Ipv4Address address, Ipv4Mask mask)
    {
        Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
        ipv4->AddAddress(ipv4->GetInterfaceForDevice(device), Ipv4InterfaceAddress(address, mask));
    }

    static void AddRoute(Ptr<Node> node,
                         Ptr<NetDevice> device,
                         Ipv4Address network,
                         Ipv4Mask mask,
                         Ipv4Address gateway)
    {
        Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
        Ipv4StaticRoutingHelper().GetStaticRouting(ipv4)->AddNetworkRouteTo(
            network,
            mask,
            gateway,
            ipv4->GetInterfaceForDevice(device));
    }

    void InstallAgents(Ptr<NetDevice> wired)
    {
        homeHelper.SetAttribute("Advertise", BooleanValue(true));
        homeHelper.SetAttribute("AdvertisementInterval", TimeValue(Seconds(1)));
        foreignHelper.SetAttribute("AdvertisementInterval", TimeValue(Seconds(1)));
        mobileHelper.SetAttribute("DiscoverHome", BooleanValue(true));
        mobileHelper.SetAttribute("Key", StringValue(KEY));
        agent = homeHelper.Install(nodes.Get(2));
        foreign = foreignHelper.Install(nodes.Get(1));
        mobile = mobileHelper.Install(nodes.Get(0), HOME_ADDRESS);
        FlowbindHelper::Pair(mobile, agent);
        FlowbindHelper::AssignStreams(nodes, 77);
        agent->NotifyLinkUp(agent->AddAccessLink(home.Get(0)));
        foreign->NotifyLinkUp(foreign->AddAccessLink(visited.Get(0)));
        mobile->AddLink(wired, 1, 1, 4, 1, "203.0.113.2");
        fb_link link = {};
        link.bid = link.label = link.preference = 2;
        link.technology = 8;
        link.care_of = FB_CARE_OF_AGENT;
        mobile->AddLink(visited.Get(2), link);
        link.bid = link.label = link.preference = 3;
        mobile->AddLink(home.Get(2), link);
        near = std::make_unique<Talker>(nodes.Get(0), PORT);
        far = std::make_unique<Talker>(nodes.Get(3), PORT);
    }

    void Unplug()
    {
        Ptr<CsmaNetDevice> device = DynamicCast<CsmaNetDevice>(home.Get(2));
        DynamicCast<CsmaChannel>(device->GetChannel())->Detach(device);
    }

    FlowbindMobileNodeHelper mobileHelper;
    FlowbindHomeAgentHelper homeHelper;
    FlowbindForeignAgentHelper foreignHelper;
};

/// requirement("B5944-36", "B5944-57"): away, home and away again, as a neighbour on the home link sees it.
class ThereAndBackCase : public TestCase
{
  public:
    ThereAndBackCase()
        : TestCase("a neighbour on the home link, while the node is away, at home, and away again")
    {
    }

  private:
    /// A packet each way; the neighbour's has to go to @p next on the home link.
    void CheckTalk(HomeWorld& world, Mac48Address next, const std::string& when)
    {
        world.homeWire.frames.clear();
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "to the mobile node, " << when);
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "to the neighbour, " << when);
        uint32_t sent = world.homeWire.Count(
            [next](const Frame& frame)
            { return frame.from == NEIGHBOUR_MAC && frame.to == next && frame.IsData(); });
        NS_TEST_ASSERT_MSG_EQ(sent, 1, "link-layer destination, " << when);
    }

    /// The neighbour asks anew. \p owner answers, and nobody else.
    void CheckAnswer(HomeWorld& world, Mac48Address owner, const std::string& when)
    {
        world.ForgetNeighbours();
        CheckTalk(world, owner, when + ", asked anew");
        uint32_t answers = 0;
        for (const Frame& frame : world.homeWire.frames)
        {
            if (frame.IsArp(REPLY) && frame.Sender() == HOME_ADDRESS)
            {
                answers++;
                NS_TEST_ASSERT_MSG_EQ(frame.from, owner, "who answers, " << when);
                NS_TEST_ASSERT_MSG_EQ(frame.SenderMac(), owner, "what the answer says, " << when);
                NS_TEST_ASSERT_MSG_EQ(frame.to, NEIGHBOUR_MAC, "to whom it goes, " << when);
                NS_TEST_ASSERT_MSG_EQ(frame.Target(), NEIGHBOUR, "who had asked, " << when);
            }
        }
        NS_TEST_ASSERT_MSG_EQ(answers, 1, "answers, " << when);
    }

    void CheckAway(HomeWorld& world, const std::string& when)
    {
        NS_TEST_ASSERT_MSG_EQ(world.homeWire.CountGratuitous(HOME_AGENT_MAC, HOME_AGENT_MAC),
                              3,
                              "the home agent tells all that packets go to it, " << when);
        CheckTalk(world, HOME_AGENT_MAC, when);
        CheckAnswer(world, HOME_AGENT_MAC, when);
    }

    void CheckHome(HomeWorld& world)
    {
        const Ethernet& wire = world.homeWire;
        NS_TEST_ASSERT_MSG_EQ(world.CountBindings(), 0, "bindings at home");
        std::size_t told = wire.Find([](const Frame& frame)
                                     { return frame.IsGratuitous(MOBILE_MAC); });
        std::size_t asked = wire.Find([](const Frame& frame) { return frame.IsRegistration(0); });
        NS_TEST_ASSERT_MSG_LT(asked, wire.frames.size(), "a request with Lifetime 0");
        NS_TEST_ASSERT_MSG_LT(told, asked, "2.4.3, 4.6: gratuitous ARP, then the request");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(wire.frames[told].from, MOBILE_MAC, "the first is the node's");
        NS_TEST_ASSERT_MSG_EQ(wire.frames[asked].to, HOME_AGENT_MAC, "the request needs no ARP");
        NS_TEST_ASSERT_MSG_EQ(wire.CountGratuitous(MOBILE_MAC, MOBILE_MAC), 3, "the node's");
        NS_TEST_ASSERT_MSG_EQ(wire.CountGratuitous(HOME_AGENT_MAC, MOBILE_MAC),
                              3,
                              "the home agent's, on its behalf");
        std::size_t confirmed = wire.Find(
            [](const Frame& frame)
            { return frame.from == HOME_AGENT_MAC && frame.IsGratuitous(MOBILE_MAC); });
        NS_TEST_ASSERT_MSG_LT(asked, confirmed, "when it has accepted the request");
        NS_TEST_ASSERT_MSG_EQ(wire.CountGratuitous(HOME_AGENT_MAC, HOME_AGENT_MAC),
                              0,
                              "the home agent catches nothing any more");
        CheckTalk(world, MOBILE_MAC, "at home");
        NS_TEST_ASSERT_MSG_EQ(world.homeWire.Count([](const Frame& frame)
                                                   { return frame.octets.at(ETHERNET + 9) == 4; }),
                              0,
                              "no tunnel at home");
        CheckAnswer(world, MOBILE_MAC, "at home");
    }

    void DoRun() override
    {
        HomeWorld world;
        world.GoAway();
        NS_TEST_ASSERT_MSG_EQ(world.CountBindings(), 1, "one path");
        CheckAway(world, "away");
        world.homeWire.frames.clear();
        world.mobile->NotifyLinkUp(2);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(world.CountBindings(), 2, "a second path");
        NS_TEST_ASSERT_MSG_EQ(world.homeWire.CountGratuitous(HOME_AGENT_MAC, HOME_AGENT_MAC),
                              0,
                              "a second binding is nobody's business");
        for (int round = 0; round < 2; round++)
        {
            world.homeWire.frames.clear();
            world.ComeHome();
            CheckHome(world);
            world.homeWire.frames.clear();
            world.LeaveHome();
            NS_TEST_ASSERT_MSG_EQ(world.CountBindings(), 2, "registered when it left");
            CheckAway(world, "away again");
        }
    }
};

/// requirement("B5944-36", "B5944-57"): hosts begin anew, and nothing of before is left.
class RestartCase : public TestCase
{
  public:
    RestartCase()
        : TestCase("home agent and mobile node restart")
    {
    }

  private:
    void DoRun() override
    {
        HomeWorld world;
        world.GoAway();
        world.homeWire.frames.clear();
        world.agent->Restart();
        world.ForgetNeighbours();
        world.far->Send(HOME_ADDRESS, PORT);
        world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(world.homeWire.CountReplies(HOME_AGENT_MAC),
                              0,
                              "no binding, no answer");
        world.ComeHome();
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), 2 * OCTETS, "what had waited for ARP, too");
        world.mobile->Restart();
        Ptr<Ipv4> ipv4 = world.nodes.Get(0)->GetObject<Ipv4>();
        uint32_t interface = ipv4->GetInterfaceForDevice(world.home.Get(2));
        NS_TEST_ASSERT_MSG_EQ(ipv4->GetNAddresses(interface), 0, "before it has found out again");
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(ipv4->GetNAddresses(interface), 1, "at home again");
        world.near->Take();
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "at home again");
    }
};

/// requirement("B5944-37"): on a visited link the node is not heard in ARP, but by its foreign agent.
class AwayCase : public TestCase
{
  public:
    AwayCase()
        : TestCase("ARP of a mobile node that is away")
    {
    }

  private:
    /// Somebody asks for the home address.
    uint32_t Ask(HomeWorld& world, uint32_t who, Ipv4Address address, Mac48Address to)
    {
        world.visitedWire.frames.clear();
        Ptr<NetDevice> device = world.visited.Get(who);
        ArpHeader arp;
        arp.SetRequest(device->GetAddress(), address, EVERYBODY, HOME_ADDRESS);
        Ptr<Packet> packet = Create<Packet>();
        packet->AddHeader(arp);
        device->Send(packet, to, ArpL3Protocol::PROT_NUMBER);
        world.Run(MilliSeconds(100));
        return world.visitedWire.CountReplies(VISITING_MAC);
    }

    void DoRun() override
    {
        HomeWorld world;
        world.mobile->SetPolicy({World::Forward({2})});
        world.mobile->NotifyLinkUp(2);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(world.CountBindings(), 1, "through the foreign agent");
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "to the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "to the neighbour");
        NS_TEST_ASSERT_MSG_GT(
            world.visitedWire.Count([](const Frame& frame) { return frame.from == VISITING_MAC; }),
            1,
            "it was heard");
        NS_TEST_ASSERT_MSG_EQ(world.visitedWire.Count(
                                  [](const Frame& frame) {
                                      return frame.from == VISITING_MAC &&
                                             (frame.IsArp(REQUEST) || frame.IsArp(REPLY));
                                  }),
                              0,
                              "but not in ARP");

        NS_TEST_ASSERT_MSG_EQ(Ask(world, 1, STRANGER, EVERYBODY), 0, "a stranger asks all");
        NS_TEST_ASSERT_MSG_EQ(Ask(world, 1, STRANGER, VISITING_MAC), 0, "a stranger asks it");
        NS_TEST_ASSERT_MSG_EQ(Ask(world, 0, VISITED_AGENT, EVERYBODY), 0, "its agent asks all");
        NS_TEST_ASSERT_MSG_EQ(Ask(world, 0, VISITED_AGENT, VISITING_MAC), 1, "its agent asks it");
        const Frame& answer = world.visitedWire.frames.back();
        NS_TEST_ASSERT_MSG_EQ(answer.to, VISITED_AGENT_MAC, "a unicast answer");
        NS_TEST_ASSERT_MSG_EQ(answer.SenderMac(), VISITING_MAC, "with its own address");
        NS_TEST_ASSERT_MSG_EQ(answer.Sender(), HOME_ADDRESS, "for the home address");
        NS_TEST_ASSERT_MSG_EQ(answer.Target(), VISITED_AGENT, "for who had asked");

        world.foreign->NotifyLinkDown(1);
        world.Run(Seconds(10));
        NS_TEST_ASSERT_MSG_EQ(Ask(world, 0, VISITED_AGENT, VISITING_MAC),
                              0,
                              "it is nobody's agent any more");
    }
};

class FlowbindHomeLinkTestSuite : public TestSuite
{
  public:
    FlowbindHomeLinkTestSuite()
        : TestSuite("flowbind-home-link")
    {
        AddTestCase(new ThereAndBackCase);
        AddTestCase(new RestartCase);
        AddTestCase(new AwayCase);
    }
};

FlowbindHomeLinkTestSuite g_flowbindHomeLinkTestSuite;

} // namespace
