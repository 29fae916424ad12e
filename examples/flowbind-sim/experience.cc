/* SPDX-License-Identifier: GPL-2.0-only */
#include "experience.h"

#include "results.h"
#include "traffic.h"

#include "ns3/flowbind-call-quality.h"

#include <algorithm>
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
    if (about.bytes > 0)
    {
        return MeasureTransfer(traffic, direction, from, until);
    }
    return {};
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

std::string
DescribeFigures(const Figures& figures)
{
    return figures.count("mos") > 0         ? DescribeCall(figures)
           : figures.count("completed") > 0 ? DescribeTransfer(figures)
                                            : "";
}
