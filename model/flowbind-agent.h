/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_AGENT_H
#define NS3_FLOWBIND_AGENT_H

#include "flowbind-arp.h"
#include "flowbind-input-routing.h"
#include "flowbind-scheduler.h"
#include "flowbind-tunnel.h"

#include "flowbind/agent.h"

#include "ns3/arp-cache.h"
#include "ns3/event-id.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv4-interface.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv4.h"
#include "ns3/net-device.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "ns3/random-variable-stream.h"
#include "ns3/socket.h"
#include "ns3/traced-callback.h"
#include "ns3/udp-l4-protocol.h"

#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A Mobile IPv4 mobile node, home agent or foreign agent with flow bindings (RFC 7629), aggregated to a node.
 *
 * The protocol is in the C library behind flowbind/agent.h. This class owns one agent of it and one timer, tells it
 * what happens at the node, and does what it says: after every input it sends the messages, reports the events and sets
 * the timer again. It takes no decision of its own.
 *
 * Signalling is UDP, port 434. A message leaves by the link the library names, with an explicit route: ns-3 would send
 * from a socket bound to a care-of address through the wrong interface. Data goes through one FlowbindTunnel. Agent
 * discovery (RFC 5944 2) is read where frames come in, with their link-layer addresses, since ns-3's ICMP ignores it.
 *
 * The home network is virtual, and no node can be at home in it, unless an access link of the home agent (attribute
 * Advertise) has an address of the home network. On such a link the home agent catches packets for absent nodes by ARP
 * (RFC 5944 4.6), and nodes that DiscoverHome come home. Every other host there needs a FlowbindArp.
 *
 * Everything told before Start() is kept and handed over then. A node's agents start with the node, at time 0.
 */
class FlowbindAgent : public Object
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindAgent();
    ~FlowbindAgent() override;

    /**
     * \brief Add a link of a mobile node. It counts as down until NotifyLinkUp().
     * \param device its device; needs an IPv4 interface when the link comes up
     * \param bid Binding Identifier, 1..254 (RFC 7629 4.1)
     * \param label interface label, 1..255 (RFC 7629 4.1)
     * \param technology Access Technology Type of RFC 5213: 4 WLAN, 8 LTE, 10 HRPD
     * \param preference order in which links are preferred where only one can be used: low first
     * \param gateway first router; without it the node's routing is asked for one each time the link comes up
     * \return the number of the link, from 1
     */
    uint32_t AddLink(Ptr<NetDevice> device,
                     uint8_t bid,
                     uint8_t label,
                     uint8_t technology,
                     uint8_t preference,
                     Ipv4Address gateway = Ipv4Address::GetAny());

    /**
     * \brief The same with everything the library can know of a link: encapsulation, UDP tunnel, foreign agent.
     * \param device its device; of a link through a foreign agent (FB_CARE_OF_AGENT) its interface needs no address
     * \param link all but number and address, which are filled in here
     * \param gateway first router
     * \return the number of the link, from 1
     */
    uint32_t AddLink(Ptr<NetDevice> device,
                     const fb_link& link,
                     Ipv4Address gateway = Ipv4Address::GetAny());

    /**
     * \brief Add a link on which a foreign or home agent serves nodes: it advertises there, and visitors are there.
     * It counts as down until NotifyLinkUp().
     * \param device its device; needs an IPv4 interface with the agent's own address
     * \return the number of the link, from 1, counted together with those of AddLink()
     */
    uint32_t AddAccessLink(Ptr<NetDevice> device);

    /**
     * \brief A link can be used from now on. Without an address it waits for NotifyAddressChanged().
     * \param link number of the link
     */
    void NotifyLinkUp(uint32_t link);

    /**
     * \brief A link cannot be used any more.
     * \param link number of the link
     */
    void NotifyLinkDown(uint32_t link);

    /**
     * \brief A link has another address, or lost the one it had.
     * \param link number of the link
     */
    void NotifyAddressChanged(uint32_t link);

    /**
     * \brief Tell a mobile node or gateway what is known of a path: for schedulers, and with Vendor for the other end.
     * \param quality with the number of its link
     */
    void SetQuality(const fb_quality& quality);

    /**
     * \brief Replace the flow policy of a mobile node.
     * \param rules in order of precedence
     */
    void SetPolicy(const std::vector<fb_rule>& rules);

    /**
     * \brief Replace the static policy: rules both ends have by configuration, which decide where no negotiated one
     * does (RFC 7629 6). They can name labels and access technologies too.
     * \param rules in order of precedence
     */
    void SetStaticPolicy(const std::vector<fb_rule>& rules);

    /**
     * \brief Tell a home agent or anchor what links weigh and cost, by their labels. Before Start().
     * \param weights at most FB_LABEL_WEIGHTS_MAX; those of the links at the other end
     */
    void SetWeights(const std::vector<fb_label_weight>& weights);

    /**
     * \brief Tell what is shared with a foreign agent, or by a foreign agent with a mobile node or a home agent.
     * \param association the association; without a key: there is none any more
     */
    void AddAssociation(const fb_peer_association& association);

    /**
     * \brief Let a home agent serve a node, or change what it knows of it.
     * \param subscriber the node
     */
    void AddSubscriber(const fb_subscriber& subscriber);

    /**
     * \param homeAddress home address of a node a home agent serves no longer
     */
    void RemoveSubscriber(Ipv4Address homeAddress);

    /**
     * \brief Want a path to be registered, as all are from the start.
     * \param bid its BID; 0: all
     */
    void Register(uint8_t bid);

    /**
     * \brief Want a path not to be registered.
     * \param bid its BID; 0: all
     */
    void Deregister(uint8_t bid);

    /**
     * \brief Put the tunnel device into the node, so that it can be traced, captured and routed to before the
     * simulation runs. Start() does it otherwise.
     */
    void InstallTunnel();

    /**
     * \brief Read the attributes and begin. Again: nothing. Happens by itself at the start of the simulation.
     */
    void Start();

    /**
     * \brief Begin anew, as a node does that was switched off: bindings and negotiated policies are gone. What the node
     * is told by its configuration, its subscribers and its policy, it is told again.
     */
    void Restart();

    /**
     * \return true after Start()
     */
    bool IsStarted() const;

    /**
     * \return the number of links
     */
    uint32_t GetNLinks() const;

    /**
     * \param link number of a link
     * \return its device
     */
    Ptr<NetDevice> GetLinkDevice(uint32_t link) const;

    /**
     * \return the inner end of the tunnel; null before InstallTunnel()
     */
    Ptr<VirtualNetDevice> GetTunnelDevice() const;

    /**
     * \return what this mobile node shares with its home agent (attributes Spi, Algorithm and Key)
     */
    fb_security_association GetSecurityAssociation() const;

    /**
     * \return the network access identifier of this mobile node (attribute Nai)
     */
    fb_nai GetNai() const;

    /**
     * \return the prefixes behind this mobile node (attribute Networks)
     */
    fb_networks GetMobileNetworks() const;

    /**
     * \param role FB_ROLE_MOBILE_NODE or FB_ROLE_HOME_AGENT
     * \param homeAddress whose bindings
     * \return the bindings as they are now; none before Start()
     */
    std::vector<fb_binding_view> GetBindings(uint8_t role, Ipv4Address homeAddress) const;

    /**
     * \param role FB_ROLE_MOBILE_NODE or FB_ROLE_HOME_AGENT
     * \param homeAddress whose rules
     * \return the rules in force, in order; none before Start()
     */
    std::vector<fb_rule> GetRules(uint8_t role, Ipv4Address homeAddress) const;

    /**
     * \param reason a reason
     * \return how often it was met
     */
    uint64_t GetCounter(fb_reason reason) const;

    /**
     * \return what became of packets with sequence numbers (RFC 2890); all zero before Start()
     */
    fb_order_counters GetOrderCounters() const;

    /**
     * \brief Fix the random streams, before Start(). One makes what nobody shall predict: nonces, delays of answers.
     * \param stream first stream to use
     * \return the number of streams used: 1
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * TracedCallback signature for events of the agent.
     * \param event what happened
     */
    typedef void (*EventTracedCallback)(const fb_event& event);

    /**
     * TracedCallback signature for packets in the tunnel.
     * \param inner the packet inside the tunnel, IP header first
     * \param bid BID of the path; 0 for a binding without RFC 7629
     */
    typedef void (*TunnelTracedCallback)(Ptr<const Packet> inner, uint8_t bid);

    /**
     * TracedCallback signature for packets that were not forwarded.
     * \param inner the packet, IP header first
     * \param reason fb_reason
     */
    typedef void (*PacketDropTracedCallback)(Ptr<const Packet> inner, uint16_t reason);

  protected:
    void NotifyNewAggregate() override;
    void DoInitialize() override;
    void DoDispose() override;

    // FlowbindProxyAgent uses and extends what follows.

    /** A link of a mobile node, or an access link of an agent. */
    struct Link
    {
        Ptr<NetDevice> device; //!< its device
        bool isAccess; //!< an access link
        fb_link fact; //!< what the library knows of it; of an access link number and address only
        Ipv4Address gateway; //!< as given; Any: ask the routing
        bool up; //!< as notified
        bool told; //!< the library was told that it is up: it has an address
        Ptr<Ipv4Route> route; //!< towards the home agent while it has an address
        Ptr<FlowbindArp> arp; //!< where RFC 5944 4.6 asks for more than ns-3's ARP does
    };

    /** Memory for the library, which wants it aligned to 16. */
    struct alignas(16) Block
    {
        uint8_t octets[16]; //!< uninterpreted
    };

    /**
     * \brief Add what a derived class knows to the configuration.
     * \param config what the attributes of this class say
     */
    virtual void Configure(fb_config& config);

    /** Begin, after the library's agent was made and before it is told anything. */
    virtual void Open();

    /** Begin anew: tell the library's new agent what it was told before it restarted. */
    virtual void TellAgain();

  private:
    // Attributes, by what they are about.
    static TypeId AddGeneralAttributes(TypeId tid);
    static TypeId AddMobileNodeAttributes(TypeId tid);
    static TypeId AddHomeAgentAttributes(TypeId tid);
    static TypeId AddHomeAgentStrictness(TypeId tid);
    static TypeId AddForeignAgentAttributes(TypeId tid);
    static TypeId AddCommonAgentAttributes(TypeId tid);
    static TypeId AddIdentityAttributes(TypeId tid);
    static TypeId AddLimitAttributes(TypeId tid);
    static TypeId AddReorderAttributes(TypeId tid);
    static TypeId AddTraceSources(TypeId tid);

    bool SetKey(std::string hex);
    std::string GetKey() const;
    bool SetNetworks(std::string prefixes);
    std::string GetNetworks() const;
    void SetClockOffset(Time offset);
    Time GetClockOffset() const;

    /**
     * \return the attributes as the library wants them; aborts where a scenario forgot one
     */
    fb_config MakeConfig() const;
    fb_mobile_node_config MakeMobileNodeConfig() const;
    fb_home_agent_config MakeHomeAgentConfig() const;
    fb_foreign_agent_config MakeForeignAgentConfig() const;
    fb_limits MakeLimits() const;

    /** Make the library's agent out of the attributes. */
    void MakeCore();

  protected:
    /**
     * \brief Listen for messages.
     * \param port UDP port
     */
    void OpenSocket(uint16_t port);

    /**
     * \brief Hand a fact to the library and act on the result. Before Start(): keep it.
     * \param fact the fact
     */
    void Tell(const fb_fact& fact);
    /** Tell() more than one fact before what follows from them is done. */
    void HoldMessages();
    void ReleaseMessages();
    void TellWallClock();
    void TellEntropy();

    /**
     * \param bid a BID or 0
     * \param kind FB_FACT_REGISTER or FB_FACT_DEREGISTER
     */
    void TellWanted(fb_fact_kind kind, uint8_t bid);

    /** Do what the library wants done after any input. */
    void Pump();
    void PumpEvents();
    void SetTimer();
    void HandleTimeout();

    /**
     * \brief Send a message of the library, to the link-layer address it names if it names one.
     * \param meta addresses, ports and link
     * \param message the UDP payload
     * \param length its octets
     */
    virtual void SendMessage(const fb_meta& meta, const uint8_t* message, uint32_t length);
    /** The same by ARP. */
    void SendPlainMessage(const fb_meta& meta, const uint8_t* message, uint32_t length);
    void SendIcmp(const fb_meta& meta, const uint8_t* message, uint32_t length);
    void SendIcmp6(const fb_meta& meta, const uint8_t* message, uint32_t length);
    /// \return the UDP ports of messages and tunnels
    std::set<uint16_t> GetPorts() const;
    void HandleRead(Ptr<Socket> socket);

    /**
     * \param meta a datagram to one of our ports
     * \param type its first octet
     * \return whether it is a packet in a tunnel, not a message
     */
    virtual bool IsTunnelData(const fb_meta& meta, uint8_t type) const;

    /**
     * \brief Hand a message to the library and act on the result.
     * \param meta the packet it came in
     * \param message its octets
     */
    void Input(const fb_meta& meta, const std::vector<uint8_t>& message);
    void Report(const fb_event& event);

    /**
     * \brief Do what an event asks the node to do: routes and addresses.
     * \param event any
     */
    virtual void Follow(const fb_event& event);

    /**
     * \brief Send packets for a mobile network, IPv4 or IPv6, into the tunnel, or no longer.
     * \param network its prefix
     * \param isInUse whether to
     */
    void RouteNetwork(const fb_prefix& network, bool isInUse);
    void RouteNetwork6(fb_prefix network, bool isInUse);

    /**
     * \brief Put a mobile node's IPv6 prefixes on its tunnel: an address of each and the default route (RFC 5454).
     */
    void UseIpv6Prefixes();

    /** Undo RouteNetwork() for all networks. */
    void ForgetNetworks();

    /**
     * \param link a link
     * \return whether it is the home agent's link of the home network
     */
    bool IsHomeLink(const Link& link) const;

    /**
     * \brief Take part in ARP where a home agent catches packets, or a mobile node may come home.
     * \param link a link
     */
    void OpenArp(Link& link);

    /**
     * \brief Catch the packets for a node on the home link, or no longer (RFC 5944 4.6).
     * \param event FB_EVENT_INTERCEPT
     */
    void FollowIntercept(const fb_event& event);

    /**
     * \brief Be a host of the home link, or no longer (RFC 5944 4.2.1, 4.6).
     * \param event FB_EVENT_HOME
     */
    void FollowHome(const fb_event& event);

    /**
     * \brief Answer the ARP of a foreign agent, or no longer (RFC 5944 4.6).
     * \param event FB_EVENT_AGENT
     */
    void FollowAgent(const fb_event& event);

    /**
     * \brief Be a host of the home link with the home address.
     * \param link number of the link
     * \param address the home address
     */
    void EnterHome(uint32_t link, Ipv4Address address);

    /** Undo EnterHome(), if it was done. */
    void LeaveHome();

    /** Forget all that the library asked for, which is about to begin anew. */
    void ForgetHome();

    /** Take part in the links that frames have to be read from, and in the forwarding of a foreign agent. */
    virtual void OpenLinks();

    /**
     * \brief Read agent discovery, and requests on access links, where their link-layer address is known.
     * \param device where the frame came in
     * \param frame IP header first
     * \param protocol EtherType
     * \param from link-layer source
     * \param to link-layer destination
     * \param type for whom it is
     */
    void HandleFrame(Ptr<NetDevice> device,
                     Ptr<const Packet> frame,
                     uint16_t protocol,
                     const Address& from,
                     const Address& to,
                     NetDevice::PacketType type);

    /**
     * \brief Resolve an address for good, without ARP, which visitors do not speak (RFC 5944 4.6).
     * \param link number of a link
     * \param address who is there
     * \param octets the link-layer address
     * \param length its octets; 0: not known, and nothing is done
     */
    void SetLinkAddress(uint32_t link, Ipv4Address address, const uint8_t* octets, uint8_t length);

    /**
     * \brief Undo SetLinkAddress().
     * \param link number of a link
     * \param address who was there
     */
    void ForgetLinkAddress(uint32_t link, Ipv4Address address);

    /**
     * \param link number of a link; 0: none
     * \param address who is there
     * \param length octets of its link-layer address
     * \return whether one has such an address there
     */
    static bool IsLinkAddress(uint32_t link, Ipv4Address address, uint8_t length);

    /**
     * \param link number of a link
     * \return its interface; null: nobody is resolved there
     */
    Ptr<Ipv4Interface> GetArpInterface(uint32_t link) const;

    /**
     * \brief Make a permanent entry.
     * \param cache where
     * \param address whose
     * \param octets its link-layer address
     */
    static void Resolve(Ptr<ArpCache> cache, Ipv4Address address, const uint8_t* octets);

    /**
     * \brief Know a visitor of a foreign agent, or no longer.
     * \param event FB_EVENT_VISITOR
     */
    void FollowVisitor(const fb_event& event);

    /**
     * \param visitor ref.session of its events
     */
    void ForgetVisitor(uint32_t visitor);

    /** The same with all of them. */
    void ForgetVisitors();

    /**
     * \brief A packet that the node is to forward.
     * \param packet what stands behind its header
     * \param header its header
     * \param device where it came in
     * \return true: the agent took it
     */
    bool RouteInput(const Ptr<const Packet>& packet,
                    const Ipv4Header& header,
                    const Ptr<const NetDevice>& device);

    /**
     * \brief A packet of a visitor of a foreign agent.
     * \param packet what stands behind its header
     * \param header its header
     * \param device where it came in
     * \return true: it was one, and is taken
     */
    bool SteerVisitor(Ptr<const Packet> packet,
                      const Ipv4Header& header,
                      Ptr<const NetDevice> device);

    /**
     * \param source who sent it
     * \param message an ICMP error about a packet of ours
     */
    void HandleIcmpError(Ipv4Address source, const std::vector<uint8_t>& message);

    /**
     * \param number number of a link
     * \return where it stands in m_links; aborts if there is no such link
     */
    std::size_t GetLinkIndex(uint32_t number) const;

    /**
     * \param device a device
     * \return the number of its link; 0 if it is none
     */
    uint32_t FindLink(Ptr<const NetDevice> device) const;

    /**
     * \param link a link
     * \return the address of its interface; 0 if it has none
     */
    fb_ipv4 ReadAddress(const Link& link) const;

    /** Tell the library of a link that is up, if there is anything to tell. */
    virtual void UpdateLink(Link& link);

    /**
     * \param link a link that is no access link
     * \param fact that it came, went or changed
     */
    void TellLink(const Link& link, fb_fact fact);

    /**
     * \brief Tell the library what SetQuality() said of a link that it knows.
     * \param link a link
     */
    void TellQuality(const Link& link);
    void UpdateAccessLink(Link& link);

    /**
     * \param link a link with an address
     * \return the way from it to the home agent
     */
    Ptr<Ipv4Route> MakeRoute(const Link& link) const;

    /**
     * \param link number of a link; 0: any
     * \param nextHop somebody on that link; Any: its router
     * \return the way; null: the node's routing decides
     */
    Ptr<Ipv4Route> GetRoute(uint32_t link, Ipv4Address nextHop) const;

    /**
     * \param meta of a message
     * \return the way: by the link's router to the home agent; all others are on the link
     */
    Ptr<Ipv4Route> GetMessageRoute(const fb_meta& meta) const;

    /**
     * \param packet an inner packet that has to leave
     */
    void Steer(Ptr<Packet> packet);

    /**
     * \param packet the same
     * \param from where it came from, if the library has to know
     */
    void SteerFrom(const Ptr<Packet>& packet, fb_ref from);

    /**
     * \brief Steer a packet that the node forwards.
     * \param packet what stands behind its header
     * \param header its header, as it came in
     * \param from where it came from, if the library has to know
     */
    void SteerForwarded(const Ptr<const Packet>& packet, const Ipv4Header& header, fb_ref from);

    /**
     * \brief SteerForwarded() of a packet whose TTL is not over.
     * \param packet what stands behind its header
     * \param header its header, as it came in
     * \param from where it came in, as far as the library has to know it
     */
    void SteerAlive(const Ptr<const Packet>& packet, const Ipv4Header& header, fb_ref from);

    /**
     * \param packet what came behind an outer header
     * \param outer that header
     * \param interface where it came in
     */
    void ReceiveOuter(const Ptr<Packet>& packet,
                      const Ipv4Header& outer,
                      const Ptr<Ipv4Interface>& interface);

    /**
     * \param packet the same
     * \param meta what surrounded it
     */
    void ReceiveTunnel(const Ptr<Packet>& packet, const fb_meta& meta);

    /** Do what the library wants done with data packets. */
    void RunActions(fb_time now);

    void RunAction(const fb_action& action);

    /**
     * \brief Tell that a packet is kept until the library says what is done with it.
     * \param action names it
     */
    void HoldPacket(const fb_action& action);
    void DropHeldPackets();

    /**
     * \brief Send a packet with its outer headers.
     * \param action says how
     * \param packet what stands behind them
     */
    virtual void RunSend(const fb_action& action, const Ptr<Packet>& packet);

    /**
     * \brief Forward a packet as a router does.
     * \param action says where
     * \param packet IP header first, but for outer headers of the action
     */
    virtual void RunForward(const fb_action& action, Ptr<Packet> packet);
    void RefusePacket(fb_handle handle, int error);

    uint32_t m_roles; //!< FB_ROLE_*
    bool m_multipath; //!< RFC 7629 at all
    fb_selector_layout m_selectorLayout;
    std::string m_scheduler; //!< name; for flows no rule decides
    Ptr<FlowbindScheduler> m_customScheduler; //!< takes its place; null: none
    Time m_probeInterval;
    Time m_probeIdle;
    Time m_probeHoldDown;
    uint32_t m_vendor; //!< of path metrics; 0: none
    Time m_metricsInterval; //!< between two registrations for their sake; 0: there are none
    uint16_t m_tunnelMtu;
    Time m_clockOffset; //!< of the wall clock, against the simulation's

    Ipv4Address m_homeAddress;
    Ipv4Address m_homeAgent;
    uint32_t m_spi;
    fb_hmac_algorithm m_algorithm;
    std::vector<uint8_t> m_key;
    uint16_t m_lifetime;
    uint16_t m_port;
    bool m_negotiatePolicy;
    bool m_bulkRefresh;
    bool m_reverseTunnel;
    fb_coa_change m_coaChange;
    Time m_retryDenied;
    Time m_retryLegacy;
    Time m_retransmit;
    int m_replay; //!< FB_REPLAY_*
    std::string m_nai; //!< network access identifier
    fb_networks m_networks; //!< behind a mobile router
    bool m_implicitNetworks;
    bool m_discoverHome;

    Ipv4Address m_address;
    Ipv4Address m_homeNetwork;
    Ipv4Mask m_homeNetworkMask;
    uint16_t m_lifetimeMax;
    Time m_replayTolerance;
    bool m_acceptPolicy;
    bool m_replyBadAuthenticator;
    bool m_unknownBidStrict;
    bool m_requireReverseTunnel;
    bool m_strictTechnology;
    bool m_strictReserved;
    bool m_lenientDeregistration;
    bool m_legacy;
    bool m_mergePolicy;
    bool m_echoPolicy;
    bool m_replayPerBinding;
    bool m_acceptUdpTunnel;
    bool m_acceptForcedUdpTunnel;
    bool m_acceptNetworks;
    bool m_advertise;

    // Of more than one role
    bool m_acceptReverseTunnel;
    bool m_acceptGre;
    bool m_acceptMinimal;
    bool m_encapsulatingDelivery;
    Time m_keepAlive;
    Time m_advertisementInterval;

    Ipv4Address m_careOfAddress;
    Time m_pendingTimeout;
    uint8_t m_maxPendingPerNode;
    bool m_registrationRequired;
    bool m_busy;

    uint32_t m_maxNodes;
    uint32_t m_maxBindings;
    uint32_t m_maxPolicies;
    uint8_t m_maxBindingsPerNode;
    uint8_t m_maxRulesPerNode;
    uint16_t m_maxLinks;
    uint32_t m_flowCacheSize;
    uint32_t m_eventQueueSize;
    uint32_t m_maxIdentities;
    uint32_t m_maxAssociations;
    uint32_t m_maxStaticRules;
    uint32_t m_maxVisitors;
    uint32_t m_maxPending;
    uint16_t m_maxAccessLinks;
    uint32_t m_maxReorderSpaces;
    uint32_t m_maxReorderPackets;
    Time m_reorderTimeout; //!< of what no rule decides about
    bool m_reorderDropLate;
    bool m_reorderUnorderedPaths;

    Ptr<Node> m_node;
    Ptr<Ipv4> m_ipv4;
    Ptr<UdpL4Protocol> m_udp;
    std::vector<Ptr<Socket>> m_sockets; //!< receive; see SendMessage() for sending
    Ptr<FlowbindTunnel> m_tunnel;
    std::vector<Link> m_links; //!< link n at n - 1, access links too
    std::map<uint32_t, fb_quality> m_qualities; //!< by number of the link
    std::vector<fb_fact> m_kept; //!< facts told before Start()
    std::vector<fb_rule> m_policy;
    std::vector<fb_rule> m_staticPolicy;
    std::vector<fb_label_weight> m_weights; //!< of a home agent or anchor
    std::map<uint32_t, fb_subscriber> m_subscribers; //!< by home address
    std::vector<fb_peer_association> m_associations;
    std::vector<fb_prefix> m_networkRoutes; //!< of mobile networks
    uint32_t m_atHome; //!< a mobile node's: number of the link it is at home on; 0: away
    Ipv4Address m_atHomeAs; //!< ... and its home address there
    /// a foreign agent's, by home address and link: ref.session of their events; a home address can be there twice
    std::map<std::pair<Ipv4Address, uint32_t>, std::set<uint32_t>> m_visitors;
    Ptr<FlowbindInputRouting> m_inputRouting; //!< a foreign agent's
    Ptr<UniformRandomVariable> m_random; //!< of the entropy

    std::unordered_set<fb_handle> m_held; //!< packets that wait, each with a reference of its own

    std::vector<Block> m_memory; //!< the library's
    fb_agent* m_core; //!< in m_memory; null before Start()
    EventId m_timer;
    bool m_holds; //!< between HoldMessages() and ReleaseMessages()
    fb_time m_timerAt; //!< when m_timer fires; FB_TIME_NEVER: it is not set

    TracedCallback<const fb_event&> m_eventTrace;
    TracedCallback<const fb_event&> m_bindingTrace;
    TracedCallback<const fb_event&> m_messageTrace;
    TracedCallback<const fb_event&> m_dropTrace;
    TracedCallback<const fb_event&> m_policyTrace;
    TracedCallback<const fb_event&> m_interceptTrace;
    TracedCallback<Ptr<const Packet>, uint8_t> m_tunnelTxTrace;
    TracedCallback<Ptr<const Packet>, uint8_t> m_tunnelRxTrace;
    TracedCallback<Ptr<const Packet>, uint8_t> m_packetHeldTrace;
    TracedCallback<Ptr<const Packet>, uint16_t> m_packetDropTrace;
};

} // namespace ns3

#endif /* NS3_FLOWBIND_AGENT_H */
