/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc3519.h"

#include "wire/extension.h"
#include "wire/tunnel_echo.h"

/* RFC 3519 3.1, 3.2: both bodies are Sub-Type 0, an octet, and four more. */
#define BODY 6
#define SUBTYPE 0

#define FLAG_FORCE 0x80
#define FLAG_THROUGH_AGENT 0x40

bool
fb_udp_tunnel_request_decode(fb_udp_tunnel_request *request, const uint8_t *body, size_t length)
{
    fb_reader reader = fb_reader_over(body, length);
    uint8_t subtype = fb_read_u8(&reader);
    uint8_t flags;
    uint16_t reserved;

    fb_read_skip(&reader, 1); /* Reserved 1: ignored */
    flags = fb_read_u8(&reader);
    request->force = (flags & FLAG_FORCE) != 0;
    request->through_agent = (flags & FLAG_THROUGH_AGENT) != 0;
    request->encapsulation = fb_read_u8(&reader);
    reserved = fb_read_u16(&reader);
    return !reader.failed && subtype == SUBTYPE && reserved == 0;
}

bool
fb_udp_tunnel_reply_decode(fb_udp_tunnel_reply *reply, const uint8_t *body, size_t length)
{
    fb_reader reader = fb_reader_over(body, length);
    uint8_t subtype = fb_read_u8(&reader);

    reply->code = fb_read_u8(&reader);
    reply->forced = (fb_read_u8(&reader) & FLAG_FORCE) != 0;
    fb_read_skip(&reader, 1); /* Reserved: ignored */
    reply->keepalive_s = fb_read_u16(&reader);
    return !reader.failed && subtype == SUBTYPE;
}

fb_udp_tunnel_found
fb_udp_tunnel_request_find(fb_udp_tunnel_request *request, const fb_mip4_message *message)
{
    for (int i = 0; i < message->extension_count; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];

        if (extension->type != FB_EXT_UDP_TUNNEL_REQUEST)
        {
            continue;
        }
        if (fb_extension_length_check(extension->type, 0, extension->length) != FB_REASON_NONE)
        {
            return FB_UDP_TUNNEL_MALFORMED;
        }
        if (fb_udp_tunnel_request_decode(request,
                                         message->data + extension->body,
                                         extension->length))
        {
            return i < message->mobile_home ? FB_UDP_TUNNEL_AUTHENTICATED : FB_UDP_TUNNEL_BEHIND;
        }
    }
    return FB_UDP_TUNNEL_ABSENT;
}

fb_udp_tunnel_found
fb_udp_tunnel_reply_find(fb_udp_tunnel_reply *reply, const fb_mip4_message *message)
{
    for (int i = 0; i < message->mobile_home; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];

        if (extension->type == FB_EXT_UDP_TUNNEL_REPLY)
        {
            bool understood = fb_extension_length_check(extension->type, 0, extension->length) ==
                                  FB_REASON_NONE &&
                              fb_udp_tunnel_reply_decode(reply,
                                                         message->data + extension->body,
                                                         extension->length);

            return understood ? FB_UDP_TUNNEL_AUTHENTICATED : FB_UDP_TUNNEL_MALFORMED;
        }
    }
    return FB_UDP_TUNNEL_ABSENT;
}

void
fb_udp_tunnel_request_write(fb_writer *writer, const fb_udp_tunnel_request *request)
{
    fb_write_u8(writer, FB_EXT_UDP_TUNNEL_REQUEST);
    fb_write_u8(writer, BODY);
    fb_write_u8(writer, SUBTYPE);
    fb_write_u8(writer, 0);
    fb_write_u8(writer,
                (uint8_t)((request->force ? FLAG_FORCE : 0) |
                          (request->through_agent ? FLAG_THROUGH_AGENT : 0)));
    fb_write_u8(writer, request->encapsulation);
    fb_write_u16(writer, 0);
}

void
fb_udp_tunnel_reply_write(fb_writer *writer, const fb_udp_tunnel_reply *reply)
{
    fb_write_u8(writer, FB_EXT_UDP_TUNNEL_REPLY);
    fb_write_u8(writer, BODY);
    fb_write_u8(writer, SUBTYPE);
    fb_write_u8(writer, reply->code);
    fb_write_u8(writer, reply->forced ? FLAG_FORCE : 0);
    fb_write_u8(writer, 0);
    fb_write_u16(writer, reply->keepalive_s);
}

void
fb_udp_keepalive_write(fb_writer *writer, const fb_udp_keepalive *keepalive)
{
    fb_tunnel_echo echo = {.tunnel = keepalive->tunnel,
                           .udp = FB_TUNNEL_UDP_DATA,
                           .source = fb_addr_from_ipv4(keepalive->home_address),
                           .destination = fb_addr_from_ipv4(keepalive->home_agent),
                           .identifier = keepalive->identifier,
                           .sequence = keepalive->sequence};

    (void)fb_tunnel_echo_write(writer, &echo);
}
