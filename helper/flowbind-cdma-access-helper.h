/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_ACCESS_HELPER_H
#define NS3_FLOWBIND_CDMA_ACCESS_HELPER_H

#include "flowbind-cdma-helper.h"
#include "flowbind-radio-helper.h"

#include "ns3/queue-size.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A 1xEV-DO network: one sector, whose node is also the router. doc/cdma.md says what is modelled.
 *
 * The link of a mobile node has a carrier from the start: terminals do not lose their connection.
 */
class FlowbindCdmaAccessHelper : public FlowbindRadioHelper
{
  public:
    FlowbindCdmaAccessHelper(const std::string& name, uint32_t index);

    /// \param delay of the network between sector and backbone, besides the backbone's own
    void SetDelay(Time delay);
    /// Room for waiting packets, each way of each terminal.
    void SetQueue(QueueSize size);
    /// Longest packet, in octets; 0: that of the device.
    void SetMtu(uint16_t mtu);
    /**
     * \param mode kind of fading
     * \param speed m/s, at least as if a terminal moved so fast
     */
    void SetFading(FlowbindCdmaFading::Mode mode, double speed);

    void Build(FlowbindBackboneHelper& backbone) override;
    Ptr<FlowbindAccessLink> Attach(Ptr<Node> mobile) override;
    Ptr<Node> GetAccessRouter() const override;
    Ptr<NetDevice> GetAccessDevice() const override;
    int64_t AssignStreams(int64_t stream) override;
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) override;

  private:
    Ptr<NetDevice> InstallTerminal(Ptr<Node> node);

    FlowbindCdmaHelper m_cdma;
    Ptr<Node> m_router;
    Ptr<FlowbindCdmaSector> m_sector;
    uint32_t m_terminals; ///< of the sector
    NetDeviceContainer m_mobileDevices;
    NetDeviceContainer m_backhaul;
    Time m_delay;
    QueueSize m_queue;
    uint16_t m_mtu;
    FlowbindCdmaFading::Mode m_fading;
    double m_fadingSpeed;
};

} // namespace ns3

#endif // NS3_FLOWBIND_CDMA_ACCESS_HELPER_H
