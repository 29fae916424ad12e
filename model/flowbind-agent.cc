/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-agent.h"

#include "flowbind-udp.h"

#include "ns3/abort.h"
#include "ns3/inet-socket-address.h"
#include "ns3/integer.h"
#include "ns3/ipv4-packet-info-tag.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindAgent");

namespace
{

/// 2026-01-01T00:00:00Z, the wall clock's reading at simulation time 0.
constexpr uint64_t EPOCH_NS = UINT64_C(1767225600) * 1000000000;
/// As much of a packet as the library has to see: tunnel header, IP and transport header.
constexpr uint32_t HEADER_OCTETS = 96;
/// fb_agent_output() needs no more.
constexpr uint32_t MESSAGE_OCTETS = 1500;
/// Nodes served before output and events are drained; those that remain are due at once again.
constexpr unsigned TIMEOUT_BUDGET = 1;
constexpr uint8_t PROTOCOL_ICMP = 1;
constexpr uint8_t PROTOCOL_UDP = 17;
constexpr uint8_t PROTOCOL_MINIMAL = 55; // RFC 2004
constexpr uint8_t PROTOCOL_ICMPV6 = 58;
/// First octet of a UDP payload: data (RFC 3519 3.1), not a message.
constexpr uint8_t TUNNEL_DATA = 4;
/// ... a Registration Request (RFC 5944 3.3).
constexpr uint8_t MIP4_REQUEST = 1;

fb_time
GetNow()
{
    return static_cast<fb_time>(Simulator::Now().GetNanoSeconds());
}

fb_addr
ToAddr(Ipv4Address address)
{
    return fb_addr_from_ipv4(address.Get());
}

Ipv4Address
ToIpv4Address(const fb_addr& address)
{
    return Ipv4Address(fb_addr_to_ipv4(&address));
}

/**
 * ns-3's own chatter on every interface that is up (groups, limited broadcast, link-local addresses): it is of no
 * tunnel's concern, nor worth a drop trace.
 *
 * \param header an IP packet
 * \param length octets of it that are there
 */
bool
IsLinkScope(const uint8_t* header, uint32_t length)
{
    if (length < 20)
    {
        return false;
    }
    if (header[0] >> 4 == 6)
    {
        // ff00::/8 and fe80::/10
        return length >= 40 && (header[24] == 0xff || (header[24] == 0xfe && header[25] >> 6 == 2));
    }
    const uint8_t* destination = header + 16;
    return destination[0] >= 224 || (destination[0] == 169 && destination[1] == 254);
}

} // namespace

FlowbindAgent::FlowbindAgent()
    : m_atHome(0),
      m_core(nullptr),
      m_holds(false),
      m_timerAt(FB_TIME_NEVER)
{
    NS_LOG_FUNCTION(this);
}

FlowbindAgent::~FlowbindAgent()
{
    NS_LOG_FUNCTION(this);
}

void
FlowbindAgent::NotifyNewAggregate()
{
    NS_LOG_FUNCTION(this);
    if (!m_node)
    {
        m_node = GetObject<Node>();
    }
    Object::NotifyNewAggregate();
}

void
FlowbindAgent::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    Start();
    Object::DoInitialize();
}

void
FlowbindAgent::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_timer.Cancel();
    for (const auto& socket : m_sockets)
    {
        socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        socket->Close();
    }
    m_sockets.clear();
    if (m_tunnel)
    {
        m_tunnel->Dispose();
        m_tunnel = nullptr;
    }
    m_core = nullptr;
    DropHeldPackets();
    m_memory.clear();
    m_links.clear();
    m_kept.clear();
    m_inputRouting = nullptr;
    m_random = nullptr;
    m_udp = nullptr;
    m_ipv4 = nullptr;
    m_node = nullptr;
    Object::DoDispose();
}

int64_t
FlowbindAgent::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    // Made here, so that no other object's stream depends on whether there is an agent.
    m_random = CreateObjectWithAttributes<UniformRandomVariable>("Stream", IntegerValue(stream));
    return 1;
}

void
FlowbindAgent::InstallTunnel()
{
    NS_LOG_FUNCTION(this);
    if (m_tunnel)
    {
        return;
    }
    NS_ABORT_MSG_IF(!m_node, "FlowbindAgent: aggregate the agent to a node first.");
    bool isMobileNode = m_roles & FB_ROLE_MOBILE_NODE;
    bool isHomeAgent = m_roles & FB_ROLE_HOME_AGENT;
    m_tunnel = CreateObject<FlowbindTunnel>();
    m_tunnel->SetCallbacks(MakeCallback(&FlowbindAgent::Steer, this),
                           MakeCallback(&FlowbindAgent::ReceiveOuter, this),
                           MakeCallback(&FlowbindAgent::HandleIcmpError, this));
    m_tunnel->Install(m_node,
                      isMobileNode  ? m_homeAddress
                      : isHomeAgent ? m_address
                                    : m_careOfAddress,
                      m_tunnelMtu,
                      isHomeAgent);
    if (isMobileNode)
    {
        m_tunnel->AddRoute(Ipv4Address::GetAny(), Ipv4Mask::GetZero());
        UseIpv6Prefixes();
    }
    if (isHomeAgent && !m_homeNetwork.IsAny())
    {
        m_tunnel->AddRoute(m_homeNetwork, m_homeNetworkMask);
    }
}

void
FlowbindAgent::OpenSocket(uint16_t port)
{
    NS_LOG_FUNCTION(this << port);
    Ptr<Socket> socket = Socket::CreateSocket(m_node, UdpSocketFactory::GetTypeId());
    int error = socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
    NS_ABORT_MSG_IF(error != 0,
                    "FlowbindAgent of node " << m_node->GetId() << " cannot open UDP port " << port
                                             << ": something else on this node uses it.");
    socket->SetRecvPktInfo(true);
    socket->SetIpRecvTos(true);
    socket->SetRecvCallback(MakeCallback(&FlowbindAgent::HandleRead, this));
    m_sockets.push_back(socket);
}

void
FlowbindAgent::Start()
{
    NS_LOG_FUNCTION(this);
    if (m_core)
    {
        return;
    }
    NS_ABORT_MSG_IF(!m_node, "FlowbindAgent: aggregate the agent to a node first.");
    m_ipv4 = m_node->GetObject<Ipv4>();
    m_udp = m_node->GetObject<UdpL4Protocol>();
    NS_ABORT_MSG_IF(!m_ipv4 || !m_udp,
                    "FlowbindAgent: node "
                        << m_node->GetId()
                        << " has no IPv4. Install an InternetStackHelper first.");
    MakeCore();
    InstallTunnel();
    if (m_roles & (FB_ROLE_HOME_AGENT | FB_ROLE_FOREIGN_AGENT))
    {
        OpenSocket(FB_MIP4_PORT);
    }
    if ((m_roles & FB_ROLE_MOBILE_NODE) && !(m_sockets.size() == 1 && m_port == FB_MIP4_PORT))
    {
        OpenSocket(m_port);
    }
    OpenLinks();
    Open();
    CreateObject<FlowbindUdp>()->Install(m_ipv4,
                                         m_udp,
                                         MakeCallback(&FlowbindAgent::HandleIcmpError, this),
                                         GetPorts());
    TellWallClock();
    TellEntropy();
    std::vector<fb_fact> kept;
    kept.swap(m_kept);
    for (std::size_t i = 0; i < kept.size(); i++)
    {
        // As TellLink(): the first message over a path says what is known of it.
        m_holds = i + 1 < kept.size() && kept[i + 1].kind == FB_FACT_QUALITY;
        Tell(kept[i]);
    }
}

void
FlowbindAgent::Open()
{
}

void
FlowbindAgent::TellAgain()
{
}

void
FlowbindAgent::MakeCore()
{
    fb_config config = MakeConfig();
    Configure(config);
    std::size_t size = fb_agent_size(&config);
    NS_ABORT_MSG_IF(
        size == 0,
        "FlowbindAgent of node "
            << m_node->GetId()
            << ": the attributes contradict each other. Look at Roles and at the limits "
               "(Max..., FlowCacheSize a power of two).");
    m_memory.resize((size + sizeof(Block) - 1) / sizeof(Block));
    int error =
        fb_agent_init(&m_core, m_memory.data(), m_memory.size() * sizeof(Block), &config, GetNow());
    NS_ABORT_MSG_IF(error != FB_OK,
                    "FlowbindAgent of node " << m_node->GetId() << ": " << fb_error_text(error));
}

void
FlowbindAgent::Restart()
{
    NS_LOG_FUNCTION(this);
    if (!m_core)
    {
        return;
    }
    m_timer.Cancel();
    m_timerAt = FB_TIME_NEVER;
    ForgetVisitors();
    ForgetNetworks();
    ForgetHome();
    DropHeldPackets();
    MakeCore();
    TellWallClock();
    TellEntropy();
    for (const auto& subscriber : m_subscribers)
    {
        AddSubscriber(subscriber.second);
    }
    std::vector<fb_peer_association> associations;
    associations.swap(m_associations);
    for (const auto& association : associations)
    {
        AddAssociation(association);
    }
    if (!m_policy.empty())
    {
        SetPolicy(m_policy);
    }
    if (!m_staticPolicy.empty())
    {
        SetStaticPolicy(m_staticPolicy);
    }
    TellAgain();
    for (Link& link : m_links)
    {
        link.told = false;
        UpdateLink(link);
    }
}

bool
FlowbindAgent::IsStarted() const
{
    return m_core != nullptr;
}

Ptr<VirtualNetDevice>
FlowbindAgent::GetTunnelDevice() const
{
    return m_tunnel ? m_tunnel->GetDevice() : nullptr;
}

void
FlowbindAgent::SetPolicy(const std::vector<fb_rule>& rules)
{
    NS_LOG_FUNCTION(this << rules.size());
    m_policy = rules;
    fb_fact fact = {};
    fact.kind = FB_FACT_POLICY;
    Tell(fact);
}

void
FlowbindAgent::SetStaticPolicy(const std::vector<fb_rule>& rules)
{
    NS_LOG_FUNCTION(this << rules.size());
    m_staticPolicy = rules;
    fb_fact fact = {};
    fact.kind = FB_FACT_STATIC_POLICY;
    Tell(fact);
}

void
FlowbindAgent::SetWeights(const std::vector<fb_label_weight>& weights)
{
    NS_ABORT_MSG_IF(weights.size() > FB_LABEL_WEIGHTS_MAX,
                    "FlowbindAgent: at most " << FB_LABEL_WEIGHTS_MAX << " labels have a weight.");
    m_weights = weights;
}

void
FlowbindAgent::AddAssociation(const fb_peer_association& association)
{
    NS_LOG_FUNCTION(this << +association.kind << Ipv4Address(association.peer));
    fb_fact fact = {};
    fact.kind = FB_FACT_ASSOCIATION;
    fact.u.association = association;
    m_associations.push_back(association);
    Tell(fact);
}

void
FlowbindAgent::AddSubscriber(const fb_subscriber& subscriber)
{
    NS_LOG_FUNCTION(this << Ipv4Address(subscriber.home_address));
    fb_fact fact = {};
    fact.kind = FB_FACT_SUBSCRIBER_SET;
    fact.u.subscriber = subscriber;
    m_subscribers[subscriber.home_address] = subscriber;
    Tell(fact);
}

void
FlowbindAgent::RemoveSubscriber(Ipv4Address homeAddress)
{
    NS_LOG_FUNCTION(this << homeAddress);
    fb_fact fact = {};
    fact.kind = FB_FACT_SUBSCRIBER_REMOVE;
    fact.u.subscriber.home_address = homeAddress.Get();
    m_subscribers.erase(homeAddress.Get());
    Tell(fact);
}

void
FlowbindAgent::Register(uint8_t bid)
{
    NS_LOG_FUNCTION(this << +bid);
    TellWanted(FB_FACT_REGISTER, bid);
}

void
FlowbindAgent::Deregister(uint8_t bid)
{
    NS_LOG_FUNCTION(this << +bid);
    TellWanted(FB_FACT_DEREGISTER, bid);
}

void
FlowbindAgent::TellWanted(fb_fact_kind kind, uint8_t bid)
{
    fb_fact fact = {};
    fact.kind = kind;
    fact.u.bid = bid;
    Tell(fact);
}

void
FlowbindAgent::TellWallClock()
{
    fb_fact fact = {};
    fact.kind = FB_FACT_WALL_CLOCK;
    fact.u.wall_ns = EPOCH_NS + GetNow() + static_cast<uint64_t>(m_clockOffset.GetNanoSeconds());
    Tell(fact);
}

void
FlowbindAgent::TellEntropy()
{
    if (!m_random)
    {
        m_random = CreateObject<UniformRandomVariable>();
    }
    fb_fact fact = {};
    fact.kind = FB_FACT_ENTROPY;
    for (uint8_t& octet : fact.u.entropy)
    {
        octet = static_cast<uint8_t>(m_random->GetInteger(0, UINT8_MAX));
    }
    Tell(fact);
}

void
FlowbindAgent::Tell(const fb_fact& fact)
{
    if (!m_core)
    {
        m_kept.push_back(fact);
        return;
    }
    fb_fact now = fact;
    if (now.kind == FB_FACT_POLICY)
    {
        now.u.policy.rules = m_policy.data();
        now.u.policy.count = m_policy.size();
    }
    if (now.kind == FB_FACT_STATIC_POLICY)
    {
        now.u.policy.rules = m_staticPolicy.data();
        now.u.policy.count = m_staticPolicy.size();
    }
    int error = fb_agent_fact(m_core, &now, GetNow());
    NS_ABORT_MSG_IF(error != FB_OK,
                    "FlowbindAgent of node " << m_node->GetId() << ": fact " << now.kind
                                             << " was refused: " << fb_error_text(error));
    Pump();
}

void
FlowbindAgent::HoldMessages()
{
    m_holds = true;
}

void
FlowbindAgent::ReleaseMessages()
{
    m_holds = false;
    if (m_core)
    {
        Pump();
    }
}

void
FlowbindAgent::Pump()
{
    NS_LOG_FUNCTION(this);
    if (m_holds)
    {
        return;
    }
    uint8_t message[MESSAGE_OCTETS];
    fb_meta meta;
    ptrdiff_t length = fb_agent_output(m_core, &meta, message, sizeof(message), GetNow());
    while (length > 0)
    {
        SendMessage(meta, message, static_cast<uint32_t>(length));
        length = fb_agent_output(m_core, &meta, message, sizeof(message), GetNow());
    }
    NS_ABORT_MSG_IF(length < 0,
                    "FlowbindAgent: fb_agent_output: " << fb_error_text(static_cast<int>(length)));
    PumpEvents();
    SetTimer();
}

void
FlowbindAgent::PumpEvents()
{
    fb_event event;
    while (fb_agent_poll_event(m_core, &event))
    {
        Report(event);
    }
    NS_ABORT_MSG_IF(fb_agent_events_lost(m_core) > 0,
                    "FlowbindAgent of node "
                        << m_node->GetId()
                        << ": more events at once than EventQueueSize holds, so traces would be "
                           "wrong. Give it a larger one.");
}

void
FlowbindAgent::SetTimer()
{
    fb_time next = fb_agent_next_timeout(m_core);
    if (next == m_timerAt)
    {
        return;
    }
    m_timer.Cancel();
    m_timerAt = next;
    if (next == FB_TIME_NEVER)
    {
        return;
    }
    fb_time now = GetNow();
    Time delay = NanoSeconds(next > now ? next - now : 0);
    m_timer = Simulator::Schedule(delay, &FlowbindAgent::HandleTimeout, this);
}

void
FlowbindAgent::HandleTimeout()
{
    NS_LOG_FUNCTION(this);
    m_timerAt = FB_TIME_NEVER;
    int error = fb_agent_handle_timeout(m_core, TIMEOUT_BUDGET, GetNow());
    NS_ABORT_MSG_IF(error != FB_OK,
                    "FlowbindAgent: fb_agent_handle_timeout: " << fb_error_text(error));
    RunActions(GetNow());
    Pump();
}

void
FlowbindAgent::SendPlainMessage(const fb_meta& meta, const uint8_t* message, uint32_t length)
{
    NS_LOG_FUNCTION(this << ToIpv4Address(meta.src) << ToIpv4Address(meta.dst) << meta.link
                         << length);
    if (meta.protocol == PROTOCOL_ICMP || meta.protocol == PROTOCOL_ICMPV6)
    {
        SendIcmp(meta, message, length);
        return;
    }
    Ptr<Packet> packet = Create<Packet>(message, length);
    if (meta.protocol != PROTOCOL_UDP)
    {
        // What asks whether a path is silent goes through its tunnel.
        Ipv4Header header;
        header.SetSource(ToIpv4Address(meta.src));
        header.SetDestination(ToIpv4Address(meta.dst));
        header.SetProtocol(meta.protocol);
        header.SetTtl(meta.ttl);
        header.SetTos(meta.tos);
        header.SetPayloadSize(static_cast<uint16_t>(length));
        m_tunnel->SendWithHeader(packet, header, GetMessageRoute(meta));
        return;
    }
    if (meta.ttl != 0)
    {
        SocketIpTtlTag ttl;
        ttl.SetTtl(meta.ttl);
        packet->AddPacketTag(ttl);
    }
    if (meta.tos != 0)
    {
        SocketIpTosTag tos;
        tos.SetTos(meta.tos);
        packet->AddPacketTag(tos);
    }
    m_udp->Send(packet,
                ToIpv4Address(meta.src),
                ToIpv4Address(meta.dst),
                meta.sport,
                meta.dport,
                GetMessageRoute(meta));
}

void
FlowbindAgent::Input(const fb_meta& meta, const std::vector<uint8_t>& message)
{
    int result = fb_agent_input(m_core, &meta, message.data(), message.size(), GetNow());
    NS_LOG_LOGIC("message from " << ToIpv4Address(meta.src) << ": " << fb_reason_name(result));
    NS_ABORT_MSG_IF(result < 0, "FlowbindAgent: fb_agent_input: " << fb_error_text(result));
    Pump();
}

void
FlowbindAgent::HandleRead(Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << socket);
    Address from;
    while (Ptr<Packet> packet = socket->RecvFrom(from))
    {
        Ipv4PacketInfoTag info;
        if (!InetSocketAddress::IsMatchingType(from) || !packet->RemovePacketTag(info))
        {
            continue;
        }
        InetSocketAddress source = InetSocketAddress::ConvertFrom(from);
        Address local;
        socket->GetSockName(local);
        fb_meta meta = {};
        meta.src = ToAddr(source.GetIpv4());
        meta.dst = ToAddr(info.GetAddress());
        meta.sport = source.GetPort();
        meta.dport = InetSocketAddress::ConvertFrom(local).GetPort();
        meta.link = FindLink(m_node->GetDevice(info.GetRecvIf()));
        meta.protocol = PROTOCOL_UDP;
        meta.ttl = info.GetTtl();
        SocketIpTosTag tos;
        meta.tos = packet->RemovePacketTag(tos) ? tos.GetTos() : 0;

        uint8_t type = 0;
        packet->CopyData(&type, 1);
        if (IsTunnelData(meta, type))
        {
            ReceiveTunnel(packet, meta);
            continue;
        }
        if (type == MIP4_REQUEST && meta.link != 0 && m_links[meta.link - 1].isAccess)
        {
            continue; // HandleFrame() has it, with its link-layer address
        }
        std::vector<uint8_t> message(packet->GetSize());
        packet->CopyData(message.data(), packet->GetSize());
        Input(meta, message);
    }
}

bool
FlowbindAgent::IsTunnelData(const fb_meta&, uint8_t type) const
{
    return type == TUNNEL_DATA;
}

void
FlowbindAgent::Report(const fb_event& event)
{
    NS_LOG_FUNCTION(this << +event.kind);
    Follow(event);
    m_eventTrace(event);
    switch (event.kind)
    {
    case FB_EVENT_BINDING:
        NS_LOG_INFO("node " << m_node->GetId() << " home address "
                            << Ipv4Address(event.home_address) << " BID " << +event.ref.bid << " "
                            << fb_binding_state_name(event.from) << " -> "
                            << fb_binding_state_name(event.to) << ", "
                            << fb_cause_name(event.cause));
        m_bindingTrace(event);
        break;
    case FB_EVENT_SENT:
    case FB_EVENT_RECEIVED:
        NS_LOG_INFO("node " << m_node->GetId()
                            << (event.kind == FB_EVENT_SENT ? " sent" : " received") << " type "
                            << +event.type << " code " << +event.code << " lifetime "
                            << event.lifetime_s);
        m_messageTrace(event);
        break;
    case FB_EVENT_DENIED:
    case FB_EVENT_DROP:
        NS_LOG_INFO("node " << m_node->GetId()
                            << (event.kind == FB_EVENT_DROP ? " discards" : " denied") << " code "
                            << +event.code << " " << fb_reason_name(event.reason));
        m_dropTrace(event);
        break;
    case FB_EVENT_POLICY:
        NS_LOG_INFO("node " << m_node->GetId() << " policy of " << event.count << " rules");
        m_policyTrace(event);
        break;
    case FB_EVENT_INTERCEPT:
        NS_LOG_INFO("node " << m_node->GetId() << (event.count ? " intercepts " : " leaves alone ")
                            << Ipv4Address(event.home_address));
        m_interceptTrace(event);
        break;
    default:
        break;
    }
}

void
FlowbindAgent::Follow(const fb_event& event)
{
    bool begins = event.to != 0;
    Ipv4Address address(event.home_address);
    m_tunnel->ForgetRoutes();
    switch (event.kind)
    {
    case FB_EVENT_VISITOR:
        FollowVisitor(event);
        return;
    case FB_EVENT_NETWORK:
        if (event.role == FB_ROLE_HOME_AGENT)
        {
            RouteNetwork(event.prefix, begins);
        }
        return;
    case FB_EVENT_INTERCEPT:
        FollowIntercept(event);
        return;
    case FB_EVENT_HOME:
        FollowHome(event);
        return;
    case FB_EVENT_AGENT:
        FollowAgent(event);
        return;
    case FB_EVENT_HOME_ADDRESS:
        if (event.role == FB_ROLE_MOBILE_NODE)
        {
            m_tunnel->SetAddress(address);
        }
        return;
    default:
        return;
    }
}

void
FlowbindAgent::Steer(Ptr<Packet> packet)
{
    SteerFrom(packet, {});
}

void
FlowbindAgent::SteerFrom(const Ptr<Packet>& packet, fb_ref from)
{
    NS_LOG_FUNCTION(this << packet << from.link);
    uint8_t header[HEADER_OCTETS];
    uint32_t length = packet->CopyData(header, sizeof(header));
    if (IsLinkScope(header, length))
    {
        return;
    }
    if (!m_core)
    {
        m_packetDropTrace(packet, FB_DROP_NO_BINDING);
        return;
    }
    // The library's handle is the packet itself, with a reference of its own that the last action gives back.
    fb_packet view = {};
    view.packet = reinterpret_cast<uintptr_t>(GetPointer(packet));
    view.header = header;
    view.header_len = length;
    view.total_len = packet->GetSize();
    fb_time now = GetNow();
    int error = fb_agent_steer(m_core, from, &view, now);
    if (error != FB_OK)
    {
        RefusePacket(view.packet, error);
        return;
    }
    RunActions(now);
    SetTimer(); // the first packet of a path begins to be watched
}

void
FlowbindAgent::SteerForwarded(const Ptr<const Packet>& packet,
                              const Ipv4Header& header,
                              fb_ref from)
{
    if (header.GetTtl() <= 1)
    {
        m_packetDropTrace(packet, FB_DROP_TTL);
        return;
    }
    SteerAlive(packet, header, from);
}

void
FlowbindAgent::SteerAlive(const Ptr<const Packet>& packet, const Ipv4Header& header, fb_ref from)
{
    // What Ipv4L3Protocol does for what it forwards itself.
    Ipv4Header forwarded = header; // with a checksum if it came with one
    Ptr<Packet> whole = packet->Copy();
    FlowbindTunnel::BeginForwarding(whole, forwarded);
    whole->AddHeader(forwarded);
    SteerFrom(whole, from);
}

bool
FlowbindAgent::RouteInput(const Ptr<const Packet>& packet,
                          const Ipv4Header& header,
                          const Ptr<const NetDevice>& device)
{
    if ((m_roles & FB_ROLE_FOREIGN_AGENT) && SteerVisitor(packet, header, device))
    {
        return true;
    }
    // What would enter the tunnel device anyway; ns-3 answers a TTL that is over, and fragments.
    if (header.GetTtl() <= 1 || !m_tunnel->IsShortcut(header, device))
    {
        return false;
    }
    SteerAlive(packet, header, {});
    return true;
}

void
FlowbindAgent::ReceiveOuter(const Ptr<Packet>& packet,
                            const Ipv4Header& outer,
                            const Ptr<Ipv4Interface>& interface)
{
    fb_meta meta = {};
    meta.src = ToAddr(outer.GetSource());
    meta.dst = ToAddr(outer.GetDestination());
    meta.link = FindLink(interface->GetDevice());
    meta.protocol = outer.GetProtocol();
    meta.tos = outer.GetTos();
    if (meta.protocol == PROTOCOL_MINIMAL)
    {
        // The inner header is made of these.
        meta.ttl = outer.GetTtl();
        meta.flags = outer.IsDontFragment() ? FB_META_DONT_FRAGMENT : 0;
        meta.identification = outer.GetIdentification();
    }
    ReceiveTunnel(packet, meta);
}

void
FlowbindAgent::ReceiveTunnel(const Ptr<Packet>& packet, const fb_meta& meta)
{
    if (!m_core)
    {
        m_packetDropTrace(packet, FB_DROP_NO_BINDING);
        return;
    }
    uint8_t header[HEADER_OCTETS];
    fb_packet view = {};
    view.packet = reinterpret_cast<uintptr_t>(GetPointer(packet));
    view.header = header;
    view.header_len = packet->CopyData(header, sizeof(header));
    view.total_len = packet->GetSize();
    fb_time now = GetNow();
    int error = fb_agent_receive(m_core, &meta, &view, now);
    if (error < 0)
    {
        RefusePacket(view.packet, error);
        return;
    }
    RunActions(now);
    SetTimer(); // the first packet of a path begins to be watched
}

void
FlowbindAgent::RunAction(const fb_action& action)
{
    if (action.kind == FB_HOLD)
    {
        HoldPacket(action);
        return;
    }
    Packet* handle = reinterpret_cast<Packet*>(static_cast<uintptr_t>(action.packet));
    Ptr<Packet> packet = action.last ? Ptr<Packet>(handle, false) : handle->Copy();
    if (action.kind == FB_SEND || action.kind == FB_COPY ||
        (action.kind == FB_FORWARD && action.strip == 0))
    {
        // Before it gets its headers; minimal encapsulation takes the inner one off.
        m_tunnelTxTrace(packet, action.path.bid);
    }
    if (action.patch_count != 0)
    {
        FlowbindTunnel::Patch(packet, action);
    }
    if (action.strip != 0)
    {
        packet->RemoveAtStart(action.strip);
    }
    switch (action.kind)
    {
    case FB_SEND:
    case FB_COPY:
        RunSend(action, packet);
        break;
    case FB_DELIVER:
        if (action.outer_len != 0)
        {
            FlowbindTunnel::Prepend(packet, action.outer, action.outer_len);
        }
        m_tunnelRxTrace(packet, action.path.bid);
        m_tunnel->Deliver(packet, action.family == FB_FAMILY_IPV6);
        break;
    case FB_FORWARD:
        RunForward(action, packet);
        break;
    case FB_CONSUME:
        // The library may have something to say now: an answer to a keepalive, a change of state.
        Pump();
        break;
    default:
        NS_LOG_LOGIC("packet dropped: " << fb_reason_name(action.reason));
        m_packetDropTrace(packet, action.reason);
        Pump();
        break;
    }
}

void
FlowbindAgent::RunSend(const fb_action& action, const Ptr<Packet>& packet)
{
    m_tunnel->Send(
        packet,
        action.outer,
        action.outer_len,
        action.path.link == 0 ? nullptr : GetRoute(action.path.link, Ipv4Address(action.next_hop)));
}

void
FlowbindAgent::RunForward(const fb_action& action, Ptr<Packet> packet)
{
    if (action.outer_len != 0)
    {
        FlowbindTunnel::Prepend(packet, action.outer, action.outer_len);
    }
    if (action.strip != 0)
    {
        m_tunnelTxTrace(packet, action.path.bid); // it came out of another tunnel
    }
    Ipv4Address nextHop(action.next_hop);
    SetLinkAddress(action.path.link, nextHop, action.link_addr, action.link_addr_len);
    Ipv4Header header;
    packet->RemoveHeader(header);
    bool isForwarded = action.path.link != 0 && m_links[GetLinkIndex(action.path.link)].isAccess;
    if (isForwarded)
    {
        // To a visitor: this node is a router on the way (RFC 2003 3.1, RFC 1812 5.3.1).
        if (header.GetTtl() <= 1)
        {
            m_packetDropTrace(packet, FB_DROP_TTL);
            return;
        }
        header.SetTtl(header.GetTtl() - 1);
    }
    m_tunnel->SendWithHeader(packet, header, GetRoute(action.path.link, nextHop));
}

void
FlowbindAgent::RefusePacket(fb_handle handle, int error)
{
    NS_LOG_ERROR("FlowbindAgent: a packet was refused: " << fb_error_text(error));
    Ptr<Packet> packet(reinterpret_cast<Packet*>(static_cast<uintptr_t>(handle)), false);
    m_packetDropTrace(packet, FB_REASON_NONE);
}

std::vector<fb_binding_view>
FlowbindAgent::GetBindings(uint8_t role, Ipv4Address homeAddress) const
{
    std::vector<fb_binding_view> bindings;
    fb_binding_view view;
    while (m_core && fb_agent_binding(m_core, role, homeAddress.Get(), bindings.size(), &view))
    {
        bindings.push_back(view);
    }
    return bindings;
}

std::vector<fb_rule>
FlowbindAgent::GetRules(uint8_t role, Ipv4Address homeAddress) const
{
    std::vector<fb_rule> rules;
    fb_rule rule;
    while (m_core && fb_agent_rule(m_core, role, homeAddress.Get(), rules.size(), &rule))
    {
        rules.push_back(rule);
    }
    return rules;
}

uint64_t
FlowbindAgent::GetCounter(fb_reason reason) const
{
    return m_core ? fb_agent_counter(m_core, reason) : 0;
}

} // namespace ns3
