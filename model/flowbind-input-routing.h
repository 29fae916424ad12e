/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_INPUT_ROUTING_H
#define NS3_FLOWBIND_INPUT_ROUTING_H

#include "ns3/callback.h"
#include "ns3/ipv4-routing-protocol.h"

#include <tuple>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Shows an agent the packets its node is to forward, before the node's own routing sees them.
 *
 * A foreign agent is its visitors' first router, and with a reverse tunnel (RFC 3024) their packets do not go where
 * they are addressed to. A home agent saves each packet the way through ns-3's forwarding and a device. This stands
 * first in the node's Ipv4ListRouting and knows no routes.
 */
class FlowbindInputRouting : public Ipv4RoutingProtocol
{
  public:
    /** A packet that is to be forwarded, its header, and where it came in. True: taken. */
    typedef Callback<bool, const Ptr<const Packet>&, const Ipv4Header&, const Ptr<const NetDevice>&>
        InputCallback;

    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * \param callback is asked about each packet
     */
    void SetInputCallback(InputCallback callback);

  private:
    /** The parameters of RouteInput(), which are values before ns-3.39 and references since. */
    template <typename F>
    struct Parameters;

    template <typename... A>
    struct Parameters<bool (Ipv4RoutingProtocol::*)(A...)>
    {
        typedef std::tuple<A...> Types; //!< the parameters
    };

    /** Type of one of them. */
    template <std::size_t N>
    using Parameter =
        std::tuple_element_t<N, Parameters<decltype(&Ipv4RoutingProtocol::RouteInput)>::Types>;

    // Inherited from Ipv4RoutingProtocol
    Ptr<Ipv4Route> RouteOutput(Ptr<Packet> packet,
                               const Ipv4Header& header,
                               Ptr<NetDevice> device,
                               Socket::SocketErrno& error) override;
    bool RouteInput(Parameter<0> packet,
                    Parameter<1> header,
                    Parameter<2> device,
                    Parameter<3> unicast,
                    Parameter<4> multicast,
                    Parameter<5> local,
                    Parameter<6> error) override;
    void NotifyInterfaceUp(uint32_t interface) override;
    void NotifyInterfaceDown(uint32_t interface) override;
    void NotifyAddAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    void NotifyRemoveAddress(uint32_t interface, Ipv4InterfaceAddress address) override;
    void SetIpv4(Ptr<Ipv4> ipv4) override;
    void PrintRoutingTable(Ptr<OutputStreamWrapper> stream, Time::Unit unit) const override;
    void DoDispose() override;

    InputCallback m_input; //!< is asked about each packet
};

} // namespace ns3

#endif /* NS3_FLOWBIND_INPUT_ROUTING_H */
