/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_REQUEST_H
#define NS3_FLOWBIND_REQUEST_H

#include "flowbind-traffic.h"

#include <deque>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief The correspondent's end of one connection on which answers are asked for.
 *
 * A request has REQUEST octets, of which the first eight are the number of octets wanted, most significant first.
 * Answers come in the order of the requests, and are nothing but so many octets.
 */
class FlowbindAnswerer : public SimpleRefCount<FlowbindAnswerer>
{
  public:
    /// Of 3GPP TR 25.892 A.1.3.1.1.
    static const uint32_t REQUEST = 350;

    /// \param segment octets in each write
    FlowbindAnswerer(Ptr<Socket> socket, uint32_t segment);

    /// Sends no more.
    void Stop();
    /// Part of some requests.
    void Receive(Ptr<const Packet> packet);
    /// \return a request for so many octets
    static Ptr<Packet> MakeRequest(uint64_t octets);

  private:
    /// Writes what the socket takes.
    void Flush(Ptr<Socket> socket, uint32_t available);

    Ptr<Socket> m_socket;
    uint32_t m_segment;
    uint32_t m_received{0}; ///< octets of the request that is coming in
    uint64_t m_wanted{0}; ///< by it, as far as it came in
    uint64_t m_due{0}; ///< octets that are still to be written
};

/**
 * \ingroup flowbind
 * \brief The mobile node's end of a flow of connections on which answers are asked for: a browser, a player.
 *
 * A connection that breaks, or on which nothing comes for `Timeout` though something was asked for, is opened again
 * from the next port. What is missing of the answers then is asked for again, and only that, as a range (RFC 9110 14).
 */
class FlowbindRequestClient : public FlowbindTrafficClient
{
  public:
    static TypeId GetTypeId();

    ~FlowbindRequestClient() override;

  protected:
    void DoDispose() override;
    void StopApplication() override;

    /// Opens so many connections.
    void OpenConnections(uint32_t count);
    /// Asks for an answer behind those that are still to come on this connection, from 0 on.
    void Request(uint32_t connection, uint64_t octets);
    /// \return answers that are still to come on it, the one that is coming included
    std::size_t CountOutstanding(uint32_t connection) const;
    bool IsStopped() const;

    /// The oldest answer on this connection is complete.
    virtual void Answered(uint32_t connection) = 0;
    /// Octets of answers came.
    virtual void Progressed(uint32_t connection, uint32_t octets);

  private:
    struct Connection
    {
        Ptr<Socket> socket; ///< null: it is not open
        bool connected{false};
        std::deque<uint64_t> missing; ///< octets of each answer to come
        std::deque<uint64_t> unsent; ///< requests still to be written
        EventId retry;
        EventId timeout;
    };

    void Open(uint32_t index);
    void Connected(Ptr<Socket> socket);
    void Lost(Ptr<Socket> socket);
    void Receive(Ptr<Socket> socket);
    void CountOctets(uint32_t index, uint32_t octets);
    void Send(Connection& connection);
    void OnSpace(Ptr<Socket> socket, uint32_t available);
    void OnTimeout(uint32_t index);
    void AwaitProgress(uint32_t index);
    /// \return the number of a socket's connection; the number of them: it is an earlier one's
    uint32_t Find(Ptr<Socket> socket) const;

    std::vector<Connection> m_connections;
    Time m_timeout;
    bool m_stopped{false};
};

} // namespace ns3

#endif // NS3_FLOWBIND_REQUEST_H
