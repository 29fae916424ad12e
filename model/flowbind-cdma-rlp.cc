/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-rlp.h"

#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindCdmaRlp);

TypeId
FlowbindCdmaRlp::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindCdmaRlp")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindCdmaRlp>()
                            .AddAttribute(
                                "MaxSize",
                                "Room for packets, or octets, of which nothing was sent yet.",
                                QueueSizeValue(QueueSize("100p")),
                                MakeQueueSizeAccessor(&FlowbindCdmaRlp::m_maxSize),
                                MakeQueueSizeChecker())
                            .AddAttribute("Retransmissions",
                                          "How often an octet is retransmitted at most.",
                                          UintegerValue(1),
                                          MakeUintegerAccessor(&FlowbindCdmaRlp::m_retransmissions),
                                          MakeUintegerChecker<uint32_t>())
                            .AddAttribute("NakDelay",
                                          "From a loss until the sender knows of it.",
                                          TimeValue(MilliSeconds(60)),
                                          MakeTimeAccessor(&FlowbindCdmaRlp::m_nakDelay),
                                          MakeTimeChecker(Time(0)))
                            .AddTraceSource("Drop",
                                            "A packet found the queue full.",
                                            MakeTraceSourceAccessor(&FlowbindCdmaRlp::m_dropTrace),
                                            "ns3::Packet::TracedCallback")
                            .AddTraceSource("Loss",
                                            "A packet was lost although it was retransmitted.",
                                            MakeTraceSourceAccessor(&FlowbindCdmaRlp::m_lossTrace),
                                            "ns3::Packet::TracedCallback");
    return tid;
}

FlowbindCdmaRlp::FlowbindCdmaRlp()
    : m_retransmissions(1),
      m_againOctets(0),
      m_next(0),
      m_end(0),
      m_waiting(0),
      m_started(0),
      m_counters()
{
}

void
FlowbindCdmaRlp::Setup(PacketCallback deliver, WakeCallback wake)
{
    m_deliver = deliver;
    m_wake = wake;
}

void
FlowbindCdmaRlp::DoDispose()
{
    m_deliver = PacketCallback();
    m_wake = WakeCallback();
    m_frames.clear();
    m_again.clear();
    Object::DoDispose();
}

bool
FlowbindCdmaRlp::Enqueue(Ptr<Packet> packet)
{
    uint32_t octets = packet->GetSize();
    m_counters.offered += octets;
    bool full = m_maxSize.GetUnit() == QueueSizeUnit::PACKETS
                    ? m_waiting >= m_maxSize.GetValue()
                    : m_end - m_next + octets > m_maxSize.GetValue();
    if (full)
    {
        m_counters.dropped += octets;
        m_dropTrace(packet);
        return false;
    }
    m_end += octets;
    m_waiting++;
    m_frames.push_back({packet, m_end, octets, false});
    m_wake();
    return true;
}

uint64_t
FlowbindCdmaRlp::GetBacklog() const
{
    return m_againOctets + m_end - m_next;
}

uint64_t
FlowbindCdmaRlp::GetHeld() const
{
    uint64_t held = 0;
    for (const auto& frame : m_frames)
    {
        held += frame.packet->GetSize();
    }
    return held;
}

const FlowbindCdmaRlp::Counters&
FlowbindCdmaRlp::GetCounters() const
{
    return m_counters;
}

FlowbindCdmaRlp::Segments
FlowbindCdmaRlp::Take(uint64_t octets)
{
    Segments taken;
    while (octets > 0 && !m_again.empty())
    {
        Segment& old = m_again.front();
        uint32_t length = static_cast<uint32_t>(std::min<uint64_t>(old.length, octets));
        taken.push_back({old.first, length, old.attempts + 1});
        old.first += length;
        old.length -= length;
        octets -= length;
        m_againOctets -= length;
        m_counters.sent += length;
        m_counters.retransmitted += length;
        if (old.length == 0)
        {
            m_again.pop_front();
        }
    }
    uint32_t length = static_cast<uint32_t>(std::min(octets, m_end - m_next));
    if (length > 0)
    {
        taken.push_back({m_next, length, 1});
        m_next += length;
        m_counters.sent += length;
        // Packets of which something is now sent wait no longer in the queue.
        while (m_started < m_next)
        {
            const Frame& frame = m_frames[m_frames.size() - m_waiting];
            m_started = frame.end;
            m_waiting--;
        }
    }
    return taken;
}

void
FlowbindCdmaRlp::Resolve(const Segments& segments, bool received)
{
    for (const auto& segment : segments)
    {
        if (!received && segment.attempts <= m_retransmissions)
        {
            Simulator::Schedule(m_nakDelay,
                                &FlowbindCdmaRlp::Retransmit,
                                Ptr<FlowbindCdmaRlp>(this),
                                segment);
            continue;
        }
        Settle(segment, received);
    }
    Release();
}

void
FlowbindCdmaRlp::Retransmit(Segment segment)
{
    if (m_wake.IsNull())
    {
        return; // disposed of meanwhile
    }
    m_again.push_back(segment);
    m_againOctets += segment.length;
    m_wake();
}

void
FlowbindCdmaRlp::Settle(const Segment& segment, bool received)
{
    uint64_t at = segment.first;
    const uint64_t end = segment.first + segment.length;
    // The first packet that ends behind the segment's first octet.
    auto frame = std::upper_bound(m_frames.begin(),
                                  m_frames.end(),
                                  at,
                                  [](uint64_t octet, const Frame& f) { return octet < f.end; });
    for (; at < end; frame++)
    {
        uint64_t part = std::min(end, frame->end) - at;
        frame->open -= static_cast<uint32_t>(part);
        frame->lost = frame->lost || !received;
        at += part;
    }
}

void
FlowbindCdmaRlp::Release()
{
    while (!m_frames.empty() && m_frames.front().open == 0)
    {
        Frame frame = m_frames.front();
        m_frames.pop_front();
        if (frame.lost)
        {
            m_counters.lost += frame.packet->GetSize();
            m_lossTrace(frame.packet);
            continue;
        }
        m_counters.delivered += frame.packet->GetSize();
        m_deliver(frame.packet);
    }
}

} // namespace ns3
