/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NS3_FLOWBIND_WEB_CLIENT_H
#define NS3_FLOWBIND_WEB_CLIENT_H

#include "flowbind-request.h"

#include "ns3/random-variable-stream.h"
#include "ns3/three-gpp-http-variables.h"

namespace ns3
{

/**
 * \ingroup flowbind
 * \brief Somebody who looks at pages: a main object, then all that is embedded in it, then time to read.
 *
 * With one connection all embedded objects are asked for at once (as with HTTP/2, RFC 9113); with several, each of them
 * has one request at a time (as browsers do with HTTP/1.1). Pages have a fixed size and number of objects, or those of
 * 3GPP TR 25.892 as ns-3's ThreeGppHttpVariables draws them. A page is loaded when its last octet is there.
 */
class FlowbindWebClient : public FlowbindRequestClient
{
  public:
    struct Page
    {
        Time clicked;
        Time loaded; ///< negative: not yet
        uint64_t octets; ///< as far as is known: of the main object, then of all
        uint32_t objects; ///< the same
    };

    static TypeId GetTypeId();

    FlowbindWebClient();
    /// \return how many random streams it uses, from this one on
    int64_t AssignStreams(int64_t stream);
    /// \return in the order of the clicks
    const std::vector<Page>& GetPages() const;
    /// \return when nobody waits for pages any more
    Time GetEnd() const;

    typedef void (*PageCallback)(Time clicked, Time loaded, uint64_t octets, uint32_t objects);

  private:
    void DoDispose() override;
    void StartApplication() override;
    void StopApplication() override;
    void Answered(uint32_t connection) override;

    void Click();
    /// The main object says what else there is.
    void AskForObjects();
    /// Asks for the next object on a connection that has nothing to do.
    void AskForNext(uint32_t connection);
    void Finish();
    uint64_t DrawMainSize();
    uint64_t DrawObjectSize();
    uint32_t DrawObjects();

    uint64_t m_pageSize; ///< 0: drawn
    uint32_t m_objects; ///< of a page with a fixed size
    uint32_t m_connections;
    Time m_think;
    Ptr<ExponentialRandomVariable> m_thinking;
    Ptr<ThreeGppHttpVariables> m_variables;
    std::vector<Page> m_pages;
    bool m_hasMain; ///< the main object of the last page is there
    std::deque<uint64_t> m_toAsk; ///< objects of the last page
    uint32_t m_toCome; ///< objects of it that were asked for
    EventId m_click;
    TracedCallback<Time, Time, uint64_t, uint32_t> m_pageTrace;
};

} // namespace ns3

#endif // NS3_FLOWBIND_WEB_CLIENT_H
