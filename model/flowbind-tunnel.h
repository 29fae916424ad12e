/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_TUNNEL_H
#define NS3_FLOWBIND_TUNNEL_H

#include "ns3/callback.h"
#include "ns3/ip-l4-protocol.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-route.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "ns3/virtual-net-device.h"

#include <unordered_map>

namespace ns3
{

class Node;

/**
 * \ingroup flowbind
 * \brief The two ends of an IP-in-IP tunnel (RFC 2003) inside one node.
 *
 * The inner end is a VirtualNetDevice: whatever the node's routing sends there goes to the agent. The outer end is this
 * object itself, the handler of IP protocol 4. It moves packets and decides nothing: which path a packet takes, and
 * every octet of its outer header, come from the agent.
 *
 * One tunnel serves all paths of a node, as they differ in nothing but outer header and route.
 */
class FlowbindTunnel : public IpL4Protocol
{
  public:
    /** IP in IP, RFC 2003 3.1. */
    static constexpr uint8_t PROTOCOL_NUMBER = 4;

    /** An inner packet, IP header first, that has to leave. */
    typedef Callback<void, Ptr<Packet>> InnerCallback;
    /** What came behind an outer header. */
    typedef Callback<void, Ptr<Packet>, const Ipv4Header&, Ptr<Ipv4Interface>> OuterCallback;

    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindTunnel();
    ~FlowbindTunnel() override;

    /**
     * \brief Put the tunnel into a node: add the device and its IPv4 interface, register the protocol handler.
     * \param node the node; needs an Internet stack
     * \param address address of the tunnel device, a /32
     * \param mtu MTU of the tunnel device
     */
    void Install(Ptr<Node> node, Ipv4Address address, uint16_t mtu);

    /**
     * \brief Route a network into the tunnel.
     * \param network the network; 0.0.0.0 for everything without a better route
     * \param mask its mask
     */
    void AddRoute(Ipv4Address network, Ipv4Mask mask);

    /**
     * \param callback receives inner packets to be sent
     */
    void SetInnerCallback(InnerCallback callback);

    /**
     * \param callback receives the contents of outer packets
     */
    void SetOuterCallback(OuterCallback callback);

    /**
     * \brief Put an outer header in front of a packet and send it.
     * \param packet the inner packet
     * \param outer a complete IPv4 header without options, its length field included
     * \param route how to leave; null: the node's routing decides
     */
    void Send(Ptr<Packet> packet, const uint8_t* outer, Ptr<Ipv4Route> route);

    /**
     * \brief Give a packet from the tunnel to the node's own stack.
     * \param packet the inner packet
     */
    void Deliver(Ptr<Packet> packet);

    /**
     * \return the inner end; null before Install()
     */
    Ptr<VirtualNetDevice> GetDevice() const;

    // Inherited from IpL4Protocol
    int GetProtocolNumber() const override;
    RxStatus Receive(Ptr<Packet> packet,
                     const Ipv4Header& header,
                     Ptr<Ipv4Interface> incomingInterface) override;
    RxStatus Receive(Ptr<Packet> packet,
                     const Ipv6Header& header,
                     Ptr<Ipv6Interface> incomingInterface) override;
    void SetDownTarget(DownTargetCallback callback) override;
    void SetDownTarget6(DownTargetCallback6 callback) override;
    DownTargetCallback GetDownTarget() const override;
    DownTargetCallback6 GetDownTarget6() const override;

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

    Ptr<VirtualNetDevice> m_device; //!< the inner end
    Ptr<Ipv4L3Protocol> m_ipv4; //!< the node's IPv4
    InnerCallback m_inner; //!< takes inner packets to be sent
    OuterCallback m_outer; //!< takes the contents of outer packets
    Time m_routeLifetime; //!< how long routes are remembered
    Time m_routesExpire; //!< when those of m_routes are forgotten
    std::unordered_map<uint32_t, Ptr<Ipv4Route>> m_routes; //!< by destination
};

} // namespace ns3

#endif /* NS3_FLOWBIND_TUNNEL_H */
