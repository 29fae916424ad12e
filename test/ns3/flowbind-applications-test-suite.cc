/* SPDX-License-Identifier: GPL-2.0-only */
#include "ns3/boolean.h"
#include "ns3/error-model.h"
#include "ns3/flowbind-call-quality.h"
#include "ns3/flowbind-traffic-pattern.h"
#include "ns3/flowbind-video-client.h"
#include "ns3/flowbind-video-player.h"
#include "ns3/flowbind-web-client.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

const int64_t MS = 1000000;

/// An error model that can lose everything.
class Outage : public ErrorModel
{
  public:
    void Set(bool out)
    {
        m_out = out;
    }

  private:
    bool DoCorrupt(Ptr<Packet>) override
    {
        return m_out;
    }

    void DoReset() override
    {
    }

    bool m_out{false};
};

/// A client and a server at the ends of a link.
class TwoEnds
{
  public:
    static const uint16_t PORT = 80;

    TwoEnds(const std::string& rate, Time delay)
        : m_outage(CreateObject<Outage>())
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        m_nodes.Create(2);
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue(rate));
        link.SetChannelAttribute("Delay", TimeValue(delay));
        link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("500p"));
        NetDeviceContainer devices = link.Install(m_nodes);
        for (uint32_t i = 0; i < 2; i++)
        {
            devices.Get(i)->SetAttribute("ReceiveErrorModel", PointerValue(m_outage));
        }
        InternetStackHelper stack;
        stack.Install(m_nodes);
        Ipv4AddressHelper("192.0.2.0", "255.255.255.0").Assign(devices);
        TrafficControlHelper().Uninstall(devices);
    }

    ~TwoEnds()
    {
        Simulator::Destroy();
    }

    /// \param ports of the client
    void Install(Ptr<FlowbindRequestClient> client, Time stop, uint16_t ports)
    {
        FlowbindTrafficProfile profile;
        profile.protocol = 6;
        profile.mobile = Ipv4Address("192.0.2.1");
        profile.correspondent = Ipv4Address("192.0.2.2");
        profile.mobilePort = 50000;
        profile.mobilePortCount = ports;
        profile.correspondentPort = PORT;
        profile.down = true;
        profile.answers = true;
        profile.segment = 1340;
        profile.start = Seconds(1);
        profile.stop = stop;
        client->SetProfile(profile);
        client->TraceConnectWithoutContext("Rx", MakeCallback(&TwoEnds::Count, this));
        m_nodes.Get(0)->AddApplication(client);
        Ptr<FlowbindTrafficServer> server = CreateObject<FlowbindTrafficServer>();
        server->AddSession(0, profile);
        m_nodes.Get(1)->AddApplication(server);
    }

    void SetOutage(Time from, Time until)
    {
        Simulator::Schedule(from, &Outage::Set, m_outage, true);
        Simulator::Schedule(until, &Outage::Set, m_outage, false);
    }

    void Run(Time until)
    {
        Simulator::Stop(until);
        Simulator::Run();
    }

    uint64_t GetReceived() const
    {
        return m_received;
    }

  private:
    void Count(uint32_t octets)
    {
        m_received += octets;
    }

    NodeContainer m_nodes;
    Ptr<Outage> m_outage;
    uint64_t m_received{0};
};

} // namespace

/**
 * ITU-T G.107: 93.2 and 4.41 with all defaults; Ie,eff by hand; the delay's impairment against the approximation of
 * R. Cole and J. Rosenbluth (Voice over IP Performance Monitoring, 2001), made by other people from the same model.
 */
class CallQualityCase : public TestCase
{
  public:
    CallQualityCase()
        : TestCase("opinion scores are those of the E-model")
    {
    }

  private:
    void DoRun() override
    {
        typedef FlowbindCallQuality Quality;
        const Quality::Coder g711 = {0, 25.1};
        const Quality::Coder amr = {5, 10};
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetRating(g711, 0, 0, 1), 93.2, 0.05, "defaults");
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetMeanOpinionScore(93.2), 4.41, 0.005, "defaults");
        // 94.769 - 1.414 are Ro and Is of Table 3 of the recommendation's older editions.
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetRating(g711, 0, 0, 1) +
                                      Quality::GetDelayImpairment(0),
                                  94.769 - 1.414,
                                  0.002,
                                  "Ro - Is");
        for (double ms : {0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0})
        {
            double approximation = 0.024 * ms + 0.11 * std::max(0.0, ms - 177.3);
            NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetDelayImpairment(ms * 1e-3),
                                      approximation,
                                      0.7,
                                      "delay of " << ms << " ms");
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetEffectiveImpairment(g711, 0.01, 1),
                                  95 * 1 / (1 + 25.1),
                                  1e-9,
                                  "1 % with G.711");
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetEffectiveImpairment(amr, 0.05, 1),
                                  5 + 90 * 5.0 / (5 + 10),
                                  1e-9,
                                  "5 % with AMR");
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetEffectiveImpairment(amr, 0.05, 2),
                                  5 + 90 * 5.0 / (2.5 + 10),
                                  1e-9,
                                  "in bursts of twice the length");
        NS_TEST_EXPECT_MSG_EQ(Quality::GetMeanOpinionScore(-3), 1, "worst");
        NS_TEST_EXPECT_MSG_EQ(Quality::GetMeanOpinionScore(101), 4.5, "best");
        NS_TEST_EXPECT_MSG_EQ(Quality::GetMeanOpinionScore(3), 1, "never below 1");
        // G.107 Annex B: 80 is "satisfied", 4.03; 50 is 2.58.
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetMeanOpinionScore(80), 4.03, 0.01, "80");
        NS_TEST_EXPECT_MSG_EQ_TOL(Quality::GetMeanOpinionScore(50), 2.58, 0.01, "50");
    }
};

/// What is played, packet by packet.
class PlayoutCase : public TestCase
{
  public:
    PlayoutCase()
        : TestCase("the listener's buffer plays what comes in time")
    {
    }

  private:
    /// Packets every 20 ms; delays in ms, negative: lost
    static std::vector<FlowbindPlayout::Packet> MakePackets(const std::vector<int>& delays)
    {
        std::vector<FlowbindPlayout::Packet> packets;
        for (std::size_t i = 0; i < delays.size(); i++)
        {
            int64_t sent = 20 * MS * i;
            packets.push_back(
                {sent, delays[i] < 0 ? FlowbindPlayout::NEVER : sent + delays[i] * MS});
        }
        return packets;
    }

    void Check(const std::vector<int>& delays, Time fixed, const std::vector<int>& expected)
    {
        FlowbindPlayout playout(MilliSeconds(20), fixed);
        std::vector<int64_t> played = playout.Play(MakePackets(delays));
        NS_TEST_ASSERT_MSG_EQ(played.size(), expected.size(), "packets");
        for (std::size_t i = 0; i < played.size(); i++)
        {
            int64_t wanted = expected[i] < 0 ? FlowbindPlayout::NEVER : expected[i] * MS;
            NS_TEST_EXPECT_MSG_EQ(played[i], wanted, "packet " << i);
        }
    }

    void DoRun() override
    {
        const Time follow = Time(-1);
        Check({}, follow, {});
        Check({-1, -1}, follow, {-1, -1});
        Check({-1, -1}, MilliSeconds(5), {-1, -1});
        // 10 ms more than the first one's 30 are too little for 41.
        Check({30, 40, 41, -1, 10}, MilliSeconds(10), {40, 40, -1, -1, 40});
        // The second one came first, at 45 ms, and is held back by 10: its delay of 25 decides.
        Check({60, 25, 35, 36}, MilliSeconds(10), {-1, 35, 35, -1});
        // As much as the slowest that is there when it is due, and 20 ms. A jump of 70 ms is too much until the first
        // of them is there, at 160 ms.
        Check({10, 30, 31, 100, 100, 100, 100, 100}, follow, {30, 30, 50, -1, -1, -1, 120, 120});
        // Two seconds later the slow one is forgotten.
        std::vector<int> delays(130, 10);
        delays[5] = 25;
        std::vector<int> expected(130, 30);
        for (int i = 5; i < 130; i++)
        {
            // the slow one is there at 125 ms; this one is due at 20 i + 45, and looks back two seconds from there
            expected[i] = 20 * i + 45 <= 125 + 2000 ? 45 : 30;
        }
        Check(delays, follow, expected);
    }
};

class PatternCase : public TestCase
{
  public:
    PatternCase()
        : TestCase("packets come when their pattern says")
    {
    }

  private:
    void DoRun() override
    {
        FlowbindConstantPattern constant(DataRate("64kbps"), 160);
        NS_TEST_EXPECT_MSG_EQ(constant.Next().wait, Time(0), "the first one at once");
        for (int i = 0; i < 3; i++)
        {
            FlowbindTrafficPattern::Packet packet = constant.Next();
            NS_TEST_EXPECT_MSG_EQ(packet.wait, MilliSeconds(20), "the others 20 ms apart");
            NS_TEST_EXPECT_MSG_EQ(packet.octets, 160, "octets");
        }
        FlowbindReplayPattern replay;
        replay.Add(MilliSeconds(5), 100);
        replay.Add(MilliSeconds(5), 1);
        replay.Add(MilliSeconds(9), 7);
        const std::pair<int, uint32_t> expected[] = {{5, 100}, {0, 1}, {4, 7}, {0, 0}, {0, 0}};
        for (const auto& packet : expected)
        {
            FlowbindTrafficPattern::Packet next = replay.Next();
            NS_TEST_EXPECT_MSG_EQ(next.wait, MilliSeconds(packet.first), "wait");
            NS_TEST_EXPECT_MSG_EQ(next.octets, packet.second, "octets");
        }
        CheckPoisson();
    }

    /// Mean and standard deviation of an exponential distribution are the same; 50,000 draws, 5 standard errors.
    void CheckPoisson()
    {
        const int count = 50000;
        FlowbindPoissonPattern poisson(DataRate("1Mbps"), 500);
        FlowbindPoissonPattern same(DataRate("1Mbps"), 500);
        NS_TEST_EXPECT_MSG_EQ(poisson.AssignStreams(77), 1, "one stream");
        same.AssignStreams(77);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < count; i++)
        {
            Time wait = poisson.Next().wait;
            NS_TEST_ASSERT_MSG_EQ(wait, same.Next().wait, "the same stream, the same times");
            sum += wait.GetSeconds();
            squares += wait.GetSeconds() * wait.GetSeconds();
        }
        double mean = sum / count;
        NS_TEST_EXPECT_MSG_EQ_TOL(mean, 0.004, 0.004 * 5 / std::sqrt(count), "mean");
        double deviation = std::sqrt(squares / count - mean * mean);
        NS_TEST_EXPECT_MSG_EQ_TOL(deviation, 0.004, 0.004 * 0.04, "standard deviation");
    }
};

/// A history by hand: segments of 4 s, shown from 4 s of them on.
class PlayerCase : public TestCase
{
  public:
    PlayerCase()
        : TestCase("a player shows, stalls and goes on")
    {
    }

  private:
    void DoRun() override
    {
        const DataRate low("1Mbps");
        const DataRate high("3Mbps");
        FlowbindVideoPlayer player(Seconds(10), Seconds(4), Seconds(8));
        NS_TEST_EXPECT_MSG_EQ(player.Watch(Seconds(0), Seconds(11)).begun, false, "nothing yet");
        player.Add(Seconds(11), low);
        NS_TEST_EXPECT_MSG_EQ(player.GetBuffer(Seconds(11)), Seconds(4), "waiting");
        player.Add(Seconds(13), high); // 8 s: shown from 13 to 21
        NS_TEST_EXPECT_MSG_EQ(player.GetBuffer(Seconds(15)), Seconds(6), "shown for 2 s");
        player.Add(Seconds(20), high); // to 25
        player.Add(Seconds(30), low); // ran dry at 25; 4 s are too little
        player.Add(Seconds(33), low); // on from 33 to 41
        NS_TEST_ASSERT_MSG_EQ(player.GetStalls().size(), 1, "one stall");
        NS_TEST_EXPECT_MSG_EQ(player.GetStalls()[0].from, Seconds(25), "from");
        NS_TEST_EXPECT_MSG_EQ(player.GetStalls()[0].until, Seconds(33), "until");

        FlowbindVideoPlayer::View all = player.Watch(Seconds(0), Seconds(60));
        NS_TEST_EXPECT_MSG_EQ(all.began, true, "began");
        NS_TEST_EXPECT_MSG_EQ(all.startUp, Seconds(3), "3 s after the flow");
        NS_TEST_EXPECT_MSG_EQ(all.shown, Seconds(20), "five segments");
        NS_TEST_EXPECT_MSG_EQ_TOL(all.rate, (3 * 1e6 + 2 * 3e6) / 5, 1, "mean rate");
        NS_TEST_EXPECT_MSG_EQ(all.switches, 2, "up and down");
        NS_TEST_EXPECT_MSG_EQ(all.stalls, 2, "at 25 s, and at 41 s to the end");
        NS_TEST_EXPECT_MSG_EQ(all.stalled, Seconds(8 + 19), "without a picture");

        // 19 s to 27 s: 2 s of the second segment, 4 s of the third, 2 s of nothing.
        FlowbindVideoPlayer::View part = player.Watch(Seconds(19), Seconds(27));
        NS_TEST_EXPECT_MSG_EQ(part.begun, true, "had begun");
        NS_TEST_EXPECT_MSG_EQ(part.began, false, "before");
        NS_TEST_EXPECT_MSG_EQ(part.shown, Seconds(6), "shown");
        NS_TEST_EXPECT_MSG_EQ_TOL(part.rate, 3e6, 1, "all at the high rate");
        NS_TEST_EXPECT_MSG_EQ(part.switches, 0, "no change in it");
        NS_TEST_EXPECT_MSG_EQ(part.stalls, 1, "one stall began");
        NS_TEST_EXPECT_MSG_EQ(part.stalled, Seconds(2), "so far");
        FlowbindVideoPlayer::View later = player.Watch(Seconds(27), Seconds(35));
        NS_TEST_EXPECT_MSG_EQ(later.stalls, 0, "none began");
        NS_TEST_EXPECT_MSG_EQ(later.stalled, Seconds(6), "until 33 s");
        NS_TEST_EXPECT_MSG_EQ(later.switches, 1, "down at 33 s");
    }
};

/// Pages of 100 kB over 10 Mbit/s and 20 ms: bounds by hand.
class PagesCase : public TestCase
{
  public:
    PagesCase()
        : TestCase("pages take as long as their octets and round trips")
    {
    }

  private:
    static std::vector<FlowbindWebClient::Page> Browse(uint32_t connections, uint64_t& received)
    {
        TwoEnds ends("10Mbps", MilliSeconds(20));
        Ptr<FlowbindWebClient> client = CreateObject<FlowbindWebClient>();
        client->SetAttribute("PageSize", UintegerValue(100003));
        client->SetAttribute("Objects", UintegerValue(10));
        client->SetAttribute("Connections", UintegerValue(connections));
        client->SetAttribute("ThinkTime", TimeValue(MilliSeconds(500)));
        client->AssignStreams(5);
        ends.Install(client, Seconds(30), 16);
        ends.Run(Seconds(40));
        received = ends.GetReceived();
        return client->GetPages();
    }

    void DoRun() override
    {
        for (uint32_t connections : {1, 3})
        {
            uint64_t received = 0;
            uint64_t again = 0;
            std::vector<FlowbindWebClient::Page> pages = Browse(connections, received);
            std::vector<FlowbindWebClient::Page> same = Browse(connections, again);
            NS_TEST_ASSERT_MSG_EQ((pages.size() > 20), true, "more than twenty pages in 29 s");
            NS_TEST_ASSERT_MSG_EQ(pages.size(), same.size(), "the same seed, the same clicks");
            NS_TEST_EXPECT_MSG_EQ(received, again, "the same seed, the same octets");
            CheckPages(pages, same);
            // The last one may have been stopped half way.
            NS_TEST_EXPECT_MSG_EQ(
                (received >= (pages.size() - 1) * 100003 && received <= pages.size() * 100003),
                true,
                "every octet once");
        }
    }

    void CheckPages(const std::vector<FlowbindWebClient::Page>& pages,
                    const std::vector<FlowbindWebClient::Page>& same)
    {
        // Two requests one after the other are two round trips; 100 kB with headers of 52 octets take 83 ms. More than
        // the round trips of a slow start from 10 segments, and the handshake, it does not take.
        const double roundTrip = 0.04;
        const double least = 2 * roundTrip + 100003 * 8 / 10e6;
        const double most = 0.083 + 8 * roundTrip;
        for (std::size_t i = 0; i + 1 < pages.size(); i++)
        {
            double took = (pages[i].loaded - pages[i].clicked).GetSeconds();
            NS_TEST_EXPECT_MSG_EQ((took > least && took < most), true, i << ": " << took << " s");
            NS_TEST_EXPECT_MSG_EQ(pages[i].octets, 100003, "octets");
            NS_TEST_EXPECT_MSG_EQ(pages[i].objects, 10, "objects");
            NS_TEST_EXPECT_MSG_EQ(pages[i].clicked, same[i].clicked, "clicked");
            NS_TEST_EXPECT_MSG_EQ(pages[i].loaded, same[i].loaded, "loaded");
        }
    }
};

/// Outages longer than the client's patience, several times, with few ports.
class BrokenConnectionCase : public TestCase
{
  public:
    explicit BrokenConnectionCase(uint16_t ports)
        : TestCase("connections are opened again, with ports: " + std::to_string(ports)),
          m_ports(ports)
    {
    }

  private:
    void DoRun() override
    {
        TwoEnds ends("2Mbps", MilliSeconds(20));
        Ptr<FlowbindWebClient> client = CreateObject<FlowbindWebClient>();
        client->SetAttribute("PageSize", UintegerValue(500000));
        client->SetAttribute("Objects", UintegerValue(20));
        client->SetAttribute("Connections", UintegerValue(m_ports > 6 ? 6 : 1));
        client->SetAttribute("ThinkTime", TimeValue(MilliSeconds(100)));
        client->AssignStreams(5);
        ends.Install(client, Seconds(400), m_ports);
        for (int i = 0; i < 3; i++)
        {
            ends.SetOutage(Seconds(50 + 100 * i), Seconds(80 + 100 * i));
        }
        ends.Run(Seconds(410));
        uint64_t octets = 0;
        uint32_t late = 0;
        const auto& pages = client->GetPages();
        for (const auto& page : pages)
        {
            octets += page.loaded.IsStrictlyNegative() ? 0 : page.octets;
            late += page.clicked > Seconds(300) && !page.loaded.IsStrictlyNegative();
        }
        NS_TEST_EXPECT_MSG_EQ((client->GetReconnects() >= 3), true, "given up in each outage");
        NS_TEST_EXPECT_MSG_EQ((late > 20), true, "pages behind the third outage: " << late);
        NS_TEST_EXPECT_MSG_EQ((ends.GetReceived() >= octets), true, "no page without its octets");
        // What had been sent to a connection that was given up is lost; all else comes once.
        NS_TEST_EXPECT_MSG_EQ((ends.GetReceived() <= octets + 500000), true, "no octet twice");
    }

    uint16_t m_ports;
};

/// A film over a link that carries the second rate but one, and that is dead for a while.
class FilmCase : public TestCase
{
  public:
    FilmCase()
        : TestCase("a film takes the rate that fits, and stalls when its buffer is empty")
    {
    }

  private:
    void DoRun() override
    {
        TwoEnds ends("3Mbps", MilliSeconds(20));
        Ptr<FlowbindVideoClient> client = CreateObject<FlowbindVideoClient>();
        client->SetAttribute("SegmentDuration", TimeValue(Seconds(2)));
        client->SetAttribute("StartUp", TimeValue(Seconds(2)));
        client->SetAttribute("Buffer", TimeValue(Seconds(10)));
        client->SetLadder(
            {DataRate("500kbps"), DataRate("1Mbps"), DataRate("2Mbps"), DataRate("4Mbps")});
        ends.Install(client, Seconds(200), 16);
        const Time out = Seconds(100);
        const Time back = Seconds(140);
        ends.SetOutage(out, back);
        ends.Run(Seconds(205));
        const FlowbindVideoPlayer& player = *client->GetPlayer();

        // 500 kbit/s for 2 s are 125 kB: 0.34 s at 3 Mbit/s, two round trips, and a slow start.
        FlowbindVideoPlayer::View before = player.Watch(Seconds(0), out);
        double start = before.startUp.GetSeconds();
        NS_TEST_EXPECT_MSG_EQ((start > 0.41 && start < 0.8), true, "start after " << start);
        NS_TEST_EXPECT_MSG_EQ(before.stalls, 0, "no stall");
        FlowbindVideoPlayer::View settled = player.Watch(Seconds(20), out);
        NS_TEST_EXPECT_MSG_EQ_TOL(settled.rate, 2e6, 1, "85 % of 3 Mbit/s carry 2, not 4");
        NS_TEST_EXPECT_MSG_EQ(settled.switches, 0, "and it stays");

        // The buffer has more than 8 s and at most 10; then there is nothing until the link is back.
        NS_TEST_ASSERT_MSG_EQ(player.GetStalls().size(), 1, "one stall");
        const FlowbindVideoPlayer::Stall& stall = player.GetStalls()[0];
        NS_TEST_EXPECT_MSG_EQ((stall.from > out + Seconds(6) && stall.from <= out + Seconds(10)),
                              true,
                              "from " << stall.from.GetSeconds());
        NS_TEST_EXPECT_MSG_EQ((stall.until > back && stall.until < back + Seconds(20)),
                              true,
                              "until " << stall.until.GetSeconds());
        NS_TEST_EXPECT_MSG_EQ((client->GetReconnects() >= 1), true, "more than its patience");
        NS_TEST_EXPECT_MSG_EQ_TOL(player.Watch(Seconds(180), Seconds(200)).rate,
                                  2e6,
                                  1,
                                  "and back to its rate");
        CheckOctets(player, ends.GetReceived());
    }

    /// Every octet once; the last segment may be on its way.
    void CheckOctets(const FlowbindVideoPlayer& player, uint64_t received)
    {
        uint64_t octets = 0;
        for (const auto& segment : player.GetSegments())
        {
            octets += segment.rate.GetBitRate() * 2 / 8;
        }
        NS_TEST_EXPECT_MSG_EQ((received >= octets && received <= octets + 500000),
                              true,
                              received << " octets for " << octets);
    }
};

class FlowbindApplicationsTestSuite : public TestSuite
{
  public:
    FlowbindApplicationsTestSuite()
        : TestSuite("flowbind-applications", UNIT)
    {
        AddTestCase(new CallQualityCase);
        AddTestCase(new PlayoutCase);
        AddTestCase(new PatternCase);
        AddTestCase(new PlayerCase);
        AddTestCase(new PagesCase);
        AddTestCase(new BrokenConnectionCase(1));
        AddTestCase(new BrokenConnectionCase(16));
        AddTestCase(new FilmCase);
    }
};

static FlowbindApplicationsTestSuite g_flowbindApplicationsTestSuite;
