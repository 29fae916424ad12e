/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_TRAFFIC_H
#define NS3_FLOWBIND_TRAFFIC_H

#include "flowbind-traffic-pattern.h"

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/data-rate.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"

#include <map>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief One flow between a mobile node and a correspondent, whichever side sends: one 5-tuple for both directions.
 *
 * The mobile node is the client: it opens TCP connections toward the correspondent's port, which is what a flow policy
 * names. A connection that breaks is opened again from the next of `mobilePortCount` ports.
 */
struct FlowbindTrafficProfile
{
    uint8_t protocol{17}; ///< 6 (TCP) or 17 (UDP)
    Address mobile; ///< Ipv4Address or Ipv6Address
    Address correspondent; ///< of the same kind
    uint16_t mobilePort{0};
    uint16_t mobilePortCount{1};
    uint16_t correspondentPort{0};
    uint8_t dscp{0};
    bool up{false}; ///< the mobile node sends
    bool down{false}; ///< the correspondent sends
    /// what is sent in each direction; null: as much as TCP can carry
    Ptr<FlowbindTrafficPattern> upPattern, downPattern;
    uint32_t segment{1400}; ///< octets in each write without a pattern
    /// the correspondent sends what it is asked for; see FlowbindRequestClient
    bool answers{false};
    uint64_t bytes{0}; ///< without a pattern: payload to send in each direction; 0: no end
    Time start;
    Time stop;

    bool HasMobilePort(uint16_t port) const;
    bool IsIpv6() const;
};

/**
 * \ingroup flowbind
 * \brief The sending half of one end of a flow: packets as its pattern says, or as much as the socket takes.
 */
class FlowbindTrafficSender : public SimpleRefCount<FlowbindTrafficSender>
{
  public:
    /// \param pattern the one of the profile's that this end sends by; may be null
    FlowbindTrafficSender(const FlowbindTrafficProfile& profile,
                          Ptr<FlowbindTrafficPattern> pattern);

    /**
     * Sends over this socket from now on, in place of an earlier one.
     * \param to where datagrams go; of no meaning for a connection
     */
    void Start(Ptr<Socket> socket, const Address& to);
    /// Stops for good.
    void Stop();

  private:
    /// Asks the pattern for the next packet.
    void Await();
    /// It is time to send so many octets.
    void Tick(uint32_t octets);
    void SendDatagram(uint32_t octets);
    /// Writes what is due and what the socket takes.
    void Flush(Ptr<Socket> socket, uint32_t available);
    void FlushNow();

    FlowbindTrafficProfile m_profile;
    Ptr<FlowbindTrafficPattern> m_pattern;
    Ptr<Socket> m_socket;
    Address m_to;
    EventId m_tick;
    uint64_t m_sent; ///< octets handed to the socket
    uint64_t m_due; ///< octets the pattern has allowed so far
};

/**
 * \ingroup flowbind
 * \brief The mobile node's end of one flow.
 */
class FlowbindTrafficClient : public Application
{
  public:
    static TypeId GetTypeId();

    FlowbindTrafficClient();
    void SetProfile(const FlowbindTrafficProfile& profile);
    /// \return how often a connection was opened because one had ended
    uint32_t GetReconnects() const;

    typedef void (*RxCallback)(uint32_t octets);

  protected:
    void DoDispose() override;
    void StartApplication() override;
    void StopApplication() override;
    const FlowbindTrafficProfile& GetProfile() const;
    /// \return a socket at the next port; null: another connection still holds that
    Ptr<Socket> Bind();
    /// Opens a connection from a socket of Bind() whose callbacks are set.
    void Connect(Ptr<Socket> socket) const;
    void CountReconnect();
    /// Octets of payload arrived.
    void NotifyReceived(uint32_t octets);

    static const Time RETRY; ///< between two attempts to open a connection

  private:
    void Open();
    void Receive(Ptr<Socket> socket);
    void Connected(Ptr<Socket> socket);
    /// The connection could not be opened, or ended: tries again.
    void Lost(Ptr<Socket> socket);

    FlowbindTrafficProfile m_profile;
    Ptr<FlowbindTrafficSender> m_sender;
    Ptr<Socket> m_socket;
    EventId m_retry;
    uint32_t m_ports; ///< used so far, the same one again and again included
    uint32_t m_reconnects;
    TracedCallback<uint32_t> m_rxTrace;
};

class FlowbindAnswerer;

/**
 * \ingroup flowbind
 * \brief The correspondent's end of all flows to one of its ports, by one IP version.
 */
class FlowbindTrafficServer : public Application
{
  public:
    static TypeId GetTypeId();

    FlowbindTrafficServer();
    /// Adds a flow to this port. \param id goes with each octet reported
    void AddSession(uint32_t id, const FlowbindTrafficProfile& profile);
    /// Says what address the mobile end of a flow has, which may have been unknown. \param id of AddSession()
    void SetMobile(uint32_t id, const Address& mobile);
    uint8_t GetProtocol() const;
    uint16_t GetPort() const;
    bool IsIpv6() const;

    typedef void (*RxCallback)(uint32_t id, uint32_t octets);

  private:
    struct Session
    {
        uint32_t id;
        FlowbindTrafficProfile profile;
        Ptr<FlowbindTrafficSender> sender;
    };

    void DoDispose() override;
    void StartApplication() override;
    void StopApplication() override;
    void StartDatagrams(std::size_t session);
    void StopSession(std::size_t session);
    void Accept(Ptr<Socket> socket, const Address& from);
    void Receive(Ptr<Socket> socket);
    /// The mobile node has ended the connection, or it broke.
    void Closed(Ptr<Socket> socket);
    Session* Find(const Address& peer);

    std::vector<Session> m_sessions;
    Ptr<Socket> m_socket;
    std::vector<Ptr<Socket>> m_accepted;
    std::map<Ptr<Socket>, Ptr<FlowbindAnswerer>> m_answerers; ///< of connections that ask
    std::vector<EventId> m_events;
    TracedCallback<uint32_t, uint32_t> m_rxTrace;
};

} // namespace ns3

#endif // NS3_FLOWBIND_TRAFFIC_H
