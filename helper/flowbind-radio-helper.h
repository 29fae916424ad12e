/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_RADIO_HELPER_H
#define NS3_FLOWBIND_RADIO_HELPER_H

#include "flowbind-access-helper.h"
#include "flowbind-background-load.h"

#include "ns3/data-rate.h"
#include "ns3/vector.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief What access networks by radio have in common: a place, a path loss exponent, and other users.
 */
class FlowbindRadioHelper : public FlowbindAccessHelper
{
  public:
    /// Other users, all alike. They talk to the network's router, over UDP, and go no further.
    struct Users
    {
        uint32_t count{0};
        DataRate down{0}; ///< payload toward each; 0: nothing
        DataRate up{0}; ///< payload from each; 0: nothing
        uint32_t packet{1000}; ///< octets of payload
        double distance{0}; ///< metres from the antenna that serves them; 0: the network's default
    };

    /**
     * \param name of the path
     * \param index of the path
     * \param antenna where it is unless SetPosition() says something else
     * \param distance of users unless they have one
     */
    FlowbindRadioHelper(const std::string& name, uint32_t index, Vector antenna, double distance);

    /// Where the antenna stands: metres, at the height it has.
    void SetPosition(double x, double y);
    /// \param exponent of a log-distance path loss beyond 1 m; 0: the network's default
    void SetExponent(double exponent);
    /// Adds other users. Before Build().
    void SetUsers(const Users& users);

  protected:
    /// \return a node that stands there for ever
    static Ptr<Node> CreateNode(Vector position);
    /// \return where a user stands, on a circle around an antenna
    Vector GetUserPosition(uint32_t user, Vector antenna) const;

    /**
     * Gives the router's device an address for the users, beside the one for mobile nodes.
     * \param device which has an address already
     */
    void AddUserNetwork(Ptr<NetDevice> device) const;
    /// Gives a user's device its address of that network. \return it
    Ipv4Address SetUserAddress(Ptr<NetDevice> device, uint32_t user) const;
    /// \return the router's address of that network
    Ipv4Address GetUserRouterAddress() const;
    /// Lets a user and a router talk. \param start from when on
    void Load(Ptr<Node> router,
              Ipv4Address routerAddress,
              Ptr<Node> user,
              Ipv4Address userAddress,
              Time start);
    int64_t AssignLoadStreams(int64_t stream);

    Vector m_antenna;
    double m_exponent; ///< 0: default
    Users m_users;

  private:
    uint32_t m_userNetwork; ///< a /16
    std::vector<Ptr<FlowbindBackgroundLoad>> m_loads; ///< both ends of each user
};

} // namespace ns3

#endif // NS3_FLOWBIND_RADIO_HELPER_H
