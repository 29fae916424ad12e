/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/classify.h"

#include <string.h>

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

static bool
matches_ipv4(const fb_selector4 *s, const fb_flow *flow, bool mirrored)
{
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

/* ---- IPv6, RFC 6088 3.2 ---- */

#define PORT_FIELDS6 (FB_SELECTOR6_SOURCE_PORT_START | FB_SELECTOR6_DESTINATION_PORT_START)

#define FLOW_LABEL 0xfffffu /* B6088-06: of 32 bits on the wire the header has 20 */

/** in_range() of an address; network order is the order of numbers. */
static bool
address_in_range(uint32_t present,
                 uint32_t start_flag,
                 const uint8_t start[16],
                 const uint8_t end[16],
                 const uint8_t *value)
{
    if ((present & start_flag) == 0)
    {
        return true;
    }
    if ((present & (start_flag >> 1)) == 0)
    {
        return memcmp(value, start, 16) == 0;
    }
    return memcmp(start, value, 16) <= 0 && memcmp(value, end, 16) <= 0;
}

static bool
ports_match_ipv6(const fb_selector6 *s, const fb_flow *flow, bool mirrored)
{
    uint16_t from = mirrored ? flow->destination_port : flow->source_port;
    uint16_t to = mirrored ? flow->source_port : flow->destination_port;

    return flow->has_ports && /* B6088-07 */
           in_range(s->present,
                    FB_SELECTOR6_SOURCE_PORT_START,
                    s->source_port_start,
                    s->source_port_end,
                    from) &&
           in_range(s->present,
                    FB_SELECTOR6_DESTINATION_PORT_START,
                    s->destination_port_start,
                    s->destination_port_end,
                    to);
}

static bool
addresses_match_ipv6(const fb_selector6 *s, const fb_flow *flow, bool mirrored)
{
    return address_in_range(s->present,
                            FB_SELECTOR6_SOURCE_START,
                            s->source_start,
                            s->source_end,
                            mirrored ? flow->destination6 : flow->source6) &&
           address_in_range(s->present,
                            FB_SELECTOR6_DESTINATION_START,
                            s->destination_start,
                            s->destination_end,
                            mirrored ? flow->source6 : flow->destination6);
}

/** SPI, flow label and Traffic Class are not mirrored (D-21). */
static bool
header_fields_match_ipv6(const fb_selector6 *s, const fb_flow *flow)
{
    if ((s->present & FB_SELECTOR6_SPI_START) != 0 && !flow->has_spi) /* B6088-07 */
    {
        return false;
    }
    return in_range(s->present, FB_SELECTOR6_SPI_START, s->spi_start, s->spi_end, flow->spi) &&
           in_range(s->present,
                    FB_SELECTOR6_FLOW_LABEL_START,
                    s->flow_label_start & FLOW_LABEL,
                    s->flow_label_end & FLOW_LABEL,
                    flow->flow_label) &&
           /* B6088-05, C-23: both sides without the two low bits, which are not the DS field's */
           in_range(s->present,
                    FB_SELECTOR6_TRAFFIC_CLASS_START,
                    s->traffic_class_start >> 2,
                    s->traffic_class_end >> 2,
                    flow->tos >> 2);
}

static bool
matches_ipv6(const fb_selector6 *s, const fb_flow *flow, bool mirrored)
{
    if (!in_range(s->present,
                  FB_SELECTOR6_NEXT_HEADER_START,
                  s->next_header_start,
                  s->next_header_end,
                  flow->protocol))
    {
        return false;
    }
    if ((s->present & PORT_FIELDS6) != 0 && !ports_match_ipv6(s, flow, mirrored))
    {
        return false;
    }
    return header_fields_match_ipv6(s, flow) && addresses_match_ipv6(s, flow, mirrored);
}

bool
fb_selector_matches(const fb_selector *selector, const fb_flow *flow, bool mirrored)
{
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;

    if (selector->format != (is_ipv6 ? FB_SELECTOR_IPV6 : FB_SELECTOR_IPV4))
    {
        return false;
    }
    return is_ipv6 ? matches_ipv6(&selector->u.v6, flow, mirrored)
                   : matches_ipv4(&selector->u.v4, flow, mirrored);
}
