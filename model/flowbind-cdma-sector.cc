/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-sector.h"

#include "flowbind-cdma-channel.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/mobility-model.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindCdmaSector");

NS_OBJECT_ENSURE_REGISTERED(FlowbindCdmaSector);

namespace
{

double
FromDb(double db)
{
    return std::pow(10, db / 10);
}

} // namespace

TypeId
FlowbindCdmaSector::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindCdmaSector")
            .SetParent<FlowbindCdmaNetDevice>()
            .SetGroupName("Flowbind")
            .AddConstructor<FlowbindCdmaSector>()
            .AddAttribute("TxPower",
                          "Transmission power in dBm, antenna gains included.",
                          DoubleValue(43),
                          MakeDoubleAccessor(&FlowbindCdmaSector::m_txPower),
                          MakeDoubleChecker<double>())
            .AddAttribute(
                "TimeConstant",
                "Slots over which the proportional-fair scheduler averages a terminal's rate.",
                DoubleValue(1000),
                MakeDoubleAccessor(&FlowbindCdmaSector::m_timeConstant),
                MakeDoubleChecker<double>(1))
            .AddAttribute("RequestDelay",
                          "Slots from the one a terminal measures to the one its request is for.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&FlowbindCdmaSector::m_requestDelay),
                          MakeUintegerChecker<uint32_t>(0, 1))
            .AddAttribute("RequestMargin",
                          "dB above its threshold from which a terminal asks for a rate.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&FlowbindCdmaSector::SetRequestMargin),
                          MakeDoubleChecker<double>())
            .AddAttribute("EarlyTermination",
                          "A packet ends with the slot in which it has been received (hybrid ARQ).",
                          BooleanValue(true),
                          MakeBooleanAccessor(&FlowbindCdmaSector::m_earlyTermination),
                          MakeBooleanChecker())
            .AddAttribute("Outage",
                          "A packet is lost if its mean SINR is below its rate's threshold.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&FlowbindCdmaSector::m_outage),
                          MakeBooleanChecker())
            .AddAttribute("ForwardErrorRate",
                          "Share of the other packets of the forward link that are lost.",
                          DoubleValue(0.01),
                          MakeDoubleAccessor(&FlowbindCdmaSector::m_forwardErrors),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("ReverseErrorRate",
                          "Share of frames of the reverse link that are lost.",
                          DoubleValue(0.01),
                          MakeDoubleAccessor(&FlowbindCdmaSector::m_reverseErrors),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("OverheadBits",
                          "Bits of headers and checks in each 1024 bits, or in a shorter frame.",
                          UintegerValue(48),
                          MakeUintegerAccessor(&FlowbindCdmaSector::m_overhead),
                          MakeUintegerChecker<uint32_t>(0, 192))
            .AddAttribute("NoiseFigure",
                          "Of its receiver, dB.",
                          DoubleValue(5),
                          MakeDoubleAccessor(&FlowbindCdmaSector::m_noiseFigure),
                          MakeDoubleChecker<double>())
            .AddAttribute("ReverseEnergyRatio",
                          "Eb/Nt that a frame of the reverse link needs, dB.",
                          DoubleValue(2.5),
                          MakeDoubleAccessor(&FlowbindCdmaSector::m_energyRatio),
                          MakeDoubleChecker<double>())
            .AddAttribute(
                "ReverseBusyLoad",
                "Share of the reverse link's pole capacity beyond which the activity bit is set.",
                DoubleValue(0.6),
                MakeDoubleAccessor(&FlowbindCdmaSector::m_busyLoad),
                MakeDoubleChecker<double>(0, 1))
            .AddAttribute(
                "ReverseMaxLoad",
                "Share of the pole capacity that is never exceeded: terminals take turns.",
                DoubleValue(0.9),
                MakeDoubleAccessor(&FlowbindCdmaSector::m_maxLoad),
                MakeDoubleChecker<double>(0, 1))
            .AddAttribute(
                "RateIncrease",
                "Probability that a terminal doubles its rate in a frame that is not busy.",
                DoubleValue(0.25),
                MakeDoubleAccessor(&FlowbindCdmaSector::m_increase),
                MakeDoubleChecker<double>(0, 1))
            .AddAttribute("RateDecrease",
                          "Probability that a terminal halves its rate in a frame that is busy.",
                          DoubleValue(0.25),
                          MakeDoubleAccessor(&FlowbindCdmaSector::m_decrease),
                          MakeDoubleChecker<double>(0, 1))
            .AddTraceSource("ForwardPacket",
                            "A packet of the forward link ended.",
                            MakeTraceSourceAccessor(&FlowbindCdmaSector::m_forwardTrace),
                            "ns3::FlowbindCdmaSector::ForwardCallback")
            .AddTraceSource("ReverseFrame",
                            "A frame of the reverse link ended.",
                            MakeTraceSourceAccessor(&FlowbindCdmaSector::m_reverseTrace),
                            "ns3::FlowbindCdmaSector::ReverseCallback");
    return tid;
}

FlowbindCdmaSector::FlowbindCdmaSector()
    : m_bursts(),
      m_nextSlot(0),
      m_nextFrame(0),
      m_turn(0),
      m_busy(false),
      m_busySlots(0),
      m_sentBits(0),
      m_random(CreateObject<UniformRandomVariable>())
{
    SetForwardRates(FlowbindCdmaRates::GetDefaultForward());
}

void
FlowbindCdmaSector::DoDispose()
{
    m_slotEvent.Cancel();
    m_frameEvent.Cancel();
    for (auto& link : m_links)
    {
        link.forward->Dispose();
        link.reverse->Dispose();
    }
    m_links.clear();
    FlowbindCdmaNetDevice::DoDispose();
}

void
FlowbindCdmaSector::SetForwardRates(const FlowbindCdmaRates::ForwardTable& table)
{
    m_rates = table;
    m_thresholds.clear();
    for (const auto& rate : m_rates)
    {
        m_thresholds.push_back(FromDb(rate.threshold));
    }
    NS_ABORT_MSG_UNLESS(std::is_sorted(m_thresholds.begin(), m_thresholds.end()),
                        "thresholds of the forward link must rise");
}

void
FlowbindCdmaSector::SetRequestMargin(double margin)
{
    m_margin = FromDb(margin);
}

void
FlowbindCdmaSector::Attach(Ptr<FlowbindCdmaTerminal> terminal)
{
    Link link = Link();
    link.terminal = terminal;
    link.forward = CreateObject<FlowbindCdmaRlp>();
    link.reverse = CreateObject<FlowbindCdmaRlp>();
    link.fading = CreateObject<FlowbindCdmaFading>();
    link.forward->Setup(
        MakeCallback(&FlowbindCdmaNetDevice::Receive, Ptr<FlowbindCdmaNetDevice>(terminal)),
        MakeCallback(&FlowbindCdmaSector::WakeForward, this));
    link.reverse->Setup(
        MakeCallback(&FlowbindCdmaNetDevice::Receive, static_cast<FlowbindCdmaNetDevice*>(this)),
        MakeCallback(&FlowbindCdmaSector::WakeReverse, this));
    m_addresses[Mac48Address::ConvertFrom(terminal->GetAddress())] = m_links.size();
    m_links.push_back(link);
    terminal->SetLink(link.reverse);
    SetLinkUp(true);
}

uint64_t
FlowbindCdmaSector::GetBusySlots() const
{
    return m_busySlots;
}

uint64_t
FlowbindCdmaSector::GetSentBits() const
{
    return m_sentBits;
}

Ptr<FlowbindCdmaRlp>
FlowbindCdmaSector::GetForward(std::size_t index) const
{
    return m_links.at(index).forward;
}

Ptr<FlowbindCdmaRlp>
FlowbindCdmaSector::GetReverse(std::size_t index) const
{
    return m_links.at(index).reverse;
}

Ptr<FlowbindCdmaFading>
FlowbindCdmaSector::GetFading(std::size_t index) const
{
    return m_links.at(index).fading;
}

int64_t
FlowbindCdmaSector::AssignStreams(int64_t stream)
{
    int64_t first = stream;
    m_random->SetStream(stream++);
    for (const auto& link : m_links)
    {
        stream += link.fading->AssignStreams(stream);
    }
    return stream - first;
}

bool
FlowbindCdmaSector::Transmit(Ptr<Packet> frame, Mac48Address destination)
{
    if (destination.IsGroup())
    {
        bool room = true;
        for (const auto& link : m_links)
        {
            room = link.forward->Enqueue(frame->Copy()) && room;
        }
        return room;
    }
    auto found = m_addresses.find(destination);
    return found != m_addresses.end() && m_links[found->second].forward->Enqueue(frame);
}

uint64_t
FlowbindCdmaSector::GetRoom(uint32_t bits) const
{
    uint32_t units = (bits + FlowbindCdmaRates::UNIT_BITS - 1) / FlowbindCdmaRates::UNIT_BITS;
    return bits > m_overhead * units ? (bits - m_overhead * units) / 8 : 0;
}

void
FlowbindCdmaSector::Update(Link& link, uint64_t slot)
{
    uint64_t frame = slot / FlowbindCdmaRates::FRAME_SLOTS;
    if (link.isKnown && link.frame == frame)
    {
        return;
    }
    link.isKnown = true;
    link.frame = frame;
    link.sinr = m_channel->GetSinr(this, link.terminal);
    Vector a = link.terminal->GetNode()->GetObject<MobilityModel>()->GetVelocity();
    Vector b = GetNode()->GetObject<MobilityModel>()->GetVelocity();
    link.speed = std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) +
                           (a.z - b.z) * (a.z - b.z));
}

double
FlowbindCdmaSector::GetSinr(Link& link, uint64_t slot)
{
    Update(link, slot);
    return link.sinr * link.fading->GetGain(slot, link.speed);
}

// ---------------------------------------------------------------------------------------------------------------------
// Forward link

bool
FlowbindCdmaSector::HasForwardBacklog() const
{
    return std::any_of(m_links.begin(),
                       m_links.end(),
                       [](const Link& link) { return link.forward->GetBacklog() > 0; });
}

void
FlowbindCdmaSector::WakeForward()
{
    if (m_slotEvent.IsRunning() &&
        Simulator::GetDelayLeft(m_slotEvent) <= FlowbindCdmaRates::GetSlotStart(1))
    {
        return;
    }
    // The next slot; if nothing waits, the next one of an interlace in the middle of a packet.
    uint64_t slot = std::max(m_nextSlot, FlowbindCdmaRates::GetNextSlot(Simulator::Now()));
    if (!HasForwardBacklog())
    {
        uint64_t first = slot;
        while (slot < first + m_bursts.size() && !m_bursts[slot % m_bursts.size()].active)
        {
            slot++;
        }
        if (slot == first + m_bursts.size())
        {
            return;
        }
    }
    m_slotEvent.Cancel();
    m_slotEvent = Simulator::Schedule(FlowbindCdmaRates::GetSlotStart(slot) - Simulator::Now(),
                                      &FlowbindCdmaSector::DoSlot,
                                      this,
                                      slot);
}

void
FlowbindCdmaSector::DoSlot(uint64_t slot)
{
    m_nextSlot = slot + 1;
    Burst& burst = m_bursts[slot % m_bursts.size()];
    if (burst.active || StartBurst(burst, slot))
    {
        m_busySlots++;
        burst.used++;
        burst.energy += GetSinr(m_links[burst.link], slot);
        bool received = burst.energy >= burst.needed || !m_outage;
        bool early = m_earlyTermination && burst.energy >= burst.needed;
        if (early || burst.used == burst.rate.slots)
        {
            received = received && m_random->GetValue() >= m_forwardErrors;
            Simulator::Schedule(FlowbindCdmaRates::GetSlotStart(m_nextSlot) - Simulator::Now(),
                                &FlowbindCdmaSector::EndBurst,
                                this,
                                burst,
                                received);
            burst.active = false;
        }
    }
    WakeForward();
}

std::size_t
FlowbindCdmaSector::GetRequest(Link& link, uint64_t slot)
{
    uint64_t measured = slot > m_requestDelay ? slot - m_requestDelay : slot;
    double sinr = GetSinr(link, measured) / m_margin;
    auto above = std::upper_bound(m_thresholds.begin(), m_thresholds.end(), sinr);
    return above == m_thresholds.begin()
               ? m_rates.size()
               : static_cast<std::size_t>(above - m_thresholds.begin()) - 1;
}

bool
FlowbindCdmaSector::StartBurst(Burst& burst, uint64_t slot)
{
    // Proportional fair: the largest ratio of what a terminal can get to what it got. Ties are drawn.
    std::size_t best = m_links.size();
    std::size_t bestRequest = 0;
    double bestRatio = -1;
    uint32_t equals = 1;
    for (std::size_t i = 0; i < m_links.size(); i++)
    {
        Link& link = m_links[i];
        if (link.forward->GetBacklog() == 0)
        {
            continue;
        }
        link.average *= std::pow(1 - 1 / m_timeConstant, static_cast<double>(slot - link.slot));
        link.slot = slot;
        std::size_t request = GetRequest(link, slot);
        if (request == m_rates.size())
        {
            continue;
        }
        double bits = static_cast<double>(m_rates[request].bits) / m_rates[request].slots;
        double ratio = bits / std::max(link.average, 1e-9);
        if (ratio >= bestRatio)
        {
            equals = ratio == bestRatio ? equals + 1 : 1;
        }
        if (ratio > bestRatio || (ratio == bestRatio && m_random->GetValue() * equals < 1))
        {
            best = i;
            bestRequest = request;
            bestRatio = ratio;
        }
    }
    if (best == m_links.size())
    {
        return false;
    }
    FillBurst(burst, best, bestRequest);
    return true;
}

void
FlowbindCdmaSector::FillBurst(Burst& burst, std::size_t link, std::size_t request)
{
    burst.active = true;
    burst.link = link;
    burst.rate = m_rates[request];
    burst.used = 0;
    burst.energy = 0;
    burst.needed = m_thresholds[request] * burst.rate.slots;
    burst.segments = m_links[link].forward->Take(GetRoom(burst.rate.bits));
    m_links[link].average += burst.rate.bits / m_timeConstant;
}

void
FlowbindCdmaSector::EndBurst(Burst burst, bool received)
{
    Link& link = m_links[burst.link];
    m_sentBits += burst.rate.bits;
    m_forwardTrace(link.terminal, burst.rate.bits, burst.used, received);
    link.forward->Resolve(burst.segments, received);
}

// ---------------------------------------------------------------------------------------------------------------------
// Reverse link

double
FlowbindCdmaSector::GetLoad(uint32_t rate) const
{
    // W / R over Eb/Nt is what one terminal's power is against everybody else's.
    double bitRate = FlowbindCdmaRates::GetRate(FlowbindCdmaRates::GetReverseBits(rate),
                                                FlowbindCdmaRates::FRAME_SLOTS);
    return 1 / (1 + FlowbindCdmaRates::BANDWIDTH_HZ / (bitRate * FromDb(m_energyRatio)));
}

void
FlowbindCdmaSector::WakeReverse()
{
    if (m_frameEvent.IsRunning())
    {
        return;
    }
    bool backlog = std::any_of(m_links.begin(),
                               m_links.end(),
                               [](const Link& link) { return link.reverse->GetBacklog() > 0; });
    if (!backlog)
    {
        return;
    }
    uint64_t slot = FlowbindCdmaRates::GetNextSlot(Simulator::Now());
    uint64_t frame = (slot + FlowbindCdmaRates::FRAME_SLOTS - 1) / FlowbindCdmaRates::FRAME_SLOTS;
    frame = std::max(m_nextFrame, frame);
    Time start = FlowbindCdmaRates::GetSlotStart(frame * FlowbindCdmaRates::FRAME_SLOTS);
    m_frameEvent =
        Simulator::Schedule(start - Simulator::Now(), &FlowbindCdmaSector::DoFrame, this, frame);
}

void
FlowbindCdmaSector::DoFrame(uint64_t frame)
{
    m_nextFrame = frame + 1;
    Time end = FlowbindCdmaRates::GetSlotStart(m_nextFrame * FlowbindCdmaRates::FRAME_SLOTS);
    double load = 0;
    m_turn = (m_turn + 1) % m_links.size();
    for (std::size_t i = 0; i < m_links.size(); i++)
    {
        std::size_t index = (m_turn + i) % m_links.size();
        Link& link = m_links[index];
        if (link.reverse->GetBacklog() == 0)
        {
            link.rate = 0;
            continue;
        }
        if (!ChooseReverseRate(link, load))
        {
            continue;
        }
        load += GetLoad(link.rate);
        uint32_t bits = FlowbindCdmaRates::GetReverseBits(link.rate);
        bool received = m_random->GetValue() >= m_reverseErrors;
        Simulator::Schedule(end - Simulator::Now(),
                            &FlowbindCdmaSector::EndFrame,
                            this,
                            index,
                            link.reverse->Take(GetRoom(bits)),
                            bits,
                            received);
    }
    m_busy = load > m_busyLoad;
    WakeReverse();
}

bool
FlowbindCdmaSector::ChooseReverseRate(Link& link, double load)
{
    if (m_random->GetValue() < (m_busy ? m_decrease : m_increase))
    {
        link.rate += m_busy ? (link.rate > 0 ? -1 : 0) : 1;
    }
    link.rate = std::min(link.rate, FlowbindCdmaRates::REVERSE_RATES - 1);
    // No faster than its power reaches, or than the load allows.
    double noise = FlowbindCdmaRates::THERMAL_DBM_PER_HZ + m_noiseFigure -
                   10 * std::log10(1 - m_busyLoad);
    double loss = m_channel->GetLoss(link.terminal, this);
    double rate = FromDb(link.terminal->GetTxPower() - loss - noise - m_energyRatio);
    while (link.rate > 0 &&
           (FlowbindCdmaRates::GetRate(FlowbindCdmaRates::GetReverseBits(link.rate),
                                       FlowbindCdmaRates::FRAME_SLOTS) > rate ||
            load + GetLoad(link.rate) > m_maxLoad))
    {
        link.rate--;
    }
    return load + GetLoad(link.rate) <= m_maxLoad;
}

void
FlowbindCdmaSector::EndFrame(std::size_t link,
                             FlowbindCdmaRlp::Segments segments,
                             uint32_t bits,
                             bool received)
{
    m_reverseTrace(m_links[link].terminal, bits, received);
    m_links[link].reverse->Resolve(segments, received);
}

} // namespace ns3
