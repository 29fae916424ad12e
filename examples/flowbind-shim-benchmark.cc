/* SPDX-License-Identifier: GPL-2.0-only */

// What do agents and tunnel cost per packet?
//
//     correspondent ---- home agent ==== mobile node          (one link ----, three links ====)
//
// The same UDP packets in the same network twice: routed by ns-3 alone (--mode=plain), and through the tunnels of a
// mobile node with three bindings and the policy of RFC 7629 Figure 2 (--mode=tunnel). The first flow is decided by a
// rule of the policy, the others by the default scheduler.
//
//     flowbind-shim-benchmark --mode=tunnel --direction=down --packets=20000
//
// prints one line of JSON. test/tools/bench_shim.py runs it under callgrind and compares.

#include "ns3/command-line.h"
#include "ns3/flowbind-helper.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"

#include <chrono>
#include <iostream>
#include <map>
#include <vector>

using namespace ns3;

namespace
{

const Ipv4Address HOME_AGENT("192.0.2.1");
const Ipv4Address CORRESPONDENT("192.0.2.2");
const Ipv4Address HOME_ADDRESS("198.51.100.10");
constexpr uint32_t PATHS = 3;
constexpr uint16_t SIP = 5060;
constexpr uint16_t FIRST_PORT = 40000;
const Time TRAFFIC_START = Seconds(10); // all paths are registered by then
const Time INTERVAL = MicroSeconds(100); // 80 Mbit/s on links of 1 Gbit/s: no queue grows

/// Sends packets one after another, flow by flow, and counts what arrives.
class Traffic
{
  public:
    Traffic(Ptr<Node> from, Ptr<Node> to, uint32_t packets, uint32_t octets)
        : m_from(from),
          m_to(to),
          m_left(packets),
          m_octets(octets),
          m_received(0)
    {
    }

    /// \param correspondentPort port of the correspondent, whichever way the packets go
    void AddFlow(Ipv4Address destination, uint16_t sourcePort, uint16_t destinationPort)
    {
        Ptr<Socket> sink = MakeSocket(m_to, destinationPort);
        sink->SetRecvCallback(MakeCallback(&Traffic::Receive, this));
        m_sinks.push_back(sink);
        m_sources.push_back(MakeSocket(m_from, sourcePort));
        m_sources.back()->Connect(InetSocketAddress(destination, destinationPort));
    }

    void Send()
    {
        if (m_left == 0)
        {
            return;
        }
        if (m_begin == std::chrono::steady_clock::time_point())
        {
            m_begin = std::chrono::steady_clock::now();
        }
        m_sources[m_left % m_sources.size()]->Send(Create<Packet>(m_octets));
        m_left--;
        Simulator::Schedule(INTERVAL, &Traffic::Send, this);
    }

    uint32_t GetReceived() const
    {
        return m_received;
    }

    /// \return seconds of real time from the first packet sent to the last received
    double GetWallSeconds() const
    {
        return std::chrono::duration<double>(m_end - m_begin).count();
    }

  private:
    static Ptr<Socket> MakeSocket(Ptr<Node> node, uint16_t port)
    {
        Ptr<Socket> socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
        socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
        return socket;
    }

    void Receive(Ptr<Socket> socket)
    {
        while (socket->Recv())
        {
            m_received++;
        }
        m_end = std::chrono::steady_clock::now();
    }

    Ptr<Node> m_from;
    Ptr<Node> m_to;
    uint32_t m_left;
    uint32_t m_octets;
    uint32_t m_received;
    std::vector<Ptr<Socket>> m_sources;
    std::vector<Ptr<Socket>> m_sinks;
    std::chrono::steady_clock::time_point m_begin;
    std::chrono::steady_clock::time_point m_end;
};

/// Counts packets by path.
class PathShare
{
  public:
    void Add(Ptr<const Packet>, uint8_t bid)
    {
        m_packets[bid]++;
    }

    std::size_t GetPaths() const
    {
        return m_packets.size();
    }

  private:
    std::map<uint8_t, uint32_t> m_packets;
};

fb_rule
MakeRule(uint8_t action, uint8_t protocol, uint16_t port, std::vector<uint8_t> bids)
{
    fb_rule rule = {};
    rule.action = action;
    rule.bid_count = static_cast<uint8_t>(bids.size());
    std::copy(bids.begin(), bids.end(), rule.bid);
    rule.selector.format = FB_SELECTOR_IPV4;
    rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
    rule.selector.u.v4.source_port_start = port;
    rule.selector.u.v4.protocol_start = protocol;
    return rule;
}

/// RFC 7629 Figure 2: SIP by WLAN (1) or LTE (2), HTTP by LTE only, SSH by CDMA (3), LTE or WLAN.
std::vector<fb_rule>
MakeFigure2()
{
    return {MakeRule(FB_RULE_FORWARD, 17, SIP, {1, 2}),
            MakeRule(FB_RULE_DROP, 17, SIP, {1}),
            MakeRule(FB_RULE_FORWARD, 6, 80, {2}),
            MakeRule(FB_RULE_DROP, 6, 80, {2}),
            MakeRule(FB_RULE_FORWARD, 6, 22, {3, 2, 1})};
}

/// What the command line chooses.
struct Options
{
    std::string mode = "tunnel";
    std::string direction = "down";
    uint32_t packets = 20000;
    uint32_t octets = 1000;
    uint32_t flows = 8;
    bool share = false;
};

/// The nodes and the links between them, addressed and routed.
struct Network
{
    Network();

    Ptr<Node> correspondent;
    Ptr<Node> homeAgent;
    Ptr<Node> mobileNode;
    NetDeviceContainer links; //!< the mobile node's ends
    std::vector<Ipv4Address> gateways; //!< the home agent's
    std::vector<Ipv4Address> careOf; //!< the mobile node's
};

Network::Network()
{
    correspondent = CreateObject<Node>();
    homeAgent = CreateObject<Node>();
    mobileNode = CreateObject<Node>();
    InternetStackHelper stack;
    stack.SetIpv6StackInstall(false);
    stack.Install(NodeContainer(correspondent, homeAgent, mobileNode));
    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    wire.SetChannelAttribute("Delay", StringValue("1ms"));
    Ipv4AddressHelper addresses("192.0.2.0", "255.255.255.252");
    addresses.Assign(wire.Install(homeAgent, correspondent));
    const char* const networks[PATHS] = {"203.0.113.0", "203.0.113.16", "203.0.113.32"};
    for (const char* network : networks)
    {
        NetDeviceContainer link = wire.Install(homeAgent, mobileNode);
        addresses.SetBase(network, "255.255.255.240");
        Ipv4InterfaceContainer interfaces = addresses.Assign(link);
        gateways.push_back(interfaces.GetAddress(0));
        careOf.push_back(interfaces.GetAddress(1));
        links.Add(link.Get(1));
    }
    Ipv4StaticRoutingHelper routing;
    routing.GetStaticRouting(correspondent->GetObject<Ipv4>())->SetDefaultRoute(HOME_AGENT, 1);
    routing.GetStaticRouting(mobileNode->GetObject<Ipv4>())->SetDefaultRoute(gateways[0], 1, 1);
}

/// \return the mobile node's
Ptr<FlowbindAgent>
InstallAgents(const Network& network)
{
    FlowbindHomeAgentHelper home(HOME_AGENT, "198.51.100.0", "255.255.255.0");
    FlowbindMobileNodeHelper mobile;
    mobile.SetAttribute("Key", StringValue("000102030405060708090a0b0c0d0e0f"));
    Ptr<FlowbindAgent> agent = mobile.Install(network.mobileNode, HOME_ADDRESS);
    FlowbindHelper::Pair(agent, home.Install(network.homeAgent));
    agent->SetPolicy(MakeFigure2());
    for (uint32_t i = 0; i < PATHS; i++)
    {
        uint8_t number = static_cast<uint8_t>(i + 1);
        agent->AddLink(network.links.Get(i), number, number, 4, number, network.gateways[i]);
        agent->NotifyLinkUp(number);
    }
    return agent;
}

void
AddFlows(Traffic& traffic, const Options& options, const Network& network)
{
    for (uint32_t i = 0; i < options.flows; i++)
    {
        uint16_t correspondentPort = static_cast<uint16_t>(i == 0 ? SIP : SIP + 100 + i);
        uint16_t mobilePort = static_cast<uint16_t>(FIRST_PORT + i);
        if (options.direction == "up")
        {
            traffic.AddFlow(CORRESPONDENT, mobilePort, correspondentPort);
            continue;
        }
        Ipv4Address destination = options.mode == "tunnel" ? HOME_ADDRESS
                                                           : network.careOf[i % PATHS];
        traffic.AddFlow(destination, correspondentPort, mobilePort);
    }
}

/// \return the exit code
int
Simulate(const Options& options)
{
    Network network;
    PathShare paths;
    if (options.mode == "tunnel")
    {
        Ptr<FlowbindAgent> mobile = InstallAgents(network);
        if (options.share)
        {
            mobile->TraceConnectWithoutContext("TunnelRx", MakeCallback(&PathShare::Add, &paths));
            mobile->TraceConnectWithoutContext("TunnelTx", MakeCallback(&PathShare::Add, &paths));
        }
    }
    bool down = options.direction == "down";
    Traffic traffic(down ? network.correspondent : network.mobileNode,
                    down ? network.mobileNode : network.correspondent,
                    options.packets,
                    options.octets);
    AddFlows(traffic, options, network);
    Simulator::Schedule(TRAFFIC_START, &Traffic::Send, &traffic);
    Simulator::Stop(TRAFFIC_START + INTERVAL * options.packets + Seconds(1));
    Simulator::Run();

    std::cout << "{\"mode\": \"" << options.mode << "\", \"direction\": \"" << options.direction
              << "\", \"sent\": " << options.packets << ", \"received\": " << traffic.GetReceived()
              << ", \"wall_s\": " << traffic.GetWallSeconds() << ", \"paths\": " << paths.GetPaths()
              << "}" << std::endl;
    return traffic.GetReceived() == options.packets ? 0 : 1;
}

} // namespace

int
main(int argc, char* argv[])
{
    Options options;
    CommandLine command(__FILE__);
    command.AddValue("mode",
                     "plain: ns-3's routing alone; tunnel: agents and tunnel",
                     options.mode);
    command.AddValue("direction", "down: to the mobile node; up: from it", options.direction);
    command.AddValue("packets", "packets to send", options.packets);
    command.AddValue("octets", "UDP payload of a packet", options.octets);
    command.AddValue("flows", "flows, in turn packet by packet", options.flows);
    command.AddValue("share", "count the paths used (costs time)", options.share);
    command.Parse(argc, argv);
    bool modeIsKnown = options.mode == "plain" || options.mode == "tunnel";
    bool directionIsKnown = options.direction == "down" || options.direction == "up";
    if (!modeIsKnown || !directionIsKnown || options.flows == 0 || options.packets == 0)
    {
        std::cerr << "flowbind-shim-benchmark: --mode is plain or tunnel, --direction is down or "
                     "up, --flows and --packets are at least 1; see --help\n";
        return 2;
    }
    int code = Simulate(options);
    Simulator::Destroy();
    return code;
}
