/* SPDX-License-Identifier: BSD-3-Clause */
#include "json.h"

#include "flowbind/reason.h"
#include "hex.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

cJSON *
fbd_json_ipv4(fb_ipv4 address)
{
    char text[INET_ADDRSTRLEN];

    snprintf(text,
             sizeof text,
             "%u.%u.%u.%u",
             (unsigned)(address >> 24),
             (unsigned)(address >> 16 & 0xff),
             (unsigned)(address >> 8 & 0xff),
             (unsigned)(address & 0xff));
    return cJSON_CreateString(text);
}

void
fbd_json_add_ipv4(cJSON *object, const char *name, fb_ipv4 address)
{
    cJSON_AddItemToObject(object, name, fbd_json_ipv4(address));
}

void
fbd_json_add_ipv6(cJSON *object, const char *name, const uint8_t address[16])
{
    char text[INET6_ADDRSTRLEN];

    if (inet_ntop(AF_INET6, address, text, sizeof text) != NULL)
    {
        cJSON_AddStringToObject(object, name, text);
    }
}

void
fbd_json_add_address(cJSON *object, const char *name, const fb_addr *address)
{
    if (address->family == FB_FAMILY_IPV6)
    {
        fbd_json_add_ipv6(object, name, address->octet);
        return;
    }
    fbd_json_add_ipv4(object, name, fb_addr_to_ipv4(address));
}

void
fbd_json_add_prefix(cJSON *object, const fb_prefix *prefix)
{
    char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 8];
    int family = prefix->address.family == FB_FAMILY_IPV6 ? AF_INET6 : AF_INET;

    if (inet_ntop(family, prefix->address.octet, address, sizeof address) != NULL)
    {
        snprintf(text, sizeof text, "%s/%u", address, (unsigned)prefix->length);
        cJSON_AddStringToObject(object, "prefix", text);
    }
}

void
fbd_json_add_hex(cJSON *object, const char *name, const uint8_t *data, size_t length)
{
    char *text = malloc(2 * length + 1);

    if (text != NULL)
    {
        fbd_hex_write(text, data, length);
        cJSON_AddStringToObject(object, name, text);
        free(text);
    }
}

void
fbd_json_add_text(cJSON *object, const char *name, const uint8_t *data, size_t length)
{
    char text[UINT8_MAX + 1];

    length = length > UINT8_MAX ? UINT8_MAX : length;
    for (size_t i = 0; i < length; i++)
    {
        text[i] = data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '?';
    }
    text[length] = '\0';
    cJSON_AddStringToObject(object, name, text);
}

void
fbd_json_add_error(cJSON *object, int reason, const uint8_t *body, size_t length)
{
    cJSON_AddStringToObject(object, "error", fb_reason_name(reason));
    fbd_json_add_hex(object, "data", body, length);
}

void
fbd_json_add_flags(cJSON *object, const char *letters, unsigned last, unsigned flags)
{
    char set[33];
    size_t count = 0, length = 0;

    while (letters[length] != '\0')
    {
        length++;
    }
    for (size_t i = 0; i < length && count + 1 < sizeof set; i++)
    {
        unsigned bit = last + (unsigned)(length - 1 - i);

        if (letters[i] != '-' && (flags >> bit & 1) != 0)
        {
            set[count++] = letters[i];
        }
    }
    set[count] = '\0';
    cJSON_AddStringToObject(object, "flags", set);
}

void
fbd_json_add_time(cJSON *object, const char *name, int64_t seconds, unsigned milliseconds)
{
    time_t unix_time = (time_t)seconds;
    struct tm utc;
    char date[40], text[64];

    if (gmtime_r(&unix_time, &utc) != NULL &&
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) > 0)
    {
        snprintf(text, sizeof text, "%s.%03uZ", date, milliseconds);
        cJSON_AddStringToObject(object, name, text);
    }
}

static const char *
technology_name(uint8_t technology)
{
    /* RFC 5213 8.5, and what IANA's registry added. RFC 7629 4.1 and RFC 8278 4.1 take If-ATT from there. */
    static const char *const names[] = {
        [0] = "reserved",
        [1] = "virtual",
        [2] = "PPP",
        [3] = "IEEE 802.3",
        [4] = "IEEE 802.11a/b/g",
        [5] = "IEEE 802.16e",
        [6] = "3GPP GERAN",
        [7] = "3GPP UTRAN",
        [8] = "3GPP E-UTRAN",
        [9] = "3GPP2 eHRPD",
        [10] = "3GPP2 HRPD",
        [11] = "3GPP2 1xRTT",
        [12] = "3GPP2 UMB",
        [13] = "3GPP NB-IoT",
    };
    return technology < sizeof names / sizeof names[0] ? names[technology] : "unassigned";
}

void
fbd_json_add_technology(cJSON *object, const char *name, uint8_t technology)
{
    char with_name[32];

    snprintf(with_name, sizeof with_name, "%s_name", name);
    cJSON_AddNumberToObject(object, name, technology);
    cJSON_AddStringToObject(object, with_name, technology_name(technology));
}

void
fbd_json_add_drop(cJSON *object, const char *reason, const char *explanation)
{
    cJSON_AddStringToObject(object, "drop", reason);
    cJSON_AddStringToObject(object, "explanation", explanation);
}

void
fbd_json_add_metrics(cJSON *object, const fb_path_metrics *metrics)
{
    cJSON_AddNumberToObject(object, "round_trip_us", metrics->round_trip_us);
    cJSON_AddNumberToObject(object, "loss_ppm", metrics->loss_ppm);
    cJSON_AddNumberToObject(object, "rate_up_kbps", metrics->rate_up_kbps);
    cJSON_AddNumberToObject(object, "rate_down_kbps", metrics->rate_down_kbps);
    if (metrics->delay_up_us != 0 || metrics->delay_down_us != 0)
    {
        cJSON_AddNumberToObject(object, "delay_up_us", metrics->delay_up_us);
        cJSON_AddNumberToObject(object, "delay_down_us", metrics->delay_down_us);
    }
}
