/* SPDX-License-Identifier: GPL-2.0-only */

// A scheduler of one's own in ns-3.
//
//     correspondent ---- home agent ==== mobile node          (two links ====)
//
// Packets of up to 200 octets take the path with the lowest BID, longer ones that with the highest: a class of a few
// lines, which no other file knows. examples/flowbind-least-loss.c does the same for the library without ns-3.

#include "ns3/command-line.h"
#include "ns3/flowbind-helper.h"
#include "ns3/flowbind-scheduler.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"

#include <algorithm>
#include <iostream>
#include <map>

using namespace ns3;

namespace
{

/// The scheduler. Paths come and go and are in no order: their BIDs are what stays.
class BySize : public FlowbindScheduler
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::BySize").SetParent<FlowbindScheduler>().AddConstructor<BySize>();
        return tid;
    }

    std::size_t Pick(const fb_flow& flow,
                     bool,
                     const std::vector<fb_path_view>& paths,
                     Time) override
    {
        auto [lowest, highest] = std::minmax_element(
            paths.begin(),
            paths.end(),
            [](const fb_path_view& a, const fb_path_view& b) { return a.bid < b.bid; });
        return (flow.length <= 200 ? lowest : highest) - paths.begin();
    }
};

/// Packets by path.
std::map<uint8_t, uint32_t> g_packets;

void
Count(Ptr<const Packet>, uint8_t bid)
{
    g_packets[bid]++;
}

const Ipv4Address HOME_AGENT("192.0.2.1");
const Ipv4Address HOME_ADDRESS("198.51.100.10");

void
Send(Ptr<Socket> socket, uint32_t left)
{
    socket->Send(Create<Packet>(left % 3 == 0 ? 1000 : 100));
    if (left > 1)
    {
        Simulator::Schedule(MilliSeconds(10), &Send, socket, left - 1);
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    uint32_t packets = 300;
    CommandLine command(__FILE__);
    command.AddValue("packets", "packets to send to the mobile node", packets);
    command.Parse(argc, argv);

    NodeContainer nodes(3); // correspondent, home agent, mobile node
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    stack.Install(nodes);
    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", StringValue("10Mbps"));
    Ipv4AddressHelper addresses("192.0.2.0", "255.255.255.252");
    addresses.Assign(wire.Install(nodes.Get(1), nodes.Get(0)));
    Ipv4StaticRoutingHelper routing;
    routing.GetStaticRouting(nodes.Get(0)->GetObject<Ipv4>())->SetDefaultRoute(HOME_AGENT, 1);

    // The scheduler of what each end sends; the mobile node sends nothing here and keeps the default.
    FlowbindHomeAgentHelper home(HOME_AGENT, "198.51.100.0", "255.255.255.0");
    home.SetAttribute("CustomScheduler", PointerValue(CreateObject<BySize>()));
    FlowbindMobileNodeHelper mobile;
    mobile.SetAttribute("Key", StringValue("000102030405060708090a0b0c0d0e0f"));
    Ptr<FlowbindAgent> agent = mobile.Install(nodes.Get(2), HOME_ADDRESS);
    FlowbindHelper::Pair(agent, home.Install(nodes.Get(1)));
    for (uint8_t number = 1; number <= 2; number++)
    {
        NetDeviceContainer link = wire.Install(nodes.Get(1), nodes.Get(2));
        addresses.SetBase(number == 1 ? "203.0.113.0" : "203.0.113.16", "255.255.255.240");
        Ipv4InterfaceContainer interfaces = addresses.Assign(link);
        agent->AddLink(link.Get(1), number, number, 4, number, interfaces.GetAddress(0));
        agent->NotifyLinkUp(number);
    }
    agent->TraceConnectWithoutContext("TunnelRx", MakeCallback(&Count));

    Ptr<Socket> socket = Socket::CreateSocket(nodes.Get(0), UdpSocketFactory::GetTypeId());
    socket->Connect(InetSocketAddress(HOME_ADDRESS, 5000));
    Simulator::Schedule(Seconds(5), &Send, socket, packets);
    Simulator::Stop(Seconds(6) + MilliSeconds(10) * packets);
    Simulator::Run();
    Simulator::Destroy();
    for (const auto& path : g_packets)
    {
        std::cout << "BID " << +path.first << ": " << path.second << " packets\n";
    }
    return 0;
}
