/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-traffic.h"

#include "flowbind-request.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/tcp-socket.h"
#include "ns3/udp-socket-factory.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindTraffic");

NS_OBJECT_ENSURE_REGISTERED(FlowbindTrafficClient);
NS_OBJECT_ENSURE_REGISTERED(FlowbindTrafficServer);

namespace
{

const uint8_t TCP = 6;

Ptr<Socket>
CreateSocket(Ptr<Node> node, uint8_t protocol)
{
    TypeId factory = protocol == TCP ? TcpSocketFactory::GetTypeId()
                                     : UdpSocketFactory::GetTypeId();
    return Socket::CreateSocket(node, factory);
}

/// What one end of a TCP flow needs: a write of an interactive flow leaves at once, and packets carry their DSCP.
void
PrepareConnection(Ptr<Socket> socket, const FlowbindTrafficProfile& profile)
{
    Ptr<TcpSocket> tcp = DynamicCast<TcpSocket>(socket);
    tcp->SetAttribute("TcpNoDelay",
                      BooleanValue(profile.upPattern || profile.downPattern || profile.answers));
    if (profile.IsIpv6())
    {
        tcp->SetIpv6Tclass(profile.dscp << 2);
        return;
    }
    tcp->SetIpTos(profile.dscp << 2);
}

Address
ToSocketAddress(const Address& address, uint16_t port)
{
    if (Ipv6Address::IsMatchingType(address))
    {
        return Inet6SocketAddress(Ipv6Address::ConvertFrom(address), port);
    }
    return InetSocketAddress(Ipv4Address::ConvertFrom(address), port);
}

} // namespace

bool
FlowbindTrafficProfile::HasMobilePort(uint16_t port) const
{
    return port >= mobilePort && port - mobilePort < mobilePortCount;
}

bool
FlowbindTrafficProfile::IsIpv6() const
{
    return Ipv6Address::IsMatchingType(mobile);
}

FlowbindTrafficSender::FlowbindTrafficSender(const FlowbindTrafficProfile& profile,
                                             Ptr<FlowbindTrafficPattern> pattern)
    : m_profile(profile),
      m_pattern(pattern),
      m_sent(0),
      m_due(0)
{
}

void
FlowbindTrafficSender::Start(Ptr<Socket> socket, const Address& to)
{
    m_socket = socket;
    m_to = to;
    if (m_profile.protocol == TCP)
    {
        // What an earlier connection had accepted and not delivered is lost with it, as for a real application.
        socket->SetSendCallback(MakeCallback(&FlowbindTrafficSender::Flush, this));
    }
    if (m_pattern)
    {
        m_due = m_sent; // the times of its packets stay what they are
        if (!m_tick.IsRunning())
        {
            Await();
        }
        return;
    }
    m_due = m_profile.bytes > 0 ? m_profile.bytes : UINT64_MAX;
    FlushNow();
}

void
FlowbindTrafficSender::Stop()
{
    m_tick.Cancel();
    m_due = m_sent;
    if (m_socket && m_profile.protocol == TCP)
    {
        m_socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
    }
    m_socket = nullptr;
}

void
FlowbindTrafficSender::Await()
{
    FlowbindTrafficPattern::Packet packet = m_pattern->Next();
    if (packet.octets == 0)
    {
        return;
    }
    m_tick = Simulator::Schedule(packet.wait, &FlowbindTrafficSender::Tick, this, packet.octets);
}

void
FlowbindTrafficSender::Tick(uint32_t octets)
{
    if (!m_socket)
    {
        return;
    }
    m_due += octets;
    Await();
    if (m_profile.protocol == TCP)
    {
        FlushNow();
        return;
    }
    SendDatagram(octets);
}

void
FlowbindTrafficSender::SendDatagram(uint32_t octets)
{
    Ptr<Packet> packet = Create<Packet>(octets);
    if (m_profile.dscp > 0)
    {
        // Flows to one port share a socket, so the DSCP goes with the packet.
        uint8_t tos = m_profile.dscp << 2;
        SocketIpTosTag tosTag;
        tosTag.SetTos(tos);
        SocketIpv6TclassTag classTag;
        classTag.SetTclass(tos);
        packet->AddPacketTag(m_profile.IsIpv6() ? static_cast<const Tag&>(classTag) : tosTag);
        SocketPriorityTag priorityTag;
        priorityTag.SetPriority(Socket::IpTos2Priority(tos));
        packet->AddPacketTag(priorityTag);
    }
    m_sent += octets;
    m_socket->SendTo(packet, 0, m_to);
}

void
FlowbindTrafficSender::FlushNow()
{
    Flush(m_socket, m_socket->GetTxAvailable());
}

void
FlowbindTrafficSender::Flush(Ptr<Socket> socket, uint32_t available)
{
    if (socket != m_socket)
    {
        return; // an earlier connection
    }
    while (m_sent < m_due && available > 0)
    {
        uint64_t octets = std::min<uint64_t>(m_profile.segment, m_due - m_sent);
        if (octets > available)
        {
            return;
        }
        int accepted = socket->Send(Create<Packet>(octets));
        if (accepted <= 0)
        {
            return;
        }
        m_sent += accepted;
        available = socket->GetTxAvailable();
    }
}

TypeId
FlowbindTrafficClient::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindTrafficClient")
                            .SetParent<Application>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindTrafficClient>()
                            .AddTraceSource(
                                "Rx",
                                "Octets of payload arrived at the mobile node",
                                MakeTraceSourceAccessor(&FlowbindTrafficClient::m_rxTrace),
                                "ns3::FlowbindTrafficClient::RxCallback");
    return tid;
}

const Time FlowbindTrafficClient::RETRY = Seconds(1);

FlowbindTrafficClient::FlowbindTrafficClient()
    : m_ports(0),
      m_reconnects(0)
{
}

void
FlowbindTrafficClient::SetProfile(const FlowbindTrafficProfile& profile)
{
    m_profile = profile;
    m_sender = Create<FlowbindTrafficSender>(profile, profile.upPattern);
    SetStartTime(profile.start);
    SetStopTime(profile.stop);
}

uint32_t
FlowbindTrafficClient::GetReconnects() const
{
    return m_reconnects;
}

const FlowbindTrafficProfile&
FlowbindTrafficClient::GetProfile() const
{
    return m_profile;
}

void
FlowbindTrafficClient::CountReconnect()
{
    m_reconnects++;
}

void
FlowbindTrafficClient::NotifyReceived(uint32_t octets)
{
    m_rxTrace(octets);
}

Ptr<Socket>
FlowbindTrafficClient::Bind()
{
    uint16_t port = m_profile.mobilePort + m_ports % m_profile.mobilePortCount;
    m_ports++;
    Ptr<Socket> socket = CreateSocket(GetNode(), m_profile.protocol);
    if (socket->Bind(ToSocketAddress(m_profile.mobile, port)) == 0)
    {
        return socket;
    }
    NS_ABORT_MSG_IF(m_profile.protocol != TCP, "port " << port << " of the mobile node is taken");
    return nullptr;
}

void
FlowbindTrafficClient::Connect(Ptr<Socket> socket) const
{
    PrepareConnection(socket, m_profile);
    socket->Connect(ToSocketAddress(m_profile.correspondent, m_profile.correspondentPort));
}

void
FlowbindTrafficClient::DoDispose()
{
    m_retry.Cancel();
    if (m_sender)
    {
        m_sender->Stop();
    }
    m_socket = nullptr;
    Application::DoDispose();
}

void
FlowbindTrafficClient::StartApplication()
{
    Open();
}

void
FlowbindTrafficClient::StopApplication()
{
    // The socket stays: what is on its way still counts when it arrives.
    m_retry.Cancel();
    m_sender->Stop();
}

void
FlowbindTrafficClient::Open()
{
    m_socket = Bind();
    if (!m_socket)
    {
        m_retry = Simulator::Schedule(RETRY, &FlowbindTrafficClient::Open, this);
        return;
    }
    m_socket->SetRecvCallback(MakeCallback(&FlowbindTrafficClient::Receive, this));
    if (m_profile.protocol != TCP)
    {
        if (m_profile.up)
        {
            m_sender->Start(m_socket,
                            ToSocketAddress(m_profile.correspondent, m_profile.correspondentPort));
        }
        return;
    }
    m_socket->SetConnectCallback(MakeCallback(&FlowbindTrafficClient::Connected, this),
                                 MakeCallback(&FlowbindTrafficClient::Lost, this));
    m_socket->SetCloseCallbacks(MakeCallback(&FlowbindTrafficClient::Lost, this),
                                MakeCallback(&FlowbindTrafficClient::Lost, this));
    Connect(m_socket);
}

void
FlowbindTrafficClient::Receive(Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv())
    {
        if (packet->GetSize() == 0)
        {
            return;
        }
        m_rxTrace(packet->GetSize());
    }
}

void
FlowbindTrafficClient::Connected(Ptr<Socket> socket)
{
    if (m_profile.up && Simulator::Now() < m_profile.stop)
    {
        m_sender->Start(socket, Address());
    }
}

void
FlowbindTrafficClient::Lost(Ptr<Socket> socket)
{
    if (socket != m_socket || m_retry.IsRunning() || Simulator::Now() >= m_profile.stop)
    {
        return;
    }
    NS_LOG_INFO("connection to port " << m_profile.correspondentPort << " lost, trying again");
    CountReconnect();
    m_retry = Simulator::Schedule(RETRY, &FlowbindTrafficClient::Open, this);
}

TypeId
FlowbindTrafficServer::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindTrafficServer")
                            .SetParent<Application>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindTrafficServer>()
                            .AddTraceSource(
                                "Rx",
                                "Octets of a flow's payload arrived at the correspondent",
                                MakeTraceSourceAccessor(&FlowbindTrafficServer::m_rxTrace),
                                "ns3::FlowbindTrafficServer::RxCallback");
    return tid;
}

FlowbindTrafficServer::FlowbindTrafficServer()
{
}

void
FlowbindTrafficServer::AddSession(uint32_t id, const FlowbindTrafficProfile& profile)
{
    NS_ABORT_MSG_IF(!m_sessions.empty() &&
                        (profile.protocol != GetProtocol() ||
                         profile.correspondentPort != GetPort() || profile.IsIpv6() != IsIpv6()),
                    "a server has one protocol, one port and one IP version");
    m_sessions.push_back(
        {id, profile, Create<FlowbindTrafficSender>(profile, profile.downPattern)});
}

void
FlowbindTrafficServer::SetMobile(uint32_t id, const Address& mobile)
{
    for (std::size_t i = 0; i < m_sessions.size(); i++)
    {
        FlowbindTrafficProfile& profile = m_sessions[i].profile;
        if (m_sessions[i].id != id)
        {
            continue;
        }
        profile.mobile = mobile;
        bool isOn = Simulator::Now() > profile.start && Simulator::Now() < profile.stop;
        if (isOn && GetProtocol() != TCP && profile.down)
        {
            StartDatagrams(i);
        }
    }
}

uint8_t
FlowbindTrafficServer::GetProtocol() const
{
    return m_sessions.front().profile.protocol;
}

uint16_t
FlowbindTrafficServer::GetPort() const
{
    return m_sessions.front().profile.correspondentPort;
}

bool
FlowbindTrafficServer::IsIpv6() const
{
    return m_sessions.front().profile.IsIpv6();
}

void
FlowbindTrafficServer::DoDispose()
{
    StopApplication();
    m_socket = nullptr;
    m_accepted.clear();
    m_answerers.clear();
    m_sessions.clear();
    Application::DoDispose();
}

void
FlowbindTrafficServer::StartApplication()
{
    m_socket = CreateSocket(GetNode(), GetProtocol());
    Address any = IsIpv6() ? Address(Ipv6Address::GetAny()) : Address(Ipv4Address::GetAny());
    int result = m_socket->Bind(ToSocketAddress(any, GetPort()));
    NS_ABORT_MSG_IF(result != 0, "port " << GetPort() << " of the correspondent is taken");
    if (GetProtocol() == TCP)
    {
        m_socket->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                    MakeCallback(&FlowbindTrafficServer::Accept, this));
        m_socket->Listen();
    }
    else
    {
        m_socket->SetRecvCallback(MakeCallback(&FlowbindTrafficServer::Receive, this));
    }
    for (std::size_t i = 0; i < m_sessions.size(); i++)
    {
        const FlowbindTrafficProfile& profile = m_sessions[i].profile;
        if (GetProtocol() != TCP && profile.down)
        {
            Time wait = profile.start - Simulator::Now();
            m_events.push_back(
                Simulator::Schedule(wait, &FlowbindTrafficServer::StartDatagrams, this, i));
        }
        m_events.push_back(Simulator::Schedule(profile.stop - Simulator::Now(),
                                               &FlowbindTrafficServer::StopSession,
                                               this,
                                               i));
    }
}

void
FlowbindTrafficServer::StopApplication()
{
    for (auto& event : m_events)
    {
        event.Cancel();
    }
    for (auto& session : m_sessions)
    {
        session.sender->Stop();
    }
}

void
FlowbindTrafficServer::StartDatagrams(std::size_t session)
{
    const FlowbindTrafficProfile& profile = m_sessions[session].profile;
    m_sessions[session].sender->Start(m_socket,
                                      ToSocketAddress(profile.mobile, profile.mobilePort));
}

void
FlowbindTrafficServer::StopSession(std::size_t session)
{
    m_sessions[session].sender->Stop();
}

void
FlowbindTrafficServer::Accept(Ptr<Socket> socket, const Address& from)
{
    Session* session = Find(from);
    if (session == nullptr)
    {
        NS_LOG_WARN("connection from a port that belongs to no flow");
        socket->Close();
        return;
    }
    PrepareConnection(socket, session->profile);
    socket->SetRecvCallback(MakeCallback(&FlowbindTrafficServer::Receive, this));
    socket->SetCloseCallbacks(MakeCallback(&FlowbindTrafficServer::Closed, this),
                              MakeCallback(&FlowbindTrafficServer::Closed, this));
    m_accepted.push_back(socket);
    if (session->profile.answers)
    {
        m_answerers[socket] = Create<FlowbindAnswerer>(socket, session->profile.segment);
        return;
    }
    if (session->profile.down && Simulator::Now() < session->profile.stop)
    {
        session->sender->Start(socket, Address());
    }
}

void
FlowbindTrafficServer::Closed(Ptr<Socket> socket)
{
    // Nobody is there to read what this end may still have, and the other one waits for its end.
    auto answerer = m_answerers.find(socket);
    if (answerer != m_answerers.end())
    {
        answerer->second->Stop();
        m_answerers.erase(answerer);
        socket->Close();
    }
}

void
FlowbindTrafficServer::Receive(Ptr<Socket> socket)
{
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        if (packet->GetSize() == 0)
        {
            return;
        }
        const Session* session = Find(from);
        if (session != nullptr)
        {
            m_rxTrace(session->id, packet->GetSize());
        }
        auto answerer = m_answerers.find(socket);
        if (answerer != m_answerers.end())
        {
            answerer->second->Receive(packet);
        }
    }
}

FlowbindTrafficServer::Session*
FlowbindTrafficServer::Find(const Address& peer)
{
    bool isIpv6 = Inet6SocketAddress::IsMatchingType(peer);
    Address address = isIpv6 ? Address(Inet6SocketAddress::ConvertFrom(peer).GetIpv6())
                             : Address(InetSocketAddress::ConvertFrom(peer).GetIpv4());
    uint16_t port = isIpv6 ? Inet6SocketAddress::ConvertFrom(peer).GetPort()
                           : InetSocketAddress::ConvertFrom(peer).GetPort();
    for (auto& session : m_sessions)
    {
        if (session.profile.mobile == address && session.profile.HasMobilePort(port))
        {
            return &session;
        }
    }
    return nullptr;
}

} // namespace ns3
