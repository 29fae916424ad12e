/* SPDX-License-Identifier: GPL-2.0-only */

// How much does one TCP connection carry over a path with given rate, round-trip time and loss?
//
//     flowbind-tcp-path --rate=2457600 --rtt=0.4174 --spread=0.1225 --loss=0.002 --seconds=600
//
// prints one line of JSON. The path is an emulated pipe by default: it knows nothing of radio, so what comes out says
// something about TCP and about the numbers that went in. --network=cdma puts a 1xEV-DO sector in its place, and takes
// mean SINR and speed of the terminal instead. results/R7-cdma-tcp compares.

#include "ns3/bulk-send-application.h"
#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/flowbind-cdma-helper.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/queue-size.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/tcp-congestion-ops.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/uinteger.h"
#include "ns3/virtual-net-device.h"

#include <algorithm>
#include <cmath>
#include <iostream>

using namespace ns3;

namespace
{

constexpr uint16_t PORT = 9;
constexpr uint16_t PROTOCOL_IPV4 = 0x0800;
constexpr double DELAY_PERIOD = 1; // s for which a delay holds
constexpr uint32_t HEADERS = 52; // octets of IPv4 and of TCP with time stamps
constexpr double LOSS_DB = 120; // between terminal and sector: noise does not matter

struct Options
{
    std::string network = "pipe";
    double rate = 2457600;
    double ackRate = 0;
    double rtt = 0.4174;
    double spread = 0;
    double loss = 0.002;
    double ackLoss = 0;
    uint32_t queue = 100;
    uint32_t segment = 1448;
    uint32_t perAck = 2;
    double minRto = 1;
    double sinr = 5;
    double speed = 1;
    double wire = 0.02;
    bool up = false;
    double seconds = 600;
    double warmUp = 20;
    uint32_t seed = 1;
};

/// Mean and variance as numbers come.
struct Moments
{
    double count = 0;
    double sum = 0;
    double squares = 0;

    void Add(double value)
    {
        count++;
        sum += value;
        squares += value * value;
    }

    double GetMean() const
    {
        return count > 0 ? sum / count : 0;
    }

    double GetVariance() const
    {
        return count > 0 ? squares / count - GetMean() * GetMean() : 0;
    }
};

/// One direction of a pipe. Packets are lost independently, wait for the rate, and are then delayed. The delay is drawn
/// anew every second (gamma distribution); nothing ever overtakes.
class Pipe
{
  public:
    Pipe(double rate, double delay, double spread, double loss, uint32_t queue, int64_t stream)
        : m_rate(rate),
          m_delay(delay),
          m_loss(loss),
          m_queue(queue),
          m_uniform(CreateObject<UniformRandomVariable>()),
          m_gamma(CreateObject<GammaRandomVariable>())
    {
        m_uniform->SetStream(stream);
        m_gamma->SetStream(stream + 1);
        if (spread > 0)
        {
            m_gamma->SetAttribute("Alpha", DoubleValue(delay * delay / (spread * spread)));
            m_gamma->SetAttribute("Beta", DoubleValue(spread * spread / delay));
            m_isRandom = true;
        }
    }

    void SetOutput(Ptr<VirtualNetDevice> output)
    {
        m_output = output;
    }

    bool Send(Ptr<Packet> packet, const Address&, const Address&, uint16_t)
    {
        double now = Simulator::Now().GetSeconds();
        double time = packet->GetSize() * 8 / m_rate;
        m_sent++;
        if (m_uniform->GetValue() < m_loss)
        {
            m_lost++;
            return true;
        }
        if (m_free - now > m_queue * time)
        {
            m_dropped++;
            return true;
        }
        m_free = std::max(m_free, now) + time;
        double arrival = std::max(m_last, m_free + GetDelay(now));
        m_last = arrival;
        m_delays.Add(arrival - now);
        Simulator::Schedule(Seconds(arrival - now), &Pipe::Deliver, this, packet->Copy());
        return true;
    }

    /// Counts from now on.
    void Forget()
    {
        m_sent = m_lost = m_dropped = 0;
        m_delays = Moments();
    }

    uint64_t m_sent = 0;
    uint64_t m_lost = 0;
    uint64_t m_dropped = 0; ///< no room
    Moments m_delays;

  private:
    double GetDelay(double now)
    {
        if (m_isRandom && now >= m_until)
        {
            m_delay = m_gamma->GetValue();
            m_until = (std::floor(now / DELAY_PERIOD) + 1) * DELAY_PERIOD;
        }
        return m_delay;
    }

    void Deliver(Ptr<Packet> packet)
    {
        Address address = m_output->GetAddress();
        m_output->Receive(packet, PROTOCOL_IPV4, address, address, NetDevice::PACKET_HOST);
    }

    double m_rate;
    double m_delay;
    double m_loss;
    uint32_t m_queue; ///< packets
    bool m_isRandom = false;
    double m_until = 0; ///< when the delay is drawn again
    double m_free = 0; ///< when everything so far will have been sent
    double m_last = 0; ///< when the last packet arrives
    Ptr<UniformRandomVariable> m_uniform;
    Ptr<GammaRandomVariable> m_gamma;
    Ptr<VirtualNetDevice> m_output;
};

uint64_t g_octets = 0;
uint64_t g_timeouts = 0;
Moments g_rtt;

void
CountOctets(Ptr<const Packet> packet, const Address&)
{
    g_octets += packet->GetSize();
}

void
CountRtt(Time, Time rtt)
{
    g_rtt.Add(rtt.GetSeconds());
}

void
CountState(TcpSocketState::TcpCongState_t, TcpSocketState::TcpCongState_t state)
{
    g_timeouts += state == TcpSocketState::CA_LOSS;
}

void
SetTcp(const Options& options)
{
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpNewReno::GetTypeId()));
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(options.segment));
    Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(options.perAck));
    Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(Seconds(options.minRto)));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 22));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1 << 22));
}

void
TraceSocket(Ptr<BulkSendApplication> source)
{
    Ptr<Socket> socket = source->GetSocket();
    socket->TraceConnectWithoutContext("RTT", MakeCallback(&CountRtt));
    socket->TraceConnectWithoutContext("CongState", MakeCallback(&CountState));
}

/// A connection from one node to another, with no end.
void
InstallConnection(Ptr<Node> from, Ptr<Node> to, Ipv4Address address)
{
    Ptr<PacketSink> sink = CreateObject<PacketSink>();
    sink->SetAttribute("Protocol", StringValue("ns3::TcpSocketFactory"));
    sink->SetAttribute("Local", AddressValue(InetSocketAddress(Ipv4Address::GetAny(), PORT)));
    sink->TraceConnectWithoutContext("Rx", MakeCallback(&CountOctets));
    to->AddApplication(sink);
    Ptr<BulkSendApplication> source = CreateObject<BulkSendApplication>();
    source->SetAttribute("Protocol", StringValue("ns3::TcpSocketFactory"));
    source->SetAttribute("Remote", AddressValue(InetSocketAddress(address, PORT)));
    source->SetStartTime(Seconds(1));
    from->AddApplication(source);
    Simulator::Schedule(Seconds(1.000001), &TraceSocket, source);
}

/// Lets a connection run. \return bit/s after the warm-up
double
Run(const Options& options)
{
    Simulator::Stop(Seconds(options.warmUp));
    Simulator::Run();
    uint64_t before = g_octets;
    g_timeouts = 0;
    g_rtt = Moments();
    Simulator::Stop(Seconds(options.seconds));
    Simulator::Run();
    return static_cast<double>(g_octets - before) * 8 / options.seconds;
}

void
Print(double throughput, double rtt, double spread, double loss, double drops)
{
    std::cout << "{\"throughput_bps\": " << throughput << ", \"rtt_s\": " << rtt
              << ", \"rtt_spread_s\": " << spread << ", \"loss\": " << loss
              << ", \"queue_drops\": " << drops << ", \"timeouts\": " << g_timeouts << "}\n";
}

void
RunPipe(const Options& options)
{
    NodeContainer nodes;
    nodes.Create(2);
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.Install(nodes);
    double ackRate = options.ackRate > 0 ? options.ackRate : options.rate;
    // What is sent takes its part of the round-trip time, the rest is half for each direction.
    double sending = (options.segment + HEADERS) * 8 / options.rate + HEADERS * 8 / ackRate;
    double delay = std::max(0., (options.rtt - sending) / 2);
    Pipe data(options.rate, delay, options.spread, options.loss, options.queue, 10);
    Pipe acks(ackRate, delay, 0, options.ackLoss, options.queue, 20);
    NetDeviceContainer devices;
    for (uint32_t i = 0; i < 2; i++)
    {
        Ptr<VirtualNetDevice> device = CreateObject<VirtualNetDevice>();
        device->SetAddress(Mac48Address::Allocate());
        device->SetMtu(1500);
        device->SetIsPointToPoint(true);
        device->SetNeedsArp(false);
        device->SetSendCallback(MakeCallback(&Pipe::Send, i == 0 ? &data : &acks));
        (i == 0 ? acks : data).SetOutput(device);
        nodes.Get(i)->AddDevice(device);
        devices.Add(device);
    }
    Ipv4AddressHelper addresses("192.0.2.0", "255.255.255.0");
    Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
    InstallConnection(nodes.Get(0), nodes.Get(1), interfaces.GetAddress(1));
    Simulator::Schedule(Seconds(options.warmUp), &Pipe::Forget, &data);
    Simulator::Schedule(Seconds(options.warmUp), &Pipe::Forget, &acks);
    double throughput = Run(options);
    auto sent = static_cast<double>(data.m_sent);
    Print(throughput,
          data.m_delays.GetMean() + acks.m_delays.GetMean(),
          std::sqrt(data.m_delays.GetVariance() + acks.m_delays.GetVariance()),
          static_cast<double>(data.m_lost) / sent,
          static_cast<double>(data.m_dropped) / sent);
    Simulator::Destroy();
}

/// A sector and its terminal on the last two nodes, and another sector, which interferes all the time.
Ptr<FlowbindCdmaSector>
InstallAir(const Options& options, NodeContainer nodes, NetDeviceContainer& devices)
{
    NodeContainer other;
    other.Create(1);
    for (Ptr<Node> node : {nodes.Get(1), nodes.Get(2), other.Get(0)})
    {
        node->AggregateObject(CreateObject<ConstantVelocityMobilityModel>());
    }
    Ptr<MobilityModel> terminal = nodes.Get(2)->GetObject<MobilityModel>();
    terminal->GetObject<ConstantVelocityMobilityModel>()->SetVelocity(Vector(options.speed, 0, 0));
    Ptr<MatrixPropagationLossModel> loss = CreateObject<MatrixPropagationLossModel>();
    loss->SetDefaultLoss(LOSS_DB);
    loss->SetLoss(other.Get(0)->GetObject<MobilityModel>(), terminal, LOSS_DB + options.sinr);
    Config::SetDefault("ns3::FlowbindCdmaChannel::OtherSectors", DoubleValue(1));
    FlowbindCdmaHelper cdma;
    cdma.SetPropagationLoss(loss);
    Ptr<FlowbindCdmaSector> sector = cdma.InstallSector(nodes.Get(1));
    cdma.InstallSector(other.Get(0));
    devices.Add(sector);
    devices.Add(cdma.InstallTerminals(nodes.Get(2), sector));
    cdma.AssignStreams(1);
    return sector;
}

/// Server - wire - sector - terminal.
void
RunCdma(const Options& options)
{
    NodeContainer nodes;
    nodes.Create(3);
    PointToPointHelper wire;
    wire.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
    wire.SetChannelAttribute("Delay", TimeValue(Seconds(options.wire)));
    NetDeviceContainer wired = wire.Install(nodes.Get(0), nodes.Get(1));
    NetDeviceContainer air;
    Ptr<FlowbindCdmaSector> sector = InstallAir(options, nodes, air);
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.Install(nodes);
    Ipv4AddressHelper addresses("192.0.2.0", "255.255.255.0");
    Ipv4InterfaceContainer server = addresses.Assign(wired);
    addresses.SetBase("198.51.100.0", "255.255.255.0");
    Ipv4InterfaceContainer terminal = addresses.Assign(air);
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    if (options.up)
    {
        InstallConnection(nodes.Get(2), nodes.Get(0), server.GetAddress(0));
    }
    else
    {
        InstallConnection(nodes.Get(0), nodes.Get(2), terminal.GetAddress(1));
    }
    double throughput = Run(options);
    const FlowbindCdmaRlp::Counters& counters =
        (options.up ? sector->GetReverse(0) : sector->GetForward(0))->GetCounters();
    auto offered = static_cast<double>(counters.offered);
    Print(throughput,
          g_rtt.GetMean(),
          std::sqrt(g_rtt.GetVariance()),
          static_cast<double>(counters.lost) / offered,
          static_cast<double>(counters.dropped) / offered);
    Simulator::Destroy();
}

} // namespace

int
main(int argc, char** argv)
{
    Options options;
    CommandLine command;
    command.Usage("What one TCP connection carries over a path, as one line of JSON.");
    command.AddValue("network", "pipe, or cdma: a sector of 1xEV-DO", options.network);
    command.AddValue("rate", "pipe: of the data, bit/s", options.rate);
    command.AddValue("ack-rate",
                     "pipe: of the acknowledgements, bit/s; 0: the same",
                     options.ackRate);
    command.AddValue("rtt",
                     "pipe: mean round-trip time of a full packet that need not wait, s",
                     options.rtt);
    command.AddValue("spread",
                     "pipe: its standard deviation, s; packets keep order",
                     options.spread);
    command.AddValue("loss", "pipe: share of data packets", options.loss);
    command.AddValue("ack-loss", "pipe: share of acknowledgements", options.ackLoss);
    command.AddValue("queue", "pipe: packets that may wait", options.queue);
    command.AddValue("segment", "octets of TCP payload in a packet, at most", options.segment);
    command.AddValue("per-ack", "segments an acknowledgement is for", options.perAck);
    command.AddValue("min-rto", "least retransmission time-out, s", options.minRto);
    command.AddValue("sinr", "cdma: mean SINR of the terminal, dB", options.sinr);
    command.AddValue("speed", "cdma: its speed, m/s", options.speed);
    command.AddValue("wire", "cdma: delay of the wire behind the sector, s", options.wire);
    command.AddValue("up", "cdma: 1: the terminal sends", options.up);
    command.AddValue("seconds", "of simulated time that are measured", options.seconds);
    command.AddValue("warm-up", "seconds before", options.warmUp);
    command.AddValue("seed", "of everything random", options.seed);
    command.Parse(argc, argv);
    RngSeedManager::SetRun(options.seed);
    SetTcp(options);
    std::cout.precision(9);
    if (options.network == "pipe")
    {
        RunPipe(options);
    }
    else if (options.network == "cdma")
    {
        RunCdma(options);
    }
    else
    {
        std::cerr << "flowbind-tcp-path: --network is pipe or cdma\n";
        return 2;
    }
    return 0;
}
