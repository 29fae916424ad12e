/* SPDX-License-Identifier: GPL-2.0-only */
#include "access.h"

#include "ns3/flowbind-cdma-access-helper.h"
#include "ns3/flowbind-lte-helper.h"
#include "ns3/flowbind-walk.h"
#include "ns3/flowbind-wired-helper.h"
#include "ns3/flowbind-wlan-helper.h"

using namespace ns3;

namespace
{

const double MM = 1e-3;
const double UM_PER_HOUR = 1e-6 / 3600;

QueueSize
ToQueueSize(const fbc_queue& queue)
{
    return queue.packets > 0 ? QueueSize(QueueSizeUnit::PACKETS, queue.packets)
                             : QueueSize(QueueSizeUnit::BYTES, queue.octets);
}

/// On the ground.
Vector
ToVector(const fbc_position& position)
{
    return Vector(position.x_mm * MM, position.y_mm * MM, 0);
}

/// What all networks by radio have.
template <typename T>
Ptr<T>
MakeRadio(const fbc_path& path, uint32_t index)
{
    Ptr<T> radio = Create<T>(path.name, index);
    if (path.position.given)
    {
        radio->SetPosition(path.position.x_mm * MM, path.position.y_mm * MM);
    }
    radio->SetExponent(path.radio.exponent_milli * 1e-3);
    FlowbindRadioHelper::Users users;
    users.count = path.users.count;
    users.down = DataRate(path.users.down_bps);
    users.up = DataRate(path.users.up_bps);
    users.packet = path.users.packet;
    users.distance = path.users.distance_mm * MM;
    radio->SetUsers(users);
    return radio;
}

Ptr<FlowbindAccessHelper>
MakeWlan(const fbc_path& path, uint32_t index)
{
    const fbc_radio& radio = path.radio;
    Ptr<FlowbindWlanHelper> wlan = MakeRadio<FlowbindWlanHelper>(path, index);
    wlan->SetStandard(radio.standard == FBC_STANDARD_80211AC ? FlowbindWlanHelper::IEEE_80211AC
                                                             : FlowbindWlanHelper::IEEE_80211N,
                      radio.band == FBC_BAND_5GHZ ? FlowbindWlanHelper::BAND_5_GHZ
                                                  : FlowbindWlanHelper::BAND_2_4_GHZ,
                      radio.width_mhz);
    if (radio.rate_control > 0)
    {
        wlan->SetConstantRate(radio.rate_control - 1);
    }
    return wlan;
}

Ptr<FlowbindAccessHelper>
MakeLte(const fbc_path& path, uint32_t index)
{
    // In the order of fbc_lte_scheduler.
    static const char* const schedulers[] = {"ns3::PfFfMacScheduler",
                                             "ns3::RrFfMacScheduler",
                                             "ns3::FdMtFfMacScheduler",
                                             "ns3::TdMtFfMacScheduler",
                                             "ns3::FdBetFfMacScheduler",
                                             "ns3::TdBetFfMacScheduler"};
    const fbc_radio& radio = path.radio;
    Ptr<FlowbindLteHelper> lte = MakeRadio<FlowbindLteHelper>(path, index);
    lte->SetScheduler(schedulers[radio.scheduler], radio.resource_blocks);
    if (radio.second_cell.given)
    {
        lte->SetSecondCell(radio.second_cell.x_mm * MM,
                           radio.second_cell.y_mm * MM,
                           radio.hysteresis_db,
                           NanoSeconds(radio.time_to_trigger_ns));
    }
    return lte;
}

Ptr<FlowbindAccessHelper>
MakeCdma(const fbc_path& path, uint32_t index)
{
    // In the order of fbc_fading.
    static const FlowbindCdmaFading::Mode fadings[] = {FlowbindCdmaFading::RAYLEIGH,
                                                       FlowbindCdmaFading::PER_SLOT,
                                                       FlowbindCdmaFading::NONE};
    Ptr<FlowbindCdmaAccessHelper> cdma = MakeRadio<FlowbindCdmaAccessHelper>(path, index);
    cdma->SetDelay(NanoSeconds(path.delay_ns));
    cdma->SetQueue(ToQueueSize(path.queue));
    cdma->SetMtu(path.mtu);
    cdma->SetFading(fadings[path.radio.fading], path.radio.fading_speed_um_h * UM_PER_HOUR);
    return cdma;
}

Ptr<FlowbindAccessHelper>
MakeWired(const fbc_path& path, uint32_t index)
{
    Ptr<FlowbindWiredHelper> wired = Create<FlowbindWiredHelper>(path.name, index);
    wired->SetLink(DataRate(path.up_bps), DataRate(path.down_bps), NanoSeconds(path.delay_ns));
    wired->SetQueue(ToQueueSize(path.queue));
    wired->SetLoss(path.loss_ppm * 1e-6);
    wired->SetMtu(path.mtu);
    return wired;
}

} // namespace

Ptr<FlowbindAccessHelper>
MakeAccess(const fbc_path& path, uint32_t index)
{
    switch (path.type)
    {
    case FBC_PATH_WLAN:
        return MakeWlan(path, index);
    case FBC_PATH_LTE:
        return MakeLte(path, index);
    case FBC_PATH_CDMA:
        return MakeCdma(path, index);
    default:
        return MakeWired(path, index);
    }
}

void
PlaceNode(Ptr<Node> node, const fbc_position& position)
{
    Ptr<FlowbindWalk> walk = CreateObject<FlowbindWalk>();
    walk->SetPosition(ToVector(position));
    node->AggregateObject(walk);
}

void
MoveNode(Ptr<Node> node, const fbc_event& event)
{
    node->GetObject<FlowbindWalk>()->Go(ToVector(event.to), event.speed_um_h * UM_PER_HOUR);
}
