/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_RATES_H
#define NS3_FLOWBIND_CDMA_RATES_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief The rates and the clock of 1xEV-DO (IS-856) revision 0. doc/cdma.md names the source of each number.
 */
class FlowbindCdmaRates
{
  public:
    /** One rate of the forward link. */
    struct Forward
    {
        uint32_t slots; //!< a packet takes at most so many
        uint32_t bits; //!< of a packet of the physical layer
        double threshold; //!< SINR in dB at which it is received
    };

    typedef std::vector<Forward> ForwardTable; //!< rising thresholds

    static constexpr uint32_t INTERLACES = 4; //!< the slots of a packet are so far apart
    static constexpr uint32_t FRAME_SLOTS = 16; //!< slots of a frame of the reverse link
    static constexpr uint32_t UNIT_BITS = 1024; //!< of a packet of the layer above the physical
    static constexpr uint32_t REVERSE_RATES = 5; //!< 9.6 to 153.6 kbit/s
    static constexpr double BANDWIDTH_HZ = 1228800; //!< chips a second

    static constexpr double THERMAL_DBM_PER_HZ = -173.975; //!< noise at 290 K

    /** \return the table of revision 0: requests 1 to 12 */
    static ForwardTable GetDefaultForward();

    /** \return the same rates and thresholds, but a slot's worth of bits in packets of one slot each */
    static ForwardTable GetSingleSlotForward();

    /** \return bits of a frame of the reverse link. \param index from 0, 9.6 kbit/s */
    static uint32_t GetReverseBits(uint32_t index);

    /** \return bit/s. \param bits of a packet. \param slots it took */
    static double GetRate(uint32_t bits, uint32_t slots);

    /** \return when a slot begins; 600 slots are a second, without drift */
    static Time GetSlotStart(uint64_t slot);

    /** \return the first slot that begins now or later */
    static uint64_t GetNextSlot(Time now);
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_RATES_H */
