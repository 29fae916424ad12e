/* SPDX-License-Identifier: GPL-2.0-only */

// How much more does a 1xEV-DO sector carry the more terminals it can choose from?
//
//     flowbind-cdma-gain --terminals=8 --rates=linear --seconds=40
//
// prints one line of JSON. All terminals have the same mean SINR and Rayleigh fading, by default independent in each
// slot. Nothing is lost, requests are for the slot that was measured, and packets do not end early: that is what closed
// forms can say something about. results/PF-gain compares.

#include "ns3/boolean.h"
#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/flowbind-cdma-helper.h"
#include "ns3/queue-size.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <iostream>

using namespace ns3;

namespace
{

constexpr double TERMINAL_NOISE_DBM = -173.975 + 60.8948 + 9; // by default
constexpr double SECTOR_DBM = 43; // by default
constexpr double BITS_AT_UNIT_SINR = 500; // of linear rates, in a slot
constexpr uint32_t MOST_BITS = 30000; // of linear rates
constexpr uint64_t BACKLOG = 20000; // octets: more than is sent between two refills
const Time REFILL = MilliSeconds(20);

/// Bits of a slot proportional to the SINR, for packets of one slot.
FlowbindCdmaRates::ForwardTable
GetLinearForward()
{
    FlowbindCdmaRates::ForwardTable table;
    for (uint32_t bits = 1; bits <= MOST_BITS; bits++)
    {
        table.push_back({1, bits, 10 * std::log10(bits / BITS_AT_UNIT_SINR)});
    }
    return table;
}

void
Refill(Ptr<FlowbindCdmaSector> sector, NetDeviceContainer terminals)
{
    for (uint32_t i = 0; i < terminals.GetN(); i++)
    {
        while (sector->GetForward(i)->GetBacklog() < BACKLOG)
        {
            sector->Send(Create<Packet>(1500), terminals.Get(i)->GetAddress(), 0x0800);
        }
    }
    Simulator::Schedule(REFILL, &Refill, sector, terminals);
}

struct Options
{
    uint32_t terminals = 1;
    std::string rates = "linear";
    double sinr = 3;
    double speed = 0;
    double timeConstant = 5000;
    double seconds = 40;
    uint32_t seed = 1;
};

NetDeviceContainer
InstallTerminals(const FlowbindCdmaHelper& helper,
                 Ptr<FlowbindCdmaSector> sector,
                 const Options& options)
{
    NodeContainer nodes;
    nodes.Create(options.terminals);
    for (uint32_t i = 0; i < options.terminals; i++)
    {
        Ptr<ConstantVelocityMobilityModel> walk = CreateObject<ConstantVelocityMobilityModel>();
        walk->SetVelocity(Vector(options.speed, 0, 0));
        nodes.Get(i)->AggregateObject(walk);
    }
    return helper.InstallTerminals(nodes, sector);
}

void
RunSector(const Options& options)
{
    Config::SetDefault("ns3::FlowbindCdmaRlp::MaxSize", QueueSizeValue(QueueSize("50p")));
    Config::SetDefault("ns3::FlowbindCdmaFading::Mode",
                       StringValue(options.speed > 0 ? "Rayleigh" : "PerSlot"));
    FlowbindCdmaHelper helper;
    Ptr<MatrixPropagationLossModel> loss = CreateObject<MatrixPropagationLossModel>();
    loss->SetDefaultLoss(SECTOR_DBM - TERMINAL_NOISE_DBM - 10 * std::log10(options.sinr));
    helper.SetPropagationLoss(loss);
    helper.SetSectorAttribute("TimeConstant", DoubleValue(options.timeConstant));
    helper.SetSectorAttribute("RequestDelay", UintegerValue(0));
    helper.SetSectorAttribute("RequestMargin", DoubleValue(0));
    helper.SetSectorAttribute("EarlyTermination", BooleanValue(false));
    helper.SetSectorAttribute("Outage", BooleanValue(false));
    helper.SetSectorAttribute("ForwardErrorRate", DoubleValue(0));
    NodeContainer node;
    node.Create(1);
    node.Get(0)->AggregateObject(CreateObject<ConstantVelocityMobilityModel>());
    Ptr<FlowbindCdmaSector> sector = helper.InstallSector(node.Get(0));
    if (options.rates != "packets")
    {
        sector->SetForwardRates(options.rates == "linear"
                                    ? GetLinearForward()
                                    : FlowbindCdmaRates::GetSingleSlotForward());
    }
    NetDeviceContainer terminals = InstallTerminals(helper, sector, options);
    helper.AssignStreams(1);
    Refill(sector, terminals);
    Simulator::Stop(Seconds(options.seconds));
    Simulator::Run();
    std::cout << "{\"terminals\": " << options.terminals << ", \"throughput_bps\": "
              << static_cast<double>(sector->GetSentBits()) / options.seconds << ", \"busy\": "
              << static_cast<double>(sector->GetBusySlots()) / (options.seconds * 600) << "}\n";
    Simulator::Destroy();
}

} // namespace

int
main(int argc, char** argv)
{
    Options options;
    CommandLine command;
    command.Usage(
        "What a 1xEV-DO sector carries with proportional-fair scheduling, as one line of JSON.");
    command.AddValue("terminals", "how many", options.terminals);
    command.AddValue(
        "rates",
        "linear: proportional to the SINR; slots: those of the standard, each in one slot; "
        "packets: with their packets of several slots",
        options.rates);
    command.AddValue("sinr", "mean, a ratio", options.sinr);
    command.AddValue("speed",
                     "m/s, which gives the fading; 0: independent in each slot",
                     options.speed);
    command.AddValue("time-constant", "of the scheduler, slots", options.timeConstant);
    command.AddValue("seconds", "of simulated time", options.seconds);
    command.AddValue("seed", "of everything random", options.seed);
    command.Parse(argc, argv);
    if (options.rates != "linear" && options.rates != "slots" && options.rates != "packets")
    {
        std::cerr << "flowbind-cdma-gain: --rates is linear, slots or packets\n";
        return 2;
    }
    RngSeedManager::SetRun(options.seed);
    std::cout.precision(9);
    RunSector(options);
    return 0;
}
