/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-test-world.h"

#include "ns3/boolean.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/node-list.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace ns3;
using namespace ns3::flowbind_test;

namespace
{

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
            {"Replay", "Nonces"},
            {"Nai", "mn@example.com"},
            {"Networks", "198.51.101.0/24,fd00:1::/64"},
            {"KeepAlive", "20s"},
            {"ProbeInterval", "50ms"},
            {"ProbeIdle", "3s"},
            {"ProbeHoldDown", "2s"},
            {"Vendor", "32473"},
            {"MetricsInterval", "5s"},
            {"AdvertisementInterval", "3s"},
            {"CareOfAddress", "203.0.113.30"},
            {"PendingTimeout", "4s"},
            {"MaxPendingPerNode", "3"},
            {"MaxIdentities", "4"},
            {"MaxAssociations", "5"},
            {"MaxStaticRules", "6"},
            {"MaxVisitors", "7"},
            {"MaxPending", "8"},
            {"MaxAccessLinks", "9"},
            {"ReorderTimeout", "60ms"},
            {"MaxReorderSpaces", "10"},
            {"MaxReorderPackets", "11"},
        };
        TypeId tid = FlowbindAgent::GetTypeId();
        for (uint32_t i = 0; i < tid.GetAttributeN(); i++)
        {
            TypeId::AttributeInformation information = tid.GetAttribute(i);
            auto value = values.find(information.name);
            if (information.name == "CustomScheduler")
            {
                continue; // an object; OwnSchedulerCase sets it
            }
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
            {"Networks", "198.51.101.0"},
            {"Networks", "198.51.101.0/33"},
            {"Networks", "fd00:1::/64,fd00:2::/64,fd00:3::/64,fd00:4::/64,fd00:5::/64"},
        };
        for (const auto& wrong : nonsense)
        {
            Ptr<FlowbindAgent> agent = CreateObject<FlowbindAgent>();
            NS_TEST_ASSERT_MSG_EQ(
                agent->SetAttributeFailSafe(wrong.first, StringValue(wrong.second)),
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
            NS_TEST_ASSERT_MSG_EQ(
                (FlowbindAgent::GetTypeId().LookupTraceSourceByName(name) != nullptr),
                true,
                name);
        }
    }
};

/// requirement("R7629-1-01"): three care-of addresses registered at the same time, and what the traces say of it.
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
        NS_TEST_ASSERT_MSG_EQ(world.mobile->IsStarted(),
                              false,
                              "the agent starts with the simulation");
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.mobile->IsStarted(),
                              true,
                              "the agent starts with the simulation");

        auto bindings = world.GetBindings();
        NS_TEST_ASSERT_MSG_EQ(bindings.size(), PATHS, "bindings of the home agent");
        std::map<uint8_t, uint32_t> careOf;
        for (const auto& binding : bindings)
        {
            careOf[binding.ref.bid] = binding.care_of_address;
        }
        for (uint32_t i = 0; i < PATHS; i++)
        {
            NS_TEST_ASSERT_MSG_EQ(Ipv4Address(careOf[i + 1]),
                                  world.careOf[i],
                                  "care-of address of BID " << i + 1);
        }
        for (const auto& binding : world.mobile->GetBindings(FB_ROLE_MOBILE_NODE, HOME_ADDRESS))
        {
            NS_TEST_ASSERT_MSG_EQ(+binding.state,
                                  FB_BINDING_UP,
                                  "state of BID " << +binding.ref.bid);
        }
        std::set<uint8_t> up;
        for (const auto& event : world.atMobile.bindings)
        {
            NS_TEST_ASSERT_MSG_EQ(+event.kind,
                                  FB_EVENT_BINDING,
                                  "the Binding trace has binding events only");
            if (event.to == FB_BINDING_UP)
            {
                up.insert(event.ref.bid);
            }
        }
        NS_TEST_ASSERT_MSG_EQ(up.size(), PATHS, "BIDs the Binding trace saw come up");
        NS_TEST_ASSERT_MSG_EQ((world.atHome.intercepts == std::vector<uint16_t>{1}),
                              true,
                              "interception began, once");
        uint32_t requests = world.atMobile.CountMessages(FB_EVENT_SENT, 1);
        NS_TEST_ASSERT_MSG_EQ(world.atHome.CountMessages(FB_EVENT_RECEIVED, 1),
                              requests,
                              "requests");
        NS_TEST_ASSERT_MSG_EQ(world.atHome.CountMessages(FB_EVENT_SENT, 3),
                              requests,
                              "replies sent");
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.CountMessages(FB_EVENT_RECEIVED, 3),
                              requests,
                              "replies got");

        world.mobile->Deregister(0);
        world.Run(Seconds(2));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 0, "bindings after de-registering all");
        NS_TEST_ASSERT_MSG_EQ((world.atHome.intercepts == std::vector<uint16_t>{1, 0}),
                              true,
                              "interception ended, once");

        world.mobile->Register(0);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(),
                              PATHS,
                              "bindings after registering again");
    }
};

/// requirement("R7629-3.1-01", "R7629-5.1-20"): a care-of address that changes while the link stays up.
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
        auto bindings = world.GetBindings();
        return std::any_of(bindings.begin(),
                           bindings.end(),
                           [address](const fb_binding_view& binding)
                           { return binding.care_of_address == address.Get(); });
    }

    void DoRun() override
    {
        World world;
        world.InstallAgents();
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        uint32_t interface = ipv4->GetInterfaceForDevice(world.access[1]);
        ipv4->RemoveAddress(interface, world.careOf[1]);
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(),
                              PATHS - 1,
                              "R7629-3.1-01: no registration before there is an address");

        ipv4->AddAddress(interface, Ipv4InterfaceAddress(world.careOf[1], ACCESS_MASK));
        world.mobile->NotifyAddressChanged(2);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(HasCareOf(world, world.careOf[1]),
                              true,
                              "registered when it had an address");

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
        auto bindings = world.GetBindings();
        NS_TEST_ASSERT_MSG_EQ(bindings.size(), 1, "one binding");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_ASSERT_MSG_EQ(Ipv4Address(bindings[0].care_of_address),
                              world.careOf[0],
                              "the preferred link");
        NS_TEST_ASSERT_MSG_EQ(+bindings[0].label, 0, "R7629-4.1-02: no interface information");
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink");
        for (const auto& event : world.atMobile.events)
        {
            NS_TEST_ASSERT_MSG_EQ((event.flags & FB_EVENT_FLAG_MULTIPATH),
                                  0,
                                  "no Multipath Extension");
        }
    }
};

/// The agent's one timer: refreshes before the lifetime ends, retransmissions when nobody answers.
class TimerCase : public TestCase
{
  public:
    TimerCase()
        : TestCase("refreshes, retransmissions and expiry happen in time")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.mobileHelper.SetAttribute("Lifetime", UintegerValue(30));
        world.mobileHelper.SetAttribute("BulkRefresh", BooleanValue(false));
        world.InstallAgents();
        world.BringUp();
        world.ClearLogs();
        world.Run(Seconds(95));
        uint32_t refreshes = world.atMobile.CountMessages(FB_EVENT_SENT, 1);
        NS_TEST_ASSERT_MSG_GT(refreshes, 8, "each of three bindings was refreshed three times");
        NS_TEST_ASSERT_MSG_LT(refreshes, 100, "and not all the time");
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), PATHS, "bindings after 100 s");
        for (const auto& event : world.atHome.bindings)
        {
            NS_TEST_ASSERT_MSG_EQ(+event.to, FB_BINDING_UP, "none of them went in between");
        }

        // The wire is cut behind the router: nobody notices but by silence. A new request is repeated long before the
        // refresh that the timer was waiting for.
        Ptr<Ipv4> ipv4 = world.homeAgentNode->GetObject<Ipv4>();
        ipv4->SetDown(ipv4->GetInterfaceForDevice(world.homeDevice));
        world.mobile->NotifyLinkDown(1);
        world.ClearLogs();
        world.mobile->NotifyLinkUp(1);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_GT(world.atMobile.CountMessages(FB_EVENT_SENT, 1), 1, "repeated soon");
        world.Run(Seconds(60));
        NS_TEST_ASSERT_MSG_GT(world.atMobile.CountMessages(FB_EVENT_SENT, 1),
                              PATHS,
                              "requests were repeated");
        NS_TEST_ASSERT_MSG_EQ(world.atMobile.CountMessages(FB_EVENT_RECEIVED, 3), 0, "no replies");
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 0, "the home agent's bindings expired");
        NS_TEST_ASSERT_MSG_EQ((world.atHome.intercepts == std::vector<uint16_t>{0}),
                              true,
                              "interception ended with the last");
    }
};

/// A limit is what the library was given.
class LimitCase : public TestCase
{
  public:
    LimitCase()
        : TestCase("a home agent with room for two bindings of a node")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.homeHelper.SetAttribute("MaxBindingsPerNode", UintegerValue(2));
        world.InstallAgents();
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 2, "bindings");
        NS_TEST_ASSERT_MSG_GT(world.home->GetCounter(FB_DROP_TOO_MANY_BINDINGS), 0, "the reason");
    }
};

/// requirement("B5944-23"): a wrong clock is noticed, told by the home agent (code 133), and the registration succeeds.
class ClockCase : public TestCase
{
  public:
    ClockCase()
        : TestCase("a mobile node whose clock is wrong by 100 s")
    {
    }

  private:
    uint32_t CountMismatches(const World& world) const
    {
        uint32_t mismatches = 0;
        for (const auto& event : world.atMobile.events)
        {
            mismatches += event.kind == FB_EVENT_DENIED && event.code == 133;
        }
        return mismatches;
    }

    void DoRun() override
    {
        World world;
        world.mobileHelper.SetAttribute("ClockOffset", TimeValue(Seconds(-100)));
        world.InstallAgents();
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(CountMismatches(world), 1, "RFC 5944 5.7.1: 133 once");
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), PATHS, "bindings");

        // The correction learnt from the home agent no longer fits when the clock steps.
        world.ClearLogs();
        world.mobile->SetAttribute("ClockOffset", TimeValue(Seconds(-50)));
        world.mobile->NotifyLinkDown(1);
        world.Run(Seconds(3));
        world.mobile->NotifyLinkUp(1);
        world.Run(Seconds(5));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(),
                              PATHS,
                              "bindings after the clock stepped");
        NS_TEST_ASSERT_MSG_EQ(CountMismatches(world), 1, "133 once more");
    }
};

/// requirement("B2794-01"): the home agent knows the node by its name, and assigns the home address.
class AssignedAddressCase : public TestCase
{
  public:
    AssignedAddressCase()
        : TestCase("a home address that the home agent assigns")
    {
    }

  private:
    /// What a program says that pairs a foreign agent with this mobile node, before it aborts; "" if it does not.
    static std::string PairForeign(World& world)
    {
        int ends[2];
        if (pipe(ends) != 0)
        {
            return "";
        }
        pid_t child = fork();
        if (child == 0)
        {
            dup2(ends[1], STDERR_FILENO);
            FlowbindForeignAgentHelper helper("203.0.113.18");
            FlowbindHelper::PairForeign(helper.Install(world.router),
                                        world.mobile,
                                        world.mobile->GetSecurityAssociation());
            _exit(0);
        }
        close(ends[1]);
        std::string said;
        char text[256];
        for (ssize_t count = 1; count > 0;)
        {
            count = read(ends[0], text, sizeof(text));
            said.append(text, count > 0 ? static_cast<std::size_t>(count) : 0);
        }
        close(ends[0]);
        int status = 0;
        bool isAborted = waitpid(child, &status, 0) == child && status != 0;
        return isAborted ? said : "";
    }

    void DoRun() override
    {
        World world;
        world.mobileHelper.SetAttribute("Nai", StringValue("mn@example.com"));
        world.InstallAgents(Ipv4Address::GetAny());
        Ptr<Ipv4> ipv4 = world.mobileNode->GetObject<Ipv4>();
        uint32_t tunnel = ipv4->GetInterfaceForDevice(world.mobile->GetTunnelDevice());
        NS_TEST_ASSERT_MSG_EQ(ipv4->GetNAddresses(tunnel), 0, "no address at first, not even 0");
        std::string said = PairForeign(world);
        NS_TEST_ASSERT_MSG_NE(said.find("home address is assigned to it"),
                              std::string::npos,
                              "why it cannot share a key with a foreign agent: " << said);
        world.BringUp();
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), PATHS, "bindings");
        NS_TEST_ASSERT_MSG_EQ(ipv4->GetNAddresses(tunnel), 1, "one address");
        NS_TEST_ASSERT_MSG_EQ(ipv4->GetAddress(tunnel, 0).GetLocal(), HOME_ADDRESS, "assigned");
        world.Talk();
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "uplink");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "downlink");
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
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), PATHS, "bindings");
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
        NS_TEST_ASSERT_MSG_GT(first.size(), 1000, "there was something to compare");
        NS_TEST_ASSERT_MSG_EQ((first == second), true, "the same seed");
    }
};

/// An agent that begins anew knows what its configuration says, and nothing of what was negotiated.
class RestartCase : public TestCase
{
  public:
    RestartCase()
        : TestCase("restarted agents")
    {
    }

  private:
    void DoRun() override
    {
        World world;
        world.InstallAgents();
        world.mobile->SetPolicy({World::Forward({1, 2, 3})});
        world.BringUp();
        world.Run(Seconds(2));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 3, "bindings at first");

        world.home->Restart();
        NS_TEST_ASSERT_MSG_EQ(world.home->IsStarted(), true, "it goes on");
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 0, "bindings behind a restart");
        NS_TEST_ASSERT_MSG_EQ(world.home->GetRules(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              0,
                              "rules behind a restart");

        // It still serves its subscriber, and the mobile node still has its links and its policy.
        world.mobile->Restart();
        world.Run(Seconds(2));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 3, "bindings of two restarted agents");
        NS_TEST_ASSERT_MSG_EQ(world.home->GetRules(FB_ROLE_HOME_AGENT, HOME_ADDRESS).size(),
                              1,
                              "rules of two restarted agents");
        world.Talk();
        world.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(world.far->Take(), OCTETS, "a packet up");
        NS_TEST_ASSERT_MSG_EQ(world.near->Take(), OCTETS, "a packet down");

        // A subscriber that was removed stays removed.
        world.home->RemoveSubscriber(HOME_ADDRESS);
        world.home->Restart();
        world.mobile->Restart();
        world.Run(Seconds(2));
        NS_TEST_ASSERT_MSG_EQ(world.GetBindings().size(), 0, "bindings of nobody's subscriber");
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
            // What is counted: the end of the run, and the cancelled timers, which ns-3 takes out of its queue when
            // their time comes. Agents that live would have refreshed three bindings forty times.
            NS_TEST_ASSERT_MSG_LT_OR_EQ(Simulator::GetEventCount() - before,
                                        3,
                                        "events after the agents were disposed of");
            NS_TEST_ASSERT_MSG_EQ(kept->GetBindings(FB_ROLE_MOBILE_NODE, HOME_ADDRESS).size(),
                                  0,
                                  "it is empty");
        }
        // An aggregate is freed as a whole: node, stack and agent hold each other only by being aggregated.
        NS_TEST_ASSERT_MSG_EQ(kept->GetReferenceCount(), 1, "references to the agent");
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
        AddTestCase(new AddressChangeCase);
        AddTestCase(new SinglePathCase);
        AddTestCase(new TimerCase);
        AddTestCase(new LimitCase);
        AddTestCase(new ClockCase);
        AddTestCase(new AssignedAddressCase);
        AddTestCase(new LateInstallCase);
        AddTestCase(new DeterminismCase);
        AddTestCase(new RestartCase);
        AddTestCase(new DisposeCase);
    }
};

FlowbindAgentTestSuite g_flowbindAgentTestSuite;

} // namespace
