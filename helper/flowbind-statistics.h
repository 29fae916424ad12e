/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_STATISTICS_H
#define NS3_FLOWBIND_STATISTICS_H

#include "flowbind/agent.h"

#include "ns3/ipv4-address.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv6-address.h"
#include "ns3/ipv6-header.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/packet.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ns3
{

class FlowbindAgent;

/**
 * \ingroup flowbind
 * \brief What happened to the packets of one mobile node's flows: a log from which every figure is computed.
 *
 * A packet is followed from the IP layer of its sender to the IP layer of its receiver. An IPv4 packet is recognised by
 * addresses, protocol and Identification of the inner header, so nothing is added to it. An IPv6 packet has no
 * Identification, so it gets a byte tag. The agents say which path it took.
 */
class FlowbindStatistics : public Object
{
  public:
    /// Seen from the mobile node.
    enum Direction
    {
        UP = 0,
        DOWN = 1
    };

    /// Whose address is the mobile end of a flow.
    enum : uint32_t
    {
        MOBILE,
        HOST, ///< behind the mobile node
        MOBILE_IPV6, ///< the mobile node with its IPv6 address
        PROXY_HOST ///< the first host behind a gateway, and the others behind it
    };

    typedef uint32_t Owner;

    static const int64_t NEVER = INT64_MAX;

    /// One IP packet. Times in nanoseconds.
    struct PacketRecord
    {
        int64_t sent;
        int64_t received; ///< NEVER: it did not arrive
        uint32_t octets; ///< payload the application got when it arrived
        uint8_t bid; ///< of the path; 0: none
        bool data; ///< carries payload: a UDP packet, or a TCP segment with data
        bool reordered; ///< RFC 4737 Type-P-Reordered
        bool policyDrop; ///< dropped by the policy
    };

    /// Of one direction of a flow between two times. Of packets that carry payload, unless it says otherwise.
    struct Summary
    {
        double seconds; ///< length of the interval
        uint64_t sent; ///< packets sent in it
        uint64_t lost; ///< ... that never arrived, dropped ones included
        uint64_t dropped; ///< ... that the policy dropped
        uint64_t reordered; ///< ... that arrived behind a later one
        std::map<uint8_t, uint64_t> path; ///< ... by BID, 0: none
        /// the same of all packets, pure acknowledgements included
        std::map<uint8_t, uint64_t> allPath;
        uint64_t allDropped; ///< of all packets, those that the policy dropped
        uint64_t octets; ///< payload received in it
        double goodput; ///< bit/s
        double delayMean, delayP95; ///< seconds, one way, of those sent in it; NaN without any
        /// seconds, the longest time the application got nothing; NaN when nothing was sent either
        double gap;
        bool gapOpen; ///< ... and that time lasted until the end of the interval
        /**
         * Seconds of silence around the beginning of the interval: the longest between two arrivals of payload, the
         * first of which is the last one before it or at most FAILOVER_WINDOW_S behind it. What a flow loses by a
         * failover when the interval begins with one; NaN when nothing arrived before.
         */
        double failoverGap;
        bool failoverGapOpen; ///< ... and nothing more came until the end of the interval
    };

    /// How long behind an event a silence may begin and still count as caused by it: packets on their way arrive.
    static constexpr double FAILOVER_WINDOW_S = 2;

    /// Figures of one bin.
    struct Bin
    {
        std::map<uint8_t, uint64_t> octets; ///< received, by BID
        uint64_t sent;
        uint64_t lost;
        uint64_t received;
        double delaySum; ///< seconds, of those received in it
    };

    /// Whose agent it is.
    enum Agent
    {
        MOBILE_NODE,
        HOME_AGENT,
        FOREIGN_AGENT
    };

    /// An event of an agent.
    struct Signal
    {
        Agent agent;
        /// of a foreign agent: BID of its path; of a gateway: its number; of the others 0
        uint8_t bid;
        fb_event event;
        uint8_t over{0}; ///< BID of the path over which a gateway sent it, as IP did; 0: not known
    };

    static TypeId GetTypeId();

    FlowbindStatistics();

    /**
     * Connects to the nodes and agents.
     * \param mobileAgent the mobile node's agent, which is the node's too; null: no agents, plain routing
     * \param homeAgent the home agent's
     */
    void Install(Ptr<Node> mobile,
                 Ipv4Address mobileAddress,
                 Ptr<Node> correspondent,
                 Ipv4Address correspondentAddress,
                 Ptr<FlowbindAgent> mobileAgent,
                 Ptr<FlowbindAgent> homeAgent);

    /**
     * Follows a host behind the mobile node too.
     * \param host the node
     * \param address its address
     */
    void AddHost(Ptr<Node> host, Ipv4Address address);

    /// Follows IPv6 packets between two of the nodes that Install() follows too.
    void AddIpv6(Ptr<Node> mobile,
                 Ipv6Address mobileAddress,
                 Ptr<Node> correspondent,
                 Ipv6Address correspondentAddress);

    /**
     * Follows what goes over the home link without a tunnel: it is on the path with this BID. Packets that no agent
     * has to do with, so IP says where they went.
     * \param bid of the home link
     * \param mobileInterface the mobile node's interface there
     * \param homeAgent the home agent's node
     * \param homeAgentInterface its interface there
     */
    void AddHomeLink(uint8_t bid,
                     uint32_t mobileInterface,
                     Ptr<Node> homeAgent,
                     uint32_t homeAgentInterface);

    /**
     * For Proxy Mobile IPv6, in place of Install(): gateways stand for the mobile node, the anchor for the home agent.
     * \param anchor the anchor's agent
     */
    void InstallProxy(Ptr<Node> correspondent,
                      Ipv6Address correspondentAddress,
                      Ptr<FlowbindAgent> anchor);

    /// Follows a host behind gateways, whatever IPv6 addresses it has. \return owner of its flows
    Owner AddProxyHost(Ptr<Node> host);

    /// Follows a gateway. \return its number, from 0
    uint8_t AddGateway(Ptr<FlowbindAgent> gateway);

    /**
     * Says which path of a gateway a care-of address belongs to. Again when the path gets another one.
     * \param gateway its number
     */
    void AddProxyPath(uint8_t bid, uint8_t gateway, const fb_addr& careOf);
    /// \return BID of the path with this care-of address; 0: none
    uint8_t FindPath(const fb_addr& careOf) const;
    /// \return number of the gateway with this path
    uint8_t FindGateway(uint8_t bid) const;

    /// Follows the foreign agent of the path with this BID.
    void AddForeignAgent(uint8_t bid, Ptr<FlowbindAgent> agent);

    /**
     * Says which path an interface of the mobile node, and its care-of address, belong to. Again when the interface
     * gets another address.
     */
    void AddPath(uint8_t bid, uint32_t interface, Ipv4Address careOf);
    /// \return BID of the path with this care-of address; 0: none
    uint8_t FindPath(Ipv4Address careOf) const;

    /**
     * Adds a flow.
     * \param owner whose it is
     * \param mobilePort the first of mobilePortCount
     * \return its number, from 0
     */
    uint32_t AddFlow(Owner owner,
                     uint8_t protocol,
                     uint16_t mobilePort,
                     uint16_t mobilePortCount,
                     uint16_t correspondentPort);

    /// The application got payload. To be called while the packet that brought it is delivered.
    void AddPayload(uint32_t flow, Direction direction, uint32_t octets);

    const std::vector<PacketRecord>& GetPackets(uint32_t flow, Direction direction) const;
    const std::vector<Signal>& GetSignals() const;
    /**
     * \param identification of a request or of its reply, which share the low half (RFC 5944 3.6.2.1)
     * \return BID of the path over which the mobile node sent the request; 0: it did not
     */
    uint8_t GetSentOver(uint64_t identification) const;
    /// \return BID of the path that the message of this signal goes over, of either protocol; 0: not known
    uint8_t GetSentOver(const Signal& signal) const;

    /// Figures of [from, until).
    Summary Summarize(uint32_t flow, Direction direction, Time from, Time until) const;
    /// Figures of equal bins from time 0 on.
    std::vector<Bin> MakeBins(uint32_t flow, Direction direction, Time width, Time until) const;

  private:
    /// Both directions of a flow.
    struct Flow
    {
        Owner owner;
        uint8_t protocol;
        uint16_t mobilePort;
        uint16_t mobilePortCount;
        uint16_t correspondentPort;
        std::vector<PacketRecord> packets[2];
        uint32_t nextExpected[2]; ///< RFC 4737 NextExp, in packets
    };

    /// Where a packet's record is.
    struct Place
    {
        uint32_t flow; ///< NO_FLOW: none
        uint32_t index;
    };

    static const uint32_t NO_FLOW = UINT32_MAX;

    void DoDispose() override;

    void OnMobileSend(const Ipv4Header& header, Ptr<const Packet> payload, uint32_t interface);
    void OnMobileDeliver(const Ipv4Header& header, Ptr<const Packet> payload, uint32_t interface);
    void OnCorrespondentSend(const Ipv4Header& header,
                             Ptr<const Packet> payload,
                             uint32_t interface);
    void OnCorrespondentDeliver(const Ipv4Header& header,
                                Ptr<const Packet> payload,
                                uint32_t interface);
    void OnMobileTunnel(Ptr<const Packet> inner, uint8_t bid);
    void OnHomeAgentTunnel(Ptr<const Packet> inner, uint8_t bid);
    void OnMobileDrop(Ptr<const Packet> inner, uint16_t reason);
    void OnHomeAgentDrop(Ptr<const Packet> inner, uint16_t reason);
    void OnHostSend(const Ipv4Header& header, Ptr<const Packet> payload, uint32_t interface);
    void OnMobileSend6(const Ipv6Header& header, Ptr<const Packet> payload, uint32_t interface);
    void OnMobileDeliver6(const Ipv6Header& header, Ptr<const Packet> payload, uint32_t interface);
    void OnCorrespondentSend6(const Ipv6Header& header,
                              Ptr<const Packet> payload,
                              uint32_t interface);
    void OnCorrespondentDeliver6(const Ipv6Header& header,
                                 Ptr<const Packet> payload,
                                 uint32_t interface);
    void OnHomeAgentForward(const Ipv4Header& header,
                            Ptr<const Packet> payload,
                            uint32_t interface);
    void OnMobileEvent(const fb_event& event);
    void OnHomeAgentEvent(const fb_event& event);
    /// A static callback, with what has to be known bound.
    static void OnForeignAgentEvent(FlowbindStatistics* statistics,
                                    uint8_t bid,
                                    const fb_event& event);

    static void OnGatewaySend6(FlowbindStatistics* statistics,
                               uint8_t gateway,
                               const Ipv6Header& header,
                               Ptr<const Packet> payload,
                               uint32_t interface);
    static void OnGatewaySend(FlowbindStatistics* statistics,
                              uint8_t gateway,
                              const Ipv4Header& header,
                              Ptr<const Packet> payload,
                              uint32_t interface);
    /// A Mobility Header of a gateway leaves.
    void NoteMobility(uint8_t gateway, uint8_t type, const fb_addr& source);
    static void OnGatewayEvent(FlowbindStatistics* statistics,
                               uint8_t gateway,
                               const fb_event& event);
    /// \return whose address it is; NO_FLOW: nobody's
    Owner FindOwner(Ipv6Address address) const;
    /// \return the host behind a gateway whose address it is; NO_FLOW: nobody's
    Owner FindOwner(Ipv4Address address) const;
    /// IPv4 packets of hosts behind gateways are followed by tags, as those of IPv6.
    static void OnProxySend(FlowbindStatistics* statistics,
                            Direction direction,
                            const Ipv4Header& header,
                            Ptr<const Packet> payload,
                            uint32_t interface);
    static void OnProxyDeliver(FlowbindStatistics* statistics,
                               Direction direction,
                               const Ipv4Header& header,
                               Ptr<const Packet> payload,
                               uint32_t interface);
    /// As NotePlainBinding().
    void NotePlainProxyBinding(Direction direction, const fb_event& event);

    void Send(Direction direction, const Ipv4Header& header, Ptr<const Packet> payload);
    void Send(Direction direction, const Ipv6Header& header, Ptr<const Packet> payload);
    /// Tags a packet that leaves its end, if it is of a flow.
    void Tag(Direction direction, Owner owner, uint8_t protocol, Ptr<const Packet> payload);
    void Deliver(Direction direction, const Ipv4Header& header);
    void Deliver(Direction direction, Ptr<const Packet> payload);
    /// \return the place of a new record; without a flow when the packet is of none
    Place AddRecord(Direction direction, Owner owner, uint8_t protocol, Ptr<const Packet> payload);
    /// Notes that a packet with a record arrives.
    void Arrive(Direction direction, const Place& place);
    void SetPath(Direction direction, Ptr<const Packet> inner, uint8_t bid);
    /// The same of a packet that goes over the home link.
    void SetHome(Direction direction, const Ipv4Header& header);
    void SetDropped(Direction direction, Ptr<const Packet> inner, uint16_t reason);
    /// A binding without RFC 7629 has no BID; its path is the one whose care-of address was registered last.
    void NotePlainBinding(Direction direction, const fb_event& event);
    /// A request can leave by another path than the one it is about; only IP knows.
    void NoteRequest(const Ipv4Header& header, Ptr<const Packet> payload, uint32_t interface);

    /// The place of a packet's identification; null for a packet that is not followed.
    Place* FindPlace(Direction direction, const Ipv4Header& header);
    Place* FindPlace(Direction direction,
                     Ipv4Address source,
                     Ipv4Address destination,
                     uint8_t protocol,
                     uint16_t identification);
    /// The place that the tag of an IPv6 packet names; without a flow when there is none.
    static Place FindPlace(Direction direction, Ptr<const Packet> packet);
    PacketRecord* FindRecord(Direction direction, Ptr<const Packet> inner);
    uint32_t FindFlow(Owner owner,
                      uint8_t protocol,
                      uint16_t mobilePort,
                      uint16_t correspondentPort) const;

    Ipv4Address m_mobile;
    Ipv4Address m_host; ///< behind the mobile node; Any: there is none
    Ipv4Address m_correspondent;
    Ipv6Address m_mobile6;
    Ipv6Address m_correspondent6;
    std::vector<Flow> m_flows;
    /// packets under way, by direction, protocol, end and identification
    std::vector<Place> m_places;
    Place m_delivering; ///< the packet that is being delivered just now
    Direction m_deliveringDirection;
    std::vector<Signal> m_signals;
    std::map<uint32_t, uint8_t> m_paths; ///< BID by the mobile node's interface
    std::map<uint32_t, uint8_t> m_careOf; ///< BID by care-of address
    uint8_t m_plainPath[2]; ///< see NotePlainBinding()
    std::vector<Ptr<Node>> m_proxyHosts; ///< behind gateways
    uint8_t m_gateways; ///< their number
    std::map<uint8_t, uint8_t> m_pathGateways; ///< gateway by BID
    /// BID by family and octets of the care-of address
    std::map<std::string, uint8_t> m_proxyCareOf;
    /// type and BID of messages that left a gateway and whose events are still to come
    std::map<uint8_t, std::deque<std::pair<uint8_t, uint8_t>>> m_leaving;
    uint8_t m_home; ///< BID of the home link; 0: there is none
    uint32_t m_homeInterface[2]; ///< who sends there, by direction: its interface
    std::map<uint32_t, uint8_t> m_sentOver; ///< BID by low half of the Identification
};

} // namespace ns3

#endif // NS3_FLOWBIND_STATISTICS_H
