/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/arp-cache.h"
#include "ns3/boolean.h"
#include "ns3/csma-channel.h"
#include "ns3/csma-helper.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-header.h"

#include <sstream>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::flowbind_test;

namespace
{

const Ipv4Address CARE_OF("203.0.113.18");
const Ipv4Address MOBILE_NETWORK("198.51.101.0");
const Ipv4Mask MOBILE_NETWORK_MASK("255.255.255.0");
const Ipv4Address PASSENGER("198.51.101.2");
const Ipv4Address STRANGER("198.51.100.77");

/**
 * A world whose second link, the CSMA one, has a foreign agent at the router, and no address for the mobile node. A
 * passenger is behind that.
 */
class VisitorWorld
{
  public:
    explicit VisitorWorld(bool isAuthenticated = false, bool isEncapsulating = false)
        : helper(CARE_OF)
    {
        BuildMobileNetwork();
        wire.Listen(world.access[1]);
        radio.Listen(world.accessDevice);
        homeWire.Listen(world.homeDevice);
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        ipv4->RemoveAddress(ipv4->GetInterfaceForDevice(world.access[1]), 0);
        world.links[1].care_of = FB_CARE_OF_AGENT;
        world.mobileHelper.SetAttribute("EncapsulatingDelivery", BooleanValue(isEncapsulating));
        helper.SetAttribute("EncapsulatingDelivery", BooleanValue(true));
        helper.SetAttribute("AdvertisementInterval", TimeValue(Seconds(1)));
        agent = helper.Install(world.router);
        access = agent->AddAccessLink(world.accessDevice);
        world.InstallAgents();
        FlowbindHelper::AssignStreams(
            NodeContainer(world.mobileNode, world.router, world.homeAgentNode),
            77);
        if (isAuthenticated)
        {
            FlowbindHelper::PairForeign(agent,
                                        world.mobile,
                                        world.mobile->GetSecurityAssociation());
            FlowbindHelper::PairForeign(agent, world.home, world.mobile->GetSecurityAssociation());
        }
        world.mobile->SetPolicy({World::Forward({2})});
        agent->NotifyLinkUp(access);
        atAgent.Listen(agent);
        world.BringUp();
    }

    /// The link-layer address by which a node knows an address for good; "" if it does not.
    static std::string GetPermanent(Ptr<NetDevice> device, Ipv4Address address)
    {
        Ptr<Ipv4L3Protocol> ipv4 = device->GetNode()->GetObject<Ipv4L3Protocol>();
        uint32_t interface = ipv4->GetInterfaceForDevice(device);
        ArpCache::Entry* entry = ipv4->GetInterface(interface)->GetArpCache()->Lookup(address);
        std::ostringstream text;
        if (entry != nullptr && entry->IsPermanent())
        {
            text << entry->GetMacAddress();
        }
        return text.str();
    }

    void BuildMobileNetwork()
    {
        passenger = CreateObject<Node>();
        InternetStackHelper().Install(passenger);
        Ipv4AddressHelper addresses(MOBILE_NETWORK, MOBILE_NETWORK_MASK);
        addresses.Assign(PointToPointHelper().Install(world.mobileNode, passenger));
        Ipv4StaticRoutingHelper()
            .GetStaticRouting(passenger->GetObject<Ipv4>())
            ->SetDefaultRoute("198.51.101.1", 1);
        world.mobileHelper.SetAttribute("Networks", StringValue("198.51.101.0/24"));
    }

    /// Whether there is any such entry.
    static bool Knows(Ptr<NetDevice> device, Ipv4Address address)
    {
        return !GetPermanent(device, address).empty();
    }

    World world;
    FlowbindForeignAgentHelper helper;
    Ptr<Node> passenger;
    Ptr<FlowbindAgent> agent;
    uint32_t access;
    AgentLog atAgent;
    Wire wire; //!< what the mobile node sends on that link
    Wire radio; //!< what the foreign agent sends there
    Wire homeWire; //!< what the home agent sends
};

/// RFC 5944 3.7: the request goes to the agent from the home address, on by the agent, and the reply back.
class RelayCase : public TestCase
{
  public:
    explicit RelayCase(bool isAuthenticated)
        : TestCase(isAuthenticated ? "a foreign agent relays, every leg authenticated"
                                   : "a foreign agent relays"),
          m_isAuthenticated(isAuthenticated)
    {
    }

  private:
    void DoRun() override
    {
        VisitorWorld visit(m_isAuthenticated);
        auto requests = visit.wire.Get(17);
        auto relayed = visit.radio.Get(17);
        NS_TEST_ASSERT_MSG_EQ(requests.size(), 1, "requests on the visited link");
        NS_TEST_ASSERT_MSG_EQ(relayed.size(), 1, "replies there");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(Address4(requests[0], 12), HOME_ADDRESS, "RFC 5944 3.6.1.1: source");
        NS_TEST_ASSERT_MSG_EQ(Address4(requests[0], 16), CARE_OF, "destination: the agent");
        NS_TEST_ASSERT_MSG_EQ(Address4(requests[0], 28 + 12), CARE_OF, "care-of address field");
        NS_TEST_ASSERT_MSG_EQ(Address4(relayed[0], 16), HOME_ADDRESS, "the reply goes to the node");
        NS_TEST_ASSERT_MSG_EQ(+relayed[0][29], 0, "and accepts");
        bool found = false;
        for (const auto& reply : visit.homeWire.Get(17))
        {
            found = found || Address4(reply, 16) == CARE_OF;
        }
        NS_TEST_ASSERT_MSG_EQ(found, true, "the home agent answers the agent");
        for (const auto& binding : visit.world.GetBindings())
        {
            bool isVisit = binding.ref.bid == 2;
            NS_TEST_ASSERT_MSG_EQ((binding.care_of_address == CARE_OF.Get()),
                                  isVisit,
                                  "care-of address of BID " << +binding.ref.bid);
        }
        NS_TEST_ASSERT_MSG_EQ(visit.world.GetBindings().size(), PATHS, "bindings");
    }

    bool m_isAuthenticated;
};

/// RFC 5944 4.2.2, RFC 3024 5: a packet both ways, in the tunnel between the agents and without one to the visitor.
class DeliveryCase : public TestCase
{
  public:
    explicit DeliveryCase(bool isEncapsulating)
        : TestCase(isEncapsulating ? "a packet both ways, encapsulating delivery"
                                   : "a packet both ways, direct delivery"),
          m_isEncapsulating(isEncapsulating)
    {
    }

  private:
    void DoRun() override
    {
        VisitorWorld visit(false, m_isEncapsulating);
        visit.wire.Clear();
        visit.radio.Clear();
        visit.homeWire.Clear();
        visit.world.Talk();
        NS_TEST_ASSERT_MSG_EQ(visit.world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(visit.world.near->Take(), OCTETS, "downlink");
        auto down = visit.homeWire.Get(4);
        auto last = visit.radio.Get(17);
        auto first = visit.wire.Get(m_isEncapsulating ? 4 : 17);
        NS_TEST_ASSERT_MSG_EQ(down.size(), 1, "in the tunnel to the agent");
        NS_TEST_ASSERT_MSG_EQ(last.size(), 1, "from the agent to the visitor");
        NS_TEST_ASSERT_MSG_EQ(first.size(), 1, "from the visitor");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(Address4(down[0], 16), CARE_OF, "end of the tunnel");
        NS_TEST_ASSERT_MSG_EQ(Address4(last[0], 16), HOME_ADDRESS, "as it was sent");
        NS_TEST_ASSERT_MSG_EQ(last[0][8] + 1, +down[0][28], "the agent is a router: TTL");
        NS_TEST_ASSERT_MSG_EQ(Address4(first[0], 16),
                              (m_isEncapsulating ? CARE_OF : CORRESPONDENT),
                              "where the visitor sends to");
        std::vector<uint8_t> once = {2};
        NS_TEST_ASSERT_MSG_EQ((visit.world.atMobile.tx == once), true, "uplink by BID 2");
        NS_TEST_ASSERT_MSG_EQ((visit.world.atHome.rx == once),
                              true,
                              "which the home agent sees too");
    }

    bool m_isEncapsulating;
};

/// RFC 5177 7: a packet of the mobile network both ways, in a second tunnel between home address and home agent.
class NetworkCase : public TestCase
{
  public:
    explicit NetworkCase(bool isEncapsulating)
        : TestCase(isEncapsulating ? "a passenger's packet both ways, encapsulating delivery"
                                   : "a passenger's packet both ways, direct delivery"),
          m_isEncapsulating(isEncapsulating)
    {
    }

  private:
    /// Asserts that an IPv4 header at this place says so.
    void ExpectHeader(const std::vector<uint8_t>& packet,
                      std::size_t at,
                      uint8_t protocol,
                      Ipv4Address source,
                      Ipv4Address destination)
    {
        NS_TEST_ASSERT_MSG_EQ((packet.size() >= at + 20), true, "header " << at);
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(+packet[at + 9], +protocol, "protocol of header " << at);
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, at + 12), source, "source of header " << at);
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, at + 16), destination, "its destination");
    }

    void DoRun() override
    {
        VisitorWorld visit(false, m_isEncapsulating);
        Talker passenger(visit.passenger, PORT);
        visit.wire.Clear();
        visit.radio.Clear();
        visit.homeWire.Clear();
        visit.world.ClearLogs();
        passenger.Send(CORRESPONDENT, PORT);
        visit.world.far->Send(PASSENGER, PORT);
        visit.world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(visit.world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(passenger.Take(), OCTETS, "downlink");
        auto down = visit.homeWire.Get(4);
        auto last = visit.radio.Get(4);
        auto first = visit.wire.Get(4);
        NS_TEST_ASSERT_MSG_EQ(down.size(), 1, "in the tunnel to the agent");
        NS_TEST_ASSERT_MSG_EQ(last.size(), 1, "from the agent to the visitor");
        NS_TEST_ASSERT_MSG_EQ(first.size(), 1, "from the visitor");
        if (IsStatusFailure())
        {
            return;
        }
        ExpectHeader(down[0], 0, 4, HOME_AGENT, CARE_OF);
        ExpectHeader(down[0], 20, 4, HOME_AGENT, HOME_ADDRESS);
        ExpectHeader(down[0], 40, 17, CORRESPONDENT, PASSENGER);
        ExpectHeader(last[0], 0, 4, HOME_AGENT, HOME_ADDRESS);
        ExpectHeader(last[0], 20, 17, CORRESPONDENT, PASSENGER);
        std::size_t at = m_isEncapsulating ? 20 : 0;
        if (m_isEncapsulating)
        {
            ExpectHeader(first[0], 0, 4, HOME_ADDRESS, CARE_OF);
        }
        ExpectHeader(first[0], at, 4, HOME_ADDRESS, HOME_AGENT);
        ExpectHeader(first[0], at + 20, 17, PASSENGER, CORRESPONDENT);
        std::vector<uint8_t> once = {2};
        NS_TEST_ASSERT_MSG_EQ((visit.world.atMobile.tx == once), true, "uplink by BID 2");
        NS_TEST_ASSERT_MSG_EQ((visit.world.atMobile.rx == once), true, "downlink by BID 2");
        NS_TEST_ASSERT_MSG_EQ((visit.world.atHome.rx == once), true, "uplink at the home agent");
        NS_TEST_ASSERT_MSG_EQ(visit.world.atMobile.drops + visit.world.atHome.drops, "", "drops");
    }

    bool m_isEncapsulating;
};

/// requirement("B2003-03"): RFC 2003 5.1 at a foreign agent: a visitor learns what its reverse tunnel has room for.
class ReverseTunnelMtuCase : public TestCase
{
  public:
    explicit ReverseTunnelMtuCase(bool isEncapsulating)
        : TestCase(isEncapsulating ? "a narrow link behind a foreign agent, encapsulating delivery"
                                   : "a narrow link behind a foreign agent, direct delivery"),
          m_isEncapsulating(isEncapsulating)
    {
    }

  private:
    static constexpr uint16_t MTU = 1000;
    static constexpr uint32_t ROOM = MTU - 20 - 28; // of data in UDP

    void Send(VisitorWorld& visit, uint32_t octets)
    {
        visit.world.near->SendWhole(CORRESPONDENT, PORT, octets);
        visit.world.Run(Seconds(1));
    }

    void DoRun() override
    {
        VisitorWorld visit(false, m_isEncapsulating);
        NarrowLink::Install(visit.world.homeDevice, MTU);
        Send(visit, 1200);
        NS_TEST_ASSERT_MSG_EQ(visit.atAgent.drops, "", "the agent has not heard of it before");
        visit.radio.Clear();
        Send(visit, ROOM + 1);
        NS_TEST_ASSERT_MSG_EQ(visit.atAgent.drops, "too-big ", "it has now");
        uint32_t arrived = visit.world.far->Take();
        uint32_t mtu = visit.world.near->TakeMtu();
        NS_TEST_ASSERT_MSG_EQ(arrived, 0, "neither arrived");
        NS_TEST_ASSERT_MSG_EQ(mtu, MTU - 20, "what the visitor is told");
        auto told = visit.radio.Get(1);
        uint32_t errors = 0;
        for (const auto& message : told)
        {
            if (message[20] == 3)
            {
                errors++;
                NS_TEST_ASSERT_MSG_EQ(Address4(message, 12), CARE_OF, "by the agent");
                NS_TEST_ASSERT_MSG_EQ(Address4(message, 16), HOME_ADDRESS, "over its link");
                NS_TEST_ASSERT_MSG_EQ(U16(message, 26), MTU - 20, "MTU");
            }
        }
        NS_TEST_ASSERT_MSG_EQ(errors, 1, "errors on the visited link");
        Send(visit, ROOM);
        arrived = visit.world.far->Take();
        NS_TEST_ASSERT_MSG_EQ(arrived, ROOM, "what fits arrives");
    }

    bool m_isEncapsulating;
};

/// RFC 5944 4.6: neither of them asks by ARP for the other.
class ArpCase : public TestCase
{
  public:
    ArpCase()
        : TestCase("visitor and agent know each other's link-layer addresses without ARP")
    {
    }

  private:
    void DoRun() override
    {
        VisitorWorld visit;
        visit.world.Talk();
        std::string there = VisitorWorld::GetPermanent(visit.world.accessDevice, HOME_ADDRESS);
        std::string here = VisitorWorld::GetPermanent(visit.world.access[1], CARE_OF);
        NS_TEST_ASSERT_MSG_NE(there, "", "at the agent");
        NS_TEST_ASSERT_MSG_NE(here, "", "at the visitor");
        NS_TEST_ASSERT_MSG_NE(there, here, "two addresses");
    }
};

/// What the agent knows of link-layer addresses ends with the visit, and nobody adds to it who is no visitor.
class ForgetCase : public TestCase
{
  public:
    ForgetCase()
        : TestCase("the link-layer addresses of visitors that left, and of those that never came")
    {
    }

  private:
    /// A request for STRANGER from the mobile node's device, whose care-of address is nobody's; no one has signed it.
    static void Ask(VisitorWorld& visit)
    {
        std::vector<uint8_t> request = {1, 0x02, 0, 100};
        for (Ipv4Address address : {STRANGER, HOME_AGENT, Ipv4Address("203.0.113.99")})
        {
            uint8_t octets[4];
            address.Serialize(octets);
            request.insert(request.end(), octets, octets + 4);
        }
        request.insert(request.end(), {0xed, 0, 0, 0, 0, 0, 0, 1});
        request.insert(request.end(), {32, 20, 0, 0, 1, 0}); // Mobile-Home Authentication
        request.resize(request.size() + 16);
        Ptr<Packet> packet = Create<Packet>(request.data(), request.size());
        UdpHeader udp;
        udp.SetSourcePort(434);
        udp.SetDestinationPort(434);
        packet->AddHeader(udp);
        Ipv4Header ip;
        ip.SetSource(STRANGER);
        ip.SetDestination(CARE_OF);
        ip.SetProtocol(17);
        ip.SetTtl(255);
        ip.SetPayloadSize(packet->GetSize());
        packet->AddHeader(ip);
        Ptr<NetDevice> device = visit.world.access[1];
        device->Send(packet, visit.world.accessDevice->GetAddress(), Ipv4L3Protocol::PROT_NUMBER);
        visit.world.Run(MilliSeconds(100));
    }

    void DoRun() override
    {
        VisitorWorld visit;
        Ptr<NetDevice> device = visit.world.accessDevice;
        visit.radio.Clear();
        Ask(visit);
        auto denials = visit.radio.Get(17);
        NS_TEST_ASSERT_MSG_EQ(denials.size(), 1, "the stranger is answered");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(Address4(denials[0], 16), STRANGER, "without ARP");
        NS_TEST_ASSERT_MSG_EQ(+denials[0][29], 77, "invalid care-of address");
        NS_TEST_ASSERT_MSG_EQ(VisitorWorld::Knows(device, STRANGER), false, "and is not known");

        NS_TEST_ASSERT_MSG_EQ(VisitorWorld::Knows(device, HOME_ADDRESS), true, "the visitor is");
        visit.world.mobile->Deregister(2);
        visit.world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(VisitorWorld::Knows(device, HOME_ADDRESS), false, "until it leaves");
        visit.world.mobile->Register(2);
        visit.world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(VisitorWorld::Knows(device, HOME_ADDRESS), true, "it is back");
        visit.agent->Restart();
        NS_TEST_ASSERT_MSG_EQ(VisitorWorld::Knows(device, HOME_ADDRESS), false, "restarted");
    }
};

/// RFC 5944 3.7.1: a visitor is a home address and a home agent; addresses can be the same.
class SameAddressCase : public TestCase
{
  public:
    SameAddressCase()
        : TestCase("a second visitor with the same home address, of another home agent")
    {
    }

  private:
    void DoRun() override
    {
        VisitorWorld visit;
        Ptr<Node> node = CreateObject<Node>();
        InternetStackHelper().Install(node);
        Ptr<CsmaChannel> channel = DynamicCast<CsmaChannel>(visit.world.accessDevice->GetChannel());
        Ptr<NetDevice> device = CsmaHelper().Install(node, channel).Get(0);
        Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
        ipv4->SetUp(ipv4->AddInterface(device));
        FlowbindHomeAgentHelper homeHelper(CORRESPONDENT, Ipv4Address::GetAny(), HOME_MASK);
        Ptr<FlowbindAgent> home = homeHelper.Install(visit.world.correspondent);
        FlowbindMobileNodeHelper helper;
        helper.SetAttribute("Key", StringValue(KEY));
        Ptr<FlowbindAgent> second = helper.Install(node, HOME_ADDRESS);
        FlowbindHelper::Pair(second, home);
        fb_link link = {};
        link.bid = link.label = link.preference = 1;
        link.technology = 4;
        link.care_of = FB_CARE_OF_AGENT;
        second->NotifyLinkUp(second->AddLink(device, link));
        visit.world.Run(Seconds(3));
        auto bindings = home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS);
        NS_TEST_ASSERT_MSG_EQ(bindings.size(), 1, "the second is bound");
        second->Deregister(0);
        visit.world.Run(Seconds(1));
        bindings = home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS);
        NS_TEST_ASSERT_MSG_EQ(bindings.size(), 0, "and goes");
        visit.world.Talk();
        NS_TEST_ASSERT_MSG_EQ(visit.world.near->Take(), OCTETS, "downlink of the first");
        NS_TEST_ASSERT_MSG_EQ(visit.world.far->Take(), OCTETS, "uplink of the first");
        std::vector<uint8_t> once = {2};
        NS_TEST_ASSERT_MSG_EQ((visit.world.atHome.rx == once), true, "by its reverse tunnel");
    }
};

/// The agent's own address on an access link changes.
class RenumberCase : public TestCase
{
  public:
    RenumberCase()
        : TestCase("an access link with another address")
    {
    }

  private:
    void DoRun() override
    {
        VisitorWorld visit;
        const Ipv4Address other("203.0.113.29");
        Ptr<Ipv4> ipv4 = visit.world.router->GetObject<Ipv4>();
        uint32_t interface = ipv4->GetInterfaceForDevice(visit.world.accessDevice);
        ipv4->RemoveAddress(interface, 0);
        ipv4->AddAddress(interface, Ipv4InterfaceAddress(other, ACCESS_MASK));
        visit.radio.Clear();
        visit.agent->NotifyAddressChanged(visit.access);
        visit.world.Run(Seconds(3));
        auto advertisements = visit.radio.Get(1);
        NS_TEST_ASSERT_MSG_GT(advertisements.size(), 1, "advertisements");
        for (const auto& advertisement : advertisements)
        {
            NS_TEST_ASSERT_MSG_EQ(Address4(advertisement, 12), other, "from the new address");
        }
    }
};

/// RFC 5944 2.4.2.1, 2.3.2: an agent falls silent, comes back, restarts.
class SilenceCase : public TestCase
{
  public:
    SilenceCase()
        : TestCase("an agent that falls silent, comes back and restarts")
    {
    }

  private:
    bool IsBound(World& world)
    {
        for (const auto& binding : world.GetBindings())
        {
            if (binding.ref.bid == 2)
            {
                return true;
            }
        }
        return false;
    }

    void DoRun() override
    {
        VisitorWorld visit;
        NS_TEST_ASSERT_MSG_EQ(IsBound(visit.world), true, "at first");
        visit.agent->NotifyLinkDown(visit.access);
        visit.atAgent.Clear();
        visit.world.Run(Seconds(6));
        NS_TEST_ASSERT_MSG_EQ(IsBound(visit.world), false, "three advertisements are missing");
        NS_TEST_ASSERT_MSG_EQ(visit.atAgent.events.size(), 0, "the silent agent hears nothing");
        visit.agent->NotifyLinkUp(visit.access);
        visit.world.Run(Seconds(4));
        NS_TEST_ASSERT_MSG_EQ(IsBound(visit.world), true, "it is back");
        visit.agent->Restart();
        visit.wire.Clear();
        visit.world.Run(Seconds(4));
        NS_TEST_ASSERT_MSG_EQ(visit.wire.Get(17).size(), 1, "it restarted: registered again");
        visit.world.Talk();
        NS_TEST_ASSERT_MSG_EQ(visit.world.near->Take(), OCTETS, "downlink");
        NS_TEST_ASSERT_MSG_EQ(visit.world.far->Take(), OCTETS, "uplink");
    }
};

/// Entropy comes from one random stream, so the same stream gives the same octets, and another one others.
class SameBytesCase : public TestCase
{
  public:
    SameBytesCase()
        : TestCase("the same streams give the same octets, nonces and all")
    {
    }

  private:
    static std::string Run(int64_t stream)
    {
        World world;
        Wire wire;
        wire.Listen(world.access[0]);
        world.mobileHelper.SetAttribute("Replay", StringValue("Nonces"));
        world.InstallAgents();
        int64_t used = FlowbindHelper::AssignStreams(
            NodeContainer(world.mobileNode, world.homeAgentNode),
            stream);
        world.BringUp();
        return used == 2 ? wire.GetTranscript() : "";
    }

    void DoRun() override
    {
        std::string first = Run(77);
        NS_TEST_ASSERT_MSG_NE(first, "", "two streams, one for each agent");
        NS_TEST_ASSERT_MSG_EQ((Run(77) == first), true, "the same again");
        NS_TEST_ASSERT_MSG_EQ((Run(99) == first), false, "other nonces");
    }
};

class FlowbindVisitorTestSuite : public TestSuite
{
  public:
    FlowbindVisitorTestSuite()
        : TestSuite("flowbind-visitor")
    {
        AddTestCase(new RelayCase(false));
        AddTestCase(new RelayCase(true));
        AddTestCase(new DeliveryCase(false));
        AddTestCase(new DeliveryCase(true));
        AddTestCase(new NetworkCase(false));
        AddTestCase(new NetworkCase(true));
        AddTestCase(new ReverseTunnelMtuCase(false));
        AddTestCase(new ReverseTunnelMtuCase(true));
        AddTestCase(new ArpCase);
        AddTestCase(new ForgetCase);
        AddTestCase(new SameAddressCase);
        AddTestCase(new RenumberCase);
        AddTestCase(new SilenceCase);
        AddTestCase(new SameBytesCase);
    }
};

FlowbindVisitorTestSuite g_flowbindVisitorTestSuite;

} // namespace
