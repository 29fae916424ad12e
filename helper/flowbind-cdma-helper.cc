/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-helper.h"

#include "ns3/pointer.h"

namespace ns3
{

FlowbindCdmaHelper::FlowbindCdmaHelper()
    : m_channel(CreateObject<FlowbindCdmaChannel>())
{
    m_sector.SetTypeId("ns3::FlowbindCdmaSector");
    m_terminal.SetTypeId("ns3::FlowbindCdmaTerminal");
}

void
FlowbindCdmaHelper::SetSectorAttribute(const std::string& name, const AttributeValue& value)
{
    m_sector.Set(name, value);
}

void
FlowbindCdmaHelper::SetTerminalAttribute(const std::string& name, const AttributeValue& value)
{
    m_terminal.Set(name, value);
}

void
FlowbindCdmaHelper::SetPropagationLoss(Ptr<PropagationLossModel> loss)
{
    m_channel->SetAttribute("PropagationLoss", PointerValue(loss));
}

Ptr<FlowbindCdmaSector>
FlowbindCdmaHelper::InstallSector(Ptr<Node> node) const
{
    Ptr<FlowbindCdmaSector> sector = m_sector.Create<FlowbindCdmaSector>();
    sector->SetAddress(Mac48Address::Allocate());
    node->AddDevice(sector);
    sector->SetChannel(m_channel);
    return sector;
}

NetDeviceContainer
FlowbindCdmaHelper::InstallTerminals(NodeContainer nodes, Ptr<FlowbindCdmaSector> sector) const
{
    NetDeviceContainer devices;
    for (uint32_t i = 0; i < nodes.GetN(); i++)
    {
        Ptr<FlowbindCdmaTerminal> terminal = m_terminal.Create<FlowbindCdmaTerminal>();
        terminal->SetAddress(Mac48Address::Allocate());
        nodes.Get(i)->AddDevice(terminal);
        terminal->SetChannel(m_channel);
        sector->Attach(terminal);
        devices.Add(terminal);
    }
    return devices;
}

int64_t
FlowbindCdmaHelper::AssignStreams(int64_t stream) const
{
    int64_t first = stream;
    stream += m_channel->AssignStreams(stream);
    for (std::size_t i = 0; i < m_channel->GetNDevices(); i++)
    {
        Ptr<FlowbindCdmaSector> sector = DynamicCast<FlowbindCdmaSector>(m_channel->GetDevice(i));
        stream += sector ? sector->AssignStreams(stream) : 0;
    }
    return stream - first;
}

void
FlowbindCdmaHelper::EnablePcapInternal(std::string prefix,
                                       Ptr<NetDevice> device,
                                       bool,
                                       bool explicitFilename)
{
    if (!DynamicCast<FlowbindCdmaNetDevice>(device))
    {
        return;
    }
    PcapHelper pcap;
    std::string name = explicitFilename ? prefix : pcap.GetFilenameFromDevice(prefix, device);
    Ptr<PcapFileWrapper> file = pcap.CreateFile(name, std::ios::out, PcapHelper::DLT_EN10MB);
    pcap.HookDefaultSink<FlowbindCdmaNetDevice>(DynamicCast<FlowbindCdmaNetDevice>(device),
                                                "Sniffer",
                                                file);
}

} // namespace ns3
