/* SPDX-License-Identifier: GPL-2.0-only */
#include "chart.h"

#include "proxy-text.h"

#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

using namespace ns3;

namespace
{

typedef FlowbindStatistics::Signal Signal;

/// Type of a Registration Reply (RFC 5944 3.4).
const uint8_t REPLY = 3;
/// Of Mobility Headers (RFC 6275 6.1).
const uint8_t UPDATE = 5;
const uint8_t ACKNOWLEDGEMENT = 6;
const uint8_t ERROR = 7;
/// Columns of the mobile node's texts: as wide as most of them, and the same in every chart.
const std::size_t LEFT = 52;
const std::size_t TIME = 9;
/// Columns of foreign agents' texts, where there are any.
const std::size_t AGENT = 40;

const char* const LEGEND = "o the path a message takes, x where it is lost, "
                           "| a registered path, . one that is not\n";
const char* const HOME_LEGEND = "home: | the mobile node is at home, . it is not\n";

std::string
Pad(const std::string& text, std::size_t width)
{
    return text + std::string(text.size() < width ? width - text.size() : 0, ' ');
}

std::string
FormatAddress(fb_ipv4 address)
{
    std::ostringstream text;
    text << Ipv4Address(address);
    return text.str();
}

std::string
FormatPrefix(const fb_prefix& prefix)
{
    std::string length = "/" + std::to_string(prefix.length);
    if (prefix.address.family == FB_FAMILY_IPV6)
    {
        std::ostringstream address;
        address << Ipv6Address::Deserialize(prefix.address.octet);
        return address.str() + length;
    }
    return FormatAddress(fb_addr_to_ipv4(&prefix.address)) + length;
}

std::string
FormatLifetime(uint16_t lifetime)
{
    return lifetime == UINT16_MAX ? "without end" : std::to_string(lifetime) + " s";
}

std::string
DescribeBid(const fb_event& event)
{
    return event.ref.bid == 0 ? "binding" : "BID " + std::to_string(event.ref.bid);
}

std::string
DescribeRules(uint16_t count)
{
    return std::to_string(count) + (count == 1 ? " rule" : " rules");
}

std::string
DescribeRequest(const fb_event& event)
{
    bool multipath = (event.flags & FB_EVENT_FLAG_MULTIPATH) != 0;
    std::string text = event.lifetime_s == 0 ? "de-register" : "register";
    text += multipath ? " BID " + std::to_string(event.ref.bid) : "";
    text += " " + FormatAddress(event.care_of_address);
    text += event.lifetime_s == 0 ? "" : ", " + FormatLifetime(event.lifetime_s);
    text += (event.flags & FB_EVENT_FLAG_BULK) != 0 ? ", B" : "";
    text += (event.flags & FB_EVENT_FLAG_OVERWRITE) != 0 ? ", O" : "";
    text += (event.flags & FB_EVENT_FLAG_POLICY) != 0 ? ", " + DescribeRules(event.count) : "";
    // RFC 2794: who has no home address yet, has a name
    return text + (event.home_address == 0 ? ", NAI" : "");
}

std::string
DescribeReply(const fb_event& event)
{
    if (event.code > 1)
    {
        return "denied: " + std::to_string(event.code) + " " + fb_mip4_code_name(event.code);
    }
    std::string text = "accepted (" + std::to_string(event.code) + ")";
    return event.lifetime_s == 0 ? text : text + ", " + FormatLifetime(event.lifetime_s);
}

/// What a foreign agent sends: others' messages, or a denial of its own.
std::string
DescribeRelay(const fb_event& event)
{
    if (event.type != REPLY)
    {
        return "relays it";
    }
    return event.code > 1 ? DescribeReply(event) : "relays it: accepted";
}

std::string
DescribeChange(const fb_event& event, bool homeAgent)
{
    std::string text = DescribeBid(event) + " " + fb_binding_state_name(event.from) + " -> " +
                       fb_binding_state_name(event.to);
    if (homeAgent && event.to == FB_BINDING_UP)
    {
        text += " " + FormatAddress(event.care_of_address);
    }
    return text + " (" + fb_cause_name(event.cause) + ")";
}

/// What an agent did beside sending and receiving; empty: nothing worth a line.
std::string
DescribeState(const Signal& signal)
{
    const fb_event& event = signal.event;
    bool homeAgent = signal.agent == FlowbindStatistics::HOME_AGENT;
    switch (event.kind)
    {
    case FB_EVENT_BINDING:
        return DescribeChange(event, homeAgent);
    case FB_EVENT_DENIED:
        return signal.agent == FlowbindStatistics::MOBILE_NODE
                   ? ""
                   : std::string("refuses it: ") + fb_reason_text(event.reason);
    case FB_EVENT_HOME:
        return event.to != 0 ? "is at home" : "is not at home any more";
    case FB_EVENT_AGENT:
        return "agent " + FormatAddress(event.care_of_address) +
               (event.to != 0 ? " is there" : " is gone");
    case FB_EVENT_VISITOR:
        return "visitor " + FormatAddress(event.home_address) +
               (event.to != 0 ? " comes" : " goes");
    case FB_EVENT_NETWORK:
        return "network " + FormatPrefix(event.prefix) +
               (event.to != 0 ? " in use" : " not in use");
    case FB_EVENT_HOME_ADDRESS:
        return "home address " + FormatAddress(event.home_address);
    case FB_EVENT_DROP:
        return std::string("discards it: ") + fb_reason_text(event.reason);
    case FB_EVENT_POLICY:
        return event.count == 0 ? "policy deleted" : "policy: " + DescribeRules(event.count);
    case FB_EVENT_INTERCEPT:
        return event.count == 0 ? "leaves the home address alone" : "intercepts the home address";
    case FB_EVENT_MULTIPATH:
        return event.to == FB_MULTIPATH_YES   ? "RFC 7629: yes"
               : event.to == FB_MULTIPATH_OFF ? "RFC 7629: off"
                                              : "RFC 7629: to be found out";
    default:
        return "";
    }
}

std::vector<std::string>
GetGatewayNames(const fbc_scenario& scenario)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < scenario.gateway_count; i++)
    {
        names.push_back(scenario.gateways[i].name);
    }
    return names;
}

/// Draws the lines.
class Chart
{
  public:
    explicit Chart(const Results& results);

    std::string Draw(uint32_t seed);

  private:
    void DrawHead(uint32_t seed);
    void DrawEvents(uint64_t until);
    void DrawSignal(std::size_t index);
    void DrawMessage(std::size_t index);
    /// A message between a foreign agent and the mobile node or the home agent.
    void DrawRelay(std::size_t index);
    /// \param agent the foreign agents' column, if there is one; "" leaves it empty
    void Add(uint64_t time,
             const std::string& left,
             const std::string& middle,
             const std::string& agent,
             const std::string& right);
    bool HasAgent(uint8_t bid) const;
    /// The foreign agents' column where a message goes past them, or begins or ends there.
    std::string DrawPast(bool right) const;
    std::string DrawBehind(const std::string& text, bool arrives) const;
    /// The paths while no message is under way.
    std::string DrawLanes() const;
    std::string DrawArrow(uint8_t bid, bool right, bool arrives) const;
    void NoteState(const Signal& signal);
    bool IsRegistered(uint8_t bid) const;
    bool IsSamePath(const Signal& sent, const Signal& arrival) const;
    /// \return the signal that says that this message arrived; null: it did not
    const Signal* FindArrival(std::size_t index) const;

    const Results& m_results;
    const fbc_scenario& m_scenario;
    const std::vector<Signal>& m_signals;
    ProxyText m_proxy; ///< words of Proxy Mobile IPv6
    bool m_isProxy;
    std::map<uint8_t, std::size_t> m_lanes; ///< where the lane of each BID is
    std::size_t m_width;
    std::set<uint8_t> m_agents; ///< BIDs of the paths with a foreign agent
    /// by BID: gateway and session of the bindings that are there
    std::map<uint8_t, std::set<std::pair<uint8_t, uint32_t>>> m_registered;
    std::size_t m_nextEvent;
    std::string m_text;
};

Chart::Chart(const Results& results)
    : m_results(results),
      m_scenario(results.GetScenario()),
      m_signals(results.GetStatistics()->GetSignals()),
      m_proxy(m_signals, GetGatewayNames(results.GetScenario())),
      m_isProxy(results.GetScenario().protocol == FBC_PMIP6),
      m_width(2),
      m_nextEvent(0)
{
    for (const fbc_path* path : m_results.GetPaths())
    {
        std::size_t length = std::string(path->name).size();
        m_lanes[path->bid] = m_width + length / 2;
        m_width += length + 2;
        if (path->care_of == FB_CARE_OF_AGENT)
        {
            m_agents.insert(path->bid);
        }
    }
}

bool
Chart::HasAgent(uint8_t bid) const
{
    return m_agents.count(bid) != 0;
}

std::string
Chart::Draw(uint32_t seed)
{
    DrawHead(seed);
    for (std::size_t i = 0; i < m_signals.size(); i++)
    {
        DrawEvents(m_signals[i].event.time);
        DrawSignal(i);
    }
    DrawEvents(UINT64_MAX);
    return m_text;
}

void
Chart::DrawHead(uint32_t seed)
{
    std::string names(2, ' ');
    for (const fbc_path* path : m_results.GetPaths())
    {
        names += path->name + std::string(2, ' ');
    }
    m_text = "Message sequence chart of " +
             std::filesystem::path(m_scenario.file).filename().string() + ", seed " +
             std::to_string(seed) + "\n" + LEGEND +
             (m_scenario.home != nullptr ? HOME_LEGEND : "") + "\n";
    m_text += Pad("  time, s", TIME + 2) + Pad(m_isProxy ? "gateway" : "mobile node", LEFT) + names;
    m_text += (m_agents.empty() ? "" : Pad(" foreign agent", AGENT)) +
              (m_isProxy ? " anchor\n" : " home agent\n");
}

/// What the scenario did at this time or before.
void
Chart::DrawEvents(uint64_t until)
{
    for (; m_nextEvent < m_scenario.event_count; m_nextEvent++)
    {
        const fbc_event& event = m_scenario.events[m_nextEvent];
        if (event.at_ns > until)
        {
            return;
        }
        std::string text = "==== " + DescribeEvent(event) + " ";
        Add(event.at_ns,
            text + std::string(LEFT > text.size() ? LEFT - text.size() : 0, '='),
            std::string(m_width, '='),
            "",
            "");
    }
}

void
Chart::DrawSignal(std::size_t index)
{
    const Signal& signal = m_signals[index];
    if (signal.event.kind == FB_EVENT_SENT)
    {
        DrawMessage(index);
        return;
    }
    NoteState(signal);
    std::string text = m_isProxy ? m_proxy.DescribeState(signal) : DescribeState(signal);
    if (!text.empty())
    {
        Add(signal.event.time,
            signal.agent == FlowbindStatistics::MOBILE_NODE ? text : "",
            DrawLanes(),
            signal.agent == FlowbindStatistics::FOREIGN_AGENT ? " " + text : "",
            signal.agent == FlowbindStatistics::HOME_AGENT ? text : "");
    }
}

void
Chart::DrawMessage(std::size_t index)
{
    const Signal& signal = m_signals[index];
    const fb_event& event = signal.event;
    const Signal* arrival = FindArrival(index);
    // A reply goes back to where its request came from (RFC 5944 3.8.3.1).
    uint8_t over = m_results.GetStatistics()->GetSentOver(signal);
    bool homeAgent = signal.agent == FlowbindStatistics::HOME_AGENT;
    if (signal.agent == FlowbindStatistics::FOREIGN_AGENT || HasAgent(over))
    {
        DrawRelay(index);
        return;
    }
    std::string arrow = DrawArrow(over, !homeAgent, arrival != nullptr);
    if (arrival != nullptr && !m_agents.empty() && !homeAgent)
    {
        arrow.back() = '-';
    }
    std::string past = arrival == nullptr ? "" : DrawPast(!homeAgent);
    std::string delay = arrival == nullptr ? "lost"
                                           : FormatDelay((arrival->event.time - event.time) * 1e-9);
    if (homeAgent)
    {
        std::size_t blanks = LEFT - 1 - delay.size();
        std::string text = m_isProxy ? m_proxy.DescribeMessage(signal) : DescribeReply(event);
        Add(event.time, std::string(blanks, ' ') + delay, arrow, past, text);
        return;
    }
    std::string text = m_isProxy ? m_proxy.DescribeMessage(signal) : DescribeRequest(event);
    Add(event.time, text, arrow, past, delay);
}

void
Chart::DrawRelay(std::size_t index)
{
    const Signal& signal = m_signals[index];
    const fb_event& event = signal.event;
    const Signal* arrival = FindArrival(index);
    bool arrives = arrival != nullptr;
    std::string delay = arrives ? FormatDelay((arrival->event.time - event.time) * 1e-9) : "lost";
    if (signal.agent == FlowbindStatistics::MOBILE_NODE)
    {
        uint8_t over = m_results.GetStatistics()->GetSentOver(event.identification);
        Add(event.time, DescribeRequest(event), DrawArrow(over, true, arrives), " " + delay, "");
        return;
    }
    if (signal.agent == FlowbindStatistics::HOME_AGENT)
    {
        std::string arrow = (arrives ? " " + delay + " <" : " x");
        arrow += std::string(AGENT > arrow.size() ? AGENT - arrow.size() : 0, '-');
        Add(event.time, "", DrawLanes(), arrow, DescribeReply(event));
        return;
    }
    if (event.type == REPLY)
    {
        std::size_t blanks = LEFT - 1 - delay.size();
        Add(event.time,
            std::string(blanks, ' ') + delay,
            DrawArrow(signal.bid, false, arrives),
            " " + DescribeRelay(event),
            "");
        return;
    }
    Add(event.time, "", DrawLanes(), DrawBehind(DescribeRelay(event), arrives), delay);
}

std::string
Chart::DrawPast(bool right) const
{
    if (m_agents.empty())
    {
        return "";
    }
    return std::string(AGENT - 1, '-') + (right ? '>' : '-');
}

std::string
Chart::DrawBehind(const std::string& text, bool arrives) const
{
    std::string column = " " + text + " ";
    column += std::string(AGENT > column.size() + 1 ? AGENT - column.size() - 1 : 0, '-');
    return column + (arrives ? '>' : 'x');
}

void
Chart::Add(uint64_t time,
           const std::string& left,
           const std::string& middle,
           const std::string& agent,
           const std::string& right)
{
    char clock[32];
    std::snprintf(clock, sizeof(clock), "%*.3f", static_cast<int>(TIME), time * 1e-9);
    std::string line = std::string(clock) + "  " + Pad(left, LEFT) + middle;
    line += (m_agents.empty() ? "" : Pad(agent, AGENT)) + " " + right;
    m_text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
}

std::string
Chart::DrawLanes() const
{
    std::string lanes(m_width, ' ');
    for (const auto& lane : m_lanes)
    {
        lanes[lane.second] = IsRegistered(lane.first) ? '|' : '.';
    }
    return lanes;
}

std::string
Chart::DrawArrow(uint8_t bid, bool right, bool arrives) const
{
    auto lane = m_lanes.find(bid);
    std::size_t turn = lane == m_lanes.end() ? m_width / 2 : lane->second;
    std::string arrow(m_width, '-');
    if (arrives)
    {
        arrow[right ? m_width - 1 : 0] = right ? '>' : '<';
        arrow[turn] = lane == m_lanes.end() ? '-' : 'o';
        return arrow;
    }
    std::string lanes = DrawLanes();
    std::size_t rest = right ? turn + 1 : 0;
    std::size_t length = right ? m_width - rest : turn;
    arrow.replace(rest, length, lanes, rest, length);
    arrow[turn] = 'x';
    return arrow;
}

void
Chart::NoteState(const Signal& signal)
{
    const fb_event& event = signal.event;
    bool isHome = event.kind == FB_EVENT_HOME && m_scenario.home != nullptr;
    if (signal.agent != FlowbindStatistics::MOBILE_NODE ||
        !(isHome || event.kind == FB_EVENT_BINDING))
    {
        return;
    }
    uint8_t bid = isHome ? m_scenario.home->bid : event.ref.bid;
    if (isHome ? event.to != 0 : event.to == FB_BINDING_UP || event.to == FB_BINDING_UP_PENDING)
    {
        m_registered[bid].insert({signal.bid, event.ref.session});
    }
    else if (isHome || m_scenario.home == nullptr || bid != m_scenario.home->bid)
    {
        m_registered[bid].erase({signal.bid, event.ref.session});
    }
}

bool
Chart::IsRegistered(uint8_t bid) const
{
    auto bindings = m_registered.find(bid);
    return bindings != m_registered.end() && !bindings->second.empty();
}

/// Gateways and paths may have messages with the same Identification at the same time.
bool
Chart::IsSamePath(const Signal& sent, const Signal& arrival) const
{
    Ptr<FlowbindStatistics> statistics = m_results.GetStatistics();
    uint8_t over = statistics->GetSentOver(sent);
    const Signal& atGateway = sent.agent == FlowbindStatistics::MOBILE_NODE ? sent : arrival;
    bool isUpdate = sent.event.type == UPDATE || sent.event.type == ACKNOWLEDGEMENT;
    if (!isUpdate)
    {
        return statistics->GetSentOver(arrival) == over || atGateway.event.type == ERROR;
    }
    // An update names the care-of address of its binding, whichever path it takes.
    return sent.event.type == UPDATE ? statistics->FindPath(sent.event.care_of) ==
                                           statistics->FindPath(arrival.event.care_of)
                                     : statistics->FindGateway(over) == arrival.bid;
}

/// Replies have the low half of their request's Identification; the high half can be the home agent's clock.
const Signal*
Chart::FindArrival(std::size_t index) const
{
    const Signal& sent = m_signals[index];
    uint32_t identification = sent.event.identification;
    for (std::size_t i = index + 1; i < m_signals.size(); i++)
    {
        const fb_event& event = m_signals[i].event;
        bool arrival = event.kind == FB_EVENT_RECEIVED || event.kind == FB_EVENT_DENIED ||
                       event.kind == FB_EVENT_DROP;
        bool isSame = !m_isProxy || IsSamePath(sent, m_signals[i]);
        if (arrival && isSame && m_signals[i].agent != sent.agent &&
            event.type == sent.event.type &&
            static_cast<uint32_t>(event.identification) == identification)
        {
            return &m_signals[i];
        }
    }
    return nullptr;
}

} // namespace

std::string
MakeChart(const Results& results, uint32_t seed)
{
    return Chart(results).Draw(seed);
}
