/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-visitor-routing.h"

#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-route.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/output-stream-wrapper.h"
#include "ns3/packet.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindVisitorRouting");
NS_OBJECT_ENSURE_REGISTERED(FlowbindVisitorRouting);

TypeId
FlowbindVisitorRouting::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindVisitorRouting")
                            .SetParent<Ipv4RoutingProtocol>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindVisitorRouting>();
    return tid;
}

void
FlowbindVisitorRouting::SetInputCallback(InputCallback callback)
{
    m_input = callback;
}

void
FlowbindVisitorRouting::DoDispose()
{
    m_input = MakeNullCallback<bool, Ptr<const Packet>, const Ipv4Header&, Ptr<const NetDevice>>();
    Ipv4RoutingProtocol::DoDispose();
}

Ptr<Ipv4Route>
FlowbindVisitorRouting::RouteOutput(Ptr<Packet>,
                                    const Ipv4Header&,
                                    Ptr<NetDevice>,
                                    Socket::SocketErrno& error)
{
    error = Socket::ERROR_NOROUTETOHOST;
    return nullptr;
}

bool
FlowbindVisitorRouting::RouteInput(Parameter<0> packet,
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
FlowbindVisitorRouting::NotifyInterfaceUp(uint32_t)
{
}

void
FlowbindVisitorRouting::NotifyInterfaceDown(uint32_t)
{
}

void
FlowbindVisitorRouting::NotifyAddAddress(uint32_t, Ipv4InterfaceAddress)
{
}

void
FlowbindVisitorRouting::NotifyRemoveAddress(uint32_t, Ipv4InterfaceAddress)
{
}

void
FlowbindVisitorRouting::SetIpv4(Ptr<Ipv4> ipv4 [[maybe_unused]])
{
}

void
FlowbindVisitorRouting::PrintRoutingTable(Ptr<OutputStreamWrapper> stream,
                                          Time::Unit unit [[maybe_unused]]) const
{
    *stream->GetStream()
        << "FlowbindVisitorRouting: no routes, visitors' packets go to the agent\n";
}

} // namespace ns3
