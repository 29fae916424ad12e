/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-access-helper.h"

#include "ns3/channel.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/propagation-loss-model.h"

namespace ns3
{

namespace
{

/// Metres from the origin, where a mobile node stands unless it was put elsewhere.
const Vector SECTOR(-500, 0, 30);
const double USER_DISTANCE = 500;
const double FREE_SPACE_1M = 38.02; // dB, at 1.9 GHz
const Time USERS_START = MilliSeconds(100);

} // namespace

FlowbindCdmaAccessHelper::FlowbindCdmaAccessHelper(const std::string& name, uint32_t index)
    : FlowbindRadioHelper(name, index, SECTOR, USER_DISTANCE),
      m_terminals(0),
      m_queue("100p"),
      m_mtu(0),
      m_fading(FlowbindCdmaFading::RAYLEIGH),
      m_fadingSpeed(0)
{
}

void
FlowbindCdmaAccessHelper::SetDelay(Time delay)
{
    m_delay = delay;
}

void
FlowbindCdmaAccessHelper::SetQueue(QueueSize size)
{
    m_queue = size;
}

void
FlowbindCdmaAccessHelper::SetMtu(uint16_t mtu)
{
    m_mtu = mtu;
}

void
FlowbindCdmaAccessHelper::SetFading(FlowbindCdmaFading::Mode mode, double speed)
{
    m_fading = mode;
    m_fadingSpeed = speed;
}

void
FlowbindCdmaAccessHelper::Build(FlowbindBackboneHelper& backbone)
{
    m_router = CreateNode(m_antenna);
    InstallStack(m_router);
    if (m_exponent > 0)
    {
        Ptr<LogDistancePropagationLossModel> loss = CreateObject<LogDistancePropagationLossModel>();
        loss->SetPathLossExponent(m_exponent);
        loss->SetReference(1, FREE_SPACE_1M);
        m_cdma.SetPropagationLoss(loss);
    }
    m_sector = m_cdma.InstallSector(m_router);
    if (m_mtu != 0)
    {
        m_sector->SetMtu(m_mtu);
    }
    SetRouterAddress(m_sector);
    m_backhaul = ConnectBackhaul(backbone, m_router, GetNetwork(), GetMask());
    Ptr<Channel> wire = m_backhaul.Get(0)->GetChannel();
    TimeValue delay;
    wire->GetAttribute("Delay", delay);
    wire->SetAttribute("Delay", TimeValue(delay.Get() + m_delay));
    if (m_users.count > 0)
    {
        AddUserNetwork(m_sector);
    }
    for (uint32_t i = 0; i < m_users.count; i++)
    {
        Ptr<Node> user = CreateNode(GetUserPosition(i, m_antenna));
        FlowbindBackboneHelper::InstallStack(user);
        Ipv4Address address = SetUserAddress(InstallTerminal(user), i);
        Load(m_router, GetUserRouterAddress(), user, address, USERS_START);
    }
}

Ptr<FlowbindAccessLink>
FlowbindCdmaAccessHelper::Attach(Ptr<Node> mobile)
{
    Ptr<NetDevice> device = InstallTerminal(mobile);
    m_mobileDevices.Add(device);
    SetMobileAddress(device);
    Ptr<FlowbindAccessLink> link = CreateObject<FlowbindAccessLink>();
    link->Setup(device, GetRouterAddress());
    SetMobileAddress6(link);
    link->SetCarrier(true);
    return link;
}

Ptr<NetDevice>
FlowbindCdmaAccessHelper::InstallTerminal(Ptr<Node> node)
{
    Ptr<NetDevice> device = m_cdma.InstallTerminals(node, m_sector).Get(0);
    if (m_mtu != 0)
    {
        device->SetMtu(m_mtu);
    }
    m_sector->GetForward(m_terminals)->SetAttribute("MaxSize", QueueSizeValue(m_queue));
    m_sector->GetReverse(m_terminals)->SetAttribute("MaxSize", QueueSizeValue(m_queue));
    Ptr<FlowbindCdmaFading> fading = m_sector->GetFading(m_terminals);
    if (m_fading != FlowbindCdmaFading::RAYLEIGH)
    {
        fading->SetAttribute("Mode", EnumValue(m_fading)); // else a default the user may have set
    }
    fading->SetAttribute("LeastSpeed", DoubleValue(m_fadingSpeed));
    m_terminals++;
    return device;
}

Ptr<Node>
FlowbindCdmaAccessHelper::GetAccessRouter() const
{
    return m_router;
}

Ptr<NetDevice>
FlowbindCdmaAccessHelper::GetAccessDevice() const
{
    return m_sector;
}

int64_t
FlowbindCdmaAccessHelper::AssignStreams(int64_t stream)
{
    int64_t first = stream;
    stream += m_cdma.AssignStreams(stream);
    stream += InternetStackHelper().AssignStreams(m_router, stream);
    stream += AssignLoadStreams(stream);
    return stream - first;
}

void
FlowbindCdmaAccessHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files)
{
    for (uint32_t i = 0; i < m_mobileDevices.GetN(); i++)
    {
        files.push_back(prefix + m_name + (i == 0 ? "" : "-" + std::to_string(i + 1)) + ".pcap");
        m_cdma.EnablePcap(files.back(), m_mobileDevices.Get(i), false, true);
    }
    files.push_back(prefix + m_name + "-backhaul.pcap");
    FlowbindBackboneHelper::EnablePcap(files.back(), m_backhaul.Get(0));
}

} // namespace ns3
