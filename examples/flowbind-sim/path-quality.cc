/* SPDX-License-Identifier: GPL-2.0-only */
#include "path-quality.h"

#include "ns3/nstime.h"
#include "ns3/simulator.h"

using namespace ns3;

namespace
{

uint32_t
ToKbps(uint64_t bps)
{
    return static_cast<uint32_t>((bps + 999) / 1000);
}

} // namespace

PathQuality::PathQuality(const fbc_scenario& scenario)
    : m_scenario(scenario)
{
}

void
PathQuality::Add(Ptr<FlowbindAgent> agent, uint32_t number, Ptr<FlowbindAccessLink> link)
{
    const fbc_path& path = m_scenario.paths[m_paths.size()];
    fb_quality quality = {};
    quality.link = number;
    quality.rate_up_kbps = ToKbps(path.up_bps);
    quality.rate_down_kbps = ToKbps(path.down_bps);
    quality.delay_up_us = static_cast<uint32_t>(NanoSeconds(path.delay_ns).GetMicroSeconds());
    quality.delay_down_us = quality.delay_up_us;
    quality.loss_ppm = path.loss_ppm;
    m_paths.push_back({agent, link, quality});
    if (quality.rate_up_kbps != 0)
    {
        Tell(m_paths.back());
    }
}

void
PathQuality::SetRate(std::size_t index, uint64_t bps)
{
    m_paths[index].quality.rate_up_kbps = ToKbps(bps);
    m_paths[index].quality.rate_down_kbps = ToKbps(bps);
    Tell(m_paths[index]);
}

void
PathQuality::Start()
{
    if (m_scenario.measuring.sample_ns != 0)
    {
        Sample();
    }
}

void
PathQuality::Tell(const Path& path) const
{
    if (m_scenario.measuring.path_metrics)
    {
        path.agent->SetQuality(path.quality);
    }
}

void
PathQuality::Sample()
{
    for (Path& path : m_paths)
    {
        uint32_t octets = path.link->GetBacklog();
        if (octets != path.quality.backlog_octets)
        {
            path.quality.backlog_octets = octets;
            Tell(path);
        }
    }
    Simulator::Schedule(NanoSeconds(m_scenario.measuring.sample_ns), &PathQuality::Sample, this);
}
