/* SPDX-License-Identifier: GPL-2.0-only */

/** @file Packets that wait for those before them (RFC 2890), and the actions that release them. */

#include "flowbind-agent.h"

#include "ns3/packet.h"

#include <vector>

namespace ns3
{

bool
FlowbindAgent::PollAction(fb_action& action, fb_time now)
{
    if (!fb_agent_poll_action(m_core, &action, now))
    {
        return false;
    }
    if (action.kind == FB_HOLD)
    {
        m_held.insert(action.packet);
    }
    else if (!m_held.empty())
    {
        m_held.erase(action.packet);
    }
    return true;
}

void
FlowbindAgent::RunActions(fb_time now)
{
    fb_action action;
    fb_action next;
    if (!PollAction(action, now))
    {
        return;
    }
    if (!PollAction(next, now))
    {
        RunAction(action);
        return;
    }
    // All of them first: what is delivered may have an answer at once, which needs the library.
    std::vector<fb_action> actions = {action, next};
    while (PollAction(next, now))
    {
        actions.push_back(next);
    }
    for (const auto& each : actions)
    {
        RunAction(each);
    }
}

void
FlowbindAgent::HoldPacket(const fb_action& action)
{
    m_packetHeldTrace(reinterpret_cast<Packet*>(static_cast<uintptr_t>(action.packet)),
                      action.path.bid);
    SetTimer(); // it is released by time at the latest
}

void
FlowbindAgent::DropHeldPackets()
{
    for (fb_handle handle : m_held)
    {
        Ptr<Packet>(reinterpret_cast<Packet*>(static_cast<uintptr_t>(handle)), false);
    }
    m_held.clear();
}

fb_order_counters
FlowbindAgent::GetOrderCounters() const
{
    fb_order_counters counters = {};
    if (m_core)
    {
        fb_agent_order_total(m_core, &counters);
    }
    return counters;
}

} // namespace ns3
