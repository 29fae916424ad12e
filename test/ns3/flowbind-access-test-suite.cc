/* SPDX-License-Identifier: GPL-2.0-only */
#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/flowbind-cdma-access-helper.h"
#include "ns3/flowbind-lte-helper.h"
#include "ns3/flowbind-walk.h"
#include "ns3/flowbind-wlan-helper.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/lte-ue-rrc.h"
#include "ns3/mac48-address.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A mobile node that can walk, at one access network.
class AccessWorld
{
  public:
    AccessWorld()
        : m_mobile(CreateObject<Node>()),
          m_walk(CreateObject<FlowbindWalk>())
    {
        m_backbone.Build();
        FlowbindBackboneHelper::InstallStack(m_mobile);
        m_mobile->AggregateObject(m_walk);
    }

    void Attach(FlowbindAccessHelper& access)
    {
        access.Build(m_backbone);
        m_link = access.Attach(m_mobile);
        access.AssignStreams(1);
        m_link->TraceConnectWithoutContext("Usable", MakeCallback(&AccessWorld::Note, this));
    }

    /// \return what the link said: when, in seconds, and whether it is usable
    const std::vector<std::pair<double, bool>>& GetChanges() const
    {
        return m_changes;
    }

    FlowbindBackboneHelper m_backbone;
    Ptr<Node> m_mobile;
    Ptr<FlowbindWalk> m_walk;
    Ptr<FlowbindAccessLink> m_link;

  private:
    void Note(bool usable)
    {
        m_changes.push_back({Simulator::Now().GetSeconds(), usable});
    }

    std::vector<std::pair<double, bool>> m_changes;
};

class WalkCase : public TestCase
{
  public:
    WalkCase()
        : TestCase("a walk: there, turned round half-way, and at once")
    {
    }

  private:
    void ExpectAt(double x, double y)
    {
        Vector position = m_walk->GetPosition();
        NS_TEST_EXPECT_MSG_EQ_TOL(position.x, x, 1e-9, "x at " << Simulator::Now().As(Time::S));
        NS_TEST_EXPECT_MSG_EQ_TOL(position.y, y, 1e-9, "y at " << Simulator::Now().As(Time::S));
    }

    void DoRun() override
    {
        m_walk = CreateObject<FlowbindWalk>();
        m_walk->SetPosition(Vector(10, 0, 0));
        Vector away(40, 40, 0); // 50 m
        Simulator::Schedule(Seconds(1), &FlowbindWalk::Go, m_walk, away, 5.0);
        Simulator::Schedule(Seconds(6), &WalkCase::ExpectAt, this, 25, 20);
        Simulator::Schedule(Seconds(11), &WalkCase::ExpectAt, this, 40, 40);
        Simulator::Schedule(Seconds(20), &WalkCase::ExpectAt, this, 40, 40);
        Simulator::Schedule(Seconds(20), &FlowbindWalk::Go, m_walk, Vector(40, 0, 0), 10.0);
        Simulator::Schedule(Seconds(22), &FlowbindWalk::Go, m_walk, Vector(60, 20, 0), 2.0);
        Simulator::Schedule(Seconds(27), &WalkCase::ExpectAt, this, 50, 20);
        Simulator::Schedule(Seconds(40), &WalkCase::ExpectAt, this, 60, 20);
        Simulator::Schedule(Seconds(41), &FlowbindWalk::Go, m_walk, Vector(-7, 3, 0), 0.0);
        Simulator::Schedule(Seconds(41), &WalkCase::ExpectAt, this, -7, 3);
        Simulator::Run();
        Simulator::Destroy();
    }

    Ptr<FlowbindWalk> m_walk;
};

/// Out of the reach of an access point and back. No event tells the link.
class WlanCoverageCase : public TestCase
{
  public:
    WlanCoverageCase(FlowbindWlanHelper::Standard standard,
                     FlowbindWlanHelper::Band band,
                     uint16_t width,
                     bool constant,
                     const std::string& name)
        : TestCase("a WLAN is lost by walking away, " + name),
          m_standard(standard),
          m_band(band),
          m_width(width),
          m_constant(constant)
    {
    }

  private:
    void DoRun() override
    {
        Config::Reset();
        FlowbindWlanHelper::SetDefaults();
        AccessWorld world;
        FlowbindWlanHelper wlan("wlan", 0);
        wlan.SetPosition(0, 0);
        wlan.SetStandard(m_standard, m_band, m_width);
        if (m_constant)
        {
            wlan.SetConstantRate(3);
        }
        world.m_walk->SetPosition(Vector(5, 0, 0));
        world.Attach(wlan);
        Simulator::Schedule(Seconds(3), &FlowbindWalk::Go, world.m_walk, Vector(200, 0, 0), 0.0);
        Simulator::Schedule(Seconds(8), &FlowbindWalk::Go, world.m_walk, Vector(5, 0, 0), 0.0);
        Simulator::Stop(Seconds(12));
        Simulator::Run();
        const auto& changes = world.GetChanges();
        NS_TEST_ASSERT_MSG_EQ(changes.size(), 3, "associated, lost, associated again");
        NS_TEST_EXPECT_MSG_EQ(changes[0].second, true, "it associates");
        NS_TEST_EXPECT_MSG_LT(changes[0].first, 1, "soon");
        NS_TEST_EXPECT_MSG_EQ(changes[1].second, false, "it is lost");
        NS_TEST_EXPECT_MSG_GT(changes[1].first, 3, "when it is out of reach");
        NS_TEST_EXPECT_MSG_LT(changes[1].first, 4.5, "after some beacons");
        NS_TEST_EXPECT_MSG_EQ(changes[2].second, true, "it associates again");
        NS_TEST_EXPECT_MSG_GT(changes[2].first, 8, "when it is back");
        Simulator::Destroy();
    }

    FlowbindWlanHelper::Standard m_standard;
    FlowbindWlanHelper::Band m_band;
    uint16_t m_width;
    bool m_constant;
};

/// Users of a sector: each gets and sends what it should, so no packet goes to somebody else.
class CdmaUsersCase : public TestCase
{
  public:
    CdmaUsersCase()
        : TestCase("other users of a CDMA sector, and what waits in a terminal")
    {
    }

  private:
    // one would have a broadcast address, see FlowbindRadioHelper
    static constexpr uint32_t USERS = 16;

    void Send(Ptr<NetDevice> device, Mac48Address to)
    {
        for (uint32_t i = 0; i < 10; i++)
        {
            device->Send(Create<Packet>(986), to, 0x88b5); // RFC 9542: for local experiments
        }
    }

    void DoRun() override
    {
        Config::Reset();
        AccessWorld world;
        FlowbindCdmaAccessHelper cdma("cdma", 3);
        FlowbindRadioHelper::Users users;
        users.count = USERS;
        users.down = DataRate("8kbps");
        users.up = DataRate("800bps");
        users.packet = 100;
        cdma.SetUsers(users);
        cdma.SetFading(FlowbindCdmaFading::RAYLEIGH, 1);
        world.Attach(cdma);
        Ptr<FlowbindCdmaSector> sector = DynamicCast<FlowbindCdmaSector>(cdma.GetAccessDevice());
        Ptr<NetDevice> device = world.m_link->GetDevice();
        Mac48Address to = Mac48Address::ConvertFrom(sector->GetAddress());
        Simulator::Schedule(Seconds(60.01), &CdmaUsersCase::Send, this, device, to);
        Simulator::Stop(Seconds(60.011)); // before the next frame
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(world.m_link->GetBacklog(), 10000, "ten frames wait");
        Simulator::Stop(Seconds(10));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(world.m_link->GetBacklog(), 0, "they were sent");
        for (uint32_t i = 0; i < USERS; i++)
        {
            // 70 s of 10 packets a second with their headers; of 1 a second
            double down = sector->GetForward(i)->GetCounters().delivered / (142 * 10 * 70.0);
            double up = sector->GetReverse(i)->GetCounters().delivered / (142 * 70.0);
            NS_TEST_EXPECT_MSG_EQ_TOL(down, 1, 0.2, "toward user " << i);
            NS_TEST_EXPECT_MSG_EQ_TOL(up, 1, 0.5, "from user " << i);
        }
        NS_TEST_EXPECT_MSG_LT(sector->GetForward(USERS)->GetCounters().delivered,
                              USERS * 100,
                              "the mobile node gets no more than what is for everybody: ARP");
        Simulator::Destroy();
    }
};

class LteCase : public TestCase
{
  public:
    LteCase(bool handover)
        : TestCase(handover ? "LTE: from cell to cell, and nobody notices"
                            : "LTE: out of the reach of all cells, and back"),
          m_handover(handover),
          m_handovers(0)
    {
    }

  private:
    void CountHandover(uint64_t, uint16_t, uint16_t)
    {
        m_handovers++;
    }

    void DoRun() override
    {
        Config::Reset();
        FlowbindLteHelper::SetDefaults();
        AccessWorld world;
        FlowbindLteHelper lte("lte", 0);
        lte.SetPosition(0, 0);
        lte.SetExponent(3);
        lte.SetScheduler("ns3::RrFfMacScheduler", 25);
        lte.SetSecondCell(600, 0, 3, MilliSeconds(128));
        world.m_walk->SetPosition(Vector(150, 0, 0));
        world.Attach(lte);
        Ptr<LteUeNetDevice> device = DynamicCast<LteUeNetDevice>(world.m_link->GetDevice());
        device->GetRrc()->TraceConnectWithoutContext("HandoverEndOk",
                                                     MakeCallback(&LteCase::CountHandover, this));
        Vector away = m_handover ? Vector(450, 0, 0) : Vector(50000, 0, 0);
        double speed = m_handover ? 50 : 0;
        Simulator::Schedule(Seconds(1), &FlowbindWalk::Go, world.m_walk, away, speed);
        Simulator::Schedule(Seconds(8), &FlowbindWalk::Go, world.m_walk, Vector(150, 0, 0), speed);
        Simulator::Stop(Seconds(15));
        Simulator::Run();
        const auto& changes = world.GetChanges();
        NS_TEST_ASSERT_MSG_EQ(changes.size(), m_handover ? 1 : 3, "what the link said");
        NS_TEST_EXPECT_MSG_EQ(m_handovers, m_handover ? 2 : 0, "there and back");
        NS_TEST_EXPECT_MSG_EQ(changes[0].second, true, "it connects");
        if (!m_handover)
        {
            NS_TEST_EXPECT_MSG_EQ(changes[1].second, false, "its radio link fails");
            NS_TEST_EXPECT_MSG_GT(changes[1].first, 1, "when it is out of reach");
            NS_TEST_EXPECT_MSG_LT(changes[1].first, 4, "before long");
            NS_TEST_EXPECT_MSG_EQ(changes[2].second, true, "it is connected again");
            NS_TEST_EXPECT_MSG_GT(changes[2].first, 8, "not before it is back");
        }
        Simulator::Destroy();
    }

    bool m_handover;
    uint32_t m_handovers;
};

class FlowbindAccessSuite : public TestSuite
{
  public:
    FlowbindAccessSuite()
        : TestSuite("flowbind-access")
    {
        typedef FlowbindWlanHelper Wlan;
        AddTestCase(new WalkCase);
        AddTestCase(new WlanCoverageCase(Wlan::IEEE_80211N, Wlan::BAND_2_4_GHZ, 20, false, "11n"));
        AddTestCase(new WlanCoverageCase(Wlan::IEEE_80211N,
                                         Wlan::BAND_5_GHZ,
                                         40,
                                         true,
                                         "11n in 5 GHz, 40 MHz, constant rate"));
        AddTestCase(new WlanCoverageCase(Wlan::IEEE_80211AC, Wlan::BAND_5_GHZ, 80, false, "11ac"));
        AddTestCase(new WlanCoverageCase(Wlan::IEEE_80211AC,
                                         Wlan::BAND_5_GHZ,
                                         20,
                                         true,
                                         "11ac, 20 MHz, constant rate"));
        AddTestCase(new CdmaUsersCase);
        AddTestCase(new LteCase(true));
        AddTestCase(new LteCase(false));
    }
};

FlowbindAccessSuite g_flowbindAccessSuite;

} // namespace
