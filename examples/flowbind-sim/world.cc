/* SPDX-License-Identifier: GPL-2.0-only */
#include "access.h"
#include "proxy-world.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/enum.h"
#include "ns3/flowbind-helper.h"
#include "ns3/flowbind-lte-helper.h"
#include "ns3/flowbind-wired-helper.h"
#include "ns3/flowbind-wlan-helper.h"
#include "ns3/global-value.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

using namespace ns3;

namespace
{

/// After the end nothing new is sent, and what is on its way has this long to arrive.
const Time DRAIN = Seconds(2);
const char* const SPI = "256";
const char* const KEY = "000102030405060708090a0b0c0d0e0f";
/// Random streams: some for the nodes, and for each path.
const int64_t NODE_STREAMS = 0;
const int64_t HOME_STREAMS = 8000;
const int64_t AGENT_STREAMS = 9000;
const int64_t PATH_STREAMS = 10000;
const int64_t STREAMS_PER_PATH = 10000;

void
NotifyAgent(Ptr<FlowbindAgent> agent, uint32_t link, bool usable)
{
    if (usable)
    {
        agent->NotifyLinkUp(link);
    }
    else
    {
        agent->NotifyLinkDown(link);
    }
}

Time
ToTime(uint64_t nanoseconds)
{
    return NanoSeconds(nanoseconds);
}

bool
SetAttribute(const fbc_attribute& attribute)
{
    StringValue value(attribute.value);
    return attribute.path[0] == '/' ? Config::SetFailSafe(attribute.path, value)
                                    : Config::SetDefaultFailSafe(attribute.path, value);
}

/// ns-3 refuses some values by aborting the program, so a child of this one tries them first.
bool
IsAttributeAccepted(const fbc_attribute& attribute)
{
    pid_t child = fork();
    if (child == 0)
    {
        int silence = open("/dev/null", O_WRONLY);
        dup2(silence, STDERR_FILENO);
        _exit(SetAttribute(attribute) ? 0 : 1);
    }
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

void
SetAgentDefault(const char* name, const AttributeValue& value)
{
    Config::SetDefault(std::string("ns3::FlowbindAgent::") + name, value);
}

} // namespace

World::World(const fbc_scenario& scenario)
    : m_scenario(scenario),
      m_quality(scenario),
      m_traffic(scenario)
{
}

std::unique_ptr<World>
World::Make(const fbc_scenario& scenario)
{
    if (scenario.protocol == FBC_PMIP6)
    {
        return std::make_unique<ProxyWorld>(scenario);
    }
    return std::make_unique<World>(scenario);
}

std::string
World::Build(uint32_t run)
{
    std::string errors = Refuse();
    if (!errors.empty())
    {
        return errors;
    }
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(run);
    SetDefaults();
    errors = SetAttributes(true);
    if (!errors.empty())
    {
        return errors;
    }
    m_backbone.SetRate(DataRate(m_scenario.backhaul.rate_bps));
    m_backbone.SetDelays(ToTime(m_scenario.backhaul.access_ns),
                         ToTime(m_scenario.backhaul.core_ns));
    m_statistics = CreateObject<FlowbindStatistics>();
    m_loss = CreateObject<FlowbindLossModel>();
    BuildNodes();
    for (std::size_t i = 0; i < m_scenario.traffic_count; i++)
    {
        BuildTraffic(i);
    }
    AssignStreams();
    ScheduleEvents();
    return SetAttributes(false);
}

void
World::BuildNodes()
{
    if (HasIpv6())
    {
        m_backbone.EnableIpv6();
    }
    m_backbone.Build();
    BuildAgents();
    m_backbone.SetLossModel(m_loss);
    for (std::size_t i = 0; i < m_scenario.path_count; i++)
    {
        BuildPath(i);
    }
    m_quality.Start();
    BuildHomeLink();
    BuildMobileNetwork();
    m_statistics->Install(m_mobile,
                          m_backbone.GetHomeAddress(0),
                          m_backbone.GetCorrespondent(),
                          m_backbone.GetCorrespondentAddress(),
                          m_mobileAgent,
                          m_homeAgent);
    if (HasIpv6())
    {
        m_statistics->AddIpv6(m_mobile,
                              GetMobileAddress6(),
                              m_backbone.GetCorrespondent(),
                              m_backbone.GetCorrespondentAddress6());
    }
}

std::vector<std::string>
World::EnablePcap(const std::string& folder)
{
    std::vector<std::string> files;
    for (const auto& access : m_access)
    {
        access->EnablePcap(folder + "/", files);
    }
    if (m_homeLink)
    {
        m_homeLink->EnablePcap(folder + "/", files);
    }
    m_backbone.EnablePcap(folder + "/", files);
    for (auto& file : files)
    {
        file.erase(0, folder.size() + 1);
    }
    return files;
}

void
World::Run()
{
    Simulator::Stop(ToTime(m_scenario.duration_ns) + DRAIN);
    Simulator::Run();
}

Ptr<FlowbindStatistics>
World::GetStatistics() const
{
    return m_statistics;
}

const Traffic&
World::GetTraffic() const
{
    return m_traffic;
}

const std::vector<HomeAgentView>&
World::GetViews() const
{
    return m_views;
}

std::string
World::GetKey() const
{
    UintegerValue spi;
    StringValue key;
    m_mobileAgent->GetAttribute("Spi", spi);
    m_mobileAgent->GetAttribute("Key", key);
    return std::to_string(spi.Get()) + "=" + key.Get();
}

std::string
World::Refuse() const
{
    return RefusePaths() + RefuseMobileNetwork() + RefuseIpv6Prefix() + RefuseRenumbering();
}

std::string
World::RefusePaths() const
{
    std::string errors;
    if (m_scenario.path_count > 15)
    {
        errors += Explain(m_scenario.paths[15].place, "at most 15 paths can be simulated");
    }
    bool lte = false;
    for (std::size_t i = 0; i < m_scenario.path_count; i++)
    {
        const fbc_path& path = m_scenario.paths[i];
        if (lte && path.type == FBC_PATH_LTE)
        {
            errors += Explain(
                path.place,
                "a second path of type lte; ns-3's core networks would have the same addresses");
        }
        lte = lte || path.type == FBC_PATH_LTE;
    }
    std::set<std::tuple<uint8_t, uint16_t, bool>> taken;
    for (std::size_t i = 0; i < m_scenario.traffic_count; i++)
    {
        const fbc_traffic& traffic = m_scenario.traffic[i];
        if (traffic.local_port != 0 &&
            !taken.insert({traffic.protocol, traffic.local_port, traffic.ipv6}).second)
        {
            errors += Explain(traffic.place,
                              "the mobile node's port " + std::to_string(traffic.local_port) +
                                  " has another traffic already");
        }
    }
    return errors;
}

/// Addresses that are in use in every scenario cannot be behind the mobile node too.
std::string
World::RefuseMobileNetwork() const
{
    const std::pair<const char*, uint8_t> taken[] = {{"192.0.2.0", 24},
                                                     {"198.51.100.0", 24},
                                                     {"203.0.113.0", 24},
                                                     {"10.0.0.0", 8},
                                                     {"172.16.0.0", 12},
                                                     {"7.0.0.0", 8}};
    for (const auto& other : taken)
    {
        uint8_t shorter = std::min(other.second, m_scenario.mobile_network_length);
        uint32_t difference = Ipv4Address(other.first).Get() ^ m_scenario.mobile_network;
        if (m_scenario.mobile_network != 0 && difference >> (32 - shorter) == 0)
        {
            return m_scenario.file + std::string(": mobile-network: ") + other.first + "/" +
                   std::to_string(other.second) +
                   " is in use here already; expected a prefix like 198.51.101.0/24\n";
        }
    }
    return "";
}

/// The same for IPv6, and ns-3 forwards no packet of the prefix for documentation.
std::string
World::RefuseIpv6Prefix() const
{
    const std::pair<const char*, uint8_t> taken[] = {{"fd00:c::", 64}, {"2001:db8::", 32}};
    const fb_prefix& prefix = m_scenario.ipv6_prefix;
    for (const auto& other : taken)
    {
        Ipv6Prefix shorter(std::min(other.second, prefix.length));
        bool isSame = shorter.IsMatch(Ipv6Address::Deserialize(prefix.address.octet),
                                      Ipv6Address(other.first));
        if (prefix.address.family == FB_FAMILY_IPV6 && isSame)
        {
            return m_scenario.file + std::string(": ipv6-prefix: ") + other.first + "/" +
                   std::to_string(other.second) +
                   " cannot be used here; expected a prefix like fd00:a::/64\n";
        }
    }
    return "";
}

bool
World::HasIpv6() const
{
    return m_scenario.ipv6_prefix.address.family == FB_FAMILY_IPV6;
}

/// The first of its prefix, which the agent gives it.
Ipv6Address
World::GetMobileAddress6() const
{
    fb_addr first = m_scenario.ipv6_prefix.address;
    first.octet[sizeof(first.octet) - 1] |= 1;
    return Ipv6Address::Deserialize(first.octet);
}

std::string
World::RefuseRenumbering() const
{
    std::string errors;
    for (std::size_t i = 0; i < m_scenario.event_count; i++)
    {
        const fbc_event& event = m_scenario.events[i];
        uint32_t index = event.path - m_scenario.paths;
        if (event.action != FBC_EVENT_RENUMBER)
        {
            continue;
        }
        if (event.path->type == FBC_PATH_LTE)
        {
            errors += Explain(event.place,
                              "ns-3's LTE gives a terminal one address for ever; expected a path "
                              "of another type");
        }
        else if (event.path->care_of == FB_CARE_OF_AGENT)
        {
            errors += Explain(event.place,
                              "the care-of address of this path is its foreign agent's; expected a "
                              "path with care-of: colocated");
        }
        else if (event.address != 0 &&
                 !FlowbindAccessHelper::IsMobileAddress(index,
                                                        event.path->nat,
                                                        Ipv4Address(event.address)))
        {
            std::ostringstream what;
            Ipv4Address network = FlowbindAccessHelper::GetNetwork(index, event.path->nat);
            what << Ipv4Address(event.address) << " is no address of this path's network; expected "
                 << Ipv4Address(network.Get() + 1) << " to " << Ipv4Address(network.Get() + 13);
            errors += Explain(event.place, what.str());
        }
    }
    return errors;
}

void
World::SetDefaults() const
{
    FlowbindWlanHelper::SetDefaults();
    FlowbindLteHelper::SetDefaults();
    Config::SetDefault("ns3::TcpL4Protocol::SocketType",
                       TypeIdValue(TypeId::LookupByName(m_scenario.tcp.type_id)));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(m_scenario.tcp.segment));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(m_scenario.tcp.buffers));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(m_scenario.tcp.buffers));
    // As many as Linux: with ns-3's 6 a connection does not survive an outage of a minute.
    Config::SetDefault("ns3::TcpSocket::DataRetries", UintegerValue(15));

    fb_config config;
    fb_config_default(&config);
    fbc_scenario_configure(&m_scenario, &config);
    const fb_mobile_node_config& mobile = config.mobile_node;
    SetAgentDefault("Spi", StringValue(SPI));
    SetAgentDefault("Key", StringValue(KEY));
    SetAgentDefault("Scheduler", StringValue(m_scenario.scheduler));
    SetAgentDefault("ReorderTimeout", TimeValue(MilliSeconds(m_scenario.reorder_ms)));
    SetAgentDefault("Lifetime", UintegerValue(mobile.lifetime_s));
    SetAgentDefault("NegotiatePolicy", BooleanValue(mobile.negotiate_policy));
    SetAgentDefault("BulkRefresh", BooleanValue(mobile.bulk_refresh));
    SetAgentDefault("ReverseTunnel", BooleanValue(mobile.reverse_tunnel));
    SetAgentDefault("CoaChange", EnumValue(mobile.coa_change));
    SetAgentDefault("RetryDenied", TimeValue(Seconds(mobile.retry_denied_s)));
    SetAgentDefault("RetryLegacy", TimeValue(Seconds(mobile.legacy_retry_s)));
    SetAgentDefault("Retransmit", TimeValue(MilliSeconds(mobile.retransmit_ms)));
    SetAgentDefault("LifetimeMax", UintegerValue(config.home_agent.lifetime_max_s));
    SetAgentDefault("ReplayTolerance", TimeValue(Seconds(config.home_agent.replay_tolerance_s)));
    const fb_home_agent_config& home = config.home_agent;
    SetAgentDefault("AcceptPolicy", BooleanValue(home.flow_policy));
    SetAgentDefault("Legacy", BooleanValue(home.legacy));
    SetAgentDefault("ReplyBadAuthenticator", BooleanValue(home.reply_bad_authenticator));
    SetAgentDefault("UnknownBidStrict", BooleanValue(home.unknown_bid_strict));
    SetAgentDefault("RequireReverseTunnel", BooleanValue(home.require_reverse_tunnel));
    SetAgentDefault("StrictTechnology", BooleanValue(home.strict_technology));
    SetAgentDefault("StrictReserved", BooleanValue(home.strict_reserved));
    SetAgentDefault("LenientDeregistration", BooleanValue(home.lenient_deregistration));
    SetAgentDefault("MergePolicy", BooleanValue(home.merge_policy));
    SetAgentDefault("EchoPolicy", BooleanValue(home.echo_policy));
    SetAgentDefault("ReplayPerBinding", BooleanValue(home.replay_per_binding));
    SetAgentDefault("AcceptReverseTunnel", BooleanValue(home.reverse_tunnel));
    SetAgentDefault("AcceptGre", BooleanValue(home.gre));
    SetAgentDefault("AcceptMinimal", BooleanValue(home.minimal));
    SetAgentDefault("AcceptUdpTunnel", BooleanValue(home.udp_tunnel));
    SetAgentDefault("AcceptForcedUdpTunnel", BooleanValue(home.udp_force));
    SetAgentDefault("AcceptNetworks", BooleanValue(home.networks));
    SetAgentDefault("KeepAlive", TimeValue(Seconds(home.keepalive_s)));
    SetAgentDefault("Replay", EnumValue(mobile.association.replay));
    SetAgentDefault("Nai", StringValue(std::string(mobile.nai.text, mobile.nai.length)));
    SetAgentDefault("ImplicitNetworks", BooleanValue(mobile.implicit_networks));
    SetAgentDefault("EncapsulatingDelivery", BooleanValue(mobile.encapsulating_delivery));
    SetAgentDefault("TunnelMtu", UintegerValue(GetTunnelMtu()));
    // There is room for what the file has.
    uint64_t paths = m_scenario.path_count;
    SetAgentDefault("MaxLinks", UintegerValue(std::max<uint64_t>(config.limits.links, paths)));
    SetAgentDefault("MaxBindingsPerNode",
                    UintegerValue(std::max<uint64_t>(config.limits.bindings_per_node, paths)));
    SetAgentDefault("Vendor", UintegerValue(config.mobile_node.vendor));
    SetAgentDefault("MetricsInterval", TimeValue(Seconds(config.mobile_node.metrics_interval_s)));
    SetAgentDefault("ProbeInterval", TimeValue(MilliSeconds(config.probe.interval_ms)));
    SetAgentDefault("ProbeIdle", TimeValue(MilliSeconds(config.probe.idle_ms)));
    SetAgentDefault("ProbeHoldDown", TimeValue(MilliSeconds(config.probe.hold_down_ms)));
}

/// Outer headers have to fit into 1500 octets, or they are fragmented, which no NAT lets through.
uint16_t
World::GetTunnelMtu() const
{
    bool isPlain = true;
    for (std::size_t i = 0; i < m_scenario.path_count; i++)
    {
        const fbc_path& path = m_scenario.paths[i];
        isPlain = isPlain && !path.nat && path.udp != FB_UDP_FORCE && path.tunnel == FB_TUNNEL_IPIP;
    }
    return isPlain ? 1480 : 1456;
}

/// Those of the scenario's section ns3 that are set before anything is built, or on what was built.
std::string
World::SetAttributes(bool defaults) const
{
    std::string errors;
    for (std::size_t i = 0; i < m_scenario.attribute_count; i++)
    {
        const fbc_attribute& attribute = m_scenario.attributes[i];
        if ((attribute.path[0] != '/') != defaults)
        {
            continue;
        }
        if (!IsAttributeAccepted(attribute) || !SetAttribute(attribute))
        {
            errors += Explain(attribute.place,
                              std::string("ns-3 has no attribute ") + attribute.path + ", or '" +
                                  attribute.value +
                                  "' is no value for it; ns-3's documentation lists them");
        }
    }
    return errors;
}

Ipv4Address
World::GetHomeAgentAddress() const
{
    return m_scenario.home == nullptr ? m_backbone.GetHomeAgentAddress()
                                      : Ipv4Address(m_backbone.GetHomeNetwork().Get() + 1);
}

void
World::BuildHomeAgent()
{
    FlowbindHomeAgentHelper home(GetHomeAgentAddress(),
                                 m_backbone.GetHomeNetwork(),
                                 m_backbone.GetHomeNetworkMask());
    home.SetAttribute("Multipath", BooleanValue(m_scenario.home_agent.multipath));
    home.SetAttribute("ClockOffset", TimeValue(ToTime(m_scenario.home_agent.clock_offset_ns)));
    if (m_scenario.home != nullptr)
    {
        home.SetAttribute("Advertise", BooleanValue(true));
        home.SetAttribute("AdvertisementInterval",
                          TimeValue(Seconds(m_scenario.home_advertisement_s)));
    }
    m_homeAgent = home.Install(m_backbone.GetHomeAgent());
    fb_config config;
    fb_config_default(&config);
    fbc_scenario_configure(&m_scenario, &config);
    m_homeAgent->SetWeights(
        std::vector<fb_label_weight>(config.home_agent.weight,
                                     config.home_agent.weight + config.home_agent.weight_count));
}

void
World::Pair(bool multipathAllowed)
{
    FlowbindHelper::Pair(m_mobileAgent,
                         m_homeAgent,
                         multipathAllowed,
                         m_backbone.GetHomeAddress(0));
}

void
World::BuildAgents()
{
    BuildHomeAgent();
    m_mobile = CreateObject<Node>();
    FlowbindBackboneHelper::InstallStack(m_mobile);
    // A packet for a care-of address that it has no longer must not be sent back where it came from.
    m_mobile->GetObject<Ipv4>()->SetAttribute("IpForward", BooleanValue(false));
    if (HasIpv6())
    {
        FlowbindBackboneHelper::AddIpv6(m_mobile);
    }
    PlaceNode(m_mobile, m_scenario.registration.position);
    FlowbindMobileNodeHelper mobile;
    mobile.SetAttribute("Multipath", BooleanValue(m_scenario.registration.multipath));
    mobile.SetAttribute("ClockOffset", TimeValue(ToTime(m_scenario.registration.clock_offset_ns)));
    mobile.SetAttribute("Networks", StringValue(GetNetworks()));
    mobile.SetAttribute("DiscoverHome", BooleanValue(m_scenario.home != nullptr));
    bool isAssigned = m_scenario.registration.home_address_assigned;
    m_mobileAgent =
        mobile.Install(m_mobile, isAssigned ? Ipv4Address::GetAny() : m_backbone.GetHomeAddress(0));
    Pair(m_scenario.home_agent.allow_multipath);
    m_mobileAgent->SetPolicy(
        std::vector<fb_rule>(m_scenario.rules, m_scenario.rules + m_scenario.rule_count));
    std::vector<fb_rule> configured(m_scenario.static_rules,
                                    m_scenario.static_rules + m_scenario.static_rule_count);
    if (!configured.empty())
    {
        m_mobileAgent->SetStaticPolicy(configured);
        m_homeAgent->SetStaticPolicy(configured);
    }
}

/// As the agent's attribute wants them.
std::string
World::GetNetworks() const
{
    std::ostringstream prefixes;
    if (m_scenario.mobile_network != 0)
    {
        prefixes << Ipv4Address(m_scenario.mobile_network) << "/"
                 << +m_scenario.mobile_network_length;
    }
    if (HasIpv6())
    {
        const fb_prefix& prefix = m_scenario.ipv6_prefix;
        prefixes << (m_scenario.mobile_network != 0 ? "," : "")
                 << Ipv6Address::Deserialize(prefix.address.octet) << "/" << +prefix.length;
    }
    return prefixes.str();
}

void
World::BuildPath(uint32_t index)
{
    const fbc_path& path = m_scenario.paths[index];
    Ptr<FlowbindAccessHelper> access = MakeAccess(m_scenario.paths[index], index);
    if (path.nat)
    {
        access->SetNat(ToTime(path.nat_timeout_ns));
    }
    if (path.care_of == FB_CARE_OF_AGENT)
    {
        access->SetForeignAgent();
    }
    access->Build(m_backbone);
    Ptr<FlowbindAccessLink> link = access->Attach(m_mobile);
    fb_link fact = {};
    fact.bid = path.bid;
    fact.label = path.label;
    fact.technology = path.technology;
    fact.preference = static_cast<uint8_t>(index + 1);
    fact.tunnel = path.tunnel;
    fact.udp = path.udp;
    fact.care_of = path.care_of;
    fact.weight = path.weight;
    fact.cost = path.cost;
    uint32_t number = m_mobileAgent->AddLink(link->GetDevice(), fact, link->GetGateway());
    m_quality.Add(m_mobileAgent, number, link);
    link->TraceConnectWithoutContext("Usable",
                                     MakeBoundCallback(&NotifyAgent, m_mobileAgent, number));
    if (link->IsUsable())
    {
        m_mobileAgent->NotifyLinkUp(number);
    }
    m_access.push_back(access);
    m_links.push_back(link);
    Ipv4Address careOf = link->GetCareOfAddress();
    if (path.care_of == FB_CARE_OF_AGENT)
    {
        careOf = access->GetRouterAddress();
        BuildForeignAgent(index);
    }
    m_statistics->AddPath(path.bid, link->GetInterface(), careOf);
    m_loss->AddPath(path.bid, path.nat ? access->GetPublicAddress() : careOf);
}

void
World::BuildForeignAgent(uint32_t index)
{
    const fbc_path& path = m_scenario.paths[index];
    Ptr<FlowbindAccessHelper> access = m_access[index];
    FlowbindForeignAgentHelper helper(access->GetRouterAddress());
    helper.SetAttribute("AdvertisementInterval", TimeValue(Seconds(path.agent.advertisement_s)));
    helper.SetAttribute("AcceptReverseTunnel", BooleanValue(path.agent.reverse_tunnel));
    helper.SetAttribute("RequireReverseTunnel", BooleanValue(path.agent.require_reverse_tunnel));
    helper.SetAttribute("EncapsulatingDelivery", BooleanValue(path.agent.encapsulating_delivery));
    helper.SetAttribute("AcceptGre", BooleanValue(path.agent.gre));
    helper.SetAttribute("AcceptMinimal", BooleanValue(path.agent.minimal));
    helper.SetAttribute("Busy", BooleanValue(path.agent.busy));
    helper.SetAttribute("Legacy", BooleanValue(path.agent.legacy));
    Ptr<FlowbindAgent> agent = helper.Install(access->GetAccessRouter());
    agent->NotifyLinkUp(agent->AddAccessLink(access->GetAccessDevice()));
    if (path.agent.authenticate)
    {
        FlowbindHelper::PairForeign(agent, m_mobileAgent, m_mobileAgent->GetSecurityAssociation());
        FlowbindHelper::PairForeign(agent, m_homeAgent, m_mobileAgent->GetSecurityAssociation());
    }
    m_statistics->AddForeignAgent(path.bid, agent);
    m_foreignAgents[index] = agent;
}

/// After the paths, whose numbers as links are theirs as paths.
void
World::BuildHomeLink()
{
    const fbc_path* home = m_scenario.home;
    if (home == nullptr)
    {
        return;
    }
    m_homeLink = std::make_unique<FlowbindHomeLinkHelper>(GetHomeAgentAddress(),
                                                          m_backbone.GetHomeNetworkMask());
    m_homeLink->SetRate(DataRate(home->up_bps));
    m_homeLink->Build(m_backbone.GetHomeAgent(), m_mobile);
    m_homeLink->AddLinks(m_homeAgent, m_mobileAgent, home->bid);
    Ptr<Ipv4> near = m_mobile->GetObject<Ipv4>();
    Ptr<Ipv4> far = m_backbone.GetHomeAgent()->GetObject<Ipv4>();
    m_statistics->AddHomeLink(home->bid,
                              near->GetInterfaceForDevice(m_homeLink->GetMobileDevice()),
                              m_backbone.GetHomeAgent(),
                              far->GetInterfaceForDevice(m_homeLink->GetHomeAgentDevice()));
}

/// The mobile router has the first address of the mobile network, the host the second.
void
World::BuildMobileNetwork()
{
    if (m_scenario.mobile_network == 0)
    {
        return;
    }
    Ptr<Ipv4> router = m_mobile->GetObject<Ipv4>();
    router->SetAttribute("IpForward", BooleanValue(true));
    for (const auto& link : m_links)
    {
        router->SetForwarding(link->GetInterface(), false);
    }
    m_host = CreateObject<Node>();
    FlowbindBackboneHelper::InstallStack(m_host);
    NetDeviceContainer link = PointToPointHelper().Install(m_mobile, m_host);
    link.Get(0)->SetAttribute("DataRate", StringValue("1Gbps"));
    link.Get(1)->SetAttribute("DataRate", StringValue("1Gbps"));
    Ipv4AddressHelper addresses(Ipv4Address(m_scenario.mobile_network),
                                Ipv4Mask(UINT32_MAX << (32 - m_scenario.mobile_network_length)));
    Ipv4InterfaceContainer ends = addresses.Assign(link);
    FlowbindBackboneHelper::RemoveQueueDiscs(link);
    FlowbindBackboneHelper::AddDefaultRoute(m_host, ends.GetAddress(0), 1, 0);
    m_statistics->AddHost(m_host, ends.GetAddress(1));
}

void
World::BuildTraffic(uint32_t index)
{
    const fbc_traffic& traffic = m_scenario.traffic[index];
    FlowbindTrafficProfile profile = m_traffic.MakeProfile(index);
    profile.mobile = m_backbone.GetHomeAddress(0);
    profile.correspondent = m_backbone.GetCorrespondentAddress();
    FlowbindStatistics::Owner owner = FlowbindStatistics::MOBILE;
    if (traffic.behind)
    {
        profile.mobile = Ipv4Address(m_scenario.mobile_network + 2);
        owner = FlowbindStatistics::HOST;
    }
    if (traffic.ipv6)
    {
        profile.mobile = GetMobileAddress6();
        profile.correspondent = m_backbone.GetCorrespondentAddress6();
        owner = FlowbindStatistics::MOBILE_IPV6;
    }
    InstallTraffic(profile, owner, traffic.behind ? m_host : m_mobile);
}

uint32_t
World::InstallTraffic(const FlowbindTrafficProfile& profile,
                      FlowbindStatistics::Owner owner,
                      Ptr<Node> node)
{
    return m_traffic.Install(profile, owner, node, m_backbone.GetCorrespondent(), m_statistics);
}

void
World::ScheduleEvents()
{
    for (std::size_t i = 0; i < m_scenario.event_count; i++)
    {
        const fbc_event& event = m_scenario.events[i];
        Simulator::Schedule(ToTime(event.at_ns), &World::Act, this, &event);
    }
    m_views.resize(m_scenario.expect_count);
    for (std::size_t i = 0; i < m_scenario.expect_count; i++)
    {
        if (m_scenario.expect[i].kind == FBC_EXPECTS_BINDINGS)
        {
            Simulator::Schedule(ToTime(m_scenario.expect[i].at_ns), &World::Look, this, i);
        }
    }
}

void
World::Act(const fbc_event* event)
{
    switch (event->action)
    {
    case FBC_EVENT_DOWN:
    case FBC_EVENT_UP:
        m_links[event->path - m_scenario.paths]->SetOutage(event->action == FBC_EVENT_DOWN);
        break;
    case FBC_EVENT_RENUMBER:
        Renumber(*event);
        break;
    case FBC_EVENT_REGISTER:
        m_mobileAgent->Register(event->path == nullptr ? 0 : event->path->bid);
        break;
    case FBC_EVENT_DEREGISTER:
        m_mobileAgent->Deregister(event->path == nullptr ? 0 : event->path->bid);
        break;
    case FBC_EVENT_POLICY:
        m_mobileAgent->SetPolicy(
            std::vector<fb_rule>(event->rules, event->rules + event->rule_count));
        break;
    case FBC_EVENT_LOSE:
        Lose(*event);
        break;
    case FBC_EVENT_RESTART_HOME_AGENT:
        m_homeAgent->Restart();
        break;
    case FBC_EVENT_FORBID_MULTIPATH:
    case FBC_EVENT_ALLOW_MULTIPATH:
        Pair(event->action == FBC_EVENT_ALLOW_MULTIPATH);
        break;
    case FBC_EVENT_MOVE:
        MoveNode(GetMover(*event), *event);
        break;
    case FBC_EVENT_GO_HOME:
        m_homeLink->Attach();
        break;
    case FBC_EVENT_LEAVE_HOME:
        m_homeLink->Detach();
        break;
    default:
        ActOnPath(*event);
        break;
    }
}

Ptr<Node>
World::GetMover(const fbc_event&) const
{
    return m_mobile;
}

/// What is about a NAT or a foreign agent.
void
World::ActOnPath(const fbc_event& event)
{
    uint32_t index = event.path - m_scenario.paths;
    const uint32_t accessLink = 1; // its only one
    switch (event.action)
    {
    case FBC_EVENT_FLUSH_NAT:
        m_access[index]->GetNat()->Flush();
        break;
    case FBC_EVENT_STOP_AGENT:
        m_foreignAgents[index]->NotifyLinkDown(accessLink);
        break;
    case FBC_EVENT_START_AGENT:
        m_foreignAgents[index]->NotifyLinkUp(accessLink);
        break;
    case FBC_EVENT_RESTART_AGENT:
        m_foreignAgents[index]->Restart();
        break;
    case FBC_EVENT_SET_RATE:
        DynamicCast<FlowbindWiredHelper>(m_access[index])
            ->SetRate(DataRate(event.rate_bps), DataRate(event.rate_bps));
        m_quality.SetRate(index, event.rate_bps);
        break;
    default:
        break;
    }
}

void
World::Renumber(const fbc_event& event)
{
    uint32_t index = event.path - m_scenario.paths;
    Ptr<FlowbindAccessLink> link = m_links[index];
    Ipv4Address address(event.address);
    if (event.address == 0)
    {
        address = FlowbindAccessHelper::GetNextAddress(link->GetCareOfAddress());
    }
    link->Renumber(address);
    m_statistics->AddPath(event.path->bid, link->GetInterface(), address);
    if (!event.path->nat)
    {
        m_loss->AddPath(event.path->bid, address);
    }
    m_mobileAgent->NotifyAddressChanged(index + 1);
}

void
World::Lose(const fbc_event& event)
{
    static const FlowbindLossModel::What what[] = {FlowbindLossModel::REQUESTS,
                                                   FlowbindLossModel::REPLIES,
                                                   FlowbindLossModel::PACKETS};
    bool counted = event.count > 0;
    m_loss->Lose(event.path == nullptr ? 0 : event.path->bid,
                 what[event.loss],
                 counted ? event.count : UINT32_MAX,
                 counted ? Time::Max() : Simulator::Now() + ToTime(event.for_ns));
}

void
World::Look(std::size_t expectation)
{
    HomeAgentView& view = m_views[expectation];
    Ipv4Address home = m_backbone.GetHomeAddress(0);
    for (const fb_binding_view& binding : m_homeAgent->GetBindings(FB_ROLE_HOME_AGENT, home))
    {
        uint8_t bid = m_statistics->FindPath(Ipv4Address(binding.care_of_address));
        view.tunnels[bid] = binding.tunnel;
        if (binding.udp_port != 0)
        {
            view.tunnels[bid] = FBC_TUNNEL_UDP;
        }
    }
    view.rules = m_homeAgent->GetRules(FB_ROLE_HOME_AGENT, home).size();
}

/// Every random stream has a number that depends on nothing but its place, so that one more path changes no other.
void
World::AssignStreams()
{
    NodeContainer nodes(m_mobile,
                        m_backbone.GetRouter(),
                        m_backbone.GetHomeAgent(),
                        m_backbone.GetCorrespondent());
    InternetStackHelper().AssignStreams(nodes, NODE_STREAMS);
    m_mobileAgent->AssignStreams(AGENT_STREAMS);
    m_homeAgent->AssignStreams(AGENT_STREAMS + 1);
    if (m_homeLink)
    {
        m_homeLink->AssignStreams(HOME_STREAMS);
    }
    for (const auto& agent : m_foreignAgents)
    {
        agent.second->AssignStreams(AGENT_STREAMS + 2 + agent.first);
    }
    AssignPathStreams();
}

void
World::AssignPathStreams()
{
    for (std::size_t i = 0; i < m_access.size(); i++)
    {
        m_access[i]->AssignStreams(PATH_STREAMS + STREAMS_PER_PATH * i);
    }
}

std::string
World::Explain(const fbc_place& place, const std::string& what) const
{
    std::ostringstream line;
    line << m_scenario.file << ":" << place.line << ":" << place.column << ": " << what << "\n";
    return line.str();
}
