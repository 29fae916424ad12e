/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-host-routing.h"

#include "ns3/ipv6-header.h"
#include "ns3/ipv6-interface-address.h"
#include "ns3/ipv6-route.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/output-stream-wrapper.h"
#include "ns3/packet.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindHostRouting");
NS_OBJECT_ENSURE_REGISTERED(FlowbindHostRouting);

TypeId
FlowbindHostRouting::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindHostRouting")
                            .SetParent<Ipv6RoutingProtocol>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindHostRouting>();
    return tid;
}

void
FlowbindHostRouting::SetInputCallback(InputCallback callback)
{
    m_input = callback;
}

void
FlowbindHostRouting::DoDispose()
{
    m_input = MakeNullCallback<bool, Ptr<const Packet>, const Ipv6Header&, Ptr<const NetDevice>>();
    Ipv6RoutingProtocol::DoDispose();
}

Ptr<Ipv6Route>
FlowbindHostRouting::RouteOutput(Ptr<Packet>,
                                 const Ipv6Header&,
                                 Ptr<NetDevice>,
                                 Socket::SocketErrno& error)
{
    error = Socket::ERROR_NOROUTETOHOST;
    return nullptr;
}

bool
FlowbindHostRouting::RouteInput(Parameter<0> packet,
                                Parameter<1> header,
                                Parameter<2> device,
                                Parameter<3>,
                                Parameter<4>,
                                Parameter<5>,
                                Parameter<6>)
{
    return !m_input.IsNull() && m_input(packet, header, device);
}

void
FlowbindHostRouting::NotifyInterfaceUp(uint32_t)
{
}

void
FlowbindHostRouting::NotifyInterfaceDown(uint32_t)
{
}

void
FlowbindHostRouting::NotifyAddAddress(uint32_t, Ipv6InterfaceAddress)
{
}

void
FlowbindHostRouting::NotifyRemoveAddress(uint32_t, Ipv6InterfaceAddress)
{
}

void
FlowbindHostRouting::NotifyAddRoute(Ipv6Address, Ipv6Prefix, Ipv6Address, uint32_t, Ipv6Address)
{
}

void
FlowbindHostRouting::NotifyRemoveRoute(Ipv6Address, Ipv6Prefix, Ipv6Address, uint32_t, Ipv6Address)
{
}

void
FlowbindHostRouting::SetIpv6(Ptr<Ipv6> ipv6 [[maybe_unused]])
{
}

void
FlowbindHostRouting::PrintRoutingTable(Ptr<OutputStreamWrapper> stream,
                                       Time::Unit unit [[maybe_unused]]) const
{
    *stream->GetStream()
        << "FlowbindHostRouting: no routes, mobile nodes' packets go to the agent\n";
}

} // namespace ns3
