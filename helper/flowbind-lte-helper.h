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

    void Build(FlowbindBackboneHelper& backbone) override;
    Ptr<FlowbindAccessLink> Attach(Ptr<Node> mobile) override;
    int64_t AssignStreams(int64_t stream) override;

    /**
     * Captures the packet gateway's link to the backbone only: ns-3 cannot capture the radio interface as IP, and a few
     * octets inside its core network differ from run to run.
     */
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) override;

  private:
    Ptr<LteHelper> m_lte;
    Ptr<EpcHelper> m_epc;
    Ptr<NetDevice> m_enb;
    NetDeviceContainer m_devices; ///< the base station's first
    NetDeviceContainer m_backhaul;
};

} // namespace ns3

#endif // NS3_FLOWBIND_LTE_HELPER_H
