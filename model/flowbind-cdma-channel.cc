/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-channel.h"

#include "flowbind-cdma-net-device.h"
#include "flowbind-cdma-sector.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/mobility-model.h"
#include "ns3/node.h"
#include "ns3/pointer.h"

#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindCdmaChannel);

TypeId
FlowbindCdmaChannel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindCdmaChannel")
            .SetParent<Channel>()
            .SetGroupName("Flowbind")
            .AddConstructor<FlowbindCdmaChannel>()
            .AddAttribute(
                "PropagationLoss",
                "Path loss, by default log-distance with exponent 3.5 from free space at 1 m.",
                PointerValue(),
                MakePointerAccessor(&FlowbindCdmaChannel::m_loss),
                MakePointerChecker<PropagationLossModel>())
            .AddAttribute("OtherSectors",
                          "Share of time for which the other sectors transmit: they interfere.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&FlowbindCdmaChannel::m_otherSectors),
                          MakeDoubleChecker<double>(0, 1));
    return tid;
}

FlowbindCdmaChannel::FlowbindCdmaChannel()
    : m_otherSectors(1)
{
}

void
FlowbindCdmaChannel::NotifyConstructionCompleted()
{
    Channel::NotifyConstructionCompleted();
    if (m_loss)
    {
        return;
    }
    Ptr<LogDistancePropagationLossModel> loss = CreateObject<LogDistancePropagationLossModel>();
    loss->SetPathLossExponent(3.5);
    loss->SetReference(1, 38.02); // free space at 1.9 GHz
    m_loss = loss;
}

void
FlowbindCdmaChannel::DoDispose()
{
    m_loss = nullptr;
    m_devices.clear();
    m_sectors.clear();
    Channel::DoDispose();
}

void
FlowbindCdmaChannel::Add(Ptr<FlowbindCdmaNetDevice> device)
{
    m_devices.push_back(device);
    if (DynamicCast<FlowbindCdmaSector>(device))
    {
        m_sectors.push_back(device);
    }
}

double
FlowbindCdmaChannel::GetLoss(Ptr<NetDevice> from, Ptr<NetDevice> to) const
{
    Ptr<MobilityModel> a = from->GetNode()->GetObject<MobilityModel>();
    Ptr<MobilityModel> b = to->GetNode()->GetObject<MobilityModel>();
    NS_ABORT_MSG_IF(!a || !b, "nodes with 1xEV-DO devices need mobility models");
    return -m_loss->CalcRxPower(0, a, b);
}

double
FlowbindCdmaChannel::GetSinr(Ptr<FlowbindCdmaSector> sector,
                             Ptr<FlowbindCdmaTerminal> terminal) const
{
    double signal = 0;
    double noise = terminal->GetNoise();
    for (const auto& other : m_sectors)
    {
        double power = std::pow(10, (other->GetTxPower() - GetLoss(other, terminal)) / 10);
        (other == sector ? signal : noise) += other == sector ? power : power * m_otherSectors;
    }
    return signal / noise;
}

int64_t
FlowbindCdmaChannel::AssignStreams(int64_t stream)
{
    return m_loss->AssignStreams(stream);
}

std::size_t
FlowbindCdmaChannel::GetNDevices() const
{
    return m_devices.size();
}

Ptr<NetDevice>
FlowbindCdmaChannel::GetDevice(std::size_t i) const
{
    return m_devices.at(i);
}

} // namespace ns3
