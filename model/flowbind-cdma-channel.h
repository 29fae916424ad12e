/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_CHANNEL_H
#define NS3_FLOWBIND_CDMA_CHANNEL_H

#include "ns3/channel.h"
#include "ns3/propagation-loss-model.h"

#include <vector>

namespace ns3
{

class FlowbindCdmaNetDevice;
class FlowbindCdmaSector;
class FlowbindCdmaTerminal;

/**
 * \ingroup flowbind
 * \brief One carrier of 1xEV-DO: the path loss between its sectors and terminals.
 */
class FlowbindCdmaChannel : public Channel
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindCdmaChannel();

    /** Called by a device. */
    void Add(Ptr<FlowbindCdmaNetDevice> device);

    /** \return path loss in dB: nodes have mobility models. Without fading */
    double GetLoss(Ptr<NetDevice> from, Ptr<NetDevice> to) const;

    /** \return SINR on the forward link without fading, a ratio */
    double GetSinr(Ptr<FlowbindCdmaSector> sector, Ptr<FlowbindCdmaTerminal> terminal) const;

    /**
     * \param stream first stream
     * \return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    // Inherited from Channel
    std::size_t GetNDevices() const override;
    Ptr<NetDevice> GetDevice(std::size_t i) const override;

  private:
    void NotifyConstructionCompleted() override;
    void DoDispose() override;

    Ptr<PropagationLossModel> m_loss; //!< path loss
    //! share of time that other sectors transmit
    double m_otherSectors;
    std::vector<Ptr<FlowbindCdmaNetDevice>> m_devices; //!< all
    std::vector<Ptr<FlowbindCdmaNetDevice>> m_sectors; //!< of them
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_CHANNEL_H */
