/* SPDX-License-Identifier: GPL-2.0-only */

// What does a second of a busy sector cost, beside a busy cell of ns-3's LTE?
//
//     flowbind-cdma-benchmark --mode=cdma --terminals=10 --seconds=5
//
// prints one line of JSON. All queues are full, both ways; neither has an IP stack above, or a core network behind it:
// LTE's bearers are in saturation mode. test/tools/bench_cdma.py compares.

#include "ns3/boolean.h"
#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/flowbind-cdma-helper.h"
#include "ns3/lte-helper.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <chrono>
#include <iostream>

using namespace ns3;

namespace
{

const Time REFILL = MilliSeconds(20);
constexpr uint64_t BACKLOG = 20000; // octets: more than is sent between two refills
constexpr uint32_t OCTETS = 1200;

NodeContainer
PlaceNodes(uint32_t count, double distance)
{
    NodeContainer nodes;
    nodes.Create(count);
    for (uint32_t i = 0; i < count; i++)
    {
        Ptr<ConstantPositionMobilityModel> position = CreateObject<ConstantPositionMobilityModel>();
        position->SetPosition(Vector(distance, i, 1.5));
        nodes.Get(i)->AggregateObject(position);
    }
    return nodes;
}

void
Refill(Ptr<FlowbindCdmaSector> sector, NetDeviceContainer terminals)
{
    for (uint32_t i = 0; i < terminals.GetN(); i++)
    {
        while (sector->GetForward(i)->GetBacklog() < BACKLOG)
        {
            sector->Send(Create<Packet>(OCTETS), terminals.Get(i)->GetAddress(), 0x0800);
        }
        while (sector->GetReverse(i)->GetBacklog() < BACKLOG)
        {
            terminals.Get(i)->Send(Create<Packet>(OCTETS), sector->GetAddress(), 0x0800);
        }
    }
    Simulator::Schedule(REFILL, &Refill, sector, terminals);
}

/// \return how many seconds the simulation took
double
Run(double seconds)
{
    Simulator::Stop(Seconds(seconds));
    auto start = std::chrono::steady_clock::now();
    Simulator::Run();
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    return wall.count();
}

double
RunCdma(uint32_t count, double seconds, uint64_t& octets)
{
    FlowbindCdmaHelper helper;
    Ptr<FlowbindCdmaSector> sector = helper.InstallSector(PlaceNodes(1, 0).Get(0));
    NetDeviceContainer terminals = helper.InstallTerminals(PlaceNodes(count, 500), sector);
    helper.AssignStreams(1);
    Refill(sector, terminals);
    double wall = Run(seconds);
    for (uint32_t i = 0; i < count; i++)
    {
        octets += sector->GetForward(i)->GetCounters().delivered;
    }
    return wall;
}

double
RunLte(uint32_t count, double seconds)
{
    // Room for more terminals than ns-3's default has.
    Config::SetDefault("ns3::LteEnbRrc::SrsPeriodicity", UintegerValue(160));
    Ptr<LteHelper> lte = CreateObject<LteHelper>();
    // ns-3.37 aborts with 50 terminals
    lte->SetSchedulerAttribute("HarqEnabled", BooleanValue(false));
    NetDeviceContainer enb = lte->InstallEnbDevice(PlaceNodes(1, 0));
    NetDeviceContainer ue = lte->InstallUeDevice(PlaceNodes(count, 500));
    lte->Attach(ue, enb.Get(0));
    lte->ActivateDataRadioBearer(ue, EpsBearer(EpsBearer::GBR_CONV_VOICE));
    return Run(seconds);
}

} // namespace

int
main(int argc, char** argv)
{
    std::string mode = "cdma";
    uint32_t terminals = 1;
    double seconds = 5;
    CommandLine command;
    command.AddValue("mode", "cdma or lte", mode);
    command.AddValue("terminals", "how many", terminals);
    command.AddValue("seconds", "of simulated time", seconds);
    command.Parse(argc, argv);
    uint64_t octets = 0;
    double wall = mode == "lte" ? RunLte(terminals, seconds) : RunCdma(terminals, seconds, octets);
    std::cout << "{\"wall_s_per_s\": " << wall / seconds
              << ", \"events\": " << Simulator::GetEventCount()
              << ", \"forward_bit_s\": " << static_cast<double>(octets) * 8 / seconds << "}\n";
    Simulator::Destroy();
    return 0;
}
