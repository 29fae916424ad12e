/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-wlan-helper.h"

#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
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

// Up to ns-3.35, whose MACs derive from RegularWifiMac, the standard names the band; later the channel does.
#if __has_include("ns3/regular-wifi-mac.h")
const WifiStandard STANDARD = WIFI_STANDARD_80211n_2_4GHZ;
#else
const WifiStandard STANDARD = WIFI_STANDARD_80211n;
#endif

void
SetCarrier(Ptr<FlowbindAccessLink> link, bool carrier, Mac48Address)
{
    link->SetCarrier(carrier);
}

} // namespace

FlowbindWlanHelper::FlowbindWlanHelper(const std::string& name, uint32_t index)
    : FlowbindAccessHelper(name, index),
      m_ssid(name)
{
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
    m_accessPoint = CreateObject<Node>();
    InstallStack(m_accessPoint);
    Ptr<ConstantPositionMobilityModel> position = CreateObject<ConstantPositionMobilityModel>();
    position->SetPosition(ACCESS_POINT);
    m_accessPoint->AggregateObject(position);

    m_channel = YansWifiChannelHelper::Default().Create();
    m_phy.SetChannel(m_channel);
#if !__has_include("ns3/regular-wifi-mac.h")
    m_phy.Set("ChannelSettings", StringValue("{0, 20, BAND_2_4GHZ, 0}"));
#endif

    WifiMacHelper mac;
    mac.SetType("ns3::ApWifiMac", "Ssid", SsidValue(m_ssid));
    Ptr<NetDevice> device = InstallDevice(m_accessPoint, mac);
    SetRouterAddress(device);
    m_backhaul = ConnectBackhaul(backbone, m_accessPoint, GetNetwork(), GetMask());
}

Ptr<FlowbindAccessLink>
FlowbindWlanHelper::Attach(Ptr<Node> mobile)
{
    WifiMacHelper mac;
    mac.SetType("ns3::StaWifiMac", "Ssid", SsidValue(m_ssid));
    Ptr<NetDevice> device = InstallDevice(mobile, mac);
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
    wifi.SetStandard(STANDARD);
    wifi.SetRemoteStationManager("ns3::MinstrelHtWifiManager");
    NetDeviceContainer device = wifi.Install(m_phy, mac, node);
    m_devices.Add(device);
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
