/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_BACKGROUND_LOAD_H
#define NS3_FLOWBIND_BACKGROUND_LOAD_H

#include "ns3/application.h"
#include "ns3/data-rate.h"
#include "ns3/event-id.h"
#include "ns3/ipv4-address.h"
#include "ns3/random-variable-stream.h"
#include "ns3/socket.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief One end of what another user of an access network does: sends datagrams at random times (Poisson), and takes
 * what comes.
 */
class FlowbindBackgroundLoad : public Application
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindBackgroundLoad();

    /**
     * \param peer where datagrams go
     * \param port of both ends
     * \param rate of their payload; 0: none are sent
     * \param packet octets of payload
     */
    void Setup(Ipv4Address peer, uint16_t port, DataRate rate, uint32_t packet);

    /**
     * \param stream first stream
     * \return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

  private:
    void DoDispose() override;
    void StartApplication() override;
    void StopApplication() override;
    void Schedule();
    void Send();
    void Discard(Ptr<Socket> socket);

    Ipv4Address m_peer;
    uint16_t m_port;
    uint32_t m_packet;
    Ptr<ExponentialRandomVariable> m_gap; ///< seconds between two datagrams; null: none are sent
    Ptr<Socket> m_socket;
    EventId m_next;
};

} // namespace ns3

#endif // NS3_FLOWBIND_BACKGROUND_LOAD_H
