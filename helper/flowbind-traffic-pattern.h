/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_TRAFFIC_PATTERN_H
#define NS3_FLOWBIND_TRAFFIC_PATTERN_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simple-ref-count.h"

#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief When one end of a flow sends packets of what size, whatever becomes of them.
 */
class FlowbindTrafficPattern : public SimpleRefCount<FlowbindTrafficPattern>
{
  public:
    /// The next packet.
    struct Packet
    {
        Time wait; ///< from the one before it; of the first one from the start of the flow
        uint32_t octets; ///< payload; 0: there is no packet any more
    };

    virtual ~FlowbindTrafficPattern() = default;

    /// \return the next packet, each time another one
    virtual Packet Next() = 0;
    /// \return how many random streams it uses, from this one on
    virtual int64_t AssignStreams(int64_t stream);
};

/**
 * \ingroup flowbind
 * \brief Packets of one size at equal distances, the first one at once.
 */
class FlowbindConstantPattern : public FlowbindTrafficPattern
{
  public:
    /**
     * \param rate of the payload
     * \param packet octets
     */
    FlowbindConstantPattern(DataRate rate, uint32_t packet);

    Packet Next() override;

  private:
    Time m_interval;
    uint32_t m_packet;
    bool m_begun;
};

/**
 * \ingroup flowbind
 * \brief Packets of one size as a Poisson process: the times between two of them are exponential.
 */
class FlowbindPoissonPattern : public FlowbindTrafficPattern
{
  public:
    /**
     * \param rate mean, of the payload
     * \param packet octets
     */
    FlowbindPoissonPattern(DataRate rate, uint32_t packet);

    Packet Next() override;
    int64_t AssignStreams(int64_t stream) override;

  private:
    Ptr<ExponentialRandomVariable> m_interval; ///< seconds
    uint32_t m_packet;
};

/**
 * \ingroup flowbind
 * \brief Packets at given times, as those of a capture.
 */
class FlowbindReplayPattern : public FlowbindTrafficPattern
{
  public:
    /// Behind the ones that are there.
    /// \param at from the start of the flow, not before the packet added last
    /// \param octets payload, at least 1
    void Add(Time at, uint32_t octets);

    Packet Next() override;

  private:
    std::vector<Packet> m_packets;
    Time m_last;
    std::size_t m_next{0};
};

} // namespace ns3

#endif // NS3_FLOWBIND_TRAFFIC_PATTERN_H
