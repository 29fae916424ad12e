/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_ROUTER_ADVERTISER_H
#define NS3_FLOWBIND_ROUTER_ADVERTISER_H

#include "ns3/event-id.h"
#include "ns3/ipv6-address.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/object.h"
#include "ns3/socket.h"

#include <map>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Router advertisements on one link, whose prefixes come and go while the node runs (RFC 5213 6.10.2, RFC 4861).
 *
 * ns-3's Radvd reads its prefixes when it starts and cannot take one back.
 */
class FlowbindRouterAdvertiser : public Object
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindRouterAdvertiser();

    /**
     * \brief Begin. Without a prefix nothing is said.
     * \param ipv6 the node's
     * \param interface the link's
     */
    void Install(Ptr<Ipv6L3Protocol> ipv6, uint32_t interface);

    /**
     * \brief Advertise a prefix from now on, or with another lifetime.
     * \param network the prefix
     * \param length its length
     * \param lifetime seconds hosts may use it, counted from each advertisement
     * \param mtu of the link; 0: not said
     */
    void AddPrefix(Ipv6Address network, uint8_t length, uint32_t lifetime, uint16_t mtu);

    /**
     * \brief Take a prefix back: one more advertisement says that its time is over (RFC 4861 6.2.5).
     * \param network the prefix
     * \param length its length
     */
    void RemovePrefix(Ipv6Address network, uint8_t length);

    /** Advertise now, as when a host has come. */
    void Advertise();

  protected:
    void DoDispose() override;

  private:
    /** Prefix and length. */
    typedef std::pair<Ipv6Address, uint8_t> Prefix;

    /**
     * \brief Send an advertisement.
     * \param gone a prefix that is advertised no longer, with lifetime 0; null: none
     */
    void Send(const Prefix* gone);
    /** Send one now and then. */
    void Tick();
    void HandleSolicitation(Ptr<Socket> socket);

    Ptr<Ipv6L3Protocol> m_ipv6; //!< the node's
    uint32_t m_interface; //!< the link's
    Time m_interval; //!< between two of them
    uint16_t m_mtu; //!< 0: not said
    std::map<Prefix, uint32_t> m_prefixes; //!< lifetimes
    Ptr<Socket> m_socket; //!< hears solicitations
    EventId m_timer; //!< Tick()
};

} // namespace ns3

#endif /* NS3_FLOWBIND_ROUTER_ADVERTISER_H */
