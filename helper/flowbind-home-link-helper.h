/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_HOME_LINK_HELPER_H
#define NS3_FLOWBIND_HOME_LINK_HELPER_H

#include "flowbind-backbone-helper.h"

#include "ns3/csma-channel.h"
#include "ns3/csma-net-device.h"
#include "ns3/data-rate.h"
#include "ns3/flowbind-agent.h"
#include "ns3/ipv4-address.h"
#include "ns3/node.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief The home link of a mobile node: an Ethernet with the home agent on it.
 *
 * The home agent has an address of the home network there, which is the one its mobile node has to know it by
 * (RFC 5944 2.4.3). The mobile node's device has none until its agent finds out that it is at home. It is unplugged at
 * first.
 */
class FlowbindHomeLinkHelper
{
  public:
    /**
     * \param address the home agent's on the link
     * \param mask of the home network
     */
    FlowbindHomeLinkHelper(Ipv4Address address, Ipv4Mask mask);

    /// \param rate of the link. Before Build()
    void SetRate(DataRate rate);

    /**
     * Puts a device into either node.
     * \param homeAgent a node with an IPv4 stack
     * \param mobile another
     */
    void Build(Ptr<Node> homeAgent, Ptr<Node> mobile);

    /**
     * Tells the agents of the two nodes about it: the home agent serves the link, the mobile node can come home there.
     * The mobile node's attribute DiscoverHome and the home agent's Advertise are needed too.
     * \param bid a BID that no path has; the message that de-registers all bindings names it
     */
    void AddLinks(Ptr<FlowbindAgent> homeAgent, Ptr<FlowbindAgent> mobile, uint8_t bid);

    /// Plugs the mobile node in.
    void Attach();
    /// Unplugs it.
    void Detach();

    /// \return the home agent's device
    Ptr<NetDevice> GetHomeAgentDevice() const;
    /// \return the mobile node's device
    Ptr<NetDevice> GetMobileDevice() const;

    /// Fixes the streams of the devices. \return the number of streams used
    int64_t AssignStreams(int64_t stream);

    /**
     * Captures the link, on the home agent's side.
     * \param prefix of the file, a folder for example
     * \param files where its name is appended
     */
    void EnablePcap(const std::string& prefix, std::vector<std::string>& files) const;

  private:
    /// A new device of the node on the channel, with an IPv4 interface.
    Ptr<CsmaNetDevice> AddDevice(Ptr<Node> node, Ptr<CsmaChannel> channel) const;

    Ipv4Address m_address;
    Ipv4Mask m_mask;
    DataRate m_rate;
    Ptr<CsmaChannel> m_channel;
    Ptr<CsmaNetDevice> m_homeAgentDevice;
    Ptr<CsmaNetDevice> m_mobileDevice;
    Ptr<FlowbindAgent> m_mobileAgent;
    uint32_t m_number; ///< of the mobile node's link
};

} // namespace ns3

#endif // NS3_FLOWBIND_HOME_LINK_HELPER_H
