/* SPDX-License-Identifier: GPL-2.0-only */
#include "plot.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace ns3;

namespace
{

typedef FlowbindStatistics::Bin Bin;

/// Okabe and Ito's colours, which the colour-blind can tell apart; one for each type of path, then some more.
const char* const TYPE_COLOURS[] = {"#0072B2", "#E69F00", "#009E73", "#CC79A7"};
const char* const MORE_COLOURS[] = {"#56B4E9", "#D55E00", "#F0E442", "#000000"};

/// Pixels.
const int WIDTH = 1500;
const int PANEL = 230;
const int TOP = 150;
const int BOTTOM = 75;
const int GAP = 46; ///< above each panel, for its title
const int LEFT = 120;
const int RIGHT = 30;

const double MOST_BINS = 130;

/// Bins so wide that the picture shows goodput and not single packets: 1, 2 or 5 times a power of ten.
Time
GetBinWidth(const fbc_scenario& scenario)
{
    double wanted = scenario.duration_ns * 1e-9 / MOST_BINS;
    double width = 0.1;
    for (double factor = 0.1; width < wanted; factor *= 10)
    {
        for (double step : {1., 2., 5.})
        {
            width = width < wanted ? factor * step : width;
        }
    }
    return Seconds(width);
}

std::map<const fbc_path*, std::string>
ChooseColours(const std::vector<const fbc_path*>& paths)
{
    std::map<const fbc_path*, std::string> colours;
    std::map<fbc_path_type, bool> taken;
    std::size_t next = 0;
    for (const fbc_path* path : paths)
    {
        colours[path] = taken[path->type] ? MORE_COLOURS[next++ % 4] : TYPE_COLOURS[path->type];
        taken[path->type] = true;
    }
    return colours;
}

/// A quoted string of gnuplot's in which nothing has a meaning.
std::string
Quote(const std::string& text)
{
    std::string quoted = "'";
    for (char c : text)
    {
        quoted += c == '\'' ? std::string("''") : std::string(1, c);
    }
    return quoted + "'";
}

/// The least number that makes a good end of a scale and is not below.
double
RoundUp(double value)
{
    double power = std::pow(10, std::floor(std::log10(value)));
    for (double factor : {1., 1.2, 1.6, 2., 2.4, 3., 4., 5., 6., 8.})
    {
        if (factor * power >= value * 0.999)
        {
            return factor * power;
        }
    }
    return 10 * power;
}

std::vector<Bin>
MakePlotBins(const Results& results, uint32_t flow, FlowbindStatistics::Direction direction)
{
    const fbc_scenario& scenario = results.GetScenario();
    Time until = NanoSeconds(scenario.duration_ns);
    return results.GetStatistics()->MakeBins(flow, direction, GetBinWidth(scenario), until);
}

/// The paths that carried something.
std::set<uint8_t>
GetUsedPaths(const Results& results, uint32_t flow, FlowbindStatistics::Direction direction)
{
    std::set<uint8_t> used;
    for (const Bin& bin : MakePlotBins(results, flow, direction))
    {
        for (const auto& path : bin.octets)
        {
            used.insert(path.first);
        }
    }
    return used;
}

double
GetPeak(const Results& results, uint32_t flow, FlowbindStatistics::Direction direction)
{
    Time width = GetBinWidth(results.GetScenario());
    double peak = 0;
    for (const Bin& bin : MakePlotBins(results, flow, direction))
    {
        double octets = 0;
        for (const auto& path : bin.octets)
        {
            octets += path.second;
        }
        peak = std::max(peak, octets * 8 / width.GetSeconds());
    }
    return peak;
}

std::string
DescribeTraffic(const fbc_traffic& traffic)
{
    std::string text;
    if (traffic.flow == nullptr)
    {
        text = std::string(traffic.protocol == 6 ? "TCP" : "UDP") + " port " +
               std::to_string(traffic.port);
    }
    else
    {
        text = std::string(traffic.flow->name) + ": ";
        for (uint8_t i = 0; i < traffic.flow->path_count; i++)
        {
            text += std::string(i == 0 ? "" : ", else ") + traffic.flow->path[i];
        }
        text += !traffic.flow->drop ? "" : traffic.flow->path_count == 0 ? "drop" : ", else drop";
    }
    if (traffic.direction == FBC_DOWN)
    {
        text += "   (toward the mobile node)";
    }
    if (traffic.direction == FBC_UP)
    {
        text += "   (from the mobile node)";
    }
    return text;
}

/// Where panel i is, in shares of the picture's height.
double
GetPanelTop(const fbc_scenario& scenario, std::size_t panel)
{
    double height = TOP + BOTTOM + scenario.traffic_count * (PANEL + GAP) - GAP;
    return 1 - (TOP + panel * (PANEL + GAP)) / height;
}

double
GetPanelBottom(const fbc_scenario& scenario, std::size_t panel)
{
    double height = TOP + BOTTOM + scenario.traffic_count * (PANEL + GAP) - GAP;
    return GetPanelTop(scenario, panel) - PANEL / height;
}

void
WriteHead(std::ostream& script, const fbc_scenario& scenario)
{
    int height = TOP + BOTTOM + scenario.traffic_count * (PANEL + GAP) - GAP;
    script << "# Draws goodput.png and goodput.svg from goodput.dat. Say: gnuplot goodput.gp\n"
              "set encoding utf8\n"
              "do for [kind in 'png svg'] {\n"
              "if (kind eq 'png') {\n"
           << "  set terminal pngcairo size " << WIDTH << "," << height
           << " font 'sans-serif,15' linewidth 1.5\n"
           << "} else {\n"
           << "  set terminal svg size " << WIDTH << "," << height
           << " font 'sans-serif,18' linewidth 1.5 background '#ffffff'\n"
              "}\n"
              "set output 'goodput.'.kind\n"
              "set multiplot\n"
              "set lmargin at screen "
           << static_cast<double>(LEFT) / WIDTH << "\nset rmargin at screen "
           << 1 - static_cast<double>(RIGHT) / WIDTH
           << "\nset border 3 linecolor '#666666'\n"
              "set tics nomirror scale 0.5 textcolor '#333333'\n"
              "set grid x y linetype 1 linewidth 0.5 linecolor '#dddddd'\n"
              "set style fill solid 1 noborder\n"
           << "set xrange [0:" << scenario.duration_ns * 1e-9 << "]\n";
}

/// Title of the picture and what the colours mean.
void
WriteTitle(std::ostream& script, const fbc_scenario& scenario)
{
    int height = TOP + BOTTOM + scenario.traffic_count * (PANEL + GAP) - GAP;
    std::string name = std::filesystem::path(scenario.file).stem().string();
    script << "set label 1 " << Quote("Goodput of each flow, by path") << " at screen "
           << static_cast<double>(LEFT) / WIDTH << "," << 1 - 28. / height
           << " left noenhanced font 'sans-serif:Bold,19'\n";
    script << "set label 2 "
           << Quote("Scenario " + name + "; means of " + FormatSeconds(GetBinWidth(scenario)) +
                    " s")
           << " at screen " << static_cast<double>(LEFT) / WIDTH << "," << 1 - 58. / height
           << " left noenhanced textcolor '#555555'\n";
    script << "set key at screen " << 1 - static_cast<double>(RIGHT) / WIDTH << ","
           << 1 - 28. / height << " right center horizontal noenhanced samplen 1.5\n";
}

/// Grey while a path is down, and a line at each event; the first panel also says which.
void
WriteEvents(std::ostream& script, const fbc_scenario& scenario, bool first)
{
    double duration = scenario.duration_ns * 1e-9;
    std::map<const fbc_path*, double> since;
    int object = 1;
    int level = 0;
    double labelled = -duration;
    for (std::size_t i = 0; i < scenario.event_count; i++)
    {
        const fbc_event& event = scenario.events[i];
        double at = event.at_ns * 1e-9;
        script << "set arrow from first " << at << ", graph 0 to first " << at
               << ", graph 1 nohead front dashtype 2 linewidth 1.2 linecolor '#444444'\n";
        if (event.action == FBC_EVENT_DOWN)
        {
            since.insert({event.path, at});
        }
        else if (event.action == FBC_EVENT_UP && since.count(event.path) != 0)
        {
            script << "set object " << object++ << " rectangle from first " << since[event.path]
                   << ", graph 0 to first " << at
                   << ", graph 1 behind fillcolor '#999999' fillstyle solid 0.16 noborder\n";
            since.erase(event.path);
        }
        if (first)
        {
            // Neighbours stand on two lines in turn, so that they do not cover each other.
            level = at - labelled < 0.1 * duration ? 1 - level : 0;
            labelled = at;
            script << "set label " << Quote(DescribeEvent(event)) << " at first " << at
                   << ", graph 1 offset 0," << 1.75 + level
                   << (at > 0.93 * duration ? " right" : " center")
                   << " noenhanced textcolor '#444444'\n";
        }
    }
    for (const auto& path : since)
    {
        script << "set object " << object++ << " rectangle from first " << path.second
               << ", graph 0 to first " << duration
               << ", graph 1 behind fillcolor '#999999' fillstyle solid 0.16 noborder\n";
    }
}

/// A scale with its unit; both directions share it, the one from the mobile node downwards.
double
WriteScale(std::ostream& script, const fbc_traffic& traffic, double peak)
{
    double divisor = peak >= 1e6 ? 1e6 : 1e3;
    bool both = traffic.direction == FBC_BOTH; // then there are words at top and bottom
    double top = RoundUp(std::max(peak, 1e3) / divisor * (both ? 1.3 : 1.05));
    script << "set ylabel '" << (divisor == 1e6 ? "Mbit/s" : "kbit/s") << "' textcolor '#333333'\n"
           << "set yrange [" << (both ? -top : 0) << ":" << top << "]\nset ytics (";
    for (int i = both ? -2 : 0; i <= 2; i++)
    {
        char tick[64];
        std::snprintf(tick, sizeof(tick), "'%g' %g", std::abs(i) * top / 2, i * top / 2);
        script << tick << (i == 2 ? ")\n" : ", ");
    }
    if (both)
    {
        script
            << "set label 'to the mobile node' at graph 0.008, graph 0.93 left front textcolor '#555555'\n"
               "set label 'from it' at graph 0.008, graph 0.07 left front textcolor '#555555'\n"
               "set arrow from graph 0, first 0 to graph 1, first 0 nohead front linecolor '#666666'\n";
    }
    return divisor;
}

/// The curves: sums over the paths, the highest first so that each path's own part stays to be seen.
void
WriteCurves(std::ostream& script,
            const Results& results,
            uint32_t flow,
            uint32_t& column,
            double divisor)
{
    const fbc_scenario& scenario = results.GetScenario();
    const std::vector<const fbc_path*> paths = results.GetPaths();
    std::map<const fbc_path*, std::string> colours = ChooseColours(paths);
    bool both = scenario.traffic[flow].direction == FBC_BOTH;
    // A flow of which nothing arrived has a panel too.
    script << "  NaN notitle";
    const std::string separator = ", \\\n";
    for (FlowbindStatistics::Direction direction : Results::GetDirections(scenario.traffic[flow]))
    {
        bool below = both && direction == FlowbindStatistics::UP;
        double scale = below ? -divisor : divisor;
        std::set<uint8_t> used = GetUsedPaths(results, flow, direction);
        for (std::size_t path = paths.size(); path-- > 0;)
        {
            if (used.count(paths[path]->bid) == 0)
            {
                continue;
            }
            script << separator << "  'goodput.dat' using 1:($" << column + path << "/" << scale
                   << ") with fillsteps linecolor '" << colours[paths[path]] << "' notitle";
        }
        column += static_cast<uint32_t>(paths.size());
    }
    if (flow > 0)
    {
        return;
    }
    for (const fbc_path* path : paths)
    {
        script << separator << "  keyentry with boxes fillcolor '" << colours[path] << "' title "
               << Quote(path->name);
    }
    if (scenario.event_count > 0)
    {
        script << separator << "  keyentry with boxes fillcolor '#dddddd' title 'path down'";
    }
}

void
WritePanel(std::ostream& script, const Results& results, uint32_t flow, uint32_t& column)
{
    const fbc_scenario& scenario = results.GetScenario();
    const fbc_traffic& traffic = scenario.traffic[flow];
    bool last = flow + 1 == scenario.traffic_count;
    double peak = 0;
    for (FlowbindStatistics::Direction direction : Results::GetDirections(traffic))
    {
        peak = std::max(peak, GetPeak(results, flow, direction));
    }
    script << "\n# " << traffic.name << "\nset tmargin at screen " << GetPanelTop(scenario, flow)
           << "\nset bmargin at screen " << GetPanelBottom(scenario, flow) << "\n"
           << "set label " << Quote(traffic.name)
           << " at graph 0, graph 1 offset 0,0.7 left noenhanced"
           << " font 'sans-serif:Bold'\n"
           << "set label " << Quote(DescribeTraffic(traffic)) << " at graph 0, graph 1 offset "
           << std::string(traffic.name).size() + 2 << ",0.7 left noenhanced textcolor '#555555'\n"
           << (last ? "set format x '%g'\nset xlabel 'simulated time, s' textcolor '#333333'\n"
                    : "set format x ''\nunset xlabel\n");
    WriteEvents(script, scenario, flow == 0);
    double divisor = WriteScale(script, traffic, peak);
    script << "plot \\\n";
    WriteCurves(script, results, flow, column, divisor);
    script << "\nunset label\nunset arrow\nunset object\nunset key\n";
}

} // namespace

std::string
MakePlotData(const Results& results)
{
    const fbc_scenario& scenario = results.GetScenario();
    const std::vector<const fbc_path*> paths = results.GetPaths();
    Time width = GetBinWidth(scenario);
    std::vector<std::vector<Bin>> series;
    std::ostringstream data;
    data
        << "# Goodput in bit/s. Time in s; then for each flow and direction a column a path, each with the sum of the "
           "paths up to it:\n# time";
    for (std::size_t i = 0; i < scenario.traffic_count; i++)
    {
        for (FlowbindStatistics::Direction direction : Results::GetDirections(scenario.traffic[i]))
        {
            series.push_back(MakePlotBins(results, i, direction));
            for (const fbc_path* path : paths)
            {
                data << " " << scenario.traffic[i].name << "/" << Results::GetName(direction) << ":"
                     << path->name;
            }
        }
    }
    data << "\n";
    std::size_t count = series.empty() ? 0 : series[0].size();
    // gnuplot's steps go from a point to the next; one more point closes the last bin.
    for (std::size_t bin = 0; bin <= count && count > 0; bin++)
    {
        data << bin * width.GetSeconds();
        for (const auto& bins : series)
        {
            const Bin& values = bins[std::min(bin, count - 1)];
            double sum = 0;
            for (const fbc_path* path : paths)
            {
                auto octets = values.octets.find(path->bid);
                sum += octets == values.octets.end() ? 0 : octets->second * 8 / width.GetSeconds();
                data << " " << sum;
            }
        }
        data << "\n";
    }
    return data.str();
}

std::string
MakePlotScript(const Results& results)
{
    const fbc_scenario& scenario = results.GetScenario();
    std::ostringstream script;
    WriteHead(script, scenario);
    WriteTitle(script, scenario);
    uint32_t column = 2;
    for (std::size_t i = 0; i < scenario.traffic_count; i++)
    {
        WritePanel(script, results, i, column);
    }
    script << "unset multiplot\nunset output\nreset\n}\n";
    return script.str();
}

std::string
DrawPlot(const std::string& folder)
{
    const int NOT_FOUND = 127;
    const std::string log = folder + "/gnuplot.log";
    pid_t child = fork();
    if (child == 0)
    {
        bool ready = chdir(folder.c_str()) == 0 &&
                     std::freopen("gnuplot.log", "w", stderr) != nullptr;
        if (ready)
        {
            execlp("gnuplot", "gnuplot", "goodput.gp", static_cast<char*>(nullptr));
        }
        _exit(NOT_FOUND);
    }
    int status = 0;
    bool ended = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status);
    if (ended && WEXITSTATUS(status) == 0)
    {
        return "";
    }
    if (ended && WEXITSTATUS(status) == NOT_FOUND)
    {
        return "There is no picture: gnuplot is missing. Install it (Debian: apt-get install gnuplot-nox), then say "
               "'gnuplot goodput.gp' in the folder of the results.";
    }
    std::ifstream messages(log);
    std::string line;
    while (line.empty() && std::getline(messages, line))
    {
    }
    return "There is no picture: gnuplot failed (" + line +
           "). The data are in goodput.dat, the script in goodput.gp.";
}
