/* SPDX-License-Identifier: GPL-2.0-only */

/**
 * \file
 * Runs a scenario file: builds its networks, lets its traffic flow, and shows which path every flow took and what that
 * meant for it. `flowbind-sim --help` says how.
 */

#include "chart.h"
#include "csv.h"
#include "options.h"
#include "output-folder.h"
#include "plot.h"
#include "progress.h"
#include "results.h"
#include "text-report.h"
#include "world.h"

#include "config/report.h"

#include "ns3/boolean.h"
#include "ns3/global-value.h"
#include "ns3/simulator.h"

#include <iostream>
#include <memory>

using namespace ns3;

namespace
{

typedef std::unique_ptr<fbc_scenario, decltype(&fbc_scenario_free)> ScenarioPtr;

/// Null when anything is wrong with it, after that was said.
ScenarioPtr
ReadScenario(const Options& options)
{
    fbc_report report;
    fbc_report_init(&report);
    const char* policy = options.policy.empty() ? nullptr : options.policy.c_str();
    ScenarioPtr scenario(fbc_scenario_read(options.scenario.c_str(), policy, &report),
                         &fbc_scenario_free);
    if (!scenario)
    {
        fbc_report_print(&report, stderr);
    }
    fbc_report_free(&report);
    return scenario;
}

int
FailOutput(const OutputFolder& folder)
{
    std::cerr << "flowbind-sim: " << folder.GetError() << "\n";
    return EXIT_OUTPUT;
}

/// Whatever the run leaves behind: names of the files, in the order in which people are told of them.
struct Outcome
{
    std::vector<std::string> captures;
    std::string key; ///< checks the authentication of messages in the captures
    std::string remarks; ///< what is not as it should be, one line each
};

/// What a table cannot say.
std::string
MakeRemarks(const fbc_scenario& scenario, const World& world)
{
    std::string remarks;
    for (std::size_t i = 0; i < scenario.traffic_count; i++)
    {
        uint32_t reconnects = world.GetTraffic().GetClients()[i]->GetReconnects();
        if (reconnects > 0)
        {
            remarks += std::string(scenario.traffic[i].name) +
                       ": its connection was given up and opened again, " +
                       std::to_string(reconnects) + (reconnects == 1 ? " time\n" : " times\n");
        }
    }
    return remarks;
}

int
WriteResults(const Options& options,
             const Results& results,
             uint32_t seed,
             Outcome& outcome,
             OutputFolder& folder)
{
    std::string text = MakeTextReport(results, seed) +
                       (outcome.remarks.empty() ? "" : "\n" + outcome.remarks);
    std::string chart = MakeChart(results, seed);
    bool written = folder.Write("summary.txt", text) && folder.Write("chart.txt", chart) &&
                   folder.Write("results.csv", MakeResultsCsv(results, seed));
    std::vector<std::string> files = {"summary.txt", "chart.txt", "results.csv"};
    if (results.Measures(FBC_MEASURE_SIGNALLING))
    {
        written = written && folder.Write("signalling.csv", MakeSignallingCsv(results, seed));
        files.push_back("signalling.csv");
    }
    std::string trouble;
    if (written && results.GetScenario().traffic_count > 0 && results.Measures(FBC_MEASURE_GOODPUT))
    {
        written = folder.Write("goodput.dat", MakePlotData(results)) &&
                  folder.Write("goodput.gp", MakePlotScript(results));
        trouble = written ? DrawPlot(folder.GetWorkPath("")) : "";
        for (const char* name : {"goodput.png", "goodput.svg", "goodput.gp", "goodput.dat"})
        {
            files.push_back(name);
        }
    }
    files.insert(files.end(), outcome.captures.begin(), outcome.captures.end());
    if (!written || !folder.CheckCaptures(outcome.captures) || !folder.Commit(files))
    {
        return FailOutput(folder);
    }
    if (!trouble.empty())
    {
        std::cerr << "flowbind-sim: " << trouble << "\n";
    }
    if (options.chart)
    {
        std::cout << chart << (options.quiet ? "" : "\n");
    }
    if (options.quiet)
    {
        std::cerr << DescribeVerdicts(results, true);
    }
    else
    {
        std::cout << text << "\nFiles in " << folder.GetFinalPath("") << "\n ";
        for (const auto& name : files)
        {
            std::cout << " " << name;
        }
        std::cout << "\n";
    }
    if (!options.quiet && !outcome.captures.empty())
    {
        std::cout << "To read the signalling: ./flowbind decode '"
                  << folder.GetFinalPath("home-agent.pcap") << "'"
                  << (outcome.key.empty() ? "" : " --key " + outcome.key) << "\n";
    }
    return results.AreExpectationsMet() ? EXIT_FINE : EXIT_EXPECTATION;
}

int
Simulate(const Options& options, const fbc_scenario& scenario)
{
    uint32_t seed = options.seed != 0 ? options.seed : scenario.seed;
    if (options.pcap)
    {
        GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
    }
    std::unique_ptr<World> world = World::Make(scenario);
    std::string errors = world->Build(seed);
    if (!errors.empty())
    {
        std::cerr << errors;
        return EXIT_INPUT;
    }
    OutputFolder folder(options.out);
    if (!folder.Open())
    {
        return FailOutput(folder);
    }
    Outcome outcome;
    if (options.pcap)
    {
        outcome.captures = world->EnablePcap(folder.GetWorkPath(""));
    }
    Progress progress(NanoSeconds(scenario.duration_ns), options.quiet);
    progress.Start();
    world->Run();
    progress.Finish();
    if (progress.IsInterrupted())
    {
        std::cerr << "\nflowbind-sim: interrupted; earlier results are as they were\n";
        return EXIT_INTERRUPTED;
    }
    Results results(scenario, world->GetStatistics(), world->GetTraffic(), world->GetViews());
    outcome.remarks = MakeRemarks(scenario, *world);
    outcome.key = world->GetKey();
    // The captures are complete when the last device that writes to them is gone.
    world.reset();
    Simulator::Destroy();
    return WriteResults(options, results, seed, outcome, folder);
}

} // namespace

int
main(int argc, char* argv[])
{
    Options options;
    int code = ParseOptions(argc, argv, options);
    if (code >= 0)
    {
        return code;
    }
    ScenarioPtr scenario = ReadScenario(options);
    if (!scenario)
    {
        return EXIT_INPUT;
    }
    if (options.check)
    {
        std::cout << options.scenario << ": fine\n";
        return EXIT_FINE;
    }
    return Simulate(options, *scenario);
}
