/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_VIDEO_PLAYER_H
#define NS3_FLOWBIND_VIDEO_PLAYER_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"

#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief The buffer of a film's player: what comes in, what is shown, and when there is nothing to show.
 *
 * It shows the film from when enough of it is there for the first time. When it runs dry it stalls until there is
 * enough again. It is told the time, which never goes back.
 */
class FlowbindVideoPlayer
{
  public:
    struct Segment
    {
        Time arrived;
        DataRate rate;
        Time shown; ///< from then on; Time::Max(): not known yet
    };

    struct Stall
    {
        Time from;
        Time until; ///< Time::Max(): it lasts
    };

    /// What somebody sees between two times.
    struct View
    {
        bool begun; ///< the film began then, or before
        bool began; ///< it was then
        Time startUp; ///< ... so long after the start of the flow
        Time shown; ///< so much of the film
        double rate; ///< mean of that, bit/s; NaN without any
        uint32_t switches; ///< of the rate
        uint32_t stalls; ///< that began
        Time stalled; ///< time without a picture after the film began
    };

    /**
     * \param start of the flow
     * \param segment how long one is to watch
     * \param enough of the film to begin, or to go on
     */
    FlowbindVideoPlayer(Time start, Time segment, Time enough);

    /// A segment is complete.
    void Add(Time now, DataRate rate);
    /// \return how much of the film is there and was not shown
    Time GetBuffer(Time now) const;
    View Watch(Time from, Time until) const;

    const std::vector<Segment>& GetSegments() const;
    const std::vector<Stall>& GetStalls() const;

  private:
    /// Notes a stall that has begun meanwhile.
    void Update(Time now);

    Time m_start;
    Time m_segment;
    Time m_enough;
    Time m_began; ///< Time::Max(): not yet
    bool m_showing;
    Time m_empty; ///< while it shows: when the buffer runs dry, unless something comes
    Time m_waiting; ///< while it does not: what is there
    std::vector<Segment> m_segments;
    std::vector<Stall> m_stalls;
};

} // namespace ns3

#endif // NS3_FLOWBIND_VIDEO_PLAYER_H
