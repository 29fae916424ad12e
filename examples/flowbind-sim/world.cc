/* SPDX-License-Identifier: GPL-2.0-only */
#include "world.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/enum.h"
#include "ns3/flowbind-helper.h"
#include "ns3/flowbind-lte-helper.h"
#include "ns3/flowbind-wired-helper.h"
#include "ns3/flowbind-wlan-helper.h"
#include "ns3/global-value.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/node-container.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

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
/// The mobile node's ports: so many for each traffic, for connections that have to be opened again.
const uint16_t FIRST_PORT = 49152;
const uint16_t PORTS = 16;
const char* const SPI = "256";
const char* const KEY = "000102030405060708090a0b0c0d0e0f";
/// Random streams: some for the nodes, and for each path.
const int64_t NODE_STREAMS = 0;
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

void
CountDown(Ptr<FlowbindStatistics> statistics, uint32_t flow, uint32_t octets)
{
    statistics->AddPayload(flow, FlowbindStatistics::DOWN, octets);
}

void
CountUp(Ptr<FlowbindStatistics> statistics, uint32_t flow, uint32_t octets)
{
    statistics->AddPayload(flow, FlowbindStatistics::UP, octets);
}

QueueSize
ToQueueSize(const fbc_queue& queue)
{
    return queue.packets > 0 ? QueueSize(QueueSizeUnit::PACKETS, queue.packets)
                             : QueueSize(QueueSizeUnit::BYTES, queue.octets);
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
    : m_scenario(scenario)
{
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
    m_backbone.SetDelays(ToTime(m_scenario.backhaul.access_ns),
                         ToTime(m_scenario.backhaul.core_ns));
    m_backbone.Build();
    BuildAgents();
    m_statistics = CreateObject<FlowbindStatistics>();
    m_loss = CreateObject<FlowbindLossModel>();
    m_backbone.SetLossModel(m_loss);
    for (std::size_t i = 0; i < m_scenario.path_count; i++)
    {
        BuildPath(i);
    }
    m_statistics->Install(m_mobile,
                          m_backbone.GetHomeAddress(0),
                          m_backbone.GetCorrespondent(),
                          m_backbone.GetCorrespondentAddress(),
                          m_mobileAgent,
                          m_homeAgent);
    for (std::size_t i = 0; i < m_scenario.traffic_count; i++)
    {
        BuildTraffic(i);
    }
    AssignStreams();
    ScheduleEvents();
    return SetAttributes(false);
}

std::vector<std::string>
World::EnablePcap(const std::string& folder)
{
    std::vector<std::string> files;
    for (const auto& access : m_access)
    {
        access->EnablePcap(folder + "/", files);
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

uint32_t
World::GetReconnects(std::size_t traffic) const
{
    return m_clients[traffic]->GetReconnects();
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
    std::set<std::tuple<uint8_t, uint16_t, uint16_t>> taken;
    for (std::size_t i = 0; i < m_scenario.traffic_count; i++)
    {
        const fbc_traffic& traffic = m_scenario.traffic[i];
        if (traffic.local_port != 0 &&
            !taken.insert({traffic.protocol, traffic.local_port, 0}).second)
        {
            errors += Explain(traffic.place,
                              "the mobile node's port " + std::to_string(traffic.local_port) +
                                  " has another traffic already");
        }
    }
    return errors + RefuseRenumbering();
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
        else if (event.address != 0 &&
                 !FlowbindAccessHelper::IsMobileAddress(index, Ipv4Address(event.address)))
        {
            std::ostringstream what;
            Ipv4Address network(Ipv4Address("203.0.113.16").Get() + 16 * index);
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

void
World::BuildAgents()
{
    FlowbindHomeAgentHelper home(m_backbone.GetHomeAgentAddress(),
                                 m_backbone.GetHomeNetwork(),
                                 m_backbone.GetHomeNetworkMask());
    home.SetAttribute("Multipath", BooleanValue(m_scenario.home_agent.multipath));
    home.SetAttribute("ClockOffset", TimeValue(ToTime(m_scenario.home_agent.clock_offset_ns)));
    m_homeAgent = home.Install(m_backbone.GetHomeAgent());

    m_mobile = CreateObject<Node>();
    FlowbindBackboneHelper::InstallStack(m_mobile);
    // A packet for a care-of address that it has no longer must not be sent back where it came from.
    m_mobile->GetObject<Ipv4>()->SetAttribute("IpForward", BooleanValue(false));
    m_mobile->AggregateObject(CreateObject<ConstantPositionMobilityModel>());
    FlowbindMobileNodeHelper mobile;
    mobile.SetAttribute("Multipath", BooleanValue(m_scenario.registration.multipath));
    mobile.SetAttribute("ClockOffset", TimeValue(ToTime(m_scenario.registration.clock_offset_ns)));
    m_mobileAgent = mobile.Install(m_mobile, m_backbone.GetHomeAddress(0));
    FlowbindHelper::Pair(m_mobileAgent, m_homeAgent, m_scenario.home_agent.allow_multipath);
    m_mobileAgent->SetPolicy(
        std::vector<fb_rule>(m_scenario.rules, m_scenario.rules + m_scenario.rule_count));
}

void
World::BuildPath(uint32_t index)
{
    const fbc_path& path = m_scenario.paths[index];
    Ptr<FlowbindAccessHelper> access = MakeAccess(index);
    access->Build(m_backbone);
    Ptr<FlowbindAccessLink> link = access->Attach(m_mobile);
    uint32_t number = m_mobileAgent->AddLink(link->GetDevice(),
                                             path.bid,
                                             path.label,
                                             path.technology,
                                             index + 1,
                                             link->GetGateway());
    link->TraceConnectWithoutContext("Usable",
                                     MakeBoundCallback(&NotifyAgent, m_mobileAgent, number));
    if (link->IsUsable())
    {
        m_mobileAgent->NotifyLinkUp(number);
    }
    m_statistics->AddPath(path.bid, link->GetInterface(), link->GetCareOfAddress());
    m_loss->AddPath(path.bid, link->GetCareOfAddress());
    m_access.push_back(access);
    m_links.push_back(link);
}

Ptr<FlowbindAccessHelper>
World::MakeAccess(uint32_t index) const
{
    const fbc_path& path = m_scenario.paths[index];
    if (path.type == FBC_PATH_WLAN)
    {
        return Create<FlowbindWlanHelper>(path.name, index);
    }
    if (path.type == FBC_PATH_LTE)
    {
        return Create<FlowbindLteHelper>(path.name, index);
    }
    Ptr<FlowbindWiredHelper> wired = Create<FlowbindWiredHelper>(path.name, index);
    wired->SetLink(DataRate(path.up_bps), DataRate(path.down_bps), ToTime(path.delay_ns));
    wired->SetQueue(ToQueueSize(path.queue));
    wired->SetLoss(path.loss_ppm * 1e-6);
    return wired;
}

void
World::BuildTraffic(uint32_t index)
{
    const fbc_traffic& traffic = m_scenario.traffic[index];
    FlowbindTrafficProfile profile;
    profile.protocol = traffic.protocol;
    profile.mobile = m_backbone.GetHomeAddress(0);
    profile.correspondent = m_backbone.GetCorrespondentAddress();
    profile.mobilePort = traffic.local_port != 0 ? traffic.local_port : FIRST_PORT + PORTS * index;
    profile.mobilePortCount = traffic.local_port != 0 ? 1 : PORTS;
    profile.correspondentPort = traffic.port;
    profile.dscp = traffic.dscp;
    profile.up = (traffic.direction & FBC_UP) != 0;
    profile.down = (traffic.direction & FBC_DOWN) != 0;
    profile.rate = DataRate(traffic.rate_bps);
    profile.packet = traffic.kind == FBC_KIND_TCP ? m_scenario.tcp.segment : traffic.packet;
    profile.bytes = traffic.bytes;
    profile.start = ToTime(traffic.start_ns);
    profile.stop = ToTime(traffic.stop_ns);
    uint32_t flow = m_statistics->AddFlow(profile.protocol,
                                          profile.mobilePort,
                                          profile.mobilePortCount,
                                          profile.correspondentPort);

    Ptr<FlowbindTrafficClient> client = CreateObject<FlowbindTrafficClient>();
    client->SetProfile(profile);
    client->TraceConnectWithoutContext("Rx", MakeBoundCallback(&CountDown, m_statistics, flow));
    m_mobile->AddApplication(client);
    m_clients.push_back(client);

    for (const auto& server : m_servers)
    {
        if (server->GetProtocol() == profile.protocol &&
            server->GetPort() == profile.correspondentPort)
        {
            server->AddSession(flow, profile);
            return;
        }
    }
    Ptr<FlowbindTrafficServer> server = CreateObject<FlowbindTrafficServer>();
    server->AddSession(flow, profile);
    server->TraceConnectWithoutContext("Rx", MakeBoundCallback(&CountUp, m_statistics));
    m_backbone.GetCorrespondent()->AddApplication(server);
    m_servers.push_back(server);
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
        FlowbindHelper::Pair(m_mobileAgent,
                             m_homeAgent,
                             event->action == FBC_EVENT_ALLOW_MULTIPATH);
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
    m_loss->AddPath(event.path->bid, address);
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
        view.bids.insert(m_statistics->FindPath(Ipv4Address(binding.care_of_address)));
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
