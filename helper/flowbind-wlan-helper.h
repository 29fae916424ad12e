/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_WLAN_HELPER_H
#define NS3_FLOWBIND_WLAN_HELPER_H

#include "flowbind-radio-helper.h"

#include "ns3/ssid.h"
#include "ns3/yans-wifi-channel.h"
#include "ns3/yans-wifi-helper.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief An 802.11 infrastructure network: one access point, which is also the router.
 *
 * Unless told otherwise 802.11n, 2.4 GHz, 20 MHz, Minstrel-HT rate control; always one spatial stream and log-distance
 * path loss: ns-3's own defaults. The link of a mobile node has a carrier while its station is associated.
 */
class FlowbindWlanHelper : public FlowbindRadioHelper
{
  public:
    /// What is spoken.
    enum Standard
    {
        IEEE_80211N,
        IEEE_80211AC
    };

    /// Where.
    enum Band
    {
        BAND_2_4_GHZ,
        BAND_5_GHZ
    };

    FlowbindWlanHelper(const std::string& name, uint32_t index);

    /// \param width of the channel in MHz
    void SetStandard(Standard standard, Band band, uint16_t width);
    /// No rate control: always this modulation and coding scheme.
    void SetConstantRate(uint8_t mcs);

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
    Ptr<NetDevice> InstallStation(Ptr<Node> node);
    void SetChannel();
    void BuildUsers();

    Ssid m_ssid;
    Standard m_standard;
    Band m_band;
    uint16_t m_width;
    int m_mcs; ///< less than 0: rate control
    YansWifiPhyHelper m_phy;
    Ptr<YansWifiChannel> m_channel;
    Ptr<Node> m_accessPoint;
    NetDeviceContainer m_devices; ///< the access point's first
    NetDeviceContainer m_userDevices;
    NetDeviceContainer m_backhaul;
};

} // namespace ns3

#endif // NS3_FLOWBIND_WLAN_HELPER_H
