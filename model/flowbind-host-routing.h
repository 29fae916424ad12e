/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_HOST_ROUTING_H
#define NS3_FLOWBIND_HOST_ROUTING_H

#include "ns3/callback.h"
#include "ns3/ipv6-routing-protocol.h"

#include <tuple>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Shows a mobile access gateway's agent what its mobile nodes send, before the node's own routing sees it: such
 * packets go into a tunnel by their source address, not their destination (RFC 5213 6.10.5).
 *
 * It is the first of an Ipv6ListRouting and has no routes of its own. FlowbindInputRouting does the same for IPv4.
 */
class FlowbindHostRouting : public Ipv6RoutingProtocol
{
  public:
    /** A packet that is to be forwarded, its header, and where it came in. True: taken. */
    typedef Callback<bool, Ptr<const Packet>, const Ipv6Header&, Ptr<const NetDevice>>
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
    struct Parameters<bool (Ipv6RoutingProtocol::*)(A...)>
    {
        typedef std::tuple<A...> Types; //!< the parameters
    };

    /** Type of one of them. */
    template <std::size_t N>
    using Parameter =
        std::tuple_element_t<N, Parameters<decltype(&Ipv6RoutingProtocol::RouteInput)>::Types>;

    // Inherited from Ipv6RoutingProtocol
    Ptr<Ipv6Route> RouteOutput(Ptr<Packet> packet,
                               const Ipv6Header& header,
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
    void NotifyAddAddress(uint32_t interface, Ipv6InterfaceAddress address) override;
    void NotifyRemoveAddress(uint32_t interface, Ipv6InterfaceAddress address) override;
    void NotifyAddRoute(Ipv6Address destination,
                        Ipv6Prefix mask,
                        Ipv6Address nextHop,
                        uint32_t interface,
                        Ipv6Address prefix) override;
    void NotifyRemoveRoute(Ipv6Address destination,
                           Ipv6Prefix mask,
                           Ipv6Address nextHop,
                           uint32_t interface,
                           Ipv6Address prefix) override;
    void SetIpv6(Ptr<Ipv6> ipv6) override;
    void PrintRoutingTable(Ptr<OutputStreamWrapper> stream, Time::Unit unit) const override;
    void DoDispose() override;

    InputCallback m_input; //!< is asked about each packet
};

} // namespace ns3

#endif /* NS3_FLOWBIND_HOST_ROUTING_H */
