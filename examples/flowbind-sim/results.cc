/* SPDX-License-Identifier: GPL-2.0-only */
#include "results.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

using namespace ns3;

namespace
{

typedef FlowbindStatistics::Summary Summary;

const double MILLION = 1e6;

std::string
Format(const char* format, double value)
{
    char text[64];
    std::snprintf(text, sizeof(text), format, value);
    return text;
}

Time
ToTime(uint64_t nanoseconds)
{
    return NanoSeconds(nanoseconds);
}

uint64_t
Count(const std::map<uint8_t, uint64_t>& packets)
{
    uint64_t sum = 0;
    for (const auto& path : packets)
    {
        sum += path.second;
    }
    return sum;
}

uint64_t
CountOn(const std::map<uint8_t, uint64_t>& packets, uint8_t bid)
{
    auto path = packets.find(bid);
    return path == packets.end() ? 0 : path->second;
}

/// "from 22 s to 34 s"
std::string
DescribeInterval(Time from, Time until)
{
    return "from " + FormatSeconds(from) + " s to " + FormatSeconds(until) + " s";
}

void
Append(std::string& list, const std::string& item)
{
    list += (list.empty() ? "" : "; ") + item;
}

/// True when the events are the loss of one path and its return.
bool
IsOneOutage(const fbc_scenario& scenario)
{
    return scenario.event_count == 2 && scenario.events[0].path == scenario.events[1].path &&
           scenario.events[0].action == FBC_EVENT_DOWN && scenario.events[1].action == FBC_EVENT_UP;
}

} // namespace

Results::Results(const fbc_scenario& scenario,
                 Ptr<FlowbindStatistics> statistics,
                 const Traffic& traffic,
                 const std::vector<HomeAgentView>& views)
    : m_scenario(scenario),
      m_statistics(statistics),
      m_experience(scenario, statistics, traffic)
{
    MakePhases();
    MakeRows();
    for (std::size_t i = 0; i < scenario.expect_count; i++)
    {
        const fbc_expect& expect = scenario.expect[i];
        m_verdicts.push_back(expect.kind == FBC_EXPECTS_MESSAGE    ? JudgeMessages(expect)
                             : expect.kind == FBC_EXPECTS_BINDINGS ? JudgeBindings(expect, views[i])
                                                                   : Judge(expect));
    }
}

const fbc_scenario&
Results::GetScenario() const
{
    return m_scenario;
}

Ptr<FlowbindStatistics>
Results::GetStatistics() const
{
    return m_statistics;
}

const std::vector<Phase>&
Results::GetPhases() const
{
    return m_phases;
}

const std::vector<Row>&
Results::GetRows() const
{
    return m_rows;
}

const std::vector<Verdict>&
Results::GetVerdicts() const
{
    return m_verdicts;
}

bool
Results::AreExpectationsMet() const
{
    return std::all_of(m_verdicts.begin(),
                       m_verdicts.end(),
                       [](const Verdict& verdict) { return verdict.met; });
}

bool
Results::Measures(uint32_t what) const
{
    return (m_scenario.measure & what) != 0;
}

std::vector<FlowbindStatistics::Direction>
Results::GetDirections(const fbc_traffic& traffic)
{
    std::vector<FlowbindStatistics::Direction> directions;
    if ((traffic.direction & FBC_DOWN) != 0)
    {
        directions.push_back(FlowbindStatistics::DOWN);
    }
    if ((traffic.direction & FBC_UP) != 0)
    {
        directions.push_back(FlowbindStatistics::UP);
    }
    return directions;
}

const char*
Results::GetName(FlowbindStatistics::Direction direction)
{
    return direction == FlowbindStatistics::UP ? "up" : "down";
}

std::vector<const fbc_path*>
Results::GetPaths() const
{
    std::vector<const fbc_path*> paths;
    for (std::size_t i = 0; i < m_scenario.path_count; i++)
    {
        paths.push_back(&m_scenario.paths[i]);
    }
    if (m_scenario.home != nullptr)
    {
        paths.push_back(m_scenario.home);
    }
    return paths;
}

std::string
Results::GetPathName(uint8_t bid) const
{
    const fbc_path* path = fbc_scenario_path_by_bid(&m_scenario, bid);
    return path == nullptr ? "none" : path->name;
}

std::string
Results::DescribePaths(const std::map<uint8_t, uint64_t>& packets) const
{
    std::vector<std::pair<uint64_t, uint8_t>> order;
    for (const auto& path : packets)
    {
        order.push_back({path.second, path.first});
    }
    std::stable_sort(order.begin(),
                     order.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    if (order.empty())
    {
        return "-";
    }
    std::string text;
    double sum = Count(packets);
    for (const auto& path : order)
    {
        // A packet without a path was dropped where the tunnels begin.
        text += text.empty() ? "" : ", ";
        text += path.second == 0 ? "dropped" : GetPathName(path.second);
        text += order.size() == 1 ? "" : " " + FormatShare(path.first / sum);
    }
    return text;
}

void
Results::MakePhases()
{
    std::set<uint64_t> borders;
    for (std::size_t i = 0; i < m_scenario.event_count; i++)
    {
        uint64_t at = m_scenario.events[i].at_ns;
        if (at > m_scenario.warmup_ns && at < m_scenario.duration_ns)
        {
            borders.insert(at);
        }
    }
    borders.insert(m_scenario.duration_ns);
    Time from = ToTime(m_scenario.warmup_ns);
    for (uint64_t border : borders)
    {
        Time until = ToTime(border);
        std::string name = FormatSeconds(from) + "-" + FormatSeconds(until) + " s";
        m_phases.push_back({name, from, until});
        from = until;
    }
    if (m_phases.size() == 3 && IsOneOutage(m_scenario))
    {
        m_phases[0].name = "before";
        m_phases[1].name = "during";
        m_phases[2].name = "after";
    }
}

void
Results::MakeRows()
{
    for (std::size_t i = 0; i < m_scenario.traffic_count; i++)
    {
        const fbc_traffic& traffic = m_scenario.traffic[i];
        for (FlowbindStatistics::Direction direction : GetDirections(traffic))
        {
            for (const Phase& phase : m_phases)
            {
                Time from = std::max(phase.from, ToTime(traffic.start_ns));
                Time until = std::min(phase.until, ToTime(traffic.stop_ns));
                if (from < until)
                {
                    Summary summary = m_statistics->Summarize(i, direction, from, until);
                    m_rows.push_back({&traffic,
                                      static_cast<uint32_t>(i),
                                      direction,
                                      &phase,
                                      from,
                                      until,
                                      summary,
                                      m_experience.Measure(i, direction, from, until)});
                }
            }
        }
    }
}

Verdict
Results::Judge(const fbc_expect& expect) const
{
    std::string wrong;
    std::string seen;
    for (std::size_t i = 0; i < m_scenario.traffic_count; i++)
    {
        const fbc_traffic& traffic = m_scenario.traffic[i];
        bool meant = expect.traffic != nullptr ? expect.traffic == &traffic
                                               : expect.flow == traffic.flow;
        if (!meant)
        {
            continue;
        }
        std::string trouble = JudgeTraffic(expect, i, seen);
        if (!trouble.empty())
        {
            Append(wrong, trouble);
        }
    }
    return {&expect, wrong.empty(), DescribeExpectation(expect), wrong.empty() ? seen : wrong};
}

/// Of the path both directions are looked at, and pure acknowledgements too: a flow is one 5-tuple.
static std::string
JudgePath(const fbc_expect& expect, const Results& results, const Summary both[2], bool sends[2])
{
    std::map<uint8_t, uint64_t> paths;
    uint64_t dropped = 0;
    bool silent = false;
    for (int direction = 0; direction < 2; direction++)
    {
        for (const auto& path : both[direction].allPath)
        {
            paths[path.first] += path.second;
        }
        dropped += both[direction].allDropped;
        silent = silent || (sends[direction] && both[direction].allPath.empty());
    }
    uint64_t sum = Count(paths);
    if (expect.outcome == FBC_OUTCOME_PATH)
    {
        uint64_t on = CountOn(paths, expect.path->bid);
        bool enough = expect.share_min_ppm == FBC_UNSET
                          ? on == sum
                          : on * MILLION >= sum * 1.0 * expect.share_min_ppm;
        bool met = !silent && sum > 0 && enough;
        return met ? "" : silent ? "nothing was sent" : "was on " + results.DescribePaths(paths);
    }
    if (expect.outcome == FBC_OUTCOME_DROP)
    {
        bool met = sum > 0 && dropped == sum;
        return met ? ""
                   : std::to_string(dropped) + " of " + std::to_string(sum) +
                         " packets were dropped by the policy";
    }
    bool met = CountOn(paths, 0) == sum;
    return met ? "" : "was on " + results.DescribePaths(paths);
}

/// Of the figures each direction that carries payload is looked at.
static std::string
JudgeFigures(const fbc_expect& expect, const Summary& summary, std::string& seen)
{
    std::string wrong;
    double loss = summary.sent == 0 ? 0 : static_cast<double>(summary.lost) / summary.sent;
    if (expect.goodput_min_bps != FBC_UNSET)
    {
        Append(summary.goodput >= expect.goodput_min_bps ? seen : wrong,
               FormatRate(summary.goodput));
    }
    if (expect.loss_max_ppm != FBC_UNSET)
    {
        Append(loss * MILLION <= expect.loss_max_ppm ? seen : wrong, "loss " + FormatShare(loss));
    }
    if (expect.delay_max_ns != FBC_UNSET)
    {
        bool met = summary.delayMean * 1e9 <= expect.delay_max_ns; // false without a packet
        Append(met ? seen : wrong, "delay " + FormatDelay(summary.delayMean));
    }
    if (expect.failover_gap_max_ns != FBC_UNSET)
    {
        bool met = summary.gap * 1e9 <= expect.failover_gap_max_ns; // false without a packet
        Append(met ? seen : wrong, "gap " + FormatDelay(summary.gap));
    }
    return wrong;
}

/// Of what a user notices, where it is demanded.
static std::string
JudgeExperience(const fbc_expect& expect, const Figures& figures, std::string& seen)
{
    std::string wrong;
    auto judge = [&](const char* metric, auto isMet)
    {
        auto figure = figures.find(metric);
        bool met = figure != figures.end() && isMet(figure->second);
        std::string text = DescribeFigures(figures);
        Append(met ? seen : wrong, text.empty() ? "nothing of it" : text);
    };
    if (expect.mos_min != FBC_UNSET)
    {
        judge("mos", [&](double mos) { return mos * 1e3 >= expect.mos_min; });
    }
    if (expect.completion_max_ns != FBC_UNSET)
    {
        judge("completion_s", [&](double s) { return s * 1e9 <= expect.completion_max_ns; });
    }
    if (expect.page_time_max_ns != FBC_UNSET)
    {
        // Nor does anybody wait longer for a page that is not there in the end.
        auto waiting = figures.find("page_waiting_s");
        double longest = waiting == figures.end() ? 0 : waiting->second;
        judge("page_time_mean_s",
              [&](double s) { return std::max(s, longest) * 1e9 <= expect.page_time_max_ns; });
    }
    if (expect.stalls_max != FBC_UNSET)
    {
        auto begun = figures.find("film_begun");
        bool isShown = begun != figures.end() && begun->second > 0;
        judge("film_stalls", [&](double stalls) { return isShown && stalls <= expect.stalls_max; });
    }
    return wrong;
}

std::string
Results::JudgeTraffic(const fbc_expect& expect, uint32_t traffic, std::string& seen) const
{
    const fbc_traffic& about = m_scenario.traffic[traffic];
    Time from = ToTime(std::max(expect.from_ns, about.start_ns));
    Time until = ToTime(std::min(expect.until_ns, about.stop_ns));
    if (from >= until)
    {
        return std::string(about.name) + " was not on then";
    }
    Summary both[2];
    bool sends[2] = {(about.direction & FBC_UP) != 0, (about.direction & FBC_DOWN) != 0};
    std::string wrong;
    for (auto direction : {FlowbindStatistics::DOWN, FlowbindStatistics::UP})
    {
        both[direction] = m_statistics->Summarize(traffic, direction, from, until);
        if (!sends[direction])
        {
            continue;
        }
        std::string fine;
        std::string trouble = JudgeFigures(expect, both[direction], fine);
        Figures figures = m_experience.Measure(traffic, direction, from, until);
        std::string complaint = JudgeExperience(expect, figures, fine);
        if (!complaint.empty())
        {
            Append(trouble, complaint);
        }
        std::string name = std::string(about.name) + " " + GetName(direction) + ": ";
        if (!trouble.empty())
        {
            Append(wrong, name + trouble);
        }
        if (!fine.empty())
        {
            Append(seen, name + fine);
        }
    }
    if (expect.outcome != FBC_OUTCOME_ANY)
    {
        std::string trouble = JudgePath(expect, *this, both, sends);
        if (!trouble.empty())
        {
            Append(wrong, std::string(about.name) + " " + trouble);
        }
        uint64_t packets = Count(both[0].allPath) + Count(both[1].allPath);
        Append(seen,
               std::string(about.name) +
                   (expect.share_min_ppm == FBC_UNSET ? ": all of " : ": enough of ") +
                   std::to_string(packets) + " packets");
    }
    return wrong;
}

std::string
Results::DescribeExpectation(const fbc_expect& expect) const
{
    std::string text = expect.traffic != nullptr ? expect.traffic->name : expect.flow->name;
    if (expect.outcome == FBC_OUTCOME_PATH)
    {
        text += " on " + std::string(expect.path->name);
    }
    if (expect.share_min_ppm != FBC_UNSET)
    {
        text += ", at least " + FormatShare(expect.share_min_ppm / MILLION) + " of it";
    }
    if (expect.outcome == FBC_OUTCOME_DROP)
    {
        text += " dropped by the policy";
    }
    if (expect.outcome == FBC_OUTCOME_NONE)
    {
        text += " on no path";
    }
    if (expect.goodput_min_bps != FBC_UNSET)
    {
        text += ", at least " + FormatRate(expect.goodput_min_bps);
    }
    if (expect.loss_max_ppm != FBC_UNSET)
    {
        text += ", loss at most " + FormatShare(expect.loss_max_ppm / MILLION);
    }
    if (expect.delay_max_ns != FBC_UNSET)
    {
        text += ", mean delay at most " + FormatDelay(expect.delay_max_ns * 1e-9);
    }
    if (expect.failover_gap_max_ns != FBC_UNSET)
    {
        text += ", gap at most " + FormatDelay(expect.failover_gap_max_ns * 1e-9);
    }
    if (expect.mos_min != FBC_UNSET)
    {
        text += ", MOS at least " + Format("%.10g", expect.mos_min * 1e-3);
    }
    if (expect.completion_max_ns != FBC_UNSET)
    {
        text += ", complete after at most " + FormatDelay(expect.completion_max_ns * 1e-9);
    }
    if (expect.page_time_max_ns != FBC_UNSET)
    {
        text += ", pages in at most " + FormatDelay(expect.page_time_max_ns * 1e-9);
    }
    if (expect.stalls_max != FBC_UNSET)
    {
        text += ", at most " + std::to_string(expect.stalls_max) + " stalls";
    }
    return text + " " + DescribeInterval(ToTime(expect.from_ns), ToTime(expect.until_ns));
}

/// True when nothing, or just this, is expected.
static bool
Fits(uint64_t expected, uint64_t value)
{
    return expected == FBC_UNSET || expected == value;
}

/// A foreign agent denies in its own name; what else it sends it only relays.
static bool
IsOwnReply(const FlowbindStatistics::Signal& signal)
{
    uint8_t code = signal.event.code;
    bool isDenial = (code >= FB_MIP4_FA_UNSPECIFIED && code < FB_MIP4_REASON_UNSPECIFIED) ||
                    code == FB_MIP4_FA_INVALID_HOME_AGENT;
    return signal.agent == FlowbindStatistics::FOREIGN_AGENT && isDenial;
}

/// The Mobility Header it is about (RFC 6275 6.1, RFC 5847 3.2).
static uint8_t
GetMobilityType(const fbc_expect& expect)
{
    const uint8_t update = 5;
    const uint8_t acknowledgement = 6;
    const uint8_t heartbeat = 13;
    return expect.heartbeat ? heartbeat : expect.reply ? acknowledgement : update;
}

/// An expected message is counted when it is sent.
bool
Results::IsExpectedMessage(const fbc_expect& expect, const FlowbindStatistics::Signal& signal) const
{
    const fb_event& event = signal.event;
    bool meant = m_scenario.protocol == FBC_PMIP6 ? event.type == GetMobilityType(expect)
                 : expect.reply
                     ? signal.agent == FlowbindStatistics::HOME_AGENT || IsOwnReply(signal)
                     : signal.agent == FlowbindStatistics::MOBILE_NODE;
    if (event.kind != FB_EVENT_SENT || !meant || event.time < expect.from_ns ||
        event.time >= expect.until_ns)
    {
        return false;
    }
    uint8_t over = m_statistics->GetSentOver(signal);
    return Fits(expect.code, event.code) && Fits(expect.bid, event.ref.bid) &&
           Fits(expect.lifetime_s, event.lifetime_s) &&
           Fits(expect.bulk, (event.flags & FB_EVENT_FLAG_BULK) != 0) &&
           Fits(expect.overwrite, (event.flags & FB_EVENT_FLAG_OVERWRITE) != 0) &&
           Fits(expect.multipath, (event.flags & FB_EVENT_FLAG_MULTIPATH) != 0) &&
           Fits(expect.rules, event.count) && (expect.path == nullptr || expect.path->bid == over);
}

static std::string
DescribeMessages(const fbc_expect& expect, bool proxy)
{
    bool one = expect.count == 1;
    std::string text = expect.count == FBC_UNSET ? "some " : std::to_string(expect.count) + " ";
    text += expect.heartbeat ? (one ? "heartbeat" : "heartbeats")
            : expect.reply   ? (one ? "reply" : "replies")
                             : (one ? "request" : "requests");
    auto add = [&](uint64_t value, const std::string& name)
    { text += value == FBC_UNSET ? "" : ", " + name + " " + std::to_string(value); };
    add(expect.code, "code");
    add(expect.bid, "BID");
    add(expect.lifetime_s, "lifetime");
    add(expect.bulk, "B");
    add(expect.overwrite, "O");
    add(expect.multipath, proxy ? "RFC 8278" : "RFC 7629");
    add(expect.rules, "rules");
    return text + (expect.path == nullptr ? "" : std::string(" over ") + expect.path->name);
}

Verdict
Results::JudgeMessages(const fbc_expect& expect) const
{
    uint64_t count = 0;
    for (const auto& signal : m_statistics->GetSignals())
    {
        count += IsExpectedMessage(expect, signal) ? 1 : 0;
    }
    bool met = expect.count == FBC_UNSET ? count > 0 : count == expect.count;
    std::string interval = DescribeInterval(ToTime(expect.from_ns), ToTime(expect.until_ns));
    return {&expect,
            met,
            DescribeMessages(expect, m_scenario.protocol == FBC_PMIP6) + " " + interval,
            std::to_string(count)};
}

Verdict
Results::JudgeBindings(const fbc_expect& expect, const HomeAgentView& view) const
{
    std::map<uint8_t, uint8_t> tunnels;
    auto describe = [&](const std::map<uint8_t, uint8_t>& paths, uint64_t rules)
    {
        std::string text;
        for (const auto& path : paths)
        {
            text += (text.empty() ? "" : ", ") + GetPathName(path.first);
            text += expect.tunnels == nullptr ? ""
                                              : std::string(" ") + fbc_tunnel_name(path.second);
        }
        return "[" + text + "]" +
               (expect.rules == FBC_UNSET ? "" : ", rules " + std::to_string(rules));
    };
    for (std::size_t i = 0; i < expect.binding_count; i++)
    {
        uint8_t bid = expect.bindings[i]->bid;
        auto seen = view.tunnels.find(bid);
        // Any tunnel will do where none is demanded.
        tunnels[bid] = expect.tunnels != nullptr    ? expect.tunnels[i]
                       : seen != view.tunnels.end() ? seen->second
                                                    : 0;
    }
    return {&expect,
            tunnels == view.tunnels && Fits(expect.rules, view.rules),
            "bindings " + describe(tunnels, expect.rules) + " at " +
                FormatSeconds(ToTime(expect.at_ns)) + " s",
            describe(view.tunnels, view.rules)};
}

static std::string
DescribeLoss(const fbc_event& event)
{
    std::string text = "lose ";
    text += event.count > 0 ? std::to_string(event.count) + " " : "";
    text += fbc_loss_name(event.loss);
    text += event.path != nullptr ? std::string(" of ") + event.path->name : "";
    return text + (event.count > 0 ? "" : " for " + FormatSeconds(ToTime(event.for_ns)) + " s");
}

std::string
DescribeMove(const fbc_event& event)
{
    std::string who = event.gateway != nullptr ? event.gateway->name : "mobile node";
    std::string to = Format("%.10g", event.to.x_mm * 1e-3) + ", " +
                     Format("%.10g", event.to.y_mm * 1e-3);
    return who + (event.speed_um_h == 0 ? " is at [" : " goes to [") + to + "]";
}

std::string
DescribeEvent(const fbc_event& event)
{
    std::string name = fbc_event_action_name(event.action);
    switch (event.action)
    {
    case FBC_EVENT_LOSE:
        return DescribeLoss(event);
    case FBC_EVENT_REGISTER:
    case FBC_EVENT_DEREGISTER:
        return name + " " + (event.path != nullptr ? event.path->name : "all");
    case FBC_EVENT_POLICY:
        return "policy of " + std::to_string(event.rule_count) +
               (event.rule_count == 1 ? " rule" : " rules");
    case FBC_EVENT_DOWN:
    case FBC_EVENT_UP:
    case FBC_EVENT_RENUMBER:
        return std::string(event.path->name) + " " + name;
    case FBC_EVENT_ATTACH:
        return std::string(event.host->name) + " attaches to " + event.gateway->name;
    case FBC_EVENT_DETACH:
        return std::string(event.host->name) + " detaches";
    case FBC_EVENT_MOVE:
        return DescribeMove(event);
    case FBC_EVENT_RESTART_GATEWAY:
        return std::string("restart of ") + event.gateway->name;
    default:
        std::replace(name.begin(), name.end(), '-', ' ');
        return name + (event.path != nullptr ? std::string(" of ") + event.path->name : "");
    }
}

std::string
FormatRate(double bitsPerSecond)
{
    if (bitsPerSecond >= 1e6)
    {
        return Format("%.2f Mbit/s", bitsPerSecond * 1e-6);
    }
    return Format("%.1f kbit/s", bitsPerSecond * 1e-3);
}

std::string
FormatDelay(double seconds)
{
    if (std::isnan(seconds))
    {
        return "-";
    }
    return seconds >= 1 ? Format("%.2f s", seconds) : Format("%.1f ms", seconds * 1e3);
}

std::string
FormatShare(double share)
{
    return Format(share > 0 && share < 0.0995 ? "%.2f %%" : "%.1f %%", share * 100);
}

std::string
FormatSeconds(Time time)
{
    return Format("%.10g", time.GetSeconds());
}
