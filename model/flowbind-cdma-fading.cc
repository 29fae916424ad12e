/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-cdma-fading.h"

#include "flowbind-cdma-rates.h"

#include "ns3/double.h"
#include "ns3/enum.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(FlowbindCdmaFading);

namespace
{

constexpr double LIGHT = 299792458;
constexpr double PI = 3.14159265358979323846;

} // namespace

TypeId
FlowbindCdmaFading::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::FlowbindCdmaFading")
            .SetParent<Object>()
            .SetGroupName("Flowbind")
            .AddConstructor<FlowbindCdmaFading>()
            .AddAttribute("Mode",
                          "Kind of fading.",
                          EnumValue(RAYLEIGH),
                          MakeEnumAccessor(&FlowbindCdmaFading::m_mode),
                          MakeEnumChecker(NONE, "None", RAYLEIGH, "Rayleigh", PER_SLOT, "PerSlot"))
            .AddAttribute("Frequency",
                          "Frequency of the carrier in Hz.",
                          DoubleValue(1.9e9),
                          MakeDoubleAccessor(&FlowbindCdmaFading::m_frequency),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("LeastSpeed",
                          "A slower terminal fades as at this speed, m/s: what is around it moves.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&FlowbindCdmaFading::m_leastSpeed),
                          MakeDoubleChecker<double>(0));
    return tid;
}

FlowbindCdmaFading::FlowbindCdmaFading()
    : m_mode(RAYLEIGH),
      m_frequency(1.9e9),
      m_leastSpeed(0),
      m_random(CreateObject<UniformRandomVariable>()),
      m_drawn(false),
      m_slot(0),
      m_gain(1),
      m_way(0),
      m_shifts(),
      m_phases()
{
}

double
FlowbindCdmaFading::GetGain(uint64_t slot, double speed)
{
    if (m_mode == NONE || (m_drawn && slot <= m_slot))
    {
        return m_gain;
    }
    if (m_mode == PER_SLOT)
    {
        m_gain = -std::log1p(-m_random->GetValue());
    }
    else
    {
        if (!m_drawn)
        {
            DrawWaves();
        }
        Time since = FlowbindCdmaRates::GetSlotStart(slot) -
                     FlowbindCdmaRates::GetSlotStart(m_slot);
        m_way += m_drawn ? 2 * PI * m_frequency * std::max(speed, m_leastSpeed) / LIGHT *
                               since.GetSeconds()
                         : 0;
        m_gain = AddWaves();
    }
    m_drawn = true;
    m_slot = slot;
    return m_gain;
}

void
FlowbindCdmaFading::DrawWaves()
{
    // Evenly around the terminal, but turned so far that no two have nearly the same shift.
    const double step = 2 * PI / WAVES;
    double turn = m_random->GetValue(1. / 8, 3. / 8) * step;
    for (std::size_t i = 0; i < WAVES; i++)
    {
        m_shifts[i] = std::cos(turn + static_cast<double>(i) * step);
        m_phases[i] = m_random->GetValue(0, 2 * PI);
    }
}

double
FlowbindCdmaFading::AddWaves() const
{
    double real = 0;
    double imaginary = 0;
    for (std::size_t i = 0; i < WAVES; i++)
    {
        double angle = m_phases[i] + m_way * m_shifts[i];
        real += std::cos(angle);
        imaginary += std::sin(angle);
    }
    return (real * real + imaginary * imaginary) / WAVES;
}

int64_t
FlowbindCdmaFading::AssignStreams(int64_t stream)
{
    m_random->SetStream(stream);
    return 1;
}

} // namespace ns3
