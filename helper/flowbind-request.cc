/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-request.h"

#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindRequest");

NS_OBJECT_ENSURE_REGISTERED(FlowbindRequestClient);

namespace
{

/// Octets of a request that say how much is wanted.
const uint32_t NUMBER = 8;

/// Of a connection that was closed: reads what still comes.
void
Discard(Ptr<Socket> socket)
{
    Ptr<Packet> packet = socket->Recv();
    while (packet && packet->GetSize() > 0)
    {
        packet = socket->Recv();
    }
    // Where a request was under way, ns-3 put the end off, and forgets about it when the request is acknowledged.
    socket->Close();
}

} // namespace

FlowbindAnswerer::FlowbindAnswerer(Ptr<Socket> socket, uint32_t segment)
    : m_socket(socket),
      m_segment(segment)
{
    socket->SetSendCallback(MakeCallback(&FlowbindAnswerer::Flush, this));
}

void
FlowbindAnswerer::Stop()
{
    m_due = 0;
    m_socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
}

Ptr<Packet>
FlowbindAnswerer::MakeRequest(uint64_t octets)
{
    uint8_t request[REQUEST] = {0};
    for (uint32_t i = 0; i < NUMBER; i++)
    {
        request[i] = octets >> (8 * (NUMBER - 1 - i));
    }
    return Create<Packet>(request, REQUEST);
}

void
FlowbindAnswerer::Receive(Ptr<const Packet> packet)
{
    std::vector<uint8_t> octets(packet->GetSize());
    packet->CopyData(octets.data(), octets.size());
    for (uint8_t octet : octets)
    {
        m_wanted = m_received < NUMBER ? m_wanted << 8 | octet : m_wanted;
        m_received++;
        if (m_received == REQUEST)
        {
            m_due += m_wanted;
            m_received = 0;
            m_wanted = 0;
        }
    }
    Flush(m_socket, m_socket->GetTxAvailable());
}

void
FlowbindAnswerer::Flush(Ptr<Socket> socket, uint32_t available)
{
    while (m_due > 0 && available > 0)
    {
        uint64_t octets = std::min<uint64_t>({m_segment, m_due, available});
        int accepted = socket->Send(Create<Packet>(octets));
        if (accepted <= 0)
        {
            return;
        }
        m_due -= accepted;
        available = socket->GetTxAvailable();
    }
}

TypeId
FlowbindRequestClient::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindRequestClient")
            .SetParent<FlowbindTrafficClient>()
            .SetGroupName("Flowbind")
            .AddAttribute("Timeout",
                          "How long nothing may come that was asked for before a connection is "
                          "given up",
                          TimeValue(Seconds(15)),
                          MakeTimeAccessor(&FlowbindRequestClient::m_timeout),
                          MakeTimeChecker(Time(1)));
    return tid;
}

FlowbindRequestClient::~FlowbindRequestClient()
{
}

void
FlowbindRequestClient::DoDispose()
{
    StopApplication();
    m_connections.clear();
    FlowbindTrafficClient::DoDispose();
}

void
FlowbindRequestClient::StopApplication()
{
    // The sockets stay: what is on its way still counts when it arrives.
    m_stopped = true;
    for (Connection& connection : m_connections)
    {
        connection.retry.Cancel();
        connection.timeout.Cancel();
    }
    FlowbindTrafficClient::StopApplication();
}

bool
FlowbindRequestClient::IsStopped() const
{
    return m_stopped;
}

void
FlowbindRequestClient::OpenConnections(uint32_t count)
{
    m_connections.resize(count);
    for (uint32_t i = 0; i < count; i++)
    {
        Open(i);
    }
}

std::size_t
FlowbindRequestClient::CountOutstanding(uint32_t connection) const
{
    return m_connections[connection].missing.size();
}

void
FlowbindRequestClient::Request(uint32_t index, uint64_t octets)
{
    Connection& connection = m_connections[index];
    connection.missing.push_back(octets);
    if (connection.connected)
    {
        connection.unsent.push_back(octets);
        Send(connection);
    }
    AwaitProgress(index);
}

void
FlowbindRequestClient::Progressed(uint32_t, uint32_t)
{
}

void
FlowbindRequestClient::Open(uint32_t index)
{
    Connection& connection = m_connections[index];
    connection.connected = false;
    connection.unsent.clear();
    connection.socket = Bind();
    if (!connection.socket)
    {
        connection.retry = Simulator::Schedule(RETRY, &FlowbindRequestClient::Open, this, index);
        return;
    }
    Ptr<Socket> socket = connection.socket;
    socket->SetRecvCallback(MakeCallback(&FlowbindRequestClient::Receive, this));
    socket->SetSendCallback(MakeCallback(&FlowbindRequestClient::OnSpace, this));
    socket->SetConnectCallback(MakeCallback(&FlowbindRequestClient::Connected, this),
                               MakeCallback(&FlowbindRequestClient::Lost, this));
    socket->SetCloseCallbacks(MakeCallback(&FlowbindRequestClient::Lost, this),
                              MakeCallback(&FlowbindRequestClient::Lost, this));
    // A port that was used is free again soon: there are only a few for each flow.
    socket->SetAttribute("MaxSegLifetime", DoubleValue(1));
    Connect(socket);
    AwaitProgress(index);
}

uint32_t
FlowbindRequestClient::Find(Ptr<Socket> socket) const
{
    auto found = std::find_if(m_connections.begin(),
                              m_connections.end(),
                              [&](const Connection& connection)
                              { return connection.socket == socket; });
    return found - m_connections.begin();
}

void
FlowbindRequestClient::Connected(Ptr<Socket> socket)
{
    uint32_t index = Find(socket);
    if (index == m_connections.size())
    {
        return;
    }
    Connection& connection = m_connections[index];
    connection.connected = true;
    connection.unsent = connection.missing;
    Send(connection);
    AwaitProgress(index);
}

void
FlowbindRequestClient::Send(Connection& connection)
{
    while (!connection.unsent.empty() &&
           connection.socket->GetTxAvailable() >= FlowbindAnswerer::REQUEST &&
           connection.socket->Send(FlowbindAnswerer::MakeRequest(connection.unsent.front())) > 0)
    {
        connection.unsent.pop_front();
    }
}

void
FlowbindRequestClient::OnSpace(Ptr<Socket> socket, uint32_t)
{
    uint32_t index = Find(socket);
    if (index < m_connections.size() && m_connections[index].connected)
    {
        Send(m_connections[index]);
    }
}

void
FlowbindRequestClient::Receive(Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv())
    {
        if (packet->GetSize() == 0)
        {
            return;
        }
        NotifyReceived(packet->GetSize());
        uint32_t index = Find(socket);
        if (index < m_connections.size())
        {
            CountOctets(index, packet->GetSize());
        }
    }
}

void
FlowbindRequestClient::CountOctets(uint32_t index, uint32_t octets)
{
    Progressed(index, octets);
    while (octets > 0 && !m_connections[index].missing.empty())
    {
        uint64_t& missing = m_connections[index].missing.front();
        uint32_t part = std::min<uint64_t>(missing, octets);
        missing -= part;
        octets -= part;
        if (missing == 0)
        {
            m_connections[index].missing.pop_front();
            Answered(index);
        }
    }
    AwaitProgress(index);
}

void
FlowbindRequestClient::AwaitProgress(uint32_t index)
{
    Connection& connection = m_connections[index];
    connection.timeout.Cancel();
    if (!connection.missing.empty() && !m_stopped)
    {
        connection.timeout =
            Simulator::Schedule(m_timeout, &FlowbindRequestClient::OnTimeout, this, index);
    }
}

void
FlowbindRequestClient::OnTimeout(uint32_t index)
{
    NS_LOG_INFO("nothing came for " << m_timeout.GetSeconds() << " s");
    Ptr<Socket> socket = m_connections[index].socket;
    if (!socket)
    {
        return; // it is about to be opened
    }
    socket->SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(),
                              MakeNullCallback<void, Ptr<Socket>>());
    // What still comes is read, or its window would never open again, and its end, and its port, would never be free.
    socket->SetRecvCallback(MakeCallback(&Discard));
    socket->Close();
    CountReconnect();
    Open(index);
}

void
FlowbindRequestClient::Lost(Ptr<Socket> socket)
{
    uint32_t index = Find(socket);
    if (index == m_connections.size() || m_stopped)
    {
        return;
    }
    Connection& connection = m_connections[index];
    connection.connected = false;
    connection.socket = nullptr;
    connection.timeout.Cancel();
    if (!connection.retry.IsRunning())
    {
        CountReconnect();
        connection.retry = Simulator::Schedule(RETRY, &FlowbindRequestClient::Open, this, index);
    }
}

} // namespace ns3
