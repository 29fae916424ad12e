/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-arp.h"

#include "ns3/abort.h"
#include "ns3/arp-cache.h"
#include "ns3/arp-header.h"
#include "ns3/arp-l3-protocol.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

#include <iterator>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindArp");
NS_OBJECT_ENSURE_REGISTERED(FlowbindArp);

namespace
{

/// RFC 5944 4.6: "retransmitted a small number of times to increase its reliability".
constexpr uint32_t ANNOUNCEMENTS = 3;
constexpr int64_t ANNOUNCEMENT_INTERVAL_MS = 1000;

} // namespace

TypeId
FlowbindArp::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindArp")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindArp>();
    return tid;
}

FlowbindArp::FlowbindArp()
{
    NS_LOG_FUNCTION(this);
}

FlowbindArp::~FlowbindArp()
{
    NS_LOG_FUNCTION(this);
}

void
FlowbindArp::DoDispose()
{
    NS_LOG_FUNCTION(this);
    Clear();
    m_device = nullptr;
    Object::DoDispose();
}

void
FlowbindArp::Install(Ptr<NetDevice> device)
{
    NS_LOG_FUNCTION(this << device);
    NS_ABORT_MSG_IF(m_device, "FlowbindArp: Install() was called twice.");
    NS_ABORT_MSG_IF(!device->NeedsArp(),
                    "FlowbindArp: a " << device->GetInstanceTypeId().GetName()
                                      << " has no ARP. Use a device that has, as CSMA.");
    m_device = device;
    device->GetNode()->RegisterProtocolHandler(
        MakeCallback(&FlowbindArp::Receive, Ptr<FlowbindArp>(this)),
        ArpL3Protocol::PROT_NUMBER,
        device,
        true); // or ns-3 says of every frame that it was unicast
}

void
FlowbindArp::Answer(Ipv4Address address, Address asker)
{
    NS_LOG_FUNCTION(this << address << asker);
    m_answered.emplace(address, asker);
}

void
FlowbindArp::StopAnswering(Ipv4Address address, Address asker)
{
    NS_LOG_FUNCTION(this << address << asker);
    m_answered.erase(std::make_pair(address, asker));
}

void
FlowbindArp::Ignore(Ipv4Address address)
{
    NS_LOG_FUNCTION(this << address);
    for (auto answered = m_answered.begin(); answered != m_answered.end();)
    {
        answered = answered->first == address ? m_answered.erase(answered) : std::next(answered);
    }
    m_announcements[address].Cancel();
    m_announcements.erase(address);
}

void
FlowbindArp::Clear()
{
    NS_LOG_FUNCTION(this);
    m_answered.clear();
    for (auto& announcement : m_announcements)
    {
        announcement.second.Cancel();
    }
    m_announcements.clear();
}

void
FlowbindArp::Announce(Ipv4Address address, Address owner)
{
    NS_LOG_FUNCTION(this << address << owner);
    m_announcements[address].Cancel();
    SendGratuitous(address, owner, ANNOUNCEMENTS);
}

void
FlowbindArp::SendGratuitous(Ipv4Address address, Address owner, uint32_t times)
{
    ArpHeader arp;
    // The form of a reply (RFC 5944 4.6 leaves it open): the owner's own ArpL3Protocol would answer a request.
    arp.SetReply(owner, address, owner, address);
    Send(arp, m_device->GetBroadcast());
    if (times > 1)
    {
        m_announcements[address] = Simulator::Schedule(MilliSeconds(ANNOUNCEMENT_INTERVAL_MS),
                                                       &FlowbindArp::SendGratuitous,
                                                       this,
                                                       address,
                                                       owner,
                                                       times - 1);
    }
}

void
FlowbindArp::Send(const ArpHeader& arp, const Address& to)
{
    Ptr<Packet> packet = Create<Packet>();
    packet->AddHeader(arp);
    m_device->Send(packet, to, ArpL3Protocol::PROT_NUMBER);
}

void
FlowbindArp::Receive(Ptr<NetDevice>,
                     Ptr<const Packet> packet,
                     uint16_t,
                     const Address& from,
                     const Address&,
                     NetDevice::PacketType type)
{
    ArpHeader arp;
    if (!m_device || type == NetDevice::PACKET_OTHERHOST || packet->PeekHeader(arp) == 0)
    {
        return;
    }
    Ipv4Address wanted = arp.GetDestinationIpv4Address();
    Learn(arp.GetSourceIpv4Address(), arp.GetSourceHardwareAddress());
    // A gratuitous ARP asks nobody.
    if (!arp.IsRequest() || arp.GetSourceIpv4Address() == wanted)
    {
        return;
    }
    bool isAnswered = m_answered.count({wanted, Address()}) > 0 ||
                      (type == NetDevice::PACKET_HOST && m_answered.count({wanted, from}) > 0);
    if (!isAnswered)
    {
        return;
    }
    ArpHeader answer;
    answer.SetReply(m_device->GetAddress(),
                    wanted,
                    arp.GetSourceHardwareAddress(),
                    arp.GetSourceIpv4Address());
    Send(answer, arp.GetSourceHardwareAddress());
}

void
FlowbindArp::Learn(Ipv4Address address, Address owner)
{
    Ptr<Ipv4L3Protocol> ipv4 = m_device->GetNode()->GetObject<Ipv4L3Protocol>();
    Ptr<Ipv4Interface> interface = ipv4->GetInterface(ipv4->GetInterfaceForDevice(m_device));
    Ptr<ArpCache> cache = interface->GetArpCache();
    ArpCache::Entry* entry = cache ? cache->Lookup(address) : nullptr;
    if (entry == nullptr)
    {
        return;
    }
    if (entry->IsAlive())
    {
        entry->SetMacAddress(owner);
        return;
    }
    if (entry->IsDead())
    {
        cache->Remove(entry); // the next packet asks again
        return;
    }
    if (!entry->IsWaitReply())
    {
        return; // somebody has set it for good
    }
    entry->MarkAlive(owner);
    ArpCache::Ipv4PayloadHeaderPair waiting = entry->DequeuePending();
    while (waiting.first)
    {
        interface->Send(waiting.first, waiting.second, address);
        waiting = entry->DequeuePending();
    }
}

} // namespace ns3
