/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_NAT_H
#define NS3_FLOWBIND_NAT_H

#include "ns3/ipv4-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/net-device.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/packet.h"
#include "ns3/traced-callback.h"

#include <map>
#include <set>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A network address and port translator between two point-to-point links, with one public address.
 *
 * It lets UDP through and nothing else, as IP in IP, GRE and their like have no ports it could go by: what RFC 3519 was
 * made for. A mapping is of an inner address and port, whoever the peer is (RFC 4787 REQ-1); it lets those in whom the
 * inside has sent to (REQ-8), and ends when the inside is silent for too long (REQ-5, REQ-6). Fragments are dropped.
 *
 * It is a bump in the wire without an IP stack, but it counts as a router: it takes one off the TTL.
 */
class FlowbindNat : public Object
{
  public:
    static TypeId GetTypeId();

    FlowbindNat();

    /**
     * Begins to translate. Both devices are of one node, which has nothing else.
     * \param publicAddress in place of all addresses inside
     * \param timeout how long a port is remembered that is not used
     */
    void Setup(Ptr<NetDevice> inside,
               Ptr<NetDevice> outside,
               Ipv4Address publicAddress,
               Time timeout);

    /// Forgets all ports, as when it was switched off and on. Those it gives out afterwards are others.
    void Flush();

    /// \return ports that are remembered, old ones too
    std::size_t GetNMappings() const;

    typedef void (*DropCallback)(Ptr<const Packet> packet);

  private:
    /// A port of the public address.
    struct Mapping
    {
        Ipv4Address address; ///< inside
        uint16_t port; ///< inside
        Time used; ///< by the inside, the last time
        std::set<uint32_t> peers; ///< addresses outside that it has sent to
    };

    void DoDispose() override;
    void TranslateOut(Ptr<NetDevice> device,
                      Ptr<const Packet> packet,
                      uint16_t protocol,
                      const Address& from,
                      const Address& to,
                      NetDevice::PacketType type);
    void TranslateIn(Ptr<NetDevice> device,
                     Ptr<const Packet> packet,
                     uint16_t protocol,
                     const Address& from,
                     const Address& to,
                     NetDevice::PacketType type);
    /// \return whether the packet can be translated at all; its header is taken off and its TTL counted down then
    bool Open(Ptr<Packet> packet, Ipv4Header& header) const;
    /// \return the public port of an inner address and port, a new one if need be
    uint16_t GetPort(Ipv4Address address, uint16_t port);
    /// \return the next public port that is free
    uint16_t TakeNextPort();
    bool IsOld(const Mapping& mapping) const;
    /// Sends it with other addresses and ports: the UDP checksum follows (RFC 1624).
    void Send(Ptr<NetDevice> device,
              Ptr<Packet> packet,
              Ipv4Header header,
              Ipv4Address source,
              uint16_t sourcePort,
              Ipv4Address destination,
              uint16_t destinationPort) const;

    Ptr<NetDevice> m_inside;
    Ptr<NetDevice> m_outside;
    Ipv4Address m_public;
    Time m_timeout;
    uint16_t m_nextPort;
    bool m_keepsPorts; ///< RFC 4787 4.2.1
    std::map<uint16_t, Mapping> m_mappings; ///< by public port
    TracedCallback<Ptr<const Packet>> m_dropTrace;
};

} // namespace ns3

#endif // NS3_FLOWBIND_NAT_H
