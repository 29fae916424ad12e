/* SPDX-License-Identifier: GPL-2.0-only */
#include "csv.h"

#include "ns3/ipv4-address.h"
#include "ns3/ipv6-address.h"

#include <cmath>
#include <cstdio>
#include <sstream>

using namespace ns3;

namespace
{

typedef FlowbindStatistics::Bin Bin;
typedef FlowbindStatistics::Summary Summary;

const Time BIN = MilliSeconds(100);

/// The lines of one flow.
class FlowWriter
{
  public:
    FlowWriter(std::string& text, uint32_t run, const std::string& flow)
        : m_text(text),
          m_run(run),
          m_flow(flow)
    {
    }

    /// A value that does not exist has no line.
    void Write(double time, const std::string& path, const char* metric, double value)
    {
        if (std::isnan(value))
        {
            return;
        }
        char line[256];
        std::snprintf(line,
                      sizeof(line),
                      "%u,%.9g,%s,%s,%s,%.9g\n",
                      m_run,
                      time,
                      m_flow.c_str(),
                      path.c_str(),
                      metric,
                      value);
        m_text += line;
    }

  private:
    std::string& m_text;
    uint32_t m_run;
    std::string m_flow;
};

void
WriteBin(const Results& results, double time, const Bin& bin, FlowWriter& writer)
{
    if (results.Measures(FBC_MEASURE_GOODPUT))
    {
        for (const auto& path : bin.octets)
        {
            double goodput = path.second * 8 / BIN.GetSeconds();
            writer.Write(time, results.GetPathName(path.first), "goodput_bps", goodput);
        }
    }
    if (results.Measures(FBC_MEASURE_DELAY) && bin.received > 0)
    {
        writer.Write(time, "", "delay_s", bin.delaySum / bin.received);
    }
    if (results.Measures(FBC_MEASURE_LOSS) && bin.sent > 0)
    {
        writer.Write(time, "", "loss", static_cast<double>(bin.lost) / bin.sent);
    }
}

void
WriteSummary(const Results& results, const Row& row, FlowWriter& writer)
{
    double time = row.from.GetSeconds();
    const Summary& summary = row.summary;
    auto write = [&](uint32_t what, const char* metric, double value)
    {
        if (results.Measures(what))
        {
            writer.Write(time, "", metric, value);
        }
    };
    double sent = summary.sent > 0 ? summary.sent : NAN;
    double received = summary.sent > summary.lost ? summary.sent - summary.lost : NAN;
    writer.Write(time, "", "phase_duration_s", summary.seconds);
    writer.Write(time, "", "phase_packets_sent", summary.sent);
    write(FBC_MEASURE_GOODPUT, "phase_goodput_bps", summary.goodput);
    write(FBC_MEASURE_DELAY, "phase_delay_mean_s", summary.delayMean);
    write(FBC_MEASURE_DELAY, "phase_delay_p95_s", summary.delayP95);
    write(FBC_MEASURE_LOSS, "phase_loss", summary.lost / sent);
    write(FBC_MEASURE_LOSS, "phase_dropped_by_policy", summary.dropped / sent);
    write(FBC_MEASURE_REORDERING, "phase_reordered", summary.reordered / received);
    write(FBC_MEASURE_FAILOVER_GAP, "phase_failover_gap_s", summary.failoverGap);
    write(FBC_MEASURE_FAILOVER_GAP, "phase_longest_gap_s", summary.gap);
    write(FBC_MEASURE_FAILOVER_GAP, "phase_longest_gap_is_open", summary.gapOpen ? 1 : 0);
    for (const auto& figure : row.figures)
    {
        write(FBC_MEASURE_EXPERIENCE, ("phase_" + figure.first).c_str(), figure.second);
    }
    if (results.Measures(FBC_MEASURE_PATH_SHARE))
    {
        for (const auto& path : summary.path)
        {
            writer.Write(time,
                         results.GetPathName(path.first),
                         "phase_path_share",
                         path.second / sent);
        }
    }
}

const char*
GetKindName(uint8_t kind)
{
    static const char* const names[] = {"binding",
                                        "sent",
                                        "received",
                                        "denied",
                                        "drop",
                                        "policy",
                                        "intercept",
                                        "multipath",
                                        "home",
                                        "agent",
                                        "visitor",
                                        "network",
                                        "home-address",
                                        "no-policy",
                                        "peer",
                                        "prefix",
                                        "session"};
    return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "other";
}

std::string
FormatAddress(fb_ipv4 address)
{
    if (address == 0)
    {
        return "";
    }
    std::ostringstream text;
    text << Ipv4Address(address);
    return text.str();
}

bool
IsMessage(const fb_event& event)
{
    return event.kind == FB_EVENT_SENT || event.kind == FB_EVENT_RECEIVED ||
           event.kind == FB_EVENT_DENIED || event.kind == FB_EVENT_DROP;
}

} // namespace

std::string
MakeResultsCsv(const Results& results, uint32_t run)
{
    std::string text = "run,time,flow,path,metric,value\n";
    const fbc_scenario& scenario = results.GetScenario();
    Time until = NanoSeconds(scenario.duration_ns);
    for (std::size_t i = 0; i < scenario.traffic_count; i++)
    {
        const fbc_traffic& traffic = scenario.traffic[i];
        for (FlowbindStatistics::Direction direction : Results::GetDirections(traffic))
        {
            std::string name = std::string(traffic.name) + "/" + Results::GetName(direction);
            FlowWriter writer(text, run, name);
            std::vector<Bin> bins = results.GetStatistics()->MakeBins(i, direction, BIN, until);
            for (std::size_t bin = 0; bin < bins.size(); bin++)
            {
                WriteBin(results, bin * BIN.GetSeconds(), bins[bin], writer);
            }
        }
    }
    for (const Row& row : results.GetRows())
    {
        std::string name = std::string(row.traffic->name) + "/" + Results::GetName(row.direction);
        FlowWriter writer(text, run, name);
        WriteSummary(results, row, writer);
    }
    return text;
}

static const char*
GetAgentName(const fbc_scenario& scenario, FlowbindStatistics::Agent agent)
{
    bool isProxy = scenario.protocol == FBC_PMIP6;
    switch (agent)
    {
    case FlowbindStatistics::MOBILE_NODE:
        return isProxy ? "gateway" : "mobile-node";
    case FlowbindStatistics::HOME_AGENT:
        return isProxy ? "anchor" : "home-agent";
    default:
        return "foreign-agent";
    }
}

/// Of the binding, or of the peer: of IPv4 or IPv6.
static std::string
GetCareOfAddress(const fb_event& event)
{
    if (event.care_of.family == FB_FAMILY_IPV6)
    {
        std::ostringstream text;
        text << Ipv6Address::Deserialize(event.care_of.octet);
        return text.str();
    }
    bool isProxy = event.care_of.family == FB_FAMILY_IPV4;
    return FormatAddress(isProxy ? fb_addr_to_ipv4(&event.care_of) : event.care_of_address);
}

std::string
MakeSignallingCsv(const Results& results, uint32_t run)
{
    std::ostringstream text;
    text
        << "run,time,node,event,over,bid,path,type,code,lifetime_s,bulk,overwrite,multipath,flow_bindings,"
           "care_of_address,identification,from,to,cause,reason\n";
    for (const auto& signal : results.GetStatistics()->GetSignals())
    {
        const fb_event& event = signal.event;
        char time[32];
        std::snprintf(time, sizeof(time), "%.9f", event.time * 1e-9);
        uint8_t over = results.GetStatistics()->GetSentOver(signal);
        char identification[32] = "";
        if (IsMessage(event))
        {
            std::snprintf(identification,
                          sizeof(identification),
                          "0x%016llx",
                          static_cast<unsigned long long>(event.identification));
        }
        bool binding = event.kind == FB_EVENT_BINDING;
        text << run << "," << time << "," << GetAgentName(results.GetScenario(), signal.agent)
             << "," << GetKindName(event.kind) << ","
             << (IsMessage(event) && over != 0 ? results.GetPathName(over) : "") << ","
             << +event.ref.bid << ","
             << (event.ref.bid != 0 ? results.GetPathName(event.ref.bid) : "") << "," << +event.type
             << "," << +event.code << "," << event.lifetime_s << ","
             << ((event.flags & FB_EVENT_FLAG_BULK) != 0) << ","
             << ((event.flags & FB_EVENT_FLAG_OVERWRITE) != 0) << ","
             << ((event.flags & FB_EVENT_FLAG_MULTIPATH) != 0) << "," << event.count << ","
             << GetCareOfAddress(event) << "," << identification << ","
             << (binding ? fb_binding_state_name(event.from) : "") << ","
             << (binding ? fb_binding_state_name(event.to) : "") << ","
             << (event.cause != FB_CAUSE_NONE ? fb_cause_name(event.cause) : "") << ","
             << (event.reason != FB_REASON_NONE ? fb_reason_name(event.reason) : "") << "\n";
    }
    return text.str();
}
