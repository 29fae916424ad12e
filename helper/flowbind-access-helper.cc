/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-access-helper.h"

#include "ns3/abort.h"
#include "ns3/flowbind-cdma-net-device.h"
#include "ns3/ipv4.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/queue-disc.h"
#include "ns3/queue.h"
#include "ns3/traffic-control-layer.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAccessHelper");

NS_OBJECT_ENSURE_REGISTERED(FlowbindAccessLink);

namespace
{

const uint32_t ACCESS_BASE = 0xcb007100; // 203.0.113.0, RFC 5737 TEST-NET-3
const uint32_t PRIVATE_BASE = 0x0a000000; // 10.0.0.0, RFC 1918
const uint32_t ACCESS_SIZE = 16;
const uint32_t ACCESS_MASK = 0xfffffff0;
/// The first is the network's, the last two are the router's and the broadcast address.
const uint32_t MOBILES = ACCESS_SIZE - 3;
/// Unbound sockets take the tunnel (metric 0); the links' own default routes only serve sockets bound to a device.
const uint32_t FIRST_METRIC = 10;
/// Unique local (RFC 4193): a /64 for each network.
const char* const ACCESS_BASE6 = "fd00:a::";
const uint8_t ROUTER_HOST6 = 0xfe;

/// 0: it has no such queue.
uint32_t
GetQueueOctets(Ptr<Object> object, const char* attribute)
{
    PointerValue queue;
    bool has = object->GetAttributeFailSafe(attribute, queue) && queue.Get<QueueBase>();
    return has ? queue.Get<QueueBase>()->GetNBytes() : 0;
}

} // namespace

TypeId
FlowbindAccessLink::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindAccessLink")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindAccessLink>()
                            .AddTraceSource(
                                "Usable",
                                "The link became usable (true) or unusable (false)",
                                MakeTraceSourceAccessor(&FlowbindAccessLink::m_usableTrace),
                                "ns3::FlowbindAccessLink::UsableCallback");
    return tid;
}

FlowbindAccessLink::FlowbindAccessLink()
    : m_interface(0),
      m_carrier(false),
      m_outage(false),
      m_usable(false)
{
}

void
FlowbindAccessLink::Setup(Ptr<NetDevice> device, Ipv4Address gateway)
{
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    int32_t interface = ipv4->GetInterfaceForDevice(device);
    NS_ABORT_MSG_IF(interface < 0, "the device has no IPv4 interface");
    m_device = device;
    m_interface = interface;
    bool hasAddress = ipv4->GetNAddresses(m_interface) > 0;
    m_address = hasAddress ? ipv4->GetAddress(m_interface, 0).GetLocal() : Ipv4Address::GetAny();
    m_gateway = gateway;
    AddDefaultRoute();
}

void
FlowbindAccessLink::SetupIpv6(Ipv6Address address, Ipv6Address gateway)
{
    m_address6 = address;
    m_gateway6 = gateway;
}

void
FlowbindAccessLink::DoDispose()
{
    m_device = nullptr;
    Object::DoDispose();
}

Ptr<NetDevice>
FlowbindAccessLink::GetDevice() const
{
    return m_device;
}

uint32_t
FlowbindAccessLink::GetInterface() const
{
    return m_interface;
}

Ipv4Address
FlowbindAccessLink::GetCareOfAddress() const
{
    return m_address;
}

Ipv4Address
FlowbindAccessLink::GetGateway() const
{
    return m_gateway;
}

Ipv6Address
FlowbindAccessLink::GetCareOfAddress6() const
{
    return m_address6;
}

Ipv6Address
FlowbindAccessLink::GetGateway6() const
{
    return m_gateway6;
}

bool
FlowbindAccessLink::IsUsable() const
{
    return m_usable;
}

bool
FlowbindAccessLink::HasCarrier() const
{
    return m_carrier;
}

uint32_t
FlowbindAccessLink::GetBacklog() const
{
    uint32_t octets = GetQueueOctets(m_device, "TxQueue");
    if (Ptr<FlowbindCdmaTerminal> terminal = DynamicCast<FlowbindCdmaTerminal>(m_device))
    {
        octets += static_cast<uint32_t>(terminal->GetBacklog());
    }
    PointerValue mac;
    if (m_device->GetAttributeFailSafe("Mac", mac) && mac.Get<Object>())
    {
        for (const char* name : {"BE_Txop", "BK_Txop", "VI_Txop", "VO_Txop"})
        {
            PointerValue txop;
            if (mac.Get<Object>()->GetAttributeFailSafe(name, txop) && txop.Get<Object>())
            {
                octets += GetQueueOctets(txop.Get<Object>(), "Queue");
            }
        }
    }
    Ptr<TrafficControlLayer> control = m_device->GetNode()->GetObject<TrafficControlLayer>();
    Ptr<QueueDisc> discipline = control ? control->GetRootQueueDiscOnDevice(m_device) : nullptr;
    return octets + (discipline ? discipline->GetNBytes() : 0);
}

void
FlowbindAccessLink::SetCarrier(bool carrier)
{
    NS_LOG_FUNCTION(this << carrier);
    m_carrier = carrier;
    Update();
}

void
FlowbindAccessLink::SetOutage(bool outage)
{
    NS_LOG_FUNCTION(this << outage);
    if (outage == m_outage)
    {
        return;
    }
    m_outage = outage;
    Ptr<Ipv4> ipv4 = m_device->GetNode()->GetObject<Ipv4>();
    if (outage)
    {
        ipv4->SetDown(m_interface);
    }
    else
    {
        ipv4->SetUp(m_interface);
        AddDefaultRoute();
    }
    if (!m_address6.IsAny())
    {
        Ptr<Ipv6> ipv6 = m_device->GetNode()->GetObject<Ipv6>();
        uint32_t interface = ipv6->GetInterfaceForDevice(m_device);
        if (outage)
        {
            ipv6->SetDown(interface); // which takes the addresses too
        }
        else
        {
            FlowbindBackboneHelper::AddAddress6(m_device, m_address6);
        }
    }
    Update();
}

void
FlowbindAccessLink::Renumber(Ipv4Address address)
{
    NS_LOG_FUNCTION(this << address);
    Ptr<Ipv4> ipv4 = m_device->GetNode()->GetObject<Ipv4>();
    Ipv4Mask mask = ipv4->GetAddress(m_interface, 0).GetMask();
    ipv4->RemoveAddress(m_interface, 0);
    ipv4->AddAddress(m_interface, Ipv4InterfaceAddress(address, mask));
    m_address = address;
}

void
FlowbindAccessLink::Renumber(Ipv6Address address)
{
    NS_LOG_FUNCTION(this << address);
    Ptr<Ipv6> ipv6 = m_device->GetNode()->GetObject<Ipv6>();
    ipv6->RemoveAddress(ipv6->GetInterfaceForDevice(m_device), m_address6);
    FlowbindBackboneHelper::AddAddress6(m_device, address);
    m_address6 = address;
}

void
FlowbindAccessLink::Update()
{
    bool usable = m_carrier && !m_outage;
    if (usable == m_usable)
    {
        return;
    }
    m_usable = usable;
    m_usableTrace(usable);
}

void
FlowbindAccessLink::AddDefaultRoute()
{
    if (m_address.IsAny())
    {
        return; // what leaves here is the agent's, and it knows the way
    }
    FlowbindBackboneHelper::AddDefaultRoute(m_device->GetNode(),
                                            m_gateway,
                                            m_interface,
                                            FIRST_METRIC + m_interface);
}

FlowbindAccessHelper::FlowbindAccessHelper(const std::string& name, uint32_t index)
    : m_name(name),
      m_index(index),
      m_mobiles(0),
      m_hasIpv6(false),
      m_isBehindNat(false),
      m_hasForeignAgent(false)
{
    NS_ABORT_MSG_IF(index >= 256 / ACCESS_SIZE - 1, "at most 15 access networks have addresses");
}

FlowbindAccessHelper::~FlowbindAccessHelper()
{
}

void
FlowbindAccessHelper::SetNat(Time timeout)
{
    m_isBehindNat = true;
    m_natTimeout = timeout;
}

void
FlowbindAccessHelper::SetForeignAgent()
{
    m_hasForeignAgent = true;
}

void
FlowbindAccessHelper::EnableIpv6()
{
    m_hasIpv6 = true;
}

bool
FlowbindAccessHelper::HasIpv6() const
{
    return m_hasIpv6;
}

int64_t
FlowbindAccessHelper::AssignStreams(int64_t)
{
    return 0;
}

Ptr<FlowbindNat>
FlowbindAccessHelper::GetNat() const
{
    return m_nat;
}

Ipv4Address
FlowbindAccessHelper::GetPublicAddress() const
{
    return m_isBehindNat ? Ipv4Address(GetNetwork(m_index, false).Get() + 1)
                         : Ipv4Address::GetAny();
}

Ptr<Node>
FlowbindAccessHelper::GetAccessRouter() const
{
    return nullptr;
}

Ptr<NetDevice>
FlowbindAccessHelper::GetAccessDevice() const
{
    return nullptr;
}

Ipv4Address
FlowbindAccessHelper::GetNetwork(uint32_t index, bool isBehindNat)
{
    return Ipv4Address((isBehindNat ? PRIVATE_BASE : ACCESS_BASE) + ACCESS_SIZE * (index + 1));
}

Ipv4Address
FlowbindAccessHelper::GetNetwork() const
{
    return GetNetwork(m_index, m_isBehindNat);
}

Ipv4Mask
FlowbindAccessHelper::GetMask() const
{
    return Ipv4Mask(ACCESS_MASK);
}

Ipv4Address
FlowbindAccessHelper::GetRouterAddress() const
{
    return Ipv4Address(GetNetwork().Get() + ACCESS_SIZE - 2);
}

void
FlowbindAccessHelper::InstallStack(Ptr<Node> accessRouter) const
{
    if (m_hasForeignAgent)
    {
        FlowbindBackboneHelper::InstallOpenStack(accessRouter);
        return;
    }
    FlowbindBackboneHelper::InstallStack(accessRouter);
    if (m_hasIpv6)
    {
        FlowbindBackboneHelper::AddIpv6(accessRouter);
    }
}

Ipv6Address
FlowbindAccessHelper::GetAddress6(uint8_t host) const
{
    uint8_t octets[16];
    Ipv6Address(ACCESS_BASE6).GetBytes(octets);
    octets[7] = static_cast<uint8_t>(m_index + 1);
    octets[15] = host;
    return Ipv6Address(octets);
}

NetDeviceContainer
FlowbindAccessHelper::ConnectBackhaul(FlowbindBackboneHelper& backbone,
                                      Ptr<Node> accessRouter,
                                      Ipv4Address network,
                                      Ipv4Mask mask)
{
    if (!m_isBehindNat)
    {
        NetDeviceContainer link = backbone.Connect(accessRouter, network, mask);
        if (m_hasIpv6)
        {
            backbone.RouteIpv6(link, GetNetwork6());
        }
        return link;
    }
    return backbone.ConnectBehindNat(accessRouter, GetPublicAddress(), m_natTimeout, m_nat);
}

void
FlowbindAccessHelper::SetRouterAddress(Ptr<NetDevice> device) const
{
    SetAddress(device, GetRouterAddress());
    if (m_hasIpv6)
    {
        FlowbindBackboneHelper::AddAddress6(device, GetAddress6(ROUTER_HOST6));
    }
}

void
FlowbindAccessHelper::SetMobileAddress(Ptr<NetDevice> device)
{
    m_mobiles++;
    NS_ABORT_MSG_IF(m_mobiles > MOBILES, "no address is left in the access network " << m_name);
    SetAddress(device,
               m_hasForeignAgent ? Ipv4Address::GetAny()
                                 : Ipv4Address(GetNetwork().Get() + m_mobiles));
}

Ipv6Address
FlowbindAccessHelper::GetNetwork6() const
{
    return GetAddress6(0);
}

void
FlowbindAccessHelper::SetMobileAddress6(Ptr<FlowbindAccessLink> link) const
{
    if (!m_hasIpv6 || !link->GetDevice()->GetNode()->GetObject<Ipv6>())
    {
        return;
    }
    Ipv6Address address = GetAddress6(static_cast<uint8_t>(m_mobiles));
    FlowbindBackboneHelper::AddAddress6(link->GetDevice(), address);
    link->SetupIpv6(address, GetAddress6(ROUTER_HOST6));
}

bool
FlowbindAccessHelper::IsMobileAddress(uint32_t index, bool isBehindNat, Ipv4Address address)
{
    uint32_t network = GetNetwork(index, isBehindNat).Get();
    return address.Get() > network && address.Get() <= network + MOBILES;
}

Ipv4Address
FlowbindAccessHelper::GetNextAddress(Ipv4Address address)
{
    uint32_t host = address.Get() & ~ACCESS_MASK;
    return Ipv4Address((address.Get() & ACCESS_MASK) + host % MOBILES + 1);
}

Ipv6Address
FlowbindAccessHelper::GetNextAddress(Ipv6Address address)
{
    uint8_t octets[16];
    address.GetBytes(octets);
    octets[15] = static_cast<uint8_t>(octets[15] % MOBILES + 1);
    return Ipv6Address(octets);
}

void
FlowbindAccessHelper::SetAddress(Ptr<NetDevice> device, Ipv4Address address) const
{
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    uint32_t interface = ipv4->AddInterface(device);
    if (!address.IsAny())
    {
        ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, GetMask()));
    }
    ipv4->SetMetric(interface, 1);
    ipv4->SetUp(interface);
}

} // namespace ns3
