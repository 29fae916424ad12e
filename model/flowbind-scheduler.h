/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_SCHEDULER_H
#define NS3_FLOWBIND_SCHEDULER_H

#include "flowbind/scheduler.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A scheduler of one's own, which chooses the path of packets that no rule of a policy decides about.
 *
 * Derive from it, write Pick(), and give an object to the attribute CustomScheduler of a FlowbindAgent. Both ends of a
 * tunnel want one each, as each decides about what it sends. examples/flowbind-own-scheduler.cc shows it.
 */
class FlowbindScheduler : public Object
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindScheduler();
    ~FlowbindScheduler() override;

    /**
     * \brief Choose.
     * \param flow the packet: addresses, ports, protocol, length
     * \param mirrored true at the mobile node's end
     * \param paths those that are up, one at least, with what is known of each
     * \param now the time
     * \return index of the path in paths
     */
    virtual std::size_t Pick(const fb_flow& flow,
                             bool mirrored,
                             const std::vector<fb_path_view>& paths,
                             Time now) = 0;

    /**
     * \return what the library asks, as long as the object is there
     */
    const fb_scheduler* GetTable();

  private:
    /// Asks the object that is the context.
    static int PickFor(void* context,
                       const fb_flow* flow,
                       bool mirrored,
                       const fb_path_view* paths,
                       std::size_t count,
                       fb_time now);

    bool m_perPacket; //!< asked for each packet, not once for each flow
    fb_scheduler m_table; //!< what the library asks
    std::vector<fb_path_view> m_paths; //!< those of the packet at hand
};

} // namespace ns3

#endif /* NS3_FLOWBIND_SCHEDULER_H */
