/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-lte-helper.h"

#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/lte-ue-rrc.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-helper.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindLteHelper");

namespace
{

/// Metres from the origin, where a mobile node stands unless it was put elsewhere.
const Vector BASE_STATION(0, 300, 30);
const uint32_t RESOURCE_BLOCKS = 50; // 10 MHz
const char* const UE_NETWORK = "7.0.0.0";
const char* const UE_MASK = "255.0.0.0";
const char* const UE_NETWORK6 = "7777:f00d::";

void
SetConnected(Ptr<FlowbindAccessLink> link, uint64_t, uint16_t, uint16_t)
{
    link->SetCarrier(true);
}

void
WritePacket(Ptr<PcapFileWrapper> file,
            uint32_t interface,
            Ptr<const Packet> packet,
            Ptr<Ipv4>,
            uint32_t at)
{
    if (at == interface)
    {
        file->Write(Simulator::Now(), packet);
    }
}

/// Captures a device's IP packets. (InternetStackHelper can, but keeps its files open until the program ends.)
void
CaptureIp(const std::string& name, Ptr<NetDevice> device)
{
    Ptr<PcapFileWrapper> file = PcapHelper().CreateFile(name, std::ios::out, PcapHelper::DLT_RAW);
    Ptr<Ipv4L3Protocol> ipv4 = device->GetNode()->GetObject<Ipv4L3Protocol>();
    uint32_t interface = ipv4->GetInterfaceForDevice(device);
    ipv4->TraceConnectWithoutContext("Tx", MakeBoundCallback(&WritePacket, file, interface));
    ipv4->TraceConnectWithoutContext("Rx", MakeBoundCallback(&WritePacket, file, interface));
}

} // namespace

FlowbindLteHelper::FlowbindLteHelper(const std::string& name, uint32_t index)
    : FlowbindAccessHelper(name, index)
{
}

void
FlowbindLteHelper::SetDefaults()
{
    // 10 KiB, ns-3's value, is less than the bandwidth-delay product of a cell.
    Config::SetDefault("ns3::LteRlcUm::MaxTxBufferSize", UintegerValue(512 * 1024));
    // The rate is chosen by the closed form of Piro et al.; ns-3's other model searches the block error curves for
    // every report. Transport blocks are still lost by those curves.
    Config::SetDefault("ns3::LteAmc::AmcModel", StringValue("PiroEW2010"));
}

void
FlowbindLteHelper::Build(FlowbindBackboneHelper& backbone)
{
    m_lte = CreateObject<LteHelper>();
    m_epc = CreateObject<PointToPointEpcHelper>();
    m_lte->SetEpcHelper(m_epc);
    m_lte->SetEnbDeviceAttribute("DlBandwidth", UintegerValue(RESOURCE_BLOCKS));
    m_lte->SetEnbDeviceAttribute("UlBandwidth", UintegerValue(RESOURCE_BLOCKS));

    Ptr<Node> enb = CreateObject<Node>();
    Ptr<ConstantPositionMobilityModel> position = CreateObject<ConstantPositionMobilityModel>();
    position->SetPosition(BASE_STATION);
    enb->AggregateObject(position);
    m_devices = m_lte->InstallEnbDevice(enb);
    m_enb = m_devices.Get(0);
    m_backhaul = ConnectBackhaul(backbone, m_epc->GetPgwNode(), UE_NETWORK, UE_MASK);
}

Ptr<FlowbindAccessLink>
FlowbindLteHelper::Attach(Ptr<Node> mobile)
{
    NetDeviceContainer device = m_lte->InstallUeDevice(mobile);
    m_devices.Add(device);
    m_epc->AssignUeIpv4Address(device);
    Ptr<FlowbindAccessLink> link = CreateObject<FlowbindAccessLink>();
    link->Setup(device.Get(0), m_epc->GetUeDefaultGatewayAddress());
    if (HasIpv6() && mobile->GetObject<Ipv6>())
    {
        Ipv6InterfaceContainer ipv6 = m_epc->AssignUeIpv6Address(device);
        link->SetupIpv6(ipv6.GetAddress(0, 1), m_epc->GetUeDefaultGatewayAddress6());
    }
    m_lte->Attach(device.Get(0), m_enb);
    Ptr<LteUeRrc> rrc = DynamicCast<LteUeNetDevice>(device.Get(0))->GetRrc();
    rrc->TraceConnectWithoutContext("ConnectionEstablished",
                                    MakeBoundCallback(&SetConnected, link));
    return link;
}

Ipv6Address
FlowbindLteHelper::GetNetwork6() const
{
    return Ipv6Address(UE_NETWORK6);
}

int64_t
FlowbindLteHelper::AssignStreams(int64_t stream)
{
    return m_lte->AssignStreams(m_devices, stream);
}

void
FlowbindLteHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files)
{
    for (uint32_t i = 1; i < m_devices.GetN(); i++)
    {
        files.push_back(prefix + m_name + (i == 1 ? "" : "-" + std::to_string(i)) + ".pcap");
        CaptureIp(files.back(), m_devices.Get(i));
    }
    files.push_back(prefix + m_name + "-backhaul.pcap");
    FlowbindBackboneHelper::EnablePcap(files.back(), m_backhaul.Get(0));
}

} // namespace ns3
