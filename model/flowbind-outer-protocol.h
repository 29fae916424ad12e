/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_OUTER_PROTOCOL_H
#define NS3_FLOWBIND_OUTER_PROTOCOL_H

#include "ns3/callback.h"
#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv6-address.h"
#include "ns3/ipv6-header.h"
#include "ns3/ipv6-interface.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"

#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief The outer end of a node's tunnels for one IP protocol: 4 (RFC 2003), 41 (RFC 4213), 47 (RFC 2784), 55 (RFC
 * 2004), of fragments of them: 44, or of its Mobility Header messages: 135 (RFC 6275 6.1). It hands what arrives to
 * whoever set its callbacks and decides nothing.
 */
class FlowbindOuterProtocol : public IpL4Protocol
{
  public:
    /** Fragment header of IPv6 (RFC 8200 4.5): errors about a fragment are about what was fragmented. */
    static constexpr uint8_t FRAGMENT = 44;

    /** What came behind an outer header. */
    typedef Callback<void, const Ptr<Packet>&, const Ipv4Header&, const Ptr<Ipv4Interface>&>
        OuterCallback;
    /** An ICMP error about an outer packet of ours: who sent it, and its octets as RFC 792 has them. */
    typedef Callback<void, Ipv4Address, const std::vector<uint8_t>&> IcmpCallback;

    /** What came behind an outer IPv6 header. */
    typedef Callback<void, Ptr<Packet>, const Ipv6Header&, Ptr<Ipv6Interface>> Outer6Callback;
    /** An ICMPv6 error about an outer packet of ours: who sent it, to whom, and its octets as RFC 4443 has them. */
    typedef Callback<void, Ipv6Address, Ipv6Address, const std::vector<uint8_t>&> Icmp6Callback;

    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * An ICMP error that ns-3 has taken apart, as it was. The quoted Identification is gone, and so is the length: it
     * is the longest there is, as a packet that had fitted would not be believed to be too big.
     *
     * \param type type of the error
     * \param code its code
     * \param info its second word: the MTU of the next hop
     * \param source source of the quoted packet
     * \param destination its destination
     * \param protocol its protocol
     * \param payload what is quoted behind its IP header
     * \return the message, checksum included
     */
    static std::vector<uint8_t> MakeIcmpError(uint8_t type,
                                              uint8_t code,
                                              uint32_t info,
                                              Ipv4Address source,
                                              Ipv4Address destination,
                                              uint8_t protocol,
                                              const uint8_t payload[8]);

    FlowbindOuterProtocol();
    ~FlowbindOuterProtocol() override;

    /**
     * \param number IP protocol number; before the object is inserted into a node's IPv4
     * \param outer receives the contents of outer packets
     * \param icmp receives errors about outer packets
     */
    void Setup(uint8_t number, OuterCallback outer, IcmpCallback icmp);

    /**
     * \brief The same for a node's IPv6.
     * \param number IP protocol number; before the object is inserted into a node's IPv6
     * \param outer receives the contents of outer packets
     * \param icmp receives errors about outer packets
     */
    void Setup6(uint8_t number, Outer6Callback outer, Icmp6Callback icmp);

    /**
     * \brief Write the checksum of an ICMPv6 message (RFC 4443 2.3).
     * \param message its octets
     * \param source who sends it
     * \param destination to whom
     */
    static void WriteIcmp6Checksum(std::vector<uint8_t>& message,
                                   Ipv6Address source,
                                   Ipv6Address destination);

    // Inherited from IpL4Protocol
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
    void ReceiveIcmp(Ipv6Address icmpSource,
                     uint8_t icmpTtl,
                     uint8_t icmpType,
                     uint8_t icmpCode,
                     uint32_t icmpInfo,
                     Ipv6Address payloadSource,
                     Ipv6Address payloadDestination,
                     const uint8_t payload[8]) override;
    void SetDownTarget(DownTargetCallback callback) override;
    void SetDownTarget6(DownTargetCallback6 callback) override;
    DownTargetCallback GetDownTarget() const override;
    DownTargetCallback6 GetDownTarget6() const override;

  protected:
    void DoDispose() override;

  private:
    uint8_t m_number; //!< IP protocol number
    OuterCallback m_outer; //!< takes the contents of outer packets
    IcmpCallback m_icmp; //!< takes errors about outer packets
    Outer6Callback m_outer6; //!< the same for IPv6
    Icmp6Callback m_icmp6; //!< the same for IPv6
};

} // namespace ns3

#endif /* NS3_FLOWBIND_OUTER_PROTOCOL_H */
