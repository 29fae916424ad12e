/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-radio-helper.h"

#include "ns3/constant-position-mobility-model.h"
#include "ns3/ipv4.h"

#include <cmath>

namespace ns3
{

namespace
{

const double PI = 3.14159265358979323846;
/// RFC 1918, above what networks behind a NAT have: a /16 for the users of each.
const uint32_t USER_BASE = 0x0a800000; // 10.128.0.0
const uint32_t USER_SHIFT = 16;
const Ipv4Mask USER_MASK("255.255.0.0");
/// ns-3 takes every address for a broadcast whose last bits are 1 under the mask of any network of an interface, and
/// mobile nodes are in a /28 there. So 14 of 16 addresses are used, the router's first.
const uint32_t BLOCK = 16;
const uint32_t HOSTS_PER_BLOCK = BLOCK - 2;
/// Of the first user, both ends; a router has one for each.
const uint16_t FIRST_PORT = 20000;

/// \return the address of the router (0) or a user (1 and up)
Ipv4Address
GetUserAddress(uint32_t network, uint32_t host)
{
    return Ipv4Address(network + BLOCK * (host / HOSTS_PER_BLOCK) + 1 + host % HOSTS_PER_BLOCK);
}

} // namespace

FlowbindRadioHelper::FlowbindRadioHelper(const std::string& name,
                                         uint32_t index,
                                         Vector antenna,
                                         double distance)
    : FlowbindAccessHelper(name, index),
      m_antenna(antenna),
      m_exponent(0),
      m_userNetwork(USER_BASE + (index << USER_SHIFT))
{
    m_users.distance = distance;
}

void
FlowbindRadioHelper::SetPosition(double x, double y)
{
    m_antenna.x = x;
    m_antenna.y = y;
}

void
FlowbindRadioHelper::SetExponent(double exponent)
{
    m_exponent = exponent;
}

void
FlowbindRadioHelper::SetUsers(const Users& users)
{
    double distance = users.distance > 0 ? users.distance : m_users.distance;
    m_users = users;
    m_users.distance = distance;
}

Ptr<Node>
FlowbindRadioHelper::CreateNode(Vector position)
{
    Ptr<Node> node = CreateObject<Node>();
    Ptr<ConstantPositionMobilityModel> mobility = CreateObject<ConstantPositionMobilityModel>();
    mobility->SetPosition(position);
    node->AggregateObject(mobility);
    return node;
}

Vector
FlowbindRadioHelper::GetUserPosition(uint32_t user, Vector antenna) const
{
    double angle = 2 * PI * user / m_users.count;
    return Vector(antenna.x + m_users.distance * std::cos(angle),
                  antenna.y + m_users.distance * std::sin(angle),
                  0);
}

void
FlowbindRadioHelper::AddUserNetwork(Ptr<NetDevice> device) const
{
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    ipv4->AddAddress(ipv4->GetInterfaceForDevice(device),
                     Ipv4InterfaceAddress(GetUserRouterAddress(), USER_MASK));
}

Ipv4Address
FlowbindRadioHelper::SetUserAddress(Ptr<NetDevice> device, uint32_t user) const
{
    Ipv4Address address = GetUserAddress(m_userNetwork, user + 1);
    Ptr<Ipv4> ipv4 = device->GetNode()->GetObject<Ipv4>();
    uint32_t interface = ipv4->AddInterface(device);
    ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, USER_MASK));
    ipv4->SetUp(interface);
    return address;
}

Ipv4Address
FlowbindRadioHelper::GetUserRouterAddress() const
{
    return GetUserAddress(m_userNetwork, 0);
}

void
FlowbindRadioHelper::Load(Ptr<Node> router,
                          Ipv4Address routerAddress,
                          Ptr<Node> user,
                          Ipv4Address userAddress,
                          Time start)
{
    uint16_t port = static_cast<uint16_t>(FIRST_PORT + m_loads.size());
    Ptr<FlowbindBackgroundLoad> down = CreateObject<FlowbindBackgroundLoad>();
    down->Setup(userAddress, port, m_users.down, m_users.packet);
    down->SetStartTime(start);
    router->AddApplication(down);
    Ptr<FlowbindBackgroundLoad> up = CreateObject<FlowbindBackgroundLoad>();
    up->Setup(routerAddress, port, m_users.up, m_users.packet);
    up->SetStartTime(start);
    user->AddApplication(up);
    m_loads.push_back(down);
    m_loads.push_back(up);
}

int64_t
FlowbindRadioHelper::AssignLoadStreams(int64_t stream)
{
    int64_t first = stream;
    for (const auto& load : m_loads)
    {
        stream += load->AssignStreams(stream);
    }
    return stream - first;
}

} // namespace ns3
