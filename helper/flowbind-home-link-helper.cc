/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-home-link-helper.h"

#include "ns3/abort.h"
#include "ns3/csma-helper.h"
#include "ns3/ipv4.h"
#include "ns3/log.h"
#include "ns3/net-device-container.h"
#include "ns3/nstime.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindHomeLinkHelper");

namespace
{

/// The way of a bit over 1 km of cable, the longest of an Ethernet with collisions.
constexpr int64_t DELAY_US = 5;
/// Access Technology Type of an Ethernet (RFC 5213 8.5).
constexpr uint8_t IEEE_802_3 = 3;

} // namespace

FlowbindHomeLinkHelper::FlowbindHomeLinkHelper(Ipv4Address address, Ipv4Mask mask)
    : m_address(address),
      m_mask(mask),
      m_rate("100Mbps"),
      m_number(0)
{
}

void
FlowbindHomeLinkHelper::SetRate(DataRate rate)
{
    m_rate = rate;
}

void
FlowbindHomeLinkHelper::Build(Ptr<Node> homeAgent, Ptr<Node> mobile)
{
    NS_ABORT_MSG_IF(m_channel, "FlowbindHomeLinkHelper::Build() was called twice");
    m_channel = CreateObject<CsmaChannel>();
    m_channel->SetAttribute("DataRate", DataRateValue(m_rate));
    m_channel->SetAttribute("Delay", TimeValue(MicroSeconds(DELAY_US)));
    m_homeAgentDevice = AddDevice(homeAgent, m_channel);
    m_mobileDevice = AddDevice(mobile, m_channel);
    Ptr<Ipv4> ipv4 = homeAgent->GetObject<Ipv4>();
    ipv4->AddAddress(ipv4->GetInterfaceForDevice(m_homeAgentDevice),
                     Ipv4InterfaceAddress(m_address, m_mask));
    m_channel->Detach(m_mobileDevice);
}

Ptr<CsmaNetDevice>
FlowbindHomeLinkHelper::AddDevice(Ptr<Node> node, Ptr<CsmaChannel> channel) const
{
    NetDeviceContainer added = CsmaHelper().Install(node, channel);
    Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
    ipv4->SetUp(ipv4->AddInterface(added.Get(0)));
    return DynamicCast<CsmaNetDevice>(added.Get(0));
}

void
FlowbindHomeLinkHelper::AddLinks(Ptr<FlowbindAgent> homeAgent,
                                 Ptr<FlowbindAgent> mobile,
                                 uint8_t bid)
{
    NS_ABORT_MSG_IF(!m_channel, "FlowbindHomeLinkHelper: Build() comes before AddLinks()");
    homeAgent->NotifyLinkUp(homeAgent->AddAccessLink(m_homeAgentDevice));
    fb_link link = {};
    link.bid = bid;
    link.label = bid;
    link.technology = IEEE_802_3;
    link.preference = UINT8_MAX;
    link.care_of = FB_CARE_OF_AGENT; // it has no address of its own there
    m_number = mobile->AddLink(m_mobileDevice, link);
    m_mobileAgent = mobile;
}

void
FlowbindHomeLinkHelper::Attach()
{
    m_channel->Reattach(m_mobileDevice);
    m_mobileAgent->NotifyLinkUp(m_number);
}

void
FlowbindHomeLinkHelper::Detach()
{
    m_channel->Detach(m_mobileDevice);
    m_mobileAgent->NotifyLinkDown(m_number);
}

Ptr<NetDevice>
FlowbindHomeLinkHelper::GetHomeAgentDevice() const
{
    return m_homeAgentDevice;
}

Ptr<NetDevice>
FlowbindHomeLinkHelper::GetMobileDevice() const
{
    return m_mobileDevice;
}

int64_t
FlowbindHomeLinkHelper::AssignStreams(int64_t stream)
{
    NetDeviceContainer devices(m_homeAgentDevice);
    devices.Add(m_mobileDevice);
    return CsmaHelper().AssignStreams(devices, stream);
}

void
FlowbindHomeLinkHelper::EnablePcap(const std::string& prefix, std::vector<std::string>& files) const
{
    files.push_back(prefix + "home.pcap");
    // All frames of the Ethernet, not only those to or from the home agent.
    CsmaHelper().EnablePcap(files.back(), Ptr<NetDevice>(m_homeAgentDevice), true, true);
}

} // namespace ns3
