/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_WALK_H
#define NS3_FLOWBIND_WALK_H

#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/event-id.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Stands somewhere, goes in a straight line to another place when it is told to, and stands there.
 */
class FlowbindWalk : public ConstantVelocityMobilityModel
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * Goes somewhere from where it is now, even if it was on its way to somewhere else.
     * \param to where
     * \param speed m/s; 0: it is there at once
     */
    void Go(const Vector& to, double speed);

  private:
    void DoDispose() override;
    void Arrive(Vector to);

    EventId m_arrival;
};

} // namespace ns3

#endif // NS3_FLOWBIND_WALK_H
