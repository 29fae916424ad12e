/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-walk.h"

#include "ns3/simulator.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindWalk);

TypeId
FlowbindWalk::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindWalk")
                            .SetParent<ConstantVelocityMobilityModel>()
                            .SetGroupName("Flowbind")
                            .AddConstructor<FlowbindWalk>();
    return tid;
}

void
FlowbindWalk::Go(const Vector& to, double speed)
{
    Simulator::Cancel(m_arrival);
    Vector from = GetPosition();
    double distance = CalculateDistance(from, to);
    if (speed <= 0 || distance <= 0)
    {
        Arrive(to);
        return;
    }
    double seconds = distance / speed;
    SetVelocity(
        Vector((to.x - from.x) / seconds, (to.y - from.y) / seconds, (to.z - from.z) / seconds));
    m_arrival = Simulator::Schedule(Seconds(seconds), &FlowbindWalk::Arrive, this, to);
}

void
FlowbindWalk::DoDispose()
{
    Simulator::Cancel(m_arrival);
    ConstantVelocityMobilityModel::DoDispose();
}

void
FlowbindWalk::Arrive(Vector to)
{
    SetVelocity(Vector(0, 0, 0));
    SetPosition(to); // exactly, whatever the sum of the steps
}

} // namespace ns3
