/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/mobility_header.h"

#include "base/octets.h"
#include "flowbind/reason.h"
#include "wire/checksum.h"

#include <string.h>

/* RFC 6275 6.1.1: Payload Proto, Header Len, MH Type, Reserved, Checksum. */
#define HEADER_LEN_AT 1
#define CHECKSUM_AT 4
#define DATA_AT 6

/** Header Len counts these, without the first (RFC 6275 6.1.1). */
#define UNIT 8

/** Where the options of a message begin, by MH Type. */
static const uint8_t options_at[] = {[FB_MH_BINDING_UPDATE] = 12,
                                     [FB_MH_BINDING_ACKNOWLEDGEMENT] = 12,
                                     [FB_MH_HEARTBEAT] = 12,
                                     [FB_MH_BINDING_ERROR] = 24};

size_t
fb_mh_options_at(uint8_t type)
{
    return type < sizeof options_at ? options_at[type] : 0;
}

uint16_t
fb_mh_checksum(const fb_addr *source,
               const fb_addr *destination,
               const uint8_t *octets,
               size_t length)
{
    uint32_t sum = fb_checksum_message6(source, destination, FB_PROTOCOL_MOBILITY, octets, length);

    if (length >= DATA_AT)
    {
        /* all but the checksum itself, which its complement takes out (RFC 1624 3) */
        sum += (uint16_t)~fb_load_u16(octets + CHECKSUM_AT);
    }
    return fb_checksum_finish(sum);
}

/** Whether the header carries a checksum between these: in UDP over IPv4 it does not (RFC 5844 4.1.3.1, B5844-03). */
static bool
has_checksum(const fb_addr *source)
{
    return source->family == FB_FAMILY_IPV6;
}

static void
read_fixed(fb_mh_fixed *fixed, fb_reader *reader)
{
    switch (fixed->type)
    {
    case FB_MH_BINDING_UPDATE: /* RFC 6275 6.1.7 */
        fixed->sequence = fb_read_u16(reader);
        fixed->flags = fb_read_u16(reader);
        fixed->lifetime = fb_read_u16(reader);
        return;
    case FB_MH_BINDING_ACKNOWLEDGEMENT: /* RFC 6275 6.1.8 */
        fixed->status = fb_read_u8(reader);
        fixed->flags = fb_read_u8(reader);
        fixed->sequence = fb_read_u16(reader);
        fixed->lifetime = fb_read_u16(reader);
        return;
    case FB_MH_HEARTBEAT: /* RFC 5847 3.3 */
        fixed->flags = fb_read_u16(reader);
        fixed->heartbeat = fb_read_u32(reader);
        return;
    default: /* RFC 6275 6.1.9: a Home Address follows that is none with Status 2 */
        fixed->status = fb_read_u8(reader);
        return;
    }
}

/** The rules of RFC 6275 9.2 in their order, once the fixed part is read. 0 or the drop reason. */
static int
check_header(const fb_mh_message *message, const fb_addr *source, const fb_addr *destination)
{
    size_t fixed_length = fb_mh_options_at(message->fixed.type);
    const uint8_t *octets = message->octets;

    if (has_checksum(source) && fb_load_u16(octets + CHECKSUM_AT) !=
                                    fb_mh_checksum(source, destination, octets, message->length))
    {
        return FB_DROP_MH_CHECKSUM;
    }
    if (fixed_length == 0)
    {
        return FB_DROP_MH_TYPE;
    }
    if (octets[0] != FB_PROTOCOL_NONE)
    {
        return FB_DROP_MH_PAYLOAD_PROTO;
    }
    return message->length < fixed_length ? FB_DROP_MH_LENGTH : FB_REASON_NONE;
}

/** RFC 5213 8.1, 8.2: without P it is between a mobile node and its home agent. */
static bool
is_for_proxies(const fb_mh_fixed *fixed)
{
    switch (fixed->type)
    {
    case FB_MH_BINDING_UPDATE:
        return (fixed->flags & FB_PBU_PROXY) != 0;
    case FB_MH_BINDING_ACKNOWLEDGEMENT:
        return (fixed->flags & FB_PBA_PROXY) != 0;
    default:
        return true;
    }
}

int
fb_mh_read(fb_mh_message *message, const uint8_t *octets, size_t length)
{
    message->fixed = (fb_mh_fixed){.type = 0};
    message->octets = octets;
    message->length = length;
    message->framed = false;
    if (length < UNIT)
    {
        fb_mobility_options_clear(&message->options);
        return FB_DROP_TRUNCATED;
    }
    fb_reader reader = fb_reader_over(octets + DATA_AT, length - DATA_AT);
    size_t said = ((size_t)octets[HEADER_LEN_AT] + 1) * UNIT;
    message->fixed.type = octets[FB_MH_TYPE_AT];
    read_fixed(&message->fixed, &reader);
    if (said > length)
    {
        fb_mobility_options_clear(&message->options);
        return FB_DROP_TRUNCATED;
    }
    /* RFC 8200 4.7: what is behind a header whose Next Header is 59 is ignored */
    message->length = said;
    message->framed = true;

    size_t fixed_length = fb_mh_options_at(message->fixed.type);
    if (fixed_length == 0 || fixed_length > said)
    {
        fb_mobility_options_clear(&message->options);
        return FB_REASON_NONE;
    }
    int reason = fb_mobility_options_walk(&message->options,
                                          message->fixed.type,
                                          octets + fixed_length,
                                          said - fixed_length);
    return reason == FB_DROP_TRUNCATED || is_for_proxies(&message->fixed) ? reason
                                                                          : FB_DROP_MH_NOT_PROXY;
}

int
fb_mh_check(fb_mh_message *message, const fb_addr *source, const fb_addr *destination, int reason)
{
    int wrong = message->framed ? check_header(message, source, destination) : FB_REASON_NONE;

    if (wrong == FB_REASON_NONE)
    {
        return reason;
    }
    fb_mobility_options_clear(&message->options); /* not to be believed */
    return wrong;
}

int
fb_mh_walk(fb_mh_message *message,
           const fb_addr *source,
           const fb_addr *destination,
           const uint8_t *octets,
           size_t length)
{
    int reason = fb_mh_read(message, octets, length);

    return fb_mh_check(message, source, destination, reason);
}

/** Behind the checksum, @p octets long enough for the type. What is not written is 0. */
static void
write_fixed(uint8_t *octets, const fb_mh_fixed *fixed)
{
    switch (fixed->type)
    {
    case FB_MH_BINDING_UPDATE:
        fb_store_u16(octets, fixed->sequence);
        fb_store_u16(octets + 2, fixed->flags);
        fb_store_u16(octets + 4, fixed->lifetime);
        return;
    case FB_MH_BINDING_ACKNOWLEDGEMENT:
        octets[0] = fixed->status;
        octets[1] = (uint8_t)fixed->flags;
        fb_store_u16(octets + 2, fixed->sequence);
        fb_store_u16(octets + 4, fixed->lifetime);
        return;
    case FB_MH_HEARTBEAT:
        fb_store_u16(octets, fixed->flags);
        fb_store_u32(octets + 2, fixed->heartbeat);
        return;
    default: /* RFC 6275 9.3.3: the Home Address is unspecified when the packet had none */
        octets[0] = fixed->status;
        return;
    }
}

void
fb_mh_begin(fb_writer *writer, const fb_mh_fixed *fixed)
{
    size_t length = fb_mh_options_at(fixed->type);
    uint8_t *octets = length > 0 ? fb_writer_claim(writer, length) : NULL;

    if (octets == NULL)
    {
        writer->failed = true;
        return;
    }
    memset(octets, 0, length);
    octets[0] = FB_PROTOCOL_NONE; /* Header Len and checksum: fb_mh_end() */
    octets[FB_MH_TYPE_AT] = fixed->type;
    write_fixed(octets + DATA_AT, fixed);
}

size_t
fb_mh_end(fb_writer *writer, const fb_addr *source, const fb_addr *destination)
{
    fb_write_option_padding(writer, (0 - writer->position) & (UNIT - 1));
    if (writer->failed || writer->position < UNIT || writer->position > FB_MH_MAX)
    {
        return 0;
    }
    writer->data[HEADER_LEN_AT] = (uint8_t)(writer->position / UNIT - 1);
    if (has_checksum(source))
    {
        fb_store_u16(writer->data + CHECKSUM_AT,
                     fb_mh_checksum(source, destination, writer->data, writer->position));
    }
    return writer->position;
}
