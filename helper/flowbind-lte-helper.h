/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_LTE_HELPER_H
#define NS3_FLOWBIND_LTE_HELPER_H

#include "flowbind-access-helper.h"

#include "ns3/epc-helper.h"
#include "ns3/lte-helper.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief An LTE cell with its core network (EPC): one eNB of 10 MHz, proportional fair.
 *
 * ns-3's packet gateway forwards only to addresses of its own network, 7.0.0.0/8, so that is where the care-of address
 * comes from. The link of a mobile node has a carrier from its first connection on. Later changes of the radio resource
 * control state are not used: ns-3's terminals "reconnect" every few seconds while they are out of coverage.
 */
class FlowbindLteHelper : public FlowbindAccessHelper
{
  public:
    FlowbindLteHelper(const std::string& name, uint32_t index);

    /// Buffers and rate adaptation. Call it before the user's own settings, so that those win.
    static void SetDefaults();

    void Build(FlowbindBackboneHelper& backbone) override;
    Ptr<FlowbindAccessLink> Attach(Ptr<Node> mobile) override;
    int64_t AssignStreams(int64_t stream) override;

    /**
     * Captures what the mobile nodes' IP layer sends and receives, as ns-3 cannot capture the radio interface itself,
     * and the packet gateway's link to the backbone. Not the links of the core network: ns-3 leaves a few octets of
     * its signalling undefined, so that they differ from run to run.
     */
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) override;

  private:
    Ipv6Address GetNetwork6() const override;
    Ptr<LteHelper> m_lte;
    Ptr<EpcHelper> m_epc;
    Ptr<NetDevice> m_enb;
    NetDeviceContainer m_devices; ///< the base station's first
    NetDeviceContainer m_backhaul;
};

} // namespace ns3

#endif // NS3_FLOWBIND_LTE_HELPER_H
