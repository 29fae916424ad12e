/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-video-client.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindVideoClient);

TypeId
FlowbindVideoClient::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindVideoClient")
            .SetParent<FlowbindRequestClient>()
            .SetGroupName("Flowbind")
            .AddConstructor<FlowbindVideoClient>()
            .AddAttribute("SegmentDuration",
                          "How long a segment is to watch",
                          TimeValue(Seconds(4)),
                          MakeTimeAccessor(&FlowbindVideoClient::m_segment),
                          MakeTimeChecker(MilliSeconds(1)))
            .AddAttribute("Buffer",
                          "How much of the film the player holds at most",
                          TimeValue(Seconds(30)),
                          MakeTimeAccessor(&FlowbindVideoClient::m_buffer),
                          MakeTimeChecker(MilliSeconds(1)))
            .AddAttribute("StartUp",
                          "How much of the film must be there to begin, or to go on after a stall",
                          TimeValue(Seconds(4)),
                          MakeTimeAccessor(&FlowbindVideoClient::m_startUp),
                          MakeTimeChecker(MilliSeconds(1)))
            .AddAttribute("Safety",
                          "Share of the throughput that a rate may take",
                          DoubleValue(0.85),
                          MakeDoubleAccessor(&FlowbindVideoClient::m_safety),
                          MakeDoubleChecker<double>(0.01, 1))
            .AddAttribute("Samples",
                          "Segments whose throughput counts",
                          UintegerValue(5),
                          MakeUintegerAccessor(&FlowbindVideoClient::m_samples),
                          MakeUintegerChecker<uint32_t>(1))
            .AddTraceSource("Segment",
                            "A segment is there",
                            MakeTraceSourceAccessor(&FlowbindVideoClient::m_segmentTrace),
                            "ns3::FlowbindVideoClient::SegmentCallback");
    return tid;
}

FlowbindVideoClient::FlowbindVideoClient()
    : m_rung(0)
{
}

void
FlowbindVideoClient::SetLadder(const std::vector<DataRate>& ladder)
{
    m_ladder = ladder;
}

const FlowbindVideoPlayer*
FlowbindVideoClient::GetPlayer() const
{
    return m_player.get();
}

void
FlowbindVideoClient::DoDispose()
{
    m_next.Cancel();
    FlowbindRequestClient::DoDispose();
}

void
FlowbindVideoClient::StartApplication()
{
    NS_ABORT_MSG_IF(m_ladder.empty(), "a film needs rates; see SetLadder()");
    NS_ABORT_MSG_IF(m_buffer < m_segment + Max(m_segment, m_startUp),
                    "a segment must fit into the buffer beside another one, or beside StartUp");
    m_player = std::make_unique<FlowbindVideoPlayer>(Simulator::Now(), m_segment, m_startUp);
    OpenConnections(1);
    AskForNext();
}

void
FlowbindVideoClient::StopApplication()
{
    m_next.Cancel();
    FlowbindRequestClient::StopApplication();
}

uint64_t
FlowbindVideoClient::GetOctets() const
{
    return std::max<uint64_t>(1, m_ladder[m_rung].GetBitRate() * m_segment.GetSeconds() / 8);
}

void
FlowbindVideoClient::AskForNext()
{
    ChooseRate();
    m_asked = Simulator::Now();
    Request(0, GetOctets());
}

void
FlowbindVideoClient::Answered(uint32_t)
{
    Time now = Simulator::Now();
    NoteThroughput(now - m_asked);
    m_player->Add(now, m_ladder[m_rung]);
    Time buffer = m_player->GetBuffer(now);
    m_segmentTrace(m_ladder[m_rung], GetOctets(), now - m_asked, buffer);
    if (!IsStopped())
    {
        Time wait = Max(Time(0), buffer + m_segment - m_buffer);
        m_next = Simulator::Schedule(wait, &FlowbindVideoClient::AskForNext, this);
    }
}

void
FlowbindVideoClient::NoteThroughput(Time took)
{
    m_throughputs.push_back(GetOctets() * 8 / took.GetSeconds());
    if (m_throughputs.size() > m_samples)
    {
        m_throughputs.pop_front();
    }
}

/// Harmonic mean: a single fast segment says little, a single slow one much.
double
FlowbindVideoClient::GetThroughput() const
{
    double sum = 0;
    for (double throughput : m_throughputs)
    {
        sum += 1 / throughput;
    }
    return m_throughputs.empty() ? 0 : m_throughputs.size() / sum;
}

void
FlowbindVideoClient::ChooseRate()
{
    double allowed = m_safety * GetThroughput();
    std::size_t rung = 0;
    while (rung + 1 < m_ladder.size() && m_ladder[rung + 1].GetBitRate() <= allowed)
    {
        rung++;
    }
    bool nearlyEmpty = m_player->GetBuffer(Simulator::Now()) < m_segment;
    m_rung = nearlyEmpty ? 0 : std::min(rung, m_rung + 1);
}

} // namespace ns3
