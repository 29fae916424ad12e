/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/octets.h"
#include "steer/classifier_internal.h"

/** A box that is being written. */
typedef struct pen
{
    uint32_t *low, *reach;
    bool empty; /* no value fits one of the fields */
} pen;

static void
put(pen *p, size_t field, uint32_t low, uint32_t high)
{
    p->low[field] = low;
    p->reach[field] = high - low;
    p->empty = p->empty || low > high;
}

/**
 * A field of a selector, as fb_selector_matches() understands it: its flags are neighbours, Start first, and an absent
 * one matches all up to @p most.
 */
static void
put_range(pen *p,
          size_t field,
          uint32_t present,
          uint32_t start_flag,
          uint32_t start,
          uint32_t end,
          uint32_t most)
{
    bool absent = (present & start_flag) == 0;

    if ((present & (start_flag >> 1)) == 0)
    {
        end = start;
    }
    put(p, field, absent ? 0 : start, absent ? most : end);
}

/** The same of an IPv6 address: four fields. */
static void
put_address(pen *p,
            size_t field,
            uint32_t present,
            uint32_t start_flag,
            const uint8_t *start,
            const uint8_t *end)
{
    bool open = (present & start_flag) == 0; /* what is before it allows any value here */

    for (size_t i = 0; i < 4; i++)
    {
        uint32_t low = fb_load_u32(start + 4 * i);
        uint32_t high = (present & (start_flag >> 1)) == 0 ? low : fb_load_u32(end + 4 * i);

        put(p, field + i, open ? 0 : low, open ? UINT32_MAX : high);
        open = open || low != high;
    }
}

/** SPI fields never match a packet without SPI (B6088-07). */
static void
put_spi(pen *p, size_t rest, uint32_t present, uint32_t start_flag, uint32_t start, uint32_t end)
{
    put_range(p, rest + FB_BOX_SPI, present, start_flag, start, end, UINT32_MAX);
    put(p, rest + FB_BOX_HAS_SPI, (present & start_flag) != 0, 1);
}

static void
write_ipv4(pen *p, const fb_selector4 *s)
{
    uint32_t flags = s->present;
    size_t rest = FB_BOX_ADDRESSES4;

    put_range(p, 0, flags, FB_SELECTOR4_SOURCE_START, s->source_start, s->source_end, UINT32_MAX);
    put_range(p,
              1,
              flags,
              FB_SELECTOR4_DESTINATION_START,
              s->destination_start,
              s->destination_end,
              UINT32_MAX);
    put_range(p,
              rest + FB_BOX_SOURCE_PORT,
              flags,
              FB_SELECTOR4_SOURCE_PORT_START,
              s->source_port_start,
              s->source_port_end,
              FB_BOX_NO_PORT);
    put_range(p,
              rest + FB_BOX_DESTINATION_PORT,
              flags,
              FB_SELECTOR4_DESTINATION_PORT_START,
              s->destination_port_start,
              s->destination_port_end,
              FB_BOX_NO_PORT);
    put_range(p,
              rest + FB_BOX_PROTOCOL,
              flags,
              FB_SELECTOR4_PROTOCOL_START,
              s->protocol_start,
              s->protocol_end,
              UINT8_MAX);
    put_range(p,
              rest + FB_BOX_DS,
              flags,
              FB_SELECTOR4_DS_START,
              s->ds_start >> 2,
              s->ds_end >> 2,
              UINT8_MAX);
    put_spi(p, rest, flags, FB_SELECTOR4_SPI_START, s->spi_start, s->spi_end);
}

static void
write_ipv6(pen *p, const fb_selector6 *s)
{
    uint32_t flags = s->present;
    size_t rest = FB_BOX_ADDRESSES6;

    put_address(p, 0, flags, FB_SELECTOR6_SOURCE_START, s->source_start, s->source_end);
    put_address(p,
                4,
                flags,
                FB_SELECTOR6_DESTINATION_START,
                s->destination_start,
                s->destination_end);
    put_range(p,
              rest + FB_BOX_SOURCE_PORT,
              flags,
              FB_SELECTOR6_SOURCE_PORT_START,
              s->source_port_start,
              s->source_port_end,
              FB_BOX_NO_PORT);
    put_range(p,
              rest + FB_BOX_DESTINATION_PORT,
              flags,
              FB_SELECTOR6_DESTINATION_PORT_START,
              s->destination_port_start,
              s->destination_port_end,
              FB_BOX_NO_PORT);
    put_range(p,
              rest + FB_BOX_PROTOCOL,
              flags,
              FB_SELECTOR6_NEXT_HEADER_START,
              s->next_header_start,
              s->next_header_end,
              UINT8_MAX);
    put_range(p,
              rest + FB_BOX_DS,
              flags,
              FB_SELECTOR6_TRAFFIC_CLASS_START,
              s->traffic_class_start >> 2,
              s->traffic_class_end >> 2,
              UINT8_MAX);
    put_spi(p, rest, flags, FB_SELECTOR6_SPI_START, s->spi_start, s->spi_end);
    put_range(p,
              rest + FB_BOX_FLOW_LABEL,
              flags,
              FB_SELECTOR6_FLOW_LABEL_START,
              s->flow_label_start & 0xfffff, /* B6088-06 */
              s->flow_label_end & 0xfffff,
              UINT32_MAX);
    put(p, FB_BOX_WIDTH6 - 1, 0, 0);
}

bool
fb_box_write(uint32_t *box, const fb_selector *selector)
{
    bool is_ipv6 = selector->format == FB_SELECTOR_IPV6;
    pen p = {.low = box, .reach = box + fb_box_width(is_ipv6)};

    if (is_ipv6)
    {
        write_ipv6(&p, &selector->u.v6);
    }
    else
    {
        write_ipv4(&p, &selector->u.v4);
    }
    return !p.empty;
}
