/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-traffic-pattern.h"

#include "ns3/abort.h"
#include "ns3/double.h"

namespace ns3
{

int64_t
FlowbindTrafficPattern::AssignStreams(int64_t)
{
    return 0;
}

FlowbindConstantPattern::FlowbindConstantPattern(DataRate rate, uint32_t packet)
    : m_interval(rate.CalculateBytesTxTime(packet)),
      m_packet(packet),
      m_begun(false)
{
}

FlowbindTrafficPattern::Packet
FlowbindConstantPattern::Next()
{
    Time wait = m_begun ? m_interval : Time(0);
    m_begun = true;
    return {wait, m_packet};
}

FlowbindPoissonPattern::FlowbindPoissonPattern(DataRate rate, uint32_t packet)
    : m_interval(CreateObject<ExponentialRandomVariable>()),
      m_packet(packet)
{
    m_interval->SetAttribute("Mean", DoubleValue(packet * 8.0 / rate.GetBitRate()));
}

FlowbindTrafficPattern::Packet
FlowbindPoissonPattern::Next()
{
    return {Seconds(m_interval->GetValue()), m_packet};
}

int64_t
FlowbindPoissonPattern::AssignStreams(int64_t stream)
{
    m_interval->SetStream(stream);
    return 1;
}

void
FlowbindReplayPattern::Add(Time at, uint32_t octets)
{
    NS_ABORT_MSG_IF(at < m_last || octets == 0, "packets are replayed in order, and not empty");
    m_packets.push_back({at - m_last, octets});
    m_last = at;
}

FlowbindTrafficPattern::Packet
FlowbindReplayPattern::Next()
{
    return m_next < m_packets.size() ? m_packets[m_next++] : Packet{Time(0), 0};
}

} // namespace ns3
