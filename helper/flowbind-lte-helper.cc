/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-lte-helper.h"

#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/lte-ue-net-device.h"
#include "ns3/lte-ue-phy.h"
#include "ns3/lte-ue-rrc.h"
#include "ns3/point-to-point-epc-helper.h"
#include "ns3/propagation-loss-model.h"
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
const double USER_DISTANCE = 300;
const uint8_t RESOURCE_BLOCKS = 50; // 10 MHz
const double FREE_SPACE_1M = 38.97; // dB, at 2.12 GHz, ns-3's downlink
const Time USERS_START = MilliSeconds(500); // terminals are connected by then
/// In synchronism (ns3::LteUePhy::Qin): -3.9 dB
const double SINR_IN = 0.407;
const char* const UE_NETWORK = "7.0.0.0";
const char* const UE_MASK = "255.0.0.0";
const char* const UE_NETWORK6 = "7777:f00d::";

/// What a terminal knows of its radio link.
struct RadioLink : public SimpleRefCount<RadioLink>
{
    Ptr<FlowbindAccessLink> link;
    bool isConnected{false};
    bool hasFailed{false}; ///< once
    double sinr{0}; ///< last seen

    void Update()
    {
        link->SetCarrier(isConnected && (!hasFailed || sinr >= SINR_IN));
    }
};

void
SetConnected(Ptr<RadioLink> radio, uint64_t, uint16_t, uint16_t)
{
    radio->isConnected = true;
    radio->Update();
}

void
SetFailed(Ptr<RadioLink> radio, uint64_t, uint16_t, uint16_t)
{
    radio->isConnected = false;
    radio->hasFailed = true;
    radio->Update();
}

/// After a failure, until the signal is good again.
void
SetSinr(Ptr<RadioLink> radio, uint16_t, uint16_t, double, double sinr, uint8_t)
{
    radio->sinr = sinr;
    if (radio->hasFailed && !radio->link->HasCarrier() && sinr >= SINR_IN)
    {
        radio->Update();
    }
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
    : FlowbindRadioHelper(name, index, BASE_STATION, USER_DISTANCE),
      m_scheduler("ns3::PfFfMacScheduler"),
      m_resourceBlocks(RESOURCE_BLOCKS),
      m_hasSecondCell(false),
      m_hysteresis(0)
{
}

void
FlowbindLteHelper::SetScheduler(const std::string& scheduler, uint8_t resourceBlocks)
{
    m_scheduler = scheduler;
    m_resourceBlocks = resourceBlocks;
}

void
FlowbindLteHelper::SetSecondCell(double x, double y, double hysteresis, Time timeToTrigger)
{
    m_hasSecondCell = true;
    m_secondAntenna = Vector(x, y, BASE_STATION.z);
    m_hysteresis = hysteresis;
    m_timeToTrigger = timeToTrigger;
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
    m_lte->SetSchedulerType(m_scheduler);
    m_lte->SetEnbDeviceAttribute("DlBandwidth", UintegerValue(m_resourceBlocks));
    m_lte->SetEnbDeviceAttribute("UlBandwidth", UintegerValue(m_resourceBlocks));
    if (m_exponent > 0)
    {
        m_lte->SetPathlossModelType(LogDistancePropagationLossModel::GetTypeId());
        m_lte->SetPathlossModelAttribute("Exponent", DoubleValue(m_exponent));
        m_lte->SetPathlossModelAttribute("ReferenceLoss", DoubleValue(FREE_SPACE_1M));
    }
    SetUpCells();
    m_backhaul = ConnectBackhaul(backbone, m_epc->GetPgwNode(), UE_NETWORK, UE_MASK);
}

void
FlowbindLteHelper::SetUpCells()
{
    NodeContainer nodes(CreateNode(m_antenna));
    if (m_hasSecondCell)
    {
        m_lte->SetHandoverAlgorithmType("ns3::A3RsrpHandoverAlgorithm");
        m_lte->SetHandoverAlgorithmAttribute("Hysteresis", DoubleValue(m_hysteresis));
        m_lte->SetHandoverAlgorithmAttribute("TimeToTrigger", TimeValue(m_timeToTrigger));
        nodes.Add(CreateNode(m_secondAntenna));
    }
    m_cells = m_lte->InstallEnbDevice(nodes);
    if (m_hasSecondCell)
    {
        m_lte->AddX2Interface(nodes);
    }
}

Ptr<NetDevice>
FlowbindLteHelper::GetCell(Vector position) const
{
    bool isSecond = m_hasSecondCell && CalculateDistance(position, m_secondAntenna) <
                                           CalculateDistance(position, m_antenna);
    return m_cells.Get(isSecond ? 1 : 0);
}

/// Alternately around the cells. Behind the first mobile node, so that it has the first address.
void
FlowbindLteHelper::BuildUsers()
{
    Ipv4Address gateway = m_epc->GetUeDefaultGatewayAddress();
    for (uint32_t i = 0; i < m_users.count; i++)
    {
        bool isSecond = m_hasSecondCell && i % 2 == 1;
        Ptr<Node> user = CreateNode(GetUserPosition(i, isSecond ? m_secondAntenna : m_antenna));
        FlowbindBackboneHelper::InstallStack(user);
        NetDeviceContainer device = m_lte->InstallUeDevice(user);
        m_userDevices.Add(device);
        Ipv4Address address = m_epc->AssignUeIpv4Address(device).GetAddress(0);
        Ptr<Ipv4> ipv4 = user->GetObject<Ipv4>();
        uint32_t interface = ipv4->GetInterfaceForDevice(device.Get(0));
        FlowbindBackboneHelper::AddDefaultRoute(user, gateway, interface, 0);
        m_lte->Attach(device.Get(0), m_cells.Get(isSecond ? 1 : 0));
        Load(m_epc->GetPgwNode(), gateway, user, address, USERS_START);
    }
}

Ptr<FlowbindAccessLink>
FlowbindLteHelper::Attach(Ptr<Node> mobile)
{
    NetDeviceContainer device = m_lte->InstallUeDevice(mobile);
    m_mobileDevices.Add(device);
    m_epc->AssignUeIpv4Address(device);
    Ptr<FlowbindAccessLink> link = CreateObject<FlowbindAccessLink>();
    link->Setup(device.Get(0), m_epc->GetUeDefaultGatewayAddress());
    if (HasIpv6() && mobile->GetObject<Ipv6>())
    {
        Ipv6InterfaceContainer ipv6 = m_epc->AssignUeIpv6Address(device);
        link->SetupIpv6(ipv6.GetAddress(0, 1), m_epc->GetUeDefaultGatewayAddress6());
    }
    m_lte->Attach(device.Get(0), GetCell(mobile->GetObject<MobilityModel>()->GetPosition()));
    Ptr<LteUeNetDevice> terminal = DynamicCast<LteUeNetDevice>(device.Get(0));
    Ptr<RadioLink> radio = Create<RadioLink>();
    radio->link = link;
    Ptr<LteUeRrc> rrc = terminal->GetRrc();
    rrc->TraceConnectWithoutContext("ConnectionEstablished",
                                    MakeBoundCallback(&SetConnected, radio));
    rrc->TraceConnectWithoutContext("RadioLinkFailure", MakeBoundCallback(&SetFailed, radio));
    terminal->GetPhy()->TraceConnectWithoutContext("ReportCurrentCellRsrpSinr",
                                                   MakeBoundCallback(&SetSinr, radio));
    if (m_userDevices.GetN() == 0)
    {
        BuildUsers();
    }
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
    int64_t first = stream;
    NetDeviceContainer devices(m_cells, m_mobileDevices);
    stream += m_lte->AssignStreams(NetDeviceContainer(devices, m_userDevices), stream);
    stream += AssignLoadStreams(stream);
    return stream - first;
}

void
FlowbindLteHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files)
{
    for (uint32_t i = 0; i < m_mobileDevices.GetN(); i++)
    {
        files.push_back(prefix + m_name + (i == 0 ? "" : "-" + std::to_string(i + 1)) + ".pcap");
        CaptureIp(files.back(), m_mobileDevices.Get(i));
    }
    files.push_back(prefix + m_name + "-backhaul.pcap");
    FlowbindBackboneHelper::EnablePcap(files.back(), m_backhaul.Get(0));
}

} // namespace ns3
