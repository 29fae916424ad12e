/* SPDX-License-Identifier: GPL-2.0-only */
#include "proxy-text.h"

#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"

#include <sstream>

using namespace ns3;

namespace
{

typedef FlowbindStatistics::Signal Signal;

/// Types of Mobility Headers (RFC 6275 6.1, RFC 5847 3.2).
const uint8_t ACKNOWLEDGEMENT = 6;
const uint8_t ERROR = 7;
const uint8_t HEARTBEAT = 13;
/// RFC 6275 6.1.8: status values below this one accept.
const uint8_t FIRST_REFUSAL = 128;

std::string
FormatAddress(const fb_addr& address)
{
    std::ostringstream text;
    if (address.family == FB_FAMILY_IPV6)
    {
        text << Ipv6Address::Deserialize(address.octet);
    }
    else
    {
        text << Ipv4Address(fb_addr_to_ipv4(&address));
    }
    return text.str();
}

/// What stands before the realm.
std::string
GetUser(const fb_nai& identity)
{
    std::string text(identity.text, identity.length);
    return text.substr(0, text.find('@'));
}

std::string
DescribeAnswer(const fb_event& event)
{
    if (event.code >= FIRST_REFUSAL)
    {
        return " refused: " + std::to_string(event.code) + " " + fb_pba_status_name(event.code);
    }
    std::string text = " accepted (" + std::to_string(event.code) + ")";
    return text + (event.lifetime_s == 0 ? "" : ", " + std::to_string(event.lifetime_s) + " s");
}

std::string
DescribeUpdate(const fb_event& event)
{
    bool multipath = (event.flags & FB_EVENT_FLAG_MULTIPATH) != 0;
    std::string text = multipath ? " BID " + std::to_string(event.ref.bid) : "";
    text += ", " + std::to_string(event.lifetime_s) + " s";
    text += (event.flags & FB_EVENT_FLAG_BULK) != 0 ? ", B" : "";
    text += (event.flags & FB_EVENT_FLAG_OVERWRITE) != 0 ? ", O" : "";
    return text + ((event.flags & FB_EVENT_FLAG_POLICY) != 0 ? ", flows" : "");
}

std::string
DescribePeer(const fb_event& event)
{
    static const char* const changes[] = {" does not answer", " answers", " has restarted"};
    return FormatAddress(event.care_of) + (event.to < 3 ? changes[event.to] : "");
}

} // namespace

ProxyText::ProxyText(const std::vector<Signal>& signals, const std::vector<std::string>& gateways)
    : m_gateways(gateways)
{
    for (const Signal& signal : signals)
    {
        if (signal.agent == FlowbindStatistics::HOME_AGENT && signal.event.identity.length > 0)
        {
            m_names[signal.event.ref.session] = GetUser(signal.event.identity);
        }
    }
}

std::string
ProxyText::GetName(const Signal& signal) const
{
    if (signal.event.identity.length > 0)
    {
        return GetUser(signal.event.identity);
    }
    auto name = m_names.find(signal.event.ref.session);
    bool isKnown = signal.agent == FlowbindStatistics::HOME_AGENT && name != m_names.end();
    return isKnown ? name->second : "?";
}

std::string
ProxyText::GetPrefix(const Signal& signal) const
{
    bool isGateway = signal.agent == FlowbindStatistics::MOBILE_NODE;
    return isGateway && m_gateways.size() > 1 ? m_gateways[signal.bid] + ": " : "";
}

std::string
ProxyText::DescribeMessage(const Signal& signal) const
{
    const fb_event& event = signal.event;
    std::string prefix = GetPrefix(signal);
    switch (event.type)
    {
    case HEARTBEAT:
        return prefix + "heartbeat " + std::to_string(event.identification);
    case ERROR:
        return prefix + "binding error";
    case ACKNOWLEDGEMENT:
        return prefix + "PBA " + GetName(signal) + DescribeAnswer(event);
    default:
        return prefix + "PBU " + GetName(signal) + DescribeUpdate(event);
    }
}

std::string
ProxyText::DescribeBinding(const Signal& signal) const
{
    const fb_event& event = signal.event;
    std::string text = GetName(signal) + " ";
    text += event.ref.bid == 0 ? "binding" : "BID " + std::to_string(event.ref.bid);
    text += std::string(" ") + fb_binding_state_name(event.from) + " -> " +
            fb_binding_state_name(event.to);
    if (signal.agent == FlowbindStatistics::HOME_AGENT && event.to == FB_BINDING_UP)
    {
        text += " " + FormatAddress(event.care_of);
    }
    return text + " (" + fb_cause_name(event.cause) + ")";
}

std::string
ProxyText::DescribeState(const Signal& signal) const
{
    const fb_event& event = signal.event;
    std::string prefix = GetPrefix(signal);
    switch (event.kind)
    {
    case FB_EVENT_BINDING:
        return prefix + DescribeBinding(signal);
    case FB_EVENT_DENIED:
        return signal.agent == FlowbindStatistics::HOME_AGENT
                   ? std::string("refuses it: ") + fb_reason_text(event.reason)
                   : "";
    case FB_EVENT_DROP:
        return prefix + "discards it: " + fb_reason_text(event.reason);
    case FB_EVENT_POLICY:
        return prefix + "flows of " + GetName(signal) + ": " + std::to_string(event.count);
    case FB_EVENT_MULTIPATH:
        return prefix + (event.to == FB_MULTIPATH_YES   ? "RFC 8278: yes"
                         : event.to == FB_MULTIPATH_OFF ? "RFC 8278: off"
                                                        : "RFC 8278: to be found out");
    case FB_EVENT_PEER:
        return prefix + DescribePeer(event);
    case FB_EVENT_PREFIX:
        return prefix + (event.delegated ? "delegated prefix " : "prefix ") +
               FormatAddress(event.prefix.address) + "/" + std::to_string(event.prefix.length) +
               (event.to != 0 ? " of " : " no more of ") + GetName(signal);
    case FB_EVENT_SESSION:
        return prefix + "session of " + GetName(signal) + (event.to != 0 ? " begins" : " ends") +
               " (" + fb_cause_name(event.cause) + ")";
    default:
        return "";
    }
}
