/* SPDX-License-Identifier: GPL-2.0-only */
// What a scenario can set and trace of a FlowbindAgent, and how that becomes the library's configuration.
#include "flowbind-agent.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/enum.h"
#include "ns3/ipv6-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <iomanip>
#include <sstream>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgentAttributes");
NS_OBJECT_ENSURE_REGISTERED(FlowbindAgent);

namespace
{

constexpr uint16_t SECONDS_MAX = 0xffff;
constexpr uint16_t MILLISECONDS_MAX = 0xffff;

/**
 * MakeEnumAccessor takes the type of the enumeration since ns-3.40 and does not know it before.
 */
template <typename T, typename M>
auto
EnumAccessor(M member, int) -> decltype(MakeEnumAccessor<T, M>(member))
{
    return MakeEnumAccessor<T, M>(member);
}

template <typename T, typename M>
auto
EnumAccessor(M member, long) -> decltype(MakeEnumAccessor(member))
{
    return MakeEnumAccessor(member);
}

uint16_t
ToSeconds(Time time)
{
    return static_cast<uint16_t>(time.GetSeconds());
}

} // namespace

TypeId
FlowbindAgent::GetTypeId()
{
    static TypeId tid = []()
    {
        TypeId made = AddGeneralAttributes(TypeId("ns3::FlowbindAgent"));
        made = AddMobileNodeAttributes(made);
        made = AddIdentityAttributes(made);
        made = AddHomeAgentAttributes(made);
        made = AddHomeAgentStrictness(made);
        made = AddForeignAgentAttributes(made);
        made = AddCommonAgentAttributes(made);
        made = AddLimitAttributes(made);
        made = AddReorderAttributes(made);
        return AddTraceSources(made);
    }();
    return tid;
}

TypeId
FlowbindAgent::AddGeneralAttributes(TypeId tid)
{
    fb_config defaults;
    fb_config_default(&defaults);
    return tid.SetParent<Object>()
        .SetGroupName("Flowbind")
        .AddConstructor<FlowbindAgent>()
        .AddAttribute(
            "Roles",
            "What this node is, to be added: 1 mobile node, 2 home agent, 4 foreign agent.",
            UintegerValue(FB_ROLE_MOBILE_NODE),
            MakeUintegerAccessor(&FlowbindAgent::m_roles),
            MakeUintegerChecker<uint32_t>(1))
        .AddAttribute("Multipath",
                      "Use RFC 7629 at all. Without it a mobile node registers one path, as in RFC "
                      "5944, and a home "
                      "agent answers 152 to every request with a Multipath Extension.",
                      BooleanValue(defaults.mobile_node.multipath),
                      MakeBooleanAccessor(&FlowbindAgent::m_multipath),
                      MakeBooleanChecker())
        .AddAttribute("SelectorLayout",
                      "Where the traffic selector begins inside a Flow-Binding Extension: directly "
                      "after TS Format "
                      "(Rfc7629) or after a Reserved octet as in RFC 6089 (Rfc6089).",
                      EnumValue(defaults.selector_layout),
                      EnumAccessor<fb_selector_layout>(&FlowbindAgent::m_selectorLayout, 0),
                      MakeEnumChecker(FB_SELECTOR_LAYOUT_RFC7629,
                                      "Rfc7629",
                                      FB_SELECTOR_LAYOUT_RFC6089,
                                      "Rfc6089"))
        .AddAttribute("Scheduler",
                      "How flows that no rule decides are spread over the paths: name of a "
                      "scheduler of the library.",
                      StringValue("flow-hash"),
                      MakeStringAccessor(&FlowbindAgent::m_scheduler),
                      MakeStringChecker())
        .AddAttribute("CustomScheduler",
                      "A FlowbindScheduler that takes the place of Scheduler; null: none.",
                      PointerValue(),
                      MakePointerAccessor(&FlowbindAgent::m_customScheduler),
                      MakePointerChecker<FlowbindScheduler>())
        .AddAttribute(
            "ProbeInterval",
            "Mobile node, gateway: time between two echo requests through the tunnel of a "
            "path that has packets. A path whose link is up and that does not answer "
            "three of them is left. 0: none are sent, as no RFC has them; a device would have 100 ms.",
            TimeValue(Seconds(0)),
            MakeTimeAccessor(&FlowbindAgent::m_probeInterval),
            MakeTimeChecker(Seconds(0), Seconds(60)))
        .AddAttribute("ProbeIdle",
                      "They go on so long after the last packet of the path.",
                      TimeValue(MilliSeconds(defaults.probe.idle_ms)),
                      MakeTimeAccessor(&FlowbindAgent::m_probeIdle),
                      MakeTimeChecker(MilliSeconds(1), Seconds(60)))
        .AddAttribute("ProbeHoldDown",
                      "A path that was lost again within a minute of its return is left alone so "
                      "long when it answers, twice as long each time. 0: it is used at once.",
                      TimeValue(MilliSeconds(defaults.probe.hold_down_ms)),
                      MakeTimeAccessor(&FlowbindAgent::m_probeHoldDown),
                      MakeTimeChecker(Seconds(0), Seconds(60)))
        .AddAttribute(
            "MetricsInterval",
            "With Vendor: a path is registered again when what is known of it has changed by more than "
            "a quarter, but not again within this time. 0: for this alone it is not.",
            TimeValue(Seconds(defaults.mobile_node.metrics_interval_s)),
            MakeTimeAccessor(&FlowbindAgent::m_metricsInterval),
            MakeTimeChecker(Seconds(0), Seconds(3600)))
        .AddAttribute(
            "Vendor",
            "Enterprise number of the extensions and options that carry what is known of paths to "
            "the other end (RFC 3115, RFC 5094); 0: none are sent.",
            UintegerValue(0),
            MakeUintegerAccessor(&FlowbindAgent::m_vendor),
            MakeUintegerChecker<uint32_t>())
        .AddAttribute(
            "ClockOffset",
            "How much this node's wall clock is ahead of 2026-01-01T00:00:00Z plus simulation "
            "time. A "
            "change while the simulation runs is a step of the clock.",
            TimeValue(Seconds(0)),
            MakeTimeAccessor(&FlowbindAgent::SetClockOffset, &FlowbindAgent::GetClockOffset),
            MakeTimeChecker())
        .AddAttribute(
            "TunnelMtu",
            "MTU of the tunnel device. 1480 leaves room for the outer header on links of 1500 "
            "octets; it is "
            "not taken from the links, as ns-3's Wi-Fi and LTE devices name impossible ones.",
            UintegerValue(1480),
            MakeUintegerAccessor(&FlowbindAgent::m_tunnelMtu),
            MakeUintegerChecker<uint16_t>(68));
}

TypeId
FlowbindAgent::AddMobileNodeAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_mobile_node_config& defaults = config.mobile_node;
    return tid
        .AddAttribute("HomeAddress",
                      "Mobile node: its home address.",
                      Ipv4AddressValue(Ipv4Address::GetAny()),
                      MakeIpv4AddressAccessor(&FlowbindAgent::m_homeAddress),
                      MakeIpv4AddressChecker())
        .AddAttribute("HomeAgentAddress",
                      "Mobile node: address of its home agent.",
                      Ipv4AddressValue(Ipv4Address::GetAny()),
                      MakeIpv4AddressAccessor(&FlowbindAgent::m_homeAgent),
                      MakeIpv4AddressChecker())
        .AddAttribute(
            "Spi",
            "Mobile node: Security Parameter Index of the association with the home agent.",
            UintegerValue(256),
            MakeUintegerAccessor(&FlowbindAgent::m_spi),
            MakeUintegerChecker<uint32_t>(256))
        .AddAttribute("Key",
                      "Mobile node: key of that association, in hexadecimal, 1 to 32 octets.",
                      StringValue(""),
                      MakeStringAccessor(&FlowbindAgent::SetKey, &FlowbindAgent::GetKey),
                      MakeStringChecker())
        .AddAttribute("Algorithm",
                      "Mobile node: keyed hash of that association.",
                      EnumValue(FB_HMAC_MD5),
                      EnumAccessor<fb_hmac_algorithm>(&FlowbindAgent::m_algorithm, 0),
                      MakeEnumChecker(FB_HMAC_MD5, "HmacMd5", FB_HMAC_SHA256, "HmacSha256"))
        .AddAttribute("Lifetime",
                      "Mobile node: lifetime asked for, in seconds; 65535: without end.",
                      UintegerValue(defaults.lifetime_s),
                      MakeUintegerAccessor(&FlowbindAgent::m_lifetime),
                      MakeUintegerChecker<uint16_t>(1))
        .AddAttribute("Port",
                      "Mobile node: UDP source port of registrations.",
                      UintegerValue(defaults.port),
                      MakeUintegerAccessor(&FlowbindAgent::m_port),
                      MakeUintegerChecker<uint16_t>(1))
        .AddAttribute("NegotiatePolicy",
                      "Mobile node: send the policy to the home agent, as Flow-Binding Extensions.",
                      BooleanValue(defaults.negotiate_policy),
                      MakeBooleanAccessor(&FlowbindAgent::m_negotiatePolicy),
                      MakeBooleanChecker())
        .AddAttribute("BulkRefresh",
                      "Mobile node: refresh all bindings with one request (B = 1, RFC 7629 5.1).",
                      BooleanValue(defaults.bulk_refresh),
                      MakeBooleanAccessor(&FlowbindAgent::m_bulkRefresh),
                      MakeBooleanChecker())
        .AddAttribute("ReverseTunnel",
                      "Mobile node: ask for a reverse tunnel (T = 1, RFC 3024).",
                      BooleanValue(defaults.reverse_tunnel),
                      MakeBooleanAccessor(&FlowbindAgent::m_reverseTunnel),
                      MakeBooleanChecker())
        .AddAttribute("CoaChange",
                      "Mobile node: what to do when the care-of address of one of several bindings "
                      "changes. Replace: "
                      "de-register it over another path, then register anew. Overwrite: O = 1 (RFC "
                      "7629 5.1), then "
                      "register every other path again. InPlace: register again with O = 0.",
                      EnumValue(defaults.coa_change),
                      EnumAccessor<fb_coa_change>(&FlowbindAgent::m_coaChange, 0),
                      MakeEnumChecker(FB_COA_CHANGE_REPLACE,
                                      "Replace",
                                      FB_COA_CHANGE_OVERWRITE,
                                      "Overwrite",
                                      FB_COA_CHANGE_IN_PLACE,
                                      "InPlace"))
        .AddAttribute("RetryDenied",
                      "Mobile node: first wait after a denial; it doubles.",
                      TimeValue(Seconds(defaults.retry_denied_s)),
                      MakeTimeAccessor(&FlowbindAgent::m_retryDenied),
                      MakeTimeChecker(Seconds(1), Seconds(SECONDS_MAX)))
        .AddAttribute("RetryLegacy",
                      "Mobile node: how long a home agent without RFC 7629 is taken for one.",
                      TimeValue(Seconds(defaults.legacy_retry_s)),
                      MakeTimeAccessor(&FlowbindAgent::m_retryLegacy),
                      MakeTimeChecker(Seconds(1), Seconds(SECONDS_MAX)))
        .AddAttribute("Retransmit",
                      "Mobile node: first retransmission of a request; the interval doubles.",
                      TimeValue(MilliSeconds(defaults.retransmit_ms)),
                      MakeTimeAccessor(&FlowbindAgent::m_retransmit),
                      MakeTimeChecker(Seconds(1), MilliSeconds(MILLISECONDS_MAX)));
}

TypeId
FlowbindAgent::AddIdentityAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_mobile_node_config& defaults = config.mobile_node;
    return tid
        .AddAttribute("Replay",
                      "Mobile node: replay protection it shares with its home agent, by timestamps "
                      "or by nonces (RFC 5944 5.7).",
                      EnumValue(FB_REPLAY_TIMESTAMP),
                      EnumAccessor<int>(&FlowbindAgent::m_replay, 0),
                      MakeEnumChecker(FB_REPLAY_TIMESTAMP, "Timestamps", FB_REPLAY_NONCE, "Nonces"))
        .AddAttribute("Nai",
                      "Mobile node: its network access identifier (RFC 2794), like mn@example.com. "
                      "With one, HomeAddress may be missing: the home agent assigns it.",
                      StringValue(""),
                      MakeStringAccessor(&FlowbindAgent::m_nai),
                      MakeStringChecker())
        .AddAttribute("Networks",
                      "Mobile node: prefixes behind it, with commas between them (RFC 5177), like "
                      "198.51.101.0/24,fd00:1::/64.",
                      StringValue(""),
                      MakeStringAccessor(&FlowbindAgent::SetNetworks, &FlowbindAgent::GetNetworks),
                      MakeStringChecker())
        .AddAttribute("ImplicitNetworks",
                      "Mobile node: IPv4 prefixes are not sent, the home agent knows them.",
                      BooleanValue(defaults.implicit_networks),
                      MakeBooleanAccessor(&FlowbindAgent::m_implicitNetworks),
                      MakeBooleanChecker())
        .AddAttribute("DiscoverHome",
                      "Mobile node: listen for advertisements of its home agent.",
                      BooleanValue(defaults.discover_home),
                      MakeBooleanAccessor(&FlowbindAgent::m_discoverHome),
                      MakeBooleanChecker())
        .AddAttribute("EncapsulatingDelivery",
                      "Mobile node: ask foreign agents for it (RFC 3024 3.3). Foreign agent: offer "
                      "it.",
                      BooleanValue(false),
                      MakeBooleanAccessor(&FlowbindAgent::m_encapsulatingDelivery),
                      MakeBooleanChecker())
        .AddAttribute("KeepAlive",
                      "Home agent: interval of keepalives it tells nodes with a UDP tunnel (RFC "
                      "3519 4.9). Mobile node: the one it uses when told none.",
                      TimeValue(Seconds(defaults.keepalive_s)),
                      MakeTimeAccessor(&FlowbindAgent::m_keepAlive),
                      MakeTimeChecker(Seconds(1), Seconds(SECONDS_MAX)));
}

TypeId
FlowbindAgent::AddCommonAgentAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_home_agent_config& defaults = config.home_agent;
    return tid
        .AddAttribute("AcceptReverseTunnel",
                      "Home or foreign agent: grant reverse tunnels (RFC 3024); otherwise answer "
                      "137 or 74.",
                      BooleanValue(defaults.reverse_tunnel),
                      MakeBooleanAccessor(&FlowbindAgent::m_acceptReverseTunnel),
                      MakeBooleanChecker())
        .AddAttribute("AcceptGre",
                      "Home or foreign agent: grant GRE; otherwise answer 139 or 72.",
                      BooleanValue(defaults.gre),
                      MakeBooleanAccessor(&FlowbindAgent::m_acceptGre),
                      MakeBooleanChecker())
        .AddAttribute("AcceptMinimal",
                      "Home or foreign agent: grant minimal encapsulation; otherwise answer 139 "
                      "or 72.",
                      BooleanValue(defaults.minimal),
                      MakeBooleanAccessor(&FlowbindAgent::m_acceptMinimal),
                      MakeBooleanChecker())
        .AddAttribute("AdvertisementInterval",
                      "Home or foreign agent: time between two advertisements.",
                      TimeValue(Seconds(defaults.advertisement_s)),
                      MakeTimeAccessor(&FlowbindAgent::m_advertisementInterval),
                      MakeTimeChecker(Seconds(1), Seconds(SECONDS_MAX)))
        .AddAttribute("RequireReverseTunnel",
                      "Home or foreign agent: answer 138 or 75 to requests without T (RFC 3024).",
                      BooleanValue(defaults.require_reverse_tunnel),
                      MakeBooleanAccessor(&FlowbindAgent::m_requireReverseTunnel),
                      MakeBooleanChecker())
        .AddAttribute("Legacy",
                      "Home or foreign agent: know RFC 5944 only, and keep silent where RFC 7629 "
                      "is used in a way that it takes for an error.",
                      BooleanValue(defaults.legacy),
                      MakeBooleanAccessor(&FlowbindAgent::m_legacy),
                      MakeBooleanChecker());
}

TypeId
FlowbindAgent::AddForeignAgentAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_foreign_agent_config& defaults = config.foreign_agent;
    return tid
        .AddAttribute("CareOfAddress",
                      "Foreign agent: the care-of address it offers, one of its own.",
                      Ipv4AddressValue(Ipv4Address::GetAny()),
                      MakeIpv4AddressAccessor(&FlowbindAgent::m_careOfAddress),
                      MakeIpv4AddressChecker())
        .AddAttribute("PendingTimeout",
                      "Foreign agent: how long it waits for a home agent's reply before it answers "
                      "78 (RFC 5944 3.7.1).",
                      TimeValue(Seconds(defaults.pending_s)),
                      MakeTimeAccessor(&FlowbindAgent::m_pendingTimeout),
                      MakeTimeChecker(Seconds(1), Seconds(SECONDS_MAX)))
        .AddAttribute("MaxPendingPerNode",
                      "Foreign agent: requests of one node that can wait for an answer at the same "
                      "time; the next gets 66.",
                      UintegerValue(defaults.pending_per_node),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxPendingPerNode),
                      MakeUintegerChecker<uint8_t>(1))
        .AddAttribute("RegistrationRequired",
                      "Foreign agent: nodes with a co-located care-of address have to register "
                      "through it too (R).",
                      BooleanValue(defaults.registration_required),
                      MakeBooleanAccessor(&FlowbindAgent::m_registrationRequired),
                      MakeBooleanChecker())
        .AddAttribute("Busy",
                      "Foreign agent: take no more visitors (B).",
                      BooleanValue(defaults.busy),
                      MakeBooleanAccessor(&FlowbindAgent::m_busy),
                      MakeBooleanChecker());
}

TypeId
FlowbindAgent::AddHomeAgentAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_home_agent_config& defaults = config.home_agent;
    return tid
        .AddAttribute("Address",
                      "Home agent: its own address.",
                      Ipv4AddressValue(Ipv4Address::GetAny()),
                      MakeIpv4AddressAccessor(&FlowbindAgent::m_address),
                      MakeIpv4AddressChecker())
        .AddAttribute(
            "HomeNetwork",
            "Home agent: the home network. It has no link; its packets go into the tunnel device.",
            Ipv4AddressValue(Ipv4Address::GetAny()),
            MakeIpv4AddressAccessor(&FlowbindAgent::m_homeNetwork),
            MakeIpv4AddressChecker())
        .AddAttribute("HomeNetworkMask",
                      "Home agent, and mobile node that comes home: mask of the home network.",
                      Ipv4MaskValue(Ipv4Mask("255.255.255.0")),
                      MakeIpv4MaskAccessor(&FlowbindAgent::m_homeNetworkMask),
                      MakeIpv4MaskChecker())
        .AddAttribute(
            "LifetimeMax",
            "Home or foreign agent: the longest lifetime it grants, in seconds; 65535: no "
            "limit.",
            UintegerValue(defaults.lifetime_max_s),
            MakeUintegerAccessor(&FlowbindAgent::m_lifetimeMax),
            MakeUintegerChecker<uint16_t>(1))
        .AddAttribute(
            "ReplayTolerance",
            "Home agent: by how much timestamps may differ (RFC 5944 5.7.1: more than 3 s).",
            TimeValue(Seconds(defaults.replay_tolerance_s)),
            MakeTimeAccessor(&FlowbindAgent::m_replayTolerance),
            MakeTimeChecker(Seconds(4), Seconds(SECONDS_MAX)));
}

TypeId
FlowbindAgent::AddHomeAgentStrictness(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_home_agent_config& defaults = config.home_agent;
    return tid
        .AddAttribute("AcceptPolicy",
                      "Home agent: accept Flow-Binding Extensions; otherwise answer 129.",
                      BooleanValue(defaults.flow_policy),
                      MakeBooleanAccessor(&FlowbindAgent::m_acceptPolicy),
                      MakeBooleanChecker())
        .AddAttribute("ReplyBadAuthenticator",
                      "Home agent: answer 131 to a bad authenticator instead of keeping silent.",
                      BooleanValue(defaults.reply_bad_authenticator),
                      MakeBooleanAccessor(&FlowbindAgent::m_replyBadAuthenticator),
                      MakeBooleanChecker())
        .AddAttribute(
            "UnknownBidStrict",
            "Home agent: answer 153 when one BID of a rule is unknown, not only when all are.",
            BooleanValue(defaults.unknown_bid_strict),
            MakeBooleanAccessor(&FlowbindAgent::m_unknownBidStrict),
            MakeBooleanChecker())
        .AddAttribute("StrictTechnology",
                      "Home agent: answer 134 to access technologies that are not assigned.",
                      BooleanValue(defaults.strict_technology),
                      MakeBooleanAccessor(&FlowbindAgent::m_strictTechnology),
                      MakeBooleanChecker())
        .AddAttribute("StrictReserved",
                      "Home agent: answer 134 to reserved flag bits.",
                      BooleanValue(defaults.strict_reserved),
                      MakeBooleanAccessor(&FlowbindAgent::m_strictReserved),
                      MakeBooleanChecker())
        .AddAttribute("LenientDeregistration",
                      "Home agent: honour a de-registration with a Multipath Extension although "
                      "multipath is not "
                      "allowed.",
                      BooleanValue(defaults.lenient_deregistration),
                      MakeBooleanAccessor(&FlowbindAgent::m_lenientDeregistration),
                      MakeBooleanChecker())
        .AddAttribute(
            "MergePolicy",
            "Home agent: add Flow-Bindings to the policy it has, in place of replacing it.",
            BooleanValue(defaults.merge_policy),
            MakeBooleanAccessor(&FlowbindAgent::m_mergePolicy),
            MakeBooleanChecker())
        .AddAttribute("EchoPolicy",
                      "Home agent: accepting replies carry the policy in force.",
                      BooleanValue(defaults.echo_policy),
                      MakeBooleanAccessor(&FlowbindAgent::m_echoPolicy),
                      MakeBooleanChecker())
        .AddAttribute("ReplayPerBinding",
                      "Home agent: compare Identifications within a binding, not within a node.",
                      BooleanValue(defaults.replay_per_binding),
                      MakeBooleanAccessor(&FlowbindAgent::m_replayPerBinding),
                      MakeBooleanChecker())
        .AddAttribute(
            "AcceptUdpTunnel",
            "Home agent: grant UDP tunnels through a NAT (RFC 3519); otherwise answer 129.",
            BooleanValue(defaults.udp_tunnel),
            MakeBooleanAccessor(&FlowbindAgent::m_acceptUdpTunnel),
            MakeBooleanChecker())
        .AddAttribute("AcceptForcedUdpTunnel",
                      "Home agent: grant them without a NAT too, where F asks for it.",
                      BooleanValue(defaults.udp_force),
                      MakeBooleanAccessor(&FlowbindAgent::m_acceptForcedUdpTunnel),
                      MakeBooleanChecker())
        .AddAttribute("AcceptNetworks",
                      "Home agent: serve mobile routers and IPv6 prefixes (RFC 5177, RFC 5454); "
                      "otherwise answer 148.",
                      BooleanValue(defaults.networks),
                      MakeBooleanAccessor(&FlowbindAgent::m_acceptNetworks),
                      MakeBooleanChecker())
        .AddAttribute("Advertise",
                      "Home agent: advertise itself on its access links.",
                      BooleanValue(defaults.advertise),
                      MakeBooleanAccessor(&FlowbindAgent::m_advertise),
                      MakeBooleanChecker());
}

TypeId
FlowbindAgent::AddLimitAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    const fb_limits& defaults = config.limits;
    return tid
        .AddAttribute("MaxNodes",
                      "Home agent: nodes it can serve.",
                      UintegerValue(defaults.nodes),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxNodes),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxBindings",
                      "Home agent: bindings of all nodes together.",
                      UintegerValue(defaults.bindings),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxBindings),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxPolicies",
                      "Home agent: nodes that can have a negotiated policy at the same time.",
                      UintegerValue(defaults.policies),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxPolicies),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxBindingsPerNode",
                      "Bindings of one node.",
                      UintegerValue(defaults.bindings_per_node),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxBindingsPerNode),
                      MakeUintegerChecker<uint8_t>(1, 254))
        .AddAttribute("MaxRulesPerNode",
                      "Rules in the policy of one node.",
                      UintegerValue(defaults.rules_per_node),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxRulesPerNode),
                      MakeUintegerChecker<uint8_t>(0, FB_RULES_MAX))
        .AddAttribute("MaxLinks",
                      "Mobile node: links it can have.",
                      UintegerValue(defaults.links),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxLinks),
                      MakeUintegerChecker<uint16_t>(1))
        .AddAttribute("MaxIdentities",
                      "Home agent: nodes that can have a NAI or networks.",
                      UintegerValue(defaults.identities),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxIdentities),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxAssociations",
                      "Associations with foreign agents, or of a foreign agent with its peers.",
                      UintegerValue(defaults.associations),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxAssociations),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxStaticRules",
                      "Rules in the static policy.",
                      UintegerValue(defaults.static_rules),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxStaticRules),
                      MakeUintegerChecker<uint32_t>(0, FB_STATIC_RULES_MAX))
        .AddAttribute("MaxVisitors",
                      "Foreign agent: visitors it can serve.",
                      UintegerValue(defaults.visitors),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxVisitors),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxPending",
                      "Foreign agent: requests that can wait for an answer at the same time.",
                      UintegerValue(defaults.pending),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxPending),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxAccessLinks",
                      "Foreign or home agent: access links it can have.",
                      UintegerValue(defaults.access_links),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxAccessLinks),
                      MakeUintegerChecker<uint16_t>())
        .AddAttribute("FlowCacheSize",
                      "Flows whose path is remembered, a power of two.",
                      UintegerValue(defaults.flow_cache),
                      MakeUintegerAccessor(&FlowbindAgent::m_flowCacheSize),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("EventQueueSize",
                      "Events the library holds until they are reported.",
                      UintegerValue(defaults.events),
                      MakeUintegerAccessor(&FlowbindAgent::m_eventQueueSize),
                      MakeUintegerChecker<uint32_t>(1));
}

TypeId
FlowbindAgent::AddReorderAttributes(TypeId tid)
{
    fb_config config;
    fb_config_default(&config);
    return tid
        .AddAttribute("ReorderTimeout",
                      "How long packets that no rule decides about wait for those before them at "
                      "the far end, which has to be told alike; 0: they are not put in order. "
                      "Rules say it for theirs.",
                      TimeValue(MilliSeconds(config.reorder.default_ms)),
                      MakeTimeAccessor(&FlowbindAgent::m_reorderTimeout),
                      MakeTimeChecker(Seconds(0), MilliSeconds(UINT16_MAX)))
        .AddAttribute("ReorderDropLate",
                      "Whether a packet that comes after its time is dropped, as RFC 2890 2.2 "
                      "recommends, and not delivered late.",
                      BooleanValue(config.reorder.drop_late),
                      MakeBooleanAccessor(&FlowbindAgent::m_reorderDropLate),
                      MakeBooleanChecker())
        .AddAttribute("ReorderUnorderedPaths",
                      "Whether a path may change the order of its packets. If not, what is missing "
                      "when all paths have delivered something later is lost, and not waited for.",
                      BooleanValue(config.reorder.unordered_paths),
                      MakeBooleanAccessor(&FlowbindAgent::m_reorderUnorderedPaths),
                      MakeBooleanChecker())
        .AddAttribute("MaxReorderSpaces",
                      "Sequences of packets that are put in order at the same time: one for each "
                      "class of each node.",
                      UintegerValue(config.limits.reorder_spaces),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxReorderSpaces),
                      MakeUintegerChecker<uint32_t>())
        .AddAttribute("MaxReorderPackets",
                      "Packets that wait for others at the same time, in all sequences together. "
                      "More than all paths carry in the longest time a packet waits.",
                      UintegerValue(config.limits.reorder_packets),
                      MakeUintegerAccessor(&FlowbindAgent::m_maxReorderPackets),
                      MakeUintegerChecker<uint32_t>());
}

TypeId
FlowbindAgent::AddTraceSources(TypeId tid)
{
    return tid
        .AddTraceSource("Event",
                        "Anything that happened.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_eventTrace),
                        "ns3::FlowbindAgent::EventTracedCallback")
        .AddTraceSource("Binding",
                        "A binding changed its state.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_bindingTrace),
                        "ns3::FlowbindAgent::EventTracedCallback")
        .AddTraceSource("Message",
                        "A message was sent, or received and found authentic.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_messageTrace),
                        "ns3::FlowbindAgent::EventTracedCallback")
        .AddTraceSource("Drop",
                        "A message was discarded or refused.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_dropTrace),
                        "ns3::FlowbindAgent::EventTracedCallback")
        .AddTraceSource("Policy",
                        "A negotiated policy was installed or deleted.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_policyTrace),
                        "ns3::FlowbindAgent::EventTracedCallback")
        .AddTraceSource(
            "Intercept",
            "The home agent begins (count 1) or ends (0) to intercept a node's packets.",
            MakeTraceSourceAccessor(&FlowbindAgent::m_interceptTrace),
            "ns3::FlowbindAgent::EventTracedCallback")
        .AddTraceSource("TunnelTx",
                        "A packet enters the tunnel.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_tunnelTxTrace),
                        "ns3::FlowbindAgent::TunnelTracedCallback")
        .AddTraceSource("TunnelRx",
                        "A packet left the tunnel and was accepted.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_tunnelRxTrace),
                        "ns3::FlowbindAgent::TunnelTracedCallback")
        .AddTraceSource("PacketHeld",
                        "A packet left the tunnel and waits for those before it.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_packetHeldTrace),
                        "ns3::FlowbindAgent::TunnelTracedCallback")
        .AddTraceSource("PacketDrop",
                        "A packet on its way into or out of the tunnel was dropped.",
                        MakeTraceSourceAccessor(&FlowbindAgent::m_packetDropTrace),
                        "ns3::FlowbindAgent::PacketDropTracedCallback");
}

bool
FlowbindAgent::SetKey(std::string hex)
{
    NS_LOG_FUNCTION(this);
    bool isHex = hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (!isHex || hex.size() % 2 != 0 || hex.size() > 2 * FB_HMAC_KEY_MAX)
    {
        NS_LOG_ERROR("FlowbindAgent: the value of attribute Key is no key. Write 1 to "
                     << FB_HMAC_KEY_MAX << " octets as pairs of hexadecimal digits.");
        return false;
    }
    m_key.clear();
    for (std::size_t i = 0; i < hex.size(); i += 2)
    {
        m_key.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    }
    return true;
}

std::string
FlowbindAgent::GetKey() const
{
    std::ostringstream hex;
    hex << std::hex << std::setfill('0');
    for (uint8_t octet : m_key)
    {
        hex << std::setw(2) << +octet;
    }
    return hex.str();
}

bool
FlowbindAgent::SetNetworks(std::string prefixes)
{
    NS_LOG_FUNCTION(this << prefixes);
    fb_networks networks = {};
    std::istringstream list(prefixes);
    for (std::string text; std::getline(list, text, ',');)
    {
        std::size_t slash = text.find('/');
        std::string address = text.substr(0, slash);
        bool isV6 = address.find(':') != std::string::npos;
        unsigned long length = slash == std::string::npos
                                   ? ULONG_MAX
                                   : std::strtoul(text.c_str() + slash + 1, nullptr, 10);
        if (networks.count == FB_NETWORKS_MAX || length > (isV6 ? 128 : 32))
        {
            NS_LOG_ERROR("FlowbindAgent: the value of attribute Networks is no list of prefixes. "
                         "Write up to "
                         << FB_NETWORKS_MAX << ", like 198.51.101.0/24,fd00:1::/64.");
            return false;
        }
        fb_prefix& prefix = networks.prefix[networks.count++];
        prefix.length = static_cast<uint8_t>(length);
        if (isV6)
        {
            prefix.address.family = FB_FAMILY_IPV6;
            Ipv6Address(address.c_str()).GetBytes(prefix.address.octet);
            continue;
        }
        prefix.address = fb_addr_from_ipv4(Ipv4Address(address.c_str()).Get());
    }
    m_networks = networks;
    return true;
}

std::string
FlowbindAgent::GetNetworks() const
{
    std::ostringstream list;
    for (uint8_t i = 0; i < m_networks.count; i++)
    {
        const fb_prefix& prefix = m_networks.prefix[i];
        list << (i == 0 ? "" : ",");
        if (prefix.address.family == FB_FAMILY_IPV6)
        {
            uint8_t octets[16];
            std::copy(prefix.address.octet, prefix.address.octet + 16, octets);
            list << Ipv6Address(octets);
        }
        else
        {
            list << Ipv4Address(fb_addr_to_ipv4(&prefix.address));
        }
        list << "/" << +prefix.length;
    }
    return list.str();
}

void
FlowbindAgent::SetClockOffset(Time offset)
{
    NS_LOG_FUNCTION(this << offset);
    m_clockOffset = offset;
    if (m_core)
    {
        TellWallClock();
    }
}

Time
FlowbindAgent::GetClockOffset() const
{
    return m_clockOffset;
}

fb_security_association
FlowbindAgent::GetSecurityAssociation() const
{
    fb_security_association association = {};
    association.spi = m_spi;
    association.algorithm = static_cast<uint8_t>(m_algorithm);
    association.key_length = static_cast<uint8_t>(m_key.size());
    std::copy(m_key.begin(), m_key.end(), association.key);
    association.replay = static_cast<uint8_t>(m_replay);
    return association;
}

fb_nai
FlowbindAgent::GetNai() const
{
    fb_nai nai = {};
    nai.length = static_cast<uint8_t>(m_nai.size());
    std::copy(m_nai.begin(), m_nai.end(), nai.text);
    return nai;
}

fb_networks
FlowbindAgent::GetMobileNetworks() const
{
    return m_networks;
}

fb_limits
FlowbindAgent::MakeLimits() const
{
    fb_config config;
    fb_config_default(&config);
    fb_limits limits = config.limits;
    limits.nodes = m_maxNodes;
    limits.bindings = m_maxBindings;
    limits.policies = m_maxPolicies;
    limits.bindings_per_node = m_maxBindingsPerNode;
    limits.rules_per_node = m_maxRulesPerNode;
    limits.links = m_maxLinks;
    limits.flow_cache = m_flowCacheSize;
    limits.events = m_eventQueueSize;
    limits.identities = m_maxIdentities;
    limits.associations = m_maxAssociations;
    limits.static_rules = m_maxStaticRules;
    limits.visitors = m_maxVisitors;
    limits.pending = m_maxPending;
    limits.access_links = m_maxAccessLinks;
    limits.reorder_spaces = m_maxReorderSpaces;
    limits.reorder_packets = m_maxReorderPackets;
    return limits;
}

fb_mobile_node_config
FlowbindAgent::MakeMobileNodeConfig() const
{
    NS_ABORT_MSG_IF(m_homeAddress.IsAny() && m_nai.empty(),
                    "FlowbindAgent of node "
                        << m_node->GetId()
                        << " is a mobile node without a home address. Set attribute HomeAddress, "
                           "or Nai to be assigned one.");
    NS_ABORT_MSG_IF(m_nai.size() > FB_NAI_MAX,
                    "FlowbindAgent of node " << m_node->GetId() << ": attribute Nai is longer than "
                                             << FB_NAI_MAX << " octets.");
    NS_ABORT_MSG_IF(m_homeAgent.IsAny(),
                    "FlowbindAgent of node "
                        << m_node->GetId()
                        << " is a mobile node without a home agent. Set attribute "
                           "HomeAgentAddress.");
    NS_ABORT_MSG_IF(m_key.empty(),
                    "FlowbindAgent of node "
                        << m_node->GetId()
                        << " is a mobile node without a key. Set attribute Key, for example "
                           "to 000102030405060708090a0b0c0d0e0f, alike at the home agent.");
    fb_config config;
    fb_config_default(&config);
    fb_mobile_node_config mobileNode = config.mobile_node;
    mobileNode.home_address = m_homeAddress.Get();
    mobileNode.home_agent = m_homeAgent.Get();
    mobileNode.vendor = m_vendor;
    mobileNode.metrics_interval_s = ToSeconds(m_metricsInterval);
    mobileNode.association = GetSecurityAssociation();
    mobileNode.lifetime_s = m_lifetime;
    mobileNode.port = m_port;
    mobileNode.multipath = m_multipath;
    mobileNode.negotiate_policy = m_negotiatePolicy;
    mobileNode.bulk_refresh = m_bulkRefresh;
    mobileNode.reverse_tunnel = m_reverseTunnel;
    mobileNode.coa_change = m_coaChange;
    mobileNode.retry_denied_s = ToSeconds(m_retryDenied);
    mobileNode.legacy_retry_s = ToSeconds(m_retryLegacy);
    mobileNode.retransmit_ms = static_cast<uint16_t>(m_retransmit.GetMilliSeconds());
    mobileNode.nai = GetNai();
    mobileNode.networks = m_networks;
    mobileNode.implicit_networks = m_implicitNetworks;
    mobileNode.discover_home = m_discoverHome;
    mobileNode.encapsulating_delivery = m_encapsulatingDelivery;
    mobileNode.keepalive_s = ToSeconds(m_keepAlive);
    return mobileNode;
}

fb_home_agent_config
FlowbindAgent::MakeHomeAgentConfig() const
{
    NS_ABORT_MSG_IF(m_address.IsAny(),
                    "FlowbindAgent of node "
                        << m_node->GetId()
                        << " is a home agent without an address. Set attribute Address to the "
                           "one mobile nodes register with.");
    fb_config config;
    fb_config_default(&config);
    fb_home_agent_config homeAgent = config.home_agent;
    homeAgent.address = m_address.Get();
    homeAgent.vendor = m_vendor;
    homeAgent.weight_count = static_cast<uint8_t>(m_weights.size());
    std::copy(m_weights.begin(), m_weights.end(), homeAgent.weight);
    homeAgent.lifetime_max_s = m_lifetimeMax;
    homeAgent.replay_tolerance_s = ToSeconds(m_replayTolerance);
    homeAgent.multipath = m_multipath;
    homeAgent.flow_policy = m_acceptPolicy;
    homeAgent.reply_bad_authenticator = m_replyBadAuthenticator;
    homeAgent.unknown_bid_strict = m_unknownBidStrict;
    homeAgent.require_reverse_tunnel = m_requireReverseTunnel;
    homeAgent.strict_technology = m_strictTechnology;
    homeAgent.strict_reserved = m_strictReserved;
    homeAgent.lenient_deregistration = m_lenientDeregistration;
    homeAgent.legacy = m_legacy;
    homeAgent.merge_policy = m_mergePolicy;
    homeAgent.echo_policy = m_echoPolicy;
    homeAgent.replay_per_binding = m_replayPerBinding;
    homeAgent.reverse_tunnel = m_acceptReverseTunnel;
    homeAgent.gre = m_acceptGre;
    homeAgent.minimal = m_acceptMinimal;
    homeAgent.udp_tunnel = m_acceptUdpTunnel;
    homeAgent.udp_force = m_acceptForcedUdpTunnel;
    homeAgent.keepalive_s = ToSeconds(m_keepAlive);
    homeAgent.networks = m_acceptNetworks;
    homeAgent.advertise = m_advertise;
    homeAgent.advertisement_s = ToSeconds(m_advertisementInterval);
    return homeAgent;
}

fb_foreign_agent_config
FlowbindAgent::MakeForeignAgentConfig() const
{
    NS_ABORT_MSG_IF(m_careOfAddress.IsAny(),
                    "FlowbindAgent of node "
                        << m_node->GetId()
                        << " is a foreign agent without a care-of address to offer. Set attribute "
                           "CareOfAddress to one of its addresses.");
    fb_config config;
    fb_config_default(&config);
    fb_foreign_agent_config foreignAgent = config.foreign_agent;
    foreignAgent.address = m_careOfAddress.Get();
    foreignAgent.lifetime_max_s = m_lifetimeMax;
    foreignAgent.advertisement_s = ToSeconds(m_advertisementInterval);
    foreignAgent.pending_s = ToSeconds(m_pendingTimeout);
    foreignAgent.pending_per_node = m_maxPendingPerNode;
    foreignAgent.registration_required = m_registrationRequired;
    foreignAgent.busy = m_busy;
    foreignAgent.reverse_tunnel = m_acceptReverseTunnel;
    foreignAgent.require_reverse_tunnel = m_requireReverseTunnel;
    foreignAgent.gre = m_acceptGre;
    foreignAgent.minimal = m_acceptMinimal;
    foreignAgent.encapsulating_delivery = m_encapsulatingDelivery;
    foreignAgent.legacy = m_legacy;
    BooleanValue forwards;
    m_ipv4->GetAttribute("IpForward", forwards);
    foreignAgent.router = forwards.Get();
    return foreignAgent;
}

void
FlowbindAgent::Configure(fb_config&)
{
}

fb_config
FlowbindAgent::MakeConfig() const
{
    fb_config config;
    fb_config_default(&config);
    config.roles = m_roles;
    config.limits = MakeLimits();
    config.selector_layout = m_selectorLayout;
    config.scheduler = m_scheduler.c_str();
    if (m_customScheduler)
    {
        config.custom_scheduler = m_customScheduler->GetTable();
        config.scheduler = config.custom_scheduler->name;
    }
    config.reorder.default_ms = static_cast<uint16_t>(m_reorderTimeout.GetMilliSeconds());
    config.reorder.drop_late = m_reorderDropLate;
    config.reorder.unordered_paths = m_reorderUnorderedPaths;
    config.probe.interval_ms = static_cast<uint16_t>(m_probeInterval.GetMilliSeconds());
    config.probe.idle_ms = static_cast<uint16_t>(m_probeIdle.GetMilliSeconds());
    config.probe.hold_down_ms = static_cast<uint16_t>(m_probeHoldDown.GetMilliSeconds());
    if (m_roles & FB_ROLE_MOBILE_NODE)
    {
        config.mobile_node = MakeMobileNodeConfig();
    }
    if (m_roles & FB_ROLE_HOME_AGENT)
    {
        config.home_agent = MakeHomeAgentConfig();
    }
    if (m_roles & FB_ROLE_FOREIGN_AGENT)
    {
        config.foreign_agent = MakeForeignAgentConfig();
    }
    return config;
}

} // namespace ns3
