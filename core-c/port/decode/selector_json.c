/* SPDX-License-Identifier: BSD-3-Clause */
#include "json.h"

#include <arpa/inet.h>
#include <stdio.h>

/** Longest value: an IPv6 address. */
#define VALUE_MAX 48

typedef void (*value_writer)(char text[VALUE_MAX], const void *value);

static void
write_ipv4(char text[VALUE_MAX], const void *value)
{
    const fb_ipv4 *address = value;
    snprintf(text,
             VALUE_MAX,
             "%u.%u.%u.%u",
             (unsigned)(*address >> 24),
             (unsigned)(*address >> 16 & 0xff),
             (unsigned)(*address >> 8 & 0xff),
             (unsigned)(*address & 0xff));
}

static void
write_ipv6(char text[VALUE_MAX], const void *value)
{
    if (inet_ntop(AF_INET6, value, text, VALUE_MAX) == NULL)
    {
        text[0] = '\0';
    }
}

static void
write_u8(char text[VALUE_MAX], const void *value)
{
    snprintf(text, VALUE_MAX, "%u", (unsigned)*(const uint8_t *)value);
}

static void
write_u16(char text[VALUE_MAX], const void *value)
{
    snprintf(text, VALUE_MAX, "%u", (unsigned)*(const uint16_t *)value);
}

static void
write_u32_hex(char text[VALUE_MAX], const void *value)
{
    snprintf(text, VALUE_MAX, "0x%x", (unsigned)*(const uint32_t *)value);
}

/** Only the upper six bits of a DS octet count (RFC 6088 3.1); the octet is printed as it is on the wire. */
static void
write_ds(char text[VALUE_MAX], const void *value)
{
    snprintf(text, VALUE_MAX, "0x%02x", (unsigned)*(const uint8_t *)value);
}

/** A range of a selector. `end` of the flag word is the bit below `start`. */
typedef struct selector_range
{
    uint32_t start_flag;
    const char *name;
    value_writer write;
    size_t start, end; /* offsets in fb_selector */
} selector_range;

#define RANGE4(flag, name, write, member)                              \
    {                                                                  \
        flag, name, write, offsetof(fb_selector, u.v4.member##_start), \
            offsetof(fb_selector, u.v4.member##_end)                   \
    }
#define RANGE6(flag, name, write, member)                              \
    {                                                                  \
        flag, name, write, offsetof(fb_selector, u.v6.member##_start), \
            offsetof(fb_selector, u.v6.member##_end)                   \
    }

static const selector_range ranges4[] = {
    RANGE4(FB_SELECTOR4_SOURCE_START, "source_address", write_ipv4, source),
    RANGE4(FB_SELECTOR4_DESTINATION_START, "destination_address", write_ipv4, destination),
    RANGE4(FB_SELECTOR4_SPI_START, "spi", write_u32_hex, spi),
    RANGE4(FB_SELECTOR4_SOURCE_PORT_START, "source_port", write_u16, source_port),
    RANGE4(FB_SELECTOR4_DESTINATION_PORT_START, "destination_port", write_u16, destination_port),
    RANGE4(FB_SELECTOR4_DS_START, "ds", write_ds, ds),
    RANGE4(FB_SELECTOR4_PROTOCOL_START, "protocol", write_u8, protocol),
    {0, NULL, NULL, 0, 0},
};

/* RFC 6088 3.2: the letters A to P from the top bit down, so each start is two bits below the one before. */
static const selector_range ranges6[] = {
    RANGE6(UINT32_C(0x80000000), "source_address", write_ipv6, source),
    RANGE6(UINT32_C(0x20000000), "destination_address", write_ipv6, destination),
    RANGE6(UINT32_C(0x08000000), "spi", write_u32_hex, spi),
    RANGE6(UINT32_C(0x02000000), "flow_label", write_u32_hex, flow_label),
    RANGE6(UINT32_C(0x00800000), "source_port", write_u16, source_port),
    RANGE6(UINT32_C(0x00200000), "destination_port", write_u16, destination_port),
    RANGE6(UINT32_C(0x00080000), "traffic_class", write_ds, traffic_class),
    RANGE6(UINT32_C(0x00020000), "next_header", write_u8, next_header),
    {0, NULL, NULL, 0, 0},
};

static void
add_range(cJSON *object, const fb_selector *selector, const selector_range *range, bool has_end)
{
    const uint8_t *octets = (const uint8_t *)selector;
    char start[VALUE_MAX];
    char end[VALUE_MAX];
    char text[2 * VALUE_MAX + 1];
    range->write(start, octets + range->start);
    range->write(end, octets + range->end);
    snprintf(text, sizeof text, has_end ? "%s-%s" : "%s", start, end);
    cJSON_AddStringToObject(object, range->name, text);
}

cJSON *
fbd_selector_json(const fb_selector *selector)
{
    bool is_ipv4 = selector->format == FB_SELECTOR_IPV4;
    uint32_t present = is_ipv4 ? selector->u.v4.present : selector->u.v6.present;
    cJSON *object = cJSON_CreateObject();
    for (const selector_range *range = is_ipv4 ? ranges4 : ranges6; range->name != NULL; range++)
    {
        if ((present & range->start_flag) != 0)
        {
            add_range(object, selector, range, (present & range->start_flag >> 1) != 0);
        }
    }
    return object;
}
