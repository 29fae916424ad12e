/* SPDX-License-Identifier: GPL-2.0-only */
#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/flowbind-cdma-helper.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/queue-size.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

using namespace ns3;

namespace
{

constexpr uint16_t PROTOCOL = 0x88b5; // for experiments
constexpr double NOISE_DBM = -173.975 + 60.8948 + 9; // of a terminal by default

/// A sector with terminals at a given mean SINR, and packets with numbers.
class Cell
{
  public:
    explicit Cell(uint32_t terminals, double sinr = 30)
    {
        Config::SetDefault("ns3::FlowbindCdmaRlp::MaxSize", QueueSizeValue(QueueSize("50p")));
        m_nodes.Create(terminals + 1);
        for (uint32_t i = 0; i < m_nodes.GetN(); i++)
        {
            m_nodes.Get(i)->AggregateObject(CreateObject<ConstantVelocityMobilityModel>());
        }
        m_loss = CreateObject<MatrixPropagationLossModel>();
        m_loss->SetDefaultLoss(43 - NOISE_DBM - sinr);
        m_helper.SetPropagationLoss(m_loss);
        m_helper.SetSectorAttribute("OverheadBits", UintegerValue(0));
    }

    ~Cell()
    {
        Simulator::Destroy();
        Config::Reset();
    }

    void Set(const std::string& name, const AttributeValue& value)
    {
        m_helper.SetSectorAttribute(name, value);
    }

    /// No errors, and a request is for the slot that was measured.
    void SetPerfect()
    {
        Set("RequestDelay", UintegerValue(0));
        Set("RequestMargin", DoubleValue(0));
        Set("EarlyTermination", BooleanValue(false));
        Set("Outage", BooleanValue(false));
        Set("ForwardErrorRate", DoubleValue(0));
        Set("ReverseErrorRate", DoubleValue(0));
    }

    /// \param internet the nodes take what arrives, and not this
    void Build(bool internet = false)
    {
        m_sector = m_helper.InstallSector(m_nodes.Get(0));
        NodeContainer terminals;
        for (uint32_t i = 1; i < m_nodes.GetN(); i++)
        {
            terminals.Add(m_nodes.Get(i));
        }
        m_devices = m_helper.InstallTerminals(terminals, m_sector);
        m_helper.AssignStreams(1);
        m_received.resize(m_nodes.GetN());
        for (uint32_t i = 0; i < m_nodes.GetN() && !internet; i++)
        {
            m_nodes.Get(i)->GetDevice(0)->SetReceiveCallback(MakeCallback(&Cell::Receive, this));
        }
    }

    /// Fills the queues to (or from) all terminals, so that they never run dry.
    void Saturate(bool reverse, uint32_t octets = 1500)
    {
        for (uint32_t i = 0; i < m_devices.GetN(); i++)
        {
            Ptr<FlowbindCdmaRlp> rlp = reverse ? m_sector->GetReverse(i) : m_sector->GetForward(i);
            while (rlp->GetBacklog() < 20000 && SendOne(i, reverse, octets))
            {
            }
        }
        Simulator::Schedule(MilliSeconds(20), &Cell::Saturate, this, reverse, octets);
    }

    bool SendOne(uint32_t terminal, bool reverse, uint32_t octets)
    {
        uint8_t data[4];
        uint32_t number = m_sent++;
        for (uint32_t i = 0; i < 4; i++)
        {
            data[i] = static_cast<uint8_t>(number >> (8 * i));
        }
        Ptr<Packet> packet = Create<Packet>(data, 4);
        packet->AddPaddingAtEnd(octets - 4);
        Ptr<NetDevice> from = reverse ? m_devices.Get(terminal) : Ptr<NetDevice>(m_sector);
        Ptr<NetDevice> to = reverse ? Ptr<NetDevice>(m_sector) : m_devices.Get(terminal);
        return from->Send(packet, to->GetAddress(), PROTOCOL);
    }

    bool Receive(Ptr<NetDevice> device, Ptr<const Packet> packet, uint16_t protocol, const Address&)
    {
        if (protocol == PROTOCOL)
        {
            uint8_t data[4];
            packet->CopyData(data, 4);
            m_received[device->GetNode()->GetId() - m_nodes.Get(0)->GetId()].push_back(
                data[0] | data[1] << 8 | data[2] << 16 | static_cast<uint32_t>(data[3]) << 24);
        }
        return true;
    }

    /// \return bits a slot, of all slots
    double GetForwardRate(double seconds) const
    {
        return static_cast<double>(m_sector->GetSentBits()) / (seconds * 600);
    }

    FlowbindCdmaHelper m_helper;
    NodeContainer m_nodes; ///< the first one is the sector's
    Ptr<MatrixPropagationLossModel> m_loss;
    Ptr<FlowbindCdmaSector> m_sector;
    NetDeviceContainer m_devices;
    std::vector<std::vector<uint32_t>> m_received; ///< numbers, by node
    uint32_t m_sent = 0;
};

/// Rates and clock.
class RatesCase : public TestCase
{
  public:
    RatesCase()
        : TestCase("rates of both links, and slots that do not drift")
    {
    }

  private:
    void DoRun() override
    {
        const double rates[] =
            {38.4, 76.8, 153.6, 307.2, 307.2, 614.4, 614.4, 921.6, 1228.8, 1228.8, 1843.2, 2457.6};
        FlowbindCdmaRates::ForwardTable table = FlowbindCdmaRates::GetDefaultForward();
        NS_TEST_ASSERT_MSG_EQ(table.size(), 12, "requests 1 to 12");
        for (std::size_t i = 0; i < table.size(); i++)
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(FlowbindCdmaRates::GetRate(table[i].bits, table[i].slots),
                                      rates[i] * 1000,
                                      1e-6,
                                      "forward rate");
        }
        for (uint32_t i = 0; i < FlowbindCdmaRates::REVERSE_RATES; i++)
        {
            double rate = FlowbindCdmaRates::GetRate(FlowbindCdmaRates::GetReverseBits(i), 16);
            NS_TEST_EXPECT_MSG_EQ_TOL(rate, 9600 << i, 1e-6, "reverse rate");
        }
        NS_TEST_EXPECT_MSG_EQ(FlowbindCdmaRates::GetSlotStart(600 * 3600),
                              Seconds(3600),
                              "an hour");
        for (uint64_t slot = 0; slot < 1000; slot++)
        {
            Time start = FlowbindCdmaRates::GetSlotStart(slot);
            NS_TEST_EXPECT_MSG_EQ(FlowbindCdmaRates::GetNextSlot(start), slot, "begins now");
            NS_TEST_EXPECT_MSG_EQ(FlowbindCdmaRates::GetNextSlot(start + NanoSeconds(1)),
                                  slot + 1,
                                  "begins later");
        }
    }
};

/// Mean 1, exponential, and the correlation of power J0^2; however often it is looked at.
class FadingCase : public TestCase
{
  public:
    FadingCase()
        : TestCase("fading: mean, distribution and correlation")
    {
    }

  private:
    static constexpr double SPEED = 3; ///< m/s
    static constexpr uint32_t SLOTS = 200000;

    /// Gains of many terminals one after the other, so that the waves of one do not matter.
    void Measure(std::vector<double>& gain, uint32_t stream)
    {
        Ptr<FlowbindCdmaFading> fading = CreateObject<FlowbindCdmaFading>();
        fading->AssignStreams(stream);
        for (uint32_t slot = 0; slot < SLOTS; slot++)
        {
            gain.push_back(fading->GetGain(slot, SPEED));
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(fading->GetGain(SLOTS + 5, 0),
                                  gain.back(),
                                  1e-12,
                                  "at rest nothing changes");
    }

    void CheckCorrelation(const std::vector<double>& gain, uint32_t lag)
    {
        double product = 0;
        uint32_t count = 0;
        for (std::size_t i = lag; i < gain.size(); i += i % SLOTS == SLOTS - 1 ? lag + 1 : 1)
        {
            product += (gain[i] - 1) * (gain[i - lag] - 1);
            count++;
        }
        double rho = j0(2 * M_PI * 1.9e9 * SPEED / 299792458 * lag / 600);
        NS_TEST_EXPECT_MSG_EQ_TOL(product / count, rho * rho, 0.06, "lag " << lag);
    }

    void DoRun() override
    {
        std::vector<double> gain;
        for (uint32_t terminal = 0; terminal < 10; terminal++)
        {
            Measure(gain, terminal);
        }
        double sum = 0;
        uint32_t low = 0;
        uint32_t high = 0;
        for (double value : gain)
        {
            sum += value;
            low += value < 0.1;
            high += value > 2;
        }
        auto count = static_cast<double>(gain.size());
        NS_TEST_EXPECT_MSG_EQ_TOL(sum / count, 1, 0.02, "mean");
        NS_TEST_EXPECT_MSG_EQ_TOL(low / count, 1 - std::exp(-0.1), 0.005, "fades");
        NS_TEST_EXPECT_MSG_EQ_TOL(high / count, std::exp(-2), 0.005, "peaks");
        for (uint32_t lag : {1, 5, 12, 20, 40})
        {
            CheckCorrelation(gain, lag);
        }

        // Looked at now and then: the same as in each slot.
        Ptr<FlowbindCdmaFading> again = CreateObject<FlowbindCdmaFading>();
        again->AssignStreams(0);
        for (uint32_t slot = 0; slot < 10000; slot += 1 + slot % 7)
        {
            NS_TEST_ASSERT_MSG_EQ_TOL(again->GetGain(slot, SPEED),
                                      gain[slot],
                                      1e-6,
                                      "slot " << slot);
        }
    }
};

/// Proportional-fair gain against closed forms: rates linear in the SINR, the table slot by slot, the table itself.
class GainCase : public TestCase
{
  public:
    GainCase(uint32_t terminals)
        : TestCase("proportional fair: gain of " + std::to_string(terminals) + " terminals"),
          m_terminals(terminals)
    {
    }

  private:
    static constexpr double MEAN = 3; ///< of the SINR, a ratio

    /// \return bits a slot with this table
    double Measure(uint32_t terminals, const FlowbindCdmaRates::ForwardTable& table)
    {
        const double seconds = 40;
        Config::SetDefault("ns3::FlowbindCdmaFading::Mode", StringValue("PerSlot"));
        Cell cell(terminals, 10 * std::log10(MEAN));
        cell.SetPerfect();
        cell.Set("TimeConstant", DoubleValue(5000));
        cell.Build();
        cell.m_sector->SetForwardRates(table);
        cell.Saturate(false);
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
        return cell.GetForwardRate(seconds);
    }

    /// \return bits a slot with the default table, in fading that hardly changes while a packet is sent
    double MeasureSlow()
    {
        const double seconds = 2000;
        Config::SetDefault("ns3::FlowbindCdmaFading::Mode", StringValue("Rayleigh"));
        Cell cell(m_terminals, 10 * std::log10(MEAN));
        cell.SetPerfect();
        cell.Set("TimeConstant", DoubleValue(1e6));
        for (uint32_t i = 1; i <= m_terminals; i++)
        {
            cell.m_nodes.Get(i)->GetObject<ConstantVelocityMobilityModel>()->SetVelocity(
                Vector(0.1, 0, 0));
        }
        cell.Build();
        cell.Saturate(false);
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
        return cell.GetForwardRate(seconds);
    }

    /// The best of all SINRs is below x with (1 - exp(-x / mean))^N; each packet takes its rate's slots.
    double Oracle(const FlowbindCdmaRates::ForwardTable& table) const
    {
        double bits = 0;
        double slots = 0;
        double below = 0;
        for (std::size_t i = 0; i <= table.size(); i++)
        {
            double next = i == table.size()
                              ? 1
                              : std::pow(
                                    1 - std::exp(-std::pow(10, table[i].threshold / 10) / MEAN),
                                    m_terminals);
            bits += i > 0 ? (next - below) * table[i - 1].bits : 0;
            slots += (next - below) * (i > 0 ? table[i - 1].slots : 1);
            below = next;
        }
        return bits / slots;
    }

    void DoRun() override
    {
        FlowbindCdmaRates::ForwardTable linear;
        for (uint32_t bits = 8; bits < 30000; bits += 8)
        {
            linear.push_back({1, bits, 10 * std::log10(bits / 500.0)});
        }
        double harmonic = 0;
        for (uint32_t i = 1; i <= m_terminals; i++)
        {
            harmonic += 1.0 / i;
        }
        // Rounding down to 8 bits takes 4 on average.
        double mean = 500 * MEAN * harmonic - 4;
        NS_TEST_EXPECT_MSG_EQ_TOL(Measure(m_terminals, linear) / mean, 1, 0.03, "linear rates");

        for (const auto& table :
             {FlowbindCdmaRates::GetSingleSlotForward(), FlowbindCdmaRates::GetDefaultForward()})
        {
            double ratio = Measure(m_terminals, table) / Oracle(table);
            NS_TEST_EXPECT_MSG_EQ_TOL(ratio, 1, 0.03, "the table of rates");
        }
        if (m_terminals == 4)
        {
            double ratio = MeasureSlow() / Oracle(FlowbindCdmaRates::GetSingleSlotForward());
            NS_TEST_EXPECT_MSG_EQ_TOL(ratio, 1, 0.03, "the table in slow fading");
        }
    }

    uint32_t m_terminals;
};

/// Losses both ways: nothing twice, nothing out of order, and every octet is accounted for.
class OrderCase : public TestCase
{
  public:
    OrderCase()
        : TestCase("order, residual loss and conservation of octets")
    {
    }

  private:
    void CheckOrder(const std::vector<uint32_t>& numbers)
    {
        NS_TEST_ASSERT_MSG_GT(numbers.size(), 100, "packets arrived");
        for (std::size_t i = 1; i < numbers.size(); i++)
        {
            NS_TEST_ASSERT_MSG_GT(numbers[i], numbers[i - 1], "in order, once");
        }
    }

    void CheckOctets(Ptr<FlowbindCdmaRlp> rlp, std::size_t packets, uint32_t octets)
    {
        const FlowbindCdmaRlp::Counters& c = rlp->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(c.offered,
                              c.dropped + c.delivered + c.lost + rlp->GetHeld(),
                              "conservation");
        NS_TEST_EXPECT_MSG_EQ(c.delivered, packets * (octets + 14), "what the node got");
        NS_TEST_EXPECT_MSG_GT(c.lost, 0, "residual loss");
    }

    void DoRun() override
    {
        const uint32_t octets = 100;
        const double seconds = 60;
        Cell cell(2);
        cell.Set("ForwardErrorRate", DoubleValue(0.2));
        cell.Set("ReverseErrorRate", DoubleValue(0.2));
        cell.Build();
        cell.Saturate(false, octets);
        cell.Saturate(true, octets);
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
        for (uint32_t i = 0; i < 2; i++)
        {
            CheckOrder(cell.m_received[i + 1]);
            CheckOctets(cell.m_sector->GetForward(i), cell.m_received[i + 1].size(), octets);
            // Once at most: 0.2 of what is sent for the first time, which is 1 / 1.2 of all.
            const FlowbindCdmaRlp::Counters& c = cell.m_sector->GetForward(i)->GetCounters();
            NS_TEST_EXPECT_MSG_EQ_TOL(static_cast<double>(c.retransmitted) /
                                          static_cast<double>(c.sent),
                                      0.2 / 1.2,
                                      0.02,
                                      "retransmissions");
        }
        std::vector<uint32_t> merged = cell.m_received[0];
        std::size_t packets = merged.size();
        uint64_t delivered = 0;
        for (uint32_t i = 0; i < 2; i++)
        {
            delivered += cell.m_sector->GetReverse(i)->GetCounters().delivered;
        }
        NS_TEST_EXPECT_MSG_EQ(delivered, packets * (octets + 14), "reverse octets");
        std::sort(merged.begin(), merged.end());
        NS_TEST_EXPECT_MSG_EQ((std::adjacent_find(merged.begin(), merged.end()) == merged.end()),
                              true,
                              "nothing twice");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(cell.m_sector->GetBusySlots(), seconds * 600, "slots");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(cell.m_sector->GetSentBits(),
                                    cell.m_sector->GetBusySlots() * 4096,
                                    "bits of the slots");
    }
};

/// Whatever a sector is set to: slots are used once, order is kept, and octets are accounted for at any time.
class BudgetCase : public TestCase
{
  public:
    BudgetCase(uint32_t seed)
        : TestCase("slots, order and octets with random settings " + std::to_string(seed)),
          m_seed(seed)
    {
    }

  private:
    /// Of one direction of one terminal.
    struct Direction
    {
        uint64_t octets = 0; ///< received
        uint32_t last = 0; ///< number received, and 1
    };

    uint32_t Draw(uint32_t least, uint32_t most)
    {
        return m_random->GetInteger(least, most);
    }

    void Configure(Cell& cell)
    {
        cell.Set("ForwardErrorRate", DoubleValue(Draw(0, 40) / 100.));
        cell.Set("ReverseErrorRate", DoubleValue(Draw(0, 40) / 100.));
        cell.Set("EarlyTermination", BooleanValue(Draw(0, 1) == 1));
        cell.Set("Outage", BooleanValue(Draw(0, 1) == 1));
        cell.Set("RequestDelay", UintegerValue(Draw(0, 1)));
        cell.Set("RequestMargin", DoubleValue(Draw(0, 3)));
        cell.Set("OverheadBits", UintegerValue(Draw(0, 60)));
        cell.Set("TimeConstant", DoubleValue(Draw(10, 3000)));
        Config::SetDefault("ns3::FlowbindCdmaRlp::Retransmissions", UintegerValue(Draw(0, 3)));
        Config::SetDefault("ns3::FlowbindCdmaRlp::NakDelay", TimeValue(MilliSeconds(Draw(0, 200))));
        for (uint32_t i = 1; i < cell.m_nodes.GetN(); i++)
        {
            cell.m_nodes.Get(i)->GetObject<ConstantVelocityMobilityModel>()->SetVelocity(
                Vector(Draw(0, 30), 0, 0));
        }
    }

    void CountForward(Ptr<const FlowbindCdmaTerminal> terminal, uint32_t bits, uint32_t slots, bool)
    {
        m_slots += slots;
        m_forwardBits[terminal->GetAddress()] += bits;
        auto fits = [bits, slots](const FlowbindCdmaRates::Forward& rate)
        { return rate.bits == bits && slots >= 1 && slots <= rate.slots; };
        auto table = FlowbindCdmaRates::GetDefaultForward();
        NS_TEST_EXPECT_MSG_EQ(std::any_of(table.begin(), table.end(), fits), true, "in the table");
    }

    void CountReverse(Ptr<const FlowbindCdmaTerminal> terminal, uint32_t bits, bool)
    {
        m_reverseBits[terminal->GetAddress()] += bits;
    }

    bool Receive(Ptr<NetDevice> device, Ptr<const Packet> packet, uint16_t, const Address& from)
    {
        bool isForward = device != Ptr<NetDevice>(m_cell->m_sector);
        Direction& direction = (isForward ? m_forward
                                          : m_reverse)[isForward ? device->GetAddress() : from];
        uint8_t data[4];
        packet->CopyData(data, 4);
        uint32_t number = data[0] | data[1] << 8 | data[2] << 16;
        NS_TEST_EXPECT_MSG_GT(number + 1, direction.last, "in order, once");
        direction.last = number + 1;
        direction.octets += packet->GetSize();
        return true;
    }

    void Offer()
    {
        for (uint32_t i = 0; i < m_cell->m_devices.GetN(); i++)
        {
            for (uint32_t packets = Draw(0, 6); packets > 0; packets--)
            {
                m_cell->SendOne(i, Draw(0, 2) == 0, Draw(40, 1500));
            }
        }
        Simulator::Schedule(MilliSeconds(Draw(1, 60)), &BudgetCase::Offer, this);
    }

    void Check()
    {
        uint64_t elapsed = FlowbindCdmaRates::GetNextSlot(Simulator::Now());
        NS_TEST_EXPECT_MSG_LT_OR_EQ(m_slots, elapsed, "slots of all packets");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(m_cell->m_sector->GetBusySlots(), elapsed, "busy slots");
        for (uint32_t i = 0; i < m_cell->m_devices.GetN(); i++)
        {
            Address address = m_cell->m_devices.Get(i)->GetAddress();
            NS_TEST_EXPECT_MSG_LT_OR_EQ(m_forward[address].octets * 8,
                                        m_forwardBits[address],
                                        "what a terminal gets was sent to it");
            NS_TEST_EXPECT_MSG_LT_OR_EQ(m_reverse[address].octets * 8,
                                        m_reverseBits[address],
                                        "what it sends fits its frames");
            for (const auto& rlp :
                 {m_cell->m_sector->GetForward(i), m_cell->m_sector->GetReverse(i)})
            {
                const FlowbindCdmaRlp::Counters& c = rlp->GetCounters();
                NS_TEST_EXPECT_MSG_EQ(c.offered,
                                      c.dropped + c.delivered + c.lost + rlp->GetHeld(),
                                      "conservation");
            }
        }
        Simulator::Schedule(Seconds(0.5), &BudgetCase::Check, this);
    }

    void DoRun() override
    {
        m_random = CreateObject<UniformRandomVariable>();
        m_random->SetStream(1000 + m_seed);
        Cell cell(Draw(1, 8), Draw(0, 15));
        m_cell = &cell;
        Configure(cell);
        cell.Build();
        for (uint32_t i = 0; i < cell.m_nodes.GetN(); i++)
        {
            cell.m_nodes.Get(i)->GetDevice(0)->SetReceiveCallback(
                MakeCallback(&BudgetCase::Receive, this));
        }
        cell.m_sector->TraceConnectWithoutContext("ForwardPacket",
                                                  MakeCallback(&BudgetCase::CountForward, this));
        cell.m_sector->TraceConnectWithoutContext("ReverseFrame",
                                                  MakeCallback(&BudgetCase::CountReverse, this));
        Offer();
        Check();
        Simulator::Stop(Seconds(60));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_GT(m_slots, 3000, "it was busy");
        NS_TEST_EXPECT_MSG_GT(m_reverse.size() + m_forward.size(), 1, "both ways");
    }

    uint32_t m_seed;
    Ptr<UniformRandomVariable> m_random;
    Cell* m_cell = nullptr;
    uint64_t m_slots = 0;
    std::map<Address, uint64_t> m_forwardBits; ///< sent to a terminal
    std::map<Address, uint64_t> m_reverseBits; ///< sent by it
    std::map<Address, Direction> m_forward; ///< by terminal
    std::map<Address, Direction> m_reverse; ///< by terminal
};

/// Nothing to send: no events. And the best SINR gives 2457.6 kbit/s, no more.
class IdleCase : public TestCase
{
  public:
    IdleCase()
        : TestCase("idle slots cost no events; the peak rate")
    {
    }

  private:
    void DoRun() override
    {
        Config::SetDefault("ns3::FlowbindCdmaFading::Mode", StringValue("None"));
        {
            Cell cell(20);
            cell.Build();
            Simulator::Schedule(Seconds(1), &Cell::SendOne, &cell, 3, false, 100);
            Simulator::Schedule(Seconds(2), &Cell::SendOne, &cell, 5, true, 20);
            Simulator::Stop(Seconds(0.5));
            Simulator::Run();
            uint64_t before = Simulator::GetEventCount();
            Simulator::Stop(Seconds(1000));
            Simulator::Run();
            NS_TEST_EXPECT_MSG_EQ(cell.m_received[4].size(), 1, "forward");
            NS_TEST_EXPECT_MSG_EQ(cell.m_received[0].size(), 1, "reverse");
            NS_TEST_EXPECT_MSG_LT(Simulator::GetEventCount() - before, 12, "events in 1000 s");
        }
        Config::SetDefault("ns3::FlowbindCdmaFading::Mode", StringValue("None"));
        Cell cell(1);
        cell.SetPerfect();
        cell.Build();
        cell.Saturate(false);
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        double rate = static_cast<double>(cell.m_sector->GetForward(0)->GetCounters().delivered) *
                      8 / 10;
        NS_TEST_EXPECT_MSG_EQ_TOL(rate, 2457600, 15000, "peak rate");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(rate, 2457600, "budget");
    }
};

/// The reverse link: one terminal gets 153.6 kbit/s, many share the load.
class ReverseCase : public TestCase
{
  public:
    ReverseCase()
        : TestCase("reverse link: peak rate and shared load")
    {
    }

  private:
    /// \return bit/s of all terminals
    double Measure(uint32_t terminals)
    {
        const double seconds = 60;
        Cell cell(terminals);
        cell.SetPerfect();
        cell.Build();
        cell.Saturate(true);
        Simulator::Stop(Seconds(seconds));
        Simulator::Run();
        double octets = 0;
        for (uint32_t i = 0; i < terminals; i++)
        {
            uint64_t delivered = cell.m_sector->GetReverse(i)->GetCounters().delivered;
            NS_TEST_EXPECT_MSG_GT(delivered, 0, "everybody sends");
            octets += static_cast<double>(delivered);
        }
        return octets * 8 / seconds;
    }

    void DoRun() override
    {
        double one = Measure(1);
        NS_TEST_EXPECT_MSG_EQ_TOL(one, 153600, 2000, "one terminal");
        // W / (Eb/Nt): the sum of all rates of terminals that are many and slow, at a load of 1.
        const double pole = 1228800 / std::pow(10, 0.25);
        for (uint32_t terminals : {10, 40, 100})
        {
            double sum = Measure(terminals);
            NS_TEST_EXPECT_MSG_LT(sum, 0.9 * pole / (1 - 0.9 / 4), "never beyond the largest load");
            NS_TEST_EXPECT_MSG_GT(sum, 0.35 * pole, "most of it is used");
        }
    }
};

/// A terminal that leaves gets less, and one that is gone gets nothing.
class MobilityCase : public TestCase
{
  public:
    MobilityCase()
        : TestCase("a terminal that moves away")
    {
    }

  private:
    void DoRun() override
    {
        Cell cell(1);
        cell.m_helper.SetPropagationLoss(CreateObject<LogDistancePropagationLossModel>());
        cell.Build();
        Ptr<ConstantVelocityMobilityModel> car =
            cell.m_nodes.Get(1)->GetObject<ConstantVelocityMobilityModel>();
        car->SetPosition(Vector(100, 0, 0));
        car->SetVelocity(Vector(20, 0, 0));
        cell.Saturate(false);
        std::vector<uint64_t> delivered;
        for (uint32_t i = 0; i < 3; i++)
        {
            Simulator::Stop(Seconds(100));
            Simulator::Run();
            delivered.push_back(cell.m_sector->GetForward(0)->GetCounters().delivered);
            if (i == 1)
            {
                car->SetPosition(Vector(1e5, 0, 0));
            }
        }
        NS_TEST_EXPECT_MSG_GT(delivered[0], 2 * (delivered[1] - delivered[0]), "far away");
        NS_TEST_EXPECT_MSG_GT(delivered[1], delivered[0], "still there");
        NS_TEST_EXPECT_MSG_LT(delivered[2] - delivered[1], 5000, "gone");
    }
};

/// IPv4 with ARP and IPv6 with neighbour discovery, both ways.
class InternetCase : public TestCase
{
  public:
    InternetCase()
        : TestCase("IPv4 and IPv6 over the air")
    {
    }

  private:
    void Echo(Ptr<Socket> socket)
    {
        Address from;
        while (Ptr<Packet> packet = socket->RecvFrom(from))
        {
            socket->SendTo(packet, 0, from);
        }
    }

    void Count(Ptr<Socket> socket)
    {
        while (socket->Recv())
        {
            m_echoes++;
        }
    }

    void Exchange(Ptr<Node> a, Ptr<Node> b, const Address& local, const Address& to)
    {
        Ptr<Socket> server = Socket::CreateSocket(b, UdpSocketFactory::GetTypeId());
        server->Bind(local);
        server->SetRecvCallback(MakeCallback(&InternetCase::Echo, this));
        m_sockets.push_back(server);
        Ptr<Socket> client = Socket::CreateSocket(a, UdpSocketFactory::GetTypeId());
        client->Connect(to);
        client->SetRecvCallback(MakeCallback(&InternetCase::Count, this));
        m_sockets.push_back(client);
        for (uint32_t i = 0; i < 10; i++)
        {
            // Not all at once: neighbours that ask for each other's address at the same time lose a packet.
            Time start = Seconds(3 + i) +
                         MilliSeconds(100) * static_cast<int64_t>(m_sockets.size());
            Simulator::Schedule(start, &InternetCase::Send, this, client);
        }
    }

    void Send(Ptr<Socket> socket)
    {
        socket->Send(Create<Packet>(200));
    }

    void DoRun() override
    {
        Cell cell(2);
        cell.SetPerfect();
        cell.m_helper.SetSectorAttribute("OverheadBits", UintegerValue(48));
        cell.Build(true);
        InternetStackHelper stack;
        stack.Install(cell.m_nodes);
        NetDeviceContainer devices(cell.m_sector);
        devices.Add(cell.m_devices);
        Ipv4AddressHelper addresses("203.0.113.0", "255.255.255.240");
        Ipv4InterfaceContainer ipv4 = addresses.Assign(devices);
        Ipv6AddressHelper addresses6(Ipv6Address("fd00::"), Ipv6Prefix(64));
        Ipv6InterfaceContainer ipv6 = addresses6.Assign(devices);
        Ptr<Node> sector = cell.m_nodes.Get(0);
        Ptr<Node> terminal = cell.m_nodes.Get(2);
        InetSocketAddress any(Ipv4Address::GetAny(), 9);
        Inet6SocketAddress any6(Ipv6Address::GetAny(), 10);
        Exchange(terminal, sector, any, InetSocketAddress(ipv4.GetAddress(0), 9));
        Exchange(sector, terminal, any, InetSocketAddress(ipv4.GetAddress(2), 9));
        Exchange(terminal, sector, any6, Inet6SocketAddress(ipv6.GetAddress(0, 1), 10));
        Exchange(sector, terminal, any6, Inet6SocketAddress(ipv6.GetAddress(2, 1), 10));
        Simulator::Stop(Seconds(20));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(m_echoes, 40, "echoes");
        m_sockets.clear();
    }

    uint32_t m_echoes = 0;
    std::vector<Ptr<Socket>> m_sockets;
};

/// 1xEV-DO.
class FlowbindCdmaTestSuite : public TestSuite
{
  public:
    FlowbindCdmaTestSuite()
        : TestSuite("flowbind-cdma")
    {
        AddTestCase(new RatesCase);
        AddTestCase(new FadingCase);
        for (uint32_t terminals : {1, 2, 4, 8, 16})
        {
            AddTestCase(new GainCase(terminals));
        }
        AddTestCase(new OrderCase);
        for (uint32_t seed = 1; seed <= 8; seed++)
        {
            AddTestCase(new BudgetCase(seed));
        }
        AddTestCase(new IdleCase);
        AddTestCase(new ReverseCase);
        AddTestCase(new MobilityCase);
        AddTestCase(new InternetCase);
    }
};

FlowbindCdmaTestSuite g_flowbindCdmaTestSuite; //!< registers itself

} // namespace
