/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-input-routing.h"

#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-route.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/output-stream-wrapper.h"
#include "ns3/packet.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindInputRouting");
NS_OBJECT_ENSURE_REGISTERED(FlowbindInputRouting);

TypeId
FlowbindInputRouting::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindInputRouting")
                            .SetParent<Ipv4RoutingProtocol>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindInputRouting>();
    return tid;
}

void
FlowbindInputRouting::SetInputCallback(InputCallback callback)
{
    m_input = callback;
}

void
FlowbindInputRouting::DoDispose()
{
    m_input = InputCallback();
    Ipv4RoutingProtocol::DoDispose();
}

Ptr<Ipv4Route>
FlowbindInputRouting::RouteOutput(Ptr<Packet>,
                                  const Ipv4Header&,
                                  Ptr<NetDevice>,
                                  Socket::SocketErrno& error)
{
    error = Socket::ERROR_NOROUTETOHOST;
    return nullptr;
}

bool
FlowbindInputRouting::RouteInput(Parameter<0> packet,
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
FlowbindInputRouting::NotifyInterfaceUp(uint32_t)
{
}

void
FlowbindInputRouting::NotifyInterfaceDown(uint32_t)
{
}

void
FlowbindInputRouting::NotifyAddAddress(uint32_t, Ipv4InterfaceAddress)
{
}

void
FlowbindInputRouting::NotifyRemoveAddress(uint32_t, Ipv4InterfaceAddress)
{
}

void
FlowbindInputRouting::SetIpv4(Ptr<Ipv4> ipv4 [[maybe_unused]])
{
}

void
FlowbindInputRouting::PrintRoutingTable(Ptr<OutputStreamWrapper> stream,
                                        Time::Unit unit [[maybe_unused]]) const
{
    *stream->GetStream() << "FlowbindInputRouting: no routes, the agent is asked first\n";
}

} // namespace ns3
