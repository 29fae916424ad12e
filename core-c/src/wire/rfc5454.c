/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc5454.h"

#include "base/prefix.h"
#include "wire/mobile_ipv4.h"

/* RFC 5454 2.1, 2.2, 2.3: the Length of each Subtype, by Subtype; 0 is none. */
static const uint8_t lengths[] = {
    [FB_IPV6_PREFIX_REQUEST] = 18,
    [FB_IPV6_PREFIX_REPLY] = 20,
    [FB_IPV6_TUNNELING_MODE] = 2,
};

int
fb_ipv6_extension_decode(fb_ipv6_extension *extension, const uint8_t *body, size_t length)
{
    fb_reader reader = fb_reader_over(body, length);

    *extension = (fb_ipv6_extension){.subtype = fb_read_u8(&reader)};
    if (length > 0 && (extension->subtype == 0 || extension->subtype >= sizeof lengths))
    {
        return FB_DROP_UNKNOWN_SUBTYPE;
    }
    if (length == 0 || length != lengths[extension->subtype])
    {
        return FB_DROP_NETWORK_MALFORMED;
    }
    if (extension->subtype == FB_IPV6_TUNNELING_MODE)
    {
        return FB_REASON_NONE;
    }
    extension->code = extension->subtype == FB_IPV6_PREFIX_REPLY ? fb_read_u8(&reader) : 0;
    extension->prefix.length = fb_read_u8(&reader);
    fb_read_skip(&reader, extension->subtype == FB_IPV6_PREFIX_REPLY ? 1 : 0); /* Reserved */
    extension->prefix.address.family = FB_FAMILY_IPV6;
    fb_read_bytes(&reader, extension->prefix.address.octet, 16);
    if (extension->prefix.length <= 128)
    {
        /* RFC 5454 2.1, 2.2: "ignored by the receiver" */
        fb_prefix_clear_host_bits(&extension->prefix);
    }
    return FB_REASON_NONE;
}

void
fb_ipv6_extension_write(fb_writer *writer, const fb_ipv6_extension *extension)
{
    fb_write_u8(writer, FB_EXT_IPV6);
    fb_write_u8(writer, lengths[extension->subtype]);
    fb_write_u8(writer, extension->subtype);
    switch (extension->subtype)
    {
    case FB_IPV6_PREFIX_REQUEST:
        fb_write_u8(writer, extension->prefix.length);
        break;
    case FB_IPV6_PREFIX_REPLY:
        fb_write_u8(writer, extension->code);
        fb_write_u8(writer, extension->prefix.length);
        fb_write_u8(writer, 0); /* Reserved */
        break;
    default:
        fb_write_u8(writer, 0); /* Reserved */
        return;
    }
    fb_write_bytes(writer, extension->prefix.address.octet, 16);
}
