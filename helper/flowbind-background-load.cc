/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-background-load.h"

#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindBackgroundLoad);

TypeId
FlowbindBackgroundLoad::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindBackgroundLoad")
                            .SetParent<Application>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindBackgroundLoad>();
    return tid;
}

FlowbindBackgroundLoad::FlowbindBackgroundLoad()
    : m_port(0),
      m_packet(0)
{
}

void
FlowbindBackgroundLoad::Setup(Ipv4Address peer, uint16_t port, DataRate rate, uint32_t packet)
{
    m_peer = peer;
    m_port = port;
    m_packet = packet;
    if (rate.GetBitRate() > 0)
    {
        double mean = packet * 8.0 / static_cast<double>(rate.GetBitRate());
        m_gap = CreateObject<ExponentialRandomVariable>();
        m_gap->SetAttribute("Mean", DoubleValue(mean));
    }
}

int64_t
FlowbindBackgroundLoad::AssignStreams(int64_t stream)
{
    if (m_gap)
    {
        m_gap->SetStream(stream);
    }
    return 1;
}

void
FlowbindBackgroundLoad::DoDispose()
{
    m_socket = nullptr;
    m_gap = nullptr;
    Application::DoDispose();
}

void
FlowbindBackgroundLoad::StartApplication()
{
    m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), m_port));
    m_socket->Connect(InetSocketAddress(m_peer, m_port));
    m_socket->SetRecvCallback(MakeCallback(&FlowbindBackgroundLoad::Discard, this));
    Schedule();
}

void
FlowbindBackgroundLoad::StopApplication()
{
    Simulator::Cancel(m_next);
    if (m_socket)
    {
        m_socket->Close();
    }
}

void
FlowbindBackgroundLoad::Schedule()
{
    if (m_gap)
    {
        m_next =
            Simulator::Schedule(Seconds(m_gap->GetValue()), &FlowbindBackgroundLoad::Send, this);
    }
}

void
FlowbindBackgroundLoad::Send()
{
    m_socket->Send(Create<Packet>(m_packet));
    Schedule();
}

void
FlowbindBackgroundLoad::Discard(Ptr<Socket> socket)
{
    while (socket->Recv())
    {
    }
}

} // namespace ns3
