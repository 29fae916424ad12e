/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/segment_size.h"

#include "base/octets.h"

/* RFC 9293 3.1 */
enum
{
    TCP_HEADER = 20,
    DATA_OFFSET_AT = 12,
    CHECKSUM_AT = 16,
    OPTION_END = 0,
    OPTION_NONE = 1,
    OPTION_SEGMENT_SIZE = 2,
    OPTION_SEGMENT_SIZE_LENGTH = 4
};

/** Where the value of the option is among the @p length octets of a TCP header; 0: there is none. */
static size_t
find_option(const uint8_t *tcp, size_t length)
{
    size_t at = TCP_HEADER;

    while (at < length && tcp[at] != OPTION_END)
    {
        if (tcp[at] == OPTION_NONE)
        {
            at++;
            continue;
        }
        if (at + 1 >= length || tcp[at + 1] < 2 || tcp[at + 1] > length - at)
        {
            return 0;
        }
        if (tcp[at] == OPTION_SEGMENT_SIZE)
        {
            return tcp[at + 1] == OPTION_SEGMENT_SIZE_LENGTH ? at + 2 : 0;
        }
        at += tcp[at + 1];
    }
    return 0;
}

/** What a 16 bit word at octet @p at of the header adds to its checksum: at an odd one it is in two halves of words. */
static uint16_t
as_summed(uint16_t word, size_t at)
{
    return (uint16_t)(at % 2 == 0 ? word : word >> 8 | word << 8);
}

/** RFC 1624 3: HC' = ~(~HC + ~m + m'). */
static uint16_t
update_checksum(uint16_t checksum, uint16_t from, uint16_t to)
{
    uint32_t sum = (uint32_t)(uint16_t)~checksum + (uint16_t)~from + to;

    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint8_t
fb_segment_limit(fb_patch patch[FB_PATCHES_MAX],
                 const fb_flow *flow,
                 const uint8_t *header,
                 size_t length,
                 uint32_t mtu)
{
    /* RFC 6691 3: the MTU less the fixed IP and TCP headers, whatever options packets carry */
    uint32_t headers = (flow->family == FB_FAMILY_IPV6 ? FB_IPV6_HEADER : FB_IPV4_HEADER) +
                       TCP_HEADER;
    const uint8_t *tcp = header + flow->header_length;
    size_t there = length - flow->header_length;
    size_t tcp_length, at;
    uint16_t asked, limit, checksum;

    if (there < TCP_HEADER || mtu <= headers || mtu - headers > UINT16_MAX)
    {
        return 0;
    }
    tcp_length = (size_t)(tcp[DATA_OFFSET_AT] >> 4) * 4;
    at = find_option(tcp, tcp_length < there ? tcp_length : there);
    if (at == 0)
    {
        return 0;
    }
    asked = fb_load_u16(tcp + at);
    limit = (uint16_t)(mtu - headers);
    if (asked <= limit)
    {
        return 0;
    }
    checksum =
        update_checksum(fb_load_u16(tcp + CHECKSUM_AT), as_summed(asked, at), as_summed(limit, at));
    patch[0] = (fb_patch){.at = (uint16_t)(flow->header_length + at), .value = limit};
    patch[1] = (fb_patch){.at = (uint16_t)(flow->header_length + CHECKSUM_AT), .value = checksum};
    return 2;
}
