/* SPDX-License-Identifier: GPL-2.0-only */

/** @file Packets that wait for those before them (RFC 2890), and the actions that release them. */

#include "flowbind-agent.h"

#include "ns3/packet.h"

#include <vector>

namespace ns3
{

void
FlowbindAgent::RunActions(fb_time now)
{
    // All of them first: what is delivered may have an answer at once, which needs the library. Mostly it is one.
    fb_action actions[2];
    unsigned count = 0;
    std::vector<fb_action> earlier;
    for (; fb_agent_poll_action(m_core, &actions[count % 2], now); count++)
    {
        const fb_action& action = actions[count % 2];
        if (action.kind == FB_HOLD)
        {
            m_held.insert(action.packet);
        }
        else if (!m_held.empty())
        {
            m_held.erase(action.packet);
        }
        if (count > 0)
        {
            earlier.push_back(actions[(count - 1) % 2]);
        }
    }
    for (const auto& action : earlier)
    {
        RunAction(action);
    }
    if (count > 0)
    {
        RunAction(actions[(count - 1) % 2]);
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
