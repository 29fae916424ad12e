/* SPDX-License-Identifier: GPL-2.0-only */
// A FlowbindAgent and those on its links that it knows by a link-layer address, not by ARP (RFC 5944 4.6): the visitors
// of a foreign agent above all.
#include "flowbind-agent.h"

#include "ns3/arp-cache.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/mac48-address.h"
#include "ns3/node.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgentVisitors");

namespace
{

constexpr uint8_t MAC_OCTETS = 6;

} // namespace

Ptr<Ipv4Interface>
FlowbindAgent::GetArpInterface(uint32_t number) const
{
    Ptr<NetDevice> device = m_links[GetLinkIndex(number)].device;
    Ptr<Ipv4L3Protocol> ipv4 = DynamicCast<Ipv4L3Protocol>(m_ipv4);
    Ptr<Ipv4Interface> interface = ipv4->GetInterface(ipv4->GetInterfaceForDevice(device));
    return device->NeedsArp() && interface->GetArpCache() ? interface : nullptr;
}

void
FlowbindAgent::SetLinkAddress(uint32_t number,
                              Ipv4Address address,
                              const uint8_t* octets,
                              uint8_t length)
{
    Ptr<Ipv4Interface> interface = IsLinkAddress(number, address, length) ? GetArpInterface(number)
                                                                          : nullptr;
    if (interface)
    {
        Resolve(interface->GetArpCache(), address, octets);
    }
}

bool
FlowbindAgent::IsLinkAddress(uint32_t number, Ipv4Address address, uint8_t length)
{
    return number != 0 && length == MAC_OCTETS && !address.IsMulticast() &&
           !address.IsBroadcast() && !address.IsAny();
}

void
FlowbindAgent::Resolve(Ptr<ArpCache> cache, Ipv4Address address, const uint8_t* octets)
{
    Mac48Address mac;
    mac.CopyFrom(octets);
    ArpCache::Entry* entry = cache->Lookup(address);
    if (entry == nullptr)
    {
        entry = cache->Add(address);
    }
    entry->SetMacAddress(mac);
    entry->MarkPermanent();
}

void
FlowbindAgent::ForgetLinkAddress(uint32_t number, Ipv4Address address)
{
    Ptr<Ipv4Interface> interface = GetArpInterface(number);
    ArpCache::Entry* entry = interface ? interface->GetArpCache()->Lookup(address) : nullptr;
    if (entry != nullptr && entry->IsPermanent())
    {
        interface->GetArpCache()->Remove(entry);
    }
}

void
FlowbindAgent::SendMessage(const fb_meta& meta, const uint8_t* message, uint32_t length)
{
    Ipv4Address destination(fb_addr_to_ipv4(&meta.dst));
    bool isKnown = IsLinkAddress(meta.link, destination, meta.link_addr_len);
    Ptr<Ipv4Interface> interface = isKnown ? GetArpInterface(meta.link) : nullptr;
    if (!interface)
    {
        SendPlainMessage(meta, message, length);
        return;
    }
    // Who asked need not be who it says, and shall not find its way into the cache: the answer has one of its own. ns-3
    // resolves an address before it returns.
    Ptr<ArpCache> cache = interface->GetArpCache();
    Ptr<ArpCache> once = CreateObject<ArpCache>();
    once->SetDevice(interface->GetDevice(), interface);
    Resolve(once, destination, meta.link_addr);
    interface->SetArpCache(once);
    SendPlainMessage(meta, message, length);
    interface->SetArpCache(cache);
    once->Dispose();
}

void
FlowbindAgent::FollowVisitor(const fb_event& event)
{
    NS_LOG_FUNCTION(this << event.ref.session << event.ref.link << +event.to);
    Ipv4Address address(event.home_address);
    ForgetVisitor(event.ref.session);
    if (event.to != 0)
    {
        m_visitors[{address, event.ref.link}].insert(event.ref.session);
        SetLinkAddress(event.ref.link, address, event.link_addr, event.link_addr_len);
    }
}

void
FlowbindAgent::ForgetVisitor(uint32_t visitor)
{
    for (auto place = m_visitors.begin(); place != m_visitors.end(); ++place)
    {
        if (place->second.erase(visitor) != 0)
        {
            if (place->second.empty())
            {
                ForgetLinkAddress(place->first.second, place->first.first);
                m_visitors.erase(place);
            }
            return;
        }
    }
}

void
FlowbindAgent::ForgetVisitors()
{
    NS_LOG_FUNCTION(this);
    for (const auto& place : m_visitors)
    {
        ForgetLinkAddress(place.first.second, place.first.first);
    }
    m_visitors.clear();
}

bool
FlowbindAgent::SteerVisitor(Ptr<const Packet> packet,
                            const Ipv4Header& header,
                            Ptr<const NetDevice> device)
{
    uint32_t link = FindLink(device);
    if (link == 0 || m_visitors.count({header.GetSource(), link}) == 0)
    {
        return false;
    }
    fb_ref from = {};
    from.link = link;
    SteerForwarded(packet, header, from);
    return true;
}

} // namespace ns3
