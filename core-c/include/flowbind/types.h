/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_TYPES_H
#define FLOWBIND_TYPES_H

/**
 * @file
 * The small types every layer shares: time, addresses, errors.
 *
 * The library has no clock. The host passes the time, in nanoseconds of a clock that never goes back, as the last
 * argument of every call that acts. Mobile IPv4 addresses and ports are kept in host byte order inside the library;
 * only wire/ knows the network's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Nanoseconds of a monotonic clock of the host. */
typedef uint64_t fb_time;

#define FB_TIME_NEVER UINT64_MAX
#define FB_MILLISECOND UINT64_C(1000000)
#define FB_SECOND UINT64_C(1000000000)

/** An IPv4 address in host byte order; 0 is "none". */
typedef uint32_t fb_ipv4;

/** An address of either family as it crosses the host's boundary. */
typedef struct fb_addr
{
    uint8_t family; /**< FB_FAMILY_* */
    uint8_t octet[16]; /**< network order; the first four for IPv4 */
} fb_addr;

/** All addresses whose first @p length bits are those of @p address. */
typedef struct fb_prefix
{
    fb_addr address;
    uint8_t length; /**< bits: 0..32 or 0..128 */
} fb_prefix;

enum
{
    FB_FAMILY_NONE = 0,
    FB_FAMILY_IPV4 = 4,
    FB_FAMILY_IPV6 = 6
};

static inline fb_addr
fb_addr_from_ipv4(fb_ipv4 address)
{
    fb_addr result = {FB_FAMILY_IPV4,
                      {(uint8_t)(address >> 24),
                       (uint8_t)(address >> 16),
                       (uint8_t)(address >> 8),
                       (uint8_t)address}};
    return result;
}

/** The IPv4 address in @p address; 0 when it holds none. */
static inline fb_ipv4
fb_addr_to_ipv4(const fb_addr *address)
{
    if (address->family != FB_FAMILY_IPV4)
    {
        return 0;
    }
    return (fb_ipv4)address->octet[0] << 24 | (fb_ipv4)address->octet[1] << 16 |
           (fb_ipv4)address->octet[2] << 8 | (fb_ipv4)address->octet[3];
}

/**
 * Misuse by the host, or a limit reached. Always negative; a bad packet is not an error but a drop reason
 * (flowbind/reason.h), which is positive.
 */
typedef enum fb_error
{
    FB_OK = 0,
    FB_ERR_ARGUMENT = -1, /**< an argument out of its documented range */
    /** the memory handed over is smaller than fb_agent_size() says, or misaligned */
    FB_ERR_MEMORY = -2,
    FB_ERR_CONFIG = -3, /**< the configuration contradicts itself */
    FB_ERR_LIMIT = -4, /**< a configured limit is reached */
    FB_ERR_TIME = -5, /**< time went back */
    FB_ERR_NOT_DRAINED = -6, /**< outputs or actions of the last call were not polled */
    FB_ERR_UNKNOWN = -7 /**< no such link, node or role */
} fb_error;

/** A sentence for @p error, for logs. Never NULL. */
const char *fb_error_text(int error);

#ifdef __cplusplus
}
#endif

#endif
