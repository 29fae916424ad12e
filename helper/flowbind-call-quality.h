/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CALL_QUALITY_H
#define NS3_FLOWBIND_CALL_QUALITY_H

#include "ns3/nstime.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief What a listener makes of a call: the E-model of ITU-T G.107 (06/2015) with its default values.
 *
 * The rating R is Ro - Is - Id - Ie,eff + A. Everything but the delay, the coder and the losses has its default: 93.2
 * without any of them, MOS 4.41.
 */
class FlowbindCallQuality
{
  public:
    /// Of the coder (ITU-T G.113 Appendix I).
    struct Coder
    {
        double impairment; ///< Ie
        double robustness; ///< Bpl
    };

    /**
     * \param delay from mouth to ear, seconds
     * \return Id: echoes the talker hears, echoes the listener hears, and the delay itself (G.107 7.4)
     */
    static double GetDelayImpairment(double delay);

    /**
     * \param loss share of the packets that are missing
     * \param burst mean length of a burst of losses over that of random losses; at least 1
     * \return Ie,eff (G.107 7.5)
     */
    static double GetEffectiveImpairment(const Coder& coder, double loss, double burst);

    /// \return R, which can be negative
    static double GetRating(const Coder& coder, double delay, double loss, double burst);

    /// \return the mean opinion score for this rating: 1 to 4.5 (G.107 Annex B)
    static double GetMeanOpinionScore(double rating);
};

/**
 * \ingroup flowbind
 * \brief The listener's buffer, which holds packets back so that they can be played at equal distances.
 *
 * It works on a log of packets. With a fixed delay, the first packet that arrives is held back so long, and decides
 * when all others are due. Otherwise the buffer follows the network: a packet is due as long after it was sent as the
 * slowest of the packets that came in the last two seconds took, and one packet's time more.
 */
class FlowbindPlayout
{
  public:
    static const int64_t NEVER = INT64_MAX;

    /// Nanoseconds.
    struct Packet
    {
        int64_t sent;
        int64_t received; ///< NEVER: lost
    };

    /**
     * \param interval of voice in a packet
     * \param fixed how long the buffer holds the first packet back; negative: it follows the network
     */
    FlowbindPlayout(Time interval, Time fixed);

    /**
     * \param packets in the order in which they were sent
     * \return for each packet from when it was sent to when it is played, nanoseconds; NEVER: it is missing then
     */
    std::vector<int64_t> Play(const std::vector<Packet>& packets) const;

  private:
    std::vector<int64_t> PlayFixed(const std::vector<Packet>& packets) const;

    int64_t m_interval;
    int64_t m_fixed;
};

} // namespace ns3

#endif // NS3_FLOWBIND_CALL_QUALITY_H
