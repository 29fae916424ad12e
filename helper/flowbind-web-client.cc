/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-web-client.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindWebClient);

TypeId
FlowbindWebClient::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindWebClient")
            .SetParent<FlowbindRequestClient>()
            .SetGroupName("Flowbind")
            .AddConstructor<FlowbindWebClient>()
            .AddAttribute("PageSize",
                          "Octets of a page with all its objects; 0: drawn as in 3GPP TR 25.892",
                          UintegerValue(0),
                          MakeUintegerAccessor(&FlowbindWebClient::m_pageSize),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("Objects",
                          "Objects of a page with a fixed size, of about the same size; the main "
                          "one is one of them",
                          UintegerValue(1),
                          MakeUintegerAccessor(&FlowbindWebClient::m_objects),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("Connections",
                          "Connections at a time",
                          UintegerValue(1),
                          MakeUintegerAccessor(&FlowbindWebClient::m_connections),
                          MakeUintegerChecker<uint32_t>(1, 8))
            .AddAttribute("ThinkTime",
                          "Mean time from a page's end to the next click, exponential",
                          TimeValue(Seconds(5)),
                          MakeTimeAccessor(&FlowbindWebClient::m_think),
                          MakeTimeChecker(Time(0)))
            .AddTraceSource("Page",
                            "A page was loaded",
                            MakeTraceSourceAccessor(&FlowbindWebClient::m_pageTrace),
                            "ns3::FlowbindWebClient::PageCallback");
    return tid;
}

FlowbindWebClient::FlowbindWebClient()
    : m_thinking(CreateObject<ExponentialRandomVariable>()),
      m_variables(CreateObject<ThreeGppHttpVariables>()),
      m_hasMain(false),
      m_toCome(0)
{
    m_variables->Initialize();
}

int64_t
FlowbindWebClient::AssignStreams(int64_t stream)
{
    m_thinking->SetStream(stream);
    return 1 + m_variables->AssignStreams(stream + 1);
}

const std::vector<FlowbindWebClient::Page>&
FlowbindWebClient::GetPages() const
{
    return m_pages;
}

Time
FlowbindWebClient::GetEnd() const
{
    return GetProfile().stop;
}

void
FlowbindWebClient::DoDispose()
{
    m_click.Cancel();
    FlowbindRequestClient::DoDispose();
}

void
FlowbindWebClient::StartApplication()
{
    NS_ABORT_MSG_IF(m_pageSize > 0 && m_pageSize < m_objects, "an object has at least one octet");
    OpenConnections(m_connections);
    Click();
}

void
FlowbindWebClient::StopApplication()
{
    m_click.Cancel();
    FlowbindRequestClient::StopApplication();
}

void
FlowbindWebClient::Click()
{
    m_hasMain = false;
    m_toCome = 1;
    m_pages.push_back({Simulator::Now(), Time(-1), DrawMainSize(), 1});
    Request(0, m_pages.back().octets);
}

void
FlowbindWebClient::Answered(uint32_t connection)
{
    m_toCome--;
    if (!m_hasMain)
    {
        m_hasMain = true;
        AskForObjects();
    }
    else if (m_connections > 1)
    {
        AskForNext(connection);
    }
    if (m_toCome == 0 && m_toAsk.empty())
    {
        Finish();
    }
}

void
FlowbindWebClient::AskForObjects()
{
    Page& page = m_pages.back();
    for (uint32_t objects = DrawObjects(); objects > 0; objects--)
    {
        m_toAsk.push_back(DrawObjectSize());
        page.octets += m_toAsk.back();
        page.objects++;
    }
    // One connection takes them all at once, several take one each.
    std::size_t requests = m_connections == 1 ? m_toAsk.size() : m_connections;
    for (std::size_t i = 0; i < requests; i++)
    {
        AskForNext(i % m_connections);
    }
}

void
FlowbindWebClient::AskForNext(uint32_t connection)
{
    if (!m_toAsk.empty() && !IsStopped())
    {
        m_toCome++;
        uint64_t octets = m_toAsk.front();
        m_toAsk.pop_front();
        Request(connection, octets);
    }
}

void
FlowbindWebClient::Finish()
{
    Page& page = m_pages.back();
    page.loaded = Simulator::Now();
    m_pageTrace(page.clicked, page.loaded, page.octets, page.objects);
    if (!IsStopped())
    {
        Time wait = Seconds(m_thinking->GetValue(m_think.GetSeconds(), 0));
        m_click = Simulator::Schedule(wait, &FlowbindWebClient::Click, this);
    }
}

uint64_t
FlowbindWebClient::DrawMainSize()
{
    // What does not divide evenly is of the main object.
    return m_pageSize > 0 ? m_pageSize - m_pageSize / m_objects * (m_objects - 1)
                          : m_variables->GetMainObjectSize();
}

uint64_t
FlowbindWebClient::DrawObjectSize()
{
    return m_pageSize > 0 ? m_pageSize / m_objects : m_variables->GetEmbeddedObjectSize();
}

uint32_t
FlowbindWebClient::DrawObjects()
{
    return m_pageSize > 0 ? m_objects - 1 : m_variables->GetNumOfEmbeddedObjects();
}

} // namespace ns3
