/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_SECTOR_H
#define NS3_FLOWBIND_CDMA_SECTOR_H

#include "flowbind-cdma-fading.h"
#include "flowbind-cdma-net-device.h"
#include "flowbind-cdma-rates.h"

#include <array>
#include <map>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief A sector of 1xEV-DO revision 0, the access network's device: schedules both links. doc/cdma.md says how.
 *
 * There are events only in slots and frames in which something is sent.
 */
class FlowbindCdmaSector : public FlowbindCdmaNetDevice
{
  public:
    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindCdmaSector();

    /** Serves a terminal from now on. */
    void Attach(Ptr<FlowbindCdmaTerminal> terminal);

    /** \param table rates of the forward link, by rising threshold */
    void SetForwardRates(const FlowbindCdmaRates::ForwardTable& table);

    /** \return slots so far in which it sent */
    uint64_t GetBusySlots() const;
    /** \return bits the packets of those slots had room for */
    uint64_t GetSentBits() const;
    /** \return the radio link protocol to a terminal, by its order of attachment */
    Ptr<FlowbindCdmaRlp> GetForward(std::size_t index) const;
    /** \return the one from it */
    Ptr<FlowbindCdmaRlp> GetReverse(std::size_t index) const;
    /** \return the fading of that terminal */
    Ptr<FlowbindCdmaFading> GetFading(std::size_t index) const;

    /**
     * \param stream first stream
     * \return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /** A packet of the forward link ended: to whom, bits, slots it took, whether it was received. */
    typedef void (*ForwardCallback)(Ptr<const FlowbindCdmaTerminal> terminal,
                                    uint32_t bits,
                                    uint32_t slots,
                                    bool received);
    /** A frame of the reverse link ended: from whom, its bits, whether it was received. */
    typedef void (*ReverseCallback)(Ptr<const FlowbindCdmaTerminal> terminal,
                                    uint32_t bits,
                                    bool received);

  private:
    /** What it knows of a terminal. */
    struct Link
    {
        Ptr<FlowbindCdmaTerminal> terminal; //!< whose
        Ptr<FlowbindCdmaRlp> forward; //!< to it
        Ptr<FlowbindCdmaRlp> reverse; //!< from it
        Ptr<FlowbindCdmaFading> fading; //!< between them
        bool isKnown; //!< the next four are of m_frame
        uint64_t frame; //!< when it was looked where the terminal is
        double sinr; //!< without fading
        double speed; //!< m/s
        double average; //!< bits a slot, until slot
        uint64_t slot; //!< when average was computed
        uint32_t rate; //!< of the reverse link
    };

    /** A packet of the forward link, one an interlace. */
    struct Burst
    {
        bool active; //!< it is being sent
        std::size_t link; //!< to whom
        FlowbindCdmaRates::Forward rate; //!< how
        uint32_t used; //!< slots so far
        double energy; //!< sum of their SINR
        double needed; //!< for its reception
        FlowbindCdmaRlp::Segments segments; //!< what
    };

    void DoDispose() override;
    bool Transmit(Ptr<Packet> frame, Mac48Address destination) override;

    /** \param margin of requests in dB */
    void SetRequestMargin(double margin);

    /** The next slot in which there is something to send gets its event. */
    void WakeForward();
    /** The same for frames of the reverse link. */
    void WakeReverse();

    /** Sends in a slot. */
    void DoSlot(uint64_t slot);
    /** \return whether somebody gets a packet from this slot on */
    bool StartBurst(Burst& burst, uint64_t slot);
    /** Starts a packet. \param request index of its rate */
    void FillBurst(Burst& burst, std::size_t link, std::size_t request);
    /** At the end of its last slot. */
    void EndBurst(Burst burst, bool received);
    /** \return whether a packet waits for a terminal */
    bool HasForwardBacklog() const;
    /** \return the rate it asks for, or the size of the table: none */
    std::size_t GetRequest(Link& link, uint64_t slot);
    /** \return SINR in a slot */
    double GetSinr(Link& link, uint64_t slot);
    /** Looks where it is, once a frame. */
    void Update(Link& link, uint64_t slot);

    /** Sends a frame of each terminal that has one. */
    void DoFrame(uint64_t frame);
    /** Chooses a terminal's rate for a frame. \return false: even the lowest one does not fit */
    bool ChooseReverseRate(Link& link, double load);
    /** \return share of the sector's reverse capacity. \param rate index */
    double GetLoad(uint32_t rate) const;
    /** At the end of a frame. */
    void EndFrame(std::size_t link,
                  FlowbindCdmaRlp::Segments segments,
                  uint32_t bits,
                  bool received);

    /** \return octets of data in a packet of the physical layer */
    uint64_t GetRoom(uint32_t bits) const;

    FlowbindCdmaRates::ForwardTable m_rates; //!< of the forward link
    std::vector<double> m_thresholds; //!< their ratios
    double m_timeConstant; //!< of the average, slots
    uint32_t m_requestDelay; //!< slots
    double m_margin; //!< of requests, a ratio
    bool m_earlyTermination; //!< a packet ends when it is received
    bool m_outage; //!< a packet below its threshold is lost
    double m_forwardErrors; //!< share of packets lost besides
    double m_reverseErrors; //!< of frames
    uint32_t m_overhead; //!< bits in each 1024
    double m_noiseFigure; //!< of the receiver, dB
    double m_energyRatio; //!< Eb/Nt on the reverse link, dB
    double m_busyLoad; //!< the busy bit is set beyond it
    double m_maxLoad; //!< never exceeded
    double m_increase; //!< probability
    double m_decrease; //!< probability
    std::vector<Link> m_links; //!< terminals
    std::map<Mac48Address, std::size_t> m_addresses; //!< theirs
    std::array<Burst, FlowbindCdmaRates::INTERLACES> m_bursts; //!< being sent
    EventId m_slotEvent; //!< next one
    EventId m_frameEvent; //!< next one
    uint64_t m_nextSlot; //!< not used yet
    uint64_t m_nextFrame; //!< not used yet
    std::size_t m_turn; //!< who is first on the reverse link
    bool m_busy; //!< reverse activity bit
    uint64_t m_busySlots; //!< statistics
    uint64_t m_sentBits; //!< statistics
    Ptr<UniformRandomVariable> m_random; //!< errors, ties, rates
    //! packets
    TracedCallback<Ptr<const FlowbindCdmaTerminal>, uint32_t, uint32_t, bool> m_forwardTrace;
    TracedCallback<Ptr<const FlowbindCdmaTerminal>, uint32_t, bool> m_reverseTrace; //!< frames
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_SECTOR_H */
