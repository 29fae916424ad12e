/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_WIRED_HELPER_H
#define NS3_FLOWBIND_WIRED_HELPER_H

#include "flowbind-access-helper.h"

#include "ns3/data-rate.h"
#include "ns3/error-model.h"
#include "ns3/queue-size.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A point-to-point link with its own rate each way: a wire.
 */
class FlowbindWiredHelper : public FlowbindAccessHelper
{
  public:
    FlowbindWiredHelper(const std::string& name, uint32_t index);

    /// Rates from and toward the mobile node, and one-way delay.
    void SetLink(DataRate up, DataRate down, Time delay);
    /// Drop-tail queue at each end.
    void SetQueue(QueueSize size);
    /// Longest packet, in octets.
    void SetMtu(uint16_t mtu);
    /// Other rates from now on, of a link that is there.
    void SetRate(DataRate up, DataRate down);
    /// Probability that a packet is lost, each way.
    void SetLoss(double probability);

    void Build(FlowbindBackboneHelper& backbone) override;
    Ptr<FlowbindAccessLink> Attach(Ptr<Node> mobile) override;
    Ptr<Node> GetAccessRouter() const override;
    Ptr<NetDevice> GetAccessDevice() const override;
    int64_t AssignStreams(int64_t stream) override;
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) override;

  private:
    void AddLoss(Ptr<NetDevice> device);

    DataRate m_up;
    DataRate m_down;
    Time m_delay;
    QueueSize m_queue;
    uint16_t m_mtu; ///< 0: that of ns-3
    double m_loss;
    Ptr<Node> m_router;
    NetDeviceContainer m_backhaul;
    NetDeviceContainer m_mobileDevices;
    Ptr<NetDevice> m_routerDevice;
    std::vector<Ptr<RateErrorModel>> m_errors;
};

} // namespace ns3

#endif // NS3_FLOWBIND_WIRED_HELPER_H
