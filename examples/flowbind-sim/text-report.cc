/* SPDX-License-Identifier: GPL-2.0-only */
#include "text-report.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <tuple>

using namespace ns3;

namespace
{

typedef std::vector<std::string> Line;

/// Columns as wide as their widest cell, two blanks apart. The first `left` are aligned left, the others right.
std::string
Align(const std::vector<Line>& lines, std::size_t left)
{
    std::vector<std::size_t> widths;
    for (const Line& line : lines)
    {
        widths.resize(std::max(widths.size(), line.size()));
        for (std::size_t i = 0; i < line.size(); i++)
        {
            widths[i] = std::max(widths[i], line[i].size());
        }
    }
    std::string text;
    for (const Line& line : lines)
    {
        std::string row;
        for (std::size_t i = 0; i < line.size(); i++)
        {
            std::string blanks(widths[i] - line[i].size(), ' ');
            row += "  " + (i < left ? line[i] + blanks : blanks + line[i]);
        }
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + "\n";
    }
    return text;
}

std::string
DescribeLoss(const FlowbindStatistics::Summary& summary)
{
    if (summary.sent == 0)
    {
        return "-";
    }
    return FormatShare(static_cast<double>(summary.lost) / summary.sent);
}

std::string
DescribeReordering(const FlowbindStatistics::Summary& summary)
{
    uint64_t received = summary.sent - summary.lost;
    return received == 0 ? "-" : FormatShare(static_cast<double>(summary.reordered) / received);
}

/// The path most packets took; 0: none.
uint8_t
GetMainPath(const FlowbindStatistics::Summary& summary)
{
    uint8_t main = 0;
    uint64_t most = 0;
    for (const auto& path : summary.path)
    {
        if (path.second > most)
        {
            most = path.second;
            main = path.first;
        }
    }
    return main;
}

/// A gap that lasts until the end of the phase might go on. A flow that stayed where it was had no failover.
std::string
DescribeGap(const FlowbindStatistics::Summary& summary, const FlowbindStatistics::Summary* before)
{
    if (before == nullptr || GetMainPath(*before) == GetMainPath(summary))
    {
        return "-";
    }
    return (summary.failoverGapOpen ? "> " : "") + FormatDelay(summary.failoverGap);
}

Line
MakeHeader(const Results& results)
{
    Line line = {"flow", "way", "phase"};
    auto add = [&](uint32_t what, const char* name)
    {
        if (results.Measures(what))
        {
            line.push_back(name);
        }
    };
    add(FBC_MEASURE_PATH_SHARE, "path");
    add(FBC_MEASURE_GOODPUT, "goodput");
    add(FBC_MEASURE_DELAY, "delay mean");
    add(FBC_MEASURE_DELAY, "95th pct");
    add(FBC_MEASURE_LOSS, "loss");
    add(FBC_MEASURE_REORDERING, "reordered");
    add(FBC_MEASURE_FAILOVER_GAP, "failover gap");
    return line;
}

Line
MakeLine(const Results& results, const Row& row, const Row* before)
{
    bool first = before == nullptr;
    std::string name = row.traffic->name;
    if (row.traffic->flow != nullptr)
    {
        name += std::string(" (") + row.traffic->flow->name + ")";
    }
    Line line = {first ? name : "", first ? Results::GetName(row.direction) : "", row.phase->name};
    auto add = [&](uint32_t what, const std::string& cell)
    {
        if (results.Measures(what))
        {
            line.push_back(cell);
        }
    };
    const FlowbindStatistics::Summary& summary = row.summary;
    add(FBC_MEASURE_PATH_SHARE, results.DescribePaths(summary.path));
    add(FBC_MEASURE_GOODPUT, FormatRate(summary.goodput));
    add(FBC_MEASURE_DELAY, FormatDelay(summary.delayMean));
    add(FBC_MEASURE_DELAY, FormatDelay(summary.delayP95));
    add(FBC_MEASURE_LOSS, DescribeLoss(summary));
    add(FBC_MEASURE_REORDERING, DescribeReordering(summary));
    add(FBC_MEASURE_FAILOVER_GAP, DescribeGap(summary, first ? nullptr : &before->summary));
    return line;
}

std::string
MakeTable(const Results& results)
{
    std::vector<Line> lines = {MakeHeader(results)};
    const Row* last = nullptr;
    for (const Row& row : results.GetRows())
    {
        bool first = last == nullptr || last->flow != row.flow || last->direction != row.direction;
        if (first && last != nullptr && results.GetPhases().size() > 1)
        {
            lines.push_back({});
        }
        lines.push_back(MakeLine(results, row, first ? nullptr : last));
        last = &row;
    }
    std::string notes;
    if (results.Measures(FBC_MEASURE_DELAY))
    {
        notes += "  delay: one way, from the sender's IP layer to the receiver's\n";
    }
    if (results.Measures(FBC_MEASURE_FAILOVER_GAP))
    {
        notes +=
            "  failover gap: longest time without payload around the event that moved the flow;\n"
            "                > when it lasted to the end of the phase\n";
    }
    return Align(lines, results.Measures(FBC_MEASURE_PATH_SHARE) ? 4 : 3) + "\n" + notes;
}

/// What the users of the applications notice; empty when there is none of them.
std::string
MakeExperience(const Results& results)
{
    std::vector<Line> lines;
    const Row* last = nullptr;
    for (const Row& row : results.GetRows())
    {
        std::string text = DescribeFigures(row.figures);
        if (text.empty() || !results.Measures(FBC_MEASURE_EXPERIENCE))
        {
            continue;
        }
        bool first = last == nullptr || last->flow != row.flow || last->direction != row.direction;
        lines.push_back({first ? row.traffic->name : "",
                         first ? Results::GetName(row.direction) : "",
                         row.phase->name,
                         text});
        last = &row;
    }
    return lines.empty() ? "" : "\nWhat users notice\n" + Align(lines, 4);
}

std::string
DescribeRequest(const Results& results, const fb_event& event)
{
    std::string text = "register";
    if (event.lifetime_s == 0)
    {
        text = "de-register";
    }
    if ((event.flags & FB_EVENT_FLAG_MULTIPATH) == 0)
    {
        bool isProxy = results.GetScenario().protocol == FBC_PMIP6;
        text += isProxy ? ", without RFC 8278" : ", without RFC 7629";
    }
    else
    {
        text += " BID " + std::to_string(event.ref.bid) + " (" +
                results.GetPathName(event.ref.bid) + ")";
    }
    text += (event.flags & FB_EVENT_FLAG_BULK) != 0 ? ", B" : "";
    text += (event.flags & FB_EVENT_FLAG_OVERWRITE) != 0 ? ", O" : "";
    if ((event.flags & FB_EVENT_FLAG_POLICY) != 0)
    {
        // How many flow options there are no update's event says.
        text += event.count == 0 ? ", flows"
                                 : ", policy of " + std::to_string(event.count) + " rules";
    }
    return text;
}

std::string
DescribeReply(const fb_event* reply, const fb_event& request)
{
    if (reply == nullptr)
    {
        return "no answer";
    }
    std::string text = reply->code <= 1 ? "accepted"
                                        : "denied, code " + std::to_string(reply->code);
    if (reply->code <= 1 && request.lifetime_s != 0)
    {
        text += " for " + std::to_string(reply->lifetime_s) + " s";
    }
    return text + ", " + FormatDelay((reply->time - request.time) * 1e-9) + " later";
}

/// What a reply has in common with its request. Gateways register several nodes, and paths, at the same time.
using Exchange = std::tuple<uint64_t, std::string, uint8_t>;

Exchange
GetExchange(const Results& results, const fb_event& event)
{
    if (results.GetScenario().protocol != FBC_PMIP6)
    {
        return {event.identification, "", 0};
    }
    return {event.identification,
            std::string(event.identity.text, event.identity.length),
            event.ref.bid};
}

/// Of Mobility Headers, as fb_event.type has it: neither a request nor its reply.
const uint8_t HEARTBEAT = 13;

/// One line: how many heartbeats and answers to some a gateway sent and got, by path.
std::string
CountHeartbeats(const Results& results)
{
    std::map<uint8_t, std::pair<uint32_t, uint32_t>> paths;
    for (const auto& signal : results.GetStatistics()->GetSignals())
    {
        if (signal.agent == FlowbindStatistics::MOBILE_NODE && signal.event.type == HEARTBEAT)
        {
            auto& counts = paths[signal.event.ref.bid];
            counts.first += signal.event.kind == FB_EVENT_SENT;
            counts.second += signal.event.kind == FB_EVENT_RECEIVED;
        }
    }
    std::string text;
    for (const auto& path : paths)
    {
        text += (text.empty() ? "  Heartbeats, and answers to some: " : "; ") +
                results.GetPathName(path.first) + " " + std::to_string(path.second.first) +
                " sent, " + std::to_string(path.second.second) + " received";
    }
    return text.empty() ? "" : text + "\n";
}

/// One line for each request of the mobile node, with its reply.
std::string
MakeSignalling(const Results& results)
{
    const std::vector<FlowbindStatistics::Signal>& signals = results.GetStatistics()->GetSignals();
    std::map<Exchange, const fb_event*> replies;
    for (const auto& signal : signals)
    {
        if (signal.agent == FlowbindStatistics::MOBILE_NODE &&
            signal.event.kind == FB_EVENT_RECEIVED)
        {
            replies[GetExchange(results, signal.event)] = &signal.event;
        }
    }
    std::vector<Line> lines = {{"time", "over", "request", "reply"}};
    for (const auto& signal : signals)
    {
        const fb_event& event = signal.event;
        if (signal.agent != FlowbindStatistics::MOBILE_NODE || event.kind != FB_EVENT_SENT ||
            event.type == HEARTBEAT)
        {
            continue;
        }
        uint8_t over = results.GetStatistics()->GetSentOver(signal);
        auto reply = replies.find(GetExchange(results, event));
        char time[32];
        std::snprintf(time, sizeof(time), "%8.3f s", event.time * 1e-9);
        lines.push_back({time,
                         results.GetPathName(over),
                         DescribeRequest(results, event),
                         DescribeReply(reply == replies.end() ? nullptr : reply->second, event)});
    }
    return Align(lines, 4) + CountHeartbeats(results);
}

std::string
GetFileName(const char* path)
{
    return std::filesystem::path(path).filename().string();
}

} // namespace

std::string
MakeTextReport(const Results& results, uint32_t seed)
{
    const fbc_scenario& scenario = results.GetScenario();
    std::ostringstream text;
    text << "Scenario " << GetFileName(scenario.file) << ", "
         << (scenario.policy == nullptr ? "no policy"
                                        : "policy " + GetFileName(scenario.policy->file))
         << ", " << FormatSeconds(NanoSeconds(scenario.duration_ns)) << " s, seed " << seed << "\n";
    for (std::size_t i = 0; i < scenario.event_count; i++)
    {
        const fbc_event& event = scenario.events[i];
        text << (i == 0 ? "Events: " : ", ") << DescribeEvent(event) << " at "
             << FormatSeconds(NanoSeconds(event.at_ns)) << " s"
             << (i + 1 == scenario.event_count ? "\n" : "");
    }
    if (scenario.traffic_count > 0)
    {
        text << "\n" << MakeTable(results) << MakeExperience(results);
    }
    if (results.Measures(FBC_MEASURE_SIGNALLING))
    {
        bool isProxy = results.GetScenario().protocol == FBC_PMIP6;
        text << "\nSignalling of the " << (isProxy ? "gateways" : "mobile node") << "\n"
             << MakeSignalling(results);
    }
    text << DescribeVerdicts(results, false);
    return text.str();
}

std::string
DescribeVerdicts(const Results& results, bool onlyFailures)
{
    std::vector<Line> lines;
    std::size_t met = 0;
    for (const Verdict& verdict : results.GetVerdicts())
    {
        met += verdict.met ? 1 : 0;
        if (!verdict.met || !onlyFailures)
        {
            lines.push_back({verdict.met ? "met" : "NOT MET", verdict.expected, verdict.seen});
        }
    }
    if (lines.empty())
    {
        return "";
    }
    std::ostringstream text;
    text << "\nExpectations: " << met << " of " << results.GetVerdicts().size() << " met\n"
         << Align(lines, 3);
    return text.str();
}
