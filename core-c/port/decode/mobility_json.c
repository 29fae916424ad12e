/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobility_json.h"

#include "json.h"
#include "verdict.h"
#include "wire/mobility_header.h"

/** A message by its type: the letters of its flags, the last of which is that of bit `last`. */
typedef struct message_kind
{
    uint8_t type;
    uint8_t last;
    const char *letters;
    const char *name, *proxy_name; /* without and with P, where there is one */
} message_kind;

static const message_kind kinds[] = {
    /* RFC 5213 8.1, RFC 5844 4.1.3, RFC 5845 6.2 */
    {FB_MH_BINDING_UPDATE, 7, "AHLKMRPFT", "Binding Update", "Proxy Binding Update"},
    /* RFC 5213 8.2, RFC 5845 6.3 */
    {FB_MH_BINDING_ACKNOWLEDGEMENT,
     4,
     "KRPT",
     "Binding Acknowledgement",
     "Proxy Binding Acknowledgement"},
    {FB_MH_BINDING_ERROR, 0, "", "Binding Error", "Binding Error"},
    {FB_MH_HEARTBEAT, 0, "UR", "Heartbeat", "Heartbeat"}, /* RFC 5847 3.3 */
};

static const message_kind *
kind_of(uint8_t type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    {
        if (kinds[i].type == type)
        {
            return &kinds[i];
        }
    }
    return NULL;
}

static const char *
name_of(const message_kind *kind, const fb_mh_fixed *fixed)
{
    unsigned proxy = kind->type == FB_MH_BINDING_UPDATE ? FB_PBU_PROXY : FB_PBA_PROXY;

    return (fixed->flags & proxy) != 0 ? kind->proxy_name : kind->name;
}

/** RFC 6275 6.1.9. */
static const char *
binding_error_name(uint8_t status)
{
    switch (status)
    {
    case 1:
        return "unknown binding for Home Address destination option";
    case 2:
        return "unrecognized MH Type value";
    default:
        return "unassigned";
    }
}

static void
add_fixed(cJSON *object, const message_kind *kind, const fb_mh_fixed *fixed)
{
    if (kind->type == FB_MH_BINDING_ERROR)
    {
        cJSON_AddNumberToObject(object, "status", fixed->status);
        cJSON_AddStringToObject(object, "status_name", binding_error_name(fixed->status));
        return;
    }
    if (kind->type == FB_MH_BINDING_ACKNOWLEDGEMENT)
    {
        cJSON_AddNumberToObject(object, "status", fixed->status);
        cJSON_AddStringToObject(object, "status_name", fb_pba_status_name(fixed->status));
    }
    fbd_json_add_flags(object, kind->letters, kind->last, fixed->flags);
    if (kind->type == FB_MH_HEARTBEAT)
    {
        cJSON_AddNumberToObject(object, "sequence", fixed->heartbeat);
        return;
    }
    cJSON_AddNumberToObject(object, "sequence", fixed->sequence);
    cJSON_AddNumberToObject(object, "lifetime_s", fixed->lifetime * FB_MH_LIFETIME_UNIT_S);
}

static void
add_options(cJSON *object, const fb_mh_message *message, size_t options_at)
{
    fb_reader reader = fb_reader_over(message->octets + options_at, message->length - options_at);
    cJSON *options = cJSON_AddArrayToObject(object, "options");
    uint8_t type;
    fb_octets body;

    while (fb_mobility_option_next(&reader, &type, &body))
    {
        cJSON_AddItemToArray(options, fbd_mobility_option_json(message->fixed.type, type, body));
    }
}

/** @p status is what the receiver answers; 0: nothing. */
static void
add_verdict(cJSON *object, int reason, uint8_t status, const fbd_drop *drop)
{
    if (drop != NULL)
    {
        fbd_json_add_drop(object, drop->name, drop->text);
        return;
    }
    if (reason == FB_REASON_NONE)
    {
        return;
    }
    if (status == 0)
    {
        fbd_json_add_drop(object, fb_reason_name(reason), fb_reason_text(reason));
        return;
    }
    cJSON_AddNumberToObject(object, "reply_status", status);
    cJSON_AddStringToObject(object, "reply_status_name", fb_pba_status_name(status));
    cJSON_AddStringToObject(object, "reason", fb_reason_name(reason));
    cJSON_AddStringToObject(object, "explanation", fb_reason_text(reason));
}

void
fbd_mobility_json(cJSON *object, const fbd_datagram *datagram)
{
    fb_mh_message message;
    int walked = fb_mh_walk(&message,
                            &datagram->source,
                            &datagram->destination,
                            datagram->payload,
                            datagram->length);
    const message_kind *kind = kind_of(message.fixed.type);
    size_t options_at = fb_mh_options_at(message.fixed.type);
    bool whole = kind != NULL && message.length >= options_at;

    cJSON_AddStringToObject(object, "protocol", "mobility");
    if (datagram->length > 2)
    {
        cJSON_AddNumberToObject(object, "type", datagram->payload[2]);
        cJSON_AddStringToObject(object,
                                "name",
                                kind == NULL ? "unknown" : name_of(kind, &message.fixed));
    }
    if (whole)
    {
        add_fixed(object, kind, &message.fixed);
        add_options(object, &message, options_at);
    }
    int reason = fbd_judge_mobility(&message, walked);
    bool answered = message.fixed.type == FB_MH_BINDING_UPDATE; /* nobody answers an answer */
    add_verdict(object, reason, answered ? fb_reason_pba_status(reason) : 0, datagram->drop);
}
