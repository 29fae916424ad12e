/* SPDX-License-Identifier: GPL-2.0-only */

// How much does each terminal of a busy LTE cell get?
//
//     flowbind-lte-cell --terminals=6 --distance=4800 --scheduler=rr
//
// prints one line of JSON: octets a second of the terminal that gets least, of the mean, and of the one that gets most,
// for both links. All terminals stand at the same distance. By default their bearers are full, as in ns-3's own tests
// of its schedulers; with --core=1 there is a core network, and UDP packets of 1472 octets arrive faster than the cell
// can send them: then only the downlink is measured, above UDP. results/R8-lte-cell compares.

#include "ns3/boolean.h"
#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/ff-mac-scheduler.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/lte-enb-net-device.h"
#include "ns3/lte-helper.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/mobility-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/radio-bearer-stats-calculator.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-client.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

using namespace ns3;

namespace
{

const Time START = Seconds(0.3); // connections are there
constexpr uint8_t DATA_BEARER = 3; // its logical channel
constexpr uint16_t PORT = 9;
constexpr uint32_t PAYLOAD = 1472; // octets of UDP in 1500 of IPv4
constexpr double OFFERED = 20e6; // bit/s to all terminals: more than 25 resource blocks carry

struct Options
{
    uint32_t terminals = 1;
    double distance = 0;
    std::string scheduler = "rr";
    bool errors = true;
    bool core = false;
    double seconds = 0.4;
    uint32_t seed = 1;
};

struct Cell
{
    Ptr<LteHelper> lte;
    Ptr<PointToPointEpcHelper> epc; // null: bearers are full
    NetDeviceContainer terminals;
};

void
SetDefaults(const Options& options)
{
    Config::SetDefault("ns3::LteSpectrumPhy::CtrlErrorModelEnabled", BooleanValue(options.errors));
    Config::SetDefault("ns3::LteSpectrumPhy::DataErrorModelEnabled", BooleanValue(options.errors));
    Config::SetDefault("ns3::LteHelper::UseIdealRrc", BooleanValue(false));
    Config::SetDefault("ns3::LteUePhy::EnableUplinkPowerControl", BooleanValue(false));
    Config::SetDefault("ns3::LteUePhy::TxPower", DoubleValue(23));
    Config::SetDefault("ns3::LteUePhy::NoiseFigure", DoubleValue(9));
    Config::SetDefault("ns3::LteEnbPhy::TxPower", DoubleValue(30));
    Config::SetDefault("ns3::LteEnbPhy::NoiseFigure", DoubleValue(5));
    // A retransmission always fits, which round robin does not care for.
    Config::SetDefault("ns3::LteRlcAm::TxOpportunityForRetxAlwaysBigEnough", BooleanValue(true));
    Config::SetDefault("ns3::LteRlcUm::MaxTxBufferSize", UintegerValue(100000));
    Config::SetDefault("ns3::RadioBearerStatsCalculator::DlRlcOutputFilename",
                       StringValue("/dev/null"));
    Config::SetDefault("ns3::RadioBearerStatsCalculator::UlRlcOutputFilename",
                       StringValue("/dev/null"));
}

Cell
InstallCell(const Options& options, NodeContainer nodes)
{
    Cell cell;
    cell.lte = CreateObject<LteHelper>();
    cell.lte->SetAttribute("PathlossModel", StringValue("ns3::FriisSpectrumPropagationLossModel"));
    cell.lte->SetSchedulerType(options.scheduler == "pf" ? "ns3::PfFfMacScheduler"
                                                         : "ns3::RrFfMacScheduler");
    cell.lte->SetSchedulerAttribute("UlCqiFilter", EnumValue(FfMacScheduler::SRS_UL_CQI));
    if (options.core)
    {
        cell.epc = CreateObject<PointToPointEpcHelper>();
        cell.lte->SetEpcHelper(cell.epc);
    }
    NodeContainer station;
    station.Create(1);
    MobilityHelper mobility;
    mobility.Install(station);
    mobility.Install(nodes);
    for (uint32_t i = 0; i < nodes.GetN(); i++)
    {
        nodes.Get(i)->GetObject<MobilityModel>()->SetPosition(Vector(options.distance, 0, 0));
    }
    NetDeviceContainer base = cell.lte->InstallEnbDevice(station);
    cell.terminals = cell.lte->InstallUeDevice(nodes);
    int64_t streams = cell.lte->AssignStreams(base, 1);
    cell.lte->AssignStreams(cell.terminals, 1 + streams);
    if (options.core)
    {
        InternetStackHelper internet;
        internet.Install(nodes);
        cell.epc->AssignUeIpv4Address(cell.terminals);
    }
    cell.lte->Attach(cell.terminals, base.Get(0));
    if (!options.core)
    {
        cell.lte->ActivateDataRadioBearer(cell.terminals, EpsBearer(EpsBearer::GBR_CONV_VOICE));
    }
    return cell;
}

void
Count(uint64_t* octets, Ptr<const Packet> packet, const Address&)
{
    *octets += Simulator::Now() >= START ? packet->GetSize() : 0;
}

/// A server behind the core network, which sends to all terminals.
void
InstallTraffic(const Cell& cell, NodeContainer nodes, std::vector<uint64_t>& octets)
{
    NodeContainer server;
    server.Create(1);
    InternetStackHelper internet;
    internet.Install(server);
    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    wire.SetChannelAttribute("Delay", StringValue("1ms"));
    NetDeviceContainer devices = wire.Install(server.Get(0), cell.epc->GetPgwNode());
    Ipv4AddressHelper addresses("192.0.2.0", "255.255.255.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    Ipv4StaticRoutingHelper routing;
    Ptr<Ipv4> ip = server.Get(0)->GetObject<Ipv4>();
    routing.GetStaticRouting(ip)->SetDefaultRoute(interfaces.GetAddress(1), 1);
    for (uint32_t i = 0; i < nodes.GetN(); i++)
    {
        Ptr<Ipv4> terminal = nodes.Get(i)->GetObject<Ipv4>();
        routing.GetStaticRouting(terminal)->SetDefaultRoute(cell.epc->GetUeDefaultGatewayAddress(),
                                                            1);
        Ptr<PacketSink> sink = CreateObject<PacketSink>();
        sink->SetAttribute("Protocol", StringValue("ns3::UdpSocketFactory"));
        sink->SetAttribute("Local", AddressValue(InetSocketAddress(Ipv4Address::GetAny(), PORT)));
        sink->TraceConnectWithoutContext("Rx", MakeBoundCallback(&Count, &octets[i]));
        nodes.Get(i)->AddApplication(sink);
        Ptr<UdpClient> client = CreateObject<UdpClient>();
        client->SetRemote(terminal->GetAddress(1, 0).GetLocal(), PORT);
        client->SetAttribute("PacketSize", UintegerValue(PAYLOAD));
        client->SetAttribute("MaxPackets", UintegerValue(4000000000));
        client->SetAttribute("Interval", TimeValue(Seconds(nodes.GetN() * PAYLOAD * 8 / OFFERED)));
        client->SetStartTime(Seconds(0.1 + 0.0001 * i));
        server.Get(0)->AddApplication(client);
    }
}

void
Print(const std::string& link, const std::vector<uint64_t>& octets, double seconds)
{
    auto range = std::minmax_element(octets.begin(), octets.end());
    uint64_t sum = std::accumulate(octets.begin(), octets.end(), uint64_t(0));
    auto rate = [seconds](uint64_t count) { return static_cast<double>(count) / seconds; };
    std::cout << ", \"" << link << "\": {\"least\": " << rate(*range.first)
              << ", \"mean\": " << rate(sum) / static_cast<double>(octets.size())
              << ", \"most\": " << rate(*range.second) << "}";
}

void
RunCell(const Options& options)
{
    SetDefaults(options);
    NodeContainer nodes;
    nodes.Create(options.terminals);
    Cell cell = InstallCell(options, nodes);
    std::vector<uint64_t> down(options.terminals);
    std::vector<uint64_t> up(options.terminals);
    if (options.core)
    {
        InstallTraffic(cell, nodes, down);
    }
    cell.lte->EnableRlcTraces();
    Ptr<RadioBearerStatsCalculator> stats = cell.lte->GetRlcStats();
    stats->SetAttribute("StartTime", TimeValue(START));
    stats->SetAttribute("EpochDuration", TimeValue(Seconds(options.seconds)));
    // Just before the calculator begins anew.
    Simulator::Stop(START + Seconds(options.seconds) - MicroSeconds(1));
    Simulator::Run();
    for (uint32_t i = 0; i < options.terminals && !options.core; i++)
    {
        uint64_t imsi = cell.terminals.Get(i)->GetObject<LteUeNetDevice>()->GetImsi();
        down[i] = stats->GetDlRxData(imsi, DATA_BEARER);
        up[i] = stats->GetUlRxData(imsi, DATA_BEARER);
    }
    std::cout << "{\"terminals\": " << options.terminals << ", \"distance\": " << options.distance
              << ", \"scheduler\": \"" << options.scheduler << "\"";
    Print("down", down, options.seconds);
    if (!options.core)
    {
        Print("up", up, options.seconds);
    }
    std::cout << "}\n";
    Simulator::Destroy();
}

} // namespace

int
main(int argc, char** argv)
{
    Options options;
    CommandLine command;
    command.Usage("What each terminal of a busy LTE cell gets, as one line of JSON.");
    command.AddValue("terminals", "how many", options.terminals);
    command.AddValue("distance", "of all of them, m", options.distance);
    command.AddValue("scheduler", "rr or pf", options.scheduler);
    command.AddValue("errors", "1: frames are lost as the SINR says; 0: never", options.errors);
    command.AddValue("core", "1: UDP through a core network", options.core);
    command.AddValue("seconds", "of simulated time that are measured", options.seconds);
    command.AddValue("seed", "of everything random", options.seed);
    command.Parse(argc, argv);
    if (options.terminals == 0 || (options.scheduler != "rr" && options.scheduler != "pf"))
    {
        std::cerr << "flowbind-lte-cell: terminals is from 1, and scheduler is rr or pf\n";
        return 2;
    }
    RngSeedManager::SetRun(options.seed);
    std::cout.precision(9);
    RunCell(options);
    return 0;
}
