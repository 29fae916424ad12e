/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_NET_DEVICE_H
#define NS3_FLOWBIND_CDMA_NET_DEVICE_H

#include "flowbind-cdma-rlp.h"

#include "ns3/mac48-address.h"
#include "ns3/net-device.h"
#include "ns3/traced-callback.h"

namespace ns3
{

class FlowbindCdmaChannel;
class FlowbindCdmaSector;

/**
 * \ingroup flowbind
 * \brief What a sector and a terminal of 1xEV-DO have in common: they look like Ethernet to the node.
 *
 * The Ethernet header is sent over the air and stands for the framing of PPP.
 */
class FlowbindCdmaNetDevice : public NetDevice
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindCdmaNetDevice();

    /** \param channel which has all sectors that hear each other */
    void SetChannel(Ptr<FlowbindCdmaChannel> channel);
    /** \return transmission power in dBm */
    double GetTxPower() const;

    /** Takes a packet from the air. */
    void Receive(Ptr<Packet> packet);

    // Inherited from NetDevice
    void SetIfIndex(const uint32_t index) override;
    uint32_t GetIfIndex() const override;
    Ptr<Channel> GetChannel() const override;
    void SetAddress(Address address) override;
    Address GetAddress() const override;
    bool SetMtu(const uint16_t mtu) override;
    uint16_t GetMtu() const override;
    bool IsLinkUp() const override;
    void AddLinkChangeCallback(Callback<void> callback) override;
    bool IsBroadcast() const override;
    Address GetBroadcast() const override;
    bool IsMulticast() const override;
    Address GetMulticast(Ipv4Address group) const override;
    Address GetMulticast(Ipv6Address group) const override;
    bool IsBridge() const override;
    bool IsPointToPoint() const override;
    bool Send(Ptr<Packet> packet, const Address& destination, uint16_t protocol) override;
    bool SendFrom(Ptr<Packet> packet,
                  const Address& source,
                  const Address& destination,
                  uint16_t protocol) override;
    Ptr<Node> GetNode() const override;
    void SetNode(Ptr<Node> node) override;
    bool NeedsArp() const override;
    void SetReceiveCallback(NetDevice::ReceiveCallback callback) override;
    void SetPromiscReceiveCallback(PromiscReceiveCallback callback) override;
    bool SupportsSendFrom() const override;

  protected:
    void DoDispose() override;

    /** \return whether the frame found room. \param frame with its header */
    virtual bool Transmit(Ptr<Packet> frame, Mac48Address destination) = 0;

    /** Says that the link is there, or gone. */
    void SetLinkUp(bool up);

    Ptr<FlowbindCdmaChannel> m_channel; //!< the air
    double m_txPower; //!< dBm

  private:
    Ptr<Node> m_node; //!< whose device this is
    uint32_t m_index; //!< of the device
    uint16_t m_mtu; //!< octets
    Mac48Address m_address; //!< of the device
    bool m_up; //!< the link
    NetDevice::ReceiveCallback m_receive; //!< the node
    PromiscReceiveCallback m_promiscuous; //!< whoever wants all
    TracedCallback<> m_linkChanges; //!< whoever wants to know
    TracedCallback<Ptr<const Packet>> m_txTrace; //!< frames from the node
    TracedCallback<Ptr<const Packet>> m_rxTrace; //!< frames to the node
    TracedCallback<Ptr<const Packet>> m_txDropTrace; //!< frames without room or receiver
    TracedCallback<Ptr<const Packet>> m_snifferTrace; //!< both
};

/**
 * \ingroup flowbind
 * \brief An access terminal (AT). Its sector does the work.
 */
class FlowbindCdmaTerminal : public FlowbindCdmaNetDevice
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindCdmaTerminal();

    /** \return thermal noise in its receiver, mW */
    double GetNoise() const;

    /** \return octets that wait to be sent */
    uint64_t GetBacklog() const;

    /** Called by the sector. \param reverse what leads there */
    void SetLink(Ptr<FlowbindCdmaRlp> reverse);

  private:
    void DoDispose() override;
    bool Transmit(Ptr<Packet> frame, Mac48Address destination) override;

    double m_noiseFigure; //!< dB
    Ptr<FlowbindCdmaRlp> m_reverse; //!< null: it has no sector
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_NET_DEVICE_H */
