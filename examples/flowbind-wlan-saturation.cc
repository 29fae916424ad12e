/* SPDX-License-Identifier: GPL-2.0-only */

// How much does a WLAN carry when all its stations always have a packet to send?
//
//     flowbind-wlan-saturation --stations=10 --mode=OfdmRate54Mbps --seconds=10 --seed=1
//
// prints one line of JSON. The stations stand together without an access point, and each sends packets of 1500 octets
// to the next one, without RTS or aggregation, as often as it takes. That is the case of G. Bianchi's analysis.
// results/R6-wlan-saturation compares.

#include "ns3/boolean.h"
#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/mobility-helper.h"
#include "ns3/packet-socket-client.h"
#include "ns3/packet-socket-helper.h"
#include "ns3/packet-socket-server.h"
#include "ns3/queue-size.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wifi-net-device.h"
#include "ns3/wifi-remote-station-manager.h"
#include "ns3/yans-wifi-helper.h"

#include <iostream>
#include <limits>

using namespace ns3;

namespace
{

constexpr uint32_t OCTETS = 1500;
// m, so that nobody is better heard, and propagation takes no time
constexpr double DISTANCE = 0.001;
constexpr double OFFERED = 2; // times the rate of the mode, all stations together

uint64_t g_octets = 0; // received by all

void
Count(Ptr<const Packet> packet, const Address&)
{
    g_octets += packet->GetSize();
}

/// Nothing is ever given up: neither by retransmission, nor in the queue.
void
SetPersistent()
{
    Config::SetDefault("ns3::WifiRemoteStationManager::MaxSlrc",
                       UintegerValue(std::numeric_limits<uint32_t>::max()));
    Config::SetDefault("ns3::WifiRemoteStationManager::MaxSsrc",
                       UintegerValue(std::numeric_limits<uint32_t>::max()));
    Config::SetDefault("ns3::WifiRemoteStationManager::RtsCtsThreshold", UintegerValue(65535));
    Config::SetDefault("ns3::WifiRemoteStationManager::FragmentationThreshold",
                       UintegerValue(65534));
    Config::SetDefault("ns3::WifiMacQueue::MaxSize", QueueSizeValue(QueueSize("500p")));
    Config::SetDefault("ns3::WifiMacQueue::MaxDelay", TimeValue(Seconds(1e6)));
}

/// Of the rates of 802.11b 1 and 2 Mbit/s are basic, so ACKs are sent at 2, as the analysis has it. Stations without an
/// access point that meet by themselves hold every rate to be basic, and answer at 11.
void
LimitBasicRates(NetDeviceContainer devices, WifiMode mode)
{
    for (uint32_t i = 0; i < devices.GetN(); i++)
    {
        auto device = DynamicCast<WifiNetDevice>(devices.Get(i));
        Ptr<WifiRemoteStationManager> manager = device->GetRemoteStationManager();
        manager->AddBasicMode(WifiMode("DsssRate1Mbps"));
        manager->AddBasicMode(WifiMode("DsssRate2Mbps"));
        for (uint32_t j = 0; j < devices.GetN(); j++)
        {
            auto address = Mac48Address::ConvertFrom(devices.Get(j)->GetAddress());
            manager->AddSupportedMode(address, mode);
            manager->RecordDisassociated(address); // known, so its rates are not asked for again
        }
    }
}

NetDeviceContainer
InstallStations(NodeContainer nodes, const std::string& mode, bool everyRateBasic)
{
    bool dsss = mode.compare(0, 4, "Dsss") == 0;
    Config::SetDefault("ns3::WifiPhy::ChannelSettings",
                       StringValue(dsss ? "{0, 22, BAND_2_4GHZ, 0}" : "{0, 20, BAND_5GHZ, 0}"));
    MobilityHelper mobility;
    mobility.SetPositionAllocator("ns3::UniformDiscPositionAllocator",
                                  "rho",
                                  DoubleValue(DISTANCE / 2));
    mobility.Install(nodes);
    YansWifiChannelHelper channel;
    channel.SetPropagationDelay("ns3::ConstantSpeedPropagationDelayModel");
    channel.AddPropagationLoss("ns3::FixedRssLossModel", "Rss", DoubleValue(-40));
    YansWifiPhyHelper phy;
    phy.DisablePreambleDetectionModel();
    // With the tables, ns-3's default, one of two frames at 6 Mbit/s sometimes survives their collision.
    phy.SetErrorRateModel("ns3::NistErrorRateModel");
    phy.SetChannel(channel.Create());
    WifiHelper wifi;
    wifi.SetStandard(dsss ? WIFI_STANDARD_80211b : WIFI_STANDARD_80211a);
    wifi.SetRemoteStationManager("ns3::ConstantRateWifiManager",
                                 "DataMode",
                                 StringValue(mode),
                                 "ControlMode",
                                 StringValue(mode));
    WifiMacHelper mac;
    mac.SetType("ns3::AdhocWifiMac", "QosSupported", BooleanValue(false));
    NetDeviceContainer devices = wifi.Install(phy, mac, nodes);
    wifi.AssignStreams(devices, 100);
    if (dsss && !everyRateBasic)
    {
        LimitBasicRates(devices, WifiMode(mode));
    }
    return devices;
}

void
InstallTraffic(NodeContainer nodes, NetDeviceContainer devices, double rate)
{
    uint32_t stations = nodes.GetN();
    PacketSocketHelper sockets;
    sockets.Install(nodes);
    Time interval = Seconds(stations * OCTETS * 8 / (OFFERED * rate));
    Ptr<UniformRandomVariable> start = CreateObject<UniformRandomVariable>();
    start->SetStream(1);
    for (uint32_t i = 0; i < stations; i++)
    {
        uint32_t next = (i + 1) % stations;
        PacketSocketAddress address;
        address.SetSingleDevice(devices.Get(i)->GetIfIndex());
        address.SetPhysicalAddress(devices.Get(next)->GetAddress());
        address.SetProtocol(1);
        Ptr<PacketSocketClient> client = CreateObject<PacketSocketClient>();
        client->SetRemote(address);
        client->SetAttribute("PacketSize", UintegerValue(OCTETS));
        client->SetAttribute("MaxPackets", UintegerValue(0));
        client->SetAttribute("Interval", TimeValue(interval));
        client->SetStartTime(Seconds(start->GetValue(0, 1)));
        nodes.Get(i)->AddApplication(client);
        Ptr<PacketSocketServer> server = CreateObject<PacketSocketServer>();
        server->SetLocal(address);
        server->TraceConnectWithoutContext("Rx", MakeCallback(&Count));
        nodes.Get(next)->AddApplication(server);
    }
}

} // namespace

int
main(int argc, char** argv)
{
    uint32_t stations = 10;
    std::string mode = "OfdmRate54Mbps";
    double seconds = 10;
    double warmUp = 4;
    uint32_t seed = 1;
    bool everyRateBasic = false;
    CommandLine command;
    command.Usage("Saturation throughput of a WLAN, as one line of JSON.");
    command.AddValue("stations", "how many, from 2", stations);
    command.AddValue("mode", "OfdmRate6Mbps to 54Mbps (802.11a), DsssRate1Mbps to 11 (b)", mode);
    command.AddValue("seconds", "of simulated time that are measured", seconds);
    command.AddValue("warm-up", "seconds before; stations start in the first one", warmUp);
    command.AddValue("every-rate-basic",
                     "802.11b: ACKs at the data's rate, not at 2 Mbit/s",
                     everyRateBasic);
    command.AddValue("seed", "of everything random", seed);
    command.Parse(argc, argv);
    RngSeedManager::SetRun(seed);
    SetPersistent();
    NodeContainer nodes;
    nodes.Create(stations);
    NetDeviceContainer devices = InstallStations(nodes, mode, everyRateBasic);
    auto rate = static_cast<double>(WifiMode(mode).GetDataRate(mode[0] == 'D' ? 22 : 20));
    InstallTraffic(nodes, devices, rate);

    Simulator::Stop(Seconds(warmUp));
    Simulator::Run();
    uint64_t before = g_octets;
    Simulator::Stop(Seconds(seconds));
    Simulator::Run();
    double throughput = static_cast<double>(g_octets - before) * 8 / seconds;
    Simulator::Destroy();
    std::cout << "{\"stations\": " << stations << ", \"seed\": " << seed
              << ", \"throughput_bps\": " << static_cast<uint64_t>(throughput) << "}\n";
    return 0;
}
