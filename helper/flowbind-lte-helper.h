/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_LTE_HELPER_H
#define NS3_FLOWBIND_LTE_HELPER_H

#include "flowbind-radio-helper.h"

#include "ns3/epc-helper.h"
#include "ns3/lte-helper.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief An LTE network with its core (EPC): one cell or two, unless told otherwise one of 10 MHz, proportional fair.
 *
 * ns-3's packet gateway forwards only to addresses of its own network, 7.0.0.0/8, so that is where the care-of address
 * comes from. The link of a mobile node has a carrier while its terminal is connected and hears its cell: ns-3's
 * terminals say when their radio link failed, but then "reconnect" every few seconds even where nothing can be heard,
 * so after a failure the signal must be good enough as well.
 */
class FlowbindLteHelper : public FlowbindRadioHelper
{
  public:
    FlowbindLteHelper(const std::string& name, uint32_t index);

    /**
     * \param scheduler TypeId of a scheduler
     * \param resourceBlocks bandwidth of a cell, each way
     */
    void SetScheduler(const std::string& scheduler, uint8_t resourceBlocks);
    /**
     * Adds another cell, and X2 between the two; terminals are handed over by event A3.
     * \param x, y where: metres, at the first one's height
     * \param hysteresis by how much stronger it must be, dB
     * \param timeToTrigger for how long
     */
    void SetSecondCell(double x, double y, double hysteresis, Time timeToTrigger);

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
    void SetUpCells();
    /// \return the nearest
    Ptr<NetDevice> GetCell(Vector position) const;
    void BuildUsers();

    std::string m_scheduler;
    uint8_t m_resourceBlocks;
    bool m_hasSecondCell;
    Vector m_secondAntenna;
    double m_hysteresis;
    Time m_timeToTrigger;
    Ptr<LteHelper> m_lte;
    Ptr<EpcHelper> m_epc;
    NetDeviceContainer m_cells;
    NetDeviceContainer m_mobileDevices;
    NetDeviceContainer m_userDevices;
    NetDeviceContainer m_backhaul;
};

} // namespace ns3

#endif // NS3_FLOWBIND_LTE_HELPER_H
