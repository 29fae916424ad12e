/* SPDX-License-Identifier: GPL-2.0-only */
#include "proxy-world.h"

#include "access.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/node-container.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>

using namespace ns3;

namespace
{

/// Unique local (RFC 4193); not those of the links of the backbone.
const char* const HOME_POOL = "fd00:1::/48";
const char* const DELEGATED_POOL = "fd00:2::/40";
/// Where the home network is otherwise, so that the correspondent knows the way.
const char* const IPV4_POOL = "198.51.100.0/24";
/// Identities: a gateway's as MAG Identifier, and those of mobile nodes, logical ones too.
const char* const GATEWAY_REALM = "@gateways.example.com";
const char* const MOBILE_REALM = "@example.com";
/// A gateway's sessions: its own, and behind it those of the hosts.
const uint32_t LOGICAL_SESSION = 1;
const uint32_t FIRST_SESSION = 2;
/// RFC 5213 8.4, 8.5: handoff between gateways for the same interface; a virtual interface.
const uint8_t HANDOFF_GATEWAY = 3;
const uint8_t HANDOFF_NEW = 1;
const uint8_t TECHNOLOGY_VIRTUAL = 1;
/// Inside 1500 octets: IPv6 outside, and GRE with a key.
const uint16_t PLAIN_MTU = 1460;
const uint16_t GRE_MTU = 1452;
/// IPv6 and TCP headers with options.
const uint32_t TCP_HEADERS = 40 + 32;
/// A host without an address is looked at again.
const Time RESOLVE = MilliSeconds(100);
const int64_t NODE_STREAMS = 0;
const int64_t AGENT_STREAMS = 9000;

void
SetProxyDefault(const char* name, const AttributeValue& value)
{
    Config::SetDefault(std::string("ns3::FlowbindProxyAgent::") + name, value);
}

void
SetAgentDefault(const char* name, const AttributeValue& value)
{
    Config::SetDefault(std::string("ns3::FlowbindAgent::") + name, value);
}

std::string
GetIdentity(const char* name)
{
    return std::string(name) + MOBILE_REALM;
}

/// RFC 5094 metrics count in them; what is less than one is one.
fb_addr
ToAddr(Ipv6Address address)
{
    fb_addr result = {};
    result.family = FB_FAMILY_IPV6;
    address.GetBytes(result.octet);
    return result;
}

} // namespace

ProxyWorld::ProxyWorld(const fbc_scenario& scenario)
    : World(scenario)
{
}

std::string
ProxyWorld::GetKey() const
{
    return ""; // the messages are protected by IPsec, which is the node's (RFC 5213 4)
}

std::string
ProxyWorld::Refuse() const
{
    std::string errors = RefusePaths();
    for (std::size_t i = 0; i < m_scenario.event_count; i++)
    {
        const fbc_event& event = m_scenario.events[i];
        if (event.action == FBC_EVENT_RENUMBER && event.path->type == FBC_PATH_LTE)
        {
            errors += Explain(event.place,
                              "ns-3's LTE gives a terminal one address for ever; expected a path "
                              "of another type");
        }
        if (event.action == FBC_EVENT_RENUMBER && event.address != 0)
        {
            errors += Explain(event.place,
                              "address: of an IPv4 network; expected the next address, which is "
                              "taken without address");
        }
        if (event.action == FBC_EVENT_ATTACH && !event.host->own_session &&
            event.host->gateway != event.gateway)
        {
            errors += Explain(event.place,
                              std::string("host ") + event.host->name +
                                  " has an address of its gateway's session; expected a host with "
                                  "session: own");
        }
    }
    return errors;
}

bool
ProxyWorld::HasIpv4() const
{
    return std::any_of(m_scenario.hosts,
                       m_scenario.hosts + m_scenario.host_count,
                       [](const fbc_host& host) { return host.ipv4; });
}

uint16_t
ProxyWorld::GetProxyMtu() const
{
    bool isPlain = std::all_of(m_scenario.paths,
                               m_scenario.paths + m_scenario.path_count,
                               [](const fbc_path& path) { return path.tunnel == FB_TUNNEL_IPIP; });
    return isPlain ? PLAIN_MTU : GRE_MTU;
}

void
ProxyWorld::SetDefaults() const
{
    World::SetDefaults();
    fb_config config;
    fb_config_default(&config);
    fbc_scenario_configure(&m_scenario, &config);
    const fb_mag_config& mag = config.mag;
    const fb_lma_config& lma = config.lma;
    SetAgentDefault("TunnelMtu", UintegerValue(GetProxyMtu()));
    // An IPv6 packet too big for the tunnel would be fragmented by its source.
    uint32_t segment = std::min<uint32_t>(m_scenario.tcp.segment, GetProxyMtu() - TCP_HEADERS);
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(segment));
    SetAgentDefault("NegotiatePolicy", BooleanValue(mag.negotiate_policy));
    SetAgentDefault("BulkRefresh", BooleanValue(mag.bulk_refresh));
    SetAgentDefault("AcceptPolicy", BooleanValue(lma.flow_policy));
    SetAgentDefault("AcceptGre", BooleanValue(lma.gre));
    SetAgentDefault("Legacy", BooleanValue(lma.legacy));
    SetProxyDefault("BindingLifetime", TimeValue(Seconds(mag.lifetime_s)));
    SetProxyDefault("AnchorCapable", BooleanValue(mag.anchor_capable));
    SetProxyDefault("Concurrent", BooleanValue(mag.concurrent));
    SetProxyDefault("SequenceNumbers", BooleanValue(mag.sequence_numbers));
    SetProxyDefault("LocalRouting", BooleanValue(mag.local_routing));
    SetProxyDefault("HeartbeatMissing", UintegerValue(mag.heartbeat_missing));
    SetProxyDefault("AnchorDecides", BooleanValue(mag.flow_decision == FB_FLOW_DECISION_ANCHOR));
    SetProxyDefault("BindingLifetimeMax", TimeValue(Seconds(lma.lifetime_max_s)));
    SetProxyDefault("TimestampWindow", TimeValue(MilliSeconds(lma.timestamp_window_ms)));
    SetProxyDefault("DeleteDelay", TimeValue(MilliSeconds(lma.delete_delay_ms)));
    SetProxyDefault("HandoffWait", TimeValue(MilliSeconds(lma.handoff_wait_ms)));
    SetProxyDefault("RequireGatewayIdentifier", BooleanValue(lma.require_gateway_identifier));
    SetProxyDefault("AnyGateway", BooleanValue(lma.any_gateway));
    SetProxyDefault("RequireGre", BooleanValue(lma.require_gre));
    SetProxyDefault("ForceUdp", BooleanValue(lma.force_udp));
    SetProxyDefault("Delegation", BooleanValue(lma.delegation));
    SetProxyDefault("SequencePerSession", BooleanValue(lma.sequence_per_session));
    SetProxyDefault("HomePool", StringValue(HOME_POOL));
    SetProxyDefault("DelegatedPool", StringValue(DELEGATED_POOL));
    if (HasIpv4())
    {
        SetProxyDefault("Ipv4Pool", StringValue(IPV4_POOL));
    }
}

void
ProxyWorld::BuildNodes()
{
    m_backbone.EnableIpv6Access();
    m_backbone.Build();
    m_backbone.SetLossModel(m_loss);
    BuildAnchor();
    for (std::size_t i = 0; i < m_scenario.gateway_count; i++)
    {
        BuildGateway(i);
    }
    for (std::size_t i = 0; i < m_scenario.path_count; i++)
    {
        BuildProxyPath(i);
    }
    for (std::size_t i = 0; i < m_scenario.host_count; i++)
    {
        BuildHost(i);
    }
    AddMobileNodes(m_scenario.anchor.allow_multipath);
    for (std::size_t i = 0; i < m_scenario.gateway_count; i++)
    {
        BuildLogicalSession(i);
    }
    m_quality.Start();
    for (std::size_t i = 0; i < m_scenario.host_count; i++)
    {
        if (m_scenario.hosts[i].attached)
        {
            AttachHost(i, m_scenario.hosts[i].gateway);
        }
    }
}

void
ProxyWorld::BuildAnchor()
{
    FlowbindAnchorHelper helper(m_backbone.GetAnchorAddress(), m_backbone.GetHomeAgentAddress());
    const fbc_anchor& anchor = m_scenario.anchor;
    helper.SetAttribute("Multipath", BooleanValue(anchor.multipath));
    helper.SetAttribute("HeartbeatInterval", TimeValue(Seconds(anchor.heartbeat_s)));
    helper.SetAttribute("ClockOffset", TimeValue(NanoSeconds(anchor.clock_offset_ns)));
    m_anchor = helper.Install(m_backbone.GetHomeAgent());
    m_homeAgent = m_anchor;
    fb_config config;
    fb_config_default(&config);
    fbc_scenario_configure(&m_scenario, &config);
    m_anchor->SetWeights(std::vector<fb_label_weight>(config.lma.weight,
                                                      config.lma.weight + config.lma.weight_count));
    m_anchor->SetStaticPolicy(
        std::vector<fb_rule>(m_scenario.static_rules,
                             m_scenario.static_rules + m_scenario.static_rule_count));
    m_statistics->InstallProxy(m_backbone.GetCorrespondent(),
                               m_backbone.GetCorrespondentAddress6(),
                               m_anchor);
}

void
ProxyWorld::BuildGateway(uint32_t index)
{
    Ptr<Node> node = CreateObject<Node>();
    FlowbindGatewayHelper::InstallStack(node);
    PlaceNode(node, m_scenario.gateways[index].position);
    FlowbindGatewayHelper helper(m_backbone.GetAnchorAddress(), m_backbone.GetHomeAgentAddress());
    const fbc_access_gateway& gateway = m_scenario.access_gateway;
    helper.SetAttribute("Multipath", BooleanValue(gateway.multipath));
    helper.SetAttribute("HeartbeatInterval", TimeValue(Seconds(gateway.heartbeat_s)));
    helper.SetAttribute("ClockOffset", TimeValue(NanoSeconds(gateway.clock_offset_ns)));
    Ptr<FlowbindProxyAgent> agent =
        helper.Install(node, m_scenario.gateways[index].name + std::string(GATEWAY_REALM));
    FlowbindGatewayHelper::Pair(agent, m_anchor);
    agent->SetPolicy(
        std::vector<fb_rule>(m_scenario.rules, m_scenario.rules + m_scenario.rule_count));
    agent->SetStaticPolicy(
        std::vector<fb_rule>(m_scenario.static_rules,
                             m_scenario.static_rules + m_scenario.static_rule_count));
    m_statistics->AddGateway(agent);
    m_gateways.push_back(agent);
}

Ptr<FlowbindProxyAgent>
ProxyWorld::GetGateway(const fbc_gateway* gateway) const
{
    return m_gateways[gateway - m_scenario.gateways];
}

void
ProxyWorld::BuildProxyPath(uint32_t index)
{
    const fbc_path& path = m_scenario.paths[index];
    Ptr<FlowbindAccessHelper> access = MakeAccess(path, index);
    if (path.transport == FBC_TRANSPORT_IPV6)
    {
        access->EnableIpv6();
    }
    if (path.nat)
    {
        access->SetNat(NanoSeconds(path.nat_timeout_ns));
    }
    access->Build(m_backbone);
    if (path.nat)
    {
        // RFC 5844 4.1.3: both ports are fixed, whatever is on the way.
        access->GetNat()->SetAttribute("KeepPorts", BooleanValue(true));
    }
    Ptr<FlowbindProxyAgent> agent = GetGateway(path.gateway);
    Ptr<FlowbindAccessLink> link = access->Attach(agent->GetObject<Node>());
    fb_link fact = {};
    fact.bid = path.bid;
    fact.label = path.label;
    fact.technology = path.technology;
    fact.preference = static_cast<uint8_t>(index + 1);
    fact.tunnel = path.tunnel;
    fact.gre_key = path.gre_key;
    fact.weight = path.weight;
    fact.cost = path.cost;
    fact.mtu = path.mtu;
    fact.udp = path.transport == FBC_TRANSPORT_IPV4_UDP ? FB_UDP_FORCE : FB_UDP_IF_NAT;
    m_access.push_back(access);
    m_links.push_back(link);
    m_numbers.push_back(FlowbindGatewayHelper::AddPath(agent, link, fact));
    NotePath(index);
    m_quality.Add(agent, m_numbers[index], link);
}

void
ProxyWorld::NotePath(uint32_t index)
{
    const fbc_path& path = m_scenario.paths[index];
    Ptr<FlowbindAccessLink> link = m_links[index];
    uint8_t gateway = static_cast<uint8_t>(path.gateway - m_scenario.gateways);
    Ipv6Address careOf = link->GetCareOfAddress6();
    fb_addr address = careOf.IsAny() ? fb_addr_from_ipv4(link->GetCareOfAddress().Get())
                                     : ToAddr(careOf);
    m_statistics->AddProxyPath(path.bid, gateway, address);
    if (path.nat)
    {
        Ipv4Address outside = m_access[index]->GetPublicAddress();
        m_statistics->AddProxyPath(path.bid, gateway, fb_addr_from_ipv4(outside.Get()));
        m_loss->AddPath(path.bid, outside);
        return;
    }
    m_loss->AddPath(path.bid, link->GetCareOfAddress());
    if (!careOf.IsAny())
    {
        m_loss->AddPath(path.bid, careOf);
    }
}

void
ProxyWorld::BuildHost(uint32_t index)
{
    Host host = {};
    host.node = CreateObject<Node>();
    host.link = CreateObject<FlowbindHostLink>();
    host.link->Install(host.node);
    for (const auto& gateway : m_gateways)
    {
        if (m_scenario.hosts[index].own_session ||
            gateway == GetGateway(m_scenario.hosts[index].gateway))
        {
            host.link->Connect(gateway);
        }
    }
    host.owner = m_statistics->AddProxyHost(host.node);
    m_hosts.push_back(host);
}

void
ProxyWorld::BuildLogicalSession(uint32_t index)
{
    const fbc_gateway& gateway = m_scenario.gateways[index];
    if (gateway.logical == FBC_LOGICAL_NONE)
    {
        return;
    }
    std::vector<uint32_t> served;
    for (std::size_t i = 0; i < m_hosts.size(); i++)
    {
        const fbc_host& host = m_scenario.hosts[i];
        if (!host.own_session && host.gateway == &gateway)
        {
            served.push_back(m_hosts[i].link->GetAccessLink(m_gateways[index]));
        }
    }
    m_gateways[index]->SetServedLinks(LOGICAL_SESSION, served);
    fb_session session = {};
    session.session = LOGICAL_SESSION;
    session.kind = FB_SESSION_LOGICAL;
    session.identity = FlowbindProxyAgent::MakeNai(GetIdentity(gateway.name));
    session.technology = TECHNOLOGY_VIRTUAL;
    session.handoff = HANDOFF_NEW;
    session.home_network = true;
    session.delegation = gateway.logical == FBC_LOGICAL_DELEGATED;
    m_gateways[index]->AttachHost(session);
}

void
ProxyWorld::AddMobileNodes(bool multipathAllowed)
{
    std::vector<std::string> identities;
    for (std::size_t i = 0; i < m_scenario.gateway_count; i++)
    {
        identities.push_back(GetIdentity(m_scenario.gateways[i].name));
    }
    for (std::size_t i = 0; i < m_scenario.host_count; i++)
    {
        identities.push_back(GetIdentity(m_scenario.hosts[i].name));
    }
    for (const auto& identity : identities)
    {
        fb_proxy_subscriber subscriber = {};
        subscriber.identity = FlowbindProxyAgent::MakeNai(identity);
        subscriber.multipath_allowed = multipathAllowed;
        subscriber.service = true;
        subscriber.delegation_allowed = true;
        subscriber.ipv4_allowed = true;
        m_anchor->AddMobileNode(subscriber);
    }
}

void
ProxyWorld::AttachHost(uint32_t index, const fbc_gateway* gateway)
{
    const fbc_host& host = m_scenario.hosts[index];
    Ptr<FlowbindProxyAgent> agent = GetGateway(gateway);
    bool isHandoff = m_hosts[index].at != nullptr;
    DetachHost(index);
    m_hosts[index].at = gateway;
    m_hosts[index].link->Attach(agent);
    if (!host.own_session)
    {
        return;
    }
    fb_session session = m_hosts[index].link->MakeSession();
    session.session = FIRST_SESSION + index;
    session.identity = FlowbindProxyAgent::MakeNai(GetIdentity(host.name));
    session.handoff = isHandoff ? HANDOFF_GATEWAY : HANDOFF_NEW;
    session.access_link = m_hosts[index].link->GetAccessLink(agent);
    session.ipv4 = host.ipv4;
    agent->AttachHost(session);
}

void
ProxyWorld::DetachHost(uint32_t index)
{
    Host& host = m_hosts[index];
    if (host.at == nullptr)
    {
        return;
    }
    host.link->Detach();
    if (m_scenario.hosts[index].own_session)
    {
        GetGateway(host.at)->DetachHost(FIRST_SESSION + index);
    }
    host.at = nullptr;
}

void
ProxyWorld::BuildTraffic(uint32_t index)
{
    const fbc_traffic& traffic = m_scenario.traffic[index];
    const Host& host = m_hosts[traffic.host - m_scenario.hosts];
    FlowbindTrafficProfile profile = m_traffic.MakeProfile(index);
    profile.mobile = Ipv6Address::GetAny();
    profile.correspondent = m_backbone.GetCorrespondentAddress6();
    if (!traffic.ipv6)
    {
        profile.mobile = Ipv4Address::GetAny();
        profile.correspondent = m_backbone.GetCorrespondentAddress();
    }
    uint32_t flow = InstallTraffic(profile, host.owner, host.node);
    Simulator::Schedule(profile.start, &ProxyWorld::Resolve, this, index, flow);
}

void
ProxyWorld::Resolve(uint32_t index, uint32_t flow)
{
    const fbc_traffic& traffic = m_scenario.traffic[index];
    const Host& host = m_hosts[traffic.host - m_scenario.hosts];
    Address address = traffic.ipv6 ? Address(host.link->GetAddress())
                                   : Address(host.link->GetIpv4Address());
    bool isUnknown = traffic.ipv6 ? host.link->GetAddress().IsAny()
                                  : host.link->GetIpv4Address().IsAny();
    if (isUnknown)
    {
        Simulator::Schedule(RESOLVE, &ProxyWorld::Resolve, this, index, flow);
        return;
    }
    m_traffic.SetMobile(flow, address);
}

Ptr<Node>
ProxyWorld::GetMover(const fbc_event& event) const
{
    return GetGateway(event.gateway)->GetObject<Node>();
}

void
ProxyWorld::Act(const fbc_event* event)
{
    switch (event->action)
    {
    case FBC_EVENT_RENUMBER:
        RenumberPath(*event);
        break;
    case FBC_EVENT_REGISTER:
    case FBC_EVENT_DEREGISTER:
        Want(*event);
        break;
    case FBC_EVENT_POLICY:
        SetPolicy(*event);
        break;
    case FBC_EVENT_FORBID_MULTIPATH:
    case FBC_EVENT_ALLOW_MULTIPATH:
        AddMobileNodes(event->action == FBC_EVENT_ALLOW_MULTIPATH);
        break;
    case FBC_EVENT_ATTACH:
        AttachHost(event->host - m_scenario.hosts, event->gateway);
        break;
    case FBC_EVENT_DETACH:
        DetachHost(event->host - m_scenario.hosts);
        break;
    case FBC_EVENT_RESTART_ANCHOR:
        m_anchor->Restart();
        break;
    case FBC_EVENT_RESTART_GATEWAY:
        GetGateway(event->gateway)->Restart();
        break;
    default:
        World::Act(event);
        break;
    }
}

void
ProxyWorld::RenumberPath(const fbc_event& event)
{
    uint32_t index = event.path - m_scenario.paths;
    Ptr<FlowbindAccessLink> link = m_links[index];
    if (link->GetCareOfAddress6().IsAny())
    {
        link->Renumber(FlowbindAccessHelper::GetNextAddress(link->GetCareOfAddress()));
    }
    else
    {
        link->Renumber(FlowbindAccessHelper::GetNextAddress(link->GetCareOfAddress6()));
    }
    NotePath(index);
    GetGateway(event.path->gateway)->NotifyAddressChanged(m_numbers[index]);
}

void
ProxyWorld::SetPolicy(const fbc_event& event)
{
    for (const auto& gateway : m_gateways)
    {
        gateway->SetPolicy(std::vector<fb_rule>(event.rules, event.rules + event.rule_count));
    }
}

void
ProxyWorld::Want(const fbc_event& event)
{
    for (const auto& gateway : m_gateways)
    {
        bool isMeant = event.path == nullptr || GetGateway(event.path->gateway) == gateway;
        uint8_t bid = event.path == nullptr ? 0 : event.path->bid;
        if (isMeant && event.action == FBC_EVENT_REGISTER)
        {
            gateway->Register(bid);
        }
        else if (isMeant)
        {
            gateway->Deregister(bid);
        }
    }
}

void
ProxyWorld::Look(std::size_t expectation)
{
    const char* name = m_scenario.expect[expectation].session;
    HomeAgentView& view = m_views[expectation];
    view = {};
    for (const fb_session_view& session : m_anchor->GetSessions())
    {
        std::string identity(session.identity.text, session.identity.length);
        if (name == nullptr || identity != GetIdentity(name))
        {
            continue;
        }
        for (const fb_proxy_view& binding : m_anchor->GetProxyBindings(session.session))
        {
            uint8_t bid = m_statistics->FindPath(binding.care_of);
            view.tunnels[bid] = binding.tunnel;
            if (binding.udp_port != 0)
            {
                view.tunnels[bid] = FBC_TUNNEL_UDP;
            }
        }
        view.rules = m_anchor->GetSessionRules(session.session).size();
    }
}

void
ProxyWorld::AssignStreams()
{
    NodeContainer nodes(m_backbone.GetRouter(),
                        m_backbone.GetHomeAgent(),
                        m_backbone.GetCorrespondent());
    int64_t stream = AGENT_STREAMS;
    m_anchor->AssignStreams(stream++);
    for (const auto& gateway : m_gateways)
    {
        nodes.Add(gateway->GetObject<Node>());
        gateway->AssignStreams(stream++);
    }
    for (const Host& host : m_hosts)
    {
        nodes.Add(host.node);
    }
    InternetStackHelper().AssignStreams(nodes, NODE_STREAMS);
    AssignPathStreams();
}
