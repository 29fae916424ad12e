/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_HELPER_H
#define NS3_FLOWBIND_CDMA_HELPER_H

#include "ns3/flowbind-cdma-channel.h"
#include "ns3/flowbind-cdma-sector.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"
#include "ns3/trace-helper.h"

#include <string>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Installs 1xEV-DO sectors and terminals on nodes that have mobility models, all on one channel.
 */
class FlowbindCdmaHelper : public PcapHelperForDevice
{
  public:
    FlowbindCdmaHelper();

    /** Sets an attribute of the sectors installed from now on. */
    void SetSectorAttribute(const std::string& name, const AttributeValue& value);
    /** The same for terminals. */
    void SetTerminalAttribute(const std::string& name, const AttributeValue& value);
    /** \param loss path loss between all devices */
    void SetPropagationLoss(Ptr<PropagationLossModel> loss);

    /** \return the new sector of a node */
    Ptr<FlowbindCdmaSector> InstallSector(Ptr<Node> node) const;
    /** \return the new terminals of nodes. \param sector serves them */
    NetDeviceContainer InstallTerminals(NodeContainer nodes, Ptr<FlowbindCdmaSector> sector) const;

    /**
     * Fixes the streams of everything random.
     * \param stream first stream
     * \return the number of streams used
     */
    int64_t AssignStreams(int64_t stream) const;

  private:
    void EnablePcapInternal(std::string prefix,
                            Ptr<NetDevice> device,
                            bool promiscuous,
                            bool explicitFilename) override;

    Ptr<FlowbindCdmaChannel> m_channel; ///< the air
    ObjectFactory m_sector;
    ObjectFactory m_terminal;
};

} // namespace ns3

#endif // NS3_FLOWBIND_CDMA_HELPER_H
