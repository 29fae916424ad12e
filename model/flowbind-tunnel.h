/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_TUNNEL_H
#define NS3_FLOWBIND_TUNNEL_H

#include "flowbind-outer-protocol.h"

#include "flowbind/agent.h"
#include "ns3/callback.h"
#include "ns3/event-id.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv6-address.h"
#include "ns3/ipv6.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "ns3/virtual-net-device.h"

#include <unordered_map>
#include <vector>

namespace ns3
{

class Node;

/**
 * \ingroup flowbind
 * \brief The two ends of a node's tunnels: IP in IP (RFC 2003), GRE (RFC 2784), minimal encapsulation (RFC 2004), and
 * any of them in UDP (RFC 3519).
 *
 * The inner end is a VirtualNetDevice: whatever the node's routing sends there goes to the agent. The outer ends are
 * handlers of IP protocols; UDP arrives at the agent's own sockets. It moves packets and decides nothing: which path a
 * packet takes, and every octet of its outer headers, come from the agent.
 *
 * One tunnel serves all paths of a node, as they differ in nothing but outer headers and route.
 */
class FlowbindTunnel : public Object
{
  public:
    /** An inner packet, IP header first, that has to leave. */
    typedef Callback<void, Ptr<Packet>> InnerCallback;
    /** What came behind an outer header. */
    typedef FlowbindOuterProtocol::OuterCallback OuterCallback;
    /** An ICMP error about an outer packet. */
    typedef FlowbindOuterProtocol::IcmpCallback IcmpCallback;

    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindTunnel();
    ~FlowbindTunnel() override;

    /**
     * \brief Put the tunnel into a node: add the device and its IPv4 interface, register the protocol handlers.
     * \param node the node; needs an Internet stack
     * \param address address of the tunnel device, a /32; Any: none yet, SetAddress() gives it one
     * \param mtu MTU of the tunnel device
     * \param isRouter most of what comes out of the tunnels is for others
     */
    void Install(Ptr<Node> node, Ipv4Address address, uint16_t mtu, bool isRouter);

    /**
     * \brief Route a network into the tunnel.
     * \param network the network; 0.0.0.0 for everything without a better route
     * \param mask its mask
     */
    void AddRoute(Ipv4Address network, Ipv4Mask mask);

    /**
     * \brief Take back what AddRoute() did.
     * \param network the network
     * \param mask its mask
     */
    void RemoveRoute(Ipv4Address network, Ipv4Mask mask);

    /**
     * \brief Remove a static route of any interface.
     * \param ipv4 the node's IPv4
     * \param interface the interface it leaves by
     * \param network the network
     * \param mask its mask
     */
    static void RemoveRoute(Ptr<Ipv4> ipv4, uint32_t interface, Ipv4Address network, Ipv4Mask mask);

    /**
     * \brief Give the tunnel device another address, as when a home address is assigned (RFC 2794).
     * \param address the address
     */
    void SetAddress(Ipv4Address address);

    /**
     * \brief Give the tunnel device an IPv6 address, as one of a dual-stack node's prefix (RFC 5454).
     * \param address the address
     * \return false: the node has no IPv6
     */
    bool SetAddress6(Ipv6Address address);

    /**
     * \brief Give the tunnel device an IPv6 interface, unless it has one.
     * \return its number; -1: the node has no IPv6
     */
    int32_t OpenIpv6();

    /**
     * \brief Route an IPv6 prefix into the tunnel.
     * \param network the prefix; :: for everything without a better route
     * \param prefix its length
     * \return false: the node has no IPv6
     */
    bool AddRoute6(Ipv6Address network, Ipv6Prefix prefix);

    /**
     * \brief Take back what AddRoute6() did.
     * \param network the prefix
     * \param prefix its length
     */
    void RemoveRoute6(Ipv6Address network, Ipv6Prefix prefix);

    /**
     * \brief Set who takes what comes to either end. Before Install().
     * \param inner receives inner packets to be sent
     * \param outer receives the contents of outer packets
     * \param icmp receives errors about outer packets
     */
    void SetCallbacks(InnerCallback inner, OuterCallback outer, IcmpCallback icmp);

    /**
     * \brief Put outer headers in front of a packet and send it.
     * \param packet the inner packet
     * \param outer complete headers: IPv4 without options, its length field included, and what follows it
     * \param length octets of them
     * \param route how to leave; null: the node's routing decides
     */
    void Send(const Ptr<Packet>& packet,
              const uint8_t* outer,
              uint32_t length,
              const Ptr<Ipv4Route>& route);

    /**
     * \brief Send a packet with its complete IP header.
     * \param packet what stands behind the header
     * \param header the header
     * \param route how to leave; null: the node's routing decides
     */
    void SendWithHeader(Ptr<Packet> packet, const Ipv4Header& header, Ptr<Ipv4Route> route);

    /**
     * \brief Whether the node's routing would send a packet into the tunnel as it is, so that it can go there at once.
     *
     * What is true is remembered for RouteLifetime, or until ForgetRoutes().
     *
     * \param header its header
     * \param from where it came in
     * \return false: it goes elsewhere or nowhere, is for a group, has to be fragmented first, or DeviceTraces wants it
     *         in the device
     */
    bool IsShortcut(const Ipv4Header& header, const Ptr<const NetDevice>& from);

    /**
     * \brief What Ipv4L3Protocol does to a packet it forwards.
     * \param packet what stands behind the header
     * \param header its header, TTL more than 1: one less
     */
    static void BeginForwarding(const Ptr<Packet>& packet, Ipv4Header& header);

    /**
     * \brief Ask the node's routing again, after something changed.
     */
    void ForgetRoutes();

    /**
     * \brief Give a packet from the tunnel to the node's own stack.
     * \param packet the inner packet, IPv4 or IPv6
     */
    void Deliver(const Ptr<Packet>& packet);

    /**
     * \brief Give a packet from the tunnel to the node's own stack.
     * \param packet the inner packet
     * \param isIpv6 whether it is one of IPv6, and else IPv4
     */
    void Deliver(const Ptr<Packet>& packet, bool isIpv6);

    /**
     * \brief Put octets in front of a packet.
     * \param packet the packet
     * \param octets any
     * \param length how many
     */
    static void Prepend(Ptr<Packet> packet, const uint8_t* octets, uint32_t length);

    /**
     * \brief Overwrite octets at the front of a packet.
     * \param packet the packet
     * \param action which they are, and what they become
     */
    static void Patch(Ptr<Packet> packet, const fb_action& action);

    /**
     * \return the inner end; null before Install()
     */
    Ptr<VirtualNetDevice> GetDevice() const;

  protected:
    void DoDispose() override;

  private:
    /**
     * \brief Send callback of the device.
     * \param packet the inner packet
     * \param source unused, a device without addresses of its own
     * \param destination unused
     * \param protocolNumber EtherType
     * \return true: taken, as a tunnel has no queue that could be full
     */
    bool SendInner(Ptr<Packet> packet,
                   const Address& source,
                   const Address& destination,
                   uint16_t protocolNumber);

    /** How packets enter a tunnel, as far as they all do the same. */
    struct Way
    {
        uint8_t octets[20]; //!< an outer header
        Ipv4Header header; //!< the same as ns-3 wants it
        Ptr<Ipv4Route> route; //!< the node's route to the far end; null: not asked for
    };

    /**
     * \param outer an IPv4 header without options
     * \return the way of its tunnel, with this header
     */
    Way& GetWay(const uint8_t* outer);

    /** Has the routes forgotten when they are too old. */
    void RememberRoutes();

    /**
     * \param header a header to be sent
     * \return the node's route for it, whichever way it leads; null if there is none
     */
    Ptr<Ipv4Route> AskRouting(const Ipv4Header& header) const;

    /**
     * \param header a header to be sent
     * \return the route for it, remembered for RouteLifetime; null if there is none
     */
    Ptr<Ipv4Route> GetRoute(const Ipv4Header& header);

    /**
     * \param header a header to be sent
     * \return the route the node's routing has for it; null if none, or if it leads back into the tunnel
     */
    Ptr<Ipv4Route> LookUpRoute(const Ipv4Header& header) const;

    /**
     * \param header of a packet out of a tunnel
     * \return the route to forward it by, remembered for RouteLifetime; null: it is for this node, another tunnel or
     *         nobody
     */
    Ptr<Ipv4Route> GetWayOn(const Ipv4Header& header);

    /**
     * \brief Forward a packet out of a tunnel at once, as Ipv4L3Protocol would.
     * \param packet an IPv4 packet
     * \return false: it has to take the long way, and is as it was
     */
    bool Forward(Ptr<Packet> packet);

    Ptr<VirtualNetDevice> m_device; //!< the inner end
    Address m_address; //!< of the device
    bool m_deviceTraces; //!< all inner packets pass the device
    bool m_isRouter; //!< most of what comes out of the tunnels is for others
    Ptr<Ipv4L3Protocol> m_ipv4; //!< the node's IPv4
    Ptr<Ipv6> m_ipv6; //!< the node's IPv6, once the tunnel has an interface of it
    InnerCallback m_inner; //!< takes inner packets to be sent
    OuterCallback m_outer; //!< takes the contents of outer packets
    IcmpCallback m_icmp; //!< takes errors about outer packets
    std::vector<Ptr<FlowbindOuterProtocol>> m_protocols; //!< the outer ends
    Time m_routeLifetime; //!< how long routes are remembered
    EventId m_forget; //!< forgets them
    std::unordered_map<uint64_t, Way> m_ways; //!< by source and destination of the outer header
    std::unordered_map<uint32_t, Ptr<Ipv4Route>> m_routes; //!< by destination
    //! of what came out of a tunnel, by destination
    std::unordered_map<uint32_t, Ptr<Ipv4Route>> m_onward;
    //! whether they lead into the tunnel, by destination
    std::unordered_map<uint32_t, bool> m_inside;
};

} // namespace ns3

#endif /* NS3_FLOWBIND_TUNNEL_H */
