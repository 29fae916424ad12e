/* SPDX-License-Identifier: GPL-2.0-only */
// What a scenario can set of a FlowbindProxyAgent, and how that becomes the library's configuration.
#include "flowbind-proxy-agent.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cstdlib>
#include <sstream>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindProxyAgentAttributes");
NS_OBJECT_ENSURE_REGISTERED(FlowbindProxyAgent);

namespace
{

constexpr uint16_t SECONDS_MAX = 0xffff;
/// RFC 6275 6.1.7: 16 bits in units of 4 seconds, as far as the library counts.
constexpr uint16_t LIFETIME_MAX = 65532;
/// RFC 7600: IPv4 address of a node that has none, for the tunnel device.
const char* const DUMMY_ADDRESS = "192.0.0.8";

uint16_t
ToSeconds(Time time)
{
    return static_cast<uint16_t>(time.GetSeconds());
}

uint16_t
ToMilliSeconds(Time time)
{
    return static_cast<uint16_t>(time.GetMilliSeconds());
}

/// Empty: none.
bool
ParsePool(const std::string& text, fb_prefix& pool)
{
    pool = {};
    if (text.empty())
    {
        return true;
    }
    std::size_t slash = text.find('/');
    std::string address = text.substr(0, slash);
    bool isIpv6 = address.find(':') != std::string::npos;
    unsigned long length = slash == std::string::npos
                               ? 0
                               : std::strtoul(text.c_str() + slash + 1, nullptr, 10);
    if (length == 0 || length > (isIpv6 ? 128 : 32))
    {
        NS_LOG_ERROR("FlowbindProxyAgent: " << text
                                            << " is no pool. Write a prefix like fd00:1::/32.");
        return false;
    }
    pool.length = static_cast<uint8_t>(length);
    if (isIpv6)
    {
        pool.address.family = FB_FAMILY_IPV6;
        Ipv6Address(address.c_str()).GetBytes(pool.address.octet);
        return true;
    }
    pool.address = fb_addr_from_ipv4(Ipv4Address(address.c_str()).Get());
    return true;
}

std::string
FormatPool(const fb_prefix& pool)
{
    std::ostringstream text;
    if (pool.length == 0)
    {
        return "";
    }
    if (pool.address.family == FB_FAMILY_IPV6)
    {
        text << Ipv6Address::Deserialize(pool.address.octet);
    }
    else
    {
        text << Ipv4Address(fb_addr_to_ipv4(&pool.address));
    }
    text << "/" << +pool.length;
    return text.str();
}

} // namespace

TypeId
FlowbindProxyAgent::GetTypeId()
{
    static TypeId tid = []()
    {
        TypeId made = TypeId("ns3::FlowbindProxyAgent")
                          .SetParent<FlowbindAgent>()
                          .SetGroupName("Flowbind")
                          .AddConstructor<FlowbindProxyAgent>();
        made = AddGatewayAttributes(made);
        made = AddAnchorAttributes(made);
        made = AddAnchorStrictness(made);
        made = AddPoolAttributes(made);
        return AddProxyLimits(made);
    }();
    return tid;
}

TypeId
FlowbindProxyAgent::AddGatewayAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_mag_config& defaults = config.mag;
    return tid
        .AddAttribute("Identity",
                      "Gateway: its identity, sent as MAG Identifier (RFC 8278 4.2).",
                      StringValue(""),
                      MakeStringAccessor(&FlowbindProxyAgent::m_identity),
                      MakeStringChecker())
        .AddAttribute("AnchorAddress",
                      "IPv6 address of the anchor: where a gateway's updates go, an anchor's own.",
                      Ipv6AddressValue(Ipv6Address::GetAny()),
                      MakeIpv6AddressAccessor(&FlowbindProxyAgent::m_anchor),
                      MakeIpv6AddressChecker())
        .AddAttribute(
            "AnchorIpv4Address",
            "The same for paths with an IPv4 care-of address (RFC 5844 4); 0.0.0.0: none.",
            Ipv4AddressValue(Ipv4Address::GetAny()),
            MakeIpv4AddressAccessor(&FlowbindProxyAgent::m_anchorIpv4),
            MakeIpv4AddressChecker())
        .AddAttribute("BindingLifetime",
                      "Gateway: lifetime asked for, a multiple of 4 seconds.",
                      TimeValue(Seconds(defaults.lifetime_s)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_bindingLifetime),
                      MakeTimeChecker(Seconds(4), Seconds(LIFETIME_MAX)))
        .AddAttribute(
            "AnchorCapable",
            "Gateway: the anchor is known to understand RFC 8278; otherwise one path finds it out "
            "first (RFC 8278 4.4).",
            BooleanValue(defaults.anchor_capable),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_anchorCapable),
            MakeBooleanChecker())
        .AddAttribute("Concurrent",
                      "Gateway: several updates of a session at a time.",
                      BooleanValue(defaults.concurrent),
                      MakeBooleanAccessor(&FlowbindProxyAgent::m_concurrent),
                      MakeBooleanChecker())
        .AddAttribute(
            "SequenceNumbers",
            "Gateway: updates are ordered by sequence numbers instead of timestamps (RFC 5213 5.5).",
            BooleanValue(defaults.sequence_numbers),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_sequenceNumbers),
            MakeBooleanChecker())
        .AddAttribute(
            "LocalRouting",
            "Gateway: packets between its own mobile nodes do not go to the anchor (RFC 5213 6.10.3).",
            BooleanValue(defaults.local_routing),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_localRouting),
            MakeBooleanChecker())
        .AddAttribute("HeartbeatInterval",
                      "Time between two heartbeats (RFC 5847 5); 0: none are sent.",
                      TimeValue(Seconds(defaults.heartbeat_s)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_heartbeatInterval),
                      MakeTimeChecker(Seconds(0), Seconds(3600)))
        .AddAttribute("HeartbeatMissing",
                      "More heartbeats in a row than this without an answer: the path is dead.",
                      UintegerValue(defaults.heartbeat_missing),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_heartbeatMissing),
                      MakeUintegerChecker<uint8_t>(1))
        .AddAttribute("RetransmitMax",
                      "Gateway: longest time between two retransmissions (RFC 6275 12).",
                      TimeValue(Seconds(defaults.retransmit_max_s)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_retransmitMax),
                      MakeTimeChecker(Seconds(1), Seconds(SECONDS_MAX)))
        .AddAttribute(
            "AnchorDecides",
            "The anchor decides where flows go, and refuses rules of gateways (RFC 7864); "
            "otherwise the gateway does.",
            BooleanValue(defaults.flow_decision == FB_FLOW_DECISION_ANCHOR),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_anchorDecides),
            MakeBooleanChecker())
        .AddAttribute(
            "RestartCounter",
            "Restarts so far (RFC 5847 3.4): that of the agent's next start. It moves with every start.",
            UintegerValue(defaults.restart_counter),
            MakeUintegerAccessor(&FlowbindProxyAgent::m_restartCounter),
            MakeUintegerChecker<uint32_t>());
}

TypeId
FlowbindProxyAgent::AddAnchorAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_lma_config& defaults = config.lma;
    return tid
        .AddAttribute("BindingLifetimeMax",
                      "Anchor: the most it grants, a multiple of 4 seconds.",
                      TimeValue(Seconds(defaults.lifetime_max_s)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_bindingLifetimeMax),
                      MakeTimeChecker(Seconds(4), Seconds(LIFETIME_MAX)))
        .AddAttribute("TimestampWindow",
                      "Anchor: TimestampValidityWindow (RFC 5213 9.1).",
                      TimeValue(MilliSeconds(defaults.timestamp_window_ms)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_timestampWindow),
                      MakeTimeChecker(MilliSeconds(1), MilliSeconds(SECONDS_MAX)))
        .AddAttribute("DeleteDelay",
                      "Anchor: MinDelayBeforeBCEDelete (RFC 5213 9.1).",
                      TimeValue(MilliSeconds(defaults.delete_delay_ms)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_deleteDelay),
                      MakeTimeChecker(Seconds(0), MilliSeconds(SECONDS_MAX)))
        .AddAttribute("HandoffWait",
                      "Anchor: MaxDelayBeforeNewBCEAssign (RFC 5213 9.1).",
                      TimeValue(MilliSeconds(defaults.handoff_wait_ms)),
                      MakeTimeAccessor(&FlowbindProxyAgent::m_handoffWait),
                      MakeTimeChecker(Seconds(0), MilliSeconds(SECONDS_MAX)))
        .AddAttribute(
            "ForceUdp",
            "Anchor: AcceptForcedIPv4UDPEncapsulationRequest (RFC 5844); otherwise answer 129.",
            BooleanValue(defaults.force_udp),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_acceptForcedUdp),
            MakeBooleanChecker())
        .AddAttribute("Ipv4",
                      "Anchor: IPv4 home addresses and transport (RFC 5844).",
                      BooleanValue(defaults.ipv4),
                      MakeBooleanAccessor(&FlowbindProxyAgent::m_acceptIpv4),
                      MakeBooleanChecker())
        .AddAttribute("Delegation",
                      "Anchor: delegate prefixes (RFC 7148); otherwise answer 177.",
                      BooleanValue(defaults.delegation),
                      MakeBooleanAccessor(&FlowbindProxyAgent::m_acceptDelegation),
                      MakeBooleanChecker());
}

TypeId
FlowbindProxyAgent::AddAnchorStrictness(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_lma_config& defaults = config.lma;
    return tid
        .AddAttribute(
            "RequireGatewayIdentifier",
            "Anchor: answer an error to a multipath binding without a MAG Identifier (RFC 8278 4.2).",
            BooleanValue(defaults.require_gateway_identifier),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_requireGatewayIdentifier),
            MakeBooleanChecker())
        .AddAttribute("AnyGateway",
                      "Anchor: accept gateways nobody named; otherwise answer 154.",
                      BooleanValue(defaults.any_gateway),
                      MakeBooleanAccessor(&FlowbindProxyAgent::m_anyGateway),
                      MakeBooleanChecker())
        .AddAttribute(
            "AnySubscriber",
            "Anchor: serve mobile nodes nobody named, from the pools; otherwise answer 153.",
            BooleanValue(defaults.any_subscriber),
            MakeBooleanAccessor(&FlowbindProxyAgent::m_anySubscriber),
            MakeBooleanChecker())
        .AddAttribute("RequireGre",
                      "Anchor: answer 163 to updates without a GRE key option (RFC 5845).",
                      BooleanValue(defaults.require_gre),
                      MakeBooleanAccessor(&FlowbindProxyAgent::m_requireGre),
                      MakeBooleanChecker())
        .AddAttribute("SequencePerSession",
                      "Anchor: compare timestamps within the session, not within the binding.",
                      BooleanValue(defaults.sequence_per_session),
                      MakeBooleanAccessor(&FlowbindProxyAgent::m_sequencePerSession),
                      MakeBooleanChecker());
}

TypeId
FlowbindProxyAgent::AddPoolAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_lma_config& defaults = config.lma;
    return tid
        .AddAttribute(
            "HomePool",
            "Anchor: home network prefixes are allocated from this one, like fd00:1::/32; empty: none are.",
            StringValue(""),
            MakeStringAccessor(&FlowbindProxyAgent::SetHomePool, &FlowbindProxyAgent::GetHomePool),
            MakeStringChecker())
        .AddAttribute("HomePrefixLength",
                      "Anchor: length of an allocated home network prefix.",
                      UintegerValue(defaults.home_prefix_length),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_homePrefixLength),
                      MakeUintegerChecker<uint8_t>(1, 128))
        .AddAttribute("DelegatedPool",
                      "Anchor: delegated prefixes are allocated from this one (RFC 7148).",
                      StringValue(""),
                      MakeStringAccessor(&FlowbindProxyAgent::SetDelegatedPool,
                                         &FlowbindProxyAgent::GetDelegatedPool),
                      MakeStringChecker())
        .AddAttribute("DelegatedPrefixLength",
                      "Anchor: length of an allocated delegated prefix.",
                      UintegerValue(defaults.delegated_prefix_length),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_delegatedPrefixLength),
                      MakeUintegerChecker<uint8_t>(1, 128))
        .AddAttribute(
            "Ipv4Pool",
            "Anchor: IPv4 home addresses are allocated from this prefix, whose first address is "
            "the default router (RFC 5844 3.4).",
            StringValue(""),
            MakeStringAccessor(&FlowbindProxyAgent::SetIpv4Pool, &FlowbindProxyAgent::GetIpv4Pool),
            MakeStringChecker());
}

TypeId
FlowbindProxyAgent::AddProxyLimits(TypeId tid)
{
    return tid
        .AddAttribute("MaxSessions",
                      "Mobility sessions of a gateway or anchor.",
                      UintegerValue(64),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_maxSessions),
                      MakeUintegerChecker<uint32_t>(1))
        .AddAttribute("MaxSubscribers",
                      "Mobile nodes an anchor knows.",
                      UintegerValue(64),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_maxSubscribers),
                      MakeUintegerChecker<uint32_t>(1))
        .AddAttribute("MaxGateways",
                      "Gateways an anchor knows.",
                      UintegerValue(16),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_maxGateways),
                      MakeUintegerChecker<uint32_t>(1))
        .AddAttribute("MaxCareOfAddresses",
                      "Different proxy care-of addresses at an anchor.",
                      UintegerValue(64),
                      MakeUintegerAccessor(&FlowbindProxyAgent::m_maxCareOfAddresses),
                      MakeUintegerChecker<uint32_t>(1))
        .AddAttribute(
            "MaxFlows",
            "Flow bindings of an anchor (RFC 6089); sessions with the same ones share them.",
            UintegerValue(256),
            MakeUintegerAccessor(&FlowbindProxyAgent::m_maxFlows),
            MakeUintegerChecker<uint32_t>(1));
}

bool
FlowbindProxyAgent::SetHomePool(std::string prefix)
{
    return ParsePool(prefix, m_homePool);
}

std::string
FlowbindProxyAgent::GetHomePool() const
{
    return FormatPool(m_homePool);
}

bool
FlowbindProxyAgent::SetDelegatedPool(std::string prefix)
{
    return ParsePool(prefix, m_delegatedPool);
}

std::string
FlowbindProxyAgent::GetDelegatedPool() const
{
    return FormatPool(m_delegatedPool);
}

bool
FlowbindProxyAgent::SetIpv4Pool(std::string prefix)
{
    return ParsePool(prefix, m_ipv4Pool);
}

std::string
FlowbindProxyAgent::GetIpv4Pool() const
{
    return FormatPool(m_ipv4Pool);
}

void
FlowbindProxyAgent::NotifyConstructionCompleted()
{
    FlowbindAgent::NotifyConstructionCompleted();
    if (m_careOfAddress.IsAny())
    {
        m_careOfAddress = Ipv4Address(DUMMY_ADDRESS);
    }
}

fb_mag_config
FlowbindProxyAgent::MakeGatewayConfig() const
{
    NS_ABORT_MSG_IF(m_identity.empty() || (m_anchor.IsAny() && m_anchorIpv4.IsAny()),
                    "FlowbindProxyAgent of node "
                        << m_node->GetId()
                        << " is a gateway and needs attributes Identity and AnchorAddress or "
                           "AnchorIpv4Address.");
    fb_config config;
    fb_config_default(&config);
    fb_mag_config mag = config.mag;
    mag.identity = MakeNai(m_identity);
    mag.anchor_ipv4 = m_anchorIpv4.Get();
    mag.lifetime_s = ToSeconds(m_bindingLifetime);
    mag.multipath = m_multipath;
    mag.negotiate_policy = m_negotiatePolicy;
    mag.bulk_refresh = m_bulkRefresh;
    mag.concurrent = m_concurrent;
    mag.anchor_capable = m_anchorCapable;
    mag.sequence_numbers = m_sequenceNumbers;
    mag.local_routing = m_localRouting;
    mag.heartbeat_s = ToSeconds(m_heartbeatInterval);
    mag.heartbeat_missing = m_heartbeatMissing;
    mag.legacy_retry_s = ToSeconds(m_retryLegacy);
    mag.retry_denied_s = ToSeconds(m_retryDenied);
    mag.retransmit_ms = ToMilliSeconds(m_retransmit);
    mag.retransmit_max_s = ToSeconds(m_retransmitMax);
    mag.flow_decision = m_anchorDecides ? FB_FLOW_DECISION_ANCHOR : FB_FLOW_DECISION_GATEWAY;
    mag.vendor = m_vendor;
    mag.metrics_interval_s = ToSeconds(m_metricsInterval);
    mag.restart_counter = m_restartCounter;
    return mag;
}

fb_lma_config
FlowbindProxyAgent::MakeAnchorConfig() const
{
    NS_ABORT_MSG_IF(m_anchor.IsAny() && m_anchorIpv4.IsAny(),
                    "FlowbindProxyAgent of node "
                        << m_node->GetId()
                        << " is an anchor and needs attribute AnchorAddress or AnchorIpv4Address.");
    fb_config config;
    fb_config_default(&config);
    fb_lma_config lma = config.lma;
    lma.address_ipv4 = m_anchorIpv4.Get();
    lma.lifetime_max_s = ToSeconds(m_bindingLifetimeMax);
    lma.timestamp_window_ms = ToMilliSeconds(m_timestampWindow);
    lma.delete_delay_ms = ToMilliSeconds(m_deleteDelay);
    lma.handoff_wait_ms = ToMilliSeconds(m_handoffWait);
    lma.multipath = m_multipath;
    lma.legacy = m_legacy;
    lma.require_gateway_identifier = m_requireGatewayIdentifier;
    lma.any_gateway = m_anyGateway;
    lma.any_subscriber = m_anySubscriber;
    lma.flow_policy = m_acceptPolicy;
    lma.flow_decision = m_anchorDecides ? FB_FLOW_DECISION_ANCHOR : FB_FLOW_DECISION_GATEWAY;
    lma.gre = m_acceptGre;
    lma.require_gre = m_requireGre;
    lma.force_udp = m_acceptForcedUdp;
    lma.ipv4 = m_acceptIpv4;
    lma.delegation = m_acceptDelegation;
    lma.sequence_per_session = m_sequencePerSession;
    lma.home_pool = m_homePool;
    lma.home_prefix_length = m_homePrefixLength;
    lma.delegated_pool = m_delegatedPool;
    lma.delegated_prefix_length = m_delegatedPrefixLength;
    lma.ipv4_pool = m_ipv4Pool;
    lma.heartbeat_s = ToSeconds(m_heartbeatInterval);
    lma.heartbeat_missing = m_heartbeatMissing;
    lma.vendor = m_vendor;
    lma.restart_counter = m_restartCounter;
    lma.weight_count = static_cast<uint8_t>(m_weights.size());
    std::copy(m_weights.begin(), m_weights.end(), lma.weight);
    return lma;
}

void
FlowbindProxyAgent::Configure(fb_config& config)
{
    config.limits.sessions = m_maxSessions;
    config.limits.subscribers = m_maxSubscribers;
    config.limits.gateways = m_maxGateways;
    config.limits.care_of_addresses = m_maxCareOfAddresses;
    config.limits.flows = m_maxFlows;
    fb_addr anchor = {};
    if (!m_anchor.IsAny())
    {
        anchor.family = FB_FAMILY_IPV6;
        Ipv6Address(m_anchor).GetBytes(anchor.octet);
    }
    if (IsGateway())
    {
        config.mag = MakeGatewayConfig();
        config.mag.anchor = anchor;
    }
    else
    {
        config.lma = MakeAnchorConfig();
        config.lma.address = anchor;
    }
    m_restartCounter++;
}

} // namespace ns3
