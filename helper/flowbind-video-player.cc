/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-video-player.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

FlowbindVideoPlayer::FlowbindVideoPlayer(Time start, Time segment, Time enough)
    : m_start(start),
      m_segment(segment),
      m_enough(enough),
      m_began(Time::Max()),
      m_showing(false)
{
}

void
FlowbindVideoPlayer::Update(Time now)
{
    if (m_showing && now > m_empty)
    {
        m_showing = false;
        m_waiting = Time(0);
        m_stalls.push_back({m_empty, Time::Max()});
    }
}

void
FlowbindVideoPlayer::Add(Time now, DataRate rate)
{
    Update(now);
    m_segments.push_back({now, rate, m_showing ? m_empty : Time::Max()});
    if (m_showing)
    {
        m_empty += m_segment;
        return;
    }
    m_waiting += m_segment;
    if (m_waiting < m_enough)
    {
        return;
    }
    m_showing = true;
    m_empty = now;
    for (auto& segment : m_segments)
    {
        if (segment.shown == Time::Max())
        {
            segment.shown = m_empty;
            m_empty += m_segment;
        }
    }
    if (m_began == Time::Max())
    {
        m_began = now;
        return;
    }
    m_stalls.back().until = now;
}

Time
FlowbindVideoPlayer::GetBuffer(Time now) const
{
    return m_showing ? Max(Time(0), m_empty - now) : m_waiting;
}

FlowbindVideoPlayer::View
FlowbindVideoPlayer::Watch(Time from, Time until) const
{
    View view = {};
    auto isIn = [&](Time time) { return time >= from && time < until; };
    view.begun = m_began < until;
    view.began = isIn(m_began);
    view.startUp = view.began ? m_began - m_start : Time(0);
    double bits = 0;
    for (std::size_t i = 0; i < m_segments.size() && m_segments[i].shown < until; i++)
    {
        const Segment& segment = m_segments[i];
        Time shown = Min(segment.shown + m_segment, until) - Max(segment.shown, from);
        if (shown.IsStrictlyPositive())
        {
            view.shown += shown;
            bits += segment.rate.GetBitRate() * shown.GetSeconds();
        }
        bool isOther = i > 0 && !(segment.rate == m_segments[i - 1].rate);
        view.switches += isOther && isIn(segment.shown);
    }
    view.rate = view.shown.IsStrictlyPositive() ? bits / view.shown.GetSeconds() : NAN;
    std::vector<Stall> stalls = m_stalls;
    if (m_showing && until > m_empty)
    {
        stalls.push_back({m_empty, Time::Max()}); // nothing has come since, so it is not noted yet
    }
    for (const Stall& stall : stalls)
    {
        view.stalls += isIn(stall.from);
        view.stalled += Max(Time(0), Min(stall.until, until) - Max(stall.from, from));
    }
    return view;
}

const std::vector<FlowbindVideoPlayer::Segment>&
FlowbindVideoPlayer::GetSegments() const
{
    return m_segments;
}

const std::vector<FlowbindVideoPlayer::Stall>&
FlowbindVideoPlayer::GetStalls() const
{
    return m_stalls;
}

} // namespace ns3
