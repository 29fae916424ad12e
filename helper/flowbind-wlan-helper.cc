/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-wlan-helper.h"

#include "ns3/config.h"
#include "ns3/double.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/log.h"
#include "ns3/mac48-address.h"
#include "ns3/net-device-queue-interface.h"
#include "ns3/sta-wifi-mac.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/uinteger.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/wifi-net-device.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindWlanHelper");

namespace
{

/// Metres from the origin, where a mobile node stands unless it was put elsewhere.
const Vector ACCESS_POINT(10, 0, 3);
const double USER_DISTANCE = 10;
const Time USERS_START = MilliSeconds(500); // stations are associated by then

// Up to ns-3.35, whose MACs derive from RegularWifiMac, the standard names the band; later the channel does.
WifiStandard
GetStandard(FlowbindWlanHelper::Standard standard, FlowbindWlanHelper::Band band)
{
    if (standard == FlowbindWlanHelper::IEEE_80211AC)
    {
        return WIFI_STANDARD_80211ac;
    }
#if __has_include("ns3/regular-wifi-mac.h")
    return band == FlowbindWlanHelper::BAND_5_GHZ ? WIFI_STANDARD_80211n_5GHZ
                                                  : WIFI_STANDARD_80211n_2_4GHZ;
#else
    static_cast<void>(band);
    return WIFI_STANDARD_80211n;
#endif
}

void
SetCarrier(Ptr<FlowbindAccessLink> link, bool carrier, Mac48Address)
{
    link->SetCarrier(carrier);
}

} // namespace

FlowbindWlanHelper::FlowbindWlanHelper(const std::string& name, uint32_t index)
    : FlowbindRadioHelper(name, index, ACCESS_POINT, USER_DISTANCE),
      m_ssid(name),
      m_standard(IEEE_80211N),
      m_band(BAND_2_4_GHZ),
      m_width(20),
      m_mcs(-1)
{
}

void
FlowbindWlanHelper::SetStandard(Standard standard, Band band, uint16_t width)
{
    m_standard = standard;
    m_band = band;
    m_width = width;
}

void
FlowbindWlanHelper::SetConstantRate(uint8_t mcs)
{
    m_mcs = mcs;
}

void
FlowbindWlanHelper::SetDefaults()
{
    // The head of a burst must survive the first ARP exchange; ns-3 keeps three packets.
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(1000));
    Config::SetDefault("ns3::NdiscCache::UnresolvedQueueSize", UintegerValue(1000));
}

void
FlowbindWlanHelper::Build(FlowbindBackboneHelper& backbone)
{
    m_accessPoint = CreateNode(m_antenna);
    InstallStack(m_accessPoint);
    SetChannel();
    WifiMacHelper mac;
    mac.SetType("ns3::ApWifiMac", "Ssid", SsidValue(m_ssid));
    Ptr<NetDevice> device = InstallDevice(m_accessPoint, mac);
    SetRouterAddress(device);
    m_devices.Add(device);
    m_backhaul = ConnectBackhaul(backbone, m_accessPoint, GetNetwork(), GetMask());
    BuildUsers();
}

void
FlowbindWlanHelper::SetChannel()
{
    YansWifiChannelHelper channel = YansWifiChannelHelper::Default();
    if (m_exponent > 0)
    {
        channel = YansWifiChannelHelper();
        channel.SetPropagationDelay("ns3::ConstantSpeedPropagationDelayModel");
        channel.AddPropagationLoss("ns3::LogDistancePropagationLossModel",
                                   "Exponent",
                                   DoubleValue(m_exponent));
    }
    m_channel = channel.Create();
    m_phy.SetChannel(m_channel);
#if __has_include("ns3/regular-wifi-mac.h")
    m_phy.Set("ChannelWidth", UintegerValue(m_width));
#else
    std::string band = m_band == BAND_5_GHZ ? "BAND_5GHZ" : "BAND_2_4GHZ";
    m_phy.Set("ChannelSettings",
              StringValue("{0, " + std::to_string(m_width) + ", " + band + ", 0}"));
#endif
}

void
FlowbindWlanHelper::BuildUsers()
{
    if (m_users.count > 0)
    {
        AddUserNetwork(m_devices.Get(0));
    }
    for (uint32_t i = 0; i < m_users.count; i++)
    {
        Ptr<Node> user = CreateNode(GetUserPosition(i, m_antenna));
        FlowbindBackboneHelper::InstallStack(user);
        m_userDevices.Add(InstallStation(user));
        Ipv4Address address = SetUserAddress(m_userDevices.Get(i), i);
        Load(m_accessPoint, GetUserRouterAddress(), user, address, USERS_START);
    }
}

Ptr<NetDevice>
FlowbindWlanHelper::InstallStation(Ptr<Node> node)
{
    WifiMacHelper mac;
    mac.SetType("ns3::StaWifiMac", "Ssid", SsidValue(m_ssid));
    return InstallDevice(node, mac);
}

Ptr<FlowbindAccessLink>
FlowbindWlanHelper::Attach(Ptr<Node> mobile)
{
    Ptr<NetDevice> device = InstallStation(mobile);
    m_devices.Add(device);
    SetMobileAddress(device);

    Ptr<FlowbindAccessLink> link = CreateObject<FlowbindAccessLink>();
    link->Setup(device, GetRouterAddress());
    SetMobileAddress6(link);
    Ptr<WifiMac> station = DynamicCast<WifiNetDevice>(device)->GetMac();
    station->TraceConnectWithoutContext("Assoc", MakeBoundCallback(&SetCarrier, link, true));
    station->TraceConnectWithoutContext("DeAssoc", MakeBoundCallback(&SetCarrier, link, false));
    return link;
}

Ptr<NetDevice>
FlowbindWlanHelper::InstallDevice(Ptr<Node> node, const WifiMacHelper& mac)
{
    WifiHelper wifi;
    wifi.SetStandard(GetStandard(m_standard, m_band));
    wifi.SetRemoteStationManager("ns3::MinstrelHtWifiManager");
    if (m_mcs >= 0)
    {
        std::string mode = m_standard == IEEE_80211AC ? "VhtMcs" : "HtMcs";
        std::string control = m_band == BAND_5_GHZ ? "OfdmRate6Mbps" : "ErpOfdmRate6Mbps";
        wifi.SetRemoteStationManager("ns3::ConstantRateWifiManager",
                                     "DataMode",
                                     StringValue(mode + std::to_string(m_mcs)),
                                     "ControlMode",
                                     StringValue(control));
    }
    NetDeviceContainer device = wifi.Install(m_phy, mac, node);
    // FqCoDel over the four access categories, which is also what Linux does on a WLAN.
    Ptr<NetDeviceQueueInterface> queues = device.Get(0)->GetObject<NetDeviceQueueInterface>();
    TrafficControlHelper::Default(queues->GetNTxQueues()).Install(device);
    return device.Get(0);
}

Ptr<Node>
FlowbindWlanHelper::GetAccessRouter() const
{
    return m_accessPoint;
}

Ptr<NetDevice>
FlowbindWlanHelper::GetAccessDevice() const
{
    return m_devices.Get(0);
}

int64_t
FlowbindWlanHelper::AssignStreams(int64_t stream)
{
    int64_t first = stream;
    stream += WifiHelper().AssignStreams(m_devices, stream);
    stream += YansWifiChannelHelper().AssignStreams(m_channel, stream);
    stream += InternetStackHelper().AssignStreams(m_accessPoint, stream);
    stream += WifiHelper().AssignStreams(m_userDevices, stream);
    stream += AssignLoadStreams(stream);
    return stream - first;
}

void
FlowbindWlanHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files)
{
    m_phy.SetPcapDataLinkType(YansWifiPhyHelper::DLT_IEEE802_11);
    for (uint32_t i = 1; i < m_devices.GetN(); i++)
    {
        files.push_back(prefix + m_name + (i == 1 ? "" : "-" + std::to_string(i)) + ".pcap");
        m_phy.EnablePcap(files.back(), m_devices.Get(i), false, true);
    }
    files.push_back(prefix + m_name + "-backhaul.pcap");
    FlowbindBackboneHelper::EnablePcap(files.back(), m_backhaul.Get(0));
}

} // namespace ns3
