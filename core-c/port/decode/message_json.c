/* SPDX-License-Identifier: BSD-3-Clause */
#include "message_json.h"

#include "hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/** Octets of the fixed parts (RFC 5944 3.3, 3.4): less than that, and its fields are not all there. */
#define FIXED_REQUEST 24
#define FIXED_REPLY 20

/* RFC 5905 6: seconds from 1900-01-01 to 1970-01-01; a clear top bit means the era that begins in 2036. */
#define NTP_TO_UNIX INT64_C(2208988800)
#define NTP_ERA INT64_C(4294967296)

static const char *
technology_name(uint8_t technology)
{
    /* RFC 5213 8.5, and what IANA's registry added. RFC 7629 4.1 takes If-ATT from there. */
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

static void
add_hex(cJSON *object, const char *name, const uint8_t *data, size_t length)
{
    char *text = malloc(2 * length + 1);
    if (text != NULL)
    {
        fbd_hex_write(text, data, length);
        cJSON_AddStringToObject(object, name, text);
        free(text);
    }
}

static void
add_authentic(cJSON *object, fbd_authentic authentic)
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
    time_t unix_time = (time_t)(seconds - NTP_TO_UNIX);
    unsigned milliseconds = (unsigned)((identification & UINT32_MAX) * 1000 >> 32);
    struct tm utc;
    char date[32];
    if (gmtime_r(&unix_time, &utc) != NULL &&
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc) > 0)
    {
        snprintf(text, sizeof text, "%s.%03uZ", date, milliseconds);
        cJSON_AddStringToObject(object, "identification_time", text);
    }
}

/** The letters of RFC 5944 3.3 that are set. */
static void
add_flags(cJSON *object, uint8_t flags)
{
    static const char letters[] = "SBDMGrTx";
    char set[sizeof letters];
    size_t count = 0;
    for (size_t i = 0; letters[i] != '\0'; i++)
    {
        if ((flags & 0x80 >> i) != 0)
        {
            set[count++] = letters[i];
        }
    }
    set[count] = '\0';
    cJSON_AddStringToObject(object, "flags", set);
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
        add_flags(object, fixed->flags);
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

/** Of a body that cannot be read: why, and its octets. */
static void
add_error(cJSON *object, int reason, const uint8_t *body, size_t length)
{
    cJSON_AddStringToObject(object, "error", fb_reason_name(reason));
    add_hex(object, "data", body, length);
}

static void
add_multipath(cJSON *object, const uint8_t *body, size_t length)
{
    fb_multipath multipath;
    int reason = fb_multipath_decode(&multipath, body, length);
    if (reason == FB_DROP_MULTIPATH_LENGTH)
    {
        add_error(object, reason, body, length);
        return;
    }
    cJSON_AddNumberToObject(object, "if_att", multipath.technology);
    cJSON_AddStringToObject(object, "if_att_name", technology_name(multipath.technology));
    cJSON_AddNumberToObject(object, "if_label", multipath.label);
    cJSON_AddNumberToObject(object, "bid", multipath.bid);
    cJSON_AddBoolToObject(object, "bulk", multipath.bulk);
    cJSON_AddBoolToObject(object, "overwrite", multipath.overwrite);
    if (reason != FB_REASON_NONE)
    {
        cJSON_AddStringToObject(object, "error", fb_reason_name(reason));
    }
}

static bool
is_selector_error(int reason)
{
    return reason >= FB_DROP_SELECTOR_FORMAT && reason <= FB_DROP_SELECTOR_RANGE;
}

static void
add_flow_binding(cJSON *object, const uint8_t *body, size_t length, fb_selector_layout layout)
{
    fb_rule rule;
    int reason = fb_flow_binding_decode(&rule, body, length, layout);
    if (reason != FB_REASON_NONE && !is_selector_error(reason))
    {
        add_error(object, reason, body, length);
        return;
    }
    cJSON_AddStringToObject(object, "action", rule.action == FB_RULE_DROP ? "DROP" : "FORWARD");
    cJSON *bids = cJSON_AddArrayToObject(object, "bids");
    for (size_t i = 0; i < rule.bid_count; i++)
    {
        cJSON_AddItemToArray(bids, cJSON_CreateNumber(rule.bid[i]));
    }
    cJSON_AddNumberToObject(object, "ts_format", rule.selector.format);
    if (reason != FB_REASON_NONE)
    {
        add_error(object, reason, body, length);
        return;
    }
    cJSON_AddItemToObject(object, "selector", fbd_selector_json(&rule.selector));
}

static void
add_authentication(cJSON *object, const fb_mip4_message *message, int index, const fbd_keys *keys)
{
    const fb_mip4_extension *extension = &message->extension[index];
    fb_reader reader = fb_reader_over(message->data + extension->body, extension->length);
    uint32_t spi = fb_read_u32(&reader);
    int reason;
    fbd_authentic authentic = fbd_verify(message, index, keys, &reason);
    if (reader.failed)
    {
        add_error(object, reason, message->data + extension->body, extension->length);
        return;
    }
    cJSON_AddNumberToObject(object, "spi", spi);
    add_hex(object,
            "authenticator",
            message->data + extension->body + reader.position,
            fb_read_left(&reader));
    add_authentic(object, authentic);
}

static cJSON *
extension_json(const fb_mip4_message *message, int index, const fbd_keys *keys)
{
    const fb_mip4_extension *extension = &message->extension[index];
    const uint8_t *body = message->data + extension->body;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "type", extension->type);
    if (extension->type == FB_EXT_MULTIPATH)
    {
        cJSON_AddNumberToObject(object, "subtype", extension->subtype);
    }
    cJSON_AddStringToObject(object,
                            "name",
                            fb_mip4_extension_name(extension->type, extension->subtype));
    switch (extension->type)
    {
    case FB_EXT_MULTIPATH:
        if (extension->subtype == FB_EXT_SUBTYPE_MULTIPATH)
        {
            add_multipath(object, body, extension->length);
        }
        else
        {
            add_flow_binding(object, body, extension->length, keys->layout);
        }
        break;
    case FB_EXT_MOBILE_HOME_AUTHENTICATION:
    case FB_EXT_MOBILE_FOREIGN_AUTHENTICATION:
    case FB_EXT_FOREIGN_HOME_AUTHENTICATION:
        add_authentication(object, message, index, keys);
        break;
    default:
        add_hex(object, "data", body, extension->length);
        break;
    }
    return object;
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
    add_authentic(object, verdict->authentic);
    add_needed_bids(object, verdict);
    if (drop != NULL)
    {
        cJSON_AddStringToObject(object, "drop", drop->name);
        cJSON_AddStringToObject(object, "explanation", drop->text);
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
    default:
        return "unknown";
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
    if ((is_request && length >= FIXED_REQUEST) || (is_reply && length >= FIXED_REPLY))
    {
        add_fixed(object, &message.fixed);
        cJSON *extensions = cJSON_AddArrayToObject(object, "extensions");
        for (int i = 0; i < message.extension_count; i++)
        {
            cJSON_AddItemToArray(extensions, extension_json(&message, i, keys));
        }
    }
    fbd_verdict verdict = fbd_judge(&message, walked, keys);
    add_verdict(object, &verdict, drop);
}
