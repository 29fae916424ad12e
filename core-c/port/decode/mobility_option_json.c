/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Mobility options as JSON objects. Each is read by the library as if it were the only one of its message.
 */

#include "base/octets.h"
#include "json.h"
#include "mobility_json.h"
#include "wire/traffic_selector.h"

#include <stdio.h>
#include <string.h>

/** Adds what an option says. */
typedef void add_fields(cJSON *object, const fb_mobility_options *options, fb_octets body);

static void
add_alternate_care_of(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_ipv6(object, "care_of_address", options->alternate_care_of);
}

/** RFC 4283 3.1: an NAI is text, the other kinds are numbers. */
static void
add_identifier(cJSON *object, const fb_identifier *identifier)
{
    cJSON_AddNumberToObject(object, "subtype", identifier->subtype);
    if (identifier->subtype == 1)
    {
        fbd_json_add_text(object, "nai", identifier->value.octet, identifier->value.length);
        return;
    }
    fbd_json_add_hex(object, "identifier", identifier->value.octet, identifier->value.length);
}

static void
add_mobile_node(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    add_identifier(object, &options->mobile_node);
}

static void
add_gateway(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    add_identifier(object, &options->gateway);
}

/** RFC 5094 3; the path metrics of this library by name. */
static void
add_vendor(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    const fb_vendor_option *vendor = &options->vendor[0];
    fb_path_metrics metrics;

    (void)body;
    cJSON_AddNumberToObject(object, "vendor", vendor->vendor);
    cJSON_AddNumberToObject(object, "subtype", vendor->subtype);
    if (!fb_read_path_metrics(vendor, FB_VENDOR_EXAMPLE, &metrics))
    {
        fbd_json_add_hex(object, "data", vendor->data.octet, vendor->data.length);
        return;
    }
    fbd_json_add_metrics(object, &metrics);
}

static void
add_home_prefix(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_prefix(object, &options->home_prefix[0]);
}

static void
add_delegated_prefix(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_prefix(object, &options->delegated[0]);
}

/** RFC 5213 8.4, RFC 7864 4.2. */
static void
add_handoff(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    static const char *const names[] = {
        "reserved",
        "attachment over a new interface",
        "handoff between two interfaces of the mobile node",
        "handoff between gateways, same interface",
        "handoff state unknown",
        "no change: re-registration",
        "prefixes shared between interfaces",
    };

    (void)body;
    cJSON_AddNumberToObject(object, "handoff", options->handoff);
    cJSON_AddStringToObject(
        object,
        "handoff_name",
        options->handoff < sizeof names / sizeof names[0] ? names[options->handoff] : "unassigned");
}

static void
add_technology(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_technology(object, "technology", options->technology);
}

static void
add_link_layer(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_hex(object, "link_layer", options->link_layer.octet, options->link_layer.length);
}

static void
add_link_local(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_ipv6(object, "address", options->link_local);
}

/** RFC 5213 8.8: seconds since 1970 in 48 bits, 1/65536 s in 16. */
static void
add_timestamp(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    uint64_t timestamp = options->timestamp;
    char text[32];

    (void)body;
    snprintf(text, sizeof text, "0x%016llx", (unsigned long long)timestamp);
    cJSON_AddStringToObject(object, "timestamp", text);
    fbd_json_add_time(object,
                      "time",
                      (int64_t)(timestamp >> 16),
                      (unsigned)((timestamp & 0xffff) * 1000 >> 16));
}

static void
add_restart_counter(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    cJSON_AddNumberToObject(object, "restart_counter", options->restart_counter);
}

static void
add_nat_detection(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    cJSON_AddBoolToObject(object, "force", options->nat_force);
    cJSON_AddNumberToObject(object, "refresh_s", options->nat_refresh_s);
}

/** RFC 5845 6.1: no key, if GRE without keys is asked for. */
static void
add_gre_key(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    char text[16];

    (void)body;
    if (options->gre_has_key)
    {
        snprintf(text, sizeof text, "0x%08x", (unsigned)options->gre_key);
        cJSON_AddStringToObject(object, "key", text);
    }
}

/** RFC 5648 4.1: BID, Status, H and BID-PRI, and a care-of address of either family or none. */
static void
add_binding_identifier(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    fb_addr care_of = {.family = body.length == 8 ? FB_FAMILY_IPV4 : FB_FAMILY_IPV6};

    (void)options;
    cJSON_AddNumberToObject(object, "bid", fb_load_u16(body.octet));
    cJSON_AddNumberToObject(object, "status", body.octet[2]);
    cJSON_AddBoolToObject(object, "home", (body.octet[3] & 0x80) != 0);
    cJSON_AddNumberToObject(object, "priority", body.octet[3] & 0x7f);
    if (body.length == 8 || body.length == 20)
    {
        memcpy(care_of.octet, body.octet + 4, body.length - 4u);
        fbd_json_add_address(object, "care_of_address", &care_of);
    }
}

static void
add_ipv4_home(cJSON *object, const fb_ipv4_home *home)
{
    fbd_json_add_ipv4(object, "address", home->address);
    cJSON_AddNumberToObject(object, "prefix_length", home->prefix_length);
}

static void
add_ipv4_request(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    add_ipv4_home(object, &options->ipv4_request);
}

static void
add_ipv4_reply(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    cJSON_AddNumberToObject(object, "status", options->ipv4_reply.status);
    add_ipv4_home(object, &options->ipv4_reply);
}

static void
add_ipv4_default_router(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    fbd_json_add_ipv4(object, "address", options->ipv4_default_router);
}

static void
add_dhcp_support(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    cJSON_AddStringToObject(object, "dhcp", options->dhcp_server ? "server" : "relay");
}

static void
add_numbers(cJSON *object, const char *name, const uint16_t *number, size_t count)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);

    for (size_t i = 0; i < count; i++)
    {
        cJSON_AddItemToArray(array, cJSON_CreateNumber(number[i]));
    }
}

static void
add_flow_summary(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    (void)body;
    add_numbers(object, "fids", options->summary, options->summary_count);
}

/** RFC 6089 4.2; the selector as in a Flow-Binding of Mobile IPv4. */
static void
add_flow(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    const fb_flow_identification *flow = &options->flow[0];
    fb_selector selector;

    (void)body;
    cJSON_AddNumberToObject(object, "fid", flow->fid);
    cJSON_AddNumberToObject(object, "priority", flow->priority);
    cJSON_AddNumberToObject(object, "status", flow->status);
    if (flow->malformed)
    {
        cJSON_AddStringToObject(object, "error", "malformed");
        fbd_json_add_hex(object, "data", flow->whole.octet, flow->whole.length);
        return;
    }
    add_numbers(object, "bids", flow->bid, flow->bid_count);
    if (flow->selector_count == 0)
    {
        return;
    }
    cJSON_AddNumberToObject(object, "ts_format", flow->selector.octet[0]);
    int reason = fb_selector_decode(&selector,
                                    flow->selector.octet[0],
                                    flow->selector.octet + 2,
                                    flow->selector.length - 2u);
    if (reason != FB_REASON_NONE)
    {
        fbd_json_add_error(object, reason, flow->selector.octet, flow->selector.length);
        return;
    }
    cJSON_AddItemToObject(object, "selector", fbd_selector_json(&selector));
}

/** RFC 8278 4.1; the names are those of the Multipath Extension of RFC 7629. */
static void
add_multipath(cJSON *object, const fb_mobility_options *options, fb_octets body)
{
    const fb_multipath_binding *multipath = &options->multipath;

    (void)body;
    fbd_json_add_technology(object, "if_att", multipath->technology);
    cJSON_AddNumberToObject(object, "if_label", multipath->label);
    cJSON_AddNumberToObject(object, "bid", multipath->bid);
    cJSON_AddBoolToObject(object, "bulk", multipath->bulk);
    cJSON_AddBoolToObject(object, "overwrite", multipath->overwrite);
}

static add_fields *const fields[] = {
    [FB_OPTION_ALTERNATE_CARE_OF_ADDRESS] = add_alternate_care_of,
    [FB_OPTION_MOBILE_NODE_IDENTIFIER] = add_mobile_node,
    [FB_OPTION_VENDOR_SPECIFIC] = add_vendor,
    [FB_OPTION_HOME_NETWORK_PREFIX] = add_home_prefix,
    [FB_OPTION_HANDOFF_INDICATOR] = add_handoff,
    [FB_OPTION_ACCESS_TECHNOLOGY] = add_technology,
    [FB_OPTION_LINK_LAYER_IDENTIFIER] = add_link_layer,
    [FB_OPTION_LINK_LOCAL_ADDRESS] = add_link_local,
    [FB_OPTION_TIMESTAMP] = add_timestamp,
    [FB_OPTION_RESTART_COUNTER] = add_restart_counter,
    [FB_OPTION_NAT_DETECTION] = add_nat_detection,
    [FB_OPTION_GRE_KEY] = add_gre_key,
    [FB_OPTION_BINDING_IDENTIFIER] = add_binding_identifier,
    [FB_OPTION_IPV4_HOME_REQUEST] = add_ipv4_request,
    [FB_OPTION_IPV4_HOME_REPLY] = add_ipv4_reply,
    [FB_OPTION_IPV4_DEFAULT_ROUTER] = add_ipv4_default_router,
    [FB_OPTION_DHCP_SUPPORT] = add_dhcp_support,
    [FB_OPTION_FLOW_SUMMARY] = add_flow_summary,
    [FB_OPTION_FLOW_IDENTIFICATION] = add_flow,
    [FB_OPTION_DELEGATED_PREFIX] = add_delegated_prefix,
    [FB_OPTION_MULTIPATH_BINDING] = add_multipath,
    [FB_OPTION_GATEWAY_IDENTIFIER] = add_gateway,
};

/** Whether the message has the option that was walked: not if it is not for such a message. */
static bool
was_read(const fb_mobility_options *options, uint8_t type)
{
    return type == FB_OPTION_GATEWAY_IDENTIFIER
               ? options->has_gateway
               : type < FB_OPTION_GATEWAY_IDENTIFIER && fb_option_present(options, type);
}

cJSON *
fbd_mobility_option_json(uint8_t mh_type, uint8_t type, fb_octets body)
{
    cJSON *object = cJSON_CreateObject();
    fb_mobility_options options;
    const uint8_t *front = body.octet - 2; /* Type and Length */
    int reason = fb_mobility_options_walk(&options, mh_type, front, 2u + body.length);

    cJSON_AddNumberToObject(object, "type", type);
    cJSON_AddStringToObject(object, "name", fb_mobility_option_name(type));
    if (was_read(&options, type))
    {
        fields[type](object, &options, body);
        if (reason != FB_REASON_NONE)
        {
            cJSON_AddStringToObject(object, "error", fb_reason_name(reason));
        }
        return object;
    }
    if (reason != FB_REASON_NONE)
    {
        fbd_json_add_error(object, reason, body.octet, body.length);
        return object;
    }
    fbd_json_add_hex(object, "data", body.octet, body.length);
    return object;
}
