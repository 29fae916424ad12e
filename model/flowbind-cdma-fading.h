/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_FADING_H
#define NS3_FLOWBIND_CDMA_FADING_H

#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Fading between one terminal and its sector: a power gain of mean 1, looked at only in slots that need it.
 *
 * RAYLEIGH is a first-order Gauss-Markov process: the complex gain keeps the part J0(2 pi f T) over a time T, with f
 * the Doppler frequency of the terminal's speed, as Clarke's model has it for two points in time.
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
    /** \return the correlation of the gain over some slots */
    double GetCorrelation(uint64_t slots, double speed);

    /** Draws both parts of the gain. \param kept share of the old one */
    void Draw(double kept);

    Mode m_mode; //!< kind
    double m_frequency; //!< of the carrier, Hz
    double m_leastSpeed; //!< m/s
    Ptr<NormalRandomVariable> m_normal; //!< parts of the gain
    bool m_drawn; //!< there is a gain
    uint64_t m_slot; //!< it belongs to this slot
    double m_real; //!< its parts
    double m_imaginary; //!< of variance 1/2 each
    uint64_t m_lastSlots; //!< what m_lastCorrelation
    double m_lastSpeed; //!< was computed for
    double m_lastCorrelation; //!< spares the Bessel function
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_FADING_H */
