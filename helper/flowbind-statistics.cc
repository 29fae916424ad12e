/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-statistics.h"

#include "ns3/flowbind-agent.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/tag.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindStatistics");

NS_OBJECT_ENSURE_REGISTERED(FlowbindStatistics);

namespace
{

const uint8_t TCP = 6;
const uint8_t UDP = 17;
const uint32_t IDENTIFICATIONS = 65536;
const uint32_t IP_HEADER = 20;
const uint32_t TCP_HEADER = 20;
const uint32_t UDP_HEADER = 8;
/// UDP header and fixed part of a Registration Request (RFC 5944 3.3)
const uint32_t REQUEST = 8 + 24;

uint16_t
Read16(const uint8_t* octets)
{
    return octets[0] << 8 | octets[1];
}

uint32_t
Read32(const uint8_t* octets)
{
    return static_cast<uint32_t>(Read16(octets)) << 16 | Read16(octets + 2);
}

/**
 * Where the record of an IPv6 packet is.
 */
class PlaceTag : public Tag
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::FlowbindPlaceTag")
                                .SetParent<Tag>()
                                .SetGroupName("Flowbind")
                                .AddConstructor<PlaceTag>();
        return tid;
    }

    PlaceTag()
        : m_values{0, 0, 0}
    {
    }

    PlaceTag(uint32_t direction, uint32_t flow, uint32_t index)
        : m_values{direction, flow, index}
    {
    }

    TypeId GetInstanceTypeId() const override
    {
        return GetTypeId();
    }

    uint32_t GetSerializedSize() const override
    {
        return sizeof(m_values);
    }

    void Serialize(TagBuffer buffer) const override
    {
        for (uint32_t value : m_values)
        {
            buffer.WriteU32(value);
        }
    }

    void Deserialize(TagBuffer buffer) override
    {
        for (uint32_t& value : m_values)
        {
            value = buffer.ReadU32();
        }
    }

    void Print(std::ostream& stream) const override
    {
        stream << "packet " << m_values[2] << " of flow " << m_values[1];
    }

    bool IsOf(uint32_t direction) const
    {
        return m_values[0] == direction;
    }

    uint32_t GetFlow() const
    {
        return m_values[1];
    }

    uint32_t GetIndex() const
    {
        return m_values[2];
    }

  private:
    uint32_t m_values[3]; ///< direction, flow, index
};

double
ToSeconds(int64_t nanoseconds)
{
    return nanoseconds * 1e-9;
}

/// The value below which 95 of 100 lie (nearest rank).
double
Percentile95(std::vector<int64_t>& values)
{
    std::size_t rank = (values.size() * 95 + 99) / 100 - 1;
    std::nth_element(values.begin(), values.begin() + rank, values.end());
    return ToSeconds(values[rank]);
}

void
SummarizeDelay(std::vector<int64_t>& delays, FlowbindStatistics::Summary& summary)
{
    if (delays.empty())
    {
        summary.delayMean = NAN;
        summary.delayP95 = NAN;
        return;
    }
    double sum = 0;
    for (int64_t delay : delays)
    {
        sum += ToSeconds(delay);
    }
    summary.delayMean = sum / delays.size();
    summary.delayP95 = Percentile95(delays);
}

/// Silences begin and end at the borders of the interval: what was before belongs to the interval before.
void
SummarizeGap(std::vector<int64_t>& arrivals,
             int64_t from,
             int64_t until,
             FlowbindStatistics::Summary& summary)
{
    if (arrivals.empty() && summary.sent == 0)
    {
        summary.gap = NAN;
        summary.gapOpen = false;
        return;
    }
    std::sort(arrivals.begin(), arrivals.end());
    int64_t last = from;
    int64_t longest = 0;
    for (int64_t arrival : arrivals)
    {
        longest = std::max(longest, arrival - last);
        last = arrival;
    }
    summary.gapOpen = until - last > longest;
    summary.gap = ToSeconds(std::max(longest, until - last));
}

/// The silence around `from`. `arrivals` are sorted; `before` is the last one before them, NEVER if there is none.
void
SummarizeFailover(const std::vector<int64_t>& arrivals,
                  int64_t before,
                  int64_t from,
                  int64_t until,
                  FlowbindStatistics::Summary& summary)
{
    summary.failoverGapOpen = false;
    if (before == FlowbindStatistics::NEVER)
    {
        summary.failoverGap = NAN;
        return;
    }
    int64_t latest = from + static_cast<int64_t>(FlowbindStatistics::FAILOVER_WINDOW_S * 1e9);
    int64_t last = before;
    int64_t longest = 0;
    for (int64_t arrival : arrivals)
    {
        if (last > latest)
        {
            break;
        }
        longest = std::max(longest, arrival - last);
        last = arrival;
    }
    if (last <= latest && until - last > longest)
    {
        summary.failoverGapOpen = true;
        longest = until - last;
    }
    summary.failoverGap = ToSeconds(longest);
}

} // namespace

TypeId
FlowbindStatistics::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindStatistics")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindStatistics>();
    return tid;
}

FlowbindStatistics::FlowbindStatistics()
    : m_places(8 * IDENTIFICATIONS, Place{NO_FLOW, 0}),
      m_delivering{NO_FLOW, 0},
      m_deliveringDirection(UP),
      m_plainPath{0, 0},
      m_gateways(0),
      m_home(0),
      m_homeInterface{0, 0}
{
}

void
FlowbindStatistics::DoDispose()
{
    m_flows.clear();
    m_places.clear();
    m_signals.clear();
    m_proxyHosts.clear();
    Object::DoDispose();
}

void
FlowbindStatistics::Install(Ptr<Node> mobile,
                            Ipv4Address mobileAddress,
                            Ptr<Node> correspondent,
                            Ipv4Address correspondentAddress,
                            Ptr<FlowbindAgent> mobileAgent,
                            Ptr<FlowbindAgent> homeAgent)
{
    m_mobile = mobileAddress;
    m_correspondent = correspondentAddress;
    typedef FlowbindStatistics S;
    Ptr<Ipv4L3Protocol> near = mobile->GetObject<Ipv4L3Protocol>();
    near->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnMobileSend, this));
    near->TraceConnectWithoutContext("LocalDeliver", MakeCallback(&S::OnMobileDeliver, this));
    Ptr<Ipv4L3Protocol> far = correspondent->GetObject<Ipv4L3Protocol>();
    far->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnCorrespondentSend, this));
    far->TraceConnectWithoutContext("LocalDeliver", MakeCallback(&S::OnCorrespondentDeliver, this));
    if (mobileAgent)
    {
        mobileAgent->TraceConnectWithoutContext("TunnelTx", MakeCallback(&S::OnMobileTunnel, this));
        mobileAgent->TraceConnectWithoutContext("PacketDrop", MakeCallback(&S::OnMobileDrop, this));
        mobileAgent->TraceConnectWithoutContext("Event", MakeCallback(&S::OnMobileEvent, this));
    }
    if (homeAgent)
    {
        homeAgent->TraceConnectWithoutContext("TunnelTx",
                                              MakeCallback(&S::OnHomeAgentTunnel, this));
        homeAgent->TraceConnectWithoutContext("PacketDrop",
                                              MakeCallback(&S::OnHomeAgentDrop, this));
        homeAgent->TraceConnectWithoutContext("Event", MakeCallback(&S::OnHomeAgentEvent, this));
    }
}

void
FlowbindStatistics::AddHost(Ptr<Node> host, Ipv4Address address)
{
    m_host = address;
    typedef FlowbindStatistics S;
    Ptr<Ipv4L3Protocol> ipv4 = host->GetObject<Ipv4L3Protocol>();
    ipv4->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnHostSend, this));
    ipv4->TraceConnectWithoutContext("LocalDeliver", MakeCallback(&S::OnMobileDeliver, this));
}

void
FlowbindStatistics::AddIpv6(Ptr<Node> mobile,
                            Ipv6Address mobileAddress,
                            Ptr<Node> correspondent,
                            Ipv6Address correspondentAddress)
{
    m_mobile6 = mobileAddress;
    m_correspondent6 = correspondentAddress;
    typedef FlowbindStatistics S;
    Ptr<Ipv6L3Protocol> near = mobile->GetObject<Ipv6L3Protocol>();
    near->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnMobileSend6, this));
    near->TraceConnectWithoutContext("LocalDeliver", MakeCallback(&S::OnMobileDeliver6, this));
    Ptr<Ipv6L3Protocol> far = correspondent->GetObject<Ipv6L3Protocol>();
    far->TraceConnectWithoutContext("SendOutgoing", MakeCallback(&S::OnCorrespondentSend6, this));
    far->TraceConnectWithoutContext("LocalDeliver",
                                    MakeCallback(&S::OnCorrespondentDeliver6, this));
}

void
FlowbindStatistics::AddHomeLink(uint8_t bid,
                                uint32_t mobileInterface,
                                Ptr<Node> homeAgent,
                                uint32_t homeAgentInterface)
{
    m_home = bid;
    m_homeInterface[UP] = mobileInterface;
    m_homeInterface[DOWN] = homeAgentInterface;
    m_paths[mobileInterface] = bid;
    homeAgent->GetObject<Ipv4L3Protocol>()->TraceConnectWithoutContext(
        "UnicastForward",
        MakeCallback(&FlowbindStatistics::OnHomeAgentForward, this));
}

void
FlowbindStatistics::AddForeignAgent(uint8_t bid, Ptr<FlowbindAgent> agent)
{
    agent->TraceConnectWithoutContext(
        "Event",
        MakeBoundCallback(&FlowbindStatistics::OnForeignAgentEvent, this, bid));
}

void
FlowbindStatistics::AddPath(uint8_t bid, uint32_t interface, Ipv4Address careOf)
{
    m_paths[interface] = bid;
    m_careOf[careOf.Get()] = bid;
}

uint8_t
FlowbindStatistics::FindPath(Ipv4Address careOf) const
{
    auto path = m_careOf.find(careOf.Get());
    return path == m_careOf.end() ? 0 : path->second;
}

uint32_t
FlowbindStatistics::AddFlow(Owner owner,
                            uint8_t protocol,
                            uint16_t mobilePort,
                            uint16_t mobilePortCount,
                            uint16_t correspondentPort)
{
    Flow flow = {owner, protocol, mobilePort, mobilePortCount, correspondentPort, {}, {0, 0}};
    m_flows.push_back(flow);
    return m_flows.size() - 1;
}

void
FlowbindStatistics::AddPayload(uint32_t flow, Direction direction, uint32_t octets)
{
    if (m_delivering.flow == flow && m_deliveringDirection == direction)
    {
        m_flows[flow].packets[direction][m_delivering.index].octets += octets;
    }
}

const std::vector<FlowbindStatistics::PacketRecord>&
FlowbindStatistics::GetPackets(uint32_t flow, Direction direction) const
{
    return m_flows[flow].packets[direction];
}

const std::vector<FlowbindStatistics::Signal>&
FlowbindStatistics::GetSignals() const
{
    return m_signals;
}

uint8_t
FlowbindStatistics::GetSentOver(uint64_t identification) const
{
    auto path = m_sentOver.find(static_cast<uint32_t>(identification));
    return path == m_sentOver.end() ? 0 : path->second;
}

FlowbindStatistics::Summary
FlowbindStatistics::Summarize(uint32_t flow, Direction direction, Time from, Time until) const
{
    int64_t begin = from.GetNanoSeconds();
    int64_t end = until.GetNanoSeconds();
    Summary summary = {};
    std::vector<int64_t> delays;
    std::vector<int64_t> arrivals;
    int64_t before = NEVER;
    for (const PacketRecord& packet : m_flows[flow].packets[direction])
    {
        if (packet.received >= begin && packet.received < end && packet.octets > 0)
        {
            summary.octets += packet.octets;
            arrivals.push_back(packet.received);
        }
        if (packet.received != NEVER && packet.received < begin && packet.octets > 0)
        {
            before = before == NEVER ? packet.received : std::max(before, packet.received);
        }
        if (packet.sent < begin || packet.sent >= end)
        {
            continue;
        }
        summary.allPath[packet.bid]++;
        summary.allDropped += packet.policyDrop ? 1 : 0;
        if (!packet.data)
        {
            continue;
        }
        summary.path[packet.bid]++;
        summary.sent++;
        summary.dropped += packet.policyDrop ? 1 : 0;
        summary.reordered += packet.reordered ? 1 : 0;
        if (packet.received == NEVER)
        {
            summary.lost++;
            continue;
        }
        delays.push_back(packet.received - packet.sent);
    }
    summary.seconds = ToSeconds(end - begin);
    summary.goodput = summary.octets * 8 / summary.seconds;
    SummarizeDelay(delays, summary);
    SummarizeGap(arrivals, begin, end, summary);
    SummarizeFailover(arrivals, before, begin, end, summary);
    return summary;
}

std::vector<FlowbindStatistics::Bin>
FlowbindStatistics::MakeBins(uint32_t flow, Direction direction, Time width, Time until) const
{
    int64_t bin = width.GetNanoSeconds();
    std::size_t count = (until.GetNanoSeconds() + bin - 1) / bin;
    std::vector<Bin> bins(count, Bin{});
    for (const PacketRecord& packet : m_flows[flow].packets[direction])
    {
        std::size_t sent = packet.sent / bin;
        if (!packet.data || sent >= count)
        {
            continue;
        }
        bins[sent].sent++;
        if (packet.received == NEVER)
        {
            bins[sent].lost++;
            continue;
        }
        std::size_t received = packet.received / bin;
        if (received < count)
        {
            bins[received].octets[packet.bid] += packet.octets;
            bins[received].received++;
            bins[received].delaySum += ToSeconds(packet.received - packet.sent);
        }
    }
    return bins;
}

void
FlowbindStatistics::OnMobileSend(const Ipv4Header& header,
                                 Ptr<const Packet> payload,
                                 uint32_t interface)
{
    Send(UP, header, payload);
    if (m_home != 0 && interface == m_homeInterface[UP])
    {
        SetHome(UP, header);
    }
    NoteRequest(header, payload, interface);
}

void
FlowbindStatistics::OnHostSend(const Ipv4Header& header, Ptr<const Packet> payload, uint32_t)
{
    Send(UP, header, payload);
}

void
FlowbindStatistics::OnMobileDeliver(const Ipv4Header& header, Ptr<const Packet>, uint32_t)
{
    Deliver(DOWN, header);
}

void
FlowbindStatistics::OnCorrespondentSend(const Ipv4Header& header,
                                        Ptr<const Packet> payload,
                                        uint32_t)
{
    Send(DOWN, header, payload);
}

void
FlowbindStatistics::OnCorrespondentDeliver(const Ipv4Header& header, Ptr<const Packet>, uint32_t)
{
    Deliver(UP, header);
}

void
FlowbindStatistics::OnMobileSend6(const Ipv6Header& header, Ptr<const Packet> payload, uint32_t)
{
    Send(UP, header, payload);
}

void
FlowbindStatistics::OnMobileDeliver6(const Ipv6Header&, Ptr<const Packet> payload, uint32_t)
{
    Deliver(DOWN, payload);
}

void
FlowbindStatistics::OnCorrespondentSend6(const Ipv6Header& header,
                                         Ptr<const Packet> payload,
                                         uint32_t)
{
    Send(DOWN, header, payload);
}

void
FlowbindStatistics::OnCorrespondentDeliver6(const Ipv6Header&, Ptr<const Packet> payload, uint32_t)
{
    Deliver(UP, payload);
}

void
FlowbindStatistics::OnMobileTunnel(Ptr<const Packet> inner, uint8_t bid)
{
    SetPath(UP, inner, bid);
}

void
FlowbindStatistics::OnHomeAgentTunnel(Ptr<const Packet> inner, uint8_t bid)
{
    SetPath(DOWN, inner, bid);
}

void
FlowbindStatistics::OnMobileDrop(Ptr<const Packet> inner, uint16_t reason)
{
    SetDropped(UP, inner, reason);
}

void
FlowbindStatistics::OnHomeAgentDrop(Ptr<const Packet> inner, uint16_t reason)
{
    SetDropped(DOWN, inner, reason);
}

void
FlowbindStatistics::OnHomeAgentForward(const Ipv4Header& header,
                                       Ptr<const Packet>,
                                       uint32_t interface)
{
    if (interface == m_homeInterface[DOWN])
    {
        SetHome(DOWN, header);
    }
}

void
FlowbindStatistics::OnMobileEvent(const fb_event& event)
{
    m_signals.push_back({MOBILE_NODE, 0, event});
    NotePlainBinding(UP, event);
}

void
FlowbindStatistics::OnHomeAgentEvent(const fb_event& event)
{
    m_signals.push_back({HOME_AGENT, 0, event});
    NotePlainBinding(DOWN, event);
    NotePlainProxyBinding(DOWN, event);
}

void
FlowbindStatistics::OnForeignAgentEvent(FlowbindStatistics* statistics,
                                        uint8_t bid,
                                        const fb_event& event)
{
    statistics->m_signals.push_back({FOREIGN_AGENT, bid, event});
}

void
FlowbindStatistics::Send(Direction direction, const Ipv4Header& header, Ptr<const Packet> payload)
{
    Place* place = FindPlace(direction, header);
    if (place == nullptr || payload->GetSize() < UDP_HEADER)
    {
        return;
    }
    Ipv4Address near = direction == UP ? header.GetSource() : header.GetDestination();
    bool isHost = near == m_host && !m_host.IsAny();
    // Also when it is of no flow: an old packet with this identification is gone.
    *place = AddRecord(direction, isHost ? HOST : MOBILE, header.GetProtocol(), payload);
}

void
FlowbindStatistics::Send(Direction direction, const Ipv6Header& header, Ptr<const Packet> payload)
{
    Ipv6Address near = direction == UP ? header.GetSource() : header.GetDestination();
    Ipv6Address far = direction == UP ? header.GetDestination() : header.GetSource();
    uint8_t protocol = header.GetNextHeader();
    Owner owner = FindOwner(near);
    if (owner != NO_FLOW && far == m_correspondent6)
    {
        Tag(direction, owner, protocol, payload);
    }
}

void
FlowbindStatistics::Tag(Direction direction,
                        Owner owner,
                        uint8_t protocol,
                        Ptr<const Packet> payload)
{
    if (protocol != TCP && protocol != UDP)
    {
        return;
    }
    Place place = AddRecord(direction, owner, protocol, payload);
    if (place.flow != NO_FLOW)
    {
        payload->AddByteTag(PlaceTag(direction, place.flow, place.index));
    }
}

FlowbindStatistics::Place
FlowbindStatistics::AddRecord(Direction direction,
                              Owner owner,
                              uint8_t protocol,
                              Ptr<const Packet> payload)
{
    uint8_t transport[TCP_HEADER] = {0};
    payload->CopyData(transport, sizeof(transport));
    uint16_t source = Read16(transport);
    uint16_t destination = Read16(transport + 2);
    uint32_t flow = direction == UP ? FindFlow(owner, protocol, source, destination)
                                    : FindFlow(owner, protocol, destination, source);
    if (flow == NO_FLOW)
    {
        return {NO_FLOW, 0};
    }
    uint32_t headerLength = protocol == TCP ? (transport[12] >> 4) * 4 : UDP_HEADER;
    std::vector<PacketRecord>& packets = m_flows[flow].packets[direction];
    PacketRecord record = {};
    record.sent = Simulator::Now().GetNanoSeconds();
    record.received = NEVER;
    record.data = payload->GetSize() > headerLength;
    packets.push_back(record);
    return {flow, static_cast<uint32_t>(packets.size() - 1)};
}

void
FlowbindStatistics::Deliver(Direction direction, const Ipv4Header& header)
{
    m_delivering.flow = NO_FLOW;
    Place* place = FindPlace(direction, header);
    if (place == nullptr || place->flow == NO_FLOW)
    {
        return;
    }
    Arrive(direction, *place);
    place->flow = NO_FLOW; // a copy of it would not count again
}

void
FlowbindStatistics::Deliver(Direction direction, Ptr<const Packet> payload)
{
    m_delivering.flow = NO_FLOW;
    Place place = FindPlace(direction, payload);
    if (place.flow != NO_FLOW &&
        m_flows[place.flow].packets[direction][place.index].received == NEVER)
    {
        Arrive(direction, place);
    }
}

void
FlowbindStatistics::Arrive(Direction direction, const Place& place)
{
    Flow& flow = m_flows[place.flow];
    PacketRecord& record = flow.packets[direction][place.index];
    record.received = Simulator::Now().GetNanoSeconds();
    // RFC 4737 3.3: in order is what is not behind NextExp.
    record.reordered = place.index < flow.nextExpected[direction];
    if (!record.reordered)
    {
        flow.nextExpected[direction] = place.index + 1;
    }
    m_delivering = place;
    m_deliveringDirection = direction;
}

void
FlowbindStatistics::SetPath(Direction direction, Ptr<const Packet> inner, uint8_t bid)
{
    PacketRecord* record = FindRecord(direction, inner);
    if (record != nullptr)
    {
        record->bid = bid != 0 ? bid : m_plainPath[direction];
    }
}

void
FlowbindStatistics::SetHome(Direction direction, const Ipv4Header& header)
{
    const Place* place = FindPlace(direction, header);
    if (place != nullptr && place->flow != NO_FLOW)
    {
        m_flows[place->flow].packets[direction][place->index].bid = m_home;
    }
}

void
FlowbindStatistics::SetDropped(Direction direction, Ptr<const Packet> inner, uint16_t reason)
{
    PacketRecord* record = FindRecord(direction, inner);
    if (record != nullptr)
    {
        record->policyDrop = reason == FB_DROP_POLICY;
    }
}

void
FlowbindStatistics::NotePlainBinding(Direction direction, const fb_event& event)
{
    auto path = m_careOf.find(event.care_of_address);
    if (event.kind == FB_EVENT_BINDING && event.to == FB_BINDING_UP && path != m_careOf.end())
    {
        m_plainPath[direction] = path->second;
    }
}

void
FlowbindStatistics::NoteRequest(const Ipv4Header& header,
                                Ptr<const Packet> payload,
                                uint32_t interface)
{
    uint8_t octets[REQUEST];
    auto path = m_paths.find(interface);
    if (header.GetProtocol() != UDP || path == m_paths.end() ||
        payload->CopyData(octets, sizeof(octets)) < sizeof(octets) ||
        Read16(octets + 2) != FB_MIP4_PORT)
    {
        return;
    }
    m_sentOver[Read32(octets + REQUEST - 4)] = path->second;
}

FlowbindStatistics::Place*
FlowbindStatistics::FindPlace(Direction direction, const Ipv4Header& header)
{
    return FindPlace(direction,
                     header.GetSource(),
                     header.GetDestination(),
                     header.GetProtocol(),
                     header.GetIdentification());
}

FlowbindStatistics::Place*
FlowbindStatistics::FindPlace(Direction direction,
                              Ipv4Address source,
                              Ipv4Address destination,
                              uint8_t protocol,
                              uint16_t identification)
{
    Ipv4Address near = direction == UP ? source : destination;
    Ipv4Address far = direction == UP ? destination : source;
    bool isHost = near == m_host && !m_host.IsAny();
    if (far != m_correspondent || !(isHost || near == m_mobile) ||
        (protocol != TCP && protocol != UDP))
    {
        return nullptr;
    }
    uint32_t table = 4 * (isHost ? 1 : 0) + 2 * direction + (protocol == TCP ? 1 : 0);
    return &m_places[table * IDENTIFICATIONS + identification];
}

FlowbindStatistics::Place
FlowbindStatistics::FindPlace(Direction direction, Ptr<const Packet> packet)
{
    PlaceTag tag;
    if (!packet->FindFirstMatchingByteTag(tag) || !tag.IsOf(direction))
    {
        return {NO_FLOW, 0};
    }
    return {tag.GetFlow(), tag.GetIndex()};
}

FlowbindStatistics::PacketRecord*
FlowbindStatistics::FindRecord(Direction direction, Ptr<const Packet> inner)
{
    uint8_t header[IP_HEADER];
    if (inner->CopyData(header, sizeof(header)) < sizeof(header))
    {
        return nullptr;
    }
    if (header[0] >> 4 == 6 || m_gateways > 0)
    {
        Place tagged = FindPlace(direction, inner);
        return tagged.flow == NO_FLOW ? nullptr
                                      : &m_flows[tagged.flow].packets[direction][tagged.index];
    }
    const Place* place = FindPlace(direction,
                                   Ipv4Address(Read32(header + 12)),
                                   Ipv4Address(Read32(header + 16)),
                                   header[9],
                                   Read16(header + 4));
    if (place == nullptr || place->flow == NO_FLOW)
    {
        return nullptr;
    }
    return &m_flows[place->flow].packets[direction][place->index];
}

uint32_t
FlowbindStatistics::FindFlow(Owner owner,
                             uint8_t protocol,
                             uint16_t mobilePort,
                             uint16_t correspondentPort) const
{
    for (uint32_t i = 0; i < m_flows.size(); i++)
    {
        const Flow& flow = m_flows[i];
        if (flow.owner == owner && flow.protocol == protocol &&
            flow.correspondentPort == correspondentPort && mobilePort >= flow.mobilePort &&
            mobilePort - flow.mobilePort < flow.mobilePortCount)
        {
            return i;
        }
    }
    return NO_FLOW;
}

} // namespace ns3
