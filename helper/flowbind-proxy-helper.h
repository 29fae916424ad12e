/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_PROXY_HELPER_H
#define FLOWBIND_PROXY_HELPER_H

#include "flowbind-access-helper.h"
#include "flowbind-helper.h"

#include "ns3/flowbind-proxy-agent.h"
#include "ns3/ipv6-address.h"
#include "ns3/simple-channel.h"
#include "ns3/simple-net-device.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Puts gateways and anchors of Proxy Mobile IPv6 into nodes, and mobile nodes behind gateways.
 *
 *     FlowbindAnchorHelper anchors("fd00:b::1");
 *     anchors.SetAttribute("HomePool", StringValue("fd00:1::/32"));
 *     Ptr<FlowbindProxyAgent> lma = anchors.Install(anchorNode);
 *     FlowbindGatewayHelper gateways("fd00:b::1");
 *     Ptr<FlowbindProxyAgent> mag = gateways.Install(gatewayNode, "mag1@example.com");
 *     FlowbindGatewayHelper::Pair(mag, lma);
 *     uint32_t wlan = mag->AddPath(wlanDevice, wlanLink, wlanRouter);
 *     FlowbindHostLink link(hostNode);
 *     std::size_t port = link.Connect(mag);
 *     Simulator::Schedule(Seconds(1), &FlowbindHostLink::Attach, &link, port, session);
 */
class FlowbindGatewayHelper : public FlowbindHelper
{
  public:
    /**
     * \param anchor IPv6 address of the anchor
     * \param anchorIpv4 its IPv4 address, for paths without IPv6 (RFC 5844); Any: none
     */
    explicit FlowbindGatewayHelper(Ipv6Address anchor,
                                   Ipv4Address anchorIpv4 = Ipv4Address::GetAny());

    /**
     * \brief Give a node that has none a stack of both IP versions, with lists of routing protocols.
     * \param node the node
     */
    static void InstallStack(Ptr<Node> node);

    /**
     * \param node the node, with the stack of InstallStack()
     * \param identity its MAG Identifier
     * \return the agent
     */
    Ptr<FlowbindProxyAgent> Install(Ptr<Node> node, const std::string& identity);

    /**
     * \brief Let an anchor accept a gateway, with whatever care-of addresses.
     * \param gateway the gateway's agent
     * \param anchor the anchor's
     */
    static void Pair(Ptr<FlowbindProxyAgent> gateway, Ptr<FlowbindProxyAgent> anchor);

    /**
     * \brief Add an access network's link as a path: with its IPv6 address, or its IPv4 one where it has no other.
     * \param gateway the gateway's agent
     * \param access the link, attached to the gateway's node
     * \param link all but number and address
     * \return the number of the link, which follows the access link's carrier and outages
     */
    static uint32_t AddPath(Ptr<FlowbindProxyAgent> gateway,
                            Ptr<FlowbindAccessLink> access,
                            const fb_link& link);
};

/**
 * \ingroup flowbind
 * \brief Puts local mobility anchors into nodes.
 */
class FlowbindAnchorHelper : public FlowbindHelper
{
  public:
    /**
     * \param address IPv6 address of the anchor
     * \param ipv4 its IPv4 address; Any: none
     */
    explicit FlowbindAnchorHelper(Ipv6Address address, Ipv4Address ipv4 = Ipv4Address::GetAny());

    /**
     * \param node the node, with a stack of both IP versions
     * \return the agent
     */
    Ptr<FlowbindProxyAgent> Install(Ptr<Node> node);
};

/**
 * \ingroup flowbind
 * \brief The link of one mobile node: it can attach to one gateway at a time and stays the same interface when it goes
 * to another, which has the same link-local address there (RFC 5213 6.8, RFC 6543).
 */
class FlowbindHostLink : public Object
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindHostLink();

    /**
     * \brief Give the mobile node its device.
     * \param host the node; gets a stack of both IP versions, and addresses from router advertisements
     */
    void Install(Ptr<Node> host);

    /**
     * \brief Give a gateway a device on this link, on which nobody is yet.
     * \param gateway its agent; before it starts
     * \return the number of the access link
     */
    uint32_t Connect(Ptr<FlowbindProxyAgent> gateway);

    /**
     * \brief Bring the mobile node to a gateway, if it is at another one from there.
     * \param gateway its agent
     */
    void Attach(Ptr<FlowbindProxyAgent> gateway);

    /** Bring it away. */
    void Detach();

    /**
     * \param gateway a gateway's agent
     * \return the number of its access link here; 0: it has none
     */
    uint32_t GetAccessLink(Ptr<FlowbindProxyAgent> gateway) const;

    /**
     * \return what a gateway registers for this mobile node, but for number and identity; access_link is not filled in
     */
    fb_session MakeSession() const;

    /**
     * \return the mobile node's device
     */
    Ptr<NetDevice> GetDevice() const;

    /**
     * \return the mobile node's first global IPv6 address; Any: it has none yet
     */
    Ipv6Address GetAddress() const;

    /**
     * \return the IPv4 home address that an anchor gave it (RFC 5844 3), as DHCP would have told it; Any: none yet
     */
    Ipv4Address GetIpv4Address() const;

  protected:
    void DoDispose() override;

  private:
    /** A gateway's end. */
    struct Port
    {
        Ptr<FlowbindProxyAgent> gateway; //!< whose it is
        Ptr<SimpleNetDevice> device; //!< it
        uint32_t link; //!< its number at the gateway
    };

    Ptr<SimpleNetDevice> AddDevice(Ptr<Node> node, Mac48Address address) const;
    void Join(const Port& port, bool isAttached);
    /** What the gateway at which the mobile node is says of its prefixes. */
    static void FollowGateway(FlowbindHostLink* link, std::size_t port, const fb_event& event);
    void SetIpv4Address(Ipv4Address address);

    Ptr<SimpleChannel> m_channel; //!< all ends
    Ptr<SimpleNetDevice> m_device; //!< the mobile node's
    std::vector<Port> m_ports; //!< the gateways'
    std::size_t m_attached; //!< index of where it is; as many as there are: nowhere
};

} // namespace ns3

#endif // FLOWBIND_PROXY_HELPER_H
