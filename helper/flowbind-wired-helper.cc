/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-wired-helper.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/string.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindWiredHelper");

FlowbindWiredHelper::FlowbindWiredHelper(const std::string& name, uint32_t index)
    : FlowbindAccessHelper(name, index),
      m_up("100Mbps"),
      m_down("100Mbps"),
      m_delay(MilliSeconds(1)),
      m_queue("100p"),
      m_mtu(0),
      m_loss(0)
{
}

void
FlowbindWiredHelper::SetLink(DataRate up, DataRate down, Time delay)
{
    m_up = up;
    m_down = down;
    m_delay = delay;
}

void
FlowbindWiredHelper::SetQueue(QueueSize size)
{
    m_queue = size;
}

void
FlowbindWiredHelper::SetMtu(uint16_t mtu)
{
    m_mtu = mtu;
}

void
FlowbindWiredHelper::SetRate(DataRate up, DataRate down)
{
    m_mobileDevices.Get(0)->SetAttribute("DataRate", DataRateValue(up));
    m_routerDevice->SetAttribute("DataRate", DataRateValue(down));
}

void
FlowbindWiredHelper::SetLoss(double probability)
{
    m_loss = probability;
}

void
FlowbindWiredHelper::Build(FlowbindBackboneHelper& backbone)
{
    m_router = CreateObject<Node>();
    InstallStack(m_router);
    m_backhaul = ConnectBackhaul(backbone, m_router, GetNetwork(), GetMask());
}

Ptr<FlowbindAccessLink>
FlowbindWiredHelper::Attach(Ptr<Node> mobile)
{
    NS_ABORT_MSG_IF(m_mobileDevices.GetN() > 0, "a point-to-point link has one mobile node");
    PointToPointHelper helper;
    helper.SetChannelAttribute("Delay", TimeValue(m_delay));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize", QueueSizeValue(m_queue));
    NetDeviceContainer link = helper.Install(mobile, m_router);
    link.Get(0)->SetAttribute("DataRate", DataRateValue(m_up));
    link.Get(1)->SetAttribute("DataRate", DataRateValue(m_down));
    for (uint32_t i = 0; i < link.GetN() && m_mtu != 0; i++)
    {
        link.Get(i)->SetMtu(m_mtu);
    }
    SetMobileAddress(link.Get(0));
    SetRouterAddress(link.Get(1));
    AddLoss(link.Get(0));
    AddLoss(link.Get(1));
    m_mobileDevices.Add(link.Get(0));
    m_routerDevice = link.Get(1);

    Ptr<FlowbindAccessLink> access = CreateObject<FlowbindAccessLink>();
    access->Setup(link.Get(0), GetRouterAddress());
    SetMobileAddress6(access);
    access->SetCarrier(true);
    return access;
}

Ptr<Node>
FlowbindWiredHelper::GetAccessRouter() const
{
    return m_router;
}

Ptr<NetDevice>
FlowbindWiredHelper::GetAccessDevice() const
{
    return m_routerDevice;
}

int64_t
FlowbindWiredHelper::AssignStreams(int64_t stream)
{
    int64_t first = stream;
    for (const auto& error : m_errors)
    {
        stream += error->AssignStreams(stream);
    }
    return stream - first;
}

void
FlowbindWiredHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files)
{
    files.push_back(prefix + m_name + ".pcap");
    FlowbindBackboneHelper::EnablePcap(files.back(), m_mobileDevices.Get(0));
    files.push_back(prefix + m_name + "-backhaul.pcap");
    FlowbindBackboneHelper::EnablePcap(files.back(), m_backhaul.Get(0));
}

void
FlowbindWiredHelper::AddLoss(Ptr<NetDevice> device)
{
    if (m_loss <= 0)
    {
        return;
    }
    Ptr<RateErrorModel> error = CreateObject<RateErrorModel>();
    error->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
    error->SetRate(m_loss);
    device->SetAttribute("ReceiveErrorModel", PointerValue(error));
    m_errors.push_back(error);
}

} // namespace ns3
