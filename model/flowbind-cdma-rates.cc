/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-rates.h"

namespace ns3
{

namespace
{

constexpr int64_t NS_OF_THREE_SLOTS = 5000000; // a slot is 5/3 ms: 2048 chips of 1.2288 MHz
constexpr double SLOTS_A_SECOND = 600;
constexpr uint32_t LOWEST_REVERSE_BITS = 256; // 9.6 kbit/s for 26.67 ms

} // namespace

FlowbindCdmaRates::ForwardTable
FlowbindCdmaRates::GetDefaultForward()
{
    // Requests 1 to 12 in this order. Where two have the same rate, the later one needs fewer slots or more SINR.
    return {{16, 1024, -11.5},
            {8, 1024, -9.2},
            {4, 1024, -6.5},
            {2, 1024, -3.5},
            {4, 2048, -3.5},
            {1, 1024, -0.6},
            {2, 2048, -0.5},
            {2, 3072, 2.2},
            {1, 2048, 3.9},
            {2, 4096, 4.0},
            {1, 3072, 8.0},
            {1, 4096, 10.3}};
}

FlowbindCdmaRates::ForwardTable
FlowbindCdmaRates::GetSingleSlotForward()
{
    ForwardTable table = GetDefaultForward();
    for (auto& rate : table)
    {
        rate.bits /= rate.slots;
        rate.slots = 1;
    }
    return table;
}

uint32_t
FlowbindCdmaRates::GetReverseBits(uint32_t index)
{
    return LOWEST_REVERSE_BITS << index;
}

double
FlowbindCdmaRates::GetRate(uint32_t bits, uint32_t slots)
{
    return bits * SLOTS_A_SECOND / slots;
}

Time
FlowbindCdmaRates::GetSlotStart(uint64_t slot)
{
    return NanoSeconds((static_cast<int64_t>(slot) * NS_OF_THREE_SLOTS + 2) / 3);
}

uint64_t
FlowbindCdmaRates::GetNextSlot(Time now)
{
    // GetSlotStart() rounds up, so rounding down here and looking once more is exact.
    uint64_t slot = static_cast<uint64_t>(now.GetNanoSeconds() * 3 / NS_OF_THREE_SLOTS);
    return GetSlotStart(slot) < now ? slot + 1 : slot;
}

} // namespace ns3
