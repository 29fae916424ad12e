/* SPDX-License-Identifier: BSD-3-Clause */
#include "extension_json.h"

#include "json.h"
#include "message_json.h"
#include "wire/extension.h"
#include "wire/rfc3115.h"
#include "wire/rfc3519.h"
#include "wire/rfc5177.h"
#include "wire/rfc5454.h"

/** RFC 3115 2.2: the path metrics of this library by name. */
static void
add_vendor(cJSON *object, const uint8_t *body, size_t length)
{
    fb_path_metrics metrics;
    if (!fb_vendor_metrics_decode(&metrics, FB_VENDOR_EXAMPLE, body, length))
    {
        fbd_json_add_hex(object, "data", body, length);
        return;
    }
    cJSON_AddNumberToObject(object, "vendor", FB_VENDOR_EXAMPLE);
    fbd_json_add_metrics(object, &metrics);
}

static void
add_multipath(cJSON *object, const uint8_t *body, size_t length)
{
    fb_multipath multipath;
    int reason = fb_multipath_decode(&multipath, body, length);
    if (reason == FB_DROP_MULTIPATH_LENGTH)
    {
        fbd_json_add_error(object, reason, body, length);
        return;
    }
    fbd_json_add_technology(object, "if_att", multipath.technology);
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
        fbd_json_add_error(object, reason, body, length);
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
        fbd_json_add_error(object, reason, body, length);
        return;
    }
    cJSON_AddItemToObject(object, "selector", fbd_selector_json(&rule.selector));
}

static const char *
udp_encapsulation_name(uint8_t encapsulation)
{
    switch (encapsulation)
    {
    case FB_UDP_TUNNEL_AS_FLAGS:
        return "as the flags M and G";
    case FB_UDP_TUNNEL_IPIP:
        return "IP in IP";
    case FB_UDP_TUNNEL_GRE:
        return "GRE";
    case FB_UDP_TUNNEL_MINIMAL:
        return "minimal";
    default:
        return "unassigned";
    }
}

/** RFC 3519 3.1. */
static void
add_udp_tunnel_request(cJSON *object, const uint8_t *body, size_t length)
{
    fb_udp_tunnel_request request;
    int reason = fb_extension_length_check(FB_EXT_UDP_TUNNEL_REQUEST, 0, length);

    if (reason != FB_REASON_NONE)
    {
        fbd_json_add_error(object, reason, body, length);
        return;
    }
    if (!fb_udp_tunnel_request_decode(&request, body, length))
    {
        fbd_json_add_hex(object, "data", body, length);
        return;
    }
    cJSON_AddBoolToObject(object, "force", request.force);
    cJSON_AddBoolToObject(object, "through_agent", request.through_agent);
    cJSON_AddNumberToObject(object, "encapsulation", request.encapsulation);
    cJSON_AddStringToObject(object,
                            "encapsulation_name",
                            udp_encapsulation_name(request.encapsulation));
}

/** RFC 3519 3.2. */
static void
add_udp_tunnel_reply(cJSON *object, const uint8_t *body, size_t length)
{
    fb_udp_tunnel_reply reply;
    int reason = fb_extension_length_check(FB_EXT_UDP_TUNNEL_REPLY, 0, length);

    if (reason != FB_REASON_NONE)
    {
        fbd_json_add_error(object, reason, body, length);
        return;
    }
    if (!fb_udp_tunnel_reply_decode(&reply, body, length))
    {
        fbd_json_add_hex(object, "data", body, length);
        return;
    }
    cJSON_AddNumberToObject(object, "reply_code", reply.code);
    cJSON_AddBoolToObject(object, "assented", reply.code < FB_UDP_TUNNEL_DECLINED);
    cJSON_AddBoolToObject(object, "forced", reply.forced);
    cJSON_AddNumberToObject(object, "keepalive_s", reply.keepalive_s);
}

/** Of a Sub-Type nobody knows, its octets; such an extension is skipped. */
static bool
readable(cJSON *object, int reason, const uint8_t *body, size_t length)
{
    if (reason == FB_DROP_UNKNOWN_SUBTYPE)
    {
        fbd_json_add_hex(object, "data", body, length);
    }
    else if (reason != FB_REASON_NONE)
    {
        fbd_json_add_error(object, reason, body, length);
    }
    return reason == FB_REASON_NONE;
}

/** RFC 5177 4, RFC 6626 3. */
static void
add_mobile_network(cJSON *object, const uint8_t *body, size_t length)
{
    fb_mobile_network network;

    if (!readable(object, fb_mobile_network_decode(&network, body, length), body, length))
    {
        return;
    }
    cJSON_AddNumberToObject(object, "subtype", network.subtype);
    if (network.subtype != FB_MOBILE_NETWORK_REQUEST)
    {
        cJSON_AddNumberToObject(object, "reply_code", network.code);
    }
    fbd_json_add_prefix(object, &network.prefix);
}

/** RFC 5454 2. */
static void
add_ipv6(cJSON *object, const uint8_t *body, size_t length)
{
    fb_ipv6_extension extension;

    if (!readable(object, fb_ipv6_extension_decode(&extension, body, length), body, length))
    {
        return;
    }
    cJSON_AddNumberToObject(object, "subtype", extension.subtype);
    if (extension.subtype == FB_IPV6_PREFIX_REPLY)
    {
        cJSON_AddNumberToObject(object, "reply_code", extension.code);
    }
    if (extension.subtype != FB_IPV6_TUNNELING_MODE)
    {
        fbd_json_add_prefix(object, &extension.prefix);
    }
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
        fbd_json_add_error(object, reason, message->data + extension->body, extension->length);
        return;
    }
    cJSON_AddNumberToObject(object, "spi", spi);
    fbd_json_add_hex(object,
                     "authenticator",
                     message->data + extension->body + reader.position,
                     fb_read_left(&reader));
    fbd_json_add_authentic(object, authentic);
}

cJSON *
fbd_extension_json(const fb_mip4_message *message, int index, const fbd_keys *keys)
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
    case FB_EXT_UDP_TUNNEL_REQUEST:
        add_udp_tunnel_request(object, body, extension->length);
        break;
    case FB_EXT_UDP_TUNNEL_REPLY:
        add_udp_tunnel_reply(object, body, extension->length);
        break;
    case FB_EXT_NAI:
        fbd_json_add_text(object, "nai", body, extension->length); /* RFC 2794 2 */
        break;
    case FB_EXT_VENDOR:
        add_vendor(object, body, extension->length);
        break;
    case FB_EXT_MOBILE_NETWORK:
        add_mobile_network(object, body, extension->length);
        break;
    case FB_EXT_IPV6:
        add_ipv6(object, body, extension->length);
        break;
    default:
        fbd_json_add_hex(object, "data", body, extension->length);
        break;
    }
    return object;
}
