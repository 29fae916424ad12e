/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_ACCESS_HELPER_H
#define NS3_FLOWBIND_ACCESS_HELPER_H

#include "flowbind-backbone-helper.h"

#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/object.h"
#include "ns3/simple-ref-count.h"
#include "ns3/traced-callback.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief One link of one mobile node: device, care-of address, gateway, and whether it can be used.
 *
 * A link can be used when it has a carrier (the station is associated, the terminal is connected) and no outage was
 * ordered. On a real device the same fact comes from the link layer: on Linux an RTM_NEWLINK message that clears
 * IFF_RUNNING, NL80211_CMD_DISCONNECT of a WLAN, or the modem's report that its packet data connection is gone.
 */
class FlowbindAccessLink : public Object
{
  public:
    static TypeId GetTypeId();

    FlowbindAccessLink();

    /**
     * \param device the mobile node's, which has its address already, or none where there is a foreign agent
     * \param gateway the first router
     */
    void Setup(Ptr<NetDevice> device, Ipv4Address gateway);

    /**
     * The same for IPv6, besides.
     * \param address the device's global address
     * \param gateway the first router
     */
    void SetupIpv6(Ipv6Address address, Ipv6Address gateway);

    Ptr<NetDevice> GetDevice() const;
    uint32_t GetInterface() const;
    Ipv4Address GetCareOfAddress() const;
    Ipv4Address GetGateway() const;
    /// \return its IPv6 address; Any: the link has no IPv6
    Ipv6Address GetCareOfAddress6() const;
    Ipv6Address GetGateway6() const;
    bool IsUsable() const;
    /// \return what the link layer said last
    bool HasCarrier() const;
    /// \return octets that wait to be sent: in the device and in the node's queueing discipline for it
    uint32_t GetBacklog() const;

    /// What the link layer says.
    void SetCarrier(bool carrier);

    /**
     * An outage as a scenario orders it. ns-3's radios cannot be switched off in a way that both ends notice alike, so
     * the mobile node's IP interface is shut: nothing gets out, and what still arrives by radio is discarded there.
     */
    void SetOutage(bool outage);

    /// Gives the mobile node another address on this link, in place of the one it had.
    void Renumber(Ipv4Address address);
    void Renumber(Ipv6Address address);

    typedef void (*UsableCallback)(bool usable);

  private:
    void DoDispose() override;
    void Update();
    /// Shutting an interface removes its routes, so this is repeated whenever it opens.
    void AddDefaultRoute();

    Ptr<NetDevice> m_device;
    uint32_t m_interface;
    Ipv4Address m_address;
    Ipv4Address m_gateway;
    Ipv6Address m_address6; ///< Any: none
    Ipv6Address m_gateway6;
    bool m_carrier;
    bool m_outage;
    bool m_usable;
    TracedCallback<bool> m_usableTrace;
};

/**
 * \ingroup flowbind
 * \brief An access network: built once, then mobile nodes attach to it.
 *
 * A new kind of access network is a class with these four functions.
 */
class FlowbindAccessHelper : public SimpleRefCount<FlowbindAccessHelper>
{
  public:
    /**
     * \param name of the path, for files
     * \param index of the path in its scenario, from 0: decides the addresses
     */
    FlowbindAccessHelper(const std::string& name, uint32_t index);
    virtual ~FlowbindAccessHelper();

    /// Puts a NAT between the network and the backbone. \param timeout how long it remembers a port
    void SetNat(Time timeout);
    /// Leaves the mobile nodes without addresses of the network: a foreign agent lends them its own.
    void SetForeignAgent();

    /// Carries IPv6 too, for nodes that have it. Before Build(); the backbone needs EnableIpv6Access().
    void EnableIpv6();

    /// Builds the network and connects it to the backbone.
    virtual void Build(FlowbindBackboneHelper& backbone) = 0;

    /// \return the new link of a mobile node, which has its IPv4 stack already
    virtual Ptr<FlowbindAccessLink> Attach(Ptr<Node> mobile) = 0;

    /// Fixes the streams of everything random. \return the number of streams used
    virtual int64_t AssignStreams(int64_t stream);

    /**
     * Captures the mobile nodes' side where ns-3 can, and the link to the backbone.
     * \param prefix of the files, a folder for example
     * \param files where the names of the files are appended
     */
    virtual void EnablePcap(const std::string& prefix, std::vector<std::string>& files) = 0;

    /// \return the NAT; null: there is none
    Ptr<FlowbindNat> GetNat() const;
    /// \return the address under which packets of this network are seen outside; Any: their own
    Ipv4Address GetPublicAddress() const;
    /// \return the router of the network, where a foreign agent can be; null: there cannot be one
    virtual Ptr<Node> GetAccessRouter() const;
    /// \return its device on the link of the last mobile node that attached
    virtual Ptr<NetDevice> GetAccessDevice() const;
    /// The router has the last address of the network.
    Ipv4Address GetRouterAddress() const;

    /// \return the network of the path with this index, a /28: of RFC 5737 TEST-NET-3, or private behind a NAT
    static Ipv4Address GetNetwork(uint32_t index, bool isBehindNat);
    /// \return whether a mobile node can have this address there
    static bool IsMobileAddress(uint32_t index, bool isBehindNat, Ipv4Address address);
    /// \return the address a mobile node can have behind this one, in the same network
    static Ipv4Address GetNextAddress(Ipv4Address address);
    static Ipv6Address GetNextAddress(Ipv6Address address);

  protected:
    bool HasIpv6() const;
    /// The network of this path, a /64.
    virtual Ipv6Address GetNetwork6() const;
    /// The network of this path.
    Ipv4Address GetNetwork() const;
    Ipv4Mask GetMask() const;
    /// Gives a node an IPv4 stack, as the access router needs it.
    void InstallStack(Ptr<Node> accessRouter) const;
    /// Connects the access router to the backbone.
    NetDeviceContainer ConnectBackhaul(FlowbindBackboneHelper& backbone,
                                       Ptr<Node> accessRouter,
                                       Ipv4Address network,
                                       Ipv4Mask mask);
    /// Gives the access router's device its address.
    void SetRouterAddress(Ptr<NetDevice> device) const;
    /// Gives a mobile node's device its address, the first that is free, or none where there is a foreign agent.
    void SetMobileAddress(Ptr<NetDevice> device);
    /// Gives a link its IPv6 address and router, where the network carries IPv6 and its node has it.
    void SetMobileAddress6(Ptr<FlowbindAccessLink> link) const;

    std::string m_name;

  private:
    void SetAddress(Ptr<NetDevice> device, Ipv4Address address) const;

    /// \return an address of the network's /64
    Ipv6Address GetAddress6(uint8_t host) const;

    uint32_t m_index;
    uint32_t m_mobiles;
    bool m_hasIpv6;
    bool m_isBehindNat;
    bool m_hasForeignAgent;
    Time m_natTimeout;
    Ptr<FlowbindNat> m_nat;
};

} // namespace ns3

#endif // NS3_FLOWBIND_ACCESS_HELPER_H
