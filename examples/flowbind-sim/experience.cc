/* SPDX-License-Identifier: GPL-2.0-only */
#include "experience.h"

#include "results.h"
#include "traffic.h"

#include "ns3/flowbind-call-quality.h"
#include "ns3/flowbind-video-client.h"
#include "ns3/flowbind-web-client.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace ns3;

namespace
{

typedef FlowbindStatistics::PacketRecord PacketRecord;

const double NANOSECOND = 1e-9;

/// How the packets of a call that were sent between two times were played.
struct Played
{
    uint64_t packets{0};
    uint64_t missing{0};
    uint64_t bursts{0}; ///< of missing ones
    double delay{0}; ///< sum of those that were played, seconds

    void Count(int64_t played, bool afterMissing)
    {
        packets++;
        if (played != FlowbindPlayout::NEVER)
        {
            delay += played * NANOSECOND;
            return;
        }
        missing++;
        bursts += afterMissing ? 0 : 1;
    }
};

/// The packets of a call in the order in which they were sent; what else there is has no payload.
std::vector<FlowbindPlayout::Packet>
GetVoice(const std::vector<PacketRecord>& records)
{
    std::vector<FlowbindPlayout::Packet> packets;
    for (const PacketRecord& record : records)
    {
        if (record.data)
        {
            bool lost = record.received == FlowbindStatistics::NEVER;
            packets.push_back({record.sent, lost ? FlowbindPlayout::NEVER : record.received});
        }
    }
    return packets;
}

/// Mean length of a burst over that of random losses (ITU-T G.107 7.5); random losses come alone now and then.
double
GetBurstRatio(const Played& played)
{
    if (played.bursts == 0)
    {
        return 1;
    }
    double loss = static_cast<double>(played.missing) / played.packets;
    double length = static_cast<double>(played.missing) / played.bursts;
    return std::max(1.0, length * (1 - loss));
}

std::string
Format(const char* format, double value)
{
    char text[64];
    std::snprintf(text, sizeof(text), format, value);
    return text;
}

std::string
DescribeCall(const Figures& figures)
{
    std::string text = "MOS " + Format("%.2f", figures.at("mos")) + " (R " +
                       Format("%.1f", figures.at("rating")) + ")";
    auto delay = figures.find("mouth_to_ear_s");
    text += delay == figures.end() ? "" : ", " + FormatDelay(delay->second) + " from mouth to ear";
    return text + ", " + FormatShare(figures.at("voice_missing")) + " of the voice missing";
}

std::string
DescribeTransfer(const Figures& figures)
{
    auto completion = figures.find("completion_s");
    return completion == figures.end() ? "not complete"
                                       : "complete after " + FormatDelay(completion->second);
}

/// "2 pages"
std::string
Count(double number, const std::string& what)
{
    return Format("%.0f ", number) + what + (number == 1 ? "" : "s");
}

std::string
DescribePages(const Figures& figures)
{
    double unfinished = figures.at("pages_unfinished");
    std::string text = Count(figures.at("pages"), "page");
    auto mean = figures.find("page_time_mean_s");
    if (mean != figures.end())
    {
        text += " in " + FormatDelay(mean->second) + " on average, 95 % within " +
                FormatDelay(figures.at("page_time_p95_s"));
    }
    return text + (unfinished > 0 ? ", " + Format("%.0f more not loaded", unfinished) : "");
}

std::string
DescribeFilm(const Figures& figures)
{
    std::string text;
    auto start = figures.find("film_start_s");
    auto rate = figures.find("film_rate_bps");
    if (figures.at("film_begun") == 0)
    {
        return "never began";
    }
    text += start == figures.end() ? "" : "began after " + FormatDelay(start->second) + ", ";
    text += rate == figures.end() ? "no picture" : FormatRate(rate->second) + " on average";
    text += ", " + Count(figures.at("film_switches"), "change") + " of the rate, " +
            Count(figures.at("film_stalls"), "stall");
    double stalled = figures.at("film_stalled_s");
    return text + (stalled > 0 ? ", " + FormatDelay(stalled) + " without a picture" : "");
}

} // namespace

Experience::Experience(const fbc_scenario& scenario,
                       Ptr<FlowbindStatistics> statistics,
                       const Traffic& traffic)
    : m_scenario(scenario),
      m_statistics(statistics),
      m_traffic(traffic)
{
}

Figures
Experience::Measure(uint32_t traffic, Direction direction, Time from, Time until) const
{
    const fbc_traffic& about = m_scenario.traffic[traffic];
    if (about.kind == FBC_KIND_VOIP)
    {
        return MeasureCall(traffic, direction, from, until);
    }
    if (about.kind == FBC_KIND_WEB)
    {
        return MeasurePages(traffic, from, until);
    }
    if (about.kind == FBC_KIND_VIDEO)
    {
        return MeasureFilm(traffic, from, until);
    }
    return about.bytes > 0 ? MeasureTransfer(traffic, direction, from, until) : Figures{};
}

Figures
Experience::MeasureCall(uint32_t traffic, Direction direction, Time from, Time until) const
{
    const fbc_traffic& call = m_scenario.traffic[traffic];
    Time interval = DataRate(call.rate_bps).CalculateBytesTxTime(call.packet);
    Time fixed = call.playout_ns == FBC_UNSET ? Time(-1) : NanoSeconds(call.playout_ns);
    std::vector<FlowbindPlayout::Packet> packets = GetVoice(
        m_statistics->GetPackets(traffic, direction));
    // The buffer knows what was before the interval too.
    std::vector<int64_t> delays = FlowbindPlayout(interval, fixed).Play(packets);
    Played played;
    for (std::size_t i = 0; i < packets.size(); i++)
    {
        if (packets[i].sent >= from.GetNanoSeconds() && packets[i].sent < until.GetNanoSeconds())
        {
            bool afterMissing = played.packets > 0 && delays[i - 1] == FlowbindPlayout::NEVER;
            played.Count(delays[i], afterMissing);
        }
    }
    if (played.packets == 0)
    {
        return {};
    }
    double loss = static_cast<double>(played.missing) / played.packets;
    if (played.missing == played.packets)
    {
        return {{"mos", 1}, {"rating", 0}, {"voice_missing", loss}};
    }
    // A packet is sent when its voice is complete, and the coder may have waited for more.
    double delay = played.delay / (played.packets - played.missing) + interval.GetSeconds() +
                   call.codec->lookahead_ns * NANOSECOND;
    FlowbindCallQuality::Coder coder = {call.codec->impairment * 1e-3,
                                        call.codec->robustness * 1e-3};
    double rating = FlowbindCallQuality::GetRating(coder, delay, loss, GetBurstRatio(played));
    return {{"mos", FlowbindCallQuality::GetMeanOpinionScore(rating)},
            {"rating", std::max(0.0, rating)},
            {"mouth_to_ear_s", delay},
            {"voice_missing", loss}};
}

/// Of the interval in which the last octet came, or in which the traffic ended without it.
Figures
Experience::MeasureTransfer(uint32_t traffic, Direction direction, Time from, Time until) const
{
    const fbc_traffic& transfer = m_scenario.traffic[traffic];
    std::vector<std::pair<int64_t, uint32_t>> arrivals;
    for (const PacketRecord& record : m_statistics->GetPackets(traffic, direction))
    {
        if (record.octets > 0)
        {
            arrivals.emplace_back(record.received, record.octets);
        }
    }
    std::sort(arrivals.begin(), arrivals.end());
    uint64_t octets = 0;
    for (const auto& arrival : arrivals)
    {
        octets += arrival.second;
        if (octets < transfer.bytes)
        {
            continue;
        }
        bool now = arrival.first >= from.GetNanoSeconds() && arrival.first < until.GetNanoSeconds();
        double seconds = (arrival.first - static_cast<int64_t>(transfer.start_ns)) * NANOSECOND;
        return now ? Figures{{"completion_s", seconds}, {"completed", 1}} : Figures{};
    }
    bool last = until >= NanoSeconds(transfer.stop_ns);
    return last ? Figures{{"completed", 0}} : Figures{};
}

/// Of the pages clicked at in the interval.
Figures
Experience::MeasurePages(uint32_t traffic, Time from, Time until) const
{
    auto client = DynamicCast<FlowbindWebClient>(m_traffic.GetClients()[traffic]);
    std::vector<double> times;
    double sum = 0;
    double waiting = 0;
    uint64_t unfinished = 0;
    for (const auto& page : client->GetPages())
    {
        if (page.clicked < from || page.clicked >= until)
        {
            continue;
        }
        if (page.loaded.IsStrictlyNegative())
        {
            unfinished++;
            waiting = std::max(waiting, (client->GetEnd() - page.clicked).GetSeconds());
            continue;
        }
        times.push_back((page.loaded - page.clicked).GetSeconds());
        sum += times.back();
    }
    Figures figures = {{"pages", times.size()},
                       {"pages_unfinished", unfinished},
                       {"page_waiting_s", waiting}};
    if (!times.empty())
    {
        std::sort(times.begin(), times.end());
        std::size_t p95 = std::ceil(0.95 * times.size()) - 1;
        figures["page_time_mean_s"] = sum / times.size();
        figures["page_time_p95_s"] = times[p95];
    }
    return figures;
}

Figures
Experience::MeasureFilm(uint32_t traffic, Time from, Time until) const
{
    auto client = DynamicCast<FlowbindVideoClient>(m_traffic.GetClients()[traffic]);
    if (client->GetPlayer() == nullptr)
    {
        return {};
    }
    FlowbindVideoPlayer::View view = client->GetPlayer()->Watch(from, until);
    Figures figures = {{"film_begun", view.begun},
                       {"film_shown_s", view.shown.GetSeconds()},
                       {"film_switches", view.switches},
                       {"film_stalls", view.stalls},
                       {"film_stalled_s", view.stalled.GetSeconds()}};
    if (view.began)
    {
        figures["film_start_s"] = view.startUp.GetSeconds();
    }
    if (view.shown.IsStrictlyPositive())
    {
        figures["film_rate_bps"] = view.rate;
    }
    return figures;
}

std::string
DescribeFigures(const Figures& figures)
{
    if (figures.count("pages") > 0)
    {
        return DescribePages(figures);
    }
    if (figures.count("film_begun") > 0)
    {
        return DescribeFilm(figures);
    }
    return figures.count("mos") > 0         ? DescribeCall(figures)
           : figures.count("completed") > 0 ? DescribeTransfer(figures)
                                            : "";
}
