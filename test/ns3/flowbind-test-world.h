/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FLOWBIND_TEST_WORLD_H
#define FLOWBIND_TEST_WORLD_H

#include "ns3/error-model.h"
#include "ns3/flowbind-helper.h"
#include "ns3/net-device-container.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/socket.h"

#include <sstream>
#include <string>
#include <vector>

/// What the suites of the adapter share: a small network, and eyes that do not use the code under test.
namespace ns3::flowbind_test
{

const char* const KEY = "000102030405060708090a0b0c0d0e0f";
const Ipv4Address HOME_AGENT("192.0.2.1");
const Ipv4Address CORRESPONDENT("192.0.2.130");
const Ipv4Address HOME_ADDRESS("198.51.100.10");
const Ipv4Address HOME_NETWORK("198.51.100.0");
const Ipv4Mask HOME_MASK("255.255.255.0");
const Ipv4Mask ACCESS_MASK("255.255.255.240");
constexpr uint32_t PATHS = 3;
constexpr uint16_t PORT = 5060;
constexpr uint32_t OCTETS = 200;

uint16_t U16(const std::vector<uint8_t>& octets, std::size_t at);

Ipv4Address Address4(const std::vector<uint8_t>& octets, std::size_t at);

/// RFC 1071: 0xffff over octets that contain a correct checksum.
uint16_t OnesSum(const std::vector<uint8_t>& octets,
                 std::size_t from,
                 std::size_t length,
                 uint32_t start = 0);

/// The IPv4 packets a point-to-point or CSMA device puts on the wire.
class Wire
{
  public:
    void Listen(Ptr<NetDevice> device);
    /// \return the packets with this protocol number
    std::vector<std::vector<uint8_t>> Get(uint8_t protocol) const;
    void Clear();
    /// \return everything so far, with times
    std::string GetTranscript() const;

  private:
    void AddPpp(Ptr<const Packet> frame);
    void AddEthernet(Ptr<const Packet> frame);
    void Add(Ptr<const Packet> frame, std::size_t headerOctets, uint16_t type);

    std::vector<std::vector<uint8_t>> m_packets;
    std::ostringstream m_transcript;
};

/**
 * A link with a small MTU behind a point-to-point device: ns-3 fragments whatever DF says, and sends no ICMP error.
 * What has DF set and does not fit is lost, and the device's node says so (RFC 1191 3).
 */
class NarrowLink : public ErrorModel
{
  public:
    /// Packets that come in by the device have to fit from now on.
    static void Install(Ptr<NetDevice> device, uint16_t mtu);

  private:
    bool DoCorrupt(Ptr<Packet> packet) override;
    void DoReset() override;

    Ptr<Node> m_node;
    uint16_t m_mtu = 0;
};

/// One UDP port of one node.
class Talker
{
  public:
    Talker(Ptr<Node> node, uint16_t port);

    void Send(Ipv4Address to, uint16_t port, uint32_t octets = OCTETS);
    void SetTos(uint8_t tos);
    void SetTtl(uint8_t ttl);
    /// The same with DF, in a packet that is not for this node.
    void SendWhole(Ipv4Address to, uint16_t port, uint32_t octets);
    /// \return the MTU an ICMP error told since the last call, 0 if none did
    uint32_t TakeMtu();
    /// Sends everything back from now on, while it is being delivered.
    void Echo();
    /// \return octets received since the last call
    uint32_t Take();
    void Close();

  private:
    void Read(Ptr<Socket> socket);
    void ReadIcmp(Ipv4Address source, uint8_t ttl, uint8_t type, uint8_t code, uint32_t info);

    Ptr<Socket> m_socket;
    uint32_t m_received;
    uint32_t m_mtu;
    bool m_echo;
    uint8_t m_tos;
};

/// What the traces of an agent said.
class AgentLog
{
  public:
    void Listen(Ptr<FlowbindAgent> agent);
    void Clear();
    uint32_t CountMessages(uint8_t kind, uint8_t type) const;

    std::vector<fb_event> events;
    std::vector<fb_event> bindings;
    std::vector<uint16_t> intercepts; //!< 1: began, 0: ended
    std::vector<uint8_t> tx; //!< BID of each packet
    std::vector<uint8_t> rx;
    std::string drops; //!< reason of each packet, each with a space behind it

  private:
    void OnEvent(const fb_event& event);
    void OnBinding(const fb_event& event);
    void OnIntercept(const fb_event& event);
    void OnTx(Ptr<const Packet> packet, uint8_t bid);
    void OnRx(Ptr<const Packet> packet, uint8_t bid);
    void OnDrop(Ptr<const Packet> packet, uint16_t reason);
};

/**
 *                 .--- 203.0.113.0/28 ---.
 *     mobile node ---- 203.0.113.16/28 ---- router --- home agent --- correspondent
 *                 '--- 203.0.113.32/28 ---'      192.0.2.0/25   192.0.2.128/25
 *
 * The second access link is CSMA, where a gateway has to be known and resolved; all others are point-to-point.
 */
class World
{
  public:
    World();
    ~World();

    /// Creates the agents; attributes set on the helpers before count.
    /// \param homeAddress the mobile node's; Any: HOME_ADDRESS is assigned to it
    void InstallAgents(Ipv4Address homeAddress = HOME_ADDRESS);
    void BringUp();
    void Run(Time duration);
    /// Sends one packet each way, from the mobile node's PORT to the correspondent's and back.
    void Talk(uint32_t octets = OCTETS);
    void ClearLogs();
    std::vector<fb_binding_view> GetBindings() const;
    static fb_rule Forward(std::vector<uint8_t> bids);

    Ptr<Node> mobileNode;
    Ptr<Node> router;
    Ptr<Node> homeAgentNode;
    Ptr<Node> correspondent;
    std::vector<Ptr<NetDevice>> access; //!< the mobile node's
    std::vector<Ipv4Address> careOf; //!< of the mobile node
    std::vector<Ipv4Address> gateways; //!< the router's
    std::vector<fb_link> links; //!< what the mobile node's agent is told of them
    Ptr<NetDevice> accessDevice; //!< the router's on the second link
    Ptr<NetDevice> homeDevice; //!< the home agent's, toward the router
    FlowbindMobileNodeHelper mobileHelper;
    FlowbindHomeAgentHelper homeHelper;
    Ptr<FlowbindAgent> mobile;
    Ptr<FlowbindAgent> home;
    Talker* near; //!< on the mobile node
    Talker* far; //!< on the correspondent
    AgentLog atMobile;
    AgentLog atHome;

  private:
    static NetDeviceContainer Link(Ptr<Node> a,
                                   Ptr<Node> b,
                                   Ipv4Address network,
                                   Ipv4Mask mask,
                                   bool isCsma = false);
};

} // namespace ns3::flowbind_test

#endif // FLOWBIND_TEST_WORLD_H
