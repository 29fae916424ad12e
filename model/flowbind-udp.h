/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_UDP_H
#define NS3_FLOWBIND_UDP_H

#include "flowbind-outer-protocol.h"

#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/udp-l4-protocol.h"

#include <set>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Takes UDP datagrams without a checksum, as RFC 768, RFC 5944 3.1 and RFC 3519 3.1 want; with ChecksumEnabled
 * ns-3 discards them like those with a wrong one. Tells of ICMP errors, of which sockets learn neither port nor peer.
 *
 * It stands in front of the node's UDP and gives it everything, these datagrams with a checksum of their own.
 */
class FlowbindUdp : public IpL4Protocol
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * \brief Begin, once.
     * \param ipv4 the node's IPv4
     * \param udp its UDP
     * \param icmp receives errors about datagrams that were sent from the ports
     * \param ports local ones
     */
    void Install(Ptr<Ipv4> ipv4,
                 Ptr<UdpL4Protocol> udp,
                 FlowbindOuterProtocol::IcmpCallback icmp,
                 const std::set<uint16_t>& ports);

    int GetProtocolNumber() const override;
    RxStatus Receive(Ptr<Packet> packet,
                     const Ipv4Header& header,
                     Ptr<Ipv4Interface> incomingInterface) override;
    RxStatus Receive(Ptr<Packet> packet,
                     const Ipv6Header& header,
                     Ptr<Ipv6Interface> incomingInterface) override;
    void ReceiveIcmp(Ipv4Address icmpSource,
                     uint8_t icmpTtl,
                     uint8_t icmpType,
                     uint8_t icmpCode,
                     uint32_t icmpInfo,
                     Ipv4Address payloadSource,
                     Ipv4Address payloadDestination,
                     const uint8_t payload[8]) override;
    void SetDownTarget(DownTargetCallback callback) override;
    void SetDownTarget6(DownTargetCallback6 callback) override;
    DownTargetCallback GetDownTarget() const override;
    DownTargetCallback6 GetDownTarget6() const override;

  protected:
    void DoDispose() override;

  private:
    Ptr<UdpL4Protocol> m_udp; //!< the node's
    FlowbindOuterProtocol::IcmpCallback m_icmp; //!< takes errors about datagrams
    std::set<uint16_t> m_ports; //!< from which these were sent
    bool m_checksums; //!< ns-3 computes checksums, and discards what has none
};

} // namespace ns3

#endif // NS3_FLOWBIND_UDP_H
