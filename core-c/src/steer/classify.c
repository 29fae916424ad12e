/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/classify.h"

/*
 * The flags of a field that has a Start and an End are neighbours in the flag word (RFC 6088 3.1), Start first. An
 * absent field matches anything; a Start alone is a single value; both ends of a range belong to it.
 */
static inline bool
in_range(uint32_t present, uint32_t start_flag, uint32_t start, uint32_t end, uint32_t value)
{
    uint32_t end_flag = start_flag >> 1;

    if ((present & start_flag) == 0)
    {
        return true;
    }
    if ((present & end_flag) == 0)
    {
        return value == start;
    }
    return start <= value && value <= end;
}

#define PORT_FIELDS (FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_DESTINATION_PORT_START)
#define ADDRESS_FIELDS (FB_SELECTOR4_SOURCE_START | FB_SELECTOR4_DESTINATION_START)
#define RARE_FIELDS (FB_SELECTOR4_SPI_START | FB_SELECTOR4_DS_START)

static bool
ports_match(const fb_selector4 *s, const fb_flow *flow, bool mirrored)
{
    uint16_t from = mirrored ? flow->destination_port : flow->source_port;
    uint16_t to = mirrored ? flow->source_port : flow->destination_port;

    return flow->has_ports && /* B6088-07 */
           in_range(s->present,
                    FB_SELECTOR4_SOURCE_PORT_START,
                    s->source_port_start,
                    s->source_port_end,
                    from) &&
           in_range(s->present,
                    FB_SELECTOR4_DESTINATION_PORT_START,
                    s->destination_port_start,
                    s->destination_port_end,
                    to);
}

static bool
addresses_match(const fb_selector4 *s, const fb_flow *flow, bool mirrored)
{
    fb_ipv4 from = mirrored ? flow->destination : flow->source;
    fb_ipv4 to = mirrored ? flow->source : flow->destination;

    return in_range(s->present, FB_SELECTOR4_SOURCE_START, s->source_start, s->source_end, from) &&
           in_range(s->present,
                    FB_SELECTOR4_DESTINATION_START,
                    s->destination_start,
                    s->destination_end,
                    to);
}

/** SPI and DS are not mirrored (D-21). */
static bool
spi_and_ds_match(const fb_selector4 *s, const fb_flow *flow)
{
    if ((s->present & FB_SELECTOR4_SPI_START) != 0 && !flow->has_spi) /* B6088-07 */
    {
        return false;
    }
    /* B6088-05: the two low bits are not the DS field's; both ends of a range lose them too. */
    return in_range(s->present, FB_SELECTOR4_SPI_START, s->spi_start, s->spi_end, flow->spi) &&
           in_range(s->present,
                    FB_SELECTOR4_DS_START,
                    s->ds_start >> 2,
                    s->ds_end >> 2,
                    flow->tos >> 2);
}

bool
fb_selector_matches(const fb_selector *selector, const fb_flow *flow, bool mirrored)
{
    if (selector->format != FB_SELECTOR_IPV4)
    {
        return false;
    }
    const fb_selector4 *s = &selector->u.v4;

    /* Protocol and ports first: they tell most packets apart. */
    if (!in_range(s->present,
                  FB_SELECTOR4_PROTOCOL_START,
                  s->protocol_start,
                  s->protocol_end,
                  flow->protocol))
    {
        return false;
    }
    if ((s->present & PORT_FIELDS) != 0 && !ports_match(s, flow, mirrored))
    {
        return false;
    }
    if ((s->present & ADDRESS_FIELDS) != 0 && !addresses_match(s, flow, mirrored))
    {
        return false;
    }
    return (s->present & RARE_FIELDS) == 0 || spi_and_ds_match(s, flow);
}
