/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_FADING_H
#define NS3_FLOWBIND_CDMA_FADING_H

#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <array>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Fading between one terminal and its sector: a power gain of mean 1, looked at only in slots that need it.
 *
 * RAYLEIGH is Clarke's model: waves of equal strength and random phase arrive from all around, each with the Doppler
 * shift of its angle, so that the gains at two points in time T apart have the correlation J0(2 pi f T), f being the
 * Doppler frequency of the terminal's speed. The gain is a function of the way gone since the beginning: how often it
 * is looked at does not change it.
 */
class FlowbindCdmaFading : public Object
{
  public:
    /** Kinds of fading. */
    enum Mode
    {
        NONE, //!< the gain is 1
        RAYLEIGH, //!< correlated over time by the Doppler frequency
        PER_SLOT //!< Rayleigh, each slot independent of all others
    };

    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindCdmaFading();

    /**
     * \param slot not before the one asked for last
     * \param speed of the terminal, m/s
     * \return the power gain in this slot
     */
    double GetGain(uint64_t slot, double speed);

    /**
     * \param stream first stream
     * \return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

  private:
    static constexpr std::size_t WAVES = 25; //!< from all around; odd: no two are opposite

    /** Draws where the waves come from, and their phases. */
    void DrawWaves();

    /** \return the power of the sum of all waves, at the place reached */
    double AddWaves() const;

    Mode m_mode; //!< kind
    double m_frequency; //!< of the carrier, Hz
    double m_leastSpeed; //!< m/s
    Ptr<UniformRandomVariable> m_random; //!< angles and phases, or gains
    bool m_drawn; //!< there is a gain
    uint64_t m_slot; //!< it belongs to this slot
    double m_gain; //!< power
    double m_way; //!< gone so far, in radians of the wave from ahead
    std::array<double, WAVES> m_shifts; //!< of the waves, as shares of the greatest
    std::array<double, WAVES> m_phases; //!< of the waves, at the beginning
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_FADING_H */
