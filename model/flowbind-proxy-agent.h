/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_PROXY_AGENT_H
#define NS3_FLOWBIND_PROXY_AGENT_H

#include "flowbind-agent.h"
#include "flowbind-host-routing.h"
#include "flowbind-outer-protocol.h"
#include "flowbind-router-advertiser.h"

#include "ns3/ipv6-address.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/ipv6-route.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A mobile access gateway or local mobility anchor of Proxy Mobile IPv6 (RFC 5213) with several paths between
 * them (RFC 8278), aggregated to a dual-stack node; a gateway's has Ipv4ListRouting and Ipv6ListRouting.
 *
 * What differs from FlowbindAgent is IPv6: messages are Mobility Headers, IP protocol 135, or UDP on port 5436 where a
 * path has an IPv4 care-of address (RFC 5844); tunnels have outer IPv6 headers, or IPv4 ones. Attributes of
 * FlowbindAgent with the same meaning serve here too: Multipath, NegotiatePolicy, BulkRefresh, RetryDenied,
 * RetryLegacy, Retransmit, AcceptPolicy, AcceptGre, Legacy, ClockOffset, Scheduler, TunnelMtu.
 *
 * A gateway has links of two kinds: paths toward the anchor (AddPath(), or AddLink() for one with an IPv4 care-of
 * address) and access links (AddAccessLink()), each with one mobile node. A session is registered by AttachHost(). Its
 * prefix is routed to the access link of its mobile node and advertised there. That of a logical session, which is of
 * no access link (RFC 8278 3.1), is divided among the links that SetServedLinks() names, a /64 each.
 */
class FlowbindProxyAgent : public FlowbindAgent
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindProxyAgent();
    ~FlowbindProxyAgent() override;

    /**
     * \brief Add a path of a gateway with an IPv6 care-of address. It counts as down until NotifyLinkUp().
     * \param device its device; needs an IPv6 interface with a global address when the path comes up
     * \param link all but number and address
     * \param gateway first router
     * \return the number of the link, from 1
     */
    uint32_t AddPath(Ptr<NetDevice> device, const fb_link& link, Ipv6Address gateway);

    /**
     * \brief Let a gateway register a mobile node from now on.
     * \param session the mobile node; a number that is in use changes what is known of it
     */
    void AttachHost(const fb_session& session);

    /**
     * \brief Let a gateway de-register a mobile node.
     * \param session its number
     */
    void DetachHost(uint32_t session);

    /**
     * \brief Name the access links whose hosts have addresses of a logical session's prefix, in order.
     * \param session its number
     * \param links access links
     */
    void SetServedLinks(uint32_t session, const std::vector<uint32_t>& links);

    /**
     * \brief Let an anchor serve a mobile node, or change what it knows of it.
     * \param subscriber the mobile node
     */
    void AddMobileNode(const fb_proxy_subscriber& subscriber);

    /**
     * \param identity of a mobile node an anchor serves no longer
     */
    void RemoveMobileNode(const std::string& identity);

    /**
     * \brief Let an anchor accept a gateway.
     * \param gateway the gateway
     */
    void AddGateway(const fb_gateway& gateway);

    /**
     * \param identity of a gateway an anchor accepts no longer
     */
    void RemoveGateway(const std::string& identity);

    /**
     * \param text a network access identifier
     * \return the same for the library; aborts if it is too long
     */
    static fb_nai MakeNai(const std::string& text);

    /**
     * \return the sessions as they are now; none before Start()
     */
    std::vector<fb_session_view> GetSessions() const;

    /**
     * \param session number of a session, as GetSessions() has it
     * \return its bindings as they are now
     */
    std::vector<fb_proxy_view> GetProxyBindings(uint32_t session) const;

    /**
     * \param session number of a session, as GetSessions() has it
     * \return the rules in force for it, in order
     */
    std::vector<fb_rule> GetSessionRules(uint32_t session) const;

  protected:
    void NotifyConstructionCompleted() override;
    void DoDispose() override;

    // Inherited from FlowbindAgent
    void Configure(fb_config& config) override;
    void Open() override;
    void OpenLinks() override;
    void TellAgain() override;
    void Follow(const fb_event& event) override;
    void UpdateLink(Link& link) override;
    void SendMessage(const fb_meta& meta, const uint8_t* message, uint32_t length) override;
    bool IsTunnelData(const fb_meta& meta, uint8_t type) const override;
    void RunSend(const fb_action& action, const Ptr<Packet>& packet) override;
    void RunForward(const fb_action& action, Ptr<Packet> packet) override;

  private:
    /** What a path with an IPv6 care-of address has besides its Link. */
    struct Path
    {
        Ipv6Address gateway; //!< first router
        Ptr<Ipv6Route> route; //!< toward the anchor while it has an address
    };

    /** A prefix on an access link. */
    struct Subnet
    {
        uint32_t session; //!< whose it is
        uint32_t link; //!< where it is
        fb_prefix prefix; //!< it
        bool advertised; //!< hosts make addresses of it
    };

    // Attributes, by what they are about.
    static TypeId AddGatewayAttributes(TypeId tid);
    static TypeId AddAnchorAttributes(TypeId tid);
    static TypeId AddAnchorStrictness(TypeId tid);
    static TypeId AddPoolAttributes(TypeId tid);
    static TypeId AddProxyLimits(TypeId tid);

    // Accessors of the pools: text like fd00:1::/32, empty for none.
    bool SetHomePool(std::string prefix);
    std::string GetHomePool() const;
    bool SetDelegatedPool(std::string prefix);
    std::string GetDelegatedPool() const;
    bool SetIpv4Pool(std::string prefix);
    std::string GetIpv4Pool() const;

    fb_mag_config MakeGatewayConfig() const;
    fb_lma_config MakeAnchorConfig() const;

    bool IsGateway() const;

    /**
     * \param device a device of the node
     * \return its first global IPv6 address; Any: it has none
     */
    Ipv6Address ReadAddress6(Ptr<NetDevice> device) const;

    void UpdatePath(Link& link, Path& path);

    /**
     * \param packet what stands behind the header
     * \param header the outer header
     * \param interface where it came in
     */
    void ReceiveOuter6(Ptr<Packet> packet, const Ipv6Header& header, Ptr<Ipv6Interface> interface);
    void ReceiveIcmp6(Ipv6Address source,
                      Ipv6Address destination,
                      const std::vector<uint8_t>& message);

    /**
     * \param action what the library says of the outer header
     * \param protocol of what stands behind it
     * \param packet that
     */
    void SendOuter6(const fb_action& action, uint8_t protocol, Ptr<Packet> packet);
    /** The same in fragments no longer than the action says. */
    void SendFragments(const fb_action& action, Ptr<Packet> packet);

    /** A packet of a mobile node. True: it is taken. */
    bool SteerHost(Ptr<const Packet> packet, const Ipv6Header& header, Ptr<const NetDevice> device);
    bool SteerHost4(const Ptr<const Packet>& packet,
                    const Ipv4Header& header,
                    const Ptr<const NetDevice>& device);

    /**
     * \param device where a packet came in
     * \param from filled in with what the library has to know of it
     * \return whether it is an access link's
     */
    bool FindHost(Ptr<const NetDevice> device, fb_ref& from) const;

    /**
     * \param event FB_EVENT_PREFIX
     */
    void FollowPrefix(const fb_event& event);
    void AddSubnet(const Subnet& subnet, const fb_event& event);
    void RemoveSubnets(uint32_t session, const fb_prefix& prefix);
    /** Forget all prefixes on access links, as when a session ends or the agent begins anew. */
    void DropSubnets(uint32_t session);
    void DropSubnet(const Subnet& subnet);

    /**
     * \param subnet a prefix on an access link
     * \return the router behind which it is: the mobile node's link-local address; Any: it is not known
     */
    Ipv6Address GetNextHop(const Subnet& subnet) const;

    FlowbindRouterAdvertiser& GetAdvertiser(uint32_t link);

    std::string m_identity; //!< MAG Identifier
    Ipv6Address m_anchor;
    Ipv4Address m_anchorIpv4;
    Time m_bindingLifetime;
    bool m_anchorCapable;
    bool m_concurrent;
    bool m_sequenceNumbers;
    bool m_localRouting;
    Time m_heartbeatInterval;
    uint8_t m_heartbeatMissing;
    Time m_retransmitMax;
    bool m_anchorDecides; //!< FB_FLOW_DECISION_*
    uint32_t m_restartCounter; //!< moves with every start of the library's agent

    Time m_bindingLifetimeMax;
    Time m_timestampWindow;
    Time m_deleteDelay;
    Time m_handoffWait;
    bool m_requireGatewayIdentifier;
    bool m_anyGateway;
    bool m_anySubscriber;
    bool m_requireGre;
    bool m_acceptForcedUdp;
    bool m_acceptIpv4;
    bool m_acceptDelegation;
    bool m_sequencePerSession;
    fb_prefix m_homePool;
    fb_prefix m_delegatedPool;
    fb_prefix m_ipv4Pool;
    uint8_t m_homePrefixLength;
    uint8_t m_delegatedPrefixLength;

    uint32_t m_maxSessions;
    uint32_t m_maxSubscribers;
    uint32_t m_maxGateways;
    uint32_t m_maxCareOfAddresses;
    uint32_t m_maxFlows;

    //! outer packets so far that went in fragments: Identification of the next one's
    uint32_t m_fragmented;
    Ptr<Ipv6L3Protocol> m_ipv6; //!< the node's
    std::map<uint32_t, Path> m_paths; //!< by number of the link
    std::map<uint32_t, fb_session> m_sessions; //!< by number
    //! access links by number of a logical session
    std::map<uint32_t, std::vector<uint32_t>> m_served;
    std::map<std::string, fb_proxy_subscriber> m_mobileNodes; //!< by identity
    std::map<std::string, fb_gateway> m_gateways; //!< by identity
    std::vector<Subnet> m_subnets; //!< on access links
    //! by number of the access link
    std::map<uint32_t, Ptr<FlowbindRouterAdvertiser>> m_advertisers;
    std::vector<Ptr<FlowbindOuterProtocol>> m_protocols6; //!< outer ends of IPv6
    Ptr<FlowbindHostRouting> m_hostRouting; //!< a gateway's
    Ptr<FlowbindInputRouting> m_hostRouting4; //!< the same for IPv4
};

} // namespace ns3

#endif /* NS3_FLOWBIND_PROXY_AGENT_H */
