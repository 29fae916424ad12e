/* SPDX-License-Identifier: GPL-2.0-only */
#include "traffic.h"

#include "ns3/flowbind-video-client.h"
#include "ns3/flowbind-web-client.h"
#include "ns3/node.h"
#include "ns3/uinteger.h"

#include <algorithm>

using namespace ns3;

namespace
{

/// The mobile node's ports: so many for each traffic, for connections that have to be opened again.
const uint16_t FIRST_PORT = 49152;
const uint16_t PORTS = 16;
/// Random streams of each traffic.
const int64_t FIRST_STREAM = 1000000;
const int64_t STREAMS = 100;

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

/// The packets of a capture that go this way.
Ptr<FlowbindTrafficPattern>
MakeReplay(const fbc_traffic& traffic, fbc_direction direction)
{
    Ptr<FlowbindReplayPattern> pattern = Create<FlowbindReplayPattern>();
    for (std::size_t i = 0; i < traffic.replay_count; i++)
    {
        const fbc_replayed& packet = traffic.replay[i];
        if (packet.direction == direction)
        {
            pattern->Add(NanoSeconds(packet.at_ns), packet.octets);
        }
    }
    return pattern;
}

/// What is sent one way; null: as much as TCP can carry.
Ptr<FlowbindTrafficPattern>
MakePattern(const fbc_traffic& traffic, fbc_direction direction)
{
    switch (traffic.kind)
    {
    case FBC_KIND_TCP:
    case FBC_KIND_WEB:
    case FBC_KIND_VIDEO:
        return nullptr;
    case FBC_KIND_POISSON:
        return Create<FlowbindPoissonPattern>(DataRate(traffic.rate_bps), traffic.packet);
    case FBC_KIND_PCAP:
        return MakeReplay(traffic, direction);
    case FBC_KIND_VOIP:
    case FBC_KIND_CBR:
        break;
    }
    return Create<FlowbindConstantPattern>(DataRate(traffic.rate_bps), traffic.packet);
}

Ptr<FlowbindTrafficClient>
MakeWebClient(const fbc_web& web, int64_t stream)
{
    Ptr<FlowbindWebClient> client = CreateObject<FlowbindWebClient>();
    client->SetAttribute("PageSize", UintegerValue(web.page));
    client->SetAttribute("Objects", UintegerValue(std::max<uint32_t>(1, web.objects)));
    client->SetAttribute("Connections", UintegerValue(web.connections));
    client->SetAttribute("ThinkTime", TimeValue(NanoSeconds(web.think_ns)));
    client->AssignStreams(stream);
    return client;
}

Ptr<FlowbindTrafficClient>
MakeVideoClient(const fbc_video& video)
{
    Ptr<FlowbindVideoClient> client = CreateObject<FlowbindVideoClient>();
    client->SetAttribute("SegmentDuration", TimeValue(NanoSeconds(video.segment_ns)));
    client->SetAttribute("Buffer", TimeValue(NanoSeconds(video.buffer_ns)));
    client->SetAttribute("StartUp", TimeValue(NanoSeconds(video.start_up_ns)));
    std::vector<DataRate> ladder;
    for (std::size_t i = 0; i < video.rungs; i++)
    {
        ladder.emplace_back(video.ladder[i]);
    }
    client->SetLadder(ladder);
    return client;
}

Ptr<FlowbindTrafficClient>
MakeClient(const fbc_traffic& traffic, int64_t stream)
{
    switch (traffic.kind)
    {
    case FBC_KIND_WEB:
        return MakeWebClient(traffic.web, stream);
    case FBC_KIND_VIDEO:
        return MakeVideoClient(traffic.video);
    default:
        return CreateObject<FlowbindTrafficClient>();
    }
}

} // namespace

Traffic::Traffic(const fbc_scenario& scenario)
    : m_scenario(scenario)
{
}

FlowbindTrafficProfile
Traffic::MakeProfile(uint32_t index) const
{
    const fbc_traffic& traffic = m_scenario.traffic[index];
    FlowbindTrafficProfile profile;
    profile.protocol = traffic.protocol;
    profile.mobilePort = traffic.local_port != 0 ? traffic.local_port : FIRST_PORT + PORTS * index;
    profile.mobilePortCount = traffic.local_port != 0 ? 1 : PORTS;
    profile.correspondentPort = traffic.port;
    profile.dscp = traffic.dscp;
    profile.up = (traffic.direction & FBC_UP) != 0;
    profile.down = (traffic.direction & FBC_DOWN) != 0;
    profile.segment = m_scenario.tcp.segment;
    profile.answers = traffic.kind == FBC_KIND_WEB || traffic.kind == FBC_KIND_VIDEO;
    profile.bytes = traffic.bytes;
    profile.start = NanoSeconds(traffic.start_ns);
    profile.stop = NanoSeconds(traffic.stop_ns);
    profile.upPattern = MakePattern(traffic, FBC_UP);
    profile.downPattern = MakePattern(traffic, FBC_DOWN);
    int64_t stream = FIRST_STREAM + STREAMS * index;
    for (const auto& pattern : {profile.upPattern, profile.downPattern})
    {
        stream += pattern ? pattern->AssignStreams(stream) : 0;
    }
    return profile;
}

uint32_t
Traffic::Install(const FlowbindTrafficProfile& profile,
                 FlowbindStatistics::Owner owner,
                 Ptr<Node> mobile,
                 Ptr<Node> correspondent,
                 Ptr<FlowbindStatistics> statistics)
{
    uint32_t flow = statistics->AddFlow(owner,
                                        profile.protocol,
                                        profile.mobilePort,
                                        profile.mobilePortCount,
                                        profile.correspondentPort);
    std::size_t index = m_clients.size();
    Ptr<FlowbindTrafficClient> client = MakeClient(m_scenario.traffic[index],
                                                   FIRST_STREAM + STREAMS * index);
    client->SetProfile(profile);
    client->TraceConnectWithoutContext("Rx", MakeBoundCallback(&CountDown, statistics, flow));
    mobile->AddApplication(client);
    m_clients.push_back(client);
    InstallServer(flow, profile, correspondent, statistics);
    return flow;
}

/// Flows to one port share what listens there.
void
Traffic::InstallServer(uint32_t flow,
                       const FlowbindTrafficProfile& profile,
                       Ptr<Node> correspondent,
                       Ptr<FlowbindStatistics> statistics)
{
    for (const auto& server : m_servers)
    {
        if (server->GetProtocol() == profile.protocol &&
            server->GetPort() == profile.correspondentPort && server->IsIpv6() == profile.IsIpv6())
        {
            server->AddSession(flow, profile);
            return;
        }
    }
    Ptr<FlowbindTrafficServer> server = CreateObject<FlowbindTrafficServer>();
    server->AddSession(flow, profile);
    server->TraceConnectWithoutContext("Rx", MakeBoundCallback(&CountUp, statistics));
    correspondent->AddApplication(server);
    m_servers.push_back(server);
}

void
Traffic::SetMobile(uint32_t flow, const Address& address)
{
    for (const auto& server : m_servers)
    {
        server->SetMobile(flow, address);
    }
}

const std::vector<Ptr<FlowbindTrafficClient>>&
Traffic::GetClients() const
{
    return m_clients;
}
