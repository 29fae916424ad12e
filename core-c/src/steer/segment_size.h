/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_SEGMENT_SIZE_H
#define FB_STEER_SEGMENT_SIZE_H

/**
 * @file
 * The Maximum Segment Size option of TCP (RFC 9293 3.7.1) in packets that enter a tunnel: hosts whose segments fit
 * need neither fragments nor the ICMP errors that many networks filter (RFC 4459 3.2, RFC 2923 2.1).
 */

#include "flowbind/agent.h"
#include "wire/ipv4.h"

/** Whether it opens a connection: only such packets carry the option. The transport header is behind @p flow's IP's. */
static inline bool
fb_segment_opens(const fb_flow *flow, const uint8_t *header, size_t length)
{
    enum
    {
        FLAGS_AT = 13,
        SYN = 0x02
    };

    return flow->protocol == FB_PROTOCOL_TCP && !flow->fragment &&
           (size_t)flow->header_length + FLAGS_AT < length &&
           (header[flow->header_length + FLAGS_AT] & SYN) != 0;
}

/**
 * What has to be overwritten in a packet that opens a connection, @p length octets of which are at @p header, so that
 * the option names no longer segments than packets of @p mtu octets hold: two patches, of option and checksum, in
 * @p patch. Returns how many: 0 where the option is small enough, not there (then it means 536, or 1220 with IPv6), or
 * not whole. An option is never raised.
 */
uint8_t fb_segment_limit(fb_patch patch[FB_PATCHES_MAX],
                         const fb_flow *flow,
                         const uint8_t *header,
                         size_t length,
                         uint32_t mtu);

#endif
