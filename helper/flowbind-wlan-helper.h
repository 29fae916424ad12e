/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_WLAN_HELPER_H
#define NS3_FLOWBIND_WLAN_HELPER_H

#include "flowbind-access-helper.h"

#include "ns3/ssid.h"
#include "ns3/yans-wifi-channel.h"
#include "ns3/yans-wifi-helper.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief An 802.11n infrastructure network: one access point, which is also the router.
 *
 * 2.4 GHz, 20 MHz, one spatial stream, Minstrel-HT rate control, log-distance path loss: ns-3's own defaults. The link
 * of a mobile node has a carrier while its station is associated.
 */
class FlowbindWlanHelper : public FlowbindAccessHelper
{
  public:
    FlowbindWlanHelper(const std::string& name, uint32_t index);

    /// Makes ns-3's ARP fit for bursts. Call it before the user's own settings, so that those win.
    static void SetDefaults();

    void Build(FlowbindBackboneHelper& backbone) override;
    Ptr<FlowbindAccessLink> Attach(Ptr<Node> mobile) override;
    Ptr<Node> GetAccessRouter() const override;
    Ptr<NetDevice> GetAccessDevice() const override;
    int64_t AssignStreams(int64_t stream) override;
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) override;

  private:
    Ptr<NetDevice> InstallDevice(Ptr<Node> node, const WifiMacHelper& mac);

    Ssid m_ssid;
    YansWifiPhyHelper m_phy;
    Ptr<YansWifiChannel> m_channel;
    Ptr<Node> m_accessPoint;
    NetDeviceContainer m_devices; ///< the access point's first
    NetDeviceContainer m_backhaul;
};

} // namespace ns3

#endif // NS3_FLOWBIND_WLAN_HELPER_H
