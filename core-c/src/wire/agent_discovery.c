/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/agent_discovery.h"

#include "wire/checksum.h"

/** RFC 1256 4: words of an address entry, and octets in front of the first. */
#define ENTRY_WORDS 2
#define HEADER_OCTETS 8

/** Extensions of an advertisement (RFC 5944 1.8, 2.1). Others below 128 must not be skipped. */
enum
{
    EXTENSION_PADDING = 0,
    EXTENSION_AGENT = 16,
    EXTENSION_PREFIX_LENGTHS = 19,
    EXTENSION_SKIPPABLE_FROM = 128
};

/** RFC 5944 2.1.1: Length is 6 and 4 for each care-of address. */
static bool
read_agent(fb_advertisement *advertisement, fb_reader *body)
{
    size_t octets = fb_read_left(body);
    size_t count;

    if (octets < 6 || octets % 4 != 2)
    {
        return false;
    }
    count = (octets - 6) / 4;
    advertisement->agent = true;
    advertisement->sequence = fb_read_u16(body);
    advertisement->registration_lifetime_s = fb_read_u16(body);
    advertisement->flags = fb_read_u16(body);
    advertisement->address_count = 0;
    for (size_t i = 0; i < count && i < FB_ADVERTISEMENT_ADDRESSES_MAX; i++)
    {
        advertisement->care_of_address[i] = fb_read_u32(body);
        advertisement->address_count++;
    }
    /* A foreign agent has to offer an address (2.1.1) */
    return (advertisement->flags & FB_ADVERTISEMENT_F) == 0 || count > 0;
}

static bool
read_extension(fb_advertisement *advertisement, fb_reader *reader)
{
    uint8_t type = fb_read_u8(reader);
    uint8_t length;
    fb_reader body;

    if (type == EXTENSION_PADDING)
    {
        return true; /* one octet, no Length (RFC 5944 2.1.3) */
    }
    length = fb_read_u8(reader);
    if (reader->failed || fb_read_left(reader) < length)
    {
        return false;
    }
    body = fb_reader_over(reader->data + reader->position, length);
    fb_read_skip(reader, length);
    switch (type)
    {
    case EXTENSION_AGENT:
        return read_agent(advertisement, &body);
    case EXTENSION_PREFIX_LENGTHS:
        advertisement->prefix_length = length > 0 ? fb_read_u8(&body) : 0;
        return advertisement->prefix_length <= 32;
    default:
        return type >= EXTENSION_SKIPPABLE_FROM; /* RFC 5944 1.8 */
    }
}

/** RFC 1256 4.1. */
static bool
read_routers(fb_advertisement *advertisement, fb_reader *reader)
{
    uint8_t count = fb_read_u8(reader);
    uint8_t words = fb_read_u8(reader);
    size_t octets = (size_t)count * words * 4;

    advertisement->lifetime_s = fb_read_u16(reader);
    if (words < ENTRY_WORDS || fb_read_left(reader) < octets)
    {
        return false;
    }
    if (count > 0)
    {
        advertisement->router = fb_read_u32(reader);
        fb_read_skip(reader, octets - 4);
    }
    return !reader->failed;
}

int
fb_advertisement_decode(fb_advertisement *advertisement, const uint8_t *icmp, size_t length)
{
    fb_reader reader = fb_reader_over(icmp, length);

    *advertisement = (fb_advertisement){0};
    if (length < HEADER_OCTETS || fb_checksum_finish(fb_checksum_add(0, icmp, length)) != 0 ||
        fb_read_u8(&reader) != FB_ICMP_ADVERTISEMENT)
    {
        return FB_DROP_ADVERTISEMENT;
    }
    advertisement->code = fb_read_u8(&reader);
    fb_read_skip(&reader, 2); /* the checksum */
    if ((advertisement->code != FB_ADVERTISEMENT_ROUTER &&
         advertisement->code != FB_ADVERTISEMENT_AGENT) ||
        !read_routers(advertisement, &reader))
    {
        return FB_DROP_ADVERTISEMENT;
    }
    while (fb_read_left(&reader) > 0)
    {
        if (!read_extension(advertisement, &reader))
        {
            return FB_DROP_ADVERTISEMENT;
        }
    }
    return FB_REASON_NONE;
}

static void
write_checksum(fb_writer *writer, size_t start)
{
    uint32_t sum;

    if (!writer->failed)
    {
        sum = fb_checksum_add(0, writer->data + start, writer->position - start);
        fb_write_patch_u16(writer, start + 2, fb_checksum_finish(sum));
    }
}

void
fb_advertisement_write(fb_writer *writer, const fb_advertisement *advertisement)
{
    size_t start = writer->position;

    if ((advertisement->flags & FB_ADVERTISEMENT_F) != 0 && advertisement->address_count == 0)
    {
        writer->failed = true;
        return;
    }
    fb_write_u8(writer, FB_ICMP_ADVERTISEMENT);
    fb_write_u8(writer, advertisement->code);
    fb_write_u16(writer, 0);
    fb_write_u8(writer, advertisement->router != 0 ? 1 : 0);
    fb_write_u8(writer, ENTRY_WORDS);
    fb_write_u16(writer, advertisement->lifetime_s);
    if (advertisement->router != 0)
    {
        fb_write_u32(writer, advertisement->router);
        fb_write_u32(writer, 0); /* preference: none above the default (RFC 1256 4.1) */
    }
    if (advertisement->agent)
    {
        fb_write_u8(writer, EXTENSION_AGENT);
        fb_write_u8(writer, (uint8_t)(6 + 4 * advertisement->address_count));
        fb_write_u16(writer, advertisement->sequence);
        fb_write_u16(writer, advertisement->registration_lifetime_s);
        fb_write_u16(writer, advertisement->flags);
        for (size_t i = 0; i < advertisement->address_count; i++)
        {
            fb_write_u32(writer, advertisement->care_of_address[i]);
        }
    }
    if (advertisement->prefix_length != 0 && advertisement->router != 0)
    {
        fb_write_u8(writer, EXTENSION_PREFIX_LENGTHS);
        fb_write_u8(writer, 1);
        fb_write_u8(writer, advertisement->prefix_length);
    }
    write_checksum(writer, start);
}

int
fb_solicitation_check(const uint8_t *icmp, size_t length)
{
    bool whole = length >= HEADER_OCTETS && icmp[0] == FB_ICMP_SOLICITATION && icmp[1] == 0 &&
                 fb_checksum_finish(fb_checksum_add(0, icmp, length)) == 0;

    return whole ? FB_REASON_NONE : FB_DROP_ADVERTISEMENT;
}

void
fb_solicitation_write(fb_writer *writer)
{
    size_t start = writer->position;

    fb_write_u8(writer, FB_ICMP_SOLICITATION);
    fb_write_u8(writer, 0);
    fb_write_u16(writer, 0);
    fb_write_u32(writer, 0); /* reserved (RFC 1256 4.2) */
    write_checksum(writer, start);
}
