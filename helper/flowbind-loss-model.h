/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_LOSS_MODEL_H
#define NS3_FLOWBIND_LOSS_MODEL_H

#include "ns3/error-model.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"

#include <map>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Loses what it is told to, between the access networks and the home agent: the next so many messages, or
 * everything for some time.
 *
 * For the receiving side of both ends of a point-to-point link that all paths cross.
 */
class FlowbindLossModel : public ErrorModel
{
  public:
    /// What is lost.
    enum What
    {
        REQUESTS, ///< Registration Requests, Proxy Binding Updates
        REPLIES, ///< Registration Replies, Proxy Binding Acknowledgements
        PACKETS ///< everything, in both directions
    };

    static TypeId GetTypeId();

    /// Says to which path an address belongs. \param careOf an address a mobile node has there, or had
    void AddPath(uint8_t bid, Ipv4Address careOf);
    void AddPath(uint8_t bid, Ipv6Address careOf);

    /**
     * Loses from now on.
     * \param bid path; 0: all
     * \param what what to lose
     * \param count how many
     * \param until when to stop
     */
    void Lose(uint8_t bid, What what, uint32_t count, Time until);

  private:
    /// An order to lose.
    struct Order
    {
        uint8_t bid;
        What what;
        uint32_t left;
        Time until;
    };

    bool DoCorrupt(Ptr<Packet> packet) override;
    void DoReset() override;

    /// \return BID of the path that a packet behind its link header takes, 0: none; and what message it is
    uint8_t Read(Ptr<Packet> packet, uint8_t& type) const;
    uint8_t ReadIpv6(Ptr<Packet> packet, uint8_t& type) const;

    std::map<uint32_t, uint8_t> m_paths; ///< BID by care-of address
    std::map<Ipv6Address, uint8_t> m_paths6; ///< the same for IPv6
    std::vector<Order> m_orders;
};

} // namespace ns3

#endif // NS3_FLOWBIND_LOSS_MODEL_H
