/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_ARP_H
#define NS3_FLOWBIND_ARP_H

#include "ns3/address.h"
#include "ns3/event-id.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device.h"
#include "ns3/object.h"
#include "ns3/packet.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace ns3
{

class ArpHeader;

/**
 * \ingroup flowbind
 * \brief What RFC 5944 4.6 wants of ARP on one link, and ns-3's ArpL3Protocol leaves out: answers for an address that
 * is not the interface's (proxy ARP), gratuitous ARP, and believing it.
 *
 * It stands beside ArpL3Protocol, which goes on answering for the addresses of the interface. Every other host of a
 * home link needs one too: "any node receiving any ARP packet MUST update its local ARP cache" (RFC 5944 4.6), which
 * ns-3 does for nobody. So a node that came home would not get their packets until their caches forget.
 */
class FlowbindArp : public Object
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindArp();
    ~FlowbindArp() override;

    /**
     * \brief Begin, once. The device's node keeps this object.
     * \param device a device that needs ARP, with an IPv4 interface
     */
    void Install(Ptr<NetDevice> device);

    /**
     * \brief Answer requests for an address from now on, with the link-layer address of this device.
     * \param address the address
     * \param asker who is answered, when it asks this device alone; invalid: everybody
     */
    void Answer(Ipv4Address address, Address asker = Address());

    /**
     * \brief Undo one Answer().
     * \param address the address
     * \param asker as it was given there
     */
    void StopAnswering(Ipv4Address address, Address asker);

    /**
     * \brief Answer nobody any more, and announce no more.
     * \param address the address
     */
    void Ignore(Ipv4Address address);

    /**
     * \brief Tell all hosts of the link where an address is: gratuitous ARP, now and twice more. What was announced of
     * this address before is not repeated.
     * \param address the address
     * \param owner its link-layer address
     */
    void Announce(Ipv4Address address, Address owner);

    /** Ignore() all addresses. */
    void Clear();

  protected:
    void DoDispose() override;

  private:
    /**
     * \brief An ARP packet came in.
     * \param device where
     * \param packet the ARP header
     * \param protocol EtherType
     * \param from link-layer source
     * \param to link-layer destination
     * \param type for whom it is
     */
    void Receive(Ptr<NetDevice> device,
                 Ptr<const Packet> packet,
                 uint16_t protocol,
                 const Address& from,
                 const Address& to,
                 NetDevice::PacketType type);

    /**
     * \brief Update an entry of the ARP cache; none is made.
     * \param address whose entry
     * \param owner its link-layer address
     */
    void Learn(Ipv4Address address, Address owner);

    /**
     * \param address the address
     * \param owner its link-layer address
     * \param times how often it is to be said, this one too
     */
    void SendGratuitous(Ipv4Address address, Address owner, uint32_t times);

    /**
     * \param arp the header
     * \param to link-layer destination
     */
    void Send(const ArpHeader& arp, const Address& to);

    Ptr<NetDevice> m_device; //!< of the link
    //! address, and who is answered; invalid: everybody
    std::set<std::pair<Ipv4Address, Address>> m_answered;
    std::map<Ipv4Address, EventId> m_announcements; //!< the next one of each address
};

} // namespace ns3

#endif // NS3_FLOWBIND_ARP_H
