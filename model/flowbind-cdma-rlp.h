/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_CDMA_RLP_H
#define NS3_FLOWBIND_CDMA_RLP_H

#include "ns3/callback.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/packet.h"
#include "ns3/queue-size.h"
#include "ns3/traced-callback.h"

#include <deque>
#include <vector>

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief The radio link protocol of one direction to or from one terminal, both ends of it: a queue, an octet stream
 * cut to what the physical layer carries, retransmission of what was lost, and delivery in order.
 *
 * What is lost is asked for once more by a NAK, a limited number of times; a packet any octet of which stays lost is
 * dropped. NAKs take a fixed time, are never lost themselves and take no room.
 */
class FlowbindCdmaRlp : public Object
{
  public:
    /** Consecutive octets in one packet of the physical layer. */
    struct Segment
    {
        uint64_t first; //!< number of its first octet
        uint32_t length; //!< octets
        uint32_t attempts; //!< how often it was sent
    };

    typedef std::vector<Segment> Segments; //!< of one packet of the physical layer
    typedef Callback<void, Ptr<Packet>> PacketCallback; //!< takes what was delivered
    typedef Callback<void> WakeCallback; //!< there is something to send

    /** What became of the octets; offered = dropped + delivered + lost + GetHeld(). */
    struct Counters
    {
        uint64_t offered; //!< by the network layer
        uint64_t dropped; //!< as the queue was full
        uint64_t delivered; //!< at the other end
        uint64_t lost; //!< in packets that missed an octet
        uint64_t sent; //!< by the physical layer, retransmissions too
        uint64_t retransmitted; //!< of them
    };

    /**
     * \brief Get the type ID.
     * \return the object TypeId
     */
    static TypeId GetTypeId();

    FlowbindCdmaRlp();

    /**
     * \param deliver at the other end
     * \param wake the scheduler
     */
    void Setup(PacketCallback deliver, WakeCallback wake);

    /** \return whether there was room in the queue */
    bool Enqueue(Ptr<Packet> packet);

    /** \return octets to be sent now */
    uint64_t GetBacklog() const;
    /** \return octets of all packets that are neither delivered nor lost */
    uint64_t GetHeld() const;
    /** \return counters */
    const Counters& GetCounters() const;

    /** \return what goes into the next packet of the physical layer, retransmissions first. \param octets at most */
    Segments Take(uint64_t octets);

    /** What became of such a packet. */
    void Resolve(const Segments& segments, bool received);

  private:
    /** A packet. */
    struct Frame
    {
        Ptr<Packet> packet; //!< of the network layer
        uint64_t end; //!< number of the octet behind it
        uint32_t open; //!< octets that are neither received nor given up
        bool lost; //!< some were given up
    };

    void DoDispose() override;

    /** Puts a segment into the queue again. */
    void Retransmit(Segment segment);

    /** These octets are received, or given up. */
    void Settle(const Segment& segment, bool received);

    /** Delivers what is complete, in order. */
    void Release();

    QueueSize m_maxSize; //!< of the queue
    uint32_t m_retransmissions; //!< of an octet, at most
    Time m_nakDelay; //!< from a loss to its retransmission
    PacketCallback m_deliver; //!< at the other end
    WakeCallback m_wake; //!< the scheduler
    std::deque<Frame> m_frames; //!< in order
    std::deque<Segment> m_again; //!< to be retransmitted
    uint64_t m_againOctets; //!< in them
    uint64_t m_next; //!< octet to be sent next
    uint64_t m_end; //!< octet behind the last one queued
    uint32_t m_waiting; //!< packets of which no octet was sent
    uint64_t m_started; //!< end of the last packet of which one was
    Counters m_counters; //!< octets
    TracedCallback<Ptr<const Packet>> m_dropTrace; //!< the queue was full
    TracedCallback<Ptr<const Packet>> m_lossTrace; //!< octets stayed lost
};

} // namespace ns3

#endif /* NS3_FLOWBIND_CDMA_RLP_H */
