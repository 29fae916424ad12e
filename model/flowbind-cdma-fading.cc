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
constexpr double FIRST_ZERO = 2.404825557695773; // of J0: beyond it nothing is kept

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
      m_normal(CreateObject<NormalRandomVariable>()),
      m_drawn(false),
      m_slot(0),
      m_real(0),
      m_imaginary(0),
      m_lastSlots(0),
      m_lastSpeed(0),
      m_lastCorrelation(1)
{
    m_normal->SetAttribute("Variance", DoubleValue(0.5));
}

double
FlowbindCdmaFading::GetGain(uint64_t slot, double speed)
{
    if (m_mode == NONE)
    {
        return 1;
    }
    if (!m_drawn)
    {
        Draw(0);
        m_drawn = true;
    }
    else if (slot > m_slot)
    {
        Draw(m_mode == PER_SLOT ? 0 : GetCorrelation(slot - m_slot, std::max(speed, m_leastSpeed)));
    }
    m_slot = slot;
    return m_real * m_real + m_imaginary * m_imaginary;
}

double
FlowbindCdmaFading::GetCorrelation(uint64_t slots, double speed)
{
    if (slots != m_lastSlots || speed != m_lastSpeed)
    {
        double seconds = FlowbindCdmaRates::GetSlotStart(slots).GetSeconds();
        double angle = 2 * PI * m_frequency * speed / LIGHT * seconds;
        m_lastCorrelation = angle < FIRST_ZERO ? j0(angle) : 0;
        m_lastSlots = slots;
        m_lastSpeed = speed;
    }
    return m_lastCorrelation;
}

void
FlowbindCdmaFading::Draw(double kept)
{
    double fresh = std::sqrt(1 - kept * kept);
    m_real = kept * m_real + fresh * m_normal->GetValue();
    m_imaginary = kept * m_imaginary + fresh * m_normal->GetValue();
}

int64_t
FlowbindCdmaFading::AssignStreams(int64_t stream)
{
    m_normal->SetStream(stream);
    return 1;
}

} // namespace ns3
