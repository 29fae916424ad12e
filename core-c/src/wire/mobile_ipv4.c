/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/mobile_ipv4.h"

#include "wire/extension.h"

/** One octet of flags the sender leaves zero: r and x (RFC 5944 3.3). */
#define FLAGS_SENT ((uint8_t) ~(FB_MIP4_FLAG_R | FB_MIP4_FLAG_X))

/** Types from here on may be skipped when they are not known (RFC 5944 1.8). */
#define SKIPPABLE_FROM 128

typedef struct code_name
{
    uint8_t code;
    const char *name;
} code_name;

static const code_name codes[] = {
    {FB_MIP4_ACCEPTED, "registration accepted"},
    {FB_MIP4_ACCEPTED_NO_SIMULTANEOUS,
     "registration accepted, simultaneous mobility bindings unsupported"},

    /* Denied by the foreign agent: RFC 5944 3.4, RFC 3024 4, RFC 2794 5. */
    {FB_MIP4_FA_UNSPECIFIED, "foreign agent: reason unspecified"},
    {FB_MIP4_FA_PROHIBITED, "foreign agent: administratively prohibited"},
    {FB_MIP4_FA_RESOURCES, "foreign agent: insufficient resources"},
    {FB_MIP4_FA_NODE_AUTHENTICATION, "foreign agent: mobile node failed authentication"},
    {FB_MIP4_FA_HOME_AGENT_AUTHENTICATION, "foreign agent: home agent failed authentication"},
    {FB_MIP4_FA_LIFETIME_TOO_LONG, "foreign agent: requested Lifetime too long"},
    {FB_MIP4_FA_POOR_REQUEST, "foreign agent: poorly formed Request"},
    {FB_MIP4_FA_POOR_REPLY, "foreign agent: poorly formed Reply"},
    {FB_MIP4_FA_ENCAPSULATION_UNAVAILABLE, "foreign agent: requested encapsulation unavailable"},
    {FB_MIP4_FA_REVERSE_TUNNEL_UNAVAILABLE, "foreign agent: requested reverse tunnel unavailable"},
    {FB_MIP4_FA_REVERSE_TUNNEL_MANDATORY,
     "foreign agent: reverse tunnel is mandatory and T not set"},
    {FB_MIP4_FA_TOO_DISTANT, "foreign agent: mobile node too distant"},
    {FB_MIP4_FA_INVALID_CARE_OF_ADDRESS, "foreign agent: invalid care-of address"},
    {FB_MIP4_FA_TIMEOUT, "foreign agent: registration timeout"},
    {FB_MIP4_FA_DELIVERY_STYLE, "foreign agent: delivery style not supported"},
    {FB_MIP4_FA_NETWORK_UNREACHABLE, "foreign agent: home network unreachable"},
    {FB_MIP4_FA_HOST_UNREACHABLE, "foreign agent: home agent host unreachable"},
    {FB_MIP4_FA_PORT_UNREACHABLE, "foreign agent: home agent port unreachable"},
    {FB_MIP4_FA_UNREACHABLE, "foreign agent: home agent unreachable"},
    {FB_MIP4_FA_HOME_ADDRESS_REQUIRED, "foreign agent: NONZERO_HOMEADDR_REQD"},
    {FB_MIP4_FA_MISSING_NAI, "foreign agent: MISSING_NAI"},
    {FB_MIP4_FA_MISSING_HOME_AGENT, "foreign agent: MISSING_HOME_AGENT"},
    {FB_MIP4_FA_MISSING_HOME_ADDRESS, "foreign agent: MISSING_HOMEADDR"},
    {FB_MIP4_FA_INVALID_HOME_AGENT, "foreign agent: invalid home agent address"},

    /* Denied by the home agent: RFC 5944 3.4, RFC 3024 4, RFC 3519 3.3, RFC 5177 7, RFC 7629 4.3. */
    {FB_MIP4_REASON_UNSPECIFIED, "reason unspecified"},
    {FB_MIP4_ADMINISTRATIVELY_PROHIBITED, "administratively prohibited"},
    {FB_MIP4_INSUFFICIENT_RESOURCES, "insufficient resources"},
    {FB_MIP4_FAILED_AUTHENTICATION, "mobile node failed authentication"},
    {FB_MIP4_FOREIGN_AGENT_AUTHENTICATION, "foreign agent failed authentication"},
    {FB_MIP4_IDENTIFICATION_MISMATCH, "registration Identification mismatch"},
    {FB_MIP4_POORLY_FORMED, "poorly formed Request"},
    {FB_MIP4_TOO_MANY_BINDINGS, "too many simultaneous mobility bindings"},
    {FB_MIP4_UNKNOWN_HOME_AGENT, "unknown home agent address"},
    {FB_MIP4_REVERSE_TUNNEL_UNAVAILABLE, "requested reverse tunnel unavailable"},
    {FB_MIP4_REVERSE_TUNNEL_MANDATORY, "reverse tunnel is mandatory and T not set"},
    {FB_MIP4_ENCAPSULATION_UNAVAILABLE, "requested encapsulation unavailable"},
    {FB_MIP4_UDP_TUNNEL_UNAVAILABLE, "requested UDP tunnel encapsulation unavailable"},
    {FB_MIP4_NETWORK_ERROR, "mobile network prefix operation error"},
    {FB_MIP4_NETWORK_PROHIBITED, "mobile router operation is not permitted"},
    {FB_MIP4_MULTIPATH_NOT_ALLOWED, "MULTIPATH_NOT_ALLOWED"},
    {FB_MIP4_INVALID_FB_IDENTIFIER, "INVALID_FB_IDENTIFIER"},
};

const char *
fb_mip4_code_name(uint8_t code)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    {
        if (codes[i].code == code)
        {
            return codes[i].name;
        }
    }
    return "unassigned";
}

/** RFC 5944 3.3: 24 octets. */
static void
read_request(fb_mip4_fixed *fixed, fb_reader *reader)
{
    fixed->flags = fb_read_u8(reader);
    fixed->lifetime_s = fb_read_u16(reader);
    fixed->home_address = fb_read_u32(reader);
    fixed->home_agent = fb_read_u32(reader);
    fixed->care_of_address = fb_read_u32(reader);
    fixed->identification = fb_read_u64(reader);
}

/** RFC 5944 3.4: 20 octets; there is no care-of address. */
static void
read_reply(fb_mip4_fixed *fixed, fb_reader *reader)
{
    fixed->code = fb_read_u8(reader);
    fixed->lifetime_s = fb_read_u16(reader);
    fixed->home_address = fb_read_u32(reader);
    fixed->home_agent = fb_read_u32(reader);
    fixed->identification = fb_read_u64(reader);
}

/** Reads what stands in front of an extension's body. 0 or a drop reason. */
static int
read_extension_header(fb_mip4_extension *extension, fb_reader *reader, bool legacy)
{
    *extension = (fb_mip4_extension){.start = (uint16_t)reader->position};
    extension->type = fb_read_u8(reader);

    if (extension->type == FB_EXT_MULTIPATH && !legacy)
    {
        /* D-01: the long format, although types from 128 on otherwise have the short one. */
        extension->subtype = fb_read_u8(reader);
        extension->length = fb_read_u16(reader);
    }
    else if (extension->type != FB_EXT_PADDING)
    {
        extension->length = fb_read_u8(reader);
    }
    extension->body = (uint16_t)reader->position;
    fb_read_skip(reader, extension->length);
    if (reader->failed)
    {
        return FB_DROP_TRUNCATED;
    }

    if (fb_extension_format_find(extension->type, extension->subtype) != NULL)
    {
        return FB_REASON_NONE;
    }
    if (extension->type == FB_EXT_MULTIPATH && !legacy)
    {
        return FB_DROP_UNKNOWN_SUBTYPE; /* D-19 */
    }
    return extension->type < SKIPPABLE_FROM ? FB_DROP_UNKNOWN_EXTENSION : FB_REASON_NONE;
}

static int
walk_extensions(fb_mip4_message *message, fb_reader *reader, bool legacy)
{
    while (fb_read_left(reader) > 0)
    {
        fb_mip4_extension extension;
        int reason = read_extension_header(&extension, reader, legacy);
        if (reason != FB_REASON_NONE)
        {
            return reason;
        }
        if (extension.type == FB_EXT_PADDING || (legacy && extension.type == FB_EXT_MULTIPATH))
        {
            continue;
        }
        if (message->extension_count == FB_MIP4_EXTENSIONS_MAX)
        {
            return FB_DROP_TOO_MANY_EXTENSIONS;
        }
        if (extension.type == FB_EXT_MOBILE_HOME_AUTHENTICATION && message->mobile_home < 0)
        {
            message->mobile_home = message->extension_count;
        }
        message->extension[message->extension_count] = extension;
        message->extension_count++;
    }
    return FB_REASON_NONE;
}

static int
walk(fb_mip4_message *message, const uint8_t *data, size_t length, bool legacy)
{
    message->data = data;
    message->length = length;
    message->fixed = (fb_mip4_fixed){0};
    message->mobile_home = -1;
    message->extension_count = 0;
    if (length == 0 || length > UINT16_MAX)
    {
        /* No datagram is longer than its 16 bit length: offsets below fit 16 bits. */
        return FB_DROP_TRUNCATED;
    }

    fb_reader reader = fb_reader_over(data, length);
    message->fixed.type = fb_read_u8(&reader);
    switch (message->fixed.type)
    {
    case FB_MIP4_REQUEST:
        read_request(&message->fixed, &reader);
        break;
    case FB_MIP4_REPLY:
        read_reply(&message->fixed, &reader);
        break;
    default:
        return FB_DROP_UNKNOWN_MESSAGE;
    }
    if (reader.failed)
    {
        return FB_DROP_TRUNCATED;
    }
    return walk_extensions(message, &reader, legacy);
}

int
fb_mip4_walk(fb_mip4_message *message, const uint8_t *data, size_t length)
{
    return walk(message, data, length, false);
}

int
fb_mip4_walk_legacy(fb_mip4_message *message, const uint8_t *data, size_t length)
{
    return walk(message, data, length, true);
}

unsigned
fb_mip4_extension_count(const fb_mip4_message *message, uint8_t type)
{
    unsigned count = 0;

    for (uint16_t i = 0; i < message->extension_count; i++)
    {
        count += message->extension[i].type == type;
    }
    return count;
}

int
fb_mip4_extension_find(const fb_mip4_message *message, uint8_t type)
{
    for (int i = 0; i < message->extension_count; i++)
    {
        if (message->extension[i].type == type)
        {
            return i;
        }
    }
    return -1;
}

/** Reads a Multipath Extension of a request that had @p request->has_multipath so far. */
static int
check_multipath(fb_mip4_request *request, const uint8_t *body, size_t length, uint16_t lifetime_s)
{
    if (request->has_multipath)
    {
        return FB_DROP_MULTIPATH_REPEATED; /* RFC 7629 4.1: at most one (D-14) */
    }
    int reason = fb_multipath_decode(&request->multipath, body, length);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    request->has_multipath = true;
    if (lifetime_s == 0)
    {
        request->multipath.overwrite = false; /* D-04: O means nothing in a de-registration */
    }
    if (request->multipath.bulk && request->multipath.overwrite)
    {
        return FB_DROP_BULK_AND_OVERWRITE; /* D-03 */
    }
    return FB_REASON_NONE;
}

int
fb_mip4_check_request(fb_mip4_request *request,
                      const fb_mip4_message *message,
                      fb_selector_layout layout)
{
    *request = (fb_mip4_request){0};
    bool has_flow_binding = false;
    for (int i = 0; i < message->extension_count; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];
        if (extension->type != FB_EXT_MULTIPATH)
        {
            continue;
        }
        if (message->mobile_home >= 0 && i > message->mobile_home)
        {
            return FB_DROP_MULTIPATH_AFTER_AUTHENTICATION; /* D-16 */
        }

        const uint8_t *body = message->data + extension->body;
        int reason = FB_REASON_NONE;
        if (extension->subtype == FB_EXT_SUBTYPE_MULTIPATH)
        {
            reason = check_multipath(request, body, extension->length, message->fixed.lifetime_s);
        }
        else
        {
            has_flow_binding = true;
            if (message->fixed.lifetime_s == 0)
            {
                continue; /* C-15: what a de-registration says about flows is ignored */
            }
            fb_rule rule;
            reason = fb_flow_binding_decode(&rule, body, extension->length, layout);
            request->flow_binding_count++;
            request->flow_binding_octets += extension->length;
        }
        if (reason != FB_REASON_NONE)
        {
            return reason;
        }
    }
    if (has_flow_binding && !request->has_multipath)
    {
        return FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH; /* D-15 */
    }
    return FB_REASON_NONE;
}

bool
fb_mip4_care_of_address_usable(const fb_mip4_fixed *request)
{
    fb_ipv4 address = request->care_of_address;
    bool multicast_or_beyond = address >= UINT32_C(0xe0000000);

    if (request->lifetime_s == 0)
    {
        return true;
    }
    return address != 0 && !multicast_or_beyond && address != request->home_address &&
           address != request->home_agent;
}

const fb_mip4_extension *
fb_mip4_next_flow_binding(const fb_mip4_message *message, const fb_mip4_extension *previous)
{
    const fb_mip4_extension *end = message->extension + message->extension_count;
    const fb_mip4_extension *next = previous == NULL ? message->extension : previous + 1;

    while (next < end &&
           (next->type != FB_EXT_MULTIPATH || next->subtype != FB_EXT_SUBTYPE_FLOW_BINDING))
    {
        next++;
    }
    return next < end ? next : NULL;
}

/** The @p index-th Flow-Binding; NULL: no such one. */
static const fb_mip4_extension *
find_flow_binding(const fb_mip4_message *message, size_t index)
{
    const fb_mip4_extension *found = fb_mip4_next_flow_binding(message, NULL);

    while (found != NULL && index-- > 0)
    {
        found = fb_mip4_next_flow_binding(message, found);
    }
    return found;
}

bool
fb_mip4_flow_binding(const fb_mip4_message *message,
                     size_t index,
                     fb_selector_layout layout,
                     fb_rule *rule)
{
    const fb_mip4_extension *found = find_flow_binding(message, index);

    return found != NULL &&
           fb_flow_binding_decode(rule, message->data + found->body, found->length, layout) ==
               FB_REASON_NONE;
}

bool
fb_mip4_flow_binding_bids(const fb_mip4_message *message,
                          const fb_mip4_extension *flow_binding,
                          fb_rule *rule)
{
    fb_reader reader = fb_reader_over(message->data + flow_binding->body, flow_binding->length);
    rule->action = fb_read_u8(&reader);
    rule->bid_count = fb_read_u8(&reader);
    if (rule->bid_count > FB_BIDS_PER_RULE)
    {
        return false;
    }
    fb_read_bytes(&reader, rule->bid, rule->bid_count);
    return !reader.failed;
}

void
fb_mip4_write_fixed(fb_writer *writer, const fb_mip4_fixed *fixed)
{
    fb_write_u8(writer, fixed->type);
    switch (fixed->type)
    {
    case FB_MIP4_REQUEST:
        fb_write_u8(writer, fixed->flags & FLAGS_SENT);
        fb_write_u16(writer, fixed->lifetime_s);
        fb_write_u32(writer, fixed->home_address);
        fb_write_u32(writer, fixed->home_agent);
        fb_write_u32(writer, fixed->care_of_address);
        fb_write_u64(writer, fixed->identification);
        return;
    case FB_MIP4_REPLY:
        fb_write_u8(writer, fixed->code);
        fb_write_u16(writer, fixed->lifetime_s);
        fb_write_u32(writer, fixed->home_address);
        fb_write_u32(writer, fixed->home_agent);
        fb_write_u64(writer, fixed->identification);
        return;
    default:
        writer->failed = true;
        return;
    }
}

void
fb_mip4_patch_request_identification(fb_writer *writer, uint64_t identification)
{
    for (unsigned i = 0; i < 4; i++)
    {
        /* RFC 5944 3.3: octets 16 to 23 */
        fb_write_patch_u16(writer, 16 + 2 * i, (uint16_t)(identification >> (48 - 16 * i)));
    }
}
