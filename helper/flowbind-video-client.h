/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_VIDEO_CLIENT_H
#define NS3_FLOWBIND_VIDEO_CLIENT_H

#include "flowbind-request.h"
#include "flowbind-video-player.h"

#include <memory>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Somebody who watches a film that is there at several rates, segment by segment (as with DASH).
 *
 * A segment is asked for when the one before it is there and the buffer has room for it; it has rate times duration
 * octets, always. The rate of the next one is the highest that is not above `Safety` of the throughput, which is the
 * harmonic mean of what the last `Samples` segments came with, but at most one step higher than the last; and the
 * lowest while the buffer has less than one segment. The harmonic mean and the single steps are those of FESTIVE
 * (J. Jiang, V. Sekar, H. Zhang, Improving Fairness, Efficiency, and Stability in HTTP-based Adaptive Video Streaming
 * with FESTIVE, 2012). A segment is never given up.
 */
class FlowbindVideoClient : public FlowbindRequestClient
{
  public:
    static TypeId GetTypeId();

    FlowbindVideoClient();
    /// \param ladder of rates, the lowest first; not empty
    void SetLadder(const std::vector<DataRate>& ladder);
    /// \return what it showed; null: it was not started
    const FlowbindVideoPlayer* GetPlayer() const;

    typedef void (*SegmentCallback)(DataRate rate, uint64_t octets, Time took, Time buffer);

  private:
    void DoDispose() override;
    void StartApplication() override;
    void StopApplication() override;
    void Answered(uint32_t connection) override;

    void AskForNext();
    /// Notes what the segment that is there came with.
    void NoteThroughput(Time took);
    void ChooseRate();
    double GetThroughput() const;
    uint64_t GetOctets() const;

    std::vector<DataRate> m_ladder;
    std::size_t m_rung; ///< of the segment that was asked for last
    Time m_segment;
    Time m_buffer;
    Time m_startUp;
    double m_safety;
    uint32_t m_samples;
    std::deque<double> m_throughputs; ///< bit/s of the last segments
    Time m_asked;
    EventId m_next;
    std::unique_ptr<FlowbindVideoPlayer> m_player;
    TracedCallback<DataRate, uint64_t, Time, Time> m_segmentTrace;
};

} // namespace ns3

#endif // NS3_FLOWBIND_VIDEO_CLIENT_H
