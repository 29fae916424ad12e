/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-scheduler.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("FlowbindScheduler");
NS_OBJECT_ENSURE_REGISTERED(FlowbindScheduler);

TypeId
FlowbindScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::FlowbindScheduler")
                            .SetParent<Object>()
                            .SetGroupName("Flowbind")
                            .AddAttribute(
                                "PerPacket",
                                "Whether it is asked for each packet, and not once for each flow.",
                                BooleanValue(true),
                                MakeBooleanAccessor(&FlowbindScheduler::m_perPacket),
                                MakeBooleanChecker());
    return tid;
}

FlowbindScheduler::FlowbindScheduler()
    : m_table()
{
    NS_LOG_FUNCTION(this);
}

FlowbindScheduler::~FlowbindScheduler()
{
    NS_LOG_FUNCTION(this);
}

const fb_scheduler*
FlowbindScheduler::GetTable()
{
    m_table.name = "custom";
    m_table.pick = &FlowbindScheduler::PickFor;
    m_table.per_packet = m_perPacket;
    m_table.user = this;
    return &m_table;
}

int
FlowbindScheduler::PickFor(void* context,
                           const fb_flow* flow,
                           bool mirrored,
                           const fb_path_view* paths,
                           std::size_t count,
                           fb_time now)
{
    if (count == 0)
    {
        return -1;
    }
    auto* scheduler = static_cast<FlowbindScheduler*>(context);
    scheduler->m_paths.assign(paths, paths + count);
    std::size_t chosen = scheduler->Pick(*flow,
                                         mirrored,
                                         scheduler->m_paths,
                                         NanoSeconds(static_cast<int64_t>(now)));
    NS_ABORT_MSG_IF(chosen >= count,
                    "FlowbindScheduler: " << scheduler->GetInstanceTypeId().GetName()
                                          << " chose path " << chosen << " of " << count
                                          << "; paths are numbered from 0.");
    return static_cast<int>(chosen);
}

} // namespace ns3
