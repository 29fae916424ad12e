/* SPDX-License-Identifier: GPL-2.0-only */
#include "ns3/boolean.h"
#include "ns3/flowbind-helper.h"
#include "ns3/global-value.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/node-list.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

using namespace ns3;

namespace
{

const char* const KEY = "000102030405060708090a0b0c0d0e0f";
const Ipv4Address HOME_AGENT("192.0.2.1");
const Ipv4Address CORRESPONDENT("192.0.2.130");
const Ipv4Address HOME_ADDRESS("198.51.100.10");
const Ipv4Address HOME_NETWORK("198.51.100.0");
const Ipv4Mask HOME_MASK("255.255.255.0");
const Ipv4Mask ACCESS_MASK("255.255.255.240");
constexpr uint32_t PATHS = 3;
constexpr uint16_t PORT = 5060;
constexpr uint32_t OCTETS = 200;

// These read octets on their own: a test that used the code it tests would agree with its errors.

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

/// RFC 1071: 0xffff over octets that contain a correct checksum.
uint16_t
OnesSum(const std::vector<uint8_t>& octets, std::size_t from, std::size_t length, uint32_t start = 0)
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

/// The IPv4 packets a point-to-point device puts on the wire.
class Wire
{
  public:
    void Listen(Ptr<NetDevice> device)
    {
        device->TraceConnectWithoutContext("PhyTxBegin", MakeCallback(&Wire::Add, this));
    }

    /// \return the packets with this protocol number
    std::vector<std::vector<uint8_t>> Get(uint8_t protocol) const
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

    void Clear()
    {
        m_packets.clear();
    }

    /// Everything so far, with times.
    std::string GetTranscript() const
    {
        return m_transcript.str();
    }

  private:
    void Add(Ptr<const Packet> frame)
    {
        std::vector<uint8_t> octets(frame->GetSize());
        frame->CopyData(octets.data(), octets.size());
        m_transcript << Simulator::Now().GetNanoSeconds() << ' ';
        m_transcript.write(reinterpret_cast<const char*>(octets.data()), octets.size());
        if (octets.size() > 22 && U16(octets, 0) == 0x0021) // RFC 1332: IPv4 in PPP
        {
            m_packets.emplace_back(octets.begin() + 2, octets.end());
        }
    }

    std::vector<std::vector<uint8_t>> m_packets;
    std::ostringstream m_transcript;
};

/// One UDP port of one node.
class Talker
{
  public:
    Talker(Ptr<Node> node, uint16_t port)
        : m_received(0)
    {
        m_socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
        m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
        m_socket->SetRecvCallback(MakeCallback(&Talker::Read, this));
    }

    void Send(Ipv4Address to, uint16_t port, uint32_t octets = OCTETS)
    {
        std::vector<uint8_t> payload(octets, 0x55);
        m_socket->SendTo(Create<Packet>(payload.data(), octets), 0, InetSocketAddress(to, port));
    }

    /// \return octets received since the last call
    uint32_t Take()
    {
        uint32_t received = m_received;
        m_received = 0;
        return received;
    }

    void Close()
    {
        m_socket->Close();
        m_socket = nullptr;
    }

  private:
    void Read(Ptr<Socket> socket)
    {
        while (Ptr<Packet> packet = socket->Recv())
        {
            m_received += packet->GetSize();
        }
    }

    Ptr<Socket> m_socket;
    uint32_t m_received;
};

/**
 *                 .--- 203.0.113.0/28 ---.
 *     mobile node ---- 203.0.113.16/28 ---- router --- home agent --- correspondent
 *                 '--- 203.0.113.32/28 ---'      192.0.2.0/25   192.0.2.128/25
 */
class World
{
  public:
    World();
    ~World();

    /// Creates the agents; attributes set on the helpers before count.
    void InstallAgents();
    void BringUp();
    void Run(Time duration);

    /// Sends one packet each way, from the mobile node's PORT to the correspondent's and back.
    void Talk(uint32_t octets = OCTETS);

    static fb_rule Forward(std::vector<uint8_t> bids);

    Ptr<Node> mobileNode;
    Ptr<Node> router;
    Ptr<Node> homeAgentNode;
    Ptr<Node> correspondent;
    std::vector<Ptr<NetDevice>> access;  //!< the mobile node's
    std::vector<Ipv4Address> careOf;     //!< of the mobile node
    std::vector<Ipv4Address> gateways;   //!< the router's
    Ptr<NetDevice> homeDevice;           //!< the home agent's, toward the router
    FlowbindMobileNodeHelper mobileHelper;
    FlowbindHomeAgentHelper homeHelper;
    Ptr<FlowbindAgent> mobile;
    Ptr<FlowbindAgent> home;
    Talker* near;                        //!< on the mobile node
    Talker* far;                         //!< on the correspondent

    // What the agents' traces said.
    std::vector<fb_event> mobileEvents;
    std::vector<fb_event> homeEvents;
    std::vector<fb_event> mobileBindings;
    std::vector<fb_event> intercepts;
    std::vector<uint8_t> mobileTx, mobileRx, homeTx, homeRx;
    std::vector<uint16_t> mobileDrops, homeDrops;

    void ClearTraces();

  private:
    void Link(Ptr<Node> a, Ptr<Node> b, const char* network, Ipv4Mask mask, NetDeviceContainer& out);
    void Connect();
    void OnMobileEvent(const fb_event& event) { mobileEvents.push_back(event); }
    void OnHomeEvent(const fb_event& event) { homeEvents.push_back(event); }
    void OnMobileBinding(const fb_event& event) { mobileBindings.push_back(event); }
    void OnIntercept(const fb_event& event) { intercepts.push_back(event); }
    void OnMobileTx(Ptr<const Packet>, uint8_t bid) { mobileTx.push_back(bid); }
    void OnMobileRx(Ptr<const Packet>, uint8_t bid) { mobileRx.push_back(bid); }
    void OnHomeTx(Ptr<const Packet>, uint8_t bid) { homeTx.push_back(bid); }
    void OnHomeRx(Ptr<const Packet>, uint8_t bid) { homeRx.push_back(bid); }
    void OnMobileDrop(Ptr<const Packet>, uint16_t reason) { mobileDrops.push_back(reason); }
    void OnHomeDrop(Ptr<const Packet>, uint16_t reason) { homeDrops.push_back(reason); }
};

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
    stack.Install(NodeContainer(mobileNode, router, homeAgentNode, correspondent));

    const char* const networks[PATHS] = {"203.0.113.0", "203.0.113.16", "203.0.113.32"};
    for (uint32_t i = 0; i < PATHS; i++)
    {
        NetDeviceContainer devices;
        Link(mobileNode, router, networks[i], ACCESS_MASK, devices);
        access.push_back(devices.Get(0));
        careOf.emplace_back(Ipv4Address(networks[i]).Get() + 1);
        gateways.emplace_back(Ipv4Address(networks[i]).Get() + 2);
    }
    NetDeviceContainer homeLink;
    Link(homeAgentNode, router, "192.0.2.0", "255.255.255.128", homeLink);
    homeDevice = homeLink.Get(0);
    NetDeviceContainer coreLink;
    Link(homeAgentNode, correspondent, "192.0.2.128", "255.255.255.128", coreLink);

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

void
World::Link(Ptr<Node> a, Ptr<Node> b, const char* network, Ipv4Mask mask, NetDeviceContainer& out)
{
    PointToPointHelper link;
    link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
    link.SetChannelAttribute("Delay", StringValue("5ms"));
    out = link.Install(a, b);
    Ipv4AddressHelper(network, mask).Assign(out);
}

void
World::InstallAgents()
{
    home = homeHelper.Install(homeAgentNode);
    mobile = mobileHelper.Install(mobileNode, HOME_ADDRESS);
    FlowbindHelper::Pair(mobile, home);
    const uint8_t technologies[PATHS] = {4, 8, 10};
    for (uint32_t i = 0; i < PATHS; i++)
    {
        uint8_t number = static_cast<uint8_t>(i + 1);
        mobile->AddLink(access[i], number, number, technologies[i], number, gateways[i]);
    }
    near = new Talker(mobileNode, PORT);
    far = new Talker(correspondent, PORT);
    Connect();
}

void
World::Connect()
{
    mobile->TraceConnectWithoutContext("Event", MakeCallback(&World::OnMobileEvent, this));
    home->TraceConnectWithoutContext("Event", MakeCallback(&World::OnHomeEvent, this));
    mobile->TraceConnectWithoutContext("Binding", MakeCallback(&World::OnMobileBinding, this));
    home->TraceConnectWithoutContext("Intercept", MakeCallback(&World::OnIntercept, this));
    mobile->TraceConnectWithoutContext("TunnelTx", MakeCallback(&World::OnMobileTx, this));
    mobile->TraceConnectWithoutContext("TunnelRx", MakeCallback(&World::OnMobileRx, this));
    home->TraceConnectWithoutContext("TunnelTx", MakeCallback(&World::OnHomeTx, this));
    home->TraceConnectWithoutContext("TunnelRx", MakeCallback(&World::OnHomeRx, this));
    mobile->TraceConnectWithoutContext("PacketDrop", MakeCallback(&World::OnMobileDrop, this));
    home->TraceConnectWithoutContext("PacketDrop", MakeCallback(&World::OnHomeDrop, this));
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
    ClearTraces();
    near->Take();
    far->Take();
    near->Send(CORRESPONDENT, PORT, octets);
    far->Send(HOME_ADDRESS, PORT, octets);
    Run(Seconds(1));
}

void
World::ClearTraces()
{
    mobileEvents.clear();
    homeEvents.clear();
    mobileBindings.clear();
    intercepts.clear();
    mobileTx.clear();
    mobileRx.clear();
    homeTx.clear();
    homeRx.clear();
    mobileDrops.clear();
    homeDrops.clear();
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

uint32_t
CountMessages(const std::vector<fb_event>& events, uint8_t kind, uint8_t type)
{
    return std::count_if(events.begin(), events.end(), [kind, type](const fb_event& event) {
        return event.kind == kind && event.type == type;
    });
}

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

// ---------------------------------------------------------------------------------------------------------------------

/// R7629-1-01: three care-of addresses registered at the same time, and what the traces say of it.
class RegistrationCase : public TestCase
{
  public:
    RegistrationCase()
        : TestCase("three links, three bindings at both ends")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        NS_TEST_ASSERT_MSG_EQ(world.mobile->IsStarted(), false, "the agent starts with the simulation");
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.mobile->IsStarted(), true, "the agent starts with the simulation");

        auto bindings = world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS);
        NS_TEST_ASSERT_MSG_EQ(bindings.size(), PATHS, "bindings of the home agent");
        std::map<uint8_t, uint32_t> careOf;
        for (const auto& binding : bindings)
        {
            careOf[binding.ref.bid] = binding.care_of_address;
        }
        for (uint32_t i = 0; i < PATHS; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(Ipv4Address(careOf[i + 1]), world.careOf[i], "care-of address of BID " << i + 1);
        }
        for (const auto& binding : world.mobile->GetBindings(FB_ROLE_MOBILE_NODE, HOME_ADDRESS))
        {
            NS_TEST_ASSERT_MSG_EQ(+binding.state, FB_BINDING_UP, "state of BID " << +binding.ref.bid);
        }
        std::set<uint8_t> up;
        for (const auto& event : world.mobileBindings)
        {
            NS_TEST_ASSERT_MSG_EQ(+event.kind, FB_EVENT_BINDING, "the Binding trace has binding events only");
            if (event.to == FB_BINDING_UP)
            {
                up.insert(event.ref.bid);
            }
        }
        NS_TEST_ASSERT_MSG_EQ(up.size(), PATHS, "BIDs the Binding trace saw come up");
        NS_TEST_ASSERT_MSG_EQ(world.intercepts.size(), 1, "interception began once");
        NS_TEST_ASSERT_MSG_EQ(world.intercepts[0].count, 1, "interception began");
        uint32_t requests = CountMessages(world.mobileEvents, FB_EVENT_SENT, 1);
        NS_TEST_ASSERT_MSG_EQ(CountMessages(world.homeEvents, FB_EVENT_RECEIVED, 1), requests, "requests");
        NS_TEST_ASSERT_MSG_EQ(CountMessages(world.homeEvents, FB_EVENT_SENT, 3), requests, "replies sent");
        NS_TEST_ASSERT_MSG_EQ(CountMessages(world.mobileEvents, FB_EVENT_RECEIVED, 3), requests, "replies got");

        world.mobile->Deregister(0);
        world.Run(Seconds(2));
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              0,
                              "bindings after de-registering all");
        NS_TEST_ASSERT_MSG_EQ(world.intercepts.size(), 2, "interception ended");
        NS_TEST_ASSERT_MSG_EQ(world.intercepts[1].count, 0, "interception ended");

        world.mobile->Register(0);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              PATHS,
                              "bindings after registering again");
    }
};

/// R7629-3-02, R7629-3-03: every tunnel carries traffic both ways, the path of the policy at both ends.
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
            NS_TEST_ASSERT_MSG_EQ(world.home->GetRules(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(), 1, "rules");
            world.Talk();
            NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink through BID " << +bid);
            NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink through BID " << +bid);
            std::vector<uint8_t> once = {bid};
            NS_TEST_ASSERT_MSG_EQ((world.mobileTx == once && world.homeRx == once), true, "uplink path");
            NS_TEST_ASSERT_MSG_EQ((world.homeTx == once && world.mobileRx == once), true, "downlink path");
        }
    }
};

/// R7629-4.2-16: the next BID when the first is gone, and back again.
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
        NS_TEST_ASSERT_MSG_EQ((world.mobileTx == once), true, "uplink by BID " << +bid);
        NS_TEST_ASSERT_MSG_EQ((world.homeTx == once), true, "downlink by BID " << +bid);
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
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              PATHS - 1,
                              "the lost link was de-registered over another");
        Check(world, 2);

        ipv4->SetUp(interface);
        world.mobile->NotifyLinkUp(1);
        world.Run(Seconds(5));
        Check(world, 1);
    }
};

/// A care-of address that changes while the link stays up.
class AddressChangeCase : public TestCase
{
  public:
    AddressChangeCase()
        : TestCase("a link without an address waits; a changed one is registered anew")
    {
    }

  private:
    bool HasCareOf(World& world, Ipv4Address address)
    {
        auto bindings = world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS);
        return std::any_of(bindings.begin(), bindings.end(), [address](const fb_binding_view& binding) {
            return binding.care_of_address == address.Get();
        });
    }

    void DoRun() override
    {
        World world;
        world.InstallAgents();
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        uint32_t interface = ipv4->GetInterfaceForDevice(world.access[1]);
        ipv4->RemoveAddress(interface, world.careOf[1]);
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              PATHS - 1,
                              "R7629-3.1-01: no registration before there is an address");

        ipv4->AddAddress(interface, Ipv4InterfaceAddress(world.careOf[1], ACCESS_MASK));
        world.mobile->NotifyAddressChanged(2);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(HasCareOf(world, world.careOf[1]), true, "registered when it had an address");

        Ipv4Address other(world.careOf[1].Get() + 4);
        ipv4->RemoveAddress(interface, world.careOf[1]);
        ipv4->AddAddress(interface, Ipv4InterfaceAddress(other, ACCESS_MASK));
        world.mobile->NotifyAddressChanged(2);
        world.Run(Seconds(10));
        NS_TEST_ASSERT_MSG_EQ(HasCareOf(world, other), true, "the new care-of address");
        NS_TEST_ASSERT_MSG_EQ(HasCareOf(world, world.careOf[1]), false, "the old care-of address");

        world.mobile->SetPolicy({World::Forward({2})});
        world.Run(Seconds(2));
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink from the new address");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink to the new address");
    }
};

/// Every attribute can be written as it is read, and what makes no sense is refused.
class AttributeCase : public TestCase
{
  public:
    AttributeCase()
        : TestCase("attributes")
    {
    }

  private:
    void Check(const std::string& name, const std::string& value)
    {
        Ptr<FlowbindAgent> agent = CreateObject<FlowbindAgent>();
        NS_TEST_ASSERT_MSG_EQ(agent->SetAttributeFailSafe(name, StringValue(value)), true, name);
        TypeId::AttributeInformation information;
        FlowbindAgent::GetTypeId().LookupAttributeByName(name, &information);
        // Both ways through the checker: "9s" and "+9e+09ns" are the same time.
        Ptr<AttributeValue> written = information.checker->Create();
        written->DeserializeFromString(value, information.checker);
        std::string expected = written->SerializeToString(information.checker);
        Ptr<AttributeValue> read = information.checker->Create();
        agent->GetAttribute(name, *read);
        NS_TEST_ASSERT_MSG_EQ(read->SerializeToString(information.checker), expected, name);
        NS_TEST_ASSERT_MSG_NE(information.initialValue->SerializeToString(information.checker),
                              expected,
                              name << ": the test has to use another value than the default");
    }

    void DoRun() override
    {
        const std::map<std::string, std::string> values = {
            {"Roles", "3"},
            {"SelectorLayout", "Rfc6089"},
            {"Scheduler", "round-robin"},
            {"ClockOffset", "-1500ms"},
            {"TunnelMtu", "1400"},
            {"HomeAddress", "198.51.100.10"},
            {"HomeAgentAddress", "192.0.2.1"},
            {"Spi", "4096"},
            {"Key", "00ff10"},
            {"Algorithm", "HmacSha256"},
            {"Lifetime", "77"},
            {"Port", "4434"},
            {"CoaChange", "Overwrite"},
            {"RetryDenied", "7s"},
            {"RetryLegacy", "77s"},
            {"Retransmit", "3s"},
            {"Address", "192.0.2.1"},
            {"HomeNetwork", "198.51.100.0"},
            {"HomeNetworkMask", "255.255.255.128"},
            {"LifetimeMax", "333"},
            {"ReplayTolerance", "9s"},
            {"MaxNodes", "12345"},
            {"MaxBindings", "54321"},
            {"MaxPolicies", "4321"},
            {"MaxBindingsPerNode", "5"},
            {"MaxRulesPerNode", "6"},
            {"MaxLinks", "9"},
            {"FlowCacheSize", "32"},
            {"EventQueueSize", "17"},
        };
        TypeId tid = FlowbindAgent::GetTypeId();
        for (uint32_t i = 0; i < tid.GetAttributeN(); i++)
        {
            TypeId::AttributeInformation information = tid.GetAttribute(i);
            auto value = values.find(information.name);
            if (value != values.end())
            {
                Check(information.name, value->second);
                continue;
            }
            std::string initial = information.initialValue->SerializeToString(information.checker);
            NS_TEST_ASSERT_MSG_EQ((initial == "true" || initial == "false"),
                                  true,
                                  "attribute " << information.name << " is missing in this test");
            Check(information.name, initial == "true" ? "false" : "true");
        }
        const std::vector<std::pair<std::string, std::string>> nonsense = {
            {"Key", "0g"},
            {"Key", "123"},
            {"Key", std::string(2 * FB_HMAC_KEY_MAX + 2, 'a')},
            {"Spi", "255"},
            {"Lifetime", "0"},
            {"ReplayTolerance", "3s"},
            {"Retransmit", "999ms"},
            {"MaxBindingsPerNode", "255"},
            {"Roles", "0"},
        };
        for (const auto& wrong : nonsense)
        {
            Ptr<FlowbindAgent> agent = CreateObject<FlowbindAgent>();
            NS_TEST_ASSERT_MSG_EQ(agent->SetAttributeFailSafe(wrong.first, StringValue(wrong.second)),
                                  false,
                                  wrong.first << " must not take " << wrong.second);
        }
    }
};

/// Trace sources can be found by the names that are documented.
class TraceSourceCase : public TestCase
{
  public:
    TraceSourceCase()
        : TestCase("trace sources by name")
    {
    }

  private:
    void DoRun() override
    {
        const char* const names[] = {"Event",
                                     "Binding",
                                     "Message",
                                     "Drop",
                                     "Policy",
                                     "Intercept",
                                     "TunnelTx",
                                     "TunnelRx",
                                     "PacketDrop"};
        for (const char* name : names)
        {
            NS_TEST_ASSERT_MSG_EQ((FlowbindAgent::GetTypeId().LookupTraceSourceByName(name) != nullptr), true, name);
        }
    }
};

/// Same seed, same octets at the same times.
class DeterminismCase : public TestCase
{
  public:
    DeterminismCase()
        : TestCase("the same seed gives the same packets")
    {
    }

  private:
    std::string RunOnce()
    {
        Wire wire;
        World world;
        for (const auto& device : world.access)
        {
            wire.Listen(device);
        }
        wire.Listen(world.homeDevice);
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({3, 1})});
        world.BringUp();
        world.Talk();
        world.mobile->NotifyLinkDown(3);
        world.Run(Seconds(1));
        world.Talk();
        return wire.GetTranscript();
    }

    void DoRun() override
    {
        std::string first = RunOnce();
        std::string second = RunOnce();
        NS_TEST_ASSERT_MSG_GT(first.size(), 2000, "there was something to compare");
        NS_TEST_ASSERT_MSG_EQ((first == second), true, "the same seed");
    }
};

/// A disposed agent has no event left, and a destroyed simulation holds no reference to it.
class DisposeCase : public TestCase
{
  public:
    DisposeCase()
        : TestCase("dispose leaves nothing behind")
    {
    }

  private:
    void DoRun() override
    {
        Ptr<FlowbindAgent> kept;
        {
            World world;
            world.InstallAgents();
            world.BringUp();
            world.near->Close();
            world.far->Close();
            kept = world.mobile;
            world.mobile->Dispose();
            world.home->Dispose();
            uint64_t before = Simulator::GetEventCount();
            world.Run(Hours(20));
            NS_TEST_ASSERT_MSG_LT(Simulator::GetEventCount() - before,
                                  3,
                                  "events after the agents were disposed of");
            NS_TEST_ASSERT_MSG_EQ(kept->GetBindings(FB_ROLE_MOBILE_NODE, HOME_ADDRESS).size(), 0, "it is empty");
        }
        // An aggregate is freed as a whole: node, stack and agent hold each other only by being aggregated.
        NS_TEST_ASSERT_MSG_EQ(kept->GetReferenceCount(), 1, "references to the agent");
    }
};

/// The octets on the wire, read by this test itself.
class WireCase : public TestCase
{
  public:
    explicit WireCase(bool checksums)
        : TestCase(checksums ? "octets on the wire, checksums on" : "octets on the wire, checksums off"),
          m_checksums(checksums)
    {
    }

  private:
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
        NS_TEST_ASSERT_MSG_EQ(+packet[29], 17, "inner protocol");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 32), (up ? HOME_ADDRESS : CORRESPONDENT), "inner source");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 36), (up ? CORRESPONDENT : HOME_ADDRESS), "inner destination");
        CheckChecksum(packet, 20, "inner checksum");
    }

    /// UDP from port 434 or to it (RFC 5944 1.8), with the pseudo header of RFC 768.
    void CheckMessage(const std::vector<uint8_t>& packet, Ipv4Address from, Ipv4Address to, uint8_t type)
    {
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 12), from, "source of a message");
        NS_TEST_ASSERT_MSG_EQ(Address4(packet, 16), to, "destination of a message");
        NS_TEST_ASSERT_MSG_EQ(U16(packet, type == 1 ? 22 : 20), FB_MIP4_PORT, "port of the home agent");
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
            NS_TEST_ASSERT_MSG_EQ(OnesSum(packet, 20, packet.size() - 20, pseudo), 0xffff, "UDP checksum");
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
        world.BringUp();
        for (uint32_t i = 0; i < PATHS; i++)
        {
            auto requests = wires[i].Get(17);
            NS_TEST_ASSERT_MSG_GT(requests.size(), 0, "R7629-3.1-02: requests leave by their own link");
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
            CheckTunnel(up[0], world.careOf[bid - 1], HOME_AGENT, true);
            CheckTunnel(down[0], HOME_AGENT, world.careOf[bid - 1], false);
            NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink arrived");
            NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink arrived");
        }
    }

    bool m_checksums;
};

/// RFC 5944 without RFC 7629: one path, no BID.
class SinglePathCase : public TestCase
{
  public:
    SinglePathCase()
        : TestCase("a mobile node without multipath")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.mobileHelper.SetAttribute("Multipath", BooleanValue(false));
        world.InstallAgents();
        world.BringUp();
        auto bindings = world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS);
        NS_TEST_ASSERT_MSG_EQ(bindings.size(), 1, "one binding");
        NS_TEST_ASSERT_MSG_EQ(Ipv4Address(bindings[0].care_of_address), world.careOf[0], "the preferred link");
        NS_TEST_ASSERT_MSG_EQ(+bindings[0].label, 0, "R7629-4.1-02: no interface information");
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink");
        for (const auto& event : world.mobileEvents)
        {
            NS_TEST_ASSERT_MSG_EQ((event.flags & FB_EVENT_FLAG_MULTIPATH), 0, "no Multipath Extension");
        }
    }
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
        NS_TEST_ASSERT_MSG_EQ(world.far->Take() + world.near->Take(), 0, "nothing passes without a binding");
        NS_TEST_ASSERT_MSG_EQ(world.mobileDrops.size(), 1, "drops of the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.mobileDrops[0], FB_DROP_NO_BINDING, "drop of the mobile node");
        NS_TEST_ASSERT_MSG_EQ(world.homeDrops.size(), 1, "drops of the home agent");
        NS_TEST_ASSERT_MSG_EQ(world.homeDrops[0], FB_DROP_NO_BINDING, "drop of the home agent");

        world.BringUp();
        world.ClearTraces();
        Forge(world);
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), 0, "B3024-04: a stranger's tunnel");
        NS_TEST_ASSERT_MSG_EQ(world.homeDrops.size(), 1, "B3024-04: dropped once");
        NS_TEST_ASSERT_MSG_EQ(world.homeDrops[0], FB_DROP_TUNNEL_SOURCE, "B3024-04: the reason");
        NS_TEST_ASSERT_MSG_EQ(world.home->GetCounter(FB_DROP_TUNNEL_SOURCE), 1, "B3024-04: counted");
        NS_TEST_ASSERT_MSG_EQ(world.homeRx.size(), 0, "B3024-04: not accepted");

        fb_rule drop = World::Forward({1});
        drop.action = FB_RULE_DROP;
        world.mobile->SetPolicy({drop});
        world.Run(Seconds(2));
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take() + world.near->Take(), 0, "nothing passes a DROP rule");
        NS_TEST_ASSERT_MSG_EQ((world.mobileDrops == std::vector<uint16_t>{FB_DROP_POLICY}), true, "mobile node");
        NS_TEST_ASSERT_MSG_EQ((world.homeDrops == std::vector<uint16_t>{FB_DROP_POLICY}), true, "home agent");
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
        world.ClearTraces();
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        for (Ipv4Address destination :
             {Ipv4Address("224.0.0.251"), Ipv4Address("255.255.255.255"), Ipv4Address("169.254.1.1")})
        {
            Ptr<Ipv4Route> route = Create<Ipv4Route>();
            route->SetSource(HOME_ADDRESS);
            route->SetDestination(destination);
            route->SetGateway(Ipv4Address::GetAny());
            route->SetOutputDevice(world.mobile->GetTunnelDevice());
            ipv4->Send(Create<Packet>(100), HOME_ADDRESS, destination, 17, route);
        }
        world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(world.mobileTx.size(), 0, "nothing was sent");
        NS_TEST_ASSERT_MSG_EQ(world.mobileDrops.size(), 0, "nor reported");
    }
};

/// What does not fit the tunnel is fragmented before it, and all of it takes one path (D-39).
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
        NS_TEST_ASSERT_MSG_EQ((world.mobileTx == std::vector<uint8_t>(3, 2)), true, "uplink: three fragments, BID 2");
        NS_TEST_ASSERT_MSG_EQ((world.homeTx == std::vector<uint8_t>(5, 2)), true, "downlink: five fragments, BID 2");
    }
};

/// A wrong clock is noticed, told by the home agent (code 133), and the registration succeeds.
class ClockCase : public TestCase
{
  public:
    ClockCase()
        : TestCase("a mobile node whose clock is wrong by 100 s")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.mobileHelper.SetAttribute("ClockOffset", TimeValue(Seconds(-100)));
        world.InstallAgents();
        world.BringUp();
        uint32_t mismatches = 0;
        for (const auto& event : world.mobileEvents)
        {
            mismatches += event.kind == FB_EVENT_DENIED && event.code == 133;
        }
        NS_TEST_ASSERT_MSG_EQ(mismatches, 1, "RFC 5944 5.7.1: 133 once");
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(), PATHS, "bindings");

        world.mobile->SetAttribute("ClockOffset", TimeValue(Seconds(-50)));
        world.mobile->NotifyLinkDown(1);
        world.Run(Seconds(3));
        world.mobile->NotifyLinkUp(1);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              PATHS,
                              "bindings after the clock stepped");
    }
};

/// Agents that are installed while the simulation runs; gateways from the routing table; captures.
class LateInstallCase : public TestCase
{
  public:
    LateInstallCase()
        : TestCase("agents installed at 2 s, gateways from the routing table, captures")
    {
    }

  private:
    uint32_t SizeOf(const std::string& file)
    {
        std::ifstream stream(file, std::ios::binary | std::ios::ate);
        return stream ? static_cast<uint32_t>(stream.tellg()) : 0;
    }

    void Simulate(const std::string& prefix)
    {
        World world;
        world.Run(Seconds(2));
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        Ipv4StaticRoutingHelper routing;
        for (uint32_t i = 0; i < PATHS; i++)
        {
            uint32_t interface = ipv4->GetInterfaceForDevice(world.access[i]);
            routing.GetStaticRouting(ipv4)->SetDefaultRoute(world.gateways[i], interface, 10 + i);
            world.gateways[i] = Ipv4Address::GetAny();
        }
        world.InstallAgents();
        NS_TEST_ASSERT_MSG_EQ(world.mobile->IsStarted(), true, "started at once");
        FlowbindHelper::EnablePcap(
            prefix,
            NetDeviceContainer(NetDeviceContainer(world.mobile->GetTunnelDevice()),
                               NetDeviceContainer(world.access[0])));
        world.mobile->SetPolicy({World::Forward({1})});
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.home->GetBindings(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(), PATHS, "bindings");
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink");
    }

    void DoRun() override
    {
        std::string prefix = CreateTempDirFilename("flowbind");
        uint32_t mobileNode = NodeList::GetNNodes();
        Simulate(prefix);
        std::ostringstream node;
        node << prefix << "-n" << mobileNode << "-i";
        // Headers of the file 24, of a record 16, IP 20, UDP 8; the tunnel device has two packets.
        NS_TEST_ASSERT_MSG_EQ(SizeOf(node.str() + "4.pcap"),
                              24 + 2 * (16 + 28 + OCTETS),
                              "capture of the tunnel device");
        NS_TEST_ASSERT_MSG_GT(SizeOf(node.str() + "1.pcap"),
                              24 + 2 * (16 + 48 + OCTETS),
                              "capture of an access link: tunnels and messages");
    }
};

class FlowbindAgentTestSuite : public TestSuite
{
  public:
    FlowbindAgentTestSuite()
        : TestSuite("flowbind-agent")
    {
        AddTestCase(new AttributeCase);
        AddTestCase(new TraceSourceCase);
        AddTestCase(new RegistrationCase);
        AddTestCase(new ForcedPathCase);
        AddTestCase(new LinkDownCase);
        AddTestCase(new AddressChangeCase);
        AddTestCase(new WireCase(true));
        AddTestCase(new WireCase(false));
        AddTestCase(new SinglePathCase);
        AddTestCase(new PacketDropCase);
        AddTestCase(new NoiseCase);
        AddTestCase(new FragmentCase);
        AddTestCase(new ClockCase);
        AddTestCase(new LateInstallCase);
        AddTestCase(new DeterminismCase);
        AddTestCase(new DisposeCase);
    }
};

FlowbindAgentTestSuite g_flowbindAgentTestSuite;

} // namespace
