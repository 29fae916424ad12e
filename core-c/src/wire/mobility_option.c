/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Reading mobility options. mobility_option_write.c: writing them.
 */

#include "wire/mobility_option_format.h"

#include "base/machine.h"
#include "base/octets.h"
#include "base/prefix.h"
#include "wire/mobility_header.h"
#include "wire/traffic_selector.h"

#include <string.h>

/* The messages an option is for; in others it is skipped. */
enum
{
    IN_UPDATE = 1,
    IN_ACKNOWLEDGEMENT = 2,
    IN_HEARTBEAT = 4,
    IN_ERROR = 8,
    IN_BINDING = IN_UPDATE | IN_ACKNOWLEDGEMENT,
    IN_ALL = IN_BINDING | IN_HEARTBEAT | IN_ERROR
};

static const uint8_t messages[] = {
    [FB_MH_BINDING_UPDATE] = IN_UPDATE,
    [FB_MH_BINDING_ACKNOWLEDGEMENT] = IN_ACKNOWLEDGEMENT,
    [FB_MH_BINDING_ERROR] = IN_ERROR,
    [FB_MH_HEARTBEAT] = IN_HEARTBEAT,
};

/* ---- one after the other ---- */

/** Options that are left. */
typedef struct option_cursor
{
    const uint8_t *at, *end;
    bool failed; /* an option goes beyond the end */
} option_cursor;

/** Inline, as it is most of what is done for an option. */
static inline bool
next_option(option_cursor *cursor, uint8_t *type, fb_octets *body)
{
    while (cursor->at < cursor->end)
    {
        size_t left = (size_t)(cursor->end - cursor->at);

        *type = cursor->at[0];
        if (*type == FB_OPTION_PAD1)
        {
            cursor->at++; /* RFC 6275 6.2.2: one octet, no Length */
            continue;
        }
        if (left < 2 || cursor->at[1] > left - 2)
        {
            cursor->failed = true;
            cursor->at = cursor->end;
            return false;
        }
        *body = (fb_octets){cursor->at + 2, cursor->at[1]};
        cursor->at += 2u + body->length;
        if (*type != FB_OPTION_PADN)
        {
            return true;
        }
    }
    return false;
}

/* ---- the bodies ---- */

/** Subtype and value, at most one octet of Reserved between them. */
static fb_identifier
identifier_of(fb_octets body, uint8_t front)
{
    return (fb_identifier){body.octet[0], {body.octet + front, (uint8_t)(body.length - front)}};
}

/** Only that it is there counts. */
static int
read_presence(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)options;
    (void)body;
    (void)mh_type;
    return FB_REASON_NONE;
}

static int
read_mobile_node(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->mobile_node = identifier_of(body, 1); /* RFC 4283 3 */
    return FB_REASON_NONE;
}

static int
read_gateway(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->gateway = identifier_of(body, 2); /* RFC 8278 4.2: Reserved is ignored */
    options->has_gateway = true;
    return FB_REASON_NONE;
}

static int
read_alternate_care_of(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    memcpy(options->alternate_care_of, body.octet, sizeof options->alternate_care_of);
    return FB_REASON_NONE;
}

/** Adds the prefix of @p family, whose address begins @p front octets into the body, to a list. */
static int
add_prefix(fb_prefix *list, uint8_t *count, uint8_t family, uint8_t length, const uint8_t *address)
{
    fb_prefix prefix = {{family, {0}}, length};

    if (length > fb_prefix_length_max(family))
    {
        return FB_DROP_MH_OPTION_LENGTH;
    }
    if (*count == FB_MESSAGE_PREFIXES_MAX)
    {
        return FB_DROP_MH_TOO_MANY_OPTIONS;
    }
    memcpy(prefix.address.octet, address, fb_prefix_length_max(family) / 8u);
    fb_prefix_clear_host_bits(&prefix);
    list[*count] = prefix;
    *count = (uint8_t)(*count + 1);
    return FB_REASON_NONE;
}

static int
read_home_network_prefix(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    return add_prefix(options->home_prefix,
                      &options->home_prefix_count,
                      FB_FAMILY_IPV6,
                      body.octet[1],
                      body.octet + 2);
}

#define DELEGATED_IPV4 0x80 /* V of RFC 7148 4.1 */

static int
read_delegated_prefix(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    uint8_t family = (body.octet[0] & DELEGATED_IPV4) != 0 ? FB_FAMILY_IPV4 : FB_FAMILY_IPV6;

    (void)mh_type;
    if (body.length != 2 + fb_prefix_length_max(family) / 8)
    {
        return FB_DROP_MH_OPTION_LENGTH;
    }
    return add_prefix(options->delegated,
                      &options->delegated_count,
                      family,
                      body.octet[1],
                      body.octet + 2);
}

static int
read_handoff(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->handoff = body.octet[1];
    return FB_REASON_NONE;
}

static int
read_technology(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->technology = body.octet[1];
    return FB_REASON_NONE;
}

static int
read_link_layer(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->link_layer = (fb_octets){body.octet + 2, (uint8_t)(body.length - 2)};
    return FB_REASON_NONE;
}

static int
read_link_local(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    memcpy(options->link_local, body.octet, sizeof options->link_local);
    return FB_REASON_NONE;
}

static int
read_timestamp(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->timestamp = fb_load_u64(body.octet);
    return FB_REASON_NONE;
}

static int
read_restart_counter(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->restart_counter = fb_load_u32(body.octet);
    return FB_REASON_NONE;
}

#define NAT_FORCE 0x80 /* F of RFC 5555 3.2.2 */

static int
read_nat_detection(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->nat_force = (body.octet[0] & NAT_FORCE) != 0;
    options->nat_refresh_s = fb_load_u32(body.octet + 2);
    return FB_REASON_NONE;
}

static int
read_gre_key(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    if (body.length == 6) /* RFC 5845 6.1: Reserved, and the key if one is exchanged */
    {
        options->gre_has_key = true;
        options->gre_key = fb_load_u32(body.octet + 2);
        return FB_REASON_NONE;
    }
    return body.length == 2 ? FB_REASON_NONE : FB_DROP_MH_OPTION_LENGTH;
}

static int
read_ipv4_home(fb_ipv4_home *home, uint8_t status, uint8_t prefix_length, const uint8_t *address)
{
    if (prefix_length > 32)
    {
        return FB_DROP_MH_OPTION_LENGTH;
    }
    *home = (fb_ipv4_home){true, status, prefix_length, fb_load_u32(address)};
    return FB_REASON_NONE;
}

/* RFC 5844 3.3.1: six bits of prefix length, ten reserved ones. */
static int
read_ipv4_home_request(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    return read_ipv4_home(&options->ipv4_request, 0, body.octet[0] >> 2, body.octet + 2);
}

/* RFC 5844 3.3.2: the status, six bits of prefix length, two reserved ones. */
static int
read_ipv4_home_reply(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    return read_ipv4_home(&options->ipv4_reply, body.octet[0], body.octet[1] >> 2, body.octet + 2);
}

static int
read_ipv4_default_router(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->ipv4_default_router = fb_load_u32(body.octet + 2);
    return FB_REASON_NONE;
}

static int
read_dhcp_support(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    options->dhcp_server = (body.octet[1] & 1) != 0; /* S of RFC 5844 3.3.4 */
    return FB_REASON_NONE;
}

static int
read_vendor(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    /* RFC 5094 3: any number of them, and who does not understand one skips it: so also those there is no room for */
    if (options->vendor_count < FB_MESSAGE_VENDORS_MAX)
    {
        options->vendor[options->vendor_count++] = (fb_vendor_option){
            fb_load_u32(body.octet),
            body.octet[4],
            {body.octet + 5, (uint8_t)(body.length - 5)}};
    }
    return FB_REASON_NONE;
}

/* RFC 8278 4.1: B, O and 22 reserved bits, which are ignored. */
#define MULTIPATH_LENGTH 6
#define MULTIPATH_BULK 0x80
#define MULTIPATH_OVERWRITE 0x40
#define BID_RESERVED_LAST 255

static int
read_multipath(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    fb_multipath_binding *multipath = &options->multipath;

    options->multipath_octets = body;
    if (body.length != MULTIPATH_LENGTH)
    {
        return FB_DROP_MULTIPATH_LENGTH; /* D8-03 */
    }
    *multipath = (fb_multipath_binding){body.octet[0],
                                        body.octet[1],
                                        body.octet[2],
                                        (body.octet[3] & MULTIPATH_BULK) != 0,
                                        (body.octet[3] & MULTIPATH_OVERWRITE) != 0};
    options->present |= UINT64_C(1) << FB_OPTION_MULTIPATH_BINDING;
    if (mh_type != FB_MH_BINDING_UPDATE)
    {
        return FB_REASON_NONE; /* RFC 8278 4.4: an echo, perhaps of what was refused for it */
    }
    if (multipath->bid == 0 || multipath->bid == BID_RESERVED_LAST)
    {
        return FB_DROP_BID_RESERVED; /* D8-03 */
    }
    return multipath->bulk && multipath->overwrite ? FB_DROP_BULK_AND_OVERWRITE /* D8-01 */
                                                   : FB_REASON_NONE;
}

/* ---- flows, RFC 6089 ---- */

/** False: the BIDs are no whole number of 16 bits, none, or more than fit. */
static bool
read_binding_reference(fb_flow_identification *flow, fb_octets body)
{
    size_t count = body.length / 2u;

    if (body.length % 2 != 0 || count == 0 || count > FB_FLOW_BIDS_MAX)
    {
        return false;
    }
    flow->reference_count++;
    if (flow->reference_count > 1)
    {
        return true; /* RFC 6089 4.2.1.3 has one only: whoever acts on it looks at the count */
    }
    flow->bid_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++)
    {
        flow->bid[i] = fb_load_u16(body.octet + 2 * i);
    }
    return true;
}

static bool
read_suboption(fb_flow_identification *flow, uint8_t type, fb_octets body)
{
    switch (type)
    {
    case FB_FLOW_BINDING_REFERENCE:
        return read_binding_reference(flow, body);
    case FB_SELECTOR_SUBOPTION:
        if (body.length < 2)
        {
            return false; /* TS Format and Reserved are always there */
        }
        if (flow->selector_count++ == 0)
        {
            flow->selector = body;
        }
        return true;
    default:
        return true; /* RFC 6089 4.2.1: skipped */
    }
}

#define FLOW_SUBOPTIONS_AT 6

/* RFC 6089 4.2: FID, FID-PRI, Reserved, Status, sub-options. What is wrong with it is its own Status, not the
   message's. */
static int
read_flow(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    /* RFC 6089 4.2.1.1, 4.2.1.2: Pad1 and PadN are those of options */
    option_cursor cursor = {body.octet + FLOW_SUBOPTIONS_AT, body.octet + body.length, false};
    fb_flow_identification *flow = &options->flow[options->flow_count];
    fb_octets part;
    uint8_t type;

    (void)mh_type;
    if (options->flow_count == FB_MESSAGE_FLOWS_MAX)
    {
        return FB_DROP_MH_TOO_MANY_OPTIONS;
    }
    options->flow_count++;
    *flow = (fb_flow_identification){.fid = fb_load_u16(body.octet),
                                     .priority = fb_load_u16(body.octet + 2),
                                     .status = body.octet[5],
                                     .whole = body};
    while (next_option(&cursor, &type, &part))
    {
        flow->malformed = !read_suboption(flow, type, part) || flow->malformed;
    }
    flow->malformed = flow->malformed || cursor.failed || flow->fid == 0 || flow->priority == 0;
    return FB_REASON_NONE;
}

/* RFC 6089 4.2.2: one FID or more; a message may have several of these options (5.2.5). */
static int
read_flow_summary(fb_mobility_options *options, fb_octets body, uint8_t mh_type)
{
    (void)mh_type;
    if (body.length % 2 != 0)
    {
        return FB_DROP_MH_OPTION_LENGTH;
    }
    if (body.length / 2 > FB_MESSAGE_FLOWS_MAX - options->summary_count)
    {
        return FB_DROP_MH_TOO_MANY_OPTIONS;
    }
    for (size_t i = 0; i < body.length / 2u; i++)
    {
        options->summary[options->summary_count + i] = fb_load_u16(body.octet + 2 * i);
    }
    options->summary_count = (uint8_t)(options->summary_count + body.length / 2);
    return FB_REASON_NONE;
}

/* ---- the table ---- */

/** A second one is refused (RFC 5213 8, B5213-03, D8-22), or stands for one more of the same. */
#define ONCE FB_DROP_MH_OPTION_REPEATED
#define ANY_NUMBER FB_REASON_NONE

const fb_option_format fb_option_formats[FB_OPTION_FORMATS] = {
    [FB_OPTION_ALTERNATE_CARE_OF_ADDRESS] =
        {"Alternate Care-of Address", 16, 16, 8, 6, IN_UPDATE, ONCE, read_alternate_care_of},
    /* RFC 5213 5.3.6: of zero length where the update had none */
    [FB_OPTION_MOBILE_NODE_IDENTIFIER] =
        {"Mobile Node Identifier", 1, 255, 1, 0, IN_BINDING, ONCE, read_mobile_node},
    [FB_OPTION_VENDOR_SPECIFIC] =
        {"Vendor Specific", 5, 255, 4, 2, IN_ALL, ANY_NUMBER, read_vendor},
    [FB_OPTION_HOME_NETWORK_PREFIX] =
        {"Home Network Prefix", 18, 18, 8, 4, IN_BINDING, ANY_NUMBER, read_home_network_prefix},
    [FB_OPTION_HANDOFF_INDICATOR] =
        {"Handoff Indicator", 2, 2, 1, 0, IN_BINDING, ONCE, read_handoff},
    [FB_OPTION_ACCESS_TECHNOLOGY] =
        {"Access Technology Type", 2, 2, 1, 0, IN_BINDING, ONCE, read_technology},
    /* RFC 5213 8.6: by the size of the identifier, its writer's matter */
    [FB_OPTION_LINK_LAYER_IDENTIFIER] =
        {"Mobile Node Link-layer Identifier", 2, 255, 2, 0, IN_BINDING, ONCE, read_link_layer},
    [FB_OPTION_LINK_LOCAL_ADDRESS] =
        {"Link-local Address", 16, 16, 8, 6, IN_BINDING, ONCE, read_link_local},
    [FB_OPTION_TIMESTAMP] = {"Timestamp", 8, 8, 8, 2, IN_BINDING, ONCE, read_timestamp},
    [FB_OPTION_RESTART_COUNTER] =
        {"Restart Counter", 4, 4, 4, 2, IN_HEARTBEAT, ONCE, read_restart_counter},
    [FB_OPTION_NAT_DETECTION] =
        {"NAT Detection", 6, 6, 4, 0, IN_ACKNOWLEDGEMENT, ONCE, read_nat_detection},
    [FB_OPTION_GRE_KEY] = {"GRE Key", 2, 6, 4, 0, IN_BINDING, ONCE, read_gre_key},
    /* RFC 5648 4.1: the MAG Multipath Binding takes its place (D8-25) */
    [FB_OPTION_BINDING_IDENTIFIER] =
        {"Binding Identifier", 4, 20, 2, 0, IN_BINDING, ANY_NUMBER, read_presence},
    [FB_OPTION_IPV4_HOME_REQUEST] = {"IPv4 Home Address Request",
                                     6,
                                     6,
                                     4,
                                     0,
                                     IN_UPDATE,
                                     FB_DROP_PBU_IPV4_ADDRESSES,
                                     read_ipv4_home_request},
    [FB_OPTION_IPV4_HOME_REPLY] =
        {"IPv4 Home Address Reply", 6, 6, 4, 0, IN_ACKNOWLEDGEMENT, ONCE, read_ipv4_home_reply},
    [FB_OPTION_IPV4_DEFAULT_ROUTER] = {"IPv4 Default-Router Address",
                                       6,
                                       6,
                                       4,
                                       0,
                                       IN_ACKNOWLEDGEMENT,
                                       ONCE,
                                       read_ipv4_default_router},
    [FB_OPTION_DHCP_SUPPORT] =
        {"IPv4 DHCP Support Mode", 2, 2, 1, 0, IN_ACKNOWLEDGEMENT, ONCE, read_dhcp_support},
    [FB_OPTION_FLOW_SUMMARY] =
        {"Flow Summary", 2, 255, 2, 0, IN_BINDING, ANY_NUMBER, read_flow_summary},
    [FB_OPTION_FLOW_IDENTIFICATION] =
        {"Flow Identification", 6, 255, 2, 0, IN_BINDING, ANY_NUMBER, read_flow},
    [FB_OPTION_DELEGATED_PREFIX] = {"Delegated Mobile Network Prefix",
                                    6,
                                    18,
                                    8,
                                    2,
                                    IN_BINDING,
                                    ANY_NUMBER,
                                    read_delegated_prefix},
    [FB_OPTION_MULTIPATH_BINDING] =
        {"MAG Multipath Binding", 0, 255, 1, 0, IN_BINDING, ONCE, read_multipath},
    [FB_OPTION_GATEWAY_IDENTIFIER] =
        {"MAG Identifier", 2, 255, 1, 0, IN_BINDING, ONCE, read_gateway},
};

/** The row of @p type; NULL: none. */
static const fb_option_format *
format_of(uint8_t type)
{
    if (type >= FB_OPTION_FORMATS || fb_option_formats[type].messages == 0)
    {
        return NULL;
    }
    return &fb_option_formats[type];
}

const char *
fb_mobility_option_name(uint8_t type)
{
    const fb_option_format *format = format_of(type);

    return format == NULL ? "unknown" : format->name;
}

size_t
fb_mobility_option_padding(uint8_t type, size_t position)
{
    const fb_option_format *format = format_of(type);

    return format == NULL ? 0 : (format->offset - position) & (format->modulus - 1u);
}

bool
fb_mobility_option_next(fb_reader *reader, uint8_t *type, fb_octets *body)
{
    option_cursor cursor = {reader->data + reader->position, reader->data + reader->length, false};
    bool there = !reader->failed && next_option(&cursor, type, body);

    reader->position = (size_t)(cursor.at - reader->data);
    reader->failed = reader->failed || cursor.failed;
    return there;
}

fb_octets
fb_mobility_option_find(const uint8_t *octets, size_t length, uint8_t wanted)
{
    option_cursor cursor = {octets, octets + length, false};
    fb_octets body;
    uint8_t type;

    while (next_option(&cursor, &type, &body))
    {
        if (type == wanted)
        {
            return body;
        }
    }
    return (fb_octets){NULL, 0};
}

/** One option of a message of @p mh_type, which it is for. 0 or a drop reason. */
static inline int
take_option(fb_mobility_options *options,
            const fb_option_format *format,
            uint8_t mh_type,
            uint8_t type,
            fb_octets body)
{
    uint64_t bit = UINT64_C(1) << (type & 63); /* type 64 has that of Pad1, which is no option */
    int reason;

    if (body.length < format->length_min || body.length > format->length_max)
    {
        return FB_DROP_MH_OPTION_LENGTH;
    }
    if ((options->present & bit) != 0 && format->repeated != ANY_NUMBER)
    {
        return format->repeated;
    }
    reason = format->read(options, body, mh_type);
    if (reason == FB_REASON_NONE)
    {
        options->present |= bit;
    }
    return reason;
}

void
fb_mobility_options_clear(fb_mobility_options *options)
{
    /* What is counted is written when it is counted */
    fb_clear(options, offsetof(fb_mobility_options, home_prefix));
}

/** Whether who does not know RFC 8278 skips the option. */
static bool
is_of_multipath(uint8_t type)
{
    return type == FB_OPTION_MULTIPATH_BINDING || type == FB_OPTION_GATEWAY_IDENTIFIER;
}

int
fb_mobility_options_walk(fb_mobility_options *options,
                         uint8_t mh_type,
                         const uint8_t *octets,
                         size_t length)
{
    option_cursor cursor = {octets, octets + length, false};
    unsigned message = mh_type < sizeof messages ? messages[mh_type] : 0;
    fb_octets body;
    uint8_t type;
    int wrong = FB_REASON_NONE;

    fb_mobility_options_clear(options);
    while (next_option(&cursor, &type, &body))
    {
        const fb_option_format *format =
            &fb_option_formats[type < FB_OPTION_FORMATS ? type : FB_OPTION_PAD1];
        int reason;

        if ((format->messages & message) == 0)
        {
            continue; /* RFC 6275 6.2.1: skipped */
        }
        reason = take_option(options, format, mh_type, type, body);
        if (reason == FB_REASON_NONE)
        {
            continue;
        }
        if (options->wrong_but_for_multipath == FB_REASON_NONE && !is_of_multipath(type))
        {
            options->wrong_but_for_multipath = reason;
        }
        wrong = wrong == FB_REASON_NONE ? reason : wrong;
    }
    return cursor.failed ? FB_DROP_TRUNCATED : wrong;
}
