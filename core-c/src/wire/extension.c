/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/extension.h"

#include "wire/mobile_ipv4.h"

/* Shortest Flow-Binding: Action, BID Count, one BID, TS Format, flag word (RFC 7629 4.2, RFC 6088 3.1). */
#define FLOW_BINDING_MIN 8

/* An authentication extension is an SPI and the authenticator, whose length its association knows (RFC 5944 3.5.2). */
#define AUTHENTICATION_MIN 4

/* Rows are tried in order: the most frequent ones first. */
static const fb_extension_format formats[] = {
    {FB_EXT_MULTIPATH,
     FB_EXT_SUBTYPE_FLOW_BINDING,
     FB_EXT_HEADER_LONG,
     FLOW_BINDING_MIN,
     UINT16_MAX,
     FB_DROP_FLOW_BINDING_LENGTH,
     "Flow-Binding"},
    {FB_EXT_MULTIPATH,
     FB_EXT_SUBTYPE_MULTIPATH,
     FB_EXT_HEADER_LONG,
     4,
     4,
     FB_DROP_MULTIPATH_LENGTH,
     "Multipath"},
    {FB_EXT_MOBILE_HOME_AUTHENTICATION,
     0,
     FB_EXT_HEADER_SHORT,
     AUTHENTICATION_MIN,
     UINT8_MAX,
     FB_DROP_AUTHENTICATION_LENGTH,
     "Mobile-Home Authentication"},
    {FB_EXT_PADDING, 0, FB_EXT_HEADER_PADDING, 0, 0, FB_REASON_NONE, "Padding"},
    {FB_EXT_MOBILE_FOREIGN_AUTHENTICATION,
     0,
     FB_EXT_HEADER_SHORT,
     AUTHENTICATION_MIN,
     UINT8_MAX,
     FB_DROP_AUTHENTICATION_LENGTH,
     "Mobile-Foreign Authentication"},
    {FB_EXT_FOREIGN_HOME_AUTHENTICATION,
     0,
     FB_EXT_HEADER_SHORT,
     AUTHENTICATION_MIN,
     UINT8_MAX,
     FB_DROP_AUTHENTICATION_LENGTH,
     "Foreign-Home Authentication"},
    {FB_EXT_UDP_TUNNEL_REPLY,
     0,
     FB_EXT_HEADER_SHORT,
     6,
     6,
     FB_DROP_UDP_TUNNEL_MISPLACED,
     "UDP Tunnel Reply"},
    {FB_EXT_ENCAPSULATING_DELIVERY,
     0,
     FB_EXT_HEADER_SHORT,
     0,
     0,
     FB_DROP_AGENT_POOR_REQUEST,
     "Encapsulating Delivery Style"},
    {FB_EXT_NAI,
     0,
     FB_EXT_HEADER_SHORT,
     1,
     UINT8_MAX,
     FB_DROP_NETWORK_MALFORMED,
     "Mobile Node NAI"},
    {FB_EXT_UDP_TUNNEL_REQUEST,
     0,
     FB_EXT_HEADER_SHORT,
     6,
     6,
     FB_DROP_UDP_TUNNEL_MISPLACED,
     "UDP Tunnel Request"},
    {FB_EXT_MOBILE_NETWORK,
     0,
     FB_EXT_HEADER_SHORT,
     2,
     UINT8_MAX,
     FB_DROP_NETWORK_MALFORMED,
     "Mobile Network"},
    {FB_EXT_IPV6,
     0,
     FB_EXT_HEADER_SHORT,
     2,
     UINT8_MAX,
     FB_DROP_NETWORK_MALFORMED,
     "IPv6 Dual Stack"},
    /* RFC 3115 2.3: one nobody understands is skipped, whatever it holds */
    {FB_EXT_VENDOR, 0, FB_EXT_HEADER_SHORT, 0, UINT8_MAX, FB_REASON_NONE, "Normal Vendor-Specific"},
};

const fb_extension_format *
fb_extension_format_find(uint8_t type, uint8_t subtype)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    {
        if (formats[i].type == type && formats[i].subtype == subtype)
        {
            return &formats[i];
        }
    }
    return NULL;
}

int
fb_extension_length_check(uint8_t type, uint8_t subtype, size_t length)
{
    const fb_extension_format *format = fb_extension_format_find(type, subtype);
    if (format == NULL)
    {
        return FB_REASON_NONE;
    }
    if (length < format->length_min || length > format->length_max)
    {
        return format->length_reason;
    }
    return FB_REASON_NONE;
}

const char *
fb_mip4_extension_name(uint8_t type, uint8_t subtype)
{
    const fb_extension_format *format = fb_extension_format_find(type, subtype);
    return format == NULL ? "unknown" : format->name;
}
