/* SPDX-License-Identifier: BSD-3-Clause */
#include "message_json.h"

#include "extension_json.h"
#include "json.h"

#include <stdio.h>

/** Octets of the fixed parts (RFC 5944 3.3, 3.4): less than that, and its fields are not all there. */
#define FIXED_REQUEST 24
#define FIXED_REPLY 20

/** Octets in front of the packet that a Tunnel Data message carries (RFC 3519 3.4). */
#define TUNNEL_DATA_HEADER 4

/* RFC 5905 6: seconds from 1900-01-01 to 1970-01-01; a clear top bit means the era that begins in 2036. */
#define NTP_TO_UNIX INT64_C(2208988800)
#define NTP_ERA INT64_C(4294967296)

void
fbd_json_add_authentic(cJSON *object, fbd_authentic authentic)
{
    if (authentic == FBD_AUTHENTIC_UNKNOWN)
    {
        cJSON_AddNullToObject(object, "authentic");
        return;
    }
    cJSON_AddBoolToObject(object, "authentic", authentic == FBD_AUTHENTIC_YES);
}

/** Identification, and the time it is when timestamps are used (RFC 5944 5.7.1). */
static void
add_identification(cJSON *object, uint64_t identification)
{
    char text[64];
    snprintf(text, sizeof text, "0x%016llx", (unsigned long long)identification);
    cJSON_AddStringToObject(object, "identification", text);

    int64_t seconds = (int64_t)(identification >> 32);
    if (seconds < NTP_ERA / 2)
    {
        seconds += NTP_ERA;
    }
    fbd_json_add_time(object,
                      "identification_time",
                      seconds - NTP_TO_UNIX,
                      (unsigned)((identification & UINT32_MAX) * 1000 >> 32));
}

static void
add_fixed(cJSON *object, const fb_mip4_fixed *fixed)
{
    if (fixed->type == FB_MIP4_REPLY)
    {
        cJSON_AddNumberToObject(object, "code", fixed->code);
        cJSON_AddStringToObject(object, "code_name", fb_mip4_code_name(fixed->code));
    }
    else
    {
        fbd_json_add_flags(object, "SBDMGrTx", 0, fixed->flags); /* RFC 5944 3.3 */
    }
    cJSON_AddNumberToObject(object, "lifetime_s", fixed->lifetime_s);
    fbd_json_add_ipv4(object, "home_address", fixed->home_address);
    fbd_json_add_ipv4(object, "home_agent", fixed->home_agent);
    if (fixed->type == FB_MIP4_REQUEST)
    {
        fbd_json_add_ipv4(object, "care_of_address", fixed->care_of_address);
    }
    add_identification(object, fixed->identification);
}

/** What one message cannot tell: whether these are registered. */
static void
add_needed_bids(cJSON *object, const fbd_verdict *verdict)
{
    cJSON *bids = NULL;
    for (int bid = 0; bid <= UINT8_MAX; bid++)
    {
        if (!verdict->needs_bid[bid])
        {
            continue;
        }
        if (bids == NULL)
        {
            bids = cJSON_AddArrayToObject(object, "needs_bids");
        }
        cJSON_AddItemToArray(bids, cJSON_CreateNumber(bid));
    }
}

static void
add_verdict(cJSON *object, const fbd_verdict *verdict, const fbd_drop *drop)
{
    fbd_json_add_authentic(object, verdict->authentic);
    add_needed_bids(object, verdict);
    if (drop != NULL)
    {
        fbd_json_add_drop(object, drop->name, drop->text);
        return;
    }
    if (verdict->reason == FB_REASON_NONE)
    {
        return;
    }
    if (verdict->reply_code != 0)
    {
        cJSON_AddNumberToObject(object, "reply_code", verdict->reply_code);
        cJSON_AddStringToObject(object, "reason", fb_reason_name(verdict->reason));
    }
    else
    {
        cJSON_AddStringToObject(object, "drop", fb_reason_name(verdict->reason));
    }
    cJSON_AddStringToObject(object, "explanation", fb_reason_text(verdict->reason));
}

static const char *
message_name(uint8_t type)
{
    switch (type)
    {
    case FB_MIP4_REQUEST:
        return "Registration Request";
    case FB_MIP4_REPLY:
        return "Registration Reply";
    case FB_MIP4_TUNNEL_DATA:
        return "Tunnel Data";
    default:
        return "unknown";
    }
}

/** RFC 3519 3.4: a data packet inside UDP; of an IPv4 packet in it, whose it is. */
static void
add_tunnel_data(cJSON *object, const uint8_t *data, size_t length, const fbd_drop *drop)
{
    bool whole = length >= TUNNEL_DATA_HEADER;
    fb_flow inner;

    if (whole)
    {
        cJSON_AddNumberToObject(object, "next_header", data[1]);
    }
    if (whole && data[1] == FB_PROTOCOL_IPV4 &&
        fb_flow_read(&inner,
                     data + TUNNEL_DATA_HEADER,
                     length - TUNNEL_DATA_HEADER,
                     length - TUNNEL_DATA_HEADER))
    {
        cJSON *packet = cJSON_AddObjectToObject(object, "inner");

        fbd_json_add_ipv4(packet, "source", inner.source);
        fbd_json_add_ipv4(packet, "destination", inner.destination);
        cJSON_AddNumberToObject(packet, "protocol", inner.protocol);
    }
    if (drop != NULL || !whole)
    {
        fbd_json_add_drop(object,
                          drop != NULL ? drop->name : fb_reason_name(FB_DROP_TRUNCATED),
                          drop != NULL ? drop->text : fb_reason_text(FB_DROP_TRUNCATED));
    }
}

void
fbd_message_json(cJSON *object,
                 const uint8_t *data,
                 size_t length,
                 const fbd_keys *keys,
                 const fbd_drop *drop)
{
    fb_mip4_message message;
    int walked = fb_mip4_walk(&message, data, length);
    bool is_request = message.fixed.type == FB_MIP4_REQUEST;
    bool is_reply = message.fixed.type == FB_MIP4_REPLY;
    if (length > 0)
    {
        cJSON_AddNumberToObject(object, "type", data[0]);
        cJSON_AddStringToObject(object, "name", message_name(data[0]));
    }
    if (length > 0 && data[0] == FB_MIP4_TUNNEL_DATA)
    {
        add_tunnel_data(object, data, length, drop);
        return;
    }
    if ((is_request && length >= FIXED_REQUEST) || (is_reply && length >= FIXED_REPLY))
    {
        add_fixed(object, &message.fixed);
        cJSON *extensions = cJSON_AddArrayToObject(object, "extensions");
        for (int i = 0; i < message.extension_count; i++)
        {
            cJSON_AddItemToArray(extensions, fbd_extension_json(&message, i, keys));
        }
    }
    fbd_verdict verdict = fbd_judge(&message, walked, keys);
    add_verdict(object, &verdict, drop);
}
