/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc5177.h"

#include "base/prefix.h"
#include "wire/mobile_ipv4.h"

/* RFC 5177 4.1, 4.2: the Length of each Sub-Type, by Sub-Type. */
static const uint8_t lengths[] = {
    [FB_MOBILE_NETWORK_REQUEST] = 6,
    [FB_MOBILE_NETWORK_EXPLICIT] = 8,
    [FB_MOBILE_NETWORK_IMPLICIT] = 8,
};

int
fb_mobile_network_decode(fb_mobile_network *network, const uint8_t *body, size_t length)
{
    fb_reader reader = fb_reader_over(body, length);

    *network = (fb_mobile_network){.subtype = fb_read_u8(&reader)};
    if (length > 0 && network->subtype >= sizeof lengths)
    {
        return FB_DROP_UNKNOWN_SUBTYPE;
    }
    if (length == 0 || length != lengths[network->subtype])
    {
        return FB_DROP_NETWORK_MALFORMED;
    }
    if (network->subtype != FB_MOBILE_NETWORK_REQUEST)
    {
        network->code = fb_read_u8(&reader);
    }
    network->prefix.length = fb_read_u8(&reader);
    if (network->subtype != FB_MOBILE_NETWORK_REQUEST)
    {
        fb_read_skip(&reader, 1); /* Reserved */
    }
    network->prefix.address = fb_addr_from_ipv4(fb_read_u32(&reader));
    if (fb_prefix_valid(&network->prefix))
    {
        fb_prefix_clear_host_bits(&network->prefix);
    }
    return FB_REASON_NONE;
}

void
fb_mobile_network_write(fb_writer *writer, const fb_mobile_network *network)
{
    fb_write_u8(writer, FB_EXT_MOBILE_NETWORK);
    fb_write_u8(writer, lengths[network->subtype]);
    fb_write_u8(writer, network->subtype);
    if (network->subtype != FB_MOBILE_NETWORK_REQUEST)
    {
        fb_write_u8(writer, network->code);
    }
    fb_write_u8(writer, network->prefix.length);
    if (network->subtype != FB_MOBILE_NETWORK_REQUEST)
    {
        fb_write_u8(writer, 0); /* Reserved */
    }
    fb_write_bytes(writer, network->prefix.address.octet, 4);
}
