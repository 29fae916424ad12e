/* SPDX-License-Identifier: GPL-2.0-only */
#include "flowbind-call-quality.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// ITU-T G.107 Table 2: default values.
namespace telephone
{
const double SLR = 8; ///< send loudness rating, dB
const double RLR = 2; ///< receive loudness rating, dB
const double STMR = 15; ///< sidetone masking rating, dB
const double D_SEND = 3; ///< D-value of the telephone, send side
const double TELR = 65; ///< talker echo loudness rating, dB
const double WEPL = 110; ///< weighted echo path loss, dB
const double QDU = 1; ///< quantizing distortion units
const double NC = -70; ///< circuit noise, dBm0p
const double NFOR = -64; ///< noise floor at the receive side, dBmp
const double PS = 35; ///< room noise at the send side, dB(A)
const double PR = 35; ///< room noise at the receive side, dB(A)
const double LSTR = 18; ///< listener sidetone rating: STMR plus the D-value of the receive side
const double PERCEIVABLE_MS = 100; ///< minimum perceivable delay mT
const double SENSITIVITY = 1; ///< delay sensitivity sT
const double ADVANTAGE = 0; ///< A
} // namespace telephone

double
ToPower(double decibel)
{
    return std::pow(10, decibel / 10);
}

/// No: the noise sources together at the 0 dBr point (7.2), dBm0p.
double
GetNoise()
{
    using namespace telephone;
    double olr = SLR + RLR;
    double send = PS - SLR - D_SEND - 100 + 0.004 * std::pow(PS - olr - D_SEND - 14, 2);
    double effective = PR + 10 * std::log10(1 + ToPower(10 - LSTR));
    double receive = RLR - 121 + effective + 0.008 * std::pow(effective - 35, 2);
    return 10 * std::log10(ToPower(NC) + ToPower(send) + ToPower(receive) + ToPower(NFOR + RLR));
}

/// Ro: signal to noise (7.2).
double
GetSignalToNoise()
{
    return 15 - 1.5 * (telephone::SLR + GetNoise());
}

/// (1 + (x / scale)^power)^(1 / power)
double
Soften(double x, double scale, double power)
{
    return std::pow(1 + std::pow(x / scale, power), 1 / power);
}

/// Is: what goes on at the same time as the voice (7.3): too loud, wrong sidetone, quantizing distortion.
double
GetSimultaneousImpairment(double delayMs)
{
    using namespace telephone;
    double loudness = SLR + RLR + 0.2 * (64 + GetNoise() - RLR);
    double tooLoud = 20 * (Soften(loudness, 8, 8) - loudness / 8);
    double sidetone = -10 * std::log10(ToPower(-STMR) + std::exp(-delayMs / 4) * ToPower(-TELR));
    double wrongSidetone = 12 * Soften(sidetone - 13, 6, 8) - 28 * Soften(sidetone + 1, 19.4, 35) -
                           13 * Soften(sidetone - 3, 33, 13) + 29;
    double quantizing = 37 - 15 * std::log10(QDU);
    double g = 1.07 + 0.258 * quantizing + 0.0602 * quantizing * quantizing;
    double y = (GetSignalToNoise() - 100) / 15 + 46 / 8.4 - g / 9;
    double z = 46.0 / 30 - g / 40;
    double distortion = 15 * std::log10(1 + std::pow(10, y) + std::pow(10, z));
    return tooLoud + wrongSidetone + distortion;
}

/// Idte: the talker hears himself (7.4.1).
double
GetTalkerEcho(double delayMs)
{
    using namespace telephone;
    double roe = -1.5 * (GetNoise() - RLR);
    double loss = TELR - 40 * std::log10((1 + delayMs / 10) / (1 + delayMs / 150)) +
                  6 * std::exp(-0.3 * delayMs * delayMs);
    double re = 80 + 2.5 * (loss - 14);
    double half = (roe - re) / 2;
    return (half + std::sqrt(half * half + 100) - 1) * (1 - std::exp(-delayMs));
}

/// Idle: the listener hears the talker twice (7.4.2). \param delayMs one way
double
GetListenerEcho(double delayMs)
{
    double rle = 10.5 * (telephone::WEPL + 7) * std::pow(2 * delayMs + 1, -0.25);
    double half = (GetSignalToNoise() - rle) / 2;
    return half + std::sqrt(half * half + 169);
}

/// Idd: too long to talk, even without echoes (7.4.3).
double
GetPureDelay(double delayMs)
{
    using namespace telephone;
    if (delayMs <= PERCEIVABLE_MS)
    {
        return 0;
    }
    double x = std::log10(delayMs / PERCEIVABLE_MS) / std::log10(2.0);
    double power = 6 * SENSITIVITY;
    return 25 * (Soften(x, 1, power) - 3 * Soften(x, 3, power) + 2);
}

} // namespace

double
FlowbindCallQuality::GetDelayImpairment(double delay)
{
    double delayMs = delay * 1e3;
    return GetTalkerEcho(delayMs) + GetListenerEcho(delayMs) + GetPureDelay(delayMs);
}

double
FlowbindCallQuality::GetEffectiveImpairment(const Coder& coder, double loss, double burst)
{
    double percent = 100 * loss;
    double worst = 95 - coder.impairment;
    return coder.impairment + worst * percent / (percent / burst + coder.robustness);
}

double
FlowbindCallQuality::GetRating(const Coder& coder, double delay, double loss, double burst)
{
    return GetSignalToNoise() - GetSimultaneousImpairment(delay * 1e3) - GetDelayImpairment(delay) -
           GetEffectiveImpairment(coder, loss, burst) + telephone::ADVANTAGE;
}

double
FlowbindCallQuality::GetMeanOpinionScore(double rating)
{
    if (rating <= 0)
    {
        return 1;
    }
    if (rating >= 100)
    {
        return 4.5;
    }
    // Between 0 and 6.5 the formula is a little below 1.
    return std::max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

FlowbindPlayout::FlowbindPlayout(Time interval, Time fixed)
    : m_interval(interval.GetNanoSeconds()),
      m_fixed(fixed.GetNanoSeconds())
{
}

std::vector<int64_t>
FlowbindPlayout::PlayFixed(const std::vector<Packet>& packets) const
{
    auto first = std::min_element(packets.begin(),
                                  packets.end(),
                                  [](const Packet& a, const Packet& b)
                                  { return a.received < b.received; });
    std::vector<int64_t> played(packets.size(), NEVER);
    if (first == packets.end() || first->received == NEVER)
    {
        return played;
    }
    int64_t hold = first->received - first->sent + m_fixed;
    for (std::size_t i = 0; i < packets.size(); i++)
    {
        bool inTime = packets[i].received != NEVER && packets[i].received <= packets[i].sent + hold;
        played[i] = inTime ? hold : NEVER;
    }
    return played;
}

std::vector<int64_t>
FlowbindPlayout::Play(const std::vector<Packet>& packets) const
{
    const int64_t memory = 2000000000;
    if (m_fixed >= 0)
    {
        return PlayFixed(packets);
    }
    std::vector<Packet> arrivals = packets;
    std::sort(arrivals.begin(),
              arrivals.end(),
              [](const Packet& a, const Packet& b) { return a.received < b.received; });
    std::vector<int64_t> played(packets.size(), NEVER);
    if (arrivals.empty() || arrivals[0].received == NEVER)
    {
        return played;
    }
    // Before anything has arrived, the first arrival says how long packets take.
    int64_t hold = arrivals[0].received - arrivals[0].sent + m_interval;
    std::size_t oldest = 0;
    std::size_t next = 0;
    for (std::size_t i = 0; i < packets.size(); i++)
    {
        // What the listener knows when this packet is due.
        int64_t now = packets[i].sent + hold;
        while (next < arrivals.size() && arrivals[next].received < now)
        {
            next++;
        }
        while (oldest < next && arrivals[oldest].received < now - memory)
        {
            oldest++;
        }
        int64_t slowest = -1;
        for (std::size_t j = oldest; j < next; j++)
        {
            slowest = std::max(slowest, arrivals[j].received - arrivals[j].sent);
        }
        hold = slowest < 0 ? hold : slowest + m_interval;
        bool inTime = packets[i].received != NEVER && packets[i].received <= packets[i].sent + hold;
        played[i] = inTime ? hold : NEVER;
    }
    return played;
}

} // namespace ns3
