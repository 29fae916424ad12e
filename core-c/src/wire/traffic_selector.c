/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/traffic_selector.h"

#include "base/machine.h"

#include <stddef.h>
#include <string.h>

/** One field of a selector: it is on the wire exactly if its flag is set, in the order of the table. */
typedef struct field_format
{
    uint32_t flag;
    uint32_t keep; /* bits of the value that are read and written */
    uint32_t compare; /* bits that count when a range is checked; not for addresses of 16 octets */
    uint16_t offset; /* in fb_selector */
    uint8_t size; /* octets, on the wire and in fb_selector */
} field_format;

/* RFC 6088 3.1: only the upper 6 bits of a DS octet compare (B6088-05). */
#define DS_COMPARE 0xfcu

/* RFC 6088 3.2 sends the flow label in 32 bits; the IPv6 header has 20 (B6088-06). */
#define FLOW_LABEL 0xfffffu

#define ALL UINT32_MAX

#define FIELD4(member) \
    (uint16_t) offsetof(fb_selector, u.v4.member), sizeof(((fb_selector4 *)0)->member)
#define FIELD6(member) \
    (uint16_t) offsetof(fb_selector, u.v6.member), sizeof(((fb_selector6 *)0)->member)

/*
 * Both formats name their fields from the top bit of the flag word down, each start before its end: the row of a flag
 * is the number of bits above it, and all ends have the same bits.
 */
#define ENDS UINT32_C(0x55555555)

static const field_format fields4[] = {
    {FB_SELECTOR4_SOURCE_START, ALL, ALL, FIELD4(source_start)},
    {FB_SELECTOR4_SOURCE_END, ALL, ALL, FIELD4(source_end)},
    {FB_SELECTOR4_DESTINATION_START, ALL, ALL, FIELD4(destination_start)},
    {FB_SELECTOR4_DESTINATION_END, ALL, ALL, FIELD4(destination_end)},
    {FB_SELECTOR4_SPI_START, ALL, ALL, FIELD4(spi_start)},
    {FB_SELECTOR4_SPI_END, ALL, ALL, FIELD4(spi_end)},
    {FB_SELECTOR4_SOURCE_PORT_START, ALL, ALL, FIELD4(source_port_start)},
    {FB_SELECTOR4_SOURCE_PORT_END, ALL, ALL, FIELD4(source_port_end)},
    {FB_SELECTOR4_DESTINATION_PORT_START, ALL, ALL, FIELD4(destination_port_start)},
    {FB_SELECTOR4_DESTINATION_PORT_END, ALL, ALL, FIELD4(destination_port_end)},
    {FB_SELECTOR4_DS_START, ALL, DS_COMPARE, FIELD4(ds_start)},
    {FB_SELECTOR4_DS_END, ALL, DS_COMPARE, FIELD4(ds_end)},
    {FB_SELECTOR4_PROTOCOL_START, ALL, ALL, FIELD4(protocol_start)},
    {FB_SELECTOR4_PROTOCOL_END, ALL, ALL, FIELD4(protocol_end)},
};

/* RFC 6088 3.2: the letters A to P, from the top bit down. */
static const field_format fields6[] = {
    {UINT32_C(0x80000000), ALL, ALL, FIELD6(source_start)},
    {UINT32_C(0x40000000), ALL, ALL, FIELD6(source_end)},
    {UINT32_C(0x20000000), ALL, ALL, FIELD6(destination_start)},
    {UINT32_C(0x10000000), ALL, ALL, FIELD6(destination_end)},
    {UINT32_C(0x08000000), ALL, ALL, FIELD6(spi_start)},
    {UINT32_C(0x04000000), ALL, ALL, FIELD6(spi_end)},
    {UINT32_C(0x02000000), FLOW_LABEL, FLOW_LABEL, FIELD6(flow_label_start)},
    {UINT32_C(0x01000000), FLOW_LABEL, FLOW_LABEL, FIELD6(flow_label_end)},
    {UINT32_C(0x00800000), ALL, ALL, FIELD6(source_port_start)},
    {UINT32_C(0x00400000), ALL, ALL, FIELD6(source_port_end)},
    {UINT32_C(0x00200000), ALL, ALL, FIELD6(destination_port_start)},
    {UINT32_C(0x00100000), ALL, ALL, FIELD6(destination_port_end)},
    {UINT32_C(0x00080000), ALL, DS_COMPARE, FIELD6(traffic_class_start)},
    {UINT32_C(0x00040000), ALL, DS_COMPARE, FIELD6(traffic_class_end)},
    {UINT32_C(0x00020000), ALL, ALL, FIELD6(next_header_start)},
    {UINT32_C(0x00010000), ALL, ALL, FIELD6(next_header_end)},
};

typedef struct selector_format
{
    const field_format *fields;
    uint32_t known; /* the flags of its fields */
    uint16_t present; /* offset of the flag word in fb_selector */
} selector_format;

static const selector_format formats[] = {
    [FB_SELECTOR_IPV4] = {fields4,
                          UINT32_C(0xfffc0000),
                          (uint16_t)offsetof(fb_selector, u.v4.present)},
    [FB_SELECTOR_IPV6] = {fields6,
                          UINT32_C(0xffff0000),
                          (uint16_t)offsetof(fb_selector, u.v6.present)},
};

/** NULL: RFC 7629 4.2 knows no such TS Format. */
static const selector_format *
format_of(uint8_t number)
{
    if (number >= sizeof formats / sizeof formats[0] || formats[number].fields == NULL)
    {
        return NULL;
    }
    return &formats[number];
}

/** The first field of those in @p flags, which are known and not none. */
static const field_format *
first_field(const selector_format *format, uint32_t flags)
{
    return &format->fields[fb_leading_zeros(flags)];
}

static uint32_t
present_of(const fb_selector *selector, const selector_format *format)
{
    uint32_t present;
    memcpy(&present, (const uint8_t *)selector + format->present, sizeof present);
    return present;
}

/** The value of a field of at most four octets. */
static uint32_t
value_of(const fb_selector *selector, const field_format *field)
{
    const uint8_t *at = (const uint8_t *)selector + field->offset;
    uint16_t value16;
    uint32_t value32;
    switch (field->size)
    {
    case 1:
        return *at;
    case 2:
        memcpy(&value16, at, sizeof value16);
        return value16;
    default:
        memcpy(&value32, at, sizeof value32);
        return value32;
    }
}

static void
read_field(fb_selector *selector, const field_format *field, fb_reader *reader)
{
    uint8_t *at = (uint8_t *)selector + field->offset;
    uint16_t value16;
    uint32_t value32;
    switch (field->size)
    {
    case 1:
        *at = fb_read_u8(reader);
        return;
    case 2:
        value16 = fb_read_u16(reader);
        memcpy(at, &value16, sizeof value16);
        return;
    case 4:
        value32 = fb_read_u32(reader) & field->keep;
        memcpy(at, &value32, sizeof value32);
        return;
    default:
        fb_read_bytes(reader, at, field->size);
        return;
    }
}

static void
write_field(fb_writer *writer, const fb_selector *selector, const field_format *field)
{
    switch (field->size)
    {
    case 1:
        fb_write_u8(writer, (uint8_t)value_of(selector, field));
        return;
    case 2:
        fb_write_u16(writer, (uint16_t)value_of(selector, field));
        return;
    case 4:
        fb_write_u32(writer, value_of(selector, field) & field->keep);
        return;
    default:
        fb_write_bytes(writer, (const uint8_t *)selector + field->offset, field->size);
        return;
    }
}

static bool
runs_backward(const fb_selector *selector, const field_format *start, const field_format *end)
{
    if (start->size > sizeof(uint32_t))
    {
        const uint8_t *octets = (const uint8_t *)selector;
        return memcmp(octets + end->offset, octets + start->offset, start->size) < 0;
    }
    return (value_of(selector, end) & end->compare) < (value_of(selector, start) & start->compare);
}

/** B6088-02, B6088-03. */
static int
check_ranges(const fb_selector *selector, const selector_format *format)
{
    uint32_t present = present_of(selector, format) & format->known;
    const field_format *end;
    for (uint32_t left = present & ENDS; left != 0; left &= ~end->flag)
    {
        end = first_field(format, left);
        const field_format *start = end - 1;
        if ((present & start->flag) == 0)
        {
            return FB_DROP_SELECTOR_END_WITHOUT_START;
        }
        if (runs_backward(selector, start, end))
        {
            return FB_DROP_SELECTOR_RANGE;
        }
    }
    return FB_REASON_NONE;
}

int
fb_selector_check(const fb_selector *selector)
{
    const selector_format *format = format_of(selector->format);
    return format == NULL ? FB_DROP_SELECTOR_FORMAT : check_ranges(selector, format);
}

int
fb_selector_decode(fb_selector *selector, uint8_t number, const uint8_t *data, size_t length)
{
    memset(selector, 0, sizeof *selector);
    selector->format = number;
    const selector_format *format = format_of(number);
    if (format == NULL)
    {
        return FB_DROP_SELECTOR_FORMAT;
    }

    fb_reader reader = fb_reader_over(data, length);
    uint32_t present = fb_read_u32(&reader) & format->known;
    const field_format *field;
    for (uint32_t left = present; left != 0; left &= ~field->flag)
    {
        field = first_field(format, left);
        read_field(selector, field, &reader);
    }
    memcpy((uint8_t *)selector + format->present, &present, sizeof present);
    if (reader.failed || fb_read_left(&reader) > 0)
    {
        return FB_DROP_SELECTOR_LENGTH; /* D-20: surplus or missing octets */
    }
    return check_ranges(selector, format);
}

void
fb_selector_write(fb_writer *writer, const fb_selector *selector)
{
    const selector_format *format = format_of(selector->format);
    if (format == NULL)
    {
        writer->failed = true;
        return;
    }
    uint32_t present = present_of(selector, format) & format->known;
    const field_format *field;
    fb_write_u32(writer, present);
    for (uint32_t left = present; left != 0; left &= ~field->flag)
    {
        field = first_field(format, left);
        write_field(writer, selector, field);
    }
}

size_t
fb_selector_size(const fb_selector *selector)
{
    const selector_format *format = format_of(selector->format);
    if (format == NULL)
    {
        return 0;
    }
    uint32_t present = present_of(selector, format) & format->known;
    size_t size = sizeof present;
    const field_format *field;
    for (uint32_t left = present; left != 0; left &= ~field->flag)
    {
        field = first_field(format, left);
        size += field->size;
    }
    return size;
}

/* RFC 6089 4.2.1.4: Length counts everything behind it, TS Format and Reserved first. */
int
fb_selector_suboption_decode(fb_selector *selector, const uint8_t *data, size_t length)
{
    fb_reader reader = fb_reader_over(data, length);
    uint8_t type = fb_read_u8(&reader);
    uint8_t octets = fb_read_u8(&reader);
    uint8_t format = fb_read_u8(&reader);

    fb_read_skip(&reader, 1); /* Reserved: ignored */
    if (reader.failed || type != FB_SELECTOR_SUBOPTION || octets < 2 || octets > length - 2)
    {
        return FB_DROP_SELECTOR_LENGTH;
    }
    return fb_selector_decode(selector, format, data + reader.position, octets - 2u);
}

void
fb_selector_suboption_write(fb_writer *writer, const fb_selector *selector)
{
    fb_write_u8(writer, FB_SELECTOR_SUBOPTION);
    fb_write_u8(writer, (uint8_t)(2 + fb_selector_size(selector)));
    fb_write_u8(writer, selector->format);
    fb_write_u8(writer, 0);
    fb_selector_write(writer, selector);
}

size_t
fb_selector_alignment(const fb_selector *selector)
{
    const selector_format *format = format_of(selector->format);
    uint32_t left = format == NULL ? 0 : present_of(selector, format) & format->known;
    size_t widest = 1;

    while (left != 0)
    {
        const field_format *field = first_field(format, left);
        size_t wanted = field->size > 8 ? 8 : field->size;

        widest = wanted > widest ? wanted : widest;
        left &= ~field->flag;
    }
    return widest;
}
