/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_reader.h"

/* Where radio networks are, how they work, and who else uses them. */

static const uint8_t widths_mhz[] = {20, 40, 80};

/* 3GPP TS 36.104 5.6: of each bandwidth. */
static const uint8_t resource_blocks[] = {6, 15, 25, 50, 75, 100};

enum
{
    HT_MCS_COUNT = 8, /* of one stream */
    HYSTERESIS_DB = 3,
    TIME_TO_TRIGGER_MS = 256
};

fbc_position
fbc_position_read(const fbc_value *value)
{
    fbc_position position = {.given = value->valid};
    position.x_mm = (int32_t)value->x_mm;
    position.y_mm = (int32_t)value->y_mm;
    return position;
}

static void
read_users(fbc_reader *reader, const fbc_value *value, fbc_users *users)
{
    fbc_value values[FBC_KEYS_MAX];
    const fbc_value *down = &values[FBC_USERS_DOWN];
    const fbc_value *up = &values[FBC_USERS_UP];
    if (!value->valid || !fbc_object_read(reader, &fbc_object_users, value->node, values))
    {
        return;
    }
    users->count = (uint16_t)values[FBC_USERS_COUNT].number;
    users->down_bps = down->number;
    users->up_bps = up->number;
    users->packet = (uint16_t)values[FBC_USERS_PACKET].number;
    users->distance_mm = (uint32_t)values[FBC_USERS_DISTANCE].number;
    if (!down->given && !up->given && !down->meant && !up->meant)
    {
        fbc_error(reader, value->place, "users who use nothing; expected down, or up, or both");
    }
}

static void
read_wlan(fbc_reader *reader, const yaml_node_t *node, fbc_radio *radio)
{
    fbc_value values[FBC_KEYS_MAX];
    const fbc_value *band = &values[FBC_WLAN_BAND];
    const fbc_value *width = &values[FBC_WLAN_WIDTH];
    const fbc_value *rate_control = &values[FBC_WLAN_RATE_CONTROL];
    if (!fbc_object_read(reader, &fbc_object_wlan, node, values))
    {
        return;
    }
    radio->standard = (fbc_standard)values[FBC_WLAN_STANDARD].number;
    bool ac = radio->standard == FBC_STANDARD_80211AC;
    radio->band = band->given ? (fbc_band)band->number : ac ? FBC_BAND_5GHZ : FBC_BAND_2_4GHZ;
    radio->width_mhz = width->given ? widths_mhz[width->number] : ac ? 80 : 20;
    radio->rate_control = (uint8_t)rate_control->number;
    radio->exponent_milli = (uint16_t)values[FBC_WLAN_EXPONENT].number;
    if (ac && radio->band == FBC_BAND_2_4GHZ)
    {
        fbc_error(reader, band->place, "there is no 802.11ac in 2.4GHz; expected band: 5GHz");
    }
    if (!ac && radio->width_mhz > 40)
    {
        fbc_error(reader,
                  width->place,
                  "802.11n has no channels of 80MHz; expected 20MHz, 40MHz, or standard: 802.11ac");
    }
    if (!ac && radio->rate_control > HT_MCS_COUNT)
    {
        fbc_error(reader,
                  rate_control->place,
                  "802.11n has mcs0 to mcs7 with one stream; expected one of them, or standard: "
                  "802.11ac");
    }
    if (ac && radio->rate_control == HT_MCS_COUNT + 2 && radio->width_mhz == 20)
    {
        fbc_error(reader,
                  rate_control->place,
                  "802.11ac has no mcs9 in channels of 20MHz with one stream; expected mcs8, or "
                  "width: 40MHz");
    }
}

static void
read_lte(fbc_reader *reader,
         const yaml_node_t *node,
         const fbc_position *position,
         fbc_radio *radio)
{
    fbc_value values[FBC_KEYS_MAX];
    const fbc_value *second = &values[FBC_LTE_SECOND_CELL];
    const fbc_value *hysteresis = &values[FBC_LTE_HYSTERESIS];
    const fbc_value *trigger = &values[FBC_LTE_TIME_TO_TRIGGER];
    if (!fbc_object_read(reader, &fbc_object_lte, node, values))
    {
        return;
    }
    radio->scheduler = (fbc_lte_scheduler)values[FBC_LTE_SCHEDULER].number;
    radio->resource_blocks = resource_blocks[values[FBC_LTE_BANDWIDTH].number];
    radio->exponent_milli = (uint16_t)values[FBC_LTE_EXPONENT].number;
    radio->second_cell = fbc_position_read(second);
    radio->hysteresis_db = hysteresis->given ? (uint8_t)hysteresis->number : HYSTERESIS_DB;
    radio->time_to_trigger_ns = trigger->given ? trigger->number
                                               : TIME_TO_TRIGGER_MS * FB_MILLISECOND;
    if (!second->given && !second->meant)
    {
        fbc_refuse(reader, hysteresis, "hysteresis", "it with second-cell");
        fbc_refuse(reader, trigger, "time-to-trigger", "it with second-cell");
    }
    if (second->valid && position->given && position->x_mm == second->x_mm &&
        position->y_mm == second->y_mm)
    {
        fbc_error(reader,
                  second->place,
                  "second-cell: both cells are in the same place; expected another one");
    }
}

static void
read_cdma(fbc_reader *reader, const yaml_node_t *node, fbc_radio *radio)
{
    fbc_value values[FBC_KEYS_MAX];
    if (!fbc_object_read(reader, &fbc_object_cdma, node, values))
    {
        return;
    }
    radio->fading = (fbc_fading)values[FBC_CDMA_FADING].number;
    radio->fading_speed_um_h = values[FBC_CDMA_FADING_SPEED].number;
    radio->exponent_milli = (uint16_t)values[FBC_CDMA_EXPONENT].number;
    if (radio->fading != FBC_FADING_RAYLEIGH)
    {
        fbc_refuse(reader,
                   &values[FBC_CDMA_FADING_SPEED],
                   "fading-speed",
                   "it with fading: rayleigh");
    }
}

void
fbc_access_read(fbc_reader *reader, const fbc_value *values, fbc_path *path)
{
    const fbc_value *radio = &values[FBC_PATH_KEY_RADIO];
    const yaml_node_t *node = radio->valid ? radio->node : NULL;
    path->position = fbc_position_read(&values[FBC_PATH_KEY_POSITION]);
    switch (path->type)
    {
    case FBC_PATH_WLAN:
        read_wlan(reader, node, &path->radio);
        break;
    case FBC_PATH_LTE:
        read_lte(reader, node, &path->position, &path->radio);
        break;
    case FBC_PATH_CDMA:
        read_cdma(reader, node, &path->radio);
        break;
    default:
        for (size_t i = FBC_PATH_KEY_POSITION; i <= FBC_PATH_KEY_RADIO; i++)
        {
            fbc_refuse(reader,
                       &values[i],
                       fbc_object_path.keys[i].key,
                       "it with type wlan, lte or cdma");
        }
        return;
    }
    read_users(reader, &values[FBC_PATH_KEY_USERS], &path->users);
}
